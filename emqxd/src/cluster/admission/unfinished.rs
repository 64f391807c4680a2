//! A join that ended midway: the next start after a crash goes on with it, so does another process after an upgrade, and so
//! does this one if nobody could say whether it is a member.
//!
//! Such a node has given its own cluster up and may be a member of the other one already, without knowing. So it founds
//! nothing by itself: it asks to be admitted once more, which does no harm if it was, until it is a member, or is told no,
//! or an operator gives up by `cluster leave`. Until then it serves its clients with what it knows, and changes nothing.
//! Only if nothing of the other cluster has come yet, and nobody there answers, it is a cluster of its own again at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;

use super::join::{be_admitted, finish, found_as_before, has_heard, leave_there};
use super::protocol::{Destination, Newcomer};
use super::{Admission, AdmissionError};
use crate::node::NodeShared;
use crate::state::unfinished_join;

/// Between two attempts.
const RETRY: Duration = Duration::from_secs(1);
/// How long an operator who gives up waits for it.
const CALL_OFF_TIME: Duration = Duration::from_secs(20);

/// Goes on with what the start before has left, and with what a join of this one leaves, until it is aborted.
pub async fn run(node: Arc<NodeShared>) {
    loop {
        go_on(&node).await;
        node.cluster.admission.left_unfinished.notified().await;
    }
}

/// Goes on with a join that was left, if there is one; ends when this node is a member or a cluster of its own.
async fn go_on(node: &Arc<NodeShared>) {
    let admission = &node.cluster.admission;
    let folder = node.config.node.data_dir.join("cluster");
    let text = match unfinished_join(&folder) {
        Ok(None) => return,
        Ok(Some(text)) => text,
        Err(error) => {
            tracing::error!(path = %folder.display(), reason = %error, next = NEXT, "join_not_gone_on_with");
            return;
        }
    };
    // Before discovery looks, or an operator joins: one thing at a time.
    let _deciding = admission.deciding.lock().await;
    node.state.started().await;
    // The start may have found that it is a member.
    if unfinished_join(&folder).is_ok_and(|text| text.is_none()) {
        return;
    }
    // Before anybody can see that there is something to be given up.
    let given_up = admission.give_up.listen();
    let _flags = Flags::set(admission);
    let destination: Option<Destination> = serde_json::from_str(&text).ok();
    let address = destination.as_ref().map(|destination| destination.address.clone());
    let given_up = tokio::select! {
        () = given_up => "an operator gave it up".to_owned(),
        over = try_on(node, destination) => match over {
            None => return,
            Some(why) => why,
        },
    };
    tracing::warn!(
        why = given_up,
        next = "if another node shows this one as a member: `emqx-ctl cluster force-leave` there",
        "unfinished_join_given_up"
    );
    if let Some(address) = address {
        leave_there(node, &address).await;
    }
    if let Err(error) = found_as_before(node).await {
        let next = "see to the disk: it is tried again";
        tracing::error!(reason = %error, next, "cluster_not_founded_again");
    }
}

const NEXT: &str = "emqx-ctl cluster leave gives it up; then join again";

/// `None` once this node is a member; else why it will be none.
async fn try_on(node: &NodeShared, destination: Option<Destination>) -> Option<String> {
    let Some(destination) = destination else {
        tracing::error!(next = NEXT, "unfinished_join_unreadable");
        return std::future::pending().await;
    };
    let Destination {
        target,
        address,
        newcomer,
    } = destination;
    tracing::warn!(target, "join_gone_on_with");
    let mut told = String::new();
    loop {
        let newcomer = Newcomer {
            is_new: !has_heard(node),
            ..newcomer.clone()
        };
        let mut members = vec![(target.clone(), address.clone())];
        members.extend(members_there(node).into_iter().filter(|(name, _)| *name != target));
        for (member, address) in members {
            let error = match be_admitted(node, &member, &address, newcomer.clone()).await {
                Ok(()) => {
                    finish(node, &member);
                    return None;
                }
                Err(error) => error,
            };
            let is_over = match error {
                AdmissionError::Refused { .. } => true,
                // Busy, it may be admitting this node still, as it was asked to before.
                AdmissionError::NotNow { .. } => false,
                _ => !has_heard(node),
            };
            if is_over {
                return Some(error.to_string());
            }
            let reason = error.to_string();
            if reason != told {
                tracing::warn!(member, reason, next = NEXT, "join_not_finished");
                told = reason;
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// The other members, as far as this node has heard of them: any of them will do.
fn members_there(node: &NodeShared) -> Vec<(String, String)> {
    let (Some(consensus), Some(own)) = (node.state.consensus(), node.cluster.own()) else {
        return Vec::new();
    };
    let members = consensus.status().members.into_iter();
    let others = members.filter(|(id, ..)| *id != own.id);
    others.map(|(_, member, _)| (member.name, member.address)).collect()
}

/// `cluster leave` of a node that is neither here nor there.
pub(super) async fn call_off(node: &NodeShared) -> Result<(), AdmissionError> {
    let admission = &node.cluster.admission;
    admission.give_up.say();
    let over = tokio::time::timeout(CALL_OFF_TIME, admission.deciding.lock()).await;
    // It may have become a member in the same moment.
    match over.is_err() || node.state.is_to_be_admitted() {
        true => Err(AdmissionError::Busy),
        false => Ok(()),
    }
}

/// An operator's word that a join is not to be gone on with: for the one that is under way, and for no later one.
#[derive(Debug, Default)]
pub(super) struct GiveUp {
    said: Notify,
}

impl GiveUp {
    fn say(&self) {
        // Leaves nothing behind where nobody listens any more.
        self.said.notify_waiters();
    }

    /// Ends when it is said, from this call on.
    fn listen(&self) -> impl Future<Output = ()> + use<'_> {
        let mut said = Box::pin(self.said.notified());
        said.as_mut().enable();
        said
    }
}

/// Shown while it lasts, however it ends.
struct Flags<'a> {
    admission: &'a Admission,
}

impl<'a> Flags<'a> {
    fn set(admission: &'a Admission) -> Self {
        admission.is_joining.store(true, Ordering::Release);
        admission.is_going_on.store(true, Ordering::Release);
        Self { admission }
    }
}

impl Drop for Flags<'_> {
    fn drop(&mut self) {
        self.admission.is_joining.store(false, Ordering::Release);
        self.admission.is_going_on.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_join_is_given_up_by_a_word_that_comes_while_it_lasts_and_by_none_of_before() {
        let give_up = GiveUp::default();
        // The join of then had just come to its end.
        give_up.say();
        let mut next = std::pin::pin!(give_up.listen());
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context)));
        assert!(polled.await.is_pending());
        give_up.say();
        next.await;
    }
}
