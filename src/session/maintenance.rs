//! Requests of a section in maintenance (`maintenance` lines): which of them go on to the servers, and what the others are
//! answered. The answers lie ready in `rules::site`; what a connection takes of them is shared, never copied.
//!
//! ```text
//! off, or no such lines                    goes on
//! for the statistics page                  goes on: it is where one sees what is off
//! except-ok, GET or HEAD                   200 OK
//! except                                   goes on
//! allow                                    goes on
//! a good cookie                            goes on
//! a good link, GET or HEAD                 302 to the same address without the pass, which becomes a cookie
//! a file of the page's folder, GET or HEAD 200 and the file
//! anything else                            the page, in the form that the client would rather have
//! ```

use super::rules::whole_body;
use super::statistics::asks_for_page;
use super::termination::{Cause, Stage};
use super::{Action, Context, Held, Method, Session};
use crate::config::maintenance::covers;
use crate::config::model::{ConnectionMode, Maintenance, Proxy, Trigger};
use crate::http::accept::preferred_form;
use crate::http::cookie::find_request_cookie;
use crate::http::framing::BodyLength;
use crate::http::head::Head;
use crate::http::uri::Target;
use crate::rules::bypass::{Bypass, Pass};
use crate::rules::site::Answer;
use crate::sample::{Content, Patience, ProxyId, Scene, VariableId, World};
use crate::state::Running;
use crate::state::variables::Reader;
use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Values that switch maintenance on, in any case.
const ON: [&str; 4] = ["1", "true", "on", "yes"];

/// What `except-ok` says.
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n";

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
enum Verdict<'m> {
    /// It goes on.
    Pass,
    /// 200, for those who watch.
    Ok,
    /// It is sent on to this address, with a cookie.
    Admit(Vec<u8>),
    /// It gets this.
    Answer(&'m Answer),
}

/// Is a section in maintenance? Conditions see what the scene has; without a request, those that ask for one do not hold.
pub fn is_on(maintenance: &Maintenance, proxy: &Proxy, scene: &Scene) -> bool {
    maintenance.triggers.iter().any(|trigger| match trigger {
        Trigger::Switch(id) => {
            let is = |value: &[u8]| ON.iter().any(|on| value.eq_ignore_ascii_case(on.as_bytes()));
            scene.world.variable(*id).is_some_and(is)
        }
        Trigger::Condition(condition) => condition.is_due(&proxy.acls, scene),
    })
}

/// The switches and servers, without a session.
struct AtLarge<'a> {
    running: &'a Running,
    variables: &'a Reader,
}

impl World for AtLarge<'_> {
    fn variable(&self, name: VariableId) -> Option<&[u8]> {
        self.variables.get(self.running.variable_number(name)?).map(|value| value.text.as_slice())
    }

    fn variable_int(&self, name: VariableId) -> Option<i64> {
        self.variables.get(self.running.variable_number(name)?)?.int
    }

    fn usable_servers(&self, backend: ProxyId) -> u32 {
        self.running.usable_servers(backend)
    }
}

/// The same where there is no request: what the process says of itself.
pub fn is_on_at_large(proxy: &Proxy, running: &Running, variables: &Reader) -> bool {
    let world = AtLarge { running, variables };
    let scene = Scene {
        request: None,
        response: None,
        source: None,
        destination: None,
        content: Content::Nothing,
        patience: Patience::Over,
        frontend: &proxy.name,
        backend: None,
        acls: &proxy.acls,
        depth: 0,
        world: &world,
        witness: None,
    };
    !proxy.disabled && proxy.maintenance.as_ref().is_some_and(|maintenance| is_on(maintenance, proxy, &scene))
}

fn judge<'m>(
    maintenance: &'m Maintenance,
    proxy: &str,
    request: &Head,
    client: Option<IpAddr>,
    now: i64,
    scratch: &mut Vec<u8>,
) -> Verdict<'m> {
    let reads = matches!(request.method(), b"GET" | b"HEAD");
    let target = Target::take_apart(request.target());
    let path = target.as_ref().map(Target::path).unwrap_or_default();
    if reads && covers(&maintenance.except_ok, path) {
        return Verdict::Ok;
    }
    if covers(&maintenance.except, path) || maintenance.allows(client) {
        return Verdict::Pass;
    }
    if let Some(bypass) = &maintenance.bypass {
        let cookie = find_request_cookie(request, bypass.name.as_bytes());
        let pass = cookie.as_ref().and_then(|found| request.value(found.field).get(found.value.clone()));
        if pass.is_some_and(|pass| bypass.accepts(Pass::Cookie, proxy, pass, now)) {
            return Verdict::Pass;
        }
        let query = target.as_ref().and_then(Target::query);
        if let Some(address) = query.filter(|_| reads).and_then(|query| follow_link(bypass, proxy, path, query, now)) {
            return Verdict::Admit(address);
        }
    }
    match maintenance.site.asset(path, scratch).filter(|_| reads) {
        Some(asset) => Verdict::Answer(asset),
        None => Verdict::Answer(maintenance.site.page(preferred_form(request))),
    }
}

