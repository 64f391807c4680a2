//! `license info`, `diff`, `update`, `reload` and `history`.

use std::io;

use emqx_license::{Gate, ParseError, Verdict};
use emqx_shared::request::{LicensePeriod, LicenseRequest};
use emqx_shared::views::{LicenseAppliedView, LicenseHistoryView, LicensePreviewView, LicenseView};
use emqx_shared::{ErrorCode, Failure, View};

use super::peer::Peer;
use super::server::ReplySender;
use crate::license::{InForce, Source, UpdateError, Updated};
use crate::node::NodeShared;
use crate::state::ApplyError;

pub(super) async fn handle(
    node: &NodeShared,
    peer: &Peer,
    request: LicenseRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    let by = || format!("uid {}", peer.uid);
    match request {
        LicenseRequest::Info => Ok(View::License(Box::new(view(node, &node.license.in_force())))),
        LicenseRequest::Preview { license } => preview(node, &license.0),
        LicenseRequest::Update { license } => {
            let updated = node.license.update(&license.0, by()).await;
            applied(node, updated.map_err(failure)?)
        }
        LicenseRequest::Reload => applied(node, node.license.reload(by()).await.map_err(failure)?),
        LicenseRequest::History { period, limit } => history(node, period, limit, replies).await,
    }
}

fn view(node: &NodeShared, in_force: &InForce) -> LicenseView {
    let (terms, verdict) = (&in_force.license.terms, &in_force.verdict);
    let (set_at_ms, set_by) = match &in_force.source {
        Source::Operator { set_at_ms, by } => (Some(*set_at_ms), Some(by.clone())),
        Source::BuiltIn | Source::Config | Source::Copy => (None, None),
    };
    LicenseView {
        customer: terms.customer.clone(),
        email: terms.email.clone(),
        deployment: terms.deployment.clone(),
        license_type: terms.license_type.name().to_owned(),
        customer_type: terms.customer_type.0,
        start_at: terms.start.to_string(),
        expiry_at: terms.expiry().to_string(),
        days_left: verdict.days_left,
        is_expired: verdict.is_expired,
        is_overdue: verdict.is_overdue,
        max_sessions: verdict.max_sessions,
        refused_from: in_force.gate.ceiling(),
        max_tps: terms.max_tps,
        issuer: in_force.license.issuer.clone(),
        source: in_force.source.words().to_owned(),
        set_at_ms,
        set_by,
        sessions: node.license.sessions(),
        connections: node.connections(),
        judged_on: in_force.judged_on.to_string(),
        warnings: in_force.warnings(),
    }
}

fn preview(node: &NodeShared, text: &str) -> Result<View, Failure> {
    let new = node.license.preview(text).map_err(|error| refused(&error))?;
    let current = node.license.in_force();
    let consequences = consequences(&current.verdict, &new.verdict, node.license.sessions());
    Ok(View::LicensePreview(Box::new(LicensePreviewView {
        current: view(node, &current),
        new: view(node, &new),
        consequences,
    })))
}

/// What the change would mean for clients, a sentence each.
fn consequences(current: &Verdict, new: &Verdict, sessions: u64) -> Vec<String> {
    let mut sentences = Vec::new();
    let ceiling = Gate::new(new).ceiling();
    if new.is_overdue {
        let days = new.days_expired();
        sentences.push(format!(
            "It ran out {days} days ago: no new connection will be accepted."
        ));
    } else if new.is_expired {
        let days = new.days_expired();
        sentences.push(format!(
            "It ran out {days} days ago: clients still come in, up to its limit."
        ));
    } else if current.is_overdue {
        sentences.push("New connections will be accepted again.".to_owned());
    }
    if sessions >= ceiling {
        let max = new.max_sessions;
        sentences.push(format!(
            "{sessions} sessions are there, it allows {max}: no new session will be accepted."
        ));
    }
    if new.days_left < current.days_left && !new.is_expired {
        let fewer = current.days_left.saturating_sub(new.days_left);
        sentences.push(format!("It ends {fewer} days before the one in force."));
    }
    if !sentences.is_empty() && sessions > 0 {
        sentences.push("Connected clients stay.".to_owned());
    }
    sentences
}

