//! How a report is to look: what whoever hands it over chooses.

use std::collections::BTreeSet;

use super::escape;
use crate::finding::Severity;
use crate::source::Location;

/// Choices that change what a report shows, never what was found.
#[derive(Clone, Debug)]
pub struct ReportOptions<'a> {
    /// A title in place of the project's name.
    pub title: Option<String>,
    /// Words for the cover.
    pub note: Option<String>,
    /// An image for the cover: a `data:image/…` URL. Anything else is left out, as a report loads nothing.
    pub logo: Option<String>,
    /// The chapters to show; empty for all.
    pub sections: BTreeSet<Section>,
    /// The least severity of findings that are listed one by one. Counts always tell all.
    pub least: Severity,
    /// Where the files lie in a repository's web pages: `https://github.com/OWNER/REPOSITORY/blob/COMMIT/`. `{path}` and `{line}` may stand in it;
    /// else the path and `#L12` are put behind it.
    pub source_url: Option<String>,
    /// Drawings of the targets.
    pub figures: Vec<TargetFigure<'a>>,
}

/// Drawings of one target, made by [`diagram`](crate::diagram).
#[derive(Clone, Copy, Debug, Default)]
pub struct TargetFigure<'a> {
    /// The target's id.
    pub target: &'a str,
    /// SVG, for HTML; it is put in as it is.
    pub svg: Option<&'a str>,
    /// Mermaid's text, for Markdown; `None` where it is more than Mermaid draws.
    pub mermaid: Option<&'a str>,
}

impl Default for ReportOptions<'_> {
    fn default() -> Self {
        Self {
            title: None,
            note: None,
            logo: None,
            sections: BTreeSet::new(),
            least: Severity::Info,
            source_url: None,
            figures: Vec::new(),
        }
    }
}

impl ReportOptions<'_> {
    pub(super) fn shows(&self, section: Section) -> bool {
        self.sections.is_empty() || self.sections.contains(&section)
    }

    /// The page of a file at a line; nothing without a base, or where the file lies outside of it.
    pub(super) fn url(&self, location: &Location) -> Option<String> {
        self.file_url(&location.file, Some(location.line))
    }

    pub(super) fn file_url(&self, file: &str, line: Option<u32>) -> Option<String> {
        let base = self.source_url.as_deref().filter(|b| is_web_address(b))?;
        if file.starts_with('/') || file.split('/').any(|part| part == "..") {
            return None;
        }
        let path = escape::uri(file);
        let at = line.unwrap_or(1).to_string();
        if base.contains("{path}") {
            return Some(base.replace("{path}", &path).replace("{line}", &at));
        }
        let slash = if base.ends_with('/') { "" } else { "/" };
        let line = if line.is_some() { format!("#L{at}") } else { String::new() };
        Some(format!("{base}{slash}{path}{line}"))
    }

    /// The logo, where it is an image that stands in the page itself.
    pub(super) fn image(&self) -> Option<&str> {
        let logo = self.logo.as_deref()?;
        let (kind, data) = logo.strip_prefix("data:image/")?.split_once(";base64,")?;
        let is_kind = matches!(kind, "png" | "jpeg" | "gif" | "webp" | "avif" | "svg+xml");
        let is_data = data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
        (is_kind && is_data && !data.is_empty()).then_some(logo)
    }
}

/// Whether a text can be the beginning of a link: a web address of characters that a URL may hold, and the two placeholders.
pub fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|r| {
        !r.is_empty() && r.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&+,;=%{}".contains(&b))
    })
}

