//! One line of a file cut into words: quotes, escapes, comments and the environment, as HAProxy 2.6 reads them.
//! What the words mean is left to the keyword tables; unquoted `$NAME` in addresses is `address`'s.

use super::environment::{Environment, PLACES};
use std::ops::Range;

/// The words of a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The words, unquoted and expanded.
    pub words: Vec<Vec<u8>>,
    /// The columns (bytes of the line, from 0) that each was written in, where a value was cut into words; the columns of
    /// all other lines are found again when they are asked for (`scan_columns`), since few ever are.
    pub columns: Option<Vec<Range<usize>>>,
}

/// What stops a line from being cut into words.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The columns at fault.
    pub columns: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl BadLine {
    fn new(columns: Range<usize>, message: impl Into<String>, hint: &'static str) -> BadLine {
        BadLine { columns, message: message.into(), hint }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Weak,
    Strong,
}

/// Cuts a line (without its line feed) into words.
pub fn scan_words(line: &[u8], environment: &Environment) -> Result<Words, BadLine> {
    let splits = line.windows(SPLITS.len()).any(|part| part == SPLITS);
    let (words, columns) = scan(line, environment, splits.then(Vec::new))?;
    Ok(Words { words, columns })
}

/// The columns of the words of a line whose words have no part in what the environment holds.
pub fn scan_columns(line: &[u8]) -> Vec<Range<usize>> {
    scan(line, &Environment::default(), Some(Vec::new())).ok().and_then(|(_, columns)| columns).unwrap_or_default()
}

/// What makes several words of one value.
const SPLITS: &[u8] = b"[*]}";

type Scanned = (Vec<Vec<u8>>, Option<Vec<Range<usize>>>);

fn scan(line: &[u8], environment: &Environment, columns: Option<Vec<Range<usize>>>) -> Result<Scanned, BadLine> {
    let blanks = line.trim_ascii().iter().filter(|byte| matches!(byte, b' ' | b'\t')).count();
    let words = Vec::with_capacity(blanks.min(MOST_RESERVED) + 1);
    let mut scan = Scan { line, at: 0, word: None, start: 0, quote: Quote::None, quoted_at: 0, words, columns };
    while let Some(&byte) = line.get(scan.at) {
        match (scan.quote, byte) {
            (_, 0) => return Err(BadLine::new(scan.at..scan.at + 1, "a NUL byte in the line", "is this a text file?")),
            (Quote::None, b'#') => break,
            (Quote::None, b'\r' | b' ' | b'\t' | 0x0b | 0x0c | b'\n') => {
                scan.end_word();
                scan.at += 1;
            }
            (Quote::None, b'"') => scan.open(Quote::Weak),
            (Quote::None, b'\'') => scan.open(Quote::Strong),
            (Quote::Weak, b'"') | (Quote::Strong, b'\'') => {
                scan.quote = Quote::None;
                scan.at += 1;
            }
            (Quote::Strong, _) => scan.push(byte, 1),
            (_, b'\\') => scan.escape()?,
            (Quote::Weak, b'$') => scan.expand(environment)?,
            _ if is_plain(byte) => scan.push_run(),
            _ => scan.push(byte, 1),
        }
    }
    if scan.quote != Quote::None {
        return Err(BadLine::new(scan.quoted_at..scan.quoted_at + 1, "unmatched quote", r#"write \" or \' for the character itself"#));
    }
    scan.end_word();
    Ok((scan.words, scan.columns))
}

/// Words that are reserved for at once.
const MOST_RESERVED: usize = 15;

/// Has this byte no meaning of its own, quoted or not?
fn is_plain(byte: u8) -> bool {
    !matches!(byte, 0..=b' ' | b'#' | b'"' | b'\'' | b'\\' | b'$')
}

struct Scan<'a> {
    line: &'a [u8],
    at: usize,
    word: Option<Vec<u8>>,
    start: usize,
    quote: Quote,
    quoted_at: usize,
    words: Vec<Vec<u8>>,
    columns: Option<Vec<Range<usize>>>,
}

impl Scan<'_> {
    fn begin(&mut self) -> &mut Vec<u8> {
        let (at, start) = (self.at, &mut self.start);
        self.word.get_or_insert_with(|| {
            *start = at;
            Vec::new()
        })
    }

    fn open(&mut self, quote: Quote) {
        self.begin();
        self.quote = quote;
        self.quoted_at = self.at;
        self.at += 1;
    }

    fn push(&mut self, byte: u8, width: usize) {
        self.begin().push(byte);
        self.at += width;
    }

    fn push_run(&mut self) {
        let rest = self.line.get(self.at..).unwrap_or_default();
        let run = rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len());
        self.begin().extend_from_slice(rest.get(..run).unwrap_or_default());
        self.at += run;
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            self.words.push(word);
            let columns = self.start..self.at.min(self.line.len());
            self.columns.iter_mut().for_each(|list| list.push(columns.clone()));
        }
    }

    fn escape(&mut self) -> Result<(), BadLine> {
        let byte = match self.line.get(self.at + 1) {
            Some(b'x') => {
                let digits = self.line.get(self.at + 2..self.at + 4).and_then(|hex| str::from_utf8(hex).ok());
                let value = digits.filter(|hex| !hex.starts_with('+')).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                let Some(value) = value else {
                    let columns = self.at..(self.at + 4).min(self.line.len());
                    return Err(BadLine::new(columns, r"\x needs two hexadecimal digits", r"write \\x for a backslash and an x"));
                };
                self.push(value, 4);
                return Ok(());
            }
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(&byte @ (b' ' | b'\\' | b'#' | b'"' | b'\'')) => byte,
            Some(b'$') if self.quote == Quote::Weak => b'$',
            _ => {
                self.push(b'\\', 1);
                return Ok(());
            }
        };
        self.push(byte, 2);
        Ok(())
    }

    /// `$NAME`, `${NAME}`, `${NAME-default}` and `${NAME[*]}` inside weak quotes.
    fn expand(&mut self, environment: &Environment) -> Result<(), BadLine> {
        let reference = parse_reference(self.line, self.at)?;
        self.begin();
        let value = match environment.here(reference.name) {
            Some(value) => value,
            None => environment.get(reference.name).or(reference.default).unwrap_or_default().to_owned(),
        };
        let value = value.into_bytes();
        if reference.splits {
            let mut parts = value.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
            if let Some(first) = parts.next() {
                self.begin().extend_from_slice(first);
            }
            for part in parts {
                let columns = self.start..reference.end;
                let whole = self.word.replace(part.to_vec()).unwrap_or_default();
                self.words.push(whole);
                self.columns.iter_mut().for_each(|list| list.push(columns.clone()));
            }
        } else {
            self.begin().extend_from_slice(&value);
        }
        self.at = reference.end;
        Ok(())
    }
}

