//! Licences. Dates are `YYYY-MM-DD`, in UTC.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// A licence, and what it comes to on the node: `license info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseView {
    /// Whose it is.
    pub customer: String,
    /// The customer's address.
    pub email: String,
    /// What it is for.
    pub deployment: String,
    /// `trial`, `official`, `community`.
    pub license_type: String,
    /// EMQX's number.
    pub customer_type: u32,
    /// The first day.
    pub start_at: String,
    /// The last day.
    pub expiry_at: String,
    /// Days until then, negative after it.
    pub days_left: i64,
    /// Past its last day.
    pub is_expired: bool,
    /// Expired, and no new client comes in.
    pub is_overdue: bool,
    /// Sessions it allows.
    pub max_sessions: u64,
    /// From how many sessions on a new one is refused: the limit and EMQX's tolerance.
    pub refused_from: u64,
    /// Messages a second; `None` for no limit.
    pub max_tps: Option<u64>,
    /// Who signed it; `None` for one that is built in.
    pub issuer: Option<String>,
    /// Where it comes from, in words: `built in`, `license.key`, `license update`.
    pub source: String,
    /// When it was put in force, if by an operator.
    pub set_at_ms: Option<u64>,
    /// Who did.
    pub set_by: Option<String>,
    /// Sessions of the node now, connected or kept.
    pub sessions: u64,
    /// Connected clients now.
    pub connections: u64,
    /// The day it was judged on: the latest that the node has seen.
    pub judged_on: String,
    /// What EMQX prints at a start, frames and all; empty if all is well.
    #[serde(deserialize_with = "bounded")]
    pub warnings: Vec<String>,
}

/// `license diff`: the one in force and another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicensePreviewView {
    /// In force.
    pub current: LicenseView,
    /// In its place.
    pub new: LicenseView,
    /// What it would mean for clients, a sentence each.
    #[serde(deserialize_with = "bounded")]
    pub consequences: Vec<String>,
}

/// `license update` and `license reload`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseAppliedView {
    /// In force now.
    pub license: LicenseView,
    /// Where it is kept.
    pub stored_at: String,
    /// Where the previous one is kept, if there was a file of it.
    pub backup: Option<String>,
}

/// A row of `license history`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseHistoryView {
    /// The day, or the month as `YYYY-MM`.
    pub period: String,
    /// The most sessions in it.
    pub high_watermark: u64,
    /// When they were seen.
    pub observed_at_ms: u64,
}
