//! `emqx-ctl authn users`: accounts of clients, added, changed, imported, exported; and that no password is ever written
//! down.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use emqx_tests::{ClientOptions, Daemon, Refused};

/// A password that is found wherever it leaks to.
const CANARY: &str = "Canary_7f3a!";

/// A daemon with one chain of the built-in database, which hashes as `algorithm` says.
fn daemon(algorithm: &str) -> Daemon {
    Daemon::with_config(&format!(
        "authentication = [{{ mechanism = password_based, backend = built_in_database, \
         password_hash_algorithm {{ {algorithm} }} }}]\n"
    ))
}

/// Runs a verb that reads a password, and gives exit code and output.
fn with_password(daemon: &Daemon, arguments: &[&str], password: &str) -> (Option<i32>, String) {
    let mut command = daemon.ctl_command();
    command.args(arguments).args(["--password-file", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn comes_in(daemon: &Daemon, username: &str, password: &str) -> bool {
    let mut options = ClientOptions::v5("c").username(username);
    options.connect.password = Some(password.as_bytes().to_vec().into());
    match options.try_connect(daemon.address()) {
        Ok(client) => {
            client.disconnect();
            true
        }
        Err(Refused::Connack(_)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

fn names(daemon: &Daemon) -> Vec<String> {
    let list = daemon.ctl(["-f", "json", "authn", "users", "list"]).json();
    let rows = list["data"].as_array().unwrap();
    rows.iter()
        .map(|row| row["user_id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_operator_adds_changes_and_removes_users_and_each_hash_lets_them_in() {
    for algorithm in [
        "name = plain, salt_position = disable",
        "name = md5, salt_position = suffix",
        "name = sha256",
        "name = bcrypt, salt_rounds = 4",
        "name = pbkdf2, mac_fun = sha512, iterations = 1000",
    ] {
        let daemon = daemon(algorithm);
        assert!(!comes_in(&daemon, "alice", CANARY), "{algorithm}: nobody is there yet");
        let ok = (Some(0), "ok\n".to_owned());
        assert_eq!(with_password(&daemon, &["authn", "users", "add", "alice"], CANARY), ok);
        assert!(comes_in(&daemon, "alice", CANARY), "{algorithm}");
        assert!(!comes_in(&daemon, "alice", "canary_7f3a!"), "{algorithm}");
        let (status, _) = with_password(&daemon, &["authn", "users", "add", "alice"], "other");
        assert_eq!(status, Some(1), "the name is taken");
        assert_eq!(
            with_password(&daemon, &["authn", "users", "passwd", "alice"], "new one\n"),
            ok
        );
        assert!(comes_in(&daemon, "alice", "new one") && !comes_in(&daemon, "alice", CANARY));
        assert_eq!(daemon.ctl(["authn", "users", "del", "alice"]).ok(), "ok\n");
        assert!(!comes_in(&daemon, "alice", "new one"), "{algorithm}");
        assert_eq!(daemon.ctl(["authn", "users", "del", "alice"]).status, Some(4));
    }
}

#[test]
fn a_file_of_users_is_imported_in_pieces_and_a_wrong_line_is_named() {
    let daemon = daemon("name = sha256");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let mut csv = "user_id,password,is_superuser\n".to_owned();
    for number in 0..50 {
        csv.push_str(&format!("user-{number:02},secret-{number},{}\n", number == 7));
    }
    let import = |path: &Path, more: &[&str]| {
        let mut arguments = vec!["authn", "users", "import", path.to_str().unwrap()];
        arguments.extend(more);
        daemon.ctl(arguments)
    };
    assert_eq!(import(&file("users.csv", &csv), &[]).ok(), "50 users imported\n");
    assert_eq!(names(&daemon).len(), 50);
    assert!(comes_in(&daemon, "user-49", "secret-49"));
    let page = daemon
        .ctl(["authn", "users", "list", "--limit", "1", "--after", "user-06"])
        .ok();
    assert_eq!(page, "User(user-07, is_superuser=true)\n");

    let changed = "[{\"user_id\":\"user-00\",\"password\":\"x\"},{\"user_id\":\"new\",\"password\":\"y\"}]";
    let changed = file("users.json", changed);
    assert_eq!(import(&changed, &["--keep"]).ok(), "1 users imported\n");
    assert!(comes_in(&daemon, "user-00", "secret-0"));
    assert_eq!(import(&changed, &[]).ok(), "2 users imported\n");
    assert!(comes_in(&daemon, "user-00", "x"));

    let bad = import(&file("bad.csv", &csv.replace("user-30,secret-30", ",Canary")), &[]);
    assert_eq!(bad.status, Some(65), "{bad:?}");
    assert!(
        bad.stderr.contains("line 32") && !bad.stderr.contains("Canary"),
        "{bad:?}"
    );
    // printf saltpublic | openssl dgst -sha256
    let hash = "f2ef7f9aedb2c3b5040bc16691a1177758a92ad91e1ee77770215a332bf6099f";
    let hashes = file(
        "hashes.csv",
        &format!("user_id,password_hash,salt\nhashed,{hash},salt\n"),
    );
    assert_eq!(import(&hashes, &["--type", "hash"]).ok(), "1 users imported\n");
    assert!(comes_in(&daemon, "hashed", "public"));
}

#[test]
fn users_go_to_another_node_with_an_export() {
    let first = daemon("name = sha256");
    with_password(&first, &["authn", "users", "add", "alice", "--superuser"], CANARY);
    let folder = tempfile::tempdir().unwrap();
    let said = first
        .ctl(["data", "export", "--dir", folder.path().to_str().unwrap()])
        .ok();
    assert!(
        said.contains("Exporting emqx_authn_mnesia database table...\n"),
        "{said}"
    );
    let archive = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let second = daemon("name = sha256");
    second.ctl(["data", "import", archive.to_str().unwrap()]).ok();
    assert_eq!(names(&second), ["alice"]);
    assert!(comes_in(&second, "alice", CANARY));
}

#[test]
fn the_chain_is_shown_and_without_a_database_there_are_no_users_to_add() {
    let open = Daemon::start();
    assert_eq!(
        open.ctl(["authn", "list"]).ok(),
        "No authenticators: every client may connect.\n"
    );
    let refused = open.ctl(["authn", "users", "list"]);
    assert_eq!(refused.status, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("built_in_database"), "{refused:?}");

    let daemon = daemon("name = bcrypt");
    with_password(&daemon, &["authn", "users", "add", "alice"], CANARY);
    let chain = daemon.ctl(["-f", "json", "authn", "status"]).json();
    let row = &chain["data"][0];
    assert_eq!(row["id"], "password_based:built_in_database");
    assert_eq!((&row["detail"], &row["users"]), (&"bcrypt".into(), &1.into()));
    let missing = daemon.ctl(["authn", "users", "list", "--authenticator", "scram:built_in_database"]);
    assert_eq!(missing.status, Some(4), "{missing:?}");
}

#[test]
fn emqx_4_s_spelling_adds_users_and_has_its_words() {
    let daemon = daemon("name = sha256");
    let said = |arguments: &[&str]| {
        let mut command = daemon.ctl_command();
        let output = command.args(arguments).env("EMQX_COMPAT", "4").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(said(&["user", "add", "u", "public"]), "ok\n");
    assert_eq!(said(&["user", "add", "u", "public"]), "Error: existed\n");
    assert_eq!(said(&["user", "update", "u", "other"]), "ok\n");
    assert_eq!(said(&["user", "list"]), "User(username = <<\"u\">>)\n");
    assert!(comes_in(&daemon, "u", "other"));
    assert_eq!(said(&["user", "del", "u"]), "ok\n");
    assert_eq!(
        said(&["clientid", "add", "c", "public"]),
        "",
        "users are known by their names here"
    );
}

#[test]
fn a_password_of_a_user_is_written_nowhere() {
    let daemon = daemon("name = sha256");
    with_password(&daemon, &["authn", "users", "add", "alice"], CANARY);
    with_password(&daemon, &["authn", "users", "passwd", "alice"], CANARY);
    assert!(comes_in(&daemon, "alice", CANARY));
    assert!(!comes_in(&daemon, "bob", CANARY));
    daemon.ctl(["why", "c"]).ok();
    let mut folders = vec![daemon.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => {
                    let bytes = fs::read(entry.path()).unwrap();
                    let leaks = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
                    assert!(!leaks, "{}", entry.path().display());
                }
                _ => {}
            }
        }
    }
    assert!(!daemon.log().contains(CANARY));
}
