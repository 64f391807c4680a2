//! Alarms: what troubles the node now, and what did (EMQX's `alarms`).
//!
//! Whoever watches something calls [`Alarms::raise`] and [`Alarms::clear`], from any thread; `alarms list` shows
//! them. Each change is logged, and published on `$SYS/brokers/<node>/alarms/activate` or `…/deactivate` by
//! [`run`], as soon as the workers are there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use emqx_shared::views::EventKind;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::clock::unix_ms_now;
use crate::node::NodeShared;
use crate::worker::sys_message;

/// Alarms active at the same time; one more is logged and not kept.
const ACTIVE_MAX: usize = 1000;
/// Alarms remembered that are over (EMQX's `alarm.size_limit`).
const HISTORY_MAX: usize = 1000;
/// Changes that wait to be published; one more is logged only.
const CHANGES_QUEUED_MAX: usize = 256;

/// One alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Such as `license_expiry`.
    pub name: String,
    /// For people.
    pub message: String,
    /// A JSON object, for programs.
    pub details: Value,
    /// Since when, Unix milliseconds.
    pub activate_at_ms: u64,
    /// When it was over; `None` while it is active.
    pub deactivate_at_ms: Option<u64>,
}

/// All alarms of the node.
pub struct Alarms {
    lists: Mutex<Lists>,
    changes: mpsc::Sender<Alarm>,
    /// Taken by [`run`].
    to_publish: Mutex<Option<mpsc::Receiver<Alarm>>>,
}

#[derive(Default)]
struct Lists {
    active: BTreeMap<String, Alarm>,
    /// Latest first.
    history: VecDeque<Alarm>,
}

impl Default for Alarms {
    fn default() -> Self {
        let (changes, to_publish) = mpsc::channel(CHANGES_QUEUED_MAX);
        Self {
            lists: Mutex::default(),
            changes,
            to_publish: Mutex::new(Some(to_publish)),
        }
    }
}

impl Alarms {
    /// Raises an alarm, or renews the text of one that is active. Says whether it is new.
    pub fn raise(&self, name: &str, details: Value, message: impl Into<String>) -> bool {
        self.raise_at(name, details, message.into(), unix_ms_now())
    }

    fn raise_at(&self, name: &str, details: Value, message: String, now_ms: u64) -> bool {
        let (alarm, is_published) = {
            let mut lists = self.lists.lock();
            if let Some(alarm) = lists.active.get_mut(name) {
                (alarm.details, alarm.message) = (details, message);
                return false;
            }
            let alarm = Alarm {
                name: name.to_owned(),
                message,
                details,
                activate_at_ms: now_ms,
                deactivate_at_ms: None,
            };
            if lists.active.len() < ACTIVE_MAX {
                lists.active.insert(name.to_owned(), alarm.clone());
            }
            // Under the lock: what is published comes in the order in which it happened.
            let is_published = self.publish(&alarm);
            (alarm, is_published)
        };
        tracing::warn!(name, text = alarm.message, details = %alarm.details, is_published, "alarm_is_activated");
        true
    }

    /// Says that it is over. Says whether it was active.
    pub fn clear(&self, name: &str) -> bool {
        self.clear_at(name, unix_ms_now())
    }

    fn clear_at(&self, name: &str, now_ms: u64) -> bool {
        let (alarm, is_published) = {
            let mut lists = self.lists.lock();
            let Some(mut alarm) = lists.active.remove(name) else {
                return false;
            };
            alarm.deactivate_at_ms = Some(now_ms);
            lists.history.push_front(alarm.clone());
            lists.history.truncate(HISTORY_MAX);
            let is_published = self.publish(&alarm);
            (alarm, is_published)
        };
        tracing::warn!(name, text = alarm.message, is_published, "alarm_is_deactivated");
        true
    }

    /// The active ones, latest first.
    pub fn active(&self) -> Vec<Alarm> {
        let mut alarms: Vec<Alarm> = self.lists.lock().active.values().cloned().collect();
        alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.activate_at_ms));
        alarms
    }

    /// Those that are over, latest first.
    pub fn history(&self) -> Vec<Alarm> {
        self.lists.lock().history.iter().cloned().collect()
    }

    /// Says whether it will be; not if too many wait already.
    fn publish(&self, alarm: &Alarm) -> bool {
        self.changes.try_send(alarm.clone()).is_ok()
    }
}

