use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::{Name, quote};
use crate::order::Order;
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "owner-mismatch",
    category: Category::Security,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A table or view belongs to another role than the rest of its schema.",
    why: "Only its owner, or a member of it, may alter or drop an object, and policies do not bind the owner unless they are forced. One object of another owner is as a rule a statement \
          that somebody ran by hand under the wrong role; the next migration then fails there. The rule needs OWNER TO in the input, as dumps have it, and one role that owns at least \
          three quarters of a schema. PostgreSQL manual, 5.7 \"Privileges\".",
    fires: examples![
        "CREATE ROLE app;\nCREATE ROLE eve;\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE «d» (id bigint PRIMARY KEY);\nALTER TABLE a OWNER TO app;\nALTER TABLE b OWNER TO app;\nALTER TABLE c OWNER TO app;\nALTER TABLE d OWNER TO eve;",
    ],
    silent: examples![
        "CREATE ROLE app;\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nALTER TABLE a OWNER TO app;\nALTER TABLE b OWNER TO app;\nALTER TABLE c OWNER TO app;",
        // No habit to depart from.
        "CREATE ROLE app;\nCREATE ROLE eve;\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nALTER TABLE a OWNER TO app;\nALTER TABLE b OWNER TO eve;",
    ],
    supersedes: &[],
    check,
};

struct Owned<'a> {
    id: ObjectId,
    namespace: NamespaceId,
    owner: &'a Name,
    place: Span,
    word: &'static str,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let tables = cx.tables_and_partitions().filter_map(|(id, t)| {
        let owner = t.owner.as_ref()?;
        Some(Owned { id: ObjectId::Table(id), namespace: t.namespace, owner, place: t.name_span, word: "TABLE" })
    });
    let views = cx.schema.live_views().filter(|(_, v)| cx.owns_namespace(v.namespace)).filter_map(|(id, v)| {
        let owner = v.owner.as_ref()?;
        let word = if v.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        Some(Owned { id: ObjectId::View(id), namespace: v.namespace, owner, place: v.name_span, word })
    });
    let mut all: Vec<Owned<'_>> = tables.chain(views).collect();
    all.order_by_key(|o| o.namespace);
    for of_schema in all.chunk_by(|a, b| a.namespace == b.namespace) {
        let mut counts: BTreeMap<&Name, usize> = BTreeMap::new();
        for owned in of_schema {
            *counts.entry(owned.owner).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(name, n)| (*n, std::cmp::Reverse(*name)));
        let Some((usual, own)) = most else { continue };
        let total = of_schema.len();
        for odd in of_schema {
            out.look();
            if odd.owner == usual || own < 3 || own * 4 < total * 3 {
                continue;
            }
            let message = format!(
                "`{}` belongs to `{}`, not to `{usual}` as the rest of its schema.",
                cx.name(odd.id),
                odd.owner
            );
            out.report(odd.id, odd.place, message)
                .evidence(format!("`{usual}` owns {own} of {}.", number(total, "object", "objects")))
                .fix(Fix {
                    sql: format!("ALTER {} {} OWNER TO {};", odd.word, cx.schema.path(odd.id), quote(usual)),
                    caution: Some(format!(
                        "Run it as a superuser or a member of both roles. What connects as `{}` keeps only what is granted to it.",
                        odd.owner
                    )),
                });
        }
    }
}
