//! One side goes away, stands still or starts anew in the middle of an exchange.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;
use std::thread;

use emqx_shared::Request;
use emqx_tests::{ClientOptions, CtlOutput, DEADLINE, Daemon, Packet, TestClient, wait_for, wait_until};
use mqtt_codec::{PacketType, QoS, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties};

use super::{Caller, Cli, ban, banned, can_run, hello_bytes, request_bytes, stop};

fn assert_no_panic(daemon: &Daemon) {
    let status = daemon.ctl(["-f", "json", "status"]).json();
    assert_eq!(status["data"]["panics"], 0, "{status}");
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

/// A list that neither the pipe of a CLI nor its socket can hold: 1.2 MB.
fn subscribe_to_many(daemon: &Daemon) -> TestClient {
    let mut client = daemon.connect(ClientOptions::v5("c"));
    for packet in 0..60 {
        let filter = |number: u32| SubscribeFilter {
            filter: format!("{packet}-{number}-{}", "x".repeat(190)).into(),
            qos: QoS::AtMostOnce,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::SendAtSubscribe,
        };
        let packet_id = client.take_packet_id();
        client.send(&Packet::Subscribe(Box::new(Subscribe {
            packet_id,
            properties: SubscribeProperties::default(),
            filters: (0..100).map(filter).collect(),
        })));
        client.expect(PacketType::Suback);
    }
    client
}

#[test]
fn a_caller_killed_at_any_byte_leaves_a_whole_change_or_none() {
    let daemon = Daemon::start();
    for cut in 0..hello_bytes().len() {
        Caller::connect(&daemon).send(&hello_bytes()[..cut]);
    }
    let half = request_bytes(&ban("half", ""));
    for cut in 0..half.len() {
        Caller::welcomed(&daemon).send(&half[..cut]);
    }
    // The last byte has come, and nobody waits for the answer.
    Caller::welcomed(&daemon).send(&request_bytes(&ban("whole", "")));
    wait_until("the ban holds", || !banned(&daemon).is_empty());
    assert_eq!(banned(&daemon), ["whole"]);
    assert_no_panic(&daemon);
}

#[test]
fn a_caller_killed_at_any_byte_of_the_answer_harms_nobody() {
    let daemon = Daemon::start();
    let question = request_bytes(&Request::Status);
    let mut whole = Caller::welcomed(&daemon);
    whole.send(&question);
    let mut prefix = [0; 4];
    whole.0.read_exact(&mut prefix).unwrap();
    let length = prefix.len() + u32::from_be_bytes(prefix) as usize;
    assert!(length > 50, "{length} bytes");
    for cut in 0..length {
        let mut caller = Caller::welcomed(&daemon);
        caller.send(&question);
        caller.0.read_exact(&mut vec![0; cut]).unwrap();
    }
    assert_no_panic(&daemon);
}

#[test]
fn a_cli_that_is_stopped_in_a_long_list_loses_its_connection_and_says_so() {
    let daemon = Daemon::builder().log_level("debug").start();
    let _client = subscribe_to_many(&daemon);
    let mut cli = Cli::start(&daemon, &["topics", "list"]);
    let mut lines = BufReader::new(cli.stdout()).lines().map(Result::unwrap);
    assert!(lines.next().is_some());
    // The rest does not fit into pipe and socket, so it is in the middle of the list.
    stop(cli.0.id());
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n");
    daemon.expect_log(&["control_connection_ended", "it read nothing for 5s"]);
    cli.signal("CONT");
    let rest: Vec<String> = lines.collect();
    assert!(rest.len() < 6000, "{} lines", rest.len());
    assert!(rest.iter().all(|line| line.ends_with(" -> emqx@127.0.0.1")), "{rest:?}");
    let (code, said) = cli.end();
    assert_eq!(code, Some(69), "{said}");
    assert!(said.starts_with("error: emqxd closed the connection"), "{said}");
    assert!(said.contains("\n  next: "), "{said}");
}

#[test]
fn a_reader_that_takes_one_line_ends_the_cli_quietly() {
    let daemon = Daemon::start();
    let _client = subscribe_to_many(&daemon);
    for format in ["emqx", "table", "json", "ndjson", "csv"] {
        let mut cli = Cli::start(&daemon, &["-f", format, "topics", "list"]);
        let mut first = String::new();
        let mut reader = BufReader::new(cli.stdout());
        reader.read_line(&mut first).unwrap();
        drop(reader);
        assert_eq!(cli.end(), (Some(141), String::new()), "{format}");
    }
    // In a pipeline the reader's success is what counts.
    let script = "\"$0\" topics list | head -1 >/dev/null";
    let ctl = daemon.ctl_command();
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(ctl.get_program());
    shell.env("EMQX_CTL_SOCKET", daemon.socket());
    let output = shell.output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_daemon_that_is_stopped_is_75_with_a_clear_text() {
    let daemon = Daemon::start();
    let mut watcher = Cli::start(&daemon, &["trace", "topic", "#", "-f"]);
    let mut told = BufReader::new(watcher.0.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    assert!(line.starts_with("tracing topic #"), "{line}");
    let mut greeted = Caller::welcomed(&daemon);

    stop(daemon.pid());
    for verb in [&["status"][..], &["clients", "kick", "c"], &["topics", "list"]] {
        let output = daemon.ctl([&["-t", "200ms"], verb].concat());
        assert_eq!((output.status, output.stdout.as_str()), (Some(75), ""), "{verb:?}");
        assert_eq!(
            output.stderr,
            "error: no answer within 200 ms (emqxd is busy or starting)\n  \
             next: try again, or wait longer with --timeout 60s\n"
        );
    }
    // Callers that gave up stay in the kernel's queue until the daemon takes them out.
    let _queue: Vec<Caller> = (0..60).map(|_| Caller::connect(&daemon)).collect();
    wait_until("the queue is full", || {
        let output = daemon.ctl(["-t", "50ms", "ping"]);
        assert_eq!(output.status, Some(75), "{output:?}");
        output.stderr.contains("its queue of callers is full")
    });
    // Whoever watches gives up after five missed signs of life.
    let status = wait_for("the watcher gives up", || watcher.0.try_wait().unwrap());
    let mut said = String::new();
    told.read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(75), "{said}");
    assert!(said.starts_with("error: no answer within 10 s (trace start"), "{said}");

    daemon.signal("CONT");
    greeted.send(&request_bytes(&Request::Ping));
    assert!(greeted.reply().is_last());
    wait_until("callers are served again", || daemon.ctl(["ping"]).status == Some(0));
    assert_no_panic(&daemon);
}

#[test]
fn a_cli_that_is_open_while_the_daemon_restarts_ends_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("ctl.sock");
    for signal in ["TERM", "KILL"] {
        let mut first = Daemon::builder().control_socket(socket.clone()).start();
        let mut watchers = [&["events", "-f"][..], &["listeners", "--watch=100ms"], &["top"]]
            .map(|arguments| (arguments, Cli::start(&first, arguments)));
        let [_, listeners, _] = &mut watchers;
        assert_eq!(listeners.1.drain().recv_timeout(DEADLINE), Ok(()));
        let mut idle = Caller::welcomed(&first);
        first.signal(signal);
        first.wait_end();
        let second = Daemon::builder().control_socket(socket.clone()).start();
        for (arguments, watcher) in &mut watchers {
            let (code, said) = watcher.end();
            assert!(matches!(code, Some(69 | 75)), "{signal} {arguments:?}: {code:?} {said}");
            assert!(said.contains("error: "), "{signal} {arguments:?}: {said}");
        }
        assert_eq!(idle.0.read(&mut [0]).unwrap_or(0), 0, "{signal}");
        assert_eq!(second.ctl(["ping"]).ok(), "pong\n");
    }
}

#[test]
fn before_the_store_is_open_nobody_answers() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let socket = folder.path().join("ctl.sock");
    let gate = data.join("node.id");
    fs::create_dir(&data).unwrap();
    assert!(can_run("mkfifo", &[gate.to_str().unwrap()]));
    let stale = Daemon::start();
    let ask = || {
        let mut command = stale.ctl_command();
        command.env("EMQX_CTL_SOCKET", &socket).args(["status"]);
        CtlOutput::from(command.output().unwrap())
    };
    let builder = Daemon::builder()
        .control_socket(socket.clone())
        .config(&format!("node.data_dir = \"{}\"", data.display()));
    let daemon = thread::scope(|scope| {
        let starting = scope.spawn(|| builder.start());
        // Opening it for writing waits until the daemon reads it: its folder is locked, its store not open.
        let mut gate = OpenOptions::new().write(true).open(&gate).unwrap();
        let output = ask();
        assert_eq!(output.status, Some(69), "{output:?}");
        assert!(output.stderr.contains("no such file"), "{output:?}");
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        let output = ask();
        assert_eq!(output.status, Some(69), "{output:?}");
        assert!(output.stderr.contains("connection refused"), "{output:?}");
        writeln!(gate, "emqx@127.0.0.1").unwrap();
        drop(gate);
        starting.join().unwrap()
    });
    assert!(daemon.ctl(["status"]).ok().contains("is started"));
}

