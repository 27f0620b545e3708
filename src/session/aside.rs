//! A message that waits, its head set aside: a request for its body (`http-buffer-request`, `wait-for-body`) or for what its
//! `tcp-request content` rules look at, a response likewise. It goes on with the step at which it came to wait.

use super::inspect::Input;
use super::request::Arrived;
use super::response::Delivered;
use super::termination::{Cause, Stage};
use super::{ClientSide, Context, Method, ServerSide, Session, Side};
use crate::config::model::Proxy;
use crate::http::Version;
use crate::http::framing::{Body, BodyLength};
use crate::http::head::Head;
use crate::http::reply::Status;
use crate::rules::tcp::BodyWait;
use crate::units::Moment;
use std::time::Duration;

/// The interim answer that asks for a body (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Where a request goes on, in the order of the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// `tcp-request content` rules of the frontend.
    FrontContent,
    /// `option http-buffer-request` of the frontend.
    FrontBody,
    /// `http-request` rules of the frontend, from this index on.
    FrontRules(usize),
    /// The same of the backend.
    BackContent,
    /// The same of the backend.
    BackBody,
    /// The same of the backend.
    BackRules(usize),
}

/// Where a response goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ResponseStep {
    /// `tcp-response content` rules.
    Content,
    /// `http-response` rules of the backend, from this index on.
    BackRules(usize),
    /// The same of the frontend.
    FrontRules(usize),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaits {
    /// What content rules look at.
    Rules,
    /// The body, or so many bytes of it.
    Body(Option<u64>),
}

/// A message that waits.
#[derive(Debug)]
pub(super) struct Aside<S> {
    head: Head,
    length: BodyLength,
    body: Body,
    /// What has come of the body, as it came.
    bytes: Vec<u8>,
    /// Bytes of its content.
    content_bytes: u64,
    step: S,
    awaits: Awaits,
    until: Moment,
}

impl<S> Aside<S> {
    /// Takes what belongs to the body, as much as may be held.
    fn fill(&mut self, bytes: &[u8], most: usize) -> Option<usize> {
        let room = most.saturating_sub(self.bytes.len()).min(bytes.len());
        let content_bytes = &mut self.content_bytes;
        let taken = self.body.scan_data(bytes.get(..room)?, &mut |piece| *content_bytes += piece.len() as u64).ok()?;
        self.bytes.extend_from_slice(bytes.get(..taken)?);
        Some(taken)
    }

    fn is_over(&self, most: usize) -> bool {
        let enough = match self.awaits {
            Awaits::Body(Some(least)) => self.content_bytes >= least,
            Awaits::Body(None) => false,
            Awaits::Rules => true,
        };
        enough || self.body.is_complete() || self.bytes.len() >= most
    }

    pub(super) fn until(&self) -> Moment {
        self.until
    }
}

impl Session {
    /// The most of a body that is held, in bytes.
    pub(super) fn most_held(&self) -> usize {
        self.limits().bytes
    }

    /// `option http-buffer-request`: all of the body is waited for, within `timeout http-request`.
    pub(super) fn buffer_body(&mut self, cx: &mut Context, proxy: &Proxy, arrived: Arrived, next: Step) -> Result<(), usize> {
        match proxy.options.buffer_request {
            true => self.await_body(cx, arrived, proxy.timeouts.http_request, None, next),
            false => Ok(()),
        }
    }

    /// `http-request wait-for-body`
    pub(super) fn obey_wait(&mut self, cx: &mut Context, arrived: Arrived, wait: BodyWait, next: Step) -> Result<(), usize> {
        self.await_body(cx, arrived, Some(wait.time), wait.at_least, next)
    }

