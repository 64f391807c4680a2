//! Who subscribes to what and who publishes where, in each scenario.

use std::time::Duration;

use super::{
    CONNECTIONS_MAX, Order, Plan, Scenario, TOPICS_MAX, WINDOW_DEFAULT, WINDOW_FAN_OUT, WINDOW_P2P, check_duration,
    in_range,
};
use crate::cli::{ConnectBench, FanInBench, FanOutBench, P2pBench, RetainedBench, SharedBench, WildcardBench};
use crate::failure::CliFailure;

/// More often than that it is no keep alive but a flood.
const KEEP_ALIVE_MIN: Duration = Duration::from_millis(100);

pub(super) fn connect(args: ConnectBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::Connect, args.target, tag, timeout)?;
    plan.idle_clients = in_range("--clients", args.clients, CONNECTIONS_MAX)?;
    plan.rate = args.rate;
    check_duration("--hold", args.hold)?;
    plan.hold = args.hold;
    let whole_seconds = u16::try_from(args.keep_alive.as_millis().div_ceil(1000));
    let Some(seconds) = whole_seconds.ok().filter(|_| args.keep_alive >= KEEP_ALIVE_MIN) else {
        let message = format!("--keep-alive {:?} makes no sense", args.keep_alive);
        return Err(CliFailure::usage(message).next("give 100ms to 18h"));
    };
    plan.identity.keep_alive_s = seconds;
    plan.keep_alive = Some(args.keep_alive);
    Ok(plan)
}

pub(super) fn fan_in(args: FanInBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::FanIn, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let subscribers = in_range("--subscribers", args.subscribers, CONNECTIONS_MAX)?;
    let topics = args
        .topics
        .unwrap_or(plan.publishers.saturating_mul(10).min(TOPICS_MAX));
    let topics = in_range("--topics", topics, TOPICS_MAX)?;
    let base = format!("bench/{}", plan.tag);
    plan.subscribers = vec![vec![format!("{base}/#")]; subscribers as usize];
    plan.topics = (0..topics).map(|i| format!("{base}/{i}")).collect();
    plan.fan = subscribers;
    plan.order = Order::EachPublisher;
    let sharing = plan.publishers;
    plan.set_flow(&args.flow, WINDOW_DEFAULT, sharing)?;
    Ok(plan)
}

pub(super) fn fan_out(args: FanOutBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::FanOut, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let subscribers = in_range("--subscribers", args.subscribers, CONNECTIONS_MAX)?;
    let topic = format!("bench/{}/out", plan.tag);
    plan.subscribers = vec![vec![topic.clone()]; subscribers as usize];
    plan.topics = vec![topic];
    plan.fan = subscribers;
    plan.order = Order::EachPublisher;
    let sharing = plan.publishers;
    plan.set_flow(&args.flow, WINDOW_FAN_OUT, sharing)?;
    Ok(plan)
}

pub(super) fn p2p(args: P2pBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::P2p, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX / 2)?;
    let topic = |i| format!("bench/{}/dev{i}/state", plan.tag);
    plan.topics = (0..plan.publishers).map(topic).collect();
    plan.subscribers = plan.topics.iter().map(|topic| vec![topic.clone()]).collect();
    plan.fan = 1;
    plan.order = Order::OwnPublisher;
    plan.set_flow(&args.flow, WINDOW_P2P, 1)?;
    Ok(plan)
}

pub(super) fn shared(args: SharedBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::Shared, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let groups = in_range("--groups", args.groups, 1000)?;
    let members = in_range("--subscribers", args.subscribers, CONNECTIONS_MAX / 1000)?;
    let topics = in_range("--topics", args.topics.unwrap_or(plan.publishers), TOPICS_MAX)?;
    let base = format!("bench/{}", plan.tag);
    let filter = |i: u32| vec![format!("$share/g{}/{base}/#", i % groups)];
    plan.subscribers = (0..groups * members).map(filter).collect();
    plan.topics = (0..topics).map(|i| format!("{base}/{i}")).collect();
    plan.fan = groups;
    plan.order = Order::EachPublisher;
    // The members of a group take turns.
    let sharing = plan.publishers.div_ceil(members);
    plan.set_flow(&args.flow, WINDOW_DEFAULT, sharing)?;
    Ok(plan)
}

