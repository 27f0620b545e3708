//! Messages by the letter of RFC 9112, as tables: what is accepted, what is refused, and that neither depends on how the bytes
//! come in. Unit tests of single functions are beside them.

use super::head::{Head, HeadError, Limits, Parsed};

const LIMITS: Limits = Limits { bytes: 15360, fields: 101 };
const MALFORMED: Result<Parsed, HeadError> = Err(HeadError::Malformed);

type Parse = fn(&mut Head, &[u8], &Limits) -> Result<Parsed, HeadError>;

/// What a head says, so that two of them can be compared.
fn render(head: &Head) -> String {
    let mut out = Vec::new();
    head.render(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Parses byte by byte, as a slow peer sends: the first verdict that is not `Partial`, and the head then.
fn parse_slowly(parse: Parse, input: &[u8], limits: &Limits) -> (Result<Parsed, HeadError>, String) {
    let mut head = Head::default();
    for end in 0..=input.len() {
        let verdict = parse(&mut head, &input[..end], limits);
        if verdict != Ok(Parsed::Partial) {
            return (verdict, render(&head));
        }
        assert!(head.is_empty() && head.start_line().is_empty(), "nothing is left of a partial head");
    }
    (Ok(Parsed::Partial), render(&head))
}

fn check_head(parse: Parse, input: &[u8], expected: Result<Parsed, HeadError>) {
    let shown = String::from_utf8_lossy(&input[..input.len().min(200)]).into_owned();
    let mut head = Head::default();
    assert_eq!(head.parse_request(b"GET /stale HTTP/1.0\r\nStale: 1\r\n\r\n", &LIMITS), Ok(Parsed::Complete(33)));
    let verdict = parse(&mut head, input, &LIMITS);
    assert_eq!(verdict, expected, "{shown:?}");
    assert_eq!(parse_slowly(parse, input, &LIMITS), (verdict, render(&head)), "byte by byte: {shown:?}");
    if verdict.is_err() {
        assert!(head.is_empty() && head.start_line().is_empty() && head.method().is_empty(), "nothing is left after an error");
    }
    let Ok(Parsed::Complete(length)) = verdict else { return };
    let mut again = Head::default();
    let rendered = render(&head);
    assert_eq!(parse(&mut again, rendered.as_bytes(), &LIMITS), Ok(Parsed::Complete(rendered.len())), "{shown:?} renders as a head");
    assert_eq!(render(&again), rendered);
    let behind = [input, b"GET /next HTTP/1.1\r\n"].concat();
    assert_eq!(parse(&mut again, &behind, &LIMITS), Ok(Parsed::Complete(length)), "{shown:?} ends where it ends");
}

fn accepts(parse: Parse, inputs: &[&[u8]]) {
    for input in inputs {
        check_head(parse, input, Ok(Parsed::Complete(input.len())));
    }
}

fn refuses(parse: Parse, inputs: &[&[u8]]) {
    for input in inputs {
        check_head(parse, input, MALFORMED);
    }
}

#[test]
fn valid_requests_are_accepted() {
    accepts(
        Head::parse_request,
        &[
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.0\r\n\r\n",
            b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.9\r\n\r\n",
            b"\r\nGET / HTTP/1.1\r\n\r\n",
            b"\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            b"\r\nGET / HTTP/1.3\r\n\r\n",
            b"POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
            b"M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"!#$%&'*+-.^_`|~ / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
            b"GET //webmail.html HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /a|b{c}\"<>\\^` HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX:\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: \t \r\nY:\t\r\n\r\n",
            b"GET / HTTP/1.1\r\nX:a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: \t a \t b \t \r\n\r\n",
            b"GET / HTTP/1.1\r\nX: \xff\x80\xc3\xa9\r\n\r\n",
            b"GET / HTTP/1.1\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: 1\r\nx: 2\r\nX: 1\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: ::\"(),/:;<=>?@[\\]{}\r\n\r\n",
        ],
    );
}

#[test]
fn malformed_requests_are_refused() {
    refuses(
        Head::parse_request,
        &[
            b"\nGET / HTTP/1.1\r\n\r\n",
            b"\r\n\nGET / HTTP/1.1\r\n\r\n",
            b"\rGET / HTTP/1.1\r\n\r\n",
            b" GET / HTTP/1.1\r\n\r\n",
            b"\tGET / HTTP/1.1\r\n\r\n",
            b"GET  / HTTP/1.1\r\n\r\n",
            b"GET /  HTTP/1.1\r\n\r\n",
            b"GET\t/ HTTP/1.1\r\n\r\n",
            b"GET /\tHTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1 \r\n\r\n",
            b"GET / HTTP/1.1\n\r\n",
            b"GET / HTTP/1.1\n\n",
            b"GET / HTTP/1.1\r\n\n",
            b"GET / HTTP/1.1\r\r\n\r\n",
            b"GET / HTTP/1.1\r \n\r\n",
            b"GET /\r\n\r\n",
            b"GET / \r\n\r\n",
            b"GET HTTP/1.1\r\n\r\n",
            b"GET  HTTP/1.1\r\n\r\n",
            b" / HTTP/1.1\r\n\r\n",
            b"/ HTTP/1.1\r\n\r\n",
            b"GET / HTTP/2.0\r\n\r\n",
            b"GET / HTTP/0.9\r\n\r\n",
            b"GET / HTTP/1.10\r\n\r\n",
            b"GET / HTTP/1.20\r\n\r\n",
            b"GET / HTTP/11\r\n\r\n",
            b"GET / HTTP/1.\r\n\r\n",
            b"GET / HTTP/1\r\n\r\n",
            b"GET / HTTP/1.x\r\n\r\n",
            b"GET / http/1.1\r\n\r\n",
            b"GET / ICY/1.1\r\n\r\n",
            b"GET / HTTP /1.1\r\n\r\n",
            b"GET / x HTTP/1.1\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GE(T / HTTP/1.1\r\n\r\n",
            b"GE\xe9T / HTTP/1.1\r\n\r\n",
            b"GET\0 / HTTP/1.1\r\n\r\n",
            b"GET /a#b HTTP/1.1\r\n\r\n",
            b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
            b"GET /\xff HTTP/1.1\r\n\r\n",
            b"GET /\0 HTTP/1.1\r\n\r\n",
            b"GET /\x7f HTTP/1.1\r\n\r\n",
            b"GET /\r HTTP/1.1\r\n\r\n",
            b"GET foo HTTP/1.1\r\n\r\n",
            b"GET * HTTP/1.1\r\n\r\n",
            b"GET a:80 HTTP/1.1\r\n\r\n",
            b"GET http:///x HTTP/1.1\r\n\r\n",
            b"GET http://u@a/x HTTP/1.1\r\n\r\n",
            b"CONNECT / HTTP/1.1\r\n\r\n",
            b"CONNECT a HTTP/1.1\r\n\r\n",
            b"CONNECT http://a/ HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n X: a\r\n\r\n",
            b"GET / HTTP/1.1\r\n\tX: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\r\n",
            b"GET / HTTP/1.1\r\nX:\r\n b\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\r\n \r\n\r\n",
            b"GET / HTTP/1.1\r\nX : a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX\t: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX\r\n\r\n",
            b"GET / HTTP/1.1\r\n: a\r\n\r\n",
            b"GET / HTTP/1.1\r\n:\r\n\r\n",
            b"GET / HTTP/1.1\r\nX Y: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX\xe9: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX\0: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX(: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\nY: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a \nY: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nX:\nY: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\r\n\n",
            b"GET / HTTP/1.1\r\nX: a\n\n",
            b"GET / HTTP/1.1\nX: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\rb\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\r\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\r\n\rX",
            b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\x0bb\r\n\r\n",
            b"GET / HTTP/1.1\r\nX:\x0cchunked\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\x1fb\r\n\r\n",
            b"GET / HTTP/1.1\r\nX: a\x7fb\r\n\r\n",
        ],
    );
    let many = [b"\r\n".repeat(17).as_slice(), b"GET / HTTP/1.1\r\n\r\n"].concat();
    check_head(Head::parse_request, &many, MALFORMED);
}
