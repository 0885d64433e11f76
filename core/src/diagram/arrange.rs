//! Places items that already have a layer: order within layers, heights, widths of channels, and orthogonal routes.
//!
//! Layers are columns from left to right. A net joins one root pin to any number of leaf pins; its lines share a trunk, so that a table that
//! everything refers to costs one line per channel and not one per reference. A net that spans several layers passes the ones between through
//! a gap of its own. Order: barycentres over a bounded number of sweeps, then swaps of neighbours. Heights: in each layer the exact solution
//! of "as near as possible to where the lines want it, in this order, without overlap" (isotonic regression in the L1 norm by pooling
//! adjacent violators), which makes lines straight wherever one can be.

#![allow(clippy::disallowed_methods, reason = "sorts at the bottom of its loops are worth a copy each")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::layout::Point;
use super::route::{self, Bundle};
use super::{at, list, put};

/// A box to place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Item {
    /// Its width.
    pub(super) width: i32,
    /// Its height.
    pub(super) height: i32,
    /// Its layer, from 0 at the left.
    pub(super) layer: usize,
    /// Items of a group stand together in their layer; groups are in ascending order.
    pub(super) group: u32,
    /// Only a point where a line passes: needs little room around it.
    pub(super) thin: bool,
}

/// A place on an item's left or right border.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pin {
    /// The item.
    pub(super) item: usize,
    /// Height below the item's top.
    pub(super) y: i32,
    /// How far from `y` the pin may go to keep clear of others.
    pub(super) room: i32,
}

/// Lines from one pin to others.
#[derive(Clone, Debug)]
pub(super) struct Net {
    /// Where all lines end.
    pub(super) root: Pin,
    /// Where they begin.
    pub(super) leaves: Vec<Pin>,
    /// Which side joins the root to a leaf in its own layer.
    pub(super) right: bool,
}

/// Distances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spacing {
    /// Between two items in a layer.
    pub(super) items: i32,
    /// Between an item and a line that passes.
    pub(super) line: i32,
    /// Between two parallel lines.
    pub(super) track: i32,
    /// Between an item and the first track of the channel: room for a crow's foot.
    pub(super) margin: i32,
    /// How strongly items pull together in their layer; a line of its own has weight 1200.
    pub(super) pull: i64,
}

/// Where everything stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Placed {
    /// Left border of each item.
    pub(super) x: Vec<i32>,
    /// Top border of each item.
    pub(super) y: Vec<i32>,
    /// Width of all.
    pub(super) width: i32,
    /// Height of all.
    pub(super) height: i32,
    /// For each net and leaf the line from the leaf to the root.
    pub(super) routes: Vec<Vec<Vec<Point>>>,
    /// Crossings of the ordering.
    pub(super) crossings: u64,
}

/// The lines of a net on one side of its root.
pub(super) struct Fan {
    pub(super) net: usize,
    pub(super) right: bool,
    pub(super) root_layer: usize,
    pub(super) leaves: Vec<usize>,
    /// Node of the first gap that it passes; gaps follow one another away from the root.
    pub(super) first_gap: usize,
    pub(super) gaps: usize,
}

impl Fan {
    /// The layer `steps` away from the root.
    fn layer(&self, steps: usize) -> usize {
        if self.right { self.root_layer + steps } else { self.root_layer.saturating_sub(steps) }
    }
}

/// A line between neighbouring layers.
#[derive(Clone, Copy, Default)]
pub(super) struct Link {
    pub(super) other: usize,
    pub(super) own: i32,
    pub(super) there: i32,
    pub(super) weight: i64,
    /// Its fan.
    pub(super) fan: usize,
}

/// One end of a line that leaves a layer and comes back to it.
#[derive(Clone, Copy, Default)]
pub(super) struct Turn {
    /// The node at the other end.
    pub(super) other: usize,
    /// Height below the top of this end's node.
    pub(super) own: i32,
    /// Height below the top of the node at the other end.
    pub(super) there: i32,
    /// How strongly it pulls its ends to one height.
    pub(super) weight: i64,
    /// On which side of the layer it runs.
    pub(super) right: bool,
    /// Its fan.
    pub(super) fan: usize,
}

