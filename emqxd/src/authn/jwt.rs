//! The JWT authenticator: a client shows a token that somebody the operator trusts has signed.
//!
//! EMQX's rules: no token, or one that is signed by nobody known, is ignored; one that is genuine and out of time, or
//! says something else than `verify_claims`, is refused as a bad password. The token may bring rules (`acl`), say
//! that its owner is a super-user, and end the connection when it runs out.

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use bytestring::ByteString;
use emqx_auth::jwt::{ClaimCheck, Claims, JwtError, KeyError, Subject, Verifier};
use emqxd_broker::Identity;
use serde_json::Value;
use tokio::runtime::Handle;

use super::authenticator::{Answer, Authenticator, BoxFuture};
use super::credentials::Credentials;
use super::jwks::Jwks;
use super::moment_of;
use crate::authz::rules_from_json;
use crate::clock::{Clock, unix_ms_now};
use crate::config::authn::{JwtKey, JwtSettings};
use crate::http_client::HttpClientError;

/// Why tokens cannot be checked as configured.
#[derive(Debug, thiserror::Error)]
pub enum JwtSetupError {
    /// Secret or public key.
    #[error("{what}: {source}")]
    Key {
        /// Which, with its file.
        what: String,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The file with the public key.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The endpoint of the key set.
    #[error("endpoint: {0}")]
    Endpoint(#[from] HttpClientError),
}

/// Checks tokens.
pub struct JwtAuthenticator {
    keys: Keys,
    is_from_username: bool,
    checks: Vec<ClaimCheck>,
    acl_claim_name: String,
    disconnect_after_expire: bool,
    clock: Clock,
}

enum Keys {
    Fixed(Verifier),
    Fetched(Arc<Jwks>),
}

impl JwtAuthenticator {
    /// Of these settings. A key set is fetched from now on, on `services`; nobody waits for it.
    ///
    /// # Errors
    /// See [`JwtSetupError`].
    pub fn new(settings: &JwtSettings, clock: Clock, services: &Handle) -> Result<Self, JwtSetupError> {
        Ok(Self {
            keys: keys(&settings.key, services)?,
            is_from_username: settings.is_from_username,
            checks: settings.verify_claims.clone(),
            acl_claim_name: settings.acl_claim_name.clone(),
            disconnect_after_expire: settings.disconnect_after_expire,
            clock,
        })
    }

    fn judge(&self, credentials: &Credentials) -> Answer {
        let token = if self.is_from_username {
            credentials.username.as_ref().map(|name| &name.as_bytes()[..])
        } else {
            credentials.password.as_ref().map(|password| &password[..])
        };
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Answer::Ignore("there is no token".into());
        };
        let now = i64::try_from(unix_ms_now() / 1000).unwrap_or(i64::MAX);
        let verified = match &self.keys {
            Keys::Fixed(verifier) => verifier.verify(token, now),
            Keys::Fetched(keys) => match keys.current() {
                Some(verifier) => verifier.verify(token, now),
                None => return Answer::Ignore("the key set has not been fetched yet".into()),
            },
        };
        let claims = match verified {
            Ok(claims) => claims,
            Err(error) => return self.unverified(&error),
        };
        let subject = Subject {
            client_id: &credentials.client_id,
            username: credentials.username.as_deref(),
            common_name: credentials.peer.common_name(),
        };
        if let Err(error) = claims.check(&self.checks, &subject) {
            return Answer::bad_password(error.to_string());
        }
        self.accept(&claims, credentials)
    }

    /// What is not known to be a token of ours is somebody else's to judge.
    fn unverified(&self, error: &JwtError) -> Answer {
        match error {
            JwtError::Expired { .. }
            | JwtError::NotYetValid { .. }
            | JwtError::IssuedInFuture { .. }
            | JwtError::NotATime(_) => Answer::bad_password(error.to_string()),
            _ => {
                if let (JwtError::UnknownKeyId(_), Keys::Fetched(keys)) = (error, &self.keys) {
                    keys.fetch_soon();
                }
                Answer::Ignore(Cow::Owned(error.to_string()))
            }
        }
    }

    fn accept(&self, claims: &Claims, credentials: &Credentials) -> Answer {
        let acl = claims.get(&self.acl_claim_name).filter(|acl| !acl.is_null());
        let rules = match acl.map(rules_from_json) {
            None => None,
            Some(Ok(rules)) => Some(Arc::new(rules)),
            Some(Err(error)) => {
                return Answer::not_authorized(format!("its claim {:?}: {error}", self.acl_claim_name));
            }
        };
        let expires_at = claims
            .expires_at()
            .filter(|_| self.disconnect_after_expire)
            .map(|at| moment_of(at, &self.clock));
        Answer::Accept(Identity {
            // A token is a secret: it is not shown as a name.
            username: self.is_from_username.then(|| name_of(claims, credentials)),
            is_superuser: claims.is_superuser(),
            rules,
            expires_at,
            ..Identity::default()
        })
    }
}

impl Authenticator for JwtAuthenticator {
    fn id(&self) -> &str {
        "jwt"
    }

    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Answer> {
        Box::pin(async { self.judge(credentials) })
    }

