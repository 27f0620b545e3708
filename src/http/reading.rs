//! Reads the bytes of a head once, with `httparse`, and checks strictly what it lets through (RFC 9112 sections 2 to 5).
//! Keeping and editing what was read is `head`.

use super::Version;
use super::head::{Field, HeadError, MOST_FIELDS, Span, Start};
use super::uri::{Form, Target};
use std::mem::MaybeUninit;

/// Fields for which the common reading path has room (`tune.http.maxhdr` is 101).
const COMMON_FIELDS: usize = 128;

/// Which start line is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request line.
    Request,
    /// A status line.
    Response,
}

/// A start line that was read, and how many bytes the head has.
pub(super) struct Read {
    pub(super) start: Start,
    pub(super) line: Span,
    pub(super) version: Version,
    pub(super) length: usize,
}

/// Why `read` stopped.
pub(super) enum Stop {
    Partial,
    /// A version other than 1.0 and 1.1.
    Version,
    Refused(HeadError),
}

/// Reads a head with `httparse`, which finds lines, names and values, and checks what it lets through: line feeds without CR,
/// empty lines at the top, targets. Fields are appended, their offsets raised by `base`.
pub(super) fn read(kind: Kind, text: &[u8], most_fields: usize, base: usize, fields: &mut Vec<Field>) -> Result<Read, Stop> {
    if most_fields <= COMMON_FIELDS {
        read_with::<COMMON_FIELDS>(kind, text, most_fields, base, fields)
    } else {
        read_with::<MOST_FIELDS>(kind, text, most_fields, base, fields)
    }
}

fn read_with<const N: usize>(kind: Kind, text: &[u8], most_fields: usize, base: usize, fields: &mut Vec<Field>) -> Result<Read, Stop> {
    const MALFORMED: Stop = Stop::Refused(HeadError::Malformed);
    if matches!(text.first(), Some(b'\r' | b'\n')) {
        return Err(MALFORMED);
    }
    let mut memory = [const { MaybeUninit::uninit() }; N];
    let room = memory.get_mut(..most_fields.min(N)).unwrap_or_default();
    let (mut request, mut response) = (httparse::Request::new(&mut []), httparse::Response::new(&mut []));
    let outcome = match kind {
        Kind::Request => request.parse_with_uninit_headers(text, room),
        Kind::Response => httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut response, text, room),
    };
    let length = match outcome {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Err(Stop::Partial),
        Err(httparse::Error::TooManyHeaders) => return Err(Stop::Refused(HeadError::TooLarge)),
        Err(httparse::Error::Version) => return Err(Stop::Version),
        Err(_) => return Err(MALFORMED),
    };
    let text = text.get(..length).unwrap_or_default();
    let Some(last) = text.strip_suffix(b"\r\n\r\n").map(<[u8]>::len) else { return Err(MALFORMED) };
    let (found, minor) = match kind {
        Kind::Request => (&*request.headers, request.version),
        Kind::Response => (&*response.headers, response.version),
    };
    let ends_at = |next: usize| found.get(next).map_or(last, |field| offset(text, field.name.as_bytes()).saturating_sub(2));
    let line = ends_at(0);
    let is_crlf = |end: usize| text.get(end) == Some(&b'\r');
    if !is_crlf(line) {
        return Err(MALFORMED);
    }
    let start = match kind {
        Kind::Request => read_request_line(request.method.unwrap_or_default(), request.path.unwrap_or_default(), base),
        Kind::Response => read_status_line(response.code.unwrap_or_default(), line, base),
    };
    let Some(start) = start else { return Err(MALFORMED) };
    fields.reserve(found.len());
    let kept = fields.len();
    for (index, field) in found.iter().enumerate() {
        let (name, value, end) = (offset(text, field.name.as_bytes()), offset(text, field.value), ends_at(index + 1));
        if !is_crlf(end) {
            fields.truncate(kept);
            return Err(MALFORMED);
        }
        fields.push(Field {
            name: Span::new(name + base, name + base + field.name.len()),
            value: Span::new(value + base, value + base + field.value.len()),
            line: Span::new(name + base, end + base),
        });
    }
    let version = if minor == Some(0) { Version::Http10 } else { Version::Http11 };
    Ok(Read { start, line: Span::new(base, line + base), version, length })
}

/// A request line whose target has a form that goes with its method (RFC 9112 section 3.2).
fn read_request_line(method: &str, target: &str, base: usize) -> Option<Start> {
    let fits = Target::parse(target.as_bytes()).is_some() && fits_method(method.as_bytes(), target.as_bytes());
    let (method_end, target_start) = (method.len(), method.len() + 1);
    let method = Span::new(0, method_end).shift(base);
    fits.then(|| Start::Request { method, target: Span::new(target_start, target_start + target.len()).shift(base) })
}

/// Has the target a form that goes with the method (RFC 9112 section 3.2)?
pub(super) fn fits_method(method: &[u8], target: &[u8]) -> bool {
    match Target::take_apart(target).map(|target| target.form()) {
        Some(Form::Origin | Form::Absolute) => method != b"CONNECT",
        Some(Form::Authority) => method == b"CONNECT",
        Some(Form::Asterisk) => method == b"OPTIONS",
        None => false,
    }
}

/// A status line that ends at `end`: the reason may be missing, with or without its space (RFC 9112 section 4).
fn read_status_line(code: u16, end: usize, base: usize) -> Option<Start> {
    let reason = (b"HTTP/1.1 200 ".len()).min(end);
    (code >= 100).then(|| Start::Status { code, reason: Span::new(reason, end).shift(base) })
}

/// Where the digit of a minor version above 1 stands.
pub(super) fn higher_minor(kind: Kind, text: &[u8]) -> Option<usize> {
    let version = match kind {
        Kind::Request => {
            let mut spaces = text.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(index, _)| index);
            spaces.nth(1)? + 1
        }
        Kind::Response => 0,
    };
    let digit = version + b"HTTP/1.".len();
    let is_higher = text.get(version..digit)? == b"HTTP/1." && matches!(text.get(digit)?, b'2'..=b'9');
    is_higher.then_some(digit)
}

/// Where `part`, which was cut out of `text`, begins in it.
fn offset(text: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}
