//! `cluster`: how nodes find each other.

use std::net::Ipv4Addr;

use emqxd_discovery::settings::{AddressType, Kind, RecordType};

use super::*;

#[test]
fn a_node_is_for_itself_until_a_key_of_cluster_or_its_own_name_is_set() {
    for (text, env, expected) in [
        ("", &[][..], false),
        ("node.name = \"emqx@127.0.0.1\"\nmqtt.max_inflight = 5", &[], false),
        ("node.name = \"emqx@10.0.0.1\"", &[], true),
        ("", &[("EMQX_HOST", "10.0.0.1")], true),
        ("", &[("EMQX_NODE__NAME", "emqx@10.0.0.1")], true),
        ("cluster.autoheal = true", &[], true),
        ("", &[("EMQX_CLUSTER__NAME", "emqxcl")], true),
        ("cluster.discovery_strategy = manual", &[], true),
        (
            "cluster.discovery_strategy = singleton\nnode.name = \"emqx@10.0.0.1\"",
            &[],
            false,
        ),
    ] {
        let config = load_text_with(text, env).unwrap().config;
        assert_eq!(config.is_clustering_configured(), expected, "{text} {env:?}");
    }
}

#[test]
fn every_key_of_cluster_is_read() {
    let config = loaded(
        r#"
cluster {
  name = mine
  discovery_strategy = etcd
  static.seeds = ["a@10.0.0.1", "b@10.0.0.2"]
  dns { name = nodes.example.org, record_type = srv, server = "127.0.0.1:5353" }
  etcd {
    server = ["http://10.0.0.3:2379/", "https://10.0.0.4:2379"]
    prefix = pre
    node_ttl = 30s
    ssl_options { cacertfile = "/ca.pem", certfile = "/c.pem", keyfile = "/k.pem", verify = verify_none }
  }
  k8s {
    apiserver = "https://10.96.0.1:443/", service_name = emqx-headless, address_type = hostname
    namespace = iot, suffix = "svc.cluster.local", account_dir = "/account"
  }
  mcast { addr = "239.1.2.3", ports = [5000, 5001], iface = "10.0.0.1", ttl = 2, loop = false }
  autoclean = 5m
  autoheal = false
  proto_dist = inet_tls
  ssl_options { cacertfile = "${EMQX_ETC_DIR}/ca.pem", certfile = "/node.pem", keyfile = "/node.key" }
  core_nodes = "a@h,b@h"
}"#,
    )
    .cluster;
    let discovery = &config.discovery;
    assert_eq!((config.name.as_str(), discovery.kind), ("mine", Kind::Etcd));
    assert_eq!(discovery.seeds, ["a@10.0.0.1", "b@10.0.0.2"]);
    assert_eq!(discovery.dns.name, "nodes.example.org");
    assert_eq!(discovery.dns.record_type, RecordType::Srv);
    assert_eq!(discovery.dns.server.as_deref(), Some("127.0.0.1:5353"));
    assert_eq!(
        discovery.etcd.servers,
        ["http://10.0.0.3:2379", "https://10.0.0.4:2379"]
    );
    assert_eq!(
        (discovery.etcd.prefix.as_str(), discovery.etcd.node_ttl.as_secs()),
        ("pre", 30)
    );
    assert!(discovery.etcd.tls.is_unverified);
    assert_eq!(discovery.etcd.tls.keyfile.as_deref(), Some(Path::new("/k.pem")));
    assert_eq!(discovery.k8s.apiserver, "https://10.96.0.1:443");
    assert_eq!(discovery.k8s.address_type, AddressType::Hostname);
    assert_eq!(
        (
            discovery.k8s.service_name.as_str(),
            discovery.k8s.namespace.as_str(),
            discovery.k8s.suffix.as_str()
        ),
        ("emqx-headless", "iot", "svc.cluster.local")
    );
    assert_eq!(discovery.k8s.account, Path::new("/account"));
    let mcast = &discovery.mcast;
    assert_eq!(
        (mcast.addr, mcast.iface),
        (Ipv4Addr::new(239, 1, 2, 3), Ipv4Addr::new(10, 0, 0, 1))
    );
    assert_eq!(
        (&mcast.ports[..], mcast.ttl, mcast.is_looped),
        (&[5000, 5001][..], 2, false)
    );
    assert_eq!(
        (config.autoclean, config.autoheal),
        (Some(Duration::from_secs(300)), false)
    );
    assert!(config.uses_tls);
    assert!(config.ssl_options.cacertfile.unwrap().ends_with("ca.pem"));
    assert_eq!(config.core_nodes, ["a@h", "b@h"]);
}

