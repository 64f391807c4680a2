//! The configuration in force, what another one would change, and taking it into use: `conf diff`, `conf reload`,
//! SIGHUP.
//!
//! Most parts of the node keep the settings that they were started with. [`effect_of`] is the one table of what can be
//! changed while it runs: the MQTT rules, flapping, the licence, log levels and `max_connections` at once; other keys of a
//! listener when that is started again; the rest with the daemon. [`reload`] checks everything first, so a file with
//! an error changes nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use emqx_shared::views::{ConfEffect, EventKind};
use emqxd_broker::MqttConfig;
use parking_lot::Mutex;

use crate::authn;
use crate::authz::{self, AuthzError};
use crate::config::log::LogLevel;
use crate::config::schema::{self, Effect};
use crate::config::settings::{Setting, Settings};
use crate::config::{self, Config, ConfigErrors, Loaded, Origin};
use crate::license::LicenseError;
use crate::listener::{self, ListenerError};
use crate::node::NodeShared;

/// What differs, key by key.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Dotted.
    pub key: String,
    /// In force.
    pub running: Option<Setting>,
    /// What is to be.
    pub new: Option<Setting>,
    /// What it takes.
    pub effect: ConfEffect,
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum ReloadError {
    /// The file cannot be loaded.
    Config(Box<ConfigErrors>),
    /// It asks for something that this version cannot do.
    Listener(ListenerError),
    /// It says who clients are in a way that cannot be used.
    Authn(authn::SetupError),
    /// It says who may do what in a way that cannot be used.
    Authz(AuthzError),
    /// It names a licence, or issuers, that cannot be used.
    License(LicenseError),
    /// There is no file: the daemon runs on defaults and environment.
    NoFile,
}

impl ReloadError {
    /// What is wrong, on one line.
    pub fn why(&self) -> String {
        match self {
            Self::Config(errors) => match errors.errors.first() {
                Some(first) if errors.errors.len() + errors.more > 1 => {
                    let others = errors.errors.len() + errors.more - 1;
                    format!("{}; and {others} more", first.to_string().replace('\n', ";"))
                }
                Some(first) => first.to_string().replace('\n', ";"),
                None => "it has errors".to_owned(),
            },
            Self::Listener(error) => error.to_string(),
            Self::Authn(error) => error.to_string(),
            Self::Authz(error) => error.to_string(),
            Self::License(error) => error.to_string(),
            Self::NoFile => "the daemon was started without a configuration file".to_owned(),
        }
    }

    /// What the operator can do.
    pub fn next_step(&self) -> String {
        match self {
            Self::Config(_) => "see all with `emqx-ctl conf check`".to_owned(),
            Self::Listener(error) => error
                .next_step()
                .unwrap_or_else(|| "see `emqx-ctl conf check`".to_owned()),
            Self::Authn(error) => error.next_step(),
            Self::Authz(error) => error.next_step(),
            Self::License(_) => {
                "set `license.key` to a good one; `license.issuer_keys` names who may sign it".to_owned()
            }
            Self::NoFile => "start it with `emqxd -c FILE`".to_owned(),
        }
    }
}

/// What a reload came to.
#[derive(Debug)]
pub struct Reloaded {
    /// What differs from what was in force.
    pub changes: Vec<Change>,
    /// How it went with the certificates of the listeners.
    pub certificates: Vec<crate::tls::Reloaded>,
}

/// The settings in force; written by [`reload`] alone.
#[derive(Debug)]
pub struct RunningConfig {
    settings: Mutex<Arc<Settings>>,
    /// What was taken into use last; `None` before the first reload.
    taken: Mutex<Option<Arc<Config>>>,
    /// One reload at a time.
    reloading: tokio::sync::Mutex<()>,
}

impl RunningConfig {
    /// What the node was started with.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: Mutex::new(Arc::new(settings)),
            taken: Mutex::new(None),
            reloading: tokio::sync::Mutex::default(),
        }
    }

    /// All settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.lock())
    }

    /// The configuration that was taken into use by the last reload; `None` before the first. What waits for a restart is
    /// as the file says it, not as it is.
    pub fn taken(&self) -> Option<Arc<Config>> {
        self.taken.lock().clone()
    }
}

