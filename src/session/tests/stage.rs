//! One session on a stage: a script says what the peers do, the stage carries out what the session wants as the worker would,
//! and writes down what each side got. Scripts can be played with their bytes cut in pieces.

use crate::access_log::record::LogLines;
use crate::config::model::LogTarget;
use crate::config::{self};
use crate::sample::ProxyId;
use crate::session::assign::ConnectFault;
use crate::session::output::Reuse;
use crate::session::{Action, Connected, Context, Desk, Held, Output, Session, Side};
use crate::state::queue::SessionKey;
use crate::state::variables::Reader;
use crate::state::{Running, State};
use crate::units::{Moment, WallClock};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// What happens, in order.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The client sends this.
    C(&'static str),
    /// The client closes its side.
    ClientEnds,
    /// The client's connection is reset.
    ClientResets,
    /// The server at hand sends this.
    S(&'static str),
    /// The server at hand closes.
    ServerEnds,
    /// The next attempt to connect is refused.
    Refuse,
    /// The next attempt to connect is left without an answer.
    Hang,
    /// Time passes, in milliseconds.
    Wait(u64),
    /// The server by this index is found down, or up again.
    Down(usize),
}

pub use Step::{C, ClientEnds, ClientResets, Down, Hang, Refuse, S, ServerEnds, Wait};

/// How the bytes of a script are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Whole,
    At(usize),
    Everywhere,
}

/// What came of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What servers got; `<a>` where a connection to server `a` begins, `<a again>` where an idle one is used.
    pub to_server: String,
    /// What the client got; `<end>` where its connection was closed, `<cut>` where it was not even to be drained,
    /// `<fin>` (of a server too) where it is told that nothing more comes.
    pub to_client: String,
    /// The log, each line from the frontend's name on.
    pub log: String,
}

/// Lines as they come.
#[derive(Default)]
pub struct Lines(pub Vec<String>);

impl LogLines for Lines {
    fn push(&mut self, _: &LogTarget, _: u8, message: &[u8], _: &[u8]) {
        let line = String::from_utf8_lossy(message).into_owned();
        self.0.push(line.split_once("] ").map_or(line.clone(), |(_, rest)| rest.to_string()));
    }
    fn utc_offset_seconds(&self) -> i32 {
        0
    }
}

/// Reads a configuration and joins it with what is alive.
pub fn running(text: &str, state: &State, generation: u64) -> Held {
    let outcome = config::fake::read_text(text);
    let told: Vec<_> = outcome.diagnostics.iter().map(|told| &told.message).collect();
    let config = outcome.config.unwrap_or_else(|| panic!("{told:?}\n{text}"));
    Rc::new(Arc::new(Running::new(config, state, generation)))
}

/// A frontend `f` and a backend `b` with these lines; a server `a` where the lines have none.
pub fn configuration(front: &str, back: &str) -> String {
    let server = if back.contains("server ") { "" } else { " server a 192.0.2.11:80 cookie A\n" };
    let lines = |lines: &str| lines.lines().map(|line| format!(" {}\n", line.trim())).collect::<String>();
    format!(
        "defaults\n mode http\n log 192.0.2.5:514 local0\n option httplog\n timeout connect 5s\n timeout client 50s\n timeout server 40s\n\
         frontend f\n bind 192.0.2.1:80\n default_backend b\n{}backend b\n{}{server}",
        lines(front),
        lines(back)
    )
}

/// One peer's connection as the worker would see it.
#[derive(Default)]
struct Wire {
    arrived: VecDeque<u8>,
    kept: Vec<u8>,
    kept_is_seen: bool,
    end: bool,
    end_is_told: bool,
}

/// A session and what is around it.
pub struct Stage {
    pub now: Moment,
    pub state: State,
    pub current: Held,
    pub variables: Reader,
    pub desk: Desk,
    pub out: Output,
    pub log: Lines,
    pub finishing: bool,
    pub session: Session,
    pub outcome: Outcome,
    client: Wire,
    server: Option<Wire>,
    idle: Vec<usize>,
    fates: VecDeque<Step>,
    connecting: bool,
}

