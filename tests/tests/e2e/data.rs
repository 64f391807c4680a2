//! `emqx-ctl data export` and `data import`: administrators and bans go from one node to another.

use std::fs;

use emqx_tests::Daemon;

#[test]
fn an_export_brings_admins_and_bans_to_another_node() {
    let (from, to) = (Daemon::start(), Daemon::start());
    from.ctl(["admins", "add", "li", "Canary_7f3a!"]).ok();
    from.ctl(["banned", "add", "clientid", "c1", "--reason", "leaks"]).ok();
    to.ctl(["banned", "add", "clientid", "c2"]).ok();
    let folder = from.folder().join("exports");
    fs::create_dir(&folder).expect("a new folder");
    let said = from
        .ctl(["data", "export", "--dir", folder.to_str().expect("text")])
        .ok();
    let path = said
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("Data has been successfully exported to "));
    let path = path.and_then(|path| path.strip_suffix('.')).expect("EMQX's last line");
    assert!(said.contains("Exporting emqx_banned database table...\n"), "{said}");

    let said = to.ctl(["data", "import", path]).ok();
    assert!(said.ends_with("Data has been imported successfully.\n"), "{said}");
    let admins = to.ctl(["-f", "json", "admins", "list"]).json();
    assert_eq!(admins["data"][1]["username"], "li");
    let banned = to.ctl(["-f", "json", "banned", "list"]).json();
    let who: Vec<&str> = banned["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|ban| ban["who"].as_str())
        .collect();
    assert_eq!(who, ["c1", "c2"]);
}

#[test]
fn rules_of_the_store_are_in_an_export_and_replace_those_of_the_same_holder() {
    let config = "authorization { no_match = deny, sources = [{ type = built_in_database }] }";
    let (from, to) = (Daemon::with_config(config), Daemon::with_config(config));
    let add = |daemon: &Daemon, permission: &str, topic: &str| {
        daemon
            .ctl(["authz", "rules", "add", "--username", "u", permission, "publish", topic])
            .ok();
    };
    add(&from, "deny", "t/secret");
    add(&from, "allow", "t/#");
    add(&to, "allow", "old/#");
    let folder = from.folder().join("exports");
    fs::create_dir(&folder).expect("a new folder");
    let said = from
        .ctl(["data", "export", "--dir", folder.to_str().expect("text")])
        .ok();
    let path = said
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("Data has been successfully exported to "));
    let path = path.and_then(|path| path.strip_suffix('.')).expect("EMQX's last line");
    to.ctl(["data", "import", path]).ok();
    assert_eq!(
        to.ctl(["-f", "emqx", "authz", "rules", "list"]).ok(),
        from.ctl(["-f", "emqx", "authz", "rules", "list"]).ok()
    );
    let check = |topic: &str| {
        to.ctl(["authz", "check", "c", "publish", topic, "--username", "u"])
            .status
    };
    assert_eq!(
        [check("t/1"), check("t/secret"), check("old/1")],
        [Some(0), Some(1), Some(1)]
    );
}

#[test]
fn a_file_that_is_no_export_is_refused() {
    let daemon = Daemon::start();
    let file = daemon.folder().join("x.tar.gz");
    fs::write(&file, "no archive").expect("writable");
    let output = daemon.ctl(["data", "import", file.to_str().expect("text")]);
    assert!(
        output.stdout.starts_with("[error] Data import failed, reason: "),
        "{output:?}"
    );
    assert_eq!(daemon.ctl(["data", "import", "/nowhere/x.tar.gz"]).status, Some(66));
}
