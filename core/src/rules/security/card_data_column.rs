use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, last_word};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "card-data-column",
    category: Category::Security,
    severity: Severity::Critical,
    certainty: Certainty::Likely,
    summary: "A column holds a payment card's number or security code.",
    why: "The security code must never be stored after a payment was authorised, not even encrypted, and the full number only unreadable (PCI DSS, \
          requirements 3.3 and 3.5). A payment provider's token and the last four digits do everything that a shop needs. PostgreSQL manual, 5.7 \
          \"Privileges\", is what stands between such a column and everyone with a connection.",
    fires: examples!["CREATE TABLE payments (id bigint PRIMARY KEY, «card_number text», «cvv varchar(4)»);"],
    silent: examples![
        "CREATE TABLE payments (id bigint PRIMARY KEY, card_last4 char(4), card_token text, card_brand text, card_number_hash text, masked_card_number text);",
        "CREATE TABLE players (id bigint PRIMARY KEY, scorecard_number integer, pan_id bigint);",
    ],
    supersedes: &["plaintext-secret-column"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.count_columns());
    for (id, _, number, column) in cx.columns_named(|name| card_data(name).is_some()) {
        let Some(what) = card_data(&column.name) else { continue };
        let message = format!("`{}` holds {what} by its name.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
    }
}

fn card_data(name: &str) -> Option<&'static str> {
    const HARMLESS: &[&str] = &[
        "hash",
        "hashed",
        "encrypted",
        "masked",
        "token",
        "last",
        "last4",
        "digest",
        "ciphertext",
        "type",
        "result",
        "check",
        "gift",
        "loyalty",
        "id",
    ];
    let has = |list: &[&str]| each_word(name).any(|w| list.contains(&w.as_ref()));
    let what = match last_word(name)?.as_ref() {
        "cvv" | "cvc" | "cvv2" | "cvc2" => "a card's security code",
        "number" | "no" | "num" | "pan" if has(&["card", "creditcard", "cc"]) => "a card's number",
        _ => return None,
    };
    (!has(HARMLESS)).then_some(what)
}
