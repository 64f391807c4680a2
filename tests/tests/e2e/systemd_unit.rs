//! The unit files of the package, judged by systemd's own tools where they are installed.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Output;

use emqx_tests::Daemon;
use emqx_tests::real_clients::RealClient;

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../emqxd/packaging/systemd")
}

/// Runs `systemd-analyze`; `None` if it is not there.
fn systemd_analyze(arguments: &[&str]) -> Option<Output> {
    let mut command = RealClient::SystemdAnalyze.find()?;
    Some(command.args(arguments).output().unwrap())
}

/// A copy of the unit that runs programs of this machine, so that only the rest is judged.
fn unit_with_programs_that_are_here(folder: &Path) -> String {
    let unit = fs::read_to_string(packaging().join("emqxd.service")).unwrap();
    let unit = unit
        .replace("/usr/bin/emqxd", "/bin/sh")
        .replace("/usr/bin/emqx-ctl", "/bin/sh");
    let path = folder.join("emqxd.service");
    fs::write(&path, unit).unwrap();
    fs::copy(packaging().join("emqxd.socket"), folder.join("emqxd.socket")).unwrap();
    path.display().to_string()
}

#[test]
fn the_unit_scores_1_5_at_most() {
    let unit = packaging().join("emqxd.service").display().to_string();
    let Some(output) = systemd_analyze(&["security", "--offline=true", "--threshold=15", &unit]) else {
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Overall exposure level"), "{output:?}");
    assert!(output.status.success(), "{text}");
}

#[test]
fn systemd_has_nothing_to_say_about_the_units() {
    let folder = tempfile::tempdir().unwrap();
    let unit = unit_with_programs_that_are_here(folder.path());
    let socket = folder.path().join("emqxd.socket").display().to_string();
    let Some(output) = systemd_analyze(&["verify", "--man=no", &unit, &socket]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    // It looks at all units that ours wants; those are not our business.
    let about_ours: Vec<&str> = said.lines().filter(|line| line.contains("emqxd.s")).collect();
    assert!(about_ours.is_empty(), "{about_ours:#?}");
}

#[test]
fn what_never_heals_by_starting_again_is_not_started_again() {
    let unit = fs::read_to_string(packaging().join("emqxd.service")).unwrap();
    let prevented = unit
        .lines()
        .find_map(|line| line.strip_prefix("RestartPreventExitStatus="));
    let prevented: Vec<i32> = prevented
        .unwrap()
        .split(' ')
        .map(|code| code.parse().unwrap())
        .collect();
    assert_eq!(prevented, [64, 65, 77, 78]);

    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let ends = |config: &str| Daemon::builder().config(config).run_to_end(port);
    let (status, log) = ends("license.key = \"nonsense\"");
    assert!(prevented.contains(&status.code().unwrap()), "{status}: {log}");
    let (status, log) = ends("no_such_key = 1");
    assert!(prevented.contains(&status.code().unwrap()), "{status}: {log}");
    // Whoever holds the address may go.
    let (status, log) = ends("");
    assert!(!prevented.contains(&status.code().unwrap()), "{status}: {log}");
}
