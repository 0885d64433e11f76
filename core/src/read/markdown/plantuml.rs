//! Entity diagrams of PlantUML: entities with attributes, keys by mark or above the line, relationships by name or alias.
//! Source: PlantUML, "Entity Relationship Diagram", and the macros for tables that many put in front of class diagrams.

use std::collections::BTreeMap;

use super::block::Text;
use super::clean::Clean;
use super::mermaid::{Diagram, Entity, Relationship, relationship};
use super::naming::{identifier, is_name};
use super::table::{Column, fold, place_of};
use super::traits::{Place, Traits};
use super::types;
use crate::read::ddl::patched::Patched;

/// Whether a fence is a diagram with entities in it. A diagram of classes is one of a program.
pub(super) fn is_diagram(info: &str, body: &str) -> bool {
    (matches!(info, "plantuml" | "puml" | "uml") || body.trim_start().starts_with("@startuml"))
        && body.lines().any(|line| heading(line.trim()).is_some())
}

/// Reads a diagram.
pub(super) fn read(body: Text<'_>, base: u32) -> Diagram {
    let mut out = Diagram::default();
    let mut aliases: BTreeMap<String, String> = BTreeMap::new();
    let mut open: Option<Attributes> = None;
    let mut at = body.at;
    for line in body.text.split_inclusive('\n') {
        let text = Text { text: line, at }.trim();
        at += line.len();
        if text.text.is_empty() || text.text.starts_with('\'') {
            continue;
        }
        if let (Some(attributes), Some(entity)) = (&mut open, out.entities.last_mut()) {
            if text.text.starts_with('}') {
                attributes.end(entity);
                open = None;
            } else {
                attributes.line(text, base, entity);
            }
        } else if let Some(rest) = heading(text.text) {
            let Some((name, alias)) = name_of(text.slice(rest, text.text.len()), base) else { continue };
            if let Some(alias) = alias {
                aliases.insert(alias, fold(&name));
            }
            out.entities.push(Entity { name, columns: Vec::new(), foreign: Vec::new() });
            open = text.text.ends_with('{').then(Attributes::default);
        } else if let Some(found) = relationship(text.text) {
            let name = |n: String| aliases.get(&n).cloned().unwrap_or(n);
            let (left, right) = (name(found.left), name(found.right));
            out.relationships.push(Relationship { left, right, many: found.many });
        }
    }
    out
}

/// Where the name begins in a line that begins an entity: `entity users {`, `Table(users, "the users") {`.
fn heading(line: &str) -> Option<usize> {
    let lower = crate::name::truncate(line, 10).to_ascii_lowercase();
    ["entity ", "table(", "table ("].into_iter().find(|start| lower.starts_with(start)).map(str::len)
}

/// The name of an entity and its alias: `"app users" as u`, `u as "app users"`, `users`.
fn name_of(text: Text<'_>, base: u32) -> Option<(Patched, Option<String>)> {
    let clean = Clean::new(text, base);
    let shown = |n: usize| is_name(&clean, n).then(|| clean.part(n, n + 1));
    let (mut name, mut alias) = (shown(0)?, None);
    if clean.is(1, "as") {
        let other = shown(2)?;
        let (long, short) = if other.text().starts_with('"') { (other, name) } else { (name, other) };
        alias = Some(short.text().trim_matches('"').to_ascii_lowercase());
        name = long;
    }
    let bare = name.text().trim_matches('"').to_owned();
    let (start, end) = name.range();
    // With its schema in front, as one word in quotes.
    if let Some((schema, own)) = bare.split_once('.').filter(|_| bare.matches('.').count() == 1) {
        let mut sql = Patched::default();
        sql.say(&format!("{}.{}", crate::name::quote(schema), crate::name::quote(own)), start, end);
        return Some((sql, alias));
    }
    if bare.len() < name.text().len() {
        let mut sql = Patched::default();
        sql.say(&bare.to_ascii_lowercase().replace([' ', '-'], "_"), start, end);
        name = sql;
    }
    Some((identifier(&name), alias))
}

