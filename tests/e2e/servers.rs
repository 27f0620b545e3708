//! Where servers are and where connections to them come from: ports and addresses of the client's, `dispatch`, `transparent`, `redir`,
//! `source`, `server-template`, and how long idle connections are kept.

use crate::support::client::{Client, get};
use crate::support::httplog::HttpLog;
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::syslog::Syslog;
use std::net::{Ipv4Addr, SocketAddr};

const TIMES: &str = "defaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 1s\n  retries 0\n";

fn start(lines: &str) -> Proxy {
    Proxy::start(&format!("global\n  stats socket @DIR@/control level admin\n  nbthread 1\n{TIMES}{lines}"))
}

/// An origin that answers with the address that the connection comes from, and which connection it is.
fn witness() -> Origin {
    Origin::script(|visit| {
        while visit.request()?.is_some() {
            let text = format!("{} {}", visit.wire.stream().peer_addr()?, visit.number);
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()).as_bytes())?;
        }
        Ok(())
    })
}

#[test]
fn a_server_with_an_offset_is_at_the_clients_port_and_that_much_more() {
    let (near, far, port) = (Origin::named("near"), Origin::named("far"), free_port());
    let other = free_port();
    let offset = |origin: &Origin, port: u16| i32::from(origin.port) - i32::from(port);
    let _proxy = start(&format!(
        "listen a\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{:+}\nlisten b\n  bind 127.0.0.1:{other}\n  server s 127.0.0.1:{:+}\n",
        offset(&near, port),
        offset(&far, other)
    ));
    assert_eq!((get(port, "/").text(), get(other, "/").text()), ("near".into(), "far".into()));
    let mut client = Client::connect(port);
    assert_eq!((client.get("/1").text(), client.get("/2").text()), ("near".into(), "near".into()), "also on a kept connection");
}

#[test]
fn a_server_without_a_port_is_at_the_clients_port() {
    let origin = Origin::named("a");
    let _proxy = start(&format!("listen l\n  bind 127.0.0.2:{}\n  server s 127.0.0.1\n", origin.port));
    let proxy_at = SocketAddr::from(([127, 0, 0, 2], origin.port));
    assert_eq!(Client::connect_to(proxy_at).get("/").text(), "a");
}

#[test]
fn a_server_at_any_address_is_where_the_client_connected_to() {
    let (port, server) = (free_port(), free_port());
    let (a, b) = (std::net::TcpListener::bind(("127.0.0.2", server)), std::net::TcpListener::bind(("127.0.0.3", server)));
    for (listener, name) in [(a, "two"), (b, "three")] {
        let listener = listener.expect("a free port");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut seen = Vec::new();
            while !seen.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                std::io::Read::read_exact(&mut stream, &mut byte).expect("a request");
                seen.push(byte[0]);
            }
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len());
            std::io::Write::write_all(&mut stream, answer.as_bytes()).expect("it is taken");
        });
    }
    let _proxy = start(&format!("listen l\n  bind *:{port}\n  server s 0.0.0.0:{server}\n"));
    for (last, name) in [(2, "two"), (3, "three")] {
        assert_eq!(Client::connect_to(SocketAddr::from(([127, 0, 0, last], port))).get("/").text(), name);
    }
}

#[test]
fn dispatch_takes_what_no_cookie_gives_to_a_server() {
    let (origin, server, syslog, port) = (Origin::named("dispatched"), Origin::named("chosen"), Syslog::udp(), free_port());
    let _proxy = start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  log 127.0.0.1:{} local0\n  option httplog\n  dispatch 127.0.0.1:{}\n  cookie SID\n  \
         server s 127.0.0.1:{} cookie S\n",
        syslog.port, origin.port, server.port
    ));
    let mut client = Client::connect(port);
    assert_eq!(client.get("/plain").text(), "dispatched");
    assert_eq!(client.ask("GET /named HTTP/1.1\r\nHost: e2e\r\nCookie: SID=S\r\n\r\n").text(), "chosen");
    let plain = HttpLog::parse(&syslog.wait_for("/plain"));
    assert_eq!((plain.backend.as_str(), plain.server.as_str(), plain.state.as_str()), ("l", "<NOSRV>", "----"));
    assert_eq!(plain.connections[3], "0");
    assert_eq!(HttpLog::parse(&syslog.wait_for("/named")).server, "s");
}

