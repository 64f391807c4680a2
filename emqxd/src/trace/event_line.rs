//! What a line says of an event, before it is text or JSON: tag, name, level, fields in EMQX's order.
//!
//! `text.rs` and `json.rs` draw it.

use emqx_shared::LogLevel;
use emqxd_broker::{DisconnectReason, TraceEvent, TraceKind};
use smallvec::{SmallVec, smallvec};

use super::packet_text::{Options, Traced};

/// A line to be.
pub(super) struct EventLine<'a> {
    /// EMQX's tag, `MQTT` and so on.
    pub(super) tag: &'static str,
    /// The event's name.
    pub(super) msg: &'static str,
    pub(super) level: LogLevel,
    pub(super) packet: Option<Traced<'a>>,
    /// By name.
    pub(super) fields: SmallVec<[(&'static str, Value<'a>); 4]>,
    /// A payload that stands on its own.
    pub(super) payload: Option<&'a [u8]>,
}

/// The value of a field.
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(u64),
    Flag(bool),
    Options(Options),
    Shutdown(DisconnectReason),
}

/// The level at which an event is told; asked before anything is made of it.
pub(super) fn level(kind: &TraceKind<'_>) -> LogLevel {
    match kind {
        TraceKind::Dropped { .. } => LogLevel::Warning,
        TraceKind::FrameError { .. } | TraceKind::Closed { .. } => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

impl<'a> EventLine<'a> {
    pub(super) fn new(event: &TraceEvent<'a>) -> Self {
        let mut line = Self::of(&event.kind, event.client_id);
        line.level = level(&event.kind);
        line
    }

    fn of(kind: &TraceKind<'a>, client_id: &'a str) -> Self {
        use Value::{Flag, Number, Text};
        let count = |count: usize| Number(count as u64);
        match *kind {
            TraceKind::ConnectReceived(connect) => Self::packet("mqtt_packet_received", Traced::Connect(connect)),
            TraceKind::PacketReceived(packet) => Self::packet("mqtt_packet_received", Traced::Packet(packet)),
            TraceKind::PacketSent(packet) => Self::packet("mqtt_packet_sent", Traced::Packet(packet)),
            TraceKind::DeliverySent(delivery) => Self::packet("mqtt_packet_sent", Traced::Delivery(delivery)),
            TraceKind::FrameError { reason } => {
                Self::plain("MQTT", "frame_parse_error", smallvec![("reason", Text(reason))])
            }
            TraceKind::Authenticated { result, username } => {
                let mut fields = smallvec![("result", Text(result))];
                fields.extend(username.map(|username| ("username", Text(username))));
                Self::plain("AUTHN", "authentication_result", fields)
            }
            TraceKind::Authorized { action, topic, result } => {
                let fields = smallvec![
                    ("action", Text(action)),
                    ("result", Text(result)),
                    ("topic", Text(topic))
                ];
                Self::plain("AUTHZ", "authorization_result", fields)
            }
            TraceKind::SessionOpened { is_resumed, queue_len } => {
                let fields = smallvec![("is_resumed", Flag(is_resumed)), ("queue_len", count(queue_len))];
                Self::plain("MQTT", "session_opened", fields)
            }
            TraceKind::Subscribed { filter, options } => {
                let fields = smallvec![
                    ("sub_id", Text(client_id)),
                    ("sub_opts", Value::Options(Options::in_force(options))),
                    ("topic", Text(filter)),
                ];
                Self::plain("SUBSCRIBE", "subscribe", fields)
            }
            TraceKind::Unsubscribed { filter } => {
                Self::plain("UNSUBSCRIBE", "unsubscribe", smallvec![("topic", Text(filter))])
            }
            TraceKind::Published { topic, payload } => Self {
                payload: Some(payload),
                ..Self::plain("PUBLISH", "publish_to", smallvec![("topic", Text(topic))])
            },
            TraceKind::Routed {
                topic,
                subscribers,
                workers,
                share_groups,
            } => {
                let fields = smallvec![
                    ("share_groups", count(share_groups)),
                    ("subscribers", count(subscribers)),
                    ("topic", Text(topic)),
                    ("workers", count(workers)),
                ];
                Self::plain("PUBLISH", "message_routed", fields)
            }
            TraceKind::Queued {
                message,
                qos,
                queue_len,
            } => {
                let topic = ("topic", Text(&message.topic));
                let fields = smallvec![("qos", Number(qos as u64)), ("queue_len", count(queue_len)), topic];
                Self::plain("MQTT", "message_queued", fields)
            }
            TraceKind::Dequeued { message, queue_len } => {
                let fields = smallvec![("queue_len", count(queue_len)), ("topic", Text(&message.topic))];
                Self::plain("MQTT", "message_dequeued", fields)
            }
            TraceKind::Dropped { topic, reason } => {
                let fields = smallvec![("reason", Text(reason)), ("topic", Text(topic))];
                Self::plain("MQTT", "message_dropped", fields)
            }
            TraceKind::Silent { keep_alive } => {
                let fields = smallvec![("keepalive", Number(keep_alive.into()))];
                Self::plain("MQTT", "keepalive_nearly_over", fields)
            }
            TraceKind::Closed { reason, detail } => {
                let mut fields: SmallVec<[_; 4]> = SmallVec::new();
                fields.extend(detail.map(|detail| ("detail", Text(detail))));
                fields.push(("reason", Value::Shutdown(reason)));
                Self::plain("SOCKET", "terminate", fields)
            }
            TraceKind::SessionEnded => Self::plain("MQTT", "session_terminated", SmallVec::new()),
        }
    }

    fn packet(msg: &'static str, packet: Traced<'a>) -> Self {
        Self {
            packet: Some(packet),
            ..Self::plain("MQTT", msg, SmallVec::new())
        }
    }

    fn plain(tag: &'static str, msg: &'static str, fields: SmallVec<[(&'static str, Value<'a>); 4]>) -> Self {
        Self {
            tag,
            msg,
            level: LogLevel::Debug,
            packet: None,
            fields,
            payload: None,
        }
    }
}
