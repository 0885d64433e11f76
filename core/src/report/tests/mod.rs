//! One analysis with hostile text wherever a schema can hold text, held against every form of the report.

mod digest;
pub(super) mod json_schema;
mod options;
mod text;

use std::collections::BTreeSet;

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
        lasting: false,
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
        not_scored: None,
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
    Report::complete(&hostile())
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

/// Options with a drawing of the only target.
fn drawn() -> ReportOptions<'static> {
    let svg = "<?xml version=\"1.0\"?><svg><g></g></svg>";
    let mermaid = "erDiagram\n";
    let figures = vec![TargetFigure { target: "dump", svg: Some(svg), mermaid: Some(mermaid) }];
    ReportOptions { figures, ..ReportOptions::default() }
}

/// Everything that a person may choose, hostile as well.
fn loud() -> ReportOptions<'static> {
    ReportOptions {
        title: Some(HOSTILE.to_owned()),
        note: Some(format!("{HOSTILE}\n\n{HOSTILE}")),
        logo: Some("data:image/png;base64,iVBORw0KGgo=".to_owned()),
        source_url: Some("https://example.com/blob/main".to_owned()),
        ..drawn()
    }
}

#[test]
fn html_is_well_formed_and_holds_no_markup_of_the_input() {
    for options in [drawn(), loud()] {
        let out = html(&report(), &options);
        assert_tame(&out);
        assert_inert(&out);
        assert!(!out.contains("<?xml"));
        assert!(out.contains("<svg><g></g></svg>"));
        assert_well_formed(&out);
    }
}

