//! Two catalogues compared fact by fact: the measure of truth.
//!
//! A catalogue (the shape is in the corpus' `FORMAT.md`) becomes a multiset of facts, one for each thing that a schema asserts. The score of two
//! catalogues is the size of what they share over the size of what either has. Texts of expressions are not compared, since the server rewrites
//! them; that there is one counts.

use std::collections::BTreeMap;

use serde_json::Value;

/// A kind of fact and what it says.
pub type Fact = (&'static str, String);

/// Facts with how often they occur.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts(BTreeMap<Fact, u32>);

/// What comparing two catalogues gives.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// How many facts both have.
    pub both: u32,
    /// How many facts either has.
    pub either: u32,
    /// What only the expected catalogue has.
    pub missing: Vec<Fact>,
    /// What only the actual catalogue has.
    pub extra: Vec<Fact>,
}

impl Comparison {
    /// Compares what was expected with what is.
    pub fn of(expected: &Value, actual: &Value) -> Self {
        Self::of_facts(&Facts::with_prepared_schemas(expected), &Facts::with_prepared_schemas(actual))
    }

    /// Compares the facts of two catalogues.
    pub fn of_facts(Facts(expected): &Facts, Facts(actual): &Facts) -> Self {
        let mut result = Self::default();
        for (fact, want) in expected {
            let got = actual.get(fact).copied().unwrap_or(0);
            result.both += got.min(*want);
            result.either += got.max(*want);
            result.missing.extend((got..*want).map(|_| fact.clone()));
        }
        for (fact, got) in actual {
            let want = expected.get(fact).copied().unwrap_or(0);
            if want == 0 {
                result.either += got;
            }
            result.extra.extend((want..*got).map(|_| fact.clone()));
        }
        result
    }

    /// Takes out the schemas that `actual` makes and that the files of `expected` expect to be there: these do not count as made.
    pub fn take_prepared(&mut self, expected: &Value) -> Vec<Fact> {
        let before = |(kind, name): &Fact| *kind == "schema" && truth(&expected["schemas"][name]["from_prelude"]);
        let (made, extra) = std::mem::take(&mut self.extra).into_iter().partition(before);
        self.extra = extra;
        made
    }

    /// Agreement from 0 to 1.
    pub fn score(&self) -> f64 {
        if self.either == 0 { 1.0 } else { f64::from(self.both) / f64::from(self.either) }
    }

    /// The first facts that differ, for a failure's message.
    pub fn differences(&self, limit: usize) -> String {
        let missing = self.missing.iter().map(|f| ('-', f));
        let lines = missing.chain(self.extra.iter().map(|f| ('+', f)));
        lines.take(limit).map(|(sign, (kind, text))| format!("{sign} {kind}: {text}\n")).collect()
    }
}

impl Facts {
    /// The facts of a catalogue: exactly those that the corpus' own `compare_catalog.py` counts.
    pub fn of(catalog: &Value) -> Self {
        let mut facts = Self::default();
        for (name, schema) in members(&catalog["schemas"]).filter(|(_, s)| !truth(&s["from_prelude"])) {
            facts.add("schema", &[name]);
            facts.members_of_schema(name, schema);
        }
        facts
    }

    /// The same, and what the load made inside of schemas that were there before: for some items that is nearly all.
    pub fn with_prepared_schemas(catalog: &Value) -> Self {
        let mut facts = Self::of(catalog);
        for (name, schema) in members(&catalog["schemas"]).filter(|(_, s)| truth(&s["from_prelude"])) {
            facts.members_of_schema(name, schema);
        }
        facts
    }

    fn add(&mut self, kind: &'static str, parts: &[&str]) {
        *self.0.entry((kind, parts.join(" "))).or_insert(0) += 1;
    }

    fn comment(&mut self, path: &str, object: &Value) {
        if let Some(text) = object["comment"].as_str().filter(|t| !t.is_empty()) {
            self.add("comment", &[path, &format!("{text:?}")]);
        }
    }

