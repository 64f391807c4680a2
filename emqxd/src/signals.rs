//! Signals: SIGTERM and SIGINT stop the node in order, a second one without waiting for clients; SIGHUP opens the
//! log files anew.

use std::io;

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
    pub async fn until_stop(&mut self, node: &NodeShared) {
        loop {
            let name = tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
                _ = self.hang_up.recv() => {
                    reopen_logs(node);
                    continue;
                }
            };
            tracing::info!(level = "notice", signal = name, "stopping");
            return;
        }
    }
}

/// Opens log files anew, so that a file that was moved away is let go.
fn reopen_logs(node: &NodeShared) {
    for handler in node.log.handlers() {
        let reopened = node
            .log
            .stop_handler(&handler.id)
            .and_then(|()| node.log.start_handler(&handler.id));
        if let Err(error) = reopened {
            tracing::error!(handler = %handler.id, reason = %error, "log_not_reopened");
        }
    }
    tracing::info!(level = "notice", signal = "SIGHUP", "log_files_reopened");
}
