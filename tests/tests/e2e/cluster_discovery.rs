//! Nodes find each other by each strategy of `cluster.discovery_strategy` and become one cluster.

use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use emqx_tests::{Daemon, DnsServer, EtcdServer, KubernetesApi};

/// Nodes look every few seconds, and one after the other is let in, on a machine that may be busy.
const FORM_DEADLINE: Duration = Duration::from_secs(60);

/// Loopback addresses that no other test has.
fn addresses<const COUNT: usize>() -> [String; COUNT] {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let process = std::process::id();
    let first = NEXT.fetch_add(u8::try_from(COUNT).unwrap(), Ordering::Relaxed);
    std::array::from_fn(|number| {
        let last = usize::from(first) + number;
        format!("127.{}.{}.{last}", 252 + process / 250 % 3, process % 250 + 1)
    })
}

/// Starts a node at each address, at once.
fn start<const COUNT: usize>(addresses: &[String; COUNT], config: impl Fn(&str) -> String + Sync) -> Vec<Daemon> {
    thread::scope(|scope| {
        let starting = addresses.each_ref().map(|address| {
            let config = format!("node.name = \"emqx@{address}\"\n{}", config(address));
            scope.spawn(move || Daemon::with_config(&config))
        });
        starting.map(|node| node.join().unwrap()).into()
    })
}

