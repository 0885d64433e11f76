use std::collections::BTreeSet;

use crate::expr::Expr;
use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::operation::{AlterTableAction, FunctionBody};
use crate::replay::Effect;
use crate::rules::support::{Alteration, list};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, FunctionId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-column",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column of an existing table is dropped, with its data.",
    why: "The values are gone, and programs that were deployed before and name the column fail. Stop using it first, keep a copy, and \
          drop it in a later migration. Indexes and foreign keys that use the column go with it without a word, which changes what \
          queries cost and what is checked. PostgreSQL manual, ALTER TABLE, \"DROP COLUMN\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders DROP COLUMN «note»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n-- file: 3_drop.sql\nALTER TABLE orders DROP COLUMN «note»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders DROP COLUMN note;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN memo text;\nALTER TABLE orders DROP COLUMN memo;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders DROP COLUMN IF EXISTS missing;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::DropColumn { name, .. } = a.action else { continue };
        let dropped = a.at.effects.iter().find_map(|e| match e {
            Effect::Dropped(ObjectId::Column(t, c)) if *t == a.id => {
                a.table.columns.get(c.index()).filter(|column| column.name == name.fold()).map(|_| *c)
            }
            _ => None,
        });
        let Some(column) = dropped.filter(|c| cx.was_before(ObjectId::Column(a.id, *c), a.at.revision)) else {
            continue;
        };
        out.look();
        let lost: Vec<ObjectId> = if a.alter.actions.len() == 1 { others(cx, a, column) } else { Vec::new() };
        let callers = still_named_by(cx, a, column);
        let caller_names: Vec<String> =
            callers.iter().map(|f| format!("`{}`", cx.name(ObjectId::Function(*f)))).collect();
        let message = match caller_names.as_slice() {
            [] => format!(
                "`{}` is dropped with its values; programs that still name it fail.",
                cx.column_name(a.id, column)
            ),
            names => format!(
                "`{}` is dropped, and {} still {} it: a call that comes to it fails.",
                cx.column_name(a.id, column),
                list(names),
                if names.len() == 1 { "names" } else { "name" }
            ),
        };
        let mut draft = cx.report_step(out, a.at, ObjectId::Column(a.id, column), name.span, message);
        if !lost.is_empty() {
            let names: Vec<String> =
                lost.iter().map(|id| format!("{} `{}`", cx.schema.kind(*id).name(), cx.name(*id))).collect();
            draft = draft.severity(Severity::High).evidence(format!("With it goes what names it: {}.", list(&names)));
        }
        if let Some(first) = callers.first() {
            draft = draft.severity(Severity::High).certainty(Certainty::Likely).lasting().evidence(
                "PostgreSQL looks into the body of a function only when it runs: the drop succeeds, and the call fails with 42703."
                    .to_owned(),
            );
            if let Some(function) = cx.schema.functions.get(*first) {
                draft = draft.also_at(function.name_span);
            }
        }
        let _ = draft.objects(lost).compared_with(callers.into_iter().map(ObjectId::Function));
    }
}

/// Functions that are left whose body names the table and the dropped column, where nothing else that it speaks of is called so: no other table that it
/// names, no argument and no variable.
fn still_named_by(cx: &Context<'_>, a: Alteration<'_>, column: ColumnNumber) -> Vec<FunctionId> {
    let Some(name) = a.table.columns.get(column.index()).map(|c| &c.name) else { return Vec::new() };
    // It was dropped with its table, or made anew.
    if a.table.dropped.is_some() || a.table.find_column(name).is_some() || cx.runs_hidden_sql() {
        return Vec::new();
    }
    let others = cx.schema.live_tables().filter(|(id, t)| *id != a.id && t.find_column(name).is_some());
    let others = others.map(|(_, t)| &t.name);
    let elsewhere: Vec<&Name> = others.chain(cx.schema.live_views().map(|(_, v)| &v.name)).collect();
    let named = |(id, words): (&FunctionId, &BTreeSet<Name>)| {
        let function = cx.schema.functions.get(*id)?;
        let own = function.arguments.iter().filter_map(|a| a.name.as_ref());
        let is_own = own.chain(function.returns_table.iter().map(|(n, _)| n)).any(|n| n == name);
        let text = match function.body.as_ref()? {
            FunctionBody::String(text) | FunctionBody::Sql(text) => text,
        };
        let speaks = words.contains(name) && words.contains(&a.table.name);
        let of_another = || elsewhere.iter().any(|n| words.contains(*n));
        let makes_it = || words.contains("exception") || is_made(text, name);
        (speaks && !is_own && !of_another() && !makes_it()).then_some(*id)
    };
    cx.body_words().iter().filter_map(named).collect()
}

