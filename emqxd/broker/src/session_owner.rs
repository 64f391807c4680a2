//! Whose session it is: who may resume it, wipe it, or push its client off (`mqtt.session_owner_check`).
//!
//! A client id alone opens nothing. [`Owner`] is what was known of the client that opened a session; a newcomer must
//! show as much. What was proven cannot be taken by a mere claim: a user that a listener has authenticated is not
//! whoever calls himself so at a listener that asks nobody. A newcomer that proves more than the session's opener,
//! who proved nothing, gets the client id but not what the other left there.

use crate::{Identity, Peer};

/// What was proven about the client that opened a session; its user name stands beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Somebody vouches for the user name.
    pub is_authenticated: bool,
    /// The client id is the certificate's.
    pub is_client_id_proven: bool,
    /// Whom its certificate names.
    pub certificate: Option<Box<str>>,
}

/// What a newcomer is to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is the owner.
    Owner,
    /// It proves who it is, and the opener had proven nothing: the session is ended, not handed over.
    Stronger,
    /// It is somebody else.
    Foreign,
}

impl Owner {
    /// What is proven by this identity and by the certificate of its connection.
    pub fn new(identity: &Identity, peer: &Peer) -> Self {
        let certificate = peer.common_name().or_else(|| peer.subject());
        Self {
            is_authenticated: identity.is_authenticated(),
            is_client_id_proven: identity.is_client_id_proven,
            certificate: certificate.map(Box::from),
        }
    }

    /// Whether anything is: what nobody has proven anything about costs no memory.
    pub fn is_anybody(&self) -> bool {
        !self.is_authenticated && !self.is_client_id_proven && self.certificate.is_none()
    }

    /// What `newcomer` is to a session of this owner, both with their user names.
    pub fn claim_of(&self, username: Option<&str>, newcomer: &Self, newcomer_username: Option<&str>) -> Claim {
        if username != newcomer_username {
            return Claim::Foreign;
        }
        if self.is_client_id_proven && !newcomer.is_client_id_proven {
            return Claim::Foreign;
        }
        if self.is_authenticated {
            // The name is what was proven; without one the certificate is all that tells clients apart.
            let is_owner =
                newcomer.is_authenticated && (username.is_some() || self.certificate == newcomer.certificate);
            return match is_owner {
                true if newcomer.is_client_id_proven && !self.is_client_id_proven => Claim::Stronger,
                true => Claim::Owner,
                false => Claim::Foreign,
            };
        }
        match &self.certificate {
            Some(_) if self.certificate != newcomer.certificate => Claim::Foreign,
            Some(_) => Claim::Owner,
            None if newcomer.is_anybody() => Claim::Owner,
            None => Claim::Stronger,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a client comes: user name, authenticated, client id by certificate, certificate.
    type Client = (Option<&'static str>, bool, bool, Option<&'static str>);

    const NOBODY: Client = (None, false, false, None);
    const SAYS_ALICE: Client = (Some("alice"), false, false, None);
    const SAYS_BOB: Client = (Some("bob"), false, false, None);
    const ALICE: Client = (Some("alice"), true, false, None);
    const BOB: Client = (Some("bob"), true, false, None);
    const CERT_A: Client = (None, false, false, Some("a"));
    const CERT_B: Client = (None, false, false, Some("b"));
    const ID_OF_CERT_A: Client = (None, false, true, Some("a"));
    const ALICE_WITH_CERT_A: Client = (Some("alice"), true, false, Some("a"));
    const ALICE_WITH_ID_OF_CERT_A: Client = (Some("alice"), true, true, Some("a"));
    const TOKEN_WITH_CERT_A: Client = (None, true, false, Some("a"));
    const TOKEN_WITH_CERT_B: Client = (None, true, false, Some("b"));
    const TOKEN: Client = (None, true, false, None);

    const ALL: [Client; 13] = [
        NOBODY,
        SAYS_ALICE,
        SAYS_BOB,
        ALICE,
        BOB,
        CERT_A,
        CERT_B,
        ID_OF_CERT_A,
        ALICE_WITH_CERT_A,
        ALICE_WITH_ID_OF_CERT_A,
        TOKEN_WITH_CERT_A,
        TOKEN_WITH_CERT_B,
        TOKEN,
    ];

    fn claim(owner: Client, newcomer: Client) -> Claim {
        let of = |(_, is_authenticated, is_client_id_proven, certificate): Client| Owner {
            is_authenticated,
            is_client_id_proven,
            certificate: certificate.map(Box::from),
        };
        of(owner).claim_of(owner.0, &of(newcomer), newcomer.0)
    }

    #[test]
    fn who_comes_back_as_it_was_owns_its_session() {
        for client in ALL {
            assert_eq!(claim(client, client), Claim::Owner, "{client:?}");
        }
    }

    #[test]
    fn only_these_others_are_not_refused() {
        use Claim::{Owner, Stronger};
        let let_in = [
            (NOBODY, CERT_A, Stronger),
            (NOBODY, CERT_B, Stronger),
            (NOBODY, ID_OF_CERT_A, Stronger),
            (NOBODY, TOKEN, Stronger),
            (NOBODY, TOKEN_WITH_CERT_A, Stronger),
            (NOBODY, TOKEN_WITH_CERT_B, Stronger),
            (SAYS_ALICE, ALICE, Stronger),
            (SAYS_BOB, BOB, Stronger),
            (SAYS_ALICE, ALICE_WITH_CERT_A, Stronger),
            (SAYS_ALICE, ALICE_WITH_ID_OF_CERT_A, Stronger),
            // A name that was proven both times is enough, whichever listener it was.
            (ALICE, ALICE_WITH_CERT_A, Owner),
            (ALICE_WITH_CERT_A, ALICE, Owner),
            (ALICE, ALICE_WITH_ID_OF_CERT_A, Stronger),
            (ALICE_WITH_CERT_A, ALICE_WITH_ID_OF_CERT_A, Stronger),
            // The same certificate, and more proven than before.
            (CERT_A, ID_OF_CERT_A, Owner),
            (CERT_A, TOKEN_WITH_CERT_A, Owner),
            (CERT_B, TOKEN_WITH_CERT_B, Owner),
        ];
        for owner in ALL {
            for newcomer in ALL.into_iter().filter(|newcomer| *newcomer != owner) {
                let expected = let_in
                    .iter()
                    .find(|(left, right, _)| (*left, *right) == (owner, newcomer))
                    .map_or(Claim::Foreign, |(_, _, claim)| *claim);
                assert_eq!(claim(owner, newcomer), expected, "{owner:?} then {newcomer:?}");
            }
        }
    }
}
