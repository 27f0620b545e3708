//! Actions of `http-request`, `http-response` and `http-after-response`, a row each, and how their words are read.
//! What they do to a message is `apply`.

use super::logging::{capture, set_log_level};
use super::marking::{send_once, set_mark, set_tos};
use super::redirect::{Form, Redirect};
use super::reply::{Fallback, Reply, parse_code};
use super::tcp::{BodyWait, TCP_ACTIONS, set_destination_port, set_source_port, wait_for_body};
use super::text::{Substitute, Text};
use super::variables::Place;
use super::words::{Words, split_argument};
use crate::acl::{Acl, Condition};
use crate::fault::{self, Fault};
use crate::http::header::is_token;
use crate::sample::arguments::{Argument, parse_variable};
use crate::sample::content::Outcome;
use crate::sample::format::Purpose;
use crate::sample::regex::Regex;
use crate::sample::text::{Case, shown};
use crate::sample::{Expression, Names, Patience, Scene};

/// A rule: an action, and when it is due.
#[derive(Debug)]
pub struct Rule {
    pub(super) action: Action,
    condition: Option<Condition>,
    place: fault::Place,
    warnings: Vec<Fault>,
}

/// What a rule does.
#[derive(Debug)]
pub(super) enum Action {
    Allow,
    Deny(Reply),
    Tarpit(Reply),
    Return(Reply),
    Redirect(Redirect),
    /// The realm.
    Auth(Option<Text>),
    Drop,
    Reject,
    AddField(Vec<u8>, Text),
    SetField(String, Text),
    DeleteFields(NamePattern),
    ReplaceField(String, Regex, Substitute),
    ReplaceValue(String, Regex, Substitute),
    SetMethod(Text),
    SetTarget(Part, Text),
    ReplaceTarget(Part, Regex, Substitute),
    SetStatus(u16, Option<Vec<u8>>),
    SetVariable(Place, Expression),
    SetVariableText(Place, Text),
    UnsetVariable(Place),
    SetSource(Expression),
    SetSourcePort(Expression),
    SetDestination(Expression),
    SetDestinationPort(Expression),
    /// The connection is to begin with a PROXY header.
    ExpectProxy,
    /// The server's connection is closed, and nothing more is taken from it.
    CloseServer,
    WaitForBody(BodyWait),
    /// A syslog level, or none for silence.
    SetLogLevel(Option<u8>),
    /// The type of service of packets to the client.
    SetTos(u8),
    /// Their mark, for the system's own rules.
    SetMark(u32),
    /// No answer has the request sent again.
    SendOnce,
    Capture(Expression, Slot),
    UseService(Service),
}

/// What answers in the place of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// `prometheus-exporter`: the metrics.
    Prometheus,
}

/// Where a captured value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) index: usize,
    /// The most bytes of it; the place has its own measure where another line has made it.
    pub(super) length: Option<usize>,
}

/// A part of a request target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The path alone.
    Path,
    /// The path and the query.
    PathAndQuery,
    /// The query alone.
    Query,
    /// All of it.
    Whole,
}

/// Which names `del-header` means.
#[derive(Debug)]
pub(super) enum NamePattern {
    Exactly(String),
    Beginning(Vec<u8>),
    Ending(Vec<u8>),
    Holding(Vec<u8>),
    Matching(Regex),
}

/// Which rules an action may stand among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruleset {
    /// `http-request`
    Request,
    /// `http-response`
    Response,
    /// `http-after-response`
    AfterResponse,
    /// `tcp-request connection`
    Connection,
    /// `tcp-request session`
    Session,
    /// `tcp-request content`
    Content,
    /// `tcp-response content`
    ResponseContent,
}

impl Ruleset {
    /// All of them.
    pub const ALL: [Ruleset; 7] = [
        Ruleset::Request,
        Ruleset::Response,
        Ruleset::AfterResponse,
        Ruleset::Connection,
        Ruleset::Session,
        Ruleset::Content,
        Ruleset::ResponseContent,
    ];

    /// The keyword that its lines begin with.
    pub fn keyword(self) -> &'static str {
        match self {
            Ruleset::Request => "http-request",
            Ruleset::Response => "http-response",
            Ruleset::AfterResponse => "http-after-response",
            Ruleset::Connection => "tcp-request connection",
            Ruleset::Session => "tcp-request session",
            Ruleset::Content => "tcp-request content",
            Ruleset::ResponseContent => "tcp-response content",
        }
    }
}

/// What reads the words of an action.
type Parse = fn(&mut Words, &mut dyn Names, Ruleset) -> Result<Action, Fault>;

