//! Actions against messages, as tables. What HAProxy 2.6 does with the same rules is compared end to end.

use super::action::{Rule, Ruleset, all, find};
use super::apply::{Answer, Room, Verdict, What, Why, apply_request, apply_response};
use super::note::Notes;
use crate::sample::fake::{FakeNames, FakeWorld, rendered, request, response, scene, words};
use crate::sample::{Scene, Scope, Value};

const REQUEST: &str = "GET /a/b?q=1 HTTP/1.1\nHost: h\nX-A: 1\nX-A: 2\nCookie: c=1";
const RESPONSE: &str = "HTTP/1.1 200 OK\nX-S: 1\nVary: a, b";

fn parsed(lines: &str, names: &mut FakeNames) -> Vec<Rule> {
    let parse = |line: &str, names: &mut FakeNames| {
        let words = words(line);
        Rule::parse(find(&words).unwrap_or_else(|| panic!("{line}")), &words, names).unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
    };
    lines.split('\n').map(|line| parse(line, names)).collect()
}

struct After {
    verdict: Verdict,
    head: String,
    notes: Notes,
    message: String,
}

fn run(start: &str, lines: &str) -> After {
    let mut names = FakeNames::default();
    names.files.insert("/page".into(), b"from %[path]".to_vec());
    let prefixed: Vec<String> =
        lines.split('\n').map(|line| if line.starts_with("http-") { line.into() } else { format!("{start} {line}") }).collect();
    let rules = parsed(&prefixed.join("\n"), &mut names);
    let world = FakeWorld::default();
    let (mut notes, mut room) = (Notes { captures: vec![Vec::new()], ..Notes::default() }, Room::default());
    let (verdict, head) = if start == "http-request" {
        let mut head = request(REQUEST);
        let verdict = apply_request(&rules, &names.acls, &mut head, &mut notes, &scene(&world), &mut room);
        (verdict, rendered(&head))
    } else {
        let mut head = response(RESPONSE);
        let verdict = apply_response(&rules, &names.acls, &mut head, &mut notes, &scene(&world), &mut room);
        (verdict, rendered(&head))
    };
    After { verdict, head, notes, message: String::from_utf8_lossy(&room.message).replace("\r\n", "|") }
}

#[test]
fn rules_edit_a_request() {
    let check = |lines: &str, from: &str, to: &str| {
        assert!(REQUEST.contains(from), "{from}");
        let after = run("http-request", lines);
        assert_eq!((after.verdict, after.head), (Verdict::Continue, REQUEST.replacen(from, to, 1).trim_end().to_string()), "{lines}");
    };
    check("add-header X-A 3", "c=1", "c=1\nX-A: 3");
    check("add-header X-A 3 if { path /no }", "", "");
    check("set-header x-a %[src]", "X-A: 1\nX-A: 2\nCookie: c=1", "Cookie: c=1\nx-a: 192.0.2.7");
    check("set-header X-E %[hdr(nope)]", "c=1", "c=1\nX-E: ");
    check("del-header x-a", "X-A: 1\nX-A: 2\n", "");
    check("del-header x- -m beg", "X-A: 1\nX-A: 2\n", "");
    check("del-header -A -m end", "X-A: 1\nX-A: 2\n", "");
    check("del-header ook -m sub", "\nCookie: c=1", "");
    check("del-header ^x- -m reg", "X-A: 1\nX-A: 2\n", "");
    check("del-header x -m str", "", "");
    check("replace-header X-A (.*) n\\1", "X-A: 1\nX-A: 2", "X-A: n1\nX-A: n2");
    check("replace-header X-A 2 %[hdr(host)]", "X-A: 2", "X-A: h");
    check("replace-header X-A 3 n", "", "");
    check("replace-value Cookie ^c=(.) d=\\1", "c=1", "d=1");
    check("replace-path (.*) /f\\1", "/a/b", "/f/a/b");
    check("replace-path ^/x /y", "", "");
    check("replace-pathq /a/(.*) /z/\\1", "/a/b", "/z/b");
    check("replace-uri ^/a http://o/a", "GET /a/b?q=1 HTTP/1.1\nHost: h", "GET http://o/a HTTP/1.1\nHost: o");
    check("replace-uri ^/x http://o/a", "", "");
    check("set-path /n", "/a/b?", "/n?");
    check("set-pathq /n?z", "/a/b?q=1", "/n?z");
    check("set-query z=%[query]", "?q", "?z=q");
    check("set-uri /y", "/a/b?q=1", "/y");
    check("set-uri http://x/y", "GET /a/b?q=1 HTTP/1.1\nHost: h", "GET http://x/y HTTP/1.1\nHost: x");
    check(
        "set-uri http://x/y\nset-header Host z",
        "GET /a/b?q=1 HTTP/1.1\nHost: h\nX-A: 1\nX-A: 2\nCookie: c=1",
        "GET http://z/y HTTP/1.1\nX-A: 1\nX-A: 2\nCookie: c=1\nHost: z",
    );
    check("set-method POST", "GET", "POST");
    check(
        "set-var(txn.a) hdr(x-a)\nset-header Host %[var(txn.a)]!",
        "Host: h\nX-A: 1\nX-A: 2\nCookie: c=1",
        "X-A: 1\nX-A: 2\nCookie: c=1\nHost: 2!",
    );
    check("set-var(txn.a) int(1)\nunset-var(txn.a)\nadd-header X-A 3 if { var(txn.a) -m found }", "", "");
    check("set-src hdr(x-a)\nadd-header X-B %[src]", "c=1", "c=1\nX-B: 192.0.2.7");
    check("set-src str(10.0.0.1)\nadd-header X-B %[src]:%[src_port]", "c=1", "c=1\nX-B: 10.0.0.1:40000");
    check("set-dst str(10.0.0.1)\nadd-header X-B %[dst]", "c=1", "c=1\nX-B: 10.0.0.1");
    check("allow if { path /a/b }\ndeny", "", "");
}

