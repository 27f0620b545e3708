//! A line of a file as words with their places: what every keyword's parser is given.
//! Cutting it into words is `words`; what is told about it is `diagnostic`.

use super::diagnostic::{Diagnostic, Kind, Severity};
use super::model::Place;
use super::value;
use super::words::scan_columns;
use crate::fault::Fault;
use std::ops::Range;
use std::sync::Arc;

/// Does the line ask for a thing, or (`no option ...`, `default option ...`) take it back?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// It is wanted.
    Wanted,
    /// `no`: it is not.
    Negated,
    /// `default`: as if it had never been said.
    Reset,
}

/// A line with at least one word.
#[derive(Debug)]
pub struct Line<'a> {
    /// The file's name.
    pub file: &'a Arc<str>,
    /// The line's number, from 1.
    pub number: u32,
    /// The line as written.
    pub text: &'a [u8],
    /// `no` and `default` are taken off the words.
    pub sense: Sense,
    /// The words; the first is the keyword.
    pub words: Vec<Vec<u8>>,
    /// Words taken off in front.
    pub taken_off: usize,
    /// The columns of each word as written, where they cannot be found again from the text.
    pub columns: Option<Vec<Range<usize>>>,
}

impl Line<'_> {
    /// Where the line stands.
    pub fn place(&self) -> Place {
        Place { file: self.file.clone(), line: self.number }
    }

    /// The first word.
    pub fn keyword(&self) -> &[u8] {
        self.words.first().map_or(b"", Vec::as_slice)
    }

    /// The words from an index on; none when the line is shorter.
    pub fn words_from(&self, index: usize) -> &[Vec<u8>] {
        self.words.get(index..).unwrap_or_default()
    }

    /// A word, where there is one.
    pub fn word(&self, index: usize) -> Option<&[u8]> {
        self.words.get(index).map(Vec::as_slice)
    }

    /// A word that must be there; `what` says what it is.
    pub fn expect(&self, index: usize, what: &str) -> Result<&[u8], Fault> {
        self.word(index).ok_or_else(|| self.missing(what))
    }

    /// A word that must be there and be text.
    pub fn expect_text(&self, index: usize, what: &str) -> Result<&str, Fault> {
        value::text(self.expect(index, what)?).map_err(|message| Fault::new(index, message))
    }

    /// The fault of a line that ends too soon.
    pub fn missing(&self, what: &str) -> Fault {
        let said: Vec<_> = self.words.iter().take(2).map(|word| String::from_utf8_lossy(word)).collect();
        let said = match said.as_slice() {
            [first, second] if matches!(first.as_ref(), "option" | "timeout" | "stats" | "http-check") => format!("{first} {second}"),
            [first, ..] => first.to_string(),
            [] => String::new(),
        };
        Fault::new(self.words.len(), format!("'{said}' needs {what}"))
    }

    /// No word may stand at this index or behind it.
    pub fn end(&self, index: usize) -> Result<(), Fault> {
        match self.word(index) {
            None => Ok(()),
            Some(word) => {
                let before: Vec<_> = self.words.iter().take(index.min(2)).map(|word| String::from_utf8_lossy(word)).collect();
                let word = String::from_utf8_lossy(word).into_owned();
                Err(Fault::new(index, format!("'{word}' is one word too many behind '{}'", before.join(" "))))
            }
        }
    }

    /// The columns of a word; those behind the last one when it is missing.
    pub fn columns_of(&self, word: usize) -> Range<usize> {
        let columns = self.columns.clone().unwrap_or_else(|| scan_columns(self.text));
        let columns = columns.get(self.taken_off..).unwrap_or_default();
        let columns = columns.get(..self.words.len()).unwrap_or(columns);
        match (columns.get(word), columns.last()) {
            (Some(columns), _) => columns.clone(),
            (None, Some(last)) => last.end + 1..last.end + 2,
            (None, None) => 0..0,
        }
    }

    /// Something to tell about one of the words.
    pub fn tell(&self, severity: Severity, kind: Kind, fault: Fault) -> Diagnostic {
        let columns = self.columns_of(fault.word);
        let text = match columns.end > self.text.len() {
            true => [self.text, b" ".repeat(columns.end - self.text.len()).as_slice()].concat(),
            false => self.text.to_vec(),
        };
        Diagnostic { severity, kind, place: Some(self.place()), columns, text, message: fault.message, hint: fault.hint }
    }
}
