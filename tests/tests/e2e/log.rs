//! The log as operators search it, and `emqx-ctl log`.

use std::io::Write;

use emqx_tests::{ClientOptions, Daemon, ReasonCode};

#[test]
fn the_keywords_of_the_faqs_stand_in_the_log() {
    let daemon = Daemon::builder().log_level("debug").start();
    let mut old = daemon.connect(ClientOptions::v5("w").persistent());
    let mut new = daemon.connect(ClientOptions::v5("w").persistent());
    assert_eq!(old.expect_disconnect(), ReasonCode::SessionTakenOver);
    daemon.expect_log(&["clientid: w", "{shutdown,takenover}"]);
    let successor = daemon.connect_v5("w");
    assert_eq!(new.expect_disconnect(), ReasonCode::SessionTakenOver);
    daemon.expect_log(&["clientid: w", "{shutdown,discarded}"]);
    daemon.ctl(["clients", "kick", "w"]).ok();
    daemon.expect_log(&["clientid: w", "{shutdown,kicked}"]);
    drop(successor);
    daemon.connect_v311("gone").kill();
    daemon.expect_log(&["clientid: gone", "tcp_closed"]);
}

#[test]
fn a_parse_failure_shows_the_frame_without_its_control_characters() {
    let daemon = Daemon::builder().log_level("debug").start();
    let mut stranger = daemon.connect_silently();
    stranger.write_all(b"GET /\x1b[31m HTTP/1.1\r\n\r\n").unwrap();
    daemon.expect_log(&["Frame data"]);
    assert!(
        !daemon.log().contains('\x1b'),
        "a client's escape sequence reached the log"
    );
}

#[test]
fn a_client_cannot_start_a_line_of_its_own_in_the_log() {
    let daemon = Daemon::builder().log_level("debug").start();
    let client = ClientOptions::v5("evil\n2026-01-01T00:00:00 [error] forged").try_connect(daemon.address());
    drop(client);
    daemon.expect_log(&["evil", "forged"]);
    assert!(
        !daemon
            .log()
            .lines()
            .any(|line| line.starts_with("2026-01-01T00:00:00 [error] forged"))
    );
}

#[test]
fn levels_are_changed_while_the_daemon_runs() {
    let daemon = Daemon::builder().log_level("warning").start();
    assert_eq!(daemon.ctl(["log", "set-level", "debug"]).ok(), "debug\n");
    assert_eq!(daemon.ctl(["log", "primary-level"]).ok(), "debug\n");
    let handlers = daemon.ctl(["log", "handlers", "list"]).ok();
    assert_eq!(
        handlers,
        "LogHandler(id=console, level=debug, destination=console, status=started)\n"
    );
    daemon.connect_v311("told").disconnect();
    daemon.expect_log(&["clientid: told"]);

    assert_eq!(
        daemon.ctl(["log", "handlers", "set-level", "console", "error"]).ok(),
        "error\n"
    );
    assert_eq!(daemon.ctl(["log", "primary-level", "warning"]).ok(), "warning\n");
    daemon.connect_v311("untold").disconnect();
    daemon.expect_shutdown_count("normal", 2);
    assert!(!daemon.log().contains("untold"));
}

#[test]
fn a_level_that_does_not_exist_is_refused() {
    let daemon = Daemon::start();
    let output = daemon.ctl(["log", "set-level", "loud"]);
    assert_ne!(output.status, Some(0), "{output:?}");
    assert!(
        format!("{}{}", output.stdout, output.stderr).contains("loud"),
        "{output:?}"
    );
}

#[test]
fn a_changing_verb_leaves_an_audit_line_at_the_default_level() {
    let daemon = Daemon::builder().log_level("warning").start();
    daemon.ctl(["clients", "kick", "somebody"]).ok();
    let line = daemon.expect_log(&["control_command", "kick"]);
    assert!(line.contains("uid"), "{line}");
}
