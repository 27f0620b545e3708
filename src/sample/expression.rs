//! An expression: a fetch with its arguments, and converters behind it (`req.hdr(host),lower,field(1,:)`).
//! The fetches are rows in `fetch`, the converters in `convert`.

use super::arguments::{Argument, parse_arguments};
use super::content::{Content, Outcome, Patience, Peeked, Sender, Syntax};
use super::convert::{self, Converter};
use super::fetch::{self, Fetch, Needs, Read};
use super::text::shown;
use super::value::{Type, Value};
use super::{Names, Scene, Userlist};
use crate::fault::{Fault, nearest};
use std::sync::Arc;

/// A fetch and what is made of its value.
#[derive(Debug)]
pub struct Expression {
    fetch: &'static Fetch,
    arguments: Vec<Argument>,
    converters: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    converter: &'static Converter,
    arguments: Vec<Argument>,
}

impl Expression {
    /// Reads an expression; a fault is about word 0.
    pub fn parse(word: &[u8], names: &mut dyn Names) -> Result<Expression, Fault> {
        let name = leading_name(word);
        let fetch = fetch::find(name).ok_or_else(|| unknown_fetch(name))?;
        Expression::parse_behind(fetch, &word[name.len()..], names)
    }

    /// Reads what stands behind the fetch's name: `(arguments),converter(arguments)...`.
    pub fn parse_behind(fetch: &'static Fetch, rest: &[u8], names: &mut dyn Names) -> Result<Expression, Fault> {
        if let Read::Known(fact) = fetch.read
            && !names.supplies(fact)
        {
            return Err(Fault::new(0, format!("fetch '{}' is known, but not yet done", fetch.name)));
        }
        if let Some(reason) = fetch::find_never(fetch) {
            names.tell_never(fetch.name, reason);
        }
        let (arguments, mut rest) = parse_arguments(fetch.name, fetch.arguments, rest, names)?;
        let mut converters = Vec::new();
        let mut yields = fetch.yields;
        while !rest.is_empty() {
            let Some(behind) = rest.strip_prefix(b",") else {
                return Err(Fault::new(0, format!("unexpected '{}' in an expression", shown(rest))).hint("a comma begins a converter"));
            };
            let name = leading_name(behind);
            let converter = convert::find(name).ok_or_else(|| unknown_converter(name))?;
            if !yields.casts_to(converter.reads) {
                let message =
                    format!("converter '{}' reads {} and cannot be given {}", converter.name, converter.reads.name(), yields.name());
                return Err(Fault::new(0, message));
            }
            let (arguments, left) = parse_arguments(converter.name, converter.arguments, &behind[name.len()..], names)?;
            yields = converter.result_type(yields);
            converters.push(Step { converter, arguments });
            rest = left;
        }
        Ok(Expression { fetch, arguments, converters })
    }

    /// The type of the expression's value.
    pub fn yields(&self) -> Type {
        self.converters.iter().fold(self.fetch.yields, |kind, step| step.converter.result_type(kind))
    }

