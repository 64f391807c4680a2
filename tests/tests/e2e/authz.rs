//! Who may publish and subscribe to what: `acl.conf`, the node's own rules, a server; and `emqx-ctl authz`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use emqx_tests::{ClientOptions, Daemon, QoS, ReasonCode, TestClient, wait_until};
use tempfile::TempDir;

/// A daemon with these rules and nothing else allowed; `more` is added to its configuration.
fn daemon_with(rules: &str, more: &str) -> (Daemon, RulesFile) {
    let file = RulesFile::new(rules);
    let config = format!(
        "authorization {{ no_match = deny, sources = [{{ type = file, path = \"{}\" }}] }}\n{more}",
        file.path().display()
    );
    (Daemon::with_config(&config), file)
}

/// An `acl.conf` in a folder of its own.
struct RulesFile(TempDir);

impl RulesFile {
    fn new(rules: &str) -> Self {
        let file = Self(tempfile::tempdir().expect("temp folders can be made"));
        file.write(rules);
        file
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("acl.conf")
    }

    fn write(&self, rules: &str) {
        fs::write(self.path(), rules).expect("a folder of our own takes files");
    }
}

fn publish(client: &mut TestClient, topic: &str) -> ReasonCode {
    let publish = client.message(topic, "payload", QoS::AtLeastOnce);
    client.publish_packet(publish).expect("an answer")
}

#[test]
fn the_faq_s_own_line_works_and_the_default_rules_are_emqx_s() {
    let daemon = Daemon::start();
    let mut local = daemon.connect_v5("local");
    assert_eq!(local.subscribe("$SYS/#", QoS::AtMostOnce), ReasonCode::Success);
    assert_eq!(local.subscribe("#", QoS::AtMostOnce), ReasonCode::Success);
    assert_eq!(publish(&mut local, "$SYS/brokers"), ReasonCode::NotAuthorized);
    // From elsewhere.
    let check = |arguments: &[&str]| {
        let mut all = vec!["authz", "check", "c", "subscribe"];
        all.extend(arguments);
        daemon.ctl(all).status
    };
    assert_eq!(check(&["$SYS/#", "--ip", "10.0.0.9"]), Some(1));
    assert_eq!(check(&["#", "--ip", "10.0.0.9"]), Some(1));
    assert_eq!(check(&["t/#", "--ip", "10.0.0.9"]), Some(0));
    assert_eq!(
        check(&["$SYS/#", "--ip", "10.0.0.9", "--username", "dashboard"]),
        Some(0)
    );

    let faq = "{allow, {user, \"dashboard\"}, subscribe, [\"$SYS/#\"]}.";
    let (daemon, _file) = daemon_with(faq, "");
    let mut dashboard = daemon.connect(ClientOptions::v5("d").username("dashboard"));
    assert_eq!(dashboard.subscribe("$SYS/#", QoS::AtMostOnce), ReasonCode::Success);
    let mut other = daemon.connect(ClientOptions::v5("o").username("other"));
    assert_eq!(other.subscribe("$SYS/#", QoS::AtMostOnce), ReasonCode::NotAuthorized);
}

#[test]
fn every_version_is_refused_in_its_own_words_and_the_log_names_the_rule() {
    let (daemon, file) = daemon_with("{deny, all, publish, [\"secret/#\"]}.\n{allow, all}.", "");
    let mut reader = daemon.connect_v5("reader");
    reader.subscribe("#", QoS::AtLeastOnce);
    let mut new = daemon.connect_v5("new");
    assert_eq!(publish(&mut new, "secret/1"), ReasonCode::NotAuthorized);
    let mut old = daemon.connect_v311("old");
    old.publish("secret/1", "no", QoS::AtLeastOnce);
    old.publish("open", "yes", QoS::AtLeastOnce);
    assert_eq!(reader.expect_payload(), "yes");
    let place = format!("rule 1 at {}:1", file.path().display());
    daemon.expect_log(&[
        "[warning]",
        "authorization_permission_denied",
        "topic: secret/1",
        "source: file",
        &place,
    ]);
    let metrics = daemon.ctl(["broker", "metrics"]).ok();
    let count = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name)).expect(name);
        line.rsplit(' ').next().map(str::to_owned)
    };
    assert_eq!(count("packets.publish.auth_error").as_deref(), Some("2"));
    assert_eq!(count("authorization.matched.deny").as_deref(), Some("2"));
}

