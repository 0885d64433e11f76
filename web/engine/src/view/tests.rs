//! What a page is told of a schema written out here, and of findings made by hand.

use relata_core::analysis::{Analysis, Coverage, Dialect, Facts, Role, Target, TargetAnalysis};
use relata_core::finding::{Certainty, Finding, Fix, Severity, Subject};
use relata_core::history::History;
use relata_core::operation::ObjectKind;
use relata_core::replay::Replay;
use relata_core::rules::{Category, Rule};
use relata_core::score::Score;
use relata_core::source::Sources;
use relata_core::{Options, analyze};
use relata_protocol as protocol;
use relata_protocol::{
    Answer, Arrangement, Detail, DiagramFormat, DiagramOptions, FindingsFilter, FindingsPage, KeyKind, Location, Page,
    Placed, PlacedArea, PlacedBox, PlacedLine, Query, RelationKind, RelationLink, RelationType, ReportFormat,
    RowSecurity, TableDetail, TableFilter, TableList, row_mark,
};

use super::{Buffer, Reply, answer};
use crate::model::Model;

const SHOP: &str = r#"CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('new', 'paid');
CREATE TABLE shop.customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE
);
COMMENT ON TABLE shop.customers IS 'Who buys';
CREATE TABLE shop.orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL,
    state shop.state DEFAULT 'new' NOT NULL,
    total numeric(10,2),
    CONSTRAINT total_positive CHECK (total >= 0),
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES shop.customers (id) ON DELETE CASCADE
);
CREATE INDEX orders_by_customer ON shop.orders (customer_id, total DESC) WHERE total > 10;
CREATE VIEW shop.paid AS SELECT id FROM shop.orders WHERE state = 'paid';
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders FOR SELECT TO clerk USING (customer_id = 1);
CREATE TABLE public."Odd ""name""" (a int);
"#;

fn shop() -> Model {
    Model::new(analyze([("shop.sql", SHOP.as_bytes())], Options::default()))
}

fn ask(model: &Model, query: &Query) -> Answer {
    answer(model, query).answer
}

fn tables(model: &Model, filter: TableFilter) -> TableList {
    let Answer::Tables(list) = ask(model, &Query::Tables { target: 0, filter }) else { panic!("no tables") };
    list
}

fn table(model: &Model, path: &str) -> TableDetail {
    let list = tables(model, TableFilter::default());
    let row = list.rows.iter().find(|r| r.path == path).unwrap_or_else(|| panic!("no {path} in {:?}", list.rows));
    let Answer::Table(detail) = ask(model, &Query::Table { target: 0, id: row.relation.id }) else {
        panic!("no detail")
    };
    *detail
}

/// The text that a location marks in `SHOP`.
fn marked(location: Location) -> &'static str {
    &SHOP[location.start as usize..location.end as usize]
}

#[test]
fn the_overview_counts_what_is_there() {
    let Answer::Overview(overview) = ask(&shop(), &Query::Overview) else { panic!() };
    assert_eq!(overview.files.len(), 1);
    assert_eq!((overview.files[0].name.as_str(), overview.files[0].bytes), ("shop.sql", SHOP.len() as u64));
    assert_eq!(overview.files[0].target, Some(0));
    let target = &overview.targets[0];
    let fact = |name: &str| target.facts.iter().find(|f| f.name == name).map(|f| f.count);
    assert_eq!(
        (fact("tables"), fact("foreignKeys"), fact("views"), fact("policies")),
        (Some(3), Some(1), Some(1), Some(1))
    );
    assert_eq!((target.coverage.statements, target.coverage.understood), (10, 10));
    assert_eq!(target.findings, overview.findings, "one target has all findings");
    assert_eq!(overview.problems, 0);
}

