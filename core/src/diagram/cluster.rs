//! Clusters: which tables belong together.
//!
//! Tables of different schemas are apart. A schema with many tables is divided further, as its people do: by the first word of the tables'
//! names where several share it (`order`, `order_line`, `order_note`), then each other table joins the group that it is most joined to by
//! foreign keys. A table that a large part of the schema refers to (the tenant, the user) ties nothing together and counts little.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::graph::Cluster;
use super::{Graph, at, bump, list, put};
use crate::order::Order;

/// How many colours clusters have.
pub const HUES: u8 = 12;
/// Schemas with up to this many tables stay whole.
const WHOLE: usize = 24;
/// The least tables that a module has.
const LEAST: usize = 3;
/// The most tables that joining by foreign keys may bring together.
const MOST: usize = 30;
/// Rounds in which tables may change their group.
const ROUNDS: usize = 6;

/// Sets the graph's clusters and each node's place in them. Clusters are in descending order of size, then by name.
pub fn assign(graph: &mut Graph) {
    let mut by_schema: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, node) in graph.nodes.iter().enumerate() {
        by_schema.entry(&node.schema).or_default().push(i);
    }
    let home = graph.home_schema().cloned();
    let neighbours = neighbours(graph);
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (schema, members) in &by_schema {
        if members.len() <= WHOLE {
            groups.push(((*schema).to_owned(), members.clone()));
            continue;
        }
        let modules = modules(graph, members, &neighbours);
        let single = modules.len() == 1;
        for (name, members) in modules {
            let name = match (single, home.as_deref() == Some(*schema)) {
                (true, _) => (*schema).to_owned(),
                (false, true) => name,
                (false, false) => format!("{schema}.{name}"),
            };
            groups.push((name, members));
        }
    }
    groups.order_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    let mut clusters = Vec::with_capacity(groups.len());
    for (place, (name, members)) in groups.into_iter().enumerate() {
        let hue = u8::try_from(place % usize::from(HUES)).unwrap_or(0);
        clusters.push(Cluster { name, hue });
        for node in members {
            if let Some(node) = graph.nodes.get_mut(node) {
                node.cluster = u32::try_from(place).unwrap_or(u32::MAX);
            }
        }
    }
    graph.clusters = clusters;
}

/// For each node the nodes that edges join it to, with weights: the fewer lines an end has, the more its line says.
fn neighbours(graph: &Graph) -> Vec<Vec<(usize, i64)>> {
    let count = graph.nodes.len();
    let mut pairs = BTreeSet::new();
    for edge in &graph.edges {
        let (a, b) = (edge.from as usize, edge.to as usize);
        if a != b {
            pairs.insert((a.min(b), a.max(b)));
        }
    }
    let mut degree = vec![0i64; count];
    for (a, b) in &pairs {
        bump(&mut degree, *a, 1);
        bump(&mut degree, *b, 1);
    }
    let mut neighbours = vec![Vec::new(); count];
    for (a, b) in pairs {
        let weight = (10_000 / (at(&degree, a).max(1) * at(&degree, b).max(1)).isqrt().max(1)).max(1);
        for (a, b) in [(a, b), (b, a)] {
            if let Some(list) = neighbours.get_mut(a) {
                list.push((b, weight));
            }
        }
    }
    neighbours
}

/// How much of what joins tables stays inside clusters, in hundredths; a line counts the less the more lines its ends have. Modules of real schemas keep
/// 65 to 95 of it inside; where names follow no keys it is next to nothing.
pub(super) fn cohesion(graph: &Graph) -> i64 {
    let cluster = |node: usize| graph.nodes.get(node).map(|n| n.cluster);
    let (mut inside, mut all) = (0, 0);
    for (node, joined) in neighbours(graph).iter().enumerate() {
        for (other, weight) in joined {
            all += weight;
            inside += if cluster(node) == cluster(*other) { *weight } else { 0 };
        }
    }
    if all == 0 { 100 } else { inside * 100 / all }
}

