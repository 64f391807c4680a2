//! What a check found: how bad, on what evidence, and what to type against it.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How bad it is; in the order in which findings are shown last to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It could not be looked at.
    Skip,
    /// As it should be.
    Ok,
    /// It works, and should be changed.
    Warn,
    /// Something does not work, or is open to everybody.
    Fail,
}

impl Severity {
    /// The word in front of a finding; a failed one stands out without colours.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }
}

/// What a check is about; the arguments of `doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Does it run, is it troubled
    Daemon,
    /// Versions of emqx-ctl, emqxd and the configuration
    Versions,
    /// Listeners and who holds their ports
    Ports,
    /// File descriptors and limits of the kernel
    Limits,
    /// Who may read and write its files
    Permissions,
    /// Does the configuration load, and is it in force
    Config,
    /// Expiry and sessions
    License,
    /// Cookie, passwords, who may connect
    Security,
    /// What goes wrong with clients
    Clients,
    /// Disk space and stores
    Storage,
    /// Jumps and synchronisation
    Clock,
}

impl Category {
    /// As on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daemon => "daemon",
            Self::Versions => "versions",
            Self::Ports => "ports",
            Self::Limits => "limits",
            Self::Permissions => "permissions",
            Self::Config => "config",
            Self::License => "license",
            Self::Security => "security",
            Self::Clients => "clients",
            Self::Storage => "storage",
            Self::Clock => "clock",
        }
    }
}

/// One result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable, such as `D014`; `explain` knows it.
    pub id: &'static str,
    pub category: Category,
    pub severity: Severity,
    /// What was seen, with numbers.
    pub evidence: String,
    /// What to type; for warnings and failures.
    pub fix: Option<String>,
}

/// What a check says before its id is put to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub severity: Severity,
    pub evidence: String,
    pub fix: Option<String>,
}

impl Verdict {
    pub fn ok(evidence: impl Into<String>) -> Self {
        Self::new(Severity::Ok, evidence, None)
    }

    pub fn warn(evidence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Warn, evidence, Some(fix.into()))
    }

    pub fn fail(evidence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Severity::Fail, evidence, Some(fix.into()))
    }

    /// It could not be looked at, for this reason.
    pub fn skip(why: impl Into<String>) -> Self {
        Self::new(Severity::Skip, why, None)
    }

    fn new(severity: Severity, evidence: impl Into<String>, fix: Option<String>) -> Self {
        Self {
            severity,
            evidence: evidence.into(),
            fix,
        }
    }
}
