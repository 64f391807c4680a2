//! What a configuration says, as far as `emqx-ctl doctor` asks: read from a [`Config`]; of files only
//! those with rules are opened.
//!
//! A running node tells it over the control socket (`control/diagnosis/facts.rs`); `emqxd --check-config --facts`
//! prints it when none runs. No field holds a secret.

mod weak_settings;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use emqx_acl::Permission;
use emqx_shared::rows::ROWS_MAX;
use emqx_shared::views::{ConfigFactsView, ListenerFactsView};

use crate::config::authn::{AuthnBackend, EnableAuthn};
use crate::config::authorization::{FileRules, SourceConfig};
use crate::config::{AccessRule, Config, ListenerConfig, ListenerKind, Warning};
use crate::listener::{ListenerError, check_support};
use crate::security_profile::SecurityProfile;

/// Addresses that nobody has (RFC 5737, RFC 3849): strangers to any rule that names somebody.
const STRANGERS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 77)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x77)),
];

/// What `config`, loaded from `file` with these warnings, says.
pub fn config_facts(config: &Config, file: Option<&Path>, warnings: &[Warning]) -> ConfigFactsView {
    let without_effect = config.settings.iter().filter(|(_, setting)| !setting.has_effect);
    let warnings = warnings.iter().map(ToString::to_string);
    ConfigFactsView {
        node: config.node.name.clone(),
        file: file.map(absolute),
        data_dir: absolute(&config.node.data_dir),
        socket: config.control.socket.as_deref().map(absolute),
        log_files: config
            .log
            .files
            .iter()
            .filter(|file| file.handler.enable)
            .map(|file| absolute(&file.path))
            .take(ROWS_MAX)
            .collect(),
        has_known_cookie: config.node.has_known_cookie(),
        unenforced: config.unenforced.iter().map(|&section| section.to_owned()).collect(),
        no_match: no_match(config),
        max_packet_size: config.mqtt.max_packet_size.into(),
        without_effect: without_effect
            .map(|(key, setting)| format!("{key} ({})", setting.origin))
            .take(ROWS_MAX)
            .collect(),
        warnings: warnings
            .filter(|warning| !warning.contains("has no effect yet"))
            .take(ROWS_MAX)
            .collect(),
        listeners: config
            .listeners
            .iter()
            .map(|listener| listener_facts(config, listener))
            .take(ROWS_MAX)
            .collect(),
        security_profile: config.node.security_profile.as_str().to_owned(),
        refuses_anonymous: !config.node.allow_anonymous,
        has_default_rules: has_default_rules(config),
        guarded_files: guarded_files(config),
        weak_settings: weak_settings::weak_settings(config),
    }
}

fn listener_facts(whole: &Config, config: &ListenerConfig) -> ListenerFactsView {
    let has_tls = matches!(config.kind, ListenerKind::Ssl | ListenerKind::Wss);
    let takes_names = whole.peer_cert_as_username.is_some() || whole.peer_cert_as_clientid.is_some();
    let is_served = !matches!(check_support(config), Err(ListenerError::MissingTransport(..)));
    let rules = &config.access_rules;
    ListenerFactsView {
        id: config.id.clone(),
        bind: config.bind.to_string(),
        is_enabled: config.enable,
        is_served,
        lets_strangers_in: STRANGERS.iter().any(|&stranger| AccessRule::allows(rules, stranger)),
        max_connections: config.max_connections.map(|max| max as u64),
        backlog: config.tcp_options.backlog,
        authenticates: authenticates(whole, config),
        has_tls,
        trusts_any_proxy: config.proxy_protocol && config.trusted_proxies.is_empty(),
        takes_unverified_names: has_tls && takes_names && !config.ssl_options.verify_peer,
        certificate_days_left: None,
        revocation_days_left: None,
    }
}

/// Whether a client is asked who it is: by authenticators, or for a certificate.
pub fn authenticates(config: &Config, listener: &ListenerConfig) -> bool {
    let chain = match listener.authentication.is_empty() {
        true => &config.authentication,
        false => &listener.authentication,
    };
    let has_tls = matches!(listener.kind, ListenerKind::Ssl | ListenerKind::Wss);
    let ssl_options = &listener.ssl_options;
    let wants_certificate = has_tls && ssl_options.verify_peer && ssl_options.fail_if_no_peer_cert;
    wants_certificate || listener.enable_authn != EnableAuthn::No && chain.iter().any(|each| each.enable)
}

/// `authorization.no_match`, unless nobody has set it and it is EMQX's.
fn no_match(config: &Config) -> Option<String> {
    let no_match = config.authorization.no_match;
    let is_set = config.origins.contains_key("authorization.no_match");
    (is_set || no_match == Permission::Deny).then(|| no_match.to_string())
}

