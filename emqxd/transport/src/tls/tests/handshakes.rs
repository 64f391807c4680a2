//! Handshakes that succeed, and the stream after them.

use std::io::IoSlice;

use rustls::version::{TLS12, TLS13};
use tokio::io::AsyncWrite;

use super::*;
use crate::tls::{TlsVersion, cipher_suite};

#[tokio::test]
async fn both_versions_shake_hands_and_say_what_was_agreed() {
    let site = Site::new();
    let server = site.server();
    for (versions, name, cipher) in [
        (&[&TLS13][..], "tlsv1.3", "TLS_AES_256_GCM_SHA384"),
        (&[&TLS12], "tlsv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    ] {
        let config = site.client().versions(versions).config();
        let (accepted, mut client, shaken) = connect(&server, &config).await;
        shaken.unwrap();
        let (mut stream, session) = accepted.unwrap();
        assert_eq!((session.version, &*session.cipher), (name, cipher));
        assert_eq!(session.server_name.as_deref(), Some("localhost"));
        assert!(!session.is_resumed);
        assert_eq!(session.peer_certificate, None);
        client.send(b"ping").await;
        let mut received = [0; 4];
        stream.read_exact(&mut received).await.unwrap();
        assert_eq!(&received, b"ping");
        stream.write_all(b"pong").await.unwrap();
        stream.flush().await.unwrap();
        assert_eq!(client.read(4).await.unwrap(), b"pong");
    }
}

#[tokio::test]
async fn a_client_s_certificate_is_told_by_its_names() {
    let site = Site::verifying();
    let identity = site.root.client("device, 7", Validity::Now);
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let config = site.client().identity(&identity).versions(versions).config();
        let (accepted, _client, shaken) = connect(&site.server(), &config).await;
        shaken.unwrap();
        let peer = accepted.unwrap().1.peer_certificate.unwrap();
        assert_eq!(peer.common_name.as_deref(), Some("device, 7"));
        assert_eq!(peer.subject, "CN=device\\, 7,OU=devices,O=Test");
        assert_eq!(
            peer.der,
            CertificateDer::from_pem_slice(identity.certificate.as_bytes())
                .unwrap()
                .to_vec()
        );
        assert!(peer.serial.starts_with("01"), "{}", peer.serial);
    }
}

#[tokio::test]
async fn a_certificate_that_is_optional_may_be_left_out() {
    let mut site = Site::new();
    site.settings.verification = ClientVerification::Optional;
    let (accepted, _client, shaken) = connect(&site.server(), &site.client().config()).await;
    shaken.unwrap();
    assert_eq!(accepted.unwrap().1.peer_certificate, None);
}

#[tokio::test]
async fn a_hello_that_comes_byte_by_byte_is_read() {
    let site = Site::new();
    let server = site.server();
    let config = site.client().config();
    let (near, far) = duplex(64 * 1024);
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = Client {
        stream: far,
        connection: ClientConnection::new(config, name).unwrap(),
    };
    let slowly = async {
        let mut hello = Vec::new();
        client.connection.write_tls(&mut hello).unwrap();
        for byte in hello {
            client.stream.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        client.shake_hands().await
    };
    let (accepted, shaken) = tokio::join!(server.accept(near), slowly);
    shaken.unwrap();
    accepted.unwrap();
}

#[tokio::test]
async fn a_stream_that_was_taken_apart_goes_on_where_it_was() {
    let site = Site::new();
    let (accepted, mut client, _) = connect(&site.server(), &site.client().config()).await;
    let (stream, _) = accepted.unwrap();
    client.send(b"before").await;
    let (socket, parts) = stream.into_parts();
    let mut stream = TlsStream::from_parts(socket, parts);
    client.send(b" after").await;
    let mut received = [0; 12];
    stream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"before after");
}

