//! Questions by HTTP, bounded in time and size.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Identity, RequestBuilder};

use crate::DiscoveryError;
use crate::settings::Tls;

/// A connection, its TLS included.
const CONNECT_TIME: Duration = Duration::from_secs(2);
/// All of a question and its answer.
const ANSWER_TIME: Duration = Duration::from_secs(4);
/// The endpoints of a thousand nodes are some hundred KiB.
const ANSWER_BYTES_MAX: usize = 2 << 20;
/// A certificate, a key, a token.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Status and the beginning of the text, for a message.
    pub(crate) fn describe(&self) -> String {
        let start = &self.body[..self.body.len().min(DiscoveryError::SHOWN_MAX)];
        format!("status {}: {}", self.status, String::from_utf8_lossy(start))
    }
}

/// A client for `url` with these certificates.
pub(crate) fn client(url: &str, tls: &Tls) -> Result<Client, DiscoveryError> {
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_TIME)
        .timeout(ANSWER_TIME)
        // Questions are seconds apart: a connection that is kept may have ended by the next one.
        .pool_max_idle_per_host(0)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("emqxd/", env!("CARGO_PKG_VERSION")));
    if url.starts_with("http://") {
        // Plain HTTP must not fail on a machine without certificates of its own.
        builder = builder.tls_certs_only([]);
    } else {
        if tls.is_unverified {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        if let Some(path) = &tls.cacertfile {
            let certificates = Certificate::from_pem_bundle(&read_file(path)?);
            builder = builder.tls_certs_only(certificates.map_err(|error| not_pem(path, &error))?);
        }
        if let (Some(certificate), Some(key)) = (&tls.certfile, &tls.keyfile) {
            let mut pem = read_file(key)?;
            pem.push(b'\n');
            pem.extend(read_file(certificate)?);
            builder = builder.identity(Identity::from_pem(&pem).map_err(|error| not_pem(certificate, &error))?);
        }
    }
    builder.build().map_err(|error| {
        let next = "see whether the certificates of this machine (ca-certificates) are in place";
        DiscoveryError::new(format!("a client for {url}"), causes(&error), next)
    })
}

/// Asks, and reads the answer to its end; what goes wrong comes as a text.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Answer, String> {
    let mut response = request.send().await.map_err(|error| causes(&error))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| causes(&error))? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(format!("an answer of more than {ANSWER_BYTES_MAX} bytes"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer { status, body })
}

/// Reads a small file.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, DiscoveryError> {
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let next = "see whether the file is there and may be read by the user that emqxd runs as";
            Err(DiscoveryError::new(path.display().to_string(), error.to_string(), next))
        }
    }
}

fn not_pem(path: &Path, error: &reqwest::Error) -> DiscoveryError {
    let next = "put certificates in PEM there, and the key that belongs to them";
    DiscoveryError::new(path.display().to_string(), causes(error), next)
}

/// All that is known of why.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
