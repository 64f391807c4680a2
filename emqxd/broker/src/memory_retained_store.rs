//! The retained messages in memory: a sorted map of topics, so that the literal beginning of a filter is
//! a range of it.
//!
//! One read-write lock guards the map; it is held for one call, whose cost the caller bounds, and never
//! together with another lock. Messages are kept as copies, since those that were received share their
//! connection's receive buffer. Other nodes' part in it is in `retained_replica.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use bytestring::ByteString;
use parking_lot::RwLock;

use crate::digest::retained_digest;
use crate::journal::JournalCell;
use crate::retained::{Cleaned, PageEnd, PageLimits, RetainedFull, RetainedStore, RetainerConfig};
use crate::retained_replica::{Tombstones, Writer};
use crate::{Change, Message, Stamp, Time, matches};

/// What a retained message costs beside its texts and payload: the message, its map entries and its
/// allocations; rounded up.
const MESSAGE_OVERHEAD_BYTES: usize = 320;

/// A [`RetainedStore`] whose messages end with the process.
#[derive(Debug)]
pub struct MemoryRetainedStore {
    pub(crate) journal: JournalCell,
    pub(crate) writer: OnceLock<Writer>,
    pub(crate) state: RwLock<State>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: RetainerConfig,
    pub(crate) messages: BTreeMap<ByteString, Entry>,
    /// When and what, for the messages that expire.
    expiring: BTreeSet<(Time, ByteString)>,
    bytes: usize,
    pub(crate) tombstones: Tombstones,
    /// The latest [`Stamp::at`] that was seen.
    pub(crate) last_at: u64,
    pub(crate) digest: u64,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) message: Arc<Message>,
    pub(crate) expires_at: Option<Time>,
    pub(crate) stamp: Stamp,
    bytes: usize,
}

impl MemoryRetainedStore {
    /// An empty store.
    pub fn new(config: RetainerConfig) -> Self {
        let state = State {
            config,
            messages: BTreeMap::new(),
            expiring: BTreeSet::new(),
            bytes: 0,
            tombstones: Tombstones::default(),
            last_at: 0,
            digest: 0,
        };
        Self {
            journal: JournalCell::default(),
            writer: OnceLock::new(),
            state: RwLock::new(state),
        }
    }

    /// Changes the settings for what is stored from now on.
    pub fn configure(&self, config: RetainerConfig) {
        self.state.write().config = config;
    }

    /// What the messages are charged with, against `max_retained_bytes`.
    pub fn bytes(&self) -> usize {
        self.state.read().bytes
    }
}

impl RetainedStore for MemoryRetainedStore {
    fn store(&self, message: Arc<Message>, now: Time) -> Result<(), RetainedFull> {
        if message.payload.is_empty() {
            self.clear(&mut self.state.write(), &message.topic);
            return Ok(());
        }
        let bytes = charge(&message);
        // Before the lock: copying a payload may take a while.
        let message = Arc::new(message.detach());
        let unix_ms = self.unix_ms();
        let mut state = self.state.write();
        state.check_room(&message, bytes)?;
        let default_expiry = state.config.msg_expiry_interval.map(|interval| now.after(interval));
        let expires_at = message.expires_at.or(default_expiry);
        state.remove(&message.topic);
        let stamp = self.next_stamp(&mut state, unix_ms);
        if let Some(journal) = self.journal.get() {
            let message = &message;
            journal.note(Change::Retained { message, stamp });
        }
        state.insert(message, expires_at, stamp);
        Ok(())
    }

    fn get(&self, topic: &str, now: Time) -> Option<Arc<Message>> {
        let state = self.state.read();
        state
            .messages
            .get(topic)
            .filter(|entry| entry.is_live(now))
            .map(|entry| entry.message.clone())
    }

