//! One rule: whom it is about, what they want to do, to which topics, and whether they may.
//!
//! Made by `file.rs` and `json.rs`, or with [`Rule::new`] where a database holds the parts. [`Rule`] prints as the
//! Erlang term that makes it, in EMQX 5's words; `authz show` and `why` use that.

use std::fmt::{self, Display};
use std::str::FromStr;

use crate::action_set::ActionSet;
use crate::condition::{Condition, separated};
use crate::question::{Action, Permission, SecurityProfile, Who};
use crate::topic_pattern::{AskedTopic, TopicPattern};
use crate::{ParseError, RuleError, file};

/// One rule. Two rules are equal if they say the same, wherever they stand.
#[derive(Debug, Clone)]
pub struct Rule {
    permission: Permission,
    condition: Condition,
    actions: ActionSet,
    topics: Topics,
    /// Ask about the topic first.
    is_costly: bool,
    line: Option<u32>,
}

/// Which topics a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Topics {
    /// All there are, those that begin with `$` too.
    All,
    /// Those that match one of these.
    Listed(Box<[TopicPattern]>),
}

/// A question, prepared once for all rules.
pub(crate) struct Asked<'q> {
    /// Its address is in canonical form.
    who: Who<'q>,
    actions: ActionSet,
    topic: AskedTopic<'q>,
    profile: SecurityProfile,
}

impl Rule {
    /// A rule for everybody about one topic of a rule: a filter with placeholders, or `eq ...`.
    ///
    /// # Errors
    /// If `topic` is neither.
    pub fn new(permission: Permission, actions: ActionSet, topic: &str) -> Result<Self, RuleError> {
        let topics = Topics::Listed([TopicPattern::parse(topic)?].into());
        Ok(Self::made(permission, Condition::Everybody, actions, topics))
    }

    pub(crate) fn made(permission: Permission, condition: Condition, actions: ActionSet, topics: Topics) -> Self {
        Self {
            is_costly: condition.is_costly(),
            permission,
            condition,
            actions,
            topics,
            line: None,
        }
    }

    pub(crate) fn at_line(self, line: u32) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    /// What it says of what it is about.
    pub fn permission(&self) -> Permission {
        self.permission
    }

    /// Which actions it is about.
    pub fn actions(&self) -> ActionSet {
        self.actions
    }

    /// Its line in the file that it comes from.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// Whether it looks at attributes of the client ([`Who::attributes`]): where clients have none it never matches.
    pub fn needs_attributes(&self) -> bool {
        let in_topics = match &self.topics {
            Topics::All => false,
            Topics::Listed(patterns) => patterns.iter().any(TopicPattern::needs_attributes),
        };
        in_topics || self.condition.needs_attributes()
    }

    /// Whether it is about what is asked.
    #[inline]
    pub(crate) fn matches(&self, asked: &Asked<'_>) -> bool {
        if !self.actions.has(asked.actions) {
            return false;
        }
        if !self.is_costly && !self.is_about_client(asked) {
            return false;
        }
        self.is_about_topic(asked) && (!self.is_costly || self.is_about_client(asked))
    }

    /// Whether some client's request among `actions` may be its concern on a node with this profile.
    pub(crate) fn may_concern(&self, actions: ActionSet, profile: SecurityProfile) -> bool {
        self.actions.has(actions) && self.condition.for_everybody(profile) != Some(false)
    }

    /// Whether every request among `actions` is its concern, whoever makes it and whatever its topic.
    pub(crate) fn concerns_all(&self, actions: ActionSet, profile: SecurityProfile) -> bool {
        self.actions.has_all(actions)
            && self.topics == Topics::All
            && self.condition.for_everybody(profile) == Some(true)
    }

    fn is_about_client(&self, asked: &Asked<'_>) -> bool {
        let if_too_long = self.permission == Permission::Deny;
        self.condition.holds(&asked.who, asked.profile, if_too_long)
    }

    fn is_about_topic(&self, asked: &Asked<'_>) -> bool {
        match &self.topics {
            Topics::All => true,
            Topics::Listed(patterns) => patterns
                .iter()
                .any(|pattern| pattern.is_about(&asked.who, asked.topic, self.permission)),
        }
    }
}

impl<'q> Asked<'q> {
    pub(crate) fn new(who: &Who<'q>, action: &Action<'q>, profile: SecurityProfile) -> Self {
        let topic = match *action {
            Action::Publish { topic, .. } => AskedTopic {
                text: topic,
                has_wildcard: false,
            },
            Action::Subscribe { filter, .. } => AskedTopic {
                text: filter,
                has_wildcard: filter.bytes().any(|byte| matches!(byte, b'+' | b'#')),
            },
        };
        Self {
            who: Who {
                address: who.address.to_canonical(),
                ..*who
            },
            actions: ActionSet::of(action),
            topic,
            profile,
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.permission == other.permission
            && self.condition == other.condition
            && self.actions == other.actions
            && self.topics == other.topics
    }
}

impl Eq for Rule {}

/// The Erlang term without its full stop: `{allow, {username, "dashboard"}, subscribe, ["$SYS/#"]}`.
impl Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}, {}", self.permission, self.condition)?;
        match &self.topics {
            Topics::All if self.actions == ActionSet::ALL => {}
            Topics::All => write!(f, ", {}, all", self.actions)?,
            Topics::Listed(patterns) => {
                write!(f, ", {}, [", self.actions)?;
                separated(f, patterns, |f, pattern| pattern.fmt(f))?;
                f.write_str("]")?;
            }
        }
        f.write_str("}")
    }
}

/// Reads one rule, with or without its full stop.
impl FromStr for Rule {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        file::parse_rule(text)
    }
}
