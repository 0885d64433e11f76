//! The graph of a history as lanes beside its list: which lane a revision stands in, and which lines come down to it.

use relata_protocol::History;

/// How many lanes there is room for; what lies beyond shares the last one.
pub const MAX_LANES: u8 = 12;

/// A revision's part of the graph.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LaneRow {
    /// Its lane, from 0.
    pub lane: u8,
    /// Lines from the row above to this one, as lanes there and here, without repetition.
    pub lines: Vec<(u8, u8)>,
}

/// A parent and its child, and the lane that leads from one to the other.
struct Edge {
    parent: usize,
    child: usize,
    lane: usize,
}

/// Lays a history out: a revision stands in the lane of its first parent when it is that one's first child, else in one of its own, which begins
/// below the parent. Without a graph each revision follows the one before.
pub fn lanes(history: &History) -> Vec<LaneRow> {
    let n = history.rows.len();
    let parents = |at: usize| -> Vec<usize> {
        match (history.graph, history.rows.get(at)) {
            (true, Some(row)) => row.parents.iter().map(|p| *p as usize).filter(|p| *p < at).collect(),
            _ => at.checked_sub(1).into_iter().collect(),
        }
    };
    let mut children: Vec<Vec<(usize, bool)>> = vec![Vec::new(); n];
    for at in 0..n {
        for (nth, parent) in parents(at).into_iter().enumerate() {
            if let Some(own) = children.get_mut(parent) {
                own.push((at, nth == 0));
            }
        }
    }
    let mut taken: Vec<bool> = Vec::new();
    let mut open: Vec<Edge> = Vec::new();
    let mut reserved: Vec<Option<usize>> = vec![None; n];
    let mut rows: Vec<LaneRow> = Vec::with_capacity(n);
    let mut above = 0;
    for at in 0..n {
        let lane = reserved.get(at).copied().flatten().unwrap_or_else(|| free(&mut taken));
        let mut lines: Vec<(u8, u8)> = open
            .iter()
            .map(|e| {
                // A line leaves its parent's lane directly below it, and joins its child's lane directly above that one.
                let from = if e.parent + 1 == at { above } else { e.lane };
                (shown(from), shown(if e.child == at { lane } else { e.lane }))
            })
            .collect();
        lines.sort_unstable();
        lines.dedup();
        let own = children.get(at).map_or(&[][..], Vec::as_slice);
        let heir = own.iter().find(|(_, first)| *first).map(|(child, _)| *child);
        // Lanes that end here are free for what begins here, but for the revision's own.
        let ended: Vec<usize> = open.iter().filter(|e| e.child == at && e.lane != lane).map(|e| e.lane).collect();
        open.retain(|e| e.child != at);
        for lane in ended {
            if !open.iter().any(|e| e.lane == lane) {
                release(&mut taken, lane);
            }
        }
        let mut kept = false;
        for (child, first) in own {
            let own_lane = if Some(*child) == heir || (heir.is_none() && !kept) {
                kept = true;
                lane
            } else {
                free(&mut taken)
            };
            if *first && let Some(place) = reserved.get_mut(*child) {
                *place = Some(own_lane);
            }
            open.push(Edge { parent: at, child: *child, lane: own_lane });
        }
        if !kept {
            release(&mut taken, lane);
        }
        rows.push(LaneRow { lane: shown(lane), lines });
        above = lane;
    }
    rows
}

fn free(taken: &mut Vec<bool>) -> usize {
    let lane = taken.iter().position(|t| !t).unwrap_or(taken.len());
    match taken.get_mut(lane) {
        Some(t) => *t = true,
        None => taken.push(true),
    }
    lane
}

fn release(taken: &mut [bool], lane: usize) {
    if let Some(t) = taken.get_mut(lane) {
        *t = false;
    }
}

fn shown(lane: usize) -> u8 {
    u8::try_from(lane).unwrap_or(u8::MAX).min(MAX_LANES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::history::tests::revision;

    /// Each row as `lane: from>to from>to`.
    fn drawn(parents: &[&[u32]]) -> Vec<String> {
        let rows = parents.iter().enumerate().map(|(at, p)| revision(&at.to_string(), p)).collect();
        let graph = parents.iter().any(|p| !p.is_empty());
        let row = |r: LaneRow| {
            let lines: Vec<String> = r.lines.iter().map(|(a, b)| format!("{a}>{b}")).collect();
            format!("{}: {}", r.lane, lines.join(" "))
        };
        lanes(&History { graph, rows, ..History::default() }).into_iter().map(row).collect()
    }

    #[test]
    fn a_line_of_revisions_is_one_lane() {
        assert_eq!(drawn(&[&[], &[], &[]]), ["0: ", "0: 0>0", "0: 0>0"]);
        assert_eq!(drawn(&[&[], &[0], &[1]]), ["0: ", "0: 0>0", "0: 0>0"]);
    }

    #[test]
    fn a_branch_takes_a_lane_and_a_merge_gives_it_back() {
        // 0 ─ 1 ─ 3 (merge) ─ 4
        //  └─ 2 ─┘
        assert_eq!(
            drawn(&[&[], &[0], &[0], &[1, 2], &[3]]),
            ["0: ", "0: 0>0 0>1", "1: 0>0 1>1", "0: 0>0 1>0", "0: 0>0"]
        );
    }

    #[test]
    fn a_second_base_stands_beside_the_first() {
        assert_eq!(drawn(&[&[], &[], &[0], &[1]]), ["0: ", "1: 0>0", "0: 0>0 1>1", "1: 1>1"]);
    }

    #[test]
    fn a_cycle_and_more_branches_than_room_do_no_harm() {
        assert_eq!(drawn(&[&[1], &[0], &[9]]).len(), 3);
        let many: Vec<&[u32]> = std::iter::once(&[][..]).chain(std::iter::repeat_n(&[0][..], 40)).collect();
        let rows = drawn(&many);
        assert!(rows.iter().all(|r| r.split(':').next().unwrap().parse::<u8>().unwrap() < MAX_LANES));
    }
}
