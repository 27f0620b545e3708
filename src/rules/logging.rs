//! Actions about the log line: its level, and values that are kept for it.
//! Where they may stand is `action`'s.

use super::action::Ruleset::{Content, Request};
use super::action::{Action, Ruleset, Slot};
use super::words::Words;
use crate::fault::{Fault, nearest};
use crate::sample::Names;
use crate::sample::expression::suggested;
use crate::sample::text::shown;

/// Syslog's levels, most severe first.
const LEVELS: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

pub(super) fn set_log_level(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    let word = words.need("a level, or 'silent'")?;
    if word == b"silent" {
        return Ok(Action::SetLogLevel(None));
    }
    match LEVELS.iter().position(|level| level.as_bytes() == word) {
        Some(level) => Ok(Action::SetLogLevel(Some(level as u8))),
        None => {
            let word = shown(word);
            Err(suggested(Fault::new(words.index() - 1, format!("'{word}' is no level")), nearest(&word, LEVELS)))
        }
    }
}

pub(super) fn capture(words: &mut Words, names: &mut dyn Names, ruleset: Ruleset) -> Result<Action, Fault> {
    let value = words.expression(names)?;
    if words.take(b"id") {
        let word = words.need("a number")?;
        let index = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
        let index = index.ok_or_else(|| Fault::new(words.index() - 1, format!("'{}' is no number", shown(word))))?;
        return Ok(Action::Capture(value, Slot { index, length: None }));
    }
    let is_of_request = matches!(ruleset, Request | Content);
    if is_of_request && words.take(b"len") {
        return Ok(Action::Capture(value, Slot { index: 0, length: Some(parse_length(words)?) }));
    }
    let fault = Fault::new(words.index(), "a capture needs its length, or the number of its place");
    Err(fault.hint(if is_of_request { "len <length>, or id <number>" } else { "id <number>, of a 'declare capture response' line" }))
}

/// The most bytes of a captured value.
pub fn parse_length(words: &mut Words) -> Result<usize, Fault> {
    let word = words.need("a length")?;
    let length = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok()).filter(|length| (1..=65536).contains(length));
    length.ok_or_else(|| Fault::new(words.index() - 1, format!("'{}' is no length", shown(word))).hint("from 1 to 65536 bytes"))
}
