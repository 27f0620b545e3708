//! `.if`, `.elif`, `.else`, `.endif` and `.notice`, `.warning`, `.alert`, `.diag` (HAProxy manual, section 2.4).
//! Only which lines count is decided here; cutting them into words comes before.

use super::Reading;
use super::diagnostic::{Kind, Severity};
use super::line::Line;
use crate::fault::Fault;

/// The version of HAProxy that byway takes itself for where a file asks.
const VERSION: [u32; 3] = [2, 6, 12];
/// What `feature(NAME)` finds.
const FEATURES: &[&str] = &["EPOLL", "GETADDRINFO", "PCRE2", "POLL", "PROMEX", "RT", "SYSTEMD", "THREAD", "TPROXY"];
/// What `.if` may be nested in, as in HAProxy.
const DEEPEST: usize = 16;
/// How many brackets and `!` an expression may open.
const DEEPEST_EXPRESSION: usize = 64;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is text of the configuration.
    Text,
    /// It was a directive, or stands where lines do not count.
    Taken,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    /// Its lines count.
    Taken,
    /// Its lines do not count; a later branch may.
    Waiting,
    /// Its lines do not count, nor those of the branches behind.
    Over,
}

/// The directives that are open.
#[derive(Default)]
pub struct Conditionals<'a> {
    open: Vec<(Branch, IsElse)>,
    last_if: Option<LastIf<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsElse {
    No,
    Yes,
}

struct LastIf<'a> {
    file: &'a std::sync::Arc<str>,
    number: u32,
    text: &'a [u8],
}

impl<'a> Conditionals<'a> {
    /// Do the lines here not count?
    pub fn is_passing_over(&self) -> bool {
        self.open.iter().any(|(branch, _)| *branch != Branch::Taken)
    }

    /// Takes a line that is a directive, and any that stands where lines do not count.
    pub fn take(&mut self, line: &Line<'a>, reading: &mut Reading) -> Step {
        let outer_passes = self.open.iter().rev().skip(1).any(|(branch, _)| *branch != Branch::Taken);
        match line.keyword() {
            b".if" => self.open_if(line, reading),
            b".elif" => match self.open.last().copied() {
                None | Some((_, IsElse::Yes)) => reading.alert(line, Fault::new(0, "'.elif' without its '.if'")),
                Some((Branch::Waiting, _)) if !outer_passes => {
                    let branch = decide(line, reading);
                    self.set_last(branch, IsElse::No);
                }
                Some((Branch::Taken, _)) => self.set_last(Branch::Over, IsElse::No),
                Some(_) => {}
            },
            b".else" => match self.open.last().copied() {
                None | Some((_, IsElse::Yes)) => reading.alert(line, Fault::new(0, "'.else' without its '.if'")),
                Some((branch, _)) => {
                    let branch = if branch == Branch::Waiting && !outer_passes { Branch::Taken } else { Branch::Over };
                    self.set_last(branch, IsElse::Yes);
                    self.end(line, reading);
                }
            },
            b".endif" => match self.open.pop() {
                None => reading.alert(line, Fault::new(0, "'.endif' without its '.if'")),
                Some(_) => self.end(line, reading),
            },
            _ if self.is_passing_over() => {}
            b".notice" => say(line, Severity::Notice, reading),
            b".warning" => say(line, Severity::Warning, reading),
            b".alert" => say(line, Severity::Alert, reading),
            b".diag" => {}
            keyword if keyword.starts_with(b".") => {
                let message = format!("unknown directive '{}'", String::from_utf8_lossy(keyword));
                reading
                    .alert(line, Fault::new(0, message).hint(".if, .elif, .else, .endif, .notice, .warning, .alert and .diag are known"));
            }
            _ => return Step::Text,
        }
        Step::Taken
    }

    /// The file is over.
    pub fn finish(self, reading: &mut Reading) {
        if let (false, Some(last)) = (self.open.is_empty(), self.last_if) {
            let line = Line {
                file: last.file,
                number: last.number,
                text: last.text,
                sense: super::line::Sense::Wanted,
                words: Vec::new(),
                columns: Vec::new(),
            };
            reading.alert(&line, Fault::new(0, "'.if' without its '.endif'"));
        }
    }

    fn open_if(&mut self, line: &Line<'a>, reading: &mut Reading) {
        self.last_if = Some(LastIf { file: line.file, number: line.number, text: line.text });
        if self.open.len() >= DEEPEST {
            return reading.alert(line, Fault::new(0, format!("more than {DEEPEST} '.if' inside one another")));
        }
        let branch = if self.is_passing_over() { Branch::Over } else { decide(line, reading) };
        self.open.push((branch, IsElse::No));
    }

