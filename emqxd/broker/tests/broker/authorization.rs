//! The gate: who may publish and subscribe to what, and what a refusal leads to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytestring::ByteString;
use emqx_acl::{Action, Permission, RuleSet};
use emqxd_broker::{
    Actor, Answer, Authority, Authorization, AuthorizationSettings, Authorizer, CacheSettings, DenyAction,
    DisconnectReason, Identity, Metric, OpenToAll, OwnedAction, Time, Verdict,
};
use mqtt_codec::{Packet, PacketId, QoS, ReasonCode, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties};

use crate::support::{TestBroker, TestClient, logged, message, secs, will};

/// Rules of a file; counts how often it is asked, and leaves topics below `ask/` to others.
pub struct Rules {
    rules: RuleSet,
    no_match: Permission,
    pub asked: AtomicUsize,
}

impl Authorizer for Rules {
    fn open_to_all(&self) -> OpenToAll {
        OpenToAll {
            publish: false,
            subscribe: false,
        }
    }

    fn authorize(&self, actor: &Actor<'_>, action: &Action<'_>, _now: Time) -> Verdict {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let text = match *action {
            Action::Publish { topic, .. } => topic,
            Action::Subscribe { filter, .. } => filter,
        };
        if text.starts_with("ask/") {
            return Verdict::Ask;
        }
        match self.rules.decide(&actor.who, action) {
            Some(decision) => match decision.permission {
                Permission::Allow => Verdict::Allow(Authority::of("file")),
                Permission::Deny => Verdict::Deny(Authority::by_rule("file", format!("rule {}", decision.rule))),
            },
            None => match self.no_match {
                Permission::Allow => Verdict::Allow(Authority::of(Authority::NO_MATCH)),
                Permission::Deny => Verdict::Deny(Authority::of(Authority::NO_MATCH)),
            },
        }
    }
}

pub fn rules(text: &str) -> Arc<Rules> {
    Arc::new(Rules {
        rules: RuleSet::parse(text).expect("the test's rules are rules"),
        no_match: Permission::Deny,
        asked: AtomicUsize::new(0),
    })
}

pub fn authorization(rules: &Arc<Rules>, settings: AuthorizationSettings) -> Authorization {
    Authorization {
        authorizer: Arc::clone(rules) as _,
        settings: Arc::new(settings),
    }
}

/// A broker with these rules; nothing else is allowed.
pub fn broker(text: &str) -> (TestBroker, Arc<Rules>) {
    broker_with(text, AuthorizationSettings::default())
}

pub fn broker_with(text: &str, settings: AuthorizationSettings) -> (TestBroker, Arc<Rules>) {
    let (broker, rules) = (TestBroker::new(), rules(text));
    broker.authorize_by(&authorization(&rules, settings));
    (broker, rules)
}

fn disconnecting() -> AuthorizationSettings {
    AuthorizationSettings {
        deny_action: DenyAction::Disconnect,
        ..AuthorizationSettings::default()
    }
}

const ALLOW_T: &str = "{allow, all, all, [\"t/#\"]}.";
pub const NOT_AUTHORIZED: DisconnectReason = DisconnectReason::Refused(ReasonCode::NotAuthorized);

pub fn allowed() -> Answer {
    Answer {
        permission: Permission::Allow,
        authority: Authority::of("http"),
    }
}

pub fn refused() -> Answer {
    Answer {
        permission: Permission::Deny,
        authority: Authority::of("http"),
    }
}

pub fn subscribe_to(client: &TestClient, filters: &[&str]) -> Vec<ReasonCode> {
    let filter = |filter: &&str| SubscribeFilter {
        filter: ByteString::from(*filter),
        qos: QoS::AtMostOnce,
        no_local: false,
        retain_as_published: false,
        retain_handling: RetainHandling::SendAtSubscribe,
    };
    client.send(Packet::Subscribe(Box::new(Subscribe {
        packet_id: PacketId::FIRST,
        properties: SubscribeProperties::default(),
        filters: filters.iter().map(filter).collect(),
    })));
    suback(client)
}

