//! `cookie NAME [insert|indirect|nocache]`: which server a cookie leads to, and the exact bytes on both wires. One row per cell of the table
//! of modes (HAProxy 2.6).

use crate::support::client::Client;
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::syslog::Syslog;
use crate::support::wire::{assert_same, fold_names};

/// A row of the table.
struct Row {
    /// What follows `cookie SID`.
    mode: &'static str,
    /// Fields of the request.
    request: &'static str,
    /// Fields of the server's answer.
    response: &'static str,
    /// Fields of the request as the server sees them.
    at_server: &'static str,
    /// Fields of the answer as the client sees them.
    at_client: &'static str,
    /// The last two letters of the termination state.
    letters: &'static str,
}

/// Two servers; `SID=Z` leads to the second, and the first in turn is the one with `A`.
const ROWS: &[Row] = &[
    // insert
    Row { mode: "insert", request: "", response: "", at_server: "", at_client: "Set-Cookie: SID=A; path=/\r\n", letters: "NI" },
    Row { mode: "insert", request: "Cookie: SID=Z\r\n", response: "", at_server: "Cookie: SID=Z\r\n", at_client: "", letters: "VN" },
    Row {
        mode: "insert",
        request: "Cookie: SID=bad\r\n",
        response: "",
        at_server: "Cookie: SID=bad\r\n",
        at_client: "Set-Cookie: SID=A; path=/\r\n",
        letters: "II",
    },
    Row {
        mode: "insert",
        request: "Cookie: SID=Z\r\n",
        response: "Set-Cookie: SID=own\r\n",
        at_server: "Cookie: SID=Z\r\n",
        at_client: "",
        letters: "VD",
    },
    Row {
        mode: "insert",
        request: "",
        response: "Set-Cookie: SID=own\r\n",
        at_server: "",
        at_client: "Set-Cookie: SID=A; path=/\r\n",
        letters: "NI",
    },
    // insert indirect
    Row { mode: "insert indirect", request: "", response: "", at_server: "", at_client: "Set-Cookie: SID=A; path=/\r\n", letters: "NI" },
    Row { mode: "insert indirect", request: "Cookie: SID=Z\r\n", response: "", at_server: "", at_client: "", letters: "VN" },
    Row {
        mode: "insert indirect",
        request: "Cookie: x=1; SID=Z; y=2\r\n",
        response: "",
        at_server: "Cookie: x=1; y=2\r\n",
        at_client: "",
        letters: "VN",
    },
    Row {
        mode: "insert indirect",
        request: "Cookie: SID=bad\r\n",
        response: "",
        at_server: "",
        at_client: "Set-Cookie: SID=A; path=/\r\n",
        letters: "II",
    },
    Row {
        mode: "insert indirect",
        request: "Cookie: SID=Z\r\n",
        response: "Set-Cookie: SID=own\r\n",
        at_server: "",
        at_client: "",
        letters: "VD",
    },
    Row {
        mode: "insert indirect",
        request: "",
        response: "Set-Cookie: SID=own\r\nSet-Cookie: other=1\r\n",
        at_server: "",
        at_client: "Set-Cookie: other=1\r\nSet-Cookie: SID=A; path=/\r\n",
        letters: "NI",
    },
    // indirect alone
    Row { mode: "indirect", request: "", response: "", at_server: "", at_client: "", letters: "NN" },
    Row { mode: "indirect", request: "Cookie: SID=Z\r\n", response: "", at_server: "Cookie: SID=Z\r\n", at_client: "", letters: "VN" },
    Row { mode: "indirect", request: "Cookie: SID=bad\r\n", response: "", at_server: "Cookie: SID=bad\r\n", at_client: "", letters: "IN" },
    Row {
        mode: "indirect",
        request: "Cookie: SID=Z\r\n",
        response: "Set-Cookie: SID=own\r\n",
        at_server: "Cookie: SID=Z\r\n",
        at_client: "",
        letters: "VD",
    },
    Row {
        mode: "indirect",
        request: "Cookie: SID=bad\r\n",
        response: "Set-Cookie: SID=own\r\n",
        at_server: "Cookie: SID=bad\r\n",
        at_client: "Set-Cookie: SID=own\r\n",
        letters: "IP",
    },
    // no option at all
    Row { mode: "", request: "Cookie: SID=Z\r\n", response: "", at_server: "Cookie: SID=Z\r\n", at_client: "", letters: "--" },
    // nocache
    Row {
        mode: "insert indirect nocache",
        request: "",
        response: "",
        at_server: "",
        at_client: "Set-Cookie: SID=A; path=/\r\nCache-Control: private\r\n",
        letters: "NI",
    },
    Row { mode: "insert indirect nocache", request: "Cookie: SID=Z\r\n", response: "", at_server: "", at_client: "", letters: "VN" },
    Row {
        mode: "insert indirect nocache",
        request: "",
        response: "Cache-Control: no-store\r\n",
        at_server: "",
        at_client: "Cache-Control: no-store\r\nSet-Cookie: SID=A; path=/\r\n",
        letters: "NI",
    },
];