#[test]
fn tables_are_listed_by_schema_and_name() {
    let model = shop();
    let paths = |filter| tables(&model, filter).rows.into_iter().map(|r| r.path).collect::<Vec<_>>();
    let all = [r#"public."Odd ""name""""#, "shop.customers", "shop.orders", "shop.paid"];
    assert_eq!(paths(TableFilter::default()), all);
    assert_eq!(paths(TableFilter { text: "ORDER".into(), ..TableFilter::default() }), ["shop.orders"]);
    assert_eq!(paths(TableFilter { schema: Some("public".into()), ..TableFilter::default() }), all[..1]);
    assert_eq!(paths(TableFilter { hide_views: true, ..TableFilter::default() }), all[..3]);
    let list = tables(&model, TableFilter { text: "orders".into(), ..TableFilter::default() });
    assert_eq!(list.total, 4, "the filter does not change what there is");
    let row = &list.rows[0];
    assert_eq!((row.columns, row.references, row.referenced_by, row.indexes), (4, 1, 0, 2));
    assert!(row.row_security);
}

#[test]
fn a_table_has_its_columns_keys_and_references() {
    let model = shop();
    let orders = table(&model, "shop.orders");
    let columns: Vec<_> = orders
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.data_type.as_str(), c.not_null, c.primary_key, c.default.as_deref()))
        .collect();
    assert_eq!(
        columns,
        [
            ("id", "bigint", true, Some(1), None),
            ("customer_id", "bigint", true, None, None),
            ("state", "shop.state", true, None, Some("'new'")),
            ("total", "numeric(10,2)", false, None, None),
        ]
    );
    assert_eq!(marked(orders.columns[1].name_location), "customer_id");
    assert_eq!((orders.columns[1].name_location.line, orders.columns[1].name_location.column), (10, 5));
    assert!(marked(orders.location).starts_with("CREATE TABLE shop.orders ("));
    assert_eq!(orders.location.line, 8);
    assert!(orders.columns[0].unique && !orders.columns[1].unique);
    assert_eq!((orders.columns[1].references.as_slice(), orders.columns[3].references.as_slice()), (&[0][..], &[][..]));
    assert_eq!((orders.keys.len(), orders.keys[0].kind), (1, KeyKind::PrimaryKey));
    assert_eq!(orders.keys[0].columns, ["id"]);

    let reference = &orders.references[0];
    assert_eq!((reference.name.as_str(), reference.on_delete.as_str()), ("orders_customer", "CASCADE"));
    assert_eq!(reference.on_update, "NO ACTION");
    assert_eq!(
        (&reference.from_columns[..], &reference.to_columns[..]),
        (&["customer_id".to_owned()][..], &["id".to_owned()][..])
    );
    assert_eq!(reference.to.path, "shop.customers");
    assert!(reference.mandatory && !reference.unique && reference.validated);
    assert!(!reference.indexed, "a partial index does not serve a foreign key");

    let customers = table(&model, "shop.customers");
    assert_eq!(customers.referenced_by, orders.references);
    assert_eq!(customers.comment.as_deref(), Some("Who buys"));
    assert_eq!(customers.columns[0].identity.as_deref(), Some("always"));
}

#[test]
fn a_table_has_its_checks_indexes_and_policies() {
    let orders = table(&shop(), "shop.orders");
    let check = &orders.checks[0];
    assert_eq!((check.name.as_str(), check.expression.as_str()), ("total_positive", "total >= 0"));
    assert_eq!(check.columns, ["total"]);
    let index = orders.indexes.iter().find(|i| i.name == "orders_by_customer").unwrap();
    assert_eq!(
        (index.keys.as_slice(), index.method.as_str()),
        (&["customer_id".to_owned(), "total DESC".to_owned()][..], "btree")
    );
    assert_eq!(index.predicate.as_deref(), Some("total > 10"));
    assert_eq!(orders.row_security, RowSecurity { enabled: true, forced: false });
    let policy = &orders.policies[0];
    assert_eq!((policy.name.as_str(), policy.command.as_str(), policy.permissive), ("own", "SELECT", true));
    assert_eq!(
        (policy.roles.as_slice(), policy.using.as_deref()),
        (&["clerk".to_owned()][..], Some("customer_id = 1"))
    );
}

