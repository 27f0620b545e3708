//! `--explain`: one request, and perhaps its response, through the session machine itself, without a socket. The session is the
//! one that serves, with a witness beside it, so what is told here cannot differ from what would be done.

mod telling;

use crate::access_log::record::LogLines;
use crate::config::Source;
use crate::config::model::{Address, LogTarget, Mode, Proxy};
use crate::http::Version;
use crate::http::framing::{self, Body};
use crate::http::head::{Head, Limits, Parsed};
use crate::rules::note::Marks;
use crate::sample::{ProxyId, Witness};
use crate::session::admission::{Admission, Admitted};
use crate::session::assign::ConnectFault;
use crate::session::{Action, Connected, Context, Desk, Held, Output, Session, Side};
use crate::state::queue::SessionKey;
use crate::state::variables::Reader;
use crate::state::{Running, State};
use crate::units::{Moment, WallClock};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use telling::Telling;

/// How often time is let pass for a session that waits: tarpits, pauses between retries, queues.
const MOST_WAITS: usize = 32;
/// The client where none is named: an address that is nobody's in particular.
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40000);
/// What is said of a client that is left without an answer.
const NOTHING: &str = "the client gets nothing: its connection is closed";

/// What is asked.
pub struct Question<'a> {
    /// The configuration, joined with the state that the scene is set in.
    pub running: Arc<Running>,
    /// What is alive.
    pub state: &'a State,
    /// The files, for the lines that are told.
    pub sources: &'a [Source],
    /// The time of day.
    pub wall: WallClock,
    /// `--src`
    pub source: Option<SocketAddr>,
    /// `--dst`
    pub destination: Option<SocketAddr>,
    /// `--frontend`
    pub frontend: Option<&'a str>,
    /// Servers that refuse connections, as backend and server: `--server NAME=refuse`.
    pub refusing: &'a [(String, String)],
    /// The request as it comes over the wire.
    pub request: &'a [u8],
    /// The server's answer likewise.
    pub response: Option<&'a [u8]>,
}

/// Tells what would be done. The error says why nothing can be told.
pub fn explain(question: &Question) -> Result<String, String> {
    let running: Held = Rc::new(question.running.clone());
    let (frontend, why) = find_frontend(question)?;
    let destination = question.destination.or_else(|| frontend.binds.iter().find_map(|bind| reached(socket_of(&bind.address)?)));
    let source = question.source.unwrap_or(CLIENT);
    let mut variables = Reader::default();
    variables.refresh(&question.state.variables);
    let witness = Witness::default();
    let mut telling = Telling::new(question.sources, &question.running.config);
    let (request, repaired) = as_on_the_wire(question.request, frontend.mode);
    telling.scene(source, destination, frontend, &why);
    if repaired {
        telling.note("the request is taken with CRLF at the ends of its lines, and an empty line behind its head");
    }
    let mut play = Play {
        question,
        running: &running,
        variables: &variables,
        witness: &witness,
        telling,
        desk: Desk::default(),
        out: Output::default(),
        log: Lines::default(),
        now: Moment(1000),
        phase: Phase::Asking,
        to_client: Vec::new(),
        to_server: Vec::new(),
        mode: frontend.mode,
    };
    if let Some(session) = play.accept(frontend.id, source, destination) {
        play.run(session, &request);
    }
    Ok(play.telling.into_text())
}

/// The frontend that the client comes to, and why it is this one.
fn find_frontend<'q>(question: &'q Question) -> Result<(&'q Proxy, String), String> {
    let proxies = &question.running.config.proxies;
    let frontends: Vec<&Proxy> = proxies.iter().filter(|proxy| proxy.kind.has_frontend() && !proxy.disabled).collect();
    let named = |name: &str| frontends.iter().find(|proxy| proxy.name == name).copied();
    match (question.frontend, question.destination) {
        (Some(name), _) => {
            named(name).map(|proxy| (proxy, "by --frontend".into())).ok_or_else(|| format!("no frontend is called '{name}'"))
        }
        (None, Some(destination)) => {
            let exactly = |bind: &SocketAddr| *bind == destination;
            let anywhere = |bind: &SocketAddr| bind.ip().is_unspecified() && bind.port() == destination.port();
            let listens = |proxy: &Proxy, fits: &dyn Fn(&SocketAddr) -> bool| {
                proxy.binds.iter().filter_map(|bind| socket_of(&bind.address)).any(|bind| fits(&bind))
            };
            let found = frontends.iter().find(|proxy| listens(proxy, &exactly));
            let found = found.or_else(|| frontends.iter().find(|proxy| listens(proxy, &anywhere)));
            found.map(|proxy| (*proxy, format!("it listens on {destination}"))).ok_or_else(|| format!("nothing listens on {destination}"))
        }
        (None, None) => match frontends.as_slice() {
            [] => Err("the configuration has no frontend that a request could come to".into()),
            [only] => Ok((only, "the only one".into())),
            [first, ..] => Ok((first, format!("the first of {}; --dst or --frontend names another", frontends.len()))),
        },
    }
}