impl Stage {
    pub fn new(text: &str) -> Stage {
        let state = State::default();
        let current = running(text, &state, 1);
        let mut variables = Reader::default();
        variables.refresh(&state.variables);
        state.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (mut desk, mut out, mut log) = (Desk::default(), Output::default(), Lines::default());
        let key = SessionKey { worker: 0, index: 0, generation: 0 };
        let source = Some("198.51.100.7:1234".parse().expect("an address"));
        let cx = &mut Context {
            now: Moment(1000),
            wall: WallClock { seconds: 0, millis: 0 },
            current: &current,
            state: &state,
            variables: &variables,
            desk: &mut desk,
            log: &mut log,
            out: &mut out,
            finishing: false,
            witness: None,
        };
        let session = Session::accept(key, ProxyId(0), source, None, cx);
        Stage {
            now: Moment(1000),
            state,
            current,
            variables,
            desk,
            out,
            log,
            finishing: false,
            session,
            outcome: Outcome::default(),
            client: Wire::default(),
            server: None,
            idle: Vec::new(),
            fates: VecDeque::new(),
            connecting: false,
        }
    }

    /// Calls the session with its context; what it leaves is to be carried out.
    pub fn with<T>(&mut self, call: impl FnOnce(&mut Session, &mut Context) -> T) -> T {
        let cx = &mut Context {
            now: self.now,
            wall: WallClock { seconds: 0, millis: 0 },
            current: &self.current,
            state: &self.state,
            variables: &self.variables,
            desk: &mut self.desk,
            log: &mut self.log,
            out: &mut self.out,
            finishing: self.finishing,
            witness: None,
        };
        call(&mut self.session, cx)
    }

    /// Plays a script; every piece of bytes is one read.
    pub fn play(&mut self, script: &[Step], cut: Cut) {
        let mut passed = 0;
        self.carry_out(&[]);
        for step in script {
            match *step {
                C(text) | S(text) => {
                    let is_client = matches!(step, C(_));
                    for piece in pieces(text.as_bytes(), passed, cut) {
                        let wire = if is_client { Some(&mut self.client) } else { self.server.as_mut() };
                        match wire {
                            Some(wire) => wire.arrived.extend(piece),
                            // An idle connection on which anything comes is closed.
                            None => drop(self.idle.pop()),
                        }
                        self.pump();
                    }
                    passed += text.len();
                }
                ClientEnds => self.client.end = true,
                ClientResets => {
                    self.with(|session, cx| session.client_lost(cx));
                    self.carry_out(&[]);
                }
                ServerEnds => {
                    if let Some(server) = &mut self.server {
                        server.end = true;
                    }
                }
                Refuse | Hang => self.fates.push_back(*step),
                Wait(ms) => self.wait(ms),
                Down(server) => self.take_down(server),
            }
            self.pump();
        }
        self.outcome.log = self.log.0.join("\n");
    }

    fn take_down(&mut self, server: usize) {
        let running = self.current.clone();
        let (_, live) = running.proxy(ProxyId(1)).expect("the backend");
        live.servers[server].set_maintenance(true);
    }

    /// Lets time pass; what expires meanwhile expires at its moment.
    pub fn wait(&mut self, ms: u64) {
        let until = Moment(self.now.0 + ms);
        while self.session.deadline() <= until {
            self.now = self.now.max(self.session.deadline());
            let before = self.session.deadline();
            self.with(|session, cx| session.expire(cx));
            self.carry_out(&[]);
            self.pump();
            assert!(self.session.has_ended() || self.session.deadline() != before, "an expiry changes something");
        }
        self.now = until;
    }

    /// Gives the session what it wants of what has come, until there is nothing more to give.
    pub fn pump(&mut self) {
        loop {
            let moved = self.fill(Side::Client) | self.fill(Side::Server) | self.produce();
            if !moved {
                break;
            }
        }
        let hung_up = self.client.end && self.client.kept.is_empty() && self.client.arrived.is_empty();
        if !self.session.has_ended() && hung_up && !self.session.wants(Side::Client) {
            self.with(|session, cx| session.client_hung_up(cx));
            self.carry_out(&[]);
        }
    }

