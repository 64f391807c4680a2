//! I7: what nodes count. Counters of one start only grow, no gauge is below zero, and who is connected is who came less
//! who went.
//!
//! Nodes are asked in quiet, before and after each fault. Connections come and go meanwhile, and an answer is put together
//! from atomics that are read one after the other: a sum that does not come out is looked at again for
//! [`BALANCED_WITHIN`], which a connection that nobody has counted outlasts.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::node::Node;

/// Longer than a connection may take to be gone after its end has been counted.
const BALANCED_WITHIN: Duration = Duration::from_secs(10);
/// What says so much was counted down below zero.
const ABSURD: i128 = 1 << 63;
/// What has numbers.
const QUESTIONS: [&str; 5] = ["status", "broker stats", "broker metrics", "listeners", "cluster nodes"];
/// Numbers that only grow, by the last word of their names. So do all of `broker metrics` and what `listeners` tells by
/// reason; the others are gauges and settings.
const COUNTERS: [&str; 15] = [
    "accepted",
    "divergences",
    // The highest values of `broker stats`.
    "max",
    "messages_dropped",
    "messages_received",
    "messages_resent",
    "messages_sent",
    "panics",
    "paused_rate",
    "peak_conn",
    "refused_access",
    "refused_limit",
    "refused_rate",
    "retained_refused",
    "snapshots",
];
/// The number that tells two starts of a node apart.
const PROCESS: &str = "status pid";

/// Numbers of a node, by the words that lead to them: `listeners tcp:default accepted`.
type Numbers = BTreeMap<String, i128>;

/// What nodes have counted so far, and what was wrong with it.
#[derive(Debug, Default)]
pub struct Counts {
    /// What each node said last.
    last: BTreeMap<usize, Numbers>,
    /// Times at which a node was asked for all its numbers.
    pub readings: u64,
    /// Numbers that were looked at.
    pub numbers: u64,
    pub violations: u64,
    /// Some of the numbers are not what nodes have said: the control.
    is_control: bool,
}

impl Counts {
    /// Of nodes that were not asked yet.
    pub fn new(is_control: bool) -> Self {
        Self {
            is_control,
            ..Self::default()
        }
    }

    /// Asks all nodes that run. To be called when nothing is broken.
    pub fn read(&mut self, nodes: &mut [Node]) {
        for node in nodes {
            if node.is_running() {
                self.read_one(node);
                self.judge(node, within(|| unbalanced(node, 0)));
            }
        }
    }

    /// The same after all clients have gone.
    pub fn read_last(&mut self, nodes: &mut [Node]) {
        let invented = i128::from(self.is_control);
        for node in nodes {
            if node.is_running() {
                self.read_one(node);
                self.judge(node, within(|| unbalanced(node, invented).or_else(|| left_over(node))));
            }
        }
    }

    fn read_one(&mut self, node: &Node) {
        let answers = QUESTIONS.map(|question| numbers(node, question));
        let mut now = Numbers::new();
        for (question, answer) in QUESTIONS.iter().zip(answers) {
            match answer {
                Some(answer) => now.extend(answer),
                None => return self.judge(node, Some(format!("no answer to {question}"))),
            }
        }
        self.readings += 1;
        self.numbers += now.len() as u64;
        if self.is_control && self.readings.is_multiple_of(10) {
            now.insert("broker metrics messages.received".to_owned(), 0);
        }
        let absurd = now.iter().filter(|(_, number)| !(0..ABSURD).contains(*number));
        for (name, number) in absurd {
            self.judge(node, Some(format!("{name} is {number}")));
        }
        let before = self.last.insert(node.number, now.clone()).unwrap_or_default();
        if before.get(PROCESS) != now.get(PROCESS) {
            return;
        }
        for (name, was) in before.iter().filter(|(name, _)| is_counter(name)) {
            let is = now.get(name);
            if is.is_none_or(|is| is < was) {
                self.judge(node, Some(format!("{name} was {was} and is {is:?}")));
            }
        }
    }

