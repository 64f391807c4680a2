//! Any bytes as MQTT 3.1 and 3.1.1, for a server and for a client, strict and not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mqtt_codec::ProtocolVersion;

mod decode_stream;

fuzz_target!(|data: &[u8]| {
    decode_stream::before_connect(data);
    decode_stream::in_version(ProtocolVersion::V31, data);
    decode_stream::in_version(ProtocolVersion::V311, data);
});
