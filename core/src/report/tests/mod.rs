//! One analysis with hostile text wherever a schema can hold text, held against every form of the report.

pub(super) mod json_schema;

use serde_json::Value;

use super::*;
use crate::analysis::{Analysis, Checked, Coverage};
use crate::finding::{Certainty, Finding, Fix, Severity, Subject};
use crate::name::quote;
use crate::operation::ObjectKind;
use crate::problem::{Problem, ProblemKind};
use crate::replay::Conflict;
use crate::rules::{Category, Rule};
use crate::schema::ObjectId;
use crate::score::{CategoryScore, Deduction, Gain, Score};
use crate::source::Span;

/// A name with something for each format: quotes, a backtick, a bar, markup, a line that looks like a workflow command, a terminal command, and a
/// mark that turns the direction of reading. No longer than PostgreSQL keeps.
const HOSTILE: &str = "a\"b`c|d\\ <script>x</script>[x](y)*_#\r\n::error::x%0A\u{1b}[31m\u{9b}\u{202e}";

static LOUD: Rule = Rule {
    name: "loud-rule",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "Flags a thing.",
    why: "Things like `this` hurt.",
    fires: &[],
    silent: &[],
    supersedes: &[],
    check: |_, _| (),
};

static QUIET: Rule = Rule { name: "quiet-rule", category: Category::Types, severity: Severity::Low, ..LOUD };

/// The hostile name with another first letter, quoted.
fn named(first: &str) -> String {
    quote(&HOSTILE.replacen('a', first, 1))
}

/// A table of a hostile name in a hostile schema, with everything about it hostile, and findings about it.
fn hostile() -> Analysis {
    let (name, literal) = (quote(HOSTILE), format!("'{HOSTILE}'"));
    let sql = format!(
        "CREATE SCHEMA {name};
         CREATE TYPE {name}.{mood} AS ENUM ({literal});
         CREATE FUNCTION {name}.{name}() RETURNS trigger LANGUAGE plpgsql AS {literal};
         CREATE TABLE {name}.{name} (
             {name} {name}.{mood} DEFAULT {literal} CONSTRAINT {pk} PRIMARY KEY,
             CONSTRAINT {check} CHECK ({name} <> {literal}),
             CONSTRAINT {fk} FOREIGN KEY ({name}) REFERENCES {name}.{name} ({name}) ON DELETE SET NULL
         );
         CREATE UNIQUE INDEX {index} ON {name}.{name} ({name} DESC) WHERE {name} <> {literal};
         CREATE TRIGGER {name} BEFORE INSERT ON {name}.{name} FOR EACH ROW EXECUTE FUNCTION {name}.{name}();
         ALTER TABLE {name}.{name} ENABLE ROW LEVEL SECURITY;
         CREATE POLICY {name} ON {name}.{name} TO {name} USING ({name} <> {literal});
         CREATE VIEW {name}.{view} AS SELECT {name} FROM {name}.{name};
         COMMENT ON TABLE {name}.{name} IS {literal};
         COMMENT ON COLUMN {name}.{name}.{name} IS {literal};
         COMMENT ON VIEW {name}.{view} IS {literal};",
        pk = named("p"),
        check = named("k"),
        fk = named("f"),
        index = named("i"),
        view = named("v"),
        mood = named("m"),
    );
    let mut analysis = crate::analyze([(HOSTILE, sql.as_bytes())], crate::Options::default());
    let [target] = analysis.targets.as_mut_slice() else { panic!("one target: {:?}", analysis.problems) };
    assert_eq!(target.replay.conflicts, []);
    assert_eq!((target.facts.tables, target.facts.foreign_keys, target.facts.views), (1, 1, 1));
    let (id, table) = target.replay.schema.live_tables().next().unwrap();
    let (span, path) = (table.name_span, target.replay.schema.path(ObjectId::Table(id)));
    let finding = |rule, severity, kind, path: &str, spans: Vec<Span>| Finding {
        rule,
        severity,
        certainty: Certainty::Proven,
        objects: vec![Subject { kind, path: path.to_owned() }],
        message: format!("`{path}` is wrong."),
        evidence: Some(format!("1 of 2 like `{path}`.")),
        spans,
        fix: Some(Fix { sql: format!("DROP TABLE {path};\n```\n</pre>"), caution: Some(format!("Look at `{path}`.")) }),
        introduced_by: None,
        last_changed_by: None,
        fingerprint: "0123456789abcdef".to_owned(),
        waived: None,
        past: false,
    };
    target.findings = vec![
        finding(&LOUD, Severity::Critical, ObjectKind::Table, &path, vec![span, table.span, table.span]),
        finding(&LOUD, Severity::High, ObjectKind::Column, &format!("{path}.{}", quote(HOSTILE)), vec![span]),
        finding(&QUIET, Severity::Low, ObjectKind::File, HOSTILE, Vec::new()),
    ];
    let problem =
        Problem { kind: ProblemKind::SyntaxError, message: format!("What is `{HOSTILE}`?"), span: Some(span) };
    target.coverage = Coverage { statements: 4, understood: 3, skipped: vec![problem.clone()] };
    target.score = Score {
        total: 69,
        hundredths: 6_950,
        grade: 'C',
        capped_by: Some("loud-rule"),
        categories: vec![CategoryScore {
            category: Category::Security,
            score: 70,
            weight: 100,
            deductions: vec![Deduction { rule: "loud-rule", findings: 2, tenths: 305 }],
        }],
        gains: vec![Gain { rule: "loud-rule", findings: 2, hundredths: 3_000 }],
    };
    target.checked = vec![
        Checked { rule: &LOUD, objects: 2, findings: 2, waived: 0 },
        Checked { rule: &QUIET, objects: 2, findings: 1, waived: 0 },
    ];
    target.replay.conflicts = vec![Conflict {
        revision: 0,
        operation: 0,
        sqlstate: "42P07",
        message: format!("relation \"{HOSTILE}\" already exists"),
        span,
        objects: Vec::new(),
    }];
    HOSTILE.clone_into(&mut target.target.layout);
    analysis.problems = vec![problem];
    analysis
}

