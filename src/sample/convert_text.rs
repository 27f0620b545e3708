//! Converters of texts and bytes. One that takes a part lends it on; only what is made anew is allocated.

use super::Scene;
use super::arguments::Argument;
use super::value::{Value, hexadecimal};
use std::borrow::Cow;
use std::ops::Range;

/// The bytes of a text or of `bin`.
pub(super) fn bytes_of(value: Value) -> Option<Cow<[u8]>> {
    match value {
        Value::Str(bytes) | Value::Bin(bytes) => Some(bytes),
        _ => None,
    }
}

/// A part of the text, lent on where the text is.
pub(super) fn part(text: Cow<[u8]>, range: Range<usize>) -> Option<Cow<[u8]>> {
    match text {
        Cow::Borrowed(text) => text.get(range).map(Cow::Borrowed),
        Cow::Owned(text) => text.get(range).map(|part| Cow::Owned(part.to_vec())),
    }
}

/// The text with every byte changed; one that no byte of changes is lent on.
fn mapped(value: Value, change: fn(&u8) -> u8) -> Option<Value> {
    let text = bytes_of(value)?;
    if text.iter().all(|byte| change(byte) == *byte) {
        return Some(Value::Str(text));
    }
    Some(Value::built(text.iter().map(change).collect()))
}

/// The text of an argument; empty when it was left out.
pub(super) fn text_argument(arguments: &[Argument], index: usize) -> &[u8] {
    match arguments.get(index) {
        Some(Argument::Text(text)) => text,
        _ => b"",
    }
}

/// The integer of an argument.
pub(super) fn int_argument(arguments: &[Argument], index: usize) -> Option<i64> {
    match arguments.get(index) {
        Some(Argument::Int(value)) => Some(*value),
        _ => None,
    }
}

/// The value of the variable that an argument names.
pub(super) fn variable<'a>(argument: Option<&'a Argument>, scene: &Scene<'a>) -> Option<Value<'a>> {
    match argument? {
        Argument::Switch(name) => scene.world.variable(*name).map(Value::text),
        Argument::Scoped(scope, name) => scene.world.scoped_variable(*scope, name),
        _ => None,
    }
}

/// Do empty parts between two delimiters count?
#[derive(Clone, Copy, PartialEq)]
enum Empty {
    Counts,
    Skipped,
}

/// The parts `number` to `number + count - 1` (all that follow when `count` is 0), or those in front of it when counted from the end. Where
/// there are fewer words than were asked for, what follows the last one counts too.
fn pick(text: &[u8], arguments: &[Argument], empty: Empty) -> Option<Range<usize>> {
    let number = int_argument(arguments, 0)?;
    let delimiters = text_argument(arguments, 1);
    let count = usize::try_from(int_argument(arguments, 2).unwrap_or(1)).ok()?;
    let index = usize::try_from(number.unsigned_abs()).ok()?.checked_sub(1)?;
    let mut parts = text.split(|byte| delimiters.contains(byte)).filter(|part| empty == Empty::Counts || !part.is_empty());
    let offset = |part: &[u8]| (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize);
    if number > 0 {
        let first = parts.nth(index)?;
        let last = if count == 1 { Some(first) } else { count.checked_sub(2).and_then(|more| parts.nth(more)) };
        let end = last.and_then(|last| offset(last)?.checked_add(last.len()));
        Some(offset(first)?..end.unwrap_or(text.len()))
    } else {
        let last = parts.nth_back(index)?;
        let first = if count == 1 { Some(last) } else { count.checked_sub(2).and_then(|more| parts.nth_back(more)) };
        Some(first.and_then(offset).unwrap_or(0)..offset(last)?.checked_add(last.len())?)
    }
}

/// `lower`
pub fn lower<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    mapped(value, u8::to_ascii_lowercase)
}

/// `upper`
pub fn upper<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    mapped(value, u8::to_ascii_uppercase)
}

/// `length`
pub fn length<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    bytes_of(value).map(|text| Value::Int(text.len() as i64))
}

/// `field`; no value when there are fewer.
pub fn field<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let range = pick(&text, arguments, Empty::Counts)?;
    part(text, range).map(Value::Str)
}

/// `word`; empty when there are fewer.
pub fn word<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let range = pick(&text, arguments, Empty::Skipped).unwrap_or(0..0);
    part(text, range).map(Value::Str)
}

/// `ltrim`
pub fn ltrim<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let trimmed = text_argument(arguments, 0);
    let start = text.iter().position(|byte| !trimmed.contains(byte)).unwrap_or(text.len());
    let end = text.len();
    part(text, start..end).map(Value::Str)
}

