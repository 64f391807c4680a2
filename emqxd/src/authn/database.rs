//! `password_based:built_in_database`: users in the node's own store, looked up by user name or client id.
//!
//! EMQX's rules: who is not there is ignored, so that the next authenticator is asked; a wrong password ends the matter.
//! So a client can tell the two apart, as in EMQX: 0x87 for a name that nobody knows, 0x86 for a wrong password. With
//! `node.security_profile = hardened` both are 0x87 to the client (`MqttConfig::conceal_users`), and only the operator is
//! told which it was. Looking up and hashing run on the [`HashPool`], and take as long for either.

use std::sync::Arc;

use emqx_auth::password::{Algorithm, StoredPassword};
use emqxd_broker::Identity;

pub use super::accounts::BootstrapError as SetupError;
use super::accounts::{Accounts, random, report_unreadable};
use super::authenticator::{Answer, Authenticator, BoxFuture};
use super::credentials::Credentials;
use super::hash_pool::HashPool;
use crate::config::authn::{DatabaseSettings, UserIdType};
use crate::state::{Proof, ReplicatedState, UserTable};

/// Checks passwords against stored hashes.
pub struct DatabaseAuthenticator {
    users: Arc<Lookup>,
    user_id_type: UserIdType,
    pool: HashPool,
}

/// What of it runs on the pool.
struct Lookup {
    state: ReplicatedState,
    group: String,
    algorithm: Algorithm,
    /// Checked in place of a user that is not there, which costs as long, so that time tells nobody who is.
    decoy: StoredPassword,
}

/// What the database says of a name and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The password is that user's.
    Right {
        /// Is not asked for permissions.
        is_superuser: bool,
    },
    /// The password is another one, or none was given.
    WrongPassword,
    /// There is no such user.
    UnknownUser,
    /// The record cannot be read; the log says why.
    Unreadable,
}

impl DatabaseAuthenticator {
    /// Of these settings, for the chain `group`; takes over the users of its bootstrap file first, so not for a worker.
    ///
    /// # Errors
    /// See [`SetupError`].
    pub fn new(
        settings: &DatabaseSettings,
        group: String,
        state: ReplicatedState,
        pool: HashPool,
    ) -> Result<Self, SetupError> {
        let accounts = Accounts::of_passwords(&group, settings);
        if let Some(path) = &settings.bootstrap_file {
            accounts.bootstrap(&state, path, settings.bootstrap_type)?;
        }
        Ok(Self {
            users: Arc::new(Lookup {
                state,
                group,
                algorithm: settings.algorithm.clone(),
                decoy: settings.algorithm.decoy(&random()?),
            }),
            user_id_type: settings.user_id_type,
            pool,
        })
    }
}

impl Lookup {
    /// What it says of a user. Takes as long as a hash does.
    fn check(&self, user_id: &str, password: Option<&[u8]>) -> Checked {
        let found = match self.state.users().find(UserTable::Password, &self.group, user_id) {
            Ok(found) => found,
            Err(error) => {
                report_unreadable(&error);
                return Checked::Unreadable;
            }
        };
        let (proof, is_superuser) = match found {
            Some(account) => (Some(account.proof), account.is_superuser),
            None => (None, false),
        };
        // One hash on every way through here, so that time tells nobody which names exist.
        let stored = match &proof {
            Some(Proof::Password(stored)) => stored,
            _ => &self.decoy,
        };
        let is_right = self.algorithm.verify(stored, password.unwrap_or_default());
        match proof {
            None => Checked::UnknownUser,
            Some(Proof::Password(_)) if is_right && password.is_some() => Checked::Right { is_superuser },
            Some(_) => Checked::WrongPassword,
        }
    }
}

impl Authenticator for DatabaseAuthenticator {
    fn id(&self) -> &str {
        "password_based:built_in_database"
    }

