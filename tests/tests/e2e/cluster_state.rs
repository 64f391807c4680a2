//! What the nodes of a cluster agree on: the licence, through joining, leaving, expiry and cuts.

use std::fs;
use std::path::{Path, PathBuf};

use emqx_tests::license::LicenseIssuer;
use emqx_tests::{Daemon, TestCluster, wait_until};

const BUILT_IN: u64 = 10_000_000;

/// A licence for so many sessions, as a file.
fn license(issuer: &LicenseIssuer, sessions: u64) -> PathBuf {
    issuer.issue_file(&format!("{sessions}.lic"), &format!("--sessions {sessions} --days 365"))
}

fn update(daemon: &Daemon, file: &Path) {
    assert_eq!(daemon.ctl(["license", "update", file.to_str().unwrap()]).ok(), "ok\n");
}

fn sessions(daemon: &Daemon) -> u64 {
    let info = daemon.ctl(["license", "info", "-f", "json"]).json();
    info["data"]["max_sessions"].as_u64().unwrap()
}

/// Waits until these nodes show a licence for so many sessions.
fn until_shown(cluster: &TestCluster, nodes: &[usize], wanted: u64) {
    wait_until(&format!("nodes {nodes:?} show {wanted}"), || {
        nodes.iter().all(|node| sessions(&cluster[*node]) == wanted)
    });
}

fn folder(daemon: &Daemon) -> PathBuf {
    daemon.folder().join("data/license")
}

/// The backups that hold this licence.
fn backups(daemon: &Daemon, of: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(of).unwrap();
    let files = fs::read_dir(folder(daemon)).unwrap().map(|entry| entry.unwrap().path());
    let is_backup = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("emqx.lic.");
    files
        .filter(is_backup)
        .filter(|path| fs::read_to_string(path).unwrap().trim() == text.trim())
        .collect()
}

/// Waits until the copy of these nodes is this licence.
fn until_copied(cluster: &TestCluster, nodes: &[usize], file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    wait_until(&format!("nodes {nodes:?} have the file"), || {
        let copy = |node: &usize| fs::read_to_string(folder(&cluster[*node]).join("emqx.lic")).unwrap_or_default();
        nodes.iter().all(|node| copy(node).trim() == text.trim())
    });
}

fn restart(daemon: &mut Daemon) {
    daemon.signal("TERM");
    daemon.wait_end();
    daemon.start_again();
}

#[test]
fn a_joiner_with_a_licence_of_its_own_has_none_where_the_cluster_has_none_and_keeps_a_backup() {
    let issuer = LicenseIssuer::new();
    let mut cluster = TestCluster::apart_with(2, &issuer.config());
    let own = license(&issuer, 77);
    update(&cluster[1], &own);
    cluster.join(1, 0);
    until_shown(&cluster, &[0, 1], BUILT_IN);
    wait_until("its file is put aside", || {
        !folder(&cluster[1]).join("emqx.lic").exists() && backups(&cluster[1], &own).len() == 1
    });
    let backup = backups(&cluster[1], &own).remove(0);
    cluster[1].expect_log(&[
        "license_of_this_node_put_aside",
        backup.file_name().unwrap().to_str().unwrap(),
        "emqx-ctl license update",
    ]);
    restart(&mut cluster[1]);
    cluster.expect_all_running();
    until_shown(&cluster, &[0, 1], BUILT_IN);
    let nodes = cluster[0].ctl(["cluster", "nodes"]).ok();
    assert!(!nodes.contains("differ in their licence"), "{nodes}");
    // What the log line says to do.
    update(&cluster[1], &backup);
    until_shown(&cluster, &[0, 1], 77);
    until_copied(&cluster, &[0, 1], &own);
}

#[test]
fn a_joiner_takes_the_licence_of_the_cluster_in_place_of_a_later_one_of_its_own() {
    let issuer = LicenseIssuer::new();
    let cluster = TestCluster::apart_with(2, &issuer.config());
    let (theirs, own) = (license(&issuer, 50), license(&issuer, 5000));
    update(&cluster[0], &theirs);
    update(&cluster[1], &own);
    cluster.join(1, 0);
    until_shown(&cluster, &[0, 1], 50);
    until_copied(&cluster, &[0, 1], &theirs);
    assert_eq!(backups(&cluster[1], &own).len(), 1);
    cluster[1].expect_log(&["license_of_this_node_put_aside"]);
    assert!(!cluster[0].log().contains("license_of_this_node_put_aside"));
}

