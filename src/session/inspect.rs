//! `tcp-request` and `tcp-response` rules of a session: those of a client that was let in, and those that look at the first bytes of
//! `mode tcp` or at messages. What they say is `rules::inspect`'s; a message that waits for them is `aside`'s.

use super::aside::{Awaits, ResponseStep, Step};
use super::request::{Arrived, choose_backend};
use super::response::Delivered;
use super::rules::whole_body;
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, Session, Side};
use crate::config::model::{Mode, Proxy};
use crate::http::framing::BodyLength;
use crate::http::head::{Head, Limits, Parsed};
use crate::http::reply::Status;
use crate::rules::action::Rule;
use crate::rules::inspect::{self, Decision};
use crate::sample::content::{Sender, Syntax};
use crate::sample::witness::Seen;
use crate::sample::{Content, Patience, Scene};
use crate::state::counters::{Count, Counters};
use crate::units::Moment;
use std::time::Duration;

/// May more bytes come?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Yes.
    Open,
    /// They may, but were waited for long enough.
    Expired,
    /// No.
    Ended,
    /// No, and the side is lost.
    Lost,
}

impl Input {
    /// The same for the rules of another section, which have a delay of their own.
    pub(super) fn anew(self) -> Input {
        if self == Input::Expired { Input::Open } else { self }
    }
}

/// What rules look at.
#[derive(Clone, Copy, Default)]
struct View<'a> {
    request: Option<&'a Head>,
    response: Option<&'a Head>,
    content: Content<'a>,
    patience: Patience,
}

impl Session {
    /// Runs rules of a section.
    fn inspect(&mut self, cx: &mut Context, proxy: &Proxy, rules: &[Rule], view: View) -> Decision {
        let running = self.running.clone();
        let mut notes = std::mem::take(&mut self.notes);
        let mut room = std::mem::take(&mut cx.desk.room);
        let world = self.surroundings(&running, cx);
        let View { request, response, content, patience } = view;
        let scene = Scene { request, response, content, patience, ..self.scene(&running, &world) };
        let decision = inspect::inspect(rules, &proxy.acls, &mut notes, &scene, &mut room);
        self.notes = notes;
        self.trim_captures(self.front(&running));
        cx.desk.room = room;
        self.publish_switches(cx, &running);
        decision
    }

    /// `tcp-request connection` rules, before anything else is known of a client.
    pub(super) fn inspect_connection(&mut self, cx: &mut Context, proxy: &Proxy) -> Decision {
        let decision = self.inspect(cx, proxy, &proxy.connection_rules, View::default());
        // Its socket is nobody's yet.
        self.notes.marks = std::mem::take(&mut cx.out.marks);
        self.settle();
        decision
    }

    /// `tcp-request session` rules; `false` when the client is not let in.
    pub(super) fn pass_session_rules(&mut self, cx: &mut Context, proxy: &Proxy) -> bool {
        if proxy.session_rules.is_empty() {
            return true;
        }
        let decision = self.inspect(cx, proxy, &proxy.session_rules, View::default());
        self.settle();
        match decision {
            Decision::Accept | Decision::CloseServer | Decision::Wait => return true,
            Decision::Reject | Decision::Drop => {}
        }
        self.transaction.logged = true;
        let (count, client): (fn(&Counters) -> &Count, Action) = match decision {
            Decision::Drop => (|counters| &counters.denied_requests, Action::DropClient),
            _ => (|counters| &counters.denied_sessions, Action::CloseClient),
        };
        self.count_turned_away(count);
        self.end(cx, client);
        false
    }

    /// What rules of the connection have set stays for all of its requests.
    fn settle(&mut self) {
        self.source = self.notes.source.take().or(self.source);
        self.destination = self.notes.destination.take().or(self.destination);
        self.notes.variables.end_transaction();
    }

