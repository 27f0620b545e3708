//! The server's side: an answer from its first byte to the client. Rules run here in HAProxy's order: those of the
//! backend, those of the frontend, then cookie and Connection.

use super::again::Failure;
use super::aside::ResponseStep;
use super::inspect::Input;
use super::output::Reuse;
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, Relay, ServerSide, Session};
use crate::config::model::{ConnectionMode, HttpReuse, Proxy};
use crate::http::cache;
use crate::http::framing::{self, Body, BodyLength};
use crate::http::head::{Kind, Parsed};
use crate::http::reply::Status;
use crate::http::{Version, connection};
use crate::rules::rewrite::{self, Verdict};
use crate::sample::content::Sender;
use crate::sample::{Content, Scene, Scope};
use crate::state::observed::Sight;

/// What has come of a response.
#[derive(Clone, Copy)]
pub(super) struct Delivered<'a> {
    /// Its bytes so far.
    pub(super) bytes: &'a [u8],
    /// How many of them are the head, which is on the desk.
    pub(super) head: usize,
    /// How the body is delimited.
    pub(super) length: BodyLength,
    /// May more come?
    pub(super) input: Input,
}

impl<'a> Delivered<'a> {
    /// The bytes behind the head.
    pub(super) fn body(self) -> &'a [u8] {
        self.bytes.get(self.head..).unwrap_or_default()
    }

    /// The body, as fetches see it.
    pub(super) fn content(self) -> Content<'a> {
        Content::Body(Sender::Server, self.length, self.body())
    }

    /// Has all of it come?
    pub(super) fn is_whole(self) -> bool {
        let mut body = Body::new(self.length);
        body.scan(self.body()).is_ok() && body.is_complete()
    }
}

/// 426, which has to name the protocols that are asked for (RFC 9110 section 15.5.22).
const UPGRADE_REQUIRED: u16 = 426;