/// Every `<` opens a tag of ours, every tag that opens is closed in order, every id is there once, every link leads somewhere.
fn assert_well_formed(out: &str) {
    let known = [
        "html",
        "head",
        "title",
        "style",
        "body",
        "main",
        "header",
        "nav",
        "section",
        "article",
        "footer",
        "figure",
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "dl",
        "dt",
        "dd",
        "ul",
        "ol",
        "li",
        "a",
        "b",
        "code",
        "pre",
        "span",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "svg",
        "g",
        "details",
        "summary",
    ];
    let (before, rest) = out.split_once("<script>").expect("the script");
    let (_, behind) = rest.split_once("</script>").expect("its end");
    assert!(!before.contains("<script") && !behind.contains("<script"));
    let mut open: Vec<&str> = Vec::new();
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let mut links: Vec<&str> = Vec::new();
    let mut level = 0;
    for piece in before.split('<').skip(1).chain(behind.split('<').skip(1)) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("`<` without `>`: {piece}"));
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap();
        if let Some(id) = tag.split(" id=\"").nth(1) {
            let id = id.split('"').next().unwrap();
            assert!(ids.insert(id), "{id} twice");
        }
        if let Some(link) = tag.split("href=\"").nth(1) {
            links.push(link.split('"').next().unwrap());
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !["!doctype", "meta", "br", "wbr", "img"].contains(&name) {
            assert!(known.contains(&name), "<{tag}>");
            open.push(name);
            if let Some(own) = name.strip_prefix('h').and_then(|n| n.parse::<u8>().ok()) {
                assert!(own <= level + 1, "{piece} skips a level");
                level = own;
            }
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    for link in links {
        match link.strip_prefix('#') {
            Some(id) => assert!(ids.contains(id), "#{id} leads nowhere"),
            None => assert!(link.starts_with("https://example.com/blob/main/"), "{link}"),
        }
    }
}

#[test]
fn the_exact_name_is_in_the_html_once_escapes_are_undone() {
    let out = html(&report(), &drawn());
    let shown = visible(&quote(HOSTILE)).into_owned();
    let undone = out
        .replace("<wbr>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    assert!(undone.contains(&format!("<code>{shown}.{shown}</code>")));
}

#[test]
fn the_policy_lets_the_script_run_and_no_other() {
    let out = html(&report(), &drawn());
    let (_, script) = out.split_once("<script>").unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    assert!(out.contains(&format!("script-src 'sha256-{}'", digest::sha256_base64(script.as_bytes()))));
    assert!(!script.contains("</") && !script.contains("<!--"), "{script}");
    // Nothing is loaded from anywhere.
    assert!(out.contains("default-src 'none'"));
    assert!(!out.contains("src=\"http") && !out.contains("url(") && !out.contains("@import"));
}

#[test]
fn markdown_holds_no_markup_of_the_input() {
    for (what, out) in [
        ("whole", markdown(&report(), &drawn())),
        ("loud", markdown(&report(), &ReportOptions { logo: None, ..loud() })),
        ("short", pull_request(&report(), &loud())),
        ("summary", job_summary(&report(), &loud())),
    ] {
        assert_tame(&out);
        assert_inert(&out);
        assert_markdown(what, &out);
    }
}

/// Read by a CommonMark parser with GitHub's tables and strikethrough: the only HTML is ours, links lead to our anchors or to the repository, no
/// image, no emphasis by names, rows as long as their heads, and headings and code keep names whole.
fn assert_markdown(what: &str, out: &str) {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let ours = ["<br>", "<code>", "</code>", "</a>", "<details>", "<summary>", "</summary>", "</details>"];
    let extensions =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
    let mut ids = BTreeSet::new();
    let mut links = Vec::new();
    let mut tags = |html: &str| {
        for piece in html.split_inclusive('>').map(str::trim).filter(|p| !p.is_empty()) {
            // Entities and text stand between the tags of a block of HTML.
            let tag = piece.find('<').map_or(piece, |at| &piece[at..]);
            if let Some(id) = tag.strip_prefix("<a id=\"").and_then(|t| t.strip_suffix("\">")) {
                assert!(ids.insert(id.to_owned()), "{what}: {id} twice");
            } else if tag.starts_with('<') {
                assert!(ours.contains(&tag), "{what}: {tag} in {html}");
            }
        }
    };
    for event in Parser::new_ext(out, extensions) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => tags(&html),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.to_string()),
            Event::Start(
                Tag::Image { .. }
                | Tag::Strikethrough
                | Tag::Emphasis
                | Tag::BlockQuote(_)
                | Tag::FootnoteDefinition(_),
            ) => {
                panic!("{what}: {event:?}")
            }
            Event::TaskListMarker(_) | Event::Rule | Event::FootnoteReference(_) => panic!("{what}: {event:?}"),
            _ => {}
        }
    }
    for link in links {
        match link.strip_prefix('#') {
            Some(id) => assert!(ids.contains(id), "{what}: #{id} leads nowhere"),
            None => assert!(link.starts_with("https://example.com/blob/main/"), "{what}: {link}"),
        }
    }
    let mut columns = None;
    for line in out.lines() {
        if line.starts_with("| ") {
            let cells = bars(line);
            assert_eq!(*columns.get_or_insert(cells), cells, "{what}: {line}");
        } else {
            columns = None;
        }
    }
}

/// How many bars split a row, as GitHub counts them: those without a backslash.
fn bars(line: &str) -> usize {
    let chars: Vec<char> = line.chars().collect();
    (0..chars.len()).filter(|at| chars[*at] == '|' && (*at == 0 || chars[at - 1] != '\\')).count()
}

#[test]
fn plain_text_is_80_columns_wide_and_tame() {
    let out = plain(&report(), &loud());
    assert_tame(&out);
    assert_inert(&out);
    // A word longer than a line stands by itself; SQL keeps its lines.
    let long = |line: &&str| {
        line.chars().count() > 80 && line.trim().trim_start_matches("- ").contains(' ') && !line.starts_with("    ")
    };
    assert_eq!(out.lines().find(long), None);
}

