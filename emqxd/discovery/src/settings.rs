//! What an operator sets below `cluster`: how other nodes are found, with EMQX's defaults.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

/// `cluster.discovery_strategy`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Operators join nodes by hand.
    #[default]
    Manual,
    /// Never a cluster.
    Singleton,
    /// A list of names.
    Static,
    /// A and AAAA records, or SRV records.
    Dns,
    /// Keys in etcd that live as long as the nodes do.
    Etcd,
    /// The endpoints of a Kubernetes service.
    K8s,
    /// Questions by UDP multicast.
    Mcast,
}

impl Kind {
    /// As they stand in the configuration.
    pub const WORDS: [&str; 7] = ["manual", "static", "dns", "etcd", "k8s", "mcast", "singleton"];

    /// By its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "manual" => Self::Manual,
            "singleton" => Self::Singleton,
            "static" => Self::Static,
            "dns" => Self::Dns,
            "etcd" => Self::Etcd,
            "k8s" => Self::K8s,
            "mcast" => Self::Mcast,
            _ => return None,
        })
    }

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Singleton => "singleton",
            Self::Static => "static",
            Self::Dns => "dns",
            Self::Etcd => "etcd",
            Self::K8s => "k8s",
            Self::Mcast => "mcast",
        }
    }

    /// Whether nodes find each other without an operator.
    #[must_use]
    pub fn is_automatic(self) -> bool {
        !matches!(self, Self::Manual | Self::Singleton)
    }
}

/// All of it; only what belongs to `kind` is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// `cluster.discovery_strategy`
    pub kind: Kind,
    /// `cluster.static.seeds`: node names.
    pub seeds: Vec<String>,
    /// `cluster.dns`
    pub dns: Dns,
    /// `cluster.etcd`
    pub etcd: Etcd,
    /// `cluster.k8s`
    pub k8s: K8s,
    /// `cluster.mcast`
    pub mcast: Mcast,
}

/// `cluster.dns`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// The name whose records are the nodes.
    pub name: String,
    /// Which records.
    pub record_type: RecordType,
    /// Who is asked: `address` or `address:port`; `None` for those of `/etc/resolv.conf`.
    pub server: Option<String>,
}

/// `cluster.dns.record_type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordType {
    /// A and AAAA: each address is the host of a node.
    #[default]
    A,
    /// Each target is the host of a node.
    Srv,
}

impl Default for Dns {
    fn default() -> Self {
        Self {
            name: "localhost".to_owned(),
            record_type: RecordType::A,
            server: None,
        }
    }
}

/// `cluster.etcd`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etcd {
    /// URLs, tried in turn.
    pub servers: Vec<String>,
    /// What the keys begin with.
    pub prefix: String,
    /// How long a node's key outlives it.
    pub node_ttl: Duration,
    /// `cluster.etcd.ssl_options`
    pub tls: Tls,
}

impl Default for Etcd {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            prefix: "emqxcl".to_owned(),
            node_ttl: Duration::from_secs(60),
            tls: Tls::default(),
        }
    }
}

/// TLS towards a server that is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Its certificate is taken whatever it says.
    pub is_unverified: bool,
    /// The only CAs that are believed; `None` for the system's.
    pub cacertfile: Option<PathBuf>,
    /// What is shown to it.
    pub certfile: Option<PathBuf>,
    /// The key to that.
    pub keyfile: Option<PathBuf>,
}

/// `cluster.k8s`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct K8s {
    /// URL of the API server.
    pub apiserver: String,
    /// The service whose endpoints are the nodes.
    pub service_name: String,
    /// How the hosts of node names are made.
    pub address_type: AddressType,
    /// Where the service is.
    pub namespace: String,
    /// What the names of hosts end with.
    pub suffix: String,
    /// The folder with `token` and `ca.crt` of the service account.
    pub account: PathBuf,
}

/// `cluster.k8s.address_type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressType {
    /// `10.0.0.5`
    #[default]
    Ip,
    /// `10-0-0-5.default.pod.cluster.local`
    Dns,
    /// `emqx-0.emqx-headless.default.svc.cluster.local`
    Hostname,
}

impl Default for K8s {
    fn default() -> Self {
        Self {
            apiserver: "https://kubernetes.default.svc:443".to_owned(),
            service_name: "emqx".to_owned(),
            address_type: AddressType::Ip,
            namespace: "default".to_owned(),
            suffix: "pod.local".to_owned(),
            account: PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount"),
        }
    }
}

/// `cluster.mcast`, with EMQX 4's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mcast {
    /// The group.
    pub addr: Ipv4Addr,
    /// Each node listens at the first of them and asks at all.
    pub ports: Vec<u16>,
    /// The interface, by its address; unspecified leaves it to the system.
    pub iface: Ipv4Addr,
    /// How many routers a question may cross.
    pub ttl: u8,
    /// Whether nodes of the same machine hear it.
    pub is_looped: bool,
}

impl Default for Mcast {
    fn default() -> Self {
        Self {
            addr: Ipv4Addr::new(239, 192, 0, 1),
            ports: vec![4369, 4370],
            iface: Ipv4Addr::UNSPECIFIED,
            ttl: 255,
            is_looped: true,
        }
    }
}
