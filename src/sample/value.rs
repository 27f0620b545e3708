//! The value of a sample and its casts between types, as HAProxy's.

use std::borrow::Cow;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

/// A value taken from a message or its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `bool`
    Bool(bool),
    /// `sint`
    Int(i64),
    /// `str`
    Str(Cow<'a, [u8]>),
    /// `bin`
    Bin(Cow<'a, [u8]>),
    /// `ipv4`, `ipv6`
    Address(IpAddr),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `sint`
    Int,
    /// `str`
    Str,
    /// `bin`
    Bin,
    /// `ipv4`, `ipv6`
    Address,
    /// What a variable or a converter like `iif` yields: known only when it is there.
    Any,
}

impl Type {
    /// The type's name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "sint",
            Type::Str => "str",
            Type::Bin => "bin",
            Type::Address => "addr",
            Type::Any => "any",
        }
    }

    /// Is there a cast from this type to the other one at all?
    pub fn casts_to(self, to: Type) -> bool {
        use Type::{Address, Any, Bin, Bool, Int, Str};
        match (self, to) {
            (Any | Str | Int | Address, _) | (_, Any | Str | Bin) => true,
            (Bool, Bool | Int) => true,
            (Bool, Address) | (Bin, Bool | Int | Address) => false,
        }
    }
}

/// Room for the longest address, number or boolean as text.
const LONGEST_SCALAR: usize = 64;

impl<'a> Value<'a> {
    /// A text that lives elsewhere.
    pub fn text(text: &'a [u8]) -> Value<'a> {
        Value::Str(Cow::Borrowed(text))
    }

    /// A text made here.
    pub fn built(text: Vec<u8>) -> Value<'a> {
        Value::Str(Cow::Owned(text))
    }

    /// The value's type.
    pub fn kind(&self) -> Type {
        match self {
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Str(_) => Type::Str,
            Value::Bin(_) => Type::Bin,
            Value::Address(_) => Type::Address,
        }
    }

    /// As an integer: a text by its leading digits (0 when there are none, nothing when it is empty), an IPv4 address by its 32 bits.
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Value::Bool(value) => Some(i64::from(*value)),
            Value::Int(value) => Some(*value),
            Value::Str(text) if text.is_empty() => None,
            Value::Str(text) => Some(leading_int(text)),
            Value::Address(IpAddr::V4(address)) => Some(i64::from(u32::from(*address))),
            Value::Address(IpAddr::V6(_)) | Value::Bin(_) => None,
        }
    }

    /// As a boolean: whether the integer differs from 0, so that the text `true` is false as in HAProxy.
    pub fn to_bool(&self) -> Option<bool> {
        self.to_int().map(|value| value != 0)
    }

    /// As an address: a text that is one, an integer by its 32 bits.
    pub fn to_address(&self) -> Option<IpAddr> {
        match self {
            Value::Address(address) => Some(*address),
            Value::Int(value) => Some(IpAddr::V4(Ipv4Addr::from(*value as u32))),
            Value::Str(text) => std::str::from_utf8(text).ok()?.parse().ok(),
            Value::Bool(_) | Value::Bin(_) => None,
        }
    }

    /// Lends the value as text, without allocating; `bin` ends as a text at its first NUL.
    pub fn with_text<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Value::Str(text) => read(text),
            Value::Bin(bytes) => read(before_nul(bytes)),
            Value::Bool(value) => read(if *value { b"1" } else { b"0" }),
            scalar => {
                let mut room = [0; LONGEST_SCALAR];
                let mut rest = &mut room[..];
                let written = match scalar {
                    Value::Int(value) => write!(rest, "{value}"),
                    Value::Address(address) => write!(rest, "{address}"),
                    Value::Bool(_) | Value::Str(_) | Value::Bin(_) => Ok(()),
                };
                let left = rest.len();
                debug_assert!(written.is_ok());
                read(room.get(..LONGEST_SCALAR - left).unwrap_or_default())
            }
        }
    }

    /// The bytes that `bin` stands for: of a text its own, of an address its octets, of an integer or a boolean eight, big-endian.
    pub fn with_bytes<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Value::Str(bytes) | Value::Bin(bytes) => read(bytes),
            Value::Int(value) => read(&value.to_be_bytes()),
            Value::Address(IpAddr::V4(address)) => read(&address.octets()),
            Value::Address(IpAddr::V6(address)) => read(&address.octets()),
            Value::Bool(value) => read(&i64::from(*value).to_be_bytes()),
        }
    }

    /// The value as another type; `None` when it has no such form.
    pub fn cast(self, to: Type) -> Option<Value<'a>> {
        match (to, self) {
            (Type::Any, value) => Some(value),
            (Type::Bool, value) => value.to_bool().map(Value::Bool),
            (Type::Int, value) => value.to_int().map(Value::Int),
            (Type::Address, value) => value.to_address().map(Value::Address),
            (Type::Str, Value::Str(text)) => Some(Value::Str(text)),
            (Type::Str, Value::Bin(Cow::Borrowed(bytes))) => Some(Value::text(before_nul(bytes))),
            (Type::Str, Value::Bin(Cow::Owned(mut bytes))) => {
                bytes.truncate(before_nul(&bytes).len());
                Some(Value::built(bytes))
            }
            (Type::Str, value) => Some(Value::built(value.with_text(<[u8]>::to_vec))),
            (Type::Bin, Value::Str(bytes) | Value::Bin(bytes)) => Some(Value::Bin(bytes)),
            (Type::Bin, value) => Some(Value::Bin(Cow::Owned(value.with_bytes(<[u8]>::to_vec)))),
        }
    }
}

