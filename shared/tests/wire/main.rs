//! Example bytes of everything that travels over the control socket, one folder for each protocol
//! version: an encoding that changes by accident fails here before an old `emqx-ctl` meets a new
//! `emqxd`.
//!
//! `EMQX_RENEW_WIRE=1 cargo test -p emqx-shared --test wire` writes the files anew. A line that
//! changes in the diff means that released programs no longer understand each other; only new
//! lines at the end of a file are harmless.

#![allow(clippy::unwrap_used)]

mod admins;
mod authn;
mod authz;
mod cluster;
mod diagnosis;
mod facts;
mod hello;
mod lifecycle;
mod replies;
mod requests;
mod samples;
mod tls;
mod upgrade;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Compares `examples` with the committed file, line by line, or writes it anew.
pub fn compare(file: &str, examples: &[(String, Vec<u8>)]) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "wire", "v1", file]
        .iter()
        .collect();
    let mut text = String::new();
    for (name, bytes) in examples {
        writeln!(text, "{name} = {}", hex(bytes)).unwrap();
    }
    if std::env::var_os("EMQX_RENEW_WIRE").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let committed = read(&path);
    for (expected, found) in committed.lines().zip(text.lines()) {
        assert_eq!(expected, found, "\n{} differs", path.display());
    }
    assert_eq!(
        committed.lines().count(),
        text.lines().count(),
        "{} has another number of examples; renew it as main.rs says",
        path.display()
    );
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; renew it as main.rs says", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The word with which the `Debug` form of an enum's variant begins.
pub fn variant(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
        .chars()
        .take_while(|c| c.is_alphanumeric())
        .collect()
}
