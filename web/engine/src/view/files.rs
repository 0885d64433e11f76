//! Files to be saved: reports and diagrams.

use relata_core::diagram::{dbml, mermaid, plantuml, svg, text};
use relata_core::report::{self, Report};
use relata_protocol::{Answer, Detail, DiagramFormat, DiagramOptions, OutputFile, ReportFormat};

use super::{Buffer, Reply, diagram::draw};
use crate::model::Model;

/// A report's diagram shows all columns up to this many tables, names alone beyond [`NAMES_FROM`].
const COLUMNS_UP_TO: usize = 60;
/// From this many tables on a report's diagram is a map: no page is large enough for more.
const NAMES_FROM: usize = 300;
const PLAIN: &str = "text/plain;charset=utf-8";
/// The longest stem of a suggested file name, in characters.
const MAX_STEM: usize = 60;

/// The report.
pub(super) fn report(model: &Model, format: ReportFormat) -> Reply {
    let report = Report::new(&model.analysis);
    let (end, media_type, text) = match format {
        ReportFormat::Markdown => ("report.md", "text/markdown;charset=utf-8", report::markdown(&report)),
        ReportFormat::Html | ReportFormat::OneFile => {
            let drawn: Vec<(&str, String)> = model
                .analysis
                .targets
                .iter()
                .map(|t| {
                    let tables = t.schema().live_tables().count();
                    let detail = match tables {
                        0..=COLUMNS_UP_TO => Detail::Columns,
                        NAMES_FROM.. => Detail::Names,
                        _ => Detail::Keys,
                    };
                    let options = DiagramOptions { detail, ..DiagramOptions::default() };
                    (t.target.id.as_str(), svg::render(&draw(t.schema(), &options), &report.project, svg::Theme::Auto))
                })
                .collect();
            let diagrams: Vec<(&str, &str)> = drawn.iter().map(|(id, svg)| (*id, svg.as_str())).collect();
            let html = report::html(&report, &diagrams);
            match format {
                ReportFormat::OneFile => {
                    ("analysis.html", "text/html;charset=utf-8", report::with_sources(&html, &model.analysis.sources))
                }
                _ => ("report.html", "text/html;charset=utf-8", html),
            }
        }
        ReportFormat::Json => ("report.json", "application/json", report::json(&report)),
        ReportFormat::Sarif => ("report.sarif", "application/sarif+json", report::sarif(&report)),
    };
    file(&report.project, end, media_type, text, None)
}

/// A diagram as a file.
pub(super) fn diagram(model: &Model, target: u32, format: DiagramFormat, options: &DiagramOptions) -> Option<Reply> {
    let drawn = draw(model.schema(target)?, options);
    let project = Report::new(&model.analysis).project;
    let (end, media_type, text) = match format {
        DiagramFormat::Svg => ("diagram.svg", "image/svg+xml", svg::render(&drawn, &project, svg::Theme::Auto)),
        DiagramFormat::Mermaid => ("diagram.mmd", PLAIN, mermaid::render(&drawn.graph)),
        DiagramFormat::Dbml => ("diagram.dbml", PLAIN, dbml::render(&drawn.graph)),
        DiagramFormat::PlantUml => ("diagram.puml", PLAIN, plantuml::render(&drawn.graph)),
        DiagramFormat::Text => ("diagram.txt", PLAIN, text::render(&drawn.graph)),
    };
    let too_large = format == DiagramFormat::Mermaid && mermaid::parts(&drawn.graph).len() > 1;
    let caution = "This is more than Mermaid draws with its default settings: raise `maxTextSize` and `maxEdges`.";
    Some(file(&project, end, media_type, text, too_large.then(|| caution.to_owned())))
}

fn file(project: &str, end: &str, media_type: &str, text: String, caution: Option<String>) -> Reply {
    let name = format!("{}-{end}", stem(project));
    let answer = Answer::File(OutputFile { name, media_type: media_type.to_owned(), caution });
    Reply { answer, buffer: Some(Buffer::Bytes(text.into_bytes())) }
}

/// A project's name as the beginning of a file name on any file system.
fn stem(project: &str) -> String {
    let base = [".sql.gz", ".sql", ".zip", ".gz", ".ddl", ".dump"]
        .into_iter()
        .find_map(|end| project.strip_suffix(end))
        .unwrap_or(project);
    let safe: String = base
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' })
        .take(MAX_STEM)
        .collect();
    let stem = safe.trim_matches(['-', '.']);
    if stem.is_empty() { "schema".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_stem_is_safe_everywhere() {
        for (project, expected) in [
            ("pagila.sql", "pagila"),
            ("../../etc/passwd", "etc-passwd"),
            ("con:nul*?.sql", "con-nul"),
            ("3 files", "3-files"),
            ("…", "schema"),
            ("<script>", "script"),
            ("schéma.sql.gz", "schéma"),
        ] {
            assert_eq!(stem(project), expected, "{project}");
        }
    }
}
