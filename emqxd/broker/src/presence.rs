//! Which clients are here, told to the other nodes: as they come and go, and in pages for who was not listening.

use std::fmt;
use std::sync::Arc;

use crate::digest::client_digest;
use crate::session::Session;
use crate::{Change, Journal, SessionKey, Shard, Time};

/// Whom a shard tells of its sessions.
#[derive(Default)]
pub(crate) struct Presence {
    told: Option<Told>,
    /// When the client of a session connected last, Unix milliseconds, by the session's place; 0 if nobody was told of
    /// it. Not in the session, which is as large as its size class of the allocator.
    since: Vec<u64>,
    digest: u64,
}

struct Told {
    journal: Arc<dyn Journal>,
    unix_ms: Box<dyn Fn(Time) -> u64>,
}

impl fmt::Debug for Presence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Presence").finish_non_exhaustive()
    }
}

impl Presence {
    /// When the client of a session connected last, Unix milliseconds; 0 without a journal.
    pub fn since(&self, key: SessionKey) -> u64 {
        self.since.get(key.index as usize).copied().unwrap_or(0)
    }
}

impl Shard {
    /// Who hears of this shard's clients, and what a moment is in Unix milliseconds: to be set before they come.
    pub fn set_journal(&mut self, journal: Arc<dyn Journal>, unix_ms: impl Fn(Time) -> u64 + 'static) {
        let unix_ms = Box::new(unix_ms);
        self.presence.told = Some(Told { journal, unix_ms });
    }

    /// Takes a session in. [`Self::note_client_here`] follows.
    pub(crate) fn add_session(&mut self, session: Session) -> SessionKey {
        if self.presence.told.is_some() {
            self.presence.digest = self.presence.digest.wrapping_add(client_digest(&session.client_id));
        }
        self.sessions.insert(session)
    }

    /// The client of a session has connected, or its session came from elsewhere: it connected at `at` last.
    pub(crate) fn note_client_here(&mut self, key: SessionKey, at: Time) {
        if let Some(told) = &self.presence.told {
            let since = (told.unix_ms)(at);
            self.note_client_since(key, since);
        }
    }

    /// The same, at `since` in Unix milliseconds.
    pub(crate) fn note_client_since(&mut self, key: SessionKey, since: u64) {
        let (Some(told), Some(session)) = (&self.presence.told, self.sessions.get(key)) else {
            return;
        };
        let since = since.max(1);
        let place = key.index as usize;
        if self.presence.since.len() <= place {
            self.presence.since.resize(place + 1, 0);
        }
        let before = std::mem::replace(&mut self.presence.since[place], since);
        told.journal.note(Change::ClientHere {
            client_id: &session.client_id,
            since,
            is_new: before == 0,
        });
    }

    /// Takes a session out.
    pub(crate) fn forget_session(&mut self, key: SessionKey) -> Option<Box<Session>> {
        let session = self.sessions.remove(key)?;
        if let Some(told) = &self.presence.told {
            let client_id = &*session.client_id;
            self.presence.digest = self.presence.digest.wrapping_sub(client_digest(client_id));
            // Nobody was told of one that ends before its client is here.
            let since = self.presence.since.get_mut(key.index as usize);
            if since.is_some_and(|since| std::mem::take(since) > 0) {
                told.journal.note(Change::ClientGone { client_id });
            }
        }
        Some(session)
    }

    /// Sessions from place `from` on, each with when its client connected last (Unix milliseconds), at most `limit`;
    /// the place to go on from, `None` at the end.
    pub fn sessions_page_here(&self, from: usize, limit: usize) -> (Vec<(String, u64)>, Option<usize>) {
        let mut page = Vec::new();
        for (place, key, session) in self.sessions.iter_from(from) {
            if page.len() == limit {
                return (page, Some(place));
            }
            page.push((session.client_id.to_string(), self.presence.since(key)));
        }
        (page, None)
    }

    /// When the client connected here last, Unix milliseconds; `None` if it has no session here that others know of.
    pub fn client_since(&self, client_id: &str) -> Option<u64> {
        let place = self.sessions.by_client_id(client_id)?.index as usize;
        let since = self.presence.since.get(place).copied();
        since.filter(|since| *since > 0)
    }

    /// Filters without wildcards that clients of this shard have plain subscriptions to, from place `from` on, at most
    /// `limit`; the place to go on from. Other shards may have the same.
    pub fn local_exact_page(&self, from: u32, limit: usize) -> (Vec<String>, Option<u32>) {
        let mut page = Vec::new();
        for (place, filter) in self.index.exact_from(from) {
            if page.len() == limit {
                return (page, Some(place));
            }
            page.push(filter.to_owned());
        }
        (page, None)
    }

    /// The digest of the clients of this shard, if it has a journal: see [`crate::row_digest`]. Those of all shards
    /// added up (wrapping) are the node's.
    pub fn clients_digest(&self) -> u64 {
        self.presence.digest
    }
}
