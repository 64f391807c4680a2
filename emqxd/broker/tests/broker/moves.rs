//! A session that moves to another node: what goes along, what happens to what comes meanwhile, and what becomes of it
//! when one of the two nodes has other plans.

use std::sync::Arc;

use bytestring::ByteString;
use emqxd_broker::{
    Begun, Discarded, DisconnectReason, Identity, ImportError, MergeError, Message, Metric, MqttConfig, RetainedStore,
};
use mqtt_codec::{Packet, Publish, QoS, ReasonCode};

use crate::support::{
    GaugeSums, Subscribing, TestBroker, broker_message, claim, claim_of, message, payloads_of, secs, will,
};

const ONE_SUBSCRIPTION: GaugeSums = GaugeSums {
    connections: 0,
    sessions: 1,
    subscriptions: 1,
    shared_subscriptions: 0,
};

/// Two nodes, whose clocks have nothing to do with each other.
fn nodes() -> (TestBroker, TestBroker) {
    let (old, new) = (TestBroker::new(), TestBroker::new());
    old.advance(secs(7200));
    (old, new)
}

/// A message of a publisher of a third node.
fn remote(id: u64, payload: &str) -> Arc<Message> {
    Arc::new(Message {
        id,
        qos: QoS::ExactlyOnce,
        publisher: ByteString::from("far away"),
        ..broker_message("t", payload)
    })
}

/// A client of `broker` that has subscribed to `t`, and whose connection has broken.
fn absent(broker: &TestBroker, client_id: &str) {
    let client = broker.client(client_id).persistent().connect();
    client.subscribe("t", QoS::ExactlyOnce);
    client.drop_connection();
}

#[test]
fn a_client_goes_on_at_another_node_where_it_was() {
    let (old, new) = nodes();
    let client = old.client("c").persistent().receive_maximum(2).connect();
    client.subscribe("t", QoS::ExactlyOnce);
    for number in 1..=3 {
        old.arrive(&remote(number, &number.to_string()));
    }
    let sent = client.messages();
    assert_eq!(payloads_of(&sent), ["1", "2"]);
    client.pubrec(sent[0].packet_id.expect("QoS 2").get());
    old.move_to(&new, "c");
    assert_eq!(client.disconnect_code(), Some(ReasonCode::SessionTakenOver));
    assert_eq!(client.closed(), Some(DisconnectReason::TakenOver));
    assert_eq!(old.gauges(), GaugeSums::default());
    assert_eq!(old.state().routes.page(None, 9).len(), 0);
    assert_eq!(old.metric(Metric::SessionTakenover), 1);
    assert_eq!(new.gauges(), ONE_SUBSCRIPTION);
    let back = new.client("c").persistent().connect();
    assert!(back.connack.session_present);
    let first = back.next();
    assert!(
        matches!(&first, Some(Packet::Pubrel(ack)) if Some(ack.packet_id) == sent[0].packet_id),
        "{first:?}"
    );
    let rest = back.messages();
    assert_eq!(payloads_of(&rest), ["2", "3"]);
    assert!(rest[0].dup && !rest[1].dup);
    assert_eq!(rest[0].packet_id, sent[1].packet_id);
}

#[test]
fn a_qos_2_message_that_is_sent_again_to_the_new_node_is_not_published_twice() {
    let (old, new) = nodes();
    let publisher = old.client("p").persistent().connect();
    publisher.send(Packet::Publish(message("t", "once", QoS::ExactlyOnce)));
    old.move_to(&new, "p");
    let subscriber = new.connect("s");
    subscriber.subscribe("t", QoS::AtMostOnce);
    let back = new.client("p").persistent().connect();
    back.send(Packet::Publish(Publish {
        dup: true,
        ..message("t", "once", QoS::ExactlyOnce)
    }));
    assert!(subscriber.messages().is_empty());
    back.pubrel(1);
    back.send(Packet::Publish(message("t", "another", QoS::ExactlyOnce)));
    assert_eq!(subscriber.payloads(), ["another"]);
}

