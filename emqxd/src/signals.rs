//! Signals: SIGTERM and SIGINT stop the node in order, a second one without waiting for clients; SIGHUP reloads what was
//! changed on disk, as `emqx-ctl reload` does.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::node::NodeShared;

/// The signals that the node listens to.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// From now on these signals no longer end the process by themselves.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Returns when the node is to stop, or not to wait any longer.
    pub async fn until_stop(&mut self, node: &Arc<NodeShared>) {
        loop {
            let name = tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
                _ = self.hang_up.recv() => {
                    tracing::info!(level = "notice", signal = "SIGHUP", "reload_asked_for");
                    node.reloads.ask();
                    continue;
                }
            };
            tracing::info!(level = "notice", signal = name, "stopping");
            return;
        }
    }
}
