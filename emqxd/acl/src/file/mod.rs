//! What the terms of an `acl.conf` mean: the forms of EMQX 4 and of EMQX 5, side by side.
//!
//! ```text
//! {allow, {username, {re, "^dashboard$"}}, subscribe, ["$SYS/#"]}.
//! {deny, all, {publish, [{qos, [1, 2]}, {retain, true}]}, ["a/${clientid}/#", {eq, "#"}]}.
//! {allow, {'and', [{ipaddr, "10.0.0.0/8"}, {user, "ann"}]}, pubsub, all}.
//! {allow, all}.
//! ```
//!
//! The first error ends the reading: half of the rules may be wider than all of them.
//!
//! | file | what |
//! | --- | --- |
//! | `reader.rs` | a rule, and whom it is about |
//! | `scope.rs` | what it is about: actions and topics |
//! | `terms.rs` | terms taken apart, and errors with their place |

mod reader;
mod scope;
mod terms;

use self::reader::Reader;
use self::terms::at;
use crate::erlang::{SyntaxError, Terms};
use crate::{ParseError, Rule, RuleError};

/// Longest text of rules, in bytes.
pub const TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most rules in a set; each may be tried for a request.
pub const RULES_MAX: usize = 65_536;

/// Reads a whole text.
pub(crate) fn parse(text: &str) -> Result<Vec<Rule>, ParseError> {
    check_size(text)?;
    let mut reader = Reader::default();
    let mut rules = Vec::new();
    let mut terms = Terms::new(text);
    loop {
        let term = match terms.next() {
            Ok(None) => return Ok(rules),
            Ok(Some(term)) => term,
            Err(error) => return Err(placed(text, error)),
        };
        if rules.len() == RULES_MAX {
            let error = RuleError::new(
                format!("more than {RULES_MAX} rules"),
                "say more with each: placeholders, lists of topics, `{'or', [..]}`",
            );
            return Err(placed(text, at(&term)(error)));
        }
        rules.push(reader.rule(&term).map_err(|error| placed(text, error))?);
    }
}

/// Reads one rule, with or without its full stop.
pub(crate) fn parse_rule(text: &str) -> Result<Rule, ParseError> {
    check_size(text)?;
    let term = Terms::new(text).only().map_err(|error| placed(text, error))?;
    let rule = Reader::default().rule(&term).map_err(|error| placed(text, error))?;
    Ok(rule)
}

fn check_size(text: &str) -> Result<(), ParseError> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    Err(ParseError {
        line: 1,
        column: 1,
        message: format!("a text of {} bytes; at most {TEXT_BYTES_MAX} are read", text.len()),
        hint: "say more with each rule: placeholders, lists of topics, `{'or', [..]}`".to_owned(),
    })
}

/// Adds the column: the characters since the last line break.
fn placed(text: &str, error: SyntaxError) -> ParseError {
    let before = text.get(..error.at.offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |index| index + 1);
    let column = before[start..].trim_start_matches('\u{feff}').chars().count() + 1;
    ParseError {
        line: error.at.line,
        column: u32::try_from(column).unwrap_or(u32::MAX),
        message: error.message,
        hint: error.hint,
    }
}

#[cfg(test)]
mod tests {
    use super::reader::PATTERNS_MAX;
    use super::*;

    #[test]
    fn the_forms_of_both_generations_mean_the_same() {
        for (written, canonical) in [
            // The line of the FAQ.
            (
                r#"{allow, {user, "dashboard"}, subscribe, ["$SYS/#"]}."#,
                r#"{allow, {username, "dashboard"}, subscribe, ["$SYS/#"]}"#,
            ),
            ("{allow, all}.", "{allow, all}"),
            ("{deny, all, pubsub, all}", "{deny, all}"),
            ("{allow, {user, all}}.", "{allow, all}"),
            (
                "{allow, {client, all}, subscribe, all}.",
                "{allow, all, subscribe, all}",
            ),
            (
                r##"{deny, all, subscribe, ["$SYS/#", {eq, "#"}, "eq +/#"]}."##,
                r##"{deny, all, subscribe, ["$SYS/#", {eq, "#"}, {eq, "+/#"}]}"##,
            ),
            (
                r##"{allow, {ipaddr, "127.0.0.1"}, pubsub, ["$SYS/#", "#"]}."##,
                r##"{allow, {ipaddr, "127.0.0.1"}, all, ["$SYS/#", "#"]}"##,
            ),
            (
                r#"{allow, {ipaddrs, [<<"10.0.0.0/8">>, "::1"]}, publish, "a/%c/%u/%cn"}."#,
                r#"{allow, {ipaddrs, ["10.0.0.0/8", "::1"]}, publish, ["a/${clientid}/${username}/${cert_common_name}"]}"#,
            ),
            (
                r#"{allow, {client, {re, "^a.*\\d$"}}, {publish, [{qos, [2, 0]}, {retain, false}]}, ["t"]}."#,
                r#"{allow, {clientid, {re, "^a.*\\d$"}}, {publish, [{qos, [0, 2]}, {retain, false}]}, ["t"]}"#,
            ),
            (
                r#"{deny, {'and', [{user, "u"}, {'or', [{clientid, "c"}, {ipaddress, "1.2.3.4"}]}]}}."#,
                r#"{deny, {'and', [{username, "u"}, {'or', [{clientid, "c"}, {ipaddr, "1.2.3.4"}]}]}}"#,
            ),
            (
                r#"{allow, {client_attr, "role", {re, "adm"}}, {all, [{qos, 1}, {retain, true}]}, ["${client_attrs.role}"]}."#,
                r#"{allow, {client_attr, "role", {re, "adm"}}, {all, [{qos, 1}, {retain, true}]}, ["${client_attrs.role}"]}"#,
            ),
            (
                r#"{allow, {zone, internal}, {subscribe, [{qos, 0}, {qos, 1}]}, []}."#,
                r#"{allow, {zone, "internal"}, {subscribe, [{qos, [0, 1]}]}, []}"#,
            ),
            (
                r#"{allow, {listener, 'tcp:default'}}."#,
                r#"{allow, {listener, "tcp:default"}}"#,
            ),
            (
                "{allow, {security_profile, legacy}}.",
                "{allow, {security_profile, legacy}}",
            ),
            (
                "{allow, all, {publish, [{retain, all}]}, all}.",
                "{allow, all, publish, all}",
            ),
        ] {
            let rule = parse_rule(written).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(rule.to_string(), canonical);
            assert_eq!(parse_rule(canonical).as_ref(), Ok(&rule), "{canonical}");
        }
    }

