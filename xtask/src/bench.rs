//! `cargo xtask bench`: what each stage costs, natively and in Chromium's worker, beside libpg-query on the same bytes in the same run.
//!
//! The native figures come from the program `bench` of the package `relata-tests`, those of the browser from `tests/bench/bench.mjs`. What is compared
//! are ratios of one run: the two take turns, in a fresh worker each time, as a page starts one; once cold, and once behind the warm-up of the page's
//! worker (web/engine/src/made_up.rs).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{Cmd, which};
use crate::{Result, bench_frames, bench_histories, bench_layout, site, tools, workspace};

/// A real dump of some 200 tables, by its place in the corpus.
const REAL: &str = "corpus/dev/pg-sourcegraph-frontend/squashed.sql";
/// The generated dumps: tables, columns in each, foreign keys, indexes.
const GENERATED: [[u32; 4]; 2] = [[1_000, 15, 1_500, 3_000], [10_000, 15, 15_000, 30_000]];

/// The goals, as shares of what libpg-query takes to parse.
const GOAL_REPLAYED: f64 = 1.0 / 3.0;
const GOAL_FOUND: f64 = 1.0;
const GOAL_MEMORY: f64 = 1.0 / 3.0;

/// What a person may ask for.
struct Options {
    /// One round on the smaller inputs; nothing is written.
    quick: bool,
    /// Without the browser; nothing is written.
    native: bool,
    /// One page of them alone.
    only: Option<Page>,
    rounds: u32,
}

/// The pages that can be made by themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Layout,
    Frames,
    Histories,
}

/// Something to measure with.
struct Input {
    name: String,
    file: PathBuf,
}

/// `cargo xtask bench [layout|frames|histories] [--quick] [--native] [--rounds N]`
pub(crate) fn command(args: &[&str]) -> Result<()> {
    let options = options(args)?;
    let folder =
        workspace::corpus().ok_or("the corpus is not here: set RELATA_CORPUS to the folder that holds `corpus`")?;
    let asked = |page| options.only.is_none_or(|only| only == page);
    if options.only.is_none() {
        stages(&folder, &options)?;
    }
    if asked(Page::Histories) {
        finish("benchmarks-histories.md", &bench_histories::page(options.rounds)?, &options)?;
    }
    if options.native {
        return Ok(());
    }
    if asked(Page::Layout) {
        finish("benchmarks-layout.md", &bench_layout::page(&folder, options.rounds, options.quick)?, &options)?;
    }
    if asked(Page::Frames) {
        finish("benchmarks-frames.md", &bench_frames::page(options.quick)?, &options)?;
    }
    Ok(())
}

/// Shows a page, and writes it where all of it was measured.
fn finish(name: &str, page: &str, options: &Options) -> Result<()> {
    println!("{page}");
    if options.quick || options.native {
        return Ok(());
    }
    workspace::write(&workspace::root().join("docs").join(name), page.as_bytes())
}

/// Each stage of the core, and the page `docs/benchmarks.md`.
fn stages(folder: &Path, options: &Options) -> Result<()> {
    let inputs = inputs(folder, options.quick)?;
    let native = native(&inputs, options.rounds)?;
    let browser = if options.native { Vec::new() } else { browser(&inputs, options.rounds)? };
    let page = page(&inputs, &native, &browser)?;
    finish("benchmarks.md", &page, options)
}

fn options(args: &[&str]) -> Result<Options> {
    let mut options = Options { quick: false, native: false, only: None, rounds: 5 };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match *arg {
            "--quick" => options.quick = true,
            "--native" => options.native = true,
            "layout" => options.only = Some(Page::Layout),
            "frames" => options.only = Some(Page::Frames),
            "histories" => options.only = Some(Page::Histories),
            "--rounds" => {
                let text = args.next().ok_or("--rounds needs a number")?;
                options.rounds =
                    text.parse().ok().filter(|n| *n > 0).ok_or(format!("--rounds: `{text}` is no number"))?;
            }
            other => return Err(format!("bench knows no `{other}`")),
        }
    }
    if options.quick {
        options.rounds = 1;
    }
    Ok(options)
}

