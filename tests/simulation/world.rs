//! The world around the sessions: a virtual clock, clients, servers, and a loop that does for sessions what the worker does.
//! After each step it holds what must hold whatever happens.

#[path = "checks.rs"]
mod checks;

use crate::client::Client;
use crate::configuration::{Configurations, Nowhere};
use crate::random::Random;
use crate::server::{Place, Server};
use crate::wire::{Closed, Filled, Wire};
use byway::access_log::record::LogLines;
use byway::config::model::LogTarget;
use byway::sample::ProxyId;
use byway::session::assign::ConnectFault;
use byway::session::output::Reuse;
use byway::session::{Action, Connected, Context, Desk, Held, Output, Session, Side};
use byway::state::queue::{Grant, SessionKey};
use byway::state::variables::{Reader, Source};
use byway::state::{ServerState, State};
use byway::units::{Moment, WallClock};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Clients of one run.
const CLIENTS: usize = 8;
/// Looks at an end that a session asks for in vain.
const MOST_ENDS: usize = 10;

/// How often each request was logged.
#[derive(Default)]
struct Lines {
    by_id: HashMap<String, usize>,
}

impl LogLines for Lines {
    fn push(&mut self, _: &LogTarget, _: u8, message: &[u8], _: &[u8]) {
        let line = String::from_utf8_lossy(message).into_owned();
        let request = line.rsplit('"').nth(1).unwrap_or_else(|| panic!("a line without a request: {line}"));
        if let Some(id) = request.split(' ').nth(1).and_then(|path| path.strip_prefix('/')).filter(|id| id.starts_with('c')) {
            let times = self.by_id.entry(id.to_string()).or_default();
            *times += 1;
            assert_eq!(*times, 1, "logged again: {line}");
        }
    }
    fn utc_offset_seconds(&self) -> i32 {
        0
    }
}

struct Seat {
    session: Session,
    client: usize,
    server: Option<usize>,
    ends: usize,
}

pub struct World {
    random: Random,
    is_calm: bool,
    now: Moment,
    state: State,
    configurations: Configurations,
    current: Held,
    variables: Reader,
    desk: Desk,
    out: Output,
    log: Lines,
    finishing: bool,
    seats: Vec<Option<Seat>>,
    clients: Vec<Client>,
    servers: Vec<Server>,
    idle: Vec<usize>,
    grants: Vec<Grant>,
    arrived: HashMap<String, usize>,
    known: Vec<Arc<ServerState>>,
}

impl World {
    pub fn new(seed: u64) -> World {
        let mut random = Random::new(seed);
        let is_calm = random.once_in(3);
        let state = State::default();
        let mut configurations = Configurations::new(is_calm, &mut random);
        let current = configurations.load(random.below(2), &state, &Nowhere);
        let mut world = World {
            random,
            is_calm,
            now: Moment(0),
            state,
            configurations,
            current,
            variables: Reader::default(),
            desk: Desk::default(),
            out: Output::default(),
            log: Lines::default(),
            finishing: false,
            seats: Vec::new(),
            clients: Vec::new(),
            servers: Vec::new(),
            idle: Vec::new(),
            grants: Vec::new(),
            arrived: HashMap::new(),
            known: Vec::new(),
        };
        world.know_servers();
        world
    }

    /// One run, from the first client to the last counter.
    pub fn run(&mut self) {
        for _ in 0..500 {
            self.step();
            self.check();
        }
        self.settle();
        self.check_end();
    }

    fn step(&mut self) {
        match self.random.below(40) {
            0..=2 if self.clients.len() < CLIENTS && !self.finishing => self.let_in(),
            3..=12 => self.client_acts(),
            13..=17 => self.open_windows(),
            18..=27 => self.server_acts(),
            28..=30 => self.connections_come_about(),
            31..=33 => self.hand_over_grants(),
            34 => self.now.0 += self.random.below(20) as u64,
            35 if !self.is_calm => self.now.0 += self.random.below(2000) as u64,
            36 => self.flip(),
            37 if !self.is_calm => self.flap(),
            38 if self.random.once_in(4) => self.reload(),
            39 if !self.is_calm && self.random.once_in(60) => self.finish(),
            _ => {}
        }
        self.notice_idle(4);
        self.drive_all();
    }

    fn let_in(&mut self) {
        let number = self.clients.len();
        self.clients.push(Client::new(number, &mut self.random, self.is_calm));
        self.state.connections.fetch_add(1, Relaxed);
        let key = SessionKey { worker: 0, index: number as u32, generation: 7 };
        let source = format!("198.51.100.7:{}", 1000 + number).parse().ok();
        let frontend = self.current.config.proxies.iter().find(|proxy| proxy.kind.has_frontend()).map_or(ProxyId(0), |proxy| proxy.id);
        self.variables.refresh(&self.state.variables);
        let session = Session::accept(key, frontend, source, None, &mut self.context());
        self.seats.push(Some(Seat { session, client: number, server: None, ends: 0 }));
        self.carry_out(number, &[]);
    }

