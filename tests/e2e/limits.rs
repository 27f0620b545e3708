//! `maxconn` of a frontend and of the whole process: those past it wait in the kernel and are served when one leaves.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::wait_until;
use std::time::Duration;

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
