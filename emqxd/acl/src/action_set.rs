//! Which actions a rule is about: publish, subscribe or both, of which QoS, retained or not.
//!
//! Kept as nine bits, one for each kind of request there is, so that a rule is passed over by one `and`.

use std::fmt;
use std::str::FromStr;

use crate::RuleError;
use crate::question::Action;

/// Highest QoS there is.
const QOS_MAX: u8 = 2;
/// QoS 0 to 2 of one kind of request.
const QOS_ANY: u16 = 0b111;
/// Where the bits of each kind begin; within a kind one bit for each QoS.
const PLAIN_AT: u32 = 0;
const RETAINED_AT: u32 = 3;
const SUBSCRIBE_AT: u32 = 6;

/// Which actions a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ActionSet(u16);

impl ActionSet {
    /// Every PUBLISH.
    pub const PUBLISH: Self = Self((QOS_ANY << PLAIN_AT) | (QOS_ANY << RETAINED_AT));
    /// Every SUBSCRIBE.
    pub const SUBSCRIBE: Self = Self(QOS_ANY << SUBSCRIBE_AT);
    /// Everything.
    pub const ALL: Self = Self(Self::PUBLISH.0 | Self::SUBSCRIBE.0);

    /// Only those of these QoS.
    ///
    /// # Errors
    /// None given, or one that does not exist.
    pub fn with_qos(self, allowed: &[u8]) -> Result<Self, RuleError> {
        let mut bits = 0;
        for &qos in allowed {
            if qos > QOS_MAX {
                return Err(RuleError::expected("a QoS of 0, 1 or 2", &qos.to_string()));
            }
            bits |= 1 << qos;
        }
        if bits == 0 {
            return Err(RuleError::new(
                "no QoS is given: the rule would never match",
                "name at least one of 0, 1 and 2, or leave `qos` out for all",
            ));
        }
        Ok(Self(
            self.0 & ((bits << PLAIN_AT) | (bits << RETAINED_AT) | (bits << SUBSCRIBE_AT)),
        ))
    }

    /// Of PUBLISH only those with (`true`) or without RETAIN; SUBSCRIBE has no such flag and stays as it is.
    #[must_use]
    pub const fn with_retain(self, retain: bool) -> Self {
        let refused = if retain { PLAIN_AT } else { RETAINED_AT };
        Self(self.0 & !(QOS_ANY << refused))
    }

    /// The set that holds just this request.
    pub(crate) fn of(action: &Action<'_>) -> Self {
        let (at, qos) = match *action {
            Action::Publish { qos, retain: true, .. } => (RETAINED_AT, qos),
            Action::Publish { qos, .. } => (PLAIN_AT, qos),
            Action::Subscribe { qos, .. } => (SUBSCRIBE_AT, qos),
        };
        Self(1 << (at + u32::from(qos.min(QOS_MAX))))
    }

    #[inline]
    pub(crate) const fn has(self, request: Self) -> bool {
        self.0 & request.0 != 0
    }

    pub(crate) const fn has_all(self, requests: Self) -> bool {
        self.0 & requests.0 == requests.0
    }

    pub(crate) fn may_publish(self) -> bool {
        self.has(Self::PUBLISH)
    }

    /// Bit n: QoS n.
    fn qos_bits(self) -> u16 {
        ((self.0 >> PLAIN_AT) | (self.0 >> RETAINED_AT) | (self.0 >> SUBSCRIBE_AT)) & QOS_ANY
    }

    /// `None`: with and without.
    fn retain(self) -> Option<bool> {
        let plain = (self.0 >> PLAIN_AT) & QOS_ANY != 0;
        let retained = (self.0 >> RETAINED_AT) & QOS_ANY != 0;
        (plain != retained).then_some(retained)
    }
}

/// EMQX 5's words, and those of EMQX 4 beside them.
impl FromStr for ActionSet {
    type Err = RuleError;

    fn from_str(word: &str) -> Result<Self, RuleError> {
        match word {
            "publish" | "pub" => Ok(Self::PUBLISH),
            "subscribe" | "sub" => Ok(Self::SUBSCRIBE),
            "all" | "pubsub" => Ok(Self::ALL),
            other => Err(RuleError::expected("`publish`, `subscribe` or `all`", other)),
        }
    }
}

/// The Erlang term: `publish`, or `{publish, [{qos, 1}, {retain, true}]}`.
impl fmt::Display for ActionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.may_publish(), self.has(Self::SUBSCRIBE)) {
            (true, true) => "all",
            (true, false) => "publish",
            (false, _) => "subscribe",
        };
        let qos = self.qos_bits();
        let retain = self.retain();
        if qos == QOS_ANY && retain.is_none() {
            return f.write_str(word);
        }
        write!(f, "{{{word}, [")?;
        if qos != QOS_ANY {
            let levels: Vec<_> = (0..=QOS_MAX)
                .filter(|level| qos & (1 << level) != 0)
                .map(|level| level.to_string())
                .collect();
            match &*levels {
                [one] => write!(f, "{{qos, {one}}}")?,
                many => write!(f, "{{qos, [{}]}}", many.join(", "))?,
            }
        }
        if let Some(retain) = retain {
            let separator = if qos == QOS_ANY { "" } else { ", " };
            write!(f, "{separator}{{retain, {retain}}}")?;
        }
        f.write_str("]}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(qos: u8, retain: bool) -> ActionSet {
        ActionSet::of(&Action::Publish {
            topic: "t",
            qos,
            retain,
        })
    }

    fn subscribe(qos: u8) -> ActionSet {
        ActionSet::of(&Action::Subscribe { filter: "t", qos })
    }

    #[test]
    fn options_narrow_what_a_rule_is_about() {
        let set = ActionSet::ALL.with_qos(&[0, 2]).unwrap().with_retain(true);
        for qos in 0..=2 {
            assert!(!set.has(publish(qos, false)));
            assert_eq!(set.has(publish(qos, true)), qos != 1);
            assert_eq!(set.has(subscribe(qos)), qos != 1);
        }
        assert!(!ActionSet::SUBSCRIBE.has(publish(0, false)));
        assert!(!ActionSet::PUBLISH.has(subscribe(0)));
    }

    #[test]
    fn a_set_prints_as_the_term_that_makes_it() {
        for (set, term) in [
            (ActionSet::ALL, "all"),
            (ActionSet::PUBLISH, "publish"),
            (ActionSet::SUBSCRIBE, "subscribe"),
            (ActionSet::PUBLISH.with_qos(&[1]).unwrap(), "{publish, [{qos, 1}]}"),
            (
                ActionSet::SUBSCRIBE.with_qos(&[2, 0]).unwrap(),
                "{subscribe, [{qos, [0, 2]}]}",
            ),
            (ActionSet::ALL.with_retain(false), "{all, [{retain, false}]}"),
            (
                ActionSet::PUBLISH.with_qos(&[0]).unwrap().with_retain(true),
                "{publish, [{qos, 0}, {retain, true}]}",
            ),
        ] {
            assert_eq!(set.to_string(), term);
        }
    }

    #[test]
    fn a_qos_that_does_not_exist_is_an_error() {
        assert!(ActionSet::ALL.with_qos(&[3]).is_err());
        assert!(ActionSet::ALL.with_qos(&[]).is_err());
    }
}
