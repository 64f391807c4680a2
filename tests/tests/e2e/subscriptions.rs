//! `emqx-ctl topics` and `subscriptions`.

use emqx_tests::{Daemon, QoS};

#[test]
fn without_subscriptions_emqxs_words_are_printed() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["topics", "list"]).ok(), "No topics.\n");
    assert_eq!(daemon.ctl(["subscriptions", "list"]).ok(), "No subscriptions.\n");
    assert_eq!(daemon.ctl(["subscriptions", "show", "nobody"]).stdout, "Not Found.\n");
}

#[test]
fn subscriptions_and_routes_are_listed_as_in_emqx() {
    let daemon = Daemon::start();
    let mut plain = daemon.connect_v5("emqx_a");
    plain.subscribe("t/1", QoS::AtMostOnce);
    let mut shared = daemon.connect_v5("emqx_b");
    shared.subscribe("$share/g1/t/2", QoS::AtLeastOnce);

    let text = daemon.ctl(["subscriptions", "list"]).ok();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let plain_line = "emqx_a -> topic:t/1 qos:0 nl:0 rh:0 rap:0";
    assert_eq!(
        lines,
        [plain_line, "emqx_b -> topic:$share/g1/t/2 qos:1 nl:0 rh:0 rap:0"]
    );
    assert_eq!(
        daemon.ctl(["subscriptions", "show", "emqx_a"]).ok(),
        format!("{plain_line}\n")
    );

    let text = daemon.ctl(["topics", "list"]).ok();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["t/1 -> emqx@127.0.0.1", "t/2 -> emqx@127.0.0.1"]);
    assert_eq!(daemon.ctl(["topics", "show", "t/1"]).ok(), "t/1 -> emqx@127.0.0.1\n");
}

#[test]
fn an_operator_subscribes_a_client_and_ends_it() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("c");
    assert_eq!(daemon.ctl(["subscriptions", "add", "c", "added/+", "1"]).ok(), "ok\n");
    let mut publisher = daemon.connect_v5("p");
    publisher.publish("added/1", "hello", QoS::AtLeastOnce);
    assert_eq!(client.expect_payload(), "hello");

    assert_eq!(daemon.ctl(["subscriptions", "del", "c", "added/+"]).ok(), "ok\n");
    publisher.publish("added/1", "unheard", QoS::AtLeastOnce);
    client.expect_no_publish();
    assert_eq!(daemon.ctl(["topics", "list"]).ok(), "No topics.\n");
}

#[test]
fn a_client_that_is_not_there_cannot_be_subscribed() {
    let daemon = Daemon::start();
    let output = daemon.ctl(["subscriptions", "add", "nobody", "t", "1"]);
    assert_eq!(output.status, Some(4), "{output:?}");
    let all = format!("{}{}", output.stdout, output.stderr);
    assert!(all.contains("Channel not found") || all.contains("nobody"), "{all}");
}
