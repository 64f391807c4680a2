//! Disks that are full, and disks that never answer.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use emqx_shared::{ErrorCode, Reply};
use emqx_tests::license::LicenseIssuer;
use emqx_tests::{CtlOutput, Daemon, QoS, Random, wait_until};

use super::{Caller, ban, banned, can_run, is_root, request_bytes, skipped};

/// A mounted file system of a test's own, taken away when dropped.
struct Mounted(PathBuf);

impl Mounted {
    /// `None`, with a line, if it is not permitted.
    fn new(arguments: &[&str], place: &Path) -> Option<Self> {
        fs::create_dir_all(place).unwrap();
        let mut all = arguments.to_vec();
        all.push(place.to_str().unwrap());
        if is_root() && can_run("mount", &all) {
            return Some(Self(place.to_owned()));
        }
        skipped("needs root and the right to mount");
        None
    }

    fn of_memory(bytes: usize, place: &Path) -> Option<Self> {
        let options = format!("size={bytes},mode=700");
        Self::new(&["-t", "tmpfs", "-o", &options, "emqxd-tests"], place)
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let mut file = File::create(&ballast).unwrap();
        let error = loop {
            if let Err(error) = file.write_all(&[b'x'; 4096]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        ballast
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let place = self.0.to_str().unwrap();
        let _it_may_be_frozen = can_run("fsfreeze", &["-u", place]);
        // Lazily: a daemon may still be at home there.
        let _nothing_else_to_do = can_run("umount", &["-l", place]);
    }
}

#[test]
fn an_export_that_does_not_fit_leaves_nothing_and_says_why() {
    let daemon = Daemon::start();
    let mut random = Random::new(21);
    for number in 0..10 {
        // What cannot be compressed, so that the export is longer than one block.
        let reason: String = (0..200).map(|_| char::from(b'!' + random.byte() % 90)).collect();
        daemon
            .ctl([
                "banned",
                "add",
                "clientid",
                &number.to_string(),
                &format!("--reason={reason}"),
            ])
            .ok();
    }
    let exports = daemon.folder().join("exports");
    fs::create_dir(&exports).unwrap();
    let ctl = daemon.ctl_command();
    // A limit of one block of 512 bytes; the signal that comes with it is ignored.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""])
        .arg(ctl.get_program())
        .args(["data", "export", "--dir"])
        .arg(&exports)
        .env("EMQX_CTL_SOCKET", daemon.socket());
    let output = CtlOutput::from(shell.output().unwrap());
    assert_eq!(output.status, Some(73), "{output:?}");
    let last = output.stdout.lines().last().unwrap();
    assert!(last.starts_with("[error] Data export failed, reason: "), "{output:?}");
    assert!(last.contains("File too large"), "{output:?}");
    assert_eq!(fs::read_dir(&exports).unwrap().count(), 0, "nothing is left of it");
    daemon.ctl(["data", "export", "--dir", exports.to_str().unwrap()]).ok();
    assert_eq!(fs::read_dir(&exports).unwrap().count(), 1);
}

#[test]
fn a_licence_whose_copy_does_not_fit_is_in_force_and_its_predecessor_stays() {
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let place = data.path().join("license");
    let Some(disk) = Mounted::of_memory(64 * 1024, &place) else {
        return;
    };
    let start = || {
        let place = format!("node.data_dir = \"{}\"", data.path().display());
        Daemon::builder().config(&issuer.config()).config(&place).start()
    };
    let license = |sessions: u32| {
        let file = issuer.issue_file("x.lic", &format!("--days 400 --sessions {sessions}"));
        fs::read_to_string(file).unwrap()
    };
    let update = |daemon: &Daemon, text: &str| daemon.ctl(["license", "update", text.trim()]);
    let max_sessions = |daemon: &Daemon| {
        let info = daemon.ctl(["license", "info", "-f", "json"]).json();
        info["data"]["max_sessions"].as_u64().unwrap()
    };
    let files = || {
        let entries = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("emqx.lic"))
            .collect();
        files.sort();
        files
    };
    let copy = place.join("emqx.lic");
    let (first, second) = (license(100), license(200));
    let daemon = start();
    update(&daemon, &first).ok();
    assert_eq!(fs::read_to_string(&copy).unwrap(), first);

    let ballast = disk.fill();
    let output = update(&daemon, &second);
    assert_eq!((output.status, output.stdout.as_str()), (Some(0), "ok\n"), "{output:?}");
    assert!(output.stderr.contains("No space left on device"), "{output:?}");
    assert_eq!(max_sessions(&daemon), 200);
    assert_eq!(fs::read_to_string(&copy).unwrap(), first, "as a whole or not at all");
    assert_eq!(files(), std::slice::from_ref(&copy), "no half of a copy takes room");
    daemon.expect_log(&["license_copy_not_written", "No space left on device"]);
    drop(daemon);

    // With room again the next start puts the copy right, and keeps what was there.
    fs::remove_file(ballast).unwrap();
    let daemon = start();
    assert_eq!(max_sessions(&daemon), 200);
    assert_eq!(fs::read_to_string(&copy).unwrap(), second);
    let kept: Vec<String> = files().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert_eq!(kept, [second, first]);
    drop(daemon);
    drop(disk);
}

#[test]
fn a_change_that_the_disk_does_not_take_is_refused_and_nothing_else_suffers() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let Some(disk) = Mounted::of_memory(16 << 20, &data) else {
        return;
    };
    let place = format!("node.data_dir = \"{}\"", data.display());
    let start = || Daemon::builder().config(&place).start();
    let daemon = start();
    let ballast = disk.fill();
    let reason = "x".repeat(1000);
    let mut caller = Caller::welcomed(&daemon);
    let mut taken = Vec::new();
    let refused = loop {
        let who = format!("c{}", taken.len());
        caller.send(&request_bytes(&ban(&who, &reason)));
        match caller.reply() {
            Reply::Failed(failure) => break failure,
            reply => assert!(reply.is_last()),
        }
        taken.push(who);
        assert!(taken.len() < 10_000, "the disk is never full");
    };
    assert_eq!(refused.code, ErrorCode::Io, "{refused:?}");
    let again = daemon.ctl(["banned", "del", "clientid", "nobody"]);
    assert_eq!(again.status, Some(74), "{again:?}");
    assert!(
        again.stderr.contains("see to the disk, then restart emqxd"),
        "{again:?}"
    );
    let mut client = daemon.connect_v5("client");
    client.subscribe("t", QoS::AtLeastOnce);
    client.publish("t", "served", QoS::AtLeastOnce);
    assert_eq!(client.expect_payload(), "served");
    drop((client, caller, daemon));

