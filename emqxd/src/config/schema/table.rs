//! The rows of [`super::schema`].

use super::{Effect, KeyDoc, ValueType};
use ValueType::{
    AccessRules, Any, Bind, Boolean, Cookie, Decimal, Duration, DurationOr, Integer, IntegerOr, NodeName, OneOf, Path,
    Percent, Priorities, Rate, Secret, Size, SizeOr, Text, Texts, TimeOffset,
};

/// A key that the daemon acts on.
const fn key(key: &'static str, value_type: ValueType, default: &'static str, doc: &'static str) -> KeyDoc {
    KeyDoc {
        key,
        value_type,
        default,
        doc,
        effect: Effect::Acts,
    }
}

/// A key of EMQX without effect here, and everything below it.
/// Read and checked, without effect yet.
const fn later(doc: KeyDoc) -> KeyDoc {
    KeyDoc {
        effect: Effect::NotYet,
        ..doc
    }
}

const fn not_yet(key: &'static str) -> KeyDoc {
    without_effect(key, Effect::NotYet)
}

/// The same, without a warning.
const fn quiet(key: &'static str) -> KeyDoc {
    without_effect(key, Effect::Quiet)
}

const fn without_effect(key: &'static str, effect: Effect) -> KeyDoc {
    KeyDoc {
        key,
        value_type: Any,
        default: "",
        doc: "",
        effect,
    }
}

const fn from(min: u64, max: u64) -> ValueType {
    Integer { min, max }
}

const fn limit(word: &'static str) -> ValueType {
    IntegerOr {
        word,
        min: 0,
        max: u32::MAX as u64,
    }
}

const ANY_SIZE: ValueType = Size { min: 0, max: u64::MAX };
const LEVELS: ValueType = OneOf(&super::super::log::LogLevel::WORDS);
const FORMATTERS: ValueType = OneOf(&["text", "json"]);
const TIMESTAMPS: ValueType = OneOf(&["auto", "epoch", "rfc3339"]);

