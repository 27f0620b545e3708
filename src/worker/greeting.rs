//! `accept-proxy`: connections whose proxy in front has still to say who the client is. They have no session yet; one that says
//! something else, or nothing in time, is closed without an answer. What a header says is `http::proxy_header`'s.

use super::accept::Newcomer;
use super::{Loop, SWEEP_MS};
use crate::http::proxy_header::{self, Ends, Greeting};
use crate::session::Held;
use crate::units::Moment;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a header is waited for where no timeout says it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection that has not said who the client is.
pub(super) struct Arrival {
    newcomer: Newcomer,
    deadline: Moment,
    running: Held,
}

impl Loop {
    /// Waits for a connection's header, within `timeout client`.
    pub(super) fn await_greeting(&mut self, newcomer: Newcomer) {
        let running = self.current.clone();
        let timeout = running.proxy(newcomer.frontend).and_then(|(proxy, _)| proxy.timeouts.client).unwrap_or(PATIENCE);
        let deadline = self.now.after(Some(timeout));
        self.arrivals.push(Arrival { newcomer, deadline, running });
        self.next_sweep = self.next_sweep.min(deadline);
    }

    /// Bytes have come, or the end.
    pub(super) fn read_greeting(&mut self, connection: u32) {
        let Some(transport) = self.transports.get_mut(connection) else { return };
        if !transport.has_input() {
            return;
        }
        let most = self.current.config.global.bufsize;
        let mut scratch = std::mem::take(&mut self.scratch);
        let filled = transport.fill(&mut scratch, most, &mut self.desk.buffers);
        let bytes = filled.as_ref().ok().and_then(|filled| scratch.get(..filled.length)).unwrap_or_default();
        let ended = filled.as_ref().map_or(true, |filled| filled.end);
        match proxy_header::parse(bytes) {
            Greeting::Partial if !ended && bytes.len() < most => transport.keep(bytes, true, &mut self.desk.buffers),
            Greeting::Partial | Greeting::Malformed => self.dismiss(connection),
            Greeting::Whole { length, ends } => {
                let rest = bytes.get(length..).unwrap_or_default();
                transport.keep(rest, false, &mut self.desk.buffers);
                transport.readable |= ended || filled.is_ok_and(|filled| filled.length == most);
                self.greet(connection, ends);
            }
        }
        self.scratch = scratch;
    }

    fn greet(&mut self, connection: u32, ends: Option<Ends>) {
        let Some(at) = self.arrivals.iter().position(|arrival| arrival.newcomer.connection == connection) else { return };
        let arrival = self.arrivals.swap_remove(at);
        let Arrival { newcomer, running, .. } = arrival;
        let known = match Rc::ptr_eq(&running, &self.current) {
            true => Some(newcomer.frontend),
            false => running.proxy(newcomer.frontend).and_then(|(before, _)| {
                let mut proxies = self.current.config.proxies.iter();
                proxies.find(|proxy| proxy.kind.has_frontend() && proxy.name == before.name).map(|proxy| proxy.id)
            }),
        };
        let Some(frontend) = known else { return self.turn_away(connection) };
        let mut client = newcomer.client;
        client.came_by_proxy = true;
        if let Some(ends) = ends {
            client.source = Some(ends.source);
            client.destination = Some(ends.destination);
        }
        self.seat(Newcomer { client, frontend, connection: newcomer.connection, place: newcomer.place });
    }

    fn dismiss(&mut self, connection: u32) {
        self.arrivals.retain(|arrival| arrival.newcomer.connection != connection);
        self.turn_away(connection);
    }

    pub(super) fn turn_away(&mut self, connection: u32) {
        self.transports.remove(connection);
        self.state.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Closes those whose time is up.
    pub(super) fn sweep_arrivals(&mut self) {
        let now = self.now;
        while let Some(late) = self.arrivals.iter().find(|arrival| arrival.deadline <= now) {
            self.dismiss(late.newcomer.connection);
        }
        if let Some(next) = self.arrivals.iter().map(|arrival| arrival.deadline).min() {
            self.next_sweep = self.next_sweep.min(next).max(Moment(now.0 + 1)).min(Moment(now.0 + SWEEP_MS));
        }
    }
}
