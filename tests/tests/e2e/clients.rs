//! `emqx-ctl clients`: list, show, kick.

use emqx_tests::{ClientOptions, Daemon, QoS, ReasonCode, wait_until};

#[test]
fn without_clients_emqxs_words_are_printed() {
    let daemon = Daemon::start();
    assert_eq!(daemon.ctl(["clients", "list"]).ok(), "No clients.\n");
    assert_eq!(daemon.ctl(["clients", "show", "nobody"]).stdout, "Not Found.\n");
    assert_eq!(daemon.ctl(["clients", "kick", "nobody"]).stdout, "ok\n");
}

#[test]
fn a_client_is_one_line_as_in_emqx() {
    let daemon = Daemon::start();
    let options = ClientOptions::v311("emqx_c").username("u").keep_alive(60);
    let mut client = daemon.connect(options);
    client.subscribe("t/#", QoS::AtLeastOnce);

    let line = daemon.ctl(["clients", "show", "emqx_c"]).ok();
    assert!(
        line.starts_with("Client(emqx_c, username=u, peername=127.0.0.1:"),
        "{line}"
    );
    let fields = "clean_start=true, keepalive=60, session_expiry_interval=0, subscriptions=1, inflight=0, \
                  awaiting_rel=0, delivered_msgs=0, enqueued_msgs=0, dropped_msgs=0, connected=true, created_at=";
    assert!(line.contains(fields), "{line}");
    assert!(line.ends_with(")\n") && line.contains(", connected_at="), "{line}");
    assert_eq!(daemon.ctl(["clients", "list"]).ok(), line);
}

#[test]
fn a_kept_session_is_listed_as_disconnected() {
    let daemon = Daemon::start();
    daemon.connect(ClientOptions::v5("keeper").persistent()).disconnect();
    wait_until("the client is shown as disconnected", || {
        daemon
            .ctl(["clients", "show", "keeper"])
            .ok()
            .contains("connected=false")
    });
    let line = daemon.ctl(["clients", "show", "keeper"]).ok();
    assert!(
        line.contains("username=undefined") && line.contains("session_expiry_interval=3600"),
        "{line}"
    );
    assert!(line.contains(", disconnected_at="), "{line}");
}

#[test]
fn a_kicked_client_is_told_so_and_its_session_is_gone() {
    let daemon = Daemon::start();
    let mut client = daemon.connect(ClientOptions::v5("sensor-7").persistent());
    client.subscribe("t", QoS::AtLeastOnce);
    assert_eq!(daemon.ctl(["clients", "kick", "sensor-7"]).ok(), "ok\n");
    assert_eq!(client.expect_disconnect(), ReasonCode::AdministrativeAction);
    let again = daemon.connect(ClientOptions::v5("sensor-7").persistent());
    assert!(!again.session_present());
}

#[test]
fn a_kept_session_without_connection_can_be_kicked() {
    let daemon = Daemon::start();
    daemon.connect(ClientOptions::v5("away").persistent()).disconnect();
    assert_eq!(daemon.ctl(["clients", "kick", "away"]).ok(), "ok\n");
    assert!(!daemon.connect(ClientOptions::v5("away").persistent()).session_present());
}
