//! HTTP/1.1 on the wire by the letter of RFC 9112 and RFC 9110, as tables of raw cases: what a client sends, what the server answers,
//! and the very bytes that either must get. Each case runs whole and byte by byte. How sessions end badly is `termination`'s.

mod chunks;
mod connections;
mod request_bodies;
mod request_fields;
mod request_heads;
mod response_bodies;
mod response_heads;
mod turns;

use crate::support::proxy::{Proxy, free_port};
use crate::support::stand_in::is_standing_in;
use crate::support::wire::{Role, Wire, fold_names};
use crate::support::{show, wait_until};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the server answers where a case does not say it.
pub const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
/// What a client sends where a case does not say it.
pub const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// What has come is the beginning of what was sent, and never all of it.
pub const PART: &[u8] = b"{part}";

/// A case.
#[derive(Clone, Copy)]
pub struct Case {
    shows: &'static str,
    sent: &'static [u8],
    answer: &'static [u8],
    then: Then,
    to_server: &'static [u8],
    /// The bytes; where they end with `{400}` or the like, a page with that status comes last, and then the end.
    to_client: &'static [u8],
}

/// What the server does behind its answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Waits for the next request.
    Keeps,
    /// Closes.
    Closes,
    /// Sends back what comes, and closes when nothing more will.
    Echoes,
    /// Has answered before the request's body came.
    Early,
}

/// A request that reaches the server as it is, and its answer the client.
pub const fn passes(shows: &'static str, sent: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server: sent, to_client: OK }
}

/// A request that reaches the server in another form.
pub const fn becomes(shows: &'static str, sent: &'static [u8], to_server: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server, to_client: OK }
}

/// A request of which nothing reaches the server.
pub const fn refused(shows: &'static str, sent: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server: b"", to_client: b"{400}" }
}

/// An answer that reaches the client as it is.
pub const fn relayed(shows: &'static str, answer: &'static [u8]) -> Case {
    Case { shows, sent: GET, answer, then: Then::Keeps, to_server: GET, to_client: answer }
}

/// An answer that reaches the client in another form.
pub const fn changed(shows: &'static str, answer: &'static [u8], to_client: &'static [u8]) -> Case {
    Case { shows, sent: GET, answer, then: Then::Keeps, to_server: GET, to_client }
}

/// An answer that the client never sees.
pub const fn hidden(shows: &'static str, answer: &'static [u8]) -> Case {
    Case { shows, sent: GET, answer, then: Then::Closes, to_server: GET, to_client: b"{502}" }
}

/// The server of the cases: it answers as the case at hand has it, and writes down what comes.
#[derive(Default)]
struct Script {
    answer: Vec<u8>,
    then: Option<Then>,
    dribbles: bool,
    /// What came, by the order of connections.
    received: BTreeMap<usize, Vec<u8>>,
    open: usize,
}

struct Kit {
    port: u16,
    script: Arc<Mutex<Script>>,
    _proxy: Proxy,
}

/// How the bytes of a case come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Whole,
    ByteByByte,
}