    /// The row of the fetch that it begins with.
    pub fn fetch(&self) -> &'static Fetch {
        self.fetch
    }

    /// The users whose groups a test of it compares.
    pub fn userlist(&self) -> Option<&Arc<Userlist>> {
        match self.arguments.first() {
            Some(Argument::Userlist(list)) if self.fetch.name == "http_auth_group" && self.is_plain() => Some(list),
            _ => None,
        }
    }

    /// Is the fetch alone, with nothing made of its value?
    pub fn is_plain(&self) -> bool {
        self.converters.is_empty()
    }

    /// Is it a switch (`variable(NAME)`, `var(proc.NAME)`), with nothing made of its value?
    pub fn is_switch(&self) -> bool {
        let names_switch = matches!(self.arguments.first(), Some(Argument::Switch(_)));
        names_switch && self.is_plain() && matches!(self.fetch.name, "var" | "variable")
    }

    /// The value; of a fetch with several, the one that HAProxy takes outside of ACLs.
    pub fn value<'a>(&'a self, scene: &Scene<'a>) -> Option<Value<'a>> {
        let mut last = None;
        let value = match self.fetch.read {
            Read::One(read) => read(&self.arguments, scene),
            Read::Known(fact) => scene.world.fact(fact, &self.arguments),
            Read::Peek(read) => read(&self.arguments, scene).value(),
            Read::Several(read) => {
                read(&self.arguments, scene, &mut |value| {
                    last = Some(value);
                    true
                });
                last
            }
            Read::Each(_) | Read::EachOfResponse(_) => {
                // Of cookies and parameters without a name, it is the first.
                let is_first_enough = self.fetch.takes_first() && !matches!(self.arguments.first(), Some(Argument::Text(_)));
                self.offer(scene, &mut |value| {
                    last = Some(value);
                    is_first_enough
                });
                last
            }
        };
        self.convert(value?, scene)
    }

    /// Does any of the values pass the test? Values are taken one by one, and none behind the first that passes.
    pub fn any<'a>(&'a self, scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
        self.offer(scene, &mut |value| self.convert(value, scene).is_some_and(&mut *test))
    }

    /// The same where bytes may still come: a test that fails on what may change is not decided yet.
    pub fn try_any<'a>(&'a self, scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> Outcome {
        if scene.patience == Patience::Over {
            return Outcome::of(self.any(scene, test));
        }
        match self.fetch.read {
            Read::Peek(read) => {
                let mut pass = |value| self.convert(value, scene).is_some_and(&mut *test);
                match read(&self.arguments, scene) {
                    Peeked::Never => Outcome::Fails,
                    Peeked::NotYet => Outcome::Undecided,
                    Peeked::Now(value) => Outcome::of(pass(value)),
                    Peeked::SoFar(value) => Outcome::of(pass(value)).max(Outcome::Undecided),
                }
            }
            // A request may still come of what has come.
            _ if self.fetch.needs == Needs::Request
                && scene.request.is_none()
                && matches!(scene.content, Content::Raw(Sender::Client, _, Syntax::PerhapsHttp)) =>
            {
                Outcome::Undecided
            }
            // So may a response.
            _ if self.fetch.needs == Needs::Response
                && scene.response.is_none()
                && matches!(scene.content, Content::Body(Sender::Server, ..)) =>
            {
                Outcome::Undecided
            }
            _ => Outcome::of(self.any(scene, test)),
        }
    }

    /// Offers the values of the fetch itself until one passes the test.
    fn offer<'a>(&'a self, scene: &Scene<'a>, test: &mut dyn FnMut(Value<'a>) -> bool) -> bool {
        match self.fetch.read {
            Read::One(read) => read(&self.arguments, scene).is_some_and(test),
            Read::Known(fact) => scene.world.fact(fact, &self.arguments).is_some_and(test),
            Read::Peek(read) => read(&self.arguments, scene).value().is_some_and(test),
            Read::Several(read) => read(&self.arguments, scene, test),
            Read::Each(read) => scene.request.is_some_and(|head| read(head, &self.arguments, test)),
            Read::EachOfResponse(read) => scene.response.is_some_and(|head| read(head, &self.arguments, test)),
        }
    }

    fn convert<'a>(&'a self, value: Value<'a>, scene: &Scene<'a>) -> Option<Value<'a>> {
        self.converters.iter().try_fold(value, |value, step| {
            let value = value.cast(step.converter.reads)?;
            (step.converter.convert)(value, &step.arguments, scene)
        })
    }
}

/// The name that a word begins with, up to a parenthesis or a comma.
pub fn leading_name(word: &[u8]) -> &[u8] {
    let end = word.iter().position(|byte| matches!(byte, b'(' | b',')).unwrap_or(word.len());
    &word[..end]
}

/// The fault of a name that is no fetch.
pub fn unknown_fetch(name: &[u8]) -> Fault {
    if let Some(refused) = fetch::find_refused(name) {
        return Fault::new(0, format!("fetch '{}' is not available", shown(name))).hint(refused.reason);
    }
    let name = shown(name);
    let fault = Fault::new(0, format!("unknown fetch '{name}'"));
    suggested(fault, nearest(&name, fetch::all().map(|row| row.name)))
}

fn unknown_converter(name: &[u8]) -> Fault {
    let name = shown(name);
    let fault = Fault::new(0, format!("unknown converter '{name}'"));
    suggested(fault, nearest(&name, convert::all().map(|row| row.name)))
}

/// The fault with a suggestion, where there is one.
pub fn suggested(fault: Fault, name: Option<&str>) -> Fault {
    match name {
        Some(name) => fault.hint(format!("did you mean '{name}'?")),
        None => fault,
    }
}
