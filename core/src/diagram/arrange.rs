//! Places items that already have a layer: order within layers, heights, widths of channels, and orthogonal routes.
//!
//! Layers are columns from left to right. A net joins one root pin to any number of leaf pins; its lines share a trunk, so that a table that
//! everything refers to costs one line per channel and not one per reference. A net that spans several layers passes the ones between through
//! a gap of its own. Order: barycentres over a bounded number of sweeps, then swaps of neighbours. Heights: in each layer the exact solution
//! of "as near as possible to where the lines want it, in this order, without overlap" (isotonic regression in the L1 norm by pooling
//! adjacent violators), which makes lines straight wherever one can be.

use super::layout::Point;
use super::route::{self, Bundle};
use super::{at, bump, list, put};
use crate::order::Order;

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
struct Fan {
    net: usize,
    right: bool,
    root_layer: usize,
    leaves: Vec<usize>,
    /// Node of the first gap that it passes; gaps follow one another away from the root.
    first_gap: usize,
    gaps: usize,
}

impl Fan {
    /// The layer `steps` away from the root.
    fn layer(&self, steps: usize) -> usize {
        if self.right { self.root_layer + steps } else { self.root_layer.saturating_sub(steps) }
    }
}

/// A line between neighbouring layers.
#[derive(Clone, Copy)]
struct Link {
    other: usize,
    own: i32,
    there: i32,
    weight: i64,
}

/// What runs between two layers.
#[derive(Clone, Default)]
struct Channel {
    bundles: Vec<Bundle>,
    /// For each bundle its fan and how many layers away from the fan's root it starts.
    owners: Vec<(usize, usize)>,
}

/// Most sweeps of crossing reduction; large drawings get fewer.
const SWEEPS: usize = 12;
/// The weight of a line with one leaf; the lines of a fan share it.
const WEIGHT: i64 = 1200;
/// The weight of a line between two gaps: bends far from tables are the ones that confuse.
const GAP_WEIGHT: i64 = 3000;

/// Places items and routes nets. The order within layers is the best found from `starts` first orders.
pub(super) fn arrange(items: &[Item], nets: &[Net], spacing: Spacing, starts: usize) -> Placed {
    let mut work = Work::new(items, nets, spacing);
    work.order(starts);
    work.spread_pins();
    work.heights();
    work.place()
}

