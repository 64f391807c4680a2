//! What EMQX 4's keys are called in EMQX 5.

use super::is_present_key;

/// One key of EMQX 5 and its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Converted {
    pub(super) key: String,
    pub(super) value: ConvertedValue,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum ConvertedValue {
    One(String),
    List(Vec<String>),
    /// One more item of a list: `access.1`, `access.2`, ...
    Append(String),
}

/// Keys outside listeners and zones that only have another name.
const RENAMED: &[(&str, &str)] = &[
    ("acl_deny_action", "authorization.deny_action"),
    ("acl_nomatch", "authorization.no_match"),
    (
        "broker.shared_subscription_strategy",
        "mqtt.shared_subscription_strategy",
    ),
    ("broker.sys_heartbeat", "sys_topics.sys_heartbeat_interval"),
    ("broker.sys_interval", "sys_topics.sys_msg_interval"),
    ("cluster.discovery", "cluster.discovery_strategy"),
    ("dashboard.listener.http", "dashboard.listeners.http.bind"),
    ("enable_acl_cache", "authorization.cache.enable"),
    (
        "license.connection_high_watermark_alarm",
        "license.connection_high_watermark",
    ),
    (
        "license.connection_low_watermark_alarm",
        "license.connection_low_watermark",
    ),
    ("license.file", "license.key"),
    ("mqtt.acl_deny_action", "authorization.deny_action"),
    ("mqtt.acl_nomatch", "authorization.no_match"),
    ("node.crash_dump", "node.crash_dump_file"),
    ("retainer.expiry_interval", "retainer.msg_expiry_interval"),
    (
        "retainer.max_retained_messages",
        "retainer.backend.max_retained_messages",
    ),
    ("retainer.storage_type", "retainer.backend.storage_type"),
    ("reuse_sessions", "listeners.ssl.default.ssl_options.reuse_sessions"),
];

/// Keys of a listener that have another name or place today.
const LISTENER_RENAMED: &[(&str, &str)] = &[("key_password", "ssl_options.password"), ("rate_limit", "bytes_rate")];
/// Keys of a listener that are below `tcp_options` today.
const LISTENER_TCP: &[&str] = &[
    "active_n",
    "backlog",
    "buffer",
    "high_watermark",
    "nodelay",
    "recbuf",
    "reuseaddr",
    "send_timeout",
    "send_timeout_close",
    "sndbuf",
];
/// Keys of a listener that are below `ssl_options` today.
const LISTENER_SSL: &[&str] = &[
    "cacertfile",
    "certfile",
    "depth",
    "fail_if_no_peer_cert",
    "handshake_timeout",
    "honor_cipher_order",
    "keyfile",
    "reuse_sessions",
    "secure_renegotiate",
    "verify",
];
/// Keys of a listener that are below `websocket` today.
const LISTENER_WEBSOCKET: &[&str] = &["compress", "fail_if_no_subprotocol", "mqtt_path"];
/// Keys of a listener with their name of then.
const LISTENER_SAME: &[&str] = &[
    "acceptors",
    "max_conn_rate",
    "max_connections",
    "mountpoint",
    "proxy_protocol",
    "proxy_protocol_timeout",
];

/// Keys of all 4.x files that nothing here answers to, beside those of [`NO_EFFECT_SECTIONS`].
const NO_EFFECT: &[&str] = &[
    "acl_cache_max_size",
    "acl_cache_ttl",
    "acl_file",
    "allow_anonymous",
    "mqtt.acl_file",
    "mqtt.allow_anonymous",
    "mqtt.conn.force_gc_count",
    "node.async_threads",
    "node.dist_listen_max",
    "node.dist_listen_min",
    "node.fullsweep_after",
    "node.heartbeat",
    "node.ssl_dist_optfile",
    "plugins.etc_dir",
    "plugins.loaded_file",
    "plugins.expand_plugins_dir",
];
/// Sections that EMQX 5 no longer has.
const NO_EFFECT_SECTIONS: &[&str] = &[
    "acl.",
    "auth.",
    "bridge.",
    "lwm2m.",
    "management.",
    "module.",
    "modules.",
    "os_mon.",
    "vm_mon.",
    "web.hook.",
];