impl Session {
    /// Bytes of a head, perhaps not all of it, perhaps of an interim one first.
    pub(super) fn response_head(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let running = self.running.clone();
        let mut taken = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            if rest.is_empty() && end {
                self.server_closed_without_answer(cx, bytes.is_empty());
                return bytes.len();
            }
            if rest.is_empty() {
                return taken;
            }
            let parsed = match self.back(&running).http.accept_unsafe_responses {
                true => cx.desk.response.parse_relaxed(Kind::Response, rest, &self.limits()),
                false => cx.desk.response.parse_response(rest, &self.limits()),
            };
            match parsed {
                Ok(Parsed::Complete(length)) => {
                    taken += length;
                    self.transaction.response_version = Some(cx.desk.response.version());
                }
                Ok(Parsed::Partial) if end && self.try_again(cx, Failure::Junk) => return bytes.len(),
                Ok(Parsed::Partial) if end => {
                    self.observe(cx, Sight::Closed);
                    self.refuse(cx, Status::BadGateway502, Cause::Server, Stage::Headers);
                    return bytes.len();
                }
                Ok(Parsed::Partial) => {
                    self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
                    return taken;
                }
                Err(_) if self.try_again(cx, Failure::Junk) => return bytes.len(),
                Err(_) => {
                    self.observe(cx, Sight::InvalidHead);
                    self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
                    return bytes.len();
                }
            }
            match cx.desk.response.code() {
                101 => return self.switch_protocols(cx, bytes, taken),
                100..=199 => self.relay_interim(cx),
                _ => return self.receive_response(cx, bytes, taken, end),
            }
        }
    }

    /// An answer before the answer (RFC 9110 section 15.2): an HTTP/1.0 client does not know such a thing.
    fn relay_interim(&mut self, cx: &mut Context) {
        if !self.transaction.is_http10 {
            connection::remove_hop_by_hop(&mut cx.desk.response, false);
            framing::merge_lengths(&mut cx.desk.response, self.transaction.method.name());
            cx.desk.response.set_version(Version::Http11);
            let before = cx.out.to_client.bytes.len();
            cx.desk.response.render(&mut cx.out.to_client.bytes);
            self.transaction.bytes_to_client += (cx.out.to_client.bytes.len() - before) as u64;
        }
    }

    /// 101: from here on, bytes both ways. Only where the client asked for it.
    fn switch_protocols(&mut self, cx: &mut Context, bytes: &[u8], head: usize) -> usize {
        if !self.transaction.upgrade {
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return bytes.len();
        }
        connection::remove_hop_by_hop(&mut cx.desk.response, true);
        cx.desk.response.push(b"Connection", b"upgrade");
        self.answer(cx, bytes, head, true);
        bytes.len()
    }

    /// A whole head is on the desk.
    fn receive_response(&mut self, cx: &mut Context, bytes: &[u8], head: usize, end: bool) -> usize {
        let running = self.running.clone();
        let method = self.transaction.method;
        self.observe(cx, Sight::Answered(cx.desk.response.code()));
        if self.try_again(cx, Failure::Code(cx.desk.response.code())) {
            return bytes.len();
        }
        let Ok(length) = framing::response_body(&cx.desk.response, method.name()) else {
            if self.try_again(cx, Failure::Junk) {
                return bytes.len();
            }
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return bytes.len();
        };
        self.notes.variables.forget(Scope::Request);
        self.capture_response(cx, self.front(&running));
        self.transaction.keep_server = connection::is_persistent(&cx.desk.response);
        let input = if end { Input::Ended } else { Input::Open };
        self.advance_response(cx, Delivered { bytes, head, length, input }, ResponseStep::Content)
    }

    /// Takes a response on from a step to the client. Says how many of its bytes were taken.
    pub(super) fn advance_response(&mut self, cx: &mut Context, delivered: Delivered, from: ResponseStep) -> usize {
        let Delivered { bytes, head, length, .. } = delivered;
        let running = self.running.clone();
        let input = match self.apply_response_rules(cx, delivered, from) {
            Ok(input) => input,
            Err(taken) => return taken,
        };
        let (method, end) = (self.transaction.method, input == Input::Ended);
        let back = self.back(&running);
        self.write_cookie(cx, back);
        let method_name = self.transaction.line.split(|byte| *byte == b' ').next().unwrap_or_default();
        if back.http.check_cache && cache::leaks_cookie(&cx.desk.response, method_name) {
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return bytes.len();
        }
        if !self.run_after_rules(cx) {
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return bytes.len();
        }
        framing::restore_response(&mut cx.desk.response, length, method.name());
        if framing::response_body(&cx.desk.response, method.name()) != Ok(length) {
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return bytes.len();
        }
        let mode = self.connection_mode(&running);
        let reusable = back.http_reuse != HttpReuse::Never && !self.is_of_one_client(&running);
        let chunked = length == BodyLength::Chunked;
        let front_drops = self.front(&running).http.drop_response_trailers;
        let transaction = &mut self.transaction;
        let unwrap = chunked && transaction.is_http10;
        let delimited = length != BodyLength::UntilClose;
        transaction.keep_server = transaction.keep_server && delimited && mode == ConnectionMode::KeepAlive && reusable;
        transaction.keep_client = transaction.client_persists
            && delimited
            && !unwrap
            && mode != ConnectionMode::Close
            && !cx.finishing
            && matches!(self.client, ClientSide::Done);
        let response = &mut cx.desk.response;
        let names_protocols = response.code() == UPGRADE_REQUIRED && response.has("upgrade") && !transaction.is_http10;
        connection::remove_hop_by_hop(response, names_protocols);
        framing::merge_lengths(response, method.name());
        response.set_version(Version::Http11);
        if names_protocols {
            response.push(b"Connection", b"upgrade");
        }
        if unwrap {
            response.remove("transfer-encoding");
            response.remove("trailer");
        }
        let drops_trailer = chunked && front_drops;
        if drops_trailer {
            response.remove("trailer");
        }
        let field = transaction.connection_field().as_bytes();
        match (transaction.keep_client, transaction.is_http10) {
            (false, _) => response.push(field, b"close"),
            (true, true) => response.push(field, b"keep-alive"),
            (true, false) => {}
        }
        let rest = bytes.get(head..).unwrap_or_default();
        let is_tunnel = method == super::Method::Connect && (200..300).contains(&response.code());
        if is_tunnel {
            self.answer(cx, bytes, head, true);
            return bytes.len();
        }
        self.answer(cx, bytes, head, false);
        self.server = ServerSide::Body(Relay { body: Body::new(length), length, unwrap, drops_trailer });
        if length == BodyLength::Empty {
            self.transaction.keep_server &= rest.is_empty() && !end;
            self.response_complete(cx);
            return bytes.len();
        }
        self.relay_response(cx, bytes, head, end);
        bytes.len()
    }

    /// Runs the rules from a step on: may more of the response come afterwards? What was taken of it when it goes no further, or waits.
    fn apply_response_rules(&mut self, cx: &mut Context, mut delivered: Delivered, from: ResponseStep) -> Result<Input, usize> {
        let running = self.running.clone();
        let (front, back) = (self.front(&running), self.back(&running));
        if from == ResponseStep::Content {
            delivered.input = self.inspect_response(cx, delivered)?;
        }
        let edits = |proxy: &Proxy| !(proxy.response_rewrites.is_empty() && proxy.response_rules.is_empty());
        if !edits(back) && !edits(front) {
            return Ok(delivered.input);
        }
        let mut verdict = Verdict::Continue;
        if from < ResponseStep::FrontRules(0) {
            let first = if let ResponseStep::BackRules(index) = from { index } else { 0 };
            self.run_response_rules(cx, back, delivered, (first, ResponseStep::BackRules))?;
            verdict = self.rewrite_response(cx, back, delivered);
        }
        if verdict == Verdict::Continue && front.id != back.id {
            let first = if let ResponseStep::FrontRules(index) = from { index } else { 0 };
            self.run_response_rules(cx, front, delivered, (first, ResponseStep::FrontRules))?;
            verdict = self.rewrite_response(cx, front, delivered);
        }
        framing::restore_response(&mut cx.desk.response, delivered.length, self.transaction.method.name());
        let framed = framing::response_body(&cx.desk.response, self.transaction.method.name()) == Ok(delivered.length);
        if !matches!(verdict, Verdict::Continue | Verdict::UseBackend(_)) || !framed {
            self.refuse(cx, Status::BadGateway502, Cause::Proxy, Stage::Headers);
            return Err(delivered.bytes.len());
        }
        Ok(delivered.input)
    }

    fn rewrite_response(&mut self, cx: &mut Context, proxy: &Proxy, delivered: Delivered) -> Verdict {
        let running = self.running.clone();
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: None, content: delivered.content(), ..self.scene(&running, &world) };
        rewrite::apply_response(&proxy.response_rewrites, &proxy.acls, &mut cx.desk.response, &scene, &mut cx.desk.line)
    }

    /// Sends the head on the desk to the client, and for a tunnel what came behind it.
    fn answer(&mut self, cx: &mut Context, bytes: &[u8], head: usize, is_tunnel: bool) {
        let running = self.running.clone();
        let before = cx.out.to_client.bytes.len();
        cx.desk.response.render(&mut cx.out.to_client.bytes);
        let transaction = &mut self.transaction;
        transaction.status = cx.desk.response.code();
        transaction.answered = Some(transaction.head_came.unwrap_or(cx.now));
        transaction.bytes_to_client += (cx.out.to_client.bytes.len() - before) as u64;
        let buffer = std::mem::take(&mut transaction.request);
        cx.desk.buffers.give_back(buffer);
        self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
        if is_tunnel {
            self.begin_tunnel(cx);
            self.transaction.keep_client = false;
            self.transaction.keep_server = false;
            cx.out.to_client.pass(bytes, head..bytes.len());
            self.transaction.bytes_to_client += (bytes.len() - head) as u64;
        }
        if self.front(&running).options.log_asap {
            self.write_log(cx);
        }
    }

    /// Bytes of the body.
    pub(super) fn response_body(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        self.relay_response(cx, bytes, 0, end);
        bytes.len()
    }

    fn relay_response(&mut self, cx: &mut Context, bytes: &[u8], from: usize, end: bool) {
        let running = self.running.clone();
        let ServerSide::Body(relay) = &mut self.server else { return };
        let rest = bytes.get(from..).unwrap_or_default();
        let (scanned, sent) = match relay.unwrap {
            true => {
                let before = cx.out.to_client.bytes.len();
                let bytes_out = &mut cx.out.to_client.bytes;
                let scanned = relay.body.scan_data(rest, &mut |data| bytes_out.extend_from_slice(data));
                (scanned, cx.out.to_client.bytes.len() - before)
            }
            false => {
                let scanned = relay.body.scan(rest);
                let before = scanned.map_or(0, |taken| relay.body.before_trailer(taken));
                match scanned {
                    Ok(taken) if relay.drops_trailer && before < taken => {
                        let end: &[u8] = if relay.body.is_complete() { b"\r\n" } else { b"" };
                        cx.out.to_client.bytes.extend_from_slice(rest.get(..before).unwrap_or_default());
                        cx.out.to_client.bytes.extend_from_slice(end);
                        (scanned, before + end.len())
                    }
                    Ok(taken) => {
                        cx.out.to_client.pass(bytes, from..from + taken);
                        (scanned, taken)
                    }
                    Err(_) => (scanned, 0),
                }
            }
        };
        let Ok(taken) = scanned else {
            return self.abort(cx, Cause::Proxy, Stage::Data);
        };
        self.transaction.bytes_to_client += sent as u64;
        if relay.body.is_complete() {
            // What a server sends behind its answer is never given to anybody.
            self.transaction.keep_server &= taken == rest.len() && !end;
            self.response_complete(cx);
        } else if end && relay.length == BodyLength::UntilClose {
            self.response_complete(cx);
        } else if end {
            self.abort(cx, Cause::Server, Stage::Data);
        } else {
            self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
        }
    }

    fn response_complete(&mut self, cx: &mut Context) {
        let request_complete = matches!(self.client, ClientSide::Done);
        let keep_server = self.transaction.keep_server && request_complete;
        let keep_client = self.transaction.keep_client && request_complete;
        let running = self.running.clone();
        let destination = self.destination_number(&running);
        let server = match destination {
            Some(destination) if keep_server => Action::KeepServer { destination },
            _ => Action::CloseServer,
        };
        self.remember_server();
        match keep_client {
            true => self.complete_and_keep(cx, server),
            false => self.complete(cx, server, Action::CloseClient),
        }
    }

    /// The server has closed (or reset) without an answer. An idle connection may have been closed just as the request
    /// went out: then it goes once more, where nothing is lost by that.
    fn server_closed_without_answer(&mut self, cx: &mut Context, nothing_came: bool) {
        let transaction = &self.transaction;
        let repeat = nothing_came && transaction.reused && !transaction.streamed && transaction.method.may_be_repeated();
        if !repeat && self.try_again(cx, if nothing_came { Failure::Empty } else { Failure::Junk }) {
            return;
        }
        if !repeat {
            self.observe(cx, Sight::Closed);
            return self.refuse(cx, Status::BadGateway502, Cause::Server, Stage::Headers);
        }
        cx.out.actions.push(Action::CloseServer);
        self.server = ServerSide::None;
        self.connect(cx);
        debug_assert!(matches!(cx.out.actions.last(), Some(Action::Connect { reuse: Reuse::Never, .. })));
    }
}
