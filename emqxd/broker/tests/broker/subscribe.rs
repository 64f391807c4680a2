//! SUBSCRIBE and UNSUBSCRIBE: options, refusals, what matches (MQTT 5, 3.8, 3.10, 4.7).

use emqxd_broker::{Metric, MqttConfig};
use mqtt_codec::{Packet, QoS, ReasonCode, RetainHandling};

use crate::support::{Subscribing, TestBroker, broker_message};

#[test]
fn wildcards_match_levels_and_never_a_leading_dollar() {
    let broker = TestBroker::new();
    let client = broker.connect("s");
    for filter in ["#", "+/brokers", "a/+/c", "a/#"] {
        client.subscribe(filter, QoS::AtMostOnce);
    }
    broker.publish(broker_message("$SYS/brokers", "hidden"));
    assert!(client.payloads().is_empty());
    let publisher = broker.connect("p");
    publisher.publish("a", "1", QoS::AtMostOnce);
    publisher.publish("a/b/c", "2", QoS::AtMostOnce);
    publisher.publish("$x/brokers", "3", QoS::AtMostOnce);
    publisher.publish("z/brokers", "4", QoS::AtMostOnce);
    assert_eq!(client.payloads(), ["1", "1", "2", "2", "2", "4", "4"]);
    client.subscribe("$SYS/#", QoS::AtMostOnce);
    broker.publish(broker_message("$SYS/brokers", "asked for"));
    assert_eq!(client.payloads(), ["asked for"]);
}

#[test]
fn every_subscription_that_matches_brings_the_message_with_its_own_identifier_and_quality() {
    let broker = TestBroker::new();
    let client = broker.connect("s");
    for (filter, qos, identifier) in [("a/b", QoS::AtMostOnce, 1), ("a/+", QoS::ExactlyOnce, 268_435_455)] {
        let options = Subscribing {
            qos,
            identifier: Some(identifier),
            ..Subscribing::default()
        };
        client.subscribe_with(filter, &options);
    }
    client.subscribe("#", QoS::AtLeastOnce);
    broker.connect("p").publish("a/b", "x", QoS::ExactlyOnce);
    let mut came: Vec<_> = client
        .messages()
        .into_iter()
        .map(|publish| {
            (
                publish.qos,
                publish.properties.expect("MQTT 5").subscription_identifiers,
            )
        })
        .collect();
    came.sort();
    assert_eq!(
        came,
        [
            (QoS::AtMostOnce, vec![1]),
            (QoS::AtLeastOnce, vec![]),
            (QoS::ExactlyOnce, vec![268_435_455])
        ]
    );
}

#[test]
fn subscribing_again_replaces_the_options() {
    let broker = TestBroker::new();
    let client = broker.connect("s");
    let publisher = broker.connect("p");
    client.subscribe("t", QoS::AtMostOnce);
    publisher.publish("t", "1", QoS::ExactlyOnce);
    assert_eq!(client.only_message().qos, QoS::AtMostOnce);
    client.subscribe("t", QoS::AtLeastOnce);
    publisher.publish("t", "2", QoS::ExactlyOnce);
    assert_eq!(client.only_message().qos, QoS::AtLeastOnce);
    assert_eq!(broker.gauges().subscriptions, 1);
}

#[test]
fn no_local_keeps_a_clients_own_messages_from_it() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    let options = Subscribing {
        no_local: true,
        ..Subscribing::default()
    };
    client.subscribe_with("t", &options);
    client.publish("t", "mine", QoS::AtMostOnce);
    broker.connect("p").publish("t", "theirs", QoS::AtMostOnce);
    assert_eq!(client.payloads(), ["theirs"]);
    assert_eq!(broker.metric(Metric::DeliveryDroppedNoLocal), 1);
}

#[test]
fn no_local_holds_for_retained_messages_too() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    client.publish_retained("t/mine", "mine", QoS::AtMostOnce);
    broker
        .connect("p")
        .publish_retained("t/theirs", "theirs", QoS::AtMostOnce);
    let options = Subscribing {
        no_local: true,
        ..Subscribing::default()
    };
    client.subscribe_with("t/#", &options);
    assert_eq!(client.payloads(), ["theirs"]);
}

