//! An organisation that issues licences of its own with the real `emqx-ctl`, and a clock that can be set.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{CtlOutput, binaries};

/// Where Debian's package `libfaketime` puts its library, below `/usr/lib/<machine>`.
const FAKETIME_LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// Issues licences.
#[derive(Debug)]
pub struct LicenseIssuer {
    folder: TempDir,
}

impl Default for LicenseIssuer {
    fn default() -> Self {
        Self::new()
    }
}

impl LicenseIssuer {
    /// One with a new pair of keys.
    ///
    /// # Panics
    /// If `emqx-ctl license keygen` fails.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("temp folders can be made");
        let issuer = Self { folder };
        issuer.ctl(&["license", "keygen", "issuer.pem"]).ok();
        issuer
    }

    /// Its folder: `issuer.pem`, `issuer.pem.pub`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The line that lets a daemon trust it.
    pub fn config(&self) -> String {
        format!(
            "license.issuer_keys = [\"{}\"]",
            self.folder().join("issuer.pem.pub").display()
        )
    }

    /// Runs `emqx-ctl` in its folder, without a daemon.
    pub fn ctl(&self, arguments: &[&str]) -> CtlOutput {
        let mut command = Command::new(binaries::emqx_ctl());
        command
            .args(arguments)
            .current_dir(self.folder())
            .env("EMQX_CTL_SOCKET", self.folder().join("no.sock"))
            .env_remove("EMQX_CTL_FORMAT")
            .stdin(Stdio::null());
        command.output().expect("emqx-ctl can be executed").into()
    }

    /// A licence with these options of `emqx-ctl license issue`.
    ///
    /// # Panics
    /// If it is refused.
    pub fn issue(&self, options: &str) -> String {
        let mut arguments = vec!["license", "issue", "--key", "issuer.pem", "--customer", "Acme"];
        arguments.extend(options.split_whitespace());
        self.ctl(&arguments).ok().trim().to_owned()
    }

    /// The same, as a file.
    ///
    /// # Panics
    /// If it is refused.
    pub fn issue_file(&self, name: &str, options: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, self.issue(options) + "\n").expect("a folder of ours takes files");
        path
    }
}

/// The library that moves a process's clock; `None`, with a line on standard error, if it is not installed and not
/// required.
///
/// # Panics
/// If it is not installed and `EMQX_TESTS_REQUIRE_CLIENTS=1`.
#[track_caller]
pub fn faketime_library() -> Option<PathBuf> {
    let machines = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut candidates = machines.map(|machine| machine.path().join(FAKETIME_LIBRARY));
    let found = candidates.find(|path| path.exists());
    if found.is_none() {
        let missing = "needs libfaketime (apt install faketime)";
        let is_required = std::env::var_os("EMQX_TESTS_REQUIRE_CLIENTS").is_some_and(|value| value == "1");
        assert!(
            !is_required,
            "{missing}, and EMQX_TESTS_REQUIRE_CLIENTS=1 does not allow to skip the test"
        );
        let _ = io::stderr().write_all(format!("SKIPPED: {missing}\n").as_bytes());
    }
    found
}
