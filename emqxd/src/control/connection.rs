//! One control connection: hello, welcome, then one request at a time.
//!
//! [`serve`] is called by `server.rs` in a task for each connection. Every step has a deadline.
//! Whatever a caller sends ends at most its own connection; where the stream is still in step, it is
//! answered and goes on. The first byte of a request may bring a descriptor along (`descriptor.rs`). All others
//! are read with plain `read`, so descriptors attached to them are never installed in this process.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use emqx_shared::codec::{self, EncodeError};
use emqx_shared::frame::{self, Frame, FrameError, PREFIX_BYTES, REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use emqx_shared::hello::{ClientHello, DaemonHello, HELLO_BYTES, HelloError};
use emqx_shared::{ErrorCode, Failure, PROTOCOL, Reply, Request, Role, Welcome};
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::UCred;
use tokio::sync::watch;
use tokio::time::timeout;

use super::audit::Audit;
use super::descriptor::{self, Attached};
use super::peer::Peer;
use super::server::{Handler, RunningVerb, ServerLimits, Shared, stopped};

/// How long what is watched has to end by itself when the daemon stops: a shutdown that was watched to its end has an
/// answer for its caller.
const WATCH_END: Duration = Duration::from_millis(200);

/// The id of frames that answer no request.
const NO_REQUEST: u64 = 0;

/// Why a connection ended other than by its caller's wish.
#[derive(Debug, Error)]
pub(super) enum ConnectionError {
    #[error("the control connection failed: {0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Hello(#[from] HelloError),
    #[error("{0}")]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Encode(#[from] EncodeError),
    #[error("it sent nothing whole within {0:?}")]
    SlowCaller(Duration),
    #[error("it read nothing for {0:?}")]
    StuckReader(Duration),
}

/// Serves one caller until it closes, breaks a rule, or `stop` turns true.
pub(super) async fn serve<H: Handler>(
    stream: UnixStream,
    caller: UCred,
    shared: Arc<Shared<H>>,
    stop: watch::Receiver<bool>,
) -> Result<(), ConnectionError> {
    let mut connection = Connection {
        stream,
        write_limit: shared.limits.write,
        limits: shared.limits.clone(),
    };
    let Some(hello) = connection.shake_hands().await? else {
        return Ok(());
    };
    // It may read files: not on a thread that other connections wait for.
    let admission = {
        let shared = Arc::clone(&shared);
        tokio::task::spawn_blocking(move || (shared.admission)(caller))
    };
    let admitted = admission
        .await
        .unwrap_or_else(|_| Err(Failure::new(ErrorCode::Internal, "no role could be given")));
    let peer = match admitted {
        Ok(peer) => Arc::new(peer),
        Err(failure) => return connection.send_refusal(&hello, failure).await,
    };
    let greeting = shared.handler.greeting(peer.role);
    connection.send_welcome(&hello, &Welcome::Ready(greeting)).await?;
    connection.serve_requests(&shared, &peer, stop).await
}

/// Tells a caller for whom there is no place why.
pub(super) async fn refuse(
    stream: UnixStream,
    failure: &Failure,
    limits: &ServerLimits,
) -> Result<(), ConnectionError> {
    let mut connection = Connection {
        stream,
        write_limit: limits.write,
        limits: limits.clone(),
    };
    match connection.shake_hands().await? {
        Some(hello) => connection.send_refusal(&hello, failure.clone()).await,
        None => Ok(()),
    }
}

struct Connection {
    stream: UnixStream,
    limits: ServerLimits,
    /// How long the caller may take to read something.
    write_limit: Duration,
}

impl Connection {
    /// Reads the caller's hello. `None` if there is no common version: it was told, and that is it.
    async fn shake_hands(&mut self) -> Result<Option<DaemonHello>, ConnectionError> {
        let mut bytes = [0; HELLO_BYTES];
        within(self.limits.whole_request, self.stream.read_exact(&mut bytes)).await??;
        let hello = DaemonHello::answer(PROTOCOL, ClientHello::from_bytes(bytes)?.protocol);
        if hello.chosen.is_some() {
            return Ok(Some(hello));
        }
        self.write(&hello.to_bytes()).await?;
        Ok(None)
    }

    /// Hello and welcome in one write.
    async fn send_welcome(&mut self, hello: &DaemonHello, welcome: &Welcome) -> Result<(), ConnectionError> {
        let frame = Frame {
            request_id: NO_REQUEST,
            body: codec::encode(welcome)?,
        };
        let mut bytes = hello.to_bytes().to_vec();
        bytes.extend_from_slice(&frame.to_bytes(REPLY_BYTES_MAX)?);
        self.write(&bytes).await
    }

    async fn send_refusal(&mut self, hello: &DaemonHello, failure: Failure) -> Result<(), ConnectionError> {
        self.send_welcome(hello, &Welcome::Refused(failure)).await
    }

    async fn serve_requests<H: Handler>(
        &mut self,
        shared: &Arc<Shared<H>>,
        peer: &Arc<Peer>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), ConnectionError> {
        loop {
            let frame = tokio::select! {
                biased;
                () = stopped(&mut stop) => return Ok(()),
                first = within(self.limits.idle, descriptor::read_first(&self.stream)) => match first {
                    Ok(Ok(Some((first, attached)))) => self.read_request(first).await.map(|frame| (frame, attached)),
                    // Silent for long, or closed between two requests: nothing to report.
                    Ok(Ok(None) | Err(_)) | Err(_) => return Ok(()),
                },
            };
            match frame {
                Ok((frame, attached)) => self.answer(shared, peer, frame, attached, &mut stop).await?,
                Err(error) => {
                    let failure = Failure::new(ErrorCode::Malformed, error.to_string());
                    self.send(NO_REQUEST, Reply::Failed(failure)).await?;
                    return Err(error);
                }
            }
        }
    }

    /// The rest of a request whose first byte has come.
    async fn read_request(&mut self, first: u8) -> Result<Frame, ConnectionError> {
        let stream = &mut self.stream;
        within(self.limits.whole_request, async {
            let mut prefix = [first; PREFIX_BYTES];
            stream.read_exact(&mut prefix[1..]).await?;
            let length = frame::payload_length(prefix, REQUEST_BYTES_MAX)?;
            // Grows with what arrives.
            let mut payload = Vec::new();
            stream.take(length as u64).read_to_end(&mut payload).await?;
            if payload.len() < length {
                return Err(FrameError::Truncated.into());
            }
            Ok(Frame::from_payload(payload)?)
        })
        .await?
    }

    /// Answers one request with all its frames. An error ends the connection.
    async fn answer<H: Handler>(
        &mut self,
        shared: &Arc<Shared<H>>,
        peer: &Arc<Peer>,
        frame: Frame,
        attached: Attached,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), ConnectionError> {
        let id = frame.request_id;
        let mut is_watch = false;
        let started = match understand(&frame.body, peer).and_then(|request| attached.fit(request)) {
            Ok((request, descriptor)) => {
                is_watch = request.is_watch();
                RunningVerb::start(shared, peer, request, descriptor).await
            }
            Err(failure) => Err(failure),
        };
        self.write_limit = if is_watch {
            self.limits.watch_write
        } else {
            self.limits.write
        };
        let mut verb = match started {
            Ok(verb) => verb,
            Err(failure) => return self.send(id, Reply::Failed(failure)).await,
        };
        loop {
            let next = async {
                tokio::select! {
                    biased;
                    // Whoever watches would otherwise keep the daemon from stopping.
                    () = stopped_a_moment_ago(stop), if is_watch => {
                        Reply::Failed(Failure::new(ErrorCode::Stopping, "the node is stopping"))
                    }
                    reply = verb.next() => reply,
                }
            };
            let Ok(reply) = timeout(self.limits.verb, next).await else {
                let seconds = self.limits.verb.as_secs();
                let late = Failure::new(ErrorCode::Timeout, format!("no answer within {seconds} s"));
                self.send(id, Reply::Failed(late)).await?;
                // Later frames of this verb would be taken for those of the next.
                return Err(ConnectionError::Io(io::ErrorKind::TimedOut.into()));
            };
            let is_last = reply.is_last();
            self.send(id, reply).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    async fn send(&mut self, request_id: u64, reply: Reply) -> Result<(), ConnectionError> {
        let body = match codec::encode(&reply) {
            Ok(body) => body,
            Err(error) => codec::encode(&Reply::Failed(Failure::new(
                ErrorCode::Internal,
                format!("the answer cannot be sent: {error}"),
            )))?,
        };
        let bytes = Frame { request_id, body }.to_bytes(REPLY_BYTES_MAX)?;
        self.write(&bytes).await
    }

    /// Writes all of it, as long as the caller keeps reading something.
    async fn write(&mut self, mut bytes: &[u8]) -> Result<(), ConnectionError> {
        while !bytes.is_empty() {
            let limit = self.write_limit;
            let written = timeout(limit, self.stream.write(bytes))
                .await
                .map_err(|_| ConnectionError::StuckReader(limit))??;
            if written == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            bytes = &bytes[written..];
        }
        Ok(())
    }
}

/// Returns when the daemon has begun to stop and a moment more has passed.
async fn stopped_a_moment_ago(stop: &mut watch::Receiver<bool>) {
    stopped(stop).await;
    tokio::time::sleep(WATCH_END).await;
}

async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, ConnectionError> {
    timeout(limit, work)
        .await
        .map_err(|_| ConnectionError::SlowCaller(limit))
}

/// Turns a body into a request that this caller may make.
fn understand(body: &[u8], peer: &Peer) -> Result<Request, Failure> {
    if !Request::is_known_verb(body) {
        return Err(
            Failure::new(ErrorCode::UnknownVerb, "this emqxd does not know the command")
                .why("emqx-ctl is newer than the running emqxd")
                .next("restart emqxd if it was upgraded, or use the emqx-ctl of its version"),
        );
    }
    let request: Request =
        codec::decode(body).map_err(|error| Failure::new(ErrorCode::Malformed, error.to_string()))?;
    let allowed = check_role(&request, peer).and_then(|()| request.check());
    if let Err(failure) = allowed {
        if request.role() == Role::Admin {
            Audit::begin(peer, &request).end::<()>(&Err(failure.clone()));
        }
        return Err(failure);
    }
    Ok(request)
}

fn check_role(request: &Request, peer: &Peer) -> Result<(), Failure> {
    if peer.role.covers(request.role()) {
        return Ok(());
    }
    let (verb, needed, own) = (request.verb(), request.role().as_str(), peer.role.as_str());
    Err(Failure::new(
        ErrorCode::PermissionDenied,
        format!("'{verb}' needs the {needed} role; you are {own}"),
    )
    .next("use sudo, or join the group of admins and log in again"))
}