impl Kit {
    fn new(lines: &str) -> Kit {
        let script = Arc::new(Mutex::new(Script::default()));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (server, port) = (listener.local_addr().expect("bound").port(), free_port());
        let shared = Arc::clone(&script);
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let script = Arc::clone(&shared);
                script.lock().expect("no panic while held").open += 1;
                std::thread::spawn(move || {
                    let _ = serve(stream, number, &script);
                    script.lock().expect("no panic while held").open -= 1;
                });
            }
        });
        let proxy = Proxy::start(&format!(
            "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n\
             listen l\n  bind 127.0.0.1:{port}\n  http-reuse never\n{lines}\n  server a 127.0.0.1:{server}\n"
        ));
        Kit { port, script, _proxy: proxy }
    }

    /// Runs a case; what is wrong with it.
    fn run(&self, case: &Case, pace: Pace) -> Option<String> {
        {
            let mut script = self.script.lock().expect("no panic while held");
            *script =
                Script { answer: case.answer.to_vec(), then: Some(case.then), dribbles: pace == Pace::ByteByByte, ..Script::default() };
        }
        let got = ask(self.port, case, pace);
        let all_closed = || self.script.lock().expect("no panic while held").open == 0;
        let limit = Instant::now() + Duration::from_secs(8);
        while !all_closed() && Instant::now() < limit {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        let received = self.script.lock().expect("no panic while held").received.values().flatten().copied().collect::<Vec<u8>>();
        let is_part = |got: &[u8], of: &[u8], expected: &[u8]| expected == PART && got.len() < of.len() && of.starts_with(got);
        let client_is_right = is_as_expected(&got, case.to_client) || is_part(&got, case.answer, case.to_client);
        let server_is_right = is_part(&received, case.sent, case.to_server);
        // Another proxy may write names of fields in another case.
        let same = |one: &[u8], other: &[u8]| one == other || (is_standing_in() && fold_names(one) == fold_names(other));
        let client_is_right = client_is_right || same(&got, case.to_client);
        let server_is_right = server_is_right || same(&received, case.to_server);
        (!server_is_right || !client_is_right).then(|| {
            let wanted = if server_is_right { String::new() } else { format!("  expected\n{}", show(case.to_server)) };
            let expected = if client_is_right { String::new() } else { format!("  expected\n{}", show(case.to_client)) };
            format!(
                "== {} ({pace:?})\n  sent\n{}  answered\n{}  to the server\n{}{wanted}  to the client\n{}{expected}",
                case.shows,
                show(case.sent),
                show(case.answer),
                show(&received),
                show(&got)
            )
        })
    }
}

/// Sends the case's bytes and reads to the end; once all that is expected has come, says that no more will be sent.
fn ask(port: u16, case: &Case, pace: Pace) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
    stream.set_nodelay(true).expect("an open socket");
    stream.set_read_timeout(Some(Duration::from_secs(7))).expect("a timeout");
    let step = if pace == Pace::Whole { case.sent.len().max(1) } else { 1 };
    for piece in case.sent.chunks(step) {
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let waits_for = if page_code(case.to_client).is_some() || case.to_client == PART { usize::MAX } else { case.to_client.len() };
    let (mut got, mut piece, mut finished) = (Vec::new(), [0; 65536], false);
    loop {
        if got.len() >= waits_for && !std::mem::replace(&mut finished, true) {
            let _ = stream.shutdown(Shutdown::Write);
        }
        match stream.read(&mut piece) {
            Ok(0) => return got,
            Ok(count) => got.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(_) => {
                got.extend_from_slice(b"<no end>");
                return got;
            }
        }
    }
}

/// Plays the server on one connection.
fn serve(stream: TcpStream, number: usize, script: &Mutex<Script>) -> std::io::Result<()> {
    let mut wire = Wire::new(stream)?;
    let (answer, then, dribbles) = {
        let script = script.lock().expect("no panic while held");
        (script.answer.clone(), script.then.unwrap_or(Then::Closes), script.dribbles)
    };
    let keep = |wire: &mut Wire| {
        let received = std::mem::take(&mut wire.received);
        script.lock().expect("no panic while held").received.insert(number, received)
    };
    let outcome = (|| {
        loop {
            let role = if then == Then::Early { Role::HeadResponse } else { Role::Request };
            if wire.read_message(role)?.is_none() {
                return Ok(());
            }
            if dribbles {
                wire.dribble(&answer)?
            } else {
                wire.send(&answer)?
            };
            match then {
                Then::Keeps | Then::Early => {}
                Then::Closes => return wire.finish(),
                Then::Echoes => {
                    let mut rest = wire.read_to_end()?;
                    return wire.send(&std::mem::take(&mut rest)).and_then(|()| wire.finish());
                }
            }
        }
    })();
    let _ = wire.read_to_end();
    keep(&mut wire);
    outcome
}

fn page_code(expected: &[u8]) -> Option<&[u8]> {
    let from = expected.len().checked_sub(5)?;
    let (open, code) = expected.get(from..)?.split_first()?;
    (*open == b'{').then(|| code.get(..3)).flatten()
}

