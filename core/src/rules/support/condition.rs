//! What a condition says, decided on its tree.

use crate::expr::Tree;
use crate::schema::{ColumnNumber, Table};

/// The parts that are joined by AND.
pub(crate) fn conjuncts(tree: &Tree) -> Vec<&Tree> {
    let mut out = Vec::new();
    let mut open = vec![tree];
    while let Some(tree) = open.pop() {
        match tree {
            Tree::Operator(op, operands) if op == "and" => open.extend(operands.iter().rev()),
            other => out.push(other),
        }
    }
    out
}

/// The column's own name, where a tree is one, under casts and with or without its table.
fn column_name(tree: &Tree) -> Option<&str> {
    match tree.without_casts() {
        Tree::Column(parts) => parts.last().map(|n| n.as_str()),
        _ => None,
    }
}

/// The column of a table, where a tree is one.
pub(crate) fn column_of(tree: &Tree, table: &Table) -> Option<ColumnNumber> {
    column_name(tree).and_then(|name| table.find_column(name))
}

/// The string, under casts.
pub(crate) fn text_of(tree: &Tree) -> Option<&str> {
    match tree.without_casts() {
        Tree::Text(text) => Some(text),
        _ => None,
    }
}

/// Whether the value is the same for every row: literals, and what operators and casts make of them.
pub(crate) fn is_constant(tree: &Tree) -> bool {
    match tree {
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) => true,
        Tree::Cast(inner, _) => is_constant(inner),
        Tree::Operator(_, items) | Tree::Array(items) | Tree::Row(items) => items.iter().all(is_constant),
        _ => false,
    }
}

/// Whether a condition holds for every row, whatever the row: `true`, `1 = 1`, and those joined with anything by OR.
pub(crate) fn is_always_true(tree: &Tree) -> bool {
    match tree {
        Tree::Bool(value) => *value,
        Tree::Cast(inner, _) => is_always_true(inner) || matches!(text_of(inner), Some("t" | "true")),
        Tree::Operator(op, operands) => match (op.as_str(), operands.as_slice()) {
            ("or", parts) => parts.iter().any(is_always_true),
            ("and", parts) => parts.iter().all(is_always_true),
            ("=", [a, b]) => a == b && is_constant(a) && *a != Tree::Null,
            ("not", [Tree::Bool(false)]) => true,
            _ => false,
        },
        _ => false,
    }
}

/// The strings that a column must be one of: `c IN ('a', 'b')`, `c = ANY (ARRAY['a', 'b'])`, `c = 'a' OR c = 'b'`; nulls may pass too.
pub(crate) fn values_of<'a>(tree: &'a Tree, column: &str) -> Option<Vec<&'a str>> {
    let Tree::Operator(op, operands) = tree else { return None };
    let is_column = |t: &Tree| column_name(t) == Some(column);
    match (op.as_str(), operands.as_slice()) {
        ("in", [c, list @ ..]) if is_column(c) => list.iter().map(text_of).collect(),
        ("= any", [c, array]) if is_column(c) => match array.without_casts() {
            Tree::Array(items) => items.iter().map(text_of).collect(),
            _ => None,
        },
        ("=", [c, value]) if is_column(c) => text_of(value).map(|v| vec![v]),
        ("or", parts) => {
            let mut all = Vec::new();
            for part in parts {
                match part {
                    Tree::Operator(op, of) if op == "is null" && of.first().is_some_and(is_column) => {}
                    other => all.extend(values_of(other, column)?),
                }
            }
            Some(all)
        }
        _ => None,
    }
}

/// Whether two trees are the same and nothing in them is unknown.
pub(crate) fn same_tree(a: &Tree, b: &Tree) -> bool {
    a == b && !a.has_opaque()
}

/// Whether every row that meets `narrow` meets `wide`, as far as that can be shown: the same parts or more of them, and value lists that are
/// contained in each other.
pub(crate) fn implies(narrow: &Tree, wide: &Tree) -> bool {
    let given = conjuncts(narrow);
    conjuncts(wide)
        .into_iter()
        .all(|wanted| given.iter().any(|part| same_tree(part, wanted) || values_imply(part, wanted)))
}

/// `c = 'a'` implies `c IN ('a', 'b')` and `c IS NOT NULL`.
fn values_imply(narrow: &Tree, wide: &Tree) -> bool {
    let Tree::Operator(op, operands) = narrow else { return false };
    let Some(column) = operands.first().and_then(column_name).filter(|_| matches!(op.as_str(), "=" | "in" | "= any"))
    else {
        return false;
    };
    let Some(values) = values_of(narrow, column) else { return false };
    match wide {
        Tree::Operator(op, of) if op == "is not null" => of.first().and_then(column_name) == Some(column),
        _ => values_of(wide, column).is_some_and(|all| values.iter().all(|v| all.contains(v))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Expr;
    use crate::source::Span;

    fn tree(text: &str) -> Tree {
        let tree = Expr::new(text, Span::default()).tree().clone();
        assert!(!tree.has_opaque(), "not read: {text}");
        tree
    }

    #[test]
    fn conditions_that_let_every_row_through() {
        for text in
            ["true", "(true)", "1 = 1", "a = b OR true", "'a' = 'a'", "TRUE AND 1=1", "NOT false", "'t'::boolean"]
        {
            assert!(is_always_true(&tree(text)), "{text}");
        }
        for text in ["false", "a = a", "a = 1", "a AND true", "1 = 2", "NULL = NULL", "NOT true"] {
            assert!(!is_always_true(&tree(text)), "{text}");
        }
    }

    #[test]
    fn value_lists_of_every_spelling() {
        for text in [
            "c IN ('a', 'b')",
            "(c = ANY (ARRAY['a'::text, 'b'::text]))",
            "((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))",
            "c = 'a' OR c = 'b'",
            "c IS NULL OR c IN ('a', 'b')",
        ] {
            assert_eq!(values_of(&tree(text), "c"), Some(vec!["a", "b"]), "{text}");
        }
        for text in ["c NOT IN ('a')", "c <> 'a'", "d IN ('a')", "c = 'a' OR d = 'b'"] {
            assert_eq!(values_of(&tree(text), "c"), None, "{text}");
        }
    }

    #[test]
    fn what_follows_from_what() {
        for (narrow, wide) in [
            ("a = 'x'", "a IN ('x', 'y')"),
            ("a = 'x'", "a IS NOT NULL"),
            ("a AND b", "a"),
            ("a IN ('x') AND c > 1", "a = ANY (ARRAY['y'::text, 'x'::text])"),
            ("a > 1", "a > 1"),
        ] {
            assert!(implies(&tree(narrow), &tree(wide)), "{narrow} -> {wide}");
        }
        for (narrow, wide) in
            [("a IN ('x', 'y')", "a = 'x'"), ("a", "a AND b"), ("a > 2", "a > 1"), ("a = 'x'", "b = 'x'")]
        {
            assert!(!implies(&tree(narrow), &tree(wide)), "{narrow} -> {wide}");
        }
    }
}