/// Divides one schema's tables into named modules.
fn modules(graph: &Graph, members: &[usize], neighbours: &[Vec<(usize, i64)>]) -> Vec<(String, Vec<usize>)> {
    let words: BTreeMap<usize, Vec<String>> =
        members.iter().map(|m| (*m, graph.nodes.get(*m).map(|n| words(&n.name)).unwrap_or_default())).collect();
    // A word in front of most names (`wp_`, `auth_`) is the application's, not a module's.
    let mut skip = 0;
    for _ in 0..3 {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for words in words.values() {
            if let (Some(word), true) = (words.get(skip), words.len() > skip + 1) {
                *counts.entry(word).or_default() += 1;
            }
        }
        match counts.values().max() {
            Some(most) if *most * 10 > members.len() * 6 => skip += 1,
            _ => break,
        }
    }

    let mut group_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut names: Vec<Option<String>> = Vec::new();
    by_words(members, &words, skip, &mut group_of, &mut names);
    let named = names.len();
    for member in members {
        group_of.entry(*member).or_insert_with(|| {
            names.push(None);
            names.len() - 1
        });
    }
    let mut sizes = vec![0usize; names.len()];
    for group in group_of.values() {
        bump(&mut sizes, *group, 1);
    }

    // Tables outside a named module move to the group that most joins them, until nothing moves.
    for _ in 0..ROUNDS {
        let mut moved = false;
        for member in members {
            let Some(here) = group_of.get(member).copied() else { continue };
            if here < named {
                continue;
            }
            let mut pull: BTreeMap<usize, i64> = BTreeMap::new();
            for (other, weight) in list(neighbours, *member) {
                if let Some(group) = group_of.get(other) {
                    *pull.entry(*group).or_default() += weight;
                }
            }
            let now = pull.get(&here).copied().unwrap_or(0);
            let best = pull
                .iter()
                .filter(|(group, _)| **group != here && at(&sizes, **group) < MOST)
                .max_by_key(|(group, pull)| (**pull, Reverse(**group)));
            if let Some((group, pull)) = best
                && *pull > now
            {
                let left = at(&sizes, here).saturating_sub(1);
                put(&mut sizes, here, left);
                bump(&mut sizes, *group, 1);
                group_of.insert(*member, *group);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    join_small(members, neighbours, &mut group_of, &mut sizes);

    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for member in members {
        found.entry(group_of.get(member).copied().unwrap_or(0)).or_default().push(*member);
    }
    // What is still too small to be a district shares one.
    let mut rest = Vec::new();
    let mut modules: Vec<(String, Vec<usize>)> = Vec::new();
    for (group, members) in found {
        if members.len() < LEAST {
            rest.extend(members);
            continue;
        }
        let name = names.get(group).cloned().flatten().unwrap_or_else(|| central(graph, &members, neighbours));
        modules.push((name, members));
    }
    if !rest.is_empty() {
        rest.order();
        let name = if modules.is_empty() { "tables" } else { "other tables" };
        modules.push((name.to_owned(), rest));
    }
    modules
}

/// Groups by the first word, and large groups by the word after it.
fn by_words(
    members: &[usize],
    words: &BTreeMap<usize, Vec<String>>,
    skip: usize,
    group_of: &mut BTreeMap<usize, usize>,
    names: &mut Vec<Option<String>>,
) {
    let mut by_first: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for member in members {
        if let Some(word) = words.get(member).and_then(|w| w.get(skip).or_else(|| w.last())) {
            by_first.entry(word).or_default().push(*member);
        }
    }
    for (word, tables) in by_first {
        if tables.len() < LEAST {
            continue;
        }
        let mut whole = tables.clone();
        if tables.len() > MOST {
            let mut by_second: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for table in &tables {
                if let Some(second) = words.get(table).and_then(|w| w.get(skip + 1)) {
                    by_second.entry(second).or_default().push(*table);
                }
            }
            for (second, part) in by_second.into_iter().filter(|(_, part)| part.len() > LEAST) {
                for table in &part {
                    group_of.insert(*table, names.len());
                }
                names.push(Some(format!("{word} {second}")));
                whole.retain(|t| !part.contains(t));
            }
        }
        if whole.is_empty() {
            continue;
        }
        for table in &whole {
            group_of.insert(*table, names.len());
        }
        names.push(Some(word.to_owned()));
    }
}

/// Joins groups that are too small to the group that they are most joined to.
fn join_small(
    members: &[usize],
    neighbours: &[Vec<(usize, i64)>],
    group_of: &mut BTreeMap<usize, usize>,
    sizes: &mut [usize],
) {
    let mut order: Vec<usize> = (0..sizes.len()).filter(|g| at(sizes, *g) > 0 && at(sizes, *g) < 2 * LEAST).collect();
    order.order_by_key(|g| (at(sizes, *g), *g));
    let mut of_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for member in members {
        if let Some(group) = group_of.get(member) {
            of_group.entry(*group).or_default().push(*member);
        }
    }
    for small in order {
        if at(sizes, small) >= LEAST {
            continue;
        }
        let tables = of_group.remove(&small).unwrap_or_default();
        let mut pull: BTreeMap<usize, i64> = BTreeMap::new();
        for table in &tables {
            for (other, weight) in list(neighbours, *table) {
                if let Some(group) = group_of.get(other)
                    && *group != small
                {
                    *pull.entry(*group).or_default() += weight;
                }
            }
        }
        let best = pull
            .iter()
            .filter(|(group, _)| at(sizes, **group) + tables.len() <= MOST)
            .max_by_key(|(group, pull)| (**pull, Reverse(**group)));
        let Some((group, _)) = best else {
            of_group.insert(small, tables);
            continue;
        };
        put(sizes, small, 0);
        bump(sizes, *group, tables.len());
        for table in &tables {
            group_of.insert(*table, *group);
        }
        of_group.entry(*group).or_default().extend(tables);
    }
}

/// The name of the table that joins a group together: the one with the heaviest lines inside it.
fn central(graph: &Graph, members: &[usize], neighbours: &[Vec<(usize, i64)>]) -> String {
    let inside: BTreeSet<usize> = members.iter().copied().collect();
    let lines = |m: &usize| list(neighbours, *m).iter().filter(|(other, _)| inside.contains(other)).count();
    let best = members.iter().max_by_key(|m| (lines(m), Reverse(**m)));
    best.and_then(|m| graph.nodes.get(*m)).map(|n| n.name.to_string()).unwrap_or_default()
}

/// The words of a name in lower case and singular: `OrderLines` and `order_line` alike give `order`, `line`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            words.extend(singular(std::mem::take(&mut word)));
        }
        lower = c.is_lowercase();
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.extend(singular(word));
    words
}

/// The word without its plural ending; nothing for no word.
fn singular(word: String) -> Option<String> {
    if word.is_empty() {
        return None;
    }
    if matches!(word.as_str(), "series" | "species" | "news") {
        return Some(word);
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|s| s.len() > 2) {
        return Some(format!("{stem}y"));
    }
    match word.strip_suffix('s').filter(|s| s.len() > 2 && !s.ends_with(['s', 'u', 'i'])) {
        Some(stem) => Some(stem.to_owned()),
        None => Some(word),
    }
}