struct Work<'a> {
    items: &'a [Item],
    nets: &'a [Net],
    spacing: Spacing,
    fans: Vec<Fan>,
    /// Nodes are items, then gaps.
    layer: Vec<usize>,
    group: Vec<u32>,
    layers: Vec<Vec<usize>>,
    pos: Vec<usize>,
    y: Vec<i32>,
    root_y: Vec<i32>,
    leaf_y: Vec<Vec<i32>>,
    left: Vec<Vec<Link>>,
    right: Vec<Vec<Link>>,
    crossings: u64,
    /// The height around which layers gather.
    middle: i32,
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
            left: Vec::new(),
            right: Vec::new(),
            crossings: 0,
            middle: 0,
        };
        work.link();
        work
    }

    fn height(&self, node: usize) -> i32 {
        self.items.get(node).map_or(0, |i| i.height)
    }

    fn thin(&self, node: usize) -> bool {
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
        let mut left = vec![Vec::new(); self.layer.len()];
        let mut right = vec![Vec::new(); self.layer.len()];
        let mut add = |near: (usize, i32), far: (usize, i32), to_right: bool, weight: i64| {
            let (a, b) = if to_right { (near, far) } else { (far, near) };
            if let Some(links) = right.get_mut(a.0) {
                links.push(Link { other: b.0, own: a.1, there: b.1, weight });
            }
            if let Some(links) = left.get_mut(b.0) {
                links.push(Link { other: a.0, own: b.1, there: a.1, weight });
            }
        };
        for (fan_index, fan) in self.fans.iter().enumerate() {
            let share = (WEIGHT / i64::try_from(fan.leaves.len()).unwrap_or(WEIGHT).max(1)).max(1);
            for leaf in &fan.leaves {
                let Some(pin) = self.nets.get(fan.net).and_then(|n| n.leaves.get(*leaf)) else { continue };
                let steps = at(&self.layer, pin.item).abs_diff(fan.root_layer);
                if steps > 0 {
                    let y = self.leaf_y.get(fan.net).map_or(0, |ys| at(ys, *leaf));
                    add(self.entry(fan_index, fan, steps - 1), (pin.item, y), fan.right, share);
                }
            }
            for step in 1..=fan.gaps {
                let weight = if step == 1 { WEIGHT } else { GAP_WEIGHT };
                add(self.entry(fan_index, fan, step - 1), self.entry(fan_index, fan, step), fan.right, weight);
            }
        }
        self.left = left;
        self.right = right;
    }

    fn number(&mut self) {
        for nodes in &self.layers {
            for (place, node) in nodes.iter().enumerate() {
                put(&mut self.pos, *node, place);
            }
        }
    }

    /// Orders the nodes of every layer so that few lines cross: from several first orders, since each ends in a different local
    /// optimum.
    fn order(&mut self, starts: usize) {
        let nodes = self.layer.len();
        let sweeps = match nodes {
            0..=1200 => SWEEPS,
            1201..=4000 => SWEEPS / 2,
            _ => SWEEPS / 3,
        };
        let mut best = Vec::new();
        let mut least = u64::MAX;
        for start in 0..starts {
            self.first_order(start);
            for sweep in 0..=sweeps {
                if sweep > 0 {
                    self.sweep((sweep + start) % 2 == 1);
                    if nodes <= 2500 {
                        self.swap_neighbours();
                    }
                }
                let crossings = self.count_crossings();
                if crossings < least {
                    least = crossings;
                    best.clone_from(&self.layers);
                }
                if least == 0 {
                    break;
                }
            }
            if least == 0 {
                break;
            }
        }
        self.layers = best;
        self.number();
        self.crossings = least;
    }

    /// Depth first from the left, so that what hangs together starts together.
    ///
    /// Every other start walks from the last node, and every other pair of starts from the right.
    fn first_order(&mut self, start: usize) {
        let count = self.layer.len();
        let mut rank = vec![usize::MAX; count];
        let mut next = 0;
        let mut starts: Vec<usize> = (0..count).collect();
        let (backwards, from_right) = (start % 2 == 1, start / 2 % 2 == 1);
        starts.order_by_key(|n| (at(&self.layer, *n), *n));
        if from_right {
            starts.reverse();
        }
        if backwards {
            starts.order_by_key(|n| {
                let layer = at(&self.layer, *n);
                (if from_right { usize::MAX - layer } else { layer }, std::cmp::Reverse(*n))
            });
        }
        if start >= 4 {
            // Those with most lines first.
            starts.order_by_key(|n| std::cmp::Reverse(list(&self.left, *n).len() + list(&self.right, *n).len()));
        }
        let mut stack = Vec::new();
        for start in starts {
            stack.push(start);
            while let Some(node) = stack.pop() {
                if rank.get(node).is_none_or(|r| *r != usize::MAX) {
                    continue;
                }
                put(&mut rank, node, next);
                next += 1;
                for link in list(&self.right, node).iter().rev().chain(list(&self.left, node).iter().rev()) {
                    if rank.get(link.other).is_some_and(|r| *r == usize::MAX) {
                        stack.push(link.other);
                    }
                }
            }
        }
        for nodes in &mut self.layers {
            nodes.order_by_key(|n| (at(&self.group, *n), rank.get(*n).copied()));
        }
        self.number();
    }

    fn sweep(&mut self, rightwards: bool) {
        let count = self.layers.len();
        for step in 1..count {
            let l = if rightwards { step } else { count - 1 - step };
            let fixed = if rightwards { l.checked_sub(1) } else { Some(l + 1) };
            let there = fixed.map_or(0, |f| list(&self.layers, f).len()).max(1);
            let Some(mut nodes) = self.layers.get_mut(l).map(std::mem::take) else { continue };
            let here = nodes.len().max(1);
            let links = if rightwards { &self.left } else { &self.right };
            let mut keyed: Vec<(u32, i64, usize, usize)> = nodes
                .iter()
                .enumerate()
                .map(|(place, node)| {
                    let links = list(links, *node);
                    let weight: i64 = links.iter().map(|l| l.weight).sum();
                    let key = if weight == 0 {
                        as_i64(place) * 1024 * as_i64(there) / as_i64(here)
                    } else {
                        let sum: i64 = links
                            .iter()
                            .map(|link| {
                                let height = i64::from(self.height(link.other)) + 1;
                                let part = i64::from(link.there) * 1024 / height;
                                (as_i64(at(&self.pos, link.other)) * 1024 + part) * link.weight
                            })
                            .sum();
                        sum / weight
                    };
                    (at(&self.group, *node), key, place, *node)
                })
                .collect();
            keyed.order();
            nodes.clear();
            nodes.extend(keyed.into_iter().map(|k| k.3));
            for (place, node) in nodes.iter().enumerate() {
                put(&mut self.pos, *node, place);
            }
            if let Some(slot) = self.layers.get_mut(l) {
                *slot = nodes;
            }
        }
    }

    /// Swaps neighbours in a layer wherever that removes a crossing.
    fn swap_neighbours(&mut self) {
        for l in 0..self.layers.len() {
            let Some(mut nodes) = self.layers.get_mut(l).map(std::mem::take) else { continue };
            for place in 1..nodes.len() {
                let (a, b) = (at(&nodes, place - 1), at(&nodes, place));
                if at(&self.group, a) != at(&self.group, b) {
                    continue;
                }
                let work = list(&self.left, a).len() * list(&self.left, b).len()
                    + list(&self.right, a).len() * list(&self.right, b).len();
                if work == 0 || work > 1024 {
                    continue;
                }
                let now = self.pair_crossings(&self.left, a, b) + self.pair_crossings(&self.right, a, b);
                let then = self.pair_crossings(&self.left, b, a) + self.pair_crossings(&self.right, b, a);
                if then < now {
                    nodes.swap(place - 1, place);
                    put(&mut self.pos, a, place);
                    put(&mut self.pos, b, place - 1);
                }
            }
            if let Some(slot) = self.layers.get_mut(l) {
                *slot = nodes;
            }
        }
    }

    /// Crossings of the lines on one side of two nodes, with `upper` above `lower`.
    fn pair_crossings(&self, links: &[Vec<Link>], upper: usize, lower: usize) -> usize {
        let mut crossings = 0;
        for a in list(links, upper) {
            for b in list(links, lower) {
                let (pa, pb) = (at(&self.pos, a.other), at(&self.pos, b.other));
                if pa > pb || (pa == pb && a.there > b.there) {
                    crossings += 1;
                }
            }
        }
        crossings
    }

    /// Crossings over all channels, by counting inversions with a binary indexed tree.
    fn count_crossings(&self) -> u64 {
        let mut crossings = 0u64;
        for nodes in &self.layers {
            let mut links: Vec<((usize, i32), (usize, i32))> = Vec::new();
            for node in nodes {
                for link in list(&self.right, *node) {
                    links.push(((at(&self.pos, *node), link.own), (at(&self.pos, link.other), link.there)));
                }
            }
            links.order();
            let mut ends: Vec<(usize, i32)> = links.iter().map(|l| l.1).collect();
            ends.order();
            ends.dedup();
            let mut tree = vec![0u64; ends.len() + 1];
            let mut from = 0;
            let mut total = 0u64;
            while let Some(first) = links.get(from) {
                // Lines from one pin do not cross each other: count the whole pin, then enter it.
                let to = links.partition_point(|l| l.0 <= first.0);
                for (_, end) in links.get(from..to).unwrap_or_default() {
                    let mut i = ends.partition_point(|e| e <= end);
                    let mut above = 0;
                    while i > 0 {
                        above += at(&tree, i);
                        i &= i - 1;
                    }
                    crossings += total - above;
                }
                for (_, end) in links.get(from..to).unwrap_or_default() {
                    let mut i = ends.partition_point(|e| e <= end);
                    while i < tree.len() && i > 0 {
                        bump(&mut tree, i, 1);
                        i += i & i.wrapping_neg();
                    }
                    total += 1;
                }
                from = to;
            }
        }
        crossings
    }

    /// Moves pins that would coincide apart, within the room that each has, in the order of where their lines go.
    fn spread_pins(&mut self) {
        struct End {
            key: (usize, bool, i32),
            toward: (usize, i32),
            room: i32,
            fan: usize,
            leaf: Option<(usize, usize)>,
        }
        let mut ends = Vec::new();
        for (fan_index, fan) in self.fans.iter().enumerate() {
            let Some(net) = self.nets.get(fan.net) else { continue };
            let toward = fan
                .leaves
                .first()
                .and_then(|l| net.leaves.get(*l))
                .map_or((0, 0), |leaf| (at(&self.pos, leaf.item), leaf.y));
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
                ends.push(End {
                    key: (pin.item, side, pin.y),
                    toward: (at(&self.pos, entry), y),
                    room: pin.room,
                    fan: fan_index,
                    leaf: Some((fan.net, *leaf)),
                });
            }
        }
        ends.order_by_key(|e| (e.key, e.toward, e.fan, e.leaf));
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
            shift: i32,
            /// Wanted shifts with their weights, sorted.
            wishes: Vec<(i32, i64)>,
        }
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
            let mut wishes = Vec::new();
            for (links, used) in [(&self.left, use_left), (&self.right, use_right)] {
                if used {
                    for link in list(links, *node) {
                        wishes.push((at(&self.y, link.other) + link.there - link.own - y, link.weight));
                    }
                }
            }
            if self.spacing.pull > 0 && !self.thin(*node) {
                wishes.push((top, self.spacing.pull));
            } else if wishes.is_empty() {
                wishes.push((at(&self.y, *node) - y, 1));
            }
            wishes.order();
            let shift = median(&wishes);
            let mut block = Block { first: place, shift, wishes };
            while let Some(above) = blocks.pop_if(|above| above.shift > block.shift) {
                let wishes = merge(&above.wishes, &block.wishes);
                block = Block { first: above.first, shift: median(&wishes), wishes };
            }
            blocks.push(block);
        }
        let mut ends: Vec<usize> = blocks.iter().skip(1).map(|b| b.first).collect();
        ends.push(nodes.len());
        for (block, end) in blocks.iter().zip(ends) {
            for place in block.first..end {
                put(&mut self.y, at(nodes, place), at(&packed, place) + block.shift);
            }
        }
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

/// The lower weighted median of sorted values.
fn median(wishes: &[(i32, i64)]) -> i32 {
    let total: i64 = wishes.iter().map(|w| w.1).sum();
    let mut sum = 0;
    for (value, weight) in wishes {
        sum += weight;
        if 2 * sum >= total {
            return *value;
        }
    }
    0
}

/// Merges two sorted lists.
fn merge(a: &[(i32, i64)], b: &[(i32, i64)]) -> Vec<(i32, i64)> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    loop {
        match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x <= y => out.extend(a.next()),
            (_, Some(_)) => out.extend(b.next()),
            (Some(_), None) => out.extend(a.next()),
            (None, None) => return out,
        }
    }
}

fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
