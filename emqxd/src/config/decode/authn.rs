//! `authentication = [...]`, of the node and of each listener.
//!
//! A mechanism or back end that is not there refuses the file: a list of who may come in must not be taken for
//! another one.

mod database;
mod http;
mod jwt;

use std::collections::HashSet;

use self::database::{database, scram};
use self::http::http;
pub(super) use self::http::http_settings;
use self::jwt::jwt;
use super::super::Config;
use super::super::authn::{AuthenticatorConfig, AuthnBackend, EnableAuthn, PeerCertAs};
use super::super::hocon::{Node, Value};
use super::super::listener::ListenerConfig;
use super::Decoder;
use super::entry::Entry;

/// Authenticators of one chain; each may cost a client's wait.
const CHAIN_MAX: usize = 16;
/// Headers, parameters or claims of one authenticator.
const PAIRS_MAX: usize = 64;
/// Back ends that EMQX has beside ours.
const OTHER_BACKENDS: [&str; 8] = [
    "mysql",
    "postgresql",
    "mongodb",
    "redis",
    "ldap",
    "ldap_bind",
    "gcp",
    "kerberos",
];
/// Mechanisms that EMQX has beside ours.
const OTHER_MECHANISMS: [&str; 2] = ["gssapi", "cinfo"];
const PRESENT: &str = "there are password_based with built_in_database or http, jwt, and scram with built_in_database";

pub(super) fn read(decoder: &mut Decoder<'_>, config: &mut Config) {
    config.authentication = chain(decoder, "authentication");
    for name in ["peer_cert_as_username", "peer_cert_as_clientid"] {
        let found = decoder.word(&format!("mqtt.{name}")).and_then(PeerCertAs::parse);
        match name {
            "peer_cert_as_username" => config.peer_cert_as_username = found,
            _ => config.peer_cert_as_clientid = found,
        }
    }
}

pub(super) fn read_listener(decoder: &mut Decoder<'_>, prefix: &str, listener: &mut ListenerConfig) {
    listener.authentication = chain(decoder, &format!("{prefix}.authentication"));
    if let Some(word) = decoder
        .word(&format!("{prefix}.enable_authn"))
        .and_then(EnableAuthn::parse)
    {
        listener.enable_authn = word;
    }
}

/// A list, or one alone.
fn chain(decoder: &mut Decoder<'_>, key: &str) -> Vec<AuthenticatorConfig> {
    let Some(value) = decoder.value(key) else {
        return Vec::new();
    };
    let items: Vec<(String, &Value)> = match &value.node {
        Node::Array(items) => (1..).zip(items).map(|(n, item)| (format!("{key}.{n}"), item)).collect(),
        // `EMQX_AUTHENTICATION__1__...` writes into places of the list.
        Node::Object(fields) if !fields.is_empty() && fields.keys().all(|name| name.parse::<u16>().is_ok()) => {
            let mut items: Vec<_> = fields.iter().collect();
            items.sort_by_key(|(name, _)| name.parse::<u16>().unwrap_or(u16::MAX));
            items
                .into_iter()
                .map(|(n, item)| (format!("{key}.{n}"), item))
                .collect()
        }
        Node::Object(fields) if fields.is_empty() => Vec::new(),
        Node::Object(_) => vec![(format!("{key}.1"), value)],
        _ => {
            let message = "expected a list of authenticators [ { mechanism = ... } ]".to_owned();
            decoder.problems.value(value.place, key, message, None);
            return Vec::new();
        }
    };
    if items.len() > CHAIN_MAX {
        let message = format!("more than {CHAIN_MAX} authenticators");
        decoder.problems.value(value.place, key, message, None);
        return Vec::new();
    }
    let mut found: Vec<AuthenticatorConfig> = Vec::new();
    let mut ids = HashSet::new();
    for (path, item) in items {
        let Some(entry) = Entry::new(decoder.problems, decoder.folders, item, path.clone()) else {
            continue;
        };
        let Some(authenticator) = authenticator(entry) else {
            continue;
        };
        if !ids.insert(authenticator.id()) {
            let message = format!("{} stands in this list already", authenticator.id());
            let hint = Some("give one authenticator all that is meant; EMQX allows each once, too".to_owned());
            decoder.problems.value(item.place, &path, message, hint);
        }
        found.push(authenticator);
    }
    found
}

fn authenticator(mut entry: Entry<'_, '_>) -> Option<AuthenticatorConfig> {
    let mut enable = true;
    entry.boolean("enable", &mut enable);
    let mechanism = entry.text("mechanism").unwrap_or_default();
    let backend_name = entry.text("backend").unwrap_or_default();
    entry.ignore(&["precondition", "tags", "description"]);
    let backend = match (mechanism.as_str(), backend_name.as_str()) {
        ("password_based", "built_in_database") => AuthnBackend::BuiltInDatabase(database(&mut entry)),
        ("password_based", "http") => AuthnBackend::Http(Box::new(http(&mut entry)?)),
        ("jwt", "" | "jwt") => AuthnBackend::Jwt(Box::new(jwt(&mut entry)?)),
        ("scram", "built_in_database") => AuthnBackend::Scram(scram(&mut entry)),
        (mechanism, backend) => {
            let (field, message) = absent(mechanism, backend);
            entry.refuse(field, message, Some(PRESENT.to_owned()));
            return None;
        }
    };
    if entry.has("precondition") {
        let message = "preconditions are not there in this version".to_owned();
        let hint = "remove it, and see to it that this authenticator may be asked about every client";
        entry.refuse("precondition", message, Some(hint.to_owned()));
    }
    entry.finish();
    Some(AuthenticatorConfig { enable, backend })
}

