//! `why` and `disconnects`: from the connections that ended last and, for `why`, the client as it is now.

use std::net::IpAddr;

use emqx_shared::rows::ROWS_MAX;
use emqx_shared::views::{ClosedBy, DisconnectView, WhyView};
use emqx_shared::{Failure, View};
use emqxd_broker::{ClosedBy as Closer, DisconnectReason, Time};

use super::authz::refusal_view;
use super::clients;
use super::dispatch::on_owner;
use super::server::ReplySender;
use crate::clock::Clock;
use crate::closed_connections::{CLOSED_CONNECTIONS_MAX, ClosedConnection};
use crate::node::NodeShared;

/// Connections that `why` shows unless all are asked for: enough to see a rhythm.
const HISTORY_FEW: usize = 20;
/// A session that never expires has this interval (MQTT 5, 3.1.2.11.2).
const NEVER_EXPIRES: u32 = u32::MAX;

/// Which connections to show; a filter that is `None` lets all pass.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// EMQX 5's or EMQX 4's word.
    pub(super) reason: Option<String>,
    pub(super) client_id: Option<String>,
    /// Those that ended then or later, Unix milliseconds.
    pub(super) since_ms: Option<u64>,
}

impl Wanted {
    fn accepts(&self, closed: &ClosedConnection, ended_at_ms: impl FnOnce() -> u64) -> bool {
        let has_reason = |word: &str| closed.reason.name() == word || closed.reason.name_v4() == word;
        self.reason.as_deref().is_none_or(has_reason)
            && self.client_id.as_deref().is_none_or(|id| is_of(closed, id))
            && self.since_ms.is_none_or(|since_ms| ended_at_ms() >= since_ms)
    }
}

/// Newest first.
pub(super) async fn list(
    node: &NodeShared,
    limit: Option<u32>,
    wanted: Wanted,
    replies: ReplySender,
) -> Result<View, Failure> {
    let limit = limit.map_or(usize::MAX, |limit| limit as usize);
    let mut total = 0;
    // Looks at all of them, so that those beyond the limit are counted.
    let found = node.closed.newest(usize::MAX, |closed| {
        let is_wanted = wanted.accepts(closed, || node.clock.unix_ms(closed.ended_at));
        total += usize::from(is_wanted);
        is_wanted && total <= limit
    });
    let mut rows = replies.rows(View::Disconnects);
    for closed in found {
        rows.row(view(&node.clock, &closed)).await?;
    }
    Ok(rows.finish(Some(total as u64)).await?)
}

/// What is known of one client.
pub(super) async fn why(node: &NodeShared, client_id: String, all: bool) -> Result<View, Failure> {
    let client = clients::find(node, &client_id).await?;
    let asked = client_id.clone();
    let last_refusal = on_owner(node, &client_id, move |worker| {
        worker.shard.last_refusal(&asked).cloned()
    })
    .await?;
    let most = if all { ROWS_MAX } else { HISTORY_FEW };
    let (mut remembered, mut looked_at, mut oldest) = (0, 0, Time::default());
    let address: Option<IpAddr> = client_id.parse().ok();
    let history = node.closed.newest(usize::MAX, |closed| {
        looked_at += 1;
        oldest = closed.ended_at;
        let is_wanted = is_of(closed, &client_id) || address.is_some_and(|address| is_nameless_from(closed, address));
        remembered += usize::from(is_wanted);
        is_wanted && remembered <= most
    });
    if client.is_none() && history.is_empty() {
        return Err(clients::not_found(&client_id)
            .why("it is not connected, has no session, and none of the connections that ended last was its"));
    }
    // Until one had to be forgotten all are remembered since the start.
    let since = if looked_at < CLOSED_CONNECTIONS_MAX {
        Time::default()
    } else {
        oldest
    };
    Ok(View::Why(Box::new(WhyView {
        client_id,
        now_ms: node.clock.unix_ms(node.clock.now()),
        client,
        history: history.iter().map(|closed| view(&node.clock, closed)).collect(),
        remembered: remembered as u64,
        remembered_since_ms: node.clock.unix_ms(since),
        last_refusal: last_refusal.map(|refusal| refusal_view(node, refusal)),
    })))
}

/// When a session that lost its connection at `disconnected_at` is dropped; `None` for never.
pub(super) fn expires_at(disconnected_at: Time, interval: u32) -> Option<Time> {
    (interval != NEVER_EXPIRES).then(|| disconnected_at.after_secs(interval.into()))
}

