//! How each view is drawn: one file for each kind of record.

pub mod action;
mod bench;
mod broker;
mod clients;
mod disconnects;
pub mod explanation;
pub mod kicked;
pub mod level;
mod listeners;
mod log_handlers;
pub mod retained;
mod status;
mod subscriptions;
mod topics;
pub mod version;
mod why;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod samples;