fn before_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The number that a text begins with, 0 when it begins with none; too large ones become the largest.
pub fn leading_int(text: &[u8]) -> i64 {
    let (digits, sign) = match text {
        [b'-', rest @ ..] => (rest, -1),
        [b'+', rest @ ..] => (rest, 1),
        _ => (text, 1),
    };
    digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_i64, |value, byte| value.saturating_mul(10).saturating_add(sign * i64::from(byte - b'0')))
}

/// The whole text as an integer.
pub fn parse_int(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Appends the integer in decimal.
pub fn render_int(value: i64, out: &mut Vec<u8>) {
    Value::Int(value).with_text(|digits| out.extend_from_slice(digits));
}

/// Upper-case hexadecimal digits of the bytes.
pub fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

/// The bytes that hexadecimal digits stand for; `None` when they are none.
pub fn from_hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks(2).map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_integers_by_their_leading_digits() {
        let check = |text: &str, expected| assert_eq!(Value::text(text.as_bytes()).to_int(), expected, "{text:?}");
        check("", None);
        check("abc", Some(0));
        check("1abc", Some(1));
        check("-12", Some(-12));
        check("+7", Some(7));
        check("99999999999999999999", Some(i64::MAX));
        check("-99999999999999999999", Some(i64::MIN));
    }

    #[test]
    fn casts_follow_the_types() {
        let check = |value: Value, to, expected: Option<Value>| assert_eq!(value.clone().cast(to), expected, "{value:?}");
        let address: IpAddr = "10.0.0.1".parse().expect("an address");
        check(Value::Int(3), Type::Bool, Some(Value::Bool(true)));
        check(Value::text(b"true"), Type::Bool, Some(Value::Bool(false)));
        check(Value::text(b"1x"), Type::Bool, Some(Value::Bool(true)));
        check(Value::Address(address), Type::Bool, Some(Value::Bool(true)));
        check(Value::Bool(true), Type::Bin, Some(Value::Bin(Cow::Borrowed(b"\0\0\0\0\0\0\0\x01"))));
        check(Value::Bin(Cow::Borrowed(b"a\0b")), Type::Str, Some(Value::text(b"a")));
        check(Value::text(b"false"), Type::Bool, Some(Value::Bool(false)));
        check(Value::Bool(true), Type::Str, Some(Value::text(b"1")));
        check(Value::text(b"10.0.0.1"), Type::Address, Some(Value::Address(address)));
        check(Value::text(b"10.0.0"), Type::Address, None);
        check(Value::Address(address), Type::Int, Some(Value::Int(0x0a00_0001)));
        check(Value::Address(address), Type::Str, Some(Value::text(b"10.0.0.1")));
        check(Value::Bin(Cow::Borrowed(b"\x0a\xff")), Type::Str, Some(Value::text(b"\x0a\xff")));
        check(Value::Bin(Cow::Borrowed(b"1")), Type::Int, None);
        check(Value::Int(i64::MIN), Type::Str, Some(Value::text(b"-9223372036854775808")));
    }
}
