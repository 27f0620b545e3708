//! How a transaction ends: whole, refused or aborted. The slot is given back, the record is logged, and the connection
//! goes on to its next request or ends.

use super::termination::{Cause, RequestCookie, ResponseCookie, Stage, Termination};
use super::{Action, ClientSide, Context, Held, ServerSide, Session, Transaction};
use crate::access_log::record::{self, Record};
use crate::config::model::{Cookie, LogFormat};
use crate::http::reply::{self, Status};
use crate::rules::text::OfWorld;
use crate::sample::World;
use crate::state::State;
use crate::units::Moment;
use std::sync::atomic::Ordering;

/// `info`: the level of traffic logs.
pub(super) const INFO: u8 = 6;
/// `err`: theirs, for what went wrong, where `option log-separate-errors` asks for it.
const ERROR: u8 = 3;
/// From this status on a response is a fault of the server's side.
const FIRST_SERVER_FAULT: u16 = 500;

impl Transaction {
    /// What a connection begins with, when it was accepted or has been answered.
    pub(super) fn opened(cx: &Context) -> Transaction {
        Transaction { opened: cx.now, opened_wall: cx.wall, began: cx.now, began_wall: cx.wall, ..Transaction::default() }
    }
}

impl Session {
    /// The answer has gone out whole, and the client's connection is kept for its next request.
    pub(super) fn complete_and_keep(&mut self, cx: &mut Context, server: Action) {
        cx.out.actions.push(server);
        self.release(cx);
        self.write_log(cx);
        self.next_request(cx);
    }

