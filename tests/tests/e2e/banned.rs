//! `emqx-ctl banned`: who is on the list is told so at CONNECT, and sent away if connected. Who comes and goes too often
//! gets onto it by himself, and a file fills it on a new node.

use std::fs;

use emqx_tests::{ClientOptions, Daemon, ReasonCode, wait_for, wait_until};

#[test]
fn a_ban_ends_a_connection_and_refuses_the_next_with_its_reason() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("sensor-7");
    let banned = daemon
        .ctl([
            "-f",
            "json",
            "banned",
            "add",
            "clientid",
            "sensor-7",
            "--reason",
            "leaks oil",
        ])
        .json();
    assert_eq!(banned["data"]["kicked"], 1);
    assert_eq!(client.expect_disconnect(), ReasonCode::AdministrativeAction);

    let refused = ClientOptions::v5("sensor-7")
        .try_connect(daemon.address())
        .map(drop)
        .expect_err("banned");
    assert!(format!("{refused:?}").contains("Banned"), "{refused:?}");
    let refused = ClientOptions::v311("sensor-7")
        .try_connect(daemon.address())
        .map(drop)
        .expect_err("banned");
    assert!(
        format!("{refused:?}").contains('5') || format!("{refused:?}").contains("NotAuthorized"),
        "{refused:?}"
    );
    daemon.connect_v5("sensor-8").disconnect();
    assert!(daemon.ctl(["why", "sensor-7"]).ok().contains("leaks oil"));

    assert_eq!(daemon.ctl(["banned", "del", "clientid", "sensor-7"]).ok(), "ok\n");
    daemon.connect_v5("sensor-7").disconnect();
}

#[test]
fn networks_user_names_and_patterns_are_banned_too() {
    let daemon = Daemon::start();
    daemon
        .ctl(["banned", "add", "peerhost", "127.0.0.0/8", "--for", "1h"])
        .ok();
    assert!(ClientOptions::v5("c").try_connect(daemon.address()).is_err());
    let unsure = daemon.ctl(["banned", "clear"]);
    assert_eq!(unsure.status, Some(64), "{unsure:?}");
    assert!(unsure.stderr.contains("--yes"), "{unsure:?}");
    assert_eq!(daemon.ctl(["banned", "clear", "--yes"]).ok(), "ok\n");
    daemon.ctl(["banned", "add", "username_re", "^evil"]).ok();
    daemon.ctl(["banned", "add", "clientid_re", "^bot-[0-9]+$"]).ok();
    assert!(
        ClientOptions::v5("c")
            .username("evil-1")
            .try_connect(daemon.address())
            .is_err()
    );
    assert!(ClientOptions::v5("bot-1").try_connect(daemon.address()).is_err());
    daemon.connect_v5("bot").disconnect();
    let list = daemon.ctl(["-f", "json", "banned", "list"]).json();
    let kinds: Vec<&str> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|ban| ban["as"].as_str())
        .collect();
    assert_eq!(kinds, ["clientid_re", "username_re"]);
}

#[test]
fn a_ban_may_end_at_a_time_that_is_named() {
    let daemon = Daemon::start();
    let until = "2126-12-24T18:00:00+01:00";
    let ban = ["-f", "json", "banned", "add", "clientid", "c", "--until", until];
    let banned = daemon.ctl(ban).json();
    assert_eq!(banned["data"]["until"], 4_953_805_200_000_u64, "{banned}");
    assert!(ClientOptions::v5("c").try_connect(daemon.address()).is_err());
    let past = daemon.ctl(["banned", "add", "clientid", "d", "--until", "2020-01-01T00:00:00Z"]);
    assert_eq!(past.status, Some(64), "{past:?}");
    assert!(past.stderr.contains("over already"), "{past:?}");
    for wrong in [&["--until", "tomorrow"][..], &["--until", until, "--for", "1h"]] {
        let arguments = ["banned", "add", "clientid", "d"]
            .into_iter()
            .chain(wrong.iter().copied());
        assert_eq!(daemon.ctl(arguments).status, Some(64), "{wrong:?}");
    }
    daemon.connect_v5("d").disconnect();
}

