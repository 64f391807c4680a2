//! Looks for other nodes of the cluster again and again, by `cluster.discovery_strategy`.
//!
//! [`Discovery::seeds`] has the addresses of link ports that were found last; admission takes them from there. A node
//! that leaves its cluster stops looking, or it would be back at once: `cluster discovery enable` or a restart begins
//! anew.

use std::sync::Arc;
use std::time::Duration;

use emqxd_discovery::settings::{Kind, Settings};
use emqxd_discovery::{DiscoveryError, Finder, Found, Own};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::Config;

/// Between two questions when all is known; the first ones come faster, so that a cluster forms quickly.
const INTERVAL: Duration = Duration::from_secs(5);
/// What is added to the time between two questions each time, until it is [`INTERVAL`].
const INTERVAL_STEP: Duration = Duration::from_secs(1);
/// The longest time between two questions while they fail.
const BACKOFF_MAX: Duration = Duration::from_secs(20);
/// What a question may take in all; each of its steps is bounded, too.
const ROUND_MAX: Duration = Duration::from_secs(15);
/// What telling that this node is gone may take.
const WITHDRAW_MAX: Duration = Duration::from_secs(2);

/// Looks for other nodes.
pub struct Discovery {
    settings: Settings,
    own: Own,
    seeds: watch::Sender<Vec<String>>,
    is_enabled: watch::Sender<bool>,
    failure: Mutex<Option<DiscoveryError>>,
}

/// What an operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryStatus {
    /// `cluster.discovery_strategy`
    pub strategy: Kind,
    /// Whether it looks.
    pub is_enabled: bool,
    /// What was found last, sorted: `10.0.0.2:4370`.
    pub seeds: Vec<String>,
    /// Why nothing was found the last time; `None` if that went well.
    pub failure: Option<DiscoveryError>,
}

impl Discovery {
    /// By the configuration. Asks nobody before [`Self::run`].
    pub fn new(config: &Config) -> Arc<Self> {
        let settings = config.cluster.discovery.clone();
        let is_automatic = settings.kind.is_automatic();
        Arc::new(Self {
            settings,
            own: Own {
                cluster: config.cluster.name.clone(),
                node: config.node.name.clone(),
                cookie: config.node.cookie.clone(),
            },
            seeds: watch::Sender::new(Vec::new()),
            is_enabled: watch::Sender::new(is_automatic),
            failure: Mutex::new(None),
        })
    }

    /// Addresses (`host:port`) of the link ports of other nodes, as found last; empty while it does not look.
    pub fn seeds(&self) -> watch::Receiver<Vec<String>> {
        self.seeds.subscribe()
    }

    /// Whether nodes find each other without an operator.
    pub fn is_automatic(&self) -> bool {
        self.settings.kind.is_automatic()
    }

    /// Whether it looks.
    pub fn is_enabled(&self) -> bool {
        *self.is_enabled.borrow()
    }

    /// Begins to look again; `false` if the strategy is one that never looks.
    pub fn enable(&self) -> bool {
        self.set(true)
    }

    /// Stops looking, and lets others find this node no more; `false` if the strategy is one that never looks.
    pub fn disable(&self) -> bool {
        self.set(false)
    }

    fn set(&self, on: bool) -> bool {
        if !self.is_automatic() {
            return false;
        }
        let has_changed = self
            .is_enabled
            .send_if_modified(|enabled| std::mem::replace(enabled, on) != on);
        if has_changed {
            tracing::info!(
                strategy = self.settings.kind.as_str(),
                enabled = on,
                "discovery_switched"
            );
        }
        true
    }

    /// What an operator is told.
    pub fn status(&self) -> DiscoveryStatus {
        DiscoveryStatus {
            strategy: self.settings.kind,
            is_enabled: self.is_enabled(),
            seeds: self.seeds.borrow().clone(),
            failure: self.failure.lock().clone(),
        }
    }

    /// Looks until `stop` says so; tells then that this node is gone.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut enabled = self.is_enabled.subscribe();
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => return,
                _ = enabled.wait_for(|enabled| *enabled) => {}
            }
            let mut finder = match Finder::new(&self.settings, self.own.clone()) {
                Ok(Some(finder)) => finder,
                Ok(None) => return,
                Err(error) => {
                    self.failed(error);
                    tokio::select! {
                        _ = stop.wait_for(|stopped| *stopped) => return,
                        () = tokio::time::sleep(BACKOFF_MAX) => continue,
                    }
                }
            };
            tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => {}
                _ = enabled.wait_for(|enabled| !*enabled) => {}
                () = self.look(&mut finder) => {}
            }
            self.withdraw(&mut finder).await;
            self.seeds.send_if_modified(|seeds| !std::mem::take(seeds).is_empty());
        }
    }

    /// Never ends by itself.
    async fn look(&self, finder: &mut Finder) {
        let mut wait = Duration::ZERO;
        loop {
            let asked = async {
                finder.announce().await?;
                finder.find().await
            };
            match tokio::time::timeout(ROUND_MAX, asked).await {
                Ok(Ok(found)) => {
                    self.found(found);
                    wait = (wait + INTERVAL_STEP).min(INTERVAL);
                }
                Ok(Err(error)) => {
                    self.failed(error);
                    wait = (wait * 2).clamp(INTERVAL_STEP, BACKOFF_MAX);
                }
                Err(_elapsed) => {
                    self.failed(DiscoveryError {
                        asked: format!("cluster.discovery_strategy = {}", self.settings.kind.as_str()),
                        came: format!("no answer in {} s", ROUND_MAX.as_secs()),
                        next: "see whether what it asks can be reached from this machine".to_owned(),
                    });
                    wait = BACKOFF_MAX;
                }
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn found(&self, found: Found) {
        let strategy = self.settings.kind.as_str();
        if self.failure.lock().take().is_some() {
            tracing::info!(level = "notice", strategy, "discovery_works_again");
        }
        let addresses: Vec<String> = found.seeds.into_iter().map(|seed| seed.address).collect();
        self.seeds.send_if_modified(|seeds| {
            let has_changed = *seeds != addresses;
            if has_changed {
                tracing::info!(strategy, seeds = ?addresses, left_out = found.left_out, "discovery_found");
                *seeds = addresses;
            }
            has_changed
        });
    }

    /// What was found before stays: nodes that were there are there more likely than not.
    fn failed(&self, error: DiscoveryError) {
        let mut failure = self.failure.lock();
        if failure.as_ref() != Some(&error) {
            let strategy = self.settings.kind.as_str();
            tracing::warn!(strategy, asked = %error.asked, reason = %error.came, next = %error.next, "discovery_failed");
        }
        *failure = Some(error);
    }

    async fn withdraw(&self, finder: &mut Finder) {
        let strategy = self.settings.kind.as_str();
        match tokio::time::timeout(WITHDRAW_MAX, finder.withdraw()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(strategy, asked = %error.asked, reason = %error.came, "discovery_not_withdrawn")
            }
            Err(_elapsed) => tracing::warn!(strategy, reason = "no answer in time", "discovery_not_withdrawn"),
        }
    }
}
