//! Exclusive topics: who holds which `$exclusive/{topic}` subscription on this node.
//!
//! A session claims a topic before it subscribes and releases it when it unsubscribes or ends. One
//! mutex guards the table, held for one look-up; it is never taken together with another lock.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;

use bytestring::ByteString;
use parking_lot::Mutex;
use thiserror::Error;

/// Topic to client id of its only subscriber.
#[derive(Debug, Default)]
pub struct ExclusiveTopics {
    holders: Mutex<BTreeMap<ByteString, ByteString>>,
}

/// Another client holds the topic; the answer is reason code 0x97 (quota exceeded), as in EMQX.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the topic is held by client {holder}")]
pub struct ExclusiveTopicHeld {
    /// Its client id.
    pub holder: ByteString,
}

impl ExclusiveTopics {
    /// None held.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives `topic` (without `$exclusive/`) to the client, unless another one has it.
    ///
    /// # Errors
    /// [`ExclusiveTopicHeld`] if so. A client that holds it already may claim it again.
    pub fn claim(&self, topic: &ByteString, client_id: &ByteString) -> Result<(), ExclusiveTopicHeld> {
        // The table outlives the packet that the strings were cut from: keep copies.
        match self.holders.lock().entry(ByteString::from(&**topic)) {
            Entry::Occupied(held) if held.get() != client_id => Err(ExclusiveTopicHeld {
                holder: held.get().clone(),
            }),
            Entry::Occupied(_) => Ok(()),
            Entry::Vacant(free) => {
                free.insert(ByteString::from(&**client_id));
                Ok(())
            }
        }
    }

    /// Takes `topic` back from the client; `false` if it does not hold it.
    pub fn release(&self, topic: &str, client_id: &str) -> bool {
        let mut holders = self.holders.lock();
        let held = holders.get(topic).is_some_and(|holder| **holder == *client_id);
        if held {
            holders.remove(topic);
        }
        held
    }

    /// The client that holds `topic`.
    pub fn holder(&self, topic: &str) -> Option<ByteString> {
        self.holders.lock().get(topic).cloned()
    }

    /// At most `limit` topics with their holders, sorted, those behind `after`.
    pub fn page(&self, after: Option<&str>, limit: usize) -> Vec<(ByteString, ByteString)> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let holders = self.holders.lock();
        let range = holders.range::<str, _>((start, Bound::Unbounded));
        range
            .take(limit)
            .map(|(topic, holder)| (topic.clone(), holder.clone()))
            .collect()
    }

    /// How many topics are held.
    pub fn len(&self) -> usize {
        self.holders.lock().len()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_belongs_to_one_client_until_it_lets_go() {
        let topics = ExclusiveTopics::new();
        let (first, second) = (ByteString::from("first"), ByteString::from("second"));
        let topic = ByteString::from("a/b");
        assert_eq!(topics.claim(&topic, &first), Ok(()));
        assert_eq!(topics.claim(&topic, &first), Ok(()));
        assert_eq!(
            topics.claim(&topic, &second),
            Err(ExclusiveTopicHeld { holder: first.clone() })
        );
        assert!(!topics.release("a/b", "second"));
        assert!(topics.release("a/b", "first"));
        assert_eq!(topics.claim(&topic, &second), Ok(()));
        assert_eq!(topics.holder("a/b"), Some(second));
    }

    #[test]
    fn pages_list_every_topic_once_in_order() {
        let topics = ExclusiveTopics::new();
        for topic in ["c", "a", "b"] {
            topics
                .claim(&ByteString::from(topic), &ByteString::from("client"))
                .unwrap();
        }
        let first = topics.page(None, 2);
        assert_eq!(first.iter().map(|(topic, _)| &**topic).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            topics.page(Some("b"), 2),
            [(ByteString::from("c"), ByteString::from("client"))]
        );
        assert_eq!(topics.len(), 3);
    }
}
