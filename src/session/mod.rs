//! The session: a client's connection and what is done for its requests, as a pure machine. It is given bytes and the
//! time, and says what to write and what to do; sockets are the worker's.
//!
//! ```text
//!  client side:   Idle ──bytes──▶ Head ──whole──▶ Body ──counted──▶ Done ──answered──▶ Idle (kept alive) or ended
//!                                                    (Idle goes straight to Done when there is no body)
//!
//!  (`mode tcp` begins with Tunnel on both sides)
//!
//!  server side:   None ─assign─▶ Queued ─slot─▶ Connecting ─▶ Waiting ──head──▶ Body ──counted──▶ None
//!                   │               │            ▲     │          │
//!                   │               │          pause ◀─┘ refused  └─ 101 ──▶ Tunnel
//!                   └─ deny ─▶ ended (tarpit: held first)
//! ```
//!
//! `request` takes a head to its server's door, `assign` opens it, `response` brings the answer back, `finish` ends a
//! transaction. Each advance leaves at most one run of bytes for either side in `Output`, and actions for the worker.

mod administer;
pub mod admission;
mod again;
mod aside;
pub mod assign;
mod captures;
mod counting;
mod direction;
mod entrance;
mod fact_details;
mod facts;
pub mod finish;
mod inspect;
mod log_fields;
mod losses;
pub mod maintenance;
mod method;
mod observe;
pub mod output;
pub mod persistence;
pub mod request;
pub mod response;
mod rules;
mod side;
mod statistics;
mod surroundings;
pub mod termination;
#[cfg(test)]
mod tests;
pub mod timers;
pub mod tunnel;

use crate::access_log::record::LogLines;
use crate::buffer::Buffers;
use crate::config::model::{Mode, Proxy};
use crate::config::model_check::CheckProtocol;
use crate::http::Version;
use crate::http::framing::{Body, BodyLength};
use crate::http::head::{Head, Limits};
use crate::rules::apply::Room;
use crate::rules::note::Notes;
use crate::sample::{ProxyId, Witness};
use crate::state::queue::SessionKey;
use crate::state::running::Live;
use crate::state::variables::Reader;
use crate::state::{ListenerState, Running, ServerState, State};
use crate::units::{Moment, WallClock};
use admission::Admitted;
use aside::{Aside, ResponseStep, Step};
use entrance::Entrance;
use method::Method;
pub use output::{Action, Outbound, Output};
pub use side::{Connected, Side};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use termination::Termination;

/// How long an idle client may still begin a request once the process is finishing.
const LAST_REQUEST: Duration = Duration::from_secs(1);

/// A configuration in force, shared by the sessions of one worker.
pub type Held = Rc<Arc<Running>>;

/// What an advance works with: the time, the world, and the worker's reusable memory.
pub struct Context<'a> {
    /// The time of this turn.
    pub now: Moment,
    /// The wall clock of this turn.
    pub wall: WallClock,
    /// The configuration for new requests.
    pub current: &'a Held,
    /// What is alive.
    pub state: &'a State,
    /// The switches.
    pub variables: &'a Reader,
    /// Heads being worked on, and buffers.
    pub desk: &'a mut Desk,
    /// Where log lines go.
    pub log: &'a mut dyn LogLines,
    /// What is to be written and done.
    pub out: &'a mut Output,
    /// The process is finishing: no connection is kept.
    pub finishing: bool,
    /// Who writes down what is decided; none but for `--explain`.
    pub witness: Option<&'a Witness>,
}

/// A worker's reusable memory for messages.
#[derive(Debug, Default)]
pub struct Desk {
    /// The request's head while it is worked on.
    pub request: Head,
    /// The response's head likewise.
    pub response: Head,
    /// Free buffers.
    pub buffers: Buffers,
    /// A line being put together.
    pub line: Vec<u8>,
    /// The structured data that goes with it.
    pub log_data: Vec<u8>,
    /// What rules put together.
    pub room: Room,
}

/// What the client's side is doing.
#[derive(Clone, Debug)]
enum ClientSide {
    /// Nothing of a request has come.
    Idle,
    /// A part of a head has come.
    Head,
    /// Content rules look at the first bytes of `mode tcp`.
    Inspected(Step),
    /// A request waits for its body, or for content rules.
    Aside,
    /// The body is on its way.
    Body(Body),
    /// The whole request has come.
    Done,
    /// Bytes both ways.
    Tunnel,
}

