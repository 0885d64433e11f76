//! Who sees which rows: the tenant key and row-level security.

use super::{Composer, rows};
use crate::report::doc::{Block, Rich, State};
use crate::report::model::{ComplianceEntry, TargetReport};
use crate::report::words;
use crate::rules::Category;

impl Composer<'_> {
    pub(super) fn tenancy(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let Some(tenant) = &target.conventions.tenant else {
            return (
                String::new(),
                vec![Block::paragraph(
                    "No column says in most tables whose a row is: the schema serves one tenant, or keeps tenants apart by other means.",
                )],
            );
        };
        let mut text = Rich::of("The tenant key is ").code(tenant.habit.column.as_str());
        if let Some(root) = &tenant.root {
            text = text.text(", which refers to ").then(self.table_link(root));
        }
        text = text.text(". ").prose(&tenant.habit.evidence(), &[]);
        let mut blocks = vec![Block::Paragraph(text)];
        let matrix = target.audit.as_ref().map_or(&[][..], |a| &a.compliance);
        let tables_where = |wanted: &dyn Fn(&ComplianceEntry) -> bool| -> Vec<&str> {
            matrix
                .iter()
                .filter(|c| wanted(c))
                .filter_map(|c| Some(target.tables.get(c.table as usize)?.path.as_str()))
                .collect()
        };
        let states: [(&str, Vec<&str>); 4] = [
            (
                "The key is not null and refers to the tenant",
                tables_where(&|c| c.tenant.state == State::Yes && c.tenant.note.is_empty()),
            ),
            ("The key may be null", tables_where(&|c| c.tenant.note == "nullable")),
            ("The key refers to nothing", tables_where(&|c| c.tenant.note == "no foreign key")),
            ("No key", tables_where(&|c| c.tenant.state == State::No)),
        ];
        for (head, tables) in states {
            if tables.is_empty() {
                continue;
            }
            let n = words::count(tables.len() as u64, "table", "tables");
            blocks.push(Block::Heading(1, None, Rich::of(head).text(": ").text(n)));
            blocks.extend(self.table_list(&tables));
        }
        if target.groups.iter().any(|g| g.rule == "tenant-fk-not-composite") {
            blocks.push(Block::paragraph(
                "A foreign key on the id alone accepts a row of any tenant. It keeps tenants apart only where it holds the tenant key too, which needs a \
                 unique constraint on both columns of the referenced table first.",
            ));
        }
        blocks.push(self.rules_of(target, &|category, rule| {
            category == Category::Security && !rule.starts_with("rls-")
                || rule.starts_with("tenant-")
                || rule.ends_with("tenant-column")
        }));
        (words::count(u64::from(tenant.habit.tables), "table", "tables"), blocks)
    }

    pub(super) fn row_security(&self, target: &TargetReport) -> (String, Vec<Block>) {
        let secured: Vec<_> = target.tables.iter().filter(|t| t.row_security).collect();
        let policies: Vec<_> = target.tables.iter().flat_map(|t| t.policies.iter().map(move |p| (t, p))).collect();
        let rls_rules = |_: Category, rule: &str| rule.starts_with("rls-");
        if secured.is_empty() && policies.is_empty() {
            return (
                String::new(),
                vec![
                    Block::paragraph(
                        "No table has row-level security: whoever may read a table reads all of its rows.",
                    ),
                    self.rules_of(target, &rls_rules),
                ],
            );
        }
        let mut blocks = vec![Block::paragraph(
            "Where it is on, a command that no permissive policy covers sees and changes nothing. The table's owner is exempt unless it is forced, \
             superusers and roles with BYPASSRLS always are.",
        )];
        let forced = secured.iter().filter(|t| t.row_security_forced).count();
        let silent = secured.iter().filter(|t| t.policies.is_empty()).count();
        let facts = [
            ("Tables with row-level security", secured.len()),
            ("of them forced for the owner", forced),
            ("of them without a policy", silent),
            ("Tables without", target.tables.len() - secured.len()),
            ("Policies", policies.len()),
        ];
        blocks.push(Block::Facts(
            facts
                .into_iter()
                .filter(|(_, n)| *n > 0)
                .map(|(label, n)| {
                    (label.into(), self.number(n as u64, if label == "Policies" { "policies" } else { "rls-tables" }))
                })
                .collect(),
        ));
        blocks.push(self.rules_of(target, &rls_rules));
        blocks.push(Block::Heading(1, Some(self.id("rls-tables")), "Tables".into()));
        let list = target.tables.iter().map(|t| {
            let state = match (t.row_security, t.row_security_forced, t.policies.len()) {
                (true, _, 0) => Rich::default().state(State::Partly, "on, no policy"),
                (true, true, _) => Rich::default().state(State::Yes, "on, forced"),
                (true, false, _) => Rich::default().state(State::Yes, "on"),
                (false, _, 0) => Rich::default().state(State::No, "off"),
                (false, ..) => Rich::default().state(State::No, "off, with policies"),
            };
            let mut covered: Vec<&str> = t.policies.iter().filter(|p| p.permissive).map(|p| p.command).collect();
            covered.dedup();
            vec![
                self.table_link(&t.path),
                state,
                self.link_to_table(&t.path, words::thousands(t.policies.len() as u64).into()),
                covered.join(", ").into(),
            ]
        });
        blocks.push(rows(
            &["Table", "Row security", "#Policies", "Commands that are let through"],
            list.collect(),
            "table",
            "tables",
        ));
        if !policies.is_empty() {
            blocks.push(Block::Heading(1, Some(self.id("policies")), "Policies".into()));
            let list = policies.iter().map(|(table, p)| {
                vec![
                    self.table_link(&table.path),
                    Rich::just_code(&*p.name),
                    if p.permissive { p.command.into() } else { Rich::of(p.command).text(", restrictive") },
                    Rich::default().codes(&p.roles),
                    p.using.as_ref().map(|e| Rich::default().sql(e)).unwrap_or_default(),
                    p.with_check.as_ref().map(|e| Rich::default().sql(e)).unwrap_or_default(),
                    self.beside(p.location.as_ref(), table),
                ]
            });
            blocks.push(self.placed(
                &["Table", "Policy", "For", "To", "Using", "With check", "Where"],
                list.collect(),
                "policy",
                "policies",
            ));
        }
        (words::count(policies.len() as u64, "policy", "policies"), blocks)
    }
}
