//! The state through its interface: what was acknowledged is there after a restart, a damaged store is put aside.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command as Process, Stdio};

use super::ban_list::{BAN_PATTERNS_MAX, BANS_MAX};
use super::command::IMPORT_ROWS_MAX;
use super::*;

fn open(folder: &tempfile::TempDir) -> ReplicatedState {
    ReplicatedState::open(folder.path(), "emqx@127.0.0.1").unwrap()
}

fn add_admin(username: &str) -> Command {
    Command::AddAdmin {
        username: username.to_owned(),
        password: PasswordHash::from_text("hash".to_owned()),
        description: "d".to_owned(),
        role: AdminRole::Viewer,
        must_change_password: false,
        at_ms: 5,
    }
}

fn ban(kind: BanKind, who: &str, at_ms: u64, until_ms: Option<u64>) -> Command {
    Command::Ban {
        ban: Ban {
            kind,
            who: who.to_owned(),
            by: "li".to_owned(),
            reason: "r".to_owned(),
            at_ms,
            until_ms,
            only: Vec::new(),
        },
    }
}

fn license(text: &str) -> Command {
    Command::SetLicense {
        license: text.to_owned(),
        set_at_ms: 1,
        by: "li".to_owned(),
    }
}

#[tokio::test]
async fn what_was_applied_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let state = open(&folder);
        let mut changes = state.changes();
        for command in [
            license("first"),
            license("second"),
            Command::RaiseClockMark { unix_ms: 77 },
            add_admin("li"),
            add_admin("gone"),
            Command::DeleteAdmin {
                username: "gone".to_owned(),
            },
            Command::SwitchListener {
                listener: "tcp:default".to_owned(),
                enable: false,
            },
            ban(BanKind::Clientid, "c1", 1, None),
            ban(BanKind::PeerhostNet, "10.1.2.3/8", 1, Some(9)),
            ban(BanKind::ClientidRe, "^x", 1, None),
            Command::Unban {
                kind: BanKind::ClientidRe,
                who: "^x".to_owned(),
            },
        ] {
            state.apply(command).await.unwrap();
        }
        assert_eq!(*changes.borrow_and_update(), 11);
    }
    let state = open(&folder);
    let facts = state.facts();
    assert_eq!(facts.license.as_ref().unwrap().license, "second");
    assert_eq!(facts.license_history[0].license, "first");
    assert_eq!(facts.clock_mark_ms, 77);
    assert_eq!(facts.admins.keys().collect::<Vec<_>>(), ["li"]);
    let bans: Vec<_> = facts.banned.iter().map(|ban| (ban.kind, ban.who.as_str())).collect();
    assert_eq!(bans, [(BanKind::Clientid, "c1"), (BanKind::PeerhostNet, "10.0.0.0/8")]);
    assert_eq!(facts.listeners.get("tcp:default"), Some(&false));
    assert_eq!(*state.changes().borrow(), 11);
    assert_eq!(state.damage(), None);
}

#[test]
fn nodes_that_hold_the_same_facts_have_the_same_sum() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [one, other] = folders.each_ref().map(open);
    let empty = one.sum();
    assert_eq!(empty, other.sum());
    let both = [
        add_admin("li"),
        ban(BanKind::Clientid, "bad", 1, None),
        license("first"),
    ];
    // In whatever order.
    for command in both.iter().cloned() {
        one.apply_blocking(command).unwrap();
    }
    for command in both.iter().rev().cloned() {
        other.apply_blocking(command).unwrap();
    }
    assert_ne!(one.sum(), empty);
    assert_eq!(one.sum(), other.sum());
    other.apply_blocking(Command::RaiseClockMark { unix_ms: 9 }).unwrap();
    assert_ne!(one.sum(), other.sum());
    drop(one);
    assert_ne!(open(&folders[0]).sum(), empty);
}

