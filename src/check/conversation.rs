//! One run of a check: the steps of its plan in order. It is told of connections, bytes and ends, and says what is to be done next.
//! Comparing an answer is `judge`'s; sockets and the clock are the daemon's.

use super::judge::Judgement;
use super::{LONGEST_ANSWER, http, words};
use crate::config::check_status::CheckStatus;
use crate::config::model_check::{CheckAction, CheckConnect, CheckExpect, CheckPlan, CheckPort, CheckProtocol, CheckSend, CheckStep};
use crate::http::head::Head;
use crate::rules::variables::{Overlaid, Place, Variables, owned};
use crate::sample::content::{Sender, Syntax};
use crate::sample::format::{Format, Record};
use crate::sample::value::from_hexadecimal;
use crate::sample::{Content, Field, Patience, Scene, Scope, Value, World};
use std::sync::Arc;

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The outcome.
    pub status: CheckStatus,
    /// The number that goes with it, an HTTP status for example.
    pub number: i64,
    /// What is told about it; may be empty.
    pub text: String,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub enum Demand {
    /// Connect as `connection` says, then `note_connected`.
    Connect,
    /// Send `output`, and say how much went by `note_sent`.
    Write,
    /// Read, and give what comes to `fill` or `note_end`.
    Read,
    /// Nothing: it is over.
    End(Verdict),
}

/// What a check must know of its server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The server is not down: a 404 may mean that it is to get no new clients.
    pub is_up: bool,
    /// `X-Haproxy-Server-State`, for checks that say it.
    pub state: String,
    /// Seconds since 1970.
    pub seconds: i64,
}

/// A run.
#[derive(Debug)]
pub struct Conversation {
    pub(super) plan: Arc<CheckPlan>,
    pub(super) subject: Subject,
    at: usize,
    is_connected: bool,
    pub(super) input: Vec<u8>,
    pub(super) has_ended: bool,
    output: Vec<u8>,
    sent: usize,
    variables: Variables,
    /// The HTTP status, or the number that the last expectation gave.
    pub(super) number: i64,
    /// Where the packet begins that comes next.
    pub(super) offset: usize,
    /// What the answer said of itself.
    pub(super) said: String,
}

/// A record without variables: checks have none.
struct NoRecord;

impl Record for NoRecord {
    fn field(&self, _: Field) -> Option<Value<'_>> {
        None
    }
}

impl Conversation {
    /// A run that has not begun.
    pub fn new(plan: Arc<CheckPlan>, subject: Subject) -> Conversation {
        Conversation {
            plan,
            subject,
            at: 0,
            is_connected: false,
            input: Vec::new(),
            has_ended: false,
            output: Vec::new(),
            sent: 0,
            variables: Variables::default(),
            number: 0,
            offset: 0,
            said: String::new(),
        }
    }

    /// Goes on until something must be waited for.
    pub fn advance(&mut self, world: &dyn World) -> Demand {
        loop {
            let plan = self.plan.clone();
            let Some(step) = plan.steps.get(self.at) else { return Demand::End(self.end(world)) };
            match &step.action {
                CheckAction::Connect(_) if !self.is_connected => return Demand::Connect,
                CheckAction::Connect(_) | CheckAction::Comment => {}
                CheckAction::Send(send) => {
                    if self.output.is_empty() {
                        self.listen_anew();
                        self.output = self.render(send, world);
                        self.sent = 0;
                    }
                    if self.sent < self.output.len() {
                        return Demand::Write;
                    }
                    self.output.clear();
                }
                CheckAction::Expect(expect) => match self.judge(step, expect, world) {
                    Judgement::Wait => return Demand::Read,
                    Judgement::Met => {}
                    Judgement::Unmet(verdict) => return Demand::End(verdict),
                },
                CheckAction::Set(name, expression) => {
                    let value = self.with_scene(None, world, |scene| expression.value(scene).map(owned));
                    self.variables.set(&Place::Scoped(Scope::Check, name.clone()), value);
                }
                CheckAction::Unset(name) => self.variables.set(&Place::Scoped(Scope::Check, name.clone()), None),
            }
            self.at += 1;
            // The next connection is another one.
            if matches!(plan.steps.get(self.at).map(|step| &step.action), Some(CheckAction::Connect(_))) {
                self.is_connected = false;
            }
        }
    }

    /// The connection that is asked for, or stands.
    pub fn connection(&self) -> Option<&CheckConnect> {
        let so_far = self.plan.steps.get(..=self.at).unwrap_or(&self.plan.steps);
        so_far.iter().rev().find_map(|step| match &step.action {
            CheckAction::Connect(connect) => Some(connect),
            _ => None,
        })
    }

    /// The port that the connection's line gives.
    pub fn port(&self, world: &dyn World) -> Option<u16> {
        match self.connection()?.port.as_ref()? {
            CheckPort::Number(port) => Some(*port),
            CheckPort::Expression(expression) => {
                let port = self.with_scene(None, world, |scene| expression.value(scene)?.to_int())?;
                u16::try_from(port).ok().filter(|port| *port > 0)
            }
        }
    }

    /// The connection stands.
    pub fn note_connected(&mut self) {
        self.is_connected = true;
        self.listen_anew();
    }

