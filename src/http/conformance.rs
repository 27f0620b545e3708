//! Messages by the letter of RFC 9112, as tables: what is accepted, what is refused, and that neither depends on how the bytes
//! come in. Unit tests of single functions are beside them.

use super::connection::{is_persistent, remove_hop_by_hop, wants_upgrade};
use super::framing::{Body, BodyLength, FramingError, merge_lengths, request_body, response_body};
use super::head::{Head, HeadError, Limits, Parsed, check_host};

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

#[test]
fn valid_responses_are_accepted() {
    accepts(
        Head::parse_response,
        &[
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\n",
            b"HTTP/1.5 200 OK\r\nX: a\r\n\r\n",
            b"HTTP/1.1 200 \r\n\r\n",
            b"HTTP/1.1 200\r\n\r\n",
            b"HTTP/1.1 200\r\nX: a\r\n\r\n",
            b"HTTP/1.1 404 Not  Found at\tall\r\nX: a\r\n\r\n",
            b"HTTP/1.1 200 \xc3\xa9\xff\r\nX: a\r\n\r\n",
            b"HTTP/1.1 999 X\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n",
        ],
    );
}

#[test]
fn malformed_responses_are_refused() {
    refuses(
        Head::parse_response,
        &[
            b"\r\nHTTP/1.1 200 OK\r\n\r\n",
            b"\nHTTP/1.1 200 OK\r\n\r\n",
            b" HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1  200 OK\r\n\r\n",
            b"HTTP/1.1 20 OK\r\n\r\n",
            b"HTTP/1.1 099 OK\r\n\r\n",
            b"HTTP/1.1 2000 OK\r\n\r\n",
            b"HTTP/1.1 20x OK\r\n\r\n",
            b"HTTP/1.1 +20 OK\r\n\r\n",
            b"HTTP/1.1 200OK\r\n\r\n",
            b"HTTP/1.1 200\tOK\r\n\r\n",
            b"HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 200 O\rK\r\n\r\n",
            b"HTTP/1.1 200 O\0K\r\n\r\n",
            b"HTTP/1.1 200 O\x7fK\r\n\r\n",
            b"HTTP/1.1 200 OK\n\r\n",
            b"HTTP/1.1 200\n\r\n",
            b"HTTP/1.1 200 OK\nX: a\r\n\r\n",
            b"HTTP/1.1 200\nX: a\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: a\n\r\n",
            b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
            b"HTTP/2.0 200 OK\r\n\r\n",
            b"HTTP/1.20 200 OK\r\n\r\n",
            b"http/1.1 200 OK\r\n\r\n",
            b"ICY 200 OK\r\n\r\n",
            b"<html>",
        ],
    );
}

#[test]
fn heads_past_their_limits_are_too_large() {
    let too_large = Err(HeadError::TooLarge);
    let fill = |length: usize| [b"GET / HTTP/1.1\r\nX: ".as_slice(), &b"a".repeat(length - 23), b"\r\n\r\n"].concat();
    check_head(Head::parse_request, &fill(15360), Ok(Parsed::Complete(15360)));
    check_head(Head::parse_request, &fill(15361), too_large);
    let fields = |count: usize| [b"GET / HTTP/1.1\r\n".as_slice(), &b"X: a\r\n".repeat(count), b"\r\n"].concat();
    check_head(Head::parse_request, &fields(101), Ok(Parsed::Complete(fields(101).len())));
    check_head(Head::parse_request, &fields(102), too_large);
    let mut head = Head::default();
    let wide = Limits { bytes: 15360, fields: 1024 };
    assert_eq!(head.parse_request(&fields(1024), &wide), Ok(Parsed::Complete(fields(1024).len())));
    assert_eq!(head.parse_request(&fields(1025), &wide), too_large);
}

fn request(text: &str) -> Head {
    let mut head = Head::default();
    let verdict = head.parse_request(format!("{text}\r\n").as_bytes(), &LIMITS);
    assert_eq!(verdict, Ok(Parsed::Complete(text.len() + 2)), "{text:?}");
    head
}

fn response(text: &str) -> Head {
    let mut head = Head::default();
    let verdict = head.parse_response(format!("{text}\r\n").as_bytes(), &LIMITS);
    assert_eq!(verdict, Ok(Parsed::Complete(text.len() + 2)), "{text:?}");
    head
}

