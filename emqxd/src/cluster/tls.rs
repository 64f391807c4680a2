//! `cluster.proto_dist = inet_tls`: links by mutual TLS 1.3, with one CA for all nodes.
//!
//! Either side shows a certificate that `cluster.ssl_options.cacertfile` has signed. The name in it is not compared: a
//! node has to know the cookie as well, and its name may be an address that no certificate holds. The files are read at
//! the start.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use emqxd_cluster::link::Stream;
use emqxd_transport::tls::{JudgeServer, ServerVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{ClientConfig, Error, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::config::ClusterConfig;

/// What both ends of a link need.
pub struct LinkTls {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

/// Why there can be no TLS.
#[derive(Debug, thiserror::Error)]
pub enum LinkTlsError {
    /// A file that is needed is not set.
    #[error("cluster.ssl_options.{0} is not set")]
    NotSet(&'static str),
    /// One cannot be read, or holds nothing that is looked for.
    #[error("cannot use {}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// They do not fit together.
    #[error("cluster.ssl_options: {0}")]
    Mismatch(String),
}

impl LinkTls {
    /// TLS with the files of the configuration.
    ///
    /// # Errors
    /// See [`LinkTlsError`].
    pub fn open(config: &ClusterConfig) -> Result<Self, LinkTlsError> {
        let files = &config.ssl_options;
        let set = |file: &Option<PathBuf>, name| file.clone().ok_or(LinkTlsError::NotSet(name));
        let roots = Arc::new(roots(&set(&files.cacertfile, "cacertfile")?)?);
        let chain = certificates(&set(&files.certfile, "certfile")?)?;
        let key_file = set(&files.keyfile, "keyfile")?;
        let key = PrivateKeyDer::from_pem_file(&key_file).map_err(|error| unusable(&key_file, &error))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mismatch = |error: &dyn std::error::Error| LinkTlsError::Mismatch(error.to_string());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let clients = clients.build().map_err(|error| mismatch(&error))?;
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| mismatch(&error))?
            .with_client_cert_verifier(clients)
            .with_single_cert(chain.clone(), key.clone_key())
            .map_err(|error| mismatch(&error))?;
        let servers = Arc::new(ServerVerifier::new(SignedByOurs { roots }, Arc::clone(&provider)));
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| mismatch(&error))?
            .dangerous()
            .with_custom_certificate_verifier(servers)
            .with_client_auth_cert(chain, key)
            .map_err(|error| mismatch(&error))?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(server)),
            connector: TlsConnector::from(Arc::new(client)),
        })
    }

    /// The connecting side. Whether the other one takes our certificate shows with its first bytes.
    ///
    /// # Errors
    /// No TLS there, or a certificate that the cluster's CA has not signed.
    pub async fn connect(&self, address: &str, stream: TcpStream) -> io::Result<Box<dyn Stream + Sync>> {
        let host = address.rsplit_once(':').map_or(address, |(host, _port)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let stream = self.connector.connect(name, stream).await?;
        Ok(Box::new(TlsLink(stream.into())))
    }

    /// The accepting side.
    ///
    /// # Errors
    /// No TLS there, or no certificate that the cluster's CA has signed.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<Box<dyn Stream + Sync>> {
        let stream = self.acceptor.accept(stream).await?;
        Ok(Box::new(TlsLink(stream.into())))
    }
}

/// A link within TLS.
struct TlsLink(TlsStream<TcpStream>);

impl Stream for TlsLink {
    fn move_here(&mut self) -> io::Result<()> {
        let socket = match &mut self.0 {
            TlsStream::Client(stream) => stream.get_mut().0,
            TlsStream::Server(stream) => stream.get_mut().0,
        };
        socket.move_here()
    }
}

impl AsyncRead for TlsLink {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, to)
    }
}

impl AsyncWrite for TlsLink {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

fn unusable(path: &Path, why: &dyn std::error::Error) -> LinkTlsError {
    LinkTlsError::File {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, LinkTlsError> {
    let read = CertificateDer::pem_file_iter(path).map_err(|error| unusable(path, &error))?;
    let certificates: Result<Vec<_>, _> = read.collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(LinkTlsError::File {
            path: path.to_owned(),
            why: "it holds no certificate".to_owned(),
        }),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unusable(path, &error)),
    }
}

fn roots(path: &Path) -> Result<RootCertStore, LinkTlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| unusable(path, &error))?;
    }
    Ok(roots)
}

/// A certificate is good if the cluster's CA has signed it, whatever name it holds.
#[derive(Debug)]
struct SignedByOurs {
    roots: Arc<RootCertStore>,
}

impl JudgeServer for SignedByOurs {
    fn judge(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), Error> {
        let certificate = ParsedCertificate::try_from(own)?;
        let algorithms = provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, others, now, algorithms)
    }
}
