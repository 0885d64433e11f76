//! Lenses: colouring the diagram's tables by a question, and saying what the colours mean.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use relata_protocol::{OnDelete, RelationKey, Severity, SeverityCounts, Traits};

use crate::scene::Scene;
use crate::text;

/// A question that tables are coloured by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs, reason = "each says what it colours by")]
pub enum Lens {
    #[default]
    Off,
    Severity,
    Tenant,
    Cascade,
    Changed,
}

impl Lens {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 5] = [Self::Off, Self::Severity, Self::Tenant, Self::Cascade, Self::Changed];

    /// The word in storage and in tests.
    pub fn id(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Severity => "severity",
            Self::Tenant => "tenant",
            Self::Cascade => "cascade",
            Self::Changed => "changed",
        }
    }

    /// The lens of a word.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.id() == id)
    }

    /// The words on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "No highlight",
            Self::Severity => "Worst finding",
            Self::Tenant => "Tenant coverage",
            Self::Cascade => "What a delete takes along",
            Self::Changed => "Last changed",
        }
    }
}

/// What a table is under a lens. The page's tokens give each a colour, this its word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "their words say it")]
pub enum Tint {
    Critical,
    High,
    Medium,
    Low,
    Info,
    Root,
    Has,
    Through,
    Lacks,
    Start,
    Deleted,
    Emptied,
    Blocks,
    Newest,
    Recent,
    Older,
}

impl Tint {
    /// All of them: the place in this list is the place of a colour.
    pub const ALL: [Self; 16] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Info,
        Self::Root,
        Self::Has,
        Self::Through,
        Self::Lacks,
        Self::Start,
        Self::Deleted,
        Self::Emptied,
        Self::Blocks,
        Self::Newest,
        Self::Recent,
        Self::Older,
    ];

    /// The token of its colour.
    pub fn token(self) -> &'static str {
        match self {
            Self::Critical | Self::Lacks | Self::Deleted => "--rl-critical",
            Self::High | Self::Blocks => "--rl-high",
            Self::Medium | Self::Emptied | Self::Recent => "--rl-medium",
            Self::Low | Self::Through => "--rl-low",
            Self::Info | Self::Older => "--rl-info",
            Self::Has => "--rl-good",
            Self::Root | Self::Start | Self::Newest => "--rl-accent",
        }
    }

    /// What stands in a table's header, and in the legend.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Root => "tenant",
            Self::Has => "has it",
            Self::Through => "by reference",
            Self::Lacks => "lacks it",
            Self::Start => "deleted row",
            Self::Deleted => "deleted",
            Self::Emptied => "set null",
            Self::Blocks => "refuses",
            Self::Newest => "newest",
            Self::Recent => "recent",
            Self::Older => "older",
        }
    }

    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }
}

/// A diagram under a lens.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shading {
    /// What each box is; one that the question does not concern is nothing.
    pub tints: Vec<Option<Tint>>,
    /// How many are what, those that there are.
    pub legend: Vec<(Tint, usize)>,
    /// What the picture says, or what it needs first.
    pub note: String,
}

/// What lenses look at beside the diagram.
pub struct Seen<'a> {
    /// Findings about tables.
    pub findings: BTreeMap<RelationKey, SeverityCounts>,
    /// Habits and origins.
    pub traits: Option<&'a Traits>,
    /// The selected table.
    pub selected: Option<RelationKey>,
    /// How many revisions count.
    pub revisions: u32,
}

/// The diagram under a lens; `None` without one.
pub fn shade(scene: &Scene, lens: Lens, seen: &Seen<'_>) -> Option<Shading> {
    let (tints, note) = match lens {
        Lens::Off => return None,
        Lens::Severity => (severity(scene, seen), "The worst finding about each table.".to_owned()),
        Lens::Tenant => tenant(scene, seen),
        Lens::Cascade => cascade(scene, seen),
        Lens::Changed => changed(scene, seen),
    };
    let mut counts: BTreeMap<Tint, usize> = BTreeMap::new();
    for tint in tints.iter().flatten() {
        *counts.entry(*tint).or_default() += 1;
    }
    Some(Shading { tints, legend: counts.into_iter().collect(), note })
}