/// The real dump in its place, and the generated ones, which are made once.
fn inputs(folder: &Path, quick: bool) -> Result<Vec<Input>> {
    let mut inputs = vec![Input { name: "real".into(), file: folder.join(REAL) }];
    for shape in GENERATED.iter().take(if quick { 1 } else { GENERATED.len() }) {
        let name = shape.map(|n| n.to_string()).join(" ");
        inputs.push(Input { name: format!("generated {name}"), file: generated(folder, *shape)? });
    }
    Ok(inputs)
}

/// A generated dump: tables, columns in each, foreign keys, indexes. Made once.
pub(crate) fn generated(folder: &Path, shape: [u32; 4]) -> Result<PathBuf> {
    let shape = shape.map(|n| n.to_string());
    let file = workspace::tools().join(format!("bench/{}.sql", shape.join("-")));
    if !file.is_file() {
        let python =
            which("python3").or_else(|| which("python")).ok_or("Python 3 is missing: it runs the generator")?;
        let text = Cmd::new(python).arg(folder.join("tools/gen_schema.py")).args(&shape).output()?;
        workspace::write(&file, text.as_bytes())?;
    }
    Ok(file)
}

/// One line of JSON for each input.
fn native(inputs: &[Input], rounds: u32) -> Result<Vec<Value>> {
    let files = inputs.iter().map(|i| i.file.as_path());
    lines(&program("bench", rounds).args(files).output()?)
}

/// One of the programs that measure natively, with its first argument.
pub(crate) fn program(name: &str, rounds: u32) -> Cmd {
    Cmd::new("cargo")
        .args(["run", "--quiet", "--profile", "fast", "--package", "relata-tests", "--bin", name, "--"])
        .arg(rounds.to_string())
}

/// The same from the browser.
fn browser(inputs: &[Input], rounds: u32) -> Result<Vec<Value>> {
    tools::packages("tests/browser")?;
    tools::packages("tests/bench")?;
    let chromium = tools::chromium()?;
    let dist = site::build()?;
    let run = Cmd::new("node")
        .arg("bench.mjs")
        .arg(dist)
        .arg(rounds.to_string())
        .args(inputs.iter().map(|i| format!("{}={}", i.name, i.file.display())))
        .env("CHROME_PATH", chromium)
        .dir(&workspace::root().join("tests/bench"));
    lines(&run.output()?)
}

pub(crate) fn lines(text: &str) -> Result<Vec<Value>> {
    text.lines().map(|line| serde_json::from_str(line).map_err(|e| format!("the bench said `{line}`: {e}"))).collect()
}

