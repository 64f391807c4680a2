//! Who a client is: whose session it may have, when its token runs out, and authenticating anew.

use bytes::Bytes;
use bytestring::ByteString;
use emqxd_broker::{DisconnectReason, EnhancedAuthentication, Identity, Metric, Time};
use mqtt_codec::{Auth, AuthProperties, Packet, QoS, ReasonCode};

use crate::support::{ConnectBuilder, TestBroker, payloads_of, secs};

/// A way for the client `c` to come.
type Way = fn(ConnectBuilder) -> ConnectBuilder;

const NOBODY: Way = |client| client;
const SAYS_ALICE: Way = |client| client.username("alice");
const SAYS_BOB: Way = |client| client.username("bob");
const ALICE: Way = |client| client.username("alice").identity(authenticated("alice"));
const BOB: Way = |client| client.username("bob").identity(authenticated("bob"));
const CERTIFICATE_A: Way = |client| client.certificate("a");
const CERTIFICATE_B: Way = |client| client.certificate("b");
const ID_OF_CERTIFICATE: Way = |client| {
    client.certificate("c").identity(Identity {
        is_client_id_proven: true,
        ..Identity::default()
    })
};

fn authenticated(username: &'static str) -> Identity {
    Identity {
        username: Some(ByteString::from_static(username)),
        authenticated_by: Some("password_based:built_in_database".into()),
        ..Identity::default()
    }
}

/// What becomes of the session of `owner` when `newcomer` comes with its client id.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Outcome {
    /// The newcomer has it.
    Handed,
    /// It is gone, and the newcomer begins afresh.
    Ended,
    /// The newcomer is refused; the owner notices nothing.
    Kept,
}

fn takeover(owner: Way, newcomer: Way, is_clean_start: bool, is_parked: bool) -> Outcome {
    let broker = TestBroker::new();
    let first = owner(broker.client("c").persistent()).connect();
    assert_eq!(first.connack.reason_code, ReasonCode::Success);
    first.subscribe("t", QoS::AtLeastOnce);
    if is_parked {
        first.drop_connection();
        broker.connect("p").publish("t", "secret", QoS::AtLeastOnce);
    }
    let second = broker.client("c");
    let second = if is_clean_start {
        second.expiry(60)
    } else {
        second.persistent()
    };
    let second = newcomer(second).connect();
    if second.connack.reason_code != ReasonCode::Success {
        assert_eq!(second.connack.reason_code, ReasonCode::NotAuthorized);
        assert!(second.received().is_empty() && second.payloads().is_empty());
        if !is_parked {
            assert_eq!(first.closed(), None, "nobody is pushed off");
        }
        let back = owner(broker.client("c").persistent()).connect();
        assert!(back.connack.session_present, "and nothing is wiped");
        if is_parked {
            assert_eq!(payloads_of(&back.read_and_ack_all()), ["secret"]);
        }
        return Outcome::Kept;
    }
    match second.connack.session_present {
        true => Outcome::Handed,
        false => {
            assert!(second.payloads().is_empty());
            Outcome::Ended
        }
    }
}

#[test]
fn a_client_id_alone_opens_no_session_of_somebody_else() {
    use Outcome::{Ended, Handed, Kept};
    #[rustfmt::skip]
    let table: &[(&str, Way, Way, Outcome)] = &[
        ("anonymous, anonymous", NOBODY, NOBODY, Handed),
        ("anonymous, a user name", NOBODY, SAYS_ALICE, Kept),
        ("anonymous, a user", NOBODY, ALICE, Kept),
        ("anonymous, a certificate", NOBODY, CERTIFICATE_A, Ended),
        ("anonymous, an id by certificate", NOBODY, ID_OF_CERTIFICATE, Ended),
        ("a user name, the same", SAYS_ALICE, SAYS_ALICE, Handed),
        ("a user name, another", SAYS_ALICE, SAYS_BOB, Kept),
        ("a user name, nobody", SAYS_ALICE, NOBODY, Kept),
        ("a user name, that user", SAYS_ALICE, ALICE, Ended),
        ("a user name, another user", SAYS_ALICE, BOB, Kept),
        ("a user, the same", ALICE, ALICE, Handed),
        ("a user, who only says so", ALICE, SAYS_ALICE, Kept),
        ("a user, another", ALICE, BOB, Kept),
        ("a user, nobody", ALICE, NOBODY, Kept),
        ("a user, a certificate", ALICE, CERTIFICATE_A, Kept),
        ("a certificate, the same", CERTIFICATE_A, CERTIFICATE_A, Handed),
        ("a certificate, another", CERTIFICATE_A, CERTIFICATE_B, Kept),
        ("a certificate, nobody", CERTIFICATE_A, NOBODY, Kept),
        ("a certificate, a user", CERTIFICATE_A, ALICE, Kept),
        ("an id by certificate, the same", ID_OF_CERTIFICATE, ID_OF_CERTIFICATE, Handed),
        ("an id by certificate, nobody", ID_OF_CERTIFICATE, NOBODY, Kept),
        ("an id by certificate, another", ID_OF_CERTIFICATE, CERTIFICATE_B, Kept),
    ];
    for (name, owner, newcomer, expected) in table {
        for (is_clean_start, is_parked) in [(false, false), (false, true), (true, false), (true, true)] {
            let expected = match expected {
                Handed if is_clean_start => Ended,
                other => *other,
            };
            let found = takeover(*owner, *newcomer, is_clean_start, is_parked);
            assert_eq!(
                found, expected,
                "{name}; clean start {is_clean_start}, parked {is_parked}"
            );
        }
    }
}

