//! Who may come in at all: asked before any session is touched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use emqxd_broker::{Admission, Candidate, DisconnectReason, MqttConfig, Refusal};
use mqtt_codec::ReasonCode;

use crate::support::TestBroker;

/// Lets everybody in until it is closed; then those who have a session.
#[derive(Default)]
struct Door {
    is_closed: AtomicBool,
    is_locked: AtomicBool,
}

impl Admission for Door {
    fn admit(&self, candidate: &Candidate<'_>) -> Result<(), Refusal> {
        let may = !self.is_closed.load(Ordering::Relaxed) || candidate.has_session;
        if may && !self.is_locked.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(Refusal {
            reason_code: ReasonCode::QuotaExceeded,
            keyword: "door_closed",
            detail: format!("for {} from {}", candidate.client_id, candidate.address.ip()).into(),
        })
    }
}

fn broker() -> (TestBroker, Arc<Door>) {
    let door = Arc::new(Door::default());
    let broker = TestBroker::with_admission(1, MqttConfig::default(), Arc::clone(&door) as _);
    (broker, door)
}

#[test]
fn whoever_is_refused_is_told_so_and_leaves_no_session() {
    let (broker, door) = broker();
    door.is_closed.store(true, Ordering::Relaxed);
    let refused = broker.client("c").expiry(60).connect();
    assert_eq!(refused.connack.reason_code, ReasonCode::QuotaExceeded);
    assert_eq!(
        refused.closed(),
        Some(DisconnectReason::Refused(ReasonCode::QuotaExceeded))
    );
    let detail = refused.summary().detail.unwrap();
    assert!(detail.starts_with("door_closed: for c from "), "{detail}");
    assert!(!broker.has_session("c"));
}

#[test]
fn a_client_with_a_session_can_be_told_from_a_new_one() {
    let (broker, door) = broker();
    broker.client("kept").expiry(60).connect().drop_connection();
    let live = broker.connect("live");
    door.is_closed.store(true, Ordering::Relaxed);
    let back = broker.client("kept").resuming().expiry(60).connect();
    assert!(back.connack.session_present);
    assert_eq!(broker.connect("live").connack.reason_code, ReasonCode::Success);
    assert!(live.closed().is_some(), "taken over");
    assert_eq!(broker.connect("new").connack.reason_code, ReasonCode::QuotaExceeded);
}

#[test]
fn a_refused_takeover_leaves_the_live_connection_alone() {
    let (broker, door) = broker();
    let live = broker.connect("c");
    door.is_locked.store(true, Ordering::Relaxed);
    assert_eq!(broker.connect("c").connack.reason_code, ReasonCode::QuotaExceeded);
    assert_eq!(live.closed(), None);
    assert!(broker.has_session("c"));
}
