//! The node's licence: which one is in force, how it gets there, and what it comes to.
//!
//! The replicated state decides, on all nodes of a cluster; without a licence in it `license.key` of the configuration
//! does, else the built-in one. A node that joins takes the cluster's state whole: what it had itself is put aside
//! (`adopting.rs`). A node that is alone, as one that has lost its state, gives the copy in its data folder to a state
//! that has none (`finding.rs`). One that cannot be used is passed over with an error in the log, so a damaged new
//! licence never takes a good old one away. The rules are in the crate `emqx-license`; `admission.rs` asks
//! [`Licensing::in_force`] at each CONNECT, `watch.rs` looks at clock, alarms and files from time to time.

mod adopting;
mod finding;
mod folder;
mod history;
mod in_force;
mod watch;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};
use emqx_license::{Date, IssuerKeyError, Issuers, ParseError, Rules};
use emqxd_broker::Gauges;
use parking_lot::Mutex;

use self::adopting::keep_copy;
pub use self::finding::check_settings;
use self::finding::{find, give_copy_to_state, not_usable, read_issuers};
use self::folder::{LicenseFolder, read_bounded};
use self::history::{History, Mark};
use self::in_force::normalise_bounded;
pub use self::in_force::{InForce, Source, Trusted};
pub use self::watch::{FileLook, watch};
use crate::clock::unix_ms_now;
use crate::config::LicenseSettings;
use crate::state::{ApplyError, Command, ReplicatedState, StoredLicense};

/// The licence of the node and all that decides about it.
pub struct Licensing {
    policy: ArcSwap<Policy>,
    folder: LicenseFolder,
    state: ReplicatedState,
    gauges: Vec<Arc<Gauges>>,
    /// Sessions on the other nodes of the cluster, as far as they are known: the licence is for all together.
    remote_sessions: AtomicU64,
    in_force: ArcSwap<InForce>,
    /// What the state held when it was looked at last: each is tried once, usable or not.
    seen: Mutex<Option<Arc<StoredLicense>>>,
    history: Mutex<History>,
    /// Held while the licence changes: updates come one after the other, the last one wins.
    changing: tokio::sync::Mutex<()>,
}

/// What the configuration says of licences; another one after `conf reload`.
struct Policy {
    settings: LicenseSettings,
    issuers: Issuers,
    rules: Rules,
}

impl Policy {
    /// Reads the keys of the issuers that the settings name.
    fn new(settings: LicenseSettings) -> Result<Self, LicenseError> {
        Ok(Self {
            issuers: read_issuers(&settings)?,
            rules: settings.rules(),
            settings,
        })
    }
}

/// Why the daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum LicenseError {
    /// `license.issuer_keys` names something that is no key.
    #[error("license.issuer_keys: {name}: {source}")]
    IssuerKey {
        /// Which.
        name: String,
        /// What is wrong.
        source: IssuerKeyError,
    },
    /// A file that the configuration names.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `license.key` is none that is trusted.
    #[error("Error reading license: {}", .0.word())]
    Key(ParseError),
}

/// Why an update was not carried out. The licence is as it was.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The text is no licence that is trusted.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The configuration names no file to read anew.
    #[error("license.key names no file")]
    NoFile,
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The cluster cannot decide now.
    #[error("{error}")]
    NotDecided {
        /// Why.
        error: ApplyError,
        /// Where the licence is kept meanwhile.
        kept: Option<PathBuf>,
    },
    /// The state refuses it.
    #[error(transparent)]
    State(ApplyError),
}

/// What an update did.
#[derive(Debug)]
pub struct Updated {
    /// In force now.
    pub in_force: Arc<InForce>,
    /// Where its copy is; or why there is none.
    pub copy: Result<PathBuf, io::Error>,
    /// Where the one before is kept.
    pub backup: Option<PathBuf>,
}

