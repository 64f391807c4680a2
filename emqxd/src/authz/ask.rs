//! Carries a question of the broker to the sources that are not on this node, and the answers back.
//!
//! Called by a worker for each `Effect::AskAuthorization`. The question goes on in a task of the services' threads,
//! bounded in time; the broker bounds how many there are, and refuses what gets no answer.

use std::sync::Arc;

use emqxd_broker::{Answer, Question, WorkerId};

use crate::node::NodeShared;

/// Asks, and tells the worker.
pub fn answer(node: &Arc<NodeShared>, worker: WorkerId, question: Question) {
    let Some(services) = node.services() else {
        // Without threads there is no answer: the broker gives up in its own time.
        return;
    };
    let node = Arc::clone(node);
    services.spawn(async move {
        let in_force = node.authz.in_force();
        let ticket = question.ticket;
        let mut answers: Vec<Answer> = Vec::with_capacity(question.asked.len());
        let asking = async {
            let actor = question.actor.as_actor();
            for action in &question.asked {
                answers.push(in_force.authorizer.answer(&actor, &action.as_action()).await);
            }
        };
        // What is missing is refused.
        let _in_time = tokio::time::timeout(in_force.settings.patience, asking).await;
        let Some(worker) = node.worker(worker) else { return };
        let told = worker.run(move |worker| {
            worker.with_shard(|shard, now, effects| shard.on_authorized(ticket, answers, now, effects));
        });
        let _it_may_have_stopped = told.await;
    });
}
