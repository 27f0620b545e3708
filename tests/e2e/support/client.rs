//! A raw client: it sends the bytes it is given and reads answers by their framing. A failure prints both sides of the wire.

use super::wire::{Message, Role, Wire};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A client's connection.
pub struct Client {
    wire: Wire,
}

impl Client {
    /// Connects to a port of 127.0.0.1.
    #[track_caller]
    pub fn connect(port: u16) -> Client {
        Client::try_connect(port).unwrap_or_else(|error| panic!("cannot connect to port {port}: {error}"))
    }

    /// Connects, or says why not.
    pub fn try_connect(port: u16) -> io::Result<Client> {
        let stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), super::PATIENCE)?;
        Ok(Client { wire: Wire::new(stream)? })
    }

    /// Connects to any address.
    #[track_caller]
    pub fn connect_to(address: SocketAddr) -> Client {
        let stream = TcpStream::connect_timeout(&address, super::PATIENCE);
        let stream = stream.unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"));
        Client { wire: Wire::new(stream).expect("a stream") }
    }

    /// Connects from another loopback address.
    #[track_caller]
    pub fn connect_from(source: Ipv4Addr, port: u16) -> Client {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::new(IpAddr::V4(source), 0).into()).expect("a loopback address");
        let target = SocketAddr::from(([127, 0, 0, 1], port));
        socket.connect(&target.into()).unwrap_or_else(|error| panic!("cannot connect from {source} to port {port}: {error}"));
        Client { wire: Wire::new(socket.into()).expect("a stream") }
    }

    /// The connection itself.
    pub fn wire(&mut self) -> &mut Wire {
        &mut self.wire
    }

    /// The port that the client speaks from.
    pub fn port(&self) -> u16 {
        self.wire.stream().local_addr().map_or(0, |address| address.port())
    }

    /// Sends bytes.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = self.wire.send(bytes.as_ref());
        self.checked("send", sent);
    }

    /// Sends bytes one by one.
    #[track_caller]
    pub fn dribble(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = self.wire.dribble(bytes.as_ref());
        self.checked("send byte by byte", sent);
    }

    /// Reads a response by its framing.
    #[track_caller]
    pub fn response(&mut self) -> Message {
        self.message(Role::Response)
    }

    /// Reads the response to a HEAD.
    #[track_caller]
    pub fn head_response(&mut self) -> Message {
        self.message(Role::HeadResponse)
    }

    /// Sends a GET for a path and reads the response.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Message {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: e2e\r\n\r\n"));
        self.response()
    }

    /// Sends bytes and reads a response.
    #[track_caller]
    pub fn ask(&mut self, bytes: impl AsRef<[u8]>) -> Message {
        self.send(bytes);
        self.response()
    }

    /// Reads until the peer closes.
    #[track_caller]
    pub fn read_to_end(&mut self) -> Vec<u8> {
        let read = self.wire.read_to_end();
        self.checked("read to the end", read)
    }

    /// Reads that many bytes.
    #[track_caller]
    pub fn read_exactly(&mut self, count: usize) -> Vec<u8> {
        let read = self.wire.read_exactly(count);
        self.checked("read", read)
    }

    /// Fails unless the peer now closes without another byte.
    #[track_caller]
    pub fn expect_close(&mut self) {
        let rest = self.read_to_end();
        assert!(rest.is_empty(), "expected a close, got more\n{}", self.wire.transcript());
    }

    /// Fails when anything comes, or the peer closes, within that time.
    #[track_caller]
    pub fn expect_silence(&mut self, time: Duration) {
        assert!(self.wire.is_silent_for(time), "expected nothing for {time:?}\n{}", self.wire.transcript());
    }

    #[track_caller]
    fn message(&mut self, role: Role) -> Message {
        let read = self.wire.read_message(role);
        let message = self.checked("read a response", read);
        message.unwrap_or_else(|| panic!("closed where a response was expected\n{}", self.wire.transcript()))
    }

    #[track_caller]
    fn checked<T>(&self, what: &str, outcome: io::Result<T>) -> T {
        outcome.unwrap_or_else(|error| panic!("could not {what}: {error}\n{}", self.wire.transcript()))
    }
}

/// One GET on a connection of its own.
#[track_caller]
pub fn get(port: u16, path: &str) -> Message {
    Client::connect(port).get(path)
}
