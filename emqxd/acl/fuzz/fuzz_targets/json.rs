//! Any JSON as an `acl` claim or rules of a database: no panic, and what is read prints as a text that reads the
//! same.
#![no_main]

use emqx_acl::{Action, RuleSet, Who};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice(data) else {
        return;
    };
    let Ok(rules) = RuleSet::from_json(&value) else {
        return;
    };
    let printed = rules.to_string();
    match RuleSet::parse(&printed) {
        Ok(again) => assert_eq!(again, rules),
        Err(error) => panic!("what was printed is not read: {error}\n{printed}"),
    }
    let who = Who {
        client_id: "c1",
        username: Some("ann"),
        address: [10, 0, 0, 7].into(),
        common_name: None,
        subject: None,
        zone: "default",
        listener: "tcp:default",
        attributes: &[],
    };
    rules.decide(
        &who,
        &Action::Subscribe {
            filter: "a/+/#",
            qos: 1,
        },
    );
    rules.decide(
        &who,
        &Action::Publish {
            topic: "a/c1",
            qos: 0,
            retain: true,
        },
    );
});
