//! What somebody who traces a client is told: the story of a connection, in order, through a sink.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use emqxd_broker::{ConnectionKey, DisconnectReason, MqttConfig, TraceEvent, TraceKind, TraceSink};
use mqtt_codec::{QoS, ReasonCode};

use crate::support::{Subscribing, TestBroker, payloads_of};

/// Writes down each event in a few words.
#[derive(Default)]
struct Story(RefCell<Vec<String>>);

impl Story {
    /// A broker whose every shard tells its events to the story.
    fn of(broker: &TestBroker) -> Rc<Self> {
        let story = Rc::new(Self::default());
        broker.trace(Some(Rc::clone(&story) as _));
        story
    }

    /// What was told since it was last asked.
    fn told(&self) -> Vec<String> {
        self.0.take()
    }
}

impl TraceSink for Story {
    fn passes_over(&self, _: &TraceKind<'_>) -> bool {
        false
    }

    fn event(&self, event: &TraceEvent<'_>) {
        let what = match event.kind {
            TraceKind::Authenticated { result, username } => {
                format!("authenticated {result} {}", username.unwrap_or("-"))
            }
            TraceKind::Authorized { action, topic, result } => format!("{action} {topic}: {result}"),
            TraceKind::SessionOpened { is_resumed, queue_len } => format!("session resumed={is_resumed} {queue_len}"),
            TraceKind::Subscribed { filter, options } => format!("subscribed {filter} {}", options.qos as u8),
            TraceKind::Unsubscribed { filter } => format!("unsubscribed {filter}"),
            TraceKind::Published { topic, payload } => format!("published {topic} {}", payload.len()),
            TraceKind::Routed {
                topic,
                subscribers,
                workers,
                share_groups,
            } => format!("routed {topic} {subscribers}+{workers}+{share_groups}"),
            TraceKind::Queued { message, queue_len, .. } => format!("queued {} {queue_len}", message.topic),
            TraceKind::Dequeued { message, queue_len } => format!("dequeued {} {queue_len}", message.topic),
            TraceKind::Dropped { topic, reason } => format!("dropped {topic} {reason}"),
            TraceKind::Silent { keep_alive } => format!("silent {keep_alive}"),
            TraceKind::SessionEnded => "session ended".to_owned(),
            _ => "told by the caller of the shard".to_owned(),
        };
        let at = if event.peer.is_some() { "" } else { " (away)" };
        self.0.borrow_mut().push(format!("{}{at}: {what}", event.client_id));
    }

    fn closing(&self, _: ConnectionKey, client_id: &str) {
        self.0.borrow_mut().push(format!("{client_id} closing"));
    }
}

#[test]
fn a_message_s_way_is_told_from_connect_to_the_end() {
    let broker = TestBroker::with(1, MqttConfig::default());
    let story = Story::of(&broker);
    let subscriber = broker.client("s").username("u").connect();
    assert_eq!(story.told(), ["s: authenticated ok u", "s: session resumed=false 0"]);
    subscriber.subscribe("t/+", QoS::AtLeastOnce);
    assert_eq!(story.told(), ["s: subscribed t/+ 1"]);
    let publisher = broker.connect("p");
    story.told();
    publisher.publish("t/1", "hello", QoS::AtLeastOnce);
    assert_eq!(story.told(), ["p: published t/1 5", "p: routed t/1 1+0+0"]);
    assert_eq!(payloads_of(&subscriber.read_and_ack_all()), ["hello"]);
    publisher.publish("nobody", "", QoS::AtMostOnce);
    assert_eq!(
        story.told(),
        ["p: published nobody 0", "p: dropped nobody no_subscribers"]
    );
    subscriber.unsubscribe("t/+");
    assert_eq!(story.told(), ["s: unsubscribed t/+"]);
    subscriber.drop_connection();
    assert_eq!(story.told(), ["s closing", "s (away): session ended"]);
}

