//! Keeping banned clients out: the check at CONNECT, and ending the connections of those who are in.
//!
//! The list is a fact of the replicated state. The daemon's `Admission` asks [`check`] on the worker that owns the
//! client; [`kick`] is called once a ban is in the list, so nobody slips in between. [`forget_ended`] runs all the
//! time and takes out what has ended.

pub mod bootstrap;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use emqxd_broker::{Candidate, Refusal};
use mqtt_codec::ReasonCode;
use tokio::sync::watch;

use crate::clock::unix_ms_now;
use crate::node::NodeShared;
use crate::state::{Ban, BanList, Command, ReplicatedState};

/// How often bans that have ended are taken out; they have no effect any more before.
const FORGET_INTERVAL: Duration = Duration::from_secs(60);
/// Sessions looked at between two turns of a worker.
const PAGE: usize = 256;

/// Whether the client of a CONNECT is banned.
///
/// # Errors
/// It is: 0x8A for MQTT 5, 5 for MQTT 3.
pub fn check(state: &ReplicatedState, candidate: &Candidate<'_>) -> Result<(), Refusal> {
    let facts = state.look();
    if facts.banned.is_empty() {
        return Ok(());
    }
    let Candidate {
        client_id,
        username,
        address,
        ..
    } = *candidate;
    let refused = |detail: String| Refusal {
        reason_code: ReasonCode::Banned,
        keyword: "banned",
        detail: detail.into(),
    };
    if let Some(patterns) = facts.banned.too_many_patterns_for(client_id, username) {
        let bytes = client_id.len().max(username.map_or(0, str::len));
        return Err(refused(format!(
            "a name of {bytes} bytes is too long to be compared with {patterns} banned patterns"
        )));
    }
    match facts.banned.find(client_id, username, address.ip(), unix_ms_now()) {
        None => Ok(()),
        Some(ban) => Err(refused(describe(ban))),
    }
}

/// Which ban it was, for `why` and the log.
fn describe(ban: &Ban) -> String {
    let mut text = format!("{} {} is banned by {}", ban.kind, ban.who, ban.by);
    let reason = ban.shown_reason();
    if !reason.is_empty() {
        text.push_str(": ");
        text.push_str(&reason);
    }
    text
}

/// Ends the connections, and the sessions, of the connected clients that a ban matches. Returns how many.
pub async fn kick(node: &NodeShared, ban: &Ban) -> u64 {
    let Some(list) = BanList::of(ban) else { return 0 };
    let list = Arc::new(list);
    let mut kicked = 0;
    for worker in node.workers() {
        let mut from = Some(0);
        while let Some(place) = from {
            let list = Arc::clone(&list);
            let page = worker.run(move |worker| {
                let now_ms = unix_ms_now();
                let (page, next) = worker.shard.clients_page(place, PAGE);
                let is_banned = |client_id: &str, username: Option<&str>, address: IpAddr| {
                    list.find(client_id, username, address, now_ms).is_some()
                };
                let found = page.into_iter().filter(|client| {
                    let connected = client.connected.as_ref();
                    connected.is_some_and(|connected| {
                        is_banned(
                            &client.client_id,
                            client.username.as_deref(),
                            connected.peer.address.ip(),
                        )
                    })
                });
                let found: Vec<_> = found.map(|client| client.client_id).collect();
                for client_id in &found {
                    worker.with_shard(|shard, now, effects| shard.kick_client(client_id, now, effects));
                }
                (found.len() as u64, next)
            });
            // A worker that has stopped has no connections any more.
            let Ok((count, next)) = page.await else { break };
            kicked += count;
            from = next;
        }
    }
    kicked
}

/// Takes bans that have ended out of the list until the node stops.
pub async fn forget_ended(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(FORGET_INTERVAL) => {}
        }
        let now_ms = unix_ms_now();
        let any = node.state.facts().banned.iter().any(|ban| !ban.is_in_force(now_ms));
        if any && let Err(error) = node.state.apply(Command::ExpireBans { now_ms }).await {
            tracing::error!(reason = %error, "ended_bans_not_forgotten");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use emqxd_broker::Time;

    use super::*;
    use crate::state::BanKind;

    #[test]
    fn a_banned_client_is_told_0x8a_and_why() {
        let folder = tempfile::tempdir().unwrap();
        let state = ReplicatedState::open(folder.path(), "n").unwrap();
        let address: SocketAddr = "10.0.0.1:5".parse().unwrap();
        let candidate = |client_id: &'static str| Candidate {
            client_id,
            username: None,
            address,
            has_session: false,
            now: Time(0),
        };
        assert_eq!(check(&state, &candidate("c1")), Ok(()));
        let ban = Ban {
            kind: BanKind::Clientid,
            who: "c1".to_owned(),
            by: "li".to_owned(),
            reason: "leaks".to_owned(),
            at_ms: 0,
            until_ms: None,
            only: Vec::new(),
        };
        state.apply_blocking(Command::Ban { ban }).unwrap();
        let refusal = check(&state, &candidate("c1")).unwrap_err();
        assert_eq!(refusal.reason_code, ReasonCode::Banned);
        assert_eq!(&*refusal.detail, "clientid c1 is banned by li: leaks");
        assert_eq!(check(&state, &candidate("c2")), Ok(()));
    }
}
