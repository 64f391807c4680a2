//! What the replicated state says of the licence comes into force, and `<data>/license` follows it.
//!
//! A node that joins a cluster takes its state whole: a licence that only this node had is in force no more, be the
//! cluster's an older one or none at all, and its file stays as a backup.

use std::path::Path;
use std::sync::Arc;

use super::finding::{find, not_usable};
use super::folder::LicenseFolder;
use super::in_force::normalise_bounded;
use super::{InForce, Licensing, Source, Trusted, latest_day, log_change};
use crate::clock::unix_ms_now;
use crate::state::Facts;

impl Licensing {
    /// Takes over what the replicated state holds, if it was given another licence since, or none in place of one. Says
    /// whether it was.
    pub(super) async fn adopt(&self) -> bool {
        let facts = self.state.facts();
        {
            let mut seen = self.seen.lock();
            let is_seen = match (&*seen, &facts.license) {
                (Some(seen), Some(stored)) => Arc::ptr_eq(seen, stored),
                (seen, stored) => seen.is_none() && stored.is_none(),
            };
            if is_seen {
                return false;
            }
            seen.clone_from(&facts.license);
        }
        let policy = self.policy.load_full();
        let (finding, known) = (Arc::clone(&policy), Arc::clone(&facts));
        // It may read the file that the configuration names.
        let found = tokio::task::spawn_blocking(move || find(&finding, None, &known)).await;
        let old = self.in_force.load_full();
        let (license, source) = match found {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                not_usable("license.key", &error.to_string());
                match old.source {
                    // It was read before, and the state has nothing better.
                    Source::Config => (old.license.clone(), Source::Config),
                    _ => (Trusted::built_in(), Source::BuiltIn),
                }
            }
            Err(crash) if crash.is_panic() => std::panic::resume_unwind(crash.into_panic()),
            // The node stops.
            Err(_stopping) => return true,
        };
        let today = latest_day(&self.state, unix_ms_now());
        let new = InForce::new(license, source, today, &policy.rules);
        if (&new.license, &new.source) != (&old.license, &old.source) {
            log_change(&new);
        }
        self.in_force.store(Arc::new(new));
        true
    }
}

/// Has the copy in the data folder say what the state says; what was there stays as a backup. With none in the state there
/// is no copy: that is what a node does that has joined a cluster without one.
pub(super) fn keep_copy(folder: &LicenseFolder, facts: &Facts) {
    let text = folder.read();
    let text = text.as_ref().ok().and_then(Option::as_deref);
    let text = text.and_then(|text| normalise_bounded(text).ok());
    let stored = facts.license.as_ref();
    if stored.is_some_and(|stored| text.as_deref() == Some(&stored.license)) {
        return;
    }
    let kept = match stored {
        Some(stored) => folder.replace(&stored.license, unix_ms_now()),
        None => folder.retire(unix_ms_now()),
    };
    match kept {
        Ok(Some(backup)) if !is_known(facts, text.as_deref()) => log_put_aside(&backup, stored.is_some()),
        Ok(_) => {}
        Err(error) => {
            tracing::error!(tag = "LICENSE", path = %folder.file().display(), %error, "license_copy_not_written");
        }
    }
}

/// Whether the cluster had this one in force before.
fn is_known(facts: &Facts, text: Option<&str>) -> bool {
    facts.license_history.iter().any(|past| Some(&*past.license) == text)
}

/// Somebody may have meant it to be in force.
fn log_put_aside(backup: &Path, is_licensed: bool) {
    let why = match is_licensed {
        true => "the cluster's licence holds on all its nodes",
        false => "the cluster has no licence key, and a node takes its state whole",
    };
    let backup = backup.display();
    let next = format!("if it is to be in force on all nodes: emqx-ctl license update {backup}");
    tracing::warn!(tag = "LICENSE", %backup, why, next, "license_of_this_node_put_aside");
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::state::StoredLicense;

    #[test]
    fn the_copy_follows_the_state_and_is_none_where_the_state_has_none() {
        let data = tempfile::tempdir().unwrap();
        let folder = LicenseFolder::of(data.path());
        let facts = |license: &str| Facts {
            license: Some(Arc::new(StoredLicense {
                license: license.to_owned(),
                set_at_ms: 1,
                by: "uid 0".to_owned(),
            })),
            ..Facts::default()
        };
        let files = || fs::read_dir(data.path().join("license")).unwrap().count();
        keep_copy(&folder, &facts("AAAA"));
        keep_copy(&folder, &facts("AAAA"));
        assert_eq!((folder.read().unwrap().as_deref(), files()), (Some("AAAA\n"), 1));
        // With a blank more it is the same licence.
        fs::write(folder.file(), "AA AA\n\n").unwrap();
        keep_copy(&folder, &facts("AAAA"));
        assert_eq!(files(), 1);
        keep_copy(&folder, &facts("BBBB"));
        assert_eq!((folder.read().unwrap().as_deref(), files()), (Some("BBBB\n"), 2));
        keep_copy(&folder, &Facts::default());
        assert_eq!((folder.read().unwrap(), files()), (None, 2));
        keep_copy(&folder, &Facts::default());
        assert_eq!(files(), 2);
    }
}