pub(super) fn closed_by(reason: DisconnectReason) -> ClosedBy {
    match reason.closed_by() {
        Closer::Client => ClosedBy::Client,
        Closer::Server => ClosedBy::Server,
        Closer::Network => ClosedBy::Network,
    }
}

/// Whether it came from there and ended before it told its client id: in the TLS handshake, say.
fn is_nameless_from(closed: &ClosedConnection, address: IpAddr) -> bool {
    closed.channel.is_none() && closed.peer.ip() == address
}

fn is_of(closed: &ClosedConnection, client_id: &str) -> bool {
    closed
        .channel
        .as_ref()
        .is_some_and(|channel| channel.client_id == client_id)
}

fn view(clock: &Clock, closed: &ClosedConnection) -> DisconnectView {
    let channel = closed.channel.as_deref();
    let kept = channel.filter(|channel| channel.session_kept);
    // Without CONNECT nobody noted the last byte; where there was none at all it has been silent from the start.
    let last_received_at = match channel {
        Some(channel) => channel.last_received_at,
        None if closed.traffic.bytes_received == 0 => closed.accepted_at,
        None => closed.ended_at,
    };
    let silent = closed.ended_at.since(last_received_at);
    DisconnectView {
        time_ms: clock.unix_ms(closed.ended_at),
        client_id: channel.map(|channel| channel.client_id.to_string()),
        username: channel.and_then(|channel| channel.username.as_deref().map(str::to_owned)),
        peername: closed.peer.to_string(),
        listener: closed.listener.to_string(),
        proto_ver: channel.map(|channel| channel.version as u8),
        reason: closed.reason.name().to_owned(),
        reason_v4: closed.reason.name_v4().to_owned(),
        closed_by: closed_by(closed.reason),
        code_sent: closed.reason_code_sent.map(|code| code as u8),
        code_received: channel
            .and_then(|channel| channel.disconnect_received)
            .map(|code| code as u8),
        detail: detail(closed).to_owned(),
        accepted_at_ms: clock.unix_ms(closed.accepted_at),
        connected_at_ms: channel
            .filter(|_| closed.was_connected())
            .map(|channel| clock.unix_ms(channel.connected_at)),
        keepalive: channel.map_or(0, |channel| channel.keep_alive),
        silent_ms: u64::try_from(silent.as_millis()).unwrap_or(u64::MAX),
        recv_oct: closed.traffic.bytes_received,
        recv_pkt: closed.traffic.packets_received,
        send_oct: closed.traffic.bytes_sent,
        send_pkt: closed.traffic.packets_sent,
        last_packet: channel.map(|channel| channel.last_packet.name().to_owned()),
        queued_msgs: channel.map_or(0, |channel| channel.queue_len as u64),
        session_expires_at_ms: kept
            .and_then(|channel| expires_at(closed.ended_at, channel.session_expiry_interval))
            .map(|at| clock.unix_ms(at)),
    }
}

