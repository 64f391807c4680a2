//! `errors`, `events`, `top`

use std::time::Duration;

use clap::{Args, ValueEnum};
use emqx_shared::request::{TOP_INTERVAL_MS_MAX, TOP_INTERVAL_MS_MIN, TOP_ROWS_MAX};
use emqx_shared::views::{EventKind, TopSort};

use crate::duration;

#[derive(Debug, Args)]
pub struct ErrorsArgs {
    /// At most so many; 32 are remembered
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

#[derive(Debug, Args)]
pub struct EventsArgs {
    /// What happens from now on (-f); otherwise the last 100
    #[arg(long)]
    pub follow: bool,
    /// Only those about this client
    #[arg(long, value_name = "CLIENTID")]
    pub client: Option<String>,
    /// Only these, such as connected,alarm_raised
    #[arg(long = "kind", value_name = "KINDS", value_delimiter = ',', value_parser = event_kind)]
    pub kinds: Vec<EventKind>,
}

#[derive(Debug, Args)]
pub struct TopArgs {
    /// What clients are ordered by
    #[arg(long, value_enum, default_value = "rate", value_name = "KEY")]
    pub sort: SortKey,
    /// Clients shown
    #[arg(long, value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(TOP_ROWS_MAX)))]
    pub count: u32,
    /// Time between two looks
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = interval)]
    pub interval: Duration,
    /// One screen, then end
    #[arg(long)]
    pub once: bool,
}

/// `--sort`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortKey {
    /// Messages in and out
    Rate,
    /// Messages from the client
    In,
    /// Messages to the client
    Out,
    /// Bytes in and out
    Bytes,
    /// Messages waiting
    Queue,
    /// Messages not acknowledged
    Inflight,
    /// Messages dropped
    Dropped,
}

impl From<SortKey> for TopSort {
    fn from(key: SortKey) -> Self {
        match key {
            SortKey::Rate => Self::Rate,
            SortKey::In => Self::In,
            SortKey::Out => Self::Out,
            SortKey::Bytes => Self::Bytes,
            SortKey::Queue => Self::Queue,
            SortKey::Inflight => Self::Inflight,
            SortKey::Dropped => Self::Dropped,
        }
    }
}

fn event_kind(word: &str) -> Result<EventKind, String> {
    EventKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| {
            let known: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
            format!("choose from {}", known.join(", "))
        })
}

/// What the daemon allows between two looks.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration::parse(text)?;
    let allowed = Duration::from_millis(TOP_INTERVAL_MS_MIN.into())..=Duration::from_millis(TOP_INTERVAL_MS_MAX.into());
    if allowed.contains(&interval) {
        return Ok(interval);
    }
    Err(format!(
        "expected {TOP_INTERVAL_MS_MIN}ms to {}s",
        TOP_INTERVAL_MS_MAX / 1000
    ))
}