#[test]
fn a_view_knows_what_it_reads_and_a_table_who_reads_it() {
    let model = shop();
    let row = tables(&model, TableFilter { text: "paid".into(), ..TableFilter::default() }).rows.remove(0);
    assert_eq!((row.kind, row.relation.kind), (RelationType::View, RelationKind::View));
    let Answer::View(view) = ask(&model, &Query::View { target: 0, id: row.relation.id }) else { panic!() };
    assert_eq!(view.query, "SELECT id FROM shop.orders WHERE state = 'paid'");
    assert_eq!(view.reads.iter().map(|l| l.path.as_str()).collect::<Vec<_>>(), ["shop.orders"]);
    let orders = table(&model, "shop.orders");
    assert_eq!(orders.used_by, [RelationLink { relation: row.relation, path: "shop.paid".into() }]);
}

#[test]
fn a_diagram_s_names_fit_its_geometry() {
    let model = shop();
    let options = DiagramOptions { include_views: true, ..DiagramOptions::default() };
    let reply = answer(&model, &Query::Diagram { target: 0, options });
    let Reply { answer: Answer::Diagram(diagram), buffer: Some(Buffer::Integers(integers)) } = reply else { panic!() };
    let geometry = relata_core::diagram::geometry::decode(&integers).unwrap();
    assert_eq!(geometry.nodes.len(), diagram.nodes.len());
    assert_eq!(geometry.edges.len(), diagram.edges.len());
    let rows: Vec<usize> = geometry.nodes.iter().map(|n| n.rows.len()).collect();
    assert_eq!(rows, diagram.nodes.iter().map(|n| n.rows as usize).collect::<Vec<_>>());
    let names: Vec<&str> = diagram.row_names.iter().collect();
    assert_eq!(names.len(), rows.iter().sum::<usize>());
    assert_eq!((diagram.row_types.iter().count(), diagram.row_marks.len()), (names.len(), names.len()));
    let orders = diagram.nodes.iter().position(|n| n.name == "orders").unwrap();
    let first: usize = rows[..orders].iter().sum();
    assert_eq!(names[first..first + 4], ["id", "customer_id", "state", "total"]);
    assert_eq!(
        diagram.row_marks[first..first + 4],
        [row_mark::PRIMARY | row_mark::NOT_NULL, row_mark::FOREIGN | row_mark::NOT_NULL, row_mark::NOT_NULL, 0,]
    );
    let key = diagram.edges.iter().find(|e| e.name == "orders_customer").unwrap();
    assert_eq!((key.from as usize, diagram.nodes[key.to as usize].name.as_str()), (orders, "customers"));
}

#[test]
fn files_have_names_and_bytes() {
    let model = shop();
    for (format, name, start) in [
        (ReportFormat::Markdown, "shop-report.md", "# "),
        (ReportFormat::Html, "shop-report.html", "<!doctype html>"),
        (ReportFormat::Json, "shop-report.json", "{"),
        (ReportFormat::Sarif, "shop-report.sarif", "{"),
        (ReportFormat::Text, "shop-report.txt", "Schema audit: "),
    ] {
        let reply = answer(&model, &Query::Report { format, options: Default::default() });
        let Reply { answer: Answer::File(file), buffer: Some(Buffer::Bytes(bytes)) } = reply else { panic!("{name}") };
        assert_eq!(file.name, name);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(start), "{name} starts with {:?}", text.lines().next());
        assert!(text.contains("customers"), "{name}");
    }
    let query = Query::ExportDiagram {
        target: 0,
        format: DiagramFormat::Svg,
        options: DiagramOptions::default(),
        arrangement: Arrangement::default(),
    };
    let Reply { answer: Answer::File(file), buffer: Some(Buffer::Bytes(bytes)) } = answer(&model, &query) else {
        panic!()
    };
    assert_eq!((file.name.as_str(), file.media_type.as_str()), ("shop-diagram.svg", "image/svg+xml"));
    assert!(bytes.starts_with(b"<svg ") && bytes.ends_with(b"</svg>\n"));
}

