//! `cookie`: which server a client's cookie names, and what the client is told to remember (HAProxy manual, `cookie`).
//! Finding cookies in fields is `http::cookie`; choosing among servers without one is `assign`.

use super::termination::{RequestCookie, ResponseCookie};
use super::{Context, Method, Session};
use crate::config::model::{Cookie, Proxy};
use crate::http::cookie;
use crate::rules::server::Persistence;
use crate::sample::text::shown;
use crate::state::running::Live;

/// What separates a server's id from the application's value in `prefix` mode.
const PREFIX_END: u8 = b'~';

impl Session {
    /// Reads the client's cookie and cuts out what the server is not to see.
    pub(super) fn read_cookie(&mut self, cx: &mut Context, back: &Proxy) {
        let Some(rule) = &back.cookie else { return };
        let running = self.running.clone();
        let Some(live) = self.back_live(&running) else { return };
        let request = &mut cx.desk.request;
        let is_logged = rule.insert || rule.rewrite || rule.prefix || rule.indirect;
        let note = |letter| if is_logged { letter } else { RequestCookie::Unused };
        self.transaction.termination.request_cookie = note(RequestCookie::None);
        let Some(found) = cookie::find_request_cookie(request, &rule.name) else { return };
        let value = request.value(found.field).get(found.value.clone()).unwrap_or_default();
        let id = match rule.prefix {
            true => value.split(|byte| *byte == PREFIX_END).next().unwrap_or(value),
            false => value,
        };
        let direction = &self.transaction.direction;
        let (letter, server) = match direction.persistence {
            _ if direction.by_rule => (RequestCookie::Skipped, None),
            Persistence::Ignored => (RequestCookie::Skipped, None),
            _ if back.options.persist => server_named(back, live, id, Persistence::Forced),
            persistence => server_named(back, live, id, persistence),
        };
        self.transaction.termination.request_cookie = note(letter);
        if letter != RequestCookie::Skipped {
            self.transaction.server = server;
            self.transaction.persistent = server.is_some();
        }
        if let Some(witness) = cx.witness {
            witness.note(match letter {
                RequestCookie::Skipped => format!("cookie {} is not looked at", shown(&rule.name)),
                RequestCookie::Down => format!("cookie {} names a server that is down", shown(&rule.name)),
                _ if server.is_some() => format!("cookie {} names the server", shown(&rule.name)),
                _ => format!("cookie {} names no server of this backend", shown(&rule.name)),
            });
        }
        if rule.insert && rule.indirect {
            cookie::remove_request_cookie(request, &found);
        } else if rule.prefix && server.is_some() && value.len() > id.len() {
            let cut = found.value.start..found.value.start + id.len() + 1;
            cx.desk.line.clear();
            let whole = request.value(found.field);
            cx.desk.line.extend_from_slice(whole.get(..cut.start).unwrap_or_default());
            cx.desk.line.extend_from_slice(whole.get(cut.end..).unwrap_or_default());
            request.set_value(found.field, &cx.desk.line);
        }
    }

    /// Handles the server's cookie, and sets ours where it is due.
    pub(super) fn write_cookie(&mut self, cx: &mut Context, back: &Proxy) {
        let Some(rule) = &back.cookie else { return };
        if !(rule.insert || rule.rewrite || rule.prefix || rule.indirect) {
            return;
        }
        let id = self.transaction.server.and_then(|server| back.servers.get(server)).and_then(|server| server.cookie.as_deref());
        let by_cookie = self.transaction.termination.request_cookie == RequestCookie::Valid && self.transaction.persistent;
        let directed = by_cookie || self.transaction.direction.by_rule;
        let ignored = self.transaction.direction.persistence == Persistence::Ignored;
        let is_cacheable = rule.nocache && self.transaction.is_get && cookie::is_cacheable(&cx.desk.response);
        let letter = self.treat_server_cookie(cx, rule, id, directed);
        self.transaction.termination.response_cookie = letter;
        let kept = letter == ResponseCookie::Passed && rule.preserve;
        if !rule.insert || directed || ignored || kept || (rule.postonly && self.transaction.method != Method::Post) {
            return;
        }
        let line = &mut cx.desk.line;
        line.clear();
        line.extend_from_slice(&rule.name);
        line.push(b'=');
        line.extend_from_slice(id.unwrap_or_default());
        if id.is_none() {
            line.extend_from_slice(b"; Expires=Thu, 01-Jan-1970 00:00:01 GMT");
        }
        line.extend_from_slice(b"; path=/");
        line.extend_from_slice(&rule.attributes);
        cx.desk.response.push(b"Set-Cookie", line);
        self.transaction.termination.response_cookie = ResponseCookie::Inserted;
        if is_cacheable {
            cx.desk.response.push(b"Cache-control", b"private");
        }
    }

    /// What becomes of a `Set-Cookie` by the server itself.
    fn treat_server_cookie(&self, cx: &mut Context, rule: &Cookie, id: Option<&[u8]>, directed: bool) -> ResponseCookie {
        let response = &mut cx.desk.response;
        let Some(found) = cookie::find_response_cookie(response, &rule.name) else { return ResponseCookie::None };
        let deleted = (rule.insert && !rule.preserve) || (rule.indirect && !rule.insert && directed);
        if deleted {
            let mut next = Some(found);
            while let Some(found) = next {
                response.remove_at(found.field);
                next = cookie::find_response_cookie(response, &rule.name);
            }
            return ResponseCookie::Deleted;
        }
        let Some(id) = id.filter(|_| rule.rewrite || rule.prefix) else { return ResponseCookie::Passed };
        let value = response.value(found.field);
        let line = &mut cx.desk.line;
        line.clear();
        line.extend_from_slice(value.get(..found.value.start).unwrap_or_default());
        line.extend_from_slice(id);
        if rule.prefix {
            line.push(PREFIX_END);
            line.extend_from_slice(value.get(found.value.clone()).unwrap_or_default());
        }
        line.extend_from_slice(value.get(found.value.end..).unwrap_or_default());
        response.set_value(found.field, line);
        ResponseCookie::Rewritten
    }
}

/// The first server with that cookie that can be used; where that is forced, a server that is down as well.
fn server_named(back: &Proxy, live: &Live, id: &[u8], persistence: Persistence) -> (RequestCookie, Option<usize>) {
    if id.is_empty() {
        return (RequestCookie::Invalid, None);
    }
    let mut down = None;
    for (index, (server, state)) in back.servers.iter().zip(&live.servers).enumerate() {
        if server.cookie.as_deref() != Some(id) {
            continue;
        }
        if state.is_usable() {
            return (RequestCookie::Valid, Some(index));
        }
        down = down.or(Some(index));
    }
    match down {
        None => (RequestCookie::Invalid, None),
        Some(index) => (RequestCookie::Down, (persistence == Persistence::Forced).then_some(index)),
    }
}
