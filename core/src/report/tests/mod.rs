//! One analysis with hostile text wherever a schema can hold text, held against every form of the report.

mod json_schema;

use serde_json::Value;

use super::*;
use crate::analysis::{Analysis, Checked, Coverage, Dialect, Facts, Role, Target, TargetAnalysis};
use crate::expr::Expr;
use crate::finding::{Certainty, Finding, Fix, Severity, Subject};
use crate::history::History;
use crate::name::quote;
use crate::operation::{MatchType, ObjectKind, Persistence, ReferentialAction};
use crate::problem::{Problem, ProblemKind};
use crate::replay::{Conflict, Replay};
use crate::rules::{Category, Rule};
use crate::schema::*;
use crate::score::{CategoryScore, Deduction, Score};
use crate::source::{FileId, Sources, Span};

/// A name with something for each format: quotes, a backtick, a bar, markup, a line that looks like a workflow command, a terminal command, a mark
/// that turns the direction of reading, and characters beyond the basic plane.
const HOSTILE: &str =
    "a\"b`c|d\\ <script>alert(1)</script>[x](http://x)*_#\r\n::error::x%0A\u{1b}[31m\u{9b}31m\u{202e}gnp👩‍💻";

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

fn stored(text: &str) -> StoredExpr {
    StoredExpr { source: Expr { text: text.into(), ..Expr::default() }, references: Vec::new() }
}

fn column(name: &str, data_type: DataType, span: Span) -> Column {
    Column {
        name: name.into(),
        data_type,
        not_null: true,
        default: Some(stored(HOSTILE)),
        generated: None,
        identity: None,
        sequence: None,
        serial: false,
        collation: None,
        comment: Some(HOSTILE.to_owned()),
        is_local: true,
        inherit_count: 0,
        span,
        name_span: span,
        type_span: span,
        dropped: None,
    }
}

fn constraint(table: TableId, name: &str, kind: ConstraintKind, span: Span) -> Constraint {
    Constraint {
        table,
        name: name.into(),
        named: true,
        kind,
        columns: vec![ColumnNumber(1)],
        deferrable: false,
        initially_deferred: false,
        validated: true,
        no_inherit: false,
        is_local: true,
        inherit_count: 0,
        parent: None,
        index: None,
        comment: None,
        span,
        dropped: None,
    }
}