    fn client_acts(&mut self) {
        let at = self.random.below(self.clients.len());
        if let Some(client) = self.clients.get_mut(at) {
            client.act(&mut self.random);
        }
    }

    fn server_acts(&mut self) {
        let at = self.random.below(self.servers.len());
        if let Some(server) = self.servers.get_mut(at)
            && !matches!(server.place, Place::Connecting(_))
        {
            server.act(&mut self.random, &mut self.arrived);
        }
    }

    fn open_windows(&mut self) {
        for wire in self.clients.iter_mut().map(|client| &mut client.wire).chain(self.servers.iter_mut().map(|server| &mut server.wire)) {
            if self.random.once_in(3) {
                wire.window += *self.random.pick(&[1, 100, 5000, 100_000]);
            }
        }
    }

    fn connections_come_about(&mut self) {
        for at in 0..self.servers.len() {
            let Place::Connecting(seat) = self.servers[at].place else { continue };
            match self.random.below(6) {
                0 if !self.is_calm => self.refuse(at, seat),
                1 => {}
                _ => self.establish(at, seat),
            }
        }
    }

    fn refuse(&mut self, at: usize, seat: usize) {
        self.servers[at].place = Place::Left;
        self.servers[at].wire.reset = true;
        if let Some(seat) = self.seats[seat].as_mut() {
            seat.server = None;
        }
        self.with(seat, |session, cx| session.connect_failed(cx, ConnectFault::Refused));
        self.carry_out(seat, &[]);
    }

    fn establish(&mut self, at: usize, seat: usize) {
        self.servers[at].place = Place::At(seat);
        self.with(seat, |session, cx| session.connected(cx, Connected::Fresh));
        self.carry_out(seat, &[]);
    }

    fn flip(&mut self) {
        let value = *self.random.pick(&[Some(b"1".as_slice()), Some(b"0"), None]);
        self.state.variables.set(Source::RunTime, "M", value);
    }

    /// A server goes down, or comes up again: what the checks' side does then.
    fn flap(&mut self) {
        let server = self.random.pick(&self.known).clone();
        let queue = self.state.proxy(&server.backend, false);
        if server.is_usable() {
            server.set_maintenance(true);
            queue.queue.unpin(&server);
        } else {
            server.set_maintenance(false);
            let running = self.current.clone();
            let proxy = running.config.proxies.iter().find(|proxy| proxy.kind.has_backend() && proxy.name == server.backend);
            let line = proxy.and_then(|proxy| proxy.servers.iter().find(|line| line.name == server.name));
            while let Some(grant) = line.and_then(|line| queue.queue.grant(&server, line.maxconn)) {
                self.grants.push(grant);
            }
        }
    }

    fn reload(&mut self) {
        let which = self.random.below(self.configurations.len());
        self.current = self.configurations.load(which, &self.state, &Nowhere);
        self.know_servers();
        for index in 0..self.seats.len() {
            self.with(index, |session, cx| session.adopt(cx));
        }
    }

    fn finish(&mut self) {
        self.finishing = true;
        for at in std::mem::take(&mut self.idle) {
            self.leave_server(at, Closed::Cut);
        }
        for index in 0..self.seats.len() {
            self.with(index, |session, cx| session.finish(cx));
        }
    }

    fn know_servers(&mut self) {
        let running = self.current.clone();
        let lives = (0..running.config.proxies.len()).filter_map(|id| running.proxy(ProxyId(id as u32)));
        for server in lives.flat_map(|(_, live)| &live.servers) {
            if !self.known.iter().any(|known| Arc::ptr_eq(known, server)) {
                self.known.push(server.clone());
            }
        }
    }

    // ---- what the worker does ----

