//! What another process gets of sessions, and what becomes of bytes that are not what was written.

use std::sync::Arc;

use bytes::Bytes;
use emqx_acl::RuleSet;
use emqxd_broker::handover::{Malformed, Reader, SessionState, SharedRead, SharedWritten, Writer};
use emqxd_broker::{EnhancedAuthentication, Identity, MqttConfig, Time};
use mqtt_codec::{PublishProperties, QoS, Will, WillProperties};
use proptest::prelude::*;

use crate::support::{Subscribing, TestBroker, broker_message, message, secs, will};

fn read(record: &[u8], shared: &mut SharedRead) -> Result<SessionState, Malformed> {
    let mut reader = Reader::new(record, shared);
    let session = reader.take()?;
    reader.finish()?;
    Ok(session)
}

/// A broker with one of everything that a session can have.
fn full_broker() -> TestBroker {
    let broker = TestBroker::with(2, MqttConfig::default());
    let rules = RuleSet::parse(RULES).expect("good rules");
    let identity = Identity {
        username: Some("alice".into()),
        is_superuser: false,
        rules: Some(Arc::new(rules)),
        expires_at: Some(Time(9_000_000)),
        authenticated_by: Some("jwt".into()),
        is_client_id_proven: true,
        enhanced: Some(Box::new(EnhancedAuthentication {
            method: "SCRAM-SHA-256".into(),
            data: Some(Bytes::from_static(b"v=1")),
        })),
    };
    let full = broker
        .client("full")
        .persistent()
        .keep_alive(60)
        .receive_maximum(2)
        .maximum_packet_size(10_000)
        .topic_alias_maximum(5)
        .certificate("device-7")
        .will(Will {
            qos: QoS::AtLeastOnce,
            retain: true,
            properties: WillProperties {
                user_properties: vec![("a".into(), "b".into())],
                ..WillProperties::default()
            },
            ..will("gone/full", "bye", 0)
        })
        .change(|connect| connect.properties.authentication_method = Some("SCRAM-SHA-256".into()))
        .identity(identity)
        .connect();
    full.subscribe("a/+", QoS::ExactlyOnce);
    full.subscribe("$share/group/b", QoS::AtLeastOnce);
    full.subscribe_with(
        "c",
        &Subscribing {
            qos: QoS::AtLeastOnce,
            identifier: Some(77),
            ..Subscribing::default()
        },
    );
    let publisher = broker.connect("publisher");
    for number in 0..5 {
        let mut publish = message("a/x", &format!("message {number}"), QoS::ExactlyOnce);
        publish.properties = Some(Box::new(PublishProperties {
            message_expiry_interval: Some(1000),
            correlation_data: Some(Bytes::from_static(b"\0\xff")),
            user_properties: vec![("key".into(), "value".into())],
            ..PublishProperties::default()
        }));
        publish.packet_id = mqtt_codec::PacketId::new(number + 1);
        publisher.send(mqtt_codec::Packet::Publish(publish));
    }
    let away = broker
        .client("away")
        .persistent()
        .will(will("gone/away", "bye", 600))
        .connect();
    away.subscribe("a/#", QoS::AtLeastOnce);
    away.drop_connection();
    broker.publish(broker_message("a/y", "for who is away"));
    broker
}

const RULES: &str = r#"{allow, all, publish, ["a/${clientid}/#"]}.
{deny, {user, "al\"ice"}, all, [{eq, "x/+"}]}.
{deny, all}.
"#;

#[test]
fn everything_of_a_session_comes_back_as_it_was() {
    let broker = full_broker();
    let mut shared = SharedRead::default();
    for (record, _) in broker.exported() {
        let session = read(&record, &mut shared).expect("what was written");
        let mut written = SharedWritten::default();
        let mut again = Writer::new(&mut written);
        again.put(&session);
        let again = again.into_bytes();
        // Messages have the numbers of their stream: compared are sessions as they print.
        let twice = read(&again, &mut SharedRead::default()).expect("what was written");
        assert_eq!(format!("{session:?}"), format!("{twice:?}"));
    }
    let before = broker.gauges();
    broker.hand_over(3);
    assert_eq!(broker.gauges(), before);
}

#[test]
fn a_message_that_waits_for_many_is_one_message_afterwards() {
    let broker = TestBroker::new();
    let clients: Vec<_> = (0..50)
        .map(|number| broker.client(&format!("client-{number}")).persistent().connect())
        .collect();
    for client in clients {
        client.subscribe("t", QoS::AtLeastOnce);
        client.drop_connection();
    }
    let payload = "x".repeat(10_000);
    let publisher = broker.connect("publisher");
    publisher.publish("t", &payload, QoS::AtLeastOnce);
    let bytes: usize = broker.exported().iter().map(|(record, _)| record.len()).sum();
    assert!(
        bytes < 30_000,
        "{bytes} bytes for 50 sessions with one message of 10,000"
    );
    broker.hand_over(1);
    let back = broker.client("client-7").persistent().connect();
    assert_eq!(back.payloads(), [payload]);
}

#[test]
fn a_delayed_will_and_the_end_of_a_session_come_when_they_were_due() {
    let broker = full_broker();
    let watcher = broker.connect("watcher");
    watcher.subscribe("gone/#", QoS::AtMostOnce);
    broker.advance(secs(500));
    broker.hand_over(1);
    broker.advance(secs(99));
    assert!(watcher.payloads().is_empty());
    broker.advance(secs(2));
    assert_eq!(watcher.payloads(), ["bye"]);
    broker.hand_over(2);
    broker.advance(secs(2990));
    assert!(broker.has_session("away"));
    broker.advance(secs(20));
    assert!(!broker.has_session("away"));
}

#[test]
fn cut_records_are_refused() {
    let broker = full_broker();
    let mut shared = SharedRead::default();
    for (record, _) in broker.exported() {
        for len in 0..record.len() {
            assert!(read(&record[..len], &mut SharedRead::default()).is_err(), "{len} bytes");
        }
        assert!(read(&record, &mut shared).is_ok());
        let mut longer = record.clone();
        longer.push(0);
        assert!(read(&longer, &mut SharedRead::default()).is_err());
    }
}

proptest! {
    #[test]
    fn damaged_records_harm_nobody(place in any::<prop::sample::Index>(), value in any::<u8>(), number in 0..3_usize) {
        let broker = full_broker();
        let records = broker.exported();
        let mut record = records[number % records.len()].0.clone();
        let place = place.index(record.len());
        record[place] = value;
        // Read or refused, and taken in or refused: nothing panics.
        if let Ok(session) = read(&record, &mut SharedRead::default()) {
            let fresh = TestBroker::new();
            let now = fresh.now();
            fresh.on_shard_of("x", |shard| {
                let connection = session.is_connected().then_some(emqxd_broker::ConnectionKey(0));
                let _refused_or_not = shard.import(session, connection, now);
            });
        }
    }

    #[test]
    fn any_bytes_harm_nobody(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _refused = read(&bytes, &mut SharedRead::default());
    }
}

#[test]
fn what_a_client_knows_of_topic_aliases_goes_on() {
    let broker = TestBroker::new();
    let client = broker.client("c").topic_alias_maximum(1).connect();
    client.subscribe("t", QoS::AtMostOnce);
    broker.publish(broker_message("t", "1"));
    broker.hand_over(2);
    broker.publish(broker_message("t", "2"));
    assert_eq!(client.payloads(), ["1", "2"]);
    assert_eq!(client.aliases_used(), [(1, false), (1, true)]);
}
