//! Topic names and topic filters: their grammar (MQTT 5, 4.7), and whether one matches the other.
//!
//! Channels validate what clients send with [`validate_topic_name`] and [`SubscriptionFilter::parse`];
//! the tables behind them rely on it. Everything goes through the text once, without recursion, so a
//! filter of 65,535 slashes costs what its bytes cost.

use bytestring::ByteString;
use thiserror::Error;

use crate::MqttConfig;

/// Bounds for topics and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicLimits {
    /// `mqtt.max_topic_levels`.
    pub max_levels: usize,
    /// `mqtt.max_topic_len`, bytes; of a filter with its `$share/{group}/` or other prefix.
    pub max_len: usize,
}

impl From<&MqttConfig> for TopicLimits {
    fn from(config: &MqttConfig) -> Self {
        Self {
            max_levels: config.max_topic_levels,
            max_len: config.max_topic_len,
        }
    }
}

/// What is wrong with a topic name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TopicError {
    /// MQTT 5, 4.7.3: at least one character.
    #[error("the topic is empty")]
    Empty,
    /// MQTT 5, 4.7.3: no U+0000.
    #[error("the topic contains U+0000")]
    NulCharacter,
    /// MQTT 5, 4.7.1: wildcards are for filters.
    #[error("the topic contains a wildcard")]
    Wildcard,
    /// Above `mqtt.max_topic_len`.
    #[error("the topic is longer than {limit} bytes")]
    TooLong {
        /// The limit it met.
        limit: usize,
    },
    /// Above `mqtt.max_topic_levels`.
    #[error("the topic has more than {limit} levels")]
    TooManyLevels {
        /// The limit it met.
        limit: usize,
    },
}

/// Whether messages may be published to `topic`.
///
/// # Errors
/// The first rule that it breaks.
pub fn validate_topic_name(topic: &str, limits: TopicLimits) -> Result<(), TopicError> {
    check_size(topic, limits)?;
    check_levels(topic, limits)?;
    if has_wildcard(topic) {
        return Err(TopicError::Wildcard);
    }
    Ok(())
}

/// What is wrong with a topic filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FilterError {
    /// Empty, too long, too many levels or U+0000, as for topics.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// `#` must stand alone in the last level, `+` alone in its level (MQTT 5, 4.7.1).
    #[error("a wildcard is not alone in its level, or # is not last")]
    Wildcard,
    /// `$share/{group}/{filter}` without group or filter, or with a wildcard in the group (MQTT 5, 4.8.2).
    #[error("not a valid $share/{{group}}/{{filter}}")]
    Share,
    /// `$share`, `$queue` or `$exclusive` inside one another.
    #[error("a prefix inside another one")]
    NestedPrefix,
}

/// What kind of subscription a filter asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FilterKind {
    /// Everyone gets every message.
    Plain,
    /// `$share/{group}/{filter}`, or `$queue/{filter}` as group `$queue`: one of the group gets each message.
    Shared {
        /// Share name.
        group: ByteString,
    },
    /// `$exclusive/{topic}`: one client at a time may subscribe.
    Exclusive,
}

/// A topic filter as a client sent it, taken apart; the parts share its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubscriptionFilter {
    /// What the prefix says.
    pub kind: FilterKind,
    /// The filter without prefix: what topics are matched against.
    pub filter: ByteString,
    /// As sent: the name of the subscription within its session.
    pub full: ByteString,
    /// `filter` contains `+` or `#`.
    pub has_wildcard: bool,
}

impl SubscriptionFilter {
    /// Takes a filter apart.
    ///
    /// # Errors
    /// The first rule that it breaks; the answer is reason code 0x8F (topic filter invalid).
    pub fn parse(full: ByteString, limits: TopicLimits) -> Result<Self, FilterError> {
        check_size(&full, limits)?;
        let (kind, filter) = if let Some(rest) = full.strip_prefix("$share/") {
            let (group, filter) = rest.split_once('/').ok_or(FilterError::Share)?;
            if group.is_empty() || filter.is_empty() || group.contains(['+', '#']) {
                return Err(FilterError::Share);
            }
            (
                FilterKind::Shared {
                    group: full.slice_ref(group),
                },
                filter,
            )
        } else if let Some(filter) = full.strip_prefix("$queue/") {
            (
                FilterKind::Shared {
                    group: ByteString::from_static("$queue"),
                },
                filter,
            )
        } else if let Some(filter) = full.strip_prefix("$exclusive/") {
            (FilterKind::Exclusive, filter)
        } else {
            (FilterKind::Plain, &*full)
        };
        if filter.is_empty() {
            return Err(FilterError::Topic(TopicError::Empty));
        }
        if kind != FilterKind::Plain
            && ["$share/", "$queue/", "$exclusive/"]
                .iter()
                .any(|p| filter.starts_with(p))
        {
            return Err(FilterError::NestedPrefix);
        }
        check_levels(filter, limits)?;
        let has_wildcard = check_wildcards(filter)?;
        let filter = full.slice_ref(filter);
        Ok(Self {
            kind,
            filter,
            full,
            has_wildcard,
        })
    }

