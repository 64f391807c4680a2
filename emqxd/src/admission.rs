//! Who may connect, besides MQTT's own rules: the licence is asked, then the bans.
//!
//! Called by the broker on the worker that owns the client, for each CONNECT ([`Admission`]). What is refused is
//! logged here, at most once a second for each reason, with the number of those that were not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use emqx_license::Decision;
use emqxd_broker::{Admission, Candidate, Refusal, Time};
use mqtt_codec::ReasonCode;

use crate::banned;
use crate::license::Licensing;
use crate::state::ReplicatedState;

/// Between two log lines of one reason.
const LOG_INTERVAL_MS: u64 = 1000;

const LIMIT_REACHED: &str = "connection_rejected_due_to_license_limit_reached";
const EXPIRED: &str = "connection_rejected_due_to_license_expired";

/// The daemon's answer to every CONNECT.
pub struct NodeAdmission {
    licensing: Arc<Licensing>,
    state: ReplicatedState,
    limit_reached: Occasional,
    expired: Occasional,
}

impl NodeAdmission {
    /// Asks this licence, and the bans of this state.
    pub fn new(licensing: Arc<Licensing>, state: ReplicatedState) -> Self {
        Self {
            licensing,
            state,
            limit_reached: Occasional::default(),
            expired: Occasional::default(),
        }
    }

    fn ask_license(&self, candidate: &Candidate<'_>) -> Result<(), Refusal> {
        let in_force = self.licensing.in_force();
        let sessions = self.licensing.sessions();
        let decision = in_force.gate.decide(sessions, candidate.has_session);
        let (keyword, detail, occasional) = match decision {
            Decision::Admit => return Ok(()),
            Decision::Expired => {
                let expiry = in_force.license.terms.expiry();
                (EXPIRED, format!("the licence ran out on {expiry}"), &self.expired)
            }
            Decision::LimitReached => {
                let max = in_force.verdict.max_sessions;
                let detail = format!("{sessions} sessions are there, the licence allows {max}");
                (LIMIT_REACHED, detail, &self.limit_reached)
            }
        };
        if let Some(unlogged) = occasional.is_due(candidate.now) {
            let (clientid, peername) = (candidate.client_id, candidate.address);
            match decision {
                Decision::Expired => {
                    tracing::error!(tag = "LICENSE", clientid, %peername, reason = detail, unlogged,
                        "connection_rejected_due_to_license_expired");
                }
                _ => tracing::error!(tag = "LICENSE", clientid, %peername, reason = detail, unlogged,
                    "connection_rejected_due_to_license_limit_reached"),
            }
        }
        Err(Refusal {
            reason_code: ReasonCode::QuotaExceeded,
            keyword,
            detail: detail.into(),
        })
    }
}

impl Admission for NodeAdmission {
    fn admit(&self, candidate: &Candidate<'_>) -> Result<(), Refusal> {
        self.ask_license(candidate)?;
        banned::check(&self.state, candidate)
    }
}

/// Lets one of many log lines through a second, whichever worker has it.
#[derive(Debug, Default)]
struct Occasional {
    /// When the next line may come; 0 before the first.
    next_ms: AtomicU64,
    unlogged: AtomicU64,
}

impl Occasional {
    /// Whether to write a line now: then the number of those that were not written since the last.
    fn is_due(&self, now: Time) -> Option<u64> {
        let next = self.next_ms.load(Ordering::Relaxed);
        let claim = |next| {
            let later = now.0.saturating_add(LOG_INTERVAL_MS);
            let claimed = self
                .next_ms
                .compare_exchange(next, later, Ordering::Relaxed, Ordering::Relaxed);
            claimed.is_ok()
        };
        if now.0 >= next && claim(next) {
            return Some(self.unlogged.swap(0, Ordering::Relaxed));
        }
        self.unlogged.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_says_how_many_were_left_out() {
        let lines = Occasional::default();
        let due = |ms| lines.is_due(Time(ms));
        assert_eq!(due(0), Some(0));
        assert_eq!([due(1), due(500), due(999)], [None; 3]);
        assert_eq!(due(1000), Some(3));
        assert_eq!(due(1001), None);
        assert_eq!(due(60_000), Some(1));
    }
}
