//! CONNECT and CONNACK (MQTT 5, 3.1 and 3.2).

use std::time::Duration;

use emqxd_broker::{DisconnectReason, Metric, MqttConfig};
use mqtt_codec::{Ack, Connack, ConnackProperties, Connect, Packet, PacketId, QoS, ReasonCode, Suback, Unsuback};

use crate::support::{TestBroker, secs, will};

#[test]
fn a_clean_start_opens_a_session_and_a_resume_finds_it_again() {
    let broker = TestBroker::new();
    let first = broker.client("c").expiry(60).connect();
    assert!(!first.connack.session_present);
    first.drop_connection();
    assert!(
        broker
            .client("c")
            .resuming()
            .expiry(60)
            .connect()
            .connack
            .session_present
    );
    assert!(!broker.client("c").expiry(60).connect().connack.session_present);
    assert_eq!(broker.metric(Metric::SessionCreated), 2);
    assert_eq!(broker.metric(Metric::SessionResumed), 1);
}

#[test]
fn a_clean_start_forgets_subscriptions_and_messages() {
    let broker = TestBroker::new();
    let subscriber = broker.client("c").expiry(60).connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.drop_connection();
    broker.connect("p").publish("t", "old", QoS::AtLeastOnce);
    let fresh = broker.client("c").expiry(60).connect();
    assert_eq!(
        broker.connect("q").publish("t", "new", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    assert!(fresh.received().is_empty());
    assert_eq!(broker.gauges().subscriptions, 0);
}

#[test]
fn a_session_without_expiry_interval_ends_with_its_connection() {
    let broker = TestBroker::new();
    let client = broker.client("c").resuming().connect();
    client.drop_connection();
    assert!(!broker.has_session("c"));
    assert!(!broker.client("c").resuming().connect().connack.session_present);
}

#[test]
fn mqtt_3_keeps_the_session_when_clean_session_is_0_and_only_then() {
    let broker = TestBroker::new();
    broker.client("c").v311().connect().drop_connection();
    assert!(!broker.has_session("c"));
    broker.client("c").v311().resuming().connect().disconnect();
    let again = broker.client("c").v311().resuming().connect();
    assert!(again.connack.session_present);
    again.disconnect();
    broker.advance(secs(2 * 3600 - 1));
    assert!(broker.has_session("c"));
    broker.advance(secs(2));
    assert!(!broker.has_session("c"));
}

#[test]
fn a_client_without_id_is_told_the_one_it_got() {
    let broker = TestBroker::new();
    let client = broker.connect("");
    let assigned = client.connack.properties.assigned_client_identifier.expect("told");
    assert!(assigned.starts_with("emqx_") && assigned.len() == 27, "{assigned}");
    assert!(broker.has_session(&assigned));
    assert_eq!(
        broker.connect("mine").connack.properties.assigned_client_identifier,
        None
    );
    let other = broker.connect("");
    assert_ne!(other.connack.properties.assigned_client_identifier, Some(assigned));
}

#[test]
fn mqtt_3_1_1_without_id_needs_a_clean_session() {
    let broker = TestBroker::new();
    assert_eq!(
        broker.client("").v311().connect().connack.reason_code,
        ReasonCode::Success
    );
    let refused = broker.client("").v311().resuming().connect();
    assert_eq!(refused.connack.reason_code, ReasonCode::ClientIdentifierNotValid);
    assert_eq!(
        refused.closed(),
        Some(DisconnectReason::Refused(ReasonCode::ClientIdentifierNotValid))
    );
    assert_eq!(broker.gauges().connections, 1);
}

#[test]
fn a_client_id_above_the_limit_is_refused() {
    let broker = TestBroker::with_config(MqttConfig {
        max_clientid_len: 8,
        ..MqttConfig::default()
    });
    assert_eq!(broker.connect("12345678").connack.reason_code, ReasonCode::Success);
    let refused = broker.connect("123456789");
    assert_eq!(refused.connack.reason_code, ReasonCode::ClientIdentifierNotValid);
    assert!(!broker.has_session("123456789"));
}

#[test]
fn the_user_name_is_the_client_id_when_so_configured() {
    let broker = TestBroker::with_config(MqttConfig {
        use_username_as_clientid: true,
        ..MqttConfig::default()
    });
    broker.client("ignored").username("ann").connect();
    assert!(broker.has_session("ann") && !broker.has_session("ignored"));
    broker.connect("kept");
    assert!(broker.has_session("kept"));
}

#[test]
fn connack_tells_what_differs_from_the_specification() {
    let told = TestBroker::new().connect("c").connack.properties;
    let expected = ConnackProperties {
        receive_maximum: Some(100),
        maximum_packet_size: Some(1024 * 1024),
        topic_alias_maximum: Some(16),
        ..ConnackProperties::default()
    };
    assert_eq!(told, expected);
    let broker = TestBroker::with_config(MqttConfig {
        max_qos_allowed: QoS::AtLeastOnce,
        retain_available: false,
        wildcard_subscription: false,
        shared_subscription: false,
        max_topic_alias: 0,
        max_awaiting_rel: None,
        ..MqttConfig::default()
    });
    let expected = ConnackProperties {
        maximum_qos: Some(QoS::AtLeastOnce),
        retain_available: Some(false),
        maximum_packet_size: Some(1024 * 1024),
        wildcard_subscription_available: Some(false),
        shared_subscription_available: Some(false),
        ..ConnackProperties::default()
    };
    assert_eq!(broker.connect("c").connack.properties, expected);
    assert_eq!(
        broker.client("old").v311().connect().connack,
        Connack {
            session_present: false,
            reason_code: ReasonCode::Success,
            properties: ConnackProperties::default(),
        }
    );
}

#[test]
fn server_keep_alive_is_told_when_it_is_not_what_the_client_asked_for() {
    let broker = TestBroker::with_config(MqttConfig {
        server_keepalive: Some(30),
        ..MqttConfig::default()
    });
    let told = |asked| {
        broker
            .client("c")
            .keep_alive(asked)
            .connect()
            .connack
            .properties
            .server_keep_alive
    };
    assert_eq!(told(60), Some(30));
    assert_eq!(told(30), None);
    assert_eq!(told(0), Some(30));
    let broker = TestBroker::with_config(MqttConfig {
        max_keepalive: 100,
        ..MqttConfig::default()
    });
    let told = |asked| {
        broker
            .client("c")
            .keep_alive(asked)
            .connect()
            .connack
            .properties
            .server_keep_alive
    };
    assert_eq!((told(101), told(100)), (Some(100), None));
}

#[test]
fn response_information_is_for_those_who_ask() {
    let broker = TestBroker::with_config(MqttConfig {
        response_information: "answers/".to_owned(),
        ..MqttConfig::default()
    });
    let asks = |asked: Option<bool>| {
        let set = |connect: &mut Connect| connect.properties.request_response_information = asked;
        broker
            .client("c")
            .change(set)
            .connect()
            .connack
            .properties
            .response_information
    };
    assert_eq!(asks(Some(true)).as_deref(), Some("answers/"));
    assert_eq!(asks(Some(false)), None);
    assert_eq!(asks(None), None);
    let silent = TestBroker::new();
    let set = |connect: &mut Connect| connect.properties.request_response_information = Some(true);
    let connack = silent.client("c").change(set).connect().connack;
    assert_eq!(connack.properties.response_information, None);
}

#[test]
fn enhanced_authentication_is_refused_by_name() {
    let broker = TestBroker::new();
    let set = |connect: &mut Connect| connect.properties.authentication_method = Some("SCRAM-SHA-1".into());
    let refused = broker.client("c").change(set).connect();
    assert_eq!(refused.connack.reason_code, ReasonCode::BadAuthenticationMethod);
    assert_eq!(broker.metric(Metric::PacketsConnackError), 1);
}

#[test]
fn a_will_that_could_not_be_published_refuses_the_connection() {
    let broker = TestBroker::with_config(MqttConfig {
        max_qos_allowed: QoS::AtLeastOnce,
        retain_available: false,
        max_topic_levels: 3,
        ..MqttConfig::default()
    });
    let code = |will| broker.client("c").will(will).connect().connack.reason_code;
    let mut qos2 = will("t", "x", 0);
    qos2.qos = QoS::ExactlyOnce;
    assert_eq!(code(qos2), ReasonCode::QosNotSupported);
    let mut retained = will("t", "x", 0);
    retained.retain = true;
    assert_eq!(code(retained), ReasonCode::RetainNotSupported);
    assert_eq!(code(will("a/+", "x", 0)), ReasonCode::TopicNameInvalid);
    assert_eq!(code(will("a/b/c/d", "x", 0)), ReasonCode::TopicNameInvalid);
    assert_eq!(code(will("$SYS/brokers", "x", 0)), ReasonCode::NotAuthorized);
    assert_eq!(code(will("$SYS", "x", 0)), ReasonCode::NotAuthorized);
    assert_eq!(code(will("$SYSTEM", "x", 0)), ReasonCode::Success);
}

#[test]
fn a_second_connect_ends_the_connection() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    let again = Connect {
        protocol_version: mqtt_codec::ProtocolVersion::V5,
        is_bridge: false,
        clean_start: true,
        keep_alive: 0,
        client_id: "c".into(),
        username: None,
        password: None,
        will: None,
        properties: mqtt_codec::ConnectProperties::default(),
    };
    client.send(Packet::Connect(Box::new(again)));
    assert_eq!(client.disconnect_code(), Some(ReasonCode::ProtocolError));
    assert_eq!(client.closed(), Some(DisconnectReason::SecondConnect));
    assert!(!broker.has_session("c"));
}

#[test]
fn packets_that_only_a_server_sends_end_the_connection() {
    let id = PacketId::FIRST;
    let suback = Suback {
        packet_id: id,
        properties: mqtt_codec::SubackProperties::default(),
        reason_codes: [ReasonCode::Success].into_iter().collect(),
    };
    let unsuback = Unsuback {
        packet_id: id,
        properties: mqtt_codec::AckProperties::default(),
        reason_codes: [ReasonCode::Success].into_iter().collect(),
    };
    let connack = Connack {
        session_present: false,
        reason_code: ReasonCode::Success,
        properties: ConnackProperties::default(),
    };
    for packet in [
        Packet::Connack(Box::new(connack)),
        Packet::Suback(Box::new(suback)),
        Packet::Unsuback(Box::new(unsuback)),
        Packet::Pingresp,
    ] {
        let client = TestBroker::new().connect("c");
        client.send(packet);
        assert_eq!(client.disconnect_code(), Some(ReasonCode::ProtocolError));
        assert_eq!(client.closed(), Some(DisconnectReason::ProtocolError));
    }
}

#[test]
fn auth_on_a_connection_that_did_not_begin_with_it_is_a_protocol_error() {
    let client = TestBroker::new().connect("c");
    let auth = mqtt_codec::Auth {
        reason_code: ReasonCode::ReAuthenticate,
        properties: mqtt_codec::AuthProperties::default(),
    };
    client.send(Packet::Auth(Box::new(auth)));
    assert_eq!(client.disconnect_code(), Some(ReasonCode::ProtocolError));
}

#[test]
fn a_ping_is_answered() {
    let client = TestBroker::new().connect("c");
    client.send(Packet::Pingreq);
    assert_eq!(client.received(), [Packet::Pingresp]);
}

#[test]
fn after_the_end_nothing_that_was_on_its_way_does_anything() {
    let broker = TestBroker::new();
    let subscriber = broker.connect("s");
    subscriber.subscribe("t", QoS::AtMostOnce);
    let client = broker.connect("c");
    client.disconnect();
    client.publish("t", "late", QoS::AtMostOnce);
    client.send(Packet::Puback(Ack::new(PacketId::FIRST, ReasonCode::Success)));
    client.drop_connection();
    assert_eq!(client.closed(), Some(DisconnectReason::Normal));
    assert!(subscriber.payloads().is_empty());
    assert_eq!(broker.gauges().connections, 1);
    broker.advance(Duration::from_secs(1));
}

#[test]
fn the_summary_of_a_connection_says_what_the_log_needs() {
    let broker = TestBroker::new();
    let client = broker
        .client("c")
        .username("ann")
        .expiry(60)
        .keep_alive(20)
        .receive_maximum(7)
        .connect();
    client.subscribe("t", QoS::AtLeastOnce);
    broker.connect("p").publish("t", "x", QoS::AtLeastOnce);
    client.disconnect_with(ReasonCode::UnspecifiedError, None);
    let summary = client.summary();
    assert_eq!((&*summary.client_id, summary.username.as_deref()), ("c", Some("ann")));
    assert_eq!((summary.keep_alive, summary.receive_maximum), (20, 7));
    assert_eq!(
        (summary.inflight_len, summary.queue_len, summary.session_kept),
        (1, 0, true)
    );
    assert_eq!(summary.disconnect_received, Some(ReasonCode::UnspecifiedError));
    assert_eq!(
        client.closed(),
        Some(DisconnectReason::ClientDisconnect(ReasonCode::UnspecifiedError))
    );
}
