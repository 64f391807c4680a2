//! How the accounts of one authenticator are made: by operators (`authn users ...`), from a bootstrap file, from an import.
//!
//! The authenticator's settings say which hash; the rows come from `emqx_auth::user_file`. Making a proof takes as long as
//! checking it: callers do so on a blocking thread.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use emqx_auth::password::Algorithm;
use emqx_auth::scram::{Credential, Mechanism};
use emqx_auth::user_file::{self, Format, RowType, Secret, UserFileError, UserRow};

use crate::config::authn::{AuthenticatorConfig, AuthnBackend, DatabaseSettings, ScramSettings};
use crate::state::{Account, ApplyError, Command, Proof, ReplicatedState, User, UserTable, UsersError};

/// Longest bootstrap file: some 500,000 users. More go in by `emqx-ctl authn users import`, piece by piece.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Users in one entry of the log.
const PIECE: usize = 500;

/// Where the users of an authenticator are, and what they log in with.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Whose chain.
    pub group: String,
    /// How proofs are made.
    pub kind: AccountKind,
}

/// What users log in with.
#[derive(Debug, Clone)]
pub enum AccountKind {
    /// A password.
    Password(Algorithm),
    /// SCRAM.
    Scram {
        /// Which hash.
        mechanism: Mechanism,
        /// Rounds.
        iterations: u32,
    },
}

