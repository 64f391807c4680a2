//! `emqx-ctl reload` and SIGHUP: what was changed on disk is taken into use part by part; a part that is bad keeps what
//! was in force, whole, and says so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use emqx_tests::license::LicenseIssuer;
use emqx_tests::pki::{Authority, KeyKind, Validity};
use emqx_tests::{ClientOptions, CtlOutput, Daemon, DaemonBuilder, QoS, ReasonCode, TestClient, wait_until};
use serde_json::Value;
use tempfile::TempDir;

/// The files of a site: rules, a licence, a certificate, a log.
struct Site {
    folder: TempDir,
    root: Authority,
    issuer: LicenseIssuer,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
            root: Authority::root("Test Root"),
            issuer: LicenseIssuer::new(),
        };
        site.renew_certificate();
        site.write("acl.conf", "{allow, all, all, [\"a\"]}.");
        site.write("emqx.lic", &site.issuer.issue("--days 365 --sessions 100"));
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn renew_certificate(&self) {
        let server = self.root.server(KeyKind::Ecdsa, Validity::Now);
        self.write("cert.pem", &server.certificate);
        self.write("key.pem", &server.key);
    }

    fn builder(&self) -> DaemonBuilder {
        let path = |name: &str| self.path(name).display().to_string();
        Daemon::builder().config(&format!(
            "listeners.ssl.default {{ bind = \"127.0.0.1:0\", ssl_options {{ certfile = \"{}\", keyfile = \"{}\" }} }}\n\
             authorization {{ no_match = deny, sources = [{{ type = file, path = \"{}\" }}] }}\n\
             license.key = \"file://{}\"\n{}\n\
             log.file {{ enable = true, path = \"{}\", level = info }}",
            path("cert.pem"),
            path("key.pem"),
            path("acl.conf"),
            path("emqx.lic"),
            self.issuer.config(),
            path("log/emqx.log"),
        ))
    }

    /// Something new in every file, bad where it can be.
    fn spoil_all(&self, daemon: &Daemon) {
        self.write("acl.conf", "{allow, all, all, [\"b\"]}.\n{alow, all}.");
        self.write("emqx.lic", "no licence");
        self.write("cert.pem", "no certificate");
        append_config(daemon, "mqtt.max_inflight = 9\nmqtt.max_inflights = 9");
    }
}

fn append_config(daemon: &Daemon, text: &str) {
    let file = daemon.folder().join("emqx.conf");
    let before = fs::read_to_string(&file).unwrap();
    fs::write(file, format!("{before}\n{text}\n")).unwrap();
}

/// Result and detail of a part.
#[track_caller]
fn part(report: &Value, name: &str) -> (String, String) {
    let rows = report["data"].as_array().unwrap();
    let row = rows.iter().find(|row| row["part"] == name);
    let row = row.unwrap_or_else(|| panic!("{name} is missing: {report}"));
    (
        row["result"].as_str().unwrap().to_owned(),
        format!(
            "{} {}",
            row["detail"].as_str().unwrap(),
            row["next"].as_str().unwrap_or_default()
        ),
    )
}

fn reload(daemon: &Daemon) -> (CtlOutput, Value) {
    let output = daemon.ctl(["-f", "json", "reload", "--wait"]);
    let report = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output, report)
}

fn publish(client: &mut TestClient, topic: &str) -> ReasonCode {
    let message = client.message(topic, "m", QoS::AtLeastOnce);
    client.publish_packet(message).unwrap()
}

