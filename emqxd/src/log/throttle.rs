//! Events that could repeat for every message are written once a window, then counted.
//!
//! EMQX's `log.throttling`: the first of each name opens a window of `time_window` (one minute)
//! and is written; later ones of the same name are counted, and one summary line at the end of
//! the window says how many there were. While the primary level is `debug` nothing is held back.

use std::time::Duration;

use parking_lot::Mutex;

/// The names that are throttled. The only such list.
pub(super) const THROTTLED_MESSAGES: [&str; 22] = [
    "authentication_failure",
    "authentication_overloaded",
    "authn_http_request_failed",
    "authorization_permission_denied",
    "authz_http_request_failed",
    "cannot_publish_to_topic_due_to_not_authorized",
    "cannot_publish_to_topic_due_to_quota_exceeded",
    "connection_refused",
    "connection_rejected_due_to_license_limit_reached",
    "data_bridge_buffer_overflow",
    "dropped_msg_due_to_mqueue_is_full",
    "dropped_qos0_msg",
    "external_broker_crashed",
    "failed_to_retain_message",
    "handle_resource_metrics_failed",
    "messages_to_peer_dropped",
    "retain_failed_for_payload_size_exceeded_limit",
    "retain_failed_for_rate_exceeded_limit",
    "retained_delete_failed_for_rate_exceeded_limit",
    "session_stepdown_request_timeout",
    "socket_receive_paused_by_rate_limit",
    "unrecoverable_resource_error",
];

/// The name of the summary line.
pub(super) const SUMMARY_MESSAGE: &str = "log_events_throttled_during_last_period";

/// Counts what is held back.
#[derive(Debug)]
pub(super) struct Throttle {
    length: Duration,
    /// Locked for a few lines, by whoever logs a throttled name and by the writer threads.
    window: Mutex<Option<Window>>,
}

#[derive(Debug)]
struct Window {
    ends: Duration,
    /// One entry for each of [`THROTTLED_MESSAGES`]: seen in this window, and held back.
    names: [(bool, u64); THROTTLED_MESSAGES.len()],
}

impl Throttle {
    pub(super) fn new(length: Duration) -> Self {
        Self {
            length,
            window: Mutex::new(None),
        }
    }

    /// The place of `message` in the list; `None` is never throttled.
    pub(super) fn index_of(message: &str) -> Option<usize> {
        THROTTLED_MESSAGES.binary_search(&message).ok()
    }

    /// Whether the event named by `index` is written now; otherwise it has been counted.
    pub(super) fn admits(&self, index: usize, now: Duration) -> bool {
        let mut window = self.window.lock();
        let window = window.get_or_insert_with(|| Window {
            ends: now + self.length,
            names: [(false, 0); THROTTLED_MESSAGES.len()],
        });
        let (seen, held_back) = &mut window.names[index];
        if *seen {
            *held_back += 1;
        }
        !std::mem::replace(seen, true)
    }

    /// When the open window ends; `None` while there is none.
    pub(super) fn window_ends(&self) -> Option<Duration> {
        self.window.lock().as_ref().map(|window| window.ends)
    }

    /// Closes the window if it has ended. Names and numbers of what was held back in it; empty
    /// if nothing was, or if the window is still open.
    pub(super) fn close_window(&self, now: Duration) -> Vec<(&'static str, u64)> {
        let mut slot = self.window.lock();
        let Some(window) = slot.take_if(|window| now >= window.ends) else {
            return Vec::new();
        };
        THROTTLED_MESSAGES
            .into_iter()
            .zip(window.names)
            .filter(|(_, (_, held_back))| *held_back > 0)
            .map(|(name, (_, held_back))| (name, held_back))
            .collect()
    }

    /// The length of a window in EMQX's words: `1 minutes, 0 seconds`.
    pub(super) fn period(&self) -> String {
        let seconds = self.length.as_secs();
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match (hours, minutes) {
            (0, 0) => format!("{seconds} seconds"),
            (0, _) => format!("{minutes} minutes, {seconds} seconds"),
            _ => format!("{hours} hours, {minutes} minutes, {seconds} seconds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_list_is_sorted_because_it_is_searched_by_halves() {
        assert!(THROTTLED_MESSAGES.is_sorted());
        assert_eq!(Throttle::index_of("terminate"), None);
    }

    #[test]
    fn the_first_of_a_name_is_admitted_and_the_others_are_counted_until_the_window_ends() {
        let throttle = Throttle::new(MINUTE);
        let queue_full = Throttle::index_of("dropped_msg_due_to_mqueue_is_full").unwrap();
        let denied = Throttle::index_of("authorization_permission_denied").unwrap();
        let start = Duration::from_secs(1000);
        assert!(throttle.admits(queue_full, start));
        for _ in 0..5 {
            assert!(!throttle.admits(queue_full, start + MINUTE / 2));
        }
        assert!(throttle.admits(denied, start + MINUTE / 2));
        assert_eq!(throttle.window_ends(), Some(start + MINUTE));
        assert!(
            throttle
                .close_window(start + MINUTE - Duration::from_nanos(1))
                .is_empty()
        );

        let summary = throttle.close_window(start + MINUTE);
        assert_eq!(summary, [("dropped_msg_due_to_mqueue_is_full", 5)]);
        assert_eq!(throttle.window_ends(), None);
        assert!(throttle.admits(queue_full, start + MINUTE));
    }

    #[test]
    fn a_period_is_told_in_emqx_words() {
        assert_eq!(Throttle::new(MINUTE).period(), "1 minutes, 0 seconds");
        assert_eq!(Throttle::new(Duration::from_secs(30)).period(), "30 seconds");
        assert_eq!(
            Throttle::new(Duration::from_secs(3661)).period(),
            "1 hours, 1 minutes, 1 seconds"
        );
    }
}
