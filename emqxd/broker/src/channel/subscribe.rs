//! SUBSCRIBE from a client or by an operator (MQTT 5, 3.8).

use std::num::NonZeroU32;

use bytestring::ByteString;
use mqtt_codec::{
    Packet, ProtocolVersion, QoS, ReasonCode, RetainHandling, Suback, SubackProperties, Subscribe, SubscribeFilter,
};
use smallvec::SmallVec;

use crate::authz_gate::Refusals;
use crate::local_index::IndexChange;
use crate::session::RetainedReplay;
use crate::subscribers::Subscriber;
use crate::topic::{FilterKind, SubscriptionFilter};
use crate::{ConnectionKey, Effect, Metric, SessionKey, Shard, ShareMember, SubscriptionOptions, Time, TraceKind};

impl Shard {
    pub(crate) fn on_subscribe(
        &mut self,
        connection: ConnectionKey,
        subscribe: Subscribe,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.metrics.inc(Metric::ClientSubscribe);
        let refusals = if self.gate.checks_subscribe {
            let Some(refusals) = self.authorize_filters(connection, &subscribe, now, effects) else {
                return;
            };
            refusals
        } else {
            Refusals::new()
        };
        self.finish_subscribe(connection, subscribe, &refusals, now, effects);
    }

    /// What becomes of a SUBSCRIBE once it is known who refuses which of its filters.
    pub(super) fn finish_subscribe(
        &mut self,
        connection: ConnectionKey,
        subscribe: Subscribe,
        refusals: &Refusals,
        now: Time,
        effects: &mut Vec<Effect>,
    ) {
        if self.ends_by_refused_filter(connection, &subscribe, refusals, now, effects) {
            return;
        }
        let Some((session, version)) = self
            .channel(connection)
            .map(|channel| (channel.session, channel.version))
        else {
            return;
        };
        let identifier = subscribe.properties.subscription_identifier.and_then(NonZeroU32::new);
        let mut reason_codes = SmallVec::new();
        let mut changes = Vec::new();
        for (place, requested) in subscribe.filters.into_iter().enumerate() {
            if let Some(Some(authority)) = refusals.get(place) {
                self.tell_refused_filter(connection, &requested.filter, authority, now);
                reason_codes.push(ReasonCode::NotAuthorized);
                continue;
            }
            let options = self.options_in_force(connection, &requested, identifier, version);
            let full = requested.filter.clone();
            match self.subscribe(session, requested.filter, options) {
                Ok(granted) => {
                    reason_codes.push(granted);
                    let subscribed = TraceKind::Subscribed {
                        filter: &full,
                        options: &options,
                    };
                    self.trace(connection, subscribed);
                    changes.push((full, options));
                }
                Err(refused) => {
                    self.metrics.inc(Metric::PacketsSubscribeError);
                    tracing::warn!(tag = "MQTT", topic = %full, reason = refused.name(), "cannot_subscribe_topic_filter");
                    reason_codes.push(refused);
                    let (action, topic, result) = ("subscribe", &*full, refused.name());
                    self.trace(connection, TraceKind::Authorized { action, topic, result });
                }
            }
        }
        let suback = Suback {
            packet_id: subscribe.packet_id,
            properties: SubackProperties::default(),
            reason_codes,
        };
        effects.push(Effect::Send {
            connection,
            packet: Packet::Suback(Box::new(suback)),
        });
        for (filter, options) in changes {
            effects.push(Effect::SubscriptionChanged {
                connection,
                filter,
                options: Some(options),
            });
        }
        // Retained messages follow the SUBACK.
        self.with_session(connection, now, |session, around| session.fill(around, effects));
    }

    /// With `deny_action = disconnect` one refused filter ends the connection, and nothing is subscribed to.
    fn ends_by_refused_filter(
        &mut self,
        connection: ConnectionKey,
        subscribe: &Subscribe,
        refusals: &Refusals,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let refused = subscribe.filters.iter().zip(refusals);
        let refused = refused.filter_map(|(requested, refusal)| Some((&requested.filter, refusal.as_ref()?)));
        let Some((filter, authority)) = refused.into_iter().next() else {
            return false;
        };
        if !self.disconnects_refused() {
            return false;
        }
        self.tell_refused_filter(connection, filter, authority, now);
        self.end_refused(connection, "subscribe", filter, authority, now, effects);
        true
    }

