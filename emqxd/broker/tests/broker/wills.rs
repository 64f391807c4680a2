//! The will (MQTT 5, 3.1.2.5 and 3.1.3.2.2).

use emqxd_broker::{Metric, MqttConfig};
use mqtt_codec::{QoS, ReasonCode};

use crate::support::{TestBroker, TestClient, secs, will};

/// A broker and a client that reads the wills.
fn broker_and_reader() -> (TestBroker, TestClient) {
    let broker = TestBroker::with(2, MqttConfig::default());
    let reader = broker.connect("reader");
    reader.subscribe("will/#", QoS::ExactlyOnce);
    (broker, reader)
}

fn connect(broker: &TestBroker, expiry: u32, delay: u32) -> TestClient {
    broker
        .client("c")
        .resuming()
        .expiry(expiry)
        .will(will("will/c", "gone", delay))
        .connect()
}

#[test]
fn a_lost_connection_publishes_the_will_and_a_good_bye_does_not() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, 0, 0).disconnect();
    assert!(reader.payloads().is_empty());
    connect(&broker, 0, 0).drop_connection();
    assert_eq!(reader.payloads(), ["gone"]);
    connect(&broker, 60, 0).disconnect_with(ReasonCode::DisconnectWithWillMessage, None);
    assert_eq!(reader.payloads(), ["gone"]);
    broker.advance(secs(120));
    assert!(reader.payloads().is_empty(), "once is enough");
}

#[test]
fn protocol_errors_and_keep_alive_publish_the_will() {
    let (broker, reader) = broker_and_reader();
    let client = broker
        .client("c")
        .keep_alive(1)
        .will(will("will/c", "silent", 0))
        .connect();
    broker.advance(secs(3));
    assert!(client.closed().is_some());
    assert_eq!(reader.payloads(), ["silent"]);
    connect(&broker, 0, 0).send(mqtt_codec::Packet::Pingresp);
    assert_eq!(reader.payloads(), ["gone"]);
}

#[test]
fn a_delayed_will_waits_for_its_delay() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, 60, 10).drop_connection();
    broker.advance(secs(9));
    assert!(reader.payloads().is_empty());
    broker.advance(secs(2));
    assert_eq!(reader.payloads(), ["gone"]);
    broker.advance(secs(100));
    assert!(reader.payloads().is_empty());
}

#[test]
fn a_client_that_comes_back_in_time_cancels_its_will() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, 60, 10).drop_connection();
    broker.advance(secs(9));
    let back = broker.client("c").resuming().expiry(60).connect();
    assert!(back.connack.session_present);
    broker.advance(secs(60));
    assert!(reader.payloads().is_empty());
}

#[test]
fn the_delay_counts_from_the_last_end() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, 60, 10).drop_connection();
    broker.advance(secs(9));
    connect(&broker, 60, 10).drop_connection();
    broker.advance(secs(9));
    assert!(reader.payloads().is_empty(), "the first timer has no say any more");
    broker.advance(secs(2));
    assert_eq!(reader.payloads(), ["gone"]);
}

#[test]
fn a_session_that_ends_first_takes_its_will_along() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, 5, 100).drop_connection();
    broker.advance(secs(6));
    assert_eq!(reader.payloads(), ["gone"], "expired");
    connect(&broker, 0, 100).drop_connection();
    assert_eq!(reader.payloads(), ["gone"], "no session to wait in");
    connect(&broker, 60, 100).drop_connection();
    broker.client("c").connect().disconnect();
    assert_eq!(reader.payloads(), ["gone"], "wiped by a clean start");
    connect(&broker, 60, 100).drop_connection();
    assert!(broker.kick("c"));
    assert_eq!(reader.payloads(), ["gone"], "kicked while away");
    broker.advance(secs(200));
    assert!(reader.payloads().is_empty());
}

