//! What the listeners show to the network and believe of it: certificates, encryption, proxies.

use std::net::SocketAddr;

use emqx_shared::views::ListenerFactsView;

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::security::reachable;
use super::{counted, listener_words, needs_daemon, set};

/// A certificate that ends sooner should be renewed by now: those of Let's Encrypt are after 60 of 90 days.
const DAYS_LEFT_WARN: i64 = 21;

/// Listeners that are served.
fn served(facts: &Facts) -> Vec<&ListenerFactsView> {
    let listeners = facts.config.iter().flat_map(|config| &config.listeners);
    let is_served = |listener: &&ListenerFactsView| listener.is_enabled && listener.is_served;
    listeners.filter(is_served).collect()
}

pub fn certificates(facts: &Facts) -> Vec<Verdict> {
    if facts.config.is_none() {
        return needs_daemon(facts, "config");
    }
    let judged: Vec<_> = served(facts)
        .into_iter()
        .filter_map(|listener| Some((listener, listener.certificate_days_left?)))
        .collect();
    let Some(&(_, soonest)) = judged.iter().min_by_key(|(_, days)| *days) else {
        return vec![Verdict::ok("no certificate is in use")];
    };
    let trouble = |&(listener, days): &(&ListenerFactsView, i64)| {
        let (id, _) = listener_words(&listener.id);
        let fix = "emqx-ctl tls certs && emqx-ctl tls reload";
        match days {
            ..0 => Some(Verdict::fail(
                format!(
                    "the certificate of {id} ended {} ago: clients that look at it refuse it",
                    counted(days.unsigned_abs(), "day")
                ),
                fix,
            )),
            0..=DAYS_LEFT_WARN => Some(Verdict::warn(
                format!(
                    "the certificate of {id} ends in {}",
                    counted(days.unsigned_abs(), "day")
                ),
                fix,
            )),
            _ => None,
        }
    };
    let verdicts: Vec<_> = judged.iter().filter_map(trouble).collect();
    if verdicts.is_empty() {
        let soonest = counted(soonest.unsigned_abs(), "day");
        return vec![Verdict::ok(format!("no certificate ends before {soonest}"))];
    }
    verdicts
}

pub fn revocation_lists(facts: &Facts) -> Vec<Verdict> {
    if facts.config.is_none() {
        return needs_daemon(facts, "config");
    }
    let judged: Vec<_> = served(facts)
        .into_iter()
        .filter_map(|listener| Some((listener, listener.revocation_days_left?)))
        .collect();
    if judged.is_empty() {
        return vec![Verdict::ok("no revocation list is in use")];
    }
    let warn = |&(listener, days): &(&ListenerFactsView, i64)| {
        let (id, _) = listener_words(&listener.id);
        Verdict::warn(
            format!(
                "a revocation list of {id} ended {} ago: it still holds, and certificates revoked since then are let in",
                counted(days.unsigned_abs(), "day")
            ),
            "emqx-ctl tls check, fetch the list that it names, then emqx-ctl tls reload",
        )
    };
    let verdicts: Vec<_> = judged.iter().filter(|(_, days)| *days < 0).map(warn).collect();
    if verdicts.is_empty() {
        return vec![Verdict::ok("every revocation list is up to date")];
    }
    verdicts
}

pub fn unverified_names(facts: &Facts) -> Vec<Verdict> {
    if facts.config.is_none() {
        return needs_daemon(facts, "config");
    }
    let listeners = served(facts);
    let unverified = listeners.iter().filter(|listener| listener.takes_unverified_names);
    let fail = |listener: &&ListenerFactsView| {
        let (id, key) = listener_words(&listener.id);
        let line = format!("listeners.{key}.ssl_options {{ verify = verify_peer, fail_if_no_peer_cert = true }}");
        Verdict::fail(
            format!("{id} takes names from client certificates that nobody checks: anybody can be anybody"),
            format!(
                "{} && emqx-ctl conf reload && emqx-ctl listeners restart {id}",
                set(facts, &line)
            ),
        )
    };
    let verdicts: Vec<_> = unverified.map(fail).collect();
    if verdicts.is_empty() {
        return vec![Verdict::ok("no name is taken from a certificate that nobody checks")];
    }
    verdicts
}

pub fn plain_listeners(facts: &Facts) -> Vec<Verdict> {
    if facts.config.is_none() {
        return needs_daemon(facts, "config");
    }
    let is_everywhere = |listener: &&ListenerFactsView| {
        let bind = listener.bind.parse::<SocketAddr>();
        !listener.has_tls && bind.is_ok_and(|bind| bind.ip().is_unspecified())
    };
    let warn = |listener: &ListenerFactsView| {
        let (id, key) = listener_words(&listener.id);
        let port = super::port_of(&listener.bind);
        let line = format!("listeners.{key}.bind = \"127.0.0.1:{port}\"");
        Verdict::warn(
            format!(
                "{id} is open on all addresses ({}) without TLS: passwords can be read on the way",
                listener.bind
            ),
            format!(
                "{} && emqx-ctl conf reload && emqx-ctl listeners restart {id}",
                set(facts, &line)
            ),
        )
    };
    let verdicts: Vec<_> = reachable(facts).into_iter().filter(is_everywhere).map(warn).collect();
    if verdicts.is_empty() {
        return vec![Verdict::ok("no listener without TLS is open on all addresses")];
    }
    verdicts
}

pub fn proxies(facts: &Facts) -> Vec<Verdict> {
    if facts.config.is_none() {
        return needs_daemon(facts, "config");
    }
    let open = served(facts)
        .into_iter()
        .filter(|listener| listener.trusts_any_proxy && listener.lets_strangers_in);
    let fail = |listener: &ListenerFactsView| {
        let (id, key) = listener_words(&listener.id);
        let line = format!("listeners.{key}.access_rules = [\"allow 10.0.0.2\", \"deny all\"]");
        Verdict::fail(
            format!(
                "{id} believes the address that anybody writes into a PROXY header: bans and rules by address fail"
            ),
            format!(
                "{} && emqx-ctl conf reload && emqx-ctl listeners restart {id}",
                set(facts, &line)
            ),
        )
    };
    let verdicts: Vec<_> = open.map(fail).collect();
    if verdicts.is_empty() {
        return vec![Verdict::ok("no address is taken from a header that anybody can send")];
    }
    verdicts
}
