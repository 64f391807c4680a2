//! Clients that come and go too often: `flapping_detect`.
//!
//! Each worker tells of connections that ended ([`FlappingDetector::on_closed`]); [`run`] bans those whom it finds, with
//! EMQX's words. Ends that the server decided (takeover, kick, stop) do not count, nor do CONNECTs that were refused.
//! Counted and banned is a client id together with the user name that was verified, else with the address: whoever
//! misuses the id of another does not get that one banned. Counts are approximate when very many clients come and go
//! (see [`Counts`]), and only ever to the good of a client.

use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use bytestring::ByteString;
use emqxd_broker::{ClosedBy, Time};
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use crate::clock::unix_ms_now;
use crate::closed_connections::ClosedConnection;
use crate::config::FlappingDetect;
use crate::node::NodeShared;
use crate::state::{Ban, BanKind, BanScope, Command, FLAPPING_DETECTOR, ReplicatedState};

/// Parts of the counts, each with its lock.
const PARTS: usize = 16;
/// Entries of one part in one generation: what a table of 32,768 places takes. All together 917,504 in 26 MiB.
const ENTRIES_MAX: usize = 28_672;
/// Found and not banned yet. A ban takes a write to disk; who finds no room is counted anew.
const SUSPECTS_MAX: usize = 1024;

/// EMQX's reason of such a ban.
const REASON: &str = "flapping is detected";

/// Counts ends of connections for the whole node.
pub struct FlappingDetector {
    /// `None` while it is off.
    rule: ArcSwapOption<FlappingDetect>,
    parts: [Mutex<Counts>; PARTS],
    /// Keyed by the system's randomness: nobody can choose client ids that share an entry.
    hasher: std::collections::hash_map::RandomState,
    suspects: mpsc::Sender<Suspect>,
    inbox: Mutex<Option<mpsc::Receiver<Suspect>>>,
    /// Found and not banned, since too many were found at once or are banned already.
    passed_over: AtomicU64,
}

/// Somebody who came and went too often.
#[derive(Debug, PartialEq)]
struct Suspect {
    client_id: ByteString,
    address: IpAddr,
    scope: BanScope,
    count: u32,
}

impl FlappingDetector {
    /// A detector that nobody has told anything yet.
    pub fn new(rule: &FlappingDetect) -> Self {
        let (suspects, inbox) = mpsc::channel(SUSPECTS_MAX);
        let detector = Self {
            rule: ArcSwapOption::empty(),
            parts: Default::default(),
            hasher: Default::default(),
            suspects,
            inbox: Mutex::new(Some(inbox)),
            passed_over: AtomicU64::new(0),
        };
        detector.set_rule(rule);
        detector
    }

    /// Follows another rule from now on.
    pub fn set_rule(&self, rule: &FlappingDetect) {
        self.rule.store(rule.enable.then(|| Arc::new(rule.clone())));
    }

    /// A connection has ended.
    pub fn on_closed(&self, closed: &ClosedConnection) {
        let Some(channel) = &closed.channel else { return };
        if closed.was_connected() && closed.reason.closed_by() != ClosedBy::Server {
            let verified = channel.username.as_deref().filter(|_| channel.is_authenticated);
            self.on_end(&channel.client_id, verified, closed.peer.ip(), closed.ended_at);
        }
    }

