//! The topic of a rule: which topics and which filters it is about.
//!
//! What a client asks is compared from left to right with the pieces of the pattern, without recursion and without
//! putting strings together; every piece of text is looked at once.
//!
//! Four rules, of which the last three differ from EMQX's on purpose:
//! - A wildcard in the first level is not about topics that begin with `$` (MQTT 5, 4.7.2).
//! - An *allow* rule is about a subscription only if it covers it: every topic that the subscription would receive
//!   is the rule's. `a/+` does not cover `a/#`. EMQX reads the subscription as a topic and lets `+` stand for `#`.
//! - A *deny* rule is about a subscription as soon as it would receive one topic of the rule's
//!   (`topic_overlap.rs`). EMQX denies `secret/#` and yet lets `+/key` be subscribed to. `{eq, "#"}` is about the
//!   subscription `#` alone, in both.
//! - The value of a placeholder is text, never a wildcard. For an *allow* rule a value that is empty, contains
//!   `/`, `+`, `#` or U+0000, or puts a `$` in front of the topic matches nothing: the client may have chosen it.
//!   For a *deny* rule it is compared as it is.

use std::fmt;

use crate::RuleError;
use crate::erlang::Quoted;
use crate::error::quoted;
use crate::placeholder::Placeholder;
use crate::question::{Permission, Who};
use crate::topic_overlap::overlaps;
use crate::topic_pieces::{Piece, Pieces};

/// Longest topic: what MQTT can carry.
const TOPIC_BYTES_MAX: usize = 65_535;
/// Prefix of a text that is `{eq, ..}` in another form.
const EQ_PREFIX: &str = "eq ";

/// The topic of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicPattern {
    pub(crate) pieces: Box<[Piece]>,
    pub(crate) tail: Tail,
    /// `{eq, ..}`: the request itself is compared, its wildcards too.
    is_exact: bool,
    /// Exact, with `+` or `#` in it: about one subscription and no topic.
    has_literal_wildcard: bool,
}

/// What follows the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing.
    End,
    /// `#` alone.
    Everything,
    /// `/#`: all levels below, and none.
    Below,
}

/// What a client asks for, as far as topics go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedTopic<'a> {
    pub(crate) text: &'a str,
    /// It is a filter with `+` or `#`.
    pub(crate) has_wildcard: bool,
}

impl TopicPattern {
    /// Reads a topic of a rule; `eq ...` is `{eq, "..."}`.
    pub(crate) fn parse(text: &str) -> Result<Self, RuleError> {
        match text.strip_prefix(EQ_PREFIX) {
            Some(exact) => Self::exact(exact),
            None => Self::filter(text),
        }
    }

