use crate::finding::{Certainty, Severity};
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "serial-over-identity",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "Numbered columns are declared serial in a schema that uses identity columns elsewhere.",
    why: "`serial` is a shorthand for a sequence and a default. The sequence has rights of its own to grant, the default can be dropped or overwritten \
          by mistake, and nothing keeps an INSERT from handing in a number that the sequence will give again. Identity columns are the SQL \
          standard's form. Old schemas are full of `serial` and work; the rule speaks only where a schema mixes both. PostgreSQL manual, \
          8.1.4 \"Serial Types\" and 5.3 \"Identity Columns\".",
    fires: examples![
        "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\nCREATE TABLE b (id «bigserial» PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigserial PRIMARY KEY);\nCREATE TABLE b (id bigserial PRIMARY KEY);",
        "CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\nCREATE TABLE b (id uuid PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let identities = cx.tables().flat_map(|(_, t)| t.live_columns()).filter(|(_, c)| c.identity.is_some()).count();
    for (id, table) in cx.tables() {
        for (column_number, column) in table.live_columns().filter(|(_, c)| c.serial || c.identity.is_some()) {
            out.look();
            if !column.serial || identities == 0 || column.inherit_count > 0 {
                continue;
            }
            let message =
                format!("`{}` is declared `serial`, others are identity columns.", cx.column_name(id, column_number));
            out.report(ObjectId::Column(id, column_number), column.type_span, message)
                .evidence(format!("The schema has {}.", number(identities, "identity column", "identity columns")));
        }
    }
}
