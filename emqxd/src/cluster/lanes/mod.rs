//! Messages to and from other nodes.
//!
//! Each worker has a *lane* to each other node: a queue that its publishers' messages for that node are encoded into,
//! and a task that keeps a link and writes them ([`emqxd_cluster::messages`] has the format and the rules). So what one
//! publisher sends arrives in order, and nothing crosses a thread on its way out. What comes in is read by a worker as
//! well, straight from the link, and delivered from there.
//!
//! | file | what |
//! | --- | --- |
//! | `peer_lanes.rs` | the lanes of a worker: what goes in, what is held, figures |
//! | `sending.rs` | the task of a lane: links, batches, acknowledgements |
//! | `receiving.rs` | a link that another node opened |
//! | `conversion.rs` | messages of the rules to records and back |
//!
//! Bounds: 16 MiB or 65,536 messages wait in a lane. While the other node is up its publishers are held then; while it
//! is down QoS 0 is dropped at once and the rest beyond the bound, each counted and logged.

mod conversion;
mod figures;
mod peer_lanes;
mod receiving;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use emqxd_cluster::link::{Peer, Stream};
use emqxd_cluster::messages::Malformed;

pub use self::figures::{LaneFigures, figures};
pub(crate) use self::peer_lanes::PeerLanes;
pub(crate) use self::sending::follow_peers;
use crate::node::NodeShared;

/// The first words of both sides have to be there in this time.
const WELCOME_TIME: Duration = Duration::from_secs(5);

/// Why a link of a lane ended.
#[derive(Debug, thiserror::Error)]
enum LaneError {
    /// None came up.
    #[error(transparent)]
    Open(#[from] super::AskError),
    /// The network.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What the other side said is none of this.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It did not begin.
    #[error("no first word within {} s", WELCOME_TIME.as_secs())]
    TimedOut,
    /// The other side ended it.
    #[error("the other node has closed it")]
    Closed,
    /// The other side acknowledges nothing.
    #[error("nothing was acknowledged for a while")]
    Stalled,
    /// Its node is down, or no member any more.
    #[error("the other node is down")]
    PeerDown,
    /// The other node has opened another one in its place.
    #[error("another link has taken its place")]
    Superseded,
    /// This worker, or this node's part of its work, is over.
    #[error("this node stops")]
    Stopping,
}

/// Serves a link of messages that another node opened, to its end.
pub async fn receive(node: &Arc<NodeShared>, from: Peer, lane: u8, stream: Box<dyn Stream + Sync>) {
    let workers = node.workers();
    let Some(worker) = workers.get(usize::from(lane) % workers.len().max(1)) else {
        return;
    };
    let serving = worker
        .run_with(move |worker| receiving::spawn(worker, from, stream))
        .await;
    if let Ok(serving) = serving {
        serving.ended().await;
    }
}
