//! What operators are told of a cluster and have it do: `--all-nodes`, `--node`, `cluster nodes|digest|discovery`, `traces`.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use emqx_tests::{CtlOutput, Daemon, QoS, TestCluster, wait_for, wait_until};

/// In every system's groups, and nobody's main group here.
const READERS_GID: u32 = 1;
const STRANGER: u32 = 4242;

/// The answer of a node, once it is the same on all of `numbers` twice in a row.
#[track_caller]
fn agreed_digest(cluster: &TestCluster, numbers: &[usize]) -> String {
    let mut before = None;
    wait_for("all nodes print the same digest twice in a row", || {
        let digests = numbers
            .iter()
            .map(|number| cluster[*number].ctl(["cluster", "digest"]).ok());
        let digests: Vec<String> = digests.collect();
        let first = digests[0].clone();
        let agreed = digests.iter().all(|digest| *digest == first).then_some(first);
        let is_settled = agreed.is_some() && agreed == before;
        before.clone_from(&agreed);
        agreed.filter(|_| is_settled)
    })
}

/// The number of rows behind a sum.
fn count(digest: &str, of: &str) -> u64 {
    row(digest, of).split(' ').next().unwrap().parse().unwrap()
}

fn row<'a>(digest: &'a str, of: &str) -> &'a str {
    let line = digest.lines().find(|line| line.starts_with(of));
    line.unwrap_or_else(|| panic!("no row {of}: {digest}"))[of.len()..].trim()
}

#[test]
fn nodes_that_agree_print_the_same_digest_of_the_whole_cluster() {
    let mut cluster = TestCluster::of(3);
    let before = agreed_digest(&cluster, &[0, 1, 2]);
    // What each node tells of itself in `$SYS` is retained, too.
    let kept = count(&before, "retained") + 1;
    let mut subscriber = cluster[0].connect_v5("s");
    subscriber.subscribe("a/+", QoS::AtLeastOnce);
    subscriber.subscribe("$share/g/b", QoS::AtLeastOnce);
    let mut publisher = cluster[2].connect_v5("p");
    publisher.publish_retained("kept", "1", QoS::AtLeastOnce);
    cluster[1].ctl(["banned", "add", "clientid", "bad"]).ok();
    wait_until("the nodes know of it", || {
        let digest = agreed_digest(&cluster, &[0, 1, 2]);
        let of = |what: &str, number: usize| count(&digest, &format!("{what} of {}", cluster.name(number)));
        count(&digest, "retained") == kept
            && (of("routes", 0), of("group members", 0)) == (1, 1)
            && (of("clients", 0), of("clients", 2)) == (1, 1)
            && row(&digest, "state") != row(&before, "state")
    });
    let digest = agreed_digest(&cluster, &[0, 1, 2]);
    assert_eq!(row(&digest, "streams"), "2 of 2 in sync");
    let json = cluster[1].ctl(["-f", "json", "cluster", "digest"]).json();
    assert_eq!(json["data"]["sums"]["retained"], row(&digest, "retained"));
    let sync = cluster[1].ctl(["conf", "cluster_sync", "status"]).ok();
    let index = row(&digest, "consensus applied");
    let line = format!("All configuration synchronized(tnx_id={index}) successfully");
    assert_eq!(sync.lines().nth(1), Some(line.as_str()), "{sync}");
    cluster.kill(2);
    cluster.expect_status(&[0, 1], &[2]);
    let digest = agreed_digest(&cluster, &[0, 1]);
    assert_eq!(row(&digest, &format!("node {}", cluster.name(2))), "stopped");
    assert_eq!(row(&digest, "streams"), "1 of 1 in sync");
    // The message is everybody's, the client was the node's.
    assert_eq!(count(&digest, "retained"), kept, "{digest}");
    wait_until("nothing of it is left", || {
        let digest = agreed_digest(&cluster, &[0, 1]);
        row(&digest, &format!("clients of {}", cluster.name(2))).starts_with("0 rows 0000")
    });
}

#[test]
fn a_command_for_all_nodes_says_which_one_failed() {
    let mut cluster = TestCluster::of(3);
    let all = cluster[1].ctl(["--all-nodes", "status"]).ok();
    for number in 0..3 {
        let said = format!("{}:\nNode '{0}' ", cluster.name(number));
        assert!(all.contains(&said), "{all}");
    }
    let json = cluster[1].ctl(["-f", "json", "--all-nodes", "status"]).json();
    let codes: Vec<_> = json.as_array().unwrap().iter().map(|node| &node["exit_code"]).collect();
    assert_eq!(codes, [0, 0, 0]);
    cluster.kill(2);
    let part = cluster[1].ctl(["--all-nodes", "status"]);
    assert_eq!(part.status, Some(3), "{part:?}");
    assert!(
        part.stderr.contains(&format!("{} does not answer", cluster.name(2))),
        "{part:?}"
    );
    cluster.expect_status(&[0, 1], &[2]);
    let part = cluster[1].ctl(["-f", "json", "--all-nodes", "status"]);
    assert_eq!(part.status, Some(3), "{part:?}");
    let json: serde_json::Value = serde_json::from_str(&part.stdout).unwrap();
    let failed = json
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["node"] == cluster.name(2))
        .unwrap();
    assert_eq!(failed["error"]["code"], "node_unreachable", "{failed}");
    let endless = cluster[1].ctl(["--all-nodes", "trace", "tail", "x"]);
    assert_eq!(endless.status, Some(64), "{endless:?}");
}

