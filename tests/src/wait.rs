//! Waiting for something that another process is about to do.

use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits before it fails. Only failing tests wait that long, so it leaves room for
/// a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// How often a condition is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Returns once `condition` holds.
///
/// # Panics
/// After [`DEADLINE`], naming `what` was waited for.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}

/// Returns the first `Some` that `look` gives.
///
/// # Panics
/// After [`DEADLINE`], naming `what` was waited for.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "waited {DEADLINE:?} in vain: {what}");
        thread::sleep(POLL_INTERVAL);
    }
}
