//! What a client may publish and subscribe to: asked for each PUBLISH, each filter of a SUBSCRIBE and each will.
//!
//! The gate itself (superusers, rules of a client's token, the cache, what a refusal leads to) is in
//! `channel/authorize/`; the rules of the node are the daemon's, which puts them behind [`Authorizer`]. Asked on the
//! worker that owns the client: so it must not wait. What has to be asked elsewhere is a [`Verdict::Ask`]: the packet is
//! parked, the client is not read, and [`crate::Shard::on_authorized`] goes on with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use emqx_acl::{Action, Permission, Who};

use crate::{ConnectionKey, Identity, Peer, Time};

/// Decides what clients may do; one for all shards of a node.
pub trait Authorizer: Send + Sync {
    /// What everybody may do, so that nobody need be asked. Read once, when the authorizer comes into use.
    fn open_to_all(&self) -> OpenToAll;

    /// Whether a client may do this. Superusers and what a client's own token says are settled before.
    fn authorize(&self, actor: &Actor<'_>, action: &Action<'_>, now: Time) -> Verdict;
}

/// What everybody may do whatever it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenToAll {
    /// Publish, to whatever topic.
    pub publish: bool,
    /// Subscribe, to whatever filter.
    pub subscribe: bool,
}

/// Who wants to do something.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// As rules see it.
    pub who: Who<'a>,
    /// Address and port of the client.
    pub peer: SocketAddr,
    /// Port of the listener.
    pub listener_port: u16,
    /// Level of the protocol: 3, 4 or 5.
    pub protocol_level: u8,
}

impl<'a> Actor<'a> {
    /// A client by its name and where it comes from.
    pub fn new(client_id: &'a str, username: Option<&'a str>, peer: &'a Peer, protocol_level: u8) -> Self {
        Self {
            who: Who {
                client_id,
                username,
                // An IPv4 address that came over an IPv6 socket is one.
                address: peer.address.ip().to_canonical(),
                common_name: peer.common_name(),
                subject: peer.subject(),
                zone: DEFAULT_ZONE,
                listener: &peer.listener,
                attributes: &[],
            },
            peer: peer.address,
            listener_port: peer.listener_port,
            protocol_level,
        }
    }
}

/// The answer of an [`Authorizer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allow(Authority),
    /// It may not.
    Deny(Authority),
    /// Somebody who is not here has to be asked.
    Ask,
}

/// Who decided, for logs, traces and `why`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// `file`, `built_in_database`, `http`, `client_info`, `superuser`, or one of the two below.
    pub source: &'static str,
    /// Which rule, in words for an operator: `rule 3, line 12`.
    pub rule: Option<Box<str>>,
}

impl Authority {
    /// The source that stands in for rules that there are not: `authorization.no_match`.
    pub const NO_MATCH: &'static str = "no_match";
    /// The source that stands in for an answer that has not come; such a refusal is not remembered.
    pub const NO_ANSWER: &'static str = "no_answer";

    /// Without a rule.
    pub const fn of(source: &'static str) -> Self {
        Self { source, rule: None }
    }

    /// With the rule that matched.
    pub fn by_rule(source: &'static str, rule: impl Into<Box<str>>) -> Self {
        Self {
            source,
            rule: Some(rule.into()),
        }
    }
}

impl std::fmt::Display for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.rule {
            Some(rule) => write!(f, "{}: {rule}", self.source),
            None => f.write_str(self.source),
        }
    }
}

/// What a refused PUBLISH or SUBSCRIBE leads to: `authorization.deny_action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DenyAction {
    /// The packet is answered with the refusal where there is an answer.
    #[default]
    Ignore,
    /// The connection ends.
    Disconnect,
}

/// How the gate works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationSettings {
    /// `authorization.deny_action`
    pub deny_action: DenyAction,
    /// `authorization.cache`; `None` if it is off.
    pub cache: Option<CacheSettings>,
    /// How long an answer from elsewhere may take: then it is a refusal.
    pub patience: Duration,
}

impl Default for AuthorizationSettings {
    fn default() -> Self {
        Self {
            deny_action: DenyAction::default(),
            cache: Some(CacheSettings::default()),
            patience: Duration::from_secs(30),
        }
    }
}

