//! Who subscribed to one filter: the values of a worker's index (`local_index.rs`).

use hashbrown::HashMap;

use crate::{SessionKey, SubscriptionOptions};

/// One session's interest in a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subscriber {
    pub session: SessionKey,
    pub options: SubscriptionOptions,
}

/// Subscribers of one filter above which a position map is kept, so that leaving a popular filter stays cheap.
const POSITIONS_FROM: usize = 32;

/// Who subscribed to one filter: most have one subscriber, which costs no memory of its own.
#[derive(Debug, Default)]
pub(crate) enum Subscribers {
    #[default]
    Nobody,
    One(Subscriber),
    Many(Box<Crowd>),
}

/// More than one subscriber, or what is left of them.
#[derive(Debug)]
pub(crate) struct Crowd {
    list: Vec<Subscriber>,
    positions: Option<HashMap<SessionKey, u32, foldhash::fast::FixedState>>,
}

impl Subscribers {
    pub fn as_slice(&self) -> &[Subscriber] {
        match self {
            Self::Nobody => &[],
            Self::One(subscriber) => std::slice::from_ref(subscriber),
            Self::Many(crowd) => &crowd.list,
        }
    }

    pub fn find_mut(&mut self, session: SessionKey) -> Option<&mut Subscriber> {
        match self {
            Self::Nobody => None,
            Self::One(subscriber) => Some(subscriber).filter(|subscriber| subscriber.session == session),
            Self::Many(crowd) => {
                let position = crowd.position(session)?;
                crowd.list.get_mut(position)
            }
        }
    }

    pub fn push(&mut self, subscriber: Subscriber) {
        if let Self::One(first) = self {
            *self = Self::Many(Box::new(Crowd {
                list: vec![*first],
                positions: None,
            }));
        }
        if let Self::Many(crowd) = self {
            crowd.push(subscriber);
        }
    }

    /// Whether it was there. Nobody may be left, also of one.
    pub fn remove(&mut self, session: SessionKey) -> bool {
        match self {
            Self::One(subscriber) if subscriber.session == session => {
                *self = Self::Nobody;
                true
            }
            Self::Nobody | Self::One(_) => false,
            Self::Many(crowd) => {
                let position = crowd.position(session);
                if let Some(position) = position {
                    crowd.swap_remove(position);
                }
                position.is_some()
            }
        }
    }
}

impl Crowd {
    fn position(&self, session: SessionKey) -> Option<usize> {
        match &self.positions {
            Some(positions) => positions.get(&session).map(|&position| position as usize),
            None => self.list.iter().position(|each| each.session == session),
        }
    }

    fn push(&mut self, subscriber: Subscriber) {
        self.list.push(subscriber);
        match &mut self.positions {
            Some(positions) => {
                positions.insert(subscriber.session, position_number(self.list.len() - 1));
            }
            None if self.list.len() > POSITIONS_FROM => {
                let positions = self
                    .list
                    .iter()
                    .enumerate()
                    .map(|(at, each)| (each.session, position_number(at)));
                self.positions = Some(positions.collect());
            }
            None => {}
        }
    }

    fn swap_remove(&mut self, position: usize) {
        let gone = self.list.swap_remove(position);
        if let Some(positions) = &mut self.positions {
            positions.remove(&gone.session);
            if let Some(moved) = self.list.get(position) {
                positions.insert(moved.session, position_number(position));
            }
            if self.list.len() <= POSITIONS_FROM / 2 {
                self.positions = None;
            }
        }
    }
}

fn position_number(position: usize) -> u32 {
    u32::try_from(position).expect("session keys have 32-bit indices, so no filter has more subscribers")
}
