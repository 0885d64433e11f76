//! Exports of a small graph with hostile names.

use crate::diagram::{Detail, Diagram, Graph, dbml, layout, mermaid, plantuml, svg, text};

use super::generate::{generated, join, node};

fn small() -> Graph {
    let mut graph = Graph::default();
    graph.nodes.push(node(0, "customer", 1));
    graph.nodes.push(node(1, "order", 1));
    join(&mut graph, 1, 0, "customer_id");
    graph
}

fn hostile() -> Graph {
    let mut graph = Graph::default();
    let names = ["a\"b", "<img src=x onerror=alert(1)>", "1st.table", "%x\\y", "\u{202e}evil\u{1}", "客户😀", ""];
    for (i, name) in names.into_iter().enumerate() {
        graph.nodes.push(node(i, name, 0));
        graph.nodes[i].columns[0].name = name.into();
    }
    graph.nodes.push(node(7, &"n".repeat(2000), 2));
    graph.nodes[7].columns[1].data_type = "numeric(10,2)".to_owned();
    graph.nodes[7].columns[2].data_type = "double precision".to_owned();
    join(&mut graph, 1, 0, "fk");
    graph
}

#[test]
fn mermaid_text() {
    assert_eq!(
        mermaid::render(&small()),
        "erDiagram\n    \"customer\" {\n        uuid id PK\n        text name \"not null\"\n    }\n    \"order\" {\n        uuid id PK\n        \
         text name \"not null\"\n        uuid customer_id FK\n    }\n    \"order\" }o..o| \"customer\" : \"customer_id\"\n"
    );
}

#[test]
fn mermaid_holds_any_name() {
    let text = mermaid::render(&hostile());
    for bad in ['%', '\\', '\u{1}'] {
        assert!(!text.contains(bad), "{bad:?}");
    }
    // Names of one kind of ends at most, even number of quotes on every line.
    assert!(text.lines().all(|l| l.matches('"').count() % 2 == 0));
    assert!(text.contains("numeric(10_2) "), "{text}");
    assert!(text.contains("double_precision "));
    assert!(text.contains(" _fk FK \"fk"), "a column called fk would be read as a key");
    assert!(text.contains("\"1st.table\" {"));
}

#[test]
fn mermaid_divides_what_is_too_large() {
    let graph = generated(500, 4);
    let parts = mermaid::parts(&graph);
    assert!(parts.len() > 1);
    let mut entities = 0;
    let mut relations = 0;
    for part in &parts {
        assert!(part.text.chars().count() < 50_000);
        assert!(part.text.lines().filter(|l| l.contains(" : ")).count() < 500);
        entities += part.text.lines().filter(|l| l.ends_with('{')).count();
        relations += part.text.lines().filter(|l| l.contains(" : ")).count();
    }
    assert_eq!((entities, relations), (graph.nodes.len(), graph.edges.len()));
    assert_eq!(mermaid::parts(&small()).len(), 1);
}

#[test]
fn dbml_text() {
    assert_eq!(
        dbml::render(&small()),
        "Table \"customer\" {\n  \"id\" uuid [pk]\n  \"name\" text [not null]\n}\n\n\
         Table \"order\" {\n  \"id\" uuid [pk]\n  \"name\" text [not null]\n  \"customer_id\" uuid\n}\n\n\
         Ref: \"order\".\"customer_id\" > \"customer\".\"id\" [delete: cascade]\n"
    );
}

#[test]
fn dbml_holds_any_name() {
    let text = dbml::render(&hostile());
    assert!(text.contains("Table \"a'b\" {"));
    assert!(text.contains("numeric(10,2)"));
    assert!(text.contains("\"double precision\""));
    assert!(!text.contains('\\') && !text.contains('\u{1}'));
    assert!(text.lines().all(|l| l.matches('"').count() % 2 == 0));
}

#[test]
fn plantuml_text() {
    let text = plantuml::render(&small());
    assert!(
        text.contains(
            "entity \"order\" as t1 {\n  * id : uuid <<PK>>\n  --\n  * name : text\n  customer_id : uuid <<FK>>\n}\n"
        ),
        "{text}"
    );
    assert!(text.contains("t1 }o..o| t0 : customer_id\n"));
    let hostile = plantuml::render(&hostile());
    assert!(hostile.contains("<U+003C>img src<U+003D>x onerror<U+003D>alert(1)<U+003E>"));
}

#[test]
fn plain_text() {
    assert_eq!(
        text::render(&small()),
        "customer\n  PK  id    uuid\n      name  text\n  ← order.customer_id\n\n\
         order\n  PK  id           uuid\n      name         text\n  FK  customer_id  uuid  null  → customer.id (on delete cascade)\n\n"
    );
    assert!(!text::render(&hostile()).contains(['\u{1}', '\u{202e}']));
}

#[test]
fn svg_escapes_everything() {
    let graph = hostile();
    let layout = layout::layout(&graph, Detail::Columns);
    let svg = svg::render(&Diagram { graph, layout }, "<title> & \"more\"", svg::Theme::Auto);
    assert!(!svg.contains("<img"));
    assert!(svg.contains("&lt;title&gt; &amp; &quot;more&quot;"));
    assert!(!svg.contains(['\u{1}', '\u{202e}']));
    // The long name is cut on the picture and whole in the title.
    assert!(svg.contains("…") && svg.contains(&"n".repeat(2000)));
    // Every tag that opens closes.
    for tag in ["svg", "g", "text", "title", "style", "defs", "desc", "tspan"] {
        let opened = svg.matches(&format!("<{tag}>")).count() + svg.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, svg.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}
