//! Subscriptions that were allowed once, asked about again: an operator who takes a right away means from now on.
//!
//! Three occasions: a client comes back to its session ([`Shard::recheck_session`] before anything is delivered), it has
//! authenticated anew, or the rules have changed ([`Shard::recheck_subscriptions`] goes through all that are connected, in
//! steps). What is refused ends as if the client had unsubscribed, and what waits in the queue because of it alone is
//! dropped. MQTT has no word to tell the client; the log, a counter and `why` do.
//!
//! What a server has to be asked about is asked when the client comes back: meanwhile its subscriptions stand, and if
//! nobody answers the connection ends and the session is kept, so an outage takes nothing from anybody. After a change
//! of rules such subscriptions stay until then.

use bytestring::ByteString;
use emqx_acl::Action;
use mqtt_codec::ReasonCode;

use super::Decision;
use crate::authorizer::{Answer, Authority, OwnedAction};
use crate::authz_gate::ParkedWork;
use crate::filter_trie::FilterTrie;
use crate::session::Outgoing;
use crate::share_group::PublisherTurns;
use crate::topic::{SubscriptionFilter, TopicLimits};
use crate::{ConnectionKey, DisconnectReason, Effect, Metric, SessionKey, Shard, Time, TraceKind, matches};

/// Subscriptions that one step asks about.
const SUBSCRIPTIONS_A_STEP: usize = 16;
/// Sessions that one step passes over.
const SESSIONS_A_STEP: usize = 256;

/// What nothing that was subscribed to is beyond.
const UNLIMITED: TopicLimits = TopicLimits {
    max_levels: usize::MAX,
    max_len: usize::MAX,
};

/// What becomes of subscriptions that somebody elsewhere has to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::channel) enum Elsewhere {
    /// Asked.
    Asked,
    /// They stay.
    LeftAlone,
}

/// How far [`Shard::recheck_subscriptions`] has come.
#[derive(Debug, Default)]
pub struct Recheck {
    place: usize,
    session: Option<SessionKey>,
    /// Of that session, still to be asked about. What is subscribed to meanwhile is judged by the new rules anyway.
    filters: Vec<ByteString>,
}

impl Shard {
    /// Asks about subscriptions of connected clients again, a few of them; whether there are more.
    ///
    /// Begun with a [`Recheck::default`] after [`Shard::set_authorization`], by whoever sees to it that others have
    /// their turns between two steps.
    pub fn recheck_subscriptions(&mut self, recheck: &mut Recheck, now: Time, effects: &mut Vec<Effect>) -> bool {
        if !self.gate.checks_subscribe {
            return false;
        }
        let Some(key) = recheck.session else {
            return self.next_to_recheck(recheck);
        };
        let from = recheck.filters.len().saturating_sub(SUBSCRIPTIONS_A_STEP);
        let filters = recheck.filters.split_off(from);
        if recheck.filters.is_empty() {
            recheck.session = None;
        }
        if let Some(connection) = self.sessions.get(key).and_then(|session| session.connection()) {
            self.recheck_filters(connection, filters, Elsewhere::LeftAlone, now, effects);
        }
        true
    }

    /// Looks for the next session with a client; whether there may be one.
    fn next_to_recheck(&self, recheck: &mut Recheck) -> bool {
        let mut is_end = true;
        for (place, key, session) in self.sessions.iter_from(recheck.place).take(SESSIONS_A_STEP) {
            is_end = false;
            recheck.place = place + 1;
            if session.connection().is_some() && session.subscriptions.len() > 0 {
                recheck.session = Some(key);
                recheck.filters = self
                    .names_of(&session.subscriptions)
                    .into_iter()
                    .map(|(full, _)| full)
                    .collect();
                break;
            }
        }
        !is_end
    }

    /// Asks about all subscriptions of a client's session again.
    pub(in crate::channel) fn recheck_session(
        &mut self,
        connection: ConnectionKey,
        elsewhere: Elsewhere,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if !self.gate.checks_subscribe {
            return;
        }
        let Some(session) = self.session_of(connection) else {
            return;
        };
        let names = self.names_of(&session.subscriptions);
        let filters = names.into_iter().map(|(full, _)| full).collect();
        self.recheck_filters(connection, filters, elsewhere, now, effects);
    }

