//! Rules about topics as the store keeps them: EMQX's `built_in_database` of authorisation.
//!
//! By whom they are for: a client id, a user name, or everybody. Within that in the order in which they were added,
//! and asked in it. A rule that this version cannot read refuses everything to those whom it is for: nobody knows
//! what it was to forbid.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use emqx_acl::{Action, Decision, Permission, RuleSet, Who};
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::authz::rules_from_json;

/// Client ids and user names with rules of their own.
pub const HOLDERS_MAX: usize = 100_000;
/// Rules of one of them; EMQX's `max_rules`.
pub const RULES_MAX: usize = 100;
/// Longest topic, name of a client or user.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// For whom rules are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleHolder {
    /// The client of this id.
    Clientid(String),
    /// The clients of this user.
    Username(String),
    /// Everybody.
    All,
}

impl fmt::Display for RuleHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clientid(name) => write!(f, "client id {name}"),
            Self::Username(name) => write!(f, "user {name}"),
            Self::All => f.write_str("all clients"),
        }
    }
}

/// One rule, as EMQX's HTTP API writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRule {
    /// `allow` or `deny`.
    pub permission: String,
    /// `publish`, `subscribe` or `all`.
    pub action: String,
    /// A filter; `eq ` in front compares it literally.
    pub topic: String,
    /// QoS it is about; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qos: Vec<u8>,
    /// RETAIN it is about; with and without if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain: Option<bool>,
}

impl AccessRule {
    fn as_json(&self) -> serde_json::Value {
        let mut object = serde_json::json!({
            "permission": self.permission,
            "action": self.action,
            "topic": self.topic,
        });
        if !self.qos.is_empty() {
            object["qos"] = serde_json::json!(self.qos);
        }
        if let Some(retain) = self.retain {
            object["retain"] = serde_json::json!(retain);
        }
        object
    }
}

/// The rules of one client id, of one user, or of everybody.
#[derive(Debug, Clone)]
pub struct HolderRules {
    holder: RuleHolder,
    rules: Vec<AccessRule>,
    /// `None`: this version cannot read them.
    compiled: Option<RuleSet>,
}

/// A row of the store, and of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRules {
    /// For whom they are.
    pub holder: RuleHolder,
    /// In order.
    pub rules: Vec<AccessRule>,
}

impl HolderRules {
    fn new(holder: RuleHolder, rules: Vec<AccessRule>) -> Result<Self, emqx_acl::RuleError> {
        let compiled = compile(&rules)?;
        Ok(Self {
            holder,
            rules,
            compiled: Some(compiled),
        })
    }

    /// For whom they are.
    pub fn holder(&self) -> &RuleHolder {
        &self.holder
    }

    /// In order.
    pub fn rules(&self) -> &[AccessRule] {
        &self.rules
    }

    /// What the first rule that matches says.
    pub fn decide(&self, who: &Who<'_>, action: &Action<'_>) -> Option<Decision> {
        match &self.compiled {
            Some(rules) => rules.decide(who, action),
            None => Some(Decision {
                permission: Permission::Deny,
                rule: 1,
                line: None,
            }),
        }
    }

    /// A rule as it would stand in an `acl.conf`.
    pub fn text_of(&self, number: usize) -> Option<String> {
        self.compiled.as_ref()?.rule(number).map(ToString::to_string)
    }

    /// As the store and an export keep them.
    pub fn stored(&self) -> StoredRules {
        StoredRules {
            holder: self.holder.clone(),
            rules: self.rules.clone(),
        }
    }
}

fn compile(rules: &[AccessRule]) -> Result<RuleSet, emqx_acl::RuleError> {
    let rules = rules.iter().map(AccessRule::as_json).collect();
    rules_from_json(&serde_json::Value::Array(rules))
}

/// All rules of the store.
#[derive(Debug, Clone, Default)]
pub struct AccessRules {
    clientids: Arc<BTreeMap<String, Arc<HolderRules>>>,
    usernames: Arc<BTreeMap<String, Arc<HolderRules>>>,
    all: Option<Arc<HolderRules>>,
}