    fn judge(&mut self, node: &Node, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            self.violations += 1;
            eprintln!("node {} counts wrong: {wrong}", node.number + 1);
        }
    }
}

fn is_counter(name: &str) -> bool {
    let last = name.rsplit([' ', '.']).next().unwrap_or_default();
    let is_by_reason = name.contains(" shutdown_count ") || name.contains(" closed_by ");
    name.starts_with("broker metrics ") || is_by_reason || COUNTERS.contains(&last)
}

/// All whole numbers of an answer; `None` if there is none.
fn numbers(node: &Node, question: &str) -> Option<Numbers> {
    let mut arguments = vec!["-f", "json"];
    arguments.extend(question.split(' '));
    let answer: Value = serde_json::from_str(&node.ask(&arguments)?).ok()?;
    let mut numbers = Numbers::new();
    let mut open = vec![(question.to_owned(), answer.get("data")?)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Number(number) => {
                let whole = number.as_u64().map(i128::from).or(number.as_i64().map(i128::from));
                numbers.extend(whole.map(|whole| (place, whole)));
            }
            Value::Array(rows) => {
                for row in rows {
                    let name = row.get("id").or(row.get("name"))?.as_str()?;
                    // Some rows are a name and a value, others have fields.
                    open.push((format!("{place} {name}"), row.get("value").unwrap_or(row)));
                }
            }
            Value::Object(fields) => {
                open.extend(fields.iter().map(|(name, value)| (format!("{place} {name}"), value)));
            }
            _ => {}
        }
    }
    Some(numbers)
}

/// What is wrong still when the time is over.
fn within(wrong: impl Fn() -> Option<String>) -> Option<String> {
    let until = Instant::now() + BALANCED_WITHIN;
    loop {
        let found = wrong()?;
        if Instant::now() >= until {
            return Some(found);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A listener whose connections are not those accepted less those closed by reason, or clients that are not those of
/// `client.connected` less those of `client.disconnected`. So many accepted connections are invented.
fn unbalanced(node: &Node, invented: i128) -> Option<String> {
    let Some(listeners) = numbers(node, "listeners") else {
        return Some("no answer to listeners".to_owned());
    };
    for (name, accepted) in &listeners {
        let Some(listener) = name.strip_suffix(" accepted") else {
            continue;
        };
        let open = listeners.get(&format!("{listener} current_conn")).copied();
        let by_reason = format!("{listener} shutdown_count ");
        let ends = listeners.iter().filter(|(name, _)| name.starts_with(&by_reason));
        let closed: i128 = ends.map(|(_, count)| count).sum();
        let accepted = accepted + invented;
        if open != Some(accepted - closed) {
            return Some(format!(
                "{listener}: {accepted} accepted, {closed} closed, {open:?} open"
            ));
        }
    }
    // Three answers: what is between two that are equal belongs to them.
    let (before, stats, after) = (came_and_went(node), numbers(node, "broker stats"), came_and_went(node));
    let connected = stats.and_then(|stats| stats.get("broker stats live_connections.count").copied());
    let is_balanced = before.is_some_and(|(came, went)| Some(came - went) == connected) && before == after;
    (!is_balanced).then(|| format!("clients that came and went: {before:?}, then {after:?}; connected: {connected:?}"))
}

fn came_and_went(node: &Node) -> Option<(i128, i128)> {
    let metrics = numbers(node, "broker metrics")?;
    let count = |name| metrics.get(&format!("broker metrics client.{name}")).copied();
    Some((count("connected")?, count("disconnected")?))
}

/// Connections of a node that has no clients any more.
fn left_over(node: &Node) -> Option<String> {
    let Some(listeners) = numbers(node, "listeners") else {
        return Some("no answer to listeners".to_owned());
    };
    let open = listeners
        .iter()
        .filter(|(name, open)| name.ends_with(" current_conn") && **open != 0);
    let open: Vec<_> = open.collect();
    (!open.is_empty()).then(|| format!("all clients have gone: {open:?}"))
}
