//! The command line, read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::prelude::*;
use relata_core::analysis::Dialect;
use relata_core::emit::Selection;
use relata_core::finding::Severity;
use relata_core::history::layout::Layout;
use relata_core::policy::FailOn;
use relata_core::report::{Section, is_web_address};
use relata_core::rules;

use crate::Failure;

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print help and end well.
    Help(Option<Name>),
    /// Print the version and end well.
    Version,
    Check(Check),
    Report(Report),
    Diagram(Diagram),
    Catalog(Input),
    History(History),
    Squash(Squash),
    Fix(Fix),
    Rules(RulesFormat),
    /// Print the script that makes a shell complete.
    Completions(Shell),
    /// Print the manual page.
    Man,
}

/// What to read, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pub(crate) paths: Vec<PathBuf>,
    /// The layout of migrations, against what the files say.
    pub(crate) layout: Option<Layout>,
    /// The dialect, against what the files say.
    pub(crate) dialect: Option<Dialect>,
    /// The input is a part: what it does not make is there already.
    pub(crate) partial: bool,
    /// The only target that matters.
    pub(crate) target: Option<String>,
    /// What placeholders stand for: name and value.
    pub(crate) defines: Vec<(String, String)>,
    /// The settings, against a `relata.toml` among the files.
    pub(crate) config: Option<PathBuf>,
}

/// The commands that there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Name {
    Check,
    Report,
    Diagram,
    Catalog,
    History,
    Squash,
    Fix,
    Rules,
}

impl Name {
    pub(crate) const ALL: [Name; 8] =
        [Self::Check, Self::Report, Self::Diagram, Self::Catalog, Self::History, Self::Squash, Self::Fix, Self::Rules];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Report => "report",
            Self::Diagram => "diagram",
            Self::Catalog => "catalog",
            Self::History => "history",
            Self::Squash => "squash",
            Self::Fix => "fix",
            Self::Rules => "rules",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) input: Input,
    pub(crate) format: CheckFormat,
    /// `None` where the command line does not say: then the configuration, then `high`.
    pub(crate) fail_on: Option<FailOn>,
    /// An older state: only what it does not have is reported.
    pub(crate) base: Option<PathBuf>,
}

#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) input: Input,
    pub(crate) format: ReportFormat,
    /// HTML alone: with the sources in it.
    pub(crate) sources: bool,
    pub(crate) output: Option<PathBuf>,
    pub(crate) look: Look,
    /// An older state: the report tells what changed since.
    pub(crate) base: Option<PathBuf>,
}

/// How a report is to look.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) title: Option<String>,
    pub(crate) note: Option<String>,
    /// An image file for the cover.
    pub(crate) logo: Option<PathBuf>,
    /// The chapters that are wanted; empty for all.
    pub(crate) sections: BTreeSet<Section>,
    /// The least severity that is listed one by one.
    pub(crate) severity: Option<Severity>,
    /// Where the files are shown on the web.
    pub(crate) source_url: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Diagram {
    pub(crate) input: Input,
    pub(crate) format: DiagramFormat,
    pub(crate) output: Option<PathBuf>,
    pub(crate) draw: Draw,
}

/// What `diagram` shows, and how.
#[derive(Debug, Default)]
pub(crate) struct Draw {
    /// Only these tables, and what is near.
    pub(crate) focus: Vec<String>,
    /// How near.
    pub(crate) hops: Option<u32>,
    /// Only the shortest way between two tables.
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// Only what deleting a row of this table takes along.
    pub(crate) cascade: Option<String>,
    pub(crate) show: Show,
    pub(crate) views: bool,
    pub(crate) overview: bool,
    pub(crate) link_base: Option<String>,
    pub(crate) theme: ThemeChoice,
}

#[derive(Debug)]
pub(crate) struct History {
    pub(crate) input: Input,
    pub(crate) format: HistoryFormat,
}

#[derive(Debug)]
pub(crate) struct Squash {
    pub(crate) input: Input,
    pub(crate) format: SquashFormat,
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug)]
pub(crate) struct Fix {
    pub(crate) input: Input,
    /// Which findings are repaired.
    pub(crate) selection: Selection,
    /// The folder to write to; standard output where there is none.
    pub(crate) output: Option<PathBuf>,
}

