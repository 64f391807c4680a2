//! `emqxd admin reset [USER]`: a new password while the daemon is stopped, for who cannot reach it any other way.
//!
//! Takes the lock of the data folder, so it refuses while a daemon uses it. Root goes on as the owner of that folder:
//! a file of root's in it would keep the daemon from starting, and a link in it must not lead root astray.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use emqx_shared::ExitCode;
use nix::unistd::{Gid, Uid, geteuid, setgroups, setresgid, setresuid};

use super::{check_password, check_username, password};
use crate::clock::unix_ms_now;
use crate::config::Config;
use crate::data_dir::{DataDir, DataDirError};
use crate::state::{AdminRole, ApplyError, Command, Damage, OpenError, Refusal, ReplicatedState};

/// More cannot be a password.
const PASSWORD_BYTES_MAX: u64 = 1024;

/// Why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// A daemon has the folder, or it cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Root cannot become the user whose folder it is.
    #[error("cannot become the owner of {}: {source}", path.display())]
    Owner {
        /// The data folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The state cannot be used.
    #[error(transparent)]
    State(#[from] OpenError),
    /// It cannot be written.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A rule of names or passwords.
    #[error("{0}")]
    Rule(&'static str),
    /// Nobody can be asked.
    #[error("no password is given")]
    NoPassword,
    /// It cannot be read.
    #[error("the password cannot be read: {0}")]
    Read(io::Error),
    /// The system has no random numbers.
    #[error("the system's random source fails: {0}")]
    Random(io::Error),
}

impl ResetError {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::DataDir(error) => error.exit_code(),
            Self::Owner { .. } => ExitCode::NoPermission,
            Self::State(error) => error.exit_code(),
            Self::Apply(_) | Self::Random(_) => ExitCode::Io,
            Self::Rule(_) | Self::NoPassword => ExitCode::Usage,
            Self::Read(error) => match error.kind() {
                io::ErrorKind::NotFound => ExitCode::NoInput,
                io::ErrorKind::PermissionDenied => ExitCode::NoPermission,
                io::ErrorKind::InvalidData => ExitCode::BadData,
                _ => ExitCode::Io,
            },
        }
    }

    /// What the operator can do.
    pub fn next_step(&self, username: &str) -> Option<String> {
        match self {
            Self::DataDir(DataDirError::InUse { .. }) => Some(format!(
                "the daemon is running: `emqx-ctl admins passwd {username}`, or stop it first"
            )),
            Self::DataDir(error) => Some(error.next_step()),
            Self::Owner { path, .. } => Some(format!("run it as the user who owns {}", path.display())),
            Self::State(error) => Some(error.next_step()),
            Self::NoPassword => Some("--password-file FILE, or --password-file - to read it from stdin".to_owned()),
            _ => None,
        }
    }
}

/// Sets the password of an account, which is added if there is none of that name. Gives the damage if the state could
/// not be read and a new one was begun.
///
/// # Errors
/// See [`ResetError`].
pub fn reset(config: &Config, username: &str, password_file: Option<&Path>) -> Result<Option<Damage>, ResetError> {
    check_username(username).map_err(ResetError::Rule)?;
    // The caller's file, which the owner of the data folder may not be allowed to read.
    let source = PasswordSource::open(password_file).map_err(ResetError::Read)?;
    let data_dir = &config.node.data_dir;
    become_owner(data_dir).map_err(|source| ResetError::Owner {
        path: data_dir.clone(),
        source,
    })?;
    // Before anybody types a password for nothing.
    let _lock = DataDir::open(data_dir, &config.node.name)?;
    let state = ReplicatedState::open(data_dir, &config.node.name)?;
    let new = source.read(username)?;
    check_password(&new).map_err(ResetError::Rule)?;
    let salt = password::new_salt().map_err(ResetError::Random)?;
    let hash = password::hash(&new, &salt, password::ROUNDS);
    let at_ms = unix_ms_now();
    let set = state.apply_blocking(Command::SetAdminPassword {
        username: username.to_owned(),
        password: hash.clone(),
        must_change_password: false,
        at_ms,
    });
    match set {
        Err(ApplyError::Refused(Refusal::UsernameNotFound)) => {
            state.apply_blocking(Command::AddAdmin {
                username: username.to_owned(),
                password: hash,
                description: "administrator".to_owned(),
                role: AdminRole::Administrator,
                must_change_password: false,
                at_ms,
            })?;
        }
        other => {
            other?;
        }
    }
    Ok(state.damage().cloned())
}

