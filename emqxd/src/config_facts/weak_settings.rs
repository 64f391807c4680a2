//! Settings that work and protect less than they seem to, for `doctor security`.
//!
//! A line each, with the key and without any secret.

use emqx_acl::Permission;
use emqx_auth::password::{Algorithm, SaltPosition};
use emqx_shared::rows::ROWS_MAX;

use crate::authz::FileSource;
use crate::config::Config;
use crate::config::authn::{AuthenticatorConfig, AuthnBackend, JwtKey};
use crate::config::authorization::{AuthorizationConfig, SourceConfig};

/// Bytes of a secret below which tokens can be forged by trying (RFC 7518, 3.2).
const SECRET_BYTES_MIN: usize = 32;

/// The weak settings of a configuration.
pub(super) fn weak_settings(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    of_chain("authentication", &config.authentication, &mut found);
    for listener in &config.listeners {
        let place = format!("listeners.{}.{}.authentication", listener.kind, listener.name);
        of_chain(&place, &listener.authentication, &mut found);
    }
    for source in &config.authorization.sources {
        if let SourceConfig::Http(http) = source
            && is_in_the_clear(&http.url)
        {
            found.push("authorization.sources: http asks without TLS: answers can be changed on the way".to_owned());
        }
    }
    found.extend(no_rules(&config.authorization));
    found.truncate(ROWS_MAX);
    found
}

/// Sources that never say anything, before a `no_match` that allows everything.
fn no_rules(authorization: &AuthorizationConfig) -> Option<String> {
    let place_without_rules = |source: &SourceConfig| {
        let SourceConfig::File(rules) = source else { return None };
        // One that cannot be read is told elsewhere.
        let source = FileSource::load(rules, emqx_acl::SecurityProfile::Legacy).ok()?;
        (source.len() == 0).then(|| source.place().to_string())
    };
    let places: Option<Vec<String>> = authorization.sources.iter().map(place_without_rules).collect();
    let places = places.filter(|places| !places.is_empty() && authorization.no_match == Permission::Allow)?;
    Some(format!(
        "{} holds no rule, and authorization.no_match is allow: every client may use every topic",
        places.join(", ")
    ))
}

fn of_chain(place: &str, chain: &[AuthenticatorConfig], found: &mut Vec<String>) {
    for authenticator in chain.iter().filter(|authenticator| authenticator.enable) {
        let why = match &authenticator.backend {
            AuthnBackend::BuiltInDatabase(settings) => weak_hash(&settings.algorithm).map(str::to_owned),
            AuthnBackend::Http(http) if is_in_the_clear(&http.url) => {
                Some("asks without TLS: passwords can be read on the way".to_owned())
            }
            AuthnBackend::Jwt(jwt) => match &jwt.key {
                JwtKey::Secret { secret, .. } if secret.len() < SECRET_BYTES_MIN => Some(format!(
                    "the secret has {} bytes, fewer than the {SECRET_BYTES_MIN} that keep tokens from being forged",
                    secret.len()
                )),
                _ => None,
            },
            _ => None,
        };
        found.extend(why.map(|why| format!("{place}: {}: {why}", authenticator.id())));
    }
}

fn weak_hash(algorithm: &Algorithm) -> Option<&'static str> {
    match algorithm {
        Algorithm::Plain(_) => Some("passwords are kept as plain text"),
        Algorithm::Md5(_) => Some("passwords are kept as md5, which is tried out in seconds"),
        Algorithm::Sha(_) => Some("passwords are kept as sha (SHA-1), which is tried out in seconds"),
        Algorithm::Sha256(SaltPosition::Disable) | Algorithm::Sha512(SaltPosition::Disable) => {
            Some("passwords are kept without a salt")
        }
        _ => None,
    }
}

/// Whether what is sent there leaves the machine unencrypted.
fn is_in_the_clear(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    !["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        rest.strip_prefix(host)
            .is_some_and(|after| after.is_empty() || after.starts_with([':', '/', '?']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load_text;

    fn found(text: &str) -> Vec<String> {
        let loaded = load_text("x.conf", text.as_bytes(), None, std::iter::empty()).expect("good");
        weak_settings(&loaded.config)
    }

    #[test]
    fn hashes_secrets_and_ways_that_keep_little_are_named() {
        let weak = found(
            "authentication = [{ mechanism = password_based, backend = built_in_database, \
             password_hash_algorithm { name = md5, salt_position = suffix } }, \
             { mechanism = jwt, use_jwks = false, algorithm = hmac-based, secret = emqxsecret }]",
        );
        assert!(
            weak[0].contains("authentication: password_based:built_in_database: passwords are kept as md5"),
            "{weak:?}"
        );
        assert!(weak[1].contains("the secret has 10 bytes"), "{weak:?}");
        assert!(!weak[1].contains("emqxsecret"), "{weak:?}");
    }

    #[test]
    fn a_file_without_rules_that_leaves_everything_open_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acl.conf");
        std::fs::write(&path, "% {deny, all}.\n").unwrap();
        let source = format!(
            "authorization.sources = [{{ type = file, path = \"{}\" }}]\n",
            path.display()
        );
        let weak = found(&source);
        assert!(
            weak.len() == 1 && weak[0].contains("acl.conf holds no rule, and authorization.no_match is allow"),
            "{weak:?}"
        );
        assert_eq!(found(&format!("{source}authorization.no_match = deny")), [""; 0]);
        std::fs::write(&path, "{deny, all}.\n").unwrap();
        assert_eq!(found(&source), [""; 0]);
        let two = "authorization.sources = [{ type = file, rules = \"\" }, { type = built_in_database }]";
        assert_eq!(found(two), [""; 0], "the other may say something");
    }

    #[test]
    fn what_is_usual_is_not_complained_about() {
        assert_eq!(found(""), [""; 0]);
        let chain = "authentication = [{ mechanism = password_based, backend = built_in_database }]";
        assert_eq!(found(chain), [""; 0]);
        for (url, is_clear) in [
            ("http://auth.example.org/ask", true),
            ("https://auth.example.org/ask", false),
            ("http://127.0.0.1:8080/ask", false),
            ("http://localhost/ask", false),
            ("http://localhost.example.org/ask", true),
        ] {
            assert_eq!(is_in_the_clear(url), is_clear, "{url}");
        }
    }
}
