//! The tests that rules can make: `path_beg`, `hdr`, `src`, `nbsrv`, `env`, `env_int`, the predefined ACLs, and how they are joined.

use crate::support::client::Client;
use crate::support::origin::{CHECK_PATH, Origin};
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use std::net::Ipv4Addr;
use std::sync::Arc;

const LOCAL: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A request and whether the ACL lines, which define `m`, match it.
struct Case {
    acl: &'static str,
    from: Ipv4Addr,
    request: &'static str,
    matches: bool,
}

const fn case(acl: &'static str, request: &'static str, matches: bool) -> Case {
    Case { acl, from: LOCAL, request, matches }
}

const fn from(acl: &'static str, last: u8, matches: bool) -> Case {
    Case { acl, from: Ipv4Addr::new(127, 0, 0, last), request: GET, matches }
}

const GET: &str = "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n";

#[track_caller]
fn check(cases: &[Case], environment: &[(&str, &str)]) {
    let (yes, no) = (Origin::named("yes"), Origin::named("no"));
    for case in cases {
        let port = free_port();
        let text = format!(
            "{}frontend f\n  bind 127.0.0.1:{port}\n{}\n  use_backend yes if {}\n  default_backend no\n\
             backend yes\n  server s 127.0.0.1:{}\nbackend no\n  server s 127.0.0.1:{}\n",
            crate::support::proxy::PREAMBLE,
            if case.acl.starts_with("acl") { case.acl } else { "" },
            if case.acl.starts_with("acl") { "m" } else { case.acl },
            yes.port,
            no.port
        );
        let _proxy = Proxy::start_with(Arc::new(Folder::new()), &text, |command| {
            command.envs(environment.iter().copied());
        });
        let answer = Client::connect_from(case.from, port).ask(case.request);
        assert_eq!(
            answer.text(),
            if case.matches { "yes" } else { "no" },
            "{} from {} with {:?} and {environment:?}",
            case.acl,
            case.from,
            case.request
        );
    }
}