/// `authorization.cache`: what is remembered for each client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSettings {
    /// Decisions kept for a client; the oldest makes room.
    pub max_size: usize,
    /// How long one is good.
    pub ttl: Duration,
    /// Filters of topics that are asked about each time.
    pub excludes: Vec<String>,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            max_size: 32,
            ttl: Duration::from_secs(60),
            excludes: Vec::new(),
        }
    }
}

/// Lets everybody do everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuthorizeAll;

impl Authorizer for AuthorizeAll {
    fn open_to_all(&self) -> OpenToAll {
        OpenToAll {
            publish: true,
            subscribe: true,
        }
    }

    fn authorize(&self, _actor: &Actor<'_>, _action: &Action<'_>, _now: Time) -> Verdict {
        Verdict::Allow(Authority::of(Authority::NO_MATCH))
    }
}

/// Which question an answer belongs to; never used twice by a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub(crate) u64);

/// What [`crate::Effect::AskAuthorization`] asks: all that is open about one packet or one will.
#[derive(Debug)]
pub struct Question {
    /// Goes back with the answers.
    pub ticket: Ticket,
    /// The connection whose packet is parked, not to be read until the answer is there; `None` for a will.
    pub connection: Option<ConnectionKey>,
    /// Who wants it.
    pub actor: OwnedActor,
    /// What, at most as many as a SUBSCRIBE has filters.
    pub asked: Vec<OwnedAction>,
}

/// The answer to one of [`Question::asked`], in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it may.
    pub permission: Permission,
    /// Who said so.
    pub authority: Authority,
}

/// An [`Actor`] that can be kept, and taken to another thread.
#[derive(Debug, Clone)]
pub struct OwnedActor {
    /// The client.
    pub client_id: ByteString,
    /// Its user name in force.
    pub username: Option<Box<str>>,
    /// Where it comes from.
    pub peer: Peer,
    /// Level of the protocol: 3, 4 or 5.
    pub protocol_level: u8,
    /// What authentication has found out, if that is more than a user name.
    pub identity: Option<Box<Identity>>,
}

impl OwnedActor {
    /// As an authorizer takes it.
    pub fn as_actor(&self) -> Actor<'_> {
        Actor::new(
            &self.client_id,
            self.username.as_deref(),
            &self.peer,
            self.protocol_level,
        )
    }
}

/// The only zone there is.
const DEFAULT_ZONE: &str = "default";

/// An [`Action`] that can be kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OwnedAction {
    /// Publish to a topic.
    Publish {
        /// The topic.
        topic: Box<str>,
        /// QoS of the message.
        qos: u8,
        /// To be retained.
        retain: bool,
    },
    /// Subscribe to a filter, without `$share/{group}/` and the like.
    Subscribe {
        /// The filter.
        filter: Box<str>,
        /// QoS asked for.
        qos: u8,
    },
}

impl OwnedAction {
    /// As an authorizer takes it.
    pub fn as_action(&self) -> Action<'_> {
        match self {
            Self::Publish { topic, qos, retain } => Action::Publish {
                topic,
                qos: *qos,
                retain: *retain,
            },
            Self::Subscribe { filter, qos } => Action::Subscribe { filter, qos: *qos },
        }
    }
}

impl From<&Action<'_>> for OwnedAction {
    fn from(action: &Action<'_>) -> Self {
        match *action {
            Action::Publish { topic, qos, retain } => Self::Publish {
                topic: topic.into(),
                qos,
                retain,
            },
            Action::Subscribe { filter, qos } => Self::Subscribe {
                filter: filter.into(),
                qos,
            },
        }
    }
}

/// The rules of a node and how they are applied; what [`crate::Shard::set_authorization`] takes.
#[derive(Clone)]
pub struct Authorization {
    /// The rules.
    pub authorizer: Arc<dyn Authorizer>,
    /// How they are applied.
    pub settings: Arc<AuthorizationSettings>,
}

impl Default for Authorization {
    fn default() -> Self {
        Self {
            authorizer: Arc::new(AuthorizeAll),
            settings: Arc::default(),
        }
    }
}