#[test]
fn kick_and_discard_publish_the_will_whatever_its_delay() {
    let (broker, reader) = broker_and_reader();
    for delay in [0, 100] {
        connect(&broker, 60, delay);
        broker.kick("c");
        assert_eq!(reader.payloads(), ["gone"]);
        connect(&broker, 60, delay);
        broker.connect("c").disconnect();
        assert_eq!(reader.payloads(), ["gone"]);
    }
}

#[test]
fn a_takeover_publishes_a_will_without_delay_only() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, 60, 0);
    connect(&broker, 60, 10);
    assert_eq!(reader.payloads(), ["gone"]);
    broker.client("c").resuming().expiry(60).connect();
    broker.advance(secs(60));
    assert!(reader.payloads().is_empty(), "coming back is what the delay was for");
}

#[test]
fn a_will_carries_its_properties_and_quality() {
    let (broker, reader) = broker_and_reader();
    let mut last_words = will("will/c", "gone", 0);
    last_words.qos = QoS::ExactlyOnce;
    last_words.properties.content_type = Some("text/plain".into());
    last_words.properties.response_topic = Some("answer".into());
    last_words.properties.correlation_data = Some(vec![7].into());
    last_words.properties.message_expiry_interval = Some(30);
    last_words.properties.payload_is_utf8 = Some(true);
    last_words.properties.user_properties = vec![("k".into(), "v".into())];
    broker.client("c").will(last_words).connect().drop_connection();
    let came = reader.only_message();
    assert_eq!(came.qos, QoS::ExactlyOnce);
    let properties = came.properties.expect("MQTT 5");
    assert_eq!(properties.content_type.as_deref(), Some("text/plain"));
    assert_eq!(properties.response_topic.as_deref(), Some("answer"));
    assert_eq!(properties.correlation_data.as_deref(), Some(&[7][..]));
    assert_eq!(properties.message_expiry_interval, Some(30));
    assert_eq!(properties.payload_is_utf8, Some(true));
    assert_eq!(properties.user_properties, [("k".into(), "v".into())]);
}

#[test]
fn a_will_expires_by_the_brokers_own_limit_too() {
    let broker = TestBroker::with_config(MqttConfig {
        message_expiry_interval: Some(secs(5)),
        ..MqttConfig::default()
    });
    let reader = broker.client("reader").persistent().connect();
    reader.subscribe("will/#", QoS::AtLeastOnce);
    reader.drop_connection();
    connect(&broker, 0, 0).drop_connection();
    broker.advance(secs(6));
    assert!(broker.client("reader").persistent().connect().payloads().is_empty());
    assert_eq!(broker.metric(Metric::DeliveryDroppedExpired), 1);
}

#[test]
fn clients_of_mqtt_3_have_wills_without_delay() {
    let (broker, reader) = broker_and_reader();
    broker
        .client("c")
        .v311()
        .resuming()
        .will(will("will/c", "gone", 0))
        .connect()
        .drop_connection();
    assert_eq!(reader.payloads(), ["gone"]);
}

#[test]
fn a_will_may_be_delayed_for_longer_than_a_timer_is_armed_ahead() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, u32::MAX, 5000).drop_connection();
    broker.advance(secs(4990));
    assert!(reader.payloads().is_empty());
    broker.advance(secs(20));
    assert_eq!(reader.payloads(), ["gone"]);
}

#[test]
fn a_shorter_delay_after_a_longer_one_counts() {
    let (broker, reader) = broker_and_reader();
    connect(&broker, u32::MAX, 500).drop_connection();
    connect(&broker, u32::MAX, 5).drop_connection();
    broker.advance(secs(6));
    assert_eq!(reader.payloads(), ["gone"]);
    connect(&broker, u32::MAX, 1000).drop_connection();
    broker.advance(secs(600));
    assert!(reader.payloads().is_empty());
    broker.advance(secs(401));
    assert_eq!(reader.payloads(), ["gone"]);
}