#[tokio::test]
async fn records_that_are_there_are_read_together_and_a_small_buffer_cuts_them_in_order() {
    let site = Site::new();
    let (accepted, mut client, _) = connect(&site.server(), &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    for record in [b"one ".as_slice(), b"two ", b"three"] {
        client.send(record).await;
    }
    let mut small = [0; 3];
    stream.read_exact(&mut small).await.unwrap();
    assert_eq!(&small, b"one");
    let mut large = [0; 4096];
    let count = stream.read(&mut large).await.unwrap();
    assert_eq!(&large[..count], b" two three");
}

#[tokio::test]
async fn many_small_slices_share_one_record() {
    let site = Site::new();
    let (accepted, mut client, _) = connect(&site.server(), &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    let slices: Vec<IoSlice<'_>> = (0..50).map(|_| IoSlice::new(b"0123456789")).collect();
    assert!(stream.is_write_vectored());
    let count = stream.write_vectored(&slices).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(count, 500);
    let mut bytes = vec![0; 4096];
    let length = client.stream.read(&mut bytes).await.unwrap();
    // 5 bytes of header, 1 of type, 16 of tag.
    assert_eq!(length, 500 + 22, "one record");
}

#[tokio::test]
async fn a_socket_that_takes_nothing_holds_one_write_at_most() {
    let site = Site::new();
    let server = site.server();
    let (near, far) = duplex(4096);
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = Client {
        stream: far,
        connection: ClientConnection::new(site.client().config(), name).unwrap(),
    };
    let (accepted, shaken) = tokio::join!(server.accept(near), client.shake_hands());
    shaken.unwrap();
    let (mut stream, _) = accepted.unwrap();
    let large = vec![7; 1024 * 1024];
    let first = stream.write(&large).await.unwrap();
    assert!(first <= 64 * 1024, "{first}");
    assert!(stream.wants_flush());
    let second = tokio::time::timeout(std::time::Duration::ZERO, stream.write(&large)).await;
    assert!(second.is_err(), "nothing more is taken");
    let mut received = 0;
    let drain = async {
        while received < first {
            received += client.read(1024.min(first - received)).await.unwrap().len();
        }
    };
    let (flushed, ()) = tokio::join!(stream.flush(), drain);
    flushed.unwrap();
    assert!(!stream.wants_flush());
}

#[tokio::test]
async fn shutting_down_says_good_bye() {
    let site = Site::new();
    let (accepted, mut client, _) = connect(&site.server(), &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    stream.write_all(b"last").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(client.read(4).await.unwrap(), b"last");
    assert!(!client.receive().await.unwrap() || client.connection.reader().read(&mut [0; 1]).unwrap() == 0);
    // And the client's is read as the end.
    client.connection.send_close_notify();
    client.flush().await.unwrap_or_default();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_client_that_just_goes_is_at_its_end() {
    let site = Site::new();
    let (accepted, client, _) = connect(&site.server(), &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    drop(client);
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn records_that_are_wrong_are_a_failure_of_tls() {
    let site = Site::new();
    let (accepted, mut client, _) = connect(&site.server(), &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    let garbage = [&[0x17, 3, 3, 0, 64][..], &[9; 64]].concat();
    client.stream.write_all(&garbage).await.unwrap();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(TlsFailure::in_io_error(&error).unwrap().keyword, "bad_record_mac");
}

#[tokio::test]
async fn the_suites_of_the_settings_are_the_only_ones() {
    let mut site = Site::new();
    site.settings.versions = vec![TlsVersion::Tls13, TlsVersion::Tls12];
    site.settings.cipher_suites = vec![cipher_suite("ECDHE-ECDSA-CHACHA20-POLY1305").unwrap()];
    let (accepted, _client, shaken) = connect(&site.server(), &site.client().config()).await;
    shaken.unwrap();
    let (_, session) = accepted.unwrap();
    assert_eq!(session.version, "tlsv1.2");
    assert_eq!(session.cipher, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
}

#[tokio::test]
async fn what_came_before_a_record_that_is_wrong_is_not_lost() {
    let site = Site::new();
    let (accepted, mut client, _) = connect(&site.server(), &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    client.connection.writer().write_all(b"last words").unwrap();
    let mut bytes = Vec::new();
    client.connection.write_tls(&mut bytes).unwrap();
    // In one piece with it: a record that nobody can decrypt.
    bytes.extend_from_slice(&[0x17, 3, 3, 0, 20]);
    bytes.extend_from_slice(&[7; 20]);
    client.stream.write_all(&bytes).await.unwrap();
    let mut received = [0; 10];
    stream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"last words");
    let error = stream.read(&mut received).await.unwrap_err();
    assert_eq!(TlsFailure::in_io_error(&error).unwrap().keyword, "bad_record_mac");
}
