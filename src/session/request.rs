//! The client's side: a request from its first byte to its server's door. Rules run here in HAProxy's order: those of the
//! frontend, the choice of a backend, those of the backend, then cookie, X-Forwarded-For and Connection.

use super::aside::Step;
use super::inspect::Input;
use super::rules::whole_body;
use super::statistics::asks_for_page;
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, Method, ServerSide, Session};
use crate::access_log::record;
use crate::config::model::{ConnectionMode, ForwardFor, Proxy};
use crate::config::model_http::FieldNames;
use crate::http::framing::{self, Body, BodyLength};
use crate::http::head::{self, Parsed};
use crate::http::relay::{self, Hops};
use crate::http::reply::Status;
use crate::http::{Version, connection};
use crate::rules::rewrite::{self, Verdict};
use crate::sample::content::Sender;
use crate::sample::witness::Seen;
use crate::sample::{Content, ProxyId, Scene};
use std::net::IpAddr;
use std::sync::atomic::Ordering;

/// What has come behind a head.
#[derive(Clone, Copy)]
pub(super) struct Arrived<'a> {
    /// How the body is delimited.
    pub(super) length: BodyLength,
    /// The bytes so far.
    pub(super) body: &'a [u8],
    /// May more of them come?
    pub(super) input: Input,
}

impl<'a> Arrived<'a> {
    /// The body, as fetches see it.
    pub(super) fn content(self) -> Content<'a> {
        Content::Body(Sender::Client, self.length, self.body)
    }
}

impl Session {
    /// Bytes of a head, perhaps not all of it.
    pub(super) fn request_head(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        if bytes.is_empty() {
            if end {
                self.client_left_before_request(cx, Action::CloseClient);
            }
            return 0;
        }
        if matches!(self.client, ClientSide::Idle) {
            self.begin_request(cx);
        }
        let parsed = match self.is_lenient() {
            true => cx.desk.request.parse_relaxed(head::Kind::Request, bytes, &self.limits()),
            false => cx.desk.request.parse_request(bytes, &self.limits()),
        };
        match parsed {
            Ok(Parsed::Complete(length)) => {
                let body = bytes.get(length..).unwrap_or_default();
                self.transaction.bytes_from_client = length as u64;
                length + self.receive_request(cx, body)
            }
            Ok(Parsed::Partial) if end => {
                self.refuse(cx, Status::BadRequest400, Cause::Client, Stage::Request);
                bytes.len()
            }
            Ok(Parsed::Partial) => {
                let running = self.running.clone();
                self.client = ClientSide::Head;
                self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
                0
            }
            Err(_) => {
                self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
                bytes.len()
            }
        }
    }

    /// `option accept-unsafe-violations-in-http-request`
    fn is_lenient(&self) -> bool {
        self.running.config.proxies.get(self.frontend.0 as usize).is_some_and(|front| front.http.accept_unsafe_requests)
    }

    /// The first byte of a request: it goes by the configuration that is in force now.
    fn begin_request(&mut self, cx: &mut Context) {
        if !std::rc::Rc::ptr_eq(&self.running, cx.current) && self.transaction.backend.is_none() {
            self.take_up(cx);
        }
        let running = self.running.clone();
        self.requests = self.requests.saturating_add(1);
        self.answered_here = false;
        self.transaction.began = cx.now;
        self.transaction.began_wall = cx.wall;
        self.head_deadline = cx.now.after(self.front(&running).timeouts.http_request);
        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
    }

    /// Takes up the configuration in force, if it still has this frontend.
    pub(super) fn take_up(&mut self, cx: &mut Context) {
        let name = &self.running.config.proxies[self.frontend.0 as usize].name;
        let found = cx.current.config.proxies.iter().find(|proxy| proxy.kind.has_frontend() && proxy.name == *name);
        if let Some(proxy) = found {
            if let (Some((_, before)), Some((_, after))) = (self.running.proxy(self.frontend), cx.current.proxy(proxy.id)) {
                // A `frontend` that has become a `listen` is counted apart.
                before.state.connections.fetch_sub(1, Ordering::Relaxed);
                after.state.connections.fetch_add(1, Ordering::Relaxed);
            }
            self.frontend = proxy.id;
            self.running = cx.current.clone();
        }
    }