/// Many findings of one rule are one group: five in full, the others by place and subject.
#[test]
fn text_folds_many_findings_of_one_rule() {
    let sql: String = (1..=9).map(|n| format!("CREATE TABLE t{n} (x int);\n")).collect();
    let tables = |count: usize| {
        let sql: String = sql.lines().take(count).map(|l| format!("{l}\n")).collect();
        text(
            &Report::new(&crate::analyze([("a.sql", sql.as_bytes())], crate::Options::default())),
            &TextOptions::default(),
        )
    };
    let (eight, nine) = (tables(8), tables(9));
    assert!(eight.contains("no-primary-key (8 findings, proven)") && !eight.contains("more like these"), "{eight}");
    assert!(nine.contains("no-primary-key (9 findings, proven)"), "{nine}");
    let rest = "  and 4 more like these:\n    a.sql:6:14 public.t6\n    a.sql:7:14 public.t7\n    a.sql:8:14 public.t8\n    a.sql:9:14 public.t9\n";
    assert!(nine.contains(rest), "{nine}");
}

#[test]
fn text_is_plain_without_colour_and_colours_only_by_itself() {
    let plain = text(&report(), &TextOptions::default());
    assert_tame(&plain);
    assert_inert(&plain);
    let coloured = text(&report(), &TextOptions { colour: true, ..TextOptions::default() });
    let mut stripped = coloured;
    for style in ["1;31", "31", "33", "36", "1", "2", "0"] {
        stripped = stripped.replace(&format!("\u{1b}[{style}m"), "");
    }
    assert_eq!(stripped, plain);
    assert!(plain.ends_with(
        "3 of 4 schema-changing statements understood (75.0 %). 2 rules made 4 checks.\n\
         Most points to gain: loud-rule (2 findings) 30.00.\n\
         3 findings: 1 critical, 1 high, 1 low. Score 69 of 100, grade C.\n"
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
    for out in [
        html(&report, &drawn()),
        markdown(&report, &drawn()),
        pull_request(&report, &drawn()),
        text(&report, &TextOptions::default()),
        github(&report),
    ] {
        assert!(out.contains(verdict), "{out}");
    }
    assert!(markdown(&report, &drawn()).contains("30.5 by `loud-rule` ([2 findings](#critical-loud-rule))"));
    let page = html(&report, &drawn());
    assert!(page.contains("30.5 by <code>loud-rule</code> (<a href=\"#critical-loud-rule\">2 findings</a>)"));
}

#[test]
fn equal_input_gives_equal_bytes() {
    let (a, b) = (report(), report());
    assert_eq!(html(&a, &drawn()), html(&b, &drawn()));
    assert_eq!(markdown(&a, &drawn()), markdown(&b, &drawn()));
    assert_eq!(plain(&a, &drawn()), plain(&b, &drawn()));
    assert_eq!(json(&a), json(&b));
    assert_eq!(sarif(&a), sarif(&b));
}

#[test]
fn nothing_read_is_said_in_every_form() {
    let problem = Problem { kind: ProblemKind::EmptyFile, message: "`a.sql` is empty.".to_owned(), span: None };
    let report = Report::new(&Analysis { problems: vec![problem], ..Analysis::default() });
    for out in [
        html(&report, &drawn()),
        markdown(&report, &drawn()),
        pull_request(&report, &drawn()),
        text(&report, &TextOptions::default()),
        github(&report),
    ] {
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
    second.target.note.root = "services/shop".to_owned();
    analysis.targets.push(second);
    let report = Report::new(&analysis);
    assert_eq!(report.counts().total(), 6);
    let page = html(&report, &drawn());
    assert!(page.contains("id=\"t1-f1\"") && page.contains("id=\"t2-f1\""));
    assert_well_formed(&page);
    let text_form = markdown(&report, &drawn());
    assert!(text_form.contains("**models-F1**"));
    assert!(text_form.contains("in `services/shop`"), "the cover says which is which");
    assert_markdown("two targets", &text_form);
    assert!(text(&report, &TextOptions::default()).contains("models: 3 findings: 1 critical, 1 high, 1 low."));
}