#[test]
fn dispatch_is_tried_again_as_a_server_is() {
    let (syslog, port, dead) = (Syslog::udp(), free_port(), free_port());
    let _proxy = start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  log 127.0.0.1:{} local0\n  option httplog\n  timeout connect 100\n  retries 2\n  \
         dispatch 127.0.0.1:{dead}\n",
        syslog.port
    ));
    assert_eq!(get(port, "/").status(), 503);
    let line = HttpLog::parse(&syslog.wait_for("GET /"));
    assert_eq!((line.state.as_str(), line.connections[4].as_str(), line.server.as_str()), ("SC--", "2", "<NOSRV>"));
    assert!((190..2000).contains(&line.timer(4)), "{line:?}");
}

#[test]
fn in_mode_tcp_dispatch_needs_no_server_either() {
    let (origin, port) = (Origin::named("a"), free_port());
    let _proxy = start(&format!("listen l\n  mode tcp\n  bind 127.0.0.1:{port}\n  dispatch 127.0.0.1:{}\n", origin.port));
    assert_eq!(get(port, "/").text(), "a");
}

#[test]
fn transparent_goes_to_where_the_client_connected_to() {
    for line in ["option transparent", "transparent"] {
        let (origin, port) = (Origin::named("there"), free_port());
        let _proxy = start(&format!("listen l\n  bind 127.0.0.1:{port} accept-proxy\n  {line}\n"));
        let mut client = Client::connect(port);
        client.send(format!("PROXY TCP4 192.0.2.1 127.0.0.1 4000 {}\r\n", origin.port));
        assert_eq!(client.get("/").text(), "there", "{line}");
    }
}

#[test]
fn a_redirecting_server_is_named_to_clients_that_only_read() {
    let (origin, syslog, port) = (Origin::named("direct"), Syslog::udp(), free_port());
    let _proxy = start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  log 127.0.0.1:{} local0\n  option httplog\n  server s 127.0.0.1:{} redir http://img.example/pre\n",
        syslog.port, origin.port
    ));
    let mut client = Client::connect(port);
    let answer = client.get("/a?b");
    assert_eq!((answer.status(), answer.value("Location").as_deref()), (302, Some("http://img.example/pre/a?b")));
    assert_eq!(answer.value("Cache-Control").as_deref(), Some("no-cache"));
    client.expect_close();
    let line = HttpLog::parse(&syslog.wait_for("/a?b"));
    assert_eq!((line.server.as_str(), line.state.as_str(), line.status), ("s", "LC--", 302));
    assert_eq!(&line.timers[1..4], ["0", "-1", "-1"]);
    let mut absolute = Client::connect(port);
    let answer = absolute.ask("GET http://e2e/x HTTP/1.1\r\nHost: e2e\r\n\r\n");
    assert_eq!(answer.value("Location").as_deref(), Some("http://img.example/pre/x"));
    let posted = Client::connect(port).ask("POST /a HTTP/1.1\r\nHost: e2e\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(posted.text(), "direct", "what is not only read goes through");
    assert_eq!(origin.received().len(), 1);
}

#[test]
fn connections_come_from_the_address_of_source() {
    let (origin, port, own, free) = (witness(), free_port(), free_port(), free_port());
    let _proxy = start(&format!(
        "listen a\n  bind 127.0.0.1:{port}\n  source 127.0.0.9\n  server s 127.0.0.1:{0}\n\
         listen b\n  bind 127.0.0.1:{own}\n  source 127.0.0.9\n  server s 127.0.0.1:{0} source 127.0.0.8\n\
         listen c\n  bind 127.0.0.1:{free}\n  source 127.0.0.9\n  server s 127.0.0.1:{0} source *\n",
        origin.port
    ));
    let host = |port: u16| get(port, "/").text().split(':').next().unwrap_or_default().to_string();
    assert_eq!((host(port), host(own), host(free)), ("127.0.0.9".into(), "127.0.0.8".into(), "127.0.0.1".into()));
}

#[test]
fn connections_take_their_ports_from_a_range() {
    let (origin, port) = (witness(), free_port());
    let _proxy = start(&format!(
        "listen a\n  bind 127.0.0.1:{port}\n  http-reuse never\n  server s 127.0.0.1:{} source 127.0.0.7:40100-40103\n",
        origin.port
    ));
    let mut clients: Vec<Client> = (0..4).map(|_| Client::connect(port)).collect();
    let mut ports: Vec<u16> = Vec::new();
    for client in &mut clients {
        let text = client.get("/").text();
        let from: SocketAddr = text.split(' ').next().and_then(|from| from.parse().ok()).expect("an address");
        assert_eq!(from.ip(), Ipv4Addr::new(127, 0, 0, 7));
        ports.push(from.port());
    }
    assert!(ports.iter().all(|port| (40100..=40103).contains(port)), "{ports:?}");
}

