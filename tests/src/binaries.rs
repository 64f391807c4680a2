//! Where the binaries under test are: beside the folder of the running test executable.
//!
//! Cargo puts test executables into `target/<profile>/deps` and binaries into `target/<profile>`.
//! Both `emqxd` and `emqx-ctl` have integration tests of their own, which is why
//! `cargo test --workspace` builds their binaries before it runs these tests.

use std::path::{Path, PathBuf};

/// The daemon.
pub(crate) fn emqxd() -> PathBuf {
    binary("emqxd")
}

/// The CLI.
pub(crate) fn emqx_ctl() -> PathBuf {
    binary("emqx-ctl")
}

/// The target folder, below which `.ci/run` installs clients from other registries.
pub(crate) fn target_dir() -> PathBuf {
    parent(&profile_dir()).to_owned()
}

fn binary(name: &str) -> PathBuf {
    let path = profile_dir().join(name);
    assert!(
        path.is_file(),
        "{} is not there: these tests start the real binaries; run `cargo test --workspace`, or \
         `cargo build -p emqxd -p emqx-ctl` once before `cargo test -p emqx-tests`",
        path.display()
    );
    path
}

fn profile_dir() -> PathBuf {
    let executable = std::env::current_exe().expect("a running test has an executable");
    parent(parent(&executable)).to_owned()
}

fn parent(path: &Path) -> &Path {
    path.parent().expect("test executables are in <target>/<profile>/deps")
}
