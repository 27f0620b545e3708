//! Reads a head as `option accept-unsafe-violations-in-http-request` and its like want it: any visible or 8-bit byte in names of
//! fields and in targets, control bytes in values. Where lines end, and what delimits a body, is as strict as ever.

use super::Version;
use super::head::{Field, HeadError, Span, Start};
use super::header::{is_token, trim};
use super::reading::{Kind, Read, Stop, fits_method};

const MALFORMED: Stop = Stop::Refused(HeadError::Malformed);

/// Reads a head whose lines end with CRLF; fields are appended.
pub(super) fn read_relaxed(kind: Kind, text: &[u8], most_fields: usize, fields: &mut Vec<Field>) -> Result<Read, Stop> {
    let Some(end) = text.windows(4).position(|end| end == b"\r\n\r\n") else {
        let has_stray_end = text.iter().enumerate().any(|(at, byte)| *byte == b'\n' && (at == 0 || text.get(at - 1) != Some(&b'\r')));
        return Err(if has_stray_end { MALFORMED } else { Stop::Partial });
    };
    let head = text.get(..end).unwrap_or_default();
    let mut at = 0;
    let mut start = None;
    for line in split_lines(head) {
        let from = at;
        at += line.len() + 2;
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(MALFORMED);
        }
        if start.is_none() {
            start = Some(match kind {
                Kind::Request => read_request_line(line).ok_or(MALFORMED)?,
                Kind::Response => read_status_line(line).ok_or(MALFORMED)?,
            });
            continue;
        }
        if fields.len() == most_fields {
            return Err(Stop::Refused(HeadError::TooLarge));
        }
        fields.push(read_field(line, from).ok_or(MALFORMED)?);
    }
    let (start, version) = start.ok_or(MALFORMED)?;
    let first = split_lines(head).next().map_or(0, <[u8]>::len);
    Ok(Read { start, line: Span::new(0, first), version, length: end + 4 })
}

fn split_lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(head);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.windows(2).position(|end| end == b"\r\n");
        rest = end.and_then(|end| text.get(end + 2..));
        text.get(..end.unwrap_or(text.len()))
    })
}

/// A name may be anything but blanks and controls, which would make framing fields of what others read as something else.
fn read_field(line: &[u8], from: usize) -> Option<Field> {
    let colon = line.iter().position(|byte| *byte == b':').filter(|colon| *colon > 0)?;
    let (name, rest) = line.split_at_checked(colon)?;
    if name.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
        return None;
    }
    let value = rest.get(1..)?;
    let trimmed = trim(value);
    let start = from + colon + 1 + value.len() - value.iter().skip_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(Field {
        name: Span::new(from, from + colon),
        value: Span::new(start, start + trimmed.len()),
        line: Span::new(from, from + line.len()),
    })
}

fn read_request_line(line: &[u8]) -> Option<(Start, Version)> {
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_target = !target.is_empty() && target.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
    if words.next().is_some() || !is_token(method) || !is_target || !fits_method(method, target) {
        return None;
    }
    let from = method.len() + 1;
    Some((Start::Request { method: Span::new(0, method.len()), target: Span::new(from, from + target.len()) }, read_version(version)?))
}

fn read_status_line(line: &[u8]) -> Option<(Start, Version)> {
    let version = read_version(line.get(..8)?)?;
    let code = line.get(9..12).filter(|code| code.iter().all(u8::is_ascii_digit))?;
    let code = code.iter().fold(0u16, |code, digit| code * 10 + u16::from(digit - b'0'));
    let is_separated = line.get(8) == Some(&b' ') && line.get(12).is_none_or(|byte| *byte == b' ');
    let reason = 13.min(line.len());
    (code >= 100 && is_separated).then(|| (Start::Status { code, reason: Span::new(reason, line.len()) }, version))
}

/// A minor version above 1 is left to the strict reading, which lowers it.
fn read_version(text: &[u8]) -> Option<Version> {
    match text {
        b"HTTP/1.0" => Some(Version::Http10),
        b"HTTP/1.1" => Some(Version::Http11),
        _ => None,
    }
}
