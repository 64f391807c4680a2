//! A map from topic filters to values that finds all filters which match a topic.
//!
//! The route table keeps the node's filters in one, each worker keeps those of its sessions in another.
//! The filter is split into levels; each level is a node, `+` and `#` have slots of their own. Matching
//! visits the nodes along the topic only and allocates nothing; it follows MQTT 5, 4.7, as
//! [`crate::matches`] does for one filter.
//!
//! Nodes live in an arena and name each other by number. Nothing recurses, so depth costs no stack.

use smallvec::SmallVec;

use crate::HashSeed;
use crate::trie_arena::{Arena, Node};
use crate::trie_children::NodeId;

/// Filters with a value each.
#[derive(Debug, Clone)]
pub struct FilterTrie<T> {
    arena: Arena<T>,
    len: usize,
    seed: HashSeed,
}

const ROOT: NodeId = Arena::<()>::ROOT;

impl<T> FilterTrie<T> {
    /// No filters; a random seed.
    pub fn new() -> Self {
        Self::with_seed(HashSeed::random())
    }

    /// No filters.
    pub fn with_seed(seed: HashSeed) -> Self {
        Self {
            arena: Arena::new(),
            len: 0,
            seed,
        }
    }

    /// The value of exactly this filter.
    pub fn get(&self, filter: &str) -> Option<&T> {
        self.arena[self.find(filter)?].value.as_ref()
    }

    /// The value of exactly this filter, to change.
    pub fn get_mut(&mut self, filter: &str) -> Option<&mut T> {
        let node = self.find(filter)?;
        self.arena[node].value.as_mut()
    }

    /// The value of exactly this filter, made first if there is none.
    pub fn get_or_insert_with(&mut self, filter: &str, make: impl FnOnce() -> T) -> &mut T {
        self.entry(filter, make).1
    }

    /// The same, with the number of the filter, which it has for as long as it is in.
    pub(crate) fn entry(&mut self, filter: &str, make: impl FnOnce() -> T) -> (NodeId, &mut T) {
        let mut node = ROOT;
        for label in filter.split('/') {
            node = match self.child(node, label) {
                Some(child) => child,
                None => self.add_child(node, label),
            };
        }
        if self.arena[node].value.is_none() {
            self.len += 1;
        }
        (node, self.arena[node].value.get_or_insert_with(make))
    }

    /// The number of exactly this filter.
    pub(crate) fn number_of(&self, filter: &str) -> Option<NodeId> {
        self.find(filter).filter(|&node| self.arena[node].value.is_some())
    }

    /// The text of the filter with this number.
    pub(crate) fn filter_of(&self, mut node: NodeId) -> String {
        let mut labels: SmallVec<[&str; 16]> = SmallVec::new();
        while node != ROOT {
            labels.push(self.arena.label(node));
            node = self.arena[node].parent;
        }
        labels.reverse();
        labels.join("/")
    }

    /// Takes exactly this filter out, and the levels that no other filter needs.
    pub fn remove(&mut self, filter: &str) -> Option<T> {
        let mut node = self.find(filter)?;
        let value = self.arena[node].value.take()?;
        self.len -= 1;
        while node != ROOT && self.arena[node].is_unused() {
            let parent = self.arena[node].parent;
            self.remove_child(parent, node);
            node = parent;
        }
        Some(value)
    }

