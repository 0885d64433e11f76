//! The face for programs: what the npm package and the custom element call. Where the page's protocol answers in slices, this gives whole
//! documents as text, the same that the command line prints.

use std::collections::{BTreeMap, BTreeSet};

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::diagram::{self, Detail, Diagram, Language, svg, walk};
use relata_core::emit;
use relata_core::finding::Severity;
use relata_core::history::layout::Layout;
use relata_core::report::{self, HistoryReport, Report, Section};
use relata_core::session::{self, FileOrder};
use relata_protocol::ReportFormat;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::model::Model;
use crate::view::files::report_text;
use crate::{Session, State, dialect};

/// What a caller decides about the analysis.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AnalyzeOptions {
    /// Major version of the PostgreSQL server.
    server_version: Option<u16>,
    /// The layout of every migration history.
    layout: Option<String>,
    /// The dialect of every file.
    dialect: Option<String>,
    /// Whether the files change a database that is there already: what they do not make is taken for there.
    partial: bool,
    /// What placeholders of templates stand for.
    defines: BTreeMap<String, String>,
    /// Whether files are taken by name, as those of a folder, or in the order given.
    order: Order,
    /// Opt-in rules that shall run.
    rules: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Order {
    #[default]
    Name,
    Given,
}

/// What a caller decides about a report.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReportOptions {
    /// `markdown`, `html`, `text`, `pr`, `summary`, `json`, `sarif` or `github`; Markdown where nothing is said.
    format: Option<String>,
    /// HTML alone: the sources are put in, so that the page holds the whole analysis.
    sources: bool,
    /// A title in place of the project's name.
    title: Option<String>,
    /// Words for the cover.
    note: Option<String>,
    /// An image for the cover: a `data:image/…` URL.
    logo: Option<String>,
    /// The chapters to show, by name; empty for all.
    sections: Vec<String>,
    /// The least severity of findings that are listed one by one; counts tell all.
    severity: Option<String>,
    /// Where the files are shown on the web, for links to their lines.
    source_url: Option<String>,
}

/// What a caller decides about a diagram.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DiagramOptions {
    /// `svg`, `mermaid`, `dbml`, `plantuml` or `text`; SVG where nothing is said.
    format: Option<String>,
    /// The target, by its id; needed where there are several.
    target: Option<String>,
    /// How much of each table: `names`, `keys` or `columns`, which may be called `all` as on the command line.
    show: Option<String>,
    /// Only these tables and their neighbours: `orders`, `shop.orders` or `shop.*`, as on the command line.
    focus: Option<String>,
    /// How far neighbours are counted from `focus`, in references; 1 where nothing is said.
    hops: Option<u32>,
    /// Show views too.
    views: bool,
    /// `auto`, `light` or `dark`, for SVG.
    theme: Option<String>,
}

impl AnalyzeOptions {
    fn read(self) -> Result<session::Options, String> {
        Ok(session::Options {
            server_version: self.server_version,
            order: match self.order {
                Order::Name => FileOrder::ByName,
                Order::Given => FileOrder::AsGiven,
            },
            layout: named("layout", self.layout.as_deref(), Layout::from_name)?,
            dialect: named("dialect", self.dialect.as_deref(), dialect)?,
            partial: self.partial,
            enabled_rules: self.rules,
            defines: self.defines.into_iter().collect(),
            ..session::Options::default()
        })
    }
}

/// What was chosen by name, if anything.
fn named<T>(option: &str, word: Option<&str>, find: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    let Some(word) = word else { return Ok(None) };
    find(word).map(Some).ok_or_else(|| format!("{option}: there is no choice called `{word}`."))
}

#[wasm_bindgen]
impl Session {
    /// A session for [`AnalyzeOptions`], which are more than the page's.
    ///
    /// # Errors
    /// When `options` is something else.
    #[wasm_bindgen(js_name = forFiles)]
    pub fn for_files(options: JsValue) -> Result<Session, JsError> {
        let options = from_js::<AnalyzeOptions>(options)?.read().map_err(|e| error(&e))?;
        Ok(Self { state: State::Taking(Box::new(session::Session::new(options))) })
    }