/// The rules are EMQX's: nobody has named a source, and there is no file in the place of the default one.
fn has_default_rules(config: &Config) -> bool {
    let is_default =
        |source: &SourceConfig| matches!(source, SourceConfig::File(FileRules::Default(path)) if !path.exists());
    config.node.security_profile == SecurityProfile::Legacy && config.authorization.sources.iter().any(is_default)
}

/// Files that only the daemon's user should read.
fn guarded_files(config: &Config) -> Vec<String> {
    let rules = config.authorization.sources.iter().filter_map(|source| match source {
        SourceConfig::File(FileRules::Default(path) | FileRules::Path(path)) => Some(path.as_path()),
        _ => None,
    });
    let keys = config
        .listeners
        .iter()
        .filter_map(|listener| listener.ssl_options.keyfile.as_deref());
    let chains = config.listeners.iter().flat_map(|listener| &listener.authentication);
    let users = chains
        .chain(&config.authentication)
        .filter_map(|authenticator| match &authenticator.backend {
            AuthnBackend::BuiltInDatabase(settings) => settings.bootstrap_file.as_deref(),
            _ => None,
        });
    let files: BTreeSet<String> = rules.chain(keys).chain(users).map(absolute).collect();
    files.into_iter().take(ROWS_MAX).collect()
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load_text;

    fn facts(text: &str) -> ConfigFactsView {
        let loaded = load_text("x.conf", text.as_bytes(), None, std::iter::empty()).expect("good");
        config_facts(&loaded.config, None, &loaded.warnings)
    }

    #[test]
    fn the_defaults_let_everybody_in_with_a_cookie_that_everybody_knows() {
        let facts = facts("");
        assert!(facts.has_known_cookie);
        assert_eq!(facts.no_match, None);
        let listener = &facts.listeners[0];
        assert_eq!(
            (listener.id.as_str(), listener.bind.as_str()),
            ("tcp:default", "0.0.0.0:1883")
        );
        assert!(listener.lets_strangers_in && listener.is_served && listener.is_enabled);
    }

    #[test]
    fn rules_that_name_who_may_come_keep_strangers_out() {
        let facts = facts(
            "node.cookie = my_own\n\
             listeners.tcp.default.access_rules = [\"allow 10.0.0.0/8\", \"deny all\"]\n\
             authorization { no_match = deny, sources = [] }\n\
             psk_authentication.enable = true\n",
        );
        assert!(!facts.has_known_cookie);
        assert_eq!(facts.no_match.as_deref(), Some("deny"));
        assert!(!facts.has_default_rules);
        assert_eq!(facts.unenforced, ["psk_authentication"]);
        assert!(!facts.listeners[0].lets_strangers_in);
        assert!(
            facts
                .without_effect
                .iter()
                .any(|key| key.starts_with("psk_authentication "))
        );
    }

    #[test]
    fn it_is_told_who_is_asked_and_what_is_believed() {
        let find = |facts: &ConfigFactsView, id: &str| {
            let found = facts.listeners.iter().find(|listener| listener.id == id);
            found.unwrap_or_else(|| panic!("no {id}")).clone()
        };
        let open = facts("");
        assert!(!open.refuses_anonymous && open.security_profile == "legacy");
        assert!(!find(&open, "tcp:default").authenticates && !find(&open, "tcp:default").has_tls);
        let closed = facts(
            "authentication = [{ mechanism = password_based, backend = built_in_database, bootstrap_file = users.csv }]\n\
             listeners.tcp.lab { bind = 1884, enable_authn = false }\n\
             listeners.tcp.proxied { bind = 1885, proxy_protocol = true }\n\
             listeners.tcp.trusting { bind = 1886, proxy_protocol = true, trusted_proxies = [\"10.0.0.2\"] }\n\
             listeners.ssl.names { bind = 8883, ssl_options { certfile = c.pem, keyfile = k.pem } }\n\
             listeners.ssl.checked { bind = 8884, ssl_options { certfile = c.pem, keyfile = k.pem, cacertfile = ca.pem, \
             verify = verify_peer } }\n\
             mqtt.peer_cert_as_username = cn\n",
        );
        assert!(find(&closed, "tcp:default").authenticates);
        assert!(!find(&closed, "tcp:lab").authenticates);
        assert!(find(&closed, "tcp:proxied").trusts_any_proxy);
        assert!(!find(&closed, "tcp:trusting").trusts_any_proxy);
        assert!(find(&closed, "ssl:names").takes_unverified_names && find(&closed, "ssl:names").has_tls);
        assert!(!find(&closed, "ssl:checked").takes_unverified_names);
        for name in ["k.pem", "users.csv", "acl.conf"] {
            let is_guarded = closed.guarded_files.iter().any(|file| file.ends_with(name));
            assert!(is_guarded, "{name}: {:?}", closed.guarded_files);
        }
    }
}
