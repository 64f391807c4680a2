//! `tls certs|check|reload`

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum TlsCommand {
    /// The certificates of the listeners
    Certs {
        /// Only of this listener, such as ssl:default
        listener: Option<String>,
    },
    /// What is wrong with certificates: those of the listeners, a file, or another host
    Check(TlsCheckArgs),
    /// Read the certificates again; clients stay connected
    Reload {
        /// Only of this listener, such as ssl:default
        listener: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct TlsCheckArgs {
    /// A certificate with its chain, PEM; needs no daemon
    #[arg(conflicts_with = "host")]
    pub file: Option<PathBuf>,
    /// The key that should belong to it, PEM
    #[arg(long, value_name = "FILE", requires = "file")]
    pub key: Option<PathBuf>,
    /// The CAs that clients trust, PEM; otherwise those of this system
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Look at what another host shows; needs no daemon
    #[arg(long, value_name = "HOST:PORT")]
    pub host: Option<String>,
}
