//! The rules once more, said as plainly as possible: everything is taken apart into levels, and whether a filter is
//! covered is tried out with topics.

use std::net::IpAddr;

pub struct Client {
    pub id: String,
    pub username: Option<String>,
    pub common_name: Option<String>,
    pub address: IpAddr,
}

pub enum Request {
    Publish(String, u8, bool),
    Subscribe(String, u8),
}

#[derive(Debug)]
pub struct NaiveRule {
    pub allows: bool,
    pub whom: Whom,
    pub publishes: bool,
    pub subscribes: bool,
    pub qos: Vec<u8>,
    pub retain: Option<bool>,
    /// `None`: all.
    pub topics: Option<Vec<Topic>>,
}

#[derive(Debug)]
pub struct Topic {
    pub is_exact: bool,
    pub text: String,
}

#[derive(Debug)]
pub enum Whom {
    All,
    User(Name),
    Client(Name),
    Networks(Vec<&'static str>),
    And(Vec<Whom>),
    Or(Vec<Whom>),
}

#[derive(Debug)]
pub enum Name {
    Is(String),
    Begins(String),
    Contains(String),
}

/// A level of a filter or of a topic.
#[derive(Debug, Clone, PartialEq)]
pub enum Level {
    Word(String),
    Plus,
    Hash,
}

/// The first rule that matches, from 1, and whether it allows.
pub fn decide(rules: &[NaiveRule], client: &Client, request: &Request) -> Option<(usize, bool)> {
    let index = rules.iter().position(|rule| rule_matches(rule, client, request))?;
    Some((index + 1, rules[index].allows))
}

fn rule_matches(rule: &NaiveRule, client: &Client, request: &Request) -> bool {
    let has_action = match request {
        Request::Publish(_, qos, retain) => {
            rule.publishes && rule.qos.contains(qos) && rule.retain.is_none_or(|wanted| wanted == *retain)
        }
        Request::Subscribe(_, qos) => rule.subscribes && rule.qos.contains(qos),
    };
    let has_topic = || match &rule.topics {
        None => true,
        Some(topics) => topics
            .iter()
            .any(|topic| topic_matches(topic, rule.allows, client, request)),
    };
    has_action && is_meant(&rule.whom, client) && has_topic()
}

fn is_meant(whom: &Whom, client: &Client) -> bool {
    match whom {
        Whom::All => true,
        Whom::User(name) => client.username.as_ref().is_some_and(|user| name_is(name, user)),
        Whom::Client(name) => name_is(name, &client.id),
        Whom::Networks(all) => all.iter().any(|network| network_has(network, client.address)),
        Whom::And(all) => all.iter().all(|one| is_meant(one, client)),
        Whom::Or(all) => all.iter().any(|one| is_meant(one, client)),
    }
}

fn name_is(test: &Name, name: &str) -> bool {
    match test {
        Name::Is(expected) => expected == name,
        Name::Begins(start) => name.starts_with(start),
        Name::Contains(part) => name.contains(part),
    }
}

fn network_has(network: &str, address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets().iter().map(|byte| format!("{byte:08b}")).collect::<String>(),
        IpAddr::V6(v6) => v6.octets().iter().map(|byte| format!("{byte:08b}")).collect(),
    };
    let (base, prefix) = network.split_once('/').unwrap_or((network, ""));
    let base = bits(base.parse().unwrap());
    let address = bits(address);
    let prefix = prefix.parse().unwrap_or(base.len());
    base.len() == address.len() && base[..prefix] == address[..prefix]
}

fn topic_matches(topic: &Topic, allows: bool, client: &Client, request: &Request) -> bool {
    let Some(rule) = expand(topic, allows, client) else {
        return false;
    };
    match request {
        Request::Publish(name, ..) if topic.is_exact => joined(&rule) == *name,
        Request::Publish(name, ..) => filter_matches(&rule, &words(name)),
        Request::Subscribe(filter, _) if topic.is_exact => {
            let has_wildcard = topic.text.contains(['+', '#']);
            joined(&rule) == *filter
                || !allows && !has_wildcard && filter.contains(['+', '#']) && overlaps(&rule, &levels(filter))
        }
        Request::Subscribe(filter, _) if allows => covers(&rule, &levels(filter)),
        Request::Subscribe(filter, _) => overlaps(&rule, &levels(filter)),
    }
}

