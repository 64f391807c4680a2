//! User name or client id from the client's certificate: `mqtt.peer_cert_as_username`, `mqtt.peer_cert_as_clientid`.
//!
//! Only what TLS has verified gets here, by this node or by a load balancer that is trusted to tell it. Whole
//! certificates are text where EMQX takes bytes: user names and client ids of MQTT are text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emqxd_broker::TlsPeer;
use emqxd_transport::PeerCertificate;
use md5::{Digest, Md5};

use crate::config::authn::PeerCertAs;

/// Characters of a line of PEM (RFC 7468).
const PEM_LINE: usize = 64;

/// What `what` is of a certificate; `None` if there is none, or nothing is known of it. A load balancer tells names only.
pub fn name_of_certificate(
    what: PeerCertAs,
    tls: Option<&TlsPeer>,
    certificate: Option<&PeerCertificate>,
) -> Option<String> {
    let name = match what {
        PeerCertAs::Cn => tls?.common_name.as_deref()?.to_owned(),
        PeerCertAs::Dn => tls?.subject.as_deref()?.to_owned(),
        PeerCertAs::Crt => STANDARD.encode(&certificate?.der),
        PeerCertAs::Pem => pem(&certificate?.der),
        PeerCertAs::Md5 => hex(&Md5::digest(&certificate?.der)),
    };
    (!name.is_empty()).then_some(name)
}

fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let encoded = STANDARD.encode(der);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> PeerCertificate {
        PeerCertificate {
            common_name: Some("device-7".to_owned()),
            subject: "CN=device-7,O=Example".to_owned(),
            der: vec![7; 60],
            serial: "01".to_owned(),
            not_after: 0,
        }
    }

    #[test]
    fn each_word_takes_its_part_of_the_certificate() {
        let tls = TlsPeer {
            common_name: Some("device-7".into()),
            subject: Some("CN=device-7,O=Example".into()),
            ..TlsPeer::default()
        };
        let certificate = certificate();
        let name = |what| name_of_certificate(what, Some(&tls), Some(&certificate)).unwrap();
        assert_eq!(name(PeerCertAs::Cn), "device-7");
        assert_eq!(name(PeerCertAs::Dn), "CN=device-7,O=Example");
        assert_eq!(name(PeerCertAs::Crt), "BwcH".repeat(20));
        let pem = name(PeerCertAs::Pem);
        let lines: Vec<_> = pem.lines().map(str::len).collect();
        assert_eq!(
            lines,
            [
                "-----BEGIN CERTIFICATE-----".len(),
                64,
                16,
                "-----END CERTIFICATE-----".len()
            ]
        );
        assert_eq!(lines_of_text(&pem), "BwcH".repeat(20));
        assert_eq!(name(PeerCertAs::Md5), "f4ffa8e3048e506ac11353f15179b552");
    }

    /// What stands between the first line and the last.
    fn lines_of_text(pem: &str) -> String {
        pem.lines().filter(|line| !line.starts_with('-')).collect()
    }

    #[test]
    fn a_load_balancer_tells_names_and_no_certificates() {
        let tls = TlsPeer {
            common_name: Some("device-7".into()),
            ..TlsPeer::default()
        };
        let name = |what| name_of_certificate(what, Some(&tls), None);
        assert_eq!(name(PeerCertAs::Cn).as_deref(), Some("device-7"));
        for what in [PeerCertAs::Dn, PeerCertAs::Crt, PeerCertAs::Pem, PeerCertAs::Md5] {
            assert_eq!(name(what), None, "{what:?}");
        }
    }

    #[test]
    fn who_shows_no_certificate_has_no_name_of_one() {
        for what in [
            PeerCertAs::Cn,
            PeerCertAs::Dn,
            PeerCertAs::Crt,
            PeerCertAs::Pem,
            PeerCertAs::Md5,
        ] {
            assert_eq!(name_of_certificate(what, None, None), None);
            assert_eq!(name_of_certificate(what, Some(&TlsPeer::default()), None), None);
        }
    }
}
