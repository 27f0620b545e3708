//! How long a body is, by the letter of RFC 9112 section 6: one verdict per rule, and what is ambiguous is refused.
//! Counting the body as it passes is `Body`, here too; the chunks themselves are read by `chunked`.

use super::Version;
use super::chunked::Chunks;
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

/// The length of a request's body.
pub fn request_body(head: &Head) -> Result<BodyLength, FramingError> {
    let length = declared_length(head)?;
    check_connect_request(head, length)?;
    Ok(length.unwrap_or(BodyLength::Empty))
}

/// The length of a response's body, which depends on the request's method too.
pub fn response_body(head: &Head, method: &[u8]) -> Result<BodyLength, FramingError> {
    let length = declared_length(head)?;
    if is_bodiless(head.code(), method) {
        return Ok(BodyLength::Empty);
    }
    Ok(length.unwrap_or(BodyLength::UntilClose))
}

/// Leaves one framing field at most, and none where there must not be one, so that the next recipient reads the length that was
/// read here: equal lengths become one (RFC 9110 section 8.6), and 1xx, 204 and answers to CONNECT lose theirs (RFC 9112 section 6.1).
/// Called once for a head whose framing was accepted; `method` is the request's.
pub fn merge_lengths(head: &mut Head, method: &[u8]) {
    if forbids_lengths(head.code(), method) {
        head.remove("content-length");
        head.remove("transfer-encoding");
        return;
    }
    let Some(first) = head.find("content-length", 0) else { return };
    while let Some(other) = head.find("content-length", first + 1) {
        head.remove_at(other);
    }
    let Some(comma) = head.value(first).iter().position(|byte| *byte == b',') else { return };
    let mut digits = [0; MOST_LENGTH_DIGITS];
    let one = super::header::trim(head.value(first).get(..comma).unwrap_or_default());
    if let Some(place) = digits.get_mut(..one.len()) {
        place.copy_from_slice(one);
        let length = one.len();
        head.set_value(first, digits.get(..length).unwrap_or_default());
    }
}

/// Makes the framing fields of a request tell again how long its body is, whatever rules have made of them.
pub fn restore_request(head: &mut Head, length: BodyLength) {
    if request_body(head) != Ok(length) {
        restore(head, length);
    }
}

/// The same for a response to a request of this method.
pub fn restore_response(head: &mut Head, length: BodyLength, method: &[u8]) {
    if response_body(head, method) == Ok(length) {
        return;
    }
    restore(head, length);
    if length == BodyLength::Empty && !is_bodiless(head.code(), method) {
        head.push(b"Content-Length", b"0");
    }
}

fn restore(head: &mut Head, length: BodyLength) {
    head.remove("content-length");
    head.remove("transfer-encoding");
    match length {
        BodyLength::Exact(length) => {
            let mut digits = [0; MOST_LENGTH_DIGITS];
            head.push(b"Content-Length", super::header::write_number(length, &mut digits));
        }
        BodyLength::Chunked => head.push(b"Transfer-Encoding", b"chunked"),
        BodyLength::Empty | BodyLength::UntilClose => {}
    }
}

/// What the framing fields of a head say; `None` when there are none.
fn declared_length(head: &Head) -> Result<Option<BodyLength>, FramingError> {
    let coding = transfer_coding(head)?;
    let length = content_length(head)?;
    match (coding, length) {
        (Some(_), Some(_)) => Err(FramingError("Transfer-Encoding with Content-Length (section 6.1)")),
        (Some(coding), None) => Ok(Some(coding)),
        (None, length) => Ok(length.map(|length| if length == 0 { BodyLength::Empty } else { BodyLength::Exact(length) })),
    }
}

/// Sections 6.1 and 7: the only transfer coding understood is one `chunked`, and an HTTP/1.0 message may have none. What else
/// the list grammar allows (empty elements, parameters) is refused, since not every recipient reads it the same way.
fn transfer_coding(head: &Head) -> Result<Option<BodyLength>, FramingError> {
    let mut values = head.values("transfer-encoding");
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(FramingError("more than one Transfer-Encoding (section 6.1)"));
    }
    if head.version() == Version::Http10 {
        return Err(FramingError("Transfer-Encoding in an HTTP/1.0 message (section 6.1)"));
    }
    if !value.eq_ignore_ascii_case(b"chunked") {
        return Err(FramingError("a transfer coding other than chunked (section 6.3, rule 4)"));
    }
    Ok(Some(BodyLength::Chunked))
}

/// Digits of a length, leading zeros included; more are refused.
const MOST_LENGTH_DIGITS: usize = 40;

/// Section 6.3, rule 5: every element of every `Content-Length` is a valid length, and all are the same.
fn content_length(head: &Head) -> Result<Option<u64>, FramingError> {
    let mut length = None;
    for element in head.values("content-length").flat_map(|value| value.split(|byte| *byte == b',')) {
        let Some(number) = parse_length(super::header::trim(element)) else {
            return Err(FramingError("a malformed Content-Length (section 6.3, rule 5)"));
        };
        if length.is_some_and(|length| length != number) {
            return Err(FramingError("differing Content-Lengths (section 6.3, rule 5)"));
        }
        length = Some(number);
    }
    Ok(length)
}

