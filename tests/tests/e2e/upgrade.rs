//! `emqx-ctl upgrade`: another process goes on with clients and sessions, or nothing has happened.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::{ClientOptions, Daemon, Packet, QoS, TestClient, wait_for, wait_until};
use mqtt_codec::{Ack, PacketId, PacketType, ReasonCode};

/// Ends the processes that go on after the daemon which the harness has started.
#[derive(Default)]
struct Successors(Vec<u64>);

impl Successors {
    /// Upgrades; what the command said.
    fn upgrade(&mut self, daemon: &Daemon) -> serde_json::Value {
        let answer = daemon.ctl(["-f", "json", "upgrade"]).json();
        let data = answer["data"].clone();
        self.0.push(data["pid"].as_u64().expect("a process id"));
        data
    }
}

impl Drop for Successors {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _it_may_have_ended = Command::new("sh").args(["-c", &format!("kill -KILL {pid}")]).status();
        }
    }
}

/// A publisher and a subscriber of one topic, at one QoS, each in a thread.
struct Pair {
    publisher: thread::JoinHandle<u64>,
    subscriber: thread::JoinHandle<u64>,
}

/// Publishes numbers until `stop`, then `end`; how many.
fn publish(mut client: TestClient, topic: &str, qos: QoS, stop: &AtomicBool, sent: &AtomicU64) -> u64 {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        client.publish(topic, number.to_string(), qos);
        number += 1;
        sent.fetch_add(1, Ordering::Relaxed);
        if qos == QoS::AtMostOnce {
            // Nothing else slows it down.
            client.ping();
        }
    }
    client.publish(topic, "end", qos);
    number
}

/// That all numbers come, once and in order; how many came.
fn receive(mut client: TestClient) -> u64 {
    let mut expected = 0;
    loop {
        match client.expect_payload().as_str() {
            "end" => return expected,
            number => assert_eq!(number, expected.to_string()),
        }
        expected += 1;
    }
}

fn clients_notice_nothing(pairs: usize, upgrades: usize) {
    let daemon = Daemon::with_config("node.workers = 2\nmqtt.max_mqueue_len = 100000");
    let mut successors = Successors::default();
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU64::new(0));
    let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];
    let pairs: Vec<Pair> = (0..pairs)
        .map(|number| {
            let topic = format!("t/{number}");
            let qos = qos[number % 3];
            let options = |name: String| match number % 2 {
                0 => ClientOptions::v5(&name).keep_alive(60),
                _ => ClientOptions::v311(&name).keep_alive(60),
            };
            let mut subscriber = daemon.connect(options(format!("sub-{number}")));
            subscriber.subscribe(&topic, qos);
            let publisher = daemon.connect(options(format!("pub-{number}")));
            let (stop, sent) = (Arc::clone(&stop), Arc::clone(&sent));
            Pair {
                publisher: thread::spawn(move || publish(publisher, &topic, qos, &stop, &sent)),
                subscriber: thread::spawn(move || receive(subscriber)),
            }
        })
        .collect();
    let clients = pairs.len() * 2;
    for _ in 0..upgrades {
        let before = sent.load(Ordering::Relaxed);
        wait_until("traffic flows", || sent.load(Ordering::Relaxed) > before + 500);
        let upgraded = successors.upgrade(&daemon);
        eprintln!("{upgraded}");
        assert_eq!(upgraded["moved"], clients);
        assert_eq!(upgraded["reconnecting"], 0);
        wait_until("traffic flows", || sent.load(Ordering::Relaxed) > before + 1000);
    }
    let listener = daemon.listener();
    assert_eq!(listener.fields["current_conn"], clients.to_string(), "{listener:?}");
    stop.store(true, Ordering::Relaxed);
    for pair in pairs {
        let sent = pair.publisher.join().expect("the publisher's connection holds");
        let received = pair.subscriber.join().expect("the subscriber's connection holds");
        assert_eq!(received, sent);
    }
}

