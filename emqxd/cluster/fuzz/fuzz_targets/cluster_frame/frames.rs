//! Links: the handshake, and what comes on each lane behind it.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use emqxd_broker::Time;
use emqxd_cluster::link::{Answerer, Caller, Cookie, FrameReader, Lane, Peer, accept, connect, serve};
use emqxd_cluster::messages::{ACKNOWLEDGEMENT_MAX, FromReceiver, FromSender, Limits, Receiver, Record, Sender};
use emqxd_cluster::stream::{FRAME_MAX, Feed, Follower, Heard, Next, Ring};

use crate::conversion::Messages;
use crate::node::Node;
use crate::replica::PeerReplica;

/// Steps that a writer may take for one follower: more than any that it needs.
const STEPS_MAX: usize = 10_000;

fn run<T>(task: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime without I/O").block_on(task)
}

fn own() -> Peer {
    Peer {
        id: 1,
        boot: 7,
        name: "emqx@127.0.0.1".to_owned(),
        address: "127.0.0.1:4370".to_owned(),
    }
}

/// Frames of at most `longest` bytes.
fn frames(data: &[u8], longest: usize) -> Vec<Bytes> {
    run(async {
        let mut reader = FrameReader::new(data, longest);
        let mut frames = Vec::new();
        while let Ok(Some(frame)) = reader.next().await {
            frames.push(frame);
        }
        frames
    })
}

pub fn accept_handshake(data: &[u8]) {
    let cookie = Cookie::new("a cookie that nobody guesses");
    let mut stream = tokio::io::join(data, tokio::io::sink());
    let accepted = run(accept(&mut stream, &own(), &cookie, [3; 32], |_, _| Ok(())));
    assert!(accepted.is_err(), "{accepted:?} has proven nothing");
}

pub fn connect_handshake(data: &[u8]) {
    let cookie = Cookie::new("a cookie that nobody guesses");
    let mut stream = tokio::io::join(data, tokio::io::sink());
    let connected = run(connect(&mut stream, &own(), Lane::Control, &cookie, [3; 32]));
    assert!(connected.is_err(), "{connected:?} has proven nothing");
}

struct Mirror;

impl Answerer for Mirror {
    fn answer(&self, question: Bytes) -> std::pin::Pin<Box<dyn Future<Output = Vec<u8>> + Send + '_>> {
        Box::pin(async move { question.to_vec() })
    }

    fn told(&self, _body: Bytes) {}
}

/// Questions and answers on the control lane.
pub fn calls(data: &[u8]) {
    let data = data.to_vec();
    run(async move {
        let stream = tokio::io::join(std::io::Cursor::new(data.clone()), tokio::io::sink());
        let _ended = serve(stream, Arc::new(Mirror)).await;
        let stream = tokio::io::join(std::io::Cursor::new(data), tokio::io::sink());
        let (caller, running) = Caller::new(stream);
        let asked = tokio::spawn(async move { caller.ask(b"?".to_vec()).await });
        let _ended = running.await;
        let _answered = asked.await;
    });
}

/// Another node's stream: greeted at once, or after a link that broke.
pub fn follow_stream(data: &[u8]) {
    let node = Node::new();
    let mut follower = Follower::new();
    let mut replica = PeerReplica::new(node.tables(), 3);
    let _hello = follower.greet();
    let frames = frames(data, FRAME_MAX);
    run(async {
        for frame in frames {
            match follower.on_frame(&frame, &mut replica) {
                Ok(Heard::Complete) => replica.sweep().await,
                Ok(Heard::Fine | Heard::RetainedDiffer) => {}
                Err(_) => {
                    follower.lost();
                    if replica.is_sweep_due() {
                        follower.forget();
                    }
                    let _hello = follower.greet();
                }
            }
            let _clients = replica.take_arrived();
        }
        replica.clear().await;
    });
    assert_eq!(emqxd_cluster::stream::Replica::sums(&replica), Default::default());
    // What was retained goes on to others, and a client of this node retains behind it.
    node.retain_and_export();
}

/// A follower of this node.
pub fn serve_stream(data: &[u8]) {
    let ring = Ring::new();
    let mut questions = frames(data, 64).into_iter();
    let Some(hello) = questions.next() else { return };
    let Ok(mut feed) = Feed::new(&hello, 7, &ring) else {
        return;
    };
    for _ in 0..STEPS_MAX {
        match feed.next(&ring) {
            Next::Send(_) => {}
            Next::Page { .. } => feed.page_sent(true),
            Next::Wait { .. } => match questions.next() {
                Some(question) if feed.heard(&question).is_ok() => {}
                _ => return,
            },
        }
    }
    panic!("it goes on for ever");
}

/// Messages of another node's worker.
pub fn receive_messages(data: &[u8]) {
    let mut node = Node::new();
    let mut receiver = Receiver::default();
    let mut messages = Messages::default();
    let mut delay_ms = 0;
    for frame in frames(data, emqxd_cluster::messages::FRAME_MAX) {
        match FromSender::decode(frame) {
            Ok(FromSender::Hello { epoch, .. }) => {
                receiver.on_hello(epoch);
            }
            Ok(FromSender::Delay { ms }) => delay_ms = ms,
            Ok(FromSender::Batch(mut batch)) => {
                let bytes = batch.bytes().clone();
                while let Ok(Some((sequence, record))) = batch.next_record() {
                    if !receiver.is_new(sequence) {
                        continue;
                    }
                    let Ok(message) = messages.message(&record, &bytes, delay_ms, Time(1_000_000)) else {
                        return;
                    };
                    node.deliver(&message, record.member.as_ref());
                }
            }
            Err(_) => return,
        }
    }
}

/// What a receiver says to this node's sender.
pub fn acknowledge_messages(data: &[u8]) {
    let mut sender = Sender::new(Limits::default());
    let record = Record {
        qos: 1,
        retain: false,
        id: 1,
        age_ms: 0,
        expires_in_ms: None,
        publisher: "p",
        topic: "t",
        properties: &[],
        member: None,
        payload: b"payload",
    };
    for word in frames(data, ACKNOWLEDGEMENT_MAX) {
        sender.push(&record, 0);
        let heard = match FromReceiver::decode(&word) {
            Ok(FromReceiver::Welcome { last, since_ms }) => {
                sender.on_peer(since_ms);
                sender.on_linked(last, since_ms).map(drop)
            }
            Ok(FromReceiver::Acknowledgement { last }) => sender.on_acknowledged(last),
            Err(_) => return,
        };
        if heard.is_err() {
            sender.on_unlinked(true);
        }
        if sender.next_batch(500).is_some() {
            sender.on_written();
        }
        assert!(sender.messages() as u64 <= sender.last());
    }
}