/// `1*DIGIT` (RFC 9110 section 8.6) that fits in 64 bits; no sign, no white space.
fn parse_length(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > MOST_LENGTH_DIGITS {
        return None;
    }
    text.iter().try_fold(0u64, |length, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        length.checked_mul(10)?.checked_add(digit)
    })
}

/// RFC 9110 section 9.3.6: a CONNECT request has no content. What follows it is the tunnel's, so a length is ambiguous.
fn check_connect_request(head: &Head, length: Option<BodyLength>) -> Result<(), FramingError> {
    match length {
        Some(BodyLength::Exact(_) | BodyLength::Chunked) if head.method() == b"CONNECT" => {
            Err(FramingError("a CONNECT request with content (RFC 9110 section 9.3.6)"))
        }
        _ => Ok(()),
    }
}

/// Section 6.3, rules 1 and 2: these responses end with their head, whatever their fields say.
fn is_bodiless(code: u16, method: &[u8]) -> bool {
    method == b"HEAD" || code == 304 || forbids_lengths(code, method)
}

/// Section 6.1 and RFC 9110 section 8.6: responses in which framing fields must not stand. (0 is a request's code.)
fn forbids_lengths(code: u16, method: &[u8]) -> bool {
    matches!(code, 100..=199 | 204) || (method == b"CONNECT" && matches!(code, 200..=299))
}

/// A body on its way. It counts what passes, in whatever pieces, and keeps none of it.
#[derive(Clone, Debug)]
pub struct Body {
    rest: Rest,
}

/// What is still to come.
#[derive(Clone, Debug)]
enum Rest {
    Exact(u64),
    Chunked(Chunks),
    UntilClose,
    Refused(FramingError),
}

impl Body {
    /// A body of that length, nothing of which has passed.
    pub fn new(length: BodyLength) -> Body {
        let rest = match length {
            BodyLength::Empty => Rest::Exact(0),
            BodyLength::Exact(length) => Rest::Exact(length),
            BodyLength::Chunked => Rest::Chunked(Chunks::default()),
            BodyLength::UntilClose => Rest::UntilClose,
        };
        Body { rest }
    }

    /// How many of these bytes belong to the body. A body delimited by chunks includes its trailer and last line.
    /// After an error every call gives the same error.
    pub fn scan(&mut self, input: &[u8]) -> Result<usize, FramingError> {
        self.scan_data(input, &mut |_| ())
    }

    /// The same, and hands on the pieces of `input` that are content, in order: without chunk lines and trailer. A relay that
    /// takes the chunks away writes these pieces; after an error it has been given the content before the fault.
    pub fn scan_data(&mut self, input: &[u8], data: &mut impl FnMut(&[u8])) -> Result<usize, FramingError> {
        match &mut self.rest {
            Rest::Exact(left) => {
                let length = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                *left -= length as u64;
                hand_on(input.get(..length).unwrap_or_default(), data);
                Ok(length)
            }
            Rest::Chunked(chunks) => chunks.scan(input, data).inspect_err(|error| self.rest = Rest::Refused(*error)),
            Rest::UntilClose => {
                hand_on(input, data);
                Ok(input.len())
            }
            Rest::Refused(error) => Err(*error),
        }
    }

    /// Of what was scanned last, how much stands in front of the trailer (whose last line, CRLF, belongs to it).
    pub fn before_trailer(&self, taken: usize) -> usize {
        match &self.rest {
            Rest::Chunked(chunks) => chunks.trailer_from().map_or(taken, |from| from.min(taken)),
            Rest::Exact(_) | Rest::UntilClose | Rest::Refused(_) => taken,
        }
    }

    /// Has all of it passed? Never true for `UntilClose`.
    pub fn is_complete(&self) -> bool {
        match &self.rest {
            Rest::Exact(left) => *left == 0,
            Rest::Chunked(chunks) => chunks.is_complete(),
            Rest::UntilClose | Rest::Refused(_) => false,
        }
    }

    /// Bytes of content that are known to come: all that are left, or those of the chunk that has begun.
    pub fn announced(&self) -> u64 {
        match &self.rest {
            Rest::Exact(left) => *left,
            Rest::Chunked(chunks) => chunks.left_of_chunk(),
            Rest::UntilClose | Rest::Refused(_) => 0,
        }
    }

    /// Bytes still to come, where the length is known beforehand.
    pub fn remaining(&self) -> Option<u64> {
        match &self.rest {
            Rest::Exact(left) => Some(*left),
            Rest::Chunked(chunks) if chunks.is_complete() => Some(0),
            Rest::Chunked(_) | Rest::UntilClose | Rest::Refused(_) => None,
        }
    }
}

fn hand_on(content: &[u8], data: &mut impl FnMut(&[u8])) {
    if !content.is_empty() {
        data(content);
    }
}
