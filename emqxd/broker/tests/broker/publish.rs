//! PUBLISH at QoS 0 and 1, what is refused, and what is passed on (MQTT 5, 3.3).

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{DisconnectReason, Metric, MqttConfig};
use mqtt_codec::{Packet, PublishProperties, QoS, ReasonCode};

use crate::support::{QOS, TestBroker, broker_message, message, will};

#[test]
fn each_message_arrives_at_the_lower_of_both_qualities_of_service() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    for granted in QOS {
        for published in QOS {
            let subscriber = broker.connect("s");
            subscriber.subscribe("t", granted);
            publisher.publish("t", "x", published);
            let came = subscriber.only_message();
            assert_eq!(came.qos, granted.min(published));
            assert!(!came.dup && !came.retain);
        }
    }
}

#[test]
fn a_subscription_raises_the_quality_of_service_when_so_configured() {
    let broker = TestBroker::with_config(MqttConfig {
        upgrade_qos: true,
        ..MqttConfig::default()
    });
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", "x", QoS::AtMostOnce);
    assert_eq!(subscriber.only_message().qos, QoS::AtLeastOnce);
    publisher.publish_retained("r", "kept", QoS::AtMostOnce);
    subscriber.subscribe("r", QoS::AtLeastOnce);
    assert_eq!(subscriber.only_message().qos, QoS::AtLeastOnce, "retained messages too");
}

#[test]
fn the_acknowledgement_says_whether_anybody_wanted_it() {
    let broker = TestBroker::new();
    let publisher = broker.connect("p");
    assert_eq!(
        publisher.publish("t", "x", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    assert_eq!(
        publisher.publish("t", "x", QoS::ExactlyOnce),
        ReasonCode::NoMatchingSubscribers
    );
    assert_eq!(broker.metric(Metric::MessagesDroppedNoSubscribers), 2);
    broker.connect("s").subscribe("t", QoS::AtMostOnce);
    assert_eq!(publisher.publish("t", "x", QoS::AtLeastOnce), ReasonCode::Success);
    assert_eq!(publisher.publish("t", "x", QoS::ExactlyOnce), ReasonCode::Success);
    assert_eq!(broker.metric(Metric::MessagesDroppedNoSubscribers), 2);
}

#[test]
fn properties_of_the_publisher_reach_the_subscriber_unchanged_and_in_order() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtMostOnce);
    let sent = PublishProperties {
        payload_is_utf8: Some(true),
        content_type: Some("text/plain".into()),
        response_topic: Some("answers".into()),
        correlation_data: Some(vec![1, 2, 3].into()),
        user_properties: vec![
            ("b".into(), "1".into()),
            ("a".into(), "2".into()),
            ("b".into(), "3".into()),
        ],
        ..PublishProperties::default()
    };
    let expected = sent.clone();
    broker
        .connect("p")
        .publish_with("t", "x", |properties| *properties = sent);
    assert_eq!(subscriber.only_message().properties.as_deref(), Some(&expected));
}

#[test]
fn no_client_writes_to_the_brokers_own_topics() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("$SYS/#", QoS::AtMostOnce);
    let client = broker.connect("c");
    for topic in ["$SYS/brokers", "$SYS", "$SYS/"] {
        assert_eq!(
            client.publish(topic, "x", QoS::AtLeastOnce),
            ReasonCode::NotAuthorized,
            "{topic}"
        );
        assert_eq!(
            client.publish(topic, "x", QoS::ExactlyOnce),
            ReasonCode::NotAuthorized,
            "{topic}"
        );
        assert_eq!(
            client.publish(topic, "x", QoS::AtMostOnce),
            ReasonCode::Success,
            "{topic}"
        );
    }
    assert!(subscriber.payloads().is_empty());
    assert_eq!(broker.metric(Metric::PacketsPublishAuthError), 9);
    assert_eq!(client.closed(), None);
    // The identifier of a refused QoS 2 message is free: nothing awaits its release.
    client.pubrel(1);
    let Some(Packet::Pubcomp(ack)) = client.next() else {
        panic!("expected PUBCOMP")
    };
    assert_eq!(ack.reason_code, ReasonCode::PacketIdentifierNotFound);
}

#[test]
fn a_topic_that_the_broker_itself_has_just_written_to_stays_closed() {
    // The match cache knew the topic from the broker's own message and let the client's through.
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("$SYS/#", QoS::AtMostOnce);
    broker.publish(broker_message("$SYS/brokers", "node"));
    assert_eq!(subscriber.payloads(), ["node"]);
    let code = broker.connect("c").publish("$SYS/brokers", "forged", QoS::AtLeastOnce);
    assert_eq!(code, ReasonCode::NotAuthorized);
    assert!(subscriber.payloads().is_empty());
}

#[test]
fn topics_beyond_the_limits_end_the_connection() {
    let broker = TestBroker::with_config(MqttConfig {
        max_topic_levels: 3,
        max_topic_len: 20,
        ..MqttConfig::default()
    });
    for topic in ["a/b/c/d", "123456789012345678901", "", "a/+", "#"] {
        let client = broker.connect("c");
        client.send(Packet::Publish(message(topic, "x", QoS::AtMostOnce)));
        assert_eq!(client.closed(), Some(DisconnectReason::TopicNameInvalid), "{topic}");
        assert_eq!(client.disconnect_code(), Some(ReasonCode::TopicNameInvalid));
    }
    let client = broker.connect("c");
    client.publish("a/b/c", "x", QoS::AtMostOnce);
    client.publish("12345678901234567890", "x", QoS::AtMostOnce);
    assert_eq!(client.closed(), None);
}

