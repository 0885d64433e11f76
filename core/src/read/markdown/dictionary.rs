//! Tables that speak of many tables at once, as data dictionaries have them: lists of indexes and of relationships, each row with the table that it is about.

use std::collections::BTreeSet;

use super::block::{Block, Text};
use super::clean::Clean;
use super::facts::At;
use super::lines::{self, Label};
use super::naming;
use super::section::{Described, Draft, list_indexes};
use super::table::{self, Role};
use super::traits::{self, Reference, Tone, Traits};
use super::vocabulary;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::patched::Patched;

/// The parts of a relationship by the place of their cells.
struct Ends {
    table: Option<usize>,
    from: usize,
    to: usize,
    action: Option<usize>,
}

/// Reads the tables that are none of columns, and the lists that stand in no section of a table; `own` are the blocks of columns, `covered` those of
/// such sections.
pub(super) fn read(blocks: &[Block<'_>], own: &BTreeSet<usize>, covered: &BTreeSet<usize>, at: At, draft: &mut Draft) {
    if draft.tables.is_empty() {
        return;
    }
    let mut label = Label::None;
    for (number, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading { text, .. } => label = lines::label_of(text.text),
            Block::Line { text, .. } | Block::Item { text, .. } => {
                if let Some((found, rest)) = lines::labelled(*text)
                    && (rest.text.is_empty() || found == Label::ForeignKeys)
                {
                    label = found;
                    stated(rest, label, at, draft);
                } else {
                    stated(*text, label, at, draft);
                }
                if label == Label::Indexes && matches!(block, Block::Item { .. }) && !covered.contains(&number) {
                    listed(*text, at, draft);
                }
            }
            _ => {}
        }
        let Block::Table(rows) = block else { continue };
        let Some((head, body)) = rows.split_first().filter(|_| !own.contains(&number)) else { continue };
        let words: Vec<String> = head.iter().map(|cell| table::words(*cell)).collect();
        if let Some(place) = index_list(&words) {
            indexes(head, body, place, at, draft);
        } else if let Some(ends) = ends(&words) {
            for row in body {
                relationship(row, &ends, at, draft);
            }
        } else if views(&words) {
            let span = head.first().map(|cell| at.of(*cell));
            let message =
                "Views are listed here; a list of views is not read. Write each as SQL in a fence.".to_owned();
            draft.problems.push(Problem { kind: ProblemKind::UnsupportedStatement, message, span });
        }
    }
}

fn position(words: &[String], known: &[&str]) -> Option<usize> {
    words.iter().position(|word| known.contains(&word.as_str()))
}

fn place_of_table(words: &[String]) -> Option<usize> {
    words.iter().position(|word| vocabulary::role(word).0 == Role::Table)
}

/// The place of the table's name in a list of indexes.
fn index_list(words: &[String]) -> Option<usize> {
    let named = words.iter().any(|word| matches!(word.as_str(), "index" | "index name" | "indexname"));
    let keyed = position(words, &["column", "columns", "field", "fields", "key", "keys", "column s"]).is_some();
    place_of_table(words).filter(|_| named && keyed)
}

fn views(words: &[String]) -> bool {
    position(words, &["view", "view name", "materialized view"]).is_some()
        && position(words, &["definition", "query", "sql"]).is_some()
}

fn ends(words: &[String]) -> Option<Ends> {
    let action = position(words, &["on delete", "delete rule", "delete", "delete action", "ondelete"]);
    if let (Some(from), Some(to)) =
        (position(words, &["from", "source", "child"]), position(words, &["to", "target", "parent"]))
    {
        return Some(Ends { table: None, from, to, action });
    }
    // Beside a type it is a table of columns.
    let typed = words.iter().any(|word| vocabulary::role(word).0 == Role::Type);
    let table = place_of_table(words).filter(|_| !typed)?;
    let from = position(words, &["column", "columns", "field", "foreign key column", "fk column"])?;
    let to = words.iter().position(|word| vocabulary::role(word).0 == Role::Foreign)?;
    Some(Ends { table: Some(table), from, to, action })
}

fn described<'d>(draft: &'d mut Draft, name: &Patched) -> Option<&'d mut Described> {
    let key = table::fold(name);
    draft.tables.iter_mut().find(|described| table::fold(&described.name) == key)
}

