//! What the reader of schema documents makes of a document: the documents in `tests/markdown`, text and expectation side by side.
//!
//! A block is a document and, behind `=>`, a line for each thing that the schema holds, each refusal and each problem; blocks are parted by a line of
//! equals signs. Expectations are what a person who reads the document would write as DDL; refusals are PostgreSQL's.

#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

use relata_core::analysis::{Analysis, Role};
use relata_core::schema::{ConstraintKind, KeyTarget, ObjectId, Schema, Table, TableId, TypeKind};
use relata_core::{Options, analyze};

fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(
        files.iter().map(|(name, text)| (*name, text.as_bytes())),
        Options { server_version: Some(15), ..Options::default() },
    )
}

/// Everything that a document defines, a line each.
fn shape(analysis: &Analysis) -> Vec<String> {
    let mut lines = Vec::new();
    for target in analysis.targets.iter().filter(|t| t.target.role == Role::Document) {
        let schema = target.schema();
        for (_, t) in schema.types.iter() {
            if let TypeKind::Enum(labels) = &t.kind {
                let labels: Vec<&str> = labels.iter().map(|(l, _)| l.as_str()).collect();
                lines.push(format!("type {} ({})", t.name, labels.join(", ")));
            }
        }
        for (id, table) in schema.live_tables() {
            lines.push(table_line(schema, id, table));
            let mut parts = Vec::new();
            constraints(schema, table, &mut parts);
            parts.sort();
            lines.append(&mut parts);
        }
        for (_, view) in schema.live_views() {
            lines.push(format!("{} {}", if view.materialized { "matview" } else { "view" }, view.name));
        }
        for conflict in &target.replay.conflicts {
            let text = analysis.location(conflict.span);
            lines.push(format!("! {} line {}: {}", conflict.sqlstate, text.line, conflict.message));
        }
    }
    lines.extend(analysis.problems.iter().map(|p| {
        let line = p.span.map(|s| format!(" line {}", analysis.location(s).line)).unwrap_or_default();
        format!("? {}{line}: {}", p.kind.name(), p.message)
    }));
    lines
}

fn table_line(schema: &Schema, id: TableId, table: &Table) -> String {
    let columns: Vec<String> = table
        .live_columns()
        .map(|(_, c)| {
            let mut out = format!("{} {}", c.name, c.data_type.display(schema));
            if c.serial {
                out.push_str(" serial");
            } else if let Some(default) = &c.default {
                out.push_str(&format!(" = {}", default.source.text));
            }
            if c.identity.is_some() {
                out.push_str(" identity");
            }
            if c.not_null {
                out.push('!');
            }
            out
        })
        .collect();
    let mut out =
        format!("{} ({})", schema.path(ObjectId::Table(id)).trim_start_matches("public."), columns.join(", "));
    if let Some(key) = &table.partition_key {
        out.push_str(&format!(" by {}", &*key.text.text));
    }
    if table.rls_enabled {
        out.push_str(" rls");
    }
    out
}

fn constraints(schema: &Schema, table: &Table, lines: &mut Vec<String>) {
    let names = |t: &Table, columns: &[relata_core::schema::ColumnNumber]| -> String {
        columns.iter().filter_map(|c| t.column(*c)).map(|c| c.name.to_string()).collect::<Vec<_>>().join(", ")
    };
    for (_, c) in schema.constraints_of(table) {
        let own = names(table, &c.columns);
        lines.push(match &c.kind {
            ConstraintKind::PrimaryKey => format!("  primary key ({own})"),
            ConstraintKind::Unique { .. } => format!("  unique ({own})"),
            ConstraintKind::Check(e) => format!("  check {}", e.source.text),
            ConstraintKind::ForeignKey(k) => {
                let target = schema.tables.get(k.references).unwrap();
                let action = if k.on_delete_written {
                    format!(" on delete {}", k.on_delete.sql().to_lowercase())
                } else {
                    String::new()
                };
                format!("  foreign key ({own}) -> {} ({}){action}", target.name, names(target, &k.columns))
            }
            ConstraintKind::Exclude { .. } => "  exclude".to_owned(),
        });
    }
    for (_, i) in schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none()) {
        let keys: Vec<String> = i
            .keys
            .iter()
            .map(|k| {
                let name = match &k.target {
                    KeyTarget::Column(c) => table.column(*c).unwrap().name.to_string(),
                    KeyTarget::Expression(e) => e.source.text.to_string(),
                };
                format!("{name}{}", if k.descending { " desc" } else { "" })
            })
            .collect();
        let predicate = i.predicate.as_ref().map(|p| format!(" where {}", p.source.text)).unwrap_or_default();
        let unique = if i.unique { "unique " } else { "" };
        lines.push(format!("  {unique}index {} {} ({}){predicate}", i.name, i.method, keys.join(", ")));
    }
    for (_, p) in schema.policies_of(table) {
        let using = p.using.as_ref().map_or("", |e| &*e.source.text);
        lines.push(format!("  policy {} ({using})", p.name));
    }
}

