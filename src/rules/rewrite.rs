//! The `req*` and `rsp*` rules of HAProxy 1.x and 2.0: a regex over the start line and then each field line, the whole line replaced.

use crate::acl::{Acl, Condition};
use crate::fault::{Fault, Place, nearest};
use crate::http::head::{Head, HeadError};
use crate::http::header;
use crate::sample::expression::suggested;
use crate::sample::regex::Regex;
use crate::sample::replacement::Replacement;
use crate::sample::text::{Case, shown};
use crate::sample::{Names, ProxyId, Scene, Witness};

/// One `req*` or `rsp*` rule.
#[derive(Debug)]
pub struct Rewrite {
    keyword: &'static Keyword,
    action: Action,
    condition: Option<Condition>,
    place: Place,
    warnings: Vec<Fault>,
}

/// What a rule does where its expression matches.
#[derive(Debug)]
enum Action {
    Replace(Regex, Replacement),
    Delete(Regex),
    Allow(Regex),
    Deny(Regex),
    Tarpit(Regex),
    /// Matches and does nothing, as in HAProxy.
    Pass,
    SetBackend(Regex, ProxyId),
    /// Field lines to append.
    Add(Vec<Line>),
}

/// A field line to append.
#[derive(Debug)]
struct Line {
    name: Vec<u8>,
    value: Vec<u8>,
}

/// What the rules of a section leave to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// Go on, with this backend unless one is chosen already (`reqsetbe`).
    UseBackend(ProxyId),
    /// 403 to a client (`PR`), 502 for a response (`PH`).
    Deny,
    /// Hold, then 500 (`PT`).
    Tarpit,
    /// A start line or field that a replacement left is no valid one: 400 or 502.
    Malformed,
}

/// Which message a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `req*`
    Request,
    /// `rsp*`
    Response,
}

/// What kind of rule a keyword makes, and so which words follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Replace,
    Delete,
    Allow,
    Deny,
    Tarpit,
    Pass,
    SetBackend,
    Add,
}

/// A keyword of the family.
#[derive(Debug)]
pub struct Keyword {
    /// The keyword.
    pub name: &'static str,
    /// Which message it is for.
    pub side: Side,
    /// What it does.
    pub kind: Kind,
    /// Whether case matters in its expression.
    pub case: Case,
    /// One line of manual.
    pub manual: &'static str,
}

const fn row(name: &'static str, side: Side, kind: Kind, case: Case, manual: &'static str) -> Keyword {
    Keyword { name, side, kind, case, manual }
}

use Case::{Ignored, Matters};
use Side::{Request, Response};

/// Every keyword of the family.
pub static KEYWORDS: &[Keyword] = &[
    row("cliexp", Request, Kind::Replace, Matters, "<search> <replace>: old name of reqrep"),
    row("reqadd", Request, Kind::Add, Matters, "<line>: appends a field to the request"),
    row("reqallow", Request, Kind::Allow, Matters, "<search>: a request with a matching line passes later reqdeny and reqtarpit"),
    row("reqdel", Request, Kind::Delete, Matters, "<search>: removes matching field lines of the request"),
    row("reqdeny", Request, Kind::Deny, Matters, "<search>: answers 403 when a line of the request matches"),
    row("reqiallow", Request, Kind::Allow, Ignored, "<search>: reqallow without regard to case"),
    row("reqidel", Request, Kind::Delete, Ignored, "<search>: reqdel without regard to case"),
    row("reqideny", Request, Kind::Deny, Ignored, "<search>: reqdeny without regard to case"),
    row("reqipass", Request, Kind::Pass, Ignored, "<search>: has no effect, as in HAProxy"),
    row("reqirep", Request, Kind::Replace, Ignored, "<search> <replace>: reqrep without regard to case"),
    row("reqisetbe", Request, Kind::SetBackend, Ignored, "<search> <backend>: reqsetbe without regard to case"),
    row("reqitarpit", Request, Kind::Tarpit, Ignored, "<search>: reqtarpit without regard to case"),
    row("reqpass", Request, Kind::Pass, Matters, "<search>: has no effect, as in HAProxy"),
    row("reqrep", Request, Kind::Replace, Matters, "<search> <replace>: replaces matching lines of the request"),
    row("reqsetbe", Request, Kind::SetBackend, Matters, "<search> <backend>: chooses a backend when a line of the request matches"),
    row("reqtarpit", Request, Kind::Tarpit, Matters, "<search>: holds the client when a line of the request matches, then answers 500"),
    row("rspadd", Response, Kind::Add, Matters, "<line>: appends a field to the response"),
    row("rspdel", Response, Kind::Delete, Matters, "<search>: removes matching field lines of the response"),
    row("rspdeny", Response, Kind::Deny, Matters, "<search>: answers 502 when a line of the response matches"),
    row("rspidel", Response, Kind::Delete, Ignored, "<search>: rspdel without regard to case"),
    row("rspideny", Response, Kind::Deny, Ignored, "<search>: rspdeny without regard to case"),
    row("rspirep", Response, Kind::Replace, Ignored, "<search> <replace>: rsprep without regard to case"),
    row("rsprep", Response, Kind::Replace, Matters, "<search> <replace>: replaces matching lines of the response"),
    row("srvexp", Response, Kind::Replace, Matters, "<search> <replace>: old name of rsprep"),
];