/// A `$NAME` as it is written.
pub(super) struct Reference<'a> {
    pub(super) name: &'a str,
    pub(super) default: Option<&'a str>,
    /// `[*]`: the value is cut into words.
    splits: bool,
    /// The column behind it.
    pub(super) end: usize,
}

/// Reads the reference at `at`, where the `$` stands.
pub(super) fn parse_reference(line: &[u8], at: usize) -> Result<Reference<'_>, BadLine> {
    let braced = line.get(at + 1) == Some(&b'{');
    let start = if braced { at + 2 } else { at + 1 };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let rest = line.get(start..).unwrap_or_default();
    // `.FILE`, `.LINE` and `.SECTION` say where the line stands.
    let is_place = PLACES.iter().any(|place| rest.starts_with(place.as_bytes()));
    let dot = usize::from(is_place);
    let length = dot + rest.iter().skip(dot).take_while(|byte| is_name(byte)).count();
    let name = rest.get(..length).and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        let hint = r"write \$ for the character itself";
        return Err(BadLine::new(at..(start + 1).min(line.len().max(at + 1)), "a variable's name must begin with a letter or '_'", hint));
    }
    let mut end = start + length;
    let mut reference = Reference { name, default: None, splits: false, end };
    if braced {
        let open = || BadLine::new(at..line.len(), "'${' without its '}'", "");
        if line.get(end..end + 3) == Some(b"[*]") {
            reference.splits = true;
            end += 3;
        }
        if line.get(end) == Some(&b'-') {
            let rest = line.get(end + 1..).unwrap_or_default();
            let length = rest.iter().position(|byte| *byte == b'}').ok_or_else(open)?;
            reference.default = rest.get(..length).and_then(|default| str::from_utf8(default).ok());
            end += 1 + length;
        }
        if line.get(end) != Some(&b'}') {
            return Err(open());
        }
        reference.end = end + 1;
    }
    Ok(reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        let outside = [("HOME", "/root"), ("LIST", "a  b c"), ("EMPTY", "")];
        Environment::new(&outside.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
    }

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let words = scan_words(line.as_bytes(), &environment()).expect(line).words;
        let words: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(word)).collect();
        assert_eq!(words, expected, "{line}");
    }

    #[track_caller]
    fn check_bad(line: &str, columns: Range<usize>, message: &str) {
        let fault = scan_words(line.as_bytes(), &environment()).expect_err(line);
        assert_eq!((fault.columns, fault.message.as_str()), (columns, message), "{line}");
    }

    #[test]
    fn words_end_at_blanks_and_comments_end_the_line() {
        check("", &[]);
        check("  \t ", &[]);
        check("# all of it", &[]);
        check("  mode\thttp # why", &["mode", "http"]);
        check("mode http#why", &["mode", "http"]);
        check("mode http\r", &["mode", "http"]);
    }

    #[test]
    fn escapes_are_those_of_every_version_and_others_stay_whole() {
        check(r"a\ b \# \\ c\td", &["a b", "#", "\\", "c\td"]);
        check(r"\x41\x7a \r\n", &["Az", "\r\n"]);
        check(r"^(GET\ /)(\ .*) \1/webmail.html\2", &["^(GET /)( .*)", r"\1/webmail.html\2"]);
        check(r"\.css$ \(x\) \", &[r"\.css$", r"\(x\)", "\\"]);
        check(r#"\"a\' $HOME"#, &["\"a'", "$HOME"]);
    }

    #[test]
    fn quotes_keep_blanks_and_join_with_what_touches_them() {
        check(r#""a b" 'c "d"' e"f g"h"#, &["a b", "c \"d\"", "ef gh"]);
        check(r#"'a\ b' "a\ b" "" ''"#, &[r"a\ b", "a b", "", ""]);
        check(r##""a # b" '#'"##, &["a # b", "#"]);
    }

    #[test]
    fn the_environment_is_read_inside_weak_quotes_only() {
        check(r#""$HOME" "${HOME}x" '$HOME' ${HOME}"#, &["/root", "/rootx", "$HOME", "${HOME}"]);
        check(r#""$UNSET" "${UNSET-5s}" "${HOME-5s}" "${EMPTY-5s}" "\$HOME""#, &["", "5s", "/root", "", "$HOME"]);
        check(r#"x "${LIST[*]}" y"#, &["x", "a", "b", "c", "y"]);
        check(r#""<${LIST[*]}>""#, &["<a", "b", "c>"]);
    }

    #[test]
    fn a_line_can_say_where_it_stands() {
        let mut environment = environment();
        environment.stand_at(&"a.cfg".into(), 7);
        environment.begin_section(b"web".to_vec());
        let words = scan_words(br#""${.FILE}:$.LINE" "<$.SECTION>""#, &environment).unwrap().words;
        assert_eq!(words, [b"a.cfg:7".to_vec(), b"<web>".to_vec()]);
    }

    #[test]
    fn what_cannot_be_cut_is_named_with_its_columns() {
        check_bad(r#"acl a path "/"#, 11..12, "unmatched quote");
        check_bad("acl 'b", 4..5, "unmatched quote");
        check_bad(r"b \xZZ", 2..6, r"\x needs two hexadecimal digits");
        check_bad(r"b \x4", 2..5, r"\x needs two hexadecimal digits");
        check_bad(r"b \x+4", 2..6, r"\x needs two hexadecimal digits");
        check_bad(r#""$9""#, 1..3, "a variable's name must begin with a letter or '_'");
        check_bad(r#""$.NOPE""#, 1..3, "a variable's name must begin with a letter or '_'");
        check_bad(r#""$"#, 1..2, "a variable's name must begin with a letter or '_'");
        check_bad(r#""${HOME""#, 1..8, "'${' without its '}'");
        check_bad("a\0b", 1..2, "a NUL byte in the line");
    }

    #[test]
    fn columns_are_those_of_the_line_as_written() {
        assert_eq!(scan_columns(br#" a\ b  "c" # d"#), [1..5, 7..10]);
        assert_eq!(scan_columns(br#""$HOME"x "" y"#), [0..8, 9..11, 12..13]);
        let words = scan_words(br#"a "${LIST[*]}" b"#, &environment()).unwrap();
        assert_eq!(words.columns.unwrap(), [0..1, 2..13, 2..13, 2..14, 15..16]);
    }
}
