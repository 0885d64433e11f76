use crate::expr::{Call, Tree};
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Policy, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-per-row-function",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A policy calls a function anew for every row, although its result is the same for all.",
    why: "`auth.uid()` and `current_setting()` are stable, but a policy's condition is evaluated row by row, and so are they; the planner cannot use an \
          index scan's start condition as well as it could with a fixed value. Wrapped in a scalar subquery, `(SELECT auth.uid())`, the call runs \
          once for the statement. On large tables the difference is a factor of ten to a hundred. PostgreSQL manual, 38.7 \"Function Volatility \
          Categories\" and 5.8 \"Row Security Policies\".",
    fires: examples![
        // In a subquery that reads a table, too, and beside one that is right.
        "CREATE TABLE members (id bigint PRIMARY KEY, org bigint, who text);\nCREATE TABLE notes (id bigint PRIMARY KEY, org bigint, \"current_setting(\" text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes USING (org IN (SELECT org FROM members WHERE who = pg_catalog.current_setting('app.user', true)::text) OR \"current_setting(\" = 'it''s current_setting()' OR org = (SELECT current_setting ( 'app.org' ))::bigint) WITH CHECK (org > 0)»;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes USING (owner = current_setting('app.user', true))»;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.user', true)));\nCREATE POLICY new ON notes FOR INSERT WITH CHECK (owner = lower(owner));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let found =
                [&policy.using, &policy.with_check].into_iter().flatten().find_map(|e| per_row_call(e.source.tree()));
            let Some((call, in_subquery)) = found else { continue };
            let rows = if in_subquery { " that a subquery of it reads" } else { "" };
            let message = format!(
                "`{}` on `{}` calls `{call}()` for every row{rows}; wrapped as `(SELECT {call}(…))` it runs once.",
                policy.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message)
                .object(ObjectId::Table(id))
                .maybe_fix(wrapped_policy(cx, id, policy));
        }
    }
}

/// The policy with each such call in a scalar subquery; nothing where one has arguments that may differ from row to row.
fn wrapped_policy(cx: &Context<'_>, table: TableId, policy: &Policy) -> Option<Fix> {
    let mut sql = format!("ALTER POLICY {} ON {}", quote(&policy.name), cx.table_sql(table));
    for (clause, expression) in [("USING", &policy.using), ("WITH CHECK", &policy.with_check)] {
        if let Some(expression) = expression {
            sql.push_str(&format!(" {clause} ({})", wrap_calls(&cx.schema.display_expr(expression))?));
        }
    }
    sql.push(';');
    Some(Fix { sql, caution: None })
}

/// A call of a function that tells who is asking, outside of a scalar subquery that reads no table. Inside of a subquery that does read one, it
/// runs for each of those rows; whether it stands in such a one comes with it.
fn per_row_call(tree: &Tree) -> Option<(String, bool)> {
    let mut open = vec![(tree, false)];
    while let Some((tree, within)) = open.pop() {
        let of = |operand| (operand, within);
        match tree {
            Tree::Call(call) => {
                if asks_who(call) {
                    return Some((call.name.iter().map(ToString::to_string).collect::<Vec<_>>().join("."), within));
                }
                open.extend(call.arguments.iter().map(of));
            }
            Tree::Operator(_, operands) | Tree::Array(operands) | Tree::Row(operands) => {
                open.extend(operands.iter().map(of));
            }
            Tree::Cast(inner, _) => open.push(of(inner)),
            Tree::Case(operand, branches, otherwise) => {
                open.extend(operand.as_deref().map(of));
                open.extend(branches.iter().flat_map(|(when, then)| [when, then]).map(of));
                open.extend(otherwise.as_deref().map(of));
            }
            Tree::Subquery(query) | Tree::Exists(query) if !query.from.is_empty() => {
                let items = query.items.iter().map(|i| &i.value);
                let joins = query.from.iter().filter_map(|f| f.on.as_ref());
                open.extend(items.chain(&query.filter).chain(joins).map(|part| (part, true)));
            }
            _ => {}
        }
    }
    None
}

/// The text of a condition with the calls that tell who is asking in scalar subqueries, those that are in one already left alone; nothing where a call's
/// arguments are more than constants, or the text has what is not worth to be told apart (comments, strings with escapes).
fn wrap_calls(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut before = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted(rest)?,
            _ if is_word(first) => rest.find(|c| !is_word(c) && c != '.').unwrap_or(rest.len()),
            '-' | '/' if rest.starts_with("--") || rest.starts_with("/*") => return None,
            _ => first.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length);
        let word = piece.to_ascii_lowercase();
        if word == "e" && behind.starts_with('\'') {
            return None;
        }
        rest = behind;
        let names_who = word.starts_with("auth.") || word.rsplit('.').next() == Some("current_setting");
        if names_who && behind.trim_start().starts_with('(') {
            let open = behind.len() - behind.trim_start().len();
            let end = open + constants(behind.get(open..)?)?;
            let (arguments, after) = behind.split_at(end);
            let is_wrapped = before == "select" && after.trim_start().starts_with(')');
            let call = format!("{piece}{arguments}");
            out.push_str(&if is_wrapped { call } else { format!("(SELECT {call})") });
            rest = after;
        } else {
            out.push_str(piece);
        }
        if !first.is_whitespace() {
            before = word;
        }
    }
    Some(out)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// How long the string or quoted name is that a text begins with. A doubled quote is read as two that touch.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let inner = text.get(1..)?;
    inner.find(quote).map(|end| end + 2)
}

/// How long the parenthesised constants are that a text begins with.
fn constants(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let rest = text.get(at..)?;
        at += match rest.chars().next()? {
            ')' => return Some(at + 1),
            '\'' => quoted(rest)?,
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let word = rest.get(..end)?.to_ascii_lowercase();
                let is_constant = matches!(word.as_str(), "true" | "false" | "text") || word.parse::<u64>().is_ok();
                is_constant.then_some(end)?
            }
            c if c.is_whitespace() || matches!(c, ',' | ':') => c.len_utf8(),
            _ => return None,
        };
    }
}

fn asks_who(call: &Call) -> bool {
    match call.name.as_slice() {
        [schema, _] if schema == "auth" => true,
        [.., name] => name == "current_setting",
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Options, analyze};

    /// Counted on a live server: in `IN (SELECT …)` the function ran for the rows of `members` alone, however many rows `notes` had.
    #[test]
    fn whose_rows_they_are_is_told() {
        for (condition, rows) in [
            ("owner = current_setting('a.b', true)", "for every row;"),
            (
                "owner IN (SELECT who FROM members WHERE who = current_setting('a.b', true))",
                "that a subquery of it reads;",
            ),
        ] {
            let sql = format!(
                "CREATE TABLE members (who text PRIMARY KEY);\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text);\n\
                 ALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING ({condition});"
            );
            let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
            let told =
                analysis.targets.iter().flat_map(|t| &t.findings).find(|f| f.rule.name == "rls-per-row-function");
            assert!(told.is_some_and(|f| f.message.contains(rows)), "{told:?}");
        }
    }
}
