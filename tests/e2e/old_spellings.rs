//! Keywords that HAProxy has dropped since 1.3: each does what it did. `req*`, `rsp*` in more depth are in `rewrites`.

use crate::support::client::Client;
use crate::support::client::get;
use crate::support::origin::{Origin, Unanswering};
use crate::support::proxy::{Folder, Proxy, free_port, listeners, run};
use crate::support::stand_in::lacks;
use crate::support::wait_until;
use crate::support::wire::assert_same;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const ASKED: &str = "GET /a HTTP/1.1\r\nHost: e2e\r\nX-A: 1\r\n\r\n";

/// A proxy without timeouts of its own, whose `listen` sections may bind on their first line.
fn start(sections: &str, ports: &[u16]) -> Proxy {
    let proxy = Proxy::start(&format!("global\n  nbthread 1\n{sections}"));
    wait_until("every port was listened on", || ports.iter().all(|port| !listeners(*port).is_empty()));
    proxy
}

/// What the program says about a configuration, and the status of `-c`.
fn check(sections: &str) -> (Option<i32>, String) {
    let folder = Folder::new();
    let path = folder.write("haproxy.cfg", sections);
    let ended = run(&[OsStr::new("-c"), OsStr::new("-f"), path.as_os_str()]);
    (ended.status.code(), ended.said)
}

fn took(begun: Instant, expected_ms: u64) -> bool {
    let elapsed = begun.elapsed();
    elapsed >= Duration::from_millis(expected_ms - 20) && elapsed < Duration::from_millis(expected_ms + 3000)
}

#[test]
fn clitimeout_is_timeout_client() {
    if lacks("clitimeout") {
        return;
    }
    for keyword in ["clitimeout", "timeout clitimeout"] {
        let (origin, port) = (Origin::named("a"), free_port());
        let rest = "contimeout 5s\n  srvtimeout 5s";
        let _proxy = start(
            &format!("listen l\n  bind 127.0.0.1:{port}\n  mode http\n  {keyword} 300\n  {rest}\n  server a 127.0.0.1:{}\n", origin.port),
            &[],
        );
        let begun = Instant::now();
        let mut client = Client::connect(port);
        client.send("GET / HTTP/1.1\r\n");
        assert_eq!(client.response().status(), 408, "{keyword}");
        assert!(took(begun, 300), "{keyword}: {:?}", begun.elapsed());
    }
}

#[test]
fn srvtimeout_is_timeout_server() {
    if lacks("srvtimeout") {
        return;
    }
    for keyword in ["srvtimeout", "timeout srvtimeout"] {
        let origin = Origin::script(|visit| visit.request().and_then(|_| visit.hold()));
        let port = free_port();
        let rest = "contimeout 5s\n  clitimeout 5s";
        let _proxy = start(
            &format!("listen l\n  bind 127.0.0.1:{port}\n  mode http\n  {keyword} 300\n  {rest}\n  server a 127.0.0.1:{}\n", origin.port),
            &[],
        );
        let begun = Instant::now();
        assert_eq!(get(port, "/").status(), 504, "{keyword}");
        assert!(took(begun, 300), "{keyword}: {:?}", begun.elapsed());
    }
}

#[test]
fn contimeout_is_timeout_connect() {
    if lacks("contimeout") {
        return;
    }
    for keyword in ["contimeout", "timeout contimeout"] {
        let (silent, port) = (Unanswering::new(), free_port());
        let rest = "clitimeout 20s\n  srvtimeout 20s\n  retries 0";
        let _proxy = start(
            &format!("listen l\n  bind 127.0.0.1:{port}\n  mode http\n  {keyword} 300\n  {rest}\n  server a 127.0.0.1:{}\n", silent.port),
            &[],
        );
        let begun = Instant::now();
        assert_eq!(get(port, "/").status(), 503, "{keyword}");
        assert!(took(begun, 300), "{keyword}: {:?}", begun.elapsed());
    }
}

