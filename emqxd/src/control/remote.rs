//! Verbs for another node: `emqx-ctl --node NAME` asks this daemon, which asks that one over a link of its own.
//!
//! ```text
//! question  role u8 (0 read-only, 1 admin) | uid u32 | the request, encoded as on the control socket
//! answers   replies, encoded as on the control socket, to the last one
//! ```
//!
//! A node believes another one who its operator is: whoever knows the cluster's cookie can say so. The verb runs there
//! as any other, in its turn and with its audit line; when the caller goes away the link ends.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqx_shared::frame::{REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use emqx_shared::{ErrorCode, Failure, Reply, Request, Role, View, codec};
use emqxd_cluster::link::{FrameReader, FrameWriter, Lane, Peer as PeerNode, Stream};
use tokio::time::timeout;

use super::dispatch::Dispatch;
use super::peer::Peer;
use super::server::{ReplySender, RunningVerb, Shared};
use crate::node::NodeShared;

/// Until the question has come.
const QUESTION_TIME: Duration = Duration::from_secs(5);
/// Between two frames of an answer, as the control socket's own limit for a verb.
const ANSWER_TIME: Duration = Duration::from_secs(150);
const HEAD: usize = 5;

/// What carries verbs out that come from other nodes.
#[derive(Clone)]
pub struct RemoteVerbs(pub(super) Arc<Shared<Dispatch>>);

/// Has another node carry out a request, encoded, and hands its answers on.
pub(super) async fn relay(
    node: &NodeShared,
    peer: &Peer,
    name: &str,
    body: &[u8],
    replies: ReplySender,
) -> Result<View, Failure> {
    let request = readable(body, peer.role)?;
    if request.takes_descriptor() {
        let message = format!(
            "'{}' passes an open file along, which only this machine can",
            request.verb()
        );
        return Err(Failure::new(ErrorCode::NotSupported, message).next(format!("run it on {name}")));
    }
    let peers = node.cluster.peers();
    let Some(other) = peers.by_name(name) else {
        let message = format!("this node's cluster has no node {name}");
        return Err(Failure::new(ErrorCode::NodeNotFound, message).next("emqx-ctl cluster nodes"));
    };
    let unreachable = |why: String| {
        Failure::new(ErrorCode::NodeUnreachable, format!("{name} does not answer"))
            .why(why)
            .next("emqx-ctl cluster nodes")
    };
    let opened = node.cluster.open(other.id, Lane::Operators).await;
    let (_, stream) = opened.map_err(|error| unreachable(error.to_string()))?;
    let (read, write) = tokio::io::split(stream);
    let (mut reader, mut writer) = (FrameReader::new(read, REPLY_BYTES_MAX), FrameWriter::new(write));
    let head = head(peer);
    let broken = |error: io::Error| unreachable(format!("the link broke: {error}; it may have been done"));
    writer.send(&[&head, body]).await.map_err(broken)?;
    writer.flush().await.map_err(broken)?;
    loop {
        let frame = match timeout(ANSWER_TIME, reader.next()).await {
            Ok(frame) => frame.map_err(broken)?,
            Err(_elapsed) if request.is_watch() => continue,
            Err(_elapsed) => return Err(unreachable(format!("silent for {} s", ANSWER_TIME.as_secs()))),
        };
        let frame = frame.ok_or_else(|| broken(io::ErrorKind::UnexpectedEof.into()))?;
        match codec::decode(&frame).map_err(|error| unreachable(error.to_string()))? {
            Reply::Chunk(rows) => replies.chunk(rows).await?,
            Reply::Progress(progress) => replies.progress(progress).await?,
            Reply::Done(view) => return Ok(view),
            Reply::Failed(failure) => return Err(failure),
        }
    }
}

/// Carries out what another node's operator asks, on a link of [`Lane::Operators`].
pub async fn serve(node: &NodeShared, from: &PeerNode, stream: Box<dyn Stream + Sync>) {
    if let Err(error) = answer(node, from, stream).await {
        tracing::info!(peer = %from.name, reason = %error, "peer_operator_gone");
    }
}

async fn answer(node: &NodeShared, from: &PeerNode, stream: Box<dyn Stream + Sync>) -> io::Result<()> {
    let (read, write) = tokio::io::split(stream);
    let (mut reader, mut writer) = (
        FrameReader::new(read, HEAD + REQUEST_BYTES_MAX),
        FrameWriter::new(write),
    );
    let question = timeout(QUESTION_TIME, reader.next())
        .await
        .map_err(io::Error::other)??;
    let Some(question) = question else { return Ok(()) };
    let started = match (understand(&question), node.remote_verbs.get()) {
        (Ok((peer, request)), Some(RemoteVerbs(shared))) => {
            tracing::info!(peer = %from.name, verb = request.verb(), uid = peer.uid, "control_command_of_peer");
            RunningVerb::start(shared, &Arc::new(peer), request, None).await
        }
        (Ok(_), None) => Err(Failure::new(ErrorCode::Starting, "the node is starting").next("try again")),
        (Err(failure), _) => Err(failure),
    };
    let mut verb = match started {
        Ok(verb) => verb,
        Err(failure) => return send(&mut writer, &Reply::Failed(failure)).await,
    };
    loop {
        let reply = tokio::select! {
            reply = verb.next() => reply,
            // Nothing more is to come: it is gone.
            _ = reader.next() => return Ok(()),
        };
        send(&mut writer, &reply).await?;
        if reply.is_last() {
            return Ok(());
        }
    }
}

async fn send<W: tokio::io::AsyncWrite + Unpin>(writer: &mut FrameWriter<W>, reply: &Reply) -> io::Result<()> {
    let body = codec::encode(reply).map_err(io::Error::other)?;
    writer.send(&[&body]).await?;
    writer.flush().await
}

fn head(peer: &Peer) -> [u8; HEAD] {
    let mut head = [u8::from(peer.role == Role::Admin); HEAD];
    head[1..].copy_from_slice(&peer.uid.to_be_bytes());
    head
}

fn understand(question: &Bytes) -> Result<(Peer, Request), Failure> {
    let malformed = || Failure::new(ErrorCode::Malformed, "a question that is cut off");
    let (head, body) = question.split_first_chunk::<HEAD>().ok_or_else(malformed)?;
    let [role, uid @ ..] = *head;
    let role = if role == 1 { Role::Admin } else { Role::ReadOnly };
    Ok((
        Peer::of_another_node(u32::from_be_bytes(uid), role),
        readable(body, role)?,
    ))
}

/// A request that somebody of this role may have carried out on another node.
fn readable(body: &[u8], role: Role) -> Result<Request, Failure> {
    if !Request::is_known_verb(body) {
        return Err(Failure::new(ErrorCode::UnknownVerb, "a verb of another version")
            .next("install the same version of emqxd and emqx-ctl everywhere"));
    }
    let request: Request =
        codec::decode(body).map_err(|error| Failure::new(ErrorCode::Malformed, error.to_string()))?;
    if request.is_for_another_node() {
        return Err(Failure::new(ErrorCode::Malformed, "a request for a third node"));
    }
    request.check()?;
    if role.covers(request.role()) {
        return Ok(request);
    }
    let message = format!("'{}' needs the role {}", request.verb(), request.role().as_str());
    Err(Failure::new(ErrorCode::PermissionDenied, message))
}