/// Makes an enum whose variants are the words that an option takes; the first is the default.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_word:literal $(, $variant:ident = $word:literal)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub(crate) enum $name {
            #[default]
            $first,
            $($variant,)*
        }

        impl $name {
            const WORDS: &'static [(&'static str, $name)] = &[($first_word, Self::$first) $(, ($word, Self::$variant))*];

            /// All words, the default first.
            pub(crate) fn words() -> Vec<&'static str> {
                Self::WORDS.iter().map(|(word, _)| *word).collect()
            }

            /// The choice of this word; else a message with all of them.
            pub(crate) fn from_word(word: &str) -> Result<Self, String> {
                let found = Self::WORDS.iter().find(|(w, _)| *w == word).map(|(_, choice)| *choice);
                found.ok_or_else(|| format!("`{word}` is none of {}", Self::words().join(", ")))
            }
        }
    };
}

choices!(
    /// What `check` prints.
    CheckFormat { Text = "text", Json = "json", Sarif = "sarif", Github = "github" }
);
choices!(
    /// What `report` writes.
    ReportFormat {
        Markdown = "markdown", Html = "html", Json = "json", Text = "text", PullRequest = "pr", Summary = "summary"
    }
);
choices!(
    /// What `diagram` writes.
    DiagramFormat { Svg = "svg", Mermaid = "mermaid", Dbml = "dbml", PlantUml = "plantuml", Text = "text" }
);
choices!(
    /// How much of each table `diagram` shows.
    Show { All = "all", Keys = "keys", Names = "names" }
);
choices!(
    /// The colours of `diagram`'s picture.
    ThemeChoice { Auto = "auto", Light = "light", Dark = "dark" }
);
choices!(
    /// What `history` prints.
    HistoryFormat { Text = "text", Json = "json" }
);
choices!(
    /// What `squash` writes.
    SquashFormat { Sql = "sql", Alembic = "alembic" }
);
choices!(
    /// What `fix` writes.
    FixFormat { Project = "project", Sql = "sql" }
);
choices!(
    /// The shells that can be told how to complete.
    Shell { Bash = "bash", Zsh = "zsh", Fish = "fish" }
);
choices!(
    /// What `rules` prints.
    RulesFormat { Text = "text", Json = "json", Markdown = "markdown" }
);

/// The words that an option of a command takes; none where it takes a name, a number, a path.
pub(crate) fn words(command: Name, option: &str) -> Vec<&'static str> {
    match (command, option) {
        (Name::Check, "format") => CheckFormat::words(),
        (Name::Report, "format") => ReportFormat::words(),
        (Name::Diagram, "format") => DiagramFormat::words(),
        (Name::History, "format") => HistoryFormat::words(),
        (Name::Squash, "format") => SquashFormat::words(),
        (Name::Fix, "format") => FixFormat::words(),
        (Name::Rules, "format") => RulesFormat::words(),
        (Name::Check, "fail-on") => FailOn::WORDS.to_vec(),
        (Name::Report | Name::Fix, "severity") => Severity::ALL.iter().map(|s| s.name()).collect(),
        (Name::Report, "sections") => Section::ALL.iter().map(|s| s.name()).collect(),
        (Name::Diagram, "show") => Show::words(),
        (Name::Diagram, "theme") => ThemeChoice::words(),
        (Name::Fix, "rule") => rules::REGISTRY.iter().map(|r| r.name).collect(),
        (_, "layout") => Layout::CHOICES.iter().map(|l| l.name()).collect(),
        (_, "dialect") => Dialect::ALL.into_iter().filter(|d| d.is_read()).map(Dialect::name).collect(),
        _ => Vec::new(),
    }
}

