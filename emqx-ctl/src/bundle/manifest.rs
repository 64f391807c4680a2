//! `manifest.json`: what is in a bundle, what was taken out of it, and what could not be had.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The schema's name and version.
pub const SCHEMA: &str = "emqx-ctl/diagnose-bundle/1";

/// The first file of a bundle.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    /// Unix milliseconds.
    pub made_at: u64,
    pub node: String,
    pub emqx_ctl: String,
    /// `None` if no daemon answered.
    pub emqxd: Option<String>,
    /// Client ids, user names, addresses and topics are pseudonyms.
    pub anonymized: bool,
    /// What was taken out or replaced, and how often.
    pub redactions: Vec<Redaction>,
    pub files: Vec<Listed>,
    pub missing: Vec<Absent>,
}

impl Manifest {
    /// Whether these are the bytes that it lists under the name; of itself it can say nothing.
    pub fn vouches_for(&self, name: &str, bytes: &[u8]) -> bool {
        let listed = self.files.iter().find(|listed| listed.name == name);
        name == "manifest.json" || listed.is_some_and(|listed| listed.sha256 == sha256(bytes))
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Redaction {
    pub what: String,
    pub count: u64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Listed {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
    /// What it holds, in a few words.
    pub what: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Absent {
    pub name: String,
    pub why: String,
}

/// The digest as 64 hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
