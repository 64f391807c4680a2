//! What can be wrong with a token or with a key, by name.

/// Longest piece of a token's header that an error repeats.
const SHOWN_CHARACTERS_MAX: usize = 64;

/// Why a token does not let anybody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// More than a password can hold.
    #[error("the token has more than 65535 bytes")]
    TooLong,
    /// No token at all.
    #[error("it is no token: {0}")]
    Malformed(&'static str),
    /// `none`, one that is not known, or one of another kind of key.
    #[error("its algorithm {0:?} is not one of the configured key")]
    AlgorithmNotAllowed(String),
    /// The key set has no key of that name; a newer one may.
    #[error("the key set has no key {0:?}")]
    UnknownKeyId(String),
    /// Somebody else signed it, or it was changed.
    #[error("its signature is not by a configured key")]
    InvalidSignature,
    /// `exp`
    #[error("it expired at {expired_at} (Unix seconds)")]
    Expired {
        /// When.
        expired_at: i64,
    },
    /// `nbf`
    #[error("it is not valid before {not_before} (Unix seconds)")]
    NotYetValid {
        /// From when.
        not_before: i64,
    },
    /// `iat`
    #[error("it was issued in the future, at {issued_at} (Unix seconds)")]
    IssuedInFuture {
        /// When.
        issued_at: i64,
    },
    /// A time that is no number.
    #[error("its claim {0:?} is no number")]
    NotATime(&'static str),
    /// One that the configuration asks for.
    #[error("it has no claim {0:?}")]
    MissingClaim(String),
    /// It says something else than the configuration asks for.
    #[error("its claim {0:?} is not what verify_claims asks for")]
    ClaimMismatch(String),
}

impl JwtError {
    /// A word for logs and counts.
    pub const fn keyword(&self) -> &'static str {
        match self {
            Self::TooLong => "token_too_long",
            Self::Malformed(_) => "malformed_token",
            Self::AlgorithmNotAllowed(_) => "algorithm_not_allowed",
            Self::UnknownKeyId(_) => "unknown_key_id",
            Self::InvalidSignature => "invalid_signature",
            Self::Expired { .. } => "token_expired",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::IssuedInFuture { .. } => "token_issued_in_future",
            Self::NotATime(_) => "bad_time_claim",
            Self::MissingClaim(_) => "missing_claim",
            Self::ClaimMismatch(_) => "claim_mismatch",
        }
    }

    pub(super) fn algorithm(name: &str) -> Self {
        Self::AlgorithmNotAllowed(shown(name))
    }

    pub(super) fn unknown_key_id(id: &str) -> Self {
        Self::UnknownKeyId(shown(id))
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS_MAX).collect()
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing is there.
    #[error("the secret is empty")]
    EmptySecret,
    /// Not base64.
    #[error("the secret is not base64")]
    NotBase64,
    /// Longer than any key.
    #[error("the key has more than {0} bytes")]
    TooLong(usize),
    /// No key in PEM.
    #[error("it is no public key in PEM (`-----BEGIN PUBLIC KEY-----`): {0}")]
    NotPem(&'static str),
    /// It is a private key: that should stay with whoever issues tokens.
    #[error("it is a private key; give the public one (`openssl pkey -in KEY -pubout`)")]
    PrivateKey,
    /// RFC 7518 asks for 2048 at least; what verifies signatures takes no others either.
    #[error(
        "it is an RSA key of {0} bits; 2048 to 8192 are allowed. Make a new pair for whoever signs the tokens \
         (`openssl genrsa 3072`)"
    )]
    RsaBits(usize),
    /// It has the form of a key and is none.
    #[error("it is a key that no signature fits: {0}")]
    Unusable(&'static str),
    /// Not RFC 7517.
    #[error("it is no JWKS document: {0}")]
    NotJwks(&'static str),
    /// Nothing in it verifies signatures.
    #[error("the JWKS document has no usable key among its {0}")]
    NoUsableKey(usize),
}
