//! Files to be saved: reports and diagrams.

use std::collections::BTreeSet;

use relata_core::analysis::Analysis;
use relata_core::diagram::placed::{self, Area, Placement};
use relata_core::diagram::{self, Graph, Language, NodeId, Point, Written, svg};
use relata_core::emit::{self, Emitted, Selection};
use relata_core::finding::Severity;
use relata_core::policy::{self, Waiver};
use relata_core::report::{self, Report, ReportOptions, Section};
use relata_core::schema::{Schema, TableId, ViewId};
use relata_protocol::{
    Answer, Arrangement, Chapter, Detail, DiagramFormat, DiagramOptions, OutputFile, Placed, RelationKey, RelationKind,
    ReportChoices, ReportFormat, file_stem,
};

use super::diagram::{draw, options_of};
use super::{Buffer, Reply};
use crate::model::{Model, count};

/// A report's diagram shows all columns up to this many tables, names alone beyond [`NAMES_FROM`].
const COLUMNS_UP_TO: usize = 60;
/// From this many tables on a report's diagram is a map: no page is large enough for more.
const NAMES_FROM: usize = 300;
const PLAIN: &str = "text/plain;charset=utf-8";

/// The report.
pub(super) fn report(model: &Model, format: ReportFormat, choices: &ReportChoices) -> Reply {
    let report = Report::complete(&model.analysis);
    let (end, media_type) = match format {
        ReportFormat::Markdown => ("report.md", "text/markdown;charset=utf-8"),
        ReportFormat::Html => ("report.html", "text/html;charset=utf-8"),
        ReportFormat::OneFile => ("analysis.html", "text/html;charset=utf-8"),
        ReportFormat::Json => ("report.json", "application/json"),
        ReportFormat::PullRequest => ("pull-request.md", "text/markdown;charset=utf-8"),
        ReportFormat::Sarif => ("report.sarif", "application/sarif+json"),
        ReportFormat::Text => ("report.txt", PLAIN),
    };
    let text = report_text(&report, &model.analysis, format, look(choices));
    file(&report.project, end, media_type, text, None)
}

/// The text of a report, with the drawings that its format shows.
pub(crate) fn report_text(
    report: &Report,
    analysis: &Analysis,
    format: ReportFormat,
    look: ReportOptions<'_>,
) -> String {
    match format {
        ReportFormat::Markdown => report::markdown(report, &look),
        ReportFormat::Html => html(report, analysis, look),
        ReportFormat::OneFile => report::with_sources(&html(report, analysis, look), &analysis.sources),
        ReportFormat::Json => report::json(report),
        ReportFormat::PullRequest => report::pull_request(report, &look),
        ReportFormat::Sarif => report::sarif(report),
        ReportFormat::Text => report::plain(report, &look),
    }
}

fn html(report: &Report, analysis: &Analysis, look: ReportOptions<'_>) -> String {
    let drawn: Vec<(&str, String)> = analysis
        .targets
        .iter()
        .map(|t| {
            let detail = match t.schema().live_tables().count() {
                0..=COLUMNS_UP_TO => Detail::Columns,
                NAMES_FROM.. => Detail::Names,
                _ => Detail::Keys,
            };
            let options = DiagramOptions { detail, ..DiagramOptions::default() };
            (t.target.id.as_str(), svg::render(&draw(t.schema(), &options), &report.project, svg::Theme::Auto))
        })
        .collect();
    let figures =
        drawn.iter().map(|(target, svg)| report::TargetFigure { target, svg: Some(svg), mermaid: None }).collect();
    report::html(report, &ReportOptions { figures, ..look })
}

/// What the page chose, in the words of the report. A chapter of another name is none.
fn look(choices: &ReportChoices) -> ReportOptions<'static> {
    ReportOptions {
        title: choices.title.clone(),
        note: choices.note.clone(),
        logo: choices.logo.clone(),
        sections: choices.sections.iter().filter_map(|name| Section::from_name(name)).collect(),
        least: choices.least.map_or(Severity::Info, severity_of),
        ..ReportOptions::default()
    }
}

fn severity_of(severity: relata_protocol::Severity) -> Severity {
    match severity {
        relata_protocol::Severity::Critical => Severity::Critical,
        relata_protocol::Severity::High => Severity::High,
        relata_protocol::Severity::Medium => Severity::Medium,
        relata_protocol::Severity::Low => Severity::Low,
        relata_protocol::Severity::Info => Severity::Info,
    }
}

/// The chapters that a report can show.
pub(super) fn chapters() -> Vec<Chapter> {
    Section::ALL.iter().map(|s| Chapter { name: s.name().to_owned(), title: s.title().to_owned() }).collect()
}

/// The migration that repairs findings.
pub(super) fn fix(model: &Model, target: u32, fingerprints: &[String]) -> Option<Reply> {
    let analysed = model.analysis.targets.get(target as usize)?;
    let selection = Selection { fingerprints: fingerprints.to_vec(), ..Selection::default() };
    Some(emitted(model, &emit::fix(&model.analysis, analysed, &selection), "fixes", "No finding has a fix."))
}

