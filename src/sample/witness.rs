//! What conditions and rules came to, written down while a session runs for `--explain`. A serving proxy has no witness, and
//! pays one look at a pointer for it.

use super::ProxyId;
use super::content::Outcome;
use super::text::shown;
use super::value::Value;
use crate::fault::Place;
use std::cell::RefCell;

/// The most bytes of a value that are kept.
const LONGEST_VALUE: usize = 200;

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A test was made on these values of its criterion, until one passed.
    Tested {
        /// The test as it is written.
        test: String,
        /// The values, as text.
        values: Vec<String>,
        /// Did one pass, or may one still?
        outcome: Outcome,
    },
    /// An ACL came to this, by the tests before.
    Acl {
        /// Its name; empty for an inline one.
        name: String,
        /// What it came to.
        outcome: Outcome,
    },
    /// A rule was looked at: is it due?
    Rule {
        /// Where it stands.
        place: Place,
        /// What it came to.
        outcome: Outcome,
    },
    /// This backend was chosen.
    Backend(ProxyId),
    /// Something else that led on, in a sentence without a full stop.
    Note(String),
}

/// Who writes it down.
#[derive(Debug, Default)]
pub struct Witness {
    seen: RefCell<Vec<Seen>>,
}

impl Witness {
    /// Writes something down.
    pub fn see(&self, seen: Seen) {
        self.seen.borrow_mut().push(seen);
    }

    /// A rule was looked at.
    pub fn see_rule(&self, place: &Place, outcome: impl Into<Outcome>) {
        self.see(Seen::Rule { place: place.clone(), outcome: outcome.into() });
    }

    /// Something that led on.
    pub fn note(&self, text: impl Into<String>) {
        self.see(Seen::Note(text.into()));
    }

    /// What was seen since this was asked last.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.borrow_mut())
    }
}

/// A value as one reads it.
pub fn told(value: &Value) -> String {
    match value.clone().cast(super::value::Type::Str) {
        Some(Value::Str(text)) => format!("\"{}\"", shown(text.get(..LONGEST_VALUE).unwrap_or(&text))),
        _ => "a value that is no text".into(),
    }
}