/// Whether only EMQX 4 has this key, with a value of this look.
pub(super) fn is_v4_key(key: &str, value: &str) -> bool {
    // EMQX 5 has a section of this name.
    if key == "log.file" {
        return !value.starts_with(['{', '$']);
    }
    let sections = ["listener.", "zone."];
    matches!(key, "log.to" | "log.level" | "log.dir")
        || matches!(
            key,
            "force_shutdown_policy" | "force_gc_policy" | "flapping_detect_policy"
        )
        || key == "cluster.static.seeds" && !value.starts_with('[')
        || sections.iter().any(|section| key.starts_with(section))
        || NO_EFFECT_SECTIONS.iter().any(|section| key.starts_with(section))
        || NO_EFFECT.contains(&key)
        || RENAMED.iter().any(|(from, _)| *from == key)
}

/// What a key becomes; nothing if there is no such thing here. `Err` says what was expected.
pub(super) fn convert(key: &str, value: &str) -> Result<Vec<Converted>, &'static str> {
    if let Some(rest) = key.strip_prefix("listener.") {
        return Ok(listener_key(rest, value));
    }
    if let Some(name) = key.strip_prefix("zone.external.") {
        return zone_key(name, value);
    }
    match key {
        "force_shutdown_policy" | "force_gc_policy" | "flapping_detect_policy" => {
            return zone_key(key, value);
        }
        "cluster.static.seeds" => {
            let seeds = value.split(',').map(|seed| seed.trim().to_owned());
            return Ok(vec![Converted {
                key: key.to_owned(),
                value: ConvertedValue::List(seeds.collect()),
            }]);
        }
        _ => {}
    }
    let renamed = RENAMED.iter().find(|(from, _)| *from == key);
    Ok(renamed.map(|(_, to)| one(*to, value)).into_iter().collect())
}

fn one(key: impl Into<String>, value: &str) -> Converted {
    Converted {
        key: key.into(),
        value: ConvertedValue::One(value.to_owned()),
    }
}

/// `tcp.external.rate_limit` and its like, after `listener.`.
fn listener_key(rest: &str, value: &str) -> Vec<Converted> {
    let mut parts = rest.splitn(3, '.');
    let (Some(kind), Some(name)) = (parts.next(), parts.next()) else {
        return Vec::new();
    };
    if !["tcp", "ssl", "ws", "wss"].contains(&kind) {
        return Vec::new();
    }
    let name = if name == "external" { "default" } else { name };
    let listener = format!("listeners.{kind}.{name}");
    let Some(key) = parts.next() else {
        return vec![one(format!("{listener}.bind"), value)];
    };
    if key.starts_with("access.") {
        return vec![Converted {
            key: format!("{listener}.access_rules"),
            value: ConvertedValue::Append(value.to_owned()),
        }];
    }
    let list = match key {
        "tls_versions" => Some("versions"),
        "ciphers" => Some("ciphers"),
        _ => None,
    };
    if let Some(today) = list {
        let items = value.split(',').map(|item| item.trim().to_owned());
        return vec![Converted {
            key: format!("{listener}.ssl_options.{today}"),
            value: ConvertedValue::List(items.collect()),
        }];
    }
    if let Some((_, today)) = LISTENER_RENAMED.iter().find(|(from, _)| *from == key) {
        return vec![one(format!("{listener}.{today}"), value)];
    }
    let section = [
        (LISTENER_SAME, ""),
        (LISTENER_TCP, "tcp_options."),
        (LISTENER_SSL, "ssl_options."),
        (LISTENER_WEBSOCKET, "websocket."),
    ]
    .into_iter()
    .find(|(keys, _)| keys.contains(&key));
    section
        .map(|(_, section)| one(format!("{listener}.{section}{key}"), value))
        .into_iter()
        .collect()
}

