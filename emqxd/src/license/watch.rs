//! What is looked at from time to time: the clock, the sessions, the file that the configuration names.
//!
//! Every 5 s, as in EMQX: a licence that ran out in the meantime is judged anew, alarms go on and off, the most
//! sessions of the day are noted. Every 2 min the file of `license.key`.

use std::sync::Arc;
use std::time::Duration;

use emqx_license::{Date, Watermarks};
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::folder::read_bounded;
use super::{
    InForce, LicenseError, Licensing, Source, Trusted, history, keep_copy, latest_day, log_change, not_usable,
};
use crate::alarms::Alarms;
use crate::clock::unix_ms_now;
use crate::node::NodeShared;
use crate::state::{ApplyError, Command};

const LOOK_INTERVAL: Duration = Duration::from_secs(5);
const FILE_INTERVAL: Duration = Duration::from_secs(120);

/// EMQX's names of the alarms.
const QUOTA_ALARM: &str = "license_quota";
const EXPIRY_ALARM: &str = "license_expiry";

/// Looks until the node stops.
pub async fn watch(node: Arc<NodeShared>, mut stop: watch::Receiver<bool>) {
    let licensing = &*node.license;
    let mut looks = interval(LOOK_INTERVAL);
    let mut changes = licensing.state.changes();
    let mut file_at = Instant::now() + FILE_INTERVAL;
    let mut raised = Raised::default();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => break,
            _ = looks.tick() => {}
            changed = changes.changed() => if changed.is_err() { break },
        }
        {
            let _changing = licensing.changing.lock().await;
            if licensing.adopt().await {
                let (folder, facts) = (licensing.folder.clone(), licensing.state.facts());
                // One that came from elsewhere gets its copy here, too. A node that stops does it at its next start.
                let _stopping = tokio::task::spawn_blocking(move || keep_copy(&folder, &facts)).await;
            }
            if Instant::now() >= file_at {
                licensing.read_file_again().await;
                file_at = Instant::now() + FILE_INTERVAL;
            }
            licensing.judge_anew(unix_ms_now()).await;
        }
        raised.update(licensing, &node.alarms);
        licensing.note_sessions(false).await;
    }
    licensing.note_sessions(true).await;
}

/// What reading the file of `license.key` anew came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLook {
    /// The configuration names none.
    NoFile,
    /// An operator's licence is in force, so the file does not matter.
    NotInForce,
    /// It holds what is in force.
    Same,
    /// What it holds is in force now.
    Taken,
}

/// Which alarms are on.
#[derive(Default)]
struct Raised {
    quota: bool,
    expiry: Option<Date>,
}

impl Raised {
    fn update(&mut self, licensing: &Licensing, alarms: &Alarms) {
        let in_force = licensing.in_force();
        let watermarks = licensing.policy.load().settings.watermarks;
        let is_on = watermarks.is_on(licensing.sessions(), in_force.verdict.max_sessions, self.quota);
        if is_on && !self.quota {
            let (details, message) = quota_alarm(&watermarks);
            alarms.raise(QUOTA_ALARM, details, message);
        } else if !is_on && self.quota {
            alarms.clear(QUOTA_ALARM);
        }
        self.quota = is_on;
        let expiry = in_force.license.terms.expiry();
        let near = in_force.verdict.is_expiry_near().then_some(expiry);
        if near == self.expiry {
            return;
        }
        if self.expiry.is_some() {
            alarms.clear(EXPIRY_ALARM);
        }
        if near.is_some() {
            let details = serde_json::json!({"expiry_at": expiry.compact()});
            // EMQX gives no message, so it is the name.
            alarms.raise(EXPIRY_ALARM, details, EXPIRY_ALARM);
        }
        self.expiry = near;
    }
}

/// In EMQX's words.
fn quota_alarm(watermarks: &Watermarks) -> (serde_json::Value, String) {
    let percent = watermarks.high_percent();
    let message = format!("License: sessions quota exceeds {percent}%");
    (serde_json::json!({"high_watermark": percent}), message)
}

impl Licensing {
    /// Notes that a day has come, on disk first: whoever sets the clock back afterwards finds it there. Then judges.
    pub(super) async fn judge_anew(&self, now_ms: u64) {
        let day_of = |unix_ms: u64| Date::of_unix(unix_ms / 1000);
        let mark_ms = self.state.look().clock_mark_ms;
        if day_of(now_ms) > day_of(mark_ms) {
            let command = Command::RaiseClockMark { unix_ms: now_ms };
            // A node on its way down notes it at its next start.
            if let Err(error) = self.state.apply(command).await
                && !matches!(error, ApplyError::Stopping | ApplyError::Unknown)
            {
                tracing::error!(tag = "LICENSE", %error, "clock_mark_not_written");
            }
        }
        let today = latest_day(&self.state, now_ms);
        let old = self.in_force.load_full();
        if old.judged_on == today {
            return;
        }
        let new = old.on(today, &self.policy.load().rules);
        if new.verdict.is_expired && !old.verdict.is_expired {
            let days = new.verdict.days_expired();
            tracing::error!(
                tag = "LICENSE",
                days,
                refuses_new = new.verdict.is_overdue,
                "license_has_expired"
            );
        }
        self.in_force.store(Arc::new(new));
    }

    /// Reads the file of `license.key` anew, while that is what is in force.
    ///
    /// # Errors
    /// It cannot be used; what was in force stays.
    pub async fn reload_file(&self) -> Result<FileLook, LicenseError> {
        let _changing = self.changing.lock().await;
        self.look_at_file().await
    }

    pub(super) async fn read_file_again(&self) {
        if let Err(error) = self.look_at_file().await {
            not_usable("license.key", &error.to_string());
        }
    }

    async fn look_at_file(&self) -> Result<FileLook, LicenseError> {
        let policy = self.policy.load_full();
        let Some(path) = policy.settings.file() else {
            return Ok(FileLook::NoFile);
        };
        let is_of_state = self.in_force.load().source != Source::Config && self.state.facts().license.is_some();
        if is_of_state || matches!(self.in_force.load().source, Source::Operator { .. }) {
            return Ok(FileLook::NotInForce);
        }
        let file = path.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || read_bounded(&file)).await else {
            return Ok(FileLook::Same); // The node stops.
        };
        let text = read.map_err(|source| LicenseError::File { path, source })?;
        let license = Trusted::read(&text, &policy.issuers).map_err(LicenseError::Key)?;
        if license == self.in_force.load().license {
            return Ok(FileLook::Same);
        }
        let today = latest_day(&self.state, unix_ms_now());
        let new = InForce::new(license, Source::Config, today, &policy.rules);
        log_change(&new);
        self.in_force.store(Arc::new(new));
        Ok(FileLook::Taken)
    }

    /// Notes how many sessions there are; on disk once a minute at most, and at the end.
    async fn note_sessions(&self, is_last: bool) {
        let now_ms = unix_ms_now();
        let to_write = {
            let mut history = self.history.lock();
            history.observe(self.sessions(), now_ms);
            history.take_due(now_ms, is_last)
        };
        let Some((path, text)) = to_write else { return };
        let written = tokio::task::spawn_blocking(move || history::write(&path, &text)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(tag = "LICENSE", %error, "license_history_not_written");
        }
    }
}
