use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{FunctionId, ObjectId, TableId, TriggerFunction};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "shared-trigger-function",
    category: Category::ViewsAndFunctions,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "One trigger function serves several tables.",
    why: "A change of the function changes what happens on all of its tables, and one that is made for one of them may name a column that another lacks. For a time of change or an \
          audit trail sharing is right, and better than copies that drift apart; so the rule runs only where it is asked for, as a list of what a change would touch. PostgreSQL \
          manual, 43.10 \"Trigger Functions\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, at timestamptz);\nCREATE FUNCTION «touch»() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE TRIGGER t BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION touch();",
    ],
    silent: examples![
        // Two triggers of one table.
        "CREATE TABLE a (id bigint PRIMARY KEY, at timestamptz);\nCREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;\nCREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION touch();\nCREATE TRIGGER u BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION touch();",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut uses: Vec<(FunctionId, TableId)> = Vec::new();
    for (id, table) in cx.tables() {
        uses.extend(cx.schema.triggers_of(&table.triggers).filter_map(|(_, t)| match t.function {
            TriggerFunction::User(function) => Some((function, id)),
            TriggerFunction::Named(..) => None,
        }));
    }
    uses.order();
    uses.dedup();
    for of_one in uses.chunk_by(|a, b| a.0 == b.0) {
        out.look();
        let Some((id, _)) = of_one.first().filter(|_| of_one.len() > 1) else { continue };
        let Some(function) = cx.schema.functions.get(*id) else { continue };
        let message = format!(
            "`{}` is the trigger function of {}.",
            cx.name(ObjectId::Function(*id)),
            number_of_tables(of_one.len())
        );
        out.report(ObjectId::Function(*id), function.name_span, message)
            .objects(of_one.iter().map(|(_, table)| ObjectId::Table(*table)));
    }
}
