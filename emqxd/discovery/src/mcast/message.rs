//! Datagrams of multicast discovery, with a proof that the sender knows the cookie.
//!
//! ```text
//! "EMQXMC1" | kind u8 | nonce [16] | length u8 | cluster | length u8 | node | HMAC-SHA-256 of all before [32]
//! ```

use std::fs::File;
use std::io::{self, Read};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::finder::Own;

const MAGIC: &[u8; 7] = b"EMQXMC1";
const NONCE: usize = 16;
const PROOF: usize = 32;
/// The longest there is.
pub(super) const BYTES_MAX: usize = MAGIC.len() + 1 + NONCE + 2 * (1 + u8::MAX as usize) + PROOF;

/// What a datagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Who is there?
    Question = 1,
    /// I am.
    Answer = 2,
}

/// A datagram of somebody who knows the cookie and is of the same cluster.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) kind: Kind,
    /// The question's, in an answer too.
    pub(super) nonce: [u8; NONCE],
    /// Who sent it.
    pub(super) node: String,
}

/// Writes and reads datagrams.
#[derive(Clone)]
pub(super) struct Codec {
    own: Own,
}

/// Random bytes, for one question.
pub(super) fn nonce() -> io::Result<[u8; NONCE]> {
    let mut nonce = [0; NONCE];
    File::open("/dev/urandom")?.read_exact(&mut nonce)?;
    Ok(nonce)
}

impl Codec {
    pub(super) fn new(own: &Own) -> Self {
        Self { own: own.clone() }
    }

    /// Who writes.
    pub(super) fn node(&self) -> &str {
        &self.own.node
    }

    pub(super) fn encode(&self, kind: Kind, nonce: &[u8; NONCE]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES_MAX);
        bytes.extend_from_slice(MAGIC);
        bytes.push(kind as u8);
        bytes.extend_from_slice(nonce);
        for text in [&self.own.cluster, &self.own.node] {
            // The configuration allows no more.
            let text = &text.as_bytes()[..text.len().min(usize::from(u8::MAX))];
            bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(text);
        }
        let proof = self.mac(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&proof);
        bytes
    }

    /// `None` for what is of another cluster, of somebody without the cookie, or nonsense.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<Message> {
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let (signed, proof) = bytes.split_at_checked(bytes.len().checked_sub(PROOF)?)?;
        let rest = signed.strip_prefix(MAGIC)?;
        let (kind, rest) = rest.split_first()?;
        let kind = match kind {
            1 => Kind::Question,
            2 => Kind::Answer,
            _ => return None,
        };
        let (nonce, rest) = rest.split_first_chunk()?;
        let (cluster, rest) = text(rest)?;
        let (node, rest) = text(rest)?;
        let is_ours = rest.is_empty() && cluster == self.own.cluster;
        if !is_ours || self.mac(signed).verify_slice(proof).is_err() {
            return None;
        }
        Some(Message {
            kind,
            nonce: *nonce,
            node: node.to_owned(),
        })
    }

    fn mac(&self, signed: &[u8]) -> Hmac<Sha256> {
        let key = self.own.cookie.as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
        mac.update(signed);
        mac
    }
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec(cluster: &str, node: &str, cookie: &str) -> Codec {
        Codec::new(&Own {
            cluster: cluster.to_owned(),
            node: node.to_owned(),
            cookie: cookie.to_owned(),
        })
    }

    #[test]
    fn a_node_that_knows_the_cookie_is_understood() {
        let (one, other) = (codec("c", "a@h", "s3cret"), codec("c", "b@h", "s3cret"));
        let message = other.decode(&one.encode(Kind::Question, &[7; NONCE])).unwrap();
        assert_eq!(
            (message.kind, message.nonce, message.node.as_str()),
            (Kind::Question, [7; NONCE], "a@h")
        );
        let longest = codec(&"c".repeat(255), &"n".repeat(255), "x");
        let bytes = longest.encode(Kind::Answer, &[0; NONCE]);
        assert_eq!(bytes.len(), BYTES_MAX);
        assert_eq!(longest.decode(&bytes).unwrap().kind, Kind::Answer);
    }

    #[test]
    fn strangers_and_other_clusters_are_not_believed() {
        let own = codec("c", "a@h", "s3cret");
        for stranger in [codec("c", "b@h", "guess"), codec("d", "b@h", "s3cret")] {
            assert_eq!(own.decode(&stranger.encode(Kind::Answer, &[7; NONCE])), None);
        }
    }

    #[test]
    fn a_datagram_that_is_changed_or_cut_anywhere_is_none() {
        let own = codec("c", "a@h", "s3cret");
        let bytes = own.encode(Kind::Question, &[7; NONCE]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(own.decode(&changed), None, "{at}");
            assert_eq!(own.decode(&bytes[..at]), None, "{at}");
        }
        assert_eq!(own.decode(&[0; BYTES_MAX + 1]), None);
    }
}
