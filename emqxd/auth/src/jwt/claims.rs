//! What a genuine token says, and whether that is what the configuration asks for.

use std::fmt;

use serde_json::{Map, Value};

use super::error::JwtError;

/// Client attributes that are taken from a token.
const CLIENT_ATTRS_MAX: usize = 64;

/// The claims of a genuine token. Prints their names only.
#[derive(Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(super) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// One of them, such as the rules under `acl`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All of them.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// `exp`, Unix seconds: the connection has to end then.
    pub fn expires_at(&self) -> Option<i64> {
        time(self.0.get("exp")?).map(|exp| exp.floor() as i64)
    }

    /// `is_superuser`, as EMQX reads it: true, "true", "1", or a number from 1 on.
    pub fn is_superuser(&self) -> bool {
        match self.0.get("is_superuser") {
            Some(Value::Bool(answer)) => *answer,
            Some(Value::String(word)) => word == "true" || word == "1",
            Some(Value::Number(number)) => number.as_u64().is_some_and(|number| number >= 1),
            _ => false,
        }
    }

    /// `client_attrs`: the texts among them.
    pub fn client_attrs(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self.0.get("client_attrs").and_then(Value::as_object);
        let texts = attributes
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        texts.take(CLIENT_ATTRS_MAX)
    }

    /// Whether the token says of this client what it has to say (EMQX's `verify_claims`).
    ///
    /// # Errors
    /// Names the claim.
    pub fn check(&self, wanted: &[ClaimCheck], who: &Subject<'_>) -> Result<(), JwtError> {
        for check in wanted {
            let name = || check.name.clone();
            let found = self.0.get(&check.name).ok_or_else(|| JwtError::MissingClaim(name()))?;
            if !check.matches(found, who) {
                return Err(JwtError::ClaimMismatch(name()));
            }
        }
        Ok(())
    }

    /// `exp`, `nbf` and `iat`, if they are there.
    pub(super) fn check_times(&self, now: i64) -> Result<(), JwtError> {
        let claim = |name: &'static str| match self.0.get(name) {
            None => Ok(None),
            Some(value) => time(value).map(Some).ok_or(JwtError::NotATime(name)),
        };
        let now = now as f64;
        if let Some(expires) = claim("exp")?.filter(|expires| *expires <= now) {
            let expired_at = expires as i64;
            return Err(JwtError::Expired { expired_at });
        }
        if let Some(from) = claim("nbf")?.filter(|from| *from > now) {
            let not_before = from as i64;
            return Err(JwtError::NotYetValid { not_before });
        }
        if let Some(issued) = claim("iat")?.filter(|issued| *issued > now) {
            let issued_at = issued as i64;
            return Err(JwtError::IssuedInFuture { issued_at });
        }
        Ok(())
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A NumericDate: seconds, possibly with a fraction.
fn time(value: &Value) -> Option<f64> {
    value.as_f64()
}

/// Who presents a token.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// `${clientid}`
    pub client_id: &'a str,
    /// `${username}`
    pub username: Option<&'a str>,
    /// `${cert_common_name}`
    pub common_name: Option<&'a str>,
}

/// A claim and what it has to be: an entry of `verify_claims`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimCheck {
    name: String,
    wanted: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    ClientId,
    Username,
    CommonName,
}

/// A placeholder that a token cannot be compared with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no placeholder here; ${{clientid}}, ${{username}} and ${{cert_common_name}} are")]
pub struct TemplateError(pub String);

impl ClaimCheck {
    /// The claim `name` has to be `wanted`: a text with `${clientid}`, `${username}` and `${cert_common_name}`, or
    /// EMQX 4's `%c` and `%u`.
    ///
    /// # Errors
    /// Another placeholder.
    pub fn new(name: &str, wanted: &str) -> Result<Self, TemplateError> {
        let pieces = match wanted {
            "%c" => vec![Piece::ClientId],
            "%u" => vec![Piece::Username],
            _ => pieces(wanted)?,
        };
        Ok(Self {
            name: name.to_owned(),
            wanted: pieces,
        })
    }

    /// The claim.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn matches(&self, found: &Value, who: &Subject<'_>) -> bool {
        // Without a user name nothing equals `${username}`, also not the text "undefined".
        let Some(wanted) = self.render(who) else { return false };
        match found {
            Value::String(text) => *text == wanted,
            Value::Number(number) => number.to_string() == wanted,
            Value::Bool(answer) => wanted == if *answer { "true" } else { "false" },
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        }
    }

    fn render(&self, who: &Subject<'_>) -> Option<String> {
        let mut text = String::new();
        for piece in &self.wanted {
            text.push_str(match piece {
                Piece::Text(text) => text,
                Piece::ClientId => who.client_id,
                Piece::Username => who.username?,
                Piece::CommonName => who.common_name?,
            });
        }
        Some(text)
    }
}

fn pieces(template: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let unknown = |name: &str| TemplateError(format!("${{{name}"));
        let (name, behind) = after.split_once('}').ok_or_else(|| unknown(after))?;
        pieces.push(match name {
            "clientid" => Piece::ClientId,
            "username" => Piece::Username,
            "cert_common_name" => Piece::CommonName,
            other => return Err(unknown(&format!("{other}}}"))),
        });
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}
