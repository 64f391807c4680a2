//! The MQTT conversation on one connection, from CONNECT to its end.
//!
//! A [`Channel`] holds what belongs to the connection and not to the session: protocol version, keep alive,
//! inbound topic aliases, the will. What happens on it is written as methods of [`crate::Shard`], one file for
//! each kind of event, because most events touch the session and the router too.

mod acknowledge;
mod authenticate;
mod authorize;
mod close;
mod connect;
mod keep_alive;
mod peer;
mod publish;
mod restore;
mod subscribe;
mod unsubscribe;

use bytestring::ByteString;
use mqtt_codec::{PacketType, ProtocolVersion, ReasonCode};

pub use self::authorize::Recheck;
pub use self::connect::{assign_client_id, detach_connect, effective_client_id};
pub(crate) use self::keep_alive::KeepAlive;
pub use self::peer::{Peer, TlsPeer, Transport};
use crate::share_group::PublisherTurns;
use crate::{Identity, SessionKey, Time, Will};

/// One open conversation. Client id and user name stand in its session.
///
/// One for each connected client, so it is kept small: what few clients have is behind a pointer.
#[derive(Debug)]
pub(crate) struct Channel {
    /// Never reused, unlike the connection's number: tells a stale timer from its own.
    pub serial: u64,
    pub session: SessionKey,
    pub peer: Peer,
    pub version: ProtocolVersion,
    pub clean_start: bool,
    /// The mosquitto bridge bit: No Local and Retain As Published before MQTT 5.
    pub is_bridge: bool,
    pub keep_alive: KeepAlive,
    pub connected_at: Time,
    pub last_packet: PacketType,
    /// `None` without a will, until the client has set a topic alias or published to a share group.
    pub publisher: Option<Box<PublisherState>>,
    /// Receive Maximum as the client said.
    pub receive_maximum: u16,
    /// Reason code of the client's DISCONNECT.
    pub disconnect_received: Option<ReasonCode>,
    /// Who it is, beyond the user name that the session keeps; `None` if nobody has asked.
    pub identity: Option<Box<Identity>>,
}

/// What few publishers have.
#[derive(Debug, Default)]
pub(crate) struct PublisherState {
    /// Published when the connection ends badly.
    pub will: Option<Box<Will>>,
    /// Topics by inbound alias, alias 1 first (MQTT 5, 3.3.2.3.4).
    pub aliases: Vec<Option<ByteString>>,
    /// Where this publisher stands in the round of each share group.
    pub turns: PublisherTurns,
}

/// A channel told to the outside: for the log, `$SYS` events, the list of closed connections.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelSummary {
    /// Client id.
    pub client_id: ByteString,
    /// User name.
    pub username: Option<ByteString>,
    /// An authenticator, or a certificate, vouches for it.
    pub is_authenticated: bool,
    /// Where it came from.
    pub peer: Peer,
    /// Protocol version.
    pub version: ProtocolVersion,
    /// Clean Start.
    pub clean_start: bool,
    /// Keep alive in force, seconds.
    pub keep_alive: u16,
    /// Receive Maximum of the client.
    pub receive_maximum: u16,
    /// Session Expiry Interval in force, seconds.
    pub session_expiry_interval: u32,
    /// When CONNECT was accepted.
    pub connected_at: Time,
    /// When the last bytes came.
    pub last_received_at: Time,
    /// Type of the last packet received.
    pub last_packet: PacketType,
    /// Messages waiting in the session's queue.
    pub queue_len: usize,
    /// Messages sent and not acknowledged.
    pub inflight_len: usize,
    /// The session goes on without the connection.
    pub session_kept: bool,
    /// Reason code of the client's DISCONNECT.
    pub disconnect_received: Option<ReasonCode>,
    /// What more is known of why it ended.
    pub detail: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    /// There may be a million of each. 128 and 256 bytes are sizes that allocators serve without rounding up.
    #[test]
    fn what_is_kept_for_each_idle_client_stays_small() {
        assert!(size_of::<Channel>() <= 128, "{}", size_of::<Channel>());
        assert!(size_of::<Session>() <= 256, "{}", size_of::<Session>());
    }
}
