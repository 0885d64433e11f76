//! `relata`: the analyzer for a terminal and for CI.

mod args;
mod draw;
mod help;
mod input;
mod output;
mod shell;

use std::fmt::Write as _;
use std::process::ExitCode;

use args::{CheckFormat, Command, HistoryFormat, Input, ReportFormat, RulesFormat, SquashFormat};
use output::{note, print, write, write_all};
use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::finding::Severity;
use relata_core::policy::FailOn;
use relata_core::report::{self, Report};
use relata_core::{baseline, diagram, emit, rules};

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
        Command::Completions(of) => print(&shell::completions(of)).map(|()| Outcome::Well),
        Command::Man => print(&shell::man()).map(|()| Outcome::Well),
        Command::Check(command) => check(&command),
        Command::Report(command) => write_report(&command),
        Command::Diagram(command) => draw::command(&command),
        Command::History(command) => history(&command),
        Command::Catalog(input) => {
            let analysis = input::read(&input)?;
            match one_target(&analysis)? {
                None => Ok(Outcome::Nothing),
                Some(target) => {
                    let mut text = emit::catalog::text(target.schema());
                    text.push('\n');
                    print(&text).map(|()| Outcome::Well)
                }
            }
        }
        Command::Squash(command) => squash(&command),
        Command::Fix(command) => fix(&command),
        Command::Rules(format) => list_rules(format),
    }
}

fn check(command: &args::Check) -> Result<Outcome, Failure> {
    let mut analysis = input::read(&command.input)?;
    let mut compared = None;
    if let Some(base) = &command.base {
        let input = Input { paths: vec![base.clone()], target: None, ..command.input.clone() };
        let base = input::read(&input)?;
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
        CheckFormat::Text => {
            let sources = Some(&analysis.sources);
            report::text(&report, &report::TextOptions { colour: output::colour(), width: output::width(), sources })
        }
        CheckFormat::Json => report::check_json(&report),
        CheckFormat::Sarif => report::sarif(&report),
        CheckFormat::Github => report::github(&report),
    })?;
    let counting = report.targets.iter().flat_map(|t| &t.findings).filter(|f| f.waived.is_none());
    let worst = counting.map(|f| f.severity).min();
    let fail_on = command.fail_on.or(analysis.policy.fail_on).unwrap_or(FailOn::From(Severity::High));
    Ok(match (worst, fail_on) {
        (Some(worst), FailOn::From(threshold)) if worst <= threshold => Outcome::Findings,
        _ => Outcome::Well,
    })
}

fn write_report(command: &args::Report) -> Result<Outcome, Failure> {
    let mut analysis = input::read(&command.input)?;
    if analysis.targets.is_empty() {
        say_nothing_read(&analysis);
        return Ok(Outcome::Nothing);
    }
    let report = match &command.base {
        Some(base) => {
            let input = Input { paths: vec![base.clone()], target: None, ..command.input.clone() };
            Report::complete_since(&mut analysis, &input::read(&input)?)
        }
        None => Report::complete(&analysis),
    };
    // What each format draws, and no more: a layout takes longer than all the rest.
    let drawn: Vec<(&str, Option<String>, Option<String>)> = analysis
        .targets
        .iter()
        .map(|t| {
            let svg = (command.format == ReportFormat::Html).then(|| draw_for_report(t, &report.project));
            let mermaid = (command.format == ReportFormat::Markdown).then(|| mermaid(t)).flatten();
            (t.target.id.as_str(), svg, mermaid)
        })
        .collect();
    let look = &command.look;
    let options = report::ReportOptions {
        title: look.title.clone(),
        note: look.note.clone(),
        logo: look.logo.as_deref().map(input::image).transpose()?,
        sections: look.sections.clone(),
        least: look.severity.unwrap_or(Severity::Info),
        source_url: look.source_url.clone(),
        figures: drawn
            .iter()
            .map(|(target, svg, mermaid)| report::TargetFigure {
                target,
                svg: svg.as_deref(),
                mermaid: mermaid.as_deref(),
            })
            .collect(),
    };
    let text = match command.format {
        ReportFormat::Markdown => report::markdown(&report, &options),
        ReportFormat::Html => {
            let html = report::html(&report, &options);
            if command.sources { report::with_sources(&html, &analysis.sources) } else { html }
        }
        ReportFormat::Json => report::json(&report),
        ReportFormat::Text => report::plain(&report, &options),
        ReportFormat::PullRequest => report::pull_request(&report, &options),
        ReportFormat::Summary => report::job_summary(&report, &options),
    };
    write(&text, command.output.as_deref()).map(|()| Outcome::Well)
}

