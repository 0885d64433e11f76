//! One changeset of a changelog: whether it runs here, what it does, what takes it back.

use std::collections::BTreeSet;

use super::Walk;
use super::condition;
use super::library::Item;
use super::modify::Modifiers;
use crate::history::layout::{Layout, usable};
use crate::history::{Revision, RunnerTransaction};
use crate::name::{Ident, QualifiedName};
use crate::operation::{Guard, GuardTest, ObjectKind, ObjectRef, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::changelog::{Node, Quoting, Statements, statements};
use crate::read::ddl;
use crate::session::sql::split_by;
use crate::source::{FileId, Mapped, Span};

/// What stands in a changeset besides changes.
const ATTRIBUTES: &[&str] = &[
    "id",
    "author",
    "dbms",
    "context",
    "contextFilter",
    "contexts",
    "labels",
    "created",
    "comment",
    "comments",
    "failOnError",
    "filePath",
    "ignore",
    "logicalFilePath",
    "modifySql",
    "objectQuotingStrategy",
    "onValidationFail",
    "preConditions",
    "preconditions",
    "property",
    "rollback",
    "runAlways",
    "runInTransaction",
    "runOnChange",
    "runOrder",
    "runWith",
    "runWithSpoolFile",
    "validCheckSum",
];

/// Whether a list of databases (`postgresql, h2`, `!oracle`) names PostgreSQL. Source: Liquibase documentation, "dbms".
pub(super) fn is_for_postgres(node: &Node) -> bool {
    let Some(listed) = node.text("dbms") else { return true };
    let names: Vec<&str> = listed.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    let refused = names.contains(&"!postgresql") || names.contains(&"none");
    let allowed = names.iter().any(|n| matches!(*n, "postgresql" | "all"));
    !refused && (allowed || names.iter().all(|n| n.starts_with('!')))
}

/// Where a changeset stands.
pub(super) struct Around<'a> {
    pub(super) file: FileId,
    pub(super) name: &'a str,
    pub(super) quoting: Quoting,
}

impl Walk<'_, '_> {
    /// Makes a revision of a changeset, unless it is none for PostgreSQL.
    pub(super) fn change_set(&mut self, node: &Node, around: &Around<'_>) {
        if !is_for_postgres(node) || node.flag("ignore") == Some(true) {
            return;
        }
        let id = format!("{}:{}", node.text("author").unwrap_or_default(), node.text("id").unwrap_or_default());
        let conditions = node.child("preConditions").or_else(|| node.child("preconditions"));
        let mut guards = Vec::new();
        if let Some(conditions) = conditions
            && self.conditions(conditions, &mut guards) == Some(false)
        {
            return;
        }
        self.ran.insert(id.clone());
        let around = Around {
            quoting: node.text("objectQuotingStrategy").and_then(Quoting::from_name).unwrap_or(around.quoting),
            ..*around
        };
        let listed = node.child("changes").filter(|c| !c.children.is_empty());
        let changes = listed.map_or(node.children.as_slice(), |list| list.children.as_slice());
        let modifiers = Modifiers::of(node);
        let mut up = Vec::new();
        let mut back: Option<Vec<Mapped>> = Some(Vec::new());
        for change in changes.iter().filter(|c| !ATTRIBUTES.contains(&c.name.as_str()) && c.name != "changes") {
            let own = self.change(change, &around, &modifiers, &mut up);
            back = back.zip(own).map(|(mut all, own)| {
                all.splice(0..0, own);
                all
            });
        }
        let mut down = Vec::new();
        let given: Vec<&Node> = node.all("rollback").collect();
        if given.is_empty() {
            for sql in back.unwrap_or_default() {
                self.quietly(&sql, node.span, &mut down);
            }
        }
        for rollback in given {
            self.rollback(rollback, &around, &mut down);
        }
        condition::guard(&guards, &mut up, &mut down);
        let transaction = match node.flag("runInTransaction") {
            Some(false) => RunnerTransaction::PerStatement,
            _ => Layout::Liquibase.transaction(),
        };
        let comment = node.text("comment").or_else(|| node.text("comments"));
        self.revisions.push(Revision {
            id,
            id_span: Some(node.span),
            file: around.file,
            message: comment.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
            up,
            down,
            transaction,
            own_session: true,
            ..Revision::default()
        });
    }