/// Where a line goes from its pin. In this order, from top to bottom, the lines of one side of a node leave it without crossing each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Toward {
    /// Up within the layer, so many places; what goes farther runs around what goes less far.
    Above(usize),
    /// To a place in the next layer, and a height there.
    Ahead(usize, i32),
    /// Down within the layer.
    Below(Reverse<usize>),
}

/// What runs between two layers.
#[derive(Clone, Default)]
struct Channel {
    bundles: Vec<Bundle>,
    /// For each bundle its fan and how many layers away from the fan's root it starts.
    owners: Vec<(usize, usize)>,
}

/// The weight of a line with one leaf; the lines of a fan share it.
const WEIGHT: i64 = 1200;
/// The weight of a line between two gaps: bends far from tables are the ones that confuse.
const GAP_WEIGHT: i64 = 3000;

/// Places items and routes nets. The order within layers is the best found from `starts` first orders.
pub(super) fn arrange(items: &[Item], nets: &[Net], spacing: Spacing, starts: usize) -> Placed {
    let mut work = Work::new(items, nets, spacing);
    work.order(starts);
    work.refine();
    work.spread_pins();
    work.heights();
    work.place()
}

/// How many lines cross in the order found from one first order, without refining it: near enough to what [`arrange`] reaches to choose between layers.
pub(super) fn crossings(items: &[Item], nets: &[Net], spacing: Spacing) -> u64 {
    let mut work = Work::new(items, nets, spacing);
    work.order(1);
    work.crossings
}

/// A list for each node, all of them one behind the other in one piece of memory.
#[derive(Default)]
pub(super) struct PerNode<T> {
    /// Where the list of each node begins, and where it ends.
    spans: Vec<(usize, usize)>,
    all: Vec<T>,
}

impl<T: Copy + Default> PerNode<T> {
    /// The lists of so many nodes from entries in any order, which entries of one node keep. Those of other nodes are left out.
    fn new(nodes: usize, entries: &[(usize, T)]) -> Self {
        let mut spans = vec![(0, 0); nodes];
        for (node, _) in entries {
            if let Some((_, count)) = spans.get_mut(*node) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for span in &mut spans {
            (*span, sum) = ((sum, sum), sum + span.1);
        }
        let mut all = vec![T::default(); sum];
        for (node, entry) in entries {
            if let Some((_, end)) = spans.get_mut(*node) {
                put(&mut all, *end, *entry);
                *end += 1;
            }
        }
        Self { spans, all }
    }

    /// A node's list.
    pub(super) fn of(&self, node: usize) -> &[T] {
        self.spans.get(node).and_then(|(start, end)| self.all.get(*start..*end)).unwrap_or_default()
    }
}

pub(super) struct Work<'a> {
    pub(super) items: &'a [Item],
    pub(super) nets: &'a [Net],
    pub(super) spacing: Spacing,
    pub(super) fans: Vec<Fan>,
    /// Nodes are items, then gaps.
    pub(super) layer: Vec<usize>,
    pub(super) group: Vec<u32>,
    pub(super) layers: Vec<Vec<usize>>,
    pub(super) pos: Vec<usize>,
    pub(super) y: Vec<i32>,
    pub(super) root_y: Vec<i32>,
    pub(super) leaf_y: Vec<Vec<i32>>,
    /// The lines of each node to the layer at its left.
    pub(super) left: PerNode<Link>,
    /// Those to the layer at its right.
    pub(super) right: PerNode<Link>,
    pub(super) crossings: u64,
    /// The height around which layers gather.
    pub(super) middle: i32,
    /// Lines between two nodes of one layer.
    pub(super) turns: PerNode<Turn>,
    /// Wishes that nobody needs at the moment, and the room they take.
    spare: Vec<Wishes>,
}

