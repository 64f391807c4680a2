//! `node.security_profile`: what `hardened` makes of a configuration (EMQX's `EMQX_SECURITY_PROFILE`).
//!
//! [`apply`] runs over every configuration that is loaded. `legacy`, the default, changes nothing. `hardened` gives
//! other defaults to what nobody has set, refuses what everybody knows, and names what is set against it: whoever
//! sets a key has the last word. TLS needs no rule here: there is none below 1.2.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use emqx_acl::Permission;

use crate::config::problems::{ConfigError, Origin, Warning};
use crate::config::{Config, ListenerKind};

/// How much is open by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecurityProfile {
    /// EMQX's defaults: everybody may come in.
    #[default]
    Legacy,
    /// Nobody but those who were let in.
    Hardened,
}

impl SecurityProfile {
    /// EMQX's words.
    pub const WORDS: [&'static str; 2] = ["legacy", "hardened"];

    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => Self::WORDS[0],
            Self::Hardened => Self::WORDS[1],
        }
    }

    /// The profile of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Legacy, Self::Hardened]
            .into_iter()
            .find(|profile| profile.as_str() == word)
    }
}

/// What the profile has to say about a configuration.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The node must not start with these.
    pub refused: Vec<ConfigError>,
    /// Set, and against the profile.
    pub contradictions: Vec<Warning>,
    /// Keys that nobody has set and that are other than their usual default, with their value.
    pub changed: Vec<(String, String)>,
}

/// Applies the profile of `config`, whose `origins` tell what was set.
pub fn apply(config: &mut Config) -> Judgement {
    let mut judgement = Judgement::default();
    if config.node.security_profile == SecurityProfile::Legacy {
        return judgement;
    }
    bind_to_loopback(config, &mut judgement);
    close_doors(config, &mut judgement);
    deny_topics(config, &mut judgement);
    // No key says so, in EMQX neither: who tries names must not learn which of them exist.
    config.mqtt.conceal_users = true;
    refuse_known_secrets(config, &mut judgement);
    judgement
}

fn bind_to_loopback(config: &mut Config, judgement: &mut Judgement) {
    for listener in &mut config.listeners {
        let key = format!("listeners.{}.{}.bind", listener.kind, listener.name);
        // A port alone names no address.
        let is_explicit = config.origins.contains_key(&key) && !listener.listen_on.starts_with(':');
        if !is_explicit {
            listener.bind = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), listener.bind.port());
            listener.listen_on = listener.bind.to_string();
            judgement.changed.push((key, listener.listen_on.clone()));
        } else if listener.enable
            && !listener.bind.ip().is_loopback()
            && matches!(listener.kind, ListenerKind::Tcp | ListenerKind::Ws)
        {
            let what = format!("{} without TLS, where others can listen in", listener.listen_on);
            judgement.contradict(config.origins.get(&key), &key, &what);
        }
    }
}

fn close_doors(config: &mut Config, judgement: &mut Judgement) {
    let key = "node.allow_anonymous";
    if !config.origins.contains_key(key) {
        config.node.allow_anonymous = false;
        judgement.changed.push((key.to_owned(), "false".to_owned()));
    } else if config.node.allow_anonymous {
        judgement.contradict(
            config.origins.get(key),
            key,
            "true: everybody may connect while nobody is asked who they are",
        );
    }
}

fn deny_topics(config: &mut Config, judgement: &mut Judgement) {
    let key = "authorization.no_match";
    if !config.origins.contains_key(key) {
        config.authorization.no_match = Permission::Deny;
        judgement.changed.push((key.to_owned(), "deny".to_owned()));
    } else if config.authorization.no_match == Permission::Allow {
        judgement.contradict(
            config.origins.get(key),
            key,
            "allow: what no rule names is open to every client",
        );
    }
}

fn refuse_known_secrets(config: &Config, judgement: &mut Judgement) {
    let refuse = |key: &str, variable: &str| ConfigError {
        origin: config.origins.get(key).cloned().unwrap_or(Origin::Default),
        key: Some(key.to_owned()),
        message: "is EMQX's default, which everybody knows; the profile `hardened` does not start with it".to_owned(),
        hint: Some(format!(
            "set `{key}` to one of your own, or {variable} in the environment"
        )),
    };
    if config.node.has_known_cookie() {
        judgement.refused.push(refuse("node.cookie", "EMQX_NODE__COOKIE"));
    }
    if config.dashboard.default_password == crate::admins::KNOWN_PASSWORD {
        let refused = refuse("dashboard.default_password", "EMQX_DASHBOARD__DEFAULT_PASSWORD");
        judgement.refused.push(refused);
    }
}