    fn takes_secret_as_user_name(&self) -> bool {
        self.is_from_username
    }
}

/// The name of a client whose user name is a token: what the token calls it.
fn name_of(claims: &Claims, credentials: &Credentials) -> ByteString {
    let named = ["username", "sub"]
        .iter()
        .find_map(|claim| claims.get(claim).and_then(Value::as_str));
    named.map_or_else(|| credentials.client_id.clone(), ByteString::from)
}

fn keys(key: &JwtKey, services: &Handle) -> Result<Keys, JwtSetupError> {
    let named = |what: &str| {
        let what = what.to_owned();
        move |source| JwtSetupError::Key { what, source }
    };
    Ok(match key {
        JwtKey::Secret {
            secret,
            is_base64: false,
        } => Keys::Fixed(Verifier::hmac(secret.as_bytes()).map_err(named("secret"))?),
        JwtKey::Secret { secret, .. } => Keys::Fixed(Verifier::hmac_base64(secret).map_err(named("secret"))?),
        JwtKey::PublicKey(pem) if pem.contains("-----BEGIN") => {
            Keys::Fixed(Verifier::public_key_pem(pem.as_bytes()).map_err(named("public_key"))?)
        }
        JwtKey::PublicKey(path) => {
            let path = PathBuf::from(path);
            let pem = fs::read(&path).map_err(|source| JwtSetupError::File {
                path: path.clone(),
                source,
            })?;
            let what = format!("public_key {}", path.display());
            Keys::Fixed(Verifier::public_key_pem(&pem).map_err(named(&what))?)
        }
        JwtKey::Jwks {
            endpoint,
            refresh_interval,
            headers,
            tls,
        } => Keys::Fetched(Jwks::start(endpoint, *refresh_interval, headers, tls, services)?),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use bytes::Bytes;
    use emqxd_broker::{Peer, Time};
    use hmac::{Hmac, KeyInit, Mac};
    use mqtt_codec::{ProtocolVersion, ReasonCode};
    use serde_json::json;
    use sha2::Sha256;

    use super::*;

    fn token(secret: &str, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "HS256"})), part(claims));
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn settings(claims: &[(&str, &str)]) -> JwtSettings {
        JwtSettings {
            key: JwtKey::Secret {
                secret: "s3cret".to_owned(),
                is_base64: false,
            },
            is_from_username: false,
            verify_claims: claims
                .iter()
                .map(|(name, value)| ClaimCheck::new(name, value).unwrap())
                .collect(),
            acl_claim_name: "acl".to_owned(),
            disconnect_after_expire: true,
        }
    }

