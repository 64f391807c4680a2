//! `doctor`: what only the daemon knows, in one reply. It judges nothing; `emqx-ctl` does.
//!
//! Everything is read from tables and atomics that are there anyway: no worker is asked and nothing is counted for
//! it while clients are served. How connections ended is summed up from those that are remembered.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::IpAddr;

use emqx_shared::View;
use emqx_shared::views::{EndFactsView, MalformedFrameView, NodeFactsView, TakeoverFactsView};
use emqxd_broker::{DisconnectReason, Metric, Time};
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::{getegid, geteuid};

use crate::closed_connections::ClosedConnection;
use crate::config_facts::config_facts;
use crate::node::NodeShared;
use crate::tls::server_of;

/// How far back ends count: what was cured an hour ago is no finding any more.
const WINDOW_MS: u64 = 3600 * 1000;
/// Client ids and scanners that are named.
const NAMED_MAX: usize = 10;
/// How scanners of the Internet call themselves as clients, in small letters.
const SCANNERS: [&str; 8] = [
    "censys",
    "shodan",
    "zgrab",
    "masscan",
    "nmap",
    "mqtt-pwn",
    "shadowserver",
    "binaryedge",
];

pub(super) fn facts(node: &NodeShared) -> View {
    let uptime = node.clock.now();
    let now_ms = node.clock.unix_ms(uptime);
    let (clock_steps, clock_last_step_ms) = node.clock.steps();
    let (files_soft, files_hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default();
    let damage = node.state.damage();
    let mut config = config_facts(&node.config, node.config_file.as_deref(), &[]);
    let switched = &node.state.facts().listeners;
    for listener in &mut config.listeners {
        listener.is_enabled = switched.get(&listener.id).copied().unwrap_or(listener.is_enabled);
        let status = node.listeners.get(&listener.id);
        let server = status.as_ref().and_then(server_of);
        let now = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        let (chain, lists) = server
            .map(|server| (server.chain(), server.revocation_lists()))
            .unwrap_or_default();
        listener.certificate_days_left = chain.iter().map(|certificate| certificate.days_left(now)).min();
        listener.revocation_days_left = lists.iter().filter_map(|list| list.days_left(now)).min();
    }
    View::NodeFacts(Box::new(NodeFactsView {
        now_ms,
        uptime_ms: uptime.0,
        pid: std::process::id(),
        uid: geteuid().as_raw(),
        gid: getegid().as_raw(),
        config,
        files_soft,
        files_hard,
        files_open: open_files(),
        connections: node.connections(),
        clock_steps,
        clock_last_step_ms,
        messages_received: node.metric(Metric::MessagesReceived),
        dropped_queue_full: node.metric(Metric::DeliveryDroppedQueueFull),
        damage: damage.map(|damage| format!("{}; kept as {}", damage.why, damage.moved_to.display())),
        ends: ends(node, uptime, now_ms),
    }))
}

fn open_files() -> Option<u64> {
    // One of them is the folder that is being read.
    Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}

/// One end, as far as it counts here: less than a copy of all that is remembered of it.
struct End {
    reason: DisconnectReason,
    client_id: Option<bytestring::ByteString>,
    peer: std::net::SocketAddr,
    at: Time,
}

fn ends(node: &NodeShared, now: Time, now_ms: u64) -> EndFactsView {
    let since = Time(now.0.saturating_sub(WINDOW_MS));
    let mut ended = Vec::new();
    // None is wanted as a copy: what counts is taken out, newest first.
    node.closed.newest(usize::MAX, |closed: &ClosedConnection| {
        if closed.ended_at >= since {
            ended.push(End {
                reason: closed.reason,
                client_id: closed.channel.as_ref().map(|channel| channel.client_id.clone()),
                peer: closed.peer,
                at: closed.ended_at,
            });
        }
        false
    });
    let mut facts = EndFactsView {
        window_ms: WINDOW_MS.min(now.0),
        ended: ended.len() as u64,
        takeovers: takeovers(&ended),
        scanners: scanners(&ended),
        ..EndFactsView::default()
    };
    for end in &ended {
        let (count, example) = match end.reason {
            DisconnectReason::KeepaliveTimeout => (&mut facts.keepalive_lost, &mut facts.keepalive_example),
            DisconnectReason::FrameTooLarge => (&mut facts.frame_too_large, &mut facts.frame_too_large_example),
            _ => continue,
        };
        *count += 1;
        example.get_or_insert_with(|| match &end.client_id {
            Some(client_id) => client_id.to_string(),
            None => end.peer.to_string(),
        });
    }
    let frames = node.malformed_frames.newest(usize::MAX);
    let recent = frames
        .iter()
        .filter(|frame| frame.time_ms.saturating_add(WINDOW_MS) >= now_ms);
    strangers(recent, &mut facts);
    facts
}

/// HTTP and TLS among the frames that were no MQTT, newest first.
fn strangers<'a>(frames: impl Iterator<Item = &'a MalformedFrameView>, facts: &mut EndFactsView) {
    for frame in frames {
        let guess = frame.guess.as_deref().unwrap_or_default();
        let (count, peer) = if guess.starts_with("HTTP") {
            (&mut facts.http, &mut facts.http_peer)
        } else if guess.starts_with("TLS") {
            (&mut facts.tls, &mut facts.tls_peer)
        } else {
            continue;
        };
        *count += 1;
        peer.get_or_insert_with(|| frame.peername.clone());
    }
}

