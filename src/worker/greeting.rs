//! `accept-proxy`: connections whose proxy in front has still to say who the client is. They have no session yet; one that says
//! something else, or nothing in time, is closed without an answer, and logged. What a header says is `http::proxy_header`'s.

use super::accept::Newcomer;
use super::{Loop, SWEEP_MS};
use crate::access_log::record::{LogLines, render_turned_away};
use crate::http::proxy_header::{self, Ends, Greeting, Malformed};
use crate::session::Held;
use crate::units::{Moment, WallClock};
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
    /// Its listener's place among those of the frontend.
    listener: usize,
    came: WallClock,
    /// Some of a header has come.
    has_begun: bool,
}

/// Why a connection was given up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GivenUp {
    /// The client closed without a word.
    Closed,
    /// The client reset without a word.
    Reset,
    /// No word came in time.
    Late,
    /// What came is no header.
    Malformed(Malformed),
}

impl GivenUp {
    /// What HAProxy logs of it.
    fn sentence(self) -> &'static str {
        match self {
            GivenUp::Closed => "Connection closed while waiting for PROXY protocol header",
            GivenUp::Reset => "Connection error while waiting for PROXY protocol header",
            GivenUp::Late => "Timeout while waiting for PROXY protocol header",
            GivenUp::Malformed(malformed) => malformed.sentence(),
        }
    }
}

/// `info`, and `err` where `option log-separate-errors` asks for it.
const LEVELS: [u8; 2] = [6, 3];

impl Loop {
    /// Waits for a connection's header, within `timeout client`.
    pub(super) fn await_greeting(&mut self, newcomer: Newcomer, door: usize) {
        let running = self.current.clone();
        let proxy = running.proxy(newcomer.frontend).map(|(proxy, _)| proxy);
        let timeout = proxy.and_then(|proxy| proxy.timeouts.client).unwrap_or(PATIENCE);
        let address = self.doors.get(door).map(|door| door.address());
        let listener = proxy.and_then(|proxy| proxy.binds.iter().position(|bind| Some(&bind.address) == address)).unwrap_or(0);
        let deadline = self.now.after(Some(timeout));
        self.arrivals.push(Arrival { newcomer, deadline, running, listener, came: self.wall, has_begun: false });
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
            Greeting::Partial if !ended && bytes.len() < most => {
                transport.keep(bytes, true, &mut self.desk.buffers);
                let mut arrivals = self.arrivals.iter_mut();
                if let Some(arrival) = arrivals.find(|arrival| arrival.newcomer.connection == connection) {
                    arrival.has_begun = !bytes.is_empty();
                }
            }
            Greeting::Partial => self.dismiss(connection, if filled.is_ok() { GivenUp::Closed } else { GivenUp::Reset }),
            Greeting::Malformed(malformed) => self.dismiss(connection, GivenUp::Malformed(malformed)),
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

    fn dismiss(&mut self, connection: u32, why: GivenUp) {
        if let Some(at) = self.arrivals.iter().position(|arrival| arrival.newcomer.connection == connection) {
            let arrival = self.arrivals.swap_remove(at);
            self.log_given_up(&arrival, why);
        }
        self.turn_away(connection);
    }

    /// Half a header that is not followed by the rest is worth a line even where `option dontlognull` stands.
    fn log_given_up(&mut self, arrival: &Arrival, why: GivenUp) {
        let Some((proxy, live)) = arrival.running.proxy(arrival.newcomer.frontend) else { return };
        let why = if arrival.has_begun && !matches!(why, GivenUp::Malformed(_)) { GivenUp::Malformed(Malformed::Truncated) } else { why };
        if proxy.log.is_empty() || (proxy.options.dont_log_null && !matches!(why, GivenUp::Malformed(_))) {
            return;
        }
        let number = (arrival.listener + 1).to_string();
        let listener = proxy.binds.get(arrival.listener).and_then(|bind| bind.name.as_deref()).unwrap_or(&number);
        let offset = self.log.utc_offset_seconds();
        let mut line = std::mem::take(&mut self.desk.line);
        line.clear();
        render_turned_away(arrival.newcomer.client.source, arrival.came, [&proxy.name, listener], why.sentence(), offset, &mut line);
        live.state.log_lines.fetch_add(1, Ordering::Relaxed);
        for target in &proxy.log {
            self.log.push(target, LEVELS[usize::from(proxy.options.log_separate_errors)], &line, b"");
        }
        self.desk.line = line;
    }

    pub(super) fn turn_away(&mut self, connection: u32) {
        self.transports.remove(connection);
        self.state.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Closes those whose time is up.
    pub(super) fn sweep_arrivals(&mut self) {
        let now = self.now;
        while let Some(late) = self.arrivals.iter().find(|arrival| arrival.deadline <= now) {
            self.dismiss(late.newcomer.connection, GivenUp::Late);
        }
        if let Some(next) = self.arrivals.iter().map(|arrival| arrival.deadline).min() {
            self.next_sweep = self.next_sweep.min(next).max(Moment(now.0 + 1)).min(Moment(now.0 + SWEEP_MS));
        }
    }
}