    /// The share group's name, if it is a shared subscription.
    pub fn group(&self) -> Option<&ByteString> {
        match &self.kind {
            FilterKind::Shared { group } => Some(group),
            FilterKind::Plain | FilterKind::Exclusive => None,
        }
    }
}

/// Whether `filter`, valid and without prefix, matches `topic` (MQTT 5, 4.7).
///
/// A wildcard in the first level does not match topics that begin with `$`; `a/#` matches `a` too.
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut topic_levels = topic.split('/');
    for filter_level in filter.split('/') {
        if filter_level == "#" {
            return true;
        }
        match topic_levels.next() {
            Some(level) if filter_level == "+" || filter_level == level => {}
            _ => return false,
        }
    }
    topic_levels.next().is_none()
}

/// Whether a valid filter without prefix has wildcards.
#[inline]
pub(crate) fn has_wildcard(filter: &str) -> bool {
    filter.bytes().any(|byte| matches!(byte, b'+' | b'#'))
}

fn check_size(text: &str, limits: TopicLimits) -> Result<(), TopicError> {
    if text.is_empty() {
        return Err(TopicError::Empty);
    }
    if text.len() > limits.max_len {
        return Err(TopicError::TooLong { limit: limits.max_len });
    }
    Ok(())
}

fn check_levels(text: &str, limits: TopicLimits) -> Result<(), TopicError> {
    let mut levels = 1;
    for byte in text.bytes() {
        match byte {
            b'/' => levels += 1,
            0 => return Err(TopicError::NulCharacter),
            _ => {}
        }
    }
    if levels > limits.max_levels {
        return Err(TopicError::TooManyLevels {
            limit: limits.max_levels,
        });
    }
    Ok(())
}

