//! Authorisation: who may publish and subscribe to what (`authorization` of the configuration).
//!
//! [`Authz`] holds the sources in force. It makes them when the node starts and again on every reload, whole or not at
//! all, and hands them to the workers; the broker asks there, on the way of each packet (`emqxd_broker::Authorizer`).
//!
//! | file | what |
//! | --- | --- |
//! | `node_authorizer.rs` | the sources in their order, as the broker asks them |
//! | `file.rs` | rules of `acl.conf` |
//! | `exposure.rs` | who else may change that file |
//! | `database.rs` | rules of the node's own store |
//! | `http.rs` | a server that is asked |
//! | `ask.rs` | carries questions that cannot be answered on a worker |
//! | `watch.rs` | hands changed rules of the store to the workers |
//! | `recheck.rs` | after a change of rules, asks about what clients have subscribed to |

mod ask;
mod attributes;
mod database;
mod exposure;
mod file;
mod http;
mod node_authorizer;
mod recheck;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use emqx_acl::{Permission, SecurityProfile};
use emqxd_broker::{Authorization, AuthorizationSettings};
use tokio::sync::watch as watched;

pub use self::ask::answer;
pub use self::attributes::rules_from_json;
use self::file::RulesPlace;
pub use self::file::{FileSource, RulesError};
use self::http::HttpSource;
pub use self::http::PLACEHOLDERS;
pub use self::node_authorizer::{NodeAuthorizer, Openness, Source};
use crate::config::Config;
use crate::config::authorization::{AuthorizationConfig, SourceConfig};
use crate::http_client::HttpClientError;
use crate::node::NodeShared;
use crate::state::ReplicatedState;

/// A packet waits so much longer than the servers it is about have time to answer; then it is refused.
const PATIENCE_BEYOND: Duration = Duration::from_secs(5);
/// No packet waits longer, whatever the servers' time is.
const PATIENCE_MAX: Duration = Duration::from_secs(300);

/// Why the sources cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthzError {
    /// Rules that are none.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// A server that cannot be asked.
    #[error("authorization.sources: the source of type http: {0}")]
    Http(#[from] HttpClientError),
}

impl AuthzError {
    /// What the operator can do.
    pub fn next_step(&self) -> String {
        match self {
            Self::Rules(error) => error.next_step(),
            Self::Http(_) => {
                "correct the source in `authorization.sources`, or switch it off: `enable = false`".to_owned()
            }
        }
    }
}

/// The sources in force, and how they are applied. A copy of it is as good as the original.
#[derive(Clone)]
pub struct InForce {
    /// The sources.
    pub authorizer: Arc<NodeAuthorizer>,
    /// How they are applied.
    pub settings: Arc<AuthorizationSettings>,
    /// What they were made of.
    config: AuthorizationConfig,
    profile: SecurityProfile,
}

/// The authorisation of a node.
pub struct Authz {
    in_force: ArcSwap<InForce>,
    state: ReplicatedState,
    /// Held while sources are put in force: all workers get the same, the last ones.
    changing: tokio::sync::Mutex<()>,
    /// Told when all workers have other rules.
    to_recheck: tokio::sync::Notify,
}

impl Authz {
    /// Makes the sources of a configuration.
    ///
    /// # Errors
    /// See [`AuthzError`].
    pub fn open(config: &Config, state: ReplicatedState) -> Result<Self, AuthzError> {
        let in_force = make(config.authorization.clone(), profile_of(config), &state)?;
        in_force.tell_of_files();
        Ok(Self {
            in_force: ArcSwap::from_pointee(in_force),
            state,
            changing: tokio::sync::Mutex::default(),
            to_recheck: tokio::sync::Notify::default(),
        })
    }

    /// The sources in force.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.load_full()
    }

    /// What a worker starts with.
    pub fn authorization(&self) -> Authorization {
        self.in_force().authorization()
    }

    /// Makes the sources of a new configuration, reading all files anew; nothing changes yet.
    ///
    /// # Errors
    /// See [`AuthzError`].
    pub fn prepare(&self, config: &Config) -> Result<InForce, AuthzError> {
        let sources = make(config.authorization.clone(), profile_of(config), &self.state)?;
        sources.check_none_is_gone(&self.in_force())?;
        Ok(sources)
    }
}

