//! `emqx-ctl trace` and `traces`: files of the caller, the daemon's folder, live lines.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use emqx_tests::{ClientOptions, Daemon, QoS, wait_for, wait_until};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn wait_line(path: &Path, words: &[&str]) -> String {
    wait_for(&format!("a line with {words:?}"), || {
        let text = read(path);
        let line = text.lines().find(|line| words.iter().all(|word| line.contains(word)));
        line.map(str::to_owned)
    })
}

/// A running `emqx-ctl`, ended when dropped.
struct Follower(Child);

impl Follower {
    fn start(daemon: &Daemon, arguments: &[&str]) -> Self {
        let mut command = daemon.ctl_command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        let stdout = BufReader::new(self.0.stdout.take().unwrap());
        stdout.lines().map_while(Result::ok)
    }

    fn signal(&self, name: &str) {
        let pid = self.0.id();
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _it_may_have_ended = self.0.kill();
        let _status = self.0.wait();
    }
}

fn wait_running(daemon: &Daemon) {
    wait_until("the trace runs", || {
        !daemon.ctl(["trace", "list"]).ok().contains("is empty")
    });
}

#[test]
fn the_line_of_the_faq_writes_the_whole_way_of_each_message_into_the_caller_s_file() {
    const MESSAGES: usize = 200;
    let daemon = Daemon::start();
    let file = daemon.folder().join("trace_topic.log");
    let started = daemon.ctl(["trace", "topic", "topic", "trace_topic.log"]).ok();
    assert_eq!(started, "trace topic topic successfully\n");
    assert_eq!(
        daemon.ctl(["trace", "list"]).ok(),
        "Trace(topic=topic, level=debug, destination=\"trace_topic.log\")\n"
    );
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let mut subscriber = daemon.connect_v5("subscriber");
    subscriber.subscribe("topic", QoS::AtLeastOnce);
    let mut publisher = daemon.connect_v5("publisher");
    for number in 0..MESSAGES {
        publisher.publish("topic", number.to_string(), QoS::AtLeastOnce);
        subscriber.expect_publish();
    }
    publisher.publish("other", "unseen", QoS::AtLeastOnce);
    assert_eq!(
        daemon.ctl(["trace", "topic", "topic", "off"]).ok(),
        "stop tracing topic topic successfully\n"
    );
    assert_eq!(daemon.ctl(["trace", "list"]).ok(), "Trace is empty\n");
    let text = read(&file);
    let count = |words: &[&str]| {
        text.lines()
            .filter(|line| words.iter().all(|word| line.contains(word)))
            .count()
    };
    assert_eq!(
        count(&["publisher@", "mqtt_packet_received, packet: PUBLISH(Q1"]),
        MESSAGES
    );
    assert_eq!(count(&["[PUBLISH] publisher@", "publish_to, topic: topic"]), MESSAGES);
    assert_eq!(count(&["message_routed", "topic: topic"]), MESSAGES);
    assert_eq!(
        count(&["subscriber@", "mqtt_packet_sent, packet: PUBLISH(Q1"]),
        MESSAGES
    );
    assert_eq!(count(&["[SUBSCRIBE] subscriber@", "topic: topic"]), 1);
    assert!(!text.contains("unseen") && !text.contains("dropped"), "{text}");
}

