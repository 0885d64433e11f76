//! dev only
#![allow(missing_docs)]
use relata_tests::scripts::{Style, compare::disagreement, script};
use relata_tests::server::Conversation;
use std::collections::BTreeMap;
fn main() {
    let mut args = std::env::args().skip(1);
    let from: u64 = args.next().unwrap().parse().unwrap();
    let count: u64 = args.next().unwrap().parse().unwrap();
    let style = if args.next().as_deref() == Some("t") { Style::Transactions } else { Style::Plain };
    let mut server = Conversation::begin(&format!("fuzz{from}"));
    let mut classes: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let (mut stat, mut refused) = (0, 0);
    let mut bad = 0;
    let limit: u64 = std::env::var("LIMIT").ok().and_then(|v| v.parse().ok()).unwrap_or(100);
    let begun = std::time::Instant::now();
    let mut ran = 0;
    for seed in from..from + count {
        if begun.elapsed().as_secs() > limit {
            break;
        }
        ran += 1;
        let mut state = seed.wrapping_mul(0x9E3779B97F4A7C15) ^ 0x1234_5678_9abc_def1;
        let mut choose = |limit: u32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state.wrapping_mul(0x2545F4914F6CDD1D) >> 33) % u64::from(limit)) as u32
        };
        let length = 5 + choose(35);
        let lines = script(&mut choose, length, style);
        stat += lines.len();
        let difference = disagreement(&mut server, &lines, style);
        let _ = &mut refused;
        if difference.is_empty() {
            continue;
        }
        bad += 1;
        let key0 = key(&difference);
        if let Some((n, _)) = classes.get_mut(&key0)
            && *n > 0
        {
            *n += 1;
            continue;
        }
        // shrink
        let mut lines = lines;
        let mut chunk = lines.len() / 2;
        while chunk > 0 {
            let mut at = 0;
            while at < lines.len() {
                let mut shorter = lines.clone();
                shorter.drain(at..(at + chunk).min(shorter.len()));
                let d = disagreement(&mut server, &shorter, style);
                if !d.is_empty() && key(&d) == key0 {
                    lines = shorter;
                } else {
                    at += chunk;
                }
            }
            chunk /= 2;
        }
        let d = disagreement(&mut server, &lines, style);
        classes.insert(key0, (1, format!("seed {seed}\n{}\n=> {d}", lines.join("\n"))));
    }
    let mut all: Vec<_> = classes.into_iter().collect();
    all.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    println!("{ran} scripts, {stat} statements, {bad} bad, {} classes", all.len());
    for (k, (n, text)) in all {
        println!("\n######## {n}x {k}\n{text}");
    }
}
fn key(d: &str) -> String {
    // sqlstates and messages with names masked, or the kind of the facts
    let mask = |s: &str| {
        let mut out = String::new();
        let mut q = false;
        for c in s.chars() {
            if c == '"' {
                q = !q;
            }
            if !q {
                out.push(c);
            }
        }
        out
    };
    let mut lines = d.lines();
    let first = lines.next().unwrap_or("");
    if first.starts_with('-') || first.starts_with('+') {
        return first.split(':').next().unwrap_or("").to_owned();
    }
    let pg = lines.next().unwrap_or("");
    let re = lines.next().unwrap_or("");
    let words: Vec<&str> = first.split_whitespace().take(2).collect();
    format!(
        "{} | {} | {}",
        words.join(" "),
        mask(&pg.replace("\\\"", "\"").replace("(\"", "(").replace("\", \"", " ")),
        mask(&re.replace("\\\"", "\"").replace("(\"", "(").replace("\", \"", " "))
    )
}
