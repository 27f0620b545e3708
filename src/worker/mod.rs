//! The data plane: one thread per core with a mio loop each. Sockets, clock and log sending live here; what the bytes
//! mean is the session's. `turn` is the loop; `drive` runs one session; `connections` opens and closes.

pub mod accept;
pub mod clock;
pub mod connections;
pub mod deadlines;
pub mod drive;
mod greeting;
pub mod inbox;
pub mod listener;
pub mod log_sink;
mod marking;
mod outgoing;
mod place;
pub mod pool;
pub mod slab;
pub mod traffic_log;
pub mod transport;

use crate::access_log::syslog::Origin;
use crate::session::termination::Cause;
use crate::session::{Context, Desk, Held, Output, Session};
use crate::state::queue::Grant;
use crate::state::variables::Reader;
use crate::state::{Running, ServerState, State};
use crate::units::{Moment, WallClock};
use accept::Door;
use clock::Clock;
use deadlines::Deadlines;
use greeting::Arrival;
use inbox::{Cut, Inbox, Inboxes, Message};
use listener::Listening;
use mio::{Events, Poll, Token, Waker};
use place::Place;
use pool::Pool;
use slab::Slab;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use traffic_log::TrafficLog;
use transport::{Owner, Transport};

/// Events taken in one turn.
const EVENTS: usize = 512;
/// The scratch buffer that sockets are read into, in bytes.
const SCRATCH: usize = 256 * 1024;
/// How often idle and leaving connections are looked through, in milliseconds.
const SWEEP_MS: u64 = 1000;

const WAKER: Token = Token(0);
/// Listeners have the tokens from 1, connections those from here.
const FIRST_CONNECTION: usize = 1 << 16;

/// What a worker is started with.
pub struct Setup {
    /// Its number, from 0.
    pub index: u32,
    /// The configuration in force.
    pub running: Arc<Running>,
    /// What is alive.
    pub state: Arc<State>,
    /// Where to listen.
    pub listeners: Arc<[Listening]>,
    /// The process's clock.
    pub clock: Clock,
    /// Inboxes of all workers, this one's included.
    pub inboxes: Arc<Inboxes>,
    /// Woken when the worker has ended.
    pub ended: Arc<Waker>,
    /// What log lines say of the process.
    pub origin: Origin,
}

/// A worker that is not started: its poll and its inbox.
pub struct Worker {
    poll: Poll,
    inbox: Inbox,
}

impl Worker {
    /// Makes a worker's poll and inbox.
    pub fn new() -> io::Result<Worker> {
        let poll = Poll::new()?;
        let inbox = Inbox::new(Waker::new(poll.registry(), WAKER)?);
        Ok(Worker { poll, inbox })
    }

    /// Its inbox.
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// Runs it in a thread of its own until `Finish` or `Quit`.
    pub fn start(self, setup: Setup) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name(format!("worker {}", setup.index)).spawn(move || {
            let (ended, inbox) = (setup.ended.clone(), self.inbox());
            if let Err(fault) = Loop::new(self, setup).and_then(|mut worker| worker.run()) {
                log::error!("a worker has stopped: {fault}");
            }
            inbox.close();
            // Its waker fails only when it is awake already.
            let _ = ended.wake();
        })
    }
}

/// A session and its connections.
struct Seat {
    session: Session,
    generation: u32,
    client: u32,
    server: Option<u32>,
    /// Its entry in the heap of deadlines.
    scheduled: Moment,
    /// It is in the list of those to run.
    is_ready: bool,
    /// Given back with the seat.
    _place: Option<Place>,
}

/// A worker at work.
struct Loop {
    index: u32,
    poll: Poll,
    inbox: Inbox,
    inboxes: Arc<Inboxes>,
    /// Wakes the control plane.
    control: Arc<Waker>,
    state: Arc<State>,
    clock: Clock,
    now: Moment,
    wall: WallClock,
    current: Held,
    variables: Reader,
    doors: Vec<Door>,
    transports: Slab<Transport>,
    seats: Slab<Seat>,
    ready: Vec<u32>,
    deadlines: Deadlines,
    pool: Pool,
    /// Connections that nobody owns, until they are closed at the latest.
    leaving: Vec<(u32, Moment)>,
    /// Connections that have still to say who the client is.
    arrivals: Vec<Arrival>,
    next_sweep: Moment,
    /// Whose turn it is among the ports of a `source`.
    next_port: u16,
    /// A backend goes where clients connected to: the packet filter may have changed it.
    asks_original: bool,
    /// It was said that packets cannot be marked.
    marks_refused: bool,
    grants: Vec<Grant>,
    desk: Desk,
    out: Output,
    scratch: Vec<u8>,
    log: TrafficLog,
    paused: bool,
    retiring: bool,
    finishing: bool,
    quit: bool,
}

