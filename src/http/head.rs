//! The head of a message: start line and fields as spans into bytes that the head owns, so that rules can edit it and
//! what comes out is written once. What the fields mean for the body is `framing`; what they mean for the connection, `connection`.

use super::Version;
use super::header::{self, is_value_byte};
pub use super::reading::Kind;
use super::reading::{Read, Stop, higher_minor, read};
use super::reading_relaxed::read_relaxed;
use super::uri::{self, Form, Target};
use std::ops::Range;

/// Where a piece of text lies in the bytes of its head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span; offsets past 4 GiB, which no bounded head reaches, name no text.
    pub(super) fn new(start: usize, end: usize) -> Span {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: offset(start), end: offset(end) }
    }

    /// The same span where all offsets are `by` higher.
    pub(super) fn shift(self, by: usize) -> Span {
        Span::new(self.start as usize + by, self.end as usize + by)
    }

    /// The text that lies there.
    fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// One field line. An edit appends its new text to the head's bytes and moves the spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name, in the case in which it came.
    pub name: Span,
    /// The field's value without surrounding white space.
    pub value: Span,
    /// The whole line as it came, without CRLF: what `req*`/`rsp*` rules match.
    pub line: Span,
}

/// The start line of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// `GET /path HTTP/1.1`
    Request {
        /// The method.
        method: Span,
        /// The request target, as it came.
        target: Span,
    },
    /// `HTTP/1.1 200 OK`
    Status {
        /// The status code, 100 to 999.
        code: u16,
        /// The reason phrase; may be empty.
        reason: Span,
    },
}

/// What bounds a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest head, in bytes (`tune.bufsize` less `tune.maxrewrite`: 15360).
    pub bytes: usize,
    /// The most fields (`tune.http.maxhdr`: 101); never more than 1024.
    pub fields: usize,
}

/// How far parsing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A whole head, of this many bytes of the input.
    Complete(usize),
    /// The input ends within the head.
    Partial,
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// Not a head by RFC 9112 sections 2 to 5.
    Malformed,
    /// Past `Limits`.
    TooLarge,
}

/// Empty lines before a request that are passed over (RFC 9112 section 2.2); more are refused.
const MOST_EMPTY_LINES: usize = 16;
/// Fields for which there is room at all.
pub const MOST_FIELDS: usize = 1024;

/// The head of a request or a response. It is filled again and again, and keeps its memory.
/// Each line in `bytes`, as it came or as an edit left it, is followed by CRLF.
#[derive(Debug)]
pub struct Head {
    bytes: Vec<u8>,
    fields: Vec<Field>,
    start: Start,
    start_line: Span,
    version: Version,
}

impl Default for Head {
    fn default() -> Head {
        Head { bytes: Vec::new(), fields: Vec::new(), start: Kind::Request.empty(), start_line: Span::default(), version: Version::Http11 }
    }
}

impl Kind {
    fn empty(self) -> Start {
        match self {
            Kind::Request => Start::Request { method: Span::default(), target: Span::default() },
            Kind::Response => Start::Status { code: 0, reason: Span::default() },
        }
    }
}

impl Head {
    /// Reads a request's head from the start of `input`. Until it is complete, and after an error, the head is empty.
    pub fn parse_request(&mut self, input: &[u8], limits: &Limits) -> Result<Parsed, HeadError> {
        self.clear(Kind::Request);
        let within = input.get(..limits.bytes).unwrap_or(input);
        let empty_lines = within.chunks(2).take(MOST_EMPTY_LINES).take_while(|pair| *pair == b"\r\n").count();
        let skipped = empty_lines * 2;
        let text = within.get(skipped..).unwrap_or_default();
        let length = if text == b"\r" { None } else { self.parse(Kind::Request, text, limits)? };
        within_limits(length.map(|length| length + skipped), within, limits)
    }

    /// Reads a response's head, likewise.
    pub fn parse_response(&mut self, input: &[u8], limits: &Limits) -> Result<Parsed, HeadError> {
        self.clear(Kind::Response);
        let within = input.get(..limits.bytes).unwrap_or(input);
        let length = self.parse(Kind::Response, within, limits)?;
        within_limits(length, within, limits)
    }

