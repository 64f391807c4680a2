//! Every command line of EMQX's two FAQs as they spell it, EMQX's golden samples, and the older spellings that are
//! understood: typed into a shell, piped, compared byte for byte.
//!
//! `cargo test -p emqx-tests --test e2e faq -- --nocapture` prints the transcript. What differs from EMQX on purpose:
//! version, name, addresses, times.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use emqx_tests::license::LicenseIssuer;
use emqx_tests::{ClientOptions, Daemon, Operator, QoS, ReasonCode, TestClient, wait_until};

/// What the FAQs' `shutdown_count` takes: one client that falls asleep, two that never say CONNECT; then there are
/// `connected` clients.
#[track_caller]
fn the_day_of_the_faq(daemon: &Daemon, connected: usize) -> Vec<TestClient> {
    let mut asleep = daemon.connect(ClientOptions::v5("asleep").keep_alive(1));
    assert_eq!(asleep.expect_disconnect(), ReasonCode::KeepAliveTimeout);
    daemon.expect_shutdown_count("keepalive_timeout", 1);
    let silent = [daemon.connect_silently(), daemon.connect_silently()];
    for mut stream in silent {
        assert_eq!(stream.read_to_end(&mut Vec::new()).unwrap(), 0);
    }
    daemon.expect_shutdown_count("idle_timeout", 2);
    let clients = (0..connected).map(|number| daemon.connect_v5(&format!("client_{number}")));
    clients.collect()
}

const ACME: &str = "customer        : Acme
email           :{space}
deployment      : default
max_connections : 100
start_at        : 2024-01-01
expiry_at       : 2034-12-14
type            : official
customer_type   : 1
expiry          : false
max_sessions    : 100
";

/// The licence of [`ACME`].
const LICENSE: &str = "--type official --customer-type 1 --start 20240101 --days 4000 --sessions 100";

/// A daemon whose configuration names the licence's file, which `license reload` alone reads anew.
fn licensed_by_file(issuer: &LicenseIssuer) -> (Daemon, PathBuf) {
    let file = issuer.issue_file("emqx.lic", LICENSE);
    let key = format!("license.key = \"file://{}\"", file.display());
    let daemon = Daemon::builder().config(&issuer.config()).config(&key).start();
    (daemon, file)
}

#[test]
fn the_lines_of_the_emqx_5_faq_answer_as_it_says() {
    let issuer = LicenseIssuer::new();
    let daemon = Daemon::builder()
        .config(&issuer.config())
        .config("mqtt.idle_timeout = 1s")
        .start();
    let mut operator = Operator::of(&daemon)
        .knows("{acme}\n", ACME)
        .knows("{space}", " ")
        .knows("{license}", &issuer.issue(LICENSE));
    operator.types(
        r"
$ ./bin/emqx ctl
Look after a running emqxd
…

$ ./bin/emqx ctl license info
customer        : Community
email           :{space}
deployment      : default
max_connections : 10000000
start_at        : 2022-01-11
expiry_at       : 9999-12-31
type            : community
customer_type   : 11
expiry          : false
max_sessions    : 10000000

$ ./bin/emqx ctl license update {license}
ok

$ ./bin/emqx ctl license info
{acme}

$ emqx ctl admin admin Public_1
ok
",
    );
    let _nine = the_day_of_the_faq(&daemon, 9);
    operator.types(
        r"
$ emqx ctl listeners
tcp:default
  listen_on       : {address}
  acceptors       : 16
  proxy_protocol  : false
  running         : true
  current_conn    : 9
  max_conns       : infinity
  shutdown_count  : [{keepalive_timeout,1},{idle_timeout,2}]

$ ./bin/emqx ctl listeners
tcp:default
  listen_on       : {address}
  acceptors       : 16
  proxy_protocol  : false
  running         : true
  current_conn    : 9
  max_conns       : infinity
  shutdown_count  : [{keepalive_timeout,1},{idle_timeout,2}]
",
    );
}

