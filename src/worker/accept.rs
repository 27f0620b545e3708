//! Taking clients in: the worker's duplicates of the listening sockets, and the limits of how many come in.

use super::transport::{Owner, Stream, Transport};
use super::{FIRST_CONNECTION, Loop, Seat};
use crate::config::model::{Address, Bind};
use crate::sample::ProxyId;
use crate::session::Session;
use crate::session::admission::{Admission, Admitted};
use crate::state::queue::SessionKey;
use crate::units::Moment;
use crate::worker::listener::Listening;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Token};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Clients taken from one listener in a turn (HAProxy's `tune.maxaccept` is of this order).
const ACCEPTS: usize = 64;
/// How long accepting rests when the host has no descriptors left, in milliseconds.
const REST_MS: u64 = 100;

/// A listening socket as this worker polls it.
#[derive(Debug)]
pub struct Door {
    socket: Arc<socket2::Socket>,
    listener: Listener,
    frontend: ProxyId,
    bind: Bind,
    /// There may be somebody at the door.
    rung: bool,
    rest_until: Moment,
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Door {
    fn open(listening: &Listening) -> io::Result<Door> {
        let duplicate = listening.socket.try_clone()?;
        let listener = match duplicate.local_addr()?.is_unix() {
            true => Listener::Unix(UnixListener::from_std(duplicate.into())),
            false => Listener::Tcp(TcpListener::from_std(duplicate.into())),
        };
        Ok(Door {
            socket: listening.socket.clone(),
            listener,
            frontend: listening.frontend,
            bind: listening.bind.clone(),
            rung: true,
            rest_until: Moment(0),
        })
    }

    fn accept(&mut self) -> io::Result<(Stream, Option<SocketAddr>)> {
        match &mut self.listener {
            Listener::Tcp(listener) => listener.accept().map(|(stream, source)| (Stream::Tcp(stream), Some(source))),
            Listener::Unix(listener) => listener.accept().map(|(stream, _)| (Stream::Unix(stream), None)),
        }
    }
}

impl Loop {
    /// Listens on just these sockets: those that are known go on, new ones are opened, the rest is closed.
    pub(super) fn open_doors(&mut self, listeners: &[Listening]) -> io::Result<()> {
        let mut doors = Vec::with_capacity(listeners.len());
        let mut fault = None;
        for listening in listeners {
            let known = self.doors.iter().position(|door| Arc::ptr_eq(&door.socket, &listening.socket));
            match known.map(|index| Ok(self.doors.swap_remove(index))).unwrap_or_else(|| Door::open(listening)) {
                Ok(door) => doors.push(Door { frontend: listening.frontend, bind: listening.bind.clone(), ..door }),
                Err(unopened) => fault = Some(unopened),
            }
        }
        // Dropping a door closes this worker's duplicate, and so ends its registration.
        self.doors = doors;
        for (index, door) in self.doors.iter_mut().enumerate() {
            if let (Listener::Tcp(_), Some((proxy, _))) = (&door.listener, self.current.proxy(door.frontend)) {
                // Accepted sockets inherit both, which saves two calls for each.
                door.socket.set_tcp_nodelay(true)?;
                door.socket.set_keepalive(proxy.options.client_keepalive_probes)?;
            }
            let token = Token(index + 1);
            let registry = self.poll.registry();
            let interest = Interest::READABLE;
            let registered = match &mut door.listener {
                Listener::Tcp(listener) => {
                    registry.register(listener, token, interest).or_else(|_| registry.reregister(listener, token, interest))
                }
                Listener::Unix(listener) => {
                    registry.register(listener, token, interest).or_else(|_| registry.reregister(listener, token, interest))
                }
            };
            if let Err(unregistered) = registered {
                fault = Some(unregistered);
            }
            door.rung = true;
        }
        fault.map_or(Ok(()), Err)
    }

    /// Somebody is at a door.
    pub(super) fn ring(&mut self, door: usize) {
        if let Some(door) = self.doors.get_mut(door) {
            door.rung = true;
        }
    }

    pub(super) fn has_rung(&self) -> bool {
        !self.paused && self.doors.iter().any(|door| door.rung && door.rest_until <= self.now && self.frontend_has_room(door))
    }

    /// When a door that rests may be tried again.
    pub(super) fn accept_again(&self) -> Moment {
        let resting = self.doors.iter().filter(|door| door.rung && door.rest_until > self.now);
        resting.map(|door| door.rest_until).min().unwrap_or(Moment::NEVER)
    }

    /// Is the process below its `maxconn`?
    pub(super) fn has_room(&self) -> bool {
        let most = self.current.config.global.maxconn;
        most.is_none_or(|most| self.state.connections.load(Ordering::Relaxed) < most as usize)
    }

    fn frontend_has_room(&self, door: &Door) -> bool {
        let Some((proxy, live)) = self.current.proxy(door.frontend) else { return false };
        proxy.maxconn.is_none_or(|most| live.state.connections.load(Ordering::Relaxed) < most as usize)
    }

    pub(super) fn accept(&mut self) {
        if self.paused {
            return;
        }
        for index in 0..self.doors.len() {
            for _ in 0..ACCEPTS {
                let room = self.has_room() && self.doors.get(index).is_some_and(|door| self.frontend_has_room(door));
                let Some(door) = self.doors.get_mut(index).filter(|door| room && door.rung && door.rest_until <= self.now) else { break };
                let frontend = door.frontend;
                let destination = match &door.bind.address {
                    Address::Inet(address) => Some(*address),
                    _ => None,
                };
                let greeted = door.bind.accept_proxy;
                match door.accept() {
                    Ok((stream, source)) => {
                        if let Some((connection, destination)) = self.let_in(stream, destination) {
                            self.admit(connection, frontend, Admitted::plain(source, destination), greeted);
                        }
                    }
                    Err(fault) if fault.kind() == ErrorKind::WouldBlock => door.rung = false,
                    // The client went away before it was let in.
                    Err(fault) if matches!(fault.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
                    Err(fault) => {
                        log::warn!("cannot accept on {:?}: {fault}", door.bind.address);
                        door.rest_until = Moment(self.now.0 + REST_MS);
                    }
                }
            }
        }
    }

    /// Takes a connection in, and counts it; says which one it is, and what it connected to.
    fn let_in(&mut self, stream: Stream, bound: Option<SocketAddr>) -> Option<(u32, Option<SocketAddr>)> {
        let destination = match bound {
            Some(address) if address.ip().is_unspecified() => stream.local_address().or(bound),
            bound => bound,
        };
        let mut transport = Transport::new(stream, Owner::Arriving);
        // It can be written to; whether it has sent something, the first event tells.
        transport.writable = true;
        let client = self.transports.insert(transport);
        let token = Token(FIRST_CONNECTION + client as usize);
        let registered = self.transports.get_mut(client).map(|transport| transport.register(self.poll.registry(), token));
        if !matches!(registered, Some(Ok(()))) {
            self.transports.remove(client);
            return None;
        }
        self.state.connections.fetch_add(1, Ordering::Relaxed);
        self.state.connections_total.fetch_add(1, Ordering::Relaxed);
        Some((client, destination))
    }

    /// Lets a client in as the rules of its frontend say; one that has to introduce itself (`accept-proxy`, `expect-proxy`) waits.
    fn admit(&mut self, client: u32, frontend: ProxyId, plain: Admitted, greeted: bool) {
        let (index, generation) = self.seats.next();
        let key = SessionKey { worker: self.index, index, generation };
        let (source, destination) = (plain.source, plain.destination);
        let admitted = match Session::admit(key, frontend, plain, &mut self.context()) {
            None => Admitted::plain(source, destination),
            Some(Admission::In(admitted)) => *admitted,
            Some(Admission::Reset) => return self.shut_out(client, Stream::reset),
            Some(Admission::Drop) => return self.shut_out(client, Stream::fall_silent),
        };
        match greeted || admitted.expects_proxy {
            true => self.await_greeting(client, admitted, frontend),
            false => self.seat(client, admitted, frontend),
        }
    }

    fn shut_out(&mut self, client: u32, how: fn(&Stream)) {
        if let Some(transport) = self.transports.get_mut(client) {
            how(&transport.stream);
        }
        self.turn_away(client);
    }

    /// Begins the session of a client.
    pub(super) fn seat(&mut self, client: u32, admitted: Admitted, frontend: ProxyId) {
        let (index, generation) = self.seats.next();
        if let Some(transport) = self.transports.get_mut(client) {
            transport.owner = Owner::Client(index);
        }
        let key = SessionKey { worker: self.index, index, generation };
        let mut cx = self.context();
        let session = Session::accept_admitted(key, frontend, admitted, &mut cx);
        if session.looks_first()
            && let Some(transport) = self.transports.get_mut(client)
        {
            transport.readable = true;
        }
        self.seats.insert(Seat { session, generation, client, server: None, scheduled: Moment::NEVER, is_ready: false });
        self.carry_out(index, &[]);
        self.make_ready(index);
    }
}
