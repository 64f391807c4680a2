//! TLS 1.2 and 1.3 for listeners, by rustls.
//!
//! [`TlsServer`] is one listener's settings and certificates, [`TlsServer::accept`] a handshake, [`TlsStream`] the
//! connection after it. [`inspect`] and [`probe`] look at certificates, in files and over the network, for operators.
//! There is no tokio-rustls in between: a handshake that fails must have written its alert and must say whose it was,
//! and a stream must be able to move to another worker's runtime.

mod accept;
mod certificate;
mod cipher_suites;
mod client_verifier;
mod failure;
mod first_bytes;
pub mod inspect;
mod material;
pub mod probe;
mod revocation;
mod server;
mod server_verifier;
mod settings;
mod socket_io;
mod stream;
#[cfg(test)]
mod tests;
mod tickets;

pub use accept::TlsAccept;
pub use certificate::PeerCertificate;
pub use cipher_suites::{CipherNameError, cipher_suite, supported_cipher_suites};
pub use failure::{AlertSide, TlsFailure};
pub use material::TlsConfigError;
pub use revocation::RevocationListFacts;
pub use server::{ReloadReport, TlsServer};
pub use server_verifier::{JudgeServer, ServerVerifier};
pub use settings::{ClientVerification, TlsSettings, TlsVersion};
pub use stream::{TlsParts, TlsSession, TlsStream};
pub use tickets::{TicketKeys, TicketSecret};
