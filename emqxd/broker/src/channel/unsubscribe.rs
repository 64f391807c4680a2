//! UNSUBSCRIBE from a client or by an operator (MQTT 5, 3.10).

use bytestring::ByteString;
use mqtt_codec::{AckProperties, Packet, ReasonCode, Unsuback, Unsubscribe};
use smallvec::SmallVec;

use crate::handover::UNLIMITED;
use crate::local_index::IndexChange;
use crate::subscribers::Subscriber;
use crate::topic::{FilterKind, SubscriptionFilter};
use crate::{ConnectionKey, Effect, Metric, SessionKey, Shard, ShareMember, Time, TraceKind};

impl Shard {
    pub(crate) fn on_unsubscribe(
        &mut self,
        connection: ConnectionKey,
        unsubscribe: Unsubscribe,
        _now: Time,
        effects: &mut Vec<Effect>,
    ) {
        self.metrics.inc(Metric::ClientUnsubscribe);
        let Some(session) = self.channel(connection).map(|channel| channel.session) else {
            return;
        };
        let mut reason_codes = SmallVec::new();
        let mut changes = Vec::new();
        for filter in unsubscribe.filters {
            if self.unsubscribe(session, &filter) {
                reason_codes.push(ReasonCode::Success);
                self.trace(connection, TraceKind::Unsubscribed { filter: &filter });
                changes.push(filter);
            } else {
                self.metrics.inc(Metric::PacketsUnsubscribeError);
                reason_codes.push(ReasonCode::NoSubscriptionExisted);
            }
        }
        let unsuback = Unsuback {
            packet_id: unsubscribe.packet_id,
            properties: AckProperties::default(),
            reason_codes,
        };
        effects.push(Effect::Send {
            connection,
            packet: Packet::Unsuback(Box::new(unsuback)),
        });
        for filter in changes {
            effects.push(Effect::SubscriptionChanged {
                connection,
                filter,
                options: None,
            });
        }
    }

    /// Ends a subscription of a session; whether there was one. Operators come in here too.
    pub fn unsubscribe(&mut self, key: SessionKey, full: &str) -> bool {
        let id = self.index.id_of(full);
        let Some(session) = self.sessions.get_mut(key) else {
            return false;
        };
        let subscriptions = &mut session.subscriptions;
        if !subscriptions.remove_named(full) && !id.is_some_and(|id| subscriptions.remove_plain(id)) {
            return false;
        }
        self.withdraw(key, full);
        true
    }

    /// Takes a subscription out of the router; the session's own list is the caller's.
    pub(crate) fn withdraw(&mut self, key: SessionKey, full: &str) {
        let Ok(filter) = SubscriptionFilter::parse(full.into(), self.topic_limits) else {
            // Limits that were lowered at run time: what was once allowed is still taken out.
            return self.withdraw_unchecked(key, full);
        };
        self.withdraw_parsed(key, &filter);
    }

    fn withdraw_unchecked(&mut self, key: SessionKey, full: &str) {
        if let Ok(filter) = SubscriptionFilter::parse(full.into(), UNLIMITED) {
            self.withdraw_parsed(key, &filter);
        }
    }

    fn withdraw_parsed(&mut self, key: SessionKey, filter: &SubscriptionFilter) {
        // A session has one place in the router for each filter and group, whatever the prefix it came with.
        let remaining = other_name(filter).and_then(|other| self.subscription(key, &other));
        match &filter.kind {
            FilterKind::Shared { group } => {
                let client_id = self.sessions.get(key).map(|session| session.client_id.clone());
                if let (Some(options), Some(client_id)) = (remaining, client_id) {
                    let member = ShareMember {
                        worker: self.id,
                        session: key,
                        client_id,
                        options,
                    };
                    self.routes.join_group(group, &filter.filter, member);
                } else {
                    self.routes.leave_group(group, &filter.filter, key, self.id);
                }
            }
            FilterKind::Plain | FilterKind::Exclusive => {
                if let Some(options) = remaining {
                    self.index.insert(&filter.filter, Subscriber { session: key, options });
                } else if self.index.remove(&filter.filter, key) == IndexChange::Edge {
                    self.routes.remove_route(&filter.filter, self.id);
                }
                if matches!(filter.kind, FilterKind::Exclusive)
                    && let Some(session) = self.sessions.get(key)
                {
                    self.exclusive.release(&filter.filter, &session.client_id);
                }
            }
        }
        if let Some(session) = self.sessions.get_mut(key) {
            session.replays.remove(&filter.filter);
        }
        self.count_subscription(filter, false);
    }
}

/// The other way to write a subscription that takes the same place in the router, if there is one: `t` and
/// `$exclusive/t`, `$queue/t` and `$share/$queue/t`.
fn other_name(filter: &SubscriptionFilter) -> Option<ByteString> {
    let inner = &filter.filter;
    match &filter.kind {
        FilterKind::Plain => Some(format!("$exclusive/{inner}").into()),
        FilterKind::Exclusive => Some(inner.clone()),
        FilterKind::Shared { group } if **group != *"$queue" => None,
        FilterKind::Shared { .. } if filter.full.starts_with("$queue/") => {
            Some(format!("$share/$queue/{inner}").into())
        }
        FilterKind::Shared { .. } => Some(format!("$queue/{inner}").into()),
    }
}