/// Whether there are wildcards; an error if one stands where it must not.
fn check_wildcards(filter: &str) -> Result<bool, FilterError> {
    let mut found = false;
    let mut ended = false;
    for level in filter.split('/') {
        if ended {
            return Err(FilterError::Wildcard);
        }
        match level {
            "+" => found = true,
            "#" => {
                found = true;
                ended = true;
            }
            level if level.contains(['+', '#']) => return Err(FilterError::Wildcard),
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: TopicLimits = TopicLimits {
        max_levels: 128,
        max_len: 4096,
    };
    const NO_LIMITS: TopicLimits = TopicLimits {
        max_levels: usize::MAX,
        max_len: usize::MAX,
    };

    fn parse(filter: &str) -> Result<SubscriptionFilter, FilterError> {
        SubscriptionFilter::parse(ByteString::from(filter), LIMITS)
    }

    #[test]
    fn topic_names_follow_the_grammar() {
        for good in ["a", "/", "//", "a/b/c", "$SYS/brokers", " ", "$share", "ä/ö", "a/$b"] {
            assert_eq!(validate_topic_name(good, LIMITS), Ok(()), "{good:?}");
        }
        for (bad, error) in [
            ("", TopicError::Empty),
            ("a/+", TopicError::Wildcard),
            ("#", TopicError::Wildcard),
            ("a#b", TopicError::Wildcard),
            ("a\0b", TopicError::NulCharacter),
        ] {
            assert_eq!(validate_topic_name(bad, LIMITS), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn filters_follow_the_grammar() {
        let shared = |group: &str| FilterKind::Shared {
            group: ByteString::from(group),
        };
        for (full, kind, filter, has_wildcard) in [
            ("a/b", FilterKind::Plain, "a/b", false),
            ("#", FilterKind::Plain, "#", true),
            ("+", FilterKind::Plain, "+", true),
            ("/+/#", FilterKind::Plain, "/+/#", true),
            ("$SYS/#", FilterKind::Plain, "$SYS/#", true),
            // Without a slash the word is a topic like any other.
            ("$share", FilterKind::Plain, "$share", false),
            ("$queue", FilterKind::Plain, "$queue", false),
            ("$share/g/a", shared("g"), "a", false),
            ("$share/g//a", shared("g"), "/a", false),
            ("$share/g/$SYS/#", shared("g"), "$SYS/#", true),
            ("$queue/a/+", shared("$queue"), "a/+", true),
            ("$exclusive/a/b", FilterKind::Exclusive, "a/b", false),
        ] {
            let parsed = parse(full).unwrap();
            assert_eq!((&parsed.kind, &*parsed.filter), (&kind, filter), "{full:?}");
            assert_eq!((&*parsed.full, parsed.has_wildcard), (full, has_wildcard), "{full:?}");
        }
    }

    #[test]
    fn filters_against_the_grammar_are_refused() {
        for (bad, error) in [
            ("", FilterError::Topic(TopicError::Empty)),
            ("a#", FilterError::Wildcard),
            ("#/a", FilterError::Wildcard),
            ("a/#/b", FilterError::Wildcard),
            ("a/b+", FilterError::Wildcard),
            ("++", FilterError::Wildcard),
            ("a\0", FilterError::Topic(TopicError::NulCharacter)),
            ("$share/", FilterError::Share),
            ("$share//", FilterError::Share),
            ("$share//a", FilterError::Share),
            ("$share/g", FilterError::Share),
            ("$share/g/", FilterError::Share),
            ("$share/+/x", FilterError::Share),
            ("$share/g#/x", FilterError::Share),
            ("$share/g/a#", FilterError::Wildcard),
            ("$queue/", FilterError::Topic(TopicError::Empty)),
            ("$exclusive/", FilterError::Topic(TopicError::Empty)),
            ("$share/g/$share/h/x", FilterError::NestedPrefix),
            ("$share/g/$queue/x", FilterError::NestedPrefix),
            ("$exclusive/$share/g/x", FilterError::NestedPrefix),
        ] {
            assert_eq!(parse(bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn the_parts_of_a_filter_share_its_bytes() {
        let full = ByteString::from("$share/group-one/a/b");
        let parsed = SubscriptionFilter::parse(full.clone(), LIMITS).unwrap();
        assert_eq!(parsed.filter.as_ptr(), full[17..].as_ptr());
        assert_eq!(parsed.group().unwrap().as_ptr(), full[7..].as_ptr());
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let limits = TopicLimits {
            max_levels: 3,
            max_len: 10,
        };
        assert_eq!(validate_topic_name("a/b/c", limits), Ok(()));
        assert_eq!(
            validate_topic_name("a/b/c/", limits),
            Err(TopicError::TooManyLevels { limit: 3 })
        );
        assert_eq!(validate_topic_name("0123456789", limits), Ok(()));
        assert_eq!(
            validate_topic_name("0123456789a", limits),
            Err(TopicError::TooLong { limit: 10 })
        );
        // The levels of `$share/{group}/` do not count, its bytes do.
        let limits = TopicLimits {
            max_levels: 3,
            max_len: 14,
        };
        assert!(SubscriptionFilter::parse(ByteString::from("$share/g/a/b/c"), limits).is_ok());
        assert!(SubscriptionFilter::parse(ByteString::from("$share/g/a/b/cc"), limits).is_err());
    }

    #[test]
    fn sixty_five_thousand_slashes_are_refused_by_the_limit_and_harmless_without() {
        let slashes = "/".repeat(65_535);
        assert!(validate_topic_name(&slashes, LIMITS).is_err());
        assert!(parse(&slashes).is_err());
        assert_eq!(validate_topic_name(&slashes, NO_LIMITS), Ok(()));
        assert!(SubscriptionFilter::parse(ByteString::from(&*slashes), NO_LIMITS).is_ok());
        assert!(matches(&slashes, &slashes));
        assert!(matches("/#", &slashes));
    }

    #[test]
    fn filters_match_topics_as_the_specification_says() {
        for (filter, topic, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/b/c", "a/b", false),
            ("a/#", "a", true),
            ("a/#", "a/", true),
            ("a/#", "a/b/c", true),
            ("a/#", "ab", false),
            ("#", "a/b", true),
            ("#", "/", true),
            ("+", "a", true),
            ("+", "a/b", false),
            ("+", "/a", false),
            ("+/+", "/a", true),
            ("/+", "/a", true),
            ("a/+", "a", false),
            ("a/+", "a/", true),
            ("a/+/c", "a/b/c", true),
            ("+/#", "a", true),
            ("#", "$SYS/x", false),
            ("+/x", "$SYS/x", false),
            ("$SYS/#", "$SYS/x", true),
            ("$SYS/#", "$SYS", true),
            ("$SYS/+", "$SYS/x", true),
            ("a/+", "a/$x", true),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} {topic}");
        }
    }
}
