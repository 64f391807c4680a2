//! Who or what a trace follows, and which events concern it.
//!
//! An event is compared before anything is formatted. A topic filter is compared with the topic of the event: both
//! the publisher's and the subscribers' side of a message have one; an event that has none concerns clients only.

use emqx_shared::request::TraceSubject;
use emqx_shared::{ErrorCode, Failure};
use emqxd_broker::{SubscriptionFilter, TopicLimits, TraceEvent, TraceKind, matches};
use mqtt_codec::Packet;

use super::ip_range::IpRange;

/// A subject, ready to be compared.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    asked: TraceSubject,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Client,
    /// `#`, which needs no comparing.
    AnyTopic,
    Topic,
    Address(IpRange),
}

/// What a message of the broker's own begins with; such are not traced.
const SYS: &str = "$SYS/";

impl Subject {
    /// # Errors
    /// `InvalidArgument` for what is no topic filter or no address.
    pub(super) fn new(asked: TraceSubject) -> Result<Self, Failure> {
        let refused = |message: String| Failure::new(ErrorCode::InvalidArgument, message);
        let form = match &asked {
            TraceSubject::Client(_) => Form::Client,
            TraceSubject::Topic(filter) if filter == "#" => Form::AnyTopic,
            TraceSubject::Topic(filter) => {
                let limits = TopicLimits {
                    max_levels: usize::MAX,
                    max_len: usize::from(u16::MAX),
                };
                let parsed = SubscriptionFilter::parse(filter.as_str().into(), limits)
                    .map_err(|error| refused(format!("\"{filter}\" is no topic filter: {error}")))?;
                if parsed.filter != parsed.full {
                    return Err(refused(format!(
                        "\"{filter}\" names a kind of subscription; trace its topics: {}",
                        parsed.filter
                    )));
                }
                Form::Topic
            }
            TraceSubject::IpAddress(text) => Form::Address(
                text.parse()
                    .map_err(|error: super::ip_range::NotAnIpRange| refused(error.to_string()))?,
            ),
        };
        Ok(Self { asked, form })
    }

    /// As it was asked for.
    pub(super) fn asked(&self) -> &TraceSubject {
        &self.asked
    }

    /// Whether an event concerns it.
    pub(super) fn concerns(&self, event: &TraceEvent<'_>) -> bool {
        match &self.form {
            Form::Client => event.client_id == self.asked.value(),
            Form::Address(range) => event.peer.is_some_and(|peer| range.contains(peer.ip())),
            Form::AnyTopic | Form::Topic => self.concerns_kind(&event.kind) == Some(true),
        }
    }

    /// The same, of an event whose client is not known yet; `None` if it depends on the client.
    pub(super) fn concerns_kind(&self, kind: &TraceKind<'_>) -> Option<bool> {
        match &self.form {
            Form::Client | Form::Address(_) => None,
            Form::AnyTopic => Some(any_topic(kind, |topic| !topic.starts_with('$'))),
            Form::Topic => Some(any_topic(kind, |topic| matches(self.asked.value(), topic))),
        }
    }
}

/// Whether the event is about a message of the broker's own.
pub(super) fn is_of_the_broker(event: &TraceEvent<'_>) -> bool {
    match &event.kind {
        TraceKind::DeliverySent(delivery) => delivery.message.topic.starts_with(SYS),
        TraceKind::Queued { message, .. } | TraceKind::Dequeued { message, .. } => message.topic.starts_with(SYS),
        TraceKind::Published { topic, .. } | TraceKind::Routed { topic, .. } | TraceKind::Dropped { topic, .. } => {
            event.client_id.is_empty() && topic.starts_with(SYS)
        }
        _ => false,
    }
}

