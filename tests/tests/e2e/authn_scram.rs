//! SCRAM by enhanced authentication: MQTT.js as the client, and packet by packet what it does not do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use bytes::{Bytes, BytesMut};
use emqx_tests::real_clients::RealClient;
use emqx_tests::{ClientOptions, DEADLINE, Daemon, Packet, ProtocolVersion, ReasonCode};
use hmac::{Hmac, KeyInit, Mac};
use mqtt_codec::{Auth, AuthProperties, Decoder};
use sha2::{Digest, Sha256};

const METHOD: &str = "SCRAM-SHA-256";
const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
const FIRST_BARE: &str = "n=anna,r=rOprNGfwEbeRWgbNEkqO";

fn daemon(algorithm: &str) -> Daemon {
    let daemon = Daemon::with_config(&format!(
        "authentication = [{{ mechanism = scram, backend = built_in_database, algorithm = {algorithm} }}]\n"
    ));
    let password = daemon.folder().join("password");
    std::fs::write(&password, "pencil\n").unwrap();
    let file = password.to_str().unwrap();
    daemon
        .ctl(["authn", "users", "add", "anna", "--password-file", file])
        .ok();
    daemon
}

#[test]
fn mqtt_js_comes_in_by_scram_and_knows_the_server_too() {
    let Some(found) = RealClient::MqttJs.find() else { return };
    for (algorithm, method) in [("sha256", METHOD), ("sha512", "SCRAM-SHA-512")] {
        let daemon = daemon(algorithm);
        let address = daemon.address();
        let run = |method: &str, user: &str, password: &str| {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/mqttjs_scram.js");
            let mut node = Command::new(found.get_program());
            for (name, value) in found.get_envs() {
                node.env(name, value.unwrap_or_default());
            }
            node.arg(script)
                .arg(address.ip().to_string())
                .arg(address.port().to_string());
            let output = node.args([method, user, password]).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(run(method, "anna", "pencil"), "connected\n");
        assert_eq!(run(method, "anna", "pen"), "refused 135\n");
        assert_eq!(run(method, "nobody", "pencil"), "refused 135\n");
        assert_eq!(run("SCRAM-SHA-1", "anna", "pencil"), "refused 140\n");
        let text = daemon.ctl(["why", "mqttjs-scram"]).ok();
        assert!(text.contains("SCRAM-SHA-1"), "{text}");
    }
}

/// A connection that speaks packets.
struct Talk {
    stream: TcpStream,
    decoder: Decoder,
    received: Bytes,
}

impl Talk {
    /// Sends CONNECT with the first message of SCRAM.
    fn begin(daemon: &Daemon) -> Self {
        let stream = TcpStream::connect(daemon.address()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let decoder = Decoder::with_version(ProtocolVersion::V5, mqtt_codec::DecodeLimits::default());
        let mut talk = Self {
            stream,
            decoder,
            received: Bytes::new(),
        };
        let mut connect = ClientOptions::v5("c").username("somebody-else").connect;
        connect.properties.authentication_method = Some(METHOD.into());
        connect.properties.authentication_data = Some(Bytes::from(format!("n,,{FIRST_BARE}")));
        talk.send(&Packet::Connect(Box::new(connect)));
        talk
    }

    fn send(&mut self, packet: &Packet) {
        let mut bytes = BytesMut::new();
        packet.encode(ProtocolVersion::V5, &mut bytes).unwrap();
        self.stream.write_all(&bytes).unwrap();
    }

    fn auth(&mut self, reason_code: ReasonCode, method: &str, data: String) {
        let properties = AuthProperties {
            authentication_method: Some(method.into()),
            authentication_data: Some(Bytes::from(data)),
            ..AuthProperties::default()
        };
        self.send(&Packet::Auth(Box::new(Auth {
            reason_code,
            properties,
        })));
    }

    fn receive(&mut self) -> Packet {
        loop {
            if let Some(packet) = self.decoder.decode(&mut self.received).unwrap() {
                return packet;
            }
            let mut chunk = [0; 4096];
            let length = self.stream.read(&mut chunk).unwrap();
            assert!(length > 0, "closed without a word");
            self.received = [&self.received, &chunk[..length]].concat().into();
        }
    }

    /// The data of the AUTH that has to come now.
    fn challenge(&mut self) -> String {
        match self.receive() {
            Packet::Auth(auth) if auth.reason_code == ReasonCode::ContinueAuthentication => {
                assert_eq!(auth.properties.authentication_method.as_deref(), Some(METHOD));
                String::from_utf8(auth.properties.authentication_data.unwrap().to_vec()).unwrap()
            }
            other => panic!("{other:?} in place of AUTH"),
        }
    }

    /// Answers a challenge as who knows `password`.
    fn prove(&mut self, server_first: &str, password: &str) {
        let proof = prove(server_first, password);
        self.auth(ReasonCode::ContinueAuthentication, METHOD, proof);
    }

    /// In.
    fn connected(daemon: &Daemon) -> Self {
        let mut talk = Self::begin(daemon);
        let server_first = talk.challenge();
        talk.prove(&server_first, "pencil");
        match talk.receive() {
            Packet::Connack(connack) if connack.reason_code == ReasonCode::Success => {
                let data = connack.properties.authentication_data.unwrap();
                assert!(data.starts_with(b"v="), "{data:?}");
            }
            other => panic!("{other:?} in place of CONNACK"),
        }
        talk
    }

    fn expect_disconnect(&mut self, code: ReasonCode) {
        match self.receive() {
            Packet::Disconnect(disconnect) => assert_eq!(disconnect.reason_code, code),
            other => panic!("{other:?} in place of DISCONNECT"),
        }
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The second message of a client (RFC 5802, section 3).
fn prove(server_first: &str, password: &str) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let field = |name: &str| {
        server_first
            .split(',')
            .find_map(|field| field.strip_prefix(name))
            .unwrap()
    };
    let nonce = field("r=");
    assert!(nonce.starts_with(NONCE) && nonce.len() > NONCE.len());
    let salt = STANDARD.decode(field("s=")).unwrap();
    // PBKDF2 of one block, which is as long as the hash.
    let mut last = hmac(password.as_bytes(), &[&salt[..], &[0, 0, 0, 1]].concat());
    let mut salted = last.clone();
    for _ in 1..field("i=").parse::<u32>().unwrap() {
        last = hmac(password.as_bytes(), &last);
        salted.iter_mut().zip(&last).for_each(|(byte, more)| *byte ^= more);
    }
    let client_key = hmac(&salted, b"Client Key");
    let stored_key = Sha256::digest(&client_key);
    let without_proof = format!("c=biws,r={nonce}");
    let signature = hmac(
        &stored_key,
        format!("{FIRST_BARE},{server_first},{without_proof}").as_bytes(),
    );
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
    format!("{without_proof},p={}", STANDARD.encode(proof))
}

#[test]
fn the_name_that_was_proven_is_the_clients_whatever_connect_says() {
    let daemon = daemon("sha256");
    let _client = Talk::connected(&daemon);
    let shown = daemon.ctl(["clients", "show", "c"]).ok();
    assert!(shown.contains("username=anna"), "{shown}");
}

#[test]
fn a_client_authenticates_anew_while_it_is_connected() {
    let daemon = daemon("sha256");
    let mut client = Talk::connected(&daemon);
    for _ in 0..2 {
        client.auth(ReasonCode::ReAuthenticate, METHOD, format!("n,,{FIRST_BARE}"));
        let server_first = client.challenge();
        // Other packets may go on meanwhile (4.12.1).
        client.send(&Packet::Pingreq);
        assert_eq!(client.receive(), Packet::Pingresp);
        client.prove(&server_first, "pencil");
        match client.receive() {
            Packet::Auth(auth) => assert_eq!(auth.reason_code, ReasonCode::Success),
            other => panic!("{other:?} in place of AUTH"),
        }
    }
    client.auth(ReasonCode::ReAuthenticate, METHOD, format!("n,,{FIRST_BARE}"));
    let server_first = client.challenge();
    client.prove(&server_first, "pen");
    client.expect_disconnect(ReasonCode::NotAuthorized);
}

#[test]
fn auth_that_does_not_fit_is_a_protocol_error() {
    let daemon = daemon("sha256");
    let mut stray = Talk::connected(&daemon);
    stray.auth(ReasonCode::ContinueAuthentication, METHOD, String::new());
    stray.expect_disconnect(ReasonCode::ProtocolError);
    let mut other = Talk::connected(&daemon);
    other.auth(ReasonCode::ReAuthenticate, "SCRAM-SHA-512", String::new());
    other.expect_disconnect(ReasonCode::ProtocolError);
    let mut hasty = Talk::begin(&daemon);
    hasty.challenge();
    hasty.send(&Packet::Pingreq);
    match hasty.receive() {
        Packet::Connack(connack) => assert_eq!(connack.reason_code, ReasonCode::ProtocolError),
        other => panic!("{other:?} in place of CONNACK"),
    }
}

#[test]
fn who_does_not_go_on_with_the_exchange_is_not_waited_for() {
    let daemon = Daemon::with_config(
        "authentication = [{ mechanism = scram, backend = built_in_database }]\nmqtt.idle_timeout = 1s\n",
    );
    let mut client = Talk::begin(&daemon);
    client.challenge();
    let mut rest = Vec::new();
    client.stream.read_to_end(&mut rest).unwrap();
    daemon.expect_shutdown_count("idle_timeout", 1);
}
