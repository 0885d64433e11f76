//! What lets a migration of fixes be tried again: waits for locks that end, and statements that may find their work done.

use super::Statement;
use super::assemble::statements;
use crate::emit::alembic::Line;
use crate::name::{Ident, quote};
use crate::operation::{AlterTableAction, ConstraintDefKind, OperationKind};
use crate::read::ddl::lexer::{self, Token};
use crate::rules::support::is_unguarded;
use crate::source::FileId;

/// Ends the wait for a lock. A transaction that keeps everyone out of one table must not wait for another as long as that takes, and nobody behind a DROP
/// INDEX that waits: it fails instead, nothing is done, and it can be run again. PostgreSQL manual, 19.11 "Client Connection Defaults".
const LIMIT: &str = "SET LOCAL lock_timeout = '5s'";

/// What stands before the statements of a transaction that waits for the locks of several tables, or drops an index among them.
pub(super) fn limit(statements: &[&Statement]) -> Vec<Line> {
    let mut tables: Vec<_> = Vec::new();
    let mut drops_index = false;
    for operation in statements.iter().flat_map(|s| &s.operations) {
        let table = match &operation.kind {
            OperationKind::AlterTable(alter) => {
                let reads = |a: &AlterTableAction| matches!(a, AlterTableAction::ValidateConstraint { .. });
                (!alter.actions.iter().all(|(a, _)| reads(a))).then_some(&alter.name)
            }
            OperationKind::CreatePolicy(policy) => Some(&policy.table),
            OperationKind::AlterPolicy(policy) => Some(&policy.table),
            OperationKind::CreateTrigger(trigger) => Some(&trigger.table),
            OperationKind::Drop(drop) => {
                drops_index |= drop.concurrently;
                drop.targets.first().map(|t| &t.name)
            }
            _ => None,
        };
        let table = table.map(|t| (t.schema.as_ref().map(|s| s.fold()), t.name.fold()));
        tables.extend(table.filter(|t| !tables.contains(t)));
    }
    if tables.len() < 2 && !drops_index {
        return Vec::new();
    }
    let why = "Whoever has to be waited for longer makes this fail; nothing is done then, and it can be run again.";
    vec![Line::Comment(why.to_owned()), Line::Run(LIMIT.to_owned())]
}

/// A statement that runs outside of a transaction, so that it passes where it was done before: what it drops may be gone, and a check that it adds, which asks
/// nothing of the rows, may be there. Rows that a later statement refuses are put right, and all of it run again.
pub(super) fn guarded(statement: &Statement) -> String {
    let sql = &statement.sql;
    let [operation] = statement.operations.as_slice() else { return sql.clone() };
    let edit = match &operation.kind {
        OperationKind::Drop(drop) if !drop.if_exists => {
            insert(sql, &["DROP", "INDEX", "CONCURRENTLY"], "", " IF EXISTS")
        }
        OperationKind::AlterTable(alter) => match alter.actions.as_slice() {
            [(AlterTableAction::DropConstraint { if_exists: false, .. }, _)] => {
                insert(sql, &["DROP", "CONSTRAINT"], "", " IF EXISTS")
            }
            // A foreign key locks less than dropping one does.
            [(AlterTableAction::AddConstraint(added), _)]
                if added.attributes.not_valid && matches!(added.kind, ConstraintDefKind::Check { .. }) =>
            {
                let drop = |name: &Ident| format!("DROP CONSTRAINT IF EXISTS {}, ", quote(&name.fold()));
                added.name.as_ref().and_then(|name| insert(sql, &["ADD", "CONSTRAINT"], &drop(name), ""))
            }
            _ => None,
        },
        _ => None,
    };
    edit.unwrap_or_else(|| sql.clone())
}

/// A statement with something before and behind the first place where these words follow each other.
fn insert(sql: &str, words: &[&str], before: &str, behind: &str) -> Option<String> {
    let mut tokens = Vec::new();
    lexer::lex(sql, &mut tokens, 256);
    let is = |t: &Token, word: &str| {
        sql.get(t.start as usize..t.end as usize).is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    let found = tokens.windows(words.len()).find(|w| w.iter().zip(words).all(|(t, word)| is(t, word)))?;
    let (from, to) = (found.first()?.start as usize, found.last()?.end as usize);
    Some(format!("{}{before}{}{behind}{}", sql.get(..from)?, sql.get(from..to)?, sql.get(to..)?))
}

/// Whether a statement, as it is written, is refused where it was done before.
pub(super) fn runs_once(statement: &Statement) -> bool {
    statements(&guarded(statement), FileId(u32::MAX)).iter().flat_map(|s| &s.operations).any(is_unguarded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Statement {
        statements(sql, FileId(u32::MAX)).remove(0)
    }

    #[test]
    fn drops_may_find_their_work_done() {
        let cases = [
            ("DROP INDEX CONCURRENTLY a;", "DROP INDEX CONCURRENTLY IF EXISTS a", false),
            ("ALTER TABLE a DROP CONSTRAINT b;", "ALTER TABLE a DROP CONSTRAINT IF EXISTS b", false),
            ("ALTER TABLE a DROP CONSTRAINT IF EXISTS b;", "ALTER TABLE a DROP CONSTRAINT IF EXISTS b", false),
            (
                "ALTER TABLE a ADD CONSTRAINT \"B\" CHECK (c > 0) NOT VALID;",
                "ALTER TABLE a DROP CONSTRAINT IF EXISTS \"B\", ADD CONSTRAINT \"B\" CHECK (c > 0) NOT VALID",
                false,
            ),
            (
                "ALTER TABLE a ADD CONSTRAINT b FOREIGN KEY (c) REFERENCES d NOT VALID;",
                "ALTER TABLE a ADD CONSTRAINT b FOREIGN KEY (c) REFERENCES d NOT VALID",
                true,
            ),
            ("ALTER TABLE a VALIDATE CONSTRAINT b;", "ALTER TABLE a VALIDATE CONSTRAINT b", false),
            ("CREATE INDEX CONCURRENTLY b ON a (c);", "CREATE INDEX CONCURRENTLY b ON a (c)", true),
            ("ALTER TABLE a ADD PRIMARY KEY USING INDEX b;", "ALTER TABLE a ADD PRIMARY KEY USING INDEX b", true),
        ];
        for (sql, written, once) in cases {
            let statement = read(sql);
            assert_eq!((guarded(&statement).as_str(), runs_once(&statement)), (written, once), "{sql}");
        }
    }

    #[test]
    fn a_transaction_over_several_tables_waits_for_no_lock_for_long() {
        let is_limited = |sql: &[&str]| {
            let read: Vec<Statement> = sql.iter().map(|s| read(s)).collect();
            !limit(&read.iter().collect::<Vec<_>>()).is_empty()
        };
        assert!(is_limited(&["ALTER TABLE a ADD b int;", "ALTER TABLE c ADD b int;"]));
        assert!(is_limited(&["DROP INDEX CONCURRENTLY a;"]));
        assert!(!is_limited(&["ALTER TABLE a ADD b int;", "ALTER TABLE a ADD c int;"]));
        assert!(!is_limited(&["ALTER TABLE a ADD b int;", "ALTER TABLE c VALIDATE CONSTRAINT d;"]));
    }
}
