//! `cluster`

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use emqxd_discovery::settings::{AddressType, Etcd, K8s, Kind, Mcast, RecordType};

use super::super::cluster::ClusterConfig;
use super::super::hocon::{Node, Value};
use super::super::node::is_node_name;
use super::super::values;
use super::{Decoder, text};

/// Names, servers or ports of one list.
const LIST_MAX: usize = 1024;
/// Servers of etcd: one that does not answer costs the others time.
const SERVERS_MAX: usize = 16;
/// Ports at which nodes listen for multicasts.
const PORTS_MAX: usize = 16;
/// etcd does not lease for less.
const NODE_TTL_MIN: Duration = Duration::from_secs(5);

pub(super) fn read(decoder: &mut Decoder<'_>, cluster: &mut ClusterConfig) {
    decoder.read("cluster.name", &mut cluster.name, |value, _| {
        text(value).filter(|name| is_plain(name, 255)).map(str::to_owned)
    });
    if let Some(kind) = decoder.word("cluster.discovery_strategy").and_then(Kind::from_word) {
        cluster.discovery.kind = kind;
    }
    decoder.duration_or_none("cluster.autoclean", &mut cluster.autoclean);
    decoder.boolean("cluster.autoheal", &mut cluster.autoheal);
    decoder.boolean("cluster.sessions_need_majority", &mut cluster.sessions_need_majority);
    decoder.read("cluster.core_nodes", &mut cluster.core_nodes, |value, _| {
        node_names(value)
    });
    decoder.read("cluster.static.seeds", &mut cluster.discovery.seeds, |value, _| {
        node_names(value)
    });
    dns(decoder, cluster);
    let is_etcd = cluster.discovery.kind == Kind::Etcd;
    etcd(decoder, &mut cluster.discovery.etcd, is_etcd);
    k8s(decoder, &mut cluster.discovery.k8s);
    mcast(decoder, &mut cluster.discovery.mcast);
    links(decoder, cluster);
    needs_something(decoder, cluster);
}

fn dns(decoder: &mut Decoder<'_>, cluster: &mut ClusterConfig) {
    let dns = &mut cluster.discovery.dns;
    decoder.read("cluster.dns.name", &mut dns.name, |value, _| {
        text(value).filter(|name| is_plain(name, 253)).map(str::to_owned)
    });
    if decoder.word("cluster.dns.record_type") == Some("srv") {
        dns.record_type = RecordType::Srv;
    }
    decoder.read("cluster.dns.server", &mut dns.server, |value, _| {
        let text = text(value)?;
        let is_address = text.parse::<std::net::IpAddr>().is_ok() || text.parse::<std::net::SocketAddr>().is_ok();
        is_address.then(|| Some(text.to_owned()))
    });
}

fn etcd(decoder: &mut Decoder<'_>, etcd: &mut Etcd, is_used: bool) {
    decoder.read("cluster.etcd.server", &mut etcd.servers, |value, _| {
        list(value, SERVERS_MAX, |text| {
            is_url(text).then(|| text.trim_end_matches('/').to_owned())
        })
        .filter(|servers| !servers.is_empty())
    });
    decoder.read("cluster.etcd.prefix", &mut etcd.prefix, |value, _| {
        let text = text(value)?;
        (text.len() <= 255 && !text.contains(char::is_control)).then(|| text.to_owned())
    });
    decoder.read("cluster.etcd.node_ttl", &mut etcd.node_ttl, |value, _| {
        values::duration(text(value)?).filter(|ttl| *ttl >= NODE_TTL_MIN)
    });
    let mut is_enabled = true;
    decoder.boolean("cluster.etcd.ssl_options.enable", &mut is_enabled);
    let tls = &mut etcd.tls;
    tls.is_unverified = decoder.word("cluster.etcd.ssl_options.verify") == Some("verify_none");
    file(decoder, "cluster.etcd.ssl_options.cacertfile", &mut tls.cacertfile);
    file(decoder, "cluster.etcd.ssl_options.certfile", &mut tls.certfile);
    file(decoder, "cluster.etcd.ssl_options.keyfile", &mut tls.keyfile);
    if is_used && tls.certfile.is_some() != tls.keyfile.is_some() {
        let key = match tls.certfile {
            Some(_) => "cluster.etcd.ssl_options.certfile",
            None => "cluster.etcd.ssl_options.keyfile",
        };
        if let Some(value) = decoder.value(key) {
            let message = "a certificate needs its key, and a key its certificate".to_owned();
            let hint = Some("set both certfile and keyfile, or neither".to_owned());
            decoder.problems.value(value.place, key, message, hint);
        }
    }
    if !is_enabled {
        etcd.tls = emqxd_discovery::settings::Tls::default();
    }
}

fn k8s(decoder: &mut Decoder<'_>, k8s: &mut K8s) {
    decoder.read("cluster.k8s.apiserver", &mut k8s.apiserver, |value, _| {
        text(value)
            .filter(|text| is_url(text))
            .map(|text| text.trim_end_matches('/').to_owned())
    });
    for (key, slot) in [
        ("cluster.k8s.service_name", &mut k8s.service_name),
        ("cluster.k8s.namespace", &mut k8s.namespace),
    ] {
        decoder.read(key, slot, |value, _| {
            text(value).filter(|name| is_plain(name, 253)).map(str::to_owned)
        });
    }
    decoder.read("cluster.k8s.suffix", &mut k8s.suffix, |value, _| {
        let text = text(value)?.trim_matches('.');
        (text.is_empty() || is_plain(text, 253)).then(|| text.to_owned())
    });
    match decoder.word("cluster.k8s.address_type") {
        Some("dns") => k8s.address_type = AddressType::Dns,
        Some("hostname") => k8s.address_type = AddressType::Hostname,
        _ => {}
    }
    decoder.path("cluster.k8s.account_dir", &mut k8s.account);
}