impl<'a> Work<'a> {
    fn new(items: &'a [Item], nets: &'a [Net], spacing: Spacing) -> Self {
        let mut layer: Vec<usize> = items.iter().map(|i| i.layer).collect();
        let mut group: Vec<u32> = items.iter().map(|i| i.group).collect();
        let mut fans = Vec::new();
        for (net_index, net) in nets.iter().enumerate() {
            let root_layer = at(&layer, net.root.item);
            for right in [true, false] {
                let mut far = 0;
                let mut leaves = Vec::new();
                for (leaf_index, leaf) in net.leaves.iter().enumerate() {
                    let leaf_layer = at(&layer, leaf.item);
                    let here = if leaf_layer == root_layer { net.right } else { leaf_layer > root_layer };
                    if here == right {
                        leaves.push(leaf_index);
                        far = far.max(leaf_layer.abs_diff(root_layer));
                    }
                }
                if leaves.is_empty() {
                    continue;
                }
                let fan = Fan {
                    net: net_index,
                    right,
                    root_layer,
                    leaves,
                    first_gap: layer.len(),
                    gaps: far.saturating_sub(1),
                };
                let first_leaf = fan.leaves.first().and_then(|l| net.leaves.get(*l)).map_or(0, |l| l.item);
                let of = if items.get(net.root.item).is_some_and(|i| i.thin) { first_leaf } else { net.root.item };
                for step in 1..=fan.gaps {
                    layer.push(fan.layer(step));
                    group.push(at(&group, of));
                }
                fans.push(fan);
            }
        }
        let mut layers = vec![Vec::new(); layer.iter().copied().max().map_or(0, |l| l + 1)];
        for (node, l) in layer.iter().enumerate() {
            if let Some(nodes) = layers.get_mut(*l) {
                nodes.push(node);
            }
        }
        let count = layer.len();
        let root_y = fans.iter().map(|f| nets.get(f.net).map_or(0, |n| n.root.y)).collect();
        let leaf_y = nets.iter().map(|n| n.leaves.iter().map(|l| l.y).collect()).collect();
        let mut work = Self {
            items,
            nets,
            spacing,
            fans,
            layer,
            group,
            layers,
            pos: vec![0; count],
            y: vec![0; count],
            root_y,
            leaf_y,
            left: PerNode::default(),
            right: PerNode::default(),
            turns: PerNode::default(),
            spare: Vec::new(),
            crossings: 0,
            middle: 0,
        };
        work.link();
        work
    }

    pub(super) fn height(&self, node: usize) -> i32 {
        self.items.get(node).map_or(0, |i| i.height)
    }

    pub(super) fn thin(&self, node: usize) -> bool {
        self.items.get(node).is_none_or(|i| i.thin)
    }

    fn gap(&self, above: usize, below: usize) -> i32 {
        match (self.thin(above), self.thin(below)) {
            (false, false) => self.spacing.items,
            (true, true) => self.spacing.track,
            _ => self.spacing.line,
        }
    }

    /// The node of a fan `steps` away from its root, and the height of its pin.
    fn entry(&self, fan_index: usize, fan: &Fan, steps: usize) -> (usize, i32) {
        if steps == 0 {
            (self.nets.get(fan.net).map_or(0, |n| n.root.item), at(&self.root_y, fan_index))
        } else {
            (fan.first_gap + steps - 1, 0)
        }
    }

