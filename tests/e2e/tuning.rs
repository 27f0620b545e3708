//! Options about logs, probes and quiet connections, and lines of `global` that change what is seen: `set-var`, `tune.http.*`, `grace`.

use crate::support::client::{Client, get};
use crate::support::control::ask;
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::{is_standing_in, lacks};
use crate::support::syslog::Syslog;
use crate::support::wait_until;
use nix::sys::signal::Signal;
use std::time::{Duration, Instant};

const TIMES: &str = "  timeout client 10s\n  timeout server 10s\n  timeout connect 1s\n  retries 0\n";

fn start(global: &str, lines: &str) -> Proxy {
    Proxy::start(&format!(
        "global\n  stats socket @DIR@/control level admin\n  nbthread 1\n{global}\ndefaults\n  mode http\n{TIMES}{lines}"
    ))
}

/// A proxy with a working and a dead backend that logs.
fn start_logging(syslog: &Syslog, port: u16, origin: &Origin, option: &str) -> Proxy {
    start(
        &format!("  log 127.0.0.1:{} local0", syslog.port),
        &format!(
            "listen l\n  bind 127.0.0.1:{port}\n  log global\n  option httplog\n  {option}\n  use_backend dead if {{ path_beg /dead }}\n  \
             server a 127.0.0.1:{}\nbackend dead\n  server d 127.0.0.1:{}\n",
            origin.port,
            free_port()
        ),
    )
}

#[test]
fn with_dontlog_normal_only_what_went_wrong_is_logged() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start_logging(&syslog, port, &origin, "option dontlog-normal");
    assert_eq!((get(port, "/fine").status(), get(port, "/dead").status()), (200, 503));
    syslog.wait_for("/dead");
    assert!(!syslog.holds("/fine"), "{:?}", syslog.lines());
}

#[test]
fn with_log_separate_errors_what_went_wrong_has_the_level_err() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start_logging(&syslog, port, &origin, "option log-separate-errors");
    assert_eq!((get(port, "/fine").status(), get(port, "/dead").status()), (200, 503));
    let level = |path: &str| HttpLog::parse(&syslog.wait_for(path)).priority % 8;
    assert_eq!((level("/fine"), level("/dead")), (6, 3));
}

#[test]
fn with_http_ignore_probes_a_connection_without_a_byte_is_not_spoken_of() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start_logging(&syslog, port, &origin, "option http-ignore-probes\n  timeout http-request 300");
    drop(Client::connect(port));
    let mut quiet = Client::connect(port);
    quiet.expect_close();
    let mut half = Client::connect(port);
    half.send("GET /half");
    assert_eq!(half.response().status(), 408, "one that began to speak is answered");
    assert_eq!(get(port, "/fine").status(), 200);
    syslog.wait_for("/fine");
    let badreq = syslog.lines().iter().filter(|line| line.contains("<BADREQ>")).count();
    assert_eq!(badreq, 1, "{:?}", syslog.lines());
}

#[test]
fn a_switch_begins_with_what_set_var_says() {
    let (origin, port) = (Origin::named("a"), free_port());
    let proxy = start(
        "  set-var proc.maint bool(true)\n  set-var proc.number int(40),add(2)\n  set-var-fmt proc.text \"a %[str(b)]\"",
        &format!(
            "listen l\n  bind 127.0.0.1:{port}\n  http-request deny deny_status 429 if {{ var(proc.maint) -m bool }}\n  server a 127.0.0.1:{}\n",
            origin.port
        ),
    );
    assert_eq!(get(port, "/").status(), 429);
    let value = |name: &str| ask(&proxy, &format!("get var proc.{name}")).trim_end().to_string();
    assert_eq!(value("number"), "proc.number: type=sint value=<42>");
    assert_eq!(value("text"), "proc.text: type=str value=<a b>");
    assert!(value("maint").starts_with("proc.maint: type=bool value=<"), "{}", value("maint"));
    if !is_standing_in() {
        ask(&proxy, "set var proc.maint bool(false)");
        assert_eq!(get(port, "/").status(), 200, "what is set at run time stands above it");
        ask(&proxy, "unset var proc.maint");
        assert_eq!(get(port, "/").status(), 429, "and what the file says is there again without it");
    }
}