#[test]
fn what_comes_meanwhile_is_delivered_once_and_in_order_wherever_it_came() {
    let (old, new) = nodes();
    absent(&old, "c");
    old.arrive(&remote(1, "before"));
    let (freeze, session) = old.freeze("c");
    old.arrive(&remote(2, "to the old"));
    new.takeover_import("c", &session).unwrap();
    old.arrive(&remote(3, "to both"));
    new.arrive(&remote(3, "to both"));
    old.arrive(&remote(4, "to both, late at the new"));
    let collected = old.takeover_end("c", freeze).unwrap();
    old.arrive(&remote(5, "to both, late at the old"));
    new.takeover_merge("c", &collected).unwrap();
    let client = new.client("c").persistent().connect();
    new.arrive(&remote(4, "to both, late at the new"));
    new.arrive(&remote(5, "to both, late at the old"));
    new.arrive(&remote(6, "to the new"));
    let expected = [
        "before",
        "to the old",
        "to both",
        "to both, late at the new",
        "to both, late at the old",
        "to the new",
    ];
    assert_eq!(payloads_of(&client.read_and_ack_all()), expected);
}

#[test]
fn late_copies_are_looked_out_for_for_a_minute_and_others_get_theirs() {
    let (old, new) = nodes();
    absent(&old, "c");
    let (freeze, session) = old.freeze("c");
    old.arrive(&remote(1, "m"));
    new.takeover_import("c", &session).unwrap();
    let collected = old.takeover_end("c", freeze).unwrap();
    new.takeover_merge("c", &collected).unwrap();
    let other = new.connect("other");
    other.subscribe("t", QoS::AtMostOnce);
    new.arrive(&remote(1, "m"));
    assert_eq!(other.payloads(), ["m"]);
    assert_eq!(new.on_shard_of("c", |shard| shard.client("c").unwrap().queue_len), 1);
    new.advance(secs(61));
    new.arrive(&remote(1, "the same number, long after"));
    assert_eq!(new.on_shard_of("c", |shard| shard.client("c").unwrap().queue_len), 2);
}

/// Others at the new nodes want the message too, so copies were under way there before the session came.
#[test]
fn what_a_session_has_had_does_not_come_again_at_any_later_node() {
    let (first, second) = nodes();
    let third = TestBroker::new();
    let client = first.client("c").persistent().connect();
    client.subscribe("t", QoS::ExactlyOnce);
    for node in [&second, &third] {
        node.connect("other").subscribe("t", QoS::AtMostOnce);
    }
    first.arrive(&remote(1, "m"));
    assert_eq!(payloads_of(&client.read_and_ack_all()), ["m"]);
    let (freeze, session) = first.freeze("c");
    second.takeover_import("c", &session).unwrap();
    second.arrive(&remote(1, "m"));
    let collected = first.takeover_end("c", freeze).unwrap();
    second.takeover_merge("c", &collected).unwrap();
    second.arrive(&remote(1, "m"));
    second.move_to(&third, "c");
    let client = third.client("c").persistent().connect();
    third.arrive(&remote(1, "m"));
    third.arrive(&remote(2, "n"));
    assert_eq!(payloads_of(&client.read_and_ack_all()), ["n"]);
}

/// What local clients publish is told to other nodes too.
#[test]
fn what_a_client_of_the_old_node_published_does_not_come_again() {
    let (old, new) = nodes();
    let client = old.client("c").persistent().connect();
    client.subscribe("t", QoS::ExactlyOnce);
    old.connect("p").publish_retained("t", "m", QoS::ExactlyOnce);
    let sent = client.only_message();
    client.pubrec(sent.packet_id.expect("QoS 2").get());
    let copy = old.state().retained.get("t", old.now()).expect("it was retained");
    old.move_to(&new, "c");
    let back = new.client("c").persistent().connect();
    new.arrive(&copy);
    assert!(back.messages().is_empty());
}

#[test]
fn messages_of_share_groups_are_all_delivered_and_keep_their_order() {
    let (old, new) = nodes();
    let client = old.client("c").persistent().connect();
    client.subscribe("$share/g/t", QoS::AtLeastOnce);
    client.drop_connection();
    let publisher = old.connect("p");
    publisher.publish("t", "1", QoS::AtLeastOnce);
    let (freeze, session) = old.freeze("c");
    publisher.publish("t", "2", QoS::AtLeastOnce);
    new.takeover_import("c", &session).unwrap();
    new.connect("q").publish("t", "3", QoS::AtLeastOnce);
    let collected = old.takeover_end("c", freeze).unwrap();
    new.takeover_merge("c", &collected).unwrap();
    assert_eq!(old.gauges().shared_subscriptions, 0);
    assert_eq!(new.gauges().shared_subscriptions, 1);
    let back = new.client("c").persistent().connect();
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["1", "2", "3"]);
}