#[test]
fn rules_edit_a_response() {
    let check = |lines: &str, from: &str, to: &str| {
        assert!(RESPONSE.contains(from), "{from}");
        for start in ["http-response", "http-after-response"] {
            let after = run(start, lines);
            assert_eq!((after.verdict, after.head), (Verdict::Continue, RESPONSE.replacen(from, to, 1).trim_end().to_string()), "{lines}");
        }
    };
    check("add-header X-S 2", "a, b", "a, b\nX-S: 2");
    check("set-header X-S 2", "X-S: 1\nVary: a, b", "Vary: a, b\nX-S: 2");
    check("del-header vary", "\nVary: a, b", "");
    check("del-header vary if { status 404 }", "", "");
    check("replace-header X-S . k", "X-S: 1", "X-S: k");
    check("replace-value Vary b c", "a, b", "a,c");
    check("set-status 299", "200 OK", "299 Success");
    check("set-status 503 reason gone\\_away", "200 OK", "503 gone away");
    check("set-var(res.a) res.hdr(x-s)\nadd-header Y %[var(res.a)]", "a, b", "a, b\nY: 1");
}

#[test]
fn rules_refuse_or_answer() {
    let answer = |why, code, what| Verdict::Answer(Answer { why, code, what });
    let check = |lines: &str, verdict: Verdict, message: &str| {
        let after = run("http-request", lines);
        assert_eq!((after.verdict, after.message.as_str()), (verdict, message), "{lines}");
    };
    check("deny", answer(Why::Deny, 403, What::Page), "");
    check("deny if { path /no }", Verdict::Continue, "");
    check("deny deny_status 429", answer(Why::Deny, 429, What::Page), "");
    check("deny status 418", answer(Why::Deny, 418, What::Message), "HTTP/1.1 418 I'm a teapot|Content-Length: 0||");
    check(
        "deny status 404 content-type a/b lf-string %[path]",
        answer(Why::Deny, 404, What::Message),
        "HTTP/1.1 404 Not Found|Content-Length: 4|Content-Type: a/b||/a/b",
    );
    check(
        "return content-type a/b string %[path] hdr X-Y %[src]",
        answer(Why::Return, 200, What::Message),
        "HTTP/1.1 200 OK|X-Y: 192.0.2.7|Content-Length: 7|Content-Type: a/b||%[path]",
    );
    check(
        "return content-type a/b lf-file /page",
        answer(Why::Return, 200, What::Message),
        "HTTP/1.1 200 OK|Content-Length: 9|Content-Type: a/b||from /a/b",
    );
    check("return", answer(Why::Return, 200, What::Message), "HTTP/1.1 200 OK|Content-Length: 0||");
    check("return status 404 default-errorfiles", answer(Why::Return, 404, What::Page), "");
    check("tarpit", answer(Why::Tarpit, 500, What::Page), "");
    check("auth", answer(Why::Auth, 401, What::Challenge), "Basic realm=\"www\"");
    check("auth realm a\\_b", answer(Why::Auth, 401, What::Challenge), "Basic realm=\"a b\"");
    check(
        "redirect location /x code 301",
        answer(Why::Redirect, 301, What::Message),
        "HTTP/1.1 301 Moved Permanently|Content-Length: 0|Location: /x||",
    );
    check("redirect location %[hdr(no)] ignore-empty", Verdict::Continue, "HTTP/1.1 302 Found|Content-Length: 0|Location: ");
    check("silent-drop", Verdict::Drop, "");
    check("reject", Verdict::Reject, "");
    check("set-path a\\_b", Verdict::Malformed, "GET a b?q=1 HTTP/1.1");
    assert_eq!(run("http-response", "deny").verdict, answer(Why::Deny, 502, What::Page));
}

