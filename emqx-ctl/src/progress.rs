//! Progress of a longer verb on stderr: a bar on a terminal once it takes long, else a line for
//! every tenth part, or for each thing that is waited for.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use emqx_shared::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::render::escape::escape;

/// A verb that is done by then shows no bar at all.
const BAR_AFTER: Duration = Duration::from_millis(300);

/// Shows the progress of one request.
#[derive(Debug)]
pub struct ProgressReport {
    since: Instant,
    quiet: bool,
    bar: Option<ProgressBar>,
    tenths_told: u64,
    told: String,
}

impl ProgressReport {
    /// Begins when the request is sent; nothing is shown if `quiet`.
    pub fn new(quiet: bool) -> Self {
        Self {
            since: Instant::now(),
            quiet,
            bar: None,
            tenths_told: 0,
            told: String::new(),
        }
    }

    /// Takes what the daemon says.
    pub fn update(&mut self, progress: &Progress) {
        if self.quiet {
        } else if std::io::stderr().is_terminal() {
            self.draw(progress);
        } else if let Some(tenths) = self.next_tenths(progress) {
            eprintln!("{}: {} %", escape(&progress.what), tenths * 10);
        } else if self.is_news(progress) {
            eprintln!("{}", escape(&progress.what));
        }
    }

    fn draw(&mut self, progress: &Progress) {
        if self.bar.is_none() && self.since.elapsed() < BAR_AFTER {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::no_length();
            if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
                bar.set_style(style);
            }
            bar
        });
        if let Some(total) = progress.total {
            bar.set_length(total);
        }
        bar.set_message(escape(&progress.what).into_owned());
        bar.set_position(progress.done);
    }

    /// Whether it is of no known length, and was not told yet.
    fn is_news(&mut self, progress: &Progress) -> bool {
        let is_news = progress.total.is_none() && self.told != progress.what;
        if is_news {
            self.told.clone_from(&progress.what);
        }
        is_news
    }

    /// How many tenths are done, if that was not said yet.
    fn next_tenths(&mut self, progress: &Progress) -> Option<u64> {
        let total = progress.total.filter(|total| *total > 0)?;
        let tenths = progress.done.saturating_mul(10) / total;
        (tenths > self.tenths_told).then(|| {
            self.tenths_told = tenths;
            tenths
        })
    }
}

impl Drop for ProgressReport {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_each_tenth_is_told_once() {
        let mut report = ProgressReport::new(false);
        let told: Vec<_> = (0..=100)
            .filter_map(|done| {
                report.next_tenths(&Progress {
                    what: String::new(),
                    done,
                    total: Some(100),
                })
            })
            .collect();
        assert_eq!(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn without_a_terminal_and_a_length_each_wait_is_told_once() {
        let mut report = ProgressReport::new(false);
        let waits = ["a leader", "a leader", "the others", "the others"];
        let told = waits.map(|what| {
            report.is_news(&Progress {
                what: what.to_owned(),
                done: 1,
                total: None,
            })
        });
        assert_eq!(told, [true, false, true, false]);
    }
}