    fn page(
        &self,
        filter: &str,
        after: Option<&str>,
        now: Time,
        limits: PageLimits,
        out: &mut Vec<Arc<Message>>,
    ) -> PageEnd {
        let mut room = limits.messages;
        self.state.read().walk(filter, after, limits.steps, |_, entry| {
            if entry.is_live(now) {
                out.push(entry.message.clone());
                room = room.saturating_sub(1);
            }
            room > 0
        })
    }

    fn remove(&self, topic: &str) -> bool {
        self.clear(&mut self.state.write(), topic)
    }

    fn len(&self) -> usize {
        self.state.read().messages.len()
    }

    fn topics(&self, after: Option<&str>, limit: usize) -> Vec<ByteString> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.state.read();
        let range = state.messages.range::<str, _>((start, Bound::Unbounded));
        range.take(limit).map(|(topic, _)| topic.clone()).collect()
    }

    fn clean(&self, filter: Option<&str>, after: Option<&str>, max_steps: usize) -> Cleaned {
        let mut state = self.state.write();
        let mut found = Vec::new();
        let end = match filter {
            Some(filter) => state.walk(filter, after, max_steps, |topic, _| {
                found.push(topic.clone());
                true
            }),
            None => {
                found.extend(state.messages.keys().take(max_steps).cloned());
                match found.last() {
                    Some(last) if found.len() < state.messages.len() => PageEnd::More { after: last.clone() },
                    _ => PageEnd::Done,
                }
            }
        };
        for topic in &found {
            self.clear(&mut state, topic);
        }
        Cleaned {
            removed: found.len(),
            end,
        }
    }

    fn expire(&self, now: Time, max_steps: usize) -> usize {
        let unix_ms = self.unix_ms();
        let mut state = self.state.write();
        state.tombstones.expire(unix_ms, max_steps);
        let mut removed = 0;
        while removed < max_steps
            && let Some((at, topic)) = state.expiring.first()
            && *at <= now
        {
            let topic = topic.clone();
            state.remove(&topic);
            removed += 1;
        }
        removed
    }
}

impl MemoryRetainedStore {
    /// Clears a topic by this node's will; whether there was a message.
    fn clear(&self, state: &mut State, topic: &str) -> bool {
        let was_there = state.remove(topic);
        // Another node may have a message on it that has not come here yet.
        if let Some(journal) = self.journal.get() {
            let unix_ms = self.unix_ms();
            let stamp = self.next_stamp(state, unix_ms);
            state.tombstones.add(ByteString::from(topic), stamp, unix_ms);
            journal.note(Change::RetainedRemoved { topic, stamp });
        }
        was_there
    }

    /// Later than anything that was seen here.
    fn next_stamp(&self, state: &mut State, unix_ms: u64) -> Stamp {
        state.last_at = state.last_at.saturating_add(1).max(unix_ms);
        Stamp {
            at: state.last_at,
            node: self.writer.get().map_or(0, |writer| writer.node),
        }
    }
}

impl State {
    /// Who wrote what is known of a topic.
    pub(crate) fn stamp(&self, topic: &str) -> Option<Stamp> {
        let entry = self.messages.get(topic);
        entry.map(|entry| entry.stamp).or_else(|| self.tombstones.stamp(topic))
    }

    /// Puts in a message whose topic has none.
    pub(crate) fn insert(&mut self, message: Arc<Message>, expires_at: Option<Time>, stamp: Stamp) {
        let topic = message.topic.clone();
        if let Some(at) = expires_at {
            self.expiring.insert((at, topic.clone()));
        }
        let bytes = charge(&message);
        self.bytes += bytes;
        self.digest = self.digest.wrapping_add(retained_digest(&topic, stamp));
        let entry = Entry {
            message,
            expires_at,
            stamp,
            bytes,
        };
        self.messages.insert(topic, entry);
    }

