//! Documentation that is made from the code, committed, and checked by CI.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::process::Cmd;
use crate::{Result, workspace};

/// A generated file: where it goes and what it holds.
struct Page {
    path: PathBuf,
    text: String,
}

/// `cargo xtask docs`.
pub(crate) fn write() -> Result<()> {
    let pages = pages()?;
    for stray in strays(&pages)? {
        std::fs::remove_file(&stray).map_err(|e| format!("{}: {e}", stray.display()))?;
    }
    for page in pages {
        workspace::write(&page.path, page.text.as_bytes())?;
    }
    Ok(())
}

/// Pages of rules that are no more.
fn strays(pages: &[Page]) -> Result<Vec<PathBuf>> {
    let files = workspace::files(&workspace::root().join("docs/rules"))?;
    Ok(files.into_iter().filter(|file| pages.iter().all(|page| page.path != *file)).collect())
}

/// `cargo xtask docs --check`: fails where the committed files are not what the code gives today.
pub(crate) fn check() -> Result<()> {
    let pages = pages()?;
    let shown = |path: &PathBuf| path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string();
    let mut stale: Vec<String> = strays(&pages)?.iter().map(shown).collect();
    for page in &pages {
        let same = std::fs::read_to_string(&page.path).is_ok_and(|text| text.replace("\r\n", "\n") == page.text);
        if !same {
            stale.push(shown(&page.path));
        }
    }
    let more = if stale.len() > 5 { format!(" and {} more", stale.len() - 5) } else { String::new() };
    stale.truncate(5);
    if stale.is_empty() {
        Ok(())
    } else {
        Err(format!("run `cargo xtask docs`: {}{more} out of date", stale.join(", ")))
    }
}

/// `cargo xtask fidelity`.
pub(crate) fn fidelity() -> Result<()> {
    let page = fidelity_page()?.ok_or("the corpus is not here: set RELATA_CORPUS to the folder that holds `corpus`")?;
    workspace::write(&page.path, page.text.as_bytes())
}

/// `cargo xtask snapshot`: what moved is printed.
pub(crate) fn snapshot() -> Result<()> {
    let corpus =
        workspace::corpus().ok_or("the corpus is not here: set RELATA_CORPUS to the folder that holds `corpus`")?;
    let moved = Cmd::new("cargo")
        .args(["run", "--quiet", "--package", "relata-tests", "--bin", "judgement"])
        .env("RELATA_CORPUS", corpus)
        .output()?;
    print!("{moved}");
    Ok(())
}

fn pages() -> Result<Vec<Page>> {
    let mut pages = rule_pages()?;
    pages.push(config_schema()?);
    pages.extend(fidelity_page()?);
    Ok(pages)
}

/// What editors check `relata.toml` with.
fn config_schema() -> Result<Page> {
    let text =
        Cmd::new("cargo").args(["run", "--quiet", "--package", "relata-tests", "--bin", "config_schema"]).output()?;
    Ok(Page { path: workspace::root().join("docs/schemas/relata.schema.json"), text })
}

/// One page for each rule and one that lists them, from what the rules say of themselves.
fn rule_pages() -> Result<Vec<Page>> {
    let folder = workspace::root().join("docs/rules");
    let relata = Cmd::new("cargo").args(["run", "--quiet", "--package", "relata", "--", "rules", "--format", "json"]);
    let rules: Vec<Value> = serde_json::from_str(&relata.output()?).map_err(|e| format!("relata rules: {e}"))?;
    let mut pages = Vec::with_capacity(rules.len() + 1);
    let mut list =
        "# Rules\n\nMade by `cargo xtask docs` from `core/src/rules/`; the examples of each rule are also its tests.\n"
            .to_owned();
    let others = other_linters()?;
    if let Some(unknown) = others.keys().find(|name| rules.iter().all(|rule| rule["name"] != name.as_str())) {
        return Err(format!("{OTHER_LINTERS} names `{unknown}`, which is no rule"));
    }
    let mut category = "";
    for rule in &rules {
        let text = |member: &str| rule[member].as_str().unwrap_or_default();
        if text("category") != category {
            category = text("category");
            let heading = title(category);
            list.push_str(&format!(
                "\n## {heading}\n\n| rule | severity | certainty | what it flags | other linters |\n|---|---|---|---|---|\n"
            ));
        }
        let name = text("name");
        let elsewhere = others.get(name).map_or("", String::as_str);
        let row = [text("severity"), text("certainty"), &text("summary").replace('|', "\\|"), elsewhere].join(" | ");
        list.push_str(&format!("| [{name}]({name}.md) | {row} |\n"));
        pages.push(Page { path: folder.join(format!("{name}.md")), text: rule_page(rule) });
    }
    pages.push(Page { path: folder.join("README.md"), text: list });
    Ok(pages)
}

