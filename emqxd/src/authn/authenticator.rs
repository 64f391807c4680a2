//! What an authenticator is: it is asked about the credentials of one client and answers, in its own time.
//!
//! [`super::Authentication`] asks the authenticators of a chain in turn, off the workers and within a bound of time,
//! so an authenticator may wait for a server or a database; what computes for long (hashes) goes to the
//! [`super::HashPool`]. Templates in settings are filled in from [`Credentials`], see `template.rs`.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use emqxd_broker::{Identity, Refusal};
use mqtt_codec::ReasonCode;

use super::credentials::Credentials;

/// A boxed future: traits that are used as objects cannot have `async fn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Decides who a client is by what its CONNECT holds. One for each entry of `authentication = [...]`.
pub trait Authenticator: Send + Sync {
    /// EMQX's id, `<mechanism>:<backend>` or the mechanism alone: `password_based:built_in_database`, `jwt`.
    fn id(&self) -> &str;

    /// Who this client is. What goes wrong on the way (a server that does not answer) is [`Answer::Ignore`] with the
    /// reason: the next authenticator is asked, and if nobody knows the client it is refused.
    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Answer>;

    /// Whether clients put their secret where the user name stands, as tokens are: then it must not be shown.
    fn takes_secret_as_user_name(&self) -> bool {
        false
    }
}

/// Decides who a client is by a conversation of AUTH packets (MQTT 5, 4.12).
pub trait EnhancedAuthenticator: Send + Sync {
    /// As [`Authenticator::id`].
    fn id(&self) -> &str;

    /// Its Authentication Method: `SCRAM-SHA-256`.
    fn method(&self) -> &str;

    /// Begins a conversation with the client's first Authentication Data.
    fn begin<'a>(&'a self, credentials: &'a Credentials, data: Bytes) -> BoxFuture<'a, Step>;
}

/// A conversation that waits for the client.
pub trait Conversation: Send {
    /// Goes on with the client's next Authentication Data.
    fn proceed(self: Box<Self>, data: Bytes) -> BoxFuture<'static, Step>;
}

/// What an authenticator says of a client.
#[derive(Debug)]
pub enum Answer {
    /// It does not know this client, for this reason: the next one is asked.
    Ignore(Cow<'static, str>),
    /// The client is who it says. The chain fills in `username` if it is `None`, and `authenticated_by`.
    Accept(Identity),
    /// It is not, and nobody else is asked.
    Refuse(Refusal),
}

impl Answer {
    /// The user is known, the password is another: EMQX's `bad_username_or_password`.
    pub fn bad_password(detail: impl Into<Box<str>>) -> Self {
        Self::refuse(ReasonCode::BadUsernameOrPassword, detail)
    }

    /// EMQX's `not_authorized`.
    pub fn not_authorized(detail: impl Into<Box<str>>) -> Self {
        Self::refuse(ReasonCode::NotAuthorized, detail)
    }

    /// There is no room to find out: the client may try again later.
    pub fn busy(detail: impl Into<Box<str>>) -> Self {
        Self::refuse(ReasonCode::ServerBusy, detail)
    }

    fn refuse(reason_code: ReasonCode, detail: impl Into<Box<str>>) -> Self {
        Self::Refuse(Refusal::new(reason_code, "", detail))
    }
}

/// Where a conversation has got to.
pub enum Step {
    /// The client is to answer this.
    Continue {
        /// Authentication Data for the client.
        data: Bytes,
        /// Goes on when it has.
        conversation: Box<dyn Conversation>,
    },
    /// The client is this user.
    Accept {
        /// With its `username`: the one that was proven.
        identity: Identity,
        /// Authentication Data for CONNACK, or for the last AUTH.
        data: Option<Bytes>,
    },
    /// It is not.
    Refuse(Refusal),
}
