use crate::finding::{Certainty, Fix, Severity};
use crate::name::{MAX_NAME_BYTES, quote};
use crate::rules::support::{IndexPattern, pinned};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-index-name",
    category: Category::Naming,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "An index is named after another pattern than the schema's other indexes.",
    why: "An index shows up by its name alone: in plans, in locks, in errors of a unique rule. Where most are called `idx_…` and some `ix_…`, \
          a search for one prefix misses the others, and a migration that drops by pattern leaves them. The rule compares the marks `idx`, \
          `ix`, `index` in front or at the end, where three quarters of the named indexes agree. PostgreSQL manual, CREATE INDEX and ALTER \
          INDEX.",
    fires: examples![
        "CREATE TABLE t (a int, b int, c int, d int, e int);\nCREATE INDEX idx_t_a ON t (a);\nCREATE INDEX idx_t_b ON t (b);\nCREATE INDEX idx_t_c ON t (c);\nCREATE INDEX idx_t_d ON t (d);\n«CREATE INDEX ix_t_e ON t (e)»;",
        "CREATE TABLE t (a int, b int, c int, d int, e int);\nCREATE INDEX t_a_idx ON t (a);\nCREATE INDEX t_b_idx ON t (b);\nCREATE INDEX t_c_idx ON t (c);\nCREATE INDEX t_d_idx ON t (d);\n«CREATE INDEX idx_t_e ON t (e)»;",
    ],
    silent: examples![
        "CREATE TABLE t (a int, b int, c int, d int, e int);\nCREATE INDEX idx_t_a ON t (a);\nCREATE INDEX idx_t_b ON t (b);\nCREATE INDEX idx_t_c ON t (c);\nCREATE INDEX idx_t_d ON t (d);\nCREATE UNIQUE INDEX uq_t_e ON t (e);",
        // Named by PostgreSQL.
        "CREATE TABLE t (a int, b int, c int, d int, e int UNIQUE);\nCREATE INDEX idx_t_a ON t (a);\nCREATE INDEX idx_t_b ON t (b);\nCREATE INDEX idx_t_c ON t (c);\nCREATE INDEX idx_t_d ON t (d);\nCREATE INDEX ON t (e, a);",
        // No pattern.
        "CREATE TABLE t (a int, b int);\nCREATE INDEX idx_t_a ON t (a);\nCREATE INDEX ix_t_b ON t (b);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "indexes", out) {
        return;
    }
    for names in cx.index_names().values() {
        (0..names.named.len()).for_each(|_| out.look());
        let Some((usual, most)) = names.usual else { continue };
        for (id, index_id, pattern) in names.named.iter().filter(|(.., p)| *p != usual) {
            let Some(index) = cx.schema.indexes.get(*index_id) else { continue };
            let message = format!("`{}` is called {}, most indexes {}.", index.name, pattern.text(), usual.text());
            out.report(ObjectId::Index(*index_id), index.span, message)
                .object(ObjectId::Table(*id))
                .evidence(format!("{most} of {} names follow it.", names.named.len()))
                .maybe_fix(rename(cx, index, *pattern, usual));
        }
    }
}

/// The index under a name of the usual pattern, where that is free.
fn rename(cx: &Context<'_>, index: &Index, pattern: IndexPattern, usual: IndexPattern) -> Option<Fix> {
    let name = usual.apply(pattern.strip(&index.name));
    let is_free =
        name.len() <= MAX_NAME_BYTES && cx.schema.find_relation(index.namespace, &name.as_str().into()).is_none();
    is_free.then(|| Fix {
        sql: format!("ALTER INDEX {} RENAME TO {};", cx.schema.qualified(index.namespace, &index.name), quote(&name)),
        caution: None,
    })
}
