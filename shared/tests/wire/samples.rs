//! One view of each kind, with every optional part there.

use emqx_shared::request::{TraceFormat, TracePayload, TraceSubject};
use emqx_shared::views::*;
use emqx_shared::{LogLevel, View};

const TIME: u64 = 1_732_000_000_000;

pub fn listener() -> ListenerView {
    ListenerView {
        id: "tcp:default".to_owned(),
        kind: ListenerKind::Tcp,
        listen_on: "0.0.0.0:1883".to_owned(),
        acceptors: 16,
        proxy_protocol: false,
        enabled: true,
        state: ListenerState::Failed {
            error: "EADDRINUSE".to_owned(),
            why: "nginx (pid 812)".to_owned(),
        },
        started_at_ms: Some(TIME),
        current_conn: 9,
        peak_conn: 12,
        max_conns: Some(1_024_000),
        accepted: 300,
        refused_limit: 1,
        refused_rate: 2,
        refused_access: 3,
        shutdown_counts: vec![
            reason("keepalive_timeout", "keepalive_timeout", ClosedBy::Server, 1),
            reason("tcp_closed", "closed", ClosedBy::Client, 2),
            reason("etimedout", "etimedout", ClosedBy::Network, 3),
        ],
        paused_rate: 0,
    }
}

fn reason(name: &str, v4: &str, closed_by: ClosedBy, count: u64) -> ReasonCountView {
    ReasonCountView {
        reason: name.to_owned(),
        reason_v4: v4.to_owned(),
        closed_by,
        count,
    }
}

pub fn client() -> ClientView {
    ClientView {
        client_id: "sensor-7".to_owned(),
        username: Some("u".to_owned()),
        peername: "127.0.0.1:59441".to_owned(),
        clean_start: true,
        keepalive: 60,
        session_expiry_interval: 7200,
        subscriptions: 1,
        inflight: 2,
        awaiting_rel: 3,
        delivered_msgs: 4530,
        enqueued_msgs: 4,
        dropped_msgs: 5,
        connected: true,
        created_at_ms: TIME,
        connected_at_ms: TIME + 1,
        disconnected_at_ms: Some(TIME + 2),
        listener: "tcp:default".to_owned(),
        proto_name: "MQTT".to_owned(),
        proto_ver: 5,
        mountpoint: Some("m/".to_owned()),
        node: "emqx@127.0.0.1".to_owned(),
        receive_maximum: 32,
        recv_oct: 6,
        recv_pkt: 7,
        recv_msg: 8,
        send_oct: 9,
        send_pkt: 10,
        send_msg: 11,
        session_expires_at_ms: Some(TIME + 3),
        transport: TransportView {
            name: "wss".to_owned(),
            tls_version: Some("tlsv1.3".to_owned()),
            common_name: Some("device-7".to_owned()),
            proxied_by: Some("10.0.0.2:40000".to_owned()),
            ..Default::default()
        },
        recv_paused: 0,
    }
}

pub fn disconnect() -> DisconnectView {
    DisconnectView {
        time_ms: TIME,
        client_id: Some("sensor-7".to_owned()),
        username: Some("u".to_owned()),
        peername: "10.2.0.9:51544".to_owned(),
        listener: "tcp:default".to_owned(),
        proto_ver: Some(5),
        reason: "takenover".to_owned(),
        reason_v4: "takeovered".to_owned(),
        closed_by: ClosedBy::Server,
        code_sent: Some(0x8e),
        code_received: Some(0),
        detail: "by 10.2.0.10:4".to_owned(),
        accepted_at_ms: TIME - 2,
        connected_at_ms: Some(TIME - 1),
        keepalive: 60,
        silent_ms: 91_000,
        recv_oct: 1,
        recv_pkt: 2,
        send_oct: 3,
        send_pkt: 4,
        last_packet: Some("PINGREQ".to_owned()),
        queued_msgs: 5,
        session_expires_at_ms: Some(TIME + 7_200_000),
    }
}

fn status() -> StatusView {
    StatusView {
        node: "emqx@127.0.0.1".to_owned(),
        version: "5.8.0".to_owned(),
        state: NodeState::Started,
        pid: 812,
        started_at_ms: TIME,
        uptime_ms: 52_000,
        connections: 1,
        sessions: 2,
        subscriptions: 3,
        retained: 4,
        listeners_running: 5,
        listeners_enabled: 6,
        workers: 7,
        messages_received: 8,
        messages_sent: 9,
        messages_dropped: 10,
        memory_bytes: Some(11_000_000),
        panics: 12,
        data_dir: "/var/lib/emqx".to_owned(),
        config_file: Some("/etc/emqx/emqx.conf".to_owned()),
    }
}