/// What the shards follow: the `mqtt` section and what other sections say about the same.
pub fn mqtt_rules(config: &Config) -> MqttConfig {
    let shutdown = &config.force_shutdown;
    MqttConfig {
        retainer_enable: config.retainer.enable,
        stop_publish_clear_msg: config.retainer.stop_publish_clear_msg,
        max_session_bytes: shutdown.enable.then_some(shutdown.max_heap_size),
        ..config.mqtt.clone()
    }
}

/// The daemon's own file as it is now.
///
/// # Errors
/// What is wrong with it.
pub fn load_own_file(node: &NodeShared) -> Result<Loaded, ReloadError> {
    let file = node.config_file.as_deref().ok_or(ReloadError::NoFile)?;
    let loaded = config::load(Some(file), environment()).map_err(|errors| ReloadError::Config(Box::new(errors)))?;
    check_listeners(&loaded)?;
    authz::check(&loaded.config).map_err(ReloadError::Authz)?;
    Ok(loaded)
}

/// The text of another file, as if it were the daemon's own.
///
/// # Errors
/// What is wrong with it.
pub fn load_sent(node: &NodeShared, name: &str, text: &[u8]) -> Result<Loaded, ReloadError> {
    let own = node.config_file.as_deref();
    let loaded =
        config::load_text(name, text, own, environment()).map_err(|errors| ReloadError::Config(Box::new(errors)))?;
    check_listeners(&loaded)?;
    Ok(loaded)
}

fn check_listeners(loaded: &Loaded) -> Result<(), ReloadError> {
    for listener in loaded.config.listeners.iter().filter(|listener| listener.enable) {
        match listener::check_support(listener) {
            // Those are not started, with a warning.
            Ok(()) => {}
            Err(error) if error.is_no_fault() => {}
            Err(error) => return Err(ReloadError::Listener(error)),
        }
    }
    Ok(())
}

fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// What would be other than it is, by key.
pub fn changes(running: &Settings, new: &Settings) -> Vec<Change> {
    let keys: BTreeSet<&String> = running.keys().chain(new.keys()).collect();
    let differs = |key: &&String| match (running.get(*key), new.get(*key)) {
        (Some(before), Some(after)) => !before.is_same(after),
        (before, after) => before.is_some() || after.is_some(),
    };
    keys.into_iter()
        .filter(differs)
        .map(|key| Change {
            key: key.clone(),
            running: running.get(key).cloned(),
            new: new.get(key).cloned(),
            effect: effect_of(key),
        })
        .collect()
}

/// What it takes for a new value of this key to be in force.
pub fn effect_of(key: &str) -> ConfEffect {
    if !schema::find(key).is_some_and(|doc| doc.effect == Effect::Acts) {
        return ConfEffect::None;
    }
    let parts: Vec<&str> = key.split('.').collect();
    match parts[..] {
        ["mqtt", ..] | ["force_shutdown", ..] | ["flapping_detect", ..] | ["license", ..] | ["authorization", ..] => {
            ConfEffect::Live
        }
        ["log", "console", "level"] | ["log", "file", _, "level"] => ConfEffect::Live,
        ["authentication"] | ["listeners", _, _, "authentication" | "enable_authn"] => ConfEffect::Live,
        ["listeners", _, _, "max_connections"] | ["listeners", _, _, "ssl_options", ..] => ConfEffect::Live,
        ["listeners", kind, name, ..] => ConfEffect::ListenerRestart {
            listener: format!("{kind}:{name}"),
        },
        _ => ConfEffect::Restart,
    }
}

/// Reads the daemon's file anew and takes into use what can be changed while it runs. Once begun it goes on to its end,
/// also when its caller gives up: otherwise some workers would follow other rules than the others.
///
/// # Errors
/// The file is refused; nothing is changed then.
pub async fn reload(node: &Arc<NodeShared>) -> Result<Reloaded, ReloadError> {
    let reloading = tokio::spawn(reload_to_the_end(Arc::clone(node)));
    let result = reloading.await;
    result.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()))
}

