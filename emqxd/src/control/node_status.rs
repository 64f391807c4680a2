//! `ping`, `status`, `version`, `broker`, `broker stats` and `broker metrics`.

use std::path::Path;
use std::sync::atomic::Ordering;

use emqx_shared::views::{BrokerView, CountView, StatusView, VersionView};
use emqx_shared::{Failure, PROTOCOL, View};
use emqxd_broker::{Metric, RetainedStore, Time};

use super::server::ReplySender;
use crate::clock::unix_ms_now;
use crate::listener::{ListenerStatus, PANICS};
use crate::node::NodeShared;
use crate::stats::memory_bytes;

/// The EMQX version whose texts and tables ours are compatible with.
const EMQX_VERSION: &str = "5.8.0";

pub(super) fn status(node: &NodeShared) -> View {
    let uptime_ms = node.clock.now().0;
    let listeners = node.listeners.list();
    let running = listeners.iter().filter(|listener| listener.is_running).count();
    let enabled = listeners
        .iter()
        .filter(|listener| node.is_enabled(&listener.config))
        .count();
    let open = |listener: &ListenerStatus| listener.run.as_ref().map_or(0, |run| run.open_connections() as u64);
    View::Status(StatusView {
        node: node.config.node.name.clone(),
        version: crate::VERSION.to_owned(),
        state: node.state(),
        pid: std::process::id(),
        started_at_ms: node.clock.unix_ms(Time(0)),
        uptime_ms,
        connections: listeners.iter().map(open).sum(),
        sessions: node.sessions(),
        subscriptions: node.subscriptions(),
        retained: node.retained.len() as u64,
        listeners_running: running as u32,
        listeners_enabled: enabled as u32,
        workers: node.workers().len() as u32,
        messages_received: node.metric(Metric::MessagesReceived),
        messages_sent: node.metric(Metric::MessagesSent),
        messages_dropped: messages_dropped(node),
        memory_bytes: memory_bytes(),
        panics: PANICS.load(Ordering::Relaxed),
        data_dir: absolute(&node.config.node.data_dir),
        config_file: node.config_file.as_deref().map(absolute),
    })
}

pub(super) fn version() -> View {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    View::Version(VersionView {
        version: crate::VERSION.to_owned(),
        emqx_version: EMQX_VERSION.to_owned(),
        build: format!("{}-{} {profile}", std::env::consts::ARCH, std::env::consts::OS),
        protocol_min: PROTOCOL.min,
        protocol_max: PROTOCOL.max,
    })
}

pub(super) fn broker(node: &NodeShared) -> View {
    View::Broker(BrokerView {
        sysdescr: crate::SYSDESCR.to_owned(),
        version: crate::VERSION.to_owned(),
        now_ns: unix_ms_now().saturating_mul(1_000_000),
        utc_offset_seconds: utc_offset_seconds(),
        uptime_ms: node.clock.now().0,
    })
}

/// Counts by name, in the order they come.
pub(super) async fn counts(counts: Vec<(&'static str, u64)>, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::Counts);
    for (name, value) in counts {
        let name = name.to_owned();
        rows.row(CountView { name, value }).await?;
    }
    Ok(rows.finish(None).await?)
}

/// The daemon's local time now, as seconds east of UTC.
pub(super) fn utc_offset_seconds() -> i32 {
    jiff::Zoned::now().offset().seconds()
}

fn absolute(path: &Path) -> String {
    // Without a working directory a relative path is all there is to say.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.display().to_string()
}

/// What was to reach a client and did not: lost before it was routed, or on its way to a session. A client's own
/// messages that it asked not to get are not lost.
fn messages_dropped(node: &NodeShared) -> u64 {
    let deliveries = node.metric(Metric::DeliveryDropped);
    let own = node.metric(Metric::DeliveryDroppedNoLocal);
    node.metric(Metric::MessagesDropped) + deliveries.saturating_sub(own)
}
