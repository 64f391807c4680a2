//! One session for each client id in the whole cluster: it moves with its client, with all that waits for it, and only
//! its owner gets it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::{
    ClientOptions, Daemon, Packet, QoS, ReasonCode, Refused, Successor, TestClient, TestCluster, wait_until,
};
use mqtt_codec::{Ack, PacketId};

/// The next message for a client that dies and comes back: `held` are the QoS 2 packets it has taken and not released.
/// What the broker repeats of an exchange is answered and no message.
fn next_payload(client: &mut TestClient, held: &mut HashSet<PacketId>) -> String {
    loop {
        match client.next_packet().expect("the broker does not end it") {
            Packet::Publish(publish) => {
                let id = publish.packet_id.expect("QoS 2 has one");
                client.send(&Packet::Pubrec(Ack::new(id, ReasonCode::Success)));
                if held.insert(id) {
                    return String::from_utf8_lossy(&publish.payload).into_owned();
                }
            }
            Packet::Pubrel(ack) => {
                held.remove(&ack.packet_id);
                client.send(&Packet::Pubcomp(Ack::new(ack.packet_id, ReasonCode::Success)));
            }
            other => panic!("{other:?} in place of a message"),
        }
    }
}

fn persistent(daemon: &Daemon, client_id: &str) -> TestClient {
    daemon.connect(ClientOptions::v5(client_id).persistent())
}

/// How many sessions of a client there are on all nodes.
fn sessions_of(cluster: &TestCluster, client_id: &str) -> usize {
    let row = format!("Client({client_id},");
    let of_node = |node: usize| {
        let list = cluster[node].ctl(["clients", "list"]).ok();
        list.lines().filter(|line| line.starts_with(&row)).count()
    };
    (0..cluster.len()).map(of_node).sum()
}

/// Waits until one node knows that client `c` is on another.
fn until_known(cluster: &TestCluster, at: usize, on: usize) {
    wait_until("its place is known", || {
        let shown = cluster[at].ctl(["-f", "json", "clients", "show", "c"]);
        shown.stderr.contains(cluster.name(on))
    });
}

/// Publishes until somebody gets it.
fn publish_when_wanted(publisher: &mut TestClient, topic: &str, text: &str, qos: QoS) {
    wait_until("somebody on another node wants it", || {
        let publish = publisher.message(topic, text, qos);
        publisher.publish_packet(publish) == Some(ReasonCode::Success)
    });
}

#[test]
fn a_session_moves_from_node_to_node_with_what_waits_for_it() {
    let cluster = TestCluster::of(3);
    let mut publisher = cluster[0].connect_v5("publisher");
    let mut client = persistent(&cluster[0], "traveller");
    client.subscribe("road/#", QoS::ExactlyOnce);
    client.disconnect();
    for (hop, node) in [1, 2, 0, 2].into_iter().enumerate() {
        publish_when_wanted(
            &mut publisher,
            "road/first",
            &format!("{hop}: begins"),
            QoS::AtLeastOnce,
        );
        for number in 0..20 {
            let qos = [QoS::AtLeastOnce, QoS::ExactlyOnce][number % 2];
            publisher.publish("road/queued", format!("{hop}: {number}"), qos);
        }
        let mut client = persistent(&cluster[node], "traveller");
        assert!(client.session_present(), "at node {node}");
        assert_eq!(client.expect_payload(), format!("{hop}: begins"));
        let came = client.expect_payloads(20);
        assert_eq!(came, Vec::from_iter((0..20).map(|number| format!("{hop}: {number}"))));
        client.expect_no_publish();
        assert_eq!(sessions_of(&cluster, "traveller"), 1);
        client.disconnect();
    }
}

#[test]
fn who_comes_on_another_node_takes_over_and_the_old_connection_is_told() {
    let cluster = TestCluster::of(2);
    let mut old = persistent(&cluster[0], "c");
    old.subscribe("t", QoS::AtLeastOnce);
    let new = persistent(&cluster[1], "c");
    assert!(new.session_present());
    assert_eq!(old.expect_disconnect(), ReasonCode::SessionTakenOver);
    cluster[0].expect_shutdown_count("takenover", 1);

    let fresh = cluster[0].connect_v5("c");
    assert!(!fresh.session_present(), "a clean start");
    wait_until("the other one is gone", || sessions_of(&cluster, "c") == 1);
    drop(new);
}

#[test]
fn a_client_is_kicked_from_any_node() {
    let cluster = TestCluster::of(2);
    let mut client = persistent(&cluster[0], "c");
    until_known(&cluster, 1, 0);
    assert_eq!(cluster[1].ctl(["clients", "kick", "c"]).ok(), "ok\n");
    assert_eq!(client.expect_disconnect(), ReasonCode::AdministrativeAction);
    assert_eq!(sessions_of(&cluster, "c"), 0);
}