fn suback(client: &TestClient) -> Vec<ReasonCode> {
    let received = client.received();
    let suback = received.into_iter().find_map(|packet| match packet {
        Packet::Suback(suback) => Some(suback.reason_codes.to_vec()),
        _ => None,
    });
    suback.unwrap_or_default()
}

#[test]
fn what_no_rule_allows_is_neither_routed_nor_retained() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}. {allow, all, publish, [\"t/#\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::ExactlyOnce);
    let writer = broker.connect("writer");
    assert_eq!(writer.publish("t/1", "ok", QoS::AtLeastOnce), ReasonCode::Success);
    for (qos, code) in [
        (QoS::AtMostOnce, ReasonCode::Success),
        (QoS::AtLeastOnce, ReasonCode::NotAuthorized),
        (QoS::ExactlyOnce, ReasonCode::NotAuthorized),
    ] {
        assert_eq!(writer.publish_retained("x", "no", qos), code, "{qos:?}");
    }
    assert_eq!(reader.payloads(), ["ok"]);
    assert_eq!(
        broker.connect("late").subscribe("#", QoS::AtMostOnce),
        ReasonCode::Success
    );
    assert_eq!(broker.metric(Metric::PacketsPublishAuthError), 3);
    assert_eq!(broker.metric(Metric::MessagesRetained), 0);
    assert_eq!(writer.closed(), None, "deny_action is ignore");
}

#[test]
fn an_old_client_is_told_nothing_and_its_handshake_ends_all_the_same() {
    let (broker, _) = broker(ALLOW_T);
    let client = broker.client("c").v311().connect();
    assert_eq!(client.publish("x", "no", QoS::AtLeastOnce), ReasonCode::NotAuthorized);
    assert_eq!(client.subscribe("x", QoS::AtMostOnce), ReasonCode::NotAuthorized);
    assert_eq!(client.closed(), None);
}

#[test]
fn each_filter_is_judged_by_itself_and_without_its_prefix() {
    let (broker, _) = broker(ALLOW_T);
    let client = broker.connect("c");
    let codes = subscribe_to(
        &client,
        &["t/1", "x", "$share/g/t/2", "$share/g/x", "$queue/t/3", "#", "t/#"],
    );
    let no = ReasonCode::NotAuthorized;
    let ok = ReasonCode::Success;
    assert_eq!(codes, [ok, no, ok, no, ok, no, ok]);
    assert_eq!(broker.metric(Metric::PacketsSubscribeAuthError), 3);
    assert_eq!(broker.gauges().subscriptions, 4);
}

#[test]
fn a_subscription_wider_than_the_rule_is_refused() {
    let (broker, _) = broker("{allow, all, subscribe, [\"t/+\"]}.");
    let client = broker.connect("c");
    assert_eq!(client.subscribe("t/#", QoS::AtMostOnce), ReasonCode::NotAuthorized);
    assert_eq!(client.subscribe("t/1", QoS::AtMostOnce), ReasonCode::Success);
}

#[test]
fn deny_action_disconnect_ends_the_connection_and_says_who_refused() {
    let (broker, _) = broker_with("{deny, all, publish, [\"x\"]}.", disconnecting());
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce] {
        let client = broker.connect("c");
        client.send(Packet::Publish(message("x", "no", qos)));
        assert_eq!(client.closed(), Some(NOT_AUTHORIZED));
        let told = client.received();
        let is_disconnect =
            |packet: &Packet| matches!(packet, Packet::Disconnect(d) if d.reason_code == ReasonCode::NotAuthorized);
        assert!(told.len() == 1 && told.iter().all(is_disconnect), "{told:?}");
        let detail = client.summary().detail.unwrap();
        assert_eq!(&*detail, "publish to x was refused by file: rule 1");
    }
    let client = broker.connect("c");
    assert_eq!(subscribe_to(&client, &["t", "x"]), []);
    assert_eq!(client.closed(), Some(NOT_AUTHORIZED));
    assert_eq!(broker.gauges().subscriptions, 0, "nothing of it was subscribed to");
}

