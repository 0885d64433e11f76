//! What functions in SQL say, which the server reads when it makes them: of a body that is one query, what it names and is not there. Bodies in other
//! languages, and of functions whose types come with the call, are read when they run. Source: PostgreSQL manual, 38.5 "Query Language (SQL)
//! Functions"; 20.11 "Client Connection Defaults", `check_function_bodies`.

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use super::references::Scope;
use crate::expr::Expr;
use crate::operation::{CreateFunction, FunctionBody, FunctionKind};

/// Longer bodies are not looked into.
const MAX_BODY: usize = 16 * 1024;

impl Replayer {
    /// SET of a run-time setting.
    pub(super) fn set_parameter(&mut self, name: &str, value: Option<&str>) {
        if name.eq_ignore_ascii_case("check_function_bodies") {
            let word = value.unwrap_or("on").trim_matches('\'').to_ascii_lowercase();
            self.session.bodies_unread = matches!(word.as_str(), "off" | "false" | "no" | "0" | "f" | "n");
        }
    }

    /// Refuses a function in SQL, just made, whose body names what is certainly not there.
    pub(super) fn check_body(&self, create: &CreateFunction) -> Outcome {
        let sql = create.attributes.language.as_ref().is_none_or(|l| l.fold() == "sql");
        let types = || {
            let arguments = create.arguments.iter().map(|a| &a.data_type);
            arguments.chain(&create.returns).chain(create.returns_table.iter().map(|(_, t)| t))
        };
        let polymorphic = types().any(|t| t.schema.is_none() && t.name.fold().starts_with("any"));
        if self.described || !sql || create.kind == FunctionKind::Aggregate || polymorphic {
            return Ok(());
        }
        // It would be read with the function's own search path.
        let own_path = create.attributes.settings.iter().any(|(name, _)| name.eq_ignore_ascii_case("search_path"));
        let query = match &create.body {
            Some(FunctionBody::Sql(body)) if is_followed(only_statement(&body.text)) => body,
            Some(FunctionBody::String(body)) if !self.session.bodies_unread && is_one_query(body) && !own_path => body,
            _ => return Ok(()),
        };
        if query.text.len() > MAX_BODY {
            return Ok(());
        }
        let Some(missing) = self.scan_fully(query, Scope::Nothing, false).missing else { return Ok(()) };
        // A parameter may be called by its name, and with the function's before that.
        let name = create.name.name.fold();
        let parameters = create.arguments.iter().filter_map(|a| a.name.as_ref()).map(|n| n.fold());
        let columns = create.returns_table.iter().map(|(n, _)| n.fold());
        let own = parameters.chain(columns).chain([name]).any(|n| missing.message.contains(&format!("\"{n}\"")));
        let may_be_own =
            missing.sqlstate == state::UNDEFINED_COLUMN || missing.message.starts_with("missing FROM-clause");
        if own && may_be_own { Ok(()) } else { refuse(missing.sqlstate, missing.span, missing.message) }
    }
}

/// Whether a body is one statement that reads or writes rows in a way that is followed here.
fn is_one_query(body: &Expr) -> bool {
    let text = body.text.trim();
    let text = text.strip_suffix(';').unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    let starts =
        ["select", "with", "update", "delete", "insert", "table", "values"].iter().any(|w| lower.starts_with(w));
    starts && is_followed(text)
}

/// What stands between BEGIN ATOMIC and END where it is one statement; the text itself where it is none of these.
fn only_statement(text: &str) -> &str {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let inner = lower.strip_prefix("begin atomic").and_then(|rest| rest.strip_suffix("end"));
    let Some(length) = inner.map(str::len) else { return text };
    let inner = text.get("begin atomic".len()..).and_then(|rest| rest.get(..length)).unwrap_or_default().trim();
    inner.strip_suffix(';').unwrap_or(inner)
}

/// Whether a text is one statement, without what brings names of its own into sight.
fn is_followed(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    !["conflict", "returning", "merge", "lateral", ";", "--", "/*"].iter().any(|w| lower.contains(w))
}
