//! Administrators: who may use the HTTP API, with which password.
//!
//! The accounts are facts of the replicated state; here are the rules around them: names and passwords (`rules.rs`),
//! hashes (`password.rs`, at most two at a time and never on a data worker), lock-out (`lockout.rs`), and the account
//! that a new node has.

mod lockout;
pub mod password;
mod reset;
mod rules;

use std::sync::Arc;

use emqxd_broker::Time;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use self::lockout::Lockout;
pub use self::lockout::LockoutRule;
pub use self::reset::reset;
pub use self::rules::{check_password, check_username};
use crate::clock::unix_ms_now;
use crate::config::DashboardSettings;
use crate::state::{Admin, AdminRole, ApplyError, Command, PasswordHash, ReplicatedState};

/// Hashes at the same time: logins must not take the processors from the clients.
const HASHES_AT_A_TIME: usize = 2;
/// The password of the account that every new node has.
pub const KNOWN_PASSWORD: &str = "public";

/// Looks after the accounts.
pub struct Admins {
    state: ReplicatedState,
    lockout: Mutex<Lockout>,
    hashing: Arc<Semaphore>,
    /// Checked for names that do not exist, so that the answer takes as long.
    decoy: PasswordHash,
    default_password: String,
}

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A rule of names or passwords, in EMQX's words.
    #[error("{0}")]
    Rule(&'static str),
    /// The state refuses, or cannot be written.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The system has no random numbers.
    #[error("the system's random source fails: {0}")]
    Random(#[from] std::io::Error),
}

/// Why somebody may not come in. Which of name and password is wrong is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginError {
    /// Name or password are wrong.
    BadCredentials,
    /// Too many wrong passwords.
    Locked {
        /// Until when.
        until: Time,
    },
}

impl Admins {
    /// Looks after the accounts in `state`, and adds the default one if there is none at all.
    ///
    /// # Errors
    /// The default account cannot be added.
    pub fn open(state: ReplicatedState, settings: &DashboardSettings) -> Result<Self, AdminError> {
        let admins = Self {
            lockout: Mutex::new(Lockout::new(settings.lockout)),
            hashing: Arc::new(Semaphore::new(HASHES_AT_A_TIME)),
            decoy: password::decoy()?,
            default_password: settings.default_password.clone(),
            state,
        };
        if admins.state.facts().admins.is_empty() {
            let is_known = settings.default_password == KNOWN_PASSWORD;
            let rounds = if is_known {
                password::ROUNDS_OF_A_KNOWN_PASSWORD
            } else {
                password::ROUNDS
            };
            let added = admins.state.apply_blocking(Command::AddAdmin {
                username: settings.default_username.clone(),
                // EMQX's rules do not hold for it: its own default breaks them.
                password: password::hash(&settings.default_password, &password::new_salt()?, rounds),
                description: "administrator".to_owned(),
                role: AdminRole::Administrator,
                must_change_password: true,
                at_ms: unix_ms_now(),
            });
            match added {
                // Its administrators are the cluster's affair.
                Err(ApplyError::InCluster { .. }) => {}
                added => _ = added?,
            }
        }
        Ok(admins)
    }

    /// An account with the password that everybody knows. Takes a hash for each that was never changed by its owner.
    pub fn with_known_password(&self) -> Option<String> {
        let admins = self.list();
        let mut unchanged = admins.iter().filter(|admin| admin.must_change_password);
        let found = unchanged.find(|admin| password::verify(KNOWN_PASSWORD, &admin.password));
        found.map(|admin| admin.username.clone())
    }

    /// All accounts, by name.
    pub fn list(&self) -> Vec<Arc<Admin>> {
        self.state.facts().admins.values().cloned().collect()
    }

    /// Until when somebody is locked out.
    pub fn locked_until(&self, username: &str, now: Time) -> Option<Time> {
        self.lockout.lock().locked_until(username, now)
    }

