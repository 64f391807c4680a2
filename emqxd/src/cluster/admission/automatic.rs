//! A node that is a cluster of its own joins the one that discovery finds.
//!
//! Of those it finds it joins the largest, then the one founded first, then the one whose name sorts first; a node that
//! is alone as well only if that one goes first by the same rule, so that of two that meet exactly one moves. The choice
//! has to stand for two looks: nodes that start together see each other before anybody moves. Never out of a cluster of
//! several: two of those that meet are the operator's to merge. Who looked for others and found this node is as good as
//! found: where one sees the other only, the other may be the one to move.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::join::{join_at, others};
use super::protocol::{Answer, NodeFacts, Question};
use super::{ANSWER_TIME, AdmissionError, ask};
use crate::node::NodeShared;

/// Between two looks while this node is alone.
const LOOK_EVERY: Duration = Duration::from_millis(700);
/// The pause after an attempt that failed is spread, so that nodes that hinder each other do not do so for ever.
const SPREAD_MS: u64 = 600;
/// Addresses that discovery found asked in one look; askers come on top, which are bounded.
const SEEDS_MAX: usize = 64;

/// Joins what is found at `seeds`, until it is aborted.
pub async fn run(node: Arc<NodeShared>, seeds: watch::Receiver<Vec<String>>) {
    let mut chosen = None;
    let mut told = String::new();
    loop {
        let spread = node.random_words()[0] % SPREAD_MS;
        tokio::time::sleep(LOOK_EVERY + Duration::from_millis(spread)).await;
        let seeds = candidates(&node, &seeds.borrow());
        if seeds.is_empty() || !others(&node).is_empty() {
            chosen = None;
            continue;
        }
        let best = find(&node, seeds).await;
        let Some((facts, address)) = best else {
            chosen = None;
            continue;
        };
        // The same cluster may have grown meanwhile.
        if chosen.replace(facts.id) != Some(facts.id) {
            continue;
        }
        match join_at(&node, &facts.name, &address, true).await {
            Ok(()) => {
                chosen = None;
                told.clear();
            }
            Err(AdmissionError::Busy | AdmissionError::AlreadyInCluster(_)) => {}
            Err(error) => {
                let reason = error.to_string();
                if reason != told {
                    let next =
                        "remove the reason: it is tried again and again; `emqx-ctl cluster discovery disable` ends it";
                    tracing::warn!(found = facts.name, address, reason, next, "cluster_found_not_joined");
                    told = reason;
                }
            }
        }
    }
}

/// What discovery has found and who has found this node; nobody while discovery is switched off.
fn candidates(node: &NodeShared, seeds: &[String]) -> Vec<String> {
    if !node.cluster.discovery().is_some_and(|discovery| discovery.is_enabled()) {
        return Vec::new();
    }
    let askers = node.cluster.admission.askers.addresses(Instant::now());
    let found = seeds.iter().take(SEEDS_MAX).cloned();
    let unseen = askers.into_iter().filter(|asker| !seeds.contains(asker));
    found.chain(unseen).collect()
}

/// The best of those that answer, if it goes before this node.
async fn find(node: &Arc<NodeShared>, seeds: Vec<String>) -> Option<(NodeFacts, String)> {
    let base = node.cluster.base.get()?;
    let mut asked = JoinSet::new();
    for address in seeds {
        let node = Arc::clone(node);
        asked.spawn(async move {
            match ask(&node, &address, None, &Question::Who, ANSWER_TIME).await {
                Ok(Answer::Node(facts)) => Some((facts, address)),
                // Down, busy, of another cookie (the listener there reports it), or this node itself.
                _ => None,
            }
        });
    }
    let found = asked.join_all().await.into_iter().flatten();
    let cluster = &node.config.cluster.name;
    let others = found.filter(|(facts, _)| facts.id != base.own.id && facts.cluster == *cluster);
    let own = NodeFacts {
        id: base.own.id,
        name: base.own.name.clone(),
        cluster: cluster.clone(),
        founded_at: base.identity.founded_at,
        members: 1,
    };
    let best = others.min_by(|(left, _), (right, _)| rank(left).cmp(&rank(right)));
    best.filter(|(facts, _)| rank(facts) < rank(&own))
}

/// Who goes first sorts first.
fn rank(facts: &NodeFacts) -> (Reverse<usize>, u64, &str) {
    (Reverse(facts.members), facts.founded_at, &facts.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(members: usize, founded_at: u64, name: &str) -> NodeFacts {
        NodeFacts {
            id: 1,
            name: name.to_owned(),
            cluster: "emqxcl".to_owned(),
            founded_at,
            members,
        }
    }

    #[test]
    fn the_larger_goes_first_then_the_older_then_the_name() {
        let sorted = [
            facts(3, 9, "z"),
            facts(2, 9, "y"),
            facts(1, 4, "x"),
            facts(1, 5, "a"),
            facts(1, 5, "b"),
        ];
        assert!(sorted.is_sorted_by(|left, right| rank(left) < rank(right)));
    }
}