    fn ask(settings: &JwtSettings, username: Option<&str>, password: Option<&str>) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let authenticator = JwtAuthenticator::new(settings, Clock::start(), runtime.handle()).unwrap();
        authenticator.judge(&Credentials {
            client_id: ByteString::from_static("c1"),
            username: username.map(ByteString::from),
            password: password.map(|password| Bytes::copy_from_slice(password.as_bytes())),
            peer: Peer::tcp(Arc::from("tcp:default"), ([127, 0, 0, 1], 1).into(), 1883),
            zone: ByteString::from_static("default"),
            version: ProtocolVersion::V5,
        })
    }

    fn code(answer: &Answer) -> Option<ReasonCode> {
        match answer {
            Answer::Refuse(refusal) => Some(refusal.reason_code),
            _ => None,
        }
    }

    #[test]
    fn a_genuine_token_lets_in_with_what_it_brings() {
        let claims = json!({
            "exp": 32_503_680_000_i64, "username": "u1", "is_superuser": true,
            "acl": [{"permission": "allow", "action": "subscribe", "topic": "t"}],
        });
        let settings = settings(&[("username", "${username}")]);
        let answer = ask(&settings, Some("u1"), Some(&token("s3cret", &claims)));
        let Answer::Accept(identity) = answer else {
            panic!("{answer:?}")
        };
        assert!(identity.is_superuser && identity.expires_at > Some(Time(0)) && identity.rules.is_some());
    }

    #[test]
    fn what_is_no_token_of_ours_is_left_to_others() {
        let settings = settings(&[]);
        for password in [None, Some(""), Some("secret"), Some("a.b.c")] {
            assert!(
                matches!(ask(&settings, None, password), Answer::Ignore(_)),
                "{password:?}"
            );
        }
        let forged = token("other", &json!({}));
        assert!(matches!(ask(&settings, None, Some(&forged)), Answer::Ignore(_)));
    }

    #[test]
    fn a_genuine_token_that_does_not_hold_is_a_bad_password() {
        let settings = settings(&[("sub", "${clientid}")]);
        for claims in [json!({"sub": "c1", "exp": 1}), json!({"sub": "c2"}), json!({})] {
            let answer = ask(&settings, None, Some(&token("s3cret", &claims)));
            assert_eq!(code(&answer), Some(ReasonCode::BadUsernameOrPassword), "{claims}");
        }
        let bad_rules = token("s3cret", &json!({"sub": "c1", "acl": [{"permission": "?"}]}));
        assert_eq!(
            code(&ask(&settings, None, Some(&bad_rules))),
            Some(ReasonCode::NotAuthorized)
        );
    }

    #[test]
    fn a_token_in_the_user_name_is_not_shown_as_one() {
        let settings = JwtSettings {
            is_from_username: true,
            ..settings(&[])
        };
        let answer = ask(&settings, Some(&token("s3cret", &json!({"sub": "anna"}))), None);
        let Answer::Accept(identity) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(identity.username.as_deref(), Some("anna"));
        let answer = ask(&settings, Some(&token("s3cret", &json!({}))), None);
        let Answer::Accept(identity) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(identity.username.as_deref(), Some("c1"));
    }

    #[test]
    fn a_token_in_the_user_name_is_known_for_a_secret_before_it_is_judged() {
        use super::super::chain::{Chain, Member};
        let chain = |is_from_username| {
            let settings = JwtSettings {
                is_from_username,
                ..settings(&[])
            };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let authenticator = JwtAuthenticator::new(&settings, Clock::start(), runtime.handle()).unwrap();
            Chain::new(vec![Member::Plain(Arc::new(authenticator))])
        };
        let token = token("s3cret", &json!({"exp": 1}));
        assert!(
            chain(true).is_secret(&token),
            "it may be genuine in another place, or was until now"
        );
        for name in ["anna", "anna.b.c", "eyJ.x"] {
            assert!(!chain(true).is_secret(name), "{name}");
        }
        assert!(!chain(false).is_secret(&token), "there a user name is one");
    }
}
