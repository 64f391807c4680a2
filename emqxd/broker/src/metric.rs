//! The counters of the MQTT core under EMQX's names, and the statistics (gauges) beside them.
//!
//! Each worker owns one [`Metrics`] and is the only one to write it; whoever shows `broker metrics`,
//! `$SYS` or Prometheus adds up the workers' values. EMQX's counters of its rule engine, schema
//! validation and overload protection belong to those parts and are not in here.

use std::sync::atomic::{AtomicU64, Ordering};

use mqtt_codec::{PacketType, QoS};

/// Declares a field-less enum whose variants carry EMQX's names, in one table that cannot drift.
macro_rules! named_enum {
    ($(#[$attribute:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(usize)]
        pub enum $type {
            $(#[doc = concat!("`", $name, "`")] $(#[$doc])* $variant,)*
        }

        impl $type {
            /// All of them, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// EMQX's name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

named_enum! {
    /// A counter: it only grows, from the start of the node.
    Metric {
        BytesReceived = "bytes.received",
        BytesSent = "bytes.sent",

        PacketsReceived = "packets.received",
        PacketsSent = "packets.sent",
        PacketsConnectReceived = "packets.connect.received",
        PacketsConnackSent = "packets.connack.sent",
        PacketsConnackError = "packets.connack.error",
        PacketsConnackAuthError = "packets.connack.auth_error",
        PacketsPublishReceived = "packets.publish.received",
        PacketsPublishSent = "packets.publish.sent",
        PacketsPublishInuse = "packets.publish.inuse",
        PacketsPublishError = "packets.publish.error",
        PacketsPublishAuthError = "packets.publish.auth_error",
        PacketsPublishQuotaExceeded = "packets.publish.quota_exceeded",
        PacketsPubackReceived = "packets.puback.received",
        PacketsPubackSent = "packets.puback.sent",
        PacketsPubackInuse = "packets.puback.inuse",
        PacketsPubackMissed = "packets.puback.missed",
        PacketsPubrecReceived = "packets.pubrec.received",
        PacketsPubrecSent = "packets.pubrec.sent",
        PacketsPubrecInuse = "packets.pubrec.inuse",
        PacketsPubrecMissed = "packets.pubrec.missed",
        PacketsPubrelReceived = "packets.pubrel.received",
        PacketsPubrelSent = "packets.pubrel.sent",
        PacketsPubrelMissed = "packets.pubrel.missed",
        PacketsPubcompReceived = "packets.pubcomp.received",
        PacketsPubcompSent = "packets.pubcomp.sent",
        PacketsPubcompInuse = "packets.pubcomp.inuse",
        PacketsPubcompMissed = "packets.pubcomp.missed",
        PacketsSubscribeReceived = "packets.subscribe.received",
        PacketsSubscribeError = "packets.subscribe.error",
        PacketsSubscribeAuthError = "packets.subscribe.auth_error",
        PacketsSubackSent = "packets.suback.sent",
        PacketsUnsubscribeReceived = "packets.unsubscribe.received",
        PacketsUnsubscribeError = "packets.unsubscribe.error",
        PacketsUnsubackSent = "packets.unsuback.sent",
        PacketsPingreqReceived = "packets.pingreq.received",
        PacketsPingrespSent = "packets.pingresp.sent",
        PacketsDisconnectReceived = "packets.disconnect.received",
        PacketsDisconnectSent = "packets.disconnect.sent",
        PacketsAuthReceived = "packets.auth.received",
        PacketsAuthSent = "packets.auth.sent",

        MessagesReceived = "messages.received",
        MessagesSent = "messages.sent",
        MessagesQos0Received = "messages.qos0.received",
        MessagesQos0Sent = "messages.qos0.sent",
        MessagesQos1Received = "messages.qos1.received",
        MessagesQos1Sent = "messages.qos1.sent",
        MessagesQos2Received = "messages.qos2.received",
        MessagesQos2Sent = "messages.qos2.sent",
        MessagesPublish = "messages.publish",
        MessagesDropped = "messages.dropped",
        MessagesDroppedAwaitPubrelTimeout = "messages.dropped.await_pubrel_timeout",
        MessagesDroppedNoSubscribers = "messages.dropped.no_subscribers",
        MessagesDroppedQuotaExceeded = "messages.dropped.quota_exceeded",
        MessagesDroppedReceiveMaximum = "messages.dropped.receive_maximum",
        /// To another node: it is down, or does not keep up. EMQX does not count them.
        MessagesDroppedPeerUnreachable = "messages.dropped.peer_unreachable",
        MessagesForward = "messages.forward",
        MessagesDelayed = "messages.delayed",
        MessagesDelivered = "messages.delivered",
        MessagesAcked = "messages.acked",
        MessagesPersisted = "messages.persisted",
        MessagesRetained = "messages.retained",

        DeliveryDropped = "delivery.dropped",
        DeliveryDroppedNoLocal = "delivery.dropped.no_local",
        DeliveryDroppedTooLarge = "delivery.dropped.too_large",
        DeliveryDroppedQos0Msg = "delivery.dropped.qos0_msg",
        DeliveryDroppedQueueFull = "delivery.dropped.queue_full",
        DeliveryDroppedExpired = "delivery.dropped.expired",
        DeliveryDroppedFilter = "delivery.dropped.filter",

        ClientConnect = "client.connect",
        ClientConnack = "client.connack",
        ClientConnected = "client.connected",
        ClientAuthenticate = "client.authenticate",
        ClientPostAuthn = "client.post_authn",
        ClientAuthAnonymous = "client.auth.anonymous",
        ClientAuthorize = "client.authorize",
        ClientSubscribe = "client.subscribe",
        ClientUnsubscribe = "client.unsubscribe",
        ClientDisconnected = "client.disconnected",

        SessionCreated = "session.created",
        SessionDisconnected = "session.disconnected",
        SessionResumed = "session.resumed",
        /// In EMQX 4: `session.takeovered`.
        SessionTakenover = "session.takenover",
        SessionDiscarded = "session.discarded",
        SessionTerminated = "session.terminated",

        AuthorizationAllow = "authorization.allow",
        AuthorizationDeny = "authorization.deny",
        AuthorizationCacheHit = "authorization.cache_hit",
        AuthorizationCacheMiss = "authorization.cache_miss",
        AuthorizationSuperuser = "authorization.superuser",
        AuthorizationNomatch = "authorization.nomatch",
        AuthorizationMatchedAllow = "authorization.matched.allow",
        AuthorizationMatchedDeny = "authorization.matched.deny",
        /// Subscriptions that were allowed once and are not any more. EMQX does not look again.
        AuthorizationRevoked = "authorization.revoked",
        AuthenticationSuccess = "authentication.success",
        AuthenticationSuccessAnonymous = "authentication.success.anonymous",
        AuthenticationFailure = "authentication.failure",
    }
}

impl Metric {
    /// The counter of a packet type that clients send, beside [`Metric::PacketsReceived`]; `None` for the
    /// types that only a server sends.
    pub fn packet_received(packet: PacketType) -> Option<Self> {
        Some(match packet {
            PacketType::Connect => Self::PacketsConnectReceived,
            PacketType::Publish => Self::PacketsPublishReceived,
            PacketType::Puback => Self::PacketsPubackReceived,
            PacketType::Pubrec => Self::PacketsPubrecReceived,
            PacketType::Pubrel => Self::PacketsPubrelReceived,
            PacketType::Pubcomp => Self::PacketsPubcompReceived,
            PacketType::Subscribe => Self::PacketsSubscribeReceived,
            PacketType::Unsubscribe => Self::PacketsUnsubscribeReceived,
            PacketType::Pingreq => Self::PacketsPingreqReceived,
            PacketType::Disconnect => Self::PacketsDisconnectReceived,
            PacketType::Auth => Self::PacketsAuthReceived,
            PacketType::Connack | PacketType::Suback | PacketType::Unsuback | PacketType::Pingresp => return None,
        })
    }

    /// The counter of a packet type that a server sends, beside [`Metric::PacketsSent`]; `None` for the
    /// types that only clients send.
    pub fn packet_sent(packet: PacketType) -> Option<Self> {
        Some(match packet {
            PacketType::Connack => Self::PacketsConnackSent,
            PacketType::Publish => Self::PacketsPublishSent,
            PacketType::Puback => Self::PacketsPubackSent,
            PacketType::Pubrec => Self::PacketsPubrecSent,
            PacketType::Pubrel => Self::PacketsPubrelSent,
            PacketType::Pubcomp => Self::PacketsPubcompSent,
            PacketType::Suback => Self::PacketsSubackSent,
            PacketType::Unsuback => Self::PacketsUnsubackSent,
            PacketType::Pingresp => Self::PacketsPingrespSent,
            PacketType::Disconnect => Self::PacketsDisconnectSent,
            PacketType::Auth => Self::PacketsAuthSent,
            PacketType::Connect | PacketType::Subscribe | PacketType::Unsubscribe | PacketType::Pingreq => return None,
        })
    }

    /// The counter of received messages of a QoS, beside [`Metric::MessagesReceived`].
    pub fn messages_received(qos: QoS) -> Self {
        match qos {
            QoS::AtMostOnce => Self::MessagesQos0Received,
            QoS::AtLeastOnce => Self::MessagesQos1Received,
            QoS::ExactlyOnce => Self::MessagesQos2Received,
        }
    }

    /// The counter of sent messages of a QoS, beside [`Metric::MessagesSent`].
    pub fn messages_sent(qos: QoS) -> Self {
        match qos {
            QoS::AtMostOnce => Self::MessagesQos0Sent,
            QoS::AtLeastOnce => Self::MessagesQos1Sent,
            QoS::ExactlyOnce => Self::MessagesQos2Sent,
        }
    }
}

/// The counters of one worker: one writer, any number of readers.
///
/// Because there is one writer, an increment is a relaxed load and a relaxed store instead of a locked
/// read-modify-write; two writers would lose counts, nothing worse. Readers see each value whole, some
/// moments late, and no order between values.
#[derive(Debug)]
pub struct Metrics {
    values: [AtomicU64; Metric::COUNT],
}

impl Metrics {
    /// All zero.
    pub fn new() -> Self {
        Self {
            values: [const { AtomicU64::new(0) }; Metric::COUNT],
        }
    }

    /// Counts one; for the owning worker only.
    pub fn inc(&self, metric: Metric) {
        self.add(metric, 1);
    }

    /// Counts `n`; for the owning worker only. Wraps around after 2^64.
    pub fn add(&self, metric: Metric, n: u64) {
        let value = &self.values[metric as usize];
        value.store(value.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    /// The present value.
    pub fn get(&self, metric: Metric) -> u64 {
        self.values[metric as usize].load(Ordering::Relaxed)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

named_enum! {
    /// A statistic: a number of things there are now, each with its highest value beside it. The values
    /// are the caller's.
    Stat {
        ChannelsCount = "channels.count",
        ChannelsMax = "channels.max",
        ConnectionsCount = "connections.count",
        ConnectionsMax = "connections.max",
        DelayedCount = "delayed.count",
        DelayedMax = "delayed.max",
        LiveConnectionsCount = "live_connections.count",
        LiveConnectionsMax = "live_connections.max",
        RetainedCount = "retained.count",
        RetainedMax = "retained.max",
        SessionsCount = "sessions.count",
        SessionsMax = "sessions.max",
        SuboptionsCount = "suboptions.count",
        SuboptionsMax = "suboptions.max",
        SubscribersCount = "subscribers.count",
        SubscribersMax = "subscribers.max",
        SubscriptionsCount = "subscriptions.count",
        SubscriptionsMax = "subscriptions.max",
        SubscriptionsSharedCount = "subscriptions.shared.count",
        SubscriptionsSharedMax = "subscriptions.shared.max",
        TopicsCount = "topics.count",
        TopicsMax = "topics.max",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_positions_are_those_of_the_table() {
        let names: HashSet<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), Metric::COUNT);
        for (position, &metric) in Metric::ALL.iter().enumerate() {
            assert_eq!(metric as usize, position, "{}", metric.name());
        }
        let stats: HashSet<_> = Stat::ALL.iter().map(|stat| stat.name()).collect();
        assert_eq!(stats.len(), Stat::COUNT);
    }

    #[test]
    fn every_statistic_has_a_count_and_a_max() {
        let names: HashSet<_> = Stat::ALL.iter().map(|stat| stat.name()).collect();
        for name in &names {
            let partner = match name.strip_suffix(".count") {
                Some(stem) => format!("{stem}.max"),
                None => format!("{}.count", name.strip_suffix(".max").unwrap()),
            };
            assert!(names.contains(partner.as_str()), "{name}");
        }
    }

    #[test]
    fn counts_add_up_and_stay_apart() {
        let metrics = Metrics::new();
        metrics.inc(Metric::PacketsReceived);
        metrics.inc(Metric::PacketsReceived);
        metrics.add(Metric::BytesReceived, 40);
        assert_eq!(metrics.get(Metric::PacketsReceived), 2);
        assert_eq!(metrics.get(Metric::BytesReceived), 40);
        assert_eq!(metrics.get(Metric::BytesSent), 0);
    }

    #[test]
    fn a_packet_counter_is_named_after_its_packet_and_direction() {
        assert_eq!(
            Metric::packet_received(PacketType::Publish).unwrap().name(),
            "packets.publish.received"
        );
        assert_eq!(
            Metric::packet_sent(PacketType::Suback).unwrap().name(),
            "packets.suback.sent"
        );
        assert_eq!(Metric::packet_received(PacketType::Suback), None);
        assert_eq!(Metric::packet_sent(PacketType::Connect), None);
        assert_eq!(Metric::messages_sent(QoS::ExactlyOnce).name(), "messages.qos2.sent");
        assert_eq!(
            Metric::messages_received(QoS::AtMostOnce).name(),
            "messages.qos0.received"
        );
    }
}
