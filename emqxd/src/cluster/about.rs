//! What a node says of itself to the others, so that an operator sees in what they differ.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::Service;
use crate::node::NodeShared;

/// A node that has not answered by then is shown without what it says of itself.
const ANSWER_TIME: Duration = Duration::from_secs(2);
/// Settings that are compared; more than a configuration has.
const SETTINGS_MAX: usize = 4096;
/// Where nodes of one cluster are meant to differ.
const OWN_ROOTS: [&str; 5] = ["node.", "control.", "log.", "rpc.", "cluster.ssl_options."];
const OWN_ENDINGS: [&str; 3] = [".bind", ".data_dir", ".mountpoint"];
/// Differing settings that are named.
const NAMED_MAX: usize = 3;

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Version of its daemon.
    pub version: String,
    /// Since its start.
    pub uptime_ms: u64,
    /// Connected clients.
    pub connections: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
    /// The beginning of the SHA-256 of the licence in force; `None` for the built-in one.
    pub license: Option<String>,
    /// By key: a sum of what is set there. Keys at their defaults are not in it.
    pub settings: BTreeMap<String, u32>,
}

impl About {
    /// This node.
    pub fn own(node: &NodeShared) -> Self {
        let open = |status: &crate::listener::ListenerStatus| {
            status.run.as_ref().map_or(0, |run| run.open_connections() as u64)
        };
        // What is in force, not what the state has: without one in it each node goes by its own configuration.
        let license = node.license.in_force().license.fingerprint.clone();
        Self {
            version: crate::VERSION.to_owned(),
            uptime_ms: node.clock.now().0,
            connections: node.listeners.list().iter().map(open).sum(),
            sessions: node.sessions(),
            license,
            settings: compared_settings(node),
        }
    }

    /// What this node answers another one.
    pub fn answer(node: &NodeShared) -> Vec<u8> {
        serde_json::to_vec(&Self::own(node)).unwrap_or_default()
    }
}

/// What is set on this node and should be the same on all: a sum of the value, by key.
pub fn compared_settings(node: &NodeShared) -> BTreeMap<String, u32> {
    let settings = node.running_config.settings();
    let compared = settings.iter().filter(|(key, _)| is_compared(key));
    compared
        .take(SETTINGS_MAX)
        .map(|(key, setting)| (key.clone(), setting.sum()))
        .collect()
}

/// What each node says of itself, by name; `None` for one that does not answer. This node is among them.
pub async fn ask_all(node: &Arc<NodeShared>) -> BTreeMap<String, Option<About>> {
    let mut answers = BTreeMap::from([(node.config.node.name.clone(), Some(About::own(node)))]);
    let mut asking = JoinSet::new();
    for peer in node.cluster.peers().all() {
        answers.insert(peer.name.clone(), None);
        let (node, id, name) = (Arc::clone(node), peer.id, peer.name.clone());
        asking.spawn(async move {
            let answer = node.cluster.ask(id, Service::Operators, &[], ANSWER_TIME).await;
            (
                name,
                answer.ok().and_then(|answer| serde_json::from_slice(&answer).ok()),
            )
        });
    }
    while let Some(answered) = asking.join_next().await {
        if let Ok((name, about)) = answered {
            answers.insert(name, about);
        }
    }
    answers
}

/// In what nodes differ that should be the same: one line each.
pub fn differences(nodes: &BTreeMap<String, Option<About>>) -> Vec<String> {
    let known: Vec<(&str, &About)> = nodes
        .iter()
        .filter_map(|(name, about)| Some((name.as_str(), about.as_ref()?)))
        .collect();
    let mut found = Vec::new();
    found.extend(difference("version", &known, |about| Some(about.version.clone())));
    found.extend(difference("licence", &known, |about| about.license.clone()));
    let mut keys: Vec<&String> = known.iter().flat_map(|(_, about)| about.settings.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let differs = |key: &&&String| {
        let first = known.first().and_then(|(_, about)| about.settings.get(**key));
        known.iter().any(|(_, about)| about.settings.get(**key) != first)
    };
    let differing: Vec<&str> = keys.iter().filter(differs).map(|key| key.as_str()).collect();
    if !differing.is_empty() {
        let named = differing[..differing.len().min(NAMED_MAX)].join(", ");
        let more = match differing.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        found.push(format!("the nodes differ in their configuration: {named}{more}"));
    }
    found
}

/// `the nodes differ in their version: 0.1.0 (emqx@a, emqx@b), 0.2.0 (emqx@c)`
fn difference(what: &str, nodes: &[(&str, &About)], of: impl Fn(&About) -> Option<String>) -> Option<String> {
    let mut by_value: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, about) in nodes {
        let value = of(about).unwrap_or_else(|| "none".to_owned());
        by_value.entry(value).or_default().push(name);
    }
    if by_value.len() < 2 {
        return None;
    }
    let groups = by_value
        .iter()
        .map(|(value, names)| format!("{value} ({})", names.join(", ")));
    Some(format!(
        "the nodes differ in their {what}: {}",
        groups.collect::<Vec<_>>().join(", ")
    ))
}

fn is_compared(key: &str) -> bool {
    !OWN_ROOTS.iter().any(|root| key.starts_with(root)) && !OWN_ENDINGS.iter().any(|ending| key.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(version: &str, license: Option<&str>, settings: &[(&str, u32)]) -> Option<About> {
        Some(About {
            version: version.to_owned(),
            uptime_ms: 1,
            connections: 2,
            sessions: 3,
            license: license.map(str::to_owned),
            settings: settings.iter().map(|(key, sum)| ((*key).to_owned(), *sum)).collect(),
        })
    }

    #[test]
    fn what_nodes_differ_in_is_named_with_the_nodes() {
        let nodes = BTreeMap::from([
            ("emqx@a".to_owned(), about("1", Some("aa"), &[("mqtt.max_inflight", 1)])),
            ("emqx@b".to_owned(), about("1", None, &[("mqtt.max_inflight", 2)])),
            ("emqx@c".to_owned(), about("2", Some("aa"), &[])),
            ("emqx@d".to_owned(), None),
        ]);
        assert_eq!(
            differences(&nodes),
            [
                "the nodes differ in their version: 1 (emqx@a, emqx@b), 2 (emqx@c)",
                "the nodes differ in their licence: aa (emqx@a, emqx@c), none (emqx@b)",
                "the nodes differ in their configuration: mqtt.max_inflight",
            ]
        );
    }

    #[test]
    fn nodes_that_are_alike_differ_in_nothing() {
        let alike = || about("1", None, &[("mqtt.max_inflight", 1)]);
        let nodes = BTreeMap::from([("emqx@a".to_owned(), alike()), ("emqx@b".to_owned(), alike())]);
        assert!(differences(&nodes).is_empty());
        assert!(
            !is_compared("listeners.tcp.default.bind") && !is_compared("node.name") && is_compared("mqtt.max_inflight")
        );
    }
}