#[test]
fn the_lines_of_the_emqx_4_faq_answer_as_it_says() {
    let issuer = LicenseIssuer::new();
    let (daemon, file) = licensed_by_file(&issuer);
    let folder = daemon.folder().join("path/to");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(file, folder.join("emqx.lic")).unwrap();
    let mut operator = Operator::of(&daemon).knows("{acme}\n", ACME).knows("{space}", " ");
    operator.types(
        r#"
$ emqx_ctl license reload path/to/emqx.lic
ok
{acme}

$ ./bin/emqx_ctl license reload path/to/emqx.lic
ok
{acme}

$ docker exec -it emqx-ee emqx_ctl license reload path/to/emqx.lic
ok
{acme}

$ emqx_ctl license reload
ok
{acme}

$ cmp path/to/emqx.lic data/license/emqx.lic

$ ./bin/emqx_ctl trace topic "topic" "trace_topic.log"
trace topic topic successfully

$ emqx_ctl trace list
Trace(topic=topic, level=debug, destination="trace_topic.log")
"#,
    );
    daemon
        .connect_v311("polite")
        .publish("topic", "found", QoS::AtLeastOnce);
    wait_until("the trace has the message", || {
        let text = fs::read_to_string(daemon.folder().join("trace_topic.log")).unwrap();
        text.contains("[PUBLISH] polite@") && text.contains("payload: found")
    });
    daemon.expect_shutdown_count("tcp_closed", 1);
    operator.types(
        r"
$ emqx_ctl listeners
tcp:default
  listen_on       : {address}
  acceptors       : 16
  proxy_protocol  : false
  running         : true
  current_conn    : 0
  max_conns       : infinity
  shutdown_count  : [{tcp_closed,1}]
",
    );
}