    /// What one change does; gives what takes it back, where that is known.
    fn change(
        &mut self,
        change: &Node,
        around: &Around<'_>,
        modifiers: &Modifiers,
        up: &mut Vec<Operation>,
    ) -> Option<Vec<Mapped>> {
        if !is_for_postgres(change) {
            return Some(Vec::new());
        }
        if let Some(reason) = modifiers.unread {
            self.opaque(change, reason, up);
            return None;
        }
        match statements(change, around.quoting) {
            Statements::Sent { up: sent, down } => {
                self.not_sent(change);
                for sql in &sent {
                    self.read(&modifiers.apply(sql), change.span, up);
                }
                return down;
            }
            Statements::Script(text) => {
                for sql in split_by(&text, &delimiter_of(change)) {
                    self.read(&modifiers.apply(&sql), change.span, up);
                }
            }
            Statements::File if !modifiers.is_empty() => {
                self.opaque(change, "is changed by `modifySql`, which is not done to files", up);
            }
            Statements::File => self.sql_file(change, around, up),
            Statements::Nothing => return Some(Vec::new()),
            Statements::Opaque(reason) => self.opaque(change, reason, up),
        }
        None
    }

    /// Tells of what changelogs may say and Liquibase makes no SQL of: `checkConstraint`, which its schema knows and no generator reads, and
    /// `referencedTableName` alone. Source: `generateStatements` of `CreateTableChange` and `AddColumnChange`, and issue 7679 of Liquibase.
    fn not_sent(&mut self, change: &Node) {
        const CHECK: &str =
            "Liquibase sends no CHECK for `checkConstraint`: the column takes any value. Add it with a `sql` change.";
        const REFERENCE: &str = "Liquibase sends no foreign key for `referencedTableName` without `referencedColumnNames`: name the columns.";
        for constraints in change.columns().flat_map(|column| column.all("constraints")) {
            let check = constraints.child("checkConstraint").map(|node| (node.span, CHECK));
            let stated = ["references", "referencedColumnNames"].iter().any(|name| constraints.child(name).is_some());
            let table = constraints.child("referencedTableName").filter(|_| !stated);
            for (span, message) in check.into_iter().chain(table.map(|node| (node.span, REFERENCE))) {
                let message = message.to_owned();
                self.problems.push(Problem { kind: ProblemKind::NotApplied, message, span: Some(span) });
            }
        }
    }

    /// Reads a statement and counts it.
    fn read(&mut self, sql: &Mapped, whole: Span, into: &mut Vec<Operation>) {
        let mut reading = ddl::read_mapped(sql, sql.whole().unwrap_or(whole));
        let coverage = &mut self.coverage;
        if reading.changes_schema {
            coverage.statements += 1;
            let gaps = reading.problems.iter();
            let gaps = gaps.filter(|p| p.kind != ProblemKind::UnfilledPlaceholder || reading.operations.is_empty());
            let before = coverage.skipped.len();
            coverage.skipped.extend(gaps.cloned());
            coverage.understood += u32::from(coverage.skipped.len() == before);
        }
        if reading.problems.iter().any(|problem| problem.kind == ProblemKind::OpaqueStatement) {
            reading.operations.push(unknown(sql.whole().unwrap_or(whole)));
        }
        into.append(&mut reading.operations);
        self.problems.append(&mut reading.problems);
    }

    /// Reads a statement on the way back.
    fn quietly(&mut self, sql: &Mapped, whole: Span, into: &mut Vec<Operation>) {
        into.append(&mut ddl::read_mapped(sql, sql.whole().unwrap_or(whole)).operations);
    }

    /// Says that it is not known what a change does.
    fn opaque(&mut self, change: &Node, reason: &str, up: &mut Vec<Operation>) {
        let message = format!("`{}` {reason}: what it makes of the schema is not known.", change.name);
        let problem = Problem { kind: ProblemKind::OpaqueStatement, message, span: Some(change.span) };
        self.coverage.statements += 1;
        self.coverage.skipped.push(problem.clone());
        self.problems.push(problem);
        up.push(unknown(change.span));
    }

