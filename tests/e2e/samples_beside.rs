//! Expressions, conditions and log formats as tables: `samples/*.txt` has a line for each, `EXPRESSION => VALUE`, under the request that
//! is sent. byway must give these values, and so must HAProxy 2.6 where it is installed. `BYWAY_BLESS=1` writes what HAProxy gives.

use crate::support::client::Client;
use crate::support::origin::Origin;
use crate::support::proxy::{Folder, Proxy, free_port};
use crate::support::stand_in::program;
use crate::support::syslog::Syslog;
use regex::Regex;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const HAPROXY: &str = "/usr/sbin/haproxy";
/// What stands between what is asked and what it gives.
const ARROW: &str = " => ";
/// What every configuration begins with.
const BEGINNING: &str = "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n";
/// The answer of the server.
const ANSWER: &str = "HTTP/1.1 404 Not Found\r\nServer: x\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; a=9\r\nVary: x, y\r\n\
    X-IP: 10.1.2.3\r\nX-N: 12x\r\nContent-Length: 2\r\n\r\nhi";
/// Lines before those of the table: variables, captures and patterns that these use.
const LINES: &str = "  acl yes always_true\n  acl no always_false\n  capture request header Host len 5\n  capture request header X-None len 5\n  \
    capture request header X-L len 20\n  capture response header Vary len 3\n  capture response header X-None len 3\n  capture cookie a len 10\n  \
    http-request set-var(txn.s) str(sss)\n  http-request set-var(txn.i) int(5)\n  http-request set-var(txn.zero) int(0)\n";
/// Files that conditions name.
const FILES: [(&str, &str); 3] = [
    ("texts", "# comment\n/a\n\n /b \n/p/q\nABC\n"),
    ("networks", "10.0.0.0/8\n192.168.0.0/16\n2001:db8::/32\n"),
    ("map", "# comment\n/p/q value here\nabc 1\n"),
];

/// What a table's lines are, and so how their values are made to be seen.
#[derive(Clone, Copy)]
enum Kind {
    /// Expressions of a request, shown in an answer of the proxy's own.
    Request,
    /// Expressions of a response, shown in its fields.
    Response,
    /// Conditions, shown as `yes` or nothing.
    Condition,
    /// Log formats, shown in the log.
    Log,
}

/// A request and what is asked about it.
struct Section {
    /// The request line and fields, parted by ` | `.
    request: String,
    asked: Vec<String>,
    expected: Vec<String>,
}

fn parse_table(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(request) = line.strip_prefix("@ ") {
            sections.push(Section { request: request.to_string(), asked: Vec::new(), expected: Vec::new() });
            continue;
        }
        let section = sections.last_mut().expect("a request stands before what is asked");
        let (asked, expected) = line.rsplit_once(ARROW).unwrap_or((line, ""));
        section.asked.push(asked.to_string());
        section.expected.push(expected.to_string());
    }
    sections
}

/// What the program gives for each line of a section.
fn observe(program: &OsStr, kind: Kind, section: &Section) -> Vec<String> {
    let folder = Arc::new(Folder::new());
    for (name, text) in FILES {
        folder.write(name, text);
    }
    match kind {
        Kind::Request => observe_request(program, &folder, LINES, section, &section.asked),
        Kind::Condition => {
            let rule = |(number, condition): (usize, &String)| format!("  http-request set-var(txn.c{number}) str(yes) if {condition}\n");
            let rules: String = section.asked.iter().enumerate().map(rule).collect();
            let shown: Vec<String> = (0..section.asked.len()).map(|number| format!("var(txn.c{number})")).collect();
            observe_request(program, &folder, &format!("{LINES}{rules}"), section, &shown)
        }
        Kind::Response => observe_response(program, &folder, section),
        Kind::Log => observe_log(program, &folder, section),
    }
}

fn request_of(section: &Section) -> String {
    format!("{}\r\n\r\n", section.request.replace(" | ", "\r\n"))
}

fn exchange(program: &OsStr, folder: &Arc<Folder>, port: u16, lines: &str, section: &Section) -> String {
    let origin = Origin::answering(ANSWER);
    let config = format!("{BEGINNING}listen l\n  bind 127.0.0.1:{port}\n{lines}  server a 127.0.0.1:{}\n", origin.port);
    let _proxy = Proxy::start_program(program, folder.clone(), &config, |_| ());
    let mut client = Client::connect(port);
    client.send(request_of(section));
    String::from_utf8_lossy(&client.read_to_end()).into_owned()
}

