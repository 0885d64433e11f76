//! Entity-relationship diagrams of Mermaid: entities with attributes and keys, relationships between them.
//! Source: Mermaid documentation, "Entity Relationship Diagrams".

use super::block::Text;
use super::clean::Clean;
use super::naming::{identifier, is_name};
use super::table::{Column, fold};
use super::traits::{Place, Traits};
use super::types;
use crate::read::ddl::patched::Patched;

/// An entity of a diagram.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    pub(super) name: Patched,
    pub(super) columns: Vec<Column>,
    /// Columns marked FK, by place.
    pub(super) foreign: Vec<usize>,
}

/// A relationship: the names on both sides as written, and on which sides there may be many.
#[derive(Clone, Debug)]
pub(super) struct Relationship {
    pub(super) left: String,
    pub(super) right: String,
    pub(super) many: (bool, bool),
}

/// A diagram.
#[derive(Clone, Debug, Default)]
pub(super) struct Diagram {
    pub(super) entities: Vec<Entity>,
    pub(super) relationships: Vec<Relationship>,
}

/// A foreign key that a diagram shows: child and column by place, parent by place.
pub(super) struct Link {
    pub(super) child: usize,
    pub(super) column: usize,
    pub(super) parent: usize,
    pub(super) place: Place,
}

/// Whether a fence is such a diagram.
pub(super) fn is_diagram(body: &str) -> bool {
    body.lines()
        .map(str::trim)
        .find(|l| !(l.is_empty() || l.starts_with("%%") || l.starts_with("---") || l.starts_with("title")))
        .is_some_and(|l| l.starts_with("erDiagram"))
}

/// Reads a diagram.
pub(super) fn read(body: Text<'_>, base: u32) -> Diagram {
    let mut out = Diagram::default();
    let mut open = false;
    let mut at = body.at;
    for line in body.text.split_inclusive('\n') {
        let text = Text { text: line, at }.trim();
        at += line.len();
        if text.text.is_empty() || text.text.starts_with("%%") || text.text.starts_with("erDiagram") {
            continue;
        }
        if open {
            if text.text.starts_with('}') {
                open = false;
            } else if let Some(entity) = out.entities.last_mut() {
                attribute(text, base, entity);
            }
            continue;
        }
        if let Some(relationship) = relationship(text.text) {
            out.relationships.push(relationship);
        } else if text.text.ends_with('{') || text.text.contains("{ ") {
            let clean = Clean::new(text, base);
            if is_name(&clean, 0) {
                // Mermaid puts names of several words in quotes.
                let name = clean.part(0, 1);
                let bare = name.text().trim_matches('"').to_owned();
                let mut sql = Patched::default();
                if bare.len() < name.text().len() {
                    let (start, end) = name.range();
                    sql.say(&bare.to_ascii_lowercase().replace([' ', '-'], "_"), start, end);
                } else {
                    sql = name;
                }
                out.entities.push(Entity { name: identifier(&sql), columns: Vec::new(), foreign: Vec::new() });
                open = !text.text.trim_end().ends_with('}');
            }
        }
    }
    out
}

/// `type name PK, FK "comment"`.
fn attribute(text: Text<'_>, base: u32, entity: &mut Entity) {
    let clean = Clean::new(text, base);
    let Some(mut data_type) = types::read(&clean) else { return };
    // `varchar(255)[]` and words that are no types end where the name begins.
    let mut n = data_type.next;
    if !is_name(&clean, n) {
        n = 1;
        data_type.next = 1;
        data_type.sql = clean.part(0, 1);
    }
    if !is_name(&clean, n) {
        return;
    }
    let name = identifier(&clean.part(n, n + 1));
    let mut traits = Traits::default();
    let mut foreign = false;
    let mut description = None;
    for i in n + 1..clean.tokens.len() {
        if clean.is(i, "pk") {
            traits.primary = Some(clean.place(i, i + 1));
        } else if clean.is(i, "uk") {
            traits.unique = Some(clean.place(i, i + 1));
        } else if clean.is(i, "fk") {
            foreign = true;
        } else if clean.token(i).starts_with('"') {
            let said = clean.token(i).trim_matches('"').to_owned();
            if said.eq_ignore_ascii_case("not null") {
                traits.not_null = true;
            }
            description = (!said.is_empty()).then(|| (said, clean.place(i, i + 1)));
        }
    }
    if foreign {
        entity.foreign.push(entity.columns.len());
    }
    let place = clean.place(0, clean.tokens.len());
    entity.columns.push(Column { folded: fold(&name), name, data_type: Some(data_type), traits, description, place });
}

