//! SQL between fences: statements with exact spans, and fragments read as far as they go.

use super::block::Text;
use super::clean::Clean;
use super::traits::{Place, elided};
use crate::operation::{Operation, OperationKind, TableElement};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;
use crate::source::{FileId, Part, Splitter};

/// What a fence says of the schema.
#[derive(Debug, Default)]
pub(super) struct Sql {
    /// Definitions, each with whether something was left out of its statement.
    pub(super) operations: Vec<(Operation, bool)>,
    pub(super) problems: Vec<Problem>,
    /// Statements that change a schema, and those that were understood.
    pub(super) statements: u32,
    pub(super) understood: u32,
    /// Conditions that stand alone: `CHECK (status IN ('a', 'b'))`.
    pub(super) checks: Vec<(Patched, Place)>,
}

/// Whether a fence holds SQL: by its word, or by how it begins where it has none.
pub(super) fn is_sql(info: &str, body: &str) -> bool {
    match info {
        "sql" | "postgres" | "postgresql" | "pgsql" | "plpgsql" | "psql" | "ddl" | "mysql" | "sqlite" => true,
        "" | "text" | "txt" => {
            let first = body.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with("--")).unwrap_or_default();
            let first = first.to_ascii_uppercase();
            [
                "CREATE TABLE ",
                "CREATE TYPE ",
                "CREATE UNIQUE INDEX ",
                "CREATE INDEX ",
                "CREATE VIEW ",
                "ALTER TABLE ",
                "CREATE EXTENSION ",
            ]
            .iter()
            .any(|start| first.starts_with(start))
        }
        _ => false,
    }
}

/// Whether a fence may hold a list of columns: it is in no language.
pub(super) fn is_list(info: &str, body: &str) -> bool {
    matches!(info, "" | "text" | "txt" | "plaintext" | "plain")
        && !is_sql(info, body)
        && !super::mermaid::is_diagram(body)
        && !names_in_parentheses(body)
}

/// Whether lines are `orders(id, customer_id, total)`: tables with the names of their columns, or calls. Read as columns, the first name of each would
/// be its type.
fn names_in_parentheses(body: &str) -> bool {
    let is_name = |text: &str| {
        let text = text.trim();
        text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let is_such = |line: &str| {
        let inner = line.trim().trim_end_matches([';', ',']).strip_suffix(')').and_then(|line| line.split_once('('));
        inner.is_some_and(|(name, inner)| is_name(name) && inner.contains(',') && inner.split(',').all(is_name))
    };
    let (mut lines, mut such) = (0, 0);
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        lines += 1;
        such += usize::from(is_such(line));
    }
    such > 0 && such * 2 > lines
}

/// The language of a fence that describes tables in a way that is not read.
pub(super) fn other_model(info: &str, body: &str) -> Option<&'static str> {
    let begins =
        |starts: &[&str]| body.lines().map(str::trim_start).any(|line| starts.iter().any(|s| line.starts_with(s)));
    let uml = matches!(info, "plantuml" | "puml" | "uml") || body.trim_start().starts_with("@startuml");
    match info {
        _ if uml && begins(&["class "]) => Some("PlantUML's diagram of classes"),
        "prisma" if begins(&["model "]) => Some("Prisma's language"),
        "python" | "py" if body.contains("__tablename__") || body.contains("models.Model)") => Some("Python"),
        _ => None,
    }
}

/// Reads SQL that begins at `base` plus its offset.
pub(super) fn read(body: Text<'_>, file: FileId, base: u32) -> Sql {
    let mut out = Sql::default();
    let start = base.saturating_add(u32::try_from(body.at).unwrap_or(u32::MAX));
    let mut sink = |part: Part<'_>| match part {
        Part::Statement { text, at, lead, .. } => {
            let statement = text.get(lead as usize..).unwrap_or_default();
            statement_of(statement, file, at.offset.saturating_add(lead), &mut out);
        }
        Part::Unterminated { what, at, text, .. } => {
            let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
            out.statements += 1;
            out.problems.push(Problem {
                kind: ProblemKind::Unterminated,
                message: format!(
                    "This {} never ends; reading went on at the next statement. Close it where it should end.",
                    what.name()
                ),
                span: Some(crate::source::Span::new(file, at.offset, end)),
            });
        }
        Part::Comment { .. } | Part::Meta { .. } | Part::GaveUp { .. } => {}
    };
    let mut splitter = Splitter::new(start);
    splitter.push(body.text.as_bytes(), &mut sink);
    splitter.finish(&mut sink);
    out
}

/// Columns without the CREATE TABLE around them.
pub(super) struct Fragment<'a> {
    /// What a comment over them says that they are: "-- orders columns".
    pub(super) named: Option<Text<'a>>,
    columns: Text<'a>,
}

