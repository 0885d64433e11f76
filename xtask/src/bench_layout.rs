//! The part of `cargo xtask bench` on layouts: Relata's drawings beside those of Graphviz, ELK and dagre of the same boxes and keys, in one run.
//!
//! The program `layout` of the package `relata-tests` draws Relata's; `tests/bench/layout.mjs` has the others draw, and measures all with one counter
//! (`tests/bench/measure.mjs`).

use std::path::Path;

use serde_json::Value;

use crate::bench::{generated, lines, machine, number, text};
use crate::process::Cmd;
use crate::{Result, tools, workspace};

/// Schemas of the corpus of 50 to 300 tables, smallest first.
const REAL: [(&str, &str); 12] = [
    ("documenso", "_pgdumps/pg-documenso.sql"),
    ("openstreetmap", "pg-openstreetmap/structure.sql"),
    ("wagtail", "django-wagtail-pgdump/pgdump.sql"),
    ("papermark", "_pgdumps/pg-papermark.sql"),
    ("gitness", "_pgdumps/pg-gitness.sql"),
    ("danbooru", "pg-danbooru/structure.sql"),
    ("langfuse", "_pgdumps/pg-langfuse.sql"),
    ("hatchet", "_pgdumps/pg-hatchet.sql"),
    ("ledgersmb", "_pgdumps/pg-ledgersmb.sql"),
    ("synapse", "_pgdumps/pg-synapse.sql"),
    ("sourcegraph", "pg-sourcegraph-frontend/squashed.sql"),
    ("chado", "pg-chado/default_schema.sql"),
];
/// Generated schemas: tables, columns in each, foreign keys, indexes.
const GENERATED: [[u32; 4]; 4] =
    [[100, 15, 150, 300], [300, 15, 450, 900], [1_000, 15, 1_500, 3_000], [5_000, 15, 7_500, 15_000]];
/// The tools, as `layout.mjs` calls them.
const TOOLS: [&str; 4] = ["relata", "graphviz", "elkjs", "dagre"];
/// Up to how many tables no tool may have fewer crossings.
const MANY: u64 = 300;

/// Measures and gives back the page `docs/benchmarks-layout.md`. Quick: without the graphs over which the others take minutes.
pub(crate) fn page(corpus: &Path, rounds: u32, quick: bool) -> Result<String> {
    tools::packages("tests/bench")?;
    tools::graphviz()?;
    let mut inputs = Vec::new();
    for (name, file) in REAL {
        let file = corpus.join("corpus/dev").join(file);
        if file.is_file() {
            inputs.push(format!("{name}={}", file.display()));
        } else {
            println!("skipped: no {}", file.display());
        }
    }
    for shape in GENERATED.iter().take(if quick { 2 } else { GENERATED.len() }) {
        let [tables, ..] = shape;
        inputs.push(format!("generated {tables}={}", generated(corpus, *shape)?.display()));
    }
    let drawn = Cmd::new("cargo")
        .args(["run", "--quiet", "--profile", "fast", "--package", "relata-tests", "--bin", "layout", "--"])
        .arg(rounds.to_string())
        .args(&inputs)
        .output()?;
    let graphs = workspace::tools().join("bench/graphs.jsonl");
    workspace::write(&graphs, drawn.as_bytes())?;
    let measured =
        Cmd::new("node").arg("layout.mjs").arg(&graphs).dir(&workspace::root().join("tests/bench")).output()?;
    Ok(render(&lines(&measured)?))
}

fn render(results: &[Value]) -> String {
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line("# Benchmarks of the layout\n");
    line(&format!(
        "Made by `cargo xtask bench layout` on {}. Relata, [Graphviz](https://graphviz.org) `dot`, [elkjs](https://www.npmjs.com/package/elkjs) \
         (layered, orthogonal) and [dagre](https://www.npmjs.com/package/@dagrejs/dagre) get the same boxes, sized for all columns, and the same foreign keys, \
         draw from left to right, and otherwise have their own defaults. Real schemas are of the corpus; generated ones have keys at random with a \
         few tables that much refers to, which no module follows.\n",
        machine()
    ));
    line(
        "Times are the least of several rounds in one run. Relata and Graphviz run natively (Graphviz with the start of its process), the other two in \
         Node.js. One counter measures all drawings (`tests/bench/measure.mjs`): *crossings* are the places where lines cross; *pairs* counts every two edges \
         that cross, so that a line which crosses a trunk of ten edges counts once among the former and ten times among the latter. Only \
         Relata lets edges to one key share a trunk, and only Relata keeps modules together and the drawing near the shape of a screen.\n",
    );
    line("## Against the goals\n");
    line("| graph | tables | crossings, of the best other's | time, of the fastest other's | time, of elkjs's |");
    line("|---|--:|--:|--:|--:|");
    for result in results {
        let own = &result["tools"]["relata"];
        let others = || TOOLS.iter().skip(1).map(|t| &result["tools"][*t]);
        let best = |key: &str| others().filter_map(|o| o[key].as_f64()).min_by(f64::total_cmp);
        let crossings = match best("points") {
            _ if result["tables"].as_u64() > Some(MANY) => "no goal".to_owned(),
            Some(best) => format!("{:.0} of {best:.0}", number(&own["points"])),
            None => "no other".to_owned(),
        };
        let share =
            |of: Option<f64>| of.map_or("not finished".to_owned(), |of| format!("{:.3}", number(&own["ms"]) / of));
        line(&format!(
            "| {} | {} | {crossings} | {} | {} |",
            text(&result["name"]),
            result["tables"],
            share(best("ms")),
            share(result["tools"]["elkjs"]["ms"].as_f64())
        ));
    }
    line(
        "\nGoals: no more crossings than the best of the others at 50 to 300 tables; faster than all; at 1,000 tables less than a tenth of elkjs's time.\n",
    );
    for result in results {
        line(&format!("## {}\n", text(&result["name"])));
        line(&format!("{} tables, {} foreign keys.\n", result["tables"], result["keys"]));
        line("| tool | ms | crossings | pairs | length of lines, thousand px | size, px | width by height |");
        line("|---|--:|--:|--:|--:|--:|--:|");
        for tool in TOOLS {
            let m = &result["tools"][tool];
            if let Some(why) = m["failed"].as_str() {
                line(&format!("| {tool} | {why} | | | | | |"));
                continue;
            }
            line(&format!(
                "| {tool} | {:.1} | {} | {} | {:.0} | {} × {} | {:.2} |",
                number(&m["ms"]),
                m["points"],
                m["pairs"],
                number(&m["length"]) / 1e3,
                m["width"],
                m["height"],
                number(&m["width"]) / number(&m["height"]).max(1.0)
            ));
        }
        line("");
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_compares_with_the_best_of_the_others() {
        let drawing = |ms: f64, points: u64| json!({ "ms": ms, "points": points, "pairs": 9, "length": 4000, "width": 300, "height": 200 });
        let tools = json!({
            "relata": drawing(2.0, 5), "graphviz": drawing(8.0, 9), "elkjs": drawing(40.0, 7), "dagre": { "failed": "not within 2 s" },
        });
        let page = render(&[json!({ "name": "shop", "tables": 60, "keys": 80, "tools": tools })]);
        for expected in [
            "| shop | 60 | 5 of 7 | 0.250 | 0.050 |",
            "| relata | 2.0 | 5 | 9 | 4 | 300 × 200 | 1.50 |",
            "| dagre | not within 2 s | | | | | |",
        ] {
            assert!(page.contains(expected), "{expected}\n{page}");
        }
    }
}