    /// Makes the lists of lines between neighbouring layers.
    fn link(&mut self) {
        let (mut left, mut right, mut turns) = (Vec::new(), Vec::new(), Vec::new());
        let mut add = |near: (usize, i32), far: (usize, i32), (fan, to_right): (usize, bool), weight: i64| {
            let (a, b) = if to_right { (near, far) } else { (far, near) };
            right.push((a.0, Link { other: b.0, own: a.1, there: b.1, weight, fan }));
            left.push((b.0, Link { other: a.0, own: b.1, there: a.1, weight, fan }));
        };
        for (fan_index, fan) in self.fans.iter().enumerate() {
            let share = (WEIGHT / i64::try_from(fan.leaves.len()).unwrap_or(WEIGHT).max(1)).max(1);
            for leaf in &fan.leaves {
                let Some(pin) = self.nets.get(fan.net).and_then(|n| n.leaves.get(*leaf)) else { continue };
                let steps = at(&self.layer, pin.item).abs_diff(fan.root_layer);
                let y = self.leaf_y.get(fan.net).map_or(0, |ys| at(ys, *leaf));
                if steps > 0 {
                    add(self.entry(fan_index, fan, steps - 1), (pin.item, y), (fan_index, fan.right), share);
                    continue;
                }
                let root = self.entry(fan_index, fan, 0);
                for (near, far) in [(root, (pin.item, y)), ((pin.item, y), root)] {
                    if near.0 != far.0 {
                        let turn = Turn {
                            other: far.0,
                            own: near.1,
                            there: far.1,
                            weight: share,
                            right: fan.right,
                            fan: fan_index,
                        };
                        turns.push((near.0, turn));
                    }
                }
            }
            for step in 1..=fan.gaps {
                let weight = if step == 1 { WEIGHT } else { GAP_WEIGHT };
                let side = (fan_index, fan.right);
                add(self.entry(fan_index, fan, step - 1), self.entry(fan_index, fan, step), side, weight);
            }
        }
        let nodes = self.layer.len();
        self.left = PerNode::new(nodes, &left);
        self.right = PerNode::new(nodes, &right);
        self.turns = PerNode::new(nodes, &turns);
    }

    /// Where a line goes that turns back from one node to another of its layer.
    fn back_toward(&self, from: usize, to: usize) -> Toward {
        let (from, to) = (at(&self.pos, from), at(&self.pos, to));
        if to < from { Toward::Above(from - to) } else { Toward::Below(Reverse(to - from)) }
    }

    /// Moves pins that would coincide apart, within the room that each has, in the order of where their lines go.
    fn spread_pins(&mut self) {
        struct End {
            key: (usize, bool, i32),
            toward: Toward,
            room: i32,
            fan: usize,
            leaf: Option<(usize, usize)>,
        }
        let mut ends = Vec::new();
        for (fan_index, fan) in self.fans.iter().enumerate() {
            let Some(net) = self.nets.get(fan.net) else { continue };
            let first = fan.leaves.first().and_then(|l| net.leaves.get(*l)).copied().unwrap_or_default();
            let toward = if at(&self.layer, first.item) == fan.root_layer {
                self.back_toward(net.root.item, first.item)
            } else {
                Toward::Ahead(at(&self.pos, first.item), first.y)
            };
            ends.push(End {
                key: (net.root.item, fan.right, net.root.y),
                toward,
                room: net.root.room,
                fan: fan_index,
                leaf: None,
            });
            for leaf in &fan.leaves {
                let Some(pin) = net.leaves.get(*leaf) else { continue };
                let steps = at(&self.layer, pin.item).abs_diff(fan.root_layer);
                let side = if steps == 0 { fan.right } else { !fan.right };
                let (entry, y) = self.entry(fan_index, fan, steps.saturating_sub(1));
                let toward = if steps == 0 {
                    self.back_toward(pin.item, net.root.item)
                } else {
                    Toward::Ahead(at(&self.pos, entry), y)
                };
                ends.push(End {
                    key: (pin.item, side, pin.y),
                    toward,
                    room: pin.room,
                    fan: fan_index,
                    leaf: Some((fan.net, *leaf)),
                });
            }
        }
        ends.sort_by_key(|e| (e.key, e.toward, e.fan, e.leaf));
        for same in ends.chunk_by(|a, b| a.key == b.key) {
            let count = i32::try_from(same.len()).unwrap_or(i32::MAX);
            if count < 2 {
                continue;
            }
            let room = same.iter().map(|e| e.room).min().unwrap_or(0);
            let step = (2 * room / (count - 1)).clamp(0, 10);
            let mut y = -step * (count - 1) / 2;
            for end in same {
                let height = (end.key.2 + y).max(0);
                match end.leaf {
                    None => put(&mut self.root_y, end.fan, height),
                    Some((net, leaf)) => {
                        if let Some(ys) = self.leaf_y.get_mut(net) {
                            put(ys, leaf, height);
                        }
                    }
                }
                y += step;
            }
        }
        self.link();
    }

