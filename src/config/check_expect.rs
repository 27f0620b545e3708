//! `http-check expect` and `tcp-check expect`: what must come, what it counts as, and what is told about it.
//! Comparing it with what came is left to `check::judge`.

use super::Reading;
use super::check_line::{FIRST, expression_at, family, format_at, hexadecimal_at, text_at, unknown};
use super::check_status::{CheckStatus, Outcome};
use super::draft::Draft;
use super::line::Line;
use super::model_check::{CheckAction, CheckExpect, CheckField, CheckMatch, CheckNote, CheckNumber, CheckPattern, CheckText, CheckWay};
use super::value;
use crate::fault::Fault;
use crate::sample::regex::Regex;
use crate::sample::text::Case;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The words of either family.
const OPTIONS: [&str; 8] = ["min-recv", "comment", "ok-status", "error-status", "tout-status", "on-success", "on-error", "status-code"];
const HTTP_PATTERNS: [&str; 7] = ["string", "rstring", "string-lf", "status", "rstatus", "hdr", "fhdr"];
const TCP_PATTERNS: [&str; 6] = ["string", "rstring", "string-lf", "binary", "rbinary", "binary-lf"];

/// The longest answer that is looked at, bytes: more cannot be waited for.
const LONGEST_ANSWER: i64 = 16384;

/// `http-check expect`
pub(super) fn http(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    parse(draft, line, reading, &HTTP_PATTERNS)
}

/// `tcp-check expect`
pub(super) fn tcp(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    parse(draft, line, reading, &TCP_PATTERNS)
}

fn parse(draft: &mut Draft, line: &Line, reading: &mut Reading, patterns: &[&'static str]) -> Result<(), Fault> {
    let mut expect = CheckExpect::new(CheckPattern::Text(Vec::new()));
    let (mut comment, mut has_pattern) = (None, false);
    let mut at = FIRST;
    while let Some(word) = line.word(at) {
        at += 1;
        match word {
            b"min-recv" => {
                let written: i64 =
                    line.expect_text(at, "a number of bytes")?.parse().map_err(|_| Fault::new(at, "a number of bytes is expected"))?;
                expect.min_bytes = match written {
                    -1 => None,
                    0..=LONGEST_ANSWER => usize::try_from(written).ok(),
                    _ => return Err(Fault::new(at, format!("a number of bytes is -1 to {LONGEST_ANSWER}"))),
                };
            }
            b"comment" => comment = Some(text_at(line, at, "a text")?),
            b"ok-status" => expect.ok = Some(status_at(line, at, &["L7OK", "L7OKC", "L6OK", "L4OK"])?),
            b"error-status" => expect.error = Some(status_at(line, at, &["L7OKC", "L7RSP", "L7STS", "L6RSP", "L4CON"])?),
            b"tout-status" => expect.timeout = Some(status_at(line, at, &["L7TOUT", "L6TOUT", "L4TOUT"])?),
            b"on-success" => expect.on_success = CheckNote::Format(format_at(draft, line, at, reading)?),
            b"on-error" => expect.on_error = CheckNote::Format(format_at(draft, line, at, reading)?),
            b"status-code" => expect.number = CheckNumber::Expression(expression_at(draft, line, at, reading)?),
            word => {
                let (negated, name, index) = match word.strip_prefix(b"!") {
                    Some(b"") => (true, line.expect(at, "what must not come")?, at + 1),
                    Some(rest) => (true, rest, at),
                    None => (false, word, at),
                };
                let Some(name) = patterns.iter().find(|pattern| pattern.as_bytes() == name) else {
                    let names: Vec<&str> = patterns.iter().chain(&OPTIONS).copied().collect();
                    return Err(unknown(line, index - 1, &names));
                };
                if has_pattern {
                    return Err(
                        Fault::new(index - 1, "only one pattern can be looked for").hint("a second 'expect' line looks for another")
                    );
                }
                has_pattern = true;
                expect.negated = negated;
                (expect.pattern, at) = pattern_at(draft, line, name, index, reading)?;
                continue;
            }
        }
        at += 1;
    }
    if !has_pattern {
        return Err(line.missing(&format!("one of {}", patterns.join(", "))));
    }
    draft.check.add(family(line), comment, CheckAction::Expect(Box::new(expect)))
}

fn status_at(line: &Line, index: usize, allowed: &[&str]) -> Result<CheckStatus, Fault> {
    let word = line.expect(index, "an outcome")?;
    let status = CheckStatus::parse(word).filter(|status| allowed.contains(&status.code()) && status.outcome() != Outcome::None);
    status.ok_or_else(|| {
        let message = format!("'{}' is no outcome that goes here", String::from_utf8_lossy(word));
        Fault::new(index, message).hint(allowed.join(", "))
    })
}

/// A pattern by its name; and the index behind it.
fn pattern_at(draft: &mut Draft, line: &Line, name: &str, at: usize, reading: &mut Reading) -> Result<(CheckPattern, usize), Fault> {
    let word = line.expect(at, &format!("a pattern behind '{name}'"))?;
    if word.is_empty() {
        return Err(Fault::new(at, "an empty pattern is in everything"));
    }
    let regex = || Regex::parse(word, Case::Matters).map_err(|fault| fault.shift(at));
    let pattern = match name {
        "string" => CheckPattern::Text(word.to_vec()),
        "binary" => CheckPattern::Binary(hexadecimal_at(line, at)?),
        "rstring" => CheckPattern::Regex(regex()?),
        "rbinary" => CheckPattern::BinaryRegex(regex()?),
        "string-lf" => CheckPattern::Format(format_at(draft, line, at, reading)?),
        "binary-lf" => CheckPattern::Hexadecimal(format_at(draft, line, at, reading)?),
        "status" => CheckPattern::Status(statuses(word).ok_or_else(|| {
            Fault::new(at, format!("'{}' is no list of statuses", String::from_utf8_lossy(word))).hint("200, or 200-299,301, for example")
        })?),
        "rstatus" => CheckPattern::StatusRegex(regex()?),
        "hdr" => return field_at(draft, line, at, false, reading),
        _ => return field_at(draft, line, at, true, reading),
    };
    Ok((pattern, at + 1))
}

/// `200-299,404`
fn statuses(word: &[u8]) -> Option<Vec<RangeInclusive<u16>>> {
    let number = |text: &str| value::parse_number(text.as_bytes(), 100, 599).ok();
    let ranges = std::str::from_utf8(word).ok()?.split(',').map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u16, u16) = (number(first)?, number(last)?);
        (first <= last).then_some(first..=last)
    });
    ranges.collect()
}

