//! Regular expressions as HAProxy configurations write them (PCRE and POSIX spellings), run by the `regex` crate on bytes in linear time.
//! A test of the literal beginning stands in front of each, so that a line that cannot match costs a few nanoseconds.

use super::text::Case;
use crate::fault::Fault;
use ::regex::bytes::{CaptureLocations, RegexBuilder};
use std::sync::Mutex;

/// The largest compiled expression, in bytes.
const LARGEST_PROGRAM: usize = 16 << 20;
/// The most literal beginnings that are kept for the test in front.
const MOST_PREFIXES: usize = 32;

/// A compiled regular expression.
#[derive(Debug)]
pub struct Regex {
    compiled: ::regex::bytes::Regex,
    case: Case,
    /// A text that matches begins with one of these; no test when empty.
    prefixes: Vec<Vec<u8>>,
    /// Room for groups, lent to one search at a time.
    groups: Mutex<CaptureLocations>,
}

impl Regex {
    /// Compiles an expression; a fault is about word 0.
    pub fn parse(source: &[u8], case: Case) -> Result<Regex, Fault> {
        let translated = translate(source)?;
        let compiled = RegexBuilder::new(&translated)
            .unicode(false)
            .case_insensitive(case == Case::Ignored)
            .size_limit(LARGEST_PROGRAM)
            .build()
            .map_err(|error| Fault::new(0, format!("regular expression does not compile: {}", last_line(&error.to_string()))))?;
        let groups = Mutex::new(compiled.capture_locations());
        Ok(Regex { compiled, case, prefixes: literal_prefixes(translated.as_bytes()), groups })
    }

    #[inline]
    fn may_match(&self, text: &[u8]) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| self.case.begins(text, prefix))
    }

    /// Does it match anywhere in the text?
    #[inline]
    pub fn matches(&self, text: &[u8]) -> bool {
        self.may_match(text) && self.compiled.is_match(text)
    }

    /// Finds the first match from `from` on, and lends its groups to `read` (group 0 is the match).
    pub fn search<R>(&self, text: &[u8], from: usize, read: impl FnOnce(&CaptureLocations) -> R) -> Option<R> {
        if from > text.len() || (from == 0 && !self.may_match(text)) {
            return None;
        }
        match self.groups.try_lock() {
            Ok(mut groups) => self.compiled.captures_read_at(&mut groups, text, from).map(|_| read(&groups)),
            Err(_) => {
                let mut groups = self.compiled.capture_locations();
                self.compiled.captures_read_at(&mut groups, text, from).map(|_| read(&groups))
            }
        }
    }
}

/// The `regex` crate draws its error under the expression; its last line says what it is.
pub(super) fn last_line(error: &str) -> &str {
    error.trim_end().rsplit('\n').next().unwrap_or(error).trim_start_matches("error: ")
}

fn beyond(what: &str) -> Fault {
    Fault::new(0, format!("regular expression uses {what}, which is not supported"))
        .hint("expressions run in linear time: write it without, or with a second rule or ACL")
}

/// The expression in the `regex` crate's spelling, in ASCII.
pub(super) fn translate(source: &[u8]) -> Result<String, Fault> {
    let mut out = String::with_capacity(source.len() + 8);
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        let rest = &source[at..];
        at += match byte {
            b'\\' => translate_escape(rest, &mut out)?,
            b'[' => translate_class(rest, &mut out)?,
            b'(' => {
                refuse_extended_group(rest)?;
                out.push('(');
                1
            }
            b'{' | b'*' | b'+' | b'?' => translate_quantifier(rest, &mut out)?,
            b'}' | b']' => {
                out.push('\\');
                out.push(char::from(byte));
                1
            }
            byte => {
                push_byte(byte, &mut out);
                1
            }
        };
    }
    Ok(out)
}

fn push_byte(byte: u8, out: &mut String) {
    if byte.is_ascii() && !byte.is_ascii_control() {
        out.push(char::from(byte));
    } else {
        out.push_str(&format!("\\x{byte:02x}"));
    }
}

/// Copies `*`, `+?`, `{2,3}` ...; a brace that counts nothing is literal, as PCRE has it.
fn translate_quantifier(rest: &[u8], out: &mut String) -> Result<usize, Fault> {
    let length = if rest.first() == Some(&b'{') {
        match counted_length(rest) {
            Some(length) => length,
            None => {
                out.push_str("\\{");
                return Ok(1);
            }
        }
    } else {
        1
    };
    out.extend(rest.iter().take(length).map(|byte| char::from(*byte)));
    match rest.get(length) {
        Some(b'+') => Err(beyond("a possessive quantifier")),
        Some(b'?') => {
            out.push('?');
            Ok(length + 1)
        }
        _ => Ok(length),
    }
}

