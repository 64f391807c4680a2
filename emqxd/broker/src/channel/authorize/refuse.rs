//! What a refusal leads to: an answer or the end of the connection, a line of log, a count, and a note for operators.

use emqx_acl::Action;
use mqtt_codec::{Publish, ReasonCode};

use super::action::{name_of, text_of};
use crate::authorizer::{Authority, DenyAction, OwnedActor};
use crate::{ConnectionKey, DisconnectReason, Effect, Message, Metric, Shard, Time, TraceKind};

impl Shard {
    /// Whether one refusal ends the connection.
    pub(in crate::channel) fn disconnects_refused(&self) -> bool {
        self.gate.authorization().settings.deny_action == DenyAction::Disconnect
    }

    /// Ends a connection for a refusal.
    pub(in crate::channel) fn end_refused(
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
    pub(in crate::channel) fn tell_refused_filter(
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

    pub(super) fn refuse_publish(
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

    pub(super) fn refuse_will(&self, message: &Message, author: &OwnedActor, authority: &Authority) {
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

    pub(super) fn tell_refused(
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

    pub(super) fn trace_allowed(&self, connection: ConnectionKey, action: &Action<'_>) {
        if self.trace_sink.is_some() {
            let (topic, result) = (text_of(action), "allow");
            let action = name_of(action);
            self.trace(connection, TraceKind::Authorized { action, topic, result });
        }
    }
}