#[test]
fn deny_action_disconnect_is_counted_and_why_names_the_rule() {
    let (daemon, file) = daemon_with(
        "{allow, all, all, [\"t/#\"]}.\n{deny, all, publish, [\"x\"]}.",
        "authorization.deny_action = disconnect",
    );
    let mut client = daemon.connect_v5("sensor-7");
    client.publish("x", "no", QoS::AtMostOnce);
    assert_eq!(client.expect_disconnect(), ReasonCode::NotAuthorized);
    daemon.expect_shutdown_count("not_authorized", 1);
    let why = daemon.ctl(["why", "sensor-7"]).ok();
    let place = format!("rule 2 at {}:2", file.path().display());
    assert!(
        why.contains("publish to x was refused by file") && why.contains(&place),
        "{why}"
    );
    let mut client = daemon.connect_v5("sensor-8");
    client.send(&subscribe_packet("not/allowed"));
    assert_eq!(client.expect_disconnect(), ReasonCode::NotAuthorized);
}

fn subscribe_packet(filter: &str) -> emqx_tests::Packet {
    use mqtt_codec::{PacketId, RetainHandling, Subscribe, SubscribeFilter, SubscribeProperties};
    emqx_tests::Packet::Subscribe(Box::new(Subscribe {
        packet_id: PacketId::FIRST,
        properties: SubscribeProperties::default(),
        filters: [SubscribeFilter {
            filter: filter.into(),
            qos: QoS::AtMostOnce,
            no_local: false,
            retain_as_published: false,
            retain_handling: RetainHandling::SendAtSubscribe,
        }]
        .into_iter()
        .collect(),
    }))
}

#[test]
fn a_file_that_is_wrong_stops_the_start_with_its_place_and_a_remedy() {
    for (rules, expected) in [
        ("{allow, all}.\n{alow, all}.", "acl.conf:2:2"),
        ("{allow, all}", "acl.conf:1"),
        ("{allow, {username, \"u\"}, publish, [\"a/#/b\"]}.", "acl.conf:1:"),
    ] {
        let file = RulesFile::new(rules);
        let config = format!(
            "authorization.sources = [{{ type = file, path = \"{}\" }}]",
            file.path().display()
        );
        let (status, log) = Daemon::builder().config(&config).run_to_end(1);
        assert_eq!(status.code(), Some(78), "{log}");
        assert!(log.contains(expected) && log.contains("next:"), "{expected} in {log}");
    }
    let missing = "authorization.sources = [{ type = file, path = \"/nonexistent/acl.conf\" }]";
    let (status, log) = Daemon::builder().config(missing).run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("/nonexistent/acl.conf"), "{log}");
    let mysql = "authorization.sources = [{ type = mysql, server = \"127.0.0.1\" }]";
    let (status, log) = Daemon::builder().config(mysql).run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("`mysql`") && log.contains("enable = false"), "{log}");
}

