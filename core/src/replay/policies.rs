//! Row-level security policies, and rewrite rules.

use super::conflict::{Outcome, refuse, refuse_for, skip, state};
use super::expressions::Place;
use super::references::Scope;
use super::{Effect, Replayer};
use crate::expr::Expr;
use crate::name::{Ident, Name};
use crate::operation::{CreatePolicy, CreateRule, PolicyCommand};
use crate::order::Order;
use crate::schema::{ObjectId, Policy, PolicyId, RelationId, RewriteRule, RuleId, StoredExpr, TableId};

impl Replayer {
    /// CREATE POLICY.
    pub(super) fn create_policy(&mut self, create: &CreatePolicy) -> Outcome {
        check_clauses(create.command, create)?;
        let table = self.table(&create.table)?;
        let name = create.name.fold();
        let using = self.policy_expr(table, create.using.as_ref())?;
        let with_check = self.policy_expr(table, create.with_check.as_ref())?;
        if let Some(existing) = self.find_policy(table, &name) {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                create.name.span,
                format!("policy \"{name}\" for table \"{}\" already exists", self.table_name(table)),
                vec![ObjectId::Policy(existing)],
            );
        }
        let id = self.schema.policies.next_id();
        for expr in using.iter().chain(&with_check) {
            self.note_references(ObjectId::Policy(id), expr);
        }
        self.schema.policies.push(Policy {
            table,
            name,
            permissive: create.permissive,
            command: create.command,
            roles: roles(&create.roles),
            using,
            with_check,
            comment: None,
            span: self.span,
            dropped: None,
        });
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.policies.push(id);
        }
        self.effect(Effect::Created(ObjectId::Policy(id)));
        Ok(())
    }

    fn policy_expr(&self, table: TableId, expr: Option<&Expr>) -> Outcome<Option<StoredExpr>> {
        let Some(expr) = expr else { return Ok(None) };
        let row = RelationId::Table(table);
        let scanned = self.scan_fully(expr, Scope::Relation(row), false);
        match scanned.missing.or_else(|| self.not_boolean(expr, row, "POLICY")) {
            Some(missing) => refuse(missing.sqlstate, missing.span, missing.message),
            None => {
                self.check_calls(expr, Place::Policy)?;
                self.check_labels(table, expr)?;
                Ok(Some(scanned.expr))
            }
        }
    }

    /// ALTER POLICY: what is written changes.
    pub(super) fn alter_policy(&mut self, alter: &CreatePolicy) -> Outcome {
        let table = self.table(&alter.table)?;
        let name = alter.name.fold();
        // The expressions are read before the policy is looked up.
        let using = self.policy_expr(table, alter.using.as_ref())?;
        let with_check = self.policy_expr(table, alter.with_check.as_ref())?;
        let Some(id) = self.find_policy(table, &name) else {
            // What a platform keeps on its tables is not known.
            if self.schema.tables.get(table).is_some_and(|t| t.assumed) {
                return skip(alter.name.span);
            }
            return refuse(
                state::UNDEFINED_OBJECT,
                alter.name.span,
                format!("policy \"{name}\" for table \"{}\" does not exist", self.table_name(table)),
            );
        };
        if let Some(command) = self.schema.policies.get(id).map(|p| p.command) {
            check_clauses(command, alter)?;
        }
        for expr in using.iter().chain(&with_check) {
            self.note_references(ObjectId::Policy(id), expr);
        }
        if let Some(policy) = self.schema.policies.get_mut(id) {
            if !alter.roles.is_empty() {
                policy.roles = roles(&alter.roles);
            }
            if using.is_some() {
                policy.using = using;
            }
            if with_check.is_some() {
                policy.with_check = with_check;
            }
        }
        self.effect(Effect::Altered(ObjectId::Policy(id)));
        Ok(())
    }

    /// The policy of this name on a table.
    pub(super) fn find_policy(&self, table: TableId, name: &str) -> Option<PolicyId> {
        let table = self.schema.tables.get(table)?;
        self.schema.policies_of(table).find(|(_, p)| p.name == name).map(|(id, _)| id)
    }

    /// CREATE RULE.
    pub(super) fn create_rule(&mut self, create: &CreateRule) -> Outcome {
        let owner = self.relation(&create.table)?;
        if !matches!(owner, RelationId::Table(_) | RelationId::View(_)) {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                create.table.span(),
                format!("relation \"{}\" cannot have rules", create.table.name.fold()),
            );
        }
        if let RelationId::View(id) = owner
            && self.schema.views.get(id).is_some_and(|v| v.materialized)
        {
            let message = "rules on materialized views are not supported";
            return refuse_for(state::FEATURE_NOT_SUPPORTED, create.table.span(), message, vec![ObjectId::View(id)]);
        }
        let name = create.name.fold();
        if let RelationId::View(id) = owner
            && create.event == PolicyCommand::Select
            && !create.or_replace
        {
            let message = format!("\"{}\" is already a view", self.relation_name(owner));
            return refuse_for(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                create.table.span(),
                message,
                vec![ObjectId::View(id)],
            );
        }
        let existing = self.find_rule(owner, &name);
        if let Some(existing) = existing
            && !create.or_replace
        {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                create.name.span,
                format!("rule \"{name}\" for relation \"{}\" already exists", self.relation_name(owner)),
                vec![ObjectId::Rule(existing)],
            );
        }
        let text = self.scan(&create.text, Scope::NewAndOld(owner));
        let rule = RewriteRule {
            owner,
            name,
            event: create.event,
            instead: create.instead,
            text,
            span: self.span,
            dropped: None,
        };
        let id = existing.unwrap_or_else(|| self.schema.rules.next_id());
        self.note_references(ObjectId::Rule(id), &rule.text);
        if existing.is_some() {
            if let Some(slot) = self.schema.rules.get_mut(id) {
                *slot = rule;
            }
            self.effect(Effect::Altered(ObjectId::Rule(id)));
            return Ok(());
        }
        self.schema.rules.push(rule);
        match owner {
            RelationId::Table(table) => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    t.rules.push(id);
                }
            }
            RelationId::View(view) => {
                if let Some(v) = self.schema.views.get_mut(view) {
                    v.rules.push(id);
                }
            }
            _ => {}
        }
        self.effect(Effect::Created(ObjectId::Rule(id)));
        Ok(())
    }

    /// The rule of this name on a table or view.
    pub(super) fn find_rule(&self, owner: RelationId, name: &str) -> Option<RuleId> {
        let ids = match owner {
            RelationId::Table(id) => &self.schema.tables.get(id)?.rules,
            RelationId::View(id) => &self.schema.views.get(id)?.rules,
            _ => return None,
        };
        ids.iter().copied().find(|id| self.schema.rules.get(*id).is_some_and(|r| r.dropped.is_none() && r.name == name))
    }

    /// ENABLE and DISABLE RULE.
    pub(super) fn rule_exists(&self, owner: RelationId, name: &Ident) -> Outcome {
        let folded = name.fold();
        if self.find_rule(owner, &folded).is_some() {
            return Ok(());
        }
        refuse(
            state::UNDEFINED_OBJECT,
            name.span,
            format!("rule \"{folded}\" for relation \"{}\" does not exist", self.relation_name(owner)),
        )
    }
}

/// Which expressions a policy may have. Source: PostgreSQL manual, CREATE POLICY, "Policies Applied by Command Type".
fn check_clauses(command: PolicyCommand, written: &CreatePolicy) -> Outcome {
    match (command, &written.using, &written.with_check) {
        (PolicyCommand::Select | PolicyCommand::Delete, _, Some(check)) => {
            refuse(state::SYNTAX_ERROR, check.span, "WITH CHECK cannot be applied to SELECT or DELETE")
        }
        (PolicyCommand::Insert, Some(using), _) => {
            refuse(state::SYNTAX_ERROR, using.span, "only WITH CHECK expression allowed for INSERT")
        }
        _ => Ok(()),
    }
}

/// The roles of a policy, sorted; `public` where none is written.
fn roles(written: &[Ident]) -> Vec<Name> {
    if written.is_empty() {
        return vec!["public".into()];
    }
    let mut roles: Vec<Name> = written.iter().map(Ident::fold).collect();
    roles.order();
    roles.dedup();
    roles
}
