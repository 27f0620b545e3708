//! What must hold however long byway runs: sessions that end in every way leave nothing behind, and neither large bodies, long pipelines
//! nor tunnels cost memory. `BYWAY_E2E_SESSIONS`, `BYWAY_E2E_MIB` and `BYWAY_E2E_EVENTS` ask for more than an ordinary run does.

use crate::support::control::info;
use crate::support::origin::{Origin, Visit};
use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::lacks;
use crate::support::wait_until;
use crate::support::wire::{Role, Wire};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

/// Sessions of an ordinary run.
const SESSIONS: usize = 10_000;
/// Mebibytes of a body in an ordinary run.
const BODY_MIB: u64 = 256;
/// Requests on one connection.
const PIPELINED: usize = 20_000;
/// What the proxy may grow by while it passes on what it need not keep.
const SLACK_KIB: u64 = 8 * 1024;

fn asked_for(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

fn start(port: u16, lines: &str, server: u16) -> Proxy {
    Proxy::start(&format!(
        "global\n  stats socket @DIR@/control level admin\n  nbthread 2\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n\
         \x20 timeout connect 5s\nfrontend f\n  bind 127.0.0.1:{port}\n{lines}\n  default_backend b\nbackend b\n  server a 127.0.0.1:{server} maxconn 50\n"
    ))
}

/// Answers as the path says, and ends as it says.
fn misbehave(visit: &mut Visit) -> io::Result<()> {
    while let Some(head) = visit.wire.read_head()? {
        let line = String::from_utf8_lossy(&head).into_owned();
        let path = line.split(' ').nth(1).unwrap_or_default().to_string();
        match path.as_str() {
            "/close" => return Ok(()),
            "/reset" => return visit.wire.reset(),
            "/junk" => visit.wire.send(b"junk\r\n\r\n")?,
            "/half" => return visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
            "/until" => return visit.wire.send(b"HTTP/1.1 200 OK\r\n\r\nuntil"),
            "/chunks" => visit.wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nxyz")?,
            "/silent" => return visit.hold(),
            "/more" => visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more")?,
            "/tunnel" => {
                visit.wire.send(b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhi")?;
                return visit.hold();
            }
            _ => visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")?,
        }
    }
    Ok(())
}

/// What clients send, and how they go.
const WAYS: &[(&str, Leaves)] = &[
    ("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", Leaves::AtTheEnd),
    ("GET /ok HTTP/1.1\r\nHost: a\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::Finished),
    ("GET /close HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::AtTheEnd),
    ("GET /reset HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::AtTheEnd),
    ("GET /junk HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::AtTheEnd),
    ("GET /half HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::AtTheEnd),
    ("GET /until HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::AtTheEnd),
    ("GET /chunks HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::AtTheEnd),
    ("GET /more HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::Finished),
    ("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::Resetting),
    ("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::Resetting),
    ("GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", Leaves::Resetting),
    ("GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", Leaves::Finished),
    ("POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", Leaves::Resetting),
    ("POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", Leaves::Finished),
    ("POST /silent HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz", Leaves::AtTheEnd),
    ("GET /denied HTTP/1.1\r\nHost: a\r\n\r\n", Leaves::Finished),
    ("GET / HT", Leaves::Resetting),
    ("GET / HT", Leaves::Finished),
    ("nonsense\r\n\r\n", Leaves::AtTheEnd),
    ("", Leaves::Resetting),
    ("", Leaves::Finished),
];

/// How a client goes.
#[derive(Clone, Copy)]
enum Leaves {
    /// It reads to the end.
    AtTheEnd,
    /// It closes its side, and reads to the end.
    Finished,
    /// It resets.
    Resetting,
}

fn visit(port: u16, way: usize) {
    let (sent, leaves) = WAYS[way % WAYS.len()];
    let Ok(mut wire) = TcpStream::connect(("127.0.0.1", port)).and_then(Wire::new) else { return };
    let _ = wire.send(sent.as_bytes());
    let _ = match leaves {
        Leaves::AtTheEnd => wire.read_to_end().map(drop),
        Leaves::Finished => wire.finish().and_then(|()| wire.read_to_end()).map(drop),
        Leaves::Resetting => wire.reset(),
    };
}

fn visit_all(port: u16, count: usize) {
    const AT_ONCE: usize = 16;
    std::thread::scope(|scope| {
        for first in 0..AT_ONCE {
            scope.spawn(move || (first..count).step_by(AT_ONCE).for_each(|way| visit(port, way)));
        }
    });
}

#[test]
fn sessions_that_end_in_every_way_leave_nothing_behind() {
    if lacks("counters by these names") {
        return;
    }
    let (origin, port) = (Origin::script(misbehave), free_port());
    let proxy = start(port, "  http-request deny if { path /denied }", origin.port);
    let sessions = asked_for("BYWAY_E2E_SESSIONS", SESSIONS as u64) as usize;
    let at_rest = proxy.descriptors();
    visit_all(port, sessions / 3);
    let is_quiet = || proxy.descriptors() <= at_rest + 1;
    wait_until(&format!("descriptors were {at_rest} again"), is_quiet);
    let memory = proxy.resident_kib();
    visit_all(port, sessions);
    wait_until(&format!("descriptors were {at_rest} again"), is_quiet);
    assert_eq!(info(&proxy, "CurrConns"), "0");
    let counters = crate::support::control::ask(&proxy, "show stat");
    let current = |line: &&str| line.split(',').nth(4).is_some_and(|current| !matches!(current, "0" | "" | "scur"));
    let busy: Vec<&str> = counters.lines().filter(current).collect();
    assert!(busy.is_empty(), "no section and no server has sessions left:\n{}", busy.join("\n"));
    let waiting = counters.lines().find(|line| line.split(',').nth(2).is_some_and(|queued| !matches!(queued, "0" | "" | "qcur")));
    assert_eq!(waiting, None, "nobody waits");
    assert!(proxy.resident_kib() < memory + 2048, "{memory} KiB before, {} KiB after", proxy.resident_kib());
}

#[test]
fn a_long_pipeline_is_answered_in_order() {
    let origin = Origin::script(|visit| {
        while let Some(head) = visit.wire.read_head()? {
            let path = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap_or_default().to_string();
            visit.wire.sent.clear();
            visit.wire.received.clear();
            visit.wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len()).as_bytes())?;
        }
        Ok(())
    });
    let port = free_port();
    let proxy = start(port, "", origin.port);
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
    let mut sender = stream.try_clone().expect("a socket");
    let sending = std::thread::spawn(move || {
        (0..PIPELINED).try_for_each(|number| sender.write_all(format!("GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()))
    });
    let mut wire = Wire::new(stream).expect("a stream");
    let memory = proxy.resident_kib();
    for number in 0..PIPELINED {
        let message = wire.read_message(Role::Response).expect("an answer").expect("an answer");
        assert_eq!(message.text(), format!("/{number}"));
        wire.received.clear();
    }
    sending.join().expect("no panic").expect("all was sent");
    assert!(proxy.resident_kib() < memory + SLACK_KIB, "{memory} KiB before, {} KiB after", proxy.resident_kib());
}

fn copy_zeros(mut stream: &TcpStream, mut left: u64) -> io::Result<()> {
    let piece = [0; 65536];
    while left > 0 {
        let count = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        stream.write_all(&piece[..count])?;
        left -= count as u64;
    }
    Ok(())
}

fn read_head(mut stream: &TcpStream) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(())
}

fn skip(mut stream: &TcpStream, mut left: u64) -> io::Result<()> {
    let mut piece = vec![0; 65536];
    while left > 0 {
        let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match stream.read(&mut piece[..most])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => left -= count as u64,
        }
    }
    Ok(())
}

#[test]
fn large_bodies_pass_both_ways_in_constant_memory() {
    let bytes = asked_for("BYWAY_E2E_MIB", BODY_MIB) << 20;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (server, port) = (listener.local_addr().expect("bound").port(), free_port());
    let serving = std::thread::spawn(move || -> io::Result<()> {
        let (stream, _) = listener.accept()?;
        read_head(&stream)?;
        skip(&stream, bytes)?;
        (&stream).write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n").as_bytes())?;
        copy_zeros(&stream, bytes)
    });
    let proxy = start(port, "", server);
    let memory = proxy.resident_kib();
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    (&stream).write_all(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes}\r\n\r\n").as_bytes()).expect("sent");
    copy_zeros(&stream, bytes).expect("sent");
    let after_upload = proxy.resident_kib();
    read_head(&stream).expect("a head");
    skip(&stream, bytes).expect("the whole body");
    serving.join().expect("no panic").expect("all was served");
    let after = proxy.resident_kib().max(after_upload);
    println!("{} MiB each way: {memory} KiB before, {after_upload} KiB after the request, {after} KiB at most", bytes >> 20);
    assert!(after < memory + SLACK_KIB, "{memory} KiB before, {after} KiB after");
}

#[test]
fn a_web_socket_echoes_frame_by_frame() {
    const FRAMES: usize = 2000;
    let origin = Origin::script(|visit| {
        visit.wire.read_head()?;
        visit.wire.send(b"HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")?;
        loop {
            let frame = visit.wire.read_exactly(8)?;
            visit.wire.send(&frame)?;
        }
    });
    let port = free_port();
    let _proxy = start(port, "", origin.port);
    let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens")).expect("a stream");
    wire.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").expect("sent");
    wire.read_head().expect("a head").expect("a head");
    for number in 0..FRAMES {
        let frame = format!("{number:08}");
        wire.send(frame.as_bytes()).expect("sent");
        assert_eq!(wire.read_exactly(8).expect("an echo"), frame.as_bytes());
    }
}

#[test]
fn events_of_a_server_outlast_its_timeout_as_long_as_they_come() {
    // Five come in a second: 300 make a minute.
    let events = asked_for("BYWAY_E2E_EVENTS", 12) as usize;
    let origin = Origin::script(move |visit| {
        visit.wire.read_head()?;
        visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        for _ in 0..events {
            visit.wire.send(b"9\r\ndata: x\n\n\r\n")?;
            // The pace of the events is what is tested.
            std::thread::sleep(Duration::from_millis(200));
        }
        visit.wire.send(b"0\r\n\r\n")
    });
    let port = free_port();
    let proxy = Proxy::start(&format!(
        "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 1s\n  timeout server 1s\n  timeout connect 5s\n\
         listen l\n  bind 127.0.0.1:{port}\n  server a 127.0.0.1:{}\n",
        origin.port
    ));
    let memory = proxy.resident_kib();
    let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens")).expect("a stream");
    wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
    let message = wire.read_message(Role::Response).expect("an answer").expect("an answer");
    assert_eq!(message.body.len(), events * 9);
    println!("{events} events: {memory} KiB before, {} KiB after", proxy.resident_kib());
    assert!(proxy.resident_kib() < memory + SLACK_KIB);
    let _ = wire.stream().shutdown(Shutdown::Both);
}