#[test]
fn a_session_of_somebody_else_is_not_given_to_a_client_of_another_node() {
    let cluster = TestCluster::of(2);
    let mut owner = cluster[0].connect(ClientOptions::v5("c").persistent().username("alice"));
    owner.subscribe("secrets", QoS::AtLeastOnce);
    let mallory = ClientOptions::v5("c").persistent().username("mallory");
    let refused = mallory.try_connect(cluster[1].address());
    assert!(matches!(refused, Err(Refused::Connack(_))), "{:?}", refused.err());
    owner.ping();
}

#[test]
fn a_client_that_hops_among_nodes_gets_each_message_once_and_in_order() {
    // It is slower than the publisher.
    let cluster = TestCluster::of_with(3, "mqtt.max_mqueue_len = 1000000");
    let mut client = persistent(&cluster[0], "hopper");
    client.subscribe("t", QoS::ExactlyOnce);
    let stop = Arc::new(AtomicBool::new(false));
    let mut publisher = cluster[1].connect_v5("publisher");
    publish_when_wanted(&mut publisher, "t", "0", QoS::ExactlyOnce);
    let publishing = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let mut sent = 1;
            while !stop.load(Ordering::Relaxed) {
                publisher.publish("t", sent.to_string(), QoS::ExactlyOnce);
                sent += 1;
            }
            publisher.publish("t", "end", QoS::ExactlyOnce);
            sent
        }
    });
    let (mut came, mut held) = (Vec::new(), HashSet::new());
    for hop in 1..=12 {
        let before = came.len();
        while came.len() < before + 20 {
            came.push(next_payload(&mut client, &mut held));
        }
        client.kill();
        client = persistent(&cluster[hop % 3], "hopper");
        assert!(client.session_present(), "hop {hop}");
    }
    stop.store(true, Ordering::Relaxed);
    let sent: u64 = publishing.join().expect("it publishes");
    loop {
        match next_payload(&mut client, &mut held) {
            end if end == "end" => break,
            number => came.push(number),
        }
    }
    let wrong = came
        .iter()
        .zip(0..sent)
        .find(|(came, number)| **came != number.to_string());
    assert_eq!(wrong, None, "the first of {} that is not in its place", came.len());
    assert_eq!(came.len() as u64, sent);
}

#[test]
fn a_node_that_stands_still_holds_a_newcomer_up_for_seconds_only() {
    let cluster = TestCluster::of(3);
    let old = persistent(&cluster[0], "c");
    until_known(&cluster, 1, 0);
    cluster[0].signal("STOP");
    let began = Instant::now();
    let new = persistent(&cluster[1], "c");
    let took = began.elapsed();
    cluster[0].signal("CONT");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(!new.session_present(), "nobody could be asked for it");
    wait_until("the newer session stays", || sessions_of(&cluster, "c") == 1);
    wait_until("it is the one at the second node", || {
        cluster[1].ctl(["clients", "list"]).ok().starts_with("Client(c,")
    });
    drop((old, new));
}

#[test]
fn where_sessions_need_a_majority_a_node_without_one_sends_them_to_others() {
    let cluster = TestCluster::of_with(3, "cluster.sessions_need_majority = true");
    let connects = |node: usize, id: &str| {
        let client = ClientOptions::v5(id).persistent();
        client.try_connect(cluster[node].address())
    };
    let wait_for_session = |node: usize, id: &str| {
        let mut client = None;
        wait_until("sessions are taken", || {
            client = connects(node, id).ok();
            client.is_some()
        });
        client.expect("it was waited for")
    };
    let mut kept = wait_for_session(0, "kept");
    kept.subscribe("t", QoS::AtLeastOnce);
    let mut passing = cluster[0].connect_v5("passing");
    for node in [1, 2] {
        cluster[node].signal("STOP");
    }
    assert_eq!(kept.expect_disconnect(), ReasonCode::UseAnotherServer);
    match connects(0, "kept") {
        Err(Refused::Connack(code)) => assert_eq!(code, ReasonCode::UseAnotherServer),
        other => panic!("{other:?}"),
    }
    let alarms = cluster[0].ctl(["alarms", "list"]).ok();
    assert!(alarms.contains("sessions_not_owned"), "{alarms}");
    // Whose session ends with the connection loses nothing by staying.
    passing.ping();
    for node in [1, 2] {
        cluster[node].signal("CONT");
    }
    let back = wait_for_session(0, "kept");
    assert!(back.session_present(), "it was kept meanwhile");
    wait_until("the alarm is cleared", || {
        !cluster[0].ctl(["alarms", "list"]).ok().contains("sessions_not_owned")
    });
}

