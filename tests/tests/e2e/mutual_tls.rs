//! Clients with certificates: over WebSocket too, named by their certificate, and revoked while they have a ticket.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use emqx_tests::pki::Validity;
use emqx_tests::real_clients::RealClient;
use emqx_tests::{Daemon, QoS, wait_for, wait_until};
use serde_json::Value;

use super::tls::{Site, VERIFY, expect_failure_at};

/// A client program that goes on until it is dropped.
struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().expect("it can be executed"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Paho or MQTT.js over secure WebSocket, with a certificate or not; `None` if it is not installed.
fn over_wss(
    client: RealClient,
    daemon: &Daemon,
    site: &Site,
    identity: Option<&(PathBuf, PathBuf)>,
    arguments: &[&str],
) -> Option<Command> {
    let mut command = client.find()?;
    let port = daemon.address_of("wss:default").port().to_string();
    command
        .arg(arguments[0])
        .args(["wss://127.0.0.1", &port])
        .args(&arguments[1..])
        .env("MQTT_CA", site.path("ca.pem"));
    if let Some((certificate, key)) = identity {
        command.env("MQTT_CERT", certificate).env("MQTT_KEY", key);
    }
    Some(command)
}

#[test]
fn a_client_over_secure_websocket_needs_its_certificate_and_is_told_without() {
    let site = Site::new();
    let device = site.write_client("device", &site.root.client("device-7", Validity::Now));
    for client in [RealClient::Paho, RealClient::MqttJs] {
        for version in ["tlsv1.2", "tlsv1.3"] {
            let options = format!("versions = [\"{version}\"]\n{VERIFY}");
            let daemon = Daemon::with_config(&site.config_of("wss", &options));
            let arguments = ["publish", "5", "1", "t", "3"];
            let Some(mut publish) = over_wss(client, &daemon, &site, Some(&device), &arguments) else {
                continue;
            };
            let mut reader = daemon.connect_v5("reader");
            reader.subscribe("t", QoS::AtLeastOnce);
            let published = publish.output().expect("it can be executed");
            assert!(published.status.success(), "{client:?} over {version}: {published:?}");
            for payload in ["0", "1", "2", "end"] {
                assert_eq!(reader.expect_publish().payload, payload);
            }
            let stranger = over_wss(client, &daemon, &site, None, &arguments);
            let refused = stranger
                .expect("found a moment ago")
                .output()
                .expect("it can be executed");
            assert_ne!(String::from_utf8_lossy(&refused.stdout), "published 3\n", "{refused:?}");
            expect_failure_at(
                "wss:default",
                &daemon,
                "certificate_required",
                "generated SERVER ALERT",
                "the client sent no certificate",
            );
        }
    }
}

/// What `clients show` tells of a client, once it is there.
fn shown(daemon: &Daemon, client_id: &str) -> Value {
    wait_for(&format!("{client_id:?} is connected"), || {
        let output = daemon.ctl(["-f", "json", "clients", "show", client_id]);
        let data = (output.status == Some(0)).then(|| output.json()["data"].clone())?;
        Some(data.get(0).cloned().unwrap_or(data))
    })
}

const DN: &str = "CN=device-7,OU=devices,O=Test";

#[test]
fn a_client_is_named_by_its_certificate_whatever_it_says() {
    let site = Site::new();
    let device = site.write_client("device", &site.root.client("device-7", Validity::Now));
    for (username, client_id, name, id) in [("cn", "dn", "device-7", DN), ("dn", "cn", DN, "device-7")] {
        let daemon = Daemon::with_config(&format!(
            "{}\nmqtt.peer_cert_as_username = {username}\nmqtt.peer_cert_as_clientid = {client_id}",
            site.config_of("ssl", VERIFY)
        ));
        let Some(mut subscribe) = RealClient::MosquittoSub.find() else {
            return;
        };
        let port = daemon.address_of("ssl:default").port().to_string();
        subscribe.args([
            "-h",
            "localhost",
            "-p",
            &port,
            "-t",
            "t",
            "-i",
            "somebody",
            "-u",
            "admin",
            "-P",
            "x",
        ]);
        subscribe.args(["--cafile", &site.path("ca.pem")]);
        subscribe.arg("--cert").arg(&device.0).arg("--key").arg(&device.1);
        let _running = Running::start(subscribe);
        let client = shown(&daemon, id);
        assert_eq!(client["username"], name, "{client}");
        assert_eq!(client["cert_common_name"], "device-7", "{client}");
        assert_ne!(daemon.ctl(["clients", "show", "somebody"]).status, Some(0));
    }
}

#[test]
fn a_client_over_secure_websocket_is_named_by_its_certificate() {
    let site = Site::new();
    let device = site.write_client("device", &site.root.client("device-7", Validity::Now));
    let daemon = Daemon::with_config(&format!(
        "{}\nmqtt.peer_cert_as_username = cn\nmqtt.peer_cert_as_clientid = dn",
        site.config_of("wss", VERIFY)
    ));
    let arguments = ["subscribe", "4", "1", "t"];
    let Some(subscribe) = over_wss(RealClient::Paho, &daemon, &site, Some(&device), &arguments) else {
        return;
    };
    let _running = Running::start(subscribe);
    let client = shown(&daemon, DN);
    assert_eq!(client["username"], "device-7", "{client}");
    assert_eq!(client["transport"], "wss", "{client}");
}

/// `openssl s_client` with a certificate, which stays until `is_done`; what it printed.
fn s_client(
    daemon: &Daemon,
    identity: &(PathBuf, PathBuf),
    arguments: &[&str],
    mut is_done: impl FnMut() -> bool,
) -> String {
    let port = daemon.address_of("ssl:default").port();
    let mut child = Command::new("openssl")
        .args(["s_client", "-connect", &format!("localhost:{port}")])
        .arg("-cert")
        .arg(&identity.0)
        .arg("-key")
        .arg(&identity.1)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be executed");
    wait_until("s_client has what it is to wait for", &mut is_done);
    // The end of its input ends it.
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn a_client_that_was_revoked_does_not_come_back_by_its_ticket() {
    if RealClient::OpenSsl.find().is_none() {
        return;
    }
    for version in ["-tls1_2", "-tls1_3"] {
        let site = Site::new();
        let stolen = site.root.client("stolen", Validity::Now);
        let identity = site.write_client("stolen", &stolen);
        let list = site.write("list.crl", &site.root.revocation_list(&[]));
        let daemon = Daemon::with_config(&site.config_of("ssl", &format!("{VERIFY}, crlfile = {list:?}")));
        let ticket = site.path("ticket");
        let is_written = || std::fs::metadata(&ticket).is_ok_and(|file| file.len() > 0);
        s_client(&daemon, &identity, &[version, "-sess_out", &ticket], is_written);
        let resumed = s_client(&daemon, &identity, &[version, "-sess_in", &ticket], || true);
        assert!(
            resumed.contains("Reused, TLSv1"),
            "the ticket is good until then: {resumed}"
        );
        site.write("list.crl", &site.root.revocation_list(&[&stolen]));
        assert_eq!(daemon.ctl(["tls", "reload"]).ok(), "ssl:default: reloaded\n");
        let refused = s_client(&daemon, &identity, &[version, "-sess_in", &ticket], || true);
        assert!(!refused.contains("Reused, TLSv1"), "{refused}");
        expect_failure_at(
            "ssl:default",
            &daemon,
            "certificate_revoked",
            "generated SERVER ALERT",
            "CN=stolen",
        );
    }
}
