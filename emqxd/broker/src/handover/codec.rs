//! The bytes of a hand-over: fixed-width numbers in network order, texts and lists with their length in front.
//!
//! Both sides are of one format version, so nothing is skipped and nothing is optional that does not say so. What many
//! sessions share is written once: a message is a number, and its content where that number occurs first; so a message
//! that waits for a thousand clients stays one message. The reader is bounded by its bytes: it allocates nothing that
//! was only declared, does not recurse over data, and answers anything wrong with [`Malformed`].

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::{Message, ShareGroup, Time};

/// Bytes that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the hand-over is damaged: {0}")]
pub struct Malformed(pub &'static str);

/// Something that can be handed over.
pub trait Field: Sized {
    /// Appends it.
    fn write(&self, out: &mut Writer<'_>);

    /// Reads one.
    ///
    /// # Errors
    /// The bytes are no such thing.
    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// What the records written so far have in common.
#[derive(Debug, Default)]
pub struct SharedWritten {
    /// By address; the message is held, so that no other takes its place.
    messages: HashMap<usize, (u32, Arc<Message>), RandomState>,
}

/// What the records read so far have in common.
#[derive(Debug, Default)]
pub struct SharedRead {
    messages: Vec<Arc<Message>>,
    groups: HashMap<(ByteString, ByteString), Arc<ShareGroup>, RandomState>,
    names: HashSet<Arc<str>, RandomState>,
}

/// Appends fields to one record.
#[derive(Debug)]
pub struct Writer<'a> {
    bytes: Vec<u8>,
    shared: &'a mut SharedWritten,
    origin: Time,
}

impl<'a> Writer<'a> {
    /// An empty record.
    pub fn new(shared: &'a mut SharedWritten) -> Self {
        Self {
            bytes: Vec::new(),
            shared,
            origin: Time(0),
        }
    }

    /// Times are written as seen from `origin`: for a reader whose clock is another one.
    #[must_use]
    pub fn seen_from(mut self, origin: Time) -> Self {
        self.origin = origin;
        self
    }

    /// Appends a field.
    pub fn put(&mut self, field: &impl Field) {
        field.write(self);
    }

    /// The record.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends bytes with their length in front.
    pub fn put_bytes(&mut self, bytes: &[u8]) {
        self.put(&(bytes.len() as u64));
        self.bytes.extend_from_slice(bytes);
    }
}

/// Takes fields off one record.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    shared: &'a mut SharedRead,
    origin: Time,
}

impl<'a> Reader<'a> {
    /// Of a whole record.
    pub fn new(record: &'a [u8], shared: &'a mut SharedRead) -> Self {
        Self {
            rest: record,
            shared,
            origin: Time(0),
        }
    }

    /// Times were written as seen from a moment that is `origin` here: see [`Writer::seen_from`].
    #[must_use]
    pub fn seen_from(mut self, origin: Time) -> Self {
        self.origin = origin;
        self
    }

    /// The next field.
    ///
    /// # Errors
    /// The bytes are no such thing.
    pub fn take<T: Field>(&mut self) -> Result<T, Malformed> {
        T::read(self)
    }

    /// Bytes with their length in front.
    ///
    /// # Errors
    /// There are not that many.
    pub fn take_bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len: u64 = self.take()?;
        let len = usize::try_from(len).map_err(|_| Malformed("a length"))?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Malformed("too short"))?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Whether all of the record was read.
    ///
    /// # Errors
    /// Something is left.
    pub fn finish(self) -> Result<(), Malformed> {
        match self.rest.len() {
            0 => Ok(()),
            _ => Err(Malformed("bytes after the end of a record")),
        }
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Malformed("too short"))?;
        self.rest = rest;
        Ok(*bytes)
    }
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn write(&self, out: &mut Writer<'_>) {
                out.bytes.extend_from_slice(&self.to_be_bytes());
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                input.take_array().map(Self::from_be_bytes)
            }
        }
    )*};
}

number!(u8, u16, u32, u64, i64, f64);

