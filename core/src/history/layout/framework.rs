//! Settings of Flyway and Liquibase where a framework keeps them: `spring.flyway.…` of Spring Boot, `quarkus.flyway.…` of Quarkus,
//! `flyway.datasources.NAME.…` of Micronaut, in `application.properties` or `application.yml`. Source: Spring Boot reference, "Common Application
//! Properties", "Profile-Specific Files" and "Working With Multi-Document Files"; Quarkus guides "Using Flyway" and "Configuration Reference Guide"
//! (profiles); Micronaut documentation, "Flyway" and "Liquibase".

use super::ControlFile;
use super::entry::split_path;
use crate::order::Order;
use crate::read::changelog::{Node, read_yaml};

/// In front of the names of Flyway's settings.
const FLYWAY: [&str; 2] = ["spring.flyway.", "quarkus.flyway."];

/// In front of the names of Liquibase's parameters.
const PARAMETERS: [&str; 2] = ["spring.liquibase.parameters.", "quarkus.liquibase.change-log-parameters."];

/// The file's ending is that of settings, and the rest of its name: `application`, `application-dev`.
fn stem(name: &str) -> Option<&str> {
    let base = split_path(name).1;
    [".properties", ".yml", ".yaml"].iter().find_map(|ending| base.strip_suffix(ending))
}

/// Whether a framework keeps the settings of the application in a file of this name. Those of tests are for another database.
pub(super) fn is_application(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem == "application" || stem.starts_with("application-"))
        && !split_path(name).0.split('/').any(|part| part == "test")
}

/// The profile whose settings a file of this name has.
pub(super) fn profile(name: &str) -> Option<&str> {
    stem(name)?.strip_prefix("application-")
}

/// What such a file says to Flyway, by the names that Flyway itself has for it. Settings of a profile count where `all` has the application make it the
/// active one.
pub(super) fn settings(file: &ControlFile, all: &[ControlFile]) -> Vec<(String, String)> {
    entries(file, all).into_iter().filter_map(|(key, value)| Some((own_name(&key)?, value))).collect()
}

/// What the applications of a drop give to Liquibase's changelogs.
pub(crate) fn parameters(all: &[ControlFile]) -> Vec<(String, String)> {
    let of = |(key, value): (String, String)| {
        let plain = PARAMETERS.iter().find_map(|prefix| key.strip_prefix(prefix));
        let micronaut = || of_data_source(&key, "liquibase.datasources.")?.strip_prefix("parameters.");
        Some((plain.or_else(micronaut)?.trim_matches(['[', ']', '"']).to_owned(), value))
    };
    // Whatever is set first counts, and a profile's settings are above the others.
    let mut files: Vec<&ControlFile> = all.iter().filter(|file| is_application(&file.name)).collect();
    files.order_by_key(|file| profile(&file.name).is_none());
    files.into_iter().flat_map(|file| entries(file, all)).filter_map(of).collect()
}

/// The entries of a file that count, with values that can be known.
fn entries(file: &ControlFile, all: &[ControlFile]) -> Vec<(String, String)> {
    let folder = split_path(&file.name).0;
    let main = |other: &&ControlFile| stem(&other.name) == Some("application") && split_path(&other.name).0 == folder;
    let active: Vec<String> = all.iter().filter(main).flat_map(active_profiles).collect();
    if profile(&file.name).is_some_and(|own| !active.iter().any(|a| a == own)) {
        return Vec::new();
    }
    let counts = |document: &[(String, String)]| {
        let asked = |key: &str| matches!(key, "spring.config.activate.on-profile" | "spring.profiles");
        document
            .iter()
            .filter(|(key, _)| asked(key))
            .all(|(_, value)| value.split(',').any(|wanted| active.iter().any(|a| a == wanted.trim())))
    };
    let documents = documents(file).into_iter().filter(|document| counts(document));
    documents.flatten().filter_map(|(key, value)| Some((key, resolved(&value)?))).collect()
}

/// The profiles that an application starts with.
fn active_profiles(file: &ControlFile) -> Vec<String> {
    let named = |key: &str| matches!(key, "spring.profiles.active" | "spring.profiles.default");
    let values = documents(file).into_iter().flatten().filter(|(key, _)| named(key));
    let values = values.filter_map(|(_, value)| resolved(&value));
    values.flat_map(|value| value.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>()).collect()
}

