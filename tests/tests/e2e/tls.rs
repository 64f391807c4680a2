//! TLS listeners: other projects' clients, resumption, the failures of EMQX's FAQ, certificates that are renewed.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use emqx_tests::pki::{Authority, Identity, KeyKind, Validity};
use emqx_tests::real_clients::RealClient;
use emqx_tests::{Daemon, wait_until};
use tempfile::TempDir;

/// A CA, and a folder with a server's certificate of it.
pub(super) struct Site {
    folder: TempDir,
    pub(super) root: Authority,
}

impl Site {
    pub(super) fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
            root: Authority::root("Test Root"),
        };
        let server = site.root.server(KeyKind::Ecdsa, Validity::Now);
        site.write_server(&server);
        site.write("ca.pem", &site.root.pem());
        site
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn write_server(&self, identity: &Identity) {
        self.write("cert.pem", &identity.certificate);
        self.write("key.pem", &identity.key);
    }

    /// Files of a client's certificate and key.
    pub(super) fn write_client(&self, name: &str, identity: &Identity) -> (PathBuf, PathBuf) {
        (
            self.write(&format!("{name}.pem"), &identity.certificate),
            self.write(&format!("{name}.key"), &identity.key),
        )
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A daemon with a listener `ssl:default`, with these settings more.
    fn daemon(&self, options: &str) -> Daemon {
        Daemon::with_config(&self.config(options))
    }

    fn config(&self, options: &str) -> String {
        self.config_of("ssl", options)
    }

    /// The listener `default` of this type.
    pub(super) fn config_of(&self, kind: &str, options: &str) -> String {
        format!(
            "listeners.{kind}.default {{ bind = \"127.0.0.1:0\", ssl_options {{ certfile = \"{}\", keyfile = \"{}\", \
             cacertfile = \"{}\"\n{options} }} }}",
            self.path("cert.pem"),
            self.path("key.pem"),
            self.path("ca.pem")
        )
    }
}

pub(super) const VERIFY: &str = "verify = verify_peer, fail_if_no_peer_cert = true";

fn port(daemon: &Daemon) -> String {
    daemon.address_of("ssl:default").port().to_string()
}

/// `mosquitto_pub` over TLS, with a certificate or not; its standard error.
fn mosquitto_pub(daemon: &Daemon, ca: &str, identity: Option<&(PathBuf, PathBuf)>) -> Option<String> {
    let mut command = RealClient::MosquittoPub.find()?;
    command.args([
        "-h",
        "localhost",
        "-p",
        &port(daemon),
        "-t",
        "t",
        "-m",
        "hello",
        "-i",
        "pub",
    ]);
    command.args(["--cafile", ca]);
    if let Some((certificate, key)) = identity {
        command.arg("--cert").arg(certificate).arg("--key").arg(key);
    }
    let output = command.stdin(Stdio::null()).output().expect("it can be executed");
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// `openssl s_client`, which sends nothing and closes; what it printed.
fn s_client(daemon: &Daemon, arguments: &[&str]) -> String {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &format!("localhost:{}", port(daemon))]);
    let output = command
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("openssl is installed");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// A failure shows in the log in EMQX's words, in `shutdown_count`, in `disconnects` and `why`; and `explain` knows it.
#[track_caller]
fn expect_failure(daemon: &Daemon, keyword: &str, alert: &str, detail: &str) {
    expect_failure_at("ssl:default", daemon, keyword, alert, detail);
}

/// The same at another listener.
#[track_caller]
pub(super) fn expect_failure_at(listener: &str, daemon: &Daemon, keyword: &str, alert: &str, detail: &str) {
    daemon.expect_end_at(listener, keyword);
    let line = daemon.expect_log(&[listener, "{ssl_error,{tls_alert,{", keyword]);
    assert!(line.contains(&format!("{alert}: Fatal - ")), "{line}");
    let (by, whose) = match alert {
        "received CLIENT ALERT" => ("client", "CLIENT ALERT"),
        _ => ("server", "SERVER ALERT"),
    };
    let json = daemon.ctl(["-f", "json", "disconnects", "--reason", keyword]).json();
    let end = &json["data"][0];
    assert_eq!(
        (&end["closed_by"], &end["listener"]),
        (&by.into(), &listener.into()),
        "{json}"
    );
    let why = daemon.ctl(["why", "127.0.0.1"]).ok();
    for word in [keyword, whose, detail] {
        assert!(why.contains(word), "{word:?} is missing: {why}");
    }
    let explained = daemon.ctl(["explain", keyword]);
    assert_eq!(explained.status, Some(0), "{explained:?}");
}

