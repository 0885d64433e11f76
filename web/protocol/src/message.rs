//! The outer messages: what the page sends and what the worker sends.

use serde::{Deserialize, Serialize};

use crate::{Answer, Overview, Query, WaiverSetting};

/// From the page to the worker.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ToWorker {
    /// Begin a new analysis and forget the one before.
    Start {
        /// The page's number for this analysis; every message about it carries it, so that late ones can be told and dropped.
        session: u32,
        /// How many files will follow.
        files: u32,
        /// Their sizes added up, in bytes: the total of progress while reading.
        bytes: u64,
        /// What the user has set.
        options: Options,
    },
    /// The next file. Its bytes follow as [`Chunk`](Self::Chunk)s.
    AddFile {
        /// Its name with `/` between folders, as it shall appear everywhere.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The next bytes of the file, in the envelope's buffer. A file without bytes has no chunk, or an empty one.
    Chunk,
    /// All files are given: analyse.
    Finish,
    /// A question about the finished analysis.
    Query {
        /// The page's number for the question; the answer carries it.
        id: u32,
        /// The question.
        query: Query,
    },
}

/// What the user has set for an analysis.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// Major version of the PostgreSQL server; otherwise the dump's header says it, or the newest known one is taken.
    pub server_version: Option<u16>,
    /// The layout of every migration history, one of [`LAYOUTS`]; otherwise names and contents say it.
    pub layout: Option<String>,
    /// The dialect of every file, one of [`DIALECTS`]; otherwise names and contents say it.
    pub dialect: Option<String>,
    /// The files are a part: they change a database that is there already, and what they do not make is taken for there.
    pub partial: bool,
    /// Findings that the user accepts, beside what `relata.toml` and comments say.
    pub waivers: Vec<WaiverSetting>,
    /// What day it is, in days since 1970-01-01: waivers may end. None ends where nobody says it.
    pub today: Option<u32>,
}

/// The layouts that can be chosen.
pub const LAYOUTS: [&str; 18] = [
    "atlas",
    "dbmate",
    "diesel",
    "drizzle",
    "flyway",
    "golang-migrate",
    "goose",
    "hasura",
    "liquibase",
    "node-pg-migrate",
    "numbered",
    "prisma",
    "refinery",
    "sql-migrate",
    "sqlx",
    "sqitch",
    "supabase",
    "files",
];

/// The dialects that can be chosen.
pub const DIALECTS: [&str; 3] = ["postgresql", "mysql", "sqlite"];

/// From the worker to the page.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromWorker {
    /// The engine is loaded. Nothing is fetched after this.
    Hello {
        /// [`VERSION`](crate::VERSION) of the worker.
        protocol: u32,
        /// Version of the engine's package.
        engine: String,
    },
    /// Work goes on.
    Progress {
        /// The analysis.
        session: u32,
        /// How far.
        progress: Progress,
    },
    /// The analysis is done and can be asked.
    Ready {
        /// The analysis.
        session: u32,
        /// Its overview, also to be had by [`Query::Overview`].
        overview: Box<Overview>,
    },
    /// The answer to a question. Where [`Answer`] says so, the envelope carries a buffer.
    Answer {
        /// The analysis.
        session: u32,
        /// The question's number.
        id: u32,
        /// The answer.
        answer: Box<Answer>,
    },
    /// The worker broke down and is of no use any more: terminate it. A question that cannot be answered is no breakdown but
    /// [`Answer::Refused`].
    Failed {
        /// The analysis; `None` when the engine could not be loaded.
        session: Option<u32>,
        /// The file that was being worked on, by name, where there was one.
        file: Option<String>,
        /// What happened, for a person.
        message: String,
    },
}

/// How far the work is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, in the stage's unit.
    pub done: u64,
    /// How much there is; 0 when it is not known.
    pub total: u64,
    /// The file being worked on, by name.
    pub file: Option<String>,
}

/// The stages of an analysis, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Bytes arrive and are split into statements. Unit: bytes.
    Read,
    /// Statements are replayed into the schema. Unit: statements or files, as the core counts.
    Replay,
    /// Rules are run. Unit: rules.
    Check,
}