impl Rewrite {
    /// Reads a rule; the first word is the keyword (`reqirep`, `rspadd`, `cliexp` ...).
    pub fn parse(words: &[Vec<u8>], names: &mut dyn Names) -> Result<Rewrite, Fault> {
        let name = words.first().map(|word| shown(word)).unwrap_or_default();
        let Some(keyword) = KEYWORDS.iter().find(|row| row.name == name) else {
            let fault = Fault::new(0, format!("unknown rule '{name}'"));
            return Err(suggested(fault, nearest(&name, KEYWORDS.iter().map(|row| row.name))));
        };
        let operand = |index: usize, what: &str| {
            let missing = || Fault::new(index.min(words.len()), format!("'{name}' needs {what}"));
            words.get(index).filter(|word| !word.is_empty()).ok_or_else(missing)
        };
        let search = || Regex::parse(operand(1, "a regular expression")?, keyword.case).map_err(|fault| fault.shift(1));
        let (action, behind) = match keyword.kind {
            Kind::Replace => {
                let replacement = words.get(2).ok_or_else(|| Fault::new(words.len(), format!("'{name}' needs a replacement")))?;
                (Action::Replace(search()?, Replacement::parse(replacement).map_err(|fault| fault.shift(2))?), 3)
            }
            Kind::Delete => (Action::Delete(search()?), 2),
            Kind::Allow => (Action::Allow(search()?), 2),
            Kind::Deny => (Action::Deny(search()?), 2),
            Kind::Tarpit => (Action::Tarpit(search()?), 2),
            Kind::Pass => search().map(|_| (Action::Pass, 2))?,
            Kind::SetBackend => {
                let backend = shown(operand(2, "a backend")?);
                let id = names.backend(&backend).ok_or_else(|| Fault::new(2, format!("no backend named '{backend}'")))?;
                (Action::SetBackend(search()?, id), 3)
            }
            Kind::Add => (Action::Add(parse_lines(operand(1, "a field line")?).map_err(|fault| fault.shift(1))?), 2),
        };
        let condition = match words.get(behind..) {
            None | Some([]) => None,
            Some(rest) => Some(Condition::parse(rest, names).map_err(|fault| fault.shift(behind))?),
        };
        let mut warnings: Vec<Fault> = condition.iter().flat_map(|condition| condition.warnings().iter().cloned()).collect();
        warnings.iter_mut().for_each(|fault| fault.word += behind);
        if keyword.kind == Kind::Pass {
            warnings.push(Fault::new(0, format!("'{name}' has no effect")).hint("HAProxy never acted on it either"));
        }
        Ok(Rewrite { keyword, action, condition, place: names.place(), warnings })
    }

    /// Which message the rule is for.
    pub fn side(&self) -> Side {
        self.keyword.side
    }

    /// What looks like a mistake.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    fn applies(&self, acls: &[Acl], scene: &Scene) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.holds(acls, scene))
    }
}

/// Reads the field lines that `reqadd` appends: one, or several with line feeds between.
fn parse_lines(text: &[u8]) -> Result<Vec<Line>, Fault> {
    let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.is_empty()).map(parse_line).collect()
}

