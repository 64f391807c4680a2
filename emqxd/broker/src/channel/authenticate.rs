//! What goes on after CONNECT about who a client is: its token runs out, it authenticates anew (MQTT 5, 4.12.1).
//!
//! The exchange of AUTH packets itself is the daemon's: [`Effect::Authenticate`] hands it a packet that may be one,
//! [`Shard::on_reauthenticated`] or [`Shard::on_reauthentication_refused`] come back with what it found.

use mqtt_codec::{Auth, AuthProperties, Packet, ReasonCode};

use super::Channel;
use super::authorize::Elsewhere;
use crate::{ConnectionKey, DisconnectReason, Effect, Identity, Metric, Refusal, Shard, Time, TraceKind};

impl Channel {
    /// Whether somebody vouches for who this client is.
    pub fn is_authenticated(&self) -> bool {
        self.identity
            .as_ref()
            .is_some_and(|identity| identity.is_authenticated())
    }
}

/// Tells the timer of a token from those of tokens before it. If two should have the same number, the older timer
/// looks at the newer token once more: no harm.
fn number_of(expires_at: Time) -> u16 {
    (expires_at.0 & u64::from(u16::MAX)) as u16
}

impl Shard {
    /// AUTH on an open connection: only where AUTH packets have let the client in, and only by the same method
    /// (4.12.1-1).
    pub(crate) fn on_auth(&mut self, connection: ConnectionKey, auth: Box<Auth>, now: Time, effects: &mut Vec<Effect>) {
        let identity = self.channel(connection).and_then(|channel| channel.identity.as_deref());
        let method = identity.and_then(|identity| Some(&identity.enhanced.as_ref()?.method));
        if method.is_some() && auth.properties.authentication_method.as_ref() == method {
            effects.push(Effect::Authenticate { connection, auth });
            return;
        }
        let detail = match method {
            Some(method) => format!("AUTH by another method than {method}, which CONNECT named"),
            None => "AUTH on a connection whose CONNECT named no authentication method".to_owned(),
        };
        let reason = DisconnectReason::ProtocolError;
        self.close_channel_because(connection, reason, Some(detail.into()), now, effects);
    }

    /// A client has authenticated anew: from now on it is who this says. AUTH tells it so.
    pub fn on_reauthenticated(
        &mut self,
        connection: ConnectionKey,
        identity: Identity,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.session_of(connection) else {
            return;
        };
        if session.username.as_deref() != identity.username.as_deref() {
            let detail = "it has authenticated anew as another user";
            let refusal = Refusal::new(ReasonCode::NotAuthorized, "", detail);
            self.on_reauthentication_refused(connection, refusal, now, effects);
            return;
        }
        self.metrics.inc(Metric::ClientAuthenticate);
        self.metrics.inc(Metric::AuthenticationSuccess);
        let username = identity.username.as_deref();
        self.trace(connection, TraceKind::Authenticated { result: "ok", username });
        let properties = match &identity.enhanced {
            Some(enhanced) => AuthProperties {
                authentication_method: Some(enhanced.method.clone()),
                authentication_data: enhanced.data.clone(),
                ..AuthProperties::default()
            },
            None => AuthProperties::default(),
        };
        if let Some(channel) = self.channel_mut(connection) {
            let is_client_id_proven = channel.identity.as_ref().is_some_and(|old| old.is_client_id_proven);
            channel.identity = Some(Box::new(Identity {
                is_client_id_proven,
                ..identity
            }));
        }
        self.on_identity_set(connection);
        self.recheck_session(connection, Elsewhere::LeftAlone, now, effects);
        self.arm_identity_expiry(connection, now);
        effects.push(Effect::Send {
            connection,
            packet: Packet::Auth(Box::new(Auth {
                reason_code: ReasonCode::Success,
                properties,
            })),
        });
    }

    /// A client has tried to authenticate anew and failed: it is told and goes.
    pub fn on_reauthentication_refused(
        &mut self,
        connection: ConnectionKey,
        refusal: Refusal,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.metrics.inc(Metric::ClientAuthenticate);
        self.metrics.inc(Metric::AuthenticationFailure);
        let username = self
            .session_of(connection)
            .and_then(|session| session.username.as_deref());
        self.trace(
            connection,
            TraceKind::Authenticated {
                result: &refusal.detail,
                username,
            },
        );
        let reason = DisconnectReason::Refused(refusal.reason_code);
        self.close_channel_because(connection, reason, Some(refusal.detail), now, effects);
    }

    /// Sees to it that [`Self::on_identity_timer`] looks at the client when its token runs out.
    pub(crate) fn arm_identity_expiry(&mut self, connection: ConnectionKey, now: Time) {
        let channel = self.channel(connection);
        let expires_at = channel.and_then(|channel| channel.identity.as_ref()?.expires_at);
        if let (Some(channel), Some(expires_at)) = (channel, expires_at) {
            self.arm_identity_timer(connection, number_of(expires_at), channel.serial, expires_at, now);
        }
    }

    pub(crate) fn on_identity_timer(
        &mut self,
        connection: ConnectionKey,
        number: u16,
        serial: u64,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let channel = self.channel(connection).filter(|channel| channel.serial == serial);
        let expires_at = channel.and_then(|channel| channel.identity.as_ref()?.expires_at);
        match expires_at.filter(|expires_at| number_of(*expires_at) == number) {
            Some(expires_at) if now >= expires_at => {
                let reason = DisconnectReason::Refused(ReasonCode::NotAuthorized);
                let detail = Some("its token has run out".into());
                self.close_channel_because(connection, reason, detail, now, effects);
            }
            Some(_) => self.arm_identity_expiry(connection, now),
            None => {}
        }
    }
}
