use crate::finding::{Certainty, Severity};
use crate::history::document::{StatedVersion, VersionPlace};
use crate::rules::support::document_part;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-version-mismatch",
    category: Category::Documentation,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A document's title, its list of versions and its headings state different versions.",
    why: "The version says which state of the schema the document describes. With two of them a reader cannot tell whether the last changes are in \
          it, and a comparison with the database starts from the wrong state.",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop schema «v1.0»\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Version history\n\n| Version | Changes |\n|---|---|\n| v1.0 | Initial |\n| v1.1 | More |\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop schema v1.1\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## Added in v1.0\n\n## Version history\n\n| Version | Changes |\n|---|---|\n| v1.0 | Initial |\n| v1.1 | More |\n",
        // The server's version is another matter.
        "<!-- file: schema.md -->\n# Shop schema v1.0\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n## For PostgreSQL 18.1\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for document in &cx.history.documents {
        let of = |place: VersionPlace| document.versions.iter().filter(move |v| v.place == place);
        let Some(own) = of(VersionPlace::Title).next() else { continue };
        out.look();
        let newest = of(VersionPlace::History).max_by(|a, b| numbers(a).cmp(numbers(b)));
        let other = of(VersionPlace::Title)
            .find(|v| numbers(v) != numbers(own))
            .or_else(|| newest.filter(|v| numbers(v) != numbers(own)))
            .or_else(|| of(VersionPlace::Body).find(|v| numbers(v) > numbers(own)));
        let Some(other) = other else { continue };
        let place = match other.place {
            VersionPlace::Title => "its head also",
            VersionPlace::History => "its list of versions ends with",
            VersionPlace::Body => "a heading speaks of",
        };
        let message = format!("`{}` calls itself {}, but {place} {}.", document.name, own.text, other.text);
        out.report_about(document_part(document, "version"), own.span, message).also_at(other.span);
    }
}

/// The numbers without zeros at the end: 2.0 is 2.
fn numbers(version: &StatedVersion) -> &[u32] {
    let end = version.parts.iter().rposition(|n| *n != 0).map_or(0, |n| n + 1);
    version.parts.get(..end).unwrap_or_default()
}