#[test]
fn redispatch_and_redisp_are_option_redispatch() {
    if lacks("redispatch") {
        return;
    }
    for (keyword, expected) in [("redispatch", 200), ("redisp", 200), ("retries 1", 503)] {
        let (origin, dead, port) = (Origin::named("good"), free_port(), free_port());
        let _proxy = Proxy::start(&format!(
            "listen l\n  bind 127.0.0.1:{port}\n  timeout connect 200\n  retries 1\n  {keyword}\n  cookie SID\n  \
             server bad 127.0.0.1:{dead} cookie X\n  server good 127.0.0.1:{} cookie Y\n",
            origin.port
        ));
        let answer = Client::connect(port).ask("GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=X\r\n\r\n");
        assert_eq!(answer.status(), expected, "{keyword}");
    }
}

#[test]
fn a_section_may_listen_by_its_first_line() {
    if lacks("addresses behind a section's name") {
        return;
    }
    let origin = Origin::named("a");
    let ports: Vec<u16> = (0..5).map(|_| free_port()).collect();
    let range =
        std::iter::repeat_with(free_port).find(|port| *port < 60_000 && std::net::TcpListener::bind(("127.0.0.1", port + 1)).is_ok());
    let range = range.expect("two ports side by side");
    let [named, bare, first, second, any] = ports[..] else { panic!("five ports") };
    let server = format!("  server a 127.0.0.1:{}\n", origin.port);
    let all = [named, bare, first, second, any, range, range + 1];
    let _proxy = start(
        &format!(
            "defaults\n  mode http\n  contimeout 5s\n  clitimeout 5s\n  srvtimeout 5s\n\
             listen named 127.0.0.1:{named}\n{server}listen 127.0.0.1:{bare}\n{server}\
             listen several 127.0.0.1:{first},127.0.0.1:{second}\n{server}listen range 127.0.0.1:{range}-{}\n{server}\
             frontend main *:{any}\n  default_backend b\nbackend b\n{server}",
            range + 1
        ),
        &all,
    );
    for port in all {
        assert_eq!(get(port, "/").text(), "a", "{port}");
    }
}

#[test]
fn block_is_a_403_for_who_matches() {
    if lacks("block") {
        return;
    }
    let (origin, port) = (Origin::named("a"), free_port());
    let _proxy = Proxy::start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  acl secret path_beg /secret\n  block if secret\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    assert_eq!(get(port, "/secret/x").status(), 403);
    assert_eq!(get(port, "/open").text(), "a");
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn option_forceclose_ends_the_connection_with_the_answer() {
    if lacks("option forceclose") {
        return;
    }
    let (origin, port) = (Origin::answering(OK), free_port());
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  option forceclose\n  server a 127.0.0.1:{}\n", origin.port));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").value("Connection").as_deref(), Some("close"));
    client.expect_close();
    assert_eq!(origin.only_request().value("Connection").as_deref(), Some("close"));
}

#[test]
fn every_rule_of_the_req_family_does_to_a_request_what_it_did() {
    if lacks("req* rules") {
        return;
    }
    let unchanged = ASKED;
    let cases = [
        (r"reqadd X-B:\ 2", "GET /a HTTP/1.1\r\nHost: e2e\r\nX-A: 1\r\nX-B: 2\r\n\r\n"),
        (r"reqrep ^X-A:(.*) X-B:\1", "GET /a HTTP/1.1\r\nHost: e2e\r\nX-B: 1\r\n\r\n"),
        (r"reqrep ^x-a:(.*) X-B:\1", unchanged),
        (r"reqirep ^x-a:(.*) X-B:\1", "GET /a HTTP/1.1\r\nHost: e2e\r\nX-B: 1\r\n\r\n"),
        (r"cliexp ^X-A:(.*) X-B:\1", "GET /a HTTP/1.1\r\nHost: e2e\r\nX-B: 1\r\n\r\n"),
        (r"reqdel ^X-A:", "GET /a HTTP/1.1\r\nHost: e2e\r\n\r\n"),
        (r"reqdel ^x-a:", unchanged),
        (r"reqidel ^x-a:", "GET /a HTTP/1.1\r\nHost: e2e\r\n\r\n"),
        (r"reqdeny ^x-a:", unchanged),
        (r"reqtarpit ^x-a:", unchanged),
        (r"reqpass ^GET", unchanged),
        (r"reqipass ^get", unchanged),
        ("reqallow ^GET\n  reqdeny ^X-A:", unchanged),
        ("reqiallow ^get\n  reqideny ^x-a:", unchanged),
        ("reqallow ^GET\n  reqtarpit ^X-A:", unchanged),
    ];
    for (rules, expected) in cases {
        let (origin, port) = (Origin::answering(OK), free_port());
        let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  {rules}\n  server a 127.0.0.1:{}\n", origin.port));
        assert_eq!(Client::connect(port).ask(ASKED).status(), 200, "{rules}");
        assert_same(rules, &origin.only_request().head, expected.as_bytes());
    }
}

