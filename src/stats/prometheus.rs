//! The metrics as text (Prometheus' exposition format 0.0.4), metric by metric, each with all its samples. An exposition remembers
//! where it is, so that it can be rendered in pieces.

use super::View;
use super::backend_columns::side;
use super::columns::{self, Column};
use super::info;
use super::metrics::{CHECK_RESULTS, Kind, METRICS, Metric, Shape};
use super::rows::{Filter, Place, Row, What};
use super::standing;
use super::value::{Value, render_number};
use crate::config::model::Mode;
use std::io::Write;

/// What metrics can be of, in the order in which they are written: the letter, its name, the rows.
const SECTIONS: [(char, &str, u8); 5] = [
    ('P', "process", 0),
    ('F', "frontend", Filter::FRONTENDS),
    ('L', "listener", Filter::LISTENERS),
    ('B', "backend", Filter::BACKENDS),
    ('S', "server", Filter::SERVERS),
];

/// What a scrape asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scrape {
    /// Letters of the sections that are shown.
    pub sections: String,
    /// Servers in maintenance are left out.
    pub no_maintenance: bool,
}

impl Scrape {
    /// Reads the query of a request (`scope=global|frontend|listener|backend|server|*`, `no-maint`); `None` when it is none that is
    /// understood.
    pub fn parse(query: &[u8]) -> Option<Scrape> {
        let mut scrape = Scrape { sections: "PFLBS".to_owned(), no_maintenance: false };
        let mut chosen = false;
        for part in query.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
            let cut = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
            let (name, value) = (part.get(..cut)?, part.get(cut + 1..).unwrap_or_default());
            match name {
                b"no-maint" => scrape.no_maintenance = true,
                b"scope" => {
                    if !std::mem::replace(&mut chosen, true) {
                        scrape.sections.clear();
                    }
                    match value {
                        b"" => scrape.sections.clear(),
                        b"*" => scrape.sections = "PFLBS".to_owned(),
                        b"global" => scrape.sections.push('P'),
                        other => {
                            let (letter, ..) = SECTIONS.iter().skip(1).find(|(_, name, _)| name.as_bytes() == other)?;
                            scrape.sections.push(*letter);
                        }
                    }
                }
                _ => {}
            }
        }
        Some(scrape)
    }
}

/// An exposition under way.
#[derive(Clone, Debug)]
pub struct Exposition {
    scrape: Scrape,
    section: usize,
    metric: usize,
    /// The class of answers, where a metric is told by these.
    class: usize,
    /// The metric's opening lines are written.
    is_open: bool,
    place: Place,
}

impl Exposition {
    /// An exposition of what a scrape asks for.
    pub fn new(scrape: Scrape) -> Exposition {
        Exposition { scrape, section: 0, metric: 0, class: 0, is_open: false, place: Place::default() }
    }

    /// Writes more of it, until there are at least so many bytes; says whether more is left.
    pub fn render(&mut self, view: &View, out: &mut Vec<u8>, enough: usize) -> bool {
        while out.len() < enough {
            let Some(&(letter, section, kinds)) = SECTIONS.get(self.section) else { return false };
            let shown = self.scrape.sections.contains(letter);
            let Some(metric) = METRICS.get(self.metric).filter(|_| shown) else {
                (self.section, self.metric) = (self.section + 1, 0);
                continue;
            };
            if !metric.of.contains(letter) {
                self.metric += 1;
                continue;
            }
            let name = match metric.shape {
                Shape::Maintenance => format!("byway_{section}_{}", metric.name),
                _ => format!("haproxy_{section}_{}", metric.name),
            };
            if letter == 'P' {
                render_process(view, metric, &name, out);
                self.metric += 1;
            } else if !self.render_rows(view, metric, &Named { name: &name, kinds }, out, enough) {
                self.next_samples(metric);
            }
        }
        self.section < SECTIONS.len()
    }

    /// To the next class of answers, or the next metric.
    fn next_samples(&mut self, metric: &Metric) {
        self.place = Place::default();
        self.class += 1;
        if metric.shape != Shape::Answers || self.class > 5 {
            (self.class, self.metric, self.is_open) = (0, self.metric + 1, false);
        }
    }

    /// Writes samples of a metric; says whether more are left.
    fn render_rows(&mut self, view: &View, metric: &Metric, named: &Named, out: &mut Vec<u8>, enough: usize) -> bool {
        let Some(column) = columns::find(metric.source) else { return false };
        let filter = Filter { kinds: named.kinds, no_maintenance: self.scrape.no_maintenance, ..Filter::all() };
        while out.len() < enough {
            let Some(row) = self.place.next(view, &filter) else { return false };
            if !is_told(metric, &row) {
                continue;
            }
            if !std::mem::replace(&mut self.is_open, true) {
                render_head(metric, named.name, column.meaning, out);
            }
            render_samples(metric, column, &row, self.class, named.name, out);
        }
        true
    }
}

/// A metric in one section: its whole name, and the rows that have it.
struct Named<'a> {
    name: &'a str,
    kinds: u8,
}

/// Has a row such a metric at all?
fn is_told(metric: &Metric, row: &Row) -> bool {
    let speaks_http = row.proxy.mode == Mode::Http;
    match metric.shape {
        Shape::Answers => speaks_http,
        Shape::Servers | Shape::ServerChecks => !row.proxy.servers.is_empty(),
        Shape::Checks => is_checked(row),
        _ if metric.source.starts_with("check_") => is_checked(row),
        Shape::Plain if metric.name.starts_with("http_") || metric.name == "intercepted_requests_total" => speaks_http,
        _ => true,
    }
}

