//! Opening connections to servers, keeping idle ones, and closing so that nothing that was written is lost.

use super::outgoing::Journey;
use super::transport::{Owner, Transport};
use super::{FIRST_CONNECTION, Loop, SWEEP_MS};
use crate::sample::ProxyId;
use crate::session::assign::ConnectFault;
use crate::session::output::Reuse;
use crate::session::{Connected, Side};
use crate::units::Moment;
use mio::Token;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// How long what still comes on a connection that is left is thrown away.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);
/// How long it may go on without taking anything of what was written.
const TAKE_WITHIN: Duration = Duration::from_secs(10);

impl Loop {
    /// Gets a session a connection to a server: an idle one, or a new one.
    pub(super) fn connect(&mut self, index: u32, backend: ProxyId, server: usize, reuse: Reuse) {
        let Some(seat) = self.seats.get(index) else { return };
        let running = seat.session.running().clone();
        let Some((proxy, live)) = running.proxy(backend) else { return };
        let (Some(line), Some(destination)) = (proxy.line(server), live.destinations.get(server)) else { return };
        let (target, client) = (seat.session.target(line), seat.session.client_address());
        if reuse != Reuse::Never
            && let Some(idle) = self.take_idle(*destination, reuse)
        {
            let mut from = None;
            if let Some(transport) = self.transports.get_mut(idle) {
                transport.owner = Owner::Server(index);
                transport.reuses = transport.reuses.saturating_add(1);
                from = transport.local;
            }
            if let Some(seat) = self.seats.get_mut(index) {
                seat.server = Some(idle);
            }
            self.with_session(index, |session, cx| {
                session.connects_from(from);
                session.connected(cx, Connected::Reused);
            });
            return;
        }
        let journey = Journey { global: &running.config.global, proxy, server: line, target, client };
        match self.open(index, &journey) {
            Ok(connection) => {
                if let Some(seat) = self.seats.get_mut(index) {
                    seat.server = Some(connection);
                }
            }
            Err(fault) => {
                let fault = connect_fault(&fault);
                self.with_session(index, |session, cx| session.connect_failed(cx, fault));
            }
        }
    }

    fn take_idle(&mut self, destination: usize, reuse: Reuse) -> Option<u32> {
        loop {
            let idle = self.pool.take(destination)?;
            let Some(transport) = self.transports.get(idle) else { continue };
            let is_good = !transport.readable && !transport.broken && (reuse == Reuse::Idle || transport.stream.is_quiet());
            if is_good {
                return Some(idle);
            }
            self.transports.remove(idle);
        }
    }

    /// Begins a connection; its first event says how it went.
    fn open(&mut self, index: u32, journey: &Journey) -> io::Result<u32> {
        let stream = journey.begin(&mut self.next_port)?;
        let mut transport = Transport::new(stream, Owner::Connecting(index));
        transport.idle_limits = journey.server.reach.idle;
        let connection = self.transports.insert(transport);
        let token = Token(FIRST_CONNECTION + connection as usize);
        if let Some(transport) = self.transports.get_mut(connection)
            && let Err(fault) = transport.register(self.poll.registry(), token)
        {
            self.transports.remove(connection);
            return Err(fault);
        }
        Ok(connection)
    }

    /// A connection attempt has news: it stands, or it failed.
    pub(super) fn finish_connecting(&mut self, index: u32, connection: u32) {
        let Some(transport) = self.transports.get_mut(connection) else { return };
        if !transport.writable && !transport.readable {
            return;
        }
        match transport.stream.take_error() {
            None => {
                transport.owner = Owner::Server(index);
                // What was readable so far was the news of the connection itself.
                transport.local = transport.stream.local_address();
                let from = transport.local;
                self.with_session(index, |session, cx| {
                    session.connects_from(from);
                    session.connected(cx, Connected::Fresh);
                });
            }
            Some(fault) => {
                self.transports.remove(connection);
                if let Some(seat) = self.seats.get_mut(index) {
                    seat.server = None;
                }
                self.with_session(index, |session, cx| session.connect_failed(cx, connect_fault(&fault)));
            }
        }
    }

    /// Keeps a session's connection to its server for others.
    pub(super) fn keep_server(&mut self, index: u32, destination: usize) {
        let Some(connection) = self.seats.get_mut(index).and_then(|seat| seat.server.take()) else { return };
        let Some(transport) = self.transports.get_mut(connection) else { return };
        let is_good = !transport.has_unread() && !transport.hung_up && !transport.broken && !transport.is_blocked();
        let limits = transport.idle_limits;
        let may_stay = limits.reuses.is_none_or(|most| transport.reuses < most)
            && limits.most.is_none_or(|most| self.pool.len(destination) < most as usize)
            && !limits.purge_delay.is_zero();
        if is_good && may_stay && !self.finishing {
            transport.owner = Owner::Idle(destination);
            self.pool.put(destination, connection, self.now.after(Some(limits.purge_delay)));
            self.sweep_within(SWEEP_MS);
        } else {
            self.transports.remove(connection);
        }
    }

    /// Tells a side that nothing more will come, once all has been written.
    pub(super) fn finish_writing(&mut self, index: u32, side: Side) {
        if let Some(transport) = self.connection_of(index, side).and_then(|connection| self.transports.get_mut(connection)) {
            transport.finish_when_drained();
        }
    }

