//! Measures the core natively, stage by stage: the least of some rounds' times and the peak of memory. `cargo xtask bench` runs it on its inputs and
//! sets it beside what it measures in the browser.
//!
//! ```text
//! bench ROUNDS FILE...
//! bench ROUNDS migrations COUNT
//! ```
//!
//! Each file gives one line of JSON; so does a made-up history of so many files, of which only the memory is measured: `bench_history` has its times.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use relata_core::source::Splitter;
use relata_core::{Options, Session, Stage, analyze, diagram, emit, report};
use relata_tests::migrations::{Revisions, migrations};
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes handed over at once, as the command line does.
const CHUNK: usize = 256 << 10;

/// The stages in the order in which they run.
const STAGES: [&str; 8] = ["split", "read", "replay", "rules", "layout", "report", "check json", "catalog json"];

/// What one stage cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    time: Duration,
    /// The most bytes that were allocated at once while it ran, everything that earlier stages left included.
    peak: usize,
    /// Bytes that were still allocated when it ended.
    held: usize,
}

/// Takes the cost of one stage after the other.
struct Clock {
    since: Instant,
    /// What was allocated before the first stage: the input's own bytes.
    before: usize,
}

impl Clock {
    fn start() -> Self {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        Self { since: Instant::now(), before }
    }

    fn lap(&mut self) -> Cost {
        let time = self.since.elapsed();
        let cost = Cost {
            time,
            peak: MEMORY.peak_usage().saturating_sub(self.before),
            held: MEMORY.current_usage().saturating_sub(self.before),
        };
        MEMORY.reset_peak_usage();
        self.since = Instant::now();
        cost
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: u32 = arguments.next().and_then(|n| n.parse().ok()).expect("the number of rounds comes first");
    let paths: Vec<String> = arguments.collect();
    if let [first, count] = paths.as_slice()
        && first == "migrations"
    {
        println!("{}", history(count.parse().expect("the number of files follows")));
        return;
    }
    for path in paths {
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let mut best = [Cost::default(); STAGES.len()];
        let mut facts = Value::Null;
        for round in 0..rounds {
            let (costs, found) = run(&bytes);
            facts = found;
            for (best, cost) in best.iter_mut().zip(costs) {
                best.time = if round == 0 { cost.time } else { best.time.min(cost.time) };
                best.peak = best.peak.max(cost.peak);
                best.held = cost.held;
            }
        }
        let stages: Vec<Value> = STAGES
            .iter()
            .zip(best)
            .map(|(name, c)| json!({ "name": name, "ms": c.time.as_secs_f64() * 1e3, "peak": c.peak, "held": c.held }))
            .collect();
        println!("{}", json!({ "bytes": bytes.len(), "facts": facts, "stages": stages }));
    }
}

/// One round: what each stage cost, and what there was in the input.
fn run(bytes: &[u8]) -> ([Cost; STAGES.len()], Value) {
    let mut costs = [Cost::default(); STAGES.len()];
    let [split, read, replay, rules, layout, model, check, catalog] = &mut costs;

    let mut clock = Clock::start();
    let mut parts = 0_u64;
    let mut splitter = Splitter::new(0);
    for chunk in bytes.chunks(CHUNK) {
        splitter.push(chunk, &mut |part| {
            black_box(part);
            parts += 1;
        });
    }
    splitter.finish(&mut |part| {
        black_box(part);
        parts += 1;
    });
    *split = clock.lap();

    drop(splitter);
    clock.lap();
    let mut session = Session::new(Options::default());
    for chunk in bytes.chunks(CHUNK) {
        session.push("schema.sql", chunk);
    }
    session.end_file();
    *read = clock.lap();
    // Reading splits as it goes: what splitting alone takes is not counted twice.
    read.time = read.time.saturating_sub(split.time);

    let analysis = session.finish(&mut |stage| match stage {
        Stage::Read => {}
        Stage::Replay => {
            clock.lap();
        }
        Stage::Rules => *replay = clock.lap(),
        Stage::Done => *rules = clock.lap(),
    });
    clock.lap();

    let targets = &analysis.targets;
    let drawn: Vec<_> = targets.iter().map(|t| diagram::diagram(t.schema(), &diagram::Options::default())).collect();
    *layout = clock.lap();
    drop(black_box(drawn));
    clock.lap();

    let whole = report::Report::new(&analysis);
    *model = clock.lap();
    let text = report::check_json(&whole);
    *check = clock.lap();
    drop(black_box((text, whole)));
    clock.lap();

    let text: Vec<String> = targets.iter().map(|t| emit::catalog::text(t.schema())).collect();
    *catalog = clock.lap();
    black_box(text);

    let tables: u32 = targets.iter().map(|t| t.facts.tables).sum();
    let findings: usize = targets.iter().map(|t| t.findings.len()).sum();
    let facts = json!({ "statements": parts, "tables": tables, "findings": findings });
    (costs, facts)
}

/// What is held to go to any revision of a history of many small files.
fn history(count: usize) -> Value {
    let files = migrations(count, Revisions::AsUsual);
    let analysis = analyze(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())), Options::default());
    let before = MEMORY.current_usage();
    let timeline = analysis.targets[0].timeline();
    let held = MEMORY.current_usage().saturating_sub(before);
    black_box(timeline);
    json!({ "held": held })
}
