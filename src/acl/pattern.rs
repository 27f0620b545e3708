//! One test of an ACL: a criterion, flags, and patterns.
//! How patterns are looked up is `patterns`', how files of them are read `pattern_file`'s.

use super::method::{Method, find_criterion, unknown_criterion};
use super::pattern_file;
use super::patterns::{Lookup, Pattern, Patterns, is_operator};
use crate::fault::Fault;
use crate::sample::content::Outcome;
use crate::sample::expression::leading_name;
use crate::sample::text::{Case, shown};
use crate::sample::value::parse_int;
use crate::sample::witness::{self, Seen};
use crate::sample::{Expression, Names, Patience, Scene, Witness};
use std::sync::Arc;

/// One `acl` line behind its name: a fetch, a match method and its patterns.
#[derive(Debug)]
pub struct Test {
    expression: Expression,
    patterns: Patterns,
    /// As it is written, for `--explain`.
    words: Box<str>,
    warnings: Vec<Fault>,
}

/// How much of a test is kept as it is written, bytes.
const LONGEST_WRITTEN: usize = 100;

/// What the words in front of the patterns say.
#[derive(Default)]
struct Flags {
    case: Case,
    method: Option<Method>,
    files: Vec<(usize, String)>,
    /// `-M`: files are maps, whose first column counts.
    as_map: Columns,
    /// `-n`: names are not looked up.
    lookup: Lookup,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Columns {
    #[default]
    One,
    KeyAndValue,
}

impl Test {
    /// Reads a test; the first word is the criterion.
    pub fn parse(words: &[Vec<u8>], names: &mut dyn Names) -> Result<Test, Fault> {
        let Some(criterion) = words.first() else { return Err(Fault::new(0, "an ACL needs a criterion")) };
        let name = leading_name(criterion);
        let (fetch, suffix) = find_criterion(name).ok_or_else(|| unknown_criterion(criterion))?;
        let expression = Expression::parse_behind(fetch, &criterion[name.len()..], names)?;
        if suffix.is_some() && !expression.is_plain() {
            return Err(
                Fault::new(0, "no converter can follow a fetch with a match method").hint(format!("write '{},... -m METHOD'", fetch.name))
            );
        }
        let (flags, first) = parse_flags(words)?;
        let mut patterns = collect_patterns(words, first, &flags, names)?;
        if VERSIONS.contains(&fetch.name) && flags.method.is_none() {
            patterns.iter_mut().try_for_each(number_versions)?;
        }
        let Some(method) = flags.method.or(suffix).or(Method::of_type(expression.yields())) else {
            return Err(Fault::new(0, format!("'{}' needs a match method", shown(criterion))).hint("name one with -m, for example -m str"));
        };
        if !expression.yields().casts_to(method.row().reads) {
            let message = format!("match method '{}' cannot be used on {}", method.row().name, expression.yields().name());
            return Err(Fault::new(0, message));
        }
        let warnings = warnings(words, first, &patterns, method);
        if let (None, Some(users)) = (flags.method, expression.userlist()) {
            let patterns = Patterns::groups(patterns, users)?;
            return Ok(Test { expression, patterns, words: as_written(words), warnings });
        }
        let patterns = match method {
            Method::Bool if expression.is_switch() => Patterns::on(),
            _ => Patterns::new(method, patterns, flags.case, flags.lookup, names)?,
        };
        Ok(Test { expression, patterns, words: as_written(words), warnings })
    }

    /// The test of a switch for a value: `acl variable NAME VALUE`.
    pub fn of_variable(name: &str, value: &[u8], names: &mut dyn Names) -> Result<Test, Fault> {
        let expression = Expression::parse(format!("variable({name})").as_bytes(), names)?;
        let words = as_written(&[b"variable".to_vec(), name.into(), value.to_vec()]);
        Ok(Test { expression, patterns: Patterns::whole(value), words, warnings: Vec::new() })
    }

    /// Does a value of the criterion match a pattern?
    #[inline]
    pub fn matches(&self, scene: &Scene) -> bool {
        match scene.witness {
            None => self.expression.any(scene, &mut |value| self.patterns.pass(&value)),
            Some(witness) => self.decide_before(witness, &Scene { patience: Patience::Over, ..*scene }) == Outcome::Holds,
        }
    }

    /// The same while bytes may still come.
    pub fn decide(&self, scene: &Scene) -> Outcome {
        match scene.witness {
            None => self.expression.try_any(scene, &mut |value| self.patterns.pass(&value)),
            Some(witness) => self.decide_before(witness, scene),
        }
    }

    fn decide_before(&self, witness: &Witness, scene: &Scene) -> Outcome {
        let mut values = Vec::new();
        let outcome = self.expression.try_any(scene, &mut |value| {
            values.push(witness::told(&value));
            self.patterns.pass(&value)
        });
        witness.see(Seen::Tested { test: self.words.to_string(), values, outcome });
        outcome
    }

    /// The outcome, when no message can change it.
    pub fn constant(&self) -> Option<bool> {
        if !self.patterns.is_truth() || !self.expression.is_plain() {
            return None;
        }
        match self.expression.fetch().name {
            "always_true" => Some(true),
            "always_false" | "ssl_fc" => Some(false),
            _ => None,
        }
    }