#[test]
fn every_refusing_rule_of_the_req_family_answers_as_it_did() {
    if lacks("req* rules") {
        return;
    }
    let cases = [
        ("reqdeny ^X-A:", 403, 0),
        ("reqideny ^x-a:", 403, 0),
        ("reqideny /a\\ HTTP", 403, 0),
        ("reqallow ^x-a:\n  reqdeny ^X-A:", 403, 0),
        ("timeout tarpit 300\n  reqtarpit ^X-A:", 500, 300),
        ("timeout tarpit 300\n  reqitarpit ^x-a:", 500, 300),
    ];
    for (rules, status, held_ms) in cases {
        let (origin, port) = (Origin::answering(OK), free_port());
        let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  {rules}\n  server a 127.0.0.1:{}\n", origin.port));
        let begun = Instant::now();
        assert_eq!(Client::connect(port).ask(ASKED).status(), status, "{rules}");
        assert!(held_ms == 0 || took(begun, held_ms), "{rules}: {:?}", begun.elapsed());
        assert!(origin.received().is_empty(), "{rules}");
    }
}

#[test]
fn reqsetbe_chooses_the_backend() {
    if lacks("reqsetbe") {
        return;
    }
    let (other, usual, port) = (Origin::named("other"), Origin::named("usual"), free_port());
    for (rule, path, expected) in [
        ("reqsetbe ^GET\\ /other other", "/other", "other"),
        ("reqsetbe ^get\\ /other other", "/other", "usual"),
        ("reqisetbe ^get\\ /OTHER other", "/other", "other"),
        ("reqisetbe ^get\\ /OTHER other", "/", "usual"),
    ] {
        let _proxy = Proxy::start(&format!(
            "frontend f\n  bind 127.0.0.1:{port}\n  {rule}\n  default_backend usual\n\
             backend usual\n  server a 127.0.0.1:{}\nruleset other\n  server a 127.0.0.1:{}\n",
            usual.port, other.port
        ));
        assert_eq!(get(port, path).text(), expected, "{rule} {path}");
    }
}