#[test]
fn the_will_follows_the_rules_of_a_local_takeover() {
    let (old, new) = nodes();
    let watcher = old.connect("watcher");
    watcher.subscribe("wills", QoS::AtMostOnce);
    let _at_once = old.client("a").persistent().will(will("wills", "at once", 0)).connect();
    let _delayed = old
        .client("b")
        .persistent()
        .will(will("wills", "delayed", 60))
        .connect();
    let gone = old
        .client("c")
        .persistent()
        .will(will("wills", "waiting", 60))
        .connect();
    gone.drop_connection();
    for client_id in ["a", "b", "c"] {
        old.move_to(&new, client_id);
    }
    assert_eq!(watcher.payloads(), ["at once"]);
    let watcher = new.connect("watcher");
    watcher.subscribe("wills", QoS::AtMostOnce);
    old.advance(secs(120));
    new.advance(secs(50));
    assert!(watcher.payloads().is_empty());
    new.advance(secs(20));
    assert_eq!(
        watcher.payloads(),
        ["waiting"],
        "its client has not come to the new node after all"
    );
}

#[test]
fn a_session_that_was_not_to_outlive_its_connection_does_not_move() {
    let (old, _) = nodes();
    let client = old.connect("c");
    assert_eq!(old.takeover_begin("c", &claim(None), secs(15)), Begun::Nothing);
    assert_eq!(client.closed(), Some(DisconnectReason::TakenOver));
    assert_eq!(old.gauges(), GaugeSums::default());
    assert_eq!(old.takeover_begin("c", &claim(None), secs(15)), Begun::Nothing);
}

#[test]
fn only_its_owner_may_take_or_discard_a_session() {
    let (old, _) = nodes();
    let client = old.client("c").username("ann").persistent().connect();
    let eve = claim(Some("eve"));
    let Begun::Refused(refusal) = old.takeover_begin("c", &eve, secs(15)) else {
        panic!("eve has it");
    };
    let local = old.client("c").username("eve").persistent().connect();
    assert_eq!(refusal.reason_code, local.connack.reason_code);
    assert_eq!(local.summary().detail, Some(refusal.detail.clone()));
    let discarded = old.discard("c", Some(&eve), DisconnectReason::Discarded);
    assert_eq!(discarded, Discarded::Refused(refusal));
    assert_eq!(client.closed(), None);
    let proven = Identity {
        authenticated_by: Some(Arc::from("password_based:built_in_database")),
        ..Identity::claimed(Some("ann".into()))
    };
    assert_eq!(old.takeover_begin("c", &claim_of(&proven), secs(15)), Begun::Nothing);
    assert_eq!(
        client.closed(),
        Some(DisconnectReason::Discarded),
        "what the other left is not handed over"
    );
    assert_eq!(old.gauges(), GaugeSums::default());
}

#[test]
fn a_session_is_discarded_for_another_node() {
    let (old, _) = nodes();
    let watcher = old.connect("watcher");
    watcher.subscribe("wills", QoS::AtMostOnce);
    let starts_clean = old.client("a").persistent().will(will("wills", "a", 60)).connect();
    let is_newer_elsewhere = old.client("b").persistent().will(will("wills", "b", 60)).connect();
    assert_eq!(
        old.discard("a", Some(&claim(None)), DisconnectReason::Discarded),
        Discarded::Done
    );
    assert_eq!(old.discard("b", None, DisconnectReason::TakenOver), Discarded::Done);
    assert_eq!(old.discard("b", None, DisconnectReason::TakenOver), Discarded::Nothing);
    for (client, reason) in [
        (starts_clean, DisconnectReason::Discarded),
        (is_newer_elsewhere, DisconnectReason::TakenOver),
    ] {
        assert_eq!(client.disconnect_code(), Some(ReasonCode::SessionTakenOver));
        assert_eq!(client.closed(), Some(reason));
    }
    assert_eq!(old.metric(Metric::SessionDiscarded), 2);
    assert_eq!(old.gauges().sessions, 1, "the watcher's");
    old.advance(secs(120));
    assert_eq!(watcher.payloads(), ["a"], "the other client is there, elsewhere");
}

