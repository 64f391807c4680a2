//! Connections that only take places: silent ones in TCP and in the TLS handshake, slow ones in the WebSocket request.
//!
//! Some hundreds of each in an ordinary run. `EMQX_TESTS_SILENT=20000,2000,1000` makes as many of them, in this order,
//! for which the test and the daemon need a descriptor each and some more (`ulimit -n`), and prints how long a real
//! client waited and what a connection costs in memory.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use emqx_tests::pki::{Authority, KeyKind, Validity};
use emqx_tests::{Daemon, wait_until};

#[test]
fn a_client_connects_within_a_second_while_others_only_take_places() {
    let wished = std::env::var("EMQX_TESTS_SILENT").ok();
    let counts = wished.as_deref().unwrap_or("300,200,100").split(',');
    let counts: Vec<usize> = counts.map(|count| count.parse().expect("a number")).collect();
    let [tcp, ssl, ws] = counts[..] else {
        panic!("EMQX_TESTS_SILENT takes three numbers: tcp,ssl,ws");
    };
    let folder = tempfile::tempdir().unwrap();
    let server = Authority::root("Test CA").server(KeyKind::Ecdsa, Validity::Now);
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, &server.certificate).unwrap();
    std::fs::write(&key, &server.key).unwrap();
    let daemon = Daemon::with_config(&format!(
        "mqtt.idle_timeout = 10m\nlisteners.ws.default.bind = \"127.0.0.1:0\"\n\
         listeners.ssl.default {{ bind = \"127.0.0.1:0\", \
         ssl_options {{ certfile = {certificate:?}, keyfile = {key:?}, handshake_timeout = 10m }} }}"
    ));
    let mut lines = Vec::new();
    let mut take = |what: &str, count: usize, address: SocketAddr, first: &[u8]| {
        let before = daemon.resident_bytes();
        let connections: Vec<TcpStream> = (0..count).map(|_| begun(address, first)).collect();
        let id = format!("{what}:default");
        wait_until("all have their places", || {
            daemon.listener_of(&id).fields["current_conn"] == count.to_string()
        });
        let bytes = daemon.resident_bytes().saturating_sub(before) / count.max(1) as u64;
        lines.push(format!("{count} on {what}: {bytes} bytes each"));
        connections
    };
    let _silent = take("tcp", tcp, daemon.address(), b"");
    let _handshakes = take("ssl", ssl, daemon.address_of("ssl:default"), b"");
    let mut slow = take("ws", ws, daemon.address_of("ws:default"), b"GET /mqtt HT");
    let mut longest = Duration::ZERO;
    for round in 0..10 {
        for connection in &mut slow {
            connection.write_all(b"T").unwrap();
        }
        let began = Instant::now();
        daemon.connect_v311(&format!("real-{round}")).disconnect();
        longest = longest.max(began.elapsed());
    }
    assert!(longest < Duration::from_secs(1), "a real client waited {longest:?}");
    if wished.is_some() {
        println!("a real client waited {longest:?}; {}", lines.join(", "));
    }
}

fn begun(address: SocketAddr, first: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(address).expect("there is a place");
    connection.write_all(first).unwrap();
    connection
}

#[test]
fn silent_handshakes_end_after_their_time_and_with_their_listener() {
    let folder = tempfile::tempdir().unwrap();
    let server = Authority::root("Test CA").server(KeyKind::Ecdsa, Validity::Now);
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, &server.certificate).unwrap();
    std::fs::write(&key, &server.key).unwrap();
    let daemon = Daemon::with_config(&format!(
        "listeners.ssl.default {{ bind = \"127.0.0.1:0\", \
         ssl_options {{ certfile = {certificate:?}, keyfile = {key:?}, handshake_timeout = 1s }} }}"
    ));
    let mut silent = TcpStream::connect(daemon.address_of("ssl:default")).unwrap();
    let mut nothing = Vec::new();
    // A reset is as good an end.
    let _ = silent.read_to_end(&mut nothing);
    daemon.expect_end_at("ssl:default", "ssl_upgrade_timeout");
}
