//! This node becomes a member of another cluster.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use emqxd_cluster::link::LinkError;
use emqxd_discovery::link_address;
use tokio::time::Instant;

use super::protocol::{Answer, Destination, Newcomer, NoReason, Question};
use super::{AdmissionError, Done, ask};
use crate::cluster::{AskError, membership};
use crate::node::NodeShared;

/// How long the question may take whether this node would be admitted: an election may be under way there.
const MAY_JOIN_TIME: Duration = Duration::from_secs(10);
/// How long being admitted may take there.
const JOIN_TIME: Duration = Duration::from_secs(30);
/// How long this node may then need until it votes and has applied what the others know: with [`LEAVE_TIME`] and all of the
/// above less than the operator waits.
const CATCH_UP_TIME: Duration = Duration::from_secs(20);
/// How long who was not admitted waits until that is certain.
const LEAVE_TIME: Duration = Duration::from_secs(12);
const CATCH_UP_POLL: Duration = Duration::from_millis(20);

/// `cluster join NODE`: by the name of any member.
///
/// # Errors
/// See [`AdmissionError`]; this node is a cluster of its own then, with the facts it had.
pub async fn join(node: &Arc<NodeShared>, target: &str) -> Result<Done, AdmissionError> {
    if target == node.config.node.name {
        return Err(AdmissionError::Itself);
    }
    if node.cluster.peers().by_name(target).is_some() {
        return Ok(Done::Already);
    }
    let address = link_address(target).ok_or_else(|| AdmissionError::BadName(target.to_owned()))?;
    join_at(node, target, &address, false).await.map(|()| Done::Changed)
}

/// The same by the address of a link port.
pub(super) async fn join_at(
    node: &Arc<NodeShared>,
    target: &str,
    address: &str,
    is_automatic: bool,
) -> Result<(), AdmissionError> {
    if node.cluster.runtime.load().is_none() {
        return Err(AdmissionError::NoLinks);
    }
    let deciding = Arc::clone(&node.cluster.admission.deciding).try_lock_owned();
    // In a task of its own: an operator who gives up leaves no node half admitted.
    let deciding = deciding.map_err(|_| AdmissionError::Busy)?;
    let (node, target, address) = (Arc::clone(node), target.to_owned(), address.to_owned());
    let joining = tokio::spawn(async move {
        let joined = join_alone(&node, &target, &address, is_automatic).await;
        drop(deciding);
        joined
    });
    joining.await.map_err(|crash| AdmissionError::Own(crash.to_string()))?
}

async fn join_alone(
    node: &Arc<NodeShared>,
    target: &str,
    address: &str,
    is_automatic: bool,
) -> Result<(), AdmissionError> {
    node.state.started().await;
    membership::note_members(node);
    let others = others(node);
    if !others.is_empty() {
        return Err(AdmissionError::AlreadyInCluster(others.join(", ")));
    }
    let own = node.cluster.own().ok_or(AdmissionError::NoLinks)?;
    let newcomer = Newcomer {
        cluster: node.config.cluster.name.clone(),
        version: crate::VERSION.to_owned(),
        name: own.name.clone(),
        address: link_address(&own.name).unwrap_or_else(|| own.address.clone()),
        is_automatic,
        is_new: true,
    };
    match ask_target(
        node,
        target,
        address,
        &Question::MayJoin(newcomer.clone()),
        MAY_JOIN_TIME,
    )
    .await?
    {
        Answer::Yes => {}
        other => return Err(unexpected(target, other)),
    }
    node.cluster.admission.is_joining.store(true, Ordering::Release);
    let joined = begin_elsewhere(node, target, address, newcomer).await;
    node.cluster.admission.is_joining.store(false, Ordering::Release);
    joined
}

async fn begin_elsewhere(
    node: &Arc<NodeShared>,
    target: &str,
    address: &str,
    newcomer: Newcomer,
) -> Result<(), AdmissionError> {
    let destination = Destination {
        target: target.to_owned(),
        address: address.to_owned(),
        newcomer: newcomer.clone(),
    };
    let begun = node.state.begin_anew(&destination.text()).await;
    begun.map_err(|error| AdmissionError::Own(error.to_string()))?;
    membership::note_members(node);
    let not_now = |why: String| AdmissionError::NotNow {
        node: target.to_owned(),
        why,
    };
    let mut hold = node.handover.hold();
    let admitted = tokio::select! {
        admitted = be_admitted(node, target, address, newcomer) => admitted,
        // Whoever is the daemon then goes on with it: this process must not undo it.
        _ = hold.wait_for(|held| *held) => {
            return Err(not_now("this node is being upgraded, and goes on with the join afterwards".to_owned()));
        }
    };
    let Err(error) = admitted else {
        finish(node, target);
        return Ok(());
    };
    let next = "remove the reason, then `emqx-ctl cluster join` once more";
    tracing::warn!(target, reason = %error, next, "cluster_not_joined");
    let is_out = leave_there(node, address).await;
    if is_out || matches!(error, AdmissionError::Refused { .. }) || !has_heard(node) {
        found_as_before(node).await?;
        return Err(error);
    }
    // Nobody says whether it is a member.
    node.cluster.admission.left_unfinished.notify_one();
    Err(not_now(format!(
        "{error}; this node may be a member, and goes on trying until `emqx-ctl cluster leave`"
    )))
}