#[test]
fn a_reload_takes_the_whole_file_or_nothing_of_it() {
    let (daemon, file) = daemon_with("{allow, all, all, [\"a\"]}.", "");
    let mut client = daemon.connect_v5("c");
    assert_eq!(publish(&mut client, "a"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(publish(&mut client, "b"), ReasonCode::NotAuthorized);
    file.write("{allow, all, all, [\"b\"]}.\n{allow, all, all, oops}.");
    let refused = daemon.ctl(["authz", "reload"]);
    assert_eq!(refused.status, Some(78), "{refused:?}");
    assert!(refused.stderr.contains("acl.conf:2:"), "{refused:?}");
    let refused = daemon.ctl(["conf", "reload"]);
    assert_eq!(refused.status, Some(78), "{refused:?}");
    assert_eq!(publish(&mut client, "a"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(publish(&mut client, "b"), ReasonCode::NotAuthorized);
    file.write("{allow, all, all, [\"b\"]}.");
    assert_eq!(daemon.ctl(["authz", "reload"]).ok(), "ok\n");
    assert_eq!(
        publish(&mut client, "a"),
        ReasonCode::NotAuthorized,
        "what was decided is forgotten"
    );
    assert_eq!(publish(&mut client, "b"), ReasonCode::NoMatchingSubscribers);
    file.write("{allow, all, all, [\"c\"]}.");
    daemon.ctl(["conf", "reload"]).ok();
    assert_eq!(publish(&mut client, "c"), ReasonCode::NoMatchingSubscribers);
    file.write("{allow, all, all, [\"d\"]}.");
    daemon.signal("HUP");
    wait_until("the rules are read on SIGHUP", || {
        publish(&mut client, "d") != ReasonCode::NotAuthorized
    });
}

#[test]
fn a_right_that_was_taken_away_takes_subscriptions_along_and_why_says_so() {
    let (daemon, file) = daemon_with("{allow, all}.", "");
    let subscribe = |client: &mut TestClient| {
        for filter in ["t", "secret/1"] {
            assert_eq!(client.subscribe(filter, QoS::AtMostOnce), ReasonCode::Success);
        }
    };
    let persistent = || ClientOptions::v5("away").persistent();
    let mut away = daemon.connect(persistent());
    subscribe(&mut away);
    away.disconnect();
    let mut here = daemon.connect_v5("here");
    subscribe(&mut here);
    file.write("{deny, all, subscribe, [\"secret/#\"]}.\n{allow, all}.");
    daemon.ctl(["authz", "reload"]).ok();
    daemon.expect_log(&["subscription_revoked", "clientid: here", "topic: secret/1"]);
    let mut away = daemon.connect(persistent());
    assert!(away.session_present());
    daemon.expect_log(&["subscription_revoked", "clientid: away", "topic: secret/1"]);
    let mut writer = daemon.connect_v5("writer");
    writer.publish("secret/1", "no", QoS::AtLeastOnce);
    writer.publish("t", "yes", QoS::AtLeastOnce);
    assert_eq!([here.expect_payload(), away.expect_payload()], ["yes", "yes"]);
    for client_id in ["here", "away"] {
        let why = daemon.ctl(["why", client_id]).ok();
        let place = format!("rule 1 at {}:1", file.path().display());
        assert!(
            why.contains("keep the subscription to secret/1") && why.contains(&place),
            "{why}"
        );
    }
    let metrics = daemon.ctl(["broker", "metrics"]).ok();
    let revoked = metrics.lines().find(|line| line.starts_with("authorization.revoked"));
    assert!(revoked.is_some_and(|line| line.ends_with(" 2")), "{revoked:?}");
}

#[test]
fn a_file_that_others_may_change_is_named_with_its_mode_and_the_remedy() {
    use std::os::unix::fs::PermissionsExt;
    let (daemon, file) = daemon_with("{allow, all}.", "");
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o666)).expect("it is ours");
    daemon.ctl(["authz", "reload"]).ok();
    let remedy = format!("chmod 0640 {}", file.path().display());
    daemon.expect_log(&["[warning]", "authz_rules_open_to_others", "mode: 0666", &remedy]);
}

#[test]
fn no_match_and_its_emqx_4_spelling_decide_where_no_rule_does() {
    for (setting, code) in [
        (
            "authorization { no_match = deny, sources = [] }",
            ReasonCode::NotAuthorized,
        ),
        (
            "authorization { no_match = allow, sources = [] }",
            ReasonCode::NoMatchingSubscribers,
        ),
        (
            "authorization.sources = []\nmqtt.acl_nomatch = deny",
            ReasonCode::NotAuthorized,
        ),
    ] {
        let daemon = Daemon::with_config(setting);
        let mut client = daemon.connect_v5("c");
        assert_eq!(publish(&mut client, "t"), code, "{setting}");
    }
}

#[test]
fn rules_of_the_store_are_changed_while_clients_are_connected() {
    let daemon = Daemon::with_config("authorization { no_match = deny, sources = [{ type = built_in_database }] }");
    let mut client = daemon.connect(ClientOptions::v5("c1").username("u1"));
    assert_eq!(publish(&mut client, "t/1"), ReasonCode::NotAuthorized);
    let add = |arguments: &[&str]| {
        let mut all = vec!["authz", "rules", "add"];
        all.extend(arguments);
        daemon.ctl(all)
    };
    assert_eq!(
        add(&["--username", "u1", "allow", "publish", "t/#", "--qos", "1"]).ok(),
        "ok\n"
    );
    wait_until("the rule is in force", || {
        publish(&mut client, "t/1") == ReasonCode::NoMatchingSubscribers
    });
    add(&["--clientid", "c1", "deny", "all", "t/secret"]).ok();
    wait_until("the client's own rule comes first", || {
        publish(&mut client, "t/secret") == ReasonCode::NotAuthorized
    });
    let listed = daemon.ctl(["-f", "emqx", "authz", "rules", "list"]).ok();
    assert_eq!(
        listed,
        "clientid c1: {deny, all, all, [\"t/secret\"]}.\n\
         username u1: {allow, all, {publish, [{qos, 1}]}, [\"t/#\"]}.\n"
    );
    assert_eq!(
        add(&["--clientid", "c1", "deny", "all", "t/secret"]).status,
        Some(1),
        "it is there already"
    );
    assert_eq!(add(&["--all", "permit", "all", "t"]).status, Some(64));
    assert_eq!(add(&["allow", "all", "t"]).status, Some(64), "whose?");
    let check = daemon.ctl(["authz", "check", "c1", "publish", "t/secret", "--qos", "1"]);
    assert_eq!(check.status, Some(1));
    assert!(check.stdout.contains("rule 1 of client id c1"), "{check:?}");
    let del = daemon.ctl(["authz", "rules", "del", "--clientid", "c1", "t/none"]);
    assert_eq!(del.status, Some(4), "{del:?}");
    daemon.ctl(["authz", "rules", "del", "--clientid", "c1"]).ok();
    wait_until("the rule is gone", || {
        publish(&mut client, "t/secret") == ReasonCode::NoMatchingSubscribers
    });
}

#[test]
fn check_says_who_decides_and_list_who_is_asked() {
    let (daemon, file) = daemon_with("{allow, {clientid, \"c\"}, publish, [\"t/${clientid}/#\"]}.", "");
    let path = file.path().display().to_string();
    assert_eq!(
        daemon.ctl(["-f", "emqx", "authz", "list"]).ok(),
        format!("file: {path} (1 rules)\nno_match: deny\n")
    );
    assert_eq!(
        daemon.ctl(["-f", "emqx", "authz", "show"]).ok(),
        "{allow, {clientid, \"c\"}, publish, [\"t/${clientid}/#\"]}.\n"
    );
    let allowed = daemon
        .ctl(["-f", "json", "authz", "check", "c", "publish", "t/c/1"])
        .json();
    let decision = &allowed["data"];
    assert_eq!(decision["result"], "allow");
    assert_eq!(decision["place"], format!("rule 1 at {path}:1"));
    assert_eq!(decision["connected"], false);
    let refused = daemon.ctl(["authz", "check", "c", "subscribe", "$share/g/t/c/1"]);
    assert_eq!(refused.status, Some(1));
    assert!(refused.stdout.contains("no rule matches"), "{refused:?}");
    let wrong = daemon.ctl(["authz", "check", "c", "publish", "t/#"]);
    assert_eq!(wrong.status, Some(64), "{wrong:?}");
}

#[test]
fn decisions_are_forgotten_on_demand_in_emqx_s_words() {
    let daemon = Daemon::start();
    let _client = daemon.connect_v5("c");
    assert_eq!(
        daemon.ctl(["authz", "cache-clean", "all"]).ok(),
        "Authorization cache drain started on all nodes OK\n"
    );
    assert_eq!(
        daemon.ctl(["authz", "cache-clean", "c"]).ok(),
        "Drain c authz cache OK\n"
    );
    assert_eq!(daemon.ctl(["authz", "cache-clean", "nobody"]).status, Some(4));
}

#[test]
fn a_will_is_held_against_the_rules_too() {
    let (daemon, _file) = daemon_with(
        "{allow, all, subscribe, [\"#\"]}.\n{allow, {username, \"u\"}, publish, [\"will\"]}.\n\
         {allow, all, publish, [\"end\"]}.",
        "",
    );
    let mut reader = daemon.connect_v5("reader");
    reader.subscribe("#", QoS::AtMostOnce);
    daemon
        .connect(ClientOptions::v5("c1").will("will", "forbidden", QoS::AtMostOnce))
        .kill();
    daemon.expect_log(&["last_will_testament_publish_denied", "clientid: c1", "topic: will"]);
    let allowed = ClientOptions::v5("c2")
        .username("u")
        .will("will", "allowed", QoS::AtMostOnce);
    daemon.connect(allowed).kill();
    assert_eq!(reader.expect_payload(), "allowed");
}

/// An HTTP server that answers each request by what `answer` makes of its body; remembers the bodies.
struct Server {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is left");
        let address = listener.local_addr().expect("it is bound");
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&bodies), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { address, bodies }
    }

    fn config(&self, more: &str) -> String {
        format!(
            "authorization {{ no_match = allow, sources = [{{ type = http, method = post, \
             url = \"http://{}/acl\", headers {{ x-token = s3cret }}, request_timeout = 2s, body {{ \
             user = \"${{username}}\", client = \"${{clientid}}\", ip = \"${{peerhost}}\", topic = \"${{topic}}\", \
             action = \"${{action}}\", qos = \"${{qos}}\", retain = \"${{retain}}\" }} }}] }}\n{more}",
            self.address
        )
    }

    fn asked(&self) -> Vec<String> {
        self.bodies.lock().expect("nobody panicked with it").clone()
    }
}

