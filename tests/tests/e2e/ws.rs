//! MQTT over WebSocket: other projects' clients, wrong clients, and what operators see of both.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use bytes::{Bytes, BytesMut};
use emqx_tests::pki::{Authority, KeyKind, Validity};
use emqx_tests::real_clients::RealClient;
use emqx_tests::{ClientOptions, DEADLINE, Daemon, Packet, ProtocolVersion, QoS, wait_until};
use mqtt_codec::{DecodeLimits, Decoder};

const WS: &str = "listeners.ws.default.bind = \"127.0.0.1:0\"";

/// A client of WebSocket that sends what it is told to.
struct Browser {
    stream: TcpStream,
    answer: String,
}

impl Browser {
    /// Asks for a WebSocket with these header lines on top of the usual ones.
    fn ask(address: SocketAddr, target: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("the listener accepts");
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: mqtt\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer comes");
            answer.push(byte[0]);
        }
        let answer = String::from_utf8(answer).unwrap();
        Self { stream, answer }
    }

    fn status(&self) -> &str {
        self.answer.split(' ').nth(1).unwrap()
    }

    /// One frame with the mask 0.
    fn frame(&mut self, first: u8, payload: &[u8]) {
        assert!(payload.len() < 126, "a short frame");
        let mut bytes = vec![first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        bytes.extend_from_slice(payload);
        self.stream.write_all(&bytes).unwrap();
    }

    /// CONNECT in frames of one byte each.
    fn connect(&mut self, options: ClientOptions) -> Packet {
        let version = options.connect.protocol_version;
        let mut bytes = BytesMut::new();
        Packet::Connect(Box::new(options.connect))
            .encode(version, &mut bytes)
            .unwrap();
        for byte in bytes {
            self.frame(0x82, &[byte]);
        }
        let (first, payload) = self.read_frame();
        assert_eq!(first, 0x82, "a whole binary frame");
        let mut decoder = Decoder::with_version(version, DecodeLimits::default());
        decoder
            .decode(&mut Bytes::from(payload))
            .unwrap()
            .expect("a whole packet")
    }

    fn read_frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).expect("a frame comes");
        assert!(head[1] < 126, "a short frame");
        let mut payload = vec![0; usize::from(head[1])];
        self.stream.read_exact(&mut payload).unwrap();
        (head[0], payload)
    }

    fn expect_end(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("the connection ends");
        assert_eq!(rest, b"");
    }
}

#[test]
fn messages_of_mqttjs_over_websocket_arrive_and_it_receives() {
    real_client(RealClient::MqttJs, "ws");
}

#[test]
fn messages_of_paho_over_websocket_arrive_and_it_receives() {
    real_client(RealClient::Paho, "ws");
}

#[test]
fn messages_of_mqttjs_over_websocket_and_tls_arrive_and_it_receives() {
    real_client(RealClient::MqttJs, "wss");
}

#[test]
fn messages_of_paho_over_websocket_and_tls_arrive_and_it_receives() {
    real_client(RealClient::Paho, "wss");
}

/// Numbered messages through one client as publisher and the same as subscriber, each in MQTT 3.1.1 and 5.
fn real_client(client: RealClient, scheme: &str) {
    if client.find().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let ca = Authority::root("Test CA");
    let server = ca.server(KeyKind::Ecdsa, Validity::Now);
    std::fs::write(at("ca.pem"), ca.pem()).unwrap();
    std::fs::write(at("cert.pem"), &server.certificate).unwrap();
    std::fs::write(at("key.pem"), &server.key).unwrap();
    let daemon = Daemon::with_config(&format!(
        "{WS}\nlisteners.wss.default {{ bind = \"127.0.0.1:0\", ssl_options {{ certfile = {:?}, keyfile = {:?} }} }}\n\
         mqtt.max_mqueue_len = 100000",
        at("cert.pem"),
        at("key.pem")
    ));
    let listener = format!("{scheme}:default");
    let port = daemon.address_of(&listener).port().to_string();
    let command = |arguments: &[&str]| -> Command {
        let mut command = client.find().expect("found a moment ago");
        command.env("MQTT_CA", at("ca.pem"));
        command
            .arg(arguments[0])
            .args([&format!("{scheme}://127.0.0.1"), &port])
            .args(&arguments[1..]);
        command
    };
    for version in ["4", "5"] {
        let topic = format!("numbers/{version}");
        let mut subscriber = daemon.connect_v311("reader");
        subscriber.subscribe(&topic, QoS::AtLeastOnce);
        let published = command(&["publish", version, "1", &topic, "300"]).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&published.stdout),
            "published 300\n",
            "{published:?}"
        );
        for number in 0..300 {
            assert_eq!(subscriber.expect_publish().payload, number.to_string());
        }
        assert_eq!(subscriber.expect_publish().payload, "end");

        let receiving = std::thread::spawn({
            let mut command = command(&["subscribe", version, "1", "back"]);
            move || command.output().unwrap()
        });
        wait_until("it has subscribed", || {
            daemon.ctl(["topics", "list"]).stdout.contains("back")
        });
        let large = "x".repeat(100_000);
        for payload in ["one", &large, "end"] {
            subscriber.publish("back", payload, QoS::AtLeastOnce);
        }
        let received = receiving.join().unwrap();
        // What comes right behind the SUBACK may be printed before "subscribed".
        let printed = String::from_utf8_lossy(&received.stdout).into_owned();
        let printed: Vec<&str> = printed.lines().filter(|line| *line != "subscribed").collect();
        assert!(received.status.success(), "{:?}", received.status);
        assert!(printed == ["one", large.as_str(), "end"], "{} lines", printed.len());
    }
}

