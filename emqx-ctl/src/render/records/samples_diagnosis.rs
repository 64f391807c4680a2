//! Views of the diagnosis groups as the golden tests draw them.

use emqx_shared::LogLevel;
use emqx_shared::request::{TraceFormat, TracePayload, TraceSubject};
use emqx_shared::views::*;

use super::samples::NOW_MS;

pub fn malformed_frames() -> Vec<MalformedFrameView> {
    let http = MalformedFrameView {
        time_ms: NOW_MS,
        listener: "tcp:default".to_owned(),
        peername: "10.0.0.9:4711".to_owned(),
        client_id: None,
        error: "bad_frame_header".to_owned(),
        detail: "packet type 4 with flags 0b0111 in its fixed header".to_owned(),
        parsed_packets: 0,
        bytes: b"GET / HTTP/1.1\r\n".to_vec(),
        received: 60,
        is_withheld: true,
        offset: Some(0),
        guess: Some("HTTP".to_owned()),
    };
    let wildcard = MalformedFrameView {
        client_id: Some("sensor-7\u{202e}".to_owned()),
        error: "topic_name_invalid".to_owned(),
        detail: "the topic name holds a wildcard".to_owned(),
        parsed_packets: 3,
        bytes: b"\x30\x14\x00\x03a/#0123456789abcdef".to_vec(),
        received: 300,
        is_withheld: false,
        offset: Some(6),
        guess: None,
        ..http.clone()
    };
    vec![http, wildcard]
}

pub fn events() -> Vec<EventView> {
    let connected = EventView {
        time_ms: NOW_MS,
        kind: EventKind::Connected,
        subject: "sensor-7\n".to_owned(),
        detail: "MQTT 5".to_owned(),
        peername: Some("10.0.0.9:4711".to_owned()),
        count: 1,
    };
    let dropped = EventView {
        kind: EventKind::QueueDropped,
        subject: "mqueue".to_owned(),
        detail: "dropped because a queue was full".to_owned(),
        peername: None,
        count: 12,
        ..connected.clone()
    };
    vec![connected, dropped]
}

pub fn borrowed_level() -> TimedLogLevelView {
    TimedLogLevelView {
        level: LogLevel::Debug,
        borrowed: Some(BorrowedLevelView {
            back_to: LogLevel::Warning,
            until_ms: NOW_MS + 600_000,
            left_ms: 600_000,
        }),
    }
}

pub fn top() -> TopView {
    TopView {
        time_ms: NOW_MS,
        interval_ms: 2000,
        connections: 2,
        sessions: 3,
        messages_in: 500,
        messages_out: 0,
        bytes_in: 64_000,
        bytes_out: 10,
        dropped: 0,
        rows: vec![TopRowView {
            client_id: "sensor-7".to_owned(),
            peername: "10.0.0.9:4711".to_owned(),
            messages_in: 500,
            messages_out: 0,
            bytes_in: 64_000,
            bytes_out: 10,
            dropped: 0,
            queue: 4,
            inflight: 2,
        }],
    }
}

fn origin(line: u32) -> ConfOrigin {
    ConfOrigin::File {
        file: "/etc/emqx/emqx.conf".to_owned(),
        line,
    }
}

pub fn conf_keys() -> Vec<ConfKeyView> {
    let key = |key: &str, value: &str, origin| ConfKeyView {
        key: key.to_owned(),
        value: value.to_owned(),
        origin,
        has_effect: true,
    };
    vec![
        key("mqtt.max_inflight", "32", ConfOrigin::Default),
        key("node.cookie", "\"******\"", origin(3)),
    ]
}

pub fn conf_checked() -> ConfCheckedView {
    ConfCheckedView {
        file: "/etc/emqx/emqx.conf".to_owned(),
        errors: vec![ConfProblemView {
            origin: origin(12),
            key: Some("mqtt.max_inflght".to_owned()),
            message: "unknown key".to_owned(),
            hint: Some("did you mean `mqtt.max_inflight`?".to_owned()),
        }],
        more: 2,
        warnings: vec!["/etc/emqx/emqx.conf:3: `sysmon` is accepted but has no effect yet".to_owned()],
    }
}

pub fn conf_changes() -> Vec<ConfChangeView> {
    let live = ConfChangeView {
        key: "mqtt.max_inflight".to_owned(),
        running: Some("32".to_owned()),
        new: Some("64".to_owned()),
        origin: origin(7),
        effect: ConfEffect::Live,
        is_applied: true,
    };
    let listener = ConfChangeView {
        key: "listeners.tcp.default.acceptors".to_owned(),
        effect: ConfEffect::ListenerRestart {
            listener: "tcp:default".to_owned(),
        },
        is_applied: false,
        ..live.clone()
    };
    let restart = ConfChangeView {
        key: "node.workers".to_owned(),
        running: None,
        effect: ConfEffect::Restart,
        is_applied: false,
        ..live.clone()
    };
    vec![listener, live, restart]
}

pub fn vm() -> VmView {
    VmView {
        load_hundredths: [52, 104, 1200],
        memory_total: 30_000_000,
        memory_processes: 20_000_000,
        memory_ets: 99,
        memory_code: 10_000_000,
        process_limit: 1_048_576,
        process_count: 12,
        max_fds: 1_048_576,
        active_fds: 20,
        ports_count: 3,
        ports_limit: 1_048_576,
    }
}

/// One that runs, with a name that would steer a terminal, and one of the folder that has stopped.
pub fn traces() -> Vec<TraceView> {
    let live = TraceView {
        name: "CLI-1".to_owned(),
        is_named: false,
        subject: TraceSubject::Client("sensor-7\u{202e}\n".to_owned()),
        level: LogLevel::Debug,
        format: TraceFormat::Text,
        payload: TracePayload::Text,
        destination: Some("/home/op/a \"b\".log".to_owned()),
        is_resumable: false,
        state: TraceState::Running,
        started_at_ms: NOW_MS,
        ends_at_ms: NOW_MS + 1_800_000,
        bytes: 2048,
        max_bytes: 512 << 20,
        lines: 17,
        dropped: 3,
        rate: None,
        watchers: 1,
        node: super::samples::NODE.to_owned(),
    };
    let named = TraceView {
        name: "mytraces_ip".to_owned(),
        is_named: true,
        subject: TraceSubject::IpAddress("10.0.0.0/8".to_owned()),
        format: TraceFormat::Json,
        payload: TracePayload::Hidden,
        destination: Some("/var/lib/emqx/trace/trace_mytraces_ip_2026-11-22.log".to_owned()),
        is_resumable: true,
        state: TraceState::Stopped {
            reason: "duration".to_owned(),
        },
        max_bytes: 1000,
        rate: Some(500),
        watchers: 0,
        ..live.clone()
    };
    vec![live, named]
}
