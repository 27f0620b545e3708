//! The head of a message: start line and fields as spans into bytes that the head owns, so that rules can edit it and
//! what comes out is written once. What the fields mean for the body is `framing`; what they mean for the connection, `connection`.

use super::Version;
use std::ops::Range;

/// Where a piece of text lies in the bytes of its head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
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

/// The head of a request or a response. It is filled again and again, and keeps its memory.
#[derive(Debug, Default)]
pub struct Head {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

#[allow(missing_docs, unused_variables)]
impl Head {
    pub fn parse_request(&mut self, input: &[u8], limits: &Limits) -> Result<Parsed, HeadError> {
        unimplemented!()
    }
    pub fn parse_response(&mut self, input: &[u8], limits: &Limits) -> Result<Parsed, HeadError> {
        unimplemented!()
    }
    pub fn start_line(&self) -> &[u8] {
        unimplemented!()
    }
    pub fn version(&self) -> Version {
        unimplemented!()
    }
    pub fn set_version(&mut self, version: Version) {
        unimplemented!()
    }
    /// Empty for a response.
    pub fn method(&self) -> &[u8] {
        unimplemented!()
    }
    /// Empty for a response.
    pub fn target(&self) -> &[u8] {
        unimplemented!()
    }
    /// 0 for a request.
    pub fn code(&self) -> u16 {
        unimplemented!()
    }
    pub fn reason(&self) -> &[u8] {
        unimplemented!()
    }
    /// How many fields (removed ones do not count).
    pub fn len(&self) -> usize {
        unimplemented!()
    }
    pub fn is_empty(&self) -> bool {
        unimplemented!()
    }
    pub fn name(&self, index: usize) -> &[u8] {
        unimplemented!()
    }
    pub fn value(&self, index: usize) -> &[u8] {
        unimplemented!()
    }
    /// The whole line of a field as it came or as an edit left it, without CRLF.
    pub fn line(&self, index: usize) -> &[u8] {
        unimplemented!()
    }
    /// Values of every field of that name (compared without regard to case), in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        [&b""[..]; 0].into_iter()
    }
    /// Value of the first field of that name.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        unimplemented!()
    }
    pub fn has(&self, name: &str) -> bool {
        unimplemented!()
    }
    /// Removes every field of that name; how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        unimplemented!()
    }
    pub fn remove_at(&mut self, index: usize) {
        unimplemented!()
    }
    /// Appends a field behind the last one.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        unimplemented!()
    }
    /// Gives a field another value, keeping name and place.
    pub fn set_value(&mut self, index: usize, value: &[u8]) {
        unimplemented!()
    }
    /// Puts `text` in place of a whole field line; text with line feeds becomes several fields, empty text removes it.
    /// Says how many fields stand there now; a line that is no field is refused and leaves the head as it was.
    pub fn replace_line(&mut self, index: usize, text: &[u8]) -> Result<usize, HeadError> {
        unimplemented!()
    }
    /// Puts `text` in place of the start line and reads it again (text behind a line feed becomes fields at the top).
    pub fn replace_start_line(&mut self, text: &[u8]) -> Result<(), HeadError> {
        unimplemented!()
    }
    /// Appends the head to `out`: start line, fields in order, the empty line.
    pub fn render(&self, out: &mut Vec<u8>) {
        unimplemented!()
    }
}