#[test]
fn a_packet_may_come_in_many_frames_and_operators_see_the_transport() {
    let daemon = Daemon::with_config(WS);
    let address = daemon.address_of("ws:default");
    // Enough that some belong to each worker.
    let mut browsers = Vec::new();
    for number in 0..8 {
        let mut browser = Browser::ask(address, "/mqtt", "");
        assert_eq!(browser.status(), "101");
        assert!(
            browser.answer.contains("Sec-WebSocket-Protocol: mqtt\r\n"),
            "{}",
            browser.answer
        );
        let connack = browser.connect(ClientOptions::v5(&format!("browser-{number}")));
        assert!(matches!(connack, Packet::Connack(_)), "{connack:?}");
        browser.frame(0x89, b"there?");
        assert_eq!(browser.read_frame(), (0x8A, b"there?".to_vec()));
        browsers.push(browser);
    }
    for (number, browser) in browsers.iter_mut().enumerate() {
        let client = daemon
            .ctl(["-f", "json", "clients", "show", &format!("browser-{number}")])
            .json();
        let client = &client["data"];
        let client = client.get(0).unwrap_or(client);
        assert_eq!(client["listener"], "ws:default");
        assert_eq!(client["transport"], "ws");
        assert_eq!(client["peername"], browser.stream.local_addr().unwrap().to_string());
        // PINGREQ in the middle of a message of two frames.
        browser.frame(0x02, &[0xC0]);
        browser.frame(0x80, &[0x00]);
        assert_eq!(browser.read_frame(), (0x82, vec![0xD0, 0x00]));
    }
    let mut polite = browsers.pop().unwrap();
    polite.frame(0x82, &[0xE0, 0x00]);
    assert_eq!(polite.read_frame(), (0x88, 1000u16.to_be_bytes().to_vec()));
    polite.frame(0x88, &1000u16.to_be_bytes());
    polite.expect_end();
    daemon.expect_end_at("ws:default", "normal");

    let mut wrong = browsers.pop().unwrap();
    wrong.frame(0x81, b"text");
    assert_eq!(wrong.read_frame(), (0x88, 1003u16.to_be_bytes().to_vec()));
    drop(wrong);
    daemon.expect_end_at("ws:default", "websocket_frame_error");
    let line = daemon.expect_log(&["websocket_frame_error", "text frame"]);
    assert!(line.contains("ws:default"), "{line}");
}

#[test]
fn a_request_that_is_not_granted_is_answered_counted_and_told() {
    let daemon = Daemon::with_config(WS);
    let address = daemon.address_of("ws:default");
    assert_eq!(Browser::ask(address, "/somewhere", "").status(), "404");
    let mut plain = TcpStream::connect(address).unwrap();
    plain.write_all(b"GET /mqtt HTTP/1.1\r\nHost: broker\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{answer}");
    wait_until("both are counted", || {
        let counts = daemon.listener_of("ws:default").shutdown_count();
        counts.get("websocket_upgrade_failed") == Some(&2)
    });
    let told = daemon.ctl(["-f", "json", "disconnects"]).ok();
    assert!(told.contains("MQTT is at /mqtt here"), "{told}");
}