    /// Adds an account.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn add(
        &self,
        username: String,
        password: String,
        description: String,
        role: AdminRole,
    ) -> Result<(), AdminError> {
        check_username(&username).map_err(AdminError::Rule)?;
        check_password(&password).map_err(AdminError::Rule)?;
        // Before the work of hashing; the state machine looks again.
        if self.state.facts().admins.contains_key(&username) {
            return Err(ApplyError::Refused(crate::state::Refusal::UsernameExists).into());
        }
        let must_change_password = password == self.default_password;
        let password = self.hash(password).await?;
        self.state
            .apply(Command::AddAdmin {
                username: username.clone(),
                password,
                description,
                role,
                must_change_password,
                at_ms: unix_ms_now(),
            })
            .await?;
        self.lockout.lock().clear(&username);
        Ok(())
    }

    /// Gives an account a new password, and ends its lock-out.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn set_password(&self, username: String, password: String) -> Result<(), AdminError> {
        if !self.state.facts().admins.contains_key(&username) {
            return Err(ApplyError::Refused(crate::state::Refusal::UsernameNotFound).into());
        }
        check_password(&password).map_err(AdminError::Rule)?;
        let must_change_password = password == self.default_password;
        let password = self.hash(password).await?;
        self.state
            .apply(Command::SetAdminPassword {
                username: username.clone(),
                password,
                must_change_password,
                at_ms: unix_ms_now(),
            })
            .await?;
        self.lockout.lock().clear(&username);
        Ok(())
    }

    /// Removes an account.
    ///
    /// # Errors
    /// See [`AdminError`].
    pub async fn delete(&self, username: String) -> Result<(), AdminError> {
        self.state.apply(Command::DeleteAdmin { username }).await?;
        Ok(())
    }

    /// Whether this password lets somebody in; counts wrong ones.
    ///
    /// # Errors
    /// See [`LoginError`].
    #[cfg_attr(not(test), expect(dead_code, reason = "for the HTTP API"))]
    pub async fn check_password(&self, username: &str, password: &str, now: Time) -> Result<Arc<Admin>, LoginError> {
        if let Some(until) = self.locked_until(username, now) {
            return Err(LoginError::Locked { until });
        }
        let Some(permit) = self.turn().await else {
            return Err(LoginError::BadCredentials);
        };
        // Many may have asked at once, while nobody was locked out yet: whose turn comes too late is not tried.
        if let Some(until) = self.locked_until(username, now) {
            return Err(LoginError::Locked { until });
        }
        let admin = self.state.facts().admins.get(username).cloned();
        let hash = admin.as_ref().map_or(&self.decoy, |admin| &admin.password).clone();
        let password = password.to_owned();
        let is_right = off_the_workers(permit, move || password::verify(&password, &hash)).await;
        let mut lockout = self.lockout.lock();
        if let Some(until) = lockout.locked_until(username, now) {
            return Err(LoginError::Locked { until });
        }
        match admin.filter(|_| is_right) {
            Some(admin) => {
                lockout.clear(username);
                Ok(admin)
            }
            None => {
                lockout.failed(username, now);
                Err(LoginError::BadCredentials)
            }
        }
    }

    async fn hash(&self, password: String) -> Result<PasswordHash, AdminError> {
        let salt = password::new_salt()?;
        let permit = self.turn().await.ok_or(ApplyError::Stopping)?;
        let hash = move || Some(password::hash(&password, &salt, password::ROUNDS));
        off_the_workers(permit, hash).await.ok_or(ApplyError::Stopping.into())
    }

    /// Waits until it is this caller's turn to hash; `None` if the node stops meanwhile.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.hashing).acquire_owned().await.ok()
    }
}

