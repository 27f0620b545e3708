//! One connection: its socket, what is known of its readiness, input that was not taken, output that has not left.
//! What the bytes mean is the session's; which session they belong to is in `owner`.

use crate::buffer::Buffers;
use crate::config::reach::IdleLimits;
use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;

/// What is thrown away is read in pieces of so many bytes.
const WASTE_BYTES: usize = 16 * 1024;
/// Bytes that are thrown away at once, so that a peer that sends without end does not hold up the others.
const DISCARDED_AT_ONCE: usize = 1024 * 1024;

/// A stream socket.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a unix socket.
    Unix(UnixStream),
}

impl Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(bytes),
            Stream::Unix(stream) => stream.read(bytes),
        }
    }

    fn write(&mut self, first: &[u8], second: &[u8]) -> io::Result<usize> {
        match (self, second.is_empty()) {
            (Stream::Tcp(stream), true) => stream.write(first),
            (Stream::Unix(stream), true) => stream.write(first),
            (Stream::Tcp(stream), false) => stream.write_vectored(&[IoSlice::new(first), IoSlice::new(second)]),
            (Stream::Unix(stream), false) => stream.write_vectored(&[IoSlice::new(first), IoSlice::new(second)]),
        }
    }

    /// The fault of a connection attempt, once the socket is writable.
    pub fn take_error(&self) -> Option<io::Error> {
        match self {
            Stream::Tcp(stream) => stream.take_error(),
            Stream::Unix(stream) => stream.take_error(),
        }
        .unwrap_or_else(Some)
    }

    /// Has the peer neither closed nor sent anything? For a connection that is about to be used again.
    pub fn is_quiet(&self) -> bool {
        match self {
            Stream::Tcp(stream) => matches!(stream.peek(&mut [0]), Err(fault) if fault.kind() == ErrorKind::WouldBlock),
            Stream::Unix(_) => true,
        }
    }

    /// The address that the peer connected to.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.local_addr().ok(),
            Stream::Unix(_) => None,
        }
    }

    /// The address that the peer connected to before the packet filter sent it here.
    pub fn original_address(&self) -> Option<SocketAddr> {
        let Stream::Tcp(stream) = self else { return None };
        let found = nix::sys::socket::getsockopt(stream, nix::sys::socket::sockopt::OriginalDst).ok()?;
        let address = std::net::Ipv4Addr::from(u32::from_be(found.sin_addr.s_addr));
        Some(SocketAddr::from((address, u16::from_be(found.sin_port))))
    }

    fn shutdown(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }

    /// Sees to it that the peer is reset when the socket is closed.
    pub fn reset(&self) {
        if let Stream::Tcp(stream) = self {
            // Where this is not allowed, the connection is closed as usual.
            let _ = socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO));
        }
    }

    /// Sees to it that the peer does not learn of the end when the socket is closed.
    pub fn fall_silent(&self) {
        let Stream::Tcp(stream) = self else { return };
        if nix::sys::socket::setsockopt(stream, nix::sys::socket::sockopt::TcpRepair, &1).is_err() {
            let socket = socket2::SockRef::from(stream);
            // Where even this is not allowed, the peer is told as usual.
            let _ = socket.set_ttl_v4(1).and_then(|()| socket.set_linger(Some(std::time::Duration::ZERO)));
        }
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Stream::Tcp(stream) => stream,
            Stream::Unix(stream) => stream,
        }
    }
}

/// Whose a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's yet: it was let in just now, or has still to say who the client is.
    Arriving,
    /// A session's client side, by the session's index.
    Client(u32),
    /// A session's server side.
    Server(u32),
    /// A session's server side, while it connects.
    Connecting(u32),
    /// Nobody's: idle, kept for the destination of that number.
    Idle(usize),
    /// Nobody's: what was written leaves, what comes is thrown away, then it is closed.
    Leaving,
}

/// What a read has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Bytes at the start of the scratch buffer: those kept before, then those that came.
    pub length: usize,
    /// No more will come.
    pub end: bool,
    /// Something new is there, or the end.
    pub news: bool,
}

