//! Checks against servers on the loopback: what they come to, how often, and what they do to a server.

use super::*;
use crate::config::model::{Place, Proxy, Timeouts};
use crate::config::model_check::CheckProtocol;
use crate::state::State;
use crate::worker::clock::Clock;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

fn plan(lines: &str) -> Arc<CheckPlan> {
    crate::check::tests::plan(lines)
}

fn running(address: SocketAddr, plan: Arc<CheckPlan>) -> Arc<Running> {
    let check =
        Check { inter: Duration::from_millis(40), fastinter: None, downinter: None, rise: 1, fall: 1, send_proxy: 0, address: None };
    let server = Server::outside_of_balancing(Address::Inet(address), Default::default(), Place::default());
    let server = Server { name: "s".into(), id: 1, check: Some(check), ..server };
    let proxy = Proxy { name: "b".into(), servers: vec![server], check: plan, timeouts: Timeouts::default(), ..Proxy::default() };
    Arc::new(Running::new(Config { proxies: vec![proxy], ..Config::default() }, &State::default(), 1))
}

/// Runs checks until `enough` reports are there, or five seconds have passed.
fn reports(running: &Arc<Running>, enough: usize) -> Vec<Report> {
    let (clock, mut poll, mut events) = (Clock::start(), mio::Poll::new().unwrap(), mio::Events::with_capacity(8));
    let variables = Variables::default();
    let mut checker = Checker::new(100);
    checker.adopt(running, clock.now(), poll.registry());
    let mut reports = Vec::new();
    while reports.len() < enough && clock.now() < Moment(5000) {
        let turn = |registry| Turn { now: clock.now(), wall: clock.wall(), registry, variables: &variables };
        let registry = poll.registry().try_clone().unwrap();
        checker.expire(&turn(&registry));
        let wait = checker.next().since_ms(clock.now());
        poll.poll(&mut events, Some(Duration::from_millis(wait))).unwrap();
        events.iter().for_each(|event| checker.advance(event.token(), &turn(&registry)));
        reports.extend(checker.take_reports());
    }
    reports
}

/// A server that gives each connection its answer in turn (the last one again and again), after the request.
fn origin(answers: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (index, stream) in listener.incoming().flatten().enumerate() {
            let mut stream = stream;
            let mut request = [0; 256];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answers[index.min(answers.len() - 1)].as_bytes());
        }
    });
    address
}

#[test]
fn a_check_comes_to_haproxys_verdict() {
    let http = || plan("option httpchk GET /haproxy.check");
    let check = |address, plan, expected: &str| {
        let reports = reports(&running(address, plan), 1);
        let reason = reports[0].result.reason();
        let (reason, _) = reason.split_once(", check duration").unwrap();
        assert_eq!((reports[0].change, reason), (Change::Down, expected));
    };
    check(origin(&["HTTP/1.0 404 Not Found\r\n\r\n"]), http(), "reason: Layer7 wrong status, code: 404, info: \"Not Found\"");
    check(origin(&["HTTP/1.0 503 a\"<b>\r\n\r\n"]), http(), "reason: Layer7 wrong status, code: 503, info: \"a<22><3C>b<3E>\"");
    check(origin(&["what?"]), http(), "reason: Layer7 invalid response");
    check(origin(&[""]), http(), "reason: Layer7 invalid response");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    check(closed, plan(""), "reason: Layer4 connection problem, info: \"Connection refused\"");
    check(
        closed,
        plan("option tcp-check"),
        "reason: Layer4 connection problem, info: \"Connection refused at initial connection step of tcp-check\"",
    );
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    check(silent.local_addr().unwrap(), http(), "reason: Layer7 timeout");
    assert_eq!(http().protocol, CheckProtocol::Http);
}

#[test]
fn a_server_that_answers_again_comes_up() {
    let address = origin(&["HTTP/1.0 500 Oh\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"]);
    let running = running(address, plan("option httpchk"));
    let reports = reports(&running, 2);
    assert_eq!(reports.iter().map(|report| report.change).collect::<Vec<_>>(), [Change::Down, Change::Up]);
    assert_eq!(running.usable_servers(ProxyId(0)), 1);
    let state = &running.proxy(ProxyId(0)).unwrap().1.servers[0];
    assert_eq!(
        (state.checks.last().status, state.checks.last().number, state.standing.failed_checks.get()),
        (CheckStatus::Layer7Passed, 200, 1)
    );
}

#[test]
fn a_404_leaves_a_server_to_those_who_are_bound_to_it() {
    let address = origin(&["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.0 404 No\r\n\r\n", "HTTP/1.0 500 Oh\r\n\r\n"]);
    let running = running(address, plan("option httpchk\nhttp-check disable-on-404"));
    let reports = reports(&running, 3);
    let changes: Vec<_> = reports.iter().map(|report| (report.change, report.result.status.code())).collect();
    assert_eq!(changes, [(Change::None, "L7OK"), (Change::Stopping, "L7OKC"), (Change::Down, "L7STS")]);
    assert!(reports[2].was_stopping);
    assert_eq!(running.usable_servers(ProxyId(0)), 0);
}

#[test]
fn intervals_are_spread_evenly_about_their_length() {
    let check = |percent, most: Option<u64>, random, expected| {
        let most = most.map(Duration::from_millis);
        assert_eq!(spread(Duration::from_millis(1000), percent, most, random), Duration::from_millis(expected));
    };
    check(0, None, 200, 1000);
    check(50, None, 0, 500);
    check(50, None, 255, 1500);
    check(50, Some(100), 0, 900);
    check(50, Some(100), 255, 1100);
}