    fn check_room(&self, message: &Message, bytes: usize) -> Result<(), RetainedFull> {
        let (size, limit) = (message.payload.len(), self.config.max_payload_size);
        if size > limit {
            return Err(RetainedFull::Payload { size, limit });
        }
        let former = self.messages.get(&*message.topic);
        if let Some(limit) = self.config.max_retained_messages
            && former.is_none()
            && self.messages.len() >= limit
        {
            return Err(RetainedFull::Messages { limit });
        }
        if let Some(limit) = self.config.max_retained_bytes
            && self.bytes - former.map_or(0, |entry| entry.bytes) + bytes > limit
        {
            return Err(RetainedFull::Bytes { limit });
        }
        Ok(())
    }

    /// Takes out what is known of a topic; whether there was a message.
    pub(crate) fn remove(&mut self, topic: &str) -> bool {
        self.tombstones.remove(topic);
        let Some((topic, entry)) = self.messages.remove_entry(topic) else {
            return false;
        };
        self.bytes -= entry.bytes;
        self.digest = self.digest.wrapping_sub(retained_digest(&topic, entry.stamp));
        if let Some(at) = entry.expires_at {
            self.expiring.remove(&(at, topic));
        }
        true
    }

    /// Calls `visit` for the messages whose topics match `filter`, behind `after`, until it returns
    /// `false` or `max_steps` messages were looked at.
    fn walk(
        &self,
        filter: &str,
        after: Option<&str>,
        max_steps: usize,
        mut visit: impl FnMut(&ByteString, &Entry) -> bool,
    ) -> PageEnd {
        let beginning = LiteralBeginning::of(filter);
        // `a/#` matches `a`, which lies outside the range of `a/`.
        if let Some(exact) = beginning.exact
            && after.is_none_or(|after| after < exact)
            && let Some((topic, entry)) = self.messages.get_key_value(exact)
            && (!visit(topic, entry) || max_steps <= 1)
        {
            return PageEnd::More { after: topic.clone() };
        }
        let Some(prefix) = beginning.prefix else {
            return PageEnd::Done;
        };
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let range = |start| self.messages.range::<str, _>((start, Bound::Unbounded));
        let mut entries = range(start);
        let mut steps = 0;
        while let Some((topic, entry)) = entries.next() {
            if !topic.starts_with(prefix) {
                break;
            }
            if prefix.is_empty() && topic.starts_with('$') {
                // A wildcard in the first level matches no topic that begins with `$`: go on behind them.
                entries = range(Bound::Included("%"));
                continue;
            }
            steps += 1;
            if matches(filter, topic) && !visit(topic, entry) || steps >= max_steps {
                return PageEnd::More { after: topic.clone() };
            }
        }
        PageEnd::Done
    }
}

impl Entry {
    fn is_live(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// Where in the sorted topics the matches of a filter can lie.
struct LiteralBeginning<'a> {
    /// This topic.
    exact: Option<&'a str>,
    /// Topics that begin so.
    prefix: Option<&'a str>,
}

impl<'a> LiteralBeginning<'a> {
    fn of(filter: &'a str) -> Self {
        match filter.find(['+', '#']) {
            None => Self {
                exact: Some(filter),
                prefix: None,
            },
            Some(at) => {
                let prefix = &filter[..at];
                let exact = if &filter[at..] == "#" {
                    prefix.strip_suffix('/')
                } else {
                    None
                };
                Self {
                    exact,
                    prefix: Some(prefix),
                }
            }
        }
    }
}

/// The bytes that `message` is charged with.
fn charge(message: &Message) -> usize {
    let properties = message.properties.as_ref().map_or(0, |properties| {
        let user: usize = properties
            .user_properties
            .iter()
            .map(|(name, value)| name.len() + value.len() + 64)
            .sum();
        let texts = [&properties.response_topic, &properties.content_type];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
        size_of_val(&**properties) + user + texts + properties.correlation_data.as_ref().map_or(0, |data| data.len())
    });
    message.size() + properties + message.publisher.len() + MESSAGE_OVERHEAD_BYTES
}

#[cfg(test)]
mod tests;
