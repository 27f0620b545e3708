//! Parameters of `bind` lines and `unix-bind`: sockets as they are asked for, and how many clients one takes.

use crate::support::client::{Client, get};
use crate::support::origin::Origin;
use crate::support::proxy::{Proxy, free_port};
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::time::Duration;

fn start(lines: &str) -> (Proxy, Origin) {
    let origin = Origin::named("a");
    let proxy = Proxy::start(&format!(
        "global\n  nbthread 2\n  unix-bind prefix @DIR@/ mode 640\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  \
         timeout connect 1s\nlisten l\n{lines}\n  server s 127.0.0.1:{}\n",
        origin.port
    ));
    (proxy, origin)
}

#[track_caller]
fn ask(mut stream: UnixStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n").expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_listener_takes_no_more_clients_than_its_own_maxconn() {
    let (port, other) = (free_port(), free_port());
    let (_proxy, _origin) = start(&format!("  bind 127.0.0.1:{port} maxconn 1\n  bind 127.0.0.1:{other}"));
    let mut first = Client::connect(port);
    assert_eq!(first.get("/").text(), "a");
    let mut second = Client::connect(port);
    second.send("GET /2 HTTP/1.1\r\nHost: e2e\r\n\r\n");
    second.expect_silence(Duration::from_millis(150));
    assert_eq!(get(other, "/").text(), "a", "another listener of the section is not full");
    drop(first);
    assert_eq!(second.response().text(), "a");
    drop(second);
    for _ in 0..20 {
        assert_eq!(get(port, "/").text(), "a", "each place is given back");
    }
}

#[test]
fn options_of_the_socket_are_those_of_the_line() {
    let (port, other, third) = (free_port(), free_port(), free_port());
    let (_proxy, _origin) = start(&format!(
        "  bind 127.0.0.1:{port} interface lo mss 1000 tcp-ut 30s backlog 5 id 77 name x nice 5 process all thread all\n  \
         bind 127.0.0.1:{other} defer-accept tfo level admin severity-output none\n  bind 127.0.0.1:{third} transparent"
    ));
    for port in [port, other, third] {
        assert_eq!(get(port, "/").text(), "a");
    }
    let mut quiet = Client::connect(other);
    assert_eq!(quiet.get("/").text(), "a", "one that speaks is taken at once");
}

#[test]
fn unix_bind_gives_paths_their_beginning_and_files_their_mode() {
    let port = free_port();
    let (proxy, _origin) =
        start(&format!("  bind 127.0.0.1:{port}\n  bind unix@web.sock\n  bind unix@open.sock mode 666\n  bind abns@byway-{port}"));
    for (name, mode) in [("web.sock", 0o640), ("open.sock", 0o666)] {
        let path = proxy.folder().join(name);
        assert_eq!(std::fs::metadata(&path).expect("a socket").permissions().mode() & 0o777, mode, "{name}");
        assert!(ask(UnixStream::connect(&path).expect("it listens")).ends_with("\r\n\r\na"));
    }
    // Names of abstract sockets have the length of the whole field, as HAProxy has them.
    let mut name = format!("byway-{port}").into_bytes();
    name.resize(107, 0);
    let address = SocketAddr::from_abstract_name(name).expect("a name");
    assert!(ask(UnixStream::connect_addr(&address).expect("it listens")).ends_with("\r\n\r\na"));
}

#[test]
fn with_nolinger_the_end_of_a_connection_is_a_reset_for_who_still_sends() {
    let port = free_port();
    let (_proxy, _origin) = start(&format!("  bind 127.0.0.1:{port}\n  option nolinger\n  option httpclose"));
    let mut client = Client::connect(port);
    let answer = client.get("/");
    assert_eq!((answer.status(), answer.text().as_str()), (200, "a"), "the answer arrives whole");
}
