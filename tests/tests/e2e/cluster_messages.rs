//! Messages from clients of one node to clients of others: all of them, in order, once a node; share groups over nodes;
//! a node that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use emqx_tests::{Daemon, QoS, TestClient, TestCluster, wait_until};
use mqtt_codec::{PublishProperties, ReasonCode, RetainHandling, SubscribeFilter};

/// Waits until a node knows what clients of another one have subscribed to so far, and messages reach it.
fn until_known(from: &Daemon, to: &Daemon) {
    let name = format!("probe/{}", to.pid());
    let mut probe = to.connect_v5(&name);
    probe.subscribe(&name, QoS::AtLeastOnce);
    let mut publisher = from.connect_v5("prober");
    wait_until("a message from one node reaches the other", || {
        let publish = publisher.message(&name, "", QoS::AtLeastOnce);
        publisher.publish_packet(publish) == Some(ReasonCode::Success)
    });
    probe.expect_publish();
}

fn figures(node: &Daemon, metric: &str) -> u64 {
    let metrics = node.ctl(["broker", "metrics"]).ok();
    let line = metrics
        .lines()
        .find(|line| line.split(':').next().is_some_and(|name| name.trim() == metric));
    let line = line.unwrap_or_else(|| panic!("no {metric} in {metrics}"));
    line.split(':')
        .nth(1)
        .and_then(|value| value.trim().parse().ok())
        .expect("a number")
}

/// Publishes numbers to a topic until told to stop, then `end`; how many.
fn publish_until(
    mut client: TestClient,
    topic: &'static str,
    qos: QoS,
    stop: &Arc<AtomicBool>,
) -> thread::JoinHandle<u64> {
    let stop = Arc::clone(stop);
    thread::spawn(move || {
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            client.publish(topic, number.to_string(), qos);
            number += 1;
        }
        client.publish(topic, "end", qos);
        number
    })
}

/// Numbers as they come, up to `end`.
fn receive_to_end(mut client: TestClient) -> thread::JoinHandle<Vec<u64>> {
    thread::spawn(move || {
        let mut numbers = Vec::new();
        loop {
            match client.expect_payload().as_str() {
                "end" => return numbers,
                number => numbers.push(number.parse().expect("a number")),
            }
        }
    })
}

#[test]
fn what_a_client_of_one_node_publishes_reaches_clients_of_all_in_order() {
    let cluster = TestCluster::of(3);
    let (a, b, c) = (&cluster[0], &cluster[1], &cluster[2]);
    let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];
    let subscribers: Vec<TestClient> = [a, b, c]
        .iter()
        .enumerate()
        .flat_map(|(index, node)| {
            // Two on each node: one copy crosses all the same.
            ["one", "two"].map(|name| {
                let mut client = node.connect_v5(&format!("{name}-{index}"));
                client.subscribe("t/#", QoS::ExactlyOnce);
                client
            })
        })
        .collect();
    until_known(a, b);
    until_known(a, c);
    let forwarded = figures(a, "messages.forward");
    let received = figures(b, "messages.received");
    let mut publisher = a.connect_v5("p");
    let mut expected = Vec::new();
    for number in 0..300 {
        publisher.publish("t/1", number.to_string(), qos[number % 3]);
        expected.push((number.to_string(), qos[number % 3]));
    }
    for mut subscriber in subscribers {
        let came: Vec<(String, QoS)> = (0..300)
            .map(|_| {
                let publish = subscriber.expect_publish();
                (String::from_utf8_lossy(&publish.payload).into_owned(), publish.qos)
            })
            .collect();
        assert_eq!(came, expected);
        subscriber.expect_no_publish();
    }
    assert_eq!(
        figures(a, "messages.forward") - forwarded,
        600,
        "one copy for each other node"
    );
    assert_eq!(
        figures(b, "messages.received"),
        received,
        "no client of this node has published"
    );
}