fn severity(scene: &Scene, seen: &Seen<'_>) -> Vec<Option<Tint>> {
    // A folded cluster is as bad as its worst table.
    let mut worst: Vec<Option<Severity>> = vec![None; scene.boxes.len()];
    for (key, counts) in &seen.findings {
        if let (Some(at), Some(found)) = (scene.place(*key), counts.worst())
            && let Some(slot) = worst.get_mut(at)
        {
            *slot = Some(slot.map_or(found, |s| s.min(found)));
        }
    }
    worst.into_iter().map(|s| s.map(Tint::of)).collect()
}

fn tenant(scene: &Scene, seen: &Seen<'_>) -> (Vec<Option<Tint>>, String) {
    let none = vec![None; scene.boxes.len()];
    let Some(traits) = seen.traits else { return (none, "Looking at the tables…".to_owned()) };
    let Some(tenant) = &traits.tenant else {
        return (none, "No column says whose a row is: this schema does not keep tenants apart.".to_owned());
    };
    let has: BTreeSet<usize> = tenant.tables.iter().filter_map(|t| scene.place(*t)).collect();
    let root = tenant.root.and_then(|t| scene.place(t));
    // Who refers, step by step, to a table that has the key belongs to a tenant through it.
    let mut through: BTreeSet<usize> = BTreeSet::new();
    let mut queue: VecDeque<usize> = has.iter().copied().chain(root).collect();
    while let Some(at) = queue.pop_front() {
        for line in scene.lines_at(at).iter().filter_map(|l| scene.lines.get(*l)) {
            if line.to == at && !line.reads && !has.contains(&line.from) && through.insert(line.from) {
                queue.push_back(line.from);
            }
        }
    }
    let tints = (0..scene.boxes.len())
        .map(|at| {
            Some(match () {
                () if root == Some(at) => Tint::Root,
                () if has.contains(&at) => Tint::Has,
                () if through.contains(&at) => Tint::Through,
                () => Tint::Lacks,
            })
        })
        .collect();
    (tints, format!("Which tables have {}, the column that says whose a row is.", tenant.column))
}

fn cascade(scene: &Scene, seen: &Seen<'_>) -> (Vec<Option<Tint>>, String) {
    let mut tints = vec![None; scene.boxes.len()];
    let Some(start) = seen.selected.and_then(|s| scene.place(s)) else {
        return (tints, "Select a table to see what deleting a row of it does to others.".to_owned());
    };
    let mut reached = BTreeSet::from([start]);
    let mut queue = VecDeque::from([start]);
    let mut touched: BTreeMap<usize, Tint> = BTreeMap::new();
    while let Some(at) = queue.pop_front() {
        for line in scene.lines_at(at).iter().filter_map(|l| scene.lines.get(*l)).filter(|l| l.to == at && !l.reads) {
            match line.on_delete {
                OnDelete::Cascade => {
                    if reached.insert(line.from) {
                        queue.push_back(line.from);
                    }
                }
                OnDelete::SetNull | OnDelete::SetDefault => {
                    touched.entry(line.from).or_insert(Tint::Emptied);
                }
                // The strongest word: as long as such rows exist, nothing is deleted at all.
                OnDelete::NoAction | OnDelete::Restrict => {
                    touched.insert(line.from, Tint::Blocks);
                }
            }
        }
    }
    for at in &reached {
        touched.entry(*at).or_insert(Tint::Deleted);
    }
    touched.insert(start, Tint::Start);
    for (at, tint) in touched {
        if let Some(slot) = tints.get_mut(at) {
            *slot = Some(tint);
        }
    }
    let name = scene.boxes.get(start).map(|b| b.name.to_string()).unwrap_or_default();
    let also = text::counted((reached.len() - 1) as u64, "other table");
    (tints, format!("Deleting a row of {name} reaches {also} by ON DELETE CASCADE."))
}

fn changed(scene: &Scene, seen: &Seen<'_>) -> (Vec<Option<Tint>>, String) {
    let mut tints: Vec<Option<Tint>> = vec![None; scene.boxes.len()];
    let Some(traits) = seen.traits else { return (tints, "Looking at the revisions…".to_owned()) };
    if seen.revisions < 2 {
        return (tints, "This schema has one revision only: nothing changed since.".to_owned());
    }
    let newest = seen.revisions - 1;
    // The last tenth of the history, but no fewer than five revisions.
    let recent = (seen.revisions / 10).max(5);
    for origin in traits.origins.iter().filter(|o| o.changed_by <= newest) {
        let tint = match origin.changed_by {
            n if n == newest => Tint::Newest,
            n if n + recent >= newest => Tint::Recent,
            _ => Tint::Older,
        };
        if let Some(slot) = scene.place(origin.relation).and_then(|at| tints.get_mut(at)) {
            *slot = Some(slot.map_or(tint, |s| s.min(tint)));
        }
    }
    (tints, format!("Newest: revision {}. Recent: the {} before it.", newest + 1, recent.min(newest)))
}

