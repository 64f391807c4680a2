//! Files that authenticators were made of: public keys of tokens, and TLS files of the servers that are asked.
//!
//! Authenticators are made anew only when one of them holds something else than before: making them anew for nothing would
//! forget key sets that were fetched.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use emqx_shared::views::ReloadOutcome;
use sha2::{Digest, Sha256};

use super::ReloadReport;
use crate::authn::Chains;
use crate::config::Config;
use crate::config::authn::{AuthenticatorConfig, AuthnBackend, ClientTls, JwtKey};
use crate::node::NodeShared;

const PART: &str = "keys of authenticators";
/// Bytes of a file that are looked at; keys and certificates are much smaller.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What the files held when they were read last; `None` for one that could not be.
#[derive(Debug, Default)]
pub(super) struct AuthenticationFiles {
    digests: BTreeMap<PathBuf, Option<[u8; 32]>>,
}

impl AuthenticationFiles {
    /// Those of a configuration, as they are now.
    pub(super) fn read(config: &Config) -> Self {
        let digests = paths(config).into_iter().map(|path| {
            let digest = digest(&path).ok();
            (path, digest)
        });
        Self {
            digests: digests.collect(),
        }
    }

    /// Makes the authenticators in force anew if a file of theirs has changed.
    pub(super) async fn reload(&mut self, node: &Arc<NodeShared>, report: &mut ReloadReport) {
        let config = node
            .running_config
            .taken()
            .unwrap_or_else(|| Arc::new(node.config.clone()));
        let tools = node.authentication.tools().clone();
        let before = std::mem::take(&mut self.digests);
        let reading = tokio::task::spawn_blocking(move || {
            // Digests first: a file that changes in between is then made use of twice, not never.
            let now = Self::read(&config);
            let is_changed = now.digests.iter().any(|(path, digest)| {
                // One that was not known belongs to authenticators that were just made.
                before.get(path).is_some_and(|before| before != digest)
            });
            let chains = is_changed.then(|| Chains::new(&config, &tools));
            (before, now, chains)
        });
        let (before, now, chains) = reading
            .await
            .unwrap_or_else(|crash| std::panic::resume_unwind(crash.into_panic()));
        match chains {
            None => {
                report.add(PART, ReloadOutcome::Unchanged, "");
                *self = now;
            }
            Some(Ok(chains)) => {
                node.authentication.replace(chains);
                report.add(PART, ReloadOutcome::Done, now.changed_since(&before));
                *self = now;
            }
            Some(Err(error)) => {
                report.fail(PART, error.to_string(), error.next_step());
                // Still other than what is in force.
                self.digests = before;
            }
        }
    }

    fn changed_since(&self, before: &BTreeMap<PathBuf, Option<[u8; 32]>>) -> String {
        let changed = self
            .digests
            .iter()
            .filter(|(path, digest)| before.get(*path).is_some_and(|before| before != *digest));
        let shown: Vec<String> = changed.map(|(path, _)| path.display().to_string()).collect();
        shown.join(", ")
    }
}

fn paths(config: &Config) -> Vec<PathBuf> {
    let of_listeners = config.listeners.iter().flat_map(|listener| &listener.authentication);
    let all = config.authentication.iter().chain(of_listeners);
    all.filter(|authenticator| authenticator.enable)
        .flat_map(paths_of)
        .collect()
}

fn paths_of(authenticator: &AuthenticatorConfig) -> Vec<PathBuf> {
    match &authenticator.backend {
        AuthnBackend::Jwt(settings) => match &settings.key {
            JwtKey::PublicKey(key) if !key.contains("-----BEGIN") => vec![PathBuf::from(key)],
            JwtKey::Jwks { tls, .. } => tls_paths(tls),
            JwtKey::PublicKey(_) | JwtKey::Secret { .. } => Vec::new(),
        },
        AuthnBackend::Http(settings) => tls_paths(&settings.tls),
        AuthnBackend::BuiltInDatabase(_) | AuthnBackend::Scram(_) => Vec::new(),
    }
}

fn tls_paths(tls: &ClientTls) -> Vec<PathBuf> {
    [&tls.cacertfile, &tls.certfile, &tls.keyfile]
        .into_iter()
        .flatten()
        .cloned()
        .collect()
}

fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Sha256::digest(&bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_authenticators_are_known_and_a_new_text_in_one_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pem");
        std::fs::write(&key, "first").unwrap();
        let text = format!(
            "authentication = [{{ mechanism = jwt, algorithm = public-key, use_jwks = false, public_key = \"{}\" }}]",
            key.display()
        );
        let loaded = crate::config::load_text("x.conf", text.as_bytes(), None, std::iter::empty()).expect("good");
        let before = AuthenticationFiles::read(&loaded.config);
        assert_eq!(before.digests.keys().collect::<Vec<_>>(), [&key]);
        assert_eq!(
            AuthenticationFiles::read(&loaded.config).changed_since(&before.digests),
            ""
        );
        std::fs::write(&key, "second").unwrap();
        let after = AuthenticationFiles::read(&loaded.config);
        assert_eq!(after.changed_since(&before.digests), key.display().to_string());
    }
}
