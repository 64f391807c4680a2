//! `license`: the key, who may have signed it, and what the operator settled about its rules.

use std::fmt;
use std::path::PathBuf;

use emqx_license::{Rules, Watermarks};

/// EMQX's word for the licence that needs no key.
const DEFAULT: &str = "default";
/// Begins the name of a file that holds the key.
const FILE_SCHEME: &str = "file://";

/// `license`
#[derive(Clone, PartialEq, Eq)]
pub struct LicenseSettings {
    /// A key, `default`, `evaluation`, or a file as `file:///path`. A secret.
    pub key: String,
    /// Public keys (PEM), or files that hold one, beside EMQX's own. Not a key of EMQX.
    pub issuer_keys: Vec<String>,
    /// Where the quota alarm goes off and on.
    pub watermarks: Watermarks,
    /// How long official licences of small customers go on after their end. Not a key of EMQX.
    pub grace_days: u32,
    /// Bounds licences of business-critical customers.
    pub dynamic_max_connections: u64,
}

impl fmt::Debug for LicenseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LicenseSettings")
            .field("key", &"***")
            .field("issuer_keys", &self.issuer_keys)
            .field("watermarks", &self.watermarks)
            .field("grace_days", &self.grace_days)
            .field("dynamic_max_connections", &self.dynamic_max_connections)
            .finish()
    }
}

impl Default for LicenseSettings {
    fn default() -> Self {
        let rules = Rules::default();
        Self {
            key: DEFAULT.to_owned(),
            issuer_keys: Vec::new(),
            watermarks: Watermarks::default(),
            grace_days: rules.grace_days,
            dynamic_max_connections: rules.dynamic_max_sessions,
        }
    }
}

impl LicenseSettings {
    /// Whether no licence was named.
    pub fn is_default(&self) -> bool {
        self.key == DEFAULT
    }

    /// The file that holds the key. EMQX 4 wrote a bare path; no key begins with a slash or ends like that.
    pub fn file(&self) -> Option<PathBuf> {
        let is_path = |key: &&str| key.starts_with('/') || key.ends_with(".lic");
        let path = self.key.strip_prefix(FILE_SCHEME);
        path.or(Some(self.key.as_str()).filter(is_path)).map(PathBuf::from)
    }

    /// The rules as the licence's judge takes them.
    pub fn rules(&self) -> Rules {
        Rules {
            grace_days: self.grace_days,
            dynamic_max_sessions: self.dynamic_max_connections,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_from_a_key() {
        for (key, file) in [
            ("default", None),
            ("MjIw/MTEx.MEUC/I==", None),
            ("file:///etc/emqx/emqx.lic", Some("/etc/emqx/emqx.lic")),
            ("/etc/emqx/license", Some("/etc/emqx/license")),
            ("etc/emqx.lic", Some("etc/emqx.lic")),
        ] {
            let settings = LicenseSettings {
                key: key.to_owned(),
                ..LicenseSettings::default()
            };
            assert_eq!(settings.file(), file.map(PathBuf::from), "{key}");
            assert!(!format!("{settings:?}").contains("MEUC"));
        }
    }
}
