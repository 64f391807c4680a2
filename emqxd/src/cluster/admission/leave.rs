//! This node, or another, ceases to be a member.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use emqxd_cluster::consensus::{Member, NodeId};

use super::join::others;
use super::protocol::{Answer, Question};
use super::{AdmissionError, Done, ask, unfinished};
use crate::cluster::{lease, membership};
use crate::node::NodeShared;
use crate::state::{ApplyError, Command};

/// How long agreeing on it may take, elections included.
const EXPEL_TIME: Duration = Duration::from_secs(12);
/// How long a node may take to say that it is there.
const PING_TIME: Duration = Duration::from_secs(1);
/// So often members that follow a leader deny a node without one before it believes them.
const DENIALS_MAX: u32 = 10;

/// `cluster leave`: a cluster of its own then, with the facts it had.
///
/// # Errors
/// See [`AdmissionError`]; it is still a member then.
pub async fn leave(node: &Arc<NodeShared>) -> Result<(), AdmissionError> {
    let admission = &node.cluster.admission;
    if admission.is_going_on() {
        unfinished::call_off(node).await?;
        stop_looking(node);
        return Ok(());
    }
    let deciding = Arc::clone(&admission.deciding).try_lock_owned();
    let deciding = deciding.map_err(|_| AdmissionError::Busy)?;
    node.state.started().await;
    membership::note_members(node);
    if others(node).is_empty() {
        return Err(AdmissionError::NotInCluster);
    }
    let node = Arc::clone(node);
    let leaving = tokio::spawn(async move {
        let (Some(consensus), Some(own)) = (node.state.consensus(), node.cluster.own()) else {
            return Err(AdmissionError::Busy);
        };
        let expelled = consensus.expel(own.id, EXPEL_TIME).await;
        expelled.map_err(|error| AdmissionError::Consensus(error.to_string()))?;
        stop_looking(&node);
        tracing::info!(level = "notice", left = others(&node).join(","), "cluster_left");
        let founded = found_again(&node).await;
        drop(deciding);
        founded
    });
    leaving.await.map_err(|crash| AdmissionError::Own(crash.to_string()))?
}

/// `cluster force-leave NODE`: strikes another off, up or down.
///
/// # Errors
/// See [`AdmissionError`].
pub async fn force_leave(node: &Arc<NodeShared>, name: &str) -> Result<Done, AdmissionError> {
    node.state.started().await;
    let (node, name) = (Arc::clone(node), name.to_owned());
    // In a task of its own: an operator who gives up leaves nobody half struck off.
    let striking = tokio::spawn(async move { strike_off(&node, &name).await });
    striking.await.map_err(|crash| AdmissionError::Own(crash.to_string()))?
}

async fn strike_off(node: &Arc<NodeShared>, name: &str) -> Result<Done, AdmissionError> {
    let Ok(_deciding) = node.cluster.admission.deciding.try_lock() else {
        return Err(AdmissionError::Busy);
    };
    let Some(consensus) = node.state.consensus() else {
        return Err(AdmissionError::Busy);
    };
    let members = consensus.status().members;
    let own = node.cluster.own().map(|own| own.id);
    let found = members
        .iter()
        .find(|(id, member, _)| member.name == name && Some(*id) != own);
    let Some((id, member)) = found.map(|(id, member, _)| (*id, member)) else {
        return Ok(Done::Already);
    };
    // First: whoever has heard that it is no member has heard why.
    match node.state.apply(Command::StrikeOff { node: id }).await {
        Ok(_) => {}
        // One of two is no majority, and the operator says that the other is gone.
        Err(ApplyError::NoMajority { .. }) if is_one_of_two(id, &members) && !is_up(node, id) => {
            return found_without(node, id, &member.name).await;
        }
        Err(error) => return Err(AdmissionError::Consensus(error.to_string())),
    }
    // Expelled it is asked no more: one that does not answer may own sessions until its lease is over.
    if !answers(node, id, &member.address).await {
        lease::until_out(node, id).await;
    }
    if let Err(error) = consensus.expel(id, EXPEL_TIME).await {
        // It is a member still, and may come back if it leaves.
        let _it_may_stay_noted = node.state.apply(Command::Readmit { node: id }).await;
        return Err(AdmissionError::Consensus(error.to_string()));
    }
    tracing::info!(level = "notice", peer = member.name, "peer_struck_off");
    Ok(Done::Changed)
}

/// Whether a node is one of two that vote: without it the other one is no majority.
fn is_one_of_two(id: NodeId, members: &[(NodeId, Member, bool)]) -> bool {
    let voters = members.iter().filter(|(_, _, votes)| *votes);
    let voters: Vec<NodeId> = voters.map(|(id, ..)| *id).collect();
    voters.len() == 2 && voters.contains(&id)
}