#[test]
fn a_joiner_with_a_file_that_has_expired_takes_the_cluster_s_and_keeps_it_through_restarts() {
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let expired = issuer.issue_file("expired.lic", "--type trial --sessions 10 --start 20200101 --days 30");
    let with_file = data.path().join("license");
    fs::create_dir(&with_file).unwrap();
    fs::copy(&expired, with_file.join("emqx.lic")).unwrap();
    let config = |more: &str| Daemon::builder().config(&issuer.config()).config(more);
    let data_dir = format!("node.data_dir = \"{}\"", data.path().display());
    let mut cluster = TestCluster::with_builders(vec![config(""), config(&data_dir)]);
    let info = cluster[1].ctl(["license", "info"]).ok();
    assert!(info.contains("expiry          : true"), "{info}");
    let theirs = license(&issuer, 50);
    update(&cluster[0], &theirs);
    cluster.join(1, 0);
    until_shown(&cluster, &[0, 1], 50);
    let text = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
    for _start in 0..2 {
        until_shown(&cluster, &[0, 1], 50);
        wait_until("the file is the cluster's", || {
            text(with_file.join("emqx.lic")).trim() == text(theirs.clone()).trim()
        });
        restart(&mut cluster[1]);
    }
    let files = fs::read_dir(&with_file).unwrap().map(|entry| entry.unwrap().path());
    let kept = files.filter(|path| text(path.clone()).trim() == text(expired.clone()).trim());
    assert_eq!(kept.count(), 1, "the expired one is a backup");
}

#[test]
fn a_file_that_a_founder_was_given_is_in_force_on_who_joins_it() {
    let issuer = LicenseIssuer::new();
    let data = tempfile::tempdir().unwrap();
    let file = license(&issuer, 33);
    fs::create_dir(data.path().join("license")).unwrap();
    fs::copy(&file, data.path().join("license/emqx.lic")).unwrap();
    let config = |more: &str| Daemon::builder().config(&issuer.config()).config(more);
    let data_dir = format!("node.data_dir = \"{}\"", data.path().display());
    let cluster = TestCluster::with_builders(vec![config(&data_dir), config("")]);
    until_shown(&cluster, &[0], 33);
    cluster.join(1, 0);
    until_shown(&cluster, &[0, 1], 33);
    until_copied(&cluster, &[1], &file);
}

#[test]
fn a_node_that_leaves_gets_another_licence_and_joins_again_has_the_cluster_s_and_a_backup_of_its_own() {
    let issuer = LicenseIssuer::new();
    let cluster = TestCluster::of_with(2, &issuer.config());
    let (first, own, second) = (license(&issuer, 10), license(&issuer, 20), license(&issuer, 30));
    update(&cluster[0], &first);
    until_shown(&cluster, &[0, 1], 10);
    let left = cluster[1].ctl(["cluster", "leave"]).ok();
    assert!(left.starts_with("Leave the cluster successfully.\n"), "{left}");
    assert_eq!(sessions(&cluster[1]), 10, "nobody loses a licence by leaving");
    update(&cluster[1], &own);
    update(&cluster[0], &second);
    assert_eq!([sessions(&cluster[0]), sessions(&cluster[1])], [30, 20]);
    cluster.join(1, 0);
    until_shown(&cluster, &[0, 1], 30);
    until_copied(&cluster, &[0, 1], &second);
    assert_eq!(backups(&cluster[1], &own).len(), 1);
    assert_eq!(backups(&cluster[0], &first).len(), 1);
    update(&cluster[1], &backups(&cluster[1], &own).remove(0));
    until_shown(&cluster, &[0, 1], 20);
}

