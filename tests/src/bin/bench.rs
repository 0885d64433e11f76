//! Measures the core natively, stage by stage: the least of some rounds' times and the peak of memory. `cargo xtask bench` runs it on its inputs and
//! sets it beside what it measures in the browser.
//!
//! ```text
//! bench ROUNDS FILE...
//! bench ROUNDS migrations COUNT
//! ```
//!
//! Each file gives one line of JSON; so does a made-up history of so many files, which is set beside the same bytes as one file.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use relata_core::source::Splitter;
use relata_core::{Options, Session, Stage, analyze, diagram, emit, report};
use relata_tests::migrations::migrations;
use serde_json::{Value, json};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes handed over at once, as the command line does.
const CHUNK: usize = 256 << 10;

/// How often the whole length of a history is gone back and forth.
const ENDS: u32 = 20;

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
        println!("{}", history(rounds, count.parse().expect("the number of files follows")));
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

/// The time that this thread has had of a processor, so that what else the machine does counts little; where the system does not tell, the time of day.
fn processor_time(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|t| t.split_whitespace().next()).and_then(|n| n.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// A history of many small files: read, ordered and replayed, beside the same bytes as one file; and how long going to a revision takes.
fn history(rounds: u32, count: usize) -> Value {
    let files = migrations(count);
    let whole: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let dump = [("schema.sql".to_owned(), whole)];
    let (mut many, mut one) = ([Duration::ZERO; 2], [Duration::ZERO; 2]);
    // In turn, so that what else the machine does hits both. The system counts a processor's time in ticks: means tell more than the least.
    for _ in 0..rounds {
        for (sum, files) in [(&mut many, files.as_slice()), (&mut one, dump.as_slice())] {
            let taken = replayed(files);
            sum.iter_mut().zip(taken).for_each(|(sum, taken)| *sum += taken / rounds);
        }
    }
    let analysis = analyze(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())), Options::default());
    let target = &analysis.targets[0];
    assert_eq!((target.history.revisions.len(), target.replay.conflicts.len()), (count, 0), "all of it runs");
    let before = MEMORY.current_usage();
    let mut timeline = target.timeline();
    let held = MEMORY.current_usage().saturating_sub(before);
    // A stride through the history that comes to every revision, and every time to another part of it.
    let stride = (1..count).rev().find(|s| *s < count * 5 / 8 && gcd(*s, count) == 1).unwrap_or(1);
    let start = Instant::now();
    let since = processor_time(start);
    for n in 0..count {
        black_box(timeline.go_to((n * stride) % count));
    }
    let scattered = processor_time(start);
    for _ in 0..ENDS {
        timeline.go_to(0);
        timeline.go_to(count);
    }
    let ends = processor_time(start).saturating_sub(scattered) / (2 * ENDS);
    let mean = scattered.saturating_sub(since) / u32::try_from(count).unwrap_or(u32::MAX);
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    let bytes = dump[0].1.len();
    json!({
        "files": count, "bytes": bytes, "tables": target.facts.tables,
        "history": { "read": ms(many[0]), "replay": ms(many[1]) },
        "dump": { "read": ms(one[0]), "replay": ms(one[1]) },
        "ratio": (many[0] + many[1]).as_secs_f64() / (one[0] + one[1]).as_secs_f64(),
        "jump": { "mean": ms(mean), "ends": ms(ends), "held": held },
    })
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How long reading takes, and ordering with replay.
fn replayed(files: &[(String, String)]) -> [Duration; 2] {
    let start = Instant::now();
    let since = processor_time(start);
    let mut session = Session::new(Options::default());
    for (name, text) in files {
        for chunk in text.as_bytes().chunks(CHUNK) {
            session.push(name, chunk);
        }
        session.end_file();
    }
    let read = processor_time(start);
    let mut replay = read;
    black_box(session.finish(&mut |stage| {
        if stage == Stage::Rules {
            replay = processor_time(start);
        }
    }));
    [read.saturating_sub(since), replay.saturating_sub(read)]
}