impl Alarm {
    /// Below which name of `alarms/` it is published, and what: EMQX's, with its microseconds.
    fn event(&self) -> (&'static str, Value) {
        let micros = |ms: u64| ms.saturating_mul(1000);
        let (topic, deactivate_at) = match self.deactivate_at_ms {
            None => ("activate", json!("infinity")),
            Some(at) => ("deactivate", json!(micros(at))),
        };
        let payload = json!({
            "name": self.name,
            "message": self.message,
            "details": self.details,
            "activate_at": micros(self.activate_at_ms),
            "deactivate_at": deactivate_at,
            "activated": self.deactivate_at_ms.is_none(),
        });
        (topic, payload)
    }
}

/// Publishes what happens until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let Some(mut changes) = node.alarms.to_publish.lock().take() else {
        return;
    };
    loop {
        let alarm = tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            alarm = changes.recv() => alarm,
        };
        let Some(alarm) = alarm else { return };
        let kind = match alarm.deactivate_at_ms {
            None => EventKind::AlarmRaised,
            Some(_) => EventKind::AlarmCleared,
        };
        node.events.tell(kind, &alarm.name, alarm.message.clone());
        let Some(worker) = node.worker(0) else { return };
        let (word, payload) = alarm.event();
        let topic = format!("$SYS/brokers/{}/alarms/{word}", node.config.node.name);
        let published = worker.run(move |worker| {
            worker.with_shard(|shard, now, effects| {
                let message = sys_message(topic, payload.to_string().into(), false, now);
                shard.publish(Arc::new(message), now, effects);
            });
        });
        if published.await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_is_active_until_it_is_cleared_and_remembered_then() {
        let alarms = Alarms::default();
        assert!(alarms.raise_at("a", json!({"n": 1}), "first".to_owned(), 5));
        assert!(
            !alarms.raise_at("a", json!({"n": 2}), "again".to_owned(), 6),
            "it is active"
        );
        assert!(alarms.raise_at("b", json!({}), "b".to_owned(), 7));
        let active = alarms.active();
        assert_eq!(
            active.iter().map(|alarm| alarm.name.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
        assert_eq!((active[1].activate_at_ms, active[1].message.as_str()), (5, "again"));
        assert!(alarms.clear_at("a", 9));
        assert!(!alarms.clear_at("a", 10));
        assert_eq!(alarms.history()[0].deactivate_at_ms, Some(9));
        assert_eq!(alarms.active().len(), 1);
    }

    #[test]
    fn both_lists_are_bounded() {
        let alarms = Alarms::default();
        for number in 0..ACTIVE_MAX + 10 {
            alarms.raise_at(&format!("alarm {number}"), json!({}), String::new(), 1);
        }
        assert_eq!(alarms.active().len(), ACTIVE_MAX);
        assert!(alarms.clear_at("alarm 0", 1), "there is room for one");
        for number in 0..HISTORY_MAX + 10 {
            alarms.raise_at("flapping", json!({}), number.to_string(), 1);
            alarms.clear_at("flapping", 2);
        }
        let history = alarms.history();
        assert_eq!(history.len(), HISTORY_MAX);
        assert_eq!(history[0].message, (HISTORY_MAX + 9).to_string(), "the oldest went");
    }

    #[test]
    fn it_is_published_as_emqx_does() {
        let mut alarm = Alarm {
            name: "license_expiry".to_owned(),
            message: "license_expiry".to_owned(),
            details: json!({"expiry_at": "20261231"}),
            activate_at_ms: 1_700_000_000_000,
            deactivate_at_ms: None,
        };
        let (topic, payload) = alarm.event();
        assert_eq!(topic, "activate");
        assert_eq!(
            payload.to_string(),
            r#"{"name":"license_expiry","message":"license_expiry","details":{"expiry_at":"20261231"},"activate_at":1700000000000000,"deactivate_at":"infinity","activated":true}"#
        );
        alarm.deactivate_at_ms = Some(1_700_000_000_001);
        assert!(
            alarm
                .event()
                .1
                .to_string()
                .ends_with(r#""deactivate_at":1700000000001000,"activated":false}"#)
        );
    }
}
