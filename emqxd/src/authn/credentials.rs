//! What a client shows of itself, which authenticators are asked about and templates are filled in from.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::Peer;
use mqtt_codec::ProtocolVersion;

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

/// What a client shows, and from where.
#[derive(Clone)]
pub struct Credentials {
    /// The effective client id.
    pub client_id: ByteString,
    /// The user name in force: the certificate's if so configured, else CONNECT's.
    pub username: Option<ByteString>,
    /// The password of CONNECT.
    pub password: Option<Bytes>,
    /// Where it comes from; certificate facts are in `peer.tls`.
    pub peer: Peer,
    /// `zone` of its listener.
    pub zone: ByteString,
    /// MQTT version.
    pub version: ProtocolVersion,
}

impl fmt::Debug for Credentials {
    /// The password is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("peer", &self.peer.address)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let credentials = Credentials {
            client_id: ByteString::from_static("c"),
            username: None,
            password: Some(Bytes::from_static(b"canary")),
            peer: Peer::tcp(Arc::from("tcp:default"), ([127, 0, 0, 1], 1).into(), 1883),
            zone: ByteString::from_static("default"),
            version: ProtocolVersion::V5,
        };
        let printed = format!("{credentials:?}");
        assert!(printed.contains("***") && !printed.contains("canary"), "{printed}");
    }
}
