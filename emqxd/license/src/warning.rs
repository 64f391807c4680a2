//! What is printed at each start and at an update while something is wrong with the licence.
//!
//! The lines that scripts look for are EMQX's, in frames of `=` as EMQX draws them.

use crate::{CustomerType, Terms, Verdict};

const EXPIRY_FRAME: usize = 76;
const EVALUATION_FRAME: usize = 72;

/// The lines to print; none if all is well.
pub fn warnings(terms: &Terms, verdict: &Verdict) -> Vec<String> {
    let mut lines = Vec::new();
    if verdict.is_expired {
        let consequence = if verdict.is_overdue {
            "No new connection is accepted; connected clients stay."
        } else {
            "Connections are accepted up to its limit."
        };
        let frame = "=".repeat(EXPIRY_FRAME);
        lines.extend([
            frame.clone(),
            format!("License has been expired for {} days.", verdict.days_expired()),
            "The license certificate is expired!".to_owned(),
            consequence.to_owned(),
            "Get a new one from whoever issued it, then: emqx-ctl license update FILE".to_owned(),
            frame,
        ]);
    }
    if terms.customer_type == CustomerType::EVALUATION && !verdict.is_overdue {
        let frame = "=".repeat(EVALUATION_FRAME);
        lines.extend([
            frame.clone(),
            format!(
                "Using an evaluation license limited to {} concurrent sessions.",
                verdict.max_sessions
            ),
            "It is not meant for production use.".to_owned(),
            frame,
        ]);
    }
    lines
}
