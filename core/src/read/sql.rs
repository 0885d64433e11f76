//! Queries and expressions, read by sqlparser and translated into our own small tree.
//!
//! What is translated is destructured in full (no `..`), so that an upgrade of sqlparser that adds a clause fails to compile until someone has
//! decided what it means here. Forms of other dialects become [`Tree::Opaque`].

mod direct;

use smol_str::SmolStr;
use sqlparser::ast;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::expr::{Call, From, Item, Join, Query, Source, Tree};
use crate::name::Name;

/// The longest text that is made into a tree, in tokens: sqlparser's trees are as deep as a chain of operators is long, and are dropped
/// recursively.
const MAX_TOKENS: usize = 4000;
/// How deep parentheses, subqueries and CASE may nest.
const MAX_DEPTH: usize = 40;

/// Reads an expression.
pub(crate) fn expression(text: &str) -> Tree {
    direct::expression(text).unwrap_or_else(|| by_sqlparser(text))
}

fn by_sqlparser(text: &str) -> Tree {
    let Some(tokens) = tokens(text) else { return Tree::Opaque };
    let mut parser = Parser::new(&PostgreSqlDialect {}).with_recursion_limit(MAX_DEPTH).with_tokens(tokens);
    match parser.parse_expr() {
        Ok(expr) if parser.peek_token().token == Token::EOF => tree(expr),
        _ => Tree::Opaque,
    }
}

/// Reads a query.
pub(crate) fn query(text: &str) -> Option<Query> {
    direct::query(text).or_else(|| query_by_sqlparser(text))
}

fn query_by_sqlparser(text: &str) -> Option<Query> {
    let mut parser = Parser::new(&PostgreSqlDialect {}).with_recursion_limit(MAX_DEPTH).with_tokens(tokens(text)?);
    let query = parser.parse_query().ok()?;
    (parser.peek_token().token == Token::EOF).then(|| translate_query(*query))
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize().ok()?;
    (tokens.iter().filter(|t| !matches!(t, Token::Whitespace(_))).count() <= MAX_TOKENS).then_some(tokens)
}

fn fold(ident: &ast::Ident) -> Name {
    if ident.quote_style.is_some() { ident.value.as_str().into() } else { ident.value.to_ascii_lowercase().into() }
}

fn name(object: &ast::ObjectName) -> Vec<Name> {
    object
        .0
        .iter()
        .filter_map(|part| match part {
            ast::ObjectNamePart::Identifier(ident) => Some(fold(ident)),
            ast::ObjectNamePart::Function(_) => None,
        })
        .collect()
}

fn operator(word: &'static str, operands: Vec<Tree>) -> Tree {
    Tree::Operator(SmolStr::new_static(word), operands)
}

fn negated(negated: bool, plain: &'static str, with_not: &'static str) -> &'static str {
    if negated { with_not } else { plain }
}

fn call(word: &'static str, arguments: Vec<Tree>) -> Tree {
    let name = vec![SmolStr::new_static(word)];
    Tree::Call(Box::new(Call { name, arguments, distinct: false, filter: None, over: false }))
}

fn trees(exprs: Vec<ast::Expr>) -> Vec<Tree> {
    exprs.into_iter().map(tree).collect()
}

fn boxed(expr: Option<Box<ast::Expr>>) -> Option<Box<Tree>> {
    expr.map(|e| Box::new(tree(*e)))
}

/// A chain of binary operators, walked down its left side without recursion; runs of one operator become one node.
fn binary(expr: ast::Expr) -> Tree {
    let mut chain = Vec::new();
    let mut leftmost = expr;
    while let ast::Expr::BinaryOp { left, op, right } = leftmost {
        chain.push((op.to_string().to_ascii_lowercase(), *right));
        leftmost = *left;
    }
    let mut out = tree(leftmost);
    for (op, right) in chain.into_iter().rev() {
        let right = tree(right);
        match &mut out {
            Tree::Operator(last, operands)
                if last == op.as_str() && matches!(op.as_str(), "and" | "or" | "||" | "+" | "*") =>
            {
                operands.push(right);
            }
            _ => out = Tree::Operator(op.into(), vec![out, right]),
        }
    }
    out
}

