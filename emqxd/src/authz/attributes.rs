//! Rules about attributes of clients (`client_attr`, `${client_attrs.x}`): this version knows no attributes, so such a
//! rule would never match. For a rule that denies this would be an open door, so it is refused instead.

use emqx_acl::{ParseError, Rule, RuleError, RuleSet};
use serde_json::Value;

const HINT: &str = "say it with user names, client ids or addresses; client_attrs are not there in this version";

/// The rules in a token, in a server's answer or in the store.
///
/// # Errors
/// What [`RuleSet::from_json`] says, or that one of the rules is about attributes.
pub fn rules_from_json(value: &Value) -> Result<RuleSet, RuleError> {
    let rules = RuleSet::from_json(value)?;
    if let Some(rule) = rule_about_attributes(&rules) {
        return Err(RuleError {
            message: message(rule),
            hint: HINT.to_owned(),
        });
    }
    Ok(rules)
}

/// The same for rules of a file, with the line.
pub(super) fn refuse(rules: RuleSet) -> Result<RuleSet, ParseError> {
    if let Some(rule) = rule_about_attributes(&rules) {
        return Err(ParseError {
            line: rule.line().unwrap_or(1),
            column: 1,
            message: message(rule),
            hint: HINT.to_owned(),
        });
    }
    Ok(rules)
}

fn rule_about_attributes(rules: &RuleSet) -> Option<&Rule> {
    rules.rules().find(|rule| rule.needs_attributes())
}

fn message(rule: &Rule) -> String {
    format!("{rule} asks for attributes of the client and would never match")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_about_attributes_is_refused_with_its_line() {
        let rules = RuleSet::parse("{allow, {user, \"u\"}}.\n{deny, {client_attr, \"group\", \"x\"}}.\n").unwrap();
        let error = refuse(rules).unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.message.contains("client_attr"), "{error}");
        assert!(refuse(RuleSet::parse("{allow, all}.").unwrap()).is_ok());
    }

    #[test]
    fn a_token_rule_about_attributes_is_refused() {
        let rule = |topic: &str| json!([{"permission": "deny", "action": "publish", "topic": topic}]);
        assert!(rules_from_json(&rule("a/${clientid}")).is_ok());
        let error = rules_from_json(&rule("a/${client_attrs.group}")).unwrap_err();
        assert!(error.message.contains("client_attrs.group"), "{error}");
    }
}
