use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::{each_word, list, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, FunctionId, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "pii-inventory",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "Tables hold personal data, and nothing in the schema says when or how it goes away.",
    why: "Whoever keeps data about people has to be able to say where it is, how long it is kept and how it is erased on request. The finding is the list: tables with names, addresses, \
          telephone numbers or dates of birth and neither a column for the time of deletion or anonymising nor a function that deletes or overwrites their rows. Jobs outside of the \
          database are not seen. PostgreSQL manual, 5.8 \"Row Security Policies\" and DELETE.",
    fires: examples![
        "CREATE TABLE «people» (id bigint PRIMARY KEY, email text, phone text);\nCREATE TABLE colours (id bigint PRIMARY KEY, name text);",
    ],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, email text, anonymized_at timestamptz);",
        "CREATE TABLE people (id bigint PRIMARY KEY, email text);\nCREATE FUNCTION erase(bigint) RETURNS void LANGUAGE sql AS 'DELETE FROM people WHERE id = $1';",
        "CREATE TABLE jobs (id bigint PRIMARY KEY, email_count integer, phone_verified boolean NOT NULL);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut kept: Vec<(TableId, &Table, Vec<ColumnNumber>)> = Vec::new();
    let mut all = 0_usize;
    let erased = erased(cx);
    for of_table in cx.all_columns_where(is_personal, |_| true).chunk_by(|a, b| a.0 == b.0) {
        let Some((id, table, ..)) = of_table.first().copied() else { continue };
        let personal: Vec<ColumnNumber> = of_table.iter().map(|(_, _, n, _)| *n).collect();
        out.look();
        all += 1;
        if !goes_away(table, &erased) {
            kept.push((id, table, personal));
        }
    }
    let Some((first, table, _)) = kept.first() else { return };
    let names: Vec<String> = kept.iter().map(|(id, ..)| format!("`{}`", cx.table_name(*id))).collect();
    let message = format!("Personal data is kept without a rule for its end in {}.", list(&names));
    out.report(ObjectId::Table(*first), table.name_span, message)
        .objects(kept.iter().skip(1).map(|(id, ..)| ObjectId::Table(*id)))
        .objects(kept.iter().flat_map(|(id, _, columns)| columns.iter().map(|c| ObjectId::Column(*id, *c))))
        .evidence(format!("{} of {} with personal data.", kept.len(), number_of_tables(all)));
}

/// Whether a column of this name holds data about a person: the name ends in it.
fn is_personal(name: &str) -> bool {
    const ONE: &[&str] = &[
        "birthdate",
        "birthday",
        "dob",
        "email",
        "firstname",
        "fullname",
        "lastname",
        "mobile",
        "phone",
        "ssn",
        "surname",
        "telephone",
    ];
    const TWO: &[(&str, &str)] = &[
        ("birth", "date"),
        ("email", "address"),
        ("first", "name"),
        ("full", "name"),
        ("home", "address"),
        ("ip", "address"),
        ("last", "name"),
        ("of", "birth"),
        ("phone", "number"),
        ("postal", "address"),
    ];
    let mut words = each_word(name).rev();
    let Some(last) = words.next() else { return false };
    ONE.contains(&last.as_ref()) || words.next().is_some_and(|before| TWO.contains(&(before.as_ref(), last.as_ref())))
}

/// Whether a column says when rows end, or a function deletes or overwrites them.
fn goes_away(table: &Table, erased: &BTreeSet<&Name>) -> bool {
    const ENDS: &[&str] =
        &["anonymised", "anonymized", "deleted", "erased", "expires", "purge", "purged", "redacted", "retention"];
    erased.contains(&table.name)
        || table.live_columns().any(|(_, c)| each_word(&c.name).any(|w| ENDS.contains(&w.as_ref())))
}

/// Every name in the functions that delete or overwrite rows.
fn erased<'c>(cx: &'c Context<'_>) -> BTreeSet<&'c Name> {
    let erases =
        |id: FunctionId, body: &BTreeSet<Name>| {
            body.contains("delete")
                || cx.schema.functions.get(id).is_some_and(|f| {
                    each_word(&f.name).any(|w| w.starts_with("anonymi") || w == "gdpr" || w == "erase")
                })
        };
    cx.body_words().iter().filter(|(id, body)| erases(**id, body)).flat_map(|(_, body)| body).collect()
}
