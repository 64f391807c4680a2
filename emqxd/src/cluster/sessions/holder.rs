//! What is done here with a client that others want: its session goes to them, or ends.
//!
//! All of it runs on the worker that owns the client. While another process goes on with the clients of this one, nothing
//! is changed, and who asks has to do without.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::{Begun, Discarded, DisconnectReason, Effect, SessionClaim, Shard, Time};
use emqxd_cluster::link::Peer;
use tokio::time::Instant;

use super::parcel::PARCEL_BYTES_MAX;
use super::question::{About, BeginAnswer};
use super::{ANSWER_TIME, Counts, Parcel, ask};
use crate::node::NodeShared;

/// A session that was given away is an ordinary one again after this: a little longer than any claim takes, so that
/// whoever asked for it has either ended the move or come in without it.
const FROZEN_TIME: Duration = Duration::from_secs(7);

/// Runs on the owner of a client; `None` if that stands still or has stopped.
pub(super) async fn on_owner<R: Send + 'static>(
    node: &NodeShared,
    client_id: &str,
    act: impl FnOnce(&mut Shard, Time, &mut Vec<Effect>) -> R + Send + 'static,
) -> Option<R> {
    let owner = node.worker(node.worker_of(client_id))?;
    let done = owner.run(move |worker| (!worker.is_standing_still()).then(|| worker.with_shard(act)));
    done.await.ok().flatten()
}

/// Not while its client is just coming back here, or nobody knows whether it is here.
fn may_give(node: &NodeShared, client_id: &ByteString) -> bool {
    let registry = &node.registry;
    let is_coming = registry.flags.is_raised(client_id) || registry.unfinished.has(client_id);
    let is_full = node.cluster.lease.is_needed() && registry.given.is_full();
    !is_coming && !is_full
}

/// Before it is: who does not find the session here any more is to be told of it.
fn note_given(node: &NodeShared, client_id: &ByteString) {
    if node.cluster.lease.is_needed() {
        node.registry.given.note(client_id, node.clock.now());
    }
}

/// Freezes the session of a client that has connected at `from`, and says what it is.
pub(super) async fn begin(
    node: &NodeShared,
    from: &Peer,
    client_id: ByteString,
    claim: SessionClaim,
) -> Option<BeginAnswer> {
    if !may_give(node, &client_id) {
        return None;
    }
    let id = client_id.clone();
    let begun = on_owner(node, &client_id, move |shard, now, effects| {
        shard.takeover_begin(&id, &claim, now.after(FROZEN_TIME), now, effects)
    });
    let answer = match begun.await? {
        Begun::Nothing => BeginAnswer::Nothing,
        Begun::Refused(refusal) => BeginAnswer::Refused(refusal),
        Begun::Session { freeze, session } => {
            node.registry.moving.given(&client_id, Instant::now() + FROZEN_TIME);
            let session = parcel(node, from, &client_id, session)?;
            BeginAnswer::Session { freeze, session }
        }
    };
    Some(answer)
}

/// What the session of a client has collected since; it is gone here then.
pub(super) async fn end(node: &NodeShared, from: &Peer, client_id: ByteString, freeze: u64) -> Option<Option<Parcel>> {
    note_given(node, &client_id);
    let id = client_id.clone();
    let collected = on_owner(node, &client_id, move |shard, now, _| {
        shard.takeover_end(&id, freeze, now)
    });
    let Some(collected) = collected.await? else {
        // The answer was lost, perhaps.
        let again = node.registry.parcels.end_again(from.id, freeze);
        return Some(again.and_then(|collected| parcel(node, from, &client_id, collected)));
    };
    let now = node.clock.now();
    if node.cluster.lease.is_needed() {
        let kept = collected.clone();
        let dropped = node.registry.parcels.keep_end(from.id, freeze, kept, now);
        node.registry
            .counts
            .ends_dropped
            .fetch_add(dropped as u64, Ordering::Relaxed);
    }
    node.registry.moving.is_over(&client_id);
    Counts::inc(&node.registry.counts.given_away);
    tracing::debug!(clientid = %client_id, peer = %from.name, "session_given_away");
    Some(Some(parcel(node, from, &client_id, collected)?))
}

