//! `emqx-ctl admins`, `admin USER PASSWORD`, `emqxd admin reset`; and that no password is ever written down.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use emqx_tests::{Daemon, Terminal};

/// A password that is found wherever it leaks to.
const CANARY: &str = "Canary_7f3a!";

#[test]
fn an_operator_sets_adds_and_removes_administrators_in_every_spelling() {
    let daemon = Daemon::start();
    let said = |arguments: &[&str]| daemon.ctl(arguments).stdout;
    let list = daemon.ctl(["-f", "json", "admins", "list"]).json();
    assert_eq!(list["data"][0]["username"], "admin");
    assert_eq!(list["data"][0]["must_change_password"], true);

    assert_eq!(said(&["admins", "passwd", "admin", "Public_1"]), "ok\n");
    assert_eq!(said(&["admin", "admin", "Public_2"]), "ok\n");
    assert_eq!(said(&["admin", "passwd", "admin", "Public_3"]), "ok\n");
    assert_eq!(
        said(&["admins", "add", "li", CANARY, "the night shift", "viewer"]),
        "ok\n"
    );
    let list = daemon.ctl(["-f", "json", "admins", "list"]).json();
    assert_eq!(list["data"][0]["must_change_password"], false);
    assert_eq!(list["data"][1]["role"], "viewer");
    assert_eq!(said(&["admin", "del", "li"]), "ok\n");

    // A role without a password for all to see in the list of processes.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, CANARY).unwrap();
    let file = file.to_str().unwrap();
    let add = [
        "admins",
        "add",
        "wang",
        "--password-file",
        file,
        "--role",
        "viewer",
        "--description",
        "on call",
    ];
    assert_eq!(said(&add), "ok\n");
    let list = daemon.ctl(["-f", "json", "admins", "list"]).json();
    assert_eq!(list["data"][1]["role"], "viewer");
    assert_eq!(list["data"][1]["description"], "on call");
}

