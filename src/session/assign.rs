//! From a request to a connection: choose a server, take one of its slots or wait for one, connect, try again.
//! Whose turn it is, is `balance`; who waits, `state::queue`.

use super::output::Reuse;
use super::termination::{Cause, RequestCookie, Stage};
use super::{Action, ClientSide, Connected, Context, Held, Method, ServerSide, Session};
use crate::balance;
use crate::config::model::{Address, HttpReuse, Server};
use crate::http::proxy_header::{self, Ends};
use crate::http::reply::Status;
use crate::http::uri::Target;
use crate::rules::server::Persistence;
use crate::sample::ProxyId;
use crate::state::observed::Sight;
use crate::state::queue::Wait;
use crate::state::running::Pick;
use crate::state::{Running, ServerState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The longest pause before another try at a server that refused (HAProxy's).
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// How long a session that was given a slot which it has no use for stays away from the queue.
const QUEUE_PAUSE: Duration = Duration::from_millis(50);

/// Who answered a client's request before.
#[derive(Debug)]
pub(super) struct LastServer {
    /// The configuration that the numbers are of.
    running: std::rc::Weak<Arc<Running>>,
    backend: ProxyId,
    server: usize,
    /// 401 or 407: schemes like NTLM need the same connection's server again.
    asked_for_a_password: bool,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The server refused, or cannot be reached.
    Refused,
    /// `timeout connect` has passed.
    TimedOut,
    /// This host has no descriptors, ports or memory left.
    NoResources,
}

impl Session {
    /// Takes a slot of the server that the cookie names, or of the one whose turn it is; waits when there is none.
    pub(super) fn assign(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let back = self.back(&running);
        let request = if self.is_tcp() { None } else { Some(&cx.desk.request) };
        self.transaction.key = balance::key::key(&back.balance, back.hash_type, request, self.source.map(|source| source.ip()));
        if let (Some(witness), None) = (cx.witness, self.transaction.server) {
            witness.note(format!("balance {}", back.balance.render()));
        }
        if self.transaction.server.is_none() {
            self.transaction.server = self.preferred_server();
        }
        self.assign_but(cx, None);
    }

    fn assign_but(&mut self, cx: &mut Context, avoid: Option<usize>) {
        let running = self.running.clone();
        let Some((proxy, live)) = self.transaction.backend.and_then(|id| running.proxy(id)) else {
            return self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Connect);
        };
        if self.transaction.server.is_none() && proxy.direct.is_some() {
            self.transaction.assigned.get_or_insert(cx.now);
            return self.connect(cx);
        }
        let key = self.transaction.key;
        let reserve = |wanted: Option<usize>| match wanted {
            Some(index) => live.servers.get(index)?.try_reserve(live.maxconn(proxy, index)).then_some(index),
            None => match live.pick(proxy, key, avoid) {
                Pick::Server(index) => live.servers.get(index)?.try_reserve(live.maxconn(proxy, index)).then_some(index),
                Pick::Bound(_) | Pick::AllFull | Pick::NoServer => None,
            },
        };
        let named = self.transaction.server.is_some();
        let waits = !named && live.must_wait(proxy, live.state.queue.len());
        if let Some(index) = if waits { None } else { reserve(self.transaction.server) } {
            return self.take_slot(cx, index);
        }
        if !named {
            match live.pick(proxy, key, avoid) {
                Pick::NoServer => return self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Connect),
                Pick::Bound(index) => self.transaction.server = Some(index),
                Pick::Server(_) | Pick::AllFull => {}
            }
        }
        let wanted = self.transaction.server;
        let pinned = wanted.and_then(|index| live.servers.get(index));
        if let (Some(index), Some(pinned)) = (wanted, pinned)
            && let Some(most) = proxy.servers.get(index).and_then(|server| server.maxqueue)
            && live.state.queue.len_for(pinned) >= most as usize
        {
            return match proxy.redispatch {
                // A key would lead to the same server again.
                _ if !named => self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Queue),
                0 => self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Queue),
                _ => self.redispatch(cx, index),
            };
        }
        let mut taken = None;
        let try_again = || {
            let waits = wanted.is_none() && live.must_wait(proxy, live.state.queue.len().saturating_sub(1));
            taken = if waits { None } else { reserve(wanted) };
            taken.is_some()
        };
        match live.state.queue.wait(self.key, pinned.map(Arc::as_ref), try_again) {
            Wait::Reserved => match taken {
                Some(index) => self.take_slot(cx, index),
                None => self.refuse(cx, Status::InternalError500, Cause::Internal, Stage::Queue),
            },
            Wait::Queued(ahead) => {
                self.transaction.queues = if pinned.is_some() { [ahead + 1, 0] } else { [0, ahead + 1] };
                self.count_wait();
                self.server = ServerSide::Queued;
                self.server_deadline = cx.now.after(proxy.timeouts.queue.or(proxy.timeouts.connect));
            }
        }
    }

    fn take_slot(&mut self, cx: &mut Context, index: usize) {
        let left = self.transaction.left.take();
        let balanced = !self.transaction.persistent && matches!(self.server, ServerSide::None) && left != Some(index);
        self.transaction.server = Some(index);
        self.transaction.reserved = true;
        self.transaction.assigned.get_or_insert(cx.now);
        self.count_slot(cx, balanced);
        if let Some(left) = left {
            self.count_return(left, index);
        }
        if !self.redirect_to(cx, index) {
            self.connect(cx);
        }
    }

    /// `redir`: where a GET or HEAD is to be asked of the server itself.
    fn redirect_to(&mut self, cx: &mut Context, index: usize) -> bool {
        let running = self.running.clone();
        let prefix = self.back(&running).servers.get(index).and_then(|server| server.redirect.as_deref());
        let Some(prefix) = prefix.filter(|_| self.transaction.is_get || self.transaction.method == Method::Head) else { return false };
        if self.is_tcp() {
            return false;
        }
        // The target is that of the request as rules have left it, without a host before its path.
        let target = self.transaction.request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let path = Target::parse(target).and_then(|parsed| target.get(parsed.path_range().start..)).unwrap_or_default();
        let out = &mut cx.out.to_client.bytes;
        let before = out.len();
        out.extend_from_slice(b"HTTP/1.1 302 Found\r\nCache-Control: no-cache\r\nContent-Length: 0\r\nLocation: ");
        out.extend_from_slice(prefix);
        out.extend_from_slice(path);
        out.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
        self.transaction.bytes_to_client += (out.len() - before) as u64;
        self.transaction.status = 302;
        self.transaction.termination.blame(Cause::Local, Stage::Connect);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, Action::CloseClient);
        true
    }

    /// A slot came for this session while it waited.
    pub fn granted(&mut self, cx: &mut Context, server: &Arc<ServerState>) {
        let running = self.running.clone();
        let index = self.back_live(&running).and_then(|live| live.servers.iter().position(|state| Arc::ptr_eq(state, server)));
        match (index, matches!(self.server, ServerSide::Queued)) {
            (Some(index), true) => {
                // A server that its cookie did not name: its own has gone down meanwhile.
                self.transaction.persistent &= self.transaction.server == Some(index);
                self.take_slot(cx, index);
            }
            (None, true) => {
                // A server of another configuration: the slot goes to the next, and this session comes back a little later.
                // At once would not do: waiters of one configuration would pass the slot around without end.
                self.return_slot(cx, server);
                self.transaction.server = None;
                self.server = ServerSide::Pause;
                self.server_deadline = self.server_deadline.min(cx.now.after(Some(QUEUE_PAUSE)));
            }
            (_, false) => self.return_slot(cx, server),
        }
    }

    /// Gives back a slot that this session has no use for.
    fn return_slot(&mut self, cx: &mut Context, server: &Arc<ServerState>) {
        let running = self.running.clone();
        let Some((proxy, live)) = self.transaction.backend.and_then(|id| running.proxy(id)) else { return };
        match live.servers.iter().position(|state| Arc::ptr_eq(state, server)) {
            Some(index) => live.release(proxy, index, &mut cx.out.grants),
            None => cx.out.grants.extend(live.state.queue.release(server, None)),
        }
    }

    /// The pause is over: another try at the server, or at the queue for what is left of its time.
    pub(super) fn pause_expired(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        if self.transaction.reserved || (self.transaction.server.is_none() && self.back(&running).direct.is_some()) {
            return self.connect(cx);
        }
        let timeouts = &self.back(&running).timeouts;
        let until = self.transaction.complete.unwrap_or(cx.now).after(timeouts.queue.or(timeouts.connect));
        if until <= cx.now {
            return self.queue_expired(cx);
        }
        self.assign(cx);
        if matches!(self.server, ServerSide::Queued) {
            self.server_deadline = until;
        }
    }

    /// Asks for a connection to the server that was chosen.
    pub(super) fn connect(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let Some(backend) = self.transaction.backend else {
            return self.refuse(cx, Status::InternalError500, Cause::Internal, Stage::Connect);
        };
        let server = self.line_index(&running);
        // No client ever sees an error because a server closed an idle connection just then: a request that can be sent
        // again may use any; one that cannot has a connection of its own when it is its client's first (`http-reuse safe`).
        let repeatable = self.transaction.method.may_be_repeated() && matches!(self.client, ClientSide::Done);
        let reuse = match (self.back(&running).http_reuse, repeatable) {
            (HttpReuse::Never, _) => Reuse::Never,
            // A connection that began with one client's address is no other's.
            _ if self.is_of_one_client(&running) => Reuse::Never,
            _ if self.transaction.retries > 0 || self.transaction.reused => Reuse::Never,
            (_, true) => Reuse::Idle,
            (HttpReuse::Safe, false) if self.requests <= 1 => Reuse::Never,
            (_, false) => Reuse::Checked,
        };
        self.ask_for(cx, backend, server, reuse);
    }

    fn ask_for(&mut self, cx: &mut Context, backend: ProxyId, server: usize, reuse: Reuse) {
        let running = self.running.clone();
        self.server = ServerSide::Connecting;
        self.server_blocked = false;
        self.server_deadline = cx.now.after(self.back(&running).timeouts.connect);
        cx.out.actions.push(Action::Connect { backend, server, reuse });
    }

    /// The address from which the server is connected to, told before `connected`.
    pub fn connects_from(&mut self, address: Option<SocketAddr>) {
        self.transaction.server_source = address;
    }

    /// The connection stands: the request goes out.
    pub fn connected(&mut self, cx: &mut Context, how: Connected) {
        if !matches!(self.server, ServerSide::Connecting) {
            return;
        }
        let running = self.running.clone();
        self.transaction.connected = Some(cx.now);
        self.observe(cx, Sight::Connected);
        self.transaction.reused = how == Connected::Reused;
        self.counted(&running).beyond().for_each(|counters| match how {
            Connected::Fresh => counters.connects.add_one(),
            Connected::Reused => counters.reuses.add_one(),
        });
        let ends = self.source.zip(self.destination).map(|(source, destination)| Ends { source, destination });
        match self.sends_proxy(&running) {
            0 => {}
            1 => proxy_header::render_line(ends, &mut cx.out.to_server.bytes),
            _ => proxy_header::render_binary(ends, &mut cx.out.to_server.bytes),
        }
        if self.is_tcp() {
            self.begin_tunnel(cx);
            return self.begin_response_inspection(cx);
        }
        self.send_request(cx, self.back(&running));
        self.server = ServerSide::Waiting;
        self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        self.begin_response_inspection(cx);
    }

    /// The version of the PROXY header that the server's connections begin with; 0 for none.
    pub(super) fn sends_proxy(&self, running: &Held) -> u8 {
        self.server_line(running).map_or(0, |server| server.send_proxy)
    }

    /// May no other client's request use a connection to this server?
    pub(super) fn is_of_one_client(&self, running: &Held) -> bool {
        self.server_line(running).is_some_and(|server| server.send_proxy > 0 || server.reach.is_of_one_client())
    }

    /// Index of the server that was chosen, or of what stands in for one (`Proxy::line`).
    fn line_index(&self, running: &Held) -> usize {
        self.transaction.server.unwrap_or(self.back(running).servers.len())
    }

    fn server_line<'r>(&self, running: &'r Held) -> Option<&'r Server> {
        self.back(running).line(self.line_index(running))
    }

    /// The number under which the server's connection is kept for others.
    pub(super) fn destination_number(&self, running: &Held) -> Option<usize> {
        self.back_live(running)?.destinations.get(self.line_index(running)).copied()
    }

    /// Where a connection for this client to a server goes; `None` when there is no such port.
    pub fn target(&self, server: &Server) -> Option<SocketAddr> {
        let Address::Inet(address) = server.address else { return None };
        server.reach.target(address, self.notes.destination.or(self.destination))
    }

    /// The client's address, as rules may have changed it.
    pub fn client_address(&self) -> Option<SocketAddr> {
        self.source()
    }

    /// There is no connection: another try at the same server, at another one, or the end.
    pub fn connect_failed(&mut self, cx: &mut Context, fault: ConnectFault) {
        if !matches!(self.server, ServerSide::Connecting) {
            return;
        }
        if fault == ConnectFault::TimedOut {
            cx.out.actions.push(Action::CancelConnect);
        }
        self.server = ServerSide::None;
        self.observe(cx, Sight::NotConnected);
        let running = self.running.clone();
        let proxy = self.back(&running);
        self.counted(&running).beyond().for_each(|counters| counters.connects.add_one());
        let usable = self.server_state(&running).is_some_and(|server| server.is_usable());
        let is_wanted = proxy.http.retry_on.connect || self.is_tcp();
        if self.transaction.retries_left == 0 || !is_wanted {
            let cause = if fault == ConnectFault::TimedOut { Cause::ServerTimeout } else { Cause::Server };
            return self.refuse(cx, Status::Unavailable503, cause, Stage::Connect);
        }
        match (self.count_retry(usable), self.transaction.server) {
            (true, Some(index)) => self.redispatch(cx, index),
            _ if fault == ConnectFault::TimedOut => {
                self.counted(&running).beyond().for_each(|counters| counters.retries.add_one());
                self.connect(cx);
            }
            _ => {
                self.counted(&running).beyond().for_each(|counters| counters.retries.add_one());
                self.server = ServerSide::Pause;
                self.server_deadline = cx.now.after(Some(proxy.timeouts.connect.unwrap_or(RETRY_PAUSE).min(RETRY_PAUSE)));
            }
        }
    }

    /// Takes one of the tries that are left; says whether `option redispatch` sends it elsewhere.
    fn count_retry(&mut self, usable: bool) -> bool {
        let running = self.running.clone();
        let redispatch = self.back(&running).redispatch;
        let transaction = &mut self.transaction;
        transaction.retries_left = transaction.retries_left.saturating_sub(1);
        transaction.retries += 1;
        match redispatch {
            _ if transaction.direction.persistence == Persistence::Forced => false,
            0 => false,
            every if every > 0 => transaction.retries.is_multiple_of(every as u32) || !usable,
            _ => transaction.retries_left == 0 || !usable,
        }
    }

    /// Another try at once, for a request that has reached a server in vain.
    pub(super) fn connect_again(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let usable = self.server_state(&running).is_some_and(|server| server.is_usable());
        match (self.count_retry(usable), self.transaction.server) {
            (true, Some(index)) => self.redispatch(cx, index),
            _ => {
                self.counted(&running).beyond().for_each(|counters| counters.retries.add_one());
                self.connect(cx);
            }
        }
    }

    /// Notes who answered: the next request of this client may like to go there too.
    pub(super) fn remember_server(&mut self) {
        let transaction = &self.transaction;
        self.last_server = transaction.backend.zip(transaction.server).map(|(backend, server)| LastServer {
            running: std::rc::Rc::downgrade(&self.running),
            backend,
            server,
            asked_for_a_password: matches!(transaction.status, 401 | 407),
        });
    }

    /// The server that answered before, where `option prefer-last-server` (or a password that it asked for) makes it the choice of
    /// a request that is free to choose, and `max-keep-alive-queue` does not send it elsewhere.
    fn preferred_server(&self) -> Option<usize> {
        let last = self.last_server.as_ref()?;
        let (proxy, live) = self.running.proxy(last.backend)?;
        let is_same = self.transaction.backend == Some(last.backend) && last.running.as_ptr() == std::rc::Rc::as_ptr(&self.running);
        let is_preferred = last.asked_for_a_password || proxy.http.prefer_last_server;
        if !is_same || !is_preferred || self.transaction.key.is_some() {
            return None;
        }
        let (server, state) = (proxy.servers.get(last.server)?, live.servers.get(last.server)?);
        let may_wait = match proxy.http.max_keep_alive_queue.filter(|_| !last.asked_for_a_password) {
            None => true,
            Some(most) => state.has_room(server.maxconn) || live.state.queue.len_for(state) + 1 < most as usize,
        };
        // Others would take it: a full queue of this one (`maxqueue`) is no reason to refuse.
        let is_full =
            server.maxqueue.is_some_and(|most| !state.has_room(server.maxconn) && live.state.queue.len_for(state) >= most as usize);
        (state.is_usable() && may_wait && !is_full).then_some(last.server)
    }

    /// Gives the slot back and takes another server, where there is one.
    fn redispatch(&mut self, cx: &mut Context, from: usize) {
        self.release_slot(cx);
        let transaction = &mut self.transaction;
        if transaction.persistent {
            transaction.termination.request_cookie = RequestCookie::Down;
        }
        transaction.persistent = false;
        transaction.direction.by_rule = false;
        transaction.redispatched = true;
        transaction.left = Some(from);
        transaction.server = None;
        self.assign_but(cx, Some(from));
    }

    /// `timeout queue` has passed.
    pub(super) fn queue_expired(&mut self, cx: &mut Context) {
        self.transaction.assigned = Some(cx.now);
        self.transaction.queues = [0, 0];
        self.refuse(cx, Status::Unavailable503, Cause::ServerTimeout, Stage::Queue);
    }

    /// Gives the slot back, if one is taken; the first that waits for it gets it.
    pub(super) fn release_slot(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let Some((proxy, live)) = self.transaction.backend.and_then(|id| running.proxy(id)) else { return };
        if matches!(self.server, ServerSide::Queued) {
            // When the slot has been granted already, the grant comes and finds nobody waiting: it is returned then.
            live.state.queue.leave(self.key);
        }
        if !std::mem::take(&mut self.transaction.reserved) {
            return;
        }
        let Some(index) = self.transaction.server else { return };
        live.release(proxy, index, &mut cx.out.grants);
    }
}