#[test]
fn emqx_console_shows_the_start_of_the_daemon_in_the_terminal() {
    let other = Daemon::start();
    let _operator = Operator::of(&other);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let conf = "listeners.tcp.default.bind = \"127.0.0.1:0\"\nlisteners.ws.default = marked_for_deletion\n";
    fs::write(at("emqx.conf"), conf).unwrap();
    let mut console = Command::new(other.folder().join("bin/emqx"));
    console
        .args(["console", "-c", "emqx.conf"])
        .current_dir(folder.path())
        .env("EMQX_NODE__DATA_DIR", at("data"))
        .env("EMQX_CONTROL__SOCKET", at("ctl.sock"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut console = console.spawn().unwrap();
    let lines = BufReader::new(console.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut started = Vec::new();
    for line in lines {
        let is_last = line.ends_with(" is running now!");
        started.push(line);
        if is_last {
            break;
        }
    }
    console.kill().unwrap();
    console.wait().unwrap();
    println!("$ emqx console\n{}", started.join("\n"));
    let said = |words: &[&str]| started.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(
        said(&["Listener tcp:default on 127.0.0.1:", " started."]),
        "{started:?}"
    );
    assert!(said(&["is running now!"]), "{started:?}");
    assert!(
        said(&["WARNING: Default (insecure) Erlang cookie is in use."]),
        "{started:?}"
    );
}

#[test]
fn the_samples_of_emqx_5_are_printed_byte_for_byte() {
    // What the broker retains of itself would be counted.
    let daemon = Daemon::with_config("mqtt.idle_timeout = 1s\nsys_topics.sys_msg_interval = disabled");
    let mut operator = Operator::of(&daemon);
    operator.types(
        r#"
$ emqx-ctl status
Node 'emqx@127.0.0.1' {version} is started

$ emqx-ctl broker
sysdescr  : emqxd
version   : {version}
datetime  : {n}-{n}-{n}T{n}:{n}:{n}.{n}+00:00
uptime    : {n} seconds

$ emqx-ctl clients list            # nobody connected
No clients.

$ emqx-ctl clients show nobody     # exit 4
Not Found.

$ emqx-ctl clients kick nobody
ok

$ emqx-ctl topics list             # no subscription
No topics.
"#,
    );
    let mut a = daemon.connect_v311("emqx_a");
    a.subscribe("t/1", QoS::AtMostOnce);
    let mut b = daemon.connect_v311("emqx_b");
    b.subscribe("$share/g1/t/2", QoS::AtLeastOnce);
    let _seven_more = the_day_of_the_faq(&daemon, 7);
    // Rows come worker by worker.
    operator.types(
        r#"
$ emqx-ctl subscriptions list | sort
emqx_a -> topic:t/1 qos:0 nl:0 rh:0 rap:0
emqx_b -> topic:$share/g1/t/2 qos:1 nl:0 rh:0 rap:0

$ emqx-ctl listeners
tcp:default
  listen_on       : {address}
  acceptors       : 16
  proxy_protocol  : false
  running         : true
  current_conn    : 9
  max_conns       : infinity
  shutdown_count  : [{keepalive_timeout,1},{idle_timeout,2}]

$ emqx-ctl listeners stop tcp:nope # exit 4
Invalid listener: "tcp:nope"

$ emqx-ctl trace list
Trace is empty

$ emqx-ctl trace start client emqx_c trace.log debug
trace clientid emqx_c successfully

$ emqx-ctl trace list
Trace(clientid=emqx_c, level=debug, destination="trace.log")

$ emqx-ctl trace stop client emqx_c
stop tracing clientid emqx_c successfully

$ emqx-ctl traces start mytraces_ip ip_address 127.0.0.1 60
cluster_trace ip_address 127.0.0.1 mytraces_ip successfully

$ emqx-ctl traces list
Trace(mytraces_ip: ip_address=127.0.0.1, running, LogSize:#{'emqx@127.0.0.1' => 0})

$ emqx-ctl traces delete mytraces_ip
Del cluster_trace mytraces_ip successfully

$ emqx-ctl log set-level debug
debug

$ emqx-ctl log handlers list
LogHandler(id=console, level=debug, destination=console, status=started)

$ emqx-ctl cluster status
Cluster status: #{running_nodes => ['emqx@127.0.0.1'],stopped_nodes => []}

$ emqx-ctl cluster leave           # alone: # exit 1
Failed to leave the cluster: node_not_in_cluster

$ emqx-ctl admins passwd admin Public_1
ok

$ emqx-ctl admin admin Public_1
ok

$ emqx-ctl admins passwd nobody Public_1 # exit 4
Error: username_not_found
"#,
    );
    for topic in ["r/1", "r/2", "r/3"] {
        a.publish_retained(topic, "kept", QoS::AtLeastOnce);
    }
    operator.types(
        r#"
$ emqx-ctl retainer info
Number of retained messages: 3

$ emqx-ctl license update xyz      # exit 65
Error: #{parse_results =>
             [#{error => bad_license_format,
                module => emqx_license_parser_v20220101}]}
"#,
    );
}

#[test]
fn the_samples_of_emqx_4_are_printed_byte_for_byte() {
    let daemon = Daemon::with_config("listeners.tcp.default { acceptors = 8, max_connections = 1024000 }");
    let mut operator = Operator::of(&daemon).env("EMQX_COMPAT", "4");
    for client_id in ["a", "b", "c"] {
        daemon.connect_v311(client_id).kill();
    }
    daemon.expect_shutdown_count("tcp_closed", 3);
    for _ in 0..2 {
        daemon.connect_v311("polite").disconnect();
    }
    daemon.expect_shutdown_count("normal", 2);
    let mut asleep = daemon.connect(ClientOptions::v311("asleep").keep_alive(1));
    asleep.expect_closed();
    daemon.expect_shutdown_count("keepalive_timeout", 1);
    operator.types(
        r"
$ emqx_ctl listeners
mqtt:tcp:external
  listen_on       : {address}
  acceptors       : 8
  max_conns       : 1024000
  current_conn    : 0
  shutdown_count  : [{closed,3},{normal,2},{keepalive_timeout,1}]
",
    );
    let mut a = daemon.connect_v311("emqx_a");
    a.subscribe("t/1", QoS::AtMostOnce);
    operator.types(
        r#"
$ emqx_ctl routes list
t/1 -> emqx@127.0.0.1

$ emqx_ctl subscriptions list
emqx_a -> t/1

$ emqx_ctl trace topic "topic" "trace_topic.log"
trace topic topic successfully.

$ emqx_ctl trace topic "topic" off
stop tracing topic topic successfully.

$ rm trace_topic.log

$ emqx_ctl trace start topic topic trace_topic.log
trace topic topic successfully

$ emqx_ctl acl cache-clean all
ACL cache drain start OK

$ emqx_ctl acl cache-clean emqx_a

$ emqx_ctl pem_cache clean node emqx@127.0.0.1
PEM cache clean OK
"#,
    );
    a.disconnect();
    operator.types("$ emqx_ctl clients list\n\n$ emqx_ctl errors\n");
}

#[test]
fn every_older_spelling_is_understood() {
    let issuer = LicenseIssuer::new();
    let (daemon, file) = licensed_by_file(&issuer);
    let mut operator = Operator::of(&daemon)
        .knows("{acme}\n", ACME)
        .knows("{space}", " ")
        .knows("{file}", file.to_str().unwrap());
    operator.types(
        r#"
$ emqx-ctl trace topic t/1 topic.log
trace topic t/1 successfully

$ emqx-ctl trace topic t/1 off
stop tracing topic t/1 successfully

$ emqx-ctl trace client emqx_c client.log
trace clientid emqx_c successfully

$ emqx-ctl trace client emqx_c off
stop tracing clientid emqx_c successfully

$ emqx-ctl traces start t1 client emqx_c
cluster_trace clientid emqx_c t1 successfully

$ emqx-ctl traces stop t1
Stop cluster_trace t1 successfully

$ emqx-ctl admin admin Public_1
ok

$ emqx-ctl admins passwd admin Public_2
ok

$ emqx-ctl license reload {file}
ok
{acme}

$ emqx-ctl license reload
ok
{acme}

$ emqx-ctl log set-level info
info

$ emqx-ctl log primary-level
info

$ emqx-ctl log handlers list
LogHandler(id=console, level=info, destination=console, status=started)

$ emqx_ctl help
Look after a running emqxd
…
"#,
    );
}

#[test]
fn listeners_are_named_and_changed_in_every_way_that_emqx_knew() {
    let daemon = Daemon::start();
    let mut operator = Operator::of(&daemon);
    operator.types(
        r#"
$ emqx-ctl listener
tcp:default
  listen_on       : {address}
  acceptors       : 16
  proxy_protocol  : false
  running         : true
  current_conn    : 0
  max_conns       : infinity
  shutdown_count  : []

$ emqx-ctl listeners stop mqtt:tcp {address}
Stop tcp:default listener successfully.

$ emqx-ctl listeners stop tcp {port}        # exit 1
Failed to stop tcp:default listener: not_found

$ emqx-ctl listeners start tcp {port}
Started tcp:default listener successfully.

$ emqx-ctl listeners restart mqtt:tcp:external
Restarted tcp:default listener successfully.

$ emqx-ctl listeners enable tcp:default false
Updated 'enable' to: 'false' successfully.

$ emqx-ctl listeners
tcp:default
  listen_on       : {address}
  acceptors       : 16
  proxy_protocol  : false
  running         : false

$ emqx-ctl listeners enable tcp:default true
Updated 'enable' to: 'true' successfully.

$ emqx-ctl listeners disable tcp:default
Updated 'enable' to: 'false' successfully.

$ emqx-ctl listeners enable tcp:default
Updated 'enable' to: 'true' successfully.

$ emqx-ctl listeners enable tcp:default perhaps # exit 64
Invalid bool argument: "perhaps"

$ emqx-ctl listeners enable tcp:nope true   # exit 4
Not found listener: "tcp:nope"

$ emqx-ctl listeners enable nope true       # exit 4
Invalid listener: "nope"
"#,
    );
    daemon.connect_v5("c").disconnect();
}

#[test]
fn questions_about_emqx_s_machine_have_sensible_answers() {
    let daemon = Daemon::start();
    let mut operator = Operator::of(&daemon).knows("{space}", " ");
    operator.types(
        r#"
$ emqx-ctl vm all
cpu/load1               : {n}.{n}
cpu/load5               : {n}.{n}
cpu/load15              : {n}.{n}
memory/total            : {n}
memory/processes        : {n}
memory/processes_used   : {n}
memory/system           : {n}
memory/atom             : {n}
memory/atom_used        : {n}
memory/binary           : {n}
memory/code             : {n}
memory/ets              : {n}
process/limit           : {n}
process/count           : {n}
io/max_fds              : {n}
io/active_fds           : {n}
ports/count             : {n}
ports/limit             : {n}

$ emqx-ctl vm
cpu/load1               : {n}.{n}
…

$ emqx-ctl vm load
cpu/load1               : {n}.{n}
cpu/load5               : {n}.{n}
cpu/load15              : {n}.{n}

$ emqx-ctl vm memory
memory/total            : {n}
…

$ emqx-ctl vm process
process/limit           : {n}
process/count           : {n}

$ emqx-ctl vm io
io/max_fds              : {n}
io/active_fds           : {n}

$ emqx-ctl vm ports
ports/count             : {n}
ports/limit             : {n}

$ emqx-ctl mnesia
===> Storage info of emqxd {version}, in memory
…

$ emqx-ctl olp status
'emqx@127.0.0.1' is not overloaded{space}

$ emqx-ctl olp enable
Enable overload protection 'emqx@127.0.0.1' : ok{space}

$ emqx-ctl olp disable
Disable overload protetion 'emqx@127.0.0.1' : ok{space}

$ emqx-ctl pem_cache clean all
PEM cache clean OK

$ emqx-ctl pem_cache clean node emqx@127.0.0.1
emqx@127.0.0.1 PEM cache clean OK

$ emqx-ctl authz cache-clean all
Authorization cache drain started on all nodes OK

$ emqx-ctl authz cache-clean node emqx@127.0.0.1
Authorization cache drain started on node emqx@127.0.0.1 OK

$ emqx-ctl authz cache-clean nobody # exit 4
Drain nobody authz cache FAILED
{error,not_found}

$ emqx-ctl plugins list
[]

$ emqx-ctl cluster status --json
{
  "stopped_nodes" : [

  ],
  "running_nodes" : [
    "emqx@127.0.0.1"
  ]
}
"#,
    );
    let _client = daemon.connect_v5("emqx_a");
    operator.types("$ emqx-ctl authz cache-clean emqx_a\nDrain emqx_a authz cache OK\n");
}

#[test]
fn every_older_spelling_stands_in_help_compat() {
    let daemon = Daemon::start();
    let text = daemon.ctl(["help", "compat"]).ok();
    for spelling in [
        "trace topic FILTER off",
        "trace client ID FILE",
        "admin USER PASSWORD",
        "admins passwd USER PASSWORD",
        "license reload [FILE]",
        "listeners enable ID true|false",
        "listeners stop PROTOCOL PORT",
        "traces list|start|stop|delete",
        "log set-level",
        "log primary-level",
        "log handlers list",
        "pem_cache clean all",
        "vm [all|load|memory|process|io|ports]",
        "mnesia",
        "olp status",
        "cluster status [--json]",
        "help",
        "listener …",
        "emqx ctl",
        "emqx_ctl",
    ] {
        assert!(text.contains(spelling), "{spelling} is missing:\n{text}");
    }
}

#[test]
fn a_verb_that_nobody_knows_gets_a_suggestion_and_is_not_guessed() {
    let daemon = Daemon::start();
    let mut operator = Operator::of(&daemon);
    operator.types(
        r#"
$ emqx-ctl listners 2>&1            # exit 64
error: unrecognized subcommand 'listners'

  tip: a similar subcommand exists: 'listeners'
…

$ emqx-ctl clients kik c1 2>&1      # exit 64
error: unrecognized subcommand 'kik'

  tip: a similar subcommand exists: 'kick'
…

$ emqx-ctl listeners sotp 2>&1      # exit 64
error: "sotp" is no listener id; did you mean 'listeners stop'?

$ emqx-ctl rules list 2>&1          # exit 64
error: 'rules' is an EMQX command that this version of emqx-ctl does not have yet
  next: emqx-ctl --help    (what there is)

$ emqx restart 2>&1                 # exit 64
error: emqx knows ctl, ping, console, foreground and check_config
…
"#,
    );
}