/// `name [-m WAY] TEXT [value [-m WAY] TEXT]`
fn field_at(draft: &mut Draft, line: &Line, at: usize, whole: bool, reading: &mut Reading) -> Result<(CheckPattern, usize), Fault> {
    let is = |index: usize, names: [&[u8]; 2]| line.word(index).is_some_and(|word| names.contains(&word));
    if !is(at, [b"name", b"name-lf"]) {
        return Err(Fault::new(at, "'name' is expected").hint("hdr name <name> [value <value>]"));
    }
    let (name, mut at) = match_at(draft, line, at, reading)?;
    let mut value = None;
    if is(at, [b"value", b"value-lf"]) {
        let (found, behind) = match_at(draft, line, at, reading)?;
        (value, at) = (Some(found), behind);
    }
    Ok((CheckPattern::Field(CheckField { name, value, whole }), at))
}

/// `name -m beg X-`, `value-lf %[...]`
fn match_at(draft: &mut Draft, line: &Line, at: usize, reading: &mut Reading) -> Result<(CheckMatch, usize), Fault> {
    let is_format = line.word(at).is_some_and(|word| word.ends_with(b"-lf"));
    let mut at = at + 1;
    let mut way = CheckWay::Equal;
    if line.word(at) == Some(b"-m") {
        way = match line.expect(at + 1, "a way to compare")? {
            b"str" => CheckWay::Equal,
            b"beg" => CheckWay::Begins,
            b"end" => CheckWay::Ends,
            b"sub" => CheckWay::Contains,
            b"reg" if !is_format => CheckWay::Regex,
            _ => return Err(unknown(line, at + 1, &["str", "beg", "end", "sub", "reg"])),
        };
        at += 2;
    }
    let word = line.expect(at, "a text")?;
    let regex = match way {
        CheckWay::Regex => Some(Regex::parse(word, Case::Matters).map_err(|fault| fault.shift(at))?),
        _ => None,
    };
    let text = match is_format {
        true => CheckText::Format(Arc::new(format_at(draft, line, at, reading)?)),
        false => CheckText::Plain(word.to_vec()),
    };
    Ok((CheckMatch { way, text, regex }, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_numbers_and_ranges() {
        let check = |word: &str, expected: Option<Vec<RangeInclusive<u16>>>| assert_eq!(statuses(word.as_bytes()), expected, "{word}");
        check("200", Some(vec![200..=200]));
        check("200-299,404", Some(vec![200..=299, 404..=404]));
        for word in ["", "2", "299-200", "200-", "abc", "200,", "600"] {
            check(word, None);
        }
    }
}
