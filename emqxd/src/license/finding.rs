//! Which licence a node goes by, when it starts and when its settings change.

use std::path::PathBuf;

use emqx_license::{Issuer, Issuers};

use super::folder::{LicenseFolder, read_bounded};
use super::in_force::{BY_COPY, normalise_bounded};
use super::{LicenseError, Policy, Source, Trusted};
use crate::clock::unix_ms_now;
use crate::config::LicenseSettings;
use crate::state::{Command, Facts, ReplicatedState, StoredLicense};

/// The first licence that can be used.
///
/// # Errors
/// The configuration names one that cannot be used, and there is nothing else to go by.
pub(super) fn find(
    policy: &Policy,
    copy: Option<&LicenseFolder>,
    facts: &Facts,
) -> Result<(Trusted, Source), LicenseError> {
    let Policy { settings, issuers, .. } = policy;
    for stored in facts.license.iter().chain(facts.license_history.iter()) {
        match Trusted::read(&stored.license, issuers) {
            Ok(license) => return Ok((license, source_of(stored))),
            Err(error) => not_usable("the replicated state", &error.to_string()),
        }
    }
    let copy = || Some((read_copy(copy?, issuers)?.0, Source::Copy));
    if !settings.is_default() {
        return match read_configured(settings, issuers) {
            Ok(license) => Ok((license, Source::Config)),
            Err(error) => match copy() {
                Some(found) => {
                    not_usable("license.key", &error.to_string());
                    Ok(found)
                }
                None => Err(error),
            },
        };
    }
    Ok(copy().unwrap_or_else(|| (Trusted::built_in(), Source::BuiltIn)))
}

/// So that whoever joins this node gets it, and a copy never says what the state does not. Only while the node is alone:
/// in a cluster the others know better; and not where `license.key` is set, which may be a file that can be read later.
pub(super) fn give_copy_to_state(policy: &Policy, folder: &LicenseFolder, state: &ReplicatedState) {
    if state.facts().license.is_some() || !policy.settings.is_default() {
        return;
    }
    let Some((_, license)) = read_copy(folder, &policy.issuers) else {
        return;
    };
    let command = Command::SetLicense {
        license,
        // Not earlier than the clock mark, which it would set back.
        set_at_ms: unix_ms_now().max(state.facts().clock_mark_ms),
        by: BY_COPY.to_owned(),
    };
    match state.apply_blocking(command) {
        Ok(_) => tracing::info!(
            level = "notice",
            tag = "LICENSE",
            path = %folder.file().display(),
            "license_copy_taken_into_the_state"
        ),
        Err(error) => tracing::error!(
            tag = "LICENSE",
            path = %folder.file().display(),
            reason = %error,
            next = "emqx-ctl license update FILE; until then only this node has it",
            "license_copy_not_taken_into_the_state"
        ),
    }
}

/// The licence of the data folder and its text, if it can be used.
fn read_copy(folder: &LicenseFolder, issuers: &Issuers) -> Option<(Trusted, String)> {
    let text = folder.read().ok().flatten()?;
    let read = Trusted::read(&text, issuers).and_then(|license| Ok((license, normalise_bounded(&text)?)));
    read.inspect_err(|error| not_usable(BY_COPY, &error.to_string())).ok()
}

/// Where a licence of the state comes from.
fn source_of(stored: &StoredLicense) -> Source {
    if stored.by == BY_COPY {
        return Source::Copy;
    }
    Source::Operator {
        set_at_ms: stored.set_at_ms,
        by: stored.by.clone(),
    }
}

pub(super) fn not_usable(place: &str, why: &str) {
    tracing::error!(
        tag = "LICENSE",
        place,
        why,
        next = "emqx-ctl license update FILE; see license.issuer_keys if it is one of your own",
        "license_not_usable"
    );
}

/// Whether the configuration's licence and issuers can be used; reads only.
///
/// # Errors
/// What is wrong with them.
pub fn check_settings(settings: &LicenseSettings) -> Result<(), LicenseError> {
    let issuers = read_issuers(settings)?;
    read_configured(settings, &issuers).map(|_| ())
}

fn read_configured(settings: &LicenseSettings, issuers: &Issuers) -> Result<Trusted, LicenseError> {
    let text = match settings.file() {
        None => settings.key.clone(),
        Some(path) => read_bounded(&path).map_err(|source| LicenseError::File { path, source })?,
    };
    Trusted::read(&text, issuers).map_err(LicenseError::Key)
}

pub(super) fn read_issuers(settings: &LicenseSettings) -> Result<Issuers, LicenseError> {
    let read = |(index, text): (usize, &String)| {
        let (name, pem) = if text.contains("-----BEGIN") {
            (format!("issuer_keys[{index}]"), text.clone())
        } else {
            let path = PathBuf::from(text.strip_prefix("file://").unwrap_or(text));
            let pem = read_bounded(&path).map_err(|source| LicenseError::File { path, source })?;
            (text.clone(), pem)
        };
        Issuer::from_pem(name.clone(), &pem).map_err(|source| LicenseError::IssuerKey { name, source })
    };
    let issuers: Result<Vec<_>, _> = settings.issuer_keys.iter().enumerate().map(read).collect();
    issuers.map(Issuers::with)
}
