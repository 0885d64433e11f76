//! `relata diagram`.

use std::path::{Path, PathBuf};

use relata_core::diagram::{
    self, Detail, Diagram, Graph, Language, Written, mermaid, overview, svg, svg_overview, text, walk,
};
use relata_core::report;

use crate::args::{self, DiagramFormat, Draw, Show, ThemeChoice};
use crate::output::{note, write};
use crate::{Failure, Outcome, input, one_target};

pub(crate) fn command(command: &args::Diagram) -> Result<Outcome, Failure> {
    let Draw { show, overview: of_clusters, link_base, theme, .. } = &command.draw;
    let links = match link_base {
        Some(base) => Some(svg::LinkBase::new(base).ok_or_else(|| {
            Failure::Usage(format!("--link-base: `{base}` is neither an http(s) address nor a relative one"))
        })?),
        None => None,
    };
    let svg_alone =
        [("--overview", *of_clusters), ("--link-base", links.is_some()), ("--theme", *theme != ThemeChoice::Auto)];
    if command.format != DiagramFormat::Svg
        && let Some((option, _)) = svg_alone.iter().find(|(_, given)| *given)
    {
        return Err(Failure::Usage(format!("{option}: only an SVG has that")));
    }
    let analysis = input::read(&command.input)?;
    let Some(target) = one_target(&analysis)? else { return Ok(Outcome::Nothing) };
    let whole = diagram::Options { include_views: command.draw.views, ..diagram::Options::default() };
    let graph = diagram::graph(target.schema(), &whole);
    if let (Some(name), DiagramFormat::Text) = (&command.draw.cascade, command.format) {
        let reach = text::reach(&graph, &walk::cascade(&graph, one(&graph, "--cascade", name)?));
        return write(&report::inert(reach), command.output.as_deref()).map(|()| Outcome::Well);
    }
    let graph = part(graph, &command.draw)?;
    let detail = match show {
        Show::All => Detail::Columns,
        Show::Keys => Detail::Keys,
        Show::Names => Detail::Names,
    };
    let written = |language: Language| language.write(&graph, detail);
    let text = match command.format {
        DiagramFormat::Svg => {
            let title = report::project_name(&analysis);
            let theme = match theme {
                ThemeChoice::Auto => svg::Theme::Auto,
                ThemeChoice::Light => svg::Theme::Light,
                ThemeChoice::Dark => svg::Theme::Dark,
            };
            if *of_clusters {
                svg_overview::render(&graph, &overview::overview(&graph), &title, theme, links.as_ref())
            } else {
                let layout = diagram::layout::layout(&graph, detail);
                svg::render_linked(&Diagram { graph, layout }, &title, theme, links.as_ref())
            }
        }
        DiagramFormat::Mermaid => match written(Language::Mermaid) {
            Written::Parts(parts) => return write_parts(&parts, command.output.as_deref()),
            Written::Whole(text) => text,
        },
        DiagramFormat::Dbml => written(Language::Dbml).into_text(),
        DiagramFormat::PlantUml => written(Language::PlantUml).into_text(),
        DiagramFormat::Text => written(Language::Text).into_text(),
    };
    write(&report::inert(text), command.output.as_deref()).map(|()| Outcome::Well)
}

/// Mermaid refuses large diagrams: one file for each part where there is a file to write, else a Markdown page with a block for each.
fn write_parts(parts: &[mermaid::Part], output: Option<&Path>) -> Result<Outcome, Failure> {
    match output.filter(|o| o.as_os_str() != "-") {
        Some(file) => {
            let mut names = Vec::new();
            for (number, part) in (1u32..).zip(parts) {
                let file = numbered(file, number);
                write(&report::inert(part.text.clone()), Some(&file))?;
                names.push(file.display().to_string());
            }
            note(&format!("too much for one diagram of Mermaid; written in parts: {}", names.join(", ")));
        }
        None => {
            note("too much for one diagram of Mermaid: this is Markdown with a block for each part");
            write(&report::inert(mermaid::page(parts)), None)?;
        }
    }
    Ok(Outcome::Well)
}

/// `shop.mmd` as `shop-2.mmd`.
fn numbered(file: &Path, number: u32) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let end = file.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}-{number}{end}"))
}

/// The part of the graph that was asked for.
fn part(graph: Graph, draw: &Draw) -> Result<Graph, Failure> {
    let ways = [!draw.focus.is_empty(), draw.from.is_some() || draw.to.is_some(), draw.cascade.is_some()];
    if ways.iter().filter(|w| **w).count() > 1 {
        return Err(Failure::Usage(
            "--focus, --from with --to, and --cascade each choose tables: give one of them".into(),
        ));
    }
    if draw.hops.is_some() && draw.focus.is_empty() {
        return Err(Failure::Usage("--hops says how far around --focus, which is missing".into()));
    }
    match (&draw.from, &draw.to) {
        (Some(from), Some(to)) => {
            let ends = [one(&graph, "--from", from)?, one(&graph, "--to", to)?];
            let way = walk::path(&graph, ends[0], ends[1])
                .ok_or_else(|| Failure::Unusable(format!("no foreign keys lead from {from} to {to}")))?;
            let mut edges = way;
            edges.sort_unstable();
            return Ok(walk::along(&graph, ends, &edges));
        }
        (None, None) => {}
        _ => return Err(Failure::Usage("--from and --to go together".into())),
    }
    if let Some(name) = &draw.cascade {
        return Ok(walk::cascade(&graph, one(&graph, "--cascade", name)?).part(&graph));
    }
    if draw.focus.is_empty() {
        return Ok(graph);
    }
    let mut starts = Vec::new();
    for name in &draw.focus {
        let found = walk::named(&graph, name);
        if found.is_empty() {
            return Err(no_table("--focus", name));
        }
        starts.extend(found);
    }
    Ok(walk::near(&graph, &starts, draw.hops.unwrap_or(1)))
}

/// The one table that a name means.
fn one(graph: &Graph, option: &str, name: &str) -> Result<u32, Failure> {
    match walk::named(graph, name).as_slice() {
        [] => Err(no_table(option, name)),
        [one] => Ok(*one),
        several => {
            let paths: Vec<String> =
                several.iter().filter_map(|n| graph.nodes.get(*n as usize)).take(5).map(diagram::Node::path).collect();
            Err(Failure::Unusable(format!("{option}: `{name}` may be {}", paths.join(", "))))
        }
    }
}

fn no_table(option: &str, name: &str) -> Failure {
    Failure::Unusable(format!("{option}: no table is called `{name}`"))
}
