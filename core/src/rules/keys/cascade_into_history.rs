use super::junction_table_without_unique::{referenced, tie};
use crate::finding::{Certainty, Fix, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{each_word, replace_on_delete, singular, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cascade-into-history",
    category: Category::KeysAndReferences,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "Deleting a row also deletes the record of what happened to it.",
    why: "Audit trails, ledgers and histories are kept for when the thing itself is gone: to show who deleted it, to close the books, to \
          answer an authority. ON DELETE CASCADE removes them together with it, in silence. RESTRICT keeps both until somebody decides; SET \
          NULL keeps the record where it still says enough without the reference. Where the whole tenant goes, and must go by law, waive it \
          with that reason. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE order_history (id bigint PRIMARY KEY, order_id bigint NOT NULL «REFERENCES orders ON DELETE CASCADE», status text);",
        "CREATE TABLE accounts (id bigint PRIMARY KEY);\nCREATE TABLE ledger_entries (id bigint PRIMARY KEY, account_id bigint NOT NULL «REFERENCES accounts (id) ON UPDATE CASCADE ON DELETE CASCADE», amount numeric);",
        "CREATE TABLE wallets (id bigint PRIMARY KEY);\nCREATE TABLE account_transactions (id bigint PRIMARY KEY, wallet_id bigint «REFERENCES wallets ON DELETE CASCADE», amount numeric);",
        // The books say what was billed, also when the bill is gone.
        "CREATE TABLE invoices (id bigint PRIMARY KEY);\nCREATE TABLE ledger_entries (id bigint PRIMARY KEY, invoice_id bigint NOT NULL «REFERENCES invoices ON DELETE CASCADE», amount numeric);",
        "CREATE TABLE parts (id bigint PRIMARY KEY);\nCREATE TABLE change_log (id bigint PRIMARY KEY, part_id bigint «REFERENCES parts ON DELETE CASCADE», at timestamptz);",
        // Some write two words as one.
        "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE billing_ledgerentry (id bigint PRIMARY KEY, customer_id bigint NOT NULL «REFERENCES customers ON DELETE CASCADE», amount numeric);",
        // By what its comment says.
        "CREATE TABLE visits (id bigint PRIMARY KEY);\nCREATE TABLE visit_events (id bigint PRIMARY KEY, visit_id bigint NOT NULL «REFERENCES visits ON DELETE CASCADE», what text);\nCOMMENT ON TABLE visit_events IS 'What happened at a visit; kept ten years by law';",
    ],
    silent: examples![
        // An audit trail in the data itself is no duty to keep it.
        "CREATE TABLE parts (id bigint PRIMARY KEY);\nCREATE TABLE part_links (id bigint PRIMARY KEY, part_id bigint NOT NULL REFERENCES parts ON DELETE CASCADE, kind text);\nCOMMENT ON TABLE part_links IS 'There may be several rounds; this allows us to keep an audit trail of what went where.';",
        "CREATE TABLE visits (id bigint PRIMARY KEY);\nCREATE TABLE visit_events (id bigint PRIMARY KEY, visit_id bigint NOT NULL REFERENCES visits ON DELETE CASCADE, what text);\nCOMMENT ON TABLE visit_events IS 'What happened at a visit; a copy for the screen, not kept by law';",
        // Which coupons an invoice used: it goes with either.
        "CREATE TABLE coupons (id bigint PRIMARY KEY);\nCREATE TABLE invoices (id bigint PRIMARY KEY);\nCREATE TABLE coupon_invoices (coupon_id bigint REFERENCES coupons ON DELETE CASCADE, invoice_id bigint REFERENCES invoices ON DELETE CASCADE, PRIMARY KEY (coupon_id, invoice_id));",
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE order_history (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE SET NULL, status text);",
        // Lines belong to their order.
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE order_lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE);",
        // What was measured of a thing, or what a program did for it, says nothing without it.
        "CREATE TABLE products (id bigint PRIMARY KEY);\nCREATE TABLE price_history (id bigint PRIMARY KEY, product_id bigint REFERENCES products ON DELETE CASCADE, price numeric);\nCREATE TABLE agent_task_history (id bigint PRIMARY KEY, product_id bigint REFERENCES products ON DELETE CASCADE, status text);",
        // A part of the record itself.
        "CREATE TABLE ledgers (id bigint PRIMARY KEY);\nCREATE TABLE ledger_entries (id bigint PRIMARY KEY, ledger_id bigint REFERENCES ledgers ON DELETE CASCADE);\nCREATE TABLE job_logs (id bigint PRIMARY KEY);",
        // How somebody pays is no payment.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE payment_methods (id bigint PRIMARY KEY, person_id bigint REFERENCES people ON DELETE CASCADE, brand text);",
        "CREATE TABLE invoices (id bigint PRIMARY KEY);\nCREATE TABLE invoice_lines (id bigint PRIMARY KEY, invoice_id bigint REFERENCES invoices ON DELETE CASCADE);",
        // What a build printed is part of the build.
        "CREATE TABLE builds (id bigint PRIMARY KEY);\nCREATE TABLE build_logs (id bigint PRIMARY KEY, build_id bigint REFERENCES builds ON DELETE CASCADE, line text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let referenced = referenced(cx);
    for key in cx.foreign_keys().filter(|k| k.fk.on_delete == ReferentialAction::Cascade) {
        out.look();
        let Some(target) = cx.schema.tables.get(key.fk.references) else { continue };
        let by_comment = || is_to_be_kept(key.of).then(|| (String::new(), Severity::High));
        let Some((word, severity)) = record(&key.of.name).or_else(by_comment) else { continue };
        // That two things belong together is no record of either.
        if tie(cx, key.table, key.of, &referenced).is_some() {
            continue;
        }
        // A part of a record goes with it: the lines of an invoice, the entries of a ledger or a transaction. The ledger is no part of the invoice.
        let of_target = record(&target.name)
            .is_some_and(|(of, _)| severity != Severity::High || each_word(&key.of.name).any(|w| singular(&w) == of));
        if of_target || each_word(&target.name).any(|w| singular(&w) == "transaction") {
            continue;
        }
        let (rows, parent) = (cx.table_name(key.table), cx.table_name(key.fk.references));
        let message = format!("Deleting a row of `{parent}` deletes its records in `{rows}`.");
        // Who closes an account mostly wants all of it gone.
        let is_root = cx.conventions.tenant.as_ref().is_some_and(|t| t.root == Some(key.fk.references));
        let severity = if is_root { severity.max(Severity::Medium) } else { severity };
        let sql = replace_on_delete(cx, key.table, key.constraint, key.fk, ReferentialAction::Restrict);
        out.report(ObjectId::Constraint(key.id), key.constraint.span, message)
            .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)))
            .object(ObjectId::Table(key.fk.references))
            .severity(severity)
            .evidence(match word.as_str() {
                "" => format!("The comment of `{rows}` says that its rows are to be kept."),
                word => format!("`{word}` tables record what happened."),
            })
            .maybe_fix(sql.map(|sql| Fix {
                sql,
                caution: Some(format!(
                    "Deletes in `{parent}` then fail while there are records. Where records make sense without it, let the column be empty and use \
                     ON DELETE SET NULL instead."
                )),
            }));
    }
}

