//! What is found about certificates for an operator.

use std::net::TcpListener;
use std::time::Duration;

use super::*;
use crate::tls::inspect::{self, CertificateFacts, Completeness, Severity};
use crate::tls::probe::{ProbeError, probe};

const DAY: i64 = 86_400;

fn ders(texts: &[&str]) -> Vec<CertificateDer<'static>> {
    inspect::certificates(texts.concat().as_bytes())
}

#[test]
fn a_chain_is_complete_or_its_gap_is_named() {
    let root = Authority::root("Root");
    let intermediate = root.intermediate("Intermediate");
    let leaf = intermediate.server(KeyKind::Ecdsa, Validity::Now).certificate;
    let direct = root.server(KeyKind::Ecdsa, Validity::Now).certificate;
    let (root, intermediate) = (root.pem(), intermediate.pem());
    let unknown = |name: &str| Completeness::Unknown(format!("CN={name}"));
    for (chain, cas, expected) in [
        (vec![&*leaf, &*intermediate], vec![&*root], Completeness::Complete),
        (vec![&*leaf, &*intermediate, &*root], vec![], Completeness::Complete),
        (vec![&*direct], vec![&*root], Completeness::Complete),
        (
            vec![&*leaf],
            vec![&*root, &*intermediate],
            Completeness::Missing("CN=Intermediate".to_owned()),
        ),
        (vec![&*leaf], vec![&*root], unknown("Intermediate")),
        (vec![&*leaf, &*intermediate], vec![], unknown("Root")),
        (vec![&*intermediate, &*leaf], vec![&*root], Completeness::Disordered(0)),
        (vec![&*root], vec![], Completeness::SelfSigned),
        (vec![], vec![], Completeness::Empty),
    ] {
        assert_eq!(inspect::completeness(&ders(&chain), &ders(&cas)), expected);
    }
}

#[test]
fn dates_are_judged_by_the_day() {
    let certificate = Authority::root("Root")
        .server(KeyKind::Ecdsa, Validity::Now)
        .certificate;
    let chain = ders(&[&certificate]);
    let facts = CertificateFacts::parse(&chain[0]).unwrap();
    let found = |now: i64| -> Vec<(Severity, String)> {
        let findings = inspect::examine_chain(&chain, &Completeness::Complete, now);
        findings
            .into_iter()
            .map(|finding| (finding.severity, finding.what))
            .collect()
    };
    assert_eq!(found(facts.not_before), []);
    let [(severity, what)] = &found(facts.not_after - 3 * DAY)[..] else {
        panic!("one finding");
    };
    assert_eq!(
        (*severity, &**what),
        (Severity::Warning, "the certificate CN=localhost expires in 3 days")
    );
    let [(severity, what)] = &found(facts.not_after + 2 * DAY)[..] else {
        panic!("one finding");
    };
    assert_eq!(
        (*severity, &**what),
        (Severity::Error, "the certificate CN=localhost has expired 2 days ago")
    );
    assert_eq!(found(facts.not_before - 1)[0].0, Severity::Error);
    assert_eq!(facts.names, ["localhost", "127.0.0.1"]);
    assert_eq!(facts.key, "ECDSA 256");
}

#[test]
fn a_key_that_does_not_fit_is_found() {
    let root = Authority::root("Root");
    let one = root.server(KeyKind::Rsa, Validity::Now);
    let other = root.server(KeyKind::Rsa, Validity::Now);
    let chain = ders(&[&one.certificate]);
    assert_eq!(inspect::examine_key(&chain, one.key.as_bytes()), None);
    let finding = inspect::examine_key(&chain, other.key.as_bytes()).unwrap();
    assert!(finding.what.contains("does not belong"), "{finding:?}");
    assert!(inspect::examine_key(&chain, b"").is_some());
    assert!(inspect::examine_key_mode(0o100_644).is_some());
    assert!(inspect::examine_key_mode(0o100_640).is_none());
}

#[test]
fn a_certificate_is_for_the_hosts_it_names() {
    let certificate = Authority::root("Root")
        .server(KeyKind::Ecdsa, Validity::Now)
        .certificate;
    let chain = ders(&[&certificate]);
    assert_eq!(inspect::examine_host(&chain[0], "localhost"), None);
    assert_eq!(inspect::examine_host(&chain[0], "127.0.0.1"), None);
    assert!(inspect::examine_host(&chain[0], "broker.example").is_some());
    assert!(inspect::examine_host(&chain[0], "not a host").is_some());
}

/// A server for one connection, on a thread with a runtime of its own.
fn serve(site: &Site) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = site.server();
    std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_nonblocking(true).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let socket = tokio::net::TcpStream::from_std(socket).unwrap();
            // What becomes of it is the probe's to say.
            let _outcome = server.accept(socket).await;
        });
    });
    address
}

#[test]
fn a_host_is_looked_at_from_outside() {
    let site = Site::verifying();
    let time = Duration::from_secs(10);
    let trusted = ders(&[&site.root.pem()]);
    let report = probe(serve(&site), "localhost", &trusted, time).unwrap();
    assert_eq!((report.version, &*report.cipher), ("tlsv1.3", "TLS_AES_256_GCM_SHA384"));
    assert_eq!(report.chain.len(), 1);
    assert!(report.asks_for_certificate);
    assert_eq!(report.distrust, None);
    let report = probe(serve(&site), "elsewhere.example", &trusted, time).unwrap();
    assert!(report.distrust.unwrap().contains("elsewhere.example"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(
        probe(closed, "localhost", &[], time),
        Err(ProbeError::Connect(_))
    ));
}
