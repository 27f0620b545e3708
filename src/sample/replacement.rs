//! Replacement strings of `req*`/`rsp*` rules and of `regsub`: `\0` to `\9` for groups, `\xHH` for a byte, `\c` for `c`.

use super::regex::Regex;
use crate::fault::Fault;
use ::regex::bytes::CaptureLocations;

/// A replacement string.
#[derive(Debug)]
pub struct Replacement {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(Vec<u8>),
    /// A group of the match; nothing when it took no part.
    Group(usize),
}

impl Replacement {
    /// Reads a replacement string; a fault is about word 0.
    pub fn parse(source: &[u8]) -> Result<Replacement, Fault> {
        let mut pieces = Vec::new();
        let mut text = Vec::new();
        let mut rest = source;
        while let Some((&byte, behind)) = rest.split_first() {
            rest = behind;
            if byte != b'\\' {
                text.push(byte);
                continue;
            }
            let Some((&letter, behind)) = rest.split_first() else {
                return Err(Fault::new(0, "replacement ends with a lone backslash").hint("write '\\\\' for a backslash"));
            };
            rest = behind;
            match letter {
                b'0'..=b'9' => {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                    pieces.push(Piece::Group(usize::from(letter - b'0')));
                }
                b'x' => {
                    let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                    let byte = digits.filter(|digits| !digits.starts_with('+')).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                    text.push(byte.ok_or_else(|| Fault::new(0, "'\\x' in a replacement needs two hexadecimal digits behind it"))?);
                    rest = &rest[2..];
                }
                letter => text.push(letter),
            }
        }
        pieces.push(Piece::Text(text));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Ok(Replacement { pieces })
    }

    /// Searches the text, and puts the expansion in `out` when it matches: the replacement alone, not what stands around the match.
    pub fn expand(&self, search: &Regex, text: &[u8], out: &mut Vec<u8>) -> bool {
        search
            .search(text, 0, |groups| {
                out.clear();
                self.expand_groups(text, groups, out);
            })
            .is_some()
    }

    /// Appends the expansion for a match in the text.
    pub fn expand_groups(&self, text: &[u8], groups: &CaptureLocations, out: &mut Vec<u8>) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Group(number) => {
                    let group = groups.get(*number).and_then(|(start, end)| text.get(start..end));
                    out.extend_from_slice(group.unwrap_or_default());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::text::{Case, shown};

    #[test]
    fn the_replacement_is_expanded_alone() {
        let check = |search: &str, replacement: &str, text: &str, expected: &str| {
            let search = Regex::parse(search.as_bytes(), Case::Ignored).expect(search);
            let replacement = Replacement::parse(replacement.as_bytes()).expect(replacement);
            let mut out = b"left over".to_vec();
            assert!(replacement.expand(&search, text.as_bytes(), &mut out), "{text}");
            assert_eq!(shown(&out), expected);
        };
        check("^Host:", "Host: x", "Host: h.example", "Host: x");
        check("^(GET /)( .*)", r"\1/webmail.html\2", "GET / HTTP/1.1", "GET //webmail.html HTTP/1.1");
        check("^(Test: )", r"\0_toto_\1_toto", "Test: a", "Test: _toto_Test: _toto");
        check("^a(x)?", r"[\1]\9", "ab", "[]");
        check("a", r"\x41\\\*\-", "a", r"A\*-");
    }

    #[test]
    fn a_broken_replacement_is_refused() {
        for source in ["a\\", r"\x4", r"\xzz", r"\x+1"] {
            assert!(Replacement::parse(source.as_bytes()).is_err(), "{source}");
        }
    }
}
