//! From a message to the sessions that want it: destinations, delivery here, mail to other workers.
//!
//! Each publisher's messages take one way to each session (this shard directly, or one queue of mail from this
//! worker to that one), so their order holds whatever their QoS.

use std::rc::Rc;
use std::sync::Arc;

use mqtt_codec::QoS;

use crate::local_index::Subscriber;
use crate::match_cache::{Destinations, Stamp};
use crate::route_table::Routes;
use crate::session::{Outgoing, granted_qos};
use crate::share_group::PublisherTurns;
use crate::{ConnectionKey, Effect, Mail, Message, Metric, SessionKey, Shard, ShareGroup, SubscriptionOptions, Time};

/// How many members of a share group may turn out to be gone before a message to it is given up.
const REDISPATCHES_MAX: u8 = 8;

impl Shard {
    /// Mail from another worker's shard.
    pub fn on_mail(&mut self, mail: Mail, now: Time, effects: &mut Vec<Effect>) {
        match mail {
            Mail::Publish { message } => {
                for subscriber in &*self.local_subscribers(&message.topic) {
                    self.deliver(*subscriber, &message, None, now, effects);
                }
            }
            Mail::PublishToMember {
                message,
                session,
                options,
                group,
                redispatched,
            } => {
                if self.sessions.get(session).is_some() {
                    self.deliver(Subscriber { session, options }, &message, Some(&group), now, effects);
                } else {
                    self.redispatch(
                        &group,
                        &message,
                        redispatched,
                        &mut PublisherTurns::default(),
                        now,
                        effects,
                    );
                }
            }
        }
    }

    fn stamp(&self) -> Stamp {
        (self.index.generation(), self.routes.generation())
    }

    pub(crate) fn cached_destinations(&mut self, topic: &str) -> Option<Rc<Destinations>> {
        let stamp = self.stamp();
        self.cache.get(topic, stamp)
    }

    /// Plain subscribers here, for messages that other workers' clients publish: where else those go is the
    /// publishers' workers' matter.
    fn local_subscribers(&mut self, topic: &str) -> Rc<Vec<Subscriber>> {
        let stamp = self.index.generation();
        if let Some(subscribers) = self.mail_cache.get(topic, stamp) {
            return subscribers;
        }
        let mut subscribers = Vec::new();
        self.index
            .for_each_match(topic, |subscriber| subscribers.push(subscriber));
        self.mail_cache.insert(topic, stamp, subscribers)
    }

    /// Where messages on `topic` go, from the cache or looked up.
    pub(crate) fn destinations(&mut self, topic: &str) -> Rc<Destinations> {
        let stamp = self.stamp();
        if let Some(destinations) = self.cache.get(topic, stamp) {
            return destinations;
        }
        let mut destinations = Destinations::default();
        self.index
            .for_each_match(topic, |subscriber| destinations.local.push(subscriber));
        let mut routes = Routes::default();
        self.routes.resolve(topic, &mut routes);
        destinations.workers = routes.workers.into_iter().filter(|worker| *worker != self.id).collect();
        destinations.groups = routes.groups;
        self.cache.insert(topic, stamp, destinations)
    }

    /// Sends a message to its destinations. `publisher` is the connection it came on, if it came from one.
    pub(crate) fn route_to(
        &mut self,
        destinations: &Destinations,
        message: &Arc<Message>,
        publisher: Option<ConnectionKey>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if destinations.is_empty() {
            self.count_no_subscribers();
            return;
        }
        if self.config.stop_publish_clear_msg && message.retain && message.payload.is_empty() {
            return;
        }
        tracing::debug!(
            tag = "MQTT",
            clientid = %message.publisher,
            topic = %message.topic,
            subscribers = destinations.local.len(),
            workers = destinations.workers.len(),
            share_groups = destinations.groups.len(),
            "message_routed"
        );
        for subscriber in &destinations.local {
            self.deliver(*subscriber, message, None, now, effects);
        }
        for &worker in &destinations.workers {
            effects.push(Effect::Forward {
                worker,
                mail: Mail::Publish {
                    message: Arc::clone(message),
                },
            });
        }
        if destinations.groups.is_empty() {
            return;
        }
        let channel = publisher.and_then(|connection| self.channel_mut(connection));
        let mut turns = channel.map_or_else(PublisherTurns::default, |channel| std::mem::take(&mut channel.turns));
        for group in &destinations.groups {
            self.dispatch_to_group(group, message, 0, &mut turns, now, effects);
        }
        if let Some(channel) = publisher.and_then(|connection| self.channel_mut(connection)) {
            channel.turns = turns;
        }
    }

