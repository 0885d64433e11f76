use crate::expr::{Join, Query, Source, Tree};
use crate::finding::{Certainty, Severity};
use crate::rules::support::{list, number, text_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "query-smell-in-view",
    category: Category::ViewsAndFunctions,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "The query of a view is written in a way that is often slow or says more than was meant.",
    why: "ORDER BY random() reads and sorts everything for each use; a pattern that begins with a wildcard uses no btree index; UNION without ALL compares all rows to drop equal \
          ones, and DISTINCT over a join often hides a join that multiplies rows; a join without an equality pairs every row with every other; many joins and deep nesting are hard to \
          plan and to read. Each may be right, so the rule runs only where it is asked for. PostgreSQL manual, 7.4 \"Combining Queries\" and 14.3 \"Controlling the Planner with \
          Explicit JOIN Clauses\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE VIEW «some_notes» AS SELECT id FROM notes ORDER BY random() LIMIT 5;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE VIEW «todo» AS SELECT id FROM notes WHERE note LIKE '%todo%';",
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TABLE tags (note_id bigint REFERENCES notes, tag text);\nCREATE VIEW «tagged» AS SELECT DISTINCT n.id FROM notes n JOIN tags t ON t.note_id = n.id;",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE VIEW «ids» AS SELECT id FROM a UNION SELECT id FROM b;",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE VIEW «pairs» AS SELECT a.id, b.id AS other FROM a JOIN b ON a.id < b.id;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TABLE tags (note_id bigint REFERENCES notes, tag text);\nCREATE VIEW tagged AS SELECT n.id FROM notes n JOIN tags t ON t.note_id = n.id WHERE note LIKE 'todo%' UNION ALL SELECT DISTINCT note_id FROM tags ORDER BY id;",
    ],
    supersedes: &[],
    check,
};

/// Sources in one FROM from which on a view has many joins.
const MANY_SOURCES: usize = 10;
/// Queries in each other from which on a view is deep.
const DEEP: usize = 5;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, view) in cx.schema.live_views().filter(|(_, v)| cx.owns_namespace(v.namespace)) {
        out.look();
        let Some(query) = cx.query_of(id) else { continue };
        let smells = smells(query);
        if !smells.is_empty() {
            let message = format!("`{}` {}.", cx.name(ObjectId::View(id)), list(&smells));
            out.report(ObjectId::View(id), view.name_span, message);
        }
    }
}

fn smells(query: &Query) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |found: bool, what: &str| {
        if found && !out.iter().any(|o| o == what) {
            out.push(what.to_owned());
        }
    };
    let mut most = 0;
    query.walk_queries(&mut |q| {
        add(q.order_by.iter().any(|key| key.is_call_of("random")), "sorts by `random()`");
        add(q.distinct && q.from.len() > 1, "drops equal rows that its joins may have made, by DISTINCT");
        add(q.merges_rows, "compares all rows of a UNION without ALL");
        let unequal = q.from.iter().any(|f| {
            matches!(f.join, Join::Inner | Join::Left | Join::Right | Join::Full)
                && matches!(f.source, Source::Relation(_))
                && f.on.as_ref().is_some_and(|on| !has_equality(on))
        });
        add(unequal, "joins without an equality");
        most = most.max(q.from.len());
    });
    let mut leading = false;
    query.walk(&mut |tree| leading |= begins_with_wildcard(tree));
    add(leading, "looks for a pattern that begins with a wildcard");
    if most >= MANY_SOURCES {
        out.push(format!("joins {}", number(most, "source", "sources")));
    }
    let depth = depth(query);
    if depth >= DEEP {
        out.push(format!("nests {}", number(depth, "query", "queries")));
    }
    out
}

fn has_equality(on: &Tree) -> bool {
    let mut found = false;
    on.walk(&mut |t| {
        found |= matches!(t, Tree::Operator(op, _) if matches!(op.as_str(), "=" | "in" | "= any" | "is not distinct from"))
            || matches!(t, Tree::Bool(_) | Tree::Opaque);
    });
    found
}

fn begins_with_wildcard(tree: &Tree) -> bool {
    matches!(tree, Tree::Operator(op, operands) if matches!(op.as_str(), "like" | "ilike" | "~~" | "~~*")
        && operands.get(1).and_then(text_of).is_some_and(|p| p.starts_with(['%', '_'])))
}

/// How many queries stand in each other through FROM.
fn depth(query: &Query) -> usize {
    let mut deepest = 1;
    let mut open = vec![(query, 1_usize)];
    while let Some((query, depth)) = open.pop() {
        deepest = deepest.max(depth);
        for from in &query.from {
            if let Source::Query(inner) = &from.source {
                open.push((inner, depth + 1));
            }
        }
    }
    deepest
}