/// Whether anything of the other cluster has come: who has got nothing has no vote there.
pub(super) fn has_heard(node: &NodeShared) -> bool {
    let status = node.state.consensus().map(|consensus| consensus.status());
    status.is_some_and(|status| status.applied.is_some() || !status.members.is_empty())
}

/// This node is a member of the other cluster now.
pub(super) fn finish(node: &NodeShared, target: &str) {
    node.state.was_admitted();
    membership::note_members(node);
    tracing::info!(
        level = "notice",
        target,
        members = others(node).join(","),
        "cluster_joined"
    );
}

/// What this node got so far is not to count as a member of that cluster; whether it does not.
pub(super) async fn leave_there(node: &NodeShared, address: &str) -> bool {
    let answer = ask(node, address, None, &Question::Leave, LEAVE_TIME).await;
    matches!(answer, Ok(Answer::Yes))
}

/// This node is a cluster of its own again, with the facts it had.
pub(super) async fn found_as_before(node: &NodeShared) -> Result<(), AdmissionError> {
    let founded = node.state.found_as_before().await;
    founded.map_err(|error| AdmissionError::Own(error.to_string()))?;
    membership::note_members(node);
    Ok(())
}

/// Asks to be admitted, and waits until this node votes and knows what the cluster knows. Asking twice is as good as once.
pub(super) async fn be_admitted(
    node: &NodeShared,
    target: &str,
    address: &str,
    newcomer: Newcomer,
) -> Result<(), AdmissionError> {
    let applied = match ask_target(node, target, address, &Question::Join(newcomer), JOIN_TIME).await? {
        Answer::Admitted { applied } => applied,
        other => return Err(unexpected(target, other)),
    };
    let deadline = Instant::now() + CATCH_UP_TIME;
    let own = node.cluster.own().map(|own| own.id);
    while Instant::now() < deadline {
        let status = node.state.consensus().map(|consensus| consensus.status());
        let is_in = status.is_some_and(|status| {
            let votes = |(id, _, votes): &(u64, _, bool)| Some(*id) == own && *votes;
            status.applied >= Some(applied) && status.members.iter().any(votes)
        });
        if is_in {
            return Ok(());
        }
        tokio::time::sleep(CATCH_UP_POLL).await;
    }
    let why = format!(
        "it admitted this node, whose log did not follow within {} s",
        CATCH_UP_TIME.as_secs()
    );
    Err(AdmissionError::NotNow {
        node: target.to_owned(),
        why,
    })
}

async fn ask_target(
    node: &NodeShared,
    target: &str,
    address: &str,
    question: &Question,
    within: Duration,
) -> Result<Answer, AdmissionError> {
    let asked = ask(node, address, None, question, within).await;
    asked.map_err(|error| match error {
        AskError::Link(LinkError::NotLinked { why, .. }) => AdmissionError::NodeDown {
            node: target.to_owned(),
            why: why.to_string(),
        },
        AskError::Link(LinkError::Refused { why, .. }) => AdmissionError::Refused {
            node: target.to_owned(),
            why: why.to_string(),
        },
        error => AdmissionError::NodeDown {
            node: target.to_owned(),
            why: error.to_string(),
        },
    })
}

fn unexpected(target: &str, answer: Answer) -> AdmissionError {
    let node = target.to_owned();
    match answer {
        Answer::No {
            reason: NoReason::Busy | NoReason::Failed,
            text: why,
        } => AdmissionError::NotNow { node, why },
        Answer::No { text: why, .. } => AdmissionError::Refused { node, why },
        _ => AdmissionError::Refused {
            node,
            why: "it answers another question".to_owned(),
        },
    }
}

/// The names of the other members, as the consensus has them.
pub(super) fn others(node: &NodeShared) -> Vec<String> {
    let own = node.cluster.own().map(|own| own.id);
    let members = node.cluster.members.load();
    let others = members.iter().filter(|(id, _)| Some(*id) != own);
    others.map(|(_, member)| member.name.clone()).collect()
}
