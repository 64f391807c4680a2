//! `EMQX_SECURITY_PROFILE=hardened`: closed until it is opened, and no start with what everybody knows.

use emqx_tests::{ClientOptions, Daemon};

const OWN_SECRETS: &str = "node.cookie = my_own\ndashboard.default_password = my_0wn_secret\n";

#[test]
fn known_secrets_are_exit_78_with_the_remedy() {
    let (status, log) = Daemon::builder().env("EMQX_SECURITY_PROFILE", "hardened").run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    for words in [
        "node.cookie",
        "EMQX_NODE__COOKIE",
        "dashboard.default_password",
        "EMQX_DASHBOARD__DEFAULT_PASSWORD",
    ] {
        assert!(log.contains(words), "{words} is missing:\n{log}");
    }
    let (status, log) = Daemon::builder().env("EMQX_SECURITY_PROFILE", "very").run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("legacy, hardened"), "{log}");
}

#[test]
fn nobody_is_let_in_before_somebody_is_asked_who_they_are() {
    let daemon = Daemon::builder()
        .config(OWN_SECRETS)
        .env("EMQX_SECURITY_PROFILE", "hardened")
        .start();
    let refused = ClientOptions::v5("c").try_connect(daemon.address()).map(drop);
    let refused = format!("{:?}", refused.expect_err("anonymous"));
    assert!(refused.contains("NotAuthorized"), "{refused}");
    let why = daemon.ctl(["why", "c"]).ok();
    assert!(
        why.contains("not_authorized") && why.contains("node.allow_anonymous"),
        "{why}"
    );
    let shown = daemon.ctl(["conf", "show", "authorization.no_match"]).ok();
    assert!(shown.contains("deny"), "{shown}");
    let explained = daemon.ctl(["explain", "hardened"]).ok();
    assert!(explained.contains("loopback"), "{explained}");
}

#[test]
fn what_is_set_against_the_profile_holds_and_is_named_at_the_start() {
    let daemon = Daemon::with_config(&format!(
        "{OWN_SECRETS}node.security_profile = hardened\nnode.allow_anonymous = true"
    ));
    daemon.connect_v5("c").disconnect();
    let log = daemon.log();
    assert!(
        log.contains("`node.allow_anonymous` is true") && log.contains("security profile `hardened`"),
        "{log}"
    );
}

#[test]
fn an_administrator_with_the_known_password_of_an_earlier_start_is_refused() {
    let mut daemon = Daemon::start();
    daemon.signal("TERM");
    daemon.wait_end();
    let output = daemon
        .emqxd_command()
        .env("EMQX_SECURITY_PROFILE", "hardened")
        .env("EMQX_NODE__COOKIE", "my_own")
        .env("EMQX_DASHBOARD__DEFAULT_PASSWORD", "my_0wn_secret")
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{log}");
    assert!(log.contains("emqxd admin reset admin"), "{log}");
}
