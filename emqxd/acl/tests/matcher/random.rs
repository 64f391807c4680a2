//! Random rules, clients and requests, from a seed.

use std::net::IpAddr;

use crate::naive::{Client, NaiveRule, Name, Request, Topic, Whom};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Names of clients and users, the hostile ones too.
const NAMES: [&str; 12] = [
    "a", "b", "c1", "dash", "", "#", "+", "a/b", "a/+", "$SYS", "a#", "x\"\\y",
];
const LEVELS: [&str; 8] = ["a", "b", "c1", "", "$SYS", "xa", "a", "+"];
const RULE_LEVELS: [&str; 12] = [
    "a",
    "b",
    "",
    "$SYS",
    "+",
    "+",
    "%c",
    "%u",
    "%cn",
    "${clientid}",
    "x${username}",
    "${cert_common_name}y",
];
const ADDRESSES: [&str; 5] = ["10.0.0.7", "10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "fd00::1"];
const NETWORKS: [&str; 6] = [
    "10.0.0.0/8",
    "10.0.0.7",
    "127.0.0.1",
    "0.0.0.0/0",
    "fd00::/16",
    "10.1.0.0/16",
];

pub fn client(random: &mut Random) -> Client {
    let optional = |random: &mut Random| (!random.once_in(3)).then(|| (*random.one_of(&NAMES)).to_owned());
    Client {
        id: (*random.one_of(&NAMES)).to_owned(),
        username: optional(random),
        common_name: optional(random),
        address: random.one_of(&ADDRESSES).parse::<IpAddr>().unwrap(),
    }
}

fn filter(random: &mut Random, levels: &[&str]) -> String {
    loop {
        let depth = random.below(4);
        let mut parts: Vec<&str> = (0..depth).map(|_| *random.one_of(levels)).collect();
        if random.once_in(2) {
            parts.push("#");
        }
        let text = parts.join("/");
        if !text.is_empty() {
            return text;
        }
    }
}

pub fn request(random: &mut Random) -> Request {
    let qos = random.below(3) as u8;
    if random.once_in(2) {
        return Request::Subscribe(filter(random, &LEVELS), qos);
    }
    let topic = filter(random, &LEVELS[..7]).replace('#', "z");
    Request::Publish(topic, qos, random.once_in(2))
}

fn name(random: &mut Random) -> Name {
    match random.below(4) {
        0 => Name::Begins((*random.one_of(&["a", "c", "d", ""])).to_owned()),
        1 => Name::Contains((*random.one_of(&["a", "as", "1"])).to_owned()),
        _ => Name::Is((*random.one_of(&NAMES)).to_owned()),
    }
}

fn whom(random: &mut Random, depth: usize) -> Whom {
    let several = |random: &mut Random| (0..=random.below(2)).map(|_| whom(random, depth + 1)).collect();
    match random.below(if depth < 2 { 12 } else { 6 }) {
        0..=2 => Whom::All,
        3 => Whom::User(name(random)),
        4 => Whom::Client(name(random)),
        5 => Whom::Networks((0..=random.below(2)).map(|_| *random.one_of(&NETWORKS)).collect()),
        6 => Whom::And(several(random)),
        7 => Whom::Or(several(random)),
        _ => Whom::All,
    }
}

pub fn rule(random: &mut Random) -> NaiveRule {
    let (publishes, subscribes) = *random.one_of(&[(true, true), (true, false), (false, true)]);
    let topics = (0..=random.below(2)).map(|_| Topic {
        is_exact: random.once_in(5),
        text: filter(random, &RULE_LEVELS),
    });
    let topics = topics.collect();
    NaiveRule {
        allows: random.once_in(2),
        whom: whom(random, 0),
        publishes,
        subscribes,
        qos: random
            .one_of(&[&[0, 1, 2][..], &[0, 1, 2], &[0], &[1, 2], &[2]])
            .to_vec(),
        retain: *random.one_of(&[None, None, Some(true), Some(false)]),
        topics: (!random.once_in(12)).then_some(topics),
    }
}

/// The rule in one of the spellings of EMQX.
pub fn spell(random: &mut Random, rule: &NaiveRule) -> String {
    let permission = if rule.allows { "allow" } else { "deny" };
    let word = match (rule.publishes, rule.subscribes) {
        (true, true) => *random.one_of(&["all", "pubsub"]),
        (true, false) => "publish",
        _ => "subscribe",
    };
    let mut options = Vec::new();
    if rule.qos.len() < 3 || random.once_in(4) {
        options.push(format!("{{qos, {:?}}}", rule.qos));
    }
    match rule.retain {
        Some(flag) if rule.publishes => options.push(format!("{{retain, {flag}}}")),
        _ => {}
    }
    let action = if options.is_empty() {
        word.to_owned()
    } else {
        format!("{{{word}, [{}]}}", options.join(","))
    };
    let topics = match &rule.topics {
        None => "all".to_owned(),
        Some(topics) => {
            let all: Vec<_> = topics.iter().map(|topic| spell_topic(random, topic)).collect();
            format!("[{}]", all.join(", "))
        }
    };
    format!(
        "{{{permission}, {}, {action}, {topics}}}. % comment\n",
        spell_whom(random, &rule.whom)
    )
}

fn spell_text(random: &mut Random, text: &str) -> String {
    let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    match random.below(4) {
        0 => format!("<<{quoted}>>"),
        1 => format!("<<{quoted}/utf8>>"),
        _ => quoted,
    }
}

fn spell_topic(random: &mut Random, topic: &Topic) -> String {
    let text = spell_text(random, &topic.text);
    match (topic.is_exact, random.once_in(2)) {
        (true, true) => format!("{{eq, {text}}}"),
        (true, false) => spell_text(random, &format!("eq {}", topic.text)),
        (false, _) => text,
    }
}

fn spell_name(random: &mut Random, name: &Name) -> String {
    match name {
        Name::Is(name) => spell_text(random, name),
        Name::Begins(start) => format!("{{re, \"^{start}\"}}"),
        Name::Contains(part) => format!("{{re, \"{part}\"}}"),
    }
}

fn spell_whom(random: &mut Random, whom: &Whom) -> String {
    let several = |random: &mut Random, all: &[Whom]| {
        let all: Vec<_> = all.iter().map(|one| spell_whom(random, one)).collect();
        all.join(", ")
    };
    match whom {
        Whom::All => (*random.one_of(&["all", "{user, all}", "{client, all}", "'all'"])).to_owned(),
        Whom::User(name) => {
            let word = *random.one_of(&["user", "username"]);
            format!("{{{word}, {}}}", spell_name(random, name))
        }
        Whom::Client(name) => {
            let word = *random.one_of(&["client", "clientid"]);
            format!("{{{word}, {}}}", spell_name(random, name))
        }
        Whom::Networks(all) => match &**all {
            [one] => format!("{{ipaddr, {}}}", spell_text(random, one)),
            many => format!("{{ipaddrs, {many:?}}}"),
        },
        Whom::And(all) => format!("{{'and', [{}]}}", several(random, all)),
        Whom::Or(all) => format!("{{'or', [{}]}}", several(random, all)),
    }
}