    /// Adds or replaces a subscription of a session; the granted QoS as a reason code, or the refusal.
    ///
    /// Operators come in here too (`subscriptions add`).
    pub fn subscribe(
        &mut self,
        key: SessionKey,
        full: ByteString,
        options: SubscriptionOptions,
    ) -> Result<ReasonCode, ReasonCode> {
        // A copy: the subscription outlives the receive buffer that the filter was cut from.
        let filter = SubscriptionFilter::parse(ByteString::from(&*full), self.topic_limits)
            .map_err(|_| ReasonCode::TopicFilterInvalid)?;
        self.check_subscription(key, &filter)?;
        let session = self.sessions.get_mut(key).ok_or(ReasonCode::UnspecifiedError)?;
        let is_new = match &filter.kind {
            FilterKind::Plain => {
                let (change, id) = self.index.insert(&filter.filter, Subscriber { session: key, options });
                if change == IndexChange::Edge {
                    self.routes.add_route(&filter.filter, self.id);
                }
                session.subscriptions.insert_plain(id, options)
            }
            _ => session.subscriptions.insert_named(filter.full.clone(), options),
        };
        let client_id = session.client_id.clone();
        let replays = match options.retain_handling {
            RetainHandling::SendAtSubscribe => true,
            RetainHandling::SendIfNew => is_new,
            RetainHandling::DoNotSend => false,
        };
        match &filter.kind {
            FilterKind::Shared { group } => {
                // 4.8.2: a shared subscription gets no retained messages.
                let member = ShareMember {
                    worker: self.id,
                    session: key,
                    client_id,
                    options,
                };
                self.routes.join_group(group, &filter.filter, member);
            }
            FilterKind::Plain | FilterKind::Exclusive => {
                if filter.kind == FilterKind::Exclusive
                    && self
                        .index
                        .insert(&filter.filter, Subscriber { session: key, options })
                        .0
                        == IndexChange::Edge
                {
                    self.routes.add_route(&filter.filter, self.id);
                }
                if replays && let Some(session) = self.sessions.get_mut(key) {
                    session.replays.remove(&filter.filter);
                    session.replays.push(RetainedReplay {
                        filter: filter.filter.clone(),
                        options,
                        after: None,
                    });
                }
            }
        }
        if is_new {
            self.count_subscription(&filter, true);
        }
        Ok(match options.qos {
            QoS::AtMostOnce => ReasonCode::Success,
            QoS::AtLeastOnce => ReasonCode::GrantedQos1,
            QoS::ExactlyOnce => ReasonCode::GrantedQos2,
        })
    }

    fn check_subscription(&mut self, key: SessionKey, filter: &SubscriptionFilter) -> Result<(), ReasonCode> {
        let config = &self.config;
        if filter.has_wildcard && !config.wildcard_subscription {
            return Err(ReasonCode::WildcardSubscriptionsNotSupported);
        }
        let session = self.sessions.get(key).ok_or(ReasonCode::UnspecifiedError)?;
        if config
            .max_subscriptions
            .is_some_and(|max| session.subscriptions.len() >= max)
            && self.subscription(key, &filter.full).is_none()
        {
            return Err(ReasonCode::QuotaExceeded);
        }
        match filter.kind {
            FilterKind::Shared { .. } if !config.shared_subscription => {
                Err(ReasonCode::SharedSubscriptionsNotSupported)
            }
            FilterKind::Exclusive if !config.exclusive_subscription => Err(ReasonCode::TopicFilterInvalid),
            // EMQX answers a topic that another client holds with 0x97.
            FilterKind::Exclusive if self.exclusive.claim(&filter.filter, &session.client_id).is_err() => {
                Err(ReasonCode::QuotaExceeded)
            }
            _ => Ok(()),
        }
    }

    fn options_in_force(
        &self,
        connection: ConnectionKey,
        requested: &SubscribeFilter,
        subscription_identifier: Option<NonZeroU32>,
        version: ProtocolVersion,
    ) -> SubscriptionOptions {
        let is_bridge = self.channel(connection).is_some_and(|channel| channel.is_bridge);
        let before_v5 = version != ProtocolVersion::V5;
        SubscriptionOptions {
            qos: requested.qos.min(self.config.max_qos_allowed),
            no_local: requested.no_local || (before_v5 && (is_bridge || self.config.ignore_loop_deliver)),
            retain_as_published: requested.retain_as_published || (before_v5 && is_bridge),
            retain_handling: requested.retain_handling,
            subscription_identifier,
        }
    }
}