    /// Reads a head that is none by the letter, as far as `accept-unsafe-violations` lets it pass. What is one, is read strictly.
    pub fn parse_relaxed(&mut self, kind: Kind, input: &[u8], limits: &Limits) -> Result<Parsed, HeadError> {
        let strict = match kind {
            Kind::Request => self.parse_request(input, limits),
            Kind::Response => self.parse_response(input, limits),
        };
        if strict != Err(HeadError::Malformed) {
            return strict;
        }
        let within = input.get(..limits.bytes).unwrap_or(input);
        let skipped = 2 * within.chunks(2).take(MOST_EMPTY_LINES).take_while(|pair| *pair == b"\r\n" && kind == Kind::Request).count();
        let text = within.get(skipped..).unwrap_or_default();
        match read_relaxed(kind, text, limits.fields, &mut self.fields) {
            Ok(head) => {
                self.bytes.extend_from_slice(text.get(..head.length - 2).unwrap_or_default());
                (self.start, self.start_line, self.version) = (head.start, head.line, head.version);
                self.complete_status_line();
                Ok(Parsed::Complete(head.length + skipped))
            }
            Err(stop) => {
                self.clear(kind);
                match stop {
                    Stop::Partial => within_limits(None, within, limits),
                    Stop::Version => Err(HeadError::Malformed),
                    Stop::Refused(error) => Err(error),
                }
            }
        }
    }

    /// Reads a head and copies it; `None` while it is incomplete.
    fn parse(&mut self, kind: Kind, text: &[u8], limits: &Limits) -> Result<Option<usize>, HeadError> {
        let mut read = read(kind, text, limits.fields, 0, &mut self.fields);
        match &read {
            Ok(head) => self.bytes.extend_from_slice(text.get(..head.length - 2).unwrap_or_default()),
            // A higher minor version is read as the highest that is spoken (RFC 9110 section 2.5).
            Err(Stop::Version) if higher_minor(kind, text).is_some() => {
                self.bytes.extend_from_slice(text);
                read = read_lowered(kind, limits.fields, &mut self.bytes, &mut self.fields);
            }
            Err(_) => {}
        }
        match read {
            Ok(head) => {
                (self.start, self.start_line, self.version) = (head.start, head.line, head.version);
                self.complete_status_line();
                Ok(Some(head.length))
            }
            Err(stop) => {
                self.clear(kind);
                match stop {
                    Stop::Partial => Ok(None),
                    Stop::Version => Err(HeadError::Malformed),
                    Stop::Refused(error) => Err(error),
                }
            }
        }
    }

    /// The space behind a status code is due even where no reason follows (RFC 9112 section 4).
    fn complete_status_line(&mut self) {
        const BARE: usize = b"HTTP/1.1 200".len();
        if let Start::Status { code, .. } = self.start
            && self.start_line.end as usize == BARE
        {
            let start = self.bytes.len();
            self.bytes.extend_from_within(..BARE);
            self.bytes.extend_from_slice(b" \r\n");
            self.start_line = Span::new(start, start + BARE + 1);
            self.start = Start::Status { code, reason: Span::new(start + BARE + 1, start + BARE + 1) };
        }
    }

    fn clear(&mut self, kind: Kind) {
        self.bytes.clear();
        self.fields.clear();
        (self.start, self.start_line, self.version) = (kind.empty(), Span::default(), Version::Http11);
    }

    /// The start line without CRLF.
    pub fn start_line(&self) -> &[u8] {
        self.start_line.of(&self.bytes)
    }

    /// The version in the start line; a higher minor one than 1.1 came in as 1.1.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Writes another version into the start line.
    pub fn set_version(&mut self, version: Version) {
        let digit = match self.start {
            Start::Request { .. } => (self.start_line.end as usize).checked_sub(1),
            Start::Status { .. } => Some(self.start_line.start as usize + b"HTTP/1.".len()),
        };
        let text = match version {
            Version::Http10 => b'0',
            Version::Http11 => b'1',
        };
        if let Some(digit) = digit {
            set_byte(&mut self.bytes, digit, text);
        }
        self.version = version;
    }

    /// Empty for a response.
    pub fn method(&self) -> &[u8] {
        match self.start {
            Start::Request { method, .. } => method.of(&self.bytes),
            Start::Status { .. } => b"",
        }
    }

    /// Empty for a response.
    pub fn target(&self) -> &[u8] {
        match self.start {
            Start::Request { target, .. } => target.of(&self.bytes),
            Start::Status { .. } => b"",
        }
    }

    /// 0 for a request.
    pub fn code(&self) -> u16 {
        match self.start {
            Start::Request { .. } => 0,
            Start::Status { code, .. } => code,
        }
    }

    /// Empty for a request, and where a response has none.
    pub fn reason(&self) -> &[u8] {
        match self.start {
            Start::Request { .. } => b"",
            Start::Status { reason, .. } => reason.of(&self.bytes),
        }
    }