fn observe_request(program: &OsStr, folder: &Arc<Folder>, lines: &str, section: &Section, shown: &[String]) -> Vec<String> {
    let body: String = shown.iter().enumerate().map(|(number, asked)| format!("{number}:%[{asked}]\n")).collect();
    folder.write("body", &body);
    let lines = format!("{lines}  http-request return status 200 content-type text/plain lf-file @DIR@/body\n");
    let answer = exchange(program, folder, free_port(), &lines, section);
    let values: Vec<&str> = answer.split_once("\r\n\r\n").map_or(&answer[..], |(_, body)| body).lines().collect();
    let value = |number: usize| values.get(number).and_then(|line| line.strip_prefix(&format!("{number}:"))).unwrap_or("(nothing)");
    (0..shown.len()).map(|number| value(number).to_string()).collect()
}

fn observe_response(program: &OsStr, folder: &Arc<Folder>, section: &Section) -> Vec<String> {
    let rule = |(number, asked): (usize, &String)| format!("  http-response set-header X-T{number} \"<%[{asked}]>\"\n");
    let rules: String = section.asked.iter().enumerate().map(rule).collect();
    let answer = exchange(program, folder, free_port(), &format!("{LINES}{rules}"), section);
    let value = |number: usize| {
        let name = format!("x-t{number}: <");
        answer.lines().find(|line| line.to_ascii_lowercase().starts_with(&name)).and_then(|line| line.get(name.len()..line.len() - 1))
    };
    (0..section.asked.len()).map(|number| value(number).unwrap_or("(nothing)").to_string()).collect()
}

fn observe_log(program: &OsStr, folder: &Arc<Folder>, section: &Section) -> Vec<String> {
    let (syslog, origin) = (Syslog::udp(), Origin::answering(ANSWER));
    let ports: Vec<u16> = section.asked.iter().map(|_| free_port()).collect();
    let listen = |(port, format): (&u16, &String)| {
        format!(
            "listen l\n  bind 127.0.0.1:{port}\n{LINES}  log 127.0.0.1:{} len 8000 local0\n  log-format \"#{port}#{format}|\"\n  \
             server srv 127.0.0.1:{}\n",
            syslog.port, origin.port
        )
    };
    let mut config = BEGINNING.to_string();
    for (number, section) in ports.iter().zip(&section.asked).map(listen).enumerate() {
        config.push_str(&section.replacen("listen l\n", &format!("listen l{number}\n"), 1));
    }
    let proxy = Proxy::start_program(program, folder.clone(), &config, |command| {
        command.env("TZ", "UTC");
    });
    let date = Regex::new(r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8}(\.[0-9]{3})?").expect("a regex");
    let observed = ports.iter().map(|port| {
        let mut client = Client::connect(*port);
        client.send(request_of(section));
        client.read_to_end();
        let line = syslog.wait_for(&format!("#{port}#"));
        let (_, line) = line.split_once(&format!("#{port}#")).unwrap_or_default();
        let mut line = line.trim_end().trim_end_matches('|').to_string();
        for (name, number) in [("CLIENT", client.port()), ("FRONT", *port), ("SERVER", origin.port)] {
            line = line.replace(&number.to_string(), name).replace(&format!("{number:04X}"), &format!("0x{name}"));
        }
        line = line.replace(&proxy.pid().to_string(), "PID").replace(&format!("{:04X}", proxy.pid()), "0xPID");
        date.replace_all(&line, |found: &regex::Captures| if found.get(1).is_some() { "DATE.ms" } else { "DATE" }).into_owned()
    });
    observed.collect()
}

fn path_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/samples").join(name)
}

/// Writes what HAProxy gives into the table.
fn bless(path: &Path, text: &str, kind: Kind) {
    let theirs: Vec<Vec<String>> = parse_table(text).iter().map(|section| observe(HAPROXY.as_ref(), kind, section)).collect();
    let mut theirs = theirs.iter().flatten();
    let mut blessed = String::new();
    for line in text.lines() {
        let is_asked = !line.is_empty() && !line.starts_with('#') && !line.starts_with("@ ");
        let value = if is_asked { theirs.next() } else { None };
        blessed.push_str(line.rsplit_once(ARROW).filter(|_| is_asked).map_or(line, |(asked, _)| asked));
        blessed.push_str(&value.map(|value| format!("{ARROW}{value}")).unwrap_or_default());
        blessed.push('\n');
    }
    std::fs::write(path, blessed).expect("the table");
}

