//! Short forms of the report for hosts that limit how long a text may be.

use super::compose::short;
use super::markdown::print;
use super::model::Report;
use super::options::ReportOptions;

/// What a comment on a pull request may have, with room for words around it: GitHub allows 65,536 characters.
pub const PULL_REQUEST_CHARACTERS: usize = 60_000;
/// What the summary of a job may have: GitHub allows 1 MiB for each step.
pub const JOB_SUMMARY_BYTES: usize = 1_000_000;

/// How much is told, from much to little: rules, and findings of each.
const STEPS: [(usize, usize); 7] = [(400, 50), (200, 10), (80, 5), (60, 2), (40, 1), (100, 0), (10, 0)];

/// Markdown for a comment on a pull request: under 60,000 characters, whatever the schema. With a comparison it tells what is new.
pub fn pull_request(report: &Report, options: &ReportOptions<'_>) -> String {
    fitting(report, options, &|text| text.chars().count() < PULL_REQUEST_CHARACTERS)
}

/// Markdown for the summary of a job of CI: the same form with room for more.
pub fn job_summary(report: &Report, options: &ReportOptions<'_>) -> String {
    fitting(report, options, &|text| text.len() < JOB_SUMMARY_BYTES)
}

fn fitting(report: &Report, options: &ReportOptions<'_>, fits: &dyn Fn(&str) -> bool) -> String {
    for (rules, each) in STEPS {
        let text = print(&short(report, options, rules, each), false);
        if fits(&text) {
            return text;
        }
    }
    // So many targets, or names so long, that not even counts fit.
    format!(
        "# Schema audit\n\n{}. Its short form is too long for this place.\n",
        super::words::severities(&report.counts())
    )
}
