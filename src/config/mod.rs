//! The configuration language: text in, an immutable `Config` out, and every fault of the text with its place.
//! What the rules, tests and values mean is in the rooms below; what is alive is in `state`; files are opened by the caller.

pub mod address;
mod answers;
pub mod balancing;
mod bind_line;
mod capture_line;
mod check_draft;
mod check_expect;
mod check_line;
mod check_option;
pub mod check_status;
mod conditional;
mod cookie_line;
mod dead_rules;
mod default_path;
pub mod diagnostic;
mod direction_line;
mod draft;
pub(crate) mod dump;
mod dump_options;
mod dump_reach;
pub mod environment;
mod external_check;
#[cfg(test)]
pub(crate) mod fake;
mod global;
mod global_limits;
mod http_errors;
mod http_option;
mod inheritance;
pub mod keyword;
mod known;
mod known_names;
pub mod line;
mod log_line;
pub mod maintenance;
mod maintenance_line;
pub mod manual;
pub mod model;
pub mod model_check;
pub mod model_http;
pub mod model_proxy;
pub mod model_server;
mod names;
mod option;
mod outline;
mod probes;
mod proxy;
pub mod reach;
mod resolve;
mod rules;
mod server_check;
mod server_line;
mod server_reach;
pub mod server_state;
mod server_template;
mod source_line;
mod stats_line;
mod stats_page;
mod surroundings;
mod switch_line;
mod timeout;
mod traps;
mod userlist;
pub mod value;
pub mod words;

pub use conditional::{BadCondition, evaluate as evaluate_condition};
pub use diagnostic::{Colour, Diagnostic, Kind, Severity};
pub use model::Config;
pub use surroundings::{Outside, Surroundings, TlsBinds, order_of_files};

use crate::fault::Fault;
use crate::sample::{ProxyId, Userlist, VariableId};
use environment::Environment;
use keyword::Status;
use line::Line;
use outline::Section;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A file's name and content.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name, as it is shown.
    pub name: Arc<str>,
    /// The content.
    pub text: Vec<u8>,
}

