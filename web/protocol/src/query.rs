//! Questions and answers.

use serde::{Deserialize, Serialize};

use crate::{
    Arrangement, DetailsPage, Diagram, DiagramOptions, FindingDetail, FindingsFilter, FindingsPage, History, Objects,
    Overview, ProblemsPage, RevisionDetail, SearchHit, Severity, Standing, TableDetail, TableFilter, TableList, Traits,
    ViewDetail,
};

/// A question about the finished analysis. Targets are named by their place in [`Overview::targets`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Query {
    /// [`Answer::Overview`].
    Overview,
    /// The tables and views of a target: [`Answer::Tables`].
    Tables {
        /// The target.
        target: u32,
        /// Which ones.
        filter: TableFilter,
    },
    /// Everything about one table: [`Answer::Table`].
    Table {
        /// The target.
        target: u32,
        /// The table's id.
        id: u32,
    },
    /// Everything about one view or materialized view: [`Answer::View`].
    View {
        /// The target.
        target: u32,
        /// The view's id.
        id: u32,
    },
    /// Everything about a page of tables and views, in the order of [`Query::Tables`]: [`Answer::Details`].
    Details {
        /// The target.
        target: u32,
        /// Which part of them.
        page: Page,
    },
    /// The habits of a target and where its tables come from: [`Answer::Traits`].
    Traits {
        /// The target.
        target: u32,
    },
    /// The types, functions, sequences and extensions of a target: [`Answer::Objects`].
    Objects {
        /// The target.
        target: u32,
    },
    /// A page of findings with counts: [`Answer::Findings`].
    Findings {
        /// Which ones.
        filter: FindingsFilter,
        /// Which part of them.
        page: Page,
    },
    /// One finding: [`Answer::Finding`].
    Finding {
        /// Its index, as [`FindingRow::index`](crate::FindingRow::index) says.
        index: u32,
    },
    /// A laid-out diagram: [`Answer::Diagram`].
    Diagram {
        /// The target.
        target: u32,
        /// What it shows.
        options: DiagramOptions,
    },
    /// A diagram as a file: [`Answer::File`].
    ExportDiagram {
        /// The target.
        target: u32,
        /// The file's format.
        format: DiagramFormat,
        /// What it shows.
        options: DiagramOptions,
        /// What the user made of it.
        #[serde(default)]
        arrangement: Arrangement,
    },
    /// The report as a file: [`Answer::File`].
    Report {
        /// The file's format.
        format: ReportFormat,
        /// What it shows.
        #[serde(default)]
        options: ReportChoices,
    },
    /// The chapters that a report can show: [`Answer::Chapters`].
    Chapters,
    /// The migration that repairs findings: [`Answer::File`], an archive where it has several files.
    Fix {
        /// The target.
        target: u32,
        /// Only findings with these fingerprints; all where empty.
        fingerprints: Vec<String>,
    },
    /// The whole schema as one migration: [`Answer::File`].
    Squash {
        /// The target.
        target: u32,
    },
    /// The waivers that the page gave, as `relata.toml`: [`Answer::File`].
    Waivers,
    /// Whatever is called like this: [`Answer::Search`].
    Search {
        /// What the user typed.
        text: String,
        /// How many hits at most.
        limit: u32,
    },
    /// A page of what could not be read: [`Answer::Problems`].
    Problems {
        /// Which part of it.
        page: Page,
    },
    /// The revisions of a target: [`Answer::History`].
    History {
        /// The target.
        target: u32,
    },
    /// What one revision changed: [`Answer::Revision`].
    Revision {
        /// The target.
        target: u32,
        /// The revision, by its place in [`History::rows`].
        revision: u32,
    },
    /// From here on all questions but those for histories, problems, sources and the report are answered as if this target's history ended
    /// with this revision; every other target stands at its end: [`Answer::Standing`]. Indexes of findings begin anew; the score is not
    /// known there. Findings as of then are counted where a question asks for findings or the overview; until then lists of tables have none.
    GoTo {
        /// The target.
        target: u32,
        /// The last revision that counts, by place; `None` for the end.
        revision: Option<u32>,
    },
    /// The text at a place, where the page has no copy of the file to cut it from (a member of an archive): [`Answer::Source`].
    Source {
        /// The file, by its place in [`Overview::files`].
        file: u32,
        /// First byte.
        start: u32,
        /// The byte after the last.
        end: u32,
    },
}

/// A part of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// How many to leave out at the beginning.
    pub offset: u32,
    /// How many to give at most.
    pub limit: u32,
}

/// What a report shows.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReportChoices {
    /// A title in place of the project's name.
    pub title: Option<String>,
    /// Words for the cover.
    pub note: Option<String>,
    /// An image for the cover, as a `data:` address; one of another kind is left out.
    pub logo: Option<String>,
    /// The chapters to show, by name; empty for all.
    pub sections: Vec<String>,
    /// The least severity of findings that are listed one by one; all where absent.
    pub least: Option<Severity>,
}

/// A chapter of a report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chapter {
    /// Its name: [`ReportChoices::sections`] takes it.
    pub name: String,
    /// Its heading.
    pub title: String,
}

/// The formats of a report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "names of formats")]
pub enum ReportFormat {
    Markdown,
    Html,
    Json,
    Sarif,
    /// Plain text for a terminal or a mail.
    Text,
    /// Markdown for a comment at a pull request.
    PullRequest,
    /// HTML with the sources in it: the whole analysis as one file.
    OneFile,
}

/// The formats of an exported diagram.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "names of formats")]
pub enum DiagramFormat {
    Svg,
    Mermaid,
    Dbml,
    PlantUml,
    Text,
}

/// The answer to a [`Query`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "each variant answers the question of its name")]
pub enum Answer {
    Overview(Box<Overview>),
    Tables(TableList),
    Table(Box<TableDetail>),
    View(Box<ViewDetail>),
    Details(DetailsPage),
    Traits(Box<Traits>),
    Objects(Objects),
    Findings(Box<FindingsPage>),
    Finding(Box<FindingDetail>),
    /// The envelope's buffer holds the geometry as 32-bit integers in the platform's (little-endian) order.
    Diagram(Diagram),
    Chapters(Vec<Chapter>),
    /// The envelope's buffer holds the file's bytes.
    File(OutputFile),
    Search(Vec<SearchHit>),
    Problems(ProblemsPage),
    History(Box<History>),
    Revision(Box<RevisionDetail>),
    Standing(Standing),
    /// `None` where the text was not kept (rows of data).
    Source(Option<String>),
    /// The question cannot be answered: an id that does not exist, an analysis that is not finished. The model is unharmed.
    Refused {
        /// Why, for a person.
        message: String,
    },
}

/// A file to be saved; its bytes travel in the envelope's buffer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutputFile {
    /// A name for it, without folders: safe on every file system.
    pub name: String,
    /// Its media type: `text/html;charset=utf-8`.
    pub media_type: String,
    /// What to know before using it, for a person: a limit of the program that will read it.
    pub caution: Option<String>,
}
