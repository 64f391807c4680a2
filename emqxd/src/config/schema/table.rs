//! The rows of [`super::schema`].

use super::super::authn::{EnableAuthn, PeerCertAs};
use super::{Effect, KeyDoc, ValueType};
use ValueType::{
    AccessRules, Any, Bind, Boolean, Cookie, Decimal, Duration, DurationOr, Group, Integer, IntegerOr, Interface, Name,
    Networks, NodeName, NodeNames, OneOf, Path, Percent, Ports, Priorities, Rate, Secret, Server, Size, SizeOr, Text,
    Texts, TimeOffset, Url, Urls,
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
    key("node.security_profile", OneOf(&crate::security_profile::SecurityProfile::WORDS), "legacy", "hardened: listeners without an address bind to loopback, nobody is let in or allowed anything by default, known passwords are refused. EMQX_SECURITY_PROFILE sets it, too."),
    key("node.allow_anonymous", Boolean, "true", "Whether clients may connect while no authenticator is configured; false in the profile hardened. Not a key of EMQX."),
    key("node.drain_time", Duration, "3s", "How long the clients' going may take when the node stops, so that not all come back at once; a few clients go at once. emqx-ctl shutdown --drain says otherwise. Not a key of EMQX."),
    not_yet("node.role"), not_yet("node.process_limit"), not_yet("node.max_ports"),
    not_yet("node.dist_buffer_size"), not_yet("node.dist_net_ticktime"), not_yet("node.global_gc_interval"),
    not_yet("node.crash_dump_file"), not_yet("node.crash_dump_seconds"), not_yet("node.crash_dump_bytes"),
    not_yet("node.backtrace_depth"), not_yet("node.max_ets_tables"), not_yet("node.applications"),
    not_yet("node.config_files"), not_yet("node.etc_dir"), not_yet("node.db_backend"), not_yet("node.db_role"),
    not_yet("node.cluster_call"), not_yet("node.broker_pool_size"), not_yet("node.generic_pool_size"),
    not_yet("node.channel_cleanup_batch_size"), not_yet("node.default_bootstrap_batch_size"),
    not_yet("node.rpc_module"), not_yet("node.tlog_push_mode"), not_yet("node.description"),

    key("cluster.name", Name, "emqxcl", "Name of the cluster; nodes of others are left alone."),
    key("cluster.discovery_strategy", OneOf(&emqxd_discovery::settings::Kind::WORDS), "manual", "How nodes find each other: manual is emqx-ctl cluster join, singleton is never."),
    key("cluster.static.seeds", NodeNames, "[]", "static: names of nodes, of which one has to answer."),
    key("cluster.dns.name", Name, "localhost", "dns: the name whose records are the hosts of nodes; their short names are this node's."),
    key("cluster.dns.record_type", OneOf(&["a", "srv"]), "a", "dns: a asks for A and AAAA, srv for SRV records, of which the target counts."),
    key("cluster.dns.server", Server, "", "dns: who is asked; those of /etc/resolv.conf if not set. Not a key of EMQX."),
    key("cluster.etcd.server", Urls, "", "etcd: where it is (version 3.4 or later); several are tried in turn."),
    key("cluster.etcd.prefix", Text, "emqxcl", "etcd: what the nodes' keys begin with: prefix/cluster name/nodes/node name."),
    key("cluster.etcd.node_ttl", Duration, "1m", "etcd: how long the key of a node outlives it; at least 5s."),
    key("cluster.etcd.ssl_options.enable", Boolean, "true", "etcd: whether the keys below hold; TLS is spoken to servers of https://."),
    key("cluster.etcd.ssl_options.verify", OneOf(&["verify_peer", "verify_none"]), "verify_peer", "etcd: verify_none takes any certificate."),
    key("cluster.etcd.ssl_options.cacertfile", Path, "", "etcd: the only CAs that are believed, PEM; the system's if not set."),
    key("cluster.etcd.ssl_options.certfile", Path, "", "etcd: certificate that is shown to it, PEM."),
    key("cluster.etcd.ssl_options.keyfile", Path, "", "etcd: private key of that certificate, PEM."),
    key("cluster.k8s.apiserver", Url, "https://kubernetes.default.svc:443", "k8s: URL of the API server."),
    key("cluster.k8s.service_name", Name, "emqx", "k8s: service whose ready endpoints are the hosts of nodes."),
    key("cluster.k8s.address_type", OneOf(&["ip", "dns", "hostname"]), "ip", "k8s: what follows the @ in nodes' names: 10.0.0.5; 10-0-0-5.namespace.suffix; hostname.service_name.namespace.suffix."),
    key("cluster.k8s.namespace", Name, "default", "k8s: namespace of the service."),
    key("cluster.k8s.suffix", Text, "pod.local", "k8s: end of the hosts' names for address_type dns and hostname."),
    key("cluster.k8s.account_dir", Path, "/var/run/secrets/kubernetes.io/serviceaccount", "k8s: folder with token and ca.crt of the service account. Not a key of EMQX."),
    key("cluster.mcast.addr", Group, "239.192.0.1", "mcast: multicast group in which nodes ask for each other. A key of EMQX 4 and 5.0."),
    key("cluster.mcast.ports", Ports, "[4369, 4370]", "mcast: UDP ports; a node listens at the first of them and asks at all."),
    key("cluster.mcast.iface", Interface, "0.0.0.0", "mcast: address of the interface; 0.0.0.0 leaves it to the system."),
    key("cluster.mcast.ttl", from(0, 255), "255", "mcast: how many routers a question may cross."),
    key("cluster.mcast.loop", Boolean, "true", "mcast: whether nodes of the same machine hear it."),
    key("cluster.autoclean", DurationOr("disabled"), "24h", "How long a member may be down before the others strike it off; it is a cluster of its own when it comes back. disabled: only emqx-ctl cluster force-leave does."),
    key("cluster.autoheal", Boolean, "true", "Nodes that were cut off from each other are one cluster again once they reach each other, whatever is set here."),
    key("cluster.sessions_need_majority", Boolean, "false", "true: a node that does not reach a majority of nodes sends clients with kept sessions to others, so that no session is at two nodes while the network is cut; false: each side goes on with what it has, and the newer session stays afterwards. Not a key of EMQX."),
    key("cluster.proto_dist", OneOf(&["inet_tcp", "inet6_tcp", "inet_tls", "inet6_tls"]), "inet_tcp", "Links between nodes: inet_tls is mutual TLS with cluster.ssl_options; the address family follows from the nodes' hosts."),
    key("cluster.ssl_options.cacertfile", Path, "", "CAs that sign the certificates of nodes, PEM; for inet_tls. Not a key of EMQX."),
    key("cluster.ssl_options.certfile", Path, "", "Certificate that this node shows the others, PEM; for inet_tls. Not a key of EMQX."),
    key("cluster.ssl_options.keyfile", Path, "", "Private key of that certificate, PEM; for inet_tls. Not a key of EMQX."),
    later(key("cluster.core_nodes", NodeNames, "[]", "Cores that a replicant of EMQX attaches to; every node is a core here.")),
    not_yet("cluster.links"), not_yet("cluster.prevent_overlapping_partitions"), quiet("cluster.quic_lb_mode"),
    quiet("cluster.description"), not_yet("cluster.db_backend"), not_yet("cluster.rlog"), quiet("cluster.etcd.version"),
    quiet("cluster.etcd.ssl_options.depth"), quiet("cluster.etcd.ssl_options.password"),
    quiet("cluster.etcd.ssl_options.versions"), quiet("cluster.etcd.ssl_options.ciphers"),
    quiet("cluster.etcd.ssl_options.secure_renegotiate"), quiet("cluster.etcd.ssl_options.reuse_sessions"),
    quiet("cluster.etcd.ssl_options.log_level"), quiet("cluster.etcd.ssl_options.hibernate_after"),
    quiet("cluster.etcd.ssl_options.user_lookup_fun"), quiet("cluster.etcd.ssl_options.middlebox_comp_mode"),
    quiet("cluster.etcd.ssl_options.partial_chain"), quiet("cluster.etcd.ssl_options.verify_peer_ext_key_usage"),
    quiet("cluster.etcd.ssl_options.server_name_indication"),

    key("listeners.<type>.<name>.enable", Boolean, "true", "Whether the listener is started with the daemon."),
    key("listeners.<type>.<name>.bind", Bind, "", "Where to listen: a port, or an IP address and port; tcp listens on 0.0.0.0:1883."),
    key("listeners.<type>.<name>.acceptors", from(1, 1024), "16", "Connections that are accepted at the same time."),
    key("listeners.<type>.<name>.max_connections", IntegerOr { word: "infinity", min: 1, max: u32::MAX as u64 }, "infinity", "Connections at the same time."),
    key("listeners.<type>.<name>.max_connections_per_address", IntegerOr { word: "infinity", min: 1, max: u32::MAX as u64 }, "infinity", "Connections at the same time from one IPv4 address, or from one IPv6 network of 64 bits. Not a key of EMQX."),
    key("listeners.<type>.<name>.max_conn_rate", Rate, "infinity", "New connections in a period."),
    key("listeners.<type>.<name>.max_conn_burst", Rate, "", "New connections on top of max_conn_rate after a quiet time."),
    key("listeners.<type>.<name>.messages_rate", Rate, "infinity", "Messages from one client; reading pauses beyond it."),
    key("listeners.<type>.<name>.messages_burst", Rate, "", "Messages on top of messages_rate after a quiet time."),
    key("listeners.<type>.<name>.bytes_rate", Rate, "infinity", "Bytes from one client; reading pauses beyond it."),
    key("listeners.<type>.<name>.bytes_burst", Rate, "", "Bytes on top of bytes_rate after a quiet time."),
    later(key("listeners.<type>.<name>.mountpoint", Text, "", "Put before every topic and filter; may hold ${clientid} and ${username}.")),
    later(key("listeners.<type>.<name>.zone", Text, "default", "The named set of MQTT settings its clients follow.")),
    key("listeners.<type>.<name>.access_rules", AccessRules, r#"["allow all"]"#, "Who may connect, by address; the first rule that fits decides."),
    key("listeners.<type>.<name>.proxy_protocol", Boolean, "false", "A PROXY protocol header (v1 or v2) stands before the first byte of each connection."),
    key("listeners.<type>.<name>.proxy_protocol_timeout", Duration, "3s", "How long that header may take."),
    key("listeners.<type>.<name>.trusted_proxies", Networks, "[]", "Load balancers and proxies that may tell a client's address, by PROXY protocol or X-Forwarded-For. If empty, a PROXY header is taken from everybody as in EMQX, and X-Forwarded-For from nobody. Not a key of EMQX."),
    key("listeners.<type>.<name>.websocket.mqtt_path", Text, "/mqtt", "Path of the requests that are granted."),
    key("listeners.<type>.<name>.websocket.compress", Boolean, "false", "Compression of frames, which is not there: a listener that asks for it is not started."),
    key("listeners.<type>.<name>.websocket.idle_timeout", Duration, "7200s", "How long a WebSocket client may send nothing, no ping either."),
    key("listeners.<type>.<name>.websocket.max_frame_size", SizeOr("infinity"), "infinity", "Largest frame and message; a larger one ends the connection."),
    key("listeners.<type>.<name>.websocket.fail_if_no_subprotocol", Boolean, "true", "Refuse requests without Sec-WebSocket-Protocol."),
    key("listeners.<type>.<name>.websocket.supported_subprotocols", Texts, r#"["mqtt", "mqtt-v3", "mqtt-v3.1.1", "mqtt-v5", "mqttv3.1", "mqttv5"]"#, "Subprotocols that are spoken."),
    key("listeners.<type>.<name>.websocket.check_origin_enable", Boolean, "false", "Refuse pages whose origin is not in check_origins."),
    key("listeners.<type>.<name>.websocket.check_origins", Texts, r#"["http://localhost:18083", "http://127.0.0.1:18083"]"#, "Origins of pages that may connect."),
    key("listeners.<type>.<name>.websocket.allow_origin_absence", Boolean, "true", "Let requests pass that name no origin, such as those of programs that are no browsers."),
    key("listeners.<type>.<name>.websocket.proxy_address_header", Text, "x-forwarded-for", "Header in which trusted_proxies tell the client's address."),
    key("listeners.<type>.<name>.websocket.proxy_port_header", Text, "x-forwarded-port", "Header in which trusted_proxies tell the client's port."),
    later(key("listeners.<type>.<name>.websocket.mqtt_piggyback", OneOf(&["multiple", "single"]), "multiple", "Packets in one WebSocket message: several, or one.")),
    quiet("listeners.<type>.<name>.websocket.validate_utf8"),
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
    key("listeners.<type>.<name>.enable_authn", OneOf(&EnableAuthn::WORDS), "true", "Whether its clients are asked who they are; quick_deny_anonymous refuses those without a user name at once."),
    key("listeners.<type>.<name>.authentication", ValueType::Authenticators, "", "Who is asked about its clients, in place of the node's authentication."),
    not_yet("listeners.<type>.<name>.limiter"),
    key("listeners.<type>.<name>.ssl_options.certfile", Path, "", "Certificate of an ssl or wss listener, then its intermediates, PEM. If not set, ${EMQX_ETC_DIR}/certs/cert.pem when it is there."),
    key("listeners.<type>.<name>.ssl_options.keyfile", Path, "", "Private key of the certificate, PEM. If not set, ${EMQX_ETC_DIR}/certs/key.pem."),
    key("listeners.<type>.<name>.ssl_options.cacertfile", Path, "", "CAs whose client certificates are accepted, PEM; needed by verify_peer. If not set, ${EMQX_ETC_DIR}/certs/cacert.pem when it is there."),
    key("listeners.<type>.<name>.ssl_options.password", Secret, "", "Password of the key; encrypted keys are refused with a hint, so it has no use yet."),
    key("listeners.<type>.<name>.ssl_options.verify", OneOf(&["verify_none", "verify_peer"]), "verify_none", "verify_peer asks clients for a certificate and checks it."),
    key("listeners.<type>.<name>.ssl_options.fail_if_no_peer_cert", Boolean, "false", "With verify_peer: refuse clients that show none."),
    key("listeners.<type>.<name>.ssl_options.depth", Integer { min: 0, max: 255 }, "10", "Certificates between a client's and its root at most."),
    key("listeners.<type>.<name>.ssl_options.crlfile", Texts, "", "Revocation lists, PEM or DER: a file or folder, or several. Checked with verify_peer. A list past its nextUpdate stays in force, with a warning. Not a key of EMQX."),
    key("listeners.<type>.<name>.ssl_options.enable_crl_check", Boolean, "false", "Check revocation; needs crlfile, as lists are not fetched over the network."),
    key("listeners.<type>.<name>.ssl_options.versions", Texts, r#"["tlsv1.3", "tlsv1.2"]"#, "Versions of TLS; there are no older ones."),
    key("listeners.<type>.<name>.ssl_options.ciphers", Texts, "[]", "Cipher suites in order of preference, by OpenSSL's or IANA's names; [] for all that are supported."),
    key("listeners.<type>.<name>.ssl_options.honor_cipher_order", Boolean, "true", "The order of ciphers counts, not the client's."),
    key("listeners.<type>.<name>.ssl_options.reuse_sessions", Boolean, "true", "Give clients tickets to resume their TLS session with."),
    key("listeners.<type>.<name>.ssl_options.handshake_timeout", Duration, "15s", "How long a TLS handshake may take."),
    key("listeners.<type>.<name>.ssl_options.ocsp.enable_ocsp_stapling", Boolean, "false", "OCSP stapling, which is not there: a warning says so."),
    quiet("listeners.<type>.<name>.ssl_options.ocsp.issuer_pem"), quiet("listeners.<type>.<name>.ssl_options.ocsp.responder_url"),
    quiet("listeners.<type>.<name>.ssl_options.ocsp.refresh_interval"), quiet("listeners.<type>.<name>.ssl_options.ocsp.refresh_http_timeout"),
    quiet("listeners.<type>.<name>.ssl_options.secure_renegotiate"), quiet("listeners.<type>.<name>.ssl_options.client_renegotiation"),
    quiet("listeners.<type>.<name>.ssl_options.gc_after_handshake"), quiet("listeners.<type>.<name>.ssl_options.hibernate_after"),
    quiet("listeners.<type>.<name>.ssl_options.log_level"), quiet("listeners.<type>.<name>.ssl_options.dhfile"),
    quiet("listeners.<type>.<name>.ssl_options.partial_chain"), quiet("listeners.<type>.<name>.ssl_options.verify_peer_ext_key_usage"),
    quiet("listeners.<type>.<name>.ssl_options.user_lookup_fun"), quiet("listeners.<type>.<name>.ssl_options.sni"),
    quiet("listeners.<type>.<name>.ssl_options.server_name_indication"), quiet("listeners.<type>.<name>.ssl_options.middlebox_comp_mode"),

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
    key("mqtt.peer_cert_as_username", OneOf(&PeerCertAs::WORDS), "disabled", "What of the client's certificate is its user name."),
    key("mqtt.peer_cert_as_clientid", OneOf(&PeerCertAs::WORDS), "disabled", "What of the client's certificate is its client id."),
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

    key("banned.bootstrap_file", Path, "", "CSV of bans for a node that has none: a line with the names of the columns as,who,by,reason,at,until, then a line a ban."),

    key("flapping_detect.enable", Boolean, "false", "Ban clients that come and go too often."),
    key("flapping_detect.window_time", Duration, "1m", "The time in which their disconnects are counted."),
    key("flapping_detect.max_count", from(1, 1_000_000), "15", "Disconnects in that time that are still all right."),
    key("flapping_detect.ban_time", Duration, "5m", "How long the ban lasts."),

    key("sys_topics.sys_msg_interval", DurationOr("disabled"), "1m", "Between two publishes of version, statistics and metrics."),
    key("sys_topics.sys_heartbeat_interval", DurationOr("disabled"), "30s", "Between two publishes of uptime and time."),
    key("sys_topics.sys_event_messages.client_connected", Boolean, "true", "Publish when a client connects."),
    key("sys_topics.sys_event_messages.client_disconnected", Boolean, "true", "Publish when a client disconnects."),
    key("sys_topics.sys_event_messages.client_subscribed", Boolean, "false", "Publish when a client subscribes."),
    key("sys_topics.sys_event_messages.client_unsubscribed", Boolean, "false", "Publish when a client unsubscribes."),

    key("authorization.no_match", OneOf(&["allow", "deny"]), "allow", "What holds if no source has a rule for it; deny from EMQX 6.0 on, and in the profile hardened."),
    key("authorization.deny_action", OneOf(&["ignore", "disconnect"]), "ignore", "What a refused publish or subscription leads to: an answer that says so, or the end of the connection."),
    key("authorization.sources", Any, "", "Who is asked, in order: a list of { type = file | built_in_database | http, .. }; if not set, etc/acl.conf, or EMQX's rules if that is not there."),
    key("authorization.cache.enable", Boolean, "true", "Whether decisions about a client's publishes are remembered."),
    key("authorization.cache.max_size", from(1, 1_048_576), "32", "Decisions remembered for each client."),
    key("authorization.cache.ttl", Duration, "1m", "How long a decision is remembered."),
    key("authorization.cache.excludes", Texts, "[]", "Topic filters whose decisions are not remembered."),
    not_yet("authorization.node_cache"),

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

    not_yet("actions"), not_yet("ai"), not_yet("alarm"), not_yet("api_key"),
    key("authentication", ValueType::Authenticators, "", "Who is asked about clients, in this order; with none everybody is let in. A `bootstrap_file` of users is of `bootstrap_type = plain` unless that says `hash`."),
    not_yet("auto_subscribe"), not_yet("bridges"),
    not_yet("broker"), not_yet("conn_congestion"), not_yet("connectors"),
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