fn check(document: &str) {
    let mut wrong = Vec::new();
    let blocks: Vec<&str> = document.split("\n================\n").collect();
    for block in &blocks {
        let (text, expected) = block.split_once("\n=>\n").expect("a document and what it means");
        let found = shape(&read(&[("schema.md", text)])).join("\n");
        if found.trim_end() != expected.trim_end() {
            wrong.push(format!("{text}\nexpected:\n{}\nfound:\n{found}\n", expected.trim_end()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} documents\n\n{}", wrong.len(), blocks.len(), wrong.join("\n"));
}

macro_rules! documents {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            check(include_str!(concat!("markdown/", stringify!($name), ".txt")));
        }
    )*};
}

documents! { cells, columns, dbml, diagrams, dictionaries, forms, lists, no_schema, sections, spans, sql, written }

#[test]
fn documents_define_one_schema_together() {
    let head = "| Column | Type | Constraints |\n|---|---|---|\n";
    let analysis = read(&[
        (
            "docs/orders.md",
            &format!("# Table: orders\n\n{head}| id | BIGINT | PK |\n| user_id | BIGINT | FK → users.id |\n"),
        ),
        ("docs/users.md", &format!("# Table: users\n\n{head}| id | BIGINT | PK |\n")),
    ]);
    assert_eq!(analysis.targets.len(), 1);
    assert_eq!(
        shape(&analysis),
        [
            "orders (id bigint!, user_id bigint)",
            "  foreign key (user_id) -> users (id)",
            "  primary key (id)",
            "users (id bigint!)",
            "  primary key (id)"
        ]
    );
    let names: Vec<&str> = analysis.targets[0].target.files.iter().map(|f| analysis.sources.name(*f)).collect();
    assert_eq!(names, ["docs/orders.md", "docs/users.md"]);
}

#[test]
fn a_readme_beside_sql_is_no_second_schema() {
    let sql = "CREATE TABLE users (id bigint PRIMARY KEY);";
    let readme = "# App\n\nTo add a table, write:\n\n```sql\nCREATE TABLE t (id bigint PRIMARY KEY);\n```\n";
    let beside = read(&[("schema.sql", sql), ("README.md", readme)]);
    assert_eq!(beside.targets.iter().map(|t| t.target.id.as_str()).collect::<Vec<_>>(), ["dump"]);
    let alone = read(&[("README.md", readme)]);
    assert_eq!(alone.targets.iter().map(|t| t.target.id.as_str()).collect::<Vec<_>>(), ["document"]);
}

#[test]
fn pasted_text_is_known_by_how_it_begins() {
    let table = "## users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n";
    for text in [table, "erDiagram\n  users {\n    bigint id PK\n  }\n"] {
        let analysis = read(&[("pasted.sql", text)]);
        assert_eq!(shape(&analysis), ["users (id bigint!)", "  primary key (id)"], "{text}");
    }
    for text in [
        "# Dump of table users\n# ------\nCREATE TABLE users (id bigint PRIMARY KEY);",
        "-- | a |\n-- |---|\nCREATE TABLE users (id bigint);",
    ] {
        let analysis = read(&[("pasted.sql", text)]);
        assert!(analysis.targets.iter().all(|t| t.target.role == Role::Dump), "{text}");
    }
}

