//! Running one session: what can leave leaves, what has come is read and given to the session, what it wants done is done.

use super::Loop;
use super::transport::Owner;
use crate::session::{Action, Context, Side};
use crate::units::Moment;

/// Rounds of reading and writing that one session gets in a turn, so that a large transfer does not starve small ones.
const ROUNDS: usize = 4;

impl Loop {
    /// Runs a session until it waits for something, or has had its share of the turn.
    pub(super) fn drive(&mut self, index: u32) {
        match self.seats.get_mut(index) {
            Some(seat) => seat.is_ready = false,
            None => return,
        }
        self.note_expiry(index);
        self.note_reset(index);
        if let Some(connection) = self.connection_of(index, Side::Server)
            && self.transports.get(connection).is_some_and(|transport| matches!(transport.owner, Owner::Connecting(_)))
        {
            self.finish_connecting(index, connection);
            self.carry_out(index, &[]);
        }
        for round in 0..=ROUNDS {
            if round == ROUNDS {
                self.make_ready(index);
                break;
            }
            let drained = self.drain(index, Side::Server) | self.drain(index, Side::Client);
            let filled = self.fill(index, Side::Client) | self.fill(index, Side::Server);
            let produced = self.produce(index);
            if !(drained || filled || produced) || self.seats.get(index).is_none() {
                break;
            }
        }
        self.note_hang_up(index);
        self.reschedule(index);
    }

    /// Lets a session write more of an answer of its own; says whether it did.
    fn produce(&mut self, index: u32) -> bool {
        let has_more = self.seats.get(index).is_some_and(|seat| seat.session.has_more());
        if has_more {
            self.with_session(index, |session, cx| session.produce(cx));
            self.carry_out(index, &[]);
        }
        has_more
    }

    fn note_expiry(&mut self, index: u32) {
        let expired = self.seats.get(index).is_some_and(|seat| seat.session.deadline() <= self.now);
        if expired {
            self.with_session(index, |session, cx| session.expire(cx));
            self.carry_out(index, &[]);
        }
    }

    /// A client that has reset its connection gets nothing any more, even if nobody reads from it just then.
    fn note_reset(&mut self, index: u32) {
        let client = self.seats.get(index).map(|seat| seat.client);
        let Some(transport) = client.and_then(|client| self.transports.get_mut(client)) else { return };
        if transport.failed && !std::mem::replace(&mut transport.broken, true) {
            self.give_loss(index, Side::Client);
        }
    }

    /// A client that closed its side while it waits may mean to give up.
    fn note_hang_up(&mut self, index: u32) {
        let Some(seat) = self.seats.get(index) else { return };
        let waits = !seat.session.wants(Side::Client);
        if waits && self.transports.get(seat.client).is_some_and(|transport| transport.hung_up && !transport.has_kept()) {
            self.with_session(index, |session, cx| session.client_hung_up(cx));
            self.carry_out(index, &[]);
        }
    }

    /// Puts the session's deadline where the loop sees it.
    pub(super) fn reschedule(&mut self, index: u32) {
        if let Some(seat) = self.seats.get_mut(index) {
            let deadline = seat.session.deadline();
            if deadline != Moment::NEVER {
                seat.scheduled = self.deadlines.schedule(index, seat.generation, seat.scheduled, deadline);
            }
        }
    }

    /// Lets leave what had to wait; says whether all of it has left now.
    fn drain(&mut self, index: u32, side: Side) -> bool {
        let Some(connection) = self.connection_of(index, side) else { return false };
        let Some(transport) = self.transports.get_mut(connection) else { return false };
        if !transport.is_blocked() || !(transport.writable || transport.broken) {
            return false;
        }
        transport.drain(&mut self.desk.buffers);
        let broken = transport.broken;
        let blocked = transport.is_blocked();
        self.with_session(index, |session, cx| session.set_blocked(cx, side, blocked));
        if broken {
            self.lose(index, side);
        }
        !blocked
    }

    /// Nothing can be written to a side any more. A server may still have an answer on its way; a client is gone.
    fn lose(&mut self, index: u32, side: Side) {
        match side {
            Side::Client => {
                self.with_session(index, |session, cx| session.client_lost(cx));
                self.carry_out(index, &[]);
            }
            Side::Server => {
                if let Some(transport) = self.connection_of(index, side).and_then(|connection| self.transports.get_mut(connection)) {
                    transport.readable = true;
                }
            }
        }
    }

