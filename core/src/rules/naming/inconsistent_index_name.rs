use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::{MAX_NAME_BYTES, quote};
use crate::rules::support::pinned;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, NamespaceId, ObjectId, TableId};

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

/// Fewer indexes than this show no pattern.
const LEAST: usize = 4;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "indexes", out) {
        return;
    }
    // By schema: each has a style of its own.
    let mut schemas: BTreeMap<NamespaceId, Vec<(TableId, IndexId, &Index, Pattern)>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table) {
            // Those of constraints are called after them, those of partitions after their parent's.
            if !index.named || index.constraint.is_some() || index.parent.is_some() {
                continue;
            }
            out.look();
            if let Some(pattern) = pattern(&index.name) {
                schemas.entry(table.namespace).or_default().push((id, index_id, index, pattern));
            }
        }
    }
    for named in schemas.values() {
        let mut counts: BTreeMap<Pattern, usize> = BTreeMap::new();
        for (.., pattern) in named {
            *counts.entry(*pattern).or_default() += 1;
        }
        let Some((usual, most)) = counts.into_iter().max_by_key(|(p, n)| (*n, std::cmp::Reverse(*p))) else { continue };
        if most < LEAST || most * 4 < named.len() * 3 {
            continue;
        }
        for (id, index_id, index, pattern) in named.iter().filter(|(.., p)| *p != usual) {
            let message = format!("`{}` is called {}, most indexes {}.", index.name, pattern.text(), usual.text());
            out.report(ObjectId::Index(*index_id), index.span, message)
                .object(ObjectId::Table(*id))
                .evidence(format!("{most} of {} names follow it.", named.len()))
                .maybe_fix(rename(cx, index, *pattern, usual));
        }
    }
}

/// The index under a name of the usual pattern, where that is free.
fn rename(cx: &Context<'_>, index: &Index, pattern: Pattern, usual: Pattern) -> Option<Fix> {
    let name = usual.apply(pattern.strip(&index.name));
    let is_free =
        name.len() <= MAX_NAME_BYTES && cx.schema.find_relation(index.namespace, &name.as_str().into()).is_none();
    is_free.then(|| Fix {
        sql: format!("ALTER INDEX {} RENAME TO {};", cx.schema.qualified(index.namespace, &index.name), quote(&name)),
        caution: None,
    })
}

/// A mark of an index's name, and on which side it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pattern {
    mark: &'static str,
    in_front: bool,
}

impl Pattern {
    fn text(self) -> String {
        if self.in_front { format!("`{}_…`", self.mark) } else { format!("`…_{}`", self.mark) }
    }

    fn strip(self, name: &str) -> &str {
        let cut = self.mark.len() + 1;
        if self.in_front {
            name.get(cut..).unwrap_or(name)
        } else {
            name.get(..name.len().saturating_sub(cut)).unwrap_or(name)
        }
    }

    fn apply(self, name: &str) -> String {
        if self.in_front { format!("{}_{name}", self.mark) } else { format!("{name}_{}", self.mark) }
    }
}

/// The pattern of a name that has one.
fn pattern(name: &str) -> Option<Pattern> {
    const MARKS: &[&str] = &["idx", "ix", "index"];
    MARKS.iter().find_map(|mark| {
        let in_front = name.strip_prefix(mark).is_some_and(|rest| rest.starts_with('_') && rest.len() > 1);
        let behind = name.strip_suffix(mark).is_some_and(|rest| rest.ends_with('_') && rest.len() > 1);
        (in_front || behind).then_some(Pattern { mark, in_front })
    })
}
