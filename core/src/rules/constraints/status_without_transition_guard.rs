use crate::finding::{Certainty, Severity};
use crate::operation::{FunctionBody, TriggerEvent};
use crate::rules::support::{each_word, known_values, last_word, text_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table, TriggerFunction};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "status-without-transition-guard",
    category: Category::Constraints,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "Nothing in the database keeps a state from jumping to any other.",
    why: "A CHECK or enum keeps out unknown states, not wrong steps: an UPDATE may take a row from the first state to the last, or back from \
          one that should be final. Where that would ship or pay something, a trigger that compares OLD and NEW, or a table of allowed steps, \
          keeps every program to the rules; where one program writes, its own code may do. PostgreSQL manual, 43.10 \"Trigger Functions\" and \
          5.4.1 \"Check Constraints\".",
    fires: examples![
        "CREATE TYPE order_status AS ENUM ('new', 'ready', 'approved', 'pushed', 'error');\nCREATE TABLE orders (id bigint PRIMARY KEY, «status order_status NOT NULL DEFAULT 'new'»);",
    ],
    silent: examples![
        // Few states, or none that comes first.
        "CREATE TABLE a (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'on' CHECK (status IN ('on', 'off')));\nCREATE TABLE b (id bigint PRIMARY KEY, status text CHECK (status IN ('red', 'green', 'blue', 'white', 'black')));",
        // A trigger looks at it.
        "CREATE TYPE order_status AS ENUM ('new', 'ready', 'approved', 'pushed', 'error');\nCREATE TABLE orders (id bigint PRIMARY KEY, status order_status NOT NULL DEFAULT 'new');\nCREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.status = 'pushed' THEN RAISE EXCEPTION 'final'; END IF; RETURN NEW; END $$;\nCREATE TRIGGER guard BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION guard();",
    ],
    supersedes: &[],
    check,
};

/// So many states make an order of steps likely.
const STATES: usize = 5;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let is_state = |name| last_word(name).is_some_and(|w| w == "status" || w == "state");
    for (id, table, number, column) in cx.columns_named(is_state) {
        let states = known_values(cx, table, number);
        out.look();
        let start = column.default.as_ref().and_then(|d| text_of(d.source.tree()).map(str::to_owned));
        let Some(start) = start.filter(|s| states.contains(s) && is_first(s)) else { continue };
        if states.len() < STATES || is_guarded(cx, table, number, &column.name) {
            continue;
        }
        let message = format!(
            "`{}` may change from any of its {} states to any other.",
            cx.column_name(id, number),
            states.len()
        );
        out.report(ObjectId::Column(id, number), column.span, message)
            .object(ObjectId::Table(id))
            .evidence(format!("Rows start as `{start}`."));
    }
}

/// Whether a state is one that things start in.
fn is_first(state: &str) -> bool {
    const FIRST: &[&str] =
        &["created", "draft", "initial", "new", "open", "pending", "queued", "received", "requested", "submitted"];
    each_word(state).any(|w| FIRST.contains(&w.as_ref()))
}

/// Whether a trigger on updates looks at the column: by its name in UPDATE OF or WHEN, or in the function's text.
fn is_guarded(cx: &Context<'_>, table: &Table, number: ColumnNumber, name: &str) -> bool {
    cx.schema.triggers_of(&table.triggers).any(|(_, trigger)| {
        let body = match trigger.function {
            TriggerFunction::User(f) => cx.schema.functions.get(f).and_then(|f| f.body.as_ref()),
            TriggerFunction::Named(..) => None,
        };
        let text = match body {
            Some(FunctionBody::String(text) | FunctionBody::Sql(text)) => &*text.text,
            None => "",
        };
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        trigger.events.contains(&TriggerEvent::Update)
            && (trigger.update_of.contains(&number)
                || text.split(|c: char| !is_name(c)).any(|w| w.eq_ignore_ascii_case(name)))
    })
}