/// A quarter each of `+` inside, `#` at the end, exact, and `+` at the front, the dearest to match.
pub(super) fn wildcard(args: WildcardBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::Wildcard, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let filters = in_range("--filters", args.filters, TOPICS_MAX)?;
    let subscribers = in_range("--subscribers", args.subscribers, CONNECTIONS_MAX)?;
    if subscribers > filters {
        let message = format!("{subscribers} subscribers cannot share {filters} filters");
        return Err(CliFailure::usage(message).next("give --filters at least as many as --subscribers"));
    }
    if plan.publishers > filters {
        let message = format!("{} publishers cannot share {filters} topics", plan.publishers);
        return Err(CliFailure::usage(message).next("give --filters at least as many as --publishers"));
    }
    plan.subscribers = vec![Vec::new(); subscribers as usize];
    let stride = stride(filters);
    for i in 0..filters {
        let (filter, _) = wildcard_pair(&plan.tag, i);
        plan.subscribers[(i % subscribers) as usize].push(filter);
        // Not in the order of the filters: what was stored together would be found in the processor's cache together.
        let other = u64::from(i) * u64::from(stride) % u64::from(filters);
        let (_, topic) = wildcard_pair(&plan.tag, u32::try_from(other).unwrap_or(i));
        plan.topics.push(topic);
    }
    plan.fan = 1;
    plan.order = Order::EachPublisher;
    let sharing = plan.publishers;
    plan.set_flow(&args.flow, WINDOW_DEFAULT, sharing)?;
    Ok(plan)
}

/// Steps of this size visit each of `count` once, far from the one before: about the golden ratio.
fn stride(count: u32) -> u32 {
    let golden = (u64::from(count) * 618 / 1000).max(1);
    let apart = (golden..).find(|stride| common_divisor(*stride, u64::from(count)) == 1);
    apart.and_then(|stride| u32::try_from(stride).ok()).unwrap_or(1)
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A filter and the topic that only it matches, five or six levels long.
fn wildcard_pair(tag: &str, i: u32) -> (String, String) {
    let (site, device) = (format!("{tag}-{}", i / 1000), i % 1000);
    match i % 4 {
        0 => (
            format!("bench/{site}/+/d{device}/v"),
            format!("bench/{site}/m/d{device}/v"),
        ),
        1 => (
            format!("bench/{site}/h{device}/#"),
            format!("bench/{site}/h{device}/a/b"),
        ),
        2 => {
            let topic = format!("bench/{site}/e{device}/v");
            (topic.clone(), topic)
        }
        _ => (
            format!("+/{site}/+/q{device}/+/z"),
            format!("bench/{site}/k/q{device}/c/z"),
        ),
    }
}

pub(super) fn retained(args: RetainedBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::Retained, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let count = in_range("--count", args.count, TOPICS_MAX)?;
    if plan.publishers > count {
        let message = format!("{} publishers cannot share {count} topics", plan.publishers);
        return Err(CliFailure::usage(message).next("give --count at least as many as --publishers"));
    }
    let base = format!("bench/{}", plan.tag);
    plan.topics = (0..count)
        .map(|i| format!("{base}/{}/dev{}/state", i / 1000, i % 1000))
        .collect();
    plan.subscribers = vec![vec![format!("{base}/#")]];
    plan.fan = 1;
    // Nobody is subscribed while they are stored.
    plan.set_message(&args.message, WINDOW_DEFAULT, 1)?;
    check_duration("--pause", args.pause)?;
    plan.pause = args.pause;
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stride_visits_each_once_and_neighbours_are_far_apart() {
        for count in [1, 2, 3, 10, 1000, 99_991, 100_000] {
            let stride = stride(count);
            let mut seen = vec![false; count as usize];
            (0..u64::from(count)).for_each(|i| seen[(i * u64::from(stride) % u64::from(count)) as usize] = true);
            assert!(seen.iter().all(|is_seen| *is_seen), "{count}: {stride}");
        }
        assert!((50_000..70_000).contains(&stride(100_000)));
    }
}