fn is_checked(row: &Row) -> bool {
    matches!(row.what, What::Server(server, _) if server.check.is_some())
}

fn render_head(metric: &Metric, name: &str, meaning: &str, out: &mut Vec<u8>) {
    let kind = if metric.kind == Kind::Gauge { "gauge" } else { "counter" };
    // Writing to a vector does not fail.
    let _ = write!(out, "# HELP {name} {meaning}\n# TYPE {name} {kind}\n");
}

fn render_process(view: &View, metric: &Metric, name: &str, out: &mut Vec<u8>) {
    let Some(line) = info::LINES.iter().find(|line| line.name == metric.source) else { return };
    render_head(metric, name, line.meaning, out);
    out.extend_from_slice(name.as_bytes());
    let value = (line.value)(view);
    if metric.shape == Shape::Build {
        out.extend_from_slice(b"{version=\"");
        render_label(view.facts.version, out);
        out.extend_from_slice(b"\"} 1\n");
        return;
    }
    out.push(b' ');
    render_value(metric, &value, out);
}

fn render_samples(metric: &Metric, column: &Column, row: &Row, class: usize, name: &str, out: &mut Vec<u8>) {
    let mut sample = |label: Option<(&str, &str)>, value: Value| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"{proxy=\"");
        render_label(&row.proxy.name, out);
        let own = match row.what {
            What::Server(server, _) => Some(("server", server.name.as_str())),
            What::Listener(_, _, state) => Some(("listener", state.name.as_str())),
            What::Frontend | What::Backend => None,
        };
        for (label, text) in own.into_iter().chain(label) {
            for part in ["\",", label, "=\""] {
                out.extend_from_slice(part.as_bytes());
            }
            render_label(text, out);
        }
        out.extend_from_slice(b"\"} ");
        render_value(metric, &value, out);
    };
    let flag = |is: bool| Value::Small(u64::from(is));
    match metric.shape {
        Shape::Answers => {
            let codes = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"];
            let count = side(row).answers.get(class).map_or(0, |count| count.get());
            sample(Some(("code", codes.get(class).copied().unwrap_or("other"))), Value::Large(count));
        }
        Shape::Status => {
            let (states, now): (&[&str], _) = match row.what {
                What::Frontend => (&["DOWN", "UP"], "UP"),
                What::Listener(_, bind, state) => {
                    let now = state.connections.load(std::sync::atomic::Ordering::Relaxed);
                    let full = bind.maxconn.is_some_and(|most| now >= most as usize);
                    (&["WAITING", "OPEN", "FULL"], if full { "FULL" } else { "OPEN" })
                }
                What::Backend => (&["DOWN", "UP"], if standing::is_served(row.proxy, row.live) { "UP" } else { "DOWN" }),
                What::Server(server, state) => (&SERVER_STATES, server_state(&standing::server_status(row.view, server, state))),
            };
            states.iter().for_each(|state| sample(Some(("state", state)), flag(*state == now)));
        }
        Shape::Checks => {
            let result = (column.value)(row);
            CHECK_RESULTS.iter().for_each(|state| sample(Some(("state", state)), flag(result == Value::text(*state))));
        }
        Shape::Servers => {
            let states: Vec<&str> =
                servers(row).map(|(server, state)| server_state(&standing::server_status(row.view, server, state))).collect();
            for state in SERVER_STATES {
                let count = states.iter().filter(|now| **now == state).count();
                sample(Some(("state", state)), Value::Small(count as u64));
            }
        }
        Shape::ServerChecks => {
            let Some(status) = columns::find("check_status") else { return };
            let result = |what| (status.value)(&Row { what, ..*row });
            let results: Vec<Value> = servers(row).map(|(server, state)| result(What::Server(server, state))).collect();
            for state in CHECK_RESULTS {
                let count = results.iter().filter(|result| **result == Value::text(state)).count();
                sample(Some(("state", state)), Value::Small(count as u64));
            }
        }
        Shape::Maintenance => sample(None, flag(standing::maintenance(row.view, row.proxy).is_some())),
        Shape::Plain if metric.source == "check_code" => match (column.value)(row) {
            Value::None => sample(None, Value::Small(0)),
            code => sample(None, code),
        },
        Shape::Plain | Shape::Seconds | Shape::Build => sample(None, (column.value)(row)),
    }
}

/// What a server can be.
const SERVER_STATES: [&str; 5] = ["DOWN", "UP", "MAINT", "DRAIN", "NOLB"];

/// The state that a status says.
fn server_state(status: &str) -> &'static str {
    match status.split(' ').next().unwrap_or_default() {
        "DOWN" => "DOWN",
        "MAINT" => "MAINT",
        "DRAIN" => "DRAIN",
        "NOLB" => "NOLB",
        _ => "UP",
    }
}

fn servers<'a>(row: &Row<'a>) -> impl Iterator<Item = (&'a crate::config::model::Server, &'a crate::state::ServerState)> + use<'a> {
    row.proxy.servers.iter().zip(&row.live.servers).map(|(server, state)| (server, state.as_ref()))
}

/// Writes the value of a sample and the line's end.
fn render_value(metric: &Metric, value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::None | Value::Text(_) => out.extend_from_slice(b"NaN"),
        Value::Small(number) | Value::Large(number) if metric.shape == Shape::Seconds => {
            render_number(number / 1000, out);
            // Writing to a vector does not fail.
            let _ = write!(out, ".{:03}000", number % 1000);
        }
        value => value.render(out),
    }
    out.push(b'\n');
}

/// Writes a label's value.
fn render_label(text: &str, out: &mut Vec<u8>) {
    for character in text.bytes() {
        match character {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            other => out.push(other),
        }
    }
}