#[test]
fn a_client_s_whole_story_stands_in_its_trace_and_its_password_does_not() {
    let daemon = Daemon::builder().log_level("error").start();
    daemon.ctl(["trace", "client", "c", "c.log", "debug"]).ok();
    let file = daemon.folder().join("c.log");
    let mut options = ClientOptions::v5("c").username("u");
    options.connect.password = Some(b"canary-4711".as_slice().to_vec().into());
    let mut client = options.connect(daemon.address());
    client.subscribe("t/+", QoS::AtLeastOnce);
    client.publish("t/1", "hello", QoS::AtLeastOnce);
    client.expect_publish();
    client.disconnect();
    wait_line(
        &file,
        &["[info] tag: SOCKET, clientid: c, msg: terminate", "{shutdown,normal}"],
    );
    daemon.ctl(["trace", "stop", "client", "c"]).ok();
    let text = read(&file);
    for words in [
        "mqtt_packet_received, packet: CONNECT(Q0, R0, D0, ClientId=c",
        "Username=u, Password=******",
        "[AUTHN] c@",
        "session_opened",
        "mqtt_packet_sent, packet: CONNACK(Q0, R0, D0, AckFlags=0, ReasonCode=0)",
        "packet: SUBSCRIBE(Q1, R0, D0, PacketId=1 TopicFilters=[t/+(#{nl => 0,qos => 1,rap => 0,rh => 0})])",
        "[SUBSCRIBE] c@",
        "ReasonCodes=[1])",
        "Topic=t/1, PacketId=2, Payload(text)=hello)",
        "msg: publish_to, topic: t/1, payload_encode: text, payload: hello",
        "message_routed",
        "mqtt_packet_sent, packet: PUBACK(",
        "mqtt_packet_sent, packet: PUBLISH(",
        "packet: DISCONNECT(Q0, R0, D0, ReasonCode=0)",
        "session_terminated",
    ] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn a_file_that_exists_is_not_overwritten_and_one_made_in_vain_is_removed() {
    let daemon = Daemon::start();
    let file = daemon.folder().join("t.log");
    fs::write(&file, "precious\n").unwrap();
    let refused = daemon.ctl(["trace", "client", "c", "t.log"]);
    assert_eq!(refused.status, Some(73), "{refused:?}");
    assert_eq!(
        refused.stdout,
        "[error] trace clientid c: {handler_not_added,{file_error,\"t.log\",eexist}}\n"
    );
    assert_eq!(read(&file), "precious\n");
    daemon.ctl(["trace", "client", "c", "t.log", "--append"]).ok();
    let again = daemon.ctl(["trace", "start", "client", "c", "second.log"]);
    assert_eq!(again.status, Some(1), "{again:?}");
    assert_eq!(again.stdout, "[error] trace clientid c: {already_exist,\"c\"}\n");
    assert!(!daemon.folder().join("second.log").exists());
    let absent = daemon.ctl(["trace", "stop", "client", "nobody"]);
    assert_eq!(
        (absent.status, absent.stdout.as_str()),
        (
            Some(4),
            "[error] stop tracing clientid nobody: {not_found,\"nobody\"}\n"
        )
    );
}

#[test]
fn named_traces_live_in_the_daemon_s_folder_in_the_words_of_emqx() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["traces", "list"]).ok(), "Cluster Trace is empty\n");
    assert_eq!(
        daemon
            .ctl(["traces", "start", "mytraces_ip", "ip_address", "127.0.0.1", "60"])
            .ok(),
        "cluster_trace ip_address 127.0.0.1 mytraces_ip successfully\n"
    );
    assert_eq!(
        daemon.ctl(["traces", "list"]).ok(),
        "Trace(mytraces_ip: ip_address=127.0.0.1, running, LogSize:#{'emqx@127.0.0.1' => 0})\n"
    );
    let twice = daemon.ctl(["traces", "start", "mytraces_ip", "client", "c"]);
    assert_eq!(
        twice.stdout,
        "[error] cluster_trace mytraces_ip clientid=c {already_exist,\"mytraces_ip\"}\n"
    );
    let traversal = daemon.ctl(["traces", "start", "../../x", "client", "c"]);
    assert_eq!(traversal.status, Some(64), "{traversal:?}");
    daemon.connect_v5("somebody").disconnect();
    let json = daemon.ctl(["-f", "json", "traces", "list"]).json();
    let path = json["data"][0]["destination"].as_str().unwrap().to_owned();
    wait_line(Path::new(&path), &["CONNECT(", "ClientId=somebody"]);
    assert_eq!(
        daemon.ctl(["traces", "stop", "mytraces_ip"]).ok(),
        "Stop cluster_trace mytraces_ip successfully\n"
    );
    assert!(daemon.ctl(["traces", "list"]).ok().contains("stopped"));
    assert_eq!(
        daemon.ctl(["traces", "delete", "mytraces_ip"]).ok(),
        "Del cluster_trace mytraces_ip successfully\n"
    );
    assert!(!Path::new(&path).exists());
    let gone = daemon.ctl(["traces", "stop", "mytraces_ip"]);
    assert_eq!(gone.stdout, "[error] Stop cluster_trace mytraces_ip: not_found\n");
    let gone = daemon.ctl(["traces", "delete", "mytraces_ip"]);
    assert_eq!(
        gone.stdout,
        "[error] Del cluster_trace mytraces_ip: {not_found,\"mytraces_ip\"}\n"
    );
}