/// What a client may do is what the first rules say, the licence is the first, and so is `max_inflight`.
#[track_caller]
fn expect_first_state(daemon: &Daemon, client: &mut TestClient, serial: &str) {
    assert_eq!(publish(client, "a"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(publish(client, "b"), ReasonCode::NotAuthorized);
    assert_eq!(max_sessions(daemon), 100);
    assert_eq!(
        daemon.ctl(["conf", "show", "mqtt.max_inflight"]).ok(),
        "mqtt {\n  max_inflight = 32\n}\n"
    );
    assert_eq!(serial_of(daemon), serial);
}

fn serial_of(daemon: &Daemon) -> String {
    let certificates = daemon.ctl(["-f", "json", "tls", "certs"]).json();
    certificates["data"][0]["serial"].as_str().unwrap().to_owned()
}

/// Of the licence in force.
fn max_sessions(daemon: &Daemon) -> u64 {
    let license = daemon.ctl(["-f", "json", "license", "info"]).json();
    license["data"]["max_sessions"]
        .as_u64()
        .unwrap_or_else(|| panic!("{license}"))
}

#[test]
fn a_reload_takes_every_part_into_use_and_clients_stay_connected() {
    let site = Site::new();
    let daemon = site.builder().start();
    let mut client = daemon.connect_v5("c");
    let serial = serial_of(&daemon);
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(0), "{output:?}");
    for name in [
        "configuration",
        "access rules",
        "licence",
        "keys of authenticators",
        "certificates of ssl:default",
    ] {
        assert_eq!(part(&report, name).0, "unchanged", "{report}");
    }

    site.write("acl.conf", "{allow, all, all, [\"b\"]}.");
    site.write("emqx.lic", &site.issuer.issue("--days 365 --sessions 200"));
    site.renew_certificate();
    fs::rename(site.path("log/emqx.log"), site.path("log/taken.log")).unwrap();
    append_config(
        &daemon,
        "mqtt.max_inflight = 9\nnode.workers = 1\nlisteners.tcp.default.acceptors = 3",
    );
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(0), "{output:?}");
    for name in [
        "log file default",
        "access rules",
        "licence",
        "certificates of ssl:default",
    ] {
        assert_eq!(part(&report, name).0, "done", "{report}");
    }
    assert_eq!(
        part(&report, "configuration"),
        ("done".to_owned(), "mqtt.max_inflight ".to_owned())
    );
    let (result, next) = part(&report, "node.workers");
    assert_eq!(result, "waiting");
    assert!(next.ends_with(" restart emqxd"), "{next}");
    let (result, next) = part(&report, "listeners.tcp.default.acceptors");
    assert_eq!(result, "waiting");
    assert!(next.ends_with("emqx-ctl listeners restart tcp:default"), "{next}");

    assert_eq!(publish(&mut client, "a"), ReasonCode::NotAuthorized);
    assert_eq!(publish(&mut client, "b"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(max_sessions(&daemon), 200);
    assert_ne!(serial_of(&daemon), serial);
    wait_until("the log goes on in a new file", || {
        fs::read_to_string(site.path("log/emqx.log")).is_ok_and(|log| log.contains("reloaded"))
    });
}

#[test]
fn every_part_that_is_bad_keeps_what_was_in_force_and_says_why_and_what_to_do() {
    let site = Site::new();
    let daemon = site.builder().start();
    let mut client = daemon.connect_v5("c");
    let serial = serial_of(&daemon);
    site.spoil_all(&daemon);
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(78), "{output:?}");
    for (name, words) in [
        ("configuration", "max_inflights"),
        ("access rules", "acl.conf:2:"),
        ("licence", "license update"),
        ("certificates of ssl:default", "cert.pem"),
    ] {
        let (result, detail) = part(&report, name);
        assert_eq!(result, "failed", "{name}: {report}");
        assert!(detail.contains(words), "{name}: {detail}");
    }
    expect_first_state(&daemon, &mut client, &serial);
    daemon.expect_log(&["not_reloaded", "access rules", "acl.conf:2:"]);

    // The good ones among bad ones are taken.
    site.write("acl.conf", "{allow, all, all, [\"a\", \"b\"]}.");
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(78), "{output:?}");
    assert_eq!(part(&report, "access rules").0, "done", "{report}");
    assert_eq!(publish(&mut client, "b"), ReasonCode::NoMatchingSubscribers);
}

