use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ColumnConstraintKind, DmlVerb, OperationKind};
use crate::rules::support::Alteration;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, ObjectId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-required-column",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A NOT NULL column without a default is added to a table that was there before the migration.",
    why: "Rows that are there have no value for the column, so that the statement fails as soon as the table has one; and programs of \
          before the deployment, which do not know the column, can insert no more. A default that the same migration drops again helps \
          the rows and not those programs. Add the column nullable or with a default, fill it, and set NOT NULL later. PostgreSQL \
          manual, ALTER TABLE, \"ADD COLUMN\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «state» text NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «state» text NOT NULL DEFAULT 'new';\nALTER TABLE orders ALTER COLUMN state DROP DEFAULT;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text NOT NULL DEFAULT 'new';",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN number bigint NOT NULL GENERATED ALWAYS AS IDENTITY;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN doubled numeric NOT NULL GENERATED ALWAYS AS (total * 2) STORED;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN number bigserial NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD COLUMN state text NOT NULL;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let Some((number, column, def)) = a.new_column() else { continue };
        out.look();
        let has = |wanted: fn(&ColumnConstraintKind) -> bool| def.constraints.iter().any(|c| wanted(&c.kind));
        let required = has(|k| matches!(k, ColumnConstraintKind::NotNull | ColumnConstraintKind::PrimaryKey(_)));
        let filled =
            has(|k| matches!(k, ColumnConstraintKind::Identity { .. } | ColumnConstraintKind::Generated { .. }))
                || column.serial
                || domain_default(cx, &column.data_type);
        if !required || filled {
            continue;
        }
        let default = def.constraints.iter().find_map(|c| match &c.kind {
            ColumnConstraintKind::Default(value) => Some(*value.tree() != Tree::Null),
            _ => None,
        });
        let name = cx.column_name(a.id, number);
        let mut severity = RULE.severity;
        let (message, evidence) = if default == Some(true) {
            let Some(dropped) = drops_default(cx, a, &def.name.fold()) else { continue };
            (
                format!(
                    "`{name}` is NOT NULL, and the migration drops its default again: programs that do not know the column cannot insert any more."
                ),
                Some(dropped),
            )
        } else if emptied(cx, a) {
            severity = Severity::Medium;
            (
                format!(
                    "`{name}` is NOT NULL without a default: programs that do not know the column cannot insert into `{}` any more.",
                    cx.table_name(a.id)
                ),
                None,
            )
        } else {
            (
                format!(
                    "`{name}` is NOT NULL without a default: the statement fails if `{}` has a row, and programs that do not know the column cannot insert any more.",
                    cx.table_name(a.id)
                ),
                None,
            )
        };
        let mut draft =
            cx.report_step(out, a.at, ObjectId::Column(a.id, number), def.name.span, message).severity(severity);
        if let Some(span) = evidence {
            draft = draft.also_at(span);
        }
        let _ = draft.evidence(
            "Add it with a default, or nullable, fill it, and set NOT NULL once every writer knows it.".to_owned(),
        );
    }
}

/// Whether the same migration takes all rows away before.
fn emptied(cx: &Context<'_>, added: Alteration<'_>) -> bool {
    let before = cx.steps().filter(|at| at.revision == added.at.revision).take_while(|at| at.number < added.at.number);
    before.filter(|at| cx.used_tables(*at).contains(&added.id)).any(|at| match &at.operation.kind {
        OperationKind::Truncate { .. } => true,
        OperationKind::Dml { verb: DmlVerb::Delete, text, .. } => text.change().is_some_and(|c| !c.filtered),
        _ => false,
    })
}

/// Where the same migration drops the new column's default.
fn drops_default(cx: &Context<'_>, added: Alteration<'_>, column: &str) -> Option<Span> {
    cx.alterations_from(added.at.number)
        .take_while(|a| a.at.revision == added.at.revision)
        .filter(|a| a.id == added.id)
        .find_map(|a| match a.action {
            AlterTableAction::DropDefault { column: c } if c.fold() == column => Some(a.span),
            _ => None,
        })
}

/// Whether the type is a domain that brings a default.
fn domain_default(cx: &Context<'_>, data_type: &crate::schema::DataType) -> bool {
    match &data_type.base {
        BaseType::User(id) => match cx.schema.types.get(*id).map(|t| &t.kind) {
            Some(crate::schema::TypeKind::Domain(domain)) => domain.default.is_some(),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::session::{Options, analyze};

    /// PostgreSQL 15 adds the column to a table of which the same migration took all rows away, under whatever name.
    #[test]
    fn a_table_that_was_emptied_before_takes_the_column() {
        let base = "CREATE TABLE orders (id bigint PRIMARY KEY);";
        for (change, severity) in [
            ("ALTER TABLE orders ADD COLUMN state text NOT NULL;", Severity::High),
            ("DELETE FROM orders;\nALTER TABLE orders ADD COLUMN state text NOT NULL;", Severity::Medium),
            ("TRUNCATE orders;\nALTER TABLE orders ADD COLUMN state text NOT NULL;", Severity::Medium),
            (
                "DELETE FROM orders;\nALTER TABLE orders RENAME TO jobs;\nALTER TABLE jobs ADD COLUMN state text NOT NULL;",
                Severity::Medium,
            ),
            ("DELETE FROM orders WHERE id > 9;\nALTER TABLE orders ADD COLUMN state text NOT NULL;", Severity::High),
        ] {
            let files = [("1_base.sql", base.as_bytes()), ("2_change.sql", change.as_bytes())];
            let analysis = analyze(files, Options::default());
            let found: Vec<_> = analysis
                .targets
                .iter()
                .flat_map(|t| &t.findings)
                .filter(|f| f.rule.name == "add-required-column")
                .collect();
            let [one] = found.as_slice() else { panic!("{change}: {found:?}") };
            assert_eq!(
                (one.severity, one.message.contains("has a row")),
                (severity, severity == Severity::High),
                "{change}"
            );
        }
    }
}
