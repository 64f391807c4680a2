//! The AUTH packets of a client that is not let in yet (MQTT 5, 4.12).

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{ConnectionKey, DisconnectReason, Refusal, Time};
use mqtt_codec::{Auth, AuthProperties, Packet, ReasonCode};

use super::super::WorkerState;
use super::super::connection::Stage;
use crate::authn::Talk;

impl WorkerState {
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

    /// Sends the next challenge of an exchange.
    pub(super) fn send_auth(&mut self, key: usize, method: ByteString, data: Bytes, now: Time) {
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
}

/// Whether AUTH is the client's next word in an exchange: another method is none (4.12.0-6).
fn goes_on_with(auth: &Auth, talk: &Talk) -> bool {
    auth.reason_code == ReasonCode::ContinueAuthentication
        && auth.properties.authentication_method.as_ref() == Some(&talk.method)
}

/// Its Authentication Data, out of the receive buffer.
pub(super) fn data_of(auth: &Auth) -> Bytes {
    let data = auth.properties.authentication_data.as_deref();
    data.map(Bytes::copy_from_slice).unwrap_or_default()
}
