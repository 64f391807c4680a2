//! The connections that ended last, with the reason: what `emqx-ctl why` and `disconnects` answer from.
//!
//! A ring in memory, shared by all workers; the oldest leaves when it is full.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use bytestring::ByteString;
use emqxd_broker::{ChannelSummary, DisconnectReason, Time};
use mqtt_codec::ReasonCode;
use parking_lot::Mutex;

/// Connections remembered.
pub const CLOSED_CONNECTIONS_MAX: usize = 10_000;

/// Bytes of a client id that are remembered: as many as `mqtt.max_clientid_len` allows by default.
const CLIENT_ID_BYTES_MAX: usize = 1024;
/// Bytes of a user name or of a detail that are remembered.
const TEXT_BYTES_MAX: usize = 256;

/// How one connection went and ended.
#[derive(Debug, Clone)]
pub struct ClosedConnection {
    /// When it ended.
    pub ended_at: Time,
    /// Why.
    pub reason: DisconnectReason,
    /// What more is known of the cause, for example what was wrong with a packet.
    pub detail: Option<Box<str>>,
    /// Reason code that the client was sent with DISCONNECT or CONNACK.
    pub reason_code_sent: Option<ReasonCode>,
    /// Its listener.
    pub listener: Arc<str>,
    /// The other end.
    pub peer: SocketAddr,
    /// When it was accepted.
    pub accepted_at: Time,
    /// Bytes and packets received and sent.
    pub traffic: Traffic,
    /// The MQTT side, if CONNECT came.
    pub channel: Option<Box<ChannelSummary>>,
}

impl ClosedConnection {
    /// Cuts what a client may have made long, so that the ring has a bound in bytes too.
    fn shorten(&mut self) {
        if let Some(channel) = &mut self.channel {
            shorten(&mut channel.client_id, CLIENT_ID_BYTES_MAX);
            if let Some(username) = &mut channel.username {
                shorten(username, TEXT_BYTES_MAX);
            }
        }
        if let Some(detail) = &mut self.detail
            && detail.len() > TEXT_BYTES_MAX
        {
            *detail = Box::from(&detail[..detail.floor_char_boundary(TEXT_BYTES_MAX)]);
        }
    }

    /// Whether its CONNECT was accepted.
    pub fn was_connected(&self) -> bool {
        self.channel.is_some() && !matches!(self.reason_code_sent, Some(code) if self.is_refusal(code))
    }

    fn is_refusal(&self, sent: ReasonCode) -> bool {
        self.reason == DisconnectReason::Refused(sent) && self.traffic.packets_received <= 1
    }
}

fn shorten(text: &mut ByteString, bytes_max: usize) {
    if text.len() > bytes_max {
        *text = ByteString::from(&text[..text.floor_char_boundary(bytes_max)]);
    }
}

/// What went over one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes received.
    pub bytes_received: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Packets received.
    pub packets_received: u64,
    /// Packets sent.
    pub packets_sent: u64,
    /// PUBLISH packets received.
    pub messages_received: u64,
    /// PUBLISH packets sent.
    pub messages_sent: u64,
}

/// The ring.
#[derive(Debug, Default)]
pub struct ClosedConnections {
    ring: Mutex<VecDeque<ClosedConnection>>,
}

impl ClosedConnections {
    /// Remembers one; the oldest is forgotten if there is no room.
    pub fn push(&self, mut closed: ClosedConnection) {
        closed.shorten();
        let mut ring = self.ring.lock();
        let oldest = if ring.len() >= CLOSED_CONNECTIONS_MAX {
            ring.pop_front()
        } else {
            None
        };
        ring.push_back(closed);
        drop(ring);
        // Freed outside the lock.
        drop(oldest);
    }

    /// The newest first, those that `wanted` accepts, at most `limit`.
    pub fn newest(&self, limit: usize, mut wanted: impl FnMut(&ClosedConnection) -> bool) -> Vec<ClosedConnection> {
        self.ring
            .lock()
            .iter()
            .rev()
            .filter(|closed| wanted(closed))
            .take(limit)
            .cloned()
            .collect()
    }
}