#[test]
fn an_expired_certificate_of_a_client_is_named_everywhere() {
    let site = Site::new();
    let daemon = site.daemon(VERIFY);
    let client = site.write_client("old", &site.root.client("old-device", Validity::Expired));
    if mosquitto_pub(&daemon, &site.path("ca.pem"), Some(&client)).is_some() {
        expect_failure(
            &daemon,
            "certificate_expired",
            "generated SERVER ALERT",
            "CN=old-device",
        );
    }
}

#[test]
fn a_client_of_an_unknown_ca_is_named_everywhere() {
    let site = Site::new();
    let daemon = site.daemon(VERIFY);
    let stranger = Authority::root("Another Root").client("stranger", Validity::Now);
    let client = site.write_client("stranger", &stranger);
    if mosquitto_pub(&daemon, &site.path("ca.pem"), Some(&client)).is_some() {
        expect_failure(&daemon, "unknown_ca", "generated SERVER ALERT", "CN=Another Root");
    }
}

#[test]
fn a_revoked_client_is_named_everywhere() {
    let site = Site::new();
    let stolen = site.root.client("stolen", Validity::Now);
    let list = site.write("list.crl", &site.root.revocation_list(&[&stolen]));
    let daemon = site.daemon(&format!("{VERIFY}, crlfile = \"{}\"", list.display()));
    let client = site.write_client("stolen", &stolen);
    if mosquitto_pub(&daemon, &site.path("ca.pem"), Some(&client)).is_some() {
        expect_failure(&daemon, "certificate_revoked", "generated SERVER ALERT", "CN=stolen");
    }
}

#[test]
fn a_missing_intermediate_is_the_client_s_alert() {
    let site = Site::new();
    let intermediate = site.root.intermediate("Test Intermediate");
    let server = intermediate.server(KeyKind::Ecdsa, Validity::Now);
    site.write_server(&server);
    let daemon = site.daemon("");
    if mosquitto_pub(&daemon, &site.path("ca.pem"), None).is_some() {
        expect_failure(&daemon, "unknown_ca", "received CLIENT ALERT", "intermediate");
    }
    // With the intermediate it is a good chain, taken into use without a restart.
    site.write("cert.pem", &server.below(&intermediate).certificate);
    daemon.ctl(["tls", "reload"]).ok();
    if let Some(stderr) = mosquitto_pub(&daemon, &site.path("ca.pem"), None) {
        assert_eq!(stderr, "");
    }
}

#[test]
fn ciphers_that_do_not_meet_are_named_everywhere() {
    if RealClient::OpenSsl.find().is_none() {
        return;
    }
    let site = Site::new();
    let daemon = site.daemon("ciphers = [\"ECDHE-ECDSA-AES256-GCM-SHA384\"]");
    let said = s_client(&daemon, &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]);
    assert!(said.contains("alert handshake failure"), "the client is told: {said}");
    let offered = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    expect_failure(&daemon, "no_suitable_cipher", "generated SERVER ALERT", offered);
}

#[test]
fn versions_that_do_not_meet_are_named_everywhere() {
    if RealClient::OpenSsl.find().is_none() {
        return;
    }
    let site = Site::new();
    let daemon = site.daemon("versions = [\"tlsv1.3\"]");
    let said = s_client(&daemon, &["-tls1_2"]);
    assert!(said.contains("alert protocol version"), "the client is told: {said}");
    expect_failure(&daemon, "protocol_version", "generated SERVER ALERT", "TLS 1.2 at most");
}

#[test]
fn http_and_plain_mqtt_on_the_tls_port_are_recognised() {
    let site = Site::new();
    let daemon = site.daemon("");
    let address = daemon.address_of("ssl:default");
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    expect_failure(&daemon, "unexpected_message", "generated SERVER ALERT", "HTTP request");
    drop(socket);
}

#[test]
fn clients_of_other_projects_speak_both_versions_with_and_without_certificates() {
    let site = Site::new();
    let client = site.write_client("device", &site.root.client("device-7", Validity::Now));
    for version in ["tlsv1.2", "tlsv1.3"] {
        for options in ["", VERIFY] {
            let daemon = site.daemon(&format!("versions = [\"{version}\"]\n{options}"));
            let identity = (!options.is_empty()).then_some(&client);
            for publisher in [RealClient::MosquittoPub, RealClient::Paho, RealClient::MqttJs] {
                if !exchange(&daemon, &site, publisher, identity) {
                    eprintln!("{publisher:?} over {version}: skipped");
                }
            }
            assert_eq!(daemon.listener_of("ssl:default").fields["running"], "true");
        }
    }
}