/// The columns that a fence of SQL is nothing but.
pub(super) fn fragment(body: Text<'_>) -> Option<Fragment<'_>> {
    let mut named = None;
    let mut at = 0;
    for line in body.text.split_inclusive('\n') {
        let text = body.slice(at, at + line.len()).trim();
        if let Some(comment) = text.strip_prefix("--") {
            let words: Vec<&str> = comment.text.split_whitespace().collect();
            if let [name, "columns" | "fields" | "table" | "columns:" | "fields:"] = words.as_slice() {
                let from = comment.text.find(name)?;
                named = Some(comment.slice(from, from + name.len()));
            }
        } else if !text.text.is_empty() {
            break;
        }
        at += line.len();
    }
    let columns = body.slice(at, body.text.trim_end_matches([' ', '\n', '\r', ',', ';']).len());
    (!columns.text.is_empty()).then_some(Fragment { named, columns })
}

impl Fragment<'_> {
    /// The table of this name; nothing where they are no columns, or have no key among them: such may be of any table.
    pub(super) fn table(&self, name: &Patched, file: FileId, base: u32) -> Option<Operation> {
        let start = base.saturating_add(u32::try_from(self.columns.at).unwrap_or(u32::MAX));
        let mut sql = Patched::default();
        sql.say("CREATE TABLE ", start, start);
        sql.append(name);
        sql.say(" (", start, start);
        sql.copy(self.columns.text, start);
        // A comment at the end of the last line would hide it.
        sql.glue("\n)");
        let (operations, problems) = sql.read(file);
        let [Operation { kind: OperationKind::CreateTable(table), .. }] = operations.as_slice() else { return None };
        let columns = table.elements.iter().filter(|e| matches!(e, TableElement::Column(c) if c.data_type.is_some()));
        let keyed = self.columns.text.to_ascii_lowercase().contains("primary key");
        (problems.is_empty() && keyed && columns.count() > 1).then(|| operations.into_iter().next()).flatten()
    }
}

fn statement_of(statement: &str, file: FileId, start: u32, out: &mut Sql) {
    let elides = statement.contains("...") || statement.contains('…');
    if ddl::lexer::first_word(statement).eq_ignore_ascii_case("check") {
        return checks(statement, start, out);
    }
    let read = if elides {
        // The dots are no SQL; blanks in their place keep every offset.
        ddl::read_statement(&statement.replace("...", "   ").replace('…', "   "), file, start)
    } else {
        ddl::read_statement(statement, file, start)
    };
    if !read.changes_schema
        && !read.operations.iter().any(|o| matches!(o.kind, OperationKind::RefreshMaterializedView { .. }))
    {
        return;
    }
    let definitions: Vec<Operation> = read.operations.into_iter().filter(|o| defines(&o.kind)).collect();
    if definitions.is_empty() && read.problems.is_empty() {
        return;
    }
    if read.changes_schema {
        out.statements += 1;
        out.understood += u32::from(elides || read.problems.is_empty());
    }
    if !elides {
        out.problems.extend(read.problems);
    }
    out.operations.extend(definitions.into_iter().map(|o| (o, elides)));
}

/// Whether a statement of a document says what the schema is. What drops, renames or changes rows shows how something is done.
fn defines(kind: &OperationKind) -> bool {
    use OperationKind as Kind;
    matches!(
        kind,
        Kind::CreateSchema { .. }
            | Kind::CreateTable(_)
            | Kind::AlterTable(_)
            | Kind::CreateIndex(_)
            | Kind::CreateView(_)
            | Kind::CreateSequence(_)
            | Kind::CreateType { .. }
            | Kind::CreateDomain(_)
            | Kind::CreateFunction(_)
            | Kind::CreateTrigger(_)
            | Kind::CreatePolicy(_)
            | Kind::CreateRule(_)
            | Kind::CreateExtension { .. }
            | Kind::CreateOther { .. }
            | Kind::Comment { .. }
            | Kind::Grant(_)
            | Kind::DefaultPrivileges { .. }
            | Kind::RefreshMaterializedView { .. }
    )
}

/// Conditions that stand alone, one behind the other.
fn checks(text: &str, start: u32, out: &mut Sql) {
    let clean = Clean::new(Text { text, at: 0 }, start);
    for n in 0..clean.tokens.len() {
        if clean.is(n, "check")
            && clean.kind(n + 1) == TokenKind::LeftParen
            && let Some(behind) = clean.behind_group(n + 1)
            && !elided(&clean, n, behind)
        {
            out.checks.push((clean.part(n + 1, behind), clean.place(n, behind)));
        }
    }
}