/// An action in one of the sets of rules.
#[derive(Debug)]
pub struct Row {
    /// The whole keyword, `http-request deny`.
    pub name: &'static str,
    /// Where it may stand.
    pub ruleset: Ruleset,
    /// Its arguments.
    pub arguments: &'static str,
    /// One line of manual.
    pub manual: &'static str,
    parse: Parse,
}

impl Row {
    /// The action's own name.
    pub fn action(&self) -> &'static str {
        self.name.rsplit(' ').next().unwrap_or_default()
    }

    /// The index of the action's name in a line.
    pub fn index(&self) -> usize {
        self.name.split(' ').count() - 1
    }

    /// Does a line begin with it?
    fn begins(&self, words: &[Vec<u8>]) -> bool {
        let keyword = self.ruleset.keyword().split(' ').map(str::as_bytes);
        let action = words.get(self.index()).map(|word| split_argument(word).0);
        action == Some(self.action().as_bytes()) && keyword.eq(words.iter().take(self.index()).map(Vec::as_slice))
    }
}

pub(super) const fn row(name: &'static str, ruleset: Ruleset, arguments: &'static str, parse: Parse, manual: &'static str) -> Row {
    Row { name, ruleset, arguments, manual, parse }
}

use Ruleset::{AfterResponse, Request, Response};

const REPLY: &str = "[status <code>] [content-type <type>] [string|lf-string|file|lf-file|errorfile <content>] [hdr <name> <fmt>]";
pub(super) const MARK: &str = "marks packets to the client, for the system's routes and filters";
pub(super) const TOS: &str = "sets the type of service of packets to the client";
const BODY_WAIT: &str = "time <time> [at-least <bytes>]";
const REDIRECT: &str =
    "location|prefix|scheme <to> [code <code>] [drop-query] [append-slash] [ignore-empty] [set-cookie|clear-cookie <cookie>]";

