//! What the server sends: deliveries and acknowledgements are read in place, the rest by the codec.

use bytes::Bytes;
use mqtt_codec::{DecodeLimits, Decoder, Packet, PacketType, ReasonCode};

use super::{Engine, PACKET_EXTRA_BYTES, client_id};
use crate::bench::inbound::{BadFrame, Delivery, Frame, acknowledgement};
use crate::bench::link::{LinkState, Received, Role};
use crate::bench::outbound::Stamp;
use crate::bench::plan::Order;
use crate::bench::trouble;
use crate::failure::CliFailure;

impl Engine {
    pub(super) fn read(&mut self, index: usize) -> Result<(), CliFailure> {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.counts.reads += 1;
        let outcome = match self.links[index].receive(&mut buffer) {
            Ok(Received::Bytes(count)) => self.take_in(index, &buffer[..count]),
            Ok(Received::Nothing) => Ok(()),
            Ok(Received::Closed) | Err(_) => Err(self.ended(index, None)),
        };
        self.buffer = buffer;
        outcome?;
        // All answers to what was read in one write.
        if self.links[index].waiting() > 0 {
            return self.flush(index);
        }
        Ok(())
    }

    pub(super) fn take_in(&mut self, index: usize, mut input: &[u8]) -> Result<(), CliFailure> {
        let now = self.now();
        // Less than the buffer, so that what is carried over leaves room to read.
        let bytes_max = self.flow.publishes.packet_bytes_max() + PACKET_EXTRA_BYTES;
        loop {
            let frame = match Frame::first_of(input, bytes_max) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(BadFrame::Malformed) => return Err(self.garbled(index, "the length of a packet has no end")),
                Err(BadFrame::TooLarge { bytes }) => {
                    return Err(self.garbled(index, format!("a packet of {bytes} bytes is none that was asked for")));
                }
            };
            let packet = &input[..frame.len];
            input = &input[frame.len..];
            match PacketType::from_u8(frame.first >> 4) {
                Some(PacketType::Publish) => self.on_delivery(index, &frame, now)?,
                Some(kind @ (PacketType::Puback | PacketType::Pubrec | PacketType::Pubrel | PacketType::Pubcomp)) => {
                    self.on_acknowledgement(index, kind, frame.body)?;
                }
                _ => self.on_other(index, packet, now)?,
            }
        }
        self.links[index].carry_over(input);
        Ok(())
    }

    #[inline]
    pub(super) fn on_delivery(&mut self, index: usize, frame: &Frame<'_>, now: u64) -> Result<(), CliFailure> {
        let Some(delivery) = Delivery::read(frame, self.identity.version) else {
            return Err(self.garbled(index, "a malformed PUBLISH"));
        };
        let link = &mut self.links[index];
        if let Some([high, low]) = delivery.packet_id {
            let answer = if delivery.qos == 1 { 0x40 } else { 0x50 };
            link.out.extend_from_slice(&[answer, 2, high, low]);
        }
        let role = link.role;
        let stamp = Stamp::from_bytes(delivery.payload);
        let Some(stamp) = stamp.filter(|stamp| (stamp.publisher as usize) < self.flow.publishers.len()) else {
            self.counts.foreign += 1;
            return Ok(());
        };
        self.counts.received += 1;
        if self.measuring {
            let since = self.latency_since.unwrap_or(stamp.due_ns);
            self.latency.record(now.saturating_sub(since));
        }
        let publisher = stamp.publisher as usize;
        let pair = match (self.flow.order, role) {
            (Order::EachPublisher, Role::Subscriber(number)) => {
                number as usize * self.flow.publishers.len() + publisher
            }
            (Order::OwnPublisher, Role::Subscriber(number)) => number as usize,
            _ => usize::MAX,
        };
        if let Some(last) = self.flow.last.get_mut(pair) {
            self.counts.out_of_order += u64::from(stamp.sequence <= *last);
            *last = stamp.sequence;
        }
        self.flow.publishers[publisher].delivered();
        self.queue_if_worth(publisher);
        Ok(())
    }

    pub(super) fn on_acknowledgement(&mut self, index: usize, kind: PacketType, body: &[u8]) -> Result<(), CliFailure> {
        let Some(([high, low], reason)) = acknowledgement(body) else {
            return Err(self.garbled(index, format!("a malformed {kind}")));
        };
        let link = &mut self.links[index];
        let refused = reason >= 0x80;
        match (kind, link.role) {
            (PacketType::Pubrel, _) => link.out.extend_from_slice(&[0x70, 2, high, low]),
            (PacketType::Pubrec, _) if !refused => link.out.extend_from_slice(&[0x62, 2, high, low]),
            (_, Role::Publisher(number)) if (number as usize) < self.flow.publishers.len() => {
                let number = number as usize;
                let publisher = &mut self.flow.publishers[number];
                publisher.acknowledged();
                self.counts.acknowledged += 1;
                if refused {
                    publisher.refused(&self.flow.bounds);
                    self.counts.refused += 1;
                    self.refusal = self.refusal.or(ReasonCode::from_u8(reason));
                }
                self.queue_if_worth(number);
            }
            _ => return Err(self.garbled(index, format!("a {kind} that nothing asked for"))),
        }
        Ok(())
    }

    /// What comes once in a connection: the codec reads it.
    pub(super) fn on_other(&mut self, index: usize, packet: &[u8], now: u64) -> Result<(), CliFailure> {
        let limits = DecodeLimits {
            max_packet_size: u32::MAX,
            strict: false,
            ..DecodeLimits::default()
        };
        let mut decoder = Decoder::with_version(self.identity.version, limits);
        let decoded = decoder.decode(&mut Bytes::copy_from_slice(packet));
        match decoded.map_err(|error| self.garbled(index, error.to_string()))? {
            Some(Packet::Connack(connack)) if self.links[index].state == LinkState::Greeting => {
                if connack.reason_code.is_error() {
                    let id = client_id(&self.tag, index);
                    return Err(trouble::refused(&id, self.counts.up, connack.reason_code));
                }
                let properties = &connack.properties;
                self.receive_maximum = self.receive_maximum.min(properties.receive_maximum.unwrap_or(u16::MAX));
                let announced = properties.maximum_packet_size;
                self.packet_bytes_max = self.packet_bytes_max.into_iter().chain(announced).min();
                self.links[index].state = LinkState::Up;
                self.counts.up += 1;
                self.connecting -= 1;
                self.connect_latency.record(now - self.links[index].started_ns);
                Ok(())
            }
            Some(Packet::Suback(suback)) => {
                self.subacks_missing = self.subacks_missing.saturating_sub(1);
                for code in suback.reason_codes.iter().filter(|code| code.is_error()) {
                    self.counts.filters_refused += 1;
                    self.refusal = self.refusal.or(Some(*code));
                }
                Ok(())
            }
            Some(Packet::Unsuback(_)) => {
                self.subacks_missing = self.subacks_missing.saturating_sub(1);
                Ok(())
            }
            Some(Packet::Disconnect(disconnect)) => Err(self.ended(index, Some(disconnect.reason_code))),
            Some(Packet::Pingresp) => {
                self.counts.pongs += 1;
                Ok(())
            }
            Some(other) => Err(self.garbled(index, format!("a {} that nothing asked for", other.packet_type()))),
            None => Err(self.garbled(index, "a packet shorter than it says")),
        }
    }

    pub(super) fn ended(&self, index: usize, reason: Option<ReasonCode>) -> CliFailure {
        trouble::ended(&client_id(&self.tag, index), reason)
    }

    pub(super) fn garbled(&self, index: usize, what: impl Into<String>) -> CliFailure {
        trouble::garbled(&client_id(&self.tag, index), what)
    }
}
