//! The connection to the daemon: finding the socket, the hello, one request after another.
//!
//! Every wait has a deadline: connecting and greeting share one, then each frame of an answer must
//! come within the timeout of the one before. What cannot be reached is explained in [`mod@reach`].

mod reach;

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use emqx_shared::frame::{Frame, FrameError, REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use emqx_shared::hello::{ClientHello, DaemonHello, HELLO_BYTES, HelloError};
use emqx_shared::request::ClusterRequest;
use emqx_shared::socket_path::Places;
use emqx_shared::views::ListEnd;
use emqx_shared::welcome::Greeting;
use emqx_shared::{ExitCode, PROTOCOL, Reply, Request, View, Welcome, codec, frame};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};

use crate::failure::{CliFailure, Stop};
use crate::progress::ProgressReport;

/// The least that a watch waits for a sign of life; the daemon gives one every two seconds.
const WATCH_PATIENCE: Duration = Duration::from_secs(10);

/// A connection over which the daemon has greeted us.
#[derive(Debug)]
pub struct Connection {
    stream: DeadlineStream,
    path: PathBuf,
    greeting: Greeting,
    timeout: Duration,
    last_request_id: u64,
    quiet: bool,
    /// The node that is to carry the requests out, if not the one that is connected to.
    target: Option<String>,
}

impl Connection {
    /// Finds the daemon's socket, connects, and settles the protocol version.
    ///
    /// # Errors
    /// Exit codes 69 (nobody there), 75 (no answer in time), 76 (another protocol), 77 (not allowed).
    pub fn open(places: Places<'_>, timeout: Duration, quiet: bool) -> Result<Self, CliFailure> {
        let deadline = Instant::now() + timeout;
        let (stream, path) = reach::connect(places, deadline)?;
        let mut stream = DeadlineStream {
            stream,
            deadline,
            patience: None,
        };
        let refused = |error| exchange_failed(error, timeout, "connect", &path);
        say_hello(&mut stream, &path, timeout)?;
        let first = frame::read_frame(&mut stream, REPLY_BYTES_MAX).map_err(refused)?;
        let greeting = match codec::decode(&first.body).map_err(|error| garbled(error.to_string()))? {
            Welcome::Ready(greeting) => greeting,
            Welcome::Refused(failure) => return Err(failure.into()),
        };
        Ok(Self {
            stream,
            path,
            greeting,
            timeout,
            last_request_id: 0,
            quiet,
            target: None,
        })
    }

    /// Requests from now on are for this node of the cluster.
    pub fn hand_on_to(&mut self, node: &str) {
        self.target = (node != self.greeting.node).then(|| node.to_owned());
    }

    /// Waits so long for each answer, or longer if `--timeout` says so.
    pub fn wait_at_least(&mut self, time: Duration) {
        self.timeout = self.timeout.max(time);
    }

    /// Who answers.
    pub fn greeting(&self) -> &Greeting {
        &self.greeting
    }

    /// The socket in use.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for something that is answered by one view.
    ///
    /// # Errors
    /// What the daemon refused, or what went wrong on the way.
    pub fn ask(&mut self, request: &Request) -> Result<View, CliFailure> {
        self.ask_with(request, None)
    }

    /// As [`Connection::ask`], and an open file goes along, which the daemon then has too.
    ///
    /// # Errors
    /// As [`Connection::ask`].
    pub fn ask_with(&mut self, request: &Request, file: Option<&File>) -> Result<View, CliFailure> {
        let mut unasked = None;
        let answer = self.exchange(request, file, &mut |view| {
            unasked = Some(view);
            Ok(())
        });
        match (answer, unasked) {
            (Ok(view), None) => Ok(view),
            (Ok(_), Some(view)) => Err(unexpected(&view)),
            (Err(Stop::Failure(failure)), _) => Err(*failure),
            (Err(Stop::Output(error)), _) => Err(garbled(error.to_string())),
        }
    }

