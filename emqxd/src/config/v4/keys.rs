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
    /// The one source of rules: this file.
    FileSource(String),
    /// An empty list.
    Nothing,
}

/// Keys outside listeners and zones that only have another name.
const RENAMED: &[(&str, &str)] = &[
    ("acl_cache_max_size", "authorization.cache.max_size"),
    ("acl_cache_ttl", "authorization.cache.ttl"),
    ("acl_deny_action", "authorization.deny_action"),
    ("acl_nomatch", "authorization.no_match"),
    ("allow_anonymous", "node.allow_anonymous"),
    (
        "broker.shared_subscription_strategy",
        "mqtt.shared_subscription_strategy",
    ),
    ("broker.sys_heartbeat", "sys_topics.sys_heartbeat_interval"),
    ("broker.sys_interval", "sys_topics.sys_msg_interval"),
    ("cluster.discovery", "cluster.discovery_strategy"),
    ("cluster.dns.type", "cluster.dns.record_type"),
    ("cluster.etcd.ssl.cacertfile", "cluster.etcd.ssl_options.cacertfile"),
    ("cluster.etcd.ssl.certfile", "cluster.etcd.ssl_options.certfile"),
    ("cluster.etcd.ssl.keyfile", "cluster.etcd.ssl_options.keyfile"),
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
    ("mqtt.acl_cache_max_size", "authorization.cache.max_size"),
    ("mqtt.acl_cache_ttl", "authorization.cache.ttl"),
    ("mqtt.acl_deny_action", "authorization.deny_action"),
    ("mqtt.acl_nomatch", "authorization.no_match"),
    ("mqtt.allow_anonymous", "node.allow_anonymous"),
    ("mqtt.enable_acl_cache", "authorization.cache.enable"),
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
/// Keys of a listener that are MQTT's today, for all listeners.
const LISTENER_MQTT: &[&str] = &["peer_cert_as_clientid", "peer_cert_as_username"];
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
    "client_renegotiation",
    "depth",
    "enable_crl_check",
    "fail_if_no_peer_cert",
    "handshake_timeout",
    "honor_cipher_order",
    "keyfile",
    "reuse_sessions",
    "secure_renegotiate",
    "verify",
];
/// Keys of a listener that are below `websocket` today.
const LISTENER_WEBSOCKET: &[&str] = &[
    "allow_origin_absence",
    "check_origin_enable",
    "compress",
    "fail_if_no_subprotocol",
    "idle_timeout",
    "max_frame_size",
    "mqtt_path",
    "mqtt_piggyback",
    "proxy_address_header",
    "proxy_port_header",
];
/// Keys of a listener that are lists today, of items that commas separate.
const LISTENER_LISTS: &[(&str, &str)] = &[
    ("check_origins", "websocket.check_origins"),
    ("ciphers", "ssl_options.ciphers"),
    ("supported_protocols", "websocket.supported_subprotocols"),
    ("supported_subprotocols", "websocket.supported_subprotocols"),
    ("tls_versions", "ssl_options.versions"),
];
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
    "acl_order",
    "auth_order",
    "cluster.dns.app",
    "cluster.k8s.app_name",
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
/// Where rules stood in a file of their own.
const ACL_FILE: &[&str] = &["acl_file", "mqtt.acl_file"];
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
        || ACL_FILE.contains(&key)
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
        "acl_file" | "mqtt.acl_file" => {
            return Ok(vec![Converted {
                key: "authorization.sources".to_owned(),
                value: ConvertedValue::FileSource(value.to_owned()),
            }]);
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
    if let Some((_, today)) = LISTENER_LISTS.iter().find(|(from, _)| *from == key) {
        let items = value.split(',').map(|item| item.trim().to_owned());
        return vec![Converted {
            key: format!("{listener}.{today}"),
            value: ConvertedValue::List(items.filter(|item| !item.is_empty()).collect()),
        }];
    }
    if LISTENER_MQTT.contains(&key) {
        return vec![one(format!("mqtt.{key}"), value)];
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

/// The rate of all external listeners that a key of the zone sets.
pub(super) fn zone_rate(key: &str) -> Option<&'static str> {
    match key.strip_prefix("zone.external.")? {
        "rate_limit.conn_bytes_in" => Some("bytes_rate"),
        "rate_limit.conn_messages_in" | "publish_limit" => Some("messages_rate"),
        _ => None,
    }
}

/// What to say of a key that becomes nothing, beside that.
pub(super) fn why_nothing(key: &str, value: &str) -> &'static str {
    let name = key.rsplit('.').next().unwrap_or(key);
    if key.starts_with("auth.") {
        return ": nobody is asked who they are by it; configure `authentication`";
    }
    if key.starts_with("acl.") {
        return ": nobody is kept from a topic by it; configure `authorization.sources`";
    }
    if key.contains(".quota.") {
        return "; `messages_rate` and `bytes_rate` of a listener bound what a client sends";
    }
    match name {
        "enable_acl" => "; rules always hold",
        "enable_ban" if is_off(value) => "; bans always hold",
        "enable_ban" => "; bans hold",
        "bypass_auth_plugins" => "; authenticators are always asked",
        "acl_order" | "auth_order" => "; the order is that of `authorization.sources` and of `authentication`",
        "app" | "app_name" => "; the short names of other nodes are this node's",
        "dhfile" => "; TLS exchanges keys by elliptic curves alone",
        "psk_ciphers" | "psk_file" => "; there is no TLS by pre-shared keys",
        "verify_protocol_header" => "; it is `websocket.fail_if_no_subprotocol` in EMQX 5",
        _ => "",
    }
}

