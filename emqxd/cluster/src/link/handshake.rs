//! The first bytes of a link: who is there, which protocol and lane, and a proof of the cookie each way.
//!
//! ```text
//! both       magic "EMQXLINK" | length u16 of the rest | rest
//! connecting lowest version u16 | highest version u16 | lane u8 | node
//! accepting  0 | version u16 | node
//!         or 1 | reason u8 | text length u8 | text, and the end
//! connecting proof [32]       HMAC-SHA-256 of "connecting" and both messages above, keyed by the cookie
//! accepting  proof [32]       the same of "accepting"; or the end, when the other proof is wrong
//! node       id u64 | boot u64 | length u8 | name | length u8 | address | nonce [32]
//! ```
//!
//! Numbers are big-endian. The cookie never crosses the wire, each proof holds for this one link. Who can see a
//! handshake can try guesses of the cookie against it: it has to be long and random (`doctor security` looks).

use std::fmt;
use std::io;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::consensus::NodeId;

/// The protocol of this version.
pub const PROTOCOL_VERSION: u16 = 1;
/// The oldest protocol that this version still speaks.
const OLDEST_VERSION: u16 = 1;
const MAGIC: &[u8; 8] = b"EMQXLINK";
/// Name, numbers and nonce fit with room to spare.
const HELLO_MAX: usize = 640;
/// All of it, from the first byte.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
const NONCE: usize = 32;
const PROOF: usize = 32;

/// The secret that the nodes of a cluster share (`node.cookie`).
#[derive(Clone)]
pub struct Cookie(Zeroizing<Vec<u8>>);

impl Cookie {
    /// From the configuration's text.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.as_bytes().to_vec()))
    }

    fn mac(&self, role: &str, transcript: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(role.as_bytes());
        for message in transcript {
            mac.update(&(message.len() as u64).to_be_bytes());
            mac.update(message);
        }
        mac
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(***)")
    }
}

/// A node on one end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its number in the consensus.
    pub id: NodeId,
    /// Drawn anew at each of its starts.
    pub boot: u64,
    /// Its name: `emqx@10.0.0.1`.
    pub name: String,
    /// Where its own link port is: `10.0.0.1:4370`.
    pub address: String,
}

/// What a link carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Questions and answers: consensus, membership, takeover, operators.
    Control,
    /// Routes, client locations, retained messages, members of share groups.
    Replication,
    /// One verb of another node's operator and its answers.
    Operators,
    /// Messages; a publisher's stay on one of these, so that their order holds.
    Messages(u8),
}

impl Lane {
    const fn number(self) -> u8 {
        match self {
            Self::Control => 0,
            Self::Replication => 1,
            Self::Operators => 2,
            Self::Messages(lane) => 0x80 | lane,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Control),
            1 => Some(Self::Replication),
            2 => Some(Self::Operators),
            lane if lane & 0x80 != 0 => Some(Self::Messages(lane & 0x7f)),
            _ => None,
        }
    }
}

/// Why the accepting side does not want the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// No version that both speak.
    Version = 1,
    /// No such lane.
    Lane = 2,
    /// It is itself, or a node of the same name that is another.
    Identity = 3,
    /// It is not a member, and not about to be one.
    NotAMember = 4,
    /// No place for another link.
    Full = 5,
}

impl Refusal {
    const ALL: [Self; 5] = [Self::Version, Self::Lane, Self::Identity, Self::NotAMember, Self::Full];

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| *refusal as u8 == number)
    }
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The network.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Nothing came, or too slowly.
    #[error("the handshake took longer than {} s", HANDSHAKE_TIME.as_secs())]
    TimedOut,
    /// The other side is no node, or speaks what nobody knows.
    #[error("the other side does not speak the protocol of cluster links: {0}")]
    Malformed(&'static str),
    /// The cookies differ.
    #[error("{node} does not know this cluster's cookie; set the same `node.cookie` on all nodes")]
    WrongCookie {
        /// What it calls itself.
        node: String,
    },
    /// The accepting side closed after our proof.
    #[error("{node} did not accept our proof; is `node.cookie` the same on both?")]
    NotBelieved {
        /// What it calls itself.
        node: String,
    },
    /// The accepting side says why not.
    #[error("refused: {text}")]
    Refused {
        /// What it says.
        reason: Refusal,
        /// For people.
        text: String,
    },
}