#[test]
fn the_log_keeps_the_last_thousand_commands() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    for number in 1..=1010 {
        let unix_ms = number;
        let applied = state.apply_blocking(Command::RaiseClockMark { unix_ms }).unwrap();
        assert_eq!(applied, Applied { index: number, rows: 1 });
    }
    let entries = state.inner.writer.lock().store.as_ref().unwrap().entries().unwrap();
    assert_eq!(entries.len(), 1000);
    assert_eq!(entries[0].0, 11);
    assert!(matches!(
        entries[999],
        (1010, Command::RaiseClockMark { unix_ms: 1010 })
    ));
}

#[test]
fn a_command_that_is_refused_or_changes_nothing_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    state.apply_blocking(add_admin("li")).unwrap();
    let before = *state.changes().borrow();
    let refused = |command| state.apply_blocking(command).unwrap_err().to_string();
    assert_eq!(refused(add_admin("li")), "username_already_exists");
    assert_eq!(
        refused(Command::DeleteAdmin {
            username: "x".to_owned()
        }),
        "username_not_found"
    );
    let unban = Command::Unban {
        kind: BanKind::Clientid,
        who: "c".to_owned(),
    };
    assert_eq!(refused(unban), "clientid c is not banned");
    assert!(refused(license(&"x".repeat(70_000))).contains("at most 65536"));
    let nothing = state.apply_blocking(Command::RaiseClockMark { unix_ms: 0 }).unwrap();
    assert_eq!(nothing, Applied { index: 0, rows: 0 });
    assert_eq!(*state.changes().borrow(), before);
}

#[test]
fn who_was_struck_off_is_remembered_until_it_is_admitted_again_and_the_first_one_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    let apply = |command| state.apply_blocking(command).unwrap().rows;
    let strike_off = |node| Command::StrikeOff { node };
    assert_eq!([apply(strike_off(5)), apply(strike_off(5))], [1, 0]);
    assert_eq!(
        [apply(Command::Readmit { node: 5 }), apply(Command::Readmit { node: 5 })],
        [1, 0]
    );
    for node in 100..170 {
        apply(strike_off(node));
    }
    let expected: Vec<u64> = (106..170).collect();
    assert_eq!(*state.facts().struck_off, expected);
    let sum = state.sum();
    drop(state);
    let state = open(&folder);
    assert_eq!((&*state.facts().struck_off, state.sum()), (&expected, sum));
}

#[test]
fn a_ban_is_not_replaced_before_it_has_ended() {
    let mut facts = Facts::default();
    facts.apply(&ban(BanKind::Clientid, "c", 10, Some(20))).unwrap();
    let refused = facts.apply(&ban(BanKind::Clientid, "c", 19, None)).unwrap_err();
    assert_eq!(refused.to_string(), "clientid c is banned already");
    facts.apply(&ban(BanKind::Clientid, "c", 20, None)).unwrap();
    assert_eq!(facts.banned.get(BanKind::Clientid, "c").unwrap().until_ms, None);
}

fn flapping(who: &str, at_ms: u64, only: BanScope) -> Command {
    Command::BanFlapping {
        ban: Ban {
            kind: BanKind::Clientid,
            who: who.to_owned(),
            by: FLAPPING_DETECTOR.to_owned(),
            reason: "flapping is detected".to_owned(),
            at_ms,
            until_ms: Some(at_ms + 100),
            only: vec![only],
        },
    }
}

#[test]
fn bans_for_flapping_add_up_and_never_weaken_an_operator_s() {
    let from = |last: u8| BanScope::Peerhost([10, 0, 0, last].into());
    let mut facts = Facts::default();
    facts.apply(&flapping("c", 10, from(1))).unwrap();
    facts.apply(&flapping("c", 50, from(2))).unwrap();
    facts.apply(&flapping("c", 60, from(1))).unwrap();
    let ban = facts.banned.get(BanKind::Clientid, "c").unwrap();
    assert_eq!((&ban.only[..], ban.until_ms), (&[from(2), from(1)][..], Some(160)));
    for last in 3..=30 {
        facts.apply(&flapping("c", 70, from(last))).unwrap();
    }
    let ban = facts.banned.get(BanKind::Clientid, "c").unwrap();
    assert_eq!((ban.only.len(), ban.only.last()), (16, Some(&from(30))));

    facts.apply(&self::ban(BanKind::Clientid, "d", 1, None)).unwrap();
    assert_eq!(facts.apply(&flapping("d", 2, from(1))).unwrap().len(), 0);
    assert!(facts.banned.get(BanKind::Clientid, "d").unwrap().only.is_empty());

    facts.apply(&flapping("c", 500, from(9))).unwrap();
    let ban = facts.banned.get(BanKind::Clientid, "c").unwrap();
    assert_eq!(ban.only, [from(9)], "what has ended is forgotten");
}