    /// Asks for a list; `on_chunk` gets its parts as they arrive.
    ///
    /// # Errors
    /// As [`Connection::ask`], and what `on_chunk` returned.
    pub fn stream(
        &mut self,
        request: &Request,
        on_chunk: &mut dyn FnMut(View) -> Result<(), Stop>,
    ) -> Result<ListEnd, Stop> {
        match self.exchange(request, None, on_chunk)? {
            View::ListEnd(end) => Ok(end),
            other => Err(unexpected(&other).into()),
        }
    }

    /// Asks for something that goes on until it ends by itself or we leave. Each part may come as late as the daemon
    /// gives signs of life, and this process may be stopped and continued meanwhile.
    ///
    /// # Errors
    /// As [`Connection::stream`].
    pub fn watch(
        &mut self,
        request: &Request,
        on_chunk: &mut dyn FnMut(View) -> Result<(), Stop>,
    ) -> Result<View, Stop> {
        self.timeout = self.timeout.max(WATCH_PATIENCE);
        self.stream.patience = Some(self.timeout);
        let answer = self.exchange(request, None, on_chunk);
        self.stream.patience = None;
        answer
    }

    /// Asks for anything: `on_chunk` gets the parts of a list, the last view is returned.
    ///
    /// # Errors
    /// As [`Connection::stream`].
    pub fn exchange(
        &mut self,
        request: &Request,
        file: Option<&File>,
        on_chunk: &mut dyn FnMut(View) -> Result<(), Stop>,
    ) -> Result<View, Stop> {
        request.check()?;
        self.last_request_id += 1;
        let request_id = self.last_request_id;
        let too_long = |error| CliFailure::usage(format!("the request is too long: {error}"));
        let mut body = codec::encode(request).map_err(too_long)?;
        if let Some(target) = &self.target {
            if file.is_some() {
                let message = format!("'{}' cannot pass an open file to another node", request.verb());
                return Err(CliFailure::usage(message).next(format!("run it on {target}")).into());
            }
            let handed_on = ClusterRequest::OnNode {
                node: target.clone(),
                request: body,
            };
            body = codec::encode(&Request::Cluster(handed_on)).map_err(too_long)?;
        }
        let failed = |error, timeout, path: &Path| Stop::from(exchange_failed(error, timeout, request.verb(), path));
        self.stream.deadline = Instant::now() + self.timeout;
        let frame = Frame { request_id, body };
        self.stream
            .send(&frame, file)
            .map_err(|error| failed(error, self.timeout, &self.path))?;
        let mut progress = ProgressReport::new(self.quiet);
        loop {
            let frame = frame::read_frame(&mut self.stream, REPLY_BYTES_MAX)
                .map_err(|error| failed(error, self.timeout, &self.path))?;
            if frame.request_id != request_id {
                return Err(garbled("an answer to another request".to_owned()).into());
            }
            match codec::decode(&frame.body).map_err(|error| garbled(error.to_string()))? {
                Reply::Progress(step) => progress.update(&step),
                Reply::Chunk(view) => on_chunk(view)?,
                Reply::Done(view) => return Ok(view),
                Reply::Failed(failure) => return Err(failure.into()),
            }
            self.stream.deadline = Instant::now() + self.timeout;
        }
    }
}

/// An answer that does not fit its question.
pub fn unexpected(view: &View) -> CliFailure {
    // The variant's name is enough for a report; its rows may be long and private.
    let text = format!("{view:?}");
    let name = text.split(['(', ' ']).next().unwrap_or_default();
    garbled(format!("an unexpected answer ({name})"))
}

fn garbled(what: String) -> CliFailure {
    CliFailure::new("protocol", ExitCode::Protocol, "emqxd's answer makes no sense")
        .why(what)
        .next("install emqx-ctl and emqxd of the same version")
}

