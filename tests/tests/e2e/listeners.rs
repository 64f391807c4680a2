//! `emqx-ctl listeners`: EMQX's layout byte for byte, and each reason counted once.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use emqx_tests::{ClientOptions, Daemon, QoS, ReasonCode, wait_until};

#[test]
fn the_block_of_a_listener_is_emqxs_byte_for_byte() {
    let daemon = Daemon::start();
    let address = daemon.address();
    let fresh = format!(
        "tcp:default\n  listen_on       : {address}\n  acceptors       : 16\n  proxy_protocol  : false\n  \
         running         : true\n  current_conn    : 0\n  max_conns       : infinity\n  shutdown_count  : []\n"
    );
    assert_eq!(daemon.ctl(["listeners"]).ok(), fresh);

    daemon.connect_v311("a").disconnect();
    daemon.expect_shutdown_count("normal", 1);
    for client_id in ["b", "c"] {
        daemon.connect_v311(client_id).kill();
    }
    daemon.expect_shutdown_count("tcp_closed", 2);
    let _connected = daemon.connect_v5("d");

    let expected = fresh
        .replace("current_conn    : 0", "current_conn    : 1")
        .replace("shutdown_count  : []", "shutdown_count  : [{normal,1},{tcp_closed,2}]");
    assert_eq!(daemon.ctl(["listeners"]).ok(), expected);
    assert_eq!(daemon.ctl(["listeners", "list"]).ok(), expected);
    assert_eq!(daemon.ctl(["listeners", "tcp:default"]).ok(), expected);
}

#[test]
fn each_reason_of_the_first_faq_is_counted_once() {
    let daemon = Daemon::with_config("mqtt { idle_timeout = 1s, max_packet_size = 1KB }");

    // These two take their time while the others come and go.
    let mut silent = daemon.connect_silently();
    let mut asleep = daemon.connect(ClientOptions::v5("asleep").keep_alive(1));

    daemon.connect_v311("polite").disconnect();
    daemon.connect_v5("killed").kill();

    let mut oversized = daemon.connect_v5("oversized");
    let publish = oversized.message("t", [0; 2048], QoS::AtMostOnce);
    oversized.send(&emqx_tests::Packet::Publish(publish));
    assert_eq!(oversized.expect_disconnect(), ReasonCode::PacketTooLarge);

    let mut twice = daemon.connect_v5("twice");
    let again = ClientOptions::v5("twice").connect;
    twice.send(&emqx_tests::Packet::Connect(Box::new(again)));
    assert_eq!(twice.expect_disconnect(), ReasonCode::ProtocolError);

    let mut old = daemon.connect(ClientOptions::v5("taken").persistent());
    let new = daemon.connect(ClientOptions::v5("taken").persistent());
    assert_eq!(old.expect_disconnect(), ReasonCode::SessionTakenOver);

    let mut dropped = daemon.connect_v5("dropped");
    let successor = daemon.connect_v5("dropped");
    assert_eq!(dropped.expect_disconnect(), ReasonCode::SessionTakenOver);

    let mut kicked = daemon.connect_v5("kicked");
    assert_eq!(daemon.ctl(["clients", "kick", "kicked"]).ok(), "ok\n");
    assert_eq!(kicked.expect_disconnect(), ReasonCode::AdministrativeAction);

    assert_eq!(asleep.expect_disconnect(), ReasonCode::KeepAliveTimeout);
    let mut nothing = Vec::new();
    silent.read_to_end(&mut nothing).unwrap();
    assert_eq!(nothing, b"", "a client that never said CONNECT is told nothing");

    let reasons = [
        "normal",
        "tcp_closed",
        "frame_too_large",
        "protocol_error",
        "takenover",
        "discarded",
        "kicked",
        "keepalive_timeout",
        "idle_timeout",
    ];
    let once: BTreeMap<String, u64> = reasons.map(|reason| (reason.to_owned(), 1)).into();
    wait_until("nine connections are counted", || {
        daemon.listener().shutdown_count().values().sum::<u64>() >= once.values().sum()
    });
    assert_eq!(daemon.listener().shutdown_count(), once);
    drop((silent, asleep, oversized, twice, old, dropped, kicked));
    wait_until("only the two successors are left", || {
        daemon.listener().fields["current_conn"] == "2"
    });
    drop((new, successor));
}

#[test]
fn bytes_that_are_no_mqtt_are_counted_and_answered_with_nothing() {
    let daemon = Daemon::start();
    let mut browser = daemon.connect_silently();
    browser.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // A reset is as good an end: the broker may close with bytes unread.
    let _ = browser.read_to_end(&mut answer);
    assert_eq!(answer, b"");
    wait_until("the connection is counted", || {
        !daemon.listener().shutdown_count().is_empty()
    });
    let counts = daemon.listener().shutdown_count();
    let known = ["invalid_connect_packet", "frame_error"];
    assert!(
        counts.len() == 1 && known.iter().any(|reason| counts.contains_key(*reason)),
        "{counts:?}"
    );
}

