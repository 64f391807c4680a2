//! What the log, the service manager and whoever watches are told while clients go.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{DrainProgress, open_connections};
use crate::listener::Listener;
use crate::node::NodeShared;

/// Between two lines of the log about how far it is.
const LOG_INTERVAL: Duration = Duration::from_secs(5);
/// Between two requests to the service manager for more time.
const EXTEND_INTERVAL: Duration = Duration::from_secs(1);
/// What the service manager is asked for beyond what is left of the drain time.
const EXTEND_BEYOND: Duration = Duration::from_secs(15);

/// What is told while clients go.
pub(super) struct Course<'a> {
    pub(super) node: &'a NodeShared,
    /// Of this one; of all if `None`.
    pub(super) listener: Option<&'a Arc<Listener>>,
    pub(super) progress: &'a watch::Sender<DrainProgress>,
    pub(super) total: usize,
    pub(super) began: Instant,
    pub(super) over: Duration,
    pub(super) extended_at: Option<Instant>,
    pub(super) logged_at: Instant,
}

impl Course<'_> {
    pub(super) fn left(&self) -> usize {
        match self.listener {
            Some(listener) => listener.open_connections(),
            None => open_connections(self.node),
        }
    }

    pub(super) fn tell(&mut self) {
        let (now, left) = (Instant::now(), self.left());
        self.progress.send_if_modified(|progress| {
            let new = DrainProgress {
                total: self.total,
                left,
                is_over: false,
            };
            std::mem::replace(progress, new) != new
        });
        if now.duration_since(self.logged_at) >= LOG_INTERVAL {
            self.logged_at = now;
            let listener = self.listener.map(|listener| &*listener.id);
            tracing::info!(level = "notice", listener, left, total = self.total, "draining");
        }
        let is_due = self
            .extended_at
            .is_none_or(|at| now.duration_since(at) >= EXTEND_INTERVAL);
        if is_due && self.listener.is_none() {
            self.extended_at = Some(now);
            let left_time = self.over.saturating_sub(self.began.elapsed());
            self.node.service.extend_timeout(left_time + EXTEND_BEYOND);
            self.node
                .service
                .status(&format!("Draining: {left} of {} clients left", self.total));
        }
    }
}
