//! Every way in which a session can end, beside HAProxy: a scripted client, a scripted server, and the letters that the log must have for
//! it. A row where byway means to differ says so.

use crate::support::httplog::HttpLog;
use crate::support::origin::{Origin, Unanswering, Visit};
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use crate::support::syslog::Syslog;
use crate::support::wire::Wire;
use crate::support::{tell_skipped, wait_until};
use std::ffi::OsString;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

const HAPROXY: &str = "/usr/sbin/haproxy";

/// What the client does.
#[derive(Clone, Copy)]
enum Step {
    Send(&'static str),
    /// Has another client take the server's only slot.
    Occupy,
    /// Waits until the server has got a head.
    Reached,
    /// Reads until this text has come.
    Await(&'static str),
    /// Says that no more will be sent.
    Finish,
    /// Resets the connection.
    Reset,
    /// Reads to the end.
    End,
    /// Leaves what comes unread until the log has a line.
    Stall,
}

/// What the server does once a head has come.
#[derive(Clone, Copy)]
enum Server {
    /// Answers and keeps the connection.
    Says(&'static str),
    /// Answers and closes.
    Closes(&'static str),
    /// Answers and resets.
    Resets(&'static str),
    /// Answers more than sockets hold, and goes on for as long as it can.
    Floods(&'static str),
    /// Nobody listens.
    Refuses,
    /// Nobody answers a connection attempt.
    Unanswering,
}

use Server::{Closes, Floods, Refuses, Resets, Says};
use Step::{Await, End, Finish, Occupy, Reached, Reset, Send, Stall};

struct Row {
    shows: &'static str,
    lines: &'static str,
    client: &'static [Step],
    server: Server,
    /// Status and letters.
    log: &'static str,
    /// What byway says, where it means to differ.
    byway: Option<&'static str>,
}

const fn row(shows: &'static str, lines: &'static str, client: &'static [Step], server: Server, log: &'static str) -> Row {
    Row { shows, lines, client, server, log, byway: None }
}

impl Row {
    const fn but(self, byway: &'static str) -> Row {
        Row { byway: Some(byway), ..self }
    }
}

const GET: &str = "GET / HTTP/1.1\r\nHost: e2e\r\n\r\n";
const LAST: &str = "GET / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const POST: &str = "POST / HTTP/1.1\r\nHost: e2e\r\nContent-Length: 10\r\n\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: e2e\r\nTransfer-Encoding: chunked\r\n\r\n";
const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: e2e\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
const SWITCHED: &str = "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhi";
const SHORT: &str = "timeout client 300";

#[rustfmt::skip]
static REQUESTS: &[Row] = &[
    row("an exchange", "", &[Send(LAST), End], Says(OK), "200 ----"),
    row("two on one connection, the client closes", "", &[Send(GET), Await("hi"), Finish, End], Says(OK), "200 ----"),
    row("HEAD", "", &[Send("HEAD / HTTP/1.1\r\nHost: e2e\r\nConnection: close\r\n\r\n"), End], Says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), "200 ----"),
    row("nothing, then the end", "", &[Finish, End], Says(OK), "400 CR--"),
    row("half a head, then the end", "", &[Send("GET / HT"), Finish, End], Says(OK), "400 CR--"),
    row("half a head, then a reset", "", &[Send("GET / HT"), Reset], Says(OK), "400 CR--"),
    row("half a head for too long", "timeout http-request 300", &[Send("GET / HT"), End], Says(OK), "408 cR--"),
    row("nothing for too long", SHORT, &[End], Says(OK), "408 cR--"),
    row("no request at all", "", &[Send("nonsense\r\n\r\n"), End], Says(OK), "400 PR--"),
    row("two lengths", "", &[Send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), End], Says(OK), "400 PR--"),
    row("denied", "http-request deny", &[Send(LAST), End], Says(OK), "403 PR--"),
    row("denied with another status", "http-request deny deny_status 429", &[Send(LAST), End], Says(OK), "429 PR--"),
    row("held in a tarpit", "timeout tarpit 300\n  http-request tarpit", &[Send(LAST), End], Says(OK), "500 PT--"),
    row("redirected", "redirect location /x", &[Send(LAST), End], Says(OK), "302 LR--"),
    row("redirected by http-request", "http-request redirect location /x", &[Send(LAST), End], Says(OK), "302 LR--"),
    row("answered here", "http-request return status 200 content-type text/plain string x", &[Send(LAST), End], Says(OK), "200 LR--"),
    row("authentication asked for", "http-request auth", &[Send(LAST), End], Says(OK), "401 LR--"),
];

#[rustfmt::skip]
static SERVERS: &[Row] = &[
    row("no server", "server-template-is-none", &[Send(LAST), End], Says(OK), "503 SC--"),
    row("a server that refuses", "", &[Send(LAST), End], Refuses, "503 SC--"),
    row("a server that does not answer the attempt", "timeout connect 300", &[Send(LAST), End], Server::Unanswering, "503 sC--"),
    row("a client that leaves meanwhile", "timeout connect 2s\n  option abortonclose", &[Send(GET), Finish, End], Server::Unanswering, "-1 CC--"),
    row("a server that closes without an answer", "", &[Send(LAST), End], Closes(""), "502 SH--"),
    row("a server that resets without an answer", "", &[Send(LAST), End], Resets(""), "502 SH--"),
    row("half a head, then the end", "", &[Send(LAST), End], Closes("HTTP/1.1 200 OK\r\nCont"), "502 SH--"),
    row("half a head, then a reset", "", &[Send(LAST), End], Resets("HTTP/1.1 200 OK\r\nCont"), "502 SH--"),
    row("no answer at all", "", &[Send(LAST), End], Says("nonsense\r\n\r\n"), "502 PH--"),
    row("two lengths", "", &[Send(LAST), End], Says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), "502 PH--"),
    row("no answer for too long", "timeout server 300", &[Send(LAST), End], Says(""), "504 sH--"),
    row("half a head for too long", "timeout server 300", &[Send(LAST), End], Says("HTTP/1.1 200 OK\r\nCont"), "504 sH--"),
    row("an answer that is denied", "http-response deny", &[Send(LAST), End], Says(OK), "502 PH--"),
    row("a client that leaves before the answer", "option abortonclose", &[Send(GET), Reached, Finish, End], Says(""), "400 CH--"),
    row("a client that resets before the answer", "option abortonclose", &[Send(GET), Reached, Reset], Says(""), "-1 CD--"),
    row("a client that resets before the answer, without abortonclose", "timeout server 1s", &[Send(GET), Reached, Reset], Says(""), "504 sH--").but("-1 CD--"),
    row("a client that only says that it has sent all", "timeout server 300", &[Send(GET), Reached, Finish, End], Says(""), "504 sH--"),
];

#[rustfmt::skip]
static QUEUES: &[Row] = &[
    row("too long in the queue", "timeout queue 300\n  default-server maxconn 1", &[Occupy, Send(LAST), End], Says(""), "503 sQ--"),
    row("too long in the queue, with a cookie", "timeout queue 300\n  default-server maxconn 1\n  cookie SID insert", &[Occupy, Send(COOKIED), End], Says(""), "503 sQVN"),
    row("a client that leaves the queue", "timeout queue 1s\n  default-server maxconn 1\n  option abortonclose", &[Occupy, Send(GET), Finish, End], Says(""), "503 sQ--").but("-1 CQ--"),
    row("a client that sends its end in the queue, and waits", "timeout queue 300\n  default-server maxconn 1", &[Occupy, Send(GET), Finish, End], Says(""), "503 sQ--"),
    row("a body that waits too long in the queue", "timeout queue 300\n  default-server maxconn 1", &[Occupy, Send(POST), Send("half"), End], Says(""), "503 sQ--"),
    row("a server whose queue is full", "timeout queue 2s\n  default-server maxconn 1 maxqueue 1\n  cookie SID insert", &[Occupy, Occupy, Send(COOKIED), End], Says(""), "503 SQVN"),
];

#[rustfmt::skip]
static BODIES: &[Row] = &[
    row("until the end", "", &[Send(LAST), End], Closes("HTTP/1.1 200 OK\r\n\r\nhello"), "200 ----"),
    row("a reset where the end was due", "", &[Send(LAST), Await("hello"), End], Resets("HTTP/1.1 200 OK\r\n\r\nhello"), "200 SD--"),
    row("less than the length says", "", &[Send(LAST), End], Closes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "200 SD--"),
    row("a reset before the length is reached", "", &[Send(LAST), Await("hello"), End], Resets("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "200 SD--"),
    row("chunks that end too soon", "", &[Send(LAST), End], Closes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "200 SD--"),
    row("chunks that are none", "", &[Send(LAST), End], Says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n"), "502 PH--").but("200 PD--"),
    row("a server that stops in the middle", "timeout server 300", &[Send(LAST), End], Says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "200 sD--"),
    row("a client that leaves in the middle", "timeout server 1s", &[Send(LAST), Await("hello"), Reset], Says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), "200 sD--").but("200 CD--"),
    row("a client that takes nothing", SHORT, &[Send(LAST), Await("x"), Stall], Floods("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "200 cD--"),
    row("a body that the client does not send", "timeout client 300\n  timeout server 1s", &[Send(POST), Send("half"), End], Says(""), "504 sH--").but("408 cD--"),
    row("a body that ends too soon", "", &[Send(POST), Send("half"), Reached, Finish, End], Says(""), "-1 CD--"),
    row("a body that a reset ends", "", &[Send(POST), Send("half"), Reached, Reset], Says(""), "-1 CD--"),
    row("chunks of a request that are none", "", &[Send(CHUNKED), Reached, Send("xyz\r\n"), End], Says(""), "400 PH--"),
    row("a server that closes while the client sends", "", &[Send(POST), Send("half"), End], Closes(""), "502 SH--"),
    row("an answer before the body", "", &[Send(POST), Send("half"), Await("hi"), Finish, End], Says(OK), "200 CD--").but("200 ----"),
    row("a tunnel, the client ends it", "", &[Send(UPGRADE), Await("hi"), Finish, End], Closes(SWITCHED), "101 ----"),
    row("a tunnel with nothing for too long", "timeout tunnel 300", &[Send(UPGRADE), Await("hi"), End], Says(SWITCHED), "101 cD--"),
    row("a tunnel that the client resets", "", &[Send(UPGRADE), Await("hi"), Reset], Says(SWITCHED), "101 CD--"),
    row("a tunnel that the server resets", "", &[Send(UPGRADE), Await("hi"), End], Resets(SWITCHED), "101 SD--"),
];

const COOKIED: &str = "GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=A\r\nConnection: close\r\n\r\n";
const STRANGE: &str = "GET / HTTP/1.1\r\nHost: e2e\r\nCookie: SID=Z\r\nConnection: close\r\n\r\n";
const SETS: &str = "HTTP/1.1 200 OK\r\nSet-Cookie: SID=own\r\nContent-Length: 2\r\n\r\nhi";

#[rustfmt::skip]
static COOKIES: &[Row] = &[
    row("none came, one is set", "cookie SID insert", &[Send(LAST), End], Says(OK), "200 --NI"),
    row("one came", "cookie SID insert", &[Send(COOKIED), End], Says(OK), "200 --VN"),
    row("one of nobody came", "cookie SID insert", &[Send(STRANGE), End], Says(OK), "200 --II"),
    row("the server's own goes", "cookie SID insert", &[Send(COOKIED), End], Says(SETS), "200 --VD"),
    row("the server's own stays", "cookie SID insert preserve", &[Send(LAST), End], Says(SETS), "200 --NP"),
    row("rewritten", "cookie SID rewrite", &[Send(LAST), End], Says(SETS), "200 --NR"),
    row("prefixed", "cookie SID prefix", &[Send(LAST), End], Says(SETS), "200 --NR"),
    row("nothing to rewrite", "cookie SID rewrite", &[Send(LAST), End], Says(OK), "200 --NN"),
    row("only for POST", "cookie SID insert postonly", &[Send(LAST), End], Says(OK), "200 --NN"),
    row("a fault with a cookie", "cookie SID insert", &[Send(COOKIED), End], Closes(""), "502 SHVN"),
    row("no connection with a cookie", "cookie SID insert", &[Send(COOKIED), End], Refuses, "503 SCVN"),
];

fn serve(visit: &mut Visit, server: Server) -> std::io::Result<()> {
    let Some(head) = visit.wire.read_head()? else { return Ok(()) };
    visit.record(crate::support::wire::Message { head, ..Default::default() });
    match server {
        Says(answer) => {
            visit.wire.send(answer.as_bytes())?;
            visit.hold()
        }
        Closes(answer) => {
            visit.wire.send(answer.as_bytes())?;
            // What came and was not read would make a reset of the end.
            visit.wire.finish()?;
            visit.hold()
        }
        Resets(answer) => {
            visit.wire.send(answer.as_bytes())?;
            if !answer.is_empty() {
                // A reset must not overtake what was sent.
                std::thread::sleep(std::time::Duration::from_millis(150));
            }
            visit.wire.reset()
        }
        Floods(answer) => {
            visit.wire.send(answer.as_bytes())?;
            while visit.wire.send(&[b'x'; 65536]).is_ok() {}
            Ok(())
        }
        Refuses | Server::Unanswering => Ok(()),
    }
}

/// Plays a row; status and letters as the log has them.
fn observe(program: &OsString, row: &Row) -> String {
    let (server, syslog, port) = (row.server, Syslog::udp(), free_port());
    let origin = Origin::script(move |visit| serve(visit, server));
    let unanswering = matches!(server, Server::Unanswering).then(Unanswering::new);
    let at = match (&unanswering, server) {
        (Some(unanswering), _) => unanswering.port,
        (None, Refuses) => free_port(),
        (None, _) => origin.port,
    };
    let none = row.lines == "server-template-is-none";
    let (lines, server) = match none {
        true => ("", String::new()),
        false => (row.lines, format!("  server a 127.0.0.1:{at} cookie A\n")),
    };
    let config = format!(
        "global\n  nbthread 1\n  log 127.0.0.1:{} local0\ndefaults\n  mode http\n  log global\n  option httplog\n  retries 0\n\
         \x20 timeout client 5s\n  timeout server 5s\n  timeout connect 5s\nlisten l\n  bind 127.0.0.1:{port}\n  {lines}\n{server}",
        syslog.port
    );
    let config = dedupe(&config, lines);
    let _proxy = Proxy::start_program(program, Arc::new(Folder::new()), &config, |_| ());
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
    let mut wire = Wire::new(stream).expect("a stream");
    let others = play(&mut wire, row.client, &origin, &syslog, port);
    drop(wire);
    wait_until(&format!("'{}' was logged", row.shows), || syslog.holds(" l/") || syslog.holds(" l l"));
    let line = syslog.lines().into_iter().find(|line| line.contains(" l l/")).unwrap_or_default();
    drop(others);
    let line = HttpLog::parse(&line);
    format!("{} {}", line.status, line.state)
}

/// Timeouts that a row has of its own are not said before.
fn dedupe(config: &str, lines: &str) -> String {
    let own: Vec<&str> =
        ["timeout client ", "timeout server ", "timeout connect "].into_iter().filter(|name| lines.contains(name)).collect();
    let is_overruled = |line: &&str| own.iter().any(|name| line.trim().starts_with(name) && line.ends_with("5s"));
    config.lines().filter(|line| !is_overruled(line)).map(|line| format!("{line}\n")).collect()
}

/// Gives the clients that occupy the server: they stay as long as they are held.
fn play(wire: &mut Wire, steps: &[Step], origin: &Origin, syslog: &Syslog, port: u16) -> Vec<Wire> {
    let mut others = Vec::new();
    for step in steps {
        match *step {
            Send(text) => drop(wire.send(text.as_bytes())),
            Occupy => {
                let mut other = Wire::new(TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens")).expect("a stream");
                drop(other.send(COOKIED.as_bytes()));
                origin.wait_received(1);
                others.push(other);
            }
            Reached => origin.wait_received(1),
            Await(text) => {
                while !wire.received.windows(text.len()).any(|window| window == text.as_bytes()) {
                    if wire.read_exactly(wire.received.len() + 1).is_err() {
                        break;
                    }
                }
            }
            Finish => drop(wire.finish()),
            Reset => {
                let _ = wire.reset();
                return others;
            }
            End => drop(wire.read_to_end()),
            Stall => wait_until("the session was logged", || !syslog.lines().iter().all(|line| !line.contains(" l l/"))),
        }
    }
    others
}

fn check(rows: &[Row]) {
    let beside = Path::new(HAPROXY).exists();
    if !beside {
        assert!(std::env::var_os("BYWAY_DEMAND_PEERS").is_none(), "BYWAY_DEMAND_PEERS is set, and {HAPROXY} is missing");
        tell_skipped(&format!("{HAPROXY} is not installed: its letters are not compared"));
    }
    let mut wrong = Vec::new();
    for row in rows {
        let ours = observe(&program(), row);
        let expected = row.byway.unwrap_or(row.log);
        if ours != expected {
            wrong.push(format!("{}: byway says {ours}, expected {expected}", row.shows));
        }
        if beside {
            let theirs = observe(&HAPROXY.into(), row);
            if theirs != row.log {
                wrong.push(format!("{}: HAProxy says {theirs}, expected {}", row.shows, row.log));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sessions_that_end_with_their_request() {
    check(REQUESTS);
}

#[test]
fn sessions_that_end_at_their_server() {
    check(SERVERS);
}

#[test]
fn sessions_that_end_before_a_server_has_them() {
    check(QUEUES);
}

#[test]
fn sessions_that_end_in_a_body() {
    check(BODIES);
}

#[test]
fn cookies_of_sessions() {
    check(COOKIES);
}
