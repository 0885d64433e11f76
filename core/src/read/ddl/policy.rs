//! CREATE POLICY and ALTER POLICY. Source: PostgreSQL manual, "CREATE POLICY", "ALTER POLICY".

use super::cursor::{Parser, Read};
use crate::operation::*;

impl Parser<'_> {
    /// Behind CREATE POLICY.
    pub(super) fn create_policy(&mut self) -> Read<()> {
        let mut policy = self.policy_head()?;
        let result = self.policy_clauses(&mut policy);
        self.emit(OperationKind::CreatePolicy(Box::new(policy)));
        result
    }

    /// Behind ALTER POLICY.
    pub(super) fn alter_policy(&mut self) -> Read<()> {
        let mut policy = self.policy_head()?;
        if self.is("RENAME") {
            let target = Self::reference(ObjectKind::Policy, policy.table, Some(policy.name));
            return self.rename_to(target, false);
        }
        let result = self.policy_clauses(&mut policy);
        self.emit(OperationKind::AlterPolicy(Box::new(policy)));
        result
    }

    fn policy_head(&mut self) -> Read<CreatePolicy> {
        let name = self.identifier("a policy name")?;
        self.expect_word("ON")?;
        let table = self.table_name()?;
        Ok(CreatePolicy {
            name,
            table,
            permissive: true,
            command: PolicyCommand::All,
            roles: Vec::new(),
            using: None,
            with_check: None,
        })
    }

    fn policy_clauses(&mut self, policy: &mut CreatePolicy) -> Read<()> {
        if self.eat("AS") {
            policy.permissive = self.eat("PERMISSIVE");
            if !policy.permissive {
                self.expect_word("RESTRICTIVE")?;
            }
        }
        if self.eat("FOR") {
            policy.command = if self.eat("ALL") {
                PolicyCommand::All
            } else if self.eat("SELECT") {
                PolicyCommand::Select
            } else if self.eat("INSERT") {
                PolicyCommand::Insert
            } else if self.eat("UPDATE") {
                PolicyCommand::Update
            } else if self.eat("DELETE") {
                PolicyCommand::Delete
            } else {
                return Err(self.expected("`ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`"));
            };
        }
        if self.eat("TO") {
            policy.roles = self.list(|p| p.role())?;
        }
        if self.eat("USING") {
            policy.using = Some(self.paren_expr()?);
        }
        if self.eat_all(&["WITH", "CHECK"]) {
            policy.with_check = Some(self.paren_expr()?);
        }
        self.finish("`TO`, `USING`, `WITH CHECK` or the end of the statement");
        Ok(())
    }
}
