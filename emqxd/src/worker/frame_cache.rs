//! One encoding of a PUBLISH for all its receivers.
//!
//! Receivers of a message whose deliveries look alike (protocol version, QoS, flags, subscription identifier)
//! get the same bytes but for the packet identifier, which is patched. The memory goes back after each batch
//! of effects ([`FrameCache::forget`]), so that no message is kept alive by its encoding.

use std::sync::Arc;

use bytes::BytesMut;
use emqxd_broker::{Delivery, Message};
use mqtt_codec::{EncodeError, ProtocolVersion, PublishFrame, QoS};

use super::out_buffer::{BufferPool, OutBuffer};

/// Payloads up to this size are copied to each receiver, larger ones shared: below it a copy is as good.
const COPIED_PAYLOAD_MAX: usize = 1024;

/// Payloads up to this size are copied too when the socket does not keep up: a shared one is a slice of a receive
/// buffer, which would wait with it whole.
const COPIED_PAYLOAD_LAGGING_MAX: usize = 16 * 1024;
/// Bytes waiting for a socket that does not keep up.
const LAGGING_BYTES: usize = 64 * 1024;

/// The last encoding made.
#[derive(Debug, Default)]
pub struct FrameCache {
    message: Option<Arc<Message>>,
    shape: Option<Shape>,
    /// Everything, or everything but a payload that is shared.
    frame: BytesMut,
    packet_id_at: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    is_v5: bool,
    qos: QoS,
    retain: bool,
    dup: bool,
    subscription_identifier: u32,
}

impl FrameCache {
    /// Appends a delivery to a connection's buffer; how many bytes that were.
    pub fn append(
        &mut self,
        delivery: &Delivery,
        version: ProtocolVersion,
        out: &mut OutBuffer,
        pool: &mut BufferPool,
    ) -> Result<usize, EncodeError> {
        let before = out.len();
        let payload = &delivery.message.payload;
        if delivery.topic_alias.is_some() || delivery.message_expiry_interval.is_some() {
            // Its own for each receiver.
            out.append(pool, |tail| encode_head(delivery, version, tail))?;
            if payload.len() <= COPIED_PAYLOAD_MAX {
                out.append(pool, |tail| tail.extend_from_slice(payload));
            }
        } else {
            self.encode(delivery, version)?;
            out.append(pool, |tail| {
                let start = tail.len();
                tail.extend_from_slice(&self.frame);
                if let (Some(at), Some(packet_id)) = (self.packet_id_at, delivery.packet_id) {
                    tail[start + at..start + at + 2].copy_from_slice(&packet_id.get().to_be_bytes());
                }
            });
        }
        if payload.len() > COPIED_PAYLOAD_MAX {
            if payload.len() <= COPIED_PAYLOAD_LAGGING_MAX && before > LAGGING_BYTES {
                out.append(pool, |tail| tail.extend_from_slice(payload));
            } else {
                out.push_shared(pool, payload.clone());
            }
        }
        Ok(out.len() - before)
    }

    /// Lets go of the message.
    pub fn forget(&mut self) {
        self.message = None;
        self.shape = None;
    }

    fn encode(&mut self, delivery: &Delivery, version: ProtocolVersion) -> Result<(), EncodeError> {
        let shape = Shape {
            is_v5: version == ProtocolVersion::V5,
            qos: delivery.qos,
            retain: delivery.retain,
            dup: delivery.dup,
            subscription_identifier: delivery
                .subscription_identifier
                .map_or(0, |identifier| identifier.get()),
        };
        let is_same_message = self
            .message
            .as_ref()
            .is_some_and(|message| Arc::ptr_eq(message, &delivery.message));
        if is_same_message && self.shape == Some(shape) {
            return Ok(());
        }
        self.forget();
        self.frame.clear();
        self.packet_id_at = encode_head(delivery, version, &mut self.frame)?;
        if delivery.message.payload.len() <= COPIED_PAYLOAD_MAX {
            self.frame.extend_from_slice(&delivery.message.payload);
        }
        self.message = Some(Arc::clone(&delivery.message));
        self.shape = Some(shape);
        Ok(())
    }
}

fn encode_head(
    delivery: &Delivery,
    version: ProtocolVersion,
    out: &mut BytesMut,
) -> Result<Option<usize>, EncodeError> {
    let identifier = delivery.subscription_identifier.map(|identifier| identifier.get());
    let topic: &str = match delivery.topic_alias {
        Some(alias) if alias.is_known => "",
        _ => &delivery.message.topic,
    };
    let frame = PublishFrame {
        dup: delivery.dup,
        qos: delivery.qos,
        retain: delivery.retain,
        topic,
        packet_id: delivery.packet_id,
        properties: delivery.message.properties.as_deref(),
        message_expiry_interval: delivery.message_expiry_interval,
        topic_alias: delivery.topic_alias.map(|alias| alias.alias),
        subscription_identifiers: identifier.as_slice(),
        payload_len: delivery.message.payload.len(),
    };
    frame.encode_head(version, out)
}