/// What came of reading.
#[derive(Debug)]
pub struct Outcome {
    /// The configuration; `None` when anything is fatal.
    pub config: Option<Config>,
    /// Everything that is to be told, in the order of the lines.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the files as one configuration, in order.
pub fn read(sources: &[Source], surroundings: &Surroundings) -> Outcome {
    let mut reading = Reading::new(surroundings);
    let sections = outline::outline(sources, &mut reading);
    reading.number(&sections);
    let global = global::read_sections(&sections, &mut reading);
    userlist::read_sections(&sections, &mut reading);
    http_errors::read_sections(&sections, &mut reading);
    let drafts = proxy::read_sections(&sections, &mut reading);
    let proxies = resolve::resolve(drafts, &global, &sections, &mut reading);
    refuse_warnings(&mut reading);
    let Reading { environment, variables, userlists, mut diagnostics, .. } = reading;
    show_lines(&mut diagnostics, sources);
    let order: HashMap<&str, usize> = sources.iter().enumerate().rev().map(|(index, source)| (&*source.name, index)).collect();
    diagnostics.sort_by_key(|told| match &told.place {
        Some(place) => (order.get(&*place.file).copied().unwrap_or(usize::MAX), place.line),
        None => (usize::MAX, u32::MAX),
    });
    let is_whole = diagnostics.iter().all(|told| told.severity != Severity::Alert);
    let global = model::Global { environment: environment.into_changes(), ..global };
    let config = is_whole.then(|| Config { global, proxies, userlists, variables: variables.names });
    Outcome { config, diagnostics }
}

/// `zero-warning`: a file that is warned about is at fault.
fn refuse_warnings(reading: &mut Reading) {
    let warnings = reading.diagnostics.iter().filter(|told| told.severity == Severity::Warning).count();
    let Some(place) = reading.refuses_warnings.take().filter(|_| warnings > 0) else { return };
    reading.diagnostics.push(Diagnostic {
        severity: Severity::Alert,
        kind: Kind::Fault,
        place: Some(place),
        columns: 0..0,
        text: Vec::new(),
        message: format!("'zero-warning' is asked for, and there are warnings ({warnings})"),
        hint: String::new(),
    });
}

/// Adds the lines to what was told about places alone.
fn show_lines(diagnostics: &mut [Diagnostic], sources: &[Source]) {
    let mut lines: HashMap<&str, Vec<&[u8]>> = HashMap::new();
    for told in diagnostics.iter_mut().filter(|told| told.text.is_empty()) {
        let Some(place) = &told.place else { continue };
        let Some(source) = sources.iter().find(|source| source.name == place.file) else { continue };
        let lines = lines.entry(&source.name).or_insert_with(|| source.text.split(|byte| *byte == b'\n').collect());
        told.text = lines.get((place.line as usize).saturating_sub(1)).map_or_else(Vec::new, |line| line.to_vec());
        let start = told.text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        let width = told.text.iter().skip(start).take_while(|byte| !byte.is_ascii_whitespace()).count();
        told.columns = start..start + width;
    }
}

/// Bytes that are kept of a cookie where nothing says how many (HAProxy's).
pub(crate) const LONGEST_COOKIE: usize = 63;

/// Faults up to which misspelt names are guessed.
const MOST_GUESSES: usize = 100;

/// What is shared while the lines are read.
pub(crate) struct Reading<'a> {
    surroundings: &'a Surroundings<'a>,
    diagnostics: Vec<Diagnostic>,
    environment: Environment,
    variables: Variables,
    frontends: HashMap<String, ProxyId>,
    backends: HashMap<String, ProxyId>,
    userlists: Vec<Arc<Userlist>>,
    /// `http-errors` sections.
    answers: HashMap<String, http_errors::Answers>,
    /// The names of `resolvers` sections, which are skipped; `default` is there without being said, as in HAProxy.
    resolvers: Vec<Vec<u8>>,
    /// What has been warned about, so that it is said once.
    said: HashSet<&'static str>,
    /// What lines of `global` say about lines of other sections.
    unix_bind: model::UnixBind,
    state_files: server_state::StateFiles,
    longest_cookie: usize,
    /// Where relative paths begin.
    default_path: default_path::DefaultPath,
    /// The file whose lines are read.
    file: Arc<str>,
    /// `external-check` in `global`: checks may start programs.
    allows_programs: bool,
    /// The line of `zero-warning`.
    refuses_warnings: Option<model::Place>,
    /// Fetches of the line that never have a value, with the reason.
    without_value: Vec<(&'static str, &'static str)>,
}

/// The switches that the configuration reads.
#[derive(Default)]
struct Variables {
    names: Vec<String>,
    ids: HashMap<String, VariableId>,
}