#[test]
fn what_cannot_be_banned_is_refused_with_the_reason() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["banned", "add", "clientid_re", "a("]).status, Some(64));
    assert_eq!(daemon.ctl(["banned", "add", "shoe-size", "44"]).status, Some(64));
    assert_eq!(daemon.ctl(["banned", "del", "clientid", "nobody"]).status, Some(4));
    daemon.ctl(["banned", "add", "clientid", "c"]).ok();
    assert_eq!(daemon.ctl(["banned", "add", "clientid", "c"]).status, Some(1));
}

#[test]
fn a_client_that_comes_and_goes_too_often_is_banned_in_the_words_of_emqx() {
    let daemon =
        Daemon::with_config("flapping_detect { enable = true, window_time = 1m, max_count = 3, ban_time = 5m }");
    // Taken over: that is the server's doing and does not count.
    let mut calm = daemon.connect_v5("calm");
    for _ in 0..5 {
        calm = daemon.connect_v5("calm");
    }
    for number in 1..=4 {
        let client = daemon.connect_v5("flappy");
        if number % 2 == 0 {
            client.disconnect();
        } else {
            client.kill();
        }
        // Otherwise the next one would take it over.
        wait_until("its end is noticed", || daemon.listener().fields["current_conn"] == "1");
    }
    let line = daemon.expect_log(&["flapping_detected", "clientid: flappy"]);
    for words in ["peer_host: 127.0.0.1", "detect_cnt: 4", "wind_time_in_ms: 60000"] {
        assert!(line.contains(words), "{line}");
    }
    let ban = wait_for("the ban is listed", || {
        let list = daemon.ctl(["-f", "json", "banned", "list"]).json();
        list["data"].as_array()?.first().cloned()
    });
    assert_eq!((&ban["as"], &ban["who"]), (&"clientid".into(), &"flappy".into()));
    assert_eq!(ban["by"], "flapping detector");
    assert_eq!(ban["reason"], "flapping is detected (only 127.0.0.1)");
    let refused = ClientOptions::v5("flappy").try_connect(daemon.address()).map(drop);
    assert!(format!("{:?}", refused.expect_err("banned")).contains("Banned"));
    assert!(daemon.ctl(["explain", "flapping detector"]).ok().contains("banned del"));
    calm.ping();
    assert_eq!(daemon.ctl(["banned", "del", "clientid", "flappy"]).ok(), "ok\n");
    daemon.connect_v5("flappy").disconnect();
}

#[test]
fn a_new_node_bans_whom_its_bootstrap_file_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("banned.csv");
    fs::write(
        &file,
        "as,who,by,reason,at,until\nclientid,c1,li,\"leaks, often\",,infinity\nusername_re,^evil,,,,2121-01-01T00:00:00Z\n",
    )
    .unwrap();
    let config = format!("banned.bootstrap_file = {file:?}");
    let daemon = Daemon::with_config(&config);
    assert!(ClientOptions::v5("c1").try_connect(daemon.address()).is_err());
    let evil = ClientOptions::v5("c2").username("evil-7");
    assert!(evil.try_connect(daemon.address()).is_err());
    daemon.connect_v5("c2").disconnect();
    assert!(daemon.ctl(["why", "c1"]).ok().contains("leaks, often"));

    fs::write(&file, "as,who\nclientid,c1\nshoe,44\n").unwrap();
    let (status, log) = Daemon::builder().config(&config).run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("banned.csv:3: ") && log.contains("next: "), "{log}");
}

#[test]
fn a_name_as_long_as_can_be_is_compared_with_patterns_in_no_time() {
    let daemon = Daemon::start();
    let refused = daemon.ctl(["banned", "add", "username_re", "[ab]*a[ab]{200}$"]);
    assert_eq!(refused.status, Some(64), "{refused:?}");
    assert!(refused.stderr.contains("too much memory"), "{refused:?}");
    daemon.ctl(["banned", "add", "username_re", "evil$"]).ok();
    let long = format!("{}evil", "x".repeat(60_000));
    assert!(
        ClientOptions::v5("c")
            .username(&long)
            .try_connect(daemon.address())
            .is_err(),
        "no name is long enough to slip past"
    );
}
