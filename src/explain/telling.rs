//! The text of `--explain`: which rule came to what, on which values, and the messages as they leave.

use crate::config::Source;
use crate::config::dump;
use crate::config::model::{Config, Proxy, ProxyKind, Server};
use crate::fault::Place;
use crate::sample::ProxyId;
use crate::sample::content::Outcome;
use crate::sample::witness::Seen;
use std::fmt::Write;
use std::net::SocketAddr;

/// The most bytes of a body that are shown.
const SHOWN_BODY: usize = 2048;

/// The text as it grows.
pub(super) struct Telling<'a> {
    sources: &'a [Source],
    config: &'a Config,
    text: String,
    /// The section that the client came to.
    listen: Option<ProxyId>,
}

impl<'a> Telling<'a> {
    /// Nothing yet.
    pub(super) fn new(sources: &'a [Source], config: &'a Config) -> Telling<'a> {
        Telling { sources, config, text: String::new(), listen: None }
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, text: std::fmt::Arguments) {
        // Writing to a text does not fail.
        let _ = writeln!(self.text, "{text}");
    }

    /// Something that a part begins with.
    pub(super) fn heading(&mut self, text: &str) {
        self.line(format_args!("{text}"));
    }

    /// Something on the way.
    pub(super) fn note(&mut self, text: &str) {
        self.line(format_args!("  -    {text}"));
    }

    /// Who comes to whom.
    pub(super) fn scene(&mut self, source: SocketAddr, destination: Option<SocketAddr>, frontend: &Proxy, why: &str) {
        let destination = destination.map_or_else(|| "an address of no port".into(), |address| address.to_string());
        self.line(format_args!("client {source} to {destination}"));
        self.section(frontend);
        self.listen = Some(frontend.id);
        self.note(why);
    }

    fn section(&mut self, proxy: &Proxy) {
        let place = &proxy.place;
        self.line(format_args!("{} {} ({}:{})", kind(proxy), proxy.name, place.file, place.line));
    }

    /// What conditions and rules came to.
    pub(super) fn seen(&mut self, seen: &[Seen]) {
        let mut tests: Vec<&Seen> = Vec::new();
        for one in seen {
            match one {
                Seen::Tested { .. } | Seen::Acl { .. } => tests.push(one),
                Seen::Rule { place, outcome } => {
                    self.rule(place, *outcome);
                    self.reasons(&tests);
                    tests.clear();
                }
                Seen::Backend(id) => {
                    let proxy = self.config.proxies.get(id.0 as usize);
                    if let Some(proxy) = proxy.filter(|proxy| proxy.kind != ProxyKind::Listen || self.listen != Some(*id)) {
                        self.section(proxy);
                    }
                }
                Seen::Note(text) => {
                    self.note(text);
                    self.reasons(&tests);
                    tests.clear();
                }
            }
        }
        self.reasons(&tests);
    }

    fn rule(&mut self, place: &Place, outcome: Outcome) {
        let source = self.sources.iter().find(|source| source.name == place.file);
        let line = source.and_then(|source| source.text.split(|byte| *byte == b'\n').nth((place.line as usize).saturating_sub(1)));
        let line = String::from_utf8_lossy(line.unwrap_or_default()).trim().to_owned();
        self.line(format_args!("  {:<4} {}:{}  {line}", came_to(outcome), place.file, place.line));
    }

    /// The tests before a rule, by the ACLs that they belong to.
    fn reasons(&mut self, tests: &[&Seen]) {
        let mut own = 0;
        for (index, one) in tests.iter().enumerate() {
            let Seen::Acl { name, outcome } = one else { continue };
            let indent = if name.is_empty() { "         " } else { "           " };
            if !name.is_empty() {
                self.line(format_args!("         {name}: {}", came_to(*outcome)));
            }
            tests[own..index].iter().for_each(|test| self.test(test, indent));
            own = index + 1;
        }
        tests[own..].iter().for_each(|test| self.test(test, "         "));
    }

    fn test(&mut self, test: &Seen, indent: &str) {
        let Seen::Tested { test, values, outcome } = test else { return };
        let values = if values.is_empty() { "there is no value".into() } else { values.join(", ") };
        self.line(format_args!("{indent}{{ {test} }}: {}, {values}", came_to(*outcome)));
    }

    /// The server that is connected to.
    pub(super) fn server(&mut self, proxy: &Proxy, server: &Server, target: Option<SocketAddr>, refuses: bool) {
        let address = target.map_or_else(|| dump::address(&server.address), |target| target.to_string());
        let name = if server.name.is_empty() { "<NOSRV>" } else { &server.name };
        self.line(format_args!("server {}/{name} at {address} ({}:{})", proxy.name, server.place.file, server.place.line));
        if refuses {
            self.note("it refuses the connection, as the scene says");
        }
    }

    /// Time passes.
    pub(super) fn wait(&mut self, ms: u64) {
        self.note(&format!("{} ms later", ms));
    }

    /// A message as it leaves.
    pub(super) fn message(&mut self, title: &str, bytes: &[u8]) {
        self.line(format_args!("{title}"));
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 2);
        let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
        let head = head.strip_suffix(b"\r\n").unwrap_or(head);
        for line in head.split(|byte| *byte == b'\n') {
            self.line(format_args!(
                "  | {}",
                line.strip_suffix(b"\r").unwrap_or(line).escape_ascii().to_string().replace("\\\"", "\"").replace("\\'", "'")
            ));
        }
        if body.is_empty() {
            return;
        }
        self.line(format_args!("  |"));
        match std::str::from_utf8(body) {
            Ok(text) if body.len() <= SHOWN_BODY && !text.chars().any(|c| c.is_control() && !c.is_whitespace()) => {
                text.lines().for_each(|line| self.line(format_args!("  | {line}")));
            }
            _ => self.line(format_args!("  | ({} bytes)", body.len())),
        }
    }

    /// The lines that go to the log.
    pub(super) fn log(&mut self, lines: &[String]) {
        for line in lines {
            self.line(format_args!("log  {}", line.trim_end()));
        }
    }
}

fn kind(proxy: &Proxy) -> &'static str {
    match proxy.kind {
        ProxyKind::Frontend => "frontend",
        ProxyKind::Backend => "backend",
        ProxyKind::Listen => "listen",
    }
}

fn came_to(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "yes",
        Outcome::Fails => "no",
        Outcome::Undecided => "wait",
    }
}