#[test]
fn clients_under_load_notice_nothing_of_two_upgrades() {
    clients_notice_nothing(50, 2);
}

/// Alone: `cargo test -p emqx-tests --test e2e upgrade::a_thousand -- --ignored --nocapture`
#[test]
#[ignore = "a thousand threads"]
fn a_thousand_clients_under_load_notice_nothing_of_an_upgrade() {
    clients_notice_nothing(500, 1);
}

#[test]
fn half_of_an_exchange_is_finished_with_the_next_process() {
    let mut daemon = Daemon::with_config("node.workers = 2");
    let mut successors = Successors::default();
    let mut publisher = daemon.connect_v5("publisher");
    let id = PacketId::new(77).unwrap();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("q2/#", QoS::ExactlyOnce);

    // Received, not released.
    let mut message = publisher.message("q2/in", "once", QoS::ExactlyOnce);
    message.packet_id = Some(id);
    publisher.send(&Packet::Publish(message.clone()));
    publisher.expect(PacketType::Pubrec);
    // Sent, nothing acknowledged.
    let first = watcher.expect_publish_unacknowledged();
    // Sent, and received by the client.
    let mut half = daemon.connect_v5("half");
    half.subscribe("half", QoS::ExactlyOnce);
    publisher.publish("half", "seen", QoS::ExactlyOnce);
    let seen = half.expect_publish_unacknowledged();
    half.send(&Packet::Pubrec(Ack::new(seen.packet_id.unwrap(), ReasonCode::Success)));
    half.expect_pubrel(seen.packet_id.unwrap());
    // A full window and a queue behind it.
    let mut slow = daemon.connect(ClientOptions::v5("slow").receive_maximum(1));
    slow.subscribe("slow", QoS::AtLeastOnce);
    for number in 0..5 {
        publisher.publish("slow", format!("slow {number}"), QoS::AtLeastOnce);
    }
    let slow_first = slow.expect_publish_unacknowledged();
    // Somebody who is away, with a queue; what is retained; half a packet.
    let mut away = daemon.connect(ClientOptions::v5("away").persistent());
    away.subscribe("away", QoS::AtLeastOnce);
    away.kill();
    wait_until("the client is away", || {
        daemon
            .ctl(["clients", "show", "away"])
            .stdout
            .contains("connected=false")
    });
    publisher.publish("away", "for who is away", QoS::AtLeastOnce);
    publisher.publish_retained("kept/topic", "kept", QoS::AtLeastOnce);
    let mut in_pieces = daemon.connect_v311("in-pieces");
    in_pieces.send_bytes(b"\x30\x09\x00\x06q2/");
    // A newcomer who has said half of CONNECT.
    let mut newcomer = daemon.connect_silently();
    newcomer.write_all(b"\x10\x0f\x00\x04MQTT\x04").unwrap();
    wait_until("all of it is there", || daemon.listener().fields["current_conn"] == "6");

    // The clients belong to other workers afterwards.
    let config = daemon.folder().join("emqx.conf");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("node.workers = 2", "node.workers = 3")).unwrap();
    let upgraded = successors.upgrade(&daemon);
    assert_eq!((&upgraded["moved"], &upgraded["sessions"]), (&5.into(), &6.into()));
    assert!(daemon.wait_end().success(), "the old process has done its work");

    // The same message again, released, acknowledged: routed once.
    message.dup = true;
    publisher.send(&Packet::Publish(message));
    publisher.expect(PacketType::Pubrec);
    publisher.send(&Packet::Pubrel(Ack::new(id, ReasonCode::Success)));
    publisher.expect(PacketType::Pubcomp);
    watcher.acknowledge(&first);
    watcher.expect_no_publish();
    half.send(&Packet::Pubcomp(Ack::new(seen.packet_id.unwrap(), ReasonCode::Success)));
    publisher.publish("half", "next", QoS::ExactlyOnce);
    assert_eq!(half.expect_payload(), "next");
    slow.acknowledge(&slow_first);
    assert_eq!(slow.expect_payloads(4), ["slow 1", "slow 2", "slow 3", "slow 4"]);
    let mut away = daemon.connect(ClientOptions::v5("away").persistent());
    assert!(away.session_present());
    assert_eq!(away.expect_payload(), "for who is away");
    let mut late = daemon.connect_v5("late");
    late.subscribe("kept/#", QoS::AtLeastOnce);
    assert_eq!(late.expect_payload(), "kept");
    in_pieces.send_bytes(b"px");
    in_pieces.send_bytes(b"y!");
    assert_eq!(watcher.expect_payload(), "!");
    newcomer.write_all(b"\x02\x00\x3c\x00\x03new").unwrap();
    let mut connack = [0; 4];
    newcomer.read_exact(&mut connack).unwrap();
    assert_eq!(connack, [0x20, 2, 0, 0]);
    assert_eq!(daemon.ctl(["ping"]).status, Some(0));
}

