//! What was found out about a connection before its first byte of MQTT, and has to be kept.

use std::net::SocketAddr;
use std::sync::Arc;

use emqxd_broker::TlsPeer;
use emqxd_transport::{PeerCertificate, ProxyTls, TlsSession};

/// The facts; a connection over plain TCP has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// The load balancer or proxy that told the client's address.
    pub proxied_by: Option<SocketAddr>,
    /// TLS, ended here or at the load balancer.
    pub tls: Option<Arc<TlsPeer>>,
    /// The client's certificate, verified here.
    pub certificate: Option<Arc<PeerCertificate>>,
}

impl Origin {
    /// `None` if there is nothing to keep.
    pub(crate) fn if_known(self) -> Option<Box<Self>> {
        let is_known = self.proxied_by.is_some() || self.tls.is_some() || self.certificate.is_some();
        is_known.then(|| Box::new(self))
    }

    /// A handshake is done. What a load balancer told of its own is less.
    pub(super) fn shook_hands(&mut self, session: TlsSession) {
        let certificate = session.peer_certificate;
        self.tls = Some(Arc::new(TlsPeer {
            version: Some(session.version.into()),
            cipher: Some(session.cipher.into()),
            server_name: session.server_name.map(Into::into),
            common_name: certificate
                .as_ref()
                .and_then(|certificate| certificate.common_name.as_deref().map(Into::into)),
            subject: certificate
                .as_ref()
                .map(|certificate| certificate.subject.as_str().into()),
        }));
        self.certificate = certificate;
    }
}

/// TLS as a load balancer tells it, with the version in EMQX's words.
pub(super) fn told_by_proxy(tls: ProxyTls) -> Arc<TlsPeer> {
    let version = tls.version.map(|version| version.to_ascii_lowercase().into());
    Arc::new(TlsPeer {
        version,
        cipher: tls.cipher.map(Into::into),
        server_name: tls.server_name.map(Into::into),
        common_name: tls.common_name.map(Into::into),
        subject: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_load_balancers_are_shown_in_emqxs_words() {
        let tls = told_by_proxy(ProxyTls {
            version: Some("TLSv1.3".to_owned()),
            common_name: Some("device-7".to_owned()),
            ..ProxyTls::default()
        });
        assert_eq!(tls.version.as_deref(), Some("tlsv1.3"));
        assert_eq!(tls.common_name.as_deref(), Some("device-7"));
    }
}