async fn reload_to_the_end(node: Arc<NodeShared>) -> Result<Reloaded, ReloadError> {
    let node = &node;
    let _one_at_a_time = node.running_config.reloading.lock().await;
    let own = Arc::clone(node);
    let loaded = tokio::task::spawn_blocking(move || load_own_file(&own)).await;
    let loaded = loaded.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()))?;
    for warning in &loaded.warnings {
        tracing::warn!(%warning, "config_warning");
    }
    let changes = changes(&node.running_config.settings(), &loaded.config.settings);
    // Whether or not a key differs: the files that they name may.
    let (its_node, config) = (Arc::clone(node), loaded.config.clone());
    let sources = tokio::task::spawn_blocking(move || its_node.authz.prepare(&config)).await;
    let sources = sources.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()));
    let sources = sources.map_err(ReloadError::Authz)?;
    let chains = prepare_chains(node, &loaded.config, &changes).await?;
    if concerns(&changes, "license") {
        // First, because it alone may refuse: nothing is changed then.
        let license = loaded.config.license.clone();
        node.license.reconfigure(license).await.map_err(ReloadError::License)?;
    }
    authz::put_in_force(node, sources).await;
    if let Some(chains) = chains {
        node.authentication.replace(chains);
    }
    let certificates = apply(node, &loaded.config, &changes).await;
    remember(node, &changes);
    *node.running_config.taken.lock() = Some(Arc::new(loaded.config));
    let count = changes
        .iter()
        .filter(|change| change.effect == ConfEffect::Live)
        .count();
    tracing::info!(
        level = "notice",
        changed = changes.len(),
        applied = count,
        "config_reloaded"
    );
    let detail = format!("{} keys differ, {count} in force", changes.len());
    node.events.tell(EventKind::ConfigReloaded, "emqx.conf", detail);
    Ok(Reloaded { changes, certificates })
}

/// New chains of authenticators, if something of theirs differs: making them anew for nothing would forget key sets
/// that were fetched.
async fn prepare_chains(
    node: &NodeShared,
    config: &Config,
    changes: &[Change],
) -> Result<Option<authn::Chains>, ReloadError> {
    let is_theirs = |key: &str| {
        let parts: Vec<&str> = key.split('.').collect();
        matches!(
            parts[..],
            ["authentication"]
                | ["listeners", _, _, "authentication" | "enable_authn"]
                | ["mqtt", "peer_cert_as_username" | "peer_cert_as_clientid"]
        )
    };
    if !changes.iter().any(|change| is_theirs(&change.key)) {
        return Ok(None);
    }
    let (config, tools) = (config.clone(), node.authentication.tools().clone());
    let chains = tokio::task::spawn_blocking(move || authn::Chains::new(&config, &tools)).await;
    let chains = chains.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()));
    chains.map(Some).map_err(ReloadError::Authn)
}

/// Whether something of a section changes at once.
fn concerns(changes: &[Change], section: &str) -> bool {
    let mut live = changes.iter().filter(|change| change.effect == ConfEffect::Live);
    live.any(|change| change.key.split('.').next() == Some(section))
}

async fn apply(node: &NodeShared, config: &Config, changes: &[Change]) -> Vec<crate::tls::Reloaded> {
    let concerns = |section: &str| concerns(changes, section);
    if concerns("mqtt") || concerns("force_shutdown") {
        // What the retainer was started with stays in force, whatever the file says now.
        let rules = MqttConfig {
            retainer_enable: node.config.retainer.enable,
            stop_publish_clear_msg: node.config.retainer.stop_publish_clear_msg,
            ..mqtt_rules(config)
        };
        let rules = Arc::new(rules);
        for worker in node.workers() {
            let (rules, idle_timeout) = (Arc::clone(&rules), config.idle_timeout);
            let told = worker.run(move |worker| worker.set_rules(rules, idle_timeout));
            if told.await.is_err() {
                tracing::error!("worker_has_stopped");
            }
        }
    }
    if concerns("flapping_detect") {
        node.flapping.set_rule(&config.flapping_detect);
    }
    if concerns("log") {
        apply_log_levels(node, config, changes);
    }
    node.listeners.reconfigure(&config.listeners);
    // Whether or not a key differs: the files that they name may. What is bad is in the log, and the old stays.
    crate::tls::reload_all(node, None).await
}