/// What happened more exactly; for reasons that share EMQX's word with others, which of them it was.
fn detail(closed: &ClosedConnection) -> &str {
    match (closed.detail.as_deref(), closed.reason) {
        (Some(detail), _) => detail,
        (None, DisconnectReason::SecondConnect) => "a second CONNECT on the same connection",
        (None, _) => "",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use emqxd_broker::{ChannelSummary, Peer};
    use mqtt_codec::{PacketType, ProtocolVersion, ReasonCode};

    use super::*;
    use crate::closed_connections::Traffic;

    fn never_said_a_word() -> ClosedConnection {
        ClosedConnection {
            ended_at: Time(20_000),
            reason: DisconnectReason::IdleTimeout,
            detail: None,
            reason_code_sent: None,
            listener: Arc::from("tcp:default"),
            peer: "10.0.0.9:50001".parse().unwrap(),
            accepted_at: Time(5_000),
            traffic: Traffic::default(),
            channel: None,
        }
    }

    fn timed_out() -> ClosedConnection {
        let closed = never_said_a_word();
        let channel = ChannelSummary {
            client_id: "sensor-7".into(),
            username: Some("field".into()),
            is_authenticated: false,
            peer: Peer::tcp(Arc::from("tcp:default"), closed.peer, 1883),
            version: ProtocolVersion::V5,
            clean_start: false,
            keep_alive: 4,
            receive_maximum: 32,
            session_expiry_interval: 60,
            connected_at: Time(5_100),
            last_received_at: Time(14_000),
            last_packet: PacketType::Pingreq,
            queue_len: 3,
            inflight_len: 1,
            session_kept: true,
            disconnect_received: None,
            detail: None,
        };
        ClosedConnection {
            reason: DisconnectReason::KeepaliveTimeout,
            reason_code_sent: Some(ReasonCode::KeepAliveTimeout),
            traffic: Traffic {
                bytes_received: 40,
                bytes_sent: 9,
                packets_received: 5,
                packets_sent: 5,
                ..Traffic::default()
            },
            channel: Some(Box::new(channel)),
            ..closed
        }
    }

    #[test]
    fn a_timed_out_client_is_shown_with_its_silence_and_its_session() {
        let view = view(&Clock::start(), &timed_out());
        assert_eq!(view.client_id.as_deref(), Some("sensor-7"));
        assert_eq!(
            (view.reason.as_str(), view.closed_by),
            ("keepalive_timeout", ClosedBy::Server)
        );
        assert_eq!((view.code_sent, view.code_received), (Some(0x8D), None));
        assert_eq!((view.keepalive, view.silent_ms, view.queued_msgs), (4, 6_000, 3));
        assert_eq!(view.last_packet.as_deref(), Some("PINGREQ"));
        assert_eq!(view.proto_ver, Some(5));
        assert_eq!(view.time_ms - view.accepted_at_ms, 15_000);
        assert_eq!(view.connected_at_ms.unwrap() - view.accepted_at_ms, 100);
        assert_eq!(view.session_expires_at_ms.unwrap() - view.time_ms, 60_000);
    }

    #[test]
    fn a_connection_without_connect_has_no_client_and_was_silent_from_the_start() {
        let view = view(&Clock::start(), &never_said_a_word());
        assert_eq!(
            (view.client_id, view.proto_ver, view.connected_at_ms),
            (None, None, None)
        );
        assert_eq!(view.silent_ms, 15_000);
        assert_eq!(view.session_expires_at_ms, None);
    }

    #[test]
    fn a_second_connect_is_told_apart_from_other_protocol_errors() {
        let mut closed = timed_out();
        closed.reason = DisconnectReason::SecondConnect;
        let view = view(&Clock::start(), &closed);
        assert_eq!(view.reason, "protocol_error");
        assert_eq!(view.detail, "a second CONNECT on the same connection");
    }

    #[test]
    fn a_refused_connect_was_never_connected() {
        let mut refused = timed_out();
        refused.reason = DisconnectReason::Refused(ReasonCode::NotAuthorized);
        refused.reason_code_sent = Some(ReasonCode::NotAuthorized);
        refused.traffic.packets_received = 1;
        assert_eq!(view(&Clock::start(), &refused).connected_at_ms, None);
    }

    #[test]
    fn a_session_that_ended_or_never_ends_has_no_end_to_show() {
        let mut closed = timed_out();
        closed.channel.as_mut().unwrap().session_kept = false;
        assert_eq!(view(&Clock::start(), &closed).session_expires_at_ms, None);
        let channel = closed.channel.as_mut().unwrap();
        (channel.session_kept, channel.session_expiry_interval) = (true, u32::MAX);
        assert_eq!(view(&Clock::start(), &closed).session_expires_at_ms, None);
    }

    #[test]
    fn filters_go_by_both_words_for_a_reason_by_client_and_by_time() {
        let (named, nameless) = (timed_out(), never_said_a_word());
        let by_reason = |reason: &str| Wanted {
            reason: Some(reason.to_owned()),
            ..Wanted::default()
        };
        assert!(by_reason("keepalive_timeout").accepts(&named, || 0));
        assert!(!by_reason("keepalive_timeout").accepts(&nameless, || 0));
        let mut closed = timed_out();
        closed.reason = DisconnectReason::TcpClosed;
        assert!(by_reason("tcp_closed").accepts(&closed, || 0) && by_reason("closed").accepts(&closed, || 0));
        let by_client = Wanted {
            client_id: Some("sensor-7".to_owned()),
            since_ms: Some(100),
            ..Wanted::default()
        };
        assert!(by_client.accepts(&named, || 100));
        assert!(!by_client.accepts(&named, || 99));
        assert!(!by_client.accepts(&nameless, || 100));
    }
}
