//! `retries` and `option redispatch`: what happens when a server's port refuses.

use crate::support::client::{Client, get};
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::syslog::Syslog;
use std::time::{Duration, Instant};

fn start(port: u16, syslog: &Syslog, lines: &str) -> Proxy {
    Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\n  nbthread 1\n\
         defaults\n  mode http\n  log global\n  option httplog\n  timeout client 10s\n  timeout server 10s\n  timeout connect 200\n\
         frontend f\n  bind 127.0.0.1:{port}\n  default_backend b\nbackend b\n{lines}\n",
        syslog.port
    ))
}

#[test]
fn a_refused_connection_is_tried_again_as_often_as_retries_says() {
    let (syslog, port, dead) = (Syslog::udp(), free_port(), free_port());
    let _proxy = start(port, &syslog, &format!("  retries 2\n  server a 127.0.0.1:{dead}"));
    let begun = Instant::now();
    assert_eq!(get(port, "/").status(), 503);
    assert!(begun.elapsed() >= Duration::from_millis(390), "a pause of min(1 s, timeout connect) before each: {:?}", begun.elapsed());
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.state.as_str(), line.status, line.connections[4].as_str()), ("SC--", 503, "2"));
    assert_eq!((line.backend.as_str(), line.server.as_str()), ("b", "a"));
}

#[test]
fn without_retries_the_first_refusal_is_final() {
    let (syslog, port, dead) = (Syslog::udp(), free_port(), free_port());
    let _proxy = start(port, &syslog, &format!("  retries 0\n  server a 127.0.0.1:{dead}"));
    assert_eq!(get(port, "/").status(), 503);
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.state.as_str(), line.connections[4].as_str()), ("SC--", "0"));
}

#[test]
fn with_redispatch_another_server_gets_the_request() {
    let (origin, syslog, port, dead) = (Origin::named("good"), Syslog::udp(), free_port(), free_port());
    let _proxy = start(
        port,
        &syslog,
        &format!(
            "  retries 2\n  option redispatch\n  cookie SID insert indirect\n  server bad 127.0.0.1:{dead} cookie X\n  server good 127.0.0.1:{} cookie Y",
            origin.port
        ),
    );
    let mut client = Client::connect(port);
    let answer = client.ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=X\r\n\r\n");
    assert_eq!(answer.text(), "good");
    assert_eq!(answer.values("Set-Cookie"), ["SID=Y; path=/"], "the visitor stays with the new server");
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.state.as_str(), line.connections[4].as_str(), line.server.as_str()), ("--DI", "+2", "good"));
}

#[test]
fn without_redispatch_a_visitor_of_a_refusing_server_gets_503() {
    let (origin, syslog, port, dead) = (Origin::named("good"), Syslog::udp(), free_port(), free_port());
    let _proxy = start(
        port,
        &syslog,
        &format!(
            "  retries 1\n  cookie SID insert indirect\n  server bad 127.0.0.1:{dead} cookie X\n  server good 127.0.0.1:{} cookie Y",
            origin.port
        ),
    );
    let mut client = Client::connect(port);
    assert_eq!(client.ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=X\r\n\r\n").status(), 503);
    assert!(origin.received().is_empty());
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert!(line.state.starts_with("SC") && line.connections[4] == "1", "{line:?}");
}

#[test]
fn a_request_with_a_body_is_redispatched_whole() {
    let (origin, syslog, port, dead) = (Origin::named("good"), Syslog::udp(), free_port(), free_port());
    let _proxy = start(
        port,
        &syslog,
        &format!(
            "  retries 1\n  option redispatch\n  balance roundrobin\n  server bad 127.0.0.1:{dead}\n  server good 127.0.0.1:{}",
            origin.port
        ),
    );
    for _ in 0..2 {
        let answer = Client::connect(port).ask("POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 5\r\n\r\nhello");
        assert_eq!(answer.text(), "good");
    }
    assert!(origin.received().iter().all(|request| request.body == b"hello"));
}
