//! The request over a connection in memory, whole and in pieces.

use tokio::io::duplex;

use super::*;

fn settings() -> UpgradeSettings {
    UpgradeSettings {
        path: "/mqtt".to_owned(),
        subprotocols: vec!["mqtt".to_owned()],
        requires_subprotocol: true,
        origins: None,
        allows_no_origin: true,
        max_frame_size: None,
        address_header: String::new(),
        port_header: String::new(),
    }
}

const REQUEST: &str = "GET /mqtt HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

/// What comes of `pieces`, and what the client is told.
async fn asked(pieces: Vec<Vec<u8>>) -> (Result<Vec<u8>, UpgradeError>, String) {
    let (mut client, server) = duplex(64 * 1024);
    let sending = tokio::spawn(async move {
        for piece in pieces {
            let _the_server_may_have_had_enough = client.write_all(&piece).await;
            tokio::task::yield_now().await;
        }
        client.shutdown().await.unwrap();
        let mut told = String::new();
        client.read_to_string(&mut told).await.unwrap();
        told
    });
    let came = match upgrade(server, &settings()).await {
        Ok(mut upgraded) => {
            let mut came = Vec::new();
            upgraded.websocket.read_to_end(&mut came).await.unwrap();
            Ok(came)
        }
        Err(error) => Err(error),
    };
    (came, sending.await.unwrap())
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte_and_data_right_behind_it() {
    let mut bytes = REQUEST.as_bytes().to_vec();
    // A frame with the mask 0.
    bytes.extend_from_slice(&[0x82, 0x82, 0, 0, 0, 0, b'h', b'i']);
    for size in [1, 7, 1000] {
        let pieces = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        let (came, told) = asked(pieces).await;
        assert_eq!(came.unwrap(), b"hi");
        assert!(told.starts_with("HTTP/1.1 101 "), "{told}");
    }
}

#[tokio::test]
async fn a_head_that_never_ends_is_refused_at_its_bound() {
    let mut bytes = b"GET /mqtt HTTP/1.1\r\nCookie: ".to_vec();
    bytes.resize(20_000, b'x');
    let (came, told) = asked(vec![bytes]).await;
    assert!(matches!(came, Err(UpgradeError::Refused(refusal)) if refusal.status == 431));
    assert!(told.starts_with("HTTP/1.1 431 "), "{told}");
}

#[tokio::test]
async fn what_is_no_http_is_told_so_before_its_end() {
    for bytes in [&b"\x10\x0C\0\x04MQTT\x04\x02\0\x3C"[..], b"\x16\x03\x01\x02\0\x01"] {
        let (came, told) = asked(vec![bytes.to_vec()]).await;
        assert!(matches!(came, Err(UpgradeError::Refused(refusal)) if refusal.status == 400));
        assert!(told.ends_with("this is no HTTP request\n"), "{told}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_end_of_its_request_has_left() {
    let (came, _) = asked(vec![REQUEST.as_bytes()[..50].to_vec()]).await;
    assert!(matches!(came, Err(UpgradeError::Closed)));
}
