//! `listeners.<type>.<name>.ssl_options`
//!
//! What TLS cannot do here is an error where leaving it out would make a listener weaker or other than it was meant,
//! and a warning where it would not.

use std::path::PathBuf;

use emqxd_transport::tls::{CipherNameError, TlsVersion, cipher_suite, supported_cipher_suites};

use super::super::hocon::{Node, Value};
use super::super::tls::SslOptions;
use super::{Decoder, text};

/// Texts of one list.
const TEXTS_MAX: usize = 1024;

pub(super) fn read(decoder: &mut Decoder<'_>, prefix: &str, options: &mut SslOptions) {
    let key = |name: &str| format!("{prefix}.{name}");
    path(decoder, &key("certfile"), &mut options.certfile);
    path(decoder, &key("keyfile"), &mut options.keyfile);
    path(decoder, &key("cacertfile"), &mut options.cacertfile);
    // A key that is encrypted is refused when it is read, with what to do about it.
    let mut password = String::new();
    decoder.text(&key("password"), &mut password);
    if let Some(word) = decoder.word(&key("verify")) {
        options.verify_peer = word == "verify_peer";
    }
    decoder.boolean(&key("fail_if_no_peer_cert"), &mut options.fail_if_no_peer_cert);
    decoder.integer(&key("depth"), &mut options.depth);
    let folders = decoder.folders;
    decoder.read(&key("crlfile"), &mut options.crlfile, |value, _| {
        let paths = texts(value, &[','])?;
        Some(
            paths
                .iter()
                .map(|path| folders.put_into(path))
                .collect::<Vec<PathBuf>>(),
        )
    });
    versions(decoder, &key("versions"), options);
    ciphers(decoder, &key("ciphers"), options);
    decoder.boolean(&key("honor_cipher_order"), &mut options.honor_cipher_order);
    decoder.boolean(&key("reuse_sessions"), &mut options.reuse_sessions);
    decoder.duration(&key("handshake_timeout"), &mut options.handshake_timeout);
    revocation(decoder, prefix, options);
    without_verification(decoder, prefix, options);
}

/// An empty text is as if the key were not there, as in EMQX.
fn path(decoder: &mut Decoder<'_>, key: &str, slot: &mut Option<PathBuf>) {
    let folders = decoder.folders;
    decoder.read(key, slot, |value, _| {
        let text = text(value).filter(|text| !text.contains('\0'))?;
        Some((!text.is_empty()).then(|| folders.put_into(text)))
    });
}

fn versions(decoder: &mut Decoder<'_>, key: &str, options: &mut SslOptions) {
    let mut names = Vec::new();
    decoder.read(key, &mut names, |value, _| texts(value, &[',', ':']));
    let Some(value) = decoder.value(key) else {
        return;
    };
    let hint = Some(format!("`{key} = [\"tlsv1.3\", \"tlsv1.2\"]`"));
    let mut versions = Vec::new();
    for name in &names {
        let version = match name.as_str() {
            "tlsv1.3" => TlsVersion::Tls13,
            "tlsv1.2" => TlsVersion::Tls12,
            "tlsv1.1" | "tlsv1" | "sslv3" => {
                let message =
                    format!("{name} is not supported: it is broken, and only TLS 1.2 and 1.3 are spoken here");
                decoder.problems.value(value.place, key, message, hint);
                return;
            }
            _ => {
                let message = format!("expected tlsv1.3 or tlsv1.2, found {name}");
                decoder.problems.value(value.place, key, message, hint);
                return;
            }
        };
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    if versions.is_empty() {
        let message = "expected at least one version".to_owned();
        decoder.problems.value(value.place, key, message, hint);
        return;
    }
    options.versions = versions;
}

/// Old suites in a list that was made for another broker are left out with a warning; names of nothing, and a list
/// of which nothing is left, are errors.
fn ciphers(decoder: &mut Decoder<'_>, key: &str, options: &mut SslOptions) {
    let mut names = Vec::new();
    decoder.read(key, &mut names, |value, _| texts(value, &[',', ':']));
    let Some(value) = decoder.value(key) else {
        return;
    };
    let mut usable = Vec::new();
    let mut unsupported = Vec::new();
    for name in names {
        match cipher_suite(&name) {
            Ok(_) => usable.push(name),
            Err(CipherNameError::Unsupported(name)) => unsupported.push(name),
            Err(error @ CipherNameError::Unknown(_)) => {
                decoder
                    .problems
                    .value(value.place, key, error.to_string(), Some(supported()));
                return;
            }
        }
    }
    if !unsupported.is_empty() {
        let list = unsupported.join(", ");
        if usable.is_empty() {
            let message = format!("none of these cipher suites is supported: {list}");
            decoder.problems.value(value.place, key, message, Some(supported()));
            return;
        }
        let message = format!("`{key}`: cipher suites that are not supported are left out: {list}");
        decoder.problems.warn(Some(value.place), message);
    }
    options.ciphers = usable;
}

fn supported() -> String {
    let names: Vec<String> = supported_cipher_suites()
        .into_iter()
        .map(|(_, openssl)| openssl)
        .collect();
    format!("supported are {}", names.join(", "))
}

/// What concerns revoked certificates.
fn revocation(decoder: &mut Decoder<'_>, prefix: &str, options: &mut SslOptions) {
    let key = |name: &str| format!("{prefix}.{name}");
    let mut checks = false;
    let check_key = key("enable_crl_check");
    decoder.boolean(&check_key, &mut checks);
    if checks
        && options.crlfile.is_empty()
        && let Some(value) = decoder.value(&check_key)
    {
        let message = "revocation lists are not fetched over the network by this version".to_owned();
        let hint = format!(
            "fetch them by a timer, name them in `{}`, and `emqx-ctl tls reload`",
            key("crlfile")
        );
        decoder.problems.value(value.place, &check_key, message, Some(hint));
    }
    let mut staples = false;
    let staple_key = key("ocsp.enable_ocsp_stapling");
    decoder.boolean(&staple_key, &mut staples);
    if staples && let Some(value) = decoder.value(&staple_key) {
        let message = format!(
            "`{staple_key}` is accepted but has no effect yet: clients get no OCSP answer with the certificate"
        );
        decoder.problems.warn(Some(value.place), message);
    }
}

/// What reads as if clients were checked, while `verify_none` checks nobody.
fn without_verification(decoder: &mut Decoder<'_>, prefix: &str, options: &SslOptions) {
    if options.verify_peer {
        return;
    }
    for (name, is_set, effect) in [
        (
            "fail_if_no_peer_cert",
            options.fail_if_no_peer_cert,
            "clients are not asked for a certificate",
        ),
        ("crlfile", !options.crlfile.is_empty(), "revoked clients are let in"),
    ] {
        let key = format!("{prefix}.{name}");
        if is_set && let Some(value) = decoder.value(&key) {
            let message = format!("`{key}` has no effect without `{prefix}.verify = verify_peer`: {effect}");
            decoder.problems.warn(Some(value.place), message);
        }
    }
}

/// A list, or texts with separators between them.
fn texts(value: &Value, separators: &[char]) -> Option<Vec<String>> {
    let texts: Vec<String> = match &value.node {
        Node::Array(items) => items
            .iter()
            .map(|item| text(item).map(str::to_owned))
            .collect::<Option<_>>()?,
        _ => text(value)?
            .split(separators)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect(),
    };
    let is_good = texts.len() <= TEXTS_MAX && texts.iter().all(|text| !text.contains('\0'));
    is_good.then_some(texts)
}