    /// Goes on when the body is there, or as much of it as can be; else what was taken of it.
    fn await_body(
        &mut self,
        cx: &mut Context,
        arrived: Arrived,
        time: Option<Duration>,
        least: Option<u64>,
        next: Step,
    ) -> Result<(), usize> {
        if arrived.length == BodyLength::Empty || self.transaction.method == Method::Connect {
            return Ok(());
        }
        self.invite_body(cx);
        if arrived.input == Input::Ended {
            return Ok(());
        }
        self.set_aside(cx, arrived, next, Awaits::Body(least), cx.now.after(time))
    }

    /// A client that waits to be asked for its body is asked here, and the server need not do it again.
    fn invite_body(&mut self, cx: &mut Context) {
        let request = &mut cx.desk.request;
        let expects = request.first("expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue"));
        if expects && request.version() == Version::Http11 && !self.transaction.is_http10 {
            request.remove("expect");
            cx.out.to_client.bytes.extend_from_slice(CONTINUE);
            self.transaction.bytes_to_client += CONTINUE.len() as u64;
        }
    }

    /// Sets a request aside; goes on at once when there is nothing to wait for. Else what was taken of the body.
    pub(super) fn set_aside(&mut self, cx: &mut Context, arrived: Arrived, step: Step, awaits: Awaits, until: Moment) -> Result<(), usize> {
        let mut aside = Aside {
            head: Head::default(),
            length: arrived.length,
            body: Body::new(arrived.length),
            bytes: cx.desk.buffers.lend(),
            content_bytes: 0,
            step,
            awaits,
            until,
        };
        let most = self.most_held();
        let Some(taken) = aside.fill(arrived.body, most) else {
            cx.desk.buffers.give_back(aside.bytes);
            self.transaction.complete = None;
            self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
            return Err(arrived.body.len());
        };
        if awaits != Awaits::Rules && aside.is_over(most) {
            cx.desk.buffers.give_back(aside.bytes);
            return Ok(());
        }
        let running = self.running.clone();
        std::mem::swap(&mut aside.head, &mut cx.desk.request);
        self.request_aside = Some(Box::new(aside));
        self.client = ClientSide::Aside;
        self.transaction.complete = None;
        self.head_deadline = Moment::NEVER;
        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        Err(taken)
    }

    /// Bytes of the body of a request that waits.
    pub(super) fn aside_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let most = self.most_held();
        let running = self.running.clone();
        let Some(mut aside) = self.request_aside.take() else { return 0 };
        let Some(taken) = aside.fill(bytes, most) else {
            cx.desk.buffers.give_back(aside.bytes);
            self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
            return bytes.len();
        };
        match (end, aside.is_over(most)) {
            (false, false) => {
                self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
                self.request_aside = Some(aside);
            }
            (true, _) => self.resume(cx, *aside, Input::Ended),
            (false, true) => self.resume(cx, *aside, Input::Open),
        }
        if self.ended { bytes.len() } else { taken }
    }

    /// A request has waited long enough: rules decide by what there is, a body that did not come is the client's fault.
    pub(super) fn aside_expired(&mut self, cx: &mut Context) {
        let Some(aside) = self.request_aside.take() else { return };
        match aside.awaits {
            Awaits::Rules => self.resume(cx, *aside, Input::Expired),
            Awaits::Body(_) => {
                cx.desk.buffers.give_back(aside.bytes);
                self.refuse(cx, Status::RequestTimeout408, Cause::ClientTimeout, Stage::Request);
            }
        }
    }

    /// No more of a request's body will come: the client is lost.
    pub(super) fn aside_ended(&mut self, cx: &mut Context) {
        if let Some(aside) = self.request_aside.take() {
            self.resume(cx, *aside, Input::Ended);
        }
    }

    fn resume(&mut self, cx: &mut Context, mut aside: Aside<Step>, input: Input) {
        std::mem::swap(&mut aside.head, &mut cx.desk.request);
        self.client = ClientSide::Head;
        self.transaction.complete = Some(cx.now);
        self.advance_request(cx, Arrived { length: aside.length, body: &aside.bytes, input }, aside.step);
        cx.desk.buffers.give_back(aside.bytes);
    }

    /// `http-response wait-for-body`, and content rules that are not decided: sets a response aside. Goes on at once when there is
    /// nothing to wait for.
    pub(super) fn set_response_aside(
        &mut self,
        cx: &mut Context,
        delivered: Delivered,
        step: ResponseStep,
        awaits: Awaits,
        until: Moment,
    ) -> Result<(), usize> {
        if delivered.length == BodyLength::Empty || delivered.input == Input::Ended {
            return Ok(());
        }
        let mut aside = Aside {
            head: Head::default(),
            length: delivered.length,
            body: Body::new(delivered.length),
            bytes: cx.desk.buffers.lend(),
            content_bytes: 0,
            step,
            awaits,
            until,
        };
        let most = self.most_held();
        let Some(taken) = aside.fill(delivered.body(), most) else {
            cx.desk.buffers.give_back(aside.bytes);
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return Err(delivered.bytes.len());
        };
        if awaits != Awaits::Rules && aside.is_over(most) {
            cx.desk.buffers.give_back(aside.bytes);
            return Ok(());
        }
        std::mem::swap(&mut aside.head, &mut cx.desk.response);
        self.response_aside = Some(Box::new(aside));
        self.server = ServerSide::Aside;
        self.transaction.head_came.get_or_insert(cx.now);
        self.refresh_server(cx);
        Err(delivered.head + taken)
    }

    fn refresh_server(&mut self, cx: &Context) {
        let running = self.running.clone();
        self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
    }

    /// Bytes of the body of a response that waits.
    pub(super) fn response_aside_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let most = self.most_held();
        let Some(mut aside) = self.response_aside.take() else { return 0 };
        let Some(taken) = aside.fill(bytes, most) else {
            cx.desk.buffers.give_back(aside.bytes);
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return bytes.len();
        };
        if !end && !aside.is_over(most) {
            self.refresh_server(cx);
            self.response_aside = Some(aside);
            return taken;
        }
        // What a server sends behind its answer is never given to anybody.
        self.transaction.keep_server &= !end && (taken == bytes.len() || !aside.body.is_complete());
        self.resume_response(cx, *aside, if end { Input::Ended } else { Input::Open });
        match self.server {
            ServerSide::Body(_) | ServerSide::Aside => taken,
            _ => bytes.len(),
        }
    }

    /// A response has waited long enough.
    pub(super) fn response_aside_expired(&mut self, cx: &mut Context) {
        let Some(aside) = self.response_aside.take() else { return };
        match aside.awaits {
            Awaits::Rules => self.resume_response(cx, *aside, Input::Expired),
            Awaits::Body(_) => {
                cx.desk.buffers.give_back(aside.bytes);
                self.refuse(cx, Status::GatewayTimeout504, Cause::ServerTimeout, Stage::Request);
            }
        }
    }

    fn resume_response(&mut self, cx: &mut Context, mut aside: Aside<ResponseStep>, input: Input) {
        std::mem::swap(&mut aside.head, &mut cx.desk.response);
        self.server = ServerSide::Waiting;
        let delivered = Delivered { bytes: &aside.bytes, head: 0, length: aside.length, input };
        self.advance_response(cx, delivered, aside.step);
        // What is passed on lies in the bytes that were held, not in what has come just now.
        let passed = std::mem::take(&mut cx.out.to_client.passed);
        cx.out.to_client.bytes.extend_from_slice(aside.bytes.get(passed).unwrap_or_default());
        cx.desk.buffers.give_back(aside.bytes);
    }

    /// When the message of a side that waits has waited long enough.
    pub(super) fn aside_deadline(&self, side: Side) -> Moment {
        let until = match side {
            Side::Client => self.request_aside.as_ref().map(|aside| aside.until()),
            Side::Server => self.response_aside.as_ref().map(|aside| aside.until()),
        };
        until.unwrap_or(Moment::NEVER)
    }
}
