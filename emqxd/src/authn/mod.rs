//! Who is it: the authenticators of the node and of its listeners, and how they are asked.
//!
//! A worker that has a CONNECT asks [`Authentication::chain_of`] its listener; without a chain there is nothing to do,
//! and everybody is let in. With one the worker hands the question to [`Authentication::ask`], which runs it on the
//! service threads within a bound of time and brings the answer back as a command. Nothing in here touches a session:
//! the answer goes through the shard, which makes CONNACK, counters, log and `why` of it.
//!
//! | file | what |
//! | --- | --- |
//! | `authenticator.rs` | what an authenticator is: the trait that all back ends fit into |
//! | `chain.rs` | several of them in turn |
//! | `accounts.rs` | how accounts are made: by operators, from bootstrap files and imports |
//! | `database.rs` | accounts in the node's own store, by password |
//! | `scram.rs` | the same, by SCRAM |
//! | `jwt.rs`, `jwks.rs` | tokens, and the keys that sign them |
//! | `http.rs` | a server of the operator's |
//! | `certificate.rs` | user name or client id from the client's certificate |
//! | `hash_pool.rs` | threads for password hashes |

mod accounts;
mod authenticator;
mod certificate;
mod chain;
mod database;
mod hash_pool;
mod http;
mod jwks;
mod jwt;
mod scram;

use std::borrow::Cow;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytestring::ByteString;
use emqxd_broker::Time;
use mqtt_codec::Connect;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

#[cfg(test)]
pub use self::accounts::AccountKind;
pub use self::accounts::{Accounts, mechanism};
pub use self::authenticator::Credentials;
use self::certificate::name_of_certificate;
pub use self::chain::{Chain, Member, Outcome, Talk};
pub use self::hash_pool::HashPool;
use crate::clock::{Clock, unix_ms_now};
use crate::config::Config;
use crate::config::authn::{AuthenticatorConfig, AuthnBackend, EnableAuthn, PeerCertAs};
use crate::http_client::HttpClientError;
use crate::negotiate::Origin;
use crate::state::{GLOBAL_GROUP, ReplicatedState};
use crate::worker::{Command, Worker, WorkerHandle};

/// What templates of authenticators may hold.
pub const PLACEHOLDERS: &[&str] = &[
    "clientid",
    "username",
    "password",
    "peerhost",
    "peerport",
    "peername",
    "cert_common_name",
    "cert_subject",
    "listener",
    "zone",
];

/// Clients that are asked who they are at the same time. Each holds its CONNECT, at most 64 KiB.
const IN_PROGRESS_MAX: usize = 10_000;

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

/// The chains in force and what asks them.
pub struct Authentication {
    chains: ArcSwap<Chains>,
    in_progress: Arc<Semaphore>,
    /// How often there was no room to ask.
    refused: AtomicU64,
    tools: Tools,
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
    peer_cert_as_username: Option<PeerCertAs>,
    peer_cert_as_clientid: Option<PeerCertAs>,
    configured: Vec<Configured>,
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