/// A daemon that was started from a file in its own folder, which can be replaced.
fn replaceable_daemon(config: &str) -> Daemon {
    let start = "cp \"$1\" ./emqxd-installed; shift; exec ./emqxd-installed \"$@\"";
    Daemon::builder()
        .config(config)
        .under(["sh", "-c", start, "sh"])
        .start()
}

/// What a package does: another file in the place of the one that runs.
fn install(folder: &Path, script: &str) {
    let (path, new) = (folder.join("emqxd-installed"), folder.join("emqxd-new"));
    let kept = folder.join("emqxd-kept");
    if !kept.exists() {
        fs::copy(&path, kept).unwrap();
    }
    fs::write(&new, script).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(new, path).unwrap();
}

#[test]
fn an_upgrade_that_fails_has_not_happened() {
    let daemon = replaceable_daemon("node.workers = 2");
    let mut successors = Successors::default();
    let folder = daemon.folder().to_owned();
    let mut subscriber = daemon.connect(ClientOptions::v5("subscriber").persistent());
    subscriber.subscribe("t", QoS::ExactlyOnce);
    let mut publisher = daemon.connect_v5("publisher");
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = fs::read_to_string(folder.join("emqx.conf")).unwrap();
    let taken = holder.local_addr().unwrap();
    let passes_check = "#!/bin/sh\ncase \"$*\" in *--check-config*) exec ./emqxd-kept \"$@\";; esac\n";
    let cases: [(&str, String, String); 6] = [
        ("ends at once", "#!/bin/sh\nexit 3\n".to_owned(), config.clone()),
        ("is none of ours", "#!/bin/sh\nexit 0\n".to_owned(), config.clone()),
        ("hangs", "#!/bin/sh\nexec sleep 60\n".to_owned(), config.clone()),
        (
            "passes the check and ends",
            format!("{passes_check}exit 3\n"),
            config.clone(),
        ),
        (
            "passes the check and hangs",
            format!("{passes_check}exec sleep 60\n"),
            config.clone(),
        ),
        (
            "cannot bind what the configuration says now",
            format!("{passes_check}exec ./emqxd-kept \"$@\"\n"),
            format!("{config}\nlisteners.tcp.other.bind = \"{taken}\"\n"),
        ),
    ];
    for (number, (what, script, config)) in cases.iter().enumerate() {
        install(&folder, script);
        fs::write(folder.join("emqx.conf"), config).unwrap();
        let refused = daemon.ctl(["upgrade", "--give-up-after", "2s"]);
        let wanted = if what.contains("check and hangs") { 75 } else { 76 };
        assert_eq!(refused.status, Some(wanted), "{what}: {refused:?}");
        assert!(refused.stderr.contains("this process goes on"), "{what}: {refused:?}");
        publisher.publish("t", what, QoS::ExactlyOnce);
        assert_eq!(subscriber.expect_payload(), *what);
        // The state is open again.
        let ban = format!("nobody-{number}");
        daemon.ctl(["banned", "add", "clientid", &ban]).ok();
        daemon.connect_v5("newcomer").disconnect();
    }
    // A broken configuration.
    fs::write(folder.join("emqx.conf"), "node {").unwrap();
    install(&folder, "#!/bin/sh\nexec ./emqxd-kept \"$@\"\n");
    let refused = daemon.ctl(["upgrade"]);
    assert_eq!(refused.status, Some(76), "{refused:?}");
    fs::write(folder.join("emqx.conf"), config).unwrap();
    // And then a good one.
    successors.upgrade(&daemon);
    publisher.publish("t", "after all", QoS::ExactlyOnce);
    assert_eq!(subscriber.expect_payload(), "after all");
    assert!(daemon.ctl(["banned", "list"]).ok().contains("nobody-5"));
}

