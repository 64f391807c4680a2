//! Who a client is, once that has been settled: what authentication hands to [`crate::Shard::on_connect`].
//!
//! The broker takes it as given. The user name in here is the one that counts everywhere (session owner, listings,
//! authorisation), whatever CONNECT says. How it was found out is the daemon's: see its `authn` folder.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqx_acl::RuleSet;

use crate::Time;

/// Who a client is, and what that alone allows it.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The user name in force: CONNECT's, the certificate's, or the one that was proven.
    pub username: Option<ByteString>,
    /// May do everything, whatever the rules say.
    pub is_superuser: bool,
    /// Rules that came with its token; asked before all others.
    pub rules: Option<Arc<RuleSet>>,
    /// When its token runs out and the connection ends, if it does.
    pub expires_at: Option<Time>,
    /// The authenticator that vouches for it, such as `password_based:built_in_database`; `None` if nobody does.
    pub authenticated_by: Option<Arc<str>>,
    /// The client id is the certificate's, not the client's word.
    pub is_client_id_proven: bool,
    /// How it authenticates by AUTH packets (MQTT 5, 4.12), if it does.
    pub enhanced: Option<Box<EnhancedAuthentication>>,
}

/// Enhanced authentication that has succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnhancedAuthentication {
    /// Authentication Method; the only one that this connection may use from now on.
    pub method: ByteString,
    /// The last Authentication Data of the server, for CONNACK or AUTH.
    pub data: Option<Bytes>,
}

impl Identity {
    /// Of a client whose word is taken for it: nobody asks who it is.
    pub fn claimed(username: Option<ByteString>) -> Self {
        Self {
            username,
            ..Self::default()
        }
    }

    /// Whether somebody vouches for the user name.
    pub fn is_authenticated(&self) -> bool {
        self.authenticated_by.is_some()
    }

    /// Copies what is kept out of the receive buffer that CONNECT came in.
    pub fn detach(&mut self) {
        self.username = self.username.as_deref().map(ByteString::from);
        if let Some(enhanced) = &mut self.enhanced {
            enhanced.method = ByteString::from(&*enhanced.method);
        }
    }

    /// Whether it says more than a user name, which the session keeps.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.is_superuser
            || self.rules.is_some()
            || self.expires_at.is_some()
            || self.authenticated_by.is_some()
            || self.is_client_id_proven
            || self.enhanced.is_some()
    }
}
