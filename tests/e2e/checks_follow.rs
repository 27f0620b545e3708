//! What follows from checks: servers that track others, start slowly, are observed in traffic, end sessions when they go down, or
//! are left to those who are bound to them.

use crate::support::client::{Client, get};
use crate::support::control::ask;
use crate::support::origin::{CHECK_PATH, Origin};
use crate::support::proxy::{PREAMBLE, Proxy, free_port};
use crate::support::syslog::Syslog;
use crate::support::wait_until;

fn start(port: u16, syslog: &Syslog, backends: &str) -> Proxy {
    let global = PREAMBLE.replace("  nbthread 2\n", &format!("  nbthread 2\n  log 127.0.0.1:{} local0\n", syslog.port));
    Proxy::start(&format!(
        "{global}  log global\n  option httplog\n  retries 0\n  option httpchk GET {CHECK_PATH}\nfrontend f\n  bind 127.0.0.1:{port}\n  \
         default_backend b\nbackend b\n{backends}\n"
    ))
}

/// A column of a server's row.
fn column(proxy: &Proxy, backend: &str, server: &str, name: &str) -> String {
    let answer = ask(proxy, "show stat");
    let mut lines = answer.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().trim_start_matches("# ").split(',').collect();
    let at = head.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no column {name}"));
    let row = lines.find(|line| line.starts_with(&format!("{backend},{server},")));
    row.and_then(|row| row.split(',').nth(at)).unwrap_or_default().to_string()
}

const QUICK: &str = "check inter 100 rise 1 fall 1";

#[test]
fn a_server_that_tracks_another_is_up_and_down_with_it() {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let lines = format!(
        "  server t 127.0.0.1:{} track o/s\n  server u 127.0.0.1:{} track b/t\nbackend o\n  server s 127.0.0.1:{} {QUICK}",
        b.port, b.port, a.port
    );
    let proxy = start(port, &syslog, &lines);
    a.wait_received(1);
    assert_eq!(get(port, "/").text(), "b");
    a.answer_checks_with(500);
    syslog.wait_for("Server b/t is DOWN via o/s. 1 active and 0 backup servers left.");
    syslog.wait_for("Server b/u is DOWN via b/t. 0 active and 0 backup servers left.");
    assert_eq!((get(port, "/").status(), column(&proxy, "b", "t", "status").as_str()), (503, "DOWN"));
    assert_eq!(column(&proxy, "b", "u", "tracked"), "b/t");
    a.answer_checks_with(200);
    syslog.wait_for("Server b/u is UP via b/t. 2 active and 0 backup servers online.");
    assert_eq!(get(port, "/").text(), "b");
    ask(&proxy, "disable server o/s");
    syslog.wait_for("Server b/t is going DOWN for maintenance via o/s.");
    assert_eq!(get(port, "/").status(), 503);
    ask(&proxy, "enable server o/s");
    syslog.wait_for("Server b/u is UP/READY (leaving maintenance).");
    assert_eq!(get(port, "/").text(), "b");
}

#[test]
fn a_tracking_server_is_down_after_a_reload_as_before() {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    if crate::support::stand_in::lacks("reload that keeps its state") {
        return;
    }
    let backends = format!("  server t 127.0.0.1:{} track o/s\nbackend o\n  server s 127.0.0.1:{} {QUICK}", b.port, a.port);
    a.answer_checks_with(500);
    let proxy = start(port, &syslog, &backends);
    syslog.wait_for("Server b/t is DOWN via o/s.");
    assert!(ask(&proxy, "reload").starts_with("Success=1"));
    assert_eq!((get(port, "/").status(), column(&proxy, "b", "t", "status").as_str()), (503, "DOWN"));
    a.answer_checks_with(200);
    syslog.wait_for("Server b/t is UP via o/s.");
    assert_eq!(get(port, "/").text(), "b");
}

#[test]
fn a_404_leaves_a_server_to_those_who_are_bound_to_it() {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let lines = format!(
        "  http-check disable-on-404\n  cookie S insert\n  server a 127.0.0.1:{} {QUICK} cookie A\n  server b 127.0.0.1:{} cookie B",
        a.port, b.port
    );
    let proxy = start(port, &syslog, &lines);
    a.wait_received(1);
    a.answer_checks_with(404);
    let line = syslog.wait_for("Server b/a is stopping, reason: Layer7 check conditionally passed, code: 404");
    assert!(line.contains("1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue."), "{line}");
    for _ in 0..3 {
        assert_eq!(get(port, "/").text(), "b", "new clients go elsewhere");
    }
    let mut bound = Client::connect(port);
    assert_eq!(bound.ask("GET / HTTP/1.1\r\nHost: h\r\nCookie: S=A\r\n\r\n").text(), "a");
    assert_eq!(column(&proxy, "b", "a", "status"), "NOLB");
    a.answer_checks_with(200);
    syslog.wait_for("Server b/a is UP, reason: Layer7 check passed, code: 200");
}

