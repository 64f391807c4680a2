//! How each view is drawn: one file for each kind of record.

pub mod action;
mod admins;
mod alarms;
pub mod authn;
mod authz;
mod banned;
mod bench;
mod broker;
mod clients;
pub mod cluster;
pub mod conf;
mod diagnosis;
mod disconnects;
pub mod explanation;
mod finding;
pub mod kicked;
pub mod level;
pub mod license;
mod lifecycle;
pub mod listener_watch;
mod listeners;
mod log_handlers;
pub mod retained;
mod status;
mod subscriptions;
pub mod system;
pub mod tls;
pub mod top;
mod topics;
pub mod trace;
mod upgrade;
pub mod version;
mod why;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod samples_admins;
#[cfg(test)]
mod samples_authn;
#[cfg(test)]
mod samples_authz;
#[cfg(test)]
mod samples_cluster;
#[cfg(test)]
mod samples_diagnosis;
#[cfg(test)]
mod samples_doctor;
#[cfg(test)]
mod samples_lifecycle;
#[cfg(test)]
mod samples_tls;
