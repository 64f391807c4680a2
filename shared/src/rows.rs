//! Lists on the wire: how many elements a received one may have, and how a long one is cut into
//! chunks that fit into frames.
//!
//! A list is read element by element up to [`ROWS_MAX`]: no memory is set aside for a count that
//! was merely declared, and a count above the bound ends the decoding.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::Serialize;

use crate::codec::encoded_length;

/// Most rows in one chunk of a list, and most elements of any list inside a view.
pub const ROWS_MAX: usize = 256;

/// Encoded rows gathered into one chunk. Far below a frame, because one more row is always taken,
/// and a row may hold several strings of 64 KiB.
const CHUNK_BYTES: usize = 256 * 1024;

/// For `#[serde(deserialize_with = "…")]`: a `Vec` of at most [`ROWS_MAX`] elements.
pub(crate) fn bounded<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    // An element of no size costs no byte on the wire: the count alone could keep us busy.
    const { assert!(size_of::<T>() > 0) };
    deserializer.deserialize_seq(BoundedVisitor(PhantomData))
}

struct BoundedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for BoundedVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {ROWS_MAX} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let declared = elements.size_hint().unwrap_or(0);
        if declared > ROWS_MAX {
            return Err(A::Error::invalid_length(declared, &self));
        }
        let mut rows = Vec::new();
        while let Some(row) = elements.next_element()? {
            if rows.len() == ROWS_MAX {
                return Err(A::Error::invalid_length(ROWS_MAX + 1, &self));
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

/// Gathers rows until a chunk is full.
///
/// [`push`](Self::push) hands a full chunk back; [`take_rest`](Self::take_rest) returns what is left
/// at the end. The daemon sends each as `Reply::Chunk`.
#[derive(Debug)]
pub struct Chunker<T> {
    rows: Vec<T>,
    bytes: usize,
    total: u64,
}

impl<T> Default for Chunker<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            bytes: 0,
            total: 0,
        }
    }
}

impl<T: Serialize> Chunker<T> {
    /// Adds a row; returns a chunk to send once one is full.
    pub fn push(&mut self, row: T) -> Option<Vec<T>> {
        self.bytes += encoded_length(&row);
        self.total += 1;
        self.rows.push(row);
        (self.rows.len() >= ROWS_MAX || self.bytes >= CHUNK_BYTES).then(|| {
            self.bytes = 0;
            std::mem::take(&mut self.rows)
        })
    }

    /// The rows that no chunk took yet; `None` if there are none.
    pub fn take_rest(&mut self) -> Option<Vec<T>> {
        self.bytes = 0;
        (!self.rows.is_empty()).then(|| std::mem::take(&mut self.rows))
    }

    /// How many rows were pushed so far.
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};
    use crate::views::TopicView;
    use crate::{Reply, View};

    fn topic(length: usize) -> TopicView {
        TopicView {
            topic: "t".repeat(length),
            node: "n".to_owned(),
        }
    }

    #[test]
    fn a_chunk_is_full_after_the_row_bound() {
        let mut chunker = Chunker::default();
        let chunks: Vec<_> = (0..600).filter_map(|_| chunker.push(topic(1))).collect();
        assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [256, 256]);
        assert_eq!(chunker.take_rest().unwrap().len(), 88);
        assert_eq!(chunker.take_rest(), None);
        assert_eq!(chunker.total(), 600);
    }

    #[test]
    fn long_rows_make_short_chunks_that_fit_into_a_frame() {
        let mut chunker = Chunker::default();
        for _ in 0..40 {
            if let Some(chunk) = chunker.push(topic(65_535)) {
                assert!(encode(&Reply::Chunk(View::Topics(chunk))).is_ok());
            }
        }
    }

    #[test]
    fn more_elements_than_the_bound_are_refused_whatever_follows() {
        let good = encode(&Reply::Chunk(View::Topics(Vec::new()))).unwrap();
        let head = &good[..good.len() - 1];
        for count in [
            &[251, 1, 1][..],
            &[252, 255, 255, 255, 255],
            &[253, 0, 0, 0, 0, 2, 0, 0, 0],
        ] {
            let mut bomb = head.to_vec();
            bomb.extend_from_slice(count);
            bomb.resize(4096, 0);
            assert!(decode::<Reply>(&bomb).is_err(), "{count:?}");
        }
        let exact = Reply::Chunk(View::Topics(vec![topic(1); ROWS_MAX]));
        assert_eq!(decode::<Reply>(&encode(&exact).unwrap()), Ok(exact));
    }
}
