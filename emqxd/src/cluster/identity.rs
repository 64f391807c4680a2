//! Who this node is to the others: `<data>/cluster/node.json`.
//!
//! A number drawn at random once names the node in the consensus for ever. A file that cannot be read is put aside with
//! all that lies beside it (the log names the number, and is of no use without it): the node is a new one then, in a
//! cluster of its own, with the facts it had.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use emqxd_cluster::consensus::NodeId;
use serde::{Deserialize, Serialize};

use crate::clock::unix_ms_now;

/// A node name is shorter; a larger file is not ours.
const FILE_BYTES_MAX: u64 = 4096;

/// What is kept of this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its number, never 0.
    pub id: NodeId,
    /// The name it had when the file was written.
    pub name: String,
    /// When its first cluster, of itself alone, was founded: Unix milliseconds. The older goes first when nodes that
    /// found each other decide who joins whom.
    pub founded_at: u64,
}

/// An identity that was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityDamage {
    /// What is wrong with it.
    pub why: String,
    /// Where it is now, with the log beside it.
    pub moved_to: PathBuf,
}

impl Identity {
    /// Reads the identity of a node, or makes one.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn open(folder: &Path, name: &str) -> io::Result<(Self, Option<IdentityDamage>)> {
        let path = folder.join("node.json");
        let why = match read(&path) {
            Ok(Some(identity)) if identity.id == 0 => "its number is 0".to_owned(),
            Ok(Some(identity)) if identity.name == name => return Ok((identity, None)),
            Ok(Some(identity)) => format!("it is {}, this node is {name}", identity.name),
            Ok(None) => return Ok((Self::make(folder, &path, name)?, None)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => error.to_string(),
            Err(error) => return Err(error),
        };
        let moved_to = put_aside(folder)?;
        tracing::error!(
            path = %path.display(),
            moved_to = %moved_to.display(),
            why,
            next = "`emqx-ctl cluster force-leave` at another node strikes the old one off, `cluster join` joins anew",
            "node_identity_damaged"
        );
        let identity = Self::make(folder, &path, name)?;
        Ok((identity, Some(IdentityDamage { why, moved_to })))
    }

    fn make(folder: &Path, path: &Path, name: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let identity = Self {
            id: random_number()?,
            name: name.to_owned(),
            founded_at: unix_ms_now(),
        };
        // Written beside, then renamed: a crash leaves either none or the whole one.
        let temporary = path.with_extension("json.new");
        let mut file = File::create(&temporary)?;
        file.write_all(serde_json::to_string_pretty(&identity)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()?;
        Ok(identity)
    }
}

fn read(path: &Path) -> io::Result<Option<Identity>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
    let damaged = |error: serde_json::Error| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    serde_json::from_slice(&text).map(Some).map_err(damaged)
}

/// Renames the folder so that it stays for whoever wants to look.
fn put_aside(folder: &Path) -> io::Result<PathBuf> {
    let seconds = unix_ms_now() / 1000;
    let mut aside = folder.with_extension(format!("damaged.{seconds}"));
    let mut number = 1;
    while fs::exists(&aside)? {
        aside = folder.with_extension(format!("damaged.{seconds}.{number}"));
        number += 1;
    }
    fs::rename(folder, &aside)?;
    Ok(aside)
}

/// Of the system's random source; not 0.
fn random_number() -> io::Result<u64> {
    Ok(u64::from_be_bytes(random()?).max(1))
}

/// Bytes of the system's random source.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_keeps_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cluster");
        let (first, damage) = Identity::open(&path, "emqx@127.0.0.1").unwrap();
        assert!(damage.is_none() && first.id != 0 && first.founded_at != 0);
        assert_eq!(Identity::open(&path, "emqx@127.0.0.1").unwrap(), (first, None));
    }

    #[test]
    fn what_cannot_be_read_is_put_aside_with_the_log_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cluster");
        let (first, _) = Identity::open(&path, "emqx@127.0.0.1").unwrap();
        fs::write(path.join("node.json"), "{ \"id\": ").unwrap();
        fs::write(path.join("log.redb"), "of the old number").unwrap();
        let (second, damage) = Identity::open(&path, "emqx@127.0.0.1").unwrap();
        assert_ne!(first.id, second.id);
        let moved_to = damage.unwrap().moved_to;
        assert!(moved_to.join("log.redb").exists() && moved_to.join("node.json").exists());
        assert!(!path.join("log.redb").exists());
        let (third, damage) = Identity::open(&path, "emqx@renamed").unwrap();
        assert_ne!(second.id, third.id);
        assert_eq!(damage.unwrap().why, "it is emqx@127.0.0.1, this node is emqx@renamed");
    }
}