fn parcel(node: &NodeShared, from: &Peer, client_id: &ByteString, bytes: Vec<u8>) -> Option<Parcel> {
    let len = bytes.len();
    let parcel = (len as u64 <= PARCEL_BYTES_MAX)
        .then(|| node.registry.parcels.send(from.id, bytes, node.clock.now()))
        .flatten();
    if parcel.is_none() {
        tracing::warn!(
            clientid = %client_id,
            peer = %from.name,
            bytes = len,
            why = "this and the other sessions on their way take more than 256 MiB",
            next = "lower mqtt.max_mqueue_len or mqtt.max_mqueue_bytes",
            "session_too_large_to_move"
        );
    }
    parcel
}

/// Ends the session of a client that has begun anew at another node.
pub(super) async fn discard(
    node: &NodeShared,
    from: &Peer,
    client_id: ByteString,
    claim: SessionClaim,
) -> Option<Discarded> {
    if !may_give(node, &client_id) {
        return None;
    }
    note_given(node, &client_id);
    let id = client_id.clone();
    let discarded = on_owner(node, &client_id, move |shard, now, effects| {
        shard.discard(&id, Some(&claim), DisconnectReason::Discarded, now, effects)
    })
    .await?;
    if discarded == Discarded::Done {
        node.registry.moving.is_over(&client_id);
        Counts::inc(&node.registry.counts.discarded);
        tracing::debug!(clientid = %client_id, peer = %from.name, "session_discarded_by_peer");
    }
    Some(discarded)
}

/// An operator ends a client from another node; whether it was here.
pub(super) async fn kick(node: &NodeShared, client_id: ByteString) -> Option<bool> {
    let id = client_id.clone();
    on_owner(node, &client_id, move |shard, now, effects| {
        shard.kick_client(&id, now, effects)
    })
    .await
}

/// Whether a client has a session here.
pub(super) async fn has(node: &NodeShared, client_id: ByteString) -> Option<bool> {
    let id = client_id.clone();
    on_owner(node, &client_id, move |shard, _, _| shard.session_key(&id).is_some()).await
}

/// Ends a client that is at another node; whether there was one. The nodes that are said to have it are asked, or, if
/// none is, all.
pub async fn kick_elsewhere(node: &NodeShared, client_id: &ByteString) -> bool {
    let mut existed = false;
    for peer in likely_holders(node, client_id) {
        let deadline = Instant::now() + ANSWER_TIME;
        let kicked: Option<bool> = ask(node, peer.id, client_id, About::Kick, deadline).await;
        existed |= kicked == Some(true);
    }
    existed
}

/// The name of the other node where a client is.
pub async fn whereabouts(node: &NodeShared, client_id: &ByteString) -> Option<String> {
    for peer in likely_holders(node, client_id) {
        let deadline = Instant::now() + ANSWER_TIME;
        let has: Option<bool> = ask(node, peer.id, client_id, About::Has, deadline).await;
        if has == Some(true) {
            return Some(peer.name);
        }
    }
    None
}

/// Whom to ask about a client, those first that are said to have it.
fn likely_holders(node: &NodeShared, client_id: &str) -> Vec<crate::cluster::PeerInfo> {
    if node.cluster.is_alone() {
        return Vec::new();
    }
    let table = node.cluster.peers();
    let known = node.tables.locations.find(client_id);
    let known: Vec<_> = known
        .iter()
        .filter_map(|(slot, _)| table.by_slot(*slot).cloned())
        .collect();
    match known.is_empty() {
        true => table.up().cloned().collect(),
        false => known,
    }
}
