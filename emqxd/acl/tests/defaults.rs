//! The rules that are installed, and the ways in which access rules have been got around elsewhere.

#![allow(clippy::unwrap_used)]

use emqx_acl::{Action, DEFAULT_ACL_CONF, Decision, Permission, RuleSet, SecurityProfile, Who};
use serde_json::json;

const ALLOW: Option<Permission> = Some(Permission::Allow);
const DENY: Option<Permission> = Some(Permission::Deny);

fn who<'a>(client_id: &'a str, username: Option<&'a str>, address: [u8; 4]) -> Who<'a> {
    Who {
        client_id,
        username,
        address: address.into(),
        common_name: None,
        subject: None,
        zone: "default",
        listener: "tcp:default",
        attributes: &[],
    }
}

fn subscribes(rules: &RuleSet, who: &Who<'_>, filter: &str) -> Option<Permission> {
    let decision = rules.decide(who, &Action::Subscribe { filter, qos: 1 });
    decision.map(|decision| decision.permission)
}

fn publishes(rules: &RuleSet, who: &Who<'_>, topic: &str) -> Option<Permission> {
    let action = Action::Publish {
        topic,
        qos: 0,
        retain: false,
    };
    rules.decide(who, &action).map(|decision| decision.permission)
}

#[test]
fn the_installed_rules_are_those_of_emqx() {
    let rules = RuleSet::parse(DEFAULT_ACL_CONF).unwrap();
    let dashboard = who("d", Some("dashboard"), [10, 0, 0, 1]);
    let local = who("l", None, [127, 0, 0, 1]);
    let other = who("o", Some("dashboards"), [10, 0, 0, 1]);
    assert_eq!(subscribes(&rules, &dashboard, "$SYS/#"), ALLOW);
    assert_eq!(subscribes(&rules, &dashboard, "#"), DENY);
    for filter in ["$SYS/#", "$SYS/brokers/+/uptime", "#", "+/#"] {
        assert_eq!(subscribes(&rules, &local, filter), ALLOW, "{filter}");
        assert_eq!(subscribes(&rules, &other, filter), DENY, "{filter}");
    }
    for filter in ["a/#", "+", "+/+", "/#", "a"] {
        assert_eq!(subscribes(&rules, &other, filter), ALLOW, "{filter}");
    }
    assert_eq!(publishes(&rules, &other, "a/b"), ALLOW);
}

#[test]
fn the_hardened_profile_closes_the_installed_rules() {
    let rules = RuleSet::parse(DEFAULT_ACL_CONF)
        .unwrap()
        .with_profile(SecurityProfile::Hardened);
    let local = who("l", None, [127, 0, 0, 1]);
    assert_eq!(subscribes(&rules, &local, "$SYS/#"), DENY);
    assert_eq!(subscribes(&rules, &local, "a/#"), None);
    assert_eq!(publishes(&rules, &local, "a"), None);
    let dashboard = who("d", Some("dashboard"), [10, 0, 0, 1]);
    assert_eq!(subscribes(&rules, &dashboard, "$SYS/#"), ALLOW);
}

#[test]
fn the_line_of_the_faq_lets_the_dashboard_read_sys_and_nobody_else() {
    let rules = RuleSet::parse(r#"{allow, {user, "dashboard"}, subscribe, ["$SYS/#"]}."#).unwrap();
    let dashboard = who("d", Some("dashboard"), [10, 0, 0, 1]);
    assert_eq!(subscribes(&rules, &dashboard, "$SYS/brokers"), ALLOW);
    assert_eq!(publishes(&rules, &dashboard, "$SYS/brokers"), None);
    assert_eq!(subscribes(&rules, &dashboard, "#"), None);
    assert_eq!(
        subscribes(&rules, &who("dashboard", None, [10, 0, 0, 1]), "$SYS/#"),
        None
    );
}

#[test]
fn a_decision_names_the_rule_and_its_line() {
    let rules = RuleSet::parse("% who\n{allow, {user, \"u\"}}.\n\n{deny, all}.\n").unwrap();
    let action = Action::Publish {
        topic: "t",
        qos: 0,
        retain: false,
    };
    assert_eq!(
        rules.decide(&who("c", None, [1, 1, 1, 1]), &action),
        Some(Decision {
            permission: Permission::Deny,
            rule: 2,
            line: Some(4),
        })
    );
    assert_eq!(rules.rule(2).unwrap().to_string(), "{deny, all}");
    assert_eq!(rules.to_string(), "{allow, {username, \"u\"}}.\n{deny, all}.\n");
}

#[test]
fn a_client_named_like_a_wildcard_reads_nobody_elses_topics() {
    let rules = RuleSet::parse(
        r#"{allow, all, all, ["users/${username}/#", "devices/%c/+", "${clientid}/#", {eq, "x/${clientid}"}]}."#,
    )
    .unwrap();
    for hostile in ["#", "+", "a/#", "+/+", "ann/secret", "", "a\0", "$SYS"] {
        let who = who(hostile, Some(hostile), [10, 0, 0, 1]);
        for filter in [
            "users/#",
            "users/+/#",
            "users/ann/#",
            "devices/+/+",
            "#",
            "+/#",
            "x/#",
            "x/+",
            "ann/#",
            "$SYS/#",
        ] {
            assert_eq!(subscribes(&rules, &who, filter), None, "{hostile:?} {filter}");
        }
        assert_eq!(publishes(&rules, &who, "users/ann/secret/x"), None, "{hostile:?}");
        assert_eq!(publishes(&rules, &who, "$SYS/x"), None, "{hostile:?}");
    }
}

#[test]
fn a_subscription_is_not_wider_than_what_is_allowed_nor_does_it_get_around_what_is_denied() {
    let allow = RuleSet::parse(r#"{allow, all, subscribe, ["a/b"]}."#).unwrap();
    let deny = RuleSet::parse(r#"{deny, all, subscribe, ["a/b"]}. {allow, all}."#).unwrap();
    let client = who("c", None, [10, 0, 0, 1]);
    for filter in ["a/#", "+/b", "a/+", "#", "+/#", "+/+"] {
        assert_eq!(subscribes(&allow, &client, filter), None, "{filter}");
        assert_eq!(subscribes(&deny, &client, filter), DENY, "{filter}");
    }
    assert_eq!(subscribes(&deny, &client, "a/+/c"), ALLOW);
}

#[test]
fn a_token_allows_what_it_lists() {
    let rules = RuleSet::from_json(&json!({"pub": ["up/${clientid}"], "sub": ["down/${clientid}/#"]})).unwrap();
    let client = who("c1", None, [10, 0, 0, 1]);
    assert_eq!(publishes(&rules, &client, "up/c1"), ALLOW);
    assert_eq!(publishes(&rules, &client, "up/c2"), DENY);
    assert_eq!(subscribes(&rules, &client, "down/c1/+"), ALLOW);
    assert_eq!(subscribes(&rules, &client, "down/#"), DENY);
}

#[test]
fn a_topic_of_nothing_but_slashes_is_compared_in_one_go() {
    let slashes = "/".repeat(65_535);
    let rules = RuleSet::parse(&format!(
        "{{deny, all, all, [\"{slashes}\"]}}. {{allow, all, all, [\"+/#\"]}}."
    ))
    .unwrap();
    let client = who("c", None, [10, 0, 0, 1]);
    assert_eq!(publishes(&rules, &client, &slashes), DENY);
    assert_eq!(publishes(&rules, &client, &slashes[1..]), ALLOW);
    assert_eq!(subscribes(&rules, &client, &format!("+{slashes}")), DENY);
}
