//! Hostile text on its way in and on its way out.

use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use emqx_tests::Daemon;

use super::{can_run, skipped};

const MEBIBYTE: usize = 1 << 20;

/// What steers terminals: a cleared screen, a title, C1, a line of its own, text that runs backwards.
const STEERING: &str = "\x1b[2J\x1b]0;owned\x07\u{9b}31m\r\nforged\u{202e}nimda\u{2028}\u{85}";

fn steers(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2028}')
}

#[test]
fn a_client_id_cannot_steer_a_terminal_nor_forge_a_line() {
    let daemon = Daemon::builder().log_level("debug").start();
    let client_id = format!("c{STEERING}");
    let mut client = daemon.connect_v5(&client_id);
    client.subscribe(&format!("t/{STEERING}"), emqx_tests::QoS::AtMostOnce);
    let verbs: [&[&str]; 7] = [
        &["clients", "list"],
        &["clients", "show", &client_id],
        &["subscriptions", "list"],
        &["topics", "list"],
        &["why", &client_id],
        &["clients", "show", "nobody\x1b[2J"],
        &["events"],
    ];
    for verb in verbs {
        for format in ["emqx", "table", "json", "ndjson", "csv"] {
            let output = daemon.ctl([&["-f", format], verb].concat());
            for text in [&output.stdout, &output.stderr] {
                assert!(!text.chars().any(steers), "{format} {verb:?}: {text:?}");
                let is_forged = text.lines().any(|line| line.starts_with("forged"));
                assert!(!is_forged, "{format} {verb:?}: {text:?}");
            }
        }
    }
    assert!(daemon.ctl(["clients", "list"]).ok().contains("\\x1b[2J"));
    assert!(!daemon.log().chars().any(steers), "{:?}", daemon.log());

    if !can_run("script", &["-qec", "true", "/dev/null"]) {
        return skipped("needs script (apt install bsdutils)");
    }
    let ctl = daemon.ctl_command().get_program().to_str().unwrap().to_owned();
    for verb in [
        "clients list",
        "subscriptions list",
        "topics list",
        "listeners",
        "events",
    ] {
        let mut command = Command::new("script");
        command
            .args(["-qec", &format!("'{ctl}' --color never {verb}"), "/dev/null"])
            .env("EMQX_CTL_SOCKET", daemon.socket())
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{verb}: {output:?}");
        let shown = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
        assert!(shown.lines().count() > 1, "{verb}: {shown:?}");
        assert!(!shown.chars().any(steers), "{verb}: {shown:?}");
    }
}

#[test]
fn arguments_of_the_wrong_kind_are_refused_before_they_are_sent() {
    let daemon = Daemon::start();
    // As long as one argument of a program may be.
    let long = "x".repeat(128 * 1024 - 1);
    let output = daemon.ctl(["clients", "kick", &long]);
    assert_eq!(output.status, Some(64), "{:?}", output.status);
    let text = output.stderr + &output.stdout;
    assert!(
        text.contains("client_id has 131071 bytes; at most 65535 are allowed"),
        "{text:.300}"
    );
    assert!(text.len() < 1000, "{} bytes to say so", text.len());
    let mebibyte = "x".repeat(MEBIBYTE);
    let refused = daemon.ctl_command().args(["clients", "kick", &mebibyte]).output();
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ArgumentListTooLong);

    let no_text = OsStr::from_bytes(b"c\xc3\x28");
    for verb in [["clients", "kick"], ["topics", "show"], ["trace", "tail"]] {
        let output = daemon.ctl(verb.iter().map(OsStr::new).chain([no_text]));
        assert_eq!((output.status, output.stdout.as_str()), (Some(64), ""), "{output:?}");
        assert!(output.stderr.starts_with("error: "), "{output:?}");
    }
    // What comes by a file or a pipe: too long, no text, with NULs.
    let inputs = [vec![b'x'; MEBIBYTE], b"c\xc3\x28".to_vec(), b"a\0b".to_vec()];
    let verbs: [&[&str]; 3] = [
        &["license", "update", "-"],
        &["admins", "passwd", "admin", "--password-file", "-"],
        &["conf", "check", "-"],
    ];
    for input in &inputs {
        for verb in verbs {
            let mut command = daemon.ctl_command();
            command
                .args(verb)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // It may not care for all of it.
            let _broken_pipe = child.stdin.take().unwrap().write_all(input);
            let output = child.wait_with_output().unwrap();
            let code = output.status.code();
            assert!(
                matches!(code, Some(64 | 65 | 78)),
                "{verb:?} with {} bytes: {code:?} {}",
                input.len(),
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(output.stdout.len() + output.stderr.len() < 4096, "{verb:?}");
        }
    }
    let file = daemon.folder().join("bytes");
    fs::write(&file, &inputs[0]).unwrap();
    for verb in [["license", "reload"], ["license", "diff"], ["data", "import"]] {
        let output = daemon.ctl([verb[0], verb[1], "bytes"]);
        assert_eq!(output.status, Some(65), "{verb:?}: {output:?}");
    }
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n");
}

#[test]
fn a_newline_in_an_argument_forges_no_audit_line() {
    let daemon = Daemon::start();
    let forged = "c\n2026-01-01T00:00:00.000000+00:00 [warning] msg: control_command, result: ok, uid: 4711";
    daemon.ctl(["clients", "kick", forged]).ok();
    let line = daemon.expect_log(&["control_command", "clients kick"]);
    assert!(line.contains("\\n2026-01-01"), "{line}");
    assert!(
        !daemon.log().lines().any(|line| line.starts_with("2026-01-01")),
        "{}",
        daemon.log()
    );
}

#[test]
fn a_hundred_thousand_nested_arrays_are_one_refusal() {
    let daemon = Daemon::start();
    let file = daemon.folder().join("deep.conf");
    for (open, close) in [("[", "]"), ("{a = ", "}"), ("${", "}")] {
        let text = format!("a = {}{}\n", open.repeat(100_000), close.repeat(100_000));
        fs::write(&file, &text).unwrap();
        let output = daemon.ctl(["conf", "check", "deep.conf"]);
        assert_eq!(output.status, Some(78), "{open}: {output:?}");
        assert!(output.stdout.len() + output.stderr.len() < 4096, "{open}");
    }
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n");
}
