use crate::finding::{Certainty, Severity};
use crate::rules::support::base_type;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "reg-type-column",
    category: Category::Types,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column holds object identifiers that pg_upgrade cannot carry over.",
    why: "The types `regproc`, `regprocedure`, `regoper`, `regoperator`, `regconfig`, `regdictionary`, `regnamespace` and `regcollation` store internal \
          numbers of objects, which change when a cluster is upgraded. pg_upgrade refuses to run while a table has such a column. Store the name as \
          text and cast it where it is used. `regclass`, `regrole` and `regtype` are carried over. PostgreSQL manual, pg_upgrade, \"Notes\".",
    fires: examples!["CREATE TABLE hooks (id bigint PRIMARY KEY, handler «regproc» NOT NULL);"],
    silent: examples!["CREATE TABLE hooks (id bigint PRIMARY KEY, on_table regclass, handler text);"],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (number, column) in table.live_columns() {
            let BaseType::Builtin(name) = &base_type(cx.schema, &column.data_type).base else { continue };
            if !name.starts_with("reg") {
                continue;
            }
            out.look();
            if matches!(name.as_str(), "regclass" | "regrole" | "regtype") {
                continue;
            }
            let message = format!("`{}` has the type `{name}`, which stops pg_upgrade.", cx.column_name(id, number));
            out.report(ObjectId::Column(id, number), column.type_span, message);
        }
    }
}
