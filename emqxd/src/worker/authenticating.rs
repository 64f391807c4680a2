//! Clients that are being asked who they are: between CONNECT and CONNACK, and anew on an open connection
//! (MQTT 5, 4.12).
//!
//! The questions run on the service threads ([`crate::authn`]); the answer comes back as a command with the
//! connection's key and serial. Meanwhile the connection is not read, except for the AUTH packets of an exchange. All of
//! it together may take `mqtt.idle_timeout`: then the client is refused, whatever its authenticators would have said.
//! Every answer goes through the shard, which makes CONNACK, counters, log, trace and `why` of it.

mod anew;
mod exchange;

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use bytestring::ByteString;
use emqxd_broker::{ConnectionKey, DisconnectReason, Identity, Peer, Refusal, Time, detach_connect};
use mqtt_codec::{Connect, ReasonCode};

pub(crate) use self::anew::Reauthenticating;
use super::connection::{ConnectionTimer, Stage, guarded_turn};
use super::{Worker, WorkerState};
use crate::authn::{Asked, Credentials, Outcome, Talk};

/// A client that has sent CONNECT and is not let in yet.
pub(crate) struct Authenticating {
    newcomer: Newcomer,
    /// The exchange that waits for its next AUTH; without one its authenticators are asked.
    talk: Option<Talk>,
}

/// All that is known of a client that wants to come in.
pub(crate) struct Newcomer {
    pub peer: Peer,
    pub connect: Connect,
    pub client_id: ByteString,
    pub is_assigned: bool,
    /// The client id is the certificate's.
    pub is_client_id_proven: bool,
    /// The user name is a token: it stands in no log and no listing.
    pub is_username_secret: bool,
}

impl Newcomer {
    /// The user name that operators may see.
    fn shown_username(&self) -> Option<&ByteString> {
        self.connect.username.as_ref().filter(|_| !self.is_username_secret)
    }
}

/// A question to the authenticators.
type Question = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Who is told when nobody has answered in time: the operator.
const TOO_LATE: &str = "no authenticator has answered within mqtt.idle_timeout";

impl WorkerState {
    /// Finds out who a client is, then lets it in or refuses it.
    pub(crate) fn authenticate(&mut self, key: usize, mut newcomer: Newcomer, asked: Asked, now: Time) {
        let chain = match asked {
            Asked::Nobody => {
                self.let_in(key, newcomer, None, now);
                return;
            }
            Asked::CertificateOnly => {
                self.let_in_by_certificate(key, newcomer, now);
                return;
            }
            Asked::NoAnonymous(_) if newcomer.connect.username.is_none() => {
                let detail = "enable_authn = quick_deny_anonymous: it gives no user name";
                self.refuse_newcomer(key, newcomer, Refusal::new(ReasonCode::NotAuthorized, "", detail), now);
                return;
            }
            Asked::Everybody(chain) | Asked::NoAnonymous(chain) => chain,
        };
        let username = newcomer.connect.username.as_deref();
        newcomer.is_username_secret = username.is_some_and(|username| chain.is_secret(username));
        // What can be held against it whoever it is comes first: a banned client costs no hash.
        let may_come = self.shard.may_authenticate(
            ConnectionKey(key as u32),
            &newcomer.peer,
            &newcomer.connect,
            &newcomer.client_id,
            newcomer.is_assigned,
            newcomer.shown_username(),
            now,
            &mut self.effects,
        );
        if !may_come {
            self.apply_effects(now);
            return;
        }
        // It waits for longer than a turn and must not hold the receive buffer.
        detach_connect(&mut newcomer.connect);
        newcomer.client_id = ByteString::from(&*newcomer.client_id);
        let credentials = Credentials {
            client_id: newcomer.client_id.clone(),
            username: newcomer.connect.username.clone(),
            password: newcomer.connect.password.clone(),
            peer: newcomer.peer.clone(),
            zone: self.zone_of(key),
            version: newcomer.connect.protocol_version,
        };
        let properties = &newcomer.connect.properties;
        let question: Question = match properties.authentication_method.clone() {
            None => Box::pin(async move { chain.authenticate(&credentials).await }),
            Some(method) => {
                let data = properties.authentication_data.clone().unwrap_or_default();
                Box::pin(async move { chain.begin(method, &credentials, data).await })
            }
        };
        let deadline = now.after(self.idle_timeout);
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let serial = connection.serial;
        connection.wait_in(Stage::Authenticating(Box::new(Authenticating { newcomer, talk: None })));
        self.timers.arm(deadline, ConnectionTimer::Authenticating(key, serial));
        self.ask(key, serial, question, now);
    }

    /// `node.allow_anonymous = false` and no authenticator: whom a certificate vouches for may come in.
    fn let_in_by_certificate(&mut self, key: usize, newcomer: Newcomer, now: Time) {
        let origin = self
            .connections
            .get(key)
            .and_then(|connection| connection.origin.as_deref());
        let username = newcomer.connect.username.as_deref();
        let vouched = self.node.authentication.vouched_by_certificate(origin, username);
        if vouched.is_some() || newcomer.is_client_id_proven {
            self.let_in(key, newcomer, None, now);
            return;
        }
        let detail = "nobody is asked who they are, and node.allow_anonymous = false";
        let refusal = Refusal::new(ReasonCode::NotAuthorized, "", detail);
        self.refuse_newcomer(key, newcomer, refusal, now);
    }

    fn zone_of(&self, key: usize) -> ByteString {
        let connection = self.connections.get(key);
        connection.map_or_else(ByteString::new, |connection| {
            ByteString::from(connection.listener().config.zone.as_str())
        })
    }

