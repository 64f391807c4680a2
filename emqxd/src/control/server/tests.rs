//! The control server against friendly and hostile callers, with a handler made for the purpose.

use std::io::{IoSlice, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use emqx_shared::codec::{decode, encode};
use emqx_shared::frame::{Frame, REPLY_BYTES_MAX, REQUEST_BYTES_MAX, read_frame, write_frame};
use emqx_shared::hello::{ClientHello, DaemonHello, HELLO_BYTES, ProtocolRange};
use emqx_shared::views::{KickView, TopicView};
use emqx_shared::{ErrorCode, PROTOCOL, Reply, Welcome};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use tokio::sync::Notify;

use super::*;

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a test sees of the handler, and how it lets it go on.
#[derive(Default)]
struct Probe {
    calls: AtomicUsize,
    rows: AtomicUsize,
    finished: AtomicUsize,
    go_on: Notify,
}

struct TestHandler {
    probe: Arc<Probe>,
    events: mpsc::Sender<&'static str>,
}

/// Tells the test that a handler's future has ended, in whichever way.
struct Ended(mpsc::Sender<&'static str>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send("ended");
    }
}

impl Handler for TestHandler {
    fn greeting(&self, role: Role) -> Greeting {
        Greeting {
            version: "1.2.3".to_owned(),
            node: "emqx@127.0.0.1".to_owned(),
            role,
            utc_offset_seconds: 0,
        }
    }

    async fn handle(
        &self,
        _peer: &Peer,
        request: Request,
        descriptor: Option<OwnedFd>,
        replies: ReplySender,
    ) -> Result<View, Failure> {
        assert_eq!(descriptor.is_some(), request.takes_descriptor());
        let _ended = Ended(self.events.clone());
        self.probe.calls.fetch_add(1, Ordering::Relaxed);
        match request {
            Request::ListTopics => {
                let mut rows = replies.rows(View::Topics);
                for number in 0..1_000_000 {
                    self.probe.rows.fetch_add(1, Ordering::Relaxed);
                    rows.row(topic(number)).await?;
                }
                Ok(rows.finish(None).await?)
            }
            Request::ShowTopic { topic: count } => {
                let mut rows = replies.rows(View::Topics);
                for number in 0..count.parse().unwrap() {
                    rows.row(topic(number)).await?;
                }
                Ok(rows.finish(Some(7)).await?)
            }
            Request::ShowClient { .. } => panic!("a bug"),
            Request::ShowListener { .. } => std::future::pending().await,
            Request::RestartListener { .. } => {
                let _ = self.events.send("restarting");
                self.probe.go_on.notified().await;
                self.probe.finished.fetch_add(1, Ordering::Relaxed);
                Ok(View::Nothing)
            }
            Request::KickClient { .. } => Ok(View::Kick(KickView { existed: true })),
            _ => Ok(View::Nothing),
        }
    }
}

fn topic(number: u32) -> TopicView {
    TopicView {
        topic: format!("t/{number}"),
        node: "n".to_owned(),
    }
}

