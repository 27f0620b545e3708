//! One run of a check on its sockets: connecting, writing, reading, as its `Conversation` asks.
//! When it runs and what comes of it is `checker`'s.

use super::sockets::describe;
use crate::check::{Conversation, Demand, Verdict};
use crate::config::model::Address;
use crate::config::model_check::CheckAddress;
use crate::http::proxy_header::{self, Ends};
use crate::sample::World;
use crate::units::Moment;
use crate::worker::log_sink::abstract_address;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;

/// How long a check may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// For all of it, where no time is set for the answer.
    pub(super) whole: Duration,
    /// For a connection.
    pub(super) connect: Duration,
    /// For what follows a connection, when it is set.
    pub(super) answer: Option<Duration>,
}

/// Where a check connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The server's own address, or that of its checks.
    pub(super) address: Address,
    /// The version of the PROXY header that its connections begin with; 0 for none.
    pub(super) send_proxy: u8,
    pub(super) limits: Limits,
}

/// A check under way.
#[derive(Debug)]
pub(super) struct Probe {
    conversation: Conversation,
    target: Target,
    token: Token,
    line: Option<Line>,
    pub(super) began: Moment,
    pub(super) deadline: Moment,
}

/// A connection of a check.
#[derive(Debug)]
struct Line {
    socket: Socket,
    is_connected: bool,
    /// The PROXY header, as far as it has not gone out.
    greeting: Vec<u8>,
}

impl Probe {
    pub(super) fn new(conversation: Conversation, target: Target, token: Token, now: Moment) -> Probe {
        let deadline = now.after(Some(target.limits.whole));
        Probe { conversation, target, token, line: None, began: now, deadline }
    }

    /// Goes on as far as the sockets allow.
    pub(super) fn advance(&mut self, now: Moment, world: &dyn World, registry: &Registry) -> Option<Verdict> {
        loop {
            let step = match self.conversation.advance(world) {
                Demand::End(verdict) => {
                    // A check that only connects still says that it is no client.
                    let _ = self.line.as_mut().map(Line::send_greeting);
                    return Some(verdict);
                }
                Demand::Connect => self.connect(now, world, registry),
                Demand::Write => self.write(),
                Demand::Read => self.read(),
            };
            match step {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Some(self.conversation.failed(&describe(&error))),
            }
        }
    }

    /// The verdict when the deadline has passed.
    pub(super) fn timed_out(&self) -> Verdict {
        self.conversation.timed_out()
    }

    fn connect(&mut self, now: Moment, world: &dyn World, registry: &Registry) -> io::Result<()> {
        let line = match self.line.take().filter(|line| !line.is_connected) {
            Some(line) => line,
            None => {
                // The connection before, if any, has been dropped, and is out of the poll with that.
                let line = self.begin(world, registry)?;
                if self.target.limits.answer.is_some() {
                    self.deadline = self.deadline.min(now.after(Some(self.target.limits.connect)));
                }
                line
            }
        };
        let line = self.line.insert(line);
        if let Some(error) = line.socket.take_error()? {
            return Err(error);
        }
        if line.socket.peer_addr().is_err() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        line.is_connected = true;
        let asked = self.conversation.connection();
        let version = match asked {
            Some(asked) if asked.send_proxy => self.target.send_proxy.max(1),
            Some(asked) if asked.as_server => self.target.send_proxy,
            _ => 0,
        };
        line.greet(version);
        if asked.is_some_and(|asked| asked.linger) {
            line.socket.set_linger(None)?;
        }
        if self.target.limits.answer.is_some() {
            self.deadline = now.after(self.target.limits.answer);
        }
        self.conversation.note_connected();
        Ok(())
    }

    fn begin(&self, world: &dyn World, registry: &Registry) -> io::Result<Line> {
        let address = self.address(world);
        let (domain, address) = match &address {
            Address::Inet(address) => (Domain::for_address(*address), SockAddr::from(*address)),
            Address::Unix(path) => (Domain::UNIX, SockAddr::unix(path)?),
            Address::Abstract(name) => (Domain::UNIX, abstract_address(name)?),
            Address::Inherited(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        let socket = Socket::new(domain, Type::STREAM.nonblocking().cloexec(), None)?;
        socket.set_linger(Some(Duration::ZERO))?;
        match socket.connect(&address) {
            Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => return Err(error),
            _ => {}
        }
        registry.register(&mut SourceFd(&socket.as_raw_fd()), self.token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Line { socket, is_connected: false, greeting: Vec::new() })
    }

    /// Where the connection that is asked for goes.
    fn address(&self, world: &dyn World) -> Address {
        let usual = &self.target.address;
        let asked = self.conversation.connection().and_then(|asked| asked.address.as_ref());
        let own_port = match usual {
            Address::Inet(address) => address.port(),
            _ => 0,
        };
        let port = self.conversation.port(world).unwrap_or(own_port);
        match (asked, usual) {
            (Some(CheckAddress::Whole(address)), _) => address.clone(),
            (Some(CheckAddress::Host(ip)), _) => Address::Inet(SocketAddr::new(*ip, port)),
            (None, Address::Inet(address)) => Address::Inet(SocketAddr::new(address.ip(), port)),
            (None, other) => other.clone(),
        }
    }

    /// The PROXY header goes out with the first bytes behind it.
    fn write(&mut self) -> io::Result<()> {
        let Some(line) = &mut self.line else { return Err(io::ErrorKind::NotConnected.into()) };
        let bytes = [&line.greeting, self.conversation.output()].concat();
        let count = line.socket.send_with_flags(&bytes, nix::libc::MSG_NOSIGNAL)?;
        let greeted = count.min(line.greeting.len());
        line.greeting.drain(..greeted);
        self.conversation.note_sent(count - greeted);
        Ok(())
    }

    fn read(&mut self) -> io::Result<()> {
        let Some(line) = &mut self.line else { return Err(io::ErrorKind::NotConnected.into()) };
        line.send_greeting()?;
        let mut piece = [0; 4096];
        match (&line.socket).read(&mut piece)? {
            0 => self.conversation.note_end(),
            count => self.conversation.fill(piece.get(..count).unwrap_or_default()),
        }
        Ok(())
    }

    /// Goes on under another token; `false` when the poll does not take it.
    pub(super) fn goes_on_as(&mut self, token: Token, registry: &Registry) -> bool {
        self.token = token;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.line.as_ref().is_none_or(|line| registry.reregister(&mut SourceFd(&line.socket.as_raw_fd()), token, interest).is_ok())
    }

    /// Is it about this target?
    pub(super) fn is_for(&self, target: &Target) -> bool {
        self.target == *target
    }
}

impl Line {
    /// What tells the server that this is no client's connection.
    fn greet(&mut self, version: u8) {
        let own = |address: io::Result<SockAddr>| address.ok().and_then(|address| address.as_socket());
        let ends = own(self.socket.local_addr()).zip(own(self.socket.peer_addr()));
        match version {
            0 => {}
            1 => proxy_header::render_line(ends.map(|(source, destination)| Ends { source, destination }), &mut self.greeting),
            _ => proxy_header::render_binary(None, &mut self.greeting),
        }
    }

    fn send_greeting(&mut self) -> io::Result<()> {
        while !self.greeting.is_empty() {
            let count = self.socket.send_with_flags(&self.greeting, nix::libc::MSG_NOSIGNAL)?;
            self.greeting.drain(..count.min(self.greeting.len()));
        }
        Ok(())
    }
}
