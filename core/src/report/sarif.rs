//! Findings as SARIF 2.1.0 (OASIS standard, 27 March 2020), with what GitHub code scanning asks for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::escape;
use super::model::{CheckedEntry, FindingEntry, Report, RuleGroup};
use crate::finding::{Certainty, Severity};
use crate::rules::Category;
use crate::source::Location;

/// The findings of all targets as one SARIF run.
pub fn sarif(report: &Report) -> String {
    let mut groups: BTreeMap<&str, RuleText> = BTreeMap::new();
    let mut checked: BTreeMap<&str, &CheckedEntry> = BTreeMap::new();
    for target in &report.targets {
        groups.extend(target.groups.iter().map(|g| (g.rule, RuleText::of(g))));
        // A rule may have waived findings only.
        for finding in target.waived.iter().filter_map(|at| target.findings.get(*at as usize)) {
            if let Some(rule) = crate::rules::find(finding.rule) {
                groups.entry(rule.name).or_insert(RuleText {
                    rule: rule.name,
                    category: rule.category,
                    severity: rule.severity,
                    summary: rule.summary,
                    why: rule.why,
                });
            }
        }
        checked.extend(target.checked.iter().map(|c| (c.rule, c)));
    }
    // Only rules with findings: a consumer needs no others, and the file stays small.
    let indexes: BTreeMap<&str, usize> = groups.keys().enumerate().map(|(at, rule)| (*rule, at)).collect();
    let rules: Vec<Value> =
        groups.values().map(|g| rule(g, checked.get(g.rule).map_or(g.severity, |c| c.severity))).collect();
    let mut results = Vec::new();
    for target in &report.targets {
        // A finding about the whole target still needs a place: its first file.
        let fallback = target.files.first().map_or("", String::as_str);
        for finding in &target.findings {
            results.push(result(finding, indexes.get(finding.rule).copied(), fallback));
        }
    }
    let notifications: Vec<Value> = report
        .problems
        .iter()
        .map(|p| {
            let mut value = json!({
                "descriptor": { "id": p.kind },
                "level": "warning",
                "message": { "text": plain(&p.message) },
            });
            if let Some(location) = &p.location {
                insert(&mut value, "locations", json!([{ "physicalLocation": physical(location) }]));
            }
            value
        })
        .collect();
    let artifacts: Vec<Value> = report
        .files
        .iter()
        .map(|f| json!({ "location": { "uri": escape::uri(&f.name) }, "length": f.bytes }))
        .collect();
    let sarif = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Relata",
                "semanticVersion": report.generator.version,
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "artifacts": artifacts,
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&sarif).unwrap_or_default();
    out.push('\n');
    out
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

/// What is said of a rule.
struct RuleText {
    rule: &'static str,
    category: Category,
    severity: Severity,
    summary: &'static str,
    why: &'static str,
}

impl RuleText {
    fn of(group: &RuleGroup) -> Self {
        let RuleGroup { rule, category, severity, summary, why, findings: _ } = *group;
        Self { rule, category, severity, summary, why }
    }
}

fn rule(group: &RuleText, default: Severity) -> Value {
    let mut properties = json!({ "tags": [group.category.name()], "problem.severity": problem_severity(default) });
    if group.category == Category::Security {
        // GitHub shows findings with the tag `security` by a number from 0 to 10.
        insert(&mut properties, "security-severity", json!(security_severity(default)));
    }
    json!({
        "id": group.rule,
        "shortDescription": { "text": plain(group.summary) },
        "fullDescription": { "text": plain(group.why) },
        "help": { "text": plain(group.why), "markdown": group.why },
        "defaultConfiguration": { "level": level(default) },
        "properties": properties,
    })
}

fn result(finding: &FindingEntry, index: Option<usize>, fallback: &str) -> Value {
    let logical: Vec<Value> =
        finding.objects.iter().take(1).map(|o| json!({ "fullyQualifiedName": o.path, "kind": o.kind })).collect();
    let mut location = match finding.locations.first() {
        Some(location) => json!({ "physicalLocation": physical(location) }),
        None => json!({ "physicalLocation": { "artifactLocation": { "uri": escape::uri(fallback) } } }),
    };
    if !logical.is_empty() {
        insert(&mut location, "logicalLocations", Value::Array(logical));
    }
    let text = match &finding.evidence {
        Some(evidence) => format!("{} {evidence}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": plain(&text) },
        "locations": [location],
        "partialFingerprints": { "relata/v1": finding.fingerprint },
        "properties": {
            "severity": finding.severity.name(),
            "precision": precision(finding.certainty),
        },
    });
    if let Some(index) = index {
        insert(&mut result, "ruleIndex", json!(index));
    }
    if let Some(waived) = &finding.waived {
        // 3.35: a comment of the file itself is in the source, all else outside it.
        let in_source = waived.location.as_ref().is_some_and(|l| finding.locations.iter().any(|f| f.file == l.file));
        let mut suppression = json!({
            "kind": if in_source { "inSource" } else { "external" },
            "status": "accepted",
            "justification": plain(&waived.reason),
        });
        if let Some(location) = &waived.location {
            insert(&mut suppression, "location", json!({ "physicalLocation": physical(location) }));
        }
        insert(&mut result, "suppressions", json!([suppression]));
    }
    // 3.27.22: no two of them may be equal.
    let mut related: Vec<Value> = Vec::new();
    for location in finding.locations.iter().skip(1) {
        let value = json!({ "physicalLocation": physical(location) });
        if !related.contains(&value) {
            related.push(value);
        }
    }
    if !related.is_empty() {
        insert(&mut result, "relatedLocations", Value::Array(related));
    }
    result
}

fn physical(location: &Location) -> Value {
    json!({
        "artifactLocation": { "uri": escape::uri(&location.file) },
        "region": {
            "startLine": location.line,
            "startColumn": location.column,
            "endLine": location.end_line,
            "endColumn": location.end_column,
        },
    })
}

/// SARIF 2.1.0, 3.27.10.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub: "SARIF support for code scanning", properties of a rule.
fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

/// The same source: above 9 critical, from 7 high, from 4 medium, above 0 low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn precision(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Proven => "very-high",
        Certainty::Likely => "high",
        Certainty::Advisory => "medium",
    }
}

/// A plain text message. `[text](target)` would be a link (3.11.6): a blank between the brackets keeps a name from being one.
fn plain(text: &str) -> String {
    escape::visible(text).replace("](", "] (")
}
