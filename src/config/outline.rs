//! Files as sections of lines: words cut, `.if` decided, the environment changed by the lines that change it.
//! What a line says is left to the tables; sections that are out of scope are skipped whole here.

use super::conditional::{Conditionals, Step};
use super::default_path::DefaultPath;
use super::diagnostic::{Kind, Severity};
use super::environment::{Environment, parse_environment_file};
use super::keyword::{SectionKind, Status, nearest};
use super::line::{Line, Sense};
use super::model::ProxyKind;
use super::words::{BadLine, Words, scan_words};
use super::{Reading, Source, known, value};
use crate::fault::Fault;
use std::ops::Range;

/// A section with its lines.
#[derive(Debug)]
pub struct Section<'a> {
    /// What it is.
    pub kind: SectionKind,
    /// The line that begins it.
    pub head: Line<'a>,
    /// Its name; empty when it has none.
    pub name: String,
    /// The lines behind the head.
    pub lines: Vec<Line<'a>>,
}

impl Section<'_> {
    /// The kind of proxy that it declares, if it does.
    pub fn proxy_kind(&self) -> Option<ProxyKind> {
        match self.kind {
            SectionKind::Frontend => Some(ProxyKind::Frontend),
            SectionKind::Backend => Some(ProxyKind::Backend),
            SectionKind::Listen => Some(ProxyKind::Listen),
            SectionKind::Global | SectionKind::Defaults | SectionKind::Userlist | SectionKind::HttpErrors => None,
        }
    }
}

/// What a section's keyword leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It is read.
    Read(SectionKind),
    /// It is passed over to its end with one warning.
    Skip(&'static str),
    /// It is refused, and passed over to its end.
    NotYet,
    /// It is refused for this reason, and passed over to its end.
    Refuse(&'static str),
}

/// A section's keyword.
pub struct SectionRow {
    /// The keyword.
    pub name: &'static str,
    answer: Answer,
    /// One line of manual.
    pub manual: &'static str,
}

impl SectionRow {
    /// How far byway does it.
    pub fn status(&self) -> Status {
        match self.answer {
            Answer::Read(_) => Status::Done,
            Answer::Skip(reason) => Status::Ignored(reason),
            Answer::NotYet => Status::NotYet,
            Answer::Refuse(instead) => Status::Refused(instead),
        }
    }
}

/// The keywords that begin a section.
pub const SECTIONS: &[SectionRow] = &[
    SectionRow { name: "global", answer: Answer::Read(SectionKind::Global), manual: "what concerns the whole process" },
    SectionRow {
        name: "defaults",
        answer: Answer::Read(SectionKind::Defaults),
        manual: "what the sections behind it begin with; [<name>] [from <defaults>]",
    },
    SectionRow {
        name: "frontend",
        answer: Answer::Read(SectionKind::Frontend),
        manual: "accepts clients; <name> [<address>] [from <defaults>]",
    },
    SectionRow { name: "backend", answer: Answer::Read(SectionKind::Backend), manual: "has servers; <name> [from <defaults>]" },
    SectionRow {
        name: "listen",
        answer: Answer::Read(SectionKind::Listen),
        manual: "a frontend and a backend in one; <name> [<address>] [from <defaults>]",
    },
    SectionRow { name: "ruleset", answer: Answer::Read(SectionKind::Backend), manual: "a backend, as HAProxy 1.3 also called it" },
    SectionRow {
        name: "userlist",
        answer: Answer::Read(SectionKind::Userlist),
        manual: "users, groups and passwords for http_auth; <name>",
    },
    SectionRow {
        name: "http-errors",
        answer: Answer::Read(SectionKind::HttpErrors),
        manual: "error pages under one name, for errorfiles; <name>",
    },
    SectionRow { name: "log-forward", answer: Answer::NotYet, manual: "receives and passes on syslog lines" },
    SectionRow { name: "ring", answer: Answer::NotYet, manual: "a buffer of log lines" },
    SectionRow { name: "healthcheck", answer: Answer::NotYet, manual: "a check that several backends share" },
    SectionRow { name: "resolvers", answer: Answer::Skip("names of servers are looked up once, at start"), manual: "name servers" },
    SectionRow { name: "crt-store", answer: Answer::Skip(NO_TLS), manual: "certificates" },
    SectionRow { name: "acme", answer: Answer::Skip(NO_TLS), manual: "certificates from an authority" },
    SectionRow { name: "crt-list", answer: Answer::Skip(NO_TLS), manual: "certificates" },
    SectionRow { name: "traces", answer: Answer::Skip("there is nothing to trace"), manual: "debugging of HAProxy itself" },
    SectionRow { name: "log-profile", answer: Answer::Skip("lines are logged in their usual form"), manual: "forms of log lines by event" },
    SectionRow { name: "program", answer: Answer::Skip("start it as a service of its own"), manual: "a program run beside the proxy" },
    SectionRow { name: "peers", answer: Answer::Skip("there is no replication between proxies"), manual: "replication between proxies" },
    SectionRow { name: "mailers", answer: Answer::Skip("watch the log instead"), manual: "mail servers for alerts" },
    SectionRow { name: "cache", answer: Answer::Skip("responses are not cached"), manual: "a cache of responses" },
    SectionRow {
        name: "fcgi-app",
        answer: Answer::Refuse("put a web server that speaks FastCGI in front of the application"),
        manual: "a FastCGI application",
    },
];

const NO_TLS: &str = "byway speaks no TLS: let stunnel or hitch end it in front";

/// Cuts the sources into sections. All that is wrong with quotes, conditionals and sections' heads is told to `reading`.
pub fn outline<'a>(sources: &'a [Source], reading: &mut Reading) -> Vec<Section<'a>> {
    let mut outline = Outline { sections: Vec::new(), place: Place::Nowhere };
    for source in sources {
        outline.read_source(source, reading);
    }
    outline.sections
}