/// `publisher` sends to `mosquitto_sub`, both over TLS; whether both are installed.
#[track_caller]
fn exchange(daemon: &Daemon, site: &Site, publisher: RealClient, identity: Option<&(PathBuf, PathBuf)>) -> bool {
    let (Some(mut publish), Some(mut subscribe)) = (publisher.find(), RealClient::MosquittoSub.find()) else {
        return false;
    };
    let (ca, port) = (site.path("ca.pem"), port(daemon));
    subscribe.args([
        "-h",
        "localhost",
        "-p",
        &port,
        "-i",
        "sub",
        "-t",
        "t",
        "-q",
        "1",
        "-C",
        "1",
        "-W",
        "30",
    ]);
    mosquitto_tls(&mut subscribe, &ca, identity);
    let subscriber = subscribe.stdout(Stdio::piped()).spawn().expect("it can be executed");
    wait_until("mosquitto_sub is subscribed", || {
        daemon.ctl(["subscriptions", "show", "sub"]).stdout.contains("topic:t ")
    });
    if publisher == RealClient::MosquittoPub {
        publish.args(["-h", "localhost", "-p", &port, "-t", "t", "-m", "0", "-q", "1"]);
        mosquitto_tls(&mut publish, &ca, identity);
    } else {
        publish
            .args(["publish", "mqtts://localhost", &port, "4", "1", "t", "1"])
            .env("MQTT_CA", &ca);
        if let Some((certificate, key)) = identity {
            publish.env("MQTT_CERT", certificate).env("MQTT_KEY", key);
        }
    }
    let published = publish.output().expect("it can be executed");
    assert!(published.status.success(), "{publisher:?}: {published:?}");
    let received = subscriber.wait_with_output().expect("it ends by itself").stdout;
    assert_eq!(String::from_utf8_lossy(&received), "0\n", "{publisher:?}");
    true
}

fn mosquitto_tls(command: &mut Command, ca: &str, identity: Option<&(PathBuf, PathBuf)>) {
    command.args(["--cafile", ca]);
    if let Some((certificate, key)) = identity {
        command.arg("--cert").arg(certificate).arg("--key").arg(key);
    }
}

#[test]
fn sessions_are_resumed_in_both_versions_unless_they_are_switched_off() {
    if RealClient::OpenSsl.find().is_none() {
        return;
    }
    let site = Site::new();
    let daemon = site.daemon("");
    let said = s_client(&daemon, &["-tls1_2", "-reconnect"]);
    assert_eq!(said.matches("Reused, TLSv1.2").count(), 5, "{said}");
    // A ticket of TLS 1.3 comes after the handshake, so the client has to read a little.
    let ticket = site.path("session");
    let (first, second) = (["-tls1_3", "-sess_out", &ticket], ["-tls1_3", "-sess_in", &ticket]);
    wait_until("a ticket was received", || {
        let mut open = Command::new("openssl");
        open.args(["s_client", "-connect", &format!("localhost:{}", port(&daemon))])
            .args(first);
        // Standard input stays open until the ticket is there.
        let mut child = open
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the session is written", || Path::new(&ticket).exists());
        drop(child.stdin.take());
        child.wait().unwrap().success()
    });
    let said = s_client(&daemon, &second);
    assert!(said.contains("Reused, TLSv1.3"), "{said}");
    let daemon = site.daemon("reuse_sessions = false");
    let said = s_client(&daemon, &["-tls1_2", "-reconnect"]);
    assert_eq!(said.matches("Reused, TLSv1.2").count(), 0, "{said}");
}

/// The serial number that a client is shown.
fn serial_shown(daemon: &Daemon) -> String {
    let said = s_client(daemon, &["-showcerts"]);
    let begin = said.find("-----BEGIN CERTIFICATE-----").expect("a certificate");
    let end = said.find("-----END CERTIFICATE-----").expect("its end");
    said[begin..end].to_owned()
}