#[test]
fn path_beg_looks_at_the_beginning_of_the_path() {
    check(
        &[
            case("acl m path_beg /static /img", "GET /static/a HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
            case("acl m path_beg /static /img", "GET /img HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
            case("acl m path_beg /static /img", "GET /a?/static HTTP/1.1\r\nHost: e2e\r\n\r\n", false),
            case("acl m path_beg /static /img", "GET /STATIC HTTP/1.1\r\nHost: e2e\r\n\r\n", false),
            case("acl m path_beg -i /static", "GET /STATIC HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
            case("acl m path_beg /static", "GET http://e2e/static HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
        ],
        &[],
    );
}

#[test]
fn hdr_looks_at_every_value_of_a_field() {
    check(
        &[
            case("acl m hdr(host) www.example.com", "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n", true),
            case("acl m hdr(Host) www.example.com", "GET / HTTP/1.1\r\nhOST: www.example.com\r\n\r\n", true),
            case("acl m hdr(host) www.example.com", "GET / HTTP/1.1\r\nHost: WWW.example.com\r\n\r\n", false),
            case("acl m hdr(host) -i www.example.com", "GET / HTTP/1.1\r\nHost: WWW.example.com\r\n\r\n", true),
            case("acl m hdr(x-a) two", "GET / HTTP/1.1\r\nHost: e2e\r\nX-A: one, two\r\n\r\n", true),
            case("acl m hdr(x-a) two", "GET / HTTP/1.1\r\nHost: e2e\r\nX-A: one\r\nX-A: two\r\n\r\n", true),
            case("acl m hdr(x-a) two", GET, false),
        ],
        &[],
    );
}

#[test]
fn src_looks_at_the_clients_address() {
    check(
        &[
            from("acl m src 127.0.0.2", 2, true),
            from("acl m src 127.0.0.2", 1, false),
            from("acl m src 127.0.0.64/26", 70, true),
            from("acl m src 127.0.0.64/26", 7, false),
            from("acl m src 10.0.0.0/8 127.0.0.7", 7, true),
        ],
        &[],
    );
}

#[test]
fn the_predefined_acls_are_there() {
    check(
        &[
            case("TRUE", GET, true),
            case("FALSE", GET, false),
            case("LOCALHOST", GET, true),
            case("METH_GET", GET, true),
            case("METH_POST", GET, false),
            case("METH_POST", "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 0\r\n\r\n", true),
            case("METH_OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
            case("HTTP_1.0", "GET / HTTP/1.0\r\n\r\n", true),
            case("HTTP_1.1", GET, true),
            case("HTTP_1.1", "GET / HTTP/1.0\r\n\r\n", false),
            case("HTTP_URL_SLASH", GET, true),
            case("HTTP_URL_ABS", "GET http://e2e/ HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
            case("HTTP_URL_STAR", "OPTIONS * HTTP/1.1\r\nHost: e2e\r\n\r\n", true),
            case("HTTP_CONTENT", "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 1\r\n\r\nx", true),
            case("HTTP_CONTENT", GET, false),
        ],
        &[],
    );
}

#[test]
fn conditions_join_acls() {
    check(
        &[
            case("METH_GET HTTP_1.1", GET, true),
            case("METH_GET HTTP_1.0", GET, false),
            case("METH_POST or METH_GET", GET, true),
            case("METH_POST || HTTP_1.0", GET, false),
            case("METH_GET !HTTP_1.0", GET, true),
            case("! METH_GET", GET, false),
            case("{ path_beg / } { hdr(host) e2e }", GET, true),
            case("acl m path_beg /a\n  acl m hdr(host) e2e", GET, true),
        ],
        &[],
    );
}

#[test]
fn env_int_compares_the_environment_as_a_number() {
    let zero = "acl m env_int(E2E_SWITCH) gt 0";
    for (value, matches) in [("1", true), ("0", false), ("-1", false), ("2", true), ("abc", false), ("", false), ("1abc", true)] {
        check(&[case(zero, GET, matches)], &[("E2E_SWITCH", value)]);
    }
    check(&[case(zero, GET, false)], &[]);
}

#[test]
fn env_int_has_every_comparison() {
    if lacks("env_int") {
        return;
    }
    check(
        &[
            case("acl m env_int(E2E_SWITCH) eq 5", GET, true),
            case("acl m env_int(E2E_SWITCH) lt 5", GET, false),
            case("acl m env_int(E2E_SWITCH) ge 5", GET, true),
            case("acl m env_int(E2E_SWITCH) le 4", GET, false),
            case("acl m env_int(E2E_SWITCH) 3:6", GET, true),
        ],
        &[("E2E_SWITCH", "5")],
    );
}

#[test]
fn env_compares_the_environment_as_text() {
    check(
        &[
            case("acl m env(E2E_SWITCH) on", GET, true),
            case("acl m env(E2E_SWITCH) off", GET, false),
            case("acl m env(E2E_UNSET) on", GET, false),
        ],
        &[("E2E_SWITCH", "on")],
    );
}

#[test]
fn an_acl_called_variable_that_uses_a_known_test_is_an_ordinary_one() {
    let (yes, no, port) = (Origin::named("yes"), Origin::named("no"), free_port());
    let _proxy = Proxy::start(&format!(
        "frontend f\n  bind 127.0.0.1:{port}\n  acl variable path_beg /x\n  use_backend yes if variable\n  default_backend no\n\
         backend yes\n  server s 127.0.0.1:{}\nbackend no\n  server s 127.0.0.1:{}\n",
        yes.port, no.port
    ));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/x").text(), "yes");
    assert_eq!(client.get("/y").text(), "no");
}

#[test]
fn nbsrv_counts_usable_servers() {
    let (a, b, no) = (Origin::named("a"), Origin::named("b"), Origin::named("no"));
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         frontend f\n  bind 127.0.0.1:{port}\n  acl both nbsrv(w) ge 2\n  use_backend w if both\n  default_backend no\n\
         backend w\n  option httpchk GET {CHECK_PATH}\n  default-server inter 100 rise 1 fall 1\n  server a 127.0.0.1:{} check\n  server b 127.0.0.1:{} check\n\
         backend no\n  server s 127.0.0.1:{}\n",
        syslog.port, a.port, b.port, no.port
    ));
    a.wait_received(1);
    b.wait_received(1);
    let mut client = Client::connect(port);
    assert_ne!(client.get("/").text(), "no");
    a.answer_checks_with(500);
    syslog.wait_for("Server w/a is DOWN");
    assert_eq!(client.get("/").text(), "no");
    a.answer_checks_with(200);
    syslog.wait_for("Server w/a is UP");
    assert_ne!(client.get("/").text(), "no");
}
