//! How long a body is, by the letter of RFC 9112 section 6: one verdict per rule, and what is ambiguous is refused.
//! Counting the body as it passes is `Body`, here too; the chunks themselves are read by `chunked`.

use super::head::Head;

/// The length of a body (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is none.
    Empty,
    /// `Content-Length`, more than 0.
    Exact(u64),
    /// `Transfer-Encoding: chunked`
    Chunked,
    /// All until the connection closes; responses only.
    UntilClose,
}

/// Why framing is refused: 400 to a client, 502 for a server, and the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramingError(
    /// What is ambiguous, with the section of RFC 9112.
    pub &'static str,
);

/// A body on its way.
#[derive(Clone, Debug)]
pub struct Body {}

/// The length of a request's body.
pub fn request_body(_head: &Head) -> Result<BodyLength, FramingError> {
    unimplemented!()
}

/// The length of a response's body, which depends on the request's method too.
pub fn response_body(_head: &Head, _method: &[u8]) -> Result<BodyLength, FramingError> {
    unimplemented!()
}

#[allow(missing_docs, unused_variables)]
impl Body {
    pub fn new(length: BodyLength) -> Body {
        unimplemented!()
    }
    /// How many of these bytes belong to the body. A body delimited by chunks includes its trailer and last line.
    pub fn scan(&mut self, input: &[u8]) -> Result<usize, FramingError> {
        unimplemented!()
    }
    /// Has all of it passed? Never true for `UntilClose`.
    pub fn is_complete(&self) -> bool {
        unimplemented!()
    }
}
