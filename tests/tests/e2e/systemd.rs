//! As a service of systemd: what is told when, sockets that outlive a restart, signs of life. A stand-in plays systemd.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::{Daemon, ServiceManager, wait_until};

/// CONNECT of MQTT 3.1.1, clean session, without a client id.
const CONNECT: &[u8] = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00";
/// CONNACK: accepted, no session.
const ACCEPTED: &[u8] = &[0x20, 2, 0, 0];
/// Longer than any start takes.
const PATIENCE: Duration = Duration::from_secs(15);

fn free_address() -> SocketAddr {
    let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    probe.local_addr().unwrap()
}

/// Whether the broker answers a CONNECT on this connection.
fn is_accepted(mut connection: TcpStream) -> bool {
    let mut answer = [0; 4];
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection.write_all(CONNECT).is_ok() && connection.read_exact(&mut answer).is_ok() && answer == ACCEPTED
}

#[test]
fn start_and_stop_are_told_in_order_and_nothing_before_the_listeners_answer() {
    let manager = Arc::new(ServiceManager::start());
    let second = free_address();
    manager.probe(second);
    let mut daemon = Daemon::builder()
        .config(&format!("listeners.tcp.second.bind = \"{second}\""))
        .service(&manager)
        .start();
    manager.expect("READY=1");
    assert_eq!(
        manager.lines(),
        [
            "FDSTORE=1 FDNAME=tcp.default",
            "FDSTORE=1 FDNAME=tcp.second",
            "READY=1 STATUS=2 listeners · 0 clients · license ok",
        ]
    );
    for datagram in manager.datagrams() {
        assert_eq!(datagram.is_answering, Some(true), "{:?} came too early", datagram.lines);
        let is_store = datagram.lines[0] == "FDSTORE=1";
        assert_eq!(datagram.descriptors, usize::from(is_store), "{:?}", datagram.lines);
    }

    manager.clear();
    daemon.signal("TERM");
    assert_eq!(daemon.wait_end().code(), Some(0));
    manager.settle();
    let lines = manager.lines();
    assert!(lines[0].starts_with("STOPPING=1 STATUS="), "{lines:?}");
    let others = &lines[1..];
    let is_about_the_stop = |line: &String| line.starts_with("EXTEND_TIMEOUT_USEC=") || line.starts_with("STATUS=");
    assert!(others.iter().all(is_about_the_stop), "{lines:?}");
    assert_eq!(
        manager.stored(),
        ["tcp.default", "tcp.second"],
        "a restart finds its sockets"
    );
}

#[test]
fn the_status_line_follows_what_happens() {
    let manager = Arc::new(ServiceManager::start());
    let daemon = Daemon::builder().service(&manager).start();
    manager.expect("READY=1");
    let _client = daemon.connect_v5("c");
    manager.expect("STATUS=1 listener · 1 client · license ok");
}

#[test]
fn a_reload_is_told_from_its_beginning_to_its_end() {
    let manager = Arc::new(ServiceManager::start());
    let daemon = Daemon::builder().service(&manager).start();
    manager.expect("READY=1");
    for reload in ["signal", "verb"] {
        manager.clear();
        match reload {
            "signal" => daemon.signal("HUP"),
            _ => assert_eq!(daemon.ctl(["reload", "--wait"]).status, Some(0)),
        }
        manager.expect("READY=1");
        let datagrams = manager.datagrams();
        assert_eq!(datagrams.len(), 2, "{reload}: {:?}", manager.lines());
        // In one datagram: systemd takes a reload without its time for one that never ends.
        let [reloading, micros] = &datagrams[0].lines[..] else {
            panic!("{reload}: {:?}", manager.lines());
        };
        assert_eq!(reloading, "RELOADING=1");
        let micros: u64 = micros.strip_prefix("MONOTONIC_USEC=").unwrap().parse().unwrap();
        assert!(micros > 0);
        assert!(
            datagrams[1].lines[1].starts_with("STATUS=1 listener · "),
            "{:?}",
            manager.lines()
        );
    }
}

#[test]
fn a_manager_in_the_abstract_namespace_is_told_too() {
    let manager = Arc::new(ServiceManager::in_abstract_namespace());
    let _daemon = Daemon::builder().service(&manager).start();
    manager.expect("READY=1");
}

#[test]
fn a_start_that_fails_is_never_ready_and_stores_nothing() {
    let manager = Arc::new(ServiceManager::start());
    let builder = || Daemon::builder().service(&manager);
    let port = free_address().port();
    let (status, log) = builder().config("license.key = \"nonsense\"").run_to_end(port);
    assert_eq!(status.code(), Some(78), "{log}");

    // The first listener is bound and the second is not: the node does not start by half.
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let config = format!("listeners.tcp.second.bind = \"{address}\"");
    let (status, log) = builder().config(&config).run_to_end(port);
    assert_eq!(status.code(), Some(75), "{log}");

    manager.settle();
    assert_eq!(manager.count("READY=1"), 0, "{:?}", manager.lines());
    assert_eq!(manager.count("FDSTORE=1"), 0, "{:?}", manager.lines());
    assert!(manager.stored().is_empty());
}

/// Connects again and again to an address until told to stop.
struct Customers {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    thread: thread::JoinHandle<()>,
}

impl Customers {
    fn of(address: SocketAddr) -> Self {
        let (stop, served, refused): (Arc<AtomicBool>, Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let (theirs, served_here, refused_here) = (Arc::clone(&stop), Arc::clone(&served), Arc::clone(&refused));
        let thread = thread::spawn(move || {
            while !theirs.load(Ordering::Relaxed) {
                match TcpStream::connect(address).map(is_accepted) {
                    Ok(true) => served_here.fetch_add(1, Ordering::Relaxed),
                    // It came in just before the end and was told good-bye.
                    Ok(false) => continue,
                    Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                        refused_here.fetch_add(1, Ordering::Relaxed)
                    }
                    Err(error) => panic!("cannot connect: {error}"),
                };
            }
        });
        Self {
            stop,
            served,
            refused,
            thread,
        }
    }