/// Why a file of users was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Its name ends neither in `.csv` nor in `.json`.
    #[error("{} ends neither in .csv nor in .json", path.display())]
    Format {
        /// Which.
        path: PathBuf,
    },
    /// Longer than what is read at once.
    #[error(
        "{} has more than {} MiB; import it with `emqx-ctl authn users import` instead",
        path.display(),
        FILE_BYTES_MAX / 1024 / 1024
    )]
    TooLong {
        /// Which.
        path: PathBuf,
    },
    /// A row is wrong; nobody of the file was taken over.
    #[error("{}, {source}", path.display())]
    Row {
        /// Which file.
        path: PathBuf,
        /// Which row, and what is wrong with it.
        source: UserFileError,
    },
    /// The system has no randomness.
    #[error("no random bytes: {0}")]
    Random(#[from] io::Error),
    /// The state refuses.
    #[error("{0}")]
    State(#[from] ApplyError),
    /// The state cannot be read.
    #[error("{0}")]
    Users(#[from] UsersError),
}

impl Accounts {
    /// Of `password_based:built_in_database`.
    pub fn of_passwords(group: &str, settings: &DatabaseSettings) -> Self {
        Self {
            group: group.to_owned(),
            kind: AccountKind::Password(settings.algorithm.clone()),
        }
    }

    /// Of `scram:built_in_database`.
    pub fn of_scram(group: &str, settings: &ScramSettings) -> Self {
        Self {
            group: group.to_owned(),
            kind: AccountKind::Scram {
                mechanism: mechanism(settings),
                iterations: settings.iteration_count,
            },
        }
    }

    /// Of any authenticator; `None` if its users are not here.
    pub fn of(group: &str, config: &AuthenticatorConfig) -> Option<Self> {
        match &config.backend {
            AuthnBackend::BuiltInDatabase(settings) => Some(Self::of_passwords(group, settings)),
            AuthnBackend::Scram(settings) => Some(Self::of_scram(group, settings)),
            AuthnBackend::Http(_) | AuthnBackend::Jwt(_) => None,
        }
    }

    /// The table of its users.
    pub const fn table(&self) -> UserTable {
        match self.kind {
            AccountKind::Password(_) => UserTable::Password,
            AccountKind::Scram { .. } => UserTable::Scram,
        }
    }

    /// What is kept of a password. Takes as long as a check.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn proof(&self, password: &str) -> io::Result<Proof> {
        let random = random()?;
        Ok(match &self.kind {
            AccountKind::Password(algorithm) => Proof::Password(algorithm.hash(password, &random)),
            AccountKind::Scram { mechanism, iterations } => Proof::Scram {
                mechanism: *mechanism,
                credential: Credential::derive(*mechanism, password.as_bytes(), &random, *iterations),
            },
        })
    }

    /// The user of these parts.
    pub fn user(&self, user_id: String, proof: Proof, is_superuser: bool) -> User {
        User {
            group: self.group.clone(),
            user_id,
            account: Account { is_superuser, proof },
        }
    }

    /// The user of a row; `Err` with what is wrong if its hash can be none of this authenticator.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn user_of(&self, row: UserRow) -> io::Result<Result<User, UserFileError>> {
        if let Err(error) = self.check_row(&row) {
            return Ok(Err(error));
        }
        let proof = match row.secret {
            Secret::Plain(password) => self.proof(&password.0)?,
            Secret::Hash(stored) => Proof::Password(stored),
        };
        Ok(Ok(self.user(row.user_id, proof, row.is_superuser)))
    }

    /// Whether a row can be a user of this authenticator; takes no time.
    pub fn check_row(&self, row: &UserRow) -> Result<(), UserFileError> {
        let wrong = |what: String| {
            let (unit, place) = ("row", row.place);
            Err(UserFileError { unit, place, what })
        };
        match (&row.secret, &self.kind) {
            (Secret::Plain(_), _) => Ok(()),
            (Secret::Hash(stored), AccountKind::Password(algorithm)) => algorithm
                .check_stored(stored)
                .or_else(|problem| wrong(problem.to_string())),
            (Secret::Hash(_), AccountKind::Scram { .. }) => {
                wrong("it holds a hash; users of SCRAM are imported with plain passwords".to_owned())
            }
        }
    }

    /// Takes over the users of a file; those that are there already stay as they are. Gives how many are new.
    ///
    /// # Errors
    /// See [`BootstrapError`]. A row that is wrong leaves the database as it was.
    pub fn bootstrap(&self, state: &ReplicatedState, path: &Path, kind: RowType) -> Result<usize, BootstrapError> {
        let mut rows = read(path, kind)?;
        let wrong = |source| {
            let path = path.to_owned();
            BootstrapError::Row { path, source }
        };
        for row in &rows {
            self.check_row(row).map_err(wrong)?;
        }
        // Those that are there need no new hash, which may take a good part of a second each.
        let mut failed = None;
        rows.retain(|row| {
            let found = state.users().find(self.table(), &self.group, &row.user_id);
            let is_new = matches!(found, Ok(None));
            if let Err(error) = found {
                failed = Some(error);
            }
            is_new
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        if rows.is_empty() {
            return Ok(0);
        }
        tracing::info!(path = %path.display(), users = rows.len(), "bootstrap_users_are_taken_over");
        let mut taken = 0;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut users = Vec::with_capacity(PIECE);
            for row in rows.by_ref().take(PIECE) {
                users.push(self.user_of(row)?.map_err(wrong)?);
            }
            let overwrite = false;
            let command = Command::ImportUsers { users, overwrite };
            let rows = match state.apply_blocking(command.clone()) {
                // The others have to agree, and do when this node takes part.
                Err(ApplyError::InCluster { .. }) => {
                    state.apply_soon(command);
                    0
                }
                applied => applied?.rows,
            };
            taken += rows;
        }
        Ok(taken)
    }
}

/// The hash of SCRAM that is configured.
pub fn mechanism(settings: &ScramSettings) -> Mechanism {
    if settings.is_sha512 {
        Mechanism::Sha512
    } else {
        Mechanism::Sha256
    }
}

/// Bytes of the system's random source.
///
/// # Errors
/// There is none.
pub fn random<const BYTES: usize>() -> io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Nobody can be looked up: the client is refused, and the operator has to know why.
pub fn report_unreadable(error: &UsersError) {
    let next = "restore the state folder from a backup, or import an export: emqx-ctl data import FILE";
    tracing::error!(reason = %error, next, "user_database_unreadable");
}

fn read(path: &Path, kind: RowType) -> Result<Vec<UserRow>, BootstrapError> {
    let path = path.to_owned();
    let Some(format) = path.to_str().and_then(Format::of_name) else {
        return Err(BootstrapError::Format { path });
    };
    let length = fs::metadata(&path).map(|metadata| metadata.len());
    let text = match length {
        Ok(length) if length > FILE_BYTES_MAX => return Err(BootstrapError::TooLong { path }),
        Ok(_) => fs::read_to_string(&path),
        Err(error) => Err(error),
    };
    match text {
        Ok(text) => user_file::parse(&text, format, kind).map_err(|source| BootstrapError::Row { path, source }),
        Err(source) => Err(BootstrapError::File { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use emqx_auth::password::SaltPosition;

    use super::*;
    use crate::state::GLOBAL_GROUP;

    fn accounts(algorithm: Algorithm) -> Accounts {
        Accounts {
            group: GLOBAL_GROUP.to_owned(),
            kind: AccountKind::Password(algorithm),
        }
    }

    fn state(folder: &tempfile::TempDir) -> ReplicatedState {
        ReplicatedState::open(folder.path(), "emqx@127.0.0.1").unwrap()
    }

    fn is_known(accounts: &Accounts, state: &ReplicatedState, user_id: &str, password: &[u8]) -> bool {
        let found = state.users().find(accounts.table(), &accounts.group, user_id).unwrap();
        let AccountKind::Password(algorithm) = &accounts.kind else {
            return false;
        };
        found.is_some_and(
            |account| matches!(&account.proof, Proof::Password(stored) if algorithm.verify(stored, password)),
        )
    }

    #[test]
    fn a_file_of_plain_passwords_is_hashed_and_leaves_those_alone_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let state = state(&folder);
        let accounts = accounts(Algorithm::default());
        let path = folder.path().join("users.csv");
        fs::write(&path, "user_id,password,is_superuser\na,first,true\nb,second,\n").unwrap();
        assert_eq!(accounts.bootstrap(&state, &path, RowType::Plain).unwrap(), 2);
        assert!(is_known(&accounts, &state, "a", b"first") && is_known(&accounts, &state, "b", b"second"));
        fs::write(&path, "user_id,password\na,other\nc,third\n").unwrap();
        assert_eq!(accounts.bootstrap(&state, &path, RowType::Plain).unwrap(), 1);
        assert!(
            is_known(&accounts, &state, "a", b"first"),
            "an operator may have changed it since"
        );
        assert_eq!(accounts.bootstrap(&state, &path, RowType::Plain).unwrap(), 0);
    }

    #[test]
    fn a_file_of_hashes_is_taken_as_it_is_and_refused_whole_if_one_can_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let state = state(&folder);
        let accounts = accounts(Algorithm::Md5(SaltPosition::Prefix));
        let path = folder.path().join("users.json");
        // printf saltpublic | openssl dgst -md5
        let good = r#"{"user_id":"a","password_hash":"c91e85973ceee05f005996584f067a72","salt":"salt"}"#;
        fs::write(
            &path,
            format!("[{good},{{\"user_id\":\"b\",\"password_hash\":\"Canary\"}}]"),
        )
        .unwrap();
        let refused = accounts
            .bootstrap(&state, &path, RowType::Hash)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("row 2") && refused.contains("32 hex digits"),
            "{refused}"
        );
        assert!(!refused.contains("Canary"));
        assert!(!is_known(&accounts, &state, "a", b"public"), "nobody of it is there");
        fs::write(&path, format!("[{good}]")).unwrap();
        assert_eq!(accounts.bootstrap(&state, &path, RowType::Hash).unwrap(), 1);
        assert!(is_known(&accounts, &state, "a", b"public"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let state = state(&folder);
        let accounts = accounts(Algorithm::default());
        for (name, what) in [
            ("none.csv", "No such file"),
            ("users.txt", "neither in .csv nor in .json"),
        ] {
            let path = folder.path().join(name);
            let error = accounts
                .bootstrap(&state, &path, RowType::Plain)
                .unwrap_err()
                .to_string();
            assert!(error.contains(what) && error.contains(name), "{error}");
        }
    }

    #[test]
    fn users_of_scram_are_made_of_plain_passwords_only() {
        let settings = ScramSettings {
            is_sha512: true,
            iteration_count: 4096,
        };
        let accounts = Accounts::of_scram(GLOBAL_GROUP, &settings);
        let rows = user_file::parse("user_id,password\nu,p\n", Format::Csv, RowType::Plain).unwrap();
        let user = accounts.user_of(rows.into_iter().next().unwrap()).unwrap().unwrap();
        assert!(matches!(
            &user.account.proof,
            Proof::Scram { mechanism: Mechanism::Sha512, credential } if credential.verify_password(Mechanism::Sha512, b"p")
        ));
        let rows = user_file::parse("user_id,password_hash\nu,p\n", Format::Csv, RowType::Hash).unwrap();
        assert!(
            accounts
                .check_row(&rows[0])
                .unwrap_err()
                .what
                .contains("plain passwords")
        );
    }
}
