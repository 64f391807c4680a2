//! `cluster digest`: what this node believes of the whole cluster, as rows of text that two nodes which agree print alike.
//!
//! Nobody is asked: of itself a node knows what it owns, of the others what their streams have brought. So the rows are
//! equal everywhere only after every change has come to every node. What is not settled yet (a stream that is behind, no
//! leader) carries the name of the node that says so, and makes it differ from all others.
//!
//! The term of the consensus is no row: an election changes nothing that is agreed on.

use std::collections::{BTreeMap, BTreeSet};

use emqx_shared::views::{DigestRowView, DigestView};
use emqxd_cluster::stream::{Sum, Sums};
use sha2::{Digest, Sha256};

use super::about;
use super::streams::{self, StreamState};
use crate::node::NodeShared;

/// The rows, sorted.
pub fn digest(node: &NodeShared) -> DigestView {
    let mut rows = Rows::default();
    let own = &node.config.node.name;
    let license = node.license.in_force().license.fingerprint.clone();
    rows.add("config", config_sum(&about::compared_settings(node)));
    rows.add("license", or_none(license.unwrap_or_default()));
    rows.add("retained", shown(streams::retained(node)));
    rows.add("state", node.state.sum());
    rows.add(format!("node {own}"), "running");
    for peer in node.cluster.peers().all() {
        rows.add(
            format!("node {}", peer.name),
            if peer.is_up { "running" } else { "stopped" },
        );
        rows.add_sums(&peer.name, &streams::believed_of(node, peer));
    }
    // A node that nobody can follow does not count what it owns.
    if let Some(journal) = node.streams.journal() {
        rows.add_sums(own, &journal.ring().now().1);
        rows.add("streams", in_sync(node));
    }
    add_consensus(node, &mut rows);
    rows.0.sort_by(|left, right| left.of.cmp(&right.of));
    DigestView { sums: rows.0 }
}

/// The beginning of the SHA-256 of what `cluster nodes` compares.
fn config_sum(settings: &BTreeMap<String, u32>) -> String {
    let mut hasher = Sha256::new();
    for (key, sum) in settings {
        hasher.update(key);
        hasher.update([0]);
        hasher.update(sum.to_be_bytes());
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn in_sync(node: &NodeShared) -> String {
    let peers = node.cluster.peers();
    let is_in_sync = |id| {
        node.streams
            .of(id)
            .is_some_and(|status| status.state == StreamState::InSync)
    };
    let all = peers.up().count();
    let known = peers.up().filter(|peer| is_in_sync(peer.id)).count();
    match known == all {
        true => format!("{known} of {all} in sync"),
        false => format!("{known} of {all} in sync at {}", node.config.node.name),
    }
}

fn add_consensus(node: &NodeShared, rows: &mut Rows) {
    let Some(status) = node.state.consensus().map(|consensus| consensus.status()) else {
        return;
    };
    let names = |voting: bool| {
        let of_kind = status.members.iter().filter(|(_, _, votes)| *votes == voting);
        let names: BTreeSet<&str> = of_kind.map(|(_, member, _)| member.name.as_str()).collect();
        or_none(names.into_iter().collect::<Vec<_>>().join(" "))
    };
    rows.add("consensus voters", names(true));
    rows.add("consensus learners", names(false));
    rows.add("consensus applied", status.applied.unwrap_or(0).to_string());
    let leader = status.leader.map(|(_, member)| member.name);
    rows.add(
        "consensus leader",
        leader.unwrap_or_else(|| format!("none at {}", node.config.node.name)),
    );
}

#[derive(Default)]
struct Rows(Vec<DigestRowView>);

impl Rows {
    fn add(&mut self, of: impl Into<String>, sum: impl Into<String>) {
        self.0.push(DigestRowView {
            of: of.into(),
            sum: sum.into(),
        });
    }

    fn add_sums(&mut self, owner: &str, sums: &Sums) {
        self.add(format!("routes of {owner}"), shown(sums.routes));
        self.add(format!("group members of {owner}"), shown(sums.members));
        self.add(format!("clients of {owner}"), shown(sums.clients));
    }
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}

/// `12 rows 00f1e2d3c4b5a697`
fn shown(sum: Sum) -> String {
    format!("{} rows {:016x}", sum.rows, sum.hash)
}