    /// `{eq, ..}`.
    pub(crate) fn exact(text: &str) -> Result<Self, RuleError> {
        check_size(text)?;
        let mut pieces = Pieces::default();
        for (index, level) in text.split('/').enumerate() {
            if index > 0 {
                pieces.text("/");
            }
            pieces.level(level)?;
        }
        let pieces = pieces.finish();
        let has_wildcard = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(['+', '#']));
        Ok(Self {
            has_literal_wildcard: pieces.iter().any(has_wildcard),
            pieces,
            tail: Tail::End,
            is_exact: true,
        })
    }

    fn filter(text: &str) -> Result<Self, RuleError> {
        check_size(text)?;
        let mut pieces = Pieces::default();
        let mut tail = Tail::End;
        for (index, level) in text.split('/').enumerate() {
            match level {
                _ if tail != Tail::End => return Err(misplaced_wildcard(text)),
                "#" => tail = if index == 0 { Tail::Everything } else { Tail::Below },
                level => {
                    if index > 0 {
                        pieces.text("/");
                    }
                    match level {
                        "+" => pieces.wildcard(),
                        level if level.contains(['+', '#']) => return Err(misplaced_wildcard(text)),
                        level => pieces.level(level)?,
                    }
                }
            }
        }
        Ok(Self {
            pieces: pieces.finish(),
            tail,
            is_exact: false,
            has_literal_wildcard: false,
        })
    }

    /// Whether a rule with this topic and `permission` is about what the client asks for.
    #[inline]
    pub(crate) fn is_about(&self, who: &Who<'_>, asked: AskedTopic<'_>, permission: Permission) -> bool {
        self.covers(who, asked.text, permission)
            || (asked.has_wildcard
                && permission == Permission::Deny
                && !self.has_literal_wildcard
                && overlaps(self, who, asked.text))
    }

    /// Whether `asked`, a topic or a filter, is within the pattern; of an exact pattern, whether it is the same.
    fn covers(&self, who: &Who<'_>, asked: &str, permission: Permission) -> bool {
        if self.begins_with_wildcard() && asked.starts_with('$') {
            return false;
        }
        let mut rest = asked;
        for (index, piece) in self.pieces.iter().enumerate() {
            let after = match piece {
                Piece::Text(text) => rest.strip_prefix(&**text),
                Piece::Level => {
                    let end = rest.find('/').unwrap_or(rest.len());
                    if &rest[..end] == "#" {
                        // `#` takes more levels than `+`. One filter is the same in other words: every topic has
                        // a first level, so `+/#` is `#`.
                        return index == 0 && self.pieces.len() == 1 && self.tail == Tail::Below;
                    }
                    Some(&rest[end..])
                }
                Piece::Value(placeholder) => placeholder.value(who).and_then(|value| {
                    let value = value.as_str();
                    let is_usable = permission == Permission::Deny || is_plain(value, index == 0);
                    is_usable.then(|| rest.strip_prefix(value)).flatten()
                }),
            };
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        match self.tail {
            Tail::End => rest.is_empty(),
            Tail::Everything => true,
            Tail::Below => rest.is_empty() || rest.starts_with('/'),
        }
    }

    pub(crate) fn needs_attributes(&self) -> bool {
        let is_attribute = |piece: &Piece| matches!(piece, Piece::Value(Placeholder::Attribute(_)));
        self.pieces.iter().any(is_attribute)
    }

    pub(crate) fn begins_with_wildcard(&self) -> bool {
        match self.pieces.first() {
            None => self.tail == Tail::Everything,
            Some(first) => *first == Piece::Level,
        }
    }
}

/// The Erlang term, with EMQX 5's placeholders.
impl fmt::Display for TopicPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(part) => text.push_str(&part.replace("${", "${$}{")),
                Piece::Level => text.push('+'),
                Piece::Value(placeholder) => text.push_str(&placeholder.to_string()),
            }
        }
        text.push_str(match self.tail {
            Tail::End => "",
            Tail::Everything => "#",
            Tail::Below => "/#",
        });
        if self.is_exact {
            write!(f, "{{eq, {}}}", Quoted(&text))
        } else {
            Quoted(&text).fmt(f)
        }
    }
}

/// Whether a value can stand in the topic of an allow rule: as a part of one level that cannot widen anything.
fn is_plain(value: &str, is_first: bool) -> bool {
    let is_in_one_level = !value.is_empty() && !value.bytes().any(|byte| matches!(byte, b'/' | b'+' | b'#' | 0));
    let hides_topic = is_first && value.starts_with('$');
    is_in_one_level && !hides_topic
}

fn check_size(text: &str) -> Result<(), RuleError> {
    if text.is_empty() {
        return Err(RuleError::new(
            "the topic is empty",
            "name a topic or a filter, or write `all` in place of the list for all topics",
        ));
    }
    if text.len() > TOPIC_BYTES_MAX {
        return Err(RuleError::new(
            format!("a topic of {} bytes; MQTT has none above {TOPIC_BYTES_MAX}", text.len()),
            "shorten it",
        ));
    }
    if text.contains('\0') {
        return Err(RuleError::new(
            "the topic contains U+0000, which MQTT does not allow",
            "take it out",
        ));
    }
    Ok(())
}

