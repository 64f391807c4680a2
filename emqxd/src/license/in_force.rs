//! One licence as the node holds it: its terms, where it comes from, and what it comes to on a day.

use emqx_license::{Date, Gate, Issuers, ParseError, Rules, Terms, Verdict, judge, normalise, parse};
use sha2::{Digest, Sha256};

/// EMQX's word for the licence that needs no key.
pub const DEFAULT_WORD: &str = "default";
/// EMQX's word for the one to try limits with.
pub const EVALUATION_WORD: &str = "evaluation";
/// Who is said to have put a licence into a state that had none, when it was found in the data folder.
pub(super) const BY_COPY: &str = "the copy in the data folder";

/// Where a licence comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: every broker has it.
    BuiltIn,
    /// `license.key` of the configuration.
    Config,
    /// An operator put it in force while the node ran.
    Operator {
        /// When, Unix milliseconds.
        set_at_ms: u64,
        /// Who.
        by: String,
    },
    /// The copy in the data folder of a node that was alone and whose state had none: its state has it since.
    Copy,
}

impl Source {
    /// In words, for an operator.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::Config => "license.key",
            Self::Operator { .. } => "license update",
            Self::Copy => BY_COPY,
        }
    }
}

/// A licence whose signature is good, or one that needs none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// What it says.
    pub terms: Terms,
    /// Who signed it; `None` for those that are built in.
    pub issuer: Option<String>,
    /// The beginning of the SHA-256 of its text, in hexadecimal: enough to tell two apart, nothing to copy. `None` for the
    /// one that every broker has.
    pub fingerprint: Option<String>,
}

impl Trusted {
    /// The one that needs no key.
    pub fn built_in() -> Self {
        Self {
            terms: Terms::built_in(),
            issuer: None,
            fingerprint: None,
        }
    }

    /// Reads a key, or one of EMQX's words for a licence without one.
    ///
    /// # Errors
    /// It is none that is trusted.
    pub fn read(text: &str, issuers: &Issuers) -> Result<Self, ParseError> {
        match normalise_bounded(text)?.as_str() {
            DEFAULT_WORD => Ok(Self::built_in()),
            EVALUATION_WORD => Ok(Self {
                terms: Terms::evaluation(),
                issuer: None,
                fingerprint: Some(EVALUATION_WORD.to_owned()),
            }),
            key => parse(key, issuers).map(|license| Self {
                terms: license.terms,
                issuer: Some(license.issuer),
                fingerprint: Some(fingerprint(key)),
            }),
        }
    }
}

fn fingerprint(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The text without blanks, as it is kept.
pub fn normalise_bounded(text: &str) -> Result<String, ParseError> {
    if text.len() > emqx_license::KEY_BYTES_MAX {
        return Err(ParseError::TooLong);
    }
    Ok(normalise(text))
}

/// The licence of the node.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Terms and issuer.
    pub license: Trusted,
    /// Where it comes from.
    pub source: Source,
    /// The day of the verdict.
    pub judged_on: Date,
    /// What it comes to on that day.
    pub verdict: Verdict,
    /// The verdict as it is asked for at each CONNECT.
    pub gate: Gate,
}

impl InForce {
    /// Judges a licence.
    pub fn new(license: Trusted, source: Source, today: Date, rules: &Rules) -> Self {
        let verdict = judge(&license.terms, today, rules);
        Self {
            license,
            source,
            judged_on: today,
            verdict,
            gate: Gate::new(&verdict),
        }
    }

    /// The same licence on another day.
    #[must_use]
    pub fn on(&self, today: Date, rules: &Rules) -> Self {
        Self::new(self.license.clone(), self.source.clone(), today, rules)
    }

    /// What is printed at each start, frames and all.
    pub fn warnings(&self) -> Vec<String> {
        emqx_license::warnings(&self.license.terms, &self.verdict)
    }
}