/// Begins a link as the connecting side; `nonce` is random and used once.
///
/// # Errors
/// See [`HandshakeError`].
pub async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
    own: &Peer,
    lane: Lane,
    cookie: &Cookie,
    nonce: [u8; NONCE],
) -> Result<Peer, HandshakeError> {
    let handshake = async {
        let mut hello = Vec::with_capacity(HELLO_MAX);
        hello.extend(OLDEST_VERSION.to_be_bytes());
        hello.extend(PROTOCOL_VERSION.to_be_bytes());
        hello.push(lane.number());
        put_peer(&mut hello, own, &nonce);
        write_hello(stream, &hello).await?;
        let answer = read_hello(stream).await?;
        let mut fields = Fields(&answer);
        if fields.byte()? == 1 {
            let reason = Refusal::from_number(fields.byte()?).ok_or(HandshakeError::Malformed("an unknown refusal"))?;
            let text = fields.text()?;
            return Err(HandshakeError::Refused { reason, text });
        }
        let version = fields.u16()?;
        if !(OLDEST_VERSION..=PROTOCOL_VERSION).contains(&version) {
            return Err(HandshakeError::Malformed("it chose a version that was not offered"));
        }
        let (peer, _nonce) = fields.peer()?;
        let transcript: [&[u8]; 2] = [&hello, &answer];
        let proof = cookie.mac("connecting", &transcript).finalize().into_bytes();
        stream.write_all(&proof).await?;
        stream.flush().await?;
        let mut theirs = [0; PROOF];
        match stream.read_exact(&mut theirs).await {
            Err(error) if is_end(&error) => return Err(HandshakeError::NotBelieved { node: peer.name }),
            result => result?,
        };
        match cookie.mac("accepting", &transcript).verify_slice(&theirs) {
            Ok(()) => Ok(peer),
            Err(_) => Err(HandshakeError::WrongCookie { node: peer.name }),
        }
    };
    timeout(HANDSHAKE_TIME, handshake)
        .await
        .unwrap_or(Err(HandshakeError::TimedOut))
}

/// Begins a link as the accepting side; `judge` says whether it is wanted, before any proof. `nonce` is random and
/// used once.
///
/// # Errors
/// See [`HandshakeError`].
pub async fn accept(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send),
    own: &Peer,
    cookie: &Cookie,
    nonce: [u8; NONCE],
    judge: impl FnOnce(&Peer, Lane) -> Result<(), (Refusal, String)> + Send,
) -> Result<(Peer, Lane), HandshakeError> {
    let handshake = async {
        let hello = read_hello(stream).await?;
        let mut fields = Fields(&hello);
        let (oldest, newest) = (fields.u16()?, fields.u16()?);
        let lane = Lane::from_number(fields.byte()?);
        let (peer, _nonce) = fields.peer()?;
        let version = newest.min(PROTOCOL_VERSION);
        let judged = match lane {
            _ if version < oldest.max(OLDEST_VERSION) => {
                let text = format!(
                    "{} speaks protocols {oldest} to {newest}, this node {OLDEST_VERSION} to {PROTOCOL_VERSION}",
                    peer.name
                );
                Err((Refusal::Version, text))
            }
            None => Err((Refusal::Lane, "there is no such lane".to_owned())),
            Some(lane) => judge(&peer, lane).map(|()| lane),
        };
        let lane = match judged {
            Ok(lane) => lane,
            Err((reason, text)) => {
                let mut answer = vec![1, reason as u8];
                put_text(&mut answer, &text);
                write_hello(stream, &answer).await?;
                return Err(HandshakeError::Refused { reason, text });
            }
        };
        let mut answer = vec![0];
        answer.extend(version.to_be_bytes());
        put_peer(&mut answer, own, &nonce);
        write_hello(stream, &answer).await?;
        let mut theirs = [0; PROOF];
        stream.read_exact(&mut theirs).await?;
        let transcript: [&[u8]; 2] = [&hello, &answer];
        if cookie.mac("connecting", &transcript).verify_slice(&theirs).is_err() {
            return Err(HandshakeError::WrongCookie { node: peer.name });
        }
        let proof = cookie.mac("accepting", &transcript).finalize().into_bytes();
        stream.write_all(&proof).await?;
        stream.flush().await?;
        Ok((peer, lane))
    };
    timeout(HANDSHAKE_TIME, handshake)
        .await
        .unwrap_or(Err(HandshakeError::TimedOut))
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
    )
}

