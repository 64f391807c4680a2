//! A lane whose link breaks anywhere, any number of times; bytes that are no messages.

use bytes::{Buf, Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const QOS0: Record<'static> = Record {
    qos: 0,
    retain: false,
    id: 0,
    age_ms: 0,
    expires_in_ms: None,
    publisher: "sensor-7",
    topic: "a/b",
    properties: &[],
    member: None,
    payload: b"payload",
};
const QOS1: Record<'static> = Record { qos: 1, ..QOS0 };

fn linked() -> Sender {
    let mut sender = Sender::new(Limits::default());
    sender.on_linked(0, 0).unwrap();
    sender
}

/// Takes the length off.
fn body(mut frame: Bytes) -> Bytes {
    let length = frame.get_u32();
    assert_eq!(length as usize, frame.len());
    frame
}

fn batch_of(frame: Bytes) -> Batch {
    match FromSender::decode(body(frame)) {
        Ok(FromSender::Batch(batch)) => batch,
        other => panic!("no batch: {other:?}"),
    }
}

fn sequences(frame: Bytes) -> Vec<u64> {
    let mut batch = batch_of(frame);
    let mut sequences = Vec::new();
    while let Some((sequence, _)) = batch.next_record().unwrap() {
        sequences.push(sequence);
    }
    sequences
}

#[test]
fn a_message_arrives_with_all_it_had() {
    let full = Record {
        qos: 2,
        retain: true,
        id: u64::MAX,
        age_ms: 7,
        expires_in_ms: Some(u64::MAX),
        properties: &[1, 2, 3],
        member: Some(Member {
            group: "g",
            filter: "a/+",
            client_id: "член",
            redispatched: 3,
        }),
        payload: &[],
        ..QOS0
    };
    let mut sender = linked();
    for record in [full, QOS0, QOS1] {
        assert_eq!(sender.push(&record, 0), Pushed::Queued);
    }
    let outgoing = sender.next_batch(0).unwrap();
    assert!(outgoing.delay.is_none());
    let mut batch = batch_of(outgoing.batch);
    assert!(batch.wants_acknowledgement() && batch.left() == 3);
    for (sequence, record) in [(1, full), (2, QOS0), (3, QOS1)] {
        assert_eq!(batch.next_record().unwrap(), Some((sequence, record)));
    }
    assert_eq!(batch.next_record(), Ok(None));
}

#[test]
fn the_words_around_batches_arrive() {
    let hello = FromSender::decode(body(hello(300, 9))).unwrap();
    assert!(matches!(hello, FromSender::Hello { worker: 300, epoch: 9 }));
    let welcome = FromReceiver::decode(&body(welcome(6, 7)));
    assert_eq!(welcome, Ok(FromReceiver::Welcome { last: 6, since_ms: 7 }));
    let acknowledgement = FromReceiver::decode(&body(acknowledgement(7)));
    assert_eq!(acknowledgement, Ok(FromReceiver::Acknowledgement { last: 7 }));
    assert_eq!(
        FromSender::decode(Bytes::from_static(&[2, 1])).unwrap_err().to_string(),
        "a frame of a version that is not known here"
    );
}

#[test]
fn a_message_that_waited_is_told_to_have() {
    let mut sender = linked();
    sender.push(&QOS0, 1_000);
    sender.push(&QOS0, 1_500);
    let first = sender.next_batch(3_000).unwrap();
    let delay = FromSender::decode(body(first.delay.unwrap())).unwrap();
    assert!(matches!(delay, FromSender::Delay { ms: 2_000 }));
    assert_eq!(sequences(first.batch), [1], "a batch takes messages for a moment");
    sender.on_written();
    assert_eq!(sequences(sender.next_batch(1_500).unwrap().batch), [2]);
}

#[test]
fn what_is_not_acknowledged_is_sent_again_behind_what_the_receiver_had() {
    let mut sender = linked();
    for (at, record) in [QOS1, QOS0, QOS1].into_iter().enumerate() {
        sender.push(&record, 1_000 * at as u64);
    }
    while sender.next_batch(0).is_some() {
        sender.on_written();
    }
    sender.on_acknowledged(1).unwrap();
    sender.on_unlinked(true);
    assert!(sender.next_batch(0).is_none());
    sender.on_linked(1, 0).unwrap();
    let again = sender.next_batch(0).unwrap();
    assert_eq!(sequences(again.batch), [3], "QoS 0 is not sent twice");
    sender.on_written();
    assert!(!sender.is_empty());
    sender.on_acknowledged(3).unwrap();
    assert!(sender.is_empty() && sender.bytes() == 0 && sender.messages() == 0);
    let figures = sender.figures();
    assert_eq!((figures.sent, figures.resent, figures.acknowledged), (3, 1, 2));
}