#[test]
fn a_client_that_takes_its_time_with_the_request_is_given_up_and_a_stopped_listener_waits_for_nobody() {
    let daemon = Daemon::with_config(&format!("{WS}\nmqtt.idle_timeout = 1s"));
    let address = daemon.address_of("ws:default");
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"GET /mq").unwrap();
    let mut nothing = Vec::new();
    slow.read_to_end(&mut nothing).unwrap();
    daemon.expect_end_at("ws:default", "websocket_upgrade_timeout");

    let daemon = Daemon::with_config(&format!("{WS}\nmqtt.idle_timeout = 10m"));
    let mut silent = TcpStream::connect(daemon.address_of("ws:default")).unwrap();
    wait_until("it has its place", || {
        daemon.listener_of("ws:default").fields["current_conn"] == "1"
    });
    daemon.ctl(["listeners", "stop", "ws:default"]).ok();
    silent.set_read_timeout(Some(DEADLINE)).unwrap();
    silent.read_to_end(&mut nothing).expect("it is closed");
}

#[test]
fn a_websocket_client_that_sends_nothing_at_all_is_given_up() {
    let daemon = Daemon::with_config(&format!("{WS}\nlisteners.ws.default.websocket.idle_timeout = 1s"));
    let mut browser = Browser::ask(daemon.address_of("ws:default"), "/mqtt", "");
    browser.connect(ClientOptions::v311("asleep"));
    assert_eq!(browser.read_frame().0, 0x88);
    daemon.expect_end_at("ws:default", "websocket_idle_timeout");
}

#[test]
fn the_address_that_a_proxy_tells_is_believed_from_trusted_ones_only() {
    let forwarded = "X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\nX-Forwarded-Port: 4711\r\n";
    let peername_seen = |config: &str| {
        let daemon = Daemon::with_config(&format!("{WS}\n{config}"));
        let mut browser = Browser::ask(daemon.address_of("ws:default"), "/mqtt", forwarded);
        browser.connect(ClientOptions::v311("behind"));
        let told = daemon.ctl(["clients", "show", "behind"]).ok();
        let peername = told
            .split("peername=")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned();
        (peername, browser.stream.local_addr().unwrap().to_string())
    };
    let (peername, _) = peername_seen("listeners.ws.default.trusted_proxies = [\"127.0.0.1\"]");
    assert_eq!(peername, "203.0.113.9:4711");
    let (peername, own) = peername_seen("");
    assert_eq!(peername, own);
}

#[test]
fn compression_is_refused_at_the_start_with_a_reason() {
    let config = format!("{WS}\nlisteners.ws.default.websocket.compress = true");
    let (status, log) = Daemon::builder().config(&config).run_to_end(0);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(
        log.contains("listeners.ws.default.websocket.compress") && log.contains("set it to false"),
        "{log}"
    );
}

#[test]
fn a_large_message_for_a_slow_browser_leaves_as_it_reads() {
    let daemon = Daemon::with_config(WS);
    let mut browser = Browser::ask(daemon.address_of("ws:default"), "/mqtt", "");
    browser.connect(ClientOptions::v311("slow"));
    browser.frame(0x82, b"\x82\x06\x00\x01\x00\x01t\x00");
    assert_eq!(browser.read_frame().1, b"\x90\x03\x00\x01\x00");
    let mut publisher = daemon.connect_v311("publisher");
    for _ in 0..20 {
        publisher.publish("t", "y".repeat(500_000), QoS::AtMostOnce);
    }
    publisher.disconnect();
    let mut payload = Vec::new();
    let expected = 20 * (500_000 + 7);
    while payload.len() < expected {
        let mut head = [0; 2];
        browser.stream.read_exact(&mut head).unwrap();
        assert_eq!(head[0], 0x82);
        let len = match head[1] {
            126 => {
                let mut long = [0; 2];
                browser.stream.read_exact(&mut long).unwrap();
                u64::from(u16::from_be_bytes(long))
            }
            127 => {
                let mut long = [0; 8];
                browser.stream.read_exact(&mut long).unwrap();
                u64::from_be_bytes(long)
            }
            short => u64::from(short),
        };
        let before = payload.len();
        payload.resize(before + len as usize, 0);
        browser.stream.read_exact(&mut payload[before..]).unwrap();
    }
    let mut decoder = Decoder::with_version(ProtocolVersion::V311, DecodeLimits::default());
    let mut bytes = Bytes::from(payload);
    for _ in 0..20 {
        assert!(
            matches!(decoder.decode(&mut bytes), Ok(Some(Packet::Publish(publish))) if publish.payload.len() == 500_000)
        );
    }
}
