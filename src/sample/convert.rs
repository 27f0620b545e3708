//! Converters, a row each: name, arguments, input and output types, and its line of manual.

use super::arguments::{Argument, Spec};
use super::convert_number as number;
use super::convert_text as text;
use super::value::{Type, Value};
use super::{Scene, convert_map};

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
    all().find(|row| row.name.as_bytes() == name)
}

/// Every converter.
pub fn all() -> impl Iterator<Item = &'static Converter> {
    [CONVERTERS, convert_map::ROWS].into_iter().flatten()
}

/// A row, in the order in which the tables are written.
pub(super) const fn row(
    name: &'static str,
    arguments: &'static [Spec],
    reads: Type,
    yields: Type,
    convert: Convert,
    manual: &'static str,
) -> Converter {
    Converter { name, arguments, reads, yields, manual, convert }
}

use Spec::{IntOrVariable, Mask, OptionalInt, OptionalText, OptionalVariable, Position, Regex, Replacement, Text, Variable};
use Type::{Address, Bin, Bool, Int, Str};

/// The converters, those of maps aside.
static CONVERTERS: &[Converter] = &[
    row("add", &[IntOrVariable], Int, Int, number::add, "the sum with an integer or a variable"),
    row("and", &[IntOrVariable], Int, Int, number::and, "the bits that both have with an integer or a variable"),
    row("b64dec", &[], Str, Bin, text::b64dec, "the bytes that a Base64 text stands for"),
    row("base64", &[], Bin, Str, text::base64, "the bytes in Base64"),
    row("bool", &[], Int, Bool, number::boolean, "true unless the integer is 0"),
    row("bytes", &[Spec::Int, OptionalInt], Bin, Bin, text::bytes, "part of the bytes, from an offset, of a length"),
    row(
        "concat",
        &[OptionalText, OptionalVariable, OptionalText],
        Str,
        Str,
        text::concat,
        "the text with a text, a variable and a text appended",
    ),
    row("cut_crlf", &[], Str, Str, text::cut_crlf, "the text up to the first CR or LF"),
    row(
        "div",
        &[IntOrVariable],
        Int,
        Int,
        number::div,
        "the quotient, rounded towards 0; the largest integer when divided by 0 by an integer or a variable",
    ),
    row("even", &[], Int, Bool, number::even, "whether the integer is even"),
    row(
        "field",
        &[Position, Text, OptionalInt],
        Str,
        Str,
        text::field,
        "the nth part between delimiters (from the end when negative), or several",
    ),
    row("hex", &[], Bin, Str, text::hex, "the bytes in hexadecimal"),
    row("hex2i", &[], Str, Int, text::hex2i, "the integer that hexadecimal digits stand for"),
    row("host_only", &[], Str, Str, text::host_only, "the host of a Host field, in lower case, without the port"),
    row("http_date", &[OptionalInt], Int, Str, number::http_date, "seconds since 1970 as an HTTP date, with an offset in seconds"),
    row("iif", &[Text, Text], Bool, Str, number::iif, "the first text for true, the second for false"),
    row(
        "ipmask",
        &[Mask, OptionalInt],
        Address,
        Address,
        number::ipmask,
        "the network of an address, by the bits that count for IPv4 and for IPv6",
    ),
    row("length", &[], Str, Int, text::length, "number of bytes of the text"),
    row("lower", &[], Str, Str, text::lower, "the text in lower case"),
    row("ltrim", &[Text], Str, Str, text::ltrim, "the text without these bytes at its beginning"),
    row("mod", &[IntOrVariable], Int, Int, number::modulo, "the remainder; 0 when divided by 0 by an integer or a variable"),
    row("mul", &[IntOrVariable], Int, Int, number::mul, "the product with an integer or a variable"),
    row("neg", &[], Int, Int, number::neg, "the integer with the opposite sign"),
    row("not", &[], Int, Bool, number::not, "true when the integer is 0"),
    row("odd", &[], Int, Bool, number::odd, "whether the integer is odd"),
    row("or", &[IntOrVariable], Int, Int, number::or, "the bits that one has with an integer or a variable"),
    row("port_only", &[], Str, Int, text::port_only, "the port of a Host field; 0 when it names none"),
    row(
        "regsub",
        &[Regex, Replacement, OptionalText],
        Str,
        Str,
        text::regsub,
        "the text with the match of an expression replaced; flags: g for every match, i to ignore case",
    ),
    row("rtrim", &[Text], Str, Str, text::rtrim, "the text without these bytes at its end"),
    row("strcmp", &[Variable], Str, Int, text::strcmp, "0 when the text is that of a variable, else below or above 0"),
    row("sub", &[IntOrVariable], Int, Int, number::sub, "the difference with an integer or a variable"),
    row("upper", &[], Str, Str, text::upper, "the text in upper case"),
    row("url_dec", &[OptionalInt], Str, Str, text::url_dec, "the text with %HH decoded; with 1, a plus sign as a space too"),
    row("url_enc", &[OptionalText], Str, Str, text::url_enc, "the text with all but unreserved characters encoded as %HH"),
    row(
        "utime",
        &[Text, OptionalInt],
        Int,
        Str,
        number::utime,
        "seconds since 1970 in a strftime format, in UTC, with an offset in seconds",
    ),
    row("word", &[Position, Text, OptionalInt], Str, Str, text::word, "the nth part between delimiters that is not empty, or several"),
    row("xor", &[IntOrVariable], Int, Int, number::xor, "the bits that only one has with an integer or a variable"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converters_are_sorted() {
        for table in [CONVERTERS, convert_map::ROWS] {
            assert!(table.is_sorted_by(|a, b| a.name < b.name));
        }
    }
}