/// The documents of a file, each with its entries: lines `---`, and `#---` in a property file, part them.
fn documents(file: &ControlFile) -> Vec<Vec<(String, String)>> {
    let is_properties = file.name.ends_with(".properties");
    let mut texts = vec![String::new()];
    for line in file.text.lines() {
        let parts = match line.trim_end() {
            "---" => !is_properties,
            "#---" | "!---" => is_properties,
            _ => false,
        };
        if parts {
            texts.push(String::new());
        } else if let Some(last) = texts.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    texts.iter().map(|text| if is_properties { properties(text) } else { yaml(text) }).collect()
}

fn properties(text: &str) -> Vec<(String, String)> {
    let of_line = |line: &str| {
        let (key, value) = line.split_once('=')?;
        // Of Quarkus' profiles `prod` is that of a finished application.
        let key = key.trim();
        Some((key.strip_prefix("%prod.").unwrap_or(key).to_owned(), value.trim().to_owned()))
    };
    text.lines().filter(|line| !line.trim_start().starts_with(['#', '!'])).filter_map(of_line).collect()
}

fn yaml(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    flatten(&read_yaml(text), "", &mut all);
    all
}

/// `a: {b: c}` as `a.b=c`, a list with commas.
fn flatten(node: &Node, prefix: &str, out: &mut Vec<(String, String)>) {
    for child in &node.children {
        let key = if prefix.is_empty() { child.name.clone() } else { format!("{prefix}.{}", child.name) };
        match &child.value {
            Some(value) if child.name.is_empty() => match out.last_mut().filter(|(last, _)| last == prefix) {
                Some((_, list)) => *list = format!("{list},{}", value.as_str()),
                None => out.push((prefix.to_owned(), value.as_str().to_owned())),
            },
            Some(value) => out.push((key, value.as_str().to_owned())),
            // As deep as the reader of the file lets it be.
            None => flatten(child, &key, out),
        }
    }
}

/// `spring.flyway.default-schema` is `defaultSchema`; the names of placeholders stay as they are.
fn own_name(key: &str) -> Option<String> {
    let plain = FLYWAY.iter().find_map(|prefix| key.strip_prefix(prefix));
    let rest = plain.or_else(|| of_data_source(key, "flyway.datasources."))?;
    if let Some(placeholder) = rest.strip_prefix("placeholders.") {
        return Some(format!("placeholders.{}", placeholder.trim_matches(['[', ']', '"'])));
    }
    let mut words = rest.split('-');
    let mut name = words.next()?.to_owned();
    for word in words {
        let mut characters = word.chars();
        name.extend(characters.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(characters.as_str());
    }
    Some(name)
}

/// The setting of Micronaut's data source, whichever it is.
fn of_data_source<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    Some(key.strip_prefix(prefix)?.split_once('.')?.1)
}

/// The value; of `${NAME:default}` the default. What only the environment knows is nothing.
fn resolved(value: &str) -> Option<String> {
    let value = value.trim_matches(['"', '\'']);
    let Some(inside) = value.strip_prefix("${").and_then(|v| v.strip_suffix('}')) else {
        return (!value.contains("${")).then(|| value.to_owned());
    };
    let (_, default) = inside.split_once(':')?;
    (!default.contains("${")).then(|| default.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, text: &str) -> Vec<String> {
        let file = ControlFile { name: name.to_owned(), text: text.to_owned() };
        settings(&file, std::slice::from_ref(&file)).into_iter().map(|(key, value)| format!("{key}={value}")).collect()
    }

    #[test]
    fn settings_of_both_formats() {
        let yaml = "spring:\n  application:\n    name: shop\n  flyway:\n    sql-migration-prefix: M\n    default-schema: ${DB_SCHEMA:shop}\n    url: ${DB_URL}\n    schemas:\n      - shop\n      - audit\n    placeholders:\n      owner-role: shop_owner\n";
        assert_eq!(
            said("res/application.yml", yaml),
            ["sqlMigrationPrefix=M", "defaultSchema=shop", "schemas=shop,audit", "placeholders.owner-role=shop_owner"]
        );
        let properties = "# spring.flyway.schemas=old\nserver.port=80\nspring.flyway.baseline-on-migrate = true\nquarkus.flyway.placeholders.\"role\"=r\n";
        assert_eq!(said("application.properties", properties), ["baselineOnMigrate=true", "placeholders.role=r"]);
        assert!(said("application.yml", "server:\n  port: 80\n").is_empty());
    }

    /// From Micronaut's guides: every data source has its own.
    #[test]
    fn settings_of_micronaut() {
        let yaml = "flyway:\n  datasources:\n    default:\n      enabled: true\n      default-schema: shop\n      placeholders:\n        role: r\n";
        assert_eq!(said("application.yml", yaml), ["enabled=true", "defaultSchema=shop", "placeholders.role=r"]);
        let text = "liquibase.datasources.default.parameters.owner=o\nspring.liquibase.parameters.other=p\n";
        let file = ControlFile { name: "application.properties".to_owned(), text: text.to_owned() };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(parameters(&[file]), [pair("owner", "o"), pair("other", "p")]);
    }

    /// A profile's settings count where the application itself starts with the profile, in a file of its own or in a document of the file.
    #[test]
    fn settings_of_profiles() {
        let file = |name: &str, text: &str| ControlFile { name: name.to_owned(), text: text.to_owned() };
        let said = |main: &str| {
            let all = [
                file("res/application-live.yml", "spring:\n  flyway:\n    schemas: live\n"),
                file("res/application-dev.properties", "spring.flyway.schemas=dev\n"),
                file("res/application.yml", main),
            ];
            let of = |file| settings(file, &all).into_iter().map(|(key, value)| format!("{key}={value}"));
            all.iter().flat_map(of).collect::<Vec<_>>()
        };
        assert_eq!(said("spring:\n  profiles:\n    active: ${PROFILE:live}\n"), ["schemas=live"]);
        assert_eq!(said("spring:\n  profiles:\n    active: [dev, other]\n"), ["schemas=dev"]);
        assert!(said("spring:\n  profiles:\n    active: '@profile@'\n").is_empty());
        let documents = "spring:\n  profiles:\n    active: a\n---\nspring:\n  config:\n    activate:\n      on-profile: a\n  flyway:\n    schemas: of_a\n---\nspring:\n  config:\n    activate:\n      on-profile: b\n  flyway:\n    schemas: of_b\n";
        assert_eq!(said(documents), ["schemas=of_a"]);
        let quarkus = file("application.properties", "%prod.quarkus.flyway.schemas=p\n%dev.quarkus.flyway.schemas=d\n");
        assert_eq!(settings(&quarkus, &[]), [("schemas".to_owned(), "p".to_owned())]);
    }

    #[test]
    fn settings_of_tests_are_not_the_applications() {
        assert!(is_application("src/main/resources/application.yaml"));
        assert!(is_application("src/main/resources/application-dev.yml"));
        assert!(!is_application("src/test/resources/application.yaml"));
        assert!(!is_application("src/main/resources/applications.yml"));
    }
}
