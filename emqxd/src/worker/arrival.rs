//! A connection on which MQTT can begin, on its way into a worker.

use std::net::SocketAddr;

use emqxd_broker::{Time, Transport};
use emqxd_transport::{PortableStream, Stream};

use crate::config::ListenerKind;
use crate::listener::{Accepted, ListenerSlot};
use crate::negotiate::Origin;

/// The connection and what is known of it. Without CONNECT nobody knows whose worker it belongs to.
pub(crate) struct Arrival<S = Stream> {
    pub stream: S,
    /// The client, as far as load balancers in front can be believed.
    pub peer: SocketAddr,
    pub slot: ListenerSlot,
    pub accepted_at: Time,
    pub origin: Option<Box<Origin>>,
}

impl Arrival {
    /// Of a listener for plain TCP.
    pub fn plain(accepted: Accepted, now: Time) -> Self {
        Self {
            stream: Stream::Tcp(accepted.stream),
            peer: accepted.peer,
            slot: accepted.slot,
            accepted_at: now,
            origin: None,
        }
    }
}

impl<S> Arrival<S> {
    /// With another kind of stream.
    pub fn try_map<T, E>(self, change: impl FnOnce(S) -> Result<T, E>) -> Result<Arrival<T>, (SocketAddr, E)> {
        let Self {
            stream,
            peer,
            slot,
            accepted_at,
            origin,
        } = self;
        let stream = change(stream).map_err(|error| (peer, error))?;
        Ok(Arrival {
            stream,
            peer,
            slot,
            accepted_at,
            origin,
        })
    }
}

/// Between two workers.
pub(crate) type PortableArrival = Arrival<PortableStream>;

/// What carries MQTT on a listener.
pub(crate) fn transport(kind: ListenerKind) -> Transport {
    match kind {
        ListenerKind::Tcp | ListenerKind::Quic => Transport::Tcp,
        ListenerKind::Ssl => Transport::Ssl,
        ListenerKind::Ws => Transport::Ws,
        ListenerKind::Wss => Transport::Wss,
    }
}