#[test]
fn seeds_may_be_a_text_with_commas_as_container_images_set_them() {
    for value in [
        "[emqx@10.0.0.1,emqx@10.0.0.2]",
        "emqx@10.0.0.1, emqx@10.0.0.2",
        "[\"emqx@10.0.0.1\",\"emqx@10.0.0.2\"]",
    ] {
        let env = [
            ("EMQX_CLUSTER__STATIC__SEEDS", value),
            ("EMQX_CLUSTER__DISCOVERY_STRATEGY", "static"),
        ];
        let cluster = load_text_with("", &env).unwrap().config.cluster;
        assert_eq!(cluster.discovery.seeds, ["emqx@10.0.0.1", "emqx@10.0.0.2"], "{value}");
    }
}

#[test]
fn keys_of_emqx_4_are_read() {
    let text = "cluster.name = emqxcl\ncluster.proto_dist = inet_tcp\ncluster.discovery = mcast\ncluster.autoheal = on\n\
                cluster.autoclean = 5m\ncluster.static.seeds = emqx1@127.0.0.1,emqx2@127.0.0.1\n\
                cluster.mcast.addr = 239.192.0.7\ncluster.mcast.ports = 4369,4370\ncluster.mcast.iface = 0.0.0.0\n\
                cluster.mcast.ttl = 255\ncluster.mcast.loop = on\ncluster.dns.name = localhost\ncluster.dns.app = emqx\n\
                cluster.dns.type = srv\ncluster.etcd.server = http://127.0.0.1:2379,http://127.0.0.2:2379\n\
                cluster.etcd.prefix = emqxcl\ncluster.etcd.node_ttl = 1m\ncluster.etcd.ssl.cacertfile = /ca.pem\n\
                cluster.k8s.apiserver = http://10.110.111.204:8080\ncluster.k8s.service_name = emqx\n\
                cluster.k8s.address_type = ip\ncluster.k8s.app_name = emqx\ncluster.k8s.suffix = pod.cluster.local\n\
                cluster.k8s.namespace = default\n";
    let loaded = load_text(text).unwrap();
    let discovery = &loaded.config.cluster.discovery;
    assert_eq!(discovery.kind, Kind::Mcast);
    assert_eq!(discovery.seeds, ["emqx1@127.0.0.1", "emqx2@127.0.0.1"]);
    assert_eq!(discovery.mcast.ports, [4369, 4370]);
    assert_eq!(discovery.dns.record_type, RecordType::Srv);
    assert_eq!(discovery.etcd.servers.len(), 2);
    assert_eq!(discovery.etcd.tls.cacertfile.as_deref(), Some(Path::new("/ca.pem")));
    assert_eq!(discovery.k8s.suffix, "pod.cluster.local");
    let all = warnings(text);
    assert!(
        all.contains(
            "`cluster.dns.app` is a key of EMQX 4 without effect here; the short names of other nodes are this node's"
        ),
        "{all}"
    );
}