fn mcast(decoder: &mut Decoder<'_>, mcast: &mut Mcast) {
    decoder.read("cluster.mcast.addr", &mut mcast.addr, |value, _| {
        text(value)?.parse().ok().filter(Ipv4Addr::is_multicast)
    });
    decoder.read("cluster.mcast.ports", &mut mcast.ports, |value, _| {
        list(value, PORTS_MAX, |text| {
            text.parse().ok().filter(|port: &u16| *port > 0)
        })
        .filter(|ports| !ports.is_empty())
    });
    decoder.read("cluster.mcast.iface", &mut mcast.iface, |value, _| {
        text(value)?
            .parse()
            .ok()
            .filter(|address: &Ipv4Addr| !address.is_multicast())
    });
    decoder.integer("cluster.mcast.ttl", &mut mcast.ttl);
    decoder.boolean("cluster.mcast.loop", &mut mcast.is_looped);
}

/// How nodes speak to each other.
fn links(decoder: &mut Decoder<'_>, cluster: &mut ClusterConfig) {
    let key = "cluster.proto_dist";
    cluster.uses_tls = decoder.word(key).is_some_and(|word| word.ends_with("_tls"));
    let tls = &mut cluster.ssl_options;
    file(decoder, "cluster.ssl_options.cacertfile", &mut tls.cacertfile);
    file(decoder, "cluster.ssl_options.certfile", &mut tls.certfile);
    file(decoder, "cluster.ssl_options.keyfile", &mut tls.keyfile);
    let files = [
        ("cacertfile", &tls.cacertfile),
        ("certfile", &tls.certfile),
        ("keyfile", &tls.keyfile),
    ];
    let missing: Vec<String> = files
        .into_iter()
        .filter(|(_, file)| file.is_none())
        .map(|(name, _)| format!("`cluster.ssl_options.{name}`"))
        .collect();
    if cluster.uses_tls
        && !missing.is_empty()
        && let Some(value) = decoder.value(key)
    {
        let message = "links by TLS show each other certificates".to_owned();
        let hint = Some(format!("set {}", missing.join(" and ")));
        decoder.problems.value(value.place, key, message, hint);
    }
}

/// A strategy that could never find anybody.
fn needs_something(decoder: &mut Decoder<'_>, cluster: &ClusterConfig) {
    let discovery = &cluster.discovery;
    let (key, example) = match discovery.kind {
        Kind::Static if discovery.seeds.is_empty() => {
            ("cluster.static.seeds", "[\"emqx@10.0.0.1\", \"emqx@10.0.0.2\"]")
        }
        Kind::Etcd if discovery.etcd.servers.is_empty() => ("cluster.etcd.server", "\"http://127.0.0.1:2379\""),
        _ => return,
    };
    // What is set and wrong has its own error.
    if decoder.value(key).is_some_and(|value| !is_empty(value)) {
        return;
    }
    let strategy = "cluster.discovery_strategy";
    if let Some(value) = decoder.value(strategy) {
        let message = format!("`{}` needs `{key}`", discovery.kind.as_str());
        let hint = Some(format!("such as `{key} = {example}`"));
        decoder.problems.value(value.place, strategy, message, hint);
    }
}

fn is_empty(value: &Value) -> bool {
    match &value.node {
        Node::Array(items) => items.is_empty(),
        _ => text(value).is_some_and(str::is_empty),
    }
}

/// An empty text is as if the key were not there, as in EMQX.
fn file(decoder: &mut Decoder<'_>, key: &str, slot: &mut Option<PathBuf>) {
    let folders = decoder.folders;
    decoder.read(key, slot, |value, _| {
        let text = text(value).filter(|text| !text.contains('\0'))?;
        Some((!text.is_empty()).then(|| folders.put_into(text)))
    });
}

fn node_names(value: &Value) -> Option<Vec<String>> {
    list(value, LIST_MAX, |text| is_node_name(text).then(|| text.to_owned()))
}

/// A list, or a text with commas as EMQX takes it too; a variable may have brackets around it that HOCON cannot read.
fn list<T>(value: &Value, most: usize, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let items: Vec<&str> = match &value.node {
        Node::Array(items) => items.iter().map(text).collect::<Option<_>>()?,
        _ => {
            let text = text(value)?.trim();
            let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
            let parts = inner
                .unwrap_or(text)
                .split(',')
                .map(|part| part.trim().trim_matches('"'));
            parts.filter(|part| !part.is_empty()).collect()
        }
    };
    match items.len() <= most {
        true => items.into_iter().map(|item| parse(item.trim())).collect(),
        false => None,
    }
}

/// A name that may stand in a URL or a key.
fn is_plain(text: &str, most: usize) -> bool {
    let is_good = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
    (1..=most).contains(&text.len()) && text.chars().all(is_good)
}

/// Scheme and host, perhaps a path: nothing that hides where the question goes.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        let is_good = |char: char| char.is_ascii_graphic() && !"@?#\\\"<>{}|^`$".contains(char);
        text.len() <= 1024 && !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(is_good)
    })
}
