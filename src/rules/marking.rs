//! Actions about what lies under a message: the type of service and the mark of packets to the client, how often a request is sent.
//! Putting marks on the socket is the worker's, sending again the session's.

use super::action::{Action, Ruleset};
use super::words::Words;
use crate::fault::Fault;
use crate::sample::Names;
use crate::sample::text::shown;

pub(super) fn set_tos(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    parse_number(words, "a type of service").and_then(|(number, at)| match u8::try_from(number) {
        Ok(tos) => Ok(Action::SetTos(tos)),
        Err(_) => Err(Fault::new(at, format!("{number} is no type of service")).hint("from 0 to 255, or to 0xff")),
    })
}

pub(super) fn set_mark(words: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    parse_number(words, "a mark").map(|(mark, _)| Action::SetMark(mark))
}

pub(super) fn send_once(_: &mut Words, _: &mut dyn Names, _: Ruleset) -> Result<Action, Fault> {
    Ok(Action::SendOnce)
}

/// A number, decimal or behind `0x`, and where it stands.
fn parse_number(words: &mut Words, what: &str) -> Result<(u32, usize), Fault> {
    let word = words.need(what)?;
    let at = words.index() - 1;
    let text = std::str::from_utf8(word).unwrap_or_default();
    let number = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        Some(digits) if !digits.starts_with('+') => u32::from_str_radix(digits, 16).ok(),
        None if !text.starts_with('+') => text.parse().ok(),
        _ => None,
    };
    let fault = || Fault::new(at, format!("'{}' is no number", shown(word))).hint("32 bits, decimal or behind 0x");
    number.map(|number| (number, at)).ok_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::super::action::{Rule, find};
    use super::*;
    use crate::sample::fake::{FakeNames, words};

    #[track_caller]
    fn check(line: &str, expected: Result<(Option<u8>, Option<u32>), &str>) {
        let words = words(line);
        let rule = Rule::parse(find(&words).expect(line), &words, &mut FakeNames::default());
        let found = rule.map(|rule| match rule.action {
            Action::SetTos(tos) => (Some(tos), None),
            Action::SetMark(mark) => (None, Some(mark)),
            _ => (None, None),
        });
        assert_eq!(found.map_err(|fault| fault.message).as_ref(), expected.map_err(String::from).as_ref(), "{line}");
    }

    #[test]
    fn numbers_are_decimal_or_hexadecimal_and_fit() {
        check("http-request set-tos 16", Ok((Some(16), None)));
        check("http-response set-tos 0xFf if TRUE", Ok((Some(255), None)));
        check("tcp-request content set-mark 0xffffffff", Ok((None, Some(u32::MAX))));
        check("tcp-request connection set-mark 7", Ok((None, Some(7))));
        check("tcp-response content set-tos 256", Err("256 is no type of service"));
        check("http-request set-tos -1", Err("'-1' is no number"));
        check("http-request set-tos +1", Err("'+1' is no number"));
        check("http-request set-mark 0x", Err("'0x' is no number"));
        check("http-request set-mark 4294967296", Err("'4294967296' is no number"));
        check("http-request set-mark", Err("'set-mark' needs a mark"));
    }
}
