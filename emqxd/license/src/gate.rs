//! The decision for one CONNECT: made of a [`Verdict`] once, asked for every client.

use crate::Verdict;

/// Up to this limit it is kept to exactly; above, EMQX lets 10 % more in.
const EXACT_LIMIT_MAX: u64 = 25;

/// What a verdict lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    is_overdue: bool,
    ceiling: u64,
}

/// Whether a client may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Admit,
    /// The licence has run out: nobody new comes in.
    Expired,
    /// As many sessions as the licence allows are there.
    LimitReached,
}

impl Gate {
    /// The gate of a verdict.
    pub fn new(verdict: &Verdict) -> Self {
        Self {
            is_overdue: verdict.is_overdue,
            ceiling: ceiling(verdict.max_sessions),
        }
    }

    /// Sessions from which on a new one is refused: the limit, and 10 % above 25.
    pub fn ceiling(&self) -> u64 {
        self.ceiling
    }

    /// Decides for a client that finds `sessions` sessions there. One that has a session already adds none, so it
    /// may come back even at the limit.
    pub fn decide(&self, sessions: u64, has_session: bool) -> Decision {
        if self.is_overdue {
            Decision::Expired
        } else if !has_session && sessions >= self.ceiling {
            Decision::LimitReached
        } else {
            Decision::Admit
        }
    }
}

/// The limit with EMQX's tolerance: `round(limit * 1.1)` above 25.
fn ceiling(limit: u64) -> u64 {
    if limit <= EXACT_LIMIT_MAX {
        return limit;
    }
    let tenths = (u128::from(limit) * 11 + 5) / 10;
    u64::try_from(tenths).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tolerance_begins_above_25_and_is_rounded_as_emqx_rounds() {
        for (limit, expected) in [
            (0, 0),
            (10, 10),
            (25, 25),
            (26, 29), // 28.6
            (34, 37), // 37.4
            (35, 39), // 38.5
            (100, 110),
            (100_000, 110_000),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(ceiling(limit), expected, "{limit}");
        }
    }
}