#[test]
fn a_message_crosses_with_its_properties_flags_and_what_is_left_of_its_life() {
    let cluster = TestCluster::of(2);
    let (a, b) = (&cluster[0], &cluster[1]);
    let mut subscriber = b.connect_v5("s");
    subscriber.subscribe_with(SubscribeFilter {
        filter: "t".into(),
        qos: QoS::ExactlyOnce,
        no_local: false,
        retain_as_published: true,
        retain_handling: RetainHandling::SendAtSubscribe,
    });
    until_known(a, b);
    let mut publisher = a.connect_v5("p");
    let properties = PublishProperties {
        payload_is_utf8: Some(true),
        message_expiry_interval: Some(60),
        response_topic: Some("answer".into()),
        correlation_data: Some(vec![0, 255].into()),
        user_properties: vec![("a".into(), "1".into()), ("a".into(), "2".into())],
        content_type: Some("text/plain".into()),
        ..PublishProperties::default()
    };
    let mut publish = publisher.message("t", "x".repeat(300_000), QoS::ExactlyOnce);
    publish.retain = true;
    publish.properties = Some(Box::new(properties.clone()));
    publisher.publish_packet(publish);
    let came = subscriber.expect_publish();
    assert!(came.retain && came.payload.len() == 300_000);
    let mut came = *came.properties.expect("it has some");
    let left = came.message_expiry_interval.replace(60);
    assert!(left.is_some_and(|left| (1..=60).contains(&left)), "{left:?}");
    assert_eq!(came, properties);
}

#[test]
fn a_share_group_over_three_nodes_gets_each_message_once() {
    let cluster = TestCluster::of_with(3, "mqtt.shared_subscription_strategy = round_robin");
    let (a, b, c) = (&cluster[0], &cluster[1], &cluster[2]);
    let mut members = [a, b, c].map(|node| {
        let mut client = node.connect_v5(&format!("member-{}", node.pid()));
        client.subscribe("$share/g/jobs/#", QoS::ExactlyOnce);
        client
    });
    until_known(a, b);
    until_known(a, c);
    let mut publisher = a.connect_v5("p");
    for job in 0..90 {
        publisher.publish("jobs/1", job.to_string(), QoS::AtLeastOnce);
    }
    let mut jobs = Vec::new();
    for member in &mut members {
        let share = member.expect_payloads(30);
        jobs.extend(share.iter().map(|job| job.parse::<u32>().expect("a number")));
        member.expect_no_publish();
    }
    jobs.sort_unstable();
    assert_eq!(jobs, Vec::from_iter(0..90), "every job once");
}

#[test]
fn with_the_local_strategy_a_message_stays_where_there_is_a_member() {
    let cluster = TestCluster::of_with(2, "mqtt.shared_subscription_strategy = local");
    let (a, b) = (&cluster[0], &cluster[1]);
    let mut far = b.connect_v5("far");
    far.subscribe("$share/g/jobs/#", QoS::AtLeastOnce);
    let mut near = a.connect_v5("near");
    near.subscribe("$share/g/jobs/#", QoS::AtLeastOnce);
    until_known(a, b);
    let mut publisher = a.connect_v5("p");
    for job in ["1", "2", "3"] {
        publisher.publish("jobs/1", job, QoS::AtLeastOnce);
    }
    assert_eq!(near.expect_payloads(3), ["1", "2", "3"]);
    near.unsubscribe("$share/g/jobs/#");
    publisher.publish("jobs/1", "4", QoS::AtLeastOnce);
    assert_eq!(far.expect_payload(), "4", "the others are there when nobody else is");
    far.expect_no_publish();
}

#[test]
fn a_node_that_stood_still_for_a_moment_gets_what_it_missed() {
    // All of it comes at once afterwards, faster than one client takes it.
    let cluster = TestCluster::of_with(2, "mqtt.max_mqueue_len = 1000000");
    let (a, b) = (&cluster[0], &cluster[1]);
    let mut subscriber = b.connect_v5("s");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    until_known(a, b);
    let receiving = receive_to_end(subscriber);
    let stop = Arc::new(AtomicBool::new(false));
    let publishing = publish_until(a.connect_v5("p"), "t", QoS::ExactlyOnce, &stop);
    b.signal("STOP");
    let before = figures(a, "messages.forward");
    wait_until("messages wait", || figures(a, "messages.forward") > before + 200);
    thread::sleep(Duration::from_secs(1));
    b.signal("CONT");
    stop.store(true, Ordering::Relaxed);
    let sent = publishing.join().expect("it publishes");
    assert_eq!(
        receiving.join().expect("all come"),
        Vec::from_iter(0..sent),
        "once and in order"
    );
}