/// What the server's side is doing.
#[derive(Clone, Debug)]
enum ServerSide {
    /// There is none.
    None,
    /// Waiting for a slot.
    Queued,
    /// Waiting before another try at the same server.
    Pause,
    /// Held before a refusal.
    Tarpit,
    /// Waiting for the connection.
    Connecting,
    /// Waiting for the response's head.
    Waiting,
    /// A response waits for its body, or for content rules.
    Aside,
    /// The response's body is on its way.
    Body(Relay),
    /// Bytes both ways.
    Tunnel,
    /// Waiting for a form of the statistics page.
    Form,
    /// A report is on its way in the place of a response.
    Service(Box<statistics::Serving>),
}

/// A response's body on its way.
#[derive(Clone, Debug)]
struct Relay {
    body: Body,
    /// Nothing of a trailer goes on.
    drops_trailer: bool,
    length: BodyLength,
    /// The client speaks HTTP/1.0 and the body is chunked: the chunks are taken off.
    unwrap: bool,
}

/// One request and its answer.
#[derive(Debug, Default)]
struct Transaction {
    method: Method,
    /// The client's message came as HTTP/1.0.
    is_http10: bool,
    /// The client would keep its connection.
    client_persists: bool,
    /// It says so in `Proxy-Connection`, and is told so.
    proxied: bool,
    /// The request asks for an upgrade.
    upgrade: bool,
    /// The sections that count it as under way (`maintenance drain`): the frontend, the backend.
    counted_by: [Option<ProxyId>; 2],
    /// What a tarpit ends with.
    held: Option<Box<rules::HeldAnswer>>,
    backend: Option<ProxyId>,
    server: Option<usize>,
    /// What `balance` makes of the request, where it looks at requests.
    key: Option<u32>,
    /// The server was named by a cookie, or by `force-persist`: it is kept as long as possible.
    persistent: bool,
    /// What rules have said of the server.
    direction: direction::Direction,
    /// A slot of the server is taken.
    reserved: bool,
    /// The connection had carried requests before.
    reused: bool,
    retries_left: u32,
    retries: u32,
    redispatched: bool,
    /// The server that it has left for another.
    left: Option<usize>,
    /// Its place in the server's and the backend's queue when it came to wait, from 1.
    queues: [usize; 2],
    /// The connection was accepted, or the request before was answered.
    opened: Moment,
    opened_wall: WallClock,
    began: Moment,
    began_wall: WallClock,
    complete: Option<Moment>,
    assigned: Option<Moment>,
    connected: Option<Moment>,
    answered: Option<Moment>,
    /// When the head of a response came that was set aside.
    head_came: Option<Moment>,
    status: u16,
    bytes_from_client: u64,
    bytes_to_client: u64,
    /// The address from which the server was connected to.
    server_source: Option<SocketAddr>,
    response_version: Option<Version>,
    /// Which request of the process it is.
    number: usize,
    termination: Termination,
    logged: bool,
    /// What answers in the place of a server, as the log names it.
    service: Option<&'static str>,
    /// A form of the statistics page.
    form: Option<statistics::FormUnderWay>,
    /// It has been counted.
    counted: bool,
    /// A rule has refused it.
    denied: bool,
    is_get: bool,
    /// What the server gets, kept as long as it may have to be sent again.
    request: Vec<u8>,
    /// More of the body than `request` has was sent, so that it cannot be sent again.
    streamed: bool,
    /// The client's connection is kept after this answer, by all that its head says.
    keep_client: bool,
    /// Likewise the server's.
    keep_server: bool,
    /// The request line as it came, for the log.
    line: Vec<u8>,
}

impl Transaction {
    /// The field that tells whether the client's connection goes on.
    fn connection_field(&self) -> &'static str {
        if self.proxied { "Proxy-Connection" } else { "Connection" }
    }
}

/// A client's connection.
#[derive(Debug)]
pub struct Session {
    key: SessionKey,
    running: Held,
    frontend: ProxyId,
    source: Option<SocketAddr>,
    destination: Option<SocketAddr>,
    /// The connection began with a PROXY header.
    came_by_proxy: bool,
    /// A client of `mode tcp` was led to a backend that speaks HTTP.
    upgraded: bool,
    /// Where the client came in, if that is counted apart.
    listener: Option<Arc<ListenerState>>,
    entrance: Option<Entrance>,
    client: ClientSide,
    server: ServerSide,
    transaction: Transaction,
    /// Who answered the request before.
    last_server: Option<assign::LastServer>,
    /// What rules have set.
    notes: Notes,
    captured: captures::Captured,
    /// Requests that this connection has begun.
    requests: u32,
    /// Fixed end of the time for a whole head.
    head_deadline: Moment,
    client_deadline: Moment,
    server_deadline: Moment,
    /// The end of the time for content rules of the client's side, once they wait.
    inspect_deadline: Moment,
    /// The same of the server's side, while its rules are not decided.
    response_inspection: Option<Moment>,
    request_aside: Option<Box<Aside<Step>>>,
    response_aside: Option<Box<Aside<ResponseStep>>>,
    /// What was written to the side has not all left.
    client_blocked: bool,
    server_blocked: bool,
    /// The last answer was byway's own. It is taken before the next request is, lest answers pile up for a client that only asks.
    answered_here: bool,
    /// The side has sent all that it will, in a tunnel.
    client_finished: bool,
    server_finished: bool,
    ended: bool,
}

