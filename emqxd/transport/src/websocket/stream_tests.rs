//! Reads and writes over connections in memory.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::super::frames::tests::frame;
use super::*;

const KEY: [u8; 4] = [1, 2, 3, 4];

fn pair(room: usize) -> (DuplexStream, WebSocket<DuplexStream>) {
    let (client, server) = duplex(room);
    (client, WebSocket::new(server, None, Vec::new()))
}

/// The frames a server sends: type and payload of each.
fn frames_of(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (len, header) = match bytes[1] {
            126 => (usize::from(u16::from_be_bytes([bytes[2], bytes[3]])), 4),
            127 => (u64::from_be_bytes(bytes[2..10].try_into().unwrap()) as usize, 10),
            len => (usize::from(len), 2),
        };
        frames.push((bytes[0], bytes[header..header + len].to_vec()));
        bytes = &bytes[header + len..];
    }
    frames
}

#[tokio::test]
async fn bytes_behind_the_request_are_the_first_that_are_read() {
    let (mut client, server) = duplex(1000);
    let early = frame(0x82, b"early ", KEY)[..7].to_vec();
    let rest = frame(0x82, b"early ", KEY)[7..].to_vec();
    let mut websocket = WebSocket::new(server, None, early);
    client.write_all(&rest).await.unwrap();
    client.write_all(&frame(0x82, b"late", KEY)).await.unwrap();
    let mut came = [0; 10];
    websocket.read_exact(&mut came).await.unwrap();
    assert_eq!(&came, b"early late");
}

#[tokio::test]
async fn pings_are_answered_by_reading_and_the_last_of_many_counts() {
    let (mut client, mut websocket) = pair(1000);
    client.write_all(&frame(0x89, b"one", KEY)).await.unwrap();
    client.write_all(&frame(0x82, b"data", KEY)).await.unwrap();
    let mut came = [0; 4];
    websocket.read_exact(&mut came).await.unwrap();
    assert_eq!(&came, b"data");
    let mut pong = [0; 5];
    client.read_exact(&mut pong).await.unwrap();
    assert_eq!(&pong, b"\x8A\x03one");
}

#[tokio::test]
async fn a_good_bye_is_answered_with_its_code_and_ends_the_stream() {
    let (mut client, mut websocket) = pair(1000);
    client.write_all(&frame(0x82, b"last", KEY)).await.unwrap();
    client
        .write_all(&frame(0x88, &1001u16.to_be_bytes(), KEY))
        .await
        .unwrap();
    client.write_all(&frame(0x82, b"nobody reads this", KEY)).await.unwrap();
    let mut came = Vec::new();
    websocket.read_to_end(&mut came).await.unwrap();
    assert_eq!(came, b"last");
    let mut answer = [0; 4];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [0x88, 2, 0x03, 0xE9]);
    websocket.write_all(b"too late").await.unwrap_err();
}

#[tokio::test]
async fn wrong_frames_are_an_error_after_the_data_before_them_and_the_client_is_told() {
    let (mut client, mut websocket) = pair(1000);
    client.write_all(&frame(0x82, b"good", KEY)).await.unwrap();
    client.write_all(&frame(0x81, b"text", KEY)).await.unwrap();
    let mut came = [0; 4];
    websocket.read_exact(&mut came).await.unwrap();
    assert_eq!(&came, b"good");
    let error = websocket.read(&mut came).await.unwrap_err();
    let failure = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<WebSocketFailure>());
    assert_eq!(failure, Some(&WebSocketFailure(FrameError::Text)));
    websocket.shutdown().await.unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, [0x88, 2, 0x03, 0xEB]);
}

#[tokio::test]
async fn whatever_the_socket_takes_at_a_time_the_client_gets_whole_frames_in_order() {
    for room in [1, 2, 3, 7, 64, 5000] {
        let (mut client, mut websocket) = pair(room);
        let sent: Vec<u8> = (0..70_000u32).map(|number| number as u8).collect();
        let expected = sent.clone();
        let writing = tokio::spawn(async move {
            let (head, tail) = sent.split_at(300);
            websocket.write_all(head).await.unwrap();
            websocket.write_all(tail).await.unwrap();
            websocket.flush().await.unwrap();
            websocket.shutdown().await.unwrap();
        });
        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).await.unwrap();
        writing.await.unwrap();
        let mut frames = frames_of(&bytes);
        assert_eq!(frames.pop(), Some((0x88, vec![0x03, 0xE8])), "room for {room}");
        assert!(frames.iter().all(|(first, _)| *first == 0x82));
        assert_eq!(
            frames.into_iter().flat_map(|(_, payload)| payload).collect::<Vec<_>>(),
            expected
        );
    }
}

#[tokio::test]
async fn several_slices_leave_in_one_frame() {
    let (mut client, mut websocket) = pair(1000);
    let slices = [IoSlice::new(b"he"), IoSlice::new(b""), IoSlice::new(b"llo")];
    assert_eq!(websocket.write_vectored(&slices).await.unwrap(), 5);
    let mut bytes = [0; 7];
    client.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"\x82\x05hello");
}

#[tokio::test]
async fn a_connection_goes_on_after_it_was_taken_apart_inside_a_frame() {
    let (mut client, mut websocket) = pair(1000);
    let bytes = frame(0x82, b"before and after", KEY);
    client.write_all(&bytes[..12]).await.unwrap();
    let mut came = [0; 6];
    websocket.read_exact(&mut came).await.unwrap();
    let (server, state) = websocket.into_parts();
    let mut websocket = WebSocket::from_parts(server, state);
    client.write_all(&bytes[12..]).await.unwrap();
    let mut rest = [0; 10];
    websocket.read_exact(&mut rest).await.unwrap();
    assert_eq!([&came[..], &rest[..]].concat(), b"before and after");
    assert_eq!(websocket.received(), bytes.len() as u64);
}
