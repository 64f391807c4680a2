//! A row of a stream, or its end, as bytes: a kind, then its texts, each with its length in front.
//!
//! ```text
//! 1 route added     filter            5 client here      client id | since u64
//! 2 route removed   filter            6 client gone      client id
//! 3 member joined   group | filter | client id
//! 4 member left     group | filter | client id
//! 7 retained        stamp | flags u8 | expires u64 | published u64 | topic | publisher | properties | payload
//! 8 retained gone   stamp | topic
//! stamp             at u64 | node u64
//! ```
//!
//! Lengths are in groups of seven bits, the lowest first, the eighth bit says that another follows; other numbers are
//! big-endian. The payload is the last field, so that a large one can be sent from where it lies. A reader copies
//! nothing and allocates nothing.

use bytes::Bytes;

use super::sums::Kind;

/// Payloads from here on are shared with who holds the message, smaller ones are copied into the record.
const SHARED_PAYLOAD: usize = 2048;
/// Bits of a retained message's flags.
const QOS_BITS: u8 = 0b11;
const HAS_PROPERTIES: u8 = 0b100;

/// Bytes that are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream is damaged: {0}")]
pub struct Malformed(pub &'static str);

/// A row as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// There is a row, or it is another now.
    Present(Row<'a>),
    /// There is none any more. Only what names the row counts.
    Absent(Row<'a>),
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row<'a> {
    /// A filter with plain subscriptions.
    Route {
        /// It.
        filter: &'a str,
    },
    /// A client in a share group.
    Member {
        /// Share name.
        group: &'a str,
        /// Filter, without `$share/{group}/`.
        filter: &'a str,
        /// The member.
        client_id: &'a str,
    },
    /// A session.
    Client {
        /// Whose.
        client_id: &'a str,
        /// When its client connected last, Unix milliseconds.
        since: u64,
    },
    /// A retained message, or that there is none.
    Retained(RetainedRecord<'a>),
}

/// A retained message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetainedRecord<'a> {
    /// When it was written, by its writer's clock; Unix milliseconds.
    pub at: u64,
    /// The writer.
    pub node: u64,
    /// Its topic.
    pub topic: &'a str,
    /// Client id of the publisher.
    pub publisher: &'a str,
    /// 0 to 2.
    pub qos: u8,
    /// Unix milliseconds; `None` for never.
    pub expires_at: Option<u64>,
    /// Unix milliseconds.
    pub published_at: u64,
    /// As the caller writes them.
    pub properties: Option<&'a [u8]>,
    /// Empty if it is absent.
    pub payload: &'a [u8],
}

/// A record as bytes, in two pieces: the second one is a large payload, or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encoded {
    pub head: Box<[u8]>,
    pub payload: Bytes,
}

impl Encoded {
    pub fn len(&self) -> usize {
        self.head.len() + self.payload.len()
    }
}

impl<'a> Record<'a> {
    /// What kind of row it is about.
    pub const fn kind(&self) -> Kind {
        self.row().kind()
    }

    /// The row.
    pub const fn row(&self) -> &Row<'a> {
        match self {
            Self::Present(row) | Self::Absent(row) => row,
        }
    }

    /// As bytes; a large payload is taken from `payload` without a copy, if that is where it is from.
    pub(super) fn encode(&self, payload: Option<&Bytes>) -> Encoded {
        let shared = payload.filter(|payload| payload.len() >= SHARED_PAYLOAD);
        let mut head = Vec::with_capacity(64);
        self.write(&mut head, shared.is_some());
        Encoded {
            head: head.into_boxed_slice(),
            payload: shared.cloned().unwrap_or_default(),
        }
    }

    /// Appends it.
    pub(super) fn write(&self, out: &mut Vec<u8>, without_payload: bool) {
        let (row, is_present) = match self {
            Self::Present(row) => (row, true),
            Self::Absent(row) => (row, false),
        };
        out.push(2 * (row.kind() as u8) + 2 - u8::from(is_present));
        match row {
            Row::Route { filter } => put(out, filter.as_bytes()),
            Row::Member {
                group,
                filter,
                client_id,
            } => {
                for text in [group, filter, client_id] {
                    put(out, text.as_bytes());
                }
            }
            Row::Client { client_id, since } => {
                put(out, client_id.as_bytes());
                if is_present {
                    out.extend_from_slice(&since.to_be_bytes());
                }
            }
            Row::Retained(message) => message.write(out, is_present, without_payload),
        }
    }

    /// The first record of some bytes, which are shortened by it.
    pub(super) fn read(input: &mut &'a [u8]) -> Result<Self, Malformed> {
        let [number] = take_array(input)?;
        let is_present = number % 2 == 1;
        let row = match number {
            1 | 2 => Row::Route { filter: text(input)? },
            3 | 4 => Row::Member {
                group: text(input)?,
                filter: text(input)?,
                client_id: text(input)?,
            },
            5 | 6 => Row::Client {
                client_id: text(input)?,
                since: if is_present { take_u64(input)? } else { 0 },
            },
            7 | 8 => Row::Retained(RetainedRecord::read(input, is_present)?),
            _ => return Err(Malformed("a record of no known kind")),
        };
        Ok(match is_present {
            true => Self::Present(row),
            false => Self::Absent(row),
        })
    }
}

impl Row<'_> {
    /// What it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Route { .. } => Kind::Route,
            Self::Member { .. } => Kind::Member,
            Self::Client { .. } => Kind::Client,
            Self::Retained(_) => Kind::Retained,
        }
    }
}