#[test]
fn nonsense_in_cluster_is_an_error() {
    let errors = |text: &str| load_text(text).unwrap_err();
    assert_eq!(
        errors(
            "cluster {\n discovery_strategy = gossip\n name = \"a/b\"\n static.seeds = [emqx]\n dns.server = \"dns.example.org\"\n \
             etcd { server = \"ftp://x\", node_ttl = 1s }\n mcast { addr = \"10.0.0.1\", ports = [0], ttl = 256, iface = \"eth0\" }\n \
             k8s.apiserver = \"https://user:word@h\"\n autoheal = maybe\n}\ncluster.discover = x"
        ),
        r#"emqx.conf:2: cluster.discovery_strategy: expected one of manual, static, dns, etcd, k8s, mcast, singleton, found "gossip"
  next: the default is `cluster.discovery_strategy = manual`
emqx.conf:3: cluster.name: expected a name of letters, digits, _, - and dots, found "a/b"
  next: the default is `cluster.name = emqxcl`
emqx.conf:4: cluster.static.seeds: expected a list of node names such as ["emqx@10.0.0.1", "emqx@10.0.0.2"], found an array
  next: the default is `cluster.static.seeds = []`
emqx.conf:5: cluster.dns.server: expected an IP address, with a port if it is not 53, such as 127.0.0.1:5353, found "dns.example.org"
emqx.conf:6: cluster.etcd.server: expected a list of URLs such as ["http://127.0.0.1:2379"], found "ftp://x"
emqx.conf:6: cluster.etcd.node_ttl: expected a duration such as 15s or 1h30m, found "1s"
  next: the default is `cluster.etcd.node_ttl = 1m`
emqx.conf:7: cluster.mcast.addr: expected an IPv4 multicast address from 224.0.0.0 to 239.255.255.255, found "10.0.0.1"
  next: the default is `cluster.mcast.addr = 239.192.0.1`
emqx.conf:7: cluster.mcast.ports: expected a list of ports such as [4369, 4370], found an array
  next: the default is `cluster.mcast.ports = [4369, 4370]`
emqx.conf:7: cluster.mcast.iface: expected an IPv4 address of this machine, or 0.0.0.0, found "eth0"
  next: the default is `cluster.mcast.iface = 0.0.0.0`
emqx.conf:7: cluster.mcast.ttl: expected a whole number from 0 to 255, found "256"
  next: the default is `cluster.mcast.ttl = 255`
emqx.conf:8: cluster.k8s.apiserver: expected a URL such as https://kubernetes.default.svc:443, found "https://user:word@h"
  next: the default is `cluster.k8s.apiserver = https://kubernetes.default.svc:443`
emqx.conf:9: cluster.autoheal: expected true or false, found "maybe"
  next: the default is `cluster.autoheal = true`
emqx.conf:11: cluster.discover: unknown key
  next: remove it, or see emqx.conf(5) for the keys"#
    );
}

#[test]
fn a_strategy_says_what_it_needs() {
    let errors = |text: &str| load_text(text).unwrap_err();
    assert_eq!(
        errors("cluster.discovery_strategy = static\ncluster.static.seeds = []"),
        "emqx.conf:1: cluster.discovery_strategy: `static` needs `cluster.static.seeds`\n  \
         next: such as `cluster.static.seeds = [\"emqx@10.0.0.1\", \"emqx@10.0.0.2\"]`"
    );
    assert_eq!(
        errors("cluster.discovery_strategy = etcd"),
        "emqx.conf:1: cluster.discovery_strategy: `etcd` needs `cluster.etcd.server`\n  \
         next: such as `cluster.etcd.server = \"http://127.0.0.1:2379\"`"
    );
    assert_eq!(
        errors("cluster.proto_dist = inet_tls\ncluster.ssl_options.cacertfile = \"/ca.pem\""),
        "emqx.conf:1: cluster.proto_dist: links by TLS show each other certificates\n  \
         next: set `cluster.ssl_options.certfile` and `cluster.ssl_options.keyfile`"
    );
    assert_eq!(
        errors(
            "cluster.discovery_strategy = etcd\ncluster.etcd { server = \"https://h\", ssl_options.certfile = \"/c.pem\" }"
        ),
        "emqx.conf:2: cluster.etcd.ssl_options.certfile: a certificate needs its key, and a key its certificate\n  \
         next: set both certfile and keyfile, or neither"
    );
}
