//! Whom an operator has struck off: `<data>/cluster/struck-off.json`.
//!
//! Such a node does not come back by discovery; an operator joins it again. All members that are up when it is struck off
//! are told. The file is a list of numbers; one that cannot be read or written is logged and costs no more than that a
//! node comes back unasked after a restart of this one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use emqxd_cluster::consensus::NodeId;
use parking_lot::Mutex;

/// Nodes remembered; of more those with the lowest numbers, which are random, are forgotten.
const STRUCK_OFF_MAX: usize = 64;
/// So many numbers take less; a larger file is not ours.
const FILE_BYTES_MAX: u64 = 4096;

/// Their numbers.
#[derive(Debug, Default)]
pub struct StruckOff {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    ids: BTreeSet<NodeId>,
    /// `None` before [`StruckOff::open`].
    path: Option<PathBuf>,
}

impl StruckOff {
    /// Reads what was written by an earlier start.
    pub fn open(&self, folder: &Path) {
        let path = folder.join("struck-off.json");
        let mut inner = self.inner.lock();
        match read(&path) {
            Ok(ids) => inner.ids.extend(ids.into_iter().take(STRUCK_OFF_MAX)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let next = "nothing; it is written anew when a node is struck off";
                tracing::warn!(path = %path.display(), reason = %error, next, "struck_off_unreadable");
            }
        }
        inner.path = Some(path);
    }

    /// Whether one is among them.
    pub fn contains(&self, id: NodeId) -> bool {
        self.inner.lock().ids.contains(&id)
    }

    /// Adds one.
    pub fn add(&self, id: NodeId) {
        let mut inner = self.inner.lock();
        if inner.ids.contains(&id) {
            return;
        }
        while inner.ids.len() >= STRUCK_OFF_MAX {
            inner.ids.pop_first();
        }
        inner.ids.insert(id);
        inner.write();
    }

    /// Forgets one.
    pub fn remove(&self, id: NodeId) {
        let mut inner = self.inner.lock();
        if inner.ids.remove(&id) {
            inner.write();
        }
    }
}

impl Inner {
    fn write(&self) {
        let Some(path) = &self.path else { return };
        if let Err(error) = write(path, &self.ids) {
            let next = "see to the disk; until then a restart forgets who was struck off";
            tracing::warn!(path = %path.display(), reason = %error, next, "struck_off_not_written");
        }
    }
}

fn read(path: &Path) -> io::Result<BTreeSet<NodeId>> {
    let mut text = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Beside it, then renamed: a crash leaves the one or the other.
fn write(path: &Path, ids: &BTreeSet<NodeId>) -> io::Result<()> {
    let temporary = path.with_extension("json.new");
    let mut file = File::create(&temporary)?;
    file.write_all(&serde_json::to_vec(ids)?)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_struck_off_is_known_to_the_next_start_until_it_is_wanted_again() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let struck_off = StruckOff::default();
            struck_off.open(folder.path());
            struck_off
        };
        let first = open();
        first.add(7);
        first.add(u64::MAX);
        assert!(open().contains(7) && open().contains(u64::MAX));
        first.remove(7);
        assert!(!open().contains(7));
        for id in 100..300 {
            first.add(id);
        }
        assert_eq!(open().inner.lock().ids.len(), STRUCK_OFF_MAX);
        fs::write(folder.path().join("struck-off.json"), "[1,").unwrap();
        assert!(!open().contains(100));
    }
}
