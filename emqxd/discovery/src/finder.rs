//! Asks for other nodes, by the strategy of the settings.

use std::fmt;

use crate::etcd::Etcd;
use crate::k8s::K8s;
use crate::mcast::Mcast;
use crate::settings::{self, Kind, Settings};
use crate::{DiscoveryError, dns, link_address};

/// Nodes of one answer; a cluster is far smaller, and each of them costs attempts to reach it.
const SEEDS_MAX: usize = 256;

/// Who asks.
#[derive(Clone)]
pub struct Own {
    /// `cluster.name`
    pub cluster: String,
    /// `emqx@10.0.0.1`
    pub node: String,
    /// What the nodes of the cluster share.
    pub cookie: String,
}

impl fmt::Debug for Own {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.node, self.cluster)
    }
}

impl Own {
    /// What stands before the `@`: other nodes are taken to have the same.
    pub(crate) fn short_name(&self) -> &str {
        self.node.split('@').next().unwrap_or_default()
    }
}

/// A node that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed {
    /// `emqx@10.0.0.2`
    pub node: String,
    /// Where its link port is: `10.0.0.2:4370`.
    pub address: String,
}

impl Seed {
    /// By its name; `None` if that is no node's.
    #[must_use]
    pub fn of(node: &str) -> Option<Self> {
        Some(Self {
            node: node.to_owned(),
            address: link_address(node)?,
        })
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Other nodes, sorted, none twice.
    pub seeds: Vec<Seed>,
    /// Names that are no node's, and nodes beyond the bound.
    pub left_out: usize,
}

/// Finds other nodes.
pub struct Finder {
    own: Own,
    source: Source,
}

enum Source {
    Static(Vec<String>),
    Dns(settings::Dns),
    Etcd(Etcd),
    K8s(K8s),
    Mcast(Box<Mcast>),
}

impl Finder {
    /// By the settings; `None` if nodes are not found without an operator. Asks nobody yet.
    ///
    /// # Errors
    /// What is named in the settings (a certificate) cannot be read.
    pub fn new(settings: &Settings, own: Own) -> Result<Option<Self>, DiscoveryError> {
        let source = match settings.kind {
            Kind::Manual | Kind::Singleton => return Ok(None),
            Kind::Static => Source::Static(settings.seeds.clone()),
            Kind::Dns => Source::Dns(settings.dns.clone()),
            Kind::Etcd => Source::Etcd(Etcd::new(&settings.etcd, &own)?),
            Kind::K8s => Source::K8s(K8s::new(&settings.k8s, own.short_name())),
            Kind::Mcast => Source::Mcast(Box::new(Mcast::new(&settings.mcast, &own))),
        };
        Ok(Some(Self { own, source }))
    }

    /// Lets other nodes find this one, as far as that takes something of it. To be called before every
    /// [`Self::find`]: what it says there may run out.
    ///
    /// # Errors
    /// See [`DiscoveryError`].
    pub async fn announce(&mut self) -> Result<(), DiscoveryError> {
        match &mut self.source {
            Source::Static(_) | Source::Dns(_) | Source::K8s(_) => Ok(()),
            Source::Etcd(etcd) => etcd.announce().await,
            Source::Mcast(mcast) => mcast.announce(),
        }
    }

    /// Other nodes of the cluster.
    ///
    /// # Errors
    /// See [`DiscoveryError`].
    pub async fn find(&mut self) -> Result<Found, DiscoveryError> {
        let names = match &mut self.source {
            Source::Static(seeds) => seeds.clone(),
            Source::Dns(settings) => dns::find(settings, self.own.short_name()).await?,
            Source::Etcd(etcd) => etcd.find().await?,
            Source::K8s(k8s) => k8s.find().await?,
            Source::Mcast(mcast) => mcast.find().await?,
        };
        Ok(self.found(names))
    }

    /// Other nodes find this one no more.
    ///
    /// # Errors
    /// See [`DiscoveryError`]; what it had said runs out by itself then.
    pub async fn withdraw(&mut self) -> Result<(), DiscoveryError> {
        match &mut self.source {
            Source::Static(_) | Source::Dns(_) | Source::K8s(_) => {}
            Source::Etcd(etcd) => etcd.withdraw().await?,
            Source::Mcast(mcast) => mcast.withdraw(),
        }
        Ok(())
    }

    fn found(&self, names: Vec<String>) -> Found {
        let all = names.len();
        let mut seeds: Vec<Seed> = names.iter().filter_map(|name| Seed::of(name)).collect();
        let mut left_out = all - seeds.len();
        seeds.sort();
        seeds.dedup();
        let own = link_address(&self.own.node);
        seeds.retain(|seed| Some(&seed.address) != own.as_ref());
        if seeds.len() > SEEDS_MAX {
            left_out += seeds.len() - SEEDS_MAX;
            seeds.truncate(SEEDS_MAX);
        }
        Found { seeds, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(seeds: Vec<String>) -> Finder {
        let settings = Settings {
            kind: Kind::Static,
            seeds,
            ..Settings::default()
        };
        let own = Own {
            cluster: "emqxcl".to_owned(),
            node: "emqx1@10.0.0.1".to_owned(),
            cookie: "c".to_owned(),
        };
        Finder::new(&settings, own).unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_list_of_names_is_found_without_the_node_itself_and_without_what_is_no_name() {
        let names = [
            "emqx2@10.0.0.2",
            "emqx1@10.0.0.1",
            "nonsense",
            "emqx@a",
            "emqx2@10.0.0.2",
        ];
        let mut finder = finder(names.map(str::to_owned).into());
        finder.announce().await.unwrap();
        let found = finder.find().await.unwrap();
        let seeds: Vec<&str> = found.seeds.iter().map(|seed| seed.address.as_str()).collect();
        assert_eq!(seeds, ["10.0.0.2:4372", "a:4370"].map(|address| address));
        assert_eq!(found.left_out, 1);
        finder.withdraw().await.unwrap();
    }

    #[tokio::test]
    async fn no_more_nodes_are_taken_than_a_cluster_can_have() {
        let names = (0..300).map(|number| format!("emqx@host-{number}")).collect();
        let found = finder(names).find().await.unwrap();
        assert_eq!((found.seeds.len(), found.left_out), (SEEDS_MAX, 44));
    }

    #[test]
    fn nobody_is_looked_for_by_hand() {
        for kind in [Kind::Manual, Kind::Singleton] {
            let settings = Settings {
                kind,
                ..Settings::default()
            };
            let own = Own {
                cluster: "c".to_owned(),
                node: "a@b".to_owned(),
                cookie: "secret".to_owned(),
            };
            assert_eq!(format!("{own:?}"), "a@b of c");
            assert!(Finder::new(&settings, own).unwrap().is_none());
        }
    }
}