#[test]
fn what_the_server_does_not_offer_ends_the_connection() {
    let broker = TestBroker::with_config(MqttConfig {
        max_qos_allowed: QoS::AtLeastOnce,
        retain_available: false,
        ..MqttConfig::default()
    });
    let client = broker.connect("c");
    client.send(Packet::Publish(message("t", "x", QoS::ExactlyOnce)));
    assert_eq!(client.disconnect_code(), Some(ReasonCode::QosNotSupported));
    let client = broker.connect("c");
    client.publish_retained("t", "x", QoS::AtMostOnce);
    assert_eq!(client.disconnect_code(), Some(ReasonCode::RetainNotSupported));
    let client = broker.connect("c");
    assert_eq!(client.subscribe("t", QoS::ExactlyOnce), ReasonCode::GrantedQos1);
}

#[test]
fn a_message_too_large_for_the_client_is_dropped_and_counted_and_the_next_one_comes() {
    let broker = TestBroker::new();
    let small = broker.client("s").maximum_packet_size(40).connect();
    let publisher = broker.connect("p");
    for qos in QOS {
        small.subscribe("t", qos);
        publisher.publish("t", &"x".repeat(100), QoS::ExactlyOnce);
        publisher.publish("t", "short", QoS::ExactlyOnce);
        assert_eq!(small.payloads(), ["short"]);
        small.puback(1);
        small.received();
    }
    assert_eq!(broker.metric(Metric::DeliveryDroppedTooLarge), 3);
    assert_eq!(broker.metric(Metric::DeliveryDropped), 3);
    let dropped = broker.on_shard_of("s", |shard| shard.client("s").expect("there").dropped_messages);
    assert_eq!(dropped, 3);
}

#[test]
fn the_limit_of_the_client_counts_the_whole_packet() {
    // Fixed header 2, topic 2 + 1, no packet id, property length 1, payload.
    let broker = TestBroker::new();
    let client = broker.client("s").maximum_packet_size(26).connect();
    client.subscribe("t", QoS::AtMostOnce);
    let publisher = broker.connect("p");
    publisher.publish("t", &"x".repeat(20), QoS::AtMostOnce);
    assert_eq!(client.messages().len(), 1);
    publisher.publish("t", &"x".repeat(21), QoS::AtMostOnce);
    assert!(client.messages().is_empty());
}

#[test]
fn a_client_gets_its_own_messages_before_their_acknowledgement() {
    let client = TestBroker::new().connect("c");
    client.subscribe("t", QoS::AtMostOnce);
    client.send(Packet::Publish(message("t", "x", QoS::AtLeastOnce)));
    let kinds: Vec<_> = client.received().iter().map(Packet::packet_type).collect();
    assert_eq!(kinds, [mqtt_codec::PacketType::Publish, mqtt_codec::PacketType::Puback]);
}

#[test]
fn a_session_that_holds_too_much_memory_loses_its_connection_and_says_why() {
    let broker = TestBroker::with_config(MqttConfig {
        max_session_bytes: Some(1000),
        ..MqttConfig::default()
    });
    let slow = broker
        .client("s")
        .expiry(60)
        .receive_maximum(1)
        .will(will("w", "gone", 0))
        .connect();
    slow.subscribe("t", QoS::AtLeastOnce);
    let publisher = broker.connect("p");
    let log = crate::support::logged(|| {
        for _ in 0..3 {
            assert_eq!(
                publisher.publish("t", &"x".repeat(400), QoS::AtLeastOnce),
                ReasonCode::Success
            );
        }
    });
    assert_eq!(slow.closed(), Some(DisconnectReason::HeapTooLarge));
    assert_eq!(slow.disconnect_code(), Some(ReasonCode::QuotaExceeded));
    assert!(
        log.iter()
            .any(|line| line.starts_with("ERROR maximum heap size reached")),
        "{log:?}"
    );
}

#[test]
fn a_publisher_whose_own_subscription_ends_it_gets_no_answer_after_its_end() {
    let broker = TestBroker::with_config(MqttConfig {
        max_session_bytes: Some(1000),
        ..MqttConfig::default()
    });
    let client = broker.client("c").expiry(60).receive_maximum(1).connect();
    client.subscribe("t", QoS::AtLeastOnce);
    client.publish("t", &"x".repeat(600), QoS::AtLeastOnce);
    client.send(Packet::Publish(message("t", &"x".repeat(600), QoS::AtLeastOnce)));
    assert_eq!(client.closed(), Some(DisconnectReason::HeapTooLarge));
}

#[test]
fn what_is_kept_of_a_packet_does_not_keep_the_buffer_it_came_in() {
    // User properties of a queued or retained message held on to the whole receive buffer.
    for (qos, retain) in [(QOS[0], false), (QOS[1], false), (QOS[2], false), (QOS[0], true)] {
        let broker = TestBroker::new();
        let away = broker.client("s").persistent().connect();
        away.subscribe("t", QoS::ExactlyOnce);
        away.drop_connection();
        let publisher = broker.connect("p");
        let buffer = Bytes::from(b"tpayload".to_vec());
        let text = || ByteString::try_from(buffer.slice(..1)).expect("UTF-8");
        let mut publish = message("t", "", qos);
        publish.retain = retain;
        publish.topic = text();
        publish.payload = buffer.slice(1..);
        publish.properties = Some(Box::new(PublishProperties {
            content_type: Some(text()),
            response_topic: Some(text()),
            correlation_data: Some(buffer.slice(2..4)),
            user_properties: vec![(text(), text())],
            topic_alias: Some(1),
            ..PublishProperties::default()
        }));
        publisher.publish_packet(publish);
        assert!(buffer.is_unique(), "{qos:?} retain {retain}");
        let back = broker.client("s").persistent().connect();
        assert_eq!(back.only_message().properties.expect("MQTT 5").user_properties.len(), 1);
    }
}
