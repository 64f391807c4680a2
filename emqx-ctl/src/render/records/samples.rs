//! One made-up view of each kind, for the golden texts.

use emqx_shared::LogLevel;
use emqx_shared::views::{
    AuthzRefusalView, BrokerView, ClientView, ClosedBy, CountView, DisconnectView, LicenseAppliedView,
    LicenseHistoryView, LicensePreviewView, LicenseView, ListenerKind, ListenerState, ListenerView, LogHandlerStatus,
    LogHandlerView, NodeState, ReasonCountView, StatusView, SubscriptionView, TopicView, TransportView, VersionView,
    WhyView,
};

use crate::bench::{BenchReport, Hold, Latency, ServerCost, Warning};

pub const NODE: &str = "emqx@127.0.0.1";
/// 2024-10-21 02:21:50 UTC
pub const NOW_MS: u64 = 1_729_477_310_000;

pub fn status() -> StatusView {
    StatusView {
        node: NODE.to_owned(),
        version: "5.8.0".to_owned(),
        state: NodeState::Started,
        pid: 812,
        started_at_ms: NOW_MS - 52_000,
        uptime_ms: 52_000,
        connections: 9,
        sessions: 12,
        subscriptions: 20,
        retained: 3,
        listeners_running: 1,
        listeners_enabled: 2,
        workers: 4,
        messages_received: 100,
        messages_sent: 200,
        messages_dropped: 1,
        memory_bytes: Some(64 * 1024 * 1024),
        panics: 0,
        data_dir: "/var/lib/emqx".to_owned(),
        config_file: None,
    }
}

pub fn version() -> VersionView {
    VersionView {
        version: "0.1.0".to_owned(),
        emqx_version: "5.8.0".to_owned(),
        build: "rustc 1.95.0 x86_64-unknown-linux-gnu".to_owned(),
        protocol_min: 1,
        protocol_max: 1,
    }
}

pub fn broker() -> BrokerView {
    BrokerView {
        sysdescr: "EMQX".to_owned(),
        version: "5.8.0".to_owned(),
        now_ns: NOW_MS * 1_000_000 + 95_047_713,
        utc_offset_seconds: 8 * 3600,
        uptime_ms: 93_784_000,
    }
}

pub fn counts() -> Vec<CountView> {
    [
        ("messages.dropped.await_pubrel_timeout", 7),
        ("messages.received", 12_345),
    ]
    .map(|(name, value)| CountView {
        name: name.to_owned(),
        value,
    })
    .into()
}

fn reason(reason: &str, reason_v4: &str, closed_by: ClosedBy, count: u64) -> ReasonCountView {
    ReasonCountView {
        reason: reason.to_owned(),
        reason_v4: reason_v4.to_owned(),
        closed_by,
        count,
    }
}

pub fn listeners() -> Vec<ListenerView> {
    let running = ListenerView {
        id: "tcp:default".to_owned(),
        kind: ListenerKind::Tcp,
        listen_on: "0.0.0.0:1883".to_owned(),
        acceptors: 16,
        proxy_protocol: false,
        enabled: true,
        state: ListenerState::Running,
        started_at_ms: Some(NOW_MS - 52_000),
        current_conn: 9,
        peak_conn: 12,
        max_conns: None,
        accepted: 12,
        refused_limit: 0,
        refused_rate: 1,
        refused_access: 0,
        shutdown_counts: vec![
            reason("keepalive_timeout", "keepalive_timeout", ClosedBy::Server, 1),
            reason("idle_timeout", "idle_timeout", ClosedBy::Server, 2),
        ],
        paused_rate: 0,
    };
    let failed = ListenerView {
        id: "wss:default".to_owned(),
        kind: ListenerKind::Wss,
        listen_on: "0.0.0.0:8084".to_owned(),
        state: ListenerState::Failed {
            error: "EADDRINUSE".to_owned(),
            why: "held by nginx (pid 812)".to_owned(),
        },
        started_at_ms: None,
        current_conn: 0,
        max_conns: Some(5_000_000),
        shutdown_counts: Vec::new(),
        ..running.clone()
    };
    let words = ListenerView {
        id: "ssl:default".to_owned(),
        kind: ListenerKind::Ssl,
        listen_on: "[::]:8883".to_owned(),
        max_conns: Some(1_024_000),
        shutdown_counts: vec![
            reason("ssl_closed", "closed", ClosedBy::Client, 2),
            reason("takenover", "takeovered", ClosedBy::Server, 4),
            reason("tcp_closed", "closed", ClosedBy::Client, 1),
            reason("takenover", "takeovered", ClosedBy::Server, 1),
        ],
        ..running.clone()
    };
    vec![words, running, failed]
}

