//! The gate: whether a client may publish or subscribe, and what becomes of what it may not.
//!
//! Asked in this order: superuser, what was decided a moment ago, the rules of the client's own token, the rules of the
//! node ([`crate::Authorizer`]). A refusal is answered, logged, counted and noted in one place. What somebody elsewhere
//! has to be asked about is parked; the connection is not read until [`Shard::on_authorized`] has the answer, so a
//! client's packets keep their order.
//!
//! | file | what |
//! | --- | --- |
//! | `packets.rs` | PUBLISH and SUBSCRIBE on their way through the gate |
//! | `will.rs` | wills, in the name of the client that has gone |
//! | `answer.rs` | what waits for an answer from elsewhere |
//! | `recheck.rs` | subscriptions that were allowed once: asked about again |
//! | `refuse.rs` | what a refusal leads to |
//! | `action.rs` | what is asked, out of packets and messages |
//!
//! What a subscription receives (retained messages too) is not judged again.

mod action;
mod answer;
mod packets;
mod recheck;
mod refuse;
mod will;

use bytestring::ByteString;
use emqx_acl::{Action, Permission};

use self::action::text_of;
pub(in crate::channel) use self::recheck::Elsewhere;
pub use self::recheck::Recheck;
use crate::authorizer::{Actor, Authority, OwnedActor, Verdict};
use crate::authz_cache::{Remembered, hash_of};
use crate::topic::SubscriptionFilter;
use crate::{Authorization, ConnectionKey, Identity, LastRefusal, Metric, Shard, Time};

/// The source that the rules of a client's token go by, as in EMQX.
const TOKEN: &str = "client_info";

/// What the gate says.
enum Decision {
    Allowed,
    Refused(Authority),
    /// To be asked elsewhere.
    Open,
}

impl Shard {
    /// Other rules, from now on. What clients have subscribed to stays until [`Shard::recheck_subscriptions`] has looked
    /// at it.
    pub fn set_authorization(&mut self, authorization: Authorization) {
        self.gate.set(authorization);
    }

    /// Forgets what was decided about topics: for everybody, or for one client. Whether that one is connected.
    pub fn clean_authorization_cache(&mut self, client_id: Option<&str>) -> bool {
        let Some(client_id) = client_id else {
            self.gate.forget_decisions();
            return true;
        };
        let Some(connection) = self.connection_of(client_id) else {
            return false;
        };
        self.gate.forget_decisions_of(connection);
        true
    }

    /// Decisions that are remembered for a client; `None` if it is not connected.
    pub fn authorization_cache_len(&self, client_id: &str) -> Option<usize> {
        Some(self.gate.remembered_len(self.connection_of(client_id)?))
    }

    /// A client has become somebody, or somebody else: what was decided about it before is worth nothing.
    pub(crate) fn on_identity_set(&mut self, connection: ConnectionKey) {
        let Some(channel) = self.channel(connection) else {
            return;
        };
        if let Some(identity) = &channel.identity {
            let has_rules = identity.rules.is_some();
            self.gate.forget_decisions_of(connection);
            if has_rules {
                self.gate.on_token_rules();
            }
        }
    }

    /// What a connected client was last refused.
    pub fn last_refusal(&self, client_id: &str) -> Option<&LastRefusal> {
        self.gate.last_refusal(self.connection_of(client_id)?)
    }

    /// A connected client as rules see it.
    pub fn actor(&self, client_id: &str) -> Option<OwnedActor> {
        let channel = self.channel(self.connection_of(client_id)?)?;
        self.author_of(channel).map(|actor| *actor)
    }

    /// Whether a packet was parked since this was asked last: then its client is not to be read any further.
    #[inline]
    pub fn has_asked(&mut self) -> bool {
        self.gate.take_has_asked()
    }

