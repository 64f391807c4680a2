//! From an accepted socket to the first byte of MQTT: PROXY header, TLS handshake, WebSocket upgrade.
//!
//! Each connection of a listener that has any of these gets a task of its own on the worker that accepted it, and each
//! step its own time: `proxy_protocol_timeout`, `ssl_options.handshake_timeout`, `mqtt.idle_timeout`. Meanwhile it has
//! its place at the listener and nothing else; when the listener stops, so do these tasks. What fails is counted,
//! logged and remembered like the end of any connection. Plain TCP never comes here.

mod failure;
mod origin;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use emqxd_broker::{DisconnectReason, Time};
use emqxd_transport::websocket::{Upgraded, client_address, upgrade};
use emqxd_transport::{Layered, Socket, Stream, TlsServer, TlsStream, read_proxy_header};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::failure::Failure;
pub(crate) use self::failure::{end_of_read, failed_io};
pub(crate) use self::origin::Origin;
use crate::listener::{Accepted, Layers, Listener, ListenerSlot};
use crate::worker::{Arrival, Worker, WorkerState};

/// Prepares a connection in a task of its own, then serves it.
pub(crate) fn start(worker: &Worker, accepted: Accepted) {
    let worker = Worker::clone(worker);
    tokio::task::spawn_local(async move {
        let Accepted { stream, peer, slot } = accepted;
        let (accepted_at, idle_timeout) = {
            let state = worker.borrow();
            (state.clock.now(), state.idle_timeout)
        };
        let mut negotiation = Negotiation {
            slot,
            peer,
            origin: Origin::default(),
            idle_timeout,
        };
        let mut stop = negotiation.slot.listener.stop_flag();
        let result = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => Err(Failure::stopped()),
            result = negotiation.run(stream) => result,
        };
        match result {
            Ok(stream) => WorkerState::receive(&worker, negotiation.arrived(stream, accepted_at)),
            Err(failure) => failure.tell(&worker, &negotiation, accepted_at),
        }
    });
}

/// A connection on its way to MQTT.
struct Negotiation {
    slot: ListenerSlot,
    /// The client as far as it is known.
    peer: SocketAddr,
    origin: Origin,
    idle_timeout: Duration,
}

impl Negotiation {
    async fn run(&mut self, mut tcp: TcpStream) -> Result<Stream, Failure> {
        let listener = Arc::clone(&self.slot.listener);
        let Layers {
            proxy_protocol,
            tls,
            websocket,
        } = &listener.layers;
        if *proxy_protocol {
            self.read_proxy_header(&mut tcp, &listener).await?;
        }
        if tls.is_none() && websocket.is_none() {
            return Ok(Stream::Tcp(tcp));
        }
        let socket = Socket::from(tcp);
        let layered = match (tls, websocket) {
            (Some(tls), None) => Layered::Tls(self.shake_hands(tls, socket).await?),
            (Some(tls), Some(_)) => {
                let tls = self.shake_hands(tls, socket).await?;
                Layered::Wss(self.upgrade(tls, &listener).await?.websocket)
            }
            (None, _) => Layered::Ws(self.upgrade(socket, &listener).await?.websocket),
        };
        Ok(layered.into())
    }

    /// Whose connection a load balancer brings.
    async fn read_proxy_header(&mut self, tcp: &mut TcpStream, listener: &Listener) -> Result<(), Failure> {
        let config = &listener.config;
        if !config.may_send_proxy_header(self.peer.ip()) {
            return Err(Failure::untrusted_proxy(self.peer, config));
        }
        let header = match timeout(config.proxy_protocol_timeout, read_proxy_header(tcp)).await {
            Ok(header) => header.map_err(Failure::from)?,
            Err(_) => return Err(DisconnectReason::ProxyProtoTimeout.into()),
        };
        if let Some(source) = header.source {
            self.origin.proxied_by = Some(self.peer);
            self.peer = source;
        }
        self.origin.tls = header.tls.map(origin::told_by_proxy);
        if !self.slot.take_address(self.peer.ip()) {
            return Err(Failure::refused());
        }
        Ok(())
    }

    async fn shake_hands(&mut self, tls: &TlsServer, socket: Socket) -> Result<TlsStream<Socket>, Failure> {
        // In a box: it is large, and the other steps need not hold it.
        let handshake = Box::pin(tls.accept(socket));
        match timeout(tls.handshake_timeout(), handshake).await {
            Ok(Ok((stream, session))) => {
                tracing::debug!(
                    tag = "SOCKET",
                    peername = %self.peer,
                    listener = %self.slot.listener.id,
                    server_name = session.server_name.as_deref(),
                    version = session.version,
                    cipher = %session.cipher,
                    is_resumed = session.is_resumed,
                    "tls_handshake_done"
                );
                self.origin.shook_hands(session);
                Ok(stream)
            }
            Ok(Err(failure)) => Err(Failure::from(failure)),
            Err(_) => Err(DisconnectReason::SslUpgradeTimeout.into()),
        }
    }

    async fn upgrade<S>(&mut self, stream: S, listener: &Listener) -> Result<Upgraded<S>, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(settings) = &listener.layers.websocket else {
            return Err(Failure::stopped());
        };
        let upgraded = match timeout(self.idle_timeout, Box::pin(upgrade(stream, settings))).await {
            Ok(upgraded) => upgraded.map_err(Failure::from)?,
            Err(_) => return Err(DisconnectReason::WebsocketUpgradeTimeout.into()),
        };
        let request = &upgraded.request;
        let client = client_address(
            self.peer,
            request.forwarded_for.as_deref(),
            request.forwarded_port,
            |address| listener.config.is_trusted_proxy(address),
        );
        if client != self.peer {
            self.origin.proxied_by.get_or_insert(self.peer);
            self.peer = client;
            if !self.slot.take_address(client.ip()) {
                return Err(Failure::refused());
            }
        }
        Ok(upgraded)
    }

    fn arrived(self, stream: Stream, accepted_at: Time) -> Arrival {
        Arrival {
            stream,
            peer: self.peer,
            slot: self.slot,
            accepted_at,
            origin: self.origin.if_known(),
        }
    }
}