    fn ask(&mut self, key: usize, serial: u64, question: Question, now: Time) {
        let (Some(worker), Some(connection)) = (self.node.worker(self.id).cloned(), self.connections.get(key)) else {
            return;
        };
        let address = connection.peer.ip();
        let then = move |worker: &Worker, outcome: Outcome| {
            let _gone_after_a_panic = guarded_turn(worker, key, |state| {
                let now = state.clock.now();
                state.on_outcome(key, serial, outcome, now);
                state.apply_effects(now);
                Poll::Pending
            });
        };
        let authentication = &self.node.authentication;
        let asked = authentication.ask(worker, address, self.idle_timeout, question, then);
        if let Err(too_many) = asked {
            let refusal = Refusal::new(ReasonCode::ServerBusy, "", too_many.to_string());
            self.on_outcome(key, serial, Outcome::Refuse(refusal), now);
        }
    }

    /// The authenticators have answered.
    fn on_outcome(&mut self, key: usize, serial: u64, outcome: Outcome, now: Time) {
        let connection = self.connections.get_mut(key).filter(|each| each.serial == serial);
        let Some(connection) = connection else { return };
        match &mut connection.stage {
            Stage::Authenticating(waiting) => {
                if let Outcome::Continue { data, talk } = outcome {
                    let method = talk.method.clone();
                    waiting.talk = Some(talk);
                    connection.flags.is_authenticating = false;
                    connection.wake();
                    self.send_auth(key, method, data, now);
                    return;
                }
                let Some(newcomer) = self.take_newcomer(key) else {
                    return;
                };
                match outcome {
                    Outcome::Accept(identity) => self.let_in(key, newcomer, Some(identity), now),
                    Outcome::Refuse(refusal) => self.refuse_newcomer(key, newcomer, refusal, now),
                    Outcome::Continue { .. } => {}
                }
            }
            Stage::Open => self.on_reauthentication_outcome(key, serial, outcome, now),
            Stage::Handshake | Stage::Claiming(_) | Stage::Ending(_) => {}
        }
    }

    /// Ends the wait of a client; what has come from it since can be read.
    fn take_newcomer(&mut self, key: usize) -> Option<Newcomer> {
        self.connections.get_mut(key)?.end_wait(|stage| match stage {
            Stage::Authenticating(waiting) => Ok(waiting.newcomer),
            other => Err(other),
        })
    }

    /// The client may come in; `None` if nobody has asked who it is. With other nodes around it is made sure first that
    /// none of them has it.
    fn let_in(&mut self, key: usize, newcomer: Newcomer, identity: Option<Identity>, now: Time) {
        let Some(connection) = self.connections.get(key) else {
            return;
        };
        let identity = identity.unwrap_or_else(|| Identity {
            authenticated_by: self
                .node
                .authentication
                .vouched_by_certificate(connection.origin.as_deref(), newcomer.connect.username.as_deref()),
            ..Identity::claimed(newcomer.connect.username.clone())
        });
        let identity = Identity {
            is_client_id_proven: newcomer.is_client_id_proven,
            ..identity
        };
        if self.node.cluster.is_alone() && !self.node.cluster.lease.is_needed() {
            self.enter(key, newcomer, identity, now);
        } else {
            self.claim_client(key, newcomer, identity, now);
        }
    }

    /// Lets the rules answer CONNECT.
    pub(super) fn enter(&mut self, key: usize, newcomer: Newcomer, identity: Identity, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.stage = Stage::Open;
        connection
            .decoder
            .set_max_packet_size(self.shard.config().max_packet_size);
        self.shard.on_connect(
            ConnectionKey(key as u32),
            newcomer.peer,
            newcomer.connect,
            newcomer.client_id,
            newcomer.is_assigned,
            identity,
            now,
            &mut self.effects,
        );
        self.apply_effects(now);
    }

    fn refuse_newcomer(&mut self, key: usize, newcomer: Newcomer, refusal: Refusal, now: Time) {
        let username = newcomer.shown_username().cloned();
        tracing::warn!(
            tag = "AUTHN",
            clientid = %newcomer.client_id,
            username = username.as_deref(),
            peername = %newcomer.peer.address,
            listener = %newcomer.peer.listener,
            reason = %refusal.detail,
            "authentication_failure"
        );
        self.shard.on_authentication_failed();
        self.turn_away(key, newcomer, username, refusal, now);
    }

    /// Has the rules tell a client that it may not come in. `username` is the name in force.
    pub(super) fn turn_away(
        &mut self,
        key: usize,
        newcomer: Newcomer,
        username: Option<ByteString>,
        refusal: Refusal,
        now: Time,
    ) {
        self.shard.on_connect_refused(
            ConnectionKey(key as u32),
            newcomer.peer,
            &newcomer.connect,
            newcomer.client_id,
            username,
            refusal,
            now,
            &mut self.effects,
        );
        self.apply_effects(now);
    }

    /// The time to find out who a client is may be over.
    pub(crate) fn on_authentication_timer(&mut self, key: usize, now: Time) {
        let Some(connection) = self.connections.get(key) else {
            return;
        };
        match &connection.stage {
            Stage::Authenticating(waiting) if waiting.talk.is_some() => {
                let detail = Some("it has not gone on with the exchange of AUTH packets in time".to_owned());
                self.end_connection(key, DisconnectReason::IdleTimeout, detail, now);
            }
            Stage::Authenticating(_) => {
                let Some(newcomer) = self.take_newcomer(key) else {
                    return;
                };
                let refusal = Refusal::new(ReasonCode::ServerUnavailable, "", TOO_LATE);
                self.refuse_newcomer(key, newcomer, refusal, now);
            }
            Stage::Open => {
                let serial = connection.serial;
                self.expire_reauthentication(key, serial, now);
            }
            Stage::Handshake | Stage::Claiming(_) | Stage::Ending(_) => {}
        }
    }
}
