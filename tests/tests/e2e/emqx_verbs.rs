//! EMQX's verbs about machine and cluster, for programs; their text stands in `faq.rs`.

use emqx_tests::Daemon;

#[test]
fn vm_has_figures_of_this_process() {
    let daemon = Daemon::start();
    let vm = daemon.ctl(["vm", "-f", "json"]).json();
    assert!(vm["data"]["memory_total"].as_u64().unwrap() > 1_000_000, "{vm}");
    let storage = daemon.ctl(["mnesia"]).ok();
    assert!(storage.contains("retained_messages"), "{storage}");
}

#[test]
fn a_node_that_is_not_set_up_for_a_cluster_joins_none() {
    let daemon = Daemon::start();
    let join = daemon.ctl(["cluster", "join", "emqx2@127.0.0.1"]);
    assert_eq!(join.status, Some(1), "{join:?}");
    assert_eq!(join.stdout, "Failed to join the cluster: disabled\n");
}
