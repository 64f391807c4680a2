//! Calls of the consensus over the control links: this node's side as one that asks, and as one that answers.
//!
//! On the wire a call or reply is its JSON, with the length in front, and behind it the bytes of a snapshot's piece as
//! they are. The engine bounds how long it waits; what comes from another node is checked before it is believed.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use emqxd_cluster::consensus::{Call, CallError, Member, NodeId, Peers, Reply};
use emqxd_cluster::link::LinkError;
use futures_core::future::BoxFuture;

use super::{Cluster, Service};
use crate::node::NodeShared;

/// Between two heartbeats of a leader.
pub const HEARTBEAT: Duration = Duration::from_millis(100);
/// Silence of a leader after which others want to lead: so long at least, twice that at most.
pub const ELECTION_TIMEOUT: Duration = Duration::from_millis(500);
/// Entries after which a snapshot is made.
pub const SNAPSHOT_EVERY: u64 = 2000;
/// How long a leader may take for what another node asks of it; below what that one waits for.
const LEADER_TIME: Duration = Duration::from_secs(7);

/// The other members, as the consensus asks them.
pub struct ConsensusPeers {
    node: Weak<NodeShared>,
}

impl ConsensusPeers {
    /// For the consensus of a node.
    pub fn new(node: &Arc<NodeShared>) -> Self {
        Self {
            node: Arc::downgrade(node),
        }
    }
}

impl Peers for ConsensusPeers {
    fn call<'a>(&'a self, id: NodeId, member: &'a Member, mut call: Call) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(async move {
            let broken = |source| CallError::Broken {
                node: member.name.clone(),
                source,
            };
            let question = write_call(&mut call).map_err(broken)?;
            let no_link = |why: String| CallError::NoLink {
                node: member.name.clone(),
                source: io::Error::new(io::ErrorKind::NotConnected, why),
            };
            let stopping = || no_link("this node is stopping".to_owned());
            let node = self.node.upgrade().ok_or_else(stopping)?;
            match node.cluster.ask_member(id, member, &question).await {
                Ok(answer) if answer.is_empty() => {
                    // It has done nothing, and is to be left alone for a while.
                    Err(no_link("it takes no part in the consensus".to_owned()))
                }
                Ok(answer) => serde_json::from_slice(&answer).map_err(|error| broken(error.into())),
                Err(error @ LinkError::Broken { .. }) => Err(broken(io::Error::other(error))),
                Err(error) => Err(no_link(error.to_string())),
            }
        })
    }
}

impl Cluster {
    /// Asks a member where the log says that it is: it may be one that gossip has not told of yet.
    async fn ask_member(&self, id: NodeId, member: &Member, question: &[u8]) -> Result<bytes::Bytes, LinkError> {
        let Some(links) = self.links() else {
            return Err(LinkError::NotLinked {
                address: member.address.clone(),
                why: "the start is not that far".into(),
            });
        };
        let question = Service::Consensus.envelope(question);
        links.ask(&member.address, Some(id), question).await
    }
}

/// Answers what another member asks; with nothing if this node takes no part, or does not understand.
pub async fn answer(node: &NodeShared, from: NodeId, body: &[u8]) -> Vec<u8> {
    let Some(consensus) = node.state.consensus() else {
        return Vec::new();
    };
    match read_call(body) {
        // Whoever is to be admitted is told by nodes that it does not know yet.
        Ok(call) if !node.cluster.admission.is_joining() && !consensus.may_ask(from, &call) => {
            tracing::debug!(peer = from, "consensus_call_of_a_stranger");
            Vec::new()
        }
        Ok(call) => {
            let reply = consensus.answer(call, LEADER_TIME).await;
            serde_json::to_vec(&reply).unwrap_or_else(|error| {
                tracing::error!(reason = %error, reply = ?reply, "consensus_reply_unwritable");
                Vec::new()
            })
        }
        Err(error) => {
            let next = "run the same version of emqxd on all nodes";
            tracing::warn!(reason = %error, next, "consensus_call_unreadable");
            Vec::new()
        }
    }
}

fn write_call(call: &mut Call) -> io::Result<Vec<u8>> {
    let data = match call {
        Call::Snapshot(request) => std::mem::take(&mut request.data),
        _ => Vec::new(),
    };
    let json = serde_json::to_vec(call)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    let mut body = Vec::with_capacity(4 + json.len() + data.len());
    body.extend_from_slice(&length.to_le_bytes());
    body.extend_from_slice(&json);
    body.extend_from_slice(&data);
    Ok(body)
}

fn read_call(body: &[u8]) -> io::Result<Call> {
    let cut_off = || io::Error::new(io::ErrorKind::UnexpectedEof, "the call is cut off");
    let (length, rest) = body.split_first_chunk::<4>().ok_or_else(cut_off)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(io::Error::other)?;
    let (json, data) = rest.split_at_checked(length).ok_or_else(cut_off)?;
    let mut call: Call = serde_json::from_slice(json)?;
    if let Call::Snapshot(request) = &mut call {
        request.data = data.to_vec();
    }
    Ok(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_arrives_as_it_was_sent_and_one_that_is_cut_off_is_refused() {
        let body = write_call(&mut Call::Propose("{\"type\":\"clear_bans\"}".to_owned())).unwrap();
        assert!(matches!(read_call(&body), Ok(Call::Propose(text)) if text.contains("clear_bans")));
        for length in 0..body.len() {
            assert!(read_call(&body[..length]).is_err());
        }
    }
}