#[test]
fn the_log_has_as_much_of_lines_and_cookies_as_asked_for() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(
        &format!("  log 127.0.0.1:{} len 4096 local0\n  tune.http.logurilen 30\n  tune.http.cookielen 9", syslog.port),
        &format!(
            "listen l\n  bind 127.0.0.1:{port}\n  log global\n  option httplog\n  capture cookie S= len 60\n  server a 127.0.0.1:{}\n",
            origin.port
        ),
    );
    Client::connect(port).ask("GET /0123456789012345678901234567890123456789 HTTP/1.1\r\nHost: e2e\r\nCookie: S=0123456789\r\n\r\n");
    let line = syslog.wait_for("GET /01");
    assert!(
        line.contains("\"GET /0123456789012345678901234") && !line.contains("/01234567890123456789012345"),
        "30 bytes of the line: {line}"
    );
    assert!(line.contains(" S=0123456 - "), "9 bytes of the cookie: {line}");
}

#[test]
fn within_its_grace_the_process_takes_clients_and_then_ends() {
    let (origin, port) = (Origin::named("a"), free_port());
    let mut proxy =
        start("  grace 600", &format!("listen l\n  bind 127.0.0.1:{port}\n  option httpclose\n  server a 127.0.0.1:{}\n", origin.port));
    assert_eq!(get(port, "/").text(), "a");
    let begun = Instant::now();
    proxy.signal(Signal::SIGUSR1);
    while begun.elapsed() < Duration::from_millis(400) {
        assert_eq!(get(port, "/").text(), "a", "after {:?}", begun.elapsed());
    }
    assert!(proxy.wait_exit().success());
    assert!(begun.elapsed() >= Duration::from_millis(590), "{:?}", begun.elapsed());
}

#[test]
fn a_frontend_with_grace_closes_later_than_one_without() {
    if lacks("grace of a frontend since 2.5") {
        return;
    }
    let (origin, port, other) = (Origin::named("a"), free_port(), free_port());
    let mut proxy = start(
        "",
        &format!(
            "listen l\n  bind 127.0.0.1:{port}\n  option httpclose\n  grace 800\n  server a 127.0.0.1:{0}\n\
             listen m\n  bind 127.0.0.1:{other}\n  option httpclose\n  server a 127.0.0.1:{0}\n",
            origin.port
        ),
    );
    assert_eq!((get(port, "/").text(), get(other, "/").text()), ("a".into(), "a".into()));
    let begun = Instant::now();
    proxy.signal(Signal::SIGUSR1);
    wait_until("the one without grace was closed", || Client::try_connect(other).is_err());
    assert!(begun.elapsed() < Duration::from_millis(700), "{:?}", begun.elapsed());
    assert_eq!(get(port, "/").text(), "a", "the other still serves");
    assert!(proxy.wait_exit().success());
    assert!(begun.elapsed() >= Duration::from_millis(790), "{:?}", begun.elapsed());
}

#[test]
fn connections_of_both_sides_are_probed_as_asked_for() {
    let (origin, port) = (Origin::named("a"), free_port());
    let proxy = start(
        "  tune.rcvbuf.client 65536\n  tune.sndbuf.server 65536\n  tune.maxaccept 1",
        &format!(
            "listen l\n  bind 127.0.0.1:{port}\n  option tcpka\n  clitcpka-cnt 3\n  clitcpka-idle 77s\n  clitcpka-intvl 5s\n  \
             srvtcpka-idle 99s\n  server a 127.0.0.1:{} tcp-ut 20s\n",
            origin.port
        ),
    );
    let mut client = Client::connect(port);
    assert_eq!(client.get("/").text(), "a");
    // The system shows for each connection which timer runs (02 is that of probes) and when it ends, in hundredths of a second.
    let (own, table) = (proxy.sockets(), std::fs::read_to_string("/proc/net/tcp").expect("the system's table"));
    let left_seconds = |column: usize, port: u16| {
        let ending = format!(":{port:04X}");
        let is_own = |words: &Vec<&str>| words[column].ends_with(&ending) && words[3] == "01" && own.iter().any(|inode| *inode == words[9]);
        let words = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>()).find(is_own).expect("a connection");
        let (kind, ticks) = words[5].split_once(':').expect("a timer");
        (kind.to_string(), u64::from_str_radix(ticks, 16).expect("a time") / 100)
    };
    for (what, seconds, (kind, left)) in [("client", 77, left_seconds(1, port)), ("server", 99, left_seconds(2, origin.port))] {
        assert!(kind == "02" && (seconds - 10..=seconds).contains(&left), "{what}: timer {kind} ends in {left} s");
    }
}
