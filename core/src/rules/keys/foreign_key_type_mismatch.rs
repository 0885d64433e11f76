use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{Targets, base_type, held_by, loses, refused_key};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-type-mismatch",
    category: Category::KeysAndReferences,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "The columns of a foreign key have other types than the columns they refer to.",
    why: "PostgreSQL accepts a foreign key between types that it can compare, and refuses all others. A narrower column then refuses references to perfectly good rows: an \
          `integer` that refers to a `bigint` key fails at row 2 147 483 648, a `varchar(20)` at the first longer code. A wider one costs a cast in \
          each join; integers alone are compared across their widths without one, and there a wider column only takes more room than any key needs, or foretells \
          that the key will grow. Texts of another length are told as low: most are names of a fixed list, and the insert that fails says why. PostgreSQL manual, 5.4.5 \"Foreign Keys\", CREATE TABLE, \"REFERENCES\", and 38.16.5 \"System Dependencies on Operator Classes\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author integer «REFERENCES users»);",
        "CREATE TABLE codes (code varchar(40) PRIMARY KEY);\nCREATE TABLE uses (id bigint PRIMARY KEY, code varchar(20) «REFERENCES codes»);",
        "CREATE TABLE users (id integer PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint «REFERENCES users»);",
        // Nothing compares these: the table is not made.
        "CREATE TABLE users (id uuid PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint «REFERENCES users»);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigserial PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);",
        "CREATE DOMAIN user_id AS bigint;\nCREATE TABLE users (id user_id PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);",
        // Wide enough for every value.
        "CREATE TABLE codes (code varchar(40) PRIMARY KEY);\nCREATE TABLE uses (id bigint PRIMARY KEY, code text REFERENCES codes, other varchar(80) REFERENCES codes);",
    ],
    supersedes: &[],
    check,
};

/// How a referencing type falls short of the referenced one.
enum Mismatch {
    /// Some keys do not fit.
    Narrow,
    /// The keys are texts, and longer ones do not fit.
    Short,
    /// All keys fit, but each comparison casts.
    Wide,
    /// All keys fit, and the operator family of integers compares both widths as they are.
    Roomy,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    check_refused(cx, out);
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            out.look();
            let pairs = constraint.columns.iter().zip(&fk.columns);
            let found = pairs.into_iter().find_map(|(child, parent)| {
                let (column, referenced) = (table.column(*child)?, cx.schema.column(fk.references, *parent)?);
                let mismatch =
                    compare(base_type(cx.schema, &column.data_type), base_type(cx.schema, &referenced.data_type))?;
                Some((*child, column, *parent, referenced, mismatch))
            });
            let Some((child, column, parent, referenced, mismatch)) = found else { continue };
            let (here, there) = (column.data_type.display(cx.schema), referenced.data_type.display(cx.schema));
            let (consequence, severity) = match mismatch {
                Mismatch::Narrow => ("not every key fits", Severity::High),
                Mismatch::Short => ("longer keys do not fit", Severity::Low),
                Mismatch::Wide => ("each comparison casts", Severity::Low),
                Mismatch::Roomy => ("it has room for keys that there cannot be", Severity::Info),
            };
            let message = format!(
                "`{}` is `{here}` but refers to `{}`, which is `{there}`: {consequence}.",
                cx.column_name(id, child),
                cx.column_name(fk.references, parent)
            );
            let plain =
                column.data_type.builtin_name().is_some() && column.generated.is_none() && table.partition_of.is_none();
            // A column that holds more than the keys is not narrowed: where keys outgrow their type, theirs is widened.
            let plain = plain && loses(cx.schema, &column.data_type, &referenced.data_type).is_none();
            let fix = plain.then(|| Fix {
                sql: format!("ALTER TABLE {} ALTER COLUMN {} TYPE {there};", cx.table_sql(id), quote(&column.name)),
                caution: Some(
                    "Rewrites the table and checks the foreign key again under an exclusive lock. On a \
                     large table add a new column, fill it in batches and swap."
                        .to_owned(),
                ),
            });
            out.report(ObjectId::Constraint(constraint_id), constraint.span, message)
                .object(ObjectId::Column(id, child))
                .object(ObjectId::Column(fk.references, parent))
                .severity(severity)
                .also_at(column.type_span)
                .fix_unless(held_by(cx, id, child), fix);
        }
    }
}

/// Keys between types that nothing compares: PostgreSQL refuses the statement, so that the key exists in it only.
fn check_refused(cx: &Context<'_>, out: &mut Findings<'_>) {
    let targets = Targets::of(cx);
    for conflict in &cx.replay.conflicts {
        if conflict.sqlstate != "42804" || !conflict.message.starts_with("foreign key constraint") {
            continue;
        }
        let Some(key) = refused_key(cx, conflict) else { continue };
        out.look();
        let mut subjects = key.subjects().into_iter();
        let Some(first) = subjects.next() else { continue };
        let types = conflict.message.rsplit_once(": ").map_or("", |(_, types)| types);
        let refer = if key.columns.len() > 1 { "refer" } else { "refers" };
        let message = format!(
            "{} {refer} to `{}`, whose key has a type that PostgreSQL cannot compare with it ({types}): it refuses the statement.",
            key.text(),
            key.references.table.name.fold()
        );
        let mut draft = out.report_about(first, key.span, message);
        for subject in subjects {
            draft = draft.maybe_subject(Some(subject));
        }
        if let Some(id) = targets.find(cx, &key.references.table) {
            draft = draft.object(ObjectId::Table(id));
        }
        let _ = draft.maybe_subject(cx.revision(conflict.revision));
    }
}

fn compare(child: &DataType, parent: &DataType) -> Option<Mismatch> {
    let integer = |t: &DataType| match t.builtin_name() {
        Some("smallint") => Some(2),
        Some("integer") => Some(4),
        Some("bigint") => Some(8),
        _ => None,
    };
    if let (Some(a), Some(b)) = (integer(child), integer(parent)) {
        return match a.cmp(&b) {
            std::cmp::Ordering::Less => Some(Mismatch::Narrow),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Mismatch::Roomy),
        };
    }
    let text = |t: &DataType| match t.builtin_name() {
        Some("text") => Some(u32::MAX),
        Some("character varying" | "character") => {
            Some(t.modifiers.first().and_then(|m| m.parse().ok()).unwrap_or(u32::MAX))
        }
        _ => None,
    };
    if let (Some(a), Some(b)) = (text(child), text(parent)) {
        return (a < b).then_some(Mismatch::Short);
    }
    // An unknown type may be anything.
    let known = |t: &DataType| !matches!(t.base, BaseType::Unknown { .. });
    (known(child) && known(parent) && (child.base != parent.base || child.array != parent.array))
        .then_some(Mismatch::Wide)
}
