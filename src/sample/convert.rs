//! Converters, a row each: name, arguments, input and output types, and its line of manual.

use super::arguments::{Argument, Spec};
use super::convert_number as number;
use super::convert_text as text;
use super::value::{Type, Value};
use super::{Scene, convert_map};
use super::{convert_binary as binary, convert_hash as hashes, convert_json as json, convert_list as list, convert_name as names};

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

use Spec::{
    IntOrVariable, MaskV4, OptionalInt, OptionalMaskV6, OptionalText, OptionalVariable, Position, Regex, Replacement, Text, Variable,
};
use Type::{Address, Any, Bin, Bool, Int, Str};

/// The converters, those of maps aside.
static CONVERTERS: &[Converter] = &[
    row("add", &[IntOrVariable], Int, Int, number::add, "the sum with an integer or a variable"),
    row(
        "add_item",
        &[OptionalText, OptionalVariable, OptionalText],
        Str,
        Str,
        list::add_item,
        "the text with a delimiter, a variable and a text appended",
    ),
    row("and", &[IntOrVariable], Int, Int, number::and, "the bits that both have with an integer or a variable"),
    row("b64dec", &[], Str, Bin, binary::b64dec, "the bytes that a Base64 text stands for"),
    row("base2", &[], Bin, Str, binary::base2, "the bytes as binary digits"),
    row("base64", &[], Bin, Str, binary::base64, "the bytes in Base64"),
    row(
        "be2dec",
        &[OptionalText, OptionalInt, OptionalInt],
        Bin,
        Str,
        binary::be2dec,
        "chunks of bytes as decimal numbers, the highest byte first, with a separator in between",
    ),
    row(
        "be2hex",
        &[OptionalText, OptionalInt, OptionalInt],
        Bin,
        Str,
        binary::be2hex,
        "chunks of bytes in hexadecimal with a separator in between",
    ),
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
    row("cpl", &[], Int, Int, number::cpl, "the integer with every bit changed"),
    row("crc32", &[OptionalInt], Bin, Int, hashes::crc32, "CRC-32 of the bytes; with 1, mixed"),
    row("crc32c", &[OptionalInt], Bin, Int, hashes::crc32c, "CRC-32C of the bytes; with 1, mixed"),
    row("cut_crlf", &[], Str, Str, text::cut_crlf, "the text up to the first CR or LF"),
    row("date", &[], Str, Int, number::http_date_seconds, "seconds since 1970 of an HTTP date"),
    row(
        "div",
        &[IntOrVariable],
        Int,
        Int,
        number::div,
        "the quotient, rounded towards 0; the largest integer when divided by 0 by an integer or a variable",
    ),
    row("djb2", &[OptionalInt], Bin, Int, hashes::djb2, "hash djb2 of the bytes; with 1, mixed"),
    row("even", &[], Int, Bool, number::even, "whether the integer is even"),
    row("fe_exists", &[], Str, Bool, names::frontend_exists, "whether there is a frontend of that name"),
    row(
        "field",
        &[Position, Text, OptionalInt],
        Str,
        Str,
        text::field,
        "the nth part between delimiters (from the end when negative), or several",
    ),
    row("has_ctl", &[], Str, Bool, text::has_ctl, "whether the text has control characters"),
    row("hex", &[], Bin, Str, binary::hex, "the bytes in hexadecimal"),
    row("hex2i", &[], Str, Int, binary::hex2i, "the integer that hexadecimal digits stand for"),
    row("host_only", &[], Str, Str, text::host_only, "the host of a Host field, in lower case, without the port"),
    row("htonl", &[], Int, Bin, binary::htonl, "the integer's 32 bits as bytes, the highest first"),
    row(
        "http_date",
        &[OptionalInt, OptionalText],
        Int,
        Str,
        number::http_date,
        "seconds since 1970 as an HTTP date, with an offset; both may be in ms or us",
    ),
    row("iif", &[OptionalText, OptionalText], Bool, Str, number::iif, "the first text for true, the second for false"),
    row(
        "ipmask",
        &[MaskV4, OptionalMaskV6],
        Address,
        Address,
        number::ipmask,
        "the network of an address, by the bits or masks for IPv4 and for IPv6",
    ),
    row(
        "json",
        &[OptionalText],
        Str,
        Str,
        json::json,
        "the text as the inside of a JSON string; read as ascii, utf8, utf8s, utf8p or utf8ps",
    ),
    row(
        "language",
        &[Text, OptionalText],
        Str,
        Str,
        list::language,
        "the language of those given that Accept-Language weighs most, else the default",
    ),
    row(
        "le2dec",
        &[OptionalText, OptionalInt, OptionalInt],
        Bin,
        Str,
        binary::le2dec,
        "chunks of bytes as decimal numbers, the lowest byte first, with a separator in between",
    ),
    row("length", &[], Str, Int, text::length, "number of bytes of the text"),
    row("lower", &[], Str, Str, text::lower, "the text in lower case"),
    row(
        "ltime",
        &[OptionalText, OptionalInt],
        Int,
        Str,
        number::ltime,
        "seconds since 1970 in a strftime format, in local time, with an offset in seconds",
    ),
    row("ltrim", &[Text], Str, Str, text::ltrim, "the text without these bytes at its beginning"),
    row("mod", &[IntOrVariable], Int, Int, number::modulo, "the remainder; 0 when divided by 0 by an integer or a variable"),
    row(
        "ms_ltime",
        &[OptionalText, OptionalInt],
        Int,
        Str,
        number::ms_ltime,
        "milliseconds since 1970 in a strftime format, in local time",
    ),
    row("ms_utime", &[OptionalText, OptionalInt], Int, Str, number::ms_utime, "milliseconds since 1970 in a strftime format, in GMT"),
    row("mul", &[IntOrVariable], Int, Int, number::mul, "the product with an integer or a variable"),
    row("nbsrv", &[], Str, Int, names::usable_servers, "usable servers of the backend of that name"),
    row("neg", &[], Int, Int, number::neg, "the integer with the opposite sign"),
    row("not", &[], Int, Bool, number::not, "true when the integer is 0"),
    row("odd", &[], Int, Bool, number::odd, "whether the integer is odd"),
    row("or", &[IntOrVariable], Int, Int, number::or, "the bits that one has with an integer or a variable"),
    row(
        "param",
        &[Text, OptionalText],
        Str,
        Str,
        list::param,
        "value of a parameter in a text like a query; parted by & or the delimiter given",
    ),
    row("port_only", &[], Str, Int, text::port_only, "the port of a Host field; 0 when it names none"),
    row(
        "regsub",
        &[Regex, Replacement, OptionalText],
        Str,
        Str,
        text::regsub,
        "the text with the match of an expression replaced; flags: g for every match, i to ignore case",
    ),
    row("reverse", &[], Str, Str, list::reverse, "the text from its end to its beginning"),
    row("reverse_dom", &[], Str, Str, list::reverse_dom, "the labels of a domain name from the last to the first"),
    row("rtrim", &[Text], Str, Str, text::rtrim, "the text without these bytes at its end"),
    row("sdbm", &[OptionalInt], Bin, Int, hashes::sdbm, "hash sdbm of the bytes; with 1, mixed"),
    row("set-var", &[Variable], Any, Any, text::set_var, "the same value, kept in a variable as well"),
    row("sha1", &[], Bin, Bin, hashes::sha1, "SHA-1 of the bytes"),
    row("srv_is_up", &[], Str, Bool, names::server_is_up, "whether the server of that name (SERVER or BACKEND/SERVER) is up"),
    row("srv_queue", &[], Str, Int, names::server_queue, "waiting requests of the server of that name (SERVER or BACKEND/SERVER)"),
    row("strcmp", &[Variable], Str, Int, text::strcmp, "0 when the text is that of a variable, else below or above 0"),
    row("sub", &[IntOrVariable], Int, Int, number::sub, "the difference with an integer or a variable"),
    row("ub64dec", &[], Str, Bin, binary::ub64dec, "the bytes that a text in URL-safe Base64 stands for"),
    row("ub64enc", &[], Bin, Str, binary::ub64enc, "the bytes in URL-safe Base64, without padding"),
    row("unset-var", &[Variable], Any, Any, text::unset_var, "the same value; a variable is forgotten"),
    row("upper", &[], Str, Str, text::upper, "the text in upper case"),
    row("url_dec", &[OptionalInt], Str, Str, text::url_dec, "the text with %HH decoded; with 1, a plus sign as a space too"),
    row("url_enc", &[OptionalText], Str, Str, text::url_enc, "the text with all but unreserved characters encoded as %HH"),
    row(
        "us_ltime",
        &[OptionalText, OptionalInt],
        Int,
        Str,
        number::us_ltime,
        "microseconds since 1970 in a strftime format, in local time",
    ),
    row("us_utime", &[OptionalText, OptionalInt], Int, Str, number::us_utime, "microseconds since 1970 in a strftime format, in GMT"),
    row(
        "utime",
        &[OptionalText, OptionalInt],
        Int,
        Str,
        number::utime,
        "seconds since 1970 in a strftime format, in GMT, with an offset in seconds",
    ),
    row("word", &[Position, Text, OptionalInt], Str, Str, text::word, "the nth part between delimiters that is not empty, or several"),
    row("wt6", &[OptionalInt], Bin, Int, hashes::wt6, "hash wt6 of the bytes; with 1, mixed"),
    row("xor", &[IntOrVariable], Int, Int, number::xor, "the bits that only one has with an integer or a variable"),
    row("xxh32", &[OptionalInt], Bin, Int, hashes::xxh32, "xxHash of the bytes with 32 bits and a seed"),
    row("xxh64", &[OptionalInt], Bin, Int, hashes::xxh64, "xxHash of the bytes with 64 bits and a seed"),
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
