//! Asks a set of rules again and again, to be measured from outside:
//! `perf stat -e instructions:u target/release/examples/decide names 1000 1000000`.
//!
//! `decide <default|names|topics|filters> <rules> <questions>`; the last rule is the one that matches. The difference
//! between two numbers of questions is what asking costs, without the reading of the rules.

use emqx_acl::{Action, DEFAULT_ACL_CONF, RuleSet, Who};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_else(|| "default".to_owned());
    let mut number = |default| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (rules, questions): (usize, usize) = (number(10), number(1_000_000));
    let last = rules.saturating_sub(1);
    let text: String = match &*kind {
        "default" => DEFAULT_ACL_CONF.to_owned(),
        "names" => (0..rules)
            .map(|index| {
                format!("{{allow, {{username, \"user-{index}\"}}, publish, [\"devices/{index}/${{clientid}}/#\"]}}.\n")
            })
            .collect(),
        _ => (0..rules)
            .map(|index| format!("{{deny, all, all, [\"plant/{index}/${{clientid}}/+/state\"]}}.\n"))
            .collect(),
    };
    let rules = RuleSet::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let username = format!("user-{last}");
    let who = Who {
        client_id: "c1",
        username: Some(&username),
        address: [10, 0, 0, 7].into(),
        common_name: None,
        subject: None,
        zone: "default",
        listener: "tcp:default",
        attributes: &[],
    };
    let topic = match &*kind {
        "names" => format!("devices/{last}/c1/temperature"),
        _ => format!("plant/{last}/c1/7/state"),
    };
    let filter = format!("plant/{last}/+/#");
    let action = match &*kind {
        "filters" => Action::Subscribe {
            filter: &filter,
            qos: 1,
        },
        _ => Action::Publish {
            topic: &topic,
            qos: 0,
            retain: false,
        },
    };
    let mut found = 0;
    for _ in 0..questions {
        found += usize::from(std::hint::black_box(&rules).decide(&who, &action).is_some());
    }
    assert_eq!(found, questions, "a rule matches");
}
