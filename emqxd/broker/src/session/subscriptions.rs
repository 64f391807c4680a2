//! The subscriptions of one session, with the options of each.
//!
//! The texts of plain ones are in the worker's index (`local_index.rs`): here is only the number that the index gave
//! the filter. Shared and exclusive ones are kept by the name that the client wrote. Most sessions have a handful,
//! which a list holds in less memory than a table; gateways have many thousand.

use bytestring::ByteString;
use hashbrown::HashMap;

use crate::SubscriptionOptions;
use crate::local_index::FilterId;
use crate::split_table::SplitTable;

/// More plain subscriptions than this are hashed.
const FEW_MAX: usize = 16;

/// What one session subscribed to.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    plain: Plain,
    /// With a prefix: by filter in full, as the client wrote it.
    named: Option<Box<Named>>,
}

type Named = HashMap<ByteString, SubscriptionOptions, foldhash::fast::RandomState>;
type Entry = (FilterId, SubscriptionOptions);

#[derive(Debug)]
enum Plain {
    Few(Vec<Entry>),
    Many(Box<SplitTable<Entry>>),
}

impl Default for Plain {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Subscriptions {
    /// How many there are.
    pub fn len(&self) -> usize {
        let plain = match &self.plain {
            Plain::Few(list) => list.len(),
            Plain::Many(table) => table.len(),
        };
        plain + self.named.as_ref().map_or(0, |named| named.len())
    }

    /// The options of a plain one.
    pub fn plain(&self, filter: FilterId) -> Option<SubscriptionOptions> {
        match &self.plain {
            Plain::Few(list) => list.iter().find(|entry| entry.0 == filter),
            Plain::Many(table) => table.find(filter.hash(), |entry| entry.0 == filter),
        }
        .map(|entry| entry.1)
    }

    /// The options of one with a prefix, by its filter in full.
    pub fn named(&self, full: &str) -> Option<SubscriptionOptions> {
        self.named.as_ref()?.get(full).copied()
    }

    /// All plain ones, in no particular order.
    pub fn iter_plain(&self) -> impl Iterator<Item = (FilterId, SubscriptionOptions)> {
        let (few, many) = match &self.plain {
            Plain::Few(list) => (Some(list), None),
            Plain::Many(table) => (None, Some(table)),
        };
        let many = many.into_iter().flat_map(|table| table.iter());
        few.into_iter().flatten().chain(many).copied()
    }

    /// All with a prefix, in no particular order.
    pub fn iter_named(&self) -> impl Iterator<Item = (&ByteString, SubscriptionOptions)> {
        let named = self.named.iter().flat_map(|named| named.iter());
        named.map(|(full, options)| (full, *options))
    }

    /// Adds a plain one, or replaces its options; whether it is new.
    pub fn insert_plain(&mut self, filter: FilterId, options: SubscriptionOptions) -> bool {
        let present = match &mut self.plain {
            Plain::Few(list) => list.iter_mut().find(|entry| entry.0 == filter),
            Plain::Many(table) => table.find_mut(filter.hash(), |entry| entry.0 == filter),
        };
        if let Some(present) = present {
            present.1 = options;
            return false;
        }
        match &mut self.plain {
            Plain::Few(list) if list.len() < FEW_MAX => {
                if list.is_empty() {
                    // Most clients have one: a Vec by itself takes four places.
                    list.reserve_exact(1);
                }
                list.push((filter, options));
            }
            Plain::Few(list) => {
                let mut table = SplitTable::with_capacity(list.len() + 1);
                for entry in list.drain(..).chain([(filter, options)]) {
                    table.insert_unique(entry.0.hash(), entry, |other| other.0.hash());
                }
                self.plain = Plain::Many(Box::new(table));
            }
            Plain::Many(table) => table.insert_unique(filter.hash(), (filter, options), |other| other.0.hash()),
        }
        true
    }

    /// Takes a plain one out; whether it was in.
    pub fn remove_plain(&mut self, filter: FilterId) -> bool {
        match &mut self.plain {
            Plain::Few(list) => {
                let position = list.iter().position(|entry| entry.0 == filter);
                if let Some(position) = position {
                    list.swap_remove(position);
                }
                position.is_some()
            }
            Plain::Many(table) => {
                let removed = table.remove(filter.hash(), |entry| entry.0 == filter, |other| other.0.hash());
                // Half, so that a list at the edge does not change its shape with every step.
                if table.len() <= FEW_MAX / 2 {
                    self.plain = Plain::Few(table.iter().copied().collect());
                }
                removed.is_some()
            }
        }
    }

    /// Adds one with a prefix, or replaces its options; whether it is new.
    pub fn insert_named(&mut self, full: ByteString, options: SubscriptionOptions) -> bool {
        self.named.get_or_insert_default().insert(full, options).is_none()
    }

    /// Takes one with a prefix out; whether it was in.
    pub fn remove_named(&mut self, full: &str) -> bool {
        let Some(named) = &mut self.named else { return false };
        let was_in = named.remove(full).is_some();
        if named.is_empty() {
            self.named = None;
        }
        was_in
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::num::NonZeroU32;

    use super::*;

    fn options(identifier: u32) -> SubscriptionOptions {
        SubscriptionOptions {
            subscription_identifier: NonZeroU32::new(identifier),
            ..SubscriptionOptions::default()
        }
    }

    fn listed(subscriptions: &Subscriptions) -> BTreeMap<FilterId, SubscriptionOptions> {
        subscriptions.iter_plain().collect()
    }

    #[test]
    fn a_list_that_grows_into_a_table_and_back_keeps_everything() {
        let mut subscriptions = Subscriptions::default();
        let mut model = BTreeMap::new();
        for number in 0..100 {
            let filter = FilterId::of_place(number);
            assert!(subscriptions.insert_plain(filter, options(1)));
            assert!(!subscriptions.insert_plain(filter, options(number + 1)));
            model.insert(filter, options(number + 1));
            assert_eq!(listed(&subscriptions), model);
        }
        for number in 0..100 {
            let filter = FilterId::of_place(number);
            assert_eq!(subscriptions.plain(filter), model.remove(&filter));
            assert!(subscriptions.remove_plain(filter));
            assert!(!subscriptions.remove_plain(filter));
            assert_eq!(subscriptions.plain(filter), None);
            assert_eq!(listed(&subscriptions), model);
        }
        assert!(matches!(subscriptions.plain, Plain::Few(_)));
    }

    #[test]
    fn subscriptions_with_a_prefix_go_by_their_names() {
        let mut subscriptions = Subscriptions::default();
        assert!(subscriptions.insert_named("$share/g/t".into(), options(1)));
        assert!(!subscriptions.insert_named("$share/g/t".into(), options(2)));
        assert!(subscriptions.insert_plain(FilterId::of_place(0), options(3)));
        assert_eq!(subscriptions.len(), 2);
        assert_eq!(subscriptions.named("$share/g/t"), Some(options(2)));
        assert!(!subscriptions.remove_named("$share/g/u"));
        assert!(subscriptions.remove_named("$share/g/t"));
        assert_eq!(subscriptions.named("$share/g/t"), None);
        assert_eq!(subscriptions.len(), 1);
    }
}
