//! Sentences and labels that every form of the report shares.

use super::model::{CoverageEntry, OriginEntry, Report, SeverityCounts, TargetReport, WaivedEntry};
use super::options::Section;
use crate::finding::Severity;
use crate::infer::Habit;
use crate::source::Location;

/// What reading files cannot tell; stands at the end of every report.
pub(super) const LIMITS: &str = "Relata reads files, not a running database. It does not know how many rows a table has, which queries run, how \
                                 large or bloated anything is, or what an application checks by itself. Findings marked likely rest on \
                                 names and shapes, those marked advisory on how the database is used: judge them before acting.";

/// What only a running database can tell, one by one.
pub(super) const UNKNOWN: &[&str] = &[
    "Rows: how many there are, and whether they keep a rule that the schema does not state.",
    "Queries: which run, how often, and how long they take; so every missing index is a question, not a verdict.",
    "Size: what tables and indexes weigh, how much of that is dead, whether autovacuum keeps up.",
    "Settings: memory, connections, replication, backups, and what a role may do beyond the grants in the files.",
    "The application: what it checks, which transactions it opens, which tenant it sets before a query.",
    "Change by hand: whether the database still is what these files made.",
];

/// `1 table`, `2,323 statements`.
pub(super) fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// `2,323`.
pub(super) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1,234 bytes`, `12.3 KB`, `1.0 MB`: decimal units, cut, not rounded.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
    match UNITS.iter().find(|(size, _)| n >= size * 10 || (n >= *size && *size > 1_000)) {
        Some((size, unit)) => format!("{}.{} {unit}", n / size, n % size / (size / 10)),
        None => count(n, "byte", "bytes"),
    }
}

/// Tenths of a point: `4.5`, `12`.
pub(super) fn points(tenths: u32) -> String {
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// `schema.sql:12:5`.
pub(super) fn place(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

/// `2 high, 5 medium`; `no findings`.
pub(super) fn severities(counts: &SeverityCounts) -> String {
    let parts: Vec<String> = Severity::ALL
        .iter()
        .filter(|s| counts.get(**s) > 0)
        .map(|s| format!("{} {s}", thousands(counts.get(*s).into())))
        .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

/// `7 findings: 2 high, 5 medium`; `No findings`; `7 findings: 7 low, and 2 waived`.
pub(super) fn findings(target: &TargetReport) -> String {
    let waived = match target.waived.len() {
        0 => String::new(),
        n => format!(", and {} waived", thousands(n as u64)),
    };
    match target.counts.total() {
        0 => format!("No findings{waived}"),
        n => format!("{}: {}{waived}", count(n, "finding", "findings"), severities(&target.counts)),
    }
}

/// `reason, until 2026-12-31 (relata.toml:3:1)`.
pub(super) fn waived(waived: &WaivedEntry) -> String {
    let until = waived.until.as_ref().map_or(String::new(), |u| format!(", until {u}"));
    let at = waived.location.as_ref().map_or(String::new(), |l| format!(" ({}:{})", l.file, l.line));
    format!("{}{until}{at}", waived.reason)
}

/// `2,301 of 2,323 schema-changing statements understood (99.0 %)`. The share is cut, so that 100 % means all.
pub(super) fn coverage(coverage: &CoverageEntry) -> String {
    let (all, understood) = (u64::from(coverage.statements), u64::from(coverage.understood));
    let statements = |n| count(n, "schema-changing statement", "schema-changing statements");
    if all == 0 {
        "No schema-changing statement found".to_owned()
    } else if all == understood && all > 1 {
        format!("All {} understood", statements(all))
    } else {
        let tenths = understood.saturating_mul(1000) / all;
        format!("{} of {} understood ({}.{} %)", thousands(understood), statements(all), tenths / 10, tenths % 10)
    }
}

/// `37 rules made 5,210 checks`.
pub(super) fn checks(target: &TargetReport) -> String {
    let checks: u64 = target.checked.iter().map(|c| u64::from(c.objects)).sum();
    format!("{} made {}", count(target.checked.len() as u64, "rule", "rules"), count(checks, "check", "checks"))
}

/// `37 rules made 5,210 checks. 29 of them found nothing:`
pub(super) fn clean(target: &TargetReport) -> String {
    let n = target.checked.iter().filter(|c| c.is_clean()).count();
    let found = match n {
        0 => "Each of them found something.".to_owned(),
        n if n == target.checked.len() => "None of them found anything:".to_owned(),
        n => format!("{} of them found nothing:", thousands(n as u64)),
    };
    format!("{}. {found}", checks(target))
}

/// `came with 0001, last changed by 0007`; nothing where the target is no history.
pub(super) fn origin(origin: &OriginEntry) -> Option<String> {
    let introduced = origin.introduced_by.as_ref()?;
    Some(match &origin.last_changed_by {
        Some(changed) if changed != introduced => format!("came with revision {introduced}, last changed by {changed}"),
        _ => format!("came with revision {introduced}"),
    })
}

/// `12 revisions in db/migrations, layout golang-migrate (a guess: …).`; nothing for a single file.
pub(super) fn layout(target: &TargetReport) -> Option<String> {
    let evidence = &target.layout_evidence;
    if target.revisions < 2 || evidence.is_empty() {
        return None;
    }
    let place = if target.root.is_empty() { String::new() } else { format!(" in {}", target.root) };
    let guess = if target.layout_guessed { "a guess: " } else { "" };
    let revisions = count(target.revisions, "revision", "revisions");
    Some(format!("{revisions}{place}, layout {} ({guess}{evidence}).", target.layout))
}

/// A dialect as its makers write it.
fn dialect(target: &TargetReport) -> &'static str {
    match target.dialect {
        "postgresql" => "PostgreSQL",
        "mysql" => "MySQL",
        "sqlite" => "SQLite",
        "sqlserver" => "SQL Server",
        "oracle" => "Oracle",
        other => other,
    }
}

/// `PostgreSQL 15`.
pub(super) fn database(target: &TargetReport) -> String {
    let name = dialect(target);
    match target.server_version {
        0 => name.to_owned(),
        version => format!("{name} {version}"),
    }
}

/// What kind of input it is: `schema dump`.
pub(super) fn role(target: &TargetReport) -> &'static str {
    match target.role {
        "dump" | "history" if target.partial => "migrations by themselves",
        "dump" => "schema dump",
        "history" => "migration history",
        "models" => "ORM models",
        _ => "schema document",
    }
}

/// `Score 83 of 100, grade B`, or `Not scored: 0 of 776 statements understood`; nothing where no rule ran.
pub(super) fn score(target: &TargetReport) -> Option<String> {
    if let Some(reason) = &target.score.not_scored {
        return Some(format!("Not scored: {reason}"));
    }
    let (total, grade) = grade(target)?;
    // Few rules hold for another database: the score is theirs alone.
    let by = match target.dialect {
        "postgresql" => String::new(),
        _ => format!(", by the {} rules that hold for {}", target.checked.len(), dialect(target)),
    };
    Some(format!("Score {total} of 100, grade {grade}{by}"))
}

/// The total and the grade, where there are any and rules ran.
pub(super) fn grade(target: &TargetReport) -> Option<(u8, char)> {
    target.score.total.zip(target.score.grade).filter(|_| !target.checked.is_empty())
}

/// `83 (B)`, or `none`.
pub(super) fn scored(total: Option<u8>, grade: Option<char>) -> String {
    total.zip(grade).map_or_else(|| "none".to_owned(), |(total, grade)| format!("{total} ({grade})"))
}

/// How the total comes about, and what keeps the grade down: `83.42 in all, the sum of score × share, cut to 83`.
pub(super) fn total(target: &TargetReport) -> String {
    let score = &target.score;
    let (hundredths, total) = (score.hundredths.unwrap_or_default(), score.total.unwrap_or_default());
    let sum = format!("In all {}.{:02}, the sum of score × share, cut to {total}.", hundredths / 100, hundredths % 100);
    match (score.capped_by, score.grade) {
        (Some(rule), Some(grade)) => format!("{sum} The critical finding of `{rule}` keeps the grade at {grade}."),
        _ => sum,
    }
}

/// How a score comes about, for those who read it.
pub(super) const FORMULA: &str = "A finding has a price: critical 60 points, high 20, medium 6, low 2; half of it where it is only likely; an eighth \
                                   where it is about running a migration that others follow. The prices of a rule are added up, scaled by 20 / (n + \
                                   20), where n counts tables (for migrations: revisions), and capped at twice its dearest finding. A category whose \
                                   rules come to p loses 100 × p / (p + s) of its 100, rounded up, where s is the category's own. Information, advice, \
                                   opt-in rules and waived findings take nothing.";

/// `2.34`.
pub(super) fn hundredths(n: u16) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

/// What would raise the score most: rule, findings, points of the total.
pub(super) fn gains(target: &TargetReport) -> impl Iterator<Item = (&'static str, String, String)> {
    let gains = target.score.gains.iter().take(10);
    gains.map(|g| (g.rule, count(g.findings, "finding", "findings"), hundredths(g.hundredths)))
}

/// What the schema shows of its own habits, one sentence each.
pub(super) fn conventions(target: &TargetReport) -> Vec<String> {
    let c = &target.conventions;
    let tenant = c.tenant.as_ref().map(|t| {
        let root = t.root.as_ref().map(|r| format!(", which refers to `{r}`")).unwrap_or_default();
        format!("Tenant key: `{}`{root}. {}", t.habit.column, t.habit.evidence())
    });
    let habit = |label: &str, habit: &Option<Habit>| habit.as_ref().map(|h| format!("{label}: {}", h.evidence()));
    let levels = c.tenant.as_ref().filter(|t| !t.levels.is_empty());
    let levels = levels.map(|t| format!("Tenants hang on each other: `{}`.", t.levels.join("` → `")));
    let columns = ["tenant-key", "created-at", "updated-at", "soft-delete"];
    let others = c.all.iter().filter(|c| !columns.contains(&c.key)).map(|c| {
        let names: Vec<&str> = c.exceptions.iter().take(5).map(|o| o.path.as_str()).collect();
        let more = c.exceptions.len().saturating_sub(names.len());
        let but = match (names.is_empty(), more) {
            (true, _) => String::new(),
            (false, 0) => format!(", but not `{}`", names.join("`, `")),
            (false, n) => format!(", but not `{}` and {}", names.join("`, `"), count(n as u64, "other", "others")),
        };
        let pinned = if c.pinned { ", as `relata.toml` says" } else { "" };
        format!("{}: `{}`{pinned}, {} of {} {}{but}.", c.title, c.value, c.follow, c.of, c.what)
    });
    [
        tenant,
        levels,
        habit("Time of creation", &c.created_at),
        habit("Time of the last change", &c.updated_at),
        habit("Soft deletion", &c.deleted_at),
    ]
    .into_iter()
    .flatten()
    .chain(others)
    .collect()
}

/// The counts of what exists, with labels and the chapter that lists what they count; what does not exist is left out.
pub(super) fn facts(target: &TargetReport) -> Vec<(&'static str, u32, Section)> {
    let f = &target.facts;
    [
        ("Schemas", f.schemas, Section::Glance),
        ("Tables", f.tables, Section::Tables),
        ("of them partitions", target.overview.partitions, Section::Tables),
        ("Columns", f.columns, Section::Types),
        ("Primary keys", f.primary_keys, Section::Compliance),
        ("Foreign keys", f.foreign_keys, Section::References),
        ("Unique constraints", f.uniques, Section::Constraints),
        ("Check constraints", f.checks, Section::Constraints),
        ("Indexes", f.indexes, Section::Indexes),
        ("Views", f.views, Section::Views),
        ("Materialized views", f.materialized_views, Section::Views),
        ("Types", f.types, Section::UserTypes),
        ("Functions", f.functions, Section::Functions),
        ("Triggers", f.triggers, Section::Functions),
        ("Policies", f.policies, Section::RowSecurity),
        ("Sequences", f.sequences, Section::Functions),
    ]
    .into_iter()
    .filter(|(_, n, _)| *n > 0)
    .collect()
}

/// Index counts by kind, with labels; what does not exist is left out.
pub(super) fn index_overview(target: &TargetReport) -> Vec<(String, u32)> {
    let o = &target.overview;
    let indexes = o.indexes_by_method.iter().map(|t| (format!("Indexes, {}", t.name), t.count));
    let kinds = [
        ("Indexes behind a key or exclusion constraint", o.constraint_indexes),
        ("Unique indexes", o.unique_indexes),
        ("Partial indexes", o.partial_indexes),
        ("Indexes on an expression", o.expression_indexes),
    ];
    indexes.chain(kinds.into_iter().map(|(label, n)| (label.to_owned(), n))).filter(|(_, n)| *n > 0).collect()
}

/// Foreign keys by kind, with labels and the place that lists them; what does not exist is left out.
pub(super) fn reference_overview(target: &TargetReport) -> Vec<(&'static str, u32, &'static str)> {
    let o = &target.overview;
    [
        ("Foreign keys of several columns", o.composite_foreign_keys, "composite-keys"),
        ("Foreign keys to their own table", o.self_references, "own-keys"),
        ("Constraints not validated", o.not_validated, "not-validated"),
    ]
    .into_iter()
    .filter(|(_, n, _)| *n > 0)
    .collect()
}

/// The one line that says what came of it: findings and score of every target.
pub(super) fn verdict(report: &Report) -> String {
    match report.targets.as_slice() {
        [] => "Nothing was read that describes a schema.".to_owned(),
        [target] => sentence(&[Some(findings(target)), score(target)]),
        targets => {
            let parts: Vec<String> = targets
                .iter()
                .map(|t| format!("{}: {}", t.id, sentence(&[Some(severities(&t.counts)), score(t)])))
                .collect();
            parts.join(" ")
        }
    }
}

/// Joins what is there to sentences.
pub(super) fn sentence(parts: &[Option<String>]) -> String {
    let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    if parts.is_empty() { String::new() } else { format!("{}.", parts.join(". ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(count(1_u32, "index", "indexes"), "1 index");
        assert_eq!(count(0_u32, "index", "indexes"), "0 indexes");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(9_999), "9,999 bytes");
        assert_eq!(bytes(12_345), "12.3 KB");
        assert_eq!(bytes(1_000_000), "1.0 MB");
        assert_eq!(points(45), "4.5");
        assert_eq!(points(120), "12");
    }

    #[test]
    fn a_hundred_percent_means_all() {
        let of = |statements, understood| coverage(&CoverageEntry { statements, understood, skipped: Vec::new() });
        assert_eq!(of(2_000, 1_999), "1,999 of 2,000 schema-changing statements understood (99.9 %)");
        assert_eq!(of(100_000, 99_999), "99,999 of 100,000 schema-changing statements understood (99.9 %)");
        assert_eq!(of(2, 2), "All 2 schema-changing statements understood");
        assert_eq!(of(1, 1), "1 of 1 schema-changing statement understood (100.0 %)");
        assert_eq!(of(1, 0), "0 of 1 schema-changing statement understood (0.0 %)");
        assert_eq!(of(0, 0), "No schema-changing statement found");
    }
}
