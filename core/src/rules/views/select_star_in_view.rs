use crate::expr::{Source, Tree};
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "select-star-in-view",
    category: Category::ViewsAndFunctions,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A view selects all columns of a table.",
    why: "The star is spelt out once, when the view is made: columns that the table gets later are missing from the view, until somebody makes it anew, when they turn up in it, those \
          with secrets too. A list of columns says what the view is for. PostgreSQL manual, CREATE VIEW, \"Notes\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text, done boolean NOT NULL);\nCREATE VIEW «open_notes» AS SELECT * FROM notes WHERE NOT done;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text, done boolean NOT NULL);\nCREATE VIEW open_notes AS SELECT id, note FROM notes WHERE NOT done;\nCREATE VIEW counts AS SELECT count(*) AS n FROM notes;",
        // The star of a subquery that lists its columns.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text, done boolean NOT NULL);\nCREATE VIEW open_notes AS SELECT * FROM (SELECT id, note FROM notes WHERE NOT done) n;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, view) in cx.schema.live_views().filter(|(_, v)| cx.owns_namespace(v.namespace)) {
        out.look();
        let Some(query) = cx.query_of(id) else { continue };
        let starred = query.items.iter().any(|item| match &item.value {
            Tree::Star(of) => query.from.iter().any(|from| {
                let named = from.alias.as_ref();
                let own =
                    |path: &[crate::name::Name]| of.last().is_none_or(|n| named == Some(n) || path.last() == Some(n));
                matches!(&from.source, Source::Relation(path)
                    if own(path) && !query.with.iter().any(|(name, _)| path.last() == Some(name)))
            }),
            _ => false,
        });
        if starred {
            let message = format!(
                "`{}` selects all columns that the table had when the view was made.",
                cx.name(ObjectId::View(id))
            );
            out.report(ObjectId::View(id), view.name_span, message);
        }
    }
}
