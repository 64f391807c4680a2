//! TLS of listeners: from settings to a [`TlsServer`], and reloading certificates while clients are connected.
//!
//! `listener/` asks for a server when it starts an `ssl` or `wss` listener and keeps it; `negotiate/` shakes hands with
//! it. `conf reload`, SIGHUP, `tls reload` and `pem_cache clean` come to [`reload_all`].
//!
//! [`TlsServer`]: emqxd_transport::TlsServer

mod reload;
mod settings;

pub use reload::{Reloaded, log_findings, reload_all, server_of};
pub use settings::{TlsUnavailable, check_tls, tls_server_for, tls_settings};