    /// A whole head is on the desk; `body` is what came behind it. Says how many bytes of the body were taken.
    fn receive_request(&mut self, cx: &mut Context, body: &[u8]) -> usize {
        let request = &cx.desk.request;
        let transaction = &mut self.transaction;
        transaction.complete = Some(cx.now);
        transaction.method = Method::of(request.method());
        transaction.is_get = request.method() == b"GET";
        transaction.is_http10 = request.version() == Version::Http10;
        let is_for_a_proxy = !matches!(request.target().first(), Some(b'/' | b'*'));
        transaction.proxied = is_for_a_proxy && self.running.config.proxies[self.frontend.0 as usize].options.use_proxy_header;
        transaction.client_persists = connection::is_persistent_by(request, transaction.connection_field());
        transaction.upgrade = connection::wants_upgrade(request);
        let line = request.start_line();
        transaction.line = cx.desk.buffers.lend();
        transaction.line.extend_from_slice(line.get(..self.running.config.global.logged_line).unwrap_or(line));
        transaction.number = cx.state.requests_total.fetch_add(1, Ordering::Relaxed);
        self.count_request(cx);
        let length = match head::check_host(request).map_err(|_| ()).and_then(|()| framing::request_body(request).map_err(|_| ())) {
            Ok(length) => length,
            Err(()) => {
                self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
                return body.len();
            }
        };
        relay::follow_target(&mut cx.desk.request, &mut cx.desk.line);
        if self.is_monitor(cx) {
            self.answer_monitor(cx);
            return body.len();
        }
        self.advance_request(cx, Arrived { length, body, input: Input::Open }, Step::FrontContent)
    }

    /// Takes a request on from a step to its server's door. Says how many bytes of the body were taken.
    pub(super) fn advance_request(&mut self, cx: &mut Context, arrived: Arrived, from: Step) -> usize {
        if let Err(taken) = self.apply_rules(cx, arrived, from) {
            return taken;
        }
        if arrived.input == Input::Ended && whole_body(arrived.length, arrived.body).is_none() {
            self.abort(cx, Cause::Client, Stage::Request);
            return arrived.body.len();
        }
        if relay::count_hop(&mut cx.desk.request) == Hops::None {
            let status = if cx.desk.request.method() == b"TRACE" { Status::NotImplemented501 } else { Status::Ok200 };
            self.refuse(cx, status, Cause::Local, Stage::Request);
            return arrived.body.len();
        }
        self.prepare_request(cx, arrived.length);
        let Some(taken) = self.keep_first_body(arrived.body) else {
            self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
            return arrived.body.len();
        };
        self.assign(cx);
        taken
    }

    /// `monitor-uri`: the whole target is compared.
    fn is_monitor(&self, cx: &Context) -> bool {
        let running = self.running.clone();
        self.front(&running).monitor_uri.as_deref() == Some(cx.desk.request.target())
    }

