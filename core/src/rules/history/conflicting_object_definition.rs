use std::collections::{BTreeMap, BTreeSet};

use crate::collections::Lookup;
use crate::expr::Expr;
use crate::finding::{Certainty, Severity, Subject};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{
    AlterTableAction, AlterTypeAction, ConstraintDefKind, CreateIndex, Guard, GuardTest, IndexTarget, ObjectKind,
    Operation, OperationKind, TypeDefinition,
};
use crate::rules::support::plain;
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "conflicting-object-definition",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "An index, constraint, type, policy or function is defined again under a name that is taken.",
    why: "Without IF NOT EXISTS the second definition is refused, and the migration with it. With it, or inside a block that swallows the error, it is skipped \
          in silence, and what it says differently never takes effect: the file claims one thing and the database has another. Say the change in a new \
          migration (DROP and CREATE, or ALTER); databases that have the first definition then get it, too. PostgreSQL manual, CREATE INDEX, \"IF NOT \
          EXISTS\": \"there is no guarantee that the existing index is anything like the one that would have been created\".",
    fires: examples![
        "CREATE TABLE docs (id bigint PRIMARY KEY, title text, body text);\nCREATE INDEX docs_text ON docs (title);\nCREATE INDEX IF NOT EXISTS «docs_text» ON docs (title, body);",
        "CREATE TYPE status AS ENUM ('new', 'done');\nDO $$ BEGIN CREATE TYPE «status» AS ENUM ('new', 'failed', 'done'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
        "CREATE TABLE docs (id bigint PRIMARY KEY, owner bigint);\nALTER TABLE docs ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON docs USING (owner = 1);\nCREATE POLICY «own» ON docs USING (owner = 2);",
    ],
    silent: examples![
        "CREATE TABLE docs (id bigint PRIMARY KEY, title text);\nCREATE INDEX docs_title ON docs (title);\nCREATE INDEX IF NOT EXISTS docs_title ON docs USING btree (title);",
        "CREATE TABLE docs (id bigint PRIMARY KEY, title text, body text);\nCREATE INDEX docs_text ON docs (title);\nDROP INDEX docs_text;\nCREATE INDEX IF NOT EXISTS docs_text ON docs (title, body);",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';\nCREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 0 + 1';",
        // The label came by ALTER TYPE in between.
        "CREATE TYPE status AS ENUM ('new', 'done');\nALTER TYPE status ADD VALUE 'failed';\nDO $$ BEGIN CREATE TYPE status AS ENUM ('new', 'done', 'failed'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
    ],
    supersedes: &[],
    check,
};

