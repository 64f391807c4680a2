//! `node`: who this daemon is and where its data lies.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::security_profile::SecurityProfile;

/// Cookies that EMQX ships or has shipped: everyone knows them.
const KNOWN_COOKIES: [&str; 2] = ["emqxsecretcookie", "emqx50elixir"];

/// The `node` section.
#[derive(Clone, PartialEq, Eq)]
pub struct NodeConfig {
    /// `emqx@127.0.0.1`
    pub name: String,
    /// What nodes of a cluster share. `Debug` hides it.
    pub cookie: String,
    /// Where everything is kept that outlives the daemon; relative to its working directory.
    pub data_dir: PathBuf,
    /// How much is open by default.
    pub security_profile: SecurityProfile,
    /// Whether clients may connect while no authenticator is configured.
    pub allow_anonymous: bool,
    /// How long clients' going may take when the node stops; a thousand a second go at once.
    pub drain_time: Duration,
}

impl NodeConfig {
    /// Whether everyone knows the cookie.
    #[must_use]
    pub fn has_known_cookie(&self) -> bool {
        KNOWN_COOKIES.contains(&self.cookie.as_str())
    }

    /// EMQX's three lines about a cookie that everyone knows, for a configuration in `file`;
    /// empty if the cookie is one's own.
    #[must_use]
    pub fn cookie_warning(&self, file: &Path) -> Vec<String> {
        if !self.has_known_cookie() {
            return Vec::new();
        }
        vec![
            "WARNING: Default (insecure) Erlang cookie is in use.".to_owned(),
            format!(
                "WARNING: Configure node.cookie in {} or override from environment variable EMQX_NODE__COOKIE",
                file.display()
            ),
            "WARNING: NOTE: Use the same cookie for all nodes in the cluster.".to_owned(),
        ]
    }
}

impl Default for NodeConfig {
    fn default() -> Self {
        Self {
            name: "emqx@127.0.0.1".to_owned(),
            cookie: KNOWN_COOKIES[0].to_owned(),
            data_dir: PathBuf::from("data"),
            security_profile: SecurityProfile::default(),
            allow_anonymous: true,
            drain_time: Duration::from_secs(3),
        }
    }
}

impl fmt::Debug for NodeConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NodeConfig")
            .field("name", &self.name)
            .field("cookie", &"***")
            .field("data_dir", &self.data_dir)
            .field("security_profile", &self.security_profile)
            .field("allow_anonymous", &self.allow_anonymous)
            .field("drain_time", &self.drain_time)
            .finish()
    }
}

/// `name@host`, both of letters, digits, `_`, `-`; dots and, for IPv6, colons in the host.
pub(super) fn is_node_name(text: &str) -> bool {
    let word = |text: &str, more: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "_-".contains(char) || more.contains(char))
    };
    text.len() <= 255
        && text
            .split_once('@')
            .is_some_and(|(name, host)| word(name, "") && word(host, ".:"))
}

/// EMQX's rule: up to 255 characters, no backslash, quote, double quote or space.
pub(super) fn is_cookie(text: &str) -> bool {
    (1..=255).contains(&text.chars().count())
        && !text
            .chars()
            .any(|char| char.is_whitespace() || char.is_control() || "\\'\"".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_everyone_knows_gets_the_three_lines_of_emqx() {
        let mut node = NodeConfig::default();
        let file = Path::new("/etc/emqx/emqx.conf");
        assert_eq!(
            node.cookie_warning(file).join("\n"),
            "WARNING: Default (insecure) Erlang cookie is in use.\n\
             WARNING: Configure node.cookie in /etc/emqx/emqx.conf or override from \
             environment variable EMQX_NODE__COOKIE\n\
             WARNING: NOTE: Use the same cookie for all nodes in the cluster."
        );
        node.cookie = "my own".to_owned();
        assert!(node.cookie_warning(file).is_empty());
    }

    #[test]
    fn a_cookie_is_not_printed_with_the_settings() {
        assert!(!format!("{:?}", NodeConfig::default()).contains("emqxsecretcookie"));
    }

    #[test]
    fn node_names_and_cookies_follow_the_rules_of_emqx() {
        for name in ["emqx@127.0.0.1", "emqx3@node-3.example.org", "a@::1"] {
            assert!(is_node_name(name), "{name}");
        }
        for name in ["", "emqx", "@h", "emqx@", "a@b@c", "a b@c", "a/b@c"] {
            assert!(!is_node_name(name), "{name}");
        }
        assert!(is_cookie("x".repeat(255).as_str()));
        for cookie in ["", "a b", "a\"b", "a'b", "a\\b"] {
            assert!(!is_cookie(cookie), "{cookie}");
        }
        assert!(!is_cookie("x".repeat(256).as_str()));
    }
}
