//! The PROXY protocol: `bind ... accept-proxy` takes the client's address from the proxy in front, `server ... send-proxy` and
//! `send-proxy-v2` pass it on.

use crate::support::client::{Client, get};
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use std::time::Duration;

fn start(port: u16, syslog: &Syslog, bind: &str, server: &str) -> Proxy {
    Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\n\
         defaults\n  mode http\n  log global\n  option httplog\n  option forwardfor\n  timeout client 2s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port} {bind}\n  server a 127.0.0.1:{server}\n",
        syslog.port
    ))
}

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n";

/// Both ends as a binary header has them: 192.0.2.9:4711 to 192.0.2.1:80.
const BINARY: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x09\xc0\0\x02\x01\x12\x67\0\x50";

#[test]
fn a_header_in_front_tells_the_clients_address() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "accept-proxy", &origin.port.to_string());
    let line = b"PROXY TCP4 192.0.2.8 192.0.2.1 4710 80\r\n".to_vec();
    for (header, source) in [(line, "192.0.2.8:4710"), (BINARY.to_vec(), "192.0.2.9:4711")] {
        let mut client = Client::connect(port);
        assert_eq!(client.ask([&header, REQUEST.as_bytes()].concat()).text(), "a");
        assert_eq!(client.get("/again").text(), "a", "one header for the connection");
        assert!(syslog.wait_for(source).contains("\"GET / HTTP/1.1\""));
        let forwarded = origin.visits().last().and_then(|visit| visit.value("X-Forwarded-For"));
        assert_eq!(forwarded.as_deref(), source.split(':').next());
    }
}

#[test]
fn a_header_may_come_byte_by_byte_and_alone() {
    if lacks("patience with a header that comes in pieces") {
        return;
    }
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "accept-proxy", &origin.port.to_string());
    for header in [&b"PROXY TCP4 192.0.2.8 192.0.2.1 4710 80\r\n"[..], BINARY] {
        let mut client = Client::connect(port);
        client.dribble(header);
        client.dribble(REQUEST);
        assert_eq!(client.response().text(), "a");
    }
}

#[test]
fn unknown_and_local_leave_the_address_as_it_is() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "accept-proxy", &origin.port.to_string());
    for header in [&b"PROXY UNKNOWN\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"] {
        assert_eq!(Client::connect(port).ask([header, REQUEST.as_bytes()].concat()).text(), "a");
        assert_eq!(origin.visits().last().and_then(|visit| visit.value("X-Forwarded-For")).as_deref(), Some("127.0.0.1"));
    }
}

#[test]
fn what_is_no_header_is_closed_without_an_answer() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "accept-proxy", &origin.port.to_string());
    for wrong in [REQUEST, "PROXY TCP4 192.0.2.8 192.0.2.1 4710\r\n", "PROXY NONSENSE\r\n"] {
        let mut client = Client::connect(port);
        // The bytes that nobody read may turn the close into a reset.
        let _ = client.wire().send(wrong.as_bytes());
        let rest = client.wire().read_to_end().unwrap_or_default();
        assert!(rest.is_empty(), "{wrong}: {}", rest.escape_ascii());
    }
    assert!(origin.visits().is_empty());
}

#[test]
fn a_header_that_does_not_come_ends_the_connection_after_timeout_client() {
    if lacks("patience with a header that comes in pieces") {
        return;
    }
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "accept-proxy", &origin.port.to_string());
    let (mut silent, mut half) = (Client::connect(port), Client::connect(port));
    half.send("PROXY TCP4 192.0");
    silent.expect_silence(Duration::from_millis(500));
    silent.expect_close();
    half.expect_close();
}

#[test]
fn without_accept_proxy_the_header_is_a_bad_request() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "", &origin.port.to_string());
    let mut client = Client::connect(port);
    client.send("PROXY TCP4 192.0.2.8 192.0.2.1 4710 80\r\n");
    assert_eq!(client.response().status(), 400);
    assert_eq!(get(port, "/").text(), "a");
}