/// The diagram in Mermaid's words; nothing where it is more than Mermaid draws with its default settings.
fn mermaid(target: &TargetAnalysis) -> Option<String> {
    let graph = diagram::graph(target.schema(), &diagram::Options::default());
    (diagram::mermaid::parts(&graph).len() == 1).then(|| diagram::mermaid::render(&graph))
}

fn squash(command: &args::Squash) -> Result<Outcome, Failure> {
    let analysis = input::read(&command.input)?;
    let Some(target) = one_target(&analysis)? else { return Ok(Outcome::Nothing) };
    let format = match command.format {
        SquashFormat::Sql => emit::Format::Sql,
        SquashFormat::Alembic => emit::Format::Alembic,
    };
    let emitted = emit::squash(&analysis, target, format);
    for left_out in &emitted.notes {
        note(&format!("left out: {}", left_out.message));
    }
    // As it stands: SQL that is escaped for the runner of a CI job would be other SQL.
    let text: String = emitted.files.into_iter().map(|f| f.text).collect();
    write(&text, command.output.as_deref()).map(|()| Outcome::Well)
}

fn fix(command: &args::Fix) -> Result<Outcome, Failure> {
    let analysis = input::read(&command.input)?;
    let Some(target) = one_target(&analysis)? else { return Ok(Outcome::Nothing) };
    if let Some(unknown) =
        command.selection.fingerprints.iter().find(|f| !target.findings.iter().any(|own| own.fingerprint == **f))
    {
        return Err(Failure::Usage(format!(
            "--finding: there is no finding `{unknown}`; `relata check --format json` has them"
        )));
    }
    let emitted = emit::fix(&analysis, target, &command.selection);
    for left_out in &emitted.notes {
        note(&left_out.message);
    }
    if emitted.files.is_empty() {
        note("nothing of what was asked for has a fix");
        return Ok(Outcome::Well);
    }
    match command.output.as_deref().filter(|folder| folder.as_os_str() != "-") {
        Some(folder) => write_all(&emitted.files, folder)?,
        None => {
            let several = emitted.files.len() > 1;
            // Printed one behind the other, files of settings are comments among the SQL, so that psql takes it all.
            let sql = emitted.files.iter().any(|f| f.name.ends_with(".sql"));
            let show = |f: &emit::EmittedFile| match several {
                true if sql && !f.name.ends_with(".sql") => {
                    let lines: String = f.text.lines().map(|l| format!("-- {l}\n")).collect();
                    format!("-- {}\n\n{lines}\n", report::visible(&f.name))
                }
                true => format!("{} {}\n\n{}\n", comment_sign(&f.name), report::visible(&f.name), f.text),
                false => f.text.clone(),
            };
            print(&emitted.files.iter().map(show).collect::<String>())?;
        }
    }
    Ok(Outcome::Well)
}

/// What begins a comment in a file of this name.
fn comment_sign(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("py") => "#",
        _ => "--",
    }
}

fn history(command: &args::History) -> Result<Outcome, Failure> {
    let analysis = input::read(&command.input)?;
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

/// The drawing of a report: all columns as long as a page can hold them, then keys, then names.
fn draw_for_report(target: &TargetAnalysis, title: &str) -> String {
    let detail = match target.facts.tables {
        0..=60 => diagram::Detail::Columns,
        61..300 => diagram::Detail::Keys,
        _ => diagram::Detail::Names,
    };
    let drawn = diagram::diagram(target.schema(), &diagram::Options { detail, ..diagram::Options::default() });
    diagram::svg::render(&drawn, title, diagram::svg::Theme::Auto)
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
