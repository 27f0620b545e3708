//! `tcp-request` and `tcp-response` rules and what waits for them, through HAProxy 2.6 and through byway: what the client gets, and
//! what the log says. A piece of a case is sent once the one before it has been left without an answer for a while.

use crate::support::client::Client;
use crate::support::origin::{Origin, Visit};
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use crate::support::syslog::Syslog;
use crate::support::tls::{self, Stunnel};
use crate::support::wire::fold_names;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const HAPROXY: &str = "/usr/sbin/haproxy";
/// How long a piece is left alone.
const A_WHILE: Duration = Duration::from_millis(120);

/// A case: lines of the frontend and the backend, pieces that the client sends (`<fin>` where it says that no more comes), what the
/// client's bytes must hold (all of them are nothing where this is empty), and the log line: server, status, termination state.
struct Case {
    front: &'static str,
    back: &'static str,
    sent: &'static [&'static str],
    got: &'static str,
    log: &'static str,
}

const fn case(front: &'static str, back: &'static str, sent: &'static [&'static str], got: &'static str, log: &'static str) -> Case {
    Case { front, back, sent, got, log }
}

/// A delay that passes within a test.
const WAIT: &str = "tcp-request inspect-delay 400ms\n";
const GET: &str = "GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
const POST: &str = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";

