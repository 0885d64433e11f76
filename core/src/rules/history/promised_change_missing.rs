use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::support::{Comment, docstring};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ConstraintKind, KeyTarget, ObjectId, Table, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "promised-change-missing",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A comment says that something will be added later, and the schema still lacks it.",
    why: "The author knew that the foreign key, index or policy was needed and could not add it yet; then nobody came back. Until it is there, rows that break the \
          rule go in unseen. Add it in a new migration: on a table with rows as NOT VALID or CONCURRENTLY first, after looking for rows that are in its way. \
          The old file stays as it is, the comment too where a checksum covers it. PostgreSQL manual, ALTER TABLE.",
    fires: examples![
        // By the table that the key leads to.
        "CREATE TABLE posts (\n    id bigint PRIMARY KEY,\n    «-- FK to users is added later»\n    user_id bigint\n);\nCREATE TABLE users (id bigint PRIMARY KEY);",
        "CREATE TABLE orders (\n    id bigint PRIMARY KEY,\n    «-- The foreign key of document_id\n    -- will be added when that table exists.»\n    document_id bigint\n);\nCREATE TABLE documents (id bigint PRIMARY KEY);",
        "CREATE TABLE orders (\n    id bigint PRIMARY KEY,\n    placed_at timestamptz «-- TODO: add an index»\n);",
        "# file: versions/1_documents.py\n«\"\"\"Documents\n\nThe foreign key of documents.author_id will be added later.\n\"\"\"»\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('authors', sa.Column('id', sa.BigInteger(), primary_key=True))\n    op.create_table('documents', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('author_id', sa.BigInteger()))\ndef downgrade():\n    op.drop_table('documents')\n    op.drop_table('authors')\n",
        // The head names several tables, and has an `ID` of its own.
        "# file: versions/1_rooms.py\n«\"\"\"Courses and sections.\n\nFK for sections.room_id will be added once rooms exist.\n\nRevision ID: 1\n\"\"\"»\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('courses', sa.Column('id', sa.BigInteger(), primary_key=True))\n    op.create_table('sections', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('room_id', sa.BigInteger()))\ndef downgrade():\n    op.drop_table('sections')\n    op.drop_table('courses')\n",
        "# file: versions/1_claims.py\n«\"\"\"Create claims\n\nlawsuit_id gets its foreign key once that table is there, in a later revision.\n\"\"\"»\nimport sqlalchemy as sa\nfrom alembic import op\nrevision = '1'\ndown_revision = None\ndef upgrade():\n    op.create_table('adjuster', sa.Column('id', sa.BigInteger(), primary_key=True))\n    op.create_table('claim', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('lawsuit_id', sa.BigInteger()))\ndef downgrade():\n    op.drop_table('claim')\n    op.drop_table('adjuster')\n",
    ],
    silent: examples![
        "CREATE TABLE orders (\n    id bigint PRIMARY KEY,\n    document_id bigint -- FK will be added later\n);\nCREATE TABLE documents (id bigint PRIMARY KEY);\nALTER TABLE orders ADD FOREIGN KEY (document_id) REFERENCES documents;",
        "/*\n  Warnings:\n\n  - A unique constraint covering the columns `[note]` on the table `orders` will be added.\n*/\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);",
        "CREATE TABLE orders (\n    id bigint PRIMARY KEY,\n    note text -- may be added later by support\n);",
    ],
    supersedes: &[],
    check,
};

/// How comments promise.
const PROMISES: &[&str] = &[
    "will be added",
    "be added later",
    "added later",
    "add later",
    "to be added",
    "will be created",
    "be created later",
    "added in a later",
    "added in a future",
    "added in the next",
    "in a later migration",
    "in a future migration",
    "in the next migration",
    "in a later revision",
    "in a future revision",
    "in the next revision",
    "added once",
    "added when",
    "todo: add",
    "todo add",
    "fixme: add",
];

/// What is promised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Promise {
    ForeignKey,
    Index,
    Unique,
    Check,
    RowSecurity,
}

impl Promise {
    fn name(self) -> &'static str {
        match self {
            Self::ForeignKey => "a foreign key",
            Self::Index => "an index",
            Self::Unique => "a unique constraint",
            Self::Check => "a check",
            Self::RowSecurity => "row-level security",
        }
    }
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // Tables by the file that creates them, in order of their places.
    let mut tables: Vec<(Span, TableId, &Table)> = cx.tables().map(|(id, t)| (t.span, id, t)).collect();
    tables.order_by_key(|(span, ..)| *span);
    let files: BTreeSet<_> = tables.iter().map(|(span, ..)| span.file).collect();
    for file in files {
        let from = tables.partition_point(|(span, ..)| span.file < file);
        let to = tables.partition_point(|(span, ..)| span.file <= file);
        let own = tables.get(from..to).unwrap_or_default();
        let head = docstring(cx.sources, file).map(|c| (c.text.to_owned(), c.span));
        for (text, span) in head.into_iter().chain(paragraphs(cx, &cx.comments(file))) {
            out.look();
            let lower = text.to_ascii_lowercase();
            // Prisma announces what the same file does.
            if !PROMISES.iter().any(|p| lower.contains(p)) || lower.trim_start().starts_with("warnings:") {
                continue;
            }
            let words: BTreeSet<&str> =
                lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
            let Some(promise) = promise(&lower, &words) else { continue };
            // The table around the comment, else the one that follows it.
            let after = own.partition_point(|(s, ..)| s.start <= span.start);
            let around = after.checked_sub(1).and_then(|at| own.get(at)).filter(|(s, ..)| s.end >= span.start);
            // Or the one that it names together with the column, in one word before others: a head speaks of many tables, and of the `ID` of its revision.
            let in_one_word = || {
                own.iter().find(|(_, _, table)| {
                    let names = |c: &Column| lower.contains(&format!("{}.{}", table.name, c.name).to_ascii_lowercase());
                    words.contains(table.name.to_ascii_lowercase().as_str())
                        && table.live_columns().any(|(_, c)| is_named(c, &words) && names(c))
                })
            };
            let named = || {
                own.iter().find(|(_, _, table)| {
                    words.contains(table.name.to_ascii_lowercase().as_str())
                        && table.live_columns().any(|(_, c)| is_named(c, &words))
                })
            };
            // A head that names nothing but a column means the only table of the file that has it.
            let with_column = || {
                let mut all = own.iter().filter(|(_, _, t)| t.live_columns().any(|(_, c)| is_named(c, &words)));
                all.next().filter(|_| all.next().is_none())
            };
            let found = around.or_else(in_one_word).or_else(named).or_else(with_column).or_else(|| own.get(after));
            if let Some((_, id, table)) = found {
                judge(cx, out, promise, (*id, table), &words, span);
            }
        }
    }
}

