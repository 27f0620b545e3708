//! `.if`, `.elif`, `.else`, `.endif` and `.notice`, `.warning`, `.alert`, `.diag` (HAProxy manual, section 2.4).
//! Only which lines count is decided here; cutting them into words comes before.

use super::Reading;
use super::diagnostic::{Kind, Severity};
use super::environment::Environment;
use super::keyword::nearest;
use super::line::Line;
use crate::fault::Fault;

/// The version of HAProxy that byway takes itself for where a file asks.
const VERSION: [u32; 3] = [2, 6, 12];
/// What `feature(NAME)` finds.
const FEATURES: &[&str] = &[
    "ACCEPT4",
    "EPOLL",
    "GETADDRINFO",
    "LIBCRYPT",
    "LINUX_TPROXY",
    "PCRE2",
    "POLL",
    "PRCTL",
    "PROMEX",
    "RT",
    "SYSTEMD",
    "THREAD",
    "TPROXY",
];
/// What `enabled(NAME)` finds (HAProxy 3.0 has it).
const ENABLED: &[&str] = &["EPOLL", "GETADDRINFO"];
/// The predicates and how many arguments each takes.
const PREDICATES: &[(&str, usize)] = &[
    ("defined", 1),
    ("feature", 1),
    ("enabled", 1),
    ("streq", 2),
    ("strneq", 2),
    ("strstr", 2),
    ("version_atleast", 1),
    ("version_before", 1),
    ("openssl_version_atleast", 1),
    ("openssl_version_before", 1),
    ("ssllib_name_startswith", 1),
    ("awslc_api_atleast", 1),
    ("awslc_api_before", 1),
];
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
            b".diag" => say(line, Severity::Diagnostic, reading),
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
                taken_off: 0,
                columns: None,
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

/// `.notice` and its like: one word.
fn say(line: &Line, severity: Severity, reading: &mut Reading) {
    if line.word(2).is_some() {
        let keyword = String::from_utf8_lossy(line.keyword()).into_owned();
        let fault = Fault::new(2, format!("'{keyword}' takes one word"));
        return reading.alert(line, fault.hint("put the message into quotes"));
    }
    let message = String::from_utf8_lossy(line.word(1).unwrap_or_default()).into_owned();
    reading.diagnostics.push(line.tell(severity, Kind::Advice, Fault::new(0, message)));
}

fn decide(line: &Line, reading: &mut Reading) -> Branch {
    let text = line.words_from(1).join(&b' ');
    match evaluate(&String::from_utf8_lossy(&text), &reading.environment) {
        Ok(true) => Branch::Taken,
        Ok(false) => Branch::Waiting,
        Err(fault) => {
            let mut told = line.tell(Severity::Alert, Kind::Fault, Fault::new(1, fault.message).hint(fault.hint));
            // Where the words stand as they are written, the caret goes under what is meant.
            let columns = line.columns_of(1);
            if line.text.get(columns.start..).is_some_and(|rest| rest.starts_with(&text)) {
                let at = columns.start + fault.at.min(text.len());
                told.columns = at..(at + fault.length.max(1)).min((columns.start + text.len()).max(at + 1));
            }
            told.text.resize(told.text.len().max(told.columns.end), b' ');
            reading.diagnostics.push(told);
            Branch::Waiting
        }
    }
}