/// Whether a body declares a variable of this name or calls a result so: `DECLARE note text`, `AS note`, `note := …`.
fn is_made(body: &Expr, name: &str) -> bool {
    let text = body.text.to_ascii_lowercase();
    let head = text.split("begin").next().filter(|_| text.contains("declare")).unwrap_or_default();
    let is_word = |part: &str| part.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name);
    let called: Vec<&str> = text.split_whitespace().collect();
    let is_alias = called.windows(2).any(|pair| matches!(pair, [a, b] if *a == "as" && is_word(b)));
    is_word(head) || is_alias || body.routine().assigned.iter().any(|(n, _)| n == name)
}

/// What goes with the column, besides itself: keys, checks, indexes, views, policies.
fn others(cx: &Context<'_>, a: Alteration<'_>, column: ColumnNumber) -> Vec<ObjectId> {
    let mut out = Vec::new();
    for effect in a.at.effects {
        let Effect::Dropped(id) = effect else { continue };
        let counts = match id {
            // The index of a constraint that is told already.
            ObjectId::Index(i) => cx.schema.indexes.get(*i).is_some_and(|i| i.constraint.is_none()),
            ObjectId::Column(t, c) => (*t, *c) != (a.id, column),
            ObjectId::Sequence(_) => false,
            _ => true,
        };
        if counts {
            out.push(*id);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::finding::Severity;
    use crate::session::{Options, analyze};

    /// How bad the drop of `orders.note` is with this function made before it.
    fn severity(function: &str) -> Severity {
        let base = format!(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text, memo text);\nCREATE TABLE mails (id bigint PRIMARY KEY, note text);\n{function}"
        );
        let files = [("1_base.sql", base.as_str()), ("2_drop.sql", "ALTER TABLE orders DROP COLUMN note;")];
        let analysis = analyze(files.map(|(name, text)| (name, text.as_bytes())), Options::default());
        let finding = analysis.targets[0].findings.iter().find(|f| f.rule.name == "drop-column").expect("the finding");
        assert_eq!(finding.lasting, finding.severity == Severity::High);
        finding.severity
    }

    #[test]
    fn a_function_that_still_writes_the_column_fails() {
        // PostgreSQL 15: the DROP succeeds, and the call fails with 42703.
        let function = |body: &str| {
            format!("CREATE FUNCTION annotate(p bigint, t text) RETURNS void LANGUAGE plpgsql AS $$ {body} $$;")
        };
        assert_eq!(severity(&function("BEGIN UPDATE orders SET note = t WHERE id = p; END")), Severity::High);
        // Another column, a variable, an alias, another table's column, and a function that says what it does when it fails.
        for body in [
            "BEGIN UPDATE orders SET memo = t WHERE id = p; END",
            "DECLARE note text; BEGIN SELECT memo INTO note FROM orders WHERE id = p; END",
            "BEGIN PERFORM memo AS note FROM orders WHERE id = p; END",
            "BEGIN UPDATE mails SET note = t WHERE id = (SELECT id FROM orders WHERE id = p); END",
            "BEGIN UPDATE orders SET note = t WHERE id = p; EXCEPTION WHEN undefined_column THEN NULL; END",
        ] {
            assert_eq!(severity(&function(body)), Severity::Medium, "{body}");
        }
        assert_eq!(
            severity(
                "CREATE FUNCTION f(note text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE orders SET memo = note; END $$;"
            ),
            Severity::Medium
        );
    }
}