#[test]
fn a_freeze_that_nobody_ends_is_over_in_time() {
    let (old, new) = nodes();
    let client = old.client("c").expiry(10).connect();
    client.subscribe("t", QoS::AtLeastOnce);
    client.drop_connection();
    old.arrive(&remote(1, "before"));
    let (freeze, session) = old.freeze("c");
    new.takeover_import("c", &session).unwrap();
    old.arrive(&remote(2, "meanwhile"));
    new.arrive(&remote(2, "meanwhile"));
    old.advance(secs(14));
    assert!(old.has_session("c"), "it does not expire while it is frozen");
    old.advance(secs(2));
    assert!(!old.has_session("c"), "ten seconds were over long ago");
    assert_eq!(old.takeover_end("c", freeze), None);
    assert!(new.takeover_abandon("c") && !new.takeover_abandon("c"));
    assert_eq!((old.gauges(), new.gauges()), Default::default());
}

#[test]
fn a_client_that_comes_back_to_the_old_node_finds_everything_there() {
    let (old, new) = nodes();
    absent(&old, "c");
    old.arrive(&remote(1, "before"));
    let (freeze, session) = old.freeze("c");
    new.takeover_import("c", &session).unwrap();
    old.arrive(&remote(2, "meanwhile"));
    let back = old.client("c").persistent().connect();
    assert!(back.connack.session_present);
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["before", "meanwhile"]);
    assert_eq!(old.takeover_end("c", freeze), None);
    assert_eq!(back.closed(), None);
    assert!(new.takeover_abandon("c"));
    assert_eq!(new.gauges(), GaugeSums::default());
}

#[test]
fn a_later_takeover_has_the_session_and_the_earlier_one_nothing() {
    let (old, new) = nodes();
    absent(&old, "c");
    let (first, _) = old.freeze("c");
    old.arrive(&remote(1, "meanwhile"));
    let (second, session) = old.freeze("c");
    assert_eq!(old.takeover_end("c", first), None);
    new.takeover_import("c", &session).unwrap();
    let collected = old.takeover_end("c", second).unwrap();
    new.takeover_merge("c", &collected).unwrap();
    let client = new.client("c").persistent().connect();
    assert_eq!(payloads_of(&client.read_and_ack_all()), ["meanwhile"]);
}

#[test]
fn a_clean_start_or_a_kick_ends_a_frozen_session() {
    let (old, _) = nodes();
    absent(&old, "a");
    absent(&old, "b");
    let (a, _) = old.freeze("a");
    let (b, _) = old.freeze("b");
    assert!(old.kick("a"));
    let fresh = old.client("b").connect();
    assert!(!fresh.connack.session_present);
    assert_eq!((old.takeover_end("a", a), old.takeover_end("b", b)), (None, None));
    assert_eq!(fresh.closed(), None);
}

#[test]
fn a_client_that_comes_before_the_rest_goes_on_without_it() {
    let (old, new) = nodes();
    absent(&old, "c");
    old.arrive(&remote(1, "before"));
    let (freeze, session) = old.freeze("c");
    new.takeover_import("c", &session).unwrap();
    new.arrive(&remote(2, "meanwhile"));
    let client = new.client("c").persistent().connect();
    assert_eq!(payloads_of(&client.read_and_ack_all()), ["before", "meanwhile"]);
    let collected = old.takeover_end("c", freeze).unwrap();
    assert_eq!(new.takeover_merge("c", &collected), Err(MergeError::NotImported));
    assert!(!new.takeover_abandon("c"), "its client is here");
}

