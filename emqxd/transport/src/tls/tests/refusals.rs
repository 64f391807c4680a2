//! Handshakes that fail: the keyword, whose alert it was, and that it arrived.

use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, Error};

use super::*;
use crate::tls::{AlertSide, TlsVersion, cipher_suite};

/// What the server says of a client that it must not take.
async fn failure(site: &Site, client: ClientSettings<'_>) -> (TlsFailure, Result<(), Error>) {
    let (accepted, _client, shaken) = connect(&site.server(), &client.config()).await;
    (accepted.map(|_| ()).unwrap_err(), shaken)
}

fn expect_server_alert(failure: &TlsFailure, shaken: &Result<(), Error>, keyword: &str, alert: AlertDescription) {
    assert_eq!(
        (failure.keyword, failure.side),
        (keyword, AlertSide::Server),
        "{failure:?}"
    );
    assert_eq!(shaken, &Err(Error::AlertReceived(alert)), "the client is told");
    assert!(
        failure.to_string().contains("generated SERVER ALERT: Fatal - "),
        "{failure}"
    );
    assert!(failure.to_string().contains(keyword), "{failure}");
}

#[tokio::test]
async fn a_client_without_certificate_is_refused() {
    let site = Site::verifying();
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let (failure, shaken) = failure(&site, site.client().versions(versions)).await;
        expect_server_alert(
            &failure,
            &shaken,
            "certificate_required",
            AlertDescription::CertificateRequired,
        );
    }
}