/// What was read of an entity's attributes so far.
#[derive(Default)]
struct Attributes {
    /// How many stand above the first line, and where they do; what stands there identifies a row.
    above: Option<usize>,
    /// Whether each of them must be there.
    mandatory: Vec<bool>,
}

impl Attributes {
    fn line(&mut self, text: Text<'_>, base: u32, entity: &mut Entity) {
        if text.text.starts_with("--") {
            self.above.get_or_insert(entity.columns.len());
            return;
        }
        let Some((column, foreign)) = attribute(text, base) else { return };
        if foreign {
            entity.foreign.push(entity.columns.len());
        }
        self.mandatory.push(column.traits.not_null);
        entity.columns.push(column);
    }

    /// Where no key is marked, the mandatory attributes above the line are it.
    fn end(&self, entity: &mut Entity) {
        let above = self.above.unwrap_or(0);
        let marked = entity.columns.iter().any(|c| c.traits.primary.is_some());
        if marked || above == entity.columns.len() || !self.mandatory.iter().take(above).all(|m| *m) {
            return;
        }
        for column in entity.columns.iter_mut().take(above) {
            column.traits.primary = Some(column.place);
        }
    }
}

/// `* id : bigint <<PK>>`, `primary_key(id) : bigint`; with whether it is marked as a foreign key.
fn attribute(text: Text<'_>, base: u32) -> Option<(Column, bool)> {
    let marks = text.text.find('<').filter(|at| text.text.get(*at..).is_some_and(|t| t.starts_with("<<")));
    let said = text.slice(0, marks.unwrap_or(text.text.len())).trim();
    let from = said.text.len() - said.text.trim_start_matches(['*', '+', '#', '~', '-', ' ', '\t']).len();
    let mut traits = Traits { not_null: said.text.get(..from)?.contains('*'), ..Traits::default() };
    let place = place_of(said, base);
    let mut foreign = false;
    let mut declared = said.slice(from, said.text.len());
    // Macros: what stands in the innermost parentheses is the name, `not_null(unique(mail))`.
    let mut closing = 0;
    let end = loop {
        let word = declared.text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(declared.text.len());
        if !declared.text.get(word..)?.starts_with('(') {
            break word;
        }
        foreign |= mark(declared.text.get(..word)?, place, &mut traits)?;
        declared = declared.slice(word + 1, declared.text.len());
        closing += 1;
    };
    let name = Clean::new(declared.slice(0, end), base);
    let behind = end + closing;
    if !is_name(&name, 0) || !declared.text.get(end..behind)?.bytes().all(|b| b == b')') {
        return None;
    }
    let rest = declared.slice(behind, declared.text.len());
    let kind = rest.slice(rest.text.len() - rest.text.trim_start_matches([' ', ':', '\t']).len(), rest.text.len());
    let data_type = types::read(&Clean::new(kind, base));
    if data_type.is_none() && !kind.text.is_empty() {
        return None;
    }
    let stereotypes = text.text.get(marks.unwrap_or(text.text.len())..)?;
    for stereotype in stereotypes.split(['<', '>', ',']).filter(|s| !s.trim().is_empty()) {
        foreign |= mark(stereotype.trim(), place, &mut traits).unwrap_or(false);
    }
    let name = identifier(&name.part(0, 1));
    let column = Column { folded: fold(&name), name, data_type, traits, description: None, place };
    Some((column, foreign))
}

/// Takes a mark, `PK` or `primary_key`; whether it is that of a foreign key. Nothing where it is none.
fn mark(word: &str, place: Place, traits: &mut Traits) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "pk" | "primary_key" | "pkey" | "primary key" => traits.primary = Some(place),
        "fk" | "foreign_key" | "fkey" | "foreign key" => return Some(true),
        "uk" | "uq" | "unique" | "unique_key" => traits.unique = Some(place),
        "nn" | "not_null" | "not null" => traits.not_null = true,
        "generated" | "auto" | "identity" => traits.identity = Some(place),
        "column" | "field" => {}
        _ => return None,
    }
    Some(false)
}