fn takeovers(ended: &[End]) -> Vec<TakeoverFactsView> {
    let mut by_client: HashMap<&str, Vec<&End>> = HashMap::new();
    for end in ended {
        if let (DisconnectReason::TakenOver | DisconnectReason::Discarded, Some(client_id)) =
            (end.reason, &end.client_id)
        {
            by_client.entry(client_id).or_default().push(end);
        }
    }
    let mut rows: Vec<_> = by_client
        .into_iter()
        .filter(|(_, ends)| ends.len() > 1)
        .map(|(client_id, ends)| {
            let addresses: HashSet<IpAddr> = ends.iter().map(|end| end.peer.ip()).collect();
            let (newest, oldest) = (ends[0], ends[ends.len() - 1]);
            TakeoverFactsView {
                client_id: client_id.to_owned(),
                count: ends.len() as u64,
                over_ms: newest.at.0.saturating_sub(oldest.at.0),
                addresses: addresses.len() as u64,
                last_peer: newest.peer.to_string(),
            }
        })
        .collect();
    rows.sort_by(|one, other| (other.count, &one.client_id).cmp(&(one.count, &other.client_id)));
    rows.truncate(NAMED_MAX);
    rows
}

fn scanners(ended: &[End]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for end in ended {
        let Some(client_id) = &end.client_id else { continue };
        let small = client_id.to_ascii_lowercase();
        if SCANNERS.iter().any(|scanner| small.contains(scanner)) {
            let name = format!("{client_id} from {}", end.peer.ip());
            if !named.contains(&name) && named.len() < NAMED_MAX {
                named.push(name);
            }
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(reason: DisconnectReason, client_id: &'static str, address: &str, at: u64) -> End {
        End {
            reason,
            client_id: Some(client_id.into()),
            peer: format!("{address}:5000").parse().unwrap(),
            at: Time(at),
        }
    }

    #[test]
    fn a_client_id_that_two_devices_fight_over_is_told_with_their_addresses() {
        use DisconnectReason::{Discarded, Normal, TakenOver};
        let ended = [
            end(TakenOver, "twin", "10.0.0.2", 9_000),
            end(Discarded, "twin", "10.0.0.1", 5_000),
            end(TakenOver, "once", "10.0.0.3", 4_000),
            end(TakenOver, "twin", "10.0.0.2", 1_000),
            end(Normal, "twin", "10.0.0.2", 500),
        ];
        let rows = takeovers(&ended);
        assert_eq!(rows.len(), 1, "one takeover is no storm");
        let row = &rows[0];
        assert_eq!(
            (row.client_id.as_str(), row.count, row.over_ms, row.addresses),
            ("twin", 3, 8_000, 2)
        );
        assert_eq!(row.last_peer, "10.0.0.2:5000");
    }

    #[test]
    fn scanners_are_known_by_the_names_they_use() {
        let ended = [
            end(DisconnectReason::Normal, "CENSYS", "192.0.2.1", 2),
            end(DisconnectReason::Normal, "CENSYS", "192.0.2.1", 1),
            end(DisconnectReason::Normal, "sensor-7", "192.0.2.2", 1),
        ];
        assert_eq!(scanners(&ended), ["CENSYS from 192.0.2.1"]);
    }
}