impl AccessRules {
    /// Whether these are the same, not only alike.
    pub fn is_same(&self, other: &Self) -> bool {
        let all = match (&self.all, &other.all) {
            (Some(these), Some(those)) => Arc::ptr_eq(these, those),
            (None, None) => true,
            _ => false,
        };
        all && Arc::ptr_eq(&self.clientids, &other.clientids) && Arc::ptr_eq(&self.usernames, &other.usernames)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Client ids and users that have rules, and one for everybody's.
    pub fn len(&self) -> usize {
        self.clientids.len() + self.usernames.len() + usize::from(self.all.is_some())
    }

    /// Rules of a client id.
    pub fn of_client_id(&self, client_id: &str) -> Option<&HolderRules> {
        self.clientids.get(client_id).map(|rules| &**rules)
    }

    /// Rules of a user.
    pub fn of_username(&self, username: &str) -> Option<&HolderRules> {
        self.usernames.get(username).map(|rules| &**rules)
    }

    /// Rules of whomever.
    pub fn get(&self, holder: &RuleHolder) -> Option<&HolderRules> {
        match holder {
            RuleHolder::Clientid(name) => self.of_client_id(name),
            RuleHolder::Username(name) => self.of_username(name),
            RuleHolder::All => self.all.as_deref(),
        }
    }

    /// All of them: client ids, users, everybody.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<HolderRules>> {
        self.clientids.values().chain(self.usernames.values()).chain(&self.all)
    }

    /// Adds a rule behind those that are there.
    pub(super) fn add(&mut self, holder: &RuleHolder, rule: &AccessRule) -> Result<(), Refusal> {
        check_text(holder, rule)?;
        let known = self.get(holder);
        if known.is_none() && self.len() >= HOLDERS_MAX {
            return Err(Refusal::TooManyAccessRules { limit: HOLDERS_MAX });
        }
        let mut rules = known.map(|known| known.rules.clone()).unwrap_or_default();
        if rules.len() >= RULES_MAX {
            return Err(Refusal::TooManyAccessRules { limit: RULES_MAX });
        }
        if rules.contains(rule) {
            return Err(Refusal::AccessRuleExists);
        }
        rules.push(rule.clone());
        let compiled = HolderRules::new(holder.clone(), rules);
        let rules = compiled.map_err(|error| Refusal::BadAccessRule(format!("{error}; {}", error.hint)))?;
        self.put(rules);
        Ok(())
    }

    /// Puts all rules of somebody in the place of those that are there.
    pub(super) fn replace(&mut self, row: &StoredRules) -> Result<(), Refusal> {
        let StoredRules { holder, rules } = row;
        if rules.is_empty() {
            return Err(Refusal::BadAccessRule(format!("{holder}: there is no rule")));
        }
        if rules.len() > RULES_MAX {
            return Err(Refusal::TooManyAccessRules { limit: RULES_MAX });
        }
        for rule in rules {
            check_text(holder, rule)?;
        }
        if self.get(holder).is_none() && self.len() >= HOLDERS_MAX {
            return Err(Refusal::TooManyAccessRules { limit: HOLDERS_MAX });
        }
        let compiled = HolderRules::new(holder.clone(), rules.clone());
        let rules = compiled.map_err(|error| Refusal::BadAccessRule(format!("{error}; {}", error.hint)))?;
        self.put(rules);
        Ok(())
    }

    /// Takes out the rules for a topic, or all of them; how many.
    pub(super) fn remove(&mut self, holder: &RuleHolder, topic: Option<&str>) -> Result<usize, Refusal> {
        let known = self.get(holder).ok_or(Refusal::NoSuchAccessRule)?;
        let is_kept = |rule: &&AccessRule| topic.is_some_and(|topic| rule.topic != topic);
        let kept: Vec<AccessRule> = known.rules.iter().filter(is_kept).cloned().collect();
        let removed = known.rules.len() - kept.len();
        if removed == 0 {
            return Err(Refusal::NoSuchAccessRule);
        }
        if kept.is_empty() {
            self.forget(holder);
            return Ok(removed);
        }
        let rules = HolderRules::new(holder.clone(), kept);
        self.put(rules.map_err(|error| Refusal::BadAccessRule(error.to_string()))?);
        Ok(removed)
    }

