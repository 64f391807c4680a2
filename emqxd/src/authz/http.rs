//! A server that is asked what clients may do: EMQX's source of type `http`.
//!
//! Status 204 allows; 200 says `allow`, `deny` or `ignore` in the field `result` of its body, JSON or a form. Anything
//! else is a refusal: no answer in time, another status, a body that says nothing. EMQX asks the next source then, so
//! that with `no_match = allow` a server that is down opens every topic; here a rule that cannot be asked forbids.
//! `ignore` is how a server leaves it to others.

use std::borrow::Cow;

use emqx_acl::{Action, Permission};
use emqxd_broker::{Actor, Answer, Authority};

use crate::config::authn::HttpSettings;
use crate::http_client::{HttpAnswer, HttpClient, HttpClientError, HttpFailure};

/// EMQX's word.
const SOURCE: &str = "http";

/// What its texts may ask for.
pub const PLACEHOLDERS: &[&str] = &[
    "username",
    "clientid",
    "peerhost",
    "peerport",
    "topic",
    "action",
    "access",
    "qos",
    "retain",
    "proto_name",
    "proto_ver",
    "listener",
    "zone",
    "mountpoint",
    "cert_common_name",
    "cert_subject",
];

/// One server.
pub struct HttpSource {
    client: HttpClient,
    settings: HttpSettings,
}

impl HttpSource {
    /// Of these settings. Asks nothing yet.
    ///
    /// # Errors
    /// See [`HttpClientError`].
    pub fn new(settings: &HttpSettings) -> Result<Self, HttpClientError> {
        Ok(Self {
            client: HttpClient::new(settings, PLACEHOLDERS)?,
            settings: settings.clone(),
        })
    }

    /// How it is asked.
    pub fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// Its URL without the query, which may hold a secret.
    pub fn shown_url(&self) -> &str {
        let url = &self.settings.url;
        url.split(['?', '#']).next().unwrap_or(url)
    }

    /// What the server says; `None` if it leaves it to others.
    pub async fn ask(&self, actor: &Actor<'_>, action: &Action<'_>) -> Option<Answer> {
        let answer = self.client.ask(|name| value(name, actor, action)).await;
        match answer.map(|answer| read(&answer)) {
            Ok(Ok(said)) => said.map(|permission| Answer {
                permission,
                authority: match permission {
                    Permission::Allow => Authority::of(SOURCE),
                    Permission::Deny => Authority::by_rule(SOURCE, format!("{} says deny", self.shown_url())),
                },
            }),
            Ok(Err(why)) => Some(self.refuse(&why)),
            // The client's doing, and not worth a line of log each time.
            Err(failure @ HttpFailure::Unsendable(_)) => Some(Answer {
                permission: Permission::Deny,
                authority: Authority::by_rule(SOURCE, failure.to_string()),
            }),
            Err(failure) => Some(self.refuse(&failure.to_string())),
        }
    }

    /// No answer is a refusal, for this time.
    fn refuse(&self, why: &str) -> Answer {
        tracing::error!(
            tag = "AUTHZ",
            url = self.shown_url(),
            reason = why,
            next = "see to the server; until then its clients may do nothing",
            "authz_http_request_failed"
        );
        Answer {
            permission: Permission::Deny,
            authority: Authority::by_rule(Authority::NO_ANSWER, format!("http: {why}")),
        }
    }
}

/// What an answer says: `None` if it leaves it to others; or why it says nothing.
fn read(answer: &HttpAnswer) -> Result<Option<Permission>, String> {
    match answer.status {
        204 => Ok(Some(Permission::Allow)),
        200 => {
            let fields = answer
                .fields()
                .ok_or("status 200 with a body that is neither JSON nor a form")?;
            match fields.get("result").and_then(|result| result.as_str()) {
                Some("allow") => Ok(Some(Permission::Allow)),
                Some("deny") => Ok(Some(Permission::Deny)),
                Some("ignore") => Ok(None),
                _ => Err("status 200 with a `result` other than allow, deny and ignore".to_owned()),
            }
        }
        status => Err(format!("status {status}")),
    }
}

fn value<'a>(name: &str, actor: &Actor<'a>, action: &Action<'a>) -> Option<Cow<'a, str>> {
    let who = &actor.who;
    let (word, topic, qos, retain) = match *action {
        Action::Publish { topic, qos, retain } => ("publish", topic, qos, retain),
        Action::Subscribe { filter, qos } => ("subscribe", filter, qos, false),
    };
    Some(match name {
        "username" => who.username?.into(),
        "clientid" => who.client_id.into(),
        "peerhost" => who.address.to_string().into(),
        "peerport" => actor.peer.port().to_string().into(),
        "topic" => topic.into(),
        "action" => word.into(),
        // EMQX 4: 1 subscribes, 2 publishes.
        "access" => if word == "subscribe" { "1" } else { "2" }.into(),
        "qos" => qos.to_string().into(),
        "retain" => retain.to_string().into(),
        "proto_name" => if actor.protocol_level == 3 { "MQIsdp" } else { "MQTT" }.into(),
        "proto_ver" => actor.protocol_level.to_string().into(),
        "listener" => who.listener.into(),
        "zone" => who.zone.into(),
        "cert_common_name" => who.common_name?.into(),
        "cert_subject" => who.subject?.into(),
        // There is none.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, body: &'static str) -> HttpAnswer {
        HttpAnswer {
            status,
            content_type: Some("application/json".to_owned()),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn only_a_clear_answer_is_one() {
        assert_eq!(read(&answer(204, "")), Ok(Some(Permission::Allow)));
        assert_eq!(read(&answer(200, r#"{"result":"allow"}"#)), Ok(Some(Permission::Allow)));
        assert_eq!(read(&answer(200, r#"{"result":"deny"}"#)), Ok(Some(Permission::Deny)));
        assert_eq!(read(&answer(200, r#"{"result":"ignore"}"#)), Ok(None));
        for (status, body) in [
            (200, ""),
            (200, "allow"),
            (200, r#"{"result":"yes"}"#),
            (200, r#"{"result":true}"#),
            (201, r#"{"result":"allow"}"#),
            (301, ""),
            (401, ""),
            (500, r#"{"result":"allow"}"#),
        ] {
            assert!(read(&answer(status, body)).is_err(), "{status} {body}");
        }
    }
}
