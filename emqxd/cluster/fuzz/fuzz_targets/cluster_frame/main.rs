//! Any bytes as what another node says, on every way that leads into this one: the first byte chooses the way, the rest
//! is what comes over it.
//!
//! Whoever gets that far knows the cookie, but for the handshake; it is outside data all the same. The readers of the
//! daemon that do no I/O are compiled in here as they are.
#![no_main]

#[path = "../../../../src/clock.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod clock;
#[path = "../../../../src/cluster/lanes/conversion.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod conversion;
mod frames;
mod node;
#[path = "../../../../src/cluster/sessions/parcel.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod parcel;
#[path = "../../../../src/cluster/admission/protocol.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod protocol;
#[path = "../../../../src/cluster/sessions/question.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod question;
#[path = "../../../../src/cluster/streams/replica.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod replica;
#[path = "../../../../src/cluster/streams/retained.rs"]
#[allow(dead_code, reason = "the daemon uses the rest")]
mod retained;
mod sessions;
mod texts;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((way, data)) = data.split_first() else { return };
    match way % 10 {
        0 => frames::accept_handshake(data),
        1 => frames::connect_handshake(data),
        2 => frames::calls(data),
        3 => frames::follow_stream(data),
        4 => frames::serve_stream(data),
        5 => frames::receive_messages(data),
        6 => frames::acknowledge_messages(data),
        7 => sessions::questions(data),
        8 => sessions::take_in(data),
        _ => texts::texts(data),
    }
});
