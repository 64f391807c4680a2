//! Requests that are granted, and the answer to each that is not.

use super::*;

fn settings() -> UpgradeSettings {
    UpgradeSettings {
        path: "/mqtt".to_owned(),
        subprotocols: vec!["mqtt".to_owned(), "mqttv3.1".to_owned()],
        requires_subprotocol: true,
        origins: None,
        allows_no_origin: true,
        max_frame_size: None,
        address_header: "x-forwarded-for".to_owned(),
        port_header: "x-forwarded-port".to_owned(),
    }
}

/// RFC 6455, 1.3, with `more` behind it.
fn request(target: &str, more: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

fn status(head: &str, settings: &UpgradeSettings) -> u16 {
    match Request::parse(head.as_bytes(), settings) {
        Ok(_) => 101,
        Err(refusal) => {
            assert!(refusal.answer().starts_with(&format!("HTTP/1.1 {} ", refusal.status)));
            refusal.status
        }
    }
}

const MQTT: &str = "Sec-WebSocket-Protocol: mqtt\r\n";

#[test]
fn the_example_of_the_specification_is_granted() {
    let more = "Sec-WebSocket-Protocol: chat, mqttv3.1, mqtt\r\nX-Forwarded-For: 203.0.113.9\r\n\
                x-forwarded-for: 10.0.0.2\r\nX-Forwarded-Port: 4711\r\n";
    let granted = Request::parse(request("/mqtt?token=1", more).as_bytes(), &settings()).unwrap();
    assert_eq!(granted.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(granted.subprotocol.as_deref(), Some("mqttv3.1"));
    assert_eq!(granted.forwarded_for.as_deref(), Some("203.0.113.9,10.0.0.2"));
    assert_eq!(granted.forwarded_port, Some(4711));
    let answer = granted.answer();
    assert!(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n") && answer.ends_with("\r\n\r\n"));
    assert!(answer.contains("\r\nSec-WebSocket-Protocol: mqttv3.1\r\n"));
}

#[test]
fn each_kind_of_wrong_request_has_its_status() {
    let good = request("/mqtt", MQTT);
    let cases = [
        (good.clone(), 101),
        (request("/mqtt/", MQTT), 101),
        (request("/other", MQTT), 404),
        (good.replace("GET", "POST"), 405),
        ("GET /mqtt HTTP/1.1\r\nHost: broker\r\n\r\n".to_owned(), 426),
        (good.replace("Version: 13", "Version: 8"), 426),
        (good.replace("HTTP/1.1", "HTTP/1.0"), 400),
        (good.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"), 400),
        (request("/mqtt", ""), 400),
        (request("/mqtt", "Sec-WebSocket-Protocol: soap\r\n"), 400),
        ("\u{1}\u{2}\r\n\r\n".to_owned(), 400),
        (request("/mqtt", &"A: b\r\n".repeat(70)), 431),
    ];
    for (head, expected) in cases {
        assert_eq!(status(&head, &settings()), expected, "{head}");
    }
}

#[test]
fn a_request_without_subprotocol_is_granted_where_none_is_asked_for() {
    let lenient = UpgradeSettings {
        requires_subprotocol: false,
        ..settings()
    };
    assert_eq!(status(&request("/mqtt", ""), &lenient), 101);
    assert_eq!(
        status(&request("/mqtt", "Sec-WebSocket-Protocol: soap\r\n"), &lenient),
        400
    );
}

#[test]
fn only_pages_of_known_origins_may_connect_where_that_is_checked() {
    let mut checked = UpgradeSettings {
        origins: Some(vec!["https://example.com".to_owned()]),
        ..settings()
    };
    let from = |origin: &str| request("/mqtt", &format!("{MQTT}Origin: {origin}\r\n"));
    assert_eq!(status(&from("https://example.com"), &checked), 101);
    assert_eq!(status(&from("https://example.com.evil.org"), &checked), 403);
    assert_eq!(status(&request("/mqtt", MQTT), &checked), 101);
    checked.allows_no_origin = false;
    assert_eq!(status(&request("/mqtt", MQTT), &checked), 403);
}

#[test]
fn what_proxies_have_appended_counts_however_much_the_client_wrote_before() {
    let forwarded = |mine: &[u8]| {
        let head = [
            request("/mqtt", MQTT).trim_end().as_bytes(),
            b"\r\nX-Forwarded-For: ",
            mine,
            b"203.0.113.9, 10.0.0.2\r\n\r\n",
        ]
        .concat();
        Request::parse(&head, &settings()).unwrap().forwarded_for.unwrap()
    };
    for mine in [
        "1.2.3.4, ".repeat(300).as_bytes(),
        format!("{}, ", "x".repeat(5000)).as_bytes(),
        "é, ".repeat(700).as_bytes(),
        // No text at all.
        b"\xff\xfe, ",
    ] {
        let kept = forwarded(mine);
        assert!(kept.len() <= FORWARDED_BYTES_MAX, "{} bytes", kept.len());
        let parts: Vec<&str> = kept.rsplit(',').map(str::trim).take(2).collect();
        assert_eq!(parts, ["10.0.0.2", "203.0.113.9"]);
    }
    assert_eq!(end_of_list("1".repeat(3000)), "");
}