const BYTES: &[Case] = &[
    case("tcp-request content reject", "", &["hello"], "", "f/<NOSRV> PR"),
    case("tcp-request content reject if { src 10.0.0.1 }", "", &["hello", "<fin>"], "hello", "b/a --"),
    case("tcp-request content accept\ntcp-request content reject", "", &["hello", "<fin>"], "hello", "b/a --"),
    case("@WAIT@tcp-request content reject if WAIT_END", "", &["hello"], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content accept if WAIT_END", "", &["hello", "<fin>"], "hello", "b/a --"),
    case(
        "@WAIT@tcp-request content accept if { req.len ge 4 }\ntcp-request content reject",
        "",
        &["he", "llo", "<fin>"],
        "hello",
        "b/a --",
    ),
    case("@WAIT@tcp-request content accept if { req.len ge 4 }\ntcp-request content reject", "", &["he"], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content accept if REQ_CONTENT\ntcp-request content reject", "", &[], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content reject if { req.payload(0,2) -m str he }", "", &["h", "ello"], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content reject if { req.payload(0,2) -m str hx }", "", &["h", "ello", "<fin>"], "hello", "b/a --"),
    case("@WAIT@tcp-request content reject if { req.payload_lv(0,1) -m str ab }", "", &["\u{2}a", "b"], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content reject unless { payload(0,1) -m str h }", "", &["hello", "<fin>"], "hello", "b/a --"),
    case("@WAIT@tcp-request content reject if { path /x }", "", &["GET /x HT", "TP/1.1\r\n\r\n"], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content reject if !HTTP", "", &["hello\r\n\r\n"], "", "f/<NOSRV> PR"),
    case("@WAIT@tcp-request content reject if RDP_COOKIE", "", &["12345678901Cookie: msts=a\r\n"], "", "f/<NOSRV> PR"),
    case(
        "@WAIT@tcp-request content reject if { req.rdp_cookie(msts) b }",
        "",
        &["12345678901Cookie: msts=a\r\n", "<fin>"],
        "msts",
        "b/a --",
    ),
    case("", "tcp-request content reject", &["hello"], "", "b/<NOSRV> PR"),
    case("", "@WAIT@tcp-request content reject if { req.len gt 3 }", &["he", "llo"], "", "b/<NOSRV> PR"),
    case("", "@WAIT@tcp-request content accept if { req.len gt 3 }", &["he", "<fin>"], "he", "b/a --"),
    case("", "tcp-response content reject", &["hello"], "", "b/a PD"),
    case("", "tcp-response content close", &["hello"], "", "b/a --"),
    case("", "tcp-response content accept\ntcp-response content reject", &["hello", "<fin>"], "hello", "b/a --"),
    case(
        "",
        "tcp-response inspect-delay 400ms\ntcp-response content reject if { res.payload(0,2) -m str he }",
        &["h", "ello"],
        "",
        "b/a PD",
    ),
    case(
        "",
        "tcp-response inspect-delay 400ms\ntcp-response content reject if { res.payload(0,2) -m str hx }",
        &["h", "ello", "<fin>"],
        "hello",
        "b/a --",
    ),
    case("", "tcp-response inspect-delay 400ms\ntcp-response content reject unless { res.len gt 3 }", &["he"], "", "b/a PD"),
    case(
        "@WAIT@tcp-request content set-var(sess.who) req.payload(0,2)\ntcp-request content accept if { req.len ge 4 }\n\
         tcp-request content reject\nuse_backend b if { var(sess.who) -m str he }\nuse_backend none",
        "",
        &["he", "llo", "<fin>"],
        "hello",
        "b/a --",
    ),
    case("tcp-request content unset-var(sess.x)\ntcp-request content set-src str(10.1.2.3)", "", &["a", "<fin>"], "a", "b/a --"),
];

const MESSAGES: &[Case] = &[
    case("tcp-request content reject", "", &[GET], "", "f/<NOSRV> -1 PR--"),
    case("@WAIT@tcp-request content reject if { path /x }", "", &["GET /x HTTP/1.1\r\n", "Host: h\r\n\r\n"], "", "f/<NOSRV> -1 PR--"),
    case("@WAIT@tcp-request content reject if { path /y }", "", &[GET], "200 ok", "b/a 200 ----"),
    case("@WAIT@tcp-request content reject if WAIT_END", "", &[GET], "", "f/<NOSRV> -1 PR--"),
    case("@WAIT@tcp-request content accept if WAIT_END", "", &[POST, "hello"], "200 ok", "b/a 200 ----"),
    case("@WAIT@tcp-request content reject if { req.ssl_sni -m found }", "", &[GET], "200 ok", "b/a 200 ----"),
    case("http-request set-var(txn.a) str(1)", "tcp-request content reject if { var(txn.a) -m found }", &[GET], "", "b/<NOSRV> -1 PR--"),
    case("", "tcp-response content reject", &[GET], "", "b/a -1 PD--"),
    case("", "tcp-response content reject if { status 200 }", &[GET], "200 ok", "b/a 200 ----"),
    case("", "tcp-response inspect-delay 1s\ntcp-response content reject if { res.len gt 1 }", &[GET], "", "b/a -1 PD--"),
    case("", "tcp-response inspect-delay 1s\ntcp-response content close if { status 200 }", &[GET], "200 ok", "b/a 200 SD--"),
];

/// An answer that tells what is known of the body.
const TELL: &str =
    "http-request return content-type a/b lf-string <%[req.body]>%[req.body_len]/%[req.body_size]/%[req.body_param(a)]/%[req.body_param]\n";

const BODIES: &[Case] = &[
    case("@TELL@", "", &[POST], "<>0/5//", "f/<NOSRV> 200 LR--"),
    case("option http-buffer-request\n@TELL@", "", &[POST, "he", "llo"], "<hello>5/5//", "f/<NOSRV> 200 LR--"),
    case("option http-buffer-request\n@TELL@", "", &[GET], "<>0/0//", "f/<NOSRV> 200 LR--"),
    case(
        "option http-buffer-request\n@TELL@",
        "",
        &["POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nb=2\r\n", "4\r\n&a=1\r\n0\r\n\r\n"],
        "<b=2&a=1>7/7/1/2",
        "f/<NOSRV> 200 LR--",
    ),
    case("", "option http-buffer-request\n@TELL@", &[POST, "hello"], "<hello>5/5//", "b/<NOSRV> 200 LR--"),
    case("option http-buffer-request", "", &[POST, "he", "llo"], "200 ok", "b/a 200 ----"),
    case("option http-buffer-request\ntimeout http-request 400ms", "", &[POST, "he"], "408 request", "f/<NOSRV> 408 cR--"),
    case("option http-buffer-request", "", &[POST, "he", "<fin>"], "", "b/<NOSRV> -1 CR--"),
    case("http-request wait-for-body time 5s\n@TELL@", "", &[POST, "he", "llo"], "<hello>5/5//", "f/<NOSRV> 200 LR--"),
    case("http-request wait-for-body time 5s at-least 3\n@TELL@", "", &[POST, "he", "l"], "<hel>3/5//", "f/<NOSRV> 200 LR--"),
    case("http-request wait-for-body time 5s if METH_GET\n@TELL@", "", &[POST], "<>0/5//", "f/<NOSRV> 200 LR--"),
    case("http-request wait-for-body time 400ms\n@TELL@", "", &[POST, "he"], "408 request", "f/<NOSRV> 408 cR--"),
    case("", "http-request wait-for-body time 5s\n@TELL@", &[POST, "hello"], "<hello>5/5//", "b/<NOSRV> 200 LR--"),
    case(
        "http-request wait-for-body time 5s",
        "",
        &["POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", "zz\r\n"],
        "400 bad request",
        "f/<NOSRV> 400 PR--",
    ),
    case("http-response set-header x-b %[res.body]-%[res.body_len]-%[res.body_size]", "", &[GET], "x-b: he-2-5", "b/a 200 ----"),
    case(
        "http-response wait-for-body time 5s\nhttp-response set-header x-b %[res.body]-%[res.body_len]-%[res.body_size]",
        "",
        &[GET],
        "x-b: hello-5-5",
        "b/a 200 ----",
    ),
    case("", "http-response wait-for-body time 5s\nhttp-response set-header x-b %[res.body]", &[GET], "x-b: hello\r\n", "b/a 200 ----"),
    case(
        "http-response wait-for-body time 5s at-least 2\nhttp-response set-header x-b %[res.body]",
        "",
        &[GET],
        "x-b: he\r\n",
        "b/a 200 ----",
    ),
    case("", "http-response wait-for-body time 100ms", &["GET /stuck HTTP/1.1\r\nHost: h\r\n\r\n"], "504 gateway", "b/a 504 sR--"),
];

/// A server that sends back what comes.
fn echo(visit: &mut Visit) -> io::Result<()> {
    let mut stream = visit.wire.stream();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(piece.get(..count).unwrap_or_default())?;
    }
}

/// A server whose answer comes in two pieces, the second when the first has been left alone; `/stuck` never gets it.
fn answer_slowly(visit: &mut Visit) -> io::Result<()> {
    let Some(request) = visit.request()? else { return Ok(()) };
    visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhe")?;
    if request.start_line().contains("/stuck") {
        return visit.hold();
    }
    let _ = visit.wire.is_silent_for(A_WHILE);
    visit.wire.send(b"llo")
}

/// What a case looks like from outside: the client's bytes, and the log line without what changes from run to run.
fn observe(program: &OsString, mode: &str, case: &Case) -> (String, String) {
    let origin = Origin::script(if mode == "tcp" { echo } else { answer_slowly });
    let (syslog, port) = (Syslog::udp(), free_port());
    let lines = |lines: &str| lines.replace("@WAIT@", WAIT).replace("@TELL@", TELL);
    let config = format!(
        "global\n  nbthread 1\n  log 127.0.0.1:{} local0\ndefaults\n  mode {mode}\n  log global\n  option {mode}log\n\
           timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n{}\n  default_backend b\nbackend b\n{}\n  server a 127.0.0.1:{}\nbackend none\n",
        syslog.port,
        lines(case.front),
        lines(case.back),
        origin.port
    );
    let _proxy = Proxy::start_program(program, Arc::new(Folder::new()), &config, |_| ());
    let mut client = Client::connect(port);
    for (index, piece) in case.sent.iter().enumerate() {
        if index > 0 {
            let _ = client.wire().is_silent_for(A_WHILE);
        }
        match *piece {
            "<fin>" => client.wire().finish().expect("an open connection"),
            piece => client.send(piece),
        }
    }
    let bytes = client.wire().read_to_end().unwrap_or_default();
    let line = syslog.wait_for("] f ");
    let words: Vec<&str> = line.split("] f ").last().unwrap_or_default().split(' ').collect();
    let kept: &[usize] = if mode == "tcp" { &[0, 3] } else { &[0, 2, 6] };
    let log: Vec<&str> = kept.iter().filter_map(|index| words.get(*index).copied()).collect();
    (String::from_utf8_lossy(&fold_names(&bytes)).to_lowercase(), log.join(" "))
}

/// Runs cases through byway, and through HAProxy where it is installed.
fn check(mode: &str, cases: &[Case]) {
    let mut programs = vec![program()];
    if Path::new(HAPROXY).exists() {
        programs.push(HAPROXY.into());
    } else {
        assert!(std::env::var_os("BYWAY_DEMAND_PEERS").is_none(), "BYWAY_DEMAND_PEERS is set, and {HAPROXY} is missing");
        crate::support::tell_skipped(&format!("{HAPROXY} is not installed"));
    }
    let mut faults = Vec::new();
    for case in cases {
        for program in &programs {
            let (got, log) = observe(program, mode, case);
            let fits = if case.got.is_empty() { got.is_empty() } else { got.contains(case.got) };
            if !fits || log != case.log {
                faults.push(format!("{program:?}: {} / {} on {:?}\n  got {got:?}\n  log {log}", case.front, case.back, case.sent));
            }
        }
    }
    assert!(faults.is_empty(), "{} cases differ from what was expected\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn content_rules_decide_by_the_first_bytes_of_a_client() {
    check("tcp", BYTES.get(..13).unwrap_or_default());
}

#[test]
fn content_rules_stand_in_backends_and_look_at_servers_too() {
    check("tcp", BYTES.get(13..).unwrap_or_default());
}

#[test]
fn content_rules_see_whole_requests_where_http_is_spoken() {
    check("http", MESSAGES);
}

#[test]
fn bodies_are_waited_for_and_looked_at() {
    check("http", BODIES);
}

/// A configuration of one frontend and an echo behind it.
fn echoing(lines: &str) -> (Origin, Proxy, u16) {
    let (origin, port) = (Origin::script(echo), free_port());
    let config = format!("listen l\n  mode tcp\n  bind 127.0.0.1:{port}\n{lines}\n  server a 127.0.0.1:{}\n", origin.port);
    let proxy = Proxy::start(&config);
    (origin, proxy, port)
}

/// Is the connection closed without a byte?
fn is_shut_out(port: u16, sent: &str) -> bool {
    // It may be gone already.
    let Ok(mut client) = Client::try_connect(port) else { return true };
    let _ = client.wire().send(sent.as_bytes());
    client.wire().read_to_end().unwrap_or_default().is_empty()
}

#[test]
fn clients_are_turned_away_before_they_are_heard() {
    for lines in [
        "tcp-request connection reject",
        "tcp-request connection reject if { src 127.0.0.0/8 }",
        "tcp-request session reject",
        "tcp-request connection set-var(sess.no) int(1)\ntcp-request session reject if { var(sess.no) -m int 1 }",
        "tcp-request connection set-src str(10.1.2.3)\ntcp-request session reject if { src 10.1.2.3 }",
        "tcp-request session set-src-port int(7)\ntcp-request content reject if { src_port 7 }",
    ] {
        let (origin, _proxy, port) = echoing(lines);
        assert!(is_shut_out(port, "hello"), "{lines}");
        assert_eq!(origin.connections(), 0, "{lines}");
    }
    for lines in ["tcp-request connection accept if { src 127.0.0.1 }\ntcp-request connection reject", "tcp-request session accept"] {
        let (_origin, _proxy, port) = echoing(lines);
        let mut client = Client::connect(port);
        client.send("hello");
        assert_eq!(client.read_exactly(5), b"hello", "{lines}");
    }
}

#[test]
fn a_rule_may_have_a_client_introduce_itself() {
    let lines = "tcp-request connection expect-proxy layer4 if { src 127.0.0.1 }\n\
                 tcp-request session reject if { src 192.0.2.9 }\ntcp-request content reject if !{ fc_rcvd_proxy }";
    let (_origin, _proxy, port) = echoing(lines);
    let mut client = Client::connect(port);
    client.send("PROXY TCP4 192.0.2.7 192.0.2.1 1000 80\r\nhello");
    assert_eq!(client.read_exactly(5), b"hello");
    assert!(is_shut_out(port, "PROXY TCP4 192.0.2.9 192.0.2.1 1000 80\r\nhello"));
    assert!(is_shut_out(port, "hello without a header\r\n"));
}

#[test]
fn values_of_the_first_bytes_are_logged() {
    let (origin, syslog, port) = (Origin::script(echo), Syslog::udp(), free_port());
    let _proxy = Proxy::start(&format!(
        "listen l\n  mode tcp\n  log 127.0.0.1:{} local0\n  bind 127.0.0.1:{port}\n  tcp-request inspect-delay 5s\n\
           tcp-request content capture req.payload(0,2) len 10\n  tcp-request content accept if {{ req.len ge 4 }}\n\
           tcp-request content reject\n  log-format <%hr>_%[capture.req.hdr(0)]\n  server a 127.0.0.1:{}\n",
        syslog.port, origin.port
    ));
    let mut client = Client::connect(port);
    client.send("hello");
    assert_eq!(client.read_exactly(5), b"hello");
    drop(client);
    assert!(syslog.wait_for("_he").contains("<{he}>_he"));
}

#[test]
fn a_client_of_bytes_is_led_by_the_name_in_its_tls_hello() {
    if !tls::is_installed() {
        return;
    }
    let named = |name: &'static str| {
        Origin::script(move |visit| {
            visit.request()?;
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{name}", name.len()).as_bytes())
        })
    };
    let (first, second) = (named("first"), named("second"));
    let (stunnel_first, stunnel_second) = (Stunnel::start(first.port), Stunnel::start(second.port));
    let port = free_port();
    let _proxy = Proxy::start(&format!(
        "defaults\n  mode tcp\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n  tcp-request inspect-delay 5s\n  tcp-request content accept if {{ req_ssl_hello_type 1 }}\n\
           tcp-request content reject\n  use_backend first if {{ req.ssl_sni -i first.example }} {{ req.ssl_ver 3.1:3.4 }}\n  use_backend second if {{ req_ssl_sni -m end .second.example }}\n\
         backend first\n  server a 127.0.0.1:{}\nbackend second\n  server a 127.0.0.1:{}\n",
        stunnel_first.port, stunnel_second.port
    ));
    for (name, expected) in [("first.example", "first"), ("www.second.example", "second")] {
        let answer = tls::ask_by_name(port, name, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assert!(String::from_utf8_lossy(&answer).ends_with(expected), "{name}: {}", String::from_utf8_lossy(&answer));
    }
    assert!(is_shut_out(port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "no hello, no server");
}

#[test]
fn bytes_become_http_where_the_backend_speaks_it() {
    let (origin, port) = (
        Origin::script(|visit| {
            while visit.request()?.is_some() {
                visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")?;
            }
            Ok(())
        }),
        free_port(),
    );
    let _proxy = Proxy::start(&format!(
        "defaults\n  mode tcp\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n  tcp-request inspect-delay 5s\n  tcp-request content accept if HTTP\n\
           use_backend web if HTTP\n  default_backend raw\n\
         backend web\n  mode http\n  http-request set-header X-Path %[path]\n  server a 127.0.0.1:{}\nbackend raw\n",
        origin.port
    ));
    let mut client = Client::connect(port);
    for path in ["/1", "/2"] {
        assert_eq!(client.get(path).text(), "hi");
    }
    let paths: Vec<_> = origin.received().iter().map(|request| request.value("x-path").unwrap_or_default()).collect();
    assert_eq!(paths, ["/1", "/2"]);
    assert!(is_shut_out(port, "no request\r\n\r\n"));
}

#[test]
fn rules_of_named_defaults_are_those_of_each_section_that_begins_with_them() {
    let (origin, port, other) = (Origin::script(echo), free_port(), free_port());
    let times = "  mode tcp\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n";
    let _proxy = Proxy::start(&format!(
        "defaults rules\n{times}  tcp-request inspect-delay 5s\n  acl bad req.payload(0,1) -m str x\n  tcp-request content reject if bad\n\
         frontend one from rules\n  bind 127.0.0.1:{port}\n  acl bad src 10.0.0.1\n  tcp-request content reject if bad\n  default_backend b\n\
         frontend two from rules\n  bind 127.0.0.1:{other}\n  default_backend b\n\
         defaults plain\n{times}\
         backend b from plain\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    for port in [port, other] {
        assert!(is_shut_out(port, "xyz"));
        let mut client = Client::connect(port);
        client.send("ab");
        assert_eq!(client.read_exactly(2), b"ab");
    }
}

#[test]
fn an_upload_that_is_too_long_to_be_held_goes_on_streaming() {
    let origin = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let told = format!("{} of {}", request.value("x-held").unwrap_or_default(), request.body.len());
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{told}", told.len()).as_bytes())?;
        }
        Ok(())
    });
    let port = free_port();
    let _proxy = Proxy::start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  option http-buffer-request\n\
           http-request set-header X-Held yes if {{ req.body_len gt 10000 }} {{ req.body_len lt 20000 }}\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    let mut client = Client::connect(port);
    for _ in 0..2 {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n";
        let answer = client.ask([head.as_bytes(), &vec![b'x'; 300_000]].concat());
        assert_eq!(answer.text(), "yes of 300000");
    }
    let asked = client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(asked.text(), " of 0");
}

#[test]
fn a_body_is_asked_for_where_it_is_waited_for() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    });
    let port = free_port();
    let _proxy =
        Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  option http-buffer-request\n  server a 127.0.0.1:{}\n", origin.port));
    let mut client = Client::connect(port);
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.read_exactly(25), b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    assert_eq!(client.response().status(), 200);
    assert_eq!(origin.received().first().and_then(|request| request.value("expect")), None);
}
