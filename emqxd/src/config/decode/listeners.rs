//! `listeners.<type>.<name>`
//!
//! `tcp:default` and `ws:default` are there unless the file switches them off or takes them away with EMQX's word
//! `marked_for_deletion`; the other types only if the file names them.

use std::net::SocketAddr;

use super::super::Config;
use super::super::access_rule::{AccessRule, Cidr};
use super::super::hocon::{Node, Value};
use super::super::listener::{ListenerConfig, ListenerKind, TcpKeepalive, TcpOptions};
use super::super::rate::Rate;
use super::super::values;
use super::{Decoder, authn, text, tls, websocket};

/// Listeners of one node; each is a socket, and a file with more is not one of ours.
const LISTENERS_MAX: usize = 1024;

pub(super) fn read(decoder: &mut Decoder<'_>, config: &mut Config) {
    for kind in ListenerKind::ALL {
        for name in decoder.names(&format!("listeners.{kind}")) {
            if decoder.is_deleted(&format!("listeners.{kind}.{name}")) {
                config
                    .listeners
                    .retain(|listener| (listener.kind, &listener.name) != (kind, &name));
                continue;
            }
            let known = config
                .listeners
                .iter_mut()
                .find(|listener| listener.kind == kind && listener.name == name);
            if let Some(listener) = known {
                read_listener(decoder, listener);
                continue;
            }
            let mut listener = ListenerConfig::new(kind, &name);
            read_listener(decoder, &mut listener);
            config.listeners.push(listener);
        }
    }
    add_default_tls_listeners(decoder, config);
    // Whether they are there by default or by the file.
    config.listeners.sort_by_key(|listener| listener.kind);
    refuse_too_many(decoder, config);
    // A listener with a wrong `bind` still has the default one.
    if decoder.problems.is_empty() {
        refuse_shared_addresses(decoder, &config.listeners);
    }
}

/// EMQX's certificates folder is enough for `ssl:default` and `wss:default`.
fn add_default_tls_listeners(decoder: &Decoder<'_>, config: &mut Config) {
    let folder = decoder.folders.put_into("${EMQX_ETC_DIR}/certs");
    if !["cert.pem", "key.pem"].iter().all(|name| folder.join(name).is_file()) {
        return;
    }
    for kind in [ListenerKind::Ssl, ListenerKind::Wss] {
        let has_default = |listener: &ListenerConfig| listener.kind == kind && listener.name == "default";
        if !config.listeners.iter().any(has_default) && !decoder.is_deleted(&format!("listeners.{kind}.default")) {
            let mut listener = ListenerConfig::new(kind, "default");
            listener.ssl_options.certificates_folder.clone_from(&folder);
            config.listeners.push(listener);
        }
    }
}

fn read_listener(decoder: &mut Decoder<'_>, listener: &mut ListenerConfig) {
    let prefix = format!("listeners.{}.{}", listener.kind, listener.name);
    let key = |name: &str| format!("{prefix}.{name}");
    decoder.boolean(&key("enable"), &mut listener.enable);
    let mut bind = (listener.bind, std::mem::take(&mut listener.listen_on));
    decoder.read(&key("bind"), &mut bind, |value, _| values::bind(text(value)?));
    (listener.bind, listener.listen_on) = bind;
    decoder.integer(&key("acceptors"), &mut listener.acceptors);
    decoder.integer_or_none(&key("max_connections"), &mut listener.max_connections);
    decoder.integer_or_none(
        &key("max_connections_per_address"),
        &mut listener.max_connections_per_address,
    );
    for (name, slot) in [
        ("max_conn", &mut listener.max_conn_rate),
        ("messages", &mut listener.messages_rate),
        ("bytes", &mut listener.bytes_rate),
    ] {
        decoder.rate(&key(&format!("{name}_rate")), slot);
        let mut burst: Option<u64> = None;
        decoder.read(&key(&format!("{name}_burst")), &mut burst, |value, _| {
            Rate::burst_amount(text(value)?).map(Some)
        });
        if let (Some(rate), Some(burst)) = (slot, burst) {
            rate.burst = burst;
        }
    }
    decoder.text(&key("mountpoint"), &mut listener.mountpoint);
    decoder.text(&key("zone"), &mut listener.zone);
    decoder.read(&key("access_rules"), &mut listener.access_rules, |value, _| {
        access_rules(value)
    });
    decoder.boolean(&key("proxy_protocol"), &mut listener.proxy_protocol);
    decoder.duration(&key("proxy_protocol_timeout"), &mut listener.proxy_protocol_timeout);
    decoder.read(&key("trusted_proxies"), &mut listener.trusted_proxies, |value, _| {
        networks(value)
    });
    if listener.kind.is_tls() {
        listener.ssl_options.certificates_folder = decoder.folders.put_into("${EMQX_ETC_DIR}/certs");
    }
    tls::read(decoder, &key("ssl_options"), &mut listener.ssl_options);
    websocket::read(decoder, &key("websocket"), &mut listener.websocket);
    read_tcp_options(decoder, &key("tcp_options"), &mut listener.tcp_options);
    authn::read_listener(decoder, &prefix, listener);
}