    /// Gives every node its height.
    fn heights(&mut self) {
        for l in 0..self.layers.len() {
            let mut y = 0;
            let mut above = None;
            for node in list(&self.layers, l) {
                if let Some(above) = above {
                    y += self.gap(above, *node);
                }
                put(&mut self.y, *node, y);
                y += self.height(*node);
                above = Some(*node);
            }
        }
        self.middle = self.y.iter().enumerate().map(|(n, y)| y + self.height(n)).max().unwrap_or(0) / 2;
        let count = self.layers.len();
        let rounds = if self.layer.len() > 6000 { 2 } else { 4 };
        for round in 0..rounds {
            let both = round + 2 >= rounds;
            for l in 0..count {
                self.settle(l, true, both);
            }
            for l in (0..count).rev() {
                self.settle(l, both, true);
            }
        }
        let top = self.y.iter().copied().min().unwrap_or(0);
        self.y.iter_mut().for_each(|y| *y -= top);
    }

    /// Places one layer's nodes as near as possible to where their lines on the given sides want them, in their order.
    fn settle(&mut self, layer: usize, use_left: bool, use_right: bool) {
        struct Block {
            first: usize,
            wishes: Wishes,
        }
        let mut spare = std::mem::take(&mut self.spare);
        let nodes = list(&self.layers, layer);
        let mut total = 0;
        for (place, node) in nodes.iter().enumerate() {
            let gap = place.checked_sub(1).and_then(|p| nodes.get(p)).map_or(0, |above| self.gap(*above, *node));
            total += gap + self.height(*node);
        }
        let top = self.middle - total / 2;
        let mut packed = Vec::with_capacity(nodes.len());
        let mut blocks: Vec<Block> = Vec::with_capacity(nodes.len());
        let mut y = 0;
        for (place, node) in nodes.iter().enumerate() {
            if let Some(above) = place.checked_sub(1).and_then(|p| nodes.get(p)) {
                y += self.height(*above) + self.gap(*above, *node);
            }
            packed.push(y);
            let mut wishes = spare.pop().unwrap_or_default();
            for (links, used) in [(&self.left, use_left), (&self.right, use_right)] {
                if used {
                    for link in links.of(*node) {
                        wishes.push(at(&self.y, link.other) + link.there - link.own - y, link.weight);
                    }
                }
            }
            // Ends of a line that turns back cannot stand at one height, but beside each other.
            for turn in self.turns.of(*node) {
                wishes.push(at(&self.y, turn.other) + turn.there - turn.own - y, turn.weight);
            }
            if self.spacing.pull > 0 && !self.thin(*node) {
                wishes.push(top, self.spacing.pull);
            } else if wishes.is_empty() {
                wishes.push(at(&self.y, *node) - y, 1);
            }
            let mut block = Block { first: place, wishes };
            while let Some(above) = blocks.pop_if(|above| above.wishes.median() > block.wishes.median()) {
                block = Block { first: above.first, wishes: above.wishes.with(block.wishes, &mut spare) };
            }
            blocks.push(block);
        }
        let mut ends: Vec<usize> = blocks.iter().skip(1).map(|b| b.first).collect();
        ends.push(nodes.len());
        for (block, end) in blocks.iter().zip(ends) {
            for place in block.first..end {
                put(&mut self.y, at(nodes, place), at(&packed, place) + block.wishes.median());
            }
        }
        spare.extend(blocks.into_iter().map(|block| block.wishes.cleared()));
        self.spare = spare;
    }

