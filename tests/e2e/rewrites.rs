//! `reqirep`, `rspirep` and their kin, as HAProxy 1.3 to 2.0 did them: the whole line is replaced, fields by their raw line.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::wire::assert_same;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[track_caller]
fn check_request(rules: &str, sent: &str, expected: &str) {
    let (origin, port) = (Origin::answering(OK), free_port());
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n{rules}\n  server a 127.0.0.1:{}\n", origin.port));
    Client::connect(port).ask(sent);
    assert_same(rules, &origin.only_request().head, expected.as_bytes());
}

#[track_caller]
fn check_response(rules: &str, sent: &str, expected: &str) {
    let (origin, port) = (Origin::answering(sent), free_port());
    let _proxy = Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n{rules}\n  server a 127.0.0.1:{}\n", origin.port));
    assert_same(rules, &Client::connect(port).get("/").head, expected.as_bytes());
}

#[test]
fn the_webmails_request_rule_makes_the_maintenance_page_of_a_slash() {
    let rule = r"  reqirep ^(GET\ /)(\ .*) \1/webmail.html\2";
    check_request(rule, "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n", "GET //webmail.html HTTP/1.1\r\nHost: e2e\r\n\r\n");
    check_request(rule, "GET /x HTTP/1.1\r\nHost: e2e\r\n\r\n", "GET /x HTTP/1.1\r\nHost: e2e\r\n\r\n");
    check_request(
        rule,
        "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 0\r\n\r\n",
    );
}

#[test]
fn the_webmails_response_rule_turns_http_locations_into_https_ones() {
    let rule = r"  rspirep ^(Location:\ )(http:[/]*)(.*) \1https://\3";
    let answer = |location: &str| format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    check_response(rule, &answer("http://h/p"), &answer("https://h/p"));
    check_response(rule, &answer("http:////h/p"), &answer("https://h/p"));
    check_response(rule, &answer("https://h/p"), &answer("https://h/p"));
    check_response(rule, &answer("/p"), &answer("/p"));
}

#[test]
fn a_replacement_is_the_whole_new_line() {
    if lacks("req* rules") {
        return;
    }
    check_request(r"  reqirep ^Host: Host:\ x", "GET / HTTP/1.1\r\nhost: h.example\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    check_request(r"  reqrep ^Host: Host:\ x", "GET / HTTP/1.1\r\nhost: h\r\n\r\n", "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
    check_request(
        r"  reqrep ^X-A:(.*) X-B:\1!",
        "GET / HTTP/1.1\r\nHost: e2e\r\nX-A: 1\r\nX-A: 2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: e2e\r\nX-B: 1!\r\nX-B: 2!\r\n\r\n",
    );
}

#[test]
fn rules_run_in_order_each_on_what_the_one_before_left() {
    if lacks("req* rules") {
        return;
    }
    check_request(
        "  reqrep ^GET\\ /a(.*) GET\\ /b\\1\n  reqrep ^GET\\ /b(.*) GET\\ /c\\1",
        "GET /a HTTP/1.1\r\nHost: e2e\r\n\r\n",
        "GET /c HTTP/1.1\r\nHost: e2e\r\n\r\n",
    );
}

#[test]
fn response_rules_see_the_status_line_and_each_field() {
    if lacks("rsp* rules") {
        return;
    }
    check_response(
        r"  rspirep ^HTTP/1.1\ 404\ .* HTTP/1.1\ 200\ OK",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    );
    check_response(
        r"  rspirep ^server:.* Server:\ hidden",
        "HTTP/1.1 200 OK\r\nServer: x/1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: hidden\r\nContent-Length: 0\r\n\r\n",
    );
}

#[test]
fn a_request_rule_in_the_backend_does_not_change_where_the_request_goes() {
    if lacks("req* rules") {
        return;
    }
    let (a, b, port) = (Origin::named("a"), Origin::named("b"), free_port());
    let _proxy = Proxy::start(&format!(
        "frontend f\n  bind 127.0.0.1:{port}\n  use_backend b if {{ path_beg /b }}\n  default_backend a\n\
         backend a\n  reqirep ^GET\\ /a(.*) GET\\ /b\\1\n  server a 127.0.0.1:{}\nbackend b\n  server b 127.0.0.1:{}\n",
        a.port, b.port
    ));
    assert_eq!(Client::connect(port).get("/a").text(), "a");
    assert_eq!(a.only_request().start_line(), "GET /b HTTP/1.1");
}

#[test]
fn a_request_rule_in_the_frontend_changes_what_use_backend_sees() {
    if lacks("req* rules") {
        return;
    }
    let (a, b, port) = (Origin::named("a"), Origin::named("b"), free_port());
    let _proxy = Proxy::start(&format!(
        "frontend f\n  bind 127.0.0.1:{port}\n  reqirep ^GET\\ /a(.*) GET\\ /b\\1\n  use_backend b if {{ path_beg /b }}\n  default_backend a\n\
         backend a\n  server a 127.0.0.1:{}\nbackend b\n  server b 127.0.0.1:{}\n",
        a.port, b.port
    ));
    assert_eq!(Client::connect(port).get("/a").text(), "b");
}

#[test]
fn a_replacement_that_leaves_no_request_line_is_answered_with_400() {
    if lacks("req* rules") {
        return;
    }
    let (origin, port) = (Origin::answering(OK), free_port());
    let _proxy =
        Proxy::start(&format!("listen l\n  bind 127.0.0.1:{port}\n  reqrep ^GET.* nonsense\n  server a 127.0.0.1:{}\n", origin.port));
    assert_eq!(Client::connect(port).get("/").status(), 400);
    assert!(origin.received().is_empty());
}
