//! The part of `cargo xtask bench` on moving about: what a frame of panning and zooming costs the page, beside React Flow with the same tables.
//!
//! `tests/bench/frames.mjs` drives both in one Chromium and reads its trace.

use serde_json::Value;

use crate::bench::{lines, machine, number, text};
use crate::process::Cmd;
use crate::serve::Server;
use crate::{Result, site, tools, workspace};

/// How many tables the made-up schemas have.
const TABLES: [u32; 3] = [100, 1_000, 5_000];
/// Up to how many of them there is a goal, and what a frame may cost then at the 95th percentile, in milliseconds.
const GOAL_UP_TO: u64 = 1_000;
const GOAL: f64 = 16.0;

/// Measures and gives back the page `docs/benchmarks-frames.md`.
pub(crate) fn page(quick: bool) -> Result<String> {
    tools::packages("tests/browser")?;
    tools::packages("tests/bench")?;
    let chromium = tools::chromium()?;
    let server = Server::start(&site::build()?, "/", Some(0))?;
    let run = Cmd::new("node")
        .arg("frames.mjs")
        .args(TABLES.iter().take(if quick { 1 } else { TABLES.len() }).map(u32::to_string))
        .env("RELATA_URL", &server.url)
        .env("CHROME_PATH", chromium)
        .dir(&workspace::root().join("tests/bench"));
    Ok(render(&lines(&run.output()?)?))
}

fn render(results: &[Value]) -> String {
    let mut out = format!(
        "# Benchmarks of frames\n\nMade by `cargo xtask bench frames` on {}. The page of Relata and [React Flow](https://www.npmjs.com/package/@xyflow/react), \
         with its own culling on, show the same made-up tables with all their columns and keys, in a window of 1440 by 900 pixels, and are dragged and \
         zoomed alike. A frame's cost is what script, style, layout and painting took of the page's main thread from one frame to the next, in \
         processor time as Chromium traces it.\n\nGoal: up to {GOAL_UP_TO} tables 95 of 100 frames within {GOAL} ms.\n\n\
         | tables | movement | Relata: frames | median, ms | 95 % within, ms | React Flow: frames | median, ms | 95 % within, ms | goal |\n\
         |--:|---|--:|--:|--:|--:|--:|--:|---|\n",
        machine()
    );
    for result in results {
        let cells = |who: &str| {
            let of = &result[who];
            format!("{} | {:.1} | {:.1}", of["frames"], number(&of["median"]), number(&of["most"]))
        };
        let within = number(&result["relata"]["most"]) < GOAL;
        let goal = match (result["tables"].as_u64() <= Some(GOAL_UP_TO), within) {
            (false, _) => "none",
            (true, true) => "reached",
            (true, false) => "missed",
        };
        let (tables, movement) = (&result["tables"], text(&result["movement"]));
        out.push_str(&format!("| {tables} | {movement} | {} | {} | {goal} |\n", cells("relata"), cells("reactFlow")));
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_tells_which_goals_are_reached() {
        let result = |tables: u32, most: f64| {
            json!({
                "tables": tables, "movement": "zoom in",
                "relata": { "frames": 60, "median": 1.25, "most": most }, "reactFlow": { "frames": 7, "median": 80.0, "most": 300.0 },
            })
        };
        let page = render(&[result(1000, 4.0), result(1000, 16.5), result(5000, 20.0)]);
        for expected in [
            "| 1000 | zoom in | 60 | 1.2 | 4.0 | 7 | 80.0 | 300.0 | reached |",
            "| 1000 | zoom in | 60 | 1.2 | 16.5 | 7 | 80.0 | 300.0 | missed |",
            "| 5000 | zoom in | 60 | 1.2 | 20.0 | 7 | 80.0 | 300.0 | none |",
        ] {
            assert!(page.contains(expected), "{expected}\n{page}");
        }
    }
}