/// A server on a socket of its own.
struct TestServer {
    probe: Arc<Probe>,
    events: mpsc::Receiver<&'static str>,
    stop: watch::Sender<bool>,
    path: std::path::PathBuf,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl TestServer {
    fn start() -> Self {
        Self::with(Some(Role::Admin), roomy())
    }

    /// A server that gives everybody this role.
    fn with(role: Option<Role>, limits: ServerLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let (events_in, events) = mpsc::channel();
        let probe = Arc::<Probe>::default();
        let handler = TestHandler {
            probe: Arc::clone(&probe),
            events: events_in,
        };
        let admission: Admission = Box::new(move |caller| match role {
            Some(role) => Ok(Peer {
                uid: caller.uid(),
                gid: caller.gid(),
                pid: caller.pid(),
                role,
                connection: 0,
            }),
            None => Err(Failure::new(ErrorCode::PermissionDenied, "no role")),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (stop, stopped) = watch::channel(false);
        let socket = ControlSocket::create(&path, None).unwrap();
        let server = Server::new(handler, admission, limits);
        runtime.spawn(async move { server.run(&socket, stopped).await });
        Self {
            probe,
            events,
            stop,
            path,
            runtime,
            _folder: folder,
        }
    }

    /// A caller that has sent nothing yet.
    fn raw(&self) -> Caller {
        let stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Caller { stream }
    }

    fn connect(&self) -> Caller {
        let mut caller = self.raw();
        let welcome = caller.shake_hands().unwrap();
        assert!(matches!(welcome, Welcome::Ready(_)), "{welcome:?}");
        caller
    }

    fn expect_event(&self, event: &str) {
        assert_eq!(self.events.recv_timeout(PATIENCE), Ok(event));
    }

    fn assert_healthy(&self) {
        assert_eq!(self.connect().ask(&Request::Ping), [Reply::Done(View::Nothing)]);
    }
}

struct Caller {
    stream: UnixStream,
}

fn our_hello() -> [u8; HELLO_BYTES] {
    let hello = ClientHello {
        protocol: PROTOCOL,
        flags: 0,
    };
    hello.to_bytes()
}

fn frame_of(body: Vec<u8>) -> Vec<u8> {
    let frame = Frame { request_id: 5, body };
    frame.to_bytes(REQUEST_BYTES_MAX).unwrap()
}

impl Caller {
    fn shake_hands(&mut self) -> Option<Welcome> {
        self.stream.write_all(&our_hello()).ok()?;
        let mut bytes = [0; HELLO_BYTES];
        self.stream.read_exact(&mut bytes).ok()?;
        assert_eq!(DaemonHello::from_bytes(bytes).unwrap().chosen, Some(1));
        let frame = read_frame(&mut self.stream, REPLY_BYTES_MAX).ok()?;
        assert_eq!(frame.request_id, 0);
        Some(decode(&frame.body).unwrap())
    }

    fn send(&mut self, request: &Request) {
        let frame = Frame {
            request_id: 5,
            body: encode(request).unwrap(),
        };
        write_frame(&mut self.stream, &frame, REQUEST_BYTES_MAX).unwrap();
    }

    fn read(&mut self) -> Reply {
        let frame = read_frame(&mut self.stream, REPLY_BYTES_MAX).unwrap();
        decode(&frame.body).unwrap()
    }

    /// All frames of the answer.
    fn ask(&mut self, request: &Request) -> Vec<Reply> {
        self.send(request);
        let mut replies = vec![self.read()];
        while !replies.last().unwrap().is_last() {
            replies.push(self.read());
        }
        replies
    }

    fn ask_failure(&mut self, request: &Request) -> Failure {
        match self.ask(request).as_slice() {
            [Reply::Failed(failure)] => failure.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// The server has closed, and said nothing more.
    fn assert_closed(&mut self) {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => assert!(rest.is_empty()),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        }
    }
}

fn kick() -> Request {
    Request::KickClient {
        client_id: "c".to_owned(),
    }
}

fn restart() -> Request {
    Request::RestartListener {
        listener: "tcp:default".to_owned(),
    }
}

/// Room for a test's own callers whoever runs it; `slots.rs` tests who gets how much.
fn roomy() -> ServerLimits {
    ServerLimits {
        kept_for_root: 0,
        per_uid: 32,
        ..ServerLimits::default()
    }
}

fn impatient() -> ServerLimits {
    ServerLimits {
        whole_request: Duration::from_millis(400),
        write: Duration::from_millis(50),
        ..roomy()
    }
}

#[test]
fn a_caller_learns_who_answers_and_asks_one_thing_after_the_other() {
    let server = TestServer::start();
    let mut caller = server.raw();
    let Some(Welcome::Ready(greeting)) = caller.shake_hands() else {
        panic!("no welcome");
    };
    assert_eq!((greeting.version.as_str(), greeting.role), ("1.2.3", Role::Admin));
    for _ in 0..3 {
        assert_eq!(caller.ask(&Request::Ping), [Reply::Done(View::Nothing)]);
    }
    assert_eq!(
        caller.ask(&kick()),
        [Reply::Done(View::Kick(KickView { existed: true }))]
    );
}

#[test]
fn a_list_comes_in_chunks_and_says_where_it_ends() {
    let server = TestServer::start();
    let request = Request::ShowTopic {
        topic: "600".to_owned(),
    };
    let replies = server.connect().ask(&request);
    let rows: Vec<_> = replies
        .iter()
        .filter_map(|reply| match reply {
            Reply::Chunk(View::Topics(rows)) => Some(rows.len()),
            _ => None,
        })
        .collect();
    assert_eq!(rows, [256, 256, 88]);
    let Some(Reply::Done(View::ListEnd(end))) = replies.last() else {
        panic!("{replies:?}");
    };
    assert_eq!((end.rows, end.total), (600, Some(7)));
}

#[test]
fn a_thousand_silent_callers_do_not_keep_the_operator_out() {
    let server = TestServer::with(Some(Role::Admin), impatient());
    let silent: Vec<_> = (0..1000).map(|_| server.raw()).collect();
    let deadline = Instant::now() + PATIENCE;
    loop {
        match server.raw().shake_hands() {
            Some(Welcome::Ready(_)) => break,
            // Refused for the moment, or closed without a word.
            other => assert!(Instant::now() < deadline, "{other:?}"),
        }
    }
    drop(silent);
}

#[test]
fn a_caller_too_many_is_told_so() {
    let limits = ServerLimits {
        connections: 2,
        ..roomy()
    };
    let server = TestServer::with(Some(Role::Admin), limits);
    let _held = [server.connect(), server.connect()];
    let Some(Welcome::Refused(failure)) = server.raw().shake_hands() else {
        panic!("not refused");
    };
    assert_eq!(failure.code, ErrorCode::Busy);
    assert!(failure.message.starts_with("2 of 2 "), "{failure:?}");
}

#[test]
fn a_request_that_comes_in_drops_is_cut_off() {
    let server = TestServer::with(Some(Role::Admin), impatient());
    let mut caller = server.connect();
    caller.stream.write_all(&[0]).unwrap();
    assert!(matches!(caller.read(), Reply::Failed(failure) if failure.code == ErrorCode::Malformed));
    caller.assert_closed();

    let mut caller = server.raw();
    caller.stream.write_all(&our_hello()[..9]).unwrap();
    caller.assert_closed();
}

/// Sends a byte whenever the server has said nothing for a while; how many it took before it closed.
fn drip(caller: &mut Caller, bytes: &[u8]) -> usize {
    caller.stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    for (sent, byte) in bytes.iter().enumerate() {
        let quiet = caller.stream.read(&mut [0; 1024]);
        let is_quiet = quiet.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        if !is_quiet || caller.stream.write_all(&[*byte]).is_err() {
            return sent;
        }
    }
    bytes.len()
}

#[test]
fn bytes_that_keep_coming_slowly_buy_no_time() {
    let limits = ServerLimits {
        whole_request: Duration::from_millis(100),
        ..roomy()
    };
    let server = TestServer::with(Some(Role::Admin), limits);
    assert!(drip(&mut server.raw(), &our_hello()) < HELLO_BYTES);
    let request = Request::ShowTopic { topic: "x".repeat(500) };
    let request = frame_of(encode(&request).unwrap());
    let taken = drip(&mut server.connect(), &request);
    assert!(taken < 50, "{taken} bytes were waited for");
    assert_eq!(server.probe.calls.load(Ordering::Relaxed), 0);
    server.assert_healthy();
}

#[test]
fn impossible_lengths_end_their_own_connection_only() {
    let server = TestServer::start();
    let over = REQUEST_BYTES_MAX as u32 + 1;
    for length in (0..8).chain([over, 1 << 24, 1 << 31, u32::MAX]) {
        let mut caller = server.connect();
        caller.stream.write_all(&length.to_be_bytes()).unwrap();
        let reply = caller.read();
        assert!(
            matches!(&reply, Reply::Failed(failure) if failure.code == ErrorCode::Malformed),
            "length {length}: {reply:?}"
        );
        caller.assert_closed();
    }
    server.assert_healthy();
}

#[test]
fn a_body_that_makes_no_sense_is_answered_and_the_connection_goes_on() {
    let server = TestServer::start();
    let mut caller = server.connect();
    let kick = encode(&kick()).unwrap()[0];
    for (body, code) in [
        (vec![], ErrorCode::Malformed),
        (vec![Request::VERBS], ErrorCode::UnknownVerb),
        (vec![255; 100], ErrorCode::UnknownVerb),
        (vec![0, 0], ErrorCode::Malformed),
        // A client id that is no UTF-8, one that is longer than its frame, one of 2^63 bytes.
        (vec![kick, 2, 0xc3, 0x28], ErrorCode::Malformed),
        (vec![kick, 200, 65], ErrorCode::Malformed),
        (vec![kick, 253, 0, 0, 0, 0, 0, 0, 0, 128], ErrorCode::Malformed),
        // And one with a NUL.
        (vec![kick, 1, 0], ErrorCode::InvalidArgument),
    ] {
        caller.stream.write_all(&frame_of(body.clone())).unwrap();
        let reply = caller.read();
        assert!(
            matches!(&reply, Reply::Failed(failure) if failure.code == code),
            "{body:?}: {reply:?}"
        );
    }
    assert_eq!(caller.ask(&Request::Ping), [Reply::Done(View::Nothing)]);
    assert_eq!(server.probe.calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_caller_of_another_protocol_learns_which_versions_we_speak() {
    let server = TestServer::start();
    let mut caller = server.raw();
    let newer = ClientHello {
        protocol: ProtocolRange { min: 2, max: 3 },
        flags: 0xffff,
    };
    caller.stream.write_all(&newer.to_bytes()).unwrap();
    let mut bytes = [0; HELLO_BYTES];
    caller.stream.read_exact(&mut bytes).unwrap();
    let answer = DaemonHello::from_bytes(bytes).unwrap();
    assert_eq!((answer.chosen, answer.protocol), (None, PROTOCOL));
    caller.assert_closed();

    let mut stranger = server.raw();
    stranger.stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").unwrap();
    stranger.assert_closed();
}

#[test]
fn a_caller_that_speaks_later_versions_too_is_served_in_ours() {
    let server = TestServer::start();
    let mut caller = server.raw();
    let newer = ClientHello {
        protocol: ProtocolRange { min: 1, max: 9 },
        flags: 0xffff,
    };
    caller.stream.write_all(&newer.to_bytes()).unwrap();
    let mut bytes = [0; HELLO_BYTES];
    caller.stream.read_exact(&mut bytes).unwrap();
    assert_eq!(DaemonHello::from_bytes(bytes).unwrap().chosen, Some(PROTOCOL.max));
    read_frame(&mut caller.stream, REPLY_BYTES_MAX).unwrap();
    assert_eq!(caller.ask(&Request::Ping), [Reply::Done(View::Nothing)]);
}

#[test]
fn a_caller_killed_at_any_byte_harms_nobody() {
    let server = TestServer::start();
    let mut exchange = our_hello().to_vec();
    exchange.extend(frame_of(encode(&kick()).unwrap()));
    for cut in 0..=exchange.len() {
        server.raw().stream.write_all(&exchange[..cut]).unwrap();
    }
    let deadline = Instant::now() + PATIENCE;
    while !matches!(server.raw().shake_hands(), Some(Welcome::Ready(_))) {
        assert!(Instant::now() < deadline);
    }
}

#[test]
fn a_caller_that_stops_reading_a_long_list_ends_it() {
    let server = TestServer::with(Some(Role::Admin), impatient());
    let mut caller = server.connect();
    caller.send(&Request::ListTopics);
    server.expect_event("ended");
    let rows = server.probe.rows.load(Ordering::Relaxed);
    assert!(rows < 200_000, "{rows} rows were made for nobody");
    server.assert_healthy();
}

#[test]
fn a_caller_without_a_role_is_refused_before_it_asks() {
    let server = TestServer::with(None, roomy());
    let mut caller = server.raw();
    let Some(Welcome::Refused(failure)) = caller.shake_hands() else {
        panic!("not refused");
    };
    assert_eq!(failure.code, ErrorCode::PermissionDenied);
    caller.assert_closed();
}

#[test]
fn a_reader_may_look_and_not_change() {
    let server = TestServer::with(Some(Role::ReadOnly), roomy());
    let mut caller = server.connect();
    let failure = caller.ask_failure(&kick());
    assert_eq!(failure.code, ErrorCode::PermissionDenied);
    assert_eq!(
        failure.message,
        "'clients kick' needs the admin role; you are read-only"
    );
    assert_eq!(server.probe.calls.load(Ordering::Relaxed), 0);
    assert_eq!(caller.ask(&Request::Status), [Reply::Done(View::Nothing)]);
}

/// Sends a request with so many copies of the writing end of a pipe; the reading end tells when none is left.
fn ask_with_descriptors(caller: &mut Caller, request: &Request, count: usize) -> (Reply, io::PipeReader) {
    let (pipe, writing_end) = io::pipe().unwrap();
    let message = frame_of(encode(request).unwrap());
    let descriptors = vec![writing_end.as_raw_fd(); count];
    let sent = sendmsg::<()>(
        caller.stream.as_raw_fd(),
        &[IoSlice::new(&message)],
        &[ControlMessage::ScmRights(&descriptors)],
        MsgFlags::empty(),
        None,
    );
    assert_eq!(sent, Ok(message.len()));
    (caller.read(), pipe)
}

fn start_trace() -> Request {
    use emqx_shared::request::{TraceDestination, TraceFormat, TracePayload, TraceRequest, TraceStart, TraceSubject};
    Request::Trace(TraceRequest::Start(Box::new(TraceStart {
        name: None,
        subject: TraceSubject::Client("c".to_owned()),
        level: emqx_shared::LogLevel::Debug,
        format: TraceFormat::Text,
        payload: TracePayload::Text,
        payload_limit: 1024,
        duration_ms: None,
        max_bytes: None,
        rate: None,
        destination: TraceDestination::Descriptor {
            shown: "t.log".to_owned(),
        },
    })))
}

#[test]
fn descriptors_that_a_request_does_not_take_are_refused_and_closed() {
    let server = TestServer::start();
    let mut caller = server.connect();
    for (request, count) in [
        (Request::Ping, 1),
        (Request::Ping, 2),
        (Request::Ping, 200),
        (start_trace(), 2),
        (start_trace(), 200),
    ] {
        let (reply, mut pipe) = ask_with_descriptors(&mut caller, &request, count);
        let Reply::Failed(failure) = reply else {
            panic!("{count} with {request:?}: {reply:?}")
        };
        assert_eq!(failure.code, ErrorCode::BadDescriptor, "{count} with {request:?}");
        // The end of the pipe shows that no copy of the writing end is left, here or in the server.
        assert_eq!(pipe.read(&mut [0]).unwrap(), 0);
    }
    // The stream is in step.
    assert_eq!(caller.ask(&Request::Ping), [Reply::Done(View::Nothing)]);
    assert_eq!(caller.ask_failure(&start_trace()).code, ErrorCode::BadDescriptor);
}

#[test]
fn the_one_descriptor_of_a_verb_that_takes_one_reaches_its_handler() {
    let server = TestServer::start();
    let mut caller = server.connect();
    let (reply, mut pipe) = ask_with_descriptors(&mut caller, &start_trace(), 1);
    assert_eq!(reply, Reply::Done(View::Nothing));
    assert_eq!(pipe.read(&mut [0]).unwrap(), 0, "the handler has let go of it");
}

#[test]
fn descriptors_attached_to_later_bytes_are_never_taken() {
    let server = TestServer::start();
    let mut caller = server.connect();
    let (mut pipe, writing_end) = io::pipe().unwrap();
    let message = frame_of(encode(&Request::Ping).unwrap());
    caller.stream.write_all(&message[..5]).unwrap();
    let sent = sendmsg::<()>(
        caller.stream.as_raw_fd(),
        &[IoSlice::new(&message[5..])],
        &[ControlMessage::ScmRights(&[writing_end.as_raw_fd()])],
        MsgFlags::empty(),
        None,
    );
    assert!(sent.is_ok());
    drop(writing_end);
    assert_eq!(caller.read(), Reply::Done(View::Nothing));
    assert_eq!(pipe.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_bug_in_a_handler_is_one_failed_verb() {
    let server = TestServer::start();
    let mut caller = server.connect();
    let bug = Request::ShowClient {
        client_id: "c".to_owned(),
    };
    assert_eq!(caller.ask_failure(&bug).code, ErrorCode::Internal);
    assert_eq!(caller.ask(&Request::Ping), [Reply::Done(View::Nothing)]);
}

#[test]
fn a_verb_that_hangs_is_answered_with_a_timeout_and_dropped() {
    let limits = ServerLimits {
        verb: Duration::from_millis(50),
        ..roomy()
    };
    let server = TestServer::with(Some(Role::Admin), limits);
    let hang = Request::ShowListener {
        listener: "tcp:default".to_owned(),
    };
    let mut caller = server.connect();
    assert_eq!(caller.ask_failure(&hang).code, ErrorCode::Timeout);
    caller.assert_closed();
    server.expect_event("ended");
}

#[test]
fn a_change_goes_on_when_its_caller_is_gone_and_others_wait_for_it() {
    let limits = ServerLimits {
        verb: Duration::from_millis(50),
        ..roomy()
    };
    let server = TestServer::with(Some(Role::Admin), limits);
    let mut caller = server.connect();
    caller.send(&restart());
    server.expect_event("restarting");
    drop(caller);
    // Somebody else's change waits for its turn, and is told when that takes too long.
    assert_eq!(server.connect().ask_failure(&kick()).code, ErrorCode::Busy);
    assert_eq!(server.probe.finished.load(Ordering::Relaxed), 0);
    server.probe.go_on.notify_one();
    server.expect_event("ended");
    assert_eq!(server.probe.finished.load(Ordering::Relaxed), 1);
}

#[test]
fn a_daemon_that_stops_closes_idle_callers_and_finishes_answers() {
    let server = TestServer::start();
    let mut idle = server.connect();
    let mut busy = server.connect();
    busy.send(&restart());
    server.expect_event("restarting");
    server.stop.send(true).unwrap();
    idle.assert_closed();
    server.probe.go_on.notify_one();
    assert_eq!(busy.read(), Reply::Done(View::Nothing));
    busy.assert_closed();
    let deadline = Instant::now() + PATIENCE;
    while server.path.exists() {
        assert!(Instant::now() < deadline, "the socket file is still there");
        std::thread::yield_now();
    }
    drop(server.runtime);
}