    #[test]
    fn rules_know_their_lines() {
        let rules = parse("%% first\n{allow, all}. {deny, all}.\n\n{allow,\n {user, \"u\"}}.\r\n").unwrap();
        let lines: Vec<_> = rules.iter().map(Rule::line).collect();
        assert_eq!(lines, [Some(2), Some(2), Some(4)]);
    }

    #[test]
    fn a_text_without_rules_has_no_rules() {
        for text in ["", "\n\n", "% nothing", "\u{feff}  "] {
            assert_eq!(parse(text), Ok(Vec::new()), "{text:?}");
        }
    }

    #[test]
    fn an_error_has_its_place_what_was_expected_and_what_to_do() {
        for (text, place, message) in [
            (
                "{allow, all}",
                (1, 13),
                "expected `.` after the rule that begins in line 1, found the end of the file",
            ),
            (
                "{allow, all}.\n{alow, all}.",
                (2, 2),
                "expected `allow` or `deny`, found \"alow\"",
            ),
            (
                "{allow, everyone}.",
                (1, 9),
                "expected whom the rule is about, found `everyone`",
            ),
            (
                "{allow, {usr, \"u\"}}.",
                (1, 9),
                "expected whom the rule is about, found \"usr\"",
            ),
            (
                "{allow, {user, dashboard}}.",
                (1, 16),
                "expected a name, found `dashboard`",
            ),
            (
                "{allow, {user, \"a\", \"b\"}}.",
                (1, 9),
                "`user` does not take 2 values",
            ),
            (
                "{allow, all, publsh, all}.",
                (1, 14),
                "expected `publish`, `subscribe` or `all`, found `publsh`",
            ),
            (
                "{allow, all, publish}.",
                (1, 1),
                "expected a rule of two or four parts, found a tuple of 3",
            ),
            (
                "{allow, {ipaddr, \"10.0.0\"}}.",
                (1, 18),
                "\"10.0.0\" is not an address",
            ),
            ("ä.", (1, 1), "'ä' does not belong in a rule"),
            (
                "{allow, all, publish, [\"ä\", \"a/#/b\"]}.",
                (1, 29),
                "in the topic \"a/#/b\" a wildcard is not alone in its level, or # is not last",
            ),
            (
                "{allow, all, publish, [Topic]}.",
                (1, 24),
                "\"Topic\" is a variable in Erlang, and there are none here",
            ),
            (
                "{allow, all, {publish, [{qos, 3}]}, all}.",
                (1, 31),
                "expected a QoS of 0, 1 or 2, found 3",
            ),
            (
                "{allow, all, {subscribe, [{retain, true}]}, all}.",
                (1, 27),
                "expected one `{qos, ..}` or one `{retain, ..}` of `publish`, found a tuple of 2",
            ),
            (
                "{allow, {'and', []}}.",
                (1, 17),
                "`'and'` of nothing would be everybody",
            ),
            (
                "{allow, all, publish, [\"${foo}\"]}.",
                (1, 24),
                "\"${foo}\" is not a placeholder",
            ),
            ("allow.", (1, 1), "expected a rule in braces, found `allow`"),
            (
                "{allow, {user, {re, \"(\"}}}.",
                (1, 21),
                "the regular expression \"(\" cannot be used: unclosed group",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.column), place, "{text}: {error}");
            assert_eq!(error.message, message, "{text}");
            assert!(!error.hint.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_too_much_is_an_error() {
        let huge = " ".repeat(TEXT_BYTES_MAX + 1);
        assert!(parse(&huge).is_err());
        let many = "{allow,all}.".repeat(RULES_MAX + 1);
        assert!(parse(&many).unwrap_err().message.contains("more than"));
        let patterns = "{allow,{user,{re,\"a\"}}}.".repeat(PATTERNS_MAX + 1);
        assert!(parse(&patterns).unwrap_err().message.contains("regular expressions"));
        let deep = format!("{{allow, {}all{}}}.", "{'or', [".repeat(20), "]}".repeat(20));
        assert!(parse(&deep).unwrap_err().message.contains("inside one another"));
    }
}