    fn context(&mut self) -> Context<'_> {
        Context {
            now: self.now,
            wall: WallClock::default(),
            current: &self.current,
            state: &self.state,
            variables: &self.variables,
            desk: &mut self.desk,
            log: &mut self.log,
            out: &mut self.out,
            finishing: self.finishing,
            witness: None,
        }
    }

    fn with<T>(&mut self, index: usize, call: impl FnOnce(&mut Session, &mut Context) -> T) -> Option<T> {
        let mut seat = self.seats.get_mut(index)?.take()?;
        let result = call(&mut seat.session, &mut self.context());
        self.seats[index] = Some(seat);
        Some(result)
    }

    fn wire(&mut self, index: usize, side: Side) -> Option<&mut Wire> {
        let seat = self.seats.get(index)?.as_ref()?;
        match (side, seat.server) {
            (Side::Client, _) => Some(&mut self.clients[seat.client].wire),
            (Side::Server, Some(at)) if self.servers[at].place == Place::At(index) => Some(&mut self.servers[at].wire),
            _ => None,
        }
    }

    fn drive_all(&mut self) {
        let first = self.random.below(self.seats.len());
        for offset in 0..self.seats.len() {
            self.drive((first + offset) % self.seats.len());
        }
        // What byway has let go of still leaves.
        self.clients
            .iter_mut()
            .map(|client| &mut client.wire)
            .chain(self.servers.iter_mut().map(|server| &mut server.wire))
            .for_each(Wire::drain);
    }

    fn drive(&mut self, index: usize) {
        if self.seats[index].as_ref().is_some_and(|seat| seat.session.deadline() <= self.now) {
            self.with(index, |session, cx| session.expire(cx));
            self.carry_out(index, &[]);
        }
        for _ in 0..1 + self.random.below(4) {
            let drained = self.drain(index, Side::Server) | self.drain(index, Side::Client);
            let filled = self.fill(index, Side::Client) | self.fill(index, Side::Server);
            if !(drained || filled) {
                break;
            }
        }
        let waits = self.seats[index].as_ref().is_some_and(|seat| !seat.session.wants(Side::Client));
        if waits && self.wire(index, Side::Client).is_some_and(|wire| (wire.ended || wire.reset) && !wire.has_kept()) {
            self.with(index, |session, cx| session.client_hung_up(cx));
            self.carry_out(index, &[]);
        }
    }

    fn drain(&mut self, index: usize, side: Side) -> bool {
        let Some(wire) = self.wire(index, side) else { return false };
        if !wire.is_blocked() || !(wire.window > 0 || wire.reset) {
            return false;
        }
        wire.drain();
        let (blocked, broken) = (wire.is_blocked(), wire.reset);
        self.with(index, |session, cx| session.set_blocked(cx, side, blocked));
        if broken && side == Side::Client {
            self.with(index, |session, cx| session.client_lost(cx));
            self.carry_out(index, &[]);
        }
        !blocked
    }

    fn fill(&mut self, index: usize, side: Side) -> bool {
        let Some(seat) = self.seats[index].as_ref().filter(|seat| seat.session.wants(side)) else { return false };
        let most = seat.session.most_bytes(side);
        let mut random = std::mem::replace(&mut self.random, Random::new(0));
        let filled = match self.wire(index, side) {
            Some(wire) if wire.has_input() => wire.fill(most, |room| random.portion(room)),
            _ => Filled::Nothing,
        };
        self.random = random;
        match filled {
            Filled::Nothing => return false,
            Filled::Bytes(bytes, end) => self.give(index, side, &bytes, end),
            Filled::Lost if side == Side::Client => {
                self.with(index, |session, cx| session.client_lost(cx));
                self.carry_out(index, &[]);
            }
            Filled::Lost => {
                self.note_end(index);
                self.with(index, |session, cx| session.server_bytes(cx, &[], true));
                self.carry_out(index, &[]);
            }
        }
        true
    }

    fn note_end(&mut self, index: usize) {
        if let Some(seat) = self.seats[index].as_mut() {
            seat.ends += 1;
            assert!(seat.ends < MOST_ENDS, "a session asks for more behind the end: {:?} {:?}", seat.session.deadline(), self.now);
        }
    }

    fn give(&mut self, index: usize, side: Side, bytes: &[u8], end: bool) {
        self.variables.refresh(&self.state.variables);
        if end {
            self.note_end(index);
        } else if let Some(seat) = self.seats[index].as_mut() {
            seat.ends = 0;
        }
        let place = self.seats[index].as_ref().map(|seat| (seat.client, seat.server));
        let taken = self.with(index, |session, cx| match side {
            Side::Client => session.client_bytes(cx, bytes, end),
            Side::Server => session.server_bytes(cx, bytes, end),
        });
        let taken = taken.unwrap_or_default();
        assert!(taken <= bytes.len(), "more was taken than was given");
        let wants = self.seats[index].as_ref().is_some_and(|seat| seat.session.wants(side));
        let rest = &bytes[taken..];
        match (side, place) {
            (Side::Client, Some((client, _))) => self.clients[client].wire.keep(rest, wants),
            (Side::Server, Some((_, Some(server)))) => self.servers[server].wire.keep(rest, wants),
            _ => {}
        }
        self.carry_out(index, bytes);
    }

    fn carry_out(&mut self, index: usize, input: &[u8]) {
        self.write_out(index, input);
        while !self.out.actions.is_empty() {
            match self.out.actions.remove(0) {
                Action::Connect { backend, server, reuse } => self.connect(index, backend, server, reuse),
                Action::CancelConnect | Action::CloseServer => self.close_server(index),
                Action::KeepServer { destination } => self.keep_server(index, destination),
                Action::FinishWriting { to } => {
                    if let Some(wire) = self.wire(index, to) {
                        wire.finish_writing();
                    }
                }
                Action::ReadAgain { side } => {
                    if let Some(wire) = self.wire(index, side) {
                        wire.kept_is_seen = false;
                    }
                }
                Action::CloseClient => self.vacate(index, Closed::Whole),
                Action::AbortClient | Action::DropClient => self.vacate(index, Closed::Cut),
            }
            self.write_out(index, &[]);
        }
        self.grants.append(&mut self.out.grants);
    }

    fn write_out(&mut self, index: usize, input: &[u8]) {
        for side in [Side::Server, Side::Client] {
            let outbound = if side == Side::Server { &mut self.out.to_server } else { &mut self.out.to_client };
            if outbound.is_empty() {
                continue;
            }
            let mut bytes = outbound.bytes.clone();
            bytes.extend_from_slice(input.get(outbound.passed.clone()).expect("a range of the input"));
            outbound.clear();
            let Some(wire) = self.wire(index, side) else { continue };
            let broken = wire.write(&bytes);
            let blocked = wire.is_blocked();
            if blocked {
                self.with(index, |session, cx| session.set_blocked(cx, side, true));
            }
            if broken && side == Side::Client {
                self.with(index, |session, cx| session.client_lost(cx));
            }
        }
    }

    fn connect(&mut self, index: usize, backend: ProxyId, server: usize, reuse: Reuse) {
        let Some(seat) = self.seats[index].as_ref() else { return };
        let running = seat.session.running().clone();
        let (_, live) = running.proxy(backend).expect("a backend");
        let destination = live.destinations[server];
        assert!(seat.server.is_none(), "a connection while there is one");
        let good = |at: &usize| {
            let server = &self.servers[*at];
            server.destination == destination && (reuse == Reuse::Idle || server.wire.is_quiet())
        };
        if let (true, Some(found)) = (reuse != Reuse::Never, self.idle.iter().rposition(good)) {
            let at = self.idle.remove(found);
            self.servers[at].place = Place::At(index);
            self.seats[index].as_mut().expect("a seat").server = Some(at);
            self.with(index, |session, cx| session.connected(cx, Connected::Reused));
            return;
        }
        let at = self.servers.len();
        self.servers.push(Server::new(destination, Place::Connecting(index), &mut self.random, self.is_calm));
        self.seats[index].as_mut().expect("a seat").server = Some(at);
    }

    fn close_server(&mut self, index: usize) {
        if let Some(at) = self.seats[index].as_mut().and_then(|seat| seat.server.take()) {
            self.leave_server(at, Closed::Whole);
        }
    }

    fn leave_server(&mut self, at: usize, how: Closed) {
        self.servers[at].place = Place::Left;
        self.servers[at].wire.close(how);
    }

    fn keep_server(&mut self, index: usize, destination: usize) {
        let Some(at) = self.seats[index].as_mut().and_then(|seat| seat.server.take()) else { return };
        let server = &mut self.servers[at];
        assert_eq!(server.destination, destination, "kept for another server");
        server.blurt();
        if server.wire.is_quiet() && !server.wire.is_blocked() && !self.finishing {
            server.place = Place::Idle;
            self.idle.push(at);
        } else {
            self.leave_server(at, Closed::Cut);
        }
    }

    /// What has come on idle connections is seen, mostly.
    fn notice_idle(&mut self, once_in: usize) {
        for found in (0..self.idle.len()).rev() {
            let at = self.idle[found];
            let wire = &self.servers[at].wire;
            if !wire.inbound.is_empty() || (!wire.is_quiet() && self.random.once_in(once_in)) {
                self.idle.remove(found);
                self.leave_server(at, Closed::Cut);
            }
        }
    }

    fn vacate(&mut self, index: usize, how: Closed) {
        self.close_server(index);
        if let Some(seat) = self.seats[index].take() {
            assert!(seat.session.has_ended());
            self.state.connections.fetch_sub(1, Relaxed);
            self.clients[seat.client].wire.close(how);
        }
    }

    fn hand_over_grants(&mut self) {
        while let Some(grant) = self.grants.pop() {
            let index = grant.session.index as usize;
            if self.seats[index].is_some() {
                self.with(index, |session, cx| session.granted(cx, &grant.server));
                self.carry_out(index, &[]);
                continue;
            }
            let running = self.current.clone();
            let proxy = running.config.proxies.iter().find(|proxy| proxy.kind.has_backend() && proxy.name == grant.server.backend);
            let maxconn = proxy.and_then(|proxy| proxy.servers.iter().find(|server| server.name == grant.server.name)?.maxconn);
            let state = self.state.proxy(&grant.server.backend, false);
            self.grants.extend(state.queue.release(&grant.server, maxconn));
        }
    }
}
