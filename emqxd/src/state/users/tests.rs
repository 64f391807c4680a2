//! Accounts of clients through the state's interface.

use std::fs;

use emqx_auth::password::StoredPassword;

use super::super::{ApplyError, Proof, ReplicatedState};
use super::*;

const GROUP: &str = super::super::GLOBAL_GROUP;

fn open(folder: &tempfile::TempDir) -> ReplicatedState {
    ReplicatedState::open(folder.path(), "emqx@127.0.0.1").unwrap()
}

fn user_of(group: &str, user_id: &str, hash: &str) -> User {
    User {
        group: group.to_owned(),
        user_id: user_id.to_owned(),
        account: Account {
            is_superuser: false,
            proof: Proof::Password(StoredPassword::new(hash.to_owned(), "salt".to_owned())),
        },
    }
}

fn user(user_id: &str, hash: &str) -> User {
    user_of(GROUP, user_id, hash)
}

fn add(user_id: &str) -> Command {
    Command::AddUser {
        user: Box::new(user(user_id, "hash")),
    }
}

fn import(users: Vec<User>, overwrite: bool) -> Command {
    Command::ImportUsers { users, overwrite }
}

fn found(state: &ReplicatedState, user_id: &str) -> Option<Account> {
    state.users().find(UserTable::Password, GROUP, user_id).unwrap()
}

fn ids(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.user_id.as_str()).collect()
}

#[test]
fn accounts_are_added_changed_and_deleted_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let state = open(&folder);
        let apply = |command| state.apply_blocking(command);
        assert_eq!(apply(add("a")).unwrap().rows, 1);
        apply(add("b")).unwrap();
        apply(add("c")).unwrap();
        let update = |user_id: &str| Command::UpdateUser {
            table: UserTable::Password,
            group: GROUP.to_owned(),
            user_id: user_id.to_owned(),
            proof: None,
            is_superuser: Some(true),
        };
        let delete = |user_id: &str| Command::DeleteUser {
            table: UserTable::Password,
            group: GROUP.to_owned(),
            user_id: user_id.to_owned(),
        };
        apply(update("b")).unwrap();
        apply(delete("c")).unwrap();
        let refused = |command| match apply(command).unwrap_err() {
            ApplyError::Refused(refusal) => refusal,
            other => panic!("{other}"),
        };
        assert_eq!(refused(add("a")), Refusal::UserExists);
        assert_eq!(refused(update("nobody")), Refusal::UserNotFound);
        assert_eq!(refused(delete("c")), Refusal::UserNotFound);
        assert_eq!(refused(add("")), Refusal::BadUserName("user_id".into()));
        assert_eq!(refused(add("a\0b")), Refusal::BadUserName("user_id".into()));
        assert!(matches!(refused(add(&"u".repeat(70_000))), Refusal::TooLong { .. }));
        assert_eq!(*state.changes().borrow(), 5, "what is refused is not logged");
    }
    let state = open(&folder);
    assert_eq!(*state.changes().borrow(), 5);
    assert_eq!(state.users().count(UserTable::Password).unwrap(), 2);
    assert!(!found(&state, "a").unwrap().is_superuser && found(&state, "b").unwrap().is_superuser);
    assert_eq!(found(&state, "c"), None);
    assert_eq!(found(&state, "a\0"), None);
    assert_eq!(state.users_damage(), None);
}

#[test]
fn what_is_on_the_log_only_is_applied_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    {
        let state = open(&folder);
        state.apply_blocking(add("a")).unwrap();
        // As if the power had failed before the users' file was written.
        let writer = state.inner.writer.lock();
        let batch = state.batch(add("b"), crate::state::Facts::clone(&state.facts()), Vec::new());
        writer.commit(&batch).unwrap();
    }
    let state = open(&folder);
    assert!(found(&state, "b").is_some());
    state.apply_blocking(add("c")).unwrap();
    drop(state);
    let state = open(&folder);
    assert_eq!(state.users().count(UserTable::Password).unwrap(), 3);
}

#[test]
fn a_damaged_file_of_users_is_put_aside_and_costs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder).apply_blocking(add("a")).unwrap();
    let path = folder.path().join("state/users.redb");
    fs::write(&path, b"no database").unwrap();
    let state = open(&folder);
    let moved_to = &state.users_damage().unwrap().moved_to;
    assert_eq!(fs::read(moved_to).unwrap(), b"no database");
    assert_eq!((state.damage(), found(&state, "a")), (None, None));
    state.apply_blocking(add("b")).unwrap();
    drop(state);
    let state = open(&folder);
    assert_eq!((state.users_damage(), found(&state, "a")), (None, None));
    assert!(found(&state, "b").is_some());
}

