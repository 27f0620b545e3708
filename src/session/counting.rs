//! What statistics count of a session: each event where it happens, everything else once, at the end of its transaction.
//! What is counted is kept in `state::counters`; how it is shown is `stats`.

use super::termination::{Cause, Stage};
use super::{Context, Held, Session};
use crate::config::model::{Address, Bind, Mode};
use crate::state::Counters;
use crate::state::counters::{Count, Times};
use crate::units::Moment;
use std::sync::atomic::Ordering;

/// Whose counters: those that a transaction has to do with.
pub(super) struct Counted<'r> {
    /// Of the frontend.
    pub(super) front: Option<&'r Counters>,
    /// Of the backend, once there is one.
    pub(super) back: Option<&'r Counters>,
    /// Of the server, once there is one.
    pub(super) server: Option<&'r Counters>,
}

impl<'r> Counted<'r> {
    /// Of the backend and the server.
    pub(super) fn beyond(&self) -> impl Iterator<Item = &'r Counters> {
        self.back.into_iter().chain(self.server)
    }
}

impl Session {
    /// The counters that the transaction has to do with now.
    pub(super) fn counted<'r>(&self, running: &'r Held) -> Counted<'r> {
        Counted {
            front: running.proxy(self.frontend).map(|(_, live)| &live.state.front),
            back: self.back_live(running).map(|live| &live.state.back),
            server: self.server_state(running).map(|server| &server.counters),
        }
    }

    /// With `option socket-stats` the listener that the client came by is counted apart: the one of the address that it
    /// connected to, else one that has no such address.
    fn count_listener(&mut self) {
        let running = self.running.clone();
        let Some((proxy, live)) = running.proxy(self.frontend).filter(|(proxy, _)| proxy.options.socket_stats) else { return };
        let is_own = |bind: &Bind| match (&bind.address, self.destination) {
            (Address::Inet(own), Some(to)) => own.port() == to.port() && (own.ip().is_unspecified() || own.ip() == to.ip()),
            _ => false,
        };
        let nameless = |bind: &Bind| !matches!(bind.address, Address::Inet(_));
        let index = proxy.binds.iter().position(is_own).or_else(|| proxy.binds.iter().position(nameless)).unwrap_or(0);
        let Some(listener) = live.listeners.get(index) else { return };
        let current = listener.connections.fetch_add(1, Ordering::Relaxed) + 1;
        listener.connections_total.fetch_add(1, Ordering::Relaxed);
        listener.counters.sessions_most.raise(current as u64);
        self.listener = Some(listener.clone());
    }

    /// The client has left.
    pub(super) fn count_leave(&self) {
        if let Some(listener) = &self.listener {
            listener.connections.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A client's connection has begun.
    pub(super) fn count_arrival(&mut self, cx: &Context, now_open: usize) {
        self.count_listener();
        let running = self.running.clone();
        let Some(front) = self.counted(&running).front else { return };
        front.sessions_most.raise(now_open as u64);
        for counters in [front, &cx.state.counters] {
            counters.connection_rate.note(cx.now, 1);
            counters.session_rate.note(cx.now, 1);
        }
    }

    /// A request has come.
    pub(super) fn count_request(&self, cx: &Context) {
        let running = self.running.clone();
        if let Some(front) = self.counted(&running).front {
            front.requests.add_one();
            front.request_rate.note(cx.now, 1);
        }
    }

    /// The request is with its backend.
    pub(super) fn count_backend(&self, cx: &Context) {
        let running = self.running.clone();
        let Some(live) = self.back_live(&running) else { return };
        let current = live.state.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        live.state.sessions_total.fetch_add(1, Ordering::Relaxed);
        live.state.back.sessions_most.raise(current as u64);
        live.state.back.note_session(cx.now);
    }

    /// The request has a slot of its server.
    pub(super) fn count_slot(&self, cx: &Context, balanced: bool) {
        let running = self.running.clone();
        let Some(server) = self.server_state(&running) else { return };
        server.total.fetch_add(1, Ordering::Relaxed);
        server.counters.sessions_most.raise(server.current() as u64);
        server.counters.note_session(cx.now);
        if balanced {
            self.counted(&running).beyond().for_each(|counters| counters.balanced.add_one());
        }
    }

    /// The request waits.
    pub(super) fn count_wait(&self) {
        let running = self.running.clone();
        let (Some(live), queues) = (self.back_live(&running), self.transaction.queues) else { return };
        live.state.back.queue_most.raise(live.state.queue.len() as u64);
        if let Some(server) = self.server_state(&running) {
            server.counters.queue_most.raise(queues[0] as u64);
        }
    }

    /// The request is answered here, before it is with a backend.
    pub(super) fn count_interception(&self) {
        let running = self.running.clone();
        if let (Some(front), None) = (self.counted(&running).front, self.transaction.backend) {
            front.intercepted.add_one();
        }
    }

    /// The request has left a server and has one now: another, or the same again.
    pub(super) fn count_return(&self, from: usize, to: usize) {
        let running = self.running.clone();
        let Some(live) = self.back_live(&running) else { return };
        let left = live.servers.get(from).map(|server| &server.counters);
        for counters in left.into_iter().chain([&live.state.back]) {
            if from == to { counters.retries.add_one() } else { counters.redispatches.add_one() }
        }
    }

    /// A rule about the connection has turned the client away: that is counted where it came in, and nowhere else.
    pub(super) fn count_turned_away(&mut self, count: fn(&Counters) -> &Count) {
        let running = self.running.clone();
        self.transaction.denied = true;
        let own = self.listener.as_ref().map(|listener| &listener.counters);
        self.counted(&running).front.into_iter().chain(own).for_each(|counters| count(counters).add_one());
    }

    /// A rule has refused the request, or the response.
    pub(super) fn count_denial(&mut self, stage: Stage) {
        let running = self.running.clone();
        self.transaction.denied = true;
        let counted = self.counted(&running);
        let own = self.listener.as_ref().map(|listener| &listener.counters);
        let server = counted.server.filter(|_| stage == Stage::Headers);
        for counters in counted.front.into_iter().chain(own).chain(counted.back).chain(server) {
            match stage {
                Stage::Headers => counters.denied_responses.add_one(),
                _ => counters.denied_requests.add_one(),
            }
        }
    }

    /// The transaction is over: everything about it is counted, once.
    pub(super) fn count_transaction(&mut self, cx: &Context) {
        if std::mem::replace(&mut self.transaction.counted, true) {
            return;
        }
        let running = self.running.clone();
        let transaction = &self.transaction;
        let counted = self.counted(&running);
        let own = self.listener.as_ref().map(|listener| &listener.counters);
        let listen = running.proxy(self.frontend).filter(|(proxy, _)| transaction.backend.is_none() && proxy.kind.has_backend());
        let back = counted.back.or(listen.map(|(_, live)| &live.state.back));
        let (bytes_in, bytes_out) = (transaction.bytes_from_client, transaction.bytes_to_client);
        for counters in [counted.front, own, back, counted.server, Some(&cx.state.counters)].into_iter().flatten() {
            counters.bytes_in.add(bytes_in);
            counters.bytes_out.add(bytes_out);
        }
        cx.state.bytes_out_rate.note(cx.now, bytes_out);
        if self.front(&running).mode == Mode::Http && !transaction.line.is_empty() {
            counted.front.into_iter().chain(counted.back).for_each(|counters| counters.note_answer(transaction.status));
            counted.back.into_iter().for_each(|counters| counters.requests.add_one());
            if let Some(server) = counted.server.filter(|_| transaction.answered.is_some()) {
                server.note_answer(transaction.status);
                server.requests.add_one();
            }
        }
        self.count_end(&counted, own);
        self.count_times(&counted, cx.now);
    }

    /// Counts how the transaction ended, where it did not end well.
    fn count_end(&self, counted: &Counted, own: Option<&Counters>) {
        let transaction = &self.transaction;
        let (cause, stage) = (transaction.termination.cause, transaction.termination.stage);
        match (cause, stage) {
            (Cause::Client | Cause::ClientTimeout | Cause::Proxy, Stage::Request) if !transaction.denied => {
                counted.front.into_iter().chain(own).for_each(|counters| counters.request_errors.add_one());
            }
            (Cause::Client | Cause::ClientTimeout, Stage::Queue | Stage::Connect | Stage::Headers | Stage::Data) => {
                counted.beyond().for_each(|counters| counters.client_aborts.add_one());
            }
            (Cause::Server | Cause::ServerTimeout, Stage::Queue | Stage::Connect) | (Cause::Resource, _) => {
                counted.beyond().for_each(|counters| counters.connect_errors.add_one());
            }
            (Cause::Server | Cause::ServerTimeout | Cause::Proxy, Stage::Headers) if !transaction.denied => {
                counted.beyond().for_each(|counters| counters.response_errors.add_one());
            }
            (Cause::Server | Cause::ServerTimeout, Stage::Data) => {
                counted.beyond().for_each(|counters| counters.server_aborts.add_one());
            }
            (Cause::Internal, _) => {
                let all = counted.front.into_iter().chain(own).chain(counted.beyond());
                all.for_each(|counters| counters.internal_errors.add_one());
            }
            _ => {}
        }
    }

    /// Counts what it took, when there was an answer (in `mode tcp`, a connection).
    fn count_times(&self, counted: &Counted, now: Moment) {
        let transaction = &self.transaction;
        let answered = if self.is_tcp() { transaction.connected } else { transaction.answered };
        let (Some(complete), Some(assigned), Some(connected), Some(answered)) =
            (transaction.complete, transaction.assigned, transaction.connected, answered)
        else {
            return;
        };
        let times = Times {
            queue_ms: assigned.since_ms(complete),
            connect_ms: connected.since_ms(assigned),
            response_ms: answered.since_ms(connected),
            total_ms: now.since_ms(transaction.began),
        };
        counted.beyond().for_each(|counters| counters.note_times(times));
    }
}