/// What goes on in the background until the node stops.
pub async fn run(node: Arc<NodeShared>, stop: watched::Receiver<bool>) {
    tokio::join!(watch::run(Arc::clone(&node), stop.clone()), recheck::run(node, stop));
}

impl InForce {
    /// Whether these sources are made of the same settings, and their files hold the same rules.
    pub fn has_same_rules(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.files(), other.files());
        self.config == other.config
            && ours.len() == theirs.len()
            && ours
                .iter()
                .zip(theirs)
                .all(|(ours, theirs)| ours.place() == theirs.place() && ours.rules().eq(theirs.rules()))
    }

    /// How many rules of which files.
    pub fn in_words(&self) -> String {
        let words = |file: &&FileSource| format!("{} rules of {}", file.len(), file.place());
        self.files().iter().map(words).collect::<Vec<_>>().join(", ")
    }

    fn files(&self) -> Vec<&FileSource> {
        let sources = self.authorizer.sources().iter();
        let files = sources.filter_map(|source| match source {
            Source::File(file) => Some(file),
            Source::Database | Source::Http(_) => None,
        });
        files.collect()
    }

    /// The rules that are built in stand in for a file that never was, not for one that has been moved away: they allow
    /// what it may have forbidden.
    fn check_none_is_gone(&self, before: &Self) -> Result<(), RulesError> {
        let is_built_in = |source: &&FileSource| *source.place() == RulesPlace::BuiltIn;
        if !self.files().iter().any(is_built_in) {
            return Ok(());
        }
        let gone = before.files().into_iter().find_map(|source| match source.place() {
            RulesPlace::File(path) if !path.exists() => Some(path.clone()),
            _ => None,
        });
        gone.map_or(Ok(()), |path| Err(RulesError::Gone { path }))
    }

    /// Says in the log what was read, and what is wrong with it.
    fn tell_of_files(&self) {
        for source in self.files() {
            tracing::info!(place = %source.place(), rules = source.len(), "authz_rules_loaded");
            if source.len() == 0 {
                warn_of_none(source, self.authorizer.no_match());
            }
            if let Some(exposure) = source.exposure() {
                tracing::warn!(
                    place = %source.place(),
                    mode = %exposure.mode,
                    why = exposure.why(),
                    next = %exposure.remedy(),
                    "authz_rules_open_to_others"
                );
            }
        }
    }

    fn authorization(&self) -> Authorization {
        Authorization {
            authorizer: Arc::clone(&self.authorizer) as _,
            settings: Arc::clone(&self.settings),
        }
    }
}

/// Whether the sources of a configuration could be made, as far as that shows without a node.
///
/// # Errors
/// See [`AuthzError`].
pub fn check(config: &Config) -> Result<(), AuthzError> {
    for source in &config.authorization.sources {
        match source {
            SourceConfig::File(rules) => drop(FileSource::load(rules, profile_of(config))?),
            SourceConfig::Http(settings) => drop(HttpSource::new(settings)?),
            SourceConfig::BuiltInDatabase => {}
        }
    }
    Ok(())
}

/// Puts sources in force on all workers. What was decided by those before is forgotten.
pub async fn put_in_force(node: &NodeShared, sources: InForce) {
    let _one_at_a_time = node.authz.changing.lock().await;
    sources.tell_of_files();
    tell_workers(node, sources).await;
}

/// Reads the files of the sources in force anew.
///
/// # Errors
/// See [`AuthzError`]; nothing has changed then.
pub async fn reload(node: &NodeShared) -> Result<Arc<InForce>, AuthzError> {
    let _one_at_a_time = node.authz.changing.lock().await;
    let (in_force, state) = (node.authz.in_force(), node.authz.state.clone());
    let making = tokio::task::spawn_blocking(move || {
        let sources = make(in_force.config.clone(), in_force.profile, &state)?;
        sources.check_none_is_gone(&in_force)?;
        Ok::<_, AuthzError>(sources)
    });
    let sources = making
        .await
        .unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()))?;
    sources.tell_of_files();
    tell_workers(node, sources).await;
    Ok(node.authz.in_force())
}