impl Loop {
    fn new(worker: Worker, setup: Setup) -> io::Result<Loop> {
        let now = setup.clock.now();
        let mut worker = Loop {
            index: setup.index,
            poll: worker.poll,
            inbox: worker.inbox,
            inboxes: setup.inboxes,
            control: setup.ended,
            state: setup.state,
            clock: setup.clock,
            now,
            wall: setup.clock.wall(),
            current: Rc::new(setup.running),
            variables: Reader::default(),
            doors: Vec::new(),
            transports: Slab::default(),
            seats: Slab::default(),
            ready: Vec::new(),
            deadlines: Deadlines::default(),
            pool: Pool::default(),
            leaving: Vec::new(),
            arrivals: Vec::new(),
            next_sweep: Moment::NEVER,
            next_port: 0,
            asks_original: false,
            marks_refused: false,
            grants: Vec::new(),
            desk: Desk::default(),
            out: Output::default(),
            scratch: vec![0; SCRATCH],
            log: TrafficLog::new(setup.origin),
            paused: false,
            retiring: false,
            finishing: false,
            quit: false,
        };
        worker.open_doors(&setup.listeners)?;
        Ok(worker)
    }

    fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let mut outcome = Ok(());
        while outcome.is_ok() && !self.is_over() {
            outcome = self.turn(&mut events);
        }
        self.close_inbox();
        outcome
    }

    /// Slots that were on their way to sessions of this worker go to others.
    fn close_inbox(&mut self) {
        for message in self.inbox.close() {
            if let Message::Granted(grant) = message {
                self.grants.push(grant);
            }
        }
        self.hand_over_grants();
    }

    /// Wait, note readiness, expire deadlines, run each ready session, flush the log.
    fn turn(&mut self, events: &mut Events) -> io::Result<()> {
        match self.poll.poll(events, self.patience()) {
            Err(fault) if fault.kind() != io::ErrorKind::Interrupted => return Err(fault),
            _ => {}
        }
        self.now = self.clock.now();
        self.wall = self.clock.wall();
        self.log.set_time(self.wall);
        for event in events.iter() {
            match event.token() {
                WAKER => self.read_inbox(),
                Token(token) if token < FIRST_CONNECTION => self.ring(token - 1),
                Token(token) => self.note_readiness((token - FIRST_CONNECTION) as u32, event),
            }
        }
        self.accept();
        self.expire();
        for index in std::mem::take(&mut self.ready) {
            self.drive(index);
        }
        self.hand_over_grants();
        if self.state.suspects.is_news() {
            // When the control plane is gone, this process ends.
            let _ = self.control.wake();
        }
        if self.next_sweep <= self.now {
            self.sweep();
        }
        self.transports.end_turn();
        self.seats.end_turn();
        self.log.flush();
        Ok(())
    }

    /// How long the loop may wait for events.
    fn patience(&self) -> Option<Duration> {
        if !self.ready.is_empty() || !self.grants.is_empty() || (self.has_rung() && self.has_room()) {
            return Some(Duration::ZERO);
        }
        match self.deadlines.next().min(self.next_sweep).min(self.accept_again()) {
            Moment::NEVER => None,
            // A millisecond is added because poll rounds down, and nothing has expired a moment before its time.
            moment => Some(Duration::from_millis(moment.since_ms(self.clock.now()) + 1)),
        }
    }

    fn is_over(&self) -> bool {
        self.quit || ((self.finishing || self.retiring) && self.seats.is_empty() && self.leaving.is_empty() && self.arrivals.is_empty())
    }

    fn note_readiness(&mut self, index: u32, event: &mio::event::Event) {
        let Some(transport) = self.transports.get_mut(index) else { return };
        transport.readable |= event.is_readable() || event.is_read_closed() || event.is_error();
        transport.writable |= event.is_writable() || event.is_error();
        transport.hung_up |= event.is_read_closed();
        transport.failed |= event.is_error();
        match transport.owner {
            Owner::Client(seat) | Owner::Server(seat) | Owner::Connecting(seat) => self.make_ready(seat),
            Owner::Idle(destination) if transport.readable => self.close_idle(destination, index),
            Owner::Idle(_) => {}
            Owner::Arriving => self.read_greeting(index),
            Owner::Leaving => self.see_off(index),
        }
    }

    fn make_ready(&mut self, index: u32) {
        if let Some(seat) = self.seats.get_mut(index)
            && !std::mem::replace(&mut seat.is_ready, true)
        {
            self.ready.push(index);
        }
    }

    fn expire(&mut self) {
        while let Some((index, generation, moment)) = self.deadlines.take_due(self.now) {
            let Some(seat) = self.seats.get_mut(index) else { continue };
            if seat.generation == generation && seat.scheduled == moment {
                seat.scheduled = Moment::NEVER;
                self.make_ready(index);
            }
        }
    }

    fn read_inbox(&mut self) {
        while let Some(message) = self.inbox.take() {
            match message {
                Message::Adopt(running, listeners) => self.adopt(running, &listeners),
                Message::Granted(grant) => self.grants.push(grant),
                Message::CutOff(server, cut) => self.cut_off(&server, cut),
                Message::Pause => self.paused = true,
                Message::Resume => self.paused = false,
                Message::Retire => self.retire(),
                Message::Finish => self.finish(),
                Message::Quit => self.quit = true,
            }
        }
    }

    /// Ends the sessions that a server has.
    fn cut_off(&mut self, server: &Arc<ServerState>, cut: Cut) {
        let cause = match cut {
            Cut::Down => Cause::Down,
            Cut::Up => Cause::Up,
        };
        for index in self.seats.indices() {
            let is_meant = self.seats.get(index).and_then(|seat| seat.session.slot()).is_some_and(|slot| Arc::ptr_eq(slot, server));
            if is_meant {
                self.with_session(index, |session, cx| session.cut_off(cx, cause));
                self.carry_out(index, &[]);
                self.make_ready(index);
            }
        }
    }

    /// Takes up another configuration.
    fn adopt(&mut self, running: Arc<Running>, listeners: &[Listening]) {
        self.current = Rc::new(running);
        let listeners = if self.retiring || self.finishing { &[] } else { listeners };
        if let Err(fault) = self.open_doors(listeners) {
            log::error!("cannot listen under the new configuration: {fault}");
        }
        for index in self.seats.indices() {
            self.with_session(index, |session, cx| session.adopt(cx));
        }
    }

    /// Leaves new clients to the other workers; those that are here stay as long as they like.
    fn retire(&mut self) {
        self.retiring = true;
        self.doors.clear();
    }

    /// Accepts no more, and lets what is under way come to its end.
    fn finish(&mut self) {
        self.finishing = true;
        self.doors.clear();
        self.close_idle_since(Moment::NEVER);
        for index in self.seats.indices() {
            self.with_session(index, |session, cx| session.finish(cx));
            self.reschedule(index);
        }
    }

    /// Calls a session with its context; what it leaves in `out` is the caller's to carry out.
    fn with_session<T>(&mut self, index: u32, call: impl FnOnce(&mut Session, &mut Context) -> T) -> Option<T> {
        let seat = self.seats.get_mut(index)?;
        let mut cx = Context {
            now: self.now,
            wall: self.wall,
            current: &self.current,
            state: &self.state,
            variables: &self.variables,
            desk: &mut self.desk,
            log: &mut self.log,
            out: &mut self.out,
            finishing: self.finishing,
            witness: None,
        };
        Some(call(&mut seat.session, &mut cx))
    }

    /// Gives slots to the sessions of this worker that waited for them, and tells other workers of theirs.
    fn hand_over_grants(&mut self) {
        while let Some(grant) = self.grants.pop() {
            let key = grant.session;
            if key.worker != self.index {
                if let Err(Message::Granted(grant)) = self.inboxes.send(key.worker, Message::Granted(grant)) {
                    self.return_grant(&grant);
                }
                continue;
            }
            match self.seats.get(key.index) {
                Some(seat) if seat.generation == key.generation => {
                    self.with_session(key.index, |session, cx| session.granted(cx, &grant.server));
                    self.carry_out(key.index, &[]);
                    self.make_ready(key.index);
                }
                _ => self.return_grant(&grant),
            }
        }
    }

    /// A slot for a session that is gone goes to the next that waits.
    fn return_grant(&mut self, grant: &Grant) {
        let running = self.current.clone();
        let backend = running.config.proxies.iter().find(|proxy| proxy.kind.has_backend() && proxy.name == grant.server.backend);
        let maxconn = backend.and_then(|proxy| {
            let index = proxy.servers.iter().position(|server| server.name == grant.server.name)?;
            running.proxy(proxy.id)?.1.maxconn(proxy, index)
        });
        let state = self.state.proxy(&grant.server.backend, false);
        self.grants.extend(state.queue.release(&grant.server, maxconn));
    }
}
