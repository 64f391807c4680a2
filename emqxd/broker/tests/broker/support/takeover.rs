//! Two brokers as two nodes: what one's shard says of a session, and what the other's takes in.

use std::sync::Arc;
use std::time::Duration;

use emqxd_broker::handover::{Reader, SharedRead, SharedWritten, Writer};
use emqxd_broker::{
    Begun, Discarded, DisconnectReason, Identity, ImportError, Mail, MergeError, Message, Peer, SessionClaim,
};

use super::{TestBroker, shard_of};

/// Who connects elsewhere, under a user name that nobody vouches for; as it arrives at another node.
pub fn claim(username: Option<&str>) -> SessionClaim {
    claim_of(&Identity::claimed(username.map(Into::into)))
}

/// Who connects elsewhere; as it arrives at another node.
pub fn claim_of(identity: &Identity) -> SessionClaim {
    let peer = Peer::tcp(Arc::from("tcp:default"), ([127, 0, 0, 1], 40_000).into(), 1883);
    let mut shared = SharedWritten::default();
    let mut record = Writer::new(&mut shared);
    record.put(&SessionClaim::new(identity, &peer));
    let record = record.into_bytes();
    let mut shared = SharedRead::default();
    Reader::new(&record, &mut shared).take().expect("what was written")
}

impl TestBroker {
    /// The session of a client, for another node.
    pub fn takeover_begin(&self, client_id: &str, claim: &SessionClaim, within: Duration) -> Begun {
        let mut state = self.0.borrow_mut();
        let (now, worker) = (state.now, shard_of(client_id, state.shards.len()));
        let mut begun = Begun::Nothing;
        state.event(worker, |shard, effects| {
            begun = shard.takeover_begin(client_id, claim, now.after(within), now, effects);
        });
        begun
    }

    /// The same where there has to be one: its freeze and its bytes.
    pub fn freeze(&self, client_id: &str) -> (u64, Vec<u8>) {
        match self.takeover_begin(client_id, &claim(None), Duration::from_secs(15)) {
            Begun::Session { freeze, session } => (freeze, session),
            other => panic!("no session, but {other:?}"),
        }
    }

    /// What it has collected.
    pub fn takeover_end(&self, client_id: &str, freeze: u64) -> Option<Vec<u8>> {
        let now = self.now();
        self.on_shard_of(client_id, |shard| shard.takeover_end(client_id, freeze, now))
    }

    /// Takes in the session of another node.
    pub fn takeover_import(&self, client_id: &str, session: &[u8]) -> Result<(), ImportError> {
        let now = self.now();
        self.on_shard_of(client_id, |shard| shard.takeover_import(client_id, session, now))
    }

    /// Takes in what it has collected there.
    pub fn takeover_merge(&self, client_id: &str, collected: &[u8]) -> Result<(), MergeError> {
        let now = self.now();
        self.on_shard_of(client_id, |shard| shard.takeover_merge(client_id, collected, now))
    }

    /// Drops what it took in.
    pub fn takeover_abandon(&self, client_id: &str) -> bool {
        let mut state = self.0.borrow_mut();
        let (now, worker) = (state.now, shard_of(client_id, state.shards.len()));
        let mut was_there = false;
        state.event(worker, |shard, effects| {
            was_there = shard.takeover_abandon(client_id, now, effects)
        });
        was_there
    }

    /// Ends a session for another node.
    pub fn discard(&self, client_id: &str, claim: Option<&SessionClaim>, reason: DisconnectReason) -> Discarded {
        let mut state = self.0.borrow_mut();
        let (now, worker) = (state.now, shard_of(client_id, state.shards.len()));
        let mut discarded = Discarded::Nothing;
        state.event(worker, |shard, effects| {
            discarded = shard.discard(client_id, claim, reason, now, effects);
        });
        discarded
    }

    /// A message from another node's publisher.
    pub fn arrive(&self, message: &Arc<Message>) {
        let mut state = self.0.borrow_mut();
        let now = state.now;
        for worker in 0..state.shards.len() {
            let message = Arc::clone(message);
            state.event(worker, |shard, effects| {
                shard.on_mail(Mail::Publish { message }, now, effects)
            });
        }
    }

    /// All of a move: begin, import, end, merge.
    pub fn move_to(&self, other: &Self, client_id: &str) {
        let (freeze, session) = self.freeze(client_id);
        other
            .takeover_import(client_id, &session)
            .expect("a session that was told");
        let collected = self.takeover_end(client_id, freeze).expect("it is frozen");
        other
            .takeover_merge(client_id, &collected)
            .expect("messages that were told");
    }
}
