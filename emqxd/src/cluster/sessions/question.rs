//! What one node asks another about clients, and the answers, as bytes.
//!
//! A number for the question, then its fields, in the codec of hand-overs: bounded by the bytes that are there. An empty
//! answer is "not possible here", as from a node that does not know the question.

use bytestring::ByteString;
use emqxd_broker::handover::{Field, Malformed, Reader, SharedRead, SharedWritten, Writer};
use emqxd_broker::{Refusal, SessionClaim};
use emqxd_cluster::consensus::NodeId;
use emqxd_cluster::registry::{Answer, Grant};

use super::parcel::Parcel;

/// A question about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub client_id: ByteString,
    pub about: About,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// Its lock, for this request of the asking node. The answer is an [`Answer`].
    Lock { request: u64 },
    /// This request is not wanted any more.
    GiveUp { request: u64 },
    /// A home says that this request has the lock now. The answer is whether it is wanted.
    Granted { request: u64, grant: Grant },
    /// The lock is given back; whether the asking node has the client now.
    Release { token: u64, is_holder: bool },
    /// The asking node has the client now; another home had the lock.
    IsHere,
    /// Its session is to go on at the asking node. The answer is a [`BeginAnswer`].
    Begin { claim: SessionClaim },
    /// What was collected since. The answer is a [`Parcel`] or none.
    End { freeze: u64 },
    /// Its session is to end. The answer is a [`Discarded`](emqxd_broker::Discarded).
    Discard { claim: SessionClaim },
    /// An operator ends it. The answer is whether it was there.
    Kick,
    /// Whether it has a session there.
    Has,
    /// Whether the asked node knows all that the asking one has told the others up to a change, and its own messages
    /// for the node that had the session have arrived there.
    Spread { sequence: u64, holder: NodeId },
    /// The number of the last change that the asked node has told of itself, and the start of it that it is of. The
    /// answer is both.
    LastChange,
    /// Where it is, as far as the asked node knows for certain. The answer is a
    /// [`Whereabouts`](emqxd_cluster::registry::Whereabouts).
    Where,
    /// Clients that have begun anew there while the asking node was missing, behind the note with this number. The
    /// answer is a [`NotesPage`](super::begun_anew::NotesPage).
    BegunAnew { after: u64 },
    /// A page of a parcel, from this byte on.
    Page { parcel: u64, from: u64 },
}

/// What comes of [`About::Begin`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BeginAnswer {
    /// There is no session to go on with.
    Nothing,
    /// It belongs to somebody else.
    Refused(Refusal),
    /// There it is.
    Session { freeze: u64, session: Parcel },
}

/// A field as bytes.
pub(super) fn to_bytes(field: &impl Field) -> Vec<u8> {
    let mut shared = SharedWritten::default();
    let mut writer = Writer::new(&mut shared);
    writer.put(field);
    writer.into_bytes()
}

/// A field from all of these bytes.
pub(super) fn from_bytes<T: Field>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut shared = SharedRead::default();
    let mut reader = Reader::new(bytes, &mut shared);
    let field = reader.take()?;
    reader.finish()?;
    Ok(field)
}

impl Field for Question {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&self.client_id);
        out.put(&self.about);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            client_id: input.take()?,
            about: input.take()?,
        })
    }
}

impl Field for About {
    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Lock { request } => out.put(&(0_u8, *request)),
            Self::GiveUp { request } => out.put(&(1_u8, *request)),
            Self::Granted { request, grant } => out.put(&((2_u8, *request), (grant.token, grant.last_holder))),
            Self::Release { token, is_holder } => out.put(&(3_u8, (*token, *is_holder))),
            Self::IsHere => out.put(&4_u8),
            Self::Begin { claim } => {
                out.put(&5_u8);
                out.put(claim);
            }
            Self::End { freeze } => out.put(&(6_u8, *freeze)),
            Self::Discard { claim } => {
                out.put(&7_u8);
                out.put(claim);
            }
            Self::Kick => out.put(&8_u8),
            Self::Has => out.put(&9_u8),
            Self::Spread { sequence, holder } => out.put(&(11_u8, (*sequence, *holder))),
            Self::LastChange => out.put(&12_u8),
            Self::Where => out.put(&13_u8),
            Self::BegunAnew { after } => out.put(&(14_u8, *after)),
            Self::Page { parcel, from } => out.put(&(10_u8, (*parcel, *from))),
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match input.take::<u8>()? {
            0 => Self::Lock { request: input.take()? },
            1 => Self::GiveUp { request: input.take()? },
            2 => Self::Granted {
                request: input.take()?,
                grant: take_grant(input)?,
            },
            3 => Self::Release {
                token: input.take()?,
                is_holder: input.take()?,
            },
            4 => Self::IsHere,
            5 => Self::Begin { claim: input.take()? },
            6 => Self::End { freeze: input.take()? },
            7 => Self::Discard { claim: input.take()? },
            8 => Self::Kick,
            9 => Self::Has,
            10 => Self::Page {
                parcel: input.take()?,
                from: input.take()?,
            },
            11 => Self::Spread {
                sequence: input.take()?,
                holder: input.take()?,
            },
            12 => Self::LastChange,
            13 => Self::Where,
            14 => Self::BegunAnew { after: input.take()? },
            _ => return Err(Malformed("a question about a client")),
        })
    }
}

