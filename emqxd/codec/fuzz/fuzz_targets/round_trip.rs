//! Whatever can be decoded can be encoded, and comes back the same. The first byte chooses the version.
#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use mqtt_codec::{DecodeLimits, Decoder, Packet, ProtocolVersion};

fuzz_target!(|data: &[u8]| {
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    let version = match choice % 3 {
        0 => ProtocolVersion::V31,
        1 => ProtocolVersion::V311,
        _ => ProtocolVersion::V5,
    };
    // Not strict: longer forms are read, ours are written.
    let limits = DecodeLimits {
        strict: false,
        ..DecodeLimits::default()
    };
    let mut decoder = Decoder::with_version(version, limits);
    let mut input = Bytes::copy_from_slice(data);
    while let Ok(Some(packet)) = decoder.decode(&mut input) {
        let spoken = match &packet {
            Packet::Connect(connect) => connect.protocol_version,
            _ => version,
        };
        let first = encode(&packet, version);
        let mut rest = first.clone();
        let again = Decoder::with_version(spoken, limits).decode(&mut rest);
        assert_eq!(again.as_ref(), Ok(&Some(packet)));
        assert!(rest.is_empty());
        let Ok(Some(again)) = again else { return };
        assert_eq!(encode(&again, version), first);
    }
});

fn encode(packet: &Packet, version: ProtocolVersion) -> Bytes {
    let mut out = BytesMut::new();
    packet
        .encode(version, &mut out)
        .expect("what was decoded can be encoded");
    assert_eq!(out.len(), packet.encoded_len(version));
    out.freeze()
}
