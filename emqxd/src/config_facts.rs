//! What a configuration says, as far as `emqx-ctl doctor` asks: read from a [`Config`], nothing is opened.
//!
//! A running node tells it over the control socket (`control/diagnosis/facts.rs`); `emqxd --check-config --facts`
//! prints it when none runs. No field holds a secret.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use emqx_shared::rows::ROWS_MAX;
use emqx_shared::views::{ConfigFactsView, ListenerFactsView};

use crate::config::{AccessRule, Config, ListenerConfig, Warning};
use crate::listener::{ListenerError, check_support};

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
        listeners: config.listeners.iter().map(listener_facts).take(ROWS_MAX).collect(),
    }
}

fn listener_facts(config: &ListenerConfig) -> ListenerFactsView {
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
    }
}

/// `authorization` is kept as the text of its section: this version looks no closer.
fn no_match(config: &Config) -> Option<String> {
    let section = &config.settings.get("authorization")?.shown;
    let (_, after) = section.split_once("no_match = ")?;
    let word = after.split([' ', ',', '}']).next()?;
    (!word.is_empty()).then(|| word.to_owned())
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
             listeners.ssl.default.bind = 8883\n\
             authorization { no_match = deny, sources = [] }\n",
        );
        assert!(!facts.has_known_cookie);
        assert_eq!(facts.no_match.as_deref(), Some("deny"));
        assert_eq!(facts.unenforced, ["authorization"]);
        let find = |id: &str| facts.listeners.iter().find(|listener| listener.id == id).unwrap();
        assert!(!find("tcp:default").lets_strangers_in);
        assert!(!find("ssl:default").is_served);
        assert!(facts.without_effect.iter().any(|key| key.starts_with("authorization ")));
    }
}