#[cfg(test)]
mod tests {
    use relata_protocol::{Origin, Tenant};

    use super::*;
    use crate::scene::tests::{key, scene_of};

    fn seen<'a>() -> Seen<'a> {
        Seen { findings: BTreeMap::new(), traits: None, selected: None, revisions: 1 }
    }

    /// a ← b ← c ← d, a ← e, and f apart.
    fn scene() -> Scene {
        let names = ["a", "b", "c", "d", "e", "f"];
        let boxes: Vec<_> = names.iter().enumerate().map(|(i, n)| (*n, i as f64 * 200.0, 0.0)).collect();
        scene_of(&boxes, &[(1, 0), (2, 1), (3, 2), (4, 0)])
    }

    #[test]
    fn a_delete_takes_along_what_cascades_and_stops_elsewhere() {
        let mut scene = scene();
        scene.lines[0].on_delete = OnDelete::Cascade;
        scene.lines[1].on_delete = OnDelete::SetNull;
        scene.lines[2].on_delete = OnDelete::Cascade;
        let shading = shade(&scene, Lens::Cascade, &Seen { selected: Some(key(0)), ..seen() }).unwrap();
        let expected = [Some(Tint::Start), Some(Tint::Deleted), Some(Tint::Emptied), None, Some(Tint::Blocks), None];
        assert_eq!(shading.tints, expected, "c only loses its reference, so d is not reached");
        assert_eq!(shading.note, "Deleting a row of a reaches 1 other table by ON DELETE CASCADE.");
        assert!(shade(&scene, Lens::Cascade, &seen()).unwrap().note.starts_with("Select a table"));
    }

    #[test]
    fn tenants_own_what_has_their_key_and_what_refers_to_it() {
        let tenant = Tenant { column: "tenant_id".into(), root: Some(key(0)), tables: vec![key(1)] };
        let traits = Traits { tenant: Some(tenant), ..Traits::default() };
        let shading = shade(&scene(), Lens::Tenant, &Seen { traits: Some(&traits), ..seen() }).unwrap();
        let (through, lacks) = (Some(Tint::Through), Some(Tint::Lacks));
        assert_eq!(shading.tints, [Some(Tint::Root), Some(Tint::Has), through, through, through, lacks]);
        assert_eq!(shading.legend, [(Tint::Root, 1), (Tint::Has, 1), (Tint::Through, 3), (Tint::Lacks, 1)]);
    }

    #[test]
    fn what_changed_last_stands_out() {
        let origin = |n, changed_by| Origin { relation: key(n), made_by: 0, changed_by };
        let traits = Traits { origins: vec![origin(0, 99), origin(1, 93), origin(2, 3)], ..Traits::default() };
        let shading =
            shade(&scene(), Lens::Changed, &Seen { traits: Some(&traits), revisions: 100, ..seen() }).unwrap();
        assert_eq!(shading.tints[..3], [Some(Tint::Newest), Some(Tint::Recent), Some(Tint::Older)]);
        let one = shade(&scene(), Lens::Changed, &Seen { traits: Some(&traits), ..seen() }).unwrap();
        assert!(one.legend.is_empty() && one.note.contains("one revision"));
    }

    #[test]
    fn a_table_is_as_bad_as_its_worst_finding() {
        let findings = [(key(2), SeverityCounts { high: 1, low: 4, ..SeverityCounts::default() })].into();
        let shading = shade(&scene(), Lens::Severity, &Seen { findings, ..seen() }).unwrap();
        assert_eq!((shading.tints[2], shading.tints[0]), (Some(Tint::High), None));
        assert_eq!(shade(&scene(), Lens::Off, &seen()), None);
    }

    #[test]
    fn lenses_have_words() {
        for lens in Lens::ALL {
            assert_eq!(Lens::of(lens.id()), Some(lens));
        }
        assert_eq!(Lens::of("x"), None);
    }
}
