//! `authn list` and `authn users …`: who is asked about clients, and the accounts of the built-in databases.
//!
//! Hashes are made here, on a blocking thread, with the algorithm of the authenticator; what is on disk and in exports
//! is the hash.

use emqx_auth::user_file::{self, Format, RowType, UserFileError};
use emqx_shared::request::{AuthnRequest, UserPlace};
use emqx_shared::views::{AuthenticatorView, UserView};
use emqx_shared::{ErrorCode, Failure, View};

use super::server::ReplySender;
use super::state::refused;
use crate::authn::{Accounts, Configured};
use crate::config::authn::{AuthnBackend, JwtKey, UserIdType};
use crate::node::NodeShared;
use crate::state::{Command, Proof, User, UserTable, UsersError};

/// Users read from the store at once.
const PAGE: usize = 256;
/// The authenticator that is meant if none is named and there are two.
const USUAL: &str = "password_based:built_in_database";

/// Answers the verbs of the group.
pub(super) async fn handle(node: &NodeShared, request: AuthnRequest, replies: ReplySender) -> Result<View, Failure> {
    match request {
        AuthnRequest::List => list(node, replies).await,
        AuthnRequest::ListUsers { of, limit, after } => list_users(node, &of, limit, after, replies).await,
        AuthnRequest::AddUser {
            of,
            user_id,
            password,
            is_superuser,
        } => {
            user_file::check_user_id(&user_id).map_err(|why| Failure::new(ErrorCode::InvalidArgument, why))?;
            let accounts = find(node, &of)?.accounts;
            let proof = make_proof(&accounts, password.0).await?;
            let user = Box::new(accounts.user(user_id, proof, is_superuser));
            apply(node, Command::AddUser { user }).await
        }
        AuthnRequest::SetUserPassword {
            of,
            user_id,
            password,
            is_superuser,
        } => {
            let accounts = find(node, &of)?.accounts;
            let command = Command::UpdateUser {
                table: accounts.table(),
                proof: Some(make_proof(&accounts, password.0).await?),
                group: accounts.group,
                user_id,
                is_superuser,
            };
            apply(node, command).await
        }
        AuthnRequest::DeleteUser { of, user_id } => {
            let accounts = find(node, &of)?.accounts;
            let command = Command::DeleteUser {
                table: accounts.table(),
                group: accounts.group,
                user_id,
            };
            apply(node, command).await
        }
        AuthnRequest::ImportUsers {
            of,
            is_json,
            are_hashes,
            overwrite,
            before,
            text,
        } => {
            let format = if is_json { Format::Json } else { Format::Csv };
            let kind = if are_hashes { RowType::Hash } else { RowType::Plain };
            let accounts = find(node, &of)?.accounts;
            let made = blocking(move || read_users(&accounts, &text.0, format, kind));
            let users = made.await?.map_err(|error| bad_row(error, before))?;
            let command = Command::ImportUsers { users, overwrite };
            let applied = node.state.apply(command).await.map_err(refused)?;
            Ok(View::RowsChanged(applied.rows as u64))
        }
    }
}

async fn apply(node: &NodeShared, command: Command) -> Result<View, Failure> {
    node.state.apply(command).await.map_err(refused)?;
    Ok(View::Nothing)
}

/// An authenticator that keeps accounts here.
struct Found {
    id: &'static str,
    accounts: Accounts,
}