    /// 200, or 503 while a `monitor fail` condition holds; never logged.
    fn answer_monitor(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let front = self.front(&running);
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: Some(&cx.desk.request), ..self.scene(&running, &world) };
        let fails = front.monitor_fail.iter().any(|condition| condition.is_due(&front.acls, &scene));
        self.transaction.logged = true;
        self.refuse(cx, if fails { Status::Unavailable503 } else { Status::Ok200 }, Cause::Local, Stage::Request);
    }

    /// Runs the rules of the frontend, chooses a backend, runs its rules, from a step on; what was taken of the body when the request
    /// was answered, or waits.
    fn apply_rules(&mut self, cx: &mut Context, mut arrived: Arrived, from: Step) -> Result<(), usize> {
        let running = self.running.clone();
        let front = self.front(&running);
        let all = arrived.body.len();
        let index = |step: Step| match step {
            Step::FrontRules(index) | Step::BackRules(index) => index,
            _ => 0,
        };
        // A client that came by `mode tcp` has its backend already.
        if self.transaction.backend.is_none() {
            if from == Step::FrontContent {
                self.capture_request(cx, front);
                self.inspect_request(cx, front, arrived, Step::FrontContent)?;
                arrived.input = arrived.input.anew();
            }
            if from <= Step::FrontBody {
                self.buffer_body(cx, front, arrived, Step::FrontRules(0))?;
            }
            if from <= Step::FrontRules(0) && self.answer_maintenance(cx, front, arrived.length, arrived.body) {
                return Err(self.taken_with_answer(arrived.length, arrived.body));
            }
            self.run_request_rules(cx, &front.request_rules, front, arrived, (index(from), Step::FrontRules))?;
            let shows_page = asks_for_page(front, cx.desk.request.method(), cx.desk.request.target());
            let world = self.surroundings(&running, cx);
            let scene = Scene { content: arrived.content(), ..self.scene(&running, &world) };
            let rewritten = rewrite::apply_request(&front.request_rewrites, &front.acls, &mut cx.desk.request, &scene, &mut cx.desk.line);
            if !self.obey(cx, rewritten, front) {
                return Err(all);
            }
            if shows_page {
                return Err(self.answer_statistics(cx, front, arrived));
            }
            self.run_request_rules(cx, &front.redirects, front, arrived, (0, Step::FrontRules))?;
            let world = self.surroundings(&running, cx);
            let scene = Scene { content: arrived.content(), ..self.scene(&running, &world) };
            let chosen = match rewritten {
                Verdict::UseBackend(id) => Some(id),
                _ => choose_backend(front, &running, &Scene { request: Some(&cx.desk.request), ..scene }, &mut cx.desk.line),
            };
            let Some((back, _)) = chosen.and_then(|id| running.proxy(id)) else {
                self.refuse(cx, Status::Unavailable503, Cause::Server, Stage::Connect);
                return Err(all);
            };
            self.transaction.backend = Some(back.id);
            if let Some(witness) = cx.witness {
                witness.see(Seen::Backend(back.id));
            }
            self.count_backend(cx);
            self.apply_persistence_rules(cx, back, arrived.content());
        }
        let back = self.back(&running);
        if back.id != self.frontend {
            let from = from.max(Step::BackContent);
            if from == Step::BackContent {
                self.inspect_request(cx, back, arrived, Step::BackContent)?;
                arrived.input = arrived.input.anew();
            }
            if from <= Step::BackBody {
                self.buffer_body(cx, back, arrived, Step::BackRules(0))?;
            }
            if from <= Step::BackRules(0) && self.answer_maintenance(cx, back, arrived.length, arrived.body) {
                return Err(self.taken_with_answer(arrived.length, arrived.body));
            }
            self.run_request_rules(cx, &back.request_rules, back, arrived, (index(from), Step::BackRules))?;
            let shows_page = asks_for_page(back, cx.desk.request.method(), cx.desk.request.target());
            let world = self.surroundings(&running, cx);
            let scene = Scene { content: arrived.content(), ..self.scene(&running, &world) };
            let rewritten = rewrite::apply_request(&back.request_rewrites, &back.acls, &mut cx.desk.request, &scene, &mut cx.desk.line);
            if !self.obey(cx, rewritten, back) {
                return Err(all);
            }
            if shows_page {
                return Err(self.answer_statistics(cx, back, arrived));
            }
            self.run_request_rules(cx, &back.redirects, back, arrived, (0, Step::BackRules))?;
        }
        if !self.restrict_names(cx, front, back) {
            return Err(all);
        }
        let edits = |proxy: &Proxy| !(proxy.request_rewrites.is_empty() && proxy.request_rules.is_empty());
        if edits(front) || edits(back) {
            framing::restore_request(&mut cx.desk.request, arrived.length);
        }
        if (edits(front) || edits(back)) && !self.is_framed_as_before(cx, arrived.length) {
            // A rule has made another kind of request of it, whose answer its client would read as another.
            self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
            return Err(all);
        }
        Ok(())
    }

    /// Has the request, as rules left it, the body that came, and an answer framed as the client expects it? Its method is noted.
    fn is_framed_as_before(&mut self, cx: &Context, length: BodyLength) -> bool {
        let request = &cx.desk.request;
        let (before, now) = (self.transaction.method, Method::of(request.method()));
        let frames_alike = before == now || ![before, now].iter().any(|method| matches!(method, Method::Head | Method::Connect));
        let framed = frames_alike && framing::request_body(request) == Ok(length);
        if framed {
            self.transaction.method = now;
        }
        framed
    }

    /// Does what the rules have left to do; `false` when the request goes no further.
    fn obey(&mut self, cx: &mut Context, verdict: Verdict, proxy: &Proxy) -> bool {
        match verdict {
            Verdict::Continue | Verdict::UseBackend(_) => return true,
            Verdict::Deny => {
                self.count_denial(Stage::Request);
                self.refuse(cx, Status::Forbidden403, Cause::Proxy, Stage::Request);
            }
            Verdict::Malformed => self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request),
            Verdict::Tarpit => {
                self.client = ClientSide::Done;
                self.server = ServerSide::Tarpit;
                self.server_deadline = cx.now.after(proxy.timeouts.tarpit.or(proxy.timeouts.connect).or(Some(Default::default())));
            }
        }
        false
    }

    /// Cookie, X-Forwarded-For and Connection; then what the server is to get is written down.
    fn prepare_request(&mut self, cx: &mut Context, length: BodyLength) {
        let running = self.running.clone();
        let (front, back) = (self.front(&running), self.back(&running));
        self.write_unique_id(cx, front);
        self.capture_request_cookie(cx, front);
        self.apply_server_rules(cx, back, Content::Nothing);
        self.read_cookie(cx, back);
        let mode = self.connection_mode(&running);
        let request = &mut cx.desk.request;
        relay::ignore_old_expectation(request);
        connection::remove_hop_by_hop(request, self.transaction.upgrade);
        framing::merge_lengths(request, self.transaction.method.name());
        if request.version() == Version::Http10 {
            request.set_version(Version::Http11);
            if !request.has("host") {
                // RFC 9112 section 3.3: such a request is for the address that it came to.
                cx.desk.line.clear();
                match self.destination {
                    Some(destination) => record::render_authority(destination, &mut cx.desk.line),
                    None => cx.desk.line.extend_from_slice(b"localhost"),
                }
                request.push(b"Host", &cx.desk.line);
            }
        }
        if let (Some(source), Some(forward)) = (self.source(), forward_for(front, back, self.source().map(|s| s.ip())))
            && !(forward.if_none && request.has(&String::from_utf8_lossy(&forward.header)))
        {
            cx.desk.line.clear();
            record::render_ip(source.ip(), &mut cx.desk.line);
            request.push(&forward.header, &cx.desk.line);
        }
        if let (Some(destination), Some(original)) = (self.notes.destination.or(self.destination), original_to(front, back))
            && original.except.is_none_or(|network| !network.contains(destination.ip()))
        {
            cx.desk.line.clear();
            record::render_ip(destination.ip(), &mut cx.desk.line);
            request.push(&original.header, &cx.desk.line);
        }
        let pretends = front.http.pretend_keepalive || back.http.pretend_keepalive;
        let name = self.transaction.connection_field().as_bytes();
        match (self.transaction.upgrade, mode) {
            (true, _) => request.push(b"Connection", b"upgrade"),
            (false, ConnectionMode::KeepAlive) => {}
            (false, _) if pretends => {}
            (false, _) => request.push(name, b"close"),
        }
        if length == BodyLength::Chunked && back.http.drop_request_trailers {
            request.remove("trailer");
        }
        if let Some(name) = &back.send_name_header {
            request.remove(name);
        }
        self.transaction.retries_left = back.retries;
        self.transaction.request = cx.desk.buffers.lend();
        request.render(&mut self.transaction.request);
        self.note_name_field(back);
        self.client = match length {
            BodyLength::Empty => ClientSide::Done,
            length => ClientSide::Body(Body::new(length)),
        };
    }

    /// `option http-drop-request-trailers`
    fn drops_request_trailer(&self) -> bool {
        let backend = self.transaction.backend.and_then(|id| self.running.proxy(id));
        backend.is_some_and(|(back, _)| back.http.drop_request_trailers)
    }

    /// `option http-restrict-req-hdr-names` of one side or the other; `false` when the request is refused.
    fn restrict_names(&mut self, cx: &mut Context, front: &Proxy, back: &Proxy) -> bool {
        let policy = |policy: FieldNames| front.http.field_names == policy || back.http.field_names == policy;
        if !policy(FieldNames::Reject) && !policy(FieldNames::Delete) {
            return true;
        }
        let is_plain = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        let request = &mut cx.desk.request;
        let mut index = 0;
        while index < request.len() {
            if is_plain(request.name(index)) {
                index += 1;
            } else if policy(FieldNames::Reject) {
                self.refuse(cx, Status::Forbidden403, Cause::Proxy, Stage::Request);
                return false;
            } else {
                request.remove_at(index);
            }
        }
        true
    }

    /// Keeps what has come of the body together with the head: both may have to be sent again. `None` when it is malformed.
    fn keep_first_body(&mut self, bytes: &[u8]) -> Option<usize> {
        let drops_trailer = self.drops_request_trailer();
        let ClientSide::Body(body) = &mut self.client else { return Some(0) };
        let taken = body.scan(bytes).ok()?;
        self.transaction.bytes_from_client += taken as u64;
        let before = if drops_trailer { body.before_trailer(taken) } else { taken };
        self.transaction.request.extend_from_slice(bytes.get(..before)?);
        if drops_trailer && before < taken && body.is_complete() {
            self.transaction.request.extend_from_slice(b"\r\n");
        }
        if body.is_complete() {
            self.client = ClientSide::Done;
        }
        Some(taken)
    }

    /// Bytes of the body, while the server takes them.
    pub(super) fn request_body(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let running = self.running.clone();
        let drops_trailer = self.drops_request_trailer();
        let ClientSide::Body(body) = &mut self.client else { return 0 };
        let Ok(taken) = body.scan(bytes) else {
            self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Headers);
            return bytes.len();
        };
        let complete = body.is_complete();
        self.transaction.bytes_from_client += taken as u64;
        let before = body.before_trailer(taken);
        if drops_trailer && before < taken {
            let piece = bytes.get(..before).unwrap_or_default();
            cx.out.to_server.bytes.extend_from_slice(piece);
            cx.out.to_server.bytes.extend_from_slice(if complete { b"\r\n" } else { b"" });
            self.transaction.streamed = true;
        } else if taken > 0 {
            cx.out.to_server.pass(bytes, 0..taken);
            self.keep_piece(bytes.get(..taken).unwrap_or_default());
        }
        if complete {
            self.client = ClientSide::Done;
            self.server_deadline = cx.now.after(self.back(&running).timeouts.server);
        } else if end {
            self.abort(cx, Cause::Client, Stage::Data);
        } else {
            self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        }
        taken
    }

    /// The client has closed, or is lost, without a whole head.
    pub(super) fn client_left_before_request(&mut self, cx: &mut Context, client: Action) {
        self.omit_null_log();
        self.transaction.logged |= self.ignores_probes();
        self.transaction.logged |= self.requests > 0 && matches!(self.client, ClientSide::Idle);
        self.transaction.status = Status::BadRequest400.code();
        self.transaction.termination.blame(Cause::Client, Stage::Request);
        if !matches!(self.client, ClientSide::Idle) {
            self.count_transaction(cx);
        }
        if self.transaction.backend.is_some() {
            self.release(cx);
        }
        self.write_log(cx);
        self.end(cx, client);
    }

    /// `option dontlognull`: a connection on which nothing has come is not logged.
    pub(super) fn omit_null_log(&mut self) {
        let running = self.running.clone();
        self.transaction.logged |= self.front(&running).options.dont_log_null && matches!(self.client, ClientSide::Idle);
    }
}

