//! Converters, a row each: name, arguments, input and output types, and its line of manual.

use super::Scene;
use super::arguments::{Argument, Spec};
use super::value::{Type, Value};
use std::borrow::Cow;

/// Turns a value into another; `None` ends the expression without a value.
pub type Convert = for<'a> fn(Value<'a>, &'a [Argument], &Scene<'a>) -> Option<Value<'a>>;

/// A converter.
#[derive(Debug)]
pub struct Converter {
    /// The name.
    pub name: &'static str,
    /// The arguments.
    pub arguments: &'static [Spec],
    /// What the value before it is cast to.
    pub reads: Type,
    /// What it yields; `Any` for what it was given.
    pub yields: Type,
    /// One line of manual.
    pub manual: &'static str,
    /// What it does.
    pub convert: Convert,
}

impl Converter {
    /// The type of the result for an input of that type.
    pub fn result_type(&self, input: Type) -> Type {
        if self.yields == Type::Any && self.reads == Type::Any { input } else { self.yields }
    }
}

/// The row of a name.
pub fn find(name: &[u8]) -> Option<&'static Converter> {
    CONVERTERS.iter().find(|row| row.name.as_bytes() == name)
}

const fn row(
    name: &'static str,
    arguments: &'static [Spec],
    reads: Type,
    yields: Type,
    convert: Convert,
    manual: &'static str,
) -> Converter {
    Converter { name, arguments, reads, yields, manual, convert }
}

use Type::{Bool, Int, Str};

/// Every converter.
pub static CONVERTERS: &[Converter] = &[
    row("bool", &[], Int, Bool, to_bool, "true unless the integer is 0"),
    row("lower", &[], Str, Str, lower, "the text in lower case"),
    row("not", &[], Bool, Bool, not, "true for false"),
    row("upper", &[], Str, Str, upper, "the text in upper case"),
];

fn to_bool<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.cast(Type::Bool)
}

fn not<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    value.to_bool().map(|value| Value::Bool(!value))
}

/// The text with every byte changed; one that no byte of changes is lent on.
fn mapped<'a>(value: Value<'a>, change: fn(&u8) -> u8) -> Option<Value<'a>> {
    let Value::Str(text) = value else { return None };
    if text.iter().all(|byte| change(byte) == *byte) {
        return Some(Value::Str(text));
    }
    Some(Value::Str(Cow::Owned(text.iter().map(change).collect())))
}

fn lower<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    mapped(value, u8::to_ascii_lowercase)
}

fn upper<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    mapped(value, u8::to_ascii_uppercase)
}