impl Session {
    /// A client that was accepted. What comes before its first byte (a monitor's answer) is in `out` afterwards.
    pub fn accept_admitted(key: SessionKey, frontend: ProxyId, client: Admitted, cx: &mut Context) -> Session {
        let source = client.source;
        let mut session = Session::bare(key, frontend, client, cx);
        cx.out.marks = std::mem::take(&mut session.notes.marks);
        let running = session.running.clone();
        let Some((proxy, live)) = running.proxy(frontend) else {
            session.end(cx, Action::AbortClient);
            return session;
        };
        let now_open = live.state.connections.fetch_add(1, Ordering::Relaxed) + 1;
        live.state.connections_total.fetch_add(1, Ordering::Relaxed);
        session.entrance = Entrance::find(proxy, live, session.destination);
        session.count_arrival(cx, now_open);
        if let (Some(network), Some(source)) = (&proxy.monitor_net, source)
            && network.contains(source.ip())
        {
            if proxy.mode == Mode::Http {
                cx.out.to_client.bytes.extend_from_slice(crate::http::reply::MONITOR);
            }
            session.end_silently(cx);
            return session;
        }
        if !session.pass_session_rules(cx, proxy) {
            return session;
        }
        session.log_connect(cx, proxy);
        match proxy.mode {
            Mode::Http => {}
            Mode::Tcp => {
                session.open_tunnel(cx);
                return session;
            }
            Mode::Health => {
                // HAProxy 1.3: with `option httpchk` the answer is one of HTTP.
                let answer = if proxy.check.protocol == CheckProtocol::Connect { b"OK\n".as_slice() } else { crate::http::reply::MONITOR };
                cx.out.to_client.bytes.extend_from_slice(answer);
                session.end_silently(cx);
                return session;
            }
        }
        let timeout = proxy.timeouts.http_request.or(proxy.timeouts.client);
        session.client_deadline = cx.now.after(timeout);
        session.head_deadline = cx.now.after(proxy.timeouts.http_request);
        session
    }

    /// Would bytes from this side be taken now? A side whose bytes have nowhere to go is not read.
    #[inline]
    pub fn wants(&self, side: Side) -> bool {
        if self.ended {
            return false;
        }
        match side {
            Side::Client => match self.client {
                ClientSide::Idle if self.answered_here && self.client_blocked => false,
                ClientSide::Idle | ClientSide::Head => !self.server_blocked,
                ClientSide::Tunnel => !self.server_blocked && !self.client_finished && matches!(self.server, ServerSide::Tunnel),
                ClientSide::Inspected(_) | ClientSide::Aside => true,
                ClientSide::Body(_) => {
                    let passes = matches!(self.server, ServerSide::Waiting | ServerSide::Aside | ServerSide::Body(_) | ServerSide::Form);
                    !self.server_blocked && passes
                }
                ClientSide::Done => false,
            },
            Side::Server => match self.server {
                ServerSide::Waiting | ServerSide::Aside | ServerSide::Body(_) => !self.client_blocked,
                ServerSide::Tunnel => !self.client_blocked && !self.server_finished,
                _ => false,
            },
        }
    }

    /// The most bytes that this side may bring at once. A head, and what comes of a body with it, may have to wait for a
    /// server: `tune.bufsize` is their bound. What passes through is bounded by the scratch buffer alone.
    #[inline]
    pub fn most_bytes(&self, side: Side) -> usize {
        match (side, &self.client) {
            (Side::Client, ClientSide::Idle | ClientSide::Head | ClientSide::Inspected(_) | ClientSide::Aside) => {
                self.running.config.global.bufsize
            }
            (Side::Server, _) if self.response_inspection.is_some() => self.running.config.global.bufsize,
            _ => usize::MAX,
        }
    }