/// Whether the rows of a table are kept for when what they are of is gone, by its name or its comment: a cascade into it is told here.
pub(in crate::rules) fn is_record(table: &Table) -> bool {
    record(&table.name).is_some_and(|(_, severity)| severity == Severity::High) || is_to_be_kept(table)
}

/// Whether the table's comment says that its rows are to be kept, and for how long or by what rule.
fn is_to_be_kept(table: &Table) -> bool {
    const KEEP: &[&str] = &["keep", "kept", "retain", "retained", "retention", "preserved", "archived"];
    const WHY: &[&str] =
        &["law", "legal", "legally", "statutory", "regulation", "regulations", "regulatory", "compliance", "years"];
    let Some(comment) = table.comment.as_deref() else { return false };
    let says =
        |list: &[&str]| comment.split(|c: char| !c.is_alphabetic()).any(|w| list.contains(&w.to_lowercase().as_str()));
    says(KEEP) && says(WHY) && !says(&["not", "never", "no"])
}

/// The word of a table's name that says that it records what happened, and how bad it is to lose that: books and trails are high; runs, which are
/// often repeated, and revisions are less.
fn record(name: &str) -> Option<(String, Severity)> {
    const KEPT: &[&str] = &["audit", "history", "invoice", "journal", "ledger", "payment"];
    const USEFUL: &[&str] = &["changelog", "revision", "run"];
    // Whose history is a series of values or of work: it belongs to what it is of.
    const SERIES: &[&str] =
        &["chat", "execution", "job", "message", "price", "rank", "search", "step", "task", "version", "view"];
    // What sets up how records are made, or what they are for, records nothing itself.
    const SETTING: &[&str] = &[
        "account",
        "category",
        "config",
        "configuration",
        "counter",
        "gateway",
        "method",
        "option",
        "plan",
        "policy",
        "preference",
        "profile",
        "provider",
        "rule",
        "schedule",
        "sequence",
        "setting",
        "template",
        "term",
        "token",
        "type",
    ];
    let words: Vec<String> = words(name).iter().map(|w| apart(&singular(w))).collect();
    if words.last().is_some_and(|w| SETTING.contains(&w.as_str())) {
        return None;
    }
    let is_series =
        |at: usize| at.checked_sub(1).and_then(|at| words.get(at)).is_some_and(|w| SERIES.contains(&w.as_str()));
    let kept = words
        .iter()
        .enumerate()
        .find(|(at, w)| KEPT.contains(&w.as_str()) && !(*w == "history" && is_series(*at)))
        .map(|(_, w)| (w.clone(), Severity::High));
    let moved = || {
        words.last().filter(|w| matches!(w.as_str(), "movement" | "transaction")).map(|w| (w.clone(), Severity::Medium))
    };
    // `run_id_seq`, `run_config` are no runs: only the last word says what a row is.
    let useful = || words.last().filter(|w| USEFUL.contains(&w.as_str())).map(|w| (w.clone(), Severity::Low));
    let changes =
        || words.ends_with(&["change".to_owned(), "log".to_owned()]).then(|| ("change_log".to_owned(), Severity::Low));
    kept.or_else(moved).or_else(useful).or_else(changes)
}

/// The word that says what a row is, of two that are written as one: `ledgerentry`, `loginhistory`.
fn apart(word: &str) -> String {
    const FIRST: &[&str] = &["audit", "history", "journal", "ledger"];
    const PARTS: &[&str] = &["entry", "event", "item", "line", "log", "record", "row", "trail"];
    let is_part = |kind: &&&str| {
        word.strip_suffix(**kind).is_some() || word.strip_prefix(**kind).is_some_and(|rest| PARTS.contains(&rest))
    };
    FIRST.iter().find(is_part).map_or_else(|| word.to_owned(), |kind| (*kind).to_owned())
}