#[test]
fn where_sessions_need_a_majority_a_node_that_is_cut_off_has_none_when_it_comes_back() {
    let cluster = TestCluster::of_with(3, "cluster.sessions_need_majority = true");
    let comes_in = |node: usize| {
        let mut client = None;
        wait_until("sessions are taken", || {
            let options = ClientOptions::v5("wanderer").persistent();
            client = options.try_connect(cluster[node].address()).ok();
            client.is_some()
        });
        client.expect("it was waited for")
    };
    let mut first = comes_in(0);
    first.subscribe("t", QoS::AtLeastOnce);
    cluster[0].signal("STOP");
    // Only once the first node can own none any more.
    let mut second = comes_in(1);
    second.subscribe("u", QoS::AtLeastOnce);
    cluster[0].signal("CONT");
    // The very first that is let in there again.
    let mut third = comes_in(0);
    assert!(third.session_present());
    assert_eq!(second.expect_disconnect(), ReasonCode::SessionTakenOver);
    let mut publisher = cluster[0].connect_v5("publisher");
    publisher.publish("u", "it is the second session, not the first", QoS::AtLeastOnce);
    assert_eq!(third.expect_payload(), "it is the second session, not the first");
    wait_until("there is one", || sessions_of(&cluster, "wanderer") == 1);
}

#[test]
fn where_sessions_need_a_majority_one_that_was_begun_anew_elsewhere_is_not_gone_on_with() {
    let cluster = TestCluster::of_with(3, "cluster.sessions_need_majority = true");
    let comes_in = |node: usize, options: fn() -> ClientOptions| {
        let mut client = None;
        wait_until("sessions are taken", || {
            client = options().try_connect(cluster[node].address()).ok();
            client.is_some()
        });
        client.expect("it was waited for")
    };
    let kept = || ClientOptions::v5("wanderer").persistent();
    let mut first = comes_in(0, kept);
    first.subscribe("t", QoS::AtLeastOnce);
    cluster[0].signal("STOP");
    let second = comes_in(1, kept);
    assert!(!second.session_present(), "nobody who answers has one");
    // It ends what it began, so that no node has a newer session in the end.
    let last = comes_in(1, || ClientOptions::v5("wanderer"));
    drop((second, last));
    wait_until("it has gone", || {
        !cluster[1].ctl(["clients", "list"]).ok().contains("wanderer")
    });
    cluster[0].signal("CONT");
    let third = comes_in(0, kept);
    assert!(!third.session_present(), "the client has begun anew since");
}

#[test]
fn where_sessions_need_a_majority_an_upgraded_node_has_its_clients_still() {
    let cluster = TestCluster::of_with(3, "cluster.sessions_need_majority = true");
    let connects = |id: &str| ClientOptions::v5(id).persistent().try_connect(cluster[1].address());
    let mut kept = None;
    wait_until("sessions are taken", || {
        kept = connects("kept").ok();
        kept.is_some()
    });
    let mut kept = kept.expect("it was waited for");
    kept.subscribe("t", QoS::AtLeastOnce);
    let answer = cluster[1].ctl(["-f", "json", "upgrade"]).json();
    let _successor = Successor::of(&answer);
    wait_until("sessions are taken there", || connects("another").is_ok());
    wait_until("the others know it again", || {
        let status = cluster[0].ctl(["cluster", "status"]).ok();
        !status.contains("stopped_nodes => ['")
    });
    let mut publisher = cluster[0].connect_v5("publisher");
    publisher.publish("t", "after the upgrade", QoS::AtLeastOnce);
    assert_eq!(kept.expect_payload(), "after the upgrade");
}

#[test]
fn where_sessions_need_a_majority_nodes_that_start_again_take_them_again() {
    for count in [1, 3] {
        let mut cluster = TestCluster::of_with(count, "cluster.sessions_need_majority = true");
        for number in 0..count {
            cluster[number].signal("KILL");
            cluster[number].wait_end();
            cluster[number].start_again();
        }
        cluster.expect_all_running();
        for number in 0..count {
            let id = format!("kept-{number}");
            wait_until("sessions are taken", || {
                let options = ClientOptions::v5(&id).persistent();
                options.try_connect(cluster[number].address()).is_ok()
            });
        }
    }
}

#[test]
fn the_licence_counts_the_sessions_of_all_nodes() {
    let cluster = TestCluster::of(2);
    let clients = [0, 0, 1].map(|node| cluster[node].connect_v5(&format!("c-{node}-{}", std::process::id())));
    // Two clients of one name on a node would be one session.
    let another = cluster[0].connect_v5("another");
    let row = |node: usize| {
        let text = cluster[node].ctl(["-f", "json", "license", "info"]).ok();
        let start = text.find("\"sessions\":").unwrap_or_else(|| panic!("{text}"));
        let digits = text[start + 11..].trim_start().chars().take_while(char::is_ascii_digit);
        digits
            .collect::<String>()
            .parse::<u64>()
            .unwrap_or_else(|_| panic!("{text}"))
    };
    wait_until("both count all", || row(0) == row(1) && row(0) == 3);
    drop((clients, another));
}
