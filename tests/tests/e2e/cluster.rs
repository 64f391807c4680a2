//! Nodes become one cluster and cease to be one: by hand, by discovery, when one is killed, left or struck off.

use std::fs;
use std::net::Ipv4Addr;

use emqx_tests::pki::{Authority, Identity};
use emqx_tests::{Daemon, DaemonBuilder, Successor, TestCluster, wait_until};

#[test]
fn nodes_join_by_hand_and_each_shows_all_of_them() {
    let cluster = TestCluster::of(3);
    let mut names: Vec<String> = (0..3).map(|number| format!("'{}'", cluster.name(number))).collect();
    names.sort();
    let status = cluster[1].ctl(["cluster", "status"]).ok();
    for name in &names {
        assert!(status.contains(name), "{status}");
    }
    let again = cluster[2].ctl(["cluster", "join", cluster.name(0)]);
    assert_eq!(again.ok(), "Ignore.\n");
    let stranger = TestCluster::apart(1);
    let refused = cluster[2].ctl(["cluster", "join", stranger.name(0)]);
    let text = format!(
        "Failed to join the cluster: {{already_in_cluster,'{}'}}\n",
        stranger.name(0)
    );
    assert_eq!((refused.status, refused.stdout), (Some(1), text));
}

#[test]
fn a_node_alone_leaves_nothing_and_strikes_nobody_off() {
    let cluster = TestCluster::apart(1);
    let refused = cluster[0].ctl(["cluster", "leave"]);
    let text = "Failed to leave the cluster: node_not_in_cluster\n";
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(1), text));
    let stranger = cluster[0].ctl(["cluster", "force-leave", "emqx@127.255.255.1"]);
    assert_eq!(stranger.ok(), "Ignore.\n");
    let down = cluster[0].ctl(["cluster", "join", "emqx9@127.255.255.1"]);
    let text = "Failed to join the cluster: {node_down,'emqx9@127.255.255.1'}\n";
    assert_eq!(down.stdout, text);
    assert_ne!(down.status, Some(0));
    let itself = cluster[0].ctl(["cluster", "join", cluster.name(0)]);
    assert_ne!(itself.status, Some(0));
}

#[test]
fn a_node_that_leaves_is_a_cluster_of_its_own_and_may_join_again() {
    let cluster = TestCluster::of(3);
    let left = cluster[1].ctl(["cluster", "leave"]).ok();
    assert!(left.starts_with("Leave the cluster successfully.\n"), "{left}");
    cluster.expect_status(&[0, 2], &[]);
    cluster.expect_status(&[1], &[]);
    cluster.join(1, 2);
    cluster.expect_all_running();
}

#[test]
fn who_is_being_admitted_cannot_be_struck_off_at_the_same_time() {
    let cluster = TestCluster::apart(2);
    // Node 1 cannot take the facts of the cluster, so its admission goes on and on.
    fs::create_dir(cluster[1].folder().join("data/state/state.redb.incoming")).unwrap();
    let mut join = cluster[1].ctl_command();
    let mut joining = join.args(["cluster", "join", cluster.name(0)]).spawn().unwrap();
    cluster[0].expect_log(&["peer_joins", cluster.name(1)]);
    let refused = cluster[0].ctl(["cluster", "force-leave", cluster.name(1)]);
    let is_busy = refused
        .stderr
        .contains("joining, leaving or admitting another at the moment");
    assert!(is_busy, "{refused:?}");
    joining.kill().unwrap();
    joining.wait().unwrap();
}

#[test]
fn a_node_that_is_killed_is_shown_as_stopped_and_comes_back_by_itself() {
    let mut cluster = TestCluster::of(3);
    cluster.kill(2);
    cluster.expect_status(&[0, 1], &[2]);
    cluster[0].expect_log(&["peer_down", cluster.name(2)]);
    let alarm = format!("peer_down:{}", cluster.name(2));
    assert!(cluster[0].ctl(["alarms", "list"]).ok().contains(&alarm));
    cluster[2].start_again();
    cluster.expect_all_running();
    wait_until("the alarm is over", || {
        !cluster[0].ctl(["alarms", "list"]).ok().contains(&alarm)
    });
}

