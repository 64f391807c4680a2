//! Sessions that came here while nobody knows whether the other node has let them go: the end of the move was asked for
//! and not answered.
//!
//! It is asked for until there is an answer, or none is needed: the other node has started anew since, or is out
//! ([`crate::cluster`]'s leases). Until then the client is not let in, and nobody else gets the session.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::fetch::Move;
use crate::node::NodeShared;

/// An imported session goes on by itself after so long.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(60);
/// Between two questions, and between two looks.
const PAUSE: Duration = Duration::from_millis(300);
const LOOK: Duration = Duration::from_millis(20);

/// Whose sessions these are. As many as moves that break off within a minute.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    clients: Mutex<HashSet<ByteString>>,
}

impl Unfinished {
    /// Whether a client's session is one.
    pub fn has(&self, client_id: &ByteString) -> bool {
        self.clients.lock().contains(client_id)
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
        while Instant::now() < deadline && !begun.end_later(&node).await {
            tokio::time::sleep(PAUSE).await;
        }
        node.registry.unfinished.clients.lock().remove(&client_id);
    });
}
