//! The real binary against a made-up daemon: exit codes, what goes to stdout and what to stderr,
//! and that a list is shown while it arrives. How each view is drawn is tested beside the code.

#![allow(clippy::unwrap_used)] // also the helpers here are tests

mod fake;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use emqx_shared::hello::{DaemonHello, ProtocolRange};
use emqx_shared::request::SystemRequest;
use emqx_shared::views::{
    ClusterView, KickView, ListEnd, ListenerKind, ListenerState, ListenerView, NodeState, StatusView, TopicView,
};
use emqx_shared::{ErrorCode, Failure, Reply, Request, View, Welcome};
use fake::{FakeDaemon, Ran, ctl, run};

fn failed(code: ErrorCode, message: &str) -> Vec<Reply> {
    vec![Reply::Failed(Failure::new(code, message))]
}

fn status(state: NodeState) -> View {
    View::Status(StatusView {
        node: "emqx@127.0.0.1".to_owned(),
        version: "5.8.0".to_owned(),
        state,
        pid: 1,
        started_at_ms: 0,
        uptime_ms: 0,
        connections: 0,
        sessions: 0,
        subscriptions: 0,
        retained: 0,
        listeners_running: 1,
        listeners_enabled: 1,
        workers: 1,
        messages_received: 0,
        messages_sent: 0,
        messages_dropped: 0,
        memory_bytes: None,
        panics: 0,
        data_dir: "/d".to_owned(),
        config_file: None,
    })
}

fn listener() -> ListenerView {
    ListenerView {
        id: "tcp:default".to_owned(),
        kind: ListenerKind::Tcp,
        listen_on: "0.0.0.0:1883".to_owned(),
        acceptors: 16,
        proxy_protocol: false,
        enabled: true,
        state: ListenerState::Running,
        started_at_ms: None,
        current_conn: 0,
        peak_conn: 0,
        max_conns: None,
        accepted: 0,
        refused_limit: 0,
        refused_rate: 0,
        refused_access: 0,
        shutdown_counts: Vec::new(),
        paused_rate: 0,
    }
}

fn topics(count: usize) -> View {
    let topic = |number| TopicView {
        topic: format!("t/{number}"),
        node: "emqx@127.0.0.1".to_owned(),
    };
    View::Topics((0..count).map(topic).collect())
}

fn end(rows: u64) -> Reply {
    Reply::Done(View::ListEnd(ListEnd { rows, total: None }))
}

/// A daemon that is a cluster of one; all else it answers so.
fn alone(answer: impl Fn(&Request, &mut dyn FnMut(Reply)) + Send + Sync + 'static) -> FakeDaemon {
    FakeDaemon::answering(move |request, send| match request {
        Request::System(SystemRequest::ClusterStatus) => send(Reply::Done(View::Cluster(ClusterView {
            running_nodes: vec!["emqx@127.0.0.1".to_owned()],
            stopped_nodes: Vec::new(),
        }))),
        other => answer(other, send),
    })
}

/// A daemon with one listener, which refuses all others.
fn daemon_with_a_listener() -> FakeDaemon {
    FakeDaemon::answering(|request, send| match request {
        Request::ListListeners => {
            send(Reply::Chunk(View::Listeners(vec![listener()])));
            send(end(1));
        }
        Request::ShowListener { listener: id }
        | Request::StopListener { listener: id }
        | Request::RestartListener { listener: id }
            if id == "tcp:default" =>
        {
            send(Reply::Done(View::Listener(Box::new(listener()))));
        }
        Request::StartListener { listener: id } if id == "tcp:default" => {
            let failure = Failure::new(ErrorCode::AddressInUse, "listener tcp:default was not started");
            send(Reply::Failed(failure));
        }
        _ => send(Reply::Failed(Failure::new(
            ErrorCode::ListenerNotFound,
            "no such listener",
        ))),
    })
}

#[test]
fn a_daemon_that_is_not_running_is_69_at_once_with_the_path_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("none.sock");
    // The quickest of a few runs: a busy machine must not decide.
    let timed = |_| {
        let started = Instant::now();
        let ran = run(ctl(&socket).arg("status"));
        (started.elapsed(), ran)
    };
    let (took, ran) = (0..5).map(timed).min_by_key(|(took, _)| *took).unwrap();
    assert!(took < Duration::from_millis(100), "{took:?}");
    assert_eq!(ran.code, 69);
    assert_eq!(ran.stdout, "");
    let first = format!("error: emqxd is not running ({}: no such file)\n", socket.display());
    assert!(ran.stderr.starts_with(&first), "{}", ran.stderr);
    assert!(ran.stderr.contains("\n  next: "), "{}", ran.stderr);
}

