use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::rules::echoes::counterpart;
use crate::rules::support::{allowed_values, demanded_values, list, table_named};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-enum-mismatch",
    category: Category::Documentation,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A column's description lists other values than its CHECK, its enum type or the document's own value list.",
    why: "Whoever writes code after the description sends values that the database refuses, or never handles some that it holds. A list that ends in \
          \"etc.\" is taken for examples: it only must not name a value that is not allowed.",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| status | VARCHAR(20) | NOT NULL CHECK (status IN ('new', 'paid')) | «new/paid/shipped» |\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| payment | VARCHAR(20) | NOT NULL | «PENDING/PAID» |\n\n## Values\n\n```sql\nCHECK (payment IN ('PENDING', 'PAID', 'VOIDED'))\n```\n",
        // The check stands in the SQL beside the document.
        "<!-- file: schema.sql -->\nCREATE TABLE orders (id bigint PRIMARY KEY, status text NOT NULL CHECK (status IN ('new', 'paid')));\n<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| status | TEXT | NOT NULL | «One of: new, paid, shipped» |\n",
        // Beside a check, commas list its values.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: meters\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| medium | TEXT | NOT NULL CHECK (medium IN ('power', 'gas', 'water')) | «power, gas, heat» |\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| status | VARCHAR(20) | NOT NULL CHECK (status IN ('new', 'paid')) | new/paid |\n| kind | VARCHAR(20) | CHECK (kind IN ('a', 'b', 'c')) | a/b etc |\n",
        // A description, not a list.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: meters\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| medium | TEXT | CHECK (medium IN ('power', 'gas')) | what flows, by kind |\n",
        // Another concept of the same name.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: jobs\n\n| Column | Type | Constraints | Description |\n|---|---|---|---|\n| id | BIGINT | PK | |\n| status | VARCHAR(20) | NOT NULL | waiting/running |\n\n## Values\n\n```sql\nCHECK (status IN ('ACTIVE', 'DRAFT'))\n```\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for document in &cx.history.documents {
        for stated in &document.values {
            let Some((id, table)) = table_named(cx, &stated.table) else { continue };
            let Some(number) = table.find_column(&stated.column) else { continue };
            let in_column = || Some((allowed_values(cx.schema, table, number)?, "the column".to_owned()));
            let in_list = || {
                let values = demanded_values(document, &stated.column, &stated.values)?;
                Some((values, "the document's value list".to_owned()))
            };
            let found = in_column().or_else(in_list).or_else(|| allowed_beside(cx, table, &stated.column));
            let Some((allowed, source)) = found else { continue };
            out.look();
            let ticks = |values: Vec<&String>| {
                list(&values.into_iter().map(|v| format!("`{}`", v.replace('`', "'"))).collect::<Vec<_>>())
            };
            let more: Vec<&String> = stated.values.iter().filter(|v| !allowed.contains(v)).collect();
            let less: Vec<&String> = allowed.iter().filter(|v| !stated.open && !stated.values.contains(v)).collect();
            let column = cx.column_name(id, number);
            let message = match (more.is_empty(), less.is_empty()) {
                (true, true) => continue,
                (false, true) => {
                    format!("The description of `{column}` lists {}, which {source} does not allow.", ticks(more))
                }
                (true, false) => {
                    format!("The description of `{column}` leaves out {}, which {source} allows.", ticks(less))
                }
                (false, false) => format!(
                    "The description of `{column}` lists {}, which {source} does not allow, and leaves out {}.",
                    ticks(more),
                    ticks(less)
                ),
            };
            let place = table.column(number).map_or(stated.span, |c| c.name_span);
            out.report(ObjectId::Column(id, number), stated.span, message).also_at(place);
        }
    }
}

/// The values that the column has in the history or dump beside the document, and whose they are.
fn allowed_beside(cx: &Context<'_>, table: &Table, column: &str) -> Option<(Vec<String>, String)> {
    if cx.target.role != Role::Document {
        return None;
    }
    cx.others.iter().filter(|o| matches!(o.target.role, Role::History | Role::Dump)).find_map(|other| {
        let schema = &other.replay.schema;
        let (_, theirs) = counterpart(cx.schema, table, schema)?;
        let values = allowed_values(schema, theirs, theirs.find_column(column)?)?;
        Some((values, format!("the {} beside it", other.target.role.name())))
    })
}