fn report() -> Report {
    Report::new(&hostile())
}

/// No form but JSON may hold a character that acts on a terminal or turns the direction of reading.
fn assert_tame(out: &str) {
    let wild =
        out.chars().find(|c| (c.is_control() && *c != '\n' && *c != '\t') || ('\u{202a}'..='\u{202e}').contains(c));
    assert_eq!(wild, None, "{out}");
}

/// No form but GitHub's may hold a line that a runner obeys.
fn assert_inert(out: &str) {
    assert!(out.lines().all(|l| !l.trim_start().starts_with("::")), "{out}");
}

#[test]
fn html_is_well_formed_and_holds_no_markup_of_the_input() {
    let out = html(&report(), &[("dump", "<?xml version=\"1.0\"?><svg><g></g></svg>")]);
    assert_tame(&out);
    assert_inert(&out);
    assert!(!out.contains("<script"));
    assert!(!out.contains("<?xml"));
    assert!(out.contains("<svg><g></g></svg>"));
    // Every `<` opens a tag of ours, every tag that opens is closed in order, every id is there once.
    let known = [
        "html", "head", "title", "style", "body", "main", "header", "nav", "section", "article", "footer", "figure",
        "h1", "h2", "h3", "p", "dl", "dt", "dd", "ul", "ol", "li", "a", "b", "code", "pre", "span", "div", "table",
        "thead", "tbody", "tr", "th", "td", "svg", "g",
    ];
    let mut open: Vec<&str> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    let mut links: Vec<&str> = Vec::new();
    for piece in out.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("`<` without `>`: {piece}"));
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap();
        if let Some(id) = tag.split(" id=\"").nth(1) {
            ids.push(id.split('"').next().unwrap());
        }
        if let Some(link) = tag.split("href=\"#").nth(1) {
            links.push(link.split('"').next().unwrap());
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !["!doctype", "meta", "br"].contains(&name) {
            assert!(known.contains(&name), "<{tag}>");
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "{id} twice");
    }
    for link in links {
        assert!(ids.contains(&link), "#{link} leads nowhere");
    }
}

#[test]
fn the_exact_name_is_in_the_html_once_escapes_are_undone() {
    let out = html(&report(), &[]);
    let shown = visible(&quote(HOSTILE)).into_owned();
    let undone = out
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    assert!(undone.contains(&format!("<code>{shown}.{shown}</code>")));
}

