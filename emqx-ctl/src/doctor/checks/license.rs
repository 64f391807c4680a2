//! The licence: how long, and how many sessions.

use super::super::facts::Facts;
use super::super::finding::Verdict;
use super::{needs_daemon, percent};

/// From here on an operator should see to it.
const DAYS_AHEAD: i64 = 30;
/// EMQX's high watermark of sessions.
const HIGH_PERCENT: u64 = 80;
const UPDATE: &str = "emqx-ctl license update ./emqx.lic";

pub fn expiry(facts: &Facts) -> Vec<Verdict> {
    let Some(license) = &facts.license else {
        return needs_daemon(facts, "license");
    };
    let kind = &license.license_type;
    let (end, days) = (&license.expiry_at, license.days_left);
    vec![if license.is_overdue {
        Verdict::fail(
            format!(
                "{kind} licence expired on {end}, {} days ago: new clients are refused",
                days.unsigned_abs()
            ),
            UPDATE,
        )
    } else if license.is_expired {
        Verdict::fail(
            format!(
                "{kind} licence expired on {end}, {} days ago; clients are still accepted",
                days.unsigned_abs()
            ),
            UPDATE,
        )
    } else if days <= DAYS_AHEAD {
        Verdict::warn(format!("{kind} licence expires on {end}, in {days} days"), UPDATE)
    } else {
        Verdict::ok(format!("{kind} licence until {end}, {days} days"))
    }]
}

pub fn sessions(facts: &Facts) -> Vec<Verdict> {
    let Some(license) = &facts.license else {
        return needs_daemon(facts, "license");
    };
    let (sessions, max) = (license.sessions, license.max_sessions);
    let used = percent(sessions, max);
    let evidence = format!("{sessions} of {max} licensed sessions ({used} %)");
    vec![if sessions >= license.refused_from {
        Verdict::fail(format!("{evidence}: new clients are refused"), UPDATE)
    } else if used >= HIGH_PERCENT {
        Verdict::warn(evidence, "emqx-ctl license history")
    } else {
        Verdict::ok(evidence)
    }]
}
