//! `mcast`: who is there is asked by UDP multicast, and answered to the one who asked.
//!
//! Every node listens in the group at the first of the ports and asks at all of them. Questions and answers prove that
//! their sender knows the cookie (`message.rs`), so strangers in the group are neither believed nor answered. An answer
//! carries the number of its question: old answers count for nothing.

mod listener;
mod message;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::time::timeout_at;

use self::listener::Listener;
use self::message::{BYTES_MAX, Codec, Kind};
use crate::finder::Own;
use crate::{DiscoveryError, settings};

/// How long answers are waited for: routers of a site take far less.
const ANSWERS_TIME: Duration = Duration::from_millis(500);
/// How long a node is remembered that answered once: UDP loses a question now and then.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Nodes that are remembered.
const NODES_MAX: usize = 256;
/// Datagrams of one round that are looked at.
const DATAGRAMS_MAX: usize = 1024;

/// Asks in a group, and answers there.
pub(crate) struct Mcast {
    settings: settings::Mcast,
    codec: Codec,
    running: Option<Running>,
    nodes: HashMap<String, Instant>,
}

struct Running {
    asking: UdpSocket,
    listener: Listener,
}

impl Mcast {
    pub(crate) fn new(settings: &settings::Mcast, own: &Own) -> Self {
        Self {
            settings: settings.clone(),
            codec: Codec::new(own),
            running: None,
            nodes: HashMap::new(),
        }
    }

    /// Begins to answer, unless it does already.
    pub(crate) fn announce(&mut self) -> Result<(), DiscoveryError> {
        if self
            .running
            .as_ref()
            .is_some_and(|running| running.listener.is_running())
        {
            return Ok(());
        }
        self.running = None;
        let listener = Listener::start(&self.settings, self.codec.clone())?;
        let asking = asking_socket(&self.settings).map_err(|error| failed(&self.settings, "cannot ask in", &error))?;
        self.running = Some(Running { asking, listener });
        Ok(())
    }

    /// The names of the nodes that answer, or did a short while ago.
    pub(crate) async fn find(&mut self) -> Result<Vec<String>, DiscoveryError> {
        let Some(running) = &self.running else {
            return Ok(Vec::new());
        };
        let nonce = message::nonce().map_err(|error| DiscoveryError::new("/dev/urandom", error.to_string(), "-"))?;
        let question = self.codec.encode(Kind::Question, &nonce);
        for port in &self.settings.ports {
            let group = SocketAddrV4::new(self.settings.addr, *port);
            let sent = running.asking.send_to(&question, group).await;
            sent.map_err(|error| failed(&self.settings, "cannot ask in", &error))?;
        }
        let until = tokio::time::Instant::now() + ANSWERS_TIME;
        let mut buffer = [0; BYTES_MAX + 1];
        for _ in 0..DATAGRAMS_MAX {
            match timeout_at(until, running.asking.recv_from(&mut buffer)).await {
                Ok(Ok((length, _))) => {
                    let answer = self.codec.decode(&buffer[..length]);
                    if let Some(answer) = answer.filter(|answer| answer.kind == Kind::Answer && answer.nonce == nonce)
                        && (self.nodes.len() < NODES_MAX || self.nodes.contains_key(&answer.node))
                    {
                        self.nodes.insert(answer.node, Instant::now());
                    }
                }
                // What an earlier datagram met (nobody at that port) is told here.
                Ok(Err(_)) => {}
                Err(_elapsed) => break,
            }
        }
        self.nodes.retain(|_, seen| seen.elapsed() < REMEMBERED);
        Ok(self.nodes.keys().cloned().collect())
    }

    /// Answers no more.
    pub(crate) fn withdraw(&mut self) {
        self.running = None;
        self.nodes.clear();
    }
}

fn asking_socket(settings: &settings::Mcast) -> std::io::Result<UdpSocket> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if settings.iface != Ipv4Addr::UNSPECIFIED {
        socket.set_multicast_if_v4(&settings.iface)?;
    }
    socket.set_multicast_ttl_v4(u32::from(settings.ttl))?;
    socket.set_multicast_loop_v4(settings.is_looped)?;
    socket.bind(&SocketAddr::from((settings.iface, 0)).into())?;
    UdpSocket::from_std(socket.into())
}

/// Why the group cannot be used.
fn failed(settings: &settings::Mcast, what: &str, error: &std::io::Error) -> DiscoveryError {
    let asked = format!("{what} multicast group {} at {}", settings.addr, settings.iface);
    let next = "set `cluster.mcast.iface` to the address of the interface that the other nodes are at, and let UDP of \
                `cluster.mcast.ports` through";
    DiscoveryError::new(asked, error.to_string(), next)
}
