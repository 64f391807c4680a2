//! Descriptors of the daemon, and limits of the kernel.

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::{bytes, needs_daemon, percent, sysctl};

/// Descriptors that a broker should have, whatever its listeners allow.
const FILES_GOOD: u64 = 65_536;
/// Below it even a small site gets into trouble.
const FILES_MIN: u64 = 1024;
/// What the fix asks for.
const FILES_ADVISED: u64 = 1_048_576;
/// Descriptors that are no connections: files, sockets of its own.
const FILES_OF_ITS_OWN: u64 = 64;
/// How full a limit may be.
const FULL_PERCENT: u64 = 90;
const LOCAL_PORTS_GOOD: u64 = 10_000;

pub fn descriptors(facts: &Facts) -> Vec<Verdict> {
    let Some(node) = &facts.node else {
        return needs_daemon(facts, "node");
    };
    let (soft, hard) = (node.files_soft, node.files_hard);
    let enabled = node
        .config
        .listeners
        .iter()
        .filter(|listener| listener.is_enabled && listener.is_served);
    let wanted = enabled
        .map(|listener| listener.max_connections)
        .try_fold(0_u64, |sum, max| Some(sum.saturating_add(max?)));
    let open = node.files_open.map_or(String::new(), |open| format!(", {open} open"));
    let allowed = match wanted {
        Some(wanted) => format!("max_connections {wanted}"),
        None => "max_connections infinity".to_owned(),
    };
    let evidence = format!("nofile {soft} (hard {hard}){open}, {allowed}");
    let fix = format!(
        "sudo prlimit --pid {} --nofile={FILES_ADVISED}:{FILES_ADVISED}   # for good: systemctl edit emqxd, LimitNOFILE={FILES_ADVISED}",
        node.pid
    );
    let is_nearly_full = node.files_open.is_some_and(|open| percent(open, soft) >= FULL_PERCENT);
    let is_too_low = wanted.is_some_and(|wanted| soft < wanted.saturating_add(FILES_OF_ITS_OWN));
    vec![if is_nearly_full || is_too_low || soft < FILES_MIN {
        Verdict::fail(evidence, fix)
    } else if wanted.is_none() && soft < FILES_GOOD {
        Verdict::warn(evidence, fix)
    } else {
        Verdict::ok(evidence)
    }]
}

pub fn file_handles(facts: &Facts) -> Vec<Verdict> {
    let (Some(max), Some(used)) = (facts.kernel.file_max, facts.kernel.files_used) else {
        return vec![Verdict::skip("the kernel does not tell fs.file-max")];
    };
    let evidence = format!("fs.file-max {max}, {used} used");
    vec![if percent(used, max) >= FULL_PERCENT {
        Verdict::fail(evidence, sysctl("fs.file-max", "2097152"))
    } else {
        Verdict::ok(evidence)
    }]
}

pub fn backlog(facts: &Facts) -> Vec<Verdict> {
    let Some(somaxconn) = facts.kernel.somaxconn else {
        return vec![Verdict::skip("the kernel does not tell net.core.somaxconn")];
    };
    let enabled = facts.config.iter().flat_map(|config| &config.listeners);
    let enabled = enabled.filter(|listener| listener.is_enabled && listener.is_served);
    let Some(largest) = enabled.max_by_key(|listener| listener.backlog) else {
        return vec![Verdict::ok(format!("somaxconn {somaxconn}"))];
    };
    let backlog = u64::from(largest.backlog);
    let evidence = format!("somaxconn {somaxconn}, backlog of {} {backlog}", largest.id);
    vec![if somaxconn < backlog {
        Verdict::warn(evidence, sysctl("net.core.somaxconn", &backlog.max(32_768).to_string()))
    } else {
        Verdict::ok(evidence)
    }]
}

pub fn local_ports(facts: &Facts) -> Vec<Verdict> {
    let Some((first, last)) = facts.kernel.local_ports else {
        return vec![Verdict::skip("the kernel does not tell net.ipv4.ip_local_port_range")];
    };
    let count = last.saturating_sub(first) + 1;
    let evidence = format!("local ports {first} to {last} ({count})");
    vec![if count < LOCAL_PORTS_GOOD {
        Verdict::warn(evidence, sysctl("net.ipv4.ip_local_port_range", "1024 65535"))
    } else {
        Verdict::ok(evidence)
    }]
}

pub fn tcp_memory(facts: &Facts) -> Vec<Verdict> {
    let (Some((low, pressure, high)), Some(used)) = (facts.kernel.tcp_mem, facts.kernel.tcp_mem_used) else {
        return vec![Verdict::skip("the kernel does not tell net.ipv4.tcp_mem")];
    };
    let evidence = format!("{used} pages of TCP memory, tcp_mem {low} {pressure} {high}");
    let double = |pages: u64| pages.saturating_mul(2);
    let values = format!("{} {} {}", double(low), double(pressure), double(high));
    let fix = sysctl("net.ipv4.tcp_mem", &values);
    vec![if used >= high {
        Verdict::fail(evidence, fix)
    } else if used >= pressure {
        Verdict::warn(evidence, fix)
    } else {
        Verdict::ok(evidence)
    }]
}

pub fn conntrack(facts: &Facts) -> Vec<Verdict> {
    let Some((count, max)) = facts.kernel.conntrack else {
        return vec![Verdict::ok("connections are not tracked")];
    };
    let evidence = format!("{count} of {max} connections tracked");
    let fix = || {
        sysctl(
            "net.netfilter.nf_conntrack_max",
            &max.saturating_mul(4).max(1_048_576).to_string(),
        )
    };
    vec![match percent(count, max) {
        FULL_PERCENT.. => Verdict::fail(evidence, fix()),
        75.. => Verdict::warn(evidence, fix()),
        _ => Verdict::ok(evidence),
    }]
}

pub fn swap(facts: &Facts) -> Vec<Verdict> {
    let (Some(total), Some(free)) = (facts.kernel.swap_total, facts.kernel.swap_free) else {
        return vec![Verdict::skip("the kernel does not tell its swap")];
    };
    let used = total.saturating_sub(free);
    let available = facts
        .kernel
        .memory_available
        .map_or(String::new(), |free| format!(", {} memory available", bytes(free)));
    let evidence = format!("{} of {} swap used{available}", bytes(used), bytes(total));
    vec![match total {
        0 => Verdict::ok(format!("no swap{available}")),
        _ if used > 64 * 1024 * 1024 => Verdict::warn(evidence, "sudo swapoff -a && sudo sysctl -w vm.swappiness=1"),
        _ => Verdict::ok(evidence),
    }]
}

pub fn overcommit(facts: &Facts) -> Vec<Verdict> {
    vec![match facts.kernel.overcommit {
        Some(2) => Verdict::warn("vm.overcommit_memory 2", sysctl("vm.overcommit_memory", "0")),
        Some(mode) => Verdict::ok(format!("vm.overcommit_memory {mode}")),
        None => Verdict::skip("the kernel does not tell vm.overcommit_memory"),
    }]
}
