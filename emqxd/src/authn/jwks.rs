//! A key set (RFC 7517) that is fetched over HTTP, and again every `refresh_interval`.
//!
//! The last good one stays in force while its server cannot be reached or sends nonsense. A token that names a key
//! which is not in the set lets it be fetched before its time, but not more often than [`HURRY_MIN`]: otherwise
//! anybody could make the node hammer that server.

use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use emqx_auth::jwt::{SkippedKey, Verifier};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::config::authn::ClientTls;
use crate::http_client::{Document, HttpClientError};

/// Between two fetches, whoever asks.
const HURRY_MIN: Duration = Duration::from_secs(10);
/// Until another try while there is no key set at all.
const RETRY_FIRST: Duration = Duration::from_secs(2);

/// The keys as they were last fetched; the fetching ends with the last copy.
pub struct Jwks {
    current: ArcSwapOption<Verifier>,
    hurry: Arc<Notify>,
}

impl Jwks {
    /// Starts fetching.
    ///
    /// # Errors
    /// See [`Document::new`].
    pub fn start(
        endpoint: &str,
        refresh_interval: Duration,
        headers: &[(String, String)],
        tls: &ClientTls,
        services: &Handle,
    ) -> Result<Arc<Self>, HttpClientError> {
        let document = Document::new(endpoint, headers, tls)?;
        let jwks = Arc::new(Self {
            current: ArcSwapOption::empty(),
            hurry: Arc::new(Notify::new()),
        });
        let hurry = Arc::clone(&jwks.hurry);
        let endpoint = endpoint.to_owned();
        services.spawn(keep_fetching(
            Arc::downgrade(&jwks),
            document,
            endpoint,
            refresh_interval,
            hurry,
        ));
        Ok(jwks)
    }

    /// The keys; `None` before the first were fetched.
    pub fn current(&self) -> Option<Arc<Verifier>> {
        self.current.load_full()
    }

    /// A key was asked for that is not there: a newer set may have it.
    pub fn fetch_soon(&self) {
        self.hurry.notify_one();
    }
}

impl Drop for Jwks {
    fn drop(&mut self) {
        // Finds nobody who wants the keys, and ends.
        self.hurry.notify_one();
    }
}

async fn keep_fetching(
    jwks: Weak<Jwks>,
    document: Document,
    endpoint: String,
    refresh_interval: Duration,
    hurry: Arc<Notify>,
) {
    let mut skipped: Vec<SkippedKey> = Vec::new();
    loop {
        let fetched = document.fetch().await.map_err(|failure| failure.to_string());
        let verifier = fetched.and_then(|text| Verifier::jwks(&text).map_err(|error| error.to_string()));
        let Some(jwks) = jwks.upgrade() else { return };
        let pause = match verifier {
            Ok(verifier) => {
                tracing::debug!(tag = "AUTHN", endpoint, keys = ?verifier.keys(), "jwks_fetched");
                // Once, not with every fetch.
                if verifier.keys().skipped() != skipped {
                    skipped = verifier.keys().skipped().to_vec();
                    report(&endpoint, &skipped);
                }
                jwks.current.store(Some(Arc::new(verifier)));
                refresh_interval
            }
            Err(reason) => {
                let has_keys = jwks.current.load().is_some();
                let consequence = if has_keys {
                    "the keys fetched before stay in force"
                } else {
                    "tokens let nobody in until it is there"
                };
                tracing::warn!(tag = "AUTHN", endpoint, reason, consequence, "jwks_not_fetched");
                if has_keys { refresh_interval } else { RETRY_FIRST }
            }
        };
        drop(jwks);
        tokio::time::sleep(pause.min(HURRY_MIN)).await;
        let rest = pause.saturating_sub(HURRY_MIN);
        let _whichever_comes_first = tokio::time::timeout(rest, hurry.notified()).await;
    }
}

/// The operator has to know: clients whose tokens are signed with these are refused.
fn report(endpoint: &str, skipped: &[SkippedKey]) {
    for key in skipped {
        tracing::warn!(
            tag = "AUTHN",
            endpoint,
            kid = key.id.as_deref(),
            reason = %key.why,
            consequence = "tokens signed with this key let nobody in",
            "jwks_key_skipped"
        );
    }
}