/// CRC-32 as of zip and Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

/// A successor that says hello, so that everybody stands still, and then nothing.
fn install_one_that_stalls(folder: &Path) {
    let mut hello = vec![0, 0, 0, 3];
    let version = b"0.0.0";
    hello.extend_from_slice(&(version.len() as u64).to_be_bytes());
    hello.extend_from_slice(version);
    let (kind, is_last) = (1, 1);
    let mut frame = u32::try_from(hello.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(&[kind, is_last]);
    frame.extend_from_slice(&crc32(&[&[kind, is_last], &hello[..]].concat()).to_be_bytes());
    frame.extend_from_slice(&hello);
    fs::write(folder.join("hello"), frame).unwrap();
    let script = "#!/bin/sh\ncase \"$*\" in *--check-config*) exec ./emqxd-kept \"$@\";; esac\n\
                  cat ./hello >&0\necho $$ > ./stalled-pid\nexec sleep 600\n";
    install(folder, script);
}

#[test]
fn a_stop_that_comes_in_the_middle_of_an_upgrade_undoes_it_and_lets_the_clients_go() {
    let mut daemon = replaceable_daemon("node.workers = 2");
    let folder = daemon.folder().to_owned();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("gone", QoS::AtLeastOnce);
    let mut client = daemon.connect(ClientOptions::v5("client").will("gone", "client", QoS::AtLeastOnce));
    install_one_that_stalls(&folder);
    let mut upgrade = daemon.ctl_command();
    upgrade.args(["upgrade", "--give-up-after", "90s"]);
    let upgrade = upgrade.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    daemon.expect_log(&["upgrade_begins"]);
    let stalled = fs::read_to_string(folder.join("stalled-pid"));
    // What a client says while all stand still is not lost either.
    let mut late = client.message("gone", "said in between", QoS::AtLeastOnce);
    late.packet_id = Some(PacketId::FIRST);
    client.send(&Packet::Publish(late));

    let began = Instant::now();
    daemon.signal("TERM");
    let answer = upgrade.wait_with_output().unwrap();
    assert_eq!(answer.status.code(), Some(75), "{answer:?}");
    assert!(
        String::from_utf8_lossy(&answer.stderr).contains("told to stop"),
        "{answer:?}"
    );
    let mut is_acknowledged = false;
    loop {
        match client.next_packet().expect("it is told why it has to go") {
            Packet::Disconnect(disconnect) => break assert_eq!(disconnect.reason_code, ReasonCode::ServerShuttingDown),
            packet => is_acknowledged |= matches!(packet, Packet::Puback(_)),
        }
    }
    if is_acknowledged {
        assert_eq!(watcher.expect_payload(), "said in between");
    }
    assert_eq!(watcher.expect_payload(), "client", "its will");
    assert_eq!(watcher.expect_disconnect(), ReasonCode::ServerShuttingDown);
    assert_eq!(daemon.wait_end().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    if let Ok(pid) = stalled {
        assert!(!Path::new("/proc").join(pid.trim()).exists(), "nobody else goes on");
    }
}

#[test]
fn no_upgrade_begins_while_a_listener_lets_its_clients_go() {
    let daemon = Daemon::start();
    let mut successors = Successors::default();
    let mut clients: Vec<TestClient> = (0..4).map(|number| daemon.connect_v5(&format!("c{number}"))).collect();
    let mut restart = daemon.ctl_command();
    restart.args(["listeners", "restart", "tcp:default", "--drain", "2s"]);
    let mut restart = restart.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    daemon.expect_log(&["drain_begins", "tcp:default"]);
    // Whoever watched it has gone: it goes on.
    restart.kill().unwrap();
    restart.wait().unwrap();
    let refused = daemon.ctl(["upgrade"]);
    assert_eq!(refused.status, Some(75), "{refused:?}");
    assert!(refused.stderr.contains("lets its clients go"), "{refused:?}");
    for client in &mut clients {
        assert_eq!(client.expect_disconnect(), ReasonCode::ServerShuttingDown);
    }
    daemon.expect_log(&["drain_ended", "tcp:default"]);
    let mut client = daemon.connect_v5("new");
    wait_until("its count is back", || {
        daemon.ctl(["upgrade", "/nonexistent"]).status == Some(66)
    });
    successors.upgrade(&daemon);
    client.ping();
}

#[test]
fn more_messages_than_a_page_holds_are_handed_over() {
    const PAYLOAD: usize = 900 * 1024;
    let config = "node.workers = 1\nmqtt.max_packet_size = 1MB\nmqtt.max_mqueue_bytes = 64MB";
    let daemon = Daemon::with_config(config);
    let mut successors = Successors::default();
    let mut publisher = daemon.connect_v5("publisher");
    let mut away = daemon.connect(ClientOptions::v5("away").persistent());
    away.subscribe("away/#", QoS::AtLeastOnce);
    away.kill();
    for number in 0..20 {
        publisher.publish_retained(&format!("away/{number}"), vec![b'x'; PAYLOAD], QoS::AtLeastOnce);
    }
    let upgraded = successors.upgrade(&daemon);
    assert!(upgraded["retained"].as_u64() >= Some(20), "{upgraded}");
    let mut away = daemon.connect(ClientOptions::v5("away").persistent());
    for number in 0..20 {
        let publish = away.expect_publish();
        assert_eq!(
            (&*publish.topic, publish.payload.len()),
            (&*format!("away/{number}"), PAYLOAD)
        );
    }
}

#[test]
fn who_said_something_while_an_upgrade_stalled_for_longer_than_its_keep_alive_is_heard() {
    let daemon = replaceable_daemon("node.workers = 2");
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("gone/#", QoS::AtLeastOnce);
    let options = |name: &str| {
        ClientOptions::v5(name)
            .keep_alive(1)
            .will(&format!("gone/{name}"), "gone", QoS::AtLeastOnce)
    };
    let mut clients: Vec<TestClient> = (0..20)
        .map(|number| daemon.connect(options(&format!("c{number}"))))
        .collect();
    install_one_that_stalls(daemon.folder());
    let mut upgrade = daemon.ctl_command();
    upgrade.args(["upgrade", "--give-up-after", "4s"]);
    let upgrade = upgrade.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    daemon.expect_log(&["upgrade_begins"]);
    for client in &mut clients {
        client.send(&Packet::Pingreq);
    }
    assert_eq!(upgrade.wait_with_output().unwrap().status.code(), Some(75));
    for client in &mut clients {
        client.expect(PacketType::Pingresp);
    }
    watcher.expect_no_publish();
}

#[test]
fn who_reads_nothing_gets_what_waited_from_the_next_process() {
    const MESSAGES: usize = 60;
    const PAYLOAD: usize = 500 * 1024;
    let daemon = Daemon::with_config("node.workers = 2\nmqtt.max_mqueue_bytes = 64MB");
    let mut successors = Successors::default();
    let mut slow = daemon.connect_v5("slow");
    slow.subscribe("t", QoS::AtMostOnce);
    let mut publisher = daemon.connect_v5("publisher");
    for number in 0..MESSAGES {
        publisher.publish("t", vec![u8::try_from(number).unwrap(); PAYLOAD], QoS::AtLeastOnce);
    }
    successors.upgrade(&daemon);
    for number in 0..MESSAGES {
        let payload = slow.expect_publish().payload;
        assert_eq!(payload.len(), PAYLOAD);
        assert!(
            payload.iter().all(|byte| usize::from(*byte) == number),
            "message {number}"
        );
    }
    publisher.publish("t", "and now", QoS::AtLeastOnce);
    assert_eq!(slow.expect_payload(), "and now");
}

#[test]
fn a_control_socket_that_moves_with_the_upgrade_listens_in_one_place() {
    let mut daemon = Daemon::start();
    let mut successors = Successors::default();
    let mut client = daemon.connect_v5("client");
    let (before, after) = (daemon.socket().to_owned(), daemon.folder().join("moved.sock"));
    let config = daemon.folder().join("emqx.conf");
    let text = fs::read_to_string(&config).unwrap();
    let moved = text.replace(before.to_str().unwrap(), after.to_str().unwrap());
    assert_ne!(moved, text);
    fs::write(&config, moved).unwrap();
    successors.upgrade(&daemon);
    assert!(daemon.wait_end().success());
    client.ping();
    let mut ping = daemon.ctl_command();
    ping.env("EMQX_CTL_SOCKET", &after).arg("ping");
    assert!(ping.output().unwrap().status.success());
    let nobody = std::os::unix::net::UnixStream::connect(&before);
    assert!(nobody.is_err(), "{nobody:?}");
}

#[test]
fn a_named_binary_comes_as_a_descriptor_and_others_are_refused() {
    let daemon = Daemon::start();
    let mut client = daemon.connect_v5("client");
    let folder = daemon.folder();
    let writable = folder.join("writable");
    fs::copy("/bin/true", &writable).unwrap();
    fs::set_permissions(&writable, fs::Permissions::from_mode(0o777)).unwrap();
    let plain = folder.join("plain");
    fs::write(&plain, "no program").unwrap();
    for path in [writable.as_path(), &plain, Path::new("/bin/true"), Path::new("/etc")] {
        let refused = daemon.ctl(["upgrade".as_ref(), path.as_os_str()]);
        assert_eq!(refused.status, Some(76), "{path:?}: {refused:?}");
    }
    assert_eq!(daemon.ctl(["upgrade", "/nonexistent"]).status, Some(66));
    let good = folder.join("good");
    fs::copy(daemon.emqxd_command().get_program(), &good).unwrap();
    fs::set_permissions(&good, fs::Permissions::from_mode(0o755)).unwrap();
    let answer = daemon
        .ctl(["-f".as_ref(), "json".as_ref(), "upgrade".as_ref(), good.as_os_str()])
        .json();
    let pid = answer["data"]["pid"].as_u64().unwrap();
    let _successors = Successors(vec![pid]);
    client.ping();
    // Whoever looks for it by name finds it.
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
    assert_eq!(name.trim(), "emqxd");
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    let first = arguments.split(|byte| *byte == 0).next().unwrap();
    assert!(first.ends_with(b"emqxd"), "{}", String::from_utf8_lossy(first));
}

#[test]
fn whoever_connects_during_an_upgrade_waits_and_is_served() {
    let daemon = Daemon::with_config("node.workers = 2");
    let mut successors = Successors::default();
    let stop = Arc::new(AtomicBool::new(false));
    let address = daemon.address();
    let connecting = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let (mut count, mut slowest) = (0_u32, Duration::ZERO);
            while !stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                let mut socket = TcpStream::connect(address).expect("no connection is refused");
                socket
                    .write_all(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c")
                    .unwrap();
                let mut connack = [0; 4];
                socket.read_exact(&mut connack).expect("every CONNECT is answered");
                slowest = slowest.max(began.elapsed());
                count += 1;
            }
            (count, slowest)
        }
    });
    for _ in 0..3 {
        successors.upgrade(&daemon);
    }
    stop.store(true, Ordering::Relaxed);
    let (count, slowest) = connecting.join().unwrap();
    eprintln!("{count} connected, the slowest in {slowest:?}");
    assert!(count > 3);
    wait_for("the control socket answers", || {
        (daemon.ctl(["ping"]).status == Some(0)).then_some(())
    });
}

