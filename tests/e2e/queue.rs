//! A server's `maxconn` and the queue before it: never more at once, first come first served, `timeout queue`.

use crate::support::client::Client;
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::syslog::Syslog;
use crate::support::wait_until;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// An origin that answers a request only when told, one at a time.
struct Gate {
    origin: Origin,
    allowed: Arc<(Mutex<usize>, Condvar)>,
    most: Arc<AtomicUsize>,
}

impl Gate {
    fn new() -> Gate {
        let allowed = Arc::new((Mutex::new(0_usize), Condvar::new()));
        let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let (waits, highest) = (Arc::clone(&allowed), Arc::clone(&most));
        let origin = Origin::script(move |visit| {
            while visit.request()?.is_some() {
                highest.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let (count, changed) = &*waits;
                let limit = Duration::from_secs(10);
                let guard = count.lock().expect("no panic while held");
                let (mut guard, _) = changed.wait_timeout_while(guard, limit, |count| *count == 0).expect("no panic while held");
                *guard = guard.saturating_sub(1);
                drop(guard);
                now.fetch_sub(1, Ordering::SeqCst);
                visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")?;
            }
            Ok(())
        });
        Gate { origin, allowed, most }
    }

    fn allow(&self, count: usize) {
        *self.allowed.0.lock().expect("no panic while held") += count;
        self.allowed.1.notify_all();
    }
}

fn start(port: u16, syslog: &Syslog, lines: &str, gate: &Gate) -> Proxy {
    Proxy::start(&format!(
        "global\n  log 127.0.0.1:{} local0\n  nbthread 1\n\
         defaults\n  mode http\n  log global\n  option httplog\n  timeout client 20s\n  timeout server 20s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n{lines}\n  server a 127.0.0.1:{} maxconn 1 cookie A\n",
        syslog.port, gate.origin.port
    ))
}

#[test]
fn requests_past_a_servers_maxconn_wait_and_are_served_in_order() {
    let (gate, syslog, port) = (Gate::new(), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "", &gate);
    let mut clients: Vec<Client> = (0..5).map(|_| Client::connect(port)).collect();
    gate.allow(5);
    for client in &mut clients {
        assert_eq!(client.get("/warm").text(), "hi", "every connection is accepted and known to the worker");
    }
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(format!("GET /{number} HTTP/1.1\r\nHost: e2e\r\n\r\n"));
        if number == 0 {
            gate.origin.wait_received(6);
        }
    }
    clients[4].expect_silence(Duration::from_millis(100));
    assert_eq!(gate.origin.received().len(), 6, "one at the server, the rest in the queue");
    for (number, client) in clients.iter_mut().enumerate() {
        gate.allow(1);
        assert_eq!(client.response().text(), "hi", "request {number}");
    }
    let order: Vec<String> = gate.origin.received().iter().skip(5).map(|request| request.start_line()).collect();
    assert_eq!(order, (0..5).map(|number| format!("GET /{number} HTTP/1.1")).collect::<Vec<_>>());
    assert_eq!(gate.most.load(Ordering::SeqCst), 1, "never two at once");
    wait_until("all were logged", || syslog.lines().iter().filter(|line| line.contains("GET /")).count() == 10);
    let queues: Vec<Vec<u32>> = (0..5).map(|number| HttpLog::parse(&syslog.wait_for(&format!("GET /{number} "))).queues).collect();
    assert_eq!(queues, [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4]], "requests ahead in the backend's queue or at the server");
}

#[test]
fn a_request_with_the_servers_cookie_waits_in_the_servers_own_queue() {
    let (gate, syslog, port) = (Gate::new(), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  cookie SID insert indirect", &gate);
    let mut first = Client::connect(port);
    first.send("GET /first HTTP/1.1\r\nHost: e2e\r\n\r\n");
    gate.origin.wait_received(1);
    let mut second = Client::connect(port);
    second.send("GET /second HTTP/1.1\r\nHost: e2e\r\nCookie: SID=A\r\n\r\n");
    second.expect_silence(Duration::from_millis(50));
    gate.allow(2);
    assert_eq!(first.response().text(), "hi");
    assert_eq!(second.response().text(), "hi");
    let line = HttpLog::parse(&syslog.wait_for("/second"));
    assert!(line.timer(1) >= 40, "its time in the queue is Tw: {line:?}");
}

#[test]
fn a_request_that_waits_too_long_gets_503() {
    let (gate, syslog, port) = (Gate::new(), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  timeout queue 300", &gate);
    let mut first = Client::connect(port);
    first.send("GET /first HTTP/1.1\r\nHost: e2e\r\n\r\n");
    gate.origin.wait_received(1);
    let begun = Instant::now();
    assert_eq!(Client::connect(port).get("/second").status(), 503);
    assert!(begun.elapsed() >= Duration::from_millis(280), "{:?}", begun.elapsed());
    let line = HttpLog::parse(&syslog.wait_for("/second"));
    assert_eq!((line.state.as_str(), line.status, line.server.as_str()), ("sQ--", 503, "<NOSRV>"));
    assert!((290..2000).contains(&line.timer(1)), "{line:?}");
    gate.allow(1);
    assert_eq!(first.response().text(), "hi", "the one that was served is not disturbed");
}

#[test]
fn a_visitor_who_leaves_the_queue_frees_the_place() {
    let (gate, syslog, port) = (Gate::new(), Syslog::udp(), free_port());
    let _proxy = start(port, &syslog, "  option abortonclose", &gate);
    let mut first = Client::connect(port);
    first.send("GET /first HTTP/1.1\r\nHost: e2e\r\n\r\n");
    gate.origin.wait_received(1);
    let mut second = Client::connect(port);
    second.send("GET /second HTTP/1.1\r\nHost: e2e\r\n\r\n");
    second.expect_silence(Duration::from_millis(50));
    drop(second);
    let line = HttpLog::parse(&syslog.wait_for("/second"));
    assert_eq!(line.state, "CQ--");
    let mut third = Client::connect(port);
    third.send("GET /third HTTP/1.1\r\nHost: e2e\r\n\r\n");
    gate.allow(2);
    assert_eq!(first.response().text(), "hi");
    assert_eq!(third.response().text(), "hi");
    assert!(gate.origin.received().iter().all(|request| !request.start_line().contains("second")));
}