/// Every action of HTTP; those of `tcp-request` and `tcp-response` are in `tcp`.
pub static ACTIONS: &[Row] = &[
    row("http-request add-header", Request, "<name> <fmt>", add_header, "appends a field"),
    row("http-request allow", Request, "", allow, "ends the rules of this section, and the request goes on"),
    row("http-request auth", Request, "[realm <realm>]", auth, "asks the client for a name and a password"),
    row("http-request capture", Request, "<expression> len <length>|id <number>", capture, "keeps a value for the log"),
    row("http-request del-header", Request, "<name> [-m str|beg|end|sub|reg]", del_header, "removes fields"),
    row("http-request deny", Request, REPLY, deny, "answers by itself, with 403 where nothing else is said"),
    row("http-request disable-l7-retry", Request, "", send_once, "has retry-on send the request no second time for its answer"),
    row("http-request redirect", Request, REDIRECT, redirect, "sends the client elsewhere"),
    row("http-request reject", Request, "", reject, "closes the connection without an answer"),
    row("http-request replace-header", Request, "<name> <regex> <fmt>", replace_header, "replaces values of fields that match"),
    row("http-request replace-path", Request, "<regex> <fmt>", replace_path, "replaces a path that matches"),
    row("http-request replace-pathq", Request, "<regex> <fmt>", replace_path_and_query, "replaces a path with its query that matches"),
    row("http-request replace-uri", Request, "<regex> <fmt>", replace_uri, "replaces a request target that matches"),
    row("http-request replace-value", Request, "<name> <regex> <fmt>", replace_value, "replaces elements of lists that match"),
    row("http-request return", Request, REPLY, return_reply, "answers by itself, with 200 where nothing else is said"),
    row("http-request set-dst", Request, "<expression>", set_destination, "changes the address that the client connected to"),
    row("http-request set-dst-port", Request, "<expression>", set_destination_port, "changes the port that the client connected to"),
    row("http-request set-header", Request, "<name> <fmt>", set_header, "puts a field in place of those of its name"),
    row("http-request set-log-level", Request, "<level>|silent", set_log_level, "changes the level of the log line"),
    row("http-request set-mark", Request, "<mark>", set_mark, MARK),
    row("http-request set-method", Request, "<fmt>", set_method, "changes the method"),
    row("http-request set-path", Request, "<fmt>", set_path, "changes the path"),
    row("http-request set-pathq", Request, "<fmt>", set_path_and_query, "changes the path and the query"),
    row("http-request set-query", Request, "<fmt>", set_query, "changes the query"),
    row("http-request set-src", Request, "<expression>", set_source, "changes the client's address"),
    row("http-request set-src-port", Request, "<expression>", set_source_port, "changes the client's port"),
    row("http-request set-tos", Request, "<tos>", set_tos, TOS),
    row("http-request set-uri", Request, "<fmt>", set_uri, "changes the request target"),
    row("http-request set-var", Request, "(<variable>) <expression>", set_variable, "sets a variable"),
    row("http-request set-var-fmt", Request, "(<variable>) <fmt>", set_variable_text, "sets a variable to a text"),
    row("http-request silent-drop", Request, "", silent_drop, "lets go of the client without telling it"),
    row("http-request tarpit", Request, REPLY, tarpit, "holds the client, then answers 500 where nothing else is said"),
    row("http-request unset-var", Request, "(<variable>)", unset_variable, "forgets a variable"),
    row("http-request use-service", Request, "prometheus-exporter", use_service, "answers with the metrics for Prometheus"),
    row("http-request wait-for-body", Request, BODY_WAIT, wait_for_body, "goes on once the body has come, or so much of it"),
    row("http-response add-header", Response, "<name> <fmt>", add_header, "appends a field"),
    row("http-response allow", Response, "", allow, "ends the rules of this section, and the response goes on"),
    row("http-response capture", Response, "<expression> id <number>", capture, "keeps a value for the log"),
    row("http-response del-header", Response, "<name> [-m str|beg|end|sub|reg]", del_header, "removes fields"),
    row("http-response deny", Response, REPLY, deny, "answers by itself, with 502 where nothing else is said"),
    row("http-response redirect", Response, REDIRECT, redirect, "sends the client elsewhere"),
    row("http-response replace-header", Response, "<name> <regex> <fmt>", replace_header, "replaces values of fields that match"),
    row("http-response replace-value", Response, "<name> <regex> <fmt>", replace_value, "replaces elements of lists that match"),
    row("http-response return", Response, REPLY, return_reply, "answers by itself, with 200 where nothing else is said"),
    row("http-response set-header", Response, "<name> <fmt>", set_header, "puts a field in place of those of its name"),
    row("http-response set-log-level", Response, "<level>|silent", set_log_level, "changes the level of the log line"),
    row("http-response set-mark", Response, "<mark>", set_mark, MARK),
    row("http-response set-status", Response, "<code> [reason <text>]", set_status, "changes the status"),
    row("http-response set-tos", Response, "<tos>", set_tos, TOS),
    row("http-response set-var", Response, "(<variable>) <expression>", set_variable, "sets a variable"),
    row("http-response set-var-fmt", Response, "(<variable>) <fmt>", set_variable_text, "sets a variable to a text"),
    row("http-response silent-drop", Response, "", silent_drop, "lets go of the client without telling it"),
    row("http-response unset-var", Response, "(<variable>)", unset_variable, "forgets a variable"),
    row("http-response wait-for-body", Response, BODY_WAIT, wait_for_body, "goes on once the body has come, or so much of it"),
    row("http-after-response add-header", AfterResponse, "<name> <fmt>", add_header, "appends a field"),
    row("http-after-response allow", AfterResponse, "", allow, "ends the rules of this section"),
    row("http-after-response capture", AfterResponse, "<expression> id <number>", capture, "keeps a value for the log"),
    row("http-after-response del-header", AfterResponse, "<name> [-m str|beg|end|sub|reg]", del_header, "removes fields"),
    row(
        "http-after-response replace-header",
        AfterResponse,
        "<name> <regex> <fmt>",
        replace_header,
        "replaces values of fields that match",
    ),
    row("http-after-response replace-value", AfterResponse, "<name> <regex> <fmt>", replace_value, "replaces elements of lists that match"),
    row("http-after-response set-header", AfterResponse, "<name> <fmt>", set_header, "puts a field in place of those of its name"),
    row("http-after-response set-log-level", AfterResponse, "<level>|silent", set_log_level, "changes the level of the log line"),
    row("http-after-response set-status", AfterResponse, "<code> [reason <text>]", set_status, "changes the status"),
    row("http-after-response set-var", AfterResponse, "(<variable>) <expression>", set_variable, "sets a variable"),
    row("http-after-response set-var-fmt", AfterResponse, "(<variable>) <fmt>", set_variable_text, "sets a variable to a text"),
    row("http-after-response unset-var", AfterResponse, "(<variable>)", unset_variable, "forgets a variable"),
];

/// Every action of every set of rules.
pub fn all() -> impl Iterator<Item = &'static Row> {
    ACTIONS.iter().chain(TCP_ACTIONS)
}