fn apply_log_levels(node: &NodeShared, config: &Config, changes: &[Change]) {
    let is_changed = |key: &str| changes.iter().any(|change| change.key == key);
    let console = &config.log.console;
    let mut levels: Vec<(&str, LogLevel)> = Vec::new();
    if is_changed("log.console.level") {
        levels.push(("console", console.level));
    }
    for file in &config.log.files {
        if is_changed(&format!("log.file.{}.level", file.name)) {
            levels.push((&file.name, file.handler.level));
        }
    }
    node.borrowed_level.forget();
    for (handler, level) in levels {
        // A handler that is not there yet needs a restart, and its `enable` says so.
        if let Err(error) = node.log.set_handler_level(handler, level) {
            tracing::info!(handler, reason = %error, "log_level_not_changed");
        }
    }
    // The lowest of the handlers', as at the start: nothing they want is withheld.
    if let Some(lowest) = node.log.handlers().iter().map(|handler| handler.level).min() {
        node.log.set_primary_level(lowest);
        node.events.tell(
            EventKind::LogLevelChanged,
            "log",
            format!("{lowest}, by the configuration"),
        );
    }
}

/// What waits for a restart of the daemon stays as it was; so it goes on to show as a difference.
fn remember(node: &NodeShared, changes: &[Change]) {
    let mut settings = node.running_config.settings.lock();
    let mut next = Settings::clone(&settings);
    for change in changes.iter().filter(|change| change.effect != ConfEffect::Restart) {
        match &change.new {
            Some(new) => next.insert(change.key.clone(), new.clone()),
            None => next.remove(&change.key),
        };
    }
    *settings = Arc::new(next);
}

/// Where a value comes from, for an operator.
pub fn origin_view(origin: &Origin) -> emqx_shared::views::ConfOrigin {
    use emqx_shared::views::ConfOrigin;
    match origin {
        Origin::Default => ConfOrigin::Default,
        Origin::Env(variable) => ConfOrigin::Environment {
            variable: variable.clone(),
        },
        Origin::File { file, line } => ConfOrigin::File {
            file: file.display().to_string(),
            line: *line,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        let loaded = config::load_text("x.conf", text.as_bytes(), None, std::iter::empty()).expect("good");
        loaded.config.settings
    }

    #[test]
    fn a_difference_says_what_it_takes() {
        let running = settings("node.workers = 2");
        let new = settings(
            "node.workers = 4\nmqtt.max_inflight = 64\nlisteners.tcp.default { max_connections = 9, acceptors = 3 }\n\
             log.console.level = debug\nsysmon.os.cpu_check_interval = 10s",
        );
        let found: Vec<_> = changes(&running, &new)
            .into_iter()
            .map(|change| (change.key, change.effect))
            .collect();
        let restart = ConfEffect::ListenerRestart {
            listener: "tcp:default".to_owned(),
        };
        let expected = [
            ("listeners.tcp.default.acceptors", restart),
            ("listeners.tcp.default.max_connections", ConfEffect::Live),
            ("log.console.level", ConfEffect::Live),
            ("mqtt.max_inflight", ConfEffect::Live),
            ("node.workers", ConfEffect::Restart),
            ("sysmon", ConfEffect::None),
        ];
        assert_eq!(found, expected.map(|(key, effect)| (key.to_owned(), effect)));
        assert!(changes(&new, &new).is_empty());
    }

    #[test]
    fn the_same_value_from_another_place_is_no_difference() {
        assert!(changes(&settings(""), &settings("mqtt.max_inflight = 32")).is_empty());
    }
}
