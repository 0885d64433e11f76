//! The part of JSON Schema (draft 2020-12) that our schemas use, to hold output against them. A keyword that is not known here is an error, so that
//! no demand of a schema goes unchecked.

use serde_json::Value;

/// Everything in which `value` departs from `schema`, each with its place.
pub(crate) fn departures(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (keyword, demand) in schema.as_object().expect("a schema is an object") {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let pointer = demand.as_str().and_then(|r| r.strip_prefix('#')).expect("a local reference");
                check(root, root.pointer(pointer).expect("a definition"), value, at, found);
            }
            "anyOf" => {
                let fits = |option: &Value| {
                    let mut inner = Vec::new();
                    check(root, option, value, at, &mut inner);
                    inner.is_empty()
                };
                if !demand.as_array().unwrap().iter().any(fits) {
                    found.push(format!("{at}: fits none of {demand}"));
                }
            }
            "const" if value != demand => found.push(format!("{at}: {value} is not {demand}")),
            "enum" if !demand.as_array().unwrap().contains(value) => {
                found.push(format!("{at}: {value} is none of {demand}"))
            }
            "const" | "enum" => {}
            "type" => {
                let names = match demand {
                    Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                    name => vec![name.as_str().unwrap()],
                };
                if !names.iter().any(|n| has_type(value, n)) {
                    found.push(format!("{at}: {value} is no {demand}"));
                }
            }
            "minimum" if value.as_f64() < demand.as_f64() => found.push(format!("{at}: {value} is below {demand}")),
            "maximum" if value.as_f64() > demand.as_f64() => found.push(format!("{at}: {value} is above {demand}")),
            "minLength" | "maxLength" => {
                let length = value.as_str().map_or(0, |s| s.chars().count() as u64);
                let limit = demand.as_u64().unwrap();
                if keyword == "minLength" && length < limit || keyword == "maxLength" && length > limit {
                    found.push(format!("{at}: {value} breaks {keyword} {limit}"));
                }
            }
            "minimum" | "maximum" => {}
            "required" => {
                for name in demand.as_array().unwrap().iter().filter_map(Value::as_str) {
                    if value.as_object().is_some_and(|o| !o.contains_key(name)) {
                        found.push(format!("{at}: `{name}` is missing"));
                    }
                }
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if let Some(property) = demand.get(name) {
                        check(root, property, inner, &format!("{at}.{name}"), found);
                    }
                }
            }
            "additionalProperties" => {
                let described = |name: &str| schema.pointer("/properties").is_some_and(|p| p.get(name).is_some());
                for (name, inner) in value.as_object().into_iter().flatten().filter(|(name, _)| !described(name)) {
                    match demand {
                        Value::Bool(false) => found.push(format!("{at}: `{name}` is not described")),
                        demand => check(root, demand, inner, &format!("{at}.{name}"), found),
                    }
                }
            }
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, demand, item, &format!("{at}[{n}]"), found);
                }
            }
            other => panic!("{at}: the keyword `{other}` is not checked here"),
        }
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("`{other}` is no type of JSON Schema"),
    }
}
