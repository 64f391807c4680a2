//! The children of one node of a [`crate::FilterTrie`]: sorted, and hashed where there are many.
//!
//! They are kept as node numbers only; whoever calls brings the function that gives a node's label. A
//! node with few children keeps one sorted list. One with many (`device/{id}`) has a hash table for
//! look-ups beside sorted runs of bounded length, so that neither adding to nor listing from a node with
//! a million children moves more than a few kilobytes.

use std::cmp::Ordering;

use crate::split_table::SplitTable;

/// Number of a node.
pub(crate) type NodeId = u32;

/// More children than this are hashed.
const FEW_MAX: usize = 16;
/// Longest sorted run; a longer one is split.
const RUN_MAX: usize = 512;

/// Children in order of their labels.
#[derive(Debug, Clone)]
pub(crate) enum Children {
    One(NodeId),
    Few(Vec<NodeId>),
    Many(Box<Many>),
}

#[derive(Debug, Clone)]
pub(crate) struct Many {
    by_label: SplitTable<NodeId>,
    /// None empty; all labels of a run lie before those of the next.
    runs: Vec<Vec<NodeId>>,
}

impl Default for Children {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Children {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(list) if list.is_empty())
    }

    /// The child called `label`.
    pub(crate) fn get<'a>(
        &self,
        label: &str,
        label_of: impl Fn(NodeId) -> &'a str,
        hash: impl Fn(&str) -> u64,
    ) -> Option<NodeId> {
        match self {
            Self::One(child) => (label_of(*child) == label).then_some(*child),
            Self::Few(list) => search(list, label, &label_of).ok().map(|position| list[position]),
            Self::Many(many) => many
                .by_label
                .find(hash(label), |&child| label_of(child) == label)
                .copied(),
        }
    }

    /// Adds `child`, whose label is not among the children yet.
    pub(crate) fn insert<'a>(
        &mut self,
        child: NodeId,
        label_of: impl Fn(NodeId) -> &'a str,
        hash: impl Fn(&str) -> u64,
    ) {
        let label = label_of(child);
        match self {
            Self::Few(list) if list.is_empty() => *self = Self::One(child),
            Self::One(other) => {
                let before = label < label_of(*other);
                *self = Self::Few(if before {
                    vec![child, *other]
                } else {
                    vec![*other, child]
                });
            }
            Self::Few(list) => {
                let position = search(list, label, &label_of).unwrap_or_else(|position| position);
                list.insert(position, child);
                if list.len() > FEW_MAX {
                    let mut by_label = SplitTable::with_capacity(list.len());
                    for &child in &*list {
                        by_label.insert_unique(hash(label_of(child)), child, |&other| hash(label_of(other)));
                    }
                    *self = Self::Many(Box::new(Many {
                        by_label,
                        runs: vec![std::mem::take(list)],
                    }));
                }
            }
            Self::Many(many) => many.insert(child, label_of, hash),
        }
    }

    /// Takes `child` out; it must be among the children.
    pub(crate) fn remove<'a>(
        &mut self,
        child: NodeId,
        label_of: impl Fn(NodeId) -> &'a str,
        hash: impl Fn(&str) -> u64,
    ) {
        match self {
            Self::One(_) => *self = Self::default(),
            Self::Few(list) => {
                list.retain(|&other| other != child);
                if let [last] = **list {
                    *self = Self::One(last);
                }
            }
            Self::Many(many) => {
                many.remove(child, label_of, hash);
                // Half, so that a node at the edge does not change its shape with every step.
                if many.by_label.len() <= FEW_MAX / 2 {
                    *self = Self::Few(many.runs.concat());
                }
            }
        }
    }

    /// The first child in order.
    pub(crate) fn first(&self) -> Option<NodeId> {
        match self {
            Self::One(child) => Some(*child),
            Self::Few(list) => list.first().copied(),
            Self::Many(many) => many.runs.first().and_then(|run| run.first()).copied(),
        }
    }

    /// The first child whose label lies behind `label`, which need not be among the children.
    pub(crate) fn first_after<'a>(&self, label: &str, label_of: impl Fn(NodeId) -> &'a str) -> Option<NodeId> {
        let after = |list: &[NodeId]| {
            let position = list.partition_point(|&child| label_of(child) <= label);
            list.get(position).copied()
        };
        match self {
            Self::One(child) => after(&[*child]),
            Self::Few(list) => after(list),
            Self::Many(many) => {
                let run = many.run_of(label, &label_of);
                after(&many.runs[run]).or_else(|| many.runs.get(run + 1).and_then(|next| next.first()).copied())
            }
        }
    }
}

