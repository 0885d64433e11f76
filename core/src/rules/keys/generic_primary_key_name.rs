use crate::finding::{Certainty, Severity};
use crate::rules::support::surrogate;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "generic-primary-key-name",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A primary key is called just `id`.",
    why: "Where every key is called `id`, a join must say which is meant, `SELECT *` over two tables gives two columns of one name, and USING \
          is of no help. Where keys are called after their table, the column of a foreign key has the same name as what it refers to. Most \
          projects and tools have settled on `id`, which is why this rule runs only where it is asked for. PostgreSQL manual, 7.2.1 \"The FROM \
          Clause\", USING.",
    fires: examples!["CREATE TABLE users («id» bigint PRIMARY KEY);"],
    silent: examples![
        "CREATE TABLE users (user_id bigint PRIMARY KEY);\nCREATE TABLE ties (id bigint, other bigint, PRIMARY KEY (id, other));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let Some((number, column)) = surrogate(cx, table) else { continue };
        out.look();
        if column.name.eq_ignore_ascii_case("id") {
            let message = format!("The key of `{}` is called just `{}`.", cx.table_name(id), column.name);
            out.report(ObjectId::Column(id, number), column.name_span, message).object(ObjectId::Table(id));
        }
    }
}