/// The row of a line that begins with these words.
pub fn find(words: &[Vec<u8>]) -> Option<&'static Row> {
    all().find(|row| row.begins(words))
}

impl Rule {
    /// Reads a line that begins with this row.
    pub fn parse(row: &Row, words: &[Vec<u8>], names: &mut dyn Names) -> Result<Rule, Fault> {
        let mut taken = Words::new(words, row.index());
        let action = (row.parse)(&mut taken, names, row.ruleset)?;
        Rule::with_condition(action, words, taken.index(), names)
    }

    /// Reads a `redirect` line.
    pub fn parse_redirect(words: &[Vec<u8>], names: &mut dyn Names) -> Result<Rule, Fault> {
        let mut taken = Words::new(words, 0);
        let action = Action::Redirect(Redirect::parse(&mut taken, names, Form::Plain)?);
        Rule::with_condition(action, words, taken.index(), names)
    }

    /// Reads a `block` line.
    pub fn parse_block(words: &[Vec<u8>], names: &mut dyn Names) -> Result<Rule, Fault> {
        Rule::with_condition(Action::Deny(Reply::page(403)), words, 1, names)
    }

    fn with_condition(action: Action, words: &[Vec<u8>], at: usize, names: &mut dyn Names) -> Result<Rule, Fault> {
        let condition = match words.get(at..) {
            None | Some([]) => None,
            Some(rest) => Some(Condition::parse(rest, names).map_err(|fault| fault.shift(at))?),
        };
        let mut warnings: Vec<Fault> = condition.iter().flat_map(|condition| condition.warnings().iter().cloned()).collect();
        warnings.iter_mut().for_each(|fault| fault.word += at);
        Ok(Rule { action, condition, place: names.place(), warnings })
    }

    /// Where the line stands.
    pub fn place(&self) -> &fault::Place {
        &self.place
    }

    /// What looks like a mistake.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// The length of the value that the rule keeps for the log, if it does.
    pub fn captured_length(&self) -> Option<usize> {
        match &self.action {
            Action::Capture(_, slot) => slot.length,
            _ => None,
        }
    }

    /// The number of a place that another line has made, which the rule names.
    pub fn captured_id(&self) -> Option<usize> {
        match &self.action {
            Action::Capture(_, Slot { index, length: None }) => Some(*index),
            _ => None,
        }
    }

    /// The measure of the place that the rule names.
    pub fn cut_to(&mut self, length: usize) {
        if let Action::Capture(_, slot) = &mut self.action {
            slot.length = Some(length);
        }
    }

    /// The number of the place where that value is kept.
    pub fn keep_in(&mut self, index: usize) {
        if let Action::Capture(_, slot) = &mut self.action {
            slot.index = index;
        }
    }

    /// Is it due, is it not, or would more bytes tell?
    pub(super) fn decide(&self, acls: &[Acl], scene: &Scene) -> Outcome {
        if scene.patience == Patience::Over {
            return Outcome::of(self.applies(acls, scene));
        }
        let outcome = self.condition.as_ref().map_or(Outcome::Holds, |condition| condition.decide(acls, scene));
        if let Some(witness) = scene.witness {
            witness.see_rule(&self.place, outcome);
        }
        outcome
    }

    pub(super) fn applies(&self, acls: &[Acl], scene: &Scene) -> bool {
        let applies = self.condition.as_ref().is_none_or(|condition| condition.holds(acls, scene));
        if let Some(witness) = scene.witness {
            witness.see_rule(&self.place, applies);
        }
        applies
    }
}

fn use_service(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    let at = words.index();
    match words.next() {
        Some(b"prometheus-exporter") => Ok(Action::UseService(Service::Prometheus)),
        Some(name) if name.starts_with(b"lua.") => Err(Fault::new(at, "Lua is out of byway's scope").hint("byway runs no scripts")),
        _ => Err(Fault::new(at, "expected 'prometheus-exporter'")),
    }
}

pub(super) fn allow(_: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::Allow)
}

fn deny(words: &mut Words, names: &mut dyn Names, ruleset: Ruleset) -> Result<Action, Fault> {
    let code = if ruleset == Request { 403 } else { 502 };
    Reply::parse(words, names, code, Fallback::Page).map(Action::Deny)
}

fn tarpit(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Reply::parse(words, names, 500, Fallback::Page).map(Action::Tarpit)
}

fn return_reply(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Reply::parse(words, names, 200, Fallback::Empty).map(Action::Return)
}

