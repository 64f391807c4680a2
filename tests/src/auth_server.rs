//! A small HTTP server that plays the operator's own: it answers what a test tells it to, one request after the other.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a client of it has sent.
#[derive(Debug, Clone)]
pub struct AuthRequest {
    /// With its query.
    pub path: String,
    /// As text.
    pub body: String,
}

/// The server; its threads end with the test.
#[derive(Debug)]
pub struct AuthServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<AuthRequest>>>,
}

impl AuthServer {
    /// One that answers each request with a status and a JSON text.
    ///
    /// # Panics
    /// If no port is free.
    pub fn start(answer: impl Fn(&AuthRequest) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Self { address, requests }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often it was asked.
    ///
    /// # Panics
    /// If an answer has panicked.
    pub fn count(&self) -> usize {
        self.requests.lock().expect("no answer has panicked").len()
    }

    /// What it was asked last.
    ///
    /// # Panics
    /// If nobody has asked.
    pub fn last_path(&self) -> String {
        let requests = self.requests.lock().expect("no answer has panicked");
        requests.last().expect("it was asked").path.clone()
    }
}

/// Serves one connection for as long as its client keeps it.
fn serve(
    stream: TcpStream,
    seen: &Mutex<Vec<AuthRequest>>,
    answer: &(impl Fn(&AuthRequest) -> (u16, String) + ?Sized),
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let request = read(&mut reader)?;
        seen.lock().ok()?.push(request.clone());
        let (status, body) = answer(&request);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        writer.write_all(head.as_bytes()).ok()?;
        writer.write_all(body.as_bytes()).ok()?;
    }
}

fn read(reader: &mut impl BufRead) -> Option<AuthRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(AuthRequest {
        path,
        body: String::from_utf8(body).ok()?,
    })
}
