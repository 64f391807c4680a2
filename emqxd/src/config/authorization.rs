//! `authorization`: who is asked about publishes and subscriptions, in which order, and what a refusal leads to.
//!
//! Plain data, read by `decode/authorization.rs`; `crate::authz` makes the sources of it.

use std::path::PathBuf;
use std::sync::Arc;

use emqx_acl::Permission;
use emqxd_broker::{AuthorizationSettings, CacheSettings, DenyAction};

use super::authn::HttpSettings;

/// `authorization`
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorizationConfig {
    /// What holds if no source has anything to say.
    pub no_match: Permission,
    /// What a refusal leads to.
    pub deny_action: DenyAction,
    /// `cache`; `None` if it is off.
    pub cache: Option<CacheSettings>,
    /// In the order in which they are asked; those that are switched off are left out.
    pub sources: Vec<SourceConfig>,
}

/// One entry of `sources`.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceConfig {
    /// `type = file`
    File(FileRules),
    /// `type = built_in_database`
    BuiltInDatabase,
    /// `type = http`
    Http(Box<HttpSettings>),
}

/// Where the rules of a file source are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileRules {
    /// In `etc/acl.conf`, or built in if that is not there: nobody has named a source.
    Default(PathBuf),
    /// In this file.
    Path(PathBuf),
    /// `rules`: in the configuration itself.
    Inline(Arc<str>),
}

impl AuthorizationConfig {
    /// What holds if nobody has set anything; `file` is EMQX's `etc/acl.conf`.
    #[must_use]
    pub fn with_default_file(file: PathBuf) -> Self {
        let settings = AuthorizationSettings::default();
        Self {
            no_match: Permission::Allow,
            deny_action: settings.deny_action,
            cache: settings.cache,
            sources: vec![SourceConfig::File(FileRules::Default(file))],
        }
    }
}

impl Default for AuthorizationConfig {
    fn default() -> Self {
        Self::with_default_file(PathBuf::from("etc/acl.conf"))
    }
}

impl SourceConfig {
    /// EMQX's word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::BuiltInDatabase => "built_in_database",
            Self::Http(_) => "http",
        }
    }
}
