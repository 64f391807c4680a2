//! `emqx-ctl why`, `disconnects` and `explain`: each end has a story that can be read afterwards.

use emqx_tests::{ClientOptions, Daemon, ReasonCode};

#[test]
fn why_tells_who_closed_and_for_which_reason() {
    let daemon = Daemon::start();
    let mut kicked = daemon.connect_v5("sensor-7");
    daemon.ctl(["clients", "kick", "sensor-7"]).ok();
    assert_eq!(kicked.expect_disconnect(), ReasonCode::AdministrativeAction);
    daemon.expect_shutdown_count("kicked", 1);

    let text = daemon.ctl(["why", "sensor-7"]).ok();
    for word in ["sensor-7", "kicked", "server", "tcp:default"] {
        assert!(text.contains(word), "{word} is missing:\n{text}");
    }
}

#[test]
fn why_remembers_every_connection_of_a_client() {
    let daemon = Daemon::start();
    daemon.connect_v311("c").disconnect();
    daemon.expect_shutdown_count("normal", 1);
    daemon.connect_v311("c").kill();
    daemon.expect_shutdown_count("tcp_closed", 1);

    let json = daemon.ctl(["-f", "json", "why", "c", "--all"]).json();
    let history = json["data"]["history"].as_array().expect("a list").clone();
    let reasons: Vec<&str> = history.iter().filter_map(|end| end["reason"].as_str()).collect();
    assert_eq!(reasons, ["tcp_closed", "normal"], "newest first");
    assert!(
        history
            .iter()
            .all(|end| end["closed_by"] == "client" && end["listener"] == "tcp:default")
    );
}

#[test]
fn why_says_how_long_a_client_was_silent() {
    let daemon = Daemon::start();
    let mut asleep = daemon.connect(ClientOptions::v5("asleep").keep_alive(1));
    assert_eq!(asleep.expect_disconnect(), ReasonCode::KeepAliveTimeout);
    daemon.expect_shutdown_count("keepalive_timeout", 1);
    let json = daemon.ctl(["-f", "json", "why", "asleep"]).json();
    let end = &json["data"]["history"][0];
    assert_eq!(end["reason"], "keepalive_timeout");
    assert_eq!(end["closed_by"], "server");
    assert_eq!(end["code_sent"], 0x8D);
    let silent_ms = end["silent_ms"].as_u64().expect("a number");
    assert!(
        (1_400..5_000).contains(&silent_ms),
        "{silent_ms} ms at a keep alive of 1 s"
    );
}

#[test]
fn nothing_is_known_of_a_client_that_never_came() {
    let daemon = Daemon::start();
    let output = daemon.ctl(["why", "nobody"]);
    assert_eq!(output.status, Some(4), "{output:?}");
    assert_eq!(output.stdout, "Not Found.\n");
    let json = daemon.ctl(["-f", "json", "why", "nobody"]);
    assert_eq!((json.status, json.stdout.as_str()), (Some(4), ""));
    assert!(json.stderr.contains("nobody"), "{json:?}");
}

#[test]
fn disconnects_lists_the_ends_of_all_clients_newest_first() {
    let daemon = Daemon::start();
    daemon.connect_v311("first").disconnect();
    daemon.expect_shutdown_count("normal", 1);
    daemon.connect_v5("second").kill();
    daemon.expect_shutdown_count("tcp_closed", 1);
    let json = daemon.ctl(["-f", "json", "disconnects"]).json();
    let ends = json["data"].as_array().expect("a list").clone();
    let told: Vec<(&str, &str)> = ends
        .iter()
        .filter_map(|end| Some((end["clientid"].as_str()?, end["reason"].as_str()?)))
        .collect();
    assert_eq!(told, [("second", "tcp_closed"), ("first", "normal")]);
}

#[test]
fn explain_needs_no_daemon() {
    let daemon = Daemon::start();
    let mut command = daemon.ctl_command();
    command
        .env("EMQX_CTL_SOCKET", "/nonexistent/emqxd.sock")
        .args(["explain", "keepalive_timeout"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1.5"));
}