impl Licensing {
    /// Finds the licence and judges it. The copy in the data folder goes into a state that has none, if the node is alone;
    /// a member of a cluster puts it aside.
    ///
    /// # Errors
    /// The configuration names keys that are none, and there is nothing else to go by.
    pub fn start(
        settings: LicenseSettings,
        data_dir: &Path,
        state: ReplicatedState,
        gauges: Vec<Arc<Gauges>>,
    ) -> Result<Self, LicenseError> {
        let policy = Policy::new(settings)?;
        let folder = LicenseFolder::of(data_dir);
        let is_alone = state.last_members().len() <= 1;
        if is_alone {
            give_copy_to_state(&policy, &folder, &state);
        }
        let facts = state.facts();
        let (license, source) = find(&policy, Some(&folder).filter(|_| is_alone), &facts)?;
        let today = latest_day(&state, unix_ms_now());
        if facts.license.is_some() || !is_alone {
            keep_copy(&folder, &facts);
        }
        let history = folder
            .file()
            .parent()
            .map_or_else(|| History::read(data_dir), History::read);
        Ok(Self {
            in_force: ArcSwap::from_pointee(InForce::new(license, source, today, &policy.rules)),
            policy: ArcSwap::from_pointee(policy),
            folder,
            state,
            gauges,
            remote_sessions: AtomicU64::new(0),
            seen: Mutex::new(facts.license.clone()),
            history: Mutex::new(history),
            changing: tokio::sync::Mutex::new(()),
        })
    }

    /// Goes by other settings from now on: finds the licence anew, as a start would.
    ///
    /// # Errors
    /// As [`Licensing::start`]; then all is as it was.
    pub async fn reconfigure(&self, settings: LicenseSettings) -> Result<(), LicenseError> {
        let _changing = self.changing.lock().await;
        let (folder, state) = (self.folder.clone(), self.state.clone());
        let is_alone = state.last_members().len() <= 1;
        // A copy that no state would take goes on being in force.
        let uses_copy = is_alone || self.in_force.load().source == Source::Copy;
        let read = tokio::task::spawn_blocking(move || {
            let policy = Policy::new(settings)?;
            if is_alone {
                give_copy_to_state(&policy, &folder, &state);
            }
            let facts = state.facts();
            let found = find(&policy, Some(&folder).filter(|_| uses_copy), &facts)?;
            Ok::<_, LicenseError>((policy, found, facts))
        });
        let (policy, (license, source), facts) = match read.await {
            Ok(read) => read?,
            Err(crash) if crash.is_panic() => std::panic::resume_unwind(crash.into_panic()),
            Err(_stopping) => return Ok(()),
        };
        let today = latest_day(&self.state, unix_ms_now());
        let new = InForce::new(license, source, today, &policy.rules);
        if new.license != self.in_force.load().license {
            log_change(&new);
        }
        *self.seen.lock() = facts.license.clone();
        self.policy.store(Arc::new(policy));
        self.in_force.store(Arc::new(new));
        Ok(())
    }

    /// The licence in force, for a look that ends at once: at each CONNECT.
    pub fn in_force(&self) -> Guard<Arc<InForce>> {
        self.in_force.load()
    }

    /// Sessions of the cluster, connected or kept: those of this node exactly, because each worker counts its own.
    pub fn sessions(&self) -> u64 {
        let count = |gauges: &Arc<Gauges>| gauges.sessions.load(Ordering::Relaxed);
        let here: u64 = self.gauges.iter().map(count).sum();
        here.saturating_add(self.remote_sessions.load(Ordering::Relaxed))
    }

    /// How many sessions the other nodes have, as they tell it. Asked for once a second.
    pub fn set_remote_sessions(&self, count: u64) {
        self.remote_sessions.store(count, Ordering::Relaxed);
    }

    /// What another licence would come to today.
    ///
    /// # Errors
    /// It is none that is trusted.
    pub fn preview(&self, text: &str) -> Result<InForce, ParseError> {
        let policy = self.policy.load();
        let license = Trusted::read(text, &policy.issuers)?;
        let source = Source::Operator {
            set_at_ms: unix_ms_now(),
            by: String::new(),
        };
        // Putting it in force would forget that the clock was ahead once.
        Ok(InForce::new(
            license,
            source,
            Date::of_unix(unix_ms_now() / 1000),
            &policy.rules,
        ))
    }