    fn members_of_schema(&mut self, schema: &str, s: &Value) {
        for (path, e) in own(schema, &s["enums"]) {
            self.add("enum", &[&path, &strings(&e["labels"]).join("|")]);
        }
        for (path, d) in own(schema, &s["domains"]) {
            let checks = list(&d["checks"]).len().to_string();
            self.add(
                "domain",
                &[&path, text(&d["base"]), if truth(&d["not_null"]) { "not null" } else { "null" }, &checks],
            );
        }
        for (name, attributes) in members(&s["composite_types"]) {
            let attributes = list(attributes).iter().filter(|a| a.is_object());
            let shown: Vec<_> = attributes.map(|a| format!("{} {}", text(&a["name"]), text(&a["type"]))).collect();
            self.add("composite", &[&format!("{schema}.{name}"), &shown.join(",")]);
        }
        for (path, q) in own(schema, &s["sequences"]) {
            let owner = strings(&q["owned_by"]).join(".");
            self.add("sequence", &[&path, text(&q["type"]), if owner.is_empty() { "-" } else { &owner }]);
        }
        for f in list(&s["functions"]).iter().filter(|f| !truth(&f["from_prelude"])) {
            let path = format!("{schema}.{}", text(&f["name"]));
            let kind = f["kind"].as_str().unwrap_or("function");
            let rights = if truth(&f["security_definer"]) { "definer" } else { "invoker" };
            self.add("function", &[&path, kind, text(&f["language"]), rights, text(&f["volatility"])]);
            self.add("function-arguments", &[&path, &without_defaults(f["arguments"].as_str().unwrap_or(""))]);
        }
        for a in list(&s["aggregates"]).iter().filter(|a| !truth(&a["from_prelude"])) {
            self.add("aggregate", &[&format!("{schema}.{}", text(&a["name"]))]);
        }
        for (kind, member) in [("view", "views"), ("matview", "matviews")] {
            for (path, v) in own(schema, &s[member]) {
                self.add(kind, &[&path]);
                self.comment(&path, v);
                for index in list(&v["indexes"]) {
                    self.index(&path, index);
                }
            }
        }
        for member in ["tables", "foreign_tables"] {
            for (path, t) in own(schema, &s[member]) {
                self.table(&path, t);
            }
        }
    }

    fn table(&mut self, path: &str, t: &Value) {
        self.add("table", &[path, text(&t["kind"])]);
        self.comment(path, t);
        if let Some(persistence) = t["persistence"].as_str().filter(|p| *p != "permanent") {
            self.add("persistence", &[path, persistence]);
        }
        for (member, flag) in [("rls_enabled", "enabled"), ("rls_forced", "forced")] {
            if truth(&t[member]) {
                self.add("rls", &[path, flag]);
            }
        }
        if let Some(key) = t["partition_key"].as_str().filter(|k| !k.is_empty()) {
            self.add("partition-key", &[path, key.split('(').next().unwrap_or("").trim()]);
        }
        let parent = strings(&t["partition_of"]).join(".");
        if !parent.is_empty() {
            let bound = t["partition_bound"].as_str().unwrap_or("").to_uppercase();
            let forms = ["DEFAULT", "VALUES FROM", "VALUES IN", "VALUES WITH"];
            let form = forms.into_iter().find(|f| bound.contains(f)).unwrap_or("-");
            self.add("partition-of", &[path, &parent, form]);
        }
        for parent in list(&t["inherits"]) {
            self.add("inherits", &[path, &strings(parent).join(".")]);
        }
        for (position, c) in list(&t["columns"]).iter().enumerate() {
            self.add(
                "column",
                &[
                    path,
                    &position.to_string(),
                    text(&c["name"]),
                    text(&c["type"]),
                    if truth(&c["nullable"]) { "null" } else { "not null" },
                    if c["default"].is_null() { "-" } else { "default" },
                    or_dash(&c["identity"]),
                    if c["generated"].is_null() { "-" } else { "generated" },
                    or_dash(&c["collation"]),
                ],
            );
            self.comment(&format!("{path}.{}", text(&c["name"])), c);
        }
        let pk = &t["pk"];
        if pk.is_object() {
            self.add("primary-key", &[path, text(&pk["name"]), &columns(&pk["columns"]), deferral(pk)]);
        }
        for f in list(&t["fks"]) {
            self.add(
                "foreign-key",
                &[
                    path,
                    text(&f["name"]),
                    &columns(&f["columns"]),
                    &format!("{}.{}", text(&f["ref_schema"]), text(&f["ref_table"])),
                    &columns(&f["ref_columns"]),
                    text(&f["on_delete"]),
                    text(&f["on_update"]),
                    f["match"].as_str().unwrap_or("SIMPLE"),
                    deferral(f),
                    validity(f),
                ],
            );
        }
        for u in list(&t["uniques"]) {
            let defined = u["definition"].as_str().is_some_and(|d| d.contains("NULLS NOT DISTINCT"));
            let nulls = if defined || truth(&u["nulls_not_distinct"]) { "nulls not distinct" } else { "-" };
            self.add("unique", &[path, text(&u["name"]), &columns(&u["columns"]), nulls, deferral(u)]);
        }
        for c in list(&t["checks"]) {
            self.add("check", &[path, text(&c["name"]), validity(c)]);
            let mut used: Vec<&str> =
                list(&c["columns"]).iter().filter_map(Value::as_str).filter(|c| !c.is_empty()).collect();
            used.sort_unstable();
            self.add("check-columns", &[path, text(&c["name"]), &format!("({})", used.join(","))]);
        }
        for c in list(&t["excludes"]) {
            self.add("exclude", &[path, text(&c["name"])]);
        }
        for index in list(&t["indexes"]) {
            self.index(path, index);
        }
        for p in list(&t["policies"]) {
            let mut roles = strings(&p["roles"]);
            roles.sort_unstable();
            let permissive = if p["permissive"].as_bool().unwrap_or(true) { "permissive" } else { "restrictive" };
            self.add(
                "policy",
                &[
                    path,
                    text(&p["name"]),
                    text(&p["command"]),
                    permissive,
                    &roles.join(","),
                    if truth(&p["using"]) { "using" } else { "-" },
                    if truth(&p["with_check"]) { "check" } else { "-" },
                ],
            );
        }
        for g in list(&t["triggers"]) {
            let mut events = strings(&g["events"]);
            events.sort_unstable();
            let constraint = if truth(&g["constraint"]) { "constraint" } else { "-" };
            let parts = [
                path,
                text(&g["name"]),
                text(&g["timing"]),
                text(&g["level"]),
                &events.join("+"),
                text(&g["function"]),
                constraint,
            ];
            self.add("trigger", &parts);
        }
        for r in list(&t["rules"]) {
            self.add("rule", &[path, text(&r["name"])]);
        }
    }

