//! `modifySql`: what a changeset does to the statements that its changes stand for. Source: Liquibase documentation, "modifySql".

use super::change_set::is_for_postgres;
use crate::read::changelog::Node;
use crate::source::Mapped;

/// One step of a `modifySql`.
enum Step {
    Append(Mapped),
    Prepend(Mapped),
    Replace(String, Mapped),
}

/// What a changeset does to its statements, in the order in which it says so.
#[derive(Default)]
pub(super) struct Modifiers {
    steps: Vec<Step>,
    /// A step that could not be read: where statements end up is not known.
    pub(super) unread: Option<&'static str>,
}

impl Modifiers {
    pub(super) fn of(change_set: &Node) -> Self {
        let mut modifiers = Self::default();
        for node in change_set.all("modifySql").filter(|node| is_for_postgres(node)) {
            modifiers.gather(node);
        }
        modifiers
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.unread.is_none()
    }

    fn gather(&mut self, node: &Node) {
        // White space counts here: ` WITH (…)` stands behind the statement.
        let text = |step: &Node, name: &str| step.child(name).and_then(|child| child.value.clone());
        for step in &node.children {
            match step.name.as_str() {
                "append" => self.steps.extend(text(step, "value").map(Step::Append)),
                "prepend" => self.steps.extend(text(step, "value").map(Step::Prepend)),
                "replace" | "regExpReplace" => {
                    let Some(old) = text(step, "replace") else { continue };
                    let special =
                        old.as_str().contains(['\\', '.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$']);
                    if special && step.name == "regExpReplace" {
                        self.unread = Some("replaces by a pattern in `modifySql`, which is not read");
                        continue;
                    }
                    self.steps.push(Step::Replace(old.as_str().to_owned(), text(step, "with").unwrap_or_default()));
                }
                // In YAML and JSON the steps are items of a list.
                "" => self.gather(step),
                _ => {}
            }
        }
    }

    /// A statement as Liquibase sends it.
    pub(super) fn apply(&self, sql: &Mapped) -> Mapped {
        let mut sql = sql.clone();
        for step in &self.steps {
            let mut out = Mapped::default();
            match step {
                Step::Append(text) => {
                    out.append(&sql);
                    out.append(text);
                }
                Step::Prepend(text) => {
                    out.append(text);
                    out.append(&sql);
                }
                Step::Replace(old, new) => {
                    let mut done = 0;
                    for (at, found) in sql.as_str().match_indices(old.as_str()).filter(|(_, found)| !found.is_empty()) {
                        out.append_range(&sql, done, at);
                        out.append(new);
                        done = at + found.len();
                    }
                    out.append_range(&sql, done, sql.as_str().len());
                }
            }
            sql = out;
        }
        sql
    }
}