/// A connection.
#[derive(Debug)]
pub struct Transport {
    /// Of a server's connection: the address from which it was made.
    pub local: Option<SocketAddr>,
    /// The socket.
    pub stream: Stream,
    /// Whose it is.
    pub owner: Owner,
    /// A read may bring something.
    pub readable: bool,
    /// A write may take something.
    pub writable: bool,
    /// The peer has closed its side: a short read is not the end of what can be read.
    pub hung_up: bool,
    /// The connection was reset: the poll said so.
    pub failed: bool,
    /// Nothing can be written any more.
    pub broken: bool,
    /// The peer is to be told of the end once all has left.
    finishes: bool,
    /// What becomes of a server's connection while it is idle.
    pub idle_limits: IdleLimits,
    /// How often a server's connection was used again.
    pub reuses: u32,
    /// The session has seen what was kept, and needs more.
    pub kept_is_seen: bool,
    kept: Vec<u8>,
    pending: Vec<u8>,
    sent: usize,
    /// What leaves behind that, and belongs to many; and how much of it has left.
    shared: Option<(Arc<[u8]>, usize)>,
}

impl Transport {
    /// A connection of that owner, nothing known of it.
    pub fn new(stream: Stream, owner: Owner) -> Transport {
        Transport {
            local: None,
            stream,
            owner,
            readable: false,
            writable: false,
            hung_up: false,
            failed: false,
            broken: false,
            finishes: false,
            idle_limits: IdleLimits::default(),
            reuses: 0,
            kept_is_seen: true,
            kept: Vec::new(),
            pending: Vec::new(),
            sent: 0,
            shared: None,
        }
    }

    /// Registers the socket for both directions, once for all.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(self.stream.source(), token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Is there input for a session that wants some?
    #[inline]
    pub fn has_input(&self) -> bool {
        self.readable || !self.kept_is_seen
    }

    /// Is there input that the session has not taken?
    pub fn has_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Has the session left input, or may there be some that was not read?
    pub fn has_unread(&self) -> bool {
        !self.kept.is_empty() || (self.readable && !self.hung_up)
    }

    /// Has what was written not all left?
    #[inline]
    pub fn is_blocked(&self) -> bool {
        self.sent < self.pending.len() || self.shared.is_some()
    }

    /// Bytes that have not left yet.
    pub fn unsent(&self) -> usize {
        let shared = self.shared.as_ref().map_or(0, |(shared, from)| shared.len().saturating_sub(*from));
        self.pending.len().saturating_sub(self.sent) + shared
    }

    /// Reads once, up to `most` bytes together with what was kept. A read that comes short has emptied the socket, so the
    /// next one waits for news. `Err` when the connection is lost.
    pub fn fill(&mut self, scratch: &mut [u8], most: usize, buffers: &mut Buffers) -> io::Result<Filled> {
        let kept = self.kept.len();
        let most = most.max(kept).min(scratch.len());
        if let Some(front) = scratch.get_mut(..kept) {
            front.copy_from_slice(&self.kept);
        }
        buffers.give_back(std::mem::take(&mut self.kept));
        let unseen = !std::mem::replace(&mut self.kept_is_seen, true);
        let room = scratch.get_mut(kept..most).unwrap_or_default();
        if !self.readable || room.is_empty() {
            return Ok(Filled { length: kept, end: false, news: unseen });
        }
        loop {
            match self.stream.read(room) {
                Ok(0) => {
                    self.readable = false;
                    return Ok(Filled { length: kept, end: true, news: true });
                }
                Ok(count) => {
                    self.readable = count == room.len() || self.hung_up;
                    return Ok(Filled { length: kept + count, end: false, news: true });
                }
                Err(fault) if fault.kind() == ErrorKind::WouldBlock => {
                    self.readable = false;
                    return Ok(Filled { length: kept, end: false, news: unseen });
                }
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                Err(fault) => {
                    self.readable = false;
                    self.broken = true;
                    return Err(fault);
                }
            }
        }
    }

    /// Reads what has come and throws it away, together with what was kept; says whether the peer has closed. What is more than
    /// `DISCARDED_AT_ONCE` stays for another call. `Err` when the connection is lost.
    pub fn discard(&mut self, buffers: &mut Buffers) -> io::Result<bool> {
        buffers.give_back(std::mem::take(&mut self.kept));
        self.kept_is_seen = true;
        let mut waste = [0; WASTE_BYTES];
        let mut left = DISCARDED_AT_ONCE;
        while self.readable && left > 0 {
            match self.stream.read(&mut waste) {
                Ok(0) => {
                    self.readable = false;
                    return Ok(true);
                }
                Ok(count) => {
                    self.readable = count == waste.len() || self.hung_up;
                    left = left.saturating_sub(count);
                }
                Err(fault) if fault.kind() == ErrorKind::WouldBlock => self.readable = false,
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                Err(fault) => {
                    self.readable = false;
                    self.broken = true;
                    return Err(fault);
                }
            }
        }
        Ok(false)
    }

