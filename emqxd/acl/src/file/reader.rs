//! A rule out of its term, and whom it is about.

use super::scope::{actions, topics};
use super::terms::{at, list, text, word, word_or_text, wrong};
use crate::address_range::AddressRange;
use crate::condition::Condition;
use crate::erlang::{Kind, SyntaxError, Term};
use crate::name_test::NameTest;
use crate::rule::Topics;
use crate::{ActionSet, Permission, Rule, RuleError};

/// Regular expressions in one text: each may be tried, and keeps memory.
pub(super) const PATTERNS_MAX: usize = 1024;

const RULE_FORMS: &str = "write `{allow, Who}` or `{allow, Who, Action, [Topic, ...]}`, or the same with `deny`";
const WHO_FORMS: &str = "`all`, `{username, \"..\"}`, `{clientid, \"..\"}`, `{ipaddr, \"..\"}`, `{ipaddrs, [..]}`, \
                         `{client_attr, \"name\", \"..\"}`, `{zone, \"..\"}`, `{listener, \"..\"}`, \
                         `{security_profile, legacy}`, `{'and', [..]}` or `{'or', [..]}`";

/// Turns terms into rules, and counts what is bounded over the whole text.
#[derive(Default)]
pub(super) struct Reader {
    patterns: usize,
}

impl Reader {
    pub(super) fn rule(&mut self, term: &Term) -> Result<Rule, SyntaxError> {
        let Kind::Tuple(parts) = &term.kind else {
            return Err(wrong(term, "a rule in braces", RULE_FORMS));
        };
        let (permission, condition, actions, topics) = match &**parts {
            [permission, who] => (permission, who, ActionSet::ALL, Topics::All),
            [permission, who, action, about] => (permission, who, actions(action)?, topics(about)?),
            _ => return Err(wrong(term, "a rule of two or four parts", RULE_FORMS)),
        };
        let permission = word(permission)
            .ok_or_else(|| wrong(permission, "`allow` or `deny`", RULE_FORMS))?
            .parse::<Permission>()
            .map_err(at(permission))?;
        let condition = self.condition(condition)?;
        Ok(Rule::made(permission, condition, actions, topics).at_line(term.at.line))
    }

    /// As deep as brackets may go: see `erlang/term.rs`.
    fn condition(&mut self, term: &Term) -> Result<Condition, SyntaxError> {
        let unknown = || wrong(term, "whom the rule is about", &format!("write {WHO_FORMS}"));
        let parts = match &term.kind {
            Kind::Atom(word) if word == "all" => return Ok(Condition::Everybody),
            Kind::Tuple(parts) => parts,
            _ => return Err(unknown()),
        };
        let Some((kind, rest)) = parts.split_first() else {
            return Err(unknown());
        };
        let kind = word(kind).ok_or_else(|| wrong(kind, "a word", &format!("write {WHO_FORMS}")))?;
        match (kind, rest) {
            // EMQX 4's other ways to say everybody.
            ("user" | "client", [all]) if word(all) == Some("all") => Ok(Condition::Everybody),
            ("user" | "username", [name]) => self.name_test(name).map(Condition::Username),
            ("client" | "clientid", [name]) => self.name_test(name).map(Condition::ClientId),
            ("ipaddr" | "ipaddress", [one]) => Ok(Condition::Addresses([address(one)?].into())),
            ("ipaddrs" | "ipaddresses", [all]) => {
                let addresses: Result<_, _> = list(all, "a list of addresses")?.iter().map(address).collect();
                addresses.map(Condition::Addresses)
            }
            ("client_attr", [name, test]) => {
                let name = word_or_text(name, "the name of an attribute")?.into();
                Ok(Condition::Attribute(name, self.name_test(test)?))
            }
            ("zone", [name]) => self.word_or_name_test(name).map(Condition::Zone),
            ("listener", [name]) => self.word_or_name_test(name).map(Condition::Listener),
            ("security_profile", [name]) => word_or_text(name, "a security profile")?
                .parse()
                .map(Condition::Profile)
                .map_err(at(name)),
            ("and", [all]) => match self.conditions(all)? {
                // Erlang's `all` over nothing is true: everybody, which nobody means.
                empty if empty.is_empty() => {
                    let error = RuleError::new("`'and'` of nothing would be everybody", "name at least one condition");
                    Err(at(all)(error))
                }
                conditions => Ok(Condition::AllOf(conditions)),
            },
            ("or", [all]) => self.conditions(all).map(Condition::AnyOf),
            _ => Err(unknown_condition(term, kind, rest.len())),
        }
    }

    fn conditions(&mut self, term: &Term) -> Result<Box<[Condition]>, SyntaxError> {
        list(term, "a list of conditions")?
            .iter()
            .map(|part| self.condition(part))
            .collect()
    }

    /// A name, or `{re, ".."}`.
    fn name_test(&mut self, term: &Term) -> Result<NameTest, SyntaxError> {
        const HINT: &str = "write the name in double quotes, or `{re, \"^..$\"}` for a regular expression";
        match &term.kind {
            Kind::Text(name) => NameTest::name(name).map_err(at(term)),
            Kind::Tuple(parts) => match &**parts {
                [kind, pattern] if word(kind) == Some("re") => {
                    let text = text(pattern).ok_or_else(|| wrong(pattern, "a regular expression", HINT))?;
                    self.patterns += 1;
                    if self.patterns > PATTERNS_MAX {
                        let message = format!("more than {PATTERNS_MAX} regular expressions");
                        return Err(at(pattern)(RuleError::new(
                            message,
                            "join some with `|`, or name the clients",
                        )));
                    }
                    NameTest::pattern(text).map_err(at(pattern))
                }
                _ => Err(wrong(term, "a name", HINT)),
            },
            _ => Err(wrong(term, "a name", HINT)),
        }
    }

    /// Zones and listeners are atoms in EMQX.
    fn word_or_name_test(&mut self, term: &Term) -> Result<NameTest, SyntaxError> {
        match &term.kind {
            Kind::Atom(name) => NameTest::name(name).map_err(at(term)),
            _ => self.name_test(term),
        }
    }
}

fn unknown_condition(term: &Term, kind: &str, parts: usize) -> SyntaxError {
    const KNOWN: [&str; 14] = [
        "user",
        "username",
        "client",
        "clientid",
        "ipaddr",
        "ipaddress",
        "ipaddrs",
        "ipaddresses",
        "client_attr",
        "zone",
        "listener",
        "security_profile",
        "and",
        "or",
    ];
    let message = if KNOWN.contains(&kind) {
        format!("`{kind}` does not take {parts} values")
    } else {
        RuleError::expected("whom the rule is about", kind).message
    };
    at(term)(RuleError::new(message, format!("write {WHO_FORMS}")))
}

fn address(term: &Term) -> Result<AddressRange, SyntaxError> {
    text(term)
        .ok_or_else(|| wrong(term, "an address", "write it in double quotes: \"10.0.0.0/8\""))?
        .parse()
        .map_err(at(term))
}
