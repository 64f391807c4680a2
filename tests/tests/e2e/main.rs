//! The real `emqxd` and the real `emqx-ctl`, from outside: one binary, one file a feature.
//!
//! Each test has a daemon and a folder of its own. The rules of MQTT are tested in the broker crate;
//! here stands what only the whole can show: sockets, processes, files, the CLI, other clients.

#![allow(clippy::unwrap_used)]

mod admins;
mod alarms;
mod authn;
mod authn_scram;
mod authn_users;
mod authz;
mod banned;
mod bench;
mod broker_status;
mod clients;
mod cluster;
mod cluster_discovery;
mod cluster_messages;
mod cluster_operators;
mod cluster_sessions;
mod cluster_state;
mod cluster_streams;
mod completion;
mod conf;
mod config;
mod control_socket;
mod data;
mod diagnosis;
mod doctor;
mod drain;
mod emqx_verbs;
mod fan_out;
mod faq;
mod haproxy;
mod journal;
mod license;
mod limits;
mod listeners;
mod log;
mod messages;
mod mutual_tls;
mod real_clients;
mod reload;
mod retainer;
mod robustness;
mod sandbox;
mod security_profile;
mod sessions;
mod shared_subscriptions;
mod signals;
mod silent_connections;
mod subscriptions;
mod sys_topics;
mod systemd;
mod systemd_unit;
mod takeover_owner;
mod tls;
mod trace;
mod upgrade;
mod why;
mod ws;