/// Where the next line belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before any section.
    Nowhere,
    /// In the last section.
    Last,
    /// In a section that is passed over.
    Skipped,
}

struct Outline<'a> {
    sections: Vec<Section<'a>>,
    place: Place,
}

impl<'a> Outline<'a> {
    fn read_source(&mut self, source: &'a Source, reading: &mut Reading) {
        let text = source.text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&source.text);
        let mut conditionals = Conditionals::default();
        reading.file = source.name.clone();
        for (index, text) in text.split(|byte| *byte == b'\n').enumerate() {
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let begins = text.iter().find(|byte| !byte.is_ascii_whitespace());
            if begins.is_none_or(|byte| *byte == b'#') || (begins != Some(&b'.') && conditionals.is_passing_over()) {
                continue;
            }
            let mut line = Line {
                file: &source.name,
                number: index as u32 + 1,
                text,
                sense: Sense::Wanted,
                words: Vec::new(),
                taken_off: 0,
                columns: None,
            };
            reading.environment.stand_at(&source.name, line.number);
            match scan_words(text, &reading.environment) {
                Ok(words) => set_words(&mut line, words, reading),
                Err(_) if self.place == Place::Skipped || conditionals.is_passing_over() => continue,
                Err(bad) => {
                    tell_bad(&line, bad, reading);
                    continue;
                }
            }
            match conditionals.take(&line, reading) {
                Step::Text => self.read_line(line, reading),
                Step::Taken => {}
            }
        }
        conditionals.finish(reading);
    }

    fn read_line(&mut self, line: Line<'a>, reading: &mut Reading) {
        let Some(row) = SECTIONS.iter().find(|row| row.name.as_bytes() == line.keyword()) else {
            return match misspelt_section(&line, reading) {
                Some(fault) => {
                    // Its lines would be faults one and all.
                    self.place = Place::Skipped;
                    reading.alert(&line, fault);
                }
                None => self.read_inside(line, reading),
            };
        };
        self.place = Place::Skipped;
        reading.environment.begin_section(line.word(1).unwrap_or_else(|| line.keyword()).to_vec());
        match row.answer {
            Answer::Skip(reason) if row.name == RESOLVERS => {
                reading.resolvers.extend(line.word(1).map(<[u8]>::to_vec));
                tell_skipped(row, reason, &line, reading);
            }
            Answer::Read(kind) => {
                if let Some(name) = section_name(kind, &line, reading) {
                    self.sections.push(Section { kind, head: line, name, lines: Vec::new() });
                    self.place = Place::Last;
                }
            }
            Answer::Skip(reason) => tell_skipped(row, reason, &line, reading),
            Answer::NotYet => {
                let fault = Fault::new(0, format!("section '{}' is known, but not yet done by byway", row.name));
                reading.diagnostics.push(line.tell(Severity::Alert, Kind::NotYet, fault));
            }
            Answer::Refuse(instead) => {
                let fault = Fault::new(0, format!("section '{}' is out of byway's scope", row.name)).hint(instead);
                reading.diagnostics.push(line.tell(Severity::Alert, Kind::OutOfScope, fault));
            }
        }
    }

    fn read_inside(&mut self, line: Line<'a>, reading: &mut Reading) {
        match (self.place, self.sections.last_mut()) {
            (Place::Last, Some(section)) => {
                if section.kind == SectionKind::Global {
                    change_environment(&line, reading);
                }
                section.lines.push(line);
            }
            (Place::Skipped, _) => {}
            _ => {
                let keyword = String::from_utf8_lossy(line.keyword()).into_owned();
                let fault = Fault::new(0, format!("'{keyword}' stands before any section"));
                let hint = match nearest(line.keyword(), SECTIONS.iter().map(|row| row.name)) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => "begin with 'global', 'defaults', 'frontend', 'backend' or 'listen'".into(),
                };
                reading.alert(&line, fault.hint(hint));
            }
        }
    }
}

