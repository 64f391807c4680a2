//! One licence as the node holds it: its terms, where it comes from, and what it comes to on a day.

use emqx_license::{Date, Gate, Issuers, ParseError, Rules, Terms, Verdict, judge, normalise, parse};

/// EMQX's word for the licence that needs no key.
pub const DEFAULT_WORD: &str = "default";
/// EMQX's word for the one to try limits with.
pub const EVALUATION_WORD: &str = "evaluation";

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
    /// The copy in the data folder, because the replicated state has none.
    Copy,
}

impl Source {
    /// In words, for an operator.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::Config => "license.key",
            Self::Operator { .. } => "license update",
            Self::Copy => "the copy in the data folder",
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
}

impl Trusted {
    /// Reads a key, or one of EMQX's words for a licence without one.
    ///
    /// # Errors
    /// It is none that is trusted.
    pub fn read(text: &str, issuers: &Issuers) -> Result<Self, ParseError> {
        let built_in = |terms| Ok(Self { terms, issuer: None });
        match normalise_bounded(text)?.as_str() {
            DEFAULT_WORD => built_in(Terms::built_in()),
            EVALUATION_WORD => built_in(Terms::evaluation()),
            key => parse(key, issuers).map(|license| Self {
                terms: license.terms,
                issuer: Some(license.issuer),
            }),
        }
    }
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
