//! The settings of the JWT authenticator: what signs tokens, what they must say, and where a key set is.

use std::time::Duration;

use emqx_auth::jwt::ClaimCheck;

use super::super::entry::Entry;
use super::super::text;
use super::http::{check_url, client_tls};
use super::{PAIRS_MAX, needed};
use crate::config::authn::{JwtKey, JwtSettings};
use crate::config::hocon::Node;
use crate::config::values;

/// `jwt`
pub(super) fn jwt(entry: &mut Entry<'_, '_>) -> Option<JwtSettings> {
    let mut settings = JwtSettings {
        key: JwtKey::PublicKey(String::new()),
        is_from_username: entry.word("from", &["password", "username"]) == Some("username"),
        verify_claims: claims(entry),
        acl_claim_name: entry.text("acl_claim_name").unwrap_or_else(|| "acl".to_owned()),
        disconnect_after_expire: true,
    };
    entry.boolean("disconnect_after_expire", &mut settings.disconnect_after_expire);
    // What EMQX 6 calls the one thing that is done here.
    entry.word("on_missing_jwt", &["ignore"]);
    entry.ignore(&["pool_size", "enable_pipelining"]);
    let mut use_jwks = false;
    entry.boolean("use_jwks", &mut use_jwks);
    let algorithm = entry.word("algorithm", &["hmac-based", "public-key"]);
    settings.key = match (use_jwks, algorithm) {
        (true, _) => jwks(entry)?,
        (false, Some("public-key")) => JwtKey::PublicKey(needed(entry, "public_key")?),
        (false, _) => {
            let mut is_base64 = false;
            entry.boolean("secret_base64_encoded", &mut is_base64);
            JwtKey::Secret {
                secret: needed(entry, "secret")?,
                is_base64,
            }
        }
    };
    Some(settings)
}

/// `verify_claims { username = "${username}" }`, or EMQX's older list of names and values.
fn claims(entry: &mut Entry<'_, '_>) -> Vec<ClaimCheck> {
    let expected = "claims and the texts that they must have, such as { username = \"${username}\" }";
    let claims = entry.read("verify_claims", expected, |value| {
        let claims = match &value.node {
            Node::Object(fields) => fields
                .iter()
                .map(|(name, value)| Some((name.clone(), text(value)?.to_owned())))
                .collect::<Option<Vec<_>>>(),
            Node::Array(items) => items
                .iter()
                .map(|item| {
                    let Node::Object(fields) = &item.node else { return None };
                    Some((
                        text(fields.get("name")?)?.to_owned(),
                        text(fields.get("value")?)?.to_owned(),
                    ))
                })
                .collect(),
            _ => None,
        };
        claims.filter(|claims| claims.len() <= PAIRS_MAX)
    });
    let mut checks = Vec::new();
    for (name, wanted) in claims.unwrap_or_default() {
        match ClaimCheck::new(&name, &wanted) {
            Ok(check) => checks.push(check),
            Err(error) => entry.refuse("verify_claims", error.to_string(), None),
        }
    }
    checks
}

fn jwks(entry: &mut Entry<'_, '_>) -> Option<JwtKey> {
    let endpoint = needed(entry, "endpoint")?;
    check_url(entry, "endpoint", &endpoint);
    let expected = "seconds such as 300, or a duration such as 5m, from 10s to a day";
    let interval = entry.read("refresh_interval", expected, |value| {
        let text = text(value)?;
        let interval = match text.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => values::duration(text)?,
        };
        (10..=86_400).contains(&interval.as_secs()).then_some(interval)
    });
    Some(JwtKey::Jwks {
        endpoint,
        refresh_interval: interval.unwrap_or(Duration::from_secs(300)),
        headers: entry.texts("headers", PAIRS_MAX).unwrap_or_default(),
        tls: client_tls(entry),
    })
}