/// What is wrong with a condition.
#[derive(Debug, PartialEq, Eq)]
pub struct BadCondition {
    /// Where it begins, in bytes.
    at: usize,
    /// How many bytes are meant.
    length: usize,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// The value of a condition, as `.if` and `-cc` have it.
pub fn evaluate(text: &str, environment: &Environment) -> Result<bool, BadCondition> {
    let mut expression = Expression { text, rest: text, environment, depth: 0 };
    // No condition at all does not hold, as in HAProxy.
    let value = !text.trim().is_empty() && expression.any()?;
    match expression.rest.trim() {
        "" => Ok(value),
        rest => Err(expression
            .fault(rest.len(), format!("'{rest}' is one thing too many in this condition"))
            .hint("join conditions by && or ||")),
    }
}

impl BadCondition {
    fn hint(mut self, hint: impl Into<String>) -> BadCondition {
        self.hint = hint.into();
        self
    }
}

struct Expression<'t, 'r> {
    text: &'t str,
    rest: &'t str,
    environment: &'r Environment,
    depth: usize,
}

impl<'t> Expression<'t, '_> {
    /// A fault of the next so many bytes.
    fn fault(&self, length: usize, message: impl Into<String>) -> BadCondition {
        let at = self.text.len() - self.rest.trim_start().len();
        BadCondition { at, length, message: message.into(), hint: String::new() }
    }

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

    fn any(&mut self) -> Result<bool, BadCondition> {
        let mut value = self.all()?;
        while self.skip("||") {
            value |= self.all()?;
        }
        Ok(value)
    }

    fn all(&mut self) -> Result<bool, BadCondition> {
        let mut value = self.one()?;
        while self.skip("&&") {
            value &= self.one()?;
        }
        Ok(value)
    }

    fn one(&mut self) -> Result<bool, BadCondition> {
        self.depth += 1;
        if self.depth > DEEPEST_EXPRESSION {
            return Err(self.fault(1, format!("more than {DEEPEST_EXPRESSION} '!' and '(' in one condition")));
        }
        if self.skip("!") {
            return self.one().map(|value| !value);
        }
        if self.rest.trim_start().starts_with('(') {
            let unclosed = self.fault(1, "'(' without its ')'");
            self.skip("(");
            let value = self.any()?;
            return if self.skip(")") { Ok(value) } else { Err(unclosed) };
        }
        let rest = self.rest.trim_start();
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-' || c == '+')).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(length);
        if let Ok(number) = name.parse::<i64>() {
            self.rest = behind;
            return Ok(number != 0);
        }
        let known = PREDICATES.iter().find(|(known, _)| *known == name);
        let Some((_, wanted)) = known else {
            let near = nearest(name.as_bytes(), PREDICATES.iter().map(|(name, _)| *name));
            let hint = match near {
                Some(near) => format!("did you mean '{near}()'?"),
                None => "defined(), feature(), streq(), strneq(), strstr(), version_atleast(), version_before(), enabled()".to_owned(),
            };
            return Err(match name {
                "" if rest.is_empty() => self.fault(1, "the condition ends too soon"),
                "" => self.fault(1, format!("'{}' cannot stand here in a condition", rest.chars().next().unwrap_or(' '))),
                _ => self.fault(name.len(), format!("'{name}' is no predicate and no number")).hint(hint),
            });
        };
        let arguments = behind.strip_prefix('(').and_then(parse_arguments);
        let Some((arguments, behind)) = arguments else {
            return Err(self.fault(rest.len(), format!("'{name}' needs its arguments in parentheses")));
        };
        if arguments.len() != *wanted {
            let message = format!("'{name}()' takes {wanted} argument{}, not {}", if *wanted == 1 { "" } else { "s" }, arguments.len());
            return Err(self.fault(rest.len() - behind.len(), message));
        }
        let value = self.predicate(name, &arguments).map_err(|message| self.fault(rest.len() - behind.len(), message))?;
        self.rest = behind;
        Ok(value)
    }

    /// What a predicate says; its arguments are as many as it takes.
    fn predicate(&self, name: &str, arguments: &[String]) -> Result<bool, String> {
        let first = arguments.first().map(String::as_str).unwrap_or_default();
        let second = arguments.get(1).map(String::as_str).unwrap_or_default();
        Ok(match name {
            "defined" => self.environment.get(first).is_some(),
            "feature" => FEATURES.contains(&first),
            "enabled" => ENABLED.contains(&first),
            "streq" => first == second,
            "strneq" => first != second,
            "strstr" => first.contains(second),
            "version_atleast" => parse_version(first)? <= VERSION,
            "version_before" => parse_version(first)? > VERSION,
            // What asks for a TLS library: there is none.
            _ => false,
        })
    }
}

