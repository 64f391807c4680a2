//! A session belongs to who opened it: another user name may not take it over.

use emqx_tests::{ClientOptions, Daemon, QoS, Refused};

fn alice() -> ClientOptions {
    ClientOptions::v5("meter-1").username("alice").persistent()
}

#[test]
fn another_user_cannot_take_a_session_over() {
    let daemon = Daemon::start();
    let mut owner = daemon.connect(alice());
    owner.subscribe("secret/#", QoS::AtLeastOnce);
    for options in [
        ClientOptions::v5("meter-1").username("mallory").persistent(),
        ClientOptions::v5("meter-1"),
    ] {
        let refused = options.try_connect(daemon.address()).expect_err("it is not theirs");
        assert!(
            matches!(refused, Refused::Connack(code) if code.is_error()),
            "{refused:?}"
        );
    }
    owner.ping();
}

#[test]
fn the_owner_may_take_its_own_session_over() {
    let daemon = Daemon::start();
    let mut first = daemon.connect(alice());
    first.subscribe("secret/#", QoS::AtLeastOnce);
    let second = daemon.connect(alice());
    assert!(second.session_present());
    first.expect_disconnect();
}

#[test]
fn a_session_that_waits_for_its_owner_is_not_given_to_another() {
    let daemon = Daemon::start();
    let mut owner = daemon.connect(alice());
    owner.subscribe("secret/#", QoS::AtLeastOnce);
    owner.disconnect();
    daemon
        .connect_v5("p")
        .publish("secret/1", "for alice", QoS::AtLeastOnce);
    let mallory = ClientOptions::v5("meter-1").username("mallory").persistent();
    mallory.try_connect(daemon.address()).expect_err("it is not theirs");
    assert_eq!(daemon.connect(alice()).expect_payload(), "for alice");
}

#[test]
fn the_rule_can_be_switched_off_as_in_emqx() {
    let daemon = Daemon::with_config("mqtt.session_owner_check = false");
    let mut first = daemon.connect(alice());
    first.subscribe("secret/#", QoS::AtLeastOnce);
    let second = daemon.connect(ClientOptions::v5("meter-1").username("bob").persistent());
    assert!(second.session_present());
    first.expect_disconnect();
}
