//! Takes a header off a socket: looks first, so that not a byte too many is taken.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::{HEADER_BYTES_MAX, Parsed, ProxyError, ProxyHeader, parse};

/// Bytes looked at in one go; nearly every header fits.
const LOOK_BYTES: usize = 512;

/// Reads the header at the beginning of a connection. Bytes behind it stay in the socket.
///
/// # Errors
/// There is none, it is malformed or too long, or the connection ends.
pub async fn read_proxy_header(socket: &mut TcpStream) -> Result<ProxyHeader, ProxyError> {
    let mut header = Vec::new();
    let mut look = [0; LOOK_BYTES];
    loop {
        let seen = socket.peek(&mut look).await?;
        if seen == 0 {
            return Err(ProxyError::Closed);
        }
        let before = header.len();
        header.extend_from_slice(&look[..seen]);
        let parsed = parse(&header)?;
        // All that was seen belongs to the header, or just what is left of it.
        let taken = match &parsed {
            Parsed::Incomplete => seen,
            Parsed::Complete { len, .. } => len - before,
        };
        socket.read_exact(&mut look[..taken]).await?;
        match parsed {
            Parsed::Complete { header, .. } => return Ok(header),
            Parsed::Incomplete if header.len() >= HEADER_BYTES_MAX => return Err(ProxyError::TooLong),
            Parsed::Incomplete => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    /// What `read_proxy_header` makes of `pieces`, and what is left in the socket.
    async fn received(pieces: &[&[u8]]) -> (Result<ProxyHeader, ProxyError>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.set_nodelay(true).unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let sending = tokio::spawn(async move {
            for piece in pieces {
                // The other end may have had enough.
                let _ = client.write_all(&piece).await;
                tokio::task::yield_now().await;
            }
        });
        let result = read_proxy_header(&mut server).await;
        sending.await.unwrap();
        let mut rest = Vec::new();
        if result.is_ok() {
            server.read_to_end(&mut rest).await.unwrap();
        }
        (result, rest)
    }

    #[tokio::test]
    async fn nothing_behind_the_header_is_taken() {
        let (header, rest) = received(&[b"PROXY TCP4 192.0.2.1 10.0.0.1 40000 1883\r\n\x10\x00"]).await;
        assert_eq!(header.unwrap().source, Some("192.0.2.1:40000".parse().unwrap()));
        assert_eq!(rest, b"\x10\x00");
    }

    #[tokio::test]
    async fn a_header_may_come_byte_by_byte() {
        let bytes = b"PROXY TCP6 2001:db8::1 2001:db8::2 40000 1883\r\nrest";
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        let (header, rest) = received(&pieces).await;
        assert_eq!(header.unwrap().source, Some("[2001:db8::1]:40000".parse().unwrap()));
        assert_eq!(rest, b"rest");
    }

    #[tokio::test]
    async fn a_connection_without_a_header_is_refused_at_its_first_bytes() {
        let (result, _) = received(&[&[0x10, 0x0D, 0, 4, b'M', b'Q', b'T', b'T']]).await;
        assert!(matches!(result, Err(ProxyError::NoHeader(_))), "{result:?}");
    }

    #[tokio::test]
    async fn a_connection_that_ends_inside_the_header_is_told_from_a_wrong_header() {
        let (result, _) = received(&[b"PROXY TCP4 192.0"]).await;
        assert!(matches!(result, Err(ProxyError::Closed)), "{result:?}");
    }
}
