//! Serving the control socket: accepting, bounding, handing each connection its task.
//!
//! `node.rs` starts [`Server::run`] on the services runtime with the socket that `socket.rs` made
//! and a [`Handler`] that answers the verbs. What happens on one connection is `connection.rs`. The
//! bounds ([`ServerLimits`]) are such that no user can lock root out, and that callers who say
//! nothing, speak slowly or never read cost a fixed amount for a short time.

mod replies;
mod slots;
mod verb;

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use emqx_shared::welcome::Greeting;
use emqx_shared::{Failure, Request, Role, View};
use nix::errno::Errno;
use tokio::net::unix::UCred;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

pub(crate) use self::replies::{ReplySender, RowSender};
pub(super) use self::verb::RunningVerb;

use self::slots::{Slot, Slots};
use super::connection;
use super::peer::{self, Peer};
use super::socket::ControlSocket;

/// Callers beyond their limits who are told so at the same time; more are closed without a word.
const REFUSALS_AT_ONCE: usize = 16;

/// Pause after an accept that failed for want of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What answers the verbs.
pub(crate) trait Handler: Send + Sync + 'static {
    /// What a caller with this role is told about the node.
    fn greeting(&self, role: Role) -> Greeting;

    /// Carries out one verb, whose role and arguments have been checked, with the descriptor that came with it if it
    /// takes one. Rows and progress go into `replies`; the result is the last frame.
    ///
    /// Runs in a task of its own. For a read-only verb the future is dropped when the caller goes
    /// away, as it is for one that goes on until then; a verb that changes something runs to its end.
    fn handle(
        &self,
        peer: &Peer,
        request: Request,
        descriptor: Option<OwnedFd>,
        replies: ReplySender,
    ) -> impl Future<Output = Result<View, Failure>> + Send;
}

/// The bounds of the control socket.
#[derive(Debug, Clone)]
pub(crate) struct ServerLimits {
    /// Connections at the same time.
    pub(crate) connections: usize,
    /// Of these, how many only root may use.
    pub(crate) kept_for_root: usize,
    /// Connections of one uid other than root.
    pub(crate) per_uid: usize,
    /// For the hello, and for a request from its first byte to its last.
    pub(crate) whole_request: Duration,
    /// Between two requests, for example while a person answers a prompt.
    pub(crate) idle: Duration,
    /// For a write that makes no progress, because the caller does not read.
    pub(crate) write: Duration,
    /// The same while something is watched: a terminal that was stopped may go on later. What it costs is fixed.
    pub(crate) watch_write: Duration,
    /// From a request to its answer, and from one row of a list to the next.
    pub(crate) verb: Duration,
    /// After which a verb that changes something is given up; it may outlive its caller until then.
    pub(crate) change: Duration,
    /// For answers under way when the daemon stops.
    pub(crate) drain: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 32,
            kept_for_root: 8,
            per_uid: 4,
            whole_request: Duration::from_secs(2),
            idle: Duration::from_secs(60),
            write: Duration::from_secs(5),
            watch_write: Duration::from_secs(600),
            verb: Duration::from_secs(30),
            change: Duration::from_secs(120),
            drain: Duration::from_secs(2),
        }
    }
}

/// Gives a caller its role, or says why it has none; may read files.
pub(crate) type Admission = Box<dyn Fn(UCred) -> Result<Peer, Failure> + Send + Sync>;

/// What all connections share.
pub(super) struct Shared<H> {
    pub(super) handler: H,
    pub(super) admission: Admission,
    pub(super) limits: ServerLimits,
    /// Held by the one verb that changes something.
    pub(super) turn: Arc<Mutex<()>>,
}

/// The server of the control socket.
pub(crate) struct Server<H> {
    shared: Arc<Shared<H>>,
    slots: Arc<Slots>,
    /// While this is true another process accepts from the socket.
    given: watch::Receiver<bool>,
}

impl<H: Handler> Server<H> {
    /// A server that has not started.
    pub(crate) fn new(handler: H, admission: Admission, limits: ServerLimits) -> Self {
        Self {
            given: watch::channel(false).1,
            slots: Slots::new(limits.connections, limits.kept_for_root, limits.per_uid),
            shared: Arc::new(Shared {
                handler,
                admission,
                limits,
                turn: Arc::default(),
            }),
        }
    }