fn running_nodes(node: &Daemon) -> Vec<String> {
    let status = node.ctl(["cluster", "status", "--json"]).json();
    let names = status["running_nodes"].as_array().unwrap().iter();
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Returns once every node shows all of them as running.
#[track_caller]
fn expect_one_cluster(nodes: &[Daemon], addresses: &[String]) {
    let mut expected: Vec<String> = addresses.iter().map(|address| format!("emqx@{address}")).collect();
    expected.sort();
    let started = Instant::now();
    for node in nodes {
        loop {
            let found = running_nodes(node);
            if found == expected {
                break;
            }
            assert!(started.elapsed() < FORM_DEADLINE, "{found:?}, not {expected:?}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

#[test]
fn nodes_with_the_same_seeds_become_one_cluster_even_if_one_of_the_seeds_is_nobody() {
    let all = addresses::<3>();
    let seeds = all.each_ref().map(|address| format!("\"emqx@{address}\""));
    let seeds = format!("{}, \"emqx9@{}\"", seeds.join(", "), all[2]);
    let nodes = start(&all, |_| {
        format!("cluster {{ discovery_strategy = static, static.seeds = [{seeds}] }}")
    });
    expect_one_cluster(&nodes, &all);
}

#[test]
fn a_node_that_nobody_else_looks_for_is_in_the_cluster_whoever_was_founded_first() {
    for seeker in 0..2 {
        let all = addresses::<2>();
        let nodes = start(&all, |address| {
            let seed = if address == all[seeker] {
                &all[1 - seeker]
            } else {
                "127.255.255.1"
            };
            format!("cluster {{ discovery_strategy = static, static.seeds = [\"emqx@{seed}\"] }}")
        });
        expect_one_cluster(&nodes, &all);
    }
}

#[test]
fn nodes_whose_addresses_stand_in_dns_become_one_cluster() {
    let all = addresses::<3>();
    let records = all
        .each_ref()
        .map(|address| format!("--host-record=nodes.test,{address}"));
    let Some(server) = DnsServer::start(&records.each_ref().map(String::as_str)) else {
        return;
    };
    let nodes = start(&all, |_| {
        let server = server.address();
        format!("cluster {{ discovery_strategy = dns, dns {{ name = nodes.test, server = \"{server}\" }} }}")
    });
    expect_one_cluster(&nodes, &all);
}

#[test]
fn nodes_that_are_targets_of_srv_records_become_one_cluster() {
    let all = addresses::<2>();
    let records = all
        .each_ref()
        .map(|address| format!("--srv-host=_emqx._tcp.nodes.test,{address},4370"));
    let Some(server) = DnsServer::start(&records.each_ref().map(String::as_str)) else {
        return;
    };
    let nodes = start(&all, |_| {
        format!(
            "cluster {{ discovery_strategy = dns, \
             dns {{ name = \"_emqx._tcp.nodes.test\", record_type = srv, server = \"{}\" }} }}",
            server.address()
        )
    });
    expect_one_cluster(&nodes, &all);
}

#[test]
fn nodes_with_keys_in_etcd_become_one_cluster_and_one_that_stops_takes_its_key_away() {
    let Some(server) = EtcdServer::start() else { return };
    let all = addresses::<3>();
    let config = |_: &str| {
        format!(
            "cluster {{ discovery_strategy = etcd, etcd {{ server = \"{}\", node_ttl = 30s }} }}",
            server.url()
        )
    };
    let mut nodes = start(&all, config);
    expect_one_cluster(&nodes, &all);
    let last = nodes.pop().unwrap();
    drop(last);
    nodes[0].expect_log(&["discovery_found", &format!("seeds: [\"{}:4370\"]", all[1])]);
}

#[test]
fn ready_endpoints_of_a_kubernetes_service_become_one_cluster() {
    let api = KubernetesApi::start();
    let all = addresses::<2>();
    api.set(
        &[(&all[0], Some("emqx-0")), (&all[1], Some("emqx-1"))],
        &[("127.255.255.1", Some("emqx-2"))],
    );
    let nodes = start(&all, |_| {
        format!(
            "cluster {{ discovery_strategy = k8s, k8s {{ apiserver = \"{}\", service_name = emqx-headless, \
             namespace = iot, account_dir = \"{}\" }} }}",
            api.url(),
            api.account().display()
        )
    });
    expect_one_cluster(&nodes, &all);
}

#[test]
fn nodes_that_hear_each_other_in_a_multicast_group_become_one_cluster_and_strangers_stay_outside() {
    let all = addresses::<3>();
    let group = all[0].replacen("127.", "239.", 1);
    let port = std::net::UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = |address: &str| {
        let cookie = if address == all[2] { "another" } else { "ours" };
        format!(
            "node.cookie = {cookie}\ncluster {{ discovery_strategy = mcast, \
             mcast {{ addr = \"{group}\", ports = [{port}], iface = \"{address}\", ttl = 1 }} }}"
        )
    };
    let nodes = start(&all, config);
    expect_one_cluster(&nodes[..2], &all[..2]);
    assert_eq!(running_nodes(&nodes[2]), [format!("emqx@{}", all[2])]);
}

#[test]
fn nodes_are_joined_by_hand_where_none_looks_for_others() {
    let all = addresses::<2>();
    let nodes = start(&all, |_| String::new());
    expect_one_cluster(&nodes[..1], &all[..1]);
    expect_one_cluster(&nodes[1..], &all[1..]);
    nodes[1].ctl(["cluster", "join", &format!("emqx@{}", all[0])]).ok();
    expect_one_cluster(&nodes, &all);
}

#[test]
fn a_node_that_leaves_its_cluster_is_not_back_at_once() {
    let all = addresses::<2>();
    let seeds = format!("\"emqx@{}\", \"emqx@{}\"", all[0], all[1]);
    let mut nodes = start(&all, |_| {
        format!("cluster {{ discovery_strategy = static, static.seeds = [{seeds}] }}")
    });
    expect_one_cluster(&nodes, &all);
    nodes[1].ctl(["cluster", "leave"]).ok();
    nodes[1].expect_log(&["discovery_switched", "enabled: false"]);
    expect_one_cluster(&nodes[1..], &all[1..]);
    // A restart looks again.
    nodes[1].signal("TERM");
    nodes[1].wait_end();
    nodes[1].start_again();
    expect_one_cluster(&nodes, &all);
}