/// Length of `{n}`, `{n,}` or `{n,m}` at the front.
fn counted_length(rest: &[u8]) -> Option<usize> {
    let close = rest.iter().position(|byte| *byte == b'}')?;
    let inner = rest.get(1..close)?;
    let mut parts = inner.splitn(2, |byte| *byte == b',');
    let least = parts.next()?;
    let most = parts.next().unwrap_or_default();
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    (!least.is_empty() && digits(least) && digits(most)).then_some(close + 1)
}

fn refuse_extended_group(rest: &[u8]) -> Result<(), Fault> {
    const REFUSED: [(&[u8], &str); 9] = [
        (b"(?=", "look-ahead '(?='"),
        (b"(?!", "negative look-ahead '(?!'"),
        (b"(?<=", "look-behind '(?<='"),
        (b"(?<!", "negative look-behind '(?<!'"),
        (b"(?>", "an atomic group '(?>'"),
        (b"(?(", "a conditional group '(?('"),
        (b"(?|", "a branch reset '(?|'"),
        (b"(?R", "recursion '(?R)'"),
        (b"(?#", "a comment '(?#'"),
    ];
    match REFUSED.iter().find(|(start, _)| rest.starts_with(start)) {
        Some((_, what)) => Err(beyond(what)),
        None => Ok(()),
    }
}

/// Copies an escape outside of a class; says how long it was.
fn translate_escape(rest: &[u8], out: &mut String) -> Result<usize, Fault> {
    let Some(&letter) = rest.get(1) else {
        return Err(Fault::new(0, "regular expression ends with a lone backslash"));
    };
    match letter {
        b'1'..=b'9' => return Err(beyond(&format!("back-reference '\\{}'", char::from(letter)))),
        b'k' | b'g' => return Err(beyond("a back-reference")),
        b'K' | b'G' | b'Q' | b'E' | b'R' | b'X' | b'p' | b'P' => return Err(beyond(&format!("'\\{}'", char::from(letter)))),
        b'0' => out.push_str("\\x00"),
        b'x' => return Ok(translate_hexadecimal(rest, out)),
        b'e' => out.push_str("\\x1b"),
        b'h' => out.push_str("[ \\t]"),
        b'H' => out.push_str("[^ \\t]"),
        b'N' => out.push_str("[^\\n]"),
        b'Z' => out.push_str("\\n?\\z"),
        letter => push_escaped(letter, b"dDsSwWbBAzntrfav", out),
    }
    Ok(2)
}

/// `\xHH` with up to two digits.
fn translate_hexadecimal(rest: &[u8], out: &mut String) -> usize {
    let digits = rest.iter().skip(2).take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let value = rest
        .iter()
        .skip(2)
        .take(digits)
        .fold(0_u8, |value, digit| value.wrapping_mul(16).wrapping_add(char::from(*digit).to_digit(16).unwrap_or_default() as u8));
    out.push_str(&format!("\\x{value:02x}"));
    2 + digits
}

/// An escaped letter keeps its meaning when it has one; else it stands for itself.
fn push_escaped(letter: u8, meaning: &[u8], out: &mut String) {
    if meaning.contains(&letter) || (letter.is_ascii_punctuation() && letter != b'<' && letter != b'>') {
        out.push('\\');
        out.push(char::from(letter));
    } else {
        push_byte(letter, out);
    }
}