#[test]
fn mqtt_3_clients_get_no_local_by_configuration_or_as_bridges() {
    let broker = TestBroker::new();
    let bridge = broker
        .client("b")
        .v311()
        .change(|connect| connect.is_bridge = true)
        .connect();
    bridge.subscribe("t", QoS::AtMostOnce);
    bridge.publish_retained("t", "mine", QoS::AtMostOnce);
    broker.connect("p").publish_retained("t", "theirs", QoS::AtMostOnce);
    let came = bridge.only_message();
    assert!(came.retain, "a bridge sees the RETAIN flag as published");
    broker.configure(|config| config.ignore_loop_deliver = true);
    let client = broker.client("c").v311().connect();
    client.subscribe("u", QoS::AtMostOnce);
    client.publish("u", "mine", QoS::AtMostOnce);
    assert!(client.payloads().is_empty());
}

#[test]
fn the_retain_flag_is_passed_on_only_when_asked_for() {
    let broker = TestBroker::new();
    let (plain, as_published) = (broker.connect("a"), broker.connect("b"));
    plain.subscribe("t", QoS::AtMostOnce);
    let options = Subscribing {
        retain_as_published: true,
        ..Subscribing::default()
    };
    as_published.subscribe_with("t", &options);
    let publisher = broker.connect("p");
    publisher.publish_retained("t", "x", QoS::AtMostOnce);
    assert!(!plain.only_message().retain);
    assert!(as_published.only_message().retain);
    publisher.publish("t", "x", QoS::AtMostOnce);
    assert!(!as_published.only_message().retain);
}

#[test]
fn bad_filters_are_refused_one_by_one() {
    let broker = TestBroker::with_config(MqttConfig {
        max_topic_levels: 4,
        max_topic_len: 40,
        ..MqttConfig::default()
    });
    let client = broker.connect("c");
    for filter in [
        "a/b+",
        "#/a",
        "",
        "$share/g",
        "$share//t",
        "$share/g/",
        "$share/+/t",
        "a/b/c/d/e",
    ] {
        assert_eq!(
            client.subscribe(filter, QoS::AtMostOnce),
            ReasonCode::TopicFilterInvalid,
            "{filter}"
        );
    }
    let long = "x".repeat(41);
    assert_eq!(client.subscribe(&long, QoS::AtMostOnce), ReasonCode::TopicFilterInvalid);
    assert_eq!(client.closed(), None);
    assert_eq!(broker.gauges().subscriptions, 0);
    assert_eq!(broker.metric(Metric::PacketsSubscribeError), 9);
}

#[test]
fn what_is_configured_away_is_refused_by_name() {
    let broker = TestBroker::with_config(MqttConfig {
        wildcard_subscription: false,
        shared_subscription: false,
        max_subscriptions: Some(1),
        ..MqttConfig::default()
    });
    let client = broker.connect("c");
    assert_eq!(
        client.subscribe("a/#", QoS::AtMostOnce),
        ReasonCode::WildcardSubscriptionsNotSupported
    );
    assert_eq!(
        client.subscribe("$share/g/t", QoS::AtMostOnce),
        ReasonCode::SharedSubscriptionsNotSupported
    );
    assert_eq!(
        client.subscribe("$exclusive/t", QoS::AtMostOnce),
        ReasonCode::TopicFilterInvalid
    );
    assert_eq!(client.subscribe("a", QoS::AtMostOnce), ReasonCode::Success);
    assert_eq!(client.subscribe("b", QoS::AtMostOnce), ReasonCode::QuotaExceeded);
    assert_eq!(client.subscribe("a", QoS::AtLeastOnce), ReasonCode::GrantedQos1);
}

#[test]
fn one_subscribe_may_carry_many_filters() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    let filter = |filter: &str, qos| mqtt_codec::SubscribeFilter {
        filter: filter.into(),
        qos,
        no_local: false,
        retain_as_published: false,
        retain_handling: RetainHandling::SendAtSubscribe,
    };
    client.send(Packet::Subscribe(Box::new(mqtt_codec::Subscribe {
        packet_id: mqtt_codec::PacketId::FIRST,
        properties: mqtt_codec::SubscribeProperties::default(),
        filters: [
            filter("a", QoS::ExactlyOnce),
            filter("a/#/b", QoS::AtMostOnce),
            filter("b", QoS::AtMostOnce),
        ]
        .into_iter()
        .collect(),
    })));
    let Some(Packet::Suback(suback)) = client.next() else {
        panic!("expected SUBACK")
    };
    assert_eq!(
        suback.reason_codes[..],
        [
            ReasonCode::GrantedQos2,
            ReasonCode::TopicFilterInvalid,
            ReasonCode::Success
        ]
    );
}