#[test]
fn the_old_form_speaks_as_emqx_2_when_asked_to() {
    let daemon = Daemon::start();
    let old = |arguments: &[&str]| {
        let output = daemon
            .ctl_command()
            .env("EMQX_COMPAT", "4")
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(old(&["trace", "list"]), "");
    assert_eq!(
        old(&["trace", "topic", "topic", "a.log"]),
        "trace topic topic successfully.\n"
    );
    assert_eq!(
        old(&["trace", "topic", "topic", "off"]),
        "stop tracing topic topic successfully.\n"
    );
    assert_eq!(
        old(&["trace", "start", "topic", "topic", "b.log"]),
        "trace topic topic successfully\n"
    );
    assert_eq!(
        old(&["traces", "start", "t1", "client", "c"]),
        "Cluster_trace clientid c t1 successfully\n"
    );
}

#[test]
fn live_lines_come_until_the_watcher_goes() {
    let daemon = Daemon::start();
    let mut follower = Follower::start(&daemon, &["trace", "topic", "t/#", "-f"]);
    wait_running(&daemon);
    let mut client = daemon.connect_v5("c");
    client.publish("t/1", "seen", QoS::AtLeastOnce);
    let mut lines = follower.lines();
    assert!(
        lines
            .by_ref()
            .any(|line| line.contains("[PUBLISH] c@") && line.contains("payload: seen"))
    );
    follower.signal("KILL");
    wait_until("the trace ends", || {
        daemon.ctl(["trace", "list"]).ok() == "Trace is empty\n"
    });
}

#[test]
fn a_watcher_that_stands_still_is_told_what_it_missed() {
    let daemon = Daemon::start();
    let mut follower = Follower::start(&daemon, &["trace", "topic", "#", "-f", "--rate", "1000000"]);
    wait_running(&daemon);
    let mut client = daemon.connect_v5("c");
    follower.signal("STOP");
    let payload = "x".repeat(1000);
    let missed = |daemon: &Daemon| {
        let list = daemon.ctl(["-f", "json", "trace", "list"]).json();
        list["data"][0]["log_size"].as_u64().unwrap_or(0)
    };
    // More than the sockets and the backlog hold.
    while missed(&daemon) < 4 << 20 {
        (0..100).for_each(|_| client.publish("t", &payload, QoS::AtMostOnce));
        client.publish("t", "", QoS::AtLeastOnce);
    }
    follower.signal("CONT");
    let mut lines = follower.lines();
    assert!(lines.any(|line| line.starts_with("… ") && line.ends_with(" lines dropped")));
    assert_eq!(daemon.ctl(["ping"]).ok(), "pong\n");
}

#[test]
fn the_end_of_the_daemon_leaves_whole_lines_and_frees_the_watcher() {
    let mut daemon = Daemon::start();
    daemon.ctl(["trace", "client", "c", "c.log"]).ok();
    let mut follower = Follower::start(&daemon, &["trace", "tail", "CLI-1"]);
    let mut client = daemon.connect_v5("c");
    let file = daemon.folder().join("c.log");
    wait_until("lines are written", || {
        client.publish("t", "x", QoS::AtLeastOnce);
        read(&file).lines().count() > 20
    });
    daemon.signal("KILL");
    daemon.wait_end();
    let status = wait_for("the watcher ends", || follower.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(69));
    let mut rest = String::new();
    follower.0.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    let text = read(&file);
    assert!(
        text.ends_with('\n') && text.lines().all(|line| line.contains(" msg: ")),
        "{text}"
    );
}

#[test]
fn the_daemon_of_another_user_writes_where_it_could_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    if fs::metadata(folder.path()).unwrap().uid() != 0 {
        return; // Only root can start it as somebody else.
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let daemon = Daemon::builder().user(4711).start();
    let output = daemon
        .ctl_command()
        .current_dir(folder.path())
        .args(["trace", "topic", "a/#", "./trace_topic.log"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut client = daemon.connect_v5("c");
    client.publish("a/b", "hello", QoS::AtLeastOnce);
    let file = folder.path().join("trace_topic.log");
    wait_line(&file, &["publish_to, topic: a/b"]);
    assert_eq!(fs::metadata(&file).unwrap().uid(), 0, "it belongs to the caller");
    assert_eq!(
        daemon.ctl(["trace", "list"]).ok(),
        "Trace(topic=a/#, level=debug, destination=\"./trace_topic.log\")\n"
    );
}
