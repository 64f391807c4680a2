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
//! | `credentials.rs` | what they are asked about |
//! | `chain.rs` | several of them in turn |
//! | `chains.rs` | all chains of a configuration, and which one a listener asks |
//! | `places.rs` | how many clients are asked at a time |
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
mod chains;
mod credentials;
mod database;
mod hash_pool;
mod http;
mod jwks;
mod jwt;
mod places;
mod scram;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytestring::ByteString;
use emqxd_broker::Time;
use mqtt_codec::Connect;

#[cfg(test)]
pub use self::accounts::AccountKind;
pub use self::accounts::{Accounts, mechanism};
use self::certificate::name_of_certificate;
pub use self::chain::{Outcome, Talk};
pub use self::chains::{Asked, Chains, Configured, SetupError, Tools};
pub use self::credentials::{Credentials, PLACEHOLDERS};
pub use self::hash_pool::HashPool;
use self::places::{Places, TooMany};
use crate::clock::{Clock, unix_ms_now};
use crate::config::Config;
use crate::config::authn::PeerCertAs;
use crate::negotiate::Origin;
use crate::worker::{Command, Worker, WorkerHandle};

/// The chains in force and what asks them.
pub struct Authentication {
    chains: ArcSwap<Chains>,
    places: Places,
    /// How often there was no room to ask.
    refused: AtomicU64,
    tools: Tools,
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
            places: Places::default(),
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

    /// Finds out with `question` about a client at `address`, on the service threads; `then` runs on the worker with the
    /// answer. After `limit` nobody waits any more: then there is no answer, and the worker knows by its own timer.
    ///
    /// # Errors
    /// Too many are being asked: counted.
    pub fn ask(
        &self,
        worker: WorkerHandle,
        address: IpAddr,
        limit: Duration,
        question: impl Future<Output = Outcome> + Send + 'static,
        then: impl FnOnce(&Worker, Outcome) + Send + 'static,
    ) -> Result<(), TooMany> {
        let place = self.places.take(address).inspect_err(|too_many| {
            let refused = self.refused.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(tag = "AUTHN", peerhost = %address, refused, reason = %too_many, "authentication_overloaded");
        })?;
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

/// A moment in Unix seconds on the clock of the rules; what is past is now.
fn moment_of(unix_s: i64, clock: &Clock) -> Time {
    let unix_ms = u64::try_from(unix_s).unwrap_or(0).saturating_mul(1000);
    clock
        .now()
        .after(Duration::from_millis(unix_ms.saturating_sub(unix_ms_now())))
}