    /// Bytes from the client, from the first one not taken so far; `end` when no more will come. Says how many were taken.
    pub fn client_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        match &mut self.client {
            ClientSide::Idle | ClientSide::Head => self.request_head(cx, bytes, end),
            ClientSide::Body(_) if matches!(self.server, ServerSide::Form) => self.form_bytes(cx, bytes, end),
            ClientSide::Body(_) => self.request_body(cx, bytes, end),
            ClientSide::Tunnel => self.relay_tunnel(cx, Side::Client, bytes, end),
            ClientSide::Inspected(_) => self.first_bytes(cx, bytes, end),
            ClientSide::Aside => self.aside_bytes(cx, bytes, end),
            ClientSide::Done => 0,
        }
    }

    /// Bytes from the server, likewise.
    pub fn server_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        match self.server {
            ServerSide::Waiting => self.response_head(cx, bytes, end),
            ServerSide::Body(_) => self.response_body(cx, bytes, end),
            ServerSide::Aside => self.response_aside_bytes(cx, bytes, end),
            ServerSide::Tunnel if self.response_inspection.is_some() => self.inspected_bytes(cx, bytes, end),
            ServerSide::Tunnel => self.relay_tunnel(cx, Side::Server, bytes, end),
            _ => 0,
        }
    }

    /// Another configuration is in force: a session without a request takes it up at once.
    pub fn adopt(&mut self, cx: &mut Context) {
        if matches!((&self.client, &self.server), (ClientSide::Idle, ServerSide::None)) && self.transaction.backend.is_none() {
            self.take_up(cx);
        }
    }

    /// May the client be sending what nobody will read?
    pub fn client_may_send(&self) -> bool {
        !matches!(self.client, ClientSide::Done)
    }

    /// The process is finishing: an idle client gets a last moment, the others finish what they do.
    pub fn finish(&mut self, cx: &Context) {
        if matches!((&self.client, &self.server), (ClientSide::Idle, ServerSide::None)) && !self.stays_for_an_answer() {
            self.client_deadline = self.client_deadline.min(cx.now.after(Some(LAST_REQUEST)));
        }
    }

    /// Is it over? Then the worker closes what is open, once what was written has left.
    #[inline]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The configuration that the current request goes by.
    pub fn running(&self) -> &Held {
        &self.running
    }

    /// `option idle-close-on-response`: an idle client is told of the end with its next answer.
    fn stays_for_an_answer(&self) -> bool {
        self.running.config.proxies.get(self.frontend.0 as usize).is_some_and(|front| front.http.idle_close_on_response)
    }

    /// When a client between two requests is let go: `timeout http-keep-alive`, once it has taken the answer.
    fn idle_deadline(&self, cx: &Context) -> Moment {
        let timeouts = &self.running.config.proxies[self.frontend.0 as usize].timeouts;
        match self.client_blocked {
            true => cx.now.after(timeouts.client),
            false if cx.finishing && !self.stays_for_an_answer() => cx.now.after(Some(LAST_REQUEST)),
            false => cx.now.after(timeouts.http_keep_alive.or(timeouts.http_request).or(timeouts.client)),
        }
    }

    /// The server of which it has a slot.
    pub fn slot(&self) -> Option<&Arc<ServerState>> {
        self.server_state(&self.running).filter(|_| self.transaction.reserved)
    }

    /// Does it wait for a slot?
    pub fn is_queued(&self) -> bool {
        matches!(self.server, ServerSide::Queued)
    }

    /// How it is known across threads.
    pub fn key(&self) -> SessionKey {
        self.key
    }

    /// Bounds of heads by the configuration in force. As in HAProxy, `tune.http.maxhdr` counts the start line.
    fn limits(&self) -> Limits {
        let global = &self.running.config.global;
        Limits { bytes: global.bufsize.saturating_sub(global.maxrewrite), fields: global.maxhdr.saturating_sub(1) }
    }

    fn front<'r>(&self, running: &'r Held) -> &'r Proxy {
        &running.config.proxies[self.frontend.0 as usize]
    }

    /// The backend, or the frontend while none is chosen.
    fn back<'r>(&self, running: &'r Held) -> &'r Proxy {
        let id = self.transaction.backend.unwrap_or(self.frontend);
        running.config.proxies.get(id.0 as usize).unwrap_or_else(|| self.front(running))
    }

    fn back_live<'r>(&self, running: &'r Held) -> Option<&'r Live> {
        running.proxy(self.transaction.backend?).map(|(_, live)| live)
    }

    fn server_state<'r>(&self, running: &'r Held) -> Option<&'r Arc<ServerState>> {
        self.back_live(running)?.servers.get(self.transaction.server?)
    }
}