    /// What carries verbs out, for those that come another way.
    pub(super) fn shared(&self) -> Arc<Shared<H>> {
        Arc::clone(&self.shared)
    }

    /// Accepts nobody while `given` is true.
    pub(crate) fn unless(self, given: watch::Receiver<bool>) -> Self {
        Self { given, ..self }
    }

    /// Serves until `stop` turns true or its sender is gone, then lets answers under way finish.
    ///
    /// # Errors
    /// If the socket cannot be handed to the runtime; never for what a caller did.
    pub(crate) async fn run(self, socket: &ControlSocket, stop: watch::Receiver<bool>) -> io::Result<()> {
        if !peer::sees_all_users() {
            warn!(
                path = %socket.path().display(),
                "control_socket_cannot_tell_users_apart: this process runs in a private user namespace"
            );
        }
        let listener = UnixListener::from_std(socket.listener()?)?;
        let mut reserve = Reserve::default();
        reserve.refill();
        let mut tasks = JoinSet::new();
        let mut own_stop = stop.clone();
        let mut given = self.given.clone();
        loop {
            tokio::select! {
                biased;
                () = stopped(&mut own_stop) => break,
                () = turned(&mut given, true) => {
                    tokio::select! {
                        () = stopped(&mut own_stop) => break,
                        () = turned(&mut given, false) => {}
                    }
                }
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        self.welcome(stream, &stop, &mut tasks);
                        reserve.refill();
                    }
                    // The descriptor that was kept back lets the operator in; try again at once.
                    Err(error) if out_of_descriptors(&error) && reserve.release() => {}
                    Err(error) => {
                        warn!(%error, "control_socket_accept_failed");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(ended) = tasks.join_next() => {
                    // Its descriptor is free now: keep it before somebody else takes it.
                    reserve.refill();
                    if let Err(error) = ended && error.is_panic() {
                        warn!(%error, "control_connection_crashed");
                    }
                }
            }
        }
        drop(listener);
        let drained = async { while tasks.join_next().await.is_some() {} };
        // What is left when the time is over ends with the JoinSet.
        let _ = timeout(self.shared.limits.drain, drained).await;
        Ok(())
    }

    /// Gives the connection a task, within the limits of its user.
    fn welcome(&self, stream: UnixStream, stop: &watch::Receiver<bool>, tasks: &mut JoinSet<()>) {
        let Ok(caller) = stream.peer_cred() else {
            return; // Gone before it could be asked.
        };
        let shared = Arc::clone(&self.shared);
        let stop = stop.clone();
        match self.slots.take(caller.uid()) {
            Ok(slot) => {
                tasks.spawn(serve(stream, caller, slot, shared, stop));
            }
            Err(busy) => {
                debug!(uid = caller.uid(), "control_connection_refused");
                if tasks.len() < self.shared.limits.connections + REFUSALS_AT_ONCE {
                    tasks.spawn(async move {
                        let _ = connection::refuse(stream, &busy, &shared.limits).await;
                    });
                }
            }
        }
    }
}

async fn serve<H: Handler>(
    stream: UnixStream,
    caller: UCred,
    slot: Slot,
    shared: Arc<Shared<H>>,
    stop: watch::Receiver<bool>,
) {
    if let Err(error) = connection::serve(stream, caller, shared, stop).await {
        debug!(uid = caller.uid(), pid = caller.pid(), %error, "control_connection_ended");
    }
    drop(slot);
}

/// Waits until the daemon stops.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and the daemon with it.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits until the socket is given to another process, or is ours again.
async fn turned(given: &mut watch::Receiver<bool>, to: bool) {
    if given.wait_for(|given| *given == to).await.is_err() {
        // Nobody is left who could give it.
        std::future::pending::<()>().await;
    }
}

fn out_of_descriptors(error: &io::Error) -> bool {
    let number = error.raw_os_error();
    number == Some(Errno::EMFILE as i32) || number == Some(Errno::ENFILE as i32)
}

/// One descriptor kept back, so that the operator can get in when MQTT clients hold all others.
#[derive(Default)]
struct Reserve(Option<File>);

impl Reserve {
    fn refill(&mut self) {
        if self.0.is_none() {
            self.0 = File::open("/dev/null").ok();
        }
    }

    /// Whether there was one to give up.
    fn release(&mut self) -> bool {
        self.0.take().is_some()
    }
}

#[cfg(test)]
mod tests;