#[test]
fn connections_leave_by_the_interface_of_source() {
    let (origin, port) = (witness(), free_port());
    let proxy = start(&format!("listen a\n  bind 127.0.0.1:{port}\n  source * interface lo\n  server s 127.0.0.1:{}\n", origin.port));
    assert_eq!(get(port, "/").status(), 200, "{}", proxy.said());
}

#[test]
fn with_usesrc_the_server_sees_the_clients_address() {
    let (origin, port) = (witness(), free_port());
    let _proxy =
        start(&format!("listen a\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{} source 127.0.0.1 usesrc clientip\n", origin.port));
    let answer = Client::connect_from(Ipv4Addr::new(127, 0, 0, 44), port).get("/");
    if answer.status() == 503 {
        return crate::support::tell_skipped("foreign addresses need a capability that is not here");
    }
    assert!(answer.text().starts_with("127.0.0.44:"), "{}", answer.text());
}

#[test]
fn a_source_that_is_not_this_hosts_gives_503() {
    let (origin, port) = (witness(), free_port());
    let _proxy = start(&format!("listen a\n  bind 127.0.0.1:{port}\n  source 192.0.2.250\n  server s 127.0.0.1:{}\n", origin.port));
    assert_eq!(get(port, "/").status(), 503);
}

#[test]
fn a_template_makes_servers_that_take_their_turns() {
    let (origin, syslog, port) = (Origin::named("a"), Syslog::udp(), free_port());
    let _proxy = start(&format!(
        "listen l\n  bind 127.0.0.1:{port}\n  log 127.0.0.1:{} local0\n  option httplog\n  server-template app 2-4 127.0.0.1:{}\n",
        syslog.port, origin.port
    ));
    for number in 0..6 {
        assert_eq!(get(port, &format!("/{number}")).status(), 200);
    }
    let names: Vec<String> = (0..6).map(|number| HttpLog::parse(&syslog.wait_for(&format!("GET /{number} "))).server).collect();
    assert_eq!(names, ["app2", "app3", "app4", "app2", "app3", "app4"]);
}

#[test]
fn without_room_in_the_pool_each_request_has_a_connection_of_its_own() {
    let (origin, port) = (witness(), free_port());
    let _proxy = start(&format!("listen l\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{} pool-max-conn 0\n", origin.port));
    let mut client = Client::connect(port);
    (0..3).for_each(|_| assert_eq!(client.get("/").status(), 200));
    assert_eq!(origin.connections(), 3);
}

#[test]
fn a_connection_is_used_again_as_often_as_max_reuse_says() {
    if lacks("max-reuse for HTTP/1 within one client's connection") {
        return;
    }
    let (origin, port) = (witness(), free_port());
    let _proxy = start(&format!("listen l\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{} max-reuse 2\n", origin.port));
    let mut client = Client::connect(port);
    let numbers: Vec<String> = (0..7).map(|_| client.get("/").text().rsplit(' ').next().unwrap_or_default().to_string()).collect();
    assert_eq!(numbers, ["1", "1", "1", "2", "2", "2", "3"]);
}

#[test]
fn an_idle_connection_is_closed_after_the_purge_delay() {
    if lacks("a purge of exactly that time") {
        return;
    }
    let (gone, port) = (std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0)), free_port());
    let counted = gone.clone();
    let origin = Origin::script(move |visit| {
        while visit.request()?.is_some() {
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        }
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(())
    });
    let _proxy = start(&format!("listen l\n  bind 127.0.0.1:{port}\n  server s 127.0.0.1:{} pool-purge-delay 200\n", origin.port));
    let begun = std::time::Instant::now();
    assert_eq!(get(port, "/").status(), 200);
    crate::support::wait_until("the connection was closed", || gone.load(std::sync::atomic::Ordering::SeqCst) == 1);
    assert!(begun.elapsed() >= std::time::Duration::from_millis(200) && begun.elapsed() < std::time::Duration::from_secs(4));
}