/// The rules that other linters have too, under their names. Not part of the rules themselves, as it is of no use to whoever runs them.
const OTHER_LINTERS: &str = "xtask/data/other-linters.tsv";

fn other_linters() -> Result<BTreeMap<String, String>> {
    let text =
        std::fs::read_to_string(workspace::root().join(OTHER_LINTERS)).map_err(|e| format!("{OTHER_LINTERS}: {e}"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (rule, names) = line.split_once('\t').ok_or_else(|| format!("{OTHER_LINTERS}: no tab in `{line}`"))?;
            Ok((rule.to_owned(), names.replace('|', "\\|").replace('*', "\\*")))
        })
        .collect()
}

fn rule_page(rule: &Value) -> String {
    let text = |member: &str| rule[member].as_str().unwrap_or_default();
    let mut page = format!(
        "# {}\n\n{}\n\n{} · {} · {}\n\n{}\n",
        text("name"),
        text("summary"),
        title(text("category")),
        text("severity"),
        text("certainty"),
        text("why")
    );
    let texts = |member: &str| rule[member].as_array().into_iter().flatten().filter_map(Value::as_str);
    for (heading, member) in [("Flagged", "bad"), ("Not flagged", "good")] {
        for (number, example) in texts(member).enumerate() {
            if number == 0 {
                page.push_str(&format!("\n## {heading}\n"));
            }
            // An example of several files names each in a comment of its language.
            let language = match example.trim_start() {
                e if e.starts_with("# file:") => "python",
                e if e.starts_with("<!-- file:") => "markdown",
                _ => "sql",
            };
            // A document may hold fences of its own.
            let fence = if example.contains("```") { "````" } else { "```" };
            page.push_str(&format!("\n{fence}{language}\n{}\n{fence}\n", example.trim_end()));
        }
    }
    if rule["optIn"] == true {
        page.push_str("\nIt runs only where it is asked for: `relata.toml`, `[rules]`.\n");
    }
    for (number, parameter) in rule["parameters"].as_array().into_iter().flatten().enumerate() {
        if number == 0 {
            page.push_str(&format!("\n## Settings\n\nIn `relata.toml` under `[rules.{}]`:\n\n", text("name")));
        }
        let default = parameter["default"].as_u64().map_or(String::new(), |n| format!(" Default: {n}."));
        let member = |name: &str| parameter[name].as_str().unwrap_or_default();
        page.push_str(&format!("- `{}`: {}{default}\n", member("name"), member("what")));
    }
    let weaker: Vec<_> = texts("supersedes").map(|name| format!("[{name}]({name}.md)")).collect();
    if !weaker.is_empty() {
        page.push_str(&format!("\nWhere it fires, it stands for {} on the same object.\n", weaker.join(", ")));
    }
    page
}

/// `keys-and-references` as a heading.
fn title(category: &str) -> String {
    let words = category.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How exactly each schema of the corpus is understood. `None` where there is no corpus.
fn fidelity_page() -> Result<Option<Page>> {
    let Some(corpus) = workspace::corpus() else { return Ok(None) };
    let text = Cmd::new("cargo")
        .args(["run", "--quiet", "--package", "relata-tests", "--bin", "fidelity"])
        .env("RELATA_CORPUS", corpus)
        .output()?;
    Ok(Some(Page { path: workspace::root().join("docs/fidelity.md"), text }))
}
