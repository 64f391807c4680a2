//! Rules in JSON: the `acl` claim of a token in both its forms, and rules of the built-in database.
//!
//! ```json
//! [{"permission": "allow", "action": "publish", "topic": "a/${clientid}", "qos": [0, 1], "retain": true}]
//! {"pub": ["a"], "sub": ["b/#"], "all": ["c"]}
//! ```
//!
//! A key that is not known is an error rather than passed over: it might be a condition, and the rule wider
//! without it.

use serde_json::{Map, Value};

use crate::address_range::AddressRange;
use crate::condition::Condition;
use crate::error::quoted;
use crate::name_test::NameTest;
use crate::rule::Topics;
use crate::topic_pattern::TopicPattern;
use crate::{ActionSet, Permission, Rule, RuleError};

/// Rules of one token or one database entry.
const RULES_MAX: usize = 4096;
/// Regular expressions among them; whoever signs tokens may make everyone's costly.
const PATTERNS_MAX: usize = 32;
/// Texts, lists and objects below one rule's keys, together.
const TOPICS_MAX: usize = 4096;

const FORMS: &str = "give a list of {\"permission\": \"allow\", \"action\": \"publish\", \"topic\": \"a/b\"}, \
                     or {\"pub\": [..], \"sub\": [..], \"all\": [..]}";

/// Reads rules in any of the forms.
pub(crate) fn rules(value: &Value) -> Result<Vec<Rule>, RuleError> {
    let mut reader = Reader { patterns: 0 };
    match value {
        Value::Array(objects) if objects.len() > RULES_MAX => Err(RuleError::new(
            format!("{} rules; at most {RULES_MAX} are allowed", objects.len()),
            "say more with each: lists of topics, placeholders",
        )),
        Value::Array(objects) => objects
            .iter()
            .enumerate()
            .map(|(index, object)| {
                reader
                    .rule(object)
                    .map_err(|error| error.of(&format!("rule {}", index + 1)))
            })
            .collect(),
        Value::Object(object) if object.contains_key("permission") => reader.rule(value).map(|rule| vec![rule]),
        Value::Object(object) => claim(object),
        other => Err(wrong(other, "rules", FORMS)),
    }
}

/// EMQX 4's claim: what may be done; the rest may not.
fn claim(object: &Map<String, Value>) -> Result<Vec<Rule>, RuleError> {
    let mut rules = Vec::with_capacity(object.len() + 1);
    for (key, value) in object {
        let actions = match &**key {
            "pub" | "publish" => ActionSet::PUBLISH,
            "sub" | "subscribe" => ActionSet::SUBSCRIBE,
            "all" | "pubsub" => ActionSet::ALL,
            other => return Err(RuleError::new(format!("the key {} is not known", quoted(other)), FORMS)),
        };
        let topics = topics(value).map_err(|error| error.of(key))?;
        rules.push(Rule::made(Permission::Allow, Condition::Everybody, actions, topics));
    }
    rules.push(Rule::made(
        Permission::Deny,
        Condition::Everybody,
        ActionSet::ALL,
        Topics::All,
    ));
    Ok(rules)
}

struct Reader {
    patterns: usize,
}

impl Reader {
    fn rule(&mut self, value: &Value) -> Result<Rule, RuleError> {
        let Value::Object(object) = value else {
            return Err(wrong(value, "a rule", FORMS));
        };
        let mut permission = None;
        let mut actions = None;
        let mut about = None;
        let mut qos = None;
        let mut retain = None;
        let mut conditions = Vec::new();
        for (key, value) in object {
            let known = match &**key {
                "permission" => word(value).and_then(str::parse).map(|word| permission = Some(word)),
                "action" => word(value).and_then(str::parse).map(|word| actions = Some(word)),
                "topic" | "topics" if about.is_some() => {
                    Err(RuleError::new("`topic` and `topics` in one rule", "give one of them"))
                }
                "topic" => word(value).and_then(one_topic).map(|topics| about = Some(topics)),
                "topics" => topics(value).map(|topics| about = Some(topics)),
                "qos" => qos_levels(value).map(|levels| qos = Some(levels)),
                "retain" => retain_flag(value).map(|flag| retain = flag),
                condition => self.condition(condition, value).map(|part| conditions.push(part)),
            };
            known.map_err(|error| error.of(key))?;
        }
        let mut actions: ActionSet = actions.ok_or_else(|| missing("action"))?;
        if let Some(levels) = qos {
            actions = actions.with_qos(&levels).map_err(|error| error.of("qos"))?;
        }
        if let Some(flag) = retain {
            actions = actions.with_retain(flag);
        }
        Ok(Rule::made(
            permission.ok_or_else(|| missing("permission"))?,
            together(conditions),
            actions,
            about.ok_or_else(|| missing("topic"))?,
        ))
    }

