//! `relata`: the analyzer for a terminal and for CI.

mod args;
mod config;
mod draw;
mod help;
mod input;
mod output;

use std::fmt::Write as _;
use std::process::ExitCode;

use args::{CheckFormat, Command, FailOn, HistoryFormat, Input, ReportFormat, RulesFormat};
use config::Config;
use output::{note, print, write};
use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::finding::Severity;
use relata_core::report::{self, Report};
use relata_core::{baseline, emit, rules};

/// Why a command could not be carried out; the exit status is 2.
#[derive(Debug)]
enum Failure {
    /// The arguments make no sense.
    Usage(String),
    /// The input, or where to write, is of no use.
    Unusable(String),
}

/// What came of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Well,
    Findings,
    /// There was nothing to judge; what was wrong has been said.
    Nothing,
}

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)).and_then(run) {
        Ok(Outcome::Well) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Nothing) => ExitCode::from(2),
        Err(Failure::Usage(message)) => {
            note(&format!("{message}. `relata --help` tells what there is."));
            ExitCode::from(2)
        }
        Err(Failure::Unusable(message)) => {
            note(&message);
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Help(of) => print(help::help(of)).map(|()| Outcome::Well),
        Command::Version => print(&format!("relata {}\n", env!("CARGO_PKG_VERSION"))).map(|()| Outcome::Well),
        Command::Check(command) => check(&command),
        Command::Report(command) => write_report(&command),
        Command::Diagram(command) => draw::command(&command),
        Command::History(command) => history(&command),
        Command::Catalog(input) => {
            let analysis = input::read(&input, None)?;
            match one_target(&analysis)? {
                None => Ok(Outcome::Nothing),
                Some(target) => {
                    let mut text = emit::catalog::text(target.schema());
                    text.push('\n');
                    print(&text).map(|()| Outcome::Well)
                }
            }
        }
        Command::Rules(format) => list_rules(format),
    }
}

fn check(command: &args::Check) -> Result<Outcome, Failure> {
    let config = command.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    let mut analysis = input::read(&command.input, config.server_version)?;
    let mut compared = None;
    if let Some(base) = &command.base {
        let input = Input { paths: vec![base.clone()], target: None, ..command.input.clone() };
        let base = input::read(&input, config.server_version)?;
        compared = Some(baseline::keep_new(&mut analysis, &base));
    }
    let mut report = Report::new(&analysis);
    report.base = compared.map(|c| report::BaseEntry { known: c.known, fixed: c.fixed });
    if report.targets.is_empty() {
        // What reads JSON still gets its document, with the problems in it.
        match command.format {
            CheckFormat::Text => {}
            CheckFormat::Json => print(&report::check_json(&report))?,
            CheckFormat::Sarif => print(&report::sarif(&report))?,
            CheckFormat::Github => print(&report::github(&report))?,
        }
        say_nothing_read(&analysis);
        return Ok(Outcome::Nothing);
    }
    print(&match command.format {
        CheckFormat::Text => report::text(&report, output::colour()),
        CheckFormat::Json => report::check_json(&report),
        CheckFormat::Sarif => report::sarif(&report),
        CheckFormat::Github => report::github(&report),
    })?;
    let worst = report.targets.iter().flat_map(|t| &t.findings).map(|f| f.severity).min();
    let fail_on = command.fail_on.or(config.fail_on).unwrap_or_default();
    Ok(match (worst, threshold(fail_on)) {
        (Some(worst), Some(threshold)) if worst <= threshold => Outcome::Findings,
        _ => Outcome::Well,
    })
}

fn threshold(fail_on: FailOn) -> Option<Severity> {
    match fail_on {
        FailOn::Critical => Some(Severity::Critical),
        FailOn::High => Some(Severity::High),
        FailOn::Medium => Some(Severity::Medium),
        FailOn::Low => Some(Severity::Low),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    }
}

fn write_report(command: &args::Report) -> Result<Outcome, Failure> {
    let analysis = input::read(&command.input, None)?;
    if analysis.targets.is_empty() {
        say_nothing_read(&analysis);
        return Ok(Outcome::Nothing);
    }
    let report = Report::new(&analysis);
    let text = match command.format {
        ReportFormat::Markdown => report::markdown(&report),
        ReportFormat::Html => {
            let drawn: Vec<(&str, String)> =
                analysis.targets.iter().map(|t| (t.target.id.as_str(), draw::draw(t, &report.project))).collect();
            let diagrams: Vec<(&str, &str)> = drawn.iter().map(|(id, svg)| (*id, svg.as_str())).collect();
            report::html(&report, &diagrams)
        }
        ReportFormat::Json => report::json(&report),
    };
    write(&text, command.output.as_deref()).map(|()| Outcome::Well)
}

fn history(command: &args::History) -> Result<Outcome, Failure> {
    let analysis = input::read(&command.input, None)?;
    let histories = report::HistoryReport::new(&analysis);
    if analysis.targets.is_empty() {
        if command.format == HistoryFormat::Json {
            print(&report::history_json(&histories))?;
        }
        say_nothing_read(&analysis);
        return Ok(Outcome::Nothing);
    }
    print(&match command.format {
        HistoryFormat::Text => report::history_text(&histories),
        HistoryFormat::Json => report::history_json(&histories),
    })?;
    Ok(Outcome::Well)
}

fn list_rules(format: RulesFormat) -> Result<Outcome, Failure> {
    let catalog = rules::rule_catalog();
    let text = match format {
        RulesFormat::Json => format!("{}\n", serde_json::to_string_pretty(&catalog).unwrap_or_default()),
        RulesFormat::Text => {
            let width = catalog.iter().map(|r| r.name.len()).max().unwrap_or_default();
            let mut out = String::new();
            let mut category = None;
            for rule in &catalog {
                if category != Some(rule.category) {
                    let gap = if category.is_some() { "\n" } else { "" };
                    let _ = writeln!(out, "{gap}{}", rule.category.title());
                    category = Some(rule.category);
                }
                let _ = writeln!(
                    out,
                    "  {:width$}  {:8}  {:8}  {}",
                    rule.name,
                    rule.severity.name(),
                    rule.certainty.name(),
                    rule.summary
                );
            }
            out
        }
        RulesFormat::Markdown => {
            let mut out = String::from(
                "# Rules\n\n| Rule | Category | Severity | Certainty | What it flags |\n|---|---|---|---|---|\n",
            );
            for rule in &catalog {
                let _ = writeln!(
                    out,
                    "| `{}` | {} | {} | {} | {} |",
                    rule.name,
                    rule.category.title(),
                    rule.severity,
                    rule.certainty.name(),
                    rule.summary.replace('|', "\\|")
                );
            }
            out
        }
    };
    print(&text).map(|()| Outcome::Well)
}

/// The only target; nothing where nothing was read, which is then said; a failure where there are several.
fn one_target(analysis: &Analysis) -> Result<Option<&TargetAnalysis>, Failure> {
    match analysis.targets.as_slice() {
        [] => {
            say_nothing_read(analysis);
            Ok(None)
        }
        [target] => Ok(Some(target)),
        _ => Err(Failure::Unusable(format!(
            "more than one target; {}. Choose one with --target ID.",
            input::target_list(analysis)
        ))),
    }
}

/// Says on standard error what stood in the way of reading anything.
fn say_nothing_read(analysis: &Analysis) {
    for problem in &Report::new(analysis).problems {
        note(&report::problem_line(problem));
    }
    note("nothing was read that describes a schema");
}