fn check(name: &str, kind: Kind) {
    let path = path_of(name);
    let text = std::fs::read_to_string(&path).expect("a table");
    let has_haproxy = Path::new(HAPROXY).exists();
    if has_haproxy && std::env::var_os("BYWAY_BLESS").is_some() {
        return bless(&path, &text, kind);
    }
    if !has_haproxy {
        assert!(std::env::var_os("BYWAY_DEMAND_PEERS").is_none(), "BYWAY_DEMAND_PEERS is set, and {HAPROXY} is missing");
        crate::support::tell_skipped(&format!("{HAPROXY} is not installed: byway alone is held against {name}"));
    }
    let haproxy: Option<OsString> = has_haproxy.then(|| HAPROXY.into());
    let mut differences = Vec::new();
    for section in parse_table(&text) {
        for program in [Some(program()), haproxy.clone()].into_iter().flatten() {
            let observed = observe(&program, kind, &section);
            for ((asked, expected), observed) in section.asked.iter().zip(&section.expected).zip(observed) {
                if *expected != observed {
                    differences.push(format!("{}: {asked}\n  expected <{expected}>\n  observed <{observed}>", program.to_string_lossy()));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{name}: {} differences\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn converters_give_what_haproxys_give() {
    check("converters.txt", Kind::Request);
}

#[test]
fn fetches_of_requests_give_what_haproxys_give() {
    check("requests.txt", Kind::Request);
}

#[test]
fn fetches_of_responses_give_what_haproxys_give() {
    check("responses.txt", Kind::Response);
}

#[test]
fn conditions_hold_where_haproxys_hold() {
    check("conditions.txt", Kind::Condition);
}

#[test]
fn log_formats_show_what_haproxys_show() {
    check("logs.txt", Kind::Log);
}

#[test]
fn times_and_counters_of_a_log_line_fit_together() {
    let (syslog, origin, port) = (Syslog::udp(), Origin::answering(ANSWER), free_port());
    let format = "%Ti %TR %Tq %Tw %Tc %Tr %Td %Ta %Tu %Tt %Th %lc %U %Ts %ms %[capture.req.uri]|%OG|%H|%sslc|%sslv|";
    let config = format!(
        "{BEGINNING}listen l\n  bind 127.0.0.1:{port}\n  log 127.0.0.1:{} local0\n  log-format \"{format}\"\n  \
         http-request deny if {{ path /no }}\n  server srv 127.0.0.1:{}\n",
        syslog.port, origin.port
    );
    let _proxy = Proxy::start_program(env!("CARGO_BIN_EXE_byway").as_ref(), Arc::new(Folder::new()), &config, |_| ());
    let mut client = Client::connect(port);
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
    client.ask(request("/one"));
    client.ask(request("/no"));
    let fields = |path: &str| {
        let line = syslog.wait_for(&format!(" {path}|txn_close|"));
        let line = line.rsplit(": ").next().unwrap_or_default().to_string();
        assert!(line.trim_end().ends_with("|-|-|"), "TLS shows as missing: {line}");
        let numbers = line.split(' ').take(15).map(|word| word.parse::<i64>().unwrap_or_else(|_| panic!("{word} in {line}")));
        <[i64; 15]>::try_from(numbers.collect::<Vec<_>>()).expect("fifteen numbers")
    };
    let [idle, request_ms, query, queue, connect, response, data, active, user, total, handshake, lines, bytes, seconds, millis] =
        fields("/one");
    assert!([idle, request_ms, queue, connect, response, data, handshake].iter().all(|time| *time >= 0));
    assert_eq!((idle + request_ms, idle + active, active, lines), (query, total, user, 0));
    assert!((request_ms + queue + connect + response + data - active).abs() <= 5, "phases make up the whole");
    assert_eq!(bytes, request("/one").len() as i64);
    assert!(seconds > 1_600_000_000 && (0..1000).contains(&millis));
    let [_, _, _, queue, connect, response, data, _, _, _, _, lines, ..] = fields("/no");
    assert_eq!([queue, connect, response, data, lines], [-1, -1, -1, -1, 1], "what was not reached");
}