    /// Keeps input that was not taken for the next `fill`.
    pub fn keep(&mut self, rest: &[u8], is_seen: bool, buffers: &mut Buffers) {
        if rest.is_empty() {
            return;
        }
        self.kept = buffers.lend();
        self.kept.extend_from_slice(rest);
        self.kept_is_seen = is_seen;
    }

    /// Writes two runs of bytes in order; what does not leave now is kept, and leaves by `drain`.
    pub fn write<'b>(&mut self, mut first: &'b [u8], mut second: &'b [u8], buffers: &mut Buffers) {
        if self.broken {
            return;
        }
        while self.writable && !self.broken && !self.is_blocked() && first.len() + second.len() > 0 {
            if first.is_empty() {
                first = std::mem::take(&mut second);
            }
            let whole = first.len() + second.len();
            match self.stream.write(first, second) {
                Ok(count) => {
                    self.writable = count >= whole;
                    let from_second = count.saturating_sub(first.len());
                    first = first.get(count..).unwrap_or_default();
                    second = second.get(from_second..).unwrap_or_default();
                }
                Err(fault) => self.note_fault(&fault),
            }
        }
        if self.broken || (first.is_empty() && second.is_empty()) {
            return;
        }
        if self.pending.is_empty() {
            self.pending = buffers.lend();
        }
        if let Some((shared, from)) = self.shared.take() {
            self.pending.extend_from_slice(shared.get(from..).unwrap_or_default());
        }
        self.pending.extend_from_slice(first);
        self.pending.extend_from_slice(second);
    }

    /// Writes bytes that belong to many, behind all that was written; what does not leave now is not copied.
    pub fn write_shared(&mut self, bytes: Arc<[u8]>, buffers: &mut Buffers) {
        if self.shared.is_some() {
            return self.write(&bytes, &[], buffers);
        }
        if !self.broken && !bytes.is_empty() {
            self.shared = Some((bytes, 0));
            self.drain(buffers);
        }
    }

    /// Writes what was kept, as far as the socket takes it.
    pub fn drain(&mut self, buffers: &mut Buffers) {
        while self.writable && self.is_blocked() && !self.broken {
            let rest = self.pending.get(self.sent..).unwrap_or_default();
            let shared = self.shared.as_ref().and_then(|(shared, from)| shared.get(*from..)).unwrap_or_default();
            let (first, second) = if rest.is_empty() { (shared, rest) } else { (rest, shared) };
            let (own, whole) = (rest.len(), rest.len() + shared.len());
            match self.stream.write(first, second) {
                Ok(count) => {
                    self.writable = count >= whole;
                    self.sent += count.min(own);
                    match &mut self.shared {
                        Some((_, from)) if count < whole => *from += count.saturating_sub(own),
                        _ => self.shared = None,
                    }
                }
                Err(fault) => self.note_fault(&fault),
            }
        }
        if self.finishes && !self.is_blocked() {
            self.finishes = false;
            self.finish_writing();
        }
        if self.broken || !self.is_blocked() {
            buffers.give_back(std::mem::take(&mut self.pending));
            self.sent = 0;
            self.shared = None;
        }
    }

    fn note_fault(&mut self, fault: &io::Error) {
        match fault.kind() {
            ErrorKind::Interrupted => {}
            ErrorKind::WouldBlock => self.writable = false,
            _ => self.broken = true,
        }
    }

    /// Tells the peer that nothing more will come, as soon as all has left.
    pub fn finish_when_drained(&mut self) {
        match self.is_blocked() {
            true => self.finishes = true,
            false => self.finish_writing(),
        }
    }

    /// Tells the peer that nothing more will come.
    pub fn finish_writing(&mut self) {
        if self.stream.shutdown().is_err() {
            self.broken = true;
        }
    }
}
