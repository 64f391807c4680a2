//! The chains of a configuration, made whole or not at all, and which of them a listener asks.
//!
//! [`Chains::new`] is called at the start and for each reload, never on a worker: it reads files and may write users of a
//! bootstrap file to the store. [`super::Authentication`] keeps the ones in force.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::chain::{Chain, Member};
use super::hash_pool::HashPool;
use super::{database, http, jwt, scram};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::authn::{AuthenticatorConfig, AuthnBackend, EnableAuthn, PeerCertAs};
use crate::http_client::HttpClientError;
use crate::state::{GLOBAL_GROUP, ReplicatedState};

/// The chains of a configuration, whole.
#[derive(Default)]
pub struct Chains {
    global: Arc<Chain>,
    /// Of those listeners that do not follow the global one.
    by_listener: HashMap<String, OfListener>,
    /// Nobody is asked anywhere, and everybody may come in.
    is_open: bool,
    /// `node.allow_anonymous`: whether those come in who are not asked.
    allow_anonymous: bool,
    pub(super) peer_cert_as_username: Option<PeerCertAs>,
    pub(super) peer_cert_as_clientid: Option<PeerCertAs>,
    pub(super) configured: Vec<Configured>,
}

/// An authenticator as it is configured.
#[derive(Debug, Clone)]
pub struct Configured {
    /// Whose chain; `None` for the node's.
    pub listener: Option<String>,
    /// The rest.
    pub config: AuthenticatorConfig,
}

impl Configured {
    /// The chain, as accounts name it.
    pub fn group(&self) -> &str {
        self.listener.as_deref().unwrap_or(GLOBAL_GROUP)
    }
}

struct OfListener {
    enable: EnableAuthn,
    /// Its own, if it has one.
    chain: Option<Arc<Chain>>,
}

/// What a listener asks of those who connect to it.
pub enum Asked {
    /// Nothing.
    Nobody,
    /// Who they are.
    Everybody(Arc<Chain>),
    /// Who they are; whoever gives no user name is refused at once.
    NoAnonymous(Arc<Chain>),
    /// Nothing, and only those come in for whom a certificate vouches: `node.allow_anonymous = false`.
    CertificateOnly,
}

impl Chains {
    /// Makes the authenticators of a configuration. Reads files; may fetch documents from now on.
    ///
    /// # Errors
    /// The first that cannot be made.
    pub fn new(config: &Config, tools: &Tools) -> Result<Self, SetupError> {
        let global = Arc::new(chain(&config.authentication, "authentication", GLOBAL_GROUP, tools)?);
        let mut by_listener = HashMap::new();
        for listener in &config.listeners {
            let own = !listener.authentication.is_empty();
            if !own && listener.enable_authn == EnableAuthn::Yes {
                continue;
            }
            let place = format!("listeners.{}.{}.authentication", listener.kind, listener.name);
            let chain = match own {
                true => Some(Arc::new(chain(&listener.authentication, &place, &listener.id, tools)?)),
                false => None,
            };
            let enable = listener.enable_authn;
            by_listener.insert(listener.id.clone(), OfListener { enable, chain });
        }
        let asks = |of: &OfListener| of.chain.as_ref().is_some_and(|chain| !chain.is_empty());
        let allow_anonymous = config.node.allow_anonymous;
        let is_open = allow_anonymous && global.is_empty() && !by_listener.values().any(asks);
        Ok(Self {
            global,
            by_listener,
            is_open,
            allow_anonymous,
            peer_cert_as_username: config.peer_cert_as_username,
            peer_cert_as_clientid: config.peer_cert_as_clientid,
            configured: configured(config),
        })
    }

    /// What is asked of those who connect to a listener.
    pub(super) fn of(&self, listener: &str) -> Asked {
        if self.is_open {
            return Asked::Nobody;
        }
        let of_listener = self.by_listener.get(listener);
        let chain = of_listener.and_then(|of| of.chain.as_ref()).unwrap_or(&self.global);
        match of_listener.map_or(EnableAuthn::Yes, |of| of.enable) {
            EnableAuthn::Yes | EnableAuthn::QuickDenyAnonymous if chain.is_empty() && !self.allow_anonymous => {
                Asked::CertificateOnly
            }
            _ if chain.is_empty() => Asked::Nobody,
            EnableAuthn::Yes => Asked::Everybody(Arc::clone(chain)),
            EnableAuthn::No => Asked::Nobody,
            EnableAuthn::QuickDenyAnonymous => Asked::NoAnonymous(Arc::clone(chain)),
        }
    }
}

fn configured(config: &Config) -> Vec<Configured> {
    let of = |listener: Option<&str>, chain: &[AuthenticatorConfig]| -> Vec<Configured> {
        let entry = |config: &AuthenticatorConfig| Configured {
            listener: listener.map(str::to_owned),
            config: config.clone(),
        };
        chain.iter().map(entry).collect()
    };
    let mut all = of(None, &config.authentication);
    for listener in &config.listeners {
        all.extend(of(Some(&listener.id), &listener.authentication));
    }
    all
}

fn chain(configs: &[AuthenticatorConfig], place: &str, group: &str, tools: &Tools) -> Result<Chain, SetupError> {
    let members = configs.iter().filter(|config| config.enable).map(|config| {
        member(&config.backend, group, tools).map_err(|why| SetupError {
            place: place.to_owned(),
            id: config.id(),
            why,
        })
    });
    members.collect::<Result<_, _>>().map(Chain::new)
}

fn member(backend: &AuthnBackend, group: &str, tools: &Tools) -> Result<Member, Why> {
    let Tools {
        services,
        pool,
        clock,
        state,
    } = tools.clone();
    // Clients of HTTP and timers belong to the runtime that they are made in.
    let _entered = services.enter();
    Ok(match backend {
        AuthnBackend::BuiltInDatabase(settings) => {
            let database = database::DatabaseAuthenticator::new(settings, group.to_owned(), state, pool)?;
            Member::Plain(Arc::new(database))
        }
        AuthnBackend::Http(settings) => Member::Plain(Arc::new(http::HttpAuthenticator::new(settings, clock)?)),
        AuthnBackend::Jwt(settings) => Member::Plain(Arc::new(jwt::JwtAuthenticator::new(settings, clock, &services)?)),
        AuthnBackend::Scram(settings) => {
            let scram = scram::ScramAuthenticator::new(settings, group.to_owned(), state, pool)?;
            Member::Enhanced(Arc::new(scram))
        }
    })
}

/// What authenticators are made with.
#[derive(Clone)]
pub struct Tools {
    /// Where they run.
    pub services: Handle,
    /// Where they hash.
    pub pool: HashPool,
    /// The clock of all rules.
    pub clock: Clock,
    /// Where accounts are.
    pub state: ReplicatedState,
}

/// Why clients cannot be asked as configured: nothing is started or changed then.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {id}: {why}")]
pub struct SetupError {
    /// `authentication`, or that of a listener.
    place: String,
    id: &'static str,
    why: Why,
}

impl SetupError {
    /// What the operator can do.
    pub fn next_step(&self) -> String {
        format!(
            "put that right, or take the authenticator out of `{}`: then those that remain decide, and with none left \
             everybody is let in",
            self.place
        )
    }
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Http(#[from] HttpClientError),
    #[error(transparent)]
    Jwt(#[from] jwt::JwtSetupError),
    #[error(transparent)]
    Scram(#[from] scram::ScramSetupError),
    #[error(transparent)]
    Database(#[from] database::SetupError),
}