/// The levels of a rule's topic for this client; `None` if the rule is not about it.
fn expand(topic: &Topic, allows: bool, client: &Client) -> Option<Vec<Level>> {
    let values = [
        ("%cn", "${cert_common_name}", &client.common_name),
        ("%c", "${clientid}", &Some(client.id.clone())),
        ("%u", "${username}", &client.username),
    ];
    let mut all = Vec::new();
    for (index, level) in topic.text.split('/').enumerate() {
        match level {
            "+" if !topic.is_exact => all.push(Level::Plus),
            "#" if !topic.is_exact => all.push(Level::Hash),
            level => {
                let mut text = level.to_owned();
                for (short, long, value) in &values {
                    if level != *short && !level.contains(long) {
                        continue;
                    }
                    let value = value.as_ref()?;
                    let is_hostile = value.is_empty()
                        || value.contains(['/', '+', '#'])
                        || index == 0 && value.starts_with('$') && !level.starts_with('x');
                    if allows && is_hostile {
                        return None;
                    }
                    text = if level == *short {
                        value.clone()
                    } else {
                        level.replace(long, value)
                    };
                }
                all.extend(text.split('/').map(|word| Level::Word(word.to_owned())));
            }
        }
    }
    Some(all)
}

fn joined(rule: &[Level]) -> String {
    let word = |level: &Level| match level {
        Level::Word(word) => word.clone(),
        _ => unreachable!("an exact topic has words only"),
    };
    rule.iter().map(word).collect::<Vec<_>>().join("/")
}

fn words(topic: &str) -> Vec<String> {
    topic.split('/').map(str::to_owned).collect()
}

pub fn levels(filter: &str) -> Vec<Level> {
    let level = |text: &str| match text {
        "+" => Level::Plus,
        "#" => Level::Hash,
        word => Level::Word(word.to_owned()),
    };
    filter.split('/').map(level).collect()
}

/// MQTT 5, 4.7.
pub fn filter_matches(filter: &[Level], topic: &[String]) -> bool {
    fn rest_matches(filter: &[Level], topic: &[String]) -> bool {
        match (filter, topic) {
            ([Level::Hash], _) | ([], []) => true,
            ([Level::Plus, filter @ ..], [_, topic @ ..]) => rest_matches(filter, topic),
            ([Level::Word(word), filter @ ..], [first, topic @ ..]) => word == first && rest_matches(filter, topic),
            _ => false,
        }
    }
    let is_hidden = topic[0].starts_with('$') && !matches!(filter[0], Level::Word(_));
    !is_hidden && rest_matches(filter, topic)
}

/// Whether every topic of `asked` is one of `rule`: tried with words that no rule names, and every number of levels
/// that could make a difference.
fn covers(rule: &[Level], asked: &[Level]) -> bool {
    let word = |level: &Level| match level {
        Level::Word(word) => word.clone(),
        _ => "no rule says this".to_owned(),
    };
    if asked.last() != Some(&Level::Hash) {
        return filter_matches(rule, &asked.iter().map(word).collect::<Vec<_>>());
    }
    let base: Vec<_> = asked[..asked.len() - 1].iter().map(word).collect();
    (0..=rule.len() + 1).all(|more| {
        let mut topic = base.clone();
        topic.resize(base.len() + more, word(&Level::Plus));
        topic.is_empty() || filter_matches(rule, &topic)
    })
}

/// Whether some topic is of both.
fn overlaps(rule: &[Level], asked: &[Level]) -> bool {
    fn rest_overlaps(a: &[Level], b: &[Level]) -> bool {
        match (a, b) {
            ([Level::Hash], _) | (_, [Level::Hash]) | ([], []) => true,
            ([], _) | (_, []) => false,
            ([a, rest_of_a @ ..], [b, rest_of_b @ ..]) => {
                (a == b || *a == Level::Plus || *b == Level::Plus) && rest_overlaps(rest_of_a, rest_of_b)
            }
        }
    }
    let is_hidden = |level: &Level| matches!(level, Level::Word(word) if word.starts_with('$'));
    let is_wildcard = |level: &Level| !matches!(level, Level::Word(_));
    let never = is_hidden(&rule[0]) && is_wildcard(&asked[0]) || is_wildcard(&rule[0]) && is_hidden(&asked[0]);
    !never && rest_overlaps(rule, asked)
}
