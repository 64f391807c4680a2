//! The SCRAM authenticator: MQTT 5's enhanced authentication against accounts in the node's own store.
//!
//! The crate `emqx-auth` knows RFC 5802; here accounts are looked up, on the threads of the [`HashPool`], because that
//! may take the disk. Users that are not there are answered like others, so nobody learns who is. The name that was
//! proven is the client's user name from then on, whatever CONNECT says.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqx_auth::scram::{Challenge, ClientFirst, DecoyKey, Mechanism, NONCE_BYTES, ScramError};
use emqxd_broker::{Identity, Refusal};
use mqtt_codec::ReasonCode;

use super::accounts::{random, report_unreadable};
use super::authenticator::{BoxFuture, Conversation, EnhancedAuthenticator, Step};
use super::credentials::Credentials;
use super::hash_pool::HashPool;
use crate::config::authn::ScramSettings;
use crate::state::{ApplyError, Command, Proof, ReplicatedState, UserTable, UsersError};

/// Why SCRAM cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum ScramSetupError {
    /// The store of accounts.
    #[error(transparent)]
    Users(#[from] UsersError),
    /// The secret behind answers to users that are not there cannot be kept.
    #[error("the node's store: {0}")]
    Store(#[from] ApplyError),
    /// The system's random source.
    #[error("/dev/urandom: {0}")]
    Random(#[from] io::Error),
}

/// Talks SCRAM with clients.
pub struct ScramAuthenticator {
    mechanism: Mechanism,
    accounts: Arc<Lookup>,
    pool: HashPool,
}

/// What of it runs on the pool.
struct Lookup {
    state: ReplicatedState,
    /// Whose: the node's chain, or a listener's.
    group: String,
    decoy: DecoyKey,
    /// Of users that are not there.
    iterations: u32,
}

impl ScramAuthenticator {
    /// For the users of a chain. May write to the store, so not for a worker.
    ///
    /// # Errors
    /// See [`ScramSetupError`].
    pub fn new(
        settings: &ScramSettings,
        group: String,
        state: ReplicatedState,
        pool: HashPool,
    ) -> Result<Self, ScramSetupError> {
        let secret = match state.users().decoy_secret()? {
            Some(secret) => secret,
            None => {
                let secret = random()?;
                match state.apply_blocking(Command::SetDecoySecret { secret }) {
                    // Until the next start it is this node's own.
                    Err(ApplyError::InCluster { .. }) => state.apply_soon(Command::SetDecoySecret { secret }),
                    applied => _ = applied?,
                }
                state.users().decoy_secret()?.unwrap_or(secret)
            }
        };
        let mechanism = if settings.is_sha512 {
            Mechanism::Sha512
        } else {
            Mechanism::Sha256
        };
        Ok(Self {
            mechanism,
            accounts: Arc::new(Lookup {
                state,
                group,
                decoy: DecoyKey::new(secret),
                iterations: settings.iteration_count,
            }),
            pool,
        })
    }

    async fn challenge(&self, address: IpAddr, data: Bytes) -> Step {
        let (mechanism, accounts) = (self.mechanism, Arc::clone(&self.accounts));
        let found = self.pool.run(address, move || accounts.challenge(mechanism, &data));
        match found.await {
            Ok(Ok((server_first, proof))) => Step::Continue {
                data: Bytes::from(server_first),
                conversation: Box::new(proof),
            },
            Ok(Err(refusal)) => Step::Refuse(refusal),
            Err(full) => Step::Refuse(Refusal::new(ReasonCode::ServerBusy, "", full.to_string())),
        }
    }
}

impl EnhancedAuthenticator for ScramAuthenticator {
    fn id(&self) -> &str {
        "scram:built_in_database"
    }

    fn method(&self) -> &str {
        self.mechanism.method()
    }

    fn begin<'a>(&'a self, credentials: &'a Credentials, data: Bytes) -> BoxFuture<'a, Step> {
        Box::pin(self.challenge(credentials.peer.address.ip(), data))
    }
}

impl Lookup {
    /// Answers a client's first message.
    fn challenge(&self, mechanism: Mechanism, message: &[u8]) -> Result<(String, ProofExpected), Refusal> {
        let first = ClientFirst::parse(message).map_err(|error| refused(&error))?;
        let unavailable = |error: String| Refusal::new(ReasonCode::ServerUnavailable, "", error);
        let account = self
            .state
            .users()
            .find(UserTable::Scram, &self.group, first.username())
            .inspect_err(report_unreadable)
            .map_err(|error| unavailable(error.to_string()))?;
        let known = account.and_then(|account| match account.proof {
            Proof::Scram {
                mechanism: of_user,
                credential,
            } if of_user == mechanism => Some((credential, account.is_superuser)),
            _ => None,
        });
        let is_known = known.is_some();
        let (credential, is_superuser) = known.unwrap_or_else(|| {
            (
                self.decoy.credential(mechanism, first.username(), self.iterations),
                false,
            )
        });
        let nonce = random::<NONCE_BYTES>().map_err(|error| unavailable(format!("/dev/urandom: {error}")))?;
        let (server_first, challenge) = first.challenge(mechanism, &credential, &nonce);
        let proof = ProofExpected {
            challenge,
            is_known,
            is_superuser,
        };
        Ok((server_first, proof))
    }
}

/// Waits for the client's second message.
struct ProofExpected {
    challenge: Challenge,
    is_known: bool,
    is_superuser: bool,
}

impl Conversation for ProofExpected {
    fn proceed(self: Box<Self>, data: Bytes) -> BoxFuture<'static, Step> {
        Box::pin(async move { self.judge(&data) })
    }
}

impl ProofExpected {
    /// A few HMACs: cheap enough to be done where they are asked for.
    fn judge(self, data: &[u8]) -> Step {
        let username = ByteString::from(self.challenge.username());
        let finished = self.challenge.finish(data);
        match finished {
            // A proof that fits a decoy would be a miracle; it lets nobody in either.
            Ok(_) if !self.is_known => Step::Refuse(refused(&ScramError::InvalidProof)),
            Ok(server_final) => Step::Accept {
                identity: Identity {
                    username: Some(username),
                    is_superuser: self.is_superuser,
                    ..Identity::default()
                },
                data: Some(Bytes::from(server_final)),
            },
            Err(ScramError::InvalidProof) if !self.is_known => {
                let detail = format!("there is no user {username:?} for SCRAM");
                Step::Refuse(Refusal::new(ReasonCode::NotAuthorized, "", detail))
            }
            Err(error) => Step::Refuse(refused(&error)),
        }
    }
}

/// One code for all that can be wrong, so that a client learns nothing from it.
fn refused(error: &ScramError) -> Refusal {
    Refusal::new(ReasonCode::NotAuthorized, "", error.to_string())
}
