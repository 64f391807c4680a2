//! Certificates of the listeners.

use emqx_shared::request::TlsRequest;
use emqx_shared::views::*;
use emqx_shared::{Request, View};

pub fn requests() -> Vec<Request> {
    vec![
        Request::Tls(TlsRequest::Certificates { listener: None }),
        Request::Tls(TlsRequest::Reload {
            listener: Some("ssl:default".to_owned()),
        }),
    ]
}

pub fn views() -> Vec<View> {
    let finding = TlsFindingView {
        is_error: true,
        what: "the certificate CN=broker has expired 3 days ago".to_owned(),
        next: "renew it".to_owned(),
    };
    vec![
        View::TlsCertificates(vec![TlsCertificateView {
            listener: "ssl:default".to_owned(),
            is_in_force: true,
            certfile: "/etc/emqx/certs/cert.pem".to_owned(),
            keyfile: "/etc/emqx/certs/key.pem".to_owned(),
            cacertfile: Some("/etc/emqx/certs/cacert.pem".to_owned()),
            verify: "verify_peer".to_owned(),
            subject: "CN=broker".to_owned(),
            issuer: "CN=Example CA".to_owned(),
            names: vec!["broker.example".to_owned()],
            serial: "01AB".to_owned(),
            key: "ECDSA 256".to_owned(),
            not_before: 1_700_000_000,
            not_after: 1_731_000_000,
            days_left: -3,
            chain: vec!["CN=Intermediate".to_owned()],
            is_chain_complete: Some(true),
            is_key_matching: true,
            is_renewed_on_disk: true,
            findings: vec![finding.clone()],
        }]),
        View::TlsReloads(vec![TlsReloadView {
            listener: "ssl:default".to_owned(),
            is_reloaded: false,
            is_changed: false,
            subject: "CN=broker".to_owned(),
            not_after: 1_731_000_000,
            problem: Some(finding.clone()),
            findings: vec![finding],
        }]),
    ]
}
