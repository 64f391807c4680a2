//! `errors`, `events`, `top`, `listeners --watch`, `log level --for`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use emqx_tests::{ClientOptions, Daemon, QoS, wait_for, wait_until};

/// A command that goes on until it is ended; its lines arrive over a channel.
struct Following {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Following {
    fn start(daemon: &Daemon, arguments: &[&str]) -> Self {
        let mut command = daemon.ctl_command();
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = std::sync::mpsc::channel();
        for pipe in [
            Box::new(child.stdout.take().unwrap()) as Box<dyn std::io::Read + Send>,
            Box::new(child.stderr.take().unwrap()),
        ] {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    let _the_test_may_be_over = send.send(line);
                }
            });
        }
        Self { child, lines }
    }

    /// The next line with all `words`.
    #[track_caller]
    fn expect(&self, words: &[&str]) -> String {
        wait_for(&format!("a line with {words:?}"), || {
            self.lines
                .try_iter()
                .find(|line| words.iter().all(|word| line.contains(word)))
        })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _it_may_have_ended = self.child.kill();
        let _it_is_reaped = self.child.wait();
    }
}

#[test]
fn malformed_frames_are_shown_with_the_byte_at_fault_and_a_guess() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["errors"]).ok(), "No malformed frames.\n");
    let mut stranger = daemon.connect_silently();
    stranger
        .write_all(b"GET / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n")
        .unwrap();
    daemon.expect_shutdown_count("invalid_connect_packet", 1);
    let mut client = daemon.connect(ClientOptions::v311("careless"));
    client.send_bytes(b"\x30\x05\x00\x03a/#");
    wait_until("two frames", || {
        daemon.ctl(["errors", "--limit", "2"]).ok().contains("careless")
    });

    let errors = daemon.ctl(["errors", "-f", "json"]).json();
    let frames = errors["data"].as_array().unwrap();
    assert_eq!(frames.len(), 2, "{errors}");
    assert_eq!(frames[0]["clientid"], "careless");
    assert_eq!(frames[0]["error"], "topic_name_invalid");
    assert_eq!(
        (frames[0]["offset"].as_u64(), frames[0]["bytes"].as_str()),
        (Some(6), Some("30050003612f23"))
    );
    assert_eq!(frames[1]["withheld"], true);
    let text = daemon.ctl(["errors"]).ok();
    assert!(text.contains("30  05  00  03  61  2f [23]"), "{text}");
    assert!(text.contains("guess           : HTTP"), "{text}");
    assert!(!text.contains("Authorization"), "{text}");
    let one = daemon.ctl(["errors", "--limit", "1", "-f", "ndjson"]).ok();
    assert_eq!(one.lines().count(), 1);
}

#[test]
fn a_password_in_a_malformed_connect_is_not_kept() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_silently();
    client
        .write_all(b"\x10\x18\x00\x04MQTT\x04\xc3\x00\x3c\x00\x01a\x00\x01u\x00\x06s3cret")
        .unwrap();
    wait_until("the frame", || {
        daemon.ctl(["errors"]).ok().contains("reserved_connect_flag")
    });
    for format in ["emqx", "table", "json", "csv"] {
        let output = daemon.ctl(["errors", "-f", format]).ok();
        assert!(
            !output.contains("s3cret") && !output.contains("733363726574"),
            "{output}"
        );
    }
}

