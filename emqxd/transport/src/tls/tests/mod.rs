//! Handshakes against a client of rustls, in memory.

mod handshakes;
mod inspection;
mod refusals;
mod reloading;
mod resumption;

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use emqx_tests::pki::{Authority, Identity, KeyKind, Validity};
use rustls::client::ClientConnection;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::{ClientVerification, TlsFailure, TlsServer, TlsSession, TlsSettings, TlsStream};

type Accepted = Result<(TlsStream<DuplexStream>, TlsSession), TlsFailure>;

/// A root, a server below it, and their files.
struct Site {
    folder: TempDir,
    root: Authority,
    settings: TlsSettings,
}

impl Site {
    /// A server's certificate right below a root.
    fn new() -> Self {
        let root = Authority::root("Test Root");
        let identity = root.server(KeyKind::Ecdsa, Validity::Now);
        Self::with(root, &identity.certificate, &identity.key)
    }

    fn with(root: Authority, certificate: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = TlsSettings::new(
            "ssl:default",
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        let mut site = Self { folder, root, settings };
        site.write("cert.pem", certificate);
        site.write("key.pem", key);
        let ca = site.root.pem();
        site.settings.ca_file = Some(site.write("ca.pem", &ca));
        site
    }

    fn verifying() -> Self {
        let mut site = Self::new();
        site.settings.verification = ClientVerification::Required;
        site
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn server(&self) -> TlsServer {
        TlsServer::new(self.settings.clone()).unwrap()
    }

    /// A client that trusts the root.
    fn client(&self) -> ClientSettings<'static> {
        ClientSettings {
            trusted: self.root.pem(),
            identity: None,
            versions: rustls::ALL_VERSIONS,
            provider: aws_lc_rs::default_provider(),
        }
    }
}

struct ClientSettings<'a> {
    trusted: String,
    identity: Option<&'a Identity>,
    versions: &'a [&'static SupportedProtocolVersion],
    provider: CryptoProvider,
}

impl<'a> ClientSettings<'a> {
    fn identity<'b>(self, identity: &'b Identity) -> ClientSettings<'b>
    where
        'a: 'b,
    {
        ClientSettings {
            identity: Some(identity),
            ..self
        }
    }

    fn versions<'b>(self, versions: &'b [&'static SupportedProtocolVersion]) -> ClientSettings<'b>
    where
        'a: 'b,
    {
        ClientSettings { versions, ..self }
    }

    fn config(self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.trusted.as_bytes()).unwrap())
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(self.provider))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let chain: Vec<_> = CertificateDer::pem_slice_iter(identity.certificate.as_bytes())
                    .map(Result::unwrap)
                    .collect();
                let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        })
    }
}

/// The client's side of a connection.
struct Client {
    stream: DuplexStream,
    connection: ClientConnection,
}

impl Client {
    async fn flush(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            let mut bytes = Vec::new();
            self.connection.write_tls(&mut bytes)?;
            self.stream.write_all(&bytes).await?;
        }
        Ok(())
    }

    /// Takes in what comes next; `false` at the end.
    async fn receive(&mut self) -> Result<bool, rustls::Error> {
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer).await.unwrap_or(0);
        let mut bytes = &buffer[..count];
        while !bytes.is_empty() {
            self.connection.read_tls(&mut bytes).unwrap();
            if let Err(error) = self.connection.process_new_packets() {
                let _server_may_be_gone = self.flush().await;
                return Err(error);
            }
        }
        Ok(count > 0)
    }

    /// Until the handshake is done, on this side, or the server has closed.
    async fn shake_hands(&mut self) -> Result<(), rustls::Error> {
        loop {
            let _server_may_be_gone = self.flush().await;
            if !self.connection.is_handshaking() {
                return Ok(());
            }
            if !self.receive().await? {
                return Err(rustls::Error::General("closed".to_owned()));
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.connection.writer().write_all(bytes).unwrap();
        self.flush().await.unwrap();
    }

    /// Exactly so many bytes of plain text; fewer at the end.
    async fn read(&mut self, length: usize) -> Result<Vec<u8>, rustls::Error> {
        let mut plain = Vec::new();
        loop {
            let mut buffer = vec![0; length - plain.len()];
            if let Ok(count) = self.connection.reader().read(&mut buffer) {
                plain.extend_from_slice(&buffer[..count]);
                if count == 0 {
                    return Ok(plain);
                }
            }
            if plain.len() == length || !self.receive().await? {
                return Ok(plain);
            }
        }
    }
}

/// Both sides of a handshake: what the server made of it, the client, and what the client made of it.
async fn connect(server: &TlsServer, config: &Arc<ClientConfig>) -> (Accepted, Client, Result<(), rustls::Error>) {
    let (near, far) = duplex(256 * 1024);
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = Client {
        stream: far,
        connection: ClientConnection::new(Arc::clone(config), name).unwrap(),
    };
    let accept = server.accept(near);
    let shake = async move {
        let mut shaken = client.shake_hands().await;
        // In TLS 1.3 the client is done before the server has looked at its certificate.
        if shaken.is_ok() && client.connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3) {
            shaken = verdict(&mut client).await;
        }
        (client, shaken)
    };
    let (accepted, (client, shaken)) = tokio::join!(accept_and_greet(accept), shake);
    (accepted, client, shaken)
}

/// The server says a byte, so that a client of TLS 1.3 knows that it was taken.
async fn accept_and_greet(accept: super::TlsAccept<DuplexStream>) -> Accepted {
    let (mut stream, session) = accept.await?;
    if session.version == "tlsv1.3" {
        stream.write_all(b"!").await.unwrap();
        stream.flush().await.unwrap();
    }
    Ok((stream, session))
}

async fn verdict(client: &mut Client) -> Result<(), rustls::Error> {
    match client.read(1).await?.as_slice() {
        b"!" => Ok(()),
        _ => Err(rustls::Error::General("closed".to_owned())),
    }
}
