//! Callers of other users, with and without a namespace of their own.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use emqx_tests::{CtlOutput, Daemon};

use super::{is_root, skipped};

/// A user that is in no group here.
const STRANGER: u32 = 4711;
/// `daemon`, which every Debian has, and which the tests let look.
const READERS_GID: u32 = 1;

/// Runs a command as another user; `None`, with a line, if that user cannot execute it.
fn run_as(mut command: Command, uid: u32, gid: u32) -> Option<CtlOutput> {
    match command.uid(uid).gid(gid).current_dir("/").output() {
        Ok(output) => Some(output.into()),
        // The programs lie in a folder that another user may not enter.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            skipped("another user cannot execute the programs under test");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn ctl(daemon: &Daemon, arguments: &[&str]) -> Command {
    let mut command = daemon.ctl_command();
    command.args(arguments);
    command
}

/// `emqx-ctl` as root of a user namespace, which the caller's own user made.
fn ctl_in_namespace(daemon: &Daemon, arguments: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user"])
        .arg(daemon.ctl_command().get_program())
        .args(arguments)
        .env("EMQX_CTL_SOCKET", daemon.socket());
    command
}

#[test]
fn a_user_outside_the_groups_is_77_whatever_the_file_modes() {
    if !is_root() {
        return skipped("needs root to call as another user");
    }
    let daemon = Daemon::start();
    let folder = daemon.folder().display().to_string();
    fs::set_permissions(daemon.folder(), Permissions::from_mode(0o700)).unwrap();
    let Some(output) = run_as(ctl(&daemon, &["status"]), STRANGER, STRANGER) else {
        return;
    };
    assert_eq!((output.status, output.stdout.as_str()), (Some(77), ""), "{output:?}");
    let barrier = format!("error: permission denied: {folder} is 0700 root:root, you are ");
    assert!(output.stderr.starts_with(&barrier), "{output:?}");
    // The file modes let everybody in: the daemon does not.
    fs::set_permissions(daemon.folder(), Permissions::from_mode(0o755)).unwrap();
    let output = run_as(ctl(&daemon, &["status"]), STRANGER, STRANGER).unwrap();
    assert_eq!(output.status, Some(77), "{output:?}");
    assert!(output.stderr.contains("ctl.sock is 0660 root:"), "{output:?}");
    fs::set_permissions(daemon.socket(), Permissions::from_mode(0o666)).unwrap();
    for verb in [&["status"][..], &["listeners", "stop", "tcp:default", "-y"]] {
        let output = run_as(ctl(&daemon, verb), STRANGER, STRANGER).unwrap();
        assert_eq!((output.status, output.stdout.as_str()), (Some(77), ""), "{output:?}");
        let first = format!("error: uid {STRANGER} may not use the control socket\n");
        assert!(output.stderr.starts_with(&first), "{output:?}");
        assert!(output.stderr.contains("usermod -aG emqx <user>"), "{output:?}");
    }
    daemon.connect_v5("c").ping();
}

#[test]
fn root_of_a_user_namespace_is_nobody_special() {
    if !is_root() {
        return skipped("needs root to call as another user");
    }
    let mut probe = Command::new("unshare");
    probe
        .args(["--user", "--map-root-user", "true"])
        .uid(STRANGER)
        .gid(STRANGER);
    if !probe
        .current_dir("/")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return skipped("user namespaces are not permitted here");
    }
    let daemon = Daemon::with_config("control.read_group = daemon\ncontrol.admin_group = bin");
    fs::set_permissions(daemon.folder(), Permissions::from_mode(0o755)).unwrap();
    let member = |arguments: &[&str]| run_as(ctl_in_namespace(&daemon, arguments), STRANGER, READERS_GID);
    let Some(status) = member(&["status"]) else { return };
    if status.stderr.contains("unshare:") {
        return skipped("the programs under test cannot be executed in a user namespace");
    }
    assert!(status.ok().contains("is started"));
    let refused = member(&["clients", "kick", "c"]).unwrap();
    assert_eq!(refused.status, Some(77), "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("'clients kick' needs the admin role; you are read-only"),
        "{refused:?}"
    );
    fs::set_permissions(daemon.socket(), Permissions::from_mode(0o666)).unwrap();
    let stranger = run_as(ctl_in_namespace(&daemon, &["status"]), STRANGER, STRANGER).unwrap();
    assert_eq!(stranger.status, Some(77), "{stranger:?}");
    let words = format!("uid {STRANGER} may not use the control socket");
    assert!(stranger.stderr.contains(&words), "{stranger:?}");
}
