//! What happens on the node, told as it happens: `emqx-ctl events`.
//!
//! Whoever causes something worth telling calls [`NodeEvents::tell`], workers of clients' comings and goings
//! [`NodeEvents::tell_client`]. The last of each sort are remembered, so that a storm of connections does not push
//! out the one alarm. Followers get a bounded backlog; what does not fit is counted and told as [`EventKind::Missed`].
//! Nothing is put into text before somebody asks.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use bytestring::ByteString;
use emqx_shared::views::{EventKind, EventView};
use parking_lot::Mutex;
use tokio::sync::broadcast;

use crate::clock::unix_ms_now;

/// Events of each sort that are remembered.
const REMEMBERED: usize = 100;
/// Events that wait for a follower.
const BACKLOG: usize = 1024;
/// Bytes of a subject or a detail that are kept.
const TEXT_BYTES_MAX: usize = 512;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    number: u64,
    time_ms: u64,
    kind: EventKind,
    subject: ByteString,
    detail: Cow<'static, str>,
    peer: Option<SocketAddr>,
    count: u64,
}

impl Event {
    /// Whether it is what somebody asked for.
    pub fn is_wanted(&self, client_id: Option<&str>, kinds: &[EventKind]) -> bool {
        let is_of_client = matches!(self.kind, EventKind::Connected | EventKind::Disconnected);
        let fits_client = client_id.is_none_or(|client_id| is_of_client && self.subject == client_id);
        self.is_last() || (fits_client && (kinds.is_empty() || kinds.contains(&self.kind)))
    }

    /// Whether nothing follows.
    pub fn is_last(&self) -> bool {
        self.kind == EventKind::NodeStopping
    }

    /// As it is shown.
    pub fn view(&self) -> EventView {
        EventView {
            time_ms: self.time_ms,
            kind: self.kind,
            subject: cut(&self.subject).to_owned(),
            detail: cut(&self.detail).to_owned(),
            peername: self.peer.map(|peer| peer.to_string()),
            count: self.count,
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

/// In the place of events that a follower was too slow for.
pub fn missed(count: u64) -> EventView {
    EventView {
        time_ms: unix_ms_now(),
        kind: EventKind::Missed,
        subject: String::new(),
        detail: "the reader is too slow".to_owned(),
        peername: None,
        count,
    }
}

/// The events of the node.
#[derive(Debug)]
pub struct NodeEvents {
    remembered: Mutex<Remembered>,
    followers: broadcast::Sender<Event>,
    is_closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Remembered {
    last_number: u64,
    of_clients: VecDeque<Event>,
    others: VecDeque<Event>,
}

impl Default for NodeEvents {
    fn default() -> Self {
        Self {
            remembered: Mutex::default(),
            followers: broadcast::Sender::new(BACKLOG),
            is_closed: AtomicBool::new(false),
        }
    }
}

impl NodeEvents {
    /// Something happened to a part of the node: a listener, an alarm, a verb.
    pub fn tell(&self, kind: EventKind, subject: &str, detail: impl Into<Cow<'static, str>>) {
        self.tell_many(kind, subject, detail, 1);
    }

    /// The same thing happened `count` times.
    pub fn tell_many(&self, kind: EventKind, subject: &str, detail: impl Into<Cow<'static, str>>, count: u64) {
        self.publish(Event {
            number: 0,
            time_ms: unix_ms_now(),
            kind,
            subject: ByteString::from(cut(subject)),
            detail: detail.into(),
            peer: None,
            count,
        });
    }

    /// A client came or went. `client_id` is not copied: it must not be a slice of a read buffer.
    pub fn tell_client(&self, kind: EventKind, client_id: ByteString, peer: SocketAddr, detail: &'static str) {
        self.publish(Event {
            number: 0,
            time_ms: unix_ms_now(),
            kind,
            subject: client_id,
            detail: Cow::Borrowed(detail),
            peer: Some(peer),
            count: 1,
        });
    }

    /// The node is on its way down: followers are told and end.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.tell(EventKind::NodeStopping, "node", "the node is stopping");
    }

    /// Hears of everything from now on. After [`NodeEvents::close`] there is nothing to hear.
    pub fn follow(&self) -> Option<broadcast::Receiver<Event>> {
        let receiver = self.followers.subscribe();
        (!self.is_closed.load(Ordering::Relaxed)).then_some(receiver)
    }

    /// The last events that `wanted` accepts, oldest first, at most as many as are remembered of one sort.
    pub fn last(&self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        let remembered = self.remembered.lock();
        let all = remembered.of_clients.iter().chain(&remembered.others);
        let mut events: Vec<Event> = all.filter(|event| wanted(event)).cloned().collect();
        drop(remembered);
        events.sort_unstable_by_key(|event| event.number);
        events.split_off(events.len().saturating_sub(REMEMBERED))
    }

    fn publish(&self, mut event: Event) {
        let mut remembered = self.remembered.lock();
        remembered.last_number += 1;
        event.number = remembered.last_number;
        let ring = match event.kind {
            EventKind::Connected | EventKind::Disconnected => &mut remembered.of_clients,
            _ => &mut remembered.others,
        };
        let oldest = if ring.len() >= REMEMBERED {
            ring.pop_front()
        } else {
            None
        };
        let followed = (self.followers.receiver_count() > 0).then(|| event.clone());
        ring.push_back(event);
        if let Some(event) = followed {
            // Under the lock, so that followers hear in the order of the numbers. It waits for nobody.
            let _the_last_may_just_have_left = self.followers.send(event);
        }
        drop(remembered);
        drop(oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(events: &NodeEvents, number: usize) {
        let id = ByteString::from(format!("c{number}"));
        events.tell_client(EventKind::Connected, id, "10.0.0.9:1".parse().unwrap(), "");
    }

    #[test]
    fn a_storm_of_connections_does_not_push_out_an_alarm() {
        let events = NodeEvents::default();
        events.tell(EventKind::AlarmRaised, "license_quota", "18 of 20");
        (0..500).for_each(|number| connect(&events, number));
        let alarms = events.last(|event| event.is_wanted(None, &[EventKind::AlarmRaised]));
        assert_eq!(alarms.len(), 1);
        let all = events.last(|_| true);
        assert_eq!(all.len(), REMEMBERED);
        assert_eq!(all.last().unwrap().view().subject, "c499");
    }

    #[test]
    fn a_client_s_events_are_picked_out_and_nothing_else_that_has_its_name() {
        let events = NodeEvents::default();
        connect(&events, 1);
        connect(&events, 2);
        events.tell(EventKind::Admin, "c1", "not the client");
        let of_client = events.last(|event| event.is_wanted(Some("c1"), &[]));
        assert_eq!(of_client.len(), 1);
        assert_eq!(of_client[0].view().kind, EventKind::Connected);
    }

    #[tokio::test]
    async fn a_slow_follower_is_told_how_many_it_missed() {
        let events = NodeEvents::default();
        let mut follower = events.follow().unwrap();
        (0..BACKLOG + 10).for_each(|number| connect(&events, number));
        let lagged = follower.recv().await.unwrap_err();
        assert_eq!(lagged, broadcast::error::RecvError::Lagged(10));
        assert_eq!(follower.recv().await.unwrap().view().subject, "c10");
    }

    #[tokio::test]
    async fn the_end_of_the_node_is_the_last_event_whatever_was_asked_for() {
        let events = NodeEvents::default();
        let mut follower = events.follow().unwrap();
        events.close();
        let last = follower.recv().await.unwrap();
        assert!(last.is_last() && last.is_wanted(Some("nobody"), &[EventKind::Admin]));
        assert!(events.follow().is_none());
    }
}