#[test]
fn a_socket_left_behind_is_69_too() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("stale.sock");
    drop(UnixListener::bind(&socket).unwrap());
    let ran = run(ctl(&socket).arg("ping"));
    assert_eq!(ran.code, 69);
    assert!(ran.stderr.contains("stale.sock: connection refused)"), "{}", ran.stderr);
}

#[test]
fn without_a_named_socket_the_usual_places_are_searched() {
    let folder = tempfile::tempdir().unwrap();
    let xdg = folder.path().join("xdg");
    let ran = run(Command::new(env!("CARGO_BIN_EXE_emqx-ctl"))
        .env_clear()
        .env("XDG_RUNTIME_DIR", &xdg)
        .current_dir(folder.path())
        .args(["status", "-f", "json"]));
    // A daemon may run on the machine that runs the tests.
    if ran.code != 0 {
        assert_eq!(ran.code, 69);
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
        let why = error["error"]["why"].as_str().unwrap();
        assert!(
            why.contains("xdg/emqx/emqxd.sock") && why.contains("data/emqxd.sock"),
            "{why}"
        );
    }
}

#[test]
fn a_socket_that_may_not_be_used_is_77_and_says_whose_it_is() {
    let daemon = FakeDaemon::saying(vec![Reply::Done(View::Nothing)]);
    let socket = daemon.socket();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = ctl(&socket);
    command.arg("status");
    if nix::unistd::Uid::effective().is_root() {
        let folder = socket.parent().unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        command.uid(65_534).gid(65_534);
    } else {
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    let output = match command.output() {
        Ok(output) => output,
        // The binary lies in a folder that another user may not enter.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return,
        Err(error) => panic!("{error}"),
    };
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(77), "{stderr}");
    assert!(stderr.starts_with("error: permission denied: "), "{stderr}");
    assert!(
        stderr.contains("emqxd.sock is 0") && stderr.contains(", you are "),
        "{stderr}"
    );
}

#[test]
fn a_role_that_does_not_suffice_is_77() {
    let message = "'clients kick' needs the admin role; you are read-only (group emqx)";
    let daemon = FakeDaemon::saying(failed(ErrorCode::PermissionDenied, message));
    let ran = daemon.ctl("clients kick c");
    assert_eq!((ran.code, ran.stdout.as_str()), (77, ""));
    assert_eq!(ran.stderr, format!("error: {message}\n"));
}

#[test]
fn a_caller_without_any_role_is_refused_before_it_asks() {
    let hello = DaemonHello::answer(emqx_shared::PROTOCOL, emqx_shared::PROTOCOL).to_bytes();
    let refusal = Failure::new(ErrorCode::PermissionDenied, "you have no role here");
    let daemon = FakeDaemon::greeting(hello, Some(Welcome::Refused(refusal)));
    assert_eq!(daemon.ctl("status").code, 77);
}

#[test]
fn a_daemon_of_another_protocol_is_76_and_both_are_named() {
    let range = ProtocolRange { min: 7, max: 9 };
    let hello = DaemonHello {
        protocol: range,
        chosen: None,
        flags: 0,
    };
    let ran = FakeDaemon::greeting(hello.to_bytes(), None).ctl("status");
    assert_eq!(ran.code, 76);
    let first = "error: emqx-ctl speaks protocol 1, emqxd only 7-9; upgrade emqx-ctl\n";
    assert!(ran.stderr.starts_with(first), "{}", ran.stderr);
}

#[test]
fn something_else_on_the_socket_is_76() {
    let ran = FakeDaemon::greeting(*b"HTTP/1.1 400 Bad", None).ctl("status");
    assert_eq!(ran.code, 76);
    assert!(ran.stderr.contains("is not emqxd"), "{}", ran.stderr);
}

#[test]
fn an_answer_to_another_question_is_76() {
    let daemon = FakeDaemon::saying(vec![Reply::Done(topics(1))]);
    let ran = daemon.ctl("status");
    assert_eq!(ran.code, 76);
    assert!(ran.stderr.contains("Topics"), "{}", ran.stderr);
}