#[test]
fn an_export_is_what_the_user_made_of_the_diagram() {
    let sql = "CREATE TABLE a (id int PRIMARY KEY);
               CREATE TABLE b (id int PRIMARY KEY REFERENCES a);
               CREATE TABLE c (id int PRIMARY KEY REFERENCES b);";
    let model = Model::new(analyze([("three.sql", sql.as_bytes())], Options::default()));
    let Answer::Diagram(drawn) = ask(&model, &Query::Diagram { target: 0, options: DiagramOptions::default() }) else {
        panic!()
    };
    let of = |name: &str| drawn.nodes.iter().find(|n| n.name == name).unwrap().relation;
    let at = |name: &str, corner| PlacedBox { relation: of(name), corner, collapsed: name == "a" };
    let key = |from: &str| drawn.edges.iter().position(|e| drawn.nodes[e.from as usize].name == from).unwrap() as u32;
    let arrangement = Arrangement {
        hidden: vec![of("c")],
        placed: Some(Placed {
            boxes: vec![at("a", [0, 0]), at("b", [500, 400])],
            lines: vec![
                PlacedLine { edge: key("b"), points: vec![[500, 440], [300, 440], [300, 16], [100, 16]] },
                PlacedLine { edge: key("c"), points: vec![[0, 0], [9, 0]] },
            ],
            areas: vec![PlacedArea { name: "<Mine>".into(), hue: 4, rect: [-20, -40, 300, 120] }],
        }),
        links: Some("wiki/".into()),
    };
    let export = |format, arrangement: &Arrangement| {
        let query = Query::ExportDiagram {
            target: 0,
            format,
            options: DiagramOptions::default(),
            arrangement: arrangement.clone(),
        };
        let Reply { answer: Answer::File(file), buffer: Some(Buffer::Bytes(bytes)) } = answer(&model, &query) else {
            panic!()
        };
        (String::from_utf8(bytes).unwrap(), file.caution.unwrap_or_default())
    };
    let (svg, caution) = export(DiagramFormat::Svg, &arrangement);
    // The drawing's border is 32: the area's corner comes to stand there, and everything else with it.
    assert!(svg.contains("<g transform=\"translate(52 72)\"><title>public.a</title>"), "{svg}");
    assert!(svg.contains("<g transform=\"translate(552 472)\"><title>public.b</title>"), "{svg}");
    assert!(
        !svg.contains("public.c") && svg.contains("&lt;Mine&gt;") && svg.contains("href=\"wiki/public.a\""),
        "{svg}"
    );
    assert_eq!(svg.matches("<title>public.").count(), 2);
    assert!(caution.starts_with("One hidden table is left out. 2 tables stand where you put them"), "{caution}");
    for format in [DiagramFormat::Mermaid, DiagramFormat::Dbml, DiagramFormat::PlantUml, DiagramFormat::Text] {
        let (whole, _) = export(format, &Arrangement::default());
        let (part, caution) = export(format, &arrangement);
        let has_c = |text: &str| text.lines().any(|l| l.split(|c: char| !c.is_alphanumeric()).any(|w| w == "c"));
        assert!(has_c(&whole) && !has_c(&part), "{part}");
        assert_eq!(caution, "One hidden table is left out.");
    }
    // A table that is neither hidden nor placed is told, and not called folded where nothing is.
    let Some(mut places) = arrangement.placed.clone() else { panic!() };
    places.boxes.pop();
    let (_, caution) = export(DiagramFormat::Svg, &Arrangement { placed: Some(places), ..arrangement });
    assert!(caution.contains("One table has no box of its own"), "{caution}");
    let wrong = Arrangement { links: Some("javascript:alert(1)//".into()), ..Arrangement::default() };
    let (svg, caution) = export(DiagramFormat::Svg, &wrong);
    assert!(!svg.contains("href=\"javascript") && caution.contains("neither http(s) nor relative"), "{caution}");
}

