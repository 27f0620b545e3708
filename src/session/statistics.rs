//! Statistics over HTTP: who may see the page, what is asked for, and the answer, which goes out piece by piece as the client takes
//! it. What it says is `stats`; what its buttons change is `administer`.

use super::request::Arrived;
use super::rules::{Afterwards, whole_body};
use super::termination::{Cause, Stage};
use super::{Action, ClientSide, Context, Method, ServerSide, Session};
use crate::config::model::{Access, Proxy, StatsPage};
use crate::http::framing::{Body, BodyLength};
use crate::http::reply::Status;
use crate::http::uri::Target;
use crate::rules::apply::{Answer, What, Why};
use crate::sample::text::Case;
use crate::sample::{ProxyId, Scene, crypt, message};
use crate::stats::html::{Page, Setting};
use crate::stats::listing::Listing;
use crate::stats::prometheus::{Exposition, Scrape};
use crate::stats::request::{Form, Order, Outcome, Wanted};
use crate::stats::{Detail, View, schema};
use std::io::Write;

/// How much is rendered at a time, bytes.
const PIECE: usize = 32 * 1024;
/// The longest form that is taken, bytes.
const LONGEST_FORM: usize = 16 * 1024;

/// What a client gets instead of a server's answer.
#[derive(Clone, Debug)]
enum Report {
    Page(Box<Page>),
    Listing(Box<Listing>),
    Metrics(Box<Exposition>),
}

/// A report on its way to the client.
#[derive(Clone, Debug)]
pub(super) struct Serving {
    report: Report,
    detail: Detail,
    /// HTTP/1.1: the pieces are chunks.
    chunked: bool,
    afterwards: Afterwards,
}

/// Does a request ask for a proxy's statistics page?
pub(super) fn asks_for_page(proxy: &Proxy, method: &[u8], target: &[u8]) -> bool {
    let Some(page) = &proxy.stats_page else { return false };
    matches!(method, b"GET" | b"HEAD" | b"POST") && words_behind(page, target).is_some()
}

/// What stands behind the page's own address.
fn words_behind<'a>(page: &StatsPage, target: &'a [u8]) -> Option<&'a [u8]> {
    let target = match page.uri.first() {
        Some(b'/') => Target::parse(target)?.path_and_query(),
        _ => target,
    };
    target.strip_prefix(page.uri.as_slice())
}

impl Session {
    /// Answers a request for the statistics page; says how much of what came behind its head was taken.
    pub(super) fn answer_statistics(&mut self, cx: &mut Context, proxy: &Proxy, arrived: Arrived) -> usize {
        let all = arrived.body.len();
        let Some(page) = &proxy.stats_page else { return all };
        self.count_service("<STATS>");
        let taken = whole_body(arrived.length, arrived.body);
        let afterwards = match taken.is_some() && self.keeps_client(cx) {
            true => Afterwards::Kept,
            false => Afterwards::Closed,
        };
        let used = taken.filter(|_| afterwards == Afterwards::Kept).unwrap_or(all);
        match self.judge_access(cx, proxy, page) {
            Access::Allow => {}
            Access::Deny => {
                let answer = Answer { why: Why::Deny, code: 403, what: What::Page };
                self.give(cx, answer, b"", Cause::Proxy, Stage::Request, afterwards);
                return used;
            }
            Access::Auth(realm) => {
                let realm = realm.or_else(|| page.realm.clone()).unwrap_or_else(|| "HAProxy Statistics".to_owned());
                let challenge = format!("Basic realm=\"{}\"", realm.replace('"', ""));
                let answer = Answer { why: Why::Auth, code: 401, what: What::Challenge };
                self.give(cx, answer, challenge.as_bytes(), Cause::Local, Stage::Request, afterwards);
                return used;
            }
        }
        if cx.desk.request.method() == b"POST" {
            return self.begin_form(cx, proxy, arrived);
        }
        let words = words_behind(page, cx.desk.request.target()).unwrap_or_default();
        let wanted = Wanted::parse(words).for_page(page.refresh);
        if wanted.form == Form::Schema {
            self.give_text(cx, wanted.form.content_type(), schema::SCHEMA.as_bytes(), afterwards);
            return used;
        }
        let detail = Detail { legends: page.show_legends, tally: wanted.only_up || wanted.no_maintenance };
        let names = page.scope.iter().map(|name| if name == "." { proxy.name.clone() } else { name.clone() }).collect();
        let filter = wanted.filter(names);
        let refresh = page.refresh.filter(|_| !wanted.no_refresh).map(|every| every.as_secs().max(1));
        let form = wanted.form;
        let report = match form {
            Form::Listing(form) => Report::Listing(Box::new(Listing::new(form, filter, false))),
            Form::Page | Form::Schema => {
                let setting = self.setting(cx, proxy, page, wanted);
                Report::Page(Box::new(Page::new(setting, filter)))
            }
        };
        self.begin_report(cx, Serving { report, detail, chunked: false, afterwards }, form.content_type(), refresh);
        used
    }