/// The whole schema as one migration.
pub(super) fn squash(model: &Model, target: u32) -> Option<Reply> {
    let analysed = model.analysis.targets.get(target as usize)?;
    let schema = emit::squash(&model.analysis, analysed, emit::Format::Sql);
    Some(emitted(model, &schema, "schema", "There is nothing to write: the schema is empty."))
}

/// The waivers that the page gave, as `relata.toml`.
pub(super) fn waivers(model: &Model) -> Reply {
    let given = model.analysis.waivers.iter().filter(|w| w.source.is_none() && w.within.is_none());
    // With the rule's name beside it a person can tell what a fingerprint is about.
    let findings = || (0..model.finding_count()).filter_map(|index| model.finding(index));
    let named = given.map(|waiver| {
        let about = findings().find(|(_, f)| Some(&f.fingerprint) == waiver.fingerprint.as_ref());
        Waiver { rule: about.map(|(_, f)| f.rule.name), ..waiver.clone() }
    });
    let text = policy::to_toml(&named.collect::<Vec<_>>());
    let answer = Answer::File(OutputFile {
        name: policy::FILE_NAME.to_owned(),
        media_type: "application/toml;charset=utf-8".to_owned(),
        caution: None,
    });
    Reply { answer, buffer: Some(Buffer::Bytes(text.into_bytes())) }
}

/// What was written, as one file: an archive where there are several.
fn emitted(model: &Model, emitted: &Emitted, what: &str, nothing: &str) -> Reply {
    let caution = match emitted.notes.as_slice() {
        [] => None,
        [note] => Some(note.message.clone()),
        [first, rest @ ..] => {
            Some(format!("{} There are {} more notes like this; the file has them all.", first.message, rest.len()))
        }
    };
    let (name, media_type, bytes) = match emitted.files.as_slice() {
        [] => {
            let message = caution.unwrap_or_else(|| nothing.to_owned());
            return Reply { answer: Answer::Refused { message }, buffer: None };
        }
        [one] => {
            let name = one.name.rsplit('/').next().unwrap_or(&one.name).to_owned();
            (name, PLAIN, one.text.clone().into_bytes())
        }
        many => {
            let project = Report::new(&model.analysis).project;
            let files: Vec<(&str, &str)> = many.iter().map(|f| (f.name.as_str(), f.text.as_str())).collect();
            (format!("{}-{what}.zip", file_stem(&project)), "application/zip", archive(&files))
        }
    };
    let answer = Answer::File(OutputFile { name, media_type: media_type.to_owned(), caution });
    Reply { answer, buffer: Some(Buffer::Bytes(bytes)) }
}

