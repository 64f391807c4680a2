//! What is sent beside sessions: the beginning, connections, listening sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use emqxd_broker::handover::{Field, Malformed, Reader, Writer};
use emqxd_broker::{Time, TlsPeer, record};
use mqtt_codec::{DecodeLimits, ProtocolVersion};

use crate::closed_connections::Traffic;

/// The first words of the new process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hello {
    pub format: u32,
    pub version: String,
}

/// The first words of the old process. The lock of the data folder, the control socket and its lock come along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begin {
    pub node: String,
    /// Nanoseconds of the system's monotonic clock at which the node's clock was zero.
    pub clock_origin: u64,
    pub data_dir: String,
    pub control_socket: String,
    /// Until when its clients may have kept sessions, milliseconds of that clock; 0 if they may not.
    pub lease_until: u64,
}

/// Of all that was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub sessions: u64,
    pub moved: u64,
    pub reconnecting: u64,
    pub newcomers: u64,
    pub retained: u64,
}

/// A connection over plain TCP, its socket beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectionState {
    pub listener: Arc<str>,
    pub peer: SocketAddr,
    pub proxied_by: Option<SocketAddr>,
    /// What a load balancer has told of TLS that it ended.
    pub tls: Option<Arc<TlsPeer>>,
    pub accepted_at: Time,
    /// `None` before CONNECT.
    pub version: Option<ProtocolVersion>,
    pub limits: DecodeLimits,
    /// Bytes received that are to be decoded.
    pub received: Bytes,
    /// Bytes that wait for the socket.
    pub unsent: Bytes,
    pub traffic: Traffic,
}

record!(Hello { format, version });
record!(Begin {
    node,
    clock_origin,
    data_dir,
    control_socket,
    lease_until
});
record!(Totals {
    sessions,
    moved,
    reconnecting,
    newcomers,
    retained
});

impl Field for ConnectionState {
    fn write(&self, out: &mut Writer<'_>) {
        let Self {
            listener,
            peer,
            proxied_by,
            tls,
            accepted_at,
            version,
            limits,
            received,
            unsent,
            traffic,
        } = self;
        out.put(listener);
        out.put(peer);
        out.put(proxied_by);
        out.put(tls);
        out.put(accepted_at);
        out.put(version);
        out.put(&limits.max_packet_size);
        out.put(&limits.strict);
        out.put(&(limits.max_user_properties as u64));
        out.put(received);
        out.put(unsent);
        let Traffic {
            bytes_received,
            bytes_sent,
            packets_received,
            packets_sent,
            messages_received,
            messages_sent,
        } = traffic;
        out.put(bytes_received);
        out.put(bytes_sent);
        out.put(packets_received);
        out.put(packets_sent);
        out.put(messages_received);
        out.put(messages_sent);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            listener: input.take()?,
            peer: input.take()?,
            proxied_by: input.take()?,
            tls: input.take()?,
            accepted_at: input.take()?,
            version: input.take()?,
            limits: DecodeLimits {
                max_packet_size: input.take()?,
                strict: input.take()?,
                max_user_properties: usize::try_from(input.take::<u64>()?).map_err(|_| Malformed("a limit"))?,
            },
            received: input.take()?,
            unsent: input.take()?,
            traffic: Traffic {
                bytes_received: input.take()?,
                bytes_sent: input.take()?,
                packets_received: input.take()?,
                packets_sent: input.take()?,
                messages_received: input.take()?,
                messages_sent: input.take()?,
            },
        })
    }
}
