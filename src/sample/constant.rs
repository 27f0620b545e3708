//! Fetches of values that stand in the configuration: `str(x)`, `int(3)` and their like.

use super::Scene;
use super::arguments::Argument;
use super::value::Value;
use std::borrow::Cow;

fn first_text(arguments: &[Argument]) -> Option<&[u8]> {
    match arguments.first() {
        Some(Argument::Text(text)) => Some(text),
        _ => None,
    }
}

/// `str`
pub fn text<'a>(arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::text(first_text(arguments).unwrap_or_default()))
}

/// `bin`
pub fn bin<'a>(arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    first_text(arguments).map(|bytes| Value::Bin(Cow::Borrowed(bytes)))
}

/// `bool`
pub fn boolean<'a>(arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    match arguments.first() {
        Some(Argument::Int(value)) => Some(Value::Bool(*value != 0)),
        _ => None,
    }
}

/// `int`
pub fn int<'a>(arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    match arguments.first() {
        Some(Argument::Int(value)) => Some(Value::Int(*value)),
        _ => None,
    }
}

/// `ipv4`, `ipv6`
pub fn address<'a>(arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    match arguments.first() {
        Some(Argument::Address(address)) => Some(Value::Address(*address)),
        _ => None,
    }
}
