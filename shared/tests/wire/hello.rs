//! The hello, the frame around a body, and the welcome.

use emqx_shared::codec::{decode, encode};
use emqx_shared::frame::{Frame, REQUEST_BYTES_MAX};
use emqx_shared::hello::{ClientHello, DaemonHello, ProtocolRange};
use emqx_shared::welcome::Greeting;
use emqx_shared::{ErrorCode, Failure, Request, Role, Welcome};

#[test]
fn the_first_bytes_of_an_exchange_stay_as_they_are() {
    let range = ProtocolRange { min: 1, max: 1 };
    let newer = ProtocolRange { min: 2, max: 3 };
    let ready = Welcome::Ready(Greeting {
        version: "0.1.0".to_owned(),
        node: "emqx@127.0.0.1".to_owned(),
        role: Role::Admin,
        utc_offset_seconds: -3600,
    });
    let refused = Welcome::Refused(Failure::new(ErrorCode::PermissionDenied, "no").why("not a member"));
    for welcome in [&ready, &refused] {
        assert_eq!(decode::<Welcome>(&encode(welcome).unwrap()).as_ref(), Ok(welcome));
    }
    let frame = Frame {
        request_id: 0x0102_0304_0506_0708,
        body: encode(&Request::Ping).unwrap(),
    };
    let client = ClientHello {
        protocol: range,
        flags: 0,
    };
    super::compare(
        "hello.hex",
        &[
            ("client hello".to_owned(), client.to_bytes().to_vec()),
            (
                "daemon hello".to_owned(),
                DaemonHello::answer(range, range).to_bytes().to_vec(),
            ),
            (
                "daemon hello, no common version".to_owned(),
                DaemonHello::answer(range, newer).to_bytes().to_vec(),
            ),
            ("welcome, ready".to_owned(), encode(&ready).unwrap()),
            ("welcome, refused".to_owned(), encode(&refused).unwrap()),
            ("frame of a ping".to_owned(), frame.to_bytes(REQUEST_BYTES_MAX).unwrap()),
        ],
    );
}
