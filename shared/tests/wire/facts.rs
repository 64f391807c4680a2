//! What a doctor asks the daemon.

use emqx_shared::View;
use emqx_shared::views::*;

pub fn views() -> Vec<View> {
    let config = ConfigFactsView {
        node: "emqx@127.0.0.1".to_owned(),
        file: Some("/etc/emqx/emqx.conf".to_owned()),
        data_dir: "/var/lib/emqx".to_owned(),
        socket: Some("/run/emqx/emqxd.sock".to_owned()),
        log_files: vec!["/var/log/emqx/emqx.log".to_owned()],
        has_known_cookie: true,
        unenforced: vec!["authentication".to_owned()],
        no_match: Some("deny".to_owned()),
        max_packet_size: 1_048_576,
        without_effect: vec!["sysmon (emqx.conf:3)".to_owned()],
        warnings: vec!["a warning".to_owned()],
        listeners: vec![ListenerFactsView {
            id: "tcp:default".to_owned(),
            bind: "0.0.0.0:1883".to_owned(),
            is_enabled: true,
            is_served: true,
            lets_strangers_in: true,
            max_connections: Some(1000),
            backlog: 1024,
            authenticates: true,
            has_tls: true,
            trusts_any_proxy: true,
            takes_unverified_names: true,
            certificate_days_left: Some(-3),
            revocation_days_left: Some(4),
        }],
        security_profile: "hardened".to_owned(),
        refuses_anonymous: true,
        has_default_rules: true,
        guarded_files: vec!["/etc/emqx/acl.conf".to_owned()],
        weak_settings: vec!["passwords are kept as md5".to_owned()],
    };
    let ends = EndFactsView {
        window_ms: 3_600_000,
        ended: 100,
        takeovers: vec![TakeoverFactsView {
            client_id: "twin".to_owned(),
            count: 40,
            over_ms: 60_000,
            addresses: 2,
            last_peer: "10.0.0.9:5000".to_owned(),
        }],
        keepalive_lost: 1,
        keepalive_example: Some("asleep".to_owned()),
        frame_too_large: 2,
        frame_too_large_example: Some("large".to_owned()),
        http: 3,
        http_peer: Some("192.0.2.1:80".to_owned()),
        tls: 4,
        tls_peer: Some("192.0.2.2:443".to_owned()),
        scanners: vec!["CENSYS from 192.0.2.3".to_owned()],
    };
    vec![View::NodeFacts(Box::new(NodeFactsView {
        now_ms: 1_732_000_000_000,
        uptime_ms: 52_000,
        pid: 812,
        uid: 990,
        gid: 991,
        config,
        files_soft: 1024,
        files_hard: 4096,
        files_open: Some(40),
        connections: 9,
        clock_steps: 1,
        clock_last_step_ms: -3_600_000,
        messages_received: 100,
        dropped_queue_full: 7,
        damage: Some("bad checksum".to_owned()),
        ends,
    }))]
}