    /// Closes a session's connection to its server; what was written for it may still leave.
    pub(super) fn close_server(&mut self, index: u32) {
        if let Some(connection) = self.seats.get_mut(index).and_then(|seat| seat.server.take()) {
            let blocked = self.transports.get(connection).is_some_and(|transport| transport.is_blocked() && !transport.broken);
            match blocked {
                true => self.leave(connection),
                false => drop(self.transports.remove(connection)),
            }
        }
    }

    /// Ends a seat: its client's connection is closed once all has been written, or at once.
    pub(super) fn vacate(&mut self, index: u32, at_once: bool) {
        self.close_server(index);
        let Some(seat) = self.seats.remove(index) else { return };
        self.state.connections.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        let Some(transport) = self.transports.get_mut(seat.client) else { return };
        let unread = transport.has_unread() || (seat.session.client_may_send() && !transport.hung_up);
        if at_once || transport.broken || !(transport.is_blocked() || unread) {
            self.transports.remove(seat.client);
        } else {
            self.leave(seat.client);
        }
    }

    /// Lets a client go without telling it (`silent-drop`): a socket under repair closes without a word where that is allowed;
    /// elsewhere the reset that tells it goes no further than the first router, as HAProxy has it.
    pub(super) fn drop_client(&mut self, index: u32) {
        let client = self.seats.get(index).map(|seat| seat.client);
        if let Some(transport) = client.and_then(|client| self.transports.get(client)) {
            transport.stream.fall_silent();
        }
        self.vacate(index, true);
    }

    /// Lets a connection go: what was written leaves, then the peer is told, and what it sends is thrown away for a while,
    /// because closing a socket with unread input would reset what is still on its way.
    fn leave(&mut self, connection: u32) {
        let Some(transport) = self.transports.get_mut(connection) else { return };
        transport.owner = Owner::Leaving;
        let blocked = transport.is_blocked();
        if !blocked {
            transport.finish_writing();
        }
        self.leaving.push((connection, self.now.after(Some(if blocked { TAKE_WITHIN } else { LEAVE_WITHIN }))));
        self.sweep_within(SWEEP_MS / 4);
        self.see_off(connection);
    }

    /// Drains and discards for a connection that is left; closes it when the peer has closed too.
    pub(super) fn see_off(&mut self, connection: u32) {
        let Some(transport) = self.transports.get_mut(connection) else { return };
        if transport.is_blocked() {
            let before = transport.unsent();
            transport.drain(&mut self.desk.buffers);
            let within = match transport.is_blocked() {
                true => TAKE_WITHIN,
                false => LEAVE_WITHIN,
            };
            if transport.unsent() < before {
                let until = self.now.after(Some(within));
                self.leaving.iter_mut().filter(|(other, _)| *other == connection).for_each(|(_, end)| *end = until);
            }
            if !transport.is_blocked() && !transport.broken {
                transport.finish_writing();
            }
        }
        let has_closed = transport.discard(&mut self.desk.buffers).unwrap_or(true);
        if transport.broken || (has_closed && !transport.is_blocked()) {
            self.transports.remove(connection);
            self.leaving.retain(|(other, _)| *other != connection);
        }
    }

    /// An idle connection has news: its server has closed it, or sent what nobody asked for.
    pub(super) fn close_idle(&mut self, destination: usize, connection: u32) {
        self.pool.forget(destination, connection);
        self.transports.remove(connection);
    }

    pub(super) fn close_idle_since(&mut self, now: Moment) {
        let mut closed = Vec::new();
        self.pool.expire(now, &mut closed);
        for connection in closed {
            self.transports.remove(connection);
        }
    }

    /// Closes idle connections that nobody needed for a while, and left ones whose time is up.
    pub(super) fn sweep(&mut self) {
        self.close_idle_since(self.now);
        let now = self.now;
        let transports = &mut self.transports;
        self.leaving.retain(|(connection, until)| {
            let stays = *until > now;
            if !stays {
                transports.remove(*connection);
            }
            stays
        });
        self.next_sweep = Moment::NEVER;
        if !self.leaving.is_empty() || !self.pool.is_empty() {
            self.sweep_within(SWEEP_MS);
        }
        let is_behind = |(connection, _): &(u32, Moment)| self.transports.get(*connection).is_some_and(|transport| transport.readable);
        let behind: Vec<u32> = self.leaving.iter().filter(|left| is_behind(left)).map(|(connection, _)| *connection).collect();
        for connection in behind {
            self.sweep_within(SWEEP_MS / 4);
            self.see_off(connection);
        }
        self.sweep_arrivals();
    }

    fn sweep_within(&mut self, ms: u64) {
        self.next_sweep = self.next_sweep.min(Moment(self.now.0 + ms));
    }

    /// The connection of a session's side.
    pub(super) fn connection_of(&self, index: u32, side: Side) -> Option<u32> {
        let seat = self.seats.get(index)?;
        match side {
            Side::Client => Some(seat.client),
            Side::Server => seat.server,
        }
    }
}

fn connect_fault(fault: &io::Error) -> ConnectFault {
    match fault.kind() {
        ErrorKind::TimedOut => ConnectFault::TimedOut,
        ErrorKind::AddrInUse | ErrorKind::OutOfMemory => ConnectFault::NoResources,
        // EMFILE and ENFILE have no kind of their own.
        _ if matches!(fault.raw_os_error(), Some(23 | 24)) => ConnectFault::NoResources,
        _ => ConnectFault::Refused,
    }
}
