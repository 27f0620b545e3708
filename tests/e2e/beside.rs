//! The same cases through HAProxy and through byway: what the client got and what the server received must be the same bytes, the case of
//! field names aside. Each case ends with the proxy closing, so that nothing is missed.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::show;
use crate::support::stand_in::program;
use crate::support::wire::fold_names;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

const HAPROXY: &str = "/usr/sbin/haproxy";

/// A case: lines of the listen section, what the client sends, and what the server answers to each request.
pub struct Case {
    name: &'static str,
    lines: &'static str,
    sent: &'static str,
    answer: &'static str,
    /// Sections in front of it.
    before: &'static str,
    /// Files in the folder `@DIR@`.
    files: &'static [(&'static str, &'static str)],
}

impl Case {
    /// The same with sections in front of it.
    pub const fn behind(self, before: &'static str) -> Case {
        Case { before, ..self }
    }

    /// The same with files in the folder that `@DIR@` stands for.
    pub const fn with_files(self, files: &'static [(&'static str, &'static str)]) -> Case {
        Case { files, ..self }
    }
}

/// A case, on one line.
pub const fn case(name: &'static str, lines: &'static str, sent: &'static str, answer: &'static str) -> Case {
    Case { name, lines, sent, answer, before: "", files: &[] }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const CLOSE: &str = "GET / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n";

const CASES: &[Case] = &[
    case("a request with close", "", CLOSE, OK),
    case(
        "two requests, the second with close",
        "",
        "GET /1 HTTP/1.1\r\nHost: e2e\r\n\r\nGET /2 HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case("httpclose", "  option httpclose", "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n", OK),
    case(
        "http-server-close",
        "  option http-server-close",
        "GET /1 HTTP/1.1\r\nHost: e2e\r\n\r\nGET /2 HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case("a body with its length", "", "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", OK),
    case(
        "a chunked body",
        "",
        "POST / HTTP/1.1\r\nHost: e2e\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK,
    ),
    case("an answer in chunks", "", CLOSE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    case("a status without a body", "", CLOSE, "HTTP/1.1 204 No Content\r\n\r\n"),
    case("not modified", "", CLOSE, "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n"),
    case("a reason of several words", "", CLOSE, "HTTP/1.1 404 Not Here At All\r\nContent-Length: 0\r\n\r\n"),
    case("HEAD", "", "HEAD / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
    case("forwardfor", "  option forwardfor", CLOSE, OK),
    case(
        "forwardfor beside one that came",
        "  option forwardfor",
        "GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nHost: e2e\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case("forwardfor except", "  option forwardfor except 127.0.0.0/8", CLOSE, OK),
    case(
        "forwardfor if-none",
        "  option forwardfor if-none",
        "GET / HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4\r\nHost: e2e\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case("forwardfor with httpclose", "  option forwardfor\n  option httpclose", "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n", OK),
    case("cookie insert", "  cookie SID insert", CLOSE, OK),
    case(
        "cookie insert indirect with a cookie",
        "  cookie SID insert indirect",
        "GET / HTTP/1.1\r\nHost: e2e\r\nCookie: a=1; SID=A; b=2\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case(
        "cookie insert indirect with two fields",
        "  cookie SID insert indirect",
        "GET / HTTP/1.1\r\nHost: e2e\r\nCookie: a=1\r\nCookie: SID=A\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case(
        "cookie insert indirect at the beginning",
        "  cookie SID insert indirect",
        "GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=A; b=2\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case(
        "cookie insert indirect at the end",
        "  cookie SID insert indirect",
        "GET / HTTP/1.1\r\nHost: e2e\r\nCookie: a=1; SID=A\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case("cookie insert nocache", "  cookie SID insert nocache", CLOSE, OK),
    case(
        "cookie insert nocache with a validator",
        "  cookie SID insert nocache",
        CLOSE,
        "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 2\r\n\r\nhi",
    ),
    case(
        "cookie insert nocache on POST",
        "  cookie SID insert nocache",
        "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        OK,
    ),
    case(
        "cookie indirect with a cookie of the server",
        "  cookie SID indirect",
        CLOSE,
        "HTTP/1.1 200 OK\r\nSet-Cookie: SID=own; path=/x\r\nContent-Length: 2\r\n\r\nhi",
    ),
    case(
        "cookie insert over a cookie of the server",
        "  cookie SID insert indirect",
        CLOSE,
        "HTTP/1.1 200 OK\r\nSet-Cookie: SID=own; path=/x\r\nContent-Length: 2\r\n\r\nhi",
    ),
    case("cookie insert with a domain", "  cookie SID insert domain .example.com httponly secure", CLOSE, OK),
    case("a request that is none", "", "nonsense\r\n\r\n", OK),
    case("a space before a colon", "", "GET / HTTP/1.1\r\nHost : e2e\r\n\r\n", OK),
    case("two lengths that differ", "", "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", OK),
    case("a length that is none", "", "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: +1\r\n\r\nx", OK),
    case("an answer that is none", "", CLOSE, "nonsense\r\n\r\n"),
    case("a target in absolute form", "", "GET http://e2e/x?y HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n", OK),
    case("OPTIONS for the whole server", "", "OPTIONS * HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n", OK),
    case(
        "fields that come twice, in order",
        "",
        "GET / HTTP/1.1\r\nHost: e2e\r\nX-A: 1\r\nX-B: 2\r\nX-A: 3\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-B: 2\r\nX-A: 3\r\nContent-Length: 0\r\n\r\n",
    ),
    case("blanks around values", "", "GET / HTTP/1.1\r\nHost:e2e\r\nX-A:   1  \r\nConnection: close\r\n\r\n", OK),
    case("an empty value", "", "GET / HTTP/1.1\r\nHost: e2e\r\nX-A:\r\nConnection: close\r\n\r\n", OK),
];

/// What a case looks like from outside: the client's bytes, and the server's.
#[derive(PartialEq, Eq)]
struct Seen {
    client: Vec<u8>,
    server: Vec<Vec<u8>>,
}

fn observe(program: &OsString, case: &Case) -> Seen {
    let (origin, port) = (Origin::answering(case.answer), free_port());
    let config = format!(
        "global\n  nbthread 1\n{}defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n{}\n  server a 127.0.0.1:{} cookie A\n",
        case.before, case.lines, origin.port
    );
    let folder = Arc::new(Folder::new());
    for (name, text) in case.files {
        folder.write(name, text);
    }
    let _proxy = Proxy::start_program(program, folder, &config, |_| ());
    let mut client = Client::connect(port);
    client.send(case.sent);
    let answer = client.read_to_end();
    let server = origin.received().iter().map(|each| fold_names(&[&each.head[..], &each.raw_body].concat())).collect();
    Seen { client: fold_answers(&answer), server }
}

/// Folds the names of every head in a row of answers.
fn fold_answers(bytes: &[u8]) -> Vec<u8> {
    let mut folded = Vec::new();
    let mut rest = bytes;
    while let Some(next) = rest.get(1..).and_then(|tail| tail.windows(9).position(|window| window == b"HTTP/1.1 ")) {
        let (answer, others) = rest.split_at(next + 1);
        folded.extend(fold_names(answer));
        rest = others;
    }
    folded.extend(fold_names(rest));
    folded
}

fn told(seen: &Seen) -> String {
    let server: String = seen.server.iter().map(|each| show(each)).collect::<Vec<_>>().join("    --\n");
    format!("  the client got\n{}  the server received\n{server}", show(&seen.client))
}

/// Runs the cases whose number leaves this remainder; four tests share the table so that they run side by side.
fn compare(remainder: usize) {
    compare_cases(CASES.iter().enumerate().filter(|(index, _)| index % 4 == remainder).map(|(_, case)| case));
}

/// Runs cases through both programs.
pub fn compare_cases<'c>(cases: impl Iterator<Item = &'c Case>) {
    if !Path::new(HAPROXY).exists() {
        assert!(std::env::var_os("BYWAY_DEMAND_PEERS").is_none(), "BYWAY_DEMAND_PEERS is set, and {HAPROXY} is missing");
        crate::support::tell_skipped(&format!("{HAPROXY} is not installed"));
        return;
    }
    let mut differences = Vec::new();
    for case in cases {
        let (theirs, ours) = (observe(&HAPROXY.into(), case), observe(&program(), case));
        if theirs != ours {
            let sent = show(case.sent.as_bytes());
            differences.push(format!("== {}\n{}\n  sent\n{sent}HAProxy:\n{}byway:\n{}", case.name, case.lines, told(&theirs), told(&ours)));
        }
    }
    assert!(differences.is_empty(), "{} cases differ\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn byway_answers_as_haproxy_does_first_quarter() {
    compare(0);
}

#[test]
fn byway_answers_as_haproxy_does_second_quarter() {
    compare(1);
}

#[test]
fn byway_answers_as_haproxy_does_third_quarter() {
    compare(2);
}

#[test]
fn byway_answers_as_haproxy_does_last_quarter() {
    compare(3);
}