/// Copies a bracketed class, in which the `regex` crate gives more characters a meaning than PCRE does.
fn translate_class(rest: &[u8], out: &mut String) -> Result<usize, Fault> {
    out.push('[');
    let mut at = 1;
    if rest.get(at) == Some(&b'^') {
        out.push('^');
        at += 1;
    }
    if rest.get(at) == Some(&b']') {
        out.push_str("\\]");
        at += 1;
    }
    while let Some(&byte) = rest.get(at) {
        match byte {
            b']' => {
                out.push(']');
                return Ok(at + 1);
            }
            b'[' => match named_class_length(&rest[at..]) {
                Some(length) => {
                    out.extend(rest[at..at + length].iter().map(|byte| char::from(*byte)));
                    at += length;
                    continue;
                }
                None => out.push_str("\\["),
            },
            b'&' | b'~' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b'-' if rest.get(at + 1) == Some(&b'-') => out.push_str("\\-"),
            b'\\' => {
                match rest.get(at + 1) {
                    None => break,
                    Some(b'b') => out.push_str("\\x08"),
                    Some(b'h') => out.push_str(" \\t"),
                    Some(b'e') => out.push_str("\\x1b"),
                    Some(b'0') => out.push_str("\\x00"),
                    Some(b'x') => {
                        at += translate_hexadecimal(&rest[at..], out);
                        continue;
                    }
                    Some(&letter) => push_escaped(letter, b"dDsSwWntrfav", out),
                }
                at += 1;
            }
            byte => push_byte(byte, out),
        }
        at += 1;
    }
    Err(Fault::new(0, "regular expression has a '[' that is not closed"))
}

/// Length of `[:name:]` at the front.
fn named_class_length(rest: &[u8]) -> Option<usize> {
    let inner = rest.strip_prefix(b"[:")?;
    let end = inner.iter().position(|byte| !byte.is_ascii_alphabetic() && *byte != b'^')?;
    inner[end..].starts_with(b":]").then_some(end + 4)
}

/// Beginnings of which every match at the start of a text has one; none when the expression is not anchored or says too little.
fn literal_prefixes(pattern: &[u8]) -> Vec<Vec<u8>> {
    let flags = pattern.windows(3).any(|three| three.starts_with(b"(?") && three[2] != b':');
    let mut scan = PrefixScan { pattern, at: 0 };
    let mut found = Vec::new();
    if flags {
        return found;
    }
    loop {
        if !scan.accept(b'^') {
            return Vec::new();
        }
        found.extend(scan.sequence().into_iter().map(|prefix| prefix.text));
        if !scan.accept(b'|') {
            break;
        }
    }
    let useful = scan.at == pattern.len() && found.len() <= MOST_PREFIXES && found.iter().all(|prefix| !prefix.is_empty());
    if useful { found } else { Vec::new() }
}

struct Prefix {
    text: Vec<u8>,
    /// More literal text may still follow.
    open: bool,
}

struct PrefixScan<'a> {
    pattern: &'a [u8],
    at: usize,
}

impl PrefixScan<'_> {
    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    fn accept(&mut self, byte: u8) -> bool {
        let same = self.peek() == Some(byte);
        self.at += usize::from(same);
        same
    }

    /// The beginnings of a sequence up to `|`, `)` or the end.
    fn sequence(&mut self) -> Vec<Prefix> {
        let mut prefixes = vec![Prefix { text: Vec::new(), open: true }];
        while let Some(byte) = self.peek() {
            match byte {
                b'|' | b')' => break,
                b'(' => {
                    let inner = self.group();
                    let repeats = self.quantifier();
                    if matches!(repeats, None | Some(b'+')) && inner.len() * prefixes.len() <= MOST_PREFIXES {
                        prefixes = joined(prefixes, &inner);
                    } else {
                        prefixes.iter_mut().for_each(|prefix| prefix.open = false);
                    }
                    if repeats.is_some() {
                        prefixes.iter_mut().for_each(|prefix| prefix.open = false);
                    }
                }
                _ => {
                    let literal = self.literal();
                    let repeats = self.quantifier();
                    for prefix in prefixes.iter_mut().filter(|prefix| prefix.open) {
                        match literal {
                            Some(byte) if matches!(repeats, None | Some(b'+')) => prefix.text.push(byte),
                            _ => prefix.open = false,
                        }
                        prefix.open &= repeats.is_none();
                    }
                }
            }
        }
        prefixes
    }

    /// The beginnings of a group, brackets and all.
    fn group(&mut self) -> Vec<Prefix> {
        self.at += if self.pattern[self.at..].starts_with(b"(?:") { 3 } else { 1 };
        let mut all = self.sequence();
        while self.accept(b'|') {
            all.extend(self.sequence());
        }
        self.accept(b')');
        all
    }

    /// Passes one atom; its byte if it stands for exactly one.
    fn literal(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b'[' => {
                let mut before = b'[';
                while let Some(byte) = self.peek() {
                    self.at += 1;
                    if byte == b'\\' {
                        self.at += 1;
                    } else if byte == b']' && before != b':' {
                        break;
                    }
                    before = byte;
                }
                None
            }
            b'\\' => {
                let letter = self.peek()?;
                self.at += 1;
                if letter != b'x' {
                    return (!letter.is_ascii_alphanumeric()).then_some(letter);
                }
                let digits = self.pattern.get(self.at..self.at + 2)?;
                self.at += 2;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
            }
            b'.' | b'^' | b'$' => None,
            byte => Some(byte),
        }
    }

    /// Passes a quantifier; its first character.
    fn quantifier(&mut self) -> Option<u8> {
        let first = self.peek().filter(|byte| b"*+?{".contains(byte))?;
        self.at += 1;
        if first == b'{' {
            while self.peek().is_some_and(|byte| byte != b'}') {
                self.at += 1;
            }
            self.at += 1;
        }
        self.accept(b'?');
        Some(first)
    }
}