#[rustfmt::skip]
pub(super) const KEYS: &[KeyDoc] = &[
    key("node.name", NodeName, "emqx@127.0.0.1", "Name of this node in the cluster and in $SYS topics."),
    key("node.cookie", Cookie, "emqxsecretcookie", "Secret that the nodes of a cluster share."),
    key("node.data_dir", Path, "data", "Folder for everything that outlives the daemon."),
    key("node.workers", IntegerOr { word: "auto", min: 1, max: 1024 }, "auto", "Threads that serve clients; auto is one per core. Not a key of EMQX."),
    not_yet("node.role"), not_yet("node.process_limit"), not_yet("node.max_ports"),
    not_yet("node.dist_buffer_size"), not_yet("node.dist_net_ticktime"), not_yet("node.global_gc_interval"),
    not_yet("node.crash_dump_file"), not_yet("node.crash_dump_seconds"), not_yet("node.crash_dump_bytes"),
    not_yet("node.backtrace_depth"), not_yet("node.max_ets_tables"), not_yet("node.applications"),
    not_yet("node.config_files"), not_yet("node.etc_dir"), not_yet("node.db_backend"), not_yet("node.db_role"),
    not_yet("node.cluster_call"), not_yet("node.broker_pool_size"), not_yet("node.generic_pool_size"),
    not_yet("node.channel_cleanup_batch_size"), not_yet("node.default_bootstrap_batch_size"),
    not_yet("node.rpc_module"), not_yet("node.tlog_push_mode"), not_yet("node.description"),

    key("listeners.<type>.<name>.enable", Boolean, "true", "Whether the listener is started with the daemon."),
    key("listeners.<type>.<name>.bind", Bind, "", "Where to listen: a port, or an IP address and port; tcp listens on 0.0.0.0:1883."),
    key("listeners.<type>.<name>.acceptors", from(1, 1024), "16", "Connections that are accepted at the same time."),
    key("listeners.<type>.<name>.max_connections", IntegerOr { word: "infinity", min: 1, max: u32::MAX as u64 }, "infinity", "Connections at the same time."),
    key("listeners.<type>.<name>.max_conn_rate", Rate, "infinity", "New connections in a period."),
    key("listeners.<type>.<name>.max_conn_burst", Rate, "", "New connections on top of max_conn_rate after a quiet time."),
    key("listeners.<type>.<name>.messages_rate", Rate, "infinity", "Messages from one client; reading pauses beyond it."),
    key("listeners.<type>.<name>.messages_burst", Rate, "", "Messages on top of messages_rate after a quiet time."),
    key("listeners.<type>.<name>.bytes_rate", Rate, "infinity", "Bytes from one client; reading pauses beyond it."),
    key("listeners.<type>.<name>.bytes_burst", Rate, "", "Bytes on top of bytes_rate after a quiet time."),
    later(key("listeners.<type>.<name>.mountpoint", Text, "", "Put before every topic and filter; may hold ${clientid} and ${username}.")),
    later(key("listeners.<type>.<name>.zone", Text, "default", "The named set of MQTT settings its clients follow.")),
    key("listeners.<type>.<name>.access_rules", AccessRules, r#"["allow all"]"#, "Who may connect, by address; the first rule that fits decides."),
    later(key("listeners.<type>.<name>.proxy_protocol", Boolean, "false", "A PROXY protocol header stands before the first packet.")),
    later(key("listeners.<type>.<name>.proxy_protocol_timeout", Duration, "3s", "How long that header may take.")),
    key("listeners.<type>.<name>.tcp_options.backlog", from(1, 65_535), "1024", "Connections the kernel completes ahead of the daemon."),
    key("listeners.<type>.<name>.tcp_options.send_timeout", Duration, "15s", "How long a write may make no progress."),
    key("listeners.<type>.<name>.tcp_options.send_timeout_close", Boolean, "true", "Close the connection then."),
    key("listeners.<type>.<name>.tcp_options.recbuf", Size { min: 1, max: 1 << 30 }, "", "Receive buffer of the kernel."),
    key("listeners.<type>.<name>.tcp_options.sndbuf", Size { min: 1, max: 1 << 30 }, "", "Send buffer of the kernel."),
    later(key("listeners.<type>.<name>.tcp_options.buffer", Size { min: 1, max: 1 << 20 }, "4KB", "Bytes of one read.")),
    key("listeners.<type>.<name>.tcp_options.high_watermark", Size { min: 1, max: 1 << 30 }, "1MB", "Bytes waiting to be written above which a session is no longer drained."),
    key("listeners.<type>.<name>.tcp_options.nodelay", Boolean, "true", "TCP_NODELAY."),
    key("listeners.<type>.<name>.tcp_options.nolinger", Boolean, "false", "Close with a reset."),
    key("listeners.<type>.<name>.tcp_options.reuseaddr", Boolean, "true", "SO_REUSEADDR."),
    key("listeners.<type>.<name>.tcp_options.keepalive", ValueType::TcpKeepalive, "none", "TCP keep alive: idle seconds, seconds between probes, probes."),
    quiet("listeners.<type>.<name>.tcp_options.active_n"), quiet("listeners.<type>.<name>.parse_unit"),
    quiet("listeners.<type>.<name>.tcp_backend"),
    not_yet("listeners.<type>.<name>.enable_authn"), not_yet("listeners.<type>.<name>.quick_deny_anonymous"),
    not_yet("listeners.<type>.<name>.authentication"), not_yet("listeners.<type>.<name>.limiter"),
    // The daemon says of each such listener that it is not started.
    quiet("listeners.<type>.<name>.ssl_options"), quiet("listeners.<type>.<name>.websocket"),

    key("mqtt.idle_timeout", Duration, "15s", "How long a new connection may take to send CONNECT."),
    key("mqtt.max_packet_size", Size { min: 1, max: 256 << 20 }, "1MB", "Largest packet that is taken and sent."),
    key("mqtt.max_clientid_len", from(23, 65_535), "1024", "Longest client id, in bytes."),
    key("mqtt.max_topic_levels", from(1, 65_535), "128", "Most levels of a topic or filter."),
    key("mqtt.max_topic_len", from(1, 65_535), "4096", "Longest topic or filter, in bytes. Not a key of EMQX."),
    key("mqtt.max_topic_alias", from(0, 65_535), "16", "Topic aliases a client may set on one connection."),
    key("mqtt.max_qos_allowed", from(0, 2), "2", "Highest QoS of a publish."),
    key("mqtt.max_subscriptions", limit("infinity"), "infinity", "Subscriptions of one session."),
    key("mqtt.retain_available", Boolean, "true", "Whether clients may retain messages."),
    key("mqtt.wildcard_subscription", Boolean, "true", "Whether filters may hold + and #."),
    key("mqtt.shared_subscription", Boolean, "true", "Whether clients may subscribe to $share/group/filter."),
    key("mqtt.shared_subscription_strategy", OneOf(&["random", "round_robin", "round_robin_per_group", "sticky", "local", "hash_clientid", "hash_topic"]), "round_robin", "How a share group picks the member for a message."),
    key("mqtt.exclusive_subscription", Boolean, "false", "Whether clients may subscribe to $exclusive/topic."),
    key("mqtt.ignore_loop_deliver", Boolean, "false", "Clients before MQTT 5 do not get what they publish themselves."),
    key("mqtt.strict_mode", Boolean, "false", "Refuse what the specification only discourages."),
    key("mqtt.response_information", Text, "", "Sent to MQTT 5 clients that ask for it."),
    key("mqtt.server_keepalive", IntegerOr { word: "disabled", min: 1, max: 65_535 }, "disabled", "Seconds of keep alive for all clients, whatever they ask for."),
    key("mqtt.max_keepalive", from(1, 65_535), "65535", "Longest keep alive a client gets, in seconds. Not a key of EMQX."),
    key("mqtt.keepalive_multiplier", Decimal { min: 1.0, max: 100.0 }, "1.5", "Silence that ends a connection, in keep alive intervals."),
    key("mqtt.retry_interval", DurationOr("infinity"), "infinity", "When to send an unacknowledged message again on a live connection."),
    key("mqtt.use_username_as_clientid", Boolean, "false", "The user name replaces the client id."),
    key("mqtt.session_expiry_interval", Duration, "2h", "How long a session outlives its connection, at most."),
    key("mqtt.session_owner_check", Boolean, "true", "Only the user name that opened a session may take it over. Not a key of EMQX."),
    key("mqtt.message_expiry_interval", DurationOr("infinity"), "infinity", "How long a message may wait, at most."),
    key("mqtt.max_awaiting_rel", limit("infinity"), "100", "QoS 2 messages of one client that wait for PUBREL; 0 is infinity."),
    key("mqtt.await_rel_timeout", Duration, "300s", "How long they may wait."),
    key("mqtt.max_inflight", from(1, 65_535), "32", "QoS 1 and 2 messages sent to one client and not acknowledged."),
    key("mqtt.max_mqueue_len", limit("infinity"), "1000", "Messages that wait in one session; 0 is infinity."),
    key("mqtt.max_mqueue_bytes", SizeOr("infinity"), "8MB", "Bytes that wait in one session. Not a key of EMQX."),
    key("mqtt.mqueue_store_qos0", Boolean, "true", "QoS 0 messages wait for an absent client too."),
    key("mqtt.mqueue_priorities", Priorities, "disabled", "Topics that overtake others in the queue, with priorities from 1 to 255."),
    key("mqtt.mqueue_default_priority", OneOf(&["lowest", "highest"]), "lowest", "The priority of all other topics."),
    key("mqtt.upgrade_qos", Boolean, "false", "Deliver with the QoS of the subscription, even above that of the message."),
    key("mqtt.max_user_properties", from(0, 65_535), "64", "User properties of one packet that are kept. Not a key of EMQX."),
    quiet("mqtt.keepalive_check_interval"), not_yet("mqtt.shared_subscription_initial_sticky_pick"),
    not_yet("mqtt.peer_cert_as_username"), not_yet("mqtt.peer_cert_as_clientid"),
    not_yet("mqtt.client_attrs_init"), not_yet("mqtt.clientid_override"),

    key("retainer.enable", Boolean, "true", "Whether messages are retained."),
    key("retainer.msg_expiry_interval", DurationOr("infinity"), "0s", "How long a message is kept that does not say so itself; 0s is for ever."),
    key("retainer.msg_clear_interval", DurationOr("infinity"), "0s", "How often expired messages are cleaned away; 0s is only when they are met."),
    key("retainer.max_payload_size", SizeOr("infinity"), "1MB", "Larger payloads are not retained."),
    key("retainer.stop_publish_clear_msg", Boolean, "false", "The empty message that clears a topic is not routed."),
    later(key("retainer.delivery_rate", Rate, "1000/s", "Retained messages sent to one session.")),
    later(key("retainer.max_publish_rate", Rate, "1000/s", "Retained messages taken in by the node.")),
    key("retainer.backend.max_retained_messages", limit("infinity"), "0", "Most retained messages; 0 is infinity."),
    not_yet("retainer.msg_expiry_interval_override"), quiet("retainer.backend.type"),
    not_yet("retainer.backend.storage_type"), quiet("retainer.backend.index_specs"),
    quiet("retainer.backend.enable"), not_yet("retainer.flow_control"), not_yet("retainer.deliver_rate"),

    key("log.console.enable", Boolean, "true", "Log to standard error."),
    key("log.console.level", LEVELS, "warning", "The least severe level that is written."),
    key("log.console.formatter", FORMATTERS, "text", "Lines of text, or one JSON object a line."),
    key("log.console.timestamp_format", TIMESTAMPS, "auto", "auto is rfc3339 in text and epoch in JSON."),
    key("log.console.time_offset", TimeOffset, "system", "The time zone of the lines."),
    key("log.file.<name>.enable", Boolean, "true", "Log to this file."),
    key("log.file.<name>.path", Path, "${EMQX_LOG_DIR}/emqx.log", "Where the file is; EMQX_LOG_DIR is `log` if it is not set."),
    key("log.file.<name>.level", LEVELS, "warning", "The least severe level that is written."),
    key("log.file.<name>.formatter", FORMATTERS, "text", "Lines of text, or one JSON object a line."),
    key("log.file.<name>.timestamp_format", TIMESTAMPS, "auto", "auto is rfc3339 in text and epoch in JSON."),
    key("log.file.<name>.time_offset", TimeOffset, "system", "The time zone of the lines."),
    key("log.file.<name>.rotation_count", from(1, 1024), "10", "Files that are kept."),
    key("log.file.<name>.rotation_size", SizeOr("infinity"), "50MB", "Size at which a new file is begun."),
    key("log.throttling.time_window", Duration, "1m", "A line that repeats is written once in this time."),
    not_yet("log.audit"), not_yet("log.throttling.msgs"),
    // They tune EMQX's logger.
    quiet("log.console.burst_limit"), quiet("log.console.overload_kill"), quiet("log.console.chars_limit"),
    quiet("log.console.drop_mode_qlen"), quiet("log.console.sync_mode_qlen"), quiet("log.console.flush_qlen"),
    quiet("log.console.max_depth"), quiet("log.console.single_line"), quiet("log.console.supervisor_reports"),
    quiet("log.console.payload_encode"), quiet("log.console.with_mfa"),
    quiet("log.file.<name>.burst_limit"), quiet("log.file.<name>.overload_kill"),
    quiet("log.file.<name>.chars_limit"), quiet("log.file.<name>.drop_mode_qlen"),
    quiet("log.file.<name>.sync_mode_qlen"), quiet("log.file.<name>.flush_qlen"),
    quiet("log.file.<name>.max_depth"), quiet("log.file.<name>.single_line"),
    quiet("log.file.<name>.supervisor_reports"), quiet("log.file.<name>.payload_encode"),
    quiet("log.file.<name>.with_mfa"), quiet("log.file.<name>.rotation"),

    key("force_shutdown.enable", Boolean, "true", "Close connections that exceed the bounds below."),
    later(key("force_shutdown.max_mailbox_size", from(1, u32::MAX as u64), "1000", "Messages that wait in the mailbox of a connection.")),
    key("force_shutdown.max_heap_size", ANY_SIZE, "32MB", "Bytes of queue, inflight messages and buffers of a connection."),

    later(key("flapping_detect.enable", Boolean, "false", "Ban clients that come and go too often.")),
    later(key("flapping_detect.window_time", Duration, "1m", "The time in which their disconnects are counted.")),
    later(key("flapping_detect.max_count", from(1, 1_000_000), "15", "Disconnects in that time that are still all right.")),
    later(key("flapping_detect.ban_time", Duration, "5m", "How long the ban lasts.")),

    key("sys_topics.sys_msg_interval", DurationOr("disabled"), "1m", "Between two publishes of version, statistics and metrics."),
    key("sys_topics.sys_heartbeat_interval", DurationOr("disabled"), "30s", "Between two publishes of uptime and time."),
    key("sys_topics.sys_event_messages.client_connected", Boolean, "true", "Publish when a client connects."),
    key("sys_topics.sys_event_messages.client_disconnected", Boolean, "true", "Publish when a client disconnects."),
    key("sys_topics.sys_event_messages.client_subscribed", Boolean, "false", "Publish when a client subscribes."),
    key("sys_topics.sys_event_messages.client_unsubscribed", Boolean, "false", "Publish when a client unsubscribes."),

    key("license.key", Secret, "default", "The licence: a key, default, evaluation, or a file as file:///path, read again every two minutes."),
    key("license.issuer_keys", Texts, "", "Public keys (PEM, or files with one) whose licences are accepted besides EMQX's. Not a key of EMQX."),
    key("license.connection_low_watermark", Percent, "75%", "Fewer sessions than this part of the licence's number end the alarm license_quota."),
    key("license.connection_high_watermark", Percent, "80%", "More sessions than this part of the licence's number raise the alarm license_quota."),
    key("license.grace_days", from(0, 3650), "0", "Days for which official licences of small customers go on after their end; EMQX has 90, since 5.9 15. Not a key of EMQX."),
    key("license.dynamic_max_connections", from(0, 10_000_000), "25", "Sessions that licences of business-critical customers allow at most."),

    key("dashboard.default_username", Text, "admin", "Name of the administrator that a node gets when it has none."),
    key("dashboard.default_password", Secret, "public", "Its password, until it is changed."),
    key("dashboard.unsuccessful_login_max_attempts", from(0, 1000), "5", "Wrong passwords in unsuccessful_login_interval that lock an administrator out; 0 for no lock."),
    key("dashboard.unsuccessful_login_interval", Duration, "5m", "The time in which wrong passwords are counted."),
    key("dashboard.unsuccessful_login_lock_duration", Duration, "10m", "How long a lock lasts."),
    not_yet("dashboard.listeners"), not_yet("dashboard.token_expired_time"), not_yet("dashboard.password_expired_time"),
    not_yet("dashboard.cors"), not_yet("dashboard.i18n_lang"), not_yet("dashboard.swagger_support"),
    not_yet("dashboard.sample_interval"), not_yet("dashboard.bootstrap_users_file"), not_yet("dashboard.sso"),
    not_yet("dashboard.hwmark_expire_time"), not_yet("dashboard.monitor"),

    key("control.socket", Path, "", "The socket of emqx-ctl; the daemon chooses if not set. Not a key of EMQX."),
    key("control.admin_group", Text, "emqx-admin", "Group whose members may change things. Not a key of EMQX."),
    key("control.read_group", Text, "emqx", "Group whose members may look. Not a key of EMQX."),
    key("control.max_connections", from(1, 1024), "32", "Operators connected at the same time. Not a key of EMQX."),

    not_yet("actions"), not_yet("ai"), not_yet("alarm"), not_yet("api_key"), not_yet("authentication"),
    not_yet("authorization"), not_yet("auto_subscribe"), not_yet("banned"), not_yet("bridges"),
    not_yet("broker"), not_yet("cluster"), not_yet("conn_congestion"), not_yet("connectors"),
    not_yet("crl_cache"), not_yet("delayed"), not_yet("durable_sessions"),
    not_yet("durable_storage"), not_yet("event_message"), not_yet("exhook"), not_yet("file_transfer"),
    not_yet("force_gc"), not_yet("gateway"), not_yet("limiter"),
    not_yet("message_transformation"), not_yet("multi_tenancy"), not_yet("opentelemetry"),
    not_yet("overload_protection"), not_yet("persistent_session_store"), not_yet("plugins"),
    not_yet("prometheus"), not_yet("psk_authentication"), not_yet("rebalance"), not_yet("rewrite"),
    not_yet("rpc"), not_yet("rule_engine"), not_yet("schema_registry"), not_yet("schema_validation"),
    not_yet("session_persistence"), not_yet("slow_subs"), not_yet("sources"), not_yet("stats"),
    not_yet("statsd"), not_yet("sysmon"), not_yet("telemetry"), not_yet("topic_metrics"), not_yet("zones"),
];
