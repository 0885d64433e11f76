use crate::expr::Tree;
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{base_type, builtin, column_of, conjuncts, held_by, is_checked, is_constant, is_money};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintKind, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "numeric-precision-too-small",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "An amount of money leaves at most four digits before the decimal point.",
    why: "`numeric(10,6)` reads like plenty and ends at 9999.999999: the precision counts all digits, those after the point too. A larger value is refused \
          with a numeric overflow, first of all in totals. Widening the precision at the same scale does not rewrite the table. PostgreSQL manual, 8.1.2 \
          \"Arbitrary Precision Numbers\".",
    fires: examples![
        "CREATE TABLE usage (id bigint PRIMARY KEY, total_cost «numeric(10,6)» NOT NULL);",
        // No bound that was meant to be the largest.
        "CREATE TABLE payments (id bigint PRIMARY KEY, tax «numeric(6,2)» CHECK (tax >= 0));",
    ],
    silent: examples![
        "CREATE TABLE usage (id bigint PRIMARY KEY, total_cost numeric(14,6), unit_price numeric(12,2), cost numeric, tax_rate numeric(5,4));",
        // Checked: the bound is meant.
        "CREATE TABLE usage (id bigint PRIMARY KEY, fee numeric(4,2) CHECK (fee BETWEEN 0 AND 99));",
    ],
    supersedes: &[],
    check,
};

/// The most digits before the point that are told.
const DIGITS: i32 = 4;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table, number, column) in cx.columns_where(is_money, |t| builtin(cx.schema, t) == Some("numeric")) {
        out.look();
        let modifiers = &base_type(cx.schema, &column.data_type).modifiers;
        let Some(precision) = modifiers.first().and_then(|m| m.parse::<i32>().ok()) else { continue };
        let scale = modifiers.get(1).and_then(|m| m.parse::<i32>().ok()).unwrap_or(0);
        let digits = precision - scale;
        if digits > DIGITS || is_checked(cx.schema, table, number) && !is_checked_from_below(cx, table, number) {
            continue;
        }
        let most = format!(
            "{}{}{}",
            if digits > 0 { "9".repeat(usize::try_from(digits).unwrap_or(1)) } else { "0".to_owned() },
            if scale > 0 { "." } else { "" },
            "9".repeat(usize::try_from(scale).unwrap_or(0))
        );
        let message = format!("`{}` takes no more than {most}.", cx.column_name(id, number));
        let plain = column.data_type.builtin_name().is_some() && column.generated.is_none();
        let fix = plain.then(|| Fix {
            sql: format!(
                "ALTER TABLE {} ALTER COLUMN {} TYPE numeric({},{scale});",
                cx.table_sql(id),
                quote(&column.name),
                scale + 12
            ),
            caution: Some("More digits at the same scale need no rewrite, only a short exclusive lock.".to_owned()),
        });
        out.report(ObjectId::Column(id, number), column.type_span, message).fix_unless(held_by(cx, id, number), fix);
    }
}

/// Whether all that checks ask of a column is to be more than something.
fn is_checked_from_below(cx: &Context<'_>, table: &Table, column: ColumnNumber) -> bool {
    let from_below = |part: &Tree| match part {
        Tree::Operator(op, of) if op == ">=" || op == ">" => {
            matches!(of.as_slice(), [of, least] if column_of(of, table) == Some(column) && is_constant(least))
        }
        _ => false,
    };
    let mut checks = cx.schema.constraints_of(table).filter(|(_, c)| c.columns.contains(&column));
    checks.all(|(_, c)| match &c.kind {
        ConstraintKind::Check(check) => conjuncts(check.source.tree()).into_iter().all(from_below),
        _ => true,
    })
}
