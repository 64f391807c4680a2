//! Where the control socket is: the same rules for the daemon that creates it and the CLI that
//! looks for it. Pure functions of what the caller read from its environment.
//!
//! A program that runs with more rights than its caller (through `sudo`, for example) passes `None`
//! for what the caller's environment says.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Folder of the packaged daemon, made by systemd or tmpfiles.d.
pub const PACKAGED_DIR: &str = "/run/emqx";

/// Name of the socket in whichever folder it stands.
pub const SOCKET_NAME: &str = "emqxd.sock";

/// The data folder when none is configured, relative to the working folder.
pub const DATA_DIR_DEFAULT: &str = "data";

/// Environment variable that names the socket for `emqx-ctl`.
pub const SOCKET_ENV: &str = "EMQX_CTL_SOCKET";

/// Longest path that fits into `sockaddr_un` with its final NUL.
pub const PATH_BYTES_MAX: usize = 107;

/// The path cannot be one of a socket.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SocketPathError {
    /// Linux keeps 108 bytes for it.
    #[error("the control socket path {} has {length} bytes; the kernel allows {PATH_BYTES_MAX}", path.display())]
    TooLong {
        /// The path.
        path: PathBuf,
        /// Its length in bytes.
        length: usize,
    },
    /// An empty path, or one with a NUL, would be an abstract or unnamed socket.
    #[error("the control socket path is empty or contains a NUL character")]
    NotAPath,
}

/// What the search depends on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places<'a> {
    /// `--socket` or `EMQX_CTL_SOCKET` for the CLI, `control.socket` for the daemon.
    pub explicit: Option<&'a Path>,
    /// `XDG_RUNTIME_DIR`; a relative one is ignored, as its specification asks.
    pub xdg_runtime_dir: Option<&'a Path>,
    /// The data folder; `None` for [`DATA_DIR_DEFAULT`].
    pub data_dir: Option<&'a Path>,
}

impl Places<'_> {
    fn packaged() -> PathBuf {
        Path::new(PACKAGED_DIR).join(SOCKET_NAME)
    }

    fn in_xdg(&self) -> Option<PathBuf> {
        let dir = self.xdg_runtime_dir.filter(|dir| dir.is_absolute())?;
        Some(dir.join("emqx").join(SOCKET_NAME))
    }

    fn in_data(&self) -> PathBuf {
        let dir = self.data_dir.unwrap_or(Path::new(DATA_DIR_DEFAULT));
        dir.join(SOCKET_NAME)
    }

    /// The paths the CLI tries, in this order; an explicit one is the only one.
    ///
    /// Those that could not be a socket (too long) are left out of the search, but an explicit one
    /// is an error.
    ///
    /// # Errors
    /// [`SocketPathError`] for an explicit path.
    pub fn to_try(&self) -> Result<Vec<PathBuf>, SocketPathError> {
        if let Some(path) = self.explicit {
            return Ok(vec![check(path.to_owned())?]);
        }
        Ok([Some(Self::packaged()), self.in_xdg(), Some(self.in_data())]
            .into_iter()
            .flatten()
            .filter_map(|path| check(path).ok())
            .collect())
    }

    /// The path the daemon creates its socket at: the explicit one, else the packaged folder if it
    /// is there and `packaged_is_writable`, else below `XDG_RUNTIME_DIR`, else in the data folder.
    ///
    /// # Errors
    /// [`SocketPathError`], so that it is reported when the configuration is read.
    pub fn to_create(&self, packaged_is_writable: bool) -> Result<PathBuf, SocketPathError> {
        if let Some(path) = self.explicit {
            return check(path.to_owned());
        }
        if packaged_is_writable {
            return check(Self::packaged());
        }
        check(self.in_xdg().unwrap_or_else(|| self.in_data()))
    }
}

fn check(path: PathBuf) -> Result<PathBuf, SocketPathError> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.is_empty() || bytes.contains(&0) {
        return Err(SocketPathError::NotAPath);
    }
    let length = bytes.len();
    if length > PATH_BYTES_MAX {
        return Err(SocketPathError::TooLong { path, length });
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places<'a>(explicit: Option<&'a str>, xdg: Option<&'a str>) -> Places<'a> {
        Places {
            explicit: explicit.map(Path::new),
            xdg_runtime_dir: xdg.map(Path::new),
            data_dir: None,
        }
    }

    #[test]
    fn the_cli_finds_every_place_a_daemon_may_choose() {
        for xdg in [None, Some("/run/user/1000"), Some("not/absolute")] {
            let places = places(None, xdg);
            let tried = places.to_try().unwrap();
            for packaged in [true, false] {
                assert!(tried.contains(&places.to_create(packaged).unwrap()));
            }
        }
    }

    #[test]
    fn the_search_goes_from_packaged_to_personal() {
        assert_eq!(
            places(None, Some("/run/user/1000")).to_try().unwrap(),
            [
                "/run/emqx/emqxd.sock",
                "/run/user/1000/emqx/emqxd.sock",
                "data/emqxd.sock"
            ]
            .map(PathBuf::from)
        );
    }

    #[test]
    fn an_explicit_path_is_the_only_one() {
        let places = places(Some("/tmp/x.sock"), Some("/run/user/1000"));
        assert_eq!(places.to_try().unwrap(), [PathBuf::from("/tmp/x.sock")]);
        assert_eq!(places.to_create(true), Ok(PathBuf::from("/tmp/x.sock")));
    }

    #[test]
    fn a_path_the_kernel_cannot_hold_is_refused_with_its_length() {
        let fits = format!("/{}", "x".repeat(106));
        assert!(places(Some(&fits), None).to_create(false).is_ok());
        let long = format!("/{}", "x".repeat(107));
        assert!(matches!(
            places(Some(&long), None).to_create(false),
            Err(SocketPathError::TooLong { length: 108, .. })
        ));
        assert_eq!(places(Some(""), None).to_try(), Err(SocketPathError::NotAPath));
    }
}
