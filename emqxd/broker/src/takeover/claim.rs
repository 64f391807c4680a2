//! Who wants a session, as its node has to know to judge that: the newcomer's user name and what it has proven.

use bytestring::ByteString;

use crate::record;
use crate::session_owner::Owner;
use crate::{Identity, Peer};

/// What `session_owner.rs` asks of a newcomer; travels as a [`Field`](crate::handover::Field).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionClaim {
    pub(crate) username: Option<ByteString>,
    pub(crate) owner: Owner,
}

impl SessionClaim {
    /// Of a client that has been let in as `identity`, on a connection from `peer`.
    #[must_use]
    pub fn new(identity: &Identity, peer: &Peer) -> Self {
        Self {
            username: identity.username.clone(),
            owner: Owner::new(identity, peer),
        }
    }
}

record!(SessionClaim { username, owner });