    /// Calls `visit` with the value of each filter that matches `topic`, in no particular order.
    ///
    /// Costs at most one step for each node whose levels all match a beginning of the topic, whatever
    /// else is in the trie.
    pub fn for_each_match(&self, topic: &str, visit: &mut impl FnMut(&T)) {
        // Node, and where in the topic its children's level begins; `None` behind the last level.
        let mut pending: SmallVec<[(NodeId, Option<usize>); 16]> = SmallVec::new();
        pending.push((ROOT, Some(0)));
        while let Some((id, start)) = pending.pop() {
            let node = &self.arena[id];
            let wildcards = id != ROOT || !topic.starts_with('$');
            if let Some(rest_matcher) = node.rest.filter(|_| wildcards)
                && let Some(value) = &self.arena[rest_matcher.get()].value
            {
                visit(value);
            }
            let Some(start) = start else {
                if let Some(value) = &node.value {
                    visit(value);
                }
                continue;
            };
            let rest = &topic[start..];
            // Levels are short: a search made for long texts would cost more than this.
            let (level, next) = match rest.bytes().position(|byte| byte == b'/') {
                Some(length) => (&rest[..length], Some(start + length + 1)),
                None => (rest, None),
            };
            if let Some(any_level) = node.any_level.filter(|_| wildcards) {
                pending.push((any_level.get(), next));
            }
            if let Some(child) = self.literal_child(id, level) {
                pending.push((child, next));
            }
        }
    }

    /// How many filters there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// At most `limit` filters with their values, those behind `after`, which need not be in the trie.
    ///
    /// The order is that of the levels: a filter before those that go on from it, `#` before `+` before
    /// other levels, those in byte order. A filter that is there from the first page to the last is
    /// listed once, whatever else comes and goes between. Work is bounded by `limit` and the depth.
    pub fn page(&self, after: Option<&str>, limit: usize) -> Vec<(String, &T)> {
        let mut found = Vec::new();
        let mut next = match after {
            Some(filter) => self.first_behind(filter),
            None => self.first_child(ROOT),
        };
        while let Some(node) = next
            && found.len() < limit
        {
            if let Some(value) = &self.arena[node].value {
                found.push((self.filter_of(node), value));
            }
            next = self.first_child(node).or_else(|| self.behind_subtree(node));
        }
        found
    }

    /// Nodes in use, for tests and memory accounts; 1 when there are no filters.
    pub fn node_count(&self) -> usize {
        self.arena.len()
    }

    fn find(&self, filter: &str) -> Option<NodeId> {
        filter.split('/').try_fold(ROOT, |node, label| self.child(node, label))
    }

    fn child(&self, node: NodeId, label: &str) -> Option<NodeId> {
        match label {
            "+" => self.arena[node].any_level.map(|child| child.get()),
            "#" => self.arena[node].rest.map(|child| child.get()),
            _ => self.literal_child(node, label),
        }
    }

    fn literal_child(&self, node: NodeId, label: &str) -> Option<NodeId> {
        self.arena[node]
            .children
            .get(label, |child| self.arena.label(child), |label| self.seed.hash(label))
    }

    fn add_child(&mut self, parent: NodeId, label: &str) -> NodeId {
        let id = self.arena.add(Node::new(label, parent));
        match label {
            "+" => self.arena[parent].any_level = Some(id),
            "#" => self.arena[parent].rest = Some(id),
            _ => {
                let mut children = std::mem::take(&mut self.arena[parent].children);
                children.insert(id.get(), |child| self.arena.label(child), |label| self.seed.hash(label));
                self.arena[parent].children = children;
            }
        }
        id.get()
    }

    fn remove_child(&mut self, parent: NodeId, child: NodeId) {
        match self.arena.label(child) {
            "+" => self.arena[parent].any_level = None,
            "#" => self.arena[parent].rest = None,
            _ => {
                let mut children = std::mem::take(&mut self.arena[parent].children);
                children.remove(child, |child| self.arena.label(child), |label| self.seed.hash(label));
                self.arena[parent].children = children;
            }
        }
        self.arena.remove(child);
    }

    /// The first node behind `filter` in listing order.
    fn first_behind(&self, filter: &str) -> Option<NodeId> {
        let mut node = ROOT;
        for label in filter.split('/') {
            match self.child(node, label) {
                Some(child) => node = child,
                None => return self.child_after(node, label).or_else(|| self.behind_subtree(node)),
            }
        }
        self.first_child(node).or_else(|| self.behind_subtree(node))
    }

    fn first_child(&self, node: NodeId) -> Option<NodeId> {
        let node = &self.arena[node];
        node.rest
            .or(node.any_level)
            .map(|child| child.get())
            .or_else(|| node.children.first())
    }

