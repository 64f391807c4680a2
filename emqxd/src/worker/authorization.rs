//! A packet waits for an answer whether its client may do that: the client is not read meanwhile, so that its packets
//! keep their order. Who is asked and what comes back is in `crate::authz`; the packet waits in the shard.

use emqxd_broker::{ConnectionKey, Question};

use super::WorkerState;
use crate::authz;

impl WorkerState {
    /// Asks; the answer comes as a command to this worker.
    pub(super) fn ask_authorization(&mut self, question: Question) {
        if let Some(connection) = question.connection
            && let Some(connection) = self.connections.get_mut(connection.0 as usize)
        {
            connection.flags.is_asking = true;
        }
        authz::answer(&self.node, self.id, question);
    }

    /// The packet has gone on: its client is read again.
    pub(super) fn on_authorization_answered(&mut self, connection: ConnectionKey) {
        if let Some(connection) = self.connections.get_mut(connection.0 as usize) {
            connection.flags.is_asking = false;
            connection.wake();
        }
    }
}
