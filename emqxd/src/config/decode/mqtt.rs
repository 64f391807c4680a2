//! `mqtt`

use std::collections::HashMap;

use emqxd_broker::{MqttConfig, ShareStrategy};
use mqtt_codec::QoS;

use super::super::Config;
use super::super::hocon::{Node, Value};
use super::{Decoder, text};

pub(super) fn read(decoder: &mut Decoder<'_>, config: &mut Config) {
    decoder.duration("mqtt.idle_timeout", &mut config.idle_timeout);
    limits(decoder, &mut config.mqtt);
    features(decoder, &mut config.mqtt);
    times(decoder, &mut config.mqtt);
    queue(decoder, &mut config.mqtt);
}

fn limits(decoder: &mut Decoder<'_>, mqtt: &mut MqttConfig) {
    decoder.size("mqtt.max_packet_size", &mut mqtt.max_packet_size);
    decoder.integer("mqtt.max_clientid_len", &mut mqtt.max_clientid_len);
    decoder.integer("mqtt.max_topic_levels", &mut mqtt.max_topic_levels);
    decoder.integer("mqtt.max_topic_len", &mut mqtt.max_topic_len);
    decoder.integer("mqtt.max_topic_alias", &mut mqtt.max_topic_alias);
    decoder.read(
        "mqtt.max_qos_allowed",
        &mut mqtt.max_qos_allowed,
        |value, _| match text(value)? {
            "0" => Some(QoS::AtMostOnce),
            "1" => Some(QoS::AtLeastOnce),
            "2" => Some(QoS::ExactlyOnce),
            _ => None,
        },
    );
    decoder.integer_or_none("mqtt.max_subscriptions", &mut mqtt.max_subscriptions);
    decoder.integer("mqtt.max_user_properties", &mut mqtt.max_user_properties);
    decoder.integer_or_none("mqtt.max_awaiting_rel", &mut mqtt.max_awaiting_rel);
    decoder.integer("mqtt.max_inflight", &mut mqtt.max_inflight);
}

fn features(decoder: &mut Decoder<'_>, mqtt: &mut MqttConfig) {
    for (name, slot) in [
        ("retain_available", &mut mqtt.retain_available),
        ("wildcard_subscription", &mut mqtt.wildcard_subscription),
        ("shared_subscription", &mut mqtt.shared_subscription),
        ("exclusive_subscription", &mut mqtt.exclusive_subscription),
        ("ignore_loop_deliver", &mut mqtt.ignore_loop_deliver),
        ("strict_mode", &mut mqtt.strict_mode),
        ("use_username_as_clientid", &mut mqtt.use_username_as_clientid),
        ("session_owner_check", &mut mqtt.session_owner_check),
        ("upgrade_qos", &mut mqtt.upgrade_qos),
    ] {
        decoder.boolean(&format!("mqtt.{name}"), slot);
    }
    decoder.text("mqtt.response_information", &mut mqtt.response_information);
    if let Some(word) = decoder.word("mqtt.shared_subscription_strategy") {
        mqtt.shared_subscription_strategy = match word {
            "random" => ShareStrategy::Random,
            "round_robin_per_group" => ShareStrategy::RoundRobinPerGroup,
            "sticky" => ShareStrategy::Sticky,
            "local" => ShareStrategy::Local,
            "hash_clientid" => ShareStrategy::HashClientId,
            "hash_topic" => ShareStrategy::HashTopic,
            _ => ShareStrategy::RoundRobin,
        };
    }
}

fn times(decoder: &mut Decoder<'_>, mqtt: &mut MqttConfig) {
    decoder.integer_or_none("mqtt.server_keepalive", &mut mqtt.server_keepalive);
    decoder.integer("mqtt.max_keepalive", &mut mqtt.max_keepalive);
    decoder.read(
        "mqtt.keepalive_multiplier",
        &mut mqtt.keepalive_multiplier,
        |value, value_type| {
            let number = text(value)?.parse::<f64>().ok()?;
            match value_type {
                super::ValueType::Decimal { min, max } => (min..=max).contains(&number).then_some(number),
                _ => None,
            }
        },
    );
    decoder.duration_or_none("mqtt.retry_interval", &mut mqtt.retry_interval);
    decoder.duration("mqtt.session_expiry_interval", &mut mqtt.session_expiry_interval);
    decoder.duration_or_none("mqtt.message_expiry_interval", &mut mqtt.message_expiry_interval);
    decoder.duration("mqtt.await_rel_timeout", &mut mqtt.await_rel_timeout);
}

fn queue(decoder: &mut Decoder<'_>, mqtt: &mut MqttConfig) {
    decoder.integer_or_none("mqtt.max_mqueue_len", &mut mqtt.max_mqueue_len);
    decoder.size_or_none("mqtt.max_mqueue_bytes", &mut mqtt.max_mqueue_bytes);
    decoder.boolean("mqtt.mqueue_store_qos0", &mut mqtt.mqueue_store_qos0);
    decoder.read("mqtt.mqueue_priorities", &mut mqtt.mqueue_priorities, |value, _| {
        priorities(value)
    });
    if let Some(word) = decoder.word("mqtt.mqueue_default_priority") {
        mqtt.mqueue_default_priority_highest = word == "highest";
    }
}

/// `disabled`, `{ "t/1" = 10 }` or EMQX 4's `t/1=10,t/2=20`.
fn priorities(value: &Value) -> Option<HashMap<String, u8>> {
    let priority = |text: &str| text.parse::<u8>().ok().filter(|priority| *priority > 0);
    match &value.node {
        Node::Scalar { text, .. } if text == "disabled" || text == "none" => Some(HashMap::new()),
        Node::Scalar { text, .. } => text
            .split(',')
            .map(|pair| {
                let (topic, number) = pair.rsplit_once('=')?;
                Some((topic.trim().to_owned(), priority(number.trim())?))
            })
            .collect(),
        Node::Object(fields) => fields
            .iter()
            .map(|(topic, number)| Some((topic.clone(), priority(text(number)?)?)))
            .collect(),
        Node::Array(_) | Node::Pending(_) => None,
    }
}
