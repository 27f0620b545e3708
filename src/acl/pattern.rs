//! Patterns and the methods that match them: one test of an ACL.

use super::method::{Method, find_criterion, unknown_criterion};
use super::sets::{Affixes, End, Ranges, Texts};
use crate::fault::Fault;
use crate::sample::expression::leading_name;
use crate::sample::regex::Regex;
use crate::sample::text::{Case, shown};
use crate::sample::value::{Value, from_hexadecimal, parse_int};
use crate::sample::witness::{self, Seen};
use crate::sample::{Expression, Names, Scene, Witness};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One `acl` line behind its name: a fetch, a match method and its patterns.
#[derive(Debug)]
pub struct Test {
    expression: Expression,
    patterns: Patterns,
    /// As it is written, for `--explain`.
    words: Box<str>,
    warnings: Vec<Fault>,
}

/// Patterns in the form in which their method looks them up.
#[derive(Debug)]
enum Patterns {
    Found,
    True,
    /// A switch is true by the text `true` as well as by a number.
    On,
    Numbers(Ranges<i64>),
    Lengths(Ranges<i64>),
    Networks {
        v4: Ranges<u32>,
        v6: Ranges<u128>,
    },
    Bytes(Texts),
    Whole(Texts),
    Affixes(Affixes),
    Parts(Vec<Vec<u8>>, Case),
    Words(Words),
    Regexes(Vec<Regex>),
}

/// What parts of a text are between, for `dir`.
const DIRECTORY_DELIMITERS: &[u8] = b"/?";
/// What parts of a text are between, for `dom`.
const DOMAIN_DELIMITERS: &[u8] = b"/?.:";

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

#[derive(Clone, Copy, Default, PartialEq)]
enum Lookup {
    #[default]
    Names,
    AddressesOnly,
}

