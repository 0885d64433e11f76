use crate::finding::{Certainty, Severity, Subject};
use crate::name::quote;
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{missing_object, refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "trigger-function-missing",
    category: Category::ViewsAndFunctions,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A trigger calls a function that nothing in the input makes.",
    why: "PostgreSQL refuses the trigger, and what it was to keep up, a time of change or an audit trail, is not kept up. The function was left out of the files, renamed, or stands in \
          another schema than the search path reaches. Where it is made further down, the order is wrong, which another rule tells. PostgreSQL manual, CREATE \
          TRIGGER, and appendix A, 42883.",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION «touch»();",
    ],
    silent: examples![
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch();",
        // Of an extension, and built in.
        "CREATE EXTENSION moddatetime;\nCREATE TABLE notes (id bigint PRIMARY KEY, updated_at timestamptz);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION moddatetime(updated_at);\nCREATE TRIGGER same BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();",
        // Too early, but it comes.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nCREATE TRIGGER touch BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (_, table) in cx.tables() {
        for _ in cx.schema.triggers_of(&table.triggers) {
            out.look();
        }
    }
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate == "42883") {
        let Some(OperationKind::CreateTrigger(create)) = refused(cx, conflict).map(|o| &o.kind) else { continue };
        let function = create.function.name.fold();
        if cx.schema.functions.iter().any(|(_, f)| f.name == function) {
            continue;
        }
        out.look();
        let (kind, name) = missing_object(conflict).unwrap_or((ObjectKind::Function, function.as_str()));
        let table = written_path(&create.table);
        let message = format!(
            "The trigger `{}` on `{}` calls `{function}`, which does not exist.",
            create.name.fold(),
            create.table.name.fold()
        );
        out.report_about(Subject::new(kind, name), conflict.span, message)
            .maybe_subject(Some(Subject::new(ObjectKind::Trigger, format!("{table}.{}", quote(&create.name.fold())))))
            .maybe_subject(Some(Subject::new(ObjectKind::Table, table)))
            .maybe_subject(cx.revision(conflict.revision));
    }
}