/// Whether one of the topics of an event fits.
fn any_topic(kind: &TraceKind<'_>, mut fits: impl FnMut(&str) -> bool) -> bool {
    match kind {
        TraceKind::PacketReceived(packet) | TraceKind::PacketSent(packet) => match packet {
            Packet::Publish(publish) => fits(&publish.topic),
            Packet::Subscribe(subscribe) => subscribe.filters.iter().any(|each| fits(plain(&each.filter))),
            Packet::Unsubscribe(unsubscribe) => unsubscribe.filters.iter().any(|filter| fits(plain(filter))),
            _ => false,
        },
        TraceKind::ConnectReceived(connect) => connect.will.as_ref().is_some_and(|will| fits(&will.topic)),
        TraceKind::DeliverySent(delivery) => fits(&delivery.message.topic),
        TraceKind::Queued { message, .. } | TraceKind::Dequeued { message, .. } => fits(&message.topic),
        TraceKind::Subscribed { filter, .. } | TraceKind::Unsubscribed { filter } => fits(plain(filter)),
        TraceKind::Authorized { topic, .. }
        | TraceKind::Published { topic, .. }
        | TraceKind::Routed { topic, .. }
        | TraceKind::Dropped { topic, .. } => fits(topic),
        TraceKind::FrameError { .. }
        | TraceKind::Authenticated { .. }
        | TraceKind::SessionOpened { .. }
        | TraceKind::Silent { .. }
        | TraceKind::Closed { .. }
        | TraceKind::SessionEnded => false,
    }
}

/// A subscription's filter without what says how it is subscribed to.
fn plain(filter: &str) -> &str {
    if let Some(rest) = filter.strip_prefix("$share/") {
        return rest.split_once('/').map_or(rest, |(_, inner)| inner);
    }
    let rest = filter.strip_prefix("$queue/").or(filter.strip_prefix("$exclusive/"));
    rest.unwrap_or(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event<'a>(client_id: &'a str, peer: &str, kind: TraceKind<'a>) -> TraceEvent<'a> {
        TraceEvent {
            client_id,
            peer: peer.parse().ok(),
            kind,
        }
    }

    fn published(topic: &str) -> TraceKind<'_> {
        TraceKind::Published { topic, payload: b"" }
    }

    fn topic(filter: &str) -> Subject {
        Subject::new(TraceSubject::Topic(filter.to_owned())).unwrap()
    }

    #[test]
    fn a_client_is_followed_by_its_whole_id() {
        let subject = Subject::new(TraceSubject::Client("c1".to_owned())).unwrap();
        assert!(subject.concerns(&event("c1", "1.2.3.4:5", TraceKind::SessionEnded)));
        assert!(!subject.concerns(&event("c10", "1.2.3.4:5", TraceKind::SessionEnded)));
    }

    #[test]
    fn a_topic_is_followed_by_filter_on_the_side_of_publisher_and_subscriber() {
        let options = emqxd_broker::SubscriptionOptions::default();
        for (filter, topic_name, concerned) in [
            ("a/#", "a/b", true),
            ("a/#", "a", true),
            ("a/+", "a/b/c", false),
            ("#", "a/b", true),
            ("#", "$SYS/x", false),
        ] {
            let subject = topic(filter);
            assert_eq!(
                subject.concerns(&event("c", "", published(topic_name))),
                concerned,
                "{filter}"
            );
            let subscribed = TraceKind::Subscribed {
                filter: topic_name,
                options: &options,
            };
            assert_eq!(subject.concerns(&event("c", "", subscribed)), concerned, "{filter}");
        }
        let shared = TraceKind::Unsubscribed { filter: "$share/g/a/b" };
        assert!(topic("a/+").concerns(&event("c", "", shared)));
        assert!(!topic("a/+").concerns(&event("c", "", TraceKind::SessionEnded)));
    }

    #[test]
    fn an_address_is_followed_whatever_the_port() {
        let subject = Subject::new(TraceSubject::IpAddress("127.0.0.0/8".to_owned())).unwrap();
        assert!(subject.concerns(&event("", "127.0.0.1:5", TraceKind::SessionEnded)));
        assert!(!subject.concerns(&event("", "", TraceKind::SessionEnded)));
    }

    #[test]
    fn what_cannot_be_followed_is_refused_with_its_reason() {
        for (subject, word) in [
            (TraceSubject::Topic("a/#/b".to_owned()), "topic filter"),
            (TraceSubject::Topic("$share/g/t".to_owned()), "trace its topics: t"),
            (TraceSubject::IpAddress("10.0.0".to_owned()), "10.0.0.0/8"),
        ] {
            let refused = Subject::new(subject).unwrap_err();
            assert!(refused.message.contains(word), "{}", refused.message);
        }
    }

    #[test]
    fn the_broker_s_own_messages_are_told_from_those_of_clients() {
        assert!(is_of_the_broker(&event("", "", published("$SYS/brokers"))));
        assert!(!is_of_the_broker(&event("evil", "", published("$SYS/brokers"))));
        assert!(!is_of_the_broker(&event("", "", published("t"))));
    }
}