fn redirect(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Redirect::parse(words, names, Form::Format).map(Action::Redirect)
}

fn auth(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    let realm = if words.take(b"realm") { Some(words.text(names)?) } else { None };
    Ok(Action::Auth(realm))
}

pub(super) fn reject(_: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::Reject)
}

pub(super) fn silent_drop(_: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::Drop)
}

/// A field's name.
fn field_name(words: &mut Words) -> Result<String, Fault> {
    let word = words.need("a field's name")?;
    match is_token(word) {
        true => Ok(shown(word).into_owned()),
        false => Err(Fault::new(words.index() - 1, format!("'{}' is no field's name", shown(word)))),
    }
}

fn add_header(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::AddField(field_name(words)?.into_bytes(), words.text(names)?))
}

fn set_header(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetField(field_name(words)?, words.text(names)?))
}

fn del_header(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    let name = words.need("a field's name")?;
    let at = words.index() - 1;
    let method = if words.take(b"-m") { words.need("a method")? } else { b"str" };
    Ok(Action::DeleteFields(match method {
        b"str" => NamePattern::Exactly(shown(name).into_owned()),
        b"beg" => NamePattern::Beginning(name.to_vec()),
        b"end" => NamePattern::Ending(name.to_vec()),
        b"sub" => NamePattern::Holding(name.to_vec()),
        b"reg" => NamePattern::Matching(Regex::parse(name, Case::Ignored).map_err(|fault| fault.shift(at))?),
        other => {
            let fault = Fault::new(words.index() - 1, format!("'{}' is no way to compare names", shown(other)));
            return Err(fault.hint("str, beg, end, sub and reg are"));
        }
    }))
}

fn search(words: &mut Words) -> Result<Regex, Fault> {
    let word = words.need("a regular expression")?;
    Regex::parse(word, Case::Matters).map_err(|fault| fault.shift(words.index() - 1))
}

fn substitute(words: &mut Words, names: &mut dyn Names) -> Result<Substitute, Fault> {
    let word = words.need("a replacement")?;
    Substitute::parse(word, names).map_err(|fault| fault.shift(words.index() - 1))
}

fn replace_header(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::ReplaceField(field_name(words)?, search(words)?, substitute(words, names)?))
}

fn replace_value(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::ReplaceValue(field_name(words)?, search(words)?, substitute(words, names)?))
}

fn replace_path(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::ReplaceTarget(Part::Path, search(words)?, substitute(words, names)?))
}

fn replace_path_and_query(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::ReplaceTarget(Part::PathAndQuery, search(words)?, substitute(words, names)?))
}

fn replace_uri(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::ReplaceTarget(Part::Whole, search(words)?, substitute(words, names)?))
}

fn set_method(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    words.text(names).map(Action::SetMethod)
}

fn set_path(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetTarget(Part::Path, words.text(names)?))
}

fn set_path_and_query(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetTarget(Part::PathAndQuery, words.text(names)?))
}

fn set_query(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetTarget(Part::Query, words.text(names)?))
}

fn set_uri(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetTarget(Part::Whole, words.text(names)?))
}

fn set_status(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    let code = parse_code(words, 200)?;
    let reason = if words.take(b"reason") { Some(words.need("a text")?.to_vec()) } else { None };
    Ok(Action::SetStatus(code, reason))
}

/// The variable in parentheses behind the action's name.
fn variable(words: &mut Words, names: &mut dyn Names) -> Result<Place, Fault> {
    let at = words.index() - 1;
    let word = words.argument().filter(|word| !word.is_empty());
    let word = word.ok_or_else(|| Fault::new(at, "a variable is missing in parentheses").hint("set-var(txn.name) <expression>"))?;
    match parse_variable(word, names).map_err(|fault| fault.shift(at))? {
        Argument::Scoped(scope, name) => Ok(Place::Scoped(scope, name)),
        Argument::Switch(id) => Ok(Place::Switch(id)),
        _ => Err(Fault::new(at, format!("'{}' is no variable", shown(word)))),
    }
}

pub(super) fn set_variable(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetVariable(variable(words, names)?, words.expression(names)?))
}

pub(super) fn set_variable_text(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SetVariableText(variable(words, names)?, words.text_for(Purpose::Value, names)?))
}

pub(super) fn unset_variable(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    variable(words, names).map(Action::UnsetVariable)
}

pub(super) fn set_source(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    words.expression(names).map(Action::SetSource)
}

pub(super) fn set_destination(words: &mut Words, names: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    words.expression(names).map(Action::SetDestination)
}