    /// Gives channels their tracks, layers their left borders, and draws the lines.
    fn place(&self) -> Placed {
        let layers = self.layers.len();
        // Channel c lies left of layer c; the last one lies right of all.
        let mut channels = vec![Channel::default(); layers + 1];
        for (fan_index, fan) in self.fans.iter().enumerate() {
            for step in 0..=fan.gaps {
                let mut near = vec![self.entry_y(fan_index, fan, step)];
                let mut far = Vec::new();
                if step < fan.gaps {
                    far.push(self.entry_y(fan_index, fan, step + 1));
                }
                for leaf in &fan.leaves {
                    let Some(pin) = self.nets.get(fan.net).and_then(|n| n.leaves.get(*leaf)) else { continue };
                    let away = at(&self.layer, pin.item).abs_diff(fan.root_layer);
                    let y = self.leaf_at(fan, *leaf, pin);
                    if away == 0 && step == 0 {
                        near.push(y);
                    } else if away == step + 1 {
                        far.push(y);
                    }
                }
                let channel = fan.layer(step) + usize::from(fan.right);
                if let Some(Channel { bundles, owners }) = channels.get_mut(channel) {
                    let (left, right) = if fan.right { (near, far) } else { (far, near) };
                    bundles.push(Bundle { left, right });
                    owners.push((fan_index, step));
                }
            }
        }

        let spacing = self.spacing;
        let mut x = 0;
        let mut layer_x = Vec::with_capacity(layers);
        let mut track_x: Vec<Vec<i32>> = self.fans.iter().map(|f| vec![0; f.gaps + 1]).collect();
        for (channel, Channel { bundles, owners }) in channels.iter().enumerate() {
            let (tracks, count) = route::tracks(bundles);
            let span = (i32::try_from(count).unwrap_or(i32::MAX / 64) - 1).max(0) * spacing.track;
            // Room for a crow's foot where boxes stand; little beside points; none where nothing stands and nothing runs.
            let side = |layer: Option<usize>| match layer.map(|l| list(&self.layers, l)) {
                Some(nodes) if nodes.iter().any(|n| !self.thin(*n)) => spacing.margin,
                Some(nodes) if !nodes.is_empty() => spacing.track,
                _ => 0,
            };
            let (before, after) = (side(channel.checked_sub(1)), side(Some(channel)));
            let (before, after) = if count == 0 && (before == 0 || after == 0) { (0, 0) } else { (before, after) };
            for (track, (fan, step)) in tracks.iter().zip(owners) {
                if let Some(xs) = track_x.get_mut(*fan) {
                    let track = track.and_then(|t| i32::try_from(t).ok()).unwrap_or(0);
                    put(xs, *step, x + before + track * spacing.track);
                }
            }
            x += before + span + after;
            if channel < layers {
                layer_x.push(x);
                let items = list(&self.layers, channel).iter().filter_map(|n| self.items.get(*n));
                x += items.map(|i| i.width).max().unwrap_or(0);
            }
        }

        let mut placed = Placed {
            x: self.items.iter().map(|i| at(&layer_x, i.layer)).collect(),
            y: self.y.get(..self.items.len()).map(<[i32]>::to_vec).unwrap_or_default(),
            width: x,
            height: 0,
            routes: self.nets.iter().map(|n| vec![Vec::new(); n.leaves.len()]).collect(),
            crossings: self.crossings,
        };
        for (fan_index, fan) in self.fans.iter().enumerate() {
            for leaf in &fan.leaves {
                let line = self.line(fan_index, fan, *leaf, &placed.x, list(&track_x, fan_index));
                if let Some(slot) = placed.routes.get_mut(fan.net).and_then(|r| r.get_mut(*leaf)) {
                    *slot = line;
                }
            }
        }
        let bottoms = self.y.iter().enumerate().map(|(n, y)| y + self.height(n));
        placed.height = bottoms.max().unwrap_or(0);
        placed
    }

    fn entry_y(&self, fan_index: usize, fan: &Fan, steps: usize) -> i32 {
        let (node, y) = self.entry(fan_index, fan, steps);
        at(&self.y, node) + y
    }

    fn leaf_at(&self, fan: &Fan, leaf: usize, pin: &Pin) -> i32 {
        at(&self.y, pin.item) + self.leaf_y.get(fan.net).map_or(0, |ys| at(ys, leaf))
    }

