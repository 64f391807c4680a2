//! Which entry of the catalogue a record is about: its `MESSAGE_ID`, by which `journalctl -x` finds the answer.
//!
//! The id of an entry is made from its term alone, so that it stays when entries come and go: the first 16 bytes of
//! SHA-256 over `emqx-message:` and the term, with version 8 and the variant of RFC 9562 set. The reason of a record goes
//! before its message: why a connection ended says more than that it did. `emqxd/packaging/systemd/emqx.catalog` has the
//! answers under the same ids.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

use emqx_shared::catalogue::{self, Entry};
use sha2::{Digest, Sha256};

/// Longer words are in no catalogue.
const WORD_BYTES_MAX: usize = 96;

/// The id of an entry, as 32 hexadecimal digits.
pub(super) fn message_id(entry: &Entry) -> String {
    let digest = Sha256::new()
        .chain_update("emqx-message:")
        .chain_update(entry.term)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
    }
    text
}

/// The id for a record with this reason and message.
pub(super) fn message_id_of(reason: Option<&str>, message: &str) -> Option<&'static str> {
    reason.and_then(id_of_word).or_else(|| id_of_word(message))
}

fn id_of_word(word: &str) -> Option<&'static str> {
    static IDS: OnceLock<HashMap<String, String>> = OnceLock::new();
    if word.is_empty() || word.len() > WORD_BYTES_MAX {
        return None;
    }
    let ids = IDS.get_or_init(|| {
        let mut ids = HashMap::new();
        for entry in catalogue::all() {
            for name in entry.names() {
                // As `explain` does: of two entries with one name the first counts.
                ids.entry(catalogue::normalized(name))
                    .or_insert_with(|| message_id(entry));
            }
        }
        ids
    });
    let word = catalogue::normalized(word);
    // EMQX wraps reasons: `{shutdown,takenover}`.
    let bare = word.strip_prefix("shutdown_").unwrap_or(&word);
    ids.get(&word).or_else(|| ids.get(bare)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_entries_have_one_id() {
        let mut ids = HashSet::new();
        for entry in catalogue::all() {
            assert!(ids.insert(message_id(entry)), "{} is there twice", entry.term);
        }
    }

    #[test]
    fn an_id_can_be_made_from_its_word_by_hand() {
        let entry = catalogue::lookup("keepalive_timeout").unwrap();
        // `printf %s emqx-message:keepalive_timeout | sha256sum` begins with 70e82f7b1f8f3166987a7c27c83ade08.
        assert_eq!(message_id(entry), "70e82f7b1f8f8166987a7c27c83ade08");
    }

    #[test]
    fn the_reason_goes_before_the_message_and_emqx_wrapping_is_taken_off() {
        let taken_over = message_id_of(Some("{shutdown,takenover}"), "terminate");
        assert!(taken_over.is_some());
        assert_eq!(taken_over, message_id_of(Some("takenover"), ""));
        let full = message_id_of(Some("no word of ours"), "dropped_msg_due_to_mqueue_is_full");
        assert_eq!(full, message_id_of(None, "mqueue is full"));
        assert!(full.is_some());
        assert_eq!(message_id_of(None, "node_has_a_word_of_its_own"), None);
    }
}
