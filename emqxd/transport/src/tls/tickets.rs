//! Session tickets: resumption without memory here, for TLS 1.2 (RFC 5077) and 1.3 (RFC 8446, 2.2).
//!
//! A ticket is the session encrypted by a key that only we have. [`TicketKeys`] holds the secrets of a node: made at
//! random and changed every few hours, or set from outside, so that all nodes of a cluster can read each other's
//! tickets. The key that a listener uses is derived from the secret and from what it demands of its clients
//! (verification, CAs, revocation lists): a ticket got under other demands, or before a certificate was revoked, is
//! not read, and the client goes through a full handshake.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hmac, rand};
use parking_lot::Mutex;
use rustls::server::ProducesTickets;

/// How long a secret makes tickets; it reads them as long again.
const ROTATION: Duration = Duration::from_secs(6 * 3600);
/// What a client is told a ticket is good for, seconds.
const LIFETIME_SECONDS: u32 = 6 * 3600;
/// Bytes that name the secret of a ticket.
const NAME_BYTES: usize = 8;
/// A ticket holds a chain of certificates at most.
const TICKET_BYTES_MAX: usize = 64 * 1024;

/// What keys of tickets are derived from.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketSecret([u8; 32]);

impl TicketSecret {
    /// One that somebody else has made, such as the cluster.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// `None` if the system gives no random bytes.
    fn random() -> Option<Self> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    fn derive(&self, label: &str, context: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut signing = hmac::Context::with_key(&key);
        signing.update(label.as_bytes());
        signing.update(&[0]);
        signing.update(context);
        let tag = signing.sign();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    fn name(&self) -> [u8; NAME_BYTES] {
        let mut name = [0; NAME_BYTES];
        name.copy_from_slice(&self.derive("ticket name", &[])[..NAME_BYTES]);
        name
    }

    fn key(&self, context: &[u8]) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.derive("ticket key", context)).ok()
    }
}

impl fmt::Debug for TicketSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TicketSecret(***)")
    }
}

/// The secrets of a node, shared by its listeners.
#[derive(Debug)]
pub struct TicketKeys {
    secrets: Mutex<Secrets>,
}

#[derive(Debug)]
struct Secrets {
    /// Makes tickets.
    current: Option<TicketSecret>,
    /// Reads them.
    previous: Option<TicketSecret>,
    /// When `current` came; `None` if somebody outside changes them.
    since: Option<Instant>,
}

impl TicketKeys {
    /// Random ones that change by themselves.
    #[must_use]
    pub fn random() -> Arc<Self> {
        Arc::new(Self {
            secrets: Mutex::new(Secrets {
                current: TicketSecret::random(),
                previous: None,
                since: Some(Instant::now()),
            }),
        })
    }

    /// Takes over secrets from outside; from now on they change by this call only.
    pub fn set(&self, current: TicketSecret, previous: Option<TicketSecret>) {
        *self.secrets.lock() = Secrets {
            current: Some(current),
            previous,
            since: None,
        };
    }

    /// The secret for new tickets.
    fn current(&self, now: Instant) -> Option<TicketSecret> {
        let mut secrets = self.secrets.lock();
        secrets.rotate(now);
        secrets.current.clone()
    }

    /// The secret of this name.
    fn named(&self, name: &[u8], now: Instant) -> Option<TicketSecret> {
        let mut secrets = self.secrets.lock();
        secrets.rotate(now);
        [&secrets.current, &secrets.previous]
            .into_iter()
            .flatten()
            .find(|secret| secret.name() == name)
            .cloned()
    }
}

impl Secrets {
    fn rotate(&mut self, now: Instant) {
        let Some(since) = self.since else {
            return;
        };
        let age = now.saturating_duration_since(since);
        if age < ROTATION {
            return;
        }
        let old = self.current.take();
        self.previous = if age < 2 * ROTATION { old } else { None };
        // Without random bytes there are no tickets; the next look tries again.
        self.current = TicketSecret::random();
        self.since = Some(now);
    }
}

/// Makes and reads the tickets of one listener under one set of demands.
pub(super) struct Ticketer {
    keys: Arc<TicketKeys>,
    context: [u8; 32],
}