    /// Lets the session write more of an answer of its own.
    fn produce(&mut self) -> bool {
        let has_more = self.session.has_more();
        if has_more {
            self.with(|session, cx| session.produce(cx));
            self.carry_out(&[]);
        }
        has_more
    }

    fn fill(&mut self, side: Side) -> bool {
        if !self.session.wants(side) {
            return false;
        }
        let wire = match side {
            Side::Client => Some(&mut self.client),
            Side::Server => self.server.as_mut(),
        };
        let Some(wire) = wire else { return false };
        let unseen = !std::mem::replace(&mut wire.kept_is_seen, true) && !wire.kept.is_empty();
        let end = wire.end && wire.arrived.is_empty() && !std::mem::replace(&mut wire.end_is_told, true);
        if !unseen && wire.arrived.is_empty() && !end {
            return false;
        }
        let mut bytes = std::mem::take(&mut wire.kept);
        bytes.extend(wire.arrived.drain(..));
        let taken = self.with(|session, cx| match side {
            Side::Client => session.client_bytes(cx, &bytes, end),
            Side::Server => session.server_bytes(cx, &bytes, end),
        });
        assert!(taken <= bytes.len());
        let wants = self.session.wants(side);
        let wire = match side {
            Side::Client => Some(&mut self.client),
            Side::Server => self.server.as_mut(),
        };
        if let Some(wire) = wire {
            wire.kept = bytes[taken..].to_vec();
            wire.kept_is_seen = wants && taken == 0;
            wire.end_is_told = false;
        }
        self.carry_out(&bytes);
        true
    }

    /// Writes and does what the session wants.
    pub fn carry_out(&mut self, input: &[u8]) {
        self.write_out(input);
        while !self.out.actions.is_empty() {
            match self.out.actions.remove(0) {
                Action::Connect { backend, server, reuse } => self.connect(backend, server, reuse),
                Action::ReadAgain { side } => {
                    let wire = if side == Side::Client { Some(&mut self.client) } else { self.server.as_mut() };
                    wire.into_iter().for_each(|wire| wire.kept_is_seen = false);
                }
                Action::CancelConnect => self.connecting = false,
                Action::CloseServer => self.server = None,
                Action::KeepServer { destination } => {
                    if self.server.take().is_some_and(|wire| wire.arrived.is_empty() && !wire.end) {
                        self.idle.push(destination);
                    }
                }
                Action::FinishWriting { to: Side::Client } => self.outcome.to_client.push_str("<fin>"),
                Action::FinishWriting { to: Side::Server } => self.outcome.to_server.push_str("<fin>"),
                Action::CloseClient => self.outcome.to_client.push_str("<end>"),
                Action::AbortClient | Action::DropClient => self.outcome.to_client.push_str("<cut>"),
            }
            self.write_out(&[]);
        }
    }

    fn connect(&mut self, backend: ProxyId, server: usize, reuse: Reuse) {
        let running = self.session.running().clone();
        let (proxy, live) = running.proxy(backend).expect("a backend");
        let id = live.destinations[server];
        let name = &proxy.servers[server].name;
        if let (true, Some(at)) = (reuse != Reuse::Never, self.idle.iter().rposition(|idle| *idle == id)) {
            self.idle.remove(at);
            self.outcome.to_server.push_str(&format!("<{name} again>"));
            self.server = Some(Wire::default());
            return self.with(|session, cx| session.connected(cx, Connected::Reused));
        }
        self.outcome.to_server.push_str(&format!("<{name}>"));
        match self.fates.pop_front() {
            Some(Refuse) => self.with(|session, cx| session.connect_failed(cx, ConnectFault::Refused)),
            Some(Hang) => self.connecting = true,
            _ => {
                self.server = Some(Wire::default());
                self.with(|session, cx| session.connected(cx, Connected::Fresh));
            }
        }
    }