/// A definition: kind and name (with its table's where it belongs to one), and what it says in comparable words.
struct Definition<'a> {
    kind: ObjectKind,
    key: String,
    name: &'a Ident,
    says: BTreeSet<String>,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let again = defined_again(cx, out);
    if again.is_empty() {
        return;
    }
    let ran: BTreeMap<(u32, u32), bool> =
        cx.replay.steps.iter().map(|s| ((s.revision, s.operation), !s.effects.is_empty())).collect();
    let refused: BTreeMap<(u32, u32), &'static str> =
        cx.replay.conflicts.iter().map(|c| ((c.revision, c.operation), c.sqlstate)).collect();
    let mut current: BTreeMap<(ObjectKind, String), (BTreeSet<String>, Span)> = BTreeMap::new();
    for (number, revision) in cx.revisions() {
        for (place, operation) in (0_u32..).zip(&revision.up) {
            let at = (number, place);
            if let OperationKind::AlterType { name, action } = &operation.kind {
                if ran.get(&at) == Some(&true)
                    && let Some((says, _)) = current.get_mut(&(ObjectKind::Type, path(name)))
                {
                    match action {
                        AlterTypeAction::AddValue { value, .. } => _ = says.insert(value.clone()),
                        AlterTypeAction::RenameValue { from, to, .. } => {
                            says.remove(from);
                            says.insert(to.clone());
                        }
                        AlterTypeAction::Set => {}
                    }
                }
                continue;
            }
            if let OperationKind::Rename { target, .. } = &operation.kind
                && ran.get(&at) == Some(&true)
            {
                let key = target
                    .part
                    .as_ref()
                    .map_or_else(|| path(&target.name), |part| format!("{}.{}", path(&target.name), part.fold()));
                current.remove(&(target.kind, key));
                continue;
            }
            if !defined(operation).is_some_and(|name| again.contains(&name.fold())) {
                continue;
            }
            if let Some(definition) = definition(operation) {
                let key = (definition.kind, definition.key.clone());
                if ran.get(&at) == Some(&true) {
                    current.insert(key, (definition.says, definition.name.span));
                    continue;
                }
                // Not made: refused as a duplicate, or skipped. What is refused for another reason is not about this name.
                let state = refused.get(&at).copied();
                // Nor can it be said of what a test kept from running, unless the test was whether it exists.
                let asked = |g: &Guard| g.negated && matches!(g.test, GuardTest::Exists(_));
                if !operation.guards.iter().all(asked) || definition.key.contains("{{") {
                    continue;
                }
                let Some((says, first)) = current.get(&key) else { continue };
                let same = *says == definition.says;
                if state.is_none() && same {
                    continue;
                }
                let what = definition.kind.name();
                let name = definition.name.fold();
                let message = match (state, same) {
                    (Some(_), true) => {
                        format!("The {what} `{name}` is created a second time; PostgreSQL refuses the statement.")
                    }
                    (Some(_), false) => {
                        format!("The {what} `{name}` is defined again, differently; PostgreSQL refuses the statement.")
                    }
                    (None, _) => format!(
                        "The {what} `{name}` exists already, so this definition, which differs, is skipped and never takes effect."
                    ),
                };
                let differences: Vec<String> =
                    definition.says.difference(says).map(|s| format!("`{}`", s.replace('`', "'"))).collect();
                let mut draft = out
                    .report_about(Subject::new(definition.kind, definition.key.clone()), definition.name.span, message)
                    .maybe_subject(cx.revision(number))
                    .also_at(*first);
                if !differences.is_empty() {
                    draft = draft
                        .evidence(format!("Only the later one says {}.", crate::rules::support::list(&differences)));
                }
                let _ = draft;
            }
        }
    }
}

/// `schema.name`; without a schema that of the default search path.
fn path(name: &QualifiedName) -> String {
    let schema = name.schema.as_ref().map_or("public".into(), Ident::fold);
    format!("{schema}.{}", name.name.fold())
}

fn text(expression: &Expr) -> String {
    plain(&expression.text)
}

/// The names that more than one statement defines. All others need no further look, and those are nearly all.
fn defined_again(cx: &Context<'_>, out: &mut Findings<'_>) -> BTreeSet<Name> {
    let mut seen = Lookup::default();
    let mut again = BTreeSet::new();
    for name in cx.revisions().flat_map(|(_, revision)| &revision.up).filter_map(defined) {
        out.look();
        let name = name.fold();
        if seen.insert(name.clone(), ()).is_some() {
            again.insert(name);
        }
    }
    again
}

/// The own name of what a statement defines. Tables have a rule of their own.
fn defined(operation: &Operation) -> Option<&Ident> {
    match &operation.kind {
        OperationKind::CreateIndex(index) => index.name.as_ref(),
        OperationKind::CreateType { name, definition: TypeDefinition::Enum(_) } => Some(&name.name),
        OperationKind::CreatePolicy(policy) => Some(&policy.name),
        OperationKind::CreateFunction(function) if !function.or_replace => Some(&function.name.name),
        OperationKind::CreateView(view) if view.materialized => Some(&view.name.name),
        // Of several actions one may have been refused for another reason.
        OperationKind::AlterTable(alter) => match alter.actions.as_slice() {
            [(AlterTableAction::AddConstraint(constraint), _)] => constraint.name.as_ref(),
            _ => None,
        },
        _ => None,
    }
}