    fn condition(&mut self, key: &str, value: &Value) -> Result<Condition, RuleError> {
        match key {
            "username" => name(value).map(Condition::Username),
            "clientid" => name(value).map(Condition::ClientId),
            "zone" => name(value).map(Condition::Zone),
            "listener" => name(value).map(Condition::Listener),
            "username_re" => self.pattern(value).map(Condition::Username),
            "clientid_re" => self.pattern(value).map(Condition::ClientId),
            "zone_re" => self.pattern(value).map(Condition::Zone),
            "listener_re" => self.pattern(value).map(Condition::Listener),
            "ipaddr" | "ipaddress" | "ipaddrs" => addresses(value).map(Condition::Addresses),
            _ => Err(RuleError::new(
                "a key that is not known",
                "known are permission, action, topic, topics, qos, retain, ipaddr, username, username_re, clientid, \
                 clientid_re, zone, zone_re, listener, listener_re",
            )),
        }
    }

    fn pattern(&mut self, value: &Value) -> Result<NameTest, RuleError> {
        self.patterns += 1;
        if self.patterns > PATTERNS_MAX {
            return Err(RuleError::new(
                format!("more than {PATTERNS_MAX} regular expressions"),
                "join some with `|`, or name the clients",
            ));
        }
        NameTest::pattern(word(value)?)
    }
}

fn together(mut conditions: Vec<Condition>) -> Condition {
    match conditions.len() {
        0 => Condition::Everybody,
        1 => conditions.swap_remove(0),
        _ => Condition::AllOf(conditions.into()),
    }
}

fn missing(key: &str) -> RuleError {
    RuleError::new(format!("`{key}` is missing"), FORMS)
}

fn wrong(value: &Value, expected: &str, hint: &str) -> RuleError {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(all) => format!("a list of {}", all.len()),
        Value::Object(all) => format!("an object of {}", all.len()),
    };
    RuleError::new(format!("expected {expected}, found {found}"), hint)
}

fn word(value: &Value) -> Result<&str, RuleError> {
    value
        .as_str()
        .ok_or_else(|| wrong(value, "a text", "put it in double quotes"))
}

fn name(value: &Value) -> Result<NameTest, RuleError> {
    NameTest::name(word(value)?)
}

fn one_topic(text: &str) -> Result<Topics, RuleError> {
    Ok(Topics::Listed([TopicPattern::parse(text)?].into()))
}

/// A list of topics, or one.
fn topics(value: &Value) -> Result<Topics, RuleError> {
    match value {
        Value::String(text) => one_topic(text),
        Value::Array(all) if all.len() > TOPICS_MAX => Err(RuleError::new(
            format!("{} topics; at most {TOPICS_MAX} are allowed", all.len()),
            "use wildcards and placeholders",
        )),
        Value::Array(all) => all
            .iter()
            .map(|text| TopicPattern::parse(word(text)?))
            .collect::<Result<_, _>>()
            .map(Topics::Listed),
        other => Err(wrong(other, "a topic or a list of topics", "write [\"a/b\", \"c/#\"]")),
    }
}

fn addresses(value: &Value) -> Result<Box<[AddressRange]>, RuleError> {
    match value {
        Value::Array(all) if all.len() <= TOPICS_MAX => all.iter().map(|text| word(text)?.parse()).collect(),
        other => Ok([word(other)?.parse()?].into()),
    }
}

/// `1`, `[0, 1]`, or, as EMQX's API takes them, `"1"` and `"0,1"`.
fn qos_levels(value: &Value) -> Result<Vec<u8>, RuleError> {
    let one = |value: &Value| {
        let level = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        };
        match level {
            Some(level @ 0..=2) => Ok(level as u8),
            _ => Err(wrong(value, "0, 1 or 2", "write 1 or [0, 1]")),
        }
    };
    match value {
        Value::Array(levels) if levels.len() > 16 => Err(wrong(value, "a few of 0, 1 and 2", "write 1 or [0, 1]")),
        Value::Array(levels) => levels.iter().map(one).collect(),
        Value::String(text) if text.contains(',') => text
            .split(',')
            .map(|level| one(&Value::String(level.to_owned())))
            .collect(),
        other => one(other).map(|level| vec![level]),
    }
}