/// `zone.external.<name>`, which is what all listeners of a plain installation follow.
fn zone_key(name: &str, value: &str) -> Result<Vec<Converted>, &'static str> {
    match name {
        "force_shutdown_policy" => {
            let (messages, heap) = value.split_once('|').ok_or("a policy such as 10000|64MB")?;
            return Ok(vec![
                one("force_shutdown.max_mailbox_size", messages.trim()),
                one("force_shutdown.max_heap_size", heap.trim()),
            ]);
        }
        "force_gc_policy" => {
            let (count, bytes) = value.split_once('|').ok_or("a policy such as 16000|16MB")?;
            return Ok(vec![
                one("force_gc.count", count.trim()),
                one("force_gc.bytes", bytes.trim()),
            ]);
        }
        "flapping_detect_policy" => {
            let parts: Vec<&str> = value.split(',').map(str::trim).collect();
            let [count, window, ban] = parts[..] else {
                return Err("a policy such as 30, 1m, 5m");
            };
            return Ok(vec![
                one("flapping_detect.max_count", count),
                one("flapping_detect.window_time", window),
                one("flapping_detect.ban_time", ban),
            ]);
        }
        "enable_flapping_detect" => return Ok(vec![one("flapping_detect.enable", value)]),
        "rate_limit.conn_bytes_in" => {
            return Ok(vec![one("listeners.tcp.default.bytes_rate", value)]);
        }
        "rate_limit.conn_messages_in" | "publish_limit" => {
            return Ok(vec![one("listeners.tcp.default.messages_rate", value)]);
        }
        "keepalive_backoff" => return Ok(vec![one("mqtt.keepalive_backoff", value)]),
        _ => {}
    }
    let today = format!("mqtt.{name}");
    Ok(match is_present_key(&today) {
        true => vec![one(today, value)],
        false => Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(key: &str, value: &str) -> String {
        let text = |converted: Converted| match converted.value {
            ConvertedValue::One(value) => format!("{} = {value}", converted.key),
            ConvertedValue::List(values) => format!("{} = {values:?}", converted.key),
            ConvertedValue::Append(value) => format!("{} += {value}", converted.key),
        };
        let all: Vec<String> = convert(key, value).unwrap().into_iter().map(text).collect();
        all.join("; ")
    }

    #[test]
    fn each_kind_of_key_becomes_what_emqx_5_calls_it() {
        for (key, value, expected) in [
            ("listener.tcp.external", "1883", "listeners.tcp.default.bind = 1883"),
            (
                "listener.tcp.internal",
                "127.0.0.1:11883",
                "listeners.tcp.internal.bind = 127.0.0.1:11883",
            ),
            (
                "listener.tcp.external.max_conn_rate",
                "1000",
                "listeners.tcp.default.max_conn_rate = 1000",
            ),
            (
                "listener.tcp.external.rate_limit",
                "1024,4096",
                "listeners.tcp.default.bytes_rate = 1024,4096",
            ),
            (
                "listener.tcp.external.active_n",
                "100",
                "listeners.tcp.default.tcp_options.active_n = 100",
            ),
            (
                "listener.tcp.external.access.1",
                "allow all",
                "listeners.tcp.default.access_rules += allow all",
            ),
            (
                "listener.ssl.external.reuse_sessions",
                "on",
                "listeners.ssl.default.ssl_options.reuse_sessions = on",
            ),
            (
                "listener.ssl.external.tls_versions",
                "tlsv1.2,tlsv1.1",
                "listeners.ssl.default.ssl_options.versions = [\"tlsv1.2\", \"tlsv1.1\"]",
            ),
            (
                "listener.ws.external.mqtt_path",
                "/mqtt",
                "listeners.ws.default.websocket.mqtt_path = /mqtt",
            ),
            ("listener.tcp.external.tune_buffer", "off", ""),
            (
                "zone.external.force_shutdown_policy",
                "10000|64MB",
                "force_shutdown.max_mailbox_size = 10000; force_shutdown.max_heap_size = 64MB",
            ),
            (
                "zone.external.flapping_detect_policy",
                "30, 1m, 5m",
                "flapping_detect.max_count = 30; flapping_detect.window_time = 1m; flapping_detect.ban_time = 5m",
            ),
            (
                "zone.external.rate_limit.conn_bytes_in",
                "100KB,10s",
                "listeners.tcp.default.bytes_rate = 100KB,10s",
            ),
            ("zone.external.max_inflight", "64", "mqtt.max_inflight = 64"),
            ("zone.external.hibernate_after", "60s", ""),
            ("zone.internal.max_inflight", "64", ""),
            ("broker.sys_interval", "1m", "sys_topics.sys_msg_interval = 1m"),
            ("mqtt.acl_nomatch", "allow", "authorization.no_match = allow"),
            (
                "cluster.static.seeds",
                "a@h, b@h",
                "cluster.static.seeds = [\"a@h\", \"b@h\"]",
            ),
            ("allow_anonymous", "true", ""),
        ] {
            assert!(is_v4_key(key, value), "{key}");
            assert_eq!(converted(key, value), expected, "{key}");
        }
        assert!(convert("force_shutdown_policy", "10000").is_err());
        assert!(convert("flapping_detect_policy", "30, 1m").is_err());
    }

    #[test]
    fn keys_that_emqx_5_has_too_are_left_alone() {
        for (key, value) in [
            ("mqtt.max_packet_size", "1MB"),
            ("node.name", "emqx@127.0.0.1"),
            ("listeners.tcp.default.bind", "1883"),
            ("log.file", "{ level = info }"),
            ("log.file.level", "info"),
            ("cluster.static.seeds", "[\"a@h\"]"),
        ] {
            assert!(!is_v4_key(key, value), "{key}");
        }
    }
}
