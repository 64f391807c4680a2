//! Checks the certificates of clients: the chain by rustls-webpki, revocation, and EMQX's `depth`.
//!
//! Where there are revocation lists, the client's own certificate must be on no list of its CA, and there must be
//! such a list (as EMQX's `crl_check`); a CA in between is refused if it is on a list, and passes where there is none.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use super::certificate::CertificateFacts;
use super::settings::ClientVerification;

thread_local! {
    /// Whose certificate the verifier refused last. rustls gives no way to hand more than an error to the connection
    /// that is being processed on this thread; it is taken right after that.
    static REFUSAL: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What is known of the certificate that has just been refused on this thread.
pub(super) fn take_refusal() -> Option<String> {
    REFUSAL.take()
}

/// rustls's verifier, and what it does not do.
pub(super) struct ClientVerifier {
    /// Chain, dates and, with lists, revocation of the client's own certificate.
    own: Arc<dyn ClientCertVerifier>,
    /// Revocation of the CAs in between; with lists only.
    chain: Option<Arc<dyn ClientCertVerifier>>,
    depth: usize,
}

impl ClientVerifier {
    /// For clients whose certificates lead to `roots`.
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        crls: &[CertificateRevocationListDer<'static>],
        verification: ClientVerification,
        depth: usize,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let builder = || {
            let builder = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider))
                .with_crls(crls.iter().cloned());
            match verification {
                ClientVerification::Required => builder,
                ClientVerification::None | ClientVerification::Optional => builder.allow_unauthenticated(),
            }
        };
        let own = builder().only_check_end_entity_revocation().build()?;
        let chain = if crls.is_empty() {
            None
        } else {
            Some(builder().allow_unknown_revocation_status().build()?)
        };
        Ok(Self { own, chain, depth })
    }

    /// How many CAs stand between a client's certificate and its root, if those are too many; EMQX counts so.
    fn too_deep(&self, intermediates: &[CertificateDer<'_>]) -> Option<usize> {
        if intermediates.len() <= self.depth {
            return None;
        }
        let between = intermediates
            .iter()
            .filter(|certificate| CertificateFacts::parse(certificate).is_none_or(|facts| !facts.is_self_issued))
            .count();
        (between > self.depth).then_some(between)
    }

    fn check(
        &self,
        own: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.own.verify_client_cert(own, intermediates, now)?;
        match &self.chain {
            Some(chain) if !intermediates.is_empty() => chain.verify_client_cert(own, intermediates, now),
            _ => Ok(verified),
        }
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn offer_client_auth(&self) -> bool {
        self.own.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.own.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.own.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(between) = self.too_deep(intermediates) {
            REFUSAL.set(Some(format!(
                "the chain of the client's certificate has more CAs in between ({between}) than `ssl_options.depth` \
                 allows ({})",
                self.depth
            )));
            return Err(CertificateError::UnknownIssuer.into());
        }
        REFUSAL.set(None);
        self.check(end_entity, intermediates, now).inspect_err(|error| {
            REFUSAL.set(Some(refusal(error, end_entity)));
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.own.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.own.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.own.supported_verify_schemes()
    }
}

impl fmt::Debug for ClientVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientVerifier")
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}

/// A sentence for the log: whose certificate, and what is wrong with it.
fn refusal(error: &Error, der: &[u8]) -> String {
    let what = super::failure::certificate_problem(error);
    match CertificateFacts::parse(der) {
        Some(facts) => format!(
            "the client's certificate {what}: {}, serial {}, issued by {}",
            facts.subject, facts.serial, facts.issuer
        ),
        None => format!("the client's certificate {what}"),
    }
}
