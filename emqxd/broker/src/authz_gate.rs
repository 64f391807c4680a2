//! What the gate in `channel/authorize/` keeps: the rules in force, what was decided for each client, and the packets
//! that wait for an answer from elsewhere.
//!
//! Everything here belongs to one shard. Nothing is kept for a client that was never asked about; where nothing is
//! checked the hot path reads one flag.

use std::sync::Arc;

use bytestring::ByteString;
use emqx_acl::Action;
use hashbrown::HashMap;
use mqtt_codec::{Publish, Subscribe};
use smallvec::SmallVec;

use crate::authorizer::{Authority, Authorization, CacheSettings, OpenToAll, Ticket};
use crate::authz_cache::{AuthzCache, Remembered};
use crate::{ConnectionKey, Message, OwnedActor, Time, matches};

/// Packets and wills of one shard that may wait for answers; what comes beyond is refused. Each of them holds a packet
/// and a question on its way.
const PARKED_MAX: usize = 4096;

/// Who refused each filter of a SUBSCRIBE, in their order; `None` for those that are allowed. May be shorter than the
/// filters: the rest is allowed.
pub(crate) type Refusals = SmallVec<[Option<Authority>; 1]>;

/// The state of the gate.
#[derive(Default)]
pub(crate) struct Gate {
    authorization: Authorization,
    /// Whether a PUBLISH has to be asked about.
    pub checks_publish: bool,
    /// Whether the filters of a SUBSCRIBE have to be.
    pub checks_subscribe: bool,
    /// A client has been here whose token brought rules of its own: from then on everybody is asked about.
    has_token_rules: bool,
    /// Of the rules; a cache of another one is empty.
    generation: u32,
    /// By the number of the connection.
    clients: Vec<Option<Box<GatedClient>>>,
    parked: HashMap<Ticket, Parked, foldhash::fast::FixedState>,
    last_ticket: u64,
    has_asked: bool,
}

/// What is kept for one connection.
#[derive(Debug, Default)]
struct GatedClient {
    generation: u32,
    cache: AuthzCache,
    parked: Option<Ticket>,
    refused: Option<Box<LastRefusal>>,
}

/// What a client was last refused, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRefusal {
    /// `publish`, `subscribe`, or `keep_subscription`: what was allowed once.
    pub action: &'static str,
    /// The topic, or the filter.
    pub topic: Box<str>,
    /// Who refused.
    pub authority: Authority,
    /// When.
    pub at: Time,
    /// Refusals on this connection so far.
    pub count: u64,
}

/// What waits for an answer.
pub(crate) struct Parked {
    /// Whose packet; `None` for a will.
    pub connection: Option<ConnectionKey>,
    pub work: ParkedWork,
    /// When it is refused for want of an answer.
    pub deadline: Time,
    /// Of the rules by which it was asked about.
    generation: u32,
    /// Its client has become somebody else since.
    is_of_other_identity: bool,
}

/// What goes on when the answer is there. All of it in memory of its own.
pub(crate) enum ParkedWork {
    /// A PUBLISH that was good otherwise.
    Publish(Publish),
    /// A SUBSCRIBE: what is decided already, and to which filters the answers belong.
    Subscribe {
        subscribe: Box<Subscribe>,
        refusals: Refusals,
        asked: Vec<usize>,
    },
    /// The will of a client that is gone.
    Will {
        message: Arc<Message>,
        author: Box<OwnedActor>,
    },
    /// Subscriptions that a session brought along, by filter in full.
    Recheck(Vec<ByteString>),
}

impl Gate {
    /// Other rules. What was decided by the old ones is forgotten; what waits for an answer is asked about again when
    /// that has come.
    pub fn set(&mut self, authorization: Authorization) {
        self.authorization = authorization;
        self.forget_decisions();
        self.look_who_is_checked();
    }

    /// A client with rules of its own has come.
    pub fn on_token_rules(&mut self) {
        if !self.has_token_rules {
            self.has_token_rules = true;
            self.look_who_is_checked();
        }
    }

    fn look_who_is_checked(&mut self) {
        let OpenToAll { publish, subscribe } = self.authorization.authorizer.open_to_all();
        self.checks_publish = !publish || self.has_token_rules;
        self.checks_subscribe = !subscribe || self.has_token_rules;
    }

    pub fn authorization(&self) -> &Authorization {
        &self.authorization
    }

    /// The cache's settings, unless nothing is remembered about this topic or filter.
    pub fn cache_settings(&self, text: &str) -> Option<&CacheSettings> {
        let settings = self.authorization.settings.cache.as_ref()?;
        let is_excluded = settings.excludes.iter().any(|filter| matches(filter, text));
        (!is_excluded).then_some(settings)
    }