    fs::remove_file(ballast).unwrap();
    let daemon = start();
    let mut found = banned(&daemon);
    found.sort_by_key(|who| who[1..].parse::<u32>().unwrap());
    // What failed may have reached the log before the disk was full: nobody was told that it had not.
    let undecided = found.split_off(taken.len().min(found.len()));
    assert_eq!(found, taken, "what was acknowledged");
    assert!(
        undecided.is_empty() || undecided == [format!("c{}", taken.len())],
        "and nothing else: {undecided:?}"
    );
    daemon.ctl(["banned", "add", "clientid", "later"]).ok();
    drop(daemon);
    drop(disk);
}

#[test]
fn a_trace_file_that_never_answers_holds_up_its_own_trace_only() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("image");
    File::create(&image).unwrap().set_len(16 << 20).unwrap();
    if !can_run("mkfs.ext4", &["-q", "-F", image.to_str().unwrap()]) {
        return skipped("needs mkfs.ext4");
    }
    let place = folder.path().join("disk");
    let daemon = Daemon::start();
    let Some(disk) = Mounted::new(&["-o", "loop", image.to_str().unwrap()], &place) else {
        return;
    };
    let (stuck, fine) = (place.join("stuck.log"), daemon.folder().join("fine.log"));
    daemon.ctl(["trace", "client", "c", stuck.to_str().unwrap()]).ok();
    daemon.ctl(["trace", "topic", "t", fine.to_str().unwrap()]).ok();
    if !can_run("fsfreeze", &["-f", place.to_str().unwrap()]) {
        return skipped("needs the right to freeze a file system");
    }
    // Whatever is written to it waits from now on.
    let mut client = daemon.connect_v5("c");
    client.publish("t", "one", QoS::AtLeastOnce);
    wait_until("the other trace goes on", || {
        fs::read_to_string(&fine).unwrap().contains("payload: one")
    });
    for _ in 0..10 {
        client.publish("t", "x".repeat(1000), QoS::AtLeastOnce);
    }
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n");
    assert_eq!(daemon.ctl(["-t", "5s", "trace", "list"]).ok().lines().count(), 2);
    assert_eq!(fs::metadata(&stuck).unwrap().len(), 0);
    daemon.ctl(["-t", "5s", "trace", "stop", "topic", "t"]).ok();
    client.ping();
    assert!(can_run("fsfreeze", &["-u", place.to_str().unwrap()]));
    wait_until("it goes on where it stood", || {
        fs::read_to_string(&stuck).unwrap().contains("payload: one")
    });
    daemon.ctl(["trace", "stop", "client", "c"]).ok();
    drop(disk);
}
