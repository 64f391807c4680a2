//! Packets as the debug log shows them, in EMQX's manner: `PUBLISH(Q1, R0, D0, Topic=t/1, PacketId=7, Payload=…)`.
//!
//! Bounded however large the packet; passwords are never shown. Control characters are left to the log, which
//! escapes them in one place.

use std::fmt;

use emqxd_broker::Delivery;
use mqtt_codec::{Ack, Packet, Publish, QoS};

/// Bytes of a payload that are shown.
const PAYLOAD_SHOWN: usize = 128;
/// Filters of a SUBSCRIBE that are shown.
const FILTERS_SHOWN: usize = 8;

/// Shows a packet.
pub struct PacketText<'a>(pub &'a Packet);

/// Shows a message that is delivered.
pub struct DeliveryText<'a>(pub &'a Delivery);

impl fmt::Display for PacketText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.packet_type().name();
        match self.0 {
            Packet::Connect(connect) => {
                write!(
                    out,
                    "{name}(ClientId={}, ProtoName={}, ProtoVsn={}, CleanStart={}, KeepAlive={}, Username={}, Password={}",
                    connect.client_id,
                    connect.protocol_version.name(),
                    connect.protocol_version as u8,
                    connect.clean_start,
                    connect.keep_alive,
                    connect.username.as_deref().unwrap_or("undefined"),
                    if connect.password.is_some() {
                        "******"
                    } else {
                        "undefined"
                    },
                )?;
                if let Some(will) = &connect.will {
                    let (qos, retain) = (will.qos as u8, u8::from(will.retain));
                    write!(
                        out,
                        ", Will(Q{qos}, R{retain}, Topic={}, Payload={})",
                        will.topic,
                        Payload(&will.payload)
                    )?;
                }
                out.write_str(")")
            }
            Packet::Connack(connack) => {
                write!(
                    out,
                    "{name}(AckFlags={}, ReasonCode={})",
                    u8::from(connack.session_present),
                    connack.reason_code as u8
                )
            }
            Packet::Publish(publish) => publish_text(out, publish),
            Packet::Puback(ack) | Packet::Pubrec(ack) | Packet::Pubrel(ack) | Packet::Pubcomp(ack) => {
                ack_text(out, name, ack)
            }
            Packet::Subscribe(subscribe) => {
                write!(out, "{name}(PacketId={}, TopicFilters=[", subscribe.packet_id.get())?;
                let filters = subscribe.filters.iter().map(|each| (&*each.filter, Some(each.qos)));
                filters_text(out, filters, subscribe.filters.len())
            }
            Packet::Unsubscribe(unsubscribe) => {
                write!(out, "{name}(PacketId={}, TopicFilters=[", unsubscribe.packet_id.get())?;
                filters_text(
                    out,
                    unsubscribe.filters.iter().map(|filter| (&**filter, None)),
                    unsubscribe.filters.len(),
                )
            }
            Packet::Suback(suback) => codes_text(out, name, suback.packet_id.get(), &suback.reason_codes),
            Packet::Unsuback(unsuback) => codes_text(out, name, unsuback.packet_id.get(), &unsuback.reason_codes),
            Packet::Disconnect(disconnect) => write!(out, "{name}(ReasonCode={})", disconnect.reason_code as u8),
            Packet::Auth(auth) => write!(out, "{name}(ReasonCode={})", auth.reason_code as u8),
            Packet::Pingreq | Packet::Pingresp => out.write_str(name),
        }
    }
}

impl fmt::Display for DeliveryText<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Delivery {
            message,
            qos,
            retain,
            dup,
            packet_id,
            ..
        } = self.0;
        let (retain, dup) = (u8::from(*retain), u8::from(*dup));
        write!(
            out,
            "PUBLISH(Q{}, R{retain}, D{dup}, Topic={}",
            *qos as u8, message.topic
        )?;
        if let Some(packet_id) = packet_id {
            write!(out, ", PacketId={}", packet_id.get())?;
        }
        write!(out, ", Payload={})", Payload(&message.payload))
    }
}