    /// How many fields (removed ones do not count).
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Has it no fields?
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A field's name; empty behind the last field.
    pub fn name(&self, index: usize) -> &[u8] {
        self.fields.get(index).map_or(b"", |field| field.name.of(&self.bytes))
    }

    /// A field's value; empty behind the last field.
    pub fn value(&self, index: usize) -> &[u8] {
        self.fields.get(index).map_or(b"", |field| field.value.of(&self.bytes))
    }

    /// The whole line of a field as it came or as an edit left it, without CRLF.
    pub fn line(&self, index: usize) -> &[u8] {
        self.fields.get(index).map_or(b"", |field| field.line.of(&self.bytes))
    }

    /// Values of every field of that name (compared without regard to case), in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |field| field.is_named(&self.bytes, name)).map(|field| field.value.of(&self.bytes))
    }

    /// Value of the first field of that name.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.find(name, 0).map(|index| self.value(index))
    }

    /// Is there a field of that name?
    pub fn has(&self, name: &str) -> bool {
        self.find(name, 0).is_some()
    }

    /// Index of the first field of that name at or behind `from`.
    pub fn find(&self, name: &str, from: usize) -> Option<usize> {
        let fields = self.fields.get(from..)?;
        fields.iter().position(|field| field.is_named(&self.bytes, name)).map(|index| index + from)
    }

    /// Removes every field of that name; how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let Head { bytes, fields, .. } = self;
        let before = fields.len();
        fields.retain(|field| !field.is_named(bytes, name));
        before - fields.len()
    }

    /// Removes one field; those behind it move up.
    pub fn remove_at(&mut self, index: usize) {
        if index < self.fields.len() {
            self.fields.remove(index);
        }
    }

    /// Appends a field behind the last one. `name` is a token; bytes that no value may hold become spaces.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        let field = self.append_value(start, value);
        self.fields.push(field);
    }

    /// Gives a field another value, keeping name and place.
    pub fn set_value(&mut self, index: usize, value: &[u8]) {
        let Some(Field { name, .. }) = self.fields.get(index).copied() else { return };
        let start = self.bytes.len();
        self.bytes.extend_from_within(name.start as usize..name.end as usize);
        let field = self.append_value(start, value);
        if let Some(place) = self.fields.get_mut(index) {
            *place = field;
        }
    }

    /// Cuts a part out of a field's value, in place, and leaves `text` there, which is no longer than the part.
    pub fn cut_from_value(&mut self, index: usize, part: Range<usize>, text: &[u8]) {
        let Head { bytes, fields, .. } = self;
        let Some(field) = fields.get_mut(index) else { return };
        let (start, end) = (field.value.start as usize, field.value.end as usize);
        let Some(value) = bytes.get_mut(start..end + 2) else { return };
        let length = end - start;
        if part.start > part.end || part.end > length || text.len() > part.len() {
            return;
        }
        let text_end = part.start + text.len();
        let new_length = length - part.len() + text.len();
        value.copy_within(part.end..length, text_end);
        for (place, byte) in value.iter_mut().skip(part.start).zip(text) {
            *place = *byte;
        }
        for (place, byte) in value.iter_mut().skip(new_length).zip(b"\r\n") {
            *place = *byte;
        }
        field.value = Span::new(start, start + new_length);
        field.line.end = field.value.end;
    }

    /// Completes a line whose name stands at the end of the bytes.
    fn append_value(&mut self, start: usize, value: &[u8]) -> Field {
        let name_end = self.bytes.len();
        self.bytes.extend_from_slice(b": ");
        let value_start = self.bytes.len();
        self.append_text(header::trim(value));
        self.end_line(start, name_end, value_start)
    }

    /// Appends text of a value; bytes that no value may hold become spaces.
    fn append_text(&mut self, text: &[u8]) {
        self.bytes.extend(text.iter().map(|byte| if is_value_byte(*byte) { *byte } else { b' ' }));
    }

    fn end_line(&mut self, start: usize, name_end: usize, value_start: usize) -> Field {
        let end = self.bytes.len();
        self.bytes.extend_from_slice(b"\r\n");
        Field { name: Span::new(start, name_end), value: Span::new(value_start, end), line: Span::new(start, end) }
    }

    /// Puts `text` in place of a whole field line; text with line feeds becomes several fields, empty text removes it.
    /// Says how many fields stand there now; a line that is no field is refused and leaves the head as it was.
    pub fn replace_line(&mut self, index: usize, text: &[u8]) -> Result<usize, HeadError> {
        if index >= self.fields.len() || lines(text).any(|line| header::parse_line(line).is_none()) {
            return Err(HeadError::Malformed);
        }
        let before = self.fields.len();
        for line in lines(text) {
            let Some((name, value)) = header::parse_line(line) else { continue };
            let start = self.bytes.len();
            self.bytes.extend_from_slice(line);
            self.bytes.extend_from_slice(b"\r\n");
            let span = |range: Range<usize>| Span::new(range.start, range.end).shift(start);
            self.fields.push(Field { name: span(name), value: span(value), line: span(0..line.len()) });
        }
        let added = self.fields.len() - before;
        self.fields.remove(index);
        if let Some(tail) = self.fields.get_mut(index..) {
            tail.rotate_right(added);
        }
        Ok(added)
    }

    /// Puts `text` in place of the start line and reads it again (text behind a line feed becomes fields at the top).
    /// What cannot be read is refused and leaves the head as it was.
    pub fn replace_start_line(&mut self, text: &[u8]) -> Result<(), HeadError> {
        let kind = match self.start {
            Start::Request { .. } => Kind::Request,
            Start::Status { .. } => Kind::Response,
        };
        let (at, before) = (self.bytes.len(), self.fields.len());
        for line in lines(text) {
            self.bytes.extend_from_slice(line);
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.bytes.extend_from_slice(b"\r\n");
        let Head { bytes, fields, .. } = self;
        let added = bytes.get(at..).unwrap_or_default();
        match read(kind, added, MOST_FIELDS, at, fields) {
            Ok(head) if head.length == added.len() => {
                let fields_added = fields.len() - before;
                fields.rotate_right(fields_added);
                bytes.truncate(at + head.length - 2);
                (self.start, self.start_line, self.version) = (head.start, head.line, head.version);
                Ok(())
            }
            _ => {
                bytes.truncate(at);
                fields.truncate(before);
                Err(HeadError::Malformed)
            }
        }
    }

    /// Appends the head to `out`: start line, fields in order, the empty line.
    pub fn render(&self, out: &mut Vec<u8>) {
        let mut run = self.start_line;
        for field in &self.fields {
            if field.line.start == run.end.saturating_add(2) {
                run.end = field.line.end;
            } else {
                out.extend_from_slice(run.of(&self.bytes));
                out.extend_from_slice(b"\r\n");
                run = field.line;
            }
        }
        out.extend_from_slice(run.of(&self.bytes));
        out.extend_from_slice(b"\r\n\r\n");
    }
}

