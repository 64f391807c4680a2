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
fn open_listeners(facts: &Facts) -> Vec<&ListenerFactsView> {
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
    if facts.config.is_none() {
        return needs_daemon(facts, "config");
    }
    let open = open_listeners(facts);
    if open.is_empty() {
        return vec![Verdict::ok("no listener is open to strangers")];
    }
    let warn = |listener: &ListenerFactsView| {
        let (id, key) = listener_words(&listener.id);
        let line = format!("listeners.{key}.access_rules = [\"allow 10.0.0.0/8\", \"deny all\"]");
        let restart = format!("emqx-ctl conf reload && emqx-ctl listeners restart {id}");
        Verdict::warn(
            format!("anonymous access allowed on {} ({})", listener.id, listener.bind),
            format!("{} && {restart}", set(facts, &line)),
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
    let is_open = !open_listeners(facts).is_empty();
    vec![if config.no_match.as_deref() == Some("deny") {
        Verdict::warn(
            format!("{word} has no effect in this version: every client may use every topic"),
            "emqx-ctl explain D023",
        )
    } else if is_open {
        Verdict::warn(
            format!("{word}: whoever connects may use every topic"),
            "emqx-ctl explain D023",
        )
    } else {
        Verdict::ok(format!("{word}, and no listener is open to strangers"))
    }]
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
            "{} has no effect in this version: every client is let in",
            some(&config.unenforced, 4)
        ),
        set(
            facts,
            "listeners.tcp.default.access_rules = [\"allow 10.0.0.0/8\", \"deny all\"]",
        ),
    )]
}