#[test]
fn a_refusal_is_logged_and_noted_with_its_rule() {
    let (broker, _) = broker("{deny, all, publish, [\"x\"]}.");
    let client = broker.client("c").username("u").connect();
    let lines = logged(|| {
        client.publish("x", "no", QoS::AtMostOnce);
    });
    let line = lines
        .iter()
        .find(|line| line.contains("authorization_permission_denied"));
    let line = line.unwrap_or_else(|| panic!("{lines:?}"));
    for part in [
        "WARN",
        "clientid=\"c\"",
        "username=\"u\"",
        "topic=\"x\"",
        "source=\"file\"",
        "rule=\"rule 1\"",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(
        lines
            .iter()
            .any(|line| line.contains("cannot_publish_to_topic_due_to_not_authorized"))
    );
    client.publish("x", "no", QoS::AtMostOnce);
    broker.on_shard_of("c", |shard| {
        let last = shard.last_refusal("c").expect("it was refused something");
        assert_eq!((last.action, &*last.topic, last.count), ("publish", "x", 2));
        assert_eq!(last.authority.to_string(), "file: rule 1");
    });
}

#[test]
fn a_publisher_is_asked_about_once_for_a_while() {
    let (broker, rules) = broker(ALLOW_T);
    let client = broker.connect("c");
    for _ in 0..5 {
        client.publish("t/1", "ok", QoS::AtLeastOnce);
        client.publish("x", "no", QoS::AtLeastOnce);
    }
    assert_eq!(rules.asked.load(Ordering::Relaxed), 2);
    assert_eq!(broker.metric(Metric::AuthorizationCacheHit), 8);
    assert_eq!(broker.metric(Metric::AuthorizationCacheMiss), 2);
    assert_eq!(broker.metric(Metric::AuthorizationAllow), 5);
    assert_eq!(broker.metric(Metric::AuthorizationDeny), 5);
    client.publish_retained("t/1", "other", QoS::AtLeastOnce);
    assert_eq!(rules.asked.load(Ordering::Relaxed), 3, "RETAIN is another question");
    broker.advance(secs(60));
    client.publish("t/1", "ok", QoS::AtLeastOnce);
    assert_eq!(rules.asked.load(Ordering::Relaxed), 4);
}

#[test]
fn a_cache_that_is_off_cleaned_or_excludes_a_topic_asks_again() {
    let settings = AuthorizationSettings {
        cache: Some(CacheSettings {
            excludes: vec!["t/fresh/#".to_owned()],
            ..CacheSettings::default()
        }),
        ..AuthorizationSettings::default()
    };
    let (broker, rules) = broker_with(ALLOW_T, settings);
    let (one, other) = (broker.connect("one"), broker.connect("other"));
    let asked = |act: &dyn Fn()| {
        let before = rules.asked.load(Ordering::Relaxed);
        act();
        rules.asked.load(Ordering::Relaxed) - before
    };
    let publish = |client: &TestClient, topic| {
        client.publish(topic, "", QoS::AtMostOnce);
    };
    assert_eq!(asked(&|| (0..3).for_each(|_| publish(&one, "t/fresh/1"))), 3);
    publish(&one, "t/1");
    publish(&other, "t/1");
    assert!(broker.on_shard_of("one", |shard| shard.clean_authorization_cache(Some("one"))));
    assert!(!broker.on_shard_of("one", |shard| shard.clean_authorization_cache(Some("nobody"))));
    assert_eq!(
        (asked(&|| publish(&one, "t/1")), asked(&|| publish(&other, "t/1"))),
        (1, 0)
    );
    broker.on_shard_of("one", |shard| shard.clean_authorization_cache(None));
    assert_eq!(
        (asked(&|| publish(&one, "t/1")), asked(&|| publish(&other, "t/1"))),
        (1, 1)
    );
    let off = AuthorizationSettings {
        cache: None,
        ..AuthorizationSettings::default()
    };
    broker.authorize_by(&authorization(&rules, off));
    assert_eq!(asked(&|| (0..3).for_each(|_| publish(&one, "t/1"))), 3);
}

#[test]
fn other_rules_hold_from_the_next_packet_on() {
    let (broker, _) = broker(ALLOW_T);
    let client = broker.connect("c");
    assert_eq!(
        client.publish("t/1", "", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    let others = rules("{allow, all, all, [\"x\"]}.");
    broker.authorize_by(&authorization(&others, AuthorizationSettings::default()));
    assert_eq!(client.publish("t/1", "", QoS::AtLeastOnce), ReasonCode::NotAuthorized);
    assert_eq!(
        client.publish("x", "", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    broker.authorize_by(&Authorization::default());
    assert_eq!(
        client.publish("y", "", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
}

#[test]
fn a_superuser_may_do_everything_but_write_below_sys() {
    let (broker, rules) = broker(ALLOW_T);
    let client = broker.connect("c");
    broker.identify(
        "c",
        Identity {
            is_superuser: true,
            ..Identity::default()
        },
    );
    assert_eq!(
        client.publish("x", "", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    assert_eq!(client.subscribe("#", QoS::AtMostOnce), ReasonCode::Success);
    assert_eq!(
        client.publish("$SYS/x", "", QoS::AtLeastOnce),
        ReasonCode::NotAuthorized
    );
    assert_eq!(rules.asked.load(Ordering::Relaxed), 0);
    assert_eq!(broker.metric(Metric::AuthorizationSuperuser), 2);
}

#[test]
fn rules_of_a_token_come_first_and_hold_where_nothing_else_is_checked() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    client.publish("secret", "", QoS::AtMostOnce);
    let token = Identity {
        rules: Some(Arc::new(RuleSet::parse("{deny, all, publish, [\"secret\"]}.").unwrap())),
        expires_at: Some(broker.now().after(secs(3600))),
        ..Identity::default()
    };
    broker.identify("c", token);
    client.received();
    assert_eq!(
        client.publish("secret", "", QoS::AtLeastOnce),
        ReasonCode::NotAuthorized
    );
    assert_eq!(
        client.publish("other", "", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
    let stranger = broker.connect("stranger");
    assert_eq!(
        stranger.publish("secret", "", QoS::AtLeastOnce),
        ReasonCode::NoMatchingSubscribers
    );
}

#[test]
fn a_will_cannot_say_what_its_client_could_not() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}. {allow, {username, \"u\"}, publish, [\"x\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    broker
        .client("c1")
        .will(will("x", "stranger", 0))
        .connect()
        .drop_connection();
    let delayed = broker.client("c2").will(will("x", "delayed", 5)).expiry(60);
    delayed.connect().drop_connection();
    broker
        .client("c3")
        .username("u")
        .will(will("x", "of u", 0))
        .connect()
        .drop_connection();
    let delayed = broker
        .client("c4")
        .username("u")
        .will(will("x", "delayed of u", 5))
        .expiry(60);
    delayed.connect().drop_connection();
    broker.advance(secs(10));
    assert_eq!(reader.payloads(), ["of u", "delayed of u"]);
    assert_eq!(broker.metric(Metric::PacketsPublishAuthError), 2);
}

#[test]
fn a_will_is_judged_by_the_rules_of_the_moment_when_it_is_published() {
    let (broker, _) = broker("{allow, all}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    let delayed = broker.client("c").will(will("x", "delayed", 5)).expiry(60);
    delayed.connect().drop_connection();
    let none = rules("{deny, all}.");
    broker.authorize_by(&authorization(&none, AuthorizationSettings::default()));
    broker.advance(secs(10));
    assert_eq!(reader.payloads(), [""; 0]);
}

#[test]
fn a_packet_that_somebody_else_decides_about_waits_for_the_answer() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    let client = broker.connect("c");
    client.send(Packet::Publish(message("ask/1", "first", QoS::AtLeastOnce)));
    assert_eq!((client.received().len(), reader.received().len()), (0, 0));
    assert!(broker.on_shard_of("c", |shard| shard.has_asked()));
    let topic = Box::from("ask/1");
    let asked = OwnedAction::Publish {
        topic,
        qos: 1,
        retain: false,
    };
    assert_eq!(broker.answer(vec![allowed()]), [asked]);
    assert_eq!(reader.payloads(), ["first"]);
    assert!(matches!(&client.received()[..], [Packet::Puback(ack)] if ack.reason_code == ReasonCode::Success));
    // Remembered.
    client.send(Packet::Publish(message("ask/1", "second", QoS::AtLeastOnce)));
    assert_eq!(reader.payloads(), ["second"]);
    client.received();
    client.send(Packet::Publish(message("ask/2", "third", QoS::AtLeastOnce)));
    broker.answer(vec![refused()]);
    assert!(matches!(&client.received()[..], [Packet::Puback(ack)] if ack.reason_code == ReasonCode::NotAuthorized));
    assert_eq!(reader.payloads(), [""; 0]);
}

#[test]
fn an_answer_by_rules_that_hold_no_more_is_asked_for_again_and_not_remembered() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    let client = broker.connect("c");
    client.send(Packet::Publish(message("ask/1", "by the old rules", QoS::AtLeastOnce)));
    let others = rules("{deny, all}.");
    broker.authorize_by(&authorization(&others, AuthorizationSettings::default()));
    assert_eq!(broker.answer(vec![allowed()]).len(), 1, "of those before");
    assert_eq!(reader.payloads(), [""; 0]);
    assert_eq!(broker.answer(vec![refused()]).len(), 1, "asked again");
    assert!(matches!(&client.received()[..], [Packet::Puback(ack)] if ack.reason_code == ReasonCode::NotAuthorized));
    assert_eq!(reader.payloads(), [""; 0]);
    client.send(Packet::Publish(message("ask/1", "again", QoS::AtLeastOnce)));
    assert_eq!(
        reader.payloads(),
        [""; 0],
        "the refusal is remembered, the permission is not"
    );
}

#[test]
fn an_answer_about_who_a_client_was_before_does_not_let_it_pass() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    let client = broker.connect("c");
    client.send(Packet::Publish(message("ask/1", "as somebody else", QoS::AtLeastOnce)));
    let token = Identity {
        rules: Some(Arc::new(RuleSet::parse("{deny, all}.").unwrap())),
        ..Identity::default()
    };
    broker.identify("c", token);
    client.received();
    broker.answer(vec![allowed()]);
    assert!(matches!(&client.received()[..], [Packet::Puback(ack)] if ack.reason_code == ReasonCode::NotAuthorized));
    assert_eq!(reader.payloads(), [""; 0]);
}

#[test]
fn a_subscribe_that_waits_while_the_rules_change_is_judged_by_the_new_ones() {
    let (broker, _) = broker(ALLOW_T);
    let client = broker.connect("c");
    assert_eq!(subscribe_to(&client, &["t/1", "ask/1"]), []);
    let others = rules("{allow, all, all, [\"x\"]}.");
    broker.authorize_by(&authorization(&others, AuthorizationSettings::default()));
    broker.answer(vec![allowed()]);
    broker.answer(vec![allowed()]);
    assert_eq!(suback(&client), [ReasonCode::NotAuthorized, ReasonCode::Success]);
    assert_eq!(broker.gauges().subscriptions, 1);
}

#[test]
fn what_was_no_filter_when_it_was_asked_about_is_asked_about_when_it_is_one() {
    let (broker, _) = broker(ALLOW_T);
    broker.configure(|config| config.max_topic_levels = 3);
    let client = broker.connect("c");
    assert_eq!(subscribe_to(&client, &["x/too/deep/yet", "ask/1"]), []);
    broker.configure(|config| config.max_topic_levels = 128);
    broker.answer(vec![allowed()]);
    broker.answer(vec![allowed()]);
    assert_eq!(suback(&client), [ReasonCode::NotAuthorized, ReasonCode::Success]);
}

#[test]
fn a_qos_2_message_that_comes_again_is_acknowledged_whatever_the_rules_say_by_now() {
    let (broker, _) = broker("{allow, all}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    let client = broker.connect("c");
    let send = |id: u16, dup: bool| {
        let mut publish = message("t", "once", QoS::ExactlyOnce);
        (publish.packet_id, publish.dup) = (PacketId::new(id), dup);
        client.send(Packet::Publish(publish));
        match client.next() {
            Some(Packet::Pubrec(ack)) => ack.reason_code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(send(5, false), ReasonCode::Success);
    let none = rules("{deny, all}.");
    broker.authorize_by(&authorization(&none, AuthorizationSettings::default()));
    assert_eq!(
        send(5, true),
        ReasonCode::Success,
        "its PUBREC was lost: it was received"
    );
    assert_eq!(reader.payloads(), ["once"]);
    client.pubrel(5);
    assert!(matches!(client.next(), Some(Packet::Pubcomp(ack)) if ack.reason_code == ReasonCode::Success));
    // Released: this one is another message.
    assert_eq!(send(5, true), ReasonCode::NotAuthorized);
    let awaiting = broker.on_shard_of("c", |shard| shard.client("c").expect("there").awaiting_release);
    assert_eq!((awaiting, reader.payloads().len()), (0, 0));
}

#[test]
fn a_subscribe_waits_once_for_all_of_its_filters() {
    let (broker, _) = broker(ALLOW_T);
    let client = broker.connect("c");
    assert_eq!(subscribe_to(&client, &["t/1", "ask/1", "x", "ask/2"]), []);
    assert_eq!(broker.answer(vec![allowed(), refused()]).len(), 2);
    let (ok, no) = (ReasonCode::Success, ReasonCode::NotAuthorized);
    assert_eq!(suback(&client), [ok, ok, no, no]);
    assert_eq!(subscribe_to(&client, &["ask/2", "ask/1"]), [no, ok], "remembered");
}

#[test]
fn a_missing_or_late_answer_is_a_refusal_and_not_remembered() {
    let settings = AuthorizationSettings {
        patience: Duration::from_secs(5),
        ..AuthorizationSettings::default()
    };
    let (broker, _) = broker_with(ALLOW_T, settings);
    let client = broker.connect("c");
    client.send(Packet::Publish(message("ask/1", "", QoS::AtLeastOnce)));
    broker.advance(secs(4));
    assert_eq!(client.received().len(), 0);
    broker.advance(secs(2));
    assert!(matches!(&client.received()[..], [Packet::Puback(ack)] if ack.reason_code == ReasonCode::NotAuthorized));
    // The answer comes after all: too late.
    broker.answer(vec![allowed()]);
    assert_eq!(client.received().len(), 0);
    client.send(Packet::Publish(message("ask/1", "", QoS::AtLeastOnce)));
    assert!(broker.next_question().is_some(), "asked again");
}

#[test]
fn a_client_that_goes_while_its_packet_waits_leaves_nothing_behind() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    let client = broker.connect("c");
    client.send(Packet::Publish(message("ask/1", "gone", QoS::AtLeastOnce)));
    client.drop_connection();
    let next = broker.connect("c");
    broker.answer(vec![allowed()]);
    assert_eq!((reader.payloads().len(), next.received().len()), (0, 0));
}

#[test]
fn a_will_that_somebody_else_decides_about_waits_without_its_client() {
    let (broker, _) = broker("{allow, all, subscribe, [\"#\"]}.");
    let reader = broker.connect("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    for (client_id, answer) in [("c1", allowed()), ("c2", refused())] {
        let client = broker.client(client_id).will(will("ask/will", client_id, 0)).connect();
        client.drop_connection();
        let question = broker.answer(vec![answer]);
        assert_eq!(question.len(), 1);
    }
    assert_eq!(reader.payloads(), ["c1"]);
}

#[test]
fn too_many_that_wait_are_refused_at_once() {
    let (broker, _) = broker(ALLOW_T);
    let clients: Vec<_> = (0..4097).map(|number| broker.connect(&format!("c{number}"))).collect();
    for client in &clients {
        client.send(Packet::Publish(message("ask/1", "", QoS::AtLeastOnce)));
    }
    let answered: Vec<_> = clients.iter().filter(|client| !client.received().is_empty()).collect();
    assert_eq!(answered.len(), 1);
}

#[test]
fn where_nothing_is_checked_nobody_is_asked() {
    let broker = TestBroker::new();
    let client = broker.connect("c");
    client.publish("t", "", QoS::AtLeastOnce);
    client.subscribe("#", QoS::AtMostOnce);
    for metric in [
        Metric::ClientAuthorize,
        Metric::AuthorizationAllow,
        Metric::AuthorizationCacheMiss,
    ] {
        assert_eq!(broker.metric(metric), 0);
    }
}
