//! Sessions that came here while nobody knows whether the other node has let them go: the end of the move was asked for
//! and not answered.
//!
//! It is asked for until there is an answer, or there will be none: the other node has started anew since, or is out
//! ([`crate::cluster`]'s leases). Nobody can say then whether its client was there once more, so what was taken in is
//! dropped. Until it is decided the client is not let in, and nobody else gets the session.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqxd_broker::MERGE_TIME_BEHIND;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Counts;
use super::fetch::Move;
use super::parcel::ENDS_KEPT_MS;
use crate::node::NodeShared;

/// An imported session goes on by itself after so long: the other node remembers for as long what became of it there.
const GIVEN_UP_AFTER: Duration = Duration::from_millis(ENDS_KEPT_MS);
const _: () = assert!(GIVEN_UP_AFTER.as_millis() < MERGE_TIME_BEHIND.as_millis());
/// Between two questions, at first and at most, and between two looks.
const PAUSE: Duration = Duration::from_millis(300);
const PAUSE_MAX: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(20);

/// Whose sessions these are. As many as moves that break off within that time.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    clients: Mutex<HashSet<ByteString>>,
}

impl Unfinished {
    /// Whether a client's session is one.
    pub fn has(&self, client_id: &ByteString) -> bool {
        self.clients.lock().contains(client_id)
    }

    /// Whether there is any.
    pub fn has_any(&self) -> bool {
        !self.clients.lock().is_empty()
    }

    /// Waits until it is none; whether that came in time.
    pub async fn is_over(&self, client_id: &ByteString, deadline: Instant) -> bool {
        while self.has(client_id) {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(LOOK).await;
        }
        true
    }
}

/// Ends a move in the background.
pub(super) fn finish(node: &Arc<NodeShared>, begun: Move) {
    let Some(services) = node.services() else { return };
    let client_id = begun.client_id.clone();
    node.registry.unfinished.clients.lock().insert(client_id.clone());
    let node = Arc::clone(node);
    // As many as there are moves, which are bounded.
    services.spawn(async move {
        let deadline = Instant::now() + GIVEN_UP_AFTER;
        let mut pause = PAUSE;
        while !begun.end_later(&node).await {
            if Instant::now() >= deadline {
                let times = Counts::inc(&node.registry.counts.moves_given_up);
                tracing::warn!(
                    clientid = %client_id,
                    times,
                    why = "the node that had the session has not answered for minutes: both may have it",
                    next = "look whether that node runs: `emqx-ctl cluster status`",
                    "session_move_given_up"
                );
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        node.registry.unfinished.clients.lock().remove(&client_id);
    });
}