#[test]
fn certificates_are_renewed_without_dropping_a_client_and_refused_whole_when_bad() {
    if RealClient::OpenSsl.find().is_none() {
        return;
    }
    let site = Site::new();
    let daemon = site.daemon("");
    let mut stays = daemon.connect_v5("stays");
    let before = serial_shown(&daemon);
    let renewed = site.root.server(KeyKind::Rsa, Validity::Now);
    // The certificate alone: its key is not there yet.
    site.write("cert.pem", &renewed.certificate);
    let refused = daemon.ctl(["tls", "reload", "ssl:default"]);
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.stdout.contains("NOT reloaded"), "{refused:?}");
    assert!(
        refused.stdout.contains("not the key of the first certificate"),
        "{refused:?}"
    );
    assert_eq!(serial_shown(&daemon), before);
    site.write("key.pem", &renewed.key);
    assert!(daemon.ctl(["tls", "certs"]).ok().contains("hold something else"));
    assert_eq!(daemon.ctl(["tls", "reload"]).ok(), "ssl:default: reloaded\n");
    let after = serial_shown(&daemon);
    assert_ne!(after, before);
    // By a signal, and by EMQX's verb.
    site.write_server(&site.root.server(KeyKind::Ecdsa, Validity::Now));
    daemon.signal("HUP");
    wait_until("the signal has reloaded it", || serial_shown(&daemon) != after);
    let after = serial_shown(&daemon);
    site.write_server(&site.root.server(KeyKind::Ecdsa, Validity::Now));
    assert_eq!(daemon.ctl(["pem_cache", "clean", "all"]).ok(), "PEM cache clean OK\n");
    assert_ne!(serial_shown(&daemon), after);
    stays.ping();
}

#[test]
fn certificates_are_shown_and_checked() {
    let site = Site::new();
    let daemon = site.daemon(VERIFY);
    let text = daemon.ctl(["tls", "certs"]).ok();
    for line in [
        "ssl:default",
        "  subject         : CN=localhost",
        "  issuer          : CN=Test Root",
        "  names           : localhost, 127.0.0.1",
        "  chain_complete  : complete",
        "  key_matches     : true",
        "  verify          : verify_peer",
    ] {
        assert!(text.lines().any(|found| found == line), "{line:?} is missing: {text}");
    }
    let json = daemon.ctl(["-f", "json", "tls", "certs", "ssl:default"]).json();
    // Valid for a year from now, and the second may pass.
    assert!(
        matches!(json["data"][0]["days_left"].as_i64(), Some(364 | 365)),
        "{json}"
    );
    assert_eq!(json["data"][0]["names"][1], "127.0.0.1", "{json}");
    assert_eq!(daemon.ctl(["tls", "certs", "ssl:other"]).status, Some(4));
    assert_eq!(daemon.ctl(["tls", "check"]).status, Some(0));
    // Files, without the daemon.
    let (cert, key, ca) = (site.path("cert.pem"), site.path("key.pem"), site.path("ca.pem"));
    let check = |arguments: &[&str]| daemon.ctl([&["tls", "check"], arguments].concat());
    let other = site.write("other.key", &site.root.server(KeyKind::Ecdsa, Validity::Now).key);
    let found = check(&[&cert, "--ca", &ca, "--key", &other.display().to_string()]);
    assert_eq!(found.status, Some(1), "{found:?}");
    assert!(found.stdout.contains("does not belong to the certificate"), "{found:?}");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let found = check(&[&cert, "--ca", &ca, "--key", &key]);
    assert_eq!(found.status, Some(0), "{found:?}");
    // A host, as its clients see it.
    let host = format!("localhost:{}", port(&daemon));
    let found = check(&["--host", &host, "--ca", &ca]);
    assert_eq!(found.status, Some(0), "{found:?}");
    let found = check(&["--host", &host]);
    assert!(found.stdout.contains("CN=Test Root"), "{found:?}");
}

