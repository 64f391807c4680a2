//! EMQX's verbs about machine, caches and cluster, and its golden samples, piped and compared byte for byte.

use emqx_tests::{ClientOptions, Daemon, QoS};

/// What `emqx-ctl` prints on stdout, whatever its exit code.
#[track_caller]
fn printed(daemon: &Daemon, line: &str) -> (Option<i32>, String) {
    let output = daemon.ctl(line.split(' '));
    (output.status, output.stdout)
}

#[track_caller]
fn printed_v4(daemon: &Daemon, line: &str) -> String {
    let output = daemon
        .ctl_command()
        .env("EMQX_COMPAT", "4")
        .args(line.split(' '))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_samples_of_emqx_5_are_printed_byte_for_byte() {
    // What the broker retains of itself would be counted.
    let daemon = Daemon::with_config("sys_topics.sys_msg_interval = disabled");
    for (line, status, expected) in [
        ("clients list", 0, "No clients.\n"),
        ("clients show nobody", 4, "Not Found.\n"),
        ("clients kick nobody", 0, "ok\n"),
        ("topics list", 0, "No topics.\n"),
        ("listeners stop tcp:nope", 4, "Invalid listener: \"tcp:nope\"\n"),
        ("log set-level debug", 0, "debug\n"),
        (
            "log handlers list",
            0,
            "LogHandler(id=console, level=debug, destination=console, status=started)\n",
        ),
        (
            "cluster status",
            0,
            "Cluster status: #{running_nodes => ['emqx@127.0.0.1'],stopped_nodes => []}\n",
        ),
        (
            "cluster status --json",
            0,
            "{\n  \"stopped_nodes\" : [\n\n  ],\n  \"running_nodes\" : [\n    \"emqx@127.0.0.1\"\n  ]\n}\n",
        ),
        ("cluster leave", 1, "Failed to leave the cluster: node_not_in_cluster\n"),
        ("retainer info", 0, "Number of retained messages: 0\n"),
        ("olp status", 0, "'emqx@127.0.0.1' is not overloaded \n"),
        ("olp enable", 0, "Enable overload protection 'emqx@127.0.0.1' : ok \n"),
        ("olp disable", 0, "Disable overload protetion 'emqx@127.0.0.1' : ok \n"),
        ("pem_cache clean all", 0, "PEM cache clean OK\n"),
        (
            "pem_cache clean node emqx@127.0.0.1",
            0,
            "emqx@127.0.0.1 PEM cache clean OK\n",
        ),
        (
            "authz cache-clean all",
            0,
            "Authorization cache drain started on all nodes OK\n",
        ),
        (
            "authz cache-clean node emqx@127.0.0.1",
            0,
            "Authorization cache drain started on node emqx@127.0.0.1 OK\n",
        ),
        (
            "authz cache-clean nobody",
            4,
            "Drain nobody authz cache FAILED\n{error,not_found}\n",
        ),
        ("plugins list", 0, "[]\n"),
    ] {
        assert_eq!(printed(&daemon, line), (Some(status), expected.to_owned()), "{line}");
    }
    let (_, status) = printed(&daemon, "status");
    assert!(
        status.starts_with("Node 'emqx@127.0.0.1' ") && status.ends_with(" is started\n"),
        "{status}"
    );
    let mut a = daemon.connect_v311("emqx_a");
    a.subscribe("t/1", QoS::AtMostOnce);
    let mut b = daemon.connect_v311("emqx_b");
    b.subscribe("$share/g1/t/2", QoS::AtLeastOnce);
    let subscriptions = daemon.ctl(["subscriptions", "list"]).ok();
    let mut lines: Vec<&str> = subscriptions.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "emqx_a -> topic:t/1 qos:0 nl:0 rh:0 rap:0",
            "emqx_b -> topic:$share/g1/t/2 qos:1 nl:0 rh:0 rap:0"
        ]
    );
    assert_eq!(
        printed(&daemon, "authz cache-clean emqx_a").1,
        "Drain emqx_a authz cache OK\n"
    );
}

#[test]
fn the_samples_of_emqx_4_are_printed_byte_for_byte() {
    let daemon = Daemon::start();
    assert_eq!(printed_v4(&daemon, "clients list"), "");
    assert_eq!(printed_v4(&daemon, "errors"), "");
    assert_eq!(printed_v4(&daemon, "acl cache-clean all"), "ACL cache drain start OK\n");
    assert_eq!(
        printed_v4(&daemon, "pem_cache clean node emqx@127.0.0.1"),
        "PEM cache clean OK\n"
    );
    let mut a = daemon.connect(ClientOptions::v311("emqx_a"));
    a.subscribe("t/1", QoS::AtMostOnce);
    assert_eq!(printed_v4(&daemon, "routes list"), "t/1 -> emqx@127.0.0.1\n");
    assert_eq!(printed_v4(&daemon, "subscriptions list"), "emqx_a -> t/1\n");
    assert_eq!(printed_v4(&daemon, "acl cache-clean emqx_a"), "");
    a.disconnect();
    daemon.expect_shutdown_count("normal", 1);
    let listeners = printed_v4(&daemon, "listeners");
    let port = daemon.address().port();
    assert_eq!(
        listeners,
        format!(
            "mqtt:tcp:external\n  listen_on       : 127.0.0.1:{port}\n  acceptors       : 16\n  \
             max_conns       : infinity\n  current_conn    : 0\n  shutdown_count  : [{{normal,1}}]\n"
        )
    );
}

#[test]
fn vm_has_emqx_s_names_with_figures_of_this_process() {
    let daemon = Daemon::start();
    let all = daemon.ctl(["vm"]).ok();
    let names: Vec<&str> = all
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names[0], "cpu/load1               ");
    assert_eq!(names[3], "memory/total            ");
    assert_eq!(names[12], "process/limit           ");
    assert_eq!(names[14], "io/max_fds              ");
    assert_eq!(names[16], "ports/count             ");
    assert_eq!(names.len(), 18);
    let memory = daemon.ctl(["vm", "memory"]).ok();
    assert_eq!(memory.lines().count(), 9, "{memory}");
    let vm = daemon.ctl(["vm", "-f", "json"]).json();
    assert!(vm["data"]["memory_total"].as_u64().unwrap() > 1_000_000, "{vm}");
    let storage = daemon.ctl(["mnesia"]).ok();
    assert!(
        storage.starts_with("===> Storage info") && storage.contains("retained_messages"),
        "{storage}"
    );
}

#[test]
fn nobody_joins_a_cluster_that_there_is_not() {
    let daemon = Daemon::start();
    let join = daemon.ctl(["cluster", "join", "emqx2@127.0.0.1"]);
    assert_eq!(join.status, Some(1), "{join:?}");
    assert_eq!(join.stdout, "Failed to join the cluster: not_supported\n");
}