#[test]
fn every_rule_of_the_rsp_family_does_to_a_response_what_it_did() {
    if lacks("rsp* rules") {
        return;
    }
    let sent = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n";
    let replaced = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-B: 1\r\n\r\n";
    let removed = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let cases = [
        (r"rspadd X-B:\ 2", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: 1\r\nX-B: 2\r\n\r\n"),
        (r"rsprep ^X-A:(.*) X-B:\1", replaced),
        (r"rsprep ^x-a:(.*) X-B:\1", sent),
        (r"rspirep ^x-a:(.*) X-B:\1", replaced),
        (r"srvexp ^X-A:(.*) X-B:\1", replaced),
        (r"rspdel ^X-A:", removed),
        (r"rspdel ^x-a:", sent),
        (r"rspidel ^x-a:", removed),
        (r"rspdeny ^x-a:", sent),
    ];
    for (rules, expected) in cases {
        let (origin, port) = (Origin::answering(sent), free_port());
        let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  {rules}\n  server a 127.0.0.1:{}\n", origin.port));
        assert_same(rules, &get(port, "/").head, expected.as_bytes());
    }
    for rules in ["rspdeny ^X-A:", "rspideny ^x-a:"] {
        let (origin, port) = (Origin::answering(sent), free_port());
        let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  {rules}\n  server a 127.0.0.1:{}\n", origin.port));
        assert_eq!(get(port, "/").status(), 502, "{rules}");
    }
}

#[test]
fn mode_health_says_that_the_proxy_lives() {
    if lacks("mode health") {
        return;
    }
    for (option, expected) in [("", b"OK\n".as_slice()), ("option httpchk", b"HTTP/1.0 200 OK\r\n\r\n")] {
        let port = free_port();
        let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  mode health\n  {option}\n"));
        assert_eq!(Client::connect(port).read_to_end(), expected, "{option}");
    }
}

#[test]
fn nbproc_is_so_many_threads() {
    if lacks("nbproc") {
        return;
    }
    // One more looks after the process.
    for (line, threads) in [("nbproc 3", 4), ("nbproc 1\n  nbthread 2", 3), ("nbthread 2\n  nbproc 3", 3)] {
        let port = free_port();
        let sections = format!("global\n  {line}\nlisten l\n  bind 127.0.0.1:{port}\n  mode http\n  timeout client 5s\n");
        let proxy = Proxy::start(&sections);
        wait_until(&format!("'{line}' made {threads} threads"), || proxy.threads() == threads);
    }
}

#[test]
fn options_without_an_effect_today_are_left_out_with_a_warning() {
    if lacks("http-tunnel and its like") {
        return;
    }
    for line in [
        "option http-tunnel",
        "no option http-tunnel",
        "no option http-use-htx",
        "option http-use-htx",
        "bind-process 1",
        "bind-process all",
    ] {
        let (origin, port) = (Origin::named("a"), free_port());
        let listen = format!("listen l\n  bind 127.0.0.1:{port}\n  {line}\n  server a 127.0.0.1:{}\n", origin.port);
        let proxy = Proxy::start(&listen);
        assert_eq!(get(port, "/").text(), "a", "{line}");
        let keyword = line.trim_start_matches("no ").trim_end_matches(" 1").trim_end_matches(" all");
        assert!(proxy.said().contains(&format!("'{keyword}' is not supported and ignored")), "{line}: {}", proxy.said());
    }
}

#[test]
fn appsession_is_refused_with_what_to_write_instead() {
    if lacks("appsession") {
        return;
    }
    let (status, said) = check("backend b\n  mode http\n  appsession JSESSIONID len 52 timeout 3h\n  server a 127.0.0.1:80\n");
    assert_eq!(status, Some(1));
    assert!(said.contains("appsession") && said.contains("cookie JSESSIONID prefix nocache"), "{said}");
}

#[test]
fn option_keepalive_keeps_both_connections_and_option_tcpsplice_changes_nothing() {
    if lacks("option keepalive") {
        return;
    }
    for (lines, expected) in
        [("option httpclose\n  option keepalive", 1), ("option tcpsplice", 1), ("option keepalive\n  option httpclose", 2)]
    {
        let (origin, port) = (Origin::named("a"), free_port());
        let _proxy = start(
            &format!(
                "listen l\n  bind 127.0.0.1:{port}\n  mode http\n  contimeout 5s\n  clitimeout 5s\n  srvtimeout 5s\n  {lines}\n  \
                 server a 127.0.0.1:{}\n",
                origin.port
            ),
            &[port],
        );
        let mut client = Client::connect(port);
        assert_eq!(client.ask(ASKED).text(), "a", "{lines}");
        match expected {
            1 => assert_eq!(client.ask(ASKED).text(), "a", "{lines}: the second request of the connection"),
            _ => assert_eq!(Client::connect(port).ask(ASKED).text(), "a", "{lines}"),
        }
        assert_eq!(origin.connections(), expected, "{lines}");
    }
    let (status, said) = check("listen l\n  bind 127.0.0.1:1\n  mode http\n  clitimeout 1s\n  option tcpsplice\n");
    assert!(status == Some(0) && said.contains("option tcpsplice"), "{said}");
}
