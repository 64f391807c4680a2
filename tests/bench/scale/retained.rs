//! Retained messages: what each takes, and what a subscriber of `#` is served, a page at a time.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{MemoryRetainedStore, Message, PageEnd, PageLimits, RetainedStore, RetainerConfig, Time};
use mqtt_codec::QoS;

use crate::measurement::{Measurement, nanoseconds_each, shuffled};
use crate::memory::resident_bytes;
use crate::support::topic;

const NOW: Time = Time(1_000_000);

/// As the session's replay asks for it.
const PAGE: PageLimits = PageLimits {
    messages: 128,
    steps: 2048,
};

const PAYLOAD: &[u8] = b"sixteen bytes...";

/// A store with `size` messages of 16 bytes.
pub fn retained(size: u32) -> Measurement {
    let store = MemoryRetainedStore::new(RetainerConfig::default());
    let mut text = String::new();
    let before = resident_bytes();
    let insert_ns = nanoseconds_each(size, || {
        for number in shuffled(size) {
            topic(number, &mut text);
            store.store(message(&text), NOW).expect("below the limits");
        }
    });
    let bytes = (resident_bytes() - before) / f64::from(size) - PAYLOAD.len() as f64;
    let match_ns = nanoseconds_each(size, || {
        for number in shuffled(size) {
            topic(number, &mut text);
            assert!(store.get(&text, NOW).is_some());
        }
    });
    let (replay_ns, replay_bytes) = replay(&store, size);
    let remove_ns = nanoseconds_each(size, || {
        for number in shuffled(size) {
            topic(number, &mut text);
            assert!(store.remove(&text));
        }
    });
    topic(0, &mut text);
    Measurement {
        text_bytes: text.len() as f64,
        bytes,
        insert_ns,
        match_ns: Some(match_ns),
        remove_ns: Some(remove_ns),
        note: format!(
            "payload not counted; `#` in pages of 128: {replay_ns:.0} ns a message, {:.0} KiB more in all",
            replay_bytes / 1024.0
        ),
    }
}

/// Nanoseconds a message, and bytes that it took while it went on.
fn replay(store: &MemoryRetainedStore, size: u32) -> (f64, f64) {
    let before = resident_bytes();
    let mut page = Vec::new();
    let mut after: Option<ByteString> = None;
    let mut served = 0;
    let each_ns = nanoseconds_each(size, || {
        loop {
            page.clear();
            let end = store.page("#", after.as_deref(), NOW, PAGE, &mut page);
            served += page.len();
            match end {
                PageEnd::More { after: last } => after = Some(last),
                PageEnd::Done => break,
            }
        }
    });
    assert_eq!(served, size as usize, "each message once");
    (each_ns, resident_bytes() - before)
}

fn message(topic: &str) -> Arc<Message> {
    Arc::new(Message {
        id: 0,
        topic: ByteString::from(topic),
        payload: Bytes::from_static(PAYLOAD),
        qos: QoS::AtMostOnce,
        retain: true,
        properties: None,
        publisher: ByteString::from_static("device-0000001"),
        published_at: NOW,
        expires_at: None,
    })
}