    /// `http-request use-service prometheus-exporter`
    pub(super) fn answer_metrics(&mut self, cx: &mut Context, arrived: Arrived) -> usize {
        let taken = whole_body(arrived.length, arrived.body);
        let keep = taken.is_some() && self.keeps_client(cx);
        let afterwards = if keep { Afterwards::Kept } else { Afterwards::Closed };
        self.count_service("<PROMEX>");
        let query = Target::parse(cx.desk.request.target()).and_then(|target| target.query()).unwrap_or_default();
        match Scrape::parse(query) {
            Some(scrape) => {
                let report = Report::Metrics(Box::new(Exposition::new(scrape)));
                let serving = Serving { report, detail: Detail::default(), chunked: false, afterwards };
                self.begin_report(cx, serving, "text/plain; version=0.0.4", None);
            }
            None => {
                let answer = Answer { why: Why::Return, code: 400, what: What::Page };
                self.give(cx, answer, b"", Cause::Local, Stage::Request, afterwards);
            }
        }
        taken.filter(|_| keep).unwrap_or(arrived.body.len())
    }

    /// The request is answered here, in the place of a server of this name.
    fn count_service(&mut self, name: &'static str) {
        let transaction = &mut self.transaction;
        transaction.service = Some(name);
        transaction.assigned = transaction.complete;
        transaction.connected = transaction.complete;
    }