impl Judgement {
    fn contradict(&mut self, origin: Option<&Origin>, key: &str, what: &str) {
        self.contradictions.push(Warning {
            origin: origin.cloned(),
            message: format!("`{key}` is {what}; this is against the security profile `hardened`"),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Loaded, load_text};

    const OWN: &str =
        "node { cookie = my_own, security_profile = hardened }\ndashboard.default_password = s3cret_Pass\n";

    fn load(text: &str) -> Result<Loaded, String> {
        let env = std::iter::empty();
        load_text("x.conf", text.as_bytes(), None, env).map_err(|errors| errors.to_string())
    }

    fn hardened(text: &str) -> Loaded {
        load(&format!("{OWN}{text}")).expect("good")
    }

    fn binds(config: &Config) -> Vec<(&str, &str)> {
        let shown = |id: &str| !id.starts_with("quic");
        let listeners = config.listeners.iter().filter(|listener| shown(&listener.id));
        listeners
            .map(|each| (each.id.as_str(), each.listen_on.as_str()))
            .collect()
    }

    #[test]
    fn the_default_profile_changes_nothing() {
        let config = load("").unwrap().config;
        assert!(binds(&config).contains(&("tcp:default", "0.0.0.0:1883")));
        assert!(config.node.allow_anonymous && !config.mqtt.conceal_users);
        assert_eq!(load("node.security_profile = legacy").unwrap().warnings, []);
    }

    #[test]
    fn what_nobody_has_set_is_closed() {
        let loaded = hardened("listeners.tcp.two.bind = 1884\nlisteners.tcp.six.bind = \"[::1]:1885\"");
        let config = &loaded.config;
        let binds = binds(config);
        for expected in [
            ("tcp:default", "127.0.0.1:1883"),
            ("tcp:two", "127.0.0.1:1884"),
            ("tcp:six", "[::1]:1885"),
        ] {
            assert!(binds.contains(&expected), "{binds:?}");
        }
        assert!(!config.node.allow_anonymous && config.mqtt.conceal_users);
        assert_eq!(
            config.settings["listeners.tcp.default.bind"].shown,
            "\"127.0.0.1:1883\""
        );
        assert_eq!(config.settings["node.allow_anonymous"].shown, "false");
        assert_eq!(config.settings["authorization.no_match"].shown, "deny");
        assert_eq!(config.authorization.no_match, emqx_acl::Permission::Deny);
        assert_eq!(loaded.warnings, []);
    }

    #[test]
    fn what_is_set_against_it_holds_and_is_named() {
        let loaded = hardened(
            "listeners.tcp.default.bind = \"0.0.0.0:1883\"\nnode.allow_anonymous = true\n\
             authorization.no_match = allow",
        );
        assert!(loaded.config.node.allow_anonymous);
        assert!(binds(&loaded.config).contains(&("tcp:default", "0.0.0.0:1883")));
        let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings,
            [
                "x.conf:3: `listeners.tcp.default.bind` is 0.0.0.0:1883 without TLS, where others can listen in; \
                 this is against the security profile `hardened`",
                "x.conf:4: `node.allow_anonymous` is true: everybody may connect while nobody is asked who they are; \
                 this is against the security profile `hardened`",
                "x.conf:5: `authorization.no_match` is allow: what no rule names is open to every client; \
                 this is against the security profile `hardened`",
            ]
        );
    }

    #[test]
    fn secrets_that_everybody_knows_are_refused_with_the_remedy() {
        let error = load("node.security_profile = hardened").unwrap_err();
        assert_eq!(
            error,
            "default: node.cookie: is EMQX's default, which everybody knows; the profile `hardened` does not start \
             with it\n  next: set `node.cookie` to one of your own, or EMQX_NODE__COOKIE in the environment\n\
             default: dashboard.default_password: is EMQX's default, which everybody knows; the profile `hardened` \
             does not start with it\n  next: set `dashboard.default_password` to one of your own, or \
             EMQX_DASHBOARD__DEFAULT_PASSWORD in the environment"
        );
    }

    #[test]
    fn the_environment_names_the_profile_as_in_emqx() {
        let env = [("EMQX_SECURITY_PROFILE".to_owned(), "hardened".to_owned())];
        let error = load_text("x.conf", b"", None, env.into_iter()).unwrap_err().to_string();
        assert!(error.contains("node.cookie"), "{error}");
        let env = [("EMQX_SECURITY_PROFILE".to_owned(), "hard".to_owned())];
        let error = load_text("x.conf", b"", None, env.into_iter()).unwrap_err().to_string();
        assert!(
            error.contains("EMQX_SECURITY_PROFILE") && error.contains("legacy, hardened"),
            "{error}"
        );
    }
}
