//! What the end-to-end tests stand on: real daemons, the real CLI, and a small MQTT client.
//!
//! [`Daemon`] starts `emqxd` in a folder of its own and runs `emqx-ctl` against it, [`TestCluster`] several that are one
//! broker; [`TestClient`]
//! speaks MQTT 3.1, 3.1.1 and 5 packet by packet; [`Terminal`] answers prompts; [`Shell`] presses TAB; [`Operator`] types what
//! documents tell operators to type; [`ServiceManager`] and [`Journal`] play systemd; [`real_clients`] finds other
//! projects' clients.
//! Nothing here sleeps for luck: whatever takes time is waited for with a deadline ([`wait_until`]).
#![deny(missing_docs)]

mod auth_server;
mod binaries;
mod client_options;
mod cluster;
mod ctl;
mod daemon;
mod journal;
pub mod license;
mod name_servers;
mod operator;
pub mod pki;
mod random;
pub mod real_clients;
mod service_manager;
mod shell;
mod successor;
mod terminal;
mod test_client;
mod wait;

pub use auth_server::{AuthRequest, AuthServer};
pub use client_options::ClientOptions;
pub use cluster::TestCluster;
pub use ctl::{CtlOutput, Listener};
pub use daemon::{Daemon, DaemonBuilder};
pub use journal::{Journal, JournalRecord};
pub use name_servers::{DnsServer, EtcdServer, KubernetesApi};
pub use operator::Operator;
pub use random::Random;
pub use service_manager::{Datagram, ServiceManager};
pub use shell::{Shell, ShellKind};
pub use successor::Successor;
pub use terminal::Terminal;
pub use test_client::{Refused, TestClient};
pub use wait::{DEADLINE, wait_for, wait_until};

pub use mqtt_codec::{Packet, ProtocolVersion, Publish, QoS, ReasonCode};
