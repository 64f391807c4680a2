//! Clients that are being asked who they are: between CONNECT and CONNACK, and anew on an open connection
//! (MQTT 5, 4.12).
//!
//! The questions run on the service threads ([`crate::authn`]); the answer comes back as a command with the
//! connection's key and serial. Meanwhile the connection is not read, except for the AUTH packets of an exchange. All of
//! it together may take `mqtt.idle_timeout`: then the client is refused, whatever its authenticators would have said.
//! Every answer goes through the shard, which makes CONNACK, counters, log, trace and `why` of it.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{ConnectionKey, DisconnectReason, Identity, Peer, Refusal, Time, detach_connect};
use mqtt_codec::{Auth, AuthProperties, Connect, Packet, ReasonCode};

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
}

/// An open connection that authenticates anew.
pub(crate) struct Reauthenticating {
    serial: u64,
    deadline: Time,
    /// As of [`Authenticating`].
    talk: Option<Talk>,
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
        // What can be held against it whoever it is comes first: a banned client costs no hash.
        let may_come = self.shard.may_authenticate(
            ConnectionKey(key as u32),
            &newcomer.peer,
            &newcomer.connect,
            &newcomer.client_id,
            newcomer.is_assigned,
            newcomer.connect.username.as_ref(),
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
        connection.stage = Stage::Authenticating(Box::new(Authenticating { newcomer, talk: None }));
        connection.flags.is_authenticating = true;
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
        let Some(worker) = self.node.worker(self.id).cloned() else {
            return;
        };
        let then = move |worker: &Worker, outcome: Outcome| {
            let _gone_after_a_panic = guarded_turn(worker, key, |state| {
                let now = state.clock.now();
                state.on_outcome(key, serial, outcome, now);
                state.apply_effects(now);
                Poll::Pending
            });
        };
        let asked = self.node.authentication.ask(worker, self.idle_timeout, question, then);
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
            Stage::Handshake | Stage::Ending(_) => {}
        }
    }

    /// Ends the wait of a client; what has come from it since can be read.
    fn take_newcomer(&mut self, key: usize) -> Option<Newcomer> {
        let connection = self.connections.get_mut(key)?;
        if !matches!(connection.stage, Stage::Authenticating(_)) {
            return None;
        }
        connection.flags.is_authenticating = false;
        connection.wake();
        match std::mem::replace(&mut connection.stage, Stage::Handshake) {
            Stage::Authenticating(waiting) => Some(waiting.newcomer),
            _ => None,
        }
    }

    /// Lets the rules answer CONNECT; `None` if nobody has asked who the client is.
    fn let_in(&mut self, key: usize, newcomer: Newcomer, identity: Option<Identity>, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.stage = Stage::Open;
        connection
            .decoder
            .set_max_packet_size(self.shard.config().max_packet_size);
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
        tracing::warn!(
            tag = "AUTHN",
            clientid = %newcomer.client_id,
            username = newcomer.connect.username.as_deref(),
            peername = %newcomer.peer.address,
            listener = %newcomer.peer.listener,
            reason = %refusal.detail,
            "authentication_failure"
        );
        self.shard.on_connect_refused(
            ConnectionKey(key as u32),
            newcomer.peer,
            &newcomer.connect,
            newcomer.client_id,
            newcomer.connect.username.clone(),
            refusal,
            now,
            &mut self.effects,
        );
        self.apply_effects(now);
    }

    /// A packet from a client that is not let in yet: AUTH, or DISCONNECT (4.12.0-5).
    pub(crate) fn on_packet_while_authenticating(&mut self, key: usize, packet: Packet, now: Time) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let Stage::Authenticating(waiting) = &mut connection.stage else {
            return;
        };
        let auth = match packet {
            Packet::Auth(auth) => Some(auth),
            Packet::Disconnect(_) => {
                self.end_connection(key, DisconnectReason::Normal, None, now);
                return;
            }
            _ => None,
        };
        let talk = waiting
            .talk
            .take_if(|talk| auth.as_ref().is_some_and(|auth| goes_on_with(auth, talk)));
        let (Some(talk), Some(auth)) = (talk, auth) else {
            let Some(newcomer) = self.take_newcomer(key) else {
                return;
            };
            let detail = "before CONNACK only AUTH of the same authentication method may come";
            self.refuse_newcomer(key, newcomer, Refusal::new(ReasonCode::ProtocolError, "", detail), now);
            return;
        };
        connection.flags.is_authenticating = true;
        let serial = connection.serial;
        let data = data_of(&auth);
        self.ask(key, serial, Box::pin(talk.proceed(data)), now);
    }

    /// AUTH on an open connection, of the method by which it has come in ([`emqxd_broker::Effect::Authenticate`]).
    pub(crate) fn reauthenticate(&mut self, connection: ConnectionKey, auth: &Auth, now: Time) {
        let key = connection.0 as usize;
        let Some(serial) = self.connections.get(key).map(|connection| connection.serial) else {
            return;
        };
        let before = self
            .reauthenticating
            .remove(&key)
            .filter(|before| before.serial == serial);
        let deadline = before.as_ref().map(|before| before.deadline);
        let question: Question = match (auth.reason_code, before) {
            (ReasonCode::ReAuthenticate, None) => match self.begin_anew(connection, auth) {
                Some(question) => question,
                None => {
                    let detail = "this listener asks nobody who it is any more";
                    let refusal = Refusal::new(ReasonCode::NotAuthorized, "", detail);
                    self.shard
                        .on_reauthentication_refused(connection, refusal, now, &mut self.effects);
                    return;
                }
            },
            (ReasonCode::ContinueAuthentication, Some(Reauthenticating { talk: Some(talk), .. })) => {
                Box::pin(talk.proceed(data_of(auth)))
            }
            _ => {
                let detail = Some("AUTH that does not belong to the exchange that is under way".into());
                let reason = DisconnectReason::ProtocolError;
                self.shard
                    .on_closed_because(connection, reason, detail, now, &mut self.effects);
                return;
            }
        };
        let deadline = deadline.unwrap_or_else(|| {
            let deadline = now.after(self.idle_timeout);
            self.timers.arm(deadline, ConnectionTimer::Authenticating(key, serial));
            deadline
        });
        let waiting = Reauthenticating {
            serial,
            deadline,
            talk: None,
        };
        self.reauthenticating.insert(key, waiting);
        self.ask(key, serial, question, now);
    }

    fn begin_anew(&mut self, connection: ConnectionKey, auth: &Auth) -> Option<Question> {
        let summary = self.shard.summary(connection)?;
        let chain = match self.node.authentication.chain_of(&summary.peer.listener) {
            Asked::Nobody | Asked::CertificateOnly => return None,
            Asked::Everybody(chain) | Asked::NoAnonymous(chain) => chain,
        };
        let credentials = Credentials {
            zone: self.zone_of(connection.0 as usize),
            client_id: summary.client_id,
            username: summary.username,
            password: None,
            peer: summary.peer,
            version: summary.version,
        };
        let method = ByteString::from(auth.properties.authentication_method.as_deref()?);
        let data = data_of(auth);
        Some(Box::pin(async move { chain.begin(method, &credentials, data).await }))
    }

    fn on_reauthentication_outcome(&mut self, key: usize, serial: u64, outcome: Outcome, now: Time) {
        let connection = ConnectionKey(key as u32);
        let waiting = self
            .reauthenticating
            .get_mut(&key)
            .filter(|waiting| waiting.serial == serial);
        let Some(waiting) = waiting else { return };
        match outcome {
            Outcome::Continue { data, talk } => {
                let method = talk.method.clone();
                waiting.talk = Some(talk);
                self.send_auth(key, method, data, now);
                return;
            }
            Outcome::Accept(identity) => {
                self.shard
                    .on_reauthenticated(connection, identity, now, &mut self.effects);
            }
            Outcome::Refuse(refusal) => {
                self.shard
                    .on_reauthentication_refused(connection, refusal, now, &mut self.effects);
            }
        }
        self.reauthenticating.remove(&key);
    }

    /// A connection has ended, and what it was asked with it.
    pub(crate) fn forget_reauthenticating(&mut self, key: usize) {
        if !self.reauthenticating.is_empty() {
            self.reauthenticating.remove(&key);
        }
    }

    fn send_auth(&mut self, key: usize, method: ByteString, data: Bytes, now: Time) {
        let auth = Auth {
            reason_code: ReasonCode::ContinueAuthentication,
            properties: AuthProperties {
                authentication_method: Some(method),
                authentication_data: Some(data),
                ..AuthProperties::default()
            },
        };
        self.send(ConnectionKey(key as u32), &Packet::Auth(Box::new(auth)), now);
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
                let is_late = |waiting: &Reauthenticating| waiting.serial == serial && now >= waiting.deadline;
                if self.reauthenticating.get(&key).is_some_and(is_late) {
                    self.reauthenticating.remove(&key);
                    let refusal = Refusal::new(ReasonCode::NotAuthorized, "", TOO_LATE);
                    let connection = ConnectionKey(key as u32);
                    self.shard
                        .on_reauthentication_refused(connection, refusal, now, &mut self.effects);
                }
            }
            Stage::Handshake | Stage::Ending(_) => {}
        }
    }
}

/// Whether AUTH is the client's next word in an exchange: another method is none (4.12.0-6).
fn goes_on_with(auth: &Auth, talk: &Talk) -> bool {
    auth.reason_code == ReasonCode::ContinueAuthentication
        && auth.properties.authentication_method.as_ref() == Some(&talk.method)
}

/// Its Authentication Data, out of the receive buffer.
fn data_of(auth: &Auth) -> Bytes {
    let data = auth.properties.authentication_data.as_deref();
    data.map(Bytes::copy_from_slice).unwrap_or_default()
}
