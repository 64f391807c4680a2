//! From a message to the sessions that want it: destinations, delivery here, mail to other workers.
//!
//! Each publisher's messages take one way to each session (this shard directly, or one queue of mail from this
//! worker to that one), so their order holds whatever their QoS.

use std::sync::Arc;

use bytestring::ByteString;
use mqtt_codec::QoS;

use crate::destinations::{DestinationLists, Destinations};
use crate::remote::is_local;
use crate::route_table::Routes;
use crate::session::{Outgoing, granted_qos};
use crate::share_group::PublisherTurns;
use crate::subscribers::Subscriber;
use crate::{
    ConnectionKey, Effect, Mail, Message, Metric, SessionKey, Shard, ShareGroup, SubscriptionOptions, Time, TraceKind,
};

/// How many members of a share group may turn out to be gone before a message to it is given up.
const REDISPATCHES_MAX: u8 = 8;

impl Shard {
    /// Mail from another worker's shard.
    pub fn on_mail(&mut self, mail: Mail, now: Time, effects: &mut Vec<Effect>) {
        match mail {
            Mail::Publish { message } => {
                self.seen.note(message.id, now);
                for subscriber in self.local_destinations(&message.topic).local() {
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
            Mail::PublishToPeerMember {
                message,
                client_id,
                group,
                redispatched,
            } => {
                let (name, filter) = (group.name(), group.filter());
                self.on_remote_member(name, filter, &client_id, &message, redispatched, now, effects);
            }
        }
    }

    /// Changes with every change of the tables that may concern the topic of this hash. Neither part ever falls, so
    /// their sum is the same only if both are.
    #[inline]
    fn stamp(&self, topic_hash: u64) -> u64 {
        self.index.generation(topic_hash) + self.routes.generation_of(topic_hash)
    }

    /// Where messages on `topic` go, if that is remembered. The topic of a message that may be kept becomes one that
    /// all messages on it share, so that each need not have a copy.
    pub(crate) fn cached_destinations(&mut self, topic: &mut ByteString, may_be_kept: bool) -> Option<Destinations> {
        let hash = self.routes.hash_seed().hash(topic);
        let stamp = self.stamp(hash);
        if !may_be_kept {
            return self.cache.get(topic, hash, stamp);
        }
        let (destinations, shared) = self.cache.get_with_topic(topic, hash, stamp)?;
        *topic = shared;
        Some(destinations)
    }

    /// Plain subscribers here, for messages that other workers' clients publish: where else those go is the
    /// publishers' workers' matter.
    fn local_destinations(&mut self, topic: &str) -> Destinations {
        let hash = self.routes.hash_seed().hash(topic);
        let stamp = self.index.generation(hash);
        if let Some(destinations) = self.mail_cache.get(topic, hash, stamp) {
            return destinations;
        }
        let mut lists = DestinationLists::default();
        self.index
            .for_each_match(topic, hash, |subscriber| lists.local.push(subscriber));
        let destinations = Destinations::from(lists);
        self.mail_cache.insert(topic, hash, stamp, destinations.clone());
        destinations
    }

    /// Where messages on `topic` go, from the cache or looked up.
    pub(crate) fn destinations(&mut self, topic: &str) -> Destinations {
        let hash = self.routes.hash_seed().hash(topic);
        let stamp = self.stamp(hash);
        if let Some(destinations) = self.cache.get(topic, hash, stamp) {
            return destinations;
        }
        let mut lists = DestinationLists::default();
        self.index
            .for_each_match(topic, hash, |subscriber| lists.local.push(subscriber));
        let mut routes = Routes::default();
        self.routes.resolve_hashed(topic, hash, &mut routes);
        lists.workers = routes.workers.into_iter().filter(|worker| *worker != self.id).collect();
        lists.groups = routes.groups;
        let destinations = Destinations::from(lists);
        self.cache.insert(topic, hash, stamp, destinations.clone());
        destinations
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
            let (topic, reason) = (&*message.topic, "no_subscribers");
            self.trace_message(publisher, message, TraceKind::Dropped { topic, reason });
            return;
        }
        if self.config.stop_publish_clear_msg && message.retain && message.payload.is_empty() {
            return;
        }
        tracing::debug!(
            tag = "MQTT",
            clientid = %message.publisher,
            topic = %message.topic,
            subscribers = destinations.local().len(),
            workers = destinations.workers().len(),
            share_groups = destinations.groups().len(),
            "message_routed"
        );
        let routed = TraceKind::Routed {
            topic: &message.topic,
            subscribers: destinations.local().len(),
            workers: destinations.workers().len(),
            share_groups: destinations.groups().len(),
        };
        self.trace_message(publisher, message, routed);
        for subscriber in destinations.local() {
            self.deliver(*subscriber, message, None, now, effects);
        }
        for &worker in destinations.workers() {
            effects.push(Effect::Forward {
                worker,
                mail: Mail::Publish {
                    message: Arc::clone(message),
                },
            });
        }
        if destinations.groups().is_empty() {
            return;
        }
        let channel = publisher.and_then(|connection| self.channel_mut(connection));
        let state = channel.and_then(|channel| channel.publisher.as_deref_mut());
        let mut turns = state.map(|state| std::mem::take(&mut state.turns)).unwrap_or_default();
        for group in destinations.groups() {
            self.dispatch_to_group(group, message, 0, &mut turns, now, effects);
        }
        if let Some(channel) = publisher.and_then(|connection| self.channel_mut(connection)) {
            channel.publisher.get_or_insert_default().turns = turns;
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
        let present = self.routes.group(group.name(), group.filter());
        self.redispatch_in(present, message, redispatched, turns, now, effects);
    }

    /// The same, when it is known who is in the group now.
    pub(crate) fn redispatch_in(
        &mut self,
        group: Option<Arc<ShareGroup>>,
        message: &Arc<Message>,
        redispatched: u8,
        turns: &mut PublisherTurns,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        match group {
            Some(group) if redispatched < REDISPATCHES_MAX => {
                self.dispatch_to_group(&group, message, redispatched + 1, turns, now, effects);
            }
            _ => self.count_no_subscribers(),
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
            let mail = if is_local(member.worker) {
                Mail::PublishToMember {
                    message: Arc::clone(message),
                    session: member.session,
                    options: member.options,
                    group: Arc::clone(group),
                    redispatched,
                }
            } else {
                Mail::PublishToPeerMember {
                    message: Arc::clone(message),
                    client_id: member.client_id.clone(),
                    group: Arc::clone(group),
                    redispatched,
                }
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
    pub(crate) fn deliver(
        &mut self,
        subscriber: Subscriber,
        message: &Arc<Message>,
        group: Option<&Arc<ShareGroup>>,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        let Subscriber { session: key, options } = subscriber;
        if self.moves.has_lately_come() && group.is_none() && self.moves.has_brought(key, message.id) {
            return;
        }
        let upgrade = self.config.upgrade_qos;
        let max_bytes = self.config.max_session_bytes;
        let (sessions, around) = self.sessions_and_surroundings(now);
        let Some(session) = sessions.get_mut(key) else { return };
        if options.no_local && message.publisher == session.client_id {
            around.metrics.inc(Metric::DeliveryDropped);
            around.metrics.inc(Metric::DeliveryDroppedNoLocal);
            let (topic, reason) = (&*message.topic, "no_local");
            around.trace(
                &session.client_id,
                session.connection(),
                TraceKind::Dropped { topic, reason },
            );
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
        let subscriptions = &self.sessions.get(session)?.subscriptions;
        subscriptions
            .named(full)
            .or_else(|| subscriptions.plain(self.index.id_of(full)?))
    }
}