#[test]
fn a_session_whose_rest_never_comes_goes_on_without_it() {
    let (old, new) = nodes();
    let watcher = new.connect("watcher");
    watcher.subscribe("wills", QoS::AtMostOnce);
    let gone = old.client("c").expiry(120).will(will("wills", "gone", 30)).connect();
    gone.drop_connection();
    let (_, session) = old.freeze("c");
    new.takeover_import("c", &session).unwrap();
    new.advance(secs(80));
    assert!(watcher.payloads().is_empty(), "the other node may still have it");
    new.advance(secs(15));
    assert_eq!(watcher.payloads(), ["gone"]);
    assert!(!new.takeover_abandon("c"));
    new.advance(secs(30));
    assert!(!new.has_session("c"));
}

#[test]
fn what_a_share_group_gave_an_abandoned_session_goes_to_another_member() {
    let (old, new) = nodes();
    let client = old.client("c").persistent().connect();
    client.subscribe("$share/g/t", QoS::AtLeastOnce);
    client.drop_connection();
    old.connect("p").publish("t", "kept there", QoS::AtLeastOnce);
    let (_, session) = old.freeze("c");
    new.takeover_import("c", &session).unwrap();
    new.connect("p").publish("t", "given here", QoS::AtLeastOnce);
    let other = new.connect("other");
    other.subscribe("$share/g/t", QoS::AtLeastOnce);
    assert!(new.takeover_abandon("c"));
    assert_eq!(payloads_of(&other.read_and_ack_all()), ["given here"]);
}

#[test]
fn the_limits_of_the_new_node_hold() {
    let (old, _) = nodes();
    let new = TestBroker::with_config(MqttConfig {
        max_mqueue_len: Some(2),
        max_subscriptions: Some(2),
        exclusive_subscription: true,
        ..MqttConfig::default()
    });
    old.configure(|config| config.exclusive_subscription = true);
    let holder = new.connect("holder");
    holder.subscribe("$exclusive/held", QoS::AtLeastOnce);
    let client = old.client("c").persistent().connect();
    for filter in ["t", "u", "v", "$exclusive/held"] {
        client.subscribe(filter, QoS::AtLeastOnce);
    }
    client.drop_connection();
    for number in 1..=3 {
        old.arrive(&remote(number, &number.to_string()));
    }
    let (freeze, session) = old.freeze("c");
    old.arrive(&remote(4, "4"));
    new.takeover_import("c", &session).unwrap();
    new.arrive(&remote(5, "5"));
    let collected = old.takeover_end("c", freeze).unwrap();
    new.takeover_merge("c", &collected).unwrap();
    assert_eq!(new.gauges().subscriptions, 3, "the holder's and two of four");
    assert_eq!(old.state().exclusive.len(), 0);
    assert_eq!(new.state().exclusive.holder("held").as_deref(), Some("holder"));
    let back = new.client("c").persistent().connect();
    let got = payloads_of(&back.read_and_ack_all());
    let dropped = new.metric(Metric::DeliveryDroppedQueueFull);
    // Which of its subscriptions stay is nobody's promise.
    match new.on_shard_of("c", |shard| shard.subscription(shard.session_key("c").unwrap(), "t")) {
        Some(_) => assert_eq!((got, dropped), (vec!["4".to_owned(), "5".to_owned()], 3)),
        None => assert_eq!((got, dropped), (vec!["3".to_owned(), "4".to_owned()], 2)),
    }
}

#[test]
fn an_exclusive_topic_moves_along() {
    let (old, new) = nodes();
    for node in [&old, &new] {
        node.configure(|config| config.exclusive_subscription = true);
    }
    let client = old.client("c").persistent().connect();
    client.subscribe("$exclusive/t", QoS::AtLeastOnce);
    old.move_to(&new, "c");
    assert!(old.state().exclusive.is_empty());
    assert_eq!(new.state().exclusive.holder("t").as_deref(), Some("c"));
    new.arrive(&remote(1, "m"));
    let back = new.client("c").persistent().connect();
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["m"]);
}

#[test]
fn times_are_those_of_the_new_nodes_clock() {
    let (old, new) = nodes();
    let client = old.client("c").persistent().expiry(100).connect();
    client.subscribe("t", QoS::AtLeastOnce);
    client.drop_connection();
    old.connect("p").publish_with("t", "short-lived", |properties| {
        properties.message_expiry_interval = Some(20);
    });
    old.advance(secs(15));
    old.move_to(&new, "c");
    new.advance(secs(3));
    let client = new.client("c").persistent().expiry(100).connect();
    let left = client
        .only_message()
        .properties
        .and_then(|properties| properties.message_expiry_interval);
    assert_eq!(left, Some(2));
    client.drop_connection();
    new.move_to(&old, "c");
    old.advance(secs(99));
    assert!(old.has_session("c"));
    old.advance(secs(2));
    assert!(!old.has_session("c"));
}