    /// The bytes of the file `name` could not be had: said among the problems, and the rest is analysed all the same.
    ///
    /// # Errors
    /// After `finish`.
    pub fn unreadable(&mut self, name: &str, reason: &str) -> Result<(), JsError> {
        let State::Taking(session) = &mut self.state else { return Err(crate::late()) };
        session.unreadable(name, reason);
        Ok(())
    }

    /// What was found, as JSON text: `docs/schemas/check.schema.json`.
    ///
    /// # Errors
    /// Before `finish`.
    #[wasm_bindgen(js_name = checkJson)]
    pub fn check_json(&self) -> Result<String, JsError> {
        Ok(report::check_json(&Report::new(&self.model()?.analysis)))
    }

    /// A report as text.
    ///
    /// # Errors
    /// Before `finish`, or when the options make no sense.
    #[wasm_bindgen(js_name = reportText)]
    pub fn report_text(&self, options: JsValue) -> Result<String, JsError> {
        write_report(self.model()?, &from_js(options)?).map_err(|e| error(&e))
    }

    /// A report that tells what changed since the older state in `base`. The comparison changes the analysis, so both sessions end here.
    ///
    /// # Errors
    /// Before `finish` of either, or when the options make no sense.
    #[wasm_bindgen(js_name = reportTextSince)]
    pub fn report_text_since(self, base: Session, options: JsValue) -> Result<String, JsError> {
        let options: ReportOptions = from_js(options)?;
        let (State::Done(mut now), State::Done(base)) = (self.state, base.state) else { return Err(too_early()) };
        let report = Report::complete_since(&mut now.analysis, &base.analysis);
        write(&report, &now.analysis, &options).map_err(|e| error(&e))
    }

    /// A diagram as text.
    ///
    /// # Errors
    /// Before `finish`, or when the options make no sense.
    #[wasm_bindgen(js_name = diagramText)]
    pub fn diagram_text(&self, options: JsValue) -> Result<String, JsError> {
        draw(&self.model()?.analysis, &from_js(options)?).map_err(|e| error(&e))
    }

    /// A target's schema as normalised JSON text: `docs/schemas/catalog.schema.json`.
    ///
    /// # Errors
    /// Before `finish`, or where `target` names none or there are several and it is missing.
    #[wasm_bindgen(js_name = catalogJson)]
    #[allow(clippy::needless_pass_by_value, reason = "so wasm-bindgen hands over what may be missing")]
    pub fn catalog_json(&self, target: Option<String>) -> Result<String, JsError> {
        let target = one_target(&self.model()?.analysis, target.as_deref()).map_err(|e| error(&e))?;
        Ok(emit::catalog::text(target.schema()))
    }

    /// The histories as JSON text: `docs/schemas/history.schema.json`.
    ///
    /// # Errors
    /// Before `finish`.
    #[wasm_bindgen(js_name = historyJson)]
    pub fn history_json(&self) -> Result<String, JsError> {
        Ok(report::history_json(&HistoryReport::new(&self.model()?.analysis)))
    }
}

impl Session {
    fn model(&self) -> Result<&Model, JsError> {
        match &self.state {
            State::Done(model) => Ok(model),
            _ => Err(too_early()),
        }
    }
}

fn from_js<T: Default + serde::de::DeserializeOwned>(value: JsValue) -> Result<T, JsError> {
    if value.is_undefined() || value.is_null() { Ok(T::default()) } else { Ok(serde_wasm_bindgen::from_value(value)?) }
}

fn too_early() -> JsError {
    JsError::new("Nothing can be asked before the analysis is finished.")
}

fn error(message: &str) -> JsError {
    JsError::new(message)
}

