//! SIGTERM, `emqx-ctl shutdown` and `listeners stop --drain`: clients are let go, what was acknowledged is delivered first.

use std::io::Read;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::real_clients::RealClient;
use emqx_tests::{ClientOptions, Daemon, Packet, QoS, ReasonCode, Terminal, TestClient, wait_for, wait_until};
use mqtt_codec::Ack;

/// The slowest stop that is allowed under load.
const STOP_TIME_MAX: Duration = Duration::from_secs(10);

/// Publishes `prefix-number` at QoS 1, a few at a time, until the connection ends; how many were acknowledged.
fn publish_until_closed(client: TestClient, prefix: &str, flowing: &AtomicBool) -> u64 {
    const AT_A_TIME: u64 = 5;
    let mut client = client;
    let (mut sent, mut acknowledged) = (0, 0);
    loop {
        while sent < acknowledged + AT_A_TIME {
            let message = client.message("load", format!("{prefix}-{sent}"), QoS::AtLeastOnce);
            if client.try_send(&Packet::Publish(message)).is_err() {
                // What the daemon has said before it closed is still to be read.
                break;
            }
            sent += 1;
        }
        match client.next_packet() {
            Some(Packet::Puback(_)) => acknowledged += 1,
            Some(Packet::Disconnect(disconnect)) => {
                assert_eq!(disconnect.reason_code, ReasonCode::ServerShuttingDown);
                return acknowledged;
            }
            Some(_) => {}
            None => return acknowledged,
        }
        if acknowledged > 100 {
            flowing.store(true, Ordering::Relaxed);
        }
    }
}

/// Takes and acknowledges messages until the connection ends; how many of each prefix came, in order without a gap.
fn receive_until_closed(client: TestClient) -> Vec<(String, u64)> {
    let mut client = client;
    let mut counts: Vec<(String, u64)> = Vec::new();
    while let Some(packet) = client.next_packet() {
        match packet {
            Packet::Publish(publish) => {
                let text = String::from_utf8(publish.payload.to_vec()).unwrap();
                let (prefix, number) = text.split_once('-').unwrap();
                let count = match counts.iter_mut().find(|(known, _)| known == prefix) {
                    Some((_, count)) => count,
                    None => {
                        counts.push((prefix.to_owned(), 0));
                        &mut counts.last_mut().unwrap().1
                    }
                };
                assert_eq!(number, count.to_string(), "of {prefix}");
                *count += 1;
                let puback = Ack::new(publish.packet_id.unwrap(), ReasonCode::Success);
                let _it_may_be_closing = client.try_send(&Packet::Puback(puback));
            }
            Packet::Disconnect(disconnect) => {
                assert_eq!(disconnect.reason_code, ReasonCode::ServerShuttingDown);
                break;
            }
            _ => {}
        }
    }
    counts
}

#[test]
fn nothing_that_was_acknowledged_is_lost_when_the_node_stops_under_load() {
    let mut daemon = Daemon::with_config("node.workers = 2\nmqtt.max_mqueue_len = 100000");
    let subscribers: Vec<_> = (0..3)
        .map(|number| {
            let mut client = daemon.connect_v5(&format!("sub-{number}"));
            client.subscribe("load", QoS::AtLeastOnce);
            thread::spawn(move || receive_until_closed(client))
        })
        .collect();
    let flowing: Vec<Arc<AtomicBool>> = (0..4).map(|_| Arc::default()).collect();
    let publishers: Vec<_> = flowing
        .iter()
        .enumerate()
        .map(|(number, flowing)| {
            let (client, flowing) = (daemon.connect_v5(&format!("pub{number}")), Arc::clone(flowing));
            thread::spawn(move || publish_until_closed(client, &format!("pub{number}"), &flowing))
        })
        .collect();
    wait_until("all publishers are at it", || {
        flowing.iter().all(|flows| flows.load(Ordering::Relaxed))
    });
    let began = Instant::now();
    daemon.signal("TERM");
    assert_eq!(daemon.wait_end().code(), Some(0));
    assert!(began.elapsed() < STOP_TIME_MAX, "{:?}", began.elapsed());
    let acknowledged: Vec<u64> = publishers.into_iter().map(|thread| thread.join().unwrap()).collect();
    for subscriber in subscribers {
        let received = subscriber.join().unwrap();
        for (number, acknowledged) in acknowledged.iter().enumerate() {
            let prefix = format!("pub{number}");
            let count = received
                .iter()
                .find(|(known, _)| *known == prefix)
                .map_or(0, |(_, count)| *count);
            assert!(
                count >= *acknowledged,
                "{prefix}: {acknowledged} acknowledged, {count} received"
            );
        }
    }
}

