//! What stands at the head of a revocation list, for operators.
//!
//! rustls-webpki judges clients by the list; here is only until when it promises to be complete. A list that is past
//! its `nextUpdate` (RFC 5280, 5.1.2.5) stays in force: whom it names stays out, and who was revoked since then is not
//! known here. Refusing everybody would make a job that did not run an outage of the whole fleet.

use std::path::{Path, PathBuf};

use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use super::certificate::distinguished_name;
use super::inspect::{self, Finding, Severity};

/// One list of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationListFacts {
    /// Where it was read.
    pub path: PathBuf,
    /// The CA whose certificates it revokes.
    pub issuer: String,
    /// When the next one was promised, seconds since 1970; `None` if it says nothing.
    pub next_update: Option<i64>,
    /// How many certificates it names.
    pub revoked: usize,
}

impl RevocationListFacts {
    /// Reads one; `None` if it is none.
    #[must_use]
    pub fn parse(path: &Path, der: &[u8]) -> Option<Self> {
        let (_, list) = CertificateRevocationList::from_der(der).ok()?;
        Some(Self {
            path: path.to_owned(),
            issuer: distinguished_name(list.issuer()),
            next_update: list.next_update().map(|time| time.timestamp()),
            revoked: list.iter_revoked_certificates().count(),
        })
    }

    /// Whole days until a newer one should be there; negative once it should have been.
    #[must_use]
    pub fn days_left(&self, now: i64) -> Option<i64> {
        let next_update = self.next_update?;
        Some(next_update.saturating_sub(now).div_euclid(86_400))
    }

    /// What is wrong with it at `now`, seconds since 1970.
    #[must_use]
    pub fn examine(&self, now: i64) -> Option<Finding> {
        let end = self.next_update.filter(|end| *end < now)?;
        Some(Finding {
            severity: Severity::Warning,
            what: format!(
                "the revocation list of {} in {} has expired {}: it still holds, and certificates revoked since \
                 then are let in",
                self.issuer,
                self.path.display(),
                inspect::ago(end, now)
            ),
            next: "put the CA's newest list there, then `emqx-ctl tls reload`; renew it by a timer".to_owned(),
        })
    }
}