    /// How patient rules are that may wait so long, with so many bytes held.
    fn patience(&self, delay: Option<Duration>, input: Input, held: usize) -> Patience {
        match delay.is_some_and(|delay| !delay.is_zero()) && input == Input::Open && held < self.most_held() {
            true => Patience::Left,
            false => Patience::Over,
        }
    }

    /// Until when rules are waited for; their delay counts from the first time.
    fn until(&mut self, cx: &Context, delay: Option<Duration>) -> Moment {
        if self.inspect_deadline == Moment::NEVER {
            self.inspect_deadline = cx.now.after(delay);
        }
        self.inspect_deadline
    }

    /// Ends the session as rules say.
    fn leave_by(&mut self, cx: &mut Context, decision: Decision, stage: Stage) {
        self.transaction.termination.blame(Cause::Proxy, stage);
        self.leave_server(cx);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, if decision == Decision::Drop { Action::DropClient } else { Action::AbortClient });
    }

    /// Ends the session as rules of the client's side say.
    fn turn_away(&mut self, cx: &mut Context, decision: Decision) {
        self.count_turned_away(|counters| &counters.denied_requests);
        self.leave_by(cx, decision, Stage::Request);
    }

    /// Looks at the first bytes of a client in `mode tcp`, from the step at which it stands; then a server is looked for. The bytes
    /// are not taken: they are read again once they can go on.
    pub(super) fn inspect_client(&mut self, cx: &mut Context, bytes: &[u8], mut input: Input) {
        let running = self.running.clone();
        let front = self.front(&running);
        if std::mem::replace(&mut self.requests, 1) == 0 {
            self.inspect_deadline = Moment::NEVER;
        }
        let mut head = std::mem::take(&mut cx.desk.request);
        let view = raw_view(&mut head, bytes, self.limits());
        if matches!(self.client, ClientSide::Inspected(Step::FrontContent)) && self.pass_raw(cx, front, view, bytes, input) {
            input = input.anew();
            self.choose_for_bytes(cx, front, view);
        }
        if matches!(self.client, ClientSide::Inspected(Step::BackContent)) {
            let back = self.back(&running);
            let is_new = back.id != self.frontend;
            if !is_new || self.pass_raw(cx, back, view, bytes, input) {
                self.client = ClientSide::Tunnel;
                self.apply_server_rules(cx, back, view.content);
            }
        }
        cx.desk.request = head;
        if !matches!(self.client, ClientSide::Inspected(_)) {
            cx.desk.buffers.give_back(std::mem::take(&mut self.transaction.request));
        }
        match self.client {
            _ if self.ended => {}
            ClientSide::Tunnel if input == Input::Lost => self.abort(cx, Cause::Client, Stage::Request),
            ClientSide::Tunnel => self.assign(cx),
            _ => {}
        }
    }

    /// Runs content rules of a section over raw bytes; `false` when they wait, or the client is gone.
    fn pass_raw(&mut self, cx: &mut Context, proxy: &Proxy, view: View, bytes: &[u8], input: Input) -> bool {
        if proxy.content_rules.is_empty() {
            return true;
        }
        let patience = self.patience(proxy.inspect_delay, input, bytes.len());
        match self.inspect(cx, proxy, &proxy.content_rules, View { patience, ..view }) {
            Decision::Accept | Decision::CloseServer => {
                self.inspect_deadline = Moment::NEVER;
                return true;
            }
            Decision::Wait => {
                self.until(cx, proxy.inspect_delay);
                self.hold_copy(cx, bytes);
            }
            decision => self.turn_away(cx, decision),
        }
        false
    }

    /// Bytes that wait may have to be looked at when no more come.
    fn hold_copy(&mut self, cx: &mut Context, bytes: &[u8]) {
        let copy = &mut self.transaction.request;
        if copy.capacity() == 0 {
            *copy = cx.desk.buffers.lend();
        }
        copy.clear();
        copy.extend_from_slice(bytes);
    }

    /// Chooses a backend for a client of `mode tcp`; one that speaks HTTP makes HTTP of the connection.
    fn choose_for_bytes(&mut self, cx: &mut Context, front: &Proxy, view: View) {
        let running = self.running.clone();
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: view.request, content: view.content, ..self.scene(&running, &world) };
        let chosen = choose_backend(front, &running, &scene, &mut cx.desk.line);
        let Some((back, _)) = chosen.and_then(|id| running.proxy(id)) else {
            return self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Connect);
        };
        self.transaction.backend = Some(back.id);
        if let Some(witness) = cx.witness {
            witness.see(Seen::Backend(back.id));
        }
        self.transaction.retries_left = back.retries;
        self.count_backend(cx);
        self.apply_persistence_rules(cx, back, view.content);
        if back.mode != Mode::Http {
            self.client = ClientSide::Inspected(Step::BackContent);
            return;
        }
        self.upgraded = true;
        self.requests = 0;
        self.transaction.complete = None;
        self.client = ClientSide::Idle;
        self.client_deadline = cx.now.after(back.timeouts.http_request.or(front.timeouts.client));
    }

    /// Nothing more is waited for: rules decide by what was held. What came with the connection is there at the first look.
    pub(super) fn inspection_expired(&mut self, cx: &mut Context, input: Input) {
        let input = if self.requests == 0 { input.anew() } else { input };
        let bytes = std::mem::take(&mut self.transaction.request);
        self.inspect_client(cx, &bytes, input);
        cx.desk.buffers.give_back(bytes);
        if !self.ended {
            cx.out.actions.push(Action::ReadAgain { side: Side::Client });
        }
    }

    /// Content rules over a request in `mode http`; what was taken of its body when it waits, or goes no further.
    pub(super) fn inspect_request(&mut self, cx: &mut Context, proxy: &Proxy, arrived: Arrived, step: Step) -> Result<(), usize> {
        if proxy.content_rules.is_empty() {
            return Ok(());
        }
        let patience = match whole_body(arrived.length, arrived.body) {
            Some(_) => Patience::Over,
            None => self.patience(proxy.inspect_delay, arrived.input, arrived.body.len()),
        };
        let head = std::mem::take(&mut cx.desk.request);
        let content = Content::Body(Sender::Client, arrived.length, arrived.body);
        let view = View { request: Some(&head), content, patience, ..View::default() };
        let decision = self.inspect(cx, proxy, &proxy.content_rules, view);
        cx.desk.request = head;
        match decision {
            Decision::Accept | Decision::CloseServer => {
                self.inspect_deadline = Moment::NEVER;
                Ok(())
            }
            Decision::Wait => {
                let until = self.until(cx, proxy.inspect_delay);
                self.set_aside(cx, arrived, step, Awaits::Rules, until)
            }
            decision => {
                if step == Step::FrontContent {
                    // As in HAProxy, no request is known yet.
                    self.transaction.line.clear();
                }
                self.transaction.complete = None;
                self.turn_away(cx, decision);
                Err(arrived.body.len())
            }
        }
    }

    /// The server's connection stands: `tcp-response content` rules begin to look.
    pub(super) fn begin_response_inspection(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let back = self.back(&running);
        if back.response_content_rules.is_empty() {
            return;
        }
        self.response_inspection = Some(cx.now.after(back.response_inspect_delay));
        self.inspect_server(cx, &[], Input::Open);
    }

    /// Looks at the first bytes of a server, before they are HTTP; `false` when they do not go on.
    pub(super) fn inspect_server(&mut self, cx: &mut Context, bytes: &[u8], input: Input) -> bool {
        let running = self.running.clone();
        let back = self.back(&running);
        let patience = self.patience(back.response_inspect_delay, input, bytes.len());
        let content = match self.is_tcp() {
            true => Content::Raw(Sender::Server, bytes, Syntax::Settled),
            false => Content::Body(Sender::Server, BodyLength::UntilClose, bytes),
        };
        match self.inspect(cx, back, &back.response_content_rules, View { content, patience, ..View::default() }) {
            Decision::Accept => {
                self.response_inspection = None;
                return true;
            }
            Decision::Wait if self.is_tcp() => self.hold_copy(cx, bytes),
            Decision::Wait => {}
            Decision::CloseServer if self.is_tcp() => self.complete(cx, Action::CloseServer, Action::CloseClient),
            Decision::CloseServer => self.refuse(cx, Status::BadGateway502, Cause::Server, Stage::Headers),
            decision => self.leave_after(cx, decision, bytes.len()),
        }
        false
    }

    /// Ends the session as rules of the response say, with so many bytes of it.
    fn leave_after(&mut self, cx: &mut Context, decision: Decision, came: usize) {
        self.transaction.bytes_to_client += came as u64;
        // A response that is dropped is counted and logged as a request, as in HAProxy.
        let (counted, stage) = match decision {
            Decision::Drop => (Stage::Request, Stage::Request),
            _ => (Stage::Headers, Stage::Data),
        };
        self.count_denial(counted);
        self.leave_by(cx, decision, stage);
    }

    /// Bytes of a server while its content rules are not decided.
    pub(super) fn inspected_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let input = if end { Input::Ended } else { Input::Open };
        match self.inspect_server(cx, bytes, input) {
            true => {
                cx.desk.buffers.give_back(std::mem::take(&mut self.transaction.request));
                self.relay_tunnel(cx, Side::Server, bytes, end)
            }
            false if self.ended => bytes.len(),
            false => 0,
        }
    }

    /// `tcp-response inspect-delay` has passed.
    pub(super) fn response_inspection_expired(&mut self, cx: &mut Context) {
        let held = if self.is_tcp() { std::mem::take(&mut self.transaction.request) } else { Vec::new() };
        if self.inspect_server(cx, &held, Input::Expired) {
            cx.out.actions.push(Action::ReadAgain { side: Side::Server });
        }
        cx.desk.buffers.give_back(held);
    }

    /// Content rules over a response in `mode http`: may more of it come afterwards? What was taken of it when it waits, or goes no
    /// further.
    pub(super) fn inspect_response(&mut self, cx: &mut Context, delivered: Delivered) -> Result<Input, usize> {
        let Some(until) = self.response_inspection.take() else { return Ok(delivered.input) };
        let running = self.running.clone();
        let back = self.back(&running);
        let patience = match delivered.is_whole() {
            true => Patience::Over,
            false => self.patience(back.response_inspect_delay, delivered.input, delivered.body().len()),
        };
        let head = std::mem::take(&mut cx.desk.response);
        let content = Content::Body(Sender::Server, delivered.length, delivered.body());
        let view = View { response: Some(&head), content, patience, ..View::default() };
        let decision = self.inspect(cx, back, &back.response_content_rules, view);
        cx.desk.response = head;
        match decision {
            Decision::Accept => Ok(delivered.input),
            Decision::CloseServer => Ok(Input::Ended),
            Decision::Wait => {
                self.response_inspection = Some(until);
                let waited = self.set_response_aside(cx, delivered, ResponseStep::Content, Awaits::Rules, until);
                waited.map(|()| delivered.input)
            }
            decision => {
                self.leave_after(cx, decision, 0);
                Err(delivered.bytes.len())
            }
        }
    }
}

/// Raw bytes as rules see them: perhaps as a request too.
fn raw_view<'a>(head: &'a mut Head, bytes: &'a [u8], limits: Limits) -> View<'a> {
    let (request, syntax) = match head.parse_request(bytes, &limits) {
        Ok(Parsed::Complete(_)) => (Some(&*head), Syntax::Settled),
        Ok(Parsed::Partial) => (None, Syntax::PerhapsHttp),
        Err(_) => (None, Syntax::Settled),
    };
    View { request, content: Content::Raw(Sender::Client, bytes, syntax), ..View::default() }
}