#[tokio::test]
async fn an_expired_certificate_is_named() {
    let site = Site::verifying();
    let identity = site.root.client("old-device", Validity::Expired);
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let (failure, shaken) = failure(&site, site.client().identity(&identity).versions(versions)).await;
        expect_server_alert(
            &failure,
            &shaken,
            "certificate_expired",
            AlertDescription::CertificateExpired,
        );
        assert!(
            failure.detail.contains("CN=old-device,OU=devices,O=Test, serial 01"),
            "{}",
            failure.detail
        );
        assert!(failure.detail.contains("has expired"), "{}", failure.detail);
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_is_refused() {
    let site = Site::verifying();
    let stranger = Authority::root("Another Root").client("stranger", Validity::Now);
    let (failure, shaken) = failure(&site, site.client().identity(&stranger)).await;
    expect_server_alert(&failure, &shaken, "unknown_ca", AlertDescription::UnknownCA);
    assert!(
        failure.detail.contains("issued by CN=Another Root"),
        "{}",
        failure.detail
    );
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_and_others_are_not() {
    let mut site = Site::verifying();
    let revoked = site.root.client("stolen", Validity::Now);
    let good = site.root.client("good", Validity::Now);
    let list = site.root.revocation_list(&[&revoked]);
    site.settings.crl_paths = vec![site.write("list.crl", &list)];
    let (failure, shaken) = failure(&site, site.client().identity(&revoked)).await;
    expect_server_alert(
        &failure,
        &shaken,
        "certificate_revoked",
        AlertDescription::CertificateRevoked,
    );
    let (accepted, ..) = connect(&site.server(), &site.client().identity(&good).config()).await;
    accepted.unwrap();
}

#[tokio::test]
async fn a_certificate_below_a_revoked_ca_is_refused() {
    let mut site = Site::verifying();
    let intermediate = site.root.intermediate("Factory");
    let leaf = intermediate.client("device", Validity::Now);
    let chained = leaf.below(&intermediate);
    // No list of the root: the CA in between passes.
    site.settings.crl_paths = vec![site.write("factory.crl", &intermediate.revocation_list(&[]))];
    let (accepted, ..) = connect(&site.server(), &site.client().identity(&chained).config()).await;
    accepted.unwrap();
    // Without a list of its own CA the client's certificate does not.
    site.settings.crl_paths = vec![site.write("root.crl", &site.root.revocation_list(&[]))];
    let (refused, shaken) = failure(&site, site.client().identity(&chained)).await;
    expect_server_alert(&refused, &shaken, "unknown_ca", AlertDescription::UnknownCA);
    assert!(refused.detail.contains("without revocation list"), "{}", refused.detail);
}

#[tokio::test]
async fn a_chain_longer_than_the_depth_is_refused() {
    let mut site = Site::verifying();
    let intermediate = site.root.intermediate("Factory");
    let leaf = intermediate.client("device", Validity::Now);
    let chained = leaf.below(&intermediate);
    site.settings.depth = 0;
    let (refused, _) = failure(&site, site.client().identity(&chained)).await;
    assert_eq!(refused.keyword, "unknown_ca");
    let said = "the chain of the client's certificate has more CAs in between (1) than `ssl_options.depth` allows (0)";
    assert_eq!(refused.detail, said);
    site.settings.depth = 1;
    let (accepted, ..) = connect(&site.server(), &site.client().identity(&chained).config()).await;
    accepted.unwrap();
}

#[tokio::test]
async fn a_client_that_refuses_our_chain_is_told_from_one_that_we_refuse() {
    let root = Authority::root("Test Root");
    let intermediate = root.intermediate("Test Intermediate");
    let identity = intermediate.server(KeyKind::Ecdsa, Validity::Now);
    // The intermediate is left out.
    let site = Site::with(root, &identity.certificate, &identity.key);
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let (failure, shaken) = failure(&site, site.client().versions(versions)).await;
        assert_eq!((failure.keyword, failure.side), ("unknown_ca", AlertSide::Client));
        assert!(shaken.is_err());
        assert_eq!(
            failure.to_string(),
            r#"{ssl_error,{tls_alert,{unknown_ca,"TLS server: In state certify received CLIENT ALERT: Fatal - Unknown CA\n"}}}"#
        );
        assert!(failure.detail.contains("intermediate"), "{}", failure.detail);
    }
}

#[tokio::test]
async fn a_server_certificate_that_has_expired_is_the_client_s_to_refuse() {
    let root = Authority::root("Test Root");
    let identity = root.server(KeyKind::Ecdsa, Validity::Expired);
    let site = Site::with(root, &identity.certificate, &identity.key);
    let (failure, _) = failure(&site, site.client()).await;
    assert_eq!(
        (failure.keyword, failure.side),
        ("certificate_expired", AlertSide::Client)
    );
}

#[tokio::test]
async fn versions_that_do_not_meet_are_named() {
    let mut site = Site::new();
    site.settings.versions = vec![TlsVersion::Tls13];
    let (refused, shaken) = failure(&site, site.client().versions(&[&TLS12])).await;
    expect_server_alert(&refused, &shaken, "protocol_version", AlertDescription::ProtocolVersion);
    assert!(
        refused
            .detail
            .contains("the client offers TLS 1.2 at most, this listener allows tlsv1.3")
    );
    site.settings.versions = vec![TlsVersion::Tls12];
    let (refused, shaken) = failure(&site, site.client().versions(&[&TLS13])).await;
    expect_server_alert(&refused, &shaken, "protocol_version", AlertDescription::ProtocolVersion);
    assert!(refused.detail.contains("TLS 1.3 only"), "{}", refused.detail);
}

#[tokio::test]
async fn suites_that_do_not_meet_are_no_suitable_cipher() {
    let mut site = Site::new();
    site.settings.versions = vec![TlsVersion::Tls12];
    site.settings.cipher_suites = vec![cipher_suite("ECDHE-ECDSA-AES256-GCM-SHA384").unwrap()];
    let versions = [&TLS12];
    let mut client = site.client().versions(&versions);
    let aes128 = cipher_suite("ECDHE-ECDSA-AES128-GCM-SHA256").unwrap();
    client.provider.cipher_suites.retain(|suite| suite.suite() == aes128);
    let (refused, shaken) = failure(&site, client).await;
    expect_server_alert(
        &refused,
        &shaken,
        "no_suitable_cipher",
        AlertDescription::HandshakeFailure,
    );
    assert!(
        refused
            .detail
            .contains("the client offers TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        "{}",
        refused.detail
    );
}

#[tokio::test]
async fn a_certificate_of_the_wrong_kind_is_no_suitable_cipher() {
    let site = Site::new();
    let versions = [&TLS12];
    let mut client = site.client().versions(&versions);
    client
        .provider
        .cipher_suites
        .retain(|suite| format!("{:?}", suite.suite()).contains("ECDHE_RSA"));
    let (refused, _) = failure(&site, client).await;
    assert_eq!(refused.keyword, "no_suitable_cipher");
}

/// What the server says of bytes that are no handshake; the client closes after them.
async fn failure_of_bytes(bytes: &[u8]) -> TlsFailure {
    let site = Site::new();
    let (near, mut far) = duplex(4096);
    far.write_all(bytes).await.unwrap();
    far.shutdown().await.unwrap();
    let server = site.server();
    let (accepted, _answer) = tokio::join!(server.accept(near), async {
        let mut answer = Vec::new();
        far.read_to_end(&mut answer).await.unwrap();
        answer
    });
    accepted.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn what_speaks_something_else_is_named() {
    for (bytes, expected) in [
        (&b"GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n"[..], "HTTP request"),
        (b"\x10\x0e\0\x04MQTT\x04\x02\0\x3c\0\x02id", "plain MQTT"),
        (b"\0\0\0\0\0\0\0\0", "no TLS"),
    ] {
        let failure = failure_of_bytes(bytes).await;
        assert_eq!(
            (failure.keyword, failure.side),
            ("unexpected_message", AlertSide::Server)
        );
        assert!(failure.detail.contains(expected), "{failure:?}");
        assert!(failure.detail.contains("unsupported_record_type"), "{failure:?}");
    }
}

#[tokio::test]
async fn an_old_client_hears_of_its_version() {
    // A hello of TLS 1.0 with one suite and no extensions.
    let mut hello = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1];
    hello.extend_from_slice(&[7; 32]);
    hello.extend_from_slice(&[0, 0, 2, 0, 0x2f, 1, 0]);
    let failure = failure_of_bytes(&hello).await;
    assert_eq!(failure.keyword, "protocol_version", "{failure:?}");
    assert!(failure.detail.contains("TLS 1.0 at most"), "{failure:?}");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_handshake_has_closed() {
    for bytes in [&b""[..], b"\x16\x03\x01"] {
        let failure = failure_of_bytes(bytes).await;
        assert_eq!((failure.keyword, failure.side), ("closed", AlertSide::Connection));
    }
}

#[tokio::test]
async fn a_client_that_was_refused_and_goes_on_sending_is_left() {
    let site = Site::new();
    let (near, mut far) = duplex(256 * 1024);
    far.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    far.write_all(&[b'x'; 80 * 1024]).await.unwrap();
    // It does not close.
    let accepted = site.server().accept(near).await;
    assert!(accepted.is_err());
    drop(far);
}