/// `A ||--o{ B : label`.
pub(super) fn relationship(text: &str) -> Option<Relationship> {
    let text = text.split(" : ").next().unwrap_or(text);
    let text = text.split(':').next().unwrap_or(text).trim();
    let line = text.find("--").or_else(|| text.find(".."))?;
    let from = text.get(..line)?.rfind(|c: char| c.is_whitespace())?;
    let to = line + text.get(line..)?.find(char::is_whitespace)?;
    let (left, mark, right) = (text.get(..from)?.trim(), text.get(from..to)?.trim(), text.get(to..)?.trim());
    if left.is_empty() || right.is_empty() || !mark.bytes().all(|b| b"|o{}-.".contains(&b)) {
        return None;
    }
    let name = |n: &str| n.trim_matches('"').to_ascii_lowercase().replace([' ', '-'], "_");
    Some(Relationship { left: name(left), right: name(right), many: (mark.starts_with('}'), mark.ends_with('{')) })
}

impl Diagram {
    /// The foreign keys: each column marked FK that names the entity at the other end of a relationship, or is the only one that could.
    pub(super) fn links(&self) -> Vec<Link> {
        let mut out: Vec<Link> = Vec::new();
        let find = |name: &str| self.entities.iter().position(|e| fold(&e.name) == name);
        for relationship in &self.relationships {
            let (Some(left), Some(right)) = (find(&relationship.left), find(&relationship.right)) else { continue };
            let sides = match relationship.many {
                (true, true) => continue,
                (true, false) => vec![(left, right)],
                (false, true) => vec![(right, left)],
                (false, false) => vec![(right, left), (left, right)],
            };
            for (child, parent) in sides {
                let Some(entity) = self.entities.get(child) else { continue };
                let keys = self
                    .entities
                    .get(parent)
                    .map_or(0, |p| p.columns.iter().filter(|c| c.traits.primary.is_some()).count());
                if keys != 1 {
                    continue;
                }
                let parent_name = self.entities.get(parent).map(|p| fold(&p.name)).unwrap_or_default();
                let stem = singular(&parent_name);
                let last = singular(parent_name.rsplit('_').next().unwrap_or_default());
                let free = |i: &&usize| !out.iter().any(|l| l.child == child && l.column == **i);
                let named = |i: &&usize| {
                    entity.columns.get(**i).is_some_and(|c| {
                        c.folded.starts_with(stem)
                            || c.folded.starts_with(last)
                            || c.folded.contains(&format!("_{last}_"))
                    })
                };
                let free_ones: Vec<&usize> = entity.foreign.iter().filter(free).collect();
                let column = free_ones.iter().copied().find(|i| named(i)).or(match free_ones.as_slice() {
                    [one]
                        if self
                            .relationships
                            .iter()
                            .filter(|r| r.left == relationship.left || r.right == relationship.right)
                            .count()
                            == 1 =>
                    {
                        Some(*one)
                    }
                    _ => None,
                });
                if let Some(column) = column
                    && let Some(place) = entity.columns.get(*column).map(|c| c.place)
                {
                    out.push(Link { child, column: *column, parent, place });
                    break;
                }
            }
        }
        out
    }
}

/// A name without the ending of the plural.
fn singular(name: &str) -> &str {
    name.strip_suffix("ies").or_else(|| name.strip_suffix('s')).unwrap_or(name)
}
