//! Taking clients in: the worker's duplicates of the listening sockets, and the limits of how many come in.

use super::outgoing::{probe, set_buffers};
use super::place::Place;
use super::transport::{Owner, Stream, Transport};
use super::{FIRST_CONNECTION, Loop, Seat};
use crate::config::model::{Address, Bind};
use crate::sample::ProxyId;
use crate::session::Session;
use crate::session::admission::{Admission, Admitted};
use crate::state::State;
use crate::state::queue::SessionKey;
use crate::units::Moment;
use crate::worker::listener::Listening;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Token};
use socket2::SockRef;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Clients taken from one listener in a turn, where `tune.maxaccept` does not say how many.
const ACCEPTS: u32 = 64;
/// How long accepting rests when as many have come as may come in a second, in milliseconds.
const RATE_REST_MS: u64 = 10;
/// How long accepting rests when the host has no descriptors left, in milliseconds.
const REST_MS: u64 = 100;

/// A client that has come, and has no session yet.
pub(super) struct Newcomer {
    pub(super) connection: u32,
    pub(super) client: Admitted,
    pub(super) frontend: ProxyId,
    pub(super) place: Option<Place>,
}

/// A listening socket as this worker polls it.
#[derive(Debug)]
pub struct Door {
    socket: Arc<socket2::Socket>,
    listener: Listener,
    frontend: ProxyId,
    bind: Bind,
    /// Clients that it has, where `maxconn` of its line limits them.
    taken: Arc<AtomicUsize>,
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
    fn open(listening: &Listening, state: &State) -> io::Result<Door> {
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
            taken: state.places_at(&listening.bind.address),
            rung: true,
            rest_until: Moment(0),
        })
    }

    /// The address that it listens on.
    pub(super) fn address(&self) -> &Address {
        &self.bind.address
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
            match known.map(|index| Ok(self.doors.swap_remove(index))).unwrap_or_else(|| Door::open(listening, &self.state)) {
                Ok(door) => doors.push(Door { frontend: listening.frontend, bind: listening.bind.clone(), ..door }),
                Err(unopened) => fault = Some(unopened),
            }
        }
        let proxies = &self.current.config.proxies;
        self.asks_original = proxies.iter().any(|proxy| proxy.direct.as_ref().is_some_and(|direct| direct.reach.follows_address));
        // Dropping a door closes this worker's duplicate, and so ends its registration.
        self.doors = doors;
        for (index, door) in self.doors.iter_mut().enumerate() {
            if let (Listener::Tcp(_), Some((proxy, _))) = (&door.listener, self.current.proxy(door.frontend)) {
                // Accepted sockets inherit all of this, which saves calls for each.
                let socket = SockRef::from(&*door.socket);
                socket.set_tcp_nodelay(true)?;
                socket.set_linger(proxy.options.no_linger.then_some(Duration::ZERO))?;
                set_buffers(&socket, &self.current.config.global.client_buffers)?;
                match proxy.options.client_keepalive_probes {
                    true => probe(&socket, &proxy.options.client_probes)?,
                    false => socket.set_keepalive(false)?,
                }
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
            && door.bind.maxconn.is_none_or(|most| door.taken.load(Ordering::Relaxed) < most as usize)
    }

    /// Counts one more client of a door against the limits of a second, if all of them allow it.
    fn take_rates(&self, frontend: ProxyId) -> bool {
        let global = &self.current.config.global;
        let own = self.current.proxy(frontend).and_then(|(proxy, live)| Some((&live.state.session_rate, proxy.session_rate?)));
        let limits = [
            global.connection_rate.map(|most| (&self.state.connection_rate, most)),
            global.session_rate.map(|most| (&self.state.session_rate, most)),
            own,
        ];
        let refused = limits.iter().position(|limit| limit.is_some_and(|(rate, most)| !rate.take(self.now, most)));
        if let Some(refused) = refused {
            limits.iter().take(refused).flatten().for_each(|(rate, _)| rate.give_back());
        }
        refused.is_none()
    }

    /// The client that was counted has not come.
    fn give_rates_back(&self, frontend: ProxyId) {
        let global = &self.current.config.global;
        if global.connection_rate.is_some() {
            self.state.connection_rate.give_back();
        }
        if global.session_rate.is_some() {
            self.state.session_rate.give_back();
        }
        if let Some((_, live)) = self.current.proxy(frontend).filter(|(proxy, _)| proxy.session_rate.is_some()) {
            live.state.session_rate.give_back();
        }
    }

    pub(super) fn accept(&mut self) {
        if self.paused {
            return;
        }
        let most = self.current.config.global.max_accept.unwrap_or(ACCEPTS);
        for index in 0..self.doors.len() {
            for _ in 0..most {
                let room = self.has_room() && self.doors.get(index).is_some_and(|door| self.frontend_has_room(door));
                let Some(frontend) = self.doors.get(index).map(|door| door.frontend) else { break };
                let is_open = |door: &&mut Door| room && door.rung && door.rest_until <= self.now;
                let Some(door) = self.doors.get_mut(index).filter(is_open) else { break };
                let place = door.bind.maxconn.map(|most| Place::take(&door.taken, most));
                if place.as_ref().is_some_and(Option::is_none) {
                    break;
                }
                if !self.take_rates(frontend) {
                    if let Some(door) = self.doors.get_mut(index) {
                        door.rest_until = Moment(self.now.0 + RATE_REST_MS);
                    }
                    break;
                }
                if !self.accept_at(index, frontend, place.flatten()) {
                    self.give_rates_back(frontend);
                }
            }
        }
    }

    /// Takes the next client of a door, if there is one.
    fn accept_at(&mut self, index: usize, frontend: ProxyId, place: Option<Place>) -> bool {
        let Some(door) = self.doors.get_mut(index) else { return false };
        let bound = match &door.bind.address {
            Address::Inet(address) => Some(*address),
            _ => None,
        };
        let (greeted, foreign) = (door.bind.accept_proxy, door.bind.transparent);
        match door.accept() {
            Ok((stream, source)) => {
                if let (Stream::Tcp(stream), Some((proxy, _))) = (&stream, self.current.proxy(frontend))
                    && proxy.options.client_keepalive_probes
                {
                    // Inherited as a rule, but not by a client who came before the listening socket was settled. A client
                    // who has gone meanwhile is found out by the first read.
                    let _ = probe(&SockRef::from(stream), &proxy.options.client_probes);
                }
                let destination = self.destination(&stream, bound, foreign);
                if let Some(connection) = self.let_in(stream) {
                    let client = Admitted::plain(source, destination);
                    self.admit(Newcomer { connection, client, frontend, place }, index, greeted);
                }
                return true;
            }
            Err(fault) if fault.kind() == ErrorKind::WouldBlock => door.rung = false,
            // The client went away before it was let in.
            Err(fault) if matches!(fault.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            Err(fault) => {
                log::warn!("cannot accept on {:?}: {fault}", door.bind.address);
                door.rest_until = Moment(self.now.0 + REST_MS);
            }
        }
        false
    }

    /// What a client connected to: as the packet filter found it, where a backend asks for that.
    fn destination(&self, stream: &Stream, bound: Option<SocketAddr>, foreign: bool) -> Option<SocketAddr> {
        let original = if self.asks_original { stream.original_address() } else { None };
        original.or_else(|| match bound {
            Some(address) if foreign || address.ip().is_unspecified() => stream.local_address().or(bound),
            bound => bound,
        })
    }

    /// Takes a connection in, and counts it; says which one it is.
    fn let_in(&mut self, stream: Stream) -> Option<u32> {
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
        Some(client)
    }

    /// Lets a client in as the rules of its frontend say; one that has to introduce itself (`accept-proxy`, `expect-proxy`) waits.
    fn admit(&mut self, mut newcomer: Newcomer, door: usize, greeted: bool) {
        let (index, generation) = self.seats.next();
        let key = SessionKey { worker: self.index, index, generation };
        let plain = Admitted::plain(newcomer.client.source, newcomer.client.destination);
        match Session::admit(key, newcomer.frontend, plain, &mut self.context()) {
            None => {}
            Some(Admission::In(admitted)) => newcomer.client = *admitted,
            Some(Admission::Reset) => return self.shut_out(newcomer.connection, Stream::reset),
            Some(Admission::Drop) => return self.shut_out(newcomer.connection, Stream::fall_silent),
        }
        match greeted || newcomer.client.expects_proxy {
            true => self.await_greeting(newcomer, door),
            false => self.seat(newcomer),
        }
    }

    fn shut_out(&mut self, client: u32, how: fn(&Stream)) {
        if let Some(transport) = self.transports.get_mut(client) {
            how(&transport.stream);
        }
        self.turn_away(client);
    }

    /// Begins the session of a client.
    pub(super) fn seat(&mut self, newcomer: Newcomer) {
        let Newcomer { connection: client, client: admitted, frontend, place } = newcomer;
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
        self.seats.insert(Seat { session, generation, client, server: None, scheduled: Moment::NEVER, is_ready: false, _place: place });
        self.carry_out(index, &[]);
        self.make_ready(index);
    }
}
