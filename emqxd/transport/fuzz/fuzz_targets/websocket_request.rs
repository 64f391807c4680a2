//! Any bytes as the HTTP request of a client, and what it says of its address.
#![no_main]

use emqxd_transport::websocket::{Request, UpgradeSettings, client_address};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let settings = UpgradeSettings {
        path: "/mqtt".to_owned(),
        subprotocols: vec!["mqtt".to_owned()],
        requires_subprotocol: false,
        origins: None,
        allows_no_origin: true,
        max_frame_size: None,
        address_header: "x-forwarded-for".to_owned(),
        port_header: "x-forwarded-port".to_owned(),
    };
    match Request::parse(data, &settings) {
        Ok(request) => {
            let answer = request.answer();
            // Nothing of the request gets between the lines of the answer.
            assert!(answer.ends_with("\r\n\r\n") && answer.matches("\r\n\r\n").count() == 1);
            let peer = ([127, 0, 0, 1], 1).into();
            client_address(peer, request.forwarded_for.as_deref(), request.forwarded_port, |_| true);
        }
        Err(refusal) => assert!(refusal.answer().starts_with("HTTP/1.1 4")),
    }
    if let Ok(text) = std::str::from_utf8(data) {
        client_address(([127, 0, 0, 1], 1).into(), Some(text), None, |_| true);
    }
});