#[test]
fn markdown_holds_no_markup_of_the_input() {
    let out = markdown(&report());
    assert_tame(&out);
    assert_inert(&out);
    // What a CommonMark reader leaves as text once blocks and code are taken out may hold no tag, no link and no image.
    let mut fence: Option<String> = None;
    let mut columns = None;
    for line in out.lines() {
        if let Some(open) = &fence {
            if line == *open {
                fence = None;
            }
            continue;
        }
        if line.starts_with("```") && line.ends_with("sql") {
            fence = Some(line.trim_end_matches("sql").to_owned());
            continue;
        }
        // Rows of one table have as many cells as its head.
        if line.starts_with("| ") {
            let cells = bars(line);
            assert_eq!(*columns.get_or_insert(cells), cells, "{line}");
        } else {
            columns = None;
        }
        let rest = without_code(line).replace("<br>", "").replace("<code>", "").replace("</code>", "");
        let plain = rest.replace("\\<", "").replace("\\[", "").replace("\\]", "");
        assert!(!plain.contains(['<', '[', ']']), "{line}\n{plain}");
    }
    assert_eq!(fence, None);
}

/// How many bars split a row, as GitHub counts them: those without a backslash.
fn bars(line: &str) -> usize {
    let chars: Vec<char> = line.chars().collect();
    (0..chars.len()).filter(|at| chars[*at] == '|' && (*at == 0 || chars[at - 1] != '\\')).count()
}

/// A line without its code spans, read as CommonMark does: as many backticks close as have opened.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let escaped = rest[..at].ends_with('\\');
        let run = rest[at..].chars().take_while(|c| *c == '`').count();
        out.push_str(&rest[..at]);
        rest = &rest[at + run..];
        if escaped {
            continue;
        }
        let mut from = 0;
        let close = loop {
            let Some(next) = rest[from..].find('`').map(|n| n + from) else { break None };
            let length = rest[next..].chars().take_while(|c| *c == '`').count();
            if length == run {
                break Some(next + length);
            }
            from = next + length;
        };
        rest = &rest[close.unwrap_or_else(|| panic!("a code span never ends: {line}"))..];
    }
    out + rest
}

#[test]
fn text_is_plain_without_colour_and_colours_only_by_itself() {
    let plain = text(&report(), false);
    assert_tame(&plain);
    assert_inert(&plain);
    let coloured = text(&report(), true);
    let mut stripped = coloured;
    for style in ["1;31", "31", "33", "36", "1", "2", "0"] {
        stripped = stripped.replace(&format!("\u{1b}[{style}m"), "");
    }
    assert_eq!(stripped, plain);
    assert!(plain.ends_with(
        "3 findings: 1 critical, 1 high, 1 low. Score 69 of 100, grade C.\nMost points to gain: loud-rule (2 findings) 30.00.\n\
         3 of 4 schema-changing statements understood (75.0 %). 2 rules made 4 checks.\n"
    ));
}

#[test]
fn github_writes_one_command_a_line() {
    let out = github(&report());
    assert_tame(&out);
    let commands: Vec<&str> = out.lines().map(|l| l.split([' ', ':']).nth(2).unwrap()).collect();
    assert_eq!(commands, ["error", "error", "notice", "warning", "notice"]);
    assert!(out.lines().all(|l| l.starts_with("::")));
    // A property ends at the first `::`, so none may hold a colon, a comma or a bare percent sign.
    for line in out.lines() {
        let properties = line.trim_start_matches("::").split("::").next().unwrap();
        let (_, properties) = properties.split_once(' ').unwrap();
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "endLine", "col", "title"].contains(&name), "{line}");
            assert!(!value.contains(':'), "{line}");
        }
    }
}

#[test]
fn sarif_has_what_code_scanning_asks_for() {
    let sarif: Value = serde_json::from_str(&sarif(&report())).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(rules, ["loud-rule", "quiet-rule"]);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(result["ruleId"], rules[index]);
        assert!(!result["message"]["text"].as_str().unwrap().contains("]("));
        assert!(result["partialFingerprints"]["relata/v1"].is_string());
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
        assert_eq!(run["artifacts"][0]["location"]["uri"], uri);
    }
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    let at = &report().targets[0].tables[0].location;
    assert_eq!((&region["startLine"], &region["startColumn"]), (&Value::from(at.line), &Value::from(at.column)));
    assert_eq!((&region["endLine"], &region["endColumn"]), (&Value::from(at.end_line), &Value::from(at.end_column)));
    assert_eq!(results[0]["level"], "error");
    assert_eq!(results[2]["level"], "note");
    assert_eq!(results[0]["relatedLocations"].as_array().unwrap().len(), 1);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 1);
    let properties = &run["tool"]["driver"]["rules"][0]["properties"];
    assert_eq!(properties["security-severity"], "8.0");
    // The schema wants the items of a list of tags to differ.
    assert_eq!(properties["tags"], serde_json::json!(["security"]));
}

