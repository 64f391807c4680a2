//! Frames cut at will, and frames against the rules.

use proptest::prelude::*;

use super::*;

/// One frame of a client.
pub(in crate::websocket) fn frame(first: u8, payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(0x80 | len as u8),
        len @ 126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&key);
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// All payload of `pieces`, all controls, and the error that ended it.
fn decoded(decoder: &mut FrameDecoder, pieces: &[&[u8]]) -> (Vec<u8>, Vec<Control>, Option<FrameError>) {
    let (mut payload, mut controls) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let came = decoder.decode(&mut bytes, |control| {
            controls.push(control);
            true
        });
        payload.extend_from_slice(&bytes[..came.len]);
        if came.error.is_some() {
            return (payload, controls, came.error);
        }
    }
    (payload, controls, None)
}

fn error_of(bytes: &[u8]) -> Option<FrameError> {
    decoded(&mut FrameDecoder::new(Some(1000)), &[bytes]).2
}

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

#[test]
fn a_packet_that_is_cut_at_every_byte_is_put_together() {
    let payload: Vec<u8> = (0..200).collect();
    let mut bytes = frame(0x02, &payload[..70], KEY);
    bytes.extend(frame(0x89, b"are you there", KEY));
    bytes.extend(frame(0x00, &[], KEY));
    bytes.extend(frame(0x80, &payload[70..], KEY));
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        let (came, controls, error) = decoded(&mut FrameDecoder::new(None), &[head, tail]);
        assert_eq!((came, error), (payload.clone(), None), "cut at {cut}");
        assert!(matches!(&controls[..], [Control::Ping(ping)] if ping.as_slice() == b"are you there"));
    }
}

#[test]
fn what_is_against_the_rules_ends_the_connection_with_its_code() {
    let long = [0; 126];
    let cases: [(Vec<u8>, FrameError, u16); 11] = [
        (vec![0x82, 0x01, 0x00], FrameError::NotMasked, 1002),
        (frame(0xC2, b"x", KEY), FrameError::ReservedBits, 1002),
        (frame(0x83, b"x", KEY), FrameError::UnknownType, 1002),
        (frame(0x8B, b"x", KEY), FrameError::UnknownType, 1002),
        (frame(0x81, b"text", KEY), FrameError::Text, 1003),
        (frame(0x09, b"x", KEY), FrameError::Control, 1002),
        (frame(0x89, &long, KEY), FrameError::Control, 1002),
        (frame(0x80, b"x", KEY), FrameError::NoMessage, 1002),
        (
            [frame(0x02, b"x", KEY), frame(0x82, b"y", KEY)].concat(),
            FrameError::UnfinishedMessage,
            1002,
        ),
        (frame(0x82, &[0; 1001], KEY), FrameError::TooLarge(1000), 1009),
        (frame(0x88, &[3], KEY), FrameError::Close, 1002),
    ];
    for (bytes, expected, code) in cases {
        assert_eq!(error_of(&bytes), Some(expected), "{bytes:02x?}");
        assert_eq!(expected.close_code(), code);
    }
}

#[test]
fn a_limit_holds_for_the_pieces_of_a_message_together_and_not_for_messages_together() {
    let half = [0; 600];
    let two_messages = [frame(0x82, &half, KEY), frame(0x82, &half, KEY)].concat();
    assert_eq!(error_of(&two_messages), None);
    let one_message = [frame(0x02, &half, KEY), frame(0x80, &half, KEY)].concat();
    assert_eq!(error_of(&one_message), Some(FrameError::TooLarge(1000)));
}

#[test]
fn a_length_that_is_declared_costs_nothing_and_none_overflows() {
    for declared in [u64::MAX, i64::MAX as u64 + 1] {
        let mut bytes = vec![0x82, 0xFF];
        bytes.extend_from_slice(&declared.to_be_bytes());
        bytes.extend_from_slice(&KEY);
        let (_, _, error) = decoded(&mut FrameDecoder::new(None), &[&bytes]);
        assert!(matches!(error, Some(FrameError::TooLarge(_))), "{error:?}");
    }
    let mut decoder = FrameDecoder::new(None);
    let mut bytes = vec![0x82, 0xFF];
    bytes.extend_from_slice(&(i64::MAX as u64).to_be_bytes());
    bytes.extend_from_slice(&KEY);
    bytes.extend_from_slice(b"some");
    assert_eq!(decoded(&mut decoder, &[&bytes]).0.len(), 4);
}

#[test]
fn a_close_is_understood_with_and_without_a_code() {
    for (payload, code) in [
        (&[][..], None),
        (&[3, 0xE8][..], Some(1000)),
        (b"\x03\xE9going", Some(1001)),
    ] {
        let bytes = frame(0x88, payload, KEY);
        assert_eq!(
            decoded(&mut FrameDecoder::new(None), &[&bytes]).1,
            [Control::Close(code)]
        );
    }
    for payload in [&[0x03, 0xED][..], &[0x03, 0xE7], b"\x03\xE8\xFF\xFF"] {
        assert_eq!(
            error_of(&frame(0x88, payload, KEY)),
            Some(FrameError::Close),
            "{payload:02x?}"
        );
    }
}

proptest! {
    #[test]
    fn however_bytes_are_put_into_frames_and_frames_are_cut_the_same_bytes_come_out(
        frames in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<[u8; 4]>(), 0..4u8), 1..20),
        cuts in prop::collection::vec(1..200usize, 1..40),
    ) {
        let mut wire = Vec::new();
        let mut expected = Vec::new();
        let (mut pings, mut is_open) = (0, false);
        let last = frames.len() - 1;
        for (number, (payload, key, kind)) in frames.iter().enumerate() {
            if *kind == 3 {
                wire.extend(frame(0x89, &payload[..payload.len().min(125)], *key));
                pings += 1;
            }
            let is_final = *kind != 0 || number == last;
            let opcode = if is_open { 0 } else { 2 };
            wire.extend(frame(opcode | if is_final { 0x80 } else { 0 }, payload, *key));
            is_open = !is_final;
            expected.extend_from_slice(payload);
        }
        let mut pieces: Vec<&[u8]> = Vec::new();
        let (mut rest, mut sizes) = (&wire[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        let (came, controls, error) = decoded(&mut FrameDecoder::new(None), &pieces);
        prop_assert_eq!(error, None);
        prop_assert_eq!(came, expected);
        prop_assert_eq!(controls.len(), pings);
    }

    #[test]
    fn no_bytes_make_more_payload_than_there_are(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let (came, _, _) = decoded(&mut FrameDecoder::new(Some(500)), &[&bytes]);
        prop_assert!(came.len() <= bytes.len());
    }
}