macro_rules! sections {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $title:literal;)*) => {
        /// The chapters of a report, in their order.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Section {
            $($(#[$doc])* $variant,)*
        }

        impl Section {
            /// All chapters, in the order of a report.
            pub const ALL: &'static [Section] = &[$(Self::$variant,)*];

            /// The word for the command line, and the chapter's id.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Its heading.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

sections! {
    /// Verdict, severities, scores, what to look at first.
    Summary = "summary", "Executive summary";
    /// What changed since the base.
    Changes = "changes", "Changes since the base";
    /// Files, coverage, problems, refused statements.
    Reading = "read", "What was read";
    /// Revisions and their graph.
    History = "history", "Migration inventory";
    /// Counts and habits.
    Glance = "glance", "Schema at a glance";
    /// The drawing.
    Diagram = "diagram", "Schema diagram";
    /// Tables against the schema's own habits.
    Compliance = "compliance", "Compliance, table by table";
    /// Types of columns.
    Types = "column-types", "Type consistency";
    /// Indexes by table.
    Indexes = "indexes", "Index coverage";
    /// Foreign keys by delete action.
    References = "references", "Foreign keys by delete action";
    /// Checks, uniques, exclusions.
    Constraints = "constraints", "Check and unique constraints";
    /// Nullable columns.
    Nulls = "nulls", "NOT NULL";
    /// Tenant key.
    Tenancy = "tenancy", "Tenant isolation";
    /// Policies.
    RowSecurity = "row-security", "Row-level security";
    /// Indexes, partitions, views.
    Performance = "performance", "Performance";
    /// What rows are made of.
    Storage = "storage", "Storage";
    /// What the database does not enforce.
    Integrity = "integrity", "Integrity risks";
    /// The findings one by one.
    Findings = "findings", "Findings";
    /// What is held, what is not.
    Strengths = "strengths", "Strengths and weaknesses";
    /// One line for each risk.
    Risks = "risks", "Risks";
    /// Fixes in phases.
    Plan = "plan", "Remediation plan";
    /// Queries for a live database.
    Monitoring = "monitoring", "Testing and monitoring";
    /// Every table.
    Tables = "tables", "Tables";
    /// Every view.
    Views = "views", "Views";
    /// Every type.
    UserTypes = "types", "Types";
    /// Every routine, trigger and sequence.
    Functions = "functions", "Functions, triggers and sequences";
    /// Every rule that ran.
    Checked = "checked", "What was checked";
    /// What files cannot tell.
    Limits = "limits", "Limits";
}

impl Section {
    /// The chapter of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(base: &str) -> ReportOptions<'static> {
        ReportOptions { source_url: Some(base.to_owned()), ..ReportOptions::default() }
    }

    #[test]
    fn files_link_to_where_the_repository_is_shown() {
        let github = with("https://github.com/acme/app/blob/main");
        assert_eq!(
            github.file_url("db/1 a.sql", Some(3)).as_deref(),
            Some("https://github.com/acme/app/blob/main/db/1%20a.sql#L3")
        );
        let bitbucket = with("https://bitbucket.org/a/b/src/main/{path}#lines-{line}");
        assert_eq!(
            bitbucket.file_url("a.sql", Some(7)).as_deref(),
            Some("https://bitbucket.org/a/b/src/main/a.sql#lines-7")
        );
        assert_eq!(github.file_url("/srv/a.sql", Some(1)), None);
        assert_eq!(github.file_url("../a.sql", Some(1)), None);
        for bad in ["javascript:alert(1)", "https://", "https://x/\"onclick=\"", "https://x/ y", "ftp://x"] {
            assert_eq!(with(bad).file_url("a.sql", None), None, "{bad}");
        }
    }

    #[test]
    fn only_an_image_in_the_page_itself_is_a_logo() {
        let logo = |text: &str| {
            ReportOptions { logo: Some(text.to_owned()), ..ReportOptions::default() }.image().map(str::to_owned)
        };
        assert!(logo("data:image/png;base64,iVBORw0KGgo=").is_some());
        for bad in
            ["https://x/y.png", "data:text/html;base64,AAAA", "data:image/png;base64,\"><script>", "data:image/png,x"]
        {
            assert_eq!(logo(bad), None, "{bad}");
        }
    }
}
