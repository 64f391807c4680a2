//! `emqxd --version` and `emqxd --check-config`, started as an operator or a unit file would.
//!
//! Being an integration test of this package, this file also makes `cargo test --workspace` build
//! the `emqxd` binary that the `emqx-tests` package starts.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

#[test]
fn version_names_the_program_and_its_release() {
    let folder = TempDir::new().unwrap();
    let output = emqxd(folder.path(), &["--version"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), format!("emqxd {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_good_file_passes_the_check_and_nothing_is_touched() {
    let folder = TempDir::new().unwrap();
    let good = r#"
        node.data_dir = "made-by-nobody"
        listeners.tcp.default { bind = "127.0.0.1:1", max_connections = 10 }
        mqtt.max_packet_size = 2MB
    "#;
    fs::write(folder.path().join("emqx.conf"), good).unwrap();
    let output = emqxd(folder.path(), &["--check-config", "-c", "emqx.conf"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(names_in(folder.path()), ["emqx.conf"]);
}

#[test]
fn an_unknown_key_fails_the_check_with_its_line_and_a_suggestion() {
    let folder = TempDir::new().unwrap();
    let bad = "mqtt {\n  max_packet_sise = 2MB\n}\n";
    fs::write(folder.path().join("emqx.conf"), bad).unwrap();
    let output = emqxd(folder.path(), &["--check-config", "-c", "emqx.conf"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    assert!(stderr.contains("emqx.conf:2"), "file and line are missing: {stderr}");
    assert!(stderr.contains("max_packet_sise"), "the key is missing: {stderr}");
    assert!(
        stderr.contains("max_packet_size"),
        "the suggestion is missing: {stderr}"
    );
    assert_eq!(names_in(folder.path()), ["emqx.conf"]);
}

#[test]
fn a_value_of_the_wrong_kind_fails_the_check() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("emqx.conf"), "mqtt.max_inflight = many\n").unwrap();
    let output = emqxd(folder.path(), &["--check-config", "-c", "emqx.conf"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    assert!(stderr.contains("mqtt.max_inflight"), "the key is missing: {stderr}");
}

#[test]
fn an_unknown_option_is_a_usage_error() {
    let folder = TempDir::new().unwrap();
    let output = emqxd(folder.path(), &["--no-such-option"]);
    assert_eq!(output.status.code(), Some(64), "{}", text(&output.stderr));
}

/// Runs the daemon's binary in `folder`, with nothing of ours in its environment.
fn emqxd(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emqxd"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"EMQX")) {
        command.env_remove(name);
    }
    command.current_dir(folder).args(arguments).output().unwrap()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