#[test]
fn a_command_for_another_node_is_carried_out_there() {
    let cluster = TestCluster::of(2);
    let _client = cluster[1].connect_v5("there");
    let list = |arguments: &[&str]| cluster[0].ctl(arguments).ok();
    let there = list(&["--node", cluster.name(1), "clients", "list"]);
    assert!(there.contains("Client(there,"), "{there}");
    let stranger = cluster[0].ctl(["--node", "emqx@127.255.255.1", "status"]);
    assert_eq!(stranger.status, Some(4), "{stranger:?}");
    let kicked = list(&["--node", cluster.name(1), "clients", "kick", "there"]);
    assert_eq!(kicked, "ok\n");
}

#[test]
fn the_filters_of_all_nodes_are_listed_with_the_node_whose_clients_want_them() {
    let mut cluster = TestCluster::of(3);
    let connect = |number| cluster[number].connect_v5(&format!("of-{number}"));
    let mut clients: Vec<_> = (0..3).map(connect).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.subscribe(&format!("exact/{number}"), QoS::AtMostOnce);
        client.subscribe("common/#", QoS::AtMostOnce);
    }
    let expected = |numbers: &[usize]| {
        let of_node = |number: &usize| {
            let name = cluster.name(*number);
            [format!("common/# -> {name}"), format!("exact/{number} -> {name}")]
        };
        let mut lines: Vec<String> = numbers.iter().flat_map(of_node).collect();
        lines.sort();
        lines
    };
    let sorted = |text: String| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(cluster[1].ctl(["topics", "list"]).ok()), expected(&[0, 1, 2]));
    let one = cluster[1].ctl(["--node", cluster.name(2), "topics", "list"]).ok();
    assert_eq!(sorted(one), expected(&[2]));
    let of_two = expected(&[0, 1]);
    cluster.kill(2);
    let part = cluster[1].ctl(["topics", "list"]);
    assert_eq!(sorted(part.stdout.clone()), of_two, "{part:?}");
    if part.status == Some(3) {
        assert!(part.stderr.contains("warning: not those of "), "{part:?}");
    }
    cluster.expect_status(&[0, 1], &[2]);
    assert_eq!(sorted(cluster[1].ctl(["topics", "list"]).ok()), of_two);
}

