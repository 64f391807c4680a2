//! Clients that move: questions about them, and sessions that are taken in.

use emqxd_broker::handover::Field;
use emqxd_broker::{Begun, Discarded, DisconnectReason, Identity, Peer, SessionClaim, Time};

use crate::node::{NOW, Node};
use crate::parcel::Parcel;
use crate::question::{BeginAnswer, LockAnswer, Question, from_bytes, to_bytes};

/// What could be read can be written, and is the same again.
fn comes_back<T: Field + PartialEq + std::fmt::Debug>(data: &[u8]) {
    if let Ok(read) = from_bytes::<T>(data) {
        assert_eq!(from_bytes::<T>(&to_bytes(&read)), Ok(read));
    }
}

pub fn questions(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    match kind % 7 {
        0 => comes_back::<Question>(data),
        1 => comes_back::<BeginAnswer>(data),
        2 => comes_back::<Option<Parcel>>(data),
        3 => comes_back::<LockAnswer>(data),
        // Its keyword is not told.
        4 => drop(from_bytes::<Discarded>(data)),
        5 => drop(from_bytes::<Begun>(data)),
        _ => comes_back::<SessionClaim>(data),
    }
}

/// A session that is taken in, what was collected behind it, and all that its life brings then.
pub fn take_in(data: &[u8]) {
    let Some((length, data)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (session, collected) = data.split_at(usize::from(u16::from_be_bytes(*length)).min(data.len()));
    let Node {
        mut shard, mut effects, ..
    } = Node::new();
    if shard.takeover_import("c", session, NOW).is_err() {
        return;
    }
    if shard.takeover_merge("c", collected, NOW).is_err() && !collected.is_empty() {
        // It goes on without.
        let _empty = shard.takeover_abandon("c", NOW, &mut effects);
    }
    shard.on_wakeup(Time(NOW.0 + 100), &mut effects);
    let peer = Peer::tcp("tcp:default".into(), ([127, 0, 0, 1], 40_000).into(), 1883);
    let claim = SessionClaim::new(&Identity::claimed(None), &peer);
    let until = NOW.after(std::time::Duration::from_secs(15));
    if let Begun::Session { freeze, session } = shard.takeover_begin("c", &claim, until, NOW, &mut effects) {
        let collected = shard.takeover_end("c", freeze, NOW).expect("it is frozen");
        let mut other = Node::new();
        other
            .shard
            .takeover_import("c", &session, NOW)
            .expect("what a node says another one takes in");
        other
            .shard
            .takeover_merge("c", &collected, NOW)
            .expect("what a node says another one takes in");
        other
            .shard
            .discard("c", None, DisconnectReason::TakenOver, NOW, &mut other.effects);
    }
}
