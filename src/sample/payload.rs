//! What fetches read from the bytes at hand by their place alone: how many there are, and pieces of them.
//! Which bytes are at hand is the session's to say; protocols are `tls_hello`'s and `rdp_cookie`'s.

use super::arguments::Argument;
use super::content::{Content, Patience, Peeked, Sender, Syntax};
use super::value::parse_int;
use super::{Scene, Value};
use crate::http::head::Head;
use std::borrow::Cow;

/// The longest length field, in bytes.
const LONGEST_LENGTH_FIELD: usize = 8;

/// `req.len`
pub fn request_length<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    length(scene, Sender::Client, scene.request)
}

/// `res.len`
pub fn response_length<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    length(scene, Sender::Server, scene.response)
}

fn length<'a>(scene: &Scene<'a>, sender: Sender, head: Option<&Head>) -> Peeked<'a> {
    let (bytes, head_bytes) = match scene.content {
        Content::Raw(from, bytes, _) if from == sender => (bytes, 0),
        Content::Body(from, _, bytes) if from == sender => (bytes, head.map_or(0, head_bytes)),
        _ => return Peeked::Never,
    };
    Peeked::SoFar(Value::Int(i64::try_from(bytes.len().saturating_add(head_bytes)).unwrap_or(i64::MAX)))
}

/// Bytes of a head as it would be sent.
fn head_bytes(head: &Head) -> usize {
    const LINE_END: usize = 2;
    let lines: usize = (0..head.len()).map(|index| head.line(index).len() + LINE_END).sum();
    head.start_line().len() + LINE_END + lines + LINE_END
}

/// `req.payload`
pub fn request_payload<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    payload(arguments, scene.content.raw(Sender::Client))
}

/// `res.payload`
pub fn response_payload<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    payload(arguments, scene.content.raw(Sender::Server))
}

/// `payload`: of whichever side the rule is about.
pub fn either_payload<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    payload(arguments, either(scene))
}

fn either<'a>(scene: &Scene<'a>) -> Option<&'a [u8]> {
    scene.content.raw(Sender::Client).or(scene.content.raw(Sender::Server))
}

fn payload<'a>(arguments: &'a [Argument], bytes: Option<&'a [u8]>) -> Peeked<'a> {
    let (Some(bytes), [Argument::Int(offset), Argument::Int(length)]) = (bytes, arguments) else { return Peeked::Never };
    let (Ok(offset), Ok(length)) = (usize::try_from(*offset), usize::try_from(*length)) else { return Peeked::Never };
    if length == 0 {
        // All that there is, and more of it with more bytes.
        return match bytes.get(offset..) {
            Some(rest) => Peeked::SoFar(Value::Bin(Cow::Borrowed(rest))),
            None => Peeked::NotYet,
        };
    }
    piece(bytes, offset, length)
}

fn piece(bytes: &[u8], offset: usize, length: usize) -> Peeked<'_> {
    let Some(end) = offset.checked_add(length) else { return Peeked::Never };
    match bytes.get(offset..end) {
        Some(piece) => Peeked::Now(Value::Bin(Cow::Borrowed(piece))),
        None => Peeked::NotYet,
    }
}

/// `req.payload_lv`
pub fn request_payload_by_length<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    payload_by_length(arguments, scene.content.raw(Sender::Client))
}

/// `res.payload_lv`
pub fn response_payload_by_length<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    payload_by_length(arguments, scene.content.raw(Sender::Server))
}

/// `payload_lv`
pub fn either_payload_by_length<'a>(arguments: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    payload_by_length(arguments, either(scene))
}

/// Where the length stands, how many bytes it has, and where what it measures begins: right behind it, at a place of its own, or
/// so many bytes further on.
fn payload_by_length<'a>(arguments: &'a [Argument], bytes: Option<&'a [u8]>) -> Peeked<'a> {
    let (Some(bytes), [Argument::Int(at), Argument::Int(size), rest @ ..]) = (bytes, arguments) else { return Peeked::Never };
    let (Ok(at), Ok(size)) = (usize::try_from(*at), usize::try_from(*size)) else { return Peeked::Never };
    let Some(behind) = at.checked_add(size).filter(|_| size <= LONGEST_LENGTH_FIELD) else { return Peeked::Never };
    let Some(field) = bytes.get(at..behind) else { return Peeked::NotYet };
    let length = field.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
    let offset = match rest.first() {
        Some(Argument::Text(text)) => {
            let number = parse_int(text.strip_prefix(b"+").unwrap_or(text)).unwrap_or(0);
            let from = if matches!(text.first(), Some(b'+' | b'-')) { behind } else { 0 };
            i64::try_from(from).ok().and_then(|from| from.checked_add(number)).and_then(|offset| usize::try_from(offset).ok())
        }
        _ => Some(behind),
    };
    match (offset, usize::try_from(length)) {
        (Some(offset), Ok(length)) if length > 0 => piece(bytes, offset, length),
        _ => Peeked::Never,
    }
}

