//! The answers that byway gives itself: HAProxy's error pages, to the byte (2.6's, field names in their usual case).
//! Pages that a configuration brings along (`errorfile` and its like) are the session's.

/// A status that byway answers with by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Ok200,
    BadRequest400,
    Unauthorized401,
    Forbidden403,
    NotFound404,
    MethodNotAllowed405,
    ProxyUnauthorized407,
    RequestTimeout408,
    Gone410,
    PayloadTooLarge413,
    Misdirected421,
    Unprocessable422,
    TooEarly425,
    TooManyRequests429,
    InternalError500,
    NotImplemented501,
    BadGateway502,
    Unavailable503,
    GatewayTimeout504,
}

/// What answers a source in `monitor-net`, without waiting for a request.
pub const MONITOR: &[u8] = b"HTTP/1.0 200 OK\r\n\r\n";

/// One page.
struct Page {
    status: Status,
    code: u16,
    /// With `Connection: close`.
    closing: &'static str,
    /// For a connection that goes on.
    keeping: &'static str,
}

/// A row of `PAGES`. The fields stand in the order in which 2.6 writes them.
macro_rules! page {
    ($status:ident, $code:literal, $title:literal, $length:literal, $sentence:literal) => {
        Page {
            status: Status::$status,
            code: $code,
            closing: page!($code, $title, $length, $sentence, "Content-Type: text/html\r\nConnection: close\r\n"),
            keeping: page!($code, $title, $length, $sentence, "Content-Type: text/html\r\n"),
        }
    };
    (closing $status:ident, $code:literal, $title:literal, $length:literal, $sentence:literal) => {
        Page {
            status: Status::$status,
            code: $code,
            closing: page!($code, $title, $length, $sentence, "Connection: close\r\nContent-Type: text/html\r\n"),
            keeping: page!($code, $title, $length, $sentence, "Connection: close\r\nContent-Type: text/html\r\n"),
        }
    };
    ($code:literal, $title:literal, $length:literal, $sentence:literal, $fields:literal) => {
        concat!(
            "HTTP/1.1 ",
            $code,
            " ",
            $title,
            "\r\nContent-Length: ",
            $length,
            "\r\nCache-Control: no-cache\r\n",
            $fields,
            "\r\n<html><body><h1>",
            $code,
            " ",
            $title,
            "</h1>\n",
            $sentence,
            "\n</body></html>\n"
        )
    };
}

/// Every page, in the order of `Status`. Those marked `closing` are sent before there is a request, and always close.
#[rustfmt::skip]
static PAGES: [Page; 19] = [
    page!(Ok200, 200, "OK", 58, "Service ready."),
    page!(closing BadRequest400, 400, "Bad request", 90, "Your browser sent an invalid request."),
    page!(Unauthorized401, 401, "Unauthorized", 112, "You need a valid user and password to access this content."),
    page!(Forbidden403, 403, "Forbidden", 93, "Request forbidden by administrative rules."),
    page!(NotFound404, 404, "Not Found", 83, "The resource could not be found."),
    page!(MethodNotAllowed405, 405, "Method Not Allowed", 146, "A request was made of a resource using a request method not supported by that resource"),
    page!(ProxyUnauthorized407, 407, "Unauthorized", 112, "You need a valid user and password to access this content."),
    page!(closing RequestTimeout408, 408, "Request Time-out", 110, "Your browser didn't send a complete request in time."),
    page!(Gone410, 410, "Gone", 114, "The resource is no longer available and will not be available again."),
    page!(PayloadTooLarge413, 413, "Payload Too Large", 106, "The request entity exceeds the maximum allowed."),
    page!(Misdirected421, 421, "Misdirected Request", 104, "Request sent to a non-authoritative server."),
    page!(Unprocessable422, 422, "Unprocessable Content", 116, "The server cannot process the contained instructions."),
    page!(TooEarly425, 425, "Too Early", 80, "Your browser sent early data."),
    page!(TooManyRequests429, 429, "Too Many Requests", 117, "You have sent too many requests in a given amount of time."),
    page!(InternalError500, 500, "Internal Server Error", 97, "An internal server error occurred."),
    page!(NotImplemented501, 501, "Not Implemented", 136, ".The server does not support the functionality required to fulfill the request."),
    page!(BadGateway502, 502, "Bad Gateway", 107, "The server returned an invalid or incomplete response."),
    page!(Unavailable503, 503, "Service Unavailable", 107, "No server is available to handle this request."),
    page!(GatewayTimeout504, 504, "Gateway Time-out", 92, "The server didn't respond in time."),
];

impl Status {
    fn row(self) -> &'static Page {
        PAGES.iter().find(|page| page.status == self).unwrap_or(&PAGES[0])
    }

    /// The status of that code, if byway has a page for it.
    pub fn from_code(code: u16) -> Option<Status> {
        PAGES.iter().find(|page| page.code == code).map(|page| page.status)
    }

    /// The code.
    pub fn code(self) -> u16 {
        self.row().code
    }

    /// The whole answer, `Connection: close` included.
    pub fn page(self) -> &'static [u8] {
        self.row().closing.as_bytes()
    }

    /// The whole answer for a connection that goes on: without `Connection: close`, but for 400 and 408, after which none does.
    pub fn keep_alive_page(self) -> &'static [u8] {
        self.row().keeping.as_bytes()
    }
}

/// How long an answer's head is, the empty line included: what a HEAD request gets of it. The whole length where there is no
/// empty line.
pub fn head_len(page: &[u8]) -> usize {
    page.windows(4).position(|end| end == b"\r\n\r\n").map_or(page.len(), |end| end + 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head::{Head, Limits, Parsed};

    #[test]
    fn every_page_has_the_length_and_the_code_that_it_says() {
        for row in &PAGES {
            for page in [row.closing, row.keeping] {
                let mut head = Head::default();
                let limits = Limits { bytes: 15360, fields: 101 };
                assert_eq!(head.parse_response(page.as_bytes(), &limits), Ok(Parsed::Complete(head_len(page.as_bytes()))));
                assert_eq!(head.code(), row.code);
                let body = &page[head_len(page.as_bytes())..];
                assert_eq!(head.first("content-length"), Some(body.len().to_string().as_bytes()), "{}", row.code);
            }
            assert!(row.closing.contains("\r\nConnection: close\r\n"));
            assert_eq!(Status::from_code(row.code), Some(row.status));
            assert_eq!(row.status.code(), row.code);
        }
        assert_eq!(Status::from_code(418), None);
    }

    #[test]
    fn pages_are_those_of_haproxy() {
        let check = |status: Status, expected: &str| assert_eq!(String::from_utf8_lossy(status.page()), expected);
        check(
            Status::Unavailable503,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 107\r\nCache-Control: no-cache\r\nContent-Type: text/html\r\n\
             Connection: close\r\n\r\n<html><body><h1>503 Service Unavailable</h1>\n\
             No server is available to handle this request.\n</body></html>\n",
        );
        check(
            Status::BadRequest400,
            "HTTP/1.1 400 Bad request\r\nContent-Length: 90\r\nCache-Control: no-cache\r\nConnection: close\r\n\
             Content-Type: text/html\r\n\r\n<html><body><h1>400 Bad request</h1>\n\
             Your browser sent an invalid request.\n</body></html>\n",
        );
        assert_eq!(MONITOR.len(), 19);
    }
}
