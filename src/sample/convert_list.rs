//! Converters that look for something in a list: a language, a parameter, a label; or add to one.

use super::Scene;
use super::arguments::Argument;
use super::convert_text::{bytes_of, part, text_argument, variable};
use super::text::Case;
use super::value::Value;
use crate::http::header::trim;

/// The weight of a `q=0.8` parameter in thousandths (RFC 9110 section 12.4.2); 1000 where there is none.
fn weight(parameters: &[u8]) -> u16 {
    let Some(text) = trim(parameters).strip_prefix(b"q") else { return 1000 };
    let Some(text) = trim(text).strip_prefix(b"=") else { return 1000 };
    let (whole, fraction) = match trim(text).split_first() {
        Some((whole @ b'0'..=b'1', rest)) => (whole, rest.strip_prefix(b".").unwrap_or_default()),
        _ => return 0,
    };
    let digits = fraction.iter().take(3).take_while(|byte| byte.is_ascii_digit()).zip([100, 10, 1]);
    let thousandths: u16 = digits.map(|(digit, place)| u16::from(digit - b'0') * place).sum();
    (u16::from(whole - b'0') * 1000 + thousandths).min(1000)
}

/// `language`: of the languages offered, the one that `Accept-Language` weighs most; the default when none is accepted.
pub fn language<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let accepted = bytes_of(value)?;
    let mut best: (u16, Option<&'a [u8]>) = (0, None);
    for wish in accepted.split(|byte| *byte == b',') {
        let (name, parameters) = match wish.iter().position(|byte| *byte == b';') {
            Some(end) => wish.split_at(end),
            None => (wish, &b""[..]),
        };
        let offered = text_argument(arguments, 0).split(|byte| *byte == b';').find(|offer| Case::Ignored.equal(offer, trim(name)));
        let weight = weight(parameters.get(1..).unwrap_or_default());
        if offered.is_some() && weight > best.0 {
            best = (weight, offered);
        }
    }
    let default = match arguments.get(1) {
        Some(Argument::Text(text)) => Some(text.as_slice()),
        _ => None,
    };
    best.1.or(default).map(Value::text)
}

/// `param`: the value of the first parameter of that name; empty when it has no `=`.
pub fn param<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let name = text_argument(arguments, 0);
    let delimiter = text_argument(arguments, 1).first().copied().unwrap_or(b'&');
    let mut start = 0;
    for pair in text.split(|byte| *byte == delimiter) {
        let end = start + pair.len();
        match pair.strip_prefix(name) {
            Some([]) => return part(text, end..end).map(Value::Str),
            Some([b'=', ..]) => return part(text, start + name.len() + 1..end).map(Value::Str),
            _ => start = end + 1,
        }
    }
    None
}

/// `add_item`: a delimiter, where there is something on both of its sides, a variable and a text.
pub fn add_item<'a>(value: Value<'a>, arguments: &'a [Argument], scene: &Scene<'a>) -> Option<Value<'a>> {
    let mut text = bytes_of(value)?.into_owned();
    let variable = variable(arguments.get(1), scene);
    let suffix = text_argument(arguments, 2);
    if !text.is_empty() && (variable.is_some() || !suffix.is_empty()) {
        text.extend_from_slice(text_argument(arguments, 0));
    }
    if let Some(value) = variable {
        value.with_text(|value| text.extend_from_slice(value));
    }
    text.extend_from_slice(suffix);
    Some(Value::built(text))
}

/// `reverse`
pub fn reverse<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    bytes_of(value).map(|text| Value::built(text.iter().rev().copied().collect()))
}

/// `reverse_dom`: `www.example.com` as `com.example.www`.
pub fn reverse_dom<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let labels: Vec<&[u8]> = text.rsplit(|byte| *byte == b'.').collect();
    Some(Value::built(labels.join(&b'.')))
}