impl<'a> RetainedRecord<'a> {
    fn write(&self, out: &mut Vec<u8>, is_present: bool, without_payload: bool) {
        out.extend_from_slice(&self.at.to_be_bytes());
        out.extend_from_slice(&self.node.to_be_bytes());
        if !is_present {
            return put(out, self.topic.as_bytes());
        }
        let has_properties = if self.properties.is_some() { HAS_PROPERTIES } else { 0 };
        out.push((self.qos & QOS_BITS) | has_properties);
        out.extend_from_slice(&self.expires_at.unwrap_or(u64::MAX).to_be_bytes());
        out.extend_from_slice(&self.published_at.to_be_bytes());
        put(out, self.topic.as_bytes());
        put(out, self.publisher.as_bytes());
        if let Some(properties) = self.properties {
            put(out, properties);
        }
        put_length(out, self.payload.len());
        if !without_payload {
            out.extend_from_slice(self.payload);
        }
    }

    fn read(input: &mut &'a [u8], is_present: bool) -> Result<Self, Malformed> {
        let (at, node) = (take_u64(input)?, take_u64(input)?);
        let empty = Self {
            at,
            node,
            ..Self::default()
        };
        if !is_present {
            return Ok(Self {
                topic: text(input)?,
                ..empty
            });
        }
        let [flags] = take_array(input)?;
        if flags & !(QOS_BITS | HAS_PROPERTIES) != 0 || flags & QOS_BITS == QOS_BITS {
            return Err(Malformed("flags of a message that mean nothing"));
        }
        let (expires_at, published_at) = (take_u64(input)?, take_u64(input)?);
        Ok(Self {
            qos: flags & QOS_BITS,
            expires_at: (expires_at != u64::MAX).then_some(expires_at),
            published_at,
            topic: text(input)?,
            publisher: text(input)?,
            properties: (flags & HAS_PROPERTIES != 0).then(|| bytes(input)).transpose()?,
            payload: bytes(input)?,
            ..empty
        })
    }
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

fn bytes<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Malformed> {
    let mut length = 0;
    for shift in (0..35).step_by(7) {
        let [byte] = take_array(input)?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let (taken, rest) = input.split_at_checked(length).ok_or(Malformed("too short"))?;
            *input = rest;
            return Ok(taken);
        }
    }
    Err(Malformed("a length of more than 35 bits"))
}

fn text<'a>(input: &mut &'a [u8]) -> Result<&'a str, Malformed> {
    std::str::from_utf8(bytes(input)?).map_err(|_| Malformed("a text that is no UTF-8"))
}

pub(super) fn take_u64(input: &mut &[u8]) -> Result<u64, Malformed> {
    take_array(input).map(u64::from_be_bytes)
}

pub(super) fn take_array<const N: usize>(input: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (taken, rest) = input.split_first_chunk().ok_or(Malformed("too short"))?;
    *input = rest;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Record<'static>> {
        let message = RetainedRecord {
            at: 7,
            node: u64::MAX,
            topic: "a/b",
            publisher: "sensor",
            qos: 2,
            expires_at: Some(9),
            published_at: 3,
            properties: Some(b"p"),
            payload: &[5; 300],
        };
        let plain = RetainedRecord {
            expires_at: None,
            properties: None,
            qos: 0,
            ..message
        };
        let gone = RetainedRecord {
            at: 8,
            node: 1,
            topic: "a/b",
            ..RetainedRecord::default()
        };
        let member = Row::Member {
            group: "g",
            filter: "a/#",
            client_id: "",
        };
        let client = |since| Row::Client {
            client_id: "sensor",
            since,
        };
        let filter = "x".repeat(65_535).leak();
        vec![
            Record::Present(Row::Route { filter }),
            Record::Absent(Row::Route { filter: "a/+" }),
            Record::Present(member),
            Record::Absent(member),
            Record::Present(client(12)),
            Record::Absent(client(0)),
            Record::Present(Row::Retained(message)),
            Record::Present(Row::Retained(plain)),
            Record::Absent(Row::Retained(gone)),
        ]
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let mut written = Vec::new();
        for record in all() {
            record.write(&mut written, false);
        }
        let mut rest = &written[..];
        for record in all() {
            assert_eq!(Record::read(&mut rest), Ok(record));
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn no_bytes_do_more_than_be_refused() {
        for record in all().into_iter().skip(1) {
            let mut written = Vec::new();
            record.write(&mut written, false);
            for end in 0..written.len() {
                assert!(Record::read(&mut &written[..end]).is_err());
            }
            for place in 0..written.len() {
                for bit in 0..8 {
                    let mut damaged = written.clone();
                    damaged[place] ^= 1 << bit;
                    let _either_way = Record::read(&mut &damaged[..]);
                }
            }
        }
        assert!(Record::read(&mut &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 1][..]).is_err());
        assert!(Record::read(&mut &[0, 0][..]).is_err());
    }

    #[test]
    fn a_large_payload_is_not_copied() {
        let payload = Bytes::from(vec![1; SHARED_PAYLOAD]);
        let record = Record::Present(Row::Retained(RetainedRecord {
            topic: "t",
            payload: &payload,
            ..RetainedRecord::default()
        }));
        let encoded = record.encode(Some(&payload));
        assert_eq!(encoded.payload.as_ptr(), payload.as_ptr());
        let whole = [&encoded.head[..], &encoded.payload[..]].concat();
        assert_eq!(Record::read(&mut &whole[..]), Ok(record));
    }
}
