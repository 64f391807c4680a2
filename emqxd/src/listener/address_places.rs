//! `max_connections_per_address`: how many connections of a listener one address may have.
//!
//! An IPv6 client has 2^64 addresses or more to choose from, so all of one /64 count together. The table has an entry
//! for each address that is connected, so it is never larger than the number of connections. Taken by
//! [`ListenerSlot::take_address`](super::ListenerSlot::take_address), given back with the slot.

use std::net::IpAddr;
use std::num::NonZeroU64;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use parking_lot::Mutex;

/// An IPv4 address or an IPv6 network of 64 bits, in 8 bytes: there may be a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressKey(NonZeroU64);

impl AddressKey {
    /// What `address` counts under.
    pub fn of(address: IpAddr) -> Self {
        // IPv4 stands in 0:1::/32, `::` in 0:2::; both are reserved (RFC 4291), so no network of a client is there.
        let bits = match address.to_canonical() {
            IpAddr::V4(address) => 1 << 32 | u64::from(address.to_bits()),
            IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
        };
        Self(NonZeroU64::new(bits).unwrap_or(NonZeroU64::MIN.saturating_add(1 << 33)))
    }
}

/// Connections by address.
#[derive(Debug)]
pub struct AddressPlaces {
    max: u32,
    /// Locked for a few lines, at accept and at the end of a connection.
    taken: Mutex<HashMap<AddressKey, u32, RandomState>>,
}

impl AddressPlaces {
    /// So many for each.
    pub fn new(max: usize) -> Self {
        Self {
            max: u32::try_from(max).unwrap_or(u32::MAX),
            taken: Mutex::default(),
        }
    }

    /// One more connection of this address; `false` if all of its places are taken.
    pub fn enter(&self, key: AddressKey) -> bool {
        let mut taken = self.taken.lock();
        let count = taken.entry(key).or_insert(0);
        if *count >= self.max {
            return false;
        }
        *count += 1;
        true
    }

    /// One of its connections is gone.
    pub fn leave(&self, key: AddressKey) {
        let mut taken = self.taken.lock();
        if let Some(count) = taken.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&key);
                // What a flood made large is given back.
                let capacity = taken.capacity();
                if taken.len() < capacity / 8 {
                    taken.shrink_to(capacity / 4);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> AddressKey {
        AddressKey::of(text.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_places_and_takes_none_of_another() {
        let places = AddressPlaces::new(2);
        let (one, other) = (key("10.0.0.1"), key("10.0.0.2"));
        assert!(places.enter(one) && places.enter(one));
        assert!(!places.enter(one), "both are taken");
        assert!(places.enter(other));
        places.leave(one);
        assert!(places.enter(one), "one was given back");
        for key in [one, one, other] {
            places.leave(key);
        }
        assert!(places.taken.lock().is_empty());
    }

    #[test]
    fn a_network_of_64_bits_counts_as_one_and_mapped_addresses_as_what_they_are() {
        assert_eq!(key("2001:db8::1"), key("2001:db8:0:0:ffff::9"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
        assert_ne!(key("::1"), key("0.0.0.0"));
        assert_ne!(key("0.0.0.0"), key("0.0.0.1"));
    }

    #[test]
    fn the_table_shrinks_after_a_flood() {
        let places = AddressPlaces::new(1);
        let flood: Vec<_> = (0..100_000_u32)
            .map(|bits| AddressKey::of(IpAddr::V4(bits.into())))
            .collect();
        assert!(flood.iter().all(|&key| places.enter(key)));
        for &key in &flood {
            places.leave(key);
        }
        assert!(places.taken.lock().capacity() < 1000);
    }
}