/// The address that a client of this machine would use for a listener.
fn reached(bind: SocketAddr) -> Option<SocketAddr> {
    Some(match bind {
        SocketAddr::V4(bind) if bind.ip().is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), bind.port()),
        SocketAddr::V6(bind) if bind.ip().is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), bind.port()),
        bind => bind,
    })
}

fn socket_of(address: &Address) -> Option<SocketAddr> {
    match address {
        Address::Inet(socket) => Some(*socket),
        _ => None,
    }
}

/// A request typed by hand has line feeds alone, and often no empty line at its end: it is made what a client would send. Says
/// whether it was.
fn as_on_the_wire(request: &[u8], mode: Mode) -> (Vec<u8>, bool) {
    let (head, body) = match request.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&request[..end], &request[end + 2..]),
        None => (request.strip_suffix(b"\n").unwrap_or(request), &b""[..]),
    };
    if mode != Mode::Http || head.contains(&b'\r') {
        return (request.to_vec(), false);
    }
    let mut wire = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        wire.extend_from_slice(line);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b"\r\n");
    wire.extend_from_slice(body);
    (wire, true)
}

/// Which part is being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Asking,
    Connected,
}

/// A session on its way, in the worker's place.
struct Play<'a> {
    question: &'a Question<'a>,
    running: &'a Held,
    variables: &'a Reader,
    witness: &'a Witness,
    telling: Telling<'a>,
    desk: Desk,
    out: Output,
    log: Lines,
    now: Moment,
    phase: Phase,
    to_client: Vec<u8>,
    to_server: Vec<u8>,
    /// The frontend's: does the client bring a request, or bytes?
    mode: Mode,
}

