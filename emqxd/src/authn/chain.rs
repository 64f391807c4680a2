//! The authenticators of one chain, asked in turn until one of them decides.
//!
//! EMQX's rules: who ignores a client leaves it to the next; if all do, it is refused with `not_authorized`. An
//! exchange of AUTH packets goes to the one authenticator of its method, others are not asked.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{EnhancedAuthentication, Identity, Refusal};
use mqtt_codec::ReasonCode;

use super::authenticator::{Answer, Authenticator, Conversation, EnhancedAuthenticator, Step};
use super::credentials::Credentials;

/// Authenticators in their order; none that is switched off.
#[derive(Default)]
pub struct Chain {
    members: Vec<Member>,
}

/// What a member of a chain is.
pub enum Member {
    /// Asked about CONNECT.
    Plain(Arc<dyn Authenticator>),
    /// Asked by AUTH packets.
    Enhanced(Arc<dyn EnhancedAuthenticator>),
}

/// What a chain says of a client.
pub enum Outcome {
    /// Who it is.
    Accept(Identity),
    /// It stays out.
    Refuse(Refusal),
    /// AUTH goes to the client.
    Continue {
        /// Its Authentication Data.
        data: Bytes,
        /// Goes on when the client has answered.
        talk: Talk,
    },
}

/// An exchange of AUTH packets that waits for the client.
pub struct Talk {
    /// Authentication Method.
    pub method: ByteString,
    authenticator: Arc<str>,
    conversation: Box<dyn Conversation>,
}

impl Chain {
    /// Of these, in this order.
    pub fn new(members: Vec<Member>) -> Self {
        Self { members }
    }

    /// Nobody is asked: everybody is let in.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether a user name is a token, which logs and listings must not show: whoever reads it could log in with it.
    pub fn is_secret(&self, username: &str) -> bool {
        let takes_it = |member: &Member| matches!(member, Member::Plain(plain) if plain.takes_secret_as_user_name());
        looks_like_token(username) && self.members.iter().any(takes_it)
    }

