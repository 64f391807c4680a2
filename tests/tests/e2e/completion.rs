//! Completions in the real shells: TAB at the end of a line that somebody types.

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use emqx_tests::{Daemon, Shell, ShellKind};

/// Types lines into a shell whose daemon has a trace, a ban, and clients with names that need quotes.
fn names_of_a_running_daemon_are_completed(kind: ShellKind) {
    let daemon = Daemon::start();
    let Some(mut shell) = Shell::start(kind, daemon.socket()) else {
        return;
    };
    let _clients: Vec<_> = ["my client'7", "pump$1 \"x\"", "line:9", "bang!x"]
        .into_iter()
        .map(|client_id| daemon.connect_v5(client_id))
        .collect();
    std::fs::write(shell.folder().join("licence.key"), "").unwrap();
    daemon.ctl(["traces", "start", "hunt", "client", "line:9"]).ok();
    daemon.ctl(["banned", "add", "clientid", "evil twin"]).ok();

    for (typed, expected) in [
        ("emqx-ctl lis", &["emqx-ctl", "listeners"][..]),
        ("emqx-ctl -f js", &["emqx-ctl", "-f", "json"]),
        ("emqx-ctl --form", &["emqx-ctl", "--format"]),
        ("emqx-ctl --format=js", &["emqx-ctl", "--format=json"]),
        ("emqx_ctl lis", &["emqx_ctl", "listeners"]),
        ("emqx ctl lis", &["emqx", "ctl", "listeners"]),
        (
            "emqx-ctl listeners stop tcp",
            &["emqx-ctl", "listeners", "stop", "tcp:default"],
        ),
        (
            "emqx-ctl listeners stop tcp:",
            &["emqx-ctl", "listeners", "stop", "tcp:default"],
        ),
        (
            "emqx-ctl listeners stop tcp:de",
            &["emqx-ctl", "listeners", "stop", "tcp:default"],
        ),
        (
            "emqx-ctl clients kick my",
            &["emqx-ctl", "clients", "kick", "my client'7"],
        ),
        (
            "emqx-ctl clients kick my\\ cl",
            &["emqx-ctl", "clients", "kick", "my client'7"],
        ),
        (
            "emqx-ctl clients kick 'my cl",
            &["emqx-ctl", "clients", "kick", "my client'7"],
        ),
        (
            "emqx-ctl clients kick \"my",
            &["emqx-ctl", "clients", "kick", "my client'7"],
        ),
        ("emqx-ctl why pu", &["emqx-ctl", "why", "pump$1 \"x\""]),
        ("emqx-ctl why \"pu", &["emqx-ctl", "why", "pump$1 \"x\""]),
        ("emqx-ctl why line:", &["emqx-ctl", "why", "line:9"]),
        ("emqx-ctl why ba", &["emqx-ctl", "why", "bang!x"]),
        ("emqx-ctl trace stop hu", &["emqx-ctl", "trace", "stop", "hunt"]),
        (
            "emqx-ctl banned del clientid ev",
            &["emqx-ctl", "banned", "del", "clientid", "evil twin"],
        ),
        // A file, which is the shell's to find.
        (
            "emqx-ctl license show li",
            &["emqx-ctl", "license", "show", "licence.key"],
        ),
        ("emqx-ctl --socket=./li", &["emqx-ctl", "--socket=./licence.key"]),
    ] {
        shell.expect_tab(typed, expected);
    }
    // The socket that the line names is asked, not another one.
    assert_eq!(
        shell.tab("emqx-ctl -s /nowhere.sock listeners stop tcp"),
        ["emqx-ctl", "-s", "/nowhere.sock", "listeners", "stop", "tcp"]
    );
}

#[test]
fn bash_completes_names_of_a_running_daemon() {
    names_of_a_running_daemon_are_completed(ShellKind::Bash);
}

#[test]
fn zsh_completes_names_of_a_running_daemon() {
    names_of_a_running_daemon_are_completed(ShellKind::Zsh);
}

#[test]
fn fish_completes_names_of_a_running_daemon() {
    names_of_a_running_daemon_are_completed(ShellKind::Fish);
}

/// Types lines into a shell whose daemon is not there, or does not answer.
fn what_needs_no_daemon_is_completed(kind: ShellKind, socket: &Path) {
    let Some(mut shell) = Shell::start(kind, socket) else {
        return;
    };
    shell.expect_tab("emqx-ctl listeners sto", &["emqx-ctl", "listeners", "stop"]);
    for line in [
        "emqx-ctl listeners stop tcp",
        "emqx-ctl why sens",
        "emqx-ctl trace stop x",
    ] {
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(shell.tab(line), words);
    }
    shell.expect_tab("emqx-ctl completion zs", &["emqx-ctl", "completion", "zsh"]);
    let screen = shell.screen();
    for word in ["rror", "not running", "no answer", "denied", "not found"] {
        assert!(!screen.contains(word), "{kind:?}: {screen}");
    }
}

#[test]
fn without_a_daemon_commands_are_completed_and_nothing_is_said() {
    for kind in [ShellKind::Bash, ShellKind::Zsh, ShellKind::Fish] {
        what_needs_no_daemon_is_completed(kind, Path::new("/nowhere/emqxd.sock"));
    }
}

#[test]
fn a_daemon_that_hangs_holds_no_shell_up() {
    let daemon = Daemon::start();
    let socket = daemon.folder().join("hangs.sock");
    let _accepts_and_says_nothing = UnixListener::bind(&socket).unwrap();
    for kind in [ShellKind::Bash, ShellKind::Zsh, ShellKind::Fish] {
        what_needs_no_daemon_is_completed(kind, &socket);
    }
    let begin = Instant::now();
    let mut question = daemon.ctl_command();
    question.env("EMQX_CTL_SOCKET", &socket);
    let answer = question
        .args(["__complete", "zsh", "emqx-ctl", "-s"])
        .arg(&socket)
        .args(["listeners", "stop", ""])
        .output()
        .unwrap();
    // Far from the ten seconds that a command would wait, and from a busy machine's hiccups.
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    assert_eq!((answer.stdout, answer.stderr), (b"words\n".to_vec(), Vec::new()));
    assert!(answer.status.success());
}

#[test]
fn the_scripts_that_are_printed_are_those_that_are_installed() {
    let daemon = Daemon::start();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../completions");
    for (shell, file) in [("bash", "emqx-ctl"), ("zsh", "_emqx-ctl"), ("fish", "emqx-ctl.fish")] {
        let installed = std::fs::read_to_string(folder.join(file)).unwrap();
        assert_eq!(daemon.ctl(["completion", shell]).ok(), installed, "{shell}");
    }
}
