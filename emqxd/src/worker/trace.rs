//! What connections have to tell traces; without traces each of these is one test.
//!
//! The shard tells the rest to the same [`Tracer`]: see `trace.rs` of the broker crate.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use bytestring::ByteString;
use emqxd_broker::{ConnectionKey, Shard, TraceEvent, TraceKind, TraceSink};

use super::WorkerState;
use crate::trace::{Trace, Tracer};

impl WorkerState {
    /// From now on these are the traces that run, unless a newer version has come before.
    pub(crate) fn set_traces(&mut self, version: u64, traces: &[Arc<Trace>]) {
        if version < self.traces_version {
            return;
        }
        self.traces_version = version;
        self.tracer = Tracer::new(traces).map(Rc::new);
        let sink = self
            .tracer
            .as_ref()
            .map(|tracer| Rc::clone(tracer) as Rc<dyn TraceSink>);
        self.shard.set_trace_sink(sink);
    }

    /// Tells traces of the client on a connection.
    #[inline]
    pub(super) fn trace(&self, key: usize, kind: TraceKind<'_>) {
        if let Some(tracer) = &self.tracer
            && let Some(connection) = self.connections.get(key)
        {
            tell(tracer, &self.shard, ConnectionKey(key as u32), connection.peer, kind);
        }
    }

    /// The same of a client that has no channel.
    pub(super) fn trace_as(&self, key: usize, client_id: &str, kind: TraceKind<'_>) {
        if let Some(tracer) = &self.tracer {
            tracer.event(&TraceEvent {
                client_id,
                peer: self.connections.get(key).map(|connection| connection.peer),
                kind,
            });
        }
    }
}

/// Tells of the client on a connection, also while its last packets are on their way.
#[cold]
pub(super) fn tell(tracer: &Tracer, shard: &Shard, connection: ConnectionKey, peer: SocketAddr, kind: TraceKind<'_>) {
    if tracer.passes_over(&kind) {
        return;
    }
    let known = shard.client_id(connection);
    let gone = match known {
        Some(_) => ByteString::new(),
        None => tracer.client_id_of(connection),
    };
    tracer.event(&TraceEvent {
        client_id: known.unwrap_or(&gone),
        peer: Some(peer),
        kind,
    });
}
