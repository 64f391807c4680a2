//! Calls of the consensus between nodes, over whatever [`Peers`] carries them.
//!
//! A call and its reply are plain data, serialized by the link. One call to a node is under way at a time for each
//! of openraft's streams; what does not arrive in its time is tried again by openraft, so nothing is queued here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use openraft::RPCTypes;
use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError, Timeout, Unreachable};
use openraft::network::{Backoff, RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse, VoteRequest,
    VoteResponse,
};
use serde::{Deserialize, Serialize};

use super::handle::NotDone;
use super::{Member, NodeId, Raft, Types};

/// What one node asks another.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Entries of the leader, or its heartbeat.
    Append(Box<AppendEntriesRequest<Types>>),
    /// A candidate wants to lead.
    Vote(VoteRequest<NodeId>),
    /// A piece of a snapshot.
    Snapshot(Box<InstallSnapshotRequest<Types>>),
    /// A follower hands on a command that it was asked to have agreed on.
    Propose(String),
    /// The same: a new member.
    Admit(NodeId, Member),
    /// The same: a member that goes.
    Expel(NodeId),
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To [`Call::Append`].
    Append(Result<AppendEntriesResponse<NodeId>, RaftError<NodeId>>),
    /// To [`Call::Vote`].
    Vote(Result<VoteResponse<NodeId>, RaftError<NodeId>>),
    /// To [`Call::Snapshot`].
    Snapshot(Result<InstallSnapshotResponse<NodeId>, RaftError<NodeId, InstallSnapshotError>>),
    /// To [`Call::Propose`], [`Call::Admit`], [`Call::Expel`]: the state machine's answer, or why it was not done.
    Leader(Result<String, NotDone>),
}

/// Why a call was not answered.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no link to that node.
    #[error("no link to {node}: {source}")]
    NoLink {
        /// Which.
        node: String,
        /// Why.
        source: io::Error,
    },
    /// The link broke, or said what makes no sense, while the answer was awaited.
    #[error("the link to {node} failed: {source}")]
    Broken {
        /// Which.
        node: String,
        /// How.
        source: io::Error,
    },
}

/// What carries calls to other members.
pub trait Peers: Send + Sync + 'static {
    /// Asks another member; the future is dropped when its time is up.
    fn call<'a>(&'a self, id: NodeId, member: &'a Member, call: Call) -> BoxFuture<'a, Result<Reply, CallError>>;
}

/// Answers what one engine asks another.
pub(super) async fn answer(raft: &Raft, call: Call) -> Reply {
    match call {
        Call::Append(request) => Reply::Append(raft.append_entries(*request).await),
        Call::Vote(request) => Reply::Vote(raft.vote(request).await),
        Call::Snapshot(request) => Reply::Snapshot(raft.install_snapshot(*request).await),
        Call::Propose(_) | Call::Admit(..) | Call::Expel(_) => Reply::Leader(Err(NotDone::NotLeader)),
    }
}

/// Makes a [`Connection`] for each other member.
pub(super) struct Connections {
    pub peers: Arc<dyn Peers>,
    pub own_id: NodeId,
}

/// The way to one member.
pub(super) struct Connection {
    peers: Arc<dyn Peers>,
    own_id: NodeId,
    target: NodeId,
    member: Member,
}

impl RaftNetworkFactory<Types> for Connections {
    type Network = Connection;

    async fn new_client(&mut self, target: NodeId, node: &Member) -> Connection {
        Connection {
            peers: Arc::clone(&self.peers),
            own_id: self.own_id,
            target,
            member: node.clone(),
        }
    }
}

type CallResult<T, E> = Result<T, RPCError<NodeId, Member, RaftError<NodeId, E>>>;

impl Connection {
    async fn call<T, E: std::error::Error>(
        &self,
        call: Call,
        action: RPCTypes,
        option: &RPCOption,
        pick: impl FnOnce(Reply) -> Option<Result<T, RaftError<NodeId, E>>>,
    ) -> CallResult<T, E> {
        let timeout = option.hard_ttl();
        let called = tokio::time::timeout(timeout, self.peers.call(self.target, &self.member, call)).await;
        let reply = match called {
            Ok(Ok(reply)) => reply,
            Ok(Err(error @ CallError::NoLink { .. })) => return Err(Unreachable::new(&error).into()),
            Ok(Err(error)) => return Err(NetworkError::new(&error).into()),
            Err(_elapsed) => {
                return Err(Timeout {
                    action,
                    id: self.own_id,
                    target: self.target,
                    timeout,
                }
                .into());
            }
        };
        match pick(reply) {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(RemoteError::new_with_node(self.target, self.member.clone(), error).into()),
            None => Err(NetworkError::new(&io::Error::other("a reply to another question")).into()),
        }
    }
}

impl RaftNetwork<Types> for Connection {
    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<Types>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<NodeId>, RPCError<NodeId, Member, RaftError<NodeId>>> {
        let call = Call::Append(Box::new(rpc));
        self.call(call, RPCTypes::AppendEntries, &option, |reply| match reply {
            Reply::Append(result) => Some(result),
            _ => None,
        })
        .await
    }

    async fn install_snapshot(
        &mut self,
        rpc: InstallSnapshotRequest<Types>,
        option: RPCOption,
    ) -> CallResult<InstallSnapshotResponse<NodeId>, InstallSnapshotError> {
        let call = Call::Snapshot(Box::new(rpc));
        self.call(call, RPCTypes::InstallSnapshot, &option, |reply| match reply {
            Reply::Snapshot(result) => Some(result),
            _ => None,
        })
        .await
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<NodeId>,
        option: RPCOption,
    ) -> Result<VoteResponse<NodeId>, RPCError<NodeId, Member, RaftError<NodeId>>> {
        self.call(Call::Vote(rpc), RPCTypes::Vote, &option, |reply| match reply {
            Reply::Vote(result) => Some(result),
            _ => None,
        })
        .await
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(Duration::from_millis(200)))
    }
}
