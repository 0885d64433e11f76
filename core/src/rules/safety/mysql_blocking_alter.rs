use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ColumnConstraintKind, ConstraintDefKind, OperationKind};
use crate::replay::Effect;
use crate::rules::support::{Alteration, At};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mysql-blocking-alter",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "An ALTER TABLE copies an existing MySQL table or locks out its writers while it runs.",
    why: "InnoDB changes most things of a table while others go on writing to it. What it can only do by copying the table row by row (another type of a \
          column, another character set, dropping the primary key, a foreign key that is checked) lets nobody write until the copy is done, and so \
          does ALGORITHM=COPY, LOCK=SHARED or LOCK=EXCLUSIVE. On a large table use a tool that copies in the background (gh-ost, pt-online-schema-change), or \
          add a new column, fill it in parts, and switch over. MySQL 8.4 Reference Manual, 17.12.1 \"Online DDL Operations\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `total` int NOT NULL) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` «MODIFY COLUMN `total` bigint NOT NULL»;",
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `note` varchar(80)) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD INDEX `by_note` (`note`), «LOCK=SHARED»;",
        "-- file: 1_base.sql\nCREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `customer_id` bigint) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD «CONSTRAINT `orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)»;",
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `note` varchar(80)) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` «CONVERT TO CHARACTER SET utf8mb4»;",
    ],
    silent: examples![
        // In place: an index, a column at the end, a longer text that stays below 256 bytes, a value at the end of an ENUM.
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `note` varchar(20), `state` enum('open','paid')) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD INDEX `by_note` (`note`), ADD COLUMN `total` int;\nALTER TABLE `orders` MODIFY `note` varchar(40);\nALTER TABLE `orders` MODIFY `state` enum('open','paid','sent');",
        // Only the default changes, and the number of digits that MySQL shows.
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `total` int(11)) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` MODIFY `total` int DEFAULT 0;",
        // A server that cannot do it in place refuses.
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `total` int) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` MODIFY `total` bigint, ALGORITHM=INPLACE, LOCK=NONE;",
        // A table of the same migration has no rows and no writers.
        "-- file: 1_base.sql\nCREATE TABLE `customers` (`id` bigint PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;\n-- file: 2_change.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY, `total` int) ENGINE=InnoDB;\nALTER TABLE `orders` MODIFY `total` bigint;",
        // With the checks off the key is made in place.
        "-- file: 1_base.sql\nCREATE TABLE `customers` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT, `customer_id` bigint) ENGINE=InnoDB;\n-- file: 2_change.sql\nSET FOREIGN_KEY_CHECKS = 0;\nALTER TABLE `orders` ADD FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let asked = Asked::of(cx);
    let mut told: BTreeSet<(u32, Span)> = BTreeSet::new();
    for a in cx.alterations() {
        out.look();
        let statement = (a.at.revision, a.at.operation.span);
        let online = asked.online.contains(&statement);
        let keys_checked = !asked.unchecked.contains(&a.at.number);
        let reason = match (lock(a.action), online) {
            (Some(reason), _) => Some(reason),
            // Where it cannot be done so, the server refuses.
            (None, true) => None,
            (None, false) => copies(cx, &a, keys_checked),
        };
        if let Some(reason) = reason
            && told.insert(statement)
        {
            report(cx, out, a.at, a.id, place(a.action, a.span), &reason);
        }
    }
    for at in cx.steps() {
        let OperationKind::CreateIndex(create) = &at.operation.kind else { continue };
        let made = at.effects.iter().find_map(|e| match e {
            Effect::Created(ObjectId::Index(index)) => cx.schema.indexes.get(*index).map(|i| i.owner),
            _ => None,
        });
        let Some(RelationId::Table(table)) = made else { continue };
        out.look();
        let statement = (at.revision, at.operation.span);
        let reason = create.options.iter().find_map(|(name, value)| asked_for(name, value)).or_else(|| {
            let kind = create.method.as_ref().map(|m| m.text.to_uppercase())?;
            matches!(kind.as_str(), "FULLTEXT" | "SPATIAL")
                .then(|| format!("a {kind} index is built without its writers"))
        });
        if let Some(reason) = reason
            && cx.is_old(table, at.revision)
            && told.insert(statement)
        {
            let place = create.name.as_ref().map_or(at.operation.span, |name| name.span);
            report(cx, out, at, table, place, &reason);
        }
    }
}

fn report(cx: &Context<'_>, out: &mut Findings<'_>, at: At<'_>, table: TableId, place: Span, reason: &str) {
    let message = format!("Nobody can write to `{}` while the statement runs: {reason}.", cx.table_name(table));
    let _ = cx.report_step(out, at, ObjectId::Table(table), place, message);
}

/// What the statements of the history ask for besides what they change.
#[derive(Default)]
struct Asked {
    /// Statements that name an algorithm which does not copy.
    online: BTreeSet<(u32, Span)>,
    /// Steps that run while foreign keys are not checked.
    unchecked: BTreeSet<u32>,
}

impl Asked {
    fn of(cx: &Context<'_>) -> Self {
        let mut asked = Self::default();
        let mut off = None;
        for at in cx.steps() {
            match &at.operation.kind {
                // A session is a revision's own.
                OperationKind::SetParameter { name, value, .. } if name == "foreign_key_checks" => {
                    let is_off = value.as_deref().is_some_and(|v| matches!(v, "0" | "off" | "false"));
                    off = is_off.then_some(at.revision);
                }
                OperationKind::AlterTable(alter) => {
                    let options = alter.actions.iter().filter_map(|(action, _)| match action {
                        AlterTableAction::SetOptions(options) => Some(options),
                        _ => None,
                    });
                    let names = |(name, value): &(SmolStr, String)| {
                        name == "algorithm" && matches!(value.as_str(), "inplace" | "instant" | "nocopy")
                    };
                    if options.flatten().any(names) {
                        asked.online.insert((at.revision, at.operation.span));
                    }
                    if off == Some(at.revision) {
                        asked.unchecked.insert(at.number);
                    }
                }
                _ => {}
            }
        }
        asked
    }
}

/// What of an action stands for it.
fn place(action: &AlterTableAction, span: Span) -> Span {
    match action {
        AlterTableAction::AddConstraint(constraint) => constraint.span,
        _ => span,
    }
}

/// A lock that the statement asks for by itself.
fn lock(action: &AlterTableAction) -> Option<String> {
    let AlterTableAction::SetOptions(options) = action else { return None };
    options.iter().find_map(|(name, value)| asked_for(name, value))
}

fn asked_for(name: &str, value: &str) -> Option<String> {
    let blocks = match name {
        "algorithm" => value == "copy",
        "lock" => matches!(value, "shared" | "exclusive"),
        _ => false,
    };
    blocks.then(|| format!("it asks for {}={}", name.to_uppercase(), value.to_uppercase()))
}

/// Why the server copies the table, or locks out its writers, for an action.
fn copies(cx: &Context<'_>, a: &Alteration<'_>, keys_checked: bool) -> Option<String> {
    match a.action {
        AlterTableAction::SetType { .. } => {
            let (number, from, to) = cx.type_change(a)?;
            let (from, to) = (from.display(cx.schema), to.display(cx.schema));
            let column = cx.schema.column(a.id, number).map_or("", |c| c.name.as_str());
            is_copied(&from, &to).then(|| format!("`{column}` goes from `{from}` to `{to}`, which copies the table"))
        }
        AlterTableAction::DropPrimaryKey => {
            let again = a.alter.actions.iter().any(|(action, _)| match action {
                AlterTableAction::AddConstraint(c) => matches!(c.kind, ConstraintDefKind::PrimaryKey { .. }),
                _ => false,
            });
            (!again).then(|| "dropping the primary key copies the table".to_owned())
        }
        AlterTableAction::AddConstraint(constraint) => {
            let is_key = matches!(constraint.kind, ConstraintDefKind::ForeignKey { .. });
            (is_key && keys_checked).then(|| "a foreign key that is checked copies the table".to_owned())
        }
        AlterTableAction::AddColumn { column, .. } => column.constraints.iter().find_map(|c| match &c.kind {
            ColumnConstraintKind::Generated { stored: true, .. } => {
                Some(format!("the stored column `{}` copies the table", column.name.text))
            }
            ColumnConstraintKind::Identity { .. } => {
                Some(format!("the numbers of `{}` are counted without its writers", column.name.text))
            }
            _ => None,
        }),
        AlterTableAction::SetOptions(options) => options.iter().find_map(|(name, value)| match name.as_str() {
            "convert" => Some("another character set copies the table".to_owned()),
            "engine" if !value.eq_ignore_ascii_case("innodb") => Some(format!("the engine `{value}` copies the table")),
            _ => None,
        }),
        _ => None,
    }
}

/// Whether a change of type is one that only a copy can do. What depends on the character set is not claimed.
fn is_copied(from: &str, to: &str) -> bool {
    let (from, to) = (without_width(from), without_width(to));
    if from == to {
        return false;
    }
    let length = |name: &str| name.strip_prefix("varchar(")?.strip_suffix(')')?.parse::<u32>().ok();
    if let (Some(before), Some(after)) = (length(&from), length(&to)) {
        // The length of a value takes one byte up to 255 bytes, else two; a character takes one to four.
        let same = after <= 63 || before >= 256;
        let depends = after >= before && !same;
        return !depends && (after < before);
    }
    let values = |name: &str| {
        let kind = ["enum(", "set("].into_iter().find(|kind| name.starts_with(kind))?;
        Some((kind, name.get(kind.len()..)?.strip_suffix(')')?.replace(", ", ",")))
    };
    match (values(&from), values(&to)) {
        // Values at the end of the list leave the others their numbers.
        (Some((a, before)), Some((b, after))) => a != b || !after.starts_with(&before),
        _ => true,
    }
}

/// An integer type without the number of digits that are shown: it changes nothing.
fn without_width(name: &str) -> String {
    let integers = ["tinyint(", "smallint(", "mediumint(", "int(", "bigint("];
    match (integers.iter().any(|i| name.starts_with(i)), name.split_once('('), name.split_once(')')) {
        (true, Some((head, _)), Some((_, tail))) => format!("{head}{tail}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_copied;

    #[test]
    fn what_stays_in_place_is_no_copy() {
        for (from, to) in [
            ("int(11)", "int"),
            ("int(11) unsigned", "int unsigned"),
            ("varchar(20)", "varchar(63)"),
            ("varchar(300)", "varchar(500)"),
            // It depends on the character set.
            ("varchar(50)", "varchar(200)"),
            ("enum('a','b')", "enum('a','b','c')"),
        ] {
            assert!(!is_copied(from, to), "{from} to {to}");
        }
        for (from, to) in [
            ("int", "bigint"),
            ("int", "int unsigned"),
            ("varchar(50)", "varchar(20)"),
            ("varchar(50)", "text"),
            ("enum('a','b')", "enum('b','a')"),
        ] {
            assert!(is_copied(from, to), "{from} to {to}");
        }
    }
}