#[test]
fn a_node_that_was_struck_off_while_it_was_away_is_a_cluster_of_its_own_when_it_comes_back() {
    let mut cluster = TestCluster::of(3);
    cluster.kill(0);
    cluster.expect_status(&[1, 2], &[0]);
    let struck_off = cluster[1].ctl(["cluster", "force-leave", cluster.name(0)]).ok();
    assert!(
        struck_off.starts_with("Remove the node from cluster successfully.\n"),
        "{struck_off}"
    );
    cluster.expect_status(&[1, 2], &[]);
    cluster[0].start_again();
    cluster.expect_status(&[0], &[]);
    cluster[0].expect_log(&["struck_off_from_cluster"]);
    cluster.join(0, 1);
    cluster.expect_all_running();
}

#[test]
fn nodes_that_are_all_stopped_and_started_are_one_cluster_again_and_can_be_changed() {
    let mut cluster = TestCluster::of(3);
    for number in 0..3 {
        cluster[number].signal("TERM");
        cluster[number].wait_end();
    }
    for number in 0..3 {
        cluster[number].start_again();
    }
    cluster.expect_all_running();
    cluster[1].ctl(["banned", "add", "clientid", "unwanted"]).ok();
    wait_until("all have the ban", || {
        (0..3).all(|number| cluster[number].ctl(["banned", "list"]).ok().contains("unwanted"))
    });
}

#[test]
fn a_node_that_was_struck_off_does_not_come_back_by_discovery() {
    let mut cluster = TestCluster::with_seeds(3);
    cluster.expect_all_running();
    cluster.kill(2);
    cluster.expect_status(&[0, 1], &[2]);
    cluster[0].ctl(["cluster", "force-leave", cluster.name(2)]).ok();
    cluster.expect_status(&[0, 1], &[]);
    // Those that know of it remember it.
    for number in 0..2 {
        cluster[number].signal("TERM");
        cluster[number].wait_end();
        cluster[number].start_again();
    }
    cluster.expect_status(&[0, 1], &[]);
    cluster[2].start_again();
    cluster[2].expect_log(&["struck_off_from_cluster"]);
    cluster[2].signal("TERM");
    cluster[2].wait_end();
    cluster[2].start_again();
    cluster[2].expect_log(&["cluster_found_not_joined", "an operator has struck it off"]);
    cluster.expect_status(&[2], &[]);
    cluster.join(2, 0);
    cluster.expect_all_running();
}

#[test]
fn of_two_nodes_the_one_that_is_left_can_strike_the_other_off() {
    let mut cluster = TestCluster::of(2);
    cluster.kill(1);
    cluster.expect_status(&[0], &[1]);
    cluster[0].ctl(["cluster", "force-leave", cluster.name(1)]).ok();
    cluster.expect_status(&[0], &[]);
    cluster[1].start_again();
    cluster.expect_status(&[1], &[]);
}

#[test]
fn nodes_that_start_at_once_with_the_same_seeds_end_as_one_cluster() {
    let cluster = TestCluster::with_seeds(3);
    cluster.expect_all_running();
}

#[test]
fn a_node_with_another_cookie_is_refused_and_both_sides_say_so() {
    let cookie = |cookie: &str| Daemon::builder().config(&format!("node.cookie = {cookie}"));
    let cluster = TestCluster::with_builders(vec![cookie("one"), cookie("another")]);
    let refused = cluster[1].ctl(["cluster", "join", cluster.name(0)]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.stdout.starts_with("Failed to join the cluster: \"") && refused.stdout.contains("node.cookie"),
        "{}",
        refused.stdout
    );
    cluster[0].expect_log(&["cluster_link_refused", "cookie"]);
}

