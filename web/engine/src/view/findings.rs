//! Pages of findings with counts that hold what they promise.

use std::collections::BTreeMap;

use relata_core::finding::Finding;
use relata_protocol as protocol;
use relata_protocol::{
    CategoryCount, CertaintyCount, FindingDetail, FindingRow, FindingsFilter, FindingsPage, Page, RuleCount, Subject,
};

use crate::model::{Model, Ranked, certainty, count, severity};

/// Which fields of a filter a finding meets. Counts of one field ask about all the others.
struct Met {
    severity: bool,
    certainty: bool,
    category: bool,
    rule: bool,
    /// All fields that have no counts of their own.
    rest: bool,
}

impl Met {
    fn new(model: &Model, filter: &FindingsFilter, text: &str, ranked: Ranked, finding: &Finding) -> Self {
        fn open<T: PartialEq>(values: &[T], value: &T) -> bool {
            values.is_empty() || values.contains(value)
        }
        let named = |values: &[String], value: &str| values.is_empty() || values.iter().any(|v| v == value);
        let rest = filter.target.is_none_or(|t| t == ranked.target)
            && filter.relation.is_none_or(|r| ranked.relation == Some(r))
            && filter.file.is_none_or(|file| finding.spans.iter().any(|s| s.file.0 == file))
            && (!filter.fixable || finding.fix.is_some())
            && (text.is_empty() || holds(model, finding, text));
        Self {
            severity: open(&filter.severities, &severity(finding.severity)),
            certainty: open(&filter.certainties, &certainty(finding.certainty)),
            category: named(&filter.categories, finding.rule.category.name()),
            rule: named(&filter.rules, finding.rule.name),
            rest,
        }
    }
}

/// Whether a finding's message, rule, object paths or files hold `text`, which is in lower case.
fn holds(model: &Model, finding: &Finding, text: &str) -> bool {
    let has = |value: &str| value.to_lowercase().contains(text);
    has(&finding.message)
        || has(finding.rule.name)
        || finding.objects.iter().any(|o| has(&o.path))
        || finding.spans.iter().any(|s| has(model.analysis.sources.name(s.file)))
}

/// A page of findings with counts.
pub(super) fn page(model: &Model, filter: &FindingsFilter, page: Page) -> FindingsPage {
    let mut out = FindingsPage { offset: page.offset, ..FindingsPage::default() };
    let mut certainties = protocol::Certainty::ALL.map(|certainty| CertaintyCount { certainty, count: 0 });
    let mut categories = BTreeMap::new();
    let mut rules: BTreeMap<&str, RuleCount> = BTreeMap::new();
    let text = filter.text.trim().to_lowercase();
    for index in 0..model.finding_count() {
        let Some((ranked, finding)) = model.finding(index) else { continue };
        let waived = finding.waived.is_some();
        out.waived += u32::from(waived);
        out.total += u32::from(!waived);
        if waived != filter.waived {
            continue;
        }
        let met = Met::new(model, filter, &text, ranked, finding);
        if met.rest && met.certainty && met.category && met.rule {
            out.severities.add(severity(finding.severity));
        }
        if met.rest && met.severity && met.category && met.rule {
            for entry in certainties.iter_mut().filter(|c| c.certainty == certainty(finding.certainty)) {
                entry.count += 1;
            }
        }
        *categories.entry(finding.rule.category).or_insert(0) +=
            u32::from(met.rest && met.severity && met.certainty && met.rule);
        // Findings come worst first: the first of a rule has its worst severity.
        rules
            .entry(finding.rule.name)
            .or_insert_with(|| RuleCount {
                rule: finding.rule.name.to_owned(),
                summary: finding.rule.summary.to_owned(),
                category: finding.rule.category.name().to_owned(),
                severity: severity(finding.severity),
                count: 0,
            })
            .count += u32::from(met.rest && met.severity && met.certainty && met.category);
        if met.rest && met.severity && met.certainty && met.category && met.rule {
            if out.matching >= page.offset && count(out.rows.len()) < page.limit {
                out.rows.push(row(model, index, ranked, finding));
            }
            out.matching += 1;
        }
    }
    out.certainties = certainties.into();
    out.categories = categories
        .into_iter()
        .map(|(category, count)| CategoryCount { category: category.name().to_owned(), count })
        .collect();
    out.rules = rules.into_values().collect();
    out.rules.sort_by(|a, b| (a.severity, &a.rule).cmp(&(b.severity, &b.rule)));
    out
}

/// One finding with its neighbours.
pub(super) fn detail(model: &Model, index: u32) -> Option<FindingDetail> {
    let (ranked, finding) = model.finding(index)?;
    let same_rule = model.findings_of(ranked.target).iter().filter(|f| f.rule.name == finding.rule.name).count();
    let same_relation = ranked.relation.map_or(&[][..], |r| model.about(ranked.target, r));
    Some(FindingDetail {
        row: row(model, index, ranked, finding),
        summary: finding.rule.summary.to_owned(),
        same_rule: count(same_rule.saturating_sub(1)),
        same_relation: same_relation.iter().copied().filter(|other| *other != index).collect(),
    })
}

fn row(model: &Model, index: u32, ranked: Ranked, finding: &Finding) -> FindingRow {
    FindingRow {
        index,
        target: ranked.target,
        rule: finding.rule.name.to_owned(),
        category: finding.rule.category.name().to_owned(),
        severity: severity(finding.severity),
        certainty: certainty(finding.certainty),
        objects: finding
            .objects
            .iter()
            .map(|o| Subject { kind: o.kind.name().to_owned(), path: o.path.clone() })
            .collect(),
        message: finding.message.clone(),
        evidence: finding.evidence.clone(),
        locations: finding.spans.iter().map(|s| model.location(*s)).collect(),
        fix: finding.fix.as_ref().map(|f| protocol::Fix { sql: f.sql.clone(), caution: f.caution.clone() }),
        relation: ranked.relation,
        fingerprint: finding.fingerprint.clone(),
        waived: finding.waived.as_ref().map(|w| protocol::Waived {
            reason: w.reason.clone(),
            until: w.until.map(|day| day.to_string()),
            location: w.source.map(|s| model.location(s)),
        }),
    }
}