/// In the order of the enum.
pub fn views() -> Vec<View> {
    vec![
        View::Nothing,
        View::ListEnd(ListEnd {
            rows: 100,
            total: Some(12_345),
        }),
        View::Status(status()),
        View::Version(VersionView {
            version: "0.1.0".to_owned(),
            emqx_version: "5.8.0".to_owned(),
            build: "rustc 1.95".to_owned(),
            protocol_min: 1,
            protocol_max: 1,
        }),
        View::Broker(BrokerView {
            sysdescr: "EMQX".to_owned(),
            version: "5.8.0".to_owned(),
            now_ns: TIME * 1_000_000 + 47_713,
            utc_offset_seconds: 28_800,
            uptime_ms: 52_000,
        }),
        View::Counts(vec![CountView {
            name: "messages.received".to_owned(),
            value: 300,
        }]),
        View::Listeners(vec![listener()]),
        View::Listener(Box::new(listener())),
        View::Clients(vec![client()]),
        View::Client(Box::new(client())),
        View::Kick(KickView { existed: true }),
        View::Topics(vec![TopicView {
            topic: "t/1".to_owned(),
            node: "emqx@127.0.0.1".to_owned(),
        }]),
        View::Subscriptions(vec![SubscriptionView {
            client_id: "sensor-7".to_owned(),
            topic: "$share/g1/t/2".to_owned(),
            qos: 1,
            no_local: false,
            retain_handling: 2,
            retain_as_published: true,
            subscription_id: Some(268_435_455),
            node: "emqx@127.0.0.1".to_owned(),
        }]),
        View::Retainer(RetainerView {
            enabled: true,
            messages: 3,
            bytes: 99,
            max_messages: None,
        }),
        View::RetainedTopics(vec!["a".to_owned(), "b/c".to_owned()]),
        View::RetainedCleaned(RetainedCleanedView { messages: 3 }),
        View::LogLevel(LogLevel::Warning),
        View::LogHandlers(vec![LogHandlerView {
            id: "console".to_owned(),
            level: LogLevel::Warning,
            destination: "console".to_owned(),
            status: LogHandlerStatus::Started,
            dropped: 1,
        }]),
        View::Disconnects(vec![disconnect()]),
        View::Why(Box::new(WhyView {
            client_id: "sensor-7".to_owned(),
            now_ms: TIME,
            client: Some(client()),
            history: vec![disconnect()],
            remembered: 4,
            remembered_since_ms: TIME - 9,
            last_refusal: Some(AuthzRefusalView {
                action: "publish".to_owned(),
                topic: "t".to_owned(),
                by: "file: rule 3".to_owned(),
                at_ms: TIME,
                count: 2,
            }),
        })),
    ]
    .into_iter()
    .chain(super::diagnosis::views())
    .chain(later_views())
    .chain(super::admins::views())
    .chain(super::facts::views())
    .chain(super::tls::views())
    .chain(super::authz::views())
    .chain(super::authn::views())
    .chain(super::lifecycle::views())
    .chain(super::upgrade::views())
    .chain(super::cluster::views())
    .collect()
}

/// Views that came after those of diagnosis.
fn later_views() -> Vec<View> {
    vec![
        View::Traces(vec![trace()]),
        View::Trace(Box::new(trace())),
        View::TraceLines(TraceLinesView {
            dropped: 3,
            text: "a line\n".to_owned(),
        }),
        View::License(Box::new(license())),
        View::LicensePreview(Box::new(LicensePreviewView {
            current: license(),
            new: license(),
            consequences: vec!["Connected clients stay.".to_owned()],
        })),
        View::LicenseApplied(Box::new(LicenseAppliedView {
            license: license(),
            stored_at: "data/license/emqx.lic".to_owned(),
            backup: Some("data/license/emqx.lic.20241119071320".to_owned()),
        })),
        View::LicenseHistory(vec![LicenseHistoryView {
            period: "2024-11".to_owned(),
            high_watermark: 18,
            observed_at_ms: TIME,
        }]),
    ]
}

fn license() -> LicenseView {
    LicenseView {
        customer: "Acme".to_owned(),
        email: "ops@acme.example".to_owned(),
        deployment: "default".to_owned(),
        license_type: "official".to_owned(),
        customer_type: 1,
        start_at: "2024-01-01".to_owned(),
        expiry_at: "2024-10-31".to_owned(),
        days_left: -19,
        is_expired: true,
        is_overdue: false,
        max_sessions: 100,
        refused_from: 110,
        max_tps: Some(2000),
        issuer: Some("EMQX".to_owned()),
        source: "license update".to_owned(),
        set_at_ms: Some(TIME),
        set_by: Some("uid 0".to_owned()),
        sessions: 18,
        connections: 17,
        judged_on: "2024-11-19".to_owned(),
        warnings: vec!["License has been expired for 19 days.".to_owned()],
    }
}

fn trace() -> TraceView {
    TraceView {
        name: "mytraces_ip".to_owned(),
        is_named: true,
        subject: TraceSubject::IpAddress("127.0.0.1".to_owned()),
        level: LogLevel::Debug,
        format: TraceFormat::Json,
        payload: TracePayload::Hex,
        destination: Some("data/trace/trace_mytraces_ip_2024-11-19.log".to_owned()),
        is_resumable: true,
        state: TraceState::Stopped {
            reason: "size".to_owned(),
        },
        started_at_ms: TIME,
        ends_at_ms: TIME + 1_800_000,
        bytes: 1,
        max_bytes: 536_870_912,
        lines: 2,
        dropped: 3,
        rate: Some(500),
        watchers: 1,
        node: "emqx@127.0.0.1".to_owned(),
    }
}
