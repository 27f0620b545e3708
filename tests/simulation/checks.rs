//! What must hold in the simulated world: after each step, once everybody has done what is left to do, and at the end.

use super::{Seat, World};
use crate::client::Client;
use crate::server::{Place, Server};
use byway::units::Moment;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl World {
    pub(super) fn check(&mut self) {
        let seats = || self.seats.iter().flatten();
        for server in &self.known {
            let taken = seats().filter(|seat| seat.session.slot().is_some_and(|slot| Arc::ptr_eq(slot, server))).count();
            let granted = self.grants.iter().filter(|grant| Arc::ptr_eq(&grant.server, server)).count();
            assert_eq!(server.current(), taken + granted, "slots of {}/{}", server.backend, server.name);
        }
        let is_granted = |seat: &Seat| self.grants.iter().any(|grant| grant.session == seat.session.key());
        let queued = seats().filter(|seat| seat.session.is_queued() && !is_granted(seat)).count();
        let waiting: usize = self.backends().map(|name| self.state.proxy(name, false).queue.len()).sum();
        assert_eq!(waiting, queued, "the queues");
        for seat in seats() {
            let deadline = seat.session.deadline();
            assert!(deadline != Moment::NEVER, "a session without a deadline");
            assert!(deadline.0 <= self.now.0 + 70_000, "a deadline that is too far: {deadline:?} at {:?}", self.now);
        }
        let here = seats().count();
        let connections: usize = self.proxies().map(|(name, pure)| self.state.proxy(name, pure).connections.load(Relaxed)).sum();
        assert_eq!(connections, here, "connections of the frontends");
        assert_eq!(self.state.connections.load(Relaxed), here, "connections");
        let sessions: usize = self.proxies().map(|(name, pure)| self.state.proxy(name, pure).sessions.load(Relaxed)).sum();
        assert!(sessions <= here, "{sessions} sessions of {here} connections");
        for client in &mut self.clients {
            client.check(self.is_calm);
        }
    }

    fn backends(&self) -> impl Iterator<Item = &'static str> {
        ["web", "maint", "f", "other"].into_iter()
    }

    fn proxies(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.backends().flat_map(|name| [(name, false), (name, true)])
    }

    /// Everybody does what is left to do, and time passes where nobody does anything.
    pub(super) fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..20_000 {
            let before = self.progress();
            for client in &mut self.clients {
                client.wire.window = usize::MAX / 2;
                client.act(&mut self.random);
            }
            for server in self.servers.iter_mut() {
                server.wire.window = usize::MAX / 2;
                if !matches!(server.place, Place::Connecting(_)) {
                    server.act(&mut self.random, &mut self.arrived);
                }
            }
            self.connections_come_about();
            self.hand_over_grants();
            self.notice_idle(1);
            self.drive_all();
            self.check();
            if self.seats.iter().all(Option::is_none) && self.grants.is_empty() {
                return;
            }
            let connecting = self.servers.iter().any(|server| matches!(server.place, Place::Connecting(_)));
            quiet = if self.progress() == before && !connecting { quiet + 1 } else { 0 };
            if quiet > 3 {
                let next = self.seats.iter().flatten().map(|seat| seat.session.deadline()).min().expect("a session");
                self.now = self.now.max(next);
            }
        }
        panic!("sessions that do not end");
    }

    /// What changes when anybody does anything.
    fn progress(&self) -> (usize, usize, usize, usize, usize) {
        let wires = || self.clients.iter().map(|client| &client.wire).chain(self.servers.iter().map(|server| &server.wire));
        (
            wires().map(|wire| wire.received.len()).sum(),
            wires().map(|wire| wire.inbound.len()).sum(),
            wires().filter(|wire| wire.ended || wire.reset).count(),
            self.seats.iter().flatten().count() + self.servers.len(),
            self.clients.iter().map(Client::unsent).chain(self.servers.iter().map(Server::unsent)).sum(),
        )
    }

    pub(super) fn check_end(&mut self) {
        self.drive_all();
        self.check();
        for (name, pure) in self.proxies() {
            let state = self.state.proxy(name, pure);
            assert_eq!((state.connections.load(Relaxed), state.sessions.load(Relaxed), state.queue.len()), (0, 0, 0), "{name}");
        }
        for id in self.arrived.keys() {
            assert_eq!(self.log.by_id.get(id), Some(&1), "log lines of {id}");
        }
        if self.is_calm {
            for client in self.clients.iter().filter(|_| !self.finishing) {
                client.check_end();
            }
            assert!(self.servers.iter().all(Server::tunnel_is_whole), "all of a tunnel, at the server");
        }
    }
}
