//! A log level for a while: `emqx-ctl log level debug --for 10m`.
//!
//! The levels from before come back by themselves, also when nobody is connected any more. Borrowing again keeps what
//! was before the first time; a level set for good (`log set-level`) ends the loan, and nothing comes back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use emqx_shared::views::EventKind;
use parking_lot::Mutex;

use crate::config::log::LogLevel;
use crate::log::LogControl;
use crate::node::NodeShared;

/// The loan of the node, if there is one.
#[derive(Debug, Default)]
pub struct BorrowedLevel {
    loan: Mutex<Option<Loan>>,
}

#[derive(Debug, Clone)]
struct Loan {
    until: Instant,
    before: Levels,
}

/// The primary level, and that of each handler.
#[derive(Debug, Clone, PartialEq)]
struct Levels {
    primary: LogLevel,
    handlers: Vec<(String, LogLevel)>,
}

impl Levels {
    fn of(log: &LogControl) -> Self {
        let handlers = log.handlers().into_iter();
        Self {
            primary: log.primary_level(),
            handlers: handlers.map(|handler| (handler.id, handler.level)).collect(),
        }
    }

    fn put_back(&self, log: &LogControl) {
        log.set_primary_level(self.primary);
        for (id, level) in &self.handlers {
            // Handlers are as many as at the start of the node.
            let _it_is_still_there = log.set_handler_level(id, *level);
        }
    }
}

impl BorrowedLevel {
    /// The primary level that comes back, and in which time.
    pub fn back_to(&self) -> Option<(LogLevel, Duration)> {
        let loan = self.loan.lock();
        let loan = loan.as_ref()?;
        Some((
            loan.before.primary,
            loan.until.saturating_duration_since(Instant::now()),
        ))
    }

    /// A level was set for good.
    pub fn forget(&self) {
        *self.loan.lock() = None;
    }

    fn begin(&self, log: &LogControl, level: LogLevel, time: Duration) -> Instant {
        let until = Instant::now() + time;
        let mut loan = self.loan.lock();
        let before = loan.take().map_or_else(|| Levels::of(log), |loan| loan.before);
        *loan = Some(Loan { until, before });
        log.set_level(level);
        until
    }

    /// Puts back what was before, if the loan that ends at `until` is still the one; the level now.
    fn end(&self, log: &LogControl, until: Instant) -> Option<LogLevel> {
        let mut loan = self.loan.lock();
        let ended = loan.take_if(|loan| loan.until == until)?;
        ended.before.put_back(log);
        Some(ended.before.primary)
    }
}

/// Sets the level of the log and of all handlers for a while.
pub fn borrow(node: &Arc<NodeShared>, level: LogLevel, time: Duration) {
    let until = node.borrowed_level.begin(&node.log, level, time);
    let node = Arc::clone(node);
    tokio::spawn(async move {
        tokio::time::sleep_until(until.into()).await;
        if let Some(level) = node.borrowed_level.end(&node.log, until) {
            tracing::warn!(level_now = %level, "log_level_put_back");
            node.events
                .tell(EventKind::LogLevelChanged, "log", format!("{level}, as it was before"));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogConfig;

    fn log() -> LogControl {
        LogControl::for_tests(&LogConfig::default())
    }

    #[test]
    fn the_level_before_the_first_loan_comes_back_after_the_last() {
        let (log, borrowed) = (log(), BorrowedLevel::default());
        let before = Levels::of(&log);
        let first = borrowed.begin(&log, LogLevel::Debug, Duration::from_secs(10));
        let last = borrowed.begin(&log, LogLevel::Info, Duration::from_secs(60));
        assert_eq!(borrowed.end(&log, first), None, "the first was replaced");
        assert_eq!(log.primary_level(), LogLevel::Info);
        assert_eq!(borrowed.back_to().map(|(level, _)| level), Some(LogLevel::Warning));
        assert_eq!(borrowed.end(&log, last), Some(LogLevel::Warning));
        assert_eq!(Levels::of(&log), before);
        assert_eq!(borrowed.back_to(), None);
    }

    #[test]
    fn a_level_set_for_good_stays() {
        let (log, borrowed) = (log(), BorrowedLevel::default());
        let until = borrowed.begin(&log, LogLevel::Debug, Duration::from_secs(10));
        log.set_level(LogLevel::Error);
        borrowed.forget();
        assert_eq!(borrowed.end(&log, until), None);
        assert_eq!(log.primary_level(), LogLevel::Error);
    }
}
