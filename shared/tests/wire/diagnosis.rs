//! Examples of the groups that diagnose a node: `errors` to `log level`, `conf`, and EMQX's verbs about the machine.

use emqx_shared::request::{ConfRequest, DiagnosisRequest, SentText, SystemRequest};
use emqx_shared::views::*;
use emqx_shared::{LogLevel, Request, View};

const TIME: u64 = 1_732_000_000_000;

pub fn requests() -> Vec<Request> {
    let client_id = || "sensor-7".to_owned();
    let file = || Some("emqx.conf".to_owned());
    let node = || "emqx@127.0.0.1".to_owned();
    let diagnosis = [
        DiagnosisRequest::ListMalformedFrames { limit: Some(3) },
        DiagnosisRequest::ListEvents {
            follow: true,
            client_id: Some(client_id()),
            kinds: vec![EventKind::Connected, EventKind::Missed],
        },
        DiagnosisRequest::Top {
            sort: TopSort::Dropped,
            count: 20,
            interval_ms: 2000,
            rounds: Some(1),
        },
        DiagnosisRequest::LogLevel,
        DiagnosisRequest::SetLogLevelFor {
            level: LogLevel::Debug,
            seconds: 600,
        },
        DiagnosisRequest::Facts,
    ];
    let conf = [
        ConfRequest::Show {
            key: Some("mqtt".to_owned()),
        },
        ConfRequest::ShowKeys,
        ConfRequest::SendText {
            offset: 32_768,
            piece: SentText(b"mqtt {}".to_vec()),
        },
        ConfRequest::Check { file: file() },
        ConfRequest::Diff { file: file() },
        ConfRequest::Reload,
    ];
    let system = [
        SystemRequest::Vm,
        SystemRequest::StorageInfo,
        SystemRequest::OverloadStatus,
        SystemRequest::SetOverloadProtection { enable: true },
        SystemRequest::CleanPemCache { node: Some(node()) },
        SystemRequest::CleanAuthzCache {
            node: None,
            client_id: Some(client_id()),
        },
        SystemRequest::ClusterStatus,
        SystemRequest::JoinCluster { node: node() },
        SystemRequest::LeaveCluster,
        SystemRequest::ForceLeaveCluster { node: node() },
    ];
    let diagnosis = diagnosis.map(Request::Diagnosis).into_iter();
    let conf = conf.map(Request::Conf).into_iter();
    diagnosis.chain(conf).chain(system.map(Request::System)).collect()
}

pub fn views() -> Vec<View> {
    let origin = || ConfOrigin::File {
        file: "/etc/emqx/emqx.conf".to_owned(),
        line: 12,
    };
    vec![
        View::MalformedFrames(vec![MalformedFrameView {
            time_ms: TIME,
            listener: "tcp:default".to_owned(),
            peername: "10.0.0.9:4711".to_owned(),
            client_id: Some("sensor-7".to_owned()),
            error: "bad_frame_header".to_owned(),
            detail: "packet type 0 is reserved".to_owned(),
            parsed_packets: 3,
            bytes: vec![0, 1, 254],
            received: 900,
            is_withheld: true,
            offset: Some(0),
            guess: Some("text, not MQTT".to_owned()),
        }]),
        View::Events(vec![EventView {
            time_ms: TIME,
            kind: EventKind::Missed,
            subject: "sensor-7".to_owned(),
            detail: "keepalive_timeout".to_owned(),
            peername: Some("10.0.0.9:4711".to_owned()),
            count: 2,
        }]),
        View::Top(Box::new(TopView {
            time_ms: TIME,
            interval_ms: 2000,
            connections: 1,
            sessions: 2,
            messages_in: 3,
            messages_out: 4,
            bytes_in: 5,
            bytes_out: 6,
            dropped: 7,
            rows: vec![TopRowView {
                client_id: "sensor-7".to_owned(),
                peername: "10.0.0.9:4711".to_owned(),
                messages_in: 1,
                messages_out: 2,
                bytes_in: 3,
                bytes_out: 4,
                dropped: 5,
                queue: 6,
                inflight: 7,
            }],
        })),
        View::TimedLogLevel(TimedLogLevelView {
            level: LogLevel::Debug,
            borrowed: Some(BorrowedLevelView {
                back_to: LogLevel::Warning,
                until_ms: TIME,
                left_ms: 9,
            }),
        }),
        View::ConfKeys(vec![ConfKeyView {
            key: "mqtt.max_inflight".to_owned(),
            value: "32".to_owned(),
            origin: ConfOrigin::Default,
            has_effect: true,
        }]),
        View::ConfRoots(vec!["mqtt".to_owned()]),
        View::ConfChecked(Box::new(ConfCheckedView {
            file: "emqx.conf".to_owned(),
            errors: vec![ConfProblemView {
                origin: ConfOrigin::Environment {
                    variable: "EMQX_MQTT__X".to_owned(),
                },
                key: Some("mqtt.x".to_owned()),
                message: "unknown key".to_owned(),
                hint: Some("remove it".to_owned()),
            }],
            more: 1,
            warnings: vec!["w".to_owned()],
        })),
        View::ConfChanges(vec![ConfChangeView {
            key: "listeners.tcp.default.acceptors".to_owned(),
            running: Some("16".to_owned()),
            new: None,
            origin: origin(),
            effect: ConfEffect::ListenerRestart {
                listener: "tcp:default".to_owned(),
            },
            is_applied: false,
        }]),
        View::Vm(Box::new(VmView {
            load_hundredths: [52, 104, 1200],
            memory_total: 1,
            memory_processes: 2,
            memory_ets: 3,
            memory_code: 4,
            process_limit: 5,
            process_count: 6,
            max_fds: 7,
            active_fds: 8,
            ports_count: 9,
            ports_limit: 10,
        })),
        View::Overload(OverloadView {
            node: "emqx@127.0.0.1".to_owned(),
            is_overloaded: false,
        }),
        View::Cluster(ClusterView {
            running_nodes: vec!["emqx@127.0.0.1".to_owned()],
            stopped_nodes: vec!["emqx@127.0.0.2".to_owned()],
        }),
    ]
}
