//! Why no nodes were found, in an operator's terms.

/// What was asked of whom, what came of it, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{asked}: {came}")]
pub struct DiscoveryError {
    /// `GET http://127.0.0.1:2379/v3/kv/range`
    pub asked: String,
    /// `status 503: etcdserver: no leader`
    pub came: String,
    /// One sentence.
    pub next: String,
}

impl DiscoveryError {
    /// The longest text of somebody else's that is shown.
    pub(crate) const SHOWN_MAX: usize = 300;

    pub(crate) fn new(asked: impl Into<String>, came: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            asked: asked.into(),
            came: shown(&came.into()),
            next: next.into(),
        }
    }
}

/// What somebody else wrote, on one line and no longer than is read.
fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(DiscoveryError::SHOWN_MAX)
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    if text.chars().nth(DiscoveryError::SHOWN_MAX).is_some() {
        shown.push_str(" ...");
    }
    shown.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_shown_on_one_line_and_cut() {
        let error = DiscoveryError::new("GET x", format!("bad\r\n{}", "é".repeat(400)), "try again");
        let text = error.to_string();
        assert!(text.starts_with("GET x: bad  é") && text.ends_with("é ..."), "{text}");
        assert!(text.chars().count() < 330);
    }
}
