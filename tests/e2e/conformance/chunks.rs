//! What chunks and trailers may not look like (RFC 9112 section 7.1, RFC 9110 section 6.5), in requests and in answers. Nobody must be
//! able to take what byway has passed on of such a message for a whole one.

use super::{Case, GET, OK, PART, Then, passes, relayed};

macro_rules! of_request {
    ($text:literal) => {
        concat!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", $text).as_bytes()
    };
}

macro_rules! of_answer {
    ($text:literal) => {
        concat!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", $text).as_bytes()
    };
}

const fn broken(shows: &'static str, sent: &'static [u8]) -> Case {
    Case { shows, sent, answer: OK, then: Then::Keeps, to_server: PART, to_client: b"{400}" }
}

const fn cut_off(shows: &'static str, answer: &'static [u8]) -> Case {
    Case { shows, sent: GET, answer, then: Then::Closes, to_server: GET, to_client: PART }
}

/// What came goes on as it is, and then the end, before the last line.
const fn ends_early(shows: &'static str, answer: &'static [u8]) -> Case {
    Case { shows, sent: GET, answer, then: Then::Closes, to_server: GET, to_client: answer }
}

/// Chunk lines of requests.
#[rustfmt::skip]
pub const SIZES: &[Case] = &[
    broken("no size", of_request!("\r\nhello\r\n0\r\n\r\n")),
    broken("a letter that is no digit", of_request!("g\r\nhello\r\n0\r\n\r\n")),
    broken("a letter behind digits", of_request!("5g\r\nhello\r\n0\r\n\r\n")),
    broken("a sign", of_request!("+5\r\nhello\r\n0\r\n\r\n")),
    broken("a minus", of_request!("-5\r\nhello\r\n0\r\n\r\n")),
    broken("minus zero", of_request!("-0\r\n\r\n")),
    broken("0x", of_request!("0x5\r\nhello\r\n0\r\n\r\n")),
    broken("a space before the size", of_request!(" 5\r\nhello\r\n0\r\n\r\n")),
    broken("a tab before the size", of_request!("\t5\r\nhello\r\n0\r\n\r\n")),
    broken("a space within the size", of_request!("0 5\r\nhello\r\n0\r\n\r\n")),
    broken("a vertical tab behind the size", of_request!("5\x0b\r\nhello\r\n0\r\n\r\n")),
    broken("NUL behind the size", of_request!("5\0\r\nhello\r\n0\r\n\r\n")),
    broken("a comma", of_request!("5,5\r\nhello\r\n0\r\n\r\n")),
    broken("an underscore", of_request!("0_5\r\nhello\r\n0\r\n\r\n")),
    broken("a fraction", of_request!("5.0\r\nhello\r\n0\r\n\r\n")),
    broken("quotes", of_request!("\"5\"\r\nhello\r\n0\r\n\r\n")),
    broken("2^64", of_request!("10000000000000000\r\nhello\r\n0\r\n\r\n")),
    broken("2^64 and five", of_request!("10000000000000005\r\nhello\r\n0\r\n\r\n")),
    broken("digits beyond all measure", of_request!("ffffffffffffffffffffffffffffffff\r\nhello\r\n0\r\n\r\n")),
    broken("a bare LF behind the size", of_request!("5\nhello\r\n0\r\n\r\n")),
    broken("a bare CR behind the size", of_request!("5\rhello\r\n0\r\n\r\n")),
    broken("two CRs behind the size", of_request!("5\r\r\nhello\r\n0\r\n\r\n")),
    broken("a bare LF behind the last size", of_request!("5\r\nhello\r\n0\n\r\n")),
    broken("a bare LF behind the data", of_request!("5\r\nhello\n0\r\n\r\n")),
    broken("a bare CR behind the data", of_request!("5\r\nhello\r0\r\n\r\n")),
    broken("nothing behind the data", of_request!("5\r\nhello0\r\n\r\n")),
    broken("more data than the size says", of_request!("4\r\nhello\r\n0\r\n\r\n")),
    broken("less data than the size says", of_request!("6\r\nhello\r\n0\r\n\r\n")),
    broken("an empty line between chunks", of_request!("5\r\nhello\r\n\r\n0\r\n\r\n")),
    broken("another request for a chunk", of_request!("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")),
];

/// Extensions of chunks.
#[rustfmt::skip]
pub const EXTENSIONS: &[Case] = &[
    passes("white space around them (BWS)", of_request!("5 ; a = b\r\nhello\r\n0\r\n\r\n")),
    passes("tabs around them", of_request!("5\t;\ta\t=\tb\r\nhello\r\n0\r\n\r\n")),
    passes("an empty value in quotes", of_request!("5;a=\"\"\r\nhello\r\n0\r\n\r\n")),
    passes("8-bit bytes in quotes", of_request!("5;a=\"\u{e9}\"\r\nhello\r\n0\r\n\r\n")),
    passes("a size-like value", of_request!("5;0=0\r\nhello\r\n0\r\n\r\n")),
    passes("one of the last chunk", of_request!("0;a=\"b\"\r\n\r\n")),
    broken("no name", of_request!("5;\r\nhello\r\n0\r\n\r\n")),
    broken("no name before the value", of_request!("5;=b\r\nhello\r\n0\r\n\r\n")),
    broken("no value", of_request!("5;a=\r\nhello\r\n0\r\n\r\n")),
    broken("a bare LF behind it", of_request!("5;a\nhello\r\n0\r\n\r\n")),
    broken("a bare LF within it", of_request!("5;a\n=b\r\nhello\r\n0\r\n\r\n")),
    broken("a bare CR within it", of_request!("5;a\r=b\r\nhello\r\n0\r\n\r\n")),
    broken("NUL within it", of_request!("5;a\0\r\nhello\r\n0\r\n\r\n")),
    broken("a control byte in quotes", of_request!("5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n")),
    broken("a line end in quotes", of_request!("5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n")),
    broken("an escaped line end in quotes", of_request!("5;a=\"\\\r\n\"\r\nhello\r\n0\r\n\r\n")),
    broken("quotes that go on behind themselves", of_request!("5;a=\"b\"c\r\nhello\r\n0\r\n\r\n")),
    broken("a comma", of_request!("5;a,b\r\nhello\r\n0\r\n\r\n")),
];