    fn authenticate<'a>(&'a self, credentials: &'a Credentials) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let user_id = match self.user_id_type {
                UserIdType::Username => credentials.username.clone(),
                UserIdType::ClientId => Some(credentials.client_id.clone()),
            };
            let Some(user_id) = user_id.filter(|user_id| !user_id.is_empty()) else {
                return Answer::Ignore("it gives no user name".into());
            };
            let users = Arc::clone(&self.users);
            let password = credentials.password.clone();
            let address = credentials.peer.address.ip();
            let checked = self
                .pool
                .run(address, move || users.check(&user_id, password.as_deref()));
            match checked.await {
                Ok(Checked::Right { is_superuser }) => Answer::Accept(Identity {
                    is_superuser,
                    ..Identity::default()
                }),
                Ok(Checked::WrongPassword) => Answer::bad_password("the password is wrong"),
                Ok(Checked::UnknownUser) => Answer::Ignore("there is no such user".into()),
                Ok(Checked::Unreadable) => Answer::busy("the user database cannot be read"),
                Err(full) => Answer::busy(full.to_string()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use bytestring::ByteString;
    use emqxd_broker::Peer;
    use mqtt_codec::{ProtocolVersion, ReasonCode};

    use super::*;
    use crate::state::{Command, GLOBAL_GROUP};

    /// A database with the user `u`, password `right`.
    fn database(folder: &tempfile::TempDir, user_id_type: UserIdType) -> DatabaseAuthenticator {
        let state = ReplicatedState::open(folder.path(), "n").unwrap();
        let settings = DatabaseSettings {
            user_id_type,
            ..DatabaseSettings::default()
        };
        let accounts = Accounts::of_passwords(GLOBAL_GROUP, &settings);
        let user = accounts.user("u".to_owned(), accounts.proof("right").unwrap(), true);
        state.apply_blocking(Command::AddUser { user: Box::new(user) }).unwrap();
        DatabaseAuthenticator::new(&settings, GLOBAL_GROUP.to_owned(), state, HashPool::start().unwrap()).unwrap()
    }

    fn credentials(username: Option<&'static str>, password: Option<&'static str>) -> Credentials {
        Credentials {
            client_id: ByteString::from_static("c"),
            username: username.map(ByteString::from_static),
            password: password.map(|password| Bytes::from_static(password.as_bytes())),
            peer: Peer::tcp(Arc::from("tcp:default"), ([127, 0, 0, 1], 1).into(), 1883),
            zone: ByteString::from_static("default"),
            version: ProtocolVersion::V5,
        }
    }

    fn ask(database: &DatabaseAuthenticator, username: Option<&'static str>, password: Option<&'static str>) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(database.authenticate(&credentials(username, password)))
    }

    #[test]
    fn each_combination_of_name_and_password_has_its_answer() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, UserIdType::Username);
        let answer = |username, password| match ask(&database, username, password) {
            Answer::Accept(identity) => format!("accept, superuser {}", identity.is_superuser),
            Answer::Ignore(why) => format!("ignore: {why}"),
            Answer::Refuse(refusal) => {
                assert_eq!(refusal.reason_code, ReasonCode::BadUsernameOrPassword);
                "refuse".to_owned()
            }
        };
        assert_eq!(answer(Some("u"), Some("right")), "accept, superuser true");
        for password in [Some("wrong"), Some(""), None] {
            assert_eq!(answer(Some("u"), password), "refuse");
        }
        for password in [Some("right"), Some(""), None] {
            assert_eq!(answer(Some("nobody"), password), "ignore: there is no such user");
            assert_eq!(answer(Some(""), password), "ignore: it gives no user name");
            assert_eq!(answer(None, password), "ignore: it gives no user name");
        }
    }

    #[test]
    fn a_record_whose_hash_is_that_of_nothing_lets_nobody_in_without_a_password() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, UserIdType::Username);
        let settings = DatabaseSettings::default();
        let accounts = Accounts::of_passwords(GLOBAL_GROUP, &settings);
        let user = accounts.user("hollow".to_owned(), accounts.proof("").unwrap(), true);
        let added = database
            .users
            .state
            .apply_blocking(Command::AddUser { user: Box::new(user) });
        added.unwrap();
        assert_eq!(database.users.check("hollow", None), Checked::WrongPassword);
    }

    #[test]
    fn a_user_can_be_known_by_its_client_id() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder, UserIdType::ClientId);
        assert!(matches!(ask(&database, Some("u"), Some("right")), Answer::Ignore(_)));
        let mut credentials = credentials(None, Some("right"));
        credentials.client_id = ByteString::from_static("u");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(database.authenticate(&credentials));
        assert!(matches!(answer, Answer::Accept(identity) if identity.is_superuser));
    }

    #[test]
    fn users_of_another_chain_are_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let first = database(&folder, UserIdType::Username);
        let (state, pool) = (first.users.state.clone(), first.pool.clone());
        let other =
            DatabaseAuthenticator::new(&DatabaseSettings::default(), "tcp:other".to_owned(), state, pool).unwrap();
        assert_eq!(
            first.users.check("u", Some(b"right")),
            Checked::Right { is_superuser: true }
        );
        assert_eq!(other.users.check("u", Some(b"right")), Checked::UnknownUser);
    }
}