    /// Takes in a row of the store.
    pub(super) fn load(&mut self, stored: StoredRules) {
        let StoredRules { holder, rules } = stored;
        let compiled = compile(&rules);
        if let Err(error) = &compiled {
            tracing::error!(
                of = %holder,
                reason = %error,
                next = "delete them and add them anew: emqx-ctl authz rules",
                "access_rules_not_usable"
            );
        }
        self.put(HolderRules {
            holder,
            rules,
            compiled: compiled.ok(),
        });
    }

    fn put(&mut self, rules: HolderRules) {
        let holder = rules.holder.clone();
        let rules = Arc::new(rules);
        match holder {
            RuleHolder::Clientid(name) => drop(Arc::make_mut(&mut self.clientids).insert(name, rules)),
            RuleHolder::Username(name) => drop(Arc::make_mut(&mut self.usernames).insert(name, rules)),
            RuleHolder::All => self.all = Some(rules),
        }
    }

    fn forget(&mut self, holder: &RuleHolder) {
        match holder {
            RuleHolder::Clientid(name) => drop(Arc::make_mut(&mut self.clientids).remove(name)),
            RuleHolder::Username(name) => drop(Arc::make_mut(&mut self.usernames).remove(name)),
            RuleHolder::All => self.all = None,
        }
    }
}

