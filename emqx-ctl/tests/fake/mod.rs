//! A daemon that answers with what a test tells it to, over a real socket in a folder of its own,
//! and the `emqx-ctl` binary pointed at it.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use emqx_shared::frame::{Frame, REPLY_BYTES_MAX, REQUEST_BYTES_MAX, read_frame, write_frame};
use emqx_shared::hello::{ClientHello, DaemonHello, HELLO_BYTES};
use emqx_shared::welcome::Greeting;
use emqx_shared::{PROTOCOL, Reply, Request, Role, Welcome, codec};

pub struct FakeDaemon {
    folder: tempfile::TempDir,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl FakeDaemon {
    /// Greets as it should and answers each request with `answer`.
    pub fn answering(answer: impl Fn(&Request, &mut dyn FnMut(Reply)) + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&seen);
        Self::serving(seen, move |mut stream| {
            let hello = DaemonHello::answer(PROTOCOL, PROTOCOL).to_bytes();
            let greeting = Welcome::Ready(Greeting {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                node: "emqx@127.0.0.1".to_owned(),
                role: Role::Admin,
                utc_offset_seconds: 0,
            });
            if !greet(&mut stream, hello, Some(&greeting)) {
                return;
            }
            while let Ok(frame) = read_frame(&mut stream, REQUEST_BYTES_MAX) {
                let request: Request = codec::decode(&frame.body).unwrap();
                requests.lock().unwrap().push(request.clone());
                answer(&request, &mut |reply| {
                    let body = codec::encode(&reply).unwrap();
                    let frame = Frame {
                        request_id: frame.request_id,
                        body,
                    };
                    // The CLI may be gone: that is what some tests are about.
                    let _ = write_frame(&mut stream, &frame, REPLY_BYTES_MAX);
                });
            }
        })
    }

    /// Answers every request with the same replies.
    pub fn saying(replies: Vec<Reply>) -> Self {
        Self::answering(move |_, send| replies.iter().cloned().for_each(send))
    }

    /// Sends these bytes as its hello and then this welcome.
    pub fn greeting(hello: [u8; HELLO_BYTES], welcome: Option<Welcome>) -> Self {
        Self::serving(Arc::default(), move |mut stream| {
            greet(&mut stream, hello, welcome.as_ref());
        })
    }

    /// Accepts and says nothing.
    pub fn silent() -> Self {
        Self::serving(Arc::default(), |mut stream| {
            let _ = stream.read_to_end(&mut Vec::new());
        })
    }

    fn serving(seen: Arc<Mutex<Vec<Request>>>, serve: impl Fn(UnixStream) + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("emqxd.sock")).unwrap();
        std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
        Self { folder, seen }
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("emqxd.sock")
    }

    /// The requests that came.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// Runs `emqx-ctl` with the words of `line`.
    pub fn ctl(&self, line: &str) -> Ran {
        run(ctl(&self.socket()).args(line.split_whitespace()))
    }
}

fn greet(stream: &mut UnixStream, hello: [u8; HELLO_BYTES], welcome: Option<&Welcome>) -> bool {
    let mut theirs = [0; HELLO_BYTES];
    stream.read_exact(&mut theirs).unwrap();
    ClientHello::from_bytes(theirs).unwrap();
    stream.write_all(&hello).unwrap();
    let Some(welcome) = welcome else { return false };
    let body = codec::encode(welcome).unwrap();
    write_frame(stream, &Frame { request_id: 0, body }, REPLY_BYTES_MAX).is_ok()
}

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The binary, in an environment that holds nothing it would look at.
pub fn ctl(socket: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emqx-ctl"));
    command.env_clear().env("EMQX_CTL_SOCKET", socket);
    command
}

pub fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}