#[test]
fn refusals_are_emqx_s_byte_for_byte() {
    let daemon = Daemon::start();
    for (compat, arguments, text, exit) in [
        (
            "5",
            &["admins", "passwd", "nobody", "Public_1"][..],
            "Error: username_not_found\n",
            4,
        ),
        ("5", &["admins", "del", "nobody"], "Error: username_not_found\n", 4),
        (
            "5",
            &["admins", "add", "admin", "Public_1"],
            "Error: username_already_exists\n",
            1,
        ),
        (
            "5",
            &["admins", "passwd", "admin", "short"],
            "Error: The range of password length is 8~64\n",
            64,
        ),
        (
            "4",
            &["admins", "del", "nobody"],
            "{error,<<\"Username Not Found\">>}\n",
            4,
        ),
        (
            "4",
            &["admins", "add", "admin", "Public_1"],
            "Error: already existed\n",
            1,
        ),
    ] {
        let mut all = vec!["--compat", compat];
        all.extend(arguments);
        let output = daemon.ctl(&all);
        assert_eq!(
            (output.stdout.as_str(), output.status),
            (text, Some(exit)),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_password_comes_from_a_file_or_stdin_and_is_missed_without_a_terminal() {
    let daemon = Daemon::start();
    let file = daemon.folder().join("password");
    fs::write(&file, "Public_1\n").expect("writable");
    let path = file.to_str().expect("text");
    assert_eq!(
        daemon.ctl(["admins", "passwd", "admin", "--password-file", path]).ok(),
        "ok\n"
    );

    let mut command = daemon.ctl_command();
    command.args(["admins", "passwd", "admin", "--password-file", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(b"Public_2\n")
        .expect("read");
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.stdout, b"ok\n");

    let output = daemon.ctl(["admins", "passwd", "admin"]);
    assert_eq!(output.status, Some(64), "{output:?}");
    assert!(output.stderr.contains("--password-file"), "{output:?}");
}

#[test]
fn on_a_terminal_a_password_is_asked_for_twice_and_never_shown() {
    let daemon = Daemon::start();
    let mut command = daemon.ctl_command();
    command.args(["admins", "passwd", "admin"]);
    let mut terminal = Terminal::run(command);
    terminal.expect("New password of admin", 1);
    terminal.type_hidden(CANARY);
    terminal.expect("The same again", 1);
    terminal.type_hidden("something_else_1");
    terminal.expect("They differ", 1);
    terminal.type_hidden(CANARY);
    terminal.expect("The same again", 2);
    terminal.type_hidden(CANARY);
    let (status, screen) = terminal.wait_end();
    assert!(status.success(), "{screen}");
    assert!(!screen.contains(CANARY) && !screen.contains("something"), "{screen}");
    let list = daemon.ctl(["-f", "json", "admins", "list"]).json();
    assert_eq!(list["data"][0]["must_change_password"], false);
}

#[test]
fn a_forgotten_password_is_reset_while_the_daemon_is_stopped_and_only_then() {
    let mut daemon = Daemon::start();
    let file = daemon.folder().join("password");
    fs::write(&file, format!("{CANARY}\n")).unwrap();
    let reset = |daemon: &Daemon, arguments: &[&str]| {
        let mut command = daemon.emqxd_command();
        let output = command.args(["admin", "reset"]).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let from_file = ["--password-file", "password"];
    let (status, stdout, stderr) = reset(&daemon, &from_file);
    assert_eq!((status, stdout.as_str()), (Some(75), ""), "{stderr}");
    assert!(stderr.contains("emqx-ctl admins passwd admin"), "{stderr}");
    daemon.signal("TERM");
    daemon.wait_end();

    let (status, _, stderr) = reset(&daemon, &[]);
    assert_eq!(status, Some(64), "nobody is there to be asked: {stderr}");
    assert!(stderr.contains("--password-file"), "{stderr}");
    let (status, _, stderr) = reset(&daemon, &["--password-file", "none"]);
    assert_eq!(status, Some(66), "{stderr}");
    for arguments in [&from_file[..], &["li", "--password-file", "password"]] {
        let (status, stdout, stderr) = reset(&daemon, arguments);
        assert_eq!((status, stdout.as_str()), (Some(0), "ok\n"), "{stderr}");
        assert!(!stderr.contains(CANARY), "{stderr}");
    }
    let data = format!("node.data_dir = \"{}/data\"", daemon.folder().display());
    let again = Daemon::with_config(&data);
    let list = again.ctl(["-f", "json", "admins", "list"]).json();
    let facts = [0, 1].map(|row| {
        (
            &list["data"][row]["username"],
            &list["data"][row]["must_change_password"],
        )
    });
    assert_eq!(facts, [(&"admin".into(), &false.into()), (&"li".into(), &false.into())]);
}

#[test]
fn root_resets_a_password_without_leaving_a_file_that_the_daemon_may_not_open() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let mut daemon = Daemon::builder().user(4711).start();
    daemon.signal("TERM");
    daemon.wait_end();
    let state = daemon.folder().join("data/state");
    fs::remove_dir_all(&state).unwrap();
    // For root's eyes only.
    let file = daemon.folder().join("password");
    fs::write(&file, CANARY).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = daemon.emqxd_command();
    command.args(["admin", "reset", "--password-file", "password"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::metadata(state.join("state.redb")).unwrap().uid(), 4711);
}

#[test]
fn no_password_is_in_any_file_of_the_node_or_in_what_is_printed() {
    let daemon = Daemon::builder().log_level("debug").start();
    for arguments in [
        &["admins", "add", "li", CANARY][..],
        &["admins", "passwd", "li", CANARY],
        &["admin", "li", CANARY],
        &["admins", "add", "li", CANARY],
        &["admins", "passwd", "nobody", CANARY],
    ] {
        let output = daemon.ctl(arguments);
        assert!(!format!("{output:?}").contains(CANARY), "{output:?}");
    }
    assert!(daemon.log().contains("admins passwd"), "the audit line is there");
    let looked_at = search(daemon.folder(), CANARY.as_bytes());
    assert!(looked_at > 2, "{looked_at} files");
    let state = daemon.folder().join("data/state/state.redb");
    if state.exists() {
        assert_eq!(fs::metadata(&state).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

/// Looks into every file below a folder; says how many.
fn search(folder: &Path, secret: &[u8]) -> usize {
    let mut folders = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("readable") {
            let entry = entry.expect("readable");
            let kind = entry.file_type().expect("known");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let bytes = fs::read(entry.path()).expect("readable");
                let found = bytes.windows(secret.len()).any(|window| window == secret);
                assert!(!found, "{} holds the password", entry.path().display());
                files += 1;
            }
        }
    }
    files
}
