//! What is asked, out of packets and messages, and the words for it.

use emqx_acl::Action;
use mqtt_codec::Publish;

use crate::Message;

pub(super) fn publish_action(publish: &Publish) -> Action<'_> {
    Action::Publish {
        topic: &publish.topic,
        qos: publish.qos as u8,
        retain: publish.retain,
    }
}

pub(super) fn will_action(message: &Message) -> Action<'_> {
    Action::Publish {
        topic: &message.topic,
        qos: message.qos as u8,
        retain: message.retain,
    }
}

pub(super) fn text_of<'a>(action: &Action<'a>) -> &'a str {
    match *action {
        Action::Publish { topic, .. } => topic,
        Action::Subscribe { filter, .. } => filter,
    }
}

pub(super) fn name_of(action: &Action<'_>) -> &'static str {
    match action {
        Action::Publish { .. } => "publish",
        Action::Subscribe { .. } => "subscribe",
    }
}
