//! Packets as EMQX's traces show them: `PUBLISH(Q1, R0, D0, Topic=t/1, PacketId=7, Payload(text)=…)`.
//!
//! Passwords are never shown. What is written has to pass through `safe_text.rs`, because names come from clients.

use std::fmt;

use emqxd_broker::{Delivery, SubscriptionOptions};
use mqtt_codec::{Ack, Connect, Packet, PacketId, QoS, ReasonCode, RetainHandling, SubscribeFilter};

use super::payload::PayloadForm;

/// A packet of a trace event.
#[derive(Debug, Clone, Copy)]
pub(super) enum Traced<'a> {
    Connect(&'a Connect),
    Packet(&'a Packet),
    Delivery(&'a Delivery),
}

/// A packet, and how its payload is shown.
pub(super) struct PacketText<'a>(pub(super) Traced<'a>, pub(super) PayloadForm);

/// What stands for a password that is there.
pub(super) const PASSWORD: &str = "******";
/// What stands for what is not there.
pub(super) const UNDEFINED: &str = "undefined";

/// The fields of PUBLISH, whichever way it goes.
pub(super) struct PublishView<'a> {
    pub(super) qos: QoS,
    pub(super) retain: bool,
    pub(super) dup: bool,
    pub(super) topic: &'a str,
    pub(super) packet_id: Option<PacketId>,
    pub(super) payload: &'a [u8],
}

impl<'a> Traced<'a> {
    /// Its PUBLISH, if it is one.
    pub(super) fn publish(self) -> Option<PublishView<'a>> {
        match self {
            Self::Packet(Packet::Publish(publish)) => Some(PublishView {
                qos: publish.qos,
                retain: publish.retain,
                dup: publish.dup,
                topic: &publish.topic,
                packet_id: publish.packet_id,
                payload: &publish.payload,
            }),
            Self::Delivery(delivery) => Some(PublishView {
                qos: delivery.qos,
                retain: delivery.retain,
                dup: delivery.dup,
                topic: &delivery.message.topic,
                packet_id: delivery.packet_id,
                payload: &delivery.message.payload,
            }),
            _ => None,
        }
    }
}

impl fmt::Display for PacketText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(publish) = self.0.publish() {
            return publish_text(out, &publish, self.1);
        }
        match self.0 {
            Traced::Connect(connect) => connect_text(out, connect, self.1),
            Traced::Packet(packet) => packet_text(out, packet, self.1),
            // Seen as a PUBLISH above.
            Traced::Delivery(_) => Ok(()),
        }
    }
}

fn publish_text(out: &mut fmt::Formatter<'_>, publish: &PublishView<'_>, form: PayloadForm) -> fmt::Result {
    let (qos, retain, dup) = (publish.qos as u8, u8::from(publish.retain), u8::from(publish.dup));
    write!(
        out,
        "PUBLISH(Q{qos}, R{retain}, D{dup}, Topic={}, PacketId=",
        publish.topic
    )?;
    match publish.packet_id {
        Some(packet_id) => write!(out, "{}", packet_id.get())?,
        None => out.write_str(UNDEFINED)?,
    }
    let payload = form.show(publish.payload);
    write!(out, ", Payload({})={payload})", payload.encode.as_str())
}

fn connect_text(out: &mut fmt::Formatter<'_>, connect: &Connect, form: PayloadForm) -> fmt::Result {
    write!(
        out,
        "CONNECT(Q0, R0, D0, ClientId={}, ProtoName={}, ProtoVsn={}, CleanStart={}, KeepAlive={}, Username={}, Password={}",
        connect.client_id,
        connect.protocol_version.name(),
        connect.protocol_version as u8,
        connect.clean_start,
        connect.keep_alive,
        connect.username.as_deref().unwrap_or(UNDEFINED),
        password(connect),
    )?;
    if let Some(will) = &connect.will {
        let (qos, retain) = (will.qos as u8, u8::from(will.retain));
        let payload = form.show(&will.payload);
        let encode = payload.encode.as_str();
        write!(
            out,
            ", Will(Q{qos}, R{retain}, Topic={} Payload({encode})={payload})",
            will.topic
        )?;
    }
    out.write_str(")")
}

/// What is shown of a password: whether there is one, and whether it is empty.
pub(super) fn password(connect: &Connect) -> &'static str {
    match &connect.password {
        None => UNDEFINED,
        Some(password) if password.is_empty() => "",
        Some(_) => PASSWORD,
    }
}

