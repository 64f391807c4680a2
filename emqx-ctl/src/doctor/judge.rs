//! The one place where facts become findings.
//!
//! [`CHECKS`] is the list of all checks, in the order in which they are shown. Each is a function of the facts alone.

use super::checks::{clients, config, daemon, exposure, license, limits, permissions, ports, security, storage};
use super::facts::Facts;
use super::finding::{Category, Finding, Verdict};

/// One check.
struct Check {
    /// Stable; the catalogue explains it.
    id: &'static str,
    category: Category,
    /// At least one verdict, or none where the check makes no sense.
    judge: fn(&Facts) -> Vec<Verdict>,
}

const fn check(id: &'static str, category: Category, judge: fn(&Facts) -> Vec<Verdict>) -> Check {
    Check { id, category, judge }
}

const CHECKS: &[Check] = &[
    check("D001", Category::Daemon, daemon::answers),
    check("D004", Category::Daemon, daemon::alarms),
    check("D005", Category::Daemon, daemon::last_exit),
    check("D002", Category::Versions, daemon::versions),
    check("D080", Category::Versions, config::format),
    check("D014", Category::Ports, ports::listeners),
    check("D015", Category::Ports, ports::types),
    check("D003", Category::Limits, limits::descriptors),
    check("D006", Category::Limits, limits::file_handles),
    check("D007", Category::Limits, limits::backlog),
    check("D008", Category::Limits, limits::local_ports),
    check("D009", Category::Limits, limits::tcp_memory),
    check("D010", Category::Limits, limits::conntrack),
    check("D011", Category::Limits, limits::swap),
    check("D012", Category::Limits, limits::overcommit),
    check("D016", Category::Permissions, permissions::data_dir),
    check("D017", Category::Permissions, permissions::config_files),
    check("D018", Category::Permissions, permissions::socket),
    check("D025", Category::Config, config::loads),
    check("D026", Category::Config, config::without_effect),
    check("D027", Category::Config, config::pending),
    check("D040", Category::License, license::expiry),
    check("D041", Category::License, license::sessions),
    check("D020", Category::Security, security::cookie),
    check("D021", Category::Security, security::passwords),
    check("D022", Category::Security, security::anonymous),
    check("D023", Category::Security, security::no_match),
    check("D024", Category::Security, security::unenforced),
    check("D028", Category::Security, security::default_rules),
    check("D029", Category::Security, security::weak_settings),
    check("D030", Category::Security, exposure::certificates),
    check("D031", Category::Security, exposure::unverified_names),
    check("D032", Category::Security, exposure::plain_listeners),
    check("D033", Category::Security, exposure::proxies),
    check("D034", Category::Security, permissions::guarded_files),
    check("D035", Category::Security, exposure::revocation_lists),
    check("D050", Category::Clients, clients::takeovers),
    check("D051", Category::Clients, clients::strangers),
    check("D052", Category::Clients, clients::scanners),
    check("D053", Category::Clients, clients::keep_alive),
    check("D054", Category::Clients, clients::queues),
    check("D055", Category::Clients, clients::too_large),
    check("D060", Category::Storage, storage::disk),
    check("D061", Category::Storage, storage::damage),
    check("D062", Category::Storage, storage::owner),
    check("D070", Category::Clock, storage::clock_steps),
    check("D071", Category::Clock, storage::clock_synchronised),
];

/// What the facts come to: all checks of these categories, or all there are. Whether the daemon answers is always
/// told, because the rest depends on it.
pub fn judge(facts: &Facts, categories: &[Category]) -> Vec<Finding> {
    let is_wanted =
        |check: &&Check| categories.is_empty() || categories.contains(&check.category) || check.id == "D001";
    let run = |check: &Check| {
        let (id, category) = (check.id, check.category);
        let findings = (check.judge)(facts).into_iter().map(move |verdict| Finding {
            id,
            category,
            severity: verdict.severity,
            evidence: verdict.evidence,
            fix: verdict.fix,
        });
        findings.collect::<Vec<_>>()
    };
    CHECKS.iter().filter(is_wanted).flat_map(run).collect()
}

#[cfg(test)]
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.id)
}
