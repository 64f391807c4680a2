//! The publishers' side of a flow: what each has on its way, and who may send again.
//!
//! Flat out it is a closed loop: a publisher may have a window of messages whose deliveries have not all arrived, and
//! above QoS 0 as many that are not acknowledged; it sends again once a quarter of the window is free, so that writes
//! carry batches as those of a busy system do. At a rate only what is not acknowledged is bounded.

/// What bounds the messages on their way.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Deliveries of a publisher that may be missing; `None` where a schedule decides.
    pub missing_max: Option<u64>,
    /// Deliveries that each message brings.
    pub fan: u64,
    /// Messages of a publisher that may be unacknowledged; `None` at QoS 0.
    pub unacknowledged_max: Option<u32>,
}

/// One publisher.
#[derive(Debug)]
pub struct Publisher {
    pub link: usize,
    pub first_topic: usize,
    pub topics: usize,
    /// Messages it may still send.
    pub left: u64,
    /// Whether it stands in the list of those who may send.
    pub queued: bool,
    next_topic: usize,
    next_packet_id: u16,
    sequence: u32,
    missing: u64,
    unacknowledged: u32,
}

/// What the next message of a publisher carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub topic: usize,
    pub packet_id: u16,
    pub sequence: u32,
}

impl Publisher {
    pub fn new(link: usize, (first_topic, topics): (usize, usize), left: u64) -> Self {
        Self {
            link,
            first_topic,
            topics,
            left,
            queued: false,
            next_topic: 0,
            next_packet_id: 1,
            sequence: 0,
            missing: 0,
            unacknowledged: 0,
        }
    }

    /// How many messages it may send now.
    #[inline]
    pub fn room(&self, bounds: &Bounds) -> u64 {
        let mut room = self.left;
        if let Some(max) = bounds.missing_max {
            room = room.min(max.saturating_sub(self.missing) / bounds.fan);
        }
        if let Some(max) = bounds.unacknowledged_max {
            room = room.min(u64::from(max.saturating_sub(self.unacknowledged)));
        }
        room
    }

    /// Whether enough of its window is free for a batch that is worth a system call.
    #[inline]
    pub fn is_worth_filling(&self, bounds: &Bounds) -> bool {
        let most = [
            bounds.missing_max.map(|max| max / bounds.fan),
            bounds.unacknowledged_max.map(u64::from),
        ];
        let window = most.into_iter().flatten().min().unwrap_or(1);
        self.left > 0 && self.room(bounds) >= (window / 4).clamp(1, self.left)
    }

    /// Takes the next message.
    #[inline]
    pub fn take(&mut self, bounds: &Bounds) -> Next {
        let topic = self.first_topic + self.next_topic;
        self.next_topic += 1;
        if self.next_topic == self.topics {
            self.next_topic = 0;
        }
        let packet_id = self.next_packet_id;
        // Far fewer are in flight than there are identifiers: the next one is free.
        self.next_packet_id = if packet_id == u16::MAX { 1 } else { packet_id + 1 };
        self.sequence = self.sequence.wrapping_add(1);
        self.missing += bounds.fan;
        if bounds.unacknowledged_max.is_some() {
            self.unacknowledged += 1;
        }
        self.left -= 1;
        Next {
            topic,
            packet_id,
            sequence: self.sequence,
        }
    }

    /// A delivery of one of its messages arrived.
    #[inline]
    pub fn delivered(&mut self) {
        self.missing = self.missing.saturating_sub(1);
    }

    /// One of its messages was acknowledged.
    #[inline]
    pub fn acknowledged(&mut self) {
        self.unacknowledged = self.unacknowledged.saturating_sub(1);
    }

    /// One of its messages was refused: its deliveries will not come.
    pub fn refused(&mut self, bounds: &Bounds) {
        self.missing = self.missing.saturating_sub(bounds.fan);
    }

    /// Gives up what is missing.
    pub fn forget_missing(&mut self) {
        self.missing = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        missing_max: Some(30),
        fan: 3,
        unacknowledged_max: Some(8),
    };

    #[test]
    fn a_window_closes_by_whichever_bound_comes_first() {
        let mut publisher = Publisher::new(0, (5, 2), u64::MAX);
        assert_eq!(publisher.room(&BOUNDS), 8);
        let topics: Vec<_> = (0..8).map(|_| publisher.take(&BOUNDS).topic).collect();
        assert_eq!(topics, [5, 6, 5, 6, 5, 6, 5, 6]);
        assert_eq!(publisher.room(&BOUNDS), 0);
        (0..8).for_each(|_| publisher.acknowledged());
        assert_eq!(publisher.room(&BOUNDS), 2, "24 deliveries are missing");
        (0..24).for_each(|_| publisher.delivered());
        assert_eq!(publisher.room(&BOUNDS), 8);
    }

    #[test]
    fn a_publisher_sends_again_once_a_quarter_is_free_or_what_is_left_fits() {
        let mut publisher = Publisher::new(0, (0, 1), 9);
        (0..8).for_each(|_| assert_eq!(publisher.take(&BOUNDS).topic, 0));
        (0..24).for_each(|_| publisher.delivered());
        assert!(!publisher.is_worth_filling(&BOUNDS));
        publisher.acknowledged();
        assert!(
            publisher.is_worth_filling(&BOUNDS),
            "one is left, and there is room for it"
        );
        publisher.take(&BOUNDS);
        assert!(!publisher.is_worth_filling(&BOUNDS), "none is left");
    }

    #[test]
    fn packet_identifiers_start_again_at_1() {
        let mut publisher = Publisher::new(0, (0, 1), u64::MAX);
        let free = Bounds {
            missing_max: None,
            fan: 1,
            unacknowledged_max: None,
        };
        let last = (0..=65_535).map(|_| publisher.take(&free).packet_id).last();
        assert_eq!(last, Some(1));
    }
}
