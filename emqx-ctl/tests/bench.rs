//! `emqx-ctl bench` where this machine is the limit: descriptors, source addresses, a server that accepts nobody. Runs
//! against a real daemon are among the end-to-end tests.

#![allow(clippy::unwrap_used)] // also the helpers here are tests

use std::net::TcpListener;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_emqx-ctl");

/// A listener whose connections nobody serves, and its port.
fn silent_listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

fn bench(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args([
        "--socket",
        "/nowhere/emqxd.sock",
        "--timeout",
        "300ms",
        "bench",
        "connect",
    ]);
    command.args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn more_clients_than_descriptors_are_refused_before_anything_is_connected() {
    let (listener, port) = silent_listener();
    let line = format!("ulimit -n 64; exec {PROGRAM} bench connect --clients 100 --port {port}");
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let text = stderr(&output);
    assert!(text.contains("132 descriptors") && text.contains("64"), "{text}");
    assert!(text.contains("ulimit") && text.contains("next:"), "{text}");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn connections_come_from_the_given_addresses_in_turn() {
    let (listener, port) = silent_listener();
    let sources = ["--source", "127.0.1.7,127.0.1.8", "--clients", "4", "--port", &port];
    let output = bench(&sources);
    assert_eq!(output.status.code(), Some(75), "nobody answers: {output:?}");
    let mut from: Vec<_> = (0..4).map(|_| listener.accept().unwrap().1.ip().to_string()).collect();
    from.sort();
    assert_eq!(from, ["127.0.1.7", "127.0.1.7", "127.0.1.8", "127.0.1.8"]);
}

#[test]
fn a_source_that_is_no_address_of_this_machine_is_named() {
    let (_listener, port) = silent_listener();
    let output = bench(&["--source", "192.0.2.77", "--port", &port]);
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let text = stderr(&output);
    assert!(text.contains("192.0.2.77") && text.contains("next:"), "{text}");
}

#[test]
fn a_server_that_accepts_nobody_is_told_with_its_backlog_as_a_cause() {
    let (_listener, port) = silent_listener();
    let output = bench(&["--clients", "50", "--port", &port]);
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    let text = stderr(&output);
    assert!(text.contains("0 of 50 clients are connected"), "{text}");
    assert!(text.contains("backlog"), "{text}");
}
