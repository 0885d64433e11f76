use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "feature-needs-newer-server",
    category: Category::ViewsAndFunctions,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "The schema uses what the server version that it is judged for does not have.",
    why: "`uuidv7()` came with version 18, NULLS NOT DISTINCT and security_invoker with 15, `gen_random_uuid()` without an extension with 13. On an older server the statement, or the \
          first insert, fails. Declare the version that you run, or provide the function yourself or by an extension. PostgreSQL manual, appendix E \"Release Notes\".",
    fires: &["CREATE TABLE docs («id uuid PRIMARY KEY DEFAULT uuidv7()»);"],
    silent: &[
        "CREATE TABLE docs (id uuid PRIMARY KEY DEFAULT gen_random_uuid());\nCREATE UNIQUE INDEX ON docs (id) NULLS NOT DISTINCT;",
        "CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';\nCREATE TABLE docs (id uuid PRIMARY KEY DEFAULT uuidv7());",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let version = cx.target.server_version;
    let functions = |name: &str| -> Option<u16> {
        match name {
            "uuidv7" | "uuidv4" => Some(18),
            "gen_random_uuid" if cx.schema.find_extension("pgcrypto").is_none() => Some(13),
            _ => None,
        }
    };
    for (id, _, number, column) in cx.columns() {
        let Some(default) = &column.default else { continue };
        out.look();
        let mut found: Option<(String, u16)> = None;
        default.source.tree().walk(&mut |tree| {
            if let Tree::Call(call) = tree
                && let [name] = call.name.as_slice()
                && let Some(needs) = functions(name).filter(|n| *n > version)
                && !cx.schema.functions.iter().any(|(_, f)| f.dropped.is_none() && f.name == *name)
            {
                found = Some((name.to_string(), needs));
            }
        });
        let Some((name, needs)) = found else { continue };
        let message = format!(
            "The default of `{}` calls `{name}()`, which version {version} does not have: it came with {needs}.",
            cx.column_name(id, number)
        );
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
    }
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.nulls_not_distinct) {
            out.look();
            if version < 15 {
                let message = format!("`{}` says NULLS NOT DISTINCT, which came with version 15.", index.name);
                out.report(ObjectId::Index(index_id), index.span, message).object(ObjectId::Table(id));
            }
        }
    }
    for (id, view) in cx.schema.live_views().filter(|(_, v)| v.options.iter().any(|(n, _)| n == "security_invoker")) {
        out.look();
        if version < 15 {
            let message =
                format!("`{}` sets security_invoker, which came with version 15.", cx.name(ObjectId::View(id)));
            out.report(ObjectId::View(id), view.name_span, message);
        }
    }
}