/// What is wrong with a mechanism and back end that are not there, and with which of them.
fn absent(mechanism: &str, backend: &str) -> (&'static str, String) {
    let not_there = "so this node would not start as meant: it would let in, or keep out, others than you think";
    match (mechanism, backend) {
        ("", _) => ("mechanism", "an authenticator needs a mechanism".to_owned()),
        ("password_based" | "scram", "") => ("backend", format!("{mechanism} needs a backend")),
        (_, backend) if OTHER_BACKENDS.contains(&backend) => (
            "backend",
            format!("the authenticator back end {backend} is not there in this version, {not_there}"),
        ),
        (mechanism, _) if OTHER_MECHANISMS.contains(&mechanism) => (
            "mechanism",
            format!("the mechanism {mechanism} is not there in this version, {not_there}"),
        ),
        ("password_based" | "scram" | "jwt", backend) => {
            ("backend", format!("there is no back end {backend:?} for {mechanism}"))
        }
        (mechanism, _) => ("mechanism", format!("there is no mechanism {mechanism:?}")),
    }
}

/// A text that must be there.
fn needed(entry: &mut Entry<'_, '_>, name: &'static str) -> Option<String> {
    let text = entry.text(name).filter(|text| !text.is_empty());
    if text.is_none() {
        entry.refuse(name, "it has to be set".to_owned(), None);
    }
    text
}

#[cfg(test)]
mod tests {
    use emqx_auth::password::{Algorithm, MacFunction};

    use super::super::super::authn::UserIdType;
    use super::super::super::load_text;
    use super::*;

    fn chain(text: &str) -> Vec<AuthenticatorConfig> {
        let loaded = load_text("x.conf", text.as_bytes(), None, std::iter::empty());
        loaded.expect("a good configuration").config.authentication
    }

    fn error(text: &str) -> String {
        let loaded = load_text("x.conf", text.as_bytes(), None, std::iter::empty());
        loaded.expect_err("a bad configuration").to_string()
    }

    #[test]
    fn a_chain_is_read_in_its_order() {
        let chain = chain(
            "authentication = [\n\
             { mechanism = jwt, secret = s, verify_claims { username = \"${username}\" } }\n\
             { mechanism = password_based, backend = http, method = get, url = \"http://a/x?u=${username}\" }\n\
             { enable = false, mechanism = password_based, backend = built_in_database, user_id_type = clientid,\n\
               password_hash_algorithm { name = pbkdf2, mac_fun = sha512, iterations = 1000 } }\n\
             { mechanism = scram, backend = built_in_database, algorithm = sha512 } ]",
        );
        let ids: Vec<_> = chain.iter().map(AuthenticatorConfig::id).collect();
        let expected = [
            "jwt",
            "password_based:http",
            "password_based:built_in_database",
            "scram:built_in_database",
        ];
        assert_eq!(ids, expected);
        assert!(chain[0].enable && !chain[2].enable);
        let AuthnBackend::BuiltInDatabase(database) = &chain[2].backend else {
            panic!("{chain:?}")
        };
        assert_eq!(database.user_id_type, UserIdType::ClientId);
        let pbkdf2 = Algorithm::Pbkdf2 {
            mac: MacFunction::Sha512,
            iterations: 1000,
            dk_length: None,
        };
        assert_eq!(database.algorithm, pbkdf2);
    }

    #[test]
    fn one_authenticator_alone_needs_no_list() {
        assert_eq!(chain("authentication { mechanism = jwt, secret = s }").len(), 1);
        assert!(chain("authentication = []").is_empty());
    }

    #[test]
    fn a_back_end_that_is_not_there_refuses_the_file() {
        for backend in OTHER_BACKENDS {
            let text = format!("authentication = [{{ mechanism = password_based, backend = {backend} }}]");
            let error = error(&text);
            assert!(
                error.contains("authentication.1.backend") && error.contains("is not there in this version"),
                "{error}"
            );
        }
        assert!(error("authentication = [{ mechanism = gssapi }]").contains("gssapi is not there"));
    }

    #[test]
    fn what_is_wrong_with_an_entry_is_said_without_its_secrets() {
        for (text, expected) in [
            ("[{ backend = http }]", "needs a mechanism"),
            ("[{ mechanism = password_based }]", "needs a backend"),
            ("[{ mechanism = jwt }]", "authentication.1.secret: it has to be set"),
            (
                "[{ mechanism = jwt, secret = canary, secrt = canary }]",
                "did you mean `secret`?",
            ),
            ("[{ mechanism = jwt, secret { a = canary } }]", "expected a text"),
            (
                "[{ mechanism = password_based, backend = http, url = \"http://${username}/\" }]",
                "a host without placeholders",
            ),
            (
                "[{ mechanism = password_based, backend = http, url = \"http://h/${passwort}\" }]",
                "there is no placeholder ${passwort}",
            ),
            (
                "[{ mechanism = jwt, secret = canary }, { mechanism = jwt, secret = canary }]",
                "jwt stands in this list already",
            ),
            ("redis", "expected a list of authenticators"),
        ] {
            let error = error(&format!("authentication = {text}"));
            assert!(error.contains(expected) && !error.contains("canary"), "{text}: {error}");
        }
    }
}
