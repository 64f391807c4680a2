//! What the functions of a takeover answer, those of the old node as fields that travel to the new one.

use mqtt_codec::ReasonCode;

use crate::Refusal;
use crate::handover::{Field, Malformed, Reader, Writer};

/// What became of [`Shard::takeover_begin`](crate::Shard::takeover_begin).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// There is no session to go on with, or none any more.
    Nothing,
    /// It belongs to somebody else.
    Refused(Refusal),
    /// The session, frozen here.
    Session {
        /// Which freeze it is, for [`Shard::takeover_end`](crate::Shard::takeover_end).
        freeze: u64,
        /// For [`Shard::takeover_import`](crate::Shard::takeover_import).
        session: Vec<u8>,
    },
}

/// What became of [`Shard::discard`](crate::Shard::discard).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discarded {
    /// There is no session.
    Nothing,
    /// It belongs to somebody else.
    Refused(Refusal),
    /// It is gone.
    Done,
}

/// Why a session was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Its client has a session here.
    #[error("the client has a session here already")]
    Twice,
    /// The other node has sent another client's session.
    #[error("it is the session of another client")]
    OtherClient,
    /// The other node writes sessions in another way.
    #[error("the other node writes sessions in format {0}, this one reads another: upgrade the older node")]
    OtherFormat(u8),
    /// The bytes are no session.
    #[error("the session cannot be read")]
    Malformed(#[from] Malformed),
    /// Its packet identifiers are not what a window can hold.
    #[error("a packet identifier is in flight twice")]
    PacketIds,
    /// A filter that no client can have subscribed to.
    #[error("a subscription that is none")]
    Filter,
}

/// Why collected messages were not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No session of this client waits for them.
    #[error("no imported session of the client waits for them")]
    NotImported,
    /// The other node writes them in another way.
    #[error("the other node writes messages in format {0}, this one reads another: upgrade the older node")]
    OtherFormat(u8),
    /// The bytes are no messages.
    #[error("the collected messages cannot be read")]
    Malformed(#[from] Malformed),
}

impl Field for Begun {
    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Nothing => out.put(&0_u8),
            Self::Refused(refusal) => {
                out.put(&1_u8);
                out.put(refusal);
            }
            Self::Session { freeze, session } => {
                out.put(&2_u8);
                out.put(freeze);
                out.put_bytes(session);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        match input.take::<u8>()? {
            0 => Ok(Self::Nothing),
            1 => input.take().map(Self::Refused),
            2 => Ok(Self::Session {
                freeze: input.take()?,
                session: input.take_bytes()?.to_vec(),
            }),
            _ => Err(Malformed("an answer to a takeover")),
        }
    }
}

impl Field for Discarded {
    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Nothing => out.put(&0_u8),
            Self::Refused(refusal) => {
                out.put(&1_u8);
                out.put(refusal);
            }
            Self::Done => out.put(&2_u8),
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        match input.take::<u8>()? {
            0 => Ok(Self::Nothing),
            1 => input.take().map(Self::Refused),
            2 => Ok(Self::Done),
            _ => Err(Malformed("an answer to a discard")),
        }
    }
}

/// Without its keyword, which stays where it was logged; this one has none.
impl Field for Refusal {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&(self.reason_code as u8));
        out.put(&self.detail);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let reason_code = ReasonCode::from_u8(input.take()?).ok_or(Malformed("a reason code"))?;
        let detail: Box<str> = input.take()?;
        Ok(Self::new(reason_code, "", detail))
    }
}