    /// The statements of a file that a change names.
    fn sql_file(&mut self, change: &Node, around: &Around<'_>, up: &mut Vec<Operation>) {
        let path = change.text("path").unwrap_or_default();
        let relative = change.flag("relativeToChangelogFile") == Some(true);
        let Some(Item::Sql(at)) = self.library.file(around.name, path, relative) else {
            self.missing.push((change.span, path.to_owned()));
            up.push(unknown(change.span));
            return;
        };
        let Some(mut reading) = self.sql(at, &delimiter_of(change)) else { return };
        super::super::targets::cover(&mut self.coverage, &mut reading, self.problems);
        up.append(&mut reading.operations);
    }

    /// What a changeset says of its way back: changes, or SQL.
    fn rollback(&mut self, node: &Node, around: &Around<'_>, down: &mut Vec<Operation>) {
        let text = node.trimmed().filter(|text| {
            let nothing = ["empty", "not required"].iter().any(|word| text.as_str().eq_ignore_ascii_case(word));
            !nothing
        });
        for sql in text.iter().flat_map(|text| split_by(text, "")) {
            self.quietly(&sql, node.span, down);
        }
        let listed = node.child("changes").map_or(node.children.as_slice(), |list| list.children.as_slice());
        for change in listed.iter().filter(|c| is_for_postgres(c)) {
            match statements(change, around.quoting) {
                Statements::Sent { up, .. } => up.iter().for_each(|sql| self.quietly(sql, change.span, down)),
                Statements::Script(text) => {
                    let sent = split_by(&text, &delimiter_of(change));
                    sent.iter().for_each(|sql| self.quietly(sql, change.span, down));
                }
                Statements::File => {
                    let path = change.text("path").unwrap_or_default();
                    let relative = change.flag("relativeToChangelogFile") == Some(true);
                    if let Some(Item::Sql(at)) = self.library.file(around.name, path, relative)
                        && let Some(mut reading) = self.sql(at, &delimiter_of(change))
                    {
                        down.append(&mut reading.operations);
                    }
                }
                Statements::Nothing | Statements::Opaque(_) => {}
            }
        }
    }

    /// Whether a changeset runs, as far as its preconditions tell; `Some(false)` where it does not. What only the database can tell becomes guards.
    ///
    /// A changeset whose preconditions fail stops the run (`HALT`) or runs all the same (`WARN`), unless it says that it is to be skipped. Source:
    /// Liquibase documentation, "Preconditions".
    fn conditions(&self, node: &Node, guards: &mut Vec<Guard>) -> Option<bool> {
        // YAML may write it as a list, whose first item holds the attributes and conditions, too.
        let mut unfolded = Node::default();
        for child in &node.children {
            match child.name.is_empty() {
                true => unfolded.children.extend(child.children.iter().cloned()),
                false => unfolded.children.push(child.clone()),
            }
        }
        let skips = unfolded
            .text("onFail")
            .is_some_and(|word| word.eq_ignore_ascii_case("MARK_RAN") || word.eq_ignore_ascii_case("CONTINUE"));
        if !skips {
            return None;
        }
        let mut found = Vec::new();
        let verdict = all_of(&unfolded.children, false, &self.ran, &mut found);
        guards.append(&mut found);
        verdict
    }
}

/// What ends statements besides the semicolon.
fn delimiter_of(change: &Node) -> String {
    change.text("endDelimiter").map(usable).unwrap_or_default()
}

fn unknown(span: Span) -> Operation {
    Operation {
        kind: OperationKind::Utility { verb: "DO".into(), text: None },
        span,
        guards: Box::default(),
        tolerates: Box::default(),
    }
}

/// Whether all tests hold, or with `negated` none of them; nothing where the database decides, by the guards.
fn all_of(tests: &[Node], negated: bool, ran: &BTreeSet<String>, guards: &mut Vec<Guard>) -> Option<bool> {
    let mut certain = true;
    for test in tests {
        let mut own = Vec::new();
        match one(test, negated, ran, &mut own) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => certain = false,
        }
        guards.append(&mut own);
    }
    certain.then_some(true)
}

