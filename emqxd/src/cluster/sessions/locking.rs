//! Locks of client ids: those whose home is this node, and asking for one, wherever its home is.
//!
//! A home answers at once: granted, or stand in line. When the turn of one in line comes, its home tells it
//! (`Granted`); it asks again every half second besides, so a word that was lost costs no more than that. A grant that
//! nobody wants any more goes to the next.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytestring::ByteString;
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::link::Peer;
use emqxd_cluster::registry::{Answer, Asker, Grant, Locks, REPEAT_MS, home};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::question::{About, LockAnswer};
use super::{ANSWER_TIME, Counts, ask};
use crate::clock::unix_ms_now;
use crate::cluster::{PeerInfo, PeerTable};
use crate::node::NodeShared;

/// What became of asking for a lock.
pub(super) enum Locking {
    /// It is held; and who had the client last, if its home knows.
    Held(HeldLock, Option<NodeId>),
    /// Its home has not answered.
    Unreachable(NodeId),
    /// Its turn has not come in time, or there was no room to stand in line.
    Busy,
}

/// Requests of this node that wait for a lock or have one.
#[derive(Debug, Default)]
pub(super) struct Requests {
    last: AtomicU64,
    /// By number; `None` once it is held.
    waiting: Mutex<HashMap<u64, Option<oneshot::Sender<Grant>>>>,
}

impl Requests {
    /// A home grants a lock; whether anybody wants it.
    pub fn grant(&self, request: u64, grant: Grant) -> bool {
        match self.waiting.lock().entry(request) {
            Entry::Occupied(mut waiting) => match waiting.get_mut().take() {
                Some(waiter) => waiter.send(grant).is_ok(),
                // It was told already, or has asked again meanwhile.
                None => true,
            },
            Entry::Vacant(_) => false,
        }
    }
}

/// A lock of a client id that this node holds, or asks for. It is given back when this is dropped.
pub struct HeldLock {
    node: Arc<NodeShared>,
    client_id: ByteString,
    home: NodeId,
    request: u64,
    token: Option<u64>,
    is_holder: bool,
}

impl HeldLock {
    /// Says whether this node has the client now.
    pub fn note_holder(&mut self, is_holder: bool) {
        self.is_holder = is_holder;
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        let node = Arc::clone(&self.node);
        node.registry.requests.waiting.lock().remove(&self.request);
        let Some(own) = node.cluster.own() else { return };
        let (home, client_id) = (self.home, self.client_id.clone());
        // Homes move when members come and go: the present one learns who has the client, too.
        let present = home_of(&node, own.id, &client_id);
        let tells = (self.is_holder && present != home).then_some(present);
        if tells == Some(own.id) {
            let now = node.clock.now().0;
            node.registry.locks.lock().note_holder(&client_id, own.id, now);
        }
        let about = match self.token {
            Some(token) => About::Release {
                token,
                is_holder: self.is_holder,
            },
            None => About::GiveUp { request: self.request },
        };
        if home == own.id {
            match about {
                About::Release { token, is_holder } => {
                    on_release(&node, &client_id, token, is_holder.then_some(own.id));
                }
                _ => on_give_up(&node, own, &client_id, self.request),
            }
            return;
        }
        let Some(services) = node.services().cloned() else {
            return;
        };
        let own = own.id;
        services.spawn(async move {
            let deadline = Instant::now() + ANSWER_TIME;
            // A home that does not hear of it waits until the lease ends.
            let _heard: Option<bool> = ask(&node, home, &client_id, about, deadline).await;
            if let Some(present) = tells.filter(|present| *present != own) {
                let _heard: Option<bool> = ask(&node, present, &client_id, About::IsHere, deadline).await;
            }
        });
    }
}

/// The home of an id among the nodes that are up, as this one sees it; with leases, among those that are not out, which
/// all that hold one see alike.
fn home_of(node: &NodeShared, own: NodeId, client_id: &str) -> NodeId {
    let (table, lease) = (node.cluster.peers(), &node.cluster.lease);
    let is_in = |peer: &&PeerInfo| {
        if lease.is_needed() {
            !lease.is_out(peer.id)
        } else {
            peer.is_up
        }
    };
    let homes = table.all().iter().filter(is_in).map(|peer| peer.id);
    home(client_id, homes.chain([own])).unwrap_or(own)
}

/// Others may have granted locks in this node's place, and hold others than it knows: it begins anew.
pub fn forget_locks(node: &NodeShared) {
    *node.registry.locks.lock() = Locks::new(unix_ms_now());
}