fn applied(node: &NodeShared, updated: Updated) -> Result<View, Failure> {
    let kind = emqx_shared::views::EventKind::LicenseChanged;
    node.events.tell(kind, "license", "another licence is in force");
    let mut license = view(node, &updated.in_force);
    let stored_at = match &updated.copy {
        Ok(path) => path.display().to_string(),
        Err(error) => {
            license.warnings.push(format!(
                "The licence is in force, but its copy for people was not written: {error}. \
                 The next start writes it, once there is room."
            ));
            format!("the replicated state only ({error})")
        }
    };
    Ok(View::LicenseApplied(Box::new(LicenseAppliedView {
        license,
        stored_at,
        backup: updated.backup.map(|path| path.display().to_string()),
    })))
}

async fn history(node: &NodeShared, period: LicensePeriod, limit: u32, replies: ReplySender) -> Result<View, Failure> {
    let marks = match period {
        LicensePeriod::Daily => node.license.daily_marks(),
        LicensePeriod::Monthly => node.license.monthly_marks(),
    };
    let total = marks.len() as u64;
    let mut rows = replies.rows(View::LicenseHistory);
    for (period, mark) in marks.into_iter().take(limit as usize) {
        let row = LicenseHistoryView {
            period,
            high_watermark: mark.sessions,
            observed_at_ms: mark.observed_at_ms,
        };
        rows.row(row).await?;
    }
    Ok(rows.finish(Some(total)).await?)
}

fn refused(error: &ParseError) -> Failure {
    let code = match error {
        ParseError::InvalidSignature => ErrorCode::LicenseSignature,
        _ => ErrorCode::BadLicense,
    };
    let failure = Failure::new(code, format!("license not accepted: {error}"));
    match error {
        ParseError::InvalidSignature => {
            failure.next("if it is of your own issuer: put its public key into `license.issuer_keys` and restart emqxd")
        }
        _ => failure.next("emqx-ctl license show SRC    (what it says)"),
    }
}

fn failure(error: UpdateError) -> Failure {
    match error {
        UpdateError::Parse(error) => refused(&error),
        UpdateError::NoFile => Failure::new(ErrorCode::InvalidArgument, "the configuration names no licence file")
            .why("license.key holds the licence itself, or a word for it")
            .next("emqx-ctl license reload FILE"),
        UpdateError::File { path, source } => {
            let code = match source.kind() {
                io::ErrorKind::InvalidData => ErrorCode::BadLicense,
                _ => ErrorCode::Io,
            };
            Failure::new(code, format!("{}: {source}", path.display())).next("emqx-ctl license reload FILE")
        }
        UpdateError::NotDecided { error, kept } => {
            let failure = super::state::refused(error);
            match kept {
                Some(kept) => failure.next(format!(
                    "then: emqx-ctl license update file://{}    (it is kept there)",
                    kept.display()
                )),
                None => failure,
            }
        }
        UpdateError::State(
            error @ (ApplyError::NoMajority { .. }
            | ApplyError::NotAdmitted
            | ApplyError::Unknown
            | ApplyError::InCluster { .. }
            | ApplyError::LostLog
            | ApplyError::Refused(_)),
        ) => super::state::refused(error),
        UpdateError::State(ApplyError::Stopping) => Failure::new(ErrorCode::Stopping, "the node is stopping"),
        UpdateError::State(error @ ApplyError::Storage(_)) => Failure::new(
            ErrorCode::Io,
            "the licence in force is the one before; the new one may be after a restart",
        )
        .why(error.to_string())
        .next("see to the disk, then restart emqxd"),
        UpdateError::State(error) => Failure::new(ErrorCode::Io, "the licence was not changed")
            .why(error.to_string())
            .next("see to the disk, then restart emqxd"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(days_left: i64, is_overdue: bool, max_sessions: u64) -> Verdict {
        Verdict {
            days_left,
            is_expired: days_left < 0,
            is_overdue,
            max_sessions,
        }
    }

    #[test]
    fn a_change_for_the_worse_is_told_before_it_happens() {
        let current = verdict(100, false, 1000);
        assert!(consequences(&current, &verdict(400, false, 2000), 500).is_empty());
        let worse = consequences(&current, &verdict(10, false, 100), 500).join("\n");
        assert!(worse.contains("500 sessions are there, it allows 100"), "{worse}");
        assert!(worse.contains("90 days before") && worse.contains("stay"), "{worse}");
        let dead = consequences(&current, &verdict(-3, true, 1000), 1).join("\n");
        assert!(dead.contains("ran out 3 days ago: no new connection"), "{dead}");
        let alive = consequences(&verdict(-3, true, 1000), &verdict(300, false, 1000), 1).join("\n");
        assert!(alive.contains("accepted again"), "{alive}");
    }
}