#[test]
fn stop_start_and_restart_work_while_the_daemon_runs() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("c");

    let stopped = daemon.ctl(["listeners", "stop", "tcp:default"]).ok();
    assert_eq!(stopped, "Stop tcp:default listener successfully.\n");
    client.expect_disconnect();
    let fields = daemon.listener().fields;
    assert_eq!(fields["running"], "false");
    for absent in ["current_conn", "max_conns", "shutdown_count"] {
        assert!(!fields.contains_key(absent), "a stopped listener shows no {absent}");
    }
    std::net::TcpStream::connect(daemon.address()).expect_err("nobody listens");

    let started = daemon.ctl(["listeners", "start", "tcp:default"]).ok();
    assert_eq!(started, "Started tcp:default listener successfully.\n");
    daemon.connect_v5("c").disconnect();
    daemon.expect_shutdown_count("normal", 1);

    let restarted = daemon.ctl(["listeners", "restart", "tcp:default"]).ok();
    assert_eq!(restarted, "Restarted tcp:default listener successfully.\n");
    assert_eq!(
        daemon.listener().fields["shutdown_count"],
        "[]",
        "a restart starts counting anew"
    );
    daemon.connect_v5("c").disconnect();
}

#[test]
fn a_listener_that_was_disabled_stays_closed_over_a_restart_until_it_is_enabled() {
    let data = tempfile::tempdir().unwrap();
    let start = || Daemon::with_config(&format!("node.data_dir = \"{}\"", data.path().display()));
    let daemon = start();
    let mut client = daemon.connect_v5("c");
    daemon.ctl(["listeners", "disable", "tcp:default"]).ok();
    client.expect_disconnect();
    drop(daemon);

    let daemon = start();
    assert!(
        daemon
            .log()
            .contains("Listener tcp:default is NOT started due to: disabled.")
    );
    let listener = &daemon.ctl(["-f", "json", "listeners"]).json()["data"][0];
    assert_eq!(
        (&listener["enabled"], &listener["running"]),
        (&false.into(), &false.into())
    );
    daemon.ctl(["listeners", "enable", "tcp:default"]).ok();
    daemon.connect_v5("c").disconnect();
    drop(daemon);

    start().connect_v5("c").disconnect();
}

#[test]
fn a_listener_that_does_not_exist_is_not_found() {
    let daemon = Daemon::start();
    for verb in ["stop", "start", "restart"] {
        let output = daemon.ctl(["listeners", verb, "tcp:nope"]);
        assert_eq!(output.status, Some(4), "{output:?}");
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(all.contains("tcp:nope"), "{all}");
    }
}

#[test]
fn several_listeners_are_listed_by_type_and_name() {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = probe.local_addr().unwrap().port();
    drop(probe);
    let daemon = Daemon::with_config(&format!(
        "listeners.tcp.backup {{ bind = \"127.0.0.1:{port}\", max_connections = 7, acceptors = 2 }}"
    ));
    let text = daemon.ctl(["listeners"]).ok();
    let listeners = emqx_tests::Listener::parse_all(&text);
    let ids: Vec<&str> = listeners.iter().map(|listener| listener.id.as_str()).collect();
    assert_eq!(ids, ["tcp:backup", "tcp:default"]);
    assert_eq!(listeners[0].fields["max_conns"], "7");
    assert_eq!(listeners[0].fields["acceptors"], "2");
    ClientOptions::v311("via-backup")
        .connect(([127, 0, 0, 1], port).into())
        .disconnect();
    wait_until("the end is counted where it happened", || {
        let listeners = emqx_tests::Listener::parse_all(&daemon.ctl(["listeners"]).ok());
        listeners[0].shutdown_count().contains_key("normal")
    });
    assert_eq!(daemon.listener().fields["shutdown_count"], "[]");
}

#[test]
fn json_carries_the_same_numbers() {
    let daemon = Daemon::start();
    daemon.connect_v5("a").disconnect();
    daemon.expect_shutdown_count("normal", 1);
    let json = daemon.ctl(["-f", "json", "listeners"]).json();
    assert_eq!(json["schema"], "emqx-ctl/listeners/1");
    assert_eq!(json["node"], "emqx@127.0.0.1");
    let listener = &json["data"][0];
    assert_eq!(listener["id"], "tcp:default");
    assert_eq!(listener["running"], true);
    assert_eq!(listener["max_conns"], "infinity");
    assert_eq!(listener["shutdown_count"]["normal"], 1);
    assert_eq!(listener["closed_by"]["client"], 1);
}
