//! A client as operators see it: its session and its connection, or the last one it had.
//!
//! A session without a connection knows nothing of the one before; that stands in the list of closed connections,
//! until it is forgotten there.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;

use bytestring::ByteString;
use emqx_shared::views::{ClientView, TransportView};
use emqxd_broker::{ClientInfo, Time, TlsPeer};
use mqtt_codec::ProtocolVersion;

use super::Client;
use crate::closed_connections::{ClosedConnection, Traffic};
use crate::control::disconnects::expires_at;
use crate::node::NodeShared;

pub(super) fn views(node: &NodeShared, clients: Vec<Client>) -> Vec<ClientView> {
    let offline = clients.iter().filter(|client| client.info.connected.is_none());
    let last = last_connections(node, offline.map(|client| client.info.client_id.clone()).collect());
    let view = |client: Client| {
        let last = last.get(&client.info.client_id);
        view(node, client, last)
    };
    clients.into_iter().map(view).collect()
}

/// The last connections of clients that have none now, as far as they are remembered.
fn last_connections(node: &NodeShared, mut ids: HashSet<ByteString>) -> HashMap<ByteString, ClosedConnection> {
    if ids.is_empty() {
        return HashMap::new();
    }
    let found = node.closed.newest(ids.len(), |closed| {
        let channel = closed.channel.as_deref().filter(|_| closed.was_connected());
        channel.is_some_and(|channel| ids.remove(&channel.client_id))
    });
    let of_client = |closed: ClosedConnection| Some((closed.channel.as_deref()?.client_id.clone(), closed));
    found.into_iter().filter_map(of_client).collect()
}

/// What is shown of a connection, open or closed.
struct Connection {
    peer: SocketAddr,
    listener: Arc<str>,
    version: ProtocolVersion,
    clean_start: bool,
    keep_alive: u16,
    receive_maximum: u16,
    connected_at: Time,
    traffic: Traffic,
}

impl Connection {
    /// The open one, else the last one; `None` if that was forgotten.
    fn of(client: &Client, last: Option<&ClosedConnection>) -> Option<Self> {
        if let Some(connected) = &client.info.connected {
            return Some(Self {
                peer: connected.peer.address,
                listener: Arc::clone(&connected.peer.listener),
                version: connected.version,
                clean_start: connected.clean_start,
                keep_alive: connected.keep_alive,
                receive_maximum: client.receive_maximum,
                connected_at: connected.connected_at,
                traffic: client.traffic,
            });
        }
        let closed = last?;
        let channel = closed.channel.as_deref()?;
        Some(Self {
            peer: closed.peer,
            listener: Arc::clone(&closed.listener),
            version: channel.version,
            clean_start: channel.clean_start,
            keep_alive: channel.keep_alive,
            receive_maximum: channel.receive_maximum,
            connected_at: channel.connected_at,
            traffic: closed.traffic,
        })
    }
}

/// What carries MQTT, or carried it on the last connection.
fn transport(info: &ClientInfo, last: Option<&ClosedConnection>, proxied_by: Option<SocketAddr>) -> TransportView {
    let open = info.connected.as_ref().map(|connected| &connected.peer);
    let last = last
        .and_then(|closed| closed.channel.as_deref())
        .map(|channel| &channel.peer);
    let Some(peer) = open.or(last) else {
        return TransportView::default();
    };
    let tls = peer.tls.as_deref();
    let of_tls = |fact: fn(&TlsPeer) -> Option<&str>| tls.and_then(fact).map(str::to_owned);
    TransportView {
        name: peer.transport.as_str().to_owned(),
        tls_version: of_tls(|tls| tls.version.as_deref()),
        tls_cipher: of_tls(|tls| tls.cipher.as_deref()),
        server_name: of_tls(|tls| tls.server_name.as_deref()),
        common_name: of_tls(|tls| tls.common_name.as_deref()),
        subject: of_tls(|tls| tls.subject.as_deref()),
        proxied_by: proxied_by.map(|address| address.to_string()),
    }
}

/// Without a connection to look at what is told of one stays empty.
fn view(node: &NodeShared, client: Client, last: Option<&ClosedConnection>) -> ClientView {
    let connection = Connection::of(&client, last);
    let connection = connection.as_ref();
    let traffic = connection.map_or_else(Traffic::default, |connection| connection.traffic);
    let info: ClientInfo = client.info;
    let clock = &node.clock;
    let expires_at = info
        .disconnected_at
        .and_then(|at| expires_at(at, info.session_expiry_interval));
    ClientView {
        client_id: info.client_id.to_string(),
        username: info.username.as_deref().map(str::to_owned),
        peername: connection.map_or_else(String::new, |connection| connection.peer.to_string()),
        clean_start: connection.is_some_and(|connection| connection.clean_start),
        keepalive: connection.map_or(0, |connection| connection.keep_alive),
        session_expiry_interval: info.session_expiry_interval,
        subscriptions: info.subscriptions as u64,
        inflight: info.inflight as u64,
        awaiting_rel: info.awaiting_release as u64,
        delivered_msgs: info.delivered_messages,
        enqueued_msgs: info.queue_len as u64,
        dropped_msgs: info.dropped_messages,
        connected: info.connected.is_some(),
        created_at_ms: clock.unix_ms(info.created_at),
        connected_at_ms: clock.unix_ms(connection.map_or(info.created_at, |connection| connection.connected_at)),
        disconnected_at_ms: info.disconnected_at.map(|at| clock.unix_ms(at)),
        listener: connection.map_or_else(String::new, |connection| connection.listener.to_string()),
        proto_name: connection.map_or("", |connection| connection.version.name()).to_owned(),
        proto_ver: connection.map_or(0, |connection| connection.version as u8),
        // Topics are taken as clients send them: no prefix is put before them.
        mountpoint: None,
        node: node.config.node.name.clone(),
        receive_maximum: connection.map_or(0, |connection| connection.receive_maximum),
        recv_oct: traffic.bytes_received,
        recv_pkt: traffic.packets_received,
        recv_msg: traffic.messages_received,
        send_oct: traffic.bytes_sent,
        send_pkt: traffic.packets_sent,
        send_msg: traffic.messages_sent,
        session_expires_at_ms: expires_at.map(|at| clock.unix_ms(at)),
        recv_paused: client.pauses,
        transport: transport(&info, last, client.proxied_by),
    }
}