    fn wait_for_more(&self) {
        let before = self.served.load(Ordering::Relaxed);
        wait_until("a customer is served", || {
            self.served.load(Ordering::Relaxed) > before + 2
        });
    }

    /// How many were refused.
    fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.refused.load(Ordering::Relaxed)
    }
}

fn refused_over_a_restart(mut daemon: Daemon) -> usize {
    let customers = Customers::of(daemon.address());
    customers.wait_for_more();
    daemon.signal("TERM");
    assert_eq!(daemon.wait_end().code(), Some(0));
    daemon.start_again();
    customers.wait_for_more();
    customers.stop()
}

#[test]
fn a_restart_with_the_store_refuses_nobody() {
    let manager = Arc::new(ServiceManager::start());
    assert_eq!(refused_over_a_restart(Daemon::builder().service(&manager).start()), 0);
    manager.settle();
    assert_eq!(
        manager.count("FDSTORE=1"),
        1,
        "an inherited socket is in the store already"
    );
    assert_eq!(manager.count("READY=1"), 2);
    assert_eq!(manager.stored(), ["tcp.default"]);
}

#[test]
fn a_restart_without_the_store_does_refuse() {
    // What the test above would see if the store did nothing.
    assert_ne!(refused_over_a_restart(Daemon::start()), 0);
}

#[test]
fn a_socket_of_a_socket_unit_serves_those_who_waited_in_its_backlog() {
    let manager = Arc::new(ServiceManager::start());
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let mut early = TcpStream::connect(address).unwrap();
    early.write_all(CONNECT).unwrap();
    // As systemd names it when the unit gives no name.
    manager.add_socket("emqxd.socket", socket);
    let _daemon = Daemon::builder()
        .config(&format!("listeners.tcp.activated.bind = \"{address}\""))
        .service(&manager)
        .start();
    let mut answer = [0; 4];
    early.set_read_timeout(Some(PATIENCE)).unwrap();
    early.read_exact(&mut answer).unwrap();
    assert_eq!(answer, ACCEPTED);
    manager.expect("READY=1");
    assert_eq!(
        manager.count("FDSTORE=1"),
        1,
        "only the one that the daemon bound itself"
    );
}

#[test]
fn a_socket_that_no_listener_wants_is_closed_forgotten_and_logged() {
    let manager = Arc::new(ServiceManager::start());
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    manager.add_socket("tcp.gone", socket);
    let daemon = Daemon::builder().service(&manager).start();
    manager.expect("READY=1");
    assert_eq!(manager.lines()[0], "FDSTOREREMOVE=1 FDNAME=tcp.gone");
    assert_eq!(manager.stored(), ["tcp.default"]);
    daemon.expect_log(&["inherited_socket_closed", "tcp.gone"]);
    assert_eq!(
        TcpStream::connect(address).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
}

#[test]
fn a_listener_that_an_operator_stops_leaves_the_store_until_it_is_started() {
    let manager = Arc::new(ServiceManager::start());
    let daemon = Daemon::builder().service(&manager).start();
    manager.expect("READY=1");
    daemon.ctl(["listeners", "stop", "tcp:default"]).ok();
    manager.expect("FDSTOREREMOVE=1");
    assert!(manager.stored().is_empty());
    assert_eq!(
        TcpStream::connect(daemon.address()).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
    manager.clear();
    daemon.ctl(["listeners", "start", "tcp:default"]).ok();
    assert_eq!(manager.expect("FDSTORE=1").lines, ["FDSTORE=1", "FDNAME=tcp.default"]);
}

#[test]
fn a_worker_that_spins_stops_the_signs_of_life_and_the_log_names_it() {
    if !cfg!(debug_assertions) {
        eprintln!("skipped: only a test build can be made to spin");
        return;
    }
    let patience = Duration::from_millis(1500);
    let manager = Arc::new(ServiceManager::start().watchdog(patience));
    let folder = tempfile::tempdir().unwrap();
    let spin = folder.path().join("spin");
    let daemon = Daemon::builder()
        .config("node.workers = 2")
        .env("EMQXD_TEST_SPIN_WORKER", &format!("1:{}", spin.display()))
        .service(&manager)
        .start();
    // Idle workers are alive.
    wait_until("signs of life", || manager.count("WATCHDOG=1") >= 3);
    let beats: Vec<Instant> = manager
        .datagrams()
        .iter()
        .filter(|datagram| datagram.lines == ["WATCHDOG=1"])
        .map(|datagram| datagram.at)
        .collect();
    for pair in beats.windows(2) {
        assert!(
            pair[1] - pair[0] < patience,
            "two signs of life are {:?} apart",
            pair[1] - pair[0]
        );
    }

    std::fs::write(&spin, "").unwrap();
    daemon.expect_log(&["watchdog_withheld", "worker: 1"]);
    daemon.expect_log(&["worker_stalled", "worker: 1"]);
    manager.settle();
    let (before, since) = (manager.count("WATCHDOG=1"), Instant::now());
    wait_until("systemd would have ended it", || since.elapsed() > patience);
    manager.settle();
    assert_eq!(manager.count("WATCHDOG=1"), before, "{:?}", manager.lines());
    manager.expect("STATUS=worker 1 does not answer");

    std::fs::remove_file(&spin).unwrap();
    wait_until("it is alive again", || manager.count("WATCHDOG=1") > before);
    daemon.expect_log(&["watchdog_resumed", "worker: 1"]);
}