/// Whether a test holds, or with `negated` whether it does not.
fn one(test: &Node, negated: bool, ran: &BTreeSet<String>, guards: &mut Vec<Guard>) -> Option<bool> {
    let known = |holds: bool| Some(holds != negated);
    match test.name.as_str() {
        "and" if !negated => all_of(&test.children, false, ran, guards),
        "or" if negated => all_of(&test.children, true, ran, guards),
        // The elements of `not` are one conjunction: with several of them any may fail.
        "not" | "and" | "or" => {
            let inner = if test.name == "not" { !negated } else { negated };
            match test.children.as_slice() {
                [] => Some(true),
                [only] => one(only, inner, ran, guards),
                several if test.name == "not" && !inner => all_of(several, false, ran, guards),
                several => several_of(several, inner, ran, test, guards),
            }
        }
        "dbms" => {
            let types = test.text("type").unwrap_or_default();
            known(types.split(',').any(|t| t.trim().eq_ignore_ascii_case("postgresql")))
        }
        "changeSetExecuted" => {
            let id = format!("{}:{}", test.text("author").unwrap_or_default(), test.text("id").unwrap_or_default());
            known(ran.contains(&id))
        }
        "tableExists"
        | "viewExists"
        | "sequenceExists"
        | "columnExists"
        | "indexExists"
        | "primaryKeyExists"
        | "foreignKeyConstraintExists"
        | "uniqueConstraintExists" => {
            let exists = object(test)?;
            guards.push(Guard { span: test.span, test: GuardTest::Exists(exists), negated });
            None
        }
        "sqlCheck" => {
            let sql = test.trimmed().or_else(|| test.mapped("sql"))?;
            let expected = test.text("expectedResult")?;
            guards.extend(condition::of_query(&sql, expected, test.span, negated));
            None
        }
        _ => None,
    }
}

/// Several tests of which any decides: known where each is, else taken to hold.
fn several_of(
    tests: &[Node],
    negated: bool,
    ran: &BTreeSet<String>,
    whole: &Node,
    guards: &mut Vec<Guard>,
) -> Option<bool> {
    let mut known = Some(false);
    let mut asked = false;
    for test in tests {
        let mut own = Vec::new();
        match one(test, negated, ran, &mut own) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => {
                known = None;
                asked |= !own.is_empty();
            }
        }
    }
    if asked {
        guards.push(Guard { span: whole.span, test: GuardTest::Unknown, negated: false });
    }
    known
}

/// The object that a test asks for.
fn object(test: &Node) -> Option<ObjectRef> {
    let ident = |name: &str| {
        let text = test.mapped(name)?;
        let quoted = text.as_str().chars().any(char::is_uppercase) && text.as_str().chars().any(char::is_lowercase);
        Some(Ident { text: text.as_str().into(), quoted, span: text.whole()? })
    };
    let (kind, name, part) = match test.name.as_str() {
        "tableExists" => (ObjectKind::Table, ident("tableName")?, None),
        "viewExists" => (ObjectKind::View, ident("viewName")?, None),
        "sequenceExists" => (ObjectKind::Sequence, ident("sequenceName")?, None),
        "columnExists" => (ObjectKind::Column, ident("tableName")?, Some(ident("columnName")?)),
        "indexExists" => (ObjectKind::Index, ident("indexName")?, None),
        "primaryKeyExists" => (ObjectKind::Constraint, ident("tableName")?, Some(ident("primaryKeyName")?)),
        "uniqueConstraintExists" => (ObjectKind::Constraint, ident("tableName")?, Some(ident("constraintName")?)),
        _ => {
            let table = ident("foreignKeyTableName").or_else(|| ident("tableName"))?;
            (ObjectKind::Constraint, table, Some(ident("foreignKeyName")?))
        }
    };
    let schema = ident("schemaName").or_else(|| ident("foreignKeyTableSchemaName"));
    Some(ObjectRef { kind, name: QualifiedName { schema, name }, part, arguments: None, span: test.span })
}
