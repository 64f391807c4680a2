//! Everything the checks look at: plain data, filled by the other files here, kept in bundles as `facts.json`.
//!
//! A field that is `None` or empty was not to be had; [`Facts::missing`] says why. Fields are only ever added, each
//! with a default, so that an older bundle can still be judged.

use emqx_shared::views::{AlarmView, ConfigFactsView, LicenseView, ListenerView, NodeFactsView};
use serde::{Deserialize, Serialize};

/// The facts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When they were gathered.
    pub taken_at_ms: u64,
    pub ctl_version: String,
    /// `None` if no daemon answered.
    pub daemon_version: Option<String>,
    /// Why no daemon answered.
    pub unreachable: Option<String>,
    /// It is there, and this user may not use its socket.
    pub is_forbidden: bool,
    /// The daemon was not asked, because `--offline` said so.
    pub is_offline: bool,
    /// What the daemon tells of itself.
    pub node: Option<NodeFactsView>,
    /// The configuration: that of the daemon, otherwise what `emqxd --check-config` says.
    pub config: Option<ConfigFactsView>,
    pub config_check: Option<ConfigCheck>,
    /// Keys whose value in the file is not the one in force.
    pub pending: Option<Vec<String>>,
    pub listeners: Vec<ListenerView>,
    /// Ports of the configuration, when no daemon answered.
    pub ports: Vec<PortFacts>,
    pub license: Option<LicenseView>,
    /// Administrators whose password is the default or was given by somebody else.
    pub weak_admins: Option<Vec<String>>,
    pub alarms: Option<Vec<AlarmView>>,
    /// The control socket.
    pub socket: Option<FileFacts>,
    /// Process in the control socket's lock file, if it is an emqxd that runs.
    pub lock_holder: Option<u32>,
    pub data_dir: Option<FileFacts>,
    /// Configuration files and their folders.
    pub config_files: Vec<FileFacts>,
    /// Files with keys, rules or users.
    pub guarded_files: Vec<FileFacts>,
    /// The node whose data the folder holds.
    pub node_id: Option<String>,
    /// Stores in the data folder that were put aside.
    pub damaged_stores: Vec<String>,
    pub disk: Option<DiskFacts>,
    pub kernel: KernelFacts,
    /// Whether the system says that its clock is synchronised.
    pub clock_synchronised: Option<bool>,
    pub last_exit: Option<LastExit>,
    /// What was not to be had, and why.
    pub missing: Vec<Missing>,
}

impl Facts {
    /// Why `what` is not there.
    pub fn why_missing(&self, what: &str) -> Option<&str> {
        let found = self.missing.iter().find(|missing| missing.what == what);
        found.map(|missing| missing.why.as_str())
    }
}

/// What loading the configuration said.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ConfigCheck {
    /// What was looked at.
    pub file: String,
    pub errors: Vec<String>,
    pub warnings: Vec<String>,
}

/// A port that a listener wants.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PortFacts {
    /// Such as `tcp:default`.
    pub listener: String,
    /// `ip:port`
    pub bind: String,
    pub is_held: bool,
    /// Who holds it, if that can be seen.
    pub holder: Option<Holder>,
}

/// A process that listens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub pid: u32,
    pub name: String,
}

/// Who may do what with a file or folder.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FileFacts {
    pub path: String,
    /// The permission bits, with set-id and sticky.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub owner: String,
    pub group: String,
    pub is_dir: bool,
}

/// The file system of the data folder, bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DiskFacts {
    pub path: String,
    pub total: u64,
    /// For users who are not root.
    pub free: u64,
    pub files_total: u64,
    pub files_free: u64,
}

/// Limits of the kernel; `None` where it does not tell.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KernelFacts {
    pub release: Option<String>,
    pub file_max: Option<u64>,
    pub files_used: Option<u64>,
    pub somaxconn: Option<u64>,
    /// First and last.
    pub local_ports: Option<(u64, u64)>,
    /// Pages: low, pressure, high.
    pub tcp_mem: Option<(u64, u64, u64)>,
    pub tcp_mem_used: Option<u64>,
    /// Entries and their bound, if connections are tracked.
    pub conntrack: Option<(u64, u64)>,
    pub memory_total: Option<u64>,
    pub memory_available: Option<u64>,
    pub swap_total: Option<u64>,
    pub swap_free: Option<u64>,
    pub overcommit: Option<u64>,
}

/// What systemd remembers of the service's last end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LastExit {
    /// `active`, `failed`, `inactive`
    pub state: String,
    /// `success`, `exit-code`, `signal`, `oom-kill`
    pub result: String,
    /// Exit code, or the signal's number.
    pub status: i32,
    /// The last lines of the journal.
    pub lines: Vec<String>,
}

/// Something that was not to be had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub what: String,
    pub why: String,
}