#[test]
fn what_waits_for_room_in_a_window_is_delivered_before_the_end() {
    let mut daemon = Daemon::start();
    let mut receiver = daemon.connect(ClientOptions::v5("receiver").receive_maximum(1));
    receiver.subscribe("t", QoS::AtLeastOnce);
    let mut sender = daemon.connect_v5("sender");
    for number in 0..30 {
        sender.publish("t", number.to_string(), QoS::AtLeastOnce);
    }
    daemon.signal("TERM");
    assert_eq!(sender.expect_disconnect(), ReasonCode::ServerShuttingDown);
    let expected: Vec<String> = (0..30).map(|number| number.to_string()).collect();
    assert_eq!(receiver.expect_payloads(30), expected);
    assert_eq!(receiver.expect_disconnect(), ReasonCode::ServerShuttingDown);
    assert_eq!(daemon.wait_end().code(), Some(0));
}

/// MQTT lets a server put wills off until it is back (3.1.2.5), which takes a store of sessions. Until there is one a will
/// without delay is published while somebody is there to hear it; one that is delayed belongs to its session.
#[test]
fn a_will_reaches_those_who_are_still_connected_and_a_delayed_one_is_not_hurried() {
    let mut daemon = Daemon::with_config("node.workers = 2");
    let mut watchers: Vec<TestClient> = (0..4)
        .map(|number| {
            let mut watcher = daemon.connect_v5(&format!("watcher-{number}"));
            watcher.subscribe("will/#", QoS::AtLeastOnce);
            watcher
        })
        .collect();
    let _at_once = daemon.connect(ClientOptions::v5("at-once").will("will/now", "gone", QoS::AtLeastOnce));
    let mut later = ClientOptions::v5("later")
        .session_expiry(3600)
        .will("will/later", "gone", QoS::AtLeastOnce);
    later.connect.will.as_mut().unwrap().properties.will_delay_interval = Some(600);
    let _later = daemon.connect(later);
    daemon.signal("TERM");
    for watcher in &mut watchers {
        let will = watcher.expect_publish();
        assert_eq!((&*will.topic, &will.payload[..]), ("will/now", &b"gone"[..]));
        assert_eq!(
            watcher.expect_disconnect(),
            ReasonCode::ServerShuttingDown,
            "and no other message"
        );
    }
    assert_eq!(daemon.wait_end().code(), Some(0));
}

#[test]
fn a_shutdown_over_a_time_lets_clients_go_evenly_and_says_how_far_it_is() {
    let mut daemon = Daemon::start();
    let ends = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let clients: Vec<_> = (0..20)
        .map(|number| {
            let (mut client, ends) = (daemon.connect_v5(&format!("c{number}")), Arc::clone(&ends));
            thread::spawn(move || {
                assert_eq!(client.expect_disconnect(), ReasonCode::ServerShuttingDown);
                ends.fetch_add(1, Ordering::Relaxed);
                began.elapsed()
            })
        })
        .collect();
    let mut shutdown = daemon.ctl_command();
    shutdown.args(["--yes", "shutdown", "--drain", "2s"]);
    let shutdown = shutdown.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("the first is gone", || ends.load(Ordering::Relaxed) > 0);
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n", "operators are still answered");
    assert!(ends.load(Ordering::Relaxed) < 15, "they do not all go at once");
    let output = shutdown.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(stdout.starts_with("20 clients let go in "), "{stdout}");
    assert!(stderr.matches("clients let go: ").count() >= 3, "{stderr}");
    assert_eq!(daemon.wait_end().code(), Some(0));
    let mut times: Vec<Duration> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    times.sort();
    assert!(times[19] - times[0] > Duration::from_secs(1), "{times:?}");
}