#[test]
fn of_two_sides_that_are_given_licences_the_majority_s_wins_and_every_node_keeps_the_one_before() {
    let issuer = LicenseIssuer::new();
    let cluster = TestCluster::of_with(3, &issuer.config());
    let (before, lost, won) = (license(&issuer, 10), license(&issuer, 20), license(&issuer, 30));
    update(&cluster[0], &before);
    until_shown(&cluster, &[0, 1, 2], 10);
    until_copied(&cluster, &[0, 1, 2], &before);

    // Node 0 reaches nobody.
    for node in [1, 2] {
        cluster[node].signal("STOP");
    }
    cluster.expect_status(&[0], &[1, 2]);
    let refused = cluster[0].ctl(["license", "update", lost.to_str().unwrap()]);
    assert_ne!(refused.status, Some(0));
    for words in [
        "no majority of the cluster's 3 voting nodes",
        "nothing was changed",
        "next:",
        "it is kept there",
    ] {
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert_eq!(sessions(&cluster[0]), 10, "it goes on with the one it had");

    // The others reach each other, and not node 0.
    cluster[0].signal("STOP");
    for node in [1, 2] {
        cluster[node].signal("CONT");
    }
    wait_until("the majority has a leader", || {
        cluster[1].ctl(["license", "update", won.to_str().unwrap()]).status == Some(0)
    });
    until_shown(&cluster, &[1, 2], 30);

    cluster[0].signal("CONT");
    until_shown(&cluster, &[0, 1, 2], 30);
    until_copied(&cluster, &[0, 1, 2], &won);
    for node in 0..3 {
        assert_eq!(backups(&cluster[node], &before).len(), 1, "node {node}");
        let kept = backups(&cluster[node], &lost).len();
        assert_eq!(kept, usize::from(node == 0), "node {node}: the one it had to refuse");
    }
}

/// Whether a node shows these as running, and nobody as stopped.
fn shows(cluster: &TestCluster, at: usize, running: &[usize]) -> bool {
    let mut names: Vec<String> = running.iter().map(|node| cluster.name(*node).to_owned()).collect();
    names.sort();
    cluster.status(at) == (names, Vec::new())
}

#[test]
fn a_node_that_is_killed_while_it_joins_is_a_member_after_its_start_or_alone() {
    type Moment = fn(&TestCluster) -> bool;
    let moments: [(&str, Moment); 3] = [
        ("it has left its own", |cluster| {
            cluster[1].folder().join("data/cluster/to-be-admitted").exists()
        }),
        ("the other admits it", |cluster| cluster[0].log().contains("peer_joins")),
        ("it has the other's facts", |cluster| {
            cluster[1].log().contains("state_taken_from_the_cluster")
        }),
    ];
    for (what, has_come) in moments {
        let mut cluster = TestCluster::apart(2);
        cluster[0].ctl(["banned", "add", "clientid", "theirs"]).ok();
        cluster[1].ctl(["banned", "add", "clientid", "own"]).ok();
        let mut join = cluster[1].ctl_command();
        let mut joining = join.args(["cluster", "join", cluster.name(0)]).spawn().unwrap();
        wait_until(what, || has_come(&cluster));
        cluster.kill(1);
        joining.wait().unwrap();
        cluster[1].start_again();
        wait_until(&format!("killed when {what}: it is in or out"), || {
            let is_in = shows(&cluster, 0, &[0, 1]) && shows(&cluster, 1, &[0, 1]);
            let is_out = !cluster[1].folder().join("data/cluster/to-be-admitted").exists();
            is_in || is_out && shows(&cluster, 0, &[0]) && shows(&cluster, 1, &[1])
        });
        let is_in = shows(&cluster, 1, &[0, 1]);
        wait_until("it changes what it knows", || {
            let banned = cluster[1].ctl(["banned", "add", "clientid", "later"]);
            banned.status == Some(0) || banned.stderr.contains("already")
        });
        let list = cluster[1].ctl(["banned", "list"]).ok();
        assert_eq!(
            (list.contains("theirs"), list.contains("own")),
            (is_in, !is_in),
            "{what}"
        );
        wait_until("nothing of the join is left", || {
            let left = ["own-facts", "to-be-admitted"].map(|name| cluster[1].folder().join("data/cluster").join(name));
            !left.iter().any(|path| path.exists())
        });
    }
}

#[test]
fn a_strike_off_is_known_to_a_member_that_was_down_at_the_time() {
    let mut cluster = TestCluster::of(4);
    cluster.kill(2);
    cluster.expect_status(&[0, 1, 3], &[2]);
    cluster[0].ctl(["cluster", "force-leave", cluster.name(3)]).ok();
    cluster.expect_status(&[0, 1], &[2]);
    cluster[2].start_again();
    cluster.expect_status(&[0, 1, 2], &[]);
    // The one that was struck off finds nobody but that member.
    let config = cluster[3].folder().join("emqx.conf");
    let text = fs::read_to_string(&config).unwrap();
    let seeds = format!(
        "cluster {{ discovery_strategy = static, static.seeds = [\"{}\"] }}\n",
        cluster.name(2)
    );
    fs::write(&config, text + &seeds).unwrap();
    restart(&mut cluster[3]);
    cluster[3].expect_log(&["cluster_found_not_joined", "an operator has struck it off"]);
    cluster.expect_status(&[0, 1, 2], &[]);
    cluster.join(3, 2);
    cluster.expect_all_running();
}
