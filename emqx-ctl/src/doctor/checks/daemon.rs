//! Whether the daemon answers, what troubles it, how it ended, and of which version it is.

use emqx_shared::ExitCode;

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::{needs_daemon, some};
use crate::time;

pub fn answers(facts: &Facts) -> Vec<Verdict> {
    let start = "sudo systemctl start emqxd && journalctl -xeu emqxd";
    let verdict = match (&facts.node, &facts.unreachable, &facts.daemon_version) {
        (Some(node), ..) => Verdict::ok(format!("running {} (pid {})", time::uptime(node.uptime_ms), node.pid)),
        (None, _, Some(version)) => Verdict::warn(
            format!("emqxd {version} answers and does not tell what doctor asks"),
            "emqx-ctl version",
        ),
        (None, Some(why), None) if facts.is_forbidden => Verdict::fail(why.clone(), "sudo emqx-ctl doctor"),
        (None, Some(why), None) => match facts.lock_holder {
            Some(pid) => Verdict::fail(
                format!("emqxd (pid {pid}) runs and does not answer: {why}"),
                "sudo emqx-ctl doctor",
            ),
            None => Verdict::fail(why.clone(), start),
        },
        (None, None, None) => match facts.lock_holder {
            Some(pid) => Verdict::skip(format!("not asked: --offline; emqxd runs (pid {pid})")),
            None => Verdict::skip("not asked: --offline; none seems to run"),
        },
    };
    vec![verdict]
}

pub fn alarms(facts: &Facts) -> Vec<Verdict> {
    let Some(alarms) = &facts.alarms else {
        return needs_daemon(facts, "alarms");
    };
    if alarms.is_empty() {
        return vec![Verdict::ok("no alarm")];
    }
    let names: Vec<_> = alarms
        .iter()
        .map(|alarm| format!("{}: {}", alarm.name, alarm.message))
        .collect();
    vec![Verdict::warn(
        format!("{} active: {}", alarms.len(), some(&names, 3)),
        "emqx-ctl alarms list",
    )]
}

pub fn last_exit(facts: &Facts) -> Vec<Verdict> {
    if facts.daemon_version.is_some() {
        return Vec::new();
    }
    let Some(exit) = &facts.last_exit else {
        return vec![Verdict::skip("systemd knows no emqxd.service here")];
    };
    if exit.result == "success" || exit.result.is_empty() {
        return vec![Verdict::ok(format!(
            "emqxd.service is {}, last result success",
            exit.state
        ))];
    }
    let meaning = ExitCode::ALL
        .iter()
        .find(|code| i32::from(code.number()) == exit.status);
    let meaning = match (exit.result.as_str(), meaning) {
        ("exit-code", Some(code)) => format!(" ({})", code.meaning()),
        _ => String::new(),
    };
    let last = exit.lines.last().map_or(String::new(), |line| format!(": {line}"));
    vec![Verdict::fail(
        format!(
            "emqxd.service is {}, {} status {}{meaning}{last}",
            exit.state, exit.result, exit.status
        ),
        "journalctl -xeu emqxd",
    )]
}

pub fn versions(facts: &Facts) -> Vec<Verdict> {
    let Some(daemon) = &facts.daemon_version else {
        return needs_daemon(facts, "node");
    };
    let own = &facts.ctl_version;
    if daemon == own {
        return vec![Verdict::ok(format!("emqxd {daemon} = emqx-ctl {own}"))];
    }
    vec![Verdict::warn(
        format!("emqxd is {daemon}, emqx-ctl {own}"),
        "sudo apt-get install emqxd emqx-ctl && sudo systemctl restart emqxd",
    )]
}
