//! Who may have the data folder and the place of the socket.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use emqx_tests::{CtlOutput, Daemon};

use super::can_run;

#[test]
fn a_second_daemon_on_the_folder_or_the_socket_of_the_first_is_refused() {
    let first = Daemon::start();
    let data = first.folder().join("data");
    let (status, output) = Daemon::builder()
        .config(&format!("node.data_dir = \"{}\"", data.display()))
        .run_to_end(0);
    assert_eq!(status.code(), Some(75), "{output}");
    assert!(
        output.contains(&format!("data folder {} is in use by another emqxd", data.display())),
        "{output}"
    );
    let (status, output) = Daemon::builder()
        .control_socket(first.socket().to_owned())
        .run_to_end(0);
    assert_eq!(status.code(), Some(75), "{output}");
    let holder = format!("another emqxd (pid {}) already serves the control socket", first.pid());
    assert!(output.contains(&holder), "{output}");
    assert!(output.contains("\n  next: "), "{output}");
    assert_eq!(first.ctl(["ping"]).ok(), "pong\n");
    first.connect_v5("c").ping();
}

#[test]
fn what_stands_at_the_place_of_the_socket_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ctl.sock");
    let precious = folder.path().join("precious");
    fs::write(&precious, "x").unwrap();
    type Plant = fn(&Path, &Path);
    let plants: [(&str, i32, Plant); 5] = [
        ("it is no socket", 78, |path, _| fs::write(path, "x").unwrap()),
        ("it is no socket", 78, |path, _| fs::create_dir(path).unwrap()),
        ("it is no socket", 78, |path, precious| symlink(precious, path).unwrap()),
        ("it is no socket", 78, |path, _| {
            assert!(can_run("mkfifo", &[path.to_str().unwrap()]));
        }),
        // Somebody listens, without holding our lock.
        ("another program already listens on", 75, |path, _| {
            std::mem::forget(UnixListener::bind(path).unwrap());
        }),
    ];
    for (words, code, plant) in plants {
        plant(&path, &precious);
        let before = fs::symlink_metadata(&path).unwrap().file_type();
        let (status, output) = Daemon::builder().control_socket(path.clone()).run_to_end(0);
        assert_eq!(status.code(), Some(code), "{output}");
        assert!(output.contains(words), "{output}");
        assert_eq!(fs::symlink_metadata(&path).unwrap().file_type(), before);
        fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).unwrap();
    }
    assert_eq!(fs::read_to_string(&precious).unwrap(), "x");
}

#[test]
fn a_socket_that_is_replaced_while_the_daemon_runs_is_told_apart() {
    let mut daemon = Daemon::start();
    let path = daemon.socket().to_owned();
    fs::remove_file(&path).unwrap();
    let refused = |daemon: &Daemon, words: &str| {
        let output: CtlOutput = daemon.ctl(["-t", "2s", "status"]);
        assert_eq!((output.status, output.stdout.as_str()), (Some(69), ""), "{output:?}");
        assert!(output.stderr.contains(words), "{output:?}");
    };
    refused(&daemon, "no such file");
    fs::create_dir(&path).unwrap();
    refused(&daemon, "not a socket");
    fs::remove_dir(&path).unwrap();
    symlink("/nowhere/at/all", &path).unwrap();
    refused(&daemon, "no such file");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "somebody else's").unwrap();
    refused(&daemon, "not a socket");
    daemon.signal("TERM");
    assert_eq!(daemon.wait_end().code(), Some(0));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "somebody else's",
        "it was not ours to remove"
    );
}