fn publish_text(out: &mut fmt::Formatter<'_>, publish: &Publish) -> fmt::Result {
    let (retain, dup) = (u8::from(publish.retain), u8::from(publish.dup));
    write!(
        out,
        "PUBLISH(Q{}, R{retain}, D{dup}, Topic={}",
        publish.qos as u8, publish.topic
    )?;
    if let Some(packet_id) = publish.packet_id {
        write!(out, ", PacketId={}", packet_id.get())?;
    }
    write!(out, ", Payload={})", Payload(&publish.payload))
}

fn ack_text(out: &mut fmt::Formatter<'_>, name: &str, ack: &Ack) -> fmt::Result {
    write!(
        out,
        "{name}(PacketId={}, ReasonCode={})",
        ack.packet_id.get(),
        ack.reason_code as u8
    )
}

fn codes_text(
    out: &mut fmt::Formatter<'_>,
    name: &str,
    packet_id: u16,
    codes: &[mqtt_codec::ReasonCode],
) -> fmt::Result {
    write!(out, "{name}(PacketId={packet_id}, ReasonCodes=[")?;
    for (place, code) in codes.iter().take(FILTERS_SHOWN).enumerate() {
        write!(out, "{}{}", if place == 0 { "" } else { "," }, *code as u8)?;
    }
    out.write_str(if codes.len() > FILTERS_SHOWN { ",...])" } else { "])" })
}

fn filters_text<'a>(
    out: &mut fmt::Formatter<'_>,
    filters: impl Iterator<Item = (&'a str, Option<QoS>)>,
    count: usize,
) -> fmt::Result {
    for (place, (filter, qos)) in filters.take(FILTERS_SHOWN).enumerate() {
        out.write_str(if place == 0 { "" } else { ", " })?;
        out.write_str(filter)?;
        if let Some(qos) = qos {
            write!(out, "(Q{})", qos as u8)?;
        }
    }
    match count.checked_sub(FILTERS_SHOWN) {
        Some(more @ 1..) => write!(out, ", {more} more])"),
        _ => out.write_str("])"),
    }
}

/// A payload as text if it is, in hex if not, cut.
struct Payload<'a>(&'a [u8]);

impl fmt::Display for Payload<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(PAYLOAD_SHOWN)];
        match std::str::from_utf8(shown) {
            Ok(text) => out.write_str(text)?,
            // Cut within a character.
            Err(error) if error.error_len().is_none() && self.0.len() > PAYLOAD_SHOWN => {
                out.write_str(&String::from_utf8_lossy(&shown[..error.valid_up_to()]))?;
            }
            Err(_) => shown.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?,
        }
        match self.0.len().checked_sub(PAYLOAD_SHOWN) {
            Some(more @ 1..) => write!(out, "...({more} bytes more)"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use bytestring::ByteString;
    use mqtt_codec::PacketId;

    use super::*;

    fn publish(payload: &'static [u8]) -> String {
        let publish = Publish {
            dup: false,
            qos: QoS::AtLeastOnce,
            retain: true,
            topic: ByteString::from_static("t/1"),
            packet_id: PacketId::new(7),
            properties: None,
            payload: Bytes::from_static(payload),
        };
        PacketText(&Packet::Publish(publish)).to_string()
    }

    #[test]
    fn payloads_are_shown_as_text_or_hex_and_cut() {
        assert_eq!(
            publish(b"21.4"),
            "PUBLISH(Q1, R1, D0, Topic=t/1, PacketId=7, Payload=21.4)"
        );
        assert_eq!(
            publish(&[0xff, 0x00]),
            "PUBLISH(Q1, R1, D0, Topic=t/1, PacketId=7, Payload=ff00)"
        );
        assert!(publish(&[b'x'; 1000]).ends_with("x...(872 bytes more))"));
    }
}