fn read_tcp_options(decoder: &mut Decoder<'_>, prefix: &str, options: &mut TcpOptions) {
    let key = |name: &str| format!("{prefix}.{name}");
    decoder.integer(&key("backlog"), &mut options.backlog);
    decoder.duration(&key("send_timeout"), &mut options.send_timeout);
    decoder.boolean(&key("send_timeout_close"), &mut options.send_timeout_close);
    decoder.size_if_set(&key("recbuf"), &mut options.recbuf);
    decoder.size_if_set(&key("sndbuf"), &mut options.sndbuf);
    decoder.size(&key("buffer"), &mut options.buffer);
    decoder.size(&key("high_watermark"), &mut options.high_watermark);
    decoder.boolean(&key("nodelay"), &mut options.nodelay);
    decoder.boolean(&key("nolinger"), &mut options.nolinger);
    decoder.boolean(&key("reuseaddr"), &mut options.reuseaddr);
    decoder.read(&key("keepalive"), &mut options.keepalive, |value, _| {
        match text(value)? {
            "none" => Some(None),
            text => TcpKeepalive::parse(text).map(Some),
        }
    });
}

fn access_rules(value: &Value) -> Option<Vec<AccessRule>> {
    match &value.node {
        Node::Array(items) => items
            .iter()
            .map(|item| text(item)?.parse().ok())
            .collect::<Option<Vec<_>>>()
            .filter(|rules| rules.len() <= 1000),
        _ => None,
    }
}

/// Networks, or addresses alone.
fn networks(value: &Value) -> Option<Vec<Cidr>> {
    let Node::Array(items) = &value.node else { return None };
    let networks = items
        .iter()
        .map(|item| text(item)?.parse().ok())
        .collect::<Option<Vec<_>>>();
    networks.filter(|networks| networks.len() <= 1000)
}

fn refuse_too_many(decoder: &mut Decoder<'_>, config: &mut Config) {
    let Some(beyond) = config.listeners.get(LISTENERS_MAX) else {
        return;
    };
    let key = format!("listeners.{}.{}", beyond.kind, beyond.name);
    if let Some(value) = decoder.value(&key) {
        let message = format!("more than {LISTENERS_MAX} listeners");
        decoder.problems.value(value.place, &key, message, None);
    }
    config.listeners.truncate(LISTENERS_MAX);
}

/// Two listeners cannot have one address: say so before anything is bound.
fn refuse_shared_addresses(decoder: &mut Decoder<'_>, listeners: &[ListenerConfig]) {
    let mut taken: std::collections::HashMap<(bool, SocketAddr), &str> = std::collections::HashMap::new();
    for listener in listeners.iter().filter(|listener| listener.enable) {
        if listener.bind.port() == 0 {
            continue;
        }
        let over_udp = listener.kind == ListenerKind::Quic;
        let Some(other) = taken.insert((over_udp, listener.bind), &listener.id) else {
            continue;
        };
        let section = format!("listeners.{}.{}", listener.kind, listener.name);
        let key = format!("{section}.bind");
        let place = decoder.value(&key).or_else(|| decoder.value(&section));
        if let Some(value) = place {
            let message = format!("{} is the address of {other} already", listener.listen_on);
            let hint = format!("give each listener its own port, or set `{section}.enable = false`");
            decoder.problems.value(value.place, &key, message, Some(hint));
        }
    }
}
