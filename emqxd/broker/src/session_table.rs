//! The sessions of one shard: by key for the router, by client id for CONNECT and operators.

use std::hash::BuildHasher;

use crate::SessionKey;
use crate::session::Session;
use crate::split_table::SplitTable;
#[cfg(test)]
use bytestring::ByteString;

/// All sessions of a shard.
#[derive(Debug, Default)]
pub(crate) struct SessionTable {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Slot numbers by the hash of the client id, which stands in the session itself.
    by_client_id: SplitTable<u32>,
    hasher: foldhash::fast::RandomState,
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    session: Option<Box<Session>>,
}

impl SessionTable {
    /// Takes a session in. The caller has made sure that its client id has none yet.
    pub fn insert(&mut self, session: Session) -> SessionKey {
        let hash = self.hasher.hash_one(&*session.client_id);
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).expect("four thousand million sessions do not fit in memory")
        });
        let slot = &mut self.slots[index as usize];
        slot.session = Some(Box::new(session));
        let key = SessionKey {
            index,
            generation: slot.generation,
        };
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.by_client_id
            .insert_unique(hash, index, |&index| hasher.hash_one(client_id_at(slots, index)));
        key
    }

    pub fn get(&self, key: SessionKey) -> Option<&Session> {
        let slot = self.slots.get(key.index as usize)?;
        if slot.generation == key.generation {
            slot.session.as_deref()
        } else {
            None
        }
    }

    pub fn get_mut(&mut self, key: SessionKey) -> Option<&mut Session> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation == key.generation {
            slot.session.as_deref_mut()
        } else {
            None
        }
    }

    pub fn remove(&mut self, key: SessionKey) -> Option<Box<Session>> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        let session = slot.session.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(key.index);
        let hash = self.hasher.hash_one(&*session.client_id);
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.by_client_id.remove(
            hash,
            |&index| index == key.index,
            |&index| hasher.hash_one(client_id_at(slots, index)),
        );
        Some(session)
    }

    pub fn by_client_id(&self, client_id: &str) -> Option<SessionKey> {
        let hash = self.hasher.hash_one(client_id);
        let index = *self
            .by_client_id
            .find(hash, |&index| client_id_at(&self.slots, index) == client_id)?;
        let generation = self.slots.get(index as usize)?.generation;
        Some(SessionKey { index, generation })
    }

    pub fn len(&self) -> usize {
        self.by_client_id.len()
    }

    /// Sessions from slot `from` on, with their slot numbers; for listings in pages.
    pub fn iter_from(&self, from: usize) -> impl Iterator<Item = (usize, SessionKey, &Session)> {
        self.slots.iter().enumerate().skip(from).filter_map(|(index, slot)| {
            let key = SessionKey {
                index: u32::try_from(index).ok()?,
                generation: slot.generation,
            };
            slot.session.as_deref().map(|session| (index, key, session))
        })
    }
}

/// The client id of the session in a slot; empty if there is none, which no session's is.
fn client_id_at(slots: &[Slot], index: u32) -> &str {
    let session = slots.get(index as usize).and_then(|slot| slot.session.as_ref());
    session.map_or("", |session| &session.client_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;

    fn session(client_id: &'static str) -> Session {
        Session::new(ByteString::from_static(client_id), Time(0))
    }

    #[test]
    fn a_key_that_outlived_its_session_finds_nothing_in_its_place() {
        let mut table = SessionTable::default();
        let old = table.insert(session("a"));
        assert!(table.remove(old).is_some());
        let new = table.insert(session("b"));
        assert_eq!(new.index, old.index, "places are used again");
        assert!(table.get(old).is_none() && table.get_mut(old).is_none() && table.remove(old).is_none());
        assert_eq!(table.by_client_id("a"), None);
        assert_eq!(table.by_client_id("b"), Some(new));
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn a_listing_goes_on_where_it_stopped() {
        let mut table = SessionTable::default();
        let keys = ["a", "b", "c"].map(|id| table.insert(session(id)));
        table.remove(keys[1]);
        let places: Vec<_> = table.iter_from(0).map(|(place, key, _)| (place, key)).collect();
        assert_eq!(places, [(0, keys[0]), (2, keys[2])]);
        assert_eq!(table.iter_from(1).count(), 1);
        assert_eq!(table.iter_from(9).count(), 0);
    }
}
