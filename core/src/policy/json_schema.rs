//! `relata.toml` as a JSON Schema: what editors complete and check it with.

use serde_json::{Map, Value, json};

use super::keys::{self, Key, Kind};
use crate::history::layout::Layout;
use crate::rules::REGISTRY;

/// The JSON Schema of `relata.toml`, draft 2020-12.
pub fn json_schema() -> Value {
    let mut schema = table(keys::TOP);
    if let Some(members) = schema.as_object_mut() {
        members.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".into(), json!("relata.toml"));
        members.insert("description".into(), json!("Settings of Relata: rules, conventions, waivers."));
        let settings = object(Map::from_iter([(keys::LEVEL.name.to_owned(), level())]));
        let defs = json!({
            "level": { "enum": keys::LEVELS, "description": keys::LEVEL.what },
            "rule": { "anyOf": [level(), settings] },
            "ruleName": { "enum": names() },
        });
        members.insert("$defs".into(), defs);
    }
    schema
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        properties.insert(key.name.into(), property(key));
    }
    object(properties)
}

fn object(properties: Map<String, Value>) -> Value {
    let properties = Value::Object(properties);
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn level() -> Value {
    json!({ "$ref": "#/$defs/level" })
}

fn property(key: &Key) -> Value {
    let mut schema = of_kind(key.kind);
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".into(), json!(key.what));
    }
    schema
}

fn of_kind(kind: Kind) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    match kind {
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Text | Kind::Glob | Kind::PathGlob | Kind::Pattern => text(),
        Kind::Rule => json!({ "$ref": "#/$defs/ruleName" }),
        Kind::Layout => json!({ "enum": layouts() }),
        Kind::Texts | Kind::Globs | Kind::Patterns => json!({ "type": "array", "items": text() }),
        Kind::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        // Editors see a day of TOML as a text of this form.
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Table(keys) => table(keys),
        Kind::Tables(keys) => {
            let mut item = table(keys);
            if let Some(members) = item.as_object_mut() {
                members.insert("required".into(), json!(["reason"]));
            }
            json!({ "type": "array", "items": item })
        }
        Kind::Rules => {
            let mut properties = Map::new();
            for rule in REGISTRY {
                properties.insert(rule.name.into(), of_rule(rule.name, rule.summary));
            }
            object(properties)
        }
    }
}

fn of_rule(name: &str, summary: &str) -> Value {
    if keys::parameters(name).next().is_none() {
        return json!({ "description": summary, "$ref": "#/$defs/rule" });
    }
    let mut settings = Map::from_iter([(keys::LEVEL.name.to_owned(), level())]);
    for parameter in keys::parameters(name) {
        let mut schema = property(&parameter.key);
        if let (Kind::Number(..), Some(members)) = (parameter.key.kind, schema.as_object_mut()) {
            members.insert("default".into(), json!(parameter.default));
        }
        settings.insert(parameter.key.name.into(), schema);
    }
    json!({ "description": summary, "anyOf": [level(), object(settings)] })
}

fn names() -> Vec<&'static str> {
    REGISTRY.iter().map(|r| r.name).collect()
}

fn layouts() -> Vec<&'static str> {
    let mut names: Vec<&str> = Layout::CHOICES.iter().map(|l| l.name()).collect();
    names.dedup();
    names
}
