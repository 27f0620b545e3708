//! `maxconn` of a frontend and of the whole process: those past it wait in the kernel and are served when one leaves.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::wait_until;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

#[track_caller]
fn check(global: &str, frontend: &str) {
    let (origin, port) = (Origin::named("a"), free_port());
    let _proxy = Proxy::start(&format!(
        "global\n{global}\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n{frontend}\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    let (mut first, mut second) = (Client::connect(port), Client::connect(port));
    assert_eq!((first.get("/1").text(), second.get("/2").text()), ("a".into(), "a".into()));
    let mut third = Client::connect(port);
    third.send("GET /3 HTTP/1.1\r\nHost: e2e\r\n\r\n");
    third.expect_silence(Duration::from_millis(150));
    assert_eq!(second.get("/2").text(), "a", "those inside are served on");
    drop(first);
    assert_eq!(third.response().text(), "a", "and one from outside when one leaves");
}

#[test]
fn a_frontends_maxconn_keeps_further_connections_waiting() {
    check("", "  maxconn 2");
}

#[test]
fn the_global_maxconn_keeps_further_connections_waiting() {
    check("  maxconn 2", "");
}

/// Clients that come at once, and how long it takes until the last of them is served.
#[track_caller]
fn check_rate(global: &str, frontend: &str, clients: usize, least_ms: u64) {
    let (origin, port) = (Origin::named("a"), free_port());
    let _proxy = Proxy::start(&format!(
        "global\n{global}\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n{frontend}\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    let begun = Instant::now();
    let mut all: Vec<Client> = (0..clients).map(|_| Client::connect(port)).collect();
    for client in &mut all {
        client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
    }
    for client in &mut all {
        assert_eq!(client.response().text(), "a", "nobody is refused");
    }
    let taken = begun.elapsed();
    assert!(taken >= Duration::from_millis(least_ms), "{clients} clients were served within {taken:?}");
}

#[test]
fn a_frontends_rate_limit_lets_so_many_in_within_a_second() {
    check_rate("", "  rate-limit sessions 5", 12, 1000);
    check_rate("", "  rate-limit sessions 500", 12, 0);
}

#[test]
fn the_rates_of_the_process_count_all_clients() {
    check_rate("  maxconnrate 5", "", 12, 1000);
    check_rate("  maxsessrate 5", "", 12, 1000);
}

#[test]
fn minconn_is_the_limit_of_a_server_while_its_backend_has_little_to_do() {
    let allowed = Arc::new((Mutex::new(0_usize), Condvar::new()));
    let gate = allowed.clone();
    let origin = Origin::script(move |visit| {
        while visit.request()?.is_some() {
            let (count, changed) = &*gate;
            let guard = count.lock().expect("no panic while held");
            let waited = changed.wait_timeout_while(guard, Duration::from_secs(10), |count| *count == 0);
            *waited.expect("no panic while held").0 -= 1;
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")?;
        }
        Ok(())
    });
    let allow = |count: usize| {
        *allowed.0.lock().expect("no panic while held") += count;
        allowed.1.notify_all();
    };
    let port = free_port();
    let _proxy = Proxy::start(&format!(
        "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  fullconn 8\n  server a 127.0.0.1:{} minconn 1 maxconn 4\n",
        origin.port
    ));
    let mut clients: Vec<Client> = (0..8).map(|_| Client::connect(port)).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: e2e\r\n\r\n");
        client.expect_silence(Duration::from_millis(30));
    }
    assert_eq!(origin.received().len(), 1, "one at a time while little is asked for");
    allow(1);
    origin.wait_received(5);
    clients[7].expect_silence(Duration::from_millis(100));
    assert_eq!(origin.received().len(), 5, "four at a time where eight is full");
    allow(7);
    for client in &mut clients {
        assert_eq!(client.response().text(), "hi", "and all are served");
    }
}

#[test]
fn nothing_is_left_open_when_everyone_has_gone() {
    let (origin, port) = (Origin::named("a"), free_port());
    let proxy = Proxy::start(&format!(
        "defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  option httpclose\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    assert_eq!(Client::connect(port).get("/").text(), "a");
    wait_until("the first connection was gone", || connections_of(&proxy, port) == 0);
    let (before, memory) = (proxy.descriptors(), proxy.resident_kib());
    for _ in 0..300 {
        assert_eq!(Client::connect(port).get("/").text(), "a");
        drop(Client::connect(port));
    }
    wait_until(&format!("descriptors were {before} again"), || proxy.descriptors() <= before);
    assert!(proxy.resident_kib() < memory + 4096, "{memory} KiB before, {} KiB after", proxy.resident_kib());
}

/// Sockets of the proxy that are established on a port.
fn connections_of(proxy: &Proxy, port: u16) -> usize {
    let (table, own) = (std::fs::read_to_string("/proc/net/tcp").unwrap_or_default(), proxy.sockets());
    let ending = format!(":{port:04X}");
    let established = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        matches!(words[..], [_, local, _, "01", _, _, _, _, _, inode, ..] if local.ends_with(&ending) && own.iter().any(|each| each == inode))
    };
    table.lines().filter(established).count()
}

#[test]
fn stats_maxconn_keeps_further_control_connections_waiting() {
    let port = free_port();
    let proxy = Proxy::start(&format!(
        "global\n  stats socket @DIR@/control level admin\n  stats maxconn 2\n  stats timeout 60s\n\
         listen l\n  bind 127.0.0.1:{port}\n  mode http\n  timeout client 10s\n"
    ));
    let connect = || {
        let mut stream = UnixStream::connect(proxy.folder().join("control")).expect("room in the queue");
        stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket");
        stream.write_all(b"prompt\nshow env HOME\n").expect("a socket");
        stream
    };
    let answered = |stream: &mut UnixStream| stream.read(&mut [0; 256]).is_ok_and(|count| count > 0);
    let (mut first, mut second) = (connect(), connect());
    assert!(answered(&mut first) && answered(&mut second));
    let mut third = connect();
    assert!(!answered(&mut third), "the third waits");
    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    assert!(answered(&mut third), "and is served when one leaves");
}