#[track_caller]
fn check(row: &Row) {
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: \"1\"\r\n{}\r\nhi", row.response);
    let (a, z) = (Origin::answering(answer.clone()), Origin::answering(answer));
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  option httplog\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  cookie SID {}\n  server a 127.0.0.1:{} cookie A\n  server z 127.0.0.1:{} cookie Z\n",
        syslog.port, row.mode, a.port, z.port
    ));
    let what = format!("cookie SID {} with {:?} and {:?}", row.mode, row.request, row.response);
    let mut client = Client::connect(port);
    client.send(format!("GET / HTTP/1.1\r\nHost: e2e\r\n{}\r\n", row.request));
    let response = client.response();
    let expected = format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: \"1\"\r\n{}\r\n", row.at_client);
    assert_same(&format!("to the client, {what}"), &response.head, expected.as_bytes());
    let directed = row.request.contains("SID=Z");
    let server = if directed { &z } else { &a };
    let expected = format!("GET / HTTP/1.1\r\nHost: e2e\r\n{}\r\n", row.at_server);
    assert_same(&format!("to the server, {what}"), &server.only_request().head, expected.as_bytes());
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!(line.state, format!("--{}", row.letters), "{what}");
    assert_eq!(line.server, if directed { "z" } else { "a" }, "{what}");
    if row.at_client.contains("SID=A") && !is_standing_in() {
        assert!(String::from_utf8_lossy(&response.head).contains("\r\nSet-Cookie: SID=A; path=/\r\n"), "spelt as HAProxy's manual does");
    }
}

fn check_mode(mode: &str) {
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.mode == mode).collect();
    assert!(!rows.is_empty());
    rows.into_iter().for_each(check);
}

#[test]
fn insert_sets_the_cookie_and_forwards_it() {
    check_mode("insert");
}

#[test]
fn insert_indirect_sets_the_cookie_and_hides_it_from_the_server() {
    check_mode("insert indirect");
}

#[test]
fn indirect_alone_never_sets_a_cookie() {
    check_mode("indirect");
}

#[test]
fn a_bare_cookie_line_honours_cookies_and_changes_nothing() {
    check_mode("");
}

#[test]
fn nocache_marks_answers_with_a_new_cookie_private() {
    check_mode("insert indirect nocache");
}

#[test]
fn a_cookie_leads_to_its_server_every_time() {
    let (a, z, port) = (Origin::named("a"), Origin::named("z"), free_port());
    let _proxy = Proxy::start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  cookie SID insert indirect\n  server a 127.0.0.1:{} cookie A\n  server z 127.0.0.1:{} cookie Z\n",
        a.port, z.port
    ));
    let mut client = Client::connect(port);
    for _ in 0..5 {
        assert_eq!(client.ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=Z\r\n\r\n").text(), "z");
        assert_eq!(client.ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=A\r\n\r\n").text(), "a");
    }
}

#[test]
fn every_request_of_a_connection_has_its_cookie_looked_at() {
    let (a, port) = (Origin::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), free_port());
    let _proxy = Proxy::start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  cookie SID insert indirect\n  server a 127.0.0.1:{} cookie A\n",
        a.port
    ));
    let mut client = Client::connect(port);
    for _ in 0..3 {
        assert_eq!(client.get("/").values("Set-Cookie"), ["SID=A; path=/"]);
        assert!(client.ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=A\r\n\r\n").values("Set-Cookie").is_empty());
    }
    for request in a.received() {
        assert_eq!(fold_names(&request.head), b"GET / HTTP/1.1\r\nhost: e2e\r\n\r\n");
    }
}