/// Reads the arguments behind the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Failure> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let name = match parser.next()? {
        None => return Err(Failure::Usage("a command is missing".to_owned())),
        Some(Long("help") | Short('h')) => return Ok(Command::Help(None)),
        Some(Long("version") | Short('V')) => return Ok(Command::Version),
        Some(Value(word)) if word == "help" => {
            let of = match parser.next()? {
                Some(Value(word)) => Some(command(&word)?),
                None => None,
                Some(other) => return Err(other.unexpected().into()),
            };
            return Ok(Command::Help(of));
        }
        Some(Value(shell)) if shell == "completions" => {
            return Ok(Command::Completions(Shell::from_word(&word(&mut parser)?).map_err(Failure::Usage)?));
        }
        Some(Value(word)) if word == "man" => return Ok(Command::Man),
        Some(Value(word)) => command(&word)?,
        Some(other) => return Err(other.unexpected().into()),
    };
    let mut read = Read::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Command::Help(Some(name))),
            Long("format") => read.format = Some(word(&mut parser)?),
            Long("fail-on") if name == Name::Check => {
                let given = word(&mut parser)?;
                let choice = FailOn::from_word(&given)
                    .ok_or_else(|| bad("--fail-on", &format!("`{given}` is none of {}", FailOn::WORDS.join(", "))))?;
                read.fail_on = Some(choice);
            }
            Long("config") if name != Name::Rules => read.input.config = Some(value(&mut parser)?.into()),
            Long("base") if matches!(name, Name::Check | Name::Report) => read.base = Some(value(&mut parser)?.into()),
            Long("title") if name == Name::Report => read.look.title = Some(word(&mut parser)?),
            Long("note") if name == Name::Report => read.look.note = Some(word(&mut parser)?),
            Long("logo") if name == Name::Report => read.look.logo = Some(value(&mut parser)?.into()),
            Long("sections") if name == Name::Report => read.look.sections.extend(sections(&word(&mut parser)?)?),
            Long("severity") if name == Name::Report => read.look.severity = Some(severity(&word(&mut parser)?)?),
            Long("source-url") if name == Name::Report => {
                let url = word(&mut parser)?;
                if !is_web_address(&url) {
                    return Err(bad("--source-url", &format!("`{url}` is no http or https address")));
                }
                read.look.source_url = Some(url);
            }
            Long("target") if name != Name::Rules => read.input.target = Some(word(&mut parser)?),
            Long("layout") if name != Name::Rules => read.input.layout = Some(layout(&word(&mut parser)?)?),
            Long("dialect") if name != Name::Rules => read.input.dialect = Some(dialect(&word(&mut parser)?)?),
            Long("partial") if name != Name::Rules => read.input.partial = true,
            Long("define") if name != Name::Rules => read.input.defines.push(define(&word(&mut parser)?)?),
            Long("sources") if name == Name::Report => read.sources = true,
            Long("output") | Short('o') if matches!(name, Name::Report | Name::Diagram | Name::Squash | Name::Fix) => {
                read.output = Some(value(&mut parser)?.into());
            }
            Long("rule") if name == Name::Fix => {
                let rule = word(&mut parser)?;
                if !rules::REGISTRY.iter().any(|r| r.name == rule) {
                    return Err(bad("--rule", &format!("there is no rule `{rule}`; `relata rules` lists them")));
                }
                read.selection.rules.push(rule);
            }
            Long("finding") if name == Name::Fix => read.selection.fingerprints.push(word(&mut parser)?),
            Long("severity") if name == Name::Fix => {
                read.selection.severity = Some(severity(&word(&mut parser)?)?);
            }
            Long("name") if name == Name::Fix => read.selection.name = Some(word(&mut parser)?),
            Long("version") if name == Name::Fix => read.selection.version = Some(version(&word(&mut parser)?)?),
            Long("focus") if name == Name::Diagram => read.draw.focus.push(word(&mut parser)?),
            Long("hops") if name == Name::Diagram => read.draw.hops = Some(hops(&word(&mut parser)?)?),
            Long("from") if name == Name::Diagram => read.draw.from = Some(word(&mut parser)?),
            Long("to") if name == Name::Diagram => read.draw.to = Some(word(&mut parser)?),
            Long("cascade") if name == Name::Diagram => read.draw.cascade = Some(word(&mut parser)?),
            Long("show") if name == Name::Diagram => {
                read.draw.show = Show::from_word(&word(&mut parser)?).map_err(|m| bad("--show", &m))?;
            }
            Long("theme") if name == Name::Diagram => {
                read.draw.theme = ThemeChoice::from_word(&word(&mut parser)?).map_err(|m| bad("--theme", &m))?;
            }
            Long("views") if name == Name::Diagram => read.draw.views = true,
            Long("overview") if name == Name::Diagram => read.draw.overview = true,
            Long("link-base") if name == Name::Diagram => read.draw.link_base = Some(word(&mut parser)?),
            Value(path) if name != Name::Rules => read.input.paths.push(path.into()),
            other => return Err(unexpected(name, other)),
        }
    }
    if name == Name::Catalog && read.format.is_some() {
        return Err(unexpected(name, Long("format")));
    }
    if name != Name::Rules && read.input.paths.is_empty() {
        return Err(Failure::Usage(format!(
            "`relata {}` needs a path: a file, a folder, an archive, or `-` for standard input",
            name.word()
        )));
    }
    let Read { input, format, fail_on, base, output, selection, sources, look, draw } = read;
    Ok(match name {
        Name::Check => Command::Check(Check { input, format: choose(format, CheckFormat::from_word)?, fail_on, base }),
        Name::Report => {
            let format = match format {
                Some(_) => choose(format, ReportFormat::from_word)?,
                None => output.as_deref().map(format_of).unwrap_or_default(),
            };
            if sources && format != ReportFormat::Html {
                return Err(bad("--sources", "only --format html can hold the sources"));
            }
            Command::Report(Report { input, format, sources, output, look, base })
        }
        Name::Diagram => {
            Command::Diagram(Diagram { input, format: choose(format, DiagramFormat::from_word)?, output, draw })
        }
        Name::Catalog => Command::Catalog(input),
        Name::History => Command::History(History { input, format: choose(format, HistoryFormat::from_word)? }),
        Name::Squash => Command::Squash(Squash { input, format: choose(format, SquashFormat::from_word)?, output }),
        Name::Fix => {
            let format = choose(format, FixFormat::from_word)?;
            let selection = Selection { plain: format == FixFormat::Sql, ..selection };
            Command::Fix(Fix { input, selection, output })
        }
        Name::Rules => Command::Rules(choose(format, RulesFormat::from_word)?),
    })
}