    /// A client or its network has ended an accepted connection.
    fn on_end(&self, client_id: &ByteString, verified_username: Option<&str>, address: IpAddr, now: Time) {
        let rule = self.rule.load();
        let Some(rule) = rule.as_ref() else { return };
        let address = address.to_canonical();
        let key = self.hasher.hash_one((
            &**client_id,
            verified_username,
            verified_username.is_none().then_some(address),
        ));
        let part = &self.parts[key as usize % PARTS];
        let Some(count) = part.lock().count(key, rule, now) else {
            return;
        };
        let scope = match verified_username {
            Some(name) => BanScope::Username(name.to_owned()),
            None => BanScope::Peerhost(address),
        };
        let suspect = Suspect {
            client_id: client_id.clone(),
            address,
            scope,
            count,
        };
        if self.suspects.try_send(suspect).is_err() {
            self.passed_over.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn ban(&self, state: &ReplicatedState, suspect: Suspect) {
        let rule = self.rule.load_full();
        let Some(rule) = rule else { return };
        let now_ms = unix_ms_now();
        let until_ms = now_ms.saturating_add(u64::try_from(rule.ban_time.as_millis()).unwrap_or(u64::MAX));
        let Suspect {
            client_id,
            address,
            scope,
            count,
        } = suspect;
        let ban = Ban {
            kind: BanKind::Clientid,
            who: client_id.to_string(),
            by: FLAPPING_DETECTOR.to_owned(),
            reason: REASON.to_owned(),
            at_ms: now_ms,
            until_ms: Some(until_ms),
            only: vec![scope.clone()],
        };
        match state.apply(Command::BanFlapping { ban }).await {
            Ok(_) => tracing::warn!(
                clientid = %client_id,
                peer_host = %address,
                detect_cnt = count,
                wind_time_in_ms = u64::try_from(rule.window_time.as_millis()).unwrap_or(u64::MAX),
                banned_until_ms = until_ms,
                only = %scope,
                "flapping_detected"
            ),
            Err(error) => {
                self.passed_over.fetch_add(1, Ordering::Relaxed);
                tracing::error!(
                    clientid = %client_id,
                    peer_host = %address,
                    reason = %error,
                    passed_over = self.passed_over.load(Ordering::Relaxed),
                    "flapping_not_banned"
                );
            }
        }
    }
}

/// Bans whom the detector finds until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let inbox = node.flapping.inbox.lock().take();
    let Some(mut inbox) = inbox else { return };
    loop {
        let suspect = tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            suspect = inbox.recv() => suspect,
        };
        let Some(suspect) = suspect else { return };
        node.flapping.ban(&node.state, suspect).await;
    }
}

/// How often each key ended lately, in two generations.
///
/// What is counted again moves to the young one; when a window is over, or the young one is full, the old one is
/// forgotten. So memory is bounded, and only those are forgotten that have been away longest.
#[derive(Debug, Default)]
struct Counts {
    young: HashMap<u64, Entry, RandomState>,
    old: HashMap<u64, Entry, RandomState>,
    young_since: Time,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// When the window of this key began.
    since: Time,
    count: u32,
}

impl Counts {
    /// Counts an end; how many there were in the window if that is too many, and counts anew then.
    fn count(&mut self, key: u64, rule: &FlappingDetect, now: Time) -> Option<u32> {
        if now.since(self.young_since) >= rule.window_time || self.young.len() >= ENTRIES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.young_since = now;
        }
        let before = self.young.remove(&key).or_else(|| self.old.remove(&key));
        let in_window = before.filter(|entry| now.since(entry.since) < rule.window_time);
        let mut entry = in_window.unwrap_or(Entry { since: now, count: 0 });
        entry.count += 1;
        if entry.count > rule.max_count {
            return Some(entry.count);
        }
        self.young.insert(key, entry);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rule() -> FlappingDetect {
        FlappingDetect {
            enable: true,
            window_time: Duration::from_secs(60),
            max_count: 3,
            ban_time: Duration::from_secs(300),
        }
    }

