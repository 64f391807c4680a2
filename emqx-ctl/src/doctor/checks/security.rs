//! Cookie, passwords, and who may connect.

use std::net::SocketAddr;

use emqx_shared::views::ListenerFactsView;

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::super::quote::quote;
use super::{config_file, listener_words, needs_daemon, set, some};

pub fn cookie(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    vec![if config.has_known_cookie {
        Verdict::warn(
            "node.cookie is EMQX's default, which everybody knows",
            format!(
                "echo \"node.cookie = \\\"$(openssl rand -hex 32)\\\"\" | sudo tee -a {} && sudo systemctl restart emqxd",
                config_file(facts)
            ),
        )
    } else {
        Verdict::ok("node.cookie is not a default one")
    }]
}

pub fn passwords(facts: &Facts) -> Vec<Verdict> {
    let Some(weak) = &facts.weak_admins else {
        return needs_daemon(facts, "admins");
    };
    let Some(first) = weak.first() else {
        return vec![Verdict::ok("no administrator has a default password")];
    };
    let name = quote(first).unwrap_or_else(|| "USER".to_owned());
    vec![Verdict::warn(
        format!(
            "password never changed by its owner, the default one on a new node: {}",
            some(weak, 4)
        ),
        format!("emqx-ctl admins passwd {name}"),
    )]
}

/// Listeners that a stranger can reach and is not kept from by access rules.
pub(super) fn reachable(facts: &Facts) -> Vec<&ListenerFactsView> {
    let listeners = facts.config.iter().flat_map(|config| &config.listeners);
    listeners
        .filter(|listener| listener.is_enabled && listener.is_served && listener.lets_strangers_in)
        .filter(|listener| {
            listener
                .bind
                .parse::<SocketAddr>()
                .is_ok_and(|bind| !bind.ip().is_loopback())
        })
        .collect()
}

pub fn anonymous(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    let open: Vec<_> = reachable(facts)
        .into_iter()
        .filter(|listener| !listener.authenticates)
        .collect();
    if open.is_empty() {
        return vec![Verdict::ok("no listener is open to strangers")];
    }
    if config.refuses_anonymous {
        return vec![Verdict::ok("nobody is let in while no authenticator is configured")];
    }
    let chain = "authentication = [{ mechanism = password_based, backend = built_in_database }]";
    let warn = |listener: &ListenerFactsView| {
        let (_, key) = listener_words(&listener.id);
        let line = match config.listeners.iter().any(|listener| listener.authenticates) {
            // There is a chain, and this listener does not use it.
            true => format!("listeners.{key}.enable_authn = true"),
            false => chain.to_owned(),
        };
        Verdict::warn(
            format!("anonymous access allowed on {} ({})", listener.id, listener.bind),
            format!("{} && sudo systemctl restart emqxd", set(facts, &line)),
        )
    };
    open.into_iter().map(warn).collect()
}

pub fn no_match(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    let word = match &config.no_match {
        Some(word) => format!("authorization.no_match = {word}"),
        None => "authorization.no_match is allow, the default".to_owned(),
    };
    vec![if config.no_match.as_deref() == Some("deny") {
        Verdict::ok(word)
    } else if reachable(facts).is_empty() {
        Verdict::ok(format!("{word}, and no listener is open to strangers"))
    } else {
        Verdict::warn(
            format!("{word}: a client may use every topic that no rule names"),
            format!(
                "{} && sudo systemctl restart emqxd",
                set(facts, "authorization.no_match = deny")
            ),
        )
    }]
}

pub fn default_rules(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    vec![if !config.has_default_rules {
        Verdict::ok("the rules are not those that EMQX ships")
    } else if reachable(facts).is_empty() {
        Verdict::ok("the rules are those that EMQX ships, and no listener is open to strangers")
    } else {
        Verdict::warn(
            "the rules are those that EMQX ships: the last one, {allow, all}, lets every client use every topic",
            "emqx-ctl explain D028",
        )
    }]
}

pub fn weak_settings(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    if config.weak_settings.is_empty() {
        return vec![Verdict::ok("no setting protects less than it seems to")];
    }
    let warn = |line: &String| Verdict::warn(line.as_str(), "emqx-ctl explain D029");
    config.weak_settings.iter().take(8).map(warn).collect()
}

pub fn unenforced(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    if config.unenforced.is_empty() {
        return vec![Verdict::ok(
            "no setting promises protection that this version does not give",
        )];
    }
    vec![Verdict::fail(
        format!(
            "{} has no effect in this version: nobody is kept out by it",
            some(&config.unenforced, 4)
        ),
        set(
            facts,
            "listeners.tcp.default.access_rules = [\"allow 10.0.0.0/8\", \"deny all\"]",
        ),
    )]
}
