//! The overview as SVG.

use std::fmt::Write as _;

use super::Graph;
use super::layout::{LABEL, PAD, shorten};
use super::overview::{District, LINE, MAX_NAME, Overview, Tie};
use super::svg::{self, LinkBase, Theme, escape};

/// Draws an overview. Every table that a district names is a link where there are `links`.
pub fn render(graph: &Graph, overview: &Overview, title: &str, theme: Theme, links: Option<&LinkBase>) -> String {
    let mut out = String::new();
    svg::open(&mut out, graph, (overview.width, overview.height), title, theme, links.is_some());
    out.push_str(
        "<style>.rd .ties path{fill:none;stroke:var(--rd-line,#7b8797);stroke-opacity:.55;stroke-linejoin:round}\n\
         .rd text.count{font-size:10px;fill:var(--rd-soft,#667283)}\n.rd text.soft{fill:var(--rd-soft,#667283)}</style>\n<g class=\"ties\">\n",
    );
    for tie in &overview.ties {
        line(&mut out, graph, tie);
    }
    out.push_str("</g>\n");
    for district in &overview.districts {
        area(&mut out, graph, district, links);
    }
    out.push_str("</svg>\n");
    out
}

fn cluster_name(graph: &Graph, cluster: u32) -> &str {
    graph.clusters.get(cluster as usize).map_or("", |c| c.name.as_str())
}

fn line(out: &mut String, graph: &Graph, tie: &Tie) {
    let (from, to) = (cluster_name(graph, tie.from), cluster_name(graph, tie.to));
    let keys = |n: u32| if n == 1 { "1 key".to_owned() } else { format!("{n} keys") };
    let mut title = format!("{from} → {to}: {}", keys(tie.keys));
    if tie.back > 0 {
        let _ = write!(title, "\n{to} → {from}: {}", keys(tie.back));
    }
    // Twice the keys, half a pixel more.
    let all = (tie.keys + tie.back).max(1);
    let width = 10 + 5 * all.ilog2().min(8);
    let _ =
        write!(out, "<g><title>{}</title><path stroke-width=\"{}.{}\" d=\"", escape(&title), width / 10, width % 10);
    svg::rounded(out, &tie.route.points);
    out.push_str("\"/>");
    if let [first, second, ..] = tie.route.points.as_slice() {
        let right = second.x >= first.x;
        let (x, side) = if right { (first.x + 4, "start") } else { (first.x - 4, "end") };
        let _ =
            write!(out, "<text class=\"count\" text-anchor=\"{side}\" x=\"{x}\" y=\"{}\">{all}</text>", first.y - 3);
    }
    out.push_str("</g>\n");
}

fn area(out: &mut String, graph: &Graph, district: &District, links: Option<&LinkBase>) {
    let r = &district.region;
    let hue = svg::hue(graph, r.cluster);
    let name = cluster_name(graph, r.cluster);
    let _ = write!(
        out,
        "<g transform=\"translate({} {})\"><title>{}</title><rect class=\"bg\" width=\"{w}\" height=\"{h}\" rx=\"8\"/>\
         <rect class=\"area a{hue}\" width=\"{w}\" height=\"{h}\" rx=\"8\"/><text class=\"label l{hue}\" x=\"{PAD}\" y=\"23\">{}</text>",
        r.x,
        r.y,
        escape(name),
        escape(&shorten(name, MAX_NAME)),
        w = r.width,
        h = r.height,
    );
    let tables = if district.tables == 1 { "1 table".to_owned() } else { format!("{} tables", district.tables) };
    let mut y = LABEL + LINE - 6;
    let _ = write!(out, "<text class=\"soft\" x=\"{PAD}\" y=\"{y}\">{tables}</text>");
    for table in &district.principal {
        y += LINE;
        let Some(node) = graph.nodes.get(*table as usize) else { continue };
        let text = format!("<text x=\"{PAD}\" y=\"{y}\">{}</text>", escape(&shorten(&node.name, MAX_NAME)));
        let _ = match links {
            Some(links) => write!(out, "<a href=\"{}\">{text}</a>", links.to(node)),
            None => write!(out, "{text}"),
        };
    }
    out.push_str("</g>\n");
}
