//! TypeScript types of the JSON documents, made from their schemas in `docs/schemas/`, which tests hold against what the Rust writes.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::{Result, workspace};

/// The documents: the schema's file, and the name of the type.
const DOCUMENTS: [(&str, &str); 4] =
    [("check", "Check"), ("report", "Report"), ("catalog", "Catalog"), ("history", "History")];

/// The whole declaration file.
pub(crate) fn declarations() -> Result<String> {
    let mut out = String::from(
        "// Made by `cargo xtask npm` from docs/schemas/*.json. What the documents mean is said there, too.\n",
    );
    for (file, name) in DOCUMENTS {
        let path = workspace::root().join(format!("docs/schemas/{file}.schema.json"));
        let schema: Value =
            serde_json::from_str(&workspace::read(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        out.push_str(&document(&schema, name)?);
    }
    Ok(out)
}

/// The type of a document and those of its parts: a part `finding` of `Check` becomes `CheckFinding`.
fn document(schema: &Value, name: &str) -> Result<String> {
    let mut out = String::new();
    let mut declare = |own: &str, schema: &Value| -> Result<()> {
        let text = type_of(schema, name, 0)?;
        out.push('\n');
        comment(&mut out, schema, 0);
        let _ = if schema["properties"].is_object() {
            writeln!(out, "export interface {own} {text}")
        } else {
            writeln!(out, "export type {own} = {text};")
        };
        Ok(())
    };
    declare(name, schema)?;
    for (part, schema) in schema["$defs"].as_object().into_iter().flatten() {
        declare(&part_name(name, part), schema)?;
    }
    Ok(out)
}

fn part_name(document: &str, part: &str) -> String {
    let mut letters = part.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    document.chars().chain(first).chain(letters).collect()
}

fn type_of(schema: &Value, document: &str, depth: usize) -> Result<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let part =
            reference.strip_prefix("#/$defs/").ok_or_else(|| format!("`{reference}` leads out of its document"))?;
        return Ok(part_name(document, part));
    }
    if let Some(value) = schema.get("const") {
        return Ok(value.to_string());
    }
    if let Some(words) = schema["enum"].as_array() {
        return Ok(words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | "));
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let types: Vec<String> = choices.iter().map(|c| type_of(c, document, depth)).collect::<Result<_>>()?;
        return Ok(types.join(" | "));
    }
    match &schema["type"] {
        Value::String(word) => plain(word, schema, document, depth),
        Value::Array(words) => {
            let types: Vec<String> = words
                .iter()
                .map(|w| plain(w.as_str().unwrap_or_default(), schema, document, depth))
                .collect::<Result<_>>()?;
            Ok(types.join(" | "))
        }
        _ => Ok("unknown".to_owned()),
    }
}

fn plain(word: &str, schema: &Value, document: &str, depth: usize) -> Result<String> {
    Ok(match word {
        "string" => "string".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "boolean".to_owned(),
        "null" => "null".to_owned(),
        "array" => {
            let item = type_of(&schema["items"], document, depth)?;
            if item.contains(" | ") { format!("({item})[]") } else { format!("{item}[]") }
        }
        "object" => match (schema["properties"].as_object(), &schema["additionalProperties"]) {
            (Some(members), _) => object(schema, members, document, depth)?,
            (None, of @ Value::Object(_)) => format!("{{ [name: string]: {} }}", type_of(of, document, depth)?),
            _ => "{ [name: string]: unknown }".to_owned(),
        },
        other => return Err(format!("a schema has a type `{other}`, which has no word in TypeScript here")),
    })
}

fn object(schema: &Value, members: &Map<String, Value>, document: &str, depth: usize) -> Result<String> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut out = String::from("{\n");
    for (name, member) in members {
        let text = type_of(member, document, depth + 1)?;
        comment(&mut out, member, depth + 1);
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let name = if plain { name.clone() } else { Value::String(name.clone()).to_string() };
        let _ = writeln!(out, "{}{name}{optional}: {text};", "  ".repeat(depth + 1));
    }
    let _ = write!(out, "{}}}", "  ".repeat(depth));
    Ok(out)
}

fn comment(out: &mut String, schema: &Value, depth: usize) {
    if let Some(text) = schema["description"].as_str() {
        let _ = writeln!(out, "{}/** {} */", "  ".repeat(depth), text.replace("*/", "* /"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_becomes_types() {
        let schema = json!({
            "description": "A document.",
            "type": "object",
            "properties": {
                "version": { "const": 1 },
                "kind": { "enum": ["a", "b"], "description": "Which." },
                "parts": { "type": "array", "items": { "anyOf": [{ "$ref": "#/$defs/part" }, { "type": "null" }] } },
                "by-name": { "type": "object", "additionalProperties": { "type": "number" } }
            },
            "required": ["version", "kind", "parts"],
            "$defs": { "part": { "type": ["string", "null"] } }
        });
        let expected = "
/** A document. */
export interface Doc {
  \"by-name\"?: { [name: string]: number };
  /** Which. */
  kind: \"a\" | \"b\";
  parts: (DocPart | null)[];
  version: 1;
}

export type DocPart = string | null;
";
        // serde_json may keep the members' order or sort them; what counts is that all are there.
        let made = document(&schema, "Doc").unwrap();
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&made), sorted(expected));
    }

    #[test]
    fn the_documents_have_types() {
        let text = declarations().unwrap();
        for name in [
            "interface Check {",
            "interface Report {",
            "interface Catalog {",
            "interface History {",
            "interface CheckFinding {",
        ] {
            assert!(text.contains(name), "{name}");
        }
        assert!(!text.contains(": unknown"), "nothing is left open: {text}");
    }
}