/// A line that looks like the head of a section: it begins at the margin with a word that is nearly a section's keyword
/// and no keyword itself.
fn misspelt_section(line: &Line, reading: &Reading) -> Option<Fault> {
    let begins_at_margin = line.text.first().is_some_and(|byte| !byte.is_ascii_whitespace());
    if !begins_at_margin || line.sense != Sense::Wanted || !reading.may_guess() || known::is_keyword(line.keyword()) {
        return None;
    }
    let near = nearest(line.keyword(), SECTIONS.iter().map(|row| row.name))?;
    let word = String::from_utf8_lossy(line.keyword()).into_owned();
    Some(Fault::new(0, format!("unknown section '{word}'")).hint(format!("did you mean '{near}'?")))
}

/// The section whose name `server` lines may ask for.
const RESOLVERS: &str = "resolvers";

fn tell_skipped(row: &SectionRow, reason: &str, line: &Line, reading: &mut Reading) {
    let fault = Fault::new(0, format!("section '{}' is not supported and skipped", row.name)).hint(reason);
    reading.diagnostics.push(line.tell(Severity::Warning, Kind::Ignored, fault));
}

fn set_words(line: &mut Line, words: Words, reading: &mut Reading) {
    line.words = words.words;
    line.columns = words.columns;
    if let Some(empty) = line.words.iter().position(Vec::is_empty) {
        let ends = empty + 1 < line.words.len();
        let hint = if ends { "it ends the line: the words behind it are not read" } else { "it is as if it were not there" };
        reading.warn(line, Fault::new(empty, "an empty word").hint(hint));
        line.words.truncate(empty);
    }
    line.sense = match line.keyword() {
        b"no" if line.words.len() > 1 => Sense::Negated,
        b"default" if line.words.len() > 1 => Sense::Reset,
        _ => return,
    };
    line.words.remove(0);
    line.taken_off = 1;
}

fn tell_bad(line: &Line, bad: BadLine, reading: &mut Reading) {
    let columns: Range<usize> = bad.columns;
    let mut told = line.tell(Severity::Alert, Kind::Fault, Fault::new(0, bad.message).hint(bad.hint));
    told.columns = columns;
    reading.diagnostics.push(told);
}

/// The name behind a section's keyword, checked; `None` when the section cannot be begun.
fn section_name(kind: SectionKind, line: &Line, reading: &mut Reading) -> Option<String> {
    let word = match (kind, line.word(1)) {
        (SectionKind::Global, _) | (SectionKind::Defaults, None) => return Some(String::new()),
        (SectionKind::Defaults, Some(b"from")) if line.words.len() == 3 => return Some(String::new()),
        (_, None) => {
            reading.alert(line, Fault::new(1, format!("'{}' needs a name", kind.name())));
            return None;
        }
        (_, Some(word)) => word,
    };
    match value::parse_name(word) {
        Ok(name) => Some(name.to_owned()),
        // `listen 192.168.1.1:80` has its address for a name; `*:80` and the like are no names.
        Err(_) if kind != SectionKind::Backend && word.contains(&b':') => Some(String::from_utf8_lossy(word).into_owned()),
        Err(message) => {
            reading.alert(line, Fault::new(1, message));
            Some(String::from_utf8_lossy(word).into_owned())
        }
    }
}

/// `setenv` and its family: the lines behind them see what they did.
fn change_environment(line: &Line, reading: &mut Reading) {
    if line.sense != Sense::Wanted {
        return;
    }
    let texts: Vec<&str> = line.words_from(1).iter().filter_map(|word| str::from_utf8(word).ok()).collect();
    let environment: &mut Environment = &mut reading.environment;
    match (line.keyword(), texts.as_slice()) {
        (b"setenv", [name, value]) => environment.set(name, value),
        (b"presetenv", [name, value]) => environment.preset(name, value),
        (b"unsetenv", names) => names.iter().for_each(|name| environment.unset(name)),
        (b"resetenv", kept) => environment.reset(kept),
        (b"default-path", _) => {
            if let Ok(default_path) = DefaultPath::parse(line) {
                reading.default_path = default_path;
            }
        }
        (b"env-file", [path]) => read_environment_file(path, line, reading),
        _ => {}
    }
}

/// `env-file`: as if its lines were `setenv` lines here.
fn read_environment_file(path: &str, line: &Line, reading: &mut Reading) {
    let text = match reading.read_file(path) {
        Ok(text) => text,
        Err(error) => return reading.alert(line, Fault::new(1, format!("cannot read '{path}': {error}"))),
    };
    match parse_environment_file(&text) {
        Ok(values) => values.iter().for_each(|(name, value)| reading.environment.set(name, value)),
        Err(message) => reading.alert(line, Fault::new(1, format!("{path}{message}"))),
    }
}
