//! The PROXY protocol: by HAProxy, versions 1 and 2, with TLS ended there, and by those who only pretend.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};

use emqx_tests::pki::{Authority, KeyKind, Validity};
use emqx_tests::real_clients::RealClient;
use emqx_tests::{ClientOptions, DEADLINE, Daemon, wait_for, wait_until};

/// A running HAProxy, ended when dropped.
struct Haproxy {
    child: Child,
    port: u16,
}

impl Haproxy {
    /// In front of `broker`; `bind` and `server` are what stands behind the addresses of those lines.
    fn start(folder: &Path, broker: SocketAddr, bind: &str, server: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "global\n  maxconn 100\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
             listen mqtt\n  bind 127.0.0.1:{port} {bind}\n  server broker {broker} {server}\n"
        );
        let file = folder.join("haproxy.cfg");
        std::fs::write(&file, config).unwrap();
        let mut command = RealClient::Haproxy.find().expect("found a moment ago");
        let child = command
            .arg("-f")
            .arg(&file)
            .arg("-db")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, port }
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A `mosquitto_sub` that comes from 127.0.0.2, ended when dropped.
struct Subscriber(Child);

impl Subscriber {
    fn start(port: u16, client_id: &str, more: &[&str]) -> Self {
        let mut command = RealClient::MosquittoSub.find().expect("found a moment ago");
        let port = port.to_string();
        command.args([
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-A",
            "127.0.0.2",
            "-i",
            client_id,
            "-t",
            "t",
            "-V",
            "mqttv5",
        ]);
        Self(command.args(more).stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn client(daemon: &Daemon, client_id: &str) -> serde_json::Value {
    wait_for(&format!("{client_id} is connected"), || {
        let output = daemon.ctl(["-f", "json", "clients", "show", client_id]);
        if output.status != Some(0) {
            return None;
        }
        let data = output.json()["data"].clone();
        Some(data.get(0).cloned().unwrap_or(data))
    })
}

fn behind_haproxy(config: &str) -> Option<Daemon> {
    let has_both = RealClient::Haproxy.find().is_some() && RealClient::MosquittoSub.find().is_some();
    has_both.then(|| {
        Daemon::with_config(&format!(
            "listeners.tcp.proxied {{ bind = \"127.0.0.1:0\", proxy_protocol = true, \
             trusted_proxies = [\"127.0.0.1\"] }}\n{config}"
        ))
    })
}

#[test]
fn the_clients_own_address_is_seen_behind_haproxy_in_both_versions() {
    let Some(daemon) = behind_haproxy("") else { return };
    for (version, server) in [("v1", "send-proxy"), ("v2", "send-proxy-v2")] {
        let haproxy = Haproxy::start(daemon.folder(), daemon.address_of("tcp:proxied"), "", server);
        wait_until("HAProxy listens", || {
            TcpStream::connect(("127.0.0.1", haproxy.port)).is_ok()
        });
        let _subscriber = Subscriber::start(haproxy.port, version, &[]);
        let client = client(&daemon, version);
        let peername = client["peername"].as_str().unwrap();
        assert!(peername.starts_with("127.0.0.2:"), "{version}: {peername}");
        assert!(
            client["proxied_by"].as_str().unwrap().starts_with("127.0.0.1:"),
            "{client}"
        );
        let text = daemon.ctl(["clients", "show", version]).ok();
        assert!(text.contains(&format!("peername={peername}")), "{text}");
        daemon.expect_log(&["client_connected", version, "127.0.0.2"]);
    }
}

#[test]
fn haproxy_that_ends_tls_tells_whose_certificate_it_has_verified() {
    let Some(daemon) = behind_haproxy("") else { return };
    let folder = daemon.folder();
    let ca = Authority::root("Test CA");
    let (server, device) = (
        ca.server(KeyKind::Ecdsa, Validity::Now),
        ca.client("device-7", Validity::Now),
    );
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ca = write("ca.pem", &ca.pem());
    let both = write("server.pem", &format!("{}{}", server.certificate, server.key));
    let (certificate, key) = (
        write("device.pem", &device.certificate),
        write("device.key", &device.key),
    );
    let bind = format!("ssl crt {both} ca-file {ca} verify required");
    let haproxy = Haproxy::start(folder, daemon.address_of("tcp:proxied"), &bind, "send-proxy-v2-ssl-cn");
    wait_until("HAProxy listens", || {
        TcpStream::connect(("127.0.0.1", haproxy.port)).is_ok()
    });
    let _subscriber = Subscriber::start(
        haproxy.port,
        "secured",
        &["--cafile", &ca, "--cert", &certificate, "--key", &key],
    );
    let client = client(&daemon, "secured");
    assert_eq!(client["cert_common_name"], "device-7");
    assert_eq!(client["tls_version"], "tlsv1.3");
    assert_eq!(client["transport"], "tcp");
    assert!(
        client["peername"].as_str().unwrap().starts_with("127.0.0.2:"),
        "{client}"
    );
}

/// A listener that believes `trusted`, and the address it got.
fn proxied(trusted: &str) -> (Daemon, SocketAddr) {
    let daemon = Daemon::with_config(&format!(
        "listeners.tcp.proxied {{ bind = \"127.0.0.1:0\", proxy_protocol = true, proxy_protocol_timeout = 300ms, \
         trusted_proxies = [\"{trusted}\"] }}"
    ));
    let address = daemon.address_of("tcp:proxied");
    (daemon, address)
}

#[test]
fn a_forged_header_from_an_untrusted_source_is_refused_and_seen() {
    let (daemon, address) = proxied("127.0.0.9");
    let mut forger = TcpStream::connect(address).unwrap();
    forger.set_read_timeout(Some(DEADLINE)).unwrap();
    // It may have been thrown out before.
    let _ = forger.write_all(b"PROXY TCP4 203.0.113.9 10.0.0.1 40000 1883\r\n");
    let mut nothing = Vec::new();
    let _a_reset_is_as_good = forger.read_to_end(&mut nothing);
    assert_eq!(nothing, b"");
    daemon.expect_end_at("tcp:proxied", "proxy_proto_untrusted");
    daemon.expect_log(&[
        "proxy_proto_untrusted",
        "127.0.0.1 is not in listeners.tcp.proxied.trusted_proxies",
    ]);
    let told = daemon.ctl(["-f", "json", "disconnects"]).ok();
    assert!(
        told.contains("proxy_proto_untrusted") && told.contains("trusted_proxies"),
        "{told}"
    );
}

#[test]
fn whatever_comes_in_place_of_a_header_is_counted_by_what_it_was() {
    let (daemon, address) = proxied("127.0.0.1");
    let silent = TcpStream::connect(address).unwrap();
    daemon.expect_end_at("tcp:proxied", "proxy_proto_timeout");
    drop(silent);
    drop(TcpStream::connect(address).unwrap());
    daemon.expect_end_at("tcp:proxied", "proxy_proto_close");
    assert!(ClientOptions::v5("direct").try_connect(address).is_err());
    daemon.expect_end_at("tcp:proxied", "proxy_proto_invalid");
    daemon.expect_log(&["proxy_proto_invalid", "no PROXY protocol header"]);
}

#[test]
fn what_comes_with_the_header_in_one_piece_is_not_lost() {
    let (daemon, address) = proxied("127.0.0.1");
    let mut stream = TcpStream::connect(address).unwrap();
    let mut bytes = b"PROXY TCP4 203.0.113.9 10.0.0.1 40000 1883\r\n".to_vec();
    bytes.extend_from_slice(b"\x10\x11\0\x04MQTT\x04\x02\0\0\0\x05proxy");
    stream.write_all(&bytes).unwrap();
    let mut connack = [0; 4];
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.read_exact(&mut connack).unwrap();
    assert_eq!(connack, [0x20, 2, 0, 0]);
    let client = client(&daemon, "proxy");
    assert_eq!(client["peername"], "203.0.113.9:40000");
    assert_eq!(client["proxied_by"], stream.local_addr().unwrap().to_string());
}