    fn of(&self, listener: &str) -> Asked {
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

impl Authentication {
    /// With the chains of a configuration.
    ///
    /// # Errors
    /// See [`Chains::new`].
    pub fn start(config: &Config, tools: Tools) -> Result<Self, SetupError> {
        let chains = Chains::new(config, &tools)?;
        Ok(Self {
            chains: ArcSwap::from_pointee(chains),
            in_progress: Arc::new(Semaphore::new(IN_PROGRESS_MAX)),
            refused: AtomicU64::new(0),
            tools,
        })
    }

    /// What authenticators are made with; for who makes others of them.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Takes other chains into use; who is being asked is judged by the old ones.
    pub fn replace(&self, chains: Chains) {
        self.chains.store(Arc::new(chains));
    }

    /// All authenticators as they are configured: the node's, then those of listeners, in the order of their chains.
    pub fn configured(&self) -> Vec<Configured> {
        self.chains.load().configured.clone()
    }

    /// What is asked of those who connect to a listener.
    pub fn chain_of(&self, listener: &str) -> Asked {
        self.chains.load().of(listener)
    }

    /// Puts the names of the certificate in the place of CONNECT's, as configured.
    pub(crate) fn take_names_of_certificate(&self, origin: &Origin, connect: &mut Connect) {
        let chains = self.chains.load();
        let name = |what: Option<PeerCertAs>| {
            let name = name_of_certificate(what?, origin.tls.as_deref(), origin.certificate.as_deref());
            name.map(ByteString::from)
        };
        if let Some(username) = name(chains.peer_cert_as_username) {
            connect.username = Some(username);
        }
        if let Some(client_id) = name(chains.peer_cert_as_clientid) {
            connect.client_id = client_id;
        }
    }

    /// Whether a client id is the certificate's.
    pub(crate) fn is_client_id_of_certificate(&self, origin: Option<&Origin>, client_id: &str) -> bool {
        let Some(origin) = origin else { return false };
        let what = self.chains.load().peer_cert_as_clientid;
        let name = |what| name_of_certificate(what, origin.tls.as_deref(), origin.certificate.as_deref());
        what.and_then(name).as_deref() == Some(client_id)
    }

    /// Who vouches for a user name that nobody was asked about: the certificate, if it is its.
    pub(crate) fn vouched_by_certificate(&self, origin: Option<&Origin>, username: Option<&str>) -> Option<Arc<str>> {
        let what = self.chains.load().peer_cert_as_username?;
        let origin = origin?;
        let name = name_of_certificate(what, origin.tls.as_deref(), origin.certificate.as_deref())?;
        (username == Some(&*name)).then(|| Arc::from("peer_cert_as_username"))
    }

    /// Finds out with `question`, on the service threads; `then` runs on the worker with the answer. After `limit`
    /// nobody waits any more: then there is no answer, and the worker knows by its own timer.
    ///
    /// # Errors
    /// Too many are being asked: counted.
    pub fn ask(
        &self,
        worker: WorkerHandle,
        limit: Duration,
        question: impl Future<Output = Outcome> + Send + 'static,
        then: impl FnOnce(&Worker, Outcome) + Send + 'static,
    ) -> Result<(), TooMany> {
        let Ok(place) = Arc::clone(&self.in_progress).try_acquire_owned() else {
            let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(tag = "AUTHN", refused, reason = %TooMany, "authentication_overloaded");
            return Err(TooMany);
        };
        self.tools.services.spawn(async move {
            if let Ok(outcome) = tokio::time::timeout(limit, question).await {
                let job = Box::new(move |worker: &Worker| then(worker, outcome));
                let _worker_may_have_stopped = worker.commands.send(Command::Run(job)).await;
            }
            drop(place);
        });
        Ok(())
    }
}

/// No room to ask another client who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{IN_PROGRESS_MAX} clients are being authenticated already")]
pub struct TooMany;

impl Credentials {
    /// The value of one of [`PLACEHOLDERS`]; `None` if it is not known.
    pub fn value(&self, name: &'static str) -> Option<Cow<'_, str>> {
        Some(match name {
            "clientid" => Cow::Borrowed(&*self.client_id),
            "username" => Cow::Borrowed(self.username.as_deref()?),
            "password" => String::from_utf8_lossy(self.password.as_deref()?),
            "peerhost" => Cow::Owned(self.peer.address.ip().to_string()),
            "peerport" => Cow::Owned(self.peer.address.port().to_string()),
            "peername" => Cow::Owned(self.peer.address.to_string()),
            "cert_common_name" => Cow::Borrowed(self.peer.common_name()?),
            "cert_subject" => Cow::Borrowed(self.peer.subject()?),
            "listener" => Cow::Borrowed(&*self.peer.listener),
            "zone" => Cow::Borrowed(&*self.zone),
            _ => return None,
        })
    }
}

/// A moment in Unix seconds on the clock of the rules; what is past is now.
fn moment_of(unix_s: i64, clock: &Clock) -> Time {
    let unix_ms = u64::try_from(unix_s).unwrap_or(0).saturating_mul(1000);
    clock
        .now()
        .after(Duration::from_millis(unix_ms.saturating_sub(unix_ms_now())))
}
