//! Running `http-request`, `http-response` and `http-after-response` rules, and carrying out what they decide: byway's own answers,
//! tarpits, connections that end without one. What a rule does to a message is `rules::apply`.

use super::aside::{Awaits, ResponseStep, Step};
use super::request::Arrived;
use super::response::Delivered;
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, Held, ServerSide, Session};
use crate::config::model::{ConnectionMode, Proxy};
use crate::http::framing::{self, Body, BodyLength};
use crate::http::head::{Head, Limits, Parsed};
use crate::http::reply::Status;
use crate::rules::action::{Rule, Service};
use crate::rules::apply::{self, Answer, Room, Verdict, What, Why};
use crate::rules::reply::Written;
use crate::sample::{Content, Scene};
use crate::state::variables::Source;

/// Bounds of the head of an answer that the configuration itself gave.
const LIMITS: Limits = Limits { bytes: 256 * 1024, fields: 1024 };

/// An answer that is given once a tarpit's time is over.
#[derive(Debug)]
pub(super) struct HeldAnswer {
    answer: Answer,
    message: Vec<u8>,
}

/// What becomes of the client's connection behind an answer of byway's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Afterwards {
    Kept,
    Closed,
}

impl Session {
    /// Runs rules of a proxy on the request, from one on; what was taken of its body when it goes no further, or waits to go on with
    /// another step.
    pub(super) fn run_request_rules(
        &mut self,
        cx: &mut Context,
        rules: &[Rule],
        proxy: &Proxy,
        arrived: Arrived,
        (mut from, step): (usize, fn(usize) -> Step),
    ) -> Result<(), usize> {
        loop {
            let rest = rules.get(from..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            let running = self.running.clone();
            let mut notes = std::mem::take(&mut self.notes);
            let mut room = std::mem::take(&mut cx.desk.room);
            let world = self.surroundings(&running, cx);
            let scene = Scene { content: arrived.content(), ..self.scene(&running, &world) };
            let verdict = apply::apply_request(rest, &proxy.acls, &mut cx.desk.request, &mut notes, &scene, &mut room);
            self.notes = notes;
            self.trim_captures(self.front(&running));
            self.publish_switches(cx, &running);
            let Verdict::AwaitBody(awaited) = verdict else {
                if verdict != Verdict::Continue {
                    self.make_unique_id(cx, self.front(&running));
                }
                let outcome = self.obey_rules(cx, verdict, &mut room, proxy, arrived);
                cx.desk.room = room;
                return outcome;
            };
            cx.desk.room = room;
            from = from.saturating_add(awaited.rule).saturating_add(1);
            self.obey_wait(cx, arrived, awaited.wait, step(from))?;
        }
    }

    /// Switches that rules have set are set for everybody, marks for the client.
    pub(super) fn publish_switches(&mut self, cx: &mut Context, running: &Held) {
        cx.out.marks.join(std::mem::take(&mut self.notes.marks));
        self.notes.variables.settle();
        for (id, value) in self.notes.variables.take_switches() {
            if let Some(name) = running.config.variables.get(id.0 as usize) {
                cx.state.variables.set(Source::RunTime, name, value.as_deref());
            }
        }
    }

    fn obey_rules(&mut self, cx: &mut Context, verdict: Verdict, room: &mut Room, proxy: &Proxy, arrived: Arrived) -> Result<(), usize> {
        let all = arrived.body.len();
        match verdict {
            // `run_request_rules` has obeyed a wait.
            Verdict::Continue | Verdict::AwaitBody(_) => return Ok(()),
            Verdict::Answer(answer) if answer.why == Why::Tarpit => {
                self.client = ClientSide::Done;
                self.server = ServerSide::Tarpit;
                self.server_deadline = cx.now.after(proxy.timeouts.tarpit.or(proxy.timeouts.connect).or(Some(Default::default())));
                self.transaction.held = Some(Box::new(HeldAnswer { answer, message: room.message.clone() }));
            }
            Verdict::Answer(answer) => {
                let taken =
                    whole_body(arrived.length, arrived.body).filter(|_| answer.why != Why::Redirect || arrived.length == BodyLength::Empty);
                let keep = taken.is_some() && self.keeps_client(cx);
                let cause = if answer.why == Why::Deny { Cause::Proxy } else { Cause::Local };
                let afterwards = if keep { Afterwards::Kept } else { Afterwards::Closed };
                self.give(cx, answer, &room.message, cause, Stage::Request, afterwards);
                return Err(taken.filter(|_| keep).unwrap_or(all));
            }
            Verdict::Serve(Service::Prometheus) => return Err(self.answer_metrics(cx, arrived)),
            Verdict::Reject | Verdict::Drop => self.leave_client(cx, verdict, Stage::Request),
            Verdict::Malformed => self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request),
        }
        Err(all)
    }

    /// Would the client's connection be kept, by what the client and the configuration say?
    pub(super) fn keeps_client(&self, cx: &Context) -> bool {
        self.transaction.client_persists && self.connection_mode(&self.running) != ConnectionMode::Close && !cx.finishing
    }

