use crate::finding::{Certainty, Severity};
use crate::operation::ColumnConstraintKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mysql-implicit-update",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A NOT NULL column without a default is added to an existing table, and MySQL fills the rows with a zero or an empty text.",
    why: "Where PostgreSQL refuses, MySQL gives the rows that are there the implicit default of the column's type: 0, an empty text, the first value of an \
          ENUM. Nobody chose that value, it looks like any other, and nothing tells the rows apart afterwards that never had one. Dates get \
          `0000-00-00`, which a server in strict mode refuses. State a default, or add the column nullable, fill it, and set NOT NULL later. MySQL \
          8.4 Reference Manual, 13.6 \"Data Type Default Values\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD COLUMN «`quantity`» int NOT NULL;",
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD «`state`» enum('open', 'paid') NOT NULL AFTER `id`;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD COLUMN `quantity` int NOT NULL DEFAULT 1;",
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD COLUMN `quantity` int NULL;",
        // What is counted up or computed has its own values.
        "-- file: 1_base.sql\nCREATE TABLE `orders` (`code` varchar(20) PRIMARY KEY, `price` int) ENGINE=InnoDB;\n-- file: 2_change.sql\nALTER TABLE `orders` ADD COLUMN `doubled` int GENERATED ALWAYS AS (`price` * 2) STORED NOT NULL;\nALTER TABLE `orders` ADD COLUMN `number` int NOT NULL AUTO_INCREMENT UNIQUE;",
        // A table of the same migration has no rows.
        "-- file: 1_base.sql\nCREATE TABLE `customers` (`id` bigint PRIMARY KEY AUTO_INCREMENT) ENGINE=InnoDB;\n-- file: 2_change.sql\nCREATE TABLE `orders` (`id` bigint PRIMARY KEY) ENGINE=InnoDB;\nALTER TABLE `orders` ADD COLUMN `quantity` int NOT NULL;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let Some((number, _, def)) = a.new_column() else { continue };
        out.look();
        let has = |wanted: fn(&ColumnConstraintKind) -> bool| def.constraints.iter().any(|c| wanted(&c.kind));
        let filled = has(|k| {
            matches!(
                k,
                ColumnConstraintKind::Default(_)
                    | ColumnConstraintKind::Identity { .. }
                    | ColumnConstraintKind::Generated { .. }
            )
        });
        if filled || !has(|k| matches!(k, ColumnConstraintKind::NotNull)) {
            continue;
        }
        let written = def.data_type.as_ref();
        let value = written.map_or("its type's implicit default", |t| implicit(&t.name.text));
        let message = format!(
            "`{}` is NOT NULL without a default: every row of `{}` gets {value}.",
            cx.column_name(a.id, number),
            cx.table_name(a.id)
        );
        let _ = cx
            .report_step(out, a.at, ObjectId::Column(a.id, number), def.name.span, message)
            .evidence("State the default that is meant, or add it nullable, fill it, and set NOT NULL.".to_owned());
    }
}

/// The implicit default of a type.
fn implicit(name: &str) -> &'static str {
    let starts = |words: &[&str]| words.iter().any(|w| name.starts_with(w));
    if starts(&["enum"]) {
        "the first value of the ENUM"
    } else if starts(&["date", "time", "year"]) {
        "a zero date"
    } else if starts(&[
        "int",
        "tinyint",
        "smallint",
        "mediumint",
        "bigint",
        "bool",
        "dec",
        "num",
        "float",
        "double",
        "real",
        "bit",
    ]) {
        "0"
    } else {
        "an empty value"
    }
}