/// As the command line writes it (`relata diagram --show`): `note` is a column and no key.
#[test]
fn an_export_shows_as_much_of_each_table_as_the_page() {
    let sql = "CREATE TABLE a (id int PRIMARY KEY, note text);";
    let model = Model::new(analyze([("a.sql", sql.as_bytes())], Options::default()));
    for format in [DiagramFormat::Mermaid, DiagramFormat::Dbml, DiagramFormat::PlantUml, DiagramFormat::Text] {
        let export = |detail| {
            let options = DiagramOptions { detail, ..DiagramOptions::default() };
            let query = Query::ExportDiagram { target: 0, format, options, arrangement: Arrangement::default() };
            let Some(Buffer::Bytes(bytes)) = answer(&model, &query).buffer else { panic!() };
            String::from_utf8(bytes).unwrap()
        };
        let has = |text: &str, word: &str| text.split(|c: char| !c.is_alphanumeric()).any(|w| w == word);
        assert!(has(&export(Detail::Columns), "note"), "{format:?}");
        let keys = export(Detail::Keys);
        assert!(has(&keys, "id") && !has(&keys, "note"), "{keys}");
        // A table of DBML needs a column.
        assert_eq!(has(&export(Detail::Names), "id"), format == DiagramFormat::Dbml, "{format:?}");
    }
}

/// By default Mermaid draws 500 edges and no more.
#[test]
fn a_large_mermaid_diagram_comes_in_parts() {
    let mut sql = String::from("CREATE TABLE root (id int PRIMARY KEY);\n");
    for n in 0..700 {
        sql.push_str(&format!("CREATE TABLE leaf_{n} (id int PRIMARY KEY REFERENCES root);\n"));
    }
    let model = Model::new(analyze([("large.sql", sql.as_bytes())], Options::default()));
    let query = Query::ExportDiagram {
        target: 0,
        format: DiagramFormat::Mermaid,
        options: DiagramOptions::default(),
        arrangement: Arrangement::default(),
    };
    let Reply { answer: Answer::File(file), buffer: Some(Buffer::Bytes(bytes)) } = answer(&model, &query) else {
        panic!()
    };
    assert_eq!(file.name, "large-diagram.md");
    let blocks = String::from_utf8(bytes).unwrap().matches("```mermaid").count();
    assert!(blocks > 1 && file.caution.is_some_and(|c| c.contains(&blocks.to_string())));
}