    /// What is to be sent.
    pub fn output(&self) -> &[u8] {
        self.output.get(self.sent..).unwrap_or_default()
    }

    /// So many bytes went out.
    pub fn note_sent(&mut self, count: usize) {
        self.sent = self.sent.saturating_add(count);
    }

    /// Bytes came.
    pub fn fill(&mut self, bytes: &[u8]) {
        let room = LONGEST_ANSWER.saturating_sub(self.input.len());
        self.input.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.has_ended |= self.input.len() >= LONGEST_ANSWER;
    }

    /// The server has closed its side.
    pub fn note_end(&mut self) {
        self.has_ended = true;
    }

    /// The verdict when the connection fails; `reason` is the system's word for it.
    pub fn failed(&self, reason: &str) -> Verdict {
        let status = if self.is_connected { CheckStatus::SocketError } else { CheckStatus::Layer4Problem };
        Verdict { status, number: 0, text: format!("{reason}{}", self.place()) }
    }

    /// The verdict when time is over.
    pub fn timed_out(&self) -> Verdict {
        let named = match self.step().map(|step| &step.action) {
            Some(CheckAction::Expect(expect)) => expect.timeout,
            _ => None,
        };
        let status = match self.is_connected {
            true => named.unwrap_or(CheckStatus::Layer7Timeout),
            false => CheckStatus::Layer4Timeout,
        };
        Verdict { status, number: 0, text: self.place() }
    }

    fn step(&self) -> Option<&CheckStep> {
        self.plan.steps.get(self.at).map(Arc::as_ref)
    }

    /// Where in the steps it stopped, for steps that lines ask for.
    fn place(&self) -> String {
        match (self.plan.protocol, self.step()) {
            (CheckProtocol::Tcp, Some(step)) => words::place(step),
            _ => String::new(),
        }
    }

    fn listen_anew(&mut self) {
        self.input.clear();
        self.offset = 0;
        self.has_ended = false;
    }

    /// Every step is done.
    fn end(&self, world: &dyn World) -> Verdict {
        let plan = self.plan.clone();
        let is_told = |step: &&Arc<CheckStep>| !matches!(step.action, CheckAction::Set(..) | CheckAction::Unset(_) | CheckAction::Comment);
        let usual = if plan.protocol == CheckProtocol::Tcp { "(tcp-check)" } else { "" };
        let passed = |status, text: &str| Verdict { status, number: self.number, text: text.to_owned() };
        match plan.steps.iter().rev().find(is_told).map(|step| (step, &step.action)) {
            Some((step, CheckAction::Connect(_))) if step.number == 0 => passed(CheckStatus::Layer4Passed, ""),
            Some((_, CheckAction::Connect(_))) | None => passed(CheckStatus::Layer4Passed, usual),
            Some((_, CheckAction::Expect(_))) if self.stops_softly() => passed(CheckStatus::Layer7Conditional, ""),
            Some((_, CheckAction::Expect(expect))) => self.passed(expect, usual, world),
            Some(_) => passed(CheckStatus::Layer7Passed, usual),
        }
    }

    fn passed(&self, expect: &CheckExpect, usual: &str, world: &dyn World) -> Verdict {
        let head = http::Answer::read(&self.input, self.has_ended).head;
        let head = head.as_ref().filter(|_| self.plan.protocol == CheckProtocol::Http);
        let usual = if self.said.is_empty() { usual } else { &self.said };
        Verdict {
            status: expect.ok.unwrap_or(CheckStatus::Layer7Passed),
            number: self.number_of(expect, head, world),
            text: self.note(&expect.on_success, usual, head, world),
        }
    }

    /// `http-check disable-on-404`
    pub(super) fn stops_softly(&self) -> bool {
        self.plan.protocol == CheckProtocol::Http && self.plan.disable_on_404 && self.subject.is_up && self.number == 404
    }

    fn render(&self, send: &CheckSend, world: &dyn World) -> Vec<u8> {
        match send {
            CheckSend::Bytes(bytes) => bytes.clone(),
            CheckSend::Format(format) => self.render_format(format, None, world),
            CheckSend::Hexadecimal(format) => from_hexadecimal(&self.render_format(format, None, world)).unwrap_or_default(),
            CheckSend::Request(request) => {
                let state = self.plan.send_state.then_some(self.subject.state.as_str());
                http::render(request, state, &|format| self.render_format(format, None, world))
            }
            CheckSend::TlsHello => words::tls_hello(self.subject.seconds),
        }
    }

    pub(super) fn render_format(&self, format: &Format, head: Option<&Head>, world: &dyn World) -> Vec<u8> {
        let mut out = Vec::new();
        self.with_scene(head, world, |scene| format.render(&NoRecord, scene, &mut out));
        out
    }

    pub(super) fn with_scene<R>(&self, response: Option<&Head>, world: &dyn World, read: impl FnOnce(&Scene) -> R) -> R {
        let world = Overlaid { world, variables: &self.variables, captures: &[], response_captures: &[] };
        let scene = Scene {
            request: None,
            response,
            source: None,
            destination: None,
            content: Content::Raw(Sender::Server, &self.input, Syntax::Settled),
            patience: Patience::Over,
            frontend: "",
            backend: None,
            acls: &[],
            depth: 0,
            world: &world,
            witness: None,
        };
        read(&scene)
    }
}