/// A pattern and the word that it came from.
struct Pattern {
    word: usize,
    text: Vec<u8>,
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
        let patterns = collect_patterns(words, first, &flags, names)?;
        let Some(method) = flags.method.or(suffix).or(Method::of_type(expression.yields())) else {
            return Err(Fault::new(0, format!("'{}' needs a match method", shown(criterion))).hint("name one with -m, for example -m str"));
        };
        if !expression.yields().casts_to(method.row().reads) {
            let message = format!("match method '{}' cannot be used on {}", method.row().name, expression.yields().name());
            return Err(Fault::new(0, message));
        }
        let warnings = warnings(words, first, &patterns, method);
        let patterns = match build(method, patterns, &flags, names)? {
            Patterns::True if expression.is_switch() => Patterns::On,
            patterns => patterns,
        };
        Ok(Test { expression, patterns, words: as_written(words), warnings })
    }

    /// The test of a switch for a value: `acl variable NAME VALUE`.
    pub fn of_variable(name: &str, value: &[u8], names: &mut dyn Names) -> Result<Test, Fault> {
        let expression = Expression::parse(format!("variable({name})").as_bytes(), names)?;
        Ok(Test {
            expression,
            patterns: Patterns::Whole(Texts::new(vec![value.to_vec()], Case::Matters)),
            words: as_written(&[b"variable".to_vec(), name.into(), value.to_vec()]),
            warnings: Vec::new(),
        })
    }

    /// Does a value of the criterion match a pattern?
    #[inline]
    pub fn matches(&self, scene: &Scene) -> bool {
        match scene.witness {
            None => self.expression.any(scene, &mut |value| self.patterns.pass(&value)),
            Some(witness) => self.matches_before(witness, scene),
        }
    }

    fn matches_before(&self, witness: &Witness, scene: &Scene) -> bool {
        let mut values = Vec::new();
        let outcome = self.expression.any(scene, &mut |value| {
            values.push(witness::told(&value));
            self.patterns.pass(&value)
        });
        witness.see(Seen::Tested { test: self.words.to_string(), values, outcome });
        outcome
    }

    /// The outcome, when no message can change it.
    pub fn constant(&self) -> Option<bool> {
        if !matches!(self.patterns, Patterns::True) || !self.expression.is_plain() {
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
        for line in bytes.split(|byte| *byte == b'\n') {
            // Blanks behind a pattern are its own, as in HAProxy.
            let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_start();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let text = match flags.as_map {
                Columns::One => line,
                Columns::KeyAndValue => line.split(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or(line),
            };
            patterns.push(Pattern { word: *word, text: text.to_vec() });
        }
    }
    let given = words.iter().enumerate().skip(first);
    patterns.extend(given.map(|(word, text)| Pattern { word, text: text.clone() }));
    Ok(patterns)
}

fn is_operator(word: &[u8]) -> bool {
    matches!(word, b"eq" | b"ge" | b"gt" | b"le" | b"lt")
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

fn build(method: Method, patterns: Vec<Pattern>, flags: &Flags, names: &mut dyn Names) -> Result<Patterns, Fault> {
    let case = flags.case;
    let texts = |patterns: Vec<Pattern>| patterns.into_iter().map(|pattern| pattern.text).collect::<Vec<_>>();
    Ok(match method {
        Method::Found => Patterns::Found,
        Method::Bool => Patterns::True,
        Method::Int => Patterns::Numbers(Ranges::new(parse_ranges(&patterns)?)),
        Method::Len => Patterns::Lengths(Ranges::new(parse_ranges(&patterns)?)),
        Method::Ip => parse_networks(&patterns, flags.lookup, names)?,
        Method::Bin => Patterns::Bytes(Texts::new(patterns.iter().map(parse_hexadecimal).collect::<Result<_, _>>()?, Case::Matters)),
        Method::Str => Patterns::Whole(Texts::new(texts(patterns), case)),
        Method::Beg => Patterns::Affixes(Affixes::new(texts(patterns), case, End::Front)),
        Method::End => Patterns::Affixes(Affixes::new(texts(patterns), case, End::Back)),
        Method::Sub => Patterns::Parts(texts(patterns), case),
        Method::Dir => Patterns::Words(Words::new(&texts(patterns), case, DIRECTORY_DELIMITERS)),
        Method::Dom => Patterns::Words(Words::new(&texts(patterns), case, DOMAIN_DELIMITERS)),
        Method::Reg => {
            let regexes = patterns.iter().map(|pattern| Regex::parse(&pattern.text, case).map_err(|fault| fault.shift(pattern.word)));
            Patterns::Regexes(regexes.collect::<Result<_, _>>()?)
        }
    })
}

/// `5`, `1:5`, `:5`, `5:`, and `gt 5`; an operator holds for all that follow it.
fn parse_ranges(patterns: &[Pattern]) -> Result<Vec<(i64, i64)>, Fault> {
    let mut ranges = Vec::new();
    let mut operator: Option<&Pattern> = None;
    let mut used = true;
    for pattern in patterns {
        if is_operator(&pattern.text) {
            operator = Some(pattern);
            used = false;
            continue;
        }
        used = true;
        let fault = || {
            Fault::new(pattern.word, format!("'{}' is no integer", shown(&pattern.text))).hint("patterns are integers or ranges like 1:5")
        };
        let text = pattern.text.as_slice();
        let (low, high) = match text.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let bound = |text: &[u8], open: i64| if text.is_empty() { Some(open) } else { parse_int(text) };
                let low = bound(&text[..colon], i64::MIN).ok_or_else(fault)?;
                (low, bound(&text[colon + 1..], i64::MAX).ok_or_else(fault)?)
            }
            None => {
                let value = parse_int(text).ok_or_else(fault)?;
                (value, value)
            }
        };
        let range = match operator.map(|operator| operator.text.as_slice()) {
            None | Some(b"eq") => Some((low, high)),
            Some(_) if low != high => {
                return Err(Fault::new(pattern.word, "a range cannot follow an operator other than 'eq'"));
            }
            Some(b"ge") => Some((low, i64::MAX)),
            Some(b"gt") => low.checked_add(1).map(|low| (low, i64::MAX)),
            Some(b"le") => Some((i64::MIN, high)),
            Some(_) => high.checked_sub(1).map(|high| (i64::MIN, high)),
        };
        ranges.extend(range);
    }
    match operator {
        Some(operator) if !used => Err(Fault::new(operator.word + 1, format!("'{}' needs an integer behind it", shown(&operator.text)))),
        _ => Ok(ranges),
    }
}

fn parse_hexadecimal(pattern: &Pattern) -> Result<Vec<u8>, Fault> {
    from_hexadecimal(&pattern.text).ok_or_else(|| Fault::new(pattern.word, format!("'{}' is no hexadecimal", shown(&pattern.text))))
}

fn parse_networks(patterns: &[Pattern], lookup: Lookup, names: &mut dyn Names) -> Result<Patterns, Fault> {
    let mut v4 = Vec::new();
    let mut v6 = Vec::new();
    for pattern in patterns {
        let text = shown(&pattern.text);
        let (host, mask) = match text.split_once('/') {
            Some((host, mask)) => (host, Some(mask)),
            None => (text.as_ref(), None),
        };
        let fault = |message: String| Fault::new(pattern.word, message).hint("patterns are addresses or networks like 10.0.0.0/8");
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) if lookup == Lookup::AddressesOnly => return Err(fault(format!("'{text}' is no address"))),
            Err(_) => names.resolve(host).map_err(|error| fault(format!("'{text}' is no address: {error}")))?,
        };
        for address in addresses {
            let bad_mask = || fault(format!("'{}' is no mask", mask.unwrap_or_default()));
            match address {
                IpAddr::V4(address) => {
                    let mask = mask.map_or(Some(u32::MAX), parse_v4_mask).ok_or_else(bad_mask)?;
                    let low = u32::from(address) & mask;
                    v4.push((low, low | !mask));
                }
                IpAddr::V6(address) => {
                    let bits = mask.map_or(Some(128), |mask| mask.parse::<u32>().ok()).filter(|bits| *bits <= 128).ok_or_else(bad_mask)?;
                    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                    let low = u128::from(address) & mask;
                    v6.push((low, low | !mask));
                }
            }
        }
    }
    Ok(Patterns::Networks { v4: Ranges::new(v4), v6: Ranges::new(v6) })
}