#[test]
fn after_an_unsubscribe_nothing_more_comes() {
    let broker = TestBroker::new();
    let client = broker.connect("s");
    client.subscribe("a/+", QoS::AtMostOnce);
    assert_eq!(client.unsubscribe("a/+"), ReasonCode::Success);
    assert_eq!(client.unsubscribe("a/+"), ReasonCode::NoSubscriptionExisted);
    let code = broker.connect("p").publish("a/b", "x", QoS::AtLeastOnce);
    assert_eq!(code, ReasonCode::NoMatchingSubscribers);
    assert!(client.payloads().is_empty());
    assert_eq!(broker.gauges().subscriptions, 0);
    assert_eq!(broker.state().routes.counts().topics, 0);
}

#[test]
fn a_subscription_added_by_an_operator_works_like_the_clients_own() {
    let broker = TestBroker::new();
    let client = broker.connect("s");
    let key = broker.on_shard_of("s", |shard| shard.session_key("s").expect("there"));
    let granted = broker.on_shard_of("s", |shard| shard.subscribe(key, "t".into(), Default::default()));
    assert_eq!(granted, Ok(ReasonCode::Success));
    broker.connect("p").publish("t", "x", QoS::AtMostOnce);
    assert_eq!(client.payloads(), ["x"]);
    assert!(broker.on_shard_of("s", |shard| shard.unsubscribe(key, "t")));
    assert!(!broker.on_shard_of("s", |shard| shard.unsubscribe(key, "t")));
}

fn exclusive() -> TestBroker {
    TestBroker::with(
        3,
        MqttConfig {
            exclusive_subscription: true,
            ..MqttConfig::default()
        },
    )
}

#[test]
fn an_exclusive_topic_has_one_subscriber_on_the_node() {
    let broker = exclusive();
    let (first, second) = (
        broker.connect(&broker.id_on(0, "a")),
        broker.connect(&broker.id_on(1, "b")),
    );
    assert_eq!(
        first.subscribe("$exclusive/t", QoS::AtLeastOnce),
        ReasonCode::GrantedQos1
    );
    assert_eq!(
        first.subscribe("$exclusive/t", QoS::AtMostOnce),
        ReasonCode::Success,
        "its own again"
    );
    assert_eq!(
        second.subscribe("$exclusive/t", QoS::AtMostOnce),
        ReasonCode::QuotaExceeded
    );
    broker.connect("p").publish("t", "x", QoS::AtMostOnce);
    assert_eq!(first.only_message().topic, "t");
    first.unsubscribe("$exclusive/t");
    assert_eq!(second.subscribe("$exclusive/t", QoS::AtMostOnce), ReasonCode::Success);
    second.drop_connection();
    assert_eq!(
        first.subscribe("$exclusive/t", QoS::AtMostOnce),
        ReasonCode::Success,
        "free with the session"
    );
    first.disconnect();
    assert!(broker.state().exclusive.is_empty());
}

#[test]
fn an_exclusive_and_a_plain_subscription_to_one_topic_end_one_by_one() {
    let broker = exclusive();
    let client = broker.connect("c");
    let publisher = broker.connect("p");
    for (first, second) in [("$exclusive/t", "t"), ("t", "$exclusive/t")] {
        client.subscribe(first, QoS::AtMostOnce);
        client.subscribe(second, QoS::AtMostOnce);
        client.unsubscribe(first);
        publisher.publish("t", "still", QoS::AtMostOnce);
        assert_eq!(client.payloads(), ["still"], "{second} is left");
        client.unsubscribe(second);
        assert_eq!(
            publisher.publish("t", "none", QoS::AtLeastOnce),
            ReasonCode::NoMatchingSubscribers
        );
    }
    assert_eq!(broker.gauges().subscriptions, 0);
}