#[test]
fn events_are_followed_as_they_happen_and_filtered() {
    let daemon = Daemon::start();
    let all = Following::start(&daemon, &["events", "-f"]);
    all.expect(&["following"]);
    let of_client = Following::start(&daemon, &["events", "--follow", "--client", "b", "--format", "ndjson"]);
    of_client.expect(&["following"]);

    let a = daemon.connect_v5("a");
    let b = daemon.connect_v5("b");
    all.expect(&["connected(a, detail=MQTT 5, peername=127.0.0.1:"]);
    a.disconnect();
    all.expect(&["disconnected(a, detail=normal"]);
    daemon.ctl(["clients", "kick", "b"]).ok();
    drop(b);
    all.expect(&["admin(clients kick, detail=ok"]);
    daemon.ctl(["listeners", "stop", "tcp:default"]).ok();
    all.expect(&["listener_stopped(tcp:default"]);
    daemon.ctl(["listeners", "start", "tcp:default"]).ok();
    all.expect(&["listener_started(tcp:default, detail=on 127.0.0.1:"]);

    let first = of_client.expect(&["\"kind\""]);
    assert!(first.contains("\"connected\"") && first.contains("\"b\""), "{first}");
    let second = of_client.expect(&["\"kind\""]);
    assert!(
        second.contains("\"disconnected\"") && second.contains("kicked"),
        "{second}"
    );

    // What was is remembered.
    let stopped = daemon.ctl(["events", "--kind", "listener_stopped"]).ok();
    assert_eq!(stopped.lines().count(), 1, "{stopped}");
    let wrong = daemon.ctl(["events", "--kind", "conected"]);
    assert_eq!(wrong.status, Some(64), "{wrong:?}");
}

#[test]
fn top_shows_the_busiest_client_first() {
    let daemon = Daemon::start();
    let mut quiet = daemon.connect_v5("quiet");
    let mut busy = daemon.connect_v5("busy");
    let mut reader = daemon.connect_v5("reader");
    reader.subscribe("t", QoS::AtMostOnce);
    let top = Following::start(&daemon, &["top", "--interval", "200ms", "--sort", "in", "-f", "ndjson"]);
    let row = wait_for("a screen with both", || {
        for _ in 0..10 {
            busy.publish("t", "x", QoS::AtLeastOnce);
        }
        quiet.publish("u", "x", QoS::AtLeastOnce);
        top.lines.try_iter().find(|line| line.contains("\"in_msg_rate\""))
    });
    let row: serde_json::Value = serde_json::from_str(&row).unwrap();
    assert_eq!(row["clientid"], "busy", "{row}");
    assert!(row["in_msg_rate"].as_u64().unwrap() > 0, "{row}");
    drop(top);
    // Nothing moves, so nobody is shown; and it ends by itself.
    let once = daemon.ctl(["top", "--once", "--interval", "100ms"]).ok();
    assert_eq!(once, "");
}

#[test]
fn listeners_are_watched_with_what_happened_since_the_last_look() {
    let daemon = Daemon::start();
    let watch = Following::start(&daemon, &["listeners", "--watch=100ms"]);
    watch.expect(&["\"id\":\"tcp:default\""]);
    daemon.connect_v5("a").disconnect();
    let line = watch.expect(&["\"normal\":1"]);
    let row: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(row["closed_since"], 1, "{row}");
    assert!(row["close_rate"].as_f64().unwrap() > 0.0, "{row}");
    let looks = daemon
        .ctl(["listeners", "tcp:default", "--watch=100ms", "--looks", "2"])
        .ok();
    assert_eq!(looks.lines().count(), 2, "{looks}");
}

#[test]
fn a_level_set_for_a_while_goes_back_by_itself() {
    let daemon = Daemon::builder().log_level("warning").start();
    let set = daemon.ctl(["log", "level", "debug", "--for", "1s"]).ok();
    assert!(set.starts_with("debug\nback to warning in "), "{set}");
    assert_eq!(daemon.ctl(["log", "primary-level"]).ok(), "debug\n");
    wait_until("the level from before", || {
        daemon.ctl(["log", "level"]).ok() == "warning\n"
    });
    let handlers = daemon.ctl(["log", "handlers", "list"]).ok();
    assert!(handlers.contains("level=warning"), "{handlers}");
    let too_long = daemon.ctl(["log", "level", "debug", "--for", "2d"]);
    assert_eq!(too_long.status, Some(64), "{too_long:?}");
    // Set for good in the meantime, it stays.
    daemon.ctl(["log", "level", "debug", "--for", "1h"]).ok();
    daemon.ctl(["log", "set-level", "error"]).ok();
    assert_eq!(daemon.ctl(["log", "level"]).ok(), "error\n");
}