    /// Gives a message to another member of a group, of those that are in it now.
    pub(crate) fn redispatch(
        &mut self,
        group: &ShareGroup,
        message: &Arc<Message>,
        redispatched: u8,
        turns: &mut PublisherTurns,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if redispatched >= REDISPATCHES_MAX {
            self.count_no_subscribers();
            return;
        }
        match self.routes.group(group.name(), group.filter()) {
            Some(present) => self.dispatch_to_group(&present, message, redispatched + 1, turns, now, effects),
            None => self.count_no_subscribers(),
        }
    }

    fn dispatch_to_group(
        &mut self,
        group: &Arc<ShareGroup>,
        message: &Arc<Message>,
        redispatched: u8,
        turns: &mut PublisherTurns,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let random = self.random.next_u64();
        let strategy = self.config.shared_subscription_strategy;
        let Some(member) = group.pick(strategy, &message.publisher, &message.topic, turns, random) else {
            self.count_no_subscribers();
            return;
        };
        if member.worker != self.id {
            let mail = Mail::PublishToMember {
                message: Arc::clone(message),
                session: member.session,
                options: member.options,
                group: Arc::clone(group),
                redispatched,
            };
            effects.push(Effect::Forward {
                worker: member.worker,
                mail,
            });
            return;
        }
        if self.sessions.get(member.session).is_none() {
            // It ended while this message was on its way through the destinations.
            self.redispatch(group, message, redispatched, turns, now, effects);
            return;
        }
        let subscriber = Subscriber {
            session: member.session,
            options: member.options,
        };
        self.deliver(subscriber, message, Some(group), now, effects);
    }

    /// Delivers to one session of this shard.
    #[inline]
    fn deliver(
        &mut self,
        subscriber: Subscriber,
        message: &Arc<Message>,
        group: Option<&Arc<ShareGroup>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Subscriber { session: key, options } = subscriber;
        let upgrade = self.config.upgrade_qos;
        let max_bytes = self.config.max_session_bytes;
        let (sessions, around) = self.sessions_and_surroundings(now);
        let Some(session) = sessions.get_mut(key) else { return };
        if options.no_local && message.publisher == session.client_id {
            around.metrics.inc(Metric::DeliveryDropped);
            around.metrics.inc(Metric::DeliveryDroppedNoLocal);
            return;
        }
        let outgoing = Outgoing {
            message: Arc::clone(message),
            qos: granted_qos(message.qos, options.qos, upgrade),
            retain: options.retain_as_published && message.retain,
            subscription_identifier: options.subscription_identifier,
            group: group.map(Arc::clone),
        };
        let is_kept = outgoing.qos > QoS::AtMostOnce;
        session.deliver(outgoing, &around, effects);
        if is_kept && max_bytes.is_some_and(|max| session.bytes() > max) {
            self.force_shutdown(key, now, effects);
        }
    }

    /// `force_shutdown`: one client may not eat the node's memory.
    fn force_shutdown(&mut self, key: SessionKey, now: Time, effects: &mut Vec<Effect>) {
        let Some(session) = self.sessions.get(key) else { return };
        let Some(connection) = session.connection() else { return };
        tracing::error!(
            clientid = %session.client_id,
            heap_bytes = session.bytes(),
            max_heap_size = self.config.max_session_bytes.unwrap_or(usize::MAX),
            "maximum heap size reached"
        );
        self.close_channel(connection, crate::DisconnectReason::HeapTooLarge, now, effects);
    }

    /// Whether anyone at all would get a message on `topic`; leaves no trace in the cache.
    pub fn has_subscribers(&self, topic: &str) -> bool {
        self.routes.has_match(topic)
    }

    /// The options a session subscribed with, by filter in full.
    pub fn subscription(&self, session: SessionKey, full: &str) -> Option<SubscriptionOptions> {
        self.sessions.get(session)?.subscriptions.get(full).copied()
    }
}