    /// Reads from a side whose bytes the session wants, and gives them to it; says whether anything came of it.
    fn fill(&mut self, index: u32, side: Side) -> bool {
        let Some(seat) = self.seats.get(index) else { return false };
        if !seat.session.wants(side) {
            return false;
        }
        let Some(connection) = self.connection_of(index, side) else { return false };
        let most = seat.session.most_bytes(side);
        let Some(transport) = self.transports.get_mut(connection) else { return false };
        if !transport.has_input() {
            return false;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let news = match transport.fill(&mut scratch, most, &mut self.desk.buffers) {
            Ok(filled) if !filled.news => {
                transport.keep(scratch.get(..filled.length).unwrap_or_default(), true, &mut self.desk.buffers);
                false
            }
            Ok(filled) => {
                let bytes = scratch.get(..filled.length).unwrap_or_default();
                self.give(index, side, connection, bytes, filled.end);
                true
            }
            Err(_) => {
                self.give_loss(index, side);
                true
            }
        };
        self.scratch = scratch;
        news
    }

    fn give(&mut self, index: u32, side: Side, connection: u32, bytes: &[u8], end: bool) {
        self.variables.refresh(&self.state.variables);
        let taken = self
            .with_session(index, |session, cx| match side {
                Side::Client => session.client_bytes(cx, bytes, end),
                Side::Server => session.server_bytes(cx, bytes, end),
            })
            .unwrap_or(0);
        let rest = bytes.get(taken..).unwrap_or_default();
        if !rest.is_empty() || end {
            // What lies behind something that was taken has not been looked at by itself yet.
            let is_seen = taken == 0 && self.seats.get(index).is_some_and(|seat| seat.session.wants(side));
            if let Some(transport) = self.transports.get_mut(connection) {
                transport.keep(rest, is_seen, &mut self.desk.buffers);
                // The end was seen with bytes that wait for their turn: it is read again behind them.
                transport.readable |= end;
                transport.hung_up |= end;
            }
        }
        self.carry_out(index, bytes);
    }

    fn give_loss(&mut self, index: u32, side: Side) {
        match side {
            Side::Client => {
                self.with_session(index, |session, cx| session.client_lost(cx));
            }
            Side::Server => {
                self.with_session(index, |session, cx| session.server_lost(cx));
            }
        }
        self.carry_out(index, &[]);
    }

    /// Writes what the session left for either side, then does what it wants done. `input` is what it was given.
    pub(super) fn carry_out(&mut self, index: u32, input: &[u8]) {
        self.mark_client(index);
        self.write_out(index, input);
        while !self.out.actions.is_empty() {
            let action = self.out.actions.remove(0);
            match action {
                Action::Connect { backend, server, reuse } => self.connect(index, backend, server, reuse),
                Action::KeepServer { destination } => self.keep_server(index, destination),
                Action::ReadAgain { side } => self.read_again(index, side),
                Action::FinishWriting { to } => self.finish_writing(index, to),
                Action::CancelConnect | Action::CloseServer => self.close_server(index),
                Action::CloseClient => self.vacate(index, false),
                Action::AbortClient => self.vacate(index, true),
                Action::DropClient => self.drop_client(index),
            }
            self.write_out(index, &[]);
        }
        self.grants.append(&mut self.out.grants);
    }

    /// Has a side's bytes that were kept given to the session once more.
    fn read_again(&mut self, index: u32, side: Side) {
        if let Some(transport) = self.connection_of(index, side).and_then(|connection| self.transports.get_mut(connection)) {
            transport.kept_is_seen &= !transport.has_kept();
        }
        self.make_ready(index);
    }

    fn write_out(&mut self, index: u32, input: &[u8]) {
        for side in [Side::Server, Side::Client] {
            let outbound = match side {
                Side::Server => &mut self.out.to_server,
                Side::Client => &mut self.out.to_client,
            };
            if outbound.is_empty() {
                continue;
            }
            let connection = self.seats.get(index).and_then(|seat| match side {
                Side::Client => Some(seat.client),
                Side::Server => seat.server,
            });
            if let Some(transport) = connection.and_then(|connection| self.transports.get_mut(connection)) {
                let passed = input.get(outbound.passed.clone()).unwrap_or_default();
                transport.write(&outbound.bytes, passed, &mut self.desk.buffers);
                if let Some(shared) = outbound.shared.take() {
                    transport.write_shared(shared, &mut self.desk.buffers);
                }
                let (blocked, broken) = (transport.is_blocked(), transport.broken);
                outbound.clear();
                if blocked {
                    self.with_session(index, |session, cx| session.set_blocked(cx, side, true));
                }
                if broken {
                    self.note_broken(index, side);
                }
            } else {
                outbound.clear();
            }
        }
    }

    /// A write has failed: the session hears of it in its next round.
    fn note_broken(&mut self, index: u32, side: Side) {
        match side {
            Side::Client => {
                self.with_session(index, |session, cx| session.client_lost(cx));
            }
            Side::Server => self.lose(index, side),
        }
    }

    /// The context of an advance without a session yet.
    pub(super) fn context(&mut self) -> Context<'_> {
        Context {
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
        }
    }
}
