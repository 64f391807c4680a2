//! Disk, stores, and the clock.

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::{bytes, needs_daemon, percent, some, times, word};

const FREE_FAIL_BYTES: u64 = 256 * 1024 * 1024;
const FREE_WARN_BYTES: u64 = 1024 * 1024 * 1024;
const FREE_WARN_PERCENT: u64 = 5;

pub fn disk(facts: &Facts) -> Vec<Verdict> {
    let Some(disk) = &facts.disk else {
        return vec![Verdict::skip("the data folder is not there, or may not be looked at")];
    };
    let free = percent(disk.free, disk.total);
    let evidence = format!(
        "{} of {} free ({free} %) for {}",
        bytes(disk.free),
        bytes(disk.total),
        disk.path
    );
    let fix = format!("df -h {0} && sudo du -xh --max-depth=2 {0}", word(&disk.path));
    let no_files = disk.files_total > 0 && disk.files_free < 1000;
    vec![if no_files {
        Verdict::fail(format!("{evidence}, {} more files possible", disk.files_free), fix)
    } else if disk.free < FREE_FAIL_BYTES {
        Verdict::fail(evidence, fix)
    } else if disk.free < FREE_WARN_BYTES || free < FREE_WARN_PERCENT {
        Verdict::warn(evidence, fix)
    } else {
        Verdict::ok(evidence)
    }]
}

pub fn damage(facts: &Facts) -> Vec<Verdict> {
    let restore = "emqx-ctl data import EXPORT.tar.gz";
    if let Some(damage) = facts.node.as_ref().and_then(|node| node.damage.as_ref()) {
        return vec![Verdict::fail(
            format!("the state could not be read at the start: {damage}"),
            restore,
        )];
    }
    if !facts.damaged_stores.is_empty() {
        return vec![Verdict::warn(
            format!("put aside by an earlier start: {}", some(&facts.damaged_stores, 3)),
            restore,
        )];
    }
    if facts.node.is_none() && facts.data_dir.is_none() {
        return needs_daemon(facts, "config");
    }
    vec![Verdict::ok("no store was damaged")]
}

pub fn owner(facts: &Facts) -> Vec<Verdict> {
    let (Some(config), Some(owner)) = (&facts.config, &facts.node_id) else {
        return vec![Verdict::skip(
            "node.id of the data folder cannot be read, or is not there yet",
        )];
    };
    vec![if config.node == *owner {
        Verdict::ok(format!("{} belongs to {owner}", config.data_dir))
    } else {
        let mark = format!("{}/node.id", config.data_dir.trim_end_matches('/'));
        Verdict::fail(
            format!(
                "{} belongs to node {owner}, this node is {}",
                config.data_dir, config.node
            ),
            format!("sudo rm {}   # or set node.name back", word(&mark)),
        )
    }]
}

pub fn clock_steps(facts: &Facts) -> Vec<Verdict> {
    let Some(node) = &facts.node else {
        return needs_daemon(facts, "node");
    };
    vec![match node.clock_steps {
        0 => Verdict::ok("the wall clock has not jumped since the start"),
        count => Verdict::warn(
            format!(
                "the wall clock jumped {} since the start, last by {} ms",
                times(count),
                node.clock_last_step_ms
            ),
            "sudo timedatectl set-ntp true",
        ),
    }]
}

pub fn clock_synchronised(facts: &Facts) -> Vec<Verdict> {
    vec![match facts.clock_synchronised {
        Some(true) => Verdict::ok("the system says that its clock is synchronised"),
        Some(false) => Verdict::warn(
            "the system's clock is not synchronised",
            "sudo timedatectl set-ntp true",
        ),
        None => Verdict::skip("neither systemd-timesyncd nor timedatectl is here to ask"),
    }]
}
