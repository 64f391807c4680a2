//! Files that are read again, and files that cannot be used.

use super::*;
use crate::tls::certificate::unix_now;
use crate::tls::inspect::Severity;

/// The serial number that a client sees.
async fn serial_seen(server: &TlsServer, site: &Site) -> Vec<u8> {
    let (accepted, client, shaken) = connect(server, &site.client().config()).await;
    shaken.unwrap();
    accepted.unwrap();
    client.connection.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_clients_and_old_ones_stay() {
    let site = Site::new();
    let server = site.server();
    let (accepted, mut client, _) = connect(&server, &site.client().config()).await;
    let (mut stream, _) = accepted.unwrap();
    let before = serial_seen(&server, &site).await;
    let renewed = site.root.server(KeyKind::Rsa, Validity::Now);
    site.write("cert.pem", &renewed.certificate);
    site.write("key.pem", &renewed.key);
    assert!(server.differs_from_files().unwrap());
    let report = server.reload().unwrap();
    assert!(report.is_changed);
    assert!(!server.differs_from_files().unwrap());
    assert_ne!(serial_seen(&server, &site).await, before);
    client.send(b"still here").await;
    let mut received = [0; 10];
    stream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"still here");
    assert!(!server.reload().unwrap().is_changed);
}

#[tokio::test]
async fn files_that_do_not_fit_are_refused_whole() {
    let site = Site::new();
    let server = site.server();
    let before = serial_seen(&server, &site).await;
    let renewed = site.root.server(KeyKind::Ecdsa, Validity::Now);
    // The certificate is there, its key is not yet.
    site.write("cert.pem", &renewed.certificate);
    let error = server.reload().unwrap_err();
    assert_eq!(error.option, "keyfile");
    assert_eq!(serial_seen(&server, &site).await, before);
    site.write("key.pem", &renewed.key);
    server.reload().unwrap();
    assert_ne!(serial_seen(&server, &site).await, before);
}

#[tokio::test]
async fn a_certificate_that_is_worse_than_the_one_in_force_is_refused() {
    let site = Site::new();
    let server = site.server();
    let expired = site.root.server(KeyKind::Ecdsa, Validity::Expired);
    site.write("cert.pem", &expired.certificate);
    site.write("key.pem", &expired.key);
    assert!(server.reload().unwrap_err().to_string().contains("not valid today"));
    // A start has nothing better: it takes it, and says so.
    let started = site.server();
    let finding = &started.findings()[0];
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.what.contains("has expired"), "{finding:?}");
    started.reload().unwrap();
}

/// The error of a start with this change.
fn error_of(change: impl FnOnce(&mut Site)) -> String {
    let mut site = Site::verifying();
    change(&mut site);
    let error = TlsServer::new(site.settings.clone()).map(|_| ()).unwrap_err();
    let text = format!("{error}; {}", error.next_step());
    text.replace(&format!("{}/", site.folder.path().display()), "")
}

#[test]
fn a_listener_that_cannot_start_says_which_file_and_what_to_do() {
    let another_key = Authority::root("x").server(KeyKind::Ecdsa, Validity::Now).key;
    for (error, expected) in [
        (
            error_of(|site| fs::remove_file(site.folder.path().join("cert.pem")).unwrap()),
            "listener ssl:default: certfile cert.pem: No such file or directory (os error 2); put the file there, or \
             set `listeners.ssl.default.ssl_options.certfile`",
        ),
        (
            error_of(|site| drop(site.write("cert.pem", "hello"))),
            "certfile cert.pem: it holds no certificate; give it certificates in PEM",
        ),
        (
            error_of(|site| drop(site.write("key.pem", ""))),
            "keyfile key.pem: it holds no private key",
        ),
        (
            error_of(|site| drop(site.write("key.pem", &another_key))),
            "keyfile key.pem: it is not the key of the first certificate in cert.pem",
        ),
        (
            error_of(|site| {
                let key = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
                drop(site.write("key.pem", key));
            }),
            "the key is encrypted, and this version cannot decrypt it; write it without: openssl pkey",
        ),
        (
            error_of(|site| site.settings.ca_file = None),
            "cacertfile: not set, and `verify = verify_peer` needs the CA",
        ),
        (
            error_of(|site| drop(site.write("ca.pem", ""))),
            "cacertfile ca.pem: it holds no certificate",
        ),
        (
            error_of(|site| {
                let text = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
                drop(site.write("ca.pem", text));
            }),
            "cacertfile ca.pem: certificate 1 in it cannot be read",
        ),
        (
            error_of(|site| site.settings.crl_paths = vec![site.write("crl", "nothing")]),
            "crlfile crl: it holds no revocation list",
        ),
        (
            error_of(|site| site.settings.crl_paths = vec![site.write("crl", "0123")]),
            "crlfile crl: it cannot be used",
        ),
        (
            error_of(|site| site.settings.certificate_file = site.folder.path().to_owned()),
            "it is not a file",
        ),
        (
            error_of(|site| {
                site.settings.versions = vec![crate::tls::TlsVersion::Tls13];
                site.settings.cipher_suites = vec![crate::tls::cipher_suite("ECDHE-RSA-AES128-GCM-SHA256").unwrap()];
            }),
            "ciphers: no cipher suite in it fits `versions`",
        ),
    ] {
        assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
    }
}

