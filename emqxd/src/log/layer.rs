//! The layer that `tracing` calls for every event.
//!
//! A call below the threshold is answered by `tracing` itself: it compares the level with one
//! relaxed atomic (our `max_level_hint`), and each call in the code remembers whether we want it.
//! Both are renewed when the threshold changes.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::handlers::Handlers;
use super::level::{highest_level, level_filter};

/// Passes events on to the handlers. Spans are not recorded: events carry their own fields.
pub(super) struct LogLayer {
    handlers: Arc<Handlers>,
}

impl LogLayer {
    pub(super) fn new(handlers: Arc<Handlers>) -> Self {
        Self { handlers }
    }

    fn may_be_wanted(&self, metadata: &Metadata<'_>) -> bool {
        !metadata.is_span() && !is_chatter(metadata) && highest_level(metadata) >= self.handlers.threshold()
    }
}

/// What the cluster's engines tell of their work in sentences of their own; their errors are kept. That another node
/// cannot be reached is an error to openraft's replication, many times a second; `peer_down` says it once.
fn is_chatter(metadata: &Metadata<'_>) -> bool {
    let is_engine = ["openraft", "chitchat"]
        .iter()
        .any(|engine| metadata.target().starts_with(engine));
    let is_of_a_link = metadata.target().starts_with("openraft::replication");
    is_engine && (is_of_a_link || *metadata.level() > tracing::Level::ERROR)
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.may_be_wanted(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        self.may_be_wanted(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(level_filter(self.handlers.threshold()))
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        self.handlers.on_event(event);
    }
}