#[test]
fn a_signal_cuts_a_long_drain_short_and_a_second_one_ends_it_at_once() {
    let mut daemon = Daemon::start();
    let mut client = daemon.connect_v5("c");
    let mut shutdown = daemon.ctl_command();
    shutdown
        .args(["--yes", "shutdown", "--drain", "1h"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut shutdown = shutdown.spawn().unwrap();
    daemon.expect_log(&["drain_begins"]);
    let again = daemon.ctl(["--yes", "shutdown"]);
    assert_eq!(again.status, Some(75), "{again:?}");
    daemon.signal("TERM");
    assert_eq!(client.expect_disconnect(), ReasonCode::ServerShuttingDown);
    assert_eq!(daemon.wait_end().code(), Some(0));
    shutdown.wait().unwrap();

    let mut daemon = Daemon::start();
    // It takes no more than one message and acknowledges none, so it is waited for.
    let mut slow = daemon.connect(ClientOptions::v5("slow").receive_maximum(1));
    slow.subscribe("t", QoS::AtLeastOnce);
    let mut sender = daemon.connect_v5("sender");
    for _ in 0..2 {
        sender.publish("t", "m", QoS::AtLeastOnce);
    }
    daemon.signal("TERM");
    assert_eq!(sender.expect_disconnect(), ReasonCode::ServerShuttingDown);
    daemon.signal("TERM");
    assert_eq!(daemon.wait_end().code(), Some(130));
}

#[test]
fn a_script_has_to_say_yes_to_a_shutdown() {
    let daemon = Daemon::start();
    let refused = daemon.ctl(["shutdown"]);
    assert_eq!(refused.status, Some(64), "{refused:?}");
    assert!(refused.stderr.contains("--yes"), "{refused:?}");
    let json = daemon.ctl(["--no-input", "-f", "json", "shutdown"]);
    assert_eq!(json.status, Some(64), "{json:?}");
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n");
}

#[test]
fn a_listener_lets_its_clients_go_and_the_others_do_not_notice() {
    let daemon = Daemon::with_config("listeners.tcp.other { bind = \"127.0.0.1:0\" }");
    let mut stays = ClientOptions::v5("stays").connect(daemon.address_of("tcp:other"));
    let clients: Vec<TestClient> = (0..8).map(|number| daemon.connect_v5(&format!("c{number}"))).collect();
    let stopped = daemon.ctl(["listeners", "stop", "tcp:default", "--drain", "300ms"]);
    assert_eq!(
        stopped.clone().ok(),
        "Stop tcp:default listener successfully.\n",
        "{stopped:?}"
    );
    for mut client in clients {
        assert_eq!(client.expect_disconnect(), ReasonCode::ServerShuttingDown);
    }
    assert_eq!(daemon.listener().fields["running"], "false");
    stays.ping();
    let again = daemon.ctl(["listeners", "stop", "tcp:default", "--drain", "1s"]);
    assert_ne!(again.status, Some(0), "{again:?}");
    let unknown = daemon.ctl(["listeners", "stop", "tcp:defualt", "--drain", "1s"]);
    assert_eq!(unknown.status, Some(4), "{unknown:?}");
}

#[test]
fn a_listener_that_is_restarted_slowly_accepts_new_clients_at_once() {
    let daemon = Daemon::start();
    let mut old = daemon.connect_v5("old");
    let mut restart = daemon.ctl_command();
    restart
        .args(["listeners", "restart", "tcp:default", "--drain", "1s"])
        .stderr(Stdio::piped());
    let mut restart = restart.stdout(Stdio::piped()).spawn().unwrap();
    daemon.expect_log(&["drain_begins"]);
    let mut new = daemon.connect_v5("new");
    old.ping();
    assert_eq!(old.expect_disconnect(), ReasonCode::ServerShuttingDown);
    let mut text = String::new();
    restart.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(restart.wait().unwrap().success());
    assert_eq!(text, "Restarted tcp:default listener successfully.\n");
    new.ping();
    assert_eq!(daemon.listener().fields["current_conn"], "1");
}

#[test]
fn a_person_is_told_whom_it_concerns_before_a_listener_or_the_node_stops() {
    let daemon = Daemon::start();
    let _a = daemon.connect(ClientOptions::v5("a").will("w", "gone", QoS::AtMostOnce));
    let _b = daemon.connect(ClientOptions::v5("b").persistent());
    let mut stop = daemon.ctl_command();
    stop.args(["listeners", "stop", "tcp:default"]);
    let mut terminal = Terminal::run(stop);
    terminal.expect(
        "tcp:default: 2 clients, 1 with a will, 1 persistent session will be closed",
        1,
    );
    terminal.press('n');
    assert_eq!(terminal.wait_end().0.code(), Some(1));
    let mut shutdown = daemon.ctl_command();
    shutdown.args(["shutdown"]);
    let mut terminal = Terminal::run(shutdown);
    terminal.expect("This stops emqx@127.0.0.1. 2 clients, 1 with a will", 1);
    terminal.press('n');
    terminal.press('\n');
    assert_eq!(terminal.wait_end().0.code(), Some(1));
    assert_eq!(daemon.listener().fields["current_conn"], "2");
}

#[test]
fn mosquitto_hears_that_the_server_is_shutting_down() {
    let Some(mut command) = RealClient::MosquittoSub.find() else {
        return;
    };
    let mut daemon = Daemon::start();
    let port = daemon.address().port().to_string();
    command.args([
        "-h",
        "127.0.0.1",
        "-p",
        &port,
        "-V",
        "5",
        "-d",
        "-t",
        "t",
        "-i",
        "mosquitto",
    ]);
    let sub = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("it has subscribed", || {
        daemon
            .ctl(["subscriptions", "show", "mosquitto"])
            .stdout
            .contains("topic:t")
            .then_some(())
    });
    daemon.signal("TERM");
    assert_eq!(daemon.wait_end().code(), Some(0));
    // Without a daemon it would try again for ever.
    let mut sub = sub;
    let _ = sub.kill();
    let output = sub.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("Received DISCONNECT (139)"), "{said}");
}