    fn index(&mut self, path: &str, i: &Value) {
        if truth(&i["constraint_backed"]) || truth(&i["primary"]) {
            return;
        }
        let include =
            if list(&i["include"]).is_empty() { "-".to_owned() } else { format!("include{}", keys(&i["include"])) };
        self.add(
            "index",
            &[
                path,
                text(&i["name"]),
                text(&i["method"]),
                if truth(&i["unique"]) { "unique" } else { "-" },
                &keys(&i["keys"]),
                &include,
                if truth(&i["where"]) { "partial" } else { "-" },
                if truth(&i["nulls_not_distinct"]) { "nulls not distinct" } else { "-" },
            ],
        );
        let options = key_options(i);
        if options.iter().any(|o| !o.is_empty()) {
            self.add("index-options", &[path, text(&i["name"]), &options.join("; ")]);
        }
    }
}

/// The members of an object, in order; none of what is no object.
fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Named objects of a schema that the load itself made, with their paths.
fn own<'a>(schema: &'a str, value: &'a Value) -> impl Iterator<Item = (String, &'a Value)> {
    members(value).filter(|(_, o)| !truth(&o["from_prelude"])).map(move |(name, o)| (format!("{schema}.{name}"), o))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn strings(value: &Value) -> Vec<&str> {
    list(value).iter().filter_map(Value::as_str).collect()
}

/// A text member; `None` as Python prints it stands for a missing one, so that missing and empty differ.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("None")
}

fn or_dash(value: &Value) -> &str {
    value.as_str().filter(|t| !t.is_empty()).unwrap_or("-")
}

/// Whether a member is there and says yes: true, or a text that is not empty.
fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(b) => *b,
        Value::String(s) => !s.is_empty(),
        _ => false,
    }
}

fn columns(value: &Value) -> String {
    format!("({})", list(value).iter().map(|c| c.as_str().unwrap_or("<expr>")).collect::<Vec<_>>().join(","))
}

/// Index keys: bare names, and a mark for what is an expression.
fn keys(value: &Value) -> String {
    let shown = list(value).iter().map(|k| k.as_str().and_then(bare_name).unwrap_or_else(|| "<expr>".to_owned()));
    format!("({})", shown.collect::<Vec<_>>().join(","))
}

/// The bare name of a possibly quoted identifier; nothing where the text is an expression.
fn bare_name(text: &str) -> Option<String> {
    if let Some(inner) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        let name = inner.replace("\"\"", "\u{0}");
        return (!name.contains('"')).then(|| name.replace('\u{0}', "\""));
    }
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    (first && chars.all(|c| c == '_' || c == '$' || c.is_alphanumeric())).then(|| text.to_owned())
}

fn deferral(c: &Value) -> &'static str {
    match (truth(&c["deferrable"]), truth(&c["initially_deferred"])) {
        (false, _) => "-",
        (true, false) => "deferrable",
        (true, true) => "deferrable initially deferred",
    }
}

fn validity(c: &Value) -> &'static str {
    if truth(&c["not_valid"]) { "not valid" } else { "-" }
}

/// Argument lists without their default values.
fn without_defaults(arguments: &str) -> String {
    let mut out = String::new();
    let mut rest = arguments;
    while let Some(at) = rest.find(" DEFAULT ") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        rest = after.find(',').map_or("", |end| &after[end..]);
    }
    out + rest
}