#[test]
fn a_token_that_runs_out_ends_its_connection_and_the_session_stays() {
    let broker = TestBroker::new();
    let until = |end: u64| Identity {
        // The clock of these tests begins at 1,000 s.
        expires_at: Some(Time((1000 + end) * 1000)),
        ..authenticated("alice")
    };
    let client = broker.client("c").identity(until(3600)).persistent().connect();
    broker.advance(secs(3599));
    assert_eq!(client.closed(), None);
    broker.advance(secs(1));
    assert_eq!(
        client.closed(),
        Some(DisconnectReason::Refused(ReasonCode::NotAuthorized))
    );
    assert_eq!(client.disconnect_code(), Some(ReasonCode::NotAuthorized));
    assert_eq!(client.summary().detail.as_deref(), Some("its token has run out"));
    let again = broker.client("c").identity(until(9000)).persistent().connect();
    assert!(again.connack.session_present);
    broker.identify("c", until(7300));
    broker.identify("c", until(8000));
    broker.advance(secs(4399));
    assert_eq!(again.closed(), None, "the last word counts");
    broker.advance(secs(1));
    assert!(again.closed().is_some());
}

fn by_method(username: &'static str) -> Identity {
    Identity {
        enhanced: Some(Box::new(EnhancedAuthentication {
            method: ByteString::from_static("ECHO"),
            data: Some(Bytes::from_static(b"last")),
        })),
        ..authenticated(username)
    }
}

fn auth(method: &'static str) -> Packet {
    Packet::Auth(Box::new(Auth {
        reason_code: ReasonCode::ReAuthenticate,
        properties: AuthProperties {
            authentication_method: Some(ByteString::from_static(method)),
            ..AuthProperties::default()
        },
    }))
}

/// A client that has come in by the method `ECHO`.
fn enhanced(broker: &TestBroker) -> ConnectBuilder {
    let client = broker.client("c").identity(by_method("alice"));
    client.change(|connect| connect.properties.authentication_method = Some(ByteString::from_static("ECHO")))
}

#[test]
fn connack_carries_the_last_word_of_the_exchange() {
    let client = enhanced(&TestBroker::new()).connect();
    let properties = &client.connack.properties;
    assert_eq!(properties.authentication_method.as_deref(), Some("ECHO"));
    assert_eq!(properties.authentication_data.as_deref(), Some(&b"last"[..]));
}

#[test]
fn a_method_that_nobody_took_part_in_is_refused() {
    let broker = TestBroker::new();
    let client = broker.client("c").change(|connect| {
        connect.properties.authentication_method = Some(ByteString::from_static("OTHER"));
    });
    assert_eq!(
        client.connect().connack.reason_code,
        ReasonCode::BadAuthenticationMethod
    );
}

#[test]
fn who_authenticates_anew_goes_on_as_the_same_user() {
    let broker = TestBroker::new();
    let client = enhanced(&broker).connect();
    client.send(auth("ECHO"));
    assert_eq!(client.closed(), None, "the daemon has to see to it");
    broker.identify("c", by_method("alice"));
    let Some(Packet::Auth(answer)) = client.next() else {
        panic!("no AUTH")
    };
    assert_eq!(answer.reason_code, ReasonCode::Success);
    assert_eq!(answer.properties.authentication_data.as_deref(), Some(&b"last"[..]));
    broker.identify("c", by_method("bob"));
    assert_eq!(
        client.closed(),
        Some(DisconnectReason::Refused(ReasonCode::NotAuthorized))
    );
    assert_eq!(broker.metric(Metric::AuthenticationFailure), 1);
}

#[test]
fn auth_that_does_not_fit_is_a_protocol_error() {
    let broker = TestBroker::new();
    let other_method = enhanced(&broker).connect();
    other_method.send(auth("OTHER"));
    assert_eq!(other_method.closed(), Some(DisconnectReason::ProtocolError));
    let no_method = broker.connect("d");
    no_method.send(auth("ECHO"));
    assert_eq!(no_method.closed(), Some(DisconnectReason::ProtocolError));
    let detail = no_method.summary().detail.unwrap_or_default();
    assert!(detail.contains("named no authentication method"), "{detail}");
}
