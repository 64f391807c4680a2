//! `conf show|check|diff|reload` and SIGHUP.

use std::fs;

use emqx_tests::{ClientOptions, Daemon, QoS, ReasonCode, Refused};

/// Replaces a line of the daemon's file.
fn rewrite(daemon: &Daemon, from: &str, to: &str) {
    let path = daemon.folder().join("emqx.conf");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn settings_are_shown_with_their_origins_and_without_secrets() {
    let daemon = Daemon::builder()
        .config("node.cookie = topsecret\nmqtt.max_inflight = 7")
        .env("EMQX_MQTT__MAX_AWAITING_REL", "9")
        .start();
    let all = daemon.ctl(["conf", "show"]).ok();
    assert!(all.contains("cookie = \"******\"\n"), "{all}");
    assert!(!all.contains("topsecret"), "{all}");
    let key = daemon.ctl(["conf", "show", "mqtt.max_inflight"]).ok();
    assert_eq!(key, "mqtt {\n  max_inflight = 7\n}\n");
    let origins = daemon.ctl(["conf", "show", "mqtt", "--origin"]).ok();
    assert!(
        origins.contains("max_inflight = 7  # ") && origins.contains("emqx.conf:"),
        "{origins}"
    );
    assert!(
        origins.contains("max_awaiting_rel = 9  # EMQX_MQTT__MAX_AWAITING_REL"),
        "{origins}"
    );
    assert!(origins.contains("strict_mode = false  # default"), "{origins}");
    let missing = daemon.ctl(["conf", "show", "mqtt.max_inflght"]);
    assert_eq!(
        (missing.status, missing.stdout.as_str()),
        (Some(4), "key_not_found\n"),
        "{missing:?}"
    );
    let keys = daemon.ctl(["conf", "show_keys"]).ok();
    assert!(keys.contains(" <<\"mqtt\">>,\n"), "{keys}");
}

#[test]
fn a_file_is_checked_by_its_text_whatever_its_size() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["conf", "check"]).status, Some(0));
    let file = daemon.folder().join("other.conf");
    fs::write(&file, "mqtt.max_inflght = 9\nmqtt.max_packet_size = lots\n").unwrap();
    let checked = daemon.ctl(["conf", "check", "other.conf"]);
    assert_eq!(checked.status, Some(78), "{checked:?}");
    assert!(
        checked.stdout.contains("other.conf:1: mqtt.max_inflght: unknown key"),
        "{checked:?}"
    );
    assert!(
        checked.stdout.contains("other.conf:2: mqtt.max_packet_size: expected"),
        "{checked:?}"
    );

    let mut long = String::from("mqtt.max_inflight = 9\n");
    while long.len() < 200_000 {
        long.push_str("# a comment that makes the file longer than one request may be\n");
    }
    fs::write(&file, &long).unwrap();
    assert_eq!(daemon.ctl(["conf", "check", "other.conf"]).ok(), "other.conf: ok\n");
    let diff = daemon.ctl(["conf", "diff", "other.conf"]).ok();
    assert!(diff.contains("mqtt.max_inflight: 32 -> 9 (reload)\n"), "{diff}");

    fs::write(&file, "include \"emqx.conf\"\n").unwrap();
    let include = daemon.ctl(["conf", "check", "other.conf"]);
    assert!(include.stdout.contains("nothing can be included here"), "{include:?}");
    let gone = daemon.ctl(["conf", "check", "nowhere.conf"]);
    assert_eq!(gone.status, Some(66), "{gone:?}");
}

#[test]
fn a_reload_takes_what_it_can_and_names_what_waits_for_a_restart() {
    let daemon = Daemon::with_config("mqtt.max_qos_allowed = 2\nnode.workers = 2\nlisteners.tcp.default.acceptors = 4");
    assert_eq!(daemon.ctl(["conf", "diff"]).ok(), "No differences.\n");
    rewrite(&daemon, "mqtt.max_qos_allowed = 2", "mqtt.max_qos_allowed = 1");
    rewrite(&daemon, "node.workers = 2", "node.workers = 3");
    rewrite(
        &daemon,
        "acceptors = 4",
        "acceptors = 5\nlisteners.tcp.default.max_connections = 1",
    );
    let reloaded = daemon.ctl(["conf", "reload"]).ok();
    assert_eq!(
        reloaded,
        "listeners.tcp.default.acceptors: 4 -> 5 (emqx-ctl listeners restart tcp:default)\n\
         listeners.tcp.default.max_connections: infinity -> 1 (applied)\n\
         mqtt.max_qos_allowed: 2 -> 1 (applied)\n\
         node.workers: 2 -> 3 (restart)\n"
    );
    let mut client = daemon.connect_v5("a");
    assert_eq!(client.connack.properties.maximum_qos, Some(QoS::AtLeastOnce));
    assert_eq!(client.subscribe("t", QoS::ExactlyOnce), ReasonCode::GrantedQos1);
    assert_eq!(
        ClientOptions::v5("b").try_connect(daemon.address()).err(),
        Some(Refused::Closed)
    );
    // What was not taken stays a difference.
    assert_eq!(daemon.ctl(["conf", "diff"]).ok(), "node.workers: 2 -> 3 (restart)\n");
    let shown = daemon.ctl(["conf", "show", "node.workers"]).ok();
    assert!(shown.contains("workers = 2"), "{shown}");
}

#[test]
fn a_file_with_an_error_changes_nothing() {
    let daemon = Daemon::with_config("mqtt.max_inflight = 7");
    rewrite(
        &daemon,
        "mqtt.max_inflight = 7",
        "mqtt.max_inflight = 8\nmqtt.max_topic_levels = none",
    );
    let refused = daemon.ctl(["conf", "reload"]);
    assert_eq!(refused.status, Some(78), "{refused:?}");
    assert!(refused.stdout.starts_with("load config failed\n"), "{refused:?}");
    assert!(refused.stdout.contains("mqtt.max_topic_levels"), "{refused:?}");
    let shown = daemon.ctl(["conf", "show", "mqtt.max_inflight"]).ok();
    assert!(shown.contains("max_inflight = 7"), "{shown}");
}

#[test]
fn a_hang_up_reads_the_configuration_again() {
    let daemon = Daemon::builder()
        .log_level("warning")
        .config("log.console.enable = true")
        .start();
    rewrite(&daemon, "log.console.level = warning", "log.console.level = debug");
    daemon.signal("HUP");
    daemon.expect_log(&["config_reloaded"]);
    assert_eq!(daemon.ctl(["log", "primary-level"]).ok(), "debug\n");
    daemon.connect_v5("told").disconnect();
    daemon.expect_log(&["clientid: told"]);
}
