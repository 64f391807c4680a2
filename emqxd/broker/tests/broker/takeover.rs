//! One client id, two connections: takeover, discard, kick, and who may do so.

use emqxd_broker::{DisconnectReason, Metric, MqttConfig};
use mqtt_codec::{QoS, ReasonCode};

use crate::support::{TestBroker, payloads_of};

#[test]
fn a_takeover_tells_the_old_connection_and_goes_on_with_the_session() {
    let broker = TestBroker::new();
    let old = broker.client("c").persistent().connect();
    old.subscribe("t", QoS::AtLeastOnce);
    broker.connect("p").publish("t", "unacknowledged", QoS::AtLeastOnce);
    let new = broker.client("c").persistent().connect();
    assert_eq!(old.disconnect_code(), Some(ReasonCode::SessionTakenOver));
    assert_eq!(old.closed(), Some(DisconnectReason::TakenOver));
    assert!(new.connack.session_present);
    let again = new.only_message();
    assert!(again.dup && again.payload == "unacknowledged");
    assert_eq!(broker.gauges().connections, 2);
    assert_eq!(broker.metric(Metric::SessionTakenover), 1);
}

#[test]
fn a_discard_tells_the_old_connection_and_begins_afresh() {
    let broker = TestBroker::new();
    let old = broker.client("c").persistent().connect();
    old.subscribe("t", QoS::AtLeastOnce);
    let new = broker.client("c").expiry(60).connect();
    assert_eq!(old.disconnect_code(), Some(ReasonCode::SessionTakenOver));
    assert_eq!(old.closed(), Some(DisconnectReason::Discarded));
    assert!(!new.connack.session_present && !old.summary().session_kept);
    assert_eq!(broker.gauges().subscriptions, 0);
    assert_eq!(broker.metric(Metric::SessionDiscarded), 1);
}

#[test]
fn a_kick_ends_connection_and_session() {
    let broker = TestBroker::new();
    let client = broker.client("c").persistent().connect();
    client.subscribe("t", QoS::AtLeastOnce);
    assert!(broker.kick("c"));
    assert_eq!(client.disconnect_code(), Some(ReasonCode::AdministrativeAction));
    assert_eq!(client.closed(), Some(DisconnectReason::Kicked));
    assert!(!broker.has_session("c") && !broker.kick("c"));
    assert!(!broker.client("c").persistent().connect().connack.session_present);
}

#[test]
fn a_kick_reaches_a_session_whose_client_is_away() {
    let broker = TestBroker::new();
    broker.client("c").persistent().connect().drop_connection();
    assert!(broker.kick("c"));
    assert_eq!(broker.gauges().sessions, 0);
}

#[test]
fn clients_of_mqtt_3_are_closed_without_a_word() {
    let broker = TestBroker::new();
    let old = broker.client("c").v311().connect();
    let new = broker.client("c").v311().connect();
    assert_eq!(old.closed(), Some(DisconnectReason::Discarded));
    assert!(old.received().is_empty());
    broker.kick("c");
    assert!(new.received().is_empty());
    assert_eq!(new.closed(), Some(DisconnectReason::Kicked));
}

#[test]
fn a_session_belongs_to_the_user_that_opened_it() {
    let broker = TestBroker::new();
    let owner = broker.client("c").username("ann").persistent().connect();
    owner.subscribe("t", QoS::AtLeastOnce);
    let resume = broker.client("c").username("eve").persistent();
    let wipe = broker.client("c").username("eve");
    let nameless = broker.client("c").persistent();
    for attempt in [resume, wipe, nameless] {
        let stranger = attempt.connect();
        assert_eq!(stranger.connack.reason_code, ReasonCode::NotAuthorized);
        assert_eq!(
            stranger.closed(),
            Some(DisconnectReason::Refused(ReasonCode::NotAuthorized))
        );
    }
    assert_eq!(owner.closed(), None);
    owner.drop_connection();
    let stranger = broker.client("c").username("eve").connect();
    assert_eq!(
        stranger.connack.reason_code,
        ReasonCode::NotAuthorized,
        "while the owner is away too"
    );
    broker.connect("p").publish("t", "for ann", QoS::AtLeastOnce);
    let back = broker.client("c").username("ann").persistent().connect();
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["for ann"]);
}

#[test]
fn without_the_owner_check_any_user_may_take_the_session_and_owns_it_then() {
    let broker = TestBroker::with_config(MqttConfig {
        session_owner_check: false,
        ..MqttConfig::default()
    });
    let old = broker.client("c").username("ann").persistent().connect();
    assert!(
        broker
            .client("c")
            .username("eve")
            .persistent()
            .connect()
            .connack
            .session_present
    );
    assert_eq!(old.closed(), Some(DisconnectReason::TakenOver));
    let shown = broker.on_shard_of("c", |shard| shard.client("c").expect("there").username);
    assert_eq!(shown.as_deref(), Some("eve"));
    broker.configure(|config| config.session_owner_check = true);
    let former = broker.client("c").username("ann").persistent().connect();
    assert_eq!(former.connack.reason_code, ReasonCode::NotAuthorized);
}