/// One WebSocket frame with the mask 0.
fn frame(packet: &Packet) -> Vec<u8> {
    let mut bytes = bytes::BytesMut::new();
    packet.encode(emqx_tests::ProtocolVersion::V5, &mut bytes).unwrap();
    let mut frame = vec![
        0x82,
        0x80 | u8::try_from(bytes.len()).expect("a short packet"),
        0,
        0,
        0,
        0,
    ];
    frame.extend_from_slice(&bytes);
    frame
}

#[test]
fn who_cannot_be_moved_is_told_to_come_back_and_finds_its_session() {
    let mut daemon = Daemon::with_config("listeners.ws.browsers.bind = \"127.0.0.1:0\"");
    let mut successors = Successors::default();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("gone", QoS::AtLeastOnce);
    let mut browser = TcpStream::connect(daemon.address_of("ws:browsers")).unwrap();
    browser.set_read_timeout(Some(emqx_tests::DEADLINE)).unwrap();
    let request = "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Protocol: mqtt\r\n\r\n";
    browser.write_all(request.as_bytes()).unwrap();
    let options = ClientOptions::v5("browser")
        .persistent()
        .will("gone", "browser", QoS::AtLeastOnce);
    browser
        .write_all(&frame(&Packet::Connect(Box::new(options.connect))))
        .unwrap();
    wait_until("it is connected", || {
        daemon
            .ctl(["clients", "show", "browser"])
            .stdout
            .contains("connected=true")
    });

    let upgraded = successors.upgrade(&daemon);
    assert_eq!((&upgraded["moved"], &upgraded["reconnecting"]), (&1.into(), &1.into()));
    let mut all = Vec::new();
    browser.read_to_end(&mut all).unwrap();
    let disconnect = [0xE0, 2, 0x8B, 0];
    let short = [0xE0, 1, 0x8B];
    let is_told = all.windows(4).any(|bytes| bytes == disconnect) || all.windows(3).any(|bytes| bytes == short);
    assert!(is_told, "{all:02x?}");
    assert!(daemon.wait_end().success());
    assert_eq!(
        watcher.expect_payload(),
        "browser",
        "its will, as at any end that is not its own"
    );
    let browser = daemon.connect(ClientOptions::v5("browser").persistent());
    assert!(browser.session_present());
}

#[test]
fn the_service_manager_is_told_which_process_is_the_daemon_before_that_says_anything() {
    let manager = Arc::new(emqx_tests::ServiceManager::start());
    let daemon = Daemon::builder().service(&manager).start();
    let mut successors = Successors::default();
    let mut client = daemon.connect_v5("client");
    manager.expect("READY=1");
    manager.clear();
    let upgraded = successors.upgrade(&daemon);
    manager.expect("READY=1");
    let lines = manager.lines();
    let place = |word: &str| lines.iter().position(|line| line.contains(word));
    let main_pid = format!("MAINPID={}", upgraded["pid"]);
    assert!(
        place(&main_pid) < place("READY=1") && place(&main_pid).is_some(),
        "{lines:?}"
    );
    assert_eq!(manager.count("STOPPING=1"), 0, "{lines:?}");
    client.ping();
}