impl ReportOptions {
    /// How the report is to look.
    fn look(&self) -> Result<report::ReportOptions<'static>, String> {
        let section = |name: &String| {
            Section::from_name(name).ok_or_else(|| format!("sections: there is no chapter called `{name}`."))
        };
        let severity = |word: &str| Severity::ALL.into_iter().find(|s| s.name() == word);
        if let Some(url) = self.source_url.as_deref().filter(|u| !report::is_web_address(u)) {
            return Err(format!("sourceUrl: `{url}` is no http or https address."));
        }
        Ok(report::ReportOptions {
            title: self.title.clone(),
            note: self.note.clone(),
            logo: self.logo.clone(),
            sections: self.sections.iter().map(section).collect::<Result<BTreeSet<_>, _>>()?,
            least: named("severity", self.severity.as_deref(), severity)?.unwrap_or(Severity::Info),
            source_url: self.source_url.clone(),
            figures: Vec::new(),
        })
    }

    /// An option that was given and concerns only what people read.
    fn for_people(&self) -> Option<&'static str> {
        let given = [
            ("title", self.title.is_some()),
            ("note", self.note.is_some()),
            ("logo", self.logo.is_some()),
            ("sections", !self.sections.is_empty()),
            ("severity", self.severity.is_some()),
            ("sourceUrl", self.source_url.is_some()),
        ];
        given.into_iter().find_map(|(name, given)| given.then_some(name))
    }
}

fn write_report(model: &Model, options: &ReportOptions) -> Result<String, String> {
    let analysis = &model.analysis;
    let for_programs = matches!(options.format.as_deref(), Some("json" | "sarif" | "github"));
    let report = if for_programs { Report::new(analysis) } else { Report::complete(analysis) };
    write(&report, analysis, options)
}

fn write(report: &Report, analysis: &Analysis, options: &ReportOptions) -> Result<String, String> {
    let format = options.format.as_deref().unwrap_or("markdown");
    if options.sources && format != "html" {
        return Err("sources: only a report in HTML can hold the sources.".to_owned());
    }
    if let Some(option) = options.for_people().filter(|_| matches!(format, "json" | "sarif" | "github")) {
        return Err(format!("{option}: a report as {format} is for programs and holds everything."));
    }
    let look = options.look()?;
    let saved = |format| report_text(report, analysis, format, look.clone());
    Ok(match format {
        "markdown" => saved(ReportFormat::Markdown),
        "html" if options.sources => saved(ReportFormat::OneFile),
        "html" => saved(ReportFormat::Html),
        "text" => report::plain(report, &look),
        "pr" => saved(ReportFormat::PullRequest),
        "summary" => report::job_summary(report, &look),
        "json" => saved(ReportFormat::Json),
        "sarif" => saved(ReportFormat::Sarif),
        "github" => report::github(report),
        other => return Err(format!("format: there is no report called `{other}`.")),
    })
}

fn draw(analysis: &Analysis, options: &DiagramOptions) -> Result<String, String> {
    let schema = one_target(analysis, options.target.as_deref())?.schema();
    let detail = match options.show.as_deref() {
        None | Some("columns" | "all") => Detail::Columns,
        Some("keys") => Detail::Keys,
        Some("names") => Detail::Names,
        Some(other) => return Err(format!("show: `{other}` is none of names, keys, columns.")),
    };
    let theme = match options.theme.as_deref() {
        None | Some("auto") => svg::Theme::Auto,
        Some("light") => svg::Theme::Light,
        Some("dark") => svg::Theme::Dark,
        Some(other) => return Err(format!("theme: `{other}` is none of auto, light, dark.")),
    };
    let whole = diagram::Options { detail, include_views: options.views, ..diagram::Options::default() };
    let mut graph = diagram::graph(schema, &whole);
    if let Some(name) = options.focus.as_deref() {
        let starts = walk::named(&graph, name);
        if starts.is_empty() {
            return Err(format!("focus: there is no table `{name}`."));
        }
        graph = walk::near(&graph, &starts, options.hops.unwrap_or(1));
    }
    let written = |language: Language| language.write(&graph, detail).into_text();
    let text = match options.format.as_deref().unwrap_or("svg") {
        "svg" => {
            let layout = diagram::layout::layout(&graph, detail);
            svg::render(&Diagram { graph, layout }, &report::project_name(analysis), theme)
        }
        "mermaid" => written(Language::Mermaid),
        "dbml" => written(Language::Dbml),
        "plantuml" => written(Language::PlantUml),
        "text" => written(Language::Text),
        other => return Err(format!("format: there is no diagram called `{other}`.")),
    };
    Ok(report::inert(text))
}

