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
    let reg_type = |t| match &base_type(cx.schema, t).base {
        BaseType::Builtin(name) => Some(name.as_str()).filter(|n| n.starts_with("reg")),
        _ => None,
    };
    for (id, _, number, column) in cx.all_columns_where(|_| true, |t| reg_type(t).is_some()) {
        out.look();
        let Some(name) = reg_type(&column.data_type) else { continue };
        if matches!(name, "regclass" | "regrole" | "regtype") {
            continue;
        }
        let message = format!("`{}` has the type `{name}`, which stops pg_upgrade.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.type_span, message);
    }
}