#[test]
fn what_is_wrong_with_files_is_an_error_that_names_the_file_and_the_remedy() {
    let site = Site::new();
    let daemon = site.daemon("");
    let intermediate = site.root.intermediate("Test Intermediate");
    let server = intermediate.server(KeyKind::Ecdsa, Validity::Now);
    let ca = site.path("ca.pem");
    let disordered = format!("{}{}", intermediate.pem(), server.certificate);
    let lacks = site.root.server(KeyKind::Ecdsa, Validity::Now);
    let of = |validity| site.root.server(KeyKind::Ecdsa, validity).certificate;
    for (name, certificate, key, what, next) in [
        (
            "disordered.pem",
            &*disordered,
            None,
            "not followed by its issuer",
            "put the own certificate first",
        ),
        (
            "gap.pem",
            &*server.certificate,
            None,
            "the intermediate CN=Test Intermediate is missing",
            "append it",
        ),
        (
            "expired.pem",
            &of(Validity::Expired),
            None,
            "CN=localhost has expired 1 day ago",
            "renew it",
        ),
        (
            "later.pem",
            &of(Validity::Later),
            None,
            "is not valid yet",
            "check the clock",
        ),
        (
            "mismatch.pem",
            &*lacks.certificate,
            Some(&*server.key),
            "the key does not belong to the certificate",
            "request a new certificate",
        ),
    ] {
        let file = site.write(name, certificate).display().to_string();
        let cas = site.write("cas.pem", &format!("{}{}", site.root.pem(), intermediate.pem()));
        let cas = cas.display().to_string();
        let mut arguments = vec![
            "-f",
            "json",
            "tls",
            "check",
            &file,
            "--ca",
            if name == "gap.pem" { &cas } else { &ca },
        ];
        let key_file = site.path("mismatch.key");
        let mut named = &file;
        if let Some(key) = key {
            let path = site.write("mismatch.key", key);
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            arguments.extend(["--key", &key_file]);
            named = &key_file;
        }
        let found = daemon.ctl(arguments);
        assert_eq!(found.status, Some(1), "{found:?}");
        let document: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
        let rows = document["data"].as_array().unwrap();
        let is_told = rows.iter().any(|row| {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            row["severity"] == "error"
                && text("checked") == *named
                && text("what").contains(what)
                && text("next").contains(next)
        });
        assert!(is_told, "{name}: {rows:?}");
    }
    // A key that everybody may read: the remedy can be copied.
    let key = site.write("open.key", &server.key);
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let open = key.display().to_string();
    let chain = site.write("good.pem", &format!("{}{}", server.certificate, intermediate.pem()));
    let found = daemon.ctl([
        "tls",
        "check",
        &chain.display().to_string(),
        "--ca",
        &ca,
        "--key",
        &open,
    ]);
    assert!(found.stdout.contains(&format!("chmod 640 {open}")), "{found:?}");
}

#[test]
fn an_old_revocation_list_is_told_everywhere_and_still_holds() {
    let site = Site::new();
    let (stolen, good) = (
        site.root.client("stolen", Validity::Now),
        site.root.client("good", Validity::Now),
    );
    let list = site.write("list.crl", &site.root.expired_revocation_list(&[&stolen]));
    let list = list.display().to_string();
    let daemon = site.daemon(&format!("{VERIFY}, crlfile = \"{list}\""));
    let line = daemon.expect_log(&["tls_certificate_problem", "the revocation list of CN=Test Root"]);
    assert!(line.contains(&list) && line.contains("tls reload"), "{line}");
    for arguments in [&["tls", "check"][..], &["tls", "certs"]] {
        let told = daemon.ctl(arguments).ok();
        assert!(
            told.contains("warning") && told.contains("has expired 2 days ago"),
            "{told}"
        );
    }
    let doctor = daemon.ctl(["-f", "json", "doctor", "security"]).json();
    let finding = doctor["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["id"] == "D035");
    let finding = finding.unwrap_or_else(|| panic!("{doctor}"));
    assert_eq!(finding["severity"], "warn", "{finding}");
    assert!(
        finding["evidence"].as_str().unwrap().contains("ssl:default"),
        "{finding}"
    );
    daemon.ctl(["explain", "D035"]).ok();
    let (stolen, good) = (site.write_client("stolen", &stolen), site.write_client("good", &good));
    let ca = site.path("ca.pem");
    if mosquitto_pub(&daemon, &ca, Some(&stolen)).is_some() {
        expect_failure(&daemon, "certificate_revoked", "generated SERVER ALERT", "CN=stolen");
        assert_eq!(mosquitto_pub(&daemon, &ca, Some(&good)).as_deref(), Some(""));
    }
    // A new one is in force without a restart, and nothing is left to tell.
    site.write("list.crl", &site.root.revocation_list(&[]));
    daemon.ctl(["tls", "reload"]).ok();
    let told = daemon.ctl(["tls", "check"]).ok();
    assert!(!told.contains("revocation"), "{told}");
}

#[test]
fn a_listener_without_certificate_is_not_started_and_says_what_to_set() {
    let daemon = Daemon::with_config("listeners.ssl.default.bind = \"127.0.0.1:0\"");
    let line = daemon.expect_log(&["ssl:default", "NOT started"]);
    assert!(line.contains("listeners.ssl.default.ssl_options.certfile"), "{line}");
    assert_eq!(daemon.listener_of("ssl:default").fields["running"], "false");
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start() {
    let site = Site::new();
    site.write("key.pem", &site.root.server(KeyKind::Ecdsa, Validity::Now).key);
    let config = site.config("");
    let (status, output) = Daemon::builder().config(&config).run_to_end(0);
    assert_eq!(status.code(), Some(78), "{output}");
    assert!(
        output.contains("it is not the key of the first certificate"),
        "{output}"
    );
    assert!(output.contains("next:"), "{output}");
}