/// Tells the workers that rules of the store are others.
pub async fn rules_changed(node: &NodeShared) {
    let _one_at_a_time = node.authz.changing.lock().await;
    let in_force = node.authz.in_force();
    tell_workers(node, (*in_force).clone()).await;
}

async fn tell_workers(node: &NodeShared, sources: InForce) {
    let authorization = sources.authorization();
    node.authz.in_force.store(Arc::new(sources));
    for worker in node.workers() {
        let authorization = authorization.clone();
        let told = worker.run(move |worker| worker.shard.set_authorization(authorization));
        if told.await.is_err() {
            // Its clients are gone; those of the others are not.
            tracing::error!("worker_has_stopped");
        }
    }
    node.authz.to_recheck.notify_one();
}

fn make(config: AuthorizationConfig, profile: SecurityProfile, state: &ReplicatedState) -> Result<InForce, AuthzError> {
    let mut sources = Vec::new();
    for source in &config.sources {
        sources.push(match source {
            SourceConfig::File(rules) => Source::File(FileSource::load(rules, profile)?),
            SourceConfig::BuiltInDatabase => Source::Database,
            SourceConfig::Http(settings) => Source::Http(Arc::new(HttpSource::new(settings)?)),
        });
    }
    let authorizer = NodeAuthorizer::new(sources, config.no_match, state.clone());
    let time: Duration = authorizer
        .http_sources()
        .map(|source| source.settings().request_timeout)
        .sum();
    let settings = AuthorizationSettings {
        deny_action: config.deny_action,
        cache: config.cache.clone(),
        patience: (time + PATIENCE_BEYOND).min(PATIENCE_MAX),
    };
    Ok(InForce {
        authorizer: Arc::new(authorizer),
        settings: Arc::new(settings),
        config,
        profile,
    })
}

fn profile_of(config: &Config) -> SecurityProfile {
    match config.node.security_profile {
        crate::security_profile::SecurityProfile::Legacy => SecurityProfile::Legacy,
        crate::security_profile::SecurityProfile::Hardened => SecurityProfile::Hardened,
    }
}

/// A file without rules is more often an accident than meant.
fn warn_of_none(source: &FileSource, no_match: Permission) {
    let why = match no_match {
        Permission::Allow => "it holds no rule, and authorization.no_match = allow: every client may use every topic",
        Permission::Deny => "it holds no rule, and authorization.no_match = deny: no client may use any topic",
    };
    tracing::warn!(
        place = %source.place(),
        why,
        next = "write rules into it, or set authorization.no_match; then: emqx-ctl authz reload",
        "authz_no_rules"
    );
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::load_text;

    #[test]
    fn a_file_that_was_there_is_not_replaced_by_built_in_rules_on_a_reload() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acl.conf");
        fs::write(&path, "{deny, all}.").unwrap();
        let loaded = load_text("x.conf", b"", None, std::iter::empty()).expect("good");
        let mut config = loaded.config;
        config.authorization = AuthorizationConfig::with_default_file(path.clone());
        let state = ReplicatedState::open(folder.path(), "emqx@127.0.0.1").unwrap();
        let authz = Authz::open(&config, state.clone()).unwrap();
        fs::remove_file(&path).unwrap();
        let error = authz.prepare(&config).err().expect("it is gone");
        assert!(error.to_string().contains("acl.conf is gone"), "{error}");
        assert!(error.next_step().contains("put"), "{}", error.next_step());
        fs::write(&path, "{allow, all}.").unwrap();
        assert!(authz.prepare(&config).is_ok());
        fs::remove_file(&path).unwrap();
        let never_there = Authz::open(&config, state).unwrap();
        assert!(never_there.prepare(&config).is_ok());
    }
}