/// `wait_end`
pub fn inspection_is_over<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    match scene.patience {
        Patience::Over => Peeked::Now(Value::Bool(true)),
        Patience::Left => Peeked::NotYet,
    }
}

/// `req.proto_http`
pub fn is_http<'a>(_: &'a [Argument], scene: &Scene<'a>) -> Peeked<'a> {
    match (scene.request, scene.content) {
        (Some(_), _) => Peeked::Now(Value::Bool(true)),
        (None, Content::Raw(Sender::Client, _, Syntax::PerhapsHttp)) => Peeked::NotYet,
        (None, _) => Peeked::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Expression;
    use crate::sample::content::Outcome;
    use crate::sample::fake::{FakeNames, FakeWorld, scene};

    /// What is found in these bytes of the client, and what an ACL for the text `x` says while more may come.
    #[track_caller]
    fn check(expression: &str, bytes: &[u8], found: Option<&str>, outcome: Outcome) {
        let world = FakeWorld::default();
        let parsed = Expression::parse(expression.as_bytes(), &mut FakeNames::default()).expect(expression);
        let content = Content::Raw(Sender::Client, bytes, Syntax::PerhapsHttp);
        let seen = Scene { content, patience: Patience::Left, ..scene(&world) };
        let value = parsed.value(&seen).map(|value| value.with_text(|text| String::from_utf8_lossy(text).into_owned()));
        assert_eq!(value.as_deref(), found, "{expression} of {bytes:?}");
        let tried = parsed.try_any(&seen, &mut |value| value.with_text(|text| text == b"x"));
        assert_eq!(tried, outcome, "{expression} of {bytes:?}");
        let decided = parsed.try_any(&Scene { patience: Patience::Over, ..seen }, &mut |_| false);
        assert_eq!(decided, Outcome::Fails);
    }

    #[test]
    fn a_piece_is_found_once_its_last_byte_is_there() {
        use Outcome::{Fails, Holds, Undecided};
        check("req.payload(0,1)", b"", None, Undecided);
        check("req.payload(0,1)", b"x", Some("x"), Holds);
        check("req.payload(0,1)", b"y", Some("y"), Fails);
        check("req.payload(1,2)", b"ab", None, Undecided);
        check("payload(1,2)", b"abc", Some("bc"), Fails);
        check("req.payload(0,0)", b"ab", Some("ab"), Undecided);
        check("req.payload(3,0)", b"ab", None, Undecided);
        check("req.payload(-1,1)", b"ab", None, Fails);
        check("res.payload(0,1)", b"ab", None, Fails);
        check("req.len", b"ab", Some("2"), Undecided);
        check("res.len", b"ab", None, Fails);
        check("wait_end", b"ab", None, Undecided);
        check("req.proto_http", b"ab", None, Undecided);
        check("path", b"ab", None, Undecided);
        check("src", b"ab", Some("192.0.2.7"), Fails);
    }

    #[test]
    fn a_length_says_where_a_piece_ends() {
        use Outcome::{Fails, Holds, Undecided};
        check("req.payload_lv(0,1)", b"", None, Undecided);
        check("req.payload_lv(0,1)", b"\x02a", None, Undecided);
        check("req.payload_lv(0,1)", b"\x02abc", Some("ab"), Fails);
        check("req.payload_lv(0,1)", b"\x00abc", None, Fails);
        check("payload_lv(1,2)", b"-\x00\x01xyz", Some("x"), Holds);
        check("req.payload_lv(0,1,3)", b"\x01abx", Some("x"), Holds);
        check("req.payload_lv(0,1,+2)", b"\x01abx", Some("x"), Holds);
        check("req.payload_lv(1,1,-2)", b"x\x01ab", Some("x"), Holds);
        check("req.payload_lv(0,1,-9)", b"\x01abx", None, Fails);
        check("req.payload_lv(0,8)", b"\xff\xff\xff\xff\xff\xff\xff\xff.", None, Fails);
        check("req.payload_lv(0,9)", b"123456789", None, Fails);
        assert!(Expression::parse(b"req.payload_lv(0,1,x)", &mut FakeNames::default()).is_err());
    }

    #[test]
    fn bytes_that_are_no_request_are_waited_for_no_longer() {
        let world = FakeWorld::default();
        let parsed = Expression::parse(b"req.proto_http", &mut FakeNames::default()).expect("a fetch");
        let content = Content::Raw(Sender::Client, b"x\r\n\r\n", Syntax::Settled);
        let seen = Scene { content, patience: Patience::Left, ..scene(&world) };
        assert_eq!(parsed.try_any(&seen, &mut |_| true), Outcome::Fails);
    }
}
