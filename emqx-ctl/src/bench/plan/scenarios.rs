//! Who subscribes to what and who publishes where, in each scenario.

use std::time::Duration;

use super::{CONNECTIONS_MAX, Order, Plan, Scenario, TOPICS_MAX, WINDOW_DEFAULT, in_range};
use crate::cli::{ConnectBench, FanInBench, FanOutBench, P2pBench, RetainedBench, SharedBench, WildcardBench};
use crate::failure::CliFailure;

pub(super) fn connect(args: ConnectBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::Connect, args.target, tag, timeout)?;
    plan.idle_clients = in_range("--clients", args.clients, CONNECTIONS_MAX)?;
    plan.rate = args.rate;
    Ok(plan)
}

pub(super) fn fan_in(args: FanInBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::FanIn, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let subscribers = in_range("--subscribers", args.subscribers, CONNECTIONS_MAX)?;
    let topics = in_range("--topics", args.topics.unwrap_or(plan.publishers), TOPICS_MAX)?;
    let base = format!("bench/{}", plan.tag);
    plan.subscribers = vec![vec![format!("{base}/in/#")]; subscribers as usize];
    plan.topics = (0..topics).map(|i| format!("{base}/in/{i}")).collect();
    plan.fan = subscribers;
    plan.order = Order::EachPublisher;
    plan.set_flow(&args.flow)?;
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
    plan.set_flow(&args.flow)?;
    Ok(plan)
}

pub(super) fn p2p(args: P2pBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::P2p, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX / 2)?;
    let topic = |i| format!("bench/{}/device/{i}/state", plan.tag);
    plan.topics = (0..plan.publishers).map(topic).collect();
    plan.subscribers = plan.topics.iter().map(|topic| vec![topic.clone()]).collect();
    plan.fan = 1;
    plan.order = Order::OwnPublisher;
    plan.set_flow(&args.flow)?;
    Ok(plan)
}

pub(super) fn shared(args: SharedBench, tag: String, timeout: Duration) -> Result<Plan, CliFailure> {
    let mut plan = Plan::idle(Scenario::Shared, args.target, tag, timeout)?;
    plan.publishers = in_range("--publishers", args.publishers, CONNECTIONS_MAX)?;
    let groups = in_range("--groups", args.groups, 1000)?;
    let members = in_range("--subscribers", args.subscribers, CONNECTIONS_MAX / 1000)?;
    let topics = in_range("--topics", args.topics.unwrap_or(plan.publishers), TOPICS_MAX)?;
    let base = format!("bench/{}/shared", plan.tag);
    let filter = |i: u32| vec![format!("$share/g{}/{base}/#", i % groups)];
    plan.subscribers = (0..groups * members).map(filter).collect();
    plan.topics = (0..topics).map(|i| format!("{base}/{i}")).collect();
    plan.fan = groups;
    plan.order = Order::EachPublisher;
    plan.set_flow(&args.flow)?;
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
    for i in 0..filters {
        let (filter, topic) = wildcard_pair(&plan.tag, i);
        plan.subscribers[(i % subscribers) as usize].push(filter);
        plan.topics.push(topic);
    }
    plan.fan = 1;
    plan.order = Order::EachPublisher;
    plan.set_flow(&args.flow)?;
    Ok(plan)
}

/// A filter and the topic that only it matches.
fn wildcard_pair(tag: &str, i: u32) -> (String, String) {
    let (site, device) = (i / 1000, i % 1000);
    match i % 4 {
        0 => (
            format!("bench/{tag}/s{site}/+/p{device}/v"),
            format!("bench/{tag}/s{site}/m/p{device}/v"),
        ),
        1 => (
            format!("bench/{tag}/s{site}/h{device}/#"),
            format!("bench/{tag}/s{site}/h{device}/a/b"),
        ),
        2 => {
            let topic = format!("bench/{tag}/s{site}/e{device}/v");
            (topic.clone(), topic)
        }
        _ => (
            format!("+/{tag}/s{site}/+/d{device}/+/z"),
            format!("bench/{tag}/s{site}/k/d{device}/c/z"),
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
    let base = format!("bench/{}/kept", plan.tag);
    plan.topics = (0..count)
        .map(|i| format!("{base}/{}/device/{}", i / 1000, i % 1000))
        .collect();
    plan.subscribers = vec![vec![format!("{base}/#")]];
    plan.fan = 1;
    plan.set_message(&args.message)?;
    if args.message.window.is_none() {
        // Nobody is subscribed while they are stored.
        plan.window = WINDOW_DEFAULT;
    }
    Ok(plan)
}
