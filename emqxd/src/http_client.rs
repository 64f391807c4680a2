//! Servers that the node asks by HTTP about its clients: the HTTP authenticator, the HTTP source of authorisation, key
//! sets.
//!
//! Every request is bounded: how many at a time (`pool_size`), how long with all that belongs to it, how much of an
//! answer is read. Redirects are not followed and proxies not used: whom the node tells passwords is what the
//! configuration names. Values of clients cannot leave their place in a URL, header or body.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Identity, Response, Url};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::config::authn::{ClientTls, HttpSettings};
use crate::template::{Template, UnknownPlaceholder};

/// Bytes of an answer; rules of one client are far shorter.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long a connection to a server that is not used stays open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a server cannot be asked as configured.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// A file that the settings name.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is in it is not what it should be.
    #[error("{} is no {what} in PEM: {source}", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// Certificate, or certificate and key.
        what: &'static str,
        /// Why.
        source: reqwest::Error,
    },
    /// A URL that is none.
    #[error("{url:?} is no URL")]
    Url {
        /// As configured.
        url: String,
    },
    /// Its path goes up and down, so that nobody can tell what a client's word in it would name.
    #[error("the path of {url:?} has a part `.` or `..`; write the path that is meant")]
    DotSegment {
        /// As configured.
        url: String,
    },
    /// A header that cannot be sent.
    #[error("{name:?} is no name of a header")]
    Header {
        /// As configured.
        name: String,
    },
    /// A placeholder that nothing is known for.
    #[error(transparent)]
    Placeholder(#[from] UnknownPlaceholder),
    /// The rest.
    #[error("the HTTP client cannot be made: {0}")]
    Other(reqwest::Error),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpFailure {
    /// It took too long; or waiting for those before did.
    #[error("no answer within {}", Seconds(*.0))]
    Timeout(Duration),
    /// The server cannot be reached, or speaks no HTTP.
    #[error("{0}")]
    Transport(String),
    /// More than anything that was asked for.
    #[error("an answer of more than {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// A client's word cannot stand where the settings put it.
    #[error("what the client says cannot be put into {0}")]
    Unsendable(&'static str),
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} s", self.0.as_secs_f32())
    }
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Content type without its parameters, in lower case.
    pub content_type: Option<String>,
    /// Body.
    pub body: Bytes,
}

impl HttpAnswer {
    /// The body as EMQX reads it: JSON, or a form if it says so.
    pub fn fields(&self) -> Option<Map<String, Value>> {
        if self.content_type.as_deref() == Some(FORM) {
            let pairs = Url::parse("http://form/").ok().map(|mut url| {
                url.set_query(std::str::from_utf8(&self.body).ok());
                url.query_pairs()
                    .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                    .collect()
            });
            return pairs;
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(fields)) => Some(fields),
            _ => None,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A server, and what it is asked.
pub struct HttpClient {
    client: Client,
    /// Requests at the same time.
    slots: Semaphore,
    timeout: Duration,
    is_post: bool,
    is_form: bool,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Vec<(String, Template)>,
}

impl HttpClient {
    /// Of settings whose texts may hold the placeholders `names`. Reads certificates; asks nothing yet.
    ///
    /// # Errors
    /// See [`HttpClientError`].
    pub fn new(settings: &HttpSettings, names: &'static [&'static str]) -> Result<Self, HttpClientError> {
        let mut headers = Vec::new();
        let mut is_form = false;
        for (name, value) in &settings.headers {
            let parsed: HeaderName = name
                .parse()
                .map_err(|_| HttpClientError::Header { name: name.clone() })?;
            is_form |= parsed == CONTENT_TYPE && value.starts_with(FORM);
            headers.push((parsed, Template::parse(value, names)?));
        }
        let body = settings
            .body
            .iter()
            .map(|(name, value)| Ok((name.clone(), Template::parse(value, names)?)))
            .collect::<Result<_, UnknownPlaceholder>>()?;
        let url = Template::parse(&settings.url, names)?;
        let sample = url.fill_url(|_| Some("x".into()));
        let configured = settings.url.clone();
        if has_dot_segment(&sample) {
            return Err(HttpClientError::DotSegment { url: configured });
        }
        Url::parse(&sample).map_err(|_| HttpClientError::Url { url: configured })?;
        Ok(Self {
            client: client(
                &settings.url,
                &settings.tls,
                settings.connect_timeout,
                settings.pool_size,
            )?,
            slots: Semaphore::new(settings.pool_size),
            timeout: settings.request_timeout,
            is_post: settings.is_post,
            is_form,
            url,
            headers,
            body,
        })
    }

    /// Asks the server, with `value` of each placeholder put in.
    ///
    /// # Errors
    /// See [`HttpFailure`].
    pub async fn ask<'a>(
        &self,
        value: impl Fn(&'static str) -> Option<Cow<'a, str>>,
    ) -> Result<HttpAnswer, HttpFailure> {
        let request = self.request(&value)?;
        let exchange = async {
            // Never closed: an error would mean no slot, as waiting for ever does.
            let _slot = self.slots.acquire().await;
            let response = self.client.execute(request).await.map_err(transport)?;
            read(response).await
        };
        tokio::time::timeout(self.timeout, exchange)
            .await
            .unwrap_or(Err(HttpFailure::Timeout(self.timeout)))
    }

    fn request<'a>(
        &self,
        value: &impl Fn(&'static str) -> Option<Cow<'a, str>>,
    ) -> Result<reqwest::Request, HttpFailure> {
        let unsendable = HttpFailure::Unsendable;
        let filled = self.url.fill_url(value);
        if has_dot_segment(&filled) {
            return Err(unsendable("the URL"));
        }
        let mut url = Url::parse(&filled).map_err(|_| unsendable("the URL"))?;
        let filled = self.body.iter().map(|(name, text)| (name, text.fill_plain(value)));
        let method = if self.is_post {
            reqwest::Method::POST
        } else {
            if !self.body.is_empty() {
                url.query_pairs_mut().extend_pairs(filled.clone());
            }
            reqwest::Method::GET
        };
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        if self.is_post {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        }
        for (name, text) in &self.headers {
            if !self.is_post && *name == CONTENT_TYPE {
                continue;
            }
            let text = text.fill_plain(value);
            let text = HeaderValue::try_from(text).map_err(|_| unsendable("a header"))?;
            headers.insert(name, text);
        }
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = headers;
        if self.is_post {
            let body = if self.is_form {
                form(filled)
            } else {
                let fields = filled.map(|(name, text)| (name.clone(), Value::String(text)));
                Value::Object(fields.collect()).to_string()
            };
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }
}

/// Whether a part of the path is `.` or `..`. Nothing else that a client may say changes the path, and escaping does not help
/// here: for readers of URLs `%2e%2e` goes up, too.
fn has_dot_segment(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\'])
        .map(|segment| segment.to_ascii_lowercase().replace("%2e", "."))
        .any(|segment| segment == "." || segment == "..")
}

fn form<'n>(fields: impl Iterator<Item = (&'n String, String)>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        crate::template::url_escape(name, &mut text);
        text.push('=');
        crate::template::url_escape(&value, &mut text);
    }
    text
}

