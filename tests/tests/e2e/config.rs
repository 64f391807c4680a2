//! The configuration as the whole daemon takes it: file, environment, a port that is taken.

use std::net::TcpListener;

use emqx_tests::Daemon;

#[test]
fn the_environment_wins_over_the_file() {
    let daemon = Daemon::builder()
        .config("listeners.tcp.default { max_connections = 5, acceptors = 3 }")
        .env("EMQX_LISTENERS__TCP__DEFAULT__MAX_CONNECTIONS", "7")
        .start();
    let fields = daemon.listener().fields;
    assert_eq!((fields["max_conns"].as_str(), fields["acceptors"].as_str()), ("7", "3"));
}

#[test]
fn a_taken_port_is_one_clear_error() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let (status, log) = Daemon::builder().run_to_end(port);
    assert_eq!(status.code(), Some(75), "{log}");
    let address = format!("127.0.0.1:{port}");
    for words in ["tcp:default", &address, "listeners.tcp.default.bind"] {
        assert!(log.contains(words), "{words} is missing:\n{log}");
    }
    let holder_pid = std::process::id().to_string();
    assert!(
        log.contains(&holder_pid),
        "the process that holds it ({holder_pid}) is not named:\n{log}"
    );
}

#[test]
fn a_bad_file_is_78_with_file_line_and_key() {
    let (status, log) = Daemon::builder().config("mqtt.max_inflite = 1").run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    for words in ["emqx.conf:6", "max_inflite", "max_inflight"] {
        assert!(log.contains(words), "{words} is missing:\n{log}");
    }
}

#[test]
fn two_daemons_do_not_share_a_control_socket() {
    let first = Daemon::start();
    let (status, log) = Daemon::builder()
        .control_socket(first.socket().to_owned())
        .run_to_end(free_port());
    assert_ne!(status.code(), Some(0), "{log}");
    assert!(log.contains("ctl.sock"), "{log}");
    assert_eq!(first.ctl(["ping"]).status, Some(0), "the first one is untouched");
}

#[test]
fn a_section_that_was_to_keep_somebody_out_is_an_error_in_the_log_while_it_has_no_effect() {
    let daemon = Daemon::with_config("psk_authentication { enable = true }");
    daemon.expect_log(&[
        "[error]",
        "security_setting_without_effect",
        "section: psk_authentication",
    ]);
}

#[test]
fn a_prefix_that_would_keep_tenants_apart_is_not_passed_over() {
    let (status, log) = Daemon::builder()
        .config("listeners.tcp.default.mountpoint = \"tenant/\"")
        .run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("listeners.tcp.default.mountpoint"), "{log}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
