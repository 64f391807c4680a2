//! Answers questions of the group, as long as it lives.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::failed;
use super::message::{BYTES_MAX, Codec, Kind};
use crate::{DiscoveryError, settings};

/// Datagrams a second that are looked at, and so answers a second; the rest is dropped and counted. Each node of a
/// cluster asks every few seconds.
const A_SECOND_MAX: u32 = 200;

/// A task that answers; ends when dropped.
pub(super) struct Listener {
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    pub(super) fn start(settings: &settings::Mcast, codec: Codec) -> Result<Self, DiscoveryError> {
        let socket = socket(settings).map_err(|error| failed(settings, "cannot listen in", &error))?;
        Ok(Self {
            task: tokio::spawn(serve(socket, codec)),
        })
    }

    /// Whether it still answers.
    pub(super) fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}

/// Bound to the group: what is sent to this machine alone does not come here.
fn socket(settings: &settings::Mcast) -> io::Result<UdpSocket> {
    let port = settings.ports.first().copied().unwrap_or_default();
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // Each node of a machine gets a copy of what comes to the group.
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((settings.addr, port)).into())?;
    socket.join_multicast_v4(&settings.addr, &settings.iface)?;
    socket.set_multicast_all_v4(false)?;
    UdpSocket::from_std(socket.into())
}

/// Ends when the socket fails for good.
async fn serve(socket: UdpSocket, codec: Codec) {
    let mut allowance = Allowance::new();
    let mut buffer = [0; BYTES_MAX + 1];
    loop {
        let (length, from) = match socket.recv_from(&mut buffer).await {
            Ok(came) => came,
            // What an answer met is told here: nobody listens there any more.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
            Err(_) => return,
        };
        if !allowance.take(Instant::now()) {
            continue;
        }
        let question = codec.decode(&buffer[..length]);
        let Some(question) = question.filter(|question| question.kind == Kind::Question) else {
            continue;
        };
        if question.node != codec.node() {
            // A lost answer is asked for again in a few seconds.
            let _unreachable = socket.send_to(&codec.encode(Kind::Answer, &question.nonce), from).await;
        }
    }
}

/// How many more datagrams are looked at in this second.
struct Allowance {
    since: Instant,
    left: u32,
    dropped: u64,
}

impl Allowance {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            left: A_SECOND_MAX,
            dropped: 0,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            if self.dropped > 0 {
                tracing::warn!(
                    dropped = self.dropped,
                    next = "see who floods the group of cluster.mcast.addr",
                    "discovery_questions_dropped"
                );
            }
            *self = Self {
                since: now,
                left: A_SECOND_MAX,
                dropped: 0,
            };
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.dropped += 1;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_looked_at_up_to_a_bound_each_second() {
        let start = Instant::now();
        let mut allowance = Allowance::new();
        let taken = (0..1000).filter(|_| allowance.take(start)).count();
        assert_eq!(taken, A_SECOND_MAX as usize);
        assert_eq!(allowance.dropped, 1000 - u64::from(A_SECOND_MAX));
        assert!(allowance.take(start + Duration::from_millis(1001)));
        assert_eq!(allowance.dropped, 0);
    }
}