    /// The child of `node` that comes behind `label`.
    fn child_after(&self, node: NodeId, label: &str) -> Option<NodeId> {
        let node = &self.arena[node];
        match label {
            "#" => node
                .any_level
                .map(|child| child.get())
                .or_else(|| node.children.first()),
            "+" => node.children.first(),
            _ => node.children.first_after(label, |child| self.arena.label(child)),
        }
    }

    /// The first node behind `node` and all below it.
    fn behind_subtree(&self, mut node: NodeId) -> Option<NodeId> {
        while node != ROOT {
            let parent = self.arena[node].parent;
            if let Some(next) = self.child_after(parent, self.arena.label(node)) {
                return Some(next);
            }
            node = parent;
        }
        None
    }
}

impl<T> Default for FilterTrie<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::matches;

    fn trie_of(filters: &[&str]) -> FilterTrie<String> {
        let mut trie = FilterTrie::new();
        for filter in filters {
            trie.get_or_insert_with(filter, || filter.to_string());
        }
        trie
    }

    fn matching(trie: &FilterTrie<String>, topic: &str) -> Vec<String> {
        let mut found = Vec::new();
        trie.for_each_match(topic, &mut |value: &String| found.push(value.clone()));
        found.sort();
        found
    }

    fn listed<T>(trie: &FilterTrie<T>, limit: usize) -> Vec<String> {
        let mut filters: Vec<String> = Vec::new();
        loop {
            let page = trie.page(filters.last().map(String::as_str), limit);
            assert!(page.len() <= limit);
            if page.is_empty() {
                return filters;
            }
            filters.extend(page.into_iter().map(|(filter, _)| filter));
        }
    }

    /// The listing order, as a key to sort by.
    fn listing_key(filter: &str) -> Vec<(u8, &str)> {
        let rank = |label: &str| match label {
            "#" => 0,
            "+" => 1,
            _ => 2,
        };
        filter.split('/').map(|label| (rank(label), label)).collect()
    }

    #[test]
    fn a_topic_finds_every_filter_that_matches_it() {
        let trie = trie_of(&[
            "a/b", "a/+", "a/#", "+/b", "#", "+", "a", "a/b/#", "a/b/c", "/", "$SYS/#", "+/+/#",
        ]);
        assert_eq!(
            matching(&trie, "a/b"),
            ["#", "+/+/#", "+/b", "a/#", "a/+", "a/b", "a/b/#"]
        );
        assert_eq!(matching(&trie, "a"), ["#", "+", "a", "a/#"]);
        assert_eq!(matching(&trie, "$SYS/b"), ["$SYS/#"]);
        assert_eq!(matching(&trie, "$SYS"), ["$SYS/#"]);
        assert_eq!(matching(&trie, "/"), ["#", "+/+/#", "/"]);
    }

    #[test]
    fn removing_the_last_filter_leaves_only_the_root() {
        let filters = ["a/b/c", "a/b", "a/+/c", "a/#", "+/+/+", "#", "//"];
        let mut trie = trie_of(&filters);
        assert_eq!(trie.len(), filters.len());
        assert_eq!(trie.remove("a"), None, "a level that is no filter");
        for filter in filters {
            assert_eq!(trie.remove(filter).as_deref(), Some(filter));
            assert_eq!(trie.remove(filter), None);
        }
        assert!(trie.is_empty());
        assert_eq!(trie.node_count(), 1);
    }

    #[test]
    fn listing_goes_on_behind_a_filter_that_was_removed() {
        let mut trie = trie_of(&["a", "a/+", "a/b", "a/b/c", "b/#", "b/c", "c"]);
        let all = listed(&trie, 100);
        assert_eq!(all, ["a", "a/+", "a/b", "a/b/c", "b/#", "b/c", "c"]);
        for filter in &all {
            let expected = all.iter().skip_while(|other| *other != filter).skip(1);
            trie.remove(filter);
            let page = trie.page(Some(filter), 100);
            assert!(page.iter().map(|(filter, _)| filter).eq(expected), "behind {filter}");
        }
    }

    #[test]
    fn sixty_five_thousand_levels_are_no_deeper_than_one() {
        let filter = "/".repeat(65_535);
        let mut trie = FilterTrie::new();
        trie.get_or_insert_with(&filter, || 1);
        trie.get_or_insert_with("#", || 2);
        let mut found = Vec::new();
        trie.for_each_match(&filter, &mut |&value| found.push(value));
        assert_eq!(found, [2, 1]);
        assert_eq!(trie.page(Some("#"), 1)[0].0, filter);
        assert_eq!(trie.clone().len(), 2);
        trie.remove(&filter);
        trie.remove("#");
        assert_eq!(trie.node_count(), 1);
    }

    #[test]
    fn wide_levels_are_found_listed_and_pruned() {
        let mut trie = FilterTrie::new();
        // In no order, so that runs split in their middle.
        let ids: Vec<u32> = (0..5000u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
        for id in &ids {
            trie.get_or_insert_with(&format!("device/{id}/command"), || *id);
        }
        for id in &ids {
            let mut found = Vec::new();
            trie.for_each_match(&format!("device/{id}/command"), &mut |&value: &u32| found.push(value));
            assert_eq!(found, [*id]);
        }
        let mut expected: Vec<String> = ids.iter().map(|id| format!("device/{id}/command")).collect();
        expected.sort_by(|a, b| listing_key(a).cmp(&listing_key(b)));
        assert_eq!(listed(&trie, 77), expected);
        for id in &ids {
            assert_eq!(trie.remove(&format!("device/{id}/command")), Some(*id));
        }
        assert_eq!(trie.node_count(), 1);
    }

    #[derive(Debug, Clone)]
    enum Operation {
        Insert(String),
        Remove(String),
        Match(String),
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let filter = "(([a-c]{0,1}|\\+|\\$s)(/([a-c]{0,1}|\\+)){0,3}(/#)?)|#";
        prop_oneof![
            4 => filter.prop_map(Operation::Insert),
            2 => filter.prop_map(Operation::Remove),
            2 => "([a-c]{0,1}|\\$s)(/[a-c]{0,1}){0,4}".prop_map(Operation::Match),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

        #[test]
        fn it_behaves_as_a_list_of_filters_does(
            operations in prop::collection::vec(operation(), 1..60),
            limit in 1usize..6,
            do_hashes_collide in any::<bool>(),
        ) {
            let mut trie =
                FilterTrie::with_seed(if do_hashes_collide { HashSeed::weak() } else { HashSeed::random() });
            let mut model = BTreeMap::new();
            for (n, operation) in operations.into_iter().enumerate() {
                match operation {
                    Operation::Insert(filter) => {
                        prop_assert_eq!(*trie.get_or_insert_with(&filter, || n), *model.entry(filter).or_insert(n));
                    }
                    Operation::Remove(filter) => prop_assert_eq!(trie.remove(&filter), model.remove(&filter)),
                    Operation::Match(topic) => {
                        let mut found = Vec::new();
                        trie.for_each_match(&topic, &mut |&value| found.push(value));
                        found.sort_unstable();
                        let mut expected: Vec<_> =
                            model.iter().filter(|(filter, _)| matches(filter, &topic)).map(|(_, &n)| n).collect();
                        expected.sort_unstable();
                        prop_assert_eq!(found, expected, "{}", topic);
                    }
                }
                prop_assert_eq!(trie.len(), model.len());
            }
            let mut expected: Vec<_> = model.keys().cloned().collect();
            expected.sort_by(|a, b| listing_key(a).cmp(&listing_key(b)));
            prop_assert_eq!(listed(&trie, limit), expected);
            for (filter, value) in model {
                prop_assert_eq!(trie.get(&filter), Some(&value));
                prop_assert_eq!(trie.remove(&filter), Some(value));
            }
            prop_assert_eq!(trie.node_count(), 1);
        }
    }
}
