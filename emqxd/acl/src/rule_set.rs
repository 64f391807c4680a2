//! Rules in their order, and the question who may do what.
//!
//! Made once from text or JSON, then shared (`Arc<RuleSet>`) by whoever asks; [`RuleSet::decide`] goes through the
//! rules from the top and stops at the first that matches, as EMQX does. It allocates nothing.

use std::fmt;

use crate::question::{Action, Permission, SecurityProfile, Who};
use crate::rule::Asked;
use crate::{ActionSet, ParseError, Rule, RuleError, file, json};

/// Rules in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleSet {
    rules: Box<[Rule]>,
    profile: SecurityProfile,
}

/// What the first rule that matches says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What it says.
    pub permission: Permission,
    /// Its number in the set, from 1.
    pub rule: usize,
    /// Its line in the file, from 1; `None` if the rules are not from a file.
    pub line: Option<u32>,
}

impl RuleSet {
    /// Reads the text of an `acl.conf`. A text without rules is a set without rules: what that means is the
    /// caller's to decide (`no_match`), and worth a warning.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place. Nothing of such a text is used.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        file::parse(text).map(Self::from_rules)
    }

    /// Reads rules in JSON: a list of objects or one object with `permission` (EMQX 5: `acl` claim, built-in
    /// database), or `{"pub": [..], "sub": [..], "all": [..]}` (the older form of the claim, which allows what it
    /// lists and denies the rest: its last rule is `{deny, all}`).
    ///
    /// # Errors
    /// The first thing that is wrong. A key that is not known is an error: it might be a condition.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, RuleError> {
        json::rules(value).map(Self::from_rules)
    }

    /// Takes rules in the order in which they are to be tried.
    pub fn from_rules(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self {
            rules: rules.into_iter().collect(),
            profile: SecurityProfile::default(),
        }
    }

    /// The same rules on a node with this security profile, for `{security_profile, ..}`.
    #[must_use]
    pub fn with_profile(mut self, profile: SecurityProfile) -> Self {
        self.profile = profile;
        self
    }

    /// What the first rule that matches says; `None` if none does, then `no_match` holds.
    pub fn decide(&self, who: &Who<'_>, action: &Action<'_>) -> Option<Decision> {
        let asked = Asked::new(who, action, self.profile);
        let index = self.rules.iter().position(|rule| rule.matches(&asked))?;
        let rule = &self.rules[index];
        Some(Decision {
            permission: rule.permission(),
            rule: index + 1,
            line: rule.line(),
        })
    }

    /// What the rules say of these requests whoever asks and whatever the topic: `Some(Allow)` if all of them are
    /// allowed, `Some(Deny)` if one of them may be refused, `None` if no rule refuses any and some are left to
    /// whoever is asked next. For those who want to know whether anything need be asked at all.
    pub fn decides_for_all(&self, actions: ActionSet) -> Option<Permission> {
        for rule in self.rules.iter().filter(|rule| rule.may_concern(actions, self.profile)) {
            match rule.permission() {
                Permission::Deny => return Some(Permission::Deny),
                Permission::Allow if rule.concerns_all(actions, self.profile) => return Some(Permission::Allow),
                Permission::Allow => {}
            }
        }
        None
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none, as in an empty file.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule with this number, from 1: the one that a [`Decision`] names.
    pub fn rule(&self, number: usize) -> Option<&Rule> {
        self.rules.get(number.checked_sub(1)?)
    }
}

/// As a file: one rule a line.
impl fmt::Display for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rule in &self.rules {
            writeln!(f, "{rule}.")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DEFAULT_ACL_CONF;

    #[test]
    fn what_holds_for_everybody_is_known_without_asking() {
        for (text, actions, expected) in [
            ("", ActionSet::ALL, None),
            ("{allow, all}.", ActionSet::ALL, Some(Permission::Allow)),
            (
                "{allow, all, publish, all}.",
                ActionSet::PUBLISH,
                Some(Permission::Allow),
            ),
            ("{allow, all, publish, all}.", ActionSet::ALL, None),
            ("{allow, {user, \"u\"}}.", ActionSet::ALL, None),
            ("{allow, all, all, [\"#\"]}.", ActionSet::ALL, None),
            (
                "{deny, {user, \"u\"}}. {allow, all}.",
                ActionSet::PUBLISH,
                Some(Permission::Deny),
            ),
            (
                "{deny, all, {publish, [{qos, 2}]}, all}. {allow, all}.",
                ActionSet::PUBLISH,
                Some(Permission::Deny),
            ),
            (
                "{deny, {security_profile, hardened}}. {allow, all}.",
                ActionSet::ALL,
                Some(Permission::Allow),
            ),
            (DEFAULT_ACL_CONF, ActionSet::PUBLISH, Some(Permission::Allow)),
            (DEFAULT_ACL_CONF, ActionSet::SUBSCRIBE, Some(Permission::Deny)),
        ] {
            let rules = RuleSet::parse(text).unwrap();
            assert_eq!(rules.decides_for_all(actions), expected, "{text} {actions}");
        }
        let rules = RuleSet::parse(DEFAULT_ACL_CONF).unwrap();
        let rules = rules.with_profile(SecurityProfile::Hardened);
        assert_eq!(rules.decides_for_all(ActionSet::PUBLISH), None);
    }

    #[test]
    fn rules_that_look_at_attributes_say_so() {
        let text = r#"{deny, {'or', [{client_attr, "role", "guest"}]}}. {allow, all, all, ["${client_attrs.site}/#"]}.
                      {allow, {user, "u"}, all, ["a"]}. {allow, all}."#;
        let rules = RuleSet::parse(text).unwrap();
        let answers: Vec<_> = rules.rules().map(Rule::needs_attributes).collect();
        assert_eq!(answers, [true, true, false, false]);
    }
}
