//! The daemon inside the sandbox of its unit: what the unit forbids it does not need.
//!
//! No systemd runs here, so `tests/clients/sandbox.py` reads the unit and builds the sandbox: read-only mounts, no
//! capabilities, no new privileges, and the unit's filter of system calls.

use std::fs;
use std::path::Path;
use std::process::Command;

use emqx_tests::license::LicenseIssuer;
use emqx_tests::pki::{Authority, KeyKind, Validity};
use emqx_tests::real_clients::RealClient;
use emqx_tests::{Daemon, QoS};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Folders that the daemon is given besides its own: certificates, log file.
struct Folders {
    root: tempfile::TempDir,
}

impl Folders {
    fn path(&self, name: &str) -> String {
        self.root.path().join(name).display().to_string()
    }
}

/// The sandbox, in which these folders and the working directory can be written; `None` if something is missing for it.
fn sandbox(folders: &[&Path]) -> Option<Vec<String>> {
    RealClient::SystemdAnalyze.find()?;
    if !nix::unistd::geteuid().is_root() {
        eprintln!("SKIPPED: a sandbox is built by root");
        return None;
    }
    let mut words = vec![
        "python3".to_owned(),
        format!("{REPOSITORY}/tests/clients/sandbox.py"),
        format!("{REPOSITORY}/emqxd/packaging/systemd/emqxd.service"),
    ];
    words.extend(folders.iter().map(|folder| folder.display().to_string()));
    words.extend([".", "--"].map(str::to_owned));
    Some(words)
}

fn status_of(daemon: &Daemon, field: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(&format!("{field}:")));
    line.unwrap_or_else(|| panic!("no {field}")).trim().to_owned()
}

#[test]
fn everything_works_inside_the_sandbox_of_the_unit() {
    let folders = Folders {
        root: tempfile::tempdir().unwrap(),
    };
    let issuer = LicenseIssuer::new();
    let Some(sandbox) = sandbox(&[folders.root.path(), issuer.folder()]) else {
        return;
    };
    let authority = Authority::root("Test Root");
    let server = authority.server(KeyKind::Ecdsa, Validity::Now);
    fs::write(folders.path("cert.pem"), &server.certificate).unwrap();
    fs::write(folders.path("key.pem"), &server.key).unwrap();
    fs::write(folders.path("ca.pem"), authority.pem()).unwrap();
    let daemon = Daemon::builder()
        .config(&format!(
            "listeners.ssl.default {{ bind = \"127.0.0.1:0\", ssl_options {{ certfile = \"{}\", keyfile = \"{}\" }} }}\n\
             log.file.default {{ path = \"{}\", level = info }}",
            folders.path("cert.pem"),
            folders.path("key.pem"),
            folders.path("emqx.log"),
        ))
        .config(&issuer.config())
        .under(sandbox)
        .start();
    // It is inside.
    assert_eq!(status_of(&daemon, "Seccomp"), "2");
    assert_eq!(status_of(&daemon, "NoNewPrivs"), "1");
    assert_eq!(status_of(&daemon, "CapBnd"), "0000000000000000");
    assert_eq!(status_of(&daemon, "Uid").split_whitespace().next(), Some("65534"));

    let mut subscriber = daemon.connect_v5("subscriber");
    subscriber.subscribe("t", QoS::ExactlyOnce);
    daemon
        .connect_v5("publisher")
        .publish("t", "over TCP", QoS::ExactlyOnce);
    assert_eq!(subscriber.expect_payload(), "over TCP");
    if let Some(mut mosquitto) = RealClient::MosquittoPub.find() {
        let port = daemon.address_of("ssl:default").port().to_string();
        mosquitto.args(["-h", "localhost", "-p", &port, "--cafile", &folders.path("ca.pem")]);
        let output = mosquitto
            .args(["-q", "2", "-t", "t", "-m", "over TLS"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(subscriber.expect_payload(), "over TLS");
    }

    daemon.ctl(["clients", "list"]).ok();
    let license = issuer.issue("--type official --customer-type 1 --days 400 --sessions 100");
    daemon.ctl(["license", "update", &license]).ok();
    assert!(daemon.folder().join("data/license").is_dir());
    assert_eq!(
        daemon.ctl(["license", "info", "-f", "json"]).json()["data"]["max_sessions"],
        100
    );
    daemon.ctl(["admins", "add", "alice", "a-Long-passw0rd"]).ok();
    let log = || fs::read_to_string(folders.path("emqx.log")).unwrap();
    assert!(log().contains("listener_started"), "{}", log());

    // A renewed certificate and a moved log file are taken into use.
    fs::rename(folders.path("emqx.log"), folders.path("emqx.log.1")).unwrap();
    daemon.signal("HUP");
    emqx_tests::wait_until("a new log file", || Path::new(&folders.path("emqx.log")).exists());

    // And it cannot do what the unit forbids: its own files apart, nothing can be written.
    let mounts = fs::read_to_string(format!("/proc/{}/mountinfo", daemon.pid())).unwrap();
    let root = mounts.lines().find(|line| line.split(' ').nth(4) == Some("/")).unwrap();
    assert!(root.split(' ').nth(5).unwrap().starts_with("ro"), "{root}");
    assert!(!daemon.log().contains("not permitted"), "{}", daemon.log());
}

#[test]
fn the_sandbox_refuses_what_the_unit_forbids() {
    let folders = Folders {
        root: tempfile::tempdir().unwrap(),
    };
    let Some(sandbox) = sandbox(&[folders.root.path()]) else {
        return;
    };
    // Else the test above would prove nothing.
    let attempts = "
import ctypes, errno, mmap, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def refused(what, act, *numbers):
    try:
        act()
    except OSError as error:
        assert error.errno in numbers, (what, error)
    else:
        raise SystemExit(what + ' is allowed')
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
refused('writing to /etc', lambda: open('/etc/emqxd-was-here', 'w'), errno.EROFS, errno.EACCES)
refused('a packet socket', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW), errno.EPERM)
refused('memory that is written and run', lambda: mmap.mmap(-1, 4096, prot=7), errno.EPERM)
refused('a clock that is set', lambda: call(227, 0, None), errno.EPERM)
refused('a mount', lambda: call(165, None, None, None, 0, None), errno.EPERM)
refused('becoming root', lambda: os.setuid(0), errno.EPERM)
assert os.listdir('/home') == [] and os.listdir('/root') == []
print('refused')
";
    let output = Command::new(&sandbox[0])
        .args(&sandbox[1..])
        .args(["/usr/bin/python3", "-c", attempts])
        .current_dir(folders.root.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "refused\n", "{output:?}");
}
