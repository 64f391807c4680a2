//! The settings of a server that is asked by HTTP: an authenticator, a source of authorization, the endpoint of a key set.

use std::time::Duration;

use super::super::entry::Entry;
use super::{PAIRS_MAX, needed};
use crate::config::authn::{ClientTls, HttpSettings};
use crate::template::Template;

/// What a server that is asked may take at most: no client waits longer.
const TIMEOUT_MAX: Duration = Duration::from_secs(3600);
/// Requests at the same time.
const POOL_MAX: u64 = 1024;

/// The settings of a server that is asked by HTTP, with the placeholders of authentication.
pub(super) fn http(entry: &mut Entry<'_, '_>) -> Option<HttpSettings> {
    http_settings(entry, crate::authn::PLACEHOLDERS)
}

/// The settings of a server that is asked by HTTP; `names` are the placeholders that it may be told.
pub(in super::super) fn http_settings(
    entry: &mut Entry<'_, '_>,
    names: &'static [&'static str],
) -> Option<HttpSettings> {
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

/// `ssl` of a server that is asked.
pub(super) fn client_tls(entry: &mut Entry<'_, '_>) -> ClientTls {
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

/// Scheme and host must not depend on what a client says.
pub(super) fn check_url(entry: &mut Entry<'_, '_>, name: &'static str, url: &str) {
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
