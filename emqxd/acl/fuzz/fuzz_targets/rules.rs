//! Any text as an `acl.conf`: no panic; what is read prints as a text that reads the same; questions made of the
//! input are answered alike by both, and no client name widens a rule.
//!
//! The input is text, then, after a line that begins with `?`, what is asked: client id, user name and topic.
#![no_main]

use emqx_acl::{Action, Permission, RuleSet, Who};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let input = String::from_utf8_lossy(data);
    let (text, asked) = input.split_once("\n?").unwrap_or((&input, ""));
    let Ok(rules) = RuleSet::parse(text) else {
        return;
    };
    let printed = rules.to_string();
    let again = match RuleSet::parse(&printed) {
        Ok(again) => again,
        Err(error) => panic!("what was printed is not read: {error}\n{printed}"),
    };
    assert_eq!(again, rules);
    assert_eq!(again.to_string(), printed);

    let mut parts = asked.splitn(3, '?');
    let client_id = parts.next().unwrap_or_default();
    let username = parts.next();
    let topic = parts.next().unwrap_or("a/+/b");
    let who = Who {
        client_id,
        username,
        address: [10, 0, 0, 7].into(),
        common_name: username,
        subject: None,
        zone: "default",
        listener: "tcp:default",
        attributes: &[],
    };
    for qos in 0..3 {
        let publish = Action::Publish {
            topic,
            qos,
            retain: qos == 1,
        };
        let subscribe = Action::Subscribe { filter: topic, qos };
        for action in [publish, subscribe] {
            let decision = rules.decide(&who, &action);
            let of_printed = again.decide(&who, &action);
            assert_eq!(
                decision.map(|decision| (decision.permission, decision.rule)),
                of_printed.map(|decision| (decision.permission, decision.rule))
            );
            let Some(decision) = decision else { continue };
            let rule = rules.rule(decision.rule).expect("a decision names a rule of the set");
            assert_eq!(rule.permission(), decision.permission);
            if decision.permission == Permission::Allow {
                assert!(rule.line().is_some());
            }
        }
    }
});