/// Of two this node is the one that is left. The other learns it from this one when it is back, and has no vote here.
async fn found_without(node: &Arc<NodeShared>, id: NodeId, name: &str) -> Result<Done, AdmissionError> {
    found_again(node).await?;
    tracing::warn!(
        peer = name,
        next = "nothing; started again that node is a cluster of its own",
        "cluster_founded_again_without_the_other"
    );
    let noted = node.state.apply(Command::StrikeOff { node: id }).await;
    noted.map_err(|error| AdmissionError::Consensus(error.to_string()))?;
    Ok(Done::Changed)
}

/// Asks a member whether it is there; which start of it answered. If it says that this node is no member any more, and
/// knows more than this node does, this node becomes a cluster of its own.
pub async fn is_there(node: &Arc<NodeShared>, id: NodeId, address: &str, within: Duration) -> Option<u64> {
    let Ok(Answer::Pong {
        boot,
        is_member,
        has_leader,
        applied,
        was_struck_off,
        is_alone,
    }) = ask(node, address, Some(id), &Question::Ping, within).await
    else {
        return None;
    };
    match (is_member, has_leader) {
        (false, true) if is_alone && !was_struck_off && !all_have_left(node, id) => {}
        (false, true) => was_expelled(node, id, applied, was_struck_off).await,
        // Who knows better than those that denied it.
        (true, true) => {
            node.cluster.admission.denials.store(0, Ordering::Relaxed);
            node.cluster.admission.alone.lock().clear();
        }
        (_, false) => {}
    }
    Some(boot)
}

/// A node that is alone may have left, and knows nothing of the others then: it is believed when all others are alone too.
fn all_have_left(node: &NodeShared, id: NodeId) -> bool {
    let mut alone = node.cluster.admission.alone.lock();
    let own = node.cluster.own().map(|own| own.id);
    let members = node.cluster.members.load();
    alone.retain(|id| members.iter().any(|(member, _)| member == id));
    alone.insert(id);
    let mut others = members.iter().map(|(id, _)| *id).filter(|id| Some(*id) != own);
    others.all(|other| alone.contains(&other))
}

/// Whether a node answers now: a link that is cut is noticed later.
async fn answers(node: &NodeShared, id: NodeId, address: &str) -> bool {
    ask(node, address, Some(id), &Question::Ping, PING_TIME).await.is_ok()
}

fn is_up(node: &NodeShared, id: NodeId) -> bool {
    node.cluster.peers().by_id(id).is_some_and(|peer| peer.is_up)
}

/// A member that has applied less than this node may not know yet that this node was admitted.
async fn was_expelled(node: &Arc<NodeShared>, by: NodeId, applied: u64, was_struck_off: bool) {
    let Ok(_deciding) = node.cluster.admission.deciding.try_lock() else {
        return;
    };
    let Some(consensus) = node.state.consensus() else {
        return;
    };
    let status = consensus.status();
    let is_of_us = status.members.iter().any(|(id, ..)| *id == by);
    if !is_of_us {
        return;
    }
    // A member that lags may not know this node yet, but not for long; nor would this node be without a leader then.
    let admission = &node.cluster.admission;
    let denials = match status.leader {
        None => admission.denials.fetch_add(1, Ordering::Relaxed) + 1,
        Some(_) => {
            admission.denials.store(0, Ordering::Relaxed);
            0
        }
    };
    // Nor does it help that it knows of a strike-off: it may not have heard that this node is wanted again.
    if status.applied >= Some(applied) && denials < DENIALS_MAX {
        return;
    }
    admission.denials.store(0, Ordering::Relaxed);
    let by = others(node).join(",");
    if was_struck_off {
        stop_looking(node);
    }
    if let Err(error) = found_again(node).await {
        let next = "see to the disk: it is tried again";
        tracing::error!(reason = %error, next, "cluster_not_founded_again");
    }
    tracing::warn!(
        by,
        by_operator = was_struck_off,
        next = "`emqx-ctl cluster join` joins again",
        "struck_off_from_cluster"
    );
}

/// Or discovery would bring this node back at once.
fn stop_looking(node: &NodeShared) {
    if let Some(discovery) = node.cluster.discovery() {
        discovery.disable();
    }
}

async fn found_again(node: &NodeShared) -> Result<(), AdmissionError> {
    let founded = node.state.found_again().await;
    founded.map_err(|error| AdmissionError::Own(error.to_string()))?;
    membership::note_members(node);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_only_learns_is_none_of_the_two_that_a_cluster_needs() {
        let members = |votes: &[bool]| -> Vec<_> {
            let ids = 1..=votes.len() as NodeId;
            ids.zip(votes)
                .map(|(id, votes)| (id, Member::default(), *votes))
                .collect()
        };
        assert!(is_one_of_two(2, &members(&[true, true])));
        assert!(
            is_one_of_two(2, &members(&[true, true, false])),
            "the third has no say yet"
        );
        assert!(
            !is_one_of_two(3, &members(&[true, true, false])),
            "it is missed by nobody"
        );
        assert!(!is_one_of_two(2, &members(&[true, true, true])));
    }
}