fn packet_text(out: &mut fmt::Formatter<'_>, packet: &Packet, form: PayloadForm) -> fmt::Result {
    let name = packet.packet_type().name();
    match packet {
        Packet::Connect(connect) => connect_text(out, connect, form),
        // Seen as a PUBLISH before.
        Packet::Publish(_) => Ok(()),
        Packet::Connack(connack) => write!(
            out,
            "{name}(Q0, R0, D0, AckFlags={}, ReasonCode={})",
            u8::from(connack.session_present),
            connack.reason_code as u8
        ),
        Packet::Puback(ack) | Packet::Pubrec(ack) | Packet::Pubrel(ack) | Packet::Pubcomp(ack) => {
            ack_text(out, name, header_qos(packet), ack)
        }
        Packet::Subscribe(subscribe) => {
            write!(
                out,
                "{name}(Q1, R0, D0, PacketId={} TopicFilters=[",
                subscribe.packet_id.get()
            )?;
            for (place, each) in subscribe.filters.iter().enumerate() {
                let comma = if place == 0 { "" } else { "," };
                let options = Options::of_request(each);
                write!(out, "{comma}{}({options})", each.filter)?;
            }
            out.write_str("])")
        }
        Packet::Unsubscribe(unsubscribe) => {
            write!(
                out,
                "{name}(Q1, R0, D0, PacketId={} TopicFilters=[",
                unsubscribe.packet_id.get()
            )?;
            for (place, filter) in unsubscribe.filters.iter().enumerate() {
                write!(out, "{}{filter}", if place == 0 { "" } else { "," })?;
            }
            out.write_str("])")
        }
        Packet::Suback(suback) => {
            write!(
                out,
                "{name}(Q0, R0, D0, PacketId={}, ReasonCodes=[",
                suback.packet_id.get()
            )?;
            codes_text(out, &suback.reason_codes)?;
            out.write_str("])")
        }
        Packet::Unsuback(unsuback) => write!(out, "{name}(Q0, R0, D0, PacketId={})", unsuback.packet_id.get()),
        Packet::Disconnect(disconnect) => reason_text(out, name, disconnect.reason_code),
        Packet::Auth(auth) => reason_text(out, name, auth.reason_code),
        Packet::Pingreq | Packet::Pingresp => write!(out, "{name}(Q0, R0, D0)"),
    }
}

/// The QoS in the fixed header: 1 where the specification wants the flags 0010 (MQTT 5, 2.1.3).
pub(super) fn header_qos(packet: &Packet) -> u8 {
    match packet {
        Packet::Publish(publish) => publish.qos as u8,
        Packet::Pubrel(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_) => 1,
        _ => 0,
    }
}

fn ack_text(out: &mut fmt::Formatter<'_>, name: &str, qos: u8, ack: &Ack) -> fmt::Result {
    let (packet_id, code) = (ack.packet_id.get(), ack.reason_code as u8);
    write!(out, "{name}(Q{qos}, R0, D0, PacketId={packet_id}, ReasonCode={code})")
}

fn reason_text(out: &mut fmt::Formatter<'_>, name: &str, code: ReasonCode) -> fmt::Result {
    write!(out, "{name}(Q0, R0, D0, ReasonCode={})", code as u8)
}

fn codes_text(out: &mut fmt::Formatter<'_>, codes: &[ReasonCode]) -> fmt::Result {
    for (place, code) in codes.iter().enumerate() {
        write!(out, "{}{}", if place == 0 { "" } else { "," }, *code as u8)?;
    }
    Ok(())
}

/// Subscription options as EMQX prints a map: `#{nl => 0,qos => 0,rap => 0,rh => 0}`.
pub(super) struct Options {
    pub(super) no_local: bool,
    pub(super) qos: QoS,
    pub(super) retain_as_published: bool,
    pub(super) retain_handling: RetainHandling,
}

impl Options {
    pub(super) fn of_request(request: &SubscribeFilter) -> Self {
        Self {
            no_local: request.no_local,
            qos: request.qos,
            retain_as_published: request.retain_as_published,
            retain_handling: request.retain_handling,
        }
    }

    pub(super) fn in_force(options: &SubscriptionOptions) -> Self {
        Self {
            no_local: options.no_local,
            qos: options.qos,
            retain_as_published: options.retain_as_published,
            retain_handling: options.retain_handling,
        }
    }

