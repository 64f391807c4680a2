//! What this node answers to others about membership.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emqx_license::LicenseType;
use emqxd_cluster::consensus::{ConsensusError, Member, NodeId, Status};
use emqxd_cluster::link::Peer;
use tokio::time::Instant;

use super::super::roster::SLOTS;
use super::protocol::{Answer, Newcomer, NoReason, NodeFacts, Question};
use crate::node::NodeShared;
use crate::state::Command;

/// How long admitting a node may take: it may need all facts first.
const ADMIT_TIME: Duration = Duration::from_secs(25);
/// Between two attempts while the leader admits somebody else.
const ADMIT_RETRY: Duration = Duration::from_millis(200);
/// How long a newcomer is kept waiting until there is a leader.
const LEADER_TIME: Duration = Duration::from_secs(7);
const LEADER_POLL: Duration = Duration::from_millis(20);
/// For so long no majority is a reason to try again: on a busy machine one election after the other may fail.
const MAJORITY_TIME: Duration = Duration::from_secs(12);
/// How long forgetting who was not admitted may take; with [`ADMIT_TIME`] less than the newcomer waits.
const FORGET_TIME: Duration = Duration::from_secs(3);
const EXPEL_TIME: Duration = Duration::from_secs(8);
/// How long who wants to be struck off waits while something else is decided; less than it waits for the answer.
const BUSY_TIME: Duration = Duration::from_secs(2);

/// The answer to a node that knows the cookie.
pub async fn answer(node: &Arc<NodeShared>, from: &Peer, body: Bytes) -> Vec<u8> {
    let answer = match serde_json::from_slice(&body) {
        Ok(Question::Ping) => pong(node, from),
        Ok(Question::Who) => {
            node.cluster.admission.askers.note(&from.address, Instant::now());
            who(node)
        }
        Ok(Question::MayJoin(newcomer)) => match judge_soon(node, from, &newcomer).await {
            _ if node.cluster.admission.deciding.try_lock().is_err() => busy(),
            Ok(()) => Answer::Yes,
            Err((reason, why)) => Answer::no(reason, why),
        },
        Ok(Question::Join(newcomer)) => admit(node, from, newcomer).await,
        Ok(Question::Leave) => strike_off(node, from).await,
        Err(_unknown) => Answer::no(NoReason::Unknown, "this version does not know the question"),
    };
    answer.bytes()
}

fn busy() -> Answer {
    Answer::no(
        NoReason::Busy,
        "it is joining, leaving or admitting another at the moment",
    )
}

fn pong(node: &NodeShared, from: &Peer) -> Answer {
    let status = node.state.consensus().map(|consensus| consensus.status());
    let boot = node.cluster.own().map_or(0, |own| own.boot);
    Answer::Pong {
        boot,
        // While this node's own part is begun anew it says nothing about others.
        is_member: status
            .as_ref()
            .is_none_or(|status| status.members.iter().any(|(id, ..)| *id == from.id)),
        has_leader: status.as_ref().is_some_and(|status| status.leader.is_some()),
        is_alone: status.as_ref().is_some_and(|status| status.members.len() == 1),
        applied: status.and_then(|status| status.applied).unwrap_or(0),
        was_struck_off: node.state.look().struck_off.contains(&from.id),
    }
}

fn who(node: &NodeShared) -> Answer {
    let (Some(base), Some(consensus)) = (node.cluster.base.get(), node.state.consensus()) else {
        return busy();
    };
    Answer::Node(NodeFacts {
        id: base.own.id,
        name: base.own.name.clone(),
        cluster: node.config.cluster.name.clone(),
        founded_at: base.identity.founded_at,
        members: consensus.status().members.len(),
    })
}

/// As [`judge`], once it is known who leads: this node may have started just now.
async fn judge_soon(node: &NodeShared, from: &Peer, newcomer: &Newcomer) -> Result<(), (NoReason, String)> {
    node.state.started().await;
    let has_leader = || {
        let consensus = node.state.consensus();
        consensus.is_some_and(|consensus| consensus.status().leader.is_some())
    };
    let deadline = Instant::now() + LEADER_TIME;
    while !has_leader() && Instant::now() < deadline {
        tokio::time::sleep(LEADER_POLL).await;
    }
    let status = can_judge(node).map_err(|why| (NoReason::Busy, why))?;
    judge(node, from, newcomer, &status).map_err(|why| (NoReason::Refused, why))
}

/// How things stand in the cluster; why this node cannot admit anybody just now, whoever it is.
fn can_judge(node: &NodeShared) -> Result<Status, String> {
    let consensus = node
        .state
        .consensus()
        .ok_or("it takes no part in the consensus at the moment")?;
    let status = consensus.status();
    if status.leader.is_none() {
        return Err(ConsensusError::NoMajority {
            voters: status.members.len(),
        }
        .to_string());
    }
    let own_id = node.cluster.own().map(|own| own.id);
    if !status.members.iter().any(|(id, ..)| Some(*id) == own_id) {
        return Err("it is being admitted to a cluster itself".to_owned());
    }
    Ok(status)
}

