//! `authz …`: who is asked, by which rules, and what they say.

use serde::{Deserialize, Serialize};

use crate::rows::bounded;

/// `authz list`: somebody who is asked; the last row is `no_match`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthzSourceView {
    /// `file`, `built_in_database`, `http`, `no_match`.
    pub source: String,
    /// Where its rules are, or what it says.
    pub place: String,
    /// How many rules it has, if they are here.
    pub rules: Option<u64>,
}

/// `authz show` and `authz rules list`: one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthzRuleView {
    /// Its place among those of its owner, from 1.
    pub number: u32,
    /// Its line in the file.
    pub line: Option<u32>,
    /// For whom the rules of the store are: `clientid`, `username` or `all`; empty for those of a file.
    pub holder_kind: String,
    /// The client id or user name.
    pub holder: String,
    /// As it would stand in an `acl.conf`.
    pub rule: String,
}

/// `authz check`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthzDecisionView {
    /// Whether it may.
    pub is_allowed: bool,
    /// Who decided.
    pub source: String,
    /// Which rule, in words.
    pub place: Option<String>,
    /// The rule as it is written.
    pub rule: Option<String>,
    /// Whom it was asked about; with what is known of it if it is connected.
    pub client_id: String,
    /// Its user name.
    pub username: Option<String>,
    /// Its address.
    pub address: String,
    /// It is connected.
    pub is_connected: bool,
    /// What a refusal leads to: `ignore` or `disconnect`.
    pub deny_action: String,
    /// All who were asked, in order.
    #[serde(deserialize_with = "bounded")]
    pub asked: Vec<AuthzStepView>,
    /// What it was last refused on its connection.
    pub last_refusal: Option<AuthzRefusalView>,
}

/// Something that a client was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthzRefusalView {
    /// `publish`, `subscribe`, or `keep_subscription`: one that was allowed before.
    pub action: String,
    /// The topic, or the filter.
    pub topic: String,
    /// Who refused, by which rule.
    pub by: String,
    /// When.
    pub at_ms: u64,
    /// Refusals on this connection.
    pub count: u64,
}

/// What one of them said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthzStepView {
    /// Who.
    pub source: String,
    /// `allow`, `deny`, or `-` if it has no rule for it.
    pub says: String,
}