#[test]
fn users_outlive_a_log_that_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    {
        let state = open(&folder);
        state.apply_blocking(add("a")).unwrap();
        state.apply_blocking(add("b")).unwrap();
    }
    fs::remove_file(ReplicatedState::path(folder.path())).unwrap();
    let state = open(&folder);
    assert!(found(&state, "a").is_some());
    assert_eq!(state.apply_blocking(add("c")).unwrap().index, 1);
    drop(state);
    let state = open(&folder);
    assert_eq!(state.users().count(UserTable::Password).unwrap(), 3);
}

#[test]
fn an_import_keeps_or_replaces_those_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    state.apply_blocking(add("a")).unwrap();
    let rows = || vec![user("a", "new"), user("b", "new")];
    assert_eq!(state.apply_blocking(import(rows(), false)).unwrap().rows, 1);
    let old = user("a", "hash").account;
    assert_eq!(found(&state, "a"), Some(old));
    assert_eq!(state.apply_blocking(import(rows(), true)).unwrap().rows, 2);
    assert_eq!(found(&state, "a"), Some(user("a", "new").account));
    assert_eq!(state.apply_blocking(import(Vec::new(), true)).unwrap().index, 0);
    let many = vec![user("x", "h"); IMPORT_ROWS_MAX + 1];
    assert!(state.apply_blocking(import(many, true)).is_err());
    let one_bad = vec![user("fine", "h"), user("", "h")];
    assert!(state.apply_blocking(import(one_bad, true)).is_err());
    assert_eq!(found(&state, "fine"), None, "all or nothing");
}

#[test]
fn a_list_is_read_in_pages_of_one_chain_or_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    let mut users: Vec<User> = (0..25).map(|number| user(&format!("u{number:02}"), "h")).collect();
    users.push(user_of("tcp:other", "x", "h"));
    users.push(user_of("mqtt:globalx", "y", "h"));
    state.apply_blocking(import(users, false)).unwrap();
    let page = |after: Option<&User>, limit| {
        let after = after.map(|user| user.user_id.as_str());
        state.users().page(UserTable::Password, GROUP, after, limit).unwrap()
    };
    let first = page(None, 20);
    assert_eq!((first.len(), ids(&first)[0]), (20, "u00"));
    let second = page(first.last(), 20);
    assert_eq!(ids(&second), ["u20", "u21", "u22", "u23", "u24"]);
    assert_eq!(page(second.last(), 20).len(), 0);
    let all = |after: Option<&User>| state.users().page_of_all(UserTable::Password, after, 100).unwrap();
    let rest = all(first.last());
    assert_eq!(ids(&rest), ["u20", "u21", "u22", "u23", "u24", "y", "x"]);
    assert_eq!(all(rest.last()).len(), 0);
}

#[test]
fn large_imports_leave_a_log_of_bounded_size() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    for piece in 0..12 {
        let rows = (0..1000).map(|number| user(&format!("u{piece}-{number}"), &"h".repeat(500)));
        state.apply_blocking(import(rows.collect(), false)).unwrap();
    }
    let kept = state.inner.writer.lock().store.as_ref().unwrap().entries().unwrap();
    assert!((2..12).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept.last().unwrap().0, 12);
    drop(state);
    assert_eq!(open(&folder).users().count(UserTable::Password).unwrap(), 12_000);
}

#[test]
fn the_secret_behind_decoys_is_set_once() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    assert_eq!(state.users().decoy_secret().unwrap(), None);
    for secret in [[1; 32], [2; 32]] {
        state.apply_blocking(Command::SetDecoySecret { secret }).unwrap();
    }
    drop(state);
    assert_eq!(open(&folder).users().decoy_secret().unwrap(), Some([1; 32]));
}

/// What a million users cost; run alone: `cargo test --release -p emqxd a_million -- --ignored --nocapture`.
#[test]
#[ignore = "takes a minute and 300 MB of disk"]
fn a_million_users_are_looked_up_without_being_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let memory = || fs::read_to_string("/proc/self/statm").unwrap();
    let resident = || memory().split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4 / 1024;
    let state = open(&folder);
    let before = resident();
    for piece in 0..1000 {
        let rows = (0..1000).map(|number| user(&format!("device-{:07}", piece * 1000 + number), &"h".repeat(64)));
        state.apply_blocking(import(rows.collect(), false)).unwrap();
    }
    drop(state);
    let started = std::time::Instant::now();
    let state = open(&folder);
    println!("opened in {:?}", started.elapsed());
    let started = std::time::Instant::now();
    for number in 0..100_000_u64 {
        let wanted = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 1_000_000;
        assert!(found(&state, &format!("device-{wanted:07}")).is_some());
    }
    println!("100,000 look-ups in {:?}", started.elapsed());
    let bytes = fs::metadata(folder.path().join("state/users.redb")).unwrap().len();
    println!(
        "{} MB of file, {} MiB of memory more",
        bytes / 1_000_000,
        resident().saturating_sub(before)
    );
}
