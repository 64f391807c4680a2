//! From an HTTP request to a WebSocket: reads the request head, bounded, and answers it.
//!
//! The caller bounds the time. After a refusal the answer is given time to arrive before the socket is closed.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::request::{Refusal, Request, UpgradeSettings};
use super::stream::WebSocket;

/// Bytes of the longest request head that is read.
const HEAD_BYTES_MAX: usize = 8 * 1024;
/// Bytes read at a time; most requests fit.
const HEAD_BYTES_FIRST: usize = 1024;
/// How long a refused client may take to close its side.
const LAST_WORDS_TIME: Duration = Duration::from_secs(1);
/// Bytes of a refused client that are still read, so that the answer is not lost in a reset.
const DISCARDED_BYTES_MAX: usize = 64 * 1024;

/// A client whose request was granted.
#[derive(Debug)]
pub struct Upgraded<S> {
    /// The connection from now on.
    pub websocket: WebSocket<S>,
    /// What was asked for.
    pub request: Request,
}

/// Why there is no WebSocket.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
    /// The client was told why.
    #[error("HTTP {}: {}", .0.status, .0.text)]
    Refused(Refusal),
    /// The client left before its request was complete.
    #[error("the client closed the connection before its HTTP request was complete")]
    Closed,
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads a client's request and answers it.
///
/// # Errors
/// It is refused, or the connection fails.
pub async fn upgrade<S>(mut stream: S, settings: &UpgradeSettings) -> Result<Upgraded<S>, UpgradeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let parsed = match read_head(&mut stream).await? {
        Ok((head, early)) => Request::parse(&head, settings).map(|request| (request, early)),
        Err(refusal) => Err(refusal),
    };
    let (request, early) = match parsed {
        Ok(granted) => granted,
        Err(refusal) => {
            // Nobody may be there to hear it.
            let _told = tell(&mut stream, &refusal).await;
            return Err(UpgradeError::Refused(refusal));
        }
    };
    stream.write_all(request.answer().as_bytes()).await?;
    stream.flush().await?;
    let websocket = WebSocket::new(stream, settings.max_frame_size, early);
    Ok(Upgraded { websocket, request })
}

/// The head with its empty line, and what came behind it.
async fn read_head<S>(stream: &mut S) -> Result<Result<(Vec<u8>, Vec<u8>), Refusal>, UpgradeError>
where
    S: AsyncRead + Unpin,
{
    let mut head = Vec::with_capacity(HEAD_BYTES_FIRST);
    let mut looked_at: usize = 0;
    loop {
        let room = HEAD_BYTES_MAX - head.len();
        if room == 0 {
            let text = format!("a request head of more than {HEAD_BYTES_MAX} bytes");
            return Ok(Err(Refusal::new(431, text)));
        }
        if (&mut *stream).take(room as u64).read_buf(&mut head).await? == 0 {
            return Err(UpgradeError::Closed);
        }
        // The end may lie across two reads.
        let from = looked_at.saturating_sub(3);
        if let Some(end) = head[from..].windows(4).position(|window| window == b"\r\n\r\n") {
            let early = head.split_off(from + end + 4);
            return Ok(Ok((head, early)));
        }
        looked_at = head.len();
        if !is_http(&head) {
            return Ok(Err(Refusal::new(400, "this is no HTTP request")));
        }
    }
}

/// Whether the first bytes may be those of a request: a client of MQTT or TLS is told at once.
fn is_http(head: &[u8]) -> bool {
    let method = head.iter().take(8);
    method.take_while(|byte| **byte != b' ').all(u8::is_ascii_uppercase)
}

async fn tell<S>(stream: &mut S, refusal: &Refusal) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(refusal.answer().as_bytes()).await?;
    stream.shutdown().await?;
    // One that does not close is closed: it has been answered, and the reason is the refusal.
    let _too_slow = timeout(LAST_WORDS_TIME, discard(stream)).await;
    Ok(())
}

/// Reads until the client closes its side.
async fn discard<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut scratch = [0; 1024];
    let mut left = DISCARDED_BYTES_MAX;
    while left > 0 {
        match stream.read(&mut scratch).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "upgrade_tests.rs"]
mod tests;
