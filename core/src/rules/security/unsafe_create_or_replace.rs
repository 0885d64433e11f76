use crate::finding::{Certainty, Severity};
use crate::operation::{ObjectKind, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unsafe-create-or-replace",
    category: Category::Security,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "CREATE OR REPLACE or IF NOT EXISTS in a schema in which everyone may create objects.",
    why: "Who may create objects there may have made one of that name before. OR REPLACE keeps their ownership, so that they can change the body again afterwards; IF NOT EXISTS takes \
          their table as it is. Take CREATE on the schema away first, or use plain CREATE, which fails where something is in the way. The rule needs the GRANT in the input. PostgreSQL \
          manual, 38.17.6 \"Security Considerations for Extensions\".",
    fires: examples![
        "CREATE SCHEMA app;\nGRANT CREATE ON SCHEMA app TO PUBLIC;\n«CREATE OR REPLACE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1'»;",
    ],
    silent: examples![
        "CREATE SCHEMA app;\nCREATE OR REPLACE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "CREATE SCHEMA app;\nGRANT CREATE ON SCHEMA app TO PUBLIC;\nCREATE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "CREATE SCHEMA app;\nGRANT CREATE ON SCHEMA app TO PUBLIC;\nREVOKE CREATE ON SCHEMA app FROM PUBLIC;\nCREATE OR REPLACE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let open: Vec<NamespaceId> =
        cx.schema.namespaces.iter().map(|(id, _)| id).filter(|id| cx.owns_namespace(*id) && is_open(cx, *id)).collect();
    if open.is_empty() {
        return;
    }
    for step in &cx.replay.steps {
        let revision = cx.history.revisions.get(step.revision as usize);
        let Some(operation) = revision.and_then(|r| r.up.get(step.operation as usize)) else { continue };
        let word = match &operation.kind {
            OperationKind::CreateFunction(f) if f.or_replace => "OR REPLACE",
            OperationKind::CreateView(v) if v.or_replace => "OR REPLACE",
            OperationKind::CreateTable(t) if t.if_not_exists => "IF NOT EXISTS",
            _ => continue,
        };
        let made = step.effects.iter().find_map(|e| match e {
            Effect::Created(id) | Effect::Altered(id) => Some((*id, home(cx, *id)?)),
            Effect::Dropped(_) => None,
        });
        let Some((id, namespace)) = made else { continue };
        out.look();
        if open.contains(&namespace) {
            let schema = cx.schema.namespaces.get(namespace).map_or("", |n| n.name.as_str());
            let message = format!(
                "`{}` is made by CREATE with {word} in `{schema}`, where everyone may have made one before.",
                cx.name(id)
            );
            out.report(id, operation.span, message);
        }
    }
}

fn home(cx: &Context<'_>, id: ObjectId) -> Option<NamespaceId> {
    match id {
        ObjectId::Function(f) => cx.schema.functions.get(f).filter(|f| f.dropped.is_none()).map(|f| f.namespace),
        ObjectId::View(v) => cx.schema.views.get(v).filter(|v| v.dropped.is_none()).map(|v| v.namespace),
        ObjectId::Table(t) => cx.schema.tables.get(t).filter(|t| t.dropped.is_none()).map(|t| t.namespace),
        _ => None,
    }
}

/// Whether PUBLIC may create objects in a schema in the end.
fn is_open(cx: &Context<'_>, namespace: NamespaceId) -> bool {
    let speaks = |g: &&crate::schema::GrantEntry| {
        g.default_for.is_none()
            && g.grant.kind == ObjectKind::Schema
            && g.grant.revoke == g.grant.takes_away()
            && g.objects.contains(&ObjectId::Namespace(namespace))
            && g.grant.grantees.iter().any(|r| r.fold() == "public")
            && g.grant.privileges.iter().any(|p| p == "CREATE" || p == "ALL")
    };
    cx.schema.grants.iter().rfind(speaks).is_some_and(|g| !g.grant.revoke)
}