    /// What was decided about this for the client on a connection.
    #[inline]
    pub fn remembered(
        &self,
        connection: ConnectionKey,
        hash: u64,
        action: &Action<'_>,
        settings: &CacheSettings,
        now: Time,
    ) -> Option<Remembered<'_>> {
        let client = self.clients.get(connection.0 as usize)?.as_deref()?;
        if client.generation != self.generation {
            return None;
        }
        client.cache.get(hash, action, settings, now)
    }

    /// Remembers a decision: who refused, or `None` for a permission.
    pub fn remember(
        &mut self,
        connection: ConnectionKey,
        hash: u64,
        action: &Action<'_>,
        refused_by: Option<&Authority>,
        now: Time,
    ) {
        let settings = Arc::clone(&self.authorization.settings);
        if let Some(settings) = &settings.cache {
            let cache = &mut self.client_mut(connection).cache;
            cache.insert(hash, action, refused_by, settings, now);
        }
    }

    /// Decisions kept for the client on a connection.
    pub fn remembered_len(&self, connection: ConnectionKey) -> usize {
        let client = self.clients.get(connection.0 as usize);
        client
            .and_then(|client| client.as_deref())
            .filter(|client| client.generation == self.generation)
            .map_or(0, |client| client.cache.len())
    }

    /// Forgets what was decided, for everybody.
    pub fn forget_decisions(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    /// Forgets what was decided for the client on a connection.
    pub fn forget_decisions_of(&mut self, connection: ConnectionKey) {
        if let Some(Some(client)) = self.clients.get_mut(connection.0 as usize) {
            client.cache = AuthzCache::default();
            if let Some(parked) = client.parked.and_then(|ticket| self.parked.get_mut(&ticket)) {
                parked.is_of_other_identity = true;
            }
        }
    }

    /// Whether the answer that something waited for is about other rules, or about somebody else.
    pub fn is_outdated(&self, parked: &Parked) -> bool {
        parked.is_of_other_identity || parked.generation != self.generation
    }

    /// Notes a refusal, for operators.
    pub fn note_refusal(
        &mut self,
        connection: ConnectionKey,
        action: &'static str,
        topic: &str,
        authority: &Authority,
        now: Time,
    ) {
        let client = self.client_mut(connection);
        let count = client.refused.as_ref().map_or(0, |last| last.count);
        client.refused = Some(Box::new(LastRefusal {
            action,
            topic: topic.into(),
            authority: authority.clone(),
            at: now,
            count: count + 1,
        }));
    }

    /// What the client on a connection was last refused.
    pub fn last_refusal(&self, connection: ConnectionKey) -> Option<&LastRefusal> {
        self.clients.get(connection.0 as usize)?.as_deref()?.refused.as_deref()
    }

    /// Puts something aside until the answer is there; `None` if too much is waiting already.
    pub fn park(&mut self, connection: Option<ConnectionKey>, work: ParkedWork, now: Time) -> Option<(Ticket, Time)> {
        if self.parked.len() >= PARKED_MAX {
            return None;
        }
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        let deadline = now.after(self.authorization.settings.patience);
        let parked = Parked {
            connection,
            work,
            deadline,
            generation: self.generation,
            is_of_other_identity: false,
        };
        self.parked.insert(ticket, parked);
        if let Some(connection) = connection {
            self.client_mut(connection).parked = Some(ticket);
            self.has_asked = true;
        }
        Some((ticket, deadline))
    }

    /// How many packets and wills wait.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Whether a packet of a connection does.
    pub fn is_parked(&self, connection: ConnectionKey) -> bool {
        let client = self.clients.get(connection.0 as usize).and_then(Option::as_deref);
        client.is_some_and(|client| client.parked.is_some())
    }

    /// Takes back what waited for this answer, unless its client is gone.
    pub fn take_parked(&mut self, ticket: Ticket) -> Option<Parked> {
        let parked = self.parked.remove(&ticket)?;
        if let Some(connection) = parked.connection {
            self.client_mut(connection).parked = None;
        }
        Some(parked)
    }

    /// When what waits for this answer is given up, if it still waits.
    pub fn deadline_of(&self, ticket: Ticket) -> Option<Time> {
        self.parked.get(&ticket).map(|parked| parked.deadline)
    }

    /// Whether a packet was parked since this was asked last.
    #[inline]
    pub fn take_has_asked(&mut self) -> bool {
        // Hardly ever: nothing is written then.
        self.has_asked && std::mem::take(&mut self.has_asked)
    }

    /// The connection is gone, and what was kept for it.
    #[inline]
    pub fn forget(&mut self, connection: ConnectionKey) {
        if let Some(slot) = self.clients.get_mut(connection.0 as usize)
            && let Some(client) = slot.take()
            && let Some(ticket) = client.parked
        {
            self.parked.remove(&ticket);
        }
    }

    fn client_mut(&mut self, connection: ConnectionKey) -> &mut GatedClient {
        let index = connection.0 as usize;
        if self.clients.len() <= index {
            self.clients.resize_with(index + 1, || None);
        }
        let generation = self.generation;
        let client = self.clients[index].get_or_insert_default();
        if client.generation != generation {
            client.generation = generation;
            client.cache = AuthzCache::default();
        }
        client
    }
}
