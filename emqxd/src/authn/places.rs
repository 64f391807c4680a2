//! Room for clients that are being asked who they are: so many at the same time, and only part of them from one network.
//!
//! [`super::Authentication::ask`] takes a [`Place`] for each question and gives it back with the answer. A client holds its
//! place until its back end has answered or `mqtt.idle_timeout` is over, so without the second bound one sender of CONNECT
//! packets could keep everybody else out while a server is slow.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;

/// Clients that are asked who they are at the same time. Each holds its CONNECT, at most 64 KiB.
const PLACES: usize = 10_000;
/// Of these, those of one network: many clients may share one address behind a load balancer.
const PLACES_OF_NETWORK: usize = PLACES / 2;

/// The places; a copy is as good as the original.
#[derive(Clone, Default)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl Places {
    /// A place for a client at `address`.
    ///
    /// # Errors
    /// There is none.
    pub fn take(&self, address: IpAddr) -> Result<Place, TooMany> {
        let network = network_of(address);
        let mut taken = self.taken.lock();
        if taken.all >= PLACES {
            return Err(TooMany::OfAll);
        }
        let of_network = taken.by_network.entry(network).or_default();
        if *of_network >= PLACES_OF_NETWORK {
            return Err(TooMany::OfNetwork(network));
        }
        *of_network += 1;
        taken.all += 1;
        drop(taken);
        Ok(Place {
            network,
            places: self.clone(),
        })
    }
}

/// One place; given back when it is dropped.
pub struct Place {
    network: IpAddr,
    places: Places,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        taken.all -= 1;
        if let Some(of_network) = taken.by_network.get_mut(&self.network) {
            *of_network -= 1;
            if *of_network == 0 {
                taken.by_network.remove(&self.network);
            }
        }
    }
}

/// No room to ask another client who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMany {
    /// Whoever it is.
    #[error("{PLACES} clients are being authenticated already")]
    OfAll,
    /// From where it comes.
    #[error("{PLACES_OF_NETWORK} clients of {0} are being authenticated already")]
    OfNetwork(IpAddr),
}

/// Where somebody is who may take as many addresses as he likes: an IPv4 address, or the /64 of an IPv6 address, which is
/// what a provider gives to one customer at least.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn one_network_cannot_take_all_places_and_gets_its_own_back() {
        let places = Places::default();
        let mut first: Vec<Place> = (0..PLACES_OF_NETWORK).map(|_| places.take(v4(1)).unwrap()).collect();
        assert_eq!(places.take(v4(1)).err(), Some(TooMany::OfNetwork(v4(1))));
        let second: Vec<Place> = (0..PLACES - PLACES_OF_NETWORK)
            .map(|_| places.take(v4(2)).unwrap())
            .collect();
        assert_eq!(places.take(v4(3)).err(), Some(TooMany::OfAll));
        first.pop();
        let again = places.take(v4(1));
        assert!(again.is_ok());
        drop((first, second, again));
        let taken = places.taken.lock();
        assert!(
            taken.all == 0 && taken.by_network.is_empty(),
            "nothing is remembered of those who are gone"
        );
    }

    #[test]
    fn addresses_of_one_customer_are_one_network() {
        let network = |address: &str| network_of(address.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::7"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::7"), network("2001:db8:1:3::7"));
        assert_eq!(network("::ffff:10.0.0.1"), v4(1));
        assert_ne!(network("10.0.0.1"), network("10.0.0.2"));
    }
}