/// A zip archive of files as they are, without compression and without times (APPNOTE.TXT, 4.3).
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let (name, text) = (name.as_bytes(), text.as_bytes());
        let offset = count(out.len());
        let mut fields = Vec::new();
        for part in [20_u16, 0x0800, 0, 0, 0x21] {
            fields.extend(part.to_le_bytes());
        }
        for part in [crc32(text), count(text.len()), count(text.len())] {
            fields.extend(part.to_le_bytes());
        }
        fields.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        fields.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&fields);
        out.extend(name);
        out.extend(text);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name);
    }
    let (start, entries) = (count(out.len()), u16::try_from(files.len()).unwrap_or(u16::MAX));
    let size = count(directory.len());
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(entries.to_le_bytes());
    out.extend(entries.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// The checksum of zip archives (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A diagram as a file, as the user arranged it. Mermaid refuses large ones: those come as a Markdown page with a block for each part.
pub(super) fn diagram(
    model: &Model,
    target: u32,
    format: DiagramFormat,
    options: &DiagramOptions,
    arrangement: &Arrangement,
) -> Option<Reply> {
    let schema = model.schema(target)?;
    let project = Report::new(&model.analysis).project;
    let options = options_of(options);
    let mut cautions: Vec<String> = Vec::new();
    let language = match format {
        DiagramFormat::Svg => None,
        DiagramFormat::Mermaid => Some(Language::Mermaid),
        DiagramFormat::Dbml => Some(Language::Dbml),
        DiagramFormat::PlantUml => Some(Language::PlantUml),
        DiagramFormat::Text => Some(Language::Text),
    };
    let (end, media_type, text) = if let Some(language) = language {
        // Only a picture needs places; the languages have their own layout.
        let graph = diagram::graph(schema, &options);
        let written = language.write(&shown(&graph, arrangement, &mut cautions).unwrap_or(graph), options.detail);
        let (end, media_type) = match &written {
            Written::Whole(_) => (language.ending(), PLAIN),
            Written::Parts(parts) => {
                cautions.push(format!(
                    "This is more than Mermaid draws in one diagram: the file is Markdown with {} of them.",
                    parts.len()
                ));
                ("md", "text/markdown;charset=utf-8")
            }
        };
        (end, media_type, written.into_text())
    } else {
        ("svg", "image/svg+xml", picture(schema, &options, arrangement, &project, &mut cautions))
    };
    let caution = (!cautions.is_empty()).then(|| cautions.join(" "));
    Some(file(&project, &format!("diagram.{end}"), media_type, text, caution))
}

/// The diagram as a picture, with everything where the user put it.
fn picture(
    schema: &Schema,
    options: &diagram::Options,
    arrangement: &Arrangement,
    project: &str,
    cautions: &mut Vec<String>,
) -> String {
    let links = arrangement.links.as_deref().and_then(svg::LinkBase::new);
    if links.is_none() && arrangement.links.is_some() {
        cautions.push("Table names are no links: their address is neither http(s) nor relative.".to_owned());
    }
    let graph = diagram::graph(schema, options);
    let shown = shown(&graph, arrangement, cautions);
    let laid_out = |graph: Graph| {
        let layout = diagram::layout::layout(&graph, options.detail);
        diagram::Diagram { graph, layout }
    };
    let Some(places) = &arrangement.placed else {
        return svg::render_linked(&laid_out(shown.unwrap_or(graph)), project, svg::Theme::Auto, links.as_ref());
    };
    let placement = placement(places);
    let without_place =
        shown.as_ref().unwrap_or(&graph).nodes.iter().filter(|n| !placement.boxes.contains_key(&n.id)).count();
    // The places are those of the whole graph's parts.
    let drawn = laid_out(graph);
    let moved = drawn.graph.nodes.iter().zip(&drawn.layout.boxes).filter(|(node, b)| {
        placement.boxes.get(&node.id).is_some_and(|(corner, _)| (corner.x, corner.y) != (b.x, b.y))
    });
    match moved.count() {
        0 => {}
        1 => cautions.push("One table stands where you put it.".to_owned()),
        n => cautions.push(format!("{n} tables stand where you put them or made room.")),
    }
    match without_place {
        0 => {}
        1 => cautions.push("One table has no box of its own, as in a folded cluster.".to_owned()),
        n => cautions.push(format!("{n} tables have no box of their own, as in a folded cluster.")),
    }
    let drawn = placed::placed(&drawn, &placement);
    svg::render_linked(&drawn, project, svg::Theme::Auto, links.as_ref())
}

/// The graph without what the user hid; nothing where nothing of it is hidden.
fn shown(graph: &Graph, arrangement: &Arrangement, cautions: &mut Vec<String>) -> Option<Graph> {
    let hidden: BTreeSet<NodeId> = arrangement.hidden.iter().map(|key| node_id(*key)).collect();
    let part = placed::without(graph, &hidden);
    let left_out = graph.nodes.len() - part.nodes.len();
    match left_out {
        0 => return None,
        1 => cautions.push("One hidden table is left out.".to_owned()),
        n => cautions.push(format!("{n} hidden tables are left out.")),
    }
    Some(part)
}

/// The places in the core's words.
fn placement(places: &Placed) -> Placement {
    let point = |[x, y]: [i32; 2]| Point { x, y };
    let boxes = places.boxes.iter().map(|b| (node_id(b.relation), (point(b.corner), b.collapsed)));
    let lines = places.lines.iter().map(|line| (line.edge, line.points.iter().copied().map(point).collect()));
    let areas = places.areas.iter().map(|area| {
        let [x, y, width, height] = area.rect;
        Area { name: area.name.clone(), hue: area.hue, corner: Point { x, y }, size: (width, height) }
    });
    Placement { boxes: boxes.collect(), lines: lines.collect(), areas: areas.collect() }
}

fn node_id(key: RelationKey) -> NodeId {
    match key.kind {
        RelationKind::Table => NodeId::Table(TableId(key.id)),
        RelationKind::View => NodeId::View(ViewId(key.id)),
    }
}

fn file(project: &str, end: &str, media_type: &str, text: String, caution: Option<String>) -> Reply {
    let name = format!("{}-{end}", file_stem(project));
    let answer = Answer::File(OutputFile { name, media_type: media_type.to_owned(), caution });
    Reply { answer, buffer: Some(Buffer::Bytes(text.into_bytes())) }
}

#[cfg(test)]
mod tests {
    use super::{archive, crc32};

    #[test]
    fn an_archive_can_be_opened() {
        // The check value of CRC-32 (ISO 3309), as in every catalogue of checksums.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let bytes = archive(&[("up/1.sql", "SELECT 1;"), ("down/1.sql", "")]);
        // Relata reads archives itself; a table in one is found.
        let inside = archive(&[("a/b.sql", "CREATE TABLE in_zip (id int PRIMARY KEY);")]);
        let analysis = relata_core::analyze([("x.zip", inside.as_slice())], relata_core::Options::default());
        assert_eq!(analysis.targets[0].schema().live_tables().count(), 1);
        assert_eq!(bytes.iter().filter(|b| **b == b'P').count(), 5, "two files, two entries, one end");
    }
}