/// `rtrim`
pub fn rtrim<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let trimmed = text_argument(arguments, 0);
    let end = text.iter().rposition(|byte| !trimmed.contains(byte)).map_or(0, |last| last + 1);
    part(text, 0..end).map(Value::Str)
}

/// `cut_crlf`
pub fn cut_crlf<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(text.len());
    part(text, 0..end).map(Value::Str)
}

/// `bytes`
pub fn bytes<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let bytes = bytes_of(value)?;
    let start = usize::try_from(int_argument(arguments, 0)?).ok()?.min(bytes.len());
    let length = match int_argument(arguments, 1) {
        Some(length) => usize::try_from(length).ok()?,
        None => usize::MAX,
    };
    let end = start.saturating_add(length).min(bytes.len());
    part(bytes, start..end).map(Value::Bin)
}

/// `regsub`: the first match, or with the flag `g` every one.
pub fn regsub<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let [Argument::Regex(search), Argument::Replacement(replacement), flags] = arguments else { return None };
    let every = matches!(flags, Argument::Text(flags) if flags.contains(&b'g'));
    let mut out = Vec::with_capacity(text.len());
    let mut copied = 0;
    let mut from = 0;
    while let Some((start, end)) = search.search(&text, from, |groups| {
        let (start, end) = groups.get(0).unwrap_or_default();
        out.extend_from_slice(text.get(copied..start).unwrap_or_default());
        replacement.expand_groups(&text, groups, &mut out);
        (start, end)
    }) {
        copied = end;
        from = if start == end { end + 1 } else { end };
        if !every || from > text.len() {
            break;
        }
    }
    out.extend_from_slice(text.get(copied..).unwrap_or_default());
    Some(Value::built(out))
}

/// `url_enc` (RFC 3986 section 2.3)
pub fn url_enc<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let mut out = Vec::with_capacity(text.len());
    for byte in text.iter() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.push(b'%');
            out.extend(hexadecimal(&[*byte]));
        }
    }
    Some(Value::built(out))
}

/// `url_dec`; a broken %HH ends the expression without a value.
pub fn url_dec<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let form = int_argument(arguments, 0).is_some_and(|form| form != 0);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_ref();
    // Behind the question mark a plus sign is always a space.
    let mut in_query = form;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok().filter(|digits| !digits.starts_with('+'))?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = rest.get(2..)?;
            }
            b'+' if in_query => out.push(b' '),
            byte => {
                in_query |= byte == b'?';
                out.push(byte);
            }
        }
    }
    Some(Value::built(out))
}

/// `concat`
pub fn concat<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let mut text = bytes_of(value)?.into_owned();
    text.extend_from_slice(text_argument(arguments, 0));
    if let Some(value) = variable(arguments.get(1), scene) {
        value.with_text(|value| text.extend_from_slice(value));
    }
    text.extend_from_slice(text_argument(arguments, 2));
    Some(Value::built(text))
}

/// `strcmp`: the difference of the first bytes that differ, else of the lengths by its sign.
pub fn strcmp<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    Some(Value::Int(variable(arguments.first(), scene)?.with_text(|other| {
        let differing = text.iter().zip(other).find(|(a, b)| a != b);
        differing.map_or(text.len().cmp(&other.len()) as i64, |(a, b)| i64::from(*a) - i64::from(*b))
    })))
}

/// Where the port of a Host field begins: behind the last colon, unless it stands within the brackets of an IPv6 address.
fn port_start(text: &[u8]) -> Option<usize> {
    let mark = text.iter().rposition(|byte| matches!(byte, b':' | b']'))?;
    (text.get(mark) == Some(&b':')).then_some(mark + 1)
}

/// `host_only`
pub fn host_only<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let end = port_start(&text).map_or(text.len(), |start| start - 1);
    mapped(Value::Str(part(text, 0..end)?), u8::to_ascii_lowercase)
}

/// `port_only`
pub fn port_only<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let port = port_start(&text).and_then(|start| text.get(start..)).unwrap_or_default();
    Some(Value::Int(super::value::leading_int(port)))
}

/// `set-var`: the value is kept in a variable as well.
pub fn set_var<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.world.keep(arguments.first()?, Some(&value));
    Some(value)
}

/// `unset-var`
pub fn unset_var<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    scene.world.keep(arguments.first()?, None);
    Some(value)
}

/// `has_ctl`
pub fn has_ctl<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    bytes_of(value).map(|text| Value::Bool(text.iter().any(|byte| *byte < 0x20)))
}
