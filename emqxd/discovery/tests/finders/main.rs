//! Each strategy against what it asks: dnsmasq, etcd, a stand-in for Kubernetes, and a multicast group of the kernel's.
#![allow(clippy::unwrap_used)]

mod dns;
mod etcd;
mod k8s;
mod mcast;

use emqxd_discovery::settings::Settings;
use emqxd_discovery::{DiscoveryError, Finder, Own};

const COOKIE: &str = "a-cookie-of-its-own";

/// A finder of a node of the cluster `mine`.
fn finder(settings: Settings, node: &str) -> Finder {
    finder_with(settings, node, "mine", COOKIE).unwrap()
}

fn finder_with(settings: Settings, node: &str, cluster: &str, cookie: &str) -> Result<Finder, DiscoveryError> {
    let own = Own {
        cluster: cluster.to_owned(),
        node: node.to_owned(),
        cookie: cookie.to_owned(),
    };
    Finder::new(&settings, own).map(|finder| finder.expect("it looks by itself"))
}

/// Announces and finds: the names of other nodes.
async fn names(finder: &mut Finder) -> Vec<String> {
    finder.announce().await.unwrap();
    let found = finder.find().await.unwrap();
    assert_eq!(found.left_out, 0);
    found.seeds.into_iter().map(|seed| seed.node).collect()
}