#[test]
fn what_waits_for_an_absent_client_is_told_with_what_it_pushes_out() {
    let broker = TestBroker::with_config(MqttConfig {
        max_mqueue_len: Some(1),
        ..MqttConfig::default()
    });
    let subscriber = broker.client("s").persistent().connect();
    subscriber.subscribe("t/#", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect("p");
    let story = Story::of(&broker);
    publisher.publish("t/1", "", QoS::AtLeastOnce);
    publisher.publish("t/2", "", QoS::AtLeastOnce);
    let of_subscriber = |story: &Story| {
        let mut told = story.told();
        told.retain(|line| line.starts_with("s "));
        told
    };
    assert_eq!(
        of_subscriber(&story),
        [
            "s (away): queued t/1 1",
            "s (away): queued t/2 1",
            "s (away): dropped t/1 queue_full"
        ]
    );
    broker.client("s").persistent().connect();
    assert_eq!(
        story.told(),
        [
            "s: authenticated ok -",
            "s: session resumed=true 1",
            "s: dequeued t/2 0"
        ]
    );
}

#[test]
fn what_is_not_allowed_is_told_with_its_reason() {
    let broker = TestBroker::with_config(MqttConfig {
        wildcard_subscription: false,
        ..MqttConfig::default()
    });
    let client = broker.connect("c");
    let story = Story::of(&broker);
    client.subscribe("t/#", QoS::AtMostOnce);
    assert_eq!(story.told(), ["c: subscribe t/#: wildcard_subscriptions_not_supported"]);
    client.publish("$SYS/x", "", QoS::AtLeastOnce);
    assert_eq!(story.told(), ["c: publish $SYS/x: not_authorized"]);
}

#[test]
fn a_message_of_one_s_own_that_is_not_wanted_back_is_told_as_dropped() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    let options = Subscribing {
        no_local: true,
        ..Subscribing::default()
    };
    client.subscribe_with("t", &options);
    let story = Story::of(&broker);
    client.publish("t", "x", QoS::AtMostOnce);
    assert_eq!(
        story.told(),
        ["c: published t 1", "c: routed t 1+0+0", "c: dropped t no_local"]
    );
}

#[test]
fn each_worker_tells_its_part_of_a_message_s_way() {
    let broker = TestBroker::with(2, MqttConfig::default());
    let (here, there) = (broker.id_on(0, "p"), broker.id_on(1, "s"));
    let subscriber = broker.client(&there).persistent().connect();
    subscriber.subscribe("t", QoS::AtLeastOnce);
    subscriber.drop_connection();
    let publisher = broker.connect(&here);
    let story = Story::of(&broker);
    publisher.publish("t", "x", QoS::AtLeastOnce);
    assert_eq!(
        story.told(),
        [
            format!("{here}: published t 1"),
            format!("{here}: routed t 0+1+0"),
            format!("{there} (away): queued t 1")
        ]
    );
}

#[test]
fn a_refused_client_and_a_silent_one_are_told() {
    let broker = TestBroker::with_config(MqttConfig {
        max_clientid_len: 5,
        ..MqttConfig::default()
    });
    let story = Story::of(&broker);
    let refused = broker.connect("too-long-a-name");
    assert!(matches!(refused.closed(), Some(DisconnectReason::Refused(_))));
    assert_eq!(
        story.told(),
        [
            "too-long-a-name closing",
            "too-long-a-name: authenticated a client id of 15 bytes; the limit is 5 -"
        ]
    );
    let quiet = broker.client("quiet").keep_alive(10).connect();
    story.told();
    broker.advance(Duration::from_secs(16));
    assert_eq!(quiet.closed(), Some(DisconnectReason::KeepaliveTimeout));
    assert_eq!(
        story.told(),
        ["quiet: silent 10", "quiet closing", "quiet (away): session ended"]
    );
}

#[test]
fn without_a_sink_nothing_is_told_any_more() {
    let broker = TestBroker::new();
    let story = Story::of(&broker);
    broker.trace(None);
    let client = broker.connect("c");
    assert_eq!(
        client.publish("t", "x", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    assert!(story.told().is_empty());
}