fn find(node: &NodeShared, of: &UserPlace) -> Result<Found, Failure> {
    let configured = node.authentication.configured();
    let here: Vec<(&Configured, Found)> = configured
        .iter()
        .filter(|authenticator| authenticator.listener == of.listener)
        .filter_map(|authenticator| {
            let accounts = Accounts::of(authenticator.group(), &authenticator.config)?;
            let id = authenticator.config.id();
            Some((authenticator, Found { id, accounts }))
        })
        .collect();
    let wanted = match (&of.authenticator, here.len()) {
        (Some(id), _) => id.as_str(),
        (None, 1) => here[0].1.id,
        (None, _) => USUAL,
    };
    let found = here
        .into_iter()
        .map(|(_, found)| found)
        .find(|found| found.id == wanted);
    found.ok_or_else(|| {
        let place = match &of.listener {
            Some(listener) => format!("in the chain of listener {listener}"),
            None => "in the configuration".to_owned(),
        };
        Failure::new(
            ErrorCode::AuthenticatorNotFound,
            format!("there is no authenticator {wanted} {place}"),
        )
        .why("only authenticators with the backend built_in_database keep users on this node")
        .next("emqx-ctl authn list")
        .next(
            "authentication = [{mechanism = password_based, backend = built_in_database}] in the configuration, then \
             emqx-ctl conf reload",
        )
    })
}

async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::Authenticators);
    for authenticator in node.authentication.configured() {
        let accounts = Accounts::of(authenticator.group(), &authenticator.config);
        let users = match &accounts {
            Some(accounts) => Some(count(node, accounts)?),
            None => None,
        };
        let (detail, user_id_type) = describe(&authenticator.config.backend);
        rows.row(AuthenticatorView {
            id: authenticator.config.id().to_owned(),
            enable: authenticator.config.enable,
            listener: authenticator.listener,
            detail,
            user_id_type,
            users,
        })
        .await?;
    }
    Ok(rows.finish(None).await?)
}

/// Users of all chains in that table: nobody counts a million to show one chain's.
fn count(node: &NodeShared, accounts: &Accounts) -> Result<u64, Failure> {
    node.state.users().count(accounts.table()).map_err(unreadable)
}

/// What an operator wants to know of it; no secret, and no address that may hold one.
fn describe(backend: &AuthnBackend) -> (String, Option<String>) {
    let word = |kind: UserIdType| match kind {
        UserIdType::Username => "username",
        UserIdType::ClientId => "clientid",
    };
    match backend {
        AuthnBackend::BuiltInDatabase(settings) => {
            let name = settings.algorithm.name().to_owned();
            (name, Some(word(settings.user_id_type).to_owned()))
        }
        AuthnBackend::Scram(settings) => {
            let mechanism = crate::authn::mechanism(settings);
            (mechanism.method().to_owned(), Some("username".to_owned()))
        }
        AuthnBackend::Jwt(settings) => {
            let key = match &settings.key {
                JwtKey::Secret { .. } => "hmac-based",
                JwtKey::PublicKey(_) => "public-key",
                JwtKey::Jwks { .. } => "jwks",
            };
            (key.to_owned(), None)
        }
        AuthnBackend::Http(settings) => {
            let method = if settings.is_post { "post" } else { "get" };
            (method.to_owned(), None)
        }
    }
}

async fn list_users(
    node: &NodeShared,
    of: &UserPlace,
    limit: Option<u32>,
    after: Option<String>,
    replies: ReplySender,
) -> Result<View, Failure> {
    let Found { id, accounts } = find(node, of)?;
    let mut rows = replies.rows(View::Users);
    let mut left = limit.map_or(usize::MAX, |limit| limit as usize);
    let mut after = after;
    while left > 0 {
        let page = read_page(node, &accounts, after.take(), left.min(PAGE)).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.user_id.clone());
        left -= page.len();
        for user in page {
            rows.row(UserView {
                user_id: user.user_id,
                is_superuser: user.account.is_superuser,
                authenticator: id.to_owned(),
            })
            .await?;
        }
    }
    Ok(rows.finish(None).await?)
}

async fn read_page(
    node: &NodeShared,
    accounts: &Accounts,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<User>, Failure> {
    let (state, table, group) = (node.state.clone(), accounts.table(), accounts.group.clone());
    let page = blocking(move || state.users().page(table, &group, after.as_deref(), limit));
    page.await?.map_err(unreadable)
}

async fn make_proof(accounts: &Accounts, password: String) -> Result<Proof, Failure> {
    let accounts = accounts.clone();
    let password = user_file::PlainPassword(password);
    let made = blocking(move || accounts.proof(&password.0)).await?;
    made.map_err(|error| Failure::new(ErrorCode::Io, format!("no random bytes: {error}")))
}

/// On a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Failure::new(ErrorCode::Stopping, "the node is stopping"))
}

