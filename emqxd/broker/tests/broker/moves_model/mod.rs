//! A client that hops among nodes at random moments, while publishers of the whole cluster go on: every message of QoS 1
//! and 2 reaches it, of QoS 2 exactly once, each publisher's in their order on each topic, and no node keeps anything.
//!
//! The nodes are brokers with clocks of their own; between them messages and news of routes take random times
//! ([`publisher`]). A failure prints its seed. `EMQXD_MODEL_SEED=<seed>` runs that one sequence and prints its operations;
//! `EMQXD_MODEL_SEQUENCES=<number>` runs more or fewer than usual.

mod publisher;
mod receiver;
mod world;

use self::world::{Kind, World};
use crate::support::{Seed, setting};

/// Sequences of each kind.
const SEQUENCES: u64 = 1000;

fn run(kind: Kind) {
    let chosen = setting("EMQXD_MODEL_SEED");
    let sequences = setting("EMQXD_MODEL_SEQUENCES").unwrap_or(SEQUENCES);
    for seed in chosen.map_or(0..sequences, |seed| seed..seed + 1) {
        let _named = Seed(seed);
        let wrong = World::new(seed, kind, chosen.is_some()).run();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn a_client_that_hops_among_nodes_gets_what_it_was_promised() {
    run(Kind::Alone);
}

#[test]
fn so_it_does_where_others_have_subscribed_to_the_same() {
    run(Kind::AmongOthers);
}

/// The control: two copies of a message that cannot be told to be of one come twice.
#[test]
fn without_ids_the_model_finds_duplicates() {
    let finds = |seed| !World::new(seed, Kind::WithoutIds, false).run().is_empty();
    assert!((0..50).any(finds), "the model sees nothing");
}