#[test]
fn much_and_deep_input_is_bounded() {
    let head = "# Table: t\n\n| Column | Type | Constraints |\n|---|---|---|\n";
    for text in [
        "|".repeat(5 << 20),
        format!("{head}{}", "|\n".repeat(2 << 20)),
        format!("{head}| id | BIGINT | {} |", "(".repeat(1 << 20)),
        format!("{head}| id | BIGINT | {} |", "FK ".repeat(1 << 18)),
        format!("{head}| id | {} | PK |", "[".repeat(1 << 20)),
        format!("{}text", "> ".repeat(1 << 20)),
        format!("{}text", "#".repeat(1 << 20)),
        format!("# {}", "`".repeat(1 << 20)),
        "[a](".repeat(1 << 19),
        "<table>".repeat(1 << 18),
        "<table><tr><td>".repeat(1 << 17),
        "<!-- ".repeat(1 << 18),
        "```\n".repeat(1 << 18),
        format!("```mermaid\nerDiagram\n{}```", "  A ||--o{ B : x\n".repeat(1 << 12)),
        format!("```sql\n{}\n```", "CREATE TABLE t (".repeat(1 << 12)),
        "**a** ".repeat(1 << 18),
        "- **Indexes:** `i` ON (".repeat(1 << 12),
    ] {
        read(&[("schema.md", &text)]);
    }
}

#[test]
fn a_table_in_the_midst_of_nonsense_is_read() {
    let nonsense = "| a | b\n|||\n| c |\n\n<table><tr><td>x\n\n~~~\nnever closed by another mark\n~~~\n\n";
    let text = format!(
        "{nonsense}## Table: users\n\nColumn | Type | Constraints\n---|---|---\nid | BIGINT | PK\nname | TEXT\n\n{nonsense}"
    );
    assert_eq!(shape(&read(&[("schema.md", &text)])), ["users (id bigint!, name text)", "  primary key (id)"]);
}

/// A file without a schema is told once; what is broken or HTML costs itself only.
#[test]
fn documents_without_a_schema_and_broken_ones() {
    let told = |text: &str| {
        let analysis = read(&[("notes.md", text)]);
        assert!(analysis.targets.iter().all(|t| t.facts.tables == 0), "{text:.60}");
        analysis.problems.iter().map(|p| p.kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(told("# Notes\n\nNothing here.\n\n- milk: two\n- bread: one\n"), ["not-a-schema"]);
    assert_eq!(told("<h1>Notes</h1>\n<p>Nothing <b>here</b>.</p>\n"), ["not-a-schema"]);
    let table = "## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n";
    for broken in [
        "| Column | Type |\n| id |\n|---|",
        "## Table: x\n\n| Column | Type |\n|---|",
        "<table><tr><td rowspan=2>users</td><td>id</td></tr><tr>",
        "<div>\n<!-- never closed in this line\n-->\n<script>alert(1)</script>\n</div>",
        "```sql\nCREATE TABLE broken (id int,\n```",
    ] {
        let found = shape(&read(&[("schema.md", &format!("{broken}\n\n{table}"))]));
        assert!(found.contains(&"users (id bigint!)".to_owned()), "{broken}: {found:?}");
    }
}

/// What may be a table in a document that describes others is named with its place; what has another subject is not.
#[test]
fn what_is_nearly_a_table_is_told() {
    let sure =
        "# Database\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n";
    let doubtful = "# Notes\n\n## Invoice\n\n| Column | Type |\n|---|---|\n| number | integer |\n| paid | boolean |\n";
    let other = "# Notes\n\n## API parameters\n\n| Name | Type |\n|---|---|\n| page | integer |\n";
    let found = shape(&read(&[("schema.md", &format!("{sure}{doubtful}{other}"))]));
    let [table, key, told] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((table.as_str(), key.as_str()), ("users (id bigint!)", "  primary key (id)"));
    assert!(told.starts_with("? unsupported-statement line 11:") && told.contains("`Invoice`"), "{told}");
}

/// A reference that a server would refuse is written all the same: nothing says that it is missing, and it wants an index like any other.
#[test]
fn references_that_are_refused() {
    let document = "# Schema\n\n### Table: `media`\n\n| Column | Type | Constraints |\n| --- | --- | --- |\n| media_id | UUID | PK |\n\n\
                    ### Table: `product_media`\n\n| Column | Type | Constraints |\n| --- | --- | --- |\n| id | UUID | PK |\n\
                    | media_id | UUID | FK media(id) NOT NULL |\n";
    let analysis = read(&[("schema.md", document)]);
    let about = |rule: &str| -> Vec<String> {
        let findings = analysis.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == rule);
        findings.filter_map(|f| f.objects.first()).map(|o| o.path.clone()).collect()
    };
    assert_eq!(about("missing-foreign-key"), [""; 0]);
    assert_eq!(about("foreign-key-not-indexed"), ["public.product_media.media_id"]);
    assert_eq!(about("foreign-key-target-missing").len(), 1);
}