fn read_users(accounts: &Accounts, text: &str, format: Format, kind: RowType) -> Result<Vec<User>, UserFileError> {
    let rows = user_file::parse(text, format, kind)?;
    for row in &rows {
        accounts.check_row(row)?;
    }
    let mut users = Vec::with_capacity(rows.len());
    for row in rows {
        let place = row.place;
        let user = accounts.user_of(row).map_err(|error| UserFileError {
            unit: "row",
            place,
            what: error.to_string(),
        })?;
        users.push(user?);
    }
    Ok(users)
}

fn bad_row(mut error: UserFileError, before: u64) -> Failure {
    error.place = error
        .place
        .saturating_add(usize::try_from(before).unwrap_or(usize::MAX));
    Failure::new(ErrorCode::BadData, error.to_string())
}

fn unreadable(error: UsersError) -> Failure {
    Failure::new(ErrorCode::Io, error.to_string()).next("restore the state folder from a backup, or import an export")
}

/// Users of a table with their proofs, those behind `after`, for `data export`; empty at the end.
pub(super) async fn export_page(
    node: &NodeShared,
    table: UserTable,
    after: Option<User>,
) -> Result<Vec<User>, Failure> {
    let state = node.state.clone();
    let page = blocking(move || state.users().page_of_all(table, after.as_ref(), PAGE));
    page.await?.map_err(unreadable)
}

/// Whether a row of an export can be a user.
pub(super) fn check_exported(user: &User, table: UserTable) -> Result<(), &'static str> {
    user_file::check_user_id(&user.user_id)?;
    match &user.account.proof {
        proof if proof.table() != table => Err("it belongs into another table"),
        Proof::Password(stored) if stored.hash().is_empty() => Err("its password_hash is empty"),
        Proof::Password(_) => Ok(()),
        Proof::Scram { mechanism, credential } => credential
            .check(*mechanism)
            .map_err(|_| "its keys are none of this mechanism"),
    }
}

#[cfg(test)]
mod tests {
    use emqx_auth::password::{Algorithm, StoredPassword};

    use super::*;
    use crate::authn::AccountKind;
    use crate::state::GLOBAL_GROUP;

    fn accounts() -> Accounts {
        Accounts {
            group: GLOBAL_GROUP.to_owned(),
            kind: AccountKind::Password(Algorithm::default()),
        }
    }

    #[test]
    fn a_row_that_is_wrong_is_named_by_its_place_in_the_whole_file() {
        let text = "user_id,password\nu,p\nv,\n";
        let error = read_users(&accounts(), text, Format::Csv, RowType::Plain).unwrap_err();
        assert_eq!(bad_row(error, 500).message, "line 503: the password is empty");
        let text = "user_id,password_hash\nu,Canary_7f3a!\n";
        let error = read_users(&accounts(), text, Format::Csv, RowType::Hash).unwrap_err();
        let failure = bad_row(error, 0);
        assert!(failure.message.contains("64 hex digits") && !format!("{failure:?}").contains("Canary"));
    }

    #[test]
    fn an_exported_user_comes_back_and_only_into_its_own_table() {
        let proof = Proof::Password(StoredPassword::new("h".to_owned(), "s".to_owned()));
        let user = accounts().user("u".to_owned(), proof, true);
        let row = serde_json::to_string(&user).unwrap();
        assert_eq!(serde_json::from_str::<User>(&row).unwrap(), user);
        assert_eq!(check_exported(&user, UserTable::Password), Ok(()));
        assert!(check_exported(&user, UserTable::Scram).is_err());
        let empty = Proof::Password(StoredPassword::new(String::new(), String::new()));
        let empty = accounts().user("u".to_owned(), empty, true);
        assert!(check_exported(&empty, UserTable::Password).is_err());
    }
}
