//! Listeners and their ports.

use emqx_shared::views::{ListenerState, ListenerView};

use super::super::facts::{Facts, PortFacts};
use super::super::finding::Verdict;
use super::{listener_words, needs_daemon, port_of, set, some};

pub fn listeners(facts: &Facts) -> Vec<Verdict> {
    if facts.node.is_none() {
        return offline(facts);
    }
    if facts.listeners.is_empty() && facts.why_missing("listeners").is_some() {
        return needs_daemon(facts, "listeners");
    }
    let enabled: Vec<_> = facts
        .listeners
        .iter()
        .filter(|view| view.enabled && is_served(facts, view))
        .collect();
    let mut verdicts: Vec<_> = enabled.iter().filter_map(|view| trouble(view)).collect();
    let running: Vec<_> = enabled
        .iter()
        .filter(|view| view.is_running())
        .map(|view| format!("{} {}", view.id, view.listen_on))
        .collect();
    if verdicts.is_empty() {
        let count = running.len();
        verdicts.push(match count {
            0 => Verdict::warn(
                "no listener is enabled",
                set(facts, "listeners.tcp.default.enable = true"),
            ),
            _ => Verdict::ok(format!("{count} of {count} running: {}", some(&running, 4))),
        });
    }
    verdicts
}

fn is_served(facts: &Facts, view: &ListenerView) -> bool {
    let listeners = facts.config.iter().flat_map(|config| &config.listeners);
    listeners
        .into_iter()
        .find(|listener| listener.id == view.id)
        .is_none_or(|listener| listener.is_served)
}

fn trouble(view: &ListenerView) -> Option<Verdict> {
    let start = format!("emqx-ctl listeners start {}", listener_words(&view.id).0);
    match &view.state {
        ListenerState::Running => None,
        ListenerState::Stopped => Some(Verdict::warn(
            format!(
                "{} {} is enabled and was stopped by an operator",
                view.id, view.listen_on
            ),
            start,
        )),
        ListenerState::Failed { error, why } => {
            let port = port_of(&view.listen_on);
            Some(Verdict::fail(
                format!("{} {} not bound: {error}, {why}", view.id, view.listen_on),
                format!("sudo ss -ltnp 'sport = :{port}' && {start}"),
            ))
        }
    }
}

fn offline(facts: &Facts) -> Vec<Verdict> {
    if facts.ports.is_empty() {
        let why = facts
            .why_missing("config")
            .unwrap_or("it is not known which ports are wanted");
        return vec![Verdict::skip(why)];
    }
    let verdict = |port: &PortFacts| {
        let PortFacts { listener, bind, .. } = port;
        let (_, key) = listener_words(listener);
        match &port.holder {
            _ if !port.is_held => Verdict::ok(format!("{listener} {bind} is free")),
            Some(holder) if Some(holder.pid) == facts.lock_holder => Verdict::ok(format!(
                "{listener} {bind} is held by emqxd itself (pid {})",
                holder.pid
            )),
            Some(holder) => Verdict::fail(
                format!(
                    "{listener} {bind} is taken: {} (pid {}) holds it",
                    holder.name, holder.pid
                ),
                format!("ps -fp {}   # stop it, or set another listeners.{key}.bind", holder.pid),
            ),
            None if facts.lock_holder.is_some() || facts.is_forbidden => Verdict::skip(format!(
                "{listener} {bind} is held, most likely by emqxd; only root can see by whom"
            )),
            None => Verdict::fail(
                format!("{listener} {bind} is taken by a process of another user"),
                format!("sudo ss -ltnp 'sport = :{}'", port_of(bind)),
            ),
        }
    };
    facts.ports.iter().map(verdict).collect()
}

pub fn types(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    let unserved: Vec<_> = config
        .listeners
        .iter()
        .filter(|listener| listener.is_enabled && !listener.is_served)
        .map(|listener| listener.id.clone())
        .collect();
    let Some(first) = unserved.first() else {
        return vec![Verdict::ok("all listeners of the configuration can be served")];
    };
    let (_, key) = listener_words(first);
    vec![Verdict::warn(
        format!(
            "{} of the configuration cannot be served by this version",
            some(&unserved, 4)
        ),
        set(facts, &format!("listeners.{key}.enable = false")),
    )]
}