#[test]
fn strangers_cannot_fill_the_list_by_flapping() {
    let mut facts = Facts::default();
    let from = || BanScope::Peerhost([10, 0, 0, 1].into());
    let mut rows = ImportedRows::default();
    for number in 0..10_000 {
        let Command::BanFlapping { ban } = flapping(&format!("c{number}"), 10, from()) else {
            unreachable!("it is one");
        };
        rows.banned.push(ban);
        if rows.banned.len() == IMPORT_ROWS_MAX {
            let rows = Box::new(std::mem::take(&mut rows));
            facts.apply(&Command::Import { rows }).unwrap();
        }
    }
    assert!(matches!(
        facts.apply(&flapping("one more", 20, from())),
        Err(Refusal::TooManyBans { limit: 10_000, .. })
    ));
    facts.apply(&ban(BanKind::Clientid, "an operator's", 20, None)).unwrap();
    facts.apply(&flapping("one more", 200, from())).unwrap();
    assert_eq!(facts.banned.len(), 2, "the others have ended");
}

#[test]
fn bans_that_have_ended_make_room_in_a_full_list() {
    let mut facts = Facts::default();
    for number in 0..BAN_PATTERNS_MAX as u64 {
        let pattern = format!("^{number}$");
        facts
            .apply(&ban(BanKind::UsernameRe, &pattern, 1, Some(100 + number)))
            .unwrap();
    }
    let one_more = |at_ms| ban(BanKind::ClientidRe, "x", at_ms, None);
    assert!(matches!(
        facts.apply(&one_more(99)),
        Err(Refusal::TooManyBans {
            limit: BAN_PATTERNS_MAX,
            ..
        })
    ));
    let changes = facts.apply(&one_more(100)).unwrap();
    assert_eq!(changes.len(), 2, "one went, one came");
    assert_eq!(facts.banned.len(), BAN_PATTERNS_MAX);
    const { assert!(BANS_MAX > BAN_PATTERNS_MAX) };
}

#[test]
fn an_import_replaces_rows_of_the_same_name_and_leaves_the_others() {
    let mut facts = Facts::default();
    facts.apply(&add_admin("a")).unwrap();
    facts.apply(&add_admin("b")).unwrap();
    let mut imported = Admin::clone(&facts.admins["a"]);
    imported.description = "imported".to_owned();
    let rows = ImportedRows {
        admins: vec![imported],
        ..ImportedRows::default()
    };
    facts.apply(&Command::Import { rows: Box::new(rows) }).unwrap();
    assert_eq!(facts.admins["a"].description, "imported");
    assert_eq!(facts.admins["b"].description, "d");
    let rows = ImportedRows {
        banned: vec![Ban::clone(&one_ban()); IMPORT_ROWS_MAX + 1],
        ..ImportedRows::default()
    };
    let refused = facts.apply(&Command::Import { rows: Box::new(rows) });
    assert!(matches!(refused, Err(Refusal::TooManyRows { .. })));
}

fn one_ban() -> Ban {
    match ban(BanKind::Clientid, "c", 1, None) {
        Command::Ban { ban } => ban,
        _ => unreachable!("it is a ban"),
    }
}

#[test]
fn secrets_are_in_no_debug_text() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    let command = Command::AddAdmin {
        username: "li".to_owned(),
        password: PasswordHash::from_text("Canary_7f3a!".to_owned()),
        description: String::new(),
        role: AdminRole::default(),
        must_change_password: false,
        at_ms: 0,
    };
    let mut said = format!("{command:?} {:?}", license("Canary_7f3a!"));
    state.apply_blocking(command).unwrap();
    state.apply_blocking(license("Canary_7f3a!")).unwrap();
    said.push_str(&format!("{:?}", state.facts()));
    assert!(!said.contains("Canary"), "{said}");
}

