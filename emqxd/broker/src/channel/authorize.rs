//! The gate: whether a client may publish or subscribe, and what becomes of what it may not.
//!
//! Asked in this order: superuser, what was decided a moment ago, the rules of the client's own token, the rules of the
//! node ([`crate::Authorizer`]). A refusal is answered, logged, counted and noted in one place. What somebody elsewhere
//! has to be asked about is parked; the connection is not read until [`Shard::on_authorized`] has the answer, so a
//! client's packets keep their order. A will is asked about when it is published, in the name of the client it was:
//! so it cannot say what its client could not.
//!
//! A subscription that was allowed stays, whatever the rules become, and a session that is gone on with brings its own
//! along, as in EMQX; `clients kick` drops both. What a subscription receives (retained messages too) is not judged again.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqx_acl::{Action, Permission};
use mqtt_codec::{Publish, ReasonCode, Subscribe};

use super::Channel;
use crate::authorizer::{Actor, Answer, Authority, DenyAction, OwnedAction, OwnedActor, Question, Ticket, Verdict};
use crate::authz_cache::{Remembered, hash_of};
use crate::authz_gate::{ParkedWork, Refusals};
use crate::message::detach_properties;
use crate::topic::SubscriptionFilter;
use crate::{
    Authorization, ConnectionKey, DisconnectReason, Effect, Identity, LastRefusal, Message, Metric, Shard, Time,
    TraceKind,
};

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
    /// Other rules, from now on. What clients have subscribed to stays.
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
    pub(super) fn on_identity_set(&mut self, connection: ConnectionKey) {
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

    /// The answers to a [`Question`], in the order of [`Question::asked`]. Those that are missing are refusals.
    #[cold]
    pub fn on_authorized(&mut self, ticket: Ticket, answers: Vec<Answer>, now: Time, effects: &mut Vec<Effect>) {
        let Some(parked) = self.gate.take_parked(ticket) else {
            return;
        };
        if let Some(connection) = parked.connection {
            effects.push(Effect::AuthorizationAnswered { connection });
        }
        let mut answers = answers.into_iter();
        match (parked.work, parked.connection) {
            (ParkedWork::Publish(publish), Some(connection)) => {
                let action = publish_action(&publish);
                let refusal = self.take_answer(answers.next(), Some(connection), &action, now);
                match refusal {
                    None => {
                        self.trace_allowed(connection, &action);
                        let destinations = self.destinations(&publish.topic);
                        self.accept_publish(connection, publish, &destinations, now, effects);
                    }
                    Some(authority) => self.refuse_publish(connection, &publish, &authority, now, effects),
                }
            }
            (
                ParkedWork::Subscribe {
                    subscribe,
                    mut refusals,
                    asked,
                },
                Some(connection),
            ) => {
                for place in asked {
                    let Some(filter) = subscribe.filters.get(place) else {
                        continue;
                    };
                    let plain = self.plain_filter(&filter.filter);
                    let action = Action::Subscribe {
                        filter: plain.as_deref().unwrap_or(&filter.filter),
                        qos: filter.qos as u8,
                    };
                    let refusal = self.take_answer(answers.next(), Some(connection), &action, now);
                    if let Some(slot) = refusals.get_mut(place) {
                        *slot = refusal;
                    }
                }
                self.finish_subscribe(connection, *subscribe, &refusals, now, effects);
            }
            (ParkedWork::Will { message, author }, _) => {
                let action = will_action(&message);
                match self.take_answer(answers.next(), None, &action, now) {
                    None => self.publish(message, now, effects),
                    Some(authority) => self.refuse_will(&message, &author, &authority),
                }
            }
            // Packets are parked with their connection.
            (ParkedWork::Publish(_) | ParkedWork::Subscribe { .. }, None) => {}
        }
    }

    /// Gives up what waits for an answer that has not come in time.
    pub(crate) fn on_question_timer(&mut self, ticket: Ticket, now: Time, effects: &mut Vec<Effect>) {
        match self.gate.deadline_of(ticket) {
            None => {}
            Some(deadline) if now < deadline => self.arm_question(ticket, deadline, now),
            Some(_) => self.on_authorized(ticket, Vec::new(), now, effects),
        }
    }

    /// Whether a PUBLISH goes no further, for now or for good. Refuses or parks it then.
    #[inline(never)]
    pub(super) fn holds_back(
        &mut self,
        connection: ConnectionKey,
        publish: &Publish,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let action = publish_action(publish);
        match self.decide(connection, &action, now) {
            Decision::Allowed => {
                self.trace_allowed(connection, &action);
                false
            }
            Decision::Refused(authority) => {
                self.refuse_publish(connection, publish, &authority, now, effects);
                true
            }
            Decision::Open => {
                let work = ParkedWork::Publish(detach_publish(publish));
                let asked = vec![OwnedAction::from(&action)];
                if let Err(authority) = self.park(connection, work, asked, now, effects) {
                    self.metrics.inc(Metric::AuthorizationDeny);
                    self.refuse_publish(connection, publish, &authority, now, effects);
                }
                true
            }
        }
    }

    /// Who refuses which of the filters; `None` if the SUBSCRIBE waits for an answer.
    pub(super) fn authorize_filters(
        &mut self,
        connection: ConnectionKey,
        subscribe: &Subscribe,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Option<Refusals> {
        let mut refusals = Refusals::new();
        let (mut questions, mut places) = (Vec::new(), Vec::new());
        for (place, requested) in subscribe.filters.iter().enumerate() {
            refusals.push(None);
            // What is no filter is refused for that.
            let Some(filter) = self.plain_filter(&requested.filter) else {
                continue;
            };
            let action = Action::Subscribe {
                filter: &filter,
                qos: requested.qos as u8,
            };
            match self.decide(connection, &action, now) {
                Decision::Allowed => self.trace_allowed(connection, &action),
                Decision::Refused(authority) => refusals[place] = Some(authority),
                Decision::Open => {
                    questions.push(OwnedAction::from(&action));
                    places.push(place);
                }
            }
        }
        if questions.is_empty() {
            return Some(refusals);
        }
        let work = ParkedWork::Subscribe {
            subscribe: Box::new(detach_subscribe(subscribe)),
            refusals: refusals.clone(),
            asked: places.clone(),
        };
        match self.park(connection, work, questions, now, effects) {
            Ok(()) => None,
            Err(authority) => {
                self.metrics.add(Metric::AuthorizationDeny, places.len() as u64);
                for place in places {
                    refusals[place] = Some(authority.clone());
                }
                Some(refusals)
            }
        }
    }

    /// Whether one refusal ends the connection.
    pub(super) fn disconnects_refused(&self) -> bool {
        self.gate.authorization().settings.deny_action == DenyAction::Disconnect
    }

    /// Ends a connection for a refusal.
    pub(super) fn end_refused(
        &mut self,
        connection: ConnectionKey,
        action: &'static str,
        topic: &str,
        authority: &Authority,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let detail = format!("{action} to {topic} was refused by {authority}").into_boxed_str();
        let reason = DisconnectReason::Refused(ReasonCode::NotAuthorized);
        self.close_channel_because(connection, reason, Some(detail), now, effects);
    }

    /// Logs, traces and notes that a filter was refused.
    pub(super) fn tell_refused_filter(
        &mut self,
        connection: ConnectionKey,
        filter: &str,
        authority: &Authority,
        now: Time,
    ) {
        self.metrics.inc(Metric::PacketsSubscribeAuthError);
        self.tell_refused(connection, "subscribe", filter, authority, now);
        tracing::warn!(tag = "MQTT", topic = %filter, reason = "not_authorized", "cannot_subscribe_topic_filter");
    }

    /// The client that a will speaks for.
    pub(super) fn author_of(&self, channel: &Channel) -> Option<Box<OwnedActor>> {
        let session = self.sessions.get(channel.session)?;
        Some(Box::new(OwnedActor {
            client_id: session.client_id.clone(),
            username: session.username.clone(),
            peer: channel.peer.clone(),
            protocol_level: channel.version as u8,
            identity: channel.identity.clone(),
        }))
    }

    /// The same where somebody will ask.
    pub(super) fn author_if_asked_about(&self, channel: &Channel) -> Option<Box<OwnedActor>> {
        self.gate.checks_publish.then(|| self.author_of(channel)).flatten()
    }

    /// Publishes a will if its client may.
    pub(super) fn publish_authorized(
        &mut self,
        message: Arc<Message>,
        author: Option<Box<OwnedActor>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if !self.gate.checks_publish {
            return self.publish(message, now, effects);
        }
        // Every will is kept with its author.
        let Some(author) = author else { return };
        let action = will_action(&message);
        match self.ask(&author.as_actor(), author.identity.as_deref(), &action, now) {
            Verdict::Allow(authority) => {
                self.count(Permission::Allow, &authority);
                self.publish(message, now, effects);
            }
            Verdict::Deny(authority) => {
                self.count(Permission::Deny, &authority);
                self.refuse_will(&message, &author, &authority);
            }
            Verdict::Ask => {
                let work = ParkedWork::Will {
                    message: Arc::new(message.detach()),
                    author: author.clone(),
                };
                let asked = vec![OwnedAction::from(&action)];
                let Some((ticket, deadline)) = self.gate.park(None, work, now) else {
                    self.metrics.inc(Metric::AuthorizationDeny);
                    return self.refuse_will(&message, &author, &too_many_wait());
                };
                self.arm_question(ticket, deadline, now);
                let question = Question {
                    ticket,
                    connection: None,
                    actor: *author,
                    asked,
                };
                effects.push(Effect::AskAuthorization(Box::new(question)));
            }
        }
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

    /// What an answer says: who refused, or `None` for a permission. Counted and remembered; what has not come is
    /// a refusal, and is asked about again.
    fn take_answer(
        &mut self,
        answer: Option<Answer>,
        connection: Option<ConnectionKey>,
        action: &Action<'_>,
        now: Time,
    ) -> Option<Authority> {
        let Some(answer) = answer else {
            self.metrics.inc(Metric::AuthorizationDeny);
            return Some(Authority::by_rule(Authority::NO_ANSWER, "nobody answered in time"));
        };
        self.count(answer.permission, &answer.authority);
        let refusal = (answer.permission == Permission::Deny).then_some(answer.authority);
        let is_settled = refusal
            .as_ref()
            .is_none_or(|authority| authority.source != Authority::NO_ANSWER);
        let text = text_of(action);
        if is_settled
            && let Some(connection) = connection
            && self.gate.cache_settings(text).is_some()
        {
            let hash = hash_of(self.routes.hash_seed().hash(text), action);
            self.gate.remember(connection, hash, action, refusal.as_ref(), now);
        }
        refusal
    }

    /// Parks a packet and asks; why not, if it must not wait.
    fn park(
        &mut self,
        connection: ConnectionKey,
        work: ParkedWork,
        asked: Vec<OwnedAction>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Authority> {
        let actor = self.channel(connection).and_then(|channel| self.author_of(channel));
        let actor = actor.ok_or(Authority::of(Authority::NO_ANSWER))?;
        let (ticket, deadline) = self.gate.park(Some(connection), work, now).ok_or_else(too_many_wait)?;
        self.arm_question(ticket, deadline, now);
        let question = Question {
            ticket,
            connection: Some(connection),
            actor: *actor,
            asked,
        };
        effects.push(Effect::AskAuthorization(Box::new(question)));
        Ok(())
    }

    fn refuse_publish(
        &mut self,
        connection: ConnectionKey,
        publish: &Publish,
        authority: &Authority,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let topic = &*publish.topic;
        self.metrics.inc(Metric::PacketsPublishAuthError);
        self.metrics.inc(Metric::MessagesDropped);
        self.tell_refused(connection, "publish", topic, authority, now);
        tracing::warn!(
            tag = "AUTHZ",
            topic,
            reason = "not_authorized",
            "cannot_publish_to_topic_due_to_not_authorized"
        );
        if self.disconnects_refused() {
            self.end_refused(connection, "publish", topic, authority, now, effects);
        } else {
            self.acknowledge(connection, publish, ReasonCode::NotAuthorized, effects);
        }
    }

    fn refuse_will(&self, message: &Message, author: &OwnedActor, authority: &Authority) {
        self.metrics.inc(Metric::PacketsPublishAuthError);
        self.metrics.inc(Metric::MessagesDropped);
        tracing::warn!(
            tag = "AUTHZ",
            clientid = %author.client_id,
            username = author.username.as_deref().unwrap_or("undefined"),
            peername = %author.peer.address,
            topic = %message.topic,
            source = %authority,
            "last_will_testament_publish_denied"
        );
        let (topic, reason) = (&*message.topic, "not_authorized");
        self.trace_message(None, message, TraceKind::Dropped { topic, reason });
    }

    fn tell_refused(
        &mut self,
        connection: ConnectionKey,
        action: &'static str,
        topic: &str,
        authority: &Authority,
        now: Time,
    ) {
        let channel = self.channel(connection);
        let username = self
            .session_of(connection)
            .and_then(|session| session.username.as_deref());
        tracing::warn!(
            tag = "AUTHZ",
            clientid = self.client_id(connection).unwrap_or(""),
            username = username.unwrap_or("undefined"),
            peername = channel.map(|channel| tracing::field::display(channel.peer.address)),
            action,
            topic,
            source = authority.source,
            rule = authority.rule.as_deref(),
            "authorization_permission_denied"
        );
        if self.trace_sink.is_some() {
            let result = format!("not_authorized by {authority}");
            let result = &*result;
            self.trace(connection, TraceKind::Authorized { action, topic, result });
        }
        self.gate.note_refusal(connection, action, topic, authority, now);
    }

    fn trace_allowed(&self, connection: ConnectionKey, action: &Action<'_>) {
        if self.trace_sink.is_some() {
            let (topic, result) = (text_of(action), "allow");
            let action = name_of(action);
            self.trace(connection, TraceKind::Authorized { action, topic, result });
        }
    }

    /// The filter without `$share/{group}/` and the like; `None` if it is none.
    fn plain_filter(&self, full: &ByteString) -> Option<ByteString> {
        let parsed = SubscriptionFilter::parse(full.clone(), self.topic_limits);
        parsed.ok().map(|parsed| parsed.filter)
    }
}

fn publish_action(publish: &Publish) -> Action<'_> {
    Action::Publish {
        topic: &publish.topic,
        qos: publish.qos as u8,
        retain: publish.retain,
    }
}

fn will_action(message: &Message) -> Action<'_> {
    Action::Publish {
        topic: &message.topic,
        qos: message.qos as u8,
        retain: message.retain,
    }
}

fn text_of<'a>(action: &Action<'a>) -> &'a str {
    match *action {
        Action::Publish { topic, .. } => topic,
        Action::Subscribe { filter, .. } => filter,
    }
}

fn name_of(action: &Action<'_>) -> &'static str {
    match action {
        Action::Publish { .. } => "publish",
        Action::Subscribe { .. } => "subscribe",
    }
}

fn too_many_wait() -> Authority {
    Authority::by_rule(Authority::NO_ANSWER, "too many packets wait for an answer already")
}

/// The same PUBLISH in memory of its own: it must not keep the buffer that it was received in.
fn detach_publish(publish: &Publish) -> Publish {
    Publish {
        topic: ByteString::from(&*publish.topic),
        payload: Bytes::copy_from_slice(&publish.payload),
        properties: publish
            .properties
            .as_ref()
            .map(|properties| Box::new(detach_properties(properties))),
        ..*publish
    }
}

/// The same SUBSCRIBE in memory of its own: it must not keep the buffer that it was received in.
fn detach_subscribe(subscribe: &Subscribe) -> Subscribe {
    let mut subscribe = subscribe.clone();
    for requested in &mut subscribe.filters {
        requested.filter = ByteString::from(&*requested.filter);
    }
    for (name, value) in &mut subscribe.properties.user_properties {
        (*name, *value) = (ByteString::from(&**name), ByteString::from(&**value));
    }
    subscribe
}
