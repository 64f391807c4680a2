//! One connection of a benchmark: a non-blocking socket, what still has to be written, and the part of a packet that was
//! read so far.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::epoll::EpollFlags;
use nix::sys::socket::{
    self, AddressFamily, SockFlag, SockType, SockaddrStorage, connect, getsockopt, setsockopt, sockopt,
};

/// Bytes waiting for a server that does not read, from which on nothing more is read from it either: its
/// acknowledgements would only add to them.
const OUT_BYTES_MAX: usize = 1 << 20;

/// Buffers above this size are given back once they are empty.
const SPARE_BYTES: usize = 64 * 1024;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It only connects.
    Idle,
    /// The number of a subscriber.
    Subscriber(u32),
    /// The number of a publisher.
    Publisher(u32),
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// TCP is on its way.
    Connecting,
    /// CONNECT was sent, CONNACK is missing.
    Greeting,
    Up,
}

/// One connection.
#[derive(Debug)]
pub struct Link {
    pub stream: TcpStream,
    pub state: LinkState,
    pub role: Role,
    /// When it began, in nanoseconds of the run's clock.
    pub started_ns: u64,
    /// What epoll was last told to wait for.
    pub interest: EpollFlags,
    /// What is to be written.
    pub out: Vec<u8>,
    written: usize,
    /// The front of a packet whose end is missing.
    carry: Vec<u8>,
}

/// Why a connection could not even begin.
#[derive(Debug)]
pub enum OpenError {
    /// The address to come from is none of ours.
    Source(IpAddr, io::Error),
    System(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// What a read brought.
pub enum Received {
    /// So many bytes are in the buffer, those carried over from the last read included.
    Bytes(usize),
    Nothing,
    Closed,
}

impl Link {
    /// Begins to connect; `source` is the local address to come from. What is in `out` goes as soon as it can.
    ///
    /// # Errors
    /// [`OpenError::Source`]: `source` is none of this machine's addresses.
    pub fn open(
        target: SocketAddr,
        source: Option<IpAddr>,
        role: Role,
        started_ns: u64,
        out: Vec<u8>,
    ) -> Result<Self, OpenError> {
        let family = if target.is_ipv4() {
            AddressFamily::Inet
        } else {
            AddressFamily::Inet6
        };
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket::socket(family, SockType::Stream, flags, None).map_err(io::Error::from)?;
        let stream = TcpStream::from(socket);
        // One that only connects never has two packets on their way.
        if role != Role::Idle {
            stream.set_nodelay(true)?;
        }
        if let Some(source) = source {
            // The port is chosen at connect, when it only has to be unique for this pair of addresses.
            setsockopt(&stream, sockopt::IpBindAddressNoPort, &true).map_err(io::Error::from)?;
            let address = system_address(SocketAddr::new(source, 0));
            socket::bind(stream.as_raw_fd(), &address).map_err(|errno| OpenError::Source(source, errno.into()))?;
        }
        let address = system_address(target);
        match connect(stream.as_raw_fd(), &address) {
            Ok(()) | Err(Errno::EINPROGRESS) => {}
            Err(errno) => return Err(OpenError::System(errno.into())),
        }
        Ok(Self {
            stream,
            state: LinkState::Connecting,
            role,
            started_ns,
            interest: EpollFlags::EPOLLOUT,
            out,
            written: 0,
            carry: Vec::new(),
        })
    }

    /// Whether TCP is connected, asked once epoll said that something happened.
    pub fn finish_connect(&mut self) -> io::Result<()> {
        match getsockopt(&self.stream, sockopt::SocketError)? {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno)),
        }
    }

    /// Writes at once where TCP is already connected: on the loopback it is by then, which saves the round through
    /// epoll. `false` if it is not.
    ///
    /// # Errors
    /// The connection was refused.
    pub fn greet_at_once(&mut self, writes: &mut u64) -> io::Result<bool> {
        self.flush(writes)?;
        let is_through = self.waiting() == 0;
        if is_through {
            // An idle connection needs none, and there may be very many.
            self.out = Vec::new();
            self.state = LinkState::Greeting;
            self.interest = self.wanted();
        }
        Ok(is_through)
    }

    /// Bytes that wait to be written.
    pub fn waiting(&self) -> usize {
        self.out.len() - self.written
    }

    /// What epoll should wait for now.
    pub fn wanted(&self) -> EpollFlags {
        if self.state == LinkState::Connecting {
            return EpollFlags::EPOLLOUT;
        }
        let mut wanted = EpollFlags::empty();
        wanted.set(EpollFlags::EPOLLIN, self.waiting() < OUT_BYTES_MAX);
        wanted.set(EpollFlags::EPOLLOUT, self.waiting() > 0);
        wanted
    }

    /// Writes until all is out or the server takes no more; counts system calls in `writes`.
    pub fn flush(&mut self, writes: &mut u64) -> io::Result<()> {
        while self.written < self.out.len() {
            *writes += 1;
            match (&self.stream).write(&self.out[self.written..]) {
                Ok(bytes) => self.written += bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.compact();
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.out.clear();
        self.written = 0;
        if self.out.capacity() > SPARE_BYTES {
            self.out.shrink_to(SPARE_BYTES);
        }
        Ok(())
    }

    /// Drops what was written, once it is the larger part.
    fn compact(&mut self) {
        if self.written > self.out.len() / 2 {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    /// Reads once into `buffer`, behind what was carried over.
    pub fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Received> {
        let carried = self.carry.len();
        buffer[..carried].copy_from_slice(&self.carry);
        match (&self.stream).read(&mut buffer[carried..]) {
            Ok(0) => Ok(Received::Closed),
            Ok(bytes) => {
                self.carry.clear();
                Ok(Received::Bytes(carried + bytes))
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Ok(Received::Nothing)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps the front of a packet until its end comes; less than the largest packet that may come.
    pub fn carry_over(&mut self, rest: &[u8]) {
        self.carry.extend_from_slice(rest);
        if rest.is_empty() && self.carry.capacity() > SPARE_BYTES {
            self.carry.shrink_to(SPARE_BYTES);
        }
    }
}

fn system_address(address: SocketAddr) -> SockaddrStorage {
    match address {
        SocketAddr::V4(address) => address.into(),
        SocketAddr::V6(address) => address.into(),
    }
}