/// The page `docs/benchmarks.md`.
fn page(inputs: &[Input], native: &[Value], browser: &[Value]) -> Result<String> {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line("# Benchmarks\n");
    line(&format!(
        "Made by `cargo xtask bench` on {}. It runs Relata natively and, in turn with [libpg-query](https://www.npmjs.com/package/libpg-query) \
         (PostgreSQL's own parser in WebAssembly), in Chromium's worker on the same bytes, each time in a fresh worker. A browser runs WebAssembly as it \
         compiled it in haste until it has run for a while, so the page's worker analyses made-up dumps while it waits for its user: `ms` is \
         with both behind these very dumps, `cold` is without. Times are the least of \
         all rounds and depend on the machine and on what else it does; ratios are medians over the rounds of one run.\n",
        machine()
    ));
    line(
        "Memory: natively the most bytes that were allocated at once up to the end of the stage; in the browser the size of the wasm memory, which only \
         grows; `process` is what the process that runs the worker needed at its peak, up to the findings, beyond an empty page. libpg-query's time is that of its \
         `parseSync`: the parse, and its tree handed to JavaScript. `transfer` is the way of the overview, the table list, \
         100 findings and the diagram from the worker to the page.\n",
    );
    if !browser.is_empty() {
        line("## Against the goals\n");
        line(
            "| input | split + read + replay, of libpg-query's time | up to the findings, of its time | the same cold | process memory, of its |",
        );
        line("|---|--:|--:|--:|--:|");
        for result in browser {
            let ratio = |state: &str, name: &str| number(&result["ratios"][state][name]);
            let peak = |subject: &str| result["subjects"][subject]["peak"].as_f64();
            let memory = match (peak("relata"), peak("libpg")) {
                (Some(ours), Some(theirs)) if theirs > 0.0 => format!("{:.2} (goal {GOAL_MEMORY:.2})", ours / theirs),
                _ => "not told".to_owned(),
            };
            line(&format!(
                "| {} | {:.2} (goal {GOAL_REPLAYED:.2}) | {:.2} (goal {GOAL_FOUND:.2}) | {:.2}, {:.2} | {memory} |",
                text(&result["name"]),
                ratio("warm", "replayed"),
                ratio("warm", "found"),
                ratio("cold", "replayed"),
                ratio("cold", "found")
            ));
        }
        line("");
    }
    for (at, input) in inputs.iter().enumerate() {
        let measured = native.get(at).ok_or("the native bench left an input out")?;
        let facts = &measured["facts"];
        line(&format!(
            "## {}\n\n{:.1} MB, {} statements, {} tables, {} findings.\n",
            input.name,
            mega(&measured["bytes"]),
            facts["statements"],
            facts["tables"],
            facts["findings"]
        ));
        line("| where | stage | ms | cold, ms | memory, MB |\n|---|---|--:|--:|--:|");
        for stage in list(&measured["stages"]) {
            line(&format!(
                "| native | {} | {:.1} | | {:.1} |",
                text(&stage["name"]),
                number(&stage["ms"]),
                mega(&stage["peak"])
            ));
        }
        let Some(result) = browser.get(at) else {
            line("");
            continue;
        };
        for (subject, name) in [("relata", "worker"), ("libpg", "libpg-query")] {
            let measured = &result["subjects"][subject];
            for stage in list(&measured["stages"]) {
                line(&format!(
                    "| {name} | {} | {:.1} | {:.1} | {:.1} |",
                    text(&stage["name"]),
                    number(&stage["ms"]),
                    number(&stage["cold"]),
                    mega(&stage["memory"])
                ));
            }
            line(&format!("| {name} | process | | | {:.1} |", mega(&measured["peak"])));
        }
        line("");
    }
    Ok(out.trim_end().to_owned() + "\n")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

pub(crate) fn mega(value: &Value) -> f64 {
    number(value) / 1e6
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What kind of machine this is, without its name: processor, cores, system.
pub(crate) fn machine() -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| Some(text.lines().find(|l| l.starts_with("model name"))?.split_once(':')?.1.trim().to_owned()))
        .or_else(|| {
            Cmd::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output().ok().map(|s| s.trim().to_owned())
        })
        .unwrap_or_else(|| "an unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut out = format!("{processor}, {cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH);
    if let Ok(version) = tools::chromium().and_then(|chromium| Cmd::new(chromium).arg("--version").output()) {
        let version: Vec<&str> = version.split_whitespace().take(2).collect();
        let _ = write!(out, ", {}", version.join(" "));
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_has_a_table_for_each_input_and_the_ratios_of_the_browser() {
        let inputs = [Input { name: "real".into(), file: PathBuf::new() }];
        let native = [json!({
            "bytes": 2_000_000, "facts": { "statements": 3, "tables": 2, "findings": 1 },
            "stages": [{ "name": "split", "ms": 1.25, "peak": 3_000_000 }],
        })];
        let worker =
            |peak: u64| json!({ "stages": [{ "name": "s", "ms": 2, "cold": 4, "memory": 1_000_000 }], "peak": peak });
        let browser = [json!({
            "name": "real",
            "ratios": { "warm": { "replayed": 0.25, "found": 0.5 }, "cold": { "replayed": 0.75, "found": 1.25 } },
            "subjects": { "relata": worker(1_000_000), "libpg": worker(4_000_000) },
        })];
        let page = page(&inputs, &native, &browser).unwrap();
        for expected in [
            "| real | 0.25 (goal 0.33) | 0.50 (goal 1.00) | 0.75, 1.25 | 0.25 (goal 0.33) |",
            "| worker | s | 2.0 | 4.0 | 1.0 |",
            "2.0 MB, 3 statements, 2 tables, 1 findings.",
            "| native | split | 1.2 | | 3.0 |",
            "| libpg-query | process | | | 4.0 |",
        ] {
            assert!(page.contains(expected), "{expected}\n{page}");
        }
    }

    #[test]
    fn options_are_read() {
        assert!(options(&["--quick", "--native"]).is_ok_and(|o| o.quick && o.native && o.rounds == 1));
        assert!(options(&["--rounds", "3"]).is_ok_and(|o| o.rounds == 3));
        assert!(options(&["--rounds", "0"]).is_err() && options(&["--fast"]).is_err());
    }
}
