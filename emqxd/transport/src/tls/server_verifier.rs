//! Servers' certificates, judged by a rule of ours instead of by name and CA alone.
//!
//! The rule sees the chain ([`JudgeServer`]); that the server holds the key of its certificate is proven here, in one way
//! for all rules.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// Whether a chain will do.
pub trait JudgeServer: fmt::Debug + Send + Sync {
    /// Looks at a server's own certificate and those that came with it.
    ///
    /// # Errors
    /// Why the connection must not go on.
    fn judge(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), Error>;
}

/// A verifier for `rustls::ClientConfig` that asks a rule about the chain.
#[derive(Debug)]
pub struct ServerVerifier<J> {
    judge: J,
    provider: Arc<CryptoProvider>,
}

impl<J: JudgeServer> ServerVerifier<J> {
    /// With a rule, and the algorithms of a provider.
    pub fn new(judge: J, provider: Arc<CryptoProvider>) -> Self {
        Self { judge, provider }
    }
}

impl<J: JudgeServer> ServerCertVerifier for ServerVerifier<J> {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge.judge(end_entity, intermediates, now, &self.provider)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