/// Gives up being root for good, unless the folder is root's own or not there yet.
fn become_owner(data_dir: &Path) -> io::Result<()> {
    let Ok(folder) = fs::metadata(data_dir) else {
        return Ok(());
    };
    let (uid, gid) = (Uid::from_raw(folder.uid()), Gid::from_raw(folder.gid()));
    if !geteuid().is_root() || uid.is_root() {
        return Ok(());
    }
    setgroups(&[gid])?;
    setresgid(gid, gid, gid)?;
    Ok(setresuid(uid, uid, uid)?)
}

/// Where the password comes from.
enum PasswordSource {
    Given(Box<dyn Read>),
    Terminal,
    Nowhere,
}

impl PasswordSource {
    fn open(file: Option<&Path>) -> io::Result<Self> {
        Ok(match file {
            Some(path) if path == Path::new("-") => Self::Given(Box::new(io::stdin())),
            Some(path) => Self::Given(Box::new(File::open(path)?)),
            None if io::stdin().is_terminal() && io::stderr().is_terminal() => Self::Terminal,
            None => Self::Nowhere,
        })
    }

    fn read(self, username: &str) -> Result<String, ResetError> {
        match self {
            Self::Given(source) => one_line(source).map_err(ResetError::Read),
            Self::Terminal => dialoguer::Password::new()
                .with_prompt(format!("New password of {username}"))
                .with_confirmation("The same again", "They differ")
                .interact()
                .map_err(|error| ResetError::Read(io::Error::other(error))),
            Self::Nowhere => Err(ResetError::NoPassword),
        }
    }
}

/// The one line; what an editor or `echo` put behind it does not count.
fn one_line(source: Box<dyn Read>) -> io::Result<String> {
    let invalid = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why));
    let mut text = String::new();
    source.take(PASSWORD_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > PASSWORD_BYTES_MAX {
        return invalid("no password is that long");
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line.contains('\n') {
        true => invalid("there is more than one line"),
        false => Ok(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forgotten_password_is_replaced_and_a_missing_account_added() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default_config();
        config.node.data_dir = folder.path().join("data");
        let file = folder.path().join("password");
        fs::write(&file, "Canary_7f3a!\n").unwrap();
        for _ in 0..2 {
            assert_eq!(reset(&config, "li", Some(&file)).unwrap(), None);
        }
        {
            let state = ReplicatedState::open(&config.node.data_dir, &config.node.name).unwrap();
            let facts = state.facts();
            assert!(password::verify("Canary_7f3a!", &facts.admins["li"].password));
        }
        let _daemon = DataDir::open(&config.node.data_dir, &config.node.name).unwrap();
        let refused = reset(&config, "li", Some(&file)).unwrap_err();
        assert_eq!(refused.exit_code(), ExitCode::TryAgain);
        assert!(refused.next_step("li").unwrap().contains("the daemon is running"));
    }

    #[test]
    fn what_is_no_line_of_text_is_refused_with_an_exit_code_that_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default_config();
        config.node.data_dir = folder.path().join("data");
        let file = folder.path().join("password");
        for (bytes, exit) in [
            (&b"Public_1\nPublic_1\n"[..], ExitCode::BadData),
            (&[b'1'; 2000], ExitCode::BadData),
            (b"\xff", ExitCode::BadData),
        ] {
            fs::write(&file, bytes).unwrap();
            let refused = reset(&config, "li", Some(&file)).unwrap_err();
            assert_eq!(refused.exit_code(), exit, "{refused}");
        }
        let missing = reset(&config, "li", Some(&folder.path().join("none"))).unwrap_err();
        assert_eq!(missing.exit_code(), ExitCode::NoInput);
    }

    #[test]
    fn a_damaged_state_is_reported_to_whoever_sets_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default_config();
        config.node.data_dir = folder.path().join("data");
        let file = folder.path().join("password");
        fs::write(&file, "Canary_7f3a!\n").unwrap();
        assert_eq!(reset(&config, "li", Some(&file)).unwrap(), None);
        let state = ReplicatedState::path(&config.node.data_dir);
        fs::write(&state, "no state").unwrap();
        let damage = reset(&config, "li", Some(&file)).unwrap().unwrap();
        assert_eq!(fs::read_to_string(damage.moved_to).unwrap(), "no state");
    }

    #[test]
    fn the_rules_hold_offline_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default_config();
        config.node.data_dir = folder.path().join("data");
        let file = folder.path().join("password");
        fs::write(&file, "short").unwrap();
        let refused = reset(&config, "li", Some(&file)).unwrap_err();
        assert_eq!(refused.to_string(), "The range of password length is 8~64");
        assert!(reset(&config, "l i", Some(&file)).is_err());
    }
}
