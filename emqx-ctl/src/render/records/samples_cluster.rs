//! Nodes of a cluster for `golden.rs`.

use emqx_shared::views::{ClusterNodeView, DigestRowView, DigestView, DiscoveryView, NodeAboutView, NodeLinkView};

pub fn nodes() -> Vec<ClusterNodeView> {
    let about = |connections| NodeAboutView {
        version: "0.1.0".to_owned(),
        uptime_ms: 93_784_000,
        connections,
        sessions: 2 * connections,
        license: Some("a1b2c3d4e5f6".to_owned()),
    };
    let node = |number: u8, role: Option<&str>| ClusterNodeView {
        name: format!("emqx@10.0.0.{number}"),
        address: Some(format!("10.0.0.{number}:4370")),
        role: role.map(str::to_owned),
        votes: true,
        is_running: true,
        about: None,
        link: None,
    };
    let link = |is_in_sync, lag| NodeLinkView {
        is_in_sync,
        routes: 120,
        sessions: 80,
        lag,
        messages_waiting: lag / 2,
        messages_dropped: 0,
        lanes: 2,
        lanes_linked: 2,
        bytes_waiting: 64 * lag,
        messages_sent: 9000,
        messages_resent: lag,
        messages_received: 7000,
        snapshots: 1,
        divergences: 0,
        retained_refused: 0,
        stream_error: (!is_in_sync).then(|| "the other node has closed the link".to_owned()),
    };
    vec![
        ClusterNodeView {
            about: Some(about(1200)),
            ..node(1, Some("leader"))
        },
        ClusterNodeView {
            about: Some(about(7)),
            link: Some(link(true, 0)),
            ..node(2, Some("follower"))
        },
        ClusterNodeView {
            link: Some(link(false, 17)),
            ..node(3, Some("follower"))
        },
        ClusterNodeView {
            is_running: false,
            ..node(4, None)
        },
    ]
}

pub fn digest() -> DigestView {
    let row = |of: &str, sum: &str| DigestRowView {
        of: of.to_owned(),
        sum: sum.to_owned(),
    };
    DigestView {
        sums: vec![
            row("license", "a1b2c3d4e5f6"),
            row("retained", "00000000000000a1"),
            row("routes of emqx@10.0.0.1", "5f2b6a1c00ffee00"),
        ],
    }
}

pub fn discovery() -> DiscoveryView {
    DiscoveryView {
        strategy: "dns".to_owned(),
        is_enabled: true,
        seeds: vec!["10.0.0.1:4370".to_owned(), "10.0.0.2:4370".to_owned()],
        failure: Some("the name server 10.0.0.53 does not answer".to_owned()),
    }
}
