//! Whether others than the daemon's user and root may change a file with rules: who can do that decides who may do what.
//!
//! A warning at each load, no refusal: the daemon would not start after a careless `cp`. `emqx-ctl doctor` finds the
//! same in its check D034.

use std::fs::{self, Metadata};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
/// In a folder with this bit only the owner of a file may put another in its place.
const STICKY: u32 = 0o1000;

/// What is open, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The file, or its folder.
    path: PathBuf,
    /// Its mode, as `chmod` takes it.
    pub mode: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    ByGroup,
    ByEverybody,
    FolderByEverybody,
}

impl Exposure {
    /// Of a file at this path; `None` if nobody else may change it.
    pub fn of(path: &Path, file: &Metadata) -> Option<Self> {
        let found = |path: &Path, mode: u32, kind| Self {
            path: path.to_owned(),
            mode: format!("{:04o}", mode & 0o7777),
            kind,
        };
        let mode = file.permissions().mode();
        if mode & OTHERS_WRITE != 0 {
            return Some(found(path, mode, Kind::ByEverybody));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let folder_mode = fs::metadata(folder).map_or(0, |metadata| metadata.permissions().mode());
        if folder_mode & OTHERS_WRITE != 0 && folder_mode & STICKY == 0 {
            return Some(found(folder, folder_mode, Kind::FolderByEverybody));
        }
        (mode & GROUP_WRITE != 0).then(|| found(path, mode, Kind::ByGroup))
    }

    /// What that means.
    pub fn why(&self) -> &'static str {
        match self.kind {
            Kind::ByGroup => "the group of the file may change who may do what",
            Kind::ByEverybody => "every user of this machine may change who may do what",
            Kind::FolderByEverybody => "every user of this machine may put another file in its place",
        }
    }

    /// The command that closes it.
    pub fn remedy(&self) -> String {
        let (mode, path) = (
            match self.kind {
                Kind::FolderByEverybody => "o-w",
                Kind::ByGroup | Kind::ByEverybody => "0640",
            },
            self.path.display(),
        );
        format!("chmod {mode} {path}")
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    #[test]
    fn who_else_may_change_the_rules_is_named_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acl.conf");
        fs::write(&path, "").unwrap();
        let exposure = |file: u32, of_folder: u32| {
            fs::set_permissions(&path, Permissions::from_mode(file)).unwrap();
            fs::set_permissions(folder.path(), Permissions::from_mode(of_folder)).unwrap();
            let found = Exposure::of(&path, &fs::metadata(&path).unwrap())?;
            Some((found.kind, found.mode.clone(), found.remedy()))
        };
        let of_file = format!("chmod 0640 {}", path.display());
        assert_eq!(exposure(0o644, 0o755), None);
        assert_eq!(exposure(0o640, 0o1777), None, "nobody else may replace it there");
        assert_eq!(
            exposure(0o660, 0o755),
            Some((Kind::ByGroup, "0660".into(), of_file.clone()))
        );
        assert_eq!(
            exposure(0o666, 0o777),
            Some((Kind::ByEverybody, "0666".into(), of_file))
        );
        let of_folder = format!("chmod o-w {}", folder.path().display());
        assert_eq!(
            exposure(0o640, 0o777),
            Some((Kind::FolderByEverybody, "0777".into(), of_folder))
        );
    }
}