#[test]
fn traffic_that_fails_counts_like_checks_that_fail() {
    let syslog = Syslog::udp();
    for (on_error, limit) in [("mark-down", 3), ("fail-check", 2), ("sudden-death", 1)] {
        let port = free_port();
        let origin = Origin::answering("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
        let lines = format!(
            "  http-check expect status 500\n  server {on_error} 127.0.0.1:{} check inter 60s observe layer7 error-limit {limit} on-error {on_error}",
            origin.port
        );
        let proxy = start(port, &syslog, &lines);
        origin.wait_received(1);
        // The first check jumps to full health, so that fail-check and sudden-death alone do not take it down.
        wait_until("the check was counted", || column(&proxy, "b", on_error, "check_status") == "L7OK");
        for _ in 0..limit {
            assert_eq!(get(port, "/").status(), 500);
        }
        if on_error == "mark-down" {
            let down = syslog.wait_for("Server b/mark-down is DOWN");
            let reason = "reason: Health analyze, info: \"Detected 3 consecutive errors, last one was: Wrong http response\".";
            assert!(down.contains(reason), "{down}");
            assert_eq!(get(port, "/").status(), 503);
        } else {
            wait_until("it was counted", || column(&proxy, "b", on_error, "hanafail") == "1");
            assert_eq!(get(port, "/").status(), 500, "it takes more than that");
        }
    }
}

#[test]
fn sessions_end_when_their_server_goes_down_where_that_is_asked_for() {
    let origin = Origin::script(|visit| {
        while let Some(request) = visit.request()? {
            let status = visit.check_status();
            match request.start_line().split(' ').nth(1) == Some(CHECK_PATH) {
                true => visit.wire.send(format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n").as_bytes())?,
                false => return visit.hold(),
            }
        }
        Ok(())
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, &format!("  server a 127.0.0.1:{} {QUICK} on-marked-down shutdown-sessions", origin.port));
    origin.wait_received(1);
    let mut client = Client::connect(port);
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until("the server has the request", || origin.received().iter().any(|message| message.start_line().starts_with("GET / ")));
    origin.answer_checks_with(500);
    assert_eq!(client.response().status(), 502);
    let line = syslog.wait_for("GET / HTTP/1.1");
    assert!(line.contains(" DH-- "), "{line}");
}

#[test]
fn a_server_that_came_up_gets_its_weight_step_by_step() {
    let (a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    a.answer_checks_with(500);
    let lines = format!("  server a 127.0.0.1:{} {QUICK} slowstart 60s weight 100\n  server b 127.0.0.1:{} weight 100", a.port, b.port);
    let proxy = start(port, &syslog, &lines);
    syslog.wait_for("Server b/a is DOWN");
    a.answer_checks_with(200);
    syslog.wait_for("Server b/a is UP");
    let throttle: u32 = column(&proxy, "b", "a", "throttle").trim_end_matches('%').parse().expect("a percentage");
    assert!(throttle < 20, "{throttle}%");
    let answers: String = (0..34).map(|_| get(port, "/").text()).collect();
    let share = answers.matches('a').count();
    assert!((1..=8).contains(&share), "{answers}");
}

#[test]
fn an_administrator_can_say_how_a_server_is() {
    let (a, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let proxy =
        start(port, &syslog, &format!("  server a 127.0.0.1:{} check inter 60s\n  server t 127.0.0.1:{} track a disabled", a.port, a.port));
    a.wait_received(1);
    let said = |line: &str, expected: &str| assert_eq!(ask(&proxy, line).trim(), expected, "{line}");
    said("set server b/a health down", "");
    syslog.wait_for("Server b/a is DOWN, changed from CLI. 0 active and 0 backup servers left.");
    assert_eq!(get(port, "/").status(), 503);
    said("set server b/a health up", "");
    syslog.wait_for("Server b/a is UP, changed from CLI. 1 active");
    assert_eq!(get(port, "/").text(), "a");
    said("set server b/a health stopping", "");
    syslog.wait_for("Server b/a is stopping, changed from CLI.");
    said("set server b/a health ill", "'set server <srv> health' expects 'up', 'stopping', or 'down'.");
    said("set server b/t health up", "cannot change health on a tracking server.");
    said("set server b/nobody health up", "No such server.");
}

#[test]
fn statistics_tell_what_the_last_check_came_to() {
    let (a, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    a.answer_checks_with(503);
    let proxy = start(port, &syslog, &format!("  server a 127.0.0.1:{} check inter 60s", a.port));
    syslog.wait_for("Server b/a is DOWN");
    let expected = [
        ("check_status", "L7STS"),
        ("check_code", "503"),
        ("last_chk", "Said"),
        ("check_desc", "Layer7 wrong status"),
        ("chkfail", "1"),
        ("chkdown", "1"),
    ];
    for (name, value) in expected {
        assert_eq!(column(&proxy, "b", "a", name), value, "{name}");
    }
}