impl Field {
    fn is_named(&self, bytes: &[u8], name: &str) -> bool {
        self.name.of(bytes).eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The Host rules of RFC 9112 section 3.2, for a request: an HTTP/1.1 request has exactly one Host, no request has more, its value is
/// a host with an optional port, and that of CONNECT names the same host as its target. (An absolute target overrides it: `relay`.)
pub fn check_host(head: &Head) -> Result<(), HeadError> {
    let mut hosts = head.values("host");
    let host = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(HeadError::Malformed),
        (None, None) if head.version == Version::Http11 => return Err(HeadError::Malformed),
        (None, None) => return Ok(()),
        (Some(host), None) => host,
    };
    let valid = uri::split_port(host).is_some_and(|(name, port)| uri::is_host(name) && port.is_none_or(uri::is_port));
    let same = head.target().starts_with(b"/")
        || Target::take_apart(head.target())
            .is_some_and(|target| target.form() != Form::Authority || uri::is_same_authority(target.authority(), host, &[b"80", b"443"]));
    if valid && same { Ok(()) } else { Err(HeadError::Malformed) }
}

/// What an incomplete head means at its limit.
fn within_limits(length: Option<usize>, within: &[u8], limits: &Limits) -> Result<Parsed, HeadError> {
    match length {
        Some(length) => Ok(Parsed::Complete(length)),
        None if within.len() < limits.bytes => Ok(Parsed::Partial),
        None => Err(HeadError::TooLarge),
    }
}

/// Reads a head that was copied already, with its minor version lowered to 1; what lies behind its last line is dropped.
fn read_lowered(kind: Kind, most_fields: usize, bytes: &mut Vec<u8>, fields: &mut Vec<Field>) -> Result<Read, Stop> {
    if let Some(minor) = higher_minor(kind, bytes) {
        set_byte(bytes, minor, b'1');
    }
    let head = read(kind, bytes, most_fields, 0, fields)?;
    bytes.truncate(head.length - 2);
    Ok(head)
}

fn set_byte(bytes: &mut [u8], at: usize, byte: u8) {
    if let Some(place) = bytes.get_mut(at) {
        *place = byte;
    }
}

/// The lines of a replacement: parts between line feeds, each without the CR before its line feed.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(line))
}
