//! SVG: the picture as one file that stands alone. Text stays text, styles are classes, every title is the full name, and both themes are in it.
//!
//! Colours are custom properties with the light values as fallbacks, so that a page which embeds the file can set its own; without one the
//! file follows the reader's theme.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::layout::{self, HEADER, Layout, MAX_NAME, MAX_TYPE, NodeBox, PAD, Point};
use super::{Cardinality, Diagram, Edge, EdgeKind, Graph, Node, NodeColumn};
use crate::name::Name;
use crate::order::Order;

/// How the file is coloured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    Auto,
    /// Light, for paper.
    Light,
    /// Dark.
    Dark,
}

/// Twelve hues for clusters in either theme: stripe and label in light, area in light, stripe in dark, area in dark. Neighbours in the list differ in
/// lightness as well as hue, so that they stay apart without colour vision.
const HUES: [[&str; 4]; 12] = [
    ["#3f6fb5", "#edf2fa", "#7ba4e0", "#141d2b"],
    ["#b8621b", "#fbf1e8", "#e59a5c", "#271b12"],
    ["#2f8f83", "#e9f5f3", "#62c2b5", "#10221f"],
    ["#a04a7d", "#f8edf4", "#d98bb8", "#25151e"],
    ["#6b8e23", "#f2f6e8", "#a9c766", "#1b210f"],
    ["#6a5acd", "#f0eefb", "#a79cf0", "#1a1729"],
    ["#b3423e", "#fbeeed", "#e88782", "#281514"],
    ["#1f7ea8", "#e8f3f8", "#5fb6dc", "#0f2029"],
    ["#8a7413", "#f7f3e3", "#cdb65a", "#231f0e"],
    ["#4e8a4a", "#edf5ec", "#8cc487", "#142113"],
    ["#8c5aa8", "#f5eef8", "#c299da", "#20162a"],
    ["#64748b", "#f0f3f6", "#9aa9bd", "#171c23"],
];

/// Draws a diagram. `title` names the schema; it is the file's title for people and machines alike.
pub fn render(diagram: &Diagram, title: &str, theme: Theme) -> String {
    render_linked(diagram, title, theme, None)
}

/// The same with every table's name as a link to its own place: `links` and what [`anchor`] makes of the table.
pub fn render_linked(diagram: &Diagram, title: &str, theme: Theme, links: Option<&LinkBase>) -> String {
    let Diagram { graph, layout } = diagram;
    let mut out = String::with_capacity(4096 + graph.nodes.len() * 900 + graph.edges.len() * 200);
    open(&mut out, graph, (layout.width, layout.height), title, theme, links.is_some());
    regions(&mut out, graph, layout);
    out.push_str("<g class=\"lines\" transform=\"translate(.5 .5)\">\n");
    lines(&mut out, graph, layout);
    out.push_str("</g>\n");
    let home = graph.home_schema();
    for (node, shape) in graph.nodes.iter().zip(&layout.boxes) {
        table(&mut out, graph, home, node, shape, links);
    }
    region_labels(&mut out, graph, layout);
    out.push_str("</svg>\n");
    out
}

/// Where links to tables lead: an address that an anchor goes behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkBase(String);