/// What a statement says of what it defines.
fn definition(operation: &Operation) -> Option<Definition<'_>> {
    let name = defined(operation)?;
    Some(match &operation.kind {
        OperationKind::CreateIndex(index) => index_definition(index, name),
        OperationKind::CreateType { name: of_type, definition: TypeDefinition::Enum(labels) } => Definition {
            kind: ObjectKind::Type,
            key: path(of_type),
            name,
            says: labels.iter().map(|(label, _)| label.clone()).collect(),
        },
        OperationKind::CreatePolicy(policy) => {
            let mut says = BTreeSet::from([policy.command.sql().to_owned()]);
            says.extend(policy.using.as_ref().map(|e| format!("using ({})", text(e))));
            says.extend(policy.with_check.as_ref().map(|e| format!("with check ({})", text(e))));
            says.extend(policy.roles.iter().map(|r| format!("to {}", r.fold())));
            Definition { kind: ObjectKind::Policy, key: format!("{}.{}", path(&policy.table), name.fold()), name, says }
        }
        OperationKind::CreateFunction(function) => {
            let arguments: Vec<String> =
                function.arguments.iter().map(|a| a.data_type.name.fold().to_string()).collect();
            let body = match &function.body {
                Some(crate::operation::FunctionBody::String(e) | crate::operation::FunctionBody::Sql(e)) => text(e),
                None => String::new(),
            };
            Definition {
                kind: ObjectKind::Function,
                key: format!("{}({})", path(&function.name), arguments.join(", ")),
                name,
                says: BTreeSet::from([body]),
            }
        }
        OperationKind::CreateView(view) => Definition {
            kind: ObjectKind::MaterializedView,
            key: path(&view.name),
            name,
            says: BTreeSet::from([text(&view.query)]),
        },
        OperationKind::AlterTable(alter) => match alter.actions.as_slice() {
            [(AlterTableAction::AddConstraint(constraint), _)] => Definition {
                kind: ObjectKind::Constraint,
                key: format!("{}.{}", path(&alter.name), name.fold()),
                name,
                says: constraint_says(&constraint.kind),
            },
            _ => return None,
        },
        _ => return None,
    })
}

fn index_definition<'a>(index: &'a CreateIndex, name: &'a Ident) -> Definition<'a> {
    let method = index.method.as_ref().map_or("btree".into(), Ident::fold);
    let mut says = BTreeSet::from([format!("on {}", index.table.name.fold()), format!("using {method}")]);
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let target = match &key.target {
                IndexTarget::Column(column) => column.fold().to_string(),
                IndexTarget::Expression(expression) => text(expression),
            };
            let opclass = key.opclass.as_ref().map(|o| format!(" {}", o.name.fold())).unwrap_or_default();
            let descending = if key.descending == Some(true) { " desc" } else { "" };
            format!("{target}{opclass}{descending}")
        })
        .collect();
    says.insert(format!("({})", keys.join(", ")));
    if index.unique {
        says.insert("unique".to_owned());
    }
    says.extend(index.predicate.as_ref().map(|p| format!("where {}", text(p))));
    says.extend(index.include.iter().map(|c| format!("include {}", c.fold())));
    says.extend(index.options.iter().map(|(name, value)| format!("{name} = {value}")));
    // Indexes share the names of their schema, which is that of the table.
    let schema = index.table.schema.as_ref().map_or("public".into(), Ident::fold);
    Definition { kind: ObjectKind::Index, key: format!("{schema}.{}", name.fold()), name, says }
}

fn constraint_says(kind: &ConstraintDefKind) -> BTreeSet<String> {
    let names = |columns: &[Ident]| columns.iter().map(|c| c.fold().to_string()).collect::<Vec<_>>().join(", ");
    let one = |text: String| BTreeSet::from([text]);
    match kind {
        ConstraintDefKind::PrimaryKey { columns, options } | ConstraintDefKind::Unique { columns, options } => {
            let word = if matches!(kind, ConstraintDefKind::Unique { .. }) { "unique" } else { "primary key" };
            let index = options.using_index.as_ref().map(|i| format!(" using index {}", i.fold())).unwrap_or_default();
            one(format!("{word} ({}){index}", names(columns)))
        }
        ConstraintDefKind::Check(condition) => one(format!("check ({})", text(condition))),
        ConstraintDefKind::ForeignKey { columns, references } => BTreeSet::from([
            format!("foreign key ({})", names(columns)),
            format!("references {} ({})", references.table.name.fold(), names(&references.columns)),
            format!("on delete {}", references.on_delete.unwrap_or_default().sql().to_ascii_lowercase()),
        ]),
        ConstraintDefKind::Exclude { predicate, .. } => {
            one(format!("exclude {}", predicate.as_ref().map(text).unwrap_or_default()))
        }
        ConstraintDefKind::NotNull(column) => one(format!("not null {}", column.fold())),
    }
}