    /// The line from a leaf to its root.
    fn line(&self, fan_index: usize, fan: &Fan, leaf: usize, x: &[i32], tracks: &[i32]) -> Vec<Point> {
        let Some(net) = self.nets.get(fan.net) else { return Vec::new() };
        let Some(pin) = net.leaves.get(leaf) else { return Vec::new() };
        let border = |item: usize, right: bool| {
            at(x, item) + if right { self.items.get(item).map_or(0, |i| i.width) } else { 0 }
        };
        let away = at(&self.layer, pin.item).abs_diff(fan.root_layer);
        let mut y = self.leaf_at(fan, leaf, pin);
        let leaf_side = if away == 0 { fan.right } else { !fan.right };
        let mut points = vec![Point { x: border(pin.item, leaf_side), y }];
        for step in (0..away.max(1)).rev() {
            let next = self.entry_y(fan_index, fan, step);
            if next != y || away == 0 {
                let track = at(tracks, step);
                points.push(Point { x: track, y });
                points.push(Point { x: track, y: next });
                y = next;
            }
        }
        points.push(Point { x: border(net.root.item, fan.right), y });
        points
    }
}

/// Wanted shifts with their weights, ready to tell their lower weighted median: the least that half of the weight is not above.
#[derive(Default)]
struct Wishes {
    /// Up to the median, which is the greatest of them.
    low: BinaryHeap<(i32, i64)>,
    /// The others.
    high: BinaryHeap<Reverse<(i32, i64)>>,
    low_weight: i64,
    weight: i64,
}

impl Wishes {
    fn is_empty(&self) -> bool {
        self.low.is_empty()
    }

    fn median(&self) -> i32 {
        self.low.peek().map_or(0, |(shift, _)| *shift)
    }

    fn push(&mut self, shift: i32, weight: i64) {
        self.weight += weight;
        if self.low.is_empty() || shift <= self.median() {
            self.low_weight += weight;
            self.low.push((shift, weight));
        } else {
            self.high.push(Reverse((shift, weight)));
        }
        while 2 * self.low_weight < self.weight
            && let Some(Reverse(next)) = self.high.pop()
        {
            self.low_weight += next.1;
            self.low.push(next);
        }
        while let Some(last) = self.low.peek().copied()
            && 2 * (self.low_weight - last.1) >= self.weight
        {
            self.low.pop();
            self.low_weight -= last.1;
            self.high.push(Reverse(last));
        }
    }

    /// Both; the fewer move, and what held them is spare.
    fn with(self, other: Self, spare: &mut Vec<Self>) -> Self {
        let count = |wishes: &Self| wishes.low.len() + wishes.high.len();
        let (mut all, mut few) = if count(&self) < count(&other) { (other, self) } else { (self, other) };
        for (shift, weight) in few.low.drain().chain(few.high.drain().map(|Reverse(wish)| wish)) {
            all.push(shift, weight);
        }
        spare.push(few.cleared());
        all
    }

    /// None, in the same room.
    fn cleared(mut self) -> Self {
        self.low.clear();
        self.high.clear();
        (self.low_weight, self.weight) = (0, 0);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All at the same time: whatever was pushed or joined in whatever order, the median is that of the sorted list.
    #[test]
    fn the_median_is_that_of_the_sorted_list() {
        let mut seed = 7u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            i32::try_from((seed >> 33) % below).unwrap()
        };
        for _ in 0..300 {
            let mut all = Vec::new();
            let mut wishes = Wishes::default();
            for _ in 0..1 + next(6) {
                let mut more = Wishes::default();
                for _ in 0..1 + next(9) {
                    let wish = (next(12), i64::from(1 + next(5)));
                    all.push(wish);
                    more.push(wish.0, wish.1);
                }
                wishes = wishes.with(more, &mut Vec::new());
            }
            all.sort_unstable();
            let half: i64 = all.iter().map(|(_, w)| w).sum();
            let mut sum = 0;
            let median = all.iter().find(|(_, w)| {
                sum += w;
                2 * sum >= half
            });
            assert_eq!(Some(wishes.median()), median.map(|m| m.0), "{all:?}");
        }
    }
}
