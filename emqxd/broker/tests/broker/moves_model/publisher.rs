//! A publisher somewhere in the cluster: which nodes it believes to want its messages, and what is on its way to each.

use std::collections::VecDeque;
use std::sync::Arc;

use bytestring::ByteString;
use emqxd_broker::{Message, Time};
use mqtt_codec::QoS;

use crate::support::{Dice, broker_message};

/// Steps that a message or the news of a route takes at most.
const DELAY_MAX: usize = 12;

/// What it knows of one node, and what is on its way there.
#[derive(Default)]
struct Way {
    wants: bool,
    /// The last news that has arrived, and how many messages had been sent to each node by then.
    heard: (u64, Vec<u64>),
    news: VecDeque<(u64, u64, bool)>,
    messages: VecDeque<(u64, Arc<Message>)>,
    sent: u64,
    arrived: u64,
}

pub struct Publisher {
    name: ByteString,
    last_id: u64,
    ways: Vec<Way>,
}

impl Publisher {
    /// One that knows that `wants` have subscribers.
    pub fn new(name: &str, first_id: u64, wants: &[bool]) -> Self {
        let way = |wants: &bool| Way {
            wants: *wants,
            ..Way::default()
        };
        Self {
            name: ByteString::from(name),
            last_id: first_id,
            ways: wants.iter().map(way).collect(),
        }
    }

    /// Sends a message to all nodes that it believes to want it. With `tells_apart` false each gets a number of its own.
    pub fn publish(&mut self, number: u32, topic: &str, qos: QoS, tells_apart: bool, step: u64, dice: &mut Dice) {
        self.last_id += 1;
        for (node, way) in self.ways.iter_mut().enumerate() {
            if !way.wants {
                continue;
            }
            let message = Message {
                id: if tells_apart {
                    self.last_id
                } else {
                    self.last_id | (node as u64 + 1) << 60
                },
                qos,
                publisher: self.name.clone(),
                published_at: Time(0),
                ..broker_message(topic, &number.to_string())
            };
            let last_due = way.messages.back().map_or(0, |(due, _)| *due);
            let due = last_due.max(step + dice.below(DELAY_MAX) as u64);
            way.messages.push_back((due, Arc::new(message)));
            way.sent += 1;
        }
    }

    /// A node tells whether it wants messages.
    pub fn tell(&mut self, node: usize, news: u64, wants: bool, step: u64, dice: &mut Dice) {
        let way = &mut self.ways[node];
        let last_due = way.news.back().map_or(0, |(due, ..)| *due);
        let due = last_due.max(step + dice.below(DELAY_MAX) as u64);
        way.news.push_back((due, news, wants));
    }

    /// What arrives at this step: news here, and the messages that the nodes get.
    pub fn arrivals(&mut self, step: u64) -> Vec<(usize, Arc<Message>)> {
        let sent: Vec<u64> = self.ways.iter().map(|way| way.sent).collect();
        let mut arrived = Vec::new();
        for (node, way) in self.ways.iter_mut().enumerate() {
            while let Some((_, news, wants)) = way.news.pop_front_if(|(due, ..)| *due <= step) {
                way.wants = wants;
                way.heard = (news, sent.clone());
            }
            while let Some((_, message)) = way.messages.pop_front_if(|(due, _)| *due <= step) {
                way.arrived += 1;
                arrived.push((node, message));
            }
        }
        arrived
    }

    /// Whether it has heard this news of `new`, and all that it had sent to `old` before has arrived.
    pub fn has_settled(&self, old: usize, new: usize, news: u64) -> bool {
        let (heard, sent) = &self.ways[new].heard;
        *heard >= news && self.ways[old].arrived >= sent[old]
    }

    /// Whether nothing is on its way.
    pub fn is_idle(&self) -> bool {
        self.ways
            .iter()
            .all(|way| way.news.is_empty() && way.messages.is_empty())
    }
}