impl Many {
    fn insert<'a>(&mut self, child: NodeId, label_of: impl Fn(NodeId) -> &'a str, hash: impl Fn(&str) -> u64) {
        let label = label_of(child);
        self.by_label
            .insert_unique(hash(label), child, |&other| hash(label_of(other)));
        let at = self.run_of(label, &label_of);
        let run = &mut self.runs[at];
        let position = search(run, label, &label_of).unwrap_or_else(|position| position);
        run.insert(position, child);
        if run.len() > RUN_MAX {
            // Sorted arrivals only ever fill the last run: leave the others full then.
            let keep = if position + 1 == run.len() {
                RUN_MAX
            } else {
                run.len() / 2
            };
            let rest = run.split_off(keep);
            run.shrink_to_fit();
            self.runs.insert(at + 1, rest);
        }
    }

    fn remove<'a>(&mut self, child: NodeId, label_of: impl Fn(NodeId) -> &'a str, hash: impl Fn(&str) -> u64) {
        let label = label_of(child);
        self.by_label
            .remove(hash(label), |&other| other == child, |&other| hash(label_of(other)));
        let at = self.run_of(label, &label_of);
        if let Ok(position) = search(&self.runs[at], label, &label_of) {
            self.runs[at].remove(position);
        }
        self.merge_short_runs(at);
    }

    /// Keeps the number of runs in step with the number of children: no empty run, and no two short
    /// neighbours at `at`.
    fn merge_short_runs(&mut self, at: usize) {
        if self.runs[at].is_empty() && self.runs.len() > 1 {
            self.runs.remove(at);
            return;
        }
        for left in [at.saturating_sub(1), at] {
            if let Some([first, second]) = self.runs.get_mut(left..left + 2)
                && first.len() + second.len() <= RUN_MAX / 2
            {
                first.append(second);
                first.shrink_to_fit();
                self.runs.remove(left + 1);
                return;
            }
        }
    }

    /// The run in which `label` is or belongs.
    fn run_of<'a>(&self, label: &str, label_of: impl Fn(NodeId) -> &'a str) -> usize {
        self.runs
            .partition_point(|run| label_of(run[0]) <= label)
            .saturating_sub(1)
    }
}

fn search<'a>(list: &[NodeId], label: &str, label_of: impl Fn(NodeId) -> &'a str) -> Result<usize, usize> {
    list.binary_search_by(|&child| -> Ordering { label_of(child).cmp(label) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Labels by number, so that the order of labels is not that of numbers.
    fn labels() -> Vec<String> {
        (0..3000u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_string())
            .collect()
    }

    /// A poor hash: look-ups must survive collisions.
    fn hash(label: &str) -> u64 {
        label.len() as u64
    }

    /// A better one, where a collision of everything would take too long.
    fn spread_hash(label: &str) -> u64 {
        label.bytes().fold(0, |hash, byte| {
            (hash ^ u64::from(byte))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(7)
        })
    }

    fn in_order<'a>(children: &Children, label_of: impl Fn(NodeId) -> &'a str + Copy) -> Vec<NodeId> {
        let next = |&child: &NodeId| children.first_after(label_of(child), label_of);
        std::iter::successors(children.first(), next).collect()
    }

    #[test]
    fn runs_stay_bounded_while_children_come_and_their_number_falls_while_they_go() {
        let labels = labels();
        let label_of = |child: NodeId| &*labels[child as usize];
        let mut children = Children::default();
        for child in 0..3000 {
            children.insert(child, label_of, spread_hash);
        }
        let Children::Many(many) = &children else {
            panic!("3000 children are many")
        };
        assert!(many.runs.iter().all(|run| (1..=RUN_MAX).contains(&run.len())));
        // All but every hundredth go.
        for child in (0..3000).filter(|child| child % 100 != 0) {
            children.remove(child, label_of, spread_hash);
        }
        let Children::Many(many) = &children else {
            panic!("30 children are many")
        };
        assert_eq!(many.runs.len(), 1);
        assert!(many.by_label.capacity() < 200, "{}", many.by_label.capacity());
        for child in (0..3000).step_by(100) {
            children.remove(child, label_of, spread_hash);
        }
        assert!(children.is_empty());
    }

    #[test]
    fn arrivals_in_order_fill_runs_whole() {
        let labels: Vec<String> = (0..RUN_MAX * 3).map(|n| format!("{n:08}")).collect();
        let label_of = |child: NodeId| &*labels[child as usize];
        let mut children = Children::default();
        for child in 0..labels.len() as NodeId {
            children.insert(child, label_of, spread_hash);
        }
        let Children::Many(many) = &children else {
            panic!("they are many")
        };
        assert_eq!(many.runs.iter().map(Vec::len).collect::<Vec<_>>(), [RUN_MAX; 3]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

        #[test]
        fn they_behave_as_a_sorted_set_does(steps in prop::collection::vec(0u32..60, 1..200)) {
            let labels = labels();
            let label_of = |child: NodeId| &*labels[child as usize];
            let mut children = Children::default();
            let mut model = BTreeSet::new();
            for child in steps {
                let label = label_of(child);
                if model.remove(&(label, child)) {
                    children.remove(child, label_of, hash);
                } else {
                    children.insert(child, label_of, hash);
                    model.insert((label, child));
                }
                prop_assert_eq!(children.get(label, label_of, hash).is_some(), model.contains(&(label, child)));
                prop_assert_eq!(children.is_empty(), model.is_empty());
            }
            let expected: Vec<_> = model.into_iter().map(|(_, child)| child).collect();
            prop_assert_eq!(in_order(&children, label_of), expected);
        }
    }
}