#[test]
fn sighup_does_the_same() {
    let site = Site::new();
    let daemon = site.builder().start();
    let mut client = daemon.connect_v5("c");
    let serial = serial_of(&daemon);
    site.spoil_all(&daemon);
    daemon.signal("HUP");
    daemon.expect_log(&["[notice]", "reloaded", "failed: 4"]);
    expect_first_state(&daemon, &mut client, &serial);

    site.write("acl.conf", "{allow, all, all, [\"b\"]}.");
    site.write("emqx.lic", &site.issuer.issue("--days 365 --sessions 200"));
    site.renew_certificate();
    daemon.signal("HUP");
    wait_until("the certificate is reloaded", || serial_of(&daemon) != serial);
    daemon.expect_log(&["[notice]", "reloaded", "failed: 1"]);
    assert_eq!(publish(&mut client, "b"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(max_sessions(&daemon), 200);
}

#[test]
fn files_that_may_not_be_read_or_are_gone_change_nothing() {
    let site = Site::new();
    // Nobody, who may not read what others keep for themselves; root may read everything.
    let is_root = nix::unistd::Uid::effective().is_root();
    let builder = if is_root {
        site.builder().user(65_534)
    } else {
        site.builder()
    };
    if is_root {
        fs::set_permissions(site.folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
        fs::set_permissions(site.issuer.folder(), PermissionsExt::from_mode(0o755)).unwrap();
        fs::set_permissions(site.path("key.pem"), PermissionsExt::from_mode(0o644)).unwrap();
    }
    let daemon = builder.start();
    let mut client = daemon.connect_v5("c");
    let serial = serial_of(&daemon);
    for name in ["emqx.lic", "key.pem"] {
        fs::set_permissions(site.path(name), PermissionsExt::from_mode(0o000)).unwrap();
    }
    fs::remove_file(site.path("acl.conf")).unwrap();
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(78), "{output:?}");
    for (name, words) in [
        ("access rules", "No such file"),
        ("licence", "Permission denied"),
        ("certificates of ssl:default", "Permission denied"),
    ] {
        let (result, detail) = part(&report, name);
        assert_eq!(result, "failed", "{name}: {report}");
        assert!(detail.contains(words), "{name}: {detail}");
    }
    expect_first_state(&daemon, &mut client, &serial);
}

#[test]
fn out_of_descriptors_nothing_is_changed_and_nothing_is_lost() {
    let site = Site::new();
    let daemon = site.builder().start();
    let mut client = daemon.connect_v5("c");
    let serial = serial_of(&daemon);
    site.write("acl.conf", "{allow, all, all, [\"b\"]}.");
    site.write("emqx.lic", &site.issuer.issue("--days 365 --sessions 200"));
    site.renew_certificate();
    append_config(&daemon, "mqtt.max_inflight = 9");
    limit_descriptors(&daemon, first_free_descriptor(&daemon));
    // The control socket has a descriptor of its own for such a day.
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(78), "{output:?}");
    for name in [
        "log file default",
        "configuration",
        "access rules",
        "licence",
        "certificates of ssl:default",
    ] {
        let (result, detail) = part(&report, name);
        assert_eq!(result, "failed", "{name}: {report}");
        assert!(detail.contains("Too many open files"), "{name}: {detail}");
    }
    expect_first_state(&daemon, &mut client, &serial);
    let log = || fs::read_to_string(site.path("log/emqx.log")).unwrap();
    wait_until("the old log file is written on", || log().contains("not_reloaded"));

    limit_descriptors(&daemon, 1024);
    let (output, _) = reload(&daemon);
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(publish(&mut client, "b"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(max_sessions(&daemon), 200);
    assert_ne!(serial_of(&daemon), serial);
}

/// Up to here all are in use.
fn first_free_descriptor(daemon: &Daemon) -> u32 {
    let used: Vec<u32> = fs::read_dir(format!("/proc/{}/fd", daemon.pid()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    (0..).find(|number| !used.contains(number)).unwrap()
}

/// With all below in use no file can be opened any more.
fn limit_descriptors(daemon: &Daemon, soft: u32) {
    let status = Command::new("prlimit")
        .args(["--pid", &daemon.pid().to_string(), &format!("--nofile={soft}:")])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "prlimit of util-linux is needed"
    );
}

#[test]
fn without_wait_the_daemon_is_asked_and_many_who_ask_get_one_reload_together() {
    let site = Site::new();
    let daemon = site.builder().start();
    for _ in 0..3 {
        let asked = daemon.ctl(["reload"]).ok();
        assert!(asked.contains("reload --wait"), "{asked}");
    }
    daemon.expect_log(&["[notice]", "reloaded", "failed: 0"]);
    let json = daemon.ctl(["-f", "json", "reload"]).json();
    assert_eq!(json["data"]["result"], "ok", "{json}");
    let text = daemon.ctl(["reload", "--wait"]).ok();
    assert!(text.contains("configuration: unchanged\n"), "{text}");
}

#[test]
fn a_stopped_log_handler_stays_stopped() {
    let site = Site::new();
    let daemon = site.builder().start();
    daemon.ctl(["log", "handlers", "stop", "default"]).ok();
    let (_, report) = reload(&daemon);
    assert_eq!(part(&report, "log files").0, "unchanged", "{report}");
    let handlers = daemon.ctl(["log", "handlers", "list"]).ok();
    assert!(
        handlers.contains("status=stopped") || handlers.contains("stopped"),
        "{handlers}"
    );
}

#[test]
fn the_public_key_of_tokens_is_read_again_when_its_file_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    let root = Authority::root("Test Root");
    // A certificate's own key will do.
    fs::write(&key, public_key(&root.server(KeyKind::Ecdsa, Validity::Now).key)).unwrap();
    let daemon = Daemon::with_config(&format!(
        "authentication = [{{ mechanism = jwt, use_jwks = false, algorithm = public-key, public_key = \"{}\" }}]",
        key.display()
    ));
    let (_, report) = reload(&daemon);
    assert_eq!(part(&report, "keys of authenticators").0, "unchanged", "{report}");
    fs::write(&key, "no key").unwrap();
    let (output, report) = reload(&daemon);
    assert_eq!(output.status, Some(78));
    assert_eq!(part(&report, "keys of authenticators").0, "failed", "{report}");
    assert!(
        ClientOptions::v5("c").try_connect(daemon.address()).is_err(),
        "clients are asked still"
    );
    fs::write(&key, public_key(&root.server(KeyKind::Ecdsa, Validity::Now).key)).unwrap();
    let (_, report) = reload(&daemon);
    let (result, detail) = part(&report, "keys of authenticators");
    assert_eq!(result, "done", "{report}");
    assert!(detail.contains("key.pem"), "{detail}");
}

/// The public half of a private key in PEM.
fn public_key(private: &str) -> String {
    let pair = rcgen::KeyPair::from_pem(private).unwrap();
    pair.public_key_pem()
}
