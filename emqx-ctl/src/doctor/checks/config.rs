//! The configuration: whether it loads, what of it has an effect, whether it is in force.

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::{config_file, counted, needs_daemon, some};

pub fn loads(facts: &Facts) -> Vec<Verdict> {
    let Some(check) = &facts.config_check else {
        let is_default = facts.config.as_ref().is_some_and(|config| config.file.is_none());
        if is_default && facts.why_missing("config").is_none() {
            return vec![Verdict::ok("no file: the built-in defaults and the environment hold")];
        }
        return needs_daemon(facts, "config");
    };
    if check.errors.is_empty() {
        return vec![Verdict::ok(format!("{} can be loaded", check.file))];
    }
    vec![Verdict::fail(
        format!("the next start would fail: {}", some(&check.errors, 3)),
        format!("emqxd --check-config --config {}", config_file(facts)),
    )]
}

pub fn without_effect(facts: &Facts) -> Vec<Verdict> {
    let Some(config) = &facts.config else {
        return needs_daemon(facts, "config");
    };
    let keys = &config.without_effect;
    if keys.is_empty() {
        return vec![Verdict::ok("every key that is set has an effect")];
    }
    vec![Verdict::warn(
        format!(
            "{} without effect in this version: {}",
            counted(keys.len() as u64, "key"),
            some(keys, 4)
        ),
        format!("emqxd --check-config --config {}", config_file(facts)),
    )]
}

pub fn pending(facts: &Facts) -> Vec<Verdict> {
    let Some(pending) = &facts.pending else {
        if facts.node.is_some() && facts.why_missing("pending").is_none() {
            return Vec::new();
        }
        return needs_daemon(facts, "pending");
    };
    if pending.is_empty() {
        return vec![Verdict::ok("the file is in force")];
    }
    vec![Verdict::warn(
        format!(
            "{} of the file not in force: {}",
            counted(pending.len() as u64, "setting"),
            some(pending, 4)
        ),
        "emqx-ctl conf diff && emqx-ctl conf reload",
    )]
}

pub fn format(facts: &Facts) -> Vec<Verdict> {
    let Some(check) = &facts.config_check else {
        return Vec::new();
    };
    let old: Vec<_> = check
        .warnings
        .iter()
        .filter(|line| line.contains("key of EMQX 4"))
        .cloned()
        .collect();
    if old.is_empty() {
        return vec![Verdict::ok("the configuration uses EMQX 5's keys")];
    }
    vec![Verdict::warn(
        format!("{} of EMQX 4: {}", counted(old.len() as u64, "key"), some(&old, 2)),
        format!("emqxd --check-config --config {}", config_file(facts)),
    )]
}
