//! Several nodes together, in one thread, with an invented clock and an invented network: seeds, delays, partitions,
//! links that break and nodes that crash, each of which a seed brings back.
//!
//! The rules are the real ones: shards, route tables and retained messages (`emqxd-broker`), streams, lanes, locks and
//! claims (`emqxd-cluster`). Of the daemon the files that do no I/O are compiled in here as they are, over the clock of
//! the simulation; its tasks are written anew in short.
//!
//! | file | what |
//! | --- | --- |
//! | `world.rs` | what happens: time, faults, who is up for whom, when all has to be well again |
//! | `network.rs` | links, delays, what is blocked |
//! | `node.rs` | one start of a node |
//! | `streams.rs`, `lanes.rs`, `sessions/` | in the place of the daemon's tasks of the same names |
//! | `clients.rs` | publishers, subscribers that stay, subscribers that move |
//! | `checks.rs` | what has to hold |
//! | `clock.rs` | in the place of the daemon's clock |
//!
//! `EMQXD_MODEL_SEED=<seed>` runs that one world of each kind and tells what happens in it;
//! `EMQXD_MODEL_SEQUENCES=<number>` says how many are run.
#![allow(clippy::unwrap_used, reason = "the daemon's files bring their tests")]

mod checks;
mod clients;
mod clock;
#[path = "../../src/cluster/lanes/conversion.rs"]
mod conversion;
#[path = "../../src/cluster/streams/journal.rs"]
#[allow(dead_code, reason = "the daemon's pages ask it for its clock")]
mod journal;
mod lanes;
mod network;
mod node;
#[path = "../../src/cluster/streams/replica.rs"]
#[allow(dead_code, reason = "the daemon tells more of it")]
mod replica;
#[path = "../../src/cluster/streams/retained.rs"]
mod retained;
#[path = "../../src/cluster/streams/rows.rs"]
mod rows;
mod sessions;
mod streams;
#[path = "../../broker/tests/broker/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the broker's tests use the rest")]
mod support;
mod world;

use self::support::setting;
use self::world::{Faults, World};

/// Worlds of each kind.
const WORLDS: u64 = 40;

/// Names the seed of a world that fails.
struct Named(u64, &'static str);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(seed, test) = self;
            eprintln!("\nreplay with: EMQXD_MODEL_SEED={seed} cargo test -p emqxd --test cluster_simulation {test}\n");
        }
    }
}

fn run(faults: Faults, test: &'static str, worlds: u64) {
    let chosen = setting("EMQXD_MODEL_SEED");
    let worlds = setting("EMQXD_MODEL_SEQUENCES").unwrap_or(worlds);
    for seed in chosen.map_or(0..worlds, |seed| seed..seed + 1) {
        let _named = Named(seed, test);
        let (wrong, _) = World::new(seed, faults, chosen.is_some()).run();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn links_that_break_lose_nothing() {
    run(Faults::Breaks, "links_that_break_lose_nothing", WORLDS);
}

#[test]
fn after_partitions_all_is_well_again() {
    run(Faults::Partitions, "after_partitions_all_is_well_again", WORLDS);
}

#[test]
fn after_crashes_all_is_well_again() {
    run(Faults::Crashes, "after_crashes_all_is_well_again", WORLDS);
}

#[test]
fn after_everything_at_once_all_is_well_again() {
    run(Faults::All, "after_everything_at_once_all_is_well_again", WORLDS);
}

/// A link whose other end crashed without a word broke when the next message went over it. A session moved in the moment
/// before there was another one, and nobody waited for that message.
#[test]
fn a_session_waits_for_what_a_link_that_has_just_broken_is_to_bring() {
    let (wrong, _) = World::new(92, Faults::Crashes, false).run();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A node that was alone heard nothing of what a third one told the others, and had never known that one as up: it had no
/// reason to ask, and those who asked it got nothing new.
#[test]
fn who_has_fewer_retained_messages_learns_of_it_by_being_asked() {
    let (wrong, _) = World::new(333, Faults::All, false).run();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "ten thousand worlds of each kind"]
fn many_worlds() {
    for faults in [Faults::Breaks, Faults::Partitions, Faults::Crashes, Faults::All] {
        run(faults, "many_worlds -- --ignored", 10_000);
    }
}

/// The control: without the barrier of a takeover messages are lost or overtake each other.
#[test]
fn the_simulation_sees_that_a_rule_is_missing() {
    let finds = |seed| {
        let mut world = World::new(seed, Faults::Breaks, false);
        world.is_spread_skipped = true;
        !world.run().0.is_empty()
    };
    assert!((0..WORLDS).any(finds), "the simulation sees nothing");
}

#[test]
fn a_seed_brings_back_the_same_world() {
    let traces = || (0..5).map(|seed| World::new(seed, Faults::All, false).run().1);
    assert!(traces().eq(traces()));
}
