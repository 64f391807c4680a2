//! The invariants, evaluated over what publishers and subscribers have written down.
//!
//! What was acknowledged in quiet has to reach every subscription that was there before and did not end: *quiet* is from
//! the moment at which all nodes agree again to [`RACING`] before the next fault. What is acknowledged during a fault, or
//! so shortly before that the acknowledgement races it, may be lost: sessions live in memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::load::{Published, Received};

/// An acknowledgement so close to a fault may have overtaken what it was for.
pub const RACING: Duration = Duration::from_millis(300);
/// What was acknowledged so long ago has come to a client that was there.
const ON_ITS_WAY: Duration = Duration::from_secs(10);
/// A subscription needs so long to be known everywhere.
const KNOWN_AFTER: Duration = Duration::from_secs(2);

/// A time in which nothing was broken.
#[derive(Debug, Clone, Copy)]
pub struct Quiet {
    pub from: Instant,
    pub to: Instant,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Messages that had to arrive.
    pub owed: u64,
    /// I1: those that did not.
    pub lost: u64,
    /// I2: QoS 2 messages that came twice to one subscription.
    pub twice: u64,
    /// I3: messages behind a later one of their publisher and QoS.
    pub out_of_order: u64,
    /// I4: payloads that nobody has sent.
    pub foreign: u64,
    /// A few of them, for people.
    pub examples: Vec<String>,
}

impl Findings {
    /// Whether no invariant is broken.
    pub fn is_clean(&self) -> bool {
        self.lost + self.twice + self.out_of_order + self.foreign == 0
    }

    fn example(&mut self, text: String) {
        if self.examples.len() < 20 {
            self.examples.push(text);
        }
    }
}

/// Judges all of it. `quiet` is in order of time.
pub fn check(published: &[Published], received: &[Received], quiet: &[Quiet]) -> Findings {
    let mut findings = Findings::default();
    for subscriber in received {
        findings.foreign += subscriber.foreign;
        for (number, incarnation) in subscriber.incarnations.iter().enumerate() {
            let name = format!("subscriber {} session {number}", subscriber.subscriber);
            let mut seen: HashMap<(usize, u8), HashSet<u64>> = HashMap::new();
            let mut last: BTreeMap<(usize, u8), u64> = BTreeMap::new();
            for got in &incarnation.got {
                let key = (got.publisher, got.qos);
                let is_new = seen.entry(key).or_default().insert(got.sequence);
                if !is_new && got.qos == 2 {
                    findings.twice += 1;
                    findings.example(format!("{name}: {key:?} number {} twice", got.sequence));
                }
                let highest = last.entry(key).or_insert(0);
                if got.sequence < *highest && is_new && !got.is_duplicate {
                    findings.out_of_order += 1;
                    findings.example(format!("{name}: {key:?} number {} after {highest}", got.sequence));
                }
                *highest = (*highest).max(got.sequence);
            }
            // A session that died with its node owes what came in the quiet times before that one; nobody knows whether it
            // lived still after its subscriber was connected to it last.
            let to = incarnation
                .ended
                .map(|ended| begin_of_end(quiet, ended).min(incarnation.left - ON_ITS_WAY));
            for publisher in published {
                // First and last number of what is missing, and in which quiet time that was.
                let mut missing: BTreeMap<(u8, usize), (u64, u64)> = BTreeMap::new();
                for acked in &publisher.acked {
                    let is_owed = acked.at > incarnation.began + KNOWN_AFTER
                        && to.is_none_or(|to| acked.at < to)
                        && is_quiet(quiet, acked.at);
                    if !is_owed {
                        continue;
                    }
                    findings.owed += 1;
                    let key = (publisher.publisher, acked.qos);
                    if !seen.get(&key).is_some_and(|seen| seen.contains(&acked.sequence)) {
                        findings.lost += 1;
                        let time = quiet.partition_point(|quiet| quiet.from <= acked.at);
                        let (_, last) = missing
                            .entry((acked.qos, time))
                            .or_insert((acked.sequence, acked.sequence));
                        *last = acked.sequence;
                    }
                }
                for ((qos, time), (first, last)) in missing {
                    let key = (publisher.publisher, qos);
                    findings.example(format!(
                        "{name}: of {key:?} {first} to {last} is missing, before fault {time}"
                    ));
                }
            }
        }
    }
    findings
}

fn is_quiet(quiet: &[Quiet], at: Instant) -> bool {
    let after = quiet.partition_point(|quiet| quiet.from <= at);
    after > 0 && at + RACING < quiet[after - 1].to
}

/// Some time before the last fault that had begun by then: what was on its way to the client has come, if it was there.
fn begin_of_end(quiet: &[Quiet], ended: Instant) -> Instant {
    let last = quiet.iter().rev().find(|quiet| quiet.to <= ended);
    last.map_or(ended, |quiet| quiet.to) - ON_ITS_WAY
}