    /// Puts a licence in force: on disk and replicated when this returns.
    ///
    /// # Errors
    /// See [`UpdateError`].
    pub async fn update(&self, text: &str, by: String) -> Result<Updated, UpdateError> {
        Trusted::read(text, &self.policy.load().issuers)?;
        let text = normalise_bounded(text)?;
        let _changing = self.changing.lock().await;
        let now_ms = unix_ms_now();
        let command = Command::SetLicense {
            license: text.clone(),
            set_at_ms: now_ms,
            by,
        };
        match self.state.apply(command).await {
            Ok(_) => {}
            Err(error @ (ApplyError::NoMajority { .. } | ApplyError::NotAdmitted | ApplyError::InCluster { .. })) => {
                let kept = self.keep_aside(text, now_ms).await;
                return Err(UpdateError::NotDecided { error, kept });
            }
            Err(error) => return Err(UpdateError::State(error)),
        }
        self.adopt().await;
        // Another node may have been given a later one meanwhile.
        let text = self
            .state
            .facts()
            .license
            .as_ref()
            .map_or(text, |stored| stored.license.clone());
        let folder = self.folder.clone();
        let copied = tokio::task::spawn_blocking(move || folder.replace(&text, now_ms)).await;
        let copied = copied.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()));
        if let Err(error) = &copied {
            tracing::error!(tag = "LICENSE", path = %self.folder.file().display(), %error, "license_copy_not_written");
        }
        let (copy, backup) = match copied {
            Ok(backup) => (Ok(self.folder.file()), backup),
            Err(error) => (Err(error), None),
        };
        Ok(Updated {
            in_force: self.in_force.load_full(),
            copy,
            backup,
        })
    }

    /// Keeps a licence that cannot be put in force now; where.
    async fn keep_aside(&self, text: String, now_ms: u64) -> Option<PathBuf> {
        let folder = self.folder.clone();
        let kept = tokio::task::spawn_blocking(move || folder.keep_aside(&text, now_ms)).await;
        let kept = kept.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()));
        match kept {
            Ok(path) => {
                tracing::info!(tag = "LICENSE", backup = %path.display(), "license_kept_for_later");
                Some(path)
            }
            Err(error) => {
                tracing::warn!(tag = "LICENSE", %error, "license_not_kept_for_later");
                None
            }
        }
    }

    /// Reads the file anew that `license.key` names, and puts it in force.
    ///
    /// # Errors
    /// See [`UpdateError`].
    pub async fn reload(&self, by: String) -> Result<Updated, UpdateError> {
        let path = self.policy.load().settings.file().ok_or(UpdateError::NoFile)?;
        let file = path.clone();
        let read = tokio::task::spawn_blocking(move || read_bounded(&file)).await;
        let text = read
            .unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()))
            .map_err(|source| UpdateError::File { path, source })?;
        self.update(&text, by).await
    }

    /// The most sessions of each day, latest first.
    pub fn daily_marks(&self) -> Vec<(String, Mark)> {
        self.history.lock().days()
    }

    /// The most sessions of each month, latest first.
    pub fn monthly_marks(&self) -> Vec<(String, Mark)> {
        self.history.lock().months()
    }
}

/// The latest day that the node has seen: a clock set back makes no licence valid again. Putting a licence in force
/// resets it, which is the way out if the clock was far ahead once.
fn latest_day(state: &ReplicatedState, now_ms: u64) -> Date {
    Date::of_unix(now_ms.max(state.look().clock_mark_ms) / 1000)
}

fn log_change(new: &InForce) {
    let (terms, verdict) = (&new.license.terms, &new.verdict);
    tracing::info!(
        level = "notice",
        tag = "LICENSE",
        customer = terms.customer,
        license_type = terms.license_type.name(),
        max_sessions = verdict.max_sessions,
        expiry_at = %terms.expiry(),
        source = new.source.words(),
        "license_in_force"
    );
}

#[cfg(test)]
mod tests;
