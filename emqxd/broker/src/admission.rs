//! Whether a client may come in at all: asked for each CONNECT before any session is touched.
//!
//! The rules of MQTT are in `channel/connect.rs`; what an operator may hold against a client (the licence's
//! quota, a list of banned ones) is the daemon's, which puts its answer behind [`Admission`]. Asked on the worker
//! that owns the client, for every CONNECT: so it must not wait, and be cheap.

use std::net::SocketAddr;

use mqtt_codec::ReasonCode;

use crate::Time;

/// Decides who comes in; one for all shards of a node.
pub trait Admission: Send + Sync {
    /// Whether this client may connect now. What is worth a log line of its own, the implementation logs.
    ///
    /// # Errors
    /// A [`Refusal`]: goes into CONNACK, into the reason why the connection ended, and into `why`.
    fn admit(&self, candidate: &Candidate<'_>) -> Result<(), Refusal>;
}

/// What is known of a client that wants to come in.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The effective client id.
    pub client_id: &'a str,
    /// The user name that it claims.
    pub username: Option<&'a str>,
    /// Where it comes from.
    pub address: SocketAddr,
    /// Whether a session of this client id is here, connected or kept: then letting it in adds none.
    pub has_session: bool,
    /// The time of the CONNECT.
    pub now: Time,
}

/// Why a client may not come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For CONNACK; MQTT 3 clients get the nearest code they know.
    pub reason_code: ReasonCode,
    /// The word that log, `why` and `explain` share, such as `client_banned`; empty if the reason code says it.
    pub keyword: &'static str,
    /// What happened, with the values that matter.
    pub detail: Box<str>,
}

impl Refusal {
    /// A refusal.
    pub fn new(reason_code: ReasonCode, keyword: &'static str, detail: impl Into<Box<str>>) -> Self {
        Self {
            reason_code,
            keyword,
            detail: detail.into(),
        }
    }
}

/// Lets everybody in.
#[derive(Debug, Clone, Copy, Default)]
pub struct AdmitAll;

impl Admission for AdmitAll {
    fn admit(&self, _candidate: &Candidate<'_>) -> Result<(), Refusal> {
        Ok(())
    }
}
