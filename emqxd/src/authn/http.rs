//! The HTTP authenticator: a server of the operator's is asked about each client.
//!
//! EMQX's contract: 200 with a body whose `result` is `allow`, `deny` or `ignore`; 204 is `allow` without more; all
//! else, and no answer, is as if the server did not know the client. A client whose own words make it impossible to ask is
//! refused. With `allow` may come `is_superuser`,
//! `expire_at` (Unix seconds) and `acl`, rules for this client.

use std::borrow::Cow;
use std::sync::Arc;

use emqxd_broker::Identity;
use serde_json::Value;

use super::authenticator::{Answer, Authenticator, BoxFuture};
use super::credentials::{Credentials, PLACEHOLDERS};
use super::moment_of;
use crate::authz::rules_from_json;
use crate::clock::Clock;
use crate::config::authn::HttpSettings;
use crate::http_client::{HttpAnswer, HttpClient, HttpClientError, HttpFailure};

/// Asks a server.
pub struct HttpAuthenticator {
    client: HttpClient,
    clock: Clock,
}

impl HttpAuthenticator {
    /// Of these settings.
    ///
    /// # Errors
    /// See [`HttpClient::new`].
    pub fn new(settings: &HttpSettings, clock: Clock) -> Result<Self, HttpClientError> {
        let client = HttpClient::new(settings, PLACEHOLDERS)?;
        Ok(Self { client, clock })
    }

    async fn ask(&self, credentials: &Credentials) -> Answer {
        match self.client.ask(|name| credentials.value(name)).await {
            Ok(answer) => judge(&answer, &self.clock),
            // Its own doing: it must not get past a server that would have said no.
            Err(failure @ HttpFailure::Unsendable(_)) => Answer::not_authorized(failure.to_string()),
            Err(failure) => {
                tracing::warn!(
                    tag = "AUTHN",
                    clientid = %credentials.client_id,
                    reason = %failure,
                    "authn_http_request_failed"
                );
                Answer::Ignore(Cow::Owned(format!("the server does not answer: {failure}")))
            }
        }
    }
}

impl Authenticator for HttpAuthenticator {
    fn id(&self) -> &str {
        "password_based:http"
    }

    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Answer> {
        Box::pin(self.ask(credentials))
    }
}

fn judge(answer: &HttpAnswer, clock: &Clock) -> Answer {
    match answer.status {
        204 => return Answer::Accept(Identity::default()),
        200 => {}
        status => return Answer::Ignore(Cow::Owned(format!("the server answers with status {status}"))),
    }
    let Some(fields) = answer.fields() else {
        return Answer::Ignore("the server's answer is neither JSON nor a form".into());
    };
    match fields.get("result").and_then(Value::as_str) {
        Some("allow") => {}
        Some("deny") => return Answer::not_authorized("the server says deny"),
        Some("ignore") => return Answer::Ignore("the server says ignore".into()),
        _ => return Answer::Ignore("the server's answer has no result of allow, deny or ignore".into()),
    }
    let rules = match fields.get("acl").filter(|acl| !acl.is_null()).map(rules_from_json) {
        None => None,
        Some(Ok(rules)) => Some(Arc::new(rules)),
        // Letting it in without them might allow what they forbid.
        Some(Err(error)) => return Answer::not_authorized(format!("the acl in the server's answer: {error}")),
    };
    let expires_at = match fields.get("expire_at").filter(|at| !at.is_null()) {
        None => None,
        Some(at) => match number(at) {
            Some(at) => Some(moment_of(at, clock)),
            None => return Answer::not_authorized("expire_at in the server's answer is no number of Unix seconds"),
        },
    };
    Answer::Accept(Identity {
        is_superuser: matches!(fields.get("is_superuser"), Some(Value::Bool(true)))
            || fields.get("is_superuser").and_then(Value::as_str) == Some("true"),
        rules,
        expires_at,
        ..Identity::default()
    })
}

/// A number; in a form it is a text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mqtt_codec::ReasonCode;

    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        let answer = HttpAnswer {
            status,
            content_type: Some("application/json".to_owned()),
            body: Bytes::from_static(body.as_bytes()),
        };
        judge(&answer, &Clock::start())
    }

    #[test]
    fn allow_may_bring_rights_and_an_end() {
        let far = r#"{"result":"allow","is_superuser":true,"expire_at":32503680000,
            "acl":[{"permission":"allow","action":"publish","topic":"t"}]}"#;
        let Answer::Accept(identity) = answer(200, far) else {
            panic!("not accepted")
        };
        assert!(identity.is_superuser && identity.expires_at.is_some());
        assert_eq!(identity.rules.unwrap().len(), 1);
        assert!(matches!(answer(204, ""), Answer::Accept(identity) if !identity.is_superuser));
    }

    #[test]
    fn deny_is_the_only_word_that_refuses() {
        let Answer::Refuse(refusal) = answer(200, r#"{"result":"deny"}"#) else {
            panic!("not refused")
        };
        assert_eq!(refusal.reason_code, ReasonCode::NotAuthorized);
        for (status, body) in [
            (200, r#"{"result":"ignore"}"#),
            (200, r#"{"result":"maybe"}"#),
            (200, r#"{"is_superuser":true}"#),
            (200, "allow"),
            (200, r#"["allow"]"#),
            (401, r#"{"result":"allow"}"#),
            (302, ""),
            (500, ""),
        ] {
            assert!(matches!(answer(status, body), Answer::Ignore(_)), "{status} {body}");
        }
    }

    #[test]
    fn who_cannot_be_asked_about_because_of_his_own_words_is_refused() {
        use bytestring::ByteString;
        use emqxd_broker::Peer;
        use mqtt_codec::ProtocolVersion;
        let settings = HttpSettings {
            url: "http://127.0.0.1:9/${clientid}".to_owned(),
            ..HttpSettings::default()
        };
        let authenticator = HttpAuthenticator::new(&settings, Clock::start()).unwrap();
        let credentials = Credentials {
            client_id: ByteString::from_static(".."),
            username: None,
            password: None,
            peer: Peer::tcp(Arc::from("tcp:default"), ([127, 0, 0, 1], 1).into(), 1883),
            zone: ByteString::from_static("default"),
            version: ProtocolVersion::V5,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(authenticator.authenticate(&credentials));
        assert!(matches!(answer, Answer::Refuse(_)), "{answer:?}");
    }

    #[test]
    fn rights_that_cannot_be_read_let_nobody_in() {
        for body in [
            r#"{"result":"allow","acl":[{"permission":"perhaps"}]}"#,
            r#"{"result":"allow","expire_at":"tomorrow"}"#,
        ] {
            assert!(matches!(answer(200, body), Answer::Refuse(_)), "{body}");
        }
    }
}