/// A table of a hostile name in a hostile schema that references itself, with findings about it.
fn hostile() -> Analysis {
    let mut sources = Sources::default();
    let file = sources.add(HOSTILE.to_owned());
    if let Some(f) = sources.file_mut(file) {
        f.bytes = 12_345;
        f.lines = 3;
        f.keep(0, 1, 1, "create table x (\n  y int\n);");
    }
    let span = Span::new(file, 13, 14);
    let mut schema = Schema::default();
    let namespace = schema.namespaces.push(Namespace {
        name: HOSTILE.into(),
        span: Some(span),
        comment: None,
        dropped: None,
        assumed: false,
    });
    let id = schema.tables.next_id();
    let keys = [
        constraint(id, HOSTILE, ConstraintKind::PrimaryKey, span),
        constraint(id, HOSTILE, ConstraintKind::Check(stored(HOSTILE)), span),
        constraint(
            id,
            HOSTILE,
            ConstraintKind::ForeignKey(ForeignKey {
                references: id,
                columns: vec![ColumnNumber(1)],
                match_type: MatchType::Simple,
                on_delete: ReferentialAction::SetNull,
                on_delete_written: true,
                on_delete_columns: Vec::new(),
                on_update: ReferentialAction::NoAction,
                index: None,
            }),
            span,
        ),
    ];
    let constraints = keys.into_iter().map(|k| schema.constraints.push(k)).collect();
    let index = schema.indexes.push(Index {
        namespace,
        name: HOSTILE.into(),
        named: true,
        owner: RelationId::Table(id),
        method: "btree".into(),
        unique: true,
        primary: false,
        keys: vec![Key {
            target: KeyTarget::Column(ColumnNumber(1)),
            collation: None,
            opclass: Some(HOSTILE.into()),
            opclass_options: Vec::new(),
            descending: true,
            nulls_first: true,
        }],
        include: Vec::new(),
        predicate: Some(stored(HOSTILE)),
        nulls_not_distinct: false,
        constraint: None,
        parent: None,
        valid: true,
        concurrently: false,
        options: Vec::new(),
        comment: None,
        span,
        dropped: None,
    });
    let label = (HOSTILE.to_owned(), span);
    let mood = schema.types.push(UserType {
        namespace,
        name: HOSTILE.into(),
        kind: TypeKind::Enum(vec![label]),
        comment: Some(HOSTILE.to_owned()),
        span,
        name_span: span,
        dropped: None,
    });
    let data_type = DataType { base: BaseType::User(mood), modifiers: Vec::new(), array: true };
    schema.tables.push(Table {
        namespace,
        name: HOSTILE.into(),
        kind: TableKind::Ordinary,
        persistence: Persistence::Permanent,
        columns: vec![column(HOSTILE, data_type, span)],
        constraints,
        indexes: vec![index],
        triggers: Vec::new(),
        policies: Vec::new(),
        rules: Vec::new(),
        inherits: Vec::new(),
        partition_of: None,
        partition_key: None,
        rls_enabled: true,
        rls_forced: false,
        options: Vec::new(),
        comment: Some(HOSTILE.to_owned()),
        owner: None,
        span,
        name_span: span,
        dropped: None,
        assumed: false,
    });
    let path = schema.path(ObjectId::Table(id));
    let finding = |rule, severity, kind, path: &str, spans: Vec<Span>| Finding {
        rule,
        severity,
        certainty: Certainty::Proven,
        objects: vec![Subject { kind, path: path.to_owned() }],
        message: format!("`{path}` is wrong."),
        evidence: Some(format!("1 of 2 like `{path}`.")),
        spans,
        fix: Some(Fix { sql: format!("DROP TABLE {path};\n```\n</pre>"), caution: Some(format!("Look at `{path}`.")) }),
        fingerprint: "0123456789abcdef".to_owned(),
    };
    let findings = vec![
        finding(&LOUD, Severity::Critical, ObjectKind::Table, &path, vec![span, Span::new(file, 0, 6)]),
        finding(&LOUD, Severity::High, ObjectKind::Column, &format!("{path}.{}", quote(HOSTILE)), vec![span]),
        finding(&QUIET, Severity::Low, ObjectKind::File, HOSTILE, Vec::new()),
    ];
    let problem =
        Problem { kind: ProblemKind::SyntaxError, message: format!("What is `{HOSTILE}`?"), span: Some(span) };
    let score = Score {
        total: 70,
        hundredths: 7_000,
        grade: 'C',
        capped_by: Some("loud-rule"),
        categories: vec![CategoryScore {
            category: Category::Security,
            score: 70,
            weight: 100,
            deductions: vec![Deduction { rule: "loud-rule", findings: 2, tenths: 305 }],
        }],
    };
    let conflict = Conflict {
        revision: 0,
        operation: 0,
        sqlstate: "42P07",
        message: format!("relation \"{HOSTILE}\" already exists"),
        span,
        objects: Vec::new(),
    };
    let target = TargetAnalysis {
        target: Target {
            id: "dump".to_owned(),
            role: Role::Dump,
            dialect: Dialect::PostgreSql,
            server_version: 15,
            layout: HOSTILE.to_owned(),
            files: vec![FileId(0)],
        },
        history: History::default(),
        replay: Replay { schema, conflicts: vec![conflict], ..Replay::default() },
        findings,
        checked: vec![
            Checked { rule: &LOUD, objects: 2, findings: 2 },
            Checked { rule: &QUIET, objects: 2, findings: 1 },
        ],
        score,
        coverage: Coverage { statements: 4, understood: 3, skipped: vec![problem.clone()] },
        facts: Facts { tables: 1, columns: 1, foreign_keys: 1, indexes: 1, types: 1, ..Facts::default() },
    };
    Analysis { sources, targets: vec![target], problems: vec![problem] }
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
        "3 findings: 1 critical, 1 high, 1 low. Score 70 of 100, grade C.\n\
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
    assert_eq!(*region, serde_json::json!({ "startLine": 1, "startColumn": 14, "endLine": 1, "endColumn": 15 }));
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
    assert_eq!(check["targets"][0]["coverage"]["skipped"][0]["line"], 1);

    let whole: Value = serde_json::from_str(&json(&report)).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/report.schema.json")).unwrap();
    assert_eq!(json_schema::departures(&schema, &whole), Vec::<String>::new());
    let table = &whole["targets"][0]["tables"][0];
    assert_eq!(table["path"], path);
    assert_eq!(table["columns"][0]["name"], HOSTILE);
    assert_eq!(table["columns"][0]["type"], format!("{path}[]"));
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
    let verdict = "3 findings: 1 critical, 1 high, 1 low. Score 70 of 100, grade C.";
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