#[test]
fn an_acknowledgement_of_what_was_not_sent_is_refused() {
    let mut sender = linked();
    sender.push(&QOS1, 0);
    assert!(sender.on_acknowledged(2).is_err());
    assert!(sender.on_linked(u64::MAX, 0).is_err());
    sender.on_acknowledged(1).unwrap();
    assert_eq!(sender.messages(), 1, "it has not been written");
}

#[test]
fn without_a_link_qos_0_is_dropped_and_the_rest_waits_within_bounds() {
    let mut sender = Sender::new(Limits {
        bytes: 1 << 20,
        messages: 3,
    });
    assert_eq!(sender.push(&QOS0, 0), Pushed::Dropped);
    let pushed: Vec<_> = (0..5).map(|_| sender.push(&QOS1, 0)).collect();
    assert_eq!(
        pushed[..3],
        [Pushed::Queued; 3],
        "nobody is held for a node that is away"
    );
    assert_eq!(pushed[3..], [Pushed::Dropped; 2]);
    assert_eq!(sender.figures().dropped, 3);
    sender.on_linked(0, 0).unwrap();
    assert_eq!(sequences(sender.next_batch(0).unwrap().batch), [1, 2, 3]);
}

#[test]
fn publishers_are_held_while_a_link_does_not_keep_up_and_go_on_well_below_the_bound() {
    let limits = Limits {
        bytes: 10_000,
        messages: 1_000,
    };
    let mut sender = Sender::new(limits);
    sender.on_linked(0, 0).unwrap();
    let mut now = 0;
    while sender.push(&QOS1, now) == Pushed::Queued {
        now += 100;
    }
    assert!(sender.bytes() >= limits.bytes && !sender.has_room());
    // Whoever is not held goes on for a while.
    while sender.push(&QOS1, now) == Pushed::Full {}
    assert!(sender.bytes() < 5 * limits.bytes);
    assert_eq!(sender.figures().dropped, 1);
    let mut last = 0;
    while !sender.has_room() {
        let outgoing = sender.next_batch(now).unwrap();
        last = *sequences(outgoing.batch).last().unwrap();
        sender.on_written();
        sender.on_acknowledged(last).unwrap();
    }
    assert!(last > 0 && sender.bytes() < limits.bytes / 2);
}

#[test]
fn what_waited_for_a_start_of_a_node_is_not_for_the_next_one() {
    let mut sender = Sender::new(Limits::default());
    sender.on_peer(1_000);
    sender.push(&QOS1, 0);
    sender.on_peer(1_000);
    sender.on_linked(0, 500).unwrap();
    sender.on_written();
    sender.on_unlinked(true);
    sender.push(&QOS1, 0);
    sender.on_peer(20_000);
    sender.push(&QOS1, 0);
    sender.on_peer(1_000); // Old news.
    assert_eq!(sender.on_linked(0, 19_500).unwrap(), 2);
    assert_eq!(sender.figures().dropped, 2);
    assert_eq!(sequences(sender.next_batch(0).unwrap().batch), [3]);
}

#[test]
fn what_waited_for_a_node_is_still_for_it_after_its_upgrade() {
    let mut sender = Sender::new(Limits::default());
    sender.on_peer(1_000);
    sender.on_linked(0, 500).unwrap();
    sender.push(&QOS1, 0);
    sender.on_unlinked(true);
    // Another process, which goes on with the sessions.
    sender.on_peer(20_000);
    assert_eq!(sender.on_linked(0, 501).unwrap(), 0);
    assert_eq!(sequences(sender.next_batch(0).unwrap().batch), [1]);
}

#[test]
fn a_large_message_is_a_batch_that_is_closed_at_once() {
    let payload = vec![7; 5 << 20];
    let mut sender = linked();
    sender.push(&QOS1, 0);
    sender.push(
        &Record {
            payload: &payload,
            ..QOS1
        },
        0,
    );
    sender.push(&QOS1, 0);
    let mut seen = Vec::new();
    while let Some(outgoing) = sender.next_batch(0) {
        seen.push(sequences(outgoing.batch));
        sender.on_written();
    }
    assert_eq!(seen, [vec![1, 2], vec![3]]);
    let text = "x".repeat(1 << 16);
    assert_eq!(sender.push(&Record { topic: &text, ..QOS1 }, 0), Pushed::Dropped);
}

/// Two ends and a link that can be cut at any byte.
struct Lane {
    sender: Sender,
    receiver: Receiver,
    /// On its way, as bytes.
    link: BytesMut,
    had: Vec<(u8, u64)>,
    next: u64,
    now: u64,
}

impl Lane {
    fn push(&mut self, qos: u8) -> Pushed {
        self.next += 1;
        self.now += 40;
        let id = self.next;
        let (qos, now) = (qos % 3, self.now);
        self.sender.push(&Record { qos, id, ..QOS0 }, now)
    }

