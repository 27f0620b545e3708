//! Sockets for connections to servers, with all that the configuration says of them: where they come from, buffers, probes.
//! What becomes of the connection afterwards is `connections`'.

use super::transport::Stream;
use crate::config::model::{Address, Global, KernelBuffers, Probes, Proxy, Server};
use crate::config::reach::{Foreign, Outgoing};
use mio::net::{TcpStream, UnixStream};
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::linux::net::SocketAddrExt;
use std::time::Duration;

/// Ports of a range that are tried for one connection (HAProxy's number).
const PORTS_TRIED: u16 = 10;

/// A connection that is to be made.
pub(super) struct Journey<'a> {
    /// The process's settings.
    pub(super) global: &'a Global,
    /// The backend's.
    pub(super) proxy: &'a Proxy,
    /// The server's.
    pub(super) server: &'a Server,
    /// Where it goes, for an internet address.
    pub(super) target: Option<SocketAddr>,
    /// The client that it is made for.
    pub(super) client: Option<SocketAddr>,
}

impl Journey<'_> {
    /// Begins the connection. `turn` says with which port of a range to begin, and moves on.
    pub(super) fn begin(&self, turn: &mut u16) -> io::Result<Stream> {
        match &self.server.address {
            Address::Inet(_) => {
                let target = self.target.ok_or(ErrorKind::AddrNotAvailable)?;
                let stream = match &self.server.reach.source {
                    Some(source) => self.begin_from(source, target, turn)?,
                    None if self.has_buffers() => self.connect(target, None)?,
                    None => TcpStream::connect(target)?,
                };
                self.settle(&stream)?;
                Ok(Stream::Tcp(stream))
            }
            Address::Unix(path) => Ok(Stream::Unix(UnixStream::connect(path)?)),
            Address::Abstract(name) => {
                let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
                Ok(Stream::Unix(UnixStream::connect_addr(&address)?))
            }
            Address::Inherited(_) => Err(ErrorKind::AddrNotAvailable.into()),
        }
    }

    fn has_buffers(&self) -> bool {
        self.global.server_buffers.receive.is_some() || self.global.server_buffers.send.is_some()
    }

    fn settle(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let options = &self.proxy.options;
        if options.server_keepalive_probes {
            probe(&SockRef::from(stream), &options.server_probes)?;
        }
        if options.no_linger {
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
        }
        if let Some(time) = self.server.reach.tcp_user_timeout {
            SockRef::from(stream).set_tcp_user_timeout(Some(time))?;
        }
        Ok(())
    }

    fn begin_from(&self, source: &Outgoing, target: SocketAddr, turn: &mut u16) -> io::Result<TcpStream> {
        let (first, last) = source.ports;
        let count = last.saturating_sub(first).saturating_add(1);
        let mut outcome = Err(ErrorKind::AddrNotAvailable.into());
        for _ in 0..count.min(PORTS_TRIED) {
            let port = first.saturating_add(*turn % count);
            *turn = turn.wrapping_add(1);
            outcome = self.connect(target, Some((source, port)));
            let is_taken = |fault: &io::Error| first > 0 && matches!(fault.kind(), ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable);
            if !outcome.as_ref().is_err_and(is_taken) {
                break;
            }
        }
        outcome
    }

    fn connect(&self, target: SocketAddr, from: Option<(&Outgoing, u16)>) -> io::Result<TcpStream> {
        let socket = Socket::new(Domain::for_address(target), Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
        set_buffers(&SockRef::from(&socket), &self.global.server_buffers)?;
        if let Some((source, port)) = from {
            self.bind(&socket, source, port, target)?;
        }
        match socket.connect(&target.into()) {
            Err(fault) if fault.raw_os_error() != Some(nix::libc::EINPROGRESS) => return Err(fault),
            _ => {}
        }
        Ok(TcpStream::from_std(socket.into()))
    }

    fn bind(&self, socket: &Socket, source: &Outgoing, port: u16, target: SocketAddr) -> io::Result<()> {
        if let Some(interface) = &source.interface {
            socket.bind_device(Some(interface.as_bytes()))?;
        }
        let foreign = match (source.foreign, self.client) {
            (Some(Foreign::Fixed(address)), _) => Some(address),
            (Some(Foreign::Client), Some(client)) => Some(client),
            (Some(Foreign::ClientAddress), Some(client)) => Some(SocketAddr::new(client.ip(), 0)),
            (Some(Foreign::Client | Foreign::ClientAddress), None) | (None, _) => None,
        };
        let any: IpAddr = if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let from = foreign.unwrap_or(SocketAddr::new(source.address.unwrap_or(any), port));
        if from.ip().is_unspecified() && from.port() == 0 {
            return Ok(());
        }
        if foreign.is_some() {
            let allowed = if target.is_ipv4() { socket.set_ip_transparent_v4(true) } else { socket.set_ip_transparent_v6(true) };
            allowed.inspect_err(|fault| log::warn!("an address that is not this host's needs CAP_NET_ADMIN: {fault}"))?;
        }
        socket.set_reuse_address(true)?;
        if from.port() == 0 {
            // The port is chosen when the peer is known, so that one port serves connections to several peers.
            setsockopt(socket, sockopt::IpBindAddressNoPort, &true)?;
        }
        socket.bind(&SocketAddr::new(from.ip().to_canonical(), from.port()).into())
    }
}

/// Asks the system for buffers of these sizes.
pub(super) fn set_buffers(socket: &SockRef, sizes: &KernelBuffers) -> io::Result<()> {
    if let Some(size) = sizes.receive {
        socket.set_recv_buffer_size(size)?;
    }
    sizes.send.map_or(Ok(()), |size| socket.set_send_buffer_size(size))
}

/// Lets the system probe an idle connection.
pub(super) fn probe(socket: &SockRef, probes: &Probes) -> io::Result<()> {
    socket.set_keepalive(true)?;
    let mut settings = TcpKeepalive::new();
    if let Some(idle) = probes.idle {
        settings = settings.with_time(idle);
    }
    if let Some(interval) = probes.interval {
        settings = settings.with_interval(interval);
    }
    if let Some(count) = probes.count {
        settings = settings.with_retries(count);
    }
    if probes.is_default() { Ok(()) } else { socket.set_tcp_keepalive(&settings) }
}