#[test]
fn silence_is_75_after_the_timeout_and_not_later() {
    let started = Instant::now();
    let ran = FakeDaemon::silent().ctl("status -t 100ms");
    assert_eq!(ran.code, 75);
    assert!(
        ran.stderr.starts_with("error: no answer within 100 ms"),
        "{}",
        ran.stderr
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_verb_without_an_answer_is_75_and_may_still_be_running() {
    let daemon = FakeDaemon::answering(|_, _| {});
    let ran = daemon.ctl("listeners restart tcp:default -t 100ms");
    assert_eq!(ran.code, 75);
    assert!(
        ran.stderr.contains("listeners restart may still be running"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_connection_that_breaks_is_69() {
    let hello = DaemonHello::answer(emqx_shared::PROTOCOL, emqx_shared::PROTOCOL).to_bytes();
    let ran = FakeDaemon::greeting(hello, None).ctl("status");
    assert_eq!(ran.code, 69);
}

#[test]
fn status_is_emqx_s_line_when_piped() {
    let daemon = FakeDaemon::saying(vec![Reply::Done(status(NodeState::Started))]);
    let ran = daemon.ctl("status");
    assert_eq!(ran.stdout, "Node 'emqx@127.0.0.1' 5.8.0 is started\n");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn exit_code_turns_a_node_that_is_not_up_into_1() {
    let daemon = FakeDaemon::saying(vec![Reply::Done(status(NodeState::Starting))]);
    assert_eq!(daemon.ctl("status").code, 0);
    assert_eq!(daemon.ctl("status --exit-code").code, 1);
}

#[test]
fn ping_says_pong() {
    let ran = FakeDaemon::saying(vec![Reply::Done(View::Nothing)]).ctl("ping");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "pong\n"));
}

#[test]
fn the_format_comes_from_option_then_environment() {
    let daemon = FakeDaemon::saying(vec![Reply::Done(status(NodeState::Started))]);
    let ran = run(ctl(&daemon.socket()).env("EMQX_CTL_FORMAT", "json").arg("status"));
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["schema"], "emqx-ctl/status/1");
    assert_eq!(document["node"], "emqx@127.0.0.1");
    assert_eq!(document["data"]["state"], "started");
    let ran = run(ctl(&daemon.socket())
        .env("EMQX_CTL_FORMAT", "json")
        .args(["status", "-f", "emqx"]));
    assert!(ran.stdout.starts_with("Node "), "{}", ran.stdout);
}

#[test]
fn a_client_that_is_not_there_is_4_in_the_words_of_each_format() {
    let daemon = FakeDaemon::saying(failed(ErrorCode::ClientNotFound, "no client \"nobody\""));
    let ran = daemon.ctl("clients show nobody");
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (4, "Not Found.\n", "")
    );
    let ran = daemon.ctl("-f table clients show nobody");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    assert_eq!(ran.stderr, "error: no client \"nobody\"\n");
    let ran = daemon.ctl("-f json clients show nobody");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""));
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "client_not_found");
    assert_eq!(error["error"]["exit"], 4);
}

#[test]
fn kicking_is_ok_whether_or_not_there_was_a_client() {
    let daemon = FakeDaemon::answering(|request, send| {
        let Request::KickClient { client_id } = request else {
            return;
        };
        send(match client_id.as_str() {
            "a" => Reply::Done(View::Kick(KickView { existed: true })),
            "b" => Reply::Done(View::Kick(KickView { existed: false })),
            _ => Reply::Failed(Failure::new(ErrorCode::ClientNotFound, "no client")),
        });
    });
    let ran = daemon.ctl("clients kick a b c");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "ok\nok\nok\n"));
    assert_eq!(daemon.seen().len(), 3, "over one connection");
}

#[test]
fn subscribing_an_unknown_client_has_emqx_s_words_without_a_line_end() {
    let daemon = FakeDaemon::saying(failed(ErrorCode::ClientNotFound, "no client"));
    let ran = daemon.ctl("subscriptions add nobody t 1");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, "Error: Channel not found!"));
    let ran = daemon.ctl("subscriptions add nobody t 3");
    assert_eq!((ran.code, ran.stdout.as_str()), (64, "QoS should be 0, 1, 2\n"));
    let ran = daemon.ctl("subscriptions show nobody");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, "Not Found.\n"));
}