/// A document that is fetched now and then, such as a key set.
pub struct Document {
    client: Client,
    url: Url,
    headers: HeaderMap,
}

/// How long a document may take.
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(10);

impl Document {
    /// At `url`, asked for with these headers. Reads certificates; fetches nothing yet.
    ///
    /// # Errors
    /// See [`HttpClientError`].
    pub fn new(url: &str, headers: &[(String, String)], tls: &ClientTls) -> Result<Self, HttpClientError> {
        let mut map = HeaderMap::new();
        map.insert(ACCEPT, HeaderValue::from_static(JSON));
        for (name, value) in headers {
            let bad = || HttpClientError::Header { name: name.clone() };
            let value = HeaderValue::try_from(value).map_err(|_| bad())?;
            map.insert(name.parse::<HeaderName>().map_err(|_| bad())?, value);
        }
        Ok(Self {
            client: client(url, tls, DOCUMENT_TIMEOUT, 1)?,
            url: Url::parse(url).map_err(|_| HttpClientError::Url { url: url.to_owned() })?,
            headers: map,
        })
    }

    /// Fetches it.
    ///
    /// # Errors
    /// See [`HttpFailure`]; a status other than 200 is one, too.
    pub async fn fetch(&self) -> Result<Bytes, HttpFailure> {
        let exchange = async {
            let request = self.client.get(self.url.clone()).headers(self.headers.clone());
            let answer = read(request.send().await.map_err(transport)?).await?;
            match answer.status {
                200 => Ok(answer.body),
                status => Err(HttpFailure::Transport(format!(
                    "the server answers with status {status}"
                ))),
            }
        };
        tokio::time::timeout(DOCUMENT_TIMEOUT, exchange)
            .await
            .unwrap_or(Err(HttpFailure::Timeout(DOCUMENT_TIMEOUT)))
    }
}