    /// Asks about one thing, and counts what comes out.
    fn decide(&mut self, connection: ConnectionKey, action: &Action<'_>, now: Time) -> Decision {
        let Some(channel) = self.channel(connection) else {
            return Decision::Refused(Authority::of(Authority::NO_ANSWER));
        };
        let identity = channel.identity.as_deref();
        if identity.is_some_and(|identity| identity.is_superuser) {
            self.metrics.inc(Metric::AuthorizationSuperuser);
            self.metrics.inc(Metric::AuthorizationAllow);
            return Decision::Allowed;
        }
        let text = text_of(action);
        let settings = self.gate.cache_settings(text);
        let hash = hash_of(self.routes.hash_seed().hash(text), action);
        if let Some(settings) = settings {
            let decision = match self.gate.remembered(connection, hash, action, settings, now) {
                Some(Remembered::Allowed) => Some(Decision::Allowed),
                Some(Remembered::Refused(authority)) => Some(Decision::Refused(authority.clone())),
                None => None,
            };
            if let Some(decision) = decision {
                self.metrics.inc(Metric::AuthorizationCacheHit);
                self.metrics.inc(match decision {
                    Decision::Allowed => Metric::AuthorizationAllow,
                    _ => Metric::AuthorizationDeny,
                });
                return decision;
            }
            self.metrics.inc(Metric::AuthorizationCacheMiss);
        }
        let Some(session) = self.sessions.get(channel.session) else {
            return Decision::Refused(Authority::of(Authority::NO_ANSWER));
        };
        let username = session.username.as_deref();
        let actor = Actor::new(&session.client_id, username, &channel.peer, channel.version as u8);
        let is_kept = settings.is_some() && matches!(action, Action::Publish { .. });
        let decision = match self.ask(&actor, identity, action, now) {
            Verdict::Allow(authority) => {
                self.count(Permission::Allow, &authority);
                Decision::Allowed
            }
            Verdict::Deny(authority) => {
                self.count(Permission::Deny, &authority);
                Decision::Refused(authority)
            }
            Verdict::Ask => return Decision::Open,
        };
        if is_kept {
            let refused_by = match &decision {
                Decision::Refused(authority) => Some(authority),
                _ => None,
            };
            self.gate.remember(connection, hash, action, refused_by, now);
        }
        decision
    }

    /// The rules of the client's token, then those of the node.
    fn ask(&self, actor: &Actor<'_>, identity: Option<&Identity>, action: &Action<'_>, now: Time) -> Verdict {
        self.metrics.inc(Metric::ClientAuthorize);
        if let Some(identity) = identity {
            if identity.is_superuser {
                return Verdict::Allow(Authority::of("superuser"));
            }
            if let Some(rules) = &identity.rules {
                if identity.expires_at.is_some_and(|at| now >= at) {
                    return Verdict::Deny(Authority::by_rule(TOKEN, "the token has run out"));
                }
                if let Some(decision) = rules.decide(&actor.who, action) {
                    return match decision.permission {
                        Permission::Allow => Verdict::Allow(Authority::of(TOKEN)),
                        Permission::Deny => Verdict::Deny(Authority::by_rule(TOKEN, format!("rule {}", decision.rule))),
                    };
                }
            }
        }
        self.gate.authorization().authorizer.authorize(actor, action, now)
    }

    fn count(&self, permission: Permission, authority: &Authority) {
        let is_matched = authority.source != Authority::NO_MATCH;
        let (result, matched) = match permission {
            Permission::Allow => (Metric::AuthorizationAllow, Metric::AuthorizationMatchedAllow),
            Permission::Deny => (Metric::AuthorizationDeny, Metric::AuthorizationMatchedDeny),
        };
        self.metrics.inc(result);
        self.metrics.inc(if is_matched {
            matched
        } else {
            Metric::AuthorizationNomatch
        });
    }

    /// The filter without `$share/{group}/` and the like; `None` if it is none.
    fn plain_filter(&self, full: &ByteString) -> Option<ByteString> {
        let parsed = SubscriptionFilter::parse(full.clone(), self.topic_limits);
        parsed.ok().map(|parsed| parsed.filter)
    }
}