    fn write_out(&mut self, input: &[u8]) {
        let pairs = [(&mut self.out.to_server, &mut self.outcome.to_server), (&mut self.out.to_client, &mut self.outcome.to_client)];
        for (outbound, text) in pairs {
            let passed = input.get(outbound.passed.clone()).unwrap_or_default();
            text.push_str(&String::from_utf8_lossy(&outbound.bytes));
            text.push_str(&String::from_utf8_lossy(passed));
            outbound.clear();
        }
    }
}

fn pieces(bytes: &[u8], passed: usize, cut: Cut) -> Vec<Vec<u8>> {
    match cut {
        Cut::At(at) if at > passed && at < passed + bytes.len() => {
            let (first, second) = bytes.split_at(at - passed);
            vec![first.to_vec(), second.to_vec()]
        }
        Cut::Everywhere => bytes.iter().map(|byte| vec![*byte]).collect(),
        _ => vec![bytes.to_vec()],
    }
}

/// One exchange, and what is to come of it.
pub struct Exchange {
    /// What it shows.
    pub shows: &'static str,
    /// Lines of the frontend.
    pub front: &'static str,
    /// Lines of the backend.
    pub back: &'static str,
    /// What happens.
    pub script: &'static [Step],
    /// What servers get, as in `Outcome`.
    pub to_server: &'static str,
    /// What the client gets, likewise; a byway page is written `{503}`.
    pub to_client: &'static str,
    /// The log lines behind `f `.
    pub log: &'static str,
}

/// Plays an exchange whole, cut at each byte, and byte by byte.
pub fn check(row: &Exchange) {
    let text = configuration(row.front, row.back);
    let length: usize = row.script.iter().map(|step| if let C(text) | S(text) = step { text.len() } else { 0 }).sum();
    let cuts = (1..length).map(Cut::At);
    for cut in [Cut::Whole, Cut::Everywhere].into_iter().chain(cuts) {
        let mut stage = Stage::new(&text);
        stage.play(row.script, cut);
        let expected = Outcome { to_server: row.to_server.to_string(), to_client: with_pages(row.to_client), log: row.log.to_string() };
        let got = &stage.outcome;
        let case = format!("{} ({cut:?})", row.shows);
        assert_eq!(got.to_server, expected.to_server, "{case}: to the server");
        assert_eq!(got.to_client, expected.to_client, "{case}: to the client");
        assert_eq!(got.log, expected.log, "{case}: the log");
        stage.check_balance(&case);
    }
}

impl Stage {
    /// What an ended session has given back.
    pub fn check_balance(&self, case: &str) {
        use std::sync::atomic::Ordering::Relaxed;
        let held: usize = usize::from(self.session.transaction.reserved);
        for (proxy, live) in (0..self.current.config.proxies.len()).filter_map(|id| self.current.proxy(ProxyId(id as u32))) {
            assert!(live.state.sessions.load(Relaxed) <= 1, "{case}: sessions of {}", proxy.name);
            let ended = self.session.has_ended();
            assert!(!ended || live.state.sessions.load(Relaxed) == 0, "{case}: sessions of {}", proxy.name);
            assert!(!ended || live.state.connections.load(Relaxed) == 0, "{case}: connections of {}", proxy.name);
            assert!(!ended || live.state.queue.is_empty(), "{case}: the queue of {}", proxy.name);
        }
        let current: usize = self.current.proxy(ProxyId(1)).map_or(0, |(_, live)| live.servers.iter().map(|server| server.current()).sum());
        assert_eq!(current, held, "{case}: slots");
        if self.session.has_ended() {
            assert_eq!(held, 0, "{case}: an ended session has no slot");
            assert_eq!(self.session.transaction.request.capacity() + self.session.transaction.line.capacity(), 0, "{case}: buffers");
            assert_eq!(self.session.deadline(), Moment::NEVER);
        }
    }
}

/// Puts byway's pages in place of `{code}`.
fn with_pages(text: &str) -> String {
    use crate::http::reply::Status;
    [400, 403, 408, 500, 502, 503, 504].into_iter().fold(text.to_string(), |text, code| {
        let page = Status::from_code(code).map_or(String::new(), |status| String::from_utf8_lossy(status.page()).into_owned());
        text.replace(&format!("{{{code}}}"), &page)
    })
}