    /// The answer has gone out whole, and the connection ends.
    pub(super) fn complete(&mut self, cx: &mut Context, server: Action, client: Action) {
        cx.out.actions.push(server);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, client);
    }

    /// Answers by itself and ends the connection; when an answer is under way already, cuts it off.
    pub(super) fn refuse(&mut self, cx: &mut Context, status: Status, cause: Cause, stage: Stage) {
        if self.transaction.answered.is_some() {
            return self.abort(cx, cause, stage);
        }
        let running = self.running.clone();
        if let Some(message) = self.make_page(cx, status.code()) {
            return self.refuse_with(cx, message, cause, stage);
        }
        let own = self.back(&running).page(status.code()).or_else(|| self.front(&running).page(status.code()));
        let page = own.map_or(status.page(), |page| page);
        let page = match self.transaction.method {
            _ if self.is_tcp() => &[],
            super::Method::Head => page.get(..reply::head_len(page)).unwrap_or_default(),
            _ => page,
        };
        if self.is_tcp() || !self.write_page_by_rules(cx, page) {
            cx.out.to_client.bytes.extend_from_slice(page);
            self.transaction.status = status.code();
            self.transaction.bytes_to_client += page.len() as u64;
        }
        self.transaction.termination.blame(cause, stage);
        self.leave_server(cx);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, Action::CloseClient);
    }

    /// Ends both connections as they are; a client that waits for more of an answer sees that it was cut off.
    pub(super) fn abort(&mut self, cx: &mut Context, cause: Cause, stage: Stage) {
        self.transaction.termination.blame(cause, stage);
        self.leave_server(cx);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, if matches!(cause, Cause::Server | Cause::Proxy) { Action::CloseClient } else { Action::AbortClient });
    }

    /// Ends a connection that has nothing under way, without a line in the log.
    pub(super) fn end_silently(&mut self, cx: &mut Context) {
        self.transaction.logged = true;
        self.end(cx, Action::CloseClient);
    }

    pub(super) fn end(&mut self, cx: &mut Context, client: Action) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.entrance = None;
        self.leave_buffers(cx);
        cx.out.actions.push(client);
        let running = self.running.clone();
        if let Some((_, live)) = running.proxy(self.frontend) {
            live.state.connections.fetch_sub(1, Ordering::Relaxed);
        }
        self.count_leave();
    }

    pub(super) fn next_request(&mut self, cx: &mut Context) {
        self.leave_buffers(cx);
        self.notes.end_transaction();
        self.captured.clear();
        self.transaction = Transaction::opened(cx);
        self.client = ClientSide::Idle;
        self.server = ServerSide::None;
        self.head_deadline = Moment::NEVER;
        self.client_deadline = self.idle_deadline(cx);
    }

    fn leave_buffers(&mut self, cx: &mut Context) {
        for buffer in [&mut self.transaction.request, &mut self.transaction.line] {
            cx.desk.buffers.give_back(std::mem::take(buffer));
        }
    }

    /// Lets go of the server's connection, whatever its state.
    pub(super) fn leave_server(&mut self, cx: &mut Context) {
        match self.server {
            ServerSide::Connecting => cx.out.actions.push(Action::CancelConnect),
            ServerSide::Waiting | ServerSide::Aside | ServerSide::Body(_) | ServerSide::Tunnel => {
                cx.out.actions.push(Action::CloseServer);
            }
            ServerSide::None | ServerSide::Queued | ServerSide::Pause | ServerSide::Tarpit => {}
            ServerSide::Form | ServerSide::Service(_) => {}
        }
    }

    /// Gives back the slot and leaves the backend's count.
    pub(super) fn release(&mut self, cx: &mut Context) {
        self.count_transaction(cx);
        self.release_slot(cx);
        self.server = ServerSide::None;
        self.server_blocked = false;
        self.response_inspection = None;
        let running = self.running.clone();
        self.leave_under_way(&running);
        if let Some(live) = self.back_live(&running) {
            live.state.sessions.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Writes the record to the frontend's log targets, once per transaction.
    pub(super) fn write_log(&mut self, cx: &mut Context) {
        if std::mem::replace(&mut self.transaction.logged, true) {
            return;
        }
        let running = self.running.clone();
        let front = self.front(&running);
        if front.log.is_empty() || front.log_format == LogFormat::Connect || self.notes.log_level == Some(None) {
            return;
        }
        let went_wrong = self.went_wrong();
        if front.options.dont_log_normal && !went_wrong {
            return;
        }
        let mut message = std::mem::take(&mut cx.desk.line);
        message.clear();
        if front.unique_id_format.is_some() {
            let world = self.surroundings(&running, cx);
            world.unique_id(&self.scene(&running, &world));
        }
        let record = self.record(cx.state, cx.now);
        let offset = cx.log.utc_offset_seconds();
        let custom = front.custom_log.as_ref().filter(|_| front.log_format == LogFormat::Custom);
        match front.log_format {
            _ if custom.is_some() => {}
            LogFormat::Tcp => record::render_tcp(&record, offset, &mut message),
            LogFormat::Http | LogFormat::Connect | LogFormat::Custom => record::render_http(&record, offset, &mut message),
        }
        let mut data = std::mem::take(&mut cx.desk.log_data);
        data.clear();
        let world = self.surroundings(&running, cx);
        for (format, out) in [(custom, &mut message), (front.structured_log.as_ref(), &mut data)] {
            if let Some(format) = format {
                format.render(&OfWorld(&world), &self.scene(&running, &world), out);
            }
        }
        let usual = if front.options.log_separate_errors && went_wrong { ERROR } else { INFO };
        let level = self.notes.log_level.flatten().unwrap_or(usual);
        if let Some((_, live)) = running.proxy(self.frontend) {
            live.state.log_lines.fetch_add(1, Ordering::Relaxed);
        }
        for target in &front.log {
            cx.log.push(target, level, &message, &data);
        }
        (cx.desk.line, cx.desk.log_data) = (message, data);
    }

    /// Did it end in another way than intended, or only after a retry?
    fn went_wrong(&self) -> bool {
        let transaction = &self.transaction;
        let cut_off = !matches!(transaction.termination.cause, Cause::Normal | Cause::Local);
        cut_off || transaction.redispatched || transaction.retries > 0 || transaction.status >= FIRST_SERVER_FAULT
    }

    /// A backend with a cookie has its letters even where nothing came so far that they could tell of.
    fn termination_with_cookies(&self, running: &Held) -> Termination {
        let mut termination = self.transaction.termination;
        let is_told = |rule: &Cookie| rule.insert || rule.rewrite || rule.prefix || rule.indirect;
        if !self.is_tcp() && self.back(running).cookie.as_ref().is_some_and(is_told) {
            if termination.request_cookie == RequestCookie::Unused {
                termination.request_cookie = RequestCookie::None;
            }
            if termination.response_cookie == ResponseCookie::Unused {
                termination.response_cookie = ResponseCookie::None;
            }
        }
        termination
    }

    pub(super) fn record(&self, state: &State, now: Moment) -> Record<'_> {
        let transaction = &self.transaction;
        let running = &self.running;
        let front = self.front(running);
        let span = |from: Option<Moment>, to: Option<Moment>| match (from, to) {
            (Some(from), Some(to)) => to.since_ms(from) as i64,
            _ => -1,
        };
        let back_name = match transaction.backend {
            Some(_) => self.back(running).name.as_str(),
            None => front.name.as_str(),
        };
        let server = transaction.server.and_then(|server| self.back(running).servers.get(server));
        let (sessions, server_now) = match (self.back_live(running), self.server_state(running)) {
            (Some(live), server) => (live.state.sessions.load(Ordering::Relaxed), server.map_or(0, |s| s.current())),
            (None, _) => (0, 0),
        };
        let frontend_now = running.proxy(self.frontend).map_or(0, |(_, live)| live.state.connections.load(Ordering::Relaxed));
        Record {
            source: self.source(),
            began: transaction.began_wall,
            frontend: &front.name,
            backend: back_name,
            server: match server {
                Some(server) => &server.name,
                None if transaction.termination.stage == Stage::Maintenance => "<MAINT>",
                None => transaction.service.unwrap_or("<NOSRV>"),
            },
            request_ms: span(Some(transaction.began), transaction.complete),
            queue_ms: span(transaction.complete, transaction.assigned),
            connect_ms: span(transaction.assigned, transaction.connected),
            response_ms: span(transaction.connected, transaction.answered),
            total_ms: now.since_ms(transaction.began) as i64,
            early: transaction.answered.is_some() && !matches!(self.server, ServerSide::None),
            status: if transaction.status == 0 { -1 } else { i32::from(transaction.status) },
            bytes: transaction.bytes_to_client,
            termination: self.termination_with_cookies(running).letters(),
            connections: [state.connections.load(Ordering::Relaxed), frontend_now, sessions, server_now],
            retries: transaction.retries,
            redispatched: transaction.redispatched,
            queues: transaction.queues,
            request_line: if transaction.line.is_empty() { b"<BADREQ>" } else { &transaction.line },
            cookies: [&self.captured.request_cookie, &self.captured.response_cookie],
            captures: if transaction.line.is_empty() && !self.is_tcp() {
                [&[]; 2]
            } else {
                [&self.notes.captures, &self.notes.response_captures]
            },
        }
    }
}