fn parse_line(line: &[u8]) -> Result<Line, Fault> {
    match header::parse_line(line) {
        Some((name, value)) => Ok(Line { name: line[name].to_vec(), value: line[value].to_vec() }),
        None => Err(Fault::new(0, format!("'{}' is no field line", shown(line))).hint("write 'Name:\\ value'")),
    }
}

/// Applies the rules to a request. `scene.request` is ignored: conditions see `head` as the rules before have left it.
/// `scratch` is room for what replacements expand to; its contents do not matter before or after.
pub fn apply_request(rules: &[Rewrite], acls: &[Acl], head: &mut Head, scene: &Scene, scratch: &mut Vec<u8>) -> Verdict {
    apply(rules, head, scratch, scene.witness, |rule, head| rule.applies(acls, &Scene { request: Some(head), ..*scene }))
}

/// Applies the rules to a response, likewise; `scene.request` is what conditions see of the request.
pub fn apply_response(rules: &[Rewrite], acls: &[Acl], head: &mut Head, scene: &Scene, scratch: &mut Vec<u8>) -> Verdict {
    apply(rules, head, scratch, scene.witness, |rule, head| rule.applies(acls, &Scene { response: Some(head), ..*scene }))
}

/// May later rules still refuse the message?
#[derive(PartialEq)]
enum Judgement {
    Open,
    Allowed,
}

fn apply(
    rules: &[Rewrite],
    head: &mut Head,
    scratch: &mut Vec<u8>,
    witness: Option<&Witness>,
    applies: impl Fn(&Rewrite, &Head) -> bool,
) -> Verdict {
    let mut judgement = Judgement::Open;
    let mut verdict = Verdict::Continue;
    let see = |rule: &Rewrite, matched| {
        if let Some(witness) = witness {
            witness.see_rule(&rule.place, matched);
        }
    };
    for rule in rules.iter().filter(|rule| !matches!(rule.action, Action::Add(_) | Action::Pass)) {
        let is_open = judgement == Judgement::Open;
        let matched = applies(rule, head)
            && match &rule.action {
                Action::Replace(search, replacement) => match replace(search, replacement, head, scratch) {
                    Ok(matched) => matched,
                    Err(_) => return Verdict::Malformed,
                },
                Action::Delete(search) => delete(search, head),
                Action::SetBackend(search, _) => verdict == Verdict::Continue && matches_a_line(search, head),
                Action::Allow(search) | Action::Deny(search) | Action::Tarpit(search) => is_open && matches_a_line(search, head),
                Action::Add(_) | Action::Pass => false,
            };
        see(rule, matched);
        match &rule.action {
            Action::Allow(_) if matched => judgement = Judgement::Allowed,
            Action::Deny(_) if matched => return Verdict::Deny,
            Action::Tarpit(_) if matched => return Verdict::Tarpit,
            Action::SetBackend(_, backend) if matched => verdict = Verdict::UseBackend(*backend),
            _ => {}
        }
    }
    for rule in rules {
        let Action::Add(lines) = &rule.action else { continue };
        let is_due = applies(rule, head);
        see(rule, is_due);
        if is_due {
            lines.iter().for_each(|line| head.push(&line.name, &line.value));
        }
    }
    verdict
}

fn matches_a_line(search: &Regex, head: &Head) -> bool {
    search.matches(head.start_line()) || (0..head.len()).any(|index| search.matches(head.line(index)))
}

/// Replaces the start line, or else every field line that matches; says whether any did. Fields that a replacement adds are
/// not looked at again.
fn replace(search: &Regex, replacement: &Replacement, head: &mut Head, scratch: &mut Vec<u8>) -> Result<bool, HeadError> {
    if replacement.expand(search, head.start_line(), scratch) {
        head.replace_start_line(scratch)?;
        return Ok(true);
    }
    let (mut index, mut matched) = (0, false);
    while index < head.len() {
        let matches = replacement.expand(search, head.line(index), scratch);
        index += if matches { head.replace_line(index, scratch)? } else { 1 };
        matched |= matches;
    }
    Ok(matched)
}

/// Removes the field lines that match; says whether any did.
fn delete(search: &Regex, head: &mut Head) -> bool {
    let (mut index, before) = (0, head.len());
    while index < head.len() {
        if search.matches(head.line(index)) {
            head.remove_at(index);
        } else {
            index += 1;
        }
    }
    head.len() < before
}
