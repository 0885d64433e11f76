//! The project at first sight, and what could not be read.

use relata_core::analysis::{Facts, TargetAnalysis};
use relata_core::problem::Problem;
use relata_protocol as protocol;
use relata_protocol::{Fact, FileInfo, Overview, Page, ProblemsPage, SeverityCounts, TargetInfo};

use crate::model::{Model, count, severity};

/// The whole project at first sight.
pub(crate) fn overview(model: &Model) -> Overview {
    let analysis = &model.analysis;
    let mut files: Vec<FileInfo> = analysis
        .sources
        .files()
        .map(|(_, f)| FileInfo { name: f.name.clone(), bytes: f.bytes, lines: f.lines, target: None, problems: 0 })
        .collect();
    for (target, analysed) in (0..).zip(&analysis.targets) {
        for file in &analysed.target.files {
            if let Some(info) = files.get_mut(file.0 as usize) {
                info.target = Some(target);
            }
        }
    }
    for problem in &analysis.problems {
        if let Some(info) = problem.span.and_then(|s| files.get_mut(s.file.0 as usize)) {
            info.problems += 1;
        }
    }
    let targets: Vec<TargetInfo> =
        (0..).zip(&analysis.targets).map(|(at, analysed)| target(model, at, analysed)).collect();
    let mut findings = SeverityCounts::default();
    let all = (0..model.finding_count()).filter_map(|index| model.finding(index));
    for (_, finding) in all.filter(|(_, f)| f.waived.is_none()) {
        findings.add(severity(finding.severity));
    }
    Overview { files, targets, findings, problems: count(analysis.problems.len()) }
}

fn target(model: &Model, at: u32, analysed: &TargetAnalysis) -> TargetInfo {
    let target = &analysed.target;
    let mut findings = SeverityCounts::default();
    for finding in model.findings_of(at).iter().filter(|f| f.waived.is_none()) {
        findings.add(severity(finding.severity));
    }
    let latest = model.is_latest(at);
    TargetInfo {
        id: target.id.clone(),
        role: target.role.name().to_owned(),
        dialect: target.dialect.name().to_owned(),
        server_version: target.server_version,
        layout: target.layout.clone(),
        files: target.files.iter().map(|f| f.0).collect(),
        layout_guessed: target.note.guessed,
        layout_evidence: target.note.evidence.to_string(),
        root: target.note.root.clone(),
        revisions: count(analysed.history.revisions.len()).max(1),
        facts: match model.schema(at).filter(|_| !latest) {
            Some(schema) => facts(&Facts::of(schema)),
            None => facts(&analysed.facts),
        },
        coverage: protocol::Coverage {
            statements: analysed.coverage.statements,
            understood: analysed.coverage.understood,
        },
        score: match latest {
            true => protocol::Score {
                total: analysed.score.total,
                grade: analysed.score.grade.to_string(),
                categories: analysed.score.categories.iter().map(category_score).collect(),
                not_scored: analysed.score.not_scored.clone(),
            },
            false => protocol::Score::default(),
        },
        findings,
        conflicts: count(analysed.replay.conflicts.len()),
        rules_checked: count(analysed.checked.len()),
        objects_checked: analysed.checked.iter().map(|c| c.objects).sum(),
    }
}

fn category_score(score: &relata_core::score::CategoryScore) -> protocol::CategoryScore {
    protocol::CategoryScore {
        category: score.category.name().to_owned(),
        score: score.score,
        weight: score.weight,
        deductions: score
            .deductions
            .iter()
            .map(|d| protocol::Deduction { rule: d.rule.to_owned(), findings: d.findings, tenths: d.tenths })
            .collect(),
    }
}

fn facts(facts: &Facts) -> Vec<Fact> {
    // Destructured without `..`: a new fact must find its place here.
    let Facts {
        schemas,
        tables,
        columns,
        primary_keys,
        foreign_keys,
        uniques,
        checks,
        indexes,
        views,
        materialized_views,
        types,
        functions,
        triggers,
        policies,
        sequences,
    } = *facts;
    [
        ("schemas", schemas),
        ("tables", tables),
        ("columns", columns),
        ("primaryKeys", primary_keys),
        ("foreignKeys", foreign_keys),
        ("uniques", uniques),
        ("checks", checks),
        ("indexes", indexes),
        ("views", views),
        ("materializedViews", materialized_views),
        ("types", types),
        ("functions", functions),
        ("triggers", triggers),
        ("policies", policies),
        ("sequences", sequences),
    ]
    .into_iter()
    .map(|(name, count)| Fact { name: name.to_owned(), count })
    .collect()
}

/// A page of what could not be read.
pub(super) fn problems(model: &Model, page: Page) -> ProblemsPage {
    let all = &model.analysis.problems;
    let rows = all
        .iter()
        .skip(page.offset as usize)
        .take(page.limit as usize)
        .map(|p: &Problem| protocol::Problem {
            kind: p.kind.name().to_owned(),
            message: p.message.clone(),
            location: p.span.map(|s| model.location(s)),
        })
        .collect();
    ProblemsPage { total: count(all.len()), offset: page.offset, rows }
}
