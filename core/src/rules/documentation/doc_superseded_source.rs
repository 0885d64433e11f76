use crate::finding::{Certainty, Severity};
use crate::rules::support::document_part;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-superseded-source",
    category: Category::Documentation,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A file that a document calls superseded is still among the files, or two documents both call themselves the source of truth.",
    why: "Whoever finds the old file first works from it: nothing in it says that it is no longer valid. Two sources of truth are none, as each may be \
          changed without the other.",
    fires: examples![
        "<!-- file: old.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY);\n<!-- file: schema.md -->\n# Shop\n\n> The file `«old.sql»` is DEPRECATED and must not be used.\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
        "<!-- file: a.md -->\n# Shop\n\nThis document is the source of truth.\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n<!-- file: b.md -->\n# Bills\n\n«This is the single source of truth.»\n\n## Table: bills\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\n> This is the source of truth; the file `old.sql` is DEPRECATED.\n\n## Table: users\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for document in &cx.history.documents {
        for file in &document.superseded {
            out.look();
            if file.present {
                let name = file.name.replace('`', "'");
                let message =
                    format!("`{}` says that `{name}` is superseded, and it is still here. Delete it.", document.name);
                out.report_about(document_part(document, &name), file.span, message);
            }
        }
    }
    let mut claims = cx.history.documents.iter().filter_map(|d| Some((d, d.source_of_truth?)));
    let Some((first, first_span)) = claims.next() else { return };
    for (document, span) in claims {
        let message = format!("`{}` calls itself the source of truth, and so does `{}`.", document.name, first.name);
        out.report_about(document_part(document, "source of truth"), span, message).also_at(first_span);
    }
}
