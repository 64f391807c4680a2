//! A clock that is set while somebody asks: deadlines are measured by the clock that nobody can set.

use std::fs;

use emqx_shared::{Reply, Request, View};
use emqx_tests::license::faketime_library;
use emqx_tests::{Daemon, wait_until};

use super::{Caller, Cli, request_bytes};

#[test]
fn a_clock_set_back_in_the_middle_of_a_request_changes_no_deadline() {
    let Some(library) = faketime_library() else { return };
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0\n").unwrap();
    let daemon = Daemon::builder()
        .env("LD_PRELOAD", library.to_str().unwrap())
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap())
        .start();
    let mut trace = Cli::start(&daemon, &["trace", "topic", "#", "-f", "--duration", "2s"]);
    wait_until("the trace runs", || {
        !daemon.ctl(["trace", "list"]).ok().contains("is empty")
    });
    let question = request_bytes(&Request::Ping);
    for offset in ["-400d", "+400d", "-1", "+0"] {
        let mut caller = Caller::welcomed(&daemon);
        caller.send(&question[..question.len() / 2]);
        fs::write(&clock, format!("{offset}\n")).unwrap();
        caller.send(&question[question.len() / 2..]);
        assert_eq!(caller.reply(), Reply::Done(View::Nothing), "{offset}");
        let output = daemon.ctl(["-f", "json", "status"]).json();
        assert!(output["data"]["uptime_ms"].as_u64().unwrap() < 60_000, "{output}");
        daemon.ctl(["clients", "kick", "nobody"]);
    }
    fs::write(&clock, "-400d\n").unwrap();
    assert_eq!(trace.end().0, Some(0), "it ends after its two seconds");
}

#[test]
fn a_cli_whose_clock_is_behind_shows_what_there_is() {
    let Some(library) = faketime_library() else { return };
    let daemon = Daemon::start();
    daemon.connect_v5("c").disconnect();
    for arguments in [
        &["status"][..],
        &["-f", "table", "status"],
        &["-f", "table", "listeners"],
        &["why", "c"],
        &["-f", "table", "license", "info"],
    ] {
        for offset in ["-1d", "-100y", "+100y"] {
            let mut command = daemon.ctl_command();
            command
                .env("LD_PRELOAD", &library)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("FAKETIME", offset)
                .args(arguments);
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{arguments:?} {offset}: {output:?}");
        }
    }
}
