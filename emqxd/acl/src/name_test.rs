//! What a rule says of a name: that it is this one, or looks like that.
//!
//! Regular expressions are EMQX's (PCRE on bytes, found anywhere unless `^` and `$` say otherwise) as far as they
//! can be matched in linear time: look-around and back-references are refused when the rule is read. `\d`, `\w` and
//! `\s` mean ASCII, as in EMQX, so no rule is wider here.

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};

use crate::RuleError;
use crate::erlang::Quoted;
use crate::error::quoted;

/// Longest name that is looked at: client ids may have 65,535 bytes, and a file may have many expressions.
pub(crate) const MATCHED_BYTES_MAX: usize = 1024;
/// Longest expression, in bytes.
const PATTERN_BYTES_MAX: usize = 1024;
/// Memory of a compiled expression.
const PROGRAM_BYTES_MAX: usize = 128 * 1024;
/// Memory for each thread in which matching keeps what it learned.
const CACHE_BYTES_MAX: usize = 128 * 1024;
/// Groups inside groups of an expression.
const NESTING_MAX: u32 = 32;
/// Longest name in a rule: what MQTT can carry.
const NAME_BYTES_MAX: usize = 65_535;

/// What a rule says of a name.
#[derive(Debug, Clone)]
pub(crate) enum NameTest {
    Is(Box<str>),
    Matches(Box<Regex>),
}

impl NameTest {
    /// This name and no other.
    pub(crate) fn name(name: &str) -> Result<Self, RuleError> {
        if name.len() > NAME_BYTES_MAX {
            return Err(RuleError::new(
                format!("a name of {} bytes; MQTT has none above {NAME_BYTES_MAX}", name.len()),
                "shorten it",
            ));
        }
        Ok(Self::Is(name.into()))
    }

    /// `{re, ".."}`.
    pub(crate) fn pattern(pattern: &str) -> Result<Self, RuleError> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(RuleError::new(
                format!(
                    "a regular expression of {} bytes; at most {PATTERN_BYTES_MAX} are allowed",
                    pattern.len()
                ),
                "split it into several rules, or use `{'or', [..]}`",
            ));
        }
        // Erlang and JSON read "\d" and "\b" as the characters DEL and BS: the rule would never match.
        if pattern.contains(['\u{7f}', '\u{8}']) {
            return Err(RuleError::new(
                format!(
                    "the regular expression {} contains a control character",
                    quoted(pattern)
                ),
                "within quotes a backslash is written twice: \"^\\\\d+$\"",
            ));
        }
        RegexBuilder::new(pattern)
            .unicode(false)
            .size_limit(PROGRAM_BYTES_MAX)
            .dfa_size_limit(CACHE_BYTES_MAX)
            .nest_limit(NESTING_MAX)
            .build()
            .map(|regex| Self::Matches(Box::new(regex)))
            .map_err(|error| pattern_error(pattern, &error))
    }

    /// Whether `name` is meant. `if_too_long` is the answer for a name that is too long to be looked at: a deny
    /// rule says yes, an allow rule no.
    pub(crate) fn holds(&self, name: &str, if_too_long: bool) -> bool {
        match self {
            Self::Is(expected) => **expected == *name,
            Self::Matches(_) if name.len() > MATCHED_BYTES_MAX => if_too_long,
            Self::Matches(regex) => regex.is_match(name.as_bytes()),
        }
    }

    pub(crate) fn is_pattern(&self) -> bool {
        matches!(self, Self::Matches(_))
    }
}

fn pattern_error(pattern: &str, error: &regex::Error) -> RuleError {
    let reason = match error {
        regex::Error::CompiledTooBig(_) => "it would take too much memory".to_owned(),
        // Several lines, the last of which says it.
        other => {
            let text = other.to_string();
            let line = text.lines().last().unwrap_or_default();
            line.trim_start_matches("error: ").to_owned()
        }
    };
    RuleError::new(
        format!("the regular expression {} cannot be used: {reason}", quoted(pattern)),
        "what needs more than linear time (look-around, back-references) is not supported; write it with \
         alternatives, or name the clients",
    )
}

impl PartialEq for NameTest {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(a), Self::Is(b)) => a == b,
            (Self::Matches(a), Self::Matches(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl Eq for NameTest {}

impl fmt::Display for NameTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(name) => Quoted(name).fmt(f),
            Self::Matches(regex) => write!(f, "{{re, {}}}", Quoted(regex.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(pattern: &str, name: &str) -> bool {
        NameTest::pattern(pattern).unwrap().holds(name, false)
    }

    #[test]
    fn an_expression_is_found_anywhere_unless_it_is_anchored() {
        assert!(holds("dash", "my-dashboard"));
        assert!(!holds("^dash", "my-dashboard"));
        assert!(holds("^dashboard$", "dashboard"));
        assert!(!holds("^dashboard$", "dashboard\n"));
    }

    #[test]
    fn digits_and_words_are_ascii() {
        assert!(holds(r"^\d+$", "42"));
        assert!(!holds(r"^\d+$", "٤٢"));
        assert!(!holds(r"^\w$", "ä"));
        assert!(holds("^ä$", "ä"));
    }

    #[test]
    fn a_name_too_long_to_look_at_is_denied_and_not_allowed() {
        let test = NameTest::pattern("^a").unwrap();
        let long = "b".repeat(MATCHED_BYTES_MAX + 1);
        assert!(test.holds(&long, true));
        assert!(!test.holds(&long, false));
        assert!(!test.holds(&long[1..], true));
    }

    #[test]
    fn expressions_without_a_bound_are_refused() {
        for bad in [
            "(",
            "a(?=b)",
            r"(a)\1",
            "a{1000}{1000}{1000}",
            &"(".repeat(2000),
            &"(?:".repeat(300),
        ] {
            let error = NameTest::pattern(bad).unwrap_err();
            assert!(error.message.contains("regular expression"), "{error}");
        }
    }
}