impl Play<'_> {
    fn with<T>(&mut self, call: impl FnOnce(&mut Context) -> T) -> T {
        call(&mut Context {
            now: self.now,
            wall: self.question.wall,
            current: self.running,
            state: self.question.state,
            variables: self.variables,
            desk: &mut self.desk,
            log: &mut self.log,
            out: &mut self.out,
            finishing: false,
            witness: Some(self.witness),
        })
    }

    /// Asks the rules of the connection; nothing when the client is not let in.
    fn accept(&mut self, frontend: ProxyId, source: SocketAddr, destination: Option<SocketAddr>) -> Option<Session> {
        let key = SessionKey { worker: 0, index: 0, generation: 0 };
        let plain = || Admitted::plain(Some(source), destination);
        let admission = self.with(|cx| Session::admit(key, frontend, plain(), cx));
        self.telling.seen(&self.witness.take());
        let client = match admission {
            None => plain(),
            Some(Admission::In(client)) => *client,
            Some(Admission::Reset) => {
                self.telling.heading(NOTHING);
                return None;
            }
            Some(Admission::Drop) => {
                self.telling.note("the client's connection is dropped without a word to the client");
                self.telling.heading(NOTHING);
                return None;
            }
        };
        if client.expects_proxy {
            self.telling.note("the PROXY header that is expected is left out here: --src and --dst stand for it");
        }
        Some(self.with(|cx| Session::accept_admitted(key, frontend, client, cx)))
    }

    fn run(&mut self, mut session: Session, request: &[u8]) {
        self.carry_out(&mut session, b"");
        let left = self.feed(&mut session, Side::Client, request);
        let mut waits = 0;
        // Bytes are all that there are; a request that is not whole is not waited for.
        let is_whole = self.mode == Mode::Tcp || whole_length(request).is_some();
        while self.phase == Phase::Asking && !session.has_ended() && self.to_client.is_empty() && (is_whole || !session.wants(Side::Client))
        {
            let deadline = session.deadline();
            if deadline == Moment::NEVER || waits == MOST_WAITS {
                break;
            }
            waits += 1;
            self.telling.seen(&self.witness.take());
            self.telling.wait(deadline.since_ms(self.now));
            self.now = deadline;
            self.with(|cx| session.expire(cx));
            self.carry_out(&mut session, b"");
        }
        let left = if left.is_empty() { left } else { self.feed(&mut session, Side::Client, &left) };
        self.tell_request(&session, request, &left);
        if let (Phase::Connected, Some(response)) = (self.phase, self.question.response) {
            let (response, _) = as_on_the_wire(response, self.mode);
            self.telling.heading("response");
            let left = self.feed(&mut session, Side::Server, &response);
            if session.wants(Side::Server) {
                self.with(|cx| session.server_bytes(cx, &left, true));
                self.carry_out(&mut session, &left);
            }
            if self.mode == Mode::Tcp && session.wants(Side::Client) {
                self.with(|cx| session.client_bytes(cx, b"", true));
                self.carry_out(&mut session, b"");
            }
        }
        self.telling.seen(&self.witness.take());
        if !self.to_client.is_empty() {
            self.telling.message("to the client", &self.to_client);
        } else if session.has_ended() {
            self.telling.heading(NOTHING);
        }
        self.telling.log(&self.log.0);
    }

    /// Tells what the server gets, and what of the request is missing or too much.
    fn tell_request(&mut self, session: &Session, request: &[u8], left: &[u8]) {
        self.telling.seen(&self.witness.take());
        if self.phase == Phase::Connected {
            self.telling.message("to the server", &self.to_server);
        }
        if self.mode == Mode::Http && session.wants(Side::Client) && self.to_client.is_empty() && !session.has_ended() {
            match whole_length(request) {
                None => self.telling.note("the request is not whole: its head or its body ends too early"),
                Some(_) if self.phase == Phase::Connected => {}
                Some(_) => self.telling.note("the session waits for more from the client"),
            }
        } else if let Some(behind) = whole_length(request).filter(|whole| left.len() == request.len() - whole).map(|_| left.len()) {
            match behind {
                0 => {}
                1 => self.telling.note("1 byte behind the request was not looked at"),
                more => self.telling.note(&format!("{more} bytes behind the request were not looked at")),
            }
        }
    }

    /// Gives a side's bytes to the session; what it did not take comes back.
    fn feed(&mut self, session: &mut Session, side: Side, bytes: &[u8]) -> Vec<u8> {
        let mut rest = bytes;
        while !rest.is_empty() && session.wants(side) {
            let taken = self.with(|cx| match side {
                Side::Client => session.client_bytes(cx, rest, false),
                Side::Server => session.server_bytes(cx, rest, false),
            });
            self.carry_out(session, rest);
            if taken == 0 || (side == Side::Client && !self.to_client.is_empty()) {
                rest = rest.get(taken..).unwrap_or_default();
                break;
            }
            rest = rest.get(taken..).unwrap_or_default();
        }
        rest.to_vec()
    }

    /// Writes and does what the session wants, as a worker would.
    fn carry_out(&mut self, session: &mut Session, input: &[u8]) {
        let marks = std::mem::take(&mut self.out.marks);
        if marks != Marks::default() {
            self.telling.seen(&self.witness.take());
        }
        if let Some(tos) = marks.tos {
            self.telling.note(&format!("packets to the client get the type of service {tos}"));
        }
        if let Some(mark) = marks.mark {
            self.telling.note(&format!("packets to the client get the mark {mark}"));
        }
        self.write_out(input);
        while !self.out.actions.is_empty() {
            self.telling.seen(&self.witness.take());
            match self.out.actions.remove(0) {
                Action::Connect { backend, server, .. } => self.connect(session, backend, server),
                Action::CloseServer if self.phase == Phase::Connected => self.telling.note("the server's connection is closed"),
                Action::AbortClient => self.telling.note("the client's connection is cut off"),
                Action::DropClient => self.telling.note("the client's connection is dropped without a word to the client"),
                Action::CancelConnect
                | Action::KeepServer { .. }
                | Action::FinishWriting { .. }
                | Action::ReadAgain { .. }
                | Action::CloseServer
                | Action::CloseClient => {}
            }
            self.write_out(b"");
        }
    }

    fn connect(&mut self, session: &mut Session, backend: ProxyId, server: usize) {
        let Some((proxy, _)) = self.running.proxy(backend) else { return };
        let Some(line) = proxy.line(server) else { return };
        let refuses = self.question.refusing.iter().any(|(backend, name)| *backend == proxy.name && *name == line.name);
        self.telling.server(proxy, line, session.target(line), refuses);
        match refuses {
            true => self.with(|cx| session.connect_failed(cx, ConnectFault::Refused)),
            false => {
                self.phase = Phase::Connected;
                self.with(|cx| session.connected(cx, Connected::Fresh));
            }
        }
    }

    fn write_out(&mut self, input: &[u8]) {
        for (outbound, sink) in [(&mut self.out.to_client, &mut self.to_client), (&mut self.out.to_server, &mut self.to_server)] {
            sink.extend_from_slice(&outbound.bytes);
            sink.extend_from_slice(input.get(outbound.passed.clone()).unwrap_or_default());
            sink.extend_from_slice(outbound.shared.as_deref().unwrap_or_default());
            outbound.clear();
        }
        self.out.grants.clear();
    }
}

/// The length of the first request, when it is whole.
fn whole_length(request: &[u8]) -> Option<usize> {
    let mut head = Head::default();
    let Ok(Parsed::Complete(length)) = head.parse_request(request, &Limits { bytes: usize::MAX, fields: 1000 }) else { return None };
    debug_assert!(matches!(head.version(), Version::Http10 | Version::Http11));
    let mut body = Body::new(framing::request_body(&head).ok()?);
    let taken = body.scan(request.get(length..)?).ok()?;
    body.is_complete().then_some(length + taken)
}

/// Log lines as they are sent.
#[derive(Default)]
struct Lines(Vec<String>);

impl LogLines for Lines {
    fn push(&mut self, _: &LogTarget, _: u8, message: &[u8], _: &[u8]) {
        let line = String::from_utf8_lossy(message).into_owned();
        if !self.0.contains(&line) {
            self.0.push(line);
        }
    }
    fn utc_offset_seconds(&self) -> i32 {
        0
    }
}