    /// What the rules of the page say: `stats http-request`, or `stats auth`.
    fn judge_access(&self, cx: &Context, proxy: &Proxy, page: &StatsPage) -> Access {
        let running = self.running.clone();
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: Some(&cx.desk.request), ..self.scene(&running, &world) };
        for rule in &page.rules {
            let is_due = rule.condition.as_ref().is_none_or(|condition| condition.holds(&proxy.acls, &scene));
            if let Some(witness) = cx.witness {
                witness.see_rule(&rule.place, is_due);
            }
            if is_due {
                return rule.access.clone();
            }
        }
        let bytes = |value: Option<crate::sample::Value>| value.map(|value| value.with_text(<[u8]>::to_vec)).unwrap_or_default();
        let (user, password) = (bytes(message::basic_user(&[], &scene)), bytes(message::basic_password(&[], &scene)));
        let known = |(own, secret): &(String, String)| {
            let is_user = crypt::equal(own.as_bytes(), &user);
            crypt::equal(secret.as_bytes(), &password) & is_user
        };
        // Every pair is looked at, whichever it is.
        let knows = page.auth.iter().fold(false, |found, pair| found | known(pair));
        if page.auth.is_empty() || knows { Access::Allow } else { Access::Auth(None) }
    }

    fn is_admin(&self, cx: &Context, proxy: &Proxy, page: &StatsPage) -> bool {
        let running = self.running.clone();
        let world = self.surroundings(&running, cx);
        let scene = Scene { request: Some(&cx.desk.request), ..self.scene(&running, &world) };
        page.admin.iter().any(|condition| condition.is_due(&proxy.acls, &scene))
    }

    fn setting(&self, cx: &Context, proxy: &Proxy, page: &StatsPage, wanted: Wanted) -> Setting {
        let global = &self.running.config.global;
        let described = || proxy.description.clone().or_else(|| global.description.clone());
        Setting {
            is_admin: self.is_admin(cx, proxy, page),
            wanted,
            address: String::from_utf8_lossy(&page.uri).into_owned(),
            shows_version: !page.hide_version,
            node: page.node.clone(),
            description: page.description.clone().and_then(|text| if text.is_empty() { described() } else { Some(text) }),
            refresh_seconds: page.refresh.map(|every| every.as_secs().max(1)),
        }
    }

    /// A short answer.
    fn give_text(&mut self, cx: &mut Context, content_type: &str, body: &[u8], afterwards: Afterwards) {
        let head =
            format!("HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n", body.len());
        let answer = Answer { why: Why::Return, code: 200, what: What::Message };
        self.give(cx, answer, &[head.as_bytes(), body].concat(), Cause::Local, Stage::Request, afterwards);
    }

    /// Writes the head of a report, and begins its body.
    fn begin_report(&mut self, cx: &mut Context, serving: Serving, content_type: &str, refresh_seconds: Option<u64>) {
        let is_head = self.transaction.method == Method::Head;
        let chunked = !self.transaction.is_http10;
        let afterwards = if chunked || is_head { serving.afterwards } else { Afterwards::Closed };
        let mut head = format!("HTTP/1.1 200 OK\r\nCache-Control: no-cache\r\nContent-Type: {content_type}\r\n");
        if let Some(seconds) = refresh_seconds {
            head += &format!("Refresh: {seconds}\r\n");
        }
        head += if chunked && !is_head { "Transfer-Encoding: chunked\r\n\r\n" } else { "\r\n" };
        let Some(afterwards) = self.write_answer(cx, head.as_bytes(), None, afterwards) else {
            return self.refuse(cx, Status::InternalError500, Cause::Internal, Stage::Request);
        };
        self.transaction.termination.blame(Cause::Local, Stage::Request);
        self.transaction.answered = self.transaction.complete;
        self.count_interception();
        if is_head {
            return self.end_report(cx, afterwards);
        }
        let running = self.running.clone();
        self.client = ClientSide::Done;
        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        self.server = ServerSide::Service(Box::new(Serving { chunked, afterwards, ..serving }));
        self.produce(cx);
    }

    /// Is there more of a report for a client that would take it?
    #[inline]
    pub fn has_more(&self) -> bool {
        matches!(self.server, ServerSide::Service(_)) && !self.client_blocked && !self.ended
    }

    /// Writes the next piece of a report.
    pub fn produce(&mut self, cx: &mut Context) {
        let running = self.running.clone();
        let ServerSide::Service(serving) = &mut self.server else { return };
        let facts = cx.state.facts();
        let detail = serving.detail;
        let (now, wall) = (cx.now, cx.wall);
        let view = View { running: &running, state: cx.state, variables: cx.variables, facts: &facts, now, wall, detail };
        let piece = &mut cx.desk.line;
        piece.clear();
        let more = match &mut serving.report {
            Report::Page(page) => page.render(&view, piece, PIECE),
            Report::Listing(listing) => listing.render(&view, piece, PIECE),
            Report::Metrics(metrics) => metrics.render(&view, piece, PIECE),
        };
        let out = &mut cx.out.to_client.bytes;
        let before = out.len();
        match (serving.chunked, piece.is_empty()) {
            (true, false) => {
                // Writing to a vector does not fail.
                let _ = write!(out, "{:x}\r\n", piece.len());
                out.extend_from_slice(piece);
                out.extend_from_slice(b"\r\n");
            }
            (_, true) => {}
            (false, false) => out.extend_from_slice(piece),
        }
        if !more && serving.chunked {
            out.extend_from_slice(b"0\r\n\r\n");
        }
        self.transaction.bytes_to_client += (out.len() - before) as u64;
        let afterwards = serving.afterwards;
        if !more {
            self.end_report(cx, afterwards);
        }
    }

    fn end_report(&mut self, cx: &mut Context, afterwards: Afterwards) {
        self.release(cx);
        self.write_log(cx);
        match afterwards {
            Afterwards::Kept => {
                self.answered_here = true;
                self.next_request(cx);
            }
            Afterwards::Closed => self.end(cx, Action::CloseClient),
        }
    }

    /// A form begins: it is taken whole before anything is done. Says how much of it was taken.
    fn begin_form(&mut self, cx: &mut Context, proxy: &Proxy, arrived: Arrived) -> usize {
        let running = self.running.clone();
        self.transaction.form = Some(FormUnderWay { proxy: proxy.id, allowed: false, target: cx.desk.request.target().to_vec() });
        let allowed = proxy.stats_page.as_ref().is_some_and(|page| self.is_admin(cx, proxy, page));
        if let Some(form) = &mut self.transaction.form {
            form.allowed = allowed;
        }
        self.transaction.request = cx.desk.buffers.lend();
        self.transaction.keep_client = self.keeps_client(cx);
        self.server = ServerSide::Form;
        self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        if arrived.length == BodyLength::Empty {
            self.client = ClientSide::Done;
            self.end_form(cx, None);
            return if self.ended { arrived.body.len() } else { 0 };
        }
        let expects = cx.desk.request.first("expect").is_some_and(|value| Case::Ignored.equal(value, b"100-continue"));
        if expects && arrived.body.is_empty() && !self.transaction.is_http10 {
            cx.out.to_client.bytes.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        self.client = ClientSide::Body(Body::new(arrived.length));
        self.form_bytes(cx, arrived.body, false)
    }

    /// Bytes of a form; says how many were taken.
    pub(super) fn form_bytes(&mut self, cx: &mut Context, bytes: &[u8], end: bool) -> usize {
        let running = self.running.clone();
        let ClientSide::Body(body) = &mut self.client else { return 0 };
        let kept = &mut self.transaction.request;
        let mut is_too_long = false;
        let scanned = body.scan_data(bytes, &mut |data| {
            is_too_long |= kept.len() + data.len() > LONGEST_FORM;
            if !is_too_long {
                kept.extend_from_slice(data);
            }
        });
        let Ok(taken) = scanned else {
            self.refuse(cx, Status::BadRequest400, Cause::Proxy, Stage::Request);
            return bytes.len();
        };
        self.transaction.bytes_from_client += taken as u64;
        if is_too_long {
            self.transaction.keep_client = false;
            self.end_form(cx, Some(Outcome::TooLong));
            return bytes.len();
        }
        if body.is_complete() {
            self.client = ClientSide::Done;
            self.end_form(cx, None);
            return if self.ended { bytes.len() } else { taken };
        }
        if end {
            self.abort(cx, Cause::Client, Stage::Request);
        } else {
            self.client_deadline = cx.now.after(self.front(&running).timeouts.client);
        }
        taken
    }

    /// The form is there: what it asks for is done, and the client is sent back to the page.
    fn end_form(&mut self, cx: &mut Context, outcome: Option<Outcome>) {
        let running = self.running.clone();
        let afterwards = if self.transaction.keep_client { Afterwards::Kept } else { Afterwards::Closed };
        let Some(form) = self.transaction.form.take() else { return };
        let page = running.proxy(form.proxy).and_then(|(proxy, _)| proxy.stats_page.as_ref());
        let Some(page) = page else { return self.refuse(cx, Status::InternalError500, Cause::Internal, Stage::Request) };
        let outcome = match (outcome, form.allowed) {
            (Some(outcome), _) => outcome,
            (None, false) => Outcome::Denied,
            (None, true) => match Order::parse(&self.transaction.request) {
                Some(order) => self.administer(cx, &order),
                None => Outcome::Invalid,
            },
        };
        let wanted = Wanted::parse(words_behind(page, &form.target).unwrap_or_default()).for_page(page.refresh);
        let words = wanted.render_words();
        let safe: String = words.chars().filter(char::is_ascii_graphic).collect();
        let message = format!(
            "HTTP/1.1 303 See Other\r\nCache-Control: no-cache\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nLocation: {};st={}{safe}\r\n\r\n",
            String::from_utf8_lossy(&page.uri),
            outcome.code()
        );
        let answer = Answer { why: Why::Return, code: 303, what: What::Message };
        self.give(cx, answer, message.as_bytes(), Cause::Local, Stage::Request, afterwards);
    }
}

/// A form that is being taken.
#[derive(Debug)]
pub(super) struct FormUnderWay {
    /// The section whose page has sent it.
    proxy: ProxyId,
    /// `stats admin` allows it.
    allowed: bool,
    /// Where it was sent.
    target: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_page_is_a_beginning() {
        let check = |uri: &str, target: &str, expected: Option<&str>| {
            let page = StatsPage { uri: uri.as_bytes().to_vec(), ..StatsPage::default() };
            let words = words_behind(&page, target.as_bytes());
            assert_eq!(words, expected.map(str::as_bytes), "{uri} {target}");
        };
        check("/stats", "/stats", Some(""));
        check("/stats", "/statsxyz;csv", Some("xyz;csv"));
        check("/stats", "/stat", None);
        check("/stats", "http://host/stats?scope=a", Some("?scope=a"));
        check("/haproxy?stats", "/haproxy?stats;csv", Some(";csv"));
        check("http://host/", "http://host/x", Some("x"));
    }
}
