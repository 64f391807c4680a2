//! `ssl_options`: what is refused, what is warned of, what is left out.

use super::*;

fn error(options: &str) -> String {
    load_text(&format!("listeners.ssl.default.ssl_options {{ {options} }}")).unwrap_err()
}

#[test]
fn what_tls_cannot_do_is_refused_with_what_it_can() {
    for (options, expected) in [
        ("versions = [\"tlsv1.2\", \"tlsv1.1\"]", "tlsv1.1 is not supported"),
        ("versions = []", "expected at least one version"),
        ("versions = [\"tlsv9\"]", "expected tlsv1.3 or tlsv1.2, found tlsv9"),
        ("ciphers = [\"HIGH\"]", "there is no cipher suite HIGH"),
        (
            "ciphers = [\"AES128-SHA\"]",
            "none of these cipher suites is supported: AES128-SHA",
        ),
        ("ciphers = [\"AES128-SHA\"]", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("enable_crl_check = true", "revocation lists are not fetched"),
        ("verify = verify_all", "one of verify_none, verify_peer"),
    ] {
        let error = error(options);
        assert!(error.contains(expected), "{options}: {error}");
    }
}

#[test]
fn old_ciphers_beside_good_ones_are_left_out_with_a_warning() {
    let text = "listeners.ssl.default.ssl_options.ciphers = \"ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA\"";
    let config = loaded(text);
    let listener = config
        .listeners
        .iter()
        .find(|listener| listener.id == "ssl:default")
        .unwrap();
    assert_eq!(listener.ssl_options.ciphers, ["ECDHE-RSA-AES128-GCM-SHA256"]);
    assert!(warnings(text).contains("not supported are left out: AES128-SHA"));
}

#[test]
fn what_has_no_effect_without_verification_is_warned_of() {
    let of = |options: &str| warnings(&format!("listeners.ssl.default.ssl_options {{ {options} }}"));
    let asked = of("fail_if_no_peer_cert = true");
    assert!(
        asked.contains("without `listeners.ssl.default.ssl_options.verify = verify_peer`"),
        "{asked}"
    );
    assert!(of("crlfile = \"list.crl\"").contains("revoked clients are let in"));
    assert_eq!(
        of("verify = verify_peer, fail_if_no_peer_cert = true, crlfile = \"list.crl\""),
        ""
    );
    assert_eq!(of("verify = verify_none, fail_if_no_peer_cert = false"), "");
}
