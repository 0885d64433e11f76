use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::ColumnConstraintKind;
use crate::rules::support::{Stability, constrained_domain, stability};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-column-volatile-default",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column with a volatile default is added to an existing table: every row is written anew.",
    why: "Since version 11 a default that is the same for all rows (a constant, now()) is kept in the catalogue and costs nothing. A \
          volatile one, such as random() or gen_random_uuid(), gives each row its own value: PostgreSQL writes the whole table and its \
          indexes while nobody else may use it. Add the column without the default, set the default, then fill the old rows in batches. \
          PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «token» uuid DEFAULT gen_random_uuid();",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE FUNCTION code() RETURNS text LANGUAGE sql AS 'SELECT md5(random()::text)';\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «code» text NOT NULL DEFAULT upper(code());",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN made timestamptz NOT NULL DEFAULT now();",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN made timestamptz DEFAULT CURRENT_TIMESTAMP;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN tags text[] NOT NULL DEFAULT ARRAY[]::text[], ADD COLUMN extra jsonb DEFAULT '{}'::jsonb, ADD COLUMN rate numeric DEFAULT (1.5 * 2)::numeric;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN token uuid;\nALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let Some((number, column, def)) = a.new_column() else { continue };
        out.look();
        let default = def.constraints.iter().find_map(|c| match &c.kind {
            ColumnConstraintKind::Default(value) => Some(value),
            _ => None,
        });
        let name = cx.column_name(a.id, number);
        let table = cx.table_name(a.id);
        let tree = default.map_or(&Tree::Null, |value| value.tree());
        let (why, certainty) = match stability(cx.schema, tree) {
            Stability::Volatile(function) => {
                (format!("The default of `{name}` calls the volatile `{function}`"), Certainty::Proven)
            }
            Stability::Unknown(function) => {
                (format!("The default of `{name}` calls `{function}`, which may be volatile"), Certainty::Likely)
            }
            Stability::Stable if *tree != Tree::Null && cx.target.server_version < 11 => {
                (format!("`{name}` has a default, and the server is older than version 11"), Certainty::Proven)
            }
            Stability::Stable if constrained_domain(cx.schema, &column.data_type) => {
                (format!("The type of `{name}` is a domain with constraints"), Certainty::Proven)
            }
            Stability::Stable => continue,
        };
        let message = format!("{why}: all of `{table}` is written anew while nobody may use it.");
        let _ = cx
            .report_step(out, a.at, ObjectId::Column(a.id, number), def.name.span, message)
            .certainty(certainty)
            .evidence(
                "Add the column bare, SET DEFAULT in a second statement, and fill old rows in batches.".to_owned(),
            );
    }
}