    /// Names and values, in EMQX's order.
    pub(super) fn pairs(&self) -> [(&'static str, u8); 4] {
        [
            ("nl", u8::from(self.no_local)),
            ("qos", self.qos as u8),
            ("rap", u8::from(self.retain_as_published)),
            ("rh", self.retain_handling as u8),
        ]
    }
}

impl fmt::Display for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("#{")?;
        for (place, (name, value)) in self.pairs().into_iter().enumerate() {
            write!(out, "{}{name} => {value}", if place == 0 { "" } else { "," })?;
        }
        out.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use bytestring::ByteString;
    use emqx_shared::request::TracePayload;
    use mqtt_codec::{ConnectProperties, ProtocolVersion, Publish, Subscribe, SubscribeProperties};
    use smallvec::smallvec;

    use super::*;

    const FORM: PayloadForm = PayloadForm {
        encode: TracePayload::Text,
        limit: 1024,
    };

    fn text(packet: &Packet) -> String {
        PacketText(Traced::Packet(packet), FORM).to_string()
    }

    fn id(value: u16) -> PacketId {
        PacketId::new(value).unwrap()
    }

    fn connect() -> Connect {
        Connect {
            protocol_version: ProtocolVersion::V5,
            is_bridge: false,
            clean_start: true,
            keep_alive: 60,
            client_id: ByteString::from_static("emqx_c"),
            username: None,
            password: None,
            will: None,
            properties: ConnectProperties::default(),
        }
    }

    #[test]
    fn a_connect_reads_as_in_emqx_and_never_shows_its_password() {
        let start = "CONNECT(Q0, R0, D0, ClientId=emqx_c, ProtoName=MQTT, ProtoVsn=5, CleanStart=true, KeepAlive=60, ";
        let packet = |connect: Connect| text(&Packet::Connect(Box::new(connect)));
        assert_eq!(
            packet(connect()),
            format!("{start}Username=undefined, Password=undefined)")
        );
        let mut named = connect();
        named.username = Some(ByteString::from_static("u"));
        named.password = Some(Bytes::from_static(b"canary"));
        assert_eq!(packet(named.clone()), format!("{start}Username=u, Password=******)"));
        named.password = Some(Bytes::new());
        named.will = Some(Box::new(emqxd_broker::Will {
            qos: QoS::AtMostOnce,
            retain: false,
            topic: ByteString::from_static("t"),
            payload: Bytes::from_static(b"gone"),
            properties: mqtt_codec::WillProperties::default(),
        }));
        assert_eq!(
            packet(named),
            format!("{start}Username=u, Password=, Will(Q0, R0, Topic=t Payload(text)=gone))")
        );
    }

    #[test]
    fn a_publish_says_how_its_payload_is_shown() {
        let mut publish = Publish {
            dup: false,
            qos: QoS::AtLeastOnce,
            retain: true,
            topic: ByteString::from_static("t/1"),
            packet_id: Some(id(7)),
            properties: None,
            payload: Bytes::from_static(b"21.4"),
        };
        let shown = text(&Packet::Publish(publish.clone()));
        assert_eq!(shown, "PUBLISH(Q1, R1, D0, Topic=t/1, PacketId=7, Payload(text)=21.4)");
        publish.qos = QoS::AtMostOnce;
        publish.packet_id = None;
        publish.payload = Bytes::from_static(&[0xff, 0]);
        let shown = text(&Packet::Publish(publish));
        assert_eq!(
            shown,
            "PUBLISH(Q0, R1, D0, Topic=t/1, PacketId=undefined, Payload(hex)=FF00)"
        );
    }

    #[test]
    fn subscriptions_and_small_packets_read_as_in_emqx() {
        let subscribe = Subscribe {
            packet_id: id(1),
            properties: SubscribeProperties::default(),
            filters: smallvec![SubscribeFilter {
                filter: ByteString::from_static("t"),
                qos: QoS::AtMostOnce,
                no_local: false,
                retain_as_published: false,
                retain_handling: RetainHandling::SendAtSubscribe,
            }],
        };
        assert_eq!(
            text(&Packet::Subscribe(Box::new(subscribe))),
            "SUBSCRIBE(Q1, R0, D0, PacketId=1 TopicFilters=[t(#{nl => 0,qos => 0,rap => 0,rh => 0})])"
        );
        let ack = || Ack::new(id(1), ReasonCode::Success);
        for (packet, expected) in [
            (Packet::Pingreq, "PINGREQ(Q0, R0, D0)"),
            (Packet::Puback(ack()), "PUBACK(Q0, R0, D0, PacketId=1, ReasonCode=0)"),
            (Packet::Pubrel(ack()), "PUBREL(Q1, R0, D0, PacketId=1, ReasonCode=0)"),
        ] {
            assert_eq!(text(&packet), expected);
        }
    }
}