#[test]
fn an_unknown_listener_is_named_in_emqx_s_words_or_with_a_suggestion() {
    let daemon = daemon_with_a_listener();
    let ran = daemon.ctl("listeners stop tcp:nope");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, "Invalid listener: \"tcp:nope\"\n"));
    let ran = daemon.ctl("-f table listeners stop tcp:defualt");
    assert_eq!(ran.code, 4);
    assert_eq!(
        ran.stderr, "error: no such listener\n",
        "the daemon knows the listeners, so its words are printed"
    );
    let ran = daemon.ctl("--compat 4 listeners stop mqtt:tcp:nope");
    assert_eq!(ran.stdout, "No such listener \"mqtt:tcp:nope\"\n");
}

#[test]
fn a_listener_answers_to_its_names_of_emqx_4() {
    for (line, text) in [
        (
            "listeners stop mqtt:tcp:external",
            "Stop tcp:default listener successfully.\n",
        ),
        ("listener stop tcp 1883", "Stop tcp:default listener successfully.\n"),
        (
            "listeners stop mqtt:tcp 0.0.0.0:1883",
            "Stop tcp:default listener successfully.\n",
        ),
        (
            "listeners restart tcp:default",
            "Restarted tcp:default listener successfully.\n",
        ),
        (
            "--compat 4 listeners stop mqtt:tcp:external",
            "Stop mqtt:tcp:external listener on 0.0.0.0:1883 successfully.\n",
        ),
    ] {
        let daemon = daemon_with_a_listener();
        let ran = daemon.ctl(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, text), "{line}");
        let last = daemon.seen().pop().unwrap();
        assert_eq!(last.arguments()[0].1, "tcp:default", "{line}");
    }
    let ran = daemon_with_a_listener().ctl("listeners stop tcp 1884");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, "Invalid listener: \"tcp:1884\"\n"));
}

#[test]
fn a_listener_that_does_not_start_is_1_with_erlang_s_name_for_the_cause() {
    let ran = daemon_with_a_listener().ctl("listeners start tcp:default");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.stdout, "Failed to start tcp:default listener: eaddrinuse\n");
}

#[test]
fn a_word_that_is_neither_listener_nor_verb_is_64() {
    let ran = daemon_with_a_listener().ctl("listeners strat");
    assert_eq!(ran.code, 64);
    assert!(ran.stderr.contains("'listeners start'"), "{}", ran.stderr);
}

#[test]
fn a_wrong_log_level_is_64_without_asking_the_daemon() {
    let daemon = FakeDaemon::silent();
    let ran = daemon.ctl("log set-level loud");
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (64, "[error] invalid level: \"loud\"\n")
    );
    let daemon = FakeDaemon::saying(failed(ErrorCode::LogHandlerNotFound, "no handler"));
    let ran = daemon.ctl("log handlers set-level nope debug");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, "[error] invalid handler:nope\n"));
}

#[test]
fn an_empty_list_is_0_and_says_so_as_emqx_does() {
    let daemon = alone(|_, send| send(end(0)));
    let ran = daemon.ctl("topics list");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "No topics.\n"));
    assert_eq!(daemon.ctl("--compat 4 routes list").stdout, "");
    assert_eq!(daemon.ctl("topics show t/1").stdout, "");
    let ran = daemon.ctl("-f json topics list");
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["data"], serde_json::json!([]));
}