/// What was read of the options of a command.
#[derive(Default)]
struct Read {
    input: Input,
    format: Option<String>,
    fail_on: Option<FailOn>,
    base: Option<PathBuf>,
    output: Option<PathBuf>,
    look: Look,
    selection: Selection,
    sources: bool,
    draw: Draw,
}

fn hops(word: &str) -> Result<u32, Failure> {
    word.parse().map_err(|_| bad("--hops", &format!("`{word}` is no number of keys")))
}

fn severity(word: &str) -> Result<Severity, Failure> {
    Severity::ALL.into_iter().find(|s| s.name() == word).ok_or_else(|| {
        let words: Vec<&str> = Severity::ALL.iter().map(|s| s.name()).collect();
        bad("--severity", &format!("`{word}` is none of {}", words.join(", ")))
    })
}

/// A version becomes a part of file names.
fn version(word: &str) -> Result<String, Failure> {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if plain && !word.starts_with('.') {
        return Ok(word.to_owned());
    }
    Err(bad("--version", &format!("`{word}` has other characters than letters, digits, `.`, `_` and `-`")))
}

/// The format that a file's name asks for.
fn format_of(output: &Path) -> ReportFormat {
    match output.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("html" | "htm") => ReportFormat::Html,
        Some("json") => ReportFormat::Json,
        Some("txt") => ReportFormat::Text,
        _ => ReportFormat::Markdown,
    }
}

/// Chapters by name, with commas.
fn sections(words: &str) -> Result<Vec<Section>, Failure> {
    let one = |word: &str| {
        Section::from_name(word).ok_or_else(|| {
            let names: Vec<&str> = Section::ALL.iter().map(|s| s.name()).collect();
            bad("--sections", &format!("`{word}` is none of {}", names.join(", ")))
        })
    };
    words.split(',').map(str::trim).filter(|w| !w.is_empty()).map(one).collect()
}

fn layout(word: &str) -> Result<Layout, Failure> {
    Layout::from_name(word).ok_or_else(|| {
        let words: Vec<&str> = Layout::CHOICES.iter().map(|l| l.name()).collect();
        bad("--layout", &format!("`{word}` is none of {}", words.join(", ")))
    })
}

fn define(word: &str) -> Result<(String, String), Failure> {
    match word.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err(bad("--define", &format!("`{word}` is not NAME=VALUE"))),
    }
}

fn dialect(word: &str) -> Result<Dialect, Failure> {
    match word {
        "postgresql" | "postgres" => Ok(Dialect::PostgreSql),
        "mysql" | "mariadb" => Ok(Dialect::MySql),
        "sqlite" => Ok(Dialect::Sqlite),
        _ => Err(bad("--dialect", &format!("`{word}` is none of postgresql, mysql, sqlite"))),
    }
}

fn choose<T: Default>(word: Option<String>, from_word: fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    match word {
        None => Ok(T::default()),
        Some(word) => from_word(&word).map_err(|m| bad("--format", &m)),
    }
}

fn command(word: &OsString) -> Result<Name, Failure> {
    let word = word.to_string_lossy();
    Name::ALL.into_iter().find(|n| n.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Name::ALL.iter().map(|n| n.word()).collect();
        Failure::Usage(format!("`{word}` is no command; there are {}", words.join(", ")))
    })
}

fn value(parser: &mut lexopt::Parser) -> Result<OsString, Failure> {
    Ok(parser.value()?)
}

fn word(parser: &mut lexopt::Parser) -> Result<String, Failure> {
    value(parser)?.into_string().map_err(|w| Failure::Usage(format!("`{}` is not UTF-8", w.to_string_lossy())))
}

fn bad(option: &str, message: &str) -> Failure {
    Failure::Usage(format!("{option}: {message}"))
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

fn unexpected(name: Name, argument: lexopt::Arg<'_>) -> Failure {
    let shown = match argument {
        Long(word) => format!("option --{word}"),
        Short(letter) => format!("option -{letter}"),
        Value(word) => format!("argument `{}`", word.to_string_lossy()),
    };
    Failure::Usage(format!("`relata {0}` takes no {shown}", name.word()))
}