/// `None`, with a line, if another user cannot execute the programs.
fn as_reader(daemon: &Daemon, arguments: &[&str]) -> Option<CtlOutput> {
    let mut command = daemon.ctl_command();
    match command
        .args(arguments)
        .uid(STRANGER)
        .gid(READERS_GID)
        .current_dir("/")
        .output()
    {
        Ok(output) => Some(output.into()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            eprintln!("skipped: another user cannot execute the programs under test");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn who_may_only_read_here_may_only_read_on_other_nodes() {
    if !is_root() {
        eprintln!("skipped: needs root to call as another user");
        return;
    }
    let config = "control.read_group = daemon\ncontrol.admin_group = bin";
    let cluster = TestCluster::of_with(2, config);
    fs::set_permissions(cluster[0].folder(), Permissions::from_mode(0o755)).unwrap();
    let _client = cluster[1].connect_v5("c");
    let there = cluster.name(1);
    let Some(read) = as_reader(&cluster[0], &["--node", there, "status"]) else {
        return;
    };
    assert_eq!(read.status, Some(0), "{read:?}");
    let kick = as_reader(&cluster[0], &["--node", there, "clients", "kick", "c"]);
    assert_eq!(kick.as_ref().and_then(|kick| kick.status), Some(77), "{kick:?}");
    let list = cluster[1].ctl(["clients", "list"]).ok();
    assert!(list.contains("Client(c,"), "{list}");
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout == b"0\n")
}

#[test]
fn nodes_are_listed_with_their_part_and_with_what_they_differ_in() {
    let differing = "mqtt.max_inflight = 7";
    let mut cluster = TestCluster::with_builders(vec![
        Daemon::builder(),
        Daemon::builder().config(differing),
        Daemon::builder(),
    ]);
    cluster.join(1, 0);
    cluster.join(2, 0);
    cluster.expect_all_running();
    let listed = |number: usize| cluster[number].ctl(["-f", "json", "cluster", "nodes"]).json()["data"].clone();
    wait_until("each has a vote and all streams are in sync", || {
        (0..3).all(|number| {
            let nodes = listed(number);
            let nodes = nodes.as_array().unwrap();
            let of_role = |role: &str| nodes.iter().filter(|node| node["role"] == role).count();
            let is_linked = |node: &serde_json::Value| node["is_in_sync"] != false;
            (of_role("leader"), of_role("follower")) == (1, 2)
                && nodes.iter().all(|node| node["votes"] == true && is_linked(node))
        })
    });
    let nodes = cluster[2].ctl(["cluster", "nodes"]);
    let difference = "warning: the nodes differ in their configuration: mqtt.max_inflight\n";
    assert_eq!(
        (nodes.status, nodes.stderr.as_str()),
        (Some(0), difference),
        "{nodes:?}"
    );
    let status = cluster[0].ctl(["-f", "table", "cluster", "status"]);
    assert!(status.stderr.contains("mqtt.max_inflight"), "{status:?}");
    cluster.kill(2);
    cluster.expect_status(&[0, 1], &[2]);
    let nodes = cluster[0].ctl(["-f", "json", "cluster", "nodes"]).json();
    let gone = nodes["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["name"] == cluster.name(2))
        .unwrap();
    assert_eq!(
        (&gone["is_running"], &gone["votes"]),
        (&false.into(), &true.into()),
        "{gone}"
    );
    let classic = cluster[0].ctl(["cluster", "status"]).ok();
    assert!(
        classic.contains("stopped_nodes") && classic.contains(&format!("'{}'", cluster.name(2))),
        "{classic}"
    );
}

#[test]
fn looking_for_nodes_is_switched_off_and_on() {
    let cluster = TestCluster::with_seeds(2);
    cluster.expect_all_running();
    let off = cluster[0].ctl(["cluster", "discovery", "disable"]).ok();
    assert_eq!(off, "Automatic cluster discovery disabled.\n");
    let status = cluster[0].ctl(["-f", "json", "cluster", "discovery"]).json();
    assert_eq!(status["data"]["is_enabled"], false, "{status}");
    cluster[0].ctl(["cluster", "discovery", "enable"]).ok();
    let status = cluster[0].ctl(["cluster", "discovery", "status"]).ok();
    assert!(status.contains("strategy : static\nenabled  : true\n"), "{status}");
    let manual = TestCluster::apart(1);
    let refused = manual[0].ctl(["cluster", "discovery", "enable"]);
    assert_ne!(refused.status, Some(0), "{refused:?}");
}

#[test]
fn a_named_trace_is_on_every_node_and_its_lines_come_together() {
    let mut cluster = TestCluster::of(2);
    let started = cluster[0].ctl(["traces", "start", "hunt", "topic", "t/#"]).ok();
    assert_eq!(started, "cluster_trace topic t/# hunt successfully\n");
    let mut tail = cluster[1].ctl_command();
    let mut tail = tail
        .args(["traces", "tail", "hunt"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    wait_until("both nodes are watched", || {
        let json = cluster[0].ctl(["-f", "json", "traces", "list"]).json();
        let rows = json["data"].as_array().unwrap().clone();
        rows.len() == 2 && rows.iter().all(|row| row["watchers"] == 1)
    });
    for number in 0..2 {
        let mut publisher = cluster[number].connect_v5(&format!("p{number}"));
        publisher.publish("t/1", format!("from-{number}"), QoS::AtLeastOnce);
        let word = format!("from-{number}");
        let line = lines
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line.contains(&word))
            .unwrap();
        assert!(line.starts_with(cluster.name(number)), "{line}");
    }
    tail.kill().unwrap();
    tail.wait().unwrap();
    let list = cluster[1].ctl(["traces", "list"]).ok();
    assert_eq!(list.lines().count(), 1, "{list}");
    for number in 0..2 {
        assert!(list.contains(&format!("'{}' => ", cluster.name(number))), "{list}");
    }
    let again = cluster[1].ctl(["traces", "start", "hunt", "topic", "t/#"]);
    assert_ne!(again.status, Some(0), "{again:?}");
    assert!(
        again.stdout.starts_with("[error] cluster_trace hunt topic=t/# "),
        "{again:?}"
    );
    let stopped = cluster[1].ctl(["traces", "stop", "hunt"]).ok();
    assert_eq!(stopped, "Stop cluster_trace hunt successfully\n");
    cluster.kill(1);
    cluster.expect_status(&[0], &[1]);
    let deleted = cluster[0].ctl(["traces", "delete", "hunt"]);
    assert!(
        deleted.stderr.contains(&format!("{} is stopped", cluster.name(1))),
        "{deleted:?}"
    );
    assert_eq!(deleted.ok(), "Del cluster_trace hunt successfully\n");
    assert_eq!(cluster[0].ctl(["traces", "list"]).ok(), "Cluster Trace is empty\n");
}