    fn set_last(&mut self, branch: Branch, is_else: IsElse) {
        if let Some(last) = self.open.last_mut() {
            *last = (branch, is_else);
        }
    }

    fn end(&self, line: &Line, reading: &mut Reading) {
        if let Err(fault) = line.end(1) {
            reading.alert(line, fault);
        }
    }
}

fn say(line: &Line, severity: Severity, reading: &mut Reading) {
    let words: Vec<_> = line.words_from(1).iter().map(|word| String::from_utf8_lossy(word)).collect();
    reading.diagnostics.push(line.tell(severity, Kind::Advice, Fault::new(0, words.join(" "))));
}

fn decide(line: &Line, reading: &mut Reading) -> Branch {
    let text = line.words_from(1).join(&b' ');
    match evaluate(&String::from_utf8_lossy(&text), reading) {
        Ok(true) => Branch::Taken,
        Ok(false) => Branch::Waiting,
        Err(message) => {
            let hint = "defined(), feature(), streq(), strneq(), strstr(), version_atleast(), version_before(), joined by ! && || ()";
            reading.alert(line, Fault::new(1, message).hint(hint));
            Branch::Waiting
        }
    }
}

/// The value of a condition.
fn evaluate(text: &str, reading: &Reading) -> Result<bool, String> {
    let mut expression = Expression { rest: text, reading, depth: 0 };
    // No condition at all does not hold, as in HAProxy.
    let value = !text.trim().is_empty() && expression.any()?;
    match expression.rest.trim_start() {
        "" => Ok(value),
        rest => Err(format!("'{rest}' in a condition is not understood")),
    }
}

struct Expression<'t, 'r> {
    rest: &'t str,
    reading: &'r Reading<'r>,
    depth: usize,
}

impl<'t> Expression<'t, '_> {
    fn skip(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Result<bool, String> {
        let mut value = self.all()?;
        while self.skip("||") {
            value |= self.all()?;
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut value = self.one()?;
        while self.skip("&&") {
            value &= self.one()?;
        }
        Ok(value)
    }

    fn one(&mut self) -> Result<bool, String> {
        self.depth += 1;
        if self.depth > DEEPEST_EXPRESSION {
            return Err("a condition that is too deep".into());
        }
        if self.skip("!") {
            return self.one().map(|value| !value);
        }
        if self.skip("(") {
            let value = self.any()?;
            return if self.skip(")") { Ok(value) } else { Err("'(' without its ')' in a condition".into()) };
        }
        let rest = self.rest.trim_start();
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(length);
        if let Ok(number) = name.parse::<i64>() {
            self.rest = behind;
            return Ok(number != 0);
        }
        let inside = behind.strip_prefix('(').and_then(|behind| behind.split_once(')'));
        let Some((arguments, behind)) = inside else {
            return Err(match rest {
                "" => "a condition that ends too soon".into(),
                _ => format!("'{rest}' in a condition is not understood"),
            });
        };
        self.rest = behind;
        self.predicate(name, arguments)
    }

    fn predicate(&self, name: &str, arguments: &'t str) -> Result<bool, String> {
        let words: Vec<&str> = arguments.split(',').map(str::trim).collect();
        match (name, words.as_slice()) {
            ("defined", [name]) => Ok(self.reading.environment.get(name).is_some()),
            ("feature", [name]) => Ok(FEATURES.contains(name)),
            ("streq", [left, right]) => Ok(left == right),
            ("strneq", [left, right]) => Ok(left != right),
            ("strstr", [whole, part]) => Ok(whole.contains(part)),
            ("version_atleast", [version]) => Ok(parse_version(version)? <= VERSION),
            ("version_before", [version]) => Ok(parse_version(version)? > VERSION),
            ("enabled", [_]) => Ok(false),
            ("openssl_version_atleast" | "openssl_version_before" | "ssllib_name_startswith", [_]) => Ok(false),
            ("awslc_api_atleast" | "awslc_api_before", [_]) => Ok(false),
            ("defined" | "feature" | "streq" | "strneq" | "strstr" | "version_atleast" | "version_before" | "enabled", _) => {
                Err(format!("'{name}({arguments})' has the wrong number of arguments"))
            }
            _ => Err(format!("'{name}()' in a condition is not known")),
        }
    }
}

/// `2.4`, `2.5-dev2`, `2.6.1` as numbers.
fn parse_version(text: &str) -> Result<[u32; 3], String> {
    let mut version = [0; 3];
    let numbers = text.split('-').next().unwrap_or_default();
    for (part, slot) in numbers.split('.').zip(version.iter_mut()) {
        *slot = part.parse().map_err(|_| format!("'{text}' is no version"))?;
    }
    Ok(version)
}