#[test]
fn a_change_asked_for_while_the_daemon_stops_is_made_or_refused() {
    let data = tempfile::tempdir().unwrap();
    let place = format!("node.data_dir = \"{}\"", data.path().display());
    let mut promised = Vec::new();
    for round in 0..3 {
        let mut daemon = Daemon::builder().config(&place).start();
        // All callers wait in the queue when the daemon wakes up with the order to stop.
        stop(daemon.pid());
        let mut callers: Vec<_> = (0..8)
            .map(|number| {
                let who = format!("{round}-{number}");
                let cli = Cli::start(&daemon, &["banned", "add", "clientid", &who]);
                (who, cli)
            })
            .collect();
        daemon.signal("TERM");
        daemon.signal("CONT");
        for (who, cli) in &mut callers {
            let (code, said) = cli.end();
            match code {
                Some(0) => promised.push(who.clone()),
                Some(69 | 75) => assert!(said.starts_with("error: "), "{said}"),
                other => panic!("{other:?}: {said}"),
            }
        }
        assert_eq!(daemon.wait_end().code(), Some(0));
    }
    let banned = banned(&Daemon::builder().config(&place).start());
    assert!(
        promised.iter().all(|who| banned.contains(who)),
        "{promised:?} in {banned:?}"
    );
}