impl Ticketer {
    /// `demands` is everything a client had to satisfy to get a ticket.
    pub(super) fn new(keys: Arc<TicketKeys>, demands: &[&[u8]]) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        for demand in demands {
            // With their length: where one ends and the next begins must not be ambiguous.
            hash.update(&(demand.len() as u64).to_be_bytes());
            hash.update(demand);
        }
        let mut context = [0; 32];
        context.copy_from_slice(hash.finish().as_ref());
        Self { keys, context }
    }

    fn seal(&self, plain: &[u8], now: Instant) -> Option<Vec<u8>> {
        let secret = self.keys.current(now)?;
        let name = secret.name();
        let mut sealed = plain.to_vec();
        let nonce = secret
            .key(&self.context)?
            .seal_in_place_append_tag(Aad::from(name), &mut sealed)
            .ok()?;
        let mut ticket = Vec::with_capacity(NAME_BYTES + NONCE_LEN + sealed.len());
        ticket.extend_from_slice(&name);
        ticket.extend_from_slice(nonce.as_ref());
        ticket.extend_from_slice(&sealed);
        Some(ticket)
    }

    fn open(&self, ticket: &[u8], now: Instant) -> Option<Vec<u8>> {
        if ticket.len() > TICKET_BYTES_MAX {
            return None;
        }
        let (name, rest) = ticket.split_at_checked(NAME_BYTES)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN)?;
        let secret = self.keys.named(name, now)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = sealed.to_vec();
        let plain = secret
            .key(&self.context)?
            .open_in_place(nonce, Aad::from(name), &mut bytes)
            .ok()?;
        Some(plain.to_vec())
    }
}

impl fmt::Debug for Ticketer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ticketer")
    }
}

impl ProducesTickets for Ticketer {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        LIFETIME_SECONDS
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.seal(plain, Instant::now())
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.open(cipher, Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticketer(keys: &Arc<TicketKeys>, demand: &str) -> Ticketer {
        Ticketer::new(Arc::clone(keys), &[b"ssl:default", demand.as_bytes()])
    }

    #[test]
    fn a_ticket_is_read_by_the_listener_that_made_it_and_by_no_other() {
        let keys = TicketKeys::random();
        let now = Instant::now();
        let ticket = ticketer(&keys, "ca 1").seal(b"session", now).unwrap();
        assert_eq!(
            ticketer(&keys, "ca 1").open(&ticket, now).as_deref(),
            Some(&b"session"[..])
        );
        assert_eq!(ticketer(&keys, "ca 2").open(&ticket, now), None);
        let elsewhere = TicketKeys::random();
        assert_eq!(ticketer(&elsewhere, "ca 1").open(&ticket, now), None);
    }

    #[test]
    fn a_ticket_that_was_changed_is_not_read() {
        let keys = TicketKeys::random();
        let now = Instant::now();
        let ticketer = ticketer(&keys, "");
        let ticket = ticketer.seal(b"session", now).unwrap();
        for position in 0..ticket.len() {
            let mut changed = ticket.clone();
            changed[position] ^= 1;
            assert_eq!(ticketer.open(&changed, now), None, "byte {position}");
            assert_eq!(ticketer.open(&ticket[..position], now), None, "cut at {position}");
        }
    }

    #[test]
    fn secrets_change_by_time_and_old_tickets_are_read_once_more() {
        let keys = TicketKeys::random();
        let ticketer = ticketer(&keys, "");
        let start = Instant::now();
        let ticket = ticketer.seal(b"session", start).unwrap();
        let later = start + ROTATION + Duration::from_secs(1);
        assert_ne!(
            ticketer.seal(b"session", later).unwrap()[..NAME_BYTES],
            ticket[..NAME_BYTES]
        );
        assert!(ticketer.open(&ticket, later).is_some());
        assert!(
            ticketer
                .open(&ticket, later + ROTATION + Duration::from_secs(1))
                .is_none()
        );
    }

    #[test]
    fn a_long_silence_makes_all_tickets_void() {
        let keys = TicketKeys::random();
        let ticketer = ticketer(&keys, "");
        let start = Instant::now();
        let ticket = ticketer.seal(b"session", start).unwrap();
        assert!(ticketer.open(&ticket, start + 3 * ROTATION).is_none());
    }

    #[test]
    fn nodes_that_share_a_secret_read_each_others_tickets() {
        let (here, there) = (TicketKeys::random(), TicketKeys::random());
        let now = Instant::now();
        here.set(TicketSecret::new([7; 32]), None);
        there.set(TicketSecret::new([8; 32]), Some(TicketSecret::new([7; 32])));
        let ticket = ticketer(&here, "").seal(b"session", now).unwrap();
        assert!(ticketer(&there, "").open(&ticket, now).is_some());
        // Set from outside, they stay however long that is.
        assert!(ticketer(&there, "").open(&ticket, now + 5 * ROTATION).is_some());
    }
}