#[test]
fn a_host_is_one_valid_host_that_agrees_with_the_target() {
    let check = |text: &str, valid: bool| assert_eq!(check_host(&request(text)).is_ok(), valid, "{text:?}");
    for host in ["a", "A.example", "a:80", "a:", "", "1.2.3.4:8080", "[::1]", "[::1]:80", "[v1.x:y]", "a_b-c~d", "a%20b"] {
        check(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n"), true);
    }
    for host in ["a b", "a/b", "u@a", "a:x", "a:80:80", "[::1", "::1", "[::1]x", "a%2", "a?b", "a#b", "é", "<a>", "http://a"] {
        check(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n"), false);
    }
    check("GET / HTTP/1.1\r\n", false);
    check("GET / HTTP/1.0\r\n", true);
    check("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", false);
    check("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n", false);
    check("GET http://a/ HTTP/1.1\r\nHost: A\r\n", true);
    check("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n", true);
    check("GET https://a:443/ HTTP/1.1\r\nHost: a\r\n", true);
    check("GET http://a/ HTTP/1.0\r\n", true);
    check("GET http://a/ HTTP/1.1\r\n", false);
    check("GET http://a/ HTTP/1.1\r\nHost: b\r\n", true);
    check("GET http://a/ HTTP/1.1\r\nHost: b c\r\n", false);
    check("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n", true);
    check("CONNECT a:443 HTTP/1.1\r\nHost: b:443\r\n", false);
    check("OPTIONS * HTTP/1.1\r\nHost: a\r\n", true);
}

#[test]
fn the_length_of_a_request_is_unambiguous_or_refused() {
    let check = |start: &str, fields: &str, expected: Option<BodyLength>| {
        assert_eq!(request_body(&request(&format!("{start}\r\n{fields}"))).ok(), expected, "{start} {fields:?}");
    };
    let post = "POST / HTTP/1.1";
    check("GET / HTTP/1.1", "", Some(BodyLength::Empty));
    check(post, "Content-Length: 0\r\n", Some(BodyLength::Empty));
    check(post, "content-length: 005\r\n", Some(BodyLength::Exact(5)));
    check(post, "Content-Length: 18446744073709551615\r\n", Some(BodyLength::Exact(u64::MAX)));
    check(post, "Content-Length: 5, 5\r\n", Some(BodyLength::Exact(5)));
    check(post, "Content-Length: 5\r\nContent-Length: 5\r\n", Some(BodyLength::Exact(5)));
    check("POST / HTTP/1.0", "Content-Length: 5\r\n", Some(BodyLength::Exact(5)));
    check(post, "transfer-encoding: CHUNKED\r\n", Some(BodyLength::Chunked));
    check("CONNECT a:1 HTTP/1.1", "Content-Length: 0\r\n", Some(BodyLength::Empty));
    for length in [
        "",
        "-5",
        "+5",
        "5x",
        "x",
        "0x5",
        "5.0",
        "5 5",
        "5,6",
        "5,",
        ",5",
        "5;5",
        "18446744073709551616",
        "5\r\nContent-Length: 6",
        "5\r\nContent-Length:",
        "99999999999999999999999999",
        "\"5\"",
        "٥",
        "0, 5",
    ] {
        check(post, &format!("Content-Length: {length}\r\n"), None);
    }
    for coding in [
        "",
        "identity",
        "gzip",
        "gzip, chunked",
        "chunked, gzip",
        "chunked, chunked",
        "chunked,",
        ",chunked",
        "xchunked",
        "chunked;a=b",
        "\"chunked\"",
        "chunked\r\nTransfer-Encoding: chunked",
        "gzip\r\nTransfer-Encoding: chunked",
        "chunked\r\nContent-Length: 5",
        "identity\r\nContent-Length: 5",
        "chunked\r\nContent-Length: 0",
    ] {
        check(post, &format!("Transfer-Encoding: {coding}\r\n"), None);
    }
    check("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n", None);
    check("CONNECT a:1 HTTP/1.1", "Content-Length: 5\r\n", None);
    check("CONNECT a:1 HTTP/1.1", "Transfer-Encoding: chunked\r\n", None);
}

#[test]
fn the_length_of_a_response_depends_on_its_code_and_its_method() {
    let check = |method: &str, start: &str, fields: &str, expected: Option<BodyLength>| {
        let head = response(&format!("HTTP/{start} X\r\n{fields}"));
        assert_eq!(response_body(&head, method.as_bytes()).ok(), expected, "{method} {start} {fields:?}");
    };
    check("GET", "1.1 200", "", Some(BodyLength::UntilClose));
    check("GET", "1.0 200", "Content-Length: 5\r\n", Some(BodyLength::Exact(5)));
    check("GET", "1.1 200", "Content-Length: 0\r\n", Some(BodyLength::Empty));
    check("GET", "1.1 200", "Transfer-Encoding: chunked\r\n", Some(BodyLength::Chunked));
    for code in ["1.1 100", "1.1 101", "1.1 204", "1.1 304"] {
        check("GET", code, "", Some(BodyLength::Empty));
        check("GET", code, "Content-Length: 5\r\n", Some(BodyLength::Empty));
        check("GET", code, "Transfer-Encoding: chunked\r\n", Some(BodyLength::Empty));
    }
    check("HEAD", "1.1 200", "Content-Length: 5\r\n", Some(BodyLength::Empty));
    check("head", "1.1 200", "Content-Length: 5\r\n", Some(BodyLength::Exact(5)));
    check("CONNECT", "1.1 200", "", Some(BodyLength::Empty));
    check("CONNECT", "1.1 407", "Content-Length: 5\r\n", Some(BodyLength::Exact(5)));
    check("GET", "1.1 200", "Transfer-Encoding: gzip\r\n", None);
    check("GET", "1.0 200", "Transfer-Encoding: chunked\r\n", None);
    check("GET", "1.1 200", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", None);
    check("GET", "1.1 204", "Content-Length: x\r\n", None);
}

#[test]
fn lengths_that_pass_are_told_once_and_only_where_they_may_be() {
    let check = |mut head: Head, method: &str, expected: &[&str]| {
        merge_lengths(&mut head, method.as_bytes());
        let found: Vec<String> = (0..head.len()).map(|index| String::from_utf8_lossy(head.line(index)).into_owned()).collect();
        assert_eq!(found, expected);
    };
    let post = "POST / HTTP/1.1\r\n";
    check(request(&format!("{post}Content-Length: 5\r\nX: a\r\ncontent-length: 5\r\n")), "POST", &["Content-Length: 5", "X: a"]);
    check(request(&format!("{post}Content-Length: 05 , 5\r\nX: a\r\n")), "POST", &["Content-Length: 05", "X: a"]);
    check(request("CONNECT a:1 HTTP/1.1\r\nContent-Length: 0\r\n"), "CONNECT", &["Content-Length: 0"]);
    check(response("HTTP/1.1 204 X\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nX: a\r\n"), "GET", &["X: a"]);
    check(response("HTTP/1.1 304 X\r\nContent-Length: 5\r\n"), "GET", &["Content-Length: 5"]);
    check(response("HTTP/1.1 200 X\r\nContent-Length: 5\r\n"), "CONNECT", &[]);
}

/// What becomes of a body fed in these pieces: how much of it was taken (or the error), whether it is complete, its content.
fn feed(length: BodyLength, pieces: &[&[u8]]) -> (Result<usize, FramingError>, bool, Vec<u8>) {
    let (mut body, mut content, mut taken) = (Body::new(length), Vec::new(), 0);
    for piece in pieces {
        match body.scan_data(piece, &mut |data| content.extend_from_slice(data)) {
            Ok(count) => taken += count,
            Err(error) => {
                assert_eq!(body.scan(b"0\r\n\r\n"), Err(error), "an error stays");
                return (Err(error), body.is_complete(), content);
            }
        }
        if body.is_complete() {
            assert_eq!((body.scan(b"next"), body.remaining()), (Ok(0), Some(0)), "a complete body takes nothing");
            break;
        }
    }
    (Ok(taken), body.is_complete(), content)
}

fn feed_in_every_way(length: BodyLength, input: &[u8]) -> (Result<usize, FramingError>, bool, Vec<u8>) {
    let whole = feed(length, &[input]);
    for cut in 0..=input.len() {
        let (first, second) = input.split_at(cut);
        assert_eq!(feed(length, &[first, second]), whole, "cut at {cut}: {:?}", String::from_utf8_lossy(input));
    }
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(feed(length, &bytes), whole, "byte by byte: {:?}", String::from_utf8_lossy(input));
    whole
}

#[test]
fn a_body_takes_what_is_its_own() {
    let check = |length: BodyLength, input: &str, taken: usize, complete: bool, content: &str| {
        let expected = (Ok(taken), complete, content.as_bytes().to_vec());
        assert_eq!(feed_in_every_way(length, input.as_bytes()), expected, "{length:?} {input:?}");
    };
    check(BodyLength::Empty, "abc", 0, true, "");
    check(BodyLength::Exact(3), "abcdef", 3, true, "abc");
    check(BodyLength::Exact(3), "ab", 2, false, "ab");
    check(BodyLength::UntilClose, "abc", 3, false, "abc");
    for (chunks, content) in [
        ("0\r\n\r\n", ""),
        ("000\r\n\r\n", ""),
        ("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("0000000000000000000000000003\r\n\r\n0\r\n0\r\n\r\n", "\r\n0"),
        ("3;a\r\nabc\r\n0;b=c\r\n\r\n", "abc"),
        ("3 ; a = b ;c\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3;a=\"x;\\\"é \\\\\";b=\"\"\r\nabc\r\n0\r\n\r\n", "abc"),
        ("0\r\nX: a\r\ny:\r\nZ: b c\t\r\n\r\n", ""),
        ("1\r\na\r\n0\r\nContent-MD5: x\r\nTransfer-Encodingx: y\r\n\r\n", "a"),
    ] {
        check(BodyLength::Chunked, &format!("{chunks}GET"), chunks.len(), true, content);
        check(BodyLength::Chunked, &chunks[..chunks.len() - 1], chunks.len() - 1, false, content);
    }
}

#[test]
fn malformed_chunks_are_refused() {
    for chunks in [
        "\r\n",
        "\n",
        "g\r\n",
        " 3\r\n",
        "-3\r\n",
        "+3\r\n",
        "0x3\r\n",
        "3\n",
        "3\nabc\r\n",
        "3\rx",
        "3 \r\n",
        "3\t\r\n",
        "3 3\r\n",
        "3;\r\n",
        "3;;\r\n",
        "3;a;\r\n",
        "3;=b\r\n",
        "3;a=\r\n",
        "3;a=;b\r\n",
        "3;a b\r\n",
        "3;a\n",
        "3;a\0\r\n",
        "3;a=\"\n\"\r\n",
        "3;a=\"\r\n\"\r\n",
        "3;a=\"b\"c\r\n",
        "3;a=b \r\n",
        "3;a \r\n",
        "3,\r\n",
        "3_0\r\n",
        "3\r\nabcd\r\n",
        "3\r\nab\r\n\r\n",
        "3\r\nabc\n",
        "3\r\nabc0\r\n",
        "3\r\nabc\r0\r\n",
        "3\r\nabc\r\n\r\n",
        "10000000000000000\r\n",
        "0\n",
        "0\r\n\n",
        "0\r\n\rX",
        "0\r\n X: a\r\n",
        "0\r\n\tX: a\r\n",
        "0\r\nX: a\r\n b\r\n",
        "0\r\nX : a\r\n",
        "0\r\n: a\r\n",
        "0\r\nX\r\n",
        "0\r\nX: a\n",
        "0\r\nX: a\rb",
        "0\r\nX: \0\r\n",
        "0\r\nX: \x7f\r\n",
        "0\r\nX(: a\r\n",
        "0\r\nContent-Length: 5\r\n",
        "0\r\nTRANSFER-ENCODING: chunked\r\n",
        "0\r\nX: a\r\nHost: a\r\n",
        "0\r\nGET / HTTP/1.1\r\n",
    ] {
        let (verdict, complete, _) = feed_in_every_way(BodyLength::Chunked, chunks.as_bytes());
        assert!(verdict.is_err() && !complete, "{chunks:?}");
    }
    for chunks in [
        "0".repeat(5000),
        format!("0;{}", "a".repeat(5000)),
        format!("0\r\nX: {}", "a".repeat(9000)),
        "0\r\n".to_owned() + &"X: a\r\n".repeat(1500),
    ] {
        let bytes: Vec<&[u8]> = chunks.as_bytes().chunks(1).collect();
        assert!(
            feed(BodyLength::Chunked, &bytes).0.is_err() && feed(BodyLength::Chunked, &[chunks.as_bytes()]).0.is_err(),
            "past its limit"
        );
    }
}

#[test]
fn edits_change_what_is_sent() {
    let text = "GET / HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\nX-Two: 2\r\n";
    let check = |edit: fn(&mut Head), expected: &str| {
        let mut head = request(text);
        edit(&mut head);
        assert_eq!(render(&head), expected.replace('\n', "\r\n"));
    };
    check(|_| (), "GET / HTTP/1.1\nHost: a\nX-One:  1 \nX-Two: 2\n\n");
    check(|head| head.push(b"Y", b"b\r\nZ: c\0"), "GET / HTTP/1.1\nHost: a\nX-One:  1 \nX-Two: 2\nY: b  Z: c \n\n");
    check(|head| head.set_value(0, b" b "), "GET / HTTP/1.1\nHost: b\nX-One:  1 \nX-Two: 2\n\n");
    check(|head| head.set_value(9, b"b"), "GET / HTTP/1.1\nHost: a\nX-One:  1 \nX-Two: 2\n\n");
    check(|head| assert_eq!(head.remove("x-one"), 1), "GET / HTTP/1.1\nHost: a\nX-Two: 2\n\n");
    check(|head| head.remove_at(0), "GET / HTTP/1.1\nX-One:  1 \nX-Two: 2\n\n");
    check(|head| head.set_version(super::Version::Http10), "GET / HTTP/1.0\nHost: a\nX-One:  1 \nX-Two: 2\n\n");
    check(|head| assert_eq!(head.replace_line(1, b"Z:z"), Ok(1)), "GET / HTTP/1.1\nHost: a\nZ:z\nX-Two: 2\n\n");
    check(
        |head| assert_eq!(head.replace_line(0, b"Host: b\nY: 1\r\nZ: 2"), Ok(3)),
        "GET / HTTP/1.1\nHost: b\nY: 1\nZ: 2\nX-One:  1 \nX-Two: 2\n\n",
    );
    check(|head| assert_eq!(head.replace_line(2, b""), Ok(0)), "GET / HTTP/1.1\nHost: a\nX-One:  1 \n\n");
    check(
        |head| assert_eq!(head.replace_start_line(b"POST /b HTTP/1.0\nA: 1\r\nB: 2"), Ok(())),
        "POST /b HTTP/1.0\nA: 1\nB: 2\nHost: a\nX-One:  1 \nX-Two: 2\n\n",
    );
    for refused in ["X", "X : a", "X: a\n\nY: b", "X: a\rb", "X: a\n b", "X: a\0", ": a", "\nX: a", "X: a\r"] {
        let mut head = request(text);
        assert_eq!(head.replace_line(1, refused.as_bytes()), Err(HeadError::Malformed), "{refused:?}");
        assert_eq!(render(&head), format!("{text}\r\n"));
    }
    for refused in
        ["", "GET /", "GET  / HTTP/1.1", "GET / HTTP/2.0", "\nGET / HTTP/1.1", "GET / HTTP/1.1\nX", "GET x HTTP/1.1", "HTTP/1.1 200 OK"]
    {
        let mut head = request(text);
        assert_eq!(head.replace_start_line(refused.as_bytes()), Err(HeadError::Malformed), "{refused:?}");
        assert_eq!(render(&head), format!("{text}\r\n"));
    }
    let mut head = response("HTTP/1.1 200 OK\r\nX: a\r\n");
    assert_eq!(head.replace_start_line(b"HTTP/1.0 404 No \xe9"), Ok(()));
    assert_eq!((head.code(), head.reason(), head.version()), (404, b"No \xe9".as_slice(), super::Version::Http10));
}

#[test]
fn random_bytes_cause_no_panic_and_what_goes_out_is_one_head() {
    const PIECES: [&[u8]; 26] = [
        b"GET ",
        b"/",
        b" HTTP/1.1",
        b"HTTP/1.",
        b"\r\n",
        b"\r",
        b"\n",
        b": ",
        b":",
        b"Host",
        b"Content-Length",
        b"5",
        b",",
        b" ",
        b"\t",
        b"\r\nTransfer-Encoding: chunked",
        b"Connection",
        b"close",
        b"\r\nCookie: ",
        b"SID=",
        b";",
        b"\"",
        b"\xff",
        b"0\r\n\r\n",
        b"a",
        b"$",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut head, mut again) = (Head::default(), Head::default());
    let wide = Limits { bytes: usize::MAX, fields: 1024 };
    for round in 0..10_000 {
        let mut input = if round % 2 == 0 { b"GET / HTTP/1.1\r\nCookie: ".to_vec() } else { b"HTTP/1.1 200 OK\r\nX: ".to_vec() };
        for _ in 0..random(16) {
            input.extend_from_slice(PIECES[random(PIECES.len())]);
            if random(8) == 0 {
                input.push(random(256) as u8);
            }
        }
        input.extend_from_slice(b"\r\n\r\n");
        let text: Vec<u8> = (0..random(6)).flat_map(|_| PIECES[random(PIECES.len())].iter().copied()).collect();
        for parse in [Head::parse_response as Parse, Head::parse_request] {
            for end in [random(input.len()), input.len()] {
                let _ = parse(&mut head, &input[..end], &LIMITS);
            }
            if head.start_line().is_empty() {
                continue;
            }
            let _ = (check_host(&head), request_body(&head), response_body(&head, b"GET"));
            let _ = (super::cookie::find_response_cookie(&head, b"SID"), super::cookie::is_cacheable(&head));
            super::cookie::remove_request_cookies(&mut head, b"SID");
            let _ = (head.replace_line(random(4), &text), head.replace_start_line(&text));
            head.set_value(random(3), &text);
            head.push(b"X", &text);
            merge_lengths(&mut head, b"GET");
            remove_hop_by_hop(&mut head, false);
            let mut rendered = Vec::new();
            head.render(&mut rendered);
            let verdict = parse(&mut again, &rendered, &wide);
            assert_eq!(verdict, Ok(Parsed::Complete(rendered.len())), "{:?}", String::from_utf8_lossy(&rendered));
        }
        let _ = feed_in_every_way(BodyLength::Chunked, &text);
    }
}

#[test]
fn a_connection_lasts_by_version_and_options() {
    let check = |text: &str, persistent: bool, upgrade: bool| {
        let head = request(text);
        assert_eq!((is_persistent(&head), wants_upgrade(&head)), (persistent, upgrade), "{text:?}");
    };
    check("GET / HTTP/1.1\r\n", true, false);
    check("GET / HTTP/1.0\r\n", false, false);
    check("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", true, false);
    check("GET / HTTP/1.1\r\nConnection: x, CLOSE\r\n", false, false);
    check("GET / HTTP/1.1\r\nConnection: x\r\nconnection: ,close ,\r\n", false, false);
    check("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n", false, false);
    check("GET / HTTP/1.1\r\nConnection: closed\r\n", true, false);
    check("GET / HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n", true, true);
    check("GET / HTTP/1.1\r\nUpgrade: websocket\r\n", true, false);
    check("GET / HTTP/1.1\r\nConnection: upgrade\r\n", true, false);
    check("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n", false, false);
}

#[test]
fn fields_of_one_connection_go_no_further() {
    let text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-one, close, Content-Length, host, Upgrade\r\nX-One: 1\r\nUpgrade: h\r\n\
                Content-Length: 0\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nconnection: X-TWO\r\nx-two: 2\r\nX-Three: 4\r\n";
    let mut head = request(text);
    remove_hop_by_hop(&mut head, false);
    assert_eq!(render(&head), "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-Three: 4\r\n\r\n");
    let mut head = request(text);
    remove_hop_by_hop(&mut head, true);
    assert_eq!(render(&head), "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h\r\nContent-Length: 0\r\nX-Three: 4\r\n\r\n");
}