fn joined(prefixes: Vec<Prefix>, inner: &[Prefix]) -> Vec<Prefix> {
    let mut all = Vec::new();
    for prefix in prefixes {
        if !prefix.open {
            all.push(prefix);
            continue;
        }
        all.extend(inner.iter().map(|next| Prefix { text: [prefix.text.as_slice(), &next.text].concat(), open: next.open }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_match_as_pcre_would() {
        let check = |source: &str, text: &str, expected: bool| {
            let regex = Regex::parse(source.as_bytes(), Case::Matters).unwrap_or_else(|fault| panic!("{source}: {fault:?}"));
            assert_eq!(regex.matches(text.as_bytes()), expected, "{source} on {text:?}");
        };
        check("^([^ :]*) {x}/?(.*)", "GET {x}/a", true);
        check("a{2}", "aa", true);
        check("a{,2}", "a{,2}", true);
        check("a{2", "a{2", true);
        check("[[]x", "[x", true);
        check("[]x]", "]", true);
        check("[^]x]", "]", false);
        check("[a&&b]", "&", true);
        check("[[:digit:]-]+$", "1-2", true);
        check(r"\/\=\,\-\ \:\'", "/=,- :'", true);
        check(r"\<b\>", "<b>", true);
        check(r"\x41\h\d", "A\t1", true);
        check(r"\i", "i", true);
        check("é+", "é", true);
        check("^é", "é", true);
        check("(?i)^abc", "ABC", true);
        check("^$", "", true);
        check("^(GET|HEAD) /(a|b)?x", "HEAD /x", true);
        check("^(GET|HEAD) /(a|b)?x", "POST /x", false);
        check("^a|b", "xb", true);
        check("^ab?c", "ac", true);
        check("^ab*", "a", true);
        check("^(ab)+c", "ababc", true);
        check("^(ab){0,1}c", "c", true);
    }

    #[test]
    fn what_linear_time_forbids_is_named() {
        let check = |source: &str, part: &str| {
            let fault = Regex::parse(source.as_bytes(), Case::Matters).expect_err(source);
            assert!(fault.message.contains(part), "{source}: {}", fault.message);
        };
        check("^/(?!api).*", "negative look-ahead '(?!'");
        check("a(?=b)", "look-ahead '(?='");
        check("(?<!a)b", "negative look-behind");
        check(r"(a)\1", r"back-reference '\1'");
        check("a++", "possessive");
        check("(?>a)", "atomic");
        check("(a", "does not compile");
        check("[a", "not closed");
        check("a\\", "lone backslash");
    }

    #[test]
    fn the_literal_beginnings_are_found() {
        let check = |source: &str, expected: &[&str]| {
            let translated = translate(source.as_bytes()).expect(source);
            let found = literal_prefixes(translated.as_bytes());
            let found: Vec<_> = found.iter().map(|prefix| String::from_utf8_lossy(prefix)).collect();
            assert_eq!(found, expected, "{source}");
        };
        check(r"^(Location:\ )(http:[/]*)(.*)", &["Location: http:"]);
        check(r"^(GET|POST)\ /.*", &["GET /", "POST /"]);
        check("^(X-A|Server)", &["X-A", "Server"]);
        check("^Host:", &["Host:"]);
        check("^a|^b", &["a", "b"]);
        check("^a|b", &[]);
        check("Host:", &[]);
        check("^([^ ]*) /", &[]);
        check("^ab?c", &["a"]);
        check("^ab+c", &["ab"]);
        check("^(ab)?c", &[]);
        check("^ab{2}", &["a"]);
        check("^a(b|c.)d", &["abd", "ac"]);
        check(r"^a\x2ec", &["a.c"]);
    }
}
