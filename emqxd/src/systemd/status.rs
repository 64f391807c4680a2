//! The line that `systemctl status` shows: `4 listeners · 12 345 clients · license ok, 324 d`.
//!
//! Sent with `READY=1`, then whenever it has changed, at most once in [`INTERVAL`].

use std::sync::Arc;
use std::time::Duration;

use emqx_license::Verdict;
use emqx_shared::views::NodeState;
use tokio::sync::watch;

use crate::node::NodeShared;

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// Keeps the line true until the node stops; `sent` is the line that it has now.
pub async fn keep_current(node: Arc<NodeShared>, mut sent: String, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        let now = describe(&node);
        // Whoever stops the node says so himself.
        if now != sent && node.state() == NodeState::Started {
            node.service.status(&now);
            sent = now;
        }
    }
}

/// The line as it is now.
pub fn describe(node: &NodeShared) -> String {
    let listeners = node.listeners.list().iter().filter(|status| status.is_running).count() as u64;
    let in_force = node.license.in_force();
    let license = license_words(&in_force.verdict, in_force.license.terms.is_perpetual());
    format!(
        "{} · {} · {license}",
        counted(listeners, "listener"),
        counted(node.connections(), "client")
    )
}

fn license_words(verdict: &Verdict, is_perpetual: bool) -> String {
    match verdict {
        Verdict { is_overdue: true, .. } => {
            format!(
                "license expired {} d ago, new clients are refused",
                verdict.days_expired()
            )
        }
        Verdict { is_expired: true, .. } => format!("license expired {} d ago", verdict.days_expired()),
        _ if is_perpetual => "license ok".to_owned(),
        _ => format!("license ok, {} d", verdict.days_left),
    }
}

/// `1 client`, `12 345 clients`.
fn counted(number: u64, word: &str) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2 + word.len());
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    let plural = if number == 1 { "" } else { "s" };
    format!("{text} {word}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_words_agree_with_them() {
        let expected = [
            (0, "0 clients"),
            (1, "1 client"),
            (999, "999 clients"),
            (12_345, "12 345 clients"),
            (1_000_000, "1 000 000 clients"),
        ];
        for (number, text) in expected {
            assert_eq!(counted(number, "client"), text);
        }
    }

    #[test]
    fn a_license_says_how_long_it_goes_on_or_what_its_end_means() {
        let verdict = |days_left, is_overdue| Verdict {
            days_left,
            is_expired: days_left < 0,
            is_overdue,
            max_sessions: 100,
        };
        assert_eq!(license_words(&verdict(324, false), false), "license ok, 324 d");
        assert_eq!(license_words(&verdict(9_000, false), true), "license ok");
        assert_eq!(license_words(&verdict(-3, false), false), "license expired 3 d ago");
        assert_eq!(
            license_words(&verdict(-3, true), false),
            "license expired 3 d ago, new clients are refused"
        );
    }
}
