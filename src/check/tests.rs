//! Runs of checks against scripts, with what HAProxy 2.6 says of the same: bytes, outcome, number and text.

use super::{Conversation, Demand, Subject};
use crate::config::fake::read_text;
use crate::config::model_check::CheckPlan;
use crate::sample::fake::FakeWorld;
use std::sync::Arc;

/// The plan of a backend with these lines.
pub(crate) fn plan(lines: &str) -> Arc<CheckPlan> {
    let text = format!("backend b\nmode tcp\ntimeout connect 1s\ntimeout server 1s\n{lines}\nserver s 127.0.0.1:1 check\n");
    let outcome = read_text(&text);
    let config = outcome.config.unwrap_or_else(|| panic!("{lines}: {:?}", outcome.diagnostics));
    config.proxies[0].check.clone()
}

/// What the server does.
enum Does {
    Says(&'static [u8]),
    Closes,
    Nothing,
}

use Does::{Closes, Nothing, Says};

/// Runs a check: `sent` is all that the server got, `expected` is `CODE NUMBER text`.
#[track_caller]
fn check(lines: &str, script: &[Does], sent: &[u8], expected: &str) {
    let subject = Subject { is_up: true, state: "UP".into(), seconds: 0x01020304 };
    let mut run = Conversation::new(plan(lines), subject);
    let world = FakeWorld::default();
    let (mut script, mut got) = (script.iter(), Vec::new());
    let verdict = loop {
        match run.advance(&world) {
            Demand::End(verdict) => break verdict,
            Demand::Connect => run.note_connected(),
            Demand::Write => {
                // A byte at a time: what is sent does not depend on how much the socket takes.
                got.extend_from_slice(&run.output()[..1]);
                run.note_sent(1);
            }
            Demand::Read => match script.next() {
                Some(Says(bytes)) => run.fill(bytes),
                Some(Closes) => run.note_end(),
                Some(Nothing) | None => break run.timed_out(),
            },
        }
    };
    assert_eq!(got.escape_ascii().to_string(), sent.escape_ascii().to_string(), "{lines}");
    let number = if verdict.status.has_number() { verdict.number.to_string() } else { "-".into() };
    assert_eq!(format!("{} {number} {}", verdict.status.code(), verdict.text), expected, "{lines}");
}

const OK: Does = Says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: one, two\r\n\r\nhi");
const BAD: Does = Says(b"HTTP/1.1 500 Oh no\r\nContent-Length: 2\r\n\r\nhi");
const MISSING: Does = Says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
const PLAIN: &[u8] = b"OPTIONS / HTTP/1.0\r\n\r\n";

#[test]
fn the_bytes_of_httpchk_are_those_of_its_line() {
    let sends = |lines: &str, expected: &str| check(lines, &[OK], expected.as_bytes(), "L7OK 200 ");
    sends("option httpchk", "OPTIONS / HTTP/1.0\r\n\r\n");
    sends("option httpchk /alive", "OPTIONS /alive HTTP/1.0\r\n\r\n");
    sends("option httpchk GET /x", "GET /x HTTP/1.0\r\n\r\n");
    sends("option httpchk HEAD / HTTP/1.1", "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
    sends(r"option httpchk GET /x HTTP/1.1\r\nHost:\ www", "GET /x HTTP/1.1\r\nHost: www\r\nConnection: close\r\n\r\n");
    sends(r"option httpchk GET /x HTTP/1.0\r\nHost:\ www\r\nX-B:c", "GET /x HTTP/1.0\r\nHost: www\r\nX-B: c\r\n\r\n");
    sends(r"option httpchk GET /x HTTP/1.1\r\nConnection:\ close", "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    let body = r"option httpchk POST /x HTTP/1.0\r\nA:\ b\r\n\r\nhello";
    sends(body, "POST /x HTTP/1.0\r\nA: b\r\nContent-Length: 5\r\n\r\nhello");
}

#[test]
fn http_check_send_goes_over_the_request_of_httpchk() {
    let sends = |lines: &str, expected: &str| check(lines, &[OK], expected.as_bytes(), "L7OK 200 ");
    sends(
        "option httpchk\nhttp-check send meth POST uri /y ver HTTP/1.1 hdr Host www hdr X-A \"a b\" body \"he llo\"",
        "POST /y HTTP/1.1\r\nHost: www\r\nX-A: a b\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhe llo",
    );
    sends("http-check send uri /x ver HTTP/1.1\noption httpchk", "OPTIONS /x HTTP/1.1\r\nConnection: close\r\n\r\n");
    sends(
        "option httpchk GET /opt HTTP/1.1\nhttp-check connect\nhttp-check send hdr A b",
        "GET /opt HTTP/1.1\r\nA: b\r\nConnection: close\r\n\r\n",
    );
    sends("option httpchk GET /opt\nhttp-check connect", "GET /opt HTTP/1.0\r\n\r\n");
    sends(
        "option httpchk\nhttp-check set-var(check.x) str(/v)\nhttp-check send uri-lf \"%[var(check.x)]?%[int(4)]\" body-lf %[str(b)]",
        "OPTIONS /v?4 HTTP/1.0\r\nContent-Length: 1\r\n\r\nb",
    );
    sends("option httpchk\nhttp-check send-state", "OPTIONS / HTTP/1.0\r\nX-Haproxy-Server-State: UP\r\n\r\n");
    check(
        "option httpchk GET /1\nhttp-check connect\nhttp-check send\nhttp-check expect status 200\nhttp-check connect port 2\nhttp-check send uri /2",
        &[OK, BAD],
        b"GET /1 HTTP/1.0\r\n\r\nOPTIONS /2 HTTP/1.0\r\n\r\n",
        "L7STS 500 Oh no",
    );
}

#[test]
fn an_answer_is_judged_by_what_is_expected() {
    let expects = |lines: &str, script: &[Does], expected: &str| check(&format!("option httpchk\n{lines}"), script, PLAIN, expected);
    expects("", &[BAD], "L7STS 500 Oh no");
    expects("", &[Says(b"HTTP/1.1 100 Continue\r\n\r\n")], "L7STS 100 Continue");
    expects("", &[Says(b"HTTP/1.0 302 Found\n\n")], "L7OK 302 ");
    expects("", &[Says(b"HTTP/1.1 2"), Says(b"04\r\n"), Says(b"\r\n")], "L7OK 204 ");
    expects("", &[Says(b"HTTP/1.1 200 OK\r\n"), Nothing], "L7TOUT - ");
    expects("", &[Says(b"HTTP/1.1 200 OK\r\nA:"), Closes], "L7RSP - ");
    expects("", &[Says(b"nonsense\r\n\r\n")], "L7RSP - ");
    expects("", &[Says(b"HTTP/2 200 OK\r\n\r\n")], "L7RSP - ");
    expects("", &[Closes], "L7RSP - ");
    expects("http-check expect status 200,404", &[BAD], "L7STS 500 Oh no");
    expects("http-check expect status 200-299,500", &[BAD], "L7OK 500 ");
    expects("http-check expect ! status 200-299", &[OK], "L7STS 200 OK");
    expects("http-check expect !status 500", &[OK], "L7OK 200 ");
    expects("http-check expect rstatus ^[24]", &[OK], "L7OK 200 ");
    expects("http-check expect rstatus ^4", &[OK], "L7STS 200 OK");
    expects("http-check expect string hi", &[OK], "L7OK 200 ");
    expects("http-check expect string hello", &[OK], "L7RSP - HTTP content check did not match");
    expects("http-check expect ! string hi", &[OK], "L7RSP - HTTP check matched unwanted content");
    expects("http-check expect rstring ^x", &[OK], "L7RSP - HTTP content check did not match");
    expects("http-check expect rstring ^h.$", &[OK], "L7OK 200 ");
    expects("http-check expect string-lf %[str(hi)]", &[OK], "L7OK 200 ");
    expects("http-check expect string hi", &[Says(b"HTTP/1.1 200 OK\r\n\r\nh"), Says(b"i"), Nothing], "L7OK 200 ");
    expects("http-check expect ! string x", &[Says(b"HTTP/1.1 200 OK\r\n\r\nhi"), Nothing], "L7TOUT - ");
    expects("http-check expect string hi", &[MISSING], "L7RSP - HTTP content check could not find a response body");
    let chunks = Says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n2\r\nho\r\n0\r\n\r\n");
    expects("http-check expect string hiho", &[chunks], "L7OK 200 ");
    expects("http-check expect hdr name X-A value two", &[OK], "L7OK 200 ");
    expects("http-check expect hdr name x-a value three", &[OK], "L7STS 200 OK");
    expects("http-check expect hdr name -m beg X- value -m sub tw", &[OK], "L7OK 200 ");
    expects("http-check expect hdr name X-B", &[OK], "L7STS 200 OK");
    expects("http-check expect ! hdr name X-A", &[OK], "L7STS 200 OK");
    expects("http-check expect hdr name-lf %[str(x-a)] value-lf %[str(two)]", &[OK], "L7OK 200 ");
    expects("http-check expect fhdr name X-A value -m beg one", &[OK], "L7OK 200 ");
    expects("http-check expect fhdr name X-A value two", &[OK], "L7STS 200 OK");
    expects("http-check expect fhdr name X-A value -m reg ^one.*o$", &[OK], "L7OK 200 ");
    expects("http-check expect status 200\nhttp-check expect string nope", &[OK], "L7RSP - HTTP content check did not match");
    expects("http-check disable-on-404", &[MISSING], "L7OKC 404 ");
    expects("", &[MISSING], "L7STS 404 Not Found");
}

#[test]
fn what_is_told_about_an_answer_can_be_chosen() {
    let expects = |lines: &str, answer: Does, expected: &str| check(&format!("option httpchk\n{lines}"), &[answer], PLAIN, expected);
    expects("http-check expect status 200 error-status L7RSP on-error \"why %[int(7)]\"", BAD, "L7RSP - why 7");
    expects("http-check expect status 200 on-error \"%[res.hdr(x-a)]\"", BAD, "L7STS 500 ");
    expects("http-check expect ok-status L7OKC on-success \"fine %[str(x)]\" status 200", OK, "L7OKC 200 fine x");
    expects("http-check expect status 200 status-code int(55)", OK, "L7OK 55 ");
    let comment = "L7RSP - HTTP content check did not match comment: look for x";
    expects("http-check expect comment \"look for x\" string hello", OK, comment);
    expects("http-check comment \"my check\"\nhttp-check expect status 200", BAD, "L7STS 500 Oh no comment: my check");
}

#[test]
fn tcp_checks_go_step_by_step() {
    let tcp =
        |lines: &str, script: &[Does], sent: &[u8], expected: &str| check(&format!("option tcp-check\n{lines}"), script, sent, expected);
    tcp("", &[], b"", "L4OK - ");
    tcp("tcp-check connect linger", &[], b"", "L4OK - (tcp-check)");
    tcp("tcp-check send x", &[], b"x", "L7OK 0 (tcp-check)");
    let redis = "tcp-check send PING\\r\\n\ntcp-check expect string +PONG";
    tcp(redis, &[Says(b"+PO"), Says(b"NG\r\n")], b"PING\r\n", "L7OK 0 (tcp-check)");
    tcp(redis, &[Says(b"-ERR\r\n"), Nothing], b"PING\r\n", "L7TOUT -  at step 2 of tcp-check (expect string '+PONG')");
    tcp(redis, &[Says(b"-ERR\r\n"), Closes], b"PING\r\n", "L7RSP - TCPCHK did not match content '+PONG' at step 2");
    tcp(redis, &[Closes], b"PING\r\n", "L7RSP - TCPCHK got an empty response at step 2");
    tcp("tcp-check expect min-recv 4 string abc", &[Says(b"ab"), Says(b"c"), Says(b"d")], b"", "L7OK 0 (tcp-check)");
    tcp("tcp-check expect min-recv 2 string b", &[Says(b"aa")], b"", "L7RSP - TCPCHK did not match content 'b' at step 1");
    tcp(
        "tcp-check send a\ntcp-check send-binary 0a0d\ntcp-check expect string b\ntcp-check send-lf %[int(5)]\ntcp-check send-binary-lf %[str(4142)]\ntcp-check expect rstring ^c",
        &[Says(b"b"), Says(b"cc")],
        b"a\n\r5AB",
        "L7OK 0 (tcp-check)",
    );
    tcp("tcp-check expect string b\ntcp-check expect string c", &[Says(b"bc")], b"", "L7OK 0 (tcp-check)");
    tcp("tcp-check expect ! string b", &[Says(b"abc")], b"", "L7RSP - TCPCHK matched unwanted content 'b' at step 1");
    tcp("tcp-check expect ! string b", &[Says(b"xx"), Nothing], b"", "L7TOUT -  at step 1 of tcp-check (expect string 'b')");
    tcp("tcp-check expect ! string b", &[Says(b"xx"), Closes], b"", "L7OK 0 (tcp-check)");
    tcp("tcp-check expect binary 6162", &[Says(b"xabc")], b"", "L7OK 0 (tcp-check)");
    tcp("tcp-check expect binary 6163", &[Says(b"xabc"), Closes], b"", "L7RSP - TCPCHK did not match content (binary) at step 1");
    tcp("tcp-check expect rbinary ^78", &[Says(b"xabc")], b"", "L7OK 0 (tcp-check)");
    tcp("tcp-check expect rbinary ^79", &[Says(b"x"), Closes], b"", "L7RSP - TCPCHK did not match content (binary regex) at step 1");
    tcp(
        "tcp-check expect string-lf %[str(q)]",
        &[Says(b"x"), Closes],
        b"",
        "L7RSP - TCPCHK did not match content (log-format string) at step 1",
    );
    tcp("tcp-check expect binary-lf %[str(6162)]", &[Says(b"abc")], b"", "L7OK 0 (tcp-check)");
    let comment = "L7RSP - TCPCHK did not match content 'q' at step 2 comment: the hello";
    tcp("tcp-check comment \"the hello\"\ntcp-check expect string q", &[Says(b"abc"), Closes], b"", comment);
    tcp("tcp-check expect string a tout-status L4TOUT", &[Nothing], b"", "L4TOUT -  at step 1 of tcp-check (expect string 'a')");
    let late = "L7TOUT -  at step 1 of tcp-check (expect string 'abc') comment: 'lalala'";
    tcp("tcp-check expect string abc comment lalala", &[Says(b"ab"), Nothing], b"", late);
    tcp(
        "tcp-check expect string a ok-status L7OKC on-success \"good %[str(x)]\" status-code int(55)",
        &[Says(b"abc")],
        b"",
        "L7OKC 55 good x",
    );
    tcp("tcp-check expect string q error-status L6RSP on-error \"bad %[str(x)]\"", &[Says(b"abc"), Closes], b"", "L6RSP - bad x");
    tcp(
        "tcp-check set-var(check.a) str(ab)\ntcp-check send-lf %[var(check.a)]\ntcp-check unset-var(check.a)\ntcp-check send-lf <%[var(check.a)]>",
        &[],
        b"ab<>",
        "L7OK 0 (tcp-check)",
    );
    tcp(
        "tcp-check connect\ntcp-check send a\ntcp-check expect string x\ntcp-check connect port 2\ntcp-check send b\ntcp-check expect string y",
        &[Says(b"x"), Says(b"x"), Closes],
        b"ab",
        "L7RSP - TCPCHK did not match content 'y' at step 6",
    );
}

#[test]
fn smtp_is_greeted_and_left_in_good_order() {
    let smtp = |words: &str, script: &[Does], sent: &[u8], expected: &str| check(&format!("option smtpchk{words}"), script, sent, expected);
    let good = [Says(b"220 hi there\r\n"), Says(b"250-x\r\n250 ok\r\n"), Says(b"221 bye\r\n")];
    smtp("", &good, b"HELO localhost\r\nQUIT\r\n", "L7OK 221 bye");
    smtp(" EHLO my.dom", &good, b"EHLO my.dom\r\nQUIT\r\n", "L7OK 221 bye");
    smtp("", &[Says(b"550 hi there\r\n")], b"", "L7STS 550 hi there");
    smtp("", &[Says(b"hello\r\n")], b"", "L7RSP - hello");
    smtp("", &[Closes], b"", "L7RSP - TCPCHK got an empty response at step 2");
    smtp("", &[Says(b"220 hi\r\n"), Says(b"500 no\r\n"), Nothing], b"HELO localhost\r\n", "L7TOUT - ");
    smtp("", &[Says(b"220 hi\r\n"), Says(b"500 no\r\n"), Closes], b"HELO localhost\r\n", "L7STS 500 no");
    let rude = [Says(b"220 hi\r\n"), Says(b"250 ok\r\n"), Says(b"421 bye\r\n")];
    smtp("", &rude, b"HELO localhost\r\nQUIT\r\n", "L7STS 421 bye");
}

#[test]
fn mysql_packets_are_read_by_their_length() {
    const GREETING: &[u8] = b"\x24\0\0\0\x0a5.7.0-log\0\x01\0\0\0abcdefgh\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const DONE: &[u8] = b"\x07\0\0\x02\0\0\0\x02\0\0\0";
    const DENIED: &[u8] = b"\x0d\0\0\x02\xff\x15\x04#28000Deny";
    const LOGIN: &[u8] = b"\x25\0\0\x01\0\x82\0\0\0\x80\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0bob\0\0\x01\0\0\0\x01";
    let (first, rest) = GREETING.split_at(10);
    check("option mysql-check", &[Says(first), Says(rest)], b"", "L7OK 0 5.7.0-log");
    check("option mysql-check", &[Says(first), Closes], b"", "L7RSP - ");
    check("option mysql-check", &[Says(DENIED)], b"", "L7STS 1045 #28000Deny");
    check("option mysql-check user bob", &[Says(GREETING), Says(DONE)], LOGIN, "L7OK 0 5.7.0-log");
    check("option mysql-check user bob post-41", &[Says(GREETING), Says(DENIED)], LOGIN, "L7STS 1045 #28000Deny");
    let old = b"\x0a\0\0\x01\0\x80\0\0\x01bob\0\0\x01\0\0\0\x01";
    check("option mysql-check user bob pre-41", &[Says(GREETING), Says(DONE)], old, "L7OK 0 5.7.0-log");
    check("option mysql-check user bob", &[Says(b"HTTP/1.1 400 Bad\r\n"), Nothing], LOGIN, "L7TOUT - ");
}

#[test]
fn other_protocols_are_asked_as_haproxy_asks() {
    let startup = b"\0\0\0\x12\0\x03\0\0user\0bob\0\0";
    let pgsql = |script: &[Does], expected: &str| check("option pgsql-check user bob", script, startup, expected);
    pgsql(&[Says(b"R\0\0\0\x0c\0\0\0\x05abcd")], "L7OK 0 PostgreSQL server is ok");
    pgsql(&[Says(b"R\0\0\0\x08\0\0\0\x01")], "L7STS 0 PostgreSQL unknown error");
    pgsql(&[Says(b"R\0\0\0\x17\0\0\0\x0aSCRAM")], "L7OK 0 PostgreSQL server is ok");
    pgsql(&[Says(b"E\0\0\0\x30SFATAL\0C28000\0")], "L7RSP - FATAL");
    pgsql(&[Says(b"HTTP/1.1 400")], "L7STS 0 PostgreSQL unknown error");
    pgsql(&[Closes], "L7RSP - TCPCHK got an empty response at step 3");

    let ping = b"*1\r\n$4\r\nPING\r\n";
    check("option redis-check", &[Says(b"+PONG\r\n")], ping, "L7OK 0 Redis server is ok");
    check("option redis-check", &[Says(b"-LOADING Redis\r\n"), Nothing], ping, "L7TOUT - ");
    check("option redis-check", &[Says(b"-LOADING Redis\r\n"), Closes], ping, "L7STS 0 -LOADING Redis");
    check("option redis-check", &[Closes], ping, "L7STS 0 TCPCHK got an empty response at step 2");

    let bind = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0";
    let ldap = |script: &[Does], expected: &str| check("option ldap-check", script, bind, expected);
    ldap(&[Says(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0")], "L7OK 0 Success");
    ldap(&[Says(b"\x30\x84\0\0\0\x10\x02\x01\x01\x61\x84\0\0\0\x07\x0a\x01\0\x04\0\x04\0")], "L7OK 0 Success");
    let wrong = "L7STS 49 See RFC: http://tools.ietf.org/html/rfc4511#section-4.1.9";
    ldap(&[Says(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\0\x04\0")], wrong);
    ldap(&[Says(b"\x31\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0")], "L7RSP - Not LDAPv3 protocol");
    ldap(&[Says(b"\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\0\x04\0\x04\0")], "L7RSP - Not LDAPv3 protocol");
    ldap(&[Says(b"\x30\x0c\x02"), Closes], "L7RSP - ");
    ldap(&[Says(b"\x30\xff\x02"), Closes], "L7RSP - ");

    let hello = [
        &b"\x16\x03\0\0\x79\x01\0\0\x75\x03\0\x01\x02\x03\x04HAPROXYSSLCHK\nHAPROXYSSLCHK\n\0\0\x4e"[..],
        &(1..=0x1b).chain(0x2f..=0x3a).flat_map(|cipher: u8| [0, cipher]).collect::<Vec<u8>>(),
        b"\x01\0",
    ]
    .concat();
    let ssl = |script: &[Does], expected: &str| check("option ssl-hello-chk", script, &hello, expected);
    ssl(&[Says(b"\x16\x03\0\0\x02")], "L6OK - ");
    ssl(&[Says(b"\x15\x03\0"), Says(b"\0\x02")], "L6OK - ");
    ssl(&[Says(b"HTTP/1.1 400")], "L6RSP - ");
    ssl(&[Closes], "L6RSP - TCPCHK got an empty response at step 2");
    ssl(&[Nothing], "L6TOUT - ");
}

#[test]
fn what_a_server_says_never_breaks_a_check() {
    for option in [
        "option httpchk\nhttp-check expect string x",
        "option mysql-check user a",
        "option ldap-check",
        "option smtpchk",
        "option pgsql-check user a",
    ] {
        let plan = plan(option);
        for byte in 0..=255u8 {
            for length in [1, 2, 3, 5, 9, 14, 40] {
                let mut run = Conversation::new(plan.clone(), Subject::default());
                let world = FakeWorld::default();
                let mut fed = 0;
                loop {
                    match run.advance(&world) {
                        Demand::End(_) => break,
                        Demand::Connect => run.note_connected(),
                        Demand::Write => run.note_sent(run.output().len()),
                        Demand::Read if fed == 0 => {
                            fed = length;
                            run.fill(&vec![byte; length]);
                        }
                        Demand::Read => run.note_end(),
                    }
                }
            }
        }
    }
}