fn is_off(value: &str) -> bool {
    matches!(value, "off" | "false")
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
        "allow_anonymous" => return Ok(vec![one("node.allow_anonymous", value)]),
        "acl_nomatch" => return Ok(vec![one("authorization.no_match", value)]),
        "acl_deny_action" => return Ok(vec![one("authorization.deny_action", value)]),
        "enable_acl" if is_off(value) => {
            return Ok(vec![
                Converted {
                    key: "authorization.sources".to_owned(),
                    value: ConvertedValue::Nothing,
                },
                one("authorization.no_match", "allow"),
            ]);
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

/// The names that EMQX 4 has for a key of the table, for the manual.
#[cfg(test)]
pub(crate) fn old_names(key: &str) -> Vec<String> {
    let last = key.rsplit('.').next().unwrap_or(key);
    let of_listeners = LISTENER_RENAMED.iter().chain(LISTENER_LISTS).map(|(from, _)| *from);
    let of_listeners = of_listeners.chain(
        [
            LISTENER_MQTT,
            LISTENER_TCP,
            LISTENER_SSL,
            LISTENER_WEBSOCKET,
            LISTENER_SAME,
        ]
        .concat(),
    );
    let of_listeners = of_listeners
        .chain(["access.1"])
        .map(|name| format!("listener.<type>.<name>.{name}"));
    let of_zones = ["force_shutdown_policy", "force_gc_policy", "flapping_detect_policy"];
    let of_zones = of_zones
        .into_iter()
        .chain(["enable_flapping_detect", "acl_nomatch", "acl_deny_action", last]);
    let all = of_listeners
        .chain(["listener.<type>.<name>".to_owned()])
        .chain(of_zones.map(|name| format!("zone.external.{name}")))
        .chain(RENAMED.iter().map(|(from, _)| (*from).to_owned()))
        .chain(["acl_file", "cluster.static.seeds"].map(str::to_owned));
    let key = key.replace("<type>.<name>", "ssl.default");
    let becomes_it = |old: &String| {
        let old = old.replace("<type>.<name>", "ssl.external");
        let value = if last == "ban_time" || last == "window_time" || last == "max_count" {
            "1,1,1"
        } else {
            "1|1"
        };
        let found = convert(&old, value).unwrap_or_default();
        found.iter().any(|converted| converted.key == key)
    };
    let mut names: Vec<String> = all.filter(becomes_it).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(key: &str, value: &str) -> String {
        let text = |converted: Converted| match converted.value {
            ConvertedValue::One(value) => format!("{} = {value}", converted.key),
            ConvertedValue::List(values) => format!("{} = {values:?}", converted.key),
            ConvertedValue::Append(value) => format!("{} += {value}", converted.key),
            ConvertedValue::FileSource(path) => format!("{} = file {path}", converted.key),
            ConvertedValue::Nothing => format!("{} = []", converted.key),
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
                "listener.ssl.external.keyfile",
                "etc/certs/key.pem",
                "listeners.ssl.default.ssl_options.keyfile = etc/certs/key.pem",
            ),
            (
                "listener.wss.external.verify",
                "verify_peer",
                "listeners.wss.default.ssl_options.verify = verify_peer",
            ),
            (
                "listener.ssl.external.peer_cert_as_username",
                "cn",
                "mqtt.peer_cert_as_username = cn",
            ),
            (
                "listener.ws.external.supported_subprotocols",
                "mqtt, mqtt-v5",
                "listeners.ws.default.websocket.supported_subprotocols = [\"mqtt\", \"mqtt-v5\"]",
            ),
            (
                "listener.wss.external.proxy_address_header",
                "X-Forwarded-For",
                "listeners.wss.default.websocket.proxy_address_header = X-Forwarded-For",
            ),
            (
                "listener.tcp.external.proxy_protocol",
                "on",
                "listeners.tcp.default.proxy_protocol = on",
            ),
            ("listener.ssl.external.dhfile", "etc/certs/dh-params.pem", ""),
            ("acl_file", "etc/acl.conf", "authorization.sources = file etc/acl.conf"),
            ("acl_cache_ttl", "1m", "authorization.cache.ttl = 1m"),
            ("enable_acl_cache", "on", "authorization.cache.enable = on"),
            (
                "acl_deny_action",
                "disconnect",
                "authorization.deny_action = disconnect",
            ),
            (
                "zone.external.enable_acl",
                "off",
                "authorization.sources = []; authorization.no_match = allow",
            ),
            ("zone.external.enable_acl", "on", ""),
            ("zone.external.enable_ban", "on", ""),
            ("auth.user.1.username", "admin", ""),
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
            ("allow_anonymous", "false", "node.allow_anonymous = false"),
        ] {
            assert!(is_v4_key(key, value), "{key}");
            assert_eq!(converted(key, value), expected, "{key}");
        }
        assert!(convert("force_shutdown_policy", "10000").is_err());
        assert!(convert("flapping_detect_policy", "30, 1m").is_err());
    }

    #[test]
    fn a_key_that_kept_somebody_out_is_not_dropped_in_silence() {
        for (key, value, word) in [
            ("auth.user.1.username", "admin", "`authentication`"),
            ("acl.http.acl_req.url", "http://h", "`authorization.sources`"),
            ("zone.external.enable_ban", "off", "bans always hold"),
            ("zone.external.quota.conn_messages_routing", "100,1s", "`messages_rate`"),
            (
                "listener.ssl.external.psk_ciphers",
                "PSK-AES128-CBC-SHA",
                "pre-shared keys",
            ),
        ] {
            assert!(
                is_v4_key(key, value) && convert(key, value).unwrap().is_empty(),
                "{key}"
            );
            assert!(why_nothing(key, value).contains(word), "{key}");
        }
        assert_eq!(zone_rate("zone.external.rate_limit.conn_bytes_in"), Some("bytes_rate"));
        assert_eq!(zone_rate("zone.external.max_inflight"), None);
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