/// Requests of one connection; `None` as an answer keeps the server silent.
fn serve(stream: TcpStream, kept: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Option<(u16, String)>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut has_token = false;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            has_token |= line == "x-token: s3cret";
            if line.is_empty() {
                break;
            }
        }
        assert!(has_token);
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        kept.lock().expect("nobody panicked with it").push(body.clone());
        let Some((status, text)) = answer(&body) else {
            // Until the other side gives up.
            let _gone = reader.read_line(&mut String::new());
            return;
        };
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        let stream = reader.get_mut();
        if stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(text.as_bytes()))
            .is_err()
        {
            return;
        }
    }
}

fn said(result: &str) -> Option<(u16, String)> {
    Some((200, format!("{{\"result\":\"{result}\"}}")))
}

#[test]
fn a_server_decides_in_order_and_is_asked_once_for_a_while() {
    let server = Server::start(|body| {
        if body.contains("\"topic\":\"yes") {
            said("allow")
        } else if body.contains("\"topic\":\"others") {
            said("ignore")
        } else if body.contains("\"topic\":\"empty") {
            Some((204, String::new()))
        } else {
            said("deny")
        }
    });
    let daemon = Daemon::with_config(&server.config(""));
    let mut reader = daemon.connect_v5("reader");
    assert_eq!(reader.subscribe("yes/#", QoS::AtLeastOnce), ReasonCode::GrantedQos1);
    assert_eq!(reader.subscribe("no/#", QoS::AtLeastOnce), ReasonCode::NotAuthorized);
    let mut client = daemon.connect(ClientOptions::v5("c").username("u"));
    for number in 0..3 {
        // All at once: they keep their order although the first one waits for an answer.
        client.publish("yes/1", format!("{number}"), QoS::AtMostOnce);
    }
    assert_eq!(reader.expect_payloads(3), ["0", "1", "2"]);
    assert_eq!(publish(&mut client, "no/1"), ReasonCode::NotAuthorized);
    assert_eq!(publish(&mut client, "others/1"), ReasonCode::NoMatchingSubscribers);
    assert_eq!(publish(&mut client, "empty/1"), ReasonCode::NoMatchingSubscribers);
    client.ping();
    let asked = server.asked();
    let about_yes: Vec<_> = asked.iter().filter(|body| body.contains("yes/1")).collect();
    assert_eq!(about_yes.len(), 1, "{asked:?}");
    for part in [
        "\"user\":\"u\"",
        "\"client\":\"c\"",
        "\"ip\":\"127.0.0.1\"",
        "\"action\":\"publish\"",
        "\"qos\":\"0\"",
        "\"retain\":\"false\"",
    ] {
        assert!(about_yes[0].contains(part), "{part} in {}", about_yes[0]);
    }
    let check = daemon.ctl(["authz", "check", "c", "publish", "no/2"]);
    assert_eq!(check.status, Some(1), "{check:?}");
    assert!(check.stdout.contains("http"), "{check:?}");
}