    /// Ends the client's connection without an answer.
    fn leave_client(&mut self, cx: &mut Context, verdict: Verdict, stage: Stage) {
        self.count_denial(stage);
        self.transaction.termination.blame(Cause::Proxy, stage);
        self.leave_server(cx);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, if verdict == Verdict::Drop { Action::DropClient } else { Action::AbortClient });
    }

    /// A tarpit's time is over.
    pub(super) fn end_tarpit(&mut self, cx: &mut Context) {
        // HAProxy counts the time in a tarpit as time in a queue.
        self.transaction.assigned = Some(cx.now);
        match self.transaction.held.take() {
            Some(held) => self.give(cx, held.answer, &held.message, Cause::Proxy, Stage::Tarpit, Afterwards::Closed),
            None => {
                self.count_denial(Stage::Tarpit);
                self.refuse(cx, Status::InternalError500, Cause::Proxy, Stage::Tarpit);
            }
        }
    }

    /// Runs `http-response` rules of a proxy, from one on; what was taken of the response when it goes no further, or waits.
    pub(super) fn run_response_rules(
        &mut self,
        cx: &mut Context,
        proxy: &Proxy,
        delivered: Delivered,
        (mut from, step): (usize, fn(usize) -> ResponseStep),
    ) -> Result<(), usize> {
        loop {
            let rest = proxy.response_rules.get(from..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            let mut room = std::mem::take(&mut cx.desk.room);
            let verdict = self.apply_to_response(cx, rest, proxy, delivered.content(), &mut room);
            let Verdict::AwaitBody(awaited) = verdict else {
                let goes_on = self.obey_response_rules(cx, verdict, &room);
                cx.desk.room = room;
                return if goes_on { Ok(()) } else { Err(delivered.bytes.len()) };
            };
            cx.desk.room = room;
            from = from.saturating_add(awaited.rule).saturating_add(1);
            let until = cx.now.after(Some(awaited.wait.time));
            self.set_response_aside(cx, delivered, step(from), Awaits::Body(awaited.wait.at_least), until)?;
        }
    }

    fn obey_response_rules(&mut self, cx: &mut Context, verdict: Verdict, room: &Room) -> bool {
        match verdict {
            Verdict::Continue | Verdict::AwaitBody(_) => return true,
            Verdict::Answer(answer) => {
                let keep = matches!(self.client, ClientSide::Done) && self.keeps_client(cx);
                let cause = if answer.why == Why::Deny { Cause::Proxy } else { Cause::Local };
                let afterwards = if keep { Afterwards::Kept } else { Afterwards::Closed };
                self.give(cx, answer, &room.message, cause, Stage::Headers, afterwards);
            }
            Verdict::Reject | Verdict::Drop => self.leave_client(cx, verdict, Stage::Headers),
            Verdict::Serve(_) | Verdict::Malformed => self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers),
        }
        false
    }

    /// Runs `http-after-response` rules, the backend's first, on the head that goes to the client; `false` when none is left.
    pub(super) fn run_after_rules(&mut self, cx: &mut Context) -> bool {
        let running = self.running.clone();
        let (front, back) = (self.front(&running), self.back(&running));
        if front.after_rules.is_empty() && back.after_rules.is_empty() {
            return true;
        }
        let mut room = std::mem::take(&mut cx.desk.room);
        let mut verdict = Verdict::Continue;
        for (proxy, again) in [(back, false), (front, front.id == back.id)] {
            if verdict == Verdict::Continue && !again {
                verdict = self.apply_to_response(cx, &proxy.after_rules, proxy, Content::Nothing, &mut room);
            }
        }
        cx.desk.room = room;
        verdict == Verdict::Continue
    }

    fn apply_to_response(&mut self, cx: &mut Context, rules: &[Rule], proxy: &Proxy, content: Content, room: &mut Room) -> Verdict {
        let running = self.running.clone();
        let mut notes = std::mem::take(&mut self.notes);
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: None, content, ..self.scene(&running, &world) };
        let verdict = apply::apply_response(rules, &proxy.acls, &mut cx.desk.response, &mut notes, &scene, room);
        self.notes = notes;
        self.trim_captures(self.front(&running));
        self.publish_switches(cx, &running);
        verdict
    }

    /// Gives the client an answer of byway's own, and ends the transaction.
    pub(super) fn give(&mut self, cx: &mut Context, answer: Answer, message: &[u8], cause: Cause, stage: Stage, afterwards: Afterwards) {
        let running = self.running.clone();
        let own = || self.back(&running).page(answer.code).or_else(|| self.front(&running).page(answer.code));
        let made = match answer.what {
            What::Page => self.make_page(cx, answer.code),
            _ => None,
        };
        let page: &[u8] = match answer.what {
            _ if made.is_some() => made.as_deref().unwrap_or_default(),
            What::Message => message,
            What::Page | What::Challenge => match own() {
                Some(page) => page,
                None => Status::from_code(answer.code).unwrap_or(Status::InternalError500).keep_alive_page(),
            },
        };
        // HAProxy's own pages for these say that the connection closes.
        let afterwards = match answer.code {
            400 | 408 if answer.what == What::Page && made.is_none() && own().is_none() => Afterwards::Closed,
            _ => afterwards,
        };
        let challenge = (answer.what == What::Challenge).then_some(message);
        match (cause, stage) {
            (Cause::Proxy, _) => self.count_denial(stage),
            (_, Stage::Request) => self.count_interception(),
            _ => {}
        }
        self.transaction.termination.blame(cause, stage);
        let written = self.write_answer(cx, page, challenge, afterwards);
        if written.is_none() {
            self.transaction.termination.blame(Cause::Internal, stage);
        }
        if let Some(made) = made {
            cx.desk.buffers.give_back(made);
        }
        self.leave_server(cx);
        self.release(cx);
        self.write_log(cx);
        match written {
            Some(Afterwards::Kept) => {
                self.answered_here = true;
                self.next_request(cx);
            }
            Some(Afterwards::Closed) | None => self.end(cx, Action::CloseClient),
        }
    }

    /// The answer that an `http-error` line makes for a status, where the backend, or else the frontend, has one.
    pub(super) fn make_page(&self, cx: &mut Context, code: u16) -> Option<Vec<u8>> {
        let running = self.running.clone();
        let (front, back) = (self.front(&running), self.back(&running));
        let reply = match back.page(code) {
            _ if self.is_tcp() => None,
            Some(_) => back.reply(code),
            None => back.reply(code).or_else(|| front.reply(code)),
        }?;
        let (mut message, mut body) = (cx.desk.buffers.lend(), cx.desk.buffers.lend());
        let world = self.surroundings(&running, cx);
        let scene = self.scene(&running, &world);
        let written = reply.write(&scene, &mut message, &mut body);
        cx.desk.buffers.give_back(body);
        (written == Written::Message).then_some(message)
    }

    /// Ends the transaction with an answer that was made for it.
    pub(super) fn refuse_with(&mut self, cx: &mut Context, message: Vec<u8>, cause: Cause, stage: Stage) {
        self.transaction.termination.blame(cause, stage);
        if self.write_answer(cx, &message, None, Afterwards::Closed).is_none() {
            self.transaction.termination.blame(Cause::Internal, stage);
        }
        cx.desk.buffers.give_back(message);
        self.leave_server(cx);
        self.release(cx);
        self.write_log(cx);
        self.end(cx, Action::CloseClient);
    }

    /// Writes a whole message to the client, made to fit its connection, and says what becomes of that: it is kept only behind an
    /// answer whose end its client sees. `None` when the message is none, and nothing was written.
    pub(super) fn write_answer(
        &mut self,
        cx: &mut Context,
        message: &[u8],
        challenge: Option<&[u8]>,
        afterwards: Afterwards,
    ) -> Option<Afterwards> {
        let response: &mut Head = &mut cx.desk.response;
        let Ok(Parsed::Complete(length)) = response.parse_response(message, &LIMITS) else { return None };
        let method = self.transaction.method.name();
        let body_length = framing::response_body(response, method).ok()?;
        response.remove("connection");
        if let Some(challenge) = challenge {
            let name: &[u8] = if response.code() == 407 { b"Proxy-Authenticate" } else { b"WWW-Authenticate" };
            response.push(name, challenge);
        }
        if !self.run_after_rules(cx) {
            return None;
        }
        let response = &mut cx.desk.response;
        framing::restore_response(response, body_length, method);
        framing::merge_lengths(response, method);
        let told = framing::response_body(response, method);
        let is_delimited = body_length != BodyLength::UntilClose && told == Ok(body_length);
        let afterwards = if is_delimited { afterwards } else { Afterwards::Closed };
        match (afterwards, self.transaction.is_http10) {
            (Afterwards::Closed, _) => response.push(b"Connection", b"close"),
            (Afterwards::Kept, true) => response.push(b"Connection", b"keep-alive"),
            (Afterwards::Kept, false) => {}
        }
        let out = &mut cx.out.to_client.bytes;
        let before = out.len();
        response.render(out);
        if told != Ok(BodyLength::Empty) {
            out.extend_from_slice(message.get(length..).unwrap_or_default());
        }
        self.transaction.bytes_to_client += (out.len() - before) as u64;
        self.transaction.status = response.code();
        Some(afterwards)
    }

    /// Gives a page with the rules for what goes to the client; `false` when there are none, and nothing was done.
    pub(super) fn write_page_by_rules(&mut self, cx: &mut Context, page: &[u8]) -> bool {
        let running = self.running.clone();
        let ruled = !(self.front(&running).after_rules.is_empty() && self.back(&running).after_rules.is_empty());
        ruled && self.write_answer(cx, page, None, Afterwards::Closed).is_some()
    }
}

/// How much of what came behind the head is the whole body; nothing when more of it is still to come.
pub(super) fn whole_body(length: BodyLength, bytes: &[u8]) -> Option<usize> {
    if length == BodyLength::Empty {
        return Some(0);
    }
    let mut body = Body::new(length);
    let taken = body.scan(bytes).ok()?;
    body.is_complete().then_some(taken)
}