/// `true`, `false` or `"all"`; `None` for all. Means nothing to SUBSCRIBE, as in EMQX.
fn retain_flag(value: &Value) -> Result<Option<bool>, RuleError> {
    match value {
        Value::Bool(flag) => Ok(Some(*flag)),
        Value::Number(number) if number.as_u64() == Some(0) => Ok(Some(false)),
        Value::Number(number) if number.as_u64() == Some(1) => Ok(Some(true)),
        Value::String(text) => match &**text {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            "all" => Ok(None),
            _ => Err(wrong(value, "true, false or \"all\"", "leave it out for all")),
        },
        other => Err(wrong(other, "true, false or \"all\"", "leave it out for all")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(value: &Value) -> Vec<String> {
        let rules = rules(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        rules.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn objects_are_rules() {
        let value = json!([
            {"permission": "allow", "action": "publish", "topic": "t/${clientid}", "qos": [0, 1], "retain": true},
            {"permission": "deny", "action": "subscribe", "topic": "eq #"},
            {"permission": "allow", "action": "all", "topics": ["a", "b/#"], "qos": "1,2", "retain": "all"},
            {"permission": "allow", "action": "all", "topic": "t", "username_re": "^u", "ipaddr": "10.0.0.0/8"},
            {"permission": "allow", "action": "subscribe", "topic": "t", "clientid": "c", "qos": 2, "retain": false},
        ]);
        assert_eq!(
            printed(&value),
            [
                r#"{allow, all, {publish, [{qos, [0, 1]}, {retain, true}]}, ["t/${clientid}"]}"#,
                r##"{deny, all, subscribe, [{eq, "#"}]}"##,
                r#"{allow, all, {all, [{qos, [1, 2]}]}, ["a", "b/#"]}"#,
                r#"{allow, {'and', [{username, {re, "^u"}}, {ipaddr, "10.0.0.0/8"}]}, all, ["t"]}"#,
                r#"{allow, {clientid, "c"}, {subscribe, [{qos, 2}]}, ["t"]}"#,
            ]
        );
        assert_eq!(printed(&value[1]), [r##"{deny, all, subscribe, [{eq, "#"}]}"##]);
    }

    #[test]
    fn the_older_claim_allows_what_it_lists_and_denies_the_rest() {
        assert_eq!(
            printed(&json!({"pub": ["a/%c"], "sub": "b/#", "all": []})),
            [
                r#"{allow, all, publish, ["a/${clientid}"]}"#,
                r#"{allow, all, subscribe, ["b/#"]}"#,
                "{allow, all, all, []}",
                "{deny, all}",
            ]
        );
        assert_eq!(printed(&json!({})), ["{deny, all}"]);
    }

    #[test]
    fn what_is_not_known_is_an_error_and_not_passed_over() {
        for (value, message) in [
            (json!(null), "expected rules, found null"),
            (json!("allow"), "expected rules, found \"allow\""),
            (json!([1]), "rule 1: expected a rule, found 1"),
            (json!({"pbu": []}), "the key \"pbu\" is not known"),
            (json!({"pub": [1]}), "pub: expected a text, found 1"),
            (
                json!([{"permission": "allow", "action": "publish"}]),
                "rule 1: `topic` is missing",
            ),
            (
                json!({"permission": "alow"}),
                "permission: expected `allow` or `deny`, found \"alow\"",
            ),
            (
                json!({"permission": "allow", "action": "write"}),
                "action: expected `publish`, `subscribe` or `all`, found \"write\"",
            ),
            (
                json!({"permission": "allow", "when": 1}),
                "when: a key that is not known",
            ),
            (
                json!({"permission": "allow", "qos": 3}),
                "qos: expected 0, 1 or 2, found 3",
            ),
            (
                json!({"permission": "allow", "retain": "no"}),
                "retain: expected true, false or \"all\", found \"no\"",
            ),
            (
                json!({"permission": "allow", "topic": "a#"}),
                "topic: in the topic \"a#\" a wildcard is not alone in its level, or # is not last",
            ),
            (
                json!({"permission": "allow", "topic": "a", "topics": []}),
                "topics: `topic` and `topics` in one rule",
            ),
            (
                json!({"permission": "allow", "ipaddr": "x"}),
                "ipaddr: \"x\" is not an address",
            ),
        ] {
            assert_eq!(rules(&value).unwrap_err().to_string(), message, "{value}");
        }
    }
}
