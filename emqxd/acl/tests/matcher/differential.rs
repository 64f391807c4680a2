//! Random questions, put to the matcher and to the plain one.

use emqx_acl::{Action, Permission, RuleSet, Who};

use crate::naive::{self, Client, Request};
use crate::random::{self, Random};

/// Questions for each set of rules.
const QUESTIONS_A_SET: usize = 20;

#[test]
fn the_matcher_says_what_a_plain_one_says() {
    compare(0x5eed, 40_000);
}

#[test]
#[ignore = "a million questions; run with --release"]
fn the_matcher_says_what_a_plain_one_says_a_million_times() {
    let counts = compare(0x00c0_ffee, 1_000_000);
    println!(
        "{} questions: {} allowed, {} denied, {} without a rule; no difference",
        counts.allowed + counts.denied + counts.open,
        counts.allowed,
        counts.denied,
        counts.open
    );
}

#[derive(Default)]
struct Counts {
    allowed: usize,
    denied: usize,
    open: usize,
}

fn compare(seed: u64, questions: usize) -> Counts {
    let mut random = Random(seed);
    let mut counts = Counts::default();
    for set in 0..questions / QUESTIONS_A_SET {
        let plain: Vec<_> = (0..=random.below(10)).map(|_| random::rule(&mut random)).collect();
        let text: String = plain.iter().map(|rule| random::spell(&mut random, rule)).collect();
        let rules = RuleSet::parse(&text).unwrap_or_else(|error| panic!("seed {seed:#x}, set {set}: {error}\n{text}"));
        assert_eq!(rules.len(), plain.len());
        let printed = rules.to_string();
        assert_eq!(RuleSet::parse(&printed).as_ref(), Ok(&rules), "{printed}");
        for _ in 0..QUESTIONS_A_SET {
            let client = random::client(&mut random);
            let request = random::request(&mut random);
            let expected = naive::decide(&plain, &client, &request);
            let decision = rules.decide(&who(&client), &action(&request));
            let got = decision.map(|decision| (decision.rule, decision.permission == Permission::Allow));
            assert_eq!(
                got,
                expected,
                "seed {seed:#x}, set {set}\n{:?}\n{:?}\n{text}",
                who(&client),
                action(&request)
            );
            match expected {
                Some((_, true)) => counts.allowed += 1,
                Some((_, false)) => counts.denied += 1,
                None => counts.open += 1,
            }
        }
    }
    // Otherwise the comparison says little.
    assert!(counts.allowed > questions / 20 && counts.denied > questions / 20 && counts.open > questions / 20);
    counts
}

/// What a subscription would receive, each topic may be subscribed to alone: no wildcard gets around a rule.
#[test]
fn what_is_granted_holds_nothing_that_would_be_refused() {
    let mut random = Random(0xacce55);
    let mut universe = crate::coverage::topics(3);
    universe.retain(|topic| *topic != [""]);
    let mut granted = 0;
    for _ in 0..2_000 {
        let mut plain: Vec<_> = (0..=random.below(6)).map(|_| random::rule(&mut random)).collect();
        // `{eq, "a/#"}` is about a subscription and no topic: what is allowed by it is what it says.
        for topics in plain.iter_mut().filter_map(|rule| rule.topics.as_mut()) {
            topics.retain(|topic| !topic.is_exact);
        }
        let text: String = plain.iter().map(|rule| random::spell(&mut random, rule)).collect();
        let rules = RuleSet::parse(&text).unwrap();
        for _ in 0..QUESTIONS_A_SET {
            let client = random::client(&mut random);
            let Request::Subscribe(filter, qos) = random::request(&mut random) else {
                continue;
            };
            let may = |filter: &str| {
                let decision = rules.decide(&who(&client), &Action::Subscribe { filter, qos });
                decision.is_some_and(|decision| decision.permission == Permission::Allow)
            };
            if !may(&filter) {
                continue;
            }
            granted += 1;
            let levels = naive::levels(&filter);
            for topic in universe.iter().filter(|topic| naive::filter_matches(&levels, topic)) {
                let topic = topic.join("/");
                assert!(
                    may(&topic),
                    "{filter} is allowed and {topic} is not\n{:?}\n{text}",
                    who(&client)
                );
            }
        }
    }
    assert!(granted > 1_000, "{granted}");
}

fn who(client: &Client) -> Who<'_> {
    Who {
        client_id: &client.id,
        username: client.username.as_deref(),
        address: client.address,
        common_name: client.common_name.as_deref(),
        subject: None,
        zone: "default",
        listener: "tcp:default",
        attributes: &[],
    }
}

fn action(request: &Request) -> Action<'_> {
    match request {
        Request::Publish(topic, qos, retain) => Action::Publish {
            topic,
            qos: *qos,
            retain: *retain,
        },
        Request::Subscribe(filter, qos) => Action::Subscribe { filter, qos: *qos },
    }
}