fn put_peer(to: &mut Vec<u8>, peer: &Peer, nonce: &[u8; NONCE]) {
    to.extend(peer.id.to_be_bytes());
    to.extend(peer.boot.to_be_bytes());
    put_text(to, &peer.name);
    put_text(to, &peer.address);
    to.extend(nonce);
}

/// At most 255 bytes of a text, cut between characters.
fn put_text(to: &mut Vec<u8>, text: &str) {
    let text = &text[..text.floor_char_boundary(usize::from(u8::MAX))];
    to.push(text.len() as u8);
    to.extend(text.as_bytes());
}

async fn write_hello(stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send), hello: &[u8]) -> io::Result<()> {
    let mut message = Vec::with_capacity(MAGIC.len() + 2 + hello.len());
    message.extend(MAGIC);
    message.extend((hello.len() as u16).to_be_bytes());
    message.extend(hello);
    stream.write_all(&message).await?;
    stream.flush().await
}

async fn read_hello(stream: &mut (impl AsyncRead + AsyncWrite + Unpin + Send)) -> Result<Vec<u8>, HandshakeError> {
    let mut head = [0; MAGIC.len() + 2];
    stream.read_exact(&mut head).await?;
    let (magic, length) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(HandshakeError::Malformed("it does not begin as one"));
    }
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length > HELLO_MAX {
        return Err(HandshakeError::Malformed("it says too much"));
    }
    let mut hello = vec![0; length];
    stream.read_exact(&mut hello).await?;
    Ok(hello)
}