/// A struct as a [`Field`]: its fields, one by one. One that is forgotten does not compile.
#[macro_export]
macro_rules! record {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::handover::Field for $type {
            fn write(&self, out: &mut $crate::handover::Writer<'_>) {
                let Self { $($field),* } = self;
                $(out.put($field);)*
            }

            fn read(input: &mut $crate::handover::Reader<'_>) -> Result<Self, $crate::handover::Malformed> {
                $(let $field = input.take()?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

impl Field for bool {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&u8::from(*self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        match input.take::<u8>()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed("a yes or no")),
        }
    }
}

impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&self.is_some());
        if let Some(value) = self {
            out.put(value);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let is_some: bool = input.take()?;
        is_some.then(|| input.take()).transpose()
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&(self.len() as u64));
        for each in self {
            out.put(each);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count: u64 = input.take()?;
        // Grows as the bytes are there, whatever was declared: each field is at least one of them.
        let mut list = Self::new();
        for _ in 0..count {
            list.push(input.take()?);
        }
        Ok(list)
    }
}

impl<T: Field> Field for Box<T> {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&**self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.take().map(Self::new)
    }
}

impl<A: Field, B: Field> Field for (A, B) {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&self.0);
        out.put(&self.1);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok((input.take()?, input.take()?))
    }
}

fn take_text<'a>(input: &mut Reader<'a>) -> Result<&'a str, Malformed> {
    std::str::from_utf8(input.take_bytes()?).map_err(|_| Malformed("a text that is no UTF-8"))
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn write(&self, out: &mut Writer<'_>) {
                out.put_bytes(self.as_bytes());
            }

            // Copies, so that what is kept does not keep the record.
            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                take_text(input).map(Self::from)
            }
        }
    )*};
}

text!(ByteString, String, Box<str>);

/// A name that many records have, such as a listener's id: one for all of them.
impl Field for Arc<str> {
    fn write(&self, out: &mut Writer<'_>) {
        out.put_bytes(self.as_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let name = take_text(input)?;
        Ok(Self::clone(
            input.shared.names.get_or_insert_with(name, |name| Self::from(name)),
        ))
    }
}

impl Field for Bytes {
    fn write(&self, out: &mut Writer<'_>) {
        out.put_bytes(self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.take_bytes().map(Self::copy_from_slice)
    }
}

/// Milliseconds from the origin, before it too. What lies before the reader's clock began becomes its beginning.
impl Field for Time {
    fn write(&self, out: &mut Writer<'_>) {
        let distance = i128::from(self.0) - i128::from(out.origin.0);
        let limit = if distance < 0 { i64::MIN } else { i64::MAX };
        out.put(&i64::try_from(distance).unwrap_or(limit));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let distance: i64 = input.take()?;
        Ok(Self(input.origin.0.saturating_add_signed(distance)))
    }
}

/// A number, and the content behind it where the number is the next one.
impl Field for Arc<Message> {
    fn write(&self, out: &mut Writer<'_>) {
        let known = &mut out.shared.messages;
        let next = u32::try_from(known.len()).expect("four thousand million messages do not fit in memory");
        let (number, _) = known
            .entry(Self::as_ptr(self) as usize)
            .or_insert_with(|| (next, Self::clone(self)));
        let number = *number;
        out.put(&number);
        if number == next {
            out.put(&**self);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let number = input.take::<u32>()? as usize;
        match input.shared.messages.get(number) {
            Some(message) => Ok(Self::clone(message)),
            None if number == input.shared.messages.len() => {
                let message = Self::new(input.take()?);
                input.shared.messages.push(Self::clone(&message));
                Ok(message)
            }
            None => Err(Malformed("a message that was not sent")),
        }
    }
}

/// Its name: who is in it is found out when a message has to go to another member.
impl Field for Arc<ShareGroup> {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(self.name());
        out.put(self.filter());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (name, filter): (ByteString, ByteString) = input.take()?;
        let group = input.shared.groups.entry((name.clone(), filter.clone()));
        Ok(Self::clone(
            group.or_insert_with(|| Self::new(ShareGroup::new(0, &name, &filter))),
        ))
    }
}