fn with_tls(folder: &std::path::Path, number: usize, ca: &Authority, identity: &Identity) -> DaemonBuilder {
    let file = |name: &str, text: &str| {
        let path = folder.join(format!("{name}-{number}.pem"));
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    Daemon::builder().config(&format!(
        "cluster {{ proto_dist = inet_tls, ssl_options {{ cacertfile = \"{}\", certfile = \"{}\", keyfile = \"{}\" }} }}",
        file("ca", &ca.pem()),
        file("cert", &identity.certificate),
        file("key", &identity.key)
    ))
}

#[test]
fn links_by_tls_let_in_only_who_shows_a_certificate_of_the_cluster_s_authority() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, other) = (Authority::root("Nodes"), Authority::root("Others"));
    let cluster = TestCluster::with_builders(vec![
        with_tls(folder.path(), 0, &ca, &ca.node("first")),
        with_tls(folder.path(), 1, &ca, &ca.node("second")),
        with_tls(folder.path(), 2, &other, &other.node("stranger")),
        Daemon::builder(),
    ]);
    cluster.join(1, 0);
    cluster.expect_status(&[0, 1], &[]);
    for stranger in [2, 3] {
        let refused = cluster[stranger].ctl(["cluster", "join", cluster.name(0)]);
        assert_ne!(refused.status, Some(0), "{refused:?}");
        cluster.expect_status(&[stranger], &[]);
    }
    cluster.expect_status(&[0, 1], &[]);
}

#[test]
fn a_link_port_that_is_taken_ends_the_start_only_of_a_node_that_is_to_find_others() {
    let address = Ipv4Addr::new(127, 254, (std::process::id() % 250) as u8 + 1, 1);
    let _taken = std::net::TcpListener::bind((address, 4370)).unwrap();
    let name = format!("emqx@{address}");
    let alone = Daemon::builder().node(&name, address).start();
    alone.expect_log(&["link_port_not_bound"]);
    let refused = alone.ctl(["cluster", "join", "emqx@127.255.255.1"]);
    assert!(refused.stdout.contains("disabled"), "{refused:?}");
    let config = "cluster { discovery_strategy = static, static.seeds = [\"emqx@127.255.255.1\"] }";
    let (status, log) = Daemon::builder().node(&name, address).config(config).run_to_end(0);
    assert_eq!(status.code(), Some(75), "{log}");
    assert!(log.contains("the link port") && log.contains("next:"), "{log}");
}

#[test]
fn a_node_that_is_upgraded_is_a_member_still() {
    let cluster = TestCluster::of(2);
    let answer = cluster[1].ctl(["-f", "json", "upgrade"]).json();
    let _successor = Successor::of(&answer);
    cluster.expect_all_running();
    cluster[0].expect_log(&["peer_up", cluster.name(1)]);
    let left = cluster[1].ctl(["cluster", "leave"]).ok();
    assert!(left.starts_with("Leave the cluster successfully.\n"), "{left}");
    cluster.expect_status(&[0], &[]);
}

#[test]
fn a_join_that_is_not_finished_is_gone_on_with_by_the_process_after_an_upgrade() {
    let mut cluster = TestCluster::apart(2);
    cluster.kill(1);
    let data = cluster[1].folder().join("data");
    let (host, newcomer) = (cluster.name(0).to_owned(), cluster.name(1).to_owned());
    let address = |name: &str| name.replace("emqx@", "") + ":4370";
    let join = serde_json::json!({
        "target": host,
        "address": address(&host),
        "newcomer": { "cluster": "emqxcl", "version": "0", "name": newcomer, "address": address(&newcomer) },
    });
    fs::write(data.join("cluster/to-be-admitted"), join.to_string()).unwrap();
    // It cannot take the facts of the cluster, so its admission goes on and on.
    let in_the_way = data.join("state/state.redb.incoming");
    fs::create_dir(&in_the_way).unwrap();
    cluster[1].start_again();
    cluster[0].expect_log(&["peer_joins", &newcomer]);
    let answer = cluster[1].ctl(["-f", "json", "upgrade"]).json();
    let _successor = Successor::of(&answer);
    fs::remove_dir(&in_the_way).unwrap();
    cluster.expect_all_running();
    wait_until("nothing of the join is left", || {
        !data.join("cluster/to-be-admitted").exists()
    });
}