impl LinkBase {
    /// Takes `https://…`, `http://…` and relative addresses; `None` for anything else, since `javascript:` in a picture would run.
    pub fn new(base: &str) -> Option<Self> {
        let clean = !base.chars().any(|c| c.is_control() || c.is_whitespace());
        let colon = base.find(':').filter(|at| base.find(['/', '?', '#']).is_none_or(|other| *at < other));
        let web = ["http://", "https://"]
            .iter()
            .any(|scheme| base.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
        (clean && (colon.is_none() || web)).then(|| Self(base.to_owned()))
    }

    /// The address of a table, for an attribute.
    pub(super) fn to(&self, node: &Node) -> String {
        format!("{}{}", escape(&self.0), anchor(node))
    }
}

/// What a table is called in an address: `schema.table`, with all but letters, digits and `-_.~` as percent codes of UTF-8 (RFC 3986, 2.3).
pub fn anchor(node: &Node) -> String {
    let mut out = String::new();
    for byte in format!("{}.{}", node.schema, node.name).bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The head of the file, up to the ground that everything stands on.
pub(super) fn open(
    out: &mut String,
    graph: &Graph,
    (width, height): (i32, i32),
    title: &str,
    theme: Theme,
    links: bool,
) {
    // A picture is one thing to assistive technology; one with links is not.
    let role = if links { "graphics-document" } else { "img" };
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"rd\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"{role}\">\n<title>{}</title>\n<desc>{}</desc>\n",
        escape(title),
        escape(&describe(graph)),
    );
    style(out, graph, theme);
    out.push_str("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n");
}

/// One sentence of what the picture shows.
fn describe(graph: &Graph) -> String {
    let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let keys = graph.edges.iter().filter(|e| e.kind != EdgeKind::Reads).count();
    let tables = graph.nodes.iter().filter(|n| matches!(n.id, super::NodeId::Table(_))).count();
    let views = graph.nodes.len() - tables;
    let mut text = format!("Entity-relationship diagram of {}", count(tables, "table", "tables"),);
    if views > 0 {
        let _ = write!(text, " and {}", count(views, "view", "views"));
    }
    let _ = write!(text, " with {}.", count(keys, "foreign key", "foreign keys"));
    text
}

fn style(out: &mut String, graph: &Graph, theme: Theme) {
    const LIGHT: &str = "--rd-bg:#f7f8fa;--rd-box:#fff;--rd-edge:#c9d0da;--rd-head:#f3f5f8;--rd-text:#1b2430;--rd-soft:#667283;\
                         --rd-line:#7b8797;--rd-key:#8a6d1f;--rd-rule:#eceff3";
    const DARK: &str = "--rd-bg:#0f1318;--rd-box:#171c23;--rd-edge:#343d4a;--rd-head:#1d242d;--rd-text:#e3e8ef;--rd-soft:#93a0b1;\
                        --rd-line:#7d8a9b;--rd-key:#d4b35a;--rd-rule:#222a34";
    let mut used: Vec<u8> = graph.clusters.iter().map(|c| c.hue % 12).collect();
    used.order();
    used.dedup();
    let hues = |dark: bool| {
        let mut text = String::new();
        for hue in &used {
            if let Some([strong, soft, dark_strong, dark_soft]) = HUES.get(usize::from(*hue)) {
                let (strong, soft) = if dark { (dark_strong, dark_soft) } else { (strong, soft) };
                let _ = write!(text, ";--rd-c{hue}:{strong};--rd-a{hue}:{soft}");
            }
        }
        text
    };
    out.push_str("<style>\n");
    match theme {
        Theme::Light => {
            let _ = writeln!(out, ".rd{{{LIGHT}{};color-scheme:light}}", hues(false));
        }
        Theme::Dark => {
            let _ = writeln!(out, ".rd{{{DARK}{};color-scheme:dark}}", hues(true));
        }
        Theme::Auto => {
            let _ = writeln!(out, ".rd{{{LIGHT}{}}}", hues(false));
            let _ = writeln!(out, "@media (prefers-color-scheme:dark){{.rd{{{DARK}{}}}}}", hues(true));
            // Paper is white whatever the screen is.
            let _ = writeln!(out, "@media print{{.rd{{{LIGHT}{}}}}}", hues(false));
        }
    }
    out.push_str(
        ".rd text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:12px;fill:var(--rd-text,#1b2430)}\n\
         .rd .bg{fill:var(--rd-bg,#f7f8fa)}\n\
         .rd .box{fill:var(--rd-box,#fff)}\n\
         .rd .frame{fill:none;stroke:var(--rd-edge,#c9d0da)}\n\
         .rd .head{fill:var(--rd-head,#f3f5f8)}\n\
         .rd .rule{stroke:var(--rd-edge,#c9d0da)}\n\
         .rd text.name{font-size:13px;font-weight:600}\n\
         .rd .soft{fill:var(--rd-soft,#667283)}\n\
         .rd text .soft{font-weight:400}\n\
         .rd .kind{font-size:11px;fill:var(--rd-soft,#667283)}\n\
         .rd .type{fill:var(--rd-soft,#667283);text-anchor:end}\n\
         .rd .nn{font-weight:600}\n\
         .rd-pk{fill:var(--rd-key,#8a6d1f)}\n\
         .rd-fk{fill:none;stroke:var(--rd-soft,#667283);stroke-width:1.3}\n\
         .rd-uq{fill:none;stroke:var(--rd-soft,#667283);stroke-width:1.2}\n\
         .rd .lines path{fill:none;stroke:var(--rd-line,#7b8797);stroke-width:1;stroke-linejoin:round}\n\
         .rd .lines path.id{stroke-width:1.8}\n\
         .rd .lines path.reads{stroke:var(--rd-soft,#667283);stroke-width:.8;stroke-opacity:.7}\n\
         .rd .lines circle{fill:var(--rd-bg,#f7f8fa);stroke:var(--rd-line,#7b8797);stroke-width:1}\n\
         .rd .area{stroke-width:1;stroke-opacity:.35}\n\
         .rd text.label{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;font-size:15px;font-weight:600}\n",
    );
    for hue in &used {
        if let Some([strong, soft, ..]) = HUES.get(usize::from(*hue)) {
            let _ = writeln!(
                out,
                ".rd .c{hue}{{fill:var(--rd-c{hue},{strong})}}.rd .a{hue}{{fill:var(--rd-a{hue},{soft});stroke:var(--rd-c{hue},{strong})}}\
                 .rd text.l{hue}{{fill:var(--rd-c{hue},{strong})}}",
            );
        }
    }
    // Icons are drawn once and used by every row.
    out.push_str(
        "</style>\n<defs>\n\
         <g id=\"rd-pk\"><path class=\"rd-pk\" d=\"M4-4a4 4 0 1 0 3.9 5H10v2h2V1h1v-2H7.9A4 4 0 0 0 4-4zm0 2.4A1.6 1.6 0 1 1 4 1.600A1.6 1.6 0 0 1 4-1.600z\"/></g>\n\
         <g id=\"rd-fk\"><path class=\"rd-fk\" d=\"M1 0H10M7-3L10 0L7 3\"/></g>\n\
         <g id=\"rd-uq\"><path class=\"rd-uq\" d=\"M5.500-4L9.500 0L5.500 4L1.500 0Z\"/></g>\n</defs>\n",
    );
}

pub(super) fn hue(graph: &Graph, cluster: u32) -> u8 {
    graph.clusters.get(cluster as usize).map_or(0, |c| c.hue % 12)
}

fn regions(out: &mut String, graph: &Graph, layout: &Layout) {
    for r in &layout.regions {
        let hue = hue(graph, r.cluster);
        let _ = writeln!(
            out,
            "<rect class=\"area a{hue}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>",
            r.x, r.y, r.width, r.height
        );
    }
}

fn region_labels(out: &mut String, graph: &Graph, layout: &Layout) {
    for r in &layout.regions {
        let Some(cluster) = graph.clusters.get(r.cluster as usize) else { continue };
        // Labels are set in a wider face than table text: about 9 px a character.
        let most = usize::try_from((r.width - 32) / 9).unwrap_or(4).max(4);
        let _ = writeln!(
            out,
            "<text class=\"label l{}\" x=\"{}\" y=\"{}\">{}<title>{}</title></text>",
            cluster.hue % 12,
            r.x + 16,
            r.y + 23,
            escape(&layout::shorten(&cluster.name, most)),
            escape(&cluster.name)
        );
    }
}

fn table(out: &mut String, graph: &Graph, home: Option<&Name>, node: &Node, shape: &NodeBox, links: Option<&LinkBase>) {
    let NodeBox { x, y, width, height, .. } = *shape;
    let hue = hue(graph, node.cluster);
    let (schema, name, kind) = layout::header(home, node);
    let mut title = node.path();
    if let Some(comment) = &node.comment {
        let _ = write!(title, "\n{comment}");
    }
    let _ = write!(out, "<g transform=\"translate({x} {y})\"><title>{}</title>", escape(&title));
    let bare = shape.rows.is_empty();
    let _ = write!(out, "<rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>");
    let head = if bare { height } else { HEADER };
    // Round corners above, straight edge below.
    if bare {
        let _ = write!(out, "<rect class=\"head\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>");
    } else {
        let _ =
            write!(out, "<path class=\"head\" d=\"M0 {head}V4a4 4 0 0 1 4-4H{}a4 4 0 0 1 4 4V{head}Z\"/>", width - 4);
    }
    let _ = write!(out, "<path class=\"c{hue}\" d=\"M0 4a4 4 0 0 1 4-4H{}a4 4 0 0 1 4 4Z\"/>", width - 4);
    let base = head / 2 + 6;
    let schema = schema.map(|s| format!("<tspan class=\"soft\">{}</tspan>", escape(&s))).unwrap_or_default();
    let text = format!("<text class=\"name\" x=\"{PAD}\" y=\"{base}\">{schema}{}</text>", escape(&name));
    match links {
        Some(links) => {
            let _ = write!(out, "<a href=\"{}\">{text}</a>", links.to(node));
        }
        None => out.push_str(&text),
    }
    if let Some(kind) = kind {
        let _ = write!(
            out,
            "<text class=\"kind\" text-anchor=\"end\" x=\"{}\" y=\"{base}\">{}</text>",
            width - PAD,
            escape(&kind)
        );
    }
    if !bare {
        let _ = write!(out, "<path class=\"rule\" d=\"M0 {HEADER}H{width}\"/>");
    }
    for (row, place) in shape.rows.iter().enumerate() {
        if let Some(column) = node.columns.get(*place as usize) {
            row_text(out, column, layout::row_middle(row), width);
        }
    }
    let _ = writeln!(
        out,
        "<rect class=\"frame\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"3.500\"/></g>",
        width - 1,
        height - 1
    );
}

fn row_text(out: &mut String, column: &NodeColumn, middle: i32, width: i32) {
    let icon = match (column.primary, column.foreign, column.unique) {
        (true, ..) => "rd-pk",
        (_, true, _) => "rd-fk",
        (_, _, true) => "rd-uq",
        _ => "",
    };
    if !icon.is_empty() {
        let _ = write!(out, "<use href=\"#{icon}\" x=\"{}\" y=\"{middle}\"/>", PAD - 2);
    }
    let base = middle + 4;
    let name = layout::shorten(&column.name, MAX_NAME);
    let title =
        if name == column.name.as_str() { String::new() } else { format!("<title>{}</title>", escape(&column.name)) };
    let weight = if column.not_null { " class=\"nn\"" } else { "" };
    let _ = write!(out, "<text{weight} x=\"{}\" y=\"{base}\">{}{title}</text>", PAD + layout::ICON, escape(&name));
    if !column.data_type.is_empty() {
        let shown = layout::shorten(&column.data_type, MAX_TYPE);
        let title = if shown == column.data_type {
            String::new()
        } else {
            format!("<title>{}</title>", escape(&column.data_type))
        };
        let _ = write!(out, "<text class=\"type\" x=\"{}\" y=\"{base}\">{}{title}</text>", width - PAD, escape(&shown));
    }
}

fn lines(out: &mut String, graph: &Graph, layout: &Layout) {
    // Corners, from the parent's end, that a line to the same place has drawn already: a trunk drawn once is as thin as any line.
    let mut drawn: BTreeSet<(u32, Vec<Point>)> = BTreeSet::new();
    for (edge, route) in graph.edges.iter().zip(&layout.routes) {
        let class = match (edge.kind, edge.identifying) {
            (EdgeKind::Reads, _) => " class=\"reads\"",
            (_, true) => " class=\"id\"",
            _ => "",
        };
        let points = &route.points;
        let shared = (0..points.len())
            .find(|from| points.get(*from..).is_some_and(|tail| drawn.contains(&(edge.to, tail.to_vec()))))
            .unwrap_or(points.len());
        for from in 1..points.len().saturating_sub(1) {
            drawn.insert((edge.to, points.get(from..).unwrap_or_default().to_vec()));
        }
        let own = points.get(..(shared + 1).min(points.len())).unwrap_or_default();
        let _ = write!(out, "<g><title>{}</title><path{class} d=\"", escape(&edge_title(graph, edge)));
        rounded(out, own);
        if edge.kind == EdgeKind::Reads {
            out.push_str("\"/></g>\n");
            continue;
        }
        let mut circles = Vec::new();
        if let [first, second, ..] = points.as_slice() {
            end(out, &mut circles, *first, second.x >= first.x, edge.child);
        }
        if shared >= points.len()
            && let [.., before, last] = points.as_slice()
        {
            end(out, &mut circles, *last, before.x >= last.x, edge.parent);
        }
        out.push_str("\"/>");
        for (x, y) in circles {
            let _ = write!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\"/>");
        }
        out.push_str("</g>\n");
    }
}

