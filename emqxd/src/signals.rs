//! Signals: SIGTERM and SIGINT stop the node in order, a second one without waiting for clients; SIGHUP opens the
//! log files anew and reads the configuration again, as `emqx-ctl conf reload` does.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::authz;
use crate::node::NodeShared;
use crate::running_config::{self, ReloadError};

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
                    reopen_logs(node);
                    reload_config(node).await;
                    continue;
                }
            };
            tracing::info!(level = "notice", signal = name, "stopping");
            return;
        }
    }
}

async fn reload_config(node: &Arc<NodeShared>) {
    match running_config::reload(node).await {
        Ok(_) => {}
        // Without a file of its own it still has rules and certificates in some.
        Err(ReloadError::NoFile) => {
            crate::tls::reload_all(node, None).await;
            if let Err(error) = authz::reload(node).await {
                tracing::error!(reason = %error, next = error.next_step(), "authz_rules_not_reloaded");
            }
        }
        Err(ReloadError::Authz(error)) => {
            tracing::error!(reason = %error, next = error.next_step(), "config_not_reloaded");
        }
        Err(ReloadError::Listener(error)) => tracing::error!(reason = %error, "config_not_reloaded"),
        Err(ReloadError::Authn(error)) => {
            tracing::error!(reason = %error, next = error.next_step(), "config_not_reloaded");
        }
        Err(ReloadError::License(error)) => tracing::error!(reason = %error, "config_not_reloaded"),
        Err(ReloadError::Config(errors)) => tracing::error!(reason = %errors, "config_not_reloaded"),
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