/// Comments that follow each other line by line, as one text.
fn paragraphs(cx: &Context<'_>, comments: &[Comment<'_>]) -> Vec<(String, Span)> {
    let mut out: Vec<(String, Span)> = Vec::new();
    for comment in comments {
        let joined = out.last_mut().filter(|(_, before)| {
            let between = Span::new(before.file, before.end, comment.span.start);
            cx.sources.text(between).is_some_and(|t| t.trim().is_empty() && t.matches('\n').count() <= 1)
        });
        match joined {
            Some((text, span)) => {
                text.push(' ');
                text.push_str(comment.text);
                *span = span.to(comment.span);
            }
            None => out.push((comment.text.to_owned(), comment.span)),
        }
    }
    out
}

fn promise(text: &str, words: &BTreeSet<&str>) -> Option<Promise> {
    let any = |list: &[&str]| list.iter().any(|w| words.contains(w));
    if text.contains("foreign key") || any(&["fk", "fks"]) {
        Some(Promise::ForeignKey)
    } else if text.contains("row level security") || text.contains("row-level security") || any(&["rls"]) {
        Some(Promise::RowSecurity)
    } else if any(&["index", "indexes", "indices"]) {
        Some(Promise::Index)
    } else if any(&["unique"]) {
        Some(Promise::Unique)
    } else if text.contains("check constraint") {
        Some(Promise::Check)
    } else {
        None
    }
}

/// Whether the words name the column; `id` is too short to be a name.
fn is_named(column: &Column, words: &BTreeSet<&str>) -> bool {
    column.name.len() > 2 && words.contains(column.name.to_ascii_lowercase().as_str())
}

fn judge(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    promise: Promise,
    (id, table): (TableId, &Table),
    words: &BTreeSet<&str>,
    span: Span,
) {
    if promise == Promise::RowSecurity {
        if !table.rls_enabled {
            let message =
                format!("A comment promises row-level security for `{}`; it is still off.", cx.table_name(id));
            out.report(ObjectId::Table(id), span, message).also_at(table.name_span);
        }
        return;
    }
    let named: Vec<ColumnNumber> = table.live_columns().filter(|(_, c)| is_named(c, words)).map(|(n, _)| n).collect();
    // A key is promised by the table that it leads to, as well.
    let leads_there = |target: TableId| {
        cx.schema.tables.get(target).is_some_and(|t| words.contains(t.name.to_ascii_lowercase().as_str()))
    };
    let by_target: Vec<ColumnNumber> = match promise {
        Promise::ForeignKey if named.is_empty() => {
            cx.references.from(id).filter(|(_, r)| leads_there(r.target)).map(|(n, _)| n).collect()
        }
        _ => Vec::new(),
    };
    let named = if named.is_empty() { by_target } else { named };
    // Without a name, the column on whose line the comment stands.
    let stands_before = |c: &Column| c.span.file == span.file && c.span.end <= span.start;
    let before = table.live_columns().rfind(|(_, c)| stands_before(c));
    let beside = before.filter(|(_, c)| {
        cx.sources.text(Span::new(span.file, c.span.end, span.start)).is_some_and(|t| !t.contains('\n'))
    });
    let columns = if named.is_empty() { beside.map(|(n, _)| n).into_iter().collect() } else { named };
    for number in columns {
        let Some(column) = table.column(number).filter(|_| !has(cx, table, number, promise)) else { continue };
        let message =
            format!("A comment promises {} for `{}`; it is still missing.", promise.name(), cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), span, message).also_at(column.name_span);
    }
}

/// Whether the column has what was promised.
fn has(cx: &Context<'_>, table: &Table, column: ColumnNumber, promise: Promise) -> bool {
    let constrained = |kind: fn(&ConstraintKind) -> bool| {
        cx.schema.constraints_of(table).any(|(_, c)| kind(&c.kind) && c.columns.contains(&column))
    };
    let indexed = |unique: bool| {
        cx.schema.indexes_of(table).any(|(_, i)| {
            (i.unique || !unique) && i.keys.iter().any(|k| matches!(k.target, KeyTarget::Column(c) if c == column))
        })
    };
    match promise {
        Promise::ForeignKey => constrained(|k| matches!(k, ConstraintKind::ForeignKey(_))),
        Promise::Index => indexed(false),
        Promise::Unique => indexed(true),
        Promise::Check => constrained(|k| matches!(k, ConstraintKind::Check(_))),
        Promise::RowSecurity => table.rls_enabled,
    }
}