fn tree(expr: ast::Expr) -> Tree {
    use ast::Expr as E;
    match expr {
        E::Identifier(ident) => Tree::Column(vec![fold(&ident)]),
        E::CompoundIdentifier(idents) => Tree::Column(idents.iter().map(fold).collect()),
        E::CompoundFieldAccess { root, access_chain: _ } => operator("[]", vec![tree(*root)]),
        E::IsFalse(e) => operator("is false", vec![tree(*e)]),
        E::IsNotFalse(e) => operator("is not false", vec![tree(*e)]),
        E::IsTrue(e) => operator("is true", vec![tree(*e)]),
        E::IsNotTrue(e) => operator("is not true", vec![tree(*e)]),
        E::IsNull(e) | E::IsUnknown(e) => operator("is null", vec![tree(*e)]),
        E::IsNotNull(e) | E::IsNotUnknown(e) => operator("is not null", vec![tree(*e)]),
        E::IsDistinctFrom(a, b) => operator("is distinct from", vec![tree(*a), tree(*b)]),
        E::IsNotDistinctFrom(a, b) => operator("is not distinct from", vec![tree(*a), tree(*b)]),
        E::IsNormalized { expr, form: _, negated: not } => {
            operator(negated(not, "is normalized", "is not normalized"), vec![tree(*expr)])
        }
        E::IsJson { expr, kind: _, unique_keys: _, negated: not } => {
            operator(negated(not, "is json", "is not json"), vec![tree(*expr)])
        }
        E::InList { expr, list, negated: not } => {
            let mut operands = vec![tree(*expr)];
            operands.extend(trees(list));
            operator(negated(not, "in", "not in"), operands)
        }
        E::InSubquery { expr, subquery, negated: not } => {
            let query = Tree::Subquery(Box::new(translate_query(*subquery)));
            operator(negated(not, "in", "not in"), vec![tree(*expr), query])
        }
        E::Between { expr, negated: not, low, high } => {
            operator(negated(not, "between", "not between"), vec![tree(*expr), tree(*low), tree(*high)])
        }
        E::BinaryOp { .. } => binary(expr),
        E::Like { negated: not, any: _, expr, pattern, escape_char: _ } => {
            operator(negated(not, "like", "not like"), vec![tree(*expr), tree(*pattern)])
        }
        E::ILike { negated: not, any: _, expr, pattern, escape_char: _ } => {
            operator(negated(not, "ilike", "not ilike"), vec![tree(*expr), tree(*pattern)])
        }
        E::SimilarTo { negated: not, expr, pattern, escape_char: _ } => {
            operator(negated(not, "similar to", "not similar to"), vec![tree(*expr), tree(*pattern)])
        }
        E::AnyOp { left, compare_op, right, is_some: _ } => {
            Tree::Operator(format!("{compare_op} any").to_ascii_lowercase().into(), vec![tree(*left), tree(*right)])
        }
        E::AllOp { left, compare_op, right } => {
            Tree::Operator(format!("{compare_op} all").to_ascii_lowercase().into(), vec![tree(*left), tree(*right)])
        }
        E::UnaryOp { op, expr } => Tree::Operator(op.to_string().to_ascii_lowercase().into(), vec![tree(*expr)]),
        E::Cast { kind: _, expr, data_type, format: _ } => {
            Tree::Cast(Box::new(tree(*expr)), data_type.to_string().to_ascii_lowercase())
        }
        E::AtTimeZone { timestamp, time_zone } => operator("at time zone", vec![tree(*timestamp), tree(*time_zone)]),
        E::Extract { field, syntax: _, expr } => {
            call("extract", vec![Tree::Text(field.to_string().to_ascii_lowercase()), tree(*expr)])
        }
        E::Ceil { expr, field: _ } => call("ceil", vec![tree(*expr)]),
        E::Floor { expr, field: _ } => call("floor", vec![tree(*expr)]),
        E::Position { expr, r#in } => call("position", vec![tree(*expr), tree(*r#in)]),
        E::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
            let rest = [substring_from, substring_for].into_iter().flatten().map(|e| tree(*e));
            call("substring", std::iter::once(tree(*expr)).chain(rest).collect())
        }
        E::Trim { trim_where: _, trim_what, expr, trim_characters } => {
            let mut arguments = vec![tree(*expr)];
            arguments.extend(trim_what.map(|e| tree(*e)));
            arguments.extend(trees(trim_characters.unwrap_or_default()));
            call("trim", arguments)
        }
        E::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
            let mut arguments = vec![tree(*expr), tree(*overlay_what), tree(*overlay_from)];
            arguments.extend(overlay_for.map(|e| tree(*e)));
            call("overlay", arguments)
        }
        E::Collate { expr, collation: _ } => tree(*expr),
        E::Nested(inner) => tree(*inner),
        E::Value(value) => literal(value.value),
        E::Prefixed { prefix: _, value } => tree(*value),
        E::TypedString(ast::TypedString { data_type, value, uses_odbc_syntax: _ }) => {
            Tree::Cast(Box::new(literal(value.value)), data_type.to_string().to_ascii_lowercase())
        }
        E::Interval(ast::Interval {
            value,
            leading_field: _,
            leading_precision: _,
            last_field: _,
            fractional_seconds_precision: _,
        }) => Tree::Cast(Box::new(tree(*value)), "interval".to_owned()),
        E::Function(function) => Tree::Call(Box::new(translate_call(function))),
        E::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
            let branches = conditions
                .into_iter()
                .map(|ast::CaseWhen { condition, result }| (tree(condition), tree(result)))
                .collect();
            Tree::Case(boxed(operand), branches, boxed(else_result))
        }
        E::Exists { subquery, negated: not } => {
            let exists = Tree::Exists(Box::new(translate_query(*subquery)));
            if not { operator("not", vec![exists]) } else { exists }
        }
        E::Subquery(query) => Tree::Subquery(Box::new(translate_query(*query))),
        E::GroupingSets(sets) | E::Cube(sets) | E::Rollup(sets) => {
            Tree::Row(sets.into_iter().map(|set| Tree::Row(trees(set))).collect())
        }
        E::Tuple(values) => Tree::Row(trees(values)),
        E::Array(ast::Array { elem, named: _ }) => Tree::Array(trees(elem)),
        E::Wildcard(_) => Tree::Star(Vec::new()),
        E::QualifiedWildcard(of, _) => Tree::Star(name(&of)),
        // Forms of other dialects.
        E::JsonAccess { .. }
        | E::InUnnest { .. }
        | E::RLike { .. }
        | E::Convert { .. }
        | E::Struct { .. }
        | E::Named { .. }
        | E::Dictionary(_)
        | E::Map(_)
        | E::MatchAgainst { .. }
        | E::OuterJoin(_)
        | E::Prior(_)
        | E::Lambda(_)
        | E::MemberOf(_) => Tree::Opaque,
    }
}