fn indexes(head: &[Text<'_>], body: &[Vec<Text<'_>>], place: usize, at: At, draft: &mut Draft) {
    let mut current: Option<Patched> = None;
    for row in body {
        // A name holds for the rows below that name none.
        if let Some(cell) = row.get(place).filter(|cell| !cell.text.is_empty()) {
            current = naming::of_heading(*cell, at.base).map(|named| named.sql);
        }
        let Some(found) = current.as_ref().and_then(|name| described(draft, name)) else { continue };
        let known = found.indexes.len();
        list_indexes(found, &[without(head, place), without(row, place)], at);
        let names = |index: &lines::Index| index.name.as_ref().map(table::fold);
        if let Some(added) = found.indexes.get(known)
            && found.indexes.iter().take(known).any(|index| names(index).is_some() && names(index) == names(added))
        {
            found.indexes.truncate(known);
        }
    }
}

/// The cells of a row but one.
fn without<'a>(row: &[Text<'a>], place: usize) -> Vec<Text<'a>> {
    row.iter().enumerate().filter(|(n, _)| *n != place).map(|(_, cell)| *cell).collect()
}

/// `stock.warehouse_id | warehouse.id | RESTRICT`.
fn relationship(row: &[Text<'_>], ends: &Ends, at: At, draft: &mut Draft) -> Option<()> {
    let cell =
        |place: usize| row.get(place).filter(|cell| !cell.text.is_empty()).map(|cell| Clean::new(*cell, at.base));
    let (from, to) = (cell(ends.from)?, cell(ends.to)?);
    let (mut parts, _) = naming::path(&from, 0)?;
    let own = match ends.table {
        Some(place) => cell(place).and_then(|cell| Some(naming::dotted(&naming::path(&cell, 0)?.0))),
        None if parts.len() > 1 => {
            let column = parts.pop();
            let table = naming::dotted(&parts);
            parts = column.into_iter().collect();
            Some(table)
        }
        None => None,
    };
    let (own, column) = (own?, parts.pop()?);
    let reference = target(&to, cell(ends.action.unwrap_or(usize::MAX)).as_ref())?;
    let folded = table::fold(&column);
    let found = described(draft, &own)?;
    let column = found.rows.columns.iter_mut().find(|column| column.folded == folded)?;
    match column.traits.references.first_mut() {
        Some(known) if known.actions.text().is_empty() => known.actions = reference.actions,
        Some(_) => {}
        None => column.traits.references.push(reference),
    }
    Some(())
}

/// An index in an item of a list that is of no table: `orders (customer_id)`, `orders_paid ON orders (paid)`.
fn listed(text: Text<'_>, at: At, draft: &mut Draft) {
    let clean = Clean::new(text, at.base);
    let Some(mut index) = lines::index(&clean, &|_| false) else { return };
    if index.table.is_none() {
        index.table = index.name.take();
    }
    match index.table.clone().and_then(|table| described(draft, &table)) {
        Some(table) => table.indexes.push(index),
        None => {
            let message = "This index is of no table that is described here; it was left out.".to_owned();
            draft.problems.push(Problem { kind: ProblemKind::UnsupportedStatement, message, span: Some(at.of(text)) });
        }
    }
}

/// A relationship in a line, under a label that promises such.
fn stated(text: Text<'_>, label: Label, at: At, draft: &mut Draft) {
    let Some(row) = lines::relation(text).filter(|_| label == Label::ForeignKeys) else { return };
    if relationship(&row, &Ends { table: None, from: 0, to: 1, action: None }, at, draft).is_none() {
        let message = "This relationship is of no column that is described here; it was left out.".to_owned();
        draft.problems.push(Problem { kind: ProblemKind::UnsupportedStatement, message, span: Some(at.of(text)) });
    }
}

fn target(cell: &Clean, action: Option<&Clean>) -> Option<Reference> {
    let mut said = Patched::default();
    let (start, _) = cell.place(0, 1);
    if !cell.is_any(0, &["fk", "references", "foreign"]) {
        said.say("FK -> ", start, start);
    }
    said.append(&cell.sql);
    let mut found = Traits::default();
    traits::read(&table::relex(said), 0, "", Tone::Terms, &mut found);
    let mut reference = found.references.into_iter().next()?;
    let known = ["cascade", "restrict", "set", "no"];
    if let Some(action) = action.filter(|action| reference.actions.text().is_empty() && action.is_any(0, &known)) {
        let words = if action.is_any(0, &["set", "no"]) { 2 } else { 1 };
        let text: Vec<String> = (0..words).map(|n| action.token(n).to_uppercase()).collect();
        let (from, to) = action.place(0, words);
        reference.actions.say(&format!(" ON DELETE {}", text.join(" ")), from, to);
    }
    Some(reference)
}