fn say_hello(stream: &mut DeadlineStream, path: &Path, timeout: Duration) -> Result<(), CliFailure> {
    let hello = ClientHello {
        protocol: PROTOCOL,
        flags: 0,
    };
    let mut answer = [0; HELLO_BYTES];
    stream
        .write_all(&hello.to_bytes())
        .and_then(|()| stream.read_exact(&mut answer))
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => FrameError::Closed,
            _ => FrameError::Io(error),
        })
        .map_err(|error| exchange_failed(error, timeout, "connect", path))?;
    let daemon = DaemonHello::from_bytes(answer).map_err(|error| not_emqxd(error, path))?;
    match daemon.chosen {
        Some(version) if version >= PROTOCOL.min && version <= PROTOCOL.max => Ok(()),
        _ => Err(mismatch(daemon)),
    }
}

fn not_emqxd(error: HelloError, path: &Path) -> CliFailure {
    CliFailure::new(
        "protocol",
        ExitCode::Protocol,
        format!("what listens on {} is not emqxd", path.display()),
    )
    .why(error.to_string())
    .next("name the right socket with --socket PATH")
}

fn mismatch(daemon: DaemonHello) -> CliFailure {
    let older = if daemon.protocol.min > PROTOCOL.max {
        "emqx-ctl"
    } else {
        "emqxd"
    };
    CliFailure::new(
        "version_mismatch",
        ExitCode::Protocol,
        format!(
            "emqx-ctl speaks protocol {PROTOCOL}, emqxd only {}; upgrade {older}",
            daemon.protocol
        ),
    )
    .next("install emqx-ctl and emqxd of the same version")
}

fn exchange_failed(error: FrameError, timeout: Duration, verb: &str, path: &Path) -> CliFailure {
    match error {
        FrameError::Io(error) if is_timeout(&error) => no_answer(timeout, verb),
        FrameError::Closed | FrameError::Truncated | FrameError::Io(_) => CliFailure::new(
            "connection_lost",
            ExitCode::Unavailable,
            format!("emqxd closed the connection ({})", path.display()),
        )
        .why(format!("{error}; it may be stopping, or have too many callers"))
        .next("try again; if it stays like this, look at emqxd's log"),
        FrameError::TooShort { .. } | FrameError::TooLong { .. } => garbled(error.to_string()),
    }
}

fn no_answer(timeout: Duration, verb: &str) -> CliFailure {
    let waited = if timeout.subsec_millis() == 0 {
        format!("{} s", timeout.as_secs())
    } else {
        format!("{} ms", timeout.as_millis())
    };
    let message = match verb {
        "connect" => format!("no answer within {waited} (emqxd is busy or starting)"),
        verb => format!("no answer within {waited} ({verb} may still be running)"),
    };
    CliFailure::new("timeout", ExitCode::TryAgain, message).next("try again, or wait longer with --timeout 60s")
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A stream whose reads and writes fail once the deadline has passed, however the bytes trickle.
#[derive(Debug)]
struct DeadlineStream {
    stream: UnixStream,
    deadline: Instant,
    /// For each single wait, in place of the deadline.
    patience: Option<Duration>,
}

impl DeadlineStream {
    /// Sends a frame, and with its first byte a file.
    fn send(&mut self, frame: &Frame, file: Option<&File>) -> Result<(), FrameError> {
        let Some(file) = file else {
            return frame::write_frame(self, frame, REQUEST_BYTES_MAX);
        };
        let bytes = frame.to_bytes(REQUEST_BYTES_MAX)?;
        self.stream.set_write_timeout(Some(self.left()?))?;
        let descriptors = [file.as_raw_fd()];
        let sent = sendmsg::<()>(
            self.stream.as_raw_fd(),
            &[IoSlice::new(&bytes)],
            &[ControlMessage::ScmRights(&descriptors)],
            MsgFlags::MSG_NOSIGNAL,
            None,
        )
        .map_err(io::Error::from)?;
        self.write_all(&bytes[sent..])?;
        Ok(())
    }

    fn left(&self) -> io::Result<Duration> {
        if let Some(patience) = self.patience {
            return Ok(patience);
        }
        self.deadline
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
            .ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}

impl Read for DeadlineStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

impl Write for DeadlineStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