#[test]
fn a_server_that_is_down_slow_or_confused_refuses_and_holds_up_nobody_else() {
    let server = Server::start(|body| match () {
        () if body.contains("slow") => None,
        () if body.contains("confused") => Some((200, "yes".to_owned())),
        () => Some((500, String::new())),
    });
    let daemon = Daemon::with_config(&server.config(""));
    let mut slow = daemon.connect_v5("c1");
    let message = slow.message("slow", "", QoS::AtLeastOnce);
    slow.send(&emqx_tests::Packet::Publish(message));
    let mut other = daemon.connect_v5("c2");
    other.ping();
    assert_eq!(publish(&mut other, "error"), ReasonCode::NotAuthorized);
    assert_eq!(publish(&mut other, "confused"), ReasonCode::NotAuthorized);
    daemon.expect_log(&["[error]", "authz_http_request_failed", "status 500"]);
    let answer = slow.expect(mqtt_codec::PacketType::Puback);
    let is_refused = matches!(&answer, emqx_tests::Packet::Puback(ack) if ack.reason_code == ReasonCode::NotAuthorized);
    assert!(is_refused, "{answer:?}");

    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port is left");
    let address = nobody.local_addr().expect("it is bound");
    drop(nobody);
    let config = format!(
        "authorization.sources = [{{ type = http, url = \"http://{address}/\", body {{ t = \"${{topic}}\" }} }}]"
    );
    let daemon = Daemon::with_config(&config);
    let mut client = daemon.connect_v5("c");
    assert_eq!(publish(&mut client, "t"), ReasonCode::NotAuthorized);
    assert_eq!(client.subscribe("t", QoS::AtMostOnce), ReasonCode::NotAuthorized);
}
