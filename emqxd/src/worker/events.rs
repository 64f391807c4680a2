//! Clients' comings and goings told to the log and to `$SYS/brokers/<node>/clients/<clientid>/…` (emqx-surface of
//! EMQX 5: `connected`, `disconnected`, `subscribed`, `unsubscribed`).
//!
//! The JSON is only made when somebody has subscribed to it.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqx_shared::views::EventKind;
use emqxd_broker::{ChannelSummary, ConnectionKey, Message, SubscriptionOptions};
use mqtt_codec::{ProtocolVersion, QoS};
use serde_json::{Value, json};

use super::WorkerState;
use crate::closed_connections::ClosedConnection;

impl WorkerState {
    pub(crate) fn on_connected(&mut self, connection: ConnectionKey) {
        let Some(channel) = self.shard.summary(connection) else {
            return;
        };
        tracing::info!(
            tag = "MQTT",
            clientid = %channel.client_id,
            peername = %channel.peer.address,
            username = channel.username.as_deref(),
            listener = %channel.peer.listener,
            proto_ver = channel.version as u8,
            clean_start = channel.clean_start,
            keepalive = channel.keep_alive,
            session_expiry_interval = channel.session_expiry_interval,
            "client_connected"
        );
        self.node.events.tell_client(
            EventKind::Connected,
            channel.client_id.clone(),
            channel.peer.address,
            match channel.version {
                ProtocolVersion::V31 => "MQTT 3.1",
                ProtocolVersion::V311 => "MQTT 3.1.1",
                ProtocolVersion::V5 => "MQTT 5",
            },
        );
        if !self.node.config.sys_topics.client_connected {
            return;
        }
        let connected_at = self.clock.unix_ms(channel.connected_at);
        self.publish_event(&channel, "connected", || {
            json!({
                "username": channel.username.as_deref(),
                "ts": connected_at,
                "sockport": channel.peer.listener_port,
                "protocol": "mqtt",
                "proto_ver": channel.version as u8,
                "proto_name": channel.version.name(),
                "keepalive": channel.keep_alive,
                "ipaddress": channel.peer.address.ip().to_string(),
                "expiry_interval": u64::from(channel.session_expiry_interval) * 1000,
                "connected_at": connected_at,
                "clientid": &*channel.client_id,
                "clean_start": channel.clean_start,
                "receive_maximum": channel.receive_maximum,
            })
        });
    }

    /// For those who follow the node's events; a connection that never sent CONNECT has no name.
    pub(crate) fn tell_disconnected(&self, closed: &ClosedConnection) {
        let channel = closed.channel.as_deref();
        let client_id = channel.map(|channel| channel.client_id.clone()).unwrap_or_default();
        self.node
            .events
            .tell_client(EventKind::Disconnected, client_id, closed.peer, closed.reason.name());
    }

    pub(crate) fn publish_disconnected(&mut self, closed: &ClosedConnection) {
        // A CONNECT that was refused never was `connected`.
        let Some(channel) = closed.channel.as_deref().filter(|_| closed.was_connected()) else {
            return;
        };
        if !self.node.config.sys_topics.client_disconnected {
            return;
        }
        let ended_at = self.clock.unix_ms(closed.ended_at);
        let connected_at = self.clock.unix_ms(channel.connected_at);
        self.publish_event(channel, "disconnected", || {
            json!({
                "username": channel.username.as_deref(),
                "ts": ended_at,
                "sockport": channel.peer.listener_port,
                "reason": closed.reason.name(),
                "protocol": "mqtt",
                "proto_ver": channel.version as u8,
                "proto_name": channel.version.name(),
                "ipaddress": channel.peer.address.ip().to_string(),
                "disconnected_at": ended_at,
                "connected_at": connected_at,
                "clientid": &*channel.client_id,
            })
        });
    }

    pub(crate) fn on_subscription_changed(
        &mut self,
        connection: ConnectionKey,
        filter: &ByteString,
        options: Option<SubscriptionOptions>,
    ) {
        let Some(channel) = self.shard.summary(connection) else {
            return;
        };
        let event = if options.is_some() {
            "subscribed"
        } else {
            "unsubscribed"
        };
        tracing::debug!(tag = "MQTT", clientid = %channel.client_id, peername = %channel.peer.address, topic = %filter, "{event}");
        let wanted = &self.node.config.sys_topics;
        if !(if options.is_some() {
            wanted.client_subscribed
        } else {
            wanted.client_unsubscribed
        }) {
            return;
        }
        let ts = crate::clock::unix_ms_now();
        self.publish_event(&channel, event, || {
            json!({
                "username": channel.username.as_deref(),
                "ts": ts,
                "topic": &**filter,
                "subopts": options.map(|options| json!({
                    "qos": options.qos as u8,
                    "nl": u8::from(options.no_local),
                    "rap": u8::from(options.retain_as_published),
                    "rh": options.retain_handling as u8,
                    "sub_props": {},
                })).unwrap_or_else(|| json!({})),
                "protocol": "mqtt",
                "clientid": &*channel.client_id,
            })
        });
    }

    fn publish_event(&mut self, channel: &ChannelSummary, event: &str, payload: impl FnOnce() -> Value) {
        let topic = format!(
            "$SYS/brokers/{}/clients/{}/{event}",
            self.node.config.node.name, channel.client_id
        );
        if !self.shard.has_subscribers(&topic) {
            return;
        }
        let now = self.clock.now();
        let message = sys_message(topic, payload().to_string().into(), false, now);
        self.shard.publish(Arc::new(message), now, &mut self.effects);
    }
}

/// A message of the broker's own, QoS 0.
pub(crate) fn sys_message(topic: String, payload: Bytes, retain: bool, now: emqxd_broker::Time) -> Message {
    Message {
        // The shard that publishes it gives it one.
        id: 0,
        topic: ByteString::from(topic),
        payload,
        qos: QoS::AtMostOnce,
        retain,
        properties: None,
        publisher: ByteString::new(),
        published_at: now,
        expires_at: None,
    }
}