fn literal(value: ast::Value) -> Tree {
    use ast::Value as V;
    match value {
        V::Number(text, _) => Tree::Number(text.into()),
        V::Boolean(b) => Tree::Bool(b),
        V::Null => Tree::Null,
        V::SingleQuotedString(s)
        | V::EscapedStringLiteral(s)
        | V::UnicodeStringLiteral(s)
        | V::NationalStringLiteral(s)
        | V::HexStringLiteral(s)
        | V::SingleQuotedByteStringLiteral(s) => Tree::Text(s),
        V::DollarQuotedString(ast::DollarQuotedString { value, tag: _ }) => Tree::Text(value),
        _ => Tree::Opaque,
    }
}

fn translate_call(function: ast::Function) -> Call {
    let ast::Function {
        name: function_name,
        uses_odbc_syntax: _,
        parameters: _,
        args,
        within_group,
        filter,
        null_treatment: _,
        over,
    } = function;
    let mut out = Call {
        name: name(&function_name),
        arguments: Vec::new(),
        distinct: false,
        filter: filter.map(|f| tree(*f)),
        over: over.is_some(),
    };
    match args {
        ast::FunctionArguments::None => {}
        ast::FunctionArguments::Subquery(query) => {
            out.arguments.push(Tree::Subquery(Box::new(translate_query(*query))))
        }
        ast::FunctionArguments::List(ast::FunctionArgumentList { duplicate_treatment, args, clauses: _ }) => {
            out.distinct = matches!(duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
            out.arguments = args.into_iter().map(argument).collect();
        }
    }
    out.arguments.extend(within_group.into_iter().map(order_key));
    out
}

fn argument(argument: ast::FunctionArg) -> Tree {
    let value = match argument {
        ast::FunctionArg::Named { name: _, arg, operator: _ }
        | ast::FunctionArg::ExprNamed { name: _, arg, operator: _ } => arg,
        ast::FunctionArg::Unnamed(arg) => arg,
    };
    match value {
        ast::FunctionArgExpr::Expr(e) => tree(e),
        ast::FunctionArgExpr::QualifiedWildcard(of) => Tree::Star(name(&of)),
        ast::FunctionArgExpr::Wildcard | ast::FunctionArgExpr::WildcardWithOptions(_) => Tree::Star(Vec::new()),
    }
}

fn order_key(key: ast::OrderByExpr) -> Tree {
    let ast::OrderByExpr { expr, options: _, with_fill: _ } = key;
    tree(expr)
}

fn translate_query(query: ast::Query) -> Query {
    let ast::Query {
        with,
        body,
        order_by,
        limit_clause,
        fetch,
        locks: _,
        for_clause: _,
        settings: _,
        format_clause: _,
        pipe_operators: _,
    } = query;
    let mut out = set_expr(*body);
    if let Some(ast::With { with_token: _, recursive: _, cte_tables }) = with {
        let ctes = cte_tables.into_iter().map(
            |ast::Cte { alias, query, from: _, materialized: _, closing_paren_token: _ }| {
                (fold(&alias.name), translate_query(*query))
            },
        );
        out.with = ctes.chain(std::mem::take(&mut out.with)).collect();
    }
    if let Some(ast::OrderBy { kind: ast::OrderByKind::Expressions(keys), interpolate: _ }) = order_by {
        out.order_by = keys.into_iter().map(order_key).collect();
    }
    out.limited |= limit_clause.is_some() || fetch.is_some();
    out
}

fn set_expr(body: ast::SetExpr) -> Query {
    // A long UNION leans to the left: walked without recursion.
    let mut rights = Vec::new();
    let mut leftmost = body;
    let mut merges = false;
    while let ast::SetExpr::SetOperation { left, op, set_quantifier, right } = leftmost {
        let all = matches!(set_quantifier, ast::SetQuantifier::All | ast::SetQuantifier::AllByName);
        merges |= op == ast::SetOperator::Union && !all;
        rights.push(*right);
        leftmost = *left;
    }
    let mut out = match leftmost {
        ast::SetExpr::Select(select) => translate_select(*select),
        ast::SetExpr::Query(query) => translate_query(*query),
        ast::SetExpr::Values(ast::Values { explicit_row: _, value_keyword: _, rows }) => {
            let rows = rows.into_iter().map(|row| Item { value: Tree::Row(trees(row.content)), alias: None });
            Query { items: rows.collect(), ..Query::default() }
        }
        ast::SetExpr::Table(table) => {
            let ast::Table { table_name, schema_name } = *table;
            let parts = schema_name.into_iter().chain(table_name).map(|n| n.to_ascii_lowercase().into()).collect();
            Query {
                items: vec![Item { value: Tree::Star(Vec::new()), alias: None }],
                from: vec![From {
                    source: Source::Relation(parts),
                    alias: None,
                    columns: Vec::new(),
                    join: Join::Comma,
                    on: None,
                    using: Vec::new(),
                }],
                ..Query::default()
            }
        }
        ast::SetExpr::SetOperation { .. }
        | ast::SetExpr::Insert(_)
        | ast::SetExpr::Update(_)
        | ast::SetExpr::Delete(_)
        | ast::SetExpr::Merge(_) => Query::default(),
    };
    out.merges_rows |= merges;
    out.set_operands.extend(rights.into_iter().rev().map(set_expr));
    out
}

fn translate_select(select: ast::Select) -> Query {
    let ast::Select {
        select_token: _,
        optimizer_hints: _,
        distinct,
        select_modifiers: _,
        top: _,
        top_before_distinct: _,
        projection,
        exclude: _,
        into: _,
        from,
        lateral_views: _,
        prewhere: _,
        selection,
        connect_by: _,
        group_by,
        cluster_by: _,
        distribute_by: _,
        sort_by: _,
        having,
        named_window: _,
        qualify: _,
        window_before_qualify: _,
        value_table_mode: _,
        flavor: _,
    } = select;
    let mut sources = Vec::new();
    for entry in from {
        joined(entry, Join::Comma, &mut sources);
    }
    Query {
        with: Vec::new(),
        items: projection.into_iter().map(item).collect(),
        distinct: matches!(distinct, Some(ast::Distinct::Distinct | ast::Distinct::On(_))),
        from: sources,
        filter: selection.map(tree),
        group_by: match group_by {
            ast::GroupByExpr::All(_) => Vec::new(),
            ast::GroupByExpr::Expressions(keys, _) => trees(keys),
        },
        having: having.map(tree),
        order_by: Vec::new(),
        limited: false,
        merges_rows: false,
        set_operands: Vec::new(),
    }
}

fn item(item: ast::SelectItem) -> Item {
    match item {
        ast::SelectItem::UnnamedExpr(e) => Item { value: tree(e), alias: None },
        ast::SelectItem::ExprWithAlias { expr, alias } => Item { value: tree(expr), alias: Some(fold(&alias)) },
        ast::SelectItem::ExprWithAliases { expr, aliases } => {
            Item { value: tree(expr), alias: aliases.first().map(fold) }
        }
        ast::SelectItem::QualifiedWildcard(of, _) => {
            let value = match of {
                ast::SelectItemQualifiedWildcardKind::ObjectName(of) => Tree::Star(name(&of)),
                ast::SelectItemQualifiedWildcardKind::Expr(e) => operator(".*", vec![tree(e)]),
            };
            Item { value, alias: None }
        }
        ast::SelectItem::Wildcard(_) => Item { value: Tree::Star(Vec::new()), alias: None },
    }
}

fn joined(entry: ast::TableWithJoins, join: Join, out: &mut Vec<From>) {
    let ast::TableWithJoins { relation, joins } = entry;
    source(relation, join, out);
    for ast::Join { relation, global: _, join_operator } in joins {
        use ast::JoinOperator as J;
        let (join, constraint) = match join_operator {
            J::Join(c)
            | J::Inner(c)
            | J::StraightJoin(c)
            | J::Semi(c)
            | J::LeftSemi(c)
            | J::RightSemi(c)
            | J::Anti(c)
            | J::LeftAnti(c)
            | J::RightAnti(c) => (Join::Inner, c),
            J::Left(c) | J::LeftOuter(c) => (Join::Left, c),
            J::Right(c) | J::RightOuter(c) => (Join::Right, c),
            J::FullOuter(c) => (Join::Full, c),
            J::CrossJoin(c) => (Join::Cross, c),
            J::AsOf { match_condition: _, constraint } => (Join::Left, constraint),
            J::CrossApply | J::OuterApply | J::ArrayJoin | J::LeftArrayJoin | J::InnerArrayJoin => {
                (Join::Cross, ast::JoinConstraint::None)
            }
        };
        let from = out.len();
        source(relation, join, out);
        let Some(entry) = out.get_mut(from) else { continue };
        match constraint {
            ast::JoinConstraint::On(e) => entry.on = Some(tree(e)),
            ast::JoinConstraint::Using(columns) => entry.using = columns.iter().filter_map(|c| name(c).pop()).collect(),
            ast::JoinConstraint::Natural | ast::JoinConstraint::None => {}
        }
    }
}

fn source(factor: ast::TableFactor, join: Join, out: &mut Vec<From>) {
    use ast::TableFactor as F;
    let (source, alias) = match factor {
        F::Table {
            name: relation,
            alias,
            args,
            with_hints: _,
            version: _,
            with_ordinality: _,
            partitions: _,
            json_path: _,
            sample: _,
            index_hints: _,
        } => match args {
            None => (Source::Relation(name(&relation)), alias),
            Some(ast::TableFunctionArgs { args, settings: _ }) => (function_source(&relation, args), alias),
        },
        F::Derived { lateral: _, subquery, alias, sample: _ } => {
            (Source::Query(Box::new(translate_query(*subquery))), alias)
        }
        F::TableFunction { expr, alias } => match tree(expr) {
            Tree::Call(call) => (Source::Function(call), alias),
            _ => (Source::Opaque, alias),
        },
        F::Function { lateral: _, name: function, args, with_ordinality: _, alias } => {
            (function_source(&function, args), alias)
        }
        F::UNNEST { alias, array_exprs, with_offset: _, with_offset_alias: _, with_ordinality: _ } => {
            let arguments = trees(array_exprs);
            let call = Call { name: vec!["unnest".into()], arguments, distinct: false, filter: None, over: false };
            (Source::Function(Box::new(call)), alias)
        }
        F::NestedJoin { table_with_joins, alias } => {
            if alias.is_none() {
                joined(*table_with_joins, join, out);
                return;
            }
            (Source::Opaque, alias)
        }
        F::JsonTable { alias, .. } | F::XmlTable { alias, .. } => (Source::Opaque, alias),
        // Forms of other dialects.
        F::OpenJsonTable { .. }
        | F::Pivot { .. }
        | F::Unpivot { .. }
        | F::UnpivotExpr { .. }
        | F::MatchRecognize { .. }
        | F::SemanticView { .. } => (Source::Opaque, None),
    };
    let columns = alias.iter().flat_map(|alias| &alias.columns).map(|column| fold(&column.name)).collect();
    let alias = alias.map(|ast::TableAlias { explicit: _, name, columns: _, at: _ }| fold(&name));
    out.push(From { source, alias, columns, join, on: None, using: Vec::new() });
}

fn function_source(function: &ast::ObjectName, args: Vec<ast::FunctionArg>) -> Source {
    let arguments = args.into_iter().map(argument).collect();
    Source::Function(Box::new(Call { name: name(function), arguments, distinct: false, filter: None, over: false }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::Order;

    fn column(name: &str) -> Tree {
        Tree::Column(name.split('.').map(Into::into).collect())
    }

    #[test]
    fn names_fold_and_parentheses_go() {
        assert_eq!(
            expression("((Org_ID)) = \"Other\".x"),
            Tree::Operator("=".into(), vec![column("org_id"), column("Other.x")])
        );
    }

    #[test]
    fn chains_are_flat() {
        assert_eq!(
            expression("a and b and (c or d)"),
            Tree::Operator(
                "and".into(),
                vec![column("a"), column("b"), Tree::Operator("or".into(), vec![column("c"), column("d")])]
            )
        );
        let long = vec!["a"; 1900].join(" + ");
        assert!(matches!(expression(&long), Tree::Operator(_, operands) if operands.len() == 1900));
    }

    #[test]
    fn calls_casts_and_lists() {
        assert_eq!(
            expression("auth.uid() = user_id::uuid"),
            Tree::Operator(
                "=".into(),
                vec![
                    Tree::Call(Box::new(Call {
                        name: vec!["auth".into(), "uid".into()],
                        arguments: vec![],
                        distinct: false,
                        filter: None,
                        over: false
                    })),
                    Tree::Cast(Box::new(column("user_id")), "uuid".into())
                ]
            )
        );
        assert_eq!(
            expression("status in ('a', 'b')"),
            Tree::Operator("in".into(), vec![column("status"), Tree::Text("a".into()), Tree::Text("b".into())])
        );
        assert_eq!(
            expression("status = ANY (ARRAY['a'::text])"),
            Tree::Operator(
                "= any".into(),
                vec![column("status"), Tree::Array(vec![Tree::Cast(Box::new(Tree::Text("a".into())), "text".into())])]
            )
        );
    }

    #[test]
    fn queries_tell_what_they_read() {
        let query = query(
            "with recent as (select * from sales.orders) select o.id, (select max(x) from pay p) from recent r join only_here o using (id)
             left join lateral (select 1 from deep) d on true where exists (select 1 from customers)",
        )
        .unwrap();
        let mut names: Vec<String> = query.relations().iter().map(|n| n.join(".")).collect();
        names.order();
        assert_eq!(names, ["customers", "deep", "only_here", "pay", "sales.orders"]);
        assert_eq!(query.from[1].using, ["id"]);
    }

    #[test]
    fn what_cannot_be_read_is_opaque() {
        assert_eq!(expression("a ="), Tree::Opaque);
        assert_eq!(expression("a b"), Tree::Opaque);
        assert_eq!(expression(&"(".repeat(100_000)), Tree::Opaque);
        assert_eq!(expression(&format!("{}a{}", "(".repeat(1000), ")".repeat(1000))), Tree::Opaque);
        assert!(query("select a from").is_none());
    }
}
