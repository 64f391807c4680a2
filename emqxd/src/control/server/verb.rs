//! One verb being carried out, in a task of its own: so that a bug in a handler is one failed verb,
//! and so that what changes something is neither cut short nor left out of the audit when its
//! caller goes away.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use emqx_shared::{ErrorCode, Failure, Reply, Request, Role, View};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::error;

use super::super::audit::Audit;
use super::super::peer::Peer;
use super::{Handler, ReplySender, Shared};

/// A verb whose frames can be awaited one by one.
pub(in super::super) struct RunningVerb {
    frames: mpsc::Receiver<Reply>,
    task: JoinHandle<Result<View, Failure>>,
    name: &'static str,
    /// Whether the task ends with this value.
    may_be_dropped: bool,
}

impl RunningVerb {
    /// Starts a verb that the caller may use. One that changes something waits for its turn first.
    ///
    /// # Errors
    /// `Busy` if its turn did not come in time; nothing happened then.
    pub(in super::super) async fn start<H: Handler>(
        shared: &Arc<Shared<H>>,
        peer: &Arc<Peer>,
        request: Request,
        descriptor: Option<OwnedFd>,
    ) -> Result<Self, Failure> {
        let (replies, frames) = ReplySender::channel();
        let name = request.verb();
        let changes = request.role() == Role::Admin && !request.is_watch();
        let watch = (request.role() == Role::Admin && request.is_watch()).then(|| Audit::begin(peer, &request));
        let work = (Arc::clone(shared), Arc::clone(peer));
        let task = if changes {
            let audit = Audit::begin(peer, &request);
            let turn = Arc::clone(&shared.turn).lock_owned();
            let Ok(turn) = timeout(shared.limits.verb, turn).await else {
                let busy = Failure::new(ErrorCode::Busy, format!("'{name}' had to wait too long"))
                    .why("another command that changes something is still under way")
                    .next("try again");
                audit.end::<()>(&Err(busy.clone()));
                return Err(busy);
            };
            tokio::spawn(async move {
                let (shared, peer) = work;
                let limit = shared.limits.change;
                let result = timeout(limit, shared.handler.handle(&peer, request, descriptor, replies)).await;
                let result = result.unwrap_or_else(|_| Err(given_up(name, limit.as_secs())));
                audit.end(&result);
                drop(turn);
                result
            })
        } else {
            tokio::spawn(async move {
                let (shared, peer) = work;
                let result = shared.handler.handle(&peer, request, descriptor, replies).await;
                if let Some(audit) = watch {
                    audit.end(&result);
                }
                result
            })
        };
        Ok(Self {
            frames,
            task,
            name,
            may_be_dropped: !changes,
        })
    }

    /// The next frame, the last of which [`Reply::is_last`] recognises; not to be called after it.
    pub(in super::super) async fn next(&mut self) -> Reply {
        // The queue ends when the handler has returned, panicked or let go of its sender.
        if let Some(reply) = self.frames.recv().await {
            return reply;
        }
        match (&mut self.task).await {
            Ok(Ok(view)) => Reply::Done(view),
            Ok(Err(failure)) => Reply::Failed(failure),
            Err(crash) => {
                error!(verb = self.name, %crash, "control_command_crashed");
                let message = format!("'{}' failed by a bug in emqxd", self.name);
                Reply::Failed(Failure::new(ErrorCode::Internal, message).next("see its log"))
            }
        }
    }
}

impl Drop for RunningVerb {
    fn drop(&mut self) {
        if self.may_be_dropped {
            self.task.abort();
        }
    }
}

fn given_up(name: &str, seconds: u64) -> Failure {
    let message = format!("'{name}' was given up after {seconds} s");
    Failure::new(ErrorCode::Timeout, message).why("part of it may have been done")
}