    /// Asks about a CONNECT without an authentication method.
    pub async fn authenticate(&self, credentials: &Credentials) -> Outcome {
        let mut reasons: Vec<(&str, Cow<'static, str>)> = Vec::new();
        for member in &self.members {
            let Member::Plain(authenticator) = member else { continue };
            let id = authenticator.id();
            match authenticator.authenticate(credentials).await {
                Answer::Ignore(why) => reasons.push((id, why)),
                Answer::Accept(identity) => {
                    let username = identity.username.or_else(|| credentials.username.clone());
                    return Outcome::Accept(Identity {
                        username,
                        authenticated_by: Some(id.into()),
                        ..identity
                    });
                }
                Answer::Refuse(refusal) => return Outcome::Refuse(by(id, refusal)),
            }
        }
        let mut detail = String::from("no authenticator knows this client");
        for (number, (id, why)) in reasons.iter().enumerate() {
            let before = if number == 0 { ": " } else { "; " };
            let _to_a_string_never_fails = write!(detail, "{before}{id}: {why}");
        }
        Outcome::Refuse(Refusal::new(ReasonCode::NotAuthorized, "", detail))
    }

    /// Begins an exchange of AUTH packets.
    pub async fn begin(&self, method: ByteString, credentials: &Credentials, data: Bytes) -> Outcome {
        let authenticator = self.members.iter().find_map(|member| match member {
            Member::Enhanced(authenticator) if authenticator.method() == &*method => Some(authenticator),
            _ => None,
        });
        let Some(authenticator) = authenticator else {
            let detail = format!("no authenticator of this listener knows the authentication method {method}");
            return Outcome::Refuse(Refusal::new(ReasonCode::BadAuthenticationMethod, "", detail));
        };
        let id = Arc::from(authenticator.id());
        outcome(method, id, authenticator.begin(credentials, data).await)
    }
}

impl Talk {
    /// Goes on with what the client has answered.
    pub async fn proceed(self, data: Bytes) -> Outcome {
        let step = self.conversation.proceed(data).await;
        outcome(self.method, self.authenticator, step)
    }
}

fn outcome(method: ByteString, authenticator: Arc<str>, step: Step) -> Outcome {
    match step {
        Step::Continue { data, conversation } => Outcome::Continue {
            data,
            talk: Talk {
                method,
                authenticator,
                conversation,
            },
        },
        Step::Accept { identity, data } => Outcome::Accept(Identity {
            authenticated_by: Some(authenticator),
            enhanced: Some(Box::new(EnhancedAuthentication { method, data })),
            ..identity
        }),
        Step::Refuse(refusal) => Outcome::Refuse(by(&authenticator, refusal)),
    }
}

/// A JSON object in base64url and two parts more (RFC 7515, section 3.1).
fn looks_like_token(text: &str) -> bool {
    text.starts_with("ey") && text.split('.').count() == 3
}

/// `why` names the authenticator.
fn by(id: &str, refusal: Refusal) -> Refusal {
    Refusal {
        detail: format!("{id}: {}", refusal.detail).into(),
        ..refusal
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use emqxd_broker::Peer;
    use mqtt_codec::ProtocolVersion;

    use super::super::authenticator::BoxFuture;
    use super::*;

    /// Answers as it is told, and remembers that it was asked.
    struct Fake {
        id: &'static str,
        answer: fn() -> Answer,
        asked: Arc<Mutex<Vec<&'static str>>>,
    }

    impl Authenticator for Fake {
        fn id(&self) -> &str {
            self.id
        }

        fn authenticate<'a>(&'a self, _credentials: &'a Credentials) -> BoxFuture<'a, Answer> {
            self.asked.lock().unwrap().push(self.id);
            let answer = (self.answer)();
            Box::pin(async { answer })
        }
    }

    /// Sends the client's data back until it says `done`.
    struct Echo;

    impl EnhancedAuthenticator for Echo {
        fn id(&self) -> &str {
            "echo"
        }

        fn method(&self) -> &str {
            "ECHO"
        }

        fn begin<'a>(&'a self, _credentials: &'a Credentials, data: Bytes) -> BoxFuture<'a, Step> {
            Box::new(Self).proceed(data)
        }
    }

    impl Conversation for Echo {
        fn proceed(self: Box<Self>, data: Bytes) -> BoxFuture<'static, Step> {
            Box::pin(async move {
                match &data[..] {
                    b"done" => Step::Accept {
                        identity: Identity::claimed(Some(ByteString::from_static("proven"))),
                        data: Some(data),
                    },
                    b"no" => Step::Refuse(Refusal::new(ReasonCode::NotAuthorized, "", "it said no")),
                    _ => Step::Continue {
                        data,
                        conversation: self,
                    },
                }
            })
        }
    }

    fn credentials() -> Credentials {
        Credentials {
            client_id: ByteString::from_static("c"),
            username: Some(ByteString::from_static("u")),
            password: None,
            peer: Peer::tcp(Arc::from("tcp:default"), ([127, 0, 0, 1], 1).into(), 1883),
            zone: ByteString::from_static("default"),
            version: ProtocolVersion::V5,
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    /// The outcome of a chain of these answers, and who was asked.
    /// The id of an authenticator, and what it answers.
    type Scripted = (&'static str, fn() -> Answer);

    fn ask(answers: &[Scripted]) -> (Outcome, Vec<&'static str>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let members = answers.iter().map(|&(id, answer)| {
            let asked = Arc::clone(&asked);
            Member::Plain(Arc::new(Fake { id, answer, asked }))
        });
        let chain = Chain::new(members.collect());
        let outcome = run(chain.authenticate(&credentials()));
        let asked = asked.lock().unwrap().clone();
        (outcome, asked)
    }

    fn ignore() -> Answer {
        Answer::Ignore("no such user".into())
    }

    fn accept() -> Answer {
        Answer::Accept(Identity::default())
    }

    fn refuse() -> Answer {
        Answer::bad_password("the password is wrong")
    }

    fn refusal(outcome: Outcome) -> (ReasonCode, String) {
        match outcome {
            Outcome::Refuse(refusal) => (refusal.reason_code, refusal.detail.into()),
            _ => panic!("not refused"),
        }
    }

    #[test]
    fn the_first_who_decides_decides() {
        let (outcome, asked) = ask(&[("a", ignore), ("b", accept), ("c", refuse)]);
        assert_eq!(asked, ["a", "b"]);
        let Outcome::Accept(identity) = outcome else {
            panic!("refused")
        };
        assert_eq!(identity.username.as_deref(), Some("u"));
        assert_eq!(identity.authenticated_by.as_deref(), Some("b"));
        let (outcome, asked) = ask(&[("a", refuse), ("b", accept)]);
        assert_eq!(asked, ["a"]);
        let expected = "a: the password is wrong".to_owned();
        assert_eq!(refusal(outcome), (ReasonCode::BadUsernameOrPassword, expected));
    }

    #[test]
    fn whom_nobody_knows_is_not_authorized_and_each_says_why() {
        let (outcome, _) = ask(&[("a", ignore), ("b", || Answer::Ignore("no token".into()))]);
        let expected = "no authenticator knows this client: a: no such user; b: no token".to_owned();
        assert_eq!(refusal(outcome), (ReasonCode::NotAuthorized, expected));
    }

    #[test]
    fn a_method_goes_to_its_own_authenticator_alone() {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let plain = Fake {
            id: "plain",
            answer: accept,
            asked: Arc::clone(&asked),
        };
        let chain = Chain::new(vec![Member::Plain(Arc::new(plain)), Member::Enhanced(Arc::new(Echo))]);
        let begin = |method: &'static str, data: &'static [u8]| {
            let method = ByteString::from_static(method);
            run(chain.begin(method, &credentials(), Bytes::from_static(data)))
        };
        assert_eq!(refusal(begin("OTHER", b"")).0, ReasonCode::BadAuthenticationMethod);
        let Outcome::Continue { data, talk } = begin("ECHO", b"hello") else {
            panic!("no talk")
        };
        assert_eq!(&data[..], b"hello");
        let Outcome::Accept(identity) = run(talk.proceed(Bytes::from_static(b"done"))) else {
            panic!("not accepted")
        };
        assert_eq!(identity.username.as_deref(), Some("proven"));
        let enhanced = identity.enhanced.unwrap();
        assert_eq!(
            (&*enhanced.method, enhanced.data.as_deref()),
            ("ECHO", Some(&b"done"[..]))
        );
        assert_eq!(
            refusal(begin("ECHO", b"no")),
            (ReasonCode::NotAuthorized, "echo: it said no".to_owned())
        );
        assert!(asked.lock().unwrap().is_empty());
    }
}
