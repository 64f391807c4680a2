//! What a licence comes to on a day: expired or not, restricted or not, how many sessions.

use crate::{CustomerType, Date, LicenseType, Terms};

/// What the operator settled about the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// `license.grace_days`: how long an official licence of a small customer goes on after its end. 0 is what
    /// EMQX's FAQ says; its code has 90, since 5.9 15. Trials have none.
    pub grace_days: u32,
    /// `license.dynamic_max_connections`: bounds licences of business-critical customers.
    pub dynamic_max_sessions: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            grace_days: 0,
            dynamic_max_sessions: 25,
        }
    }
}

/// What a licence comes to on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Days until its last day, negative after it.
    pub days_left: i64,
    /// Past its last day.
    pub is_expired: bool,
    /// Expired, and of a type that lets no new client in then. Who is connected stays.
    pub is_overdue: bool,
    /// Sessions it allows.
    pub max_sessions: u64,
}

/// Judges a licence on `today`.
pub fn judge(terms: &Terms, today: Date, rules: &Rules) -> Verdict {
    let days_left = terms.expiry().days_since(today);
    let is_expired = days_left < 0;
    let is_overdue = match (terms.license_type, terms.customer_type) {
        (LicenseType::Official, CustomerType::SMALL) => days_left < -i64::from(rules.grace_days),
        (LicenseType::Official, _) => false,
        (LicenseType::Trial | LicenseType::Community, _) => is_expired,
    };
    Verdict {
        days_left,
        is_expired,
        is_overdue,
        max_sessions: terms.session_limit(rules.dynamic_max_sessions),
    }
}

impl Verdict {
    /// Days past the last one; 0 before.
    pub fn days_expired(&self) -> u64 {
        u64::try_from(-self.days_left).unwrap_or(0)
    }
}
