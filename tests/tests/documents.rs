//! The schema document among the audits, read in place: what it defines, counted by hand, and what PostgreSQL proves against it.

use std::collections::BTreeMap;

use relata_core::Options;
use relata_core::analysis::{Analysis, Role};
use relata_core::operation::{AlterTableAction, ConstraintDefKind, OperationKind};
use relata_tests::corpus;

fn document(name: &str) -> Option<(String, Analysis)> {
    let path = corpus::folder()?.join("audits").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let analysis = relata_core::analyze([(name, text.as_bytes())], Options::default());
    Some((text, analysis))
}

#[test]
fn a_large_document_is_read_in_full() {
    let Some((text, analysis)) = document("neanelu-pim.md") else { return };
    let [target] = analysis.targets.as_slice() else { panic!("{} targets", analysis.targets.len()) };
    assert_eq!((target.target.role, target.target.layout.as_str()), (Role::Document, "markdown"));
    assert_eq!(analysis.problems, []);
    assert_eq!(target.coverage.statements, target.coverage.understood);
    // Source: `reference/audit-checks.md`, counted by another program.
    let facts = target.facts;
    assert_eq!((facts.tables, facts.columns, facts.materialized_views, facts.views), (66, 937, 7, 1));
    let operations: Vec<_> = target.history.revisions.iter().flat_map(|r| &r.up).collect();
    let keys = operations.iter().filter(|o| match &o.kind {
        OperationKind::AlterTable(a) => a.actions.iter().any(|(action, _)| {
            matches!(action, AlterTableAction::AddConstraint(c) if matches!(c.kind, ConstraintDefKind::ForeignKey { .. }))
        }),
        _ => false,
    });
    assert_eq!(keys.count(), 96);
    // Bullets that begin with an index's name.
    let listed = operations
        .iter()
        .filter(|o| matches!(o.kind, OperationKind::CreateIndex(_)) && text[..o.span.start as usize].ends_with("- `"));
    assert_eq!(listed.count(), 201);
    let described =
        target.schema().live_tables().flat_map(|(_, t)| t.live_columns()).filter(|(_, c)| c.comment.is_some());
    assert_eq!(described.count(), 937 - 461);
}

/// What PostgreSQL refuses, by line. Source: the same text's "Expected findings", each looked up in the document.
#[test]
fn what_postgresql_refuses_is_told_at_its_line() {
    let Some((text, analysis)) = document("neanelu-pim.md") else { return };
    let line = |near: &str, needle: &str| -> u32 {
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.iter().position(|l| l.contains(near)).unwrap_or_else(|| panic!("{near}"));
        (from + lines[from..].iter().position(|l| l.contains(needle)).unwrap_or_else(|| panic!("{needle}")) + 1) as u32
    };
    let mut expected: Vec<u32> = Vec::new();
    // Primary keys without the partition column.
    for table in ["prod_raw_harvest", "audit_logs", "inventory_ledger", "api_usage_log"] {
        expected.push(line(&format!("### Table: `{table}`"), "| id "));
    }
    // Two primary keys.
    expected.push(line("### Table: `api_cost_tracking`", "| id "));
    // A unique index without the partition column.
    expected.push(line("### Table: `webhook_events`", "idx_webhook_events_idempotency"));
    // References to a column that is not there, to one that is not unique, and from a permanent to an unlogged table.
    expected.push(line("### Table: `shopify_product_media`", "| media_id "));
    expected.push(line("### Table: `shopify_variant_media`", "| media_id "));
    expected.push(line("### Table: `prod_extraction_sessions`", "| harvest_id "));
    expected.push(line("### Table: `staging_variants`", "| staging_product_id "));
    // Indexes: built concurrently on partitioned tables, on columns that are not there, and a second one of another kind under one name.
    expected.push(line("idx_ledger_shop_variant_date", "ON inventory_ledger"));
    expected.push(line("IF NOT EXISTS idx_audit_actor", "ON audit_logs"));
    expected.push(line("### HNSW Index Parameters", "CREATE INDEX idx_embeddings_vector"));
    // Concurrent refreshes without a unique index.
    expected.push(line("### Manual Refresh Commands", "CONCURRENTLY mv_low_stock_alerts"));
    expected.push(line("### Manual Refresh Commands", "CONCURRENTLY mv_top_sellers"));
    expected.sort_unstable();
    expected.dedup();

    let target = &analysis.targets[0];
    let mut refused: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for conflict in &target.replay.conflicts {
        let at = analysis.location(conflict.span).line;
        refused.entry(at).or_default().push(format!("{} {}", conflict.sqlstate, conflict.message));
    }
    assert_eq!(refused.keys().copied().collect::<Vec<_>>(), expected, "{refused:#?}");
    // Each is a finding at its place, once.
    for conflict in &target.replay.conflicts {
        let told = target.findings.iter().filter(|f| {
            f.place().is_some_and(|p| p.contains(conflict.span) || conflict.span.contains(p))
                && (f.rule.name == "doc-invalid-ddl" || f.severity <= relata_core::finding::Severity::High)
        });
        assert!(told.count() >= 1, "{}: {}", analysis.location(conflict.span).line, conflict.message);
    }
}

#[test]
fn reports_about_schemas_are_no_schemas() {
    for name in ["omniops.md", "orderflow.md", "migration-ui-orchestrator.md", "soleflip.md"] {
        let Some((_, analysis)) = document(name) else { return };
        assert!(analysis.targets.is_empty(), "{name}");
        assert_eq!(analysis.problems.len(), 1, "{name}: {:?}", analysis.problems);
    }
}
