//! Nodes of a cluster.

use emqx_shared::request::ClusterRequest;
use emqx_shared::views::{
    ClusterNodeView, ClusterNodesView, DigestRowView, DigestView, DiscoveryView, NodeAboutView, NodeLinkView,
};
use emqx_shared::{Request, View};

pub fn requests() -> Vec<Request> {
    vec![
        Request::Cluster(ClusterRequest::Nodes),
        Request::Cluster(ClusterRequest::Digest),
        Request::Cluster(ClusterRequest::Discovery),
        Request::Cluster(ClusterRequest::SetDiscovery { enable: true }),
        Request::Cluster(ClusterRequest::OnNode {
            node: "emqx@10.0.0.2".to_owned(),
            request: vec![0],
        }),
    ]
}

pub fn views() -> Vec<View> {
    vec![
        View::ClusterNodes(Box::new(ClusterNodesView {
            nodes: vec![ClusterNodeView {
                name: "emqx@10.0.0.1".to_owned(),
                address: Some("10.0.0.1:4370".to_owned()),
                role: Some("leader".to_owned()),
                votes: true,
                is_running: true,
                about: Some(NodeAboutView {
                    version: "0.1.0".to_owned(),
                    uptime_ms: 1000,
                    connections: 3,
                    sessions: 4,
                    license: Some("a1b2c3d4".to_owned()),
                }),
                link: Some(NodeLinkView {
                    is_in_sync: true,
                    routes: 5,
                    sessions: 6,
                    lag: 7,
                    messages_waiting: 8,
                    messages_dropped: 9,
                    lanes: 10,
                    lanes_linked: 11,
                    bytes_waiting: 12,
                    messages_sent: 13,
                    messages_resent: 14,
                    messages_received: 15,
                    snapshots: 16,
                    divergences: 17,
                    retained_refused: 18,
                    stream_error: Some("closed".to_owned()),
                }),
            }],
            differences: vec!["version".to_owned()],
        })),
        View::Digest(DigestView {
            sums: vec![DigestRowView {
                of: "routes".to_owned(),
                sum: "0".to_owned(),
            }],
        }),
        View::Discovery(DiscoveryView {
            strategy: "static".to_owned(),
            is_enabled: true,
            seeds: vec!["10.0.0.1:4370".to_owned()],
            failure: Some("refused".to_owned()),
        }),
    ]
}
