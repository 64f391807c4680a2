//! Which node keeps the lock of a client id: rendezvous hashing.
//!
//! Every node scores every id; the highest score is the home. When a node goes only its ids move, when one comes only
//! those that move to it. The hash is FNV-1a with the finish of SplitMix64, written here, because all nodes of a cluster
//! must agree on it whatever they were built with.

use crate::consensus::NodeId;

/// The home of a client id among these nodes; `None` if there are none.
pub fn home(client_id: &str, nodes: impl IntoIterator<Item = NodeId>) -> Option<NodeId> {
    let seed = fnv1a(client_id.as_bytes());
    nodes.into_iter().max_by_key(|node| (mix(seed ^ mix(*node)), *node))
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> impl Iterator<Item = String> {
        (0..3000).map(|number| format!("client-{number}"))
    }

    #[test]
    fn homes_are_spread_evenly_and_do_not_depend_on_the_order_of_nodes() {
        let mut counts = [0; 3];
        for id in ids() {
            let chosen = home(&id, [1, 2, 3]).unwrap();
            assert_eq!(home(&id, [3, 1, 2]), Some(chosen));
            counts[chosen as usize - 1] += 1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn only_the_ids_of_a_node_that_goes_move() {
        for id in ids() {
            let before = home(&id, [1, 2, 3]).unwrap();
            let after = home(&id, [1, 3]).unwrap();
            assert!(before == after || before == 2, "{id}");
        }
    }

    /// A change of these is a cluster that disagrees while its nodes are upgraded one by one.
    #[test]
    fn homes_are_the_same_in_all_versions() {
        let nodes = [11, 22, 33, 44, 55];
        let chosen = ["", "a", "sensor-7", "emqx_0123456789"].map(|id| home(id, nodes).unwrap());
        assert_eq!(chosen, [44, 33, 44, 22]);
        assert_eq!(home("a", []), None);
    }
}