    /// The criterion's expression.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// What looks like a mistake.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// The same test as seen by a caller whose words begin `words` earlier.
    pub fn shift(mut self, words: usize) -> Test {
        self.warnings.iter_mut().for_each(|fault| fault.word += words);
        self
    }
}

/// The words of a test, as many as one reads.
fn as_written(words: &[Vec<u8>]) -> Box<str> {
    let mut text = String::new();
    for word in words {
        if text.len() + word.len() > LONGEST_WRITTEN {
            text.push_str(" ...");
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&shown(word));
    }
    text.into()
}

fn parse_flags(words: &[Vec<u8>]) -> Result<(Flags, usize), Fault> {
    let mut flags = Flags::default();
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let operand =
            |what: &str| words.get(at + 1).ok_or_else(|| Fault::new(at + 1, format!("flag '{}' needs {what} behind it", shown(word))));
        match word.as_slice() {
            b"-i" => flags.case = Case::Ignored,
            b"-n" => flags.lookup = Lookup::AddressesOnly,
            b"-M" => flags.as_map = Columns::KeyAndValue,
            b"-m" => flags.method = Some(Method::parse(operand("a match method")?).map_err(|fault| fault.shift(at + 1))?),
            b"-f" => flags.files.push((at + 1, shown(operand("a file")?).into_owned())),
            b"-u" => {
                parse_int(operand("a number")?).ok_or_else(|| Fault::new(at + 1, "flag '-u' needs a number behind it"))?;
            }
            b"--" => return Ok((flags, at + 1)),
            [b'-', letter, ..] if !letter.is_ascii_digit() => {
                return Err(
                    Fault::new(at, format!("unknown flag '{}'", shown(word))).hint("write '--' before a pattern that begins with '-'")
                );
            }
            _ => break,
        }
        at += if matches!(word.as_slice(), b"-m" | b"-f" | b"-u") { 2 } else { 1 };
    }
    Ok((flags, at))
}

fn collect_patterns(words: &[Vec<u8>], first: usize, flags: &Flags, names: &mut dyn Names) -> Result<Vec<Pattern>, Fault> {
    let mut patterns = Vec::new();
    for (word, path) in &flags.files {
        let bytes = names.read_file(path).map_err(|error| Fault::new(*word, format!("cannot read '{path}': {error}")))?;
        let file: Arc<str> = path.as_str().into();
        let mut add =
            |line: u32, text: &[u8]| patterns.push(Pattern { word: *word, line: Some((file.clone(), line)), text: text.to_vec() });
        match flags.as_map {
            Columns::One => pattern_file::scan_patterns(&bytes).for_each(|(line, text)| add(line, text)),
            Columns::KeyAndValue => pattern_file::scan_map(&bytes).for_each(|(line, key, _)| add(line, key)),
        }
    }
    let given = words.iter().enumerate().skip(first);
    patterns.extend(given.map(|(word, text)| Pattern { word, line: None, text: text.clone() }));
    Ok(patterns)
}

/// Fetches of versions, whose patterns are written `3.1` or `3.1:3.3` where no match method is named.
const VERSIONS: [&str; 2] = ["req.ssl_ver", "req_ssl_ver"];

/// Writes a version, or a range of versions, as the number that the fetch yields: major and minor in 16 bits each.
fn number_versions(pattern: &mut Pattern) -> Result<(), Fault> {
    if is_operator(&pattern.text) {
        return Ok(());
    }
    let text = shown(&pattern.text).into_owned();
    let number = |version: &str| {
        let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
        Some(u32::from(major.parse::<u16>().ok()?) << 16 | u32::from(minor.parse::<u16>().ok()?))
    };
    let written = match text.split_once(['-', ':']) {
        Some((low, high)) => number(low).zip(number(high)).map(|(low, high)| format!("{low}:{high}")),
        None => number(&text).map(|version| version.to_string()),
    };
    let fault = || Fault::new(pattern.word, format!("'{text}' is no version")).hint("patterns are versions or ranges like 3.1:3.3");
    pattern.text = written.ok_or_else(fault)?.into_bytes();
    Ok(())
}

fn warnings(words: &[Vec<u8>], first: usize, patterns: &[Pattern], method: Method) -> Vec<Fault> {
    let criterion = words.first().map(|word| shown(word)).unwrap_or_default();
    match method {
        Method::Found | Method::Bool if !patterns.is_empty() => {
            vec![Fault::new(first, format!("patterns behind '{criterion}' are not looked at")).hint("the value alone decides")]
        }
        Method::Found | Method::Bool => Vec::new(),
        _ if patterns.is_empty() && words.len() == first => {
            vec![Fault::new(first, format!("'{criterion}' has no pattern and never matches")).hint("add one, or -m found")]
        }
        Method::Str => {
            let reads_like_a_number =
                words.windows(2).enumerate().skip(first).find(|(_, pair)| is_operator(&pair[0]) && parse_int(&pair[1]).is_some());
            let Some((at, pair)) = reads_like_a_number else { return Vec::new() };
            let message =
                format!("'{} {}' compares text with the two words '{0}' and '{1}', not numbers", shown(&pair[0]), shown(&pair[1]));
            let hint = match criterion.strip_prefix("env(") {
                Some(rest) => format!("env_int({rest} compares numbers"),
                None => "add -m int to compare numbers".to_string(),
            };
            vec![Fault::new(at, message).hint(hint)]
        }
        _ => Vec::new(),
    }
}
