//! Traffic logs: `option httplog` field by field, `logasap`, `dontlognull`, over UDP and a unix socket.

use crate::support::client::{Client, get};
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::syslog::Syslog;
use std::sync::Arc;
use std::time::Duration;

fn config(port: u16, log: &str, options: &str, origin: u16) -> String {
    format!(
        "global\n  log {log}\n  log-tag proxy\n\
         defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n{options}\n\
         frontend f\n  bind 127.0.0.1:{port}\n  default_backend b\nbackend b\n  server a 127.0.0.1:{origin}\n"
    )
}

fn start(port: u16, syslog: &Syslog, options: &str, origin: &Origin) -> Proxy {
    Proxy::start(&config(port, &format!("127.0.0.1:{} local0", syslog.port), options, origin.port))
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// The bytes that the client got; HAProxy since 2.0 counts its inner form of a message, a few bytes more.
#[track_caller]
fn assert_bytes(line: &HttpLog, expected: &str) {
    let digits = line.bytes.trim_start_matches('+');
    assert_eq!(line.bytes.starts_with('+'), expected.starts_with('+'), "{line:?}");
    if is_standing_in() {
        assert!(digits.parse::<u64>().is_ok(), "{line:?}");
    } else {
        assert_eq!(line.bytes, expected, "{line:?}");
    }
}

#[test]
fn an_httplog_line_has_every_field_in_its_place() {
    let (origin, syslog, port) = (Origin::answering(ANSWER), Syslog::udp(), free_port());
    let proxy = start(port, &syslog, "  option httplog", &origin);
    let mut client = Client::connect(port);
    assert_eq!(client.get("/path?query").text(), "hello");
    let line = HttpLog::parse(&syslog.wait_for("GET /path"));
    assert_eq!(line.priority, 134, "local0.info");
    assert_eq!((line.tag.as_str(), line.pid), ("proxy", proxy.pid()));
    assert_eq!(line.client, format!("127.0.0.1:{}", client.port()));
    assert_eq!((line.frontend.as_str(), line.backend.as_str(), line.server.as_str()), ("f", "b", "a"));
    assert!((0..5).all(|index| (0..5000).contains(&line.timer(index))), "{line:?}");
    assert_eq!((line.status, line.state.as_str()), (200, "----"));
    assert_bytes(&line, &ANSWER.len().to_string());
    assert_eq!(line.connections, ["1", "1", "0", "0", "0"]);
    assert_eq!(line.queues, [0, 0]);
    assert_eq!(line.request, "GET /path?query HTTP/1.1");
    assert!(line.date.contains('/') && line.date.len() == 24);
}

#[test]
fn each_request_of_a_connection_has_its_own_line() {
    let (origin, syslog, port) = (Origin::answering(ANSWER), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    let mut client = Client::connect(port);
    for number in 0..3 {
        client.get(&format!("/{number}"));
        let line = HttpLog::parse(&syslog.wait_for(&format!("GET /{number} ")));
        assert_eq!(line.status, 200);
        assert_bytes(&line, "43");
    }
}

#[test]
fn a_line_tells_how_long_the_server_took() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        std::thread::park_timeout(Duration::from_millis(200));
        visit.wire.send(ANSWER.as_bytes())
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    Client::connect(port).get("/");
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert!((190..3000).contains(&line.timer(3)) && line.timer(4) >= line.timer(3), "{line:?}");
}

#[test]
fn a_line_goes_to_a_unix_socket_too() {
    let folder = Arc::new(Folder::new());
    let syslog = Syslog::unix(&folder.path().join("log"));
    let (origin, port) = (Origin::answering(ANSWER), free_port());
    let text = config(port, "@DIR@/log local3", "  option httplog", origin.port);
    let _proxy = Proxy::start_with(Arc::clone(&folder), &text, |_| ());
    Client::connect(port).get("/unix");
    let line = HttpLog::parse(&syslog.wait_for("GET /unix"));
    assert_eq!((line.priority, line.status), (158, 200), "local3.info");
}

#[test]
fn logasap_logs_at_the_end_of_the_answers_head_with_plus_signs() {
    let (origin, syslog, port) = (
        Origin::script(|visit| {
            visit.request()?;
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")?;
            visit.hold()
        }),
        Syslog::udp(),
        free_port(),
    );
    let _proxy = start(port, &syslog, "  option httplog\n  option logasap", &origin);
    let mut client = Client::connect(port);
    client.send("GET /early HTTP/1.1\r\nHost: e2e\r\n\r\n");
    let line = HttpLog::parse(&syslog.wait_for("GET /early"));
    assert!(line.timers[4].starts_with('+'), "{line:?}");
    assert_eq!((line.status, line.state.as_str()), (200, "----"));
    assert_bytes(&line, "+38");
}

#[test]
fn dontlognull_is_silent_about_connections_without_a_byte() {
    let (origin, syslog, port) = (Origin::answering(ANSWER), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog\n  option dontlognull", &origin);
    let mut empty = Client::connect(port);
    empty.wire().finish().expect("an open connection");
    empty.read_to_end();
    Client::connect(port).get("/real");
    syslog.wait_for("GET /real");
    assert!(!syslog.holds("BADREQ"), "{:?}", syslog.lines());
}

#[test]
fn without_dontlognull_a_connection_without_a_byte_is_logged() {
    let (origin, syslog, port) = (Origin::answering(ANSWER), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    drop(Client::connect(port));
    let line = HttpLog::parse(&syslog.wait_for("<BADREQ>"));
    assert_eq!((line.server.as_str(), line.state.as_str()), ("<NOSRV>", "CR--"));
}

#[test]
fn a_request_that_is_none_is_logged_as_badreq() {
    let (origin, syslog, port) = (Origin::answering(ANSWER), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    assert_eq!(Client::connect(port).ask("junk\r\n\r\n").status(), 400);
    let line = HttpLog::parse(&syslog.wait_for("<BADREQ>"));
    assert_eq!((line.status, line.state.as_str(), line.request.as_str()), (400, "PR--", "<BADREQ>"));
}

#[test]
fn an_answer_that_is_none_is_logged_as_the_servers_fault() {
    let (origin, syslog, port) = (Origin::answering("junk\r\n\r\n"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    assert_eq!(Client::connect(port).get("/").status(), 502);
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.status, line.state.as_str()), (502, "PH--"));
}

#[test]
fn a_server_that_closes_without_an_answer_is_logged_as_such() {
    let origin = Origin::script(|visit| visit.request().map(|_| ()));
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    assert_eq!(Client::connect(port).get("/").status(), 502);
    assert_eq!(HttpLog::parse(&syslog.wait_for("GET /")).state, "SH--");
}

#[test]
fn odd_bytes_of_a_request_line_are_escaped() {
    let (origin, syslog, port) = (Origin::answering(ANSWER), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option httplog", &origin);
    Client::connect(port).get("/q\"q");
    assert_eq!(HttpLog::parse(&syslog.wait_for("GET /q")).request, "GET /q#22q HTTP/1.1");
}

#[test]
fn log_format_sd_is_the_structured_data_of_rfc5424() {
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = Proxy::start(&format!(
        "global\n  log 127.0.0.1:{0} format rfc5424 local0\n  log 127.0.0.1:{0} format rfc3164 local0\n\
         defaults\n  mode http\n  log global\n  option httplog\n  timeout client 10s\n  \
         log-format-sd \"[ex@1 status=\\\"%ST\\\"]\"\n\
         listen l\n  bind 127.0.0.1:{port}\n  http-request return status 200\n",
        syslog.port
    ));
    assert_eq!(get(port, "/").status(), 200);
    let line = syslog.wait_for("status=\"200\"");
    assert!(line.contains(" - [ex@1 status=\"200\"] 127.0.0.1:"), "{line}");
    let line = syslog.wait_for("]: 127.0.0.1:");
    assert!(!line.contains("ex@1") && line.contains("GET / HTTP/1.1"), "{line}");
}