#[test]
fn a_list_is_shown_while_it_arrives_and_a_reader_that_leaves_is_no_panic() {
    let (go_on, gone) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let daemon = alone(move |_, send| {
        send(Reply::Chunk(topics(1)));
        // The rest is sent only after the first row was read and the reader has left.
        let _ = gone.lock().unwrap().recv();
        (0..100).for_each(|_| send(Reply::Chunk(topics(256))));
        send(end(25_601));
    });
    let mut child = ctl(&daemon.socket())
        .args(["topics", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    drop(reader);
    go_on.send(()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(first, "t/0 -> emqx@127.0.0.1\n");
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_failure_in_the_middle_of_a_list_leaves_whole_json_and_its_exit_code() {
    let daemon = alone(|_, send| {
        send(Reply::Chunk(topics(2)));
        send(Reply::Failed(Failure::new(ErrorCode::Stopping, "the node stops")));
    });
    let ran = daemon.ctl("-f json topics list");
    assert_eq!(ran.code, 75);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document["complete"], false);
    assert_eq!(document["data"].as_array().unwrap().len(), 2);
}

#[test]
fn an_output_that_cannot_be_written_is_74() {
    let daemon = FakeDaemon::saying(vec![Reply::Done(status(NodeState::Started))]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = ctl(&daemon.socket()).arg("status").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(74));
}

#[test]
fn wrong_arguments_are_64_with_a_suggestion() {
    let daemon = FakeDaemon::silent();
    for (line, word) in [
        ("listners", "listeners"),
        ("clients lsit", "list"),
        ("status --exit-cod", "--exit-code"),
        ("-f jsno status", "json"),
    ] {
        let ran = daemon.ctl(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (64, ""), "{line}");
        assert!(ran.stderr.contains(word), "{line}: {}", ran.stderr);
    }
    assert_eq!(daemon.ctl("clients").code, 64, "a group without its verb");
    let ran = daemon.ctl("-f json clients kick");
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["exit"], 64);
}

#[test]
fn a_command_of_emqx_that_is_not_there_yet_is_called_so() {
    let ran = FakeDaemon::silent().ctl("gateway list");
    assert_eq!(ran.code, 64);
    let first = "error: 'gateway' is an EMQX command that this version of emqx-ctl does not have yet\n";
    assert!(ran.stderr.starts_with(first), "{}", ran.stderr);
}

#[test]
fn emqx_s_exit_codes_come_back_when_asked_for() {
    let not_found = FakeDaemon::saying(failed(ErrorCode::ClientNotFound, "no client"));
    let legacy = |daemon: &FakeDaemon, line: &str| -> Ran {
        run(ctl(&daemon.socket())
            .env("EMQX_CTL_LEGACY_EXIT", "1")
            .args(line.split(' ')))
    };
    assert_eq!(legacy(&not_found, "clients show nobody").code, 0);
    assert_eq!(legacy(&not_found, "clients kick").code, 0);
    assert_eq!(legacy(&not_found, "listners").code, 1);
    let refused = FakeDaemon::saying(failed(ErrorCode::PermissionDenied, "no"));
    assert_eq!(legacy(&refused, "status").code, 1);
}

#[test]
fn under_emqx_s_name_a_node_that_does_not_answer_is_reported_in_its_words_too() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(ctl(&folder.path().join("none.sock")).arg0("emqx_ctl").arg("status"));
    assert_eq!(ran.code, 69);
    let first = "Node 'emqx@127.0.0.1' not responding to pings.\n";
    assert!(ran.stderr.starts_with(first), "{}", ran.stderr);
}

#[test]
fn help_and_explain_need_no_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let offline = |line: &str| run(ctl(&folder.path().join("none.sock")).args(line.split_whitespace()));
    let ran = offline("");
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("Examples:") && ran.stdout.contains("listeners"));
    for line in [
        "--help",
        "help",
        "help clients kick",
        "help formats",
        "help compat",
        "--version",
    ] {
        assert_eq!(offline(line).code, 0, "{line}");
    }
    let codes = offline("help exit-codes").stdout;
    for code in emqx_shared::ExitCode::ALL {
        assert!(
            codes.contains(&format!("{:>4}  {}", code.number(), code.meaning())),
            "{codes}"
        );
    }
    assert_eq!(offline("help exit-cods").code, 64);
    let ran = offline("explain keepalive_timeout 0x8E");
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.starts_with("keepalive_timeout 0x8D"), "{}", ran.stdout);
    assert!(offline("--lang zh explain keepalive_timeout").stdout.contains("含义"));
    assert_eq!(offline("explain qqqqqqqq").code, 4);
}

#[test]
fn what_the_daemon_says_cannot_steer_the_terminal() {
    let daemon = FakeDaemon::saying(failed(ErrorCode::Internal, "bad \x1b[2J\u{9b}31m\u{202e}id"));
    for format in ["emqx", "table", "json"] {
        let ran = daemon.ctl(&format!("-f {format} broker"));
        assert_eq!(ran.code, 70);
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!ran.stderr.chars().any(steers), "{:?}", ran.stderr);
    }
}
