//! `timeout client`, `timeout server` and `timeout connect`: what the client gets, when, and how it is logged.

use crate::support::client::Client;
use crate::support::httplog::HttpLog;
use crate::support::origin::{Origin, Unanswering};
use crate::support::proxy::{Proxy, free_port};
use crate::support::syslog::Syslog;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_millis(300);

fn start(port: u16, syslog: &Syslog, timeouts: &str, server: u16) -> Proxy {
    Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  option httplog\n  {timeouts}\n  retries 0\n\
         frontend f\n  bind 127.0.0.1:{port}\n  default_backend b\nbackend b\n  server a 127.0.0.1:{server}\n",
        syslog.port
    ))
}

#[track_caller]
fn assert_about(elapsed: Duration, expected: Duration) {
    let late = expected + Duration::from_secs(3);
    assert!(elapsed + Duration::from_millis(20) >= expected && elapsed < late, "after {elapsed:?}, expected {expected:?}");
}

#[test]
fn a_client_that_does_not_finish_its_request_gets_408() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "timeout client 300\n  timeout server 10s\n  timeout connect 5s", origin.port);
    let begun = Instant::now();
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: e");
    let answer = client.response();
    assert_about(begun.elapsed(), TIMEOUT);
    assert_eq!(answer.status(), 408);
    assert_eq!(
        answer.text(),
        "<html><body><h1>408 Request Time-out</h1>\nYour browser didn't send a complete request in time.\n</body></html>\n"
    );
    client.expect_close();
    let line = HttpLog::parse(&syslog.wait_for("<BADREQ>"));
    assert_eq!((line.state.as_str(), line.status, line.server.as_str()), ("cR--", 408, "<NOSRV>"));
    assert!(origin.received().is_empty());
}

#[test]
fn a_client_that_stays_idle_between_requests_is_closed_on_silently() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "timeout client 300\n  timeout server 10s\n  timeout connect 5s", origin.port);
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    let begun = Instant::now();
    client.expect_close();
    assert_about(begun.elapsed(), TIMEOUT);
    assert_eq!(HttpLog::parse(&syslog.wait_for("GET /")).state, "----");
    assert_eq!(syslog.lines().iter().filter(|line| line.contains(" f b/") || line.contains("NOSRV")).count(), 1);
}

#[test]
fn a_server_that_does_not_answer_gives_504() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.hold()
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "timeout client 10s\n  timeout server 300\n  timeout connect 5s", origin.port);
    let begun = Instant::now();
    let answer = Client::connect(port).get("/");
    assert_about(begun.elapsed(), TIMEOUT);
    assert_eq!(answer.status(), 504);
    assert_eq!(answer.text(), "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n");
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.state.as_str(), line.status, line.backend.as_str(), line.server.as_str()), ("sH--", 504, "b", "a"));
    assert_eq!(line.timers[3], "-1", "no answer, so no time to it");
}

#[test]
fn a_server_that_stops_within_its_answer_is_given_up() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")?;
        visit.hold()
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "timeout client 10s\n  timeout server 300\n  timeout connect 5s", origin.port);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
    assert!(client.read_to_end().ends_with(b"only this"));
    assert_eq!(HttpLog::parse(&syslog.wait_for("GET /")).state, "sD--");
}

#[test]
fn a_server_that_accepts_no_connection_gives_503() {
    let (target, syslog, port) = (Unanswering::new(), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "timeout client 10s\n  timeout server 10s\n  timeout connect 300", target.port);
    let begun = Instant::now();
    let answer = Client::connect(port).get("/");
    assert_about(begun.elapsed(), TIMEOUT);
    assert_eq!(answer.status(), 503);
    assert_eq!(
        answer.text(),
        "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n"
    );
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.state.as_str(), line.status), ("sC--", 503));
}

#[test]
fn a_slow_answer_within_its_timeout_is_no_fault() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n")?;
        (0..300).try_for_each(|_| {
            std::thread::park_timeout(Duration::from_millis(3));
            visit.wire.send(b"x")
        })
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "timeout client 600\n  timeout server 600\n  timeout connect 5s", origin.port);
    assert_eq!(Client::connect(port).get("/").body, [b'x'; 300]);
    assert_eq!(HttpLog::parse(&syslog.wait_for("GET /")).state, "----");
}
