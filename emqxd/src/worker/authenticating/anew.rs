//! Clients that authenticate anew on an open connection (MQTT 5, 4.12.1). Their other packets go on meanwhile.

use bytestring::ByteString;
use emqxd_broker::{ConnectionKey, DisconnectReason, Refusal, Time};
use mqtt_codec::{Auth, ReasonCode};

use super::super::WorkerState;
use super::super::connection::ConnectionTimer;
use super::exchange::data_of;
use super::{Question, TOO_LATE};
use crate::authn::{Asked, Credentials, Outcome, Talk};

/// An open connection that authenticates anew.
pub(crate) struct Reauthenticating {
    serial: u64,
    deadline: Time,
    /// As of [`super::Authenticating`].
    talk: Option<Talk>,
}

impl WorkerState {
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

    /// The authenticators have answered.
    pub(super) fn on_reauthentication_outcome(&mut self, key: usize, serial: u64, outcome: Outcome, now: Time) {
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

    /// The time to authenticate anew may be over.
    pub(super) fn expire_reauthentication(&mut self, key: usize, serial: u64, now: Time) {
        let is_late = |waiting: &Reauthenticating| waiting.serial == serial && now >= waiting.deadline;
        if self.reauthenticating.get(&key).is_some_and(is_late) {
            self.reauthenticating.remove(&key);
            let refusal = Refusal::new(ReasonCode::NotAuthorized, "", TOO_LATE);
            let connection = ConnectionKey(key as u32);
            self.shard
                .on_reauthentication_refused(connection, refusal, now, &mut self.effects);
        }
    }
}
