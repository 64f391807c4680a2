//! A node that takes a snapshot has, after a crash at any point, all facts and accounts of before or all of the snapshot.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::state::{Command, GLOBAL_GROUP, ReplicatedState, users_path};

/// What stands for the position of the snapshot.
const POSITION: &str = "own";

fn license(text: &str) -> Command {
    Command::SetLicense {
        license: text.to_owned(),
        set_at_ms: 1,
        by: "li".to_owned(),
    }
}

fn add_user(user_id: &str) -> Command {
    let json = serde_json::json!({
        "group": GLOBAL_GROUP,
        "user_id": user_id,
        "password": { "password_hash": "00", "salt": "" },
    });
    Command::AddUser {
        user: serde_json::from_value(json).unwrap(),
    }
}

/// A state with a licence and a user of this name, and a node struck off.
fn state_of(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let state = ReplicatedState::open(folder.path(), "n").unwrap();
    for command in [license(name), add_user(name), Command::StrikeOff { node: 7 }] {
        state.apply_blocking(command).unwrap();
    }
    folder
}

/// Licence and users as a start finds them.
fn found(folder: &TempDir) -> (String, Vec<&'static str>) {
    let state = ReplicatedState::open(folder.path(), "n").unwrap();
    assert!(state.damage().is_none() && state.users_damage().is_none());
    let has = |name: &&str| {
        let user = state.users().find(UserTable::Password, GLOBAL_GROUP, name).unwrap();
        user.is_some()
    };
    let license = state.facts().license.as_ref().unwrap().license.clone();
    (license, ["old", "new"].into_iter().filter(has).collect())
}

/// The snapshot of the node `new`, read by the node `old` into the files beside those in use.
fn read_beside() -> (TempDir, Installed) {
    let (old, new) = (state_of("old"), state_of("new"));
    let mut bytes = Vec::new();
    let state = ReplicatedState::open(new.path(), "n").unwrap();
    state.write_snapshot(&mut bytes).unwrap();
    let store = ReplicatedState::path(old.path());
    let installed = read(&mut &*bytes, &store, &users_path(&store), POSITION).unwrap();
    (old, installed)
}

fn names(folder: &TempDir) -> Vec<String> {
    let files = fs::read_dir(folder.path().join("state")).unwrap();
    let mut names: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn before_the_first_renaming_the_old_ones_hold_and_nothing_stays() {
    let (folder, _) = read_beside();
    assert_eq!(found(&folder), ("old".to_owned(), vec!["old"]));
    assert_eq!(names(&folder), ["state.redb", "users.redb"]);
    assert_eq!(found(&folder), ("old".to_owned(), vec!["old"]));
}

#[test]
fn half_of_a_snapshot_is_thrown_away() {
    for (name, half) in [
        ("users.redb.incoming", true),
        ("state.redb.incoming", true),
        ("users.redb.incoming", false),
    ] {
        let (folder, _) = read_beside();
        let path = folder.path().join("state").join(name);
        let length = if half {
            fs::metadata(&path).unwrap().len() / 2
        } else {
            0
        };
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(length)
            .unwrap();
        assert_eq!(found(&folder), ("old".to_owned(), vec!["old"]), "{name}");
        assert_eq!(names(&folder), ["state.redb", "users.redb"], "{name}");
    }
}

#[test]
fn between_the_renamings_the_new_ones_hold_together() {
    let (folder, installed) = read_beside();
    fs::rename(&installed.store, ReplicatedState::path(folder.path())).unwrap();
    assert_eq!(found(&folder), ("new".to_owned(), vec!["new"]));
    assert_eq!(names(&folder), ["state.redb", "users.redb"]);
    assert_eq!(found(&folder), ("new".to_owned(), vec!["new"]));
}

#[test]
fn after_the_last_renaming_the_new_ones_hold() {
    let (folder, installed) = read_beside();
    let store = ReplicatedState::path(folder.path());
    fs::rename(&installed.store, &store).unwrap();
    fs::rename(incoming(&users_path(&store)), users_path(&store)).unwrap();
    assert_eq!(found(&folder), ("new".to_owned(), vec!["new"]));
    let state = ReplicatedState::open(folder.path(), "n").unwrap();
    assert_eq!(*state.facts().struck_off, [7]);
}

#[test]
fn a_snapshot_that_is_cut_off_or_changed_is_refused() {
    let folder = state_of("old");
    let state = ReplicatedState::open(folder.path(), "n").unwrap();
    let mut bytes = Vec::new();
    state.write_snapshot(&mut bytes).unwrap();
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("state").join("state.redb");
    let read_it = |bytes: &[u8]| read(&mut &*bytes, &store, &users_path(&store), POSITION).map(drop);
    fs::create_dir(place.path().join("state")).unwrap();
    read_it(&bytes).unwrap();
    for length in 0..bytes.len() {
        assert!(read_it(&bytes[..length]).is_err(), "{length}");
    }
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(read_it(&changed).is_err(), "{place}");
    }
}
