//! Converters between bytes and the texts that show them: hexadecimal, Base64, chunks of numbers, bits.

use super::Scene;
use super::arguments::Argument;
use super::base64;
use super::convert_text::{bytes_of, int_argument, text_argument};
use super::value::{Value, hexadecimal, render_int};
use std::borrow::Cow;

/// `hex`
pub fn hex<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    bytes_of(value).map(|bytes| Value::built(hexadecimal(&bytes)))
}

/// `hex2i`: 0 for an empty text; no value when a character is no digit; the last 64 bits of more.
pub fn hex2i<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(i64::from);
    text.iter().try_fold(0_i64, |number, byte| Some(number.wrapping_shl(4) | digit(byte)?)).map(Value::Int)
}

/// `base64`
pub fn base64<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    bytes_of(value).map(|bytes| Value::built(base64::encode(&bytes)))
}

/// `b64dec`
pub fn b64dec<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    base64::decode(&bytes_of(value)?).map(|bytes| Value::Bin(Cow::Owned(bytes)))
}

/// `ub64enc` (RFC 4648 section 5, without padding)
pub fn ub64enc<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let mut text = base64::encode(&bytes_of(value)?);
    text.retain(|byte| *byte != b'=');
    for byte in &mut text {
        *byte = match *byte {
            b'+' => b'-',
            b'/' => b'_',
            byte => byte,
        };
    }
    Some(Value::built(text))
}

/// `ub64dec`
pub fn ub64dec<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let mut plain: Vec<u8> = Vec::with_capacity(text.len() + 2);
    for byte in text.iter() {
        plain.push(match byte {
            b'-' => b'+',
            b'_' => b'/',
            b'+' | b'/' | b'=' => return None,
            byte => *byte,
        });
    }
    plain.resize(plain.len().next_multiple_of(4), b'=');
    base64::decode(&plain).map(|bytes| Value::Bin(Cow::Owned(bytes)))
}

/// `base2`
pub fn base2<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let bit = |byte: u8| (0..8).rev().map(move |place| b'0' + (byte >> place & 1));
    bytes_of(value).map(|bytes| Value::built(bytes.iter().copied().flat_map(bit).collect()))
}

/// `htonl`
pub fn htonl<'a>(value: Value<'a>, _: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    Some(Value::Bin(Cow::Owned((value.to_int()? as u32).to_be_bytes().to_vec())))
}

/// The bytes in chunks, each shown by `show`, with a separator in between; a last one that is not whole may be left out.
fn chunked<'a>(value: Value<'a>, arguments: &[Argument], default_size: usize, show: fn(&[u8], &mut Vec<u8>)) -> Option<Value<'a>> {
    let bytes = bytes_of(value)?;
    let size = match int_argument(arguments, 1) {
        Some(size) => usize::try_from(size).ok().filter(|size| *size > 0)?,
        None => default_size.min(bytes.len()).max(1),
    };
    let cut = int_argument(arguments, 2).is_some_and(|cut| cut != 0);
    let mut out = Vec::new();
    for (number, chunk) in bytes.chunks(size).filter(|chunk| chunk.len() == size || !cut).enumerate() {
        if number > 0 {
            out.extend_from_slice(text_argument(arguments, 0));
        }
        show(chunk, &mut out);
    }
    Some(Value::built(out))
}

/// `be2dec`
pub fn be2dec<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    chunked(value, arguments, 8, |chunk, out| {
        render_int(chunk.iter().fold(0_i64, |number, byte| number.wrapping_shl(8) | i64::from(*byte)), out);
    })
}

/// `le2dec`
pub fn le2dec<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    chunked(value, arguments, 8, |chunk, out| {
        render_int(chunk.iter().rev().fold(0_i64, |number, byte| number.wrapping_shl(8) | i64::from(*byte)), out);
    })
}

/// `be2hex`
pub fn be2hex<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    chunked(value, arguments, usize::MAX, |chunk, out| out.extend(hexadecimal(chunk)))
}