/// Reads an answer to its end, or to the bound.
async fn read(mut response: Response) -> Result<HttpAnswer, HttpFailure> {
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let content_type = content_type
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    let status = response.status().as_u16();
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(transport)? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(HttpFailure::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(HttpAnswer {
        status,
        content_type,
        body: body.freeze(),
    })
}

/// All that is known of why, without the URL: that may hold a client's password.
fn transport(error: reqwest::Error) -> HttpFailure {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    HttpFailure::Transport(text)
}

fn client(url: &str, tls: &ClientTls, connect_timeout: Duration, idle: usize) -> Result<Client, HttpClientError> {
    let mut builder = Client::builder()
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(idle)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("emqxd/", env!("CARGO_PKG_VERSION")));
    if tls.is_unverified {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if url.starts_with("http://") {
        // Plain HTTP must not fail on a machine without certificates of its own.
        return builder.tls_certs_only([]).build().map_err(HttpClientError::Other);
    }
    if let Some(path) = &tls.cacertfile {
        let pem = read_file(path)?;
        let certificates = Certificate::from_pem_bundle(&pem).map_err(pem_error(path, "certificate"))?;
        builder = builder.tls_certs_only(certificates);
    }
    if let (Some(certificate), Some(key)) = (&tls.certfile, &tls.keyfile) {
        let mut pem = read_file(key)?;
        pem.push(b'\n');
        pem.extend(read_file(certificate)?);
        let identity = Identity::from_pem(&pem).map_err(pem_error(certificate, "certificate with its key"))?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(HttpClientError::Other)
}

fn pem_error(path: &Path, what: &'static str) -> impl FnOnce(reqwest::Error) -> HttpClientError {
    let path = path.to_owned();
    move |source| HttpClientError::Pem { path, what, source }
}

fn read_file(path: &Path) -> Result<Vec<u8>, HttpClientError> {
    fs::read(path).map_err(|source| HttpClientError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(is_post: bool) -> HttpSettings {
        HttpSettings {
            is_post,
            url: "http://h/a?c=${clientid}".to_owned(),
            headers: vec![("x-user".to_owned(), "${username}".to_owned())],
            body: vec![
                ("username".to_owned(), "${username}".to_owned()),
                ("fixed".to_owned(), "a b".to_owned()),
            ],
            ..HttpSettings::default()
        }
    }

    fn request(settings: &HttpSettings, username: &'static str) -> Result<reqwest::Request, HttpFailure> {
        let client = HttpClient::new(settings, &["clientid", "username"]).unwrap();
        client.request(&|name| match name {
            "username" => Some(username.into()),
            _ => Some("a&b=c#d".into()),
        })
    }

    fn body(request: &reqwest::Request) -> &[u8] {
        request.body().and_then(reqwest::Body::as_bytes).unwrap()
    }

    #[test]
    fn a_post_tells_its_values_as_json_or_as_a_form() {
        let json = request(&settings(true), "u\"v").unwrap();
        assert_eq!(json.url().as_str(), "http://h/a?c=a%26b%3Dc%23d");
        assert_eq!(body(&json), br#"{"username":"u\"v","fixed":"a b"}"#);
        assert_eq!(json.headers()["x-user"], "u\"v");
        let mut settings = settings(true);
        settings.headers.push(("Content-Type".to_owned(), FORM.to_owned()));
        let form = request(&settings, "u&v").unwrap();
        assert_eq!(body(&form), b"username=u%26v&fixed=a%20b");
    }

    #[test]
    fn a_get_tells_them_in_its_query() {
        let get = request(&settings(false), "u&v").unwrap();
        assert_eq!(
            get.url().as_str(),
            "http://h/a?c=a%26b%3Dc%23d&username=u%26v&fixed=a+b"
        );
        assert!(get.body().is_none());
    }

    #[test]
    fn a_client_cannot_leave_its_part_of_the_path() {
        let ask = |url: &str, client_id: &'static str| {
            let settings = HttpSettings {
                url: url.to_owned(),
                ..HttpSettings::default()
            };
            let client = HttpClient::new(&settings, &["clientid"]).unwrap();
            client
                .request(&|_| Some(client_id.into()))
                .map(|request| request.url().path().to_owned())
        };
        for (url, client_id) in [
            ("http://h/check/${clientid}", ".."),
            ("http://h/check/${clientid}/", "."),
            ("http://h/check/${clientid}${clientid}?a=b", "."),
            ("http://h/check/.${clientid}/x", "."),
        ] {
            let refused = ask(url, client_id).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "what the client says cannot be put into the URL",
                "{url}"
            );
        }
        for (client_id, path) in [
            ("../..", "..%2F.."),
            ("...", "..."),
            ("%2e%2e", "%252e%252e"),
            ("a\\..", "a%5C.."),
        ] {
            assert_eq!(
                ask("http://h/check/${clientid}", client_id).unwrap(),
                format!("/check/{path}")
            );
        }
        assert_eq!(ask("http://h/c?q=/${clientid}/", "..").unwrap(), "/c");
        for url in ["http://h/a/../${clientid}", "http://h/a/%2E./"] {
            let settings = HttpSettings {
                url: url.to_owned(),
                ..HttpSettings::default()
            };
            let refused = HttpClient::new(&settings, &["clientid"]).map(drop).unwrap_err();
            assert!(
                refused.to_string().contains("write the path that is meant"),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_client_cannot_add_a_header_of_its_own() {
        let refused = request(&settings(true), "u\r\nx-admin: 1").unwrap_err();
        assert_eq!(refused.to_string(), "what the client says cannot be put into a header");
    }

    #[test]
    fn an_answer_is_read_as_json_or_as_a_form() {
        let answer = |content_type: &str, body: &'static [u8]| HttpAnswer {
            status: 200,
            content_type: Some(content_type.to_owned()),
            body: Bytes::from_static(body),
        };
        let json = answer(JSON, br#"{"result":"allow"}"#).fields().unwrap();
        assert_eq!(json, answer(FORM, b"result=allow").fields().unwrap());
        assert_eq!(answer(JSON, b"allow").fields(), None);
    }
}
