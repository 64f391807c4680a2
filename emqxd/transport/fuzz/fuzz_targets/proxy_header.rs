//! Any bytes as the beginning of a connection from a load balancer.
#![no_main]

use emqxd_transport::proxy::{HEADER_BYTES_MAX, Parsed, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(parsed) = parse(data) else { return };
    let Parsed::Complete { header, len } = parsed else {
        assert!(data.len() <= HEADER_BYTES_MAX, "a header that is too long is refused, not waited for");
        return;
    };
    assert!(len <= data.len());
    // What follows changes nothing, and no part of a header is one.
    let alone = Parsed::Complete { header: header.clone(), len };
    assert_eq!(parse(&data[..len]).ok(), Some(alone));
    assert_eq!(parse(&data[..len - 1]).ok(), Some(Parsed::Incomplete));
    let texts = header.tls.iter().flat_map(|tls| [&tls.version, &tls.cipher, &tls.server_name, &tls.common_name]);
    assert!(!texts.flatten().any(|text| text.chars().any(char::is_control)));
});
