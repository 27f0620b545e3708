//! What rules leave in the log and do to connections, and what HAProxy 2.6 has no word for: `block`, switches set by rules.

use crate::support::client::Client;
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use std::time::Duration;

/// A proxy with these lines and a server, its log, and the port that it listens on.
fn start(lines: &str) -> (Proxy, Origin, Syslog, u16) {
    let (origin, log, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let proxy = Proxy::start(&format!(
        "defaults\n  mode http\n  log 127.0.0.1:{} local0\n  option httplog\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n{lines}\n  server a 127.0.0.1:{}\n",
        log.port, origin.port
    ));
    (proxy, origin, log, port)
}

/// Status and termination state of the line that a request leaves.
#[track_caller]
fn check_log(lines: &str, path: &str, expected: (i32, &str)) {
    let (_proxy, _origin, log, port) = start(lines);
    let mut client = Client::connect(port);
    client.send(format!("GET {path} HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n"));
    client.read_to_end();
    let line = HttpLog::parse(&log.wait_for("HTTP/1.1"));
    assert_eq!((line.status, line.state.as_str()), expected, "{lines}");
}

#[test]
fn the_log_says_what_ended_a_request() {
    check_log("  http-request deny", "/", (403, "PR--"));
    check_log("  http-request deny if { path /no }", "/", (200, "----"));
    check_log("  http-request return status 201", "/", (201, "LR--"));
    check_log("  http-request redirect location /x", "/", (302, "LR--"));
    check_log("  redirect location /x", "/", (302, "LR--"));
    check_log("  http-request auth", "/", (401, "LR--"));
    check_log("  http-request reject", "/", (-1, "PR--"));
    check_log("  http-response deny", "/", (502, "PH--"));
    check_log("  http-response return status 201", "/", (201, "LH--"));
    check_log("  timeout tarpit 50ms\n  http-request tarpit deny_status 429", "/", (429, "PT--"));
}

#[test]
fn a_tarpit_holds_the_client_and_no_other() {
    let (_proxy, origin, _log, port) = start("  timeout tarpit 300ms\n  http-request tarpit if { path /no }");
    let mut held = Client::connect(port);
    held.send("GET /no HTTP/1.1\r\nHost: e2e\r\n\r\n");
    held.expect_silence(Duration::from_millis(100));
    assert_eq!(Client::connect(port).get("/yes").text(), "a");
    assert_eq!(held.response().status(), 500);
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn a_client_that_is_dropped_silently_hears_nothing() {
    let (_proxy, origin, log, port) = start("  http-request silent-drop if { path /no }");
    assert_eq!(Client::connect(port).get("/yes").text(), "a");
    let mut client = Client::connect(port);
    client.send("GET /no HTTP/1.1\r\nHost: e2e\r\n\r\n");
    assert!(log.wait_for("/no").contains("PR--"));
    assert_eq!(client.wire().transcript().matches("HTTP/1.1 ").count(), 0, "no status line came");
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn a_silenced_request_leaves_no_line_and_the_next_one_does() {
    let (_proxy, _origin, log, port) = start("  http-request set-log-level silent if { path /quiet }");
    let mut client = Client::connect(port);
    client.get("/quiet");
    client.get("/loud");
    log.wait_for("/loud");
    assert!(!log.holds("/quiet"));
}

#[test]
fn a_block_comes_before_all_other_rules() {
    if lacks("block") {
        return;
    }
    let (_proxy, origin, _log, port) = start("  http-request set-path /yes\n  block if { path /no }");
    let mut client = Client::connect(port);
    assert_eq!(client.get("/no").status(), 403);
    assert_eq!(client.get("/other").status(), 200);
    assert_eq!(origin.only_request().start_line(), "GET /yes HTTP/1.1");
}

#[test]
fn http_request_rules_come_before_reqirep_and_redirects_behind_it() {
    if lacks("req* rules") {
        return;
    }
    let lines = "  redirect location /sent if { path /c }\n  reqirep ^GET\\ /b(.*) GET\\ /c\\1\n  http-request set-path /b if { path /a }";
    let (_proxy, origin, _log, port) = start(lines);
    assert_eq!(Client::connect(port).get("/a").value("location").as_deref(), Some("/sent"));
    assert_eq!(Client::connect(port).get("/d").status(), 200);
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn a_switch_that_a_rule_sets_is_set_for_everybody() {
    let lines = "  http-request set-var(proc.e2e_mode) str(on) if { path /on }\n  http-request unset-var(proc.e2e_mode) if { path /off }\n\
                 \x20 http-request deny if { var(proc.e2e_mode) -m str on } { path / }";
    let (_proxy, _origin, _log, port) = start(lines);
    let status = |path: &str| Client::connect(port).get(path).status();
    assert_eq!([status("/"), status("/on"), status("/"), status("/off"), status("/")], [200, 200, 403, 200, 200]);
}

#[test]
fn a_method_that_would_change_how_the_answer_ends_is_refused() {
    if lacks("such a rule") {
        return;
    }
    let (_proxy, origin, _log, port) =
        start("  http-request set-method HEAD if { path /no }\n  http-request set-method PUT if { path /yes }");
    assert_eq!(Client::connect(port).get("/no").status(), 400);
    assert_eq!(Client::connect(port).get("/yes").status(), 200);
    assert_eq!(origin.only_request().start_line(), "PUT /yes HTTP/1.1");
}

/// What stands behind the counters of the line that a request with three fields leaves, and the cookies.
#[track_caller]
fn check_captures(lines: &str, cookies: &str, fields: &str) {
    let (_proxy, _origin, log, port) = start(lines);
    let mut client = Client::connect(port);
    client.send("GET /x HTTP/1.1\r\nHost: hosta\r\nX-A: 1\r\nX-A: 2{}|\r\nCookie: b=1; c=2; cd=3\r\nConnection: close\r\n\r\n");
    client.read_to_end();
    let line = log.wait_for("GET /x");
    let words: Vec<&str> = line.split(' ').collect();
    let at = words.iter().position(|word| *word == "\"GET").expect("a request line");
    let counters =
        words.iter().rposition(|word| word.contains('/') && !word.contains('{') && !word.starts_with(['/', 'H'])).expect("queues");
    assert_eq!(words[counters + 1..at].join(" "), fields, "{lines}\n{line}");
    assert_eq!(words[counters - 4..counters - 2].join(" "), cookies, "{lines}\n{line}");
}

#[test]
fn captured_values_stand_in_the_log() {
    check_captures("", "- -", "");
    check_captures("  capture request header X-A len 5", "- -", "{2#7B#7D#7C}");
    check_captures("  capture request header X-A len 1\n  capture request header Nope len 1", "- -", "{2|}");
    check_captures("  capture response header Content-Length len 5", "- -", "{1}");
    check_captures("  capture response header Nope len 5\n  capture request header Host len 4", "- -", "{host} {}");
    check_captures("  capture cookie c len 20", "c=2 -", "");
    check_captures("  capture cookie c len 2\n  cookie c insert", "c= -", "");
    check_captures("  http-request capture path,upper len 9\n  capture request header Host len 9", "- -", "{/X|hosta}");
    check_captures("  capture request header Host len 9\n  http-request deny", "- -", "{hosta}");
}

#[test]
fn a_format_of_ones_own_makes_the_log_line() {
    let httplog = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r";
    let (_proxy, _origin, log, port) = start(&format!("  log-format \"{httplog}\""));
    Client::connect(port).get("/x?y");
    let line = HttpLog::parse(&log.wait_for("/x?y"));
    assert_eq!((line.status, line.state.as_str(), line.request.as_str()), (200, "----", "GET /x?y HTTP/1.1"));
    assert_eq!((line.frontend.as_str(), line.backend.as_str(), line.server.as_str()), ("l", "l", "a"));
}

#[test]
fn a_format_may_hold_expressions_and_quotes() {
    let lines =
        "  http-request set-var(txn.a) req.hdr(host)\n  log-format \"X %HM %HP %HQ %{+Q}[var(txn.a)] %[var(txn.b)] %{+Q}CC %si <%hr> end\"";
    let (_proxy, _origin, log, port) = start(lines);
    Client::connect(port).get("/x?y");
    let line = log.wait_for("X GET");
    assert!(line.trim_end().ends_with(": X GET /x ?y \"e2e\" - \"\" 127.0.0.1 <> end"), "{line}");
}
