//! SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677), the server's side, without channel binding.
//!
//! [`ClientFirst::parse`] reads the first message; the caller looks the user up and calls [`ClientFirst::challenge`] with
//! the [`Credential`], or with [`DecoyKey::credential`] if there is no such user, so that both are answered alike;
//! [`Challenge::finish`] judges the second message. The password never travels; what is kept is not enough to log in.
//!
//! Names and passwords are taken byte for byte, as EMQX's SCRAM does: SASLprep (RFC 4013) is left to the client.

mod credential;
mod message;

pub use self::credential::{
    Credential, CredentialProblem, DecoyKey, ITERATIONS_DEFAULT, ITERATIONS_MAX, ITERATIONS_MIN,
};
pub use self::message::MESSAGE_BYTES_MAX;

use std::fmt;

use self::message::{ClientFinal, base64};
use crate::equal;

/// Random bytes of a server's nonce.
pub const NONCE_BYTES: usize = 18;

/// Which hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mechanism {
    /// `SCRAM-SHA-256`
    Sha256,
    /// `SCRAM-SHA-512`
    Sha512,
}

impl Mechanism {
    /// MQTT's Authentication Method.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// EMQX's word for it (`algorithm`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The mechanism of EMQX's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|mechanism| mechanism.as_str() == word)
    }
}

/// Why an exchange ended. None of them says whether the user exists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScramError {
    /// Longer than any client's.
    #[error("a SCRAM message of more than {MESSAGE_BYTES_MAX} bytes")]
    TooLong,
    /// Not what RFC 5802 says.
    #[error("a SCRAM message that is none: {0}")]
    Malformed(&'static str),
    /// The client insists on channel binding, which only the `-PLUS` mechanisms have.
    #[error("the client asks for channel binding, which is not offered")]
    ChannelBinding,
    /// The client wants to act as somebody else.
    #[error("the client asks to act as another user")]
    AuthorizationIdentity,
    /// It demands an extension.
    #[error("the client demands an extension that is not known")]
    MandatoryExtension,
    /// Its second message belongs to another exchange.
    #[error("the nonce of the second message is not that of the first")]
    OtherNonce,
    /// Wrong password, or no such user.
    #[error("the proof is wrong")]
    InvalidProof,
}

/// What a client sends first: `n,,n=user,r=nonce`.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientFirst {
    username: String,
    nonce: String,
    /// `n,,` or `y,,`, with an authorization identity if there is one.
    gs2_header: String,
    /// What follows it.
    bare: String,
}

impl ClientFirst {
    /// Reads it.
    ///
    /// # Errors
    /// See [`ScramError`].
    pub fn parse(message: &[u8]) -> Result<Self, ScramError> {
        message::client_first(message)
    }

    /// Who it says it is.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Answers it: `r=nonce,s=salt,i=iterations`. `random` must come from the system's random source.
    pub fn challenge(
        self,
        mechanism: Mechanism,
        credential: &Credential,
        random: &[u8; NONCE_BYTES],
    ) -> (String, Challenge) {
        self.challenge_with_nonce(mechanism, credential, &base64(random))
    }

    fn challenge_with_nonce(
        self,
        mechanism: Mechanism,
        credential: &Credential,
        server_nonce: &str,
    ) -> (String, Challenge) {
        let nonce = self.nonce + server_nonce;
        let salt = base64(credential.salt());
        let server_first = format!("r={nonce},s={salt},i={}", credential.iterations());
        let challenge = Challenge {
            mechanism,
            credential: credential.clone(),
            username: self.username,
            gs2_header: self.gs2_header,
            nonce,
            auth_message: format!("{},{server_first}", self.bare),
        };
        (server_first, challenge)
    }
}

impl fmt::Debug for ClientFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientFirst {{ username: {:?} }}", self.username)
    }
}

/// An exchange that waits for the client's second message.
#[derive(Clone)]
pub struct Challenge {
    mechanism: Mechanism,
    credential: Credential,
    username: String,
    gs2_header: String,
    nonce: String,
    /// The first messages of both sides, as RFC 5802 wants them signed.
    auth_message: String,
}

impl Challenge {
    /// Who it is about.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Judges `c=biws,r=nonce,p=proof`: the answer `v=signature` if the client knows the password.
    ///
    /// # Errors
    /// See [`ScramError`].
    pub fn finish(self, message: &[u8]) -> Result<String, ScramError> {
        let client_final = ClientFinal::parse(message)?;
        if client_final.channel_binding != self.gs2_header.as_bytes() {
            return Err(ScramError::ChannelBinding);
        }
        if !equal::in_constant_time(client_final.nonce.as_bytes(), self.nonce.as_bytes()) {
            return Err(ScramError::OtherNonce);
        }
        let auth_message = format!("{},{}", self.auth_message, client_final.without_proof);
        let signature = self
            .credential
            .check_proof(self.mechanism, auth_message.as_bytes(), &client_final.proof);
        let signature = signature.ok_or(ScramError::InvalidProof)?;
        Ok(format!("v={}", base64(&signature)))
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge {{ username: {:?} }}", self.username)
    }
}

#[cfg(test)]
mod tests;
