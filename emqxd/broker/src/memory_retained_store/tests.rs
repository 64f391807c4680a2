//! What is kept, found, refused, cleaned and expired.

use std::time::Duration;

use bytes::Bytes;
use mqtt_codec::{PublishProperties, QoS};
use proptest::prelude::*;

use super::*;

const NOW: Time = Time(1_000);
const ALL: PageLimits = PageLimits {
    messages: usize::MAX,
    steps: usize::MAX,
};

fn message(topic: &str, payload: &str) -> Arc<Message> {
    Arc::new(Message {
        id: 0,
        topic: topic.into(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        qos: QoS::AtLeastOnce,
        retain: true,
        properties: None,
        publisher: "publisher".into(),
        published_at: NOW,
        expires_at: None,
    })
}

fn expiring(topic: &str, at: Time) -> Arc<Message> {
    Arc::new(Message {
        expires_at: Some(at),
        ..(*message(topic, "x")).clone()
    })
}

fn store_of(topics: &[&str]) -> MemoryRetainedStore {
    let store = MemoryRetainedStore::new(RetainerConfig::default());
    for topic in topics {
        store.store(message(topic, "x"), NOW).unwrap();
    }
    store
}

/// All matches, page by page.
fn paged(store: &MemoryRetainedStore, filter: &str, now: Time, limits: PageLimits) -> Vec<String> {
    let mut found = Vec::new();
    let mut after: Option<ByteString> = None;
    loop {
        let mut out = Vec::new();
        let end = store.page(filter, after.as_deref(), now, limits, &mut out);
        assert!(out.len() <= limits.messages);
        found.extend(out.iter().map(|message| message.topic.to_string()));
        match end {
            PageEnd::Done => return found,
            PageEnd::More { after: next } => {
                assert!(after.is_none_or(|before| before < next), "a page that makes no way");
                after = Some(next);
            }
        }
    }
}

#[test]
fn the_last_message_of_a_topic_stays_and_an_empty_one_removes_it() {
    let store = store_of(&["a"]);
    store.store(message("a", "second"), NOW).unwrap();
    assert_eq!(&*store.get("a", NOW).unwrap().payload, b"second");
    assert_eq!(store.len(), 1);
    store.store(message("a", ""), NOW).unwrap();
    assert!(store.get("a", NOW).is_none());
    assert_eq!((store.len(), store.bytes()), (0, 0));
}

#[test]
fn filters_find_what_they_match() {
    let store = store_of(&[
        "a", "a!", "a.b", "a/", "a/b", "a/b/c", "ab", "b", "$SYS/x", "$SYS", "%", "!",
    ]);
    for (filter, expected) in [
        ("a", vec!["a"]),
        ("nothing", vec![]),
        ("a/#", vec!["a", "a/", "a/b", "a/b/c"]),
        ("a/+", vec!["a/", "a/b"]),
        ("+", vec!["!", "%", "a", "a!", "a.b", "ab", "b"]),
        ("+/b/#", vec!["a/b", "a/b/c"]),
        ("#", vec!["!", "%", "a", "a!", "a.b", "a/", "a/b", "a/b/c", "ab", "b"]),
        ("$SYS/#", vec!["$SYS", "$SYS/x"]),
        ("$SYS/+", vec!["$SYS/x"]),
    ] {
        assert_eq!(paged(&store, filter, NOW, ALL), expected, "{filter}");
        assert_eq!(
            paged(&store, filter, NOW, PageLimits { messages: 1, steps: 2 }),
            expected,
            "{filter}"
        );
    }
}

#[test]
fn expired_messages_are_not_handed_out_and_leave_when_their_time_has_come() {
    let config = RetainerConfig {
        msg_expiry_interval: Some(Duration::from_secs(5)),
        ..RetainerConfig::default()
    };
    let store = MemoryRetainedStore::new(config);
    store.store(expiring("own", NOW.after_secs(1)), NOW).unwrap();
    store.store(message("default", "x"), NOW).unwrap();
    assert!(store.get("own", NOW).is_some());
    assert!(store.get("own", NOW.after_secs(1)).is_none());
    assert_eq!(paged(&store, "#", NOW.after_secs(1), ALL), ["default"]);
    assert_eq!(store.expire(NOW.after_secs(1), 10), 1);
    assert_eq!(store.len(), 1);
    // The message itself asked for no expiry: none is passed on.
    assert_eq!(store.get("default", NOW).unwrap().expires_at, None);
    // A new message starts anew.
    store.store(message("default", "y"), NOW.after_secs(3)).unwrap();
    assert_eq!(store.expire(NOW.after_secs(5), 10), 0);
    assert_eq!(store.expire(NOW.after_secs(8), 10), 1);
    assert_eq!((store.len(), store.bytes()), (0, 0));
}

#[test]
fn a_call_to_expire_does_a_bounded_amount() {
    let store = MemoryRetainedStore::new(RetainerConfig::default());
    for n in 0..10 {
        store.store(expiring(&format!("t/{n}"), NOW), NOW).unwrap();
    }
    assert_eq!(store.expire(NOW, 4), 4);
    assert_eq!(store.expire(NOW, 4), 4);
    assert_eq!(store.expire(NOW, 4), 2);
}

#[test]
fn limits_refuse_what_is_new_and_keep_what_is_there() {
    let config = RetainerConfig {
        max_retained_messages: Some(1),
        max_payload_size: 100,
        max_retained_bytes: Some(500),
        ..RetainerConfig::default()
    };
    let store = MemoryRetainedStore::new(config.clone());
    store.store(message("a", "first"), NOW).unwrap();
    assert_eq!(
        store.store(message("b", "x"), NOW),
        Err(RetainedFull::Messages { limit: 1 })
    );
    let large = "x".repeat(101);
    let error = RetainedFull::Payload { size: 101, limit: 100 };
    assert_eq!(store.store(message("a", &large), NOW), Err(error));
    assert_eq!(&*store.get("a", NOW).unwrap().payload, b"first");
    store.store(message("a", "second"), NOW).unwrap();
    store.configure(RetainerConfig {
        max_retained_messages: None,
        ..config
    });
    assert_eq!(
        store.store(message("b", "x"), NOW),
        Err(RetainedFull::Bytes { limit: 500 })
    );
    assert!(store.remove("a"));
    assert!(!store.remove("a"));
    store.store(message("b", "x"), NOW).unwrap();
}

#[test]
fn cleaning_removes_what_a_filter_matches_slice_by_slice() {
    let store = store_of(&["a/1", "a/2", "b/1", "a/3", "$SYS/x"]);
    let first = store.clean(Some("a/#"), None, 2);
    assert_eq!(
        first,
        Cleaned {
            removed: 2,
            end: PageEnd::More { after: "a/2".into() }
        }
    );
    let second = store.clean(Some("a/#"), Some("a/2"), 2);
    assert_eq!(
        second,
        Cleaned {
            removed: 1,
            end: PageEnd::Done
        }
    );
    assert_eq!(
        store.topics(None, 10),
        [ByteString::from("$SYS/x"), ByteString::from("b/1")]
    );
    assert_eq!(store.topics(Some("$SYS/x"), 10), [ByteString::from("b/1")]);
    assert_eq!(store.clean(None, None, 1).removed, 1);
    assert_eq!(
        store.clean(None, None, 1),
        Cleaned {
            removed: 1,
            end: PageEnd::Done
        }
    );
    assert!(store.is_empty());
}

#[test]
fn a_stored_message_does_not_keep_the_receive_buffer() {
    let store = MemoryRetainedStore::new(RetainerConfig::default());
    let properties = PublishProperties {
        content_type: Some("text/plain".into()),
        ..PublishProperties::default()
    };
    let received = Message {
        properties: Some(Box::new(properties)),
        ..(*message("a/b", "payload")).clone()
    };
    let received = Arc::new(received);
    store.store(received.clone(), NOW).unwrap();
    let kept = store.get("a/b", NOW).unwrap();
    assert_eq!(kept, received);
    assert_ne!(kept.payload.as_ptr(), received.payload.as_ptr());
    assert_ne!(kept.topic.as_ptr(), received.topic.as_ptr());
    let content_type = |message: &Message| message.properties.as_ref()?.content_type.as_ref().map(|t| t.as_ptr());
    assert_ne!(content_type(&kept), content_type(&received));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn pages_find_what_a_naive_filter_finds(
        topics in prop::collection::btree_set("[ab$]{0,1}(/[ab]{0,1}){0,3}", 0..40),
        filter in "([ab+$]|\\$a)(/[ab+]){0,2}(/#)?|#",
        messages in 1usize..5,
        steps in 1usize..8,
    ) {
        let topics: BTreeSet<_> = topics.into_iter().filter(|topic| !topic.is_empty()).collect();
        let store = store_of(&topics.iter().map(String::as_str).collect::<Vec<_>>());
        let expected: Vec<_> = topics.into_iter().filter(|topic| matches(&filter, topic)).collect();
        prop_assert_eq!(paged(&store, &filter, NOW, PageLimits { messages, steps }), expected);
    }
}
