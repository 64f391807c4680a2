//! One message as bytes.
//!
//! ```text
//! record  flags u8 | id u64 | age u32 | [expires in u64] | publisher | topic | [properties] | [member] | payload
//! flags   bit 0 to a member | bits 1-2 QoS | bit 3 RETAIN | bit 4 expires | bit 5 has properties | 0 | 0
//! member  redispatched u8 | group | filter | client id
//! ```
//!
//! Texts have a length of 16 bits before them, properties and payload one of 32; numbers are big-endian, times
//! milliseconds. Properties are the bytes of MQTT's property section, which mean nothing here.

use bytes::{BufMut, BytesMut};

const TO_MEMBER: u8 = 1;
const QOS_SHIFT: u8 = 1;
const RETAIN: u8 = 1 << 3;
const EXPIRES: u8 = 1 << 4;
const HAS_PROPERTIES: u8 = 1 << 5;
const UNKNOWN: u8 = 0b1100_0000;
/// Flags, id, age, expiry, five lengths of texts, two of bytes, redispatched.
const FIXED_MAX: usize = 1 + 8 + 4 + 8 + 5 * 2 + 2 * 4 + 1;

/// What came over a link is no message, and what is wrong with it. It ends the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// A message; texts and bytes are slices of what its holder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// 0, 1 or 2.
    pub qos: u8,
    /// It was published with RETAIN.
    pub retain: bool,
    /// What tells it from all other messages; 0 if nothing does.
    pub id: u64,
    /// How long ago it was published.
    pub age_ms: u32,
    /// How long it may still be delivered.
    pub expires_in_ms: Option<u64>,
    /// Client id of the publisher.
    pub publisher: &'a str,
    /// Topic.
    pub topic: &'a str,
    /// Properties as MQTT encodes them; empty if there are none.
    pub properties: &'a [u8],
    /// For whom alone it is.
    pub member: Option<Member<'a>>,
    /// Payload.
    pub payload: &'a [u8],
}

/// A member of a share group on the node that the message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// Share name.
    pub group: &'a str,
    /// Filter, without `$share/{group}/`.
    pub filter: &'a str,
    /// The member.
    pub client_id: &'a str,
    /// Members that were gone so far.
    pub redispatched: u8,
}

impl Record<'_> {
    /// Whether every field fits into its length.
    pub(super) fn is_encodable(&self) -> bool {
        let texts = self
            .member
            .map_or([""; 3], |member| [member.group, member.filter, member.client_id]);
        texts
            .into_iter()
            .chain([self.publisher, self.topic])
            .all(|text| u16::try_from(text.len()).is_ok())
            && self.size() <= super::FRAME_MAX / 2
    }

    /// Not less than the bytes it takes.
    pub(super) fn size(&self) -> usize {
        let member = self.member.map_or(0, |member| {
            member.group.len() + member.filter.len() + member.client_id.len()
        });
        FIXED_MAX + self.publisher.len() + self.topic.len() + self.properties.len() + member + self.payload.len()
    }

    /// Appends it; it [is encodable](Self::is_encodable).
    pub(super) fn encode(&self, out: &mut BytesMut) {
        let mut flags = self.qos.min(2) << QOS_SHIFT;
        for (flag, is_set) in [
            (TO_MEMBER, self.member.is_some()),
            (RETAIN, self.retain),
            (EXPIRES, self.expires_in_ms.is_some()),
            (HAS_PROPERTIES, !self.properties.is_empty()),
        ] {
            flags |= if is_set { flag } else { 0 };
        }
        out.reserve(self.size());
        out.put_u8(flags);
        out.put_u64(self.id);
        out.put_u32(self.age_ms);
        if let Some(expires_in_ms) = self.expires_in_ms {
            out.put_u64(expires_in_ms);
        }
        put_text(out, self.publisher);
        put_text(out, self.topic);
        if !self.properties.is_empty() {
            put_bytes(out, self.properties);
        }
        if let Some(member) = self.member {
            out.put_u8(member.redispatched);
            put_text(out, member.group);
            put_text(out, member.filter);
            put_text(out, member.client_id);
        }
        put_bytes(out, self.payload);
    }
}

impl<'a> Record<'a> {
    /// Reads one off the front of `bytes`.
    pub(super) fn decode(bytes: &mut &'a [u8]) -> Result<Self, Malformed> {
        let [flags] = take_array(bytes)?;
        if flags & UNKNOWN != 0 {
            return Err(Malformed("a message has flags that this version does not know"));
        }
        let qos = (flags >> QOS_SHIFT) & 0b11;
        if qos > 2 {
            return Err(Malformed("a message has QoS 3"));
        }
        Ok(Self {
            qos,
            retain: flags & RETAIN != 0,
            id: u64::from_be_bytes(take_array(bytes)?),
            age_ms: u32::from_be_bytes(take_array(bytes)?),
            expires_in_ms: match flags & EXPIRES {
                0 => None,
                _ => Some(u64::from_be_bytes(take_array(bytes)?)),
            },
            publisher: take_text(bytes)?,
            topic: take_text(bytes)?,
            properties: match flags & HAS_PROPERTIES {
                0 => &[],
                _ => take_bytes(bytes)?,
            },
            member: match flags & TO_MEMBER {
                0 => None,
                _ => Some(Member {
                    redispatched: u8::from_be_bytes(take_array(bytes)?),
                    group: take_text(bytes)?,
                    filter: take_text(bytes)?,
                    client_id: take_text(bytes)?,
                }),
            },
            payload: take_bytes(bytes)?,
        })
    }
}

fn put_text(out: &mut BytesMut, text: &str) {
    out.put_u16(text.len() as u16);
    out.extend_from_slice(text.as_bytes());
}

fn put_bytes(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(bytes.len() as u32);
    out.extend_from_slice(bytes);
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (array, rest) = bytes.split_first_chunk::<N>().ok_or(CUT_OFF)?;
    *bytes = rest;
    Ok(*array)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Malformed> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(CUT_OFF)?;
    *bytes = rest;
    Ok(taken)
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, Malformed> {
    let length = u16::from_be_bytes(take_array(bytes)?);
    let text = take(bytes, usize::from(length))?;
    std::str::from_utf8(text).map_err(|_| Malformed("a text of a message is not UTF-8"))
}

fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let length = u32::from_be_bytes(take_array(bytes)?);
    take(bytes, length as usize)
}

const CUT_OFF: Malformed = Malformed("a message is cut off");
