//! `mqueue`: messages of one session that wait for the inflight window, for the socket, or for the client to
//! come back.
//!
//! Bounded in messages and in bytes. When it is full the newest message enters and the oldest of the lowest
//! priority leaves (EMQX's rule). Priorities go by topic (`mqtt.mqueue_priorities`); within one, first in first out.

use std::collections::{BTreeMap, VecDeque};

use super::Outgoing;
use crate::MqttConfig;

/// An emptied queue keeps room for this many messages at most; a larger one gives its memory back.
const KEPT_CAPACITY: usize = 32;

/// The queue. One word until something waits for the first time.
#[derive(Debug, Default)]
pub struct MessageQueue {
    lanes: Option<Box<Lanes>>,
}

#[derive(Debug, Default)]
struct Lanes {
    /// All of them unless priorities are configured.
    messages: VecDeque<Outgoing>,
    /// Messages of a priority above the default's, by priority.
    prioritised: BTreeMap<u8, VecDeque<Outgoing>>,
    len: usize,
    bytes: usize,
}

impl MessageQueue {
    /// Messages waiting.
    pub fn len(&self) -> usize {
        self.lanes.as_ref().map_or(0, |lanes| lanes.len)
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Topic and payload bytes waiting.
    pub fn bytes(&self) -> usize {
        self.lanes.as_ref().map_or(0, |lanes| lanes.bytes)
    }

    /// Puts a message at the end of its priority; those that had to leave for it.
    pub fn push(&mut self, outgoing: Outgoing, config: &MqttConfig) -> Vec<Outgoing> {
        let lanes = self.lanes.get_or_insert_default();
        let mut dropped = Vec::new();
        lanes.push(outgoing, config);
        while config.max_mqueue_len.is_some_and(|max| lanes.len > max)
            || (lanes.len > 1 && config.max_mqueue_bytes.is_some_and(|max| lanes.bytes > max))
        {
            let Some(oldest) = lanes.take_lowest() else { break };
            dropped.push(oldest);
        }
        dropped
    }

    /// All of them, in the order in which they would be sent.
    pub fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.lanes.iter().flat_map(|lanes| {
            let prioritised = lanes.prioritised.values().rev().flatten();
            prioritised.chain(&lanes.messages)
        })
    }

    /// Takes in what waited in another process, whatever the limits are now.
    pub fn restore(&mut self, waiting: Vec<Outgoing>, config: &MqttConfig) {
        if !waiting.is_empty() {
            let lanes = self.lanes.get_or_insert_default();
            waiting.into_iter().for_each(|outgoing| lanes.push(outgoing, config));
        }
    }

    /// The next message to send: of the highest priority the oldest.
    pub fn pop(&mut self) -> Option<Outgoing> {
        self.lanes.as_mut()?.pop()
    }

    /// The message that [`Self::pop`] would give.
    pub fn peek(&self) -> Option<&Outgoing> {
        self.lanes.as_ref()?.peek()
    }

    /// Empties the queue.
    pub fn drain(&mut self) -> Vec<Outgoing> {
        std::iter::from_fn(|| self.pop()).collect()
    }
}

impl Lanes {
    fn push(&mut self, outgoing: Outgoing, config: &MqttConfig) {
        self.bytes += outgoing.message.size();
        self.len += 1;
        match priority(&outgoing, config) {
            0 => self.messages.push_back(outgoing),
            priority => self.prioritised.entry(priority).or_default().push_back(outgoing),
        }
    }

    fn pop(&mut self) -> Option<Outgoing> {
        let outgoing = match self.prioritised.last_entry() {
            Some(mut lane) => {
                let outgoing = lane.get_mut().pop_front();
                if lane.get().is_empty() {
                    lane.remove();
                }
                outgoing
            }
            None => {
                let outgoing = self.messages.pop_front();
                if self.messages.is_empty() && self.messages.capacity() > KEPT_CAPACITY {
                    self.messages = VecDeque::new();
                }
                outgoing
            }
        }?;
        self.account_removed(&outgoing);
        Some(outgoing)
    }

    fn peek(&self) -> Option<&Outgoing> {
        self.prioritised
            .last_key_value()
            .map_or_else(|| self.messages.front(), |(_, lane)| lane.front())
    }

    fn take_lowest(&mut self) -> Option<Outgoing> {
        let outgoing = match self.messages.pop_front() {
            Some(outgoing) => outgoing,
            None => {
                let mut lane = self.prioritised.first_entry()?;
                let outgoing = lane.get_mut().pop_front()?;
                if lane.get().is_empty() {
                    lane.remove();
                }
                outgoing
            }
        };
        self.account_removed(&outgoing);
        Some(outgoing)
    }

    fn account_removed(&mut self, outgoing: &Outgoing) {
        self.len -= 1;
        self.bytes -= outgoing.message.size();
    }
}

fn priority(outgoing: &Outgoing, config: &MqttConfig) -> u8 {
    if config.mqueue_priorities.is_empty() {
        return 0;
    }
    let unlisted = if config.mqueue_default_priority_highest {
        u8::MAX
    } else {
        0
    };
    config
        .mqueue_priorities
        .get(&*outgoing.message.topic)
        .copied()
        .unwrap_or(unlisted)
}

#[cfg(test)]
mod tests {
    use mqtt_codec::QoS;

    use super::*;
    use crate::session::tests::{outgoing, outgoing_on};

    fn payloads(messages: Vec<Outgoing>) -> Vec<String> {
        messages
            .iter()
            .map(|each| String::from_utf8_lossy(&each.message.payload).into_owned())
            .collect()
    }

    #[test]
    fn when_full_the_newest_enters_and_the_oldest_leaves() {
        let config = MqttConfig {
            max_mqueue_len: Some(2),
            ..MqttConfig::default()
        };
        let mut queue = MessageQueue::default();
        assert!(queue.push(outgoing("1", QoS::AtLeastOnce), &config).is_empty());
        assert!(queue.push(outgoing("2", QoS::AtLeastOnce), &config).is_empty());
        assert_eq!(payloads(queue.push(outgoing("3", QoS::AtLeastOnce), &config)), ["1"]);
        assert_eq!(payloads(queue.drain()), ["2", "3"]);
        assert_eq!((queue.len(), queue.bytes()), (0, 0));
    }

    #[test]
    fn the_byte_limit_bites_before_the_message_limit() {
        let config = MqttConfig {
            max_mqueue_bytes: Some(40),
            ..MqttConfig::default()
        };
        let mut queue = MessageQueue::default();
        let big = "x".repeat(30);
        assert!(queue.push(outgoing(&big, QoS::AtLeastOnce), &config).is_empty());
        assert_eq!(queue.push(outgoing(&big, QoS::AtLeastOnce), &config).len(), 1);
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn higher_priorities_go_first_and_the_lowest_is_dropped() {
        let config = MqttConfig {
            max_mqueue_len: Some(3),
            mqueue_priorities: [("hot".to_owned(), 9), ("warm".to_owned(), 2)].into(),
            ..MqttConfig::default()
        };
        let mut queue = MessageQueue::default();
        queue.push(outgoing_on("cold", "c", QoS::AtLeastOnce), &config);
        queue.push(outgoing_on("warm", "w", QoS::AtLeastOnce), &config);
        queue.push(outgoing_on("hot", "h1", QoS::AtLeastOnce), &config);
        assert_eq!(
            payloads(queue.push(outgoing_on("hot", "h2", QoS::AtLeastOnce), &config)),
            ["c"]
        );
        assert_eq!(payloads(queue.drain()), ["h1", "h2", "w"]);
    }
}