/// Takes the lock of a client id; waits for it until `deadline`.
pub(super) async fn lock(node: &Arc<NodeShared>, own: &Peer, client_id: &ByteString, deadline: Instant) -> Locking {
    let requests = &node.registry.requests;
    let request = requests.last.fetch_add(1, Ordering::Relaxed) + 1;
    let home = home_of(node, own.id, client_id);
    let (turn, mut told) = oneshot::channel();
    requests.waiting.lock().insert(request, Some(turn));
    let mut lock = HeldLock {
        node: Arc::clone(node),
        client_id: client_id.clone(),
        home,
        request,
        token: None,
        is_holder: false,
    };
    let mut has_waited = false;
    loop {
        let answer = if home == own.id {
            Some(on_request(node, own, client_id, request))
        } else {
            ask(node, home, client_id, About::Lock { request }, deadline).await
        };
        let grant = match answer {
            Some(LockAnswer(Answer::Granted(grant))) => grant,
            Some(LockAnswer(Answer::Full)) => return Locking::Busy,
            None => return Locking::Unreachable(home),
            Some(LockAnswer(Answer::Waiting)) => {
                if !std::mem::replace(&mut has_waited, true) {
                    Counts::inc(&node.registry.counts.lock_waits);
                }
                let again = Instant::now() + Duration::from_millis(REPEAT_MS);
                match tokio::time::timeout_at(again.min(deadline), &mut told).await {
                    Ok(Ok(grant)) => grant,
                    Ok(Err(_)) | Err(_) if Instant::now() >= deadline => return Locking::Busy,
                    Ok(Err(_)) | Err(_) => continue,
                }
            }
        };
        // From now on a word of the home that comes late is not "nobody wants it".
        requests.waiting.lock().insert(request, None);
        lock.token = Some(grant.token);
        return Locking::Held(lock, grant.last_holder);
    }
}

/// A node, perhaps this one, asks for a lock whose home this is.
pub(super) fn on_request(node: &NodeShared, from: &Peer, client_id: &str, request: u64) -> LockAnswer {
    let asker = asker_of(from, request);
    let now = node.clock.now().0;
    LockAnswer(node.registry.locks.lock().request(client_id, asker, now))
}

/// A node does not want a lock any more.
pub(super) fn on_give_up(node: &Arc<NodeShared>, from: &Peer, client_id: &ByteString, request: u64) {
    let asker = asker_of(from, request);
    let now = node.clock.now().0;
    let next = node.registry.locks.lock().give_up(client_id, asker, now);
    tell(node, client_id, next);
}

/// A node gives a lock back.
pub(super) fn on_release(node: &Arc<NodeShared>, client_id: &ByteString, token: u64, holder: Option<NodeId>) {
    let now = node.clock.now().0;
    let next = node.registry.locks.lock().release(client_id, token, holder, now);
    tell(node, client_id, next);
}

/// Takes back what was held for too long.
pub(super) fn expire(node: &Arc<NodeShared>) {
    let mut granted = Vec::new();
    let now = node.clock.now().0;
    let ended = node.registry.locks.lock().expire(now, &mut granted);
    if ended > 0 {
        let counter = &node.registry.counts.leases_ended;
        counter.fetch_add(ended as u64, Ordering::Relaxed);
        tracing::warn!(
            ended,
            next = "look whether links to other nodes break: `emqx-ctl cluster status`",
            "client_locks_expired"
        );
    }
    for (client_id, asker, grant) in granted {
        tell(node, &ByteString::from(&*client_id), Some((asker, grant)));
    }
}

/// Takes back what nodes held that are down, or have started anew.
pub(super) fn forget_the_dead(node: &Arc<NodeShared>, table: &PeerTable) {
    let mut granted = Vec::new();
    let now = node.clock.now().0;
    {
        let mut locks = node.registry.locks.lock();
        for peer in table.all().iter().filter(|peer| peer.boot != 0) {
            locks.forget_node(peer.id, peer.is_up.then_some(peer.boot), now, &mut granted);
        }
    }
    for (client_id, asker, grant) in granted {
        tell(node, &ByteString::from(&*client_id), Some((asker, grant)));
    }
}

fn asker_of(from: &Peer, request: u64) -> Asker {
    Asker {
        node: from.id,
        boot: from.boot,
        request,
    }
}

/// Tells who stood in line that it has the lock now, and the one behind it if it does not want it any more.
fn tell(node: &Arc<NodeShared>, client_id: &ByteString, next: Option<(Asker, Grant)>) {
    let (Some((mut asker, mut grant)), Some(own)) = (next, node.cluster.own().map(|own| own.id)) else {
        return;
    };
    while asker.node == own {
        if node.registry.requests.grant(asker.request, grant) {
            return;
        }
        let now = node.clock.now().0;
        match node.registry.locks.lock().give_up(client_id, asker, now) {
            Some(behind) => (asker, grant) = behind,
            None => return,
        }
    }
    let Some(services) = node.services() else { return };
    let (node, client_id) = (Arc::clone(node), client_id.clone());
    services.spawn(async move {
        let about = About::Granted {
            request: asker.request,
            grant,
        };
        let deadline = Instant::now() + ANSWER_TIME;
        // Who has not heard of it asks again.
        if let Some(false) = ask(&node, asker.node, &client_id, about, deadline).await {
            let now = node.clock.now().0;
            let behind = node.registry.locks.lock().give_up(&client_id, asker, now);
            tell(&node, &client_id, behind);
        }
    });
}
