//! `authentication = [...]`, of the node and of each listener.
//!
//! A mechanism or back end that is not there refuses the file: a list of who may come in must not be taken for
//! another one.

use std::collections::HashSet;
use std::time::Duration;

use emqx_auth::jwt::ClaimCheck;
use emqx_auth::password::{Algorithm, MacFunction, SaltPosition};
use emqx_auth::scram;

use super::super::Config;
use super::super::authn::{
    AuthenticatorConfig, AuthnBackend, ClientTls, DatabaseSettings, EnableAuthn, HttpSettings, JwtKey, JwtSettings,
    PeerCertAs, ScramSettings, UserIdType,
};
use super::super::hocon::{Node, Value};
use super::super::listener::ListenerConfig;
use super::super::values;
use super::entry::Entry;
use super::{Decoder, text};
use crate::template::Template;

/// Authenticators of one chain; each may cost a client's wait.
const CHAIN_MAX: usize = 16;
/// Headers, parameters or claims of one authenticator.
const PAIRS_MAX: usize = 64;
/// What a server that is asked may take at most: no client waits longer.
const TIMEOUT_MAX: Duration = Duration::from_secs(3600);
/// Requests at the same time.
const POOL_MAX: u64 = 1024;
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

fn database(entry: &mut Entry<'_, '_>) -> DatabaseSettings {
    let mut settings = DatabaseSettings::default();
    if entry.word("user_id_type", &["username", "clientid"]) == Some("clientid") {
        settings.user_id_type = UserIdType::ClientId;
    }
    if let Some(algorithm) = entry.section("password_hash_algorithm") {
        settings.algorithm = hash_algorithm(algorithm);
    }
    settings.bootstrap_file = entry.path("bootstrap_file");
    // Without the key they are plain, as in EMQX.
    settings.is_bootstrap_plain = entry.word("bootstrap_type", &["hash", "plain"]) != Some("hash");
    settings
}

fn hash_algorithm(mut entry: Entry<'_, '_>) -> Algorithm {
    let names = ["plain", "md5", "sha", "sha256", "sha512", "bcrypt", "pbkdf2"];
    let name = entry.word("name", &names).unwrap_or("sha256");
    let position = entry.word("salt_position", &SaltPosition::WORDS.map(|(word, _)| word));
    let position = position.and_then(SaltPosition::parse).unwrap_or_default();
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let algorithm = match name {
        "plain" => Algorithm::Plain(position),
        "md5" => Algorithm::Md5(position),
        "sha" => Algorithm::Sha(position),
        "sha512" => Algorithm::Sha512(position),
        "bcrypt" => Algorithm::Bcrypt {
            salt_rounds: entry.integer("salt_rounds", 4, 31).map_or(10, small),
        },
        "pbkdf2" => Algorithm::Pbkdf2 {
            mac: entry
                .word("mac_fun", &MacFunction::WORDS.map(|(word, _)| word))
                .and_then(MacFunction::parse)
                .unwrap_or(MacFunction::Sha256),
            iterations: entry.integer("iterations", 1, u32::MAX.into()).map_or(4096, small),
            dk_length: entry.integer("dk_length", 1, u32::MAX.into()).map(small),
        },
        _ => Algorithm::Sha256(position),
    };
    if let Err(error) = algorithm.check() {
        entry.refuse("name", error.to_string(), None);
    }
    entry.finish();
    algorithm
}

fn scram(entry: &mut Entry<'_, '_>) -> ScramSettings {
    let (least, most) = (u64::from(scram::ITERATIONS_MIN), u64::from(scram::ITERATIONS_MAX));
    let count = entry.integer("iteration_count", least, most);
    ScramSettings {
        is_sha512: entry.word("algorithm", &["sha256", "sha512"]) == Some("sha512"),
        iteration_count: count
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(scram::ITERATIONS_DEFAULT),
    }
}

fn jwt(entry: &mut Entry<'_, '_>) -> Option<JwtSettings> {
    let mut settings = JwtSettings {
        key: JwtKey::PublicKey(String::new()),
        is_from_username: entry.word("from", &["password", "username"]) == Some("username"),
        verify_claims: claims(entry),
        acl_claim_name: entry.text("acl_claim_name").unwrap_or_else(|| "acl".to_owned()),
        disconnect_after_expire: true,
    };
    entry.boolean("disconnect_after_expire", &mut settings.disconnect_after_expire);
    // What EMQX 6 calls the one thing that is done here.
    entry.word("on_missing_jwt", &["ignore"]);
    entry.ignore(&["pool_size", "enable_pipelining"]);
    let mut use_jwks = false;
    entry.boolean("use_jwks", &mut use_jwks);
    let algorithm = entry.word("algorithm", &["hmac-based", "public-key"]);
    settings.key = match (use_jwks, algorithm) {
        (true, _) => jwks(entry)?,
        (false, Some("public-key")) => JwtKey::PublicKey(needed(entry, "public_key")?),
        (false, _) => {
            let mut is_base64 = false;
            entry.boolean("secret_base64_encoded", &mut is_base64);
            JwtKey::Secret {
                secret: needed(entry, "secret")?,
                is_base64,
            }
        }
    };
    Some(settings)
}