/// The first rule whose condition holds decides. Rules that are one another's fallbacks are taken in order while the
/// backend before has no usable server; `default_backend` comes last; a `listen` section serves what is left.
pub(super) fn choose_backend(front: &Proxy, running: &crate::state::Running, scene: &Scene, scratch: &mut Vec<u8>) -> Option<ProxyId> {
    let mut fallen_from = None;
    let mut why = "no use_backend is due: default_backend";
    for rule in &front.switching {
        let is_due = rule.condition.as_ref().is_none_or(|condition| condition.holds(&front.acls, scene));
        if let Some(witness) = scene.witness {
            witness.see_rule(&rule.place, is_due);
        }
        if !is_due {
            continue;
        }
        let backend = match &rule.name {
            None => rule.backend,
            Some(name) => {
                let named =
                    name.backend(scene, scratch).filter(|id| running.proxy(*id).is_some_and(|(proxy, _)| front.mode.leads_to(proxy.mode)));
                // As in HAProxy, no rule behind one that names nothing is looked at.
                let Some(named) = named else {
                    if let Some(witness) = scene.witness {
                        witness.note("it names no backend, and no use_backend behind it is looked at");
                    }
                    why = "default_backend";
                    break;
                };
                named
            }
        };
        if !rule.fallback || running.usable_servers(backend) > 0 {
            return Some(backend);
        }
        if let Some(witness) = scene.witness {
            witness.note("it has no usable server, so the rules behind it are asked");
        }
        why = "default_backend";
        fallen_from = fallen_from.or(Some(backend));
    }
    if let (Some(witness), Some(_)) = (scene.witness, front.default_backend) {
        witness.note(why);
    }
    let own = (front.kind.has_backend() && !front.servers.is_empty()).then_some(front.id);
    front.default_backend.or(fallen_from).or(own).or(front.kind.has_backend().then_some(front.id))
}

/// `option forwardfor` of the backend or the frontend; either side's `except` silences both.
fn forward_for<'a>(front: &'a Proxy, back: &'a Proxy, source: Option<IpAddr>) -> Option<&'a ForwardFor> {
    let source = source?;
    let rules = [&back.forward_for, &front.forward_for];
    let excepted = |rule: &&ForwardFor| rule.except.is_some_and(|network| network.contains(source));
    if rules.iter().filter_map(|rule| rule.as_ref()).any(|rule| excepted(&rule)) {
        return None;
    }
    rules.into_iter().find_map(|rule| rule.as_ref())
}

/// `option originalto` of the backend, or of the frontend.
fn original_to<'a>(front: &'a Proxy, back: &'a Proxy) -> Option<&'a ForwardFor> {
    back.http.original_to.as_ref().or(front.http.original_to.as_ref())
}