    pub(super) fn recheck_filters(
        &mut self,
        connection: ConnectionKey,
        filters: Vec<ByteString>,
        elsewhere: Elsewhere,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(key) = self.channel(connection).map(|channel| channel.session) else {
            return;
        };
        let (mut refused, mut open, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        for full in filters {
            let Some((filter, qos)) = self.kept_subscription(key, &full) else {
                continue;
            };
            let action = Action::Subscribe { filter: &filter, qos };
            match self.decide(connection, &action, now) {
                Decision::Allowed => {}
                Decision::Refused(authority) => refused.push((full, authority)),
                Decision::Open => {
                    asked.push(OwnedAction::from(&action));
                    open.push(full);
                }
            }
        }
        self.revoke(connection, key, refused, now, effects);
        if open.is_empty() || elsewhere == Elsewhere::LeftAlone {
            return;
        }
        if let Err(authority) = self.park(connection, ParkedWork::Recheck(open), asked, now, effects) {
            self.end_unanswered(connection, &authority, now, effects);
        }
    }

    /// Carries out what was answered about subscriptions.
    pub(super) fn finish_recheck(
        &mut self,
        connection: ConnectionKey,
        filters: Vec<ByteString>,
        mut answers: impl Iterator<Item = Answer>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(key) = self.channel(connection).map(|channel| channel.session) else {
            return;
        };
        let (mut refused, mut unanswered) = (Vec::new(), None);
        for full in filters {
            let answer = answers.next();
            let Some((filter, qos)) = self.kept_subscription(key, &full) else {
                continue;
            };
            let action = Action::Subscribe { filter: &filter, qos };
            match self.take_answer(answer, Some(connection), &action, now) {
                None => {}
                Some(authority) if authority.source == Authority::NO_ANSWER => unanswered = Some(authority),
                Some(authority) => refused.push((full, authority)),
            }
        }
        self.revoke(connection, key, refused, now, effects);
        if let Some(authority) = unanswered {
            self.end_unanswered(connection, &authority, now, effects);
        }
    }

    /// A subscription that is still there: its filter without prefix, and its QoS.
    fn kept_subscription(&self, key: SessionKey, full: &ByteString) -> Option<(ByteString, u8)> {
        let options = self.subscription(key, full)?;
        let parsed = SubscriptionFilter::parse(full.clone(), UNLIMITED).ok()?;
        Some((parsed.filter, options.qos as u8))
    }

    /// Ends subscriptions, with who refused each, and drops what waits because of them alone.
    fn revoke(
        &mut self,
        connection: ConnectionKey,
        key: SessionKey,
        refused: Vec<(ByteString, Authority)>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let mut revoked = Vec::new();
        for (full, authority) in refused {
            if !self.unsubscribe(key, &full) {
                continue;
            }
            self.metrics.inc(Metric::AuthorizationRevoked);
            self.tell_revoked(connection, &full, &authority, now);
            if let Ok(parsed) = SubscriptionFilter::parse(full.clone(), UNLIMITED) {
                revoked.push(parsed.filter);
            }
            effects.push(Effect::SubscriptionChanged {
                connection,
                filter: full,
                options: None,
            });
        }
        if !revoked.is_empty() {
            self.drop_waiting(connection, key, &revoked, now, effects);
        }
    }

    fn tell_revoked(&mut self, connection: ConnectionKey, full: &ByteString, authority: &Authority, now: Time) {
        let username = self
            .session_of(connection)
            .and_then(|session| session.username.as_deref());
        tracing::warn!(
            tag = "AUTHZ",
            clientid = self.client_id(connection).unwrap_or(""),
            username = username.unwrap_or("undefined"),
            topic = %full,
            source = authority.source,
            rule = authority.rule.as_deref(),
            "subscription_revoked"
        );
        self.trace(connection, TraceKind::Unsubscribed { filter: full });
        self.gate
            .note_refusal(connection, "keep_subscription", full, authority, now);
    }

    /// Drops the messages in the queue that match `revoked` and no subscription that the session still has. Those that
    /// came through a share group go to another member.
    fn drop_waiting(
        &mut self,
        connection: ConnectionKey,
        key: SessionKey,
        revoked: &[ByteString],
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get(key).filter(|session| !session.queue.is_empty()) else {
            return;
        };
        let mut kept = FilterTrie::with_seed(self.routes.hash_seed().clone());
        for (full, _) in self.names_of(&session.subscriptions) {
            if let Ok(parsed) = SubscriptionFilter::parse(full, UNLIMITED) {
                kept.get_or_insert_with(&parsed.filter, || ());
            }
        }
        let is_revoked = |outgoing: &Outgoing| {
            let topic = &*outgoing.message.topic;
            let mut is_kept = false;
            revoked.iter().any(|filter| matches(filter, topic)) && {
                kept.for_each_match(topic, &mut |()| is_kept = true);
                !is_kept
            }
        };
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let (dropped, waiting): (Vec<_>, Vec<_>) = session.queue.drain().into_iter().partition(is_revoked);
        for outgoing in waiting {
            // As many as before at most: none has to leave for another.
            session.queue.push(outgoing, &self.config);
        }
        let lost = dropped.iter().filter(|outgoing| outgoing.group.is_none()).count() as u64;
        session.counts.dropped_messages += lost;
        self.metrics.add(Metric::DeliveryDropped, lost);
        for outgoing in dropped {
            match &outgoing.group {
                Some(group) => {
                    let turns = &mut PublisherTurns::default();
                    self.redispatch(group, &outgoing.message, 0, turns, now, effects);
                }
                None => {
                    let (topic, reason) = (&*outgoing.message.topic, "not_authorized");
                    self.trace(connection, TraceKind::Dropped { topic, reason });
                }
            }
        }
    }

    /// Nobody has said whether a client may keep what it subscribed to: it may not go on for now, and loses nothing.
    fn end_unanswered(
        &mut self,
        connection: ConnectionKey,
        authority: &Authority,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let detail = format!("whether it may keep its subscriptions is not known: {authority}");
        let reason = DisconnectReason::Refused(ReasonCode::NotAuthorized);
        self.close_channel_because(connection, reason, Some(detail.into()), now, effects);
    }
}