/// `verify_claims { username = "${username}" }`, or EMQX's older list of names and values.
fn claims(entry: &mut Entry<'_, '_>) -> Vec<ClaimCheck> {
    let expected = "claims and the texts that they must have, such as { username = \"${username}\" }";
    let claims = entry.read("verify_claims", expected, |value| {
        let claims = match &value.node {
            Node::Object(fields) => fields
                .iter()
                .map(|(name, value)| Some((name.clone(), text(value)?.to_owned())))
                .collect::<Option<Vec<_>>>(),
            Node::Array(items) => items
                .iter()
                .map(|item| {
                    let Node::Object(fields) = &item.node else { return None };
                    Some((
                        text(fields.get("name")?)?.to_owned(),
                        text(fields.get("value")?)?.to_owned(),
                    ))
                })
                .collect(),
            _ => None,
        };
        claims.filter(|claims| claims.len() <= PAIRS_MAX)
    });
    let mut checks = Vec::new();
    for (name, wanted) in claims.unwrap_or_default() {
        match ClaimCheck::new(&name, &wanted) {
            Ok(check) => checks.push(check),
            Err(error) => entry.refuse("verify_claims", error.to_string(), None),
        }
    }
    checks
}

fn jwks(entry: &mut Entry<'_, '_>) -> Option<JwtKey> {
    let endpoint = needed(entry, "endpoint")?;
    check_url(entry, "endpoint", &endpoint);
    let expected = "seconds such as 300, or a duration such as 5m, from 10s to a day";
    let interval = entry.read("refresh_interval", expected, |value| {
        let text = text(value)?;
        let interval = match text.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => values::duration(text)?,
        };
        (10..=86_400).contains(&interval.as_secs()).then_some(interval)
    });
    Some(JwtKey::Jwks {
        endpoint,
        refresh_interval: interval.unwrap_or(Duration::from_secs(300)),
        headers: entry.texts("headers", PAIRS_MAX).unwrap_or_default(),
        tls: client_tls(entry),
    })
}

/// The settings of a server that is asked by HTTP, with the placeholders of authentication.
fn http(entry: &mut Entry<'_, '_>) -> Option<HttpSettings> {
    http_settings(entry, crate::authn::PLACEHOLDERS)
}

/// The settings of a server that is asked by HTTP; `names` are the placeholders that it may be told.
pub(super) fn http_settings(entry: &mut Entry<'_, '_>, names: &'static [&'static str]) -> Option<HttpSettings> {
    let mut settings = HttpSettings {
        is_post: entry.word("method", &["get", "post"]) != Some("get"),
        ..HttpSettings::default()
    };
    entry.duration("connect_timeout", TIMEOUT_MAX, &mut settings.connect_timeout);
    entry.duration("request_timeout", TIMEOUT_MAX, &mut settings.request_timeout);
    if let Some(size) = entry.integer("pool_size", 1, POOL_MAX) {
        settings.pool_size = usize::try_from(size).unwrap_or(settings.pool_size);
    }
    settings.headers = entry.texts("headers", PAIRS_MAX).unwrap_or_default();
    settings.body = entry.texts("body", PAIRS_MAX).unwrap_or_default();
    settings.tls = client_tls(entry);
    entry.ignore(&[
        "enable_pipelining",
        "max_inactive",
        "request",
        "max_retries",
        "retry_interval",
    ]);
    settings.url = needed(entry, "url")?;
    check_url(entry, "url", &settings.url);
    check_template(entry, "url", &settings.url, names);
    for (_, value) in &settings.headers {
        check_template(entry, "headers", value, names);
    }
    for (_, value) in &settings.body {
        check_template(entry, "body", value, names);
    }
    Some(settings)
}

fn client_tls(entry: &mut Entry<'_, '_>) -> ClientTls {
    let Some(mut ssl) = entry.section("ssl") else {
        return ClientTls::default();
    };
    let tls = ClientTls {
        is_unverified: ssl.word("verify", &["verify_peer", "verify_none"]) == Some("verify_none"),
        cacertfile: ssl.path("cacertfile"),
        certfile: ssl.path("certfile"),
        keyfile: ssl.path("keyfile"),
    };
    ssl.ignore(&[
        "enable",
        "depth",
        "password",
        "versions",
        "ciphers",
        "secure_renegotiate",
        "reuse_sessions",
        "log_level",
        "hibernate_after",
        "server_name_indication",
        "user_lookup_fun",
        "middlebox_comp_mode",
        "partial_chain",
        "verify_peer_ext_key_usage",
        "customize_hostname_check",
    ]);
    if tls.certfile.is_some() != tls.keyfile.is_some() {
        let message = "a certificate needs its key, and a key its certificate".to_owned();
        ssl.refuse(
            "certfile",
            message,
            Some("set both certfile and keyfile, or neither".to_owned()),
        );
    }
    ssl.finish();
    tls
}

/// A text that must be there.
fn needed(entry: &mut Entry<'_, '_>, name: &'static str) -> Option<String> {
    let text = entry.text(name).filter(|text| !text.is_empty());
    if text.is_none() {
        entry.refuse(name, "it has to be set".to_owned(), None);
    }
    text
}

/// Scheme and host must not depend on what a client says.
fn check_url(entry: &mut Entry<'_, '_>, name: &'static str, url: &str) {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_good = host.is_some_and(|host| !host.is_empty() && !host.contains(['$', '{', '}', ' ', '@', '\\']));
    if !is_good {
        let message = "expected http:// or https:// and a host without placeholders, user or password".to_owned();
        entry.refuse(
            name,
            message,
            Some(format!("such as `{name} = \"http://127.0.0.1:8080/auth\"`")),
        );
    }
}

fn check_template(entry: &mut Entry<'_, '_>, name: &'static str, text: &str, names: &'static [&'static str]) {
    if let Err(error) = Template::parse(text, names) {
        entry.refuse(name, error.to_string(), None);
    }
}

#[cfg(test)]
mod tests {
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
