//! `authentication = [...]`: who is asked about the clients that connect, and in which order.
//!
//! Plain data, read by `decode/authn.rs`; `crate::authn` makes the authenticators of it. Secrets print as `***`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use emqx_auth::jwt::ClaimCheck;
use emqx_auth::password::Algorithm;
use emqx_auth::user_file::RowType;

/// One entry of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthenticatorConfig {
    /// Whether it is asked.
    pub enable: bool,
    /// What it asks.
    pub backend: AuthnBackend,
}

impl AuthenticatorConfig {
    /// EMQX's id, by which the HTTP API and `why` name it.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match &self.backend {
            AuthnBackend::BuiltInDatabase(_) => "password_based:built_in_database",
            AuthnBackend::Http(_) => "password_based:http",
            AuthnBackend::Jwt(_) => "jwt",
            AuthnBackend::Scram(_) => "scram:built_in_database",
        }
    }
}

/// Mechanism and back end in one, with the settings of just that.
#[derive(Debug, Clone, PartialEq)]
pub enum AuthnBackend {
    /// `password_based`, `built_in_database`
    BuiltInDatabase(DatabaseSettings),
    /// `password_based`, `http`
    Http(Box<HttpSettings>),
    /// `jwt`
    Jwt(Box<JwtSettings>),
    /// `scram`, `built_in_database`
    Scram(ScramSettings),
}

/// Users in the node's own store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatabaseSettings {
    /// What a user is known by.
    pub user_id_type: UserIdType,
    /// How new passwords are hashed, and what stored ones are taken for.
    pub algorithm: Algorithm,
    /// A file of users, read at every start and reload: those who are not in the database are added, others left alone.
    pub bootstrap_file: Option<PathBuf>,
    /// What it holds: `plain` without the key, as in EMQX since 5.7.
    pub bootstrap_type: RowType,
}

/// `user_id_type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserIdType {
    /// `username`
    #[default]
    Username,
    /// `clientid`
    ClientId,
}

/// Users in the node's own store who authenticate by SCRAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScramSettings {
    /// `algorithm = sha512`, not `sha256`.
    pub is_sha512: bool,
    /// Rounds of new passwords.
    pub iteration_count: u32,
}

/// A token in the password or the user name.
#[derive(Debug, Clone, PartialEq)]
pub struct JwtSettings {
    /// What signatures are checked with.
    pub key: JwtKey,
    /// The token stands in the user name.
    pub is_from_username: bool,
    /// Claims that must have these values; `${clientid}` and `${username}` are put in.
    pub verify_claims: Vec<ClaimCheck>,
    /// The claim with the client's rules.
    pub acl_claim_name: String,
    /// The connection ends with the token.
    pub disconnect_after_expire: bool,
}

/// What a token's signature is checked with.
#[derive(Clone, PartialEq)]
pub enum JwtKey {
    /// `algorithm = hmac-based`
    Secret {
        /// The secret.
        secret: String,
        /// It is written in base64.
        is_base64: bool,
    },
    /// `algorithm = public-key`: PEM text, or the file that holds it.
    PublicKey(String),
    /// `use_jwks = true`
    Jwks {
        /// Where the key set is.
        endpoint: String,
        /// How often it is fetched again.
        refresh_interval: Duration,
        /// Of the endpoint, beside the usual ones.
        headers: Vec<(String, String)>,
        /// TLS of the endpoint.
        tls: ClientTls,
    },
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret { .. } => formatter.write_str("Secret(***)"),
            Self::PublicKey(_) => formatter.write_str("PublicKey"),
            Self::Jwks { endpoint, .. } => formatter.debug_tuple("Jwks").field(endpoint).finish(),
        }
    }
}

/// A server that is asked over HTTP; the authorisation source of that name has the same settings.
#[derive(Clone, PartialEq)]
pub struct HttpSettings {
    /// `method = post`, not `get`.
    pub is_post: bool,
    /// With placeholders in path and query.
    pub url: String,
    /// Names and values, these with placeholders.
    pub headers: Vec<(String, String)>,
    /// Names and values, these with placeholders; the query of a GET.
    pub body: Vec<(String, String)>,
    /// `pool_size`: requests at the same time.
    pub pool_size: usize,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
    /// TLS of the server.
    pub tls: ClientTls,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            is_post: true,
            url: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            pool_size: 8,
            connect_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_secs(5),
            tls: ClientTls::default(),
        }
    }
}

impl fmt::Debug for HttpSettings {
    /// Headers and body may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpSettings")
            .field("is_post", &self.is_post)
            .field("url", &self.url)
            .field("pool_size", &self.pool_size)
            .finish_non_exhaustive()
    }
}

/// `ssl` of a server that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientTls {
    /// `verify = verify_none`: whoever answers is taken for the server.
    pub is_unverified: bool,
    /// Authorities to trust instead of the system's.
    pub cacertfile: Option<PathBuf>,
    /// The certificate shown to the server.
    pub certfile: Option<PathBuf>,
    /// Its key.
    pub keyfile: Option<PathBuf>,
}

/// `enable_authn` of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EnableAuthn {
    /// Its clients are asked who they are, if there is a chain.
    #[default]
    Yes,
    /// They are not.
    No,
    /// They are, and whoever gives no user name is refused at once.
    QuickDenyAnonymous,
}

impl EnableAuthn {
    /// EMQX's words.
    pub const WORDS: [&'static str; 3] = ["true", "false", "quick_deny_anonymous"];

    /// The value of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "true" => Some(Self::Yes),
            "false" => Some(Self::No),
            "quick_deny_anonymous" => Some(Self::QuickDenyAnonymous),
            _ => None,
        }
    }
}

/// `mqtt.peer_cert_as_username`, `mqtt.peer_cert_as_clientid`: what of the client's certificate is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerCertAs {
    /// The common name.
    Cn,
    /// The whole subject.
    Dn,
    /// The certificate itself, DER.
    Crt,
    /// The certificate itself, PEM.
    Pem,
    /// MD5 of the certificate, in hex.
    Md5,
}

impl PeerCertAs {
    /// EMQX's words; `disabled` for none.
    pub const WORDS: [&'static str; 6] = ["disabled", "cn", "dn", "crt", "pem", "md5"];

    /// The value of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "cn" => Self::Cn,
            "dn" => Self::Dn,
            "crt" => Self::Crt,
            "pem" => Self::Pem,
            "md5" => Self::Md5,
            _ => return None,
        })
    }
}
