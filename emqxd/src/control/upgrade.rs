//! `upgrade`: see `handover`, which does it on a thread of its own.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use emqx_shared::request::UpgradeRequest;
use emqx_shared::views::{NodeState, UpgradedView};
use emqx_shared::{ErrorCode, Failure, View};
use tokio::runtime::Handle;

use super::peer::Peer;
use crate::handover::{UpgradeError, WireError, give};
use crate::node::NodeShared;

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    peer: &Peer,
    request: UpgradeRequest,
    binary: Option<OwnedFd>,
) -> Result<View, Failure> {
    match node.state() {
        NodeState::Started => {}
        NodeState::Starting => return Err(Failure::new(ErrorCode::Starting, "the node is starting").next("try again")),
        NodeState::Stopping => return Err(Failure::new(ErrorCode::Stopping, "the node is stopping")),
    }
    if node.shutdown.drains_listeners() {
        return Err(Failure::new(
            ErrorCode::Busy,
            "not upgraded: a listener lets its clients go, which another process would not go on with",
        )
        .next("try again when they are gone: the log says drain_ended"));
    }
    let (UpgradeRequest::Installed { timeout_ms } | UpgradeRequest::Binary { timeout_ms, .. }) = request;
    let (giving, services, uid) = (Arc::clone(node), Handle::current(), peer.uid);
    let given =
        tokio::task::spawn_blocking(move || give(&giving, &services, binary, uid, Duration::from_millis(timeout_ms)));
    let given = given
        .await
        .map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))?;
    match given {
        Ok(given) => Ok(View::Upgraded(UpgradedView {
            pid: given.pid,
            version: given.version,
            moved: given.moved,
            reconnecting: given.reconnecting,
            sessions: given.sessions,
            retained: given.retained,
            frozen_ms: u64::try_from(given.frozen.as_millis()).unwrap_or(u64::MAX),
        })),
        Err(error) => Err(failure(&error)),
    }
}

fn failure(error: &UpgradeError) -> Failure {
    tracing::error!(reason = %error, "upgrade_failed");
    if let UpgradeError::Lost(_) = error {
        return Failure::new(ErrorCode::Internal, "clients and sessions were lost in the upgrade")
            .why(error.to_string())
            .next("start emqxd if nothing else does; its log says more");
    }
    let (code, next) = match error {
        UpgradeError::Binary(_) => (
            ErrorCode::UpgradeRefused,
            "name a binary of emqxd, or none to use the installed one",
        ),
        UpgradeError::Check(_) => (
            ErrorCode::UpgradeRefused,
            "correct the configuration; `emqxd --check-config` says the same",
        ),
        UpgradeError::Format(_) => (
            ErrorCode::UpgradeRefused,
            "restart the daemon instead: clients connect again, sessions begin anew",
        ),
        UpgradeError::CalledOff => (
            ErrorCode::Stopping,
            "start the daemon when it has stopped: it is the new version then",
        ),
        UpgradeError::Restless(_) => (ErrorCode::Busy, "try again when there is less going on"),
        UpgradeError::Wire(WireError::TimedOut) => (ErrorCode::Timeout, "try again with a longer --give-up-after"),
        _ => (
            ErrorCode::UpgradeRefused,
            "its log says more; a restart is the other way to the new version",
        ),
    };
    Failure::new(code, "not upgraded: this process goes on, and no client has noticed")
        .why(error.to_string())
        .next(next)
}