/// The address without the pass, when there is a good one in its query.
fn follow_link(bypass: &Bypass, proxy: &str, path: &[u8], query: &[u8], now: i64) -> Option<Vec<u8>> {
    let is_pass = |part: &[u8]| {
        let pass = part.strip_prefix(bypass.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
        pass.is_some_and(|pass| bypass.accepts(Pass::Link, proxy, pass, now))
    };
    let parts = || query.split(|byte| *byte == b'&');
    if !parts().any(is_pass) {
        return None;
    }
    let mut address = Vec::new();
    // What begins with two slashes would be the address of another host (RFC 3986 section 4.2).
    if matches!(path.get(1), Some(b'/' | b'\\')) {
        address.extend_from_slice(b"/.");
    }
    address.extend_from_slice(if path.starts_with(b"/") { path } else { b"/" });
    for (index, part) in parts().filter(|part| !is_pass(part)).enumerate() {
        address.push(if index == 0 { b'?' } else { b'&' });
        address.extend_from_slice(part);
    }
    Some(address)
}

impl Session {
    /// Answers the request on the desk when the section is in maintenance and the request is not one that goes on; says
    /// whether it did. `body` is what came behind the head.
    pub(super) fn answer_maintenance(&mut self, cx: &mut Context, proxy: &Proxy, length: BodyLength, body: &[u8]) -> bool {
        let Some(maintenance) = &proxy.maintenance else { return false };
        if asks_for_page(proxy, cx.desk.request.method(), cx.desk.request.target()) {
            return false;
        }
        let running = self.running.clone();
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: Some(&cx.desk.request), ..self.scene(&running, &world) };
        let on = is_on(maintenance, proxy, &scene);
        if let Some(witness) = cx.witness {
            witness.note(format!("maintenance of {} is {}", proxy.name, if on { "on" } else { "off" }));
        }
        if !on {
            self.count_as_under_way(proxy, maintenance);
            return false;
        }
        let (client, now) = (self.source.map(|source| source.ip()), cx.wall.seconds);
        let verdict = judge(maintenance, &proxy.name, &cx.desk.request, client, now, &mut cx.desk.line);
        if let Some(witness) = cx.witness {
            witness.note(match verdict {
                Verdict::Pass => "this request passes it by",
                Verdict::Ok => "this path is answered with 200 meanwhile",
                Verdict::Admit(_) => "this link admits its client",
                Verdict::Answer(_) => "its page is the answer",
            });
        }
        match verdict {
            Verdict::Pass => return false,
            Verdict::Ok => {
                self.render_answer(cx, 200, OK, whole_body(length, body).is_some());
                self.finish_answer(cx, b"OK\n", None);
            }
            Verdict::Admit(address) => {
                let head = self.render_admission(maintenance, &proxy.name, &address, now);
                self.render_answer(cx, 302, &head, whole_body(length, body).is_some());
                self.finish_answer(cx, b"", None);
            }
            Verdict::Answer(answer) => {
                self.render_answer(cx, answer.code, &answer.head, whole_body(length, body).is_some());
                self.finish_answer(cx, b"", Some(&answer.body));
            }
        }
        true
    }

    /// `maintenance drain`: the request has passed before the switch was thrown.
    fn count_as_under_way(&mut self, proxy: &Proxy, maintenance: &Maintenance) {
        let running = self.running.clone();
        let Some((_, live)) = running.proxy(proxy.id).filter(|_| maintenance.drain) else { return };
        live.state.under_way.fetch_add(1, Ordering::Relaxed);
        self.transaction.counted_by[usize::from(proxy.id != self.frontend)] = Some(proxy.id);
    }

    /// The request is over, however it ended.
    pub(super) fn leave_under_way(&mut self, running: &Held) {
        for id in std::mem::take(&mut self.transaction.counted_by).into_iter().flatten() {
            if let Some((_, live)) = running.proxy(id) {
                live.state.under_way.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// How many bytes behind the head were taken with a request that was answered here: those of its body when the
    /// connection goes on, all when it ends.
    pub(super) fn taken_with_answer(&self, length: BodyLength, body: &[u8]) -> usize {
        match self.client {
            super::ClientSide::Idle if !self.ended => whole_body(length, body).unwrap_or(body.len()),
            _ => body.len(),
        }
    }

    fn render_admission(&self, maintenance: &Maintenance, proxy: &str, address: &[u8], now: i64) -> Vec<u8> {
        let mut head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nCache-Control: no-store\r\nLocation: ".to_vec();
        head.extend_from_slice(address);
        if let Some(bypass) = &maintenance.bypass {
            let mut pass = String::new();
            bypass.render_pass(Pass::Cookie, proxy, now.saturating_add(bypass.ttl_seconds), &mut pass);
            let (name, ttl) = (&bypass.name, bypass.ttl_seconds);
            // Writing to a vector does not fail.
            let _ = write!(head, "\r\nSet-Cookie: {name}={pass}; Path=/; Max-Age={ttl}; HttpOnly; SameSite=Lax\r\n");
        }
        head
    }

    /// Writes the head of an answer, and settles whether the connection is kept behind it.
    fn render_answer(&mut self, cx: &mut Context, code: u16, head: &[u8], request_is_whole: bool) {
        let running = self.running.clone();
        let transaction = &self.transaction;
        let keeps = request_is_whole && transaction.client_persists && !cx.finishing;
        let keeps = keeps && self.connection_mode(&running) != ConnectionMode::Close;
        let connection: &[u8] = match (keeps, transaction.is_http10) {
            (false, _) => b"Connection: close\r\n\r\n",
            (true, true) => b"Connection: keep-alive\r\n\r\n",
            (true, false) => b"\r\n",
        };
        cx.out.to_client.bytes.extend_from_slice(head);
        cx.out.to_client.bytes.extend_from_slice(connection);
        self.transaction.keep_client = keeps;
        self.transaction.status = code;
        self.transaction.bytes_to_client += (head.len() + connection.len()) as u64;
        self.transaction.termination.blame(Cause::Local, Stage::Maintenance);
    }

    /// Writes its body, ends the transaction and logs it.
    fn finish_answer(&mut self, cx: &mut Context, short: &[u8], shared: Option<&Arc<[u8]>>) {
        if self.transaction.method != Method::Head {
            cx.out.to_client.bytes.extend_from_slice(short);
            shared.into_iter().for_each(|body| cx.out.to_client.share(body));
            self.transaction.bytes_to_client += (short.len() + shared.map_or(0, |body| body.len())) as u64;
        }
        let keeps = self.transaction.keep_client;
        self.release(cx);
        self.write_log(cx);
        match keeps {
            true => {
                self.answered_here = true;
                self.next_request(cx);
            }
            false => self.end(cx, Action::CloseClient),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::Limits;
    use crate::rules::site::Files;

    const NOW: i64 = 1000;

    fn maintenance() -> Maintenance {
        let files = [("index.html", "page"), ("index.json", "json"), ("logo.png", "logo")];
        let files = files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec())).to_vec();
        let mut maintenance = Maintenance {
            files: Files::from_folder(files).unwrap(),
            allow: vec![crate::config::model::Network { address: "10.0.0.0".parse().unwrap(), prefix: 8 }],
            bypass: Some(Bypass::new("office", b"0123456789abcdef0123456789abcdef", 60).unwrap()),
            except: vec![b"/hooks/".to_vec()],
            except_ok: vec![b"/health".to_vec()],
            ..Maintenance::default()
        };
        maintenance.finish();
        maintenance
    }

    fn pass(pass: Pass, until: i64) -> String {
        let mut text = String::new();
        maintenance().bypass.unwrap().render_pass(pass, "shop", until, &mut text);
        text
    }

    #[track_caller]
    fn check(request: &str, client: &str, expected: &str) {
        let mut head = Head::default();
        let text = request.replace('\n', "\r\n") + "\r\n\r\n";
        head.parse_request(text.as_bytes(), &Limits { bytes: 4096, fields: 10 }).unwrap();
        let maintenance = maintenance();
        let verdict = judge(&maintenance, "shop", &head, client.parse().ok(), NOW, &mut Vec::new());
        let verdict = match verdict {
            Verdict::Pass => "passes".to_owned(),
            Verdict::Ok => "ok".to_owned(),
            Verdict::Admit(address) => format!("to {}", String::from_utf8_lossy(&address)),
            Verdict::Answer(answer) => format!("{} {}", answer.code, String::from_utf8_lossy(&answer.body)),
        };
        assert_eq!(verdict, expected, "{request}");
    }

    #[test]
    fn visitors_see_the_page_in_the_form_that_they_like() {
        check("GET / HTTP/1.1", "192.0.2.1", "503 page");
        check("POST /logo.png HTTP/1.1", "192.0.2.1", "503 page");
        check("GET /api HTTP/1.1\nAccept: application/json", "192.0.2.1", "503 json");
        check("GET /a/b/logo.png?v=2 HTTP/1.1", "192.0.2.1", "200 logo");
        check("GET http://shop.example/logo.png HTTP/1.1", "192.0.2.1", "200 logo");
        check("OPTIONS * HTTP/1.1", "", "503 page");
    }

    #[test]
    fn some_go_on_to_the_servers() {
        check("GET / HTTP/1.1", "10.1.2.3", "passes");
        check("GET / HTTP/1.1", "::ffff:10.1.2.3", "passes");
        check("POST /hooks/paid HTTP/1.1", "192.0.2.1", "passes");
        check("GET /health HTTP/1.1", "192.0.2.1", "ok");
        check("HEAD /health/db?full HTTP/1.1", "10.1.2.3", "ok");
        check("POST /health HTTP/1.1", "192.0.2.1", "503 page");
        check("GET /hooks/../admin HTTP/1.1", "192.0.2.1", "503 page");
    }

    #[test]
    fn a_good_cookie_passes() {
        check(&format!("GET / HTTP/1.1\nCookie: a=b; office={}", pass(Pass::Cookie, NOW + 1)), "", "passes");
        check(&format!("POST / HTTP/1.1\nCookie: office={}", pass(Pass::Cookie, NOW + 1)), "", "passes");
        check(&format!("GET / HTTP/1.1\nCookie: office={}", pass(Pass::Cookie, NOW)), "", "503 page");
        check(&format!("GET / HTTP/1.1\nCookie: office={}", pass(Pass::Link, NOW + 1)), "", "503 page");
        check("GET / HTTP/1.1\nCookie: office=1", "", "503 page");
    }

    #[test]
    fn a_good_link_leads_to_the_same_address_of_the_same_host() {
        let link = pass(Pass::Link, NOW + 1);
        check(&format!("GET /?office={link} HTTP/1.1"), "", "to /");
        check(&format!("GET /a/b?x=1&office={link}&y=2 HTTP/1.1"), "", "to /a/b?x=1&y=2");
        check(&format!("GET //evil.example/?office={link} HTTP/1.1"), "", "to /.//evil.example/");
        check(&format!("GET /\\evil.example/?office={link} HTTP/1.1"), "", "to /./\\evil.example/");
        check(&format!("GET http://shop.example?office={link} HTTP/1.1"), "", "to /");
        check(&format!("POST /?office={link} HTTP/1.1"), "", "503 page");
        check(&format!("GET /?office={} HTTP/1.1", pass(Pass::Link, NOW)), "", "503 page");
        check(&format!("GET /?office={} HTTP/1.1", pass(Pass::Cookie, NOW + 1)), "", "503 page");
        check(&format!("GET /?xoffice={link} HTTP/1.1"), "", "503 page");
        check(&format!("GET /?office={link}0 HTTP/1.1"), "", "503 page");
    }

    #[test]
    fn a_body_is_whole_or_is_not() {
        let check = |length, bytes: &str, expected| assert_eq!(whole_body(length, bytes.as_bytes()), expected, "{bytes}");
        check(BodyLength::Empty, "GET", Some(0));
        check(BodyLength::Exact(3), "abcGET", Some(3));
        check(BodyLength::Exact(3), "ab", None);
        check(BodyLength::Chunked, "1\r\na\r\n0\r\n\r\nGET", Some(11));
        check(BodyLength::Chunked, "1\r\na\r\n0\r\n", None);
        check(BodyLength::Chunked, "x\r\n", None);
    }
}
