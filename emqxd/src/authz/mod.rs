//! Authorisation: who may publish and subscribe to what (`authorization` of the configuration).
//!
//! [`Authz`] holds the sources in force. It makes them when the node starts and again on every reload, whole or not at
//! all, and hands them to the workers; the broker asks there, on the way of each packet (`emqxd_broker::Authorizer`).
//!
//! | file | what |
//! | --- | --- |
//! | `node_authorizer.rs` | the sources in their order, as the broker asks them |
//! | `file.rs` | rules of `acl.conf` |
//! | `database.rs` | rules of the node's own store |
//! | `http.rs` | a server that is asked |
//! | `ask.rs` | carries questions that cannot be answered on a worker |
//! | `watch.rs` | hands changed rules of the store to the workers |

mod ask;
mod attributes;
mod database;
mod file;
mod http;
mod node_authorizer;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use emqx_acl::SecurityProfile;
use emqxd_broker::{Authorization, AuthorizationSettings};

pub use self::ask::answer;
pub use self::attributes::rules_from_json;
pub use self::file::{FileSource, RulesError};
use self::http::HttpSource;
pub use self::http::PLACEHOLDERS;
pub use self::node_authorizer::{NodeAuthorizer, Openness, Source};
pub use self::watch::run;
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
}

impl Authz {
    /// Makes the sources of a configuration.
    ///
    /// # Errors
    /// See [`AuthzError`].
    pub fn open(config: &Config, state: ReplicatedState) -> Result<Self, AuthzError> {
        let in_force = make(config.authorization.clone(), profile_of(config), &state)?;
        for source in in_force.authorizer.sources() {
            if let Source::File(rules) = source {
                tracing::info!(place = %rules.place(), rules = rules.len(), "authz_rules_loaded");
                warn_of_none(rules);
            }
        }
        Ok(Self {
            in_force: ArcSwap::from_pointee(in_force),
            state,
            changing: tokio::sync::Mutex::default(),
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
        make(config.authorization.clone(), profile_of(config), &self.state)
    }
}

impl InForce {
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
    tell_workers(node, sources).await;
}

/// Reads the files of the sources in force anew.
///
/// # Errors
/// See [`AuthzError`]; nothing has changed then.
pub async fn reload(node: &NodeShared) -> Result<Arc<InForce>, AuthzError> {
    let _one_at_a_time = node.authz.changing.lock().await;
    let (in_force, state) = (node.authz.in_force(), node.authz.state.clone());
    let making = tokio::task::spawn_blocking(move || make(in_force.config.clone(), in_force.profile, &state)).await;
    let sources = making.unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()))?;
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
            tracing::error!("worker_has_stopped");
            return;
        }
    }
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
fn warn_of_none(rules: &FileSource) {
    if rules.len() == 0 {
        tracing::warn!(
            place = %rules.place(),
            why = "authorization.no_match decides about every topic",
            "authz_no_rules"
        );
    }
}
