//! Flyway's settings where a framework keeps them: `spring.flyway.…` of Spring Boot, `quarkus.flyway.…` of Quarkus, in `application.properties` or
//! `application.yml`. Source: Spring Boot reference, "Common Application Properties"; Quarkus guide "Using Flyway".

use super::ControlFile;
use super::entry::split_path;
use crate::read::changelog::{Node, read_yaml};

/// In front of the settings' names.
const PREFIXES: [&str; 2] = ["spring.flyway.", "quarkus.flyway."];

/// Whether a framework keeps the settings of the application in a file of this name. Those of tests are for another database, those of a profile for
/// one of several.
pub(super) fn is_application(name: &str) -> bool {
    let (folder, base) = split_path(name);
    matches!(base, "application.properties" | "application.yml" | "application.yaml")
        && !folder.split('/').any(|part| part == "test")
}

/// What such a file says to Flyway, by the names that Flyway itself has for it.
pub(super) fn settings(file: &ControlFile) -> Vec<(String, String)> {
    let mut all = Vec::new();
    if file.name.ends_with(".properties") {
        let of_line = |line: &str| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        };
        all.extend(file.text.lines().filter(|line| !line.trim_start().starts_with(['#', '!'])).filter_map(of_line));
    } else {
        flatten(&read_yaml(&file.text), "", &mut all);
    }
    all.into_iter().filter_map(|(key, value)| Some((own_name(&key)?, resolved(&value)?))).collect()
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
    let rest = PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix))?;
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
        settings(&file).into_iter().map(|(key, value)| format!("{key}={value}")).collect()
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

    #[test]
    fn settings_of_tests_and_profiles_are_not_the_applications() {
        assert!(is_application("src/main/resources/application.yaml"));
        assert!(!is_application("src/test/resources/application.yaml"));
        assert!(!is_application("src/main/resources/application-dev.yml"));
    }
}
