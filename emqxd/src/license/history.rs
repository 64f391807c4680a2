//! The most sessions of each day: what `license history` answers from, to see which licence would do.
//!
//! Kept in `<data>/license/history.json`, written when the day's highest number has changed, at most once a minute.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use emqx_license::Date;
use serde::{Deserialize, Serialize};

/// Days remembered: two years and a month.
const DAYS_MAX: usize = 760;
/// What such a file may have; a longer one is not ours.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Between two writes.
const WRITE_INTERVAL_MS: u64 = 60_000;

/// The most sessions of a day or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How many.
    pub sessions: u64,
    /// When they were there, Unix milliseconds.
    pub observed_at_ms: u64,
}

/// The marks by day, `YYYY-MM-DD`.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    days: BTreeMap<String, Mark>,
    is_changed: bool,
    written_at_ms: u64,
}

impl History {
    /// Reads what a folder holds; what cannot be read is as if nothing had been there.
    pub fn read(folder: &Path) -> Self {
        let path = folder.join("history.json");
        let is_sane = fs::symlink_metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= FILE_BYTES_MAX);
        let days = is_sane
            .then(|| fs::read_to_string(&path).ok())
            .flatten()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Self {
            path,
            days,
            is_changed: false,
            written_at_ms: 0,
        }
    }

    /// So many sessions are there now.
    pub fn observe(&mut self, sessions: u64, now_ms: u64) {
        let day = Date::of_unix(now_ms / 1000).to_string();
        let mark = Mark {
            sessions,
            observed_at_ms: now_ms,
        };
        match self.days.get(&day) {
            Some(highest) if highest.sessions >= sessions => return,
            None if sessions == 0 => return,
            _ => self.days.insert(day, mark),
        };
        self.is_changed = true;
        while self.days.len() > DAYS_MAX {
            self.days.pop_first();
        }
    }

    /// What has to be written now, and where; `None` if nothing has changed or the last write was just now.
    pub fn take_due(&mut self, now_ms: u64, is_last: bool) -> Option<(PathBuf, String)> {
        if !self.is_changed || !is_last && now_ms.abs_diff(self.written_at_ms) < WRITE_INTERVAL_MS {
            return None;
        }
        self.is_changed = false;
        self.written_at_ms = now_ms;
        // Maps of numbers always become JSON.
        let text = serde_json::to_string(&self.days).ok()?;
        Some((self.path.clone(), text))
    }

    /// The days, latest first.
    pub fn days(&self) -> Vec<(String, Mark)> {
        self.days.iter().rev().map(|(day, mark)| (day.clone(), *mark)).collect()
    }

    /// The months (`YYYY-MM`), latest first.
    pub fn months(&self) -> Vec<(String, Mark)> {
        let mut months: BTreeMap<String, Mark> = BTreeMap::new();
        for (day, mark) in &self.days {
            let month = day.get(..7).unwrap_or(day).to_owned();
            let highest = months.entry(month).or_insert(*mark);
            if mark.sessions > highest.sessions {
                *highest = *mark;
            }
        }
        months.into_iter().rev().collect()
    }
}

/// Writes a history as a whole or not at all. A lost minute of it is no loss, so it is not synced.
///
/// # Errors
/// The system refuses.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        // Keys are kept there, too.
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let new = path.with_extension("json.new");
    fs::write(&new, text)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 86_400_000;

    #[test]
    fn the_highest_number_of_a_day_stays_and_months_take_the_highest_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::read(folder.path());
        let start = 1_729_477_310_000; // 2024-10-21
        for (day, sessions) in [(0, 5), (0, 9), (0, 7), (1, 3), (20, 4)] {
            history.observe(sessions, start + day * DAY_MS);
        }
        let days: Vec<_> = history
            .days()
            .into_iter()
            .map(|(day, mark)| (day, mark.sessions))
            .collect();
        let expected = [("2024-11-10", 4), ("2024-10-22", 3), ("2024-10-21", 9)];
        assert_eq!(days, expected.map(|(day, sessions)| (day.to_owned(), sessions)));
        assert_eq!(history.months()[1].1.sessions, 9);

        let (path, text) = history.take_due(start, false).unwrap();
        write(&path, &text).unwrap();
        assert!(
            history.take_due(start + WRITE_INTERVAL_MS, false).is_none(),
            "nothing new"
        );
        assert_eq!(History::read(folder.path()).days(), history.days());
    }

    #[test]
    fn a_file_that_makes_no_sense_is_as_if_it_were_not_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("history.json"), "[1,").unwrap();
        assert!(History::read(folder.path()).days().is_empty());
    }
}