/// The target of this id, or the only one.
fn one_target<'a>(analysis: &'a Analysis, id: Option<&str>) -> Result<&'a TargetAnalysis, String> {
    let targets = &analysis.targets;
    let listed = || targets.iter().map(|t| t.target.id.as_str()).collect::<Vec<_>>().join(", ");
    match (id, targets.as_slice()) {
        (_, []) => Err("Nothing was read that describes a schema.".to_owned()),
        (None, [only]) => Ok(only),
        (None, _) => Err(format!("There is more than one target; choose one of {}.", listed())),
        (Some(id), _) => targets
            .iter()
            .find(|t| t.target.id == id)
            .ok_or_else(|| format!("There is no target `{id}`; there are {}.", listed())),
    }
}

#[cfg(test)]
mod declared;

#[cfg(test)]
mod tests {
    use relata_core::{Options, analyze};

    use super::*;

    const SHOP: &str = r#"CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY);
CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES shop.customers (id));
CREATE TABLE shop.lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES shop.orders (id));
CREATE TABLE public.orders (id bigint PRIMARY KEY);
CREATE TABLE public."Odd <b>" (id bigint PRIMARY KEY);
"#;

    fn shop() -> Model {
        Model::new(analyze([("shop.sql", SHOP.as_bytes())], Options::default()))
    }

    fn diagram(options: &DiagramOptions) -> Result<String, String> {
        draw(&shop().analysis, options)
    }

    #[test]
    fn a_focus_is_found_as_on_the_command_line() {
        let focus = |name: &str| {
            diagram(&DiagramOptions {
                format: Some("text".into()),
                focus: Some(name.into()),
                hops: Some(0),
                ..DiagramOptions::default()
            })
        };
        assert!(focus("shop.orders").unwrap().contains("orders"));
        assert!(!focus("customers").unwrap().contains("lines"), "no hop, no neighbour");
        assert!(focus("odd <b>").is_ok() && focus("public.Odd <b>").is_ok(), "without quotes, in any case");
        assert_eq!(focus("nowhere"), Err("focus: there is no table `nowhere`.".to_owned()));
        assert!(focus("shop.*").unwrap().contains("lines"));
        assert!(!focus("s*.orders").unwrap().contains("lines"));
    }

    #[test]
    fn neighbours_are_one_reference_away_unless_said_otherwise() {
        let one = diagram(&DiagramOptions {
            format: Some("dbml".into()),
            focus: Some("shop.customers".into()),
            ..DiagramOptions::default()
        });
        let one = one.unwrap();
        assert!(one.contains("orders") && !one.contains("lines"), "{one}");
    }

    #[test]
    fn every_format_of_a_diagram_and_no_other() {
        for (format, sign) in [
            ("svg", "<svg"),
            ("mermaid", "erDiagram"),
            ("dbml", "Table "),
            ("plantuml", "@startuml"),
            ("text", "orders"),
        ] {
            let drawn = diagram(&DiagramOptions { format: Some(format.into()), ..DiagramOptions::default() }).unwrap();
            assert!(drawn.contains(sign), "{format}: {drawn}");
        }
        for bad in [
            DiagramOptions { format: Some("gif".into()), ..DiagramOptions::default() },
            DiagramOptions { show: Some("everything".into()), ..DiagramOptions::default() },
            DiagramOptions { theme: Some("pink".into()), ..DiagramOptions::default() },
            DiagramOptions { target: Some("x".into()), ..DiagramOptions::default() },
        ] {
            assert!(diagram(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_shown_of_a_table_holds_for_every_language() {
        let model = Model::new(analyze(
            [("a.sql", "CREATE TABLE a (id bigint PRIMARY KEY, colour text);".as_bytes())],
            Options::default(),
        ));
        let drawn = |format: &str, show: &str| {
            let options =
                DiagramOptions { format: Some(format.into()), show: Some(show.into()), ..DiagramOptions::default() };
            draw(&model.analysis, &options).unwrap()
        };
        for format in ["mermaid", "dbml", "plantuml"] {
            assert!(drawn(format, "all").contains("colour"), "{format}");
            assert_eq!(drawn(format, "all"), drawn(format, "columns"));
            assert!(!drawn(format, "keys").contains("colour") && drawn(format, "keys").contains("id"), "{format}");
        }
        assert!(!drawn("mermaid", "names").contains("bigint"));
    }

    #[test]
    fn every_format_of_a_report_and_no_other() {
        let model = shop();
        let report = |format: &str, sources| {
            write_report(&model, &ReportOptions { format: Some(format.into()), sources, ..ReportOptions::default() })
        };
        for (format, sign) in [
            ("markdown", "# "),
            ("html", "<!doctype html>"),
            ("json", "\"generator\""),
            ("sarif", "\"runs\""),
            ("text", "shop.sql"),
            ("pr", "Relata"),
            ("summary", "Relata"),
        ] {
            assert!(report(format, false).unwrap().contains(sign), "{format}");
        }
        assert!(report("github", false).is_ok());
        assert!(report("docx", false).is_err());
        assert!(report("markdown", true).is_err(), "sources go into HTML alone");
    }

    #[test]
    fn a_report_with_its_sources_holds_the_text_and_no_markup_of_it() {
        let model = shop();
        let html = |sources| {
            let options = ReportOptions { format: Some("html".into()), sources, ..ReportOptions::default() };
            write_report(&model, &options).unwrap()
        };
        let (plain, full) = (html(false), html(true));
        let line =
            "CREATE TABLE shop.lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES shop.orders (id))";
        assert!(!plain.contains(line) && full.contains(line));
        assert!(full.contains("Odd &lt;b&gt;") && !full.contains("Odd <b>"));
        assert!(full.contains("<svg"), "and the diagram");
    }

    #[test]
    fn a_report_looks_as_chosen_and_says_what_it_cannot_do() {
        let model = shop();
        let chosen = |format: &str| ReportOptions {
            format: Some(format.into()),
            title: Some("Audit of the shop".into()),
            note: Some("For the board.".into()),
            sections: vec!["summary".into()],
            ..ReportOptions::default()
        };
        for format in ["markdown", "html", "text"] {
            let text = write_report(&model, &chosen(format)).unwrap();
            assert!(text.contains("Audit of the shop") && text.contains("For the board."), "{format}");
            assert!(!text.contains("What was checked"), "{format}: a chapter that was not chosen");
        }
        let refused = |options: ReportOptions| write_report(&model, &options).unwrap_err();
        assert!(refused(chosen("sarif")).starts_with("title: "));
        let bad = || ReportOptions::default();
        assert!(refused(ReportOptions { sections: vec!["weather".into()], ..bad() }).contains("`weather`"));
        assert!(refused(ReportOptions { severity: Some("awful".into()), ..bad() }).contains("`awful`"));
        assert!(refused(ReportOptions { source_url: Some("javascript:x".into()), ..bad() }).contains("javascript:x"));
    }

    #[test]
    fn a_target_must_be_chosen_where_there_are_several() {
        let files = [
            ("a/V1__x.sql", "CREATE TABLE x (id int PRIMARY KEY);".as_bytes()),
            ("a/V2__y.sql", "CREATE TABLE y (id int PRIMARY KEY);".as_bytes()),
            ("dump.sql", "-- PostgreSQL database dump\nCREATE TABLE public.z (id int PRIMARY KEY);".as_bytes()),
        ];
        let analysis = analyze(files, Options::default());
        let ids: Vec<&str> = analysis.targets.iter().map(|t| t.target.id.as_str()).collect();
        assert!(ids.len() > 1, "{ids:?}");
        let message = one_target(&analysis, None).err().unwrap();
        assert!(ids.iter().all(|id| message.contains(id)), "{message}");
        assert_eq!(one_target(&analysis, Some(ids[1])).ok().unwrap().target.id, ids[1]);
        let nothing = analyze([("x.txt", "hello".as_bytes())], Options::default());
        assert!(one_target(&nothing, None).is_err());
    }
}
