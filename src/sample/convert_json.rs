//! `json`: a text as the inside of a JSON string (RFC 8259 section 7).

use super::Scene;
use super::arguments::Argument;
use super::convert_text::{bytes_of, text_argument};
use super::value::Value;
use std::io::Write;

/// What the bytes are taken for, and what becomes of those that are no UTF-8.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    /// Each byte is a character.
    Bytes,
    /// The text has no value.
    Strict,
    /// They are left out.
    LeftOut,
}

/// `json`
pub fn json<'a>(value: Value<'a>, arguments: &'a [Argument], _: &Scene<'a>) -> Option<Value<'a>> {
    let text = bytes_of(value)?;
    let reading = match text_argument(arguments, 0) {
        b"utf8" | b"utf8p" => Reading::Strict,
        b"utf8s" | b"utf8ps" => Reading::LeftOut,
        _ => Reading::Bytes,
    };
    let mut out = Vec::with_capacity(text.len());
    if reading == Reading::Bytes {
        text.iter().for_each(|byte| render_escaped(u32::from(*byte), &mut out));
        return Some(Value::built(out));
    }
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|character| render_escaped(u32::from(character), &mut out));
        if reading == Reading::Strict && !chunk.invalid().is_empty() {
            return None;
        }
    }
    Some(Value::built(out))
}

fn render_escaped(code: u32, out: &mut Vec<u8>) {
    let letter = match code {
        0x22 | 0x2f | 0x5c => code as u8,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        0x20..=0x7e => return out.push(code as u8),
        _ => {
            let mut units = [0; 2];
            for unit in char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf16(&mut units) {
                let written = write!(out, "\\u{unit:04x}");
                debug_assert!(written.is_ok(), "writing to memory cannot fail");
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}