#[test]
fn retained_messages_that_were_still_to_come_come_at_the_new_node() {
    let (old, new) = nodes();
    for node in [&old, &new] {
        let publisher = node.connect("p");
        for number in 0..4 {
            publisher.publish_retained(&format!("r/{number}"), &number.to_string(), QoS::AtLeastOnce);
        }
    }
    let client = old.client("c").persistent().receive_maximum(2).connect();
    let options = Subscribing {
        qos: QoS::AtLeastOnce,
        ..Subscribing::default()
    };
    client.subscribe_with("r/#", &options);
    assert_eq!(client.payloads(), ["0", "1"]);
    old.move_to(&new, "c");
    let back = new.client("c").persistent().connect();
    let got = back.read_and_ack_all();
    assert_eq!(payloads_of(&got), ["0", "1", "2", "3"]);
    assert!(got[1].dup && !got[2].dup);
}

#[test]
fn another_clients_session_or_a_second_one_is_not_taken_in() {
    let (old, new) = nodes();
    absent(&old, "c");
    let (_, session) = old.freeze("c");
    assert_eq!(new.takeover_import("d", &session), Err(ImportError::OtherClient));
    let mut of_another_format = session.clone();
    of_another_format[0] = 99;
    assert_eq!(
        new.takeover_import("c", &of_another_format),
        Err(ImportError::OtherFormat(99))
    );
    assert_eq!(new.gauges(), GaugeSums::default());
    assert_eq!(new.takeover_import("c", &session), Ok(()));
    assert_eq!(new.takeover_import("c", &session), Err(ImportError::Twice));
    assert_eq!(new.gauges(), ONE_SUBSCRIPTION);
}

#[test]
fn damaged_bytes_leave_nothing_behind() {
    let (old, new) = nodes();
    let client = old
        .client("c")
        .persistent()
        .receive_maximum(1)
        .will(will("w", "w", 60))
        .connect();
    client.subscribe("t", QoS::ExactlyOnce);
    client.subscribe("$share/g/u", QoS::AtLeastOnce);
    old.arrive(&remote(1, "in flight"));
    old.arrive(&remote(2, "waits"));
    client.drop_connection();
    let (freeze, session) = old.freeze("c");
    old.arrive(&remote(3, "collected"));
    let collected = old.takeover_end("c", freeze).unwrap();
    for place in 0..session.len() {
        assert!(new.takeover_import("c", &session[..place]).is_err());
        let mut damaged = session.clone();
        damaged[place] ^= 0x81;
        // What reads as a session is one.
        match new.takeover_import("c", &damaged) {
            Ok(()) => assert!(new.takeover_abandon("c")),
            Err(_) => assert!(!new.has_session("c")),
        }
        assert_eq!(new.gauges(), GaugeSums::default(), "byte {place}");
        assert_eq!(new.state().routes.page(None, 9).len(), 0, "byte {place}");
    }
    new.takeover_import("c", &session).unwrap();
    for place in 0..collected.len() {
        assert!(new.takeover_merge("c", &collected[..place]).is_err());
    }
    new.takeover_merge("c", &collected).unwrap();
    let back = new.client("c").persistent().connect();
    assert_eq!(
        payloads_of(&back.read_and_ack_all()),
        ["in flight", "waits", "collected"]
    );
}

#[test]
fn an_upgrade_in_the_middle_loses_nothing() {
    let (old, new) = nodes();
    absent(&old, "c");
    old.arrive(&remote(1, "before"));
    let (freeze, session) = old.freeze("c");
    new.takeover_import("c", &session).unwrap();
    old.arrive(&remote(2, "meanwhile"));
    old.hand_over(2);
    assert_eq!(old.takeover_end("c", freeze), None);
    assert!(new.takeover_abandon("c"));
    let back = old.client("c").persistent().connect();
    assert_eq!(payloads_of(&back.read_and_ack_all()), ["before", "meanwhile"]);
}
