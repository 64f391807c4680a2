//! `emqxd admin reset [USER]`: a new password while the daemon is stopped, for who cannot reach it any other way.
//!
//! Takes the lock of the data folder, so it refuses while a daemon uses it.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use emqx_shared::ExitCode;

use super::{check_password, check_username, password};
use crate::clock::unix_ms_now;
use crate::config::Config;
use crate::data_dir::{DataDir, DataDirError};
use crate::state::{AdminRole, ApplyError, Command, OpenError, Refusal, ReplicatedState};

/// More cannot be a password.
const PASSWORD_BYTES_MAX: u64 = 1024;

/// Why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// A daemon has the folder, or it cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
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
    Read(#[from] io::Error),
}

impl ResetError {
    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::DataDir(error) => error.exit_code(),
            Self::State(error) => error.exit_code(),
            Self::Apply(_) => ExitCode::CannotCreate,
            Self::Rule(_) | Self::NoPassword | Self::Read(_) => ExitCode::Usage,
        }
    }

    /// What the operator can do.
    pub fn next_step(&self, username: &str) -> Option<String> {
        match self {
            Self::DataDir(DataDirError::InUse { .. }) => Some(format!(
                "the daemon is running: `emqx-ctl admins passwd {username}`, or stop it first"
            )),
            Self::DataDir(error) => Some(error.next_step()),
            Self::State(error) => Some(error.next_step()),
            Self::NoPassword => Some("--password-file FILE, or --password-file - to read it from stdin".to_owned()),
            _ => None,
        }
    }
}

/// Sets the password of an account, which is added if there is none of that name.
///
/// # Errors
/// See [`ResetError`].
pub fn reset(config: &Config, username: &str, password_file: Option<&Path>) -> Result<(), ResetError> {
    check_username(username).map_err(ResetError::Rule)?;
    // Before anybody types a password for nothing.
    let _lock = DataDir::open(&config.node.data_dir, &config.node.name)?;
    let state = ReplicatedState::open(&config.node.data_dir, &config.node.name)?;
    let new = obtain(username, password_file)?;
    check_password(&new).map_err(ResetError::Rule)?;
    let hash = password::hash(&new, &password::new_salt()?, password::ROUNDS);
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
    Ok(())
}

fn obtain(username: &str, password_file: Option<&Path>) -> Result<String, ResetError> {
    let source: Box<dyn Read> = match password_file {
        Some(path) if path == Path::new("-") => Box::new(io::stdin()),
        Some(path) => Box::new(std::fs::File::open(path)?),
        None if io::stdin().is_terminal() && io::stderr().is_terminal() => {
            let prompt = dialoguer::Password::new()
                .with_prompt(format!("New password of {username}"))
                .with_confirmation("The same again", "They differ");
            return prompt
                .interact()
                .map_err(|error| ResetError::Read(io::Error::other(error)));
        }
        None => return Err(ResetError::NoPassword),
    };
    let mut text = String::new();
    source.take(PASSWORD_BYTES_MAX).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
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
        std::fs::write(&file, "Canary_7f3a!\n").unwrap();
        for _ in 0..2 {
            reset(&config, "li", Some(&file)).unwrap();
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
    fn the_rules_hold_offline_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default_config();
        config.node.data_dir = folder.path().join("data");
        let file = folder.path().join("password");
        std::fs::write(&file, "short").unwrap();
        let refused = reset(&config, "li", Some(&file)).unwrap_err();
        assert_eq!(refused.to_string(), "The range of password length is 8~64");
        assert!(reset(&config, "l i", Some(&file)).is_err());
    }
}