fn misplaced_wildcard(text: &str) -> RuleError {
    RuleError::new(
        format!(
            "in the topic {} a wildcard is not alone in its level, or # is not last",
            quoted(text)
        ),
        "write `a/+/b` or `a/#`; to compare the text itself, wildcards and all, write `{eq, \"...\"}`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::tests::client;

    fn allows(pattern: &str, who: &Who<'_>, asked: &str) -> bool {
        is_about(pattern, who, asked, Permission::Allow)
    }

    fn denies(pattern: &str, who: &Who<'_>, asked: &str) -> bool {
        is_about(pattern, who, asked, Permission::Deny)
    }

    fn is_about(pattern: &str, who: &Who<'_>, asked: &str, permission: Permission) -> bool {
        let asked = AskedTopic {
            text: asked,
            has_wildcard: asked.contains(['+', '#']),
        };
        TopicPattern::parse(pattern).unwrap().is_about(who, asked, permission)
    }

    #[test]
    fn an_allowed_filter_has_to_cover_the_subscription() {
        let who = client("c", None);
        for (pattern, covered) in [
            ("a/#", &["a", "a/b", "a/+", "a/#", "a/+/b", "a/b/#"][..]),
            ("a/+", &["a/b", "a/+", "a/"]),
            ("+/#", &["#", "+", "a", "a/#", "+/+"]),
            ("#", &["#", "+", "+/#", "/", "a/b"]),
            ("/#", &["/", "/a", "/#", "/+"]),
            ("a/+/c", &["a/b/c", "a/+/c"]),
        ] {
            for asked in covered {
                assert!(allows(pattern, &who, asked), "{pattern} covers {asked}");
            }
        }
        for (pattern, wider) in [
            ("a/#", &["#", "+", "+/b", "ab", "b"][..]),
            ("a/+", &["a/#", "a/b/c", "a", "+/+"]),
            ("+/+/#", &["#", "+/#"]),
            ("a/b", &["a/+", "+/b", "a/#", "#"]),
            ("/#", &["#", "+", "a"]),
            ("#", &["$SYS/#", "$SYS/a", "$x"]),
            ("+/a", &["$SYS/a"]),
        ] {
            for asked in wider {
                assert!(!allows(pattern, &who, asked), "{pattern} does not cover {asked}");
            }
        }
    }

    #[test]
    fn a_denied_filter_is_about_every_subscription_that_would_receive_something_of_it() {
        let who = client("c", None);
        for (pattern, asked) in [
            ("secret/#", "#"),
            ("secret/#", "+/key"),
            ("secret/key", "secret/+"),
            ("secret/+", "secret/#"),
            ("secret", "secret/#"),
            ("secret/#", "+"),
            ("+/key", "a/#"),
            ("a/+/c", "a/b/+"),
            ("$SYS/#", "$SYS/+/x"),
            ("eq a/b", "a/+"),
            ("eq #", "#"),
        ] {
            assert!(denies(pattern, &who, asked), "{pattern} denies {asked}");
        }
        for (pattern, asked) in [
            ("$SYS/#", "#"),
            ("$SYS/#", "+/a"),
            ("#", "$SYS/#"),
            ("+/a", "$SYS/+"),
            ("eq #", "a/#"),
            ("eq +/#", "#"),
            ("a/b", "a/+/c"),
            ("a/b", "a/b/+"),
            ("a/b/#", "a/+/"),
            ("a/", "a/b/#"),
        ] {
            let expected = (pattern, asked) == ("a/b/#", "a/+/");
            assert_eq!(denies(pattern, &who, asked), expected, "{pattern} and {asked}");
        }
    }

    #[test]
    fn the_name_of_a_client_is_never_a_wildcard() {
        for hostile in ["#", "+", "a/+", "a/#", "a/b", "/", "a#", "", "a\0b", "+/+"] {
            let who = client(hostile, Some(hostile));
            for pattern in [
                "x/${clientid}",
                "x/%c/#",
                "${username}/#",
                "eq x/${clientid}",
                "x/a${username}",
            ] {
                for asked in ["x/a", "x/b", "x/a/b", "a/b", "x/#", "x/+", "#", "a/b/c", "x/", "x/aa"] {
                    assert!(!allows(pattern, &who, asked), "{hostile:?}: {pattern} and {asked}");
                }
                let own = pattern.trim_start_matches("eq ").replace("${clientid}", hostile);
                let own = own.replace("%c", hostile).replace("${username}", hostile);
                assert!(!allows(pattern, &who, &own), "{hostile:?}: {pattern} and {own}");
            }
        }
        let who = client("$SYS", Some("$SYS"));
        assert!(!allows("${clientid}/#", &who, "$SYS/brokers"));
        assert!(allows("a/${clientid}", &who, "a/$SYS"));
    }

    #[test]
    fn a_denied_name_is_compared_as_it_is() {
        let who = client("a/b", Some("+"));
        assert!(denies("x/${clientid}", &who, "x/a/b"));
        assert!(denies("x/${clientid}", &who, "x/+/b"));
        assert!(denies("x/${username}", &who, "x/+"));
        assert!(!denies("x/${username}", &who, "x/y"));
        assert!(!denies("x/${clientid}", &who, "x/a"));
    }

    #[test]
    fn a_placeholder_without_a_value_matches_nothing() {
        let who = client("c", None);
        for pattern in [
            "${username}",
            "a/%u",
            "%cn/#",
            "${cert_subject}",
            "${client_attrs.role}/#",
        ] {
            for asked in ["a", "a/", "#", "/", "a/b", "+", "a/+"] {
                assert!(!allows(pattern, &who, asked), "{pattern} and {asked}");
                assert!(!denies(pattern, &who, asked), "{pattern} and {asked}");
            }
        }
    }

    #[test]
    fn placeholders_stand_for_what_the_client_has() {
        let attributes = [("role".into(), "admin".into())];
        let who = Who {
            common_name: Some("device"),
            attributes: &attributes,
            ..client("c1", Some("ann"))
        };
        for (pattern, asked) in [
            ("%c/%u/%cn", "c1/ann/device"),
            ("a/${clientid}-${username}", "a/c1-ann"),
            ("${cert_common_name}/#", "device/x"),
            ("${client_attrs.role}/+", "admin/x"),
            ("${peerhost}/${zone}/${listener}", "10.0.0.7/default/tcp:default"),
            ("x%c/y%u", "x%c/y%u"),
            ("${$}{clientid}", "${clientid}"),
        ] {
            assert!(allows(pattern, &who, asked), "{pattern} is about {asked}");
        }
        assert!(!allows("%c", &who, "c1/x"));
        assert!(!allows("a/${clientid}", &who, "a/c12"));
    }

    #[test]
    fn a_pattern_prints_as_the_term_that_makes_it() {
        for (text, printed) in [
            ("a/+/b/#", r#""a/+/b/#""#),
            ("#", r##""#""##),
            ("/#", r##""/#""##),
            ("eq #", r##"{eq, "#"}"##),
            ("%c/x${username}y", r#""${clientid}/x${username}y""#),
            ("a${$}{b", r#""a${$}{b""#),
            ("$${clientid}", r#""$${clientid}""#),
            ("a\"b\\", r#""a\"b\\""#),
        ] {
            assert_eq!(TopicPattern::parse(text).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn what_is_not_a_filter_is_an_error() {
        for bad in [
            "",
            "a/#/b",
            "a#",
            "+a",
            "a/b+/c",
            "${clientid",
            "${foo}",
            "${}",
            "%cida",
            "a\0",
        ] {
            assert!(TopicPattern::parse(bad).is_err(), "{bad:?}");
        }
        assert!(TopicPattern::parse(&"/".repeat(TOPIC_BYTES_MAX + 1)).is_err());
        let deep = TopicPattern::parse(&"+/".repeat(30_000)).unwrap();
        let asked = "a/".repeat(30_000);
        let asked = AskedTopic {
            text: &asked,
            has_wildcard: true,
        };
        assert!(deep.is_about(&client("c", None), asked, Permission::Deny));
    }
}
