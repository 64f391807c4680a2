//! `emqx-ctl banned`: who is on the list is told so at CONNECT, and sent away if connected.

use emqx_tests::{ClientOptions, Daemon, ReasonCode};

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
fn what_cannot_be_banned_is_refused_with_the_reason() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["banned", "add", "clientid_re", "a("]).status, Some(64));
    assert_eq!(daemon.ctl(["banned", "add", "shoe-size", "44"]).status, Some(64));
    assert_eq!(daemon.ctl(["banned", "del", "clientid", "nobody"]).status, Some(4));
    daemon.ctl(["banned", "add", "clientid", "c"]).ok();
    assert_eq!(daemon.ctl(["banned", "add", "clientid", "c"]).status, Some(1));
}