pub fn clients() -> Vec<ClientView> {
    let online = ClientView {
        client_id: "emqx_c".to_owned(),
        username: None,
        peername: "127.0.0.1:59441".to_owned(),
        clean_start: true,
        keepalive: 60,
        session_expiry_interval: 0,
        subscriptions: 1,
        inflight: 0,
        awaiting_rel: 0,
        delivered_msgs: 4530,
        enqueued_msgs: 0,
        dropped_msgs: 0,
        connected: true,
        created_at_ms: NOW_MS - 3_600_000,
        connected_at_ms: NOW_MS - 3_600_000,
        disconnected_at_ms: None,
        listener: "tcp:default".to_owned(),
        proto_name: "MQTT".to_owned(),
        proto_ver: 4,
        mountpoint: None,
        node: NODE.to_owned(),
        receive_maximum: 65_535,
        recv_oct: 100,
        recv_pkt: 10,
        recv_msg: 1,
        send_oct: 200,
        send_pkt: 20,
        send_msg: 2,
        session_expires_at_ms: None,
        recv_paused: 0,
        transport: TransportView {
            name: "tcp".to_owned(),
            ..TransportView::default()
        },
    };
    let offline = ClientView {
        client_id: "evil\n\x1b[2J\u{202e}id, \"x\"".to_owned(),
        username: Some("li,\u{9b}31m".to_owned()),
        clean_start: false,
        session_expiry_interval: 7200,
        dropped_msgs: 3,
        connected: false,
        disconnected_at_ms: Some(NOW_MS - 480_000),
        session_expires_at_ms: Some(NOW_MS + 6_720_000),
        proto_ver: 5,
        transport: TransportView {
            name: "wss".to_owned(),
            tls_version: Some("tlsv1.3".to_owned()),
            tls_cipher: Some("TLS13_AES_128_GCM_SHA256".to_owned()),
            server_name: Some("broker.example.com".to_owned()),
            common_name: Some("device\u{1b}7".to_owned()),
            subject: Some("CN=device-7,O=Test".to_owned()),
            proxied_by: Some("10.0.0.2:40000".to_owned()),
        },
        ..online.clone()
    };
    vec![online, offline]
}

pub fn topics() -> Vec<TopicView> {
    ["t/1", "a\nfake -> emqx@evil"]
        .map(|topic| TopicView {
            topic: topic.to_owned(),
            node: NODE.to_owned(),
        })
        .into()
}

pub fn subscriptions() -> Vec<SubscriptionView> {
    let row = |client_id: &str, topic: &str, qos, subscription_id| SubscriptionView {
        client_id: client_id.to_owned(),
        topic: topic.to_owned(),
        qos,
        no_local: false,
        retain_handling: 0,
        retain_as_published: false,
        subscription_id,
        node: NODE.to_owned(),
    };
    vec![
        row("emqx_a", "t/1", 0, None),
        row("emqx_b", "$share/g1/t/2", 1, Some(7)),
    ]
}

pub fn log_handlers() -> Vec<LogHandlerView> {
    vec![LogHandlerView {
        id: "console".to_owned(),
        level: LogLevel::Debug,
        destination: "console".to_owned(),
        status: LogHandlerStatus::Started,
        dropped: 0,
    }]
}

pub fn disconnects() -> Vec<DisconnectView> {
    let timeout = |hours: u64| DisconnectView {
        time_ms: NOW_MS - 480_000 - hours * 3_600_000,
        client_id: Some("sensor-17".to_owned()),
        username: None,
        peername: "10.2.0.9:51544".to_owned(),
        listener: "ssl:default".to_owned(),
        proto_ver: Some(5),
        reason: "keepalive_timeout".to_owned(),
        reason_v4: "keepalive_timeout".to_owned(),
        closed_by: ClosedBy::Server,
        code_sent: Some(0x8D),
        code_received: None,
        detail: String::new(),
        accepted_at_ms: NOW_MS - 900_000 - hours * 3_600_000,
        connected_at_ms: Some(NOW_MS - 890_000 - hours * 3_600_000),
        keepalive: 60,
        silent_ms: 91_400,
        recv_oct: 1000,
        recv_pkt: 20,
        send_oct: 500,
        send_pkt: 10,
        last_packet: Some("PINGREQ".to_owned()),
        queued_msgs: 0,
        session_expires_at_ms: Some(NOW_MS + 6_720_000),
    };
    vec![timeout(0), timeout(6), timeout(12), timeout(18)]
}

pub fn never_connected() -> DisconnectView {
    DisconnectView {
        client_id: None,
        proto_ver: None,
        reason: "idle_timeout".to_owned(),
        reason_v4: "idle_timeout".to_owned(),
        code_sent: None,
        connected_at_ms: None,
        keepalive: 0,
        last_packet: None,
        session_expires_at_ms: None,
        ..disconnects().remove(0)
    }
}

pub fn why() -> WhyView {
    let mut client = clients().remove(1);
    client.client_id = "sensor-17".to_owned();
    WhyView {
        client_id: "sensor-17".to_owned(),
        now_ms: NOW_MS,
        client: Some(client),
        history: disconnects(),
        remembered: 4,
        remembered_since_ms: NOW_MS - 5 * 86_400_000,
        last_refusal: None,
    }
}

