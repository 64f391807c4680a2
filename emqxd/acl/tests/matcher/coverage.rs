//! Every pair of filters of a small alphabet: a rule's filter covers a subscription if and only if all topics that
//! match the subscription match the rule; it overlaps with it if and only if one does.

use std::net::{IpAddr, Ipv4Addr};

use emqx_acl::{Action, ActionSet, Permission, Rule, RuleSet, Who};

use crate::naive;

/// Levels of rules and subscriptions.
const FILTER_LEVELS: [&str; 5] = ["a", "b", "", "$x", "+"];
/// Levels of topics: with one that no filter names, for what only wildcards match.
const TOPIC_LEVELS: [&str; 5] = ["a", "b", "", "$x", "z"];
const FILTER_DEPTH: usize = 3;

fn sequences(levels: &[&str], depth: usize) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..depth {
        last = last
            .iter()
            .flat_map(|start| {
                levels
                    .iter()
                    .map(move |level| [start.as_slice(), &[(*level).to_owned()]].concat())
            })
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn is_text(levels: &[String]) -> bool {
    levels.len() > 1 || levels.first().is_some_and(|level| !level.is_empty())
}

/// All topics of the alphabet up to `depth` levels. The empty topic counts here, though MQTT has none: `/#` and `+`
/// share it and nothing else, and a rule may as well believe that there is one.
pub fn topics(depth: usize) -> Vec<Vec<String>> {
    let mut all = sequences(&TOPIC_LEVELS, depth);
    all.retain(|levels| !levels.is_empty());
    all
}

fn filters() -> Vec<String> {
    let mut all = sequences(&FILTER_LEVELS, FILTER_DEPTH);
    let open: Vec<_> = all
        .iter()
        .filter(|levels| levels.len() < FILTER_DEPTH)
        .map(|levels| [levels.as_slice(), &["#".to_owned()]].concat())
        .collect();
    all.extend(open);
    all.retain(|levels| is_text(levels));
    all.iter().map(|levels| levels.join("/")).collect()
}

fn rule_about(permission: Permission, filter: &str) -> RuleSet {
    RuleSet::from_rules([Rule::new(permission, ActionSet::SUBSCRIBE, filter).unwrap()])
}

#[test]
fn a_rule_is_about_a_subscription_exactly_if_the_topics_say_so() {
    let who = Who {
        client_id: "c",
        username: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        common_name: None,
        subject: None,
        zone: "default",
        listener: "tcp:default",
        attributes: &[],
    };
    let topics = topics(FILTER_DEPTH + 1);
    let filters: Vec<_> = filters()
        .into_iter()
        .map(|filter| {
            let levels = naive::levels(&filter);
            let received: Vec<bool> = topics
                .iter()
                .map(|topic| naive::filter_matches(&levels, topic))
                .collect();
            (filter, received)
        })
        .collect();
    let mut pairs = 0;
    for (rule, of_rule) in &filters {
        let allow = rule_about(Permission::Allow, rule);
        let deny = rule_about(Permission::Deny, rule);
        for (asked, of_asked) in &filters {
            let both = || of_rule.iter().zip(of_asked);
            let covered = both().all(|(rule, asked)| *rule || !*asked);
            let overlapping = both().any(|(rule, asked)| *rule && *asked);
            let action = Action::Subscribe { filter: asked, qos: 0 };
            assert_eq!(allow.decide(&who, &action).is_some(), covered, "{rule} covers {asked}");
            assert_eq!(
                deny.decide(&who, &action).is_some(),
                overlapping,
                "{rule} overlaps {asked}"
            );
            pairs += 1;
        }
    }
    assert!(pairs > 30_000, "{pairs}");
}
