//! The licence from outside: verbs, files, what clients are told, and a clock that is set.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use emqx_tests::license::{LicenseIssuer, faketime_library};
use emqx_tests::{ClientOptions, Daemon, DaemonBuilder, ReasonCode, Refused, Terminal, wait_until};

const LONG: &str = "--type official --customer-type 1 --days 4000 --sessions 100";

fn code(refused: Result<emqx_tests::TestClient, Refused>) -> ReasonCode {
    match refused {
        Err(Refused::Connack(code)) => code,
        other => panic!("expected a refusal in CONNACK, got {other:?}"),
    }
}

fn refusal(daemon: &Daemon, options: ClientOptions) -> ReasonCode {
    code(options.try_connect(daemon.address()))
}

fn license_files(data: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(data.join("license"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("emqx.lic"))
        .collect();
    files.sort();
    files
}

#[test]
fn without_a_key_the_built_in_licence_holds() {
    let daemon = Daemon::start();
    assert_eq!(
        daemon.ctl(["license", "info"]).ok(),
        "customer        : Community\n\
         email           : \n\
         deployment      : default\n\
         max_connections : 10000000\n\
         start_at        : 2022-01-11\n\
         expiry_at       : 9999-12-31\n\
         type            : community\n\
         customer_type   : 11\n\
         expiry          : false\n\
         max_sessions    : 10000000\n"
    );
    assert_eq!(daemon.ctl(["license", "check", "--days", "3650"]).status, Some(0));
    assert_eq!(daemon.ctl(["license", "update", "evaluation"]).ok(), "ok\n");
    assert_eq!(
        daemon.ctl(["license", "info", "-f", "json"]).json()["data"]["max_sessions"],
        25
    );
    assert_eq!(daemon.ctl(["license", "update", "default"]).ok(), "ok\n");
}

#[test]
fn garbage_is_refused_in_emqx_s_words_and_changes_nothing() {
    let daemon = Daemon::start();
    let before = daemon.ctl(["license", "info"]).ok();
    let garbage = daemon.ctl(["license", "update", "xyz"]);
    assert_eq!(
        garbage.stdout,
        "Error: #{parse_results =>\n\
         \x20            [#{error => bad_license_format,\n\
         \x20               module => emqx_license_parser_v20220101}]}\n"
    );
    assert_eq!(garbage.status, Some(65));
    let stranger = LicenseIssuer::new().issue(LONG);
    let refused = daemon.ctl(["license", "update", &stranger]);
    assert!(refused.stdout.contains("error => invalid_signature"), "{refused:?}");
    assert_eq!(refused.status, Some(65));
    assert_eq!(daemon.ctl(["license", "info"]).ok(), before);
    assert!(!daemon.log().contains(&stranger), "a key is a secret");
}

#[test]
fn an_update_is_kept_with_the_previous_one_and_survives_a_restart() {
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let start = || {
        let place = format!("node.data_dir = \"{}\"", data.path().display());
        Daemon::builder().config(&issuer.config()).config(&place).start()
    };
    let first = issuer.issue_file("first.lic", LONG);
    let second = issuer.issue_file("second.lic", "--days 400 --sessions 50");
    let daemon = start();
    let path = first.to_str().unwrap();
    assert_eq!(daemon.ctl(["license", "update", path]).ok(), "ok\n");
    let diff = daemon.ctl(["license", "diff", second.to_str().unwrap()]).ok();
    assert!(diff.contains("max_sessions    : 100 -> 50"), "{diff}");
    let reloaded = daemon.ctl(["license", "reload", second.to_str().unwrap()]).ok();
    assert!(reloaded.starts_with("ok\ncustomer        : Acme\n"), "{reloaded}");
    let files = license_files(data.path());
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(
        fs::read_to_string(&files[0]).unwrap(),
        fs::read_to_string(&second).unwrap()
    );
    assert_eq!(
        fs::read_to_string(&files[1]).unwrap(),
        fs::read_to_string(&first).unwrap()
    );
    drop(daemon);

    // The state decides: a copy that somebody changed is put right again, and kept.
    fs::write(&files[0], "tampered").unwrap();
    let daemon = start();
    let info = daemon.ctl(["license", "info", "-f", "json"]).json();
    assert_eq!(
        (&info["data"]["max_sessions"], &info["data"]["source"]),
        (&50.into(), &"license update".into())
    );
    assert_eq!(
        fs::read_to_string(&files[0]).unwrap(),
        fs::read_to_string(&second).unwrap()
    );
    drop(daemon);

    // The state is lost: the copy is what is left.
    fs::remove_dir_all(data.path().join("state")).unwrap();
    let info = start().ctl(["license", "info", "-f", "json"]).json();
    assert_eq!(info["data"]["max_sessions"], 50);
}

#[test]
fn at_the_quota_new_clients_are_refused_and_known_ones_come_back() {
    let issuer = LicenseIssuer::new();
    let key = issuer.issue("--days 400 --sessions 2");
    let daemon = Daemon::builder()
        .config(&issuer.config())
        .config(&format!("license.key = \"{key}\""))
        .start();
    let mut live = daemon.connect_v5("a");
    daemon.connect(ClientOptions::v5("kept").persistent()).disconnect();
    assert_eq!(refusal(&daemon, ClientOptions::v5("c")), ReasonCode::QuotaExceeded);
    assert_eq!(
        refusal(&daemon, ClientOptions::v311("d")),
        ReasonCode::ServerUnavailable
    );
    let back = daemon.connect(ClientOptions::v5("kept").persistent());
    assert!(back.session_present());
    live.ping();
    let line = daemon.expect_log(&["connection_rejected_due_to_license_limit_reached"]);
    assert!(line.contains("LICENSE") && line.contains("[error]"), "{line}");
    let why = daemon.ctl(["why", "c"]).ok();
    assert!(why.contains("quota_exceeded"), "{why}");
    assert_eq!(daemon.ctl(["license", "check"]).status, Some(1));
    back.disconnect();
}

#[test]
fn thirty_two_reloads_at_once_leave_one_whole_licence_and_every_other_as_a_backup() {
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::builder()
        .config(&issuer.config())
        .config(&format!("node.data_dir = \"{}\"", data.path().display()))
        .start();
    let files: Vec<PathBuf> = (0..32)
        .map(|number| {
            issuer.issue_file(
                &format!("{number}.lic"),
                &format!("--days 400 --sessions {}", 1000 + number),
            )
        })
        .collect();
    thread::scope(|scope| {
        for file in &files {
            let daemon = &daemon;
            scope.spawn(move || {
                // As many callers as a user may have connections: the others are told to try again.
                wait_until("the reload is carried out", || {
                    let path = file.to_str().unwrap();
                    daemon.ctl(["license", "reload", path, "-t", "60s"]).status == Some(0)
                });
            });
        }
    });
    let mut texts: Vec<String> = license_files(data.path())
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let now = fs::read_to_string(data.path().join("license/emqx.lic")).unwrap();
    let number = files
        .iter()
        .position(|file| fs::read_to_string(file).unwrap() == now)
        .unwrap();
    let info = daemon.ctl(["license", "info", "-f", "json"]).json();
    assert_eq!(info["data"]["max_sessions"], 1000 + number, "file and state agree");
    texts.sort();
    texts.dedup();
    let mut expected: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    expected.sort();
    assert_eq!(texts, expected);
}

#[test]
fn a_licence_can_be_looked_at_and_compared_without_a_daemon() {
    let issuer = LicenseIssuer::new();
    issuer.issue_file("a.lic", "--days 10 --sessions 5 --start 20240101");
    issuer.issue_file("b.lic", "--days 400 --sessions 7 --start 20240101");
    let shown = issuer
        .ctl(&["license", "show", "a.lic", "--issuer-key", "issuer.pem.pub"])
        .ok();
    assert!(shown.contains("expiry_at       : 2024-01-11\n"), "{shown}");
    assert!(
        shown.contains("expiry          : true\n") && shown.contains("good, by issuer.pem.pub"),
        "{shown}"
    );
    let stranger = issuer.ctl(&["license", "show", "a.lic"]).ok();
    assert!(stranger.contains("by no issuer known here"), "{stranger}");
    let diff = issuer.ctl(&["license", "diff", "b.lic", "a.lic"]).ok();
    assert!(diff.contains("max_sessions    : 5 -> 7"), "{diff}");
    assert_eq!(
        issuer.ctl(&["license", "keygen", "issuer.pem"]).status,
        Some(73),
        "no key is overwritten"
    );
    let missing = issuer.ctl(&["license", "show", "./none.lic"]);
    assert_eq!(missing.status, Some(66));
    assert_eq!(
        missing.stdout,
        "Error: #{license_file => <<\"./none.lic\">>,read_error => enoent}\n"
    );
}

#[test]
fn a_licence_in_the_configuration_that_cannot_be_read_is_told_before_anything_starts() {
    let (status, output) = Daemon::builder().config("license.key = \"xyz\"").run_to_end(0);
    assert_eq!(status.code(), Some(78));
    assert!(output.contains("Error reading license: bad_license_format"), "{output}");
}

#[test]
fn an_evaluation_licence_says_so_at_each_start() {
    let daemon = Daemon::with_config("license.key = evaluation");
    let log = daemon.log();
    let (banner, after) = log
        .split_once("Using an evaluation license limited to 25 concurrent sessions.")
        .unwrap_or_else(|| panic!("no banner in {log}"));
    assert!(banner.ends_with(&format!("{}\n", "=".repeat(72))), "{log}");
    assert!(after.contains("is running now!"), "before the node is ready: {log}");
    assert!(
        !Daemon::start().log().contains("==="),
        "all is well with the built-in one"
    );
}

#[test]
fn on_a_terminal_an_update_is_shown_and_confirmed_first() {
    let issuer = LicenseIssuer::new();
    let daemon = Daemon::with_config(&issuer.config());
    let key = issuer.issue("--days 400 --sessions 50");
    let answer = |key_pressed: char| {
        let mut command = daemon.ctl_command();
        command.args(["license", "update", &key]);
        let mut terminal = Terminal::run(command);
        terminal.expect("The signature is good. Put it in force?", 1);
        terminal.press(key_pressed);
        let (status, screen) = terminal.wait_end();
        assert!(screen.contains("10000000") && screen.contains("50"), "{screen}");
        let info = daemon.ctl(["license", "info", "-f", "json"]).json();
        (status.code(), info["data"]["max_sessions"].as_u64())
    };
    assert_eq!(answer('n'), (Some(1), Some(10_000_000)));
    assert_eq!(answer('y'), (Some(0), Some(50)));
}

#[test]
fn a_licence_in_the_configuration_is_taken_over_by_a_reload_unless_it_is_bad() {
    let issuer = LicenseIssuer::new();
    let daemon = Daemon::with_config(&issuer.config());
    let file = daemon.folder().join("emqx.conf");
    let before = fs::read_to_string(&file).unwrap();
    let sessions = || {
        let info = daemon.ctl(["license", "info", "-f", "json"]).json();
        info["data"]["max_sessions"].as_u64()
    };
    fs::write(&file, format!("{before}license.key = \"xyz\"\nmqtt.max_inflight = 7\n")).unwrap();
    let refused = daemon.ctl(["conf", "reload"]);
    assert_eq!(refused.status, Some(78), "{refused:?}");
    assert_eq!(sessions(), Some(10_000_000));
    assert!(daemon.ctl(["conf", "show", "mqtt.max_inflight"]).ok().contains("32"));

    let key = issuer.issue("--days 400 --sessions 50");
    fs::write(&file, format!("{before}license.key = \"{key}\"\n")).unwrap();
    let reloaded = daemon.ctl(["conf", "reload"]).ok();
    assert!(!reloaded.contains(&key), "a key is a secret: {reloaded}");
    assert_eq!(sessions(), Some(50));
    assert!(!daemon.log().contains(&key), "a key is a secret");
}

/// A daemon whose clock is set by one of libfaketime's variables, on a data folder that outlives it.
fn with_clock(library: &Path, (variable, value): (&str, &str), data: &Path) -> DaemonBuilder {
    Daemon::builder()
        .config(&format!("node.data_dir = \"{}\"", data.display()))
        .env("LD_PRELOAD", library.to_str().unwrap())
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env(variable, value)
}

/// A daemon whose clock is `offset` ahead.
fn at(library: &Path, offset: &str, data: &Path) -> DaemonBuilder {
    with_clock(library, ("FAKETIME", offset), data)
}

#[test]
fn after_its_end_a_trial_lets_nobody_new_in_and_a_clock_set_back_does_not_revive_it() {
    let Some(library) = faketime_library() else { return };
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let trial = issuer.issue("--type trial --customer-type 10 --days 100 --sessions 100");
    let daemon = at(&library, "+0", data.path()).config(&issuer.config()).start();
    daemon.ctl(["license", "update", &trial]).ok();
    daemon.connect_v5("before").disconnect();
    drop(daemon);

    let daemon = at(&library, "+400d", data.path()).config(&issuer.config()).start();
    assert!(
        daemon.log().contains("License has been expired for 300 days."),
        "{}",
        daemon.log()
    );
    assert!(daemon.log().contains("The license certificate is expired!"));
    assert_eq!(refusal(&daemon, ClientOptions::v5("late")), ReasonCode::QuotaExceeded);
    assert_eq!(
        refusal(&daemon, ClientOptions::v311("late")),
        ReasonCode::ServerUnavailable
    );
    daemon.expect_log(&["connection_rejected_due_to_license_expired"]);
    assert_eq!(daemon.ctl(["license", "check"]).status, Some(1));
    assert_eq!(
        daemon.ctl(["license", "update", &trial]).status,
        Some(65),
        "it needs --force"
    );
    drop(daemon);

    let daemon = at(&library, "+0", data.path()).config(&issuer.config()).start();
    assert_eq!(refusal(&daemon, ClientOptions::v5("back")), ReasonCode::QuotaExceeded);
    // The way out if it was the clock that was wrong.
    assert_eq!(daemon.ctl(["license", "update", &trial]).ok(), "ok\n");
    daemon.connect_v5("after").disconnect();
}

#[test]
fn a_clock_that_jumps_past_the_end_refuses_new_clients_and_keeps_live_ones() {
    let Some(library) = faketime_library() else { return };
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let clock = data.path().join("clock");
    fs::write(&clock, "+0\n").unwrap();
    let trial = issuer.issue("--type trial --customer-type 10 --days 100 --sessions 100");
    let file = ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap());
    let daemon = with_clock(&library, file, data.path())
        .config(&issuer.config())
        .config(&format!("license.key = \"{trial}\""))
        .env("FAKETIME_NO_CACHE", "1")
        .start();
    let mut live = daemon.connect_v5("live");
    fs::write(&clock, "+400d\n").unwrap();
    daemon.expect_log(&["license_has_expired"]);
    assert_eq!(refusal(&daemon, ClientOptions::v5("new")), ReasonCode::QuotaExceeded);
    live.ping();
    fs::write(&clock, "+0\n").unwrap();
    assert_eq!(refusal(&daemon, ClientOptions::v5("still")), ReasonCode::QuotaExceeded);
    live.ping();
    daemon.expect_log(&["alarm_is_activated", "license_expiry"]);
}

#[test]
fn an_official_licence_of_a_larger_customer_goes_on_after_its_end() {
    let issuer = LicenseIssuer::new();
    let key = issuer.issue("--type official --customer-type 1 --days 30 --sessions 2 --start 20240101");
    let daemon = Daemon::builder()
        .config(&issuer.config())
        .config(&format!("license.key = \"{key}\""))
        .start();
    assert!(
        daemon.log().contains("License has been expired for"),
        "{}",
        daemon.log()
    );
    let mut first = daemon.connect_v5("a");
    let _second = daemon.connect_v311("b");
    assert_eq!(refusal(&daemon, ClientOptions::v5("c")), ReasonCode::QuotaExceeded);
    first.ping();
}
