//! `option httpchk` with `inter`, `rise` and `fall`: the bytes of a check, how many it takes, what is logged, where traffic goes.

use crate::support::client::get;
use crate::support::origin::{CHECK_PATH, Origin};
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::syslog::Syslog;
use crate::support::wait_until;

fn start(port: u16, syslog: &Syslog, backend: &str) -> Proxy {
    Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\n\
         defaults\n  mode http\n  log global\n  option httplog\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n  retries 0\n\
         frontend f\n  bind 127.0.0.1:{port}\n  default_backend b\nbackend b\n{backend}\n",
        syslog.port
    ))
}

#[track_caller]
fn check_bytes(httpchk: &str, expected: &str) {
    let origin = Origin::named("a");
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, &format!("  option httpchk{httpchk}\n  server a 127.0.0.1:{} check inter 100", origin.port));
    origin.wait_received(2);
    let received = origin.received();
    assert_eq!(received[0].head.escape_ascii().to_string(), expected.as_bytes().escape_ascii().to_string(), "option httpchk{httpchk}");
    assert!(origin.connections() >= received.len(), "each check has its own connection");
}

#[test]
fn a_check_sends_exactly_what_httpchk_says() {
    check_bytes("", "OPTIONS / HTTP/1.0\r\n\r\n");
    check_bytes(" /alive", "OPTIONS /alive HTTP/1.0\r\n\r\n");
    check_bytes(" GET /haproxy.check", "GET /haproxy.check HTTP/1.0\r\n\r\n");
}

#[test]
fn traffic_flows_before_the_first_check() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, &format!("  option httpchk\n  server a 127.0.0.1:{} check inter 60s", origin.port));
    assert_eq!(get(port, "/").text(), "a");
}

#[test]
fn it_takes_fall_failures_in_a_row_to_go_down_and_rise_successes_to_come_back() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let server = format!("  option httpchk GET {CHECK_PATH}\n  server a 127.0.0.1:{} check inter 100 rise 3 fall 2", origin.port);
    let _proxy = start(port, &syslog, &server);
    origin.wait_received(1);
    wait_until("a check had succeeded", || origin.checks().len() >= 2);
    let good = origin.checks().len();
    origin.answer_checks_with(500);
    let down = syslog.wait_for("Server b/a is DOWN");
    let failed = origin.checks().len() - good;
    assert!((2..=3).contains(&failed), "down after {failed} failures");
    for part in [
        "reason: Layer7 wrong status, code: 500",
        "check duration: ",
        "0 active and 0 backup servers left.",
        "0 requeued, 0 remaining in queue.",
    ] {
        assert!(down.contains(part), "'{part}' in {down}");
    }
    assert!(down.starts_with("<129>"), "an alert: {down}");
    let gone = syslog.wait_for("backend b has no server available!");
    assert!(gone.starts_with("<128>"), "an emergency: {gone}");
    assert_eq!(get(port, "/").status(), 503);

    let bad = origin.checks().len();
    origin.answer_checks_with(204);
    let up = syslog.wait_for("Server b/a is UP");
    let succeeded = origin.checks().len() - bad;
    assert!((3..=4).contains(&succeeded), "up after {succeeded} successes");
    for part in
        ["reason: Layer7 check passed, code: 204", "1 active and 0 backup servers online.", "0 sessions requeued, 0 total in queue."]
    {
        assert!(up.contains(part), "'{part}' in {up}");
    }
    assert!(up.starts_with("<133>"), "a notice: {up}");
    assert_eq!(get(port, "/").text(), "a");
}

#[test]
fn one_failure_at_the_start_is_enough_to_go_down() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    origin.answer_checks_with(503);
    let server = format!("  option httpchk GET {CHECK_PATH}\n  server a 127.0.0.1:{} check inter 60s rise 2 fall 3", origin.port);
    let _proxy = start(port, &syslog, &server);
    syslog.wait_for("Server b/a is DOWN");
    assert_eq!(origin.checks().len(), 1);
}

#[test]
fn statuses_of_200_to_399_are_successes() {
    for (status, good) in [(200, true), (302, true), (399, true), (400, false), (404, false), (500, false)] {
        let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
        origin.answer_checks_with(status);
        // A machine with much to do may answer late: that is another test's matter.
        let lines = format!("  timeout check 5s\n  option httpchk GET {CHECK_PATH}");
        let _proxy = start(port, &syslog, &format!("{lines}\n  server a 127.0.0.1:{} check inter 50 rise 1 fall 1", origin.port));
        if good {
            origin.wait_received(3);
            assert!(!syslog.holds("is DOWN"), "{status} is a success");
        } else {
            syslog.wait_for("Server b/a is DOWN");
        }
    }
}

#[test]
fn a_server_that_refuses_connections_goes_down_and_its_share_goes_to_the_other() {
    let (mut a, b, syslog, port) = (Origin::named("a"), Origin::named("b"), Syslog::udp(), free_port());
    let server = |name: &str, port: u16| format!("  server {name} 127.0.0.1:{port} check inter 100 rise 2 fall 2\n");
    let _proxy = start(port, &syslog, &format!("  option httpchk GET {CHECK_PATH}\n{}{}", server("a", a.port), server("b", b.port)));
    a.wait_received(1);
    a.stop();
    let down = syslog.wait_for("Server b/a is DOWN");
    assert!(down.contains("Layer4 connection problem") && down.contains("1 active and 0 backup servers left."), "{down}");
    for _ in 0..6 {
        assert_eq!(get(port, "/").text(), "b");
    }
    let a = Origin::named_at(a.port, "a");
    syslog.wait_for("Server b/a is UP");
    let answers: String = (0..4).map(|_| get(port, "/").text()).collect();
    assert!(answers.contains('a') && answers.contains('b'), "{answers}");
    drop(a);
}

#[test]
fn a_plain_check_only_connects() {
    let (mut origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, &format!("  server a 127.0.0.1:{} check inter 50 rise 1 fall 1", origin.port));
    assert_eq!(get(port, "/").text(), "a");
    origin.stop();
    let down = syslog.wait_for("Server b/a is DOWN");
    assert!(down.contains("Layer4 connection problem"), "{down}");
    let origin = Origin::named_at(origin.port, "a");
    let up = syslog.wait_for("Server b/a is UP");
    assert!(up.contains("Layer4 check passed"), "{up}");
    assert_eq!(get(port, "/").text(), "a");
    assert_eq!(origin.received().len(), 1, "no check sent anything");
}

#[test]
fn a_server_that_is_silent_fails_its_check_after_inter() {
    let origin = Origin::script(|visit| {
        visit.request()?;
        visit.hold()
    });
    let (syslog, port) = (Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, &format!("  option httpchk\n  server a 127.0.0.1:{} check inter 200 rise 1 fall 1", origin.port));
    let down = syslog.wait_for("Server b/a is DOWN");
    assert!(down.contains("Layer7 timeout"), "{down}");
}

#[test]
fn a_change_of_state_is_told_on_stderr_too() {
    let (mut origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let server = format!("  option httpchk GET {CHECK_PATH}\n  server a 127.0.0.1:{} check inter 100 rise 1 fall 1", origin.port);
    let proxy = start(port, &syslog, &server);
    origin.wait_received(1);
    origin.stop();
    syslog.wait_for("Server b/a is DOWN");
    wait_until("stderr told it", || proxy.said().contains("Server b/a is DOWN"));
    if !is_standing_in() {
        assert!(proxy.said().contains("[WARNING]"), "{}", proxy.said());
    }
    wait_until("stderr told that no server is left", || proxy.said().contains("backend 'b' has no server available!"));
}