#[test]
fn the_store_is_for_the_daemon_s_user_only_and_opened_once() {
    let folder = tempfile::tempdir().unwrap();
    let state = open(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = ReplicatedState::path(folder.path());
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let second = ReplicatedState::open(folder.path(), "n").err().unwrap();
    assert!(matches!(second, OpenError::InUse { .. }), "{second}");
    drop(state);
    open(&folder);
}

#[test]
fn a_damaged_store_is_put_aside_and_the_node_starts_anew() {
    type Damager = fn(&mut Vec<u8>);
    let damagers: [Damager; 5] = [
        |bytes| bytes.clear(),
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.fill(0),
        |bytes| bytes[..64].fill(0xA5),
        |bytes| {
            // Every page but the header.
            let length = bytes.len();
            bytes[4096..length]
                .iter_mut()
                .step_by(97)
                .for_each(|byte| *byte ^= 0x55);
        },
    ];
    for (number, damage) in damagers.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        open(&folder).apply_blocking(add_admin("li")).unwrap();
        let path = ReplicatedState::path(folder.path());
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();

        let state = open(&folder);
        let report = state
            .damage()
            .unwrap_or_else(|| panic!("damage {number} went unnoticed"));
        assert_eq!(
            fs::read(&report.moved_to).unwrap().len(),
            bytes.len(),
            "damage {number}"
        );
        assert!(report.moved_to.to_string_lossy().contains("state.redb.damaged."));
        assert!(state.facts().admins.is_empty());
        state.apply_blocking(add_admin("new")).unwrap();
        drop(state);
        let state = open(&folder);
        assert_eq!(state.damage(), None, "the new one is whole");
        assert_eq!(state.facts().admins.len(), 1);
    }
}

/// The name by which a child knows that it is one.
const CHILD_FOLDER: &str = "EMQXD_TEST_STATE_FOLDER";

#[test]
fn every_acknowledged_command_survives_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: u64 = 0;
    for round in 0..12_u64 {
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args([
                "state::tests::child_that_applies_until_it_is_killed",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(CHILD_FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It goes on while the last line is read: the kill meets it somewhere in the next commands.
        for _ in 0..3 + round * 5 % 17 {
            acknowledged = next_acknowledged(&mut lines).unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it acknowledged and nobody has read yet counts, too.
        while let Some(number) = next_acknowledged(&mut lines) {
            acknowledged = number;
        }
        let state = open(&folder);
        assert_eq!(state.damage(), None, "round {round}");
        let applied = *state.changes().borrow();
        assert!(
            applied >= acknowledged,
            "round {round}: {acknowledged} acknowledged, {applied} there"
        );
        let facts = state.facts();
        for number in 1..=acknowledged {
            let who = format!("c{number}");
            assert!(
                facts.banned.get(BanKind::Clientid, &who).is_some(),
                "round {round}: {who} is lost"
            );
        }
    }
    assert!(acknowledged >= 12 * 3);
}

fn next_acknowledged(lines: &mut impl Iterator<Item = io::Result<String>>) -> Option<u64> {
    lines.find_map(|line| line.ok()?.strip_prefix("acknowledged ")?.parse().ok())
}

#[test]
#[ignore = "a part of another test, which starts it"]
fn child_that_applies_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let state = ReplicatedState::open(Path::new(&folder), "n").unwrap();
    println!();
    let first = *state.changes().borrow() + 1;
    for number in first.. {
        let applied = state
            .apply_blocking(ban(BanKind::Clientid, &format!("c{number}"), 1, None))
            .unwrap();
        assert_eq!(applied.index, number);
        // The parent may be gone: then so is this.
        let mut stdout = io::stdout().lock();
        if writeln!(stdout, "acknowledged {number}")
            .and_then(|()| stdout.flush())
            .is_err()
        {
            return;
        }
    }
}
