//! Certificates for `golden.rs`.

use emqx_shared::views::{TlsCertificateView, TlsFindingView, TlsReloadView};

use super::tls::TlsChecked;

pub fn certificates() -> Vec<TlsCertificateView> {
    let good = TlsCertificateView {
        listener: "ssl:default".to_owned(),
        is_in_force: true,
        certfile: "/etc/emqx/certs/cert.pem".to_owned(),
        keyfile: "/etc/emqx/certs/key.pem".to_owned(),
        cacertfile: Some("/etc/emqx/certs/cacert.pem".to_owned()),
        verify: "verify_peer".to_owned(),
        subject: "CN=broker.example".to_owned(),
        issuer: "CN=Example Intermediate".to_owned(),
        names: vec!["broker.example".to_owned(), "10.0.0.1".to_owned()],
        serial: "01AB".to_owned(),
        key: "ECDSA 256".to_owned(),
        not_before: 1_700_000_000,
        not_after: 1_731_536_000,
        days_left: 90,
        chain: vec!["CN=Example Intermediate".to_owned()],
        is_chain_complete: Some(true),
        is_key_matching: true,
        is_renewed_on_disk: false,
        findings: Vec::new(),
    };
    let bad = TlsCertificateView {
        listener: "wss:default".to_owned(),
        days_left: -3,
        chain: Vec::new(),
        is_chain_complete: Some(false),
        findings: vec![finding()],
        ..good.clone()
    };
    vec![good, bad]
}

pub fn checked() -> Vec<TlsChecked> {
    let finding = finding();
    vec![
        TlsChecked::good("ssl:default", "CN=broker.example", 90),
        TlsChecked {
            checked: "cert.pem".to_owned(),
            severity: "error",
            what: finding.what,
            next: finding.next,
        },
    ]
}

pub fn reloads() -> Vec<TlsReloadView> {
    let good = TlsReloadView {
        listener: "ssl:default".to_owned(),
        is_reloaded: true,
        is_changed: true,
        subject: "CN=broker.example".to_owned(),
        not_after: 1_731_536_000,
        problem: None,
        findings: Vec::new(),
    };
    let bad = TlsReloadView {
        listener: "wss:default".to_owned(),
        is_reloaded: false,
        is_changed: false,
        problem: Some(finding()),
        ..good.clone()
    };
    vec![good, bad]
}

fn finding() -> TlsFindingView {
    TlsFindingView {
        is_error: true,
        what: "the certificate CN=broker.example has expired 3 days ago".to_owned(),
        next: "renew it, then `emqx-ctl tls reload`".to_owned(),
    }
}