    fn found(detector: &FlappingDetector) -> Vec<Suspect> {
        let mut inbox = detector.inbox.lock();
        let inbox = inbox.as_mut().unwrap();
        std::iter::from_fn(|| inbox.try_recv().ok()).collect()
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    #[test]
    fn one_end_more_than_the_limit_within_the_window_is_too_many() {
        let mut counts = Counts::default();
        let times = [0, 10, 20_000, 59_999].map(Time);
        assert_eq!(
            times.map(|now| counts.count(7, &rule(), now)),
            [None, None, None, Some(4)]
        );
        assert_eq!(counts.count(7, &rule(), Time(60_000)), None, "counted anew");
        let mut counts = Counts::default();
        let slowly = (0..100).map(|number| Time(number * 20_001));
        assert!(
            slowly
                .map(|now| counts.count(7, &rule(), now))
                .all(|count| count.is_none())
        );
    }

    #[test]
    fn a_flood_of_client_ids_takes_bounded_memory_and_whoever_flaps_on_is_found() {
        let mut counts = Counts::default();
        let mut found = None;
        for number in 1..1_000_000_u64 {
            assert_eq!(counts.count(number, &rule(), Time(1)), None);
            if number % 20_000 == 0 {
                found = found.or(counts.count(0, &rule(), Time(1)));
            }
            let entries = counts.young.len() + counts.old.len();
            assert!(entries <= 2 * ENTRIES_MAX + 1, "{entries}");
        }
        assert_eq!(found, Some(4));
        assert!(counts.young.capacity() <= ENTRIES_MAX, "{}", counts.young.capacity());
    }

    #[test]
    fn who_misuses_a_client_id_is_banned_and_its_owner_is_not() {
        let detector = FlappingDetector::new(&rule());
        let client_id = ByteString::from_static("sensor");
        for number in 0..4 {
            detector.on_end(&client_id, None, THERE, Time(number));
        }
        for number in 0..3 {
            detector.on_end(&client_id, None, HERE, Time(number));
            detector.on_end(&client_id, Some("owner"), THERE, Time(number));
        }
        let suspects = found(&detector);
        assert_eq!(suspects.len(), 1);
        assert_eq!(suspects[0].scope, BanScope::Peerhost(THERE));
        detector.on_end(&client_id, Some("owner"), HERE, Time(5));
        assert_eq!(
            found(&detector)[0].scope,
            BanScope::Username("owner".to_owned()),
            "a verified name is known from any address"
        );
    }

    #[test]
    fn nothing_is_counted_while_it_is_off_and_nothing_waits_without_bound() {
        let detector = FlappingDetector::new(&FlappingDetect::default());
        let client_id = ByteString::from_static("sensor");
        for _ in 0..100 {
            detector.on_end(&client_id, None, HERE, Time(0));
        }
        assert_eq!(found(&detector), []);
        detector.set_rule(&FlappingDetect { max_count: 1, ..rule() });
        for number in 0..2 * 2000 {
            let client_id = ByteString::from(format!("c{}", number / 2));
            detector.on_end(&client_id, None, HERE, Time(0));
        }
        assert_eq!(found(&detector).len(), SUSPECTS_MAX);
        assert_eq!(detector.passed_over.load(Ordering::Relaxed), 2000 - SUSPECTS_MAX as u64);
    }

    #[tokio::test]
    async fn a_ban_for_flapping_has_the_words_of_emqx() {
        let folder = tempfile::tempdir().unwrap();
        let state = ReplicatedState::open(folder.path(), "n").unwrap();
        let detector = FlappingDetector::new(&rule());
        for number in 0..4 {
            detector.on_end(&ByteString::from_static("sensor"), None, HERE, Time(number));
        }
        for suspect in found(&detector) {
            detector.ban(&state, suspect).await;
        }
        let facts = state.facts();
        let ban = facts.banned.get(BanKind::Clientid, "sensor").unwrap();
        assert_eq!(
            (ban.by.as_str(), ban.reason.as_str()),
            ("flapping detector", "flapping is detected")
        );
        assert_eq!(ban.until_ms, Some(ban.at_ms + 300_000));
        assert!(facts.banned.find("sensor", None, HERE, ban.at_ms).is_some());
        assert!(facts.banned.find("sensor", None, THERE, ban.at_ms).is_none());
    }
}