/// What pointing at a line says: `order_line (order_id) → orders (id) on delete cascade`.
fn edge_title(graph: &Graph, edge: &Edge) -> String {
    let side = |node: u32, columns: &[u32]| {
        let Some(node) = graph.nodes.get(node as usize) else { return String::new() };
        let names: Vec<&str> =
            columns.iter().filter_map(|c| node.columns.get(*c as usize)).map(|c| c.name.as_str()).collect();
        if names.is_empty() { node.name.to_string() } else { format!("{} ({})", node.name, names.join(", ")) }
    };
    let mut text = format!("{} → {}", side(edge.from, &edge.from_columns), side(edge.to, &edge.to_columns));
    if edge.on_delete != crate::operation::ReferentialAction::NoAction {
        let _ = write!(text, ", on delete {}", edge.on_delete.sql().to_lowercase());
    }
    text
}

/// A path with small round corners.
pub(super) fn rounded(out: &mut String, points: &[Point]) {
    const RADIUS: i32 = 5;
    let Some(first) = points.first() else { return };
    let _ = write!(out, "M{} {}", first.x, first.y);
    let toward = |from: Point, to: Point, by: i32| Point {
        x: from.x + (to.x - from.x).signum() * by,
        y: from.y + (to.y - from.y).signum() * by,
    };
    let distance = |a: Point, b: Point| (a.x - b.x).abs() + (a.y - b.y).abs();
    for corner in points.windows(3) {
        let [a, b, c] = corner else { continue };
        let radius = RADIUS.min(distance(*a, *b) / 2).min(distance(*b, *c) / 2);
        let (from, to) = (toward(*b, *a, radius), toward(*b, *c, radius));
        let _ = write!(out, "L{} {}Q{} {} {} {}", from.x, from.y, b.x, b.y, to.x, to.y);
    }
    if let Some(last) = points.last() {
        let _ = write!(out, "L{} {}", last.x, last.y);
    }
}

/// The mark at an end, in crow's-foot notation: outermost how many at most, then how many at least. The line leaves to the right or left.
fn end(out: &mut String, circles: &mut Vec<(i32, i32)>, at: Point, right: bool, cardinality: Cardinality) {
    let away = if right { 1 } else { -1 };
    let x = |by: i32| at.x + away * by;
    let bar = |out: &mut String, by: i32| {
        let _ = write!(out, "M{} {}V{}", x(by), at.y - 4, at.y + 4);
    };
    match cardinality {
        Cardinality::One => {
            bar(out, 6);
            bar(out, 9);
        }
        Cardinality::ZeroOrOne => {
            bar(out, 6);
            circles.push((x(11), at.y));
        }
        Cardinality::Many => {
            let _ = write!(out, "M{} {}L{} {}L{} {}", at.x, at.y - 5, x(10), at.y, at.x, at.y + 5);
            circles.push((x(13), at.y));
        }
    }
}

/// Text for XML: markup escaped, what XML 1.0 cannot hold replaced (W3C XML 1.0, production 2 "Char").
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if super::turns_text(c) => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}