/// What a server received first on a connection, with the ports of the client and of the proxy.
fn first_bytes(parameters: &str, length: usize) -> (Vec<u8>, u16, u16) {
    let origin = Origin::script(move |visit| {
        let header = visit.wire.read_exactly(length)?;
        visit.request()?;
        let body: String = header.iter().map(|byte| format!("{byte:02x}")).collect();
        visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "", &format!("{} {parameters}", origin.port));
    let mut client = Client::connect(port);
    let digits = client.get("/").text();
    let bytes = (0..digits.len()).step_by(2).filter_map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok());
    let bytes: Vec<u8> = bytes.collect();
    // The server closed; each new connection has a header of its own.
    assert_eq!(client.get("/").text(), digits);
    (bytes, client.port(), port)
}

#[test]
fn send_proxy_begins_each_connection_with_a_line() {
    let example = "PROXY TCP4 127.0.0.1 127.0.0.1 40000 20000\r\n";
    let (bytes, client, port) = first_bytes("send-proxy", example.len());
    assert_eq!(String::from_utf8(bytes).unwrap(), format!("PROXY TCP4 127.0.0.1 127.0.0.1 {client} {port}\r\n"));
}

#[test]
fn send_proxy_v2_begins_each_connection_with_a_binary_header() {
    let (bytes, client, port) = first_bytes("send-proxy-v2", 28);
    let ports = [client.to_be_bytes(), port.to_be_bytes()].concat();
    let expected = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01"[..], &ports].concat();
    assert_eq!(bytes.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

/// What a check sends to a server with these parameters; `@` stands for its own port.
fn check_bytes(parameters: &str, ends: &[u8]) -> (Vec<u8>, u16, u16) {
    let ends = ends.to_vec();
    let (sender, received) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let origin = Origin::script(move |visit| {
        let mut bytes = Vec::new();
        while !bytes.ends_with(&ends) {
            bytes.extend(visit.wire.read_exactly(1)?);
        }
        let from = visit.wire.stream().peer_addr()?.port();
        let _ = sender.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).send((bytes, from));
        visit.wire.send(b"HTTP/1.0 200 OK\r\n\r\n")
    });
    let port = free_port();
    let parameters = parameters.replace('@', &origin.port.to_string());
    let _proxy = Proxy::start(&format!(
        "defaults\n  mode http\n  timeout client 2s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  option httpchk GET /x\n  server a 127.0.0.1:{} check inter 100 {parameters}\n",
        origin.port
    ));
    let (bytes, from) = received.recv_timeout(crate::support::PATIENCE).expect("a check");
    (bytes, from, origin.port)
}

#[test]
fn checks_that_go_where_requests_go_begin_with_a_header_as_well() {
    let request = "GET /x HTTP/1.0\r\n\r\n";
    let end = b" HTTP/1.0\r\n\r\n";
    let line = |from, port| format!("PROXY TCP4 127.0.0.1 127.0.0.1 {from} {port}\r\n{request}").into_bytes();
    let (bytes, from, port) = check_bytes("send-proxy", end);
    assert_eq!(bytes, line(from, port));
    let (bytes, ..) = check_bytes("send-proxy-v2", end);
    assert_eq!(bytes, [b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", request.as_bytes()].concat());
    let (bytes, ..) = check_bytes("send-proxy port @", end);
    assert_eq!(bytes, request.as_bytes(), "elsewhere no header is expected");
    let (bytes, from, port) = check_bytes("send-proxy port @ check-send-proxy", end);
    assert_eq!(bytes, line(from, port));
    let (bytes, ..) = check_bytes("", end);
    assert_eq!(bytes, request.as_bytes());
}

/// What a client says instead of a header, how it goes, and what is logged behind its address and date.
const NO_HEADERS: &[(&[u8], Goes, &str)] = &[
    (b"hello\r\n", Goes::Waits, "Truncated PROXY protocol header received"),
    (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Goes::Waits, "Received something which does not look like a PROXY protocol header"),
    (b"PROXY TCP4 192.0.2.8\r\n", Goes::Waits, "Received an invalid PROXY protocol header"),
    (b"PROXY TCP4 192.0.2.8 192.0.2.1 1 80 90\r\n", Goes::Waits, "Received an invalid PROXY protocol header"),
    (b"PROXY TCP5 192.0.2.8 192.0.2.1 1 80\r\n", Goes::Waits, "Received an unhandled protocol in the PROXY protocol header"),
    (b"PROXY T", Goes::Finishes, "Truncated PROXY protocol header received"),
    (b"", Goes::Finishes, "Connection closed while waiting for PROXY protocol header"),
    (b"", Goes::Resets, "Connection error while waiting for PROXY protocol header"),
    (b"", Goes::Waits, "Timeout while waiting for PROXY protocol header"),
    (
        b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c\xc0\0\x02\x09\xc0\0\x02\x01\x12\x67\0\x50",
        Goes::Waits,
        "Received something which does not look like a PROXY protocol header",
    ),
    (
        b"\r\n\r\n\0\r\nQUIT\n\x22\x11\0\x0c\xc0\0\x02\x09\xc0\0\x02\x01\x12\x67\0\x50",
        Goes::Waits,
        "Received an invalid PROXY protocol header",
    ),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04\xc0\0\x02\x09", Goes::Waits, "Received an invalid PROXY protocol header"),
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02", Goes::Finishes, "Truncated PROXY protocol header received"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    Waits,
    Finishes,
    Resets,
}

/// The lines about clients without a header: level, names and reason of each. Where `option dontlognull` stands, those who said
/// nothing are not among them.
fn log_of_no_headers(program: &std::ffi::OsString, lines: &str) -> Vec<String> {
    let (syslog, port) = (Syslog::udp(), free_port());
    let config = format!(
        "global\n  log 127.0.0.1:{} local0\n  nbthread 1\ndefaults\n  mode http\n  log global\n  option httplog\n  timeout client 300\n\
         \x20 timeout server 5s\n  timeout connect 5s\nfrontend f\n  bind 127.0.0.1:{port} accept-proxy name door\n  {lines}\n\
         \x20 http-request return status 200\n",
        syslog.port
    );
    let _proxy = Proxy::start_program(program, std::sync::Arc::new(crate::support::proxy::Folder::new()), &config, |_| ());
    let is_ours = |line: &&String| line.contains("PROXY protocol") || line.contains("\"GET ");
    let mut told = 0;
    for (sent, goes, _) in NO_HEADERS {
        let stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
        let mut wire = crate::support::wire::Wire::new(stream).expect("a stream");
        let _ = wire.send(sent);
        match goes {
            Goes::Waits => drop(wire.read_to_end()),
            Goes::Finishes => drop(wire.finish().and_then(|()| wire.read_to_end())),
            Goes::Resets => drop(wire.reset()),
        }
        drop(wire);
        if !lines.contains("dontlognull") || !sent.is_empty() {
            told += 1;
        }
        crate::support::wait_until("the client was logged", || syslog.lines().iter().filter(is_ours).count() >= told);
    }
    let seen = |line: &String| {
        let (level, _) = line.split_once('>').unwrap_or_default();
        let why = line.split_once("] ").map_or("", |(_, why)| why).trim_end();
        format!("{level}> {why}")
    };
    syslog.lines().iter().filter(is_ours).map(seen).collect()
}

#[test]
fn what_came_instead_of_a_header_is_logged_as_haproxy_does() {
    for (lines, level) in [("", "<134"), ("option dontlognull", "<134"), ("option log-separate-errors", "<131")] {
        let logged = NO_HEADERS.iter().filter(|(sent, ..)| !lines.contains("dontlognull") || !sent.is_empty());
        let expected: Vec<String> = logged.map(|(.., why)| format!("{level}> f/door: {why}")).collect();
        assert_eq!(log_of_no_headers(&crate::support::stand_in::program(), lines), expected, "byway with '{lines}'");
        if std::path::Path::new("/usr/sbin/haproxy").exists() {
            assert_eq!(log_of_no_headers(&"/usr/sbin/haproxy".into(), lines), expected, "HAProxy with '{lines}'");
        }
    }
}