#[test]
fn json_follows_its_schemas_and_keeps_every_name_exactly() {
    let report = report();
    let check: Value = serde_json::from_str(&check_json(&report)).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/check.schema.json")).unwrap();
    assert_eq!(json_schema::departures(&schema, &check), Vec::<String>::new());
    let path = format!("{0}.{0}", quote(HOSTILE));
    assert_eq!(check["findings"][0]["objects"][0]["path"], path);
    assert_eq!(check["findings"][0]["locations"][0]["file"], HOSTILE);
    assert_eq!(check["targets"][0]["score"]["categories"][0]["deductions"][0]["points"], 30.5);
    assert_eq!(check["targets"][0]["coverage"]["skipped"][0]["line"], report.targets[0].tables[0].location.line);

    let whole: Value = serde_json::from_str(&json(&report)).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/report.schema.json")).unwrap();
    assert_eq!(json_schema::departures(&schema, &whole), Vec::<String>::new());
    let table = &whole["targets"][0]["tables"][0];
    assert_eq!(table["path"], path);
    assert_eq!(table["columns"][0]["name"], HOSTILE);
    assert_eq!(table["columns"][0]["type"], format!("{}.{}", quote(HOSTILE), named("m")));
    assert_eq!(table["foreignKeys"][0]["references"], path);
    assert_eq!(table["referencedBy"][0]["table"], path);
    // The findings about the table and about its column, not the one about a file.
    assert_eq!(table["findings"], serde_json::json!([0, 1]));
}

#[test]
fn the_numbers_of_all_forms_agree() {
    let report = report();
    let counts = report.counts();
    assert_eq!(counts, SeverityCounts { critical: 1, high: 1, medium: 0, low: 1, info: 0 });
    assert_eq!(counts.total(), 3);
    let target = &report.targets[0];
    assert_eq!(target.groups.iter().map(|g| g.findings.len()).sum::<usize>(), target.findings.len());
    let verdict = "3 findings: 1 critical, 1 high, 1 low. Score 69 of 100, grade C.";
    for out in [html(&report, &[]), markdown(&report), text(&report, false), github(&report)] {
        assert!(out.contains(verdict), "{out}");
    }
    assert!(markdown(&report).contains("30.5 by `loud-rule` (2 findings)"));
    assert!(html(&report, &[]).contains("30.5 by <code>loud-rule</code> <span class=\"soft\">(2 findings)</span>"));
}

#[test]
fn equal_input_gives_equal_bytes() {
    let (a, b) = (report(), report());
    assert_eq!(html(&a, &[]), html(&b, &[]));
    assert_eq!(markdown(&a), markdown(&b));
    assert_eq!(json(&a), json(&b));
    assert_eq!(sarif(&a), sarif(&b));
}

#[test]
fn nothing_read_is_said_in_every_form() {
    let problem = Problem { kind: ProblemKind::EmptyFile, message: "`a.sql` is empty.".to_owned(), span: None };
    let report = Report::new(&Analysis { problems: vec![problem], ..Analysis::default() });
    for out in [html(&report, &[]), markdown(&report), text(&report, false), github(&report)] {
        assert!(out.contains("Nothing was read that describes a schema."), "{out}");
        assert!(out.contains("is empty."), "{out}");
    }
    let check: Value = serde_json::from_str(&check_json(&report)).unwrap();
    assert_eq!(check["targets"], serde_json::json!([]));
    assert_eq!(check["problems"][0]["location"], Value::Null);
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/check.schema.json")).unwrap();
    assert_eq!(json_schema::departures(&schema, &check), Vec::<String>::new());
}

#[test]
fn several_targets_keep_their_findings_apart() {
    let mut analysis = hostile();
    let mut second = hostile().targets.remove(0);
    second.target.id = "models".to_owned();
    analysis.targets.push(second);
    let report = Report::new(&analysis);
    assert_eq!(report.counts().total(), 6);
    let page = html(&report, &[]);
    assert!(page.contains("id=\"t1-f1\"") && page.contains("id=\"t2-f1\""));
    assert!(markdown(&report).contains("**models-F1**"));
    assert!(text(&report, false).contains("models: 3 findings: 1 critical, 1 high, 1 low."));
}
