//! Measures histories of many files: how long they take beside the same bytes as one file, and how long going to a revision takes. `cargo xtask bench`
//! runs it.
//!
//! ```text
//! bench_history ROUNDS COUNT
//! ```
//!
//! One line of JSON for files as usual, one for the smallest. It does not count memory as `bench` does: counting costs each allocation something, and many files allocate more often than one.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use relata_core::{Options, Session, Stage, analyze};
use relata_tests::migrations::{Revisions, migrations};
use serde_json::{Value, json};

/// Bytes handed over at once, as the command line does.
const CHUNK: usize = 256 << 10;

/// How often the whole length of a history is gone back and forth.
const ENDS: u32 = 20;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|n| n.parse::<u32>().expect("numbers are given"));
    let rounds = arguments.next().expect("the number of rounds comes first");
    let count = arguments.next().expect("the number of files follows");
    for revisions in [Revisions::AsUsual, Revisions::Least] {
        println!("{}", history(rounds, &migrations(count as usize, revisions)));
    }
}

/// The time that this thread has had of a processor, so that what else the machine does counts little; where the system does not tell, the time of day.
fn processor_time(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|t| t.split_whitespace().next()).and_then(|n| n.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// A history of many small files: read, ordered and replayed, beside the same bytes as one file; and how long going to a revision takes.
fn history(rounds: u32, files: &[(String, String)]) -> Value {
    let count = files.len();
    let whole: String = files.iter().map(|(_, text)| text.as_str()).collect();
    let dump = [("schema.sql".to_owned(), whole)];
    let (mut many, mut one) = ([Duration::ZERO; 2], [Duration::ZERO; 2]);
    // In turn, so that what else the machine does hits both. The system counts a processor's time in ticks: means tell more than the least.
    for _ in 0..rounds {
        for (sum, files) in [(&mut many, files), (&mut one, dump.as_slice())] {
            let taken = replayed(files);
            sum.iter_mut().zip(taken).for_each(|(sum, taken)| *sum += taken / rounds);
        }
    }
    let analysis = analyze(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())), Options::default());
    let target = &analysis.targets[0];
    assert_eq!((target.history.revisions.len(), target.replay.conflicts.len()), (count, 0), "all of it runs");
    let mut timeline = target.timeline();
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
        "jump": { "mean": ms(mean), "ends": ms(ends) },
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