/// Whether a node may become a member.
fn judge(node: &NodeShared, from: &Peer, newcomer: &Newcomer, status: &Status) -> Result<(), String> {
    let own = &node.config;
    if newcomer.cluster != own.cluster.name {
        return Err(format!(
            "its cluster.name is {}, that of {} is {}",
            own.cluster.name, newcomer.name, newcomer.cluster
        ));
    }
    if newcomer.name != from.name {
        return Err(format!("{} asks for {}", from.name, newcomer.name));
    }
    if let Some((_, member, _)) = status
        .members
        .iter()
        .find(|(id, member, _)| *id != from.id && member.name == newcomer.name)
    {
        return Err(format!(
            "another node is a member as {}; if that is gone for good: `emqx-ctl cluster force-leave {}`",
            member.name, member.name
        ));
    }
    if status.members.len() > usize::from(SLOTS) {
        return Err(format!("a cluster has at most {} nodes", SLOTS + 1));
    }
    if newcomer.is_automatic && node.state.look().struck_off.contains(&from.id) {
        let text = "an operator has struck it off; `emqx-ctl cluster join` there joins it again";
        return Err(text.to_owned());
    }
    let license = node.license.in_force();
    if license.license.issuer.is_some() && license.license.terms.license_type == LicenseType::Community {
        return Err("SINGLE_NODE_LICENSE: its licence is for one node".to_owned());
    }
    Ok(())
}

async fn admit(node: &Arc<NodeShared>, from: &Peer, newcomer: Newcomer) -> Answer {
    let Ok(_deciding) = Arc::clone(&node.cluster.admission.deciding).try_lock_owned() else {
        return busy();
    };
    if let Err((reason, why)) = judge_soon(node, from, &newcomer).await {
        return Answer::no(reason, why);
    }
    let Some(consensus) = node.state.consensus() else {
        return busy();
    };
    let member = Member {
        name: newcomer.name,
        address: newcomer.address,
    };
    tracing::info!(
        level = "notice",
        peer = member.name,
        address = member.address,
        version = newcomer.version,
        "peer_joins"
    );
    let deadline = Instant::now() + ADMIT_TIME;
    let is_stale = newcomer.is_new && consensus.status().members.iter().any(|(id, ..)| *id == from.id);
    let forgotten = match is_stale {
        // As after a join that died midway: the leader may believe that it has what it has no more.
        true => in_time(deadline, |left| consensus.expel(from.id, left)).await,
        false => Ok(()),
    };
    let admitted = match forgotten {
        Ok(()) => in_time(deadline, |left| consensus.admit(from.id, member.clone(), left)).await,
        Err(error) => Err(error),
    };
    match admitted {
        Ok(()) => {
            readmit(node, from.id).await;
            let applied = consensus.status().applied.unwrap_or(0);
            Answer::Admitted { applied }
        }
        Err(error) => {
            let next = "see that most nodes are up and reach that one's link port, then join it once more there";
            tracing::warn!(peer = member.name, reason = %error, next, "peer_not_admitted");
            // Or this node would be in a cluster with one that may never come back.
            let _the_next_join_forgets_it = consensus.expel_learner(from.id, FORGET_TIME).await;
            Answer::no(NoReason::Failed, error.to_string())
        }
    }
}

/// Whoever is admitted is wanted again.
async fn readmit(node: &NodeShared, id: NodeId) {
    if !node.state.look().struck_off.contains(&id) {
        return;
    }
    if let Err(error) = node.state.apply(Command::Readmit { node: id }).await {
        let next = "nothing while it is a member; if it leaves, only `emqx-ctl cluster join` brings it back";
        tracing::warn!(reason = %error, next, "struck_off_not_forgotten");
    }
}

/// A change of the members that is as good twice as once. The leader makes one at a time, and an election may be under way:
/// who comes meanwhile waits.
async fn in_time<F>(deadline: Instant, change: impl Fn(Duration) -> F) -> Result<(), ConsensusError>
where
    F: Future<Output = Result<(), ConsensusError>>,
{
    let majority_by = deadline.min(Instant::now() + MAJORITY_TIME);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let done = change(left).await;
        let again_by = match &done {
            Err(ConsensusError::Membership(_) | ConsensusError::Unknown) => deadline,
            Err(ConsensusError::NoMajority { .. }) => majority_by,
            _ => return done,
        };
        if Instant::now() + ADMIT_RETRY >= again_by {
            return done;
        }
        tokio::time::sleep(ADMIT_RETRY).await;
    }
}

async fn strike_off(node: &Arc<NodeShared>, from: &Peer) -> Answer {
    // It may be a newcomer whom this node still admits, and who has given up.
    let deciding = node.cluster.admission.deciding.lock();
    let Ok(_deciding) = tokio::time::timeout(BUSY_TIME, deciding).await else {
        return busy();
    };
    let Some(consensus) = node.state.consensus() else {
        return busy();
    };
    match consensus.expel(from.id, EXPEL_TIME).await {
        Ok(()) => Answer::Yes,
        Err(error) => Answer::no(NoReason::Failed, error.to_string()),
    }
}