fn is_as_expected(got: &[u8], expected: &[u8]) -> bool {
    let Some(code) = page_code(expected) else { return got == expected };
    let before = expected.get(..expected.len() - 5).unwrap_or_default();
    let Some(page) = got.strip_prefix(before) else { return false };
    let starts = page.starts_with(&[b"HTTP/1.1 ", code, b" "].concat()) || page.starts_with(&[b"HTTP/1.0 ", code, b" "].concat());
    starts && page.ends_with(b"</html>\n") && page.windows(5).filter(|five| *five == b"HTTP/").count() == 1
}

/// Runs tables through one proxy; all that is wrong is shown at once.
#[track_caller]
fn check_with(lines: &str, tables: &[&[Case]]) {
    let kit = Kit::new(lines);
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in tables.iter().copied().flatten() {
        count += 1;
        wrong.extend(kit.run(case, Pace::Whole).or_else(|| kit.run(case, Pace::ByteByByte)));
        if wrong.iter().rev().take(3).filter(|each: &&String| each.contains("<no end>")).count() == 3 {
            break;
        }
    }
    wait_until("all connections to the server were closed", || kit.script.lock().expect("no panic while held").open == 0);
    assert!(wrong.is_empty(), "{} of {count} cases are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn heads_of_requests() {
    check_with("", &[request_heads::LINES, request_heads::TARGETS, request_heads::VERSIONS]);
}

#[test]
fn fields_of_requests() {
    check_with("", &[request_fields::SYNTAX, request_fields::HOSTS, request_fields::HOP_BY_HOP]);
}

#[test]
fn bodies_of_requests() {
    check_with("", &[request_bodies::LENGTHS, request_bodies::CODINGS, request_bodies::CHUNKS]);
}

#[test]
fn heads_of_responses() {
    check_with("", &[response_heads::STATUS_LINES, response_heads::FIELDS, response_heads::INTERIM]);
}

#[test]
fn bodies_of_responses() {
    check_with("", &[response_bodies::LENGTHS, response_bodies::CODINGS, response_bodies::BODILESS]);
}

#[test]
fn edits_of_rules_leave_messages_framed_as_they_are() {
    let lines = "  http-request del-header content-length\n  http-request set-header Transfer-Encoding gzip\n\
                 \x20 http-response set-header Content-Length 999\n  http-response add-header Transfer-Encoding chunked";
    check_with(lines, &[connections::EDITED]);
}

#[test]
fn connections_and_pipelines() {
    check_with("", &[connections::PERSISTENCE, connections::PIPELINES, connections::TUNNELS]);
}

#[test]
fn chunks_and_trailers_that_are_none() {
    check_with("", &[chunks::SIZES, chunks::EXTENSIONS, chunks::TRAILERS, chunks::ANSWERS]);
}

#[test]
fn expectations_upgrades_and_faults_in_pipelines() {
    check_with("", &[turns::EARLY, turns::UPGRADES, turns::SECONDS]);
}

#[test]
fn http_1_0_on_either_side_and_messages_cut_short() {
    check_with("", &[turns::OLD, turns::TRUNCATED]);
}

#[test]
fn a_head_has_a_hundred_fields_at_most() {
    let with = |count: usize| [b"GET / HTTP/1.1\r\nHost: a\r\n".as_slice(), &b"X: y\r\n".repeat(count - 1), b"\r\n"].concat();
    let answer = |count: usize| [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".as_slice(), &b"X: y\r\n".repeat(count - 1), b"\r\n"].concat();
    let kit = Kit::new("");
    assert_eq!(kit.run(&passes("a hundred fields of a request", with(100).leak()), Pace::Whole), None);
    assert_eq!(kit.run(&refused("one more", with(101).leak()), Pace::Whole), None);
    for (count, to_client) in [(100, answer(100).leak() as &'static [u8]), (101, b"{502}")] {
        let case = Case { to_client, ..relayed("fields of a response", answer(count).leak()) };
        assert_eq!(kit.run(&case, Pace::Whole), None, "{count} fields");
    }
}