/// What has not been read yet of a message.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], HandshakeError> {
        let (head, rest) = self
            .0
            .split_first_chunk()
            .ok_or(HandshakeError::Malformed("it is cut off"))?;
        self.0 = rest;
        Ok(*head)
    }

    fn byte(&mut self) -> Result<u8, HandshakeError> {
        self.array().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, HandshakeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, HandshakeError> {
        self.array().map(u64::from_be_bytes)
    }

    fn text(&mut self) -> Result<String, HandshakeError> {
        let length = usize::from(self.byte()?);
        let (text, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(HandshakeError::Malformed("it is cut off"))?;
        self.0 = rest;
        let text = str::from_utf8(text).map_err(|_| HandshakeError::Malformed("a text is not UTF-8"))?;
        if text.chars().any(char::is_control) {
            return Err(HandshakeError::Malformed("a text has control characters"));
        }
        Ok(text.to_owned())
    }

    fn peer(&mut self) -> Result<(Peer, [u8; NONCE]), HandshakeError> {
        let peer = Peer {
            id: self.u64()?,
            boot: self.u64()?,
            name: self.text()?,
            address: self.text()?,
        };
        Ok((peer, self.array()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(id: NodeId) -> Peer {
        Peer {
            id,
            boot: id * 100,
            name: format!("emqx@node{id}"),
            address: format!("node{id}:4370"),
        }
    }

    type Accepted = Result<(Peer, Lane), HandshakeError>;

    /// One handshake over a pipe: what came of it on the connecting and on the accepting side.
    async fn meet(theirs: &str, ours: &str, refusal: Option<Refusal>) -> (Result<Peer, HandshakeError>, Accepted) {
        let (mut near, mut far) = tokio::io::duplex(64);
        let connecting = async move {
            let lane = Lane::Messages(3);
            connect(&mut near, &peer(1), lane, &Cookie::new(theirs), [1; NONCE]).await
        };
        let accepting = async move {
            let judge = |_: &Peer, _: Lane| refusal.map_or(Ok(()), |refusal| Err((refusal, "not you".to_owned())));
            accept(&mut far, &peer(2), &Cookie::new(ours), [2; NONCE], judge).await
        };
        tokio::join!(connecting, accepting)
    }

    #[tokio::test]
    async fn both_sides_learn_who_the_other_is() {
        let (connected, accepted) = meet("secret", "secret", None).await;
        assert_eq!(connected.unwrap(), peer(2));
        assert_eq!(accepted.unwrap(), (peer(1), Lane::Messages(3)));
    }

    #[tokio::test]
    async fn another_cookie_is_seen_by_the_accepting_side_first() {
        let (connected, accepted) = meet("guess", "secret", None).await;
        assert!(matches!(connected, Err(HandshakeError::NotBelieved { node }) if node == "emqx@node2"));
        assert!(matches!(accepted, Err(HandshakeError::WrongCookie { node }) if node == "emqx@node1"));
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let (connected, _) = meet("secret", "secret", Some(Refusal::NotAMember)).await;
        assert_eq!(connected.unwrap_err().to_string(), "refused: not you");
    }

    #[tokio::test]
    async fn a_proof_of_another_link_is_worth_nothing() {
        // What a spy saw of one link is played to another.
        let (mut near, mut far) = tokio::io::duplex(4096);
        let cookie = Cookie::new("secret");
        let mut seen = Vec::new();
        let first = async { connect(&mut near, &peer(1), Lane::Control, &cookie, [1; NONCE]).await };
        let spy = async {
            let accepted = accept(&mut far, &peer(2), &cookie, [2; NONCE], |_, _| Ok(())).await;
            accepted.unwrap();
        };
        let (connected, ()) = tokio::join!(first, spy);
        connected.unwrap();
        let mut hello = OLDEST_VERSION.to_be_bytes().to_vec();
        hello.extend(PROTOCOL_VERSION.to_be_bytes());
        hello.push(0);
        put_peer(&mut hello, &peer(1), &[1; NONCE]);
        write_hello(&mut seen_writer(&mut seen), &hello).await.unwrap();
        seen.extend([7; PROOF]);
        let (mut replay, mut victim) = tokio::io::duplex(4096);
        replay.write_all(&seen).await.unwrap();
        let accepted = accept(&mut victim, &peer(2), &cookie, [3; NONCE], |_, _| Ok(())).await;
        assert!(matches!(accepted, Err(HandshakeError::WrongCookie { .. })));
    }

    fn seen_writer(seen: &mut Vec<u8>) -> impl AsyncRead + AsyncWrite + Unpin + use<'_> {
        tokio::io::join(tokio::io::empty(), seen)
    }

    #[tokio::test]
    async fn strangers_are_told_apart_from_nodes() {
        for (bytes, why) in [
            (&b"GET / HTTP/1.1\r\n\r\n"[..], "it does not begin as one"),
            (b"EMQXLINK\xff\xff", "it says too much"),
            (b"EMQXLINK\x00\x02\x00\x01", "it is cut off"),
        ] {
            let (mut stranger, mut node) = tokio::io::duplex(64);
            stranger.write_all(bytes).await.unwrap();
            let accepted = accept(&mut node, &peer(2), &Cookie::new("c"), [2; NONCE], |_, _| Ok(())).await;
            assert!(
                matches!(accepted, Err(HandshakeError::Malformed(said)) if said == why),
                "{bytes:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_not_waited_for() {
        let (_silent, mut node) = tokio::io::duplex(64);
        let accepted = accept(&mut node, &peer(2), &Cookie::new("c"), [2; NONCE], |_, _| Ok(())).await;
        assert!(matches!(accepted, Err(HandshakeError::TimedOut)));
    }
}