/// Arguments up to the closing parenthesis, parted by commas, and what is behind it. Quotes and backslashes keep
/// what stands in or behind them.
fn parse_arguments(text: &str) -> Option<(Vec<String>, &str)> {
    let mut arguments = vec![String::new()];
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        let last = arguments.last_mut()?;
        match (c, quote) {
            ('\\', None | Some('"')) => last.extend(chars.next().map(|(_, c)| c)),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (',', None) => arguments.push(String::new()),
            (')', None) => return Some((arguments, text.get(at + 1..)?)),
            (c, _) => last.push(c),
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<bool, BadCondition> {
        let outside = std::collections::HashMap::from([("HOME".to_owned(), "/root".to_owned()), ("EMPTY".to_owned(), String::new())]);
        evaluate(text, &Environment::new(&outside))
    }

    #[track_caller]
    fn check(text: &str, expected: bool) {
        assert_eq!(value(text), Ok(expected), "{text}");
    }

    #[track_caller]
    fn check_bad(text: &str, at: usize, message: &str) {
        let fault = value(text).expect_err(text);
        assert_eq!((fault.at, fault.message.as_str()), (at, message), "{text}");
    }

    #[test]
    fn conditions_have_the_values_that_they_have_in_haproxy() {
        for text in ["1", "7", "-1", "01", "!0", "! ! 1", "!!1", "(1)", "1||0&&0", "1 || 0 && 0", "((1)||(0))"] {
            check(text, true);
        }
        for text in ["", "  ", "0", "-0", "!1", "((1)&&(0))", "(1||0)&&0", "! (1 || 0)"] {
            check(text, false);
        }
    }

    #[test]
    fn predicates_ask_for_the_environment_words_versions_and_features() {
        for text in ["defined(HOME)", "defined(EMPTY)", "streq(a,\"a\")", "streq(,)", "streq('a,b',a\\,b)", "streq(\"a)\",'a)')"] {
            check(text, true);
        }
        for text in ["defined(NOTHING)", "defined()", "defined( HOME )", "streq(a, a)", "streq(a,b)", "strneq(a,a)", "strstr(abc,d)"] {
            check(text, false);
        }
        for text in ["strneq(a,b)", "strstr(abc,b)", "version_atleast(2)", "version_atleast(2.6-dev3)", "version_atleast(2.6.12)"] {
            check(text, true);
        }
        for text in ["version_atleast(2.6.13)", "version_atleast(3.0)", "version_before(2.6)", "feature(LUA)", "feature(thread)"] {
            check(text, false);
        }
        for text in
            ["version_before(2.7-dev1)", "feature(THREAD)", "enabled(EPOLL)", "!feature(OPENSSL)", "!openssl_version_atleast(1.1.1)"]
        {
            check(text, true);
        }
    }

    #[test]
    fn what_is_wrong_with_a_condition_is_said_with_its_place() {
        check_bad("1 &&", 4, "the condition ends too soon");
        check_bad("&& 1", 0, "'&' cannot stand here in a condition");
        check_bad("1 & 1", 2, "'& 1' is one thing too many in this condition");
        check_bad("(1", 0, "'(' without its ')'");
        check_bad("1 || true", 5, "'true' is no predicate and no number");
        check_bad("streq(a)", 0, "'streq()' takes 2 arguments, not 1");
        check_bad("!defined(HOME,PATH)", 1, "'defined()' takes 1 argument, not 2");
        check_bad("defined(HOME", 0, "'defined' needs its arguments in parentheses");
        check_bad("streq (a,a)", 0, "'streq' needs its arguments in parentheses");
        check_bad("version_atleast(abc)", 0, "'abc' is no version");
        check_bad(&"!".repeat(100), 64, "more than 64 '!' and '(' in one condition");
    }
}
