//! Any bytes as frames of a client, in one piece and cut: the same payload, the same controls, the same end.
#![no_main]

use emqxd_transport::websocket::{Control, FrameDecoder, FrameError};
use libfuzzer_sys::fuzz_target;

/// `max_frame_size` of the listener.
const MAX_BYTES: u64 = 4096;

fn decode(pieces: &[&[u8]]) -> (Vec<u8>, Vec<Control>, Option<FrameError>) {
    let mut decoder = FrameDecoder::new(Some(MAX_BYTES));
    let (mut payload, mut controls) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let decoded = decoder.decode(&mut bytes, |control| {
            let goes_on = matches!(control, Control::Ping(_));
            controls.push(control);
            goes_on
        });
        payload.extend_from_slice(&bytes[..decoded.len]);
        if decoded.error.is_some() || matches!(controls.last(), Some(Control::Close(_))) {
            return (payload, controls, decoded.error);
        }
    }
    (payload, controls, None)
}

fuzz_target!(|data: &[u8]| {
    let Some((&cut, data)) = data.split_first() else { return };
    let whole = decode(&[data]);
    assert!(whole.0.len() <= data.len());
    let (head, tail) = data.split_at(usize::from(cut).min(data.len()));
    assert_eq!(decode(&[head, tail]), whole);
    let bytes: Vec<&[u8]> = data.chunks(1).collect();
    assert_eq!(decode(&bytes), whole);
});
