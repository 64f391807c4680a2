//! The first ids, in the order of their bytes, of more than one wants to hold.

use std::collections::BinaryHeap;

use bytestring::ByteString;

/// Keeps the `count` smallest ids behind `after` of all that are added.
pub(super) struct FirstIds {
    after: Option<ByteString>,
    count: usize,
    /// The greatest on top.
    kept: BinaryHeap<ByteString>,
}

/// What an id must lie between to be kept; a copy goes to those who look for ids.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bounds {
    after: Option<ByteString>,
    before: Option<ByteString>,
}

impl FirstIds {
    pub(super) fn new(after: Option<ByteString>, count: usize) -> Self {
        Self {
            after,
            count,
            kept: BinaryHeap::new(),
        }
    }

    /// Ids outside of these would be refused.
    pub(super) fn bounds(&self) -> Bounds {
        let is_full = self.kept.len() >= self.count;
        Bounds {
            after: self.after.clone(),
            before: self.kept.peek().filter(|_| is_full).cloned(),
        }
    }

    /// Keeps an id if it is among the first so far.
    pub(super) fn add(&mut self, id: ByteString) {
        if !self.bounds().contain(&id) {
            return;
        }
        self.kept.push(id);
        if self.kept.len() > self.count {
            self.kept.pop();
        }
    }

    pub(super) fn into_sorted(self) -> Vec<ByteString> {
        self.kept.into_sorted_vec()
    }
}

impl Bounds {
    pub(super) fn contain(&self, id: &ByteString) -> bool {
        self.after.as_ref().is_none_or(|after| id > after) && self.before.as_ref().is_none_or(|before| id < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(after: Option<&str>, count: usize, ids: &[&str]) -> Vec<String> {
        let mut first = FirstIds::new(after.map(ByteString::from), count);
        ids.iter().for_each(|id| first.add(ByteString::from(*id)));
        first.into_sorted().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_smallest_are_kept_in_the_order_of_their_bytes() {
        let ids = ["b", "a", "é", "Z", "ab", "z"];
        assert_eq!(first(None, 4, &ids), ["Z", "a", "ab", "b"]);
        assert_eq!(first(None, 9, &ids), ["Z", "a", "ab", "b", "z", "é"]);
        assert_eq!(first(None, 0, &ids), [""; 0]);
    }

    #[test]
    fn pages_go_on_behind_the_last_id_and_show_each_once() {
        let ids: Vec<String> = (0..100).rev().map(|n| format!("c{n}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut shown: Vec<String> = Vec::new();
        loop {
            let page = first(shown.last().map(String::as_str), 7, &ids);
            if page.is_empty() {
                break;
            }
            shown.extend(page);
        }
        let mut expected = ids;
        expected.sort_unstable();
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_lies_outside_the_bounds_need_not_be_offered() {
        let mut first = FirstIds::new(Some("b".into()), 2);
        for id in ["d", "c"] {
            first.add(id.into());
        }
        let bounds = first.bounds();
        for (id, is_inside) in [("b", false), ("bb", true), ("d", false), ("e", false)] {
            assert_eq!(bounds.contain(&id.into()), is_inside, "{id}");
        }
    }
}