/// Trailers.
#[rustfmt::skip]
pub const TRAILERS: &[Case] = &[
    passes("names in their case and order", of_request!("0\r\nx-B: 1\r\nX-a: 2\r\nX-A: 3\r\n\r\n")),
    passes("8-bit bytes in a value", of_request!("0\r\nX: \u{e9}\r\n\r\n")),
    passes("an empty value", of_request!("0\r\nX:\r\n\r\n")),
    broken("a space before the colon", of_request!("0\r\nX : 1\r\n\r\n")),
    broken("no colon", of_request!("0\r\nX\r\n\r\n")),
    broken("no name", of_request!("0\r\n: 1\r\n\r\n")),
    broken("white space before the first", of_request!("0\r\n X: 1\r\n\r\n")),
    broken("a folded line", of_request!("0\r\nX: 1\r\n Y: 2\r\n\r\n")),
    broken("NUL in a value", of_request!("0\r\nX: a\0\r\n\r\n")),
    broken("a control byte in a value", of_request!("0\r\nX: a\x02\r\n\r\n")),
    broken("a bare LF between lines", of_request!("0\r\nX: 1\nY: 2\r\n\r\n")),
    broken("a bare CR in a value", of_request!("0\r\nX: 1\rY: 2\r\n\r\n")),
    broken("a bare LF for the last line", of_request!("0\r\nX: 1\r\n\n")),
    broken("a bare CR for the last line", of_request!("0\r\n\r0\r\n\r\n")),
    broken("two CRs in the last line", of_request!("0\r\n\r\r\n")),
    broken("Content-Length", of_request!("0\r\nContent-Length: 5\r\n\r\n")),
    broken("Transfer-Encoding", of_request!("0\r\ntransfer-encoding: chunked\r\n\r\n")),
    broken("Host", of_request!("0\r\nHost: b\r\n\r\n")),
    broken("another request", of_request!("0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")),
];

/// The same of answers: they are cut off, and the client never sees an end.
#[rustfmt::skip]
pub const ANSWERS: &[Case] = &[
    relayed("white space around extensions", of_answer!("2 ; a = \"b\"\r\nhi\r\n0\r\n\r\n")),
    relayed("a trailer in its case", of_answer!("2\r\nhi\r\n0\r\nx-B: \u{e9}\r\n\r\n")),
    cut_off("no size", of_answer!("\r\nhi\r\n0\r\n\r\n")),
    cut_off("a letter that is no digit", of_answer!("2\r\nhi\r\nx\r\n\r\n")),
    cut_off("a sign", of_answer!("2\r\nhi\r\n+1\r\na\r\n0\r\n\r\n")),
    cut_off("0x", of_answer!("0x2\r\nhi\r\n0\r\n\r\n")),
    cut_off("2^64", of_answer!("10000000000000000\r\nhi\r\n0\r\n\r\n")),
    cut_off("a bare LF behind the size", of_answer!("2\nhi\r\n0\r\n\r\n")),
    cut_off("a bare LF behind the data", of_answer!("2\r\nhi\n0\r\n\r\n")),
    cut_off("more data than the size says", of_answer!("1\r\nhi\r\n0\r\n\r\n")),
    cut_off("less data than the size says", of_answer!("3\r\nhi\r\n0\r\n\r\n")),
    cut_off("an extension with NUL", of_answer!("2;a\0\r\nhi\r\n0\r\n\r\n")),
    cut_off("an extension with a bare LF", of_answer!("2;a\nhi\r\n0\r\n\r\n")),
    cut_off("a trailer without a colon", of_answer!("2\r\nhi\r\n0\r\nX\r\n\r\n")),
    cut_off("a folded trailer", of_answer!("2\r\nhi\r\n0\r\nX: 1\r\n 2\r\n\r\n")),
    cut_off("a length in the trailer", of_answer!("2\r\nhi\r\n0\r\nContent-Length: 2\r\n\r\n")),
    ends_early("the end within a size", of_answer!("2\r\nhi\r\n1")),
    ends_early("the end within data", of_answer!("9\r\nhi")),
    ends_early("the end before the last chunk", of_answer!("2\r\nhi\r\n")),
    ends_early("the end before the last line", of_answer!("2\r\nhi\r\n0\r\n")),
    ends_early("the end within the last line", of_answer!("2\r\nhi\r\n0\r\n\r")),
    ends_early("the end within a trailer", of_answer!("2\r\nhi\r\n0\r\nX: 1\r\n")),
];