fn check_text(holder: &RuleHolder, rule: &AccessRule) -> Result<(), Refusal> {
    let name = match holder {
        RuleHolder::Clientid(name) | RuleHolder::Username(name) => name.as_str(),
        RuleHolder::All => "all",
    };
    for (what, text) in [("name", name), ("topic", rule.topic.as_str())] {
        if text.is_empty() {
            return Err(Refusal::BadAccessRule(format!("the {what} is empty")));
        }
        if text.len() > TEXT_BYTES_MAX {
            let (length, limit) = (text.len(), TEXT_BYTES_MAX);
            return Err(Refusal::TooLong {
                what: what.into(),
                length,
                limit,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn rule(permission: &str, action: &str, topic: &str) -> AccessRule {
        AccessRule {
            permission: permission.to_owned(),
            action: action.to_owned(),
            topic: topic.to_owned(),
            qos: Vec::new(),
            retain: None,
        }
    }

    fn may_publish(rules: &AccessRules, holder: &RuleHolder, topic: &str) -> Option<Permission> {
        let who = Who {
            client_id: "c1",
            username: Some("u1"),
            address: IpAddr::from([10, 0, 0, 1]),
            common_name: None,
            subject: None,
            zone: "default",
            listener: "tcp:default",
            attributes: &[],
        };
        let action = Action::Publish {
            topic,
            qos: 0,
            retain: false,
        };
        let decision = rules.get(holder)?.decide(&who, &action)?;
        Some(decision.permission)
    }

    #[test]
    fn rules_are_asked_in_the_order_in_which_they_were_added() {
        let mut rules = AccessRules::default();
        let holder = RuleHolder::Clientid("c1".to_owned());
        rules.add(&holder, &rule("deny", "publish", "a/secret")).unwrap();
        rules.add(&holder, &rule("allow", "all", "a/#")).unwrap();
        assert_eq!(may_publish(&rules, &holder, "a/secret"), Some(Permission::Deny));
        assert_eq!(may_publish(&rules, &holder, "a/b"), Some(Permission::Allow));
        assert_eq!(may_publish(&rules, &holder, "b"), None);
        assert_eq!(rules.remove(&holder, Some("a/secret")), Ok(1));
        assert_eq!(may_publish(&rules, &holder, "a/secret"), Some(Permission::Allow));
        assert_eq!(rules.remove(&holder, None), Ok(1));
        assert!(rules.is_empty());
        assert_eq!(rules.remove(&holder, None), Err(Refusal::NoSuchAccessRule));
    }

    #[test]
    fn an_imported_row_replaces_all_rules_of_its_holder_or_none() {
        let mut rules = AccessRules::default();
        let holder = RuleHolder::Username("u1".to_owned());
        rules.add(&holder, &rule("allow", "all", "a")).unwrap();
        let row = |rules| StoredRules {
            holder: holder.clone(),
            rules,
        };
        let deny_first = vec![rule("deny", "publish", "b"), rule("allow", "publish", "#")];
        rules.replace(&row(deny_first.clone())).unwrap();
        assert_eq!(rules.get(&holder).unwrap().stored(), row(deny_first));
        assert_eq!(may_publish(&rules, &holder, "b"), Some(Permission::Deny));
        for wrong in [
            Vec::new(),
            vec![rule("allow", "all", "a"), rule("allow", "all", "a/#/b")],
            vec![rule("allow", "all", "a"); RULES_MAX + 1],
        ] {
            assert!(rules.replace(&row(wrong)).is_err());
        }
        assert_eq!(may_publish(&rules, &holder, "b"), Some(Permission::Deny));
    }

    #[test]
    fn what_is_no_rule_is_refused_with_the_reason() {
        let mut rules = AccessRules::default();
        for wrong in [
            rule("permit", "publish", "a"),
            rule("allow", "write", "a"),
            rule("allow", "publish", ""),
            rule("allow", "publish", "a/#/b"),
        ] {
            let refused = rules.add(&RuleHolder::All, &wrong);
            assert!(
                matches!(refused, Err(Refusal::BadAccessRule(_))),
                "{wrong:?}: {refused:?}"
            );
        }
        assert!(rules.is_empty());
    }

    #[test]
    fn a_rule_that_cannot_be_read_any_more_refuses_everything() {
        let mut rules = AccessRules::default();
        rules.load(StoredRules {
            holder: RuleHolder::All,
            rules: vec![rule("allow", "from_the_future", "a")],
        });
        assert_eq!(may_publish(&rules, &RuleHolder::All, "a"), Some(Permission::Deny));
    }

    #[test]
    fn the_number_of_rules_is_bounded() {
        let mut rules = AccessRules::default();
        let holder = RuleHolder::Username("u1".to_owned());
        for number in 0..RULES_MAX {
            rules
                .add(&holder, &rule("allow", "all", &format!("t/{number}")))
                .unwrap();
        }
        let refused = rules.add(&holder, &rule("allow", "all", "t/x"));
        assert_eq!(refused, Err(Refusal::TooManyAccessRules { limit: RULES_MAX }));
        assert_eq!(rules.add(&RuleHolder::All, &rule("allow", "all", "t")), Ok(()));
        assert_eq!(
            rules.add(&RuleHolder::All, &rule("allow", "all", "t")),
            Err(Refusal::AccessRuleExists)
        );
    }

    #[test]
    fn rules_are_there_again_after_a_restart() {
        use super::super::{Command, ReplicatedState};
        let folder = tempfile::tempdir().unwrap();
        let open = || ReplicatedState::open(folder.path(), "emqx@127.0.0.1").unwrap();
        let holders = [
            RuleHolder::Clientid("c1".to_owned()),
            RuleHolder::Username("u1".to_owned()),
            RuleHolder::All,
        ];
        let state = open();
        for holder in holders.clone() {
            let rule = rule("deny", "publish", "a");
            state.apply_blocking(Command::AddAccessRule { holder, rule }).unwrap();
        }
        let (holder, topic) = (holders[1].clone(), None);
        let command = Command::DeleteAccessRules { holder, topic };
        assert_eq!(state.apply_blocking(command).unwrap().rows, 1);
        drop(state);
        let rules = open().facts().access_rules.clone();
        let found = holders.each_ref().map(|holder| may_publish(&rules, holder, "a"));
        assert_eq!(found, [Some(Permission::Deny), None, Some(Permission::Deny)]);
    }
}