impl<'a> Reading<'a> {
    fn new(surroundings: &'a Surroundings<'a>) -> Reading<'a> {
        Reading {
            surroundings,
            diagnostics: Vec::new(),
            environment: Environment::new(surroundings.environment),
            variables: Variables::default(),
            frontends: HashMap::new(),
            backends: HashMap::new(),
            userlists: Vec::new(),
            answers: HashMap::new(),
            resolvers: vec![b"default".to_vec()],
            said: HashSet::new(),
            unix_bind: model::UnixBind::default(),
            state_files: server_state::StateFiles::default(),
            longest_cookie: LONGEST_COOKIE,
            default_path: default_path::DefaultPath::default(),
            file: Arc::from(""),
            allows_programs: false,
            refuses_warnings: None,
            without_value: Vec::new(),
        }
    }

    /// Gives every proxy its id, so that lines may name proxies of later lines.
    fn number(&mut self, sections: &[Section]) {
        let proxies = sections.iter().filter_map(|section| Some((section.proxy_kind()?, section)));
        for (index, (kind, section)) in proxies.enumerate() {
            let id = ProxyId(index as u32);
            if kind.has_frontend() {
                self.frontends.entry(section.name.clone()).or_insert(id);
            }
            if kind.has_backend() {
                self.backends.entry(section.name.clone()).or_insert(id);
            }
        }
    }

    fn variable(&mut self, name: &str) -> VariableId {
        if let Some(id) = self.variables.ids.get(name) {
            return *id;
        }
        let id = VariableId(self.variables.names.len() as u32);
        self.variables.names.push(name.to_owned());
        self.variables.ids.insert(name.to_owned(), id);
        id
    }

    fn alert(&mut self, line: &Line, fault: Fault) {
        self.diagnostics.push(line.tell(Severity::Alert, Kind::Fault, fault));
    }

    fn warn(&mut self, line: &Line, fault: Fault) {
        self.diagnostics.push(line.tell(Severity::Warning, Kind::Advice, fault));
    }

    /// Says how far byway does what the word at `fault.word` asks; nothing when it does it.
    fn tell_status(&mut self, line: &Line, word: usize, name: &'static str, status: Status) {
        let (severity, kind, message, hint) = match status {
            Status::Done => return,
            Status::NotYet => (Severity::Alert, Kind::NotYet, format!("'{name}' is known, but not yet done by byway"), ""),
            Status::Refused(instead) => (Severity::Alert, Kind::OutOfScope, format!("'{name}' is out of byway's scope"), instead),
            Status::Ignored(reason) if self.said.insert(name) => {
                (Severity::Warning, Kind::Ignored, format!("'{name}' is not supported and ignored"), reason)
            }
            Status::Ignored(_) => return,
        };
        self.diagnostics.push(line.tell(severity, kind, Fault::new(word, message).hint(hint)));
    }

    /// Warns of the line's fetches that never have a value.
    fn tell_without_value(&mut self, line: &Line) {
        for (name, reason) in std::mem::take(&mut self.without_value) {
            let word = line.words.iter().position(|word| word.windows(name.len()).any(|part| part == name.as_bytes()));
            self.tell_status(line, word.unwrap_or(0), name, Status::Ignored(reason));
        }
    }

    /// After so many faults nobody reads guesses any more, and each costs a look at every name.
    fn may_guess(&self) -> bool {
        self.diagnostics.len() < MOST_GUESSES
    }

    fn resolve(&self, host: &str) -> Vec<std::net::IpAddr> {
        self.surroundings.outside.resolve(host)
    }

    /// Words that HAProxy passes over in silence.
    fn warn_of_surplus(&mut self, line: &Line, index: usize) {
        if let Err(fault) = line.end(index) {
            self.warn(line, fault.hint("it is passed over"));
        }
    }

    /// A whole number; letters behind it are passed over with a warning, as HAProxy 2.6 passes over them in silence.
    fn number_at<N: TryFrom<i64>>(&mut self, line: &Line, index: usize, least: i64, most: i64) -> Result<N, Fault> {
        let word = line.expect(index, "a number")?;
        let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = if digits > 0 && digits < word.len() {
            let (digits, rest) = word.split_at(digits);
            let (digits, rest) = (String::from_utf8_lossy(digits), String::from_utf8_lossy(rest));
            self.warn(
                line,
                Fault::new(index, format!("'{rest}' behind the number is passed over")).hint(format!("this is read as {digits}")),
            );
            value::parse_number(digits.as_bytes(), least, most)
        } else {
            value::parse_number(word, least, most)
        };
        number.map_err(|message| Fault::new(index, message))
    }

    /// A time.
    fn time_at(&mut self, line: &Line, index: usize, unit: value::Unit) -> Result<value::Time, Fault> {
        let word = line.expect(index, "a time")?;
        let time = value::parse_time(word, unit).map_err(|message| Fault::new(index, message).hint("30s, 500ms, 2m, 1h"))?;
        if let Some(oddity) = &time.oddity {
            self.warn(line, Fault::new(index, oddity.clone()));
        }
        Ok(time)
    }

    /// From here on the words of this line are read.
    fn stand_at(&mut self, line: &Line) {
        if !Arc::ptr_eq(&self.file, line.file) {
            self.file = line.file.clone();
        }
    }

    /// A file that the configuration names.
    fn read_file(&self, path: &str) -> std::io::Result<Vec<u8>> {
        self.surroundings.outside.read_file(&self.locate(path))
    }

    /// Where a path that the configuration names leads, by `default-path`.
    fn locate<'p>(&self, path: &'p str) -> Cow<'p, str> {
        self.default_path.locate(path, &self.file)
    }

    fn user_at(&self, line: &Line, index: usize) -> Result<u32, Fault> {
        let name = line.expect_text(index, "a user's name")?;
        self.surroundings.outside.user(name).ok_or_else(|| Fault::new(index, format!("there is no user '{name}' here")))
    }

    fn group_at(&self, line: &Line, index: usize) -> Result<u32, Fault> {
        let name = line.expect_text(index, "a group's name")?;
        self.surroundings.outside.group(name).ok_or_else(|| Fault::new(index, format!("there is no group '{name}' here")))
    }
}
