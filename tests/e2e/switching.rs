//! `use_backend ... if/unless` and `default_backend`; unconditional rules in a row, where the later ones are fallbacks.

use crate::support::client::{Client, get};
use crate::support::origin::{CHECK_PATH, Origin};
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;

const DEFAULTS: &str =
    "defaults\n  mode http\n  log global\n  timeout client 10s\n  timeout server 10s\n  timeout connect 1s\n  retries 0\n";

struct Two {
    a: Origin,
    b: Origin,
    syslog: Syslog,
    port: u16,
}

impl Two {
    fn new() -> Two {
        Two { a: Origin::named("a"), b: Origin::named("b"), syslog: Syslog::udp(), port: free_port() }
    }

    fn start(&self, rules: &str) -> Proxy {
        let backend = |name: &str, port: u16| {
            format!("backend {name}\n  option httpchk GET {CHECK_PATH}\n  server {name}1 127.0.0.1:{port} check inter 100 rise 2 fall 2\n")
        };
        Proxy::start(&format!(
            "global\n  log 127.0.0.1:{} local0\n{DEFAULTS}frontend f\n  bind 127.0.0.1:{}\n{rules}\n{}{}",
            self.syslog.port,
            self.port,
            backend("a", self.a.port),
            backend("b", self.b.port)
        ))
    }
}

#[test]
fn the_first_rule_that_holds_decides() {
    let two = Two::new();
    let _proxy = two.start("  acl x path_beg /x\n  acl y path_beg /x/y\n  use_backend a if x\n  use_backend b if y\n  default_backend b");
    assert_eq!(get(two.port, "/x/y").text(), "a");
    assert_eq!(get(two.port, "/z").text(), "b");
}

#[test]
fn unless_turns_the_condition_around() {
    let two = Two::new();
    let _proxy = two.start("  acl x path_beg /x\n  use_backend a unless x\n  default_backend b");
    assert_eq!(get(two.port, "/x").text(), "b");
    assert_eq!(get(two.port, "/z").text(), "a");
}

#[test]
fn each_request_of_a_connection_is_switched_by_itself() {
    let two = Two::new();
    let _proxy = two.start("  use_backend a if { path_beg /a }\n  default_backend b");
    let mut client = Client::connect(two.port);
    for _ in 0..3 {
        assert_eq!(client.get("/a").text(), "a");
        assert_eq!(client.get("/b").text(), "b");
    }
}

#[test]
fn without_a_rule_that_holds_there_is_no_server() {
    let two = Two::new();
    let _proxy = two.start("  option httplog\n  use_backend a if { path_beg /a }");
    assert_eq!(get(two.port, "/z").status(), 503);
    let line = two.syslog.wait_for("GET /z");
    assert!(line.contains(" f f/<NOSRV> ") && line.contains(" SC-- "), "{line}");
}

#[test]
fn a_rule_with_a_real_condition_stays_final_when_its_backend_is_down() {
    let two = Two::new();
    let _proxy = two.start("  use_backend a if { path_beg / }\n  default_backend b");
    two.a.wait_received(1);
    two.a.answer_checks_with(500);
    two.syslog.wait_for("Server a/a1 is DOWN");
    assert_eq!(get(two.port, "/").status(), 503);
}

#[test]
fn a_fallback_serves_while_the_backend_before_has_no_usable_server() {
    if lacks("fallbacks: its second unconditional rule is dead") {
        return;
    }
    let two = Two::new();
    let _proxy = two.start("  use_backend a if TRUE\n  use_backend b if TRUE");
    two.a.wait_received(1);
    assert_eq!(get(two.port, "/").text(), "a");
    two.a.answer_checks_with(500);
    two.syslog.wait_for("Server a/a1 is DOWN");
    let mut client = Client::connect(two.port);
    for _ in 0..5 {
        assert_eq!(client.get("/").text(), "b");
    }
    two.a.answer_checks_with(200);
    two.syslog.wait_for("Server a/a1 is UP");
    assert_eq!(client.get("/").text(), "a");
    two.a.answer_checks_with(500);
    two.b.answer_checks_with(500);
    two.syslog.wait_for("Server b/b1 is DOWN");
    crate::support::wait_until("nothing was left to serve", || client.get("/").status() == 503);
}

#[test]
fn the_default_backend_is_the_last_fallback() {
    if lacks("fallbacks: its second unconditional rule is dead") {
        return;
    }
    let two = Two::new();
    let _proxy = two.start("  use_backend a if TRUE\n  default_backend b");
    two.a.wait_received(1);
    assert_eq!(get(two.port, "/").text(), "a");
    two.a.answer_checks_with(500);
    two.syslog.wait_for("Server a/a1 is DOWN");
    assert_eq!(get(two.port, "/").text(), "b");
}

#[test]
fn a_notice_at_load_names_the_rules_that_are_fallbacks() {
    if lacks("fallbacks: its second unconditional rule is dead") {
        return;
    }
    let two = Two::new();
    let proxy = two.start("  use_backend a if TRUE\n  use_backend b if TRUE");
    crate::support::wait_until("a notice came", || proxy.said().contains("fallback"));
    assert!(proxy.said().contains("haproxy.cfg:"), "with its place: {}", proxy.said());
}
