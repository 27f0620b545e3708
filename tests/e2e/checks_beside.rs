//! Checks of every kind through HAProxy 2.6 and through byway: what the server gets and what is logged about its answer must be the
//! same, the case of field names, ports and durations aside. One process checks all servers of a program.

use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use crate::support::syslog::Syslog;
use crate::support::wait_until;
use crate::support::wire::fold_names;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HAPROXY: &str = "/usr/sbin/haproxy";

/// What a server does, step by step; then it closes.
#[derive(Clone, Copy)]
enum Does {
    /// Takes what comes at once.
    Reads,
    /// Reads until this has come: HAProxy sends a PROXY header and what follows it apart.
    ReadsTo(&'static [u8]),
    Says(&'static [u8]),
    /// Stays until the other side closes.
    Stays,
}

use Does::{Reads, ReadsTo, Says, Stays};

/// Lines of a backend and what its server does.
struct Case {
    lines: &'static str,
    script: &'static [Does],
}

const fn case(lines: &'static str, script: &'static [Does]) -> Case {
    Case { lines, script }
}

const OK: Does = Says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: one, two\r\n\r\nhi");
const BAD: Does = Says(b"HTTP/1.1 500 Oh no\r\nContent-Length: 2\r\n\r\nhi");
const MISSING: Does = Says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
const ANSWERS: &[Does] = &[Reads, OK];
const FAILS: &[Does] = &[Reads, BAD];
const GREETING: Does = Says(b"\x24\0\0\0\x0a5.7.0-log\0\x01\0\0\0abcdefgh\0\0\0\0\0\0\0\0\0\0\0\0\0");
const DENIED: Does = Says(b"\x0d\0\0\x02\xff\x15\x04#28000Deny");

const CASES: &[Case] = &[
    case("option httpchk", ANSWERS),
    case("option httpchk", FAILS),
    case("option httpchk", &[Reads]),
    case("option httpchk", &[Reads, Says(b"nonsense\r\n\r\n")]),
    case("option httpchk", &[Reads, Says(b"HTTP/1.1 200\r\n\r\n")]),
    case("option httpchk", &[Reads, Says(b"HTTP/1.1 200 OK\r\nA:")]),
    case("option httpchk GET /x HTTP/1.1", ANSWERS),
    case("option httpchk GET /x HTTP/1.1\\r\\nHost:\\ www\\r\\nX-B:\\ c", ANSWERS),
    case("option httpchk\nhttp-check send meth POST uri /y ver HTTP/1.1 hdr Host www hdr X-A \"a b\" body \"he llo\"", ANSWERS),
    case("option httpchk\nhttp-check send uri-lf \"/%[str(a)]\" body-lf \"b%[int(4)]\"", ANSWERS),
    case("option httpchk GET /o HTTP/1.1\nhttp-check connect\nhttp-check send hdr A b", ANSWERS),
    case("option httpchk\nhttp-check set-var(check.x) str(/v)\nhttp-check send uri-lf %[var(check.x)]", ANSWERS),
    case("option httpchk\nhttp-check expect status 200,404", FAILS),
    case("option httpchk\nhttp-check expect ! status 200-299", ANSWERS),
    case("option httpchk\nhttp-check expect rstatus ^4", ANSWERS),
    case("option httpchk\nhttp-check expect string hi", ANSWERS),
    case("option httpchk\nhttp-check expect comment \"look for x\" string hello", ANSWERS),
    case("option httpchk\nhttp-check expect ! string hi", ANSWERS),
    case("option httpchk\nhttp-check expect string hi", &[Reads, MISSING]),
    case("option httpchk\nhttp-check expect hdr name -m beg X- value -m sub tw", ANSWERS),
    case("option httpchk\nhttp-check expect fhdr name X-A value two", ANSWERS),
    case("option httpchk\nhttp-check expect status 200 error-status L7RSP on-error \"why %[int(7)]\"", FAILS),
    case("option httpchk\nhttp-check expect status 200 ok-status L7OKC on-success \"fine %[str(x)]\"", ANSWERS),
    case("option httpchk\nhttp-check disable-on-404", &[Reads, MISSING]),
    case("option httpchk\nhttp-check comment \"my check\"\nhttp-check expect status 200", FAILS),
    case("", &[Stays]),
    case("option tcp-check", &[Stays]),
    case("option tcp-check\ntcp-check send PING\\r\\n\ntcp-check expect string +PONG", &[Reads, Says(b"+PONG\r\n")]),
    case("option tcp-check\ntcp-check send PING\\r\\n\ntcp-check expect string +PONG", &[Reads, Says(b"-ERR\r\n")]),
    case("option tcp-check\ntcp-check send PING\\r\\n\ntcp-check expect string +PONG", &[Reads, Says(b"-ERR\r\n"), Stays]),
    case("option tcp-check\ntcp-check expect ! string b", &[Says(b"abc"), Stays]),
    case("option tcp-check\ntcp-check expect rbinary ^79", &[Says(b"xabc")]),
    case("option tcp-check\ntcp-check expect binary-lf \"%[str(6162)]\"", &[Says(b"abc")]),
    case("option tcp-check\ntcp-check comment \"the hello\"\ntcp-check expect string q", &[Says(b"abc")]),
    case("option tcp-check\ntcp-check expect string a tout-status L4TOUT", &[Stays]),
    case("option tcp-check\ntcp-check expect string abc", &[]),
    case("option tcp-check\ntcp-check connect port 1 comment second\ntcp-check send a", &[Stays]),
    case(
        "option tcp-check\ntcp-check connect send-proxy\ntcp-check send-binary 6162\ntcp-check expect string x",
        &[ReadsTo(b"ab"), Says(b"x")],
    ),
    case("option ssl-hello-chk", &[Reads, Says(b"\x15\x03\0\0\x02")]),
    case("option ssl-hello-chk", &[Reads, Says(b"HTTP/1.1 400")]),
    case("option ssl-hello-chk", &[Reads]),
    case("option smtpchk", &[Says(b"220 hi\r\n"), Reads, Says(b"250-x\r\n250 ok\r\n"), Reads, Says(b"221 bye\r\n")]),
    case("option smtpchk EHLO my.dom", &[Says(b"220 hi\r\n"), Reads, Says(b"250 ok\r\n"), Reads, Says(b"421 bye\r\n")]),
    case("option smtpchk", &[Says(b"550 hi there\r\n"), Stays]),
    case("option smtpchk", &[]),
    case("option mysql-check", &[GREETING]),
    case("option mysql-check user bob", &[Reads, GREETING, Says(b"\x07\0\0\x02\0\0\0\x02\0\0\0"), Stays]),
    case("option mysql-check user bob pre-41", &[Reads, GREETING, DENIED, Stays]),
    case("option pgsql-check user bob", &[Reads, Says(b"R\0\0\0\x0c\0\0\0\x05abcd")]),
    case("option pgsql-check user bob", &[Reads, Says(b"E\0\0\0\x30SFATAL\0C28000\0")]),
    case("option pgsql-check user bob", &[Reads]),
    case("option redis-check", &[Reads, Says(b"+PONG\r\n")]),
    case("option redis-check", &[Reads, Says(b"-LOADING Redis\r\n")]),
    case("option redis-check", &[Reads]),
    case("option ldap-check", &[Reads, Says(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0")]),
    case("option ldap-check", &[Reads, Says(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\0\x04\0")]),
    case("option ldap-check", &[Reads, Says(b"HTTP/1.1 400 Bad Request")]),
];

/// A server, and what its first connection sent.
struct Server {
    port: u16,
    first: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Server {
    fn start(script: &'static [Does]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket").port();
        let first = Arc::new(Mutex::new(None));
        let kept = first.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let got = serve(stream, script);
                kept.lock().expect("no panic while held").get_or_insert(got);
            }
        });
        Server { port, first }
    }
}

fn serve(mut stream: TcpStream, script: &[Does]) -> Vec<u8> {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let (mut got, mut piece) = (Vec::new(), [0; 4096]);
    for step in script {
        match step {
            Says(bytes) => {
                let _ = stream.write_all(bytes);
            }
            Reads => {
                let count = stream.read(&mut piece).unwrap_or(0);
                got.extend_from_slice(piece.get(..count).unwrap_or_default());
            }
            ReadsTo(end) => {
                while !got.ends_with(end)
                    && let Ok(count @ 1..) = stream.read(&mut piece)
                {
                    got.extend_from_slice(piece.get(..count).unwrap_or_default());
                }
            }
            Stays => while let Ok(1..) = stream.read(&mut piece) {},
        }
    }
    got
}

/// What is seen of each case: the bytes, and the first line about the check.
fn observe(program: &OsString) -> Vec<(String, String)> {
    let (syslog, port) = (Syslog::udp(), free_port());
    let mut config = format!(
        "global\n  log 127.0.0.1:{} local0\n  nbthread 1\ndefaults\n  mode http\n  log global\n  timeout client 5s\n  timeout server 5s\n  \
         timeout connect 5s\n  option log-health-checks\nfrontend f\n  bind 127.0.0.1:{port}\n",
        syslog.port
    );
    let servers: Vec<Server> = CASES.iter().map(|case| Server::start(case.script)).collect();
    for (index, (case, server)) in CASES.iter().zip(&servers).enumerate() {
        config += &format!("backend c{index}\n{}\nserver s 127.0.0.1:{} check inter 1s rise 1 fall 1\n", case.lines, server.port);
    }
    let _proxy = Proxy::start_program(program, Arc::new(Folder::new()), &config, |_| ());
    let line_of = |index: usize| {
        let lines = syslog.lines();
        let line = lines.iter().find(|line| line.contains(&format!("Health check for server c{index}/s ")))?;
        let (_, text) = line.split_once("Health check")?;
        let (before, after) = text.split_once("check duration: ")?;
        Some(format!("{before}{}", after.split_once("ms").map_or(after, |(_, rest)| rest).trim_end()))
    };
    wait_until("every server was checked", || (0..CASES.len()).all(|index| line_of(index).is_some()));
    let seen = |(index, server): (usize, &Server)| {
        let got = || server.first.lock().expect("no panic while held").clone();
        // A connection that was refused, or asked for elsewhere, never comes here.
        let got = got().unwrap_or_default();
        (fold(&got), line_of(index).unwrap_or_default())
    };
    servers.iter().enumerate().map(seen).collect()
}

/// Bytes without what differs from run to run: ports, and the time in a ClientHello.
fn fold(bytes: &[u8]) -> String {
    let mut bytes = if bytes.windows(6).any(|part| part == b"HTTP/1") { fold_names(bytes) } else { bytes.to_vec() };
    if bytes.starts_with(b"\x16\x03") {
        bytes.drain(11..15);
    }
    let text = bytes.escape_ascii().to_string();
    match text.split_once("PROXY TCP4 ").and_then(|(_, rest)| rest.split_once("\\r\\n")) {
        Some((_, rest)) => format!("PROXY {rest}"),
        None => text,
    }
}

#[test]
fn checks_are_haproxys() {
    if !Path::new(HAPROXY).exists() {
        return crate::support::tell_skipped("haproxy is not installed");
    }
    let (theirs, ours) = (observe(&HAPROXY.into()), observe(&program()));
    let differing = CASES.iter().zip(theirs.iter().zip(&ours)).filter(|(_, (theirs, ours))| theirs != ours);
    let told: Vec<String> =
        differing.map(|(case, (theirs, ours))| format!("{}\n  haproxy {theirs:?}\n  byway   {ours:?}", case.lines)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