/// Does the work on a blocking thread, and gives the turn back then. The default if the node stops meanwhile.
async fn off_the_workers<R: Default + Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> R + Send + 'static,
) -> R {
    let work = move || {
        let _permit = permit;
        work()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admins(folder: &tempfile::TempDir) -> Admins {
        let state = ReplicatedState::open(folder.path(), "n").unwrap();
        Admins::open(state, &DashboardSettings::default()).unwrap()
    }

    #[tokio::test]
    async fn a_new_node_has_one_account_whose_password_has_to_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let admins = admins(&folder);
        let all = admins.list();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].username.as_str(), all[0].must_change_password), ("admin", true));
        let admin = admins.check_password("admin", "public", Time(0)).await.unwrap();
        assert_eq!(admin.role, AdminRole::Administrator);
    }

    #[tokio::test]
    async fn the_default_account_does_not_come_back_while_there_is_another() {
        let folder = tempfile::tempdir().unwrap();
        {
            let admins = admins(&folder);
            let (name, password) = ("li".to_owned(), "Canary_7f3a!".to_owned());
            admins
                .add(name, password, String::new(), AdminRole::Viewer)
                .await
                .unwrap();
            admins.delete("admin".to_owned()).await.unwrap();
        }
        let names: Vec<String> = admins(&folder)
            .list()
            .iter()
            .map(|admin| admin.username.clone())
            .collect();
        assert_eq!(names, ["li"]);
    }

    #[tokio::test]
    async fn a_new_password_ends_the_lock_and_the_flag() {
        let folder = tempfile::tempdir().unwrap();
        let admins = admins(&folder);
        for _ in 0..5 {
            let wrong = admins.check_password("admin", "wrong", Time(1)).await;
            assert_eq!(wrong.unwrap_err(), LoginError::BadCredentials);
        }
        let locked = admins.check_password("admin", "public", Time(2)).await.unwrap_err();
        assert_eq!(locked, LoginError::Locked { until: Time(600_001) });
        let password = "Canary_7f3a!".to_owned();
        admins.set_password("admin".to_owned(), password.clone()).await.unwrap();
        let admin = admins.check_password("admin", &password, Time(3)).await.unwrap();
        assert!(!admin.must_change_password);
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_answered_and_locked_like_one_that_does() {
        let folder = tempfile::tempdir().unwrap();
        let admins = admins(&folder);
        for _ in 0..5 {
            let wrong = admins.check_password("nobody", "public", Time(1)).await;
            assert_eq!(wrong.unwrap_err(), LoginError::BadCredentials);
        }
        let locked = admins.check_password("nobody", "public", Time(2)).await;
        assert!(matches!(locked, Err(LoginError::Locked { .. })));
    }

    #[tokio::test]
    async fn a_lock_holds_for_those_who_asked_before_it_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let admins = Arc::new(admins(&folder));
        let mut attempts = tokio::task::JoinSet::new();
        for number in 0..20 {
            let admins = Arc::clone(&admins);
            attempts.spawn(async move {
                let wrong = format!("wrong {number}");
                admins.check_password("admin", &wrong, Time(1)).await.unwrap_err()
            });
        }
        let answers = attempts.join_all().await;
        let is_tried = |answer: &&LoginError| **answer == LoginError::BadCredentials;
        assert_eq!(answers.iter().filter(is_tried).count(), 5, "{answers:?}");
    }

    #[tokio::test]
    async fn refusals_speak_emqx_s_words() {
        let folder = tempfile::tempdir().unwrap();
        let admins = admins(&folder);
        let add = |name: &str, password: &str| {
            admins.add(
                name.to_owned(),
                password.to_owned(),
                String::new(),
                AdminRole::default(),
            )
        };
        let said = |result: Result<(), AdminError>| result.unwrap_err().to_string();
        assert_eq!(said(add("admin", "Public_1").await), "username_already_exists");
        assert_eq!(said(add("", "Public_1").await), "Username cannot be empty");
        assert_eq!(
            said(admins.set_password("nobody".to_owned(), "Public_1".to_owned()).await),
            "username_not_found"
        );
        assert_eq!(said(admins.delete("nobody".to_owned()).await), "username_not_found");
    }
}