fn take_grant(input: &mut Reader<'_>) -> Result<Grant, Malformed> {
    let (token, last_holder): (u64, Option<NodeId>) = input.take()?;
    Ok(Grant { token, last_holder })
}

/// [`Answer`] as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LockAnswer(pub Answer);

impl Field for LockAnswer {
    fn write(&self, out: &mut Writer<'_>) {
        match self.0 {
            Answer::Granted(grant) => out.put(&(0_u8, (grant.token, grant.last_holder))),
            Answer::Waiting => out.put(&1_u8),
            Answer::Full => out.put(&2_u8),
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self(match input.take::<u8>()? {
            0 => Answer::Granted(take_grant(input)?),
            1 => Answer::Waiting,
            2 => Answer::Full,
            _ => return Err(Malformed("an answer about a lock")),
        }))
    }
}

impl Field for BeginAnswer {
    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Nothing => out.put(&0_u8),
            Self::Refused(refusal) => {
                out.put(&1_u8);
                out.put(refusal);
            }
            Self::Session { freeze, session } => {
                out.put(&(2_u8, *freeze));
                out.put(session);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match input.take::<u8>()? {
            0 => Self::Nothing,
            1 => Self::Refused(input.take()?),
            2 => Self::Session {
                freeze: input.take()?,
                session: input.take()?,
            },
            _ => return Err(Malformed("an answer to a takeover")),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;

    use bytes::Bytes;
    use emqxd_broker::{Identity, Peer};
    use mqtt_codec::ReasonCode;

    use super::*;

    fn questions() -> Vec<Question> {
        let peer = Peer::tcp(Arc::from("tcp:default"), SocketAddr::from(([127, 0, 0, 1], 1)), 1883);
        let claim = SessionClaim::new(&Identity::claimed(Some(ByteString::from("alice"))), &peer);
        let grant = Grant {
            token: 7,
            last_holder: Some(3),
        };
        let abouts = [
            About::Lock { request: 1 },
            About::GiveUp { request: 2 },
            About::Granted { request: 3, grant },
            About::Release {
                token: 4,
                is_holder: true,
            },
            About::LastChange,
            About::Where,
            About::BegunAnew { after: 8 },
            About::IsHere,
            About::Begin { claim: claim.clone() },
            About::End { freeze: 5 },
            About::Discard { claim },
            About::Kick,
            About::Has,
            About::Page { parcel: 6, from: 9 },
            About::Spread { sequence: 7, holder: 3 },
        ];
        let of = |about| Question {
            client_id: ByteString::from("sensor-7"),
            about,
        };
        abouts.into_iter().map(of).collect()
    }

    #[test]
    fn questions_arrive_as_they_were_asked_and_pieces_of_them_do_not() {
        for question in questions() {
            let bytes = to_bytes(&question);
            assert_eq!(from_bytes::<Question>(&bytes), Ok(question));
            for len in 0..bytes.len() {
                assert!(from_bytes::<Question>(&bytes[..len]).is_err());
            }
        }
    }

    #[test]
    fn answers_arrive_as_they_were_given() {
        let grant = Grant {
            token: 7,
            last_holder: None,
        };
        for answer in [Answer::Granted(grant), Answer::Waiting, Answer::Full].map(LockAnswer) {
            assert_eq!(from_bytes(&to_bytes(&answer)), Ok(answer));
        }
        let session = Parcel {
            number: 1,
            len: 10,
            first: Bytes::from_static(b"abc"),
        };
        let answers = [
            BeginAnswer::Nothing,
            BeginAnswer::Refused(Refusal::new(ReasonCode::NotAuthorized, "", "no")),
            BeginAnswer::Session { freeze: 3, session },
        ];
        for answer in answers {
            assert_eq!(from_bytes(&to_bytes(&answer)), Ok(answer));
        }
    }
}