/// What stands behind each key: collation, operator class, order, nulls. Ours are given; the server's are read off the index's definition.
fn key_options(index: &Value) -> Vec<String> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(given) = index["key_options"].as_array() {
        return given.iter().map(|o| words(o.as_str().unwrap_or(""))).collect();
    }
    let definition = index["definition"].as_str().unwrap_or("");
    let Some(open) = definition.find(" USING ").and_then(|at| Some(at + definition[at..].find('(')?)) else {
        return Vec::new();
    };
    let body = &definition[open + 1..closing(definition, open) - 1];
    split_at_commas(body)
        .into_iter()
        .map(|part| {
            let rest = if part.starts_with('(') { &part[closing(part, 0)..] } else { behind_name(part) };
            // An operator class prints without the schema that it lives in.
            let words = rest.split_whitespace().map(|word| match word.rsplit_once('.') {
                Some((_, class)) if class.ends_with("_ops") => class,
                _ => word,
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// What follows a column's name or a function call.
fn behind_name(part: &str) -> &str {
    let end = match part.strip_prefix('"') {
        Some(inner) => {
            let mut end = 0;
            let bytes = inner.as_bytes();
            while end < bytes.len() {
                if bytes[end] == b'"' {
                    if bytes.get(end + 1) != Some(&b'"') {
                        break;
                    }
                    end += 1;
                }
                end += 1;
            }
            end + 2
        }
        None => part.find(|c: char| !(c.is_alphanumeric() || "_$.".contains(c))).unwrap_or(part.len()),
    };
    let rest = part.get(end..).unwrap_or("");
    if rest.starts_with('(') { &rest[closing(rest, 0)..] } else { rest }
}

/// The place after the parenthesis that closes the one at `open`; the end where none does.
fn closing(text: &str, open: usize) -> usize {
    let (mut depth, mut quote) = (0u32, None);
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < open) {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Parts between commas that stand outside parentheses and quotes.
fn split_at_commas(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0u32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(member: &str, value: Value) -> Value {
        let mut table = json!({ "kind": "table", "persistence": "permanent" });
        table[member] = value;
        json!({ "schemas": { "public": { "tables": { "t": table } } } })
    }

    #[test]
    fn equal_catalogues_agree_wholly() {
        let catalog =
            table("columns", json!([{ "name": "id", "type": "integer", "nullable": false, "default": null }]));
        let same = Comparison::of(&catalog, &catalog);
        assert_eq!((same.both, same.either, same.score()), (3, 3, 1.0));
    }

    #[test]
    fn every_differing_fact_counts_against_the_score() {
        let a = table("columns", json!([{ "name": "id", "type": "integer", "nullable": false }]));
        let b = table("columns", json!([{ "name": "id", "type": "bigint", "nullable": false }]));
        let differing = Comparison::of(&a, &b);
        assert_eq!((differing.both, differing.either), (2, 4));
        assert_eq!(
            differing.differences(9),
            "- column: public.t 0 id integer not null - - - -\n+ column: public.t 0 id bigint not null - - - -\n"
        );
    }

    #[test]
    fn prelude_is_not_compared() {
        let mut catalog = table("columns", json!([]));
        catalog["schemas"]["auth"] = json!({ "from_prelude": true, "tables": { "users": { "kind": "table" } } });
        catalog["schemas"]["public"]["tables"]["t"]["from_prelude"] = json!(true);
        assert_eq!(Facts::of(&catalog).0.into_keys().collect::<Vec<_>>(), [("schema", "public".to_owned())]);
    }

    #[track_caller]
    fn options(definition: &str, expected: &[&str]) {
        assert_eq!(key_options(&json!({ "definition": definition })), expected);
    }

    #[test]
    fn key_options_are_read_off_the_definition() {
        options("CREATE INDEX i ON public.t USING btree (a, b DESC)", &["", "DESC"]);
        options("CREATE INDEX i ON public.t USING gin (lower(a) public.gin_trgm_ops)", &["gin_trgm_ops"]);
        options(
            "CREATE INDEX i ON t USING btree (((a ->> 'x,y'::text)) COLLATE \"C\" text_pattern_ops, \"B,\"\"c\" DESC NULLS LAST)",
            &["COLLATE \"C\" text_pattern_ops", "DESC NULLS LAST"],
        );
    }

    #[test]
    fn keys_that_are_expressions_have_no_name() {
        assert_eq!(
            keys(&json!(["a", "\"B \"\"x\"", "lower(a)", { "expr": "a" }, "größe"])),
            "(a,B \"x,<expr>,<expr>,größe)"
        );
    }

    #[test]
    fn defaults_of_arguments_are_left_out() {
        assert_eq!(
            without_defaults("a integer DEFAULT 1, b text, c text DEFAULT 'x'::text"),
            "a integer, b text, c text"
        );
    }
}
