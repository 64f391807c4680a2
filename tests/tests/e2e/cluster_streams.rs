//! What one node of a cluster owns is known to the others, and goes when the node does; retained messages stay.

use emqx_tests::{Daemon, TestCluster, wait_until};
use mqtt_codec::QoS;

fn route(daemon: &Daemon, filter: &str) -> String {
    daemon.ctl(["topics", "show", filter]).ok()
}

fn expect_route(cluster: &TestCluster, at: usize, filter: &str, expected: &str) {
    wait_until(&format!("{filter} is known as {expected:?}"), || {
        route(&cluster[at], filter) == expected
    });
}

/// Those of clients: each node has retained what it says of itself too.
fn retained(daemon: &Daemon) -> Vec<String> {
    let topics = daemon.ctl(["retainer", "topics"]).ok();
    let of_clients = topics.lines().filter(|topic| topic.starts_with("kept"));
    of_clients.map(str::to_owned).collect()
}

#[test]
fn a_subscription_on_one_node_is_a_route_on_all() {
    let cluster = TestCluster::of(3);
    let mut subscriber = cluster[1].connect_v5("on-b");
    for filter in ["a/exact", "a/+/wild", "$share/g/a/shared"] {
        subscriber.subscribe(filter, QoS::AtLeastOnce);
    }
    for at in [0, 2] {
        for filter in ["a/exact", "a/+/wild", "a/shared"] {
            expect_route(&cluster, at, filter, &format!("{filter} -> {}\n", cluster.name(1)));
        }
    }
    let mut other = cluster[0].connect_v5("on-a");
    other.subscribe("a/exact", QoS::AtMostOnce);
    let mut nodes = [cluster.name(0), cluster.name(1)];
    nodes.sort_unstable();
    let both: String = nodes.iter().map(|node| format!("a/exact -> {node}\n")).collect();
    expect_route(&cluster, 2, "a/exact", &both);
    subscriber.unsubscribe("a/exact");
    subscriber.unsubscribe("a/+/wild");
    expect_route(&cluster, 2, "a/exact", &format!("a/exact -> {}\n", cluster.name(0)));
    expect_route(&cluster, 2, "a/+/wild", "");
}

#[test]
fn a_node_that_joins_later_is_told_all_of_it() {
    let cluster = TestCluster::apart(2);
    let mut subscriber = cluster[0].connect_v5("s");
    for number in 0..3000 {
        subscriber.subscribe(&format!("room/{number}"), QoS::AtMostOnce);
    }
    subscriber.publish_retained("kept", "value", QoS::AtLeastOnce);
    cluster.join(1, 0);
    for filter in ["room/0", "room/2999"] {
        expect_route(&cluster, 1, filter, &format!("{filter} -> {}\n", cluster.name(0)));
    }
    wait_until("it has the retained message", || retained(&cluster[1]) == ["kept"]);
}

#[test]
fn what_a_killed_node_owned_goes_and_what_its_clients_retained_stays() {
    let mut cluster = TestCluster::of(3);
    let mut client = cluster[0].connect_v5("on-a");
    client.subscribe("here", QoS::AtLeastOnce);
    client.publish_retained("kept/one", "value", QoS::AtLeastOnce);
    client.publish_retained("kept/two", "value", QoS::AtLeastOnce);
    for at in [1, 2] {
        expect_route(&cluster, at, "here", &format!("here -> {}\n", cluster.name(0)));
        wait_until("it has both messages", || retained(&cluster[at]).len() == 2);
    }
    cluster.kill(0);
    cluster.expect_status(&[1, 2], &[0]);
    for at in [1, 2] {
        expect_route(&cluster, at, "here", "");
    }
    let mut late = cluster[2].connect_v5("late");
    late.subscribe("kept/one", QoS::AtLeastOnce);
    assert_eq!(late.expect_payload(), "value");

    // Cleared while the node is down, which has it no more anyway, and anew while it was away.
    late.publish_retained("kept/two", "", QoS::AtLeastOnce);
    cluster[0].start_again();
    cluster.expect_all_running();
    wait_until("it has what stayed", || retained(&cluster[0]) == ["kept/one"]);
    expect_route(&cluster, 0, "kept/one", &format!("kept/one -> {}\n", cluster.name(2)));
    assert_eq!(retained(&cluster[1]), ["kept/one"]);
}