pub fn why_online() -> WhyView {
    let mut refused = disconnects().remove(0);
    refused.reason = "discarded".to_owned();
    refused.reason_v4 = "discarded".to_owned();
    refused.code_sent = Some(0x8E);
    refused.detail = "by 10.0.0.7:40001\nwith the same id".to_owned();
    WhyView {
        client: Some(clients().remove(0)),
        client_id: "emqx_c".to_owned(),
        history: vec![refused],
        remembered: 1,
        remembered_since_ms: NOW_MS - 3_600_000,
        last_refusal: Some(AuthzRefusalView {
            action: "keep_subscription".to_owned(),
            topic: "secret/#".to_owned(),
            by: "file: rule 3 at /etc/emqx/acl.conf:12".to_owned(),
            at_ms: NOW_MS - 60_000,
            count: 4,
        }),
        ..why()
    }
}

pub fn bench() -> BenchReport {
    BenchReport {
        scenario: "fan-in",
        target: "127.0.0.1:1883".to_owned(),
        protocol: "5.0",
        qos: Some(1),
        payload_bytes: Some(64),
        connections: 101,
        publishers: 100,
        subscribers: 1,
        topics: 100,
        filters: 1,
        rate: None,
        window: Some(10),
        seconds: 5.000_4,
        connections_per_second: 12_345.678,
        connect_latency: latency(),
        filters_per_second: Some(1000.0),
        sent: 1_200_000,
        received: 1_199_999,
        lost: 1,
        out_of_order: 0,
        refused: 0,
        in_per_second: Some(200_000.0),
        out_per_second: Some(200_000.0),
        latency: Some(latency()),
        late: None,
        hold: None,
        own_cpu_percent: 40.25,
        own_cpu_us_per_message: Some(2.012_5),
        own_waiting_percent: Some(1.5),
        own_cpu_to_server: Some(0.41),
        server: ServerCost {
            cpu_seconds: Some(4.9),
            cpu_percent: Some(98.0),
            cpu_us_per_message: Some(4.9),
            memory_bytes_before: Some(32 * 1024 * 1024),
            memory_bytes_peak: Some(70 * 1024 * 1024),
            memory_bytes: Some(64 * 1024 * 1024),
            memory_bytes_per_connection: None,
            unknown: None,
        },
        warnings: vec![Warning::new("lost", "1 messages did not arrive", "a smaller --window")],
    }
}

pub fn bench_connect() -> BenchReport {
    BenchReport {
        scenario: "connect",
        qos: None,
        payload_bytes: None,
        publishers: 0,
        subscribers: 0,
        topics: 0,
        filters: 0,
        window: None,
        filters_per_second: None,
        sent: 0,
        received: 0,
        lost: 0,
        in_per_second: None,
        out_per_second: None,
        latency: None,
        hold: Some(Hold {
            seconds: 60.000_2,
            pings: 101,
            unanswered: 0,
            server_cpu_percent: None,
            server_cpu_us_per_ping: None,
        }),
        own_cpu_to_server: None,
        server: ServerCost {
            unknown: Some("192.0.2.1 is another machine".to_owned()),
            ..ServerCost::default()
        },
        warnings: Vec::new(),
        ..bench()
    }
}

fn latency() -> Latency {
    Latency {
        p50_us: 120.5,
        p90_us: 900.0,
        p99_us: 1_500.0,
        p999_us: 12_000.0,
        max_us: 1_250_000.0,
    }
}

pub fn license() -> LicenseView {
    LicenseView {
        customer: "Acme".to_owned(),
        email: "ops@acme.example".to_owned(),
        deployment: "default".to_owned(),
        license_type: "trial".to_owned(),
        customer_type: 10,
        start_at: "2024-09-01".to_owned(),
        expiry_at: "2024-10-31".to_owned(),
        days_left: 10,
        is_expired: false,
        is_overdue: false,
        max_sessions: 25,
        refused_from: 25,
        max_tps: None,
        issuer: Some("EMQX".to_owned()),
        source: "license update".to_owned(),
        set_at_ms: Some(NOW_MS - 3_600_000),
        set_by: Some("uid 0".to_owned()),
        sessions: 18,
        connections: 17,
        judged_on: "2024-10-21".to_owned(),
        warnings: Vec::new(),
    }
}

pub fn license_preview() -> LicensePreviewView {
    LicensePreviewView {
        current: license(),
        new: LicenseView {
            license_type: "official".to_owned(),
            customer_type: 2,
            expiry_at: "2025-10-30".to_owned(),
            days_left: 374,
            max_sessions: 100_000,
            refused_from: 110_000,
            ..license()
        },
        consequences: Vec::new(),
    }
}

pub fn license_applied() -> LicenseAppliedView {
    LicenseAppliedView {
        license: license(),
        stored_at: "/var/lib/emqx/license/emqx.lic".to_owned(),
        backup: Some("/var/lib/emqx/license/emqx.lic.20241021022150".to_owned()),
    }
}

pub fn license_history() -> Vec<LicenseHistoryView> {
    [("2024-10", 18), ("2024-09", 25)]
        .map(|(period, high_watermark)| LicenseHistoryView {
            period: period.to_owned(),
            high_watermark,
            observed_at_ms: NOW_MS,
        })
        .into()
}