    fn write(&mut self) {
        if let Some(outgoing) = self.sender.next_batch(self.now) {
            self.link.extend_from_slice(&outgoing.delay.unwrap_or_default());
            self.link.extend_from_slice(&outgoing.batch);
            self.sender.on_written();
        }
    }

    /// Reads whole frames of the first `limit` bytes, and at most so many messages.
    fn read(&mut self, limit: usize, mut messages: usize) {
        let mut bytes = self.link.clone().freeze();
        bytes.truncate(limit);
        while let Some(length) = bytes.first_chunk::<4>() {
            let length = u32::from_be_bytes(*length) as usize;
            if bytes.len() < 4 + length {
                break;
            }
            bytes.advance(4);
            let frame = bytes.split_to(length);
            self.link.advance(4 + length);
            if let FromSender::Batch(mut batch) = FromSender::decode(frame).unwrap() {
                while messages > 0
                    && let Some((sequence, record)) = batch.next_record().unwrap()
                {
                    messages -= 1;
                    if self.receiver.is_new(sequence) {
                        self.had.push((record.qos, record.id));
                    }
                }
                if messages == 0 {
                    // As if the rest was lost with the link.
                    return self.cut();
                }
            }
        }
    }

    fn cut(&mut self) {
        self.link.clear();
        self.sender.on_unlinked(true);
    }

    fn relink(&mut self) {
        self.link.clear();
        let last = self.receiver.on_hello(1);
        self.sender.on_linked(last, 0).unwrap();
    }
}

proptest! {
    #[test]
    fn every_message_arrives_once_and_in_order_however_often_the_link_breaks(
        steps in vec((0_u8..8, any::<u8>(), 0_usize..2_000), 1..300),
    ) {
        let mut lane = Lane {
            sender: Sender::new(Limits::default()),
            receiver: Receiver::default(),
            link: BytesMut::new(),
            had: Vec::new(),
            next: 0,
            now: 0,
        };
        lane.relink();
        let mut kept = Vec::new();
        for (step, value, length) in steps {
            match step {
                0..=2 => {
                    if lane.push(value) != Pushed::Dropped && value % 3 > 0 {
                        kept.push(lane.next);
                    }
                }
                3 | 4 => lane.write(),
                5 => lane.read(length, usize::from(value) + 1),
                6 => {
                    let last = lane.receiver.last();
                    if lane.sender.link() == LinkState::Up {
                        lane.sender.on_acknowledged(last).unwrap();
                    }
                }
                _ => match lane.sender.link() {
                    LinkState::Up => lane.cut(),
                    _ => lane.relink(),
                },
            }
        }
        lane.relink();
        while lane.sender.next_batch(lane.now).is_some() {
            lane.write();
        }
        lane.read(usize::MAX, usize::MAX);
        lane.sender.on_acknowledged(lane.receiver.last()).unwrap();
        prop_assert!(lane.sender.is_empty());
        prop_assert_eq!((lane.sender.bytes(), lane.sender.messages()), (0, 0));
        let ids: Vec<u64> = lane.had.iter().map(|(_, id)| *id).collect();
        prop_assert!(ids.is_sorted_by(|one, next| one < next), "in order and none twice: {:?}", ids);
        let arrived: Vec<u64> = lane.had.iter().filter(|(qos, _)| *qos > 0).map(|(_, id)| *id).collect();
        prop_assert_eq!(arrived, kept);
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in vec(any::<u8>(), 0..300), kind in 0_u8..7) {
        let framed = |bytes: &[u8]| Bytes::from([&[1, kind][..], bytes].concat());
        let _ = FromReceiver::decode(&bytes);
        let _ = FromReceiver::decode(&framed(&bytes));
        for frame in [Bytes::from(bytes.clone()), framed(&bytes)] {
            if let Ok(FromSender::Batch(mut batch)) = FromSender::decode(frame) {
                while let Ok(Some(_)) = batch.next_record() {}
            }
        }
    }

    #[test]
    fn a_batch_with_a_wrong_byte_is_read_to_its_end_or_refused(at in any::<prop::sample::Index>(), byte: u8) {
        let mut sender = linked();
        for record in [QOS0, QOS1] {
            sender.push(&record, 0);
        }
        let mut frame = body(sender.next_batch(0).unwrap().batch).to_vec();
        let at = at.index(frame.len());
        frame[at] = byte;
        if let Ok(FromSender::Batch(mut batch)) = FromSender::decode(frame.into()) {
            let mut count = 0;
            while let Ok(Some(_)) = batch.next_record() {
                count += 1;
            }
            prop_assert!(count <= 2);
        }
    }
}