/// `8` or `255.0.0.0`.
fn parse_v4_mask(text: &str) -> Option<u32> {
    if let Ok(bits) = text.parse::<u32>() {
        return (bits <= 32).then(|| u32::MAX.checked_shl(32 - bits).unwrap_or(0));
    }
    let mask = u32::from(text.parse::<Ipv4Addr>().ok()?);
    (mask.leading_ones() + mask.trailing_zeros() == 32).then_some(mask)
}

/// Texts that stand in another one with a delimiter or an end on either side.
#[derive(Debug)]
struct Words {
    texts: Texts,
    delimiters: &'static [u8],
    /// The most delimiters within one of the texts.
    most_within: usize,
}

impl Words {
    fn new(texts: &[Vec<u8>], case: Case, delimiters: &'static [u8]) -> Words {
        let is_delimiter = |byte: &u8| delimiters.contains(byte);
        let stripped = texts.iter().filter_map(|text| {
            let start = text.iter().position(|byte| !is_delimiter(byte))?;
            let end = text.iter().rposition(|byte| !is_delimiter(byte))?;
            Some(text[start..=end].to_vec())
        });
        let texts: Vec<Vec<u8>> = stripped.collect();
        let within = |text: &Vec<u8>| text.iter().filter(|byte| is_delimiter(byte)).count();
        Words { most_within: texts.iter().map(within).max().unwrap_or(0), texts: Texts::new(texts, case), delimiters }
    }

    /// Looks up every run of words that is no longer than the longest pattern.
    fn are_in(&self, text: &[u8]) -> bool {
        let mut from = 0;
        for word in text.split(|byte| self.delimiters.contains(byte)) {
            let rest = text.get(from..).unwrap_or_default();
            let ends = rest.iter().enumerate().filter(|(_, byte)| self.delimiters.contains(byte)).map(|(at, _)| at);
            let mut runs = ends.chain([rest.len()]).take(self.most_within + 1);
            if runs.any(|end| rest.get(..end).is_some_and(|run| self.texts.contains(run))) {
                return true;
            }
            from += word.len() + 1;
        }
        false
    }
}

impl Patterns {
    fn pass(&self, value: &Value) -> bool {
        match self {
            Patterns::Found => true,
            Patterns::True => value.to_bool() == Some(true),
            Patterns::On => *value == Value::text(b"true") || value.to_bool() == Some(true),
            Patterns::Numbers(ranges) => value.to_int().is_some_and(|value| ranges.contains(value)),
            Patterns::Lengths(ranges) => value.with_text(|text| i64::try_from(text.len()).is_ok_and(|length| ranges.contains(length))),
            Patterns::Networks { v4, v6 } => value.to_address().is_some_and(|address| pass_networks(v4, v6, address)),
            Patterns::Bytes(texts) => value.with_bytes(|bytes| texts.contains(bytes)),
            Patterns::Whole(texts) => value.with_text(|text| texts.contains(text)),
            Patterns::Affixes(affixes) => value.with_text(|text| affixes.contains(text)),
            Patterns::Parts(parts, case) => value.with_text(|text| parts.iter().any(|part| case.find(text, part, 0).is_some())),
            Patterns::Words(words) => value.with_text(|text| words.are_in(text)),
            Patterns::Regexes(regexes) => value.with_text(|text| regexes.iter().any(|regex| regex.matches(text))),
        }
    }
}

/// An IPv4 address is in an IPv6 network by its mapped form; an IPv6 address that carries an IPv4 one (mapped or 6to4) in an IPv4 network.
fn pass_networks(v4: &Ranges<u32>, v6: &Ranges<u128>, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => v4.contains(address.into()) || v6.contains(address.to_ipv6_mapped().into()),
        IpAddr::V6(address) => v6.contains(address.into()) || carried_v4(address).is_some_and(|address| v4.contains(address.into())),
    }
}

fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    address.to_ipv4_mapped().or(match address.octets() {
        [0x20, 0x02, a, b, c, d, ..] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => None,
    })
}
