//! Alarms for what is wrong with this node's part in the consensus and can be mended only by an operator.

use std::sync::Arc;

use serde_json::json;

use crate::alarms::Alarms;
use crate::node::NodeShared;

const NOT_STARTED: &str = "consensus_not_started";
const LOST_LOG: &str = "consensus_log_lost";
const UNFINISHED_JOIN: &str = "cluster_join_not_finished";
const UNKNOWN_COMMANDS: &str = "state_command_unknown";

/// Raises and clears them. Asked once a second.
pub fn look_at_state(node: &NodeShared) {
    let text = "the consensus could not be begun: licence, admins, bans and users can be read and not changed";
    let details = |why: Arc<str>| {
        let next = "make room on the disk and the folder `cluster` of node.data_dir writable: it is tried again";
        json!({ "why": *why, "next": next })
    };
    set(&node.alarms, NOT_STARTED, node.state.part_failure().map(details), text);
    let text = "this node's log of the consensus was lost: it has no say until it is struck off and joins again";
    let details =
        || json!({ "next": "on another node: emqx-ctl cluster force-leave; then here: emqx-ctl cluster join" });
    set(&node.alarms, LOST_LOG, node.state.has_lost_log().then(details), text);
    let text = "a join that an earlier start has begun is not finished: this node changes nothing until it is a member";
    let details = || json!({ "next": "start the nodes it is to join; or give it up: emqx-ctl cluster leave" });
    let is_going_on = node.cluster.admission.is_going_on();
    set(&node.alarms, UNFINISHED_JOIN, is_going_on.then(details), text);
    let unknown = node.state.unknown_commands();
    let text = "a later version proposed what this one does not know: its facts differ from the others'";
    let details = || json!({ "commands": unknown, "next": "upgrade this node; then let it leave and join again" });
    let details = (!unknown.is_empty()).then(details);
    set(&node.alarms, UNKNOWN_COMMANDS, details, text);
}

fn set(alarms: &Alarms, name: &str, details: Option<serde_json::Value>, text: &str) {
    match details {
        Some(details) => drop(alarms.raise(name, details, text)),
        None => drop(alarms.clear(name)),
    }
}
