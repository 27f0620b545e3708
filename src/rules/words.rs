//! The words of a rule, taken one after the other while it is read.

use super::text::Text;
use crate::fault::Fault;
use crate::sample::format::Purpose;
use crate::sample::{Expression, Names};

/// The words behind an action's name.
pub struct Words<'w> {
    words: &'w [Vec<u8>],
    at: usize,
    name: String,
    argument: Option<&'w [u8]>,
}

impl<'w> Words<'w> {
    /// Words of which the one at `at` is the action's name, perhaps with an argument in parentheses.
    pub fn new(words: &'w [Vec<u8>], at: usize) -> Words<'w> {
        let word = words.get(at).map_or(&[][..], Vec::as_slice);
        let (name, argument) = split_argument(word);
        Words { words, at: at + 1, name: crate::sample::text::shown(name).into_owned(), argument }
    }

    /// What stands in the parentheses behind the action's name.
    pub fn argument(&self) -> Option<&'w [u8]> {
        self.argument
    }

    /// The index of the next word.
    pub fn index(&self) -> usize {
        self.at
    }

    /// The next word, which stays.
    pub fn peek(&self) -> Option<&'w [u8]> {
        self.words.get(self.at).map(Vec::as_slice)
    }

    /// Takes the next word.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<&'w [u8]> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    /// Takes the next word if it is this one.
    pub fn take(&mut self, word: &[u8]) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    /// Takes a word that must be there.
    pub fn need(&mut self, what: &str) -> Result<&'w [u8], Fault> {
        match self.peek().filter(|word| !matches!(*word, b"if" | b"unless")) {
            Some(word) => {
                self.at += 1;
                Ok(word)
            }
            None => Err(Fault::new(self.at, format!("'{}' needs {what}", self.name))),
        }
    }

    /// Takes a format for a message.
    pub fn text(&mut self, names: &mut dyn Names) -> Result<Text, Fault> {
        self.text_for(Purpose::Text, names)
    }

    /// Takes a format.
    pub fn text_for(&mut self, purpose: Purpose, names: &mut dyn Names) -> Result<Text, Fault> {
        let word = self.need("a text")?;
        Text::parse_for(purpose, word, names).map_err(|fault| fault.shift(self.at - 1))
    }

    /// Takes an expression.
    pub fn expression(&mut self, names: &mut dyn Names) -> Result<Expression, Fault> {
        let word = self.need("an expression")?;
        Expression::parse(word, names).map_err(|fault| fault.shift(self.at - 1))
    }
}

/// The name of an action, and its argument in parentheses.
pub fn split_argument(word: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Some(open) = word.iter().position(|byte| *byte == b'(') else { return (word, None) };
    let (name, rest) = word.split_at(open);
    let inner = rest.get(1..).unwrap_or_default();
    (name, Some(inner.strip_suffix(b")").unwrap_or(inner)))
}
