//! Hands changed rules of the store to the workers: what they remember of decisions is stale then, and whether anything
//! need be asked at all may be another answer.

use std::sync::Arc;

use tokio::sync::watch;

use super::rules_changed;
use crate::node::NodeShared;

/// Runs until the node stops.
pub async fn run(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let mut changes = node.state.changes();
    let mut known = node.state.facts().access_rules.clone();
    // What has changed since the workers were started.
    rules_changed(&node).await;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
        let rules = node.state.facts().access_rules.clone();
        if !rules.is_same(&known) {
            known = rules;
            rules_changed(&node).await;
        }
    }
}