#[tokio::test]
async fn a_client_that_was_silent_while_its_certificate_was_revoked_is_refused() {
    let mut site = Site::verifying();
    let stolen = site.root.client("stolen", Validity::Now);
    site.settings.crl_paths = vec![site.write("list.crl", &site.root.revocation_list(&[]))];
    let server = site.server();
    let config = site.client().identity(&stolen).config();
    let (near, far) = duplex(64 * 1024);
    // Accepted, and nothing has come yet.
    let accept = server.accept(near);
    site.write("list.crl", &site.root.revocation_list(&[&stolen]));
    server.reload().unwrap();
    let mut client = Client {
        stream: far,
        connection: ClientConnection::new(config, ServerName::try_from("localhost").unwrap()).unwrap(),
    };
    let shake = async move {
        let _refused = client.shake_hands().await;
        let _alert = client.receive().await;
    };
    let (accepted, ()) = tokio::join!(accept, shake);
    assert_eq!(accepted.map(|_| ()).unwrap_err().keyword, "certificate_revoked");
}

#[tokio::test]
async fn a_revocation_list_that_has_expired_is_told_and_still_holds() {
    let mut site = Site::verifying();
    let (stolen, good) = (
        site.root.client("stolen", Validity::Now),
        site.root.client("good", Validity::Now),
    );
    let list = site.write("list.crl", &site.root.revocation_list(&[&stolen]));
    site.settings.crl_paths = vec![list.clone()];
    let server = site.server();
    assert_eq!(server.findings(), []);
    site.write("list.crl", &site.root.expired_revocation_list(&[&stolen]));
    let findings = server.reload().unwrap().findings;
    assert_eq!(findings[0].severity, Severity::Warning);
    let what = format!(
        "the revocation list of CN=Test Root in {} has expired 2 days ago",
        list.display()
    );
    assert!(findings[0].what.starts_with(&what), "{findings:?}");
    assert!(findings[0].next.contains("tls reload"), "{findings:?}");
    let lists = server.revocation_lists();
    assert_eq!((lists[0].revoked, lists.len()), (1, 1));
    let (accepted, ..) = connect(&server, &site.client().identity(&stolen).config()).await;
    assert_eq!(accepted.map(|_| ()).unwrap_err().keyword, "certificate_revoked");
    let (accepted, ..) = connect(&server, &site.client().identity(&good).config()).await;
    accepted.unwrap();
}

#[test]
fn what_was_good_when_it_was_loaded_is_judged_again_when_it_is_asked_for() {
    let mut site = Site::verifying();
    site.settings.crl_paths = vec![site.write("list.crl", &site.root.revocation_list(&[]))];
    let server = site.server();
    assert_eq!(server.findings(), []);
    let active = server.active.load();
    let in_days = |days: i64| active.findings(unix_now() + days * 86_400);
    assert!(in_days(40)[0].what.contains("the revocation list of CN=Test Root"));
    let found = in_days(400);
    assert!(
        found
            .iter()
            .any(|finding| finding.what.contains("CN=localhost has expired")),
        "{found:?}"
    );
}

#[test]
fn other_settings_with_the_same_files_are_something_new() {
    let site = Site::verifying();
    let server = site.server();
    let mut settings = site.settings.clone();
    assert!(!server.reconfigure(settings.clone()).unwrap().is_changed);
    settings.depth = 1;
    assert!(server.reconfigure(settings.clone()).unwrap().is_changed);
    assert!(!server.reconfigure(settings).unwrap().is_changed);
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let mut site = Site::new();
    let pipe = site.folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    site.settings.ca_file = Some(pipe.clone());
    // Nobody is verified: the CAs are not needed.
    site.server();
    site.settings.verification = ClientVerification::Required;
    let error = TlsServer::new(site.settings.clone()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("it is not a file"), "{error}");
}