#[test]
fn search_finds_names_best_first() {
    let model = shop();
    let search = |text: &str, limit| {
        let Answer::Search(hits) = ask(&model, &Query::Search { text: text.into(), limit }) else { panic!() };
        hits.into_iter().filter(|h| h.kind != "finding").map(|h| (h.kind, h.path)).collect::<Vec<_>>()
    };
    let first = |text: &str| search(text, 100).into_iter().next();
    assert_eq!(first("orders"), Some(("table".into(), "shop.orders".into())));
    assert_eq!(first("ORDER"), Some(("table".into(), "shop.orders".into())), "a prefix, whatever the case");
    assert_eq!(first("customer_id"), Some(("column".into(), "shop.orders.customer_id".into())));
    assert_eq!(first("state"), Some(("column".into(), "shop.orders.state".into())));
    assert_eq!(first("shop orders total"), Some(("column".into(), "shop.orders.total".into())), "words of a path");
    assert_eq!(first("orders.tot"), Some(("column".into(), "shop.orders.total".into())), "a path, with its dot");
    assert_eq!(first("odd"), Some(("table".into(), r#"public."Odd ""name""""#.into())));
    assert_eq!(search("  ", 100), []);
    assert_eq!(search("no such thing", 100), []);
    assert_eq!(search("o", 2).len(), 2);
}

#[test]
fn objects_beside_tables_are_said_in_a_line() {
    let sql = "CREATE TYPE state AS ENUM ('new', 'paid');
CREATE DOMAIN email AS text NOT NULL;
CREATE SEQUENCE ticket AS integer;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END';";
    let model = Model::new(analyze([("a.sql", sql.as_bytes())], Options::default()));
    let Answer::Objects(objects) = ask(&model, &Query::Objects { target: 0 }) else { panic!() };
    let said: Vec<_> =
        objects.rows.iter().map(|o| (o.kind.as_str(), o.path.as_str(), o.summary.as_str(), o.location.line)).collect();
    assert_eq!(
        said,
        [
            ("domain", "public.email", "text NOT NULL", 2),
            ("function", "public.touch()", "returns trigger, language plpgsql, security definer", 4),
            ("sequence", "public.ticket", "integer", 3),
            ("type", "public.state", "enum: new, paid", 1),
        ]
    );
}

#[test]
fn partitions_know_their_parent_and_it_them() {
    let sql = "CREATE TABLE log (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE log_2024 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";
    let model = Model::new(analyze([("a.sql", sql.as_bytes())], Options::default()));
    let parent = table(&model, "public.log").partitioning.unwrap();
    assert_eq!((parent.key.as_deref(), parent.bound), (Some("RANGE (at)"), None));
    assert_eq!(parent.partitions.iter().map(|l| l.path.as_str()).collect::<Vec<_>>(), ["public.log_2024"]);
    let part = table(&model, "public.log_2024");
    assert_eq!(part.row.kind, RelationType::Partition);
    let partitioning = part.partitioning.unwrap();
    assert_eq!(partitioning.parent.unwrap().path, "public.log");
    assert_eq!(partitioning.bound.as_deref(), Some("FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"));
    assert_eq!(tables(&model, TableFilter { hide_partitions: true, ..TableFilter::default() }).rows.len(), 1);
}

#[test]
fn names_in_expressions_are_those_of_the_end() {
    let sql = "CREATE TABLE t (a int CHECK (a > 0), b int GENERATED ALWAYS AS (a * 2) STORED);
ALTER TABLE t RENAME COLUMN a TO amount;";
    let model = Model::new(analyze([("a.sql", sql.as_bytes())], Options::default()));
    let t = table(&model, "public.t");
    assert_eq!(t.checks[0].expression, "amount > 0");
    assert_eq!(t.columns[1].generated.as_deref(), Some("amount * 2"));
}

#[test]
fn source_text_comes_back_where_it_was_kept() {
    let model = shop();
    let orders = table(&model, "shop.orders");
    let Location { file, start, end, .. } = orders.name_location;
    assert_eq!(
        ask(&model, &Query::Source { file, start, end }),
        Answer::Source(Some(marked(orders.name_location).into()))
    );
    assert_eq!(ask(&model, &Query::Source { file, start: end, end: start }), Answer::Source(None));
    assert_eq!(ask(&model, &Query::Source { file: 7, start, end }), Answer::Source(None));
}

#[test]
fn what_does_not_exist_is_refused() {
    let model = shop();
    let diagram = DiagramOptions::default();
    for query in [
        Query::Table { target: 0, id: 99 },
        Query::Table { target: 5, id: 0 },
        Query::View { target: 0, id: u32::MAX },
        Query::Tables { target: 5, filter: TableFilter::default() },
        Query::Objects { target: 5 },
        Query::Finding { index: u32::MAX },
        Query::Diagram { target: 5, options: diagram },
        Query::ExportDiagram {
            target: 5,
            format: DiagramFormat::Svg,
            options: diagram,
            arrangement: Arrangement::default(),
        },
    ] {
        assert!(matches!(ask(&model, &query), Answer::Refused { .. }), "{query:?}");
    }
}

#[test]
fn problems_come_in_pages() {
    let files = [("a.sql", &b""[..]), ("b.sql", b""), ("c.sql", b"CREATE TABLE t (a int);")];
    let model = Model::new(analyze(files, Options::default()));
    let Answer::Problems(page) = ask(&model, &Query::Problems { page: Page { offset: 1, limit: 5 } }) else { panic!() };
    assert_eq!((page.total, page.offset, page.rows.len()), (2, 1, 1));
    assert_eq!((page.rows[0].kind.as_str(), page.rows[0].message.as_str()), ("empty-file", "`b.sql` is empty."));
    assert_eq!(page.rows[0].location, None);
}

const fn rule(name: &'static str, category: Category) -> Rule {
    Rule {
        name,
        category,
        severity: Severity::Medium,
        certainty: Certainty::Proven,
        summary: "Says something.",
        why: "",
        fires: &[],
        silent: &[],
        supersedes: &[],
        check: |_, _| (),
    }
}

static KEYS: Rule = rule("keys", Category::KeysAndReferences);
static NAMES: Rule = rule("names", Category::Naming);

fn finding(rule: &'static Rule, severity: Severity, certainty: Certainty, path: &str, fixable: bool) -> Finding {
    Finding {
        rule,
        severity,
        certainty,
        objects: vec![Subject { kind: ObjectKind::Table, path: path.into() }],
        message: format!("`{path}` is wrong."),
        evidence: None,
        spans: Vec::new(),
        fix: fixable.then(|| Fix { sql: "SELECT 1;".into(), caution: None }),
        introduced_by: None,
        last_changed_by: None,
        fingerprint: String::new(),
        waived: None,
        lasting: false,
        past: false,
    }
}

/// Two targets with findings of two rules.
fn judged() -> Model {
    let target = |id: &str, findings| TargetAnalysis {
        target: Target {
            id: id.into(),
            role: Role::Dump,
            dialect: Dialect::PostgreSql,
            server_version: 15,
            is_version_known: true,
            layout: "sql".into(),
            note: Default::default(),
            files: Vec::new(),
        },
        history: History::default(),
        replay: Replay::default(),
        findings,
        checked: Vec::new(),
        score: Score::default(),
        coverage: Coverage::default(),
        facts: Facts::default(),
        conventions: Default::default(),
        strengths: Vec::new(),
    };
    let one = vec![
        finding(&KEYS, Severity::High, Certainty::Proven, "public.a", true),
        finding(&KEYS, Severity::Medium, Certainty::Likely, "public.b", false),
        finding(&NAMES, Severity::Low, Certainty::Likely, "public.b", false),
    ];
    let two = vec![
        finding(&NAMES, Severity::High, Certainty::Proven, "public.c", false),
        finding(&KEYS, Severity::Low, Certainty::Proven, "public.A", true),
    ];
    let targets = vec![target("one", one), target("two", two)];
    Model::new(Analysis { sources: Sources::default(), targets, ..Analysis::default() })
}

const ALL: Page = Page { offset: 0, limit: 100 };

fn findings(model: &Model, filter: &FindingsFilter, page: Page) -> FindingsPage {
    let Answer::Findings(found) = ask(model, &Query::Findings { filter: filter.clone(), page }) else { panic!() };
    *found
}

#[test]
fn findings_are_ranked_over_all_targets() {
    let found = findings(&judged(), &FindingsFilter::default(), ALL);
    let rows: Vec<_> =
        found.rows.iter().map(|r| (r.index, r.target, r.rule.as_str(), r.objects[0].path.as_str())).collect();
    assert_eq!(
        rows,
        [
            (0, 0, "keys", "public.a"),
            (1, 1, "names", "public.c"),
            (2, 0, "keys", "public.b"),
            (3, 1, "keys", "public.A"),
            (4, 0, "names", "public.b"),
        ]
    );
    assert_eq!((found.total, found.matching), (5, 5));
    let rules: Vec<_> = found.rules.iter().map(|r| (r.rule.as_str(), r.severity, r.count)).collect();
    assert_eq!(rules, [("keys", protocol::Severity::High, 3), ("names", protocol::Severity::High, 2)]);
}

#[test]
fn findings_come_in_pages() {
    let found = findings(&judged(), &FindingsFilter::default(), Page { offset: 3, limit: 1 });
    assert_eq!(found.rows.iter().map(|r| r.index).collect::<Vec<_>>(), [3]);
    assert_eq!((found.offset, found.matching), (3, 5));
    assert_eq!(findings(&judged(), &FindingsFilter::default(), Page { offset: 9, limit: 9 }).rows, []);
}

#[test]
fn each_field_of_a_filter_counts() {
    let model = judged();
    let open = FindingsFilter::default();
    let matching =
        |filter: FindingsFilter| findings(&model, &filter, ALL).rows.iter().map(|r| r.index).collect::<Vec<_>>();
    assert_eq!(matching(FindingsFilter { target: Some(1), ..open.clone() }), [1, 3]);
    assert_eq!(matching(FindingsFilter { severities: vec![protocol::Severity::Low], ..open.clone() }), [3, 4]);
    assert_eq!(matching(FindingsFilter { certainties: vec![protocol::Certainty::Likely], ..open.clone() }), [2, 4]);
    assert_eq!(matching(FindingsFilter { categories: vec!["naming".into()], ..open.clone() }), [1, 4]);
    assert_eq!(matching(FindingsFilter { rules: vec!["keys".into()], ..open.clone() }), [0, 2, 3]);
    assert_eq!(matching(FindingsFilter { fixable: true, ..open.clone() }), [0, 3]);
    assert_eq!(matching(FindingsFilter { text: "public.a".into(), ..open.clone() }), [0, 3], "whatever the case");
    assert_eq!(matching(FindingsFilter { text: "nothing".into(), ..open.clone() }), [0; 0]);
    let both = FindingsFilter { severities: vec![protocol::Severity::High, protocol::Severity::Low], ..open };
    assert_eq!(matching(FindingsFilter { rules: vec!["names".into()], ..both }), [1, 4]);
}

/// Every number on a chip is the number that choosing it alone in its field gives, whatever else is chosen.
#[test]
fn counts_hold_what_they_promise() {
    let model = judged();
    let filters = [
        FindingsFilter::default(),
        FindingsFilter { severities: vec![protocol::Severity::High], ..FindingsFilter::default() },
        FindingsFilter { categories: vec!["naming".into()], target: Some(0), ..FindingsFilter::default() },
        FindingsFilter {
            rules: vec!["keys".into()],
            certainties: vec![protocol::Certainty::Proven],
            fixable: true,
            ..FindingsFilter::default()
        },
    ];
    for filter in filters {
        let found = findings(&model, &filter, ALL);
        let count = |changed: FindingsFilter| findings(&model, &changed, ALL).matching;
        for severity in protocol::Severity::ALL {
            let chosen = FindingsFilter { severities: vec![severity], ..filter.clone() };
            assert_eq!(found.severities.of(severity), count(chosen), "{severity:?} under {filter:?}");
        }
        for entry in &found.certainties {
            let chosen = FindingsFilter { certainties: vec![entry.certainty], ..filter.clone() };
            assert_eq!(entry.count, count(chosen), "{entry:?} under {filter:?}");
        }
        for entry in &found.categories {
            let chosen = FindingsFilter { categories: vec![entry.category.clone()], ..filter.clone() };
            assert_eq!(entry.count, count(chosen), "{entry:?} under {filter:?}");
        }
        for entry in &found.rules {
            let chosen = FindingsFilter { rules: vec![entry.rule.clone()], ..filter.clone() };
            assert_eq!(entry.count, count(chosen), "{entry:?} under {filter:?}");
        }
    }
}