#[test]
fn rules_leave_notes_for_the_session() {
    assert_eq!(run("http-request", "set-log-level silent").notes.log_level, Some(None));
    assert_eq!(run("http-request", "set-log-level err").notes.log_level, Some(Some(3)));
    assert_eq!(run("http-request", "set-log-level err if { path /no }").notes.log_level, None);
    assert_eq!(run("http-request", "capture hdr(cookie) len 2").notes.captures, [b"c=".to_vec()]);
    assert_eq!(run("http-request", "capture hdr(nope) len 2").notes.captures, [b"".to_vec()]);
    let notes = run("http-request", "set-var-fmt(sess.b) %[src]-x").notes;
    assert_eq!(notes.variables.get(Scope::Session, b"b"), Some(Value::text(b"192.0.2.7-x")));
    assert_eq!(notes.variables.get(Scope::Transaction, b"b"), None);
}

#[test]
fn a_rule_without_a_variable_costs_no_memory() {
    let world = FakeWorld::default();
    let mut names = FakeNames::default();
    let rules = parsed("http-request allow if { var(txn.a) -m found }", &mut names);
    let (mut notes, mut room, mut head) = (Notes::default(), Room::default(), request(REQUEST));
    let seen: Scene = scene(&world);
    assert_eq!(apply_request(&rules, &names.acls, &mut head, &mut notes, &seen, &mut room), Verdict::Continue);
    assert_eq!((room.message.capacity(), notes.captures.capacity()), (0, 0));
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    let check = |line: &str| {
        let words = words(line);
        let row = find(&words).unwrap_or_else(|| panic!("{line}"));
        assert!(Rule::parse(row, &words, &mut FakeNames::default()).is_err(), "{line}");
    };
    for line in [
        "http-request set-header",
        "http-request set-header a",
        "http-request set-header a b c",
        "http-request set-header a:b c",
        "http-request set-header a %[nonsense]",
        "http-request set-var src",
        "http-request set-var(foo.a) src",
        "http-request set-log-level loud",
        "http-request return string a",
        "http-request return status 418 default-errorfiles",
        "http-request return status 99",
        "http-request deny nonsense",
        "http-request replace-header X (",
        "http-request capture src",
        "http-request capture src len 0",
        "http-response set-status 99",
        "http-request redirect location",
        "http-request del-header x -m str nonsense",
    ] {
        check(line);
    }
}

#[test]
fn every_action_stands_under_its_ruleset_once() {
    for row in all() {
        assert!(row.name.starts_with(row.ruleset.keyword()) && !row.manual.is_empty());
        assert_eq!(all().filter(|other| other.name == row.name).count(), 1, "{}", row.name);
    }
    assert_eq!(
        Ruleset::ALL.map(Ruleset::keyword),
        [
            "http-request",
            "http-response",
            "http-after-response",
            "tcp-request connection",
            "tcp-request session",
            "tcp-request content",
            "tcp-response content"
        ]
    );
}
